#include "lib/test.h"

#include "registry/wayback.h"

static bool read_target(struct arena *arena, int status, const char *target,
	struct suggestion *suggestion)
{
	const struct hop hop = { .status = status, .target = slice_of(target) };
	const struct observation answer = {
		.failure = REASON_OK,
		.http_status = status,
		.hops = &hop,
		.hop_count = 1,
	};
	*suggestion = (struct suggestion){ 0 };
	return wayback_read(arena, &answer, suggestion);
}

static void reads_captures(void **state)
{
	(void)state;
	struct arena arena;
	struct suggestion suggestion;
	arena_init(&arena, 10000);
	assert_slice(wayback_question(&arena, SLICE("http://dead.example/x?y")),
		"https://web.archive.org/web/http://dead.example/x?y");
	static const char capture[] =
		"https://web.archive.org/web/20200131142510/http://dead.example/";
	assert_true(read_target(&arena, 302, capture, &suggestion));
	assert_slice(suggestion.url, capture);
	assert_int_not_equal(slice_find(suggestion.why, SLICE("2020-01-31")), SLICE_NONE);
	assert_true(read_target(&arena, 302,
		"http://web.archive.org/web/20200131142510/http://x/", &suggestion));
	assert_false(read_target(&arena, 302,
		"http://web.archive.evil.example/web/20200131142510/http://x/",
		&suggestion));
	assert_false(read_target(&arena, 404, "", &suggestion));
	assert_false(read_target(&arena, 302, "https://archive.org/", &suggestion));
	assert_false(read_target(
		&arena, 302, "https://web.archive.org/web/2020/http://x/", &suggestion));
	assert_false(read_target(&arena, 302,
		"https://web.archive.org/web/2020013114251x/http://x/", &suggestion));
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_captures),
	};
	return cmocka_run_group_tests_name("wayback", tests, NULL, NULL);
}
