/* config/values_internal: single values, from text and to text.
 *
 * What value_add_text writes is read to the same value again; printing, the reference
 * and the sentences of a reload rest on that.
 */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "config/keys_internal.h"
#include "config/tree_internal.h"

/* Where values go, and what they are called in errors: "check.timeout". */
struct setting {
	const struct key *key;
	void *group;        /* the struct that has the field */
	const char *prefix; /* "check.", or "" in the root */
	struct arena *arena;
	struct complaints *complaints;
};

/* A value of any type but groups. A fault is complained about, and the field keeps its
 * default. */
void value_set(const struct setting *setting, const struct node *node);

/* The default of any type but GROUP (whose keys have their own). */
void value_set_default(const struct key *key, void *group);

/* Of single values (not of TEXTS, WORDS and groups): as it is written in YAML, without
 * quotes; "null" where a text is not set. */
void value_add_text(const struct key *key, const void *group, struct buffer *out);

/* A number, span or size of this type; FLAG and WORD likewise. */
void value_add_number(const struct key *key, int64_t value, struct buffer *out);

/* "from 1 to 20000", or nothing. */
void value_add_limits(const struct key *key, struct buffer *out);

/* "robots: obey or ignore". */
void words_add(const struct key_words *words, struct buffer *out);
