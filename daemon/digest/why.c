#include "digest/why.h"

#include "digest/why_internal.h"
#include "format/standing_write.h"
#include "format/words.h"

enum { TEXT_BYTES = 120 };

void why_strip(const struct link_record *record, char strip[static WHY_STRIP_SIZE])
{
	standing_strip(record, strip);
}

/* --- the top: what we hold, and why ---------------------------------------- */

/* "https://gone.example/x is dead, since 2026-… (3 d 4 h ago): Not found." */
static void write_head(struct paper *paper, const struct why *why)
{
	const struct standing *standing = why->standing;
	enum state state = standing->record.state;

	paper_title(paper, "Why");
	paper_paragraph(paper);
	paper_url(paper, standing->link.url);
	paper_say(paper, " is ");
	paper_colour(paper, standing_colour(state));
	paper_say(paper, "%s", standing_word(state));
	paper_colour(paper, "0");
	if (standing->record.since > 0) {
		paper_say(paper, ", since ");
		standing_instant(paper, standing->record.since, why->now);
	}
	if (standing->link.result.done) {
		paper_say(paper, ": ");
		standing_reason(paper, standing);
	} else {
		paper_say(paper, ".");
	}
	paper_end(paper);
}

static void write_sentences(
	struct paper *paper, const struct slice *sentences, uint32_t count)
{
	uint32_t lines = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct slice rest = sentences[i], line;
		while (lines < WHY_LINES_MAX && standing_next_line(&rest, &line)) {
			paper_item(paper);
			paper_sentence(paper, line, WORDS_SENTENCE_BYTES);
			paper_end(paper);
			lines++;
		}
	}
}

static void write_strip(struct paper *paper, const struct link_record *record)
{
	char strip[WHY_STRIP_SIZE];

	why_strip(record, strip);
	if (strip[0] == '\0')
		return;
	paper_item(paper);
	paper_say(paper, "the last checks, oldest first, x is bad: ");
	paper_name(paper, slice_of(strip), WHY_STRIP_SIZE);
	paper_end(paper);
}

static void write_figures(struct paper *paper, const struct why *why)
{
	const struct link_record *record = &why->standing->record;

	if (record->confirmed != STATE_UNCHECKED) {
		paper_item(paper);
		paper_say(paper,
			"last confirmed to be %s: ", standing_word(record->confirmed));
		standing_instant(paper, record->confirmed_at, why->now);
		paper_end(paper);
	}
	if (record->strike_halves > 0) {
		paper_item(paper);
		standing_strikes(paper, record);
		paper_end(paper);
	}
}

static void write_evidence(struct paper *paper, const struct why *why)
{
	const struct link_record *record = &why->standing->record;

	paper_heading(paper, "Evidence", -1);
	paper_item(paper);
	paper_say(paper, "%u check%s in all", record->checks,
		record->checks == 1 ? "" : "s");
	if (record->checks > 0) {
		paper_say(paper, ", the last ");
		standing_instant(paper, record->last_checked_at, why->now);
	}
	paper_say(paper, ", the last good one: ");
	standing_instant(paper, record->last_ok_at, why->now);
	paper_end(paper);
	write_strip(paper, record);
	if (why->known.reason_count > 0)
		write_sentences(paper, why->known.reasons, why->known.reason_count);
	else
		write_figures(paper, why);
}

/* --- what was found there -------------------------------------------------- */

static void write_url_fact(struct paper *paper, const char *label, struct slice url)
{
	if (url.len == 0)
		return;
	paper_item(paper);
	paper_say(paper, "%s: ", label);
	paper_url(paper, url);
	paper_end(paper);
}

static void write_text_fact(struct paper *paper, const char *label, struct slice text)
{
	if (text.len == 0)
		return;
	paper_item(paper);
	paper_say(paper, "%s: ", label);
	paper_text(paper, text, WORDS_TITLE_BYTES);
	paper_end(paper);
}

static void write_certificate(struct paper *paper, const struct why *why)
{
	const struct certificate *certificate = &why->standing->link.result.certificate;

	if (certificate->expires_at <= 0)
		return;
	paper_item(paper);
	paper_say(paper, "the certificate ends: ");
	standing_instant(paper, certificate->expires_at, why->now);
	if (certificate->chain_expires_at > 0 &&
		certificate->chain_expires_at < certificate->expires_at) {
		paper_say(paper, ", one of its chain before: ");
		standing_instant(paper, certificate->chain_expires_at, why->now);
	}
	paper_end(paper);
}

static void write_target(struct paper *paper, const struct why *why)
{
	const struct link_record *record = &why->standing->record;

	if (record->target_hash == 0 || record->target_since <= 0)
		return;
	paper_item(paper);
	paper_say(paper, "the same permanent target was seen %u time%s, first ",
		record->target_seen, record->target_seen == 1 ? "" : "s");
	standing_instant(paper, record->target_since, why->now);
	paper_end(paper);
}

static void write_redirects(struct paper *paper, const struct check_result *result)
{
	for (uint32_t i = 0; i < result->redirect_count; i++) {
		paper_item(paper);
		paper_say(paper, "redirects (%d) to ", result->redirects[i].status);
		paper_url(paper, result->redirects[i].url);
		paper_end(paper);
	}
}

