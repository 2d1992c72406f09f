#include "lib/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "patch/diff.h"

enum { OUT_MAX = 64 << 20 };

/* What is written "old text" instead of bytes, so that a table can be read. */
struct change {
	const char *old, *new;
};

/* The nth place of each text, in order. */
static size_t changes_of(struct slice bytes, const struct change *changes, size_t count,
	struct replacement *list)
{
	size_t from = 0;
	for (size_t i = 0; i < count; i++) {
		size_t at = slice_find(
			slice_sub(bytes, from, bytes.len), slice_of(changes[i].old));
		assert_true(at != SLICE_NONE);
		list[i] = (struct replacement){ from + at, strlen(changes[i].old),
			slice_of(changes[i].new) };
		from += at + list[i].length;
	}
	return replacement_arrange(list, count);
}

static char *diff_of(
	const char *name, const char *old, const struct change *changes, size_t count)
{
	struct replacement list[16];
	struct buffer out;
	struct slice bytes = slice_of(old);
	count = changes_of(bytes, changes, count, list);
	buffer_init(&out, OUT_MAX);
	diff_add(slice_of(name), bytes, list, count, &out);
	assert_false(out.failed);
	char *text = strdup(buffer_string(&out));
	buffer_fini(&out);
	return text;
}

static void expect(
	const char *old, const struct change *changes, size_t count, const char *wanted)
{
	char *text = diff_of("f", old, changes, count);
	const char *body = text;
	if (text[0] != '\0') {
		assert_true(strncmp(text, "--- a/f\n+++ b/f\n", 16) == 0);
		body += 16;
	}
	assert_string_equal(body, wanted);
	free(text);
}

#define CHANGES(...)                                                                     \
	(const struct change[]){ __VA_ARGS__ },                                          \
		sizeof((const struct change[]){ __VA_ARGS__ }) / sizeof(struct change)

static void hunks_are_those_of_git(void **state)
{
	(void)state;
	expect("a\n", CHANGES({ "a", "b" }), "@@ -1 +1 @@\n-a\n+b\n");
	expect("1\n2\n3\n4\nx\n6\n7\n8\n9\n", CHANGES({ "x", "y" }),
		"@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-x\n+y\n 6\n 7\n 8\n");
	/* Six lines between: one hunk; seven: two. */
	expect("x\n1\n2\n3\n4\n5\n6\nz\n", CHANGES({ "x", "y" }, { "z", "w" }),
		"@@ -1,8 +1,8 @@\n-x\n+y\n 1\n 2\n 3\n 4\n 5\n 6\n-z\n+w\n");
	expect("x\n1\n2\n3\n4\n5\n6\n7\nz\n", CHANGES({ "x", "y" }, { "z", "w" }),
		"@@ -1,4 +1,4 @@\n-x\n+y\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n "
		"7\n-z\n+w\n");
	/* Twice on one line, and on two lines side by side. */
	expect("a b\n", CHANGES({ "a", "c" }, { "b", "d" }), "@@ -1 +1 @@\n-a b\n+c d\n");
	expect("1 a\n2 b\n", CHANGES({ "a", "c" }, { "b", "d" }),
		"@@ -1,2 +1,2 @@\n-1 a\n-2 b\n+1 c\n+2 d\n");
	/* Lines taken out and put in. */
	expect("a\nb\nc\n", CHANGES({ "b\n", "" }), "@@ -1,3 +1,2 @@\n a\n-b\n-c\n+c\n");
	expect("a\nb\n", CHANGES({ "b", "x\ny" }), "@@ -1,2 +1,3 @@\n a\n-b\n+x\n+y\n");
	expect("a\n", CHANGES({ "a\n", "" }), "@@ -1 +0,0 @@\n-a\n");
	/* The LF goes with the second of two. */
	expect("ab\nc\n", CHANGES({ "a", "x" }, { "b\n", "" }),
		"@@ -1,2 +1 @@\n-ab\n-c\n+xc\n");
	expect("a\n", CHANGES({ "a", "a" }), "");
}

static void the_end_of_a_file_is_marked(void **state)
{
	(void)state;
	const char mark[] = "\\ No newline at end of file\n";
	char wanted[200];
	snprintf(wanted, sizeof(wanted), "@@ -1,2 +1,2 @@\n a\n-b\n%s+c\n%s", mark, mark);
	expect("a\nb", CHANGES({ "b", "c" }), wanted);
	snprintf(wanted, sizeof(wanted), "@@ -1,2 +1,2 @@\n-a\n+c\n b\n%s", mark);
	expect("a\nb", CHANGES({ "a", "c" }), wanted);
	snprintf(wanted, sizeof(wanted), "@@ -1 +1 @@\n-b\n%s+b\n", mark);
	expect("b", CHANGES({ "b", "b\n" }), wanted);
}

static void names_are_those_of_git(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "docs/a.md", "a/docs/a.md" },
		{ "a b.md", "a/a b.md\t" },
		{ "q\"b\\.md", "\"a/q\\\"b\\\\.md\"" },
		{ "t\tn\n.md", "\"a/t\\tn\\n.md\"" },
		{ "\xc3\xa4.md", "\"a/\\303\\244.md\"" },
		{ "\x01\x7f", "\"a/\\001\\177\"" },
	};
	struct buffer out;
	buffer_init(&out, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buffer_reset(&out);
		diff_add_name("a/", slice_of(cases[i][0]), &out);
		assert_string_equal(buffer_string(&out), cases[i][1]);
	}
	buffer_fini(&out);
}

