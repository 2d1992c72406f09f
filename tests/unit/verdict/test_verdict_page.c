#include "judged.h"

static void titles(void **state)
{
	(void)state;
	static const struct {
		const char *chain, *title, *outcome, *reason, *suggestion;
		note_set notes;
	} cases[] = {
		{ "https://a.org/x 200", SURVEY " | Site", "ok", "ok", "", 0 },
		{ "https://a.org/x 200", "Cheap flights to Rome", "ok", "ok", "",
			NOTE_BIT(NOTE_TITLE_MISMATCH) },
		{ "https://a.org/x 200", "A Survey of Small Language Machines", "ok",
			"ok", "", NOTE_BIT(NOTE_RETITLED) },
		{ "https://a.org/x 200", "Site", "ok", "ok", "", 0 },
		{ "https://a.org/x 200", "RETRACTED: " SURVEY, "ok", "ok", "",
			NOTE_BIT(NOTE_RETRACTED) },
		{ "https://a.org/x 200", "[WITHDRAWN] " SURVEY, "ok", "ok", "",
			NOTE_BIT(NOTE_WITHDRAWN) },
		{ "https://a.org/x 301 https://b.org/x 200", SURVEY, "moved",
			"redirect_permanent", "https://b.org/x", 0 },
		/* It is elsewhere; but what contradicts the list is no replacement. */
		{ "https://a.org/x 301 https://b.org/x 200", "Cheap flights to Rome",
			"moved", "redirect_permanent", "",
			NOTE_BIT(NOTE_TITLE_MISMATCH) },
		{ "http://a.org/x 301 https://a.org/x 200", "Cheap flights to Rome", "ok",
			"redirect_permanent", "", NOTE_BIT(NOTE_TITLE_MISMATCH) },
		{ "https://a.org/x 404", "Cheap flights to Rome", "broken", "http_404",
			"", 0 },
		{ "https://a.org/x 403", "Cheap flights to Rome", "gated", "forbidden",
			"", 0 },
		/* soft 404 */
		{ "https://a.org/x 200", "Page not found", "broken", "soft_404", "", 0 },
		{ "https://a.org/x 200", "404 - Not Found", "broken", "soft_404", "", 0 },
		{ "https://a.org/x 200", "My Site | Page Not Found", "broken", "soft_404",
			"", 0 },
		{ "https://a.org/x 200", "404", "broken", "soft_404", "", 0 },
		{ "https://a.org/x 200", "Not found — My Site", "broken", "soft_404", "",
			0 },
		{ "https://a.org/x 200", "My Site – Not found", "broken", "soft_404", "",
			0 },
		{ "https://a.org/x 200", "404 ways to cook an egg", "ok", "ok", "",
			NOTE_BIT(NOTE_TITLE_MISMATCH) },
		{ "https://a.org/x 200", "Why pages are not found", "ok", "ok", "",
			NOTE_BIT(NOTE_TITLE_MISMATCH) },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct observed observed;
		struct verdict_context context = { .expected_title = SLICE(SURVEY) };
		observe(&observed, cases[i].chain);
		observed.seen.page.parsed = true;
		observed.seen.page.title = slice_of(cases[i].title);
		struct verdict verdict = give(&observed, &context);
		assert_verdict(
			&verdict, cases[i].outcome, cases[i].reason, cases[i].title);
		assert_slice(verdict.suggestion.url, cases[i].suggestion);
		if (verdict.notes != cases[i].notes)
			fail_msg("%s: notes %x", cases[i].title, verdict.notes);

		/* What is no page proves nothing by its title. */
		observed.seen.page.parsed = false;
		assert_int_equal(
			give(&observed, &context).notes &
				(NOTE_BIT(NOTE_TITLE_MISMATCH) | NOTE_BIT(NOTE_RETITLED)),
			0);
	}
}

static void soft_404_needs_a_short_page(void **state)
{
	(void)state;
	struct observed observed;
	struct verdict_context context = { .expected_title = SLICE("Page not found: an "
								   "essay") };

	observe(&observed, "https://a.org/x 200");
	observed.seen.page.parsed = true;
	observed.seen.page.title = SLICE("Page not found");
	observed.seen.page.text_bytes = 5000;
	struct verdict verdict = plain(&observed);
	assert_verdict(&verdict, "ok", "ok", "a long page");
	observed.seen.page.text_bytes = 100;
	verdict = plain(&observed);
	assert_verdict(&verdict, "broken", "soft_404", "a short page");
	observed.seen.page.title = SLICE("Page not found: an essay");
	verdict = give(&observed, &context);
	assert_verdict(&verdict, "ok", "ok", "the page that the list speaks of");
}

