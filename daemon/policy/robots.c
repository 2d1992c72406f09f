#include "policy/robots.h"

#include <stdlib.h>

/* --- lines ------------------------------------------------------------------------- */

enum key { KEY_OTHER, KEY_AGENT, KEY_ALLOW, KEY_DISALLOW, KEY_CRAWL_DELAY };

static const struct {
	const char *text;
	enum key key;
} keys[] = {
	{ "user-agent", KEY_AGENT },
	{ "useragent", KEY_AGENT },
	{ "user agent", KEY_AGENT },
	{ "allow", KEY_ALLOW },
	{ "disallow", KEY_DISALLOW },
	{ "dissallow", KEY_DISALLOW },
	{ "dissalow", KEY_DISALLOW },
	{ "disalow", KEY_DISALLOW },
	{ "diasllow", KEY_DISALLOW },
	{ "disallaw", KEY_DISALLOW },
	{ "crawl-delay", KEY_CRAWL_DELAY },
};

static enum key key_of(struct slice name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (slice_equal_nocase(name, slice_of(keys[i].text)))
			return keys[i].key;
	return KEY_OTHER;
}

/* CRLF gives an empty line between, which means nothing. */
static bool next_line(struct slice *rest, struct slice *ret_line)
{
	size_t end = 0;

	if (rest->len == 0)
		return false;
	while (end < rest->len && rest->at[end] != '\n' && rest->at[end] != '\r')
		end++;
	*ret_line = slice_sub(*rest, 0, end);
	*rest = slice_sub(*rest, end + 1, rest->len);
	return true;
}

static size_t find_blank(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (char_is_space(text.at[i]))
			return i;
	return SLICE_NONE;
}

/* Without a colon a line says something only when it is of two words. */
static enum key read_line(struct slice line, struct slice *ret_value)
{
	line = slice_sub(line, 0, ROBOTS_LINE_BYTES_MAX);
	line = slice_trim(slice_sub(line, 0, slice_find_char(line, '#')));
	size_t split = slice_find_char(line, ':');
	bool bare = split == SLICE_NONE;

	if (bare)
		split = find_blank(line);
	if (split == SLICE_NONE)
		return KEY_OTHER;
	*ret_value = slice_trim(slice_sub(line, split + 1, line.len));
	if (bare && find_blank(*ret_value) != SLICE_NONE)
		return KEY_OTHER;
	return key_of(slice_trim(slice_sub(line, 0, split)));
}

/* --- values ------------------------------------------------------------------------ */

/* One form for pattern and target. Returns the length; writes at most `room` bytes, and
 * none where `out` is NULL. */
static size_t normalise(struct slice text, char *out, size_t room)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		char unit[3] = { (char)c };
		size_t unit_len = 1;
		if (c == '%' && i + 2 < text.len && char_hex(text.at[i + 1]) >= 0 &&
			char_hex(text.at[i + 2]) >= 0) {
			unit[1] = digits[char_hex(text.at[i + 1])];
			unit[2] = digits[char_hex(text.at[i + 2])];
			unit_len = 3;
			i += 2;
		} else if (c >= 0x80) {
			unit[0] = '%';
			unit[1] = digits[c >> 4];
			unit[2] = digits[c & 15];
			unit_len = 3;
		}
		if (out != NULL && unit_len > room - len)
			break;
		if (out != NULL)
			memcpy(out + len, unit, unit_len);
		len += unit_len;
	}
	return len;
}

/* Letters, "_" and "-" (2.2.1); whatever else follows the token is no part of it. */
static bool is_token_char(char c)
{
	return char_is_alpha(c) || c == '_' || c == '-';
}

static bool names_agent(struct slice value, struct slice agent)
{
	return agent.len > 0 && slice_starts_nocase(value, agent) &&
	       (value.len == agent.len || !is_token_char(value.at[agent.len]));
}

static bool names_everybody(struct slice value)
{
	return value.len > 0 && value.at[0] == '*' &&
	       (value.len == 1 || char_is_space(value.at[1]));
}

/* Decimal seconds; -1 for anything else. */
static time_ms read_delay(struct slice value)
{
	time_ms delay = 0, place = TIME_MS_PER_S;
	bool fraction = false, any = false;

	for (size_t i = 0; i < value.len; i++) {
		char c = value.at[i];
		if (c == '.' && !fraction) {
			fraction = true;
			continue;
		}
		if (!char_is_digit(c))
			return -1;
		any = true;
		if (fraction)
			delay += (c - '0') * (place /= 10);
		else
			delay = delay * 10 + (c - '0') * TIME_MS_PER_S;
		if (delay > ROBOTS_CRAWL_DELAY_MS_MAX)
			delay = ROBOTS_CRAWL_DELAY_MS_MAX;
	}
	return any ? delay : -1;
}

