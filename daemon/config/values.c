#include "config/values_internal.h"

#include <inttypes.h>
#include <stdio.h>

enum { HINT_BYTES_MAX = 400 };

/* --- to text --- */

static const struct {
	const char *name;
	time_ms span;
} duration_units[] = {
	{ "d", TIME_MS_PER_DAY },
	{ "h", TIME_MS_PER_HOUR },
	{ "m", 60 * TIME_MS_PER_S },
	{ "s", TIME_MS_PER_S },
	{ "ms", 1 },
};

/* In the largest unit that goes into it: "7d", "90s", "2500ms". */
static void add_duration(time_ms span, struct buffer *out)
{
	if (span == CONFIG_FOREVER) {
		buffer_add_text(out, "forever");
		return;
	}
	if (span == 0) {
		buffer_add_text(out, "0s");
		return;
	}
	size_t i = 0;
	while (span % duration_units[i].span != 0)
		i++;
	buffer_printf(out, "%" PRId64 "%s", span / duration_units[i].span,
		duration_units[i].name);
}

static const struct {
	const char *name;
	uint64_t bytes;
} size_units[] = {
	{ "GiB", 1 << 30 },
	{ "MiB", 1 << 20 },
	{ "KiB", 1 << 10 },
	{ "B", 1 },
};

enum { SIZE_UNIT_COUNT = sizeof(size_units) / sizeof(size_units[0]) };

static void add_size(uint64_t bytes, struct buffer *out)
{
	size_t i = 0;
	while (i + 1 < SIZE_UNIT_COUNT &&
		(bytes == 0 || bytes % size_units[i].bytes != 0))
		i++;
	buffer_printf(
		out, "%" PRIu64 "%s", bytes / size_units[i].bytes, size_units[i].name);
}

void value_add_number(const struct key *key, int64_t value, struct buffer *out)
{
	switch (key->type) {
	case KEY_DURATION:
	case KEY_SPAN:
		add_duration(value, out);
		return;
	case KEY_SIZE:
		add_size((uint64_t)value, out);
		return;
	case KEY_FLAG:
		buffer_add_text(out, value != 0 ? "true" : "false");
		return;
	case KEY_WORD:
		buffer_add_text(out, key->words->at[value]);
		return;
	case KEY_NUMBER:
	case KEY_TEXT:
	case KEY_TEXTS:
	case KEY_WORDS:
	case KEY_GROUP:
	case KEY_GROUPS:
		buffer_printf(out, "%" PRId64, value);
		return;
	}
}

void value_add_text(const struct key *key, const void *group, struct buffer *out)
{
	const void *field = key_value(key, group);
	switch (key->type) {
	case KEY_TEXT: {
		const char *text = *(const char *const *)field;
		buffer_add_text(out, text != NULL ? text : "null");
		return;
	}
	case KEY_FLAG:
		value_add_number(key, *(const bool *)field, out);
		return;
	case KEY_WORD:
		value_add_number(key, *(const unsigned *)field, out);
		return;
	case KEY_NUMBER:
		value_add_number(key, *(const uint32_t *)field, out);
		return;
	case KEY_DURATION:
	case KEY_SPAN:
		value_add_number(key, *(const time_ms *)field, out);
		return;
	case KEY_SIZE:
		value_add_number(key, (int64_t) * (const uint64_t *)field, out);
		return;
	case KEY_TEXTS:
	case KEY_WORDS:
	case KEY_GROUP:
	case KEY_GROUPS:
		assert(false && "a single value");
		return;
	}
}

void value_add_limits(const struct key *key, struct buffer *out)
{
	if (key->type != KEY_NUMBER && key->type != KEY_DURATION &&
		key->type != KEY_SPAN && key->type != KEY_SIZE)
		return;
	buffer_add_text(out, "from ");
	value_add_number(key, key->min, out);
	buffer_add_text(out, " to ");
	value_add_number(key, key->max, out);
}

void words_add(const struct key_words *words, struct buffer *out)
{
	for (uint32_t i = 0; i < words->count; i++)
		buffer_printf(out, "%s%s",
			i == 0                  ? ""
			: i + 1 == words->count ? " or "
						: ", ",
			words->at[i]);
}

/* --- from text --- */

static void put_number(const struct key *key, void *group, int64_t value)
{
	void *field = key_field(key, group);
	switch (key->type) {
	case KEY_FLAG:
		*(bool *)field = value != 0;
		return;
	case KEY_WORD:
		*(unsigned *)field = (unsigned)value;
		return;
	case KEY_WORDS:
	case KEY_NUMBER:
		*(uint32_t *)field = (uint32_t)value;
		return;
	case KEY_DURATION:
	case KEY_SPAN:
		*(time_ms *)field = value;
		return;
	case KEY_SIZE:
		*(uint64_t *)field = (uint64_t)value;
		return;
	case KEY_TEXT:
	case KEY_TEXTS:
	case KEY_GROUP:
	case KEY_GROUPS:
		assert(false && "a number");
		return;
	}
}

