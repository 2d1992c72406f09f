#include "format/standing_write.h"

#include "format/words.h"

enum { PLACES_SHOWN = 3, NAME_BYTES = 100 };

static const struct {
	const char *heading, *word, *colour;
} states[STANDING_STATE_COUNT] = {
	[STATE_UNCHECKED] = { "Not checked yet", "not checked yet", "1" },
	[STATE_ALIVE] = { "Alive", "alive", "32" },
	[STATE_MOVED] = { "Moved", "moved", "33" },
	[STATE_SUSPECT] = { "Suspect", "suspect", "35" },
	[STATE_DEAD] = { "Dead", "dead", "31" },
	[STATE_GATED] = { "Gated", "gated", "36" },
	[STATE_SKIPPED] = { "Not monitored", "not monitored", "90" },
};

const char *standing_heading(enum state state)
{
	return states[state].heading;
}

const char *standing_word(enum state state)
{
	return states[state].word;
}

const char *standing_colour(enum state state)
{
	return states[state].colour;
}

/* --- from the record ------------------------------------------------------- */

/* The outcome that goes with a reason: the last check's own where it is the same. */
static enum outcome outcome_of(const struct link_record *record, enum reason reason)
{
	if (record->span.checks > 0 && record->span.reason == reason)
		return record->span.outcome;
	return reason_outcome(reason);
}

void standing_set_result(struct standing *standing)
{
	const struct link_record *record = &standing->record;
	bool led = record->state == STATE_DEAD || record->state == STATE_SUSPECT ||
		   record->span.checks == 0;
	enum reason reason = led ? record->reason : record->span.reason;
	/* The span has 200 for a 304. */
	int status = record->http_status;
	bool asked = status > 0 || (record->span.checks > 0 && record->span.ms_max >= 0);

	standing->link.result = (struct check_result){
		.done = record->checks > 0,
		.verdict = { .outcome = outcome_of(record, reason),
			.reason = reason,
			.notes = record->notes,
			.sunset_at = record->sunset_on },
		.state = record->state,
		.http_status = status,
		.asked = asked,
		.elapsed_ms = -1,
		.timing = { -1, -1, -1, -1, -1 },
		.certificate = { .seen = record->certificate_until > 0,
			.expires_at = record->certificate_until },
		.checked_at = record->last_checked_at,
	};
}

/* --- words ----------------------------------------------------------------- */

void standing_span(time_ms span, char text[static TIME_SPAN_SIZE])
{
	time_format_span(span, text);
	struct slice whole = slice_of(text);
	static const struct slice zeros[] = { { " 0 h", 4 }, { " 0 min", 6 },
		{ " 0 s", 4 } };
	for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++)
		if (slice_ends(whole, zeros[i])) {
			text[whole.len - zeros[i].len] = '\0';
			return;
		}
}

void standing_instant(struct paper *paper, time_ms at, time_ms now)
{
	char instant[TIME_RFC3339_SIZE], span[TIME_SPAN_SIZE];

	if (at <= 0) {
		paper_say(paper, "never");
		return;
	}
	time_format_rfc3339(at, instant);
	standing_span(at <= now ? now - at : at - now, span);
	paper_say(paper, at <= now ? "%s (%s ago)" : "%s (in %s)", instant, span);
}

uint64_t standing_links(const struct standing_counts *counts)
{
	uint64_t links = 0;
	for (size_t i = 0; i < STANDING_STATE_COUNT; i++)
		links += counts->by_state[i];
	return links;
}

static void say_lately(struct paper *paper, const struct standing_counts *counts)
{
	uint64_t links = standing_links(counts);
	char span[TIME_SPAN_SIZE];

	if (counts->lately_ms <= 0 || links == 0)
		return;
	standing_span(counts->lately_ms, span);
	paper_say(paper, "; checked within the last %s: ", span);
	if (counts->checked_lately >= links)
		paper_say(paper, "all");
	else if (counts->checked_lately == 0)
		paper_say(paper, "none");
	else
		paper_say(paper, "all but %llu",
			(unsigned long long)(links - counts->checked_lately));
}

void standing_counts_sentence(struct paper *paper, const struct standing_counts *counts)
{
	static const enum state order[] = { STATE_ALIVE, STATE_DEAD, STATE_MOVED,
		STATE_SUSPECT, STATE_GATED, STATE_UNCHECKED, STATE_SKIPPED };
	_Static_assert(sizeof(order) / sizeof(order[0]) == STANDING_STATE_COUNT,
		"every state is counted");
	uint64_t links = standing_links(counts);
	const char *before = ": ";

	paper_say(paper, links == 0 ? "No links" : "%llu link%s",
		(unsigned long long)links, links == 1 ? "" : "s");
	paper_say(paper, " in %u list%s", counts->lists, counts->lists == 1 ? "" : "s");
	for (size_t i = 0; i < STANDING_STATE_COUNT; i++) {
		uint32_t count = counts->by_state[order[i]];
		if (links == 0 || (count == 0 && order[i] != STATE_ALIVE))
			continue;
		paper_say(paper, "%s", before);
		paper_colour(paper, states[order[i]].colour);
		paper_say(paper, "%u %s", count, states[order[i]].word);
		paper_colour(paper, "0");
		before = ", ";
	}
	say_lately(paper, counts);
	paper_say(paper, ".");
}

