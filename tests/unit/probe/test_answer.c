#include "lib/test.h"

#include "probe/answer_internal.h"

/* Feeds a whole answer, its body in pieces; returns the title found. */
static struct slice title_of(
	struct arena *arena, const char *headers, const char *body, size_t piece)
{
	const struct answer_wish wish = { .header_bytes_max = 4096,
		.body_bytes_max = 64 * 1024 };
	struct answer answer;
	struct page_facts facts = { 0 };
	struct slice rest = slice_of(headers), line;
	answer_init(&answer, arena, &wish);
	while (slice_split(&rest, '\n', &line))
		assert_true(answer_header(&answer, line));
	assert_true(answer.complete);
	for (size_t at = 0; at < strlen(body); at += piece)
		answer_body(&answer, slice_sub(slice_of(body), at, at + piece));
	if (answer.page != NULL)
		page_finish(answer.page, &facts);
	answer_fini(&answer);
	return facts.title;
}

/* The first bytes of a body without a type may come one by one. */
static void a_page_without_a_type_is_known_by_its_first_bytes(void **state)
{
	(void)state;
	static const struct {
		const char *body, *title;
	} cases[] = {
		{ "<!doctype html><title>Found</title>", "Found" },
		{ "\xEF\xBB\xBF \n <html><head><title>Found</title>", "Found" },
		{ "<!-- x --><title>Found</title>", "Found" },
		{ "plain <html><title>Not found</title>", "" },
		{ "%PDF-1.7 <title>Not found</title>", "" },
		{ "<?xml version='1.0'?><title>Not found</title>", "" },
	};
	static const size_t pieces[] = { 1, 2, 7, 1000 };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t j = 0; j < sizeof(pieces) / sizeof(pieces[0]); j++) {
			struct arena arena;
			arena_init(&arena, 1 << 20);
			assert_slice(title_of(&arena, "HTTP/1.1 200 OK\n\n",
					     cases[i].body, pieces[j]),
				cases[i].title);
			arena_fini(&arena);
		}
}

static void what_does_not_begin_like_a_page_is_soon_left(void **state)
{
	(void)state;
	const struct answer_wish wish = { .header_bytes_max = 4096,
		.body_bytes_max = 64 * 1024 };
	struct answer answer;
	struct arena arena;
	int fed = 0;
	arena_init(&arena, 1 << 20);
	answer_init(&answer, &arena, &wish);
	assert_true(answer_header(&answer, SLICE("HTTP/1.1 200 OK")));
	assert_true(answer_header(&answer, SLICE("")));
	while (answer_body(&answer, SLICE("x")))
		assert_true(++fed < 2000);
	assert_int_equal(answer.body_use, BODY_SKIP);
	assert_null(answer.page);
	answer_fini(&answer);
	arena_fini(&arena);
}

static struct slice successor_of(struct answer *answer, const char *headers)
{
	struct slice rest = slice_of(headers), line;
	while (slice_split(&rest, '\n', &line))
		assert_true(answer_header(answer, line));
	assert_true(answer->complete);
	return answer->successor;
}

/* In one of many headers, and not of an answer that another one followed. */
static void a_successor_is_kept(void **state)
{
	(void)state;
	static const struct {
		const char *headers, *successor;
	} cases[] = {
		{ "HTTP/2 200\nLink: </a.css>; rel=preload\nlink: </2>; "
		  "rel=\"successor-version\"\nLink: </3>; rel=successor-version\n\n",
			"/2" },
		{ "HTTP/1.1 103 Early\nLink: </2>; rel=successor-version\n\n"
		  "HTTP/1.1 200 OK\n\n",
			"" },
		{ "HTTP/2 200\nLink: </1>; rel=predecessor-version\n\n", "" },
	};
	const struct answer_wish wish = { .header_bytes_max = 4096,
		.body_bytes_max = 64 * 1024 };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena arena;
		struct answer answer;
		arena_init(&arena, 1 << 20);
		answer_init(&answer, &arena, &wish);
		assert_slice(successor_of(&answer, cases[i].headers), cases[i].successor);
		answer_fini(&answer);
		arena_fini(&arena);
	}
}

static void a_field_goes_on_behind_a_blank(void **state)
{
	(void)state;
	static const struct {
		const char *headers, *location, *charset;
	} cases[] = {
		{ "HTTP/1.1 302 Found\nLocation:\n /new\n\n", "/new", "" },
		{ "HTTP/1.1 302 Found\nX: y\n  z\n\t\nLocation: /new\n\n", "/new", "" },
		{ "HTTP/1.1 302 Found\n blank: first\nLocation: /new\n\n", "/new", "" },
		{ "HTTP/1.1 302 Found\nX: y\n Location: /no\n\n", "", "" },
		{ "HTTP/1.1 200 OK\nContent-Type: text/html; charset=gbk, text/html\n\n",
			"", "gbk" },
		{ "HTTP/1.1 103 Hints\nLocation: /no\n /no\n\n"
		  "HTTP/1.1 200 OK\nContent-Type: text/html;\n\tcharset=gbk\n\n",
			"", "gbk" },
	};
	const struct answer_wish wish = { .header_bytes_max = 4096,
		.body_bytes_max = 64 * 1024 };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena arena;
		struct answer answer;
		arena_init(&arena, 1 << 20);
		answer_init(&answer, &arena, &wish);
		(void)successor_of(&answer, cases[i].headers);
		assert_true(answer.complete);
		assert_slice(answer.location, cases[i].location);
		assert_slice(answer.charset, cases[i].charset);
		answer_fini(&answer);
		arena_fini(&arena);
	}
}

/* Three thousand bytes of menu stand above GitHub's banner, and nobody else's page is
 * read that far. */
static void a_banner_is_read_to(void **state)
{
	(void)state;
	static const char *const hosts[] = { "github.com", "a.test" };
	for (size_t i = 0; i < 2; i++) {
		const struct url url = { .host = slice_of(hosts[i]) };
		const struct answer_wish wish = {
			.header_bytes_max = 4096, .body_bytes_max = 64 * 1024, .url = &url
		};
		struct arena arena;
		struct answer answer;
		struct page_facts facts;
		bool more = true;
		arena_init(&arena, 1 << 20);
		answer_init(&answer, &arena, &wish);
		(void)successor_of(&answer, "HTTP/2 200\nContent-Type: text/html\n\n");
		answer_body(&answer, SLICE("<title>x</title><body>"));
		for (int words = 0; words < 1000 && more; words++)
			more = answer_body(&answer, SLICE("<p>abc</p>"));
		answer_body(&answer,
			SLICE("<div class='flash-warn flash-full'>archived</div>"));
		page_finish(answer.page, &facts);
		assert_int_equal(facts.box_count, i == 0 ? 1 : 0);
		answer_fini(&answer);
		arena_fini(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_without_a_type_is_known_by_its_first_bytes),
		cmocka_unit_test(what_does_not_begin_like_a_page_is_soon_left),
		cmocka_unit_test(a_successor_is_kept),
		cmocka_unit_test(a_field_goes_on_behind_a_blank),
		cmocka_unit_test(a_banner_is_read_to),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
