#include "verdict/verdict.h"

#include "base/http_date.h"
#include "model/host.h"
#include "model/url.h"
#include "verdict/fragment_internal.h"
#include "verdict/gate.h"
#include "verdict/notice.h"
#include "verdict/parked.h"
#include "verdict/redirect.h"
#include "verdict/soft_404.h"
#include "verdict/title.h"
#include "verdict/verdict_internal.h"

enum {
	SCRATCH_BYTES_MAX = 4 * 1024 * 1024, /* a chain of the longest URLs, parsed */
};

struct judge {
	struct arena *arena;   /* the caller's: texts that stay */
	struct arena *scratch; /* ends with the judgement */
	const struct observation *seen;
	const struct verdict_context *context;
	struct verdict *verdict;
	enum title_match match; /* of the page with the list's label */
};

static void set_reason(struct judge *judge, enum reason reason)
{
	judge->verdict->reason = reason;
	judge->verdict->outcome = reason_outcome(reason);
}

static bool is_2xx(int status)
{
	return status >= 200 && status < 300;
}

static bool parse(struct judge *judge, struct slice text, struct url *ret_url)
{
	return url_parse(judge->scratch, text, NULL, ret_url) == 0;
}

static const struct hop *last_hop(const struct observation *seen)
{
	return seen->hop_count > 0 ? &seen->hops[seen->hop_count - 1] : NULL;
}

/* --- no answer --------------------------------------------------------------------- */

/* A link that itself points at a forbidden address is the operator's choice and skipped;
 * a redirect to one is the server's doing and a defect. */
static bool judge_failure(struct judge *judge)
{
	const struct observation *seen = judge->seen;
	const struct hop *last = last_hop(seen);
	enum reason reason = seen->failure;
	struct url url = { 0 };

	if (reason == REASON_OK || reason == REASON_BODY_TOO_LARGE)
		return false;
	if (reason == REASON_ADDRESS_FORBIDDEN && seen->hop_count > 1)
		reason = REASON_REDIRECT_FORBIDDEN;
	set_reason(judge, reason);
	if (last != NULL)
		(void)parse(judge, last->url, &url);
	judge->verdict->error =
		verdict_failure_text(judge->arena, seen, seen->failure, url.host);
	return true;
}

/* --- an answer that is no page ----------------------------------------------------- */

enum acceptance { ACCEPT_BY_RULES, ACCEPT_YES, ACCEPT_NO };

static enum acceptance acceptance(const struct judge *judge)
{
	const struct accept *accept = judge->context->accept;

	if (accept == NULL || !accept->given)
		return ACCEPT_BY_RULES;
	return accept_has(accept, judge->seen->http_status) ? ACCEPT_YES : ACCEPT_NO;
}

static bool judge_gate(struct judge *judge)
{
	enum reason reason;
	const char *why;

	if (!gate_check(judge->seen, &reason, &why) ||
		(judge->match == TITLE_MATCH &&
			gate_is_by_address(judge->scratch, judge->seen)))
		return false;
	set_reason(judge, reason);
	struct slice answer = verdict_status_text(judge->arena, judge->seen);
	judge->verdict->error =
		is_2xx(judge->seen->http_status)
			? slice_of(why)
			: arena_printf(judge->arena, "%.*s %s", SLICE_ARG(answer), why);
	return true;
}

/* Pages that refresh in a circle were seen: one of them may be a challenge that waits for
 * a browser, or a login, and then it is no defect. */
static bool judge_gate_in_circle(struct judge *judge)
{
	const struct observation *seen = judge->seen;
	struct observation page = *seen;
	bool circle = seen->failure == REASON_REDIRECT_LOOP ||
		      seen->failure == REASON_REDIRECT_LIMIT;

	if (!circle || !is_2xx(seen->http_status))
		return false;
	page.failure = REASON_OK;
	judge->seen = &page;
	bool gated = judge_gate(judge);
	judge->seen = seen;
	return gated;
}