static void openreview(void **state)
{
	(void)state;
	static const struct {
		const char *chain, *title, *citation, *outcome, *reason;
	} cases[] = {
		{ "https://openreview.net/forum?id=x 200", "Forum | OpenReview", "",
			"broken", "soft_404" },
		{ "https://openreview.net/forum?id=x 200", SURVEY " | OpenReview", SURVEY,
			"ok", "ok" },
		{ "https://openreview.net/forum?id=x 200", "Forum | OpenReview", SURVEY,
			"ok", "ok" },
		{ "https://openreview.net/forum 200", "Forum | OpenReview", "", "ok",
			"ok" },
		{ "https://other.org/forum?id=x 200", "Forum | OpenReview", "", "ok",
			"ok" },
		{ "https://openreview.net/forum?id=x 307 "
		  "https://openreview.net/challenge?redirect=/forum?id=x 200",
			"Verifying your browser | OpenReview", "", "gated", "challenge" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct observed observed;
		observe(&observed, cases[i].chain);
		observed.seen.page.parsed = true;
		observed.seen.page.title = slice_of(cases[i].title);
		observed.seen.page.citation_title = slice_of(cases[i].citation);
		struct verdict verdict = plain(&observed);
		assert_verdict(
			&verdict, cases[i].outcome, cases[i].reason, cases[i].chain);
	}
}

/* What the page lacks and the script of its site makes; a document may lack it, too. */
static void scripts_of_sites(void)
{
	static const struct {
		const char *chain, *outcome;
	} cases[] = {
		{ "https://github.com/a/b#readme 200", "ok" },
		{ "https://github.com/a/b#readme-ov-file 200", "ok" },
		{ "https://github.com/a/b/pull/2#issue-99 200", "ok" },
		{ "https://github.com/a/b/issues/1#event-123 200", "ok" },
		{ "https://github.com/a/b#issue-tracker 200", "broken" },
		{ "https://a.org/b#readme 200", "broken" },
		{ "https://gist.github.com/a/1#file-x-py-L5 200", "ok" },
		{ "https://gist.github.com/a/1#file-x-py 200", "broken" },
		{ "https://gitlab.a.org/b/-/issues/1#note_123 200", "ok" },
		{ "https://gitlab.a.org/b/-/issues/1#note_x 200", "broken" },
		{ "https://docs.rs/a/1.0/src/a/lib.rs.html#12-20 200", "ok" },
		{ "https://docs.rs/a/1.0/src/a/lib.rs.html#12- 200", "broken" },
		{ "https://www.youtube.com/watch?v=1#t=30 200", "ok" },
		{ "https://docs.google.com/spreadsheets/d/1#gid=0 200", "ok" },
		{ "https://a.org/api#tag/Users 200", "ok" },
		{ "https://a.org/x.svg#svgView(0,0,1,1) 200", "ok" },
		{ "https://a.org/x#gone:~:text=a 200", "broken" },
		{ "https://a.org/x#append(char) 200", "broken" },
		{ "https://a.org/x#q=1 200", "broken" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct observed observed;
		observe(&observed, cases[i].chain);
		struct slice url = observed.seen.final_url;
		struct verdict_context context = { .fragment_missing = true,
			.fragment =
				slice_sub(url, slice_find_char(url, '#') + 1, url.len) };
		struct verdict verdict = give(&observed, &context);
		assert_string_equal(outcome_text(verdict.outcome), cases[i].outcome);
		assert_int_equal(verdict.reason, verdict.outcome == OUTCOME_OK
							 ? REASON_OK
							 : REASON_MISSING_ANCHOR);
	}
	assert_false(fragment_needs_no_anchor(SLICE("issue-99")));
	assert_false(fragment_needs_no_anchor(SLICE("readme")));
}

static void anchors(void **state)
{
	(void)state;
	static const char *const needs_none[] = { "", "top", "TOP", ":~:text=x", "/route",
		"!route", "L10", "L10-L20", "L3C5-L9C2", "issuecomment-12",
		"discussion_r7" };
	static const char *const needs_one[] = { "intro", "Lxx", "L", "L10x", "topic",
		"outro:~:text=x" };

	for (size_t i = 0; i < sizeof(needs_none) / sizeof(needs_none[0]); i++)
		if (!fragment_needs_no_anchor(slice_of(needs_none[i])))
			fail_msg("#%s", needs_none[i]);
	for (size_t i = 0; i < sizeof(needs_one) / sizeof(needs_one[0]); i++)
		if (fragment_needs_no_anchor(slice_of(needs_one[i])))
			fail_msg("#%s", needs_one[i]);

	struct observed observed;
	struct verdict_context context = { .fragment = SLICE("outro"),
		.fragment_missing = true };
	observe(&observed, "https://a.org/x 301 https://b.org/x 200");
	struct verdict verdict = give(&observed, &context);
	assert_verdict(&verdict, "broken", "missing_anchor", "#outro");
	assert_says(verdict.error, "\"outro\"");
	scripts_of_sites();
	context.fragment_missing = false;
	context.fragment = SLICE("intro");
	verdict = give(&observed, &context);
	assert_verdict(&verdict, "moved", "redirect_permanent", "#intro");
}

static void certificates(void **state)
{
	(void)state;
	struct observed observed;
	struct verdict_context context = { .certificate_soon_ms = 14 * TIME_MS_PER_DAY };

	observe(&observed, "https://a.org/x 200");
	observed.seen.checked_at = INT64_C(1795404601000);
	observed.seen.certificate = (struct certificate){ .seen = true,
		.verified = true,
		.expires_at = observed.seen.checked_at + 14 * TIME_MS_PER_DAY };
	assert_int_equal(give(&observed, &context).notes, 0);
	observed.seen.certificate.expires_at--;
	assert_int_equal(
		give(&observed, &context).notes, NOTE_BIT(NOTE_CERTIFICATE_EXPIRES_SOON));
	observed.seen.certificate.seen = false;
	assert_int_equal(give(&observed, &context).notes, 0);
}

/* RFC 8594. What is no date says nothing, and neither does a page that is gone. */
static void sunsets(void **state)
{
	(void)state;
	static const struct {
		const char *chain, *sunset;
		time_ms at;
	} cases[] = {
		{ "https://a.org/x 200", "Thu, 31 Dec 2026 23:59:59 GMT",
			INT64_C(1798761599000) },
		{ "https://a.org/x 301 https://b.org/x 200",
			"Thursday, 31-Dec-26 23:59:59 GMT", INT64_C(1798761599000) },
		{ "https://a.org/x 200", "Sat, 01 Jan 2022 00:00:00 GMT",
			INT64_C(1640995200000) },
		{ "https://a.org/x 200", "", 0 },
		{ "https://a.org/x 200", "soon", 0 },
		{ "https://a.org/x 200", "1798761599", 0 },
		{ "https://a.org/x 200", "2026-12-31", 0 },
		{ "https://a.org/x 404", "Thu, 31 Dec 2026 23:59:59 GMT", 0 },
		{ "https://a.org/x 403", "Thu, 31 Dec 2026 23:59:59 GMT", 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct observed observed;
		struct verdict_context context = { .accept = NULL };
		observe(&observed, cases[i].chain);
		observed.seen.checked_at = INT64_C(1795404601000);
		observed.seen.sunset = slice_of(cases[i].sunset);
		struct verdict verdict = give(&observed, &context);
		assert_int_equal(verdict.sunset_at, cases[i].at);
		assert_int_equal(verdict.notes,
			cases[i].at != 0 ? NOTE_BIT(NOTE_SUNSET_ANNOUNCED) : 0);
	}
}

/* Only where everything else is fine, and only of a page that was reached. */
static void families(void **state)
{
	(void)state;
	struct observed observed;
	struct verdict_context context = { .accept = NULL };
	struct verdict verdict;

	observe(&observed, "https://a.org/x 200");
	observed.seen.other_family_failure = REASON_CONNECT_TIMEOUT;
	verdict = give(&observed, &context);
	assert_verdict(&verdict, "ok", "ok",
		"Answered over IPv4; over IPv6 the connection timed out.");
	observed.seen.ipv6 = true;
	observed.seen.other_family_failure = REASON_CONNECT_REFUSED;
	verdict = give(&observed, &context);
	assert_verdict(&verdict, "ok", "ok",
		"Answered over IPv6; over IPv4 the connection was refused.");
	observed.seen.error = SLICE("the body was cut short");
	verdict = give(&observed, &context);
	assert_verdict(&verdict, "ok", "ok", "cut short");
	observe(&observed, "https://a.org/x 404");
	observed.seen.other_family_failure = REASON_CONNECT_TIMEOUT;
	verdict = give(&observed, &context);
	assert_verdict(&verdict, "broken", "http_404", "404 Not Found.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(titles),
		TEST(soft_404_needs_a_short_page),
		TEST(openreview),
		TEST(anchors),
		TEST(certificates),
		TEST(sunsets),
		TEST(families),
	};
	return cmocka_run_group_tests_name("verdict of pages", tests, NULL, NULL);
}
