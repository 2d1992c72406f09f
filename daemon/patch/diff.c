#include "patch/diff.h"

#include <assert.h>
#include <stdint.h>

/* Old lines that change together, and what stands there instead. */
struct region {
	size_t begin, end;    /* whole lines of the old document */
	size_t first, behind; /* its replacements */
};

/* A position between two lines, in both documents. */
struct position {
	size_t at;                   /* in the old one */
	uint64_t old_line, new_line; /* from 1, of what follows */
};

struct differ {
	struct slice bytes;
	const struct replacement *list;
	size_t count;
	struct buffer *out;
	struct position now, hunk;
	struct buffer body; /* of the hunk that is open */
	struct buffer text; /* of a region, new */
	bool open;
};

/* --- lines --- */

/* Behind the LF of the line that holds `at`; the document's end for the last one. */
static size_t line_end(struct slice bytes, size_t at)
{
	struct slice rest = slice_sub(bytes, at, bytes.len);
	size_t lf = slice_find_char(rest, '\n');
	return lf == SLICE_NONE ? bytes.len : at + lf + 1;
}

/* Nothing in front of `from`, which begins a line, is looked at: a line may be long and
 * have many replacements. */
static size_t line_begin(struct slice bytes, size_t from, size_t at)
{
	const char *lf = at > from ? memrchr(bytes.at + from, '\n', at - from) : NULL;
	return lf == NULL ? from : (size_t)(lf - bytes.at) + 1;
}

/* Takes a line with its LF off the front. */
static struct slice take_line(struct slice *rest)
{
	size_t end = line_end(*rest, 0);
	struct slice line = slice_sub(*rest, 0, end);
	*rest = slice_sub(*rest, end, rest->len);
	return line;
}

static void add_line(struct buffer *out, char mark, struct slice line)
{
	buffer_add_char(out, mark);
	buffer_add(out, line);
	if (!slice_ends(line, SLICE("\n")))
		buffer_add_text(out, "\n\\ No newline at end of file\n");
}

/* --- names --- */

static bool needs_quotes(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.at[i];
		if (c < ' ' || c >= 0x7F || c == '"' || c == '\\')
			return true;
	}
	return false;
}

static void add_quoted(struct buffer *out, struct slice name)
{
	static const char named[] = "abtnvfr"; /* from 7 on */
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.at[i];
		if (c == '"' || c == '\\')
			buffer_printf(out, "\\%c", c);
		else if (c >= 7 && c < 7 + sizeof(named) - 1)
			buffer_printf(out, "\\%c", named[c - 7]);
		else if (c < ' ' || c >= 0x7F)
			buffer_printf(out, "\\%03o", (unsigned)c);
		else
			buffer_add_char(out, (char)c);
	}
}

void diff_add_name(const char *prefix, struct slice name, struct buffer *out)
{
	if (needs_quotes(name)) {
		buffer_printf(out, "\"%s", prefix);
		add_quoted(out, name);
		buffer_add_char(out, '"');
		return;
	}
	buffer_add_text(out, prefix);
	buffer_add(out, name);
	if (slice_find_char(name, ' ') != SLICE_NONE)
		buffer_add_char(out, '\t');
}

/* --- hunks --- */

static void add_range(struct buffer *out, char mark, uint64_t line, uint64_t count)
{
	/* No line at all: the one before it is named. */
	buffer_printf(
		out, " %c%llu", mark, (unsigned long long)(count == 0 ? line - 1 : line));
	if (count != 1)
		buffer_printf(out, ",%llu", (unsigned long long)count);
}

/* Goes over as many lines that stay, and copies them into the open hunk. */
static void keep_lines(struct differ *differ, uint64_t count, bool write)
{
	struct slice rest = slice_sub(differ->bytes, differ->now.at, differ->bytes.len);
	for (; count > 0 && rest.len > 0; count--) {
		struct slice line = take_line(&rest);
		if (write)
			add_line(&differ->body, ' ', line);
		differ->now.at += line.len;
		differ->now.old_line++;
		differ->now.new_line++;
	}
}

static void close_hunk(struct differ *differ)
{
	struct buffer *out = differ->out;
	const struct position *from = &differ->hunk, *to = &differ->now;
	if (!differ->open)
		return;
	buffer_add_text(out, "@@");
	add_range(out, '-', from->old_line, to->old_line - from->old_line);
	add_range(out, '+', from->new_line, to->new_line - from->new_line);
	buffer_add_text(out, " @@\n");
	buffer_add(out, buffer_slice(&differ->body));
	out->failed |= differ->body.failed;
	buffer_reset(&differ->body);
	differ->open = false;
}

