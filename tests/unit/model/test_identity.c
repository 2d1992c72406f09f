#include "lib/test.h"

#include <time.h>

#include "model/identity.h"

#define EACH(i, cases) (size_t i = 0; i < sizeof(cases) / sizeof((cases)[0]); i++)

static struct arena arena;

static struct link_identity of(struct slice text, const struct url *base)
{
	struct link_identity identity = { 0 };
	assert_int_equal(identify(&arena, text, base, &identity), 0);
	return identity;
}

static struct link_identity plain(const char *text)
{
	return of(slice_of(text), NULL);
}

static struct url base_url(const char *text)
{
	struct url base;
	assert_int_equal(url_parse(&arena, slice_of(text), NULL, &base), 0);
	return base;
}

static void network_links(void **state)
{
	(void)state;
	struct link_identity x =
		plain(" HTTPS://User:secret@Example.org/%7ea/./%2f?q=%41#%7Efrag ");
	assert_int_equal(x.kind, LINK_HTTP);
	assert_int_equal(x.reason, REASON_OK);
	assert_slice(x.url, "https://example.org/~a/%2F?q=A#~frag");
	assert_slice(x.request_url, "https://example.org/%7ea/%2f?q=%41");
	assert_slice(x.request_key, "https://example.org/~a/%2F?q=A");
	assert_slice(x.fragment, "~frag");
	assert_slice(x.suggestion.url, "");

	x = plain("http://example.org");
	assert_slice(x.url, "http://example.org/");
	assert_slice(x.request_key, "http://example.org/");
	assert_slice(x.fragment, "");

	/* What a browser accepts is taken as it is. */
	assert_slice(plain("https:/example.org/x").url, "https://example.org/x");
	assert_slice(plain("https:example.org").url, "https://example.org/");
	assert_slice(plain("http:\\\\example.org\\x").url, "http://example.org/x");
	assert_slice(plain("https://example.org/a b").url, "https://example.org/a%20b");
	assert_slice(plain("//example.org/x").url, "https://example.org/x");
	assert_int_equal(plain("//example.org/x").kind, LINK_HTTP);
	assert_slice(plain("http://localhost:8080/").url, "http://localhost:8080/");
}

static void local_destinations(void **state)
{
	(void)state;
	static const char *const files[] = { "docs/x.md#y", "README.md", "./a.png",
		"../b", "/c", "a b", "main.rs", "setup.py?raw", "?x", "C:\\x", "c:/x/y",
		"C:", "\\\\server\\share", "http/x.md", "https/../x", "http", "https.md",
		"docs//x", "images/https.png", "a/c:d/\u00e9", "user@home", "-", ":",
		"1:2", ".com", "Main.java", "model.pt#x" };
	for
		EACH(i, files)
		{
			struct link_identity x = plain(files[i]);
			if (x.kind != LINK_FILE || x.reason != REASON_OK ||
				x.suggestion.url.len > 0)
				fail_msg("%s is no file", files[i]);
			assert_slice(x.url, files[i]);
		}
	struct link_identity x = plain("#news");
	assert_int_equal(x.kind, LINK_ANCHOR);
	assert_int_equal(x.reason, REASON_OK);
	assert_slice(x.url, "#news");
	assert_slice(x.fragment, "news");
	x = plain("");
	assert_int_equal(x.kind, LINK_ANCHOR);
	assert_int_equal(x.reason, REASON_OK);
	assert_slice(x.fragment, "");
	x = plain("#");
	assert_int_equal(x.kind, LINK_ANCHOR);
	assert_slice(x.fragment, "");
}

static void missing_schemes(void **state)
{
	(void)state;
	static const char *const files[][2] = {
		{ "arxiv.org/abs/2307.12966", "https://arxiv.org/abs/2307.12966" },
		{ "www.example.com/x", "https://www.example.com/x" },
		{ "www.example.sh", "https://www.example.sh/" },
		{ "example.in/x", "https://example.in/x" },
		{ "example.org", "https://example.org/" },
		{ "Example.com?a#b", "https://example.com/?a#b" },
		{ "someone@example.org", "mailto:someone@example.org" },
	};
	static const char *const others[][2] = {
		{ "example.org:8080/x", "https://example.org:8080/x" },
		{ "localhost:8080", "http://localhost:8080/" },
	};
	for
		EACH(i, files)
		{
			struct link_identity x = plain(files[i][0]);
			assert_int_equal(x.kind, LINK_FILE);
			assert_int_equal(x.reason, REASON_OK);
			assert_slice(x.url, files[i][0]);
			assert_slice(x.suggestion.url, files[i][1]);
			assert_slice(x.suggestion.why, "The scheme is missing.");
		}
	for
		EACH(i, others)
		{
			struct link_identity x = plain(others[i][0]);
			assert_int_equal(x.kind, LINK_OTHER);
			assert_int_equal(x.reason, REASON_MISSING_SCHEME);
			assert_slice(x.url, others[i][0]);
			assert_slice(x.suggestion.url, others[i][1]);
		}
}

