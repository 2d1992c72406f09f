/* HEAD or GET: what an origin has shown of its HEAD, and who finds it out. */
#include "probe/clock_internal.h"
#include "probe/probe_internal.h"
#include "verdict/soft_404.h"

static bool wants_body(const struct probe *probe)
{
	return probe->wish.want_body || probe->wish.want_anchors || probe->wish.want_text;
}

static enum method_plan plan_of(const struct probe *probe, const struct site *site)
{
	static const struct method_record unknown = { 0 };
	const struct prober *prober = probe->prober;
	uint32_t waiting = prober->host_waiting[probe->host_slot] + 1;
	/* Those that wait for the first one count like the others in line. */
	if (site != NULL)
		waiting += site_count_waiting(site, METHOD_LINKS_MIN);
	return method_plan(site != NULL ? &site->method : &unknown,
		probe->chain->ask.path, wants_body(probe), waiting);
}

static bool is_page(struct slice content_type)
{
	return content_type.len > 0 && page_is_html(content_type, (struct slice){ 0 });
}

/* --- a file that is not there --- */

static void end_lesson(struct site *site)
{
	site->learner = NULL;
	site_go_on(site);
}

static void on_made_up(struct probe *probe, const struct observation *seen, void *data)
{
	struct site *site = data;
	int status = seen->failure == REASON_OK ? seen->http_status : 0;
	(void)probe;
	method_learn_made_up(&site->method, status, is_page(seen->content_type));
	end_lesson(site);
	site_release(site);
}

/* By HEAD, in the file's directory and with its extension. */
static struct probe *ask_made_up(const struct probe *asking, struct site *site)
{
	struct prober *prober = asking->prober;
	struct chain *chain = asking->chain;
	const struct probe_request question = {
		.url = soft_404_sibling(&chain->arena, chain->ask.href, &prober->random),
		.kind = ASK_SIBLING,
		.head_only = true,
		.no_redirects = true,
		.no_retries = true,
		.no_own_headers = probe_hides_own_headers(asking),
		.data = site,
		.on_done = on_made_up,
	};
	struct probe *made_up =
		question.url.len > 0 ? prober_start(prober, &question) : NULL;
	if (made_up == NULL)
		return NULL;
	site_hold(site);
	list_remove(&made_up->in_stage);
	probe_line_up_first(made_up);
	return made_up;
}

/* --- before a request --- */

static void set_plan(struct tries *tries, enum method_plan plan)
{
	tries->plan = plan;
	tries->method_planned = true;
	tries->method = plan == METHOD_PLAN_GET ? METHOD_GET : METHOD_HEAD;
}

/* False: it cannot be found out. */
static bool begin_lesson(struct probe *probe, struct site *site, enum method_plan plan)
{
	if (site == NULL)
		return false;
	probe_hold(probe, site);
	site->learner =
		plan == METHOD_PLAN_PROVE_FIRST ? ask_made_up(probe, site) : probe;
	return site->learner != NULL;
}

bool head_plan(struct probe *probe, struct site *site)
{
	struct tries *tries = &probe->chain->tries;
	if (tries->method_planned)
		return true;
	if (probe->wish.head_only) {
		set_plan(tries, METHOD_PLAN_HEAD);
		return true;
	}
	enum method_plan plan = plan_of(probe, site);
	if (plan == METHOD_PLAN_HEAD_THEN_GET || plan == METHOD_PLAN_PROVE_FIRST) {
		if (site == NULL)
			site = sites_get(&probe->prober->sites, &probe->chain->ask);
		if (site != NULL && site->learner != NULL)
			return false;
		if (!begin_lesson(probe, site, plan))
			plan = METHOD_PLAN_GET;
		else if (plan == METHOD_PLAN_PROVE_FIRST)
			return false;
	}
	set_plan(tries, plan);
	return true;
}

/* --- after it --- */

/* A page where a file was asked for: a login, an error, the front page. Only its words
 * can tell. */
static bool is_page_instead(const struct chain *chain)
{
	const struct answer *answer = &chain->request.answer;
	return answer->status >= 200 && answer->status < 300 &&
	       is_page(answer->content_type);
}

bool head_wants_get(const struct probe *probe, enum reason failure)
{
	const struct chain *chain = probe->chain;
	return failure == REASON_OK && chain->tries.method == METHOD_HEAD &&
	       !probe->wish.head_only &&
	       (chain->tries.plan == METHOD_PLAN_HEAD_THEN_GET || is_page_instead(chain));
}

void head_learn(struct probe *probe, enum reason failure)
{
	struct chain *chain = probe->chain;
	if (chain->tries.plan == METHOD_PLAN_GET || chain->tries.method != METHOD_GET ||
		failure != REASON_OK)
		return;
	struct site *site = sites_get(&probe->prober->sites, &chain->ask);
	if (site != NULL && is_page_instead(chain))
		method_learn_page(&site->method);
	else if (site != NULL)
		method_learn(&site->method, chain->tries.head_status,
			chain->request.answer.status);
}

void head_give_up(struct probe *probe)
{
	struct site *site = probe->site;
	if (site == NULL || site->learner != probe)
		return;
	site->method.get_only = true;
	end_lesson(site);
}
