#include "lib/test.h"

#include "ask/anchors.h"

struct question {
	const char *fragment;
	enum anchor_answer answer;
};

static void finds_ids_as_browsers_and_github_do(void **state)
{
	(void)state;
	static const struct slice ids[] = { { "intro", 5 }, { "a b", 3 },
		{ "user-content-readme-file", 24 }, { "%41", 3 }, { "ü", 2 },
		{ "Upper", 5 }, { "", 0 } };
	static const struct question questions[] = {
		{ "intro", ANCHOR_FOUND },
		{ "a b", ANCHOR_FOUND },
		{ "a%20b", ANCHOR_FOUND },
		{ "%41", ANCHOR_FOUND }, /* as written, before it is decoded */
		{ "A", ANCHOR_MISSING },
		{ "ü", ANCHOR_FOUND },
		{ "%C3%BC", ANCHOR_FOUND },
		/* GitHub's script, whatever the case; elsewhere the case counts. */
		{ "readme-file", ANCHOR_FOUND },
		{ "Readme-File", ANCHOR_FOUND },
		/* As it is served of a document that has no prefixes. */
		{ "user-content-intro", ANCHOR_FOUND },
		{ "user-content-outro", ANCHOR_MISSING },
		{ "Intro", ANCHOR_OTHER_CASE },
		{ "upper", ANCHOR_OTHER_CASE },
		{ "Upper", ANCHOR_FOUND },
		{ "outro", ANCHOR_MISSING },
		{ "intro%20", ANCHOR_MISSING },
		{ "b", ANCHOR_MISSING },
		/* What is marked on the page is no part of the name. */
		{ "intro:~:text=x", ANCHOR_FOUND },
		{ "outro:~:text=x", ANCHOR_MISSING },
		{ ":~:text=x", ANCHOR_FOUND },
		{ "", ANCHOR_FOUND },
		{ "top", ANCHOR_FOUND },
		{ "/route", ANCHOR_FOUND },
	};
	struct arena arena, scratch;
	struct anchors anchors;

	arena_init(&arena, 64 * 1024);
	arena_init(&scratch, 64 * 1024);
	anchors_init(&anchors, &arena);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		assert_int_equal(anchors_add(&anchors, ids[i]), 0);
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		if (anchors_ask(&anchors, &scratch, slice_of(questions[i].fragment)) !=
			questions[i].answer)
			fail_msg("#%s", questions[i].fragment);
	anchors_fini(&anchors);
	arena_fini(&scratch);
	arena_fini(&arena);
}

/* An id in its own case counts, whichever of the two came first. */
static void knows_an_id_from_its_lower_case(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		struct arena arena;
		struct anchors anchors;
		arena_init(&arena, 64 * 1024);
		anchors_init(&anchors, &arena);
		for (int i = 0; i < 2; i++)
			assert_int_equal(
				anchors_add(&anchors,
					i == first ? SLICE("Part") : SLICE("part")),
				0);
		assert_int_equal(
			anchors_ask(&anchors, &arena, SLICE("part")), ANCHOR_FOUND);
		assert_int_equal(
			anchors_ask(&anchors, &arena, SLICE("Part")), ANCHOR_FOUND);
		anchors_fini(&anchors);
		arena_fini(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_ids_as_browsers_and_github_do),
		cmocka_unit_test(knows_an_id_from_its_lower_case),
	};
	return cmocka_run_group_tests_name("anchors", tests, NULL, NULL);
}