static void other_schemes(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "ftp://example.org/x", "" },
		{ "javascript:void(0)", "" },
		{ "data:image/png;base64,//a@b", "" },
		{ "tel:+123", "" },
		{ "file:///etc/passwd", "" },
		{ "sip:a@example.org", "" },
		{ "git+ssh://example.org/x", "" },
		{ "shop://x", "" },
		{ "doi:10.1000/182", "https://doi.org/10.1000/182" },
		{ "DOI: 10.1000/182", "https://doi.org/10.1000/182" },
		{ "doi:182", "" },
		{ "arxiv:2307.12966v2", "https://arxiv.org/abs/2307.12966v2" },
		{ "arXiv:hep-th/9901001", "https://arxiv.org/abs/hep-th/9901001" },
		{ "arxiv:hello", "" },
		{ "arxiv:1.2", "" },
	};
	for
		EACH(i, cases)
		{
			struct link_identity x = plain(cases[i][0]);
			assert_int_equal(x.kind, LINK_OTHER);
			assert_int_equal(x.reason, REASON_UNSUPPORTED_SCHEME);
			assert_slice(x.url, cases[i][0]);
			assert_slice(x.suggestion.url, cases[i][1]);
		}
	struct link_identity x = plain("MailTo:a@example.org?subject=x");
	assert_int_equal(x.kind, LINK_MAIL);
	assert_int_equal(x.reason, REASON_UNSUPPORTED_SCHEME);
	assert_slice(x.url, "MailTo:a@example.org?subject=x");
}

static void bad_urls(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "http://", "" },
		{ "https:", "" },
		{ "//", "" },
		{ "https://exa mple.org", "" },
		{ "https://example.org:99999/", "" },
		{ "https://example.org:x/", "" },
		{ "https://[::1", "" },
		{ "https://a](https://b", "" },
		{ "http//example.org/x", "http://example.org/x" },
		{ "https//:example.org", "https://example.org/" },
		{ "https.//example.org", "https://example.org/" },
		{ "https;//example.org", "https://example.org/" },
		{ "https/:/example.org", "https://example.org/" },
		{ "https ://example.org", "https://example.org/" },
		{ "https:// example.org/x", "https://example.org/x" },
		{ "http:://example.org", "http://example.org/" },
		{ "htp://example.org", "http://example.org/" },
		{ "htttp://example.org", "http://example.org/" },
		{ "ttps://example.org", "https://example.org/" },
		{ "hhttps://example.org/A", "https://example.org/A" },
		{ "htpps://example.org", "https://example.org/" },
		{ "httsp://example.org", "https://example.org/" },
		{ "HTPS://example.org", "https://example.org/" },
		{ "http://http://example.org/x", "http://example.org/x" },
		{ "http://https://example.org/x", "https://example.org/x" },
		{ "https://https//example.org/x", "https://example.org/x" },
		{ "https//https://example.org/x", "https://example.org/x" },
		{ "\u201chttps://example.org/x\u201d", "https://example.org/x" },
		{ "'https://example.org/x'", "https://example.org/x" },
		{ "<https://example.org/x>", "https://example.org/x" },
		{ "(https://example.org/x_(y))", "https://example.org/x_(y)" },
		{ "(https://example.org/x),", "https://example.org/x" },
		{ "\u200bhttps://example.org/x", "https://example.org/x" },
		{ "\ufeffhttps://example.org/x", "https://example.org/x" },
		{ "\u00a0https://example.org/x", "https://example.org/x" },
		{ "ht\u200btps://example.org/x", "https://example.org/x" },
		{ "https://example.org\u00a0", "https://example.org/" },
		{ "https://exa\u202empl\u200de.org/x", "https://example.org/x" },
	};
	for
		EACH(i, cases)
		{
			struct link_identity x = plain(cases[i][0]);
			if (x.kind != LINK_OTHER || x.reason != REASON_BAD_URL)
				fail_msg("\"%s\" is not bad_url", cases[i][0]);
			assert_slice(x.url, cases[i][0]);
			assert_slice(x.suggestion.url, cases[i][1]);
			assert_int_equal(
				x.suggestion.why.len > 0, x.suggestion.url.len > 0);
		}
}

