#include "lib/test.h"

#include "verdict/redirect.h"

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena, 4 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static struct url parse(const char *text)
{
	struct url url;
	if (url_parse(&arena, slice_of(text), NULL, &url) != 0)
		fail_msg("%s is no URL", text);
	return url;
}

static void classes(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to, *is;
	} cases[] = {
		{ "https://a.org/x", "https://a.org/x", "same" },
		{ "https://a.org/x", "https://a.org/x#y", "same" },
		{ "http://a.org/x", "https://a.org/x", "scheme-upgrade" },
		{ "https://a.org/x", "http://a.org/x", "scheme-downgrade" },
		{ "https://a.org/x", "https://www.a.org/x", "www-toggle" },
		{ "http://www.a.org/x", "https://a.org/x/", "www-toggle" },
		{ "https://a.org/x", "https://a.org/x/", "slash" },
		{ "https://a.org/x/index.html", "https://a.org/x/", "slash" },
		{ "http://a.org/x", "https://a.org/X/", "scheme-upgrade" },
		{ "https://a.org/Docs/X", "https://a.org/docs/x", "case" },
		{ "https://a.org/%7Eme", "https://a.org/~me", "case" },
		{ "https://a.org/a%2Fb", "https://a.org/a/b", "path-move" },
		{ "https://a.org/x", "https://b.org/x", "host-move" },
		{ "https://a.org/", "https://b.org/", "host-move" },
		{ "https://a.org", "https://b.org/new", "host-move" },
		{ "https://a.org/x", "https://a.org:8443/x", "host-move" },
		{ "https://a.org/old", "https://a.org/new", "path-move" },
		{ "http://a.org/old", "https://www.a.org/new", "path-move" },
		{ "https://a.org/p?id=1", "https://a.org/p?id=2", "path-move" },
		{ "https://a.org/p?id=1", "https://a.org/p/1", "path-move" },
		{ "https://a.org/deep/page", "https://a.org/", "to-root" },
		{ "https://a.org/deep/page", "https://b.org/", "to-root" },
		{ "https://a.org/deep/page", "https://a.org/en/", "to-root" },
		{ "https://a.org/deep/page", "https://a.org/index.html", "to-root" },
		{ "https://a.org/deep/page", "https://a.org/?utm_source=x", "to-root" },
		{ "https://a.org/?p=123", "https://a.org/", "to-root" },
		{ "https://a.org/deep/page", "https://a.org/?p=123", "path-move" },
		{ "https://a.org/index.html", "https://a.org/", "slash" },
		{ "https://a.org/p", "https://a.org/login", "login" },
		{ "https://a.org/p", "https://a.org/user/sign_in?x=1", "login" },
		{ "https://a.org/p", "https://a.org/en/oauth2/authorize", "login" },
		{ "https://a.org/p", "https://a.org/wp-login.php", "login" },
		{ "https://a.org/p", "https://accounts.b.com/v3/x", "login" },
		{ "https://a.org/p", "https://sso.a.org/", "login" },
		{ "https://a.org/p", "https://a.okta.com/app/x/saml?SAMLRequest=fVLL",
			"login" },
		{ "https://a.org/p",
			"https://b.org/go?client_id=x&response_type=code&scope=openid",
			"login" },
		{ "https://a.org/p", "https://b.org/go?client_id=x", "host-move" },
		{ "https://a.org/p", "https://b.org/idp/profile/x?execution=e1s1",
			"login" },
		{ "https://a.org/p", "https://a.org/idp/plan-2030", "path-move" },
		{ "https://a.org/p", "https://weblogin.b.org/cosign.cgi?a", "login" },
		{ "https://a.org/p", "https://a.org/x/require_login", "login" },
		{ "https://a.org/p", "https://b.org/adfs/ls/?wa=wsignin1.0", "login" },
		{ "https://www.linkedin.com/in/x",
			"https://www.linkedin.com/authwall?trk=gf&sessionRedirect=https",
			"login" },
		{ "https://a.blogspot.com/p",
			"https://www.blogger.com/blogin.g?blogspotURL=https://a.org/",
			"login" },
		{ "https://a.org/p", "https://a.org/enter?return_to=%2Fp", "login" },
		{ "https://openreview.net/forum?id=x",
			"https://openreview.net/login?redirect=/forum?id=x", "login" },
		{ "https://a.org/login", "https://a.org/users/login", "path-move" },
		{ "https://a.org/blog/old", "https://a.org/blog/login/2019",
			"path-move" },
		{ "https://a.org/docs/old", "https://a.org/docs/auth/new", "path-move" },
		{ "https://a.org/p", "https://consent.b.com/m?continue=https://a.org/p",
			"consent" },
		{ "https://a.org/p", "https://a.org/cookie-consent?return=/p",
			"consent" },
		{ "https://a.de/p", "https://a.de/zustimmung?url=https%3A%2F%2Fa.de%2Fp",
			"consent" },
		{ "https://a.de/p",
			"https://a.de/x/zustimmung/auswahl.html?from=https%3A%2F%2Fa.de",
			"consent" },
		{ "https://a.de/p", "https://a.de/recht/zustimmung", "path-move" },
		{ "https://openreview.net/forum?id=x",
			"https://openreview.net/challenge?redirect=%2Fforum%3Fid%3Dx",
			"challenge" },
		{ "https://a.org/p", "https://a.org/captcha", "challenge" },
		{ "https://a.org/p",
			"https://a.org/.well-known/sgcaptcha/?r=%2Fp&y=ipc:1.2.3.4:1",
			"challenge" },
		{ "https://a.org/p", "https://a.org/verify?url=%2Fp&r=1", "challenge" },
		{ "https://a.org/p", "https://a.org/verify?certificate=12", "path-move" },
		{ "https://a.org/p", "https://a.org/challenge/2023", "path-move" },
		{ "https://a.org/", "https://a.org/en/", "locale" },
		{ "https://a.org/docs/x", "https://a.org/us/en/docs/x", "locale" },
		{ "https://a.org/docs/x", "https://a.org/us/en/de/docs/x", "path-move" },
		{ "https://a.org/", "https://a.org/en-us/", "locale" },
		{ "https://a.org/docs/x", "https://a.org/docs/pt_BR/x", "locale" },
		{ "https://a.org/en/x", "https://a.org/de/x", "locale" },
		{ "https://a.org/x/en", "https://a.org/x", "locale" },
		{ "https://a.org/x", "https://a.org/x?hl=de", "locale" },
		{ "https://a.org/x", "https://en.a.org/x", "locale" },
		{ "https://a.org/x", "https://a.org/ai/x", "path-move" },
		{ "https://a.org/x/a", "https://a.org/x/en-gine", "path-move" },
		{ "https://a.org/x", "https://a.org/x?utm_source=a&gclid=1", "tracking" },
		{ "https://a.org/x?ref=b", "https://a.org/x", "tracking" },
		{ "https://a.org/x?a=1", "https://a.org/x?a=1&fbclid=2", "tracking" },
		{ "https://a.org/x?yclid=1&pk_campaign=2", "https://a.org/x",
			"tracking" },
		{ "https://a.org/x", "https://a.org/x?zenid=1", "session" },
		{ "https://a.org/x", "https://a.org/x?utm_source=a&b=1", "path-move" },
		{ "https://a.org/x", "https://a.org/x;jsessionid=12AB", "session" },
		{ "https://a.org/x", "https://a.org/x?sid=1", "session" },
		{ "https://github.com/a/b/releases/latest",
			"https://github.com/a/b/releases/tag/v1", "release" },
		{ "https://a.org/docs/latest/x", "https://a.org/docs/1.2/x", "release" },
		{ "https://doi.org/10.1/x", "https://publisher.com/x", "doi" },
		{ "http://dx.doi.org/10.1/x", "https://publisher.com/x", "doi" },
		{ "https://hdl.handle.net/1/x", "https://publisher.com/", "doi" },
		{ "https://dx.doi.org/10.1/x", "https://doi.org/10.1/x", "host-move" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct url from = parse(cases[i].from), to = parse(cases[i].to);
		enum hop_class is = redirect_classify(&from, &to);
		if (strcmp(hop_class_text(is), cases[i].is) != 0)
			fail_msg("%s -> %s: %s, not %s", cases[i].from, cases[i].to,
				hop_class_text(is), cases[i].is);
		bool worth = strcmp(cases[i].is, "host-move") == 0 ||
			     strcmp(cases[i].is, "path-move") == 0;
		assert_int_equal(redirect_worth_rewrite(is), worth);
	}
}