static uint64_t count_lines(struct slice text)
{
	uint64_t count = 0;
	for (; text.len > 0; count++)
		take_line(&text);
	return count;
}

/* Up to the region's first line, with the context behind the last and before this one. */
static void go_to(struct differ *differ, const struct region *region)
{
	uint64_t between =
		count_lines(slice_sub(differ->bytes, differ->now.at, region->begin));
	if (differ->open && between > 2 * DIFF_CONTEXT_LINES) {
		keep_lines(differ, DIFF_CONTEXT_LINES, true);
		between -= DIFF_CONTEXT_LINES;
		close_hunk(differ);
	}
	if (!differ->open) {
		if (between > DIFF_CONTEXT_LINES) {
			keep_lines(differ, between - DIFF_CONTEXT_LINES, false);
			between = DIFF_CONTEXT_LINES;
		}
		differ->hunk = differ->now;
		differ->open = true;
	}
	keep_lines(differ, between, true);
}

/* Whether it is on the region's lines or the one behind them. */
static bool touches(const struct differ *differ, const struct region *region,
	const struct replacement *next)
{
	return next->offset <= region->end ||
	       line_begin(differ->bytes, region->end, next->offset) == region->end;
}

/* The lines around a replacement, and around all that follow on the same or the next
 * line, so that everything taken out stands in front of everything put in. */
static struct region region_from(const struct differ *differ, size_t first)
{
	struct slice bytes = differ->bytes;
	struct region region = { .first = first, .behind = first };
	region.begin = line_begin(bytes, differ->now.at, differ->list[first].offset);
	region.end = region.begin;
	do {
		const struct replacement *next = &differ->list[region.behind++];
		/* The line behind its last byte: should the LF itself be taken out, the
		 * next line changes, too. */
		size_t end = next->offset + next->length;
		if (end >= region.end)
			region.end = line_end(bytes, end);
	} while (region.behind < differ->count &&
		 touches(differ, &region, &differ->list[region.behind]));
	return region;
}

static void make_new_text(struct differ *differ, const struct region *region)
{
	size_t at = region->begin;
	buffer_reset(&differ->text);
	for (size_t i = region->first; i < region->behind; i++) {
		const struct replacement *replacement = &differ->list[i];
		buffer_add(
			&differ->text, slice_sub(differ->bytes, at, replacement->offset));
		buffer_add(&differ->text, replacement->text);
		at = replacement->offset + replacement->length;
	}
	buffer_add(&differ->text, slice_sub(differ->bytes, at, region->end));
	differ->out->failed |= differ->text.failed;
}

static void add_region(struct differ *differ, const struct region *region)
{
	struct slice old = slice_sub(differ->bytes, region->begin, region->end);
	make_new_text(differ, region);
	struct slice new = buffer_slice(&differ->text);
	if (slice_equal(old, new))
		return;
	go_to(differ, region);
	while (old.len > 0) {
		add_line(&differ->body, '-', take_line(&old));
		differ->now.old_line++;
	}
	while (new.len > 0) {
		add_line(&differ->body, '+', take_line(&new));
		differ->now.new_line++;
	}
	differ->now.at = region->end;
}

static void add_hunks(struct differ *differ)
{
	for (size_t i = 0; i < differ->count && !differ->out->failed;) {
		struct region region = region_from(differ, i);
		add_region(differ, &region);
		i = region.behind;
	}
	if (differ->open)
		keep_lines(differ, DIFF_CONTEXT_LINES, true);
	close_hunk(differ);
}

void diff_add(struct slice name, struct slice bytes, const struct replacement *list,
	size_t count, struct buffer *out)
{
	struct differ differ = {
		.bytes = bytes,
		.list = list,
		.count = count,
		.out = out,
		.now = { 0, 1, 1 },
	};
	assert(replacement_in_order(list, count, bytes.len));
	size_t start = out->len;
	buffer_init(&differ.body, out->bytes_max);
	buffer_init(&differ.text, out->bytes_max);
	buffer_add_text(out, "--- ");
	diff_add_name("a/", name, out);
	buffer_add_text(out, "\n+++ ");
	diff_add_name("b/", name, out);
	buffer_add_text(out, "\n");
	size_t head = out->len;
	add_hunks(&differ);
	if (out->len == head && !out->failed)
		buffer_truncate(out, start);
	buffer_fini(&differ.text);
	buffer_fini(&differ.body);
}