/* --- other people's programs take it --- */

static void write_file(const char *path, struct slice bytes)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(
		fwrite(bytes.at != NULL ? bytes.at : "", 1, bytes.len, file), bytes.len);
	assert_int_equal(fclose(file), 0);
}

static void expect_file(const char *path, struct slice bytes)
{
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	char *found = malloc(bytes.len + 2);
	assert_non_null(found);
	size_t len = fread(found, 1, bytes.len + 1, file);
	fclose(file);
	assert_int_equal(len, bytes.len);
	assert_int_equal(bytes.len > 0 ? memcmp(found, bytes.at, len) : 0, 0);
	free(found);
}

static void expect_applied(
	const char *name, struct slice old, const struct replacement *list, size_t count)
{
	static const char *const commands[] = { "git apply --check p && git apply p",
		"patch -s -p1 < p" };
	struct buffer diff, new;
	buffer_init(&diff, OUT_MAX);
	buffer_init(&new, OUT_MAX);
	diff_add(slice_of(name), old, list, count, &diff);
	replacement_apply(old, list, count, &new);
	write_file("p", buffer_slice(&diff));
	for (size_t i = 0; i < 2; i++) {
		write_file(name, old);
		assert_int_equal(system(commands[i]), 0);
		expect_file(name, buffer_slice(&new));
		unlink(name);
	}
	buffer_fini(&new);
	buffer_fini(&diff);
}

static void git_and_patch_take_it(void **state)
{
	(void)state;
	static const struct {
		const char *old;
		struct change changes[3];
		size_t count;
	} cases[] = {
		{ "one x\r\ntwo\r\nthree x\r\n", { { "x", "y" }, { "x", "z" } }, 2 },
		{ "\xff\xfe x \x80\nno end x", { { "x", "y" }, { "x", "z" } }, 2 },
		{ "x\n1\n2\n3\n4\n5\n6\n7\n8\nx\n9", { { "x", "y" }, { "x", "z" } }, 2 },
		{ "a\rx\rb\r\n\n\nx\n\n\n\n\n", { { "x", "y" }, { "x", "z\nz" } }, 2 },
		{ "a\nx\nb\nc", { { "x\nb\nc", "y" } }, 1 },
		{ "a\nx\nb", { { "x\n", "" } }, 1 },
		{ "-- x\n++ x\n\\ x\n@@ -1 +1 @@ x\n",
			{ { "x", "y" }, { "x", "z" }, { "x", "-" } }, 3 },
	};
	static const char *const names[] = { "plain.md", "a b.md", "\xc3\xa4\"q\".md",
		"new\nline", "back\\slash", "-dash", "tab\there" };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct replacement list[3];
		size_t count = changes_of(
			slice_of(cases[i].old), cases[i].changes, cases[i].count, list);
		for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
			expect_applied(names[n], slice_of(cases[i].old), list, count);
	}
}

/* A line of 8 MiB with 20,000 replacements; quadratic time would take minutes. */
static void a_long_line_is_no_matter(void **state)
{
	(void)state;
	enum { PIECE = 400, PIECES = 20000 };
	char *old = malloc((size_t)PIECE * PIECES);
	struct replacement *list = calloc(PIECES, sizeof(*list));
	assert_non_null(old);
	assert_non_null(list);
	memset(old, 'x', (size_t)PIECE * PIECES);
	for (size_t i = 0; i < PIECES; i++)
		list[i] = (struct replacement){ i * PIECE + 7, 3, SLICE("new") };
	expect_applied(
		"long", (struct slice){ old, (size_t)PIECE * PIECES }, list, PIECES);
	free(list);
	free(old);
}

/* And as many lines with one each. */
static void many_hunks_are_no_matter(void **state)
{
	(void)state;
	struct buffer old;
	enum { COUNT = 3000 };
	struct replacement *list = calloc(COUNT, sizeof(*list));
	assert_non_null(list);
	buffer_init(&old, OUT_MAX);
	for (size_t i = 0; i < COUNT; i++) {
		list[i] = (struct replacement){ old.len + 1, 1, SLICE("y") };
		buffer_printf(&old, " x%zu\n", i);
		for (size_t j = 0; j < i % 12; j++)
			buffer_printf(&old, "%zu\n", j);
	}
	expect_applied("many", buffer_slice(&old), list, COUNT);
	buffer_fini(&old);
	free(list);
}

static void a_ceiling_is_told(void **state)
{
	(void)state;
	struct buffer out;
	const struct replacement one = { 0, 1,
		SLICE("yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy") };
	buffer_init(&out, 60);
	diff_add(SLICE("f"), SLICE("x\n"), &one, 1, &out);
	assert_true(out.failed);
	buffer_fini(&out);
}

int main(void)
{
	char directory[] = "/tmp/linkrotd-diff-XXXXXX";
	if (mkdtemp(directory) == NULL || chdir(directory) != 0)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hunks_are_those_of_git),
		cmocka_unit_test(the_end_of_a_file_is_marked),
		cmocka_unit_test(names_are_those_of_git),
		cmocka_unit_test(git_and_patch_take_it),
		cmocka_unit_test(a_long_line_is_no_matter),
		cmocka_unit_test(many_hunks_are_no_matter),
		cmocka_unit_test(a_ceiling_is_told),
	};
	int result = cmocka_run_group_tests(tests, NULL, NULL);
	unlink("p");
	if (chdir("/") != 0 || rmdir(directory) != 0)
		fprintf(stderr, "%s is left\n", directory);
	return result;
}
