#include "observed.h"

#include <stdio.h>

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
	} gates[] = { { 202, "challenge" }, /* and nothing in it */
		{ 401, "auth_required" }, { 407, "auth_required" },
		{ 402, "refused_other" }, { 403, "forbidden" }, { 405, "refused_other" },
		{ 406, "refused_other" }, { 412, "refused_other" },
		{ 418, "refused_other" }, { 420, "refused_other" },
		{ 428, "refused_other" }, { 429, "rate_limited" },
		{ 430, "refused_other" }, { 440, "refused_other" },
		{ 449, "refused_other" }, { 451, "legal_block" },
		{ 460, "refused_other" }, { 498, "refused_other" },
		{ 999, "refused_other" } };
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
		{ WALL_NONE, 202, "challenge" },
		{ WALL_NONE, 201, "" },
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
		uint32_t text_bytes;
	} cases[] = {
		{ 200, "Just a moment...", "challenge", 0 },
		{ 403, "Just a moment…", "challenge", 0 },
		{ 503, "JUST A MOMENT", "challenge", 0 },
		{ 404, "Just a moment...", "challenge", 0 },
		{ 200, "Just a moment in history", "", 0 },
		{ 200, "Attention Required! | Cloudflare", "challenge", 0 },
		{ 200, "Making sure you're not a bot!", "challenge", 0 },
		{ 200, "Making sure you’re not a bot!", "challenge", 0 },
		{ 200, "Verifying your browser | OpenReview", "challenge", 0 },
		{ 200, "Pardon Our Interruption", "challenge", 0 },
		{ 200, "Robot Check", "challenge", 0 },
		{ 200, "Robot Checkers: a field guide", "", 0 },
		{ 403, "Access Denied", "challenge", 0 },
		{ 200, "Access Denied", "challenge", 0 },
		{ 200, "Access Denied: a history of locks", "", 0 },
		{ 202, "A Paper", "", 0 },
		{ 200, "A Survey of Captchas", "", 0 },
		{ 200, "", "", 0 },
		{ 200, "Radware Captcha Page", "challenge", 200 },
		{ 202, "Robot Challenge Screen", "challenge", 60 },
		{ 200, "Checking your browser before accessing", "challenge", 60 },
		{ 200, "Checking your browser before a journey", "", 60 },
		/* With prose under it, it is about such a page. */
		{ 200, "Making sure you're not a bot!", "challenge", 700 },
		{ 200, "Making sure you're not a bot! - Anubis docs", "", 2000 },
		{ 200, "Just a moment...", "", 2048 },
		{ 503, "Just a moment...", "challenge", 2048 },
	};
	struct observed observed;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		observe(&observed, "https://a.org/x 200");
		observed.seen.http_status = cases[i].status;
		observed.seen.page.parsed = true;
		observed.seen.page.title = slice_of(cases[i].title);
		observed.seen.page.text_bytes = cases[i].text_bytes;
		if (strcmp(gate(&observed), cases[i].reason) != 0)
			fail_msg("%d \"%s\": \"%s\"", cases[i].status, cases[i].title,
				gate(&observed));
	}
	observe(&observed, "https://a.org/x 202");
	observed.seen.page.parsed = true;
	observed.seen.page.challenge_mark = true;
	assert_string_equal(gate(&observed), "challenge");
	observed.seen.page.text_bytes = 100000;
	assert_string_equal(gate(&observed), "");
	observe(&observed, "https://a.org/x 404");
	observed.seen.page.challenge_mark = true;
	assert_string_equal(gate(&observed), "");
}

