#include "lib/test.h"

#include "patch/replacement.h"

static void expect_applied(
	const char *old, struct replacement *list, size_t count, const char *wanted)
{
	struct buffer out;
	buffer_init(&out, 1000);
	count = replacement_arrange(list, count);
	assert_true(replacement_in_order(list, count, strlen(old)));
	replacement_apply(slice_of(old), list, count, &out);
	assert_string_equal(buffer_string(&out), wanted);
	buffer_fini(&out);
}

static void they_are_put_in_order(void **state)
{
	(void)state;
	struct replacement list[] = { { 4, 1, SLICE("E") }, { 0, 1, SLICE("A") },
		{ 2, 0, SLICE("--") } };
	expect_applied("abcdef", list, 3, "Ab--cdEf");
}

static void the_same_is_made_once(void **state)
{
	(void)state;
	struct replacement list[] = { { 1, 2, SLICE("X") }, { 1, 2, SLICE("X") },
		{ 1, 2, SLICE("X") } };
	assert_int_equal(replacement_arrange(list, 3), 1);
	expect_applied("abcd", list, 1, "aXd");
}

static void those_that_overlap_lose_to_the_first(void **state)
{
	(void)state;
	struct replacement list[] = { { 2, 3, SLICE("Y") }, { 1, 2, SLICE("X") },
		{ 3, 1, SLICE("Z") }, { 3, 0, SLICE("i") }, { 3, 0, SLICE("j") } };
	assert_int_equal(replacement_arrange(list, 5), 3);
	assert_int_equal(list[0].offset, 1);
	assert_int_equal(list[1].length, 0);
	assert_int_equal(list[2].length, 1);
	assert_true(replacement_in_order(list, 3, 4));
	assert_false(replacement_in_order(list, 3, 3));
}

/* Refuses every list that holds one of the bad, and counts. */
struct judge {
	uint64_t bad; /* bit per offset */
	uint32_t asked;
	int error_at;
};

static int judge_them(void *data, const struct replacement *list, size_t count)
{
	struct judge *judge = data;
	if ((int)++judge->asked == judge->error_at)
		return -7;
	for (size_t i = 0; i < count; i++)
		if ((judge->bad >> list[i].offset) & 1)
			return 0;
	return 1;
}

enum { MANY = 64 };

static void many(struct replacement list[static MANY])
{
	for (size_t i = 0; i < MANY; i++)
		list[i] = (struct replacement){ i, 1, SLICE("x") };
}

static void what_the_judge_refuses_is_left_out(void **state)
{
	(void)state;
	struct replacement list[MANY];
	bool kept[MANY];
	static const uint64_t sets[] = { 0, 1, UINT64_C(1) << 63, 0x8001000010000,
		UINT64_MAX };
	many(list);
	for (size_t s = 0; s < sizeof(sets) / sizeof(sets[0]); s++) {
		struct judge judge = { .bad = sets[s] };
		assert_int_equal(
			replacement_choose(list, MANY, judge_them, &judge, 1000, kept),
			0);
		for (size_t i = 0; i < MANY; i++)
			assert_int_equal(kept[i], !((sets[s] >> i) & 1));
		if (sets[s] == 0)
			assert_int_equal(judge.asked, 1);
		assert_true(judge.asked < 2 * MANY);
	}
}

static void questions_are_bounded(void **state)
{
	(void)state;
	struct replacement list[MANY];
	bool kept[MANY];
	struct judge judge = { .bad = 1 };
	many(list);
	assert_int_equal(replacement_choose(list, MANY, judge_them, &judge, 5, kept), 0);
	assert_int_equal(judge.asked, 5);
	for (size_t i = 0; i < MANY; i++)
		assert_false(kept[i]);
}

static void an_error_ends_it(void **state)
{
	(void)state;
	struct replacement list[MANY];
	bool kept[MANY];
	struct judge judge = { .bad = 1, .error_at = 3 };
	many(list);
	assert_int_equal(
		replacement_choose(list, MANY, judge_them, &judge, 100, kept), -7);
	assert_int_equal(judge.asked, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_put_in_order),
		cmocka_unit_test(the_same_is_made_once),
		cmocka_unit_test(those_that_overlap_lose_to_the_first),
		cmocka_unit_test(what_the_judge_refuses_is_left_out),
		cmocka_unit_test(questions_are_bounded),
		cmocka_unit_test(an_error_ends_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