static enum reason status_reason(int status)
{
	if (status == 404)
		return REASON_HTTP_404;
	if (status == 410)
		return REASON_HTTP_410;
	if (status >= 400 && status < 500)
		return REASON_HTTP_4XX;
	return status >= 500 && status < 600 ? REASON_HTTP_5XX : REASON_HTTP_OTHER;
}

/* These speak of the request at hand and not of what it asked for: Request Timeout,
 * Misdirected Request, Too Early (RFC 9110, RFC 8470). */
static bool is_momentary(int status)
{
	return status == 408 || status == 421 || status == 425;
}

static bool judge_status(struct judge *judge)
{
	int status = judge->seen->http_status;

	if (is_2xx(status) && acceptance(judge) != ACCEPT_NO)
		return false;
	set_reason(judge, status_reason(status));
	if (is_momentary(status))
		judge->verdict->outcome = OUTCOME_UNREACHABLE;
	judge->verdict->error =
		is_2xx(status)
			? arena_printf(judge->arena,
				  "The server answered %d %s, which --accept leaves out.",
				  status, verdict_status_phrase(status))
			: verdict_status_text(judge->arena, judge->seen);
	return true;
}

/* --- a page that is none ----------------------------------------------------------- */

static bool judge_parked(struct judge *judge)
{
	const char *why;

	if (!parked_check(judge->seen, judge->match, &why))
		return false;
	set_reason(judge, REASON_PARKED_DOMAIN);
	judge->verdict->error = slice_of(why);
	return true;
}

static bool judge_soft_404(struct judge *judge)
{
	const char *why;
	enum soft_404 soft =
		soft_404_of_page(judge->scratch, judge->seen, judge->match, &why);

	judge->verdict->unproven = soft == SOFT_404_ASK;
	if (soft != SOFT_404_YES)
		return false;
	set_reason(judge, REASON_SOFT_404);
	judge->verdict->error = arena_printf(judge->arena,
		"The server answered %d, but %s.", judge->seen->http_status, why);
	return true;
}

void verdict_turn_soft_404(struct verdict *verdict)
{
	*verdict = (struct verdict){
		.outcome = reason_outcome(REASON_SOFT_404),
		.reason = REASON_SOFT_404,
		.notes = verdict->notes,
		.error = SLICE("A made-up address beside it shows the same page."),
	};
}

/* --- fragments --------------------------------------------------------------------- */

static bool judge_fragment(struct judge *judge)
{
	const struct verdict_context *context = judge->context;
	struct slice landing =
		context->landing.len > 0 ? context->landing : context->fragment;

	if (!context->fragment_missing ||
		fragment_is_of_script(judge->seen->final_url, landing))
		return false;
	struct slice shown = verdict_cut(landing, 200);
	set_reason(judge, REASON_MISSING_ANCHOR);
	judge->verdict->error = arena_printf(judge->arena,
		"The page has no place that is named \"%.*s\".", SLICE_ARG(shown));
	return true;
}

/* --- redirects --------------------------------------------------------------------- */

/* Hops that a rewrite may look through; the others lead to something that is not the
 * page's own address (a locale, a session, whatever a DOI points at today). */
static bool is_passable(enum hop_class hop_class)
{
	return redirect_worth_rewrite(hop_class) || hop_class == HOP_CLASS_SAME ||
	       hop_class == HOP_CLASS_SCHEME_UPGRADE ||
	       hop_class == HOP_CLASS_WWW_TOGGLE || hop_class == HOP_CLASS_SLASH ||
	       hop_class == HOP_CLASS_CASE;
}

/* A front page is one that was meant, if it has the list's title. */
static bool may_end_at(const struct judge *judge, enum hop_class hop_class)
{
	return hop_class == HOP_CLASS_TO_ROOT && judge->match == TITLE_MATCH;
}

