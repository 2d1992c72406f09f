#include "lib/test.h"

#include "registry/github.h"

static struct arena arena;

static int enter(void **state)
{
	(void)state;
	arena_init(&arena, 100000);
	return 0;
}

static int leave(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static void asks_about_repositories_only(void **state)
{
	(void)state;
	static const struct {
		const char *url, *question;
	} cases[] = {
		{ "https://github.com/imoneoi/openchat",
			"https://api.github.com/repos/imoneoi/openchat" },
		{ "http://www.github.com/a/b.git/", "https://api.github.com/repos/a/b" },
		{ "https://github.com/a", "" },
		{ "https://github.com/", "" },
		{ "https://github.com/a/b/issues/1", "" },
		{ "https://github.com/a/b%2Fc", "" },
		{ "https://github.com/a//", "" },
		{ "https://gitlab.com/a/b", "" },
		{ "https://github.com/topics/llm", "" },
		{ "https://github.com/Features/actions", "" },
		{ "https://github.com/orgs/x/", "" },
		{ "https://github.com/sponsors/x", "" },
		{ "https://github.com/search/advanced", "" },
		{ "https://github.com/topics-x/llm",
			"https://api.github.com/repos/topics-x/llm" },
		{ "nonsense", "" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_slice(github_question(&arena, slice_of(cases[i].url)),
			cases[i].question);
}

static bool read_answer(int status, const char *body, struct verdict *verdict)
{
	const struct observation answer = {
		.failure = REASON_OK,
		.http_status = status,
		.body = slice_of(body),
	};
	*verdict = (struct verdict){ .outcome = OUTCOME_GATED,
		.reason = REASON_RATE_LIMITED };
	return github_read(
		&arena, SLICE("https://github.com/Old/Name"), &answer, verdict);
}

static void reads_what_the_api_says(void **state)
{
	(void)state;
	struct verdict verdict;

	assert_true(read_answer(200,
		"{\"full_name\":\"old/name\",\"html_url\":\"https://github.com/old/"
		"name\","
		"\"archived\":true}",
		&verdict));
	assert_int_equal(verdict.outcome, OUTCOME_OK);
	assert_int_equal(verdict.notes, NOTE_BIT(NOTE_REPOSITORY_ARCHIVED));

	assert_true(read_answer(200,
		"{\"full_name\":\"new/name\",\"html_url\":\"https://github.com/new/"
		"name\"}",
		&verdict));
	assert_int_equal(verdict.outcome, OUTCOME_MOVED);
	assert_slice(verdict.suggestion.url, "https://github.com/new/name");

	assert_true(read_answer(404, "{\"message\":\"Not Found\"}", &verdict));
	assert_int_equal(verdict.reason, REASON_REGISTRY_MISSING);
	assert_true(read_answer(451, "{}", &verdict));
	assert_int_equal(verdict.reason, REASON_LEGAL_BLOCK);
}

/* Both or none. */
static void numbers(void **state)
{
	(void)state;
	static const struct {
		const char *more;
		uint64_t repository_id, owner_id;
	} cases[] = {
		{ "\"id\":1098765432,\"owner\":{\"id\":7}", 1098765432, 7 },
		{ "\"id\":5", 0, 0 },
		{ "\"owner\":{\"id\":7}", 0, 0 },
		{ "\"id\":-5,\"owner\":{\"id\":7}", 0, 0 },
		{ "\"id\":\"5\",\"owner\":{\"id\":7}", 0, 0 },
		{ "\"id\":5,\"owner\":7", 0, 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct verdict verdict;
		char body[256];
		snprintf(body, sizeof(body),
			"{\"full_name\":\"old/name\",\"html_url\":\"https://github.com/"
			"old/name\",%s}",
			cases[i].more);
		assert_true(read_answer(200, body, &verdict));
		assert_int_equal(verdict.repository_id, cases[i].repository_id);
		assert_int_equal(verdict.owner_id, cases[i].owner_id);
	}
}

static void trouble_changes_nothing(void **state)
{
	(void)state;
	struct verdict verdict;
	static const char *const bodies[] = { "", "{", "[]", "{\"full_name\":7}",
		"null" };
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_false(read_answer(200, bodies[i], &verdict));
		assert_int_equal(verdict.reason, REASON_RATE_LIMITED);
	}
	assert_false(read_answer(403, "{}", &verdict));
	assert_false(read_answer(429, "{}", &verdict));
	assert_false(read_answer(500, "{}", &verdict));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_about_repositories_only),
		cmocka_unit_test(reads_what_the_api_says),
		cmocka_unit_test(numbers),
		cmocka_unit_test(trouble_changes_nothing),
	};
	return cmocka_run_group_tests_name("github", tests, enter, leave);
}
