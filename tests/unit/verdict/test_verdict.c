#include "judged.h"

#include "base/utf8.h"

/* --- one answer --------------------------------------------------------------------- */

static void by_status(void **state)
{
	(void)state;
	static const struct {
		int status;
		const char *outcome, *reason, *says;
	} cases[] = {
		{ 200, "ok", "ok", "" },
		{ 201, "ok", "ok", "" },
		{ 202, "gated", "challenge", "gave no page" },
		{ 204, "ok", "ok", "" },
		{ 205, "ok", "ok", "" },
		{ 206, "ok", "ok", "" },
		{ 100, "unreachable", "http_other", "100 Continue" },
		{ 101, "unreachable", "http_other", "no final answer" },
		{ 300, "unreachable", "http_other", "without a usable address" },
		{ 301, "unreachable", "http_other", "301 Moved Permanently without" },
		{ 302, "unreachable", "http_other", "302 Found" },
		{ 304, "unreachable", "http_other", "304 Not Modified" },
		{ 305, "unreachable", "http_other", "305" },
		{ 600, "unreachable", "http_other", "600" },
		{ 400, "broken", "http_4xx", "400 Bad Request" },
		{ 401, "gated", "auth_required", "401 Unauthorized" },
		{ 403, "gated", "forbidden", "403 Forbidden" },
		{ 404, "broken", "http_404", "The server answered 404 Not Found." },
		{ 405, "gated", "refused_other", "405" },
		{ 406, "gated", "refused_other", "406" },
		{ 407, "gated", "auth_required", "407" },
		{ 408, "unreachable", "http_4xx", "408 Request Timeout" },
		{ 410, "broken", "http_410", "410 Gone" },
		{ 412, "gated", "refused_other", "412" },
		{ 418, "gated", "refused_other", "418" },
		{ 421, "unreachable", "http_4xx", "421" },
		{ 425, "unreachable", "http_4xx", "425" },
		{ 422, "broken", "http_4xx", "422" },
		{ 429, "gated", "rate_limited", "429 Too Many Requests" },
		{ 451, "gated", "legal_block", "legal reasons" },
		{ 500, "unreachable", "http_5xx", "500 Internal Server Error" },
		{ 502, "unreachable", "http_5xx", "502" },
		{ 503, "unreachable", "http_5xx", "503" },
		{ 522, "unreachable", "http_5xx", "Cloudflare" },
		{ 530, "unreachable", "http_5xx", "530" },
		{ 599, "unreachable", "http_5xx", "599" },
		{ 999, "gated", "refused_other", "999" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct observed observed;
		char name[8];
		observe(&observed, "https://a.org/x 200");
		observed.seen.http_status = observed.hops[0].status = cases[i].status;
		struct verdict verdict = plain(&observed);
		snprintf(name, sizeof(name), "%d", cases[i].status);
		assert_verdict(&verdict, cases[i].outcome, cases[i].reason, name);
		if (cases[i].says[0] == '\0') {
			assert_int_equal(verdict.error.len, 0);
			continue;
		}
		assert_sentence(verdict.error, name);
		assert_says(verdict.error, cases[i].says);
	}
}

static void by_failure(void **state)
{
	(void)state;
	static const struct {
		enum reason failure;
		const char *outcome, *says;
	} cases[] = {
		{ REASON_HTTP_MALFORMED, "unreachable", "not an HTTP answer" },
		{ REASON_DNS_NXDOMAIN, "broken", "No such host: a.org." },
		{ REASON_DNS_NO_ADDRESS, "broken", "has no address" },
		{ REASON_DNS_SERVFAIL, "unreachable", "a.org" },
		{ REASON_DNS_TIMEOUT, "unreachable", "a.org" },
		{ REASON_CONNECT_REFUSED, "unreachable", "a.org refuses connections" },
		{ REASON_CONNECT_TIMEOUT, "unreachable", "a.org" },
		{ REASON_CONNECT_RESET, "unreachable",
			"a.org broke the connection off (the detail)." },
		{ REASON_NETWORK_UNREACHABLE, "unreachable", "a.org" },
		{ REASON_TIMEOUT, "unreachable", "a.org did not answer in time." },
		{ REASON_RATE_LIMITED, "gated", "wants to be left alone" },
		{ REASON_TLS_EXPIRED, "broken", "has expired" },
		{ REASON_TLS_NOT_YET_VALID, "broken", "not valid yet" },
		{ REASON_TLS_SELF_SIGNED, "broken", "signed by itself" },
		{ REASON_TLS_UNTRUSTED, "broken", "no authority" },
		{ REASON_TLS_HOSTNAME, "broken", "other names" },
		{ REASON_TLS_HANDSHAKE, "broken", "secure connection" },
		{ REASON_REDIRECT_LOOP, "broken", "circle" },
		{ REASON_REDIRECT_LIMIT, "broken", "too many redirects" },
		{ REASON_REDIRECT_FORBIDDEN, "broken", "redirected" },
		{ REASON_BAD_URL, "broken", "not a valid URL" },
		{ REASON_ADDRESS_FORBIDDEN, "skipped", "may not be asked (the detail)" },
		{ REASON_ROBOTS_DISALLOWED, "skipped", "robots" },
		{ REASON_OFFLINE, "skipped", "could not ask (the detail)." },
		{ REASON_MISSING_FILE, "broken", "the detail" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct observed observed;
		const char *name = reason_text(cases[i].failure);
		observe(&observed, "https://a.org/x -");
		observed.seen.failure = cases[i].failure;
		observed.seen.attempts = 1;
		observed.seen.error = SLICE(" the detail. ");
		struct verdict verdict = plain(&observed);
		assert_verdict(&verdict, cases[i].outcome, name, name);
		assert_sentence(verdict.error, name);
		assert_says(verdict.error, cases[i].says);

		/* Nothing was even prepared. */
		observed.seen.hops = NULL;
		observed.seen.hop_count = 0;
		observed.seen.error = (struct slice){ 0 };
		verdict = plain(&observed);
		assert_verdict(&verdict, cases[i].outcome, name, name);
		assert_sentence(verdict.error, name);
	}
}

/* A circle of refreshes has pages, and one that is a wall says nothing of the link. */
static void gates_in_circles(void **state)
{
	(void)state;
	static const struct {
		enum reason failure;
		const char *chain, *title, *outcome, *reason;
	} cases[] = {
		{ REASON_REDIRECT_LOOP, "https://a.org/x 200r https://a.org/y 200",
			"Just a moment...", "gated", "challenge" },
		{ REASON_REDIRECT_LIMIT, "https://a.org/x 200r https://a.org/y 200",
			"Just a moment...", "gated", "challenge" },
		{ REASON_REDIRECT_LOOP, "https://a.org/x 200r https://a.org/y 200",
			"Redirecting", "broken", "redirect_loop" },
		{ REASON_REDIRECT_LOOP, "https://a.org/x 302 https://a.org/y 302",
			"Just a moment...", "broken", "redirect_loop" },
		{ REASON_REDIRECT_FORBIDDEN, "https://a.org/x 200", "Just a moment...",
			"broken", "redirect_forbidden" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct observed observed;
		observe(&observed, cases[i].chain);
		observed.seen.failure = cases[i].failure;
		observed.seen.page.parsed = true;
		observed.seen.page.title = slice_of(cases[i].title);
		struct verdict verdict = plain(&observed);
		assert_verdict(
			&verdict, cases[i].outcome, cases[i].reason, cases[i].title);
	}
}

/* What comes from outside is cut, and never within a character. */
static void long_details_are_cut(void **state)
{
	(void)state;
	static char text[2001];
	struct observed observed;

	for (size_t shift = 0; shift < 2; shift++) {
		memset(text, 'x', sizeof(text));
		for (size_t i = shift; i + 2 <= 2000; i += 2)
			memcpy(text + i, "ü", 2);
		text[2000] = '\0';
		observe(&observed, "https://a.org/x -");
		observed.seen.failure = REASON_CONNECT_RESET;
		observed.seen.error = slice_of(text);
		struct verdict verdict = plain(&observed);
		assert_in_range(verdict.error.len, 300, 400);
		assert_true(utf8_valid(verdict.error));
		assert_sentence(verdict.error, "long");
	}
}

static void failures_behind_a_redirect(void **state)
{
	(void)state;
	struct observed observed;

	observe(&observed, "https://a.org/x 301 https://gone.example/ -");
	observed.seen.failure = REASON_DNS_NXDOMAIN;
	struct verdict verdict = plain(&observed);
	assert_verdict(&verdict, "broken", "dns_nxdomain", "301 to nowhere");
	assert_slice(verdict.error, "No such host: gone.example, after a redirect.");
	assert_int_equal(verdict.suggestion.url.len, 0);

	observe(&observed, "https://a.org/x 302 http://127.0.0.1/ -");
	observed.seen.failure = REASON_ADDRESS_FORBIDDEN;
	verdict = plain(&observed);
	assert_verdict(&verdict, "broken", "redirect_forbidden", "302 to loopback");
	assert_says(verdict.error, "127.0.0.1 may not be asked");
}

static void waiting_times_are_told(void **state)
{
	(void)state;
	struct observed observed;

	observe(&observed, "https://a.org/x 429");
	observed.seen.retry_after_ms = 2 * TIME_MS_PER_HOUR;
	struct verdict verdict = plain(&observed);
	assert_verdict(&verdict, "gated", "rate_limited", "429");
	assert_says(verdict.error, "come back after 2 h 0 min.");
	observe(&observed, "https://a.org/x 503");
	observed.seen.retry_after_ms = 2 * TIME_MS_PER_HOUR;
	verdict = plain(&observed);
	assert_verdict(&verdict, "unreachable", "http_5xx", "503");
	assert_slice(verdict.error,
		"The server answered 503 Service Unavailable and asks "
		"to come back after 2 h 0 min.");
}

static void a_bad_body_is_still_an_answer(void **state)
{
	(void)state;
	struct observed observed;

	observe(&observed, "https://a.org/x 200");
	observed.seen.body_partial = true;
	observed.seen.error = SLICE("the connection ended early");
	struct verdict verdict = plain(&observed);
	assert_verdict(&verdict, "ok", "ok", "cut short");
	assert_says(verdict.error, "the connection ended early");

	observed.seen.failure = REASON_BODY_TOO_LARGE;
	verdict = plain(&observed);
	assert_verdict(&verdict, "ok", "body_too_large", "too large");
}

/* --- chains ------------------------------------------------------------------------- */

static void redirects(void **state)
{
	(void)state;
	static const struct {
		const char *chain, *outcome, *reason, *suggestion;
		bool https_note;
	} cases[] = {
		{ "https://a.org/x 301 https://b.org/x 200", "moved",
			"redirect_permanent", "https://b.org/x", false },
		{ "https://a.org/x 308 https://a.org/y 200", "moved",
			"redirect_permanent", "https://a.org/y", false },
		{ "https://a.org/x 302 https://b.org/x 200", "ok", "redirect_temporary",
			"", false },
		{ "https://a.org/x 303 https://b.org/x 200", "ok", "redirect_temporary",
			"", false },
		{ "https://a.org/x 307 https://b.org/x 200", "ok", "redirect_temporary",
			"", false },
		{ "https://a.org/x 200r https://b.org/x 200", "ok", "redirect_temporary",
			"", false },
		/* the leading permanent hops count, the others do not */
		{ "https://a.org/1 301 https://a.org/2 301 https://a.org/3 302 "
		  "https://a.org/4 200",
			"moved", "redirect_permanent", "https://a.org/3", false },
		{ "https://a.org/1 302 https://a.org/2 301 https://a.org/3 200", "ok",
			"redirect_temporary", "", false },
		{ "https://a.org/1 301 https://a.org/2 200r https://a.org/3 301 "
		  "https://a.org/4 200",
			"moved", "redirect_permanent", "https://a.org/2", false },
		/* not worth a rewrite */
		{ "http://a.org/x 301 https://a.org/x 200", "ok", "redirect_permanent",
			"", true },
		{ "http://a.org/x 302 https://a.org/x 200", "ok", "redirect_temporary",
			"", true },
		{ "http://a.org/x 301 https://www.a.org/x/ 200", "ok",
			"redirect_permanent", "", true },
		{ "https://a.org/x 301 https://www.a.org/x 200", "ok",
			"redirect_permanent", "", false },
		{ "https://a.org/x 301 https://a.org/x/ 200", "ok", "redirect_permanent",
			"", false },
		{ "https://a.org/x 301 https://www.a.org/x 301 https://www.a.org/x/ 301 "
		  "https://www.a.org/X/ 301 https://www.a.org/new 200",
			"moved", "redirect_permanent", "https://www.a.org/new", false },
		{ "https://a.org/X 301 https://a.org/x 200", "ok", "redirect_permanent",
			"", false },
		{ "https://a.org/x 301 https://a.org/en/x 200", "ok",
			"redirect_permanent", "", false },
		{ "https://a.org/x 301 https://a.org/x?utm_source=y 200", "ok",
			"redirect_permanent", "", false },
		{ "https://a.org/x 301 https://a.org/x;jsessionid=1 200", "ok",
			"redirect_permanent", "", false },
		{ "https://doi.org/10.1/x 301 https://p.com/x 200", "ok",
			"redirect_permanent", "", false },
		{ "https://doi.org/10.1/x 302 https://p.com/x 200", "ok",
			"redirect_temporary", "", false },
		{ "https://github.com/a/b/releases/latest 301 "
		  "https://github.com/a/b/releases/tag/v1 200",
			"ok", "redirect_permanent", "", false },
		{ "https://a.org/x 301 https://a.org/x 200", "ok", "redirect_permanent",
			"", false },
		/* spelled and moved at once */
		{ "http://a.org/x 301 https://a.org/x 301 https://a.org/y 200", "moved",
			"redirect_permanent", "https://a.org/y", true },
		{ "http://a.org/x 301 https://b.org/x 200", "moved", "redirect_permanent",
			"https://b.org/x", false },
		/* a rewrite stops before what is not the page's own address */
		{ "https://a.org/x 301 https://a.org/y 301 https://a.org/y?utm_source=z "
		  "200",
			"moved", "redirect_permanent", "https://a.org/y", false },
		{ "https://a.org/x 301 https://doi.org/10.1/x 301 https://p.com/x 200",
			"moved", "redirect_permanent", "https://doi.org/10.1/x", false },
		{ "https://dx.doi.org/10.1/x 301 https://doi.org/10.1/x 302 "
		  "https://p.com/x 200",
			"moved", "redirect_permanent", "https://doi.org/10.1/x", false },
		/* a new address that leads nowhere is no replacement */
		{ "https://a.org/x 301 https://b.org/x 404", "broken", "http_404", "",
			false },
		{ "https://a.org/x 301 https://b.org/x 503", "unreachable", "http_5xx",
			"", false },
		{ "https://a.org/x 301 https://b.org/x 403", "gated", "forbidden", "",
			false },
		{ "https://a.org/x 301 https://b.org/login 200", "gated", "challenge", "",
			false },
		{ "https://doi.org/10.1/x 302 https://p.com/x 403", "gated", "forbidden",
			"", false },
		{ "https://a.org/deep/x 301 https://a.org/ 200", "ok",
			"redirect_permanent", "", false },
		{ "https://a.org/deep/x 302 https://b.org/ 200", "ok",
			"redirect_temporary", "", false },
		{ "https://a.org/deep/x 301 https://a.org/deep/y 302 https://a.org/ 200",
			"ok", "redirect_permanent", "", false },
		{ "https://a.org/ 301 https://b.org/ 200", "moved", "redirect_permanent",
			"https://b.org/", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct verdict verdict = of(cases[i].chain);
		assert_verdict(
			&verdict, cases[i].outcome, cases[i].reason, cases[i].chain);
		assert_slice(verdict.suggestion.url, cases[i].suggestion);
		if (cases[i].suggestion[0] != '\0')
			assert_sentence(verdict.suggestion.why, cases[i].chain);
		if (verdict.outcome != OUTCOME_OK)
			assert_sentence(verdict.error, cases[i].chain);
		assert_int_equal(verdict.notes,
			cases[i].https_note ? NOTE_BIT(NOTE_HTTPS_AVAILABLE) : 0);
	}
}

static void the_front_page_is_pointed_out(void **state)
{
	(void)state;
	struct observed observed;
	struct verdict_context context = { .expected_title = SLICE(SURVEY) };

	observe(&observed, "https://a.org/deep/x 301 https://a.org/ 200");
	assert_says(plain(&observed).error, "front page");
	observed.seen.page.parsed = true;
	observed.seen.page.title = SLICE(SURVEY);
	/* It is what was meant. */
	assert_slice(give(&observed, &context).suggestion.url, "https://a.org/");

	/* Another site's is a move, which nobody should write down unseen. */
	observe(&observed, "https://a.org/deep/x 301 https://b.org/ 200");
	struct verdict verdict = plain(&observed);
	assert_int_equal(verdict.outcome, OUTCOME_MOVED);
	assert_says(verdict.error, "front page");
	assert_int_equal(verdict.suggestion.url.len, 0);
	observe(&observed, "https://a.org/deep/x 302 https://b.org/ 200");
	assert_int_equal(plain(&observed).outcome, OUTCOME_OK);
}

static void suggestions_keep_the_fragment(void **state)
{
	(void)state;
	struct observed observed;
	struct verdict_context context = { .fragment = SLICE("part") };

	observe(&observed, "https://a.org/x 301 https://b.org/x 200");
	assert_slice(give(&observed, &context).suggestion.url, "https://b.org/x#part");
	observe(&observed, "https://a.org/x 301 https://b.org/x#own 200");
	assert_slice(give(&observed, &context).suggestion.url, "https://b.org/x#own");
	assert_says(give(&observed, &context).suggestion.why,
		"permanently (301) to another host, which answers 200.");
}

/* --- what the user accepts ---------------------------------------------------------- */

static void acceptance(void **state)
{
	(void)state;
	static const struct {
		const char *accept, *chain, *outcome, *reason;
	} cases[] = {
		{ "200..=204,403", "https://a.org/x 403", "ok", "ok" },
		{ "200..=204,403", "https://a.org/x 200", "ok", "ok" },
		{ "200..=204,403", "https://a.org/x 429", "gated", "rate_limited" },
		{ "200..=204,403", "https://a.org/x 404", "broken", "http_404" },
		{ "200..=204,403", "https://a.org/x 206", "unreachable", "http_other" },
		{ "200,404", "https://a.org/x 404", "ok", "ok" },
		{ "200,503", "https://a.org/x 503", "ok", "ok" },
		{ "200,304", "https://a.org/x 304", "ok", "ok" },
		{ "200,403", "https://a.org/x 301 https://b.org/x 403", "moved",
			"redirect_permanent" },
		{ "403", "https://a.org/x 200", "unreachable", "http_other" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct accept accept;
		struct error error;
		struct observed observed;
		assert_int_equal(
			accept_parse(slice_of(cases[i].accept), &accept, &error), 0);
		struct verdict_context context = { .accept = &accept };
		observe(&observed, cases[i].chain);
		struct verdict verdict = give(&observed, &context);
		assert_verdict(
			&verdict, cases[i].outcome, cases[i].reason, cases[i].chain);
	}

	/* Without the option the ordinary rules hold. */
	struct accept none = { 0 };
	struct verdict_context context = { .accept = &none };
	struct observed observed;
	observe(&observed, "https://a.org/x 204");
	struct verdict verdict = give(&observed, &context);
	assert_verdict(&verdict, "ok", "ok", "no --accept");

	/* A challenge behind an accepted 200 is no page; an accepted 403 is the user's.
	 */
	struct accept given;
	struct error error;
	assert_int_equal(accept_parse(SLICE("200,403"), &given, &error), 0);
	context.accept = &given;
	observe(&observed, "https://a.org/x 200");
	observed.seen.wall = WALL_CLOUDFLARE;
	verdict = give(&observed, &context);
	assert_verdict(&verdict, "gated", "challenge", "accepted challenge");
	assert_sentence(verdict.error, "accepted challenge");
	observe(&observed, "https://a.org/x 403");
	observed.seen.wall = WALL_CLOUDFLARE;
	verdict = give(&observed, &context);
	assert_verdict(&verdict, "ok", "ok", "accepted wall");
}

/* With no memory for texts the outcome and reason stay right. */
static void memory_ends(void **state)
{
	(void)state;
	static const char *const chains[] = { "https://a.org/x 404",
		"https://a.org/x 301 https://b.org/y 200", "https://a.org/x 403" };
	struct verdict_context context = { .fragment = SLICE("f") };

	for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++) {
		struct verdict full = of(chains[i]);
		for (size_t bytes = 0; bytes < 512; bytes += 16) {
			struct arena small;
			struct observed observed;
			struct verdict verdict;
			arena_init(&small, bytes);
			observe(&observed, chains[i]);
			verdict_give(&small, &observed.seen, &context, &verdict);
			assert_int_equal(verdict.outcome, full.outcome);
			assert_int_equal(verdict.reason, full.reason);
			arena_fini(&small);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(by_status),
		TEST(by_failure),
		TEST(gates_in_circles),
		TEST(long_details_are_cut),
		TEST(failures_behind_a_redirect),
		TEST(waiting_times_are_told),
		TEST(a_bad_body_is_still_an_answer),
		TEST(redirects),
		TEST(the_front_page_is_pointed_out),
		TEST(suggestions_keep_the_fragment),
		TEST(acceptance),
		TEST(memory_ends),
	};
	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
