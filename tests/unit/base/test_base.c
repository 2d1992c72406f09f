#include "lib/test.h"

#include "base/arena.h"
#include "base/hash.h"
#include "base/heap.h"
#include "base/list.h"
#include "base/path.h"
#include "base/random.h"
#include "base/time.h"
#include "base/utf8.h"

static void slices(void **state)
{
	(void)state;
	struct slice rest = SLICE("a,,b"), part;
	assert_true(slice_split(&rest, ',', &part));
	assert_slice(part, "a");
	assert_true(slice_split(&rest, ',', &part));
	assert_slice(part, "");
	assert_true(slice_split(&rest, ',', &part));
	assert_slice(part, "b");
	assert_false(slice_split(&rest, ',', &part));
	assert_slice(slice_trim(SLICE(" \t x y\r\n")), "x y");
	assert_int_equal(slice_find_nocase(SLICE("abcDEF"), SLICE("cde")), 2);
	assert_int_equal(slice_find(SLICE("abc"), SLICE("d")), SLICE_NONE);

	uint64_t number;
	assert_true(slice_to_number(SLICE("65535"), 65535, &number));
	assert_int_equal(number, 65535);
	assert_false(slice_to_number(SLICE("65536"), 65535, &number));
	assert_false(slice_to_number(SLICE("99999999999999999999"), UINT64_MAX, &number));
	assert_true(slice_to_number(SLICE("18446744073709551615"), UINT64_MAX, &number));
	assert_false(slice_to_number(SLICE("-1"), 10, &number));
	assert_false(slice_to_number(SLICE(""), 10, &number));
}

