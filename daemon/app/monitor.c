#include "app/monitor_internal.h"

#include <assert.h>

#include "app/anchors_internal.h"
#include "app/result_internal.h"
#include "policy/wishes.h"
#include "verdict/title.h"
#include "verdict/verdict.h"

enum {
	REQUESTS_BYTES_MAX = 512 * 1024 * 1024,
	SCRATCH_BYTES_MAX = 256 * 1024,
	LABELS_MAX = 16, /* of one link, tried against its page */
	SOURCE_BYTES_MAX = 32 * 1024 * 1024,
	PAGE_ANCHORS_BYTES_MAX = 64 * 1024 * 1024,
	ERROR_BYTES_MAX = 400,
};

struct fetch {
	struct monitor *monitor;
	struct slice url;
	monitor_source_fn *on_read;
	void *data;
};

/* --- 1: a link becomes a request ---------------------------------------------------- */

static struct request *request_of(struct monitor *monitor, struct link *link)
{
	struct request *request = NULL;
	HASH_FIND(hh, monitor->requests, link->request_key.at, link->request_key.len,
		request);
	if (request != NULL)
		return request;
	request = ARENA_NEW(&monitor->arena, struct request);
	if (request == NULL)
		return NULL;
	*request = (struct request){ .monitor = monitor, .key = link->request_key };
	HASH_ADD_KEYPTR(
		hh, monitor->requests, request->key.at, request->key.len, request);
	return request->hh.tbl != NULL ? request : NULL;
}

static void count(struct monitor *monitor, const struct link *link)
{
	monitor->done++;
	monitor->by_outcome[link->result.verdict.outcome]++;
}

static void settle(struct monitor *monitor, struct link *link, enum reason reason)
{
	link->result.done = true;
	link->result.verdict =
		(struct verdict){ .outcome = reason_outcome(reason), .reason = reason };
	link->result.state = state_of_one_check(link->result.verdict.outcome);
	count(monitor, link);
}

/* What needs no question is settled; the rest is put in line with its request. */
static void take_in(struct monitor *monitor, struct link *link)
{
	if (settings_excludes(monitor->options.settings, link->url)) {
		settle(monitor, link, REASON_EXCLUDED);
		return;
	}
	if (link->result.done) {
		count(monitor, link);
		return;
	}
	if (monitor->prober == NULL) {
		settle(monitor, link, REASON_OFFLINE);
		return;
	}
	struct request *request = request_of(monitor, link);
	struct waiting *waiting =
		request != NULL ? ARENA_NEW(&monitor->arena, struct waiting) : NULL;
	if (waiting == NULL) {
		monitor->failed = true;
		return;
	}
	*waiting = (struct waiting){ .link = link };
	if (request->last != NULL)
		request->last->next = waiting;
	else
		request->first = waiting;
	request->last = waiting;
	request->want_anchors |= monitor->options.fragments && link->fragment.len > 0;
}

/* --- 2: a request is answered ------------------------------------------------------- */

static bool is_url(struct slice text)
{
	return slice_find(text, SLICE("://")) != SLICE_NONE ||
	       slice_starts_nocase(text, SLICE("www."));
}

/* A page may be listed under several titles; the one that fits speaks for it. What stands
 * around a bare URL may be its title or any sentence: it can prove a page right, but not
 * wrong. Empty: no label that could. */
static struct slice best_label(
	struct arena *scratch, const struct link *link, const struct page_facts *page)
{
	unsigned tried = 0;
	struct slice accuser = { 0 };
	for (const struct occurrence *at = link->first; at != NULL && tried < LABELS_MAX;
		at = at->next) {
		if (at->expected_title.len == 0)
			continue;
		tried++;
		if (title_evidence(scratch, at->expected_title, page) == TITLE_MATCH)
			return at->expected_title;
		if (accuser.len == 0 && !is_url(at->text))
			accuser = at->expected_title;
	}
	return accuser;
}

