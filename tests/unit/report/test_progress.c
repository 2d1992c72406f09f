#include "unit/report/sample.h"

#include "base/random.h"
#include "base/utf8.h"
#include "report/progress.h"

/* Cells without the colours; fails on anything that would move the cursor. */
static uint32_t count_cells(struct slice line)
{
	uint32_t cells = 0;
	while (line.len > 0) {
		if (line.at[0] == '\x1b') {
			size_t end = slice_find_char(line, 'm');
			assert_true(end != SLICE_NONE && end <= 4);
			line = slice_sub(line, end + 1, line.len);
			continue;
		}
		uint32_t c = utf8_next(&line);
		assert_true((c >= 0x20 && c < 0x7F) || c == 0x2501 || c == 0x2500);
		cells++;
	}
	return cells;
}

static const struct progress_host hosts[] = {
	{ STATIC_SLICE("arxiv.org"), 61, 0 },
	{ STATIC_SLICE("openreview.net"), 9, 1900 },
	{ STATIC_SLICE("\x1b[2J\xFF\n"), 7, 0 },
	{ STATIC_SLICE("never.example"), 1, 0 },
};

static const struct progress busy = {
	.links = 117,
	.done = 45,
	.by_outcome = { [OUTCOME_BROKEN] = 2,
		[OUTCOME_UNREACHABLE] = 1,
		[OUTCOME_OK] = 42 },
	.elapsed_ms = 12300,
	.hosts = hosts,
	.host_count = 2,
	.columns = 200,
};

static void wide_line_says_all(void **state)
{
	(void)state;
	struct buffer out;
	buffer_init(&out, 4096);
	progress_write(&busy, &out);
	assert_string_equal(buffer_string(&out),
		"━━━━━━━━━─────────────── 45/117  2 broken  1 unreachable  12.3 s  "
		"waiting: arxiv.org (61), openreview.net (9) in 2 s");
	buffer_fini(&out);
}

static void narrow_line_keeps_the_count(void **state)
{
	(void)state;
	struct buffer out;
	buffer_init(&out, 4096);
	struct progress narrow = busy;
	narrow.columns = 6;
	progress_write(&narrow, &out);
	assert_string_equal(buffer_string(&out), "45/117");
	buffer_reset(&out);
	narrow.columns = 5;
	progress_write(&narrow, &out);
	assert_string_equal(buffer_string(&out), "");
	narrow.columns = 0;
	progress_write(&narrow, &out);
	assert_string_equal(buffer_string(&out), "");
	buffer_fini(&out);
}

static void never_wider_than_the_terminal(void **state)
{
	(void)state;
	struct random random;
	struct buffer out;
	random_init(&random, 7);
	buffer_init(&out, 1u << 16);
	for (uint32_t columns = 1; columns <= 200; columns++) {
		for (int round = 0; round < 50; round++) {
			struct progress progress = busy;
			progress.columns = columns;
			progress.colour = random_below(&random, 2) == 1;
			progress.links = (uint32_t)random_next(&random) >>
					 random_below(&random, 32);
			progress.done = (uint32_t)random_next(&random) >>
					random_below(&random, 32);
			progress.elapsed_ms = (time_ms)(random_next(&random) >>
							(1 + random_below(&random, 62)));
			for (size_t i = 0; i < OUTCOME_COUNT; i++)
				progress.by_outcome[i] =
					(uint32_t)random_below(&random, 3) *
					(uint32_t)random_next(&random);
			progress.host_count = (uint32_t)random_below(&random, 5);
			buffer_reset(&out);
			progress_write(&progress, &out);
			assert_false(out.failed);
			assert_in_range(count_cells(buffer_slice(&out)), 0, columns);
		}
	}
	buffer_fini(&out);
}

/* Each part is there exactly from the width on at which it fits. */
static void exact_fit(void **state)
{
	(void)state;
	struct buffer out;
	buffer_init(&out, 4096);
	struct progress exact = busy;
	exact.host_count = 0;
	const uint32_t whole =
		(uint32_t)strlen("45/117  2 broken  1 unreachable  12.3 s");
	for (exact.columns = whole - 1; exact.columns <= whole; exact.columns++) {
		buffer_reset(&out);
		progress_write(&exact, &out);
		assert_int_equal(strstr(buffer_string(&out), "12.3 s") != NULL,
			exact.columns == whole);
	}
	buffer_fini(&out);
}

static void bar_is_full_only_at_the_end(void **state)
{
	(void)state;
	struct buffer out;
	buffer_init(&out, 4096);
	struct progress end = busy;
	end.done = end.links;
	progress_write(&end, &out);
	assert_null(strstr(buffer_string(&out), "─"));
	buffer_reset(&out);
	end.done--;
	progress_write(&end, &out);
	assert_non_null(strstr(buffer_string(&out), "─"));
	buffer_reset(&out);
	end.done = end.links = 0;
	progress_write(&end, &out);
	assert_null(strstr(buffer_string(&out), "━"));
	buffer_fini(&out);
}

static void hostile_hosts_are_harmless(void **state)
{
	(void)state;
	struct buffer out;
	buffer_init(&out, 4096);
	struct progress evil = busy;
	evil.hosts = &hosts[2];
	evil.host_count = 1;
	progress_write(&evil, &out);
	assert_non_null(strstr(buffer_string(&out), "waiting: ?[2J?? (7)"));
	buffer_fini(&out);
}

static void ceiling(void **state)
{
	(void)state;
	for (size_t limit = 0; limit < 120; limit++) {
		struct buffer out;
		buffer_init(&out, limit);
		progress_write(&busy, &out);
		assert_true(out.failed);
		buffer_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wide_line_says_all),
		cmocka_unit_test(narrow_line_keeps_the_count),
		cmocka_unit_test(never_wider_than_the_terminal),
		cmocka_unit_test(exact_fit),
		cmocka_unit_test(bar_is_full_only_at_the_end),
		cmocka_unit_test(hostile_hosts_are_harmless),
		cmocka_unit_test(ceiling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