void standing_reason(struct paper *paper, const struct standing *standing)
{
	const struct verdict *verdict = &standing->link.result.verdict;

	if (verdict->error.len > 0)
		paper_sentence(paper, verdict->error, WORDS_SENTENCE_BYTES);
	else if (verdict->suggestion.url.len > 0 && verdict->suggestion.why.len > 0)
		paper_sentence(paper, verdict->suggestion.why, WORDS_SENTENCE_BYTES);
	else
		paper_text(paper, slice_of(words_of_reason(verdict->reason)),
			WORDS_SENTENCE_BYTES);
}

/* " from … to … (14 d, of which 9 d count)" */
static void say_time_of_strikes(struct paper *paper, const struct link_record *record)
{
	char first[TIME_RFC3339_SIZE], last[TIME_RFC3339_SIZE], span[TIME_SPAN_SIZE];
	time_ms since = record_strikes_since(record);

	time_format_rfc3339(since, first);
	if (record->last_strike_at <= since) {
		paper_say(paper, " on %s", first);
		return;
	}
	time_format_rfc3339(record->last_strike_at, last);
	standing_span(record->last_strike_at - since, span);
	paper_say(paper, " from %s to %s (%s", first, last, span);
	if (since < record->first_strike_at) {
		standing_span(record->last_strike_at - record->first_strike_at, span);
		paper_say(paper, ", of which %s count", span);
	}
	paper_say(paper, ")");
}

void standing_strikes(struct paper *paper, const struct link_record *record)
{
	uint32_t halves = record->strike_halves;

	if (halves == 0)
		return;
	if (halves == 1)
		paper_say(paper, "half a strike");
	else
		paper_say(paper, "%u%s strike%s", halves / 2, halves % 2 != 0 ? ".5" : "",
			halves == 2 ? "" : "s");
	say_time_of_strikes(paper, record);
	if (record->second_method)
		paper_say(paper, ", the last by a second method");
	paper_say(paper, ".");
}

static void brief_strikes(struct buffer *out, uint32_t halves)
{
	if (halves == 1)
		buffer_add_text(out, ", half a strike");
	else if (halves > 1)
		buffer_printf(out, ", %u%s strike%s", halves / 2,
			halves % 2 != 0 ? ".5" : "", halves == 2 ? "" : "s");
}

void standing_brief(struct buffer *out, const struct link_record *record, time_ms now)
{
	char instant[TIME_RFC3339_SIZE], span[TIME_SPAN_SIZE];
	if (record->checks == 0)
		return;
	time_format_rfc3339(record->since, instant);
	buffer_printf(out, "%s since %s", states[record->state].word, instant);
	if (now - record->since >= TIME_MS_PER_HOUR) {
		standing_span(now - record->since, span);
		buffer_printf(out, " (%s)", span);
	}
	brief_strikes(out, record->strike_halves);
	if (record->confirmed == STATE_UNCHECKED ||
		(record->state != STATE_GATED && record->state != STATE_SKIPPED))
		return;
	time_format_rfc3339(record->confirmed_at, instant);
	buffer_printf(out, ", last known to be %s on %s", states[record->confirmed].word,
		instant);
}

/* --- a link as an item ----------------------------------------------------- */

static void say_place(struct paper *paper, const struct occurrence *at)
{
	struct buffer *sentence = paper_begin_sentence(paper);
	words_url(sentence, at->source);
	buffer_printf(sentence, ":%u", at->line);
	paper_end_name(paper);
}

/* "(README.md:9, README.md:20 and 3 more)" */
static void say_places(struct paper *paper, const struct link *link)
{
	uint32_t shown = 0;

	if (link->first == NULL)
		return;
	paper_say(paper, " (");
	for (const struct occurrence *at = link->first;
		at != NULL && shown < PLACES_SHOWN; at = at->next, shown++) {
		paper_say(paper, "%s", shown == 0 ? "" : ", ");
		say_place(paper, at);
	}
	if (link->occurrence_count > shown)
		paper_say(paper, " and %u more", link->occurrence_count - shown);
	paper_say(paper, ")");
}