/* `anchors` is NULL where the page's ids are not known or not asked for. */
static void judge(struct monitor *monitor, struct link *link,
	const struct observation *seen, const struct anchors *anchors)
{
	struct arena *arena = &monitor->table->arena;
	struct arena scratch;
	arena_init(&scratch, SCRATCH_BYTES_MAX);
	struct slice label = best_label(&scratch, link, &seen->page);
	if (label.len > 0)
		link->expected_title = label;
	bool missing = anchors != NULL && link->fragment.len > 0 &&
		       anchors_ask(anchors, &scratch, link->fragment) != ANCHOR_FOUND;
	/* What could not be spelled out was not looked for. */
	missing = missing && !scratch.failed;
	arena_fini(&scratch);

	const struct accept *accept = &monitor->options.settings->accept;
	const struct verdict_context context = {
		.expected_title = label,
		.fragment = link->fragment,
		.fragment_missing = missing,
		.accept = accept->given ? accept : NULL,
		.certificate_soon_ms = 14 * TIME_MS_PER_DAY,
	};
	struct check_result *result = &link->result;
	result_fill(arena, link, seen);
	verdict_give(arena, seen, &context, &result->verdict);
	if (result->verdict.outcome == OUTCOME_BROKEN &&
		result->verdict.suggestion.url.len == 0)
		result->verdict.suggestion = link->guess;
	result->state = state_of_one_check(result->verdict.outcome);
	result->done = true;
}

/* --- 3: further questions, and the end ---------------------------------------------- */

void monitor_rejudged(struct monitor *monitor, struct link *link, enum outcome before)
{
	struct check_result *result = &link->result;
	result->state = state_of_one_check(result->verdict.outcome);
	monitor->by_outcome[before]--;
	monitor->by_outcome[result->verdict.outcome]++;
}

/* Nothing is under way. Of the links' own run a last question may be left: was it us? */
static void all_ended(struct monitor *monitor)
{
	if (monitor->asking_links) {
		if (doubt_asks(monitor))
			return;
		doubt_settle(monitor);
	}
	if (monitor->on_idle != NULL)
		monitor->on_idle(monitor->data);
}

void monitor_end_one(struct monitor *monitor)
{
	assert(monitor->open > 0);
	if (--monitor->open == 0)
		all_ended(monitor);
}

/* Of our own, so without the headers that the user has for the list's hosts; a sibling is
 * asked as the link beside it is. */
bool monitor_ask(struct monitor *monitor, struct probe_request *question, void *data,
	void (*on_done)(struct probe *, const struct observation *, void *))
{
	question->no_own_headers = question->kind != ASK_SIBLING;
	question->data = data;
	question->on_done = on_done;
	if (question->url.len == 0 || prober_start(monitor->prober, question) == NULL)
		return false;
	monitor->open++;
	return true;
}

/* Thousands of links may point into one page: its ids are put into a set once. */
static bool gather_anchors(struct anchors *anchors, const struct observation *seen)
{
	for (uint32_t i = 0; i < seen->anchor_count; i++)
		if (anchors_add(anchors, seen->anchors[i]) < 0)
			return false;
	return seen->anchors_complete;
}

static bool has_unproven(const struct request *request)
{
	for (const struct waiting *at = request->first; at != NULL; at = at->next)
		if (at->link->result.verdict.unproven)
			return true;
	return false;
}

static void on_probe_done(struct probe *probe, const struct observation *seen, void *data)
{
	struct request *request = data;
	struct monitor *monitor = request->monitor;
	struct arena arena;
	struct anchors anchors;

	(void)probe;
	arena_init(&arena, PAGE_ANCHORS_BYTES_MAX);
	anchors_init(&anchors, &arena);
	bool known = request->want_anchors && gather_anchors(&anchors, seen);
	for (struct waiting *at = request->first; at != NULL; at = at->next) {
		judge(monitor, at->link, seen, known ? &anchors : NULL);
		count(monitor, at->link);
		/* Not the link's fault but ours: sockets or memory ran out. */
		if (at->link->result.verdict.reason == REASON_OFFLINE ||
			monitor->table->arena.failed)
			monitor->failed = true;
	}
	anchors_fini(&anchors);
	arena_fini(&arena);
	doubt_note(monitor, seen);
	if (has_unproven(request))
		siblings_remember(request, seen);
	inquire(request);
	monitor_end_one(monitor);
}

static void on_due(struct monitor *monitor, struct request *request)
{
	const struct probe_request question = {
		.url = request->first->link->request_url,
		.kind = ASK_LINK,
		.want_anchors = request->want_anchors,
		.data = request,
		.on_done = on_probe_done,
	};
	if (prober_start(monitor->prober, &question) != NULL)
		monitor->open++;
	else
		monitor->failed = true;
}

