/* extract/markdown_mentions_internal: mentions until all of them are known.
 *
 * cmark's tree has footnotes last and definitions nowhere, so what is found is gathered
 * and emitted in the order of places at the end. Mentions of one group (a list item, a
 * paragraph, a heading, a table's row) share its text as context.
 */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "extract/extract_internal.h"
#include "extract/marks_internal.h"
#include "extract/title_parts_internal.h"

struct found {
	struct slice url, text;
	size_t offset, length;
	size_t use_offset;  /* where a definition is used; else the same as offset */
	struct slice group; /* the whole text of its group */
	size_t from, to;    /* what of that the link itself is */
	struct slice title_context; /* what of the group says what the link is */
	struct slice title;         /* the expected one, where it is known already */
	bool title_is_loose;        /* of either */
	bool can_have_title;
	bool names_nothing; /* its text is that of an image */
};

struct mentions {
	struct arena arena; /* texts, and URLs that are in no tree */
	struct found *list;
	size_t count, room;
	struct buffer group; /* the text of the group under way */
	size_t group_first;  /* its first mention */
	struct title_parts parts;
	struct marks marks;
};

void mentions_init(struct mentions *mentions, size_t document_len);
void mentions_fini(struct mentions *mentions);

/* NULL: no memory. The new one is zeroed. */
struct found *mentions_add(struct mentions *mentions);

struct slice mentions_keep(struct mentions *mentions, struct slice text);

void mentions_begin_group(struct mentions *mentions);

/* A cell of the group ends here. */
void mentions_end_part(struct mentions *mentions);

/* Gives the mentions added since their group, and their text where they have none. -1: no
 * memory. */
int mentions_end_group(struct mentions *mentions);

/* Calls the sink for all that the marks allow. Of the uses of a definition the first
 * counts. */
int mentions_emit(struct mentions *mentions, struct slice document,
	const struct extract_sink *sink, struct error *error);
