#include "judged.h"

#include "verdict/notice.h"

enum {
	WITHDRAWN = NOTE_BIT(NOTE_WITHDRAWN),
	SUPERSEDED = NOTE_BIT(NOTE_SUPERSEDED),
	ARCHIVED = NOTE_BIT(NOTE_REPOSITORY_ARCHIVED),
};

#define PAPER  "https://arxiv.org/abs/2601.20615"
#define GONE   "This paper has been withdrawn by Ann Author"
#define NEWER  "A newer version of this paper has been withdrawn by Ann Author"
#define LATEST "[Submitted on 28 Jan 2026 (this version), latest version 2 Feb 2026 (v3)]"

/* The notes of a page with one or two boxes, which change nothing else. */
static note_set of_boxes(const char *chain, const char *one, const char *two)
{
	struct observed observed;
	observe(&observed, chain);
	observed.seen.page.parsed = true;
	observed.seen.page.text_bytes = 5000;
	observed.seen.page.boxes[0] = slice_of(one);
	observed.seen.page.boxes[1] = slice_of(two);
	observed.seen.page.box_count = two != NULL ? 2 : 1;
	struct verdict with = plain(&observed);
	observed.seen.page.box_count = 0;
	struct verdict without = plain(&observed);
	assert_int_equal(with.outcome, without.outcome);
	assert_int_equal(with.reason, without.reason);
	return with.notes & ~without.notes;
}