static void hostile_urls_are_classified_soon(void **state)
{
	(void)state;
	enum { SIZE = 15000 };
	static char a[SIZE + 32], b[SIZE + 32];
	static const char *const patterns[] = { "&a=1", "&", "/en", "/", "%41", ";",
		"&next=/" };

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		size_t len = strlen(patterns[i]);
		int head = snprintf(a, sizeof(a), "https://a.org/?x");
		for (size_t k = 0; k < SIZE; k++)
			a[(size_t)head + k] = patterns[i][k % len];
		memcpy(b, a, sizeof(a));
		b[SIZE / 2] = 'q';
		struct url from = parse(a), to = parse(b);
		redirect_classify(&from, &to);
		arena_reset(&arena);
	}
}

static const struct redirect_limits limits = { .hops_max = 10, .refresh_delay_s_max = 5 };

static struct redirect_step next(const char *from_text, int status, enum hop_via via,
	const char *location, uint32_t hops_before)
{
	struct hop hops[40] = { 0 };
	struct redirect_step step;
	struct url from = parse(from_text), asked;

	assert_true(hops_before < 40);
	for (uint32_t i = 0; i < hops_before; i++)
		hops[i] = (struct hop){ arena_printf(&arena, "https://a.org/%u", i), 302,
			HOP_VIA_STATUS, { 0 }, 0, 0 };
	assert_int_equal(url_request_target(&arena, &from, &asked), 0);
	hops[hops_before] = (struct hop){ asked.href, status, HOP_VIA_NONE, { 0 }, 0, 0 };
	assert_int_equal(redirect_next(&arena, &from, via, slice_of(location), hops,
				 hops_before + 1, &limits, &step),
		0);
	return step;
}

