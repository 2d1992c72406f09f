#include "lib/test.h"

#include "base/random.h"
#include "base/utf8.h"
#include "serve/target.h"

struct fixture {
	struct arena arena;
	struct serve_target target;
};

static int parse(struct fixture *fixture, struct slice text)
{
	arena_init(&fixture->arena, 1 << 20);
	return serve_target_parse(text, &fixture->arena, &fixture->target);
}

static void splits_paths(void **state)
{
	(void)state;
	/* In `segments`, `|` stands between them. */
	static const struct {
		const char *text, *segments;
		bool is_directory;
	} table[] = {
		{ "/", "", false },
		{ "/?", "", false },
		{ "/lists", "lists", false },
		{ "/lists/", "lists", true },
		{ "/lists/a", "lists|a", false },
		{ "/lists/a%2Fb", "lists|a/b", false },
		{ "/lists/a%2fb/c", "lists|a/b|c", false },
		{ "/lists/a%20b", "lists|a b", false },
		{ "/lists/a+b", "lists|a+b", false },
		{ "/a%2Bb", "a+b", false },
		{ "/%C3%A4", "\xc3\xa4", false },
		{ "/%25%32%46", "%2F", false }, /* once */
		{ "/%253Cscript%253E", "%3Cscript%3E", false },
		{ "/...", "...", false },
		{ "/.well-known/x", ".well-known|x", false },
		{ "/a..b/..c", "a..b|..c", false },
		{ "/a?b/../c", "a", false }, /* a query is no path */
		{ "/a?//", "a", false },
		{ "/a;b=c", "a;b=c", false },
		{ "/a%3Fb", "a?b", false },
		{ "/a%23b", "a#b", false },
		{ "/%5C..", "\\..", false },
		{ "/1/2/3/4/5/6/7/8", "1|2|3|4|5|6|7|8", false },
		/* absolute-form, RFC 9112 3.2.2 */
		{ "http://host/", "", false },
		{ "http://host", "", false },
		{ "HTTP://host?x=/a", "", false },
		{ "https://host:8780/lists/a%2Fb?state=dead", "lists|a/b", false },
		{ "http://[::1]:80/lists/", "lists", true },
		{ "http://other.test/a?http://b/c", "a", false },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct fixture f;
		struct buffer joined;
		if (parse(&f, slice_of(table[i].text)) != 0)
			fail_msg("%s", table[i].text);
		buffer_init(&joined, 1000);
		for (unsigned s = 0; s < f.target.segment_count; s++) {
			buffer_add_text(&joined, s > 0 ? "|" : "");
			buffer_add(&joined, f.target.segments[s]);
		}
		assert_slice(buffer_slice(&joined), table[i].segments);
		assert_int_equal(f.target.is_directory, table[i].is_directory);
		buffer_fini(&joined);
		arena_fini(&f.arena);
	}
}

