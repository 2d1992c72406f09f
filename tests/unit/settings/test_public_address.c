/* The address of our pages: one spelling for all who name it. */
#include "lib/test.h"

#include "settings/public_address.h"

static void as_the_parser_spells_it(void **state)
{
	(void)state;
	static const struct {
		const char *text, *url, *base, *host;
	} cases[] = {
		{ "https://links.example.org", "https://links.example.org", "/",
			"links.example.org" },
		{ "https://links.example.org/", "https://links.example.org", "/",
			"links.example.org" },
		{ "https://links.example.org/status", "https://links.example.org/status",
			"/status/", "links.example.org" },
		{ "https://links.example.org/a/b//", "https://links.example.org/a/b",
			"/a/b/", "links.example.org" },
		{ "HTTP://LINKS.example.org:8080/x", "http://links.example.org:8080/x",
			"/x/", "links.example.org" },
		{ "https://links.example.org/s?x=1#y", "https://links.example.org/s",
			"/s/", "links.example.org" },
		{ "https://links.example.org/s/#y?z", "https://links.example.org/s",
			"/s/", "links.example.org" },
		{ "https://me:secret@links.example.org/s", "https://links.example.org/s",
			"/s/", "links.example.org" },
		{ "https://b\xc3\xbc"
		  "cher.example/\xc3\xa4 b/",
			"https://xn--bcher-kva.example/%C3%A4%20b", "/%C3%A4%20b/",
			"xn--bcher-kva.example" },
		/* "//a/" before an address would name a host */
		{ "https://links.example.org//a", "https://links.example.org//a", "/a/",
			"links.example.org" },
		{ NULL, "", "/", "" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct public_address address;
		struct arena arena;
		arena_init(&arena, 1 << 16);
		assert_int_equal(public_address_of(cases[i].text, &arena, &address), 0);
		if (!slice_equal(address.url, slice_of(cases[i].url)) ||
			!slice_equal(address.base, slice_of(cases[i].base)) ||
			!slice_equal(address.host, slice_of(cases[i].host)))
			fail_msg("%s: %.*s, %.*s, %.*s", cases[i].text,
				SLICE_ARG(address.url), SLICE_ARG(address.base),
				SLICE_ARG(address.host));
		arena_fini(&arena);
	}
}

static void what_is_none(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "nonsense", "links.example.org",
		"mailto:me@example.org", "ftp://example.org/" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct public_address address;
		struct arena arena;
		arena_init(&arena, 1 << 16);
		if (public_address_of(texts[i], &arena, &address) == 0)
			fail_msg("'%s' is taken", texts[i]);
		assert_int_equal(address.url.len, 0);
		assert_true(slice_equal(address.base, SLICE("/")));
		arena_fini(&arena);
	}
}

static void full_arena(void **state)
{
	(void)state;
	struct public_address address;
	struct arena arena;
	arena_init(&arena, 16);
	assert_int_equal(
		public_address_of("https://links.example.org/", &arena, &address), -1);
	assert_true(arena.failed);
	assert_int_equal(address.url.len, 0);
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_parser_spells_it),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(full_arena),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
