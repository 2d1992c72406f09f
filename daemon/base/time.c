#include "base/time.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct {
	struct slice name;
	time_ms span;
} units[] = {
	{ { "ms", 2 }, 1 },
	{ { "s", 1 }, TIME_MS_PER_S },
	{ { "m", 1 }, 60 * TIME_MS_PER_S },
	{ { "h", 1 }, TIME_MS_PER_HOUR },
	{ { "d", 1 }, TIME_MS_PER_DAY },
	{ { "w", 1 }, 7 * TIME_MS_PER_DAY },
};

enum { DURATION_DAYS_MAX = 3660 };

static time_ms unit_span(struct slice name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (slice_equal(name, units[i].name))
			return units[i].span;
	return 0;
}

bool time_parse_duration(struct slice text, time_ms *ret_span)
{
	const time_ms max = DURATION_DAYS_MAX * TIME_MS_PER_DAY;
	time_ms total = 0;

	if (slice_equal(text, SLICE("0"))) {
		*ret_span = 0;
		return true;
	}
	if (text.len == 0)
		return false;
	while (text.len > 0) {
		size_t digits = 0, letters = 0;
		uint64_t number;
		while (digits < text.len && char_is_digit(text.at[digits]))
			digits++;
		while (digits + letters < text.len &&
			!char_is_digit(text.at[digits + letters]))
			letters++;
		time_ms span = unit_span(slice_sub(text, digits, digits + letters));
		if (span == 0 || !slice_to_number(slice_sub(text, 0, digits),
					 (uint64_t)(max / span), &number))
			return false;
		total += (time_ms)number * span;
		if (total > max)
			return false;
		text = slice_sub(text, digits + letters, text.len);
	}
	*ret_span = total;
	return true;
}

/* Days and civil dates after Howard Hinnant's "chrono-compatible low-level date
 * algorithms": a year that begins in March puts the leap day last. */
