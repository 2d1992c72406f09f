#include "digest/why_internal.h"
#include "format/standing_write.h"
#include "format/words.h"

enum { WORD_BYTES = 120 };

static void say_answer(
	struct paper *paper, enum outcome outcome, enum reason reason, int http_status)
{
	paper_name(paper, slice_of(outcome_text(outcome)), WORD_BYTES);
	if (reason != REASON_OK) {
		paper_say(paper, " ");
		paper_name(paper, slice_of(reason_text(reason)), WORD_BYTES);
	}
	if (http_status > 0)
		paper_say(paper, " %d", http_status);
}

static void say_rest(struct paper *paper, uint64_t count)
{
	if (count == 0)
		return;
	paper_item(paper);
	paper_say(paper, "and %llu before", (unsigned long long)count);
	paper_end(paper);
}

static void write_checks(struct paper *paper, const struct why *why)
{
	uint32_t shown = 0;

	if (why->known.check_count == 0)
		return;
	paper_heading(paper, "Recent checks", -1);
	for (; shown < why->known.check_count && shown < WHY_CHECKS_MAX; shown++) {
		const struct check_facts *check = &why->known.checks[standing_newest(
			shown, why->known.check_count, why->known.checks[0].at,
			why->known.checks[why->known.check_count - 1].at)];
		paper_item(paper);
		standing_instant(paper, check->at, why->now);
		paper_say(paper, ": ");
		say_answer(paper, check->outcome, check->reason, check->http_status);
		if (check->elapsed_ms >= 0)
			paper_say(paper, ", %d ms", check->elapsed_ms);
		if (check->second_method)
			paper_say(paper, ", by a second method");
		if (check->authoritative)
			paper_say(paper, ", says the registry");
		paper_end(paper);
	}
	say_rest(paper, why->known.check_count - shown);
}

/* "2026-… to 2026-… (7 d), 12 checks: broken http_404 404, 30 to 90 ms" */
static void write_span(struct paper *paper, const struct span *span)
{
	char first[TIME_RFC3339_SIZE], last[TIME_RFC3339_SIZE], text[TIME_SPAN_SIZE];

	time_format_rfc3339(span->first_at, first);
	time_format_rfc3339(span->last_at, last);
	standing_span(span->last_at - span->first_at, text);
	paper_item(paper);
	if (span->checks == 1)
		paper_say(paper, "%s, 1 check: ", first);
	else
		paper_say(paper, "%s to %s (%s), %u checks: ", first, last, text,
			span->checks);
	say_answer(paper, span->outcome, span->reason, span->http_status);
	if (span->ms_min >= 0 && span->ms_min == span->ms_max)
		paper_say(paper, ", %d ms", span->ms_min);
	else if (span->ms_min >= 0)
		paper_say(paper, ", %d to %d ms", span->ms_min, span->ms_max);
	paper_end(paper);
}

static void write_spans(struct paper *paper, const struct why *why)
{
	const struct span *open = &why->standing->record.span;
	uint32_t total = why->known.span_total > why->known.span_count
				 ? why->known.span_total
				 : why->known.span_count;
	uint32_t shown = 0;

	if (open->checks == 0 && total == 0)
		return;
	paper_heading(paper, "History", -1);
	if (open->checks > 0)
		write_span(paper, open);
	for (; shown < why->known.span_count && shown < WHY_SPANS_MAX; shown++)
		write_span(paper,
			&why->known.spans[standing_newest(shown, why->known.span_count,
				why->known.spans[0].first_at,
				why->known.spans[why->known.span_count - 1].first_at)]);
	say_rest(paper, total - shown);
}

static const char *word_of_event(enum event_kind kind)
{
	switch (kind) {
	case EVENT_STATE:
		return "changed";
	case EVENT_FLAPPING:
		return "began to come and go";
	case EVENT_STEADY:
		return "is steady again";
	case EVENT_CONTENT_CHANGED:
		return "its content has changed";
	case EVENT_INCIDENT_BEGAN:
		return "an incident began";
	case EVENT_INCIDENT_ENDED:
		return "the incident ended";
	case EVENT_SOURCE_FAILED:
		return "a source that mentions it could not be read";
	case EVENT_SOURCE_BACK:
		return "a source that mentions it could be read again";
	case EVENT_LINK_ADDED:
		return "came into its first list";
	case EVENT_LINK_REMOVED:
		return "left its last list";
	case EVENT_OFFLINE_BEGAN:
		return "this machine was in doubt of itself";
	case EVENT_OFFLINE_ENDED:
		return "this machine was sure again";
	}
	return "";
}

static void write_event(struct paper *paper, const struct event *event, time_ms now)
{
	paper_item(paper);
	standing_instant(paper, event->at, now);
	paper_say(paper, ": ");
	if (event->kind == EVENT_STATE) {
		paper_say(paper, "from %s to %s, ", standing_word(event->from),
			standing_word(event->to));
		paper_name(paper, slice_of(reason_text(event->reason)), WORD_BYTES);
	} else {
		paper_say(paper, "%s", word_of_event(event->kind));
	}
	if (event->links > 0)
		paper_say(paper, " (%u link%s)", event->links,
			event->links == 1 ? "" : "s");
	if (event->text.len > 0) {
		paper_say(paper, ": ");
		paper_sentence(paper, event->text, WORDS_SENTENCE_BYTES);
	}
	paper_end(paper);
}

static void write_events(struct paper *paper, const struct why *why)
{
	uint32_t shown = 0;

	if (why->known.event_count == 0)
		return;
	paper_heading(paper, "Events", -1);
	for (; shown < why->known.event_count && shown < WHY_EVENTS_MAX; shown++)
		write_event(paper,
			&why->known.events[standing_newest(shown, why->known.event_count,
				why->known.events[0].at,
				why->known.events[why->known.event_count - 1].at)],
			why->now);
	say_rest(paper, why->known.event_count - shown);
}

void why_write_history(struct paper *paper, const struct why *why)
{
	write_checks(paper, why);
	write_spans(paper, why);
	write_events(paper, why);
}