void value_set_default(const struct key *key, void *group)
{
	void *field = key_field(key, group);
	switch (key->type) {
	case KEY_TEXT:
		*(const char **)field = key->initial_text;
		return;
	case KEY_TEXTS:
		*(struct config_texts *)field = key->initial_texts != NULL
							? *key->initial_texts
							: (struct config_texts){ 0 };
		return;
	case KEY_GROUPS:
		*(const void **)field = NULL;
		return;
	case KEY_WORD:
	case KEY_WORDS:
	case KEY_FLAG:
	case KEY_NUMBER:
	case KEY_DURATION:
	case KEY_SPAN:
	case KEY_SIZE:
		put_number(key, group, key->initial);
		return;
	case KEY_GROUP:
		return;
	}
}

static void complain_value(
	const struct setting *setting, const struct node *node, const char *expected)
{
	char text[SHOWN_SIZE];
	if (node->kind != NODE_SCALAR || node_is_null(node))
		complain(setting->complaints, node->place, "%s%s: %s; expected %s",
			setting->prefix, setting->key->name, node_kind_text(node),
			expected);
	else
		complain(setting->complaints, node->place, "%s%s: \"%s\"; expected %s",
			setting->prefix, setting->key->name, shown(node->text, text),
			expected);
}

static void complain_range(const struct setting *setting, const struct node *node)
{
	char text[SHOWN_SIZE];
	struct buffer limits;
	buffer_init(&limits, HINT_BYTES_MAX);
	value_add_limits(setting->key, &limits);
	complain(setting->complaints, node->place, "%s%s: %s is out of range; %s",
		setting->prefix, setting->key->name, shown(node->text, text),
		buffer_string(&limits));
	buffer_fini(&limits);
}

static bool parse_size(struct slice text, int64_t *ret_bytes)
{
	size_t digits = 0;
	uint64_t number;
	while (digits < text.len && char_is_digit(text.at[digits]))
		digits++;
	struct slice unit = slice_sub(text, digits, text.len);
	if (digits > 0 && unit.len > 1 && unit.at[0] == ' ')
		unit = slice_sub(unit, 1, unit.len);
	for (size_t i = 0; i < SIZE_UNIT_COUNT; i++)
		if (slice_equal_nocase(unit, slice_of(size_units[i].name)) &&
			slice_to_number(slice_sub(text, 0, digits),
				INT64_MAX / size_units[i].bytes, &number)) {
			*ret_bytes = (int64_t)(number * size_units[i].bytes);
			return true;
		}
	return false;
}

static bool is_whole_number(struct slice text)
{
	if (text.len > 0 && (text.at[0] == '-' || text.at[0] == '+'))
		text = slice_sub(text, 1, text.len);
	for (size_t i = 0; i < text.len; i++)
		if (!char_is_digit(text.at[i]))
			return false;
	return text.len > 0;
}

static void set_number(const struct setting *setting, const struct node *node)
{
	uint64_t number;
	const struct key *key = setting->key;
	size_t sign = slice_starts(node->text, SLICE("+")) ? 1 : 0;
	struct slice digits = slice_sub(node->text, sign, node->text.len);
	if (!node->plain || !is_whole_number(node->text))
		complain_value(setting, node, "a whole number, without quotes");
	else if (!slice_to_number(digits, (uint64_t)key->max, &number) ||
		 (int64_t)number < key->min)
		complain_range(setting, node);
	else
		put_number(key, setting->group, (int64_t)number);
}

static void set_duration(const struct setting *setting, const struct node *node)
{
	const struct key *key = setting->key;
	time_ms span;
	if (key->type == KEY_SPAN && slice_equal(node->text, SLICE("forever"))) {
		put_number(key, setting->group, CONFIG_FOREVER);
	} else if (!time_parse_duration(node->text, &span)) {
		complain_value(setting, node,
			key->type == KEY_SPAN
				? "a number with its unit, such as 90d, or forever"
				: "a number with its unit, such as 250ms, 20s, 15m, 6h, "
				  "7d or 2w");
	} else if (span < key->min || span > key->max) {
		complain_range(setting, node);
	} else {
		put_number(key, setting->group, span);
	}
}

static void set_size(const struct setting *setting, const struct node *node)
{
	const struct key *key = setting->key;
	int64_t bytes;
	if (!parse_size(node->text, &bytes))
		complain_value(
			setting, node, "a number with its unit, such as 512KiB or 1MiB");
	else if (bytes < key->min || bytes > key->max)
		complain_range(setting, node);
	else
		put_number(key, setting->group, bytes);
}

static void set_flag(const struct setting *setting, const struct node *node)
{
	bool yes = slice_equal(node->text, SLICE("true"));
	if (!node->plain || (!yes && !slice_equal(node->text, SLICE("false"))))
		complain_value(setting, node, "true or false, without quotes");
	else
		put_number(setting->key, setting->group, yes);
}

