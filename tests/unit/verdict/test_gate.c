#include "observed.h"

#include "verdict/gate.h"

/* The reason as text, or "" for no gate. */
static const char *gate(const struct observed *observed)
{
	enum reason reason;
	const char *why = NULL;

	if (!gate_check(&observed->seen, &reason, &why))
		return "";
	assert_non_null(why);
	return reason_text(reason);
}

static void statuses(void **state)
{
	(void)state;
	static const struct {
		int status;
		const char *reason;
	} gates[] = { { 401, "auth_required" }, { 407, "auth_required" },
		{ 402, "refused_other" }, { 403, "forbidden" }, { 405, "refused_other" },
		{ 406, "refused_other" }, { 412, "refused_other" },
		{ 418, "refused_other" }, { 428, "refused_other" },
		{ 429, "rate_limited" }, { 430, "refused_other" },
		{ 440, "refused_other" }, { 449, "refused_other" },
		{ 451, "legal_block" }, { 460, "refused_other" },
		{ 498, "refused_other" }, { 999, "refused_other" } };
	struct observed observed;

	for (int status = 100; status < 1000; status++) {
		const char *expected = "";
		for (size_t i = 0; i < sizeof(gates) / sizeof(gates[0]); i++)
			if (gates[i].status == status)
				expected = gates[i].reason;
		observe(&observed, "https://a.org/x 200");
		observed.seen.http_status = observed.hops[0].status = status;
		if (strcmp(gate(&observed), expected) != 0)
			fail_msg("%d: \"%s\"", status, gate(&observed));
	}
	observe(&observed, "https://a.org/x 403");
	observed.seen.failure = REASON_TIMEOUT;
	assert_string_equal(gate(&observed), "");
}

static void walls(void **state)
{
	(void)state;
	static const struct {
		enum wall wall;
		int status;
		const char *reason;
	} cases[] = {
		{ WALL_CLOUDFLARE, 403, "challenge" },
		{ WALL_CLOUDFLARE, 503, "challenge" },
		{ WALL_CLOUDFLARE, 429, "challenge" },
		{ WALL_CLOUDFLARE, 202, "challenge" },
		{ WALL_CLOUDFLARE, 200, "challenge" },
		{ WALL_AWS, 202, "challenge" },
		{ WALL_AWS, 405, "challenge" },
		{ WALL_DATADOME, 403, "challenge" },
		{ WALL_DATADOME, 200, "" },
		{ WALL_DATADOME, 404, "" },
		{ WALL_IMPERVA, 403, "challenge" },
		{ WALL_IMPERVA, 200, "" },
		{ WALL_PERIMETERX, 403, "challenge" },
		{ WALL_PERIMETERX, 200, "" },
		{ WALL_PERIMETERX, 410, "" },
		{ WALL_NONE, 202, "" },
	};
	struct observed observed;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		observe(&observed, "https://a.org/x 200");
		observed.seen.http_status = cases[i].status;
		observed.seen.wall = cases[i].wall;
		if (strcmp(gate(&observed), cases[i].reason) != 0)
			fail_msg("%d with %d: \"%s\"", (int)cases[i].wall,
				cases[i].status, gate(&observed));
	}
}

static void templates(void **state)
{
	(void)state;
	static const struct {
		int status;
		const char *title, *reason;
	} cases[] = {
		{ 200, "Just a moment...", "challenge" },
		{ 403, "Just a moment…", "challenge" },
		{ 503, "JUST A MOMENT", "challenge" },
		{ 404, "Just a moment...", "challenge" },
		{ 200, "Just a moment in history", "" },
		{ 200, "Attention Required! | Cloudflare", "challenge" },
		{ 200, "Making sure you're not a bot!", "challenge" },
		{ 200, "Making sure you’re not a bot!", "challenge" },
		{ 200, "Verifying your browser | OpenReview", "challenge" },
		{ 200, "Pardon Our Interruption", "challenge" },
		{ 200, "Robot Check", "challenge" },
		{ 200, "Robot Checkers: a field guide", "" },
		{ 403, "Access Denied", "challenge" },
		{ 200, "Access Denied", "" },
		{ 200, "A Survey of Captchas", "" },
		{ 200, "", "" },
	};
	struct observed observed;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		observe(&observed, "https://a.org/x 200");
		observed.seen.http_status = cases[i].status;
		observed.seen.page.parsed = true;
		observed.seen.page.title = slice_of(cases[i].title);
		if (strcmp(gate(&observed), cases[i].reason) != 0)
			fail_msg("%d \"%s\": \"%s\"", cases[i].status, cases[i].title,
				gate(&observed));
	}
	observe(&observed, "https://a.org/x 202");
	observed.seen.page.challenge_mark = true;
	assert_string_equal(gate(&observed), "challenge");
	observed.seen.page.text_bytes = 100000;
	assert_string_equal(gate(&observed), "");
	observe(&observed, "https://a.org/x 404");
	observed.seen.page.challenge_mark = true;
	assert_string_equal(gate(&observed), "");
}

static void ways(void **state)
{
	(void)state;
	static const struct {
		const char *chain, *reason;
	} cases[] = {
		{ "https://openreview.net/forum?id=x 307 "
		  "https://openreview.net/challenge?redirect=/forum?id=x 200",
			"challenge" },
		{ "https://openreview.net/forum?id=x 200r "
		  "https://openreview.net/login?redirect=/forum?id=x 200",
			"challenge" },
		{ "https://a.org/p 302 https://accounts.b.com/ 200", "challenge" },
		{ "https://a.org/p 302 https://consent.b.com/?continue=/p 200",
			"challenge" },
		{ "https://doi.org/10.1/x 302 https://p.com/x 302 "
		  "https://p.com/login?return_to=/x 200",
			"challenge" },
		{ "https://a.org/login 302 https://a.org/users/login 200", "" },
		{ "https://a.org/login 200", "" },
		{ "https://a.org/challenge?redirect=/x 200", "" },
		{ "https://a.org/p 302 https://idp.a.org/authorize 302 https://a.org/p "
		  "200",
			"" },
		{ "https://a.org/p 302 https://a.org/login 404", "" },
		{ "https://a.org/p 302 https://a.org/login 403", "forbidden" },
		{ "https://a.org/p 302 https://a.org/q 200", "" },
	};
	struct observed observed;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		observe(&observed, cases[i].chain);
		if (strcmp(gate(&observed), cases[i].reason) != 0)
			fail_msg("%s: \"%s\"", cases[i].chain, gate(&observed));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statuses),
		cmocka_unit_test(walls),
		cmocka_unit_test(templates),
		cmocka_unit_test(ways),
	};
	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
