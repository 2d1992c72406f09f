#include "policy/retry.h"

enum { DAYS_MAX = 7, JITTER_PERCENT = 20, DOUBLINGS_MAX = 20 };

static const time_ms retry_after_max = DAYS_MAX * TIME_MS_PER_DAY;

static time_ms clamp(time_ms value, time_ms low, time_ms high)
{
	return value < low ? low : value > high ? high : value;
}

static time_ms backoff(const struct retry_attempt *attempt,
	const struct retry_limits *limits, struct random *random)
{
	uint32_t doublings =
		attempt->retries < DOUBLINGS_MAX ? attempt->retries : DOUBLINGS_MAX;
	time_ms delay = clamp(limits->delay_ms, 0, limits->delay_ms_max);

	for (uint32_t i = 0; i < doublings && delay < limits->delay_ms_max; i++)
		delay = clamp(delay * 2, 0, limits->delay_ms_max);
	time_ms spread = delay * JITTER_PERCENT / 100;
	return delay - spread + (time_ms)random_below(random, (uint64_t)spread * 2 + 1);
}

/* Whatever proves nothing is worth a second look, and so is a handshake: its failures are
 * often a fault of one address or of one overloaded front end. */
static bool is_passing(enum reason failure)
{
	return reason_outcome(failure) == OUTCOME_UNREACHABLE ||
	       failure == REASON_TLS_HANDSHAKE;
}

static bool is_dns(enum reason failure)
{
	return failure == REASON_DNS_SERVFAIL || failure == REASON_DNS_TIMEOUT;
}

/* 520 to 527 and 530 are Cloudflare's words for trouble with the site behind it. */
static bool is_trouble(int status)
{
	switch (status) {
	case 408:
	case 421:
	case 425:
	case 429:
	case 500:
	case 502:
	case 503:
	case 504:
	case 530:
		return true;
	default:
		return status >= 520 && status <= 527;
	}
}

static bool is_success(int status)
{
	return (status >= 200 && status < 300) ||
	       (status >= 300 && status < 400 && status != 304);
}

/* The failures that a server may have chosen because it was asked with HEAD; those of
 * names, connections and certificates came before it knew. */
static bool is_about_method(const struct retry_attempt *attempt)
{
	if (attempt->failure == REASON_OK)
		return !is_success(attempt->status);
	return attempt->failure == REASON_TIMEOUT ||
	       attempt->failure == REASON_CONNECT_RESET ||
	       attempt->failure == REASON_HTTP_MALFORMED;
}

static bool connection_died(const struct retry_attempt *attempt)
{
	return attempt->reused_connection &&
	       (attempt->failure == REASON_CONNECT_RESET ||
		       attempt->failure == REASON_HTTP_MALFORMED);
}

/* Another way to ask the same, at once. Not counted, so each must happen only once or
 * twice a hop: the first two take away their own condition, and the caller offers
 * other_family only until it has been taken. */
static bool ask_differently(
	const struct retry_attempt *attempt, struct retry_decision *decision)
{
	if (attempt->failure == REASON_OK || !is_passing(attempt->failure) ||
		is_dns(attempt->failure))
		return false;
	if (attempt->http2 && attempt->protocol_error)
		decision->http1_only = decision->fresh_connection = true;
	else if (connection_died(attempt))
		decision->fresh_connection = true;
	else if (attempt->other_family)
		decision->switch_family = decision->fresh_connection = true;
	else
		return false;
	decision->again = true;
	return true;
}

/* The server's own wish about its load binds all requests to that host. */
static void heed_load(const struct retry_attempt *attempt, time_ms delay,
	struct retry_decision *decision)
{
	bool limited = attempt->failure == REASON_OK && attempt->status == 429;
	bool overloaded = attempt->failure == REASON_OK && attempt->status == 503;

	if ((limited || overloaded) && attempt->retry_after_ms >= 0)
		decision->host_pause_ms =
			clamp(attempt->retry_after_ms, TIME_MS_PER_S, retry_after_max);
	else if (limited)
		decision->host_pause_ms = delay;
}

struct retry_decision retry_decide(const struct retry_attempt *attempt,
	const struct retry_limits *limits, struct random *random)
{
	struct retry_decision decision = { .method = attempt->method };
	bool answered = attempt->failure == REASON_OK;

	if (answered && is_success(attempt->status))
		return decision;
	if (attempt->method == METHOD_HEAD && is_about_method(attempt)) {
		decision.method = METHOD_GET;
		decision.again = true;
	}
	if (ask_differently(attempt, &decision))
		return decision;

	time_ms delay = backoff(attempt, limits, random);
	heed_load(attempt, delay, &decision);
	if (attempt->retry_after_ms >= 0 &&
		decision.host_pause_ms > limits->retry_after_ms_max) {
		decision.again = false;
		return decision;
	}
	if (decision.again) {
		decision.delay_ms = decision.host_pause_ms;
		return decision;
	}
	if (answered ? !is_trouble(attempt->status) : !is_passing(attempt->failure))
		return decision;
	if (attempt->retries >= limits->retries_max)
		return decision;
	decision.again = decision.counts = true;
	decision.fresh_connection = !answered || attempt->status == 421;
	if (decision.host_pause_ms > 0)
		decision.delay_ms = decision.host_pause_ms;
	else if (!answered ||
		 attempt->status != 421) /* 421: only the connection was wrong */
		decision.delay_ms = delay;
	return decision;
}

/* --- dates ------------------------------------------------------------------------- */

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

static bool only_digits(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!char_is_digit(text.at[i]))
			return false;
	return text.len > 0;
}

time_ms retry_after_parse(struct slice value, time_ms wall)
{
	uint64_t seconds;
	time_ms date;

	value = slice_trim(value);
	if (only_digits(value)) {
		uint64_t seconds_max = (uint64_t)(retry_after_max / TIME_MS_PER_S);
		if (!slice_to_number(value, seconds_max, &seconds))
			return retry_after_max;
		return clamp(
			(time_ms)seconds * TIME_MS_PER_S, TIME_MS_PER_S, retry_after_max);
	}
	if (http_date_parse(value, wall, &date))
		return clamp(date - wall, TIME_MS_PER_S, retry_after_max);
	return -1;
}
