#include "serve/negotiate_internal.h"

#include <stdio.h>
#include <time.h>

#include "base/http_date.h"

/* --- entity tags ---------------------------------------------------------------------
 */

static void skip_spaces_and_commas(struct slice *list)
{
	size_t i = 0;

	while (i < list->len &&
		(list->at[i] == ' ' || list->at[i] == '\t' || list->at[i] == ','))
		i++;
	*list = slice_sub(*list, i, list->len);
}

/* Takes one entity tag with its quotes off the list; a comma may stand within. */
static bool take_tag(struct slice *list, struct slice *ret_tag)
{
	skip_spaces_and_commas(list);
	if (slice_starts(*list, SLICE("W/")))
		*list = slice_sub(*list, 2, list->len);
	if (!slice_starts(*list, SLICE("\"")))
		return false;
	size_t end = slice_find_char(slice_sub(*list, 1, list->len), '"');
	if (end == SLICE_NONE)
		return false;
	*ret_tag = slice_sub(*list, 0, end + 2);
	*list = slice_sub(*list, end + 2, list->len);
	return true;
}

bool negotiate_etag_matches(struct slice if_none_match, struct slice tag)
{
	struct slice list = slice_trim(if_none_match), member;

	if (slice_equal(list, SLICE("*")))
		return true;
	while (take_tag(&list, &member))
		if (slice_equal(member, tag))
			return true;
	return false;
}

/* --- dates -----------------------------------------------------------------------------
 */

bool negotiate_not_modified_since(
	struct slice if_modified_since, time_ms last_modified, time_ms wall)
{
	time_ms since;

	return last_modified > 0 && http_date_parse(if_modified_since, wall, &since) &&
	       last_modified / TIME_MS_PER_S <= since / TIME_MS_PER_S;
}

void negotiate_format_date(time_ms wall, char text[static NEGOTIATE_DATE_SIZE])
{
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	const time_t last = INT64_C(253402300799);
	time_t s = wall > 0 ? wall / TIME_MS_PER_S : 0;
	struct tm tm = { 0 };

	if (s > last)
		s = last;
	/* The C library's own words would be those of a locale. */
	gmtime_r(&s, &tm);
	snprintf(text, NEGOTIATE_DATE_SIZE, "%s, %02u %s %04u %02u:%02u:%02u GMT",
		days[(unsigned)tm.tm_wday % 7], (unsigned)tm.tm_mday % 100,
		months[(unsigned)tm.tm_mon % 12], ((unsigned)tm.tm_year + 1900) % 10000,
		(unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
		(unsigned)tm.tm_sec % 100);
}

/* --- encodings -------------------------------------------------------------------------
 */

/* Above 0 unless a parameter q says 0, 0.0, ... or nonsense. */
static bool has_quality(struct slice parameters)
{
	struct slice part;

	while (parameters.len > 0 && slice_split(&parameters, ';', &part)) {
		part = slice_trim(part);
		if (!slice_starts_nocase(part, SLICE("q=")))
			continue;
		for (size_t i = 2; i < part.len; i++)
			if (part.at[i] >= '1' && part.at[i] <= '9')
				return true;
		return false;
	}
	return true;
}

bool negotiate_accepts_gzip(struct slice accept_encoding)
{
	struct slice member;
	bool any = false;

	while (accept_encoding.len > 0 && slice_split(&accept_encoding, ',', &member)) {
		size_t end = slice_find_char(member, ';');
		struct slice name = slice_trim(slice_sub(member, 0, end));
		bool wanted = end == SLICE_NONE ||
			      has_quality(slice_sub(member, end + 1, member.len));
		if (slice_equal_nocase(name, SLICE("gzip")) ||
			slice_equal_nocase(name, SLICE("x-gzip")))
			return wanted; /* by name beats `*` */
		if (slice_equal(name, SLICE("*")))
			any = wanted;
	}
	return any;
}
