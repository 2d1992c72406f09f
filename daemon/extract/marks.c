#include "extract/marks_internal.h"

#include <stdlib.h>

void marks_fini(struct marks *marks)
{
	free(marks->list);
	*marks = (struct marks){ 0 };
}

static bool parse_mark(struct slice comment, enum mark_kind *ret_kind)
{
	static const struct slice prefixes[] = { { "linkrotd-", 9 },
		{ "markdown-link-check-", 20 } };
	static const struct {
		struct slice word;
		enum mark_kind kind;
	} words[] = { { { "disable", 7 }, MARK_DISABLE },
		{ { "enable", 6 }, MARK_ENABLE },
		{ { "disable-line", 12 }, MARK_DISABLE_LINE },
		{ { "disable-next-line", 17 }, MARK_DISABLE_NEXT_LINE } };

	comment = slice_trim(comment);
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (!slice_starts(comment, prefixes[i]))
			continue;
		struct slice word = slice_sub(comment, prefixes[i].len, comment.len);
		for (size_t j = 0; j < sizeof(words) / sizeof(words[0]); j++)
			if (slice_equal(word, words[j].word)) {
				*ret_kind = words[j].kind;
				return true;
			}
	}
	return false;
}

static int add_mark(struct marks *marks, size_t offset, enum mark_kind kind)
{
	if (marks->count == marks->room) {
		size_t room = marks->room * 2 + 16;
		void *grown = realloc(marks->list, room * sizeof(*marks->list));
		if (grown == NULL)
			return -1;
		marks->list = grown;
		marks->room = room;
	}
	marks->list[marks->count++] = (struct mark){ .offset = offset, .kind = kind };
	return 0;
}

int marks_read(struct marks *marks, struct slice text, size_t offset)
{
	size_t at = 0;
	enum mark_kind kind;

	for (;;) {
		size_t begin = slice_find(slice_sub(text, at, text.len), SLICE("<!--"));
		if (begin == SLICE_NONE)
			return 0;
		at += begin + 4;
		size_t len = slice_find(slice_sub(text, at, text.len), SLICE("-->"));
		if (len == SLICE_NONE)
			return 0;
		struct slice comment = slice_sub(text, at, at + len);
		at += len + 3;
		if (parse_mark(comment, &kind) && add_mark(marks, offset + at, kind) < 0)
			return -1;
	}
}

static int by_offset(const void *left, const void *right)
{
	const struct mark *a = left, *b = right;
	return (a->offset > b->offset) - (a->offset < b->offset);
}

void marks_sort(struct marks *marks, struct slice document)
{
	struct place place;
	uint32_t column;

	if (marks->count == 0)
		return;
	qsort(marks->list, marks->count, sizeof(*marks->list), by_offset);
	place_init(&place, document);
	for (size_t i = 0; i < marks->count; i++) {
		struct mark *mark = &marks->list[i];
		place_at(&place, mark->offset, &mark->line, &column);
		if (mark->kind == MARK_DISABLE_LINE)
			mark->offset = place.line_offset; /* what is before it, too */
	}
	qsort(marks->list, marks->count, sizeof(*marks->list), by_offset);
}

static void apply(struct marks *marks, const struct mark *mark)
{
	switch (mark->kind) {
	case MARK_DISABLE:
		marks->disabled = true;
		break;
	case MARK_ENABLE:
		marks->disabled = false;
		break;
	case MARK_DISABLE_LINE:
		marks->skipped_line = mark->line;
		break;
	case MARK_DISABLE_NEXT_LINE:
		marks->skipped_line = mark->line + 1;
		break;
	}
}

bool marks_allow(struct marks *marks, size_t offset, uint32_t line)
{
	if (offset < marks->offset) { /* from the beginning again */
		marks->next = 0;
		marks->skipped_line = 0;
		marks->disabled = false;
	}
	marks->offset = offset;
	while (marks->next < marks->count && marks->list[marks->next].offset <= offset)
		apply(marks, &marks->list[marks->next++]);
	return !marks->disabled && line != marks->skipped_line;
}