int64_t time_days_of(int64_t year, unsigned month, unsigned day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year =
		(153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t day_of_era =
		year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

time_ms time_of_civil(int64_t year, unsigned month, unsigned day, unsigned hour,
	unsigned min, unsigned s)
{
	return time_days_of(year, month, day) * TIME_MS_PER_DAY +
	       ((int64_t)hour * 3600 + (int64_t)min * 60 + s) * TIME_MS_PER_S;
}

/* The last two digits. */
static void put_two(char at[static 2], int64_t number)
{
	at[0] = (char)('0' + number / 10 % 10);
	at[1] = (char)('0' + number % 10);
}

void time_format_rfc3339(time_ms wall, char text[static TIME_RFC3339_SIZE])
{
	const time_ms last = INT64_C(253402300799) * TIME_MS_PER_S;
	if (wall < 0)
		wall = 0;
	if (wall > last)
		wall = last;
	int64_t days = wall / TIME_MS_PER_DAY + 719468;
	int64_t seconds = wall % TIME_MS_PER_DAY / TIME_MS_PER_S;
	int64_t era = days / 146097;
	int64_t day_of_era = days - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
				      day_of_era / 146096) /
			      365;
	int64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted = (5 * day_of_year + 2) / 153;
	int64_t day = day_of_year - (153 * shifted + 2) / 5 + 1;
	int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
	int64_t year = year_of_era + era * 400 + (month <= 2);
	put_two(text, year / 100);
	put_two(text + 2, year);
	put_two(text + 5, month);
	put_two(text + 8, day);
	put_two(text + 11, seconds / 3600);
	put_two(text + 14, seconds / 60 % 60);
	put_two(text + 17, seconds % 60);
	text[4] = text[7] = '-';
	text[10] = 'T';
	text[13] = text[16] = ':';
	text[19] = 'Z';
	text[20] = '\0';
}

void time_format_span(time_ms span, char text[static TIME_SPAN_SIZE])
{
	long long ms = span < 0 ? 0 : span;
	if (ms < 1000)
		snprintf(text, TIME_SPAN_SIZE, "%lld ms", ms);
	else if (ms < 60 * 1000)
		snprintf(text, TIME_SPAN_SIZE, "%lld.%lld s", ms / 1000, ms / 100 % 10);
	else if (ms < 3600 * 1000)
		snprintf(text, TIME_SPAN_SIZE, "%lld min %lld s", ms / 60000,
			ms / 1000 % 60);
	else if (ms < 24 * 3600 * 1000)
		snprintf(text, TIME_SPAN_SIZE, "%lld h %lld min", ms / 3600000,
			ms / 60000 % 60);
	else
		snprintf(text, TIME_SPAN_SIZE, "%lld d %lld h", ms / 86400000,
			ms / 3600000 % 24);
}

/* --- dates -------------------------------------------------------------------------- */

/* Exactly so many digits: scanf would take a blank or a sign, too. */
static bool take_number(struct slice *text, unsigned digits, unsigned *ret_number)
{
	*ret_number = 0;
	if (text->len < digits)
		return false;
	for (unsigned i = 0; i < digits; i++) {
		if (!char_is_digit(text->at[i]))
			return false;
		*ret_number = *ret_number * 10 + (unsigned)(text->at[i] - '0');
	}
	*text = slice_sub(*text, digits, text->len);
	return true;
}

/* One of those; NUL: none of them. */
static char take_any(struct slice *text, const char *any)
{
	char c = text->len > 0 ? text->at[0] : '\0';
	if (c == '\0' || strchr(any, c) == NULL)
		return '\0';
	*text = slice_sub(*text, 1, text->len);
	return c;
}

static bool take_day(struct slice *text, time_ms *ret_wall)
{
	unsigned year, month, day;
	if (!take_number(text, 4, &year) || !take_any(text, "-") ||
		!take_number(text, 2, &month) || !take_any(text, "-") ||
		!take_number(text, 2, &day) || year < 1970 || month < 1 || month > 12 ||
		day < 1)
		return false;
	int64_t first = time_days_of(year, month, 1);
	int64_t next = month == 12 ? time_days_of(year + 1, 1, 1)
				   : time_days_of(year, month + 1, 1);
	*ret_wall = (first + day - 1) * TIME_MS_PER_DAY;
	return day <= next - first;
}

/* "03:30" of a time or an offset. */
static bool take_minutes(struct slice *text, time_ms *ret_ms)
{
	unsigned hour, min;
	if (!take_number(text, 2, &hour) || !take_any(text, ":") ||
		!take_number(text, 2, &min) || hour > 23 || min > 59)
		return false;
	*ret_ms = (time_ms)hour * TIME_MS_PER_HOUR + (time_ms)min * 60 * TIME_MS_PER_S;
	return true;
}

/* "01" or "01.25": seconds, of which there are 61 now and then. */
static bool take_seconds(struct slice *text, time_ms *ret_ms)
{
	unsigned s, digit;
	time_ms unit = 100;
	if (!take_number(text, 2, &s) || s > 60)
		return false;
	*ret_ms = s * TIME_MS_PER_S;
	if (!take_any(text, "."))
		return true;
	if (!take_number(text, 1, &digit))
		return false;
	do {
		*ret_ms += digit * unit;
		unit /= 10;
	} while (take_number(text, 1, &digit));
	return true;
}

/* "Z", "+02:00"; a blank is a plus. */
static bool take_offset(struct slice *text, time_ms *ret_ms)
{
	*ret_ms = 0;
	if (take_any(text, "Zz"))
		return true;
	char sign = take_any(text, "+- ");
	if (sign == '\0' || !take_minutes(text, ret_ms))
		return false;
	if (sign == '-')
		*ret_ms = -*ret_ms;
	return true;
}

bool time_parse_date(struct slice text, time_ms *ret_wall)
{
	time_ms day, minutes, seconds, offset;
	if (!take_day(&text, &day))
		return false;
	*ret_wall = day;
	if (text.len == 0)
		return true;
	if (!take_any(&text, "Tt ") || !take_minutes(&text, &minutes) ||
		!take_any(&text, ":") || !take_seconds(&text, &seconds) ||
		!take_offset(&text, &offset))
		return false;
	*ret_wall = day + minutes + seconds - offset;
	return text.len == 0 && *ret_wall >= 0;
}
