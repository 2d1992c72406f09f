/* The situations that a link checker must not confuse, as the field knows them: what each
 * leaves behind when retries and changes of method are done, and its verdict. */
#include "judged.h"

struct situation {
	const char *name, *chain;
	enum reason failure;
	enum wall wall;
	const char *title, *error, *fragment;
	bool fragment_missing;
	time_ms retry_after_ms;
	const char *outcome, *reason, *says;
};

static void judge(const struct situation *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct situation *c = &cases[i];
		struct observed observed;
		struct verdict_context context = { .fragment = slice_of(c->fragment),
			.fragment_missing = c->fragment_missing };
		observe(&observed, c->chain);
		observed.seen.failure = c->failure;
		observed.seen.wall = c->wall;
		observed.seen.error = slice_of(c->error);
		observed.seen.retry_after_ms = c->retry_after_ms;
		observed.seen.page.parsed = c->title != NULL;
		observed.seen.page.title = slice_of(c->title);
		struct verdict verdict = give(&observed, &context);
		assert_verdict(&verdict, c->outcome, c->reason, c->name);
		if (verdict.outcome != OUTCOME_OK)
			assert_sentence(verdict.error, c->name);
		if (c->says != NULL)
			assert_says(verdict.error, c->says);
	}
}

#define JUDGE(cases) judge(cases, sizeof(cases) / sizeof((cases)[0]))

/* 31 links on one hostile server; those of one row end alike. */
static void hostile_server(void **state)
{
	(void)state;
	static const struct situation cases[] = {
		{ .name = "01 200; 04-07 HEAD lies, hangs or resets; 08 429 once; "
			  "10 503 once; 24 slow; 29 reset once",
			.chain = "https://a.org/x 200",
			.outcome = "ok",
			.reason = "ok" },
		{ .name = "02 404",
			.chain = "https://a.org/x 404",
			.outcome = "broken",
			.reason = "http_404" },
		{ .name = "03 410",
			.chain = "https://a.org/x 410",
			.outcome = "broken",
			.reason = "http_410" },
		{ .name = "09 429 for ever",
			.chain = "https://a.org/x 429",
			.retry_after_ms = 3600000,
			.outcome = "gated",
			.reason = "rate_limited",
			.says = "1 h" },
		{ .name = "11 500 for ever",
			.chain = "https://a.org/x 500",
			.outcome = "unreachable",
			.reason = "http_5xx" },
		{ .name = "12 403 with cf-mitigated",
			.chain = "https://a.org/x 403",
			.wall = WALL_CLOUDFLARE,
			.outcome = "gated",
			.reason = "challenge" },
		{ .name = "13 403 plain",
			.chain = "https://a.org/x 403",
			.outcome = "gated",
			.reason = "forbidden" },
		{ .name = "14 999",
			.chain = "https://a.org/x 999",
			.outcome = "gated",
			.reason = "refused_other" },
		{ .name = "15 301",
			.chain = "https://a.org/x 301 https://a.org/y 200",
			.outcome = "moved",
			.reason = "redirect_permanent" },
		{ .name = "16 302",
			.chain = "https://a.org/x 302 https://a.org/y 200",
			.outcome = "ok",
			.reason = "redirect_temporary" },
		{ .name = "17 301 to 404",
			.chain = "https://a.org/x 301 https://a.org/y 404",
			.outcome = "broken",
			.reason = "http_404" },
		{ .name = "18 loop",
			.chain = "https://a.org/x 302 https://a.org/y 302 "
				 "https://a.org/x 302",
			.failure = REASON_REDIRECT_LOOP,
			.outcome = "broken",
			.reason = "redirect_loop",
			.says = "a.org run in a circle." },
		{ .name = "19 301 to the home page",
			.chain = "https://a.org/deep/x 301 https://a.org/ 200",
			.outcome = "ok",
			.reason = "redirect_permanent",
			.says = "front page" },
		{ .name = "20 soft 404",
			.chain = "https://a.org/x 200",
			.title = "Page not found",
			.outcome = "broken",
			.reason = "soft_404" },
		{ .name = "21 refused",
			.chain = "https://a.org/x -",
			.failure = REASON_CONNECT_REFUSED,
			.outcome = "unreachable",
			.reason = "connect_refused" },
		{ .name = "22 no such name",
			.chain = "https://a.org/x -",
			.failure = REASON_DNS_NXDOMAIN,
			.outcome = "broken",
			.reason = "dns_nxdomain" },
		{ .name = "23 body cut short",
			.chain = "https://a.org/x 200",
			.error = "the body was cut short",
			.outcome = "ok",
			.reason = "ok",
			.says = "end: the body was cut short." },
		{ .name = "25 fragment missing",
			.chain = "https://a.org/x 200",
			.fragment = "elsewhere",
			.fragment_missing = true,
			.outcome = "broken",
			.reason = "missing_anchor" },
		{ .name = "26 fragment there",
			.chain = "https://a.org/x 200",
			.fragment = "there",
			.outcome = "ok",
			.reason = "ok" },
		{ .name = "27 204",
			.chain = "https://a.org/x 204",
			.outcome = "ok",
			.reason = "ok" },
		{ .name = "28 401",
			.chain = "https://a.org/x 401",
			.outcome = "gated",
			.reason = "auth_required" },
		{ .name = "30 206",
			.chain = "https://a.org/x 206",
			.outcome = "ok",
			.reason = "ok" },
		{ .name = "31 308",
			.chain = "https://a.org/x 308 https://a.org/y 200",
			.outcome = "moved",
			.reason = "redirect_permanent" },
	};
	JUDGE(cases);
}

