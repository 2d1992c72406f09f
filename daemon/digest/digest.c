#include "digest/digest.h"

#include "digest/digest_internal.h"
#include "format/standing_write.h"
#include "format/words.h"

enum { LISTS_SHOWN = 3, NAME_BYTES = 200 };

#define HEADING(name, key, heading, news) heading,
static const char *const headings[] = { DIGEST_SECTIONS(HEADING) };
#undef HEADING

#define NEWS(name, key, heading, news) news,
static const bool is_news[] = { DIGEST_SECTIONS(NEWS) };
#undef NEWS

/* --- what there is to say -------------------------------------------------- */

static uint32_t total_of(const struct digest_links *links)
{
	return links->total > links->count ? links->total : links->count;
}

static uint32_t periods_of(const struct digest_periods *periods)
{
	return periods->total > periods->count ? periods->total : periods->count;
}

bool digest_has_news(const struct digest *digest)
{
	for (unsigned i = 0; i < DIGEST_SECTION_COUNT; i++)
		if (is_news[i] && total_of(&digest->links[i]) > 0)
			return true;
	return periods_of(&digest->incidents) > 0 || periods_of(&digest->sources) > 0;
}

static bool is_well(enum state state)
{
	return state == STATE_ALIVE || state == STATE_MOVED;
}

static bool put(enum digest_section section, enum digest_section *ret_section)
{
	*ret_section = section;
	return true;
}

bool digest_place(enum state before, const struct link_record *record, bool changed,
	time_ms since, enum digest_section *ret_section)
{
	enum state now = record->state;

	if (now == STATE_DEAD)
		return put(before == STATE_DEAD ? DIGEST_STILL : DIGEST_NEW, ret_section);
	if (changed && is_well(now))
		return put(DIGEST_CHANGED, ret_section);
	if (now == STATE_MOVED && before != STATE_MOVED)
		return put(DIGEST_MOVED, ret_section);
	if (is_well(now) && before == STATE_DEAD)
		return put(DIGEST_RECOVERED, ret_section);
	if (record->flapping_since > 0)
		return record->flapping_since >= since &&
		       put(DIGEST_FLAPPING, ret_section);
	if (now == STATE_SUSPECT && before != STATE_SUSPECT)
		return put(DIGEST_SUSPECT, ret_section);
	return false;
}

/* "2 died, 1 moved"; what is zero is left out. */
void digest_subject(const struct digest *digest, struct buffer *out)
{
	static const struct {
		enum digest_section section;
		const char *verb;
	} parts[] = {
		{ DIGEST_NEW, "died" },
		{ DIGEST_CHANGED, "changed" },
		{ DIGEST_MOVED, "moved" },
		{ DIGEST_SUSPECT, "suspect" },
		{ DIGEST_FLAPPING, "flapping" },
		{ DIGEST_RECOVERED, "recovered" },
	};
	size_t start = out->len;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		uint32_t links = total_of(&digest->links[parts[i].section]);
		if (links > 0)
			buffer_printf(out, "%s%u %s", out->len > start ? ", " : "", links,
				parts[i].verb);
	}
	uint32_t incidents = periods_of(&digest->incidents);
	uint32_t sources = periods_of(&digest->sources);
	if (incidents > 0) {
		buffer_add_text(out, out->len > start ? ", " : "");
		words_count(out, incidents, "incident");
	}
	if (sources > 0) {
		buffer_add_text(out, out->len > start ? ", " : "");
		words_count(out, sources, "source");
		buffer_add_text(out, " in trouble");
	}
	if (out->len == start)
		buffer_add_text(out, "nothing new");
}

/* --- for people ------------------------------------------------------------ */

static void say_lists(struct paper *paper, const struct digest *digest)
{
	for (uint32_t i = 0; i < digest->list_count && i < LISTS_SHOWN; i++) {
		paper_say(paper, i == 0 ? " in " : ", ");
		paper_name(paper, digest->lists[i], NAME_BYTES);
	}
	if (digest->list_count > LISTS_SHOWN)
		paper_say(paper, " and %u more", digest->list_count - LISTS_SHOWN);
}

static void say_since(struct paper *paper, const struct digest *digest)
{
	char since[TIME_RFC3339_SIZE], until[TIME_RFC3339_SIZE], span[TIME_SPAN_SIZE];

	time_format_rfc3339(digest->until, until);
	if (digest->since <= 0) {
		paper_say(paper, "up to %s", until);
		return;
	}
	time_format_rfc3339(digest->since, since);
	standing_span(digest->until - digest->since, span);
	paper_say(paper, "since %s (%s)", since, span);
}

