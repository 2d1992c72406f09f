#include "lib/test.h"

#include <time.h>

#include "model/url.h"

static struct arena arena;

/* --- parts ----------------------------------------------------------------------- */

static struct url parse(const char *text)
{
	struct url url = { 0 };
	if (url_parse(&arena, slice_of(text), NULL, &url) != 0)
		fail_msg("\"%s\" is not parsed", text);
	return url;
}

static void assert_refused(const char *text)
{
	struct url url;
	if (url_parse(&arena, slice_of(text), NULL, &url) == 0)
		fail_msg("\"%s\" is parsed as \"%.*s\"", text, SLICE_ARG(url.href));
}

static void parts_of_a_url(void **state)
{
	(void)state;
	struct url url =
		parse(" HTTP://Us%20er:pa:ss@Example.ORG:8080/a/./b/../c?q#f#g ");
	assert_slice(url.href, "http://Us%20er:pa%3Ass@example.org:8080/a/c?q#f#g");
	assert_slice(url.scheme, "http");
	assert_slice(url.username, "Us%20er");
	assert_slice(url.password, "pa%3Ass");
	assert_slice(url.host, "example.org");
	assert_slice(url.path, "/a/c");
	assert_slice(url.query, "q");
	assert_slice(url.fragment, "f#g");
	assert_int_equal(url.port, 8080);
	assert_true(url.has_host && url.has_query && url.has_fragment && url.http);
	assert_false(url.opaque);
	assert_int_equal(url.href.at[url.href.len], '\0');
	assert_ptr_equal(url.host.at, url.href.at + strlen("http://Us%20er:pa%3Ass@"));

	url = parse("https://example.org:443");
	assert_slice(url.href, "https://example.org/");
	assert_slice(url.path, "/");
	assert_int_equal(url.port, URL_PORT_NONE);
	assert_false(url.has_query || url.has_fragment);

	url = parse("https://example.org?#");
	assert_slice(url.href, "https://example.org/?#");
	assert_true(url.has_query && url.has_fragment);
	assert_slice(url.query, "");

	url = parse("mailto:a@example.org?subject=x");
	assert_true(url.opaque && !url.http && !url.has_host);
	assert_slice(url.path, "a@example.org");
	assert_slice(url.query, "subject=x");

	/* "/." protects the path in the serialisation and is no part of it. */
	url = parse("web+x:/..//p?q");
	assert_slice(url.href, "web+x:/.//p?q");
	assert_slice(url.path, "//p");
	assert_slice(url.query, "q");
}

static void references(void **state)
{
	(void)state;
	struct url base = parse("https://u:p@example.org:8443/a/b/c?q#f"), url;
	static const struct {
		const char *reference, *href;
	} cases[] = {
		{ "", "https://u:p@example.org:8443/a/b/c?q" },
		{ "#x", "https://u:p@example.org:8443/a/b/c?q#x" },
		{ "?", "https://u:p@example.org:8443/a/b/c?" },
		{ "d", "https://u:p@example.org:8443/a/b/d" },
		{ "../d/", "https://u:p@example.org:8443/a/d/" },
		{ "../../../..", "https://u:p@example.org:8443/" },
		{ "/d", "https://u:p@example.org:8443/d" },
		{ "\\d\\e", "https://u:p@example.org:8443/d/e" },
		{ "//h", "https://h/" },
		{ "///h/x", "https://h/x" },
		{ "https:d", "https://u:p@example.org:8443/a/b/d" },
		{ "http:d", "http://d/" },
		{ "a b\u00e9", "https://u:p@example.org:8443/a/b/a%20b%C3%A9" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
			url_parse(&arena, slice_of(cases[i].reference), &base, &url), 0);
		assert_slice(url.href, cases[i].href);
	}
	assert_refused("d");
	assert_refused("");
	assert_refused("#x");
	base = parse("mailto:a@b");
	assert_int_equal(url_parse(&arena, SLICE("d"), &base, &url), -1);
	assert_int_equal(url_parse(&arena, SLICE("#d"), &base, &url), 0);
	assert_slice(url.href, "mailto:a@b#d");
}