/* --- sources that must be fetched --------------------------------------------------- */

static void on_source_fetched(
	struct probe *probe, const struct observation *seen, void *data)
{
	struct fetch *fetch = data;
	struct monitor *monitor = fetch->monitor;
	char error[ERROR_BYTES_MAX];

	(void)probe;
	if (seen->failure == REASON_OK && seen->http_status == 200 &&
		!seen->body_partial) {
		fetch->on_read(fetch->data, seen->final_url, seen->content_type,
			&seen->body, NULL);
		monitor_end_one(monitor);
		return;
	}
	struct arena scratch;
	struct verdict verdict;
	const struct verdict_context context = { 0 };
	arena_init(&scratch, SCRATCH_BYTES_MAX);
	verdict_give(&scratch, seen, &context, &verdict);
	snprintf(error, sizeof(error), "cannot be fetched: %s (%.*s)",
		seen->body_partial ? "the document is cut short or too large"
				   : reason_text(verdict.reason),
		SLICE_ARG(verdict.error));
	arena_fini(&scratch);
	fetch->on_read(fetch->data, fetch->url, seen->content_type, NULL, error);
	monitor_end_one(monitor);
}

int monitor_fetch(
	struct monitor *monitor, const char *url, monitor_source_fn *on_read, void *data)
{
	struct fetch *fetch = ARENA_NEW(&monitor->arena, struct fetch);
	if (fetch == NULL)
		return -1;
	*fetch = (struct fetch){ monitor, slice_of(url), on_read, data };
	const struct probe_request request = {
		.url = slice_of(url),
		.kind = ASK_SOURCE,
		.want_body = true,
		.body_bytes_max = SOURCE_BYTES_MAX,
		.data = fetch,
		.on_done = on_source_fetched,
	};
	if (prober_start(monitor->prober, &request) == NULL)
		return -1;
	monitor->open++;
	return 0;
}

/* --- life --------------------------------------------------------------------------- */

int monitor_open(struct monitor *monitor, uv_loop_t *loop, struct link_table *table,
	const struct monitor_options *options, struct error *error)
{
	*monitor = (struct monitor){ .loop = loop, .table = table, .options = *options };
	arena_init(&monitor->arena, REQUESTS_BYTES_MAX);
	if (loop == NULL)
		return 0;
	siblings_init(&monitor->siblings, hash_mix(table_seed));
	monitor->vantage = vantage_new();
	if (monitor->vantage == NULL)
		return error_set(error, "out of memory");
	monitor->prober = prober_new(loop, &options->settings->probing, error);
	return monitor->prober != NULL ? 0 : -1;
}

void monitor_be_polite(struct monitor *monitor)
{
	const struct pacer_limits *own = &monitor->options.settings->probing.pace;
	for (size_t i = 0; i < wish_count; i++) {
		const struct wish *wish = &wishes[i];
		time_ms interval_ms = own->interval_us / TIME_US_PER_MS;
		if (interval_ms < wish->interval_ms)
			interval_ms = wish->interval_ms;
		uint32_t concurrency = own->concurrency < wish->concurrency
					       ? own->concurrency
					       : wish->concurrency;
		if (prober_set_host(monitor->prober, slice_of(wish->key), concurrency,
			    interval_ms) < 0)
			monitor->failed = true;
	}
}

void monitor_start(struct monitor *monitor)
{
	for (struct link *link = monitor->table->first; link != NULL; link = link->next)
		take_in(monitor, link);
	struct request *request, *next;
	HASH_ITER(hh, monitor->requests, request, next)
	{
		/* One without links was made when memory ended. */
		if (request->first != NULL)
			on_due(monitor, request);
	}
	monitor->asking_links = monitor->prober != NULL;
	if (monitor->open == 0)
		all_ended(monitor);
}

void monitor_close(struct monitor *monitor, void (*on_closed)(void *data), void *data)
{
	struct prober *prober = monitor->prober;
	monitor->prober = NULL;
	if (prober != NULL)
		prober_close(prober, on_closed, data);
	else if (on_closed != NULL)
		on_closed(data);
}

void monitor_fini(struct monitor *monitor)
{
	assert(monitor->prober == NULL);
	HASH_CLEAR(hh, monitor->requests);
	siblings_fini(&monitor->siblings);
	vantage_free(monitor->vantage);
	arena_fini(&monitor->arena);
}
