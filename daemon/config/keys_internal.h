/* config/keys_internal: the table of all keys.
 *
 * A row says how a key is called, what kind of value it takes, within which limits, what
 * holds when it is not set, where in its struct it is kept and what it means. Whoever
 * reads, checks, prints, explains or compares configurations walks over these rows and
 * knows no key by name; the few rules that concern several keys are in rules.c.
 *
 * To add a key: a field in include/config/config.h, a row in keys.c, a line in
 * config/linkrotd.yaml.5.
 */
#pragma once

#include "config/config.h"
#include "config/forms_internal.h"

/* The kind of value, the C type of its field, and how the reference calls it. */
#define KEY_TYPES(X)                                                                     \
	X(TEXT, const char *, "text")                                                    \
	X(TEXTS, struct config_texts, "list of texts")                                   \
	X(WORD, unsigned, "word")           /* an enum */                                \
	X(WORDS, uint32_t, "list of words") /* a set of bits */                          \
	X(FLAG, bool, "true or false")                                                   \
	X(NUMBER, uint32_t, "number")                                                    \
	X(DURATION, time_ms, "duration")                                                 \
	X(SPAN, time_ms, "duration or forever")                                          \
	X(SIZE, uint64_t, "size")                                                        \
	X(GROUP, struct, "group of keys")         /* in place */                         \
	X(GROUPS, const void *, "list of groups") /* and their number */

#define KEY_TYPE_ENUM(name, type, text) KEY_##name,
enum key_type { KEY_TYPES(KEY_TYPE_ENUM) };
#undef KEY_TYPE_ENUM

enum key_flag {
	KEY_REQUIRED = 1, /* within its group */
	KEY_UNUSED = 2,   /* read and checked, but nothing acts on it yet */
	KEY_RESTART = 4,  /* a reload cannot change it */
	KEY_NAMES = 8,    /* tells the members of a list of groups apart */
};

struct key_words {
	const char *const *at;
	uint32_t count;
};

struct key {
	const char *name;
	enum key_type type;
	unsigned flags;
	size_t offset;
	int64_t min, max; /* of numbers, spans (ms) and sizes; of lists: how many */
	int64_t initial;  /* the default of these, of words, flags and sets */
	const char *initial_text;                 /* of texts; NULL: none */
	const struct config_texts *initial_texts; /* NULL: none */
	const char *initial_shown; /* the reference's word for a default that depends */
	const struct form *form;
	const struct key_words *words;
	const struct key_group *group;
	size_t count_offset; /* of the number of groups */
	const char *help;
};

struct key_group {
	const struct key *keys;
	uint32_t count;
	size_t size; /* of the struct, whose first member is its places */
};

extern const struct key_group key_root;

/* All kinds, as the reference calls them. */
const char *key_type_text(enum key_type type);

/* "Not set" of a number or span whose default is another key's. */
#define KEY_INHERITED INT64_C(-1)

static inline void *key_field(const struct key *key, void *group)
{
	return (char *)group + key->offset;
}

static inline const void *key_value(const struct key *key, const void *group)
{
	return (const char *)group + key->offset;
}

static inline uint32_t key_group_count(const struct key *key, const void *group)
{
	return *(const uint32_t *)(const void *)((const char *)group + key->count_offset);
}

/* Member `i` of a list of groups. */
static inline const void *key_group_member(
	const struct key *key, const void *group, uint32_t i)
{
	const char *first = *(const char *const *)key_value(key, group);
	return first + i * key->group->size;
}

static inline const struct config_place *key_places(const void *group)
{
	return *(const struct config_place *const *)group;
}

/* NULL: unknown. */
const struct key *key_of_name(const struct key_group *group, struct slice name);

/* The known name that is nearest to a wrong one, or NULL when none is near. */
const struct key *key_nearest(const struct key_group *group, struct slice name);
const char *word_nearest(const struct key_words *words, struct slice word);

/* The only other group with a key of this name; "" is the root. NULL: none, or many. */
const char *key_belongs_to(const struct key_group *wrong, struct slice name);