static void hosts(void **state)
{
	(void)state;
	static const struct {
		const char *written, *host;
	} cases[] = {
		{ "0x7f.1", "127.0.0.1" },
		{ "2130706433", "127.0.0.1" },
		{ "0177.0.0.01.", "127.0.0.1" },
		{ "%31%32%37.1", "127.0.0.1" },
		{ "[::FFFF:7f00:1]", "[::ffff:7f00:1]" },
		{ "[1:0:0:2:0:0:0:3]", "[1:0:0:2::3]" },
		{ "[0:0:1:2:3:4:5:6]", "[::1:2:3:4:5:6]" },
		{ "[1:0:2:3:4:5:6:7]", "[1:0:2:3:4:5:6:7]" },
		{ "[::127.0.0.1]", "[::7f00:1]" },
		{ "[::]", "[::]" },
		{ "ex_ample.org.", "ex_ample.org." },
		{ "r3---sn-x-.example.org", "r3---sn-x-.example.org" },
		/* IDN: what browsers make of them */
		{ "fa\u00df.de", "xn--fa-hia.de" },
		{ "M\u00dcNCHEN\u3002de", "xn--mnchen-3ya.de" },
		{ "\u2603.net", "xn--n3h.net" },
		{ "\u2603\u3002net", "xn--n3h.net" },
		{ "XN--N3H.net", "xn--n3h.net" },
		{ "I\u2764\ufe0f.ws", "xn--i-7iq.ws" },
		{ "\U0001f4a9\uff0ela", "xn--ls8h.la" },
		{ "r3---sn.\U0001f4a9.la", "r3---sn.xn--ls8h.la" },
		{ "a-.m\u00fcnchen.de", "a-.xn--mnchen-3ya.de" },
	};
	static const char *const refused[] = { "256.256.256.256", "1.2.3.4.5",
		"0x100000000", "1.2.3.08", "09", "[1::2::3]", "[::1", "[]", "[::1%eth0]",
		"[1:2:3:4:5:6:7]", "[::1.2.3.04]", "a b", "a<b", "a%25b", "a%00b", "%zz",
		"\u00ad", "xn--", "xn--a", "\ufffd", "\xff", "\xc3", "\u2603\u200d",
		"\ufdd0\u2603", "xn--\u2603", "\ue000\u2603", "a:b", "a:70000", "a:-1",
		"a:+1", "a:1x" };
	char text[256];
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "http://%s/", cases[i].written);
		assert_slice(parse(text).host, cases[i].host);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		snprintf(text, sizeof(text), "http://%s/", refused[i]);
		assert_refused(text);
	}
}

/* --- identity -------------------------------------------------------------------- */

static void canonical_form(void **state)
{
	(void)state;
	static const struct {
		const char *written, *canonical;
	} cases[] = {
		{ "HTTPS://u:p@EXAMPLE.org:443", "https://example.org/" },
		{ "https://example.org/%7euser/%41%2fB%3f%23",
			"https://example.org/~user/A%2FB%3F%23" },
		{ "https://example.org/a?%7e=+%20&b=%2b#%7Ex",
			"https://example.org/a?~=+%20&b=%2B#~x" },
		{ "https://example.org/a%2Eb", "https://example.org/a.b" },
		{ "https://example.org/a//b/", "https://example.org/a//b/" },
		{ "https://example.org/a?", "https://example.org/a?" },
		/* A character that would complete a broken triplet stays encoded. */
		{ "https://example.org/%%34%31", "https://example.org/%%34%31" },
		{ "https://example.org/%4%31", "https://example.org/%4%31" },
		{ "https://example.org/%zz%41", "https://example.org/%zzA" },
		{ "https://example.org/%", "https://example.org/%" },
		{ "https://example.org/%e4%B8%Ad", "https://example.org/%E4%B8%AD" },
	};
	static const char *const different[] = { "https://example.org/a",
		"https://example.org/A", "https://example.org/a/",
		"https://example.org/a%2F", "https://example.org/a?x&y",
		"https://example.org/a?y&x", "https://example.org/a?+",
		"https://example.org/a?%20", "http://example.org/a",
		"https://www.example.org/a" };
	enum { DIFFERENT = sizeof(different) / sizeof(different[0]) };
	struct url url, again, forms[DIFFERENT];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct url parsed = parse(cases[i].written);
		assert_int_equal(url_canonical(&arena, &parsed, &url), 0);
		assert_slice(url.href, cases[i].canonical);
		parsed = parse(cases[i].canonical);
		assert_int_equal(url_canonical(&arena, &parsed, &again), 0);
		assert_slice(again.href, cases[i].canonical);
	}
	for (size_t i = 0; i < DIFFERENT; i++) {
		struct url parsed = parse(different[i]);
		assert_int_equal(url_canonical(&arena, &parsed, &forms[i]), 0);
		for (size_t j = 0; j < i; j++)
			assert_false(slice_equal(forms[i].href, forms[j].href));
	}
}

