/* policy/robots: a line of the agent, a line of the target, then a robots.txt. Its answer
 * is that of a slow matcher that anyone can check, over the rules in any order. */
#include <string.h>

#include "fuzz.h"
#include "policy/robots.h"

enum { TARGET_SIZE = 3 * 256, COST_MAX = 4 << 20 };

static size_t plain_form(struct slice target, char *out)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t len = 0;
	for (size_t i = 0; i < target.len; i++) {
		unsigned char c = (unsigned char)target.at[i];
		bool escape = i >= 1 && target.at[i - 1] == '%' && i + 1 < target.len &&
			      char_hex(target.at[i]) >= 0 &&
			      char_hex(target.at[i + 1]) >= 0;
		if (escape) {
			out[len++] = digits[char_hex(target.at[i++])];
			out[len++] = digits[char_hex(target.at[i])];
		} else if (c >= 0x80) {
			out[len++] = '%';
			out[len++] = digits[c >> 4];
			out[len++] = digits[c & 15];
		} else {
			out[len++] = (char)c;
		}
	}
	return len;
}

/* reached[j]: the pattern so far can have used up j bytes of the target. */
static bool slow_match(struct slice pattern, struct slice target)
{
	static bool reached[TARGET_SIZE + 1];
	bool any = false;
	memset(reached, 0, sizeof(reached));
	reached[0] = true;
	for (size_t i = 0; i < pattern.len; i++) {
		char c = pattern.at[i];
		if (c == '$' && i + 1 == pattern.len)
			return reached[target.len];
		if (c == '*') {
			for (size_t j = 1; j <= target.len; j++)
				reached[j] |= reached[j - 1];
			continue;
		}
		for (size_t j = target.len; j > 0; j--)
			reached[j] = reached[j - 1] && target.at[j - 1] == c;
		reached[0] = false;
	}
	for (size_t j = 0; j <= target.len; j++)
		any |= reached[j];
	return any;
}

static bool slow_permits(const struct robots *robots, struct slice target)
{
	size_t longest = 0;
	bool allow = true;
	for (uint32_t i = robots->rule_count; i-- > 0;) {
		const struct robots_rule *rule = &robots->rules[i];
		if (rule->pattern.len < longest || !slow_match(rule->pattern, target))
			continue;
		allow = rule->allow || (rule->pattern.len == longest && allow);
		longest = rule->pattern.len;
	}
	return allow;
}

static void check_rules(const struct robots *robots)
{
	assert(robots->rule_count <= ROBOTS_RULES_MAX);
	assert(robots->crawl_delay_ms >= -1 &&
		robots->crawl_delay_ms <= ROBOTS_CRAWL_DELAY_MS_MAX);
	for (uint32_t i = 0; i < robots->rule_count; i++) {
		struct slice pattern = robots->rules[i].pattern;
		assert(pattern.len > 0 && pattern.len <= 3 * ROBOTS_LINE_BYTES_MAX);
		for (size_t j = 0; j < pattern.len; j++)
			assert((unsigned char)pattern.at[j] < 0x80 &&
				pattern.at[j] != '#' && pattern.at[j] != '\n');
	}
}

static void check_same(const struct robots *a, const struct robots *b)
{
	assert(a->rule_count == b->rule_count && a->crawl_delay_ms == b->crawl_delay_ms);
	for (uint32_t i = 0; i < a->rule_count; i++)
		assert(slice_equal(a->rules[i].pattern, b->rules[i].pattern) &&
			a->rules[i].allow == b->rules[i].allow);
}

static size_t cost_of(const struct robots *robots, struct slice target)
{
	size_t cost = 0;
	for (uint32_t i = 0; i < robots->rule_count; i++)
		cost += robots->rules[i].pattern.len * (target.len + 1);
	return cost;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = fuzz_slice(data, size);
	struct slice agent = fuzz_line(&text), target = fuzz_line(&text);
	struct robots robots, again;
	struct arena arena;
	char plain_text[TARGET_SIZE];

	target = slice_sub(target, 0, TARGET_SIZE / 3);
	arena_init(&arena, 16 << 20);
	assert(robots_parse(&arena, text, agent, &robots) == 0);
	check_rules(&robots);
	assert(robots_parse(&arena, text, agent, &again) == 0);
	check_same(&robots, &again);

	assert(robots_permits(&robots, SLICE("/robots.txt")));
	bool permitted = robots_permits(&robots, target);
	assert(permitted == robots_permits(&again, target));
	struct slice plain = { plain_text, plain_form(target, plain_text) };
	if (plain.len == 0)
		plain = SLICE("/");
	if (slice_equal(plain, SLICE("/robots.txt")))
		assert(permitted);
	else if (cost_of(&robots, plain) <= COST_MAX)
		assert(permitted == slow_permits(&robots, plain));
	arena_fini(&arena);
	return 0;
}