/* Up to and with the last "/" of ".../index.htm…"; empty for other patterns. */
static struct slice directory_of(struct slice pattern)
{
	size_t end = pattern.len;
	while (end > 0 && pattern.at[end - 1] != '/')
		end--;
	struct slice name = slice_sub(pattern, end, pattern.len);
	bool index = end > 0 && slice_starts(name, SLICE("index.htm"));
	return slice_sub(pattern, 0, index ? end : 0);
}

/* --- groups ------------------------------------------------------------------------ */

/* For whom the next line is. */
struct scope {
	bool ours, everybodys;
	bool closed; /* the next User-agent starts another group */
};

/* The text is read twice: to count, then to keep what was chosen. */
struct reader {
	struct slice agent;
	struct scope rules, delays;
	bool ours_seen;
	size_t ours_count, everybodys_count;

	struct arena *arena; /* NULL: only count */
	struct robots *robots;
	size_t rules_max, starred;
};

static void scope_add(struct scope *scope, bool ours, bool everybodys)
{
	if (scope->closed)
		*scope = (struct scope){ 0 };
	scope->ours |= ours;
	scope->everybodys |= everybodys;
}

static bool is_chosen(const struct reader *reader, const struct scope *scope)
{
	return reader->ours_seen ? scope->ours : scope->everybodys;
}

static void read_agent(struct reader *reader, struct slice value)
{
	bool ours = names_agent(value, reader->agent);
	bool everybodys = names_everybody(value);

	reader->ours_seen |= ours;
	scope_add(&reader->rules, ours, everybodys);
	scope_add(&reader->delays, ours, everybodys);
}

static int keep_rule(
	struct reader *reader, struct slice value, const char *end, bool allow)
{
	struct robots *robots = reader->robots;
	size_t end_len = strlen(end), len = normalise(value, NULL, 0);

	bool starred = slice_find_char(value, '*') != SLICE_NONE;
	if (robots->rule_count >= reader->rules_max ||
		(starred && ++reader->starred > ROBOTS_STARRED_MAX))
		return 0;
	char *pattern = arena_alloc(reader->arena, len + end_len);
	if (pattern == NULL)
		return -1;
	normalise(value, pattern, len);
	memcpy(pattern + len, end, end_len);
	robots->rules[robots->rule_count++] =
		(struct robots_rule){ { pattern, len + end_len }, allow };
	return 0;
}

static int read_rule(struct reader *reader, struct slice value, bool allow)
{
	struct slice directory = directory_of(value);
	bool two = allow && directory.len > 0;

	reader->rules.closed = reader->delays.closed = true;
	if (value.len == 0)
		return 0;
	if (reader->arena == NULL) {
		reader->ours_count += reader->rules.ours ? 1 + two : 0;
		reader->everybodys_count += reader->rules.everybodys ? 1 + two : 0;
		return 0;
	}
	if (!is_chosen(reader, &reader->rules))
		return 0;
	if (keep_rule(reader, value, "", allow) < 0)
		return -1;
	return two ? keep_rule(reader, directory, "$", allow) : 0;
}

static void read_crawl_delay(struct reader *reader, struct slice value)
{
	time_ms delay = read_delay(value);

	reader->delays.closed = true;
	if (reader->arena != NULL && is_chosen(reader, &reader->delays) &&
		delay > reader->robots->crawl_delay_ms)
		reader->robots->crawl_delay_ms = delay;
}

static int read_text(struct reader *reader, struct slice text)
{
	struct slice line, value = { 0 };
	int rc = 0;

	reader->rules = reader->delays = (struct scope){ 0 };
	while (rc == 0 && next_line(&text, &line)) {
		switch (read_line(line, &value)) {
		case KEY_AGENT:
			read_agent(reader, value);
			break;
		case KEY_ALLOW:
			rc = read_rule(reader, value, true);
			break;
		case KEY_DISALLOW:
			rc = read_rule(reader, value, false);
			break;
		case KEY_CRAWL_DELAY:
			read_crawl_delay(reader, value);
			break;
		case KEY_OTHER:
			break;
		}
	}
	return rc;
}

