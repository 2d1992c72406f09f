/* Collects what an extraction emits, as text, one line for each, so that a test compares
 * one string. */
#pragma once

#include "lib/test.h"

#include <string.h>

#include "extract/extract.h"

struct mentions {
	struct buffer lines;
	uint32_t count, anchor_count;
	uint32_t stop_after; /* 0: never */
	struct slice document;
	bool with_places, with_context;
};

/* The slow and obvious way to the place of an offset. */
static inline void mentions_check_place(
	const struct mentions *mentions, const struct mention *mention)
{
	uint32_t line = 1, column = 1;
	for (size_t i = 0; i < mention->offset; i++) {
		const char *at = mentions->document.at + i;
		bool last = i + 1 == mentions->document.len;
		bool end = *at == '\n' || (*at == '\r' && (last || at[1] != '\n'));
		line += end;
		column = end ? 1 : column + 1;
	}
	assert_int_equal(mention->line, line);
	assert_int_equal(mention->column, column);
}

static inline int mentions_on_mention(void *data, const struct mention *mention)
{
	struct mentions *mentions = data;
	struct slice raw = slice_sub(
		mentions->document, mention->offset, mention->offset + mention->length);

	assert_int_equal(raw.len, mention->length);
	mentions->count++;
	if (mentions->lines.bytes_max == 0)
		return 0;
	mentions_check_place(mentions, mention);
	if (mentions->with_places)
		buffer_printf(&mentions->lines, "%u:%u ", mention->line, mention->column);
	buffer_add(&mentions->lines, mention->url);
	if (!slice_equal(raw, mention->url))
		buffer_printf(&mentions->lines, " raw %.*s", SLICE_ARG(raw));
	if (mention->base.len > 0)
		buffer_printf(&mentions->lines, " base %.*s", SLICE_ARG(mention->base));
	if (mentions->with_context)
		buffer_printf(&mentions->lines, " [%.*s] [%.*s]",
			SLICE_ARG(mention->text), SLICE_ARG(mention->context));
	buffer_add_char(&mentions->lines, '\n');
	return mentions->count == mentions->stop_after;
}

static inline int mentions_on_anchor(void *data, struct slice id)
{
	struct mentions *mentions = data;
	mentions->anchor_count++;
	if (mentions->lines.bytes_max > 0)
		buffer_printf(&mentions->lines, "#%.*s\n", SLICE_ARG(id));
	return 0;
}

typedef int mentions_reader(
	struct slice bytes, const struct extract_sink *sink, struct error *error);

/* A copy on the heap without a NUL, so that a sanitizer sees a read behind the end. */
static inline int mentions_read(struct mentions *mentions, mentions_reader *reader,
	struct slice document, struct error *error)
{
	char *copy = test_malloc(document.len + (document.len == 0));
	if (document.len > 0)
		memcpy(copy, document.at, document.len);
	mentions->document = (struct slice){ copy, document.len };
	struct extract_sink sink = { mentions, mentions_on_mention, mentions_on_anchor };
	int result = reader(mentions->document, &sink, error);
	test_free(copy);
	return result;
}

/* The whole of a document's mentions, against the lines expected. */
static inline void mentions_expect(mentions_reader *reader, bool with_places,
	bool with_context, struct slice document, const char *expected, const char *file,
	int line)
{
	struct mentions mentions = { .with_places = with_places,
		.with_context = with_context };
	struct error error = { "" };

	buffer_init(&mentions.lines, 1 << 20);
	assert_int_equal(mentions_read(&mentions, reader, document, &error), 0);
	test_assert_slice(buffer_slice(&mentions.lines), expected, file, line);
	buffer_fini(&mentions.lines);
}