static void refuses(void **state)
{
	(void)state;
	static const struct {
		struct slice text;
		int status;
	} table[] = {
#define BAD(text) { { (text), sizeof(text) - 1 }, 400 }
		BAD(""),
		BAD("*"),
		BAD("a"),
		BAD("host:80"),
		BAD("http:/host/a"),
		BAD("http:///a"),
		BAD("http://"),
		BAD("http://?a"),
		BAD("http://me@host/a"),
		BAD("http://me:pass@host/a"),
		BAD("http://ho st/a"),
		BAD("http://ho\0st/a"),
		BAD("http://h\xc3\xa4/a"),
		BAD("http://host#a"),
		BAD("http://host//a"),
		BAD("http://host/../a"),
		BAD("ftp://host/a"),
		BAD("javascript://host/a"),
		BAD("?a"),
		BAD("//"),
		BAD("//host/a"),
		BAD("/a//b"),
		BAD("/a//"),
		BAD("/."),
		BAD("/.."),
		BAD("/./a"),
		BAD("/../a"),
		BAD("/a/../b"),
		BAD("/a/.."),
		BAD("/a/../"),
		BAD("/%2e%2e/a"),
		BAD("/%2E./a"),
		BAD("/.%2e"),
		BAD("/a/%2e/"),
		BAD("/%"),
		BAD("/%2"),
		BAD("/%zz"),
		BAD("/%2g"),
		BAD("/a%"),
		BAD("/%u0041"),
		BAD("/%%20"),
		BAD("/% 20"),
		BAD("/%00"),
		BAD("/a%00.svg"),
		BAD("/a\0b"),
		BAD("/%0d%0aX:y"),
		BAD("/%09"),
		BAD("/%1b"),
		BAD("/%7f"),
		BAD("/a b"),
		BAD("/a\tb"),
		BAD("/a\x7f"),
		BAD("/\xc3\xa4"),
		BAD("/a#b"),
		BAD("/%ff"),
		BAD("/%c0%af"),         /* overlong slash */
		BAD("/%e0%80%af"),      /* and longer */
		BAD("/%c0%ae%c0%ae/a"), /* overlong dots */
		BAD("/%ed%a0%80"),      /* a surrogate */
		BAD("/%f4%90%80%80"),   /* above U+10FFFF */
		BAD("/%c3"),            /* cut */
		BAD("/a?%"),
		BAD("/a?x=%0"),
		BAD("/a?x=%00"),
		BAD("/a?x=%0a"),
		BAD("/a?x=%ff"),
		BAD("/a?%c3=1"),
		BAD("/a?x=1#y"),
		BAD("/a?x=1&y=%gg"),
		BAD("/1/2/3/4/5/6/7/8/9/%zz"),
#undef BAD
		{ { "/1/2/3/4/5/6/7/8/9", 18 }, 404 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct fixture f;
		int status = parse(&f, table[i].text);
		if (status != table[i].status)
			fail_msg("%.*s: %d", SLICE_ARG(table[i].text), status);
		arena_fini(&f.arena);
	}
}

static void refuses_what_is_too_long(void **state)
{
	(void)state;
	struct fixture f;
	static char text[SERVE_TARGET_BYTES_MAX + 2];
	memset(text, 'a', sizeof(text));
	text[0] = '/';
	assert_int_equal(parse(&f, (struct slice){ text, SERVE_TARGET_BYTES_MAX }), 0);
	arena_fini(&f.arena);
	assert_int_equal(parse(&f, (struct slice){ text, sizeof(text) - 1 }), 414);
	arena_fini(&f.arena);

	struct arena small;
	arena_init(&small, 16);
	assert_int_equal(
		serve_target_parse(SLICE("/aaaaaaaaaaaaaaaaaaaaaaaa"), &small, &f.target),
		503);
	arena_fini(&small);
}

/* What is told of a refused one, for who has to choose the form of the refusal. */
static void keeps_the_path_of_what_is_refused(void **state)
{
	(void)state;
	static char longest[2 * SERVE_TARGET_BYTES_MAX] = "http://host/api/";
	static const struct {
		const char *text, *path, *query;
		int status;
	} table[] = {
		{ "/api/v1/links?q=%zz", "/api/v1/links", "q=%zz", 400 },
		{ "http://host/api/%00", "/api/%00", "", 400 },
		{ "http://host?a#b", "/", "a#b", 400 },
		{ "/1/2/3/4/5/6/7/8/9", "/1/2/3/4/5/6/7/8/9", "", 404 },
		{ "*", "", "", 400 },
		{ "http://me@host/a", "", "", 400 },
	};
	struct fixture f;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(parse(&f, slice_of(table[i].text)), table[i].status);
		assert_slice(f.target.raw_path, table[i].path);
		assert_slice(f.target.raw_query, table[i].query);
		arena_fini(&f.arena);
	}
	memset(longest + strlen(longest), 'a', sizeof(longest) - strlen(longest) - 1);
	assert_int_equal(parse(&f, slice_of(longest)), 414);
	assert_true(slice_starts(f.target.raw_path, SLICE("/api/aa")));
	arena_fini(&f.arena);
}

static void finds_arguments(void **state)
{
	(void)state;
	struct fixture f;
	struct slice value;
	assert_int_equal(
		parse(&f, SLICE("/a?q=a+b%2B%26%3D&state=dead&state=alive&&empty=&"
				"bare&=nameless&x=y=z&v=%C3%A4")),
		0);
	static const struct {
		const char *name, *value;
	} table[] = {
		{ "q", "a b+&=" },
		{ "state", "dead" }, /* the first */
		{ "empty", "" },
		{ "bare", "" },
		{ "", "nameless" },
		{ "x", "y=z" },
		{ "v", "\xc3\xa4" },
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_true(serve_target_argument(&f.target, table[i].name, &value));
		assert_slice(value, table[i].value);
	}
	assert_false(f.target.has_more_arguments);
	assert_false(serve_target_argument(&f.target, "State", &value));
	assert_false(serve_target_argument(&f.target, "none", &value));
	arena_fini(&f.arena);

	/* More than there is room for: the first ones count. */
	char text[1000] = "/?first=1";
	size_t len = strlen(text);
	for (int i = 0; i < SERVE_ARGUMENTS_MAX + 5; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "&n%d=%d", i, i);
	assert_int_equal(parse(&f, slice_of(text)), 0);
	assert_int_equal(f.target.argument_count, SERVE_ARGUMENTS_MAX);
	assert_true(f.target.has_more_arguments);
	assert_true(serve_target_argument(&f.target, "first", &value));
	assert_false(serve_target_argument(&f.target, "n36", &value));
	arena_fini(&f.arena);
}