/* The traps of scholarly links, as far as one check can show them. */
static void scholarly_traps(void **state)
{
	(void)state;
	static const struct situation cases[] = {
		{ .name = "2 HEAD 200, GET 404",
			.chain = "https://a.org/x 404",
			.outcome = "broken",
			.reason = "http_404" },
		{ .name = "5 OpenReview has no such paper",
			.chain = "https://openreview.net/forum?id=x 200",
			.title = "Forum | OpenReview",
			.outcome = "broken",
			.reason = "soft_404" },
		{ .name = "6 to /challenge",
			.chain = "https://openreview.net/forum?id=x 307 "
				 "https://openreview.net/challenge?redirect=/forum?id=x "
				 "200",
			.outcome = "gated",
			.reason = "challenge" },
		{ .name = "6 a challenge as 429",
			.chain = "https://a.org/x 429",
			.wall = WALL_CLOUDFLARE,
			.outcome = "gated",
			.reason = "challenge" },
		{ .name = "6 a challenge as 202",
			.chain = "https://a.org/x 202",
			.wall = WALL_CLOUDFLARE,
			.outcome = "gated",
			.reason = "challenge" },
		{ .name = "9 eleven hops",
			.chain = "https://a.org/x 302",
			.failure = REASON_REDIRECT_LIMIT,
			.outcome = "broken",
			.reason = "redirect_limit" },
		{ .name = "9 to file:",
			.chain = "https://a.org/x 302",
			.failure = REASON_REDIRECT_FORBIDDEN,
			.outcome = "broken",
			.reason = "redirect_forbidden" },
		{ .name = "9 to the metadata service",
			.chain = "https://a.org/x 302 http://169.254.169.254/ -",
			.failure = REASON_ADDRESS_FORBIDDEN,
			.outcome = "broken",
			.reason = "redirect_forbidden",
			.says = "169.254.169.254" },
		{ .name = "9 the link itself points there",
			.chain = "http://169.254.169.254/ -",
			.failure = REASON_ADDRESS_FORBIDDEN,
			.outcome = "skipped",
			.reason = "address_forbidden" },
		{ .name = "11 endless body",
			.chain = "https://a.org/x 200",
			.error = "the body is larger than what is read of it",
			.outcome = "ok",
			.reason = "ok",
			.says = "larger" },
		{ .name = "11 header flood",
			.chain = "https://a.org/x -",
			.failure = REASON_HTTP_MALFORMED,
			.error = "the headers are too large",
			.outcome = "unreachable",
			.reason = "http_malformed",
			.says = "(the headers are too large)." },
		{ .name = "11 one byte a second",
			.chain = "https://a.org/x -",
			.failure = REASON_TIMEOUT,
			.outcome = "unreachable",
			.reason = "timeout" },
		{ .name = "12 503 with a long Retry-After",
			.chain = "https://a.org/x 503",
			.retry_after_ms = 3600000,
			.outcome = "unreachable",
			.reason = "http_5xx",
			.says = "come back after 1 h" },
		{ .name = "13 304 without validators",
			.chain = "https://a.org/x 304",
			.outcome = "unreachable",
			.reason = "http_other" },
		{ .name = "14 expired",
			.chain = "https://a.org/x -",
			.failure = REASON_TLS_EXPIRED,
			.outcome = "broken",
			.reason = "tls_expired" },
		{ .name = "14 TLS 1.0 only",
			.chain = "https://a.org/x -",
			.failure = REASON_TLS_HANDSHAKE,
			.outcome = "broken",
			.reason = "tls_handshake" },
		{ .name = "15 NODATA",
			.chain = "https://a.org/x -",
			.failure = REASON_DNS_NO_ADDRESS,
			.outcome = "broken",
			.reason = "dns_no_address" },
		{ .name = "15 SERVFAIL",
			.chain = "https://a.org/x -",
			.failure = REASON_DNS_SERVFAIL,
			.outcome = "unreachable",
			.reason = "dns_servfail" },
		{ .name = "18 repository renamed",
			.chain = "https://github.com/a/b 301 https://github.com/c/d 200",
			.outcome = "moved",
			.reason = "redirect_permanent" },
		{ .name = "18 repository gone",
			.chain = "https://github.com/a/b 404",
			.outcome = "broken",
			.reason = "http_404" },
		{ .name = "18 repository blocked",
			.chain = "https://github.com/a/b 451",
			.outcome = "gated",
			.reason = "legal_block" },
		{ .name = "a DOI whose publisher refuses robots",
			.chain = "https://doi.org/10.1/x 302 https://p.com/x 403",
			.wall = WALL_CLOUDFLARE,
			.outcome = "gated",
			.reason = "challenge" },
		{ .name = "IEEE's 418 and 202",
			.chain = "https://doi.org/10.1/x 302 https://p.com/x 418",
			.outcome = "gated",
			.reason = "refused_other" },
	};
	JUDGE(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hostile_server),
		TEST(scholarly_traps),
	};
	return cmocka_run_group_tests_name("verdict of situations", tests, NULL, NULL);
}
