/* What a reload changes, by the table. */
#include "config/config.h"

#include "config/values_internal.h"

enum { SENTENCE_BYTES_MAX = 2048, VALUE_BYTES_MAX = 512 };

struct comparing {
	void (*on_change)(void *data, const char *sentence, bool needs_restart);
	void *data;
	uint32_t count;
};

static void tell(
	struct comparing *comparing, const struct key *key, struct buffer *sentence)
{
	comparing->count++;
	comparing->on_change(comparing->data, buffer_string(sentence),
		(key->flags & KEY_RESTART) != 0);
}

/* --- values --- */

static void add_text(struct buffer *out, const char *prefix, const struct key *key)
{
	buffer_printf(out, "%s%s: ", prefix, key->name);
}

static void compare_single(struct comparing *comparing, const char *prefix,
	const struct key *key, const void *old, const void *new)
{
	struct buffer before, after, sentence;
	buffer_init(&before, CONFIG_TEXT_BYTES_MAX + 1);
	buffer_init(&after, CONFIG_TEXT_BYTES_MAX + 1);
	buffer_init(&sentence, SENTENCE_BYTES_MAX);
	value_add_text(key, old, &before);
	value_add_text(key, new, &after);
	/* What cannot be compared for want of memory is said to have changed. */
	if (before.failed || after.failed ||
		!slice_equal(buffer_slice(&before), buffer_slice(&after))) {
		add_text(&sentence, prefix, key);
		buffer_add(
			&sentence, slice_sub(buffer_slice(&before), 0, VALUE_BYTES_MAX));
		buffer_add_text(&sentence, " -> ");
		buffer_add(
			&sentence, slice_sub(buffer_slice(&after), 0, VALUE_BYTES_MAX));
		tell(comparing, key, &sentence);
	}
	buffer_fini(&sentence);
	buffer_fini(&after);
	buffer_fini(&before);
}

static bool holds(const struct config_texts *texts, const char *text)
{
	for (uint32_t i = 0; i < texts->count; i++)
		if (strcmp(texts->at[i], text) == 0)
			return true;
	return false;
}

/* Quadratic only where the two differ, and then up to what is named. */
enum { NAMED_MAX = 3 };

static uint32_t name_those_missing(const struct config_texts *from,
	const struct config_texts *in, const char *word, struct buffer *out)
{
	uint32_t named = 0;
	for (uint32_t i = 0; i < from->count && named <= NAMED_MAX; i++) {
		if (holds(in, from->at[i]))
			continue;
		if (named++ == NAMED_MAX)
			buffer_add_text(out, " and more");
		else
			buffer_printf(out, " %s%.*s", word,
				SLICE_ARG(slice_sub(
					slice_of(from->at[i]), 0, VALUE_BYTES_MAX / 4)));
	}
	return named;
}

static bool same_texts(const struct config_texts *a, const struct config_texts *b)
{
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (strcmp(a->at[i], b->at[i]) != 0)
			return false;
	return true;
}

static void compare_texts(struct comparing *comparing, const char *prefix,
	const struct key *key, const struct config_texts *old,
	const struct config_texts *new)
{
	struct buffer sentence;
	if (same_texts(old, new))
		return;
	buffer_init(&sentence, SENTENCE_BYTES_MAX);
	buffer_printf(&sentence, "%s%s:", prefix, key->name);
	uint32_t named = name_those_missing(new, old, "+", &sentence);
	named += name_those_missing(old, new, "-", &sentence);
	if (named == 0)
		buffer_add_text(&sentence, " in another order");
	tell(comparing, key, &sentence);
	buffer_fini(&sentence);
}

static void compare_words(struct comparing *comparing, const char *prefix,
	const struct key *key, uint32_t old, uint32_t new)
{
	struct buffer sentence;
	if (old == new)
		return;
	buffer_init(&sentence, SENTENCE_BYTES_MAX);
	buffer_printf(&sentence, "%s%s:", prefix, key->name);
	for (uint32_t i = 0; i < key->words->count; i++)
		if ((old ^ new) >> i & 1)
			buffer_printf(&sentence, " %c%s", new >> i & 1 ? '+' : '-',
				key->words->at[i]);
	tell(comparing, key, &sentence);
	buffer_fini(&sentence);
}

/* --- groups --- */

static void compare_group(struct comparing *comparing, const struct key_group *group,
	const char *prefix, const void *old, const void *new);

/* What a member is told apart by; NULL: its place in the list. */
static const char *name_of(const struct key_group *group, const void *member)
{
	for (uint32_t i = 0; i < group->count; i++)
		if (group->keys[i].flags & KEY_NAMES)
			return *(const char *const *)key_value(&group->keys[i], member);
	return NULL;
}

