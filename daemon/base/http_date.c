#include "base/http_date.h"

static const char *const weekdays[] = { "Monday", "Tuesday", "Wednesday", "Thursday",
	"Friday", "Saturday", "Sunday", NULL };
static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
	"Aug", "Sep", "Oct", "Nov", "Dec", NULL };

struct civil {
	unsigned year, month, day, hour, min, s;
	bool short_year;
};

/* Takes a name of the list off the front, of each the first `letters` (0: all). */
static bool take_name(
	struct slice *text, const char *const *names, size_t letters, unsigned *ret_index)
{
	for (unsigned i = 0; names[i] != NULL; i++) {
		struct slice name = slice_of(names[i]);
		if (letters > 0)
			name = slice_sub(name, 0, letters);
		if (!slice_starts(*text, name))
			continue;
		*text = slice_sub(*text, name.len, text->len);
		*ret_index = i;
		return true;
	}
	return false;
}

static bool take_number(struct slice *text, size_t digits, unsigned min, unsigned max,
	unsigned *ret_number)
{
	uint64_t number;

	if (text->len < digits ||
		!slice_to_number(slice_sub(*text, 0, digits), max, &number) ||
		number < min)
		return false;
	*text = slice_sub(*text, digits, text->len);
	*ret_number = (unsigned)number;
	return true;
}

/* asctime pads the day with a space. */
static bool take_padded_day(struct slice *text, unsigned *ret_day)
{
	if (!slice_starts(*text, SLICE(" ")))
		return take_number(text, 2, 10, 31, ret_day);
	*text = slice_sub(*text, 1, text->len);
	return take_number(text, 1, 1, 9, ret_day);
}

static bool take_literal(struct slice *text, char c)
{
	if (text->len == 0 || text->at[0] != c)
		return false;
	*text = slice_sub(*text, 1, text->len);
	return true;
}

static bool take_field(struct slice *text, char field, struct civil *civil)
{
	unsigned weekday;

	switch (field) {
	case 'w':
		return take_name(text, weekdays, 3, &weekday);
	case 'W':
		return take_name(text, weekdays, 0, &weekday);
	case 'b':
		if (!take_name(text, months, 3, &civil->month))
			return false;
		civil->month++;
		return true;
	case 'd':
		return take_number(text, 2, 1, 31, &civil->day);
	case 'e':
		return take_padded_day(text, &civil->day);
	case 'Y':
		return take_number(text, 4, 1601, 9999, &civil->year);
	case 'y':
		civil->short_year = true;
		return take_number(text, 2, 0, 99, &civil->year);
	case 'h':
		return take_number(text, 2, 0, 23, &civil->hour);
	case 'm':
		return take_number(text, 2, 0, 59, &civil->min);
	case 's':
		return take_number(text, 2, 0, 60, &civil->s); /* 60: a leap second */
	default:
		return take_literal(text, field);
	}
}

static bool read_civil(struct slice text, const char *form, struct civil *ret_civil)
{
	struct civil civil = { 0 };

	for (; *form != '\0'; form++)
		if (!take_field(&text, *form, &civil))
			return false;
	if (text.len > 0)
		return false;
	*ret_civil = civil;
	return true;
}

static unsigned days_in_month(unsigned year, unsigned month)
{
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month == 2)
		return leap ? 29 : 28;
	return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static time_ms wall_of(const struct civil *civil, unsigned day)
{
	unsigned s = civil->s < 60 ? civil->s : 59;

	return time_of_civil(civil->year, civil->month, day, civil->hour, civil->min, s) +
	       (time_ms)(civil->s - s) * TIME_MS_PER_S;
}

/* Two digits mean the latest such year that is not more than 50 years ahead
 * (RFC 9110 5.6.7). Compared at a day that every year has. */
static void complete_year(struct civil *civil, time_ms wall)
{
	const time_ms ahead_max = wall + 18262 * TIME_MS_PER_DAY;
	unsigned day = civil->day < 28 ? civil->day : 28;
	struct civil later = *civil;

	later.year += 1900;
	do {
		civil->year = later.year;
		later.year += 100;
	} while (later.year < 9999 && wall_of(&later, day) <= ahead_max);
}

bool http_date_parse(struct slice value, time_ms wall, time_ms *ret_wall)
{
	struct civil civil;

	value = slice_trim(value);
	if (!read_civil(value, "w, d b Y h:m:s GMT", &civil) &&
		!read_civil(value, "W, d-b-y h:m:s GMT", &civil) &&
		!read_civil(value, "w b e h:m:s Y", &civil))
		return false;
	if (civil.short_year)
		complete_year(&civil, wall);
	if (civil.day > days_in_month(civil.year, civil.month))
		return false;
	*ret_wall = wall_of(&civil, civil.day);
	return true;
}