/* Under the address of a page, without a redirect. */
static void in_place(void **state)
{
	(void)state;
	static const struct {
		const char *url, *title, *heading;
		bool password;
		uint32_t text_bytes;
		const char *reason;
	} cases[] = {
		{ "https://a.org/paper", "Sign in | Journal", "", true, 300,
			"challenge" },
		{ "https://a.org/paper", "Journal", "Log in", true, 300, "challenge" },
		{ "https://a.org/paper", "Connexion", "", true, 300, "challenge" },
		/* A form in the corner of an article, and a page about forms. */
		{ "https://a.org/paper", "A Paper", "A Paper", true, 300, "" },
		{ "https://a.org/paper", "Login", "", true, 9000, "" },
		{ "https://a.org/paper", "Login", "", false, 300, "" },
		{ "https://a.org/login", "Login", "", true, 300, "" },
		{ "https://a.org/users/sign_in", "Sign in", "", true, 300, "" },
		{ "https://a.org/watch", "Before you continue", "", false, 900,
			"challenge" },
		{ "https://a.org/paper", "Before you continue: a guide", "", false, 60,
			"" },
		{ "https://consent.a.org/m", "Before you continue", "", false, 900, "" },
		{ "https://a.org/paper", "Access Denied", "", false, 120, "challenge" },
		{ "https://a.org/paper", "Access Denied", "", false, 1200, "" },
		/* with a long address, each of its signs as a reference */
		{ "https://a.org/paper", "Access Denied", "Access Denied", false, 650,
			"challenge" },
		{ "https://a.org/paper", "Access Denied (2004 film)",
			"Access Denied "
			"(2004 film)",
			false, 400, "" },
		{ "https://a.org/paper", "Request Rejected", "", false, 150,
			"challenge" },
		{ "https://a.org/paper", "Request Rejected: a memoir", "", false, 1900,
			"" },
		{ "https://a.org/paper", "Request Rejected", "", false, 1900, "" },
		{ "https://a.org/paper", "Under maintenance", "", false, 120, "" },
		{ "https://a.org/r/1", "Reddit - Prove your humanity", "", false, 300,
			"challenge" },
		{ "https://a.org/r/1", "Prove your humanity: a novel", "", false, 300,
			"" },
		{ "https://a.org/r/1", "Prove your humanity", "", false, 900, "" },
		{ "https://a.cn/x", "百度安全验证", "", false, 60, "challenge" },
		{ "https://a.de/x", "Einen Moment…", "", false, 60, "challenge" },
		{ "https://a.jp/x", "しばらくお待ちください...", "", false, 60,
			"challenge" },
		{ "https://a.de/x", "Zugriff verweigert", "", false, 60, "challenge" },
		{ "https://a.org/x", "a.org", "You have been blocked.", false, 60,
			"challenge" },
		{ "https://httpstatuses.com/429", "429 Too Many Requests", "", false, 60,
			"" },
		{ "https://a.org/x", "Show", "Not available in your region", false, 60,
			"challenge" },
		{ "https://a.org/x", "Members only", "", false, 60, "challenge" },
		{ "https://a.org/x", "Security Check: a thriller", "", false, 60, "" },
		{ "https://a.org/x", "Security Check", "", false, 900, "" },
		{ "https://a.org/x", "Blocked", "", false, 60, "" },
		{ "https://a.ru/x", "Вы не робот?", "", false, 90, "challenge" },
		{ "https://a.cn/u/1", "Sina Visitor System", "", false, 0, "challenge" },
		{ "https://a.org/x", "Queue-it", "You are now in line", false, 200,
			"challenge" },
		{ "https://www.youtube.com/watch?v=abc", "- YouTube", "", false, 20,
			"challenge" },
		{ "https://www.youtube.com/watch?v=abc", "A Talk - YouTube", "", false,
			20, "" },
		{ "https://www.youtube.com/@abc", "- YouTube", "", false, 20, "" },
		{ "https://www.youtube.com/shorts/abc", "YouTube", "", false, 20,
			"challenge" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct observed observed;
		char chain[100];
		snprintf(chain, sizeof(chain), "%s 200", cases[i].url);
		observe(&observed, chain);
		observed.seen.page.parsed = true;
		observed.seen.page.title = slice_of(cases[i].title);
		observed.seen.page.heading = slice_of(cases[i].heading);
		observed.seen.page.password_field = cases[i].password;
		observed.seen.page.text_bytes = cases[i].text_bytes;
		if (strcmp(gate(&observed), cases[i].reason) != 0)
			fail_msg("%s \"%s\" \"%s\": \"%s\"", cases[i].url, cases[i].title,
				cases[i].heading, gate(&observed));
	}
}

static void promises(void **state)
{
	(void)state;
	struct observed observed;

	observe(&observed, "https://a.org/x 202");
	assert_string_equal(gate(&observed), "challenge");
	observed.seen.content_type = SLICE("application/pdf");
	assert_string_equal(gate(&observed), "");
	observed.seen.content_type = SLICE("text/html");
	observed.seen.page.parsed = true;
	assert_string_equal(gate(&observed), "challenge");
	observed.seen.page.text_bytes = 500;
	assert_string_equal(gate(&observed), "");
	observed.seen.page.text_bytes = 0;
	observed.seen.page.title = SLICE("A Page");
	assert_string_equal(gate(&observed), "");
	observed.seen.final_url = SLICE("https://ieeexplore.ieee.org/document/1");
	assert_string_equal(gate(&observed), "challenge");
	observed.seen.page.citation_title = SLICE("A Page");
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
		{ "https://a.org/p 302 https://a.org/sso/start 200", "challenge" },
		{ "https://a.org/login 302 https://a.org/users/login 200", "" },
		{ "https://a.org/login 200", "" },
		{ "https://a.org/challenge?redirect=/x 200", "" },
		{ "https://a.org/p 302 https://idp.a.org/authorize 302 https://a.org/p "
		  "200",
			"" },
		{ "https://a.org/p 302 https://a.org/login 404", "" },
		{ "https://a.org/p 302 https://a.org/login 403", "forbidden" },
		{ "https://a.org/p 302 https://a.org/q 200", "" },
		{ "https://a.org/p 302 https://b.queue-it.net/?c=b&e=x 200",
			"challenge" },
		{ "https://a.org/p 200r https://a.org/p?bm-verify=AAQ 200", "challenge" },
		{ "https://a.org/p 200r https://a.org/p?bm-verify=AAQ 302 "
		  "https://a.org/p 200",
			"" },
		{ "https://a.ru/p 302 https://a.ru/showcaptcha?cc=1 200", "challenge" },
	};
	struct observed observed;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		observe(&observed, cases[i].chain);
		if (strcmp(gate(&observed), cases[i].reason) != 0)
			fail_msg("%s: \"%s\"", cases[i].chain, gate(&observed));
	}
}