/* Reloads change little, so the search begins where it would be found if nothing had. */
static const void *find_member(
	const struct key *key, const void *values, const char *name, uint32_t hint)
{
	uint32_t count = key_group_count(key, values);
	if (name == NULL)
		return hint < count ? key_group_member(key, values, hint) : NULL;
	for (uint32_t i = 0; i < count; i++) {
		const void *member = key_group_member(key, values, (hint + i) % count);
		if (strcmp(name_of(key->group, member), name) == 0)
			return member;
	}
	return NULL;
}

static void tell_member(struct comparing *comparing, const struct key *key,
	const char *name, uint32_t number, const char *what)
{
	struct buffer sentence;
	buffer_init(&sentence, SENTENCE_BYTES_MAX);
	if (name != NULL)
		buffer_printf(&sentence, "%s: \"%s\" is %s", key->name, name, what);
	else
		buffer_printf(
			&sentence, "%s: number %u is %s", key->name, number + 1, what);
	tell(comparing, key, &sentence);
	buffer_fini(&sentence);
}

static void tell_sentence(
	struct comparing *comparing, const struct key *key, const char *what)
{
	struct buffer sentence;
	buffer_init(&sentence, SENTENCE_BYTES_MAX);
	buffer_printf(&sentence, "%s: %s", key->name, what);
	tell(comparing, key, &sentence);
	buffer_fini(&sentence);
}

static void compare_member(struct comparing *comparing, const struct key *key,
	const char *name, uint32_t number, const void *old, const void *new)
{
	struct buffer prefix;
	buffer_init(&prefix, VALUE_BYTES_MAX);
	if (name != NULL)
		buffer_printf(&prefix, "%s.%s.", key->name, name);
	else
		buffer_printf(&prefix, "%s.%u.", key->name, number + 1);
	compare_group(comparing, key->group, buffer_string(&prefix), old, new);
	buffer_fini(&prefix);
}

/* Where an order says something (first match wins), it is that of what the operator
 * wrote;
 * `*at` is where in the old list the last one stood. */
static bool stands_behind(const struct key *key, const void *old, const void *former,
	const void *member, size_t *at)
{
	if (key_places(member) == NULL || key_places(former) == NULL)
		return true;
	const char *first = *(const char *const *)key_value(key, old);
	size_t now = (size_t)((const char *)former - first) + 1;
	bool behind = now > *at;
	*at = now;
	return behind;
}

static void compare_groups(struct comparing *comparing, const struct key *key,
	const void *old, const void *new)
{
	uint32_t old_count = key_group_count(key, old);
	uint32_t new_count = key_group_count(key, new);
	bool in_order = true;
	size_t at = 0;
	for (uint32_t i = 0; i < new_count; i++) {
		const void *member = key_group_member(key, new, i);
		const char *name = name_of(key->group, member);
		const void *former = find_member(key, old, name, i);
		if (former == NULL) {
			tell_member(comparing, key, name, i, "new");
			continue;
		}
		compare_member(comparing, key, name, i, former, member);
		in_order &= stands_behind(key, old, former, member, &at);
	}
	for (uint32_t i = 0; i < old_count; i++) {
		const char *name = name_of(key->group, key_group_member(key, old, i));
		if (find_member(key, new, name, i) == NULL)
			tell_member(comparing, key, name, i, "gone");
	}
	if (!in_order)
		tell_sentence(comparing, key, "in another order");
}

static void compare_group(struct comparing *comparing, const struct key_group *group,
	const char *prefix, const void *old, const void *new)
{
	for (uint32_t i = 0; i < group->count; i++) {
		const struct key *key = &group->keys[i];
		const void *before = key_value(key, old), *after = key_value(key, new);
		if (key->type == KEY_TEXTS) {
			compare_texts(comparing, prefix, key, before, after);
		} else if (key->type == KEY_WORDS) {
			compare_words(comparing, prefix, key, *(const uint32_t *)before,
				*(const uint32_t *)after);
		} else if (key->type == KEY_GROUPS) {
			compare_groups(comparing, key, old, new);
		} else if (key->type == KEY_GROUP) {
			struct buffer inner;
			buffer_init(&inner, VALUE_BYTES_MAX);
			buffer_printf(&inner, "%s%s.", prefix, key->name);
			compare_group(comparing, key->group, buffer_string(&inner),
				before, after);
			buffer_fini(&inner);
		} else {
			compare_single(comparing, prefix, key, old, new);
		}
	}
}

uint32_t config_diff(const struct config *old, const struct config *new,
	void (*on_change)(void *data, const char *sentence, bool needs_restart),
	void *data)
{
	struct comparing comparing = { on_change, data, 0 };
	compare_group(&comparing, &key_root, "", old, new);
	return comparing.count;
}