static void arxiv(void **state)
{
	(void)state;
	static const struct {
		const char *chain, *one, *two;
		note_set notes;
	} cases[] = {
		{ PAPER " 200", GONE, NULL, WITHDRAWN },
		{ PAPER " 200", "This submission has been withdrawn", NULL, WITHDRAWN },
		{ "https://export.arxiv.org/abs/hep-th/9901001 200", GONE, NULL,
			WITHDRAWN },
		{ "http://doi.org/10.48550/arXiv.2601.20615 302 " PAPER " 200", GONE,
			NULL, WITHDRAWN },
		{ PAPER "v1 200", NEWER, LATEST, WITHDRAWN },
		{ PAPER "v1 200", LATEST, NULL, SUPERSEDED },
		{ PAPER "v2 200",
			"[Submitted on 28 Jan 2026 (v1), revised 1 Feb 2026 (this "
			"version, v2), latest version 2 Feb 2026 (v13)]",
			NULL, SUPERSEDED },
		{ "https://arxiv.org/abs/hep-th/9901001v1 200",
			"(Submitted on 28 Jan 1999 (this version), latest version 2 Feb "
			"1999 (v2))",
			NULL, SUPERSEDED },
		/* the latest version, or none that is named */
		{ PAPER "v3 200",
			"[Submitted on 28 Jan 2026 (v1), last revised 2 Feb 2026 (this "
			"version, v3)]",
			NULL, 0 },
		{ PAPER "v3 200", LATEST, NULL, 0 },
		{ PAPER "v4 200", LATEST, NULL, 0 },
		{ PAPER " 200", LATEST, NULL, 0 },
		{ PAPER "v1 200", "[Submitted on 28 Jan 2026]", NULL, 0 },
		/* words that only sound like it */
		{ PAPER " 200", "Why this paper has been withdrawn", NULL, 0 },
		{ PAPER " 200", "This paper has been withdrawnish", NULL, 0 },
		{ PAPER " 200", "This paper has been reinstated by arXiv", NULL, 0 },
		{ PAPER "v1 200", "See our latest version 2 Feb 2026 (v3)", NULL, 0 },
		{ PAPER "v1 200", "[Submitted on 28 Jan 2026, latest version 2 (x3)]",
			NULL, 0 },
		{ PAPER "v1 200", "[Submitted on 28 Jan 2026, latest version 2 Feb", NULL,
			0 },
		/* elsewhere, or no page of a paper */
		{ "https://a.org/abs/2601.20615v1 200", GONE, LATEST, 0 },
		{ "https://arxiv.org.a.org/abs/2601.20615v1 200", GONE, LATEST, 0 },
		{ "https://arxiv.org/pdf/2601.20615v1 200", GONE, LATEST, 0 },
		{ PAPER "v1 404", GONE, LATEST, 0 },
		{ PAPER " 301 https://a.org/abs/1v1 200", GONE, LATEST, 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (of_boxes(cases[i].chain, cases[i].one, cases[i].two) !=
			cases[i].notes)
			fail_msg("%s: %s", cases[i].chain, cases[i].one);
}

static void github(void **state)
{
	(void)state;
	static const char banner[] =
		"This repository has been archived by the owner on Feb 3, 2025. It is "
		"now read-only.";
	static const char newer[] = "This repository was archived by the owner on Feb 3";
	static const struct {
		const char *chain, *one, *two;
		note_set notes;
	} cases[] = {
		{ "https://github.com/a/b 200", banner, NULL, ARCHIVED },
		{ "https://github.com/a/b/ 200", newer, NULL, ARCHIVED },
		{ "https://github.com/a/b/blob/main/x.md 200", newer, NULL, ARCHIVED },
		{ "https://github.com/a/b 200", "You signed in", banner, ARCHIVED },
		{ "https://github.com/o/b 301 https://github.com/a/b 200", banner, NULL,
			ARCHIVED },
		{ "https://github.com/a/b 200", "You signed in", NULL, 0 },
		{ "https://github.com/a/b 200", "Our fork: this repository was archived",
			NULL, 0 },
		{ "https://github.com/a/b 200", "This repository is a mirror", NULL, 0 },
		{ "https://github.com/a 200", banner, NULL, 0 },
		{ "https://github.com/a/ 200", banner, NULL, 0 },
		{ "https://github.com/ 200", banner, NULL, 0 },
		{ "https://gist.github.com/a/b 200", banner, NULL, 0 },
		{ "https://github.com.a.org/a/b 200", banner, NULL, 0 },
		{ "https://github.com/a/b 404", banner, NULL, 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (of_boxes(cases[i].chain, cases[i].one, cases[i].two) !=
			cases[i].notes)
			fail_msg("%s: %s", cases[i].chain, cases[i].one);
}

/* Only where the link itself names a repository: a page elsewhere may point at another
 * one any day. */
static void repositories(void **state)
{
	(void)state;
	static const struct {
		const char *chain;
		uint64_t repository, owner;
		bool known;
	} cases[] = {
		{ "https://github.com/a/b 200", 5, 9, true },
		{ "https://github.com/a/b/issues/1#x 200", 5, 9, true },
		{ "https://github.com/a/b 301 https://github.com/c/d 200", 5, 9, true },
		{ "http://www.github.com/a/b 301 https://github.com/a/b 200", 5, 9,
			true },
		{ "https://a.org/code 302 https://github.com/a/b 200", 5, 9, false },
		{ "https://github.com/a/b 302 https://a.org/x/y 200", 5, 9, false },
		{ "https://github.com/a 301 https://github.com/a/b 200", 5, 9, false },
		{ "https://a.org/a/b 200", 5, 9, false },
		{ "https://github.com/a/b 200", 5, 0, false },
		{ "https://github.com/a/b 200", 0, 9, false },
		{ "https://github.com/a/b 404", 5, 9, false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct observed observed;
		observe(&observed, cases[i].chain);
		observed.seen.page.parsed = true;
		observed.seen.page.repository_id = cases[i].repository;
		observed.seen.page.owner_id = cases[i].owner;
		const struct verdict verdict = plain(&observed);
		if (verdict.repository_id != (cases[i].known ? 5u : 0u) ||
			verdict.owner_id != (cases[i].known ? 9u : 0u))
			fail_msg("%s", cases[i].chain);
	}
}

static void successors(void **state)
{
	(void)state;
	static const struct {
		const char *chain, *successor;
		note_set notes;
	} cases[] = {
		{ "https://a.org/1 200", "/2", SUPERSEDED },
		{ "https://a.org/1 200", "http://b.org/", SUPERSEDED },
		{ "https://a.org/1 302 https://b.org/v/1 200", "2", SUPERSEDED },
		{ "https://a.org/1 200", "", 0 },
		{ "https://a.org/1 200", "#top", 0 },
		{ "https://a.org/1 200", "https://A.org:443/1", 0 },
		{ "https://a.org/1 302 https://b.org/2 200", "/2", 0 },
		{ "https://a.org/1 200", "mailto:a@a.org", 0 },
		{ "https://a.org/1 200", "https://", 0 },
		{ "https://a.org/1 404", "/2", 0 },
		{ "https://a.org/1 403", "/2", 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct observed observed;
		observe(&observed, cases[i].chain);
		observed.seen.successor = slice_of(cases[i].successor);
		if (plain(&observed).notes != cases[i].notes)
			fail_msg("%s: %s", cases[i].chain, cases[i].successor);
	}
}

static void hosts(void **state)
{
	(void)state;
	uint32_t bytes = 7;
	assert_true(notice_host(SLICE("arxiv.org"), &bytes));
	assert_true(notice_host(SLICE("github.com"), &bytes));
	assert_true(bytes > 4096);
	bytes = 7;
	assert_false(notice_host(SLICE("a.github.com"), &bytes));
	assert_false(notice_host(SLICE(""), &bytes));
	assert_int_equal(bytes, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(arxiv),
		TEST(github),
		TEST(repositories),
		TEST(successors),
		TEST(hosts),
	};
	return cmocka_run_group_tests_name("notices", tests, NULL, NULL);
}