static void locations(void **state)
{
	(void)state;
	static const struct {
		const char *from, *location, *to;
	} cases[] = {
		{ "https://a.org/x/y", "z", "https://a.org/x/z" },
		{ "https://a.org/x/y", "/z?q", "https://a.org/z?q" },
		{ "https://a.org/x/y", "?q", "https://a.org/x/y?q" },
		{ "https://a.org/x", "//b.org", "https://b.org/" },
		{ "https://a.org/x", "http://b.org/", "http://b.org/" },
		{ "https://a.org/x", " https://b.org/y ", "https://b.org/y" },
		{ "https://a.org/x", "/a b/\xC3\xBC", "https://a.org/a%20b/%C3%BC" },
		{ "https://a.org/x", "/caf\xE9?q=\xFC", "https://a.org/caf%E9?q=%FC" },
		{ "https://a.org/x", "https://u:p@b.org/", "https://b.org/" },
		{ "https://a.org/x#top2", "/y", "https://a.org/y#top2" },
		{ "https://a.org/x#top2", "/y#z", "https://a.org/y#z" },
		{ "https://a.org/x#top2", "/y#", "https://a.org/y#" },
		{ "https://a.org/x#f", "https://u@b.org/y", "https://b.org/y#f" },
		{ "https://a.org/x", "http://0x7f.1/", "http://127.0.0.1/" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct redirect_step step =
			next(cases[i].from, 302, HOP_VIA_STATUS, cases[i].location, 0);
		assert_true(step.follow);
		assert_slice(step.url.href, cases[i].to);
	}
}

/* A URL that the fragment would make too long is followed without it. */
static void a_fragment_that_has_no_room(void **state)
{
	(void)state;
	enum { LONG = URL_BYTES_MAX - 64 };
	static char from[128], location[LONG + 2];
	memset(location, 'a', LONG);
	location[0] = '/';
	snprintf(from, sizeof(from), "https://a.org/x#%099d", 0);
	struct redirect_step step = next(from, 301, HOP_VIA_STATUS, location, 0);
	assert_true(step.follow);
	assert_false(step.url.has_fragment);
	location[100] = '\0';
	step = next(from, 301, HOP_VIA_STATUS, location, 0);
	assert_true(step.follow && step.url.has_fragment);
}

static void ends_of_chains(void **state)
{
	(void)state;
	static const struct {
		int status;
		enum hop_via via;
		const char *location;
		bool follow;
		enum reason failure;
	} cases[] = {
		{ 200, HOP_VIA_STATUS, "/y", false, REASON_OK },
		{ 201, HOP_VIA_STATUS, "/y", false, REASON_OK },
		{ 300, HOP_VIA_STATUS, "/y", true, REASON_OK },
		{ 304, HOP_VIA_STATUS, "/y", false, REASON_OK },
		{ 305, HOP_VIA_STATUS, "/y", false, REASON_OK },
		{ 306, HOP_VIA_STATUS, "/y", false, REASON_OK },
		{ 303, HOP_VIA_STATUS, "/y", true, REASON_OK },
		{ 307, HOP_VIA_STATUS, "/y", true, REASON_OK },
		{ 300, HOP_VIA_META_REFRESH, "/y", false, REASON_OK },
		{ 308, HOP_VIA_STATUS, "/y", true, REASON_OK },
		{ 302, HOP_VIA_STATUS, "", false, REASON_OK },
		{ 302, HOP_VIA_STATUS, "http://[", false, REASON_OK },
		{ 302, HOP_VIA_STATUS, "http:///%zz:x", false, REASON_OK },
		{ 302, HOP_VIA_NONE, "/y", false, REASON_OK },
		{ 302, HOP_VIA_STATUS, "file:///etc/passwd", false,
			REASON_REDIRECT_FORBIDDEN },
		{ 302, HOP_VIA_STATUS, "javascript:1", false, REASON_REDIRECT_FORBIDDEN },
		{ 302, HOP_VIA_STATUS, "ftp://b.org/", false, REASON_REDIRECT_FORBIDDEN },
		{ 302, HOP_VIA_STATUS, "mailto:a@b.org", false,
			REASON_REDIRECT_FORBIDDEN },
		{ 200, HOP_VIA_META_REFRESH, "/y", true, REASON_OK },
		{ 200, HOP_VIA_REFRESH_HEADER, "/y", true, REASON_OK },
		{ 404, HOP_VIA_META_REFRESH, "/y", false, REASON_OK },
		{ 200, HOP_VIA_META_REFRESH, "/x", false, REASON_OK },
		{ 200, HOP_VIA_META_REFRESH, "#y", false, REASON_OK },
		{ 200, HOP_VIA_META_REFRESH, "https://u:p@a.org/x", false, REASON_OK },
		{ 200, HOP_VIA_META_REFRESH, "app:open", false, REASON_OK },
		{ 200, HOP_VIA_META_REFRESH, "mailto:a@b.org", false, REASON_OK },
		{ 200, HOP_VIA_META_REFRESH, "javascript:1", false, REASON_OK },
		{ 200, HOP_VIA_META_REFRESH, "ftp://b.org/x.tgz", false, REASON_OK },
		{ 200, HOP_VIA_META_REFRESH, "FILE:///etc/passwd", false,
			REASON_REDIRECT_FORBIDDEN },
		{ 200, HOP_VIA_REFRESH_HEADER, "file:///etc/passwd", false,
			REASON_REDIRECT_FORBIDDEN },
		{ 200, HOP_VIA_REFRESH_HEADER, "data:text/html,hi", false,
			REASON_REDIRECT_FORBIDDEN },
		{ 404, HOP_VIA_META_REFRESH, "file:///x", false, REASON_OK },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct redirect_step step = next("https://a.org/x", cases[i].status,
			cases[i].via, cases[i].location, 0);
		if (step.follow != cases[i].follow || step.failure != cases[i].failure)
			fail_msg("%d %s", cases[i].status, cases[i].location);
	}
}

static void limits_and_loops(void **state)
{
	(void)state;
	struct redirect_step step;

	/* The tenth redirect is followed, the eleventh is not. */
	step = next("https://a.org/x", 302, HOP_VIA_STATUS, "/y", 9);
	assert_true(step.follow);
	step = next("https://a.org/x", 302, HOP_VIA_STATUS, "/y", 10);
	assert_false(step.follow);
	assert_int_equal(step.failure, REASON_REDIRECT_LIMIT);

	/* Once to itself sets a cookie, twice is a loop; a fragment changes nothing. */
	step = next("https://a.org/x", 302, HOP_VIA_STATUS, "/x#y", 0);
	assert_true(step.follow);
	struct url from = parse("https://a.org/x");
	struct hop hops[3] = {
		{ SLICE("https://a.org/x"), 302, HOP_VIA_STATUS, { 0 }, 0, 0 },
		{ SLICE("https://a.org/login"), 302, HOP_VIA_STATUS, { 0 }, 0, 0 },
		{ SLICE("https://a.org/x"), 302, HOP_VIA_NONE, { 0 }, 0, 0 },
	};
	assert_int_equal(redirect_next(&arena, &from, HOP_VIA_STATUS, SLICE("/login"),
				 hops, 3, &limits, &step),
		0);
	assert_true(step.follow);
	assert_int_equal(redirect_next(&arena, &from, HOP_VIA_STATUS, SLICE("/x#z"), hops,
				 3, &limits, &step),
		0);
	assert_false(step.follow);
	assert_int_equal(step.failure, REASON_REDIRECT_LOOP);
	/* With a cookie that it did not have before it is another question. */
	hops[1].cookies_left = hops[2].cookies_sent = 1;
	hops[2].cookies_left = 2;
	assert_int_equal(redirect_next(&arena, &from, HOP_VIA_STATUS, SLICE("/x#z"), hops,
				 3, &limits, &step),
		0);
	assert_true(step.follow);
}

static struct redirect_step refresh_from(
	const struct hop *hops, uint32_t count, const char *target)
{
	struct url from;
	struct redirect_step step;

	assert_int_equal(url_parse(&arena, hops[count - 1].url, NULL, &from), 0);
	assert_int_equal(redirect_next(&arena, &from, HOP_VIA_META_REFRESH,
				 slice_of(target), hops, count, &limits, &step),
		0);
	return step;
}

static void refreshes_in_circles(void **state)
{
	(void)state;
	const struct hop hops[] = {
		{ SLICE("https://a.org/x"), 200, HOP_VIA_META_REFRESH, { 0 }, 0, 0 },
		{ SLICE("https://a.org/y"), 200, HOP_VIA_META_REFRESH, { 0 }, 0, 0 },
		{ SLICE("https://a.org/x"), 200, HOP_VIA_META_REFRESH, { 0 }, 0, 0 },
		{ SLICE("https://a.org/y"), 200, HOP_VIA_NONE, { 0 }, 0, 0 },
	};
	/* Back once, for a cookie; slides end where the first comes again. */
	struct redirect_step step = refresh_from(hops, 2, "/x#z");
	assert_true(step.follow);
	assert_false(redirect_shows_slides(0, &step, hops, 2));
	assert_true(redirect_shows_slides(1, &step, hops, 2));
	step = refresh_from(hops, 2, "/z");
	assert_true(step.follow);
	assert_false(redirect_shows_slides(5, &step, hops, 2));

	step = refresh_from(hops, 4, "/x");
	assert_false(step.follow);
	assert_int_equal(step.failure, REASON_REDIRECT_LOOP);
	assert_false(redirect_shows_slides(0, &step, hops, 4));
	assert_true(redirect_shows_slides(5, &step, hops, 4));
	/* To itself, however often it was asked. */
	step = refresh_from(hops, 4, "/y");
	assert_false(step.follow);
	assert_int_equal(step.failure, REASON_OK);

	step = next("https://a.org/x", 200, HOP_VIA_REFRESH_HEADER, "/y", 10);
	assert_int_equal(step.failure, REASON_REDIRECT_LIMIT);
	assert_true(redirect_shows_slides(5, &step, hops, 4));
	step = next("https://a.org/x", 200, HOP_VIA_REFRESH_HEADER, "file:///x", 0);
	assert_false(redirect_shows_slides(5, &step, hops, 4));
}

static void memory_ends(void **state)
{
	(void)state;
	struct url from = parse("https://a.org/x#f");
	struct hop hop = { SLICE("https://a.org/x"), 302, HOP_VIA_NONE, { 0 }, 0, 0 };
	struct redirect_step step;
	bool succeeded = false;

	for (size_t bytes = 0; bytes < 4096 && !succeeded; bytes += 16) {
		struct arena small;
		arena_init(&small, bytes);
		int result = redirect_next(&small, &from, HOP_VIA_STATUS,
			SLICE("https://b.org/y"), &hop, 1, &limits, &step);
		succeeded = result == 0;
		assert_true(succeeded ? step.follow : !step.follow);
		arena_fini(&small);
	}
	assert_true(succeeded);
}

static void permanent_targets(void **state)
{
	(void)state;
	struct hop hops[] = {
		{ SLICE("a"), 301, HOP_VIA_STATUS, SLICE("b"), 0, 0 },
		{ SLICE("b"), 308, HOP_VIA_STATUS, SLICE("c"), 0, 0 },
		{ SLICE("c"), 302, HOP_VIA_STATUS, SLICE("d"), 0, 0 },
		{ SLICE("d"), 301, HOP_VIA_STATUS, SLICE("e"), 0, 0 },
		{ SLICE("e"), 200, HOP_VIA_NONE, { 0 }, 0, 0 },
	};
	assert_slice(redirect_permanent_target(hops, 5), "c");
	assert_slice(redirect_permanent_target(hops + 1, 4), "c");
	assert_slice(redirect_permanent_target(hops + 2, 3), "");
	assert_slice(redirect_permanent_target(hops + 3, 2), "e");
	assert_slice(redirect_permanent_target(hops + 4, 1), "");
	hops[0].via = HOP_VIA_META_REFRESH;
	hops[0].status = 200;
	assert_slice(redirect_permanent_target(hops, 5), "");
	assert_slice(redirect_permanent_target(NULL, 0), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(classes, setup, teardown),
		cmocka_unit_test_setup_teardown(
			hostile_urls_are_classified_soon, setup, teardown),
		cmocka_unit_test_setup_teardown(locations, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_fragment_that_has_no_room, setup, teardown),
		cmocka_unit_test_setup_teardown(ends_of_chains, setup, teardown),
		cmocka_unit_test_setup_teardown(limits_and_loops, setup, teardown),
		cmocka_unit_test_setup_teardown(refreshes_in_circles, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_ends, setup, teardown),
		cmocka_unit_test(permanent_targets),
	};
	return cmocka_run_group_tests_name("redirect", tests, NULL, NULL);
}
