/* policy/rate_limit: a line with a wall clock in ms, then header fields, one a line. A
 * pause is within its limits and has a reason, the order of the fields means nothing, and
 * names in another case are the same. */
#include <string.h>

#include "fuzz.h"
#include "policy/rate_limit.h"

enum { FIELDS_MAX = 64, NAME_SIZE = 32 };

struct field {
	struct slice name, value;
};

static struct field read_field(struct slice line)
{
	size_t colon = slice_find_char(line, ':');
	return (struct field){ slice_sub(line, 0, colon),
		colon != SLICE_NONE ? slice_sub(line, colon + 1, line.len)
				    : (struct slice){ 0 } };
}

static bool field_of_any_case(struct rate_limit *limit, const struct field *field)
{
	char name[NAME_SIZE];
	size_t len = field->name.len < NAME_SIZE ? field->name.len : NAME_SIZE;
	for (size_t i = 0; i < len; i++) {
		char c = char_lower(field->name.at[i]);
		name[i] = i % 2 == 0 && char_is_alpha(c) ? (char)(c - 32) : c;
	}
	return rate_limit_field(limit, (struct slice){ name, len }, field->value);
}

static void check_pause(const struct rate_limit *limit, time_ms wall)
{
	time_ms pause = rate_limit_pause(limit, wall);
	bool reason =
		limit->exhausted ||
		(limit->remaining_seen && limit->remaining == 0 && limit->reset_seen);
	assert(limit->remaining >= 0 && limit->reset >= 0 && limit->reset_wall >= 0 &&
		limit->exhausted_reset >= 0);
	assert(reason ? pause >= RATE_LIMIT_PAUSE_MS_MIN &&
				pause <= RATE_LIMIT_PAUSE_MS_MAX
		      : pause == 0);
	/* What lies further ahead is never waited for less. */
	if (wall > 0)
		assert(rate_limit_pause(limit, wall - 1) >= pause);
}

static void check_same(const struct rate_limit *a, const struct rate_limit *b)
{
	assert(a->remaining_seen == b->remaining_seen && a->reset_seen == b->reset_seen &&
		a->exhausted == b->exhausted);
	assert(a->remaining == b->remaining && a->reset == b->reset &&
		a->reset_wall == b->reset_wall &&
		a->exhausted_reset == b->exhausted_reset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = fuzz_slice(data, size), line;
	struct rate_limit forth = { 0 }, back = { 0 };
	struct field fields[FIELDS_MAX];
	size_t count = 0;
	uint64_t wall = 0;

	(void)slice_to_number(fuzz_line(&text), INT64_MAX, &wall);
	while (count < FIELDS_MAX && slice_split(&text, '\n', &line))
		fields[count++] = read_field(line);
	for (size_t i = 0; i < count; i++) {
		struct rate_limit before = forth;
		bool ours = rate_limit_field(&forth, fields[i].name, fields[i].value);
		if (!ours)
			check_same(&before, &forth);
		check_pause(&forth, (time_ms)wall);
		assert(rate_limit_pause(&forth, (time_ms)wall) >=
			rate_limit_pause(&before, (time_ms)wall));
		const struct field *last = &fields[count - 1 - i];
		(void)field_of_any_case(&back, last);
	}
	check_same(&forth, &back);
	return 0;
}