/* The last target behind leading permanent hops that are passable; false: none. */
static bool find_rewrite(struct judge *judge, struct url *ret_target, uint32_t *ret_hops)
{
	const struct observation *seen = judge->seen;
	struct url from, to;
	uint32_t i = 0;

	for (; i < seen->hop_count; i++) {
		const struct hop *hop = &seen->hops[i];
		if (hop->via != HOP_VIA_STATUS || !redirect_is_permanent(hop->status) ||
			!parse(judge, hop->url, &from) || !parse(judge, hop->target, &to))
			break;
		enum hop_class hop_class = redirect_classify(&from, &to);
		bool last = i + 2 == seen->hop_count;
		if (!is_passable(hop_class) && !(last && may_end_at(judge, hop_class)))
			break;
		*ret_target = to;
	}
	*ret_hops = i;
	return i > 0;
}

static void suggest(
	struct judge *judge, const struct url *target, uint32_t hops, bool other_host)
{
	struct suggestion *suggestion = &judge->verdict->suggestion;
	struct slice fragment = judge->context->fragment;
	struct slice href = target->href;

	suggestion->url = !target->has_fragment && fragment.len > 0
				  ? arena_printf(judge->arena, "%.*s#%.*s",
					    SLICE_ARG(href), SLICE_ARG(fragment))
				  : arena_copy(judge->arena, href);
	if (suggestion->url.at == NULL)
		return;
	suggestion->why = arena_printf(judge->arena,
		"The server redirects permanently (%d%s) to another %s, which answers "
		"%d.",
		judge->seen->hops[0].status, hops > 1 ? " and more" : "",
		other_host ? "host" : "path", judge->seen->http_status);
}

static void note_https(struct judge *judge, const struct url *first)
{
	struct url url;

	if (!slice_equal(first->scheme, SLICE("http")))
		return;
	for (uint32_t i = 1; i < judge->seen->hop_count; i++)
		if (parse(judge, judge->seen->hops[i].url, &url) &&
			slice_equal(url.scheme, SLICE("https")) &&
			slice_equal(host_without_www(url.host),
				host_without_www(first->host))) {
			judge->verdict->notes |= NOTE_BIT(NOTE_HTTPS_AVAILABLE);
			return;
		}
}

/* A front page in the place of another: of the same site it is where whatever is gone
 * ends; another host's is a move, but nothing to be written down unseen. */
static void judge_front(struct judge *judge, const struct url *first)
{
	const struct observation *seen = judge->seen;
	struct slice leads = redirect_permanent_target(seen->hops, seen->hop_count);
	struct url target;
	bool other = leads.len > 0 && parse(judge, leads, &target) &&
		     !slice_equal(host_registrable(first->host),
			     host_registrable(target.host));

	judge->verdict->error =
		other ? SLICE("The link now leads to another site's front page.")
		      : SLICE("The link now leads to the site's front page.");
	if (other)
		judge->verdict->outcome = OUTCOME_MOVED;
}

/* The page is alive. A page that contradicts the list's title is no proof that the
 * target is the same thing, so it is not proposed. */
static void judge_redirects(struct judge *judge)
{
	enum title_match match = judge->match;
	const struct observation *seen = judge->seen;
	struct url first, final, target;
	uint32_t hops;

	if (seen->hop_count < 2)
		return;
	bool permanent = redirect_permanent_target(seen->hops, seen->hop_count).len > 0;
	judge->verdict->reason =
		permanent ? REASON_REDIRECT_PERMANENT : REASON_REDIRECT_TEMPORARY;
	if (!parse(judge, seen->hops[0].url, &first) ||
		!parse(judge, seen->hops[seen->hop_count - 1].url, &final))
		return;
	if (match != TITLE_OTHER)
		note_https(judge, &first);
	if (redirect_classify(&first, &final) == HOP_CLASS_TO_ROOT &&
		match != TITLE_MATCH) {
		judge_front(judge, &first);
		return;
	}
	if (!find_rewrite(judge, &target, &hops))
		return;
	enum hop_class hop_class = redirect_classify(&first, &target);
	if (!redirect_worth_rewrite(hop_class) && !may_end_at(judge, hop_class))
		return;
	judge->verdict->outcome = OUTCOME_MOVED;
	/* Nobody should write down what may not be the page. */
	if (match == TITLE_OTHER) {
		judge->verdict->error = SLICE("The link has moved permanently, to a page "
					      "with another title.");
		return;
	}
	judge->verdict->error = SLICE("The page has moved permanently.");
	suggest(judge, &target, hops, !slice_equal(first.host, target.host));
}