static bool find_word(
	const struct setting *setting, const struct node *node, uint32_t *ret_number)
{
	const struct key_words *words = setting->key->words;
	for (uint32_t i = 0; node->kind == NODE_SCALAR && i < words->count; i++)
		if (slice_equal(node->text, slice_of(words->at[i]))) {
			*ret_number = i;
			return true;
		}
	struct buffer expected;
	buffer_init(&expected, HINT_BYTES_MAX);
	words_add(words, &expected);
	const char *nearest =
		node->kind == NODE_SCALAR ? word_nearest(words, node->text) : NULL;
	if (nearest != NULL)
		buffer_printf(&expected, "; did you mean %s?", nearest);
	complain_value(setting, node, buffer_string(&expected));
	buffer_fini(&expected);
	return false;
}

static void set_word(const struct setting *setting, const struct node *node)
{
	uint32_t number;
	if (find_word(setting, node, &number))
		put_number(setting->key, setting->group, number);
}

static const char *keep_text(const struct setting *setting, const struct node *node)
{
	struct error why = { "" };
	const struct form *form = setting->key->form;
	if (node->kind == NODE_SCALAR && !node_is_null(node) &&
		slice_find_char(node->text, '\0') == SLICE_NONE &&
		form->fits(node->text, &why))
		return arena_string(setting->arena, node->text);
	if (why.text[0] == '\0')
		complain_value(setting, node, form->expected);
	else
		/* Without the value: it may hold a password. */
		complain(setting->complaints, node->place, "%s%s: %s", setting->prefix,
			setting->key->name, why.text);
	return NULL;
}

static void set_text(const struct setting *setting, const struct node *node)
{
	const struct key *key = setting->key;
	/* An explicit null is the default of what has none. */
	if (node_is_null(node) && key->initial_text == NULL &&
		!(key->flags & KEY_REQUIRED))
		return;
	const char *text = keep_text(setting, node);
	if (text != NULL)
		*(const char **)key_field(key, setting->group) = text;
}

/* Whether this is a sequence of a fit length; null is an empty one. */
static bool is_sequence(const struct setting *setting, const struct node *node)
{
	const struct key *key = setting->key;
	if (!node_is_null(node) && node->kind != NODE_SEQUENCE) {
		complain_value(setting, node, "a list, as in [a, b]");
		return false;
	}
	if (node->count < (uint64_t)key->min) {
		complain(setting->complaints, node->place,
			"%s%s: is empty; at least %d must be there", setting->prefix,
			key->name, (int)key->min);
		return false;
	}
	if (key->max > 0 && node->count > (uint64_t)key->max) {
		complain(setting->complaints, node->place,
			"%s%s: has %u members; at most %d", setting->prefix, key->name,
			node->count, (int)key->max);
		return false;
	}
	return true;
}

static void set_texts(const struct setting *setting, const struct node *node)
{
	if (!is_sequence(setting, node))
		return;
	const char **at = ARENA_ARRAY(setting->arena, const char *, node->count + 1);
	struct config_place *places =
		ARENA_ARRAY(setting->arena, struct config_place, node->count + 1);
	uint32_t count = 0;
	if (at == NULL || places == NULL)
		return; /* the arena remembers */
	for (const struct node *item = node->first; item != NULL; item = item->next) {
		const char *text = item->refused ? NULL : keep_text(setting, item);
		places[count] = item->place;
		if (text != NULL)
			at[count++] = text;
	}
	*(struct config_texts *)key_field(setting->key, setting->group) =
		(struct config_texts){ at, places, count };
}

static void set_words(const struct setting *setting, const struct node *node)
{
	uint32_t number, bits = 0;
	if (!is_sequence(setting, node))
		return;
	for (const struct node *item = node->first; item != NULL; item = item->next)
		if (!item->refused && find_word(setting, item, &number))
			bits |= 1u << number;
	put_number(setting->key, setting->group, bits);
}

/* What is wrong for any of them; their own checks need only look at the text. */
static bool is_single(const struct setting *setting, const struct node *node)
{
	if (node->kind == NODE_SCALAR && !node_is_null(node))
		return true;
	complain_value(setting, node, key_type_text(setting->key->type));
	return false;
}

void value_set(const struct setting *setting, const struct node *node)
{
	if (node->refused)
		return;
	switch (setting->key->type) {
	case KEY_TEXT:
		set_text(setting, node);
		return;
	case KEY_TEXTS:
		set_texts(setting, node);
		return;
	case KEY_WORDS:
		set_words(setting, node);
		return;
	case KEY_WORD:
		set_word(setting, node);
		return;
	case KEY_FLAG:
		if (is_single(setting, node))
			set_flag(setting, node);
		return;
	case KEY_NUMBER:
		if (is_single(setting, node))
			set_number(setting, node);
		return;
	case KEY_DURATION:
	case KEY_SPAN:
		if (is_single(setting, node))
			set_duration(setting, node);
		return;
	case KEY_SIZE:
		if (is_single(setting, node))
			set_size(setting, node);
		return;
	case KEY_GROUP:
	case KEY_GROUPS:
		assert(false && "not a group");
		return;
	}
}
