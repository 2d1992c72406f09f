#include "site/link_page_internal.h"

#include <inttypes.h>

#include "format/words.h"
#include "site/picture.h"

/* Number i from the newest on, of `count` in order of time from either end. */
static uint32_t newest(uint32_t i, uint32_t count, bool is_rising)
{
	return is_rising ? count - 1 - i : i;
}

/* --- redirects ------------------------------------------------------------------------
 */

void link_add_way(struct page *page, const struct link_page *link)
{
	const struct check_result *result = &link->standing->link.result;
	bool is_alive = page_is_alive(link->standing->record.state);
	uint32_t i = 0;

	if (result->redirect_count == 0)
		return;
	page_say(page,
		"<h2>Redirects</h2>\n<ol class=\"hops\">\n<li><span class=\"url\">");
	page_url(page, link->standing->link.url, LINK_TEXT_BYTES);
	page_say(page, "</span></li>\n");
	for (; i < result->redirect_count && i < LINK_PAGE_HOPS_MAX; i++) {
		const struct redirect *hop = &result->redirects[i];
		bool is_last = i + 1 == result->redirect_count;
		page_say(page, "<li><b class=\"code\">");
		if (hop->status > 0)
			page_say(page, "%d", hop->status);
		else
			page_say(page, "refresh");
		page_say(page, "</b> <span class=\"url\">");
		page_outward(page, hop->url, is_alive && is_last, LINK_TEXT_BYTES * 2);
		page_say(page, "</span></li>\n");
	}
	page_say(page, "</ol>\n");
	if (result->redirect_count > i)
		page_say(page, "<p>and %" PRIu32 " more</p>\n",
			result->redirect_count - i);
}

/* --- timing ---------------------------------------------------------------------------
 */

static void add_phase(struct page *page, const char *name, int32_t before_ms, int32_t ms,
	int32_t total_ms)
{
	enum { WIDTH = 1000 };
	int64_t x = (int64_t)before_ms * WIDTH / total_ms;
	int64_t width = (int64_t)ms * WIDTH / total_ms;

	page_say(page,
		"<tr><th scope=\"row\">%s</th><td class=\"num\">%" PRId32
		" ms</td><td><svg class=\"phase\" viewBox=\"0 0 %d 10\" "
		"preserveAspectRatio=\"none\" aria-hidden=\"true\"><path d=\"M%" PRId64
		" 0h%" PRId64 "v10h-%" PRId64 "z\"/></svg></td></tr>\n",
		name, ms, WIDTH, x, width < 4 ? 4 : width, width < 4 ? 4 : width);
}

static void add_phases(struct page *page, const struct timing *timing)
{
	const struct {
		const char *name;
		int32_t ms;
	} phases[] = { { "Name", timing->dns_ms }, { "Connection", timing->connect_ms },
		{ "TLS", timing->tls_ms }, { "First byte", timing->first_byte_ms } };
	int32_t before = 0, sum = 0;

	for (size_t i = 0; i < 4; i++)
		sum += phases[i].ms > 0 ? phases[i].ms : 0;
	int32_t total = timing->total_ms > sum ? timing->total_ms : sum;
	if (total <= 0)
		return;
	page_say(page,
		"<table class=\"timing\"><thead><tr><th scope=\"col\">Phase</th><th "
		"scope=\"col\" class=\"num\">Took</th><th scope=\"col\">In the last "
		"check</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < 4; i++) {
		if (phases[i].ms < 0)
			continue;
		add_phase(page, phases[i].name, before, phases[i].ms, total);
		before += phases[i].ms;
	}
	add_phase(page, "In all", 0, total, total);
	page_say(page, "</tbody></table>\n");
}

static struct picture_latency point_of_span(const struct span *span)
{
	bool is_measured = span->ms_min >= 0 && span->ms_max >= 0 && span->checks > 0;
	struct picture_latency point = { span->first_at, span->last_at, -1, -1, -1 };