/* So that the first match decides; by bytes at last, so that equal texts give equal
 * lists. */
static int by_weight(const void *left, const void *right)
{
	const struct robots_rule *a = left, *b = right;
	if (a->pattern.len != b->pattern.len)
		return a->pattern.len > b->pattern.len ? -1 : 1;
	if (a->allow != b->allow)
		return a->allow ? -1 : 1;
	return memcmp(a->pattern.at, b->pattern.at, a->pattern.len);
}

/* A line cut short would forbid more than was written: "Disallow: /" of "/x". */
static struct slice within_ceiling(struct slice text)
{
	if (slice_starts(text, SLICE("\xEF\xBB\xBF")))
		text = slice_sub(text, 3, text.len);
	if (text.len <= ROBOTS_TEXT_BYTES_MAX)
		return text;
	size_t end = ROBOTS_TEXT_BYTES_MAX;
	while (end > 0 && text.at[end - 1] != '\n' && text.at[end - 1] != '\r')
		end--;
	return slice_sub(text, 0, end);
}

int robots_parse(struct arena *arena, struct slice text, struct slice agent,
	struct robots *ret_robots)
{
	bool named = find_blank(agent) == SLICE_NONE;
	struct reader reader = { .agent = slice_sub(agent, 0, named ? agent.len : 0) };
	struct robots robots = { .crawl_delay_ms = -1 };
	int rc = 0;

	*ret_robots = robots;
	text = within_ceiling(text);
	(void)read_text(&reader, text);
	reader.rules_max = reader.ours_seen ? reader.ours_count : reader.everybodys_count;
	if (reader.rules_max > ROBOTS_RULES_MAX)
		reader.rules_max = ROBOTS_RULES_MAX;
	robots.rules = ARENA_ARRAY(arena, struct robots_rule, reader.rules_max);
	if (robots.rules == NULL)
		return -1;
	reader.arena = arena;
	reader.robots = &robots;
	rc = read_text(&reader, text);
	if (rc < 0)
		return rc;
	qsort(robots.rules, robots.rule_count, sizeof(*robots.rules), by_weight);
	*ret_robots = robots;
	return 0;
}

/* --- questions --------------------------------------------------------------------- */

/* Between "*"s the first place of each piece is the best one: it leaves the most to the
 * pieces behind it. So nothing is ever tried twice. */
static bool matches(struct slice pattern, struct slice target)
{
	bool whole = slice_ends(pattern, SLICE("$"));
	if (whole)
		pattern.len--;
	size_t star = slice_find_char(pattern, '*');
	struct slice piece = slice_sub(pattern, 0, star);

	if (!slice_starts(target, piece))
		return false;
	target = slice_sub(target, piece.len, target.len);
	while (star != SLICE_NONE) {
		pattern = slice_sub(pattern, star + 1, pattern.len);
		star = slice_find_char(pattern, '*');
		piece = slice_sub(pattern, 0, star);
		if (star == SLICE_NONE && whole)
			return slice_ends(target, piece);
		size_t at = slice_find(target, piece);
		if (at == SLICE_NONE)
			return false;
		target = slice_sub(target, at + piece.len, target.len);
	}
	return !whole || target.len == 0;
}

bool robots_permits(const struct robots *robots, struct slice target)
{
	char text[ROBOTS_TARGET_BYTES_MAX];

	if (robots->rule_count == 0 || slice_equal(target, SLICE("/robots.txt")))
		return true;
	if (target.len == 0)
		target = SLICE("/");
	target = (struct slice){ text, normalise(target, text, sizeof(text)) };
	for (uint32_t i = 0; i < robots->rule_count; i++)
		if (matches(robots->rules[i].pattern, target))
			return robots->rules[i].allow;
	return true;
}

struct slice robots_agent(struct slice user_agent)
{
	user_agent = slice_trim(user_agent);
	user_agent = slice_sub(user_agent, 0, find_blank(user_agent));
	return slice_sub(user_agent, 0, slice_find_char(user_agent, '/'));
}

enum robots_access robots_access(enum reason failure, int http_status)
{
	if (failure != REASON_OK)
		return ROBOTS_ACCESS_FREE;
	if (http_status >= 200 && http_status < 300)
		return ROBOTS_ACCESS_BY_RULES;
	if (http_status >= 500 && http_status < 600)
		return ROBOTS_ACCESS_CLOSED;
	return ROBOTS_ACCESS_FREE;
}