/* What parses is never changed; a likely accident is only mentioned. */
static void guesses(void **state)
{
	(void)state;
	static const char *const cases[][3] = {
		{ "https://example.org/x)", "https://example.org/x)",
			"https://example.org/x" },
		{ "https://example.org/x,", "https://example.org/x,",
			"https://example.org/x" },
		{ "https://example.org/x_(y)", "https://example.org/x_(y)", "" },
		{ "https://example.org/x.", "https://example.org/x.", "" },
		{ "https://example.org/a\u200bb", "https://example.org/a%E2%80%8Bb",
			"https://example.org/ab" },
		{ "https://example.org/x\u201d", "https://example.org/x%E2%80%9D",
			"https://example.org/x" },
		{ "https://example.org/x\uff09\u3002",
			"https://example.org/x%EF%BC%89%E3%80%82",
			"https://example.org/x" },
		{ "https://example.org/x\uff08y\uff09",
			"https://example.org/x%EF%BC%88y%EF%BC%89", "" },
		{ "https://example.org/x\uff0cy\u3002",
			"https://example.org/x%EF%BC%8Cy%E3%80%82", "" },
		{ "https://example.org/\u00e9", "https://example.org/%C3%A9", "" },
		{ "https:///example.org/", "https://example.org/", "" },
	};
	for
		EACH(i, cases)
		{
			struct link_identity x = plain(cases[i][0]);
			assert_int_equal(x.kind, LINK_HTTP);
			assert_int_equal(x.reason, REASON_OK);
			assert_slice(x.url, cases[i][1]);
			assert_slice(x.suggestion.url, cases[i][2]);
		}
}

static void with_a_base(void **state)
{
	(void)state;
	struct url base = base_url("https://u:p@example.org/a/b?q#f");
	static const char *const cases[][2] = {
		{ "#x", "https://example.org/a/b?q#x" },
		{ "", "https://example.org/a/b?q" },
		{ "c.md", "https://example.org/a/c.md" },
		{ "/c", "https://example.org/c" },
		{ "//h.example/c", "https://h.example/c" },
		{ "http://h.example", "http://h.example/" },
		{ "https:c", "https://example.org/a/c" },
	};
	for
		EACH(i, cases)
		{
			struct link_identity x = of(slice_of(cases[i][0]), &base);
			assert_int_equal(x.kind, LINK_HTTP);
			assert_int_equal(x.reason, REASON_OK);
			assert_slice(x.url, cases[i][1]);
			assert_slice(x.suggestion.url, "");
		}
	struct link_identity x = of(SLICE("arxiv.org/abs/1"), &base);
	assert_int_equal(x.kind, LINK_HTTP);
	assert_slice(x.url, "https://example.org/a/arxiv.org/abs/1");
	assert_slice(x.suggestion.url, "https://arxiv.org/abs/1");
	x = of(SLICE("C:\\x"), &base);
	assert_int_equal(x.kind, LINK_OTHER);
	assert_int_equal(x.reason, REASON_BAD_URL);
	x = of(SLICE("http//example.com"), &base);
	assert_int_equal(x.reason, REASON_BAD_URL);
	assert_slice(x.suggestion.url, "http://example.com/");
	assert_int_equal(of(SLICE("mailto:a@b.org"), &base).kind, LINK_MAIL);
}

/* No spelling brings a password into a report. */
static void secrets_are_dropped(void **state)
{
	(void)state;
	static const char *const cases[] = { "https://me:secret@example.org/x",
		"https://me:secret@exa mple.org/x", "https://secret@/",
		"http:me:secret@h:99999", "https:/me:secret@exa mple.org",
		"http://http://me:secret@example.org/", "https//me:secret@example.org",
		"htp://me:secret@example.org", "ftp://me:secret@example.org/x",
		"\u201chttps://me:secret@example.org\u201d", "//me:secret@exa mple.org",
		"https:\\\\me:secret@exa mple.org",
		"https://https:me:secret@example.org:x" };
	for
		EACH(i, cases)
		{
			struct link_identity x = plain(cases[i]);
			if (slice_find(x.url, SLICE("secret")) != SLICE_NONE)
				fail_msg("%s: %.*s", cases[i], SLICE_ARG(x.url));
			assert_int_equal(
				slice_find(x.request_url, SLICE("secret")), SLICE_NONE);
			assert_int_equal(
				slice_find(x.request_key, SLICE("secret")), SLICE_NONE);
			assert_int_equal(slice_find(x.suggestion.url, SLICE("secret")),
				SLICE_NONE);
		}
	assert_slice(plain("ftp://me:secret@example.org/x").url, "ftp://example.org/x");
}

