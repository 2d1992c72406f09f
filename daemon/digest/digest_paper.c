/* The digest for people, in text and Markdown. */
#include "digest/digest_internal.h"
#include "format/standing_write.h"

enum { LISTS_SHOWN = 3, PLACES_SHOWN = 3, NAME_BYTES = 200 };

/* --- the head -------------------------------------------------------------- */

static void say_lists(struct paper *paper, const struct slice *lists, uint32_t count,
	const char *before)
{
	for (uint32_t i = 0; i < count && i < LISTS_SHOWN; i++) {
		paper_say(paper, "%s", i == 0 ? before : ", ");
		paper_name(paper, lists[i], NAME_BYTES);
	}
	if (count > LISTS_SHOWN)
		paper_say(paper, " and %u more", count - LISTS_SHOWN);
}

/* Our own words, which need no escape. */
static void say_ours(struct paper *paper)
{
	buffer_add(paper->out, buffer_slice(paper->sentence));
	paper->out->failed |= paper->sentence->failed;
}

static void write_head(struct paper *paper, const struct digest *digest)
{
	bool news = digest_has_news(digest);

	paper_title(paper, "Link report");
	paper_paragraph(paper);
	paper_colour(paper, news ? "1" : "0");
	if (news)
		digest_subject(digest, paper->out);
	else
		paper_say(paper, "Nothing new");
	paper_colour(paper, "0");
	say_lists(paper, digest->lists, digest->list_count, " in ");
	paper_say(paper, " ");
	digest_say_since(paper_begin_sentence(paper), digest);
	say_ours(paper);
	paper_say(paper, news ? "." : ": ");
	if (news) {
		paper_end(paper);
		paper_paragraph(paper);
	}
	standing_counts_sentence(paper, &digest->counts);
	paper_say(paper, " ");
	digest_say_window(paper_begin_sentence(paper), digest);
	digest_say_gated(paper->sentence, digest);
	say_ours(paper);
	paper_end(paper);
}

/* --- a link ---------------------------------------------------------------- */

static void say_places(struct paper *paper, const struct link *link)
{
	uint32_t shown = 0;

	for (const struct occurrence *at = link->first;
		at != NULL && shown < PLACES_SHOWN; at = at->next, shown++) {
		paper_say(paper, "%s", shown == 0 ? "" : ", ");
		digest_say_place(paper_begin_sentence(paper), at);
		paper_end_name(paper);
	}
	if (link->occurrence_count > shown)
		paper_say(paper, " and %u more", link->occurrence_count - shown);
}

static void say_head(struct paper *paper, const struct standing *standing)
{
	char token[WORDS_TOKEN_BYTES + 1];

	words_token(&standing->link, token);
	paper_item(paper);
	paper_mark(paper, token, standing_colour(standing->record.state));
	paper_say(paper, " ");
	paper_url(paper, standing->link.url);
	if (standing->link.first != NULL) {
		paper_colour(paper, "90");
		paper_say(paper, " (");
		say_places(paper, &standing->link);
		paper_say(paper, ")");
		paper_colour(paper, "0");
	}
	paper_end(paper);
}

/* Which list it is in, is known where one is asked for. */
static void say_label(
	struct paper *paper, const struct digest *digest, const struct standing *standing)
{
	struct slice label = digest_label(&standing->link);
	bool names_lists = standing->list_count > 1 && digest->list_count != 1;

	if (label.len == 0 && !names_lists)
		return;
	paper_detail(paper);
	if (label.len > 0) {
		paper_say(paper, "listed as ");
		paper_name(paper, label, WORDS_TITLE_BYTES);
	}
	if (names_lists)
		say_lists(paper, standing->lists, standing->list_count,
			label.len > 0 ? " in " : "in ");
	paper_end(paper);
}

static void say_evidence(struct paper *paper, const struct standing *standing)
{
	if (!standing->link.result.done || standing->record.state == STATE_ALIVE)
		return;
	paper_detail(paper);
	digest_say_strikes(paper_begin_sentence(paper), standing);
	if (paper->sentence->len > 0) {
		say_ours(paper);
		paper_say(paper, ": ");
	}
	digest_say_reason(paper_begin_sentence(paper), standing);
	paper_end_sentence(paper);
	paper_end(paper);
}

static void say_instead(struct paper *paper, const struct standing *standing)
{
	struct suggestion instead;

	if (!words_suggestion(&standing->link, &instead))
		return;
	paper_detail(paper);
	paper_say(paper, digest_is_archive(instead.url) ? "archived copy: " : "use ");
	paper_colour(paper, "32");
	paper_url(paper, instead.url);
	paper_colour(paper, "0");
	if (instead.why.len > 0) {
		paper_say(paper, ": ");
		paper_sentence(paper, instead.why, WORDS_SENTENCE_BYTES);
	}
	paper_end(paper);
}

/* What the page says now is no state, and has no date there. */
static void say_noticed(struct paper *paper, time_ms at, time_ms now)
{
	if (at <= 0)
		return;
	paper_detail(paper);
	paper_say(paper, "noticed: ");
	digest_say_instant(paper_begin_sentence(paper), at, now);
	say_ours(paper);
	paper_end(paper);
}