static void request_target(void **state)
{
	(void)state;
	struct url url = parse("https://u:p@example.org/%7ea%2f?b#c"), target;
	assert_int_equal(url_request_target(&arena, &url, &target), 0);
	assert_slice(target.href, "https://example.org/%7ea%2f?b");
	assert_slice(target.username, "");
	assert_false(target.has_fragment);
	assert_slice(url_without_fragment(&url), "https://u:p@example.org/%7ea%2f?b");
	url = parse("https://example.org/#");
	assert_slice(url_without_fragment(&url), "https://example.org/");
}

static void ports(void **state)
{
	(void)state;
	struct url a = parse("https://example.org/x"),
		   d = parse("https://example.org:1/");
	struct url f = parse("mailto:x");
	assert_int_equal(url_port(&a), 443);
	assert_int_equal(url_port(&d), 1);
	assert_int_equal(url_port(&f), 0);
}

static void percent_decode(void **state)
{
	(void)state;
	assert_slice(
		url_percent_decode(&arena, SLICE("a%20%C3%A9%zz%4")), "a \u00e9%zz%4");
	assert_slice(url_percent_decode(&arena, SLICE("")), "");
	struct slice nul = url_percent_decode(&arena, SLICE("%00x"));
	assert_int_equal(nul.len, 2);
	assert_memory_equal(nul.at, "\0x", 3);
}

/* --- hostile input --------------------------------------------------------------- */

static void broken_bytes(void **state)
{
	(void)state;
	struct url url;
	assert_int_equal(url_parse(&arena, SLICE("https://x/\0\x01\x7f"), NULL, &url), 0);
	assert_slice(url.href, "https://x/%00%01%7F");
	/* As read by a browser: one replacement character per maximal wrong part. */
	assert_slice(parse("https://x/\xff\xe2\x82?\xc3#\xed\xa0\x80").href,
		"https://x/%EF%BF%BD%EF%BF%BD?%EF%BF%BD#%EF%BF%BD%EF%BF%BD%EF%BF%BD");
	assert_slice(
		parse("ht\ntps:/\t/exa\rmple.org/a\nb").href, "https://example.org/ab");
	assert_int_equal(url_parse(&arena, SLICE("https://x\0/"), NULL, &url), -1);
	assert_int_equal(url_parse(&arena, (struct slice){ 0 }, NULL, &url), -1);
}

static struct slice repeat(struct buffer *out, const char *head, const char *unit)
{
	buffer_reset(out);
	buffer_add_text(out, head);
	while (out->len + strlen(unit) <= URL_BYTES_MAX)
		buffer_add_text(out, unit);
	return buffer_slice(out);
}

static void limits(void **state)
{
	(void)state;
	struct buffer text;
	struct url url;
	buffer_init(&text, URL_BYTES_MAX + 1);
	repeat(&text, "https://x/", "a");
	assert_int_equal(text.len, URL_BYTES_MAX);
	assert_int_equal(url_parse(&arena, buffer_slice(&text), NULL, &url), 0);
	assert_int_equal(url.href.len, URL_BYTES_MAX);
	struct url base = url;
	assert_int_equal(url_parse(&arena, SLICE("#y"), &base, &url), -1);
	buffer_add_char(&text, 'a');
	assert_int_equal(url_parse(&arena, buffer_slice(&text), NULL, &url), -1);
	/* Past the limit only once it is encoded. */
	assert_int_equal(
		url_parse(&arena, repeat(&text, "https://x/", " a"), NULL, &url), -1);
	assert_slice(url.href, base.href.at);
	buffer_fini(&text);
}

