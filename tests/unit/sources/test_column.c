#include "lib/test.h"

#include "sources/column_internal.h"

static struct occurrence count(
	struct column_counter *counter, size_t begin, size_t offset, size_t length)
{
	struct mention mention = { .column = (uint32_t)(offset - begin) + 1,
		.offset = offset,
		.length = length };
	struct occurrence at = { 0 };
	column_count(counter, &mention, &at);
	return at;
}

static void check(struct occurrence at, uint32_t character, uint32_t characters)
{
	assert_int_equal(at.character, character);
	assert_int_equal(at.characters, characters);
}

static void code_points_and_not_bytes(void **state)
{
	(void)state;
	/* 2 + 2 + 3 + 4 bytes, then "x", a line, "ü" twice and a broken byte. */
	struct column_counter counter;
	column_begin(&counter, SLICE("\xC3\x84\xC3\x96\xE2\x82\xAC\xF0\x9F\x98\x80x\n"
				     "\xC3\xBC\xFF\xC3\xBCxy"));
	check(count(&counter, 0, 0, 2), 1, 1);
	check(count(&counter, 0, 7, 5), 4, 2);
	check(count(&counter, 0, 11, 1), 5, 1);
	check(count(&counter, 13, 18, 2), 4, 2);
	check(count(&counter, 13, 18, 0), 4, 0);
	/* Back in the line, and in the document. */
	check(count(&counter, 13, 15, 1), 2, 1);
	check(count(&counter, 0, 4, 3), 3, 1);
}

static void only_its_first_line(void **state)
{
	(void)state;
	struct column_counter counter;
	column_begin(&counter, SLICE("ab\ncd\r\nef"));
	check(count(&counter, 0, 1, 5), 2, 1);
	check(count(&counter, 3, 3, 6), 1, 2);
}

/* A line of a megabyte, told from its end: known while it is cheap, then not at all. */
static void no_quadratic_time(void **state)
{
	(void)state;
	enum { LINE = 1 << 20 };
	static char line[LINE];
	struct column_counter counter;
	uint32_t known = 0;
	memset(line, 'x', sizeof(line));
	column_begin(&counter, (struct slice){ line, LINE });
	for (size_t offset = LINE - 1; offset > 0; offset--) {
		struct occurrence at = count(&counter, 0, offset, 1);
		if (at.character == 0)
			continue;
		check(at, (uint32_t)offset + 1, 1);
		known++;
	}
	assert_in_range(known, 1, 100);
	/* In its order, all of it is known. */
	column_begin(&counter, (struct slice){ line, LINE });
	for (size_t offset = 0; offset < LINE; offset++)
		check(count(&counter, 0, offset, 1), (uint32_t)offset + 1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_points_and_not_bytes),
		cmocka_unit_test(only_its_first_line),
		cmocka_unit_test(no_quadratic_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
