#include "digest/digest.h"

#include "base/utf8.h"
#include "digest/digest_internal.h"
#include "format/standing_write.h"
#include "model/userinfo.h"

#define HEADING(name, key, heading, verb) heading,
static const char *const headings[] = { DIGEST_SECTIONS(HEADING) };
#undef HEADING
#define KEY(name, key, heading, verb) key,
static const char *const keys[] = { DIGEST_SECTIONS(KEY) };
#undef KEY
#define VERB(name, key, heading, verb) verb,
static const char *const verbs[] = { DIGEST_SECTIONS(VERB) };
#undef VERB

const char *digest_heading(enum digest_section section)
{
	return headings[section];
}

const char *digest_key(enum digest_section section)
{
	return keys[section];
}

/* --- where a link belongs -------------------------------------------------- */

static bool is_well(enum state state)
{
	return state == STATE_ALIVE || state == STATE_MOVED;
}

/* The number of whole weeks since it began; -1 before. */
static int64_t weeks_at(time_ms began, time_ms at)
{
	return at < began ? -1 : (at - began) / DIGEST_REMIND_MS;
}

bool digest_is_due(time_ms began, time_ms since, time_ms until)
{
	return weeks_at(began, until) > weeks_at(began, since);
}

static bool has_note(const struct link_record *record, note_set notes)
{
	return (record->notes & notes) != 0;
}

/* What is said of a page that is well and has not changed. */
static bool place_by_notes(
	const struct link_record *record, enum digest_section *ret_section)
{
	if (!is_well(record->state))
		return false;
	if (has_note(record, NOTE_BIT(NOTE_USURPED) | NOTE_BIT(NOTE_RETITLED)))
		*ret_section = DIGEST_CHANGED;
	else if (has_note(record, NOTE_BIT(NOTE_WITHDRAWN) | NOTE_BIT(NOTE_RETRACTED)))
		*ret_section = DIGEST_WITHDRAWN;
	else if (has_note(record, NOTE_BIT(NOTE_CERTIFICATE_EXPIRES_SOON) |
					  NOTE_BIT(NOTE_SUNSET_ANNOUNCED)))
		*ret_section = DIGEST_UPCOMING;
	else
		return false;
	return true;
}

/* What happened in the time. */
static bool place_by_events(const struct link_record *record,
	const struct digest_past *past, enum digest_section *ret_section)
{
	enum state now = record->state, before = past->before;

	if (now == STATE_DEAD && before != STATE_DEAD)
		*ret_section = DIGEST_NEW;
	else if (past->changed && is_well(now))
		*ret_section = DIGEST_CHANGED;
	else if (now == STATE_MOVED && before != STATE_MOVED)
		*ret_section = DIGEST_MOVED;
	else if (is_well(now) && before == STATE_DEAD)
		*ret_section = DIGEST_RECOVERED;
	else if (now != STATE_DEAD && record->flapping_since > 0 &&
		 record->flapping_since >= past->since)
		*ret_section = DIGEST_FLAPPING;
	else if (now == STATE_SUSPECT && before != STATE_SUSPECT &&
		 record->flapping_since == 0)
		*ret_section = DIGEST_SUSPECT;
	else
		return false;
	return true;
}

bool digest_place(const struct link_record *record, const struct digest_past *past,
	enum digest_section *ret_section, bool *ret_due)
{
	*ret_due = true;
	if (place_by_events(record, past, ret_section))
		return true;
	if (record->state == STATE_DEAD) {
		*ret_section = DIGEST_STILL;
		*ret_due = digest_is_due(record->since, past->since, past->until);
		return true;
	}
	*ret_due = digest_is_due(record->span.first_at, past->since, past->until);
	return place_by_notes(record, ret_section);
}

/* --- what there is to say -------------------------------------------------- */

uint32_t digest_total(const struct digest_links *links)
{
	return links->total > links->count ? links->total : links->count;
}

uint32_t digest_periods_total(const struct digest_periods *periods)
{
	return periods->total > periods->count ? periods->total : periods->count;
}

static uint32_t told_before(const struct digest_links *links)
{
	uint32_t before = 0;
	for (uint32_t i = 0; i < links->count; i++)
		before += links->entries[i].told_before;
	return links->told_before > before ? links->told_before : before;
}

uint32_t digest_due(const struct digest_links *links)
{
	return digest_total(links) - told_before(links);
}

static bool is_due(const struct digest *digest, enum digest_section section)
{
	return digest_due(&digest->links[section]) > 0;
}

