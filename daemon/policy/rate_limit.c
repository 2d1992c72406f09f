#include "policy/rate_limit.h"

#include "base/http_date.h"

/* Three years as a span, three years after 1970 as an instant: nobody means either. */
#define SPAN_S_END    INT64_C(100000000)
#define INSTANT_S_END INT64_C(100000000000)

/* Two-digit years need a century; no field has a clock, and this serves until 2076. */
#define CENTURY_WALL INT64_C(1767225600000) /* 2026-01-01 */

static int64_t longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* --- values ------------------------------------------------------------------------ */

/* Digits, perhaps with a fraction behind them. Beyond int64_t: INT64_MAX. */
static bool read_number(struct slice text, int64_t *ret_number, bool *ret_fraction)
{
	size_t point = slice_find_char(text, '.');
	struct slice whole = slice_sub(text, 0, point);
	struct slice fraction = slice_sub(text, whole.len + 1, text.len);
	int64_t number = 0;
	bool any = false;

	if (whole.len == 0 || (point != SLICE_NONE && fraction.len == 0))
		return false;
	for (size_t i = 0; i < whole.len; i++) {
		if (!char_is_digit(whole.at[i]))
			return false;
		if (__builtin_mul_overflow(number, 10, &number) ||
			__builtin_add_overflow(number, whole.at[i] - '0', &number))
			number = INT64_MAX;
	}
	for (size_t i = 0; i < fraction.len; i++) {
		if (!char_is_digit(fraction.at[i]))
			return false;
		any |= fraction.at[i] != '0';
	}
	*ret_number = number;
	*ret_fraction = any;
	return true;
}

static bool read_remaining(struct slice text, int64_t *ret_remaining)
{
	bool fraction;
	return read_number(text, ret_remaining, &fraction);
}

/* Rounded up: a host is not asked before its time. */
static bool read_reset(struct slice text, int64_t *ret_reset)
{
	bool fraction;
	if (!read_number(text, ret_reset, &fraction))
		return false;
	if (fraction && *ret_reset < INT64_MAX)
		*ret_reset += 1;
	return true;
}

static void add_remaining(struct rate_limit *limit, struct slice text)
{
	int64_t remaining;
	if (!read_remaining(text, &remaining))
		return;
	if (!limit->remaining_seen || remaining < limit->remaining)
		limit->remaining = remaining;
	limit->remaining_seen = true;
}

static void add_reset(struct rate_limit *limit, struct slice text)
{
	int64_t reset;
	if (!read_reset(text, &reset))
		return;
	limit->reset_seen = true;
	if (reset < SPAN_S_END)
		limit->reset = longer(limit->reset, reset);
	else if (reset < INSTANT_S_END)
		limit->reset_wall = longer(limit->reset_wall, reset * TIME_MS_PER_S);
	else
		limit->reset_wall = longer(limit->reset_wall, reset);
}

/* One number, or several of a server that counts in several ways ("0, 0"). */
static void add_list(struct rate_limit *limit, struct slice value, bool is_reset)
{
	struct slice part;
	while (slice_split(&value, ',', &part))
		if (is_reset)
			add_reset(limit, slice_trim(part));
		else
			add_remaining(limit, slice_trim(part));
}

static void read_reset_field(struct rate_limit *limit, struct slice value)
{
	time_ms date;
	if (http_date_parse(value, CENTURY_WALL, &date)) {
		limit->reset_seen = true;
		limit->reset_wall = longer(limit->reset_wall, date);
		return;
	}
	add_list(limit, value, true);
}

/* --- RateLimit --------------------------------------------------------------------- */

struct policy {
	bool remaining_seen, reset_seen;
	int64_t remaining, reset;
};

static void settle(struct rate_limit *limit, struct policy *policy)
{
	if (policy->remaining_seen && policy->remaining == 0 && policy->reset_seen) {
		limit->exhausted = true;
		limit->exhausted_reset = longer(limit->exhausted_reset, policy->reset);
	}
	*policy = (struct policy){ 0 };
}