static void hostile_destinations(void **state)
{
	(void)state;
	static const char *const units[][2] = { { "data:", "x" }, { "https://x/", "a" },
		{ "https://", "http://" }, { "https//", "https//" }, { "", "../" },
		{ "", "." }, { "", "(" }, { "", "\u200b" }, { "https://x/", "\u200b" },
		{ "https://x/", ")" }, { "https://", "\u2603." }, { "", "\xff" },
		{ "", "//" }, { "x", "@" }, { "http:", ":" }, { "#", "#" },
		{ "ftp://", "http:" }, { "doi:10.", "1" }, { "arxiv:", "1" },
		{ "example.org:", "8" }, { "", "a." } };
	static const size_t sizes[] = { 1000, URL_BYTES_MAX - 8, URL_BYTES_MAX + 1,
		200000 };
	struct buffer text;
	buffer_init(&text, 1 << 20);
	clock_t start = clock();
	for
		EACH(i, units)
		{
		for
			EACH(j, sizes)
			{
				buffer_reset(&text);
				buffer_add_text(&text, units[i][0]);
				while (text.len < sizes[j])
					buffer_add_text(&text, units[i][1]);
				struct link_identity x = of(buffer_slice(&text), NULL);
				assert_true(x.url.len <= URL_BYTES_MAX);
				arena_reset(&arena);
			}
		}
	assert_true(clock() - start < 2 * CLOCKS_PER_SEC);
	struct link_identity x = of(SLICE("https://x/\0\n\xff"), NULL);
	assert_slice(x.url, "https://x/%00%EF%BF%BD");
	x = of(SLICE("a\0b"), NULL);
	assert_int_equal(x.kind, LINK_FILE);
	assert_int_equal(x.url.len, 3);
	assert_int_equal(of((struct slice){ 0 }, NULL).kind, LINK_ANCHOR);
	buffer_fini(&text);
}

/* An earlier refusal is not taken for one of this call, nor forgotten. */
static void arena_that_has_refused(void **state)
{
	(void)state;
	struct arena small;
	struct link_identity x;
	arena_init(&small, 4096);
	assert_null(arena_alloc(&small, 5000));
	assert_int_equal(identify(&small, SLICE("https://example.org"), NULL, &x), 0);
	assert_slice(x.url, "https://example.org/");
	assert_true(small.failed);
	arena_fini(&small);
}

/* From no memory at all upwards: refused, and nothing written, until it suffices. */
static void arena_runs_out(void **state)
{
	(void)state;
	static const char *const texts[] = { "https://u:p@example.org/%7e\n?x#y",
		"\u201chttps//u:p@example.org\u201d", "http://http://example.org",
		"https://u:p@exa mple.org", "example.org/x", "a@example.org",
		"doi:10.1/2", "localhost:80", "htp://u@example.org", "//example.org",
		"ftp://u@h" };
	for
		EACH(i, texts)
		{
			for (size_t bytes_max = 0;; bytes_max += 8) {
				struct link_identity x = { .kind = LINK_MAIL };
				struct arena small;
				arena_init(&small, bytes_max);
				int rc = identify(&small, slice_of(texts[i]), NULL, &x);
				assert_int_equal(rc, small.failed ? -1 : 0);
				if (rc != 0)
					assert_int_equal(x.kind, LINK_MAIL);
				else
					assert_slice(x.url, plain(texts[i]).url.at);
				arena_fini(&small);
				if (rc == 0)
					break;
				assert_true(bytes_max < 10000);
			}
		}
}

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 4 << 20);
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
		cmocka_unit_test(network_links),
		cmocka_unit_test(local_destinations),
		cmocka_unit_test(missing_schemes),
		cmocka_unit_test(other_schemes),
		cmocka_unit_test(bad_urls),
		cmocka_unit_test(guesses),
		cmocka_unit_test(with_a_base),
		cmocka_unit_test(secrets_are_dropped),
		cmocka_unit_test(hostile_destinations),
		cmocka_unit_test(arena_that_has_refused),
		cmocka_unit_test(arena_runs_out),
	};
	return cmocka_run_group_tests_name("model/identity", tests, set_up, tear_down);
}