/* Which list it is in, is known to whoever has only one. */
static void say_lists(struct paper *paper, const struct standing *standing)
{
	uint32_t shown = 0;

	if (standing->list_count < 2)
		return;
	paper_detail(paper);
	paper_say(paper, "in the lists ");
	for (; shown < standing->list_count && shown < PLACES_SHOWN; shown++) {
		paper_say(paper, "%s", shown == 0 ? "" : ", ");
		paper_name(paper, standing->lists[shown], NAME_BYTES);
	}
	if (standing->list_count > shown)
		paper_say(paper, " and %u more", standing->list_count - shown);
	paper_end(paper);
}

static bool is_bad(enum state state)
{
	return state == STATE_DEAD || state == STATE_SUSPECT || state == STATE_GATED;
}

static void say_last_seen(
	struct paper *paper, const struct link_record *record, time_ms now)
{
	if (record->state == STATE_GATED && record->confirmed != STATE_UNCHECKED) {
		paper_say(
			paper, " Last known to be %s: ", states[record->confirmed].word);
		standing_instant(paper, record->confirmed_at, now);
		paper_say(paper, ".");
	} else if (is_bad(record->state)) {
		paper_say(paper, " Last good: ");
		standing_instant(paper, record->last_ok_at, now);
		paper_say(paper, ".");
	}
}

static void say_state(struct paper *paper, const struct standing *standing,
	enum state from, time_ms now)
{
	const struct link_record *record = &standing->record;
	enum state state = record->state;

	paper_detail(paper);
	paper_say(paper, "%s", states[state].word);
	if (record->since > 0) {
		paper_say(paper, " since ");
		standing_instant(paper, record->since, now);
	}
	if (from != STATE_UNCHECKED && from != state)
		paper_say(paper, ", before that %s", states[from].word);
	if (standing->link.result.done && state != STATE_ALIVE) {
		paper_say(paper, ": ");
		standing_reason(paper, standing);
	} else {
		paper_say(paper, ".");
	}
	say_last_seen(paper, record, now);
	paper_end(paper);
}

static void say_evidence(struct paper *paper, const struct link_record *record)
{
	if (record->strike_halves == 0 || !is_bad(record->state))
		return;
	paper_detail(paper);
	standing_strikes(paper, record);
	paper_end(paper);
}

static void say_suggestion(struct paper *paper, const struct standing *standing)
{
	const struct verdict *verdict = &standing->link.result.verdict;

	if (verdict->suggestion.url.len == 0)
		return;
	paper_detail(paper);
	paper_say(paper, "use ");
	paper_colour(paper, "32");
	paper_url(paper, verdict->suggestion.url);
	paper_colour(paper, "0");
	/* Without an error, and in a state that says why, it was said already. */
	if (verdict->suggestion.why.len > 0 &&
		(verdict->error.len > 0 || standing->record.state == STATE_ALIVE)) {
		paper_say(paper, ": ");
		paper_sentence(paper, verdict->suggestion.why, WORDS_SENTENCE_BYTES);
	}
	paper_end(paper);
}

void standing_notes(struct paper *paper, const struct link *link)
{
	for (unsigned i = 0; i < NOTE_COUNT; i++) {
		if ((link->result.verdict.notes & NOTE_BIT(i)) == 0)
			continue;
		paper_detail(paper);
		paper_say(paper, "note: ");
		words_note(paper_begin_sentence(paper), link, (enum note)i);
		paper_end_sentence(paper);
		paper_end(paper);
	}
}

static void say_flapping(
	struct paper *paper, const struct link_record *record, time_ms now)
{
	if (record->flapping_since <= 0)
		return;
	paper_detail(paper);
	paper_say(paper, "comes and goes since ");
	standing_instant(paper, record->flapping_since, now);
	paper_say(paper, ".");
	paper_end(paper);
}

/* A link nobody has checked has no answer to name. */
static void say_mark(struct paper *paper, const struct standing *standing)
{
	char token[WORDS_TOKEN_BYTES + 1] = "NEW";

	if (standing->link.result.done)
		words_token(&standing->link, token);
	paper_mark(paper, token, states[standing->record.state].colour);
	paper_say(paper, " ");
}

void standing_item(struct paper *paper, const struct standing *standing, enum state from,
	time_ms now)
{
	paper_item(paper);
	say_mark(paper, standing);
	paper_url(paper, standing->link.url);
	paper_colour(paper, "90");
	say_places(paper, &standing->link);
	paper_colour(paper, "0");
	paper_end(paper);
	say_state(paper, standing, from, now);
	say_evidence(paper, &standing->record);
	say_flapping(paper, &standing->record, now);
	say_suggestion(paper, standing);
	standing_notes(paper, &standing->link);
	say_lists(paper, standing);
}