	if (!is_measured)
		return point;
	point.min_ms = span->ms_min;
	point.max_ms = span->ms_max;
	point.mean_ms = (int32_t)(span->ms_sum / span->checks);
	if (point.mean_ms < point.min_ms)
		point.mean_ms = point.min_ms;
	if (point.mean_ms > point.max_ms)
		point.mean_ms = point.max_ms;
	return point;
}

/* The spans, and for the time that raw checks are kept of, these. */
static void add_picture(
	struct page *page, const struct link_page *link, time_ms from, time_ms until)
{
	enum { POINTS = 80 };
	struct picture_latency points[POINTS];
	uint32_t count = 0, checks = link->known.check_count;
	bool is_rising = checks > 1 &&
			 link->known.checks[0].at < link->known.checks[checks - 1].at;
	bool spans_rise = link->known.span_count > 1 &&
			  link->known.spans[0].first_at <
				  link->known.spans[link->known.span_count - 1].first_at;

	checks = checks < POINTS / 2 ? checks : POINTS / 2;
	time_ms raw_from = checks == 0
				   ? INT64_MAX
				   : link->known
					     .checks[newest(checks - 1,
						     link->known.check_count, is_rising)]
					     .at;
	uint32_t spans = link->known.span_count < POINTS / 2 - 1 ? link->known.span_count
								 : POINTS / 2 - 1;
	for (uint32_t i = spans + 1; i-- > 0;) {
		const struct span *span =
			i == 0 ? &link->standing->record.span
			       : &link->known.spans[newest(
					 i - 1, link->known.span_count, spans_rise)];
		struct picture_latency point = point_of_span(span);
		if (point.first_at <= 0 || point.first_at >= raw_from ||
			point.last_at < from)
			continue;
		point.last_at = point.last_at < raw_from ? point.last_at : raw_from;
		points[count++] = point;
	}
	for (uint32_t i = checks; i-- > 0;) {
		const struct check_facts *check =
			&link->known
				 .checks[newest(i, link->known.check_count, is_rising)];
		int32_t ms = check->elapsed_ms;
		points[count++] =
			(struct picture_latency){ check->at, check->at, ms, ms, ms };
	}
	picture_add_latency(page->out, "latency", points, count, from, until, 0);
}

void link_add_timing(struct page *page, const struct link_page *link)
{
	const struct link_record *record = &link->standing->record;
	const struct check_result *result = &link->standing->link.result;
	time_ms until = record->last_checked_at;
	time_ms from = link->strip != NULL ? link->strip->from
					   : until - STRIP_SLOTS * TIME_MS_PER_DAY;

	if (until <= 0 || record->span.ms_max < 0)
		return;
	page_say(page, "<h2>How long it takes</h2>\n<div class=\"pair\">\n");
	add_picture(page, link, from, until > from ? until : from + TIME_MS_PER_DAY);
	if (result->asked)
		add_phases(page, &result->timing);
	page_say(page, "</div>\n");
}

/* --- history --------------------------------------------------------------------------
 */

static void add_rest(struct page *page, uint32_t total, uint32_t shown)
{
	char number[PAGE_NUMBER_SIZE];
	if (total > shown)
		page_say(
			page, "<p>and %s more</p>\n", page_number(total - shown, number));
}

static void add_events(struct page *page, const struct link_page *link)
{
	uint32_t count = link->known.event_count, shown = 0;
	bool is_rising =
		count > 1 && link->known.events[0].at < link->known.events[count - 1].at;

	if (count == 0)
		return;
	page_say(page, "<h2>What happened</h2>\n<ol class=\"ev\">\n");
	for (; shown < count && shown < LINK_PAGE_EVENTS_MAX; shown++) {
		const struct event *event =
			&link->known.events[newest(shown, count, is_rising)];
		page_say(page, "<li>");
		page_minute(page, event->at);
		page_say(page, " ");
		page_event_words(page, event);
		page_say(page, "</li>\n");
	}
	page_say(page, "</ol>\n");
	add_rest(page, count, shown);
}

/* What an outcome is in shapes and colours: as the state it may lead to. */
static const char *class_of(enum outcome outcome)
{
	if (outcome == OUTCOME_BROKEN)
		return page_state_class(STATE_DEAD);
	return page_state_class(state_of_one_check(outcome));
}

