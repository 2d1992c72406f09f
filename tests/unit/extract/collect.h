/* tests/unit/extract/collect: runs extract() and keeps what it emits.
 *
 * The mentions' slices are copied into one arena; collect_free ends it.
 */
#pragma once

#include "lib/test.h"

#include <stdlib.h>

#include "base/arena.h"
#include "extract/extract.h"

struct collected {
	struct arena arena;
	struct mention *mentions;
	size_t count, room;
	struct slice *anchors;
	size_t anchor_count, anchor_room;
	struct slice document;
	struct error error;
	int result;
};

static inline int collect_mention(void *data, const struct mention *mention)
{
	struct collected *all = data;
	if (all->count == all->room) {
		all->room = all->room * 2 + 16;
		all->mentions =
			realloc(all->mentions, all->room * sizeof(*all->mentions));
		assert_non_null(all->mentions);
	}
	struct mention *copy = &all->mentions[all->count++];
	*copy = *mention;
	copy->url = arena_copy(&all->arena, mention->url);
	copy->text = arena_copy(&all->arena, mention->text);
	copy->context = arena_copy(&all->arena, mention->context);
	copy->expected_title = arena_copy(&all->arena, mention->expected_title);
	copy->base = arena_copy(&all->arena, mention->base);
	return 0;
}

static inline int collect_anchor(void *data, struct slice id)
{
	struct collected *all = data;
	if (all->anchor_count == all->anchor_room) {
		all->anchor_room = all->anchor_room * 2 + 16;
		all->anchors =
			realloc(all->anchors, all->anchor_room * sizeof(*all->anchors));
		assert_non_null(all->anchors);
	}
	all->anchors[all->anchor_count++] = arena_copy(&all->arena, id);
	return 0;
}

static inline struct collected collect(enum document_kind kind, struct slice document)
{
	struct collected all = { .document = document };
	arena_init(&all.arena, SIZE_MAX / 2);
	const struct extract_sink sink = { &all, collect_mention, collect_anchor };
	all.result = extract(kind, document, &sink, &all.error);
	return all;
}

static inline struct collected collect_markdown(const char *text)
{
	return collect(DOCUMENT_MARKDOWN, slice_of(text));
}

static inline void collect_free(struct collected *all)
{
	free(all->mentions);
	free(all->anchors);
	arena_fini(&all->arena);
}

/* The bytes that a mention says it is written with. */
static inline struct slice collect_written(const struct collected *all, size_t index)
{
	const struct mention *mention = &all->mentions[index];
	return slice_sub(
		all->document, mention->offset, mention->offset + mention->length);
}

/* Line and column must lead to the offset, counted here in another way. */
static inline void collect_check_places(const struct collected *all)
{
	uint32_t line = 1;
	size_t begin = 0, at = 0, last = 0;

	for (size_t i = 0; i < all->count; i++) {
		const struct mention *mention = &all->mentions[i];
		assert_true(mention->offset >= last);
		last = mention->offset;
		for (; at < mention->offset; at++) {
			bool crlf = all->document.at[at] == '\r' &&
				    at + 1 < all->document.len &&
				    all->document.at[at + 1] == '\n';
			if ((all->document.at[at] == '\n' ||
				    all->document.at[at] == '\r') &&
				!crlf) {
				line++;
				begin = at + 1;
			}
		}
		assert_int_equal(mention->line, line);
		assert_int_equal(mention->column, mention->offset - begin + 1);
	}
}