/* The bytes up to the next "," or ";" that stands in no quoted string. */
static size_t item_len(struct slice text)
{
	bool quoted = false;
	size_t i = 0;
	for (; i < text.len; i++) {
		char c = text.at[i];
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == ',' || c == ';'))
			break;
	}
	return i < text.len ? i : text.len;
}

static void read_item(struct slice item, struct policy *whole, struct policy *member)
{
	size_t equals = slice_find_char(item, '=');
	struct slice key = slice_trim(slice_sub(item, 0, equals));
	struct slice value;

	if (equals == SLICE_NONE)
		return;
	value = slice_trim(slice_sub(item, equals + 1, item.len));
	if (slice_equal_nocase(key, SLICE("remaining")))
		whole->remaining_seen |= read_remaining(value, &whole->remaining);
	else if (slice_equal_nocase(key, SLICE("reset")))
		whole->reset_seen |= read_reset(value, &whole->reset);
	else if (slice_equal_nocase(key, SLICE("r")))
		member->remaining_seen |= read_remaining(value, &member->remaining);
	else if (slice_equal_nocase(key, SLICE("t")))
		member->reset_seen |= read_reset(value, &member->reset);
}

/* The newer form ends a policy with every comma, the older one has one a field. */
static void read_policies(struct rate_limit *limit, struct slice value)
{
	struct policy whole = { 0 }, member = { 0 };

	while (value.len > 0) {
		size_t len = item_len(value);
		read_item(slice_sub(value, 0, len), &whole, &member);
		if (len < value.len && value.at[len] == ',')
			settle(limit, &member);
		value = slice_sub(value, len + 1, value.len);
	}
	settle(limit, &member);
	settle(limit, &whole);
}

/* --- fields ------------------------------------------------------------------------ */

static bool take(struct slice *text, struct slice prefix)
{
	if (!slice_starts_nocase(*text, prefix))
		return false;
	*text = slice_sub(*text, prefix.len, text->len);
	return true;
}

bool rate_limit_field(struct rate_limit *limit, struct slice name, struct slice value)
{
	if (name.len < strlen("ratelimit") || name.len > strlen("x-rate-limit-remaining"))
		return false;
	bool prefixed = take(&name, SLICE("x-"));
	if (char_lower(name.at[0]) != 'r' ||
		!(take(&name, SLICE("ratelimit")) ||
			(prefixed && take(&name, SLICE("rate-limit")))))
		return false;
	value = slice_trim(value);
	if (slice_equal_nocase(name, SLICE("-remaining")))
		add_list(limit, value, false);
	else if (slice_equal_nocase(name, SLICE("-reset")))
		read_reset_field(limit, value);
	else if (name.len == 0 && !prefixed)
		read_policies(limit, value);
	else
		return false;
	return true;
}

static time_ms clamp_pause(time_ms pause)
{
	if (pause < RATE_LIMIT_PAUSE_MS_MIN)
		return RATE_LIMIT_PAUSE_MS_MIN;
	return pause < RATE_LIMIT_PAUSE_MS_MAX ? pause : RATE_LIMIT_PAUSE_MS_MAX;
}

static time_ms pause_of_span(int64_t seconds)
{
	if (seconds > RATE_LIMIT_PAUSE_MS_MAX / TIME_MS_PER_S)
		return RATE_LIMIT_PAUSE_MS_MAX;
	return clamp_pause(seconds * TIME_MS_PER_S);
}

static time_ms pause_until(time_ms reset_wall, time_ms wall)
{
	time_ms pause;
	if (__builtin_sub_overflow(reset_wall, wall, &pause))
		return reset_wall > wall ? RATE_LIMIT_PAUSE_MS_MAX
					 : RATE_LIMIT_PAUSE_MS_MIN;
	return clamp_pause(pause);
}

time_ms rate_limit_pause(const struct rate_limit *limit, time_ms wall)
{
	time_ms pause = 0;

	if (limit->remaining_seen && limit->remaining == 0 && limit->reset_seen)
		pause = longer(pause_of_span(limit->reset),
			pause_until(limit->reset_wall, wall));
	if (limit->exhausted)
		pause = longer(pause, pause_of_span(limit->exhausted_reset));
	return pause;
}
