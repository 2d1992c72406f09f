#include "base/utf8.h"
#include "digest/digest_internal.h"
#include "format/standing_write.h"

void digest_say_instant(struct buffer *out, time_ms at, time_ms now)
{
	char instant[TIME_RFC3339_SIZE], span[TIME_SPAN_SIZE];

	if (at <= 0) {
		buffer_add_text(out, "never");
		return;
	}
	time_format_rfc3339(at, instant);
	standing_span(at <= now ? now - at : at - now, span);
	buffer_printf(out, at <= now ? "%s (%s ago)" : "%s (in %s)", instant, span);
}

void digest_say_since(struct buffer *out, const struct digest *digest)
{
	char since[TIME_RFC3339_SIZE], until[TIME_RFC3339_SIZE], span[TIME_SPAN_SIZE];

	time_format_rfc3339(digest->until, until);
	if (digest->since <= 0) {
		buffer_printf(out, "up to %s", until);
		return;
	}
	time_format_rfc3339(digest->since, since);
	standing_span(digest->until - digest->since, span);
	buffer_printf(out, "since %s (%s)", since, span);
}

/* A day without checks must not read like a day without trouble. */
void digest_say_window(struct buffer *out, const struct digest *digest)
{
	char first[TIME_RFC3339_SIZE], last[TIME_RFC3339_SIZE];
	uint64_t links = standing_links(&digest->counts);

	buffer_printf(out, "Checked %u of %llu link%s", digest->checked,
		(unsigned long long)links, links == 1 ? "" : "s");
	if (digest->checked == 0) {
		buffer_add_text(out, ": no check was made in that time.");
		return;
	}
	time_format_rfc3339(digest->first_check_at, first);
	time_format_rfc3339(digest->last_check_at, last);
	if (digest->first_check_at > 0 && strcmp(first, last) != 0)
		buffer_printf(out, " between %s and %s", first, last);
	else if (digest->last_check_at > 0)
		buffer_printf(out, " at %s", last);
	if (digest->checks >= 0)
		buffer_printf(out, ", %lld check%s", (long long)digest->checks,
			digest->checks == 1 ? "" : "s");
	buffer_add_char(out, '.');
}

/* A wall that has stood for months is a link of which nobody knows. */
void digest_say_gated(struct buffer *out, const struct digest *digest)
{
	if (digest->gated_confirmed_at <= 0 || digest->counts.by_state[STATE_GATED] == 0)
		return;
	buffer_add_text(out, " What is gated was last confirmed ");
	digest_say_instant(out, digest->gated_confirmed_at, digest->until);
	buffer_add_text(
		out, digest->counts.by_state[STATE_GATED] == 1 ? "." : " or later.");
}

static bool is_bad(enum state state)
{
	return state == STATE_DEAD || state == STATE_SUSPECT;
}

void digest_say_age(struct buffer *out, const struct digest_entry *entry, time_ms now)
{
	const struct link_record *record = &entry->standing->record;

	buffer_add_text(out, standing_word(record->state));
	if (record->since > 0) {
		buffer_add_text(out, " since ");
		digest_say_instant(out, record->since, now);
	}
	if (entry->from != STATE_UNCHECKED && entry->from != record->state)
		buffer_printf(out, ", before that %s", standing_word(entry->from));
	if (record->flapping_since > 0) {
		buffer_add_text(out, "; comes and goes since ");
		digest_say_instant(out, record->flapping_since, now);
	}
	if (is_bad(record->state) && record->checks > 0) {
		buffer_add_text(out, "; last good ");
		digest_say_instant(out, record->last_ok_at, now);
	}
}

/* How many bad checks: an unreachable one weighs half (watch/health.h). All of one kind
 * is said only where the history says so. */