bool digest_has_news(const struct digest *digest)
{
	for (unsigned i = 0; i < DIGEST_SECTION_COUNT; i++)
		if (is_due(digest, (enum digest_section)i))
			return true;
	return digest_periods_total(&digest->incidents) > 0 ||
	       digest_periods_total(&digest->sources) > 0;
}

bool digest_has_section(const struct digest *digest, enum digest_section section)
{
	if (section == DIGEST_STILL)
		return digest_total(&digest->links[section]) > 0 &&
		       digest_has_news(digest);
	return is_due(digest, section);
}

uint32_t digest_rows_max(const struct digest *digest, enum format format)
{
	if (digest->rows_max == DIGEST_ROWS_NONE)
		return 0;
	if (digest->rows_max > 0)
		return digest->rows_max;
	return format == FORMAT_HTML ? DIGEST_HTML_ROWS_MAX : DIGEST_ROWS_MAX;
}

/* Only an incident that is told here can stand for its links. */
static bool is_told(const struct digest *digest, int64_t incident_id, uint32_t rows_max)
{
	uint32_t shown = digest->incidents.count;
	if (shown > rows_max)
		shown = rows_max;
	for (uint32_t i = 0; incident_id != 0 && i < shown; i++)
		if (digest->incidents.periods[i].incident_id == incident_id)
			return true;
	return false;
}

bool digest_next(const struct digest *digest, enum digest_section section,
	uint32_t rows_max, struct digest_walk *walk)
{
	const struct digest_links *links = &digest->links[section];

	while (walk->at < links->count) {
		walk->entry = &links->entries[walk->at++];
		if (walk->entry->told_before)
			continue;
		if (is_told(digest, walk->entry->incident_id, rows_max))
			walk->explained++;
		else if (walk->shown < rows_max) {
			walk->shown++;
			return true;
		}
	}
	walk->before = told_before(links);
	walk->rest = digest_total(links) - walk->shown - walk->explained - walk->before;
	return false;
}

/* --- the short forms ------------------------------------------------------- */

static void begin_part(struct buffer *out, size_t start)
{
	buffer_add_text(out, out->len > start ? ", " : "");
}

/* "2 died, 1 moved"; what is zero is left out. */
void digest_subject(const struct digest *digest, struct buffer *out)
{
	size_t start = out->len;

	for (unsigned i = 0; i < DIGEST_SECTION_COUNT; i++) {
		const struct digest_links *links = &digest->links[i];
		if (!is_due(digest, (enum digest_section)i))
			continue;
		begin_part(out, start);
		buffer_printf(out, "%u %s",
			i == DIGEST_STILL ? digest_total(links) : digest_due(links),
			verbs[i]);
	}
	uint32_t incidents = digest_periods_total(&digest->incidents);
	uint32_t sources = digest_periods_total(&digest->sources);
	if (incidents > 0) {
		begin_part(out, start);
		words_count(out, incidents, "incident");
	}
	if (sources > 0) {
		begin_part(out, start);
		words_count(out, sources, "source");
		buffer_add_text(out, " in trouble");
	}
	if (out->len == start)
		buffer_add_text(out, "nothing new");
}

/* --- the whole ------------------------------------------------------------- */

static int write_format(const struct digest *digest, enum format format,
	struct buffer *out, struct error *error)
{
	if (format == FORMAT_JSON)
		return digest_write_json(digest, out);
	if (format == FORMAT_HTML)
		return digest_write_html(digest, out);
	if (format == FORMAT_CSV)
		return digest_write_csv(digest, out);
	if (format == FORMAT_ATOM)
		return feed_write(
			&digest->feed, digest->events, digest->event_count, out, error);
	return digest_write_paper(digest, format, out);
}

int digest_write(const struct digest *digest, enum format format, struct buffer *out,
	struct error *error)
{
	int result = write_format(digest, format, out, error);
	return standing_finish(result != 0, out, "the report",
		"ask for one list or a shorter time", error);
}

int digest_write_fitting(const struct digest *digest, enum format format,
	struct buffer *out, struct error *error)
{
	static const uint32_t fewer[] = { 100, 20, 5, 1, 0 };
	struct digest less = *digest;
	struct error why = { "" };
	size_t i = 0;
	for (;;) {
		uint32_t rows_max = digest_rows_max(&less, format);
		buffer_reset(out);
		if (digest_write(&less, format, out, &why) == 0)
			return 0;
		if (rows_max == 0)
			return error_set(error, "%s", why.text);
		while (fewer[i] >= rows_max)
			i++;
		less.rows_max = fewer[i] > 0 ? fewer[i] : DIGEST_ROWS_NONE;
	}
}
