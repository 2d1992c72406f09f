/* patch: replacements of any bytes; the diff, applied by a reader of its own, gives the
 * same document as the replacements themselves. A URL that is spelt for an attribute or a
 * destination has no byte that ends it. */
#include "fuzz.h"

#include "patch/diff.h"
#include "patch/spelling.h"

enum { LIST_MAX = 64, BYTES_MAX = 1 << 20 };

static struct slice take_line(struct slice *rest)
{
	size_t lf = slice_find_char(*rest, '\n');
	size_t len = lf == SLICE_NONE ? rest->len : lf + 1;
	struct slice line = slice_sub(*rest, 0, len);
	*rest = slice_sub(*rest, len, rest->len);
	return line;
}

static uint64_t take_number(struct slice *rest)
{
	uint64_t number = 0;
	assert(rest->len > 0 && char_is_digit(rest->at[0]));
	while (rest->len > 0 && char_is_digit(rest->at[0])) {
		number = number * 10 + (uint64_t)(rest->at[0] - '0');
		*rest = slice_sub(*rest, 1, rest->len);
	}
	return number;
}

struct range {
	uint64_t line, count;
};

static struct range take_range(struct slice *rest, struct slice mark)
{
	struct range range = { 0, 1 };
	assert(slice_starts(*rest, mark));
	*rest = slice_sub(*rest, mark.len, rest->len);
	range.line = take_number(rest);
	if (rest->len > 0 && rest->at[0] == ',') {
		*rest = slice_sub(*rest, 1, rest->len);
		range.count = take_number(rest);
	}
	if (range.count > 0)
		range.line--; /* lines before it */
	return range;
}

/* A line of a hunk without its mark, and without the LF that the document has not. */
static struct slice take_body(struct slice *diff)
{
	struct slice line = take_line(diff);
	assert(line.len >= 1 && slice_ends(line, SLICE("\n")));
	if (slice_starts(*diff, SLICE("\\"))) {
		struct slice said = take_line(diff);
		assert(slice_equal(said, SLICE("\\ No newline at end of file\n")));
		line.len--;
	}
	return slice_sub(line, 1, line.len);
}

/* Strict: no fuzz, no offset. */
static void apply(struct slice old, struct slice diff, struct buffer *out)
{
	uint64_t at = 0, made = 0;
	take_line(&diff);
	take_line(&diff);
	while (diff.len > 0) {
		struct slice head = take_line(&diff);
		struct range from = take_range(&head, SLICE("@@ -"));
		struct range to = take_range(&head, SLICE(" +"));
		assert(slice_equal(head, SLICE(" @@\n")));
		for (; at < from.line; at++, made++) {
			assert(old.len > 0);
			buffer_add(out, take_line(&old));
		}
		assert(made == to.line);
		while (from.count + to.count > 0) {
			assert(diff.len > 0);
			char mark = diff.at[0];
			struct slice body = take_body(&diff);
			assert(mark == ' ' || mark == '-' || mark == '+');
			if (mark != '+') {
				assert(from.count-- > 0);
				assert(slice_equal(body, take_line(&old)));
				at++;
			}
			if (mark != '-') {
				assert(to.count-- > 0);
				buffer_add(out, body);
				made++;
			}
		}
	}
	buffer_add(out, old);
}

static void check_spelling(struct slice url)
{
	struct buffer out;
	buffer_init(&out, BYTES_MAX);
	for (int form = SPELLING_FORM_INLINE; form <= SPELLING_FORM_CELL; form++) {
		buffer_reset(&out);
		if (spelling_add((enum spelling_form)form, url, &out) != NULL) {
			assert(out.len == 0);
			continue;
		}
		for (size_t i = 0; i < out.len; i++)
			assert(out.at[i] > ' ' && out.at[i] < 0x7F &&
				strchr("\"<>", out.at[i]) == NULL);
		assert(out.len >= url.len);
	}
	buffer_fini(&out);
}

/* The first lines say what is replaced, "offset length text"; one that is empty ends
 * them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = fuzz_slice(data, size), line;
	struct replacement list[LIST_MAX];
	size_t count = 0;
	while (count < LIST_MAX && (line = fuzz_line(&rest)).len >= 3) {
		list[count++] = (struct replacement){
			.offset = (unsigned char)line.at[0] +
				  ((size_t)(unsigned char)line.at[1] << 4),
			.length = (unsigned char)line.at[2],
			.text = slice_sub(line, 3, line.len),
		};
		check_spelling(slice_sub(line, 3, line.len));
	}
	for (size_t i = 0; i < count; i++) {
		list[i].offset %= rest.len + 1;
		if (list[i].length > rest.len - list[i].offset)
			list[i].length = rest.len - list[i].offset;
	}
	count = replacement_arrange(list, count);
	assert(replacement_in_order(list, count, rest.len));

	struct buffer new, diff, again;
	buffer_init(&new, BYTES_MAX);
	buffer_init(&diff, BYTES_MAX);
	buffer_init(&again, BYTES_MAX);
	replacement_apply(rest, list, count, &new);
	diff_add(SLICE("a b"), rest, list, count, &diff);
	if (!new.failed && !diff.failed) {
		apply(rest, buffer_slice(&diff), &again);
		assert(slice_equal(buffer_slice(&again), buffer_slice(&new)));
		assert((diff.len == 0) == slice_equal(rest, buffer_slice(&new)));
	}
	buffer_fini(&again);
	buffer_fini(&diff);
	buffer_fini(&new);
	return 0;
}