static void write_link(struct paper *paper, const struct digest *digest,
	const struct digest_entry *entry, enum digest_section section)
{
	const struct standing *standing = entry->standing;

	say_head(paper, standing);
	say_label(paper, digest, standing);
	paper_detail(paper);
	digest_say_age(paper_begin_sentence(paper), entry, digest->until);
	say_ours(paper);
	paper_end(paper);
	say_evidence(paper, standing);
	if (section == DIGEST_CHANGED)
		say_noticed(paper, entry->at, digest->until);
	say_instead(paper, standing);
	standing_notes(paper, &standing->link);
}

/* One line a place, as it is to be written: what the patch will do. */
static void write_move(struct paper *paper, const struct digest *digest,
	const struct digest_entry *entry)
{
	const struct link *link = &entry->standing->link;
	struct suggestion instead;

	if (!words_suggestion(link, &instead)) {
		write_link(paper, digest, entry, DIGEST_MOVED);
		return;
	}
	paper_item(paper);
	if (link->first != NULL) {
		say_places(paper, link);
		paper_say(paper, ": ");
	}
	paper_url(paper, link->url);
	paper_say(paper, " \u2192 ");
	paper_colour(paper, "32");
	paper_url(paper, instead.url);
	paper_colour(paper, "0");
	paper_end(paper);
	standing_notes(paper, link);
}

/* --- sections -------------------------------------------------------------- */

/* Of what is not listed one by one. */
static void say_rest(
	struct paper *paper, const char *before, uint32_t count, const char *after)
{
	if (count == 0)
		return;
	paper_item(paper);
	paper_say(paper, "%s%u%s", before, count, after);
	paper_end(paper);
}

static void write_fix(struct paper *paper, const struct digest *digest)
{
	paper_item(paper);
	paper_say(paper, "all of it as one patch: ");
	digest_fix(digest, paper_begin_sentence(paper));
	paper_end_name(paper);
	paper_end(paper);
}

static void write_section(
	struct paper *paper, const struct digest *digest, enum digest_section section)
{
	struct digest_walk walk = { 0 };
	uint32_t rows_max = digest_rows_max(digest, FORMAT_TEXT);

	if (!digest_has_section(digest, section))
		return;
	paper_heading(
		paper, digest_heading(section), digest_total(&digest->links[section]));
	while (digest_next(digest, section, rows_max, &walk)) {
		if (section == DIGEST_MOVED)
			write_move(paper, digest, walk.entry);
		else
			write_link(paper, digest, walk.entry, section);
	}
	say_rest(paper, "", walk.explained, " told as part of an incident");
	say_rest(paper, "and ", walk.rest, " more");
	say_rest(paper, "and ", walk.before, " told before");
	if (section == DIGEST_MOVED)
		write_fix(paper, digest);
}

/* "2026-11-25T02:00:00Z, for 2 h 5 min: openreview.net unreachable, 12 links (timeout)"
 */
static void write_period(struct paper *paper, const struct digest_period *period)
{
	paper_item(paper);
	if (period->name.len > 0) {
		words_url(paper_begin_sentence(paper), period->name);
		paper_end_name(paper);
		paper_say(paper, ", ");
	}
	digest_say_period(paper_begin_sentence(paper), period);
	say_ours(paper);
	if (period->text.len > 0) {
		paper_say(paper, ": ");
		paper_sentence(paper, period->text, WORDS_SENTENCE_BYTES);
	} else if (period->links > 0)
		paper_say(paper, " (%u link%s)", period->links,
			period->links == 1 ? "" : "s");
	paper_end(paper);
}

static void write_periods(struct paper *paper, const struct digest *digest,
	const struct digest_periods *periods, const char *heading)
{
	uint32_t shown = 0, total = digest_periods_total(periods),
		 rows_max = digest_rows_max(digest, FORMAT_TEXT);

	if (total == 0)
		return;
	paper_heading(paper, heading, total);
	for (; shown < periods->count && shown < rows_max; shown++)
		write_period(paper, &periods->periods[shown]);
	say_rest(paper, "and ", total - shown, " more");
}

/* What is left to say without news is one sentence, and when we were not looking. */
int digest_write_paper(
	const struct digest *digest, enum format format, struct buffer *out)
{
	struct buffer scratch[PAPER_SCRATCHES];
	struct paper paper = paper_on(out, scratch, format, digest->colour);

	paper_scratch_init(scratch);
	write_head(&paper, digest);
	for (unsigned i = 0; i < DIGEST_SECTION_COUNT; i++) {
		if (i == DIGEST_CAUSES_BEFORE) {
			write_periods(&paper, digest, &digest->incidents, "Incidents");
			write_periods(
				&paper, digest, &digest->sources, "Sources in trouble");
		}
		write_section(&paper, digest, (enum digest_section)i);
	}
	write_periods(&paper, digest, &digest->offline,
		"Not measured, because this machine was in doubt");
	paper_scratch_fini(scratch);
	return 0;
}