void digest_say_strikes(struct buffer *out, const struct standing *standing)
{
	const struct link_record *record = &standing->record;
	char token[WORDS_TOKEN_BYTES + 1], span[TIME_SPAN_SIZE];
	time_ms since = record_strikes_since(record);

	if (record->strike_halves == 0 || !is_bad(record->state))
		return;
	uint32_t bad = record->strike_halves > record->broken_strikes
			       ? record->strike_halves - record->broken_strikes
			       : record->strike_halves;
	bool alike = record->span.checks >= bad &&
		     record->span.reason == record->reason &&
		     record->span.first_at <= since;
	words_token(&standing->link, token);
	if (alike || bad == 1)
		buffer_printf(out, "%s x%u", token, bad);
	else
		buffer_printf(out, "%s, the last of %u bad checks", token, bad);
	if (record->last_strike_at > since) {
		standing_span(record->last_strike_at - since, span);
		buffer_printf(out, " over %s", span);
	}
	if (record->second_method)
		buffer_add_text(out, ", confirmed by a second method");
}

void digest_say_reason(struct buffer *out, const struct standing *standing)
{
	words_reason(out, &standing->link);
}

void digest_say_place(struct buffer *out, const struct occurrence *at)
{
	words_url(out, at->source);
	buffer_printf(out, ":%u", at->line);
}

struct slice digest_label(const struct link *link)
{
	if (link->expected_title.len > 0)
		return link->expected_title;
	return link->first != NULL ? link->first->text : (struct slice){ 0 };
}

void digest_say_period(struct buffer *out, const struct digest_period *period)
{
	char began[TIME_RFC3339_SIZE], span[TIME_SPAN_SIZE];

	time_format_rfc3339(period->began_at, began);
	if (period->ended_at > 0) {
		standing_span(period->ended_at - period->began_at, span);
		buffer_printf(out, "%s, for %s", began, span);
	} else {
		buffer_printf(out, "since %s, still so", began);
	}
}

bool digest_is_archive(struct slice url)
{
	static const char *const hosts[] = { "://web.archive.org/", "://archive.org/",
		"://archive.today/", "://archive.ph/", "://archive.is/", "://perma.cc/" };
	size_t at = slice_find(url, SLICE("://"));
	for (size_t i = 0; at != SLICE_NONE && i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (slice_starts(slice_sub(url, at, url.len), slice_of(hosts[i])))
			return true;
	return false;
}

/* --- the command that prints the patch ------------------------------------- */

enum { FIX_SOURCES_MAX = 8, FIX_NAME_BYTES_MAX = 200 };

/* Letters, digits and - . _ / in a name that is no option: no shell and no terminal sees
 * more in it. */
static bool is_plain_name(struct slice name)
{
	if (name.len == 0 || name.len > FIX_NAME_BYTES_MAX || name.at[0] == '-')
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!char_is_alpha(name.at[i]) && !char_is_digit(name.at[i]) &&
			memchr("-._/", name.at[i], 4) == NULL)
			return false;
	return true;
}

struct fix_sources {
	struct slice names[FIX_SOURCES_MAX];
	uint32_t count;
	bool others; /* more, or names that are not plain */
};

static void note_source(struct fix_sources *sources, struct slice name)
{
	for (uint32_t i = 0; i < sources->count; i++)
		if (slice_equal(sources->names[i], name))
			return;
	if (sources->count == FIX_SOURCES_MAX || !is_plain_name(name))
		sources->others = true;
	else
		sources->names[sources->count++] = name;
}

void digest_fix(const struct digest *digest, struct buffer *out)
{
	const struct digest_links *moved = &digest->links[DIGEST_MOVED];
	struct fix_sources sources = { .others = moved->total > moved->count };

	if (digest_total(moved) == 0)
		return;
	for (uint32_t i = 0; i < moved->count; i++)
		for (const struct occurrence *at = moved->entries[i].standing->link.first;
			at != NULL; at = at->next)
			note_source(&sources, at->source);
	buffer_add_text(out, "linkrotd fix");
	if (is_plain_name(digest->database))
		buffer_printf(out, " --database %.*s", SLICE_ARG(digest->database));
	else if (digest->database.len > 0)
		buffer_add_text(out, " --database FILE");
	for (uint32_t i = 0; !sources.others && i < sources.count; i++)
		buffer_printf(out, " %.*s", SLICE_ARG(sources.names[i]));
	if (sources.others || sources.count == 0)
		buffer_add_text(out, " INPUT...");
}