static void paths_from_a_directory(void **state)
{
	(void)state;
	static const struct {
		const char *directory, *path, *wanted;
	} cases[] = { { "/a/b", "x.md", "x.md" }, { "/a/b", "./c/.//x.md", "c/x.md" },
		{ "/a/b", "/a/b/c/x.md", "c/x.md" }, { "/a/b", "../b/x.md", "x.md" },
		{ "/a/b", "c/../x.md", "x.md" }, { "/a/b", "../x.md", "../x.md" },
		{ "/a/b", "/a/bc/x.md", "/a/bc/x.md" }, { "/a/b", "/a/b", "/a/b" },
		{ "/a/b", "/../../a/b/x.md", "x.md" }, { "/", "/x.md", "x.md" },
		{ "/", "./x.md", "x.md" }, { "", "./x/../y.md", "x/../y.md" },
		{ "", "/x.md", "/x.md" }, { "/a/b", "./", "./" }, { "/a/b", "-", "-" },
		{ "/a/b", "https://c.example/./x.md", "https://c.example/./x.md" } };
	struct buffer room;
	buffer_init(&room, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_slice(path_from(slice_of(cases[i].directory),
				     slice_of(cases[i].path), &room),
			cases[i].wanted);
	buffer_fini(&room);
	buffer_init(&room, 3); /* no room: as if there were no directory */
	assert_slice(path_from(SLICE("/a/b"), SLICE("./x.md"), &room), "x.md");
	buffer_fini(&room);
}

static void arena_has_a_ceiling(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena, 10000);
	char *first = arena_alloc(&arena, 5000);
	assert_non_null(first);
	assert_null(arena_alloc(&arena, 6000));
	assert_true(arena.failed);
	assert_slice(arena_copy(&arena, SLICE("still usable")), "still usable");
	assert_null(arena_array(&arena, SIZE_MAX / 2, 3));
	arena_reset(&arena);
	assert_false(arena.failed);
	assert_non_null(arena_alloc(&arena, 9000));
	assert_slice(arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
	arena_fini(&arena);
	arena_fini(&arena);
}

static void buffer_fails_once(void **state)
{
	(void)state;
	struct buffer buffer;
	buffer_init(&buffer, 8);
	buffer_add_text(&buffer, "12345678");
	assert_false(buffer.failed);
	buffer_add_char(&buffer, '9');
	assert_true(buffer.failed);
	buffer_add_text(&buffer, "");
	assert_string_equal(buffer_string(&buffer), "12345678");
	buffer_fini(&buffer);
}

static void durations(void **state)
{
	(void)state;
	time_ms span;
	static const struct {
		const char *text;
		time_ms span;
	} good[] = { { "250ms", 250 }, { "90s", 90000 }, { "15m", 900000 },
		{ "6h", 21600000 }, { "7d", 604800000 }, { "2w", 1209600000 },
		{ "1h30m", 5400000 }, { "0", 0 } };
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(time_parse_duration(slice_of(good[i].text), &span));
		assert_int_equal(span, good[i].span);
	}
	static const char *const bad[] = { "", "5", "s", "-1s", "1y", "1.5s", "9999999w",
		"99999999999999999999s", "1s ", "1 s" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(time_parse_duration(slice_of(bad[i]), &span));
}

static void civil_time(void **state)
{
	(void)state;
	char text[TIME_RFC3339_SIZE];
	time_ms wall = time_of_civil(2026, 11, 23, 3, 30, 1);
	assert_int_equal(wall, INT64_C(1795404601000));
	time_format_rfc3339(wall, text);
	assert_string_equal(text, "2026-11-23T03:30:01Z");
	for (int64_t day = 0; day < 60000; day += 17) {
		char again[TIME_RFC3339_SIZE];
		time_t seconds = (time_t)(day * 86400 + 86399);
		struct tm tm;
		gmtime_r(&seconds, &tm);
		strftime(again, sizeof(again), "%Y-%m-%dT%H:%M:%SZ", &tm);
		time_format_rfc3339((time_ms)seconds * 1000, text);
		assert_string_equal(text, again);
	}
}

static struct slice printable(struct buffer *buffer, const char *text, size_t max)
{
	buffer_reset(buffer);
	utf8_add_printable(buffer, slice_of(text), max);
	return buffer_slice(buffer);
}

static void dates(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "2026-11-2", "-026-11-23", "+026-11-23",
		" 026-11-23", "2026-+1-23", "2026-11-23T03:30:01",
		"2026-11-23T03:30:01Z ", "2026-11-23 ", "2026-13-23", "2026-11-00",
		"2026-11-23T24:00:00Z", "1969-12-31", "2026-11-31", "2026-02-29",
		"2026-11-23T03:30Z", "2026-11-23T03:60:00Z", "2026-11-23T03:30:61Z",
		"2026-11-23T03:30:01.Z", "2026-11-23T03:30:01,5Z",
		"2026-11-23T03:30:01.5", "2026-11-23T03:30:01+0200",
		"2026-11-23T03:30:01+02", "2026-11-23T03:30:01+24:00",
		"2026-11-23T03:30:01+02:60", "2026-11-23T03:30:01++02:00",
		"2026-11-23T03:30:01  02:00", "2026-11-23T03:30:01Z+02:00",
		"1970-01-01T00:00:00+00:01", "2026-11-23_03:30:01Z" };
	static const struct {
		const char *text;
		int ms; /* after 03:30:01 */
	} good[] = {
		{ "2026-11-23T03:30:01z", 0 },
		{ "2026-11-23t03:30:01Z", 0 },
		{ "2026-11-23 03:30:01Z", 0 },
		{ "2026-11-23T03:30:01.5Z", 500 },
		{ "2026-11-23T03:30:01.0259999999999Z", 25 },
		{ "2026-11-23T03:30:01+00:00", 0 },
		{ "2026-11-23T03:30:01-00:00", 0 },
		{ "2026-11-23T05:30:01+02:00", 0 },
		{ "2026-11-23T05:30:01 02:00", 0 },
		{ "2026-11-22T22:00:01.75-05:30", 750 },
		{ "2026-11-24T03:29:01+23:59", 0 },
	};
	time_ms wall;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!time_parse_date(slice_of(good[i].text), &wall) ||
			wall != time_of_civil(2026, 11, 23, 3, 30, 1) + good[i].ms)
			fail_msg("%s: %lld", good[i].text, (long long)wall);
	assert_true(time_parse_date(SLICE("2024-02-29"), &wall));
	assert_true(time_parse_date(SLICE("2026-12-31"), &wall));
	assert_true(time_parse_date(SLICE("2026-11-23T03:30:01Z"), &wall));
	assert_int_equal(wall, time_of_civil(2026, 11, 23, 3, 30, 1));
	assert_true(time_parse_date(SLICE("2026-11-23"), &wall));
	assert_int_equal(wall, time_of_civil(2026, 11, 23, 0, 0, 0));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (time_parse_date(slice_of(bad[i]), &wall))
			fail_msg("taken for a date: %s", bad[i]);
}