/* A day without checks must not read like a day without trouble. */
static void say_counts(struct paper *paper, const struct digest *digest)
{
	standing_counts_sentence(paper, &digest->counts);
	if (digest->checks == 0)
		paper_say(paper, " No check was made in that time.");
	else
		paper_say(paper, " %llu check%s made.",
			(unsigned long long)digest->checks,
			digest->checks == 1 ? "" : "s");
}

static void write_head(struct paper *paper, const struct digest *digest)
{
	paper_title(paper, "Link report");
	paper_paragraph(paper);
	if (!digest_has_news(digest)) {
		paper_say(paper, "Nothing new");
	} else {
		paper_colour(paper, "1");
		digest_subject(digest, paper->out);
		paper_colour(paper, "0");
	}
	say_lists(paper, digest);
	paper_say(paper, " ");
	say_since(paper, digest);
	paper_say(paper, digest_has_news(digest) ? "." : ": ");
	if (digest_has_news(digest)) {
		paper_end(paper);
		paper_paragraph(paper);
	}
	say_counts(paper, digest);
	paper_end(paper);
}

static uint32_t rows_max_of(const struct digest *digest)
{
	return digest->rows_max > 0 ? digest->rows_max : DIGEST_ROWS_MAX;
}

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

/* Only an incident that is told here can stand for its links. */
static bool is_told(const struct digest *digest, int64_t incident_id)
{
	uint32_t shown = digest->incidents.count;
	if (shown > rows_max_of(digest))
		shown = rows_max_of(digest);
	for (uint32_t i = 0; incident_id != 0 && i < shown; i++)
		if (digest->incidents.periods[i].incident_id == incident_id)
			return true;
	return false;
}

/* What the page says now is no state, and has no date there. */
static void write_noticed(struct paper *paper, time_ms at, time_ms now)
{
	paper_detail(paper);
	paper_say(paper, "noticed: ");
	standing_instant(paper, at, now);
	paper_end(paper);
}

static void write_section(
	struct paper *paper, const struct digest *digest, enum digest_section section)
{
	const struct digest_links *links = &digest->links[section];
	uint32_t shown = 0, explained = 0;

	if (total_of(links) == 0)
		return;
	paper_heading(paper, headings[section], total_of(links));
	for (uint32_t i = 0; i < links->count && shown < rows_max_of(digest); i++) {
		const struct digest_entry *entry = &links->entries[i];
		if (is_told(digest, entry->incident_id)) {
			explained++;
			continue;
		}
		standing_item(paper, entry->standing, entry->from, digest->until);
		if (section == DIGEST_CHANGED && entry->at > 0)
			write_noticed(paper, entry->at, digest->until);
		shown++;
	}
	say_rest(paper, "", explained, " told as part of an incident");
	say_rest(paper, "and ", total_of(links) - shown - explained,
		section == DIGEST_STILL ? " told before" : " more");
}

/* "2026-11-25T02:00:00Z, for 2 h 5 min: openreview.net unreachable, 12 links (timeout)"
 */
static void write_period(struct paper *paper, const struct digest_period *period)
{
	char began[TIME_RFC3339_SIZE], span[TIME_SPAN_SIZE];

	paper_item(paper);
	if (period->name.len > 0) {
		words_url(paper_begin_sentence(paper), period->name);
		paper_end_name(paper);
		paper_say(paper, ", ");
	}
	time_format_rfc3339(period->began_at, began);
	standing_span(period->ended_at - period->began_at, span);
	if (period->ended_at > 0)
		paper_say(paper, "%s, for %s", began, span);
	else
		paper_say(paper, "since %s, still so", began);
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
	uint32_t shown = 0;

	if (periods_of(periods) == 0)
		return;
	paper_heading(paper, heading, periods_of(periods));
	for (; shown < periods->count && shown < rows_max_of(digest); shown++)
		write_period(paper, &periods->periods[shown]);
	say_rest(paper, "and ", periods_of(periods) - shown, " more");
}

/* What is left to say without news is one sentence, and when we were not looking. */
static int write_paper(
	const struct digest *digest, enum format format, struct buffer *out)
{
	struct buffer scratch[PAPER_SCRATCHES];
	struct paper paper = paper_on(out, scratch, format, digest->colour);

	paper_scratch_init(scratch);
	write_head(&paper, digest);
	for (unsigned i = 0; i < DIGEST_SECTION_COUNT && digest_has_news(digest); i++) {
		if (i == DIGEST_RECOVERED) {
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

int digest_write(const struct digest *digest, enum format format, struct buffer *out,
	struct error *error)
{
	int result = format == FORMAT_JSON ? digest_write_json(digest, out)
					   : write_paper(digest, format, out);
	return standing_finish(result != 0, out, "the report", error);
}