/* --- notes ------------------------------------------------------------------------- */

static void note_page(struct judge *judge)
{
	enum title_match match = judge->match;

	if (match == TITLE_OTHER)
		judge->verdict->notes |= NOTE_BIT(NOTE_TITLE_MISMATCH);
	if (match == TITLE_RETITLED)
		judge->verdict->notes |= NOTE_BIT(NOTE_RETITLED);
	notice_read(judge->scratch, judge->seen, judge->verdict);
}

static void note_certificate(struct judge *judge)
{
	const struct observation *seen = judge->seen;

	time_ms ends = seen->certificate.expires_at;

	if (seen->certificate.chain_expires_at > 0 &&
		seen->certificate.chain_expires_at < ends)
		ends = seen->certificate.chain_expires_at;
	if (seen->failure == REASON_OK && seen->certificate.seen && ends > 0 &&
		ends - seen->checked_at < judge->context->certificate_soon_ms)
		judge->verdict->notes |= NOTE_BIT(NOTE_CERTIFICATE_EXPIRES_SOON);
}

/* RFC 8594: a date in the past says that it may be gone at any time. What is no date says
 * nothing. */
static void note_sunset(struct judge *judge)
{
	const struct observation *seen = judge->seen;

	if (http_date_parse(seen->sunset, seen->checked_at, &judge->verdict->sunset_at))
		judge->verdict->notes |= NOTE_BIT(NOTE_SUNSET_ANNOUNCED);
}

static enum title_match match_of(const struct judge *judge)
{
	struct slice expected = judge->context->expected_title;

	return judge->seen->page.parsed && expected.len > 0
		       ? title_evidence(judge->scratch, expected, &judge->seen->page)
		       : TITLE_UNKNOWN;
}

static void judge_alive(struct judge *judge)
{
	const struct observation *seen = judge->seen;
	struct slice detail = verdict_detail(seen);

	if (judge_soft_404(judge) || judge_fragment(judge))
		return;
	judge_redirects(judge);
	if (judge->verdict->reason == REASON_OK)
		judge->verdict->reason = seen->failure;
	note_page(judge);
	note_sunset(judge);
	if (judge->verdict->error.len == 0 && detail.len > 0)
		judge->verdict->error = arena_printf(judge->arena,
			"The page was not read to its end: %.*s.", SLICE_ARG(detail));
	if (judge->verdict->error.len == 0)
		judge->verdict->error = verdict_family_text(judge->arena, seen);
}

/* Whoever was sent to a marketplace has an answer, even if that refuses robots. */
static void judge_answer(struct judge *judge)
{
	/* Who accepts a 403 does not want to hear that it is a gate; a challenge behind
	 * an accepted 200 still is no page. */
	bool by_user =
		acceptance(judge) == ACCEPT_YES && !is_2xx(judge->seen->http_status);

	judge->match = match_of(judge);
	if (judge_parked(judge))
		return;
	if (by_user || (!judge_gate(judge) && !judge_status(judge)))
		judge_alive(judge);
}

void verdict_give(struct arena *arena, const struct observation *observation,
	const struct verdict_context *context, struct verdict *ret_verdict)
{
	struct arena scratch;
	struct judge judge = { .arena = arena,
		.scratch = &scratch,
		.seen = observation,
		.context = context,
		.verdict = ret_verdict };

	*ret_verdict = (struct verdict){ .outcome = OUTCOME_OK, .reason = REASON_OK };
	arena_init(&scratch, SCRATCH_BYTES_MAX);
	if (!judge_gate_in_circle(&judge) && !judge_failure(&judge))
		judge_answer(&judge);
	note_certificate(&judge);
	/* Half a judgement is none. */
	if (scratch.out_of_memory)
		*ret_verdict = (struct verdict){ .outcome = OUTCOME_SKIPPED,
			.reason = REASON_OFFLINE,
			.error = SLICE("This machine ran out of memory.") };
	arena_fini(&scratch);
}