static void fits_patterns(void **state)
{
	(void)state;
	static const struct {
		const char *text, *pattern;
		bool fits;
	} table[] = {
		{ "/", "/", true },
		{ "/a", "/", false },
		{ "/", "/a", false },
		{ "/a", "/a", true },
		{ "/a/", "/a", false },
		{ "/a/", "/a/", true },
		{ "/a", "/a/", false },
		{ "/%61", "/a", true },
		{ "/lists/x/feed.atom", "/lists/?/feed.atom", true },
		{ "/lists/a%2Fb/feed.atom", "/lists/?/feed.atom", true },
		{ "/lists/a/b/feed.atom", "/lists/?/feed.atom", false },
		{ "/lists", "/lists/?", false },
		{ "/lists/", "/lists/?", false },
		{ "/lists%2Fx", "/lists/?", false },
		{ "/lists%2Fx", "/lists/x", false },
		{ "/api/v1/lists", "/api/v1/lists", true },
		{ "/api/v1", "/api/v1/lists", false },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct fixture f;
		assert_int_equal(parse(&f, slice_of(table[i].text)), 0);
		if (serve_target_fits(&f.target, table[i].pattern) != table[i].fits)
			fail_msg("%s %s", table[i].text, table[i].pattern);
		arena_fini(&f.arena);
	}
}

/* Whatever comes, what is handed on is decent: UTF-8 without controls, no dots, no empty
 * segment. Made of the pieces that decoders stumble over. */
static void hands_on_only_what_is_decent(void **state)
{
	(void)state;
	static const char *const pieces[] = { "/", "/", "%2F", "%2f", ".", "..", "%2e",
		"%2E", "%", "%2", "%25", "%00", "%0a", "%c3%a4", "%c0%ae", "%ff", "%7F",
		"a", "z", "?", "&", "=", "+", "#", ";", "\\", "%5c", "\x80", " ",
		"%ef%bb%bf" };
	struct random random;
	unsigned taken = 0;
	random_init(&random, 11);

	for (int round = 0; round < 200000; round++) {
		char text[200] = "/";
		size_t len = 1;
		for (uint64_t n = random_below(&random, 9); n > 0; n--) {
			const char *piece = pieces[random_below(
				&random, sizeof(pieces) / sizeof(pieces[0]))];
			len += (size_t)snprintf(
				text + len, sizeof(text) - len, "%s", piece);
		}
		struct fixture f;
		if (parse(&f, (struct slice){ text, len }) != 0) {
			arena_fini(&f.arena);
			continue;
		}
		taken++;
		for (unsigned i = 0; i < f.target.segment_count; i++) {
			struct slice s = f.target.segments[i];
			if (s.len == 0 || !utf8_valid(s) || slice_equal(s, SLICE(".")) ||
				slice_equal(s, SLICE("..")) ||
				memchr(s.at, 0, s.len) != NULL ||
				memchr(s.at, '\n', s.len) != NULL)
				fail_msg("%s", text);
		}
		for (unsigned i = 0; i < f.target.argument_count; i++)
			if (!utf8_valid(f.target.arguments[i].value) ||
				!utf8_valid(f.target.arguments[i].name))
				fail_msg("%s", text);
		arena_fini(&f.arena);
	}
	assert_true(taken > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_paths),
		cmocka_unit_test(refuses),
		cmocka_unit_test(refuses_what_is_too_long),
		cmocka_unit_test(keeps_the_path_of_what_is_refused),
		cmocka_unit_test(finds_arguments),
		cmocka_unit_test(fits_patterns),
		cmocka_unit_test(hands_on_only_what_is_decent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