static void write_notes(struct paper *paper, const struct link *link)
{
	for (unsigned i = 0; i < NOTE_COUNT; i++) {
		if ((link->result.verdict.notes & NOTE_BIT(i)) == 0)
			continue;
		paper_item(paper);
		paper_say(paper, "note: ");
		words_note(paper_begin_sentence(paper), link, (enum note)i);
		paper_end_sentence(paper);
		paper_end(paper);
	}
}

static void write_suggestion(struct paper *paper, const struct suggestion *suggestion)
{
	if (suggestion->url.len == 0)
		return;
	paper_item(paper);
	paper_say(paper, "to be used instead: ");
	paper_url(paper, suggestion->url);
	if (suggestion->why.len > 0) {
		paper_say(paper, ": ");
		paper_sentence(paper, suggestion->why, WORDS_SENTENCE_BYTES);
	}
	paper_end(paper);
}

static void write_page(struct paper *paper, const struct why *why)
{
	const struct link *link = &why->standing->link;
	const struct check_result *result = &link->result;

	if (!result->done)
		return;
	paper_heading(paper, "What the last check found", -1);
	paper_item(paper);
	paper_name(paper, slice_of(outcome_text(result->verdict.outcome)), TEXT_BYTES);
	paper_say(paper, ", ");
	paper_name(paper, slice_of(reason_text(result->verdict.reason)), TEXT_BYTES);
	if (result->http_status > 0)
		paper_say(paper, ", status %d", result->http_status);
	paper_end(paper);
	write_redirects(paper, result);
	write_target(paper, why);
	if (!slice_equal(result->final_url, link->url))
		write_url_fact(paper, "reached at", result->final_url);
	write_text_fact(paper, "its title", result->title);
	write_text_fact(paper, "the title that the list expects", link->expected_title);
	write_certificate(paper, why);
	write_suggestion(paper, &result->verdict.suggestion);
	write_notes(paper, link);
}

/* --- where, and what next -------------------------------------------------- */

static void write_place(struct paper *paper, const struct occurrence *at)
{
	paper_item(paper);
	struct buffer *sentence = paper_begin_sentence(paper);
	words_url(sentence, at->source);
	buffer_printf(sentence, ":%u:%u", at->line, at->column);
	paper_end_name(paper);
	if (at->text.len > 0) {
		paper_say(paper, " ");
		paper_text(paper, at->text, TEXT_BYTES);
	}
	paper_end(paper);
}

static void write_lists(struct paper *paper, const struct standing *standing)
{
	uint32_t shown = 0;

	if (standing->list_count == 0)
		return;
	paper_item(paper);
	paper_say(paper, standing->list_count == 1 ? "list " : "lists ");
	for (; shown < standing->list_count && shown < WHY_LISTS_MAX; shown++) {
		paper_say(paper, "%s", shown == 0 ? "" : ", ");
		paper_name(paper, standing->lists[shown], TEXT_BYTES);
	}
	if (standing->list_count > shown)
		paper_say(paper, " and %u more", standing->list_count - shown);
	paper_end(paper);
}

static void write_places(struct paper *paper, const struct why *why)
{
	const struct link *link = &why->standing->link;
	uint32_t shown = 0;

	paper_heading(paper, "Where it is mentioned", -1);
	write_lists(paper, why->standing);
	for (const struct occurrence *at = link->first;
		at != NULL && shown < WHY_PLACES_MAX; at = at->next, shown++)
		write_place(paper, at);
	if (link->occurrence_count > shown) {
		paper_item(paper);
		paper_say(paper, "and %u more", link->occurrence_count - shown);
		paper_end(paper);
	} else if (shown == 0) {
		paper_item(paper);
		paper_say(paper, "in no list any more: it is not checked, its history "
				 "is kept");
		paper_end(paper);
	}
}

static void write_next(struct paper *paper, const struct why *why)
{
	time_ms due = why->standing->record.due_at;

	paper_heading(paper, "What happens next", -1);
	if (why->known.first_waits) {
		write_sentences(paper, why->known.nexts, why->known.next_count);
		return;
	}
	paper_item(paper);
	if (due > 0) {
		paper_say(paper, "the next check: ");
		standing_instant(paper, due, why->now);
		if (due <= why->now)
			paper_say(paper, ", so it is due");
	} else {
		paper_say(paper, "no check is planned");
	}
	paper_end(paper);
	write_sentences(paper, why->known.nexts, why->known.next_count);
}

int why_write(const struct why *why, enum format format, struct buffer *out,
	struct error *error)
{
	if (format == FORMAT_JSON)
		return standing_finish(
			why_write_json(why, out) != 0, out, "the evidence", NULL, error);
	struct buffer scratch[PAPER_SCRATCHES];
	struct paper paper = paper_on(out, scratch, format, why->colour);
	paper_scratch_init(scratch);
	write_head(&paper, why);
	write_evidence(&paper, why);
	write_page(&paper, why);
	why_write_history(&paper, why);
	write_places(&paper, why);
	write_next(&paper, why);
	paper_scratch_fini(scratch);
	return standing_finish(false, out, "the evidence", NULL, error);
}