/* Longer than DNS allows is for DNS to say, with symbols in it or not. */
static void a_long_host_reads_as_it_is_written(void **state)
{
	(void)state;
	static const char *const fronts[] = { "https://a.", "https://m\u00fcnchen.",
		"https://\u2603.", "https://a--b.\u00fc." };
	static const char *const fillers[] = { "bcd.", "b" };
	for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++)
		for (size_t j = 0; j < sizeof(fillers) / sizeof(fillers[0]); j++) {
			struct buffer text;
			struct url url, again;
			buffer_init(&text, 4096);
			buffer_add_text(&text, fronts[i]);
			for (int count = 0; count < 80; count++)
				buffer_add_text(&text, fillers[j]);
			buffer_add_text(&text, "e/");
			assert_int_equal(
				url_parse(&arena, buffer_slice(&text), NULL, &url), 0);
			assert_int_equal(url_parse(&arena, url.href, NULL, &again), 0);
			assert_slice(again.href, url.href.at);
			buffer_fini(&text);
		}
}

/* Each of these would take seconds, were any step of the parser quadratic in the input
 * with a heavy hand; together they take a few milliseconds. */
static void long_inputs_in_linear_time(void **state)
{
	(void)state;
	static const char *const inputs[][2] = {
		{ "https://x", "/.." },
		{ "https://x", "/a/.." },
		{ "https://x/", "a/%2E%2e/" },
		{ "https://", "@" },
		{ "https://", ":@" },
		{ "https://", "a." },
		{ "https://", "1." },
		{ "https://", "0x" },
		{ "https://", "xn--" },
		{ "https://", "xn--a." },
		{ "https://", "\u2603" },
		{ "https://", "\u2603." },
		{ "https://", "%E2%98%83." },
		{ "https://", "\u00e9" },
		{ "https://", "\ufdfa" },
		{ "https://[", ":" },
		{ "https:", "/" },
		{ "https:", "\\" },
		{ "file:", "/C|" },
		{ "x:", "//" },
		{ "x:/..", "//" },
		{ "x:", " " },
		{ "", "a" },
		{ "", "\n" },
		{ "https://x/", "%%34" },
		{ "https://x/", "\xc3" },
	};
	struct buffer text;
	struct url url;
	buffer_init(&text, URL_BYTES_MAX);
	clock_t start = clock();
	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		struct slice input = repeat(&text, inputs[i][0], inputs[i][1]);
		if (url_parse(&arena, input, NULL, &url) == 0)
			assert_int_equal(url_canonical(&arena, &url, &url), 0);
		arena_reset(&arena);
	}
	assert_true(clock() - start < CLOCKS_PER_SEC);
	buffer_fini(&text);
}

static int everything(struct arena *small, struct url *ret_url)
{
	struct url base, url;
	if (url_parse(small, SLICE("https://u@example.org/%7e"), NULL, &base) != 0 ||
		url_parse(small, SLICE("../\n\u2603?x#y"), &base, &url) != 0 ||
		url_canonical(small, &url, &url) != 0 ||
		url_request_target(small, &url, &url) != 0 ||
		url_percent_decode(small, url.path).at == NULL)
		return -1;
	*ret_url = url;
	return 0;
}

static void arena_runs_out(void **state)
{
	(void)state;
	struct url url = { 0 };
	for (size_t bytes_max = 0;; bytes_max += 8) {
		struct arena small;
		arena_init(&small, bytes_max);
		bool done = everything(&small, &url) == 0;
		assert_true(done || small.failed);
		if (done)
			assert_slice(url.href, "https://example.org/%E2%98%83?x");
		else
			assert_null(url.href.at);
		arena_fini(&small);
		if (done)
			return;
		assert_true(bytes_max < 10000);
	}
}

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_of_a_url),
		cmocka_unit_test(references),
		cmocka_unit_test(hosts),
		cmocka_unit_test(canonical_form),
		cmocka_unit_test(request_target),
		cmocka_unit_test(ports),
		cmocka_unit_test(percent_decode),
		cmocka_unit_test(broken_bytes),
		cmocka_unit_test(limits),
		cmocka_unit_test(a_long_host_reads_as_it_is_written),
		cmocka_unit_test(long_inputs_in_linear_time),
		cmocka_unit_test(arena_runs_out),
	};
	return cmocka_run_group_tests_name("model/url", tests, set_up, tear_down);
}