/* Where a directory is named as those of logins are, what stands there decides. */
static void documents_about_logins(void **state)
{
	(void)state;
	static const struct {
		const char *chain, *title;
		uint32_t text_bytes;
		bool password_field;
		const char *reason;
	} cases[] = {
		{ "https://a.org/old 301 https://a.org/oauth/spec 200", "", 4000, false,
			"" },
		{ "https://a.org/old 301 https://a.org/cas/50-00-0 200", "", 4000, false,
			"" },
		{ "https://a.org/old 301 https://a.org/oauth/spec 200", "", 300, false,
			"challenge" },
		{ "https://a.org/old 301 https://a.org/cas/login 200", "", 4000, false,
			"challenge" },
		{ "https://a.org/old 301 https://a.org/help/login 200",
			"How to log in to your account", 4000, false, "" },
		{ "https://a.org/old 301 https://a.org/help/login 200",
			"How to log in to your account", 300, false, "challenge" },
		{ "https://a.org/old 301 https://a.org/login 200", "Log in | A", 4000,
			false, "challenge" },
		{ "https://a.org/old 301 https://a.org/blog/consent/ 200",
			"Informed consent", 4000, false, "" },
		{ "https://a.org/old 301 https://a.org/login 200", "Acme", 4000, false,
			"challenge" },
		{ "https://a.org/old 301 https://a.org/help/login?next=/old 200",
			"How to log in to your account", 4000, false, "challenge" },
		{ "https://a.org/old 301 https://consent.a.org/x 200", "A is a family",
			4000, false, "challenge" },
		{ "https://a.org/old 301 https://a.org/sso/start 200", "A", 4000, true,
			"challenge" },
		{ "https://a.org/old 301 https://accounts.b.org/x 200", "A", 4000, false,
			"challenge" },
		{ "https://a.org/help/access-denied 200", "Access denied | Help", 400,
			false, "" },
		{ "https://a.org/access-denied 200", "Access denied", 90, false,
			"challenge" },
		{ "https://a.org/acme-x 200", "Access denied | Acme", 400, false,
			"challenge" },
		{ "https://a.org/captcha 200", "Captcha", 20, false, "challenge" },
	};
	struct observed observed;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		observe(&observed, cases[i].chain);
		observed.seen.page.parsed = true;
		observed.seen.page.text_bytes = cases[i].text_bytes;
		observed.seen.page.password_field = cases[i].password_field;
		observed.seen.page.title = slice_of(cases[i].title);
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
		cmocka_unit_test(in_place),
		cmocka_unit_test(promises),
		cmocka_unit_test(ways),
		cmocka_unit_test(documents_about_logins),
	};
	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