static void hostile_text(void **state)
{
	(void)state;
	struct buffer buffer;
	buffer_init(&buffer, 1000);
	assert_slice(printable(&buffer, " a\x1b[31m\r\n\tb ", 100), "a [31m b");
	assert_slice(printable(&buffer, "a\xe2\x80\xaeg\xe2\x80\x8bpj", 100), "agpj");
	assert_slice(printable(&buffer,
			     "a\xEF\xBF\xBE\xEF\xBF\xBF\xEF\xB7\x90\xEF\xB7\xAF"
			     "\xF0\x9F\xBF\xBE\xF4\x8F\xBF\xBF\xEF\xB7\x8F\xEF\xBF\xBD",
			     100),
		"a\xEF\xB7\x8F\xEF\xBF\xBD");
	assert_slice(printable(&buffer, "\xff\xc0\xaf", 100),
		"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
	assert_slice(printable(&buffer, "abcdefghij", 10), "abcdefghij");
	struct slice cut = printable(&buffer, "abcdefghijklmnop", 10);
	assert_true(cut.len <= 10);
	assert_true(slice_ends(cut, SLICE("…")));
	assert_true(utf8_valid(SLICE("h\xc3\xa9 \xf0\x9f\x98\x80")));
	assert_false(utf8_valid(SLICE("\xed\xa0\x80")));
	assert_false(utf8_valid(SLICE("\xf0\x9f\x98")));
	buffer_fini(&buffer);
}

static void heap_keeps_order(void **state)
{
	(void)state;
	enum { COUNT = 500 };
	static struct heap_node nodes[COUNT];
	struct heap heap = { 0 };
	struct random random;
	random_init(&random, 1);
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(
			heap_add(&heap, &nodes[i], (int64_t)random_below(&random, 50)),
			0);
	for (size_t i = 0; i < COUNT; i += 3)
		heap_remove(&heap, &nodes[i]);
	for (size_t i = 1; i < COUNT; i += 3)
		heap_change(&heap, &nodes[i], (int64_t)random_below(&random, 90));
	heap_remove(&heap, &nodes[0]);
	int64_t last = -1;
	uint64_t order = 0;
	size_t count = 0;
	for (struct heap_node *top; (top = heap_top(&heap)) != NULL; count++) {
		assert_true(top->key > last || (top->key == last && top->order > order));
		last = top->key;
		order = top->order;
		heap_remove(&heap, top);
		assert_false(heap_holds(top));
	}
	assert_int_equal(count, COUNT - (COUNT + 2) / 3);
	heap_fini(&heap);
}

static void hash_depends_on_everything(void **state)
{
	(void)state;
	uint64_t hash = hash_bytes(SLICE("https://example.org/"), 0);
	assert_int_equal(hash, hash_bytes(SLICE("https://example.org/"), 0));
	assert_int_not_equal(hash, hash_bytes(SLICE("https://example.org/"), 1));
	assert_int_not_equal(hash, hash_bytes(SLICE("https://example.org"), 0));
	assert_int_not_equal(
		hash_bytes(SLICE("\0"), 0), hash_bytes((struct slice){ "\0\0", 2 }, 0));
}

static void lists(void **state)
{
	(void)state;
	struct list head, a, b;
	list_init(&head);
	list_init(&a);
	list_init(&b);
	list_push_back(&head, &a);
	list_push_front(&head, &b);
	list_remove(&a);
	list_remove(&a);
	assert_ptr_equal(list_pop_front(&head), &b);
	assert_null(list_pop_front(&head));
	assert_true(list_empty(&head));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slices),
		cmocka_unit_test(paths_from_a_directory),
		cmocka_unit_test(arena_has_a_ceiling),
		cmocka_unit_test(buffer_fails_once),
		cmocka_unit_test(durations),
		cmocka_unit_test(civil_time),
		cmocka_unit_test(dates),
		cmocka_unit_test(hostile_text),
		cmocka_unit_test(heap_keeps_order),
		cmocka_unit_test(hash_depends_on_everything),
		cmocka_unit_test(lists),
	};
	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