static void add_outcome(
	struct page *page, enum outcome outcome, enum reason reason, int http_status)
{
	page_say(page, "<td><span class=\"s %s\">%s</span></td><td>", class_of(outcome),
		outcome_text(outcome));
	if (reason != REASON_OK)
		page_say(page, "<code>%s</code>", reason_text(reason));
	page_say(page, "</td><td class=\"num\">");
	if (http_status > 0)
		page_say(page, "%d", http_status);
	page_say(page, "</td>");
}

static void add_ms(struct page *page, int32_t ms)
{
	char text[TIME_SPAN_SIZE];
	if (ms < 0)
		return;
	time_format_span(ms, text);
	page_say(page, "%s", text);
}

static void add_checks(struct page *page, const struct link_page *link)
{
	uint32_t count = link->known.check_count, shown = 0;
	bool is_rising =
		count > 1 && link->known.checks[0].at < link->known.checks[count - 1].at;

	if (count == 0)
		return;
	page_say(page,
		"<section>\n<h2>Last checks</h2>\n<table class=\"log "
		"checks\"><thead><tr><th "
		"scope=\"col\">When</th><th scope=\"col\">Found</th><th "
		"scope=\"col\">Reason</th><th scope=\"col\" class=\"num\">HTTP</th><th "
		"scope=\"col\" class=\"num\">Took</th></tr></thead>\n<tbody>\n");
	for (; shown < count && shown < LINK_PAGE_CHECKS_MAX; shown++) {
		const struct check_facts *check =
			&link->known.checks[newest(shown, count, is_rising)];
		page_say(page, "<tr><td>");
		page_minute(page, check->at);
		page_say(page, "</td>");
		add_outcome(page, check->outcome, check->reason, check->http_status);
		page_say(page, "<td class=\"num\">");
		add_ms(page, check->elapsed_ms);
		page_say(page, "</td></tr>\n");
	}
	page_say(page, "</tbody></table>\n");
	add_rest(page, count, shown);
	page_say(page, "</section>\n");
}

static void add_span(struct page *page, const struct span *span)
{
	char number[PAGE_NUMBER_SIZE];

	page_say(page, "<tr><td>");
	page_day(page, span->first_at);
	page_say(page, "</td><td>");
	page_day(page, span->last_at);
	page_say(page, "</td><td class=\"num\">%s</td>",
		page_number(span->checks, number));
	add_outcome(page, span->outcome, span->reason, span->http_status);
	page_say(page, "<td class=\"num\">");
	add_ms(page, point_of_span(span).mean_ms);
	page_say(page, "</td></tr>\n");
}

static void add_spans(struct page *page, const struct link_page *link)
{
	uint32_t count = link->known.span_count, shown = 0;
	bool is_rising = count > 1 && link->known.spans[0].first_at <
					      link->known.spans[count - 1].first_at;
	const struct span *open = &link->standing->record.span;

	if (count == 0 && open->checks == 0)
		return;
	page_say(page,
		"<section>\n<h2>History</h2>\n<table class=\"log spans\"><thead><tr><th "
		"scope=\"col\">From</th><th scope=\"col\">To</th><th scope=\"col\" "
		"class=\"num\">Checks</th><th scope=\"col\">Found</th><th "
		"scope=\"col\">Reason</th><th scope=\"col\" class=\"num\">HTTP</th>"
		"<th scope=\"col\" class=\"num\">Took</th></tr></thead>\n<tbody>\n");
	if (open->checks > 0)
		add_span(page, open);
	for (; shown < count && shown < LINK_PAGE_SPANS_MAX; shown++)
		add_span(page, &link->known.spans[newest(shown, count, is_rising)]);
	page_say(page, "</tbody></table>\n");
	add_rest(page, link->known.span_total > count ? link->known.span_total : count,
		shown);
	page_say(page, "</section>\n");
}

void link_add_history(struct page *page, const struct link_page *link)
{
	add_events(page, link);
	page_say(page, "<div class=\"pair\">\n");
	add_checks(page, link);
	add_spans(page, link);
	page_say(page, "</div>\n");
}
