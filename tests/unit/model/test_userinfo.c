#include "lib/test.h"

#include "model/userinfo.h"

static void hides_in_text(void **state)
{
	(void)state;
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "", "" },
		{ "mail me@a.example", "mail me@a.example" },
		{ "http://u:pw@x/ok", "http://x/ok" },
		{ "see http://u:p@w@x, https://t@y/@z?a@b",
			"see http://x, https://y/@z?a@b" },
		{ "http://a.example/ me@b.example", "http://a.example/ me@b.example" },
		{ "<http://a.example>me@b.example", "<http://a.example>me@b.example" },
		{ "\"http://a.example\" me@b", "\"http://a.example\" me@b" },
		{ "http://u:it's@x", "http://x" },
		{ "http://p/http://u:pw@x", "http://p/http://x" },
		{ "http://http://u:pw@x", "http://http://x" },
		{ "[p](//bob:s3cret@a.test/x)", "[p](//a.test/x)" },
		{ "//u:p@x //u@y", "//x //y" },
		{ "<a href='//u:p@x'>", "<a href='//x'>" },
		{ "http://a.example//@name/x", "http://a.example//@name/x" },
		{ "dir//a@b.md // me@a.example", "dir//a@b.md // me@a.example" },
		{ "http:////u@x", "http:////x" },
		{ "https:///u:pw@x http:\\/\\u@y", "https:///x http:\\/\\u@y" },
		{ "\xe2\x80\x9c//u:pw@x\xe2\x80\x9d", "\xe2\x80\x9c//x\xe2\x80\x9d" },
		{ "http://@", "http://" },
		{ "http://", "http://" },
	};
	struct buffer out;

	buffer_init(&out, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buffer_reset(&out);
		userinfo_hide(&out, slice_of(cases[i].text));
		assert_slice(buffer_slice(&out), cases[i].expected);
	}
	buffer_fini(&out);
}

static void splits_urls(void **state)
{
	(void)state;
	struct slice front, rest;

	userinfo_split(SLICE("http://u:p w@x/@y"), &front, &rest);
	assert_slice(front, "http://");
	assert_slice(rest, "x/@y");
	userinfo_split(SLICE("http://a/http://u@x"), &front, &rest);
	assert_slice(front, "http://a/http://u@x");
	assert_slice(rest, "");
	userinfo_split(SLICE("mailto:u@x"), &front, &rest);
	assert_slice(front, "mailto:u@x");
	assert_slice(rest, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hides_in_text),
		cmocka_unit_test(splits_urls),
	};
	return cmocka_run_group_tests_name("userinfo", tests, NULL, NULL);
}
