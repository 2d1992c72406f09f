#include "lib/test.h"

#include "base/http_date.h"
#include "serve/headers_internal.h"
#include "serve/negotiate_internal.h"
#include "serve/request.h"

static void compares_tags(void **state)
{
	(void)state;
	static const struct {
		const char *list;
		bool matches;
	} table[] = {
		{ "\"a\"", true },
		{ "W/\"a\"", true },
		{ "*", true },
		{ " * ", true },
		{ "\"b\", \"a\"", true },
		{ "\"b\",W/\"a\"", true },
		{ ", ,\"b\" ,\t\"a\",", true },
		{ "\"x,\"a\"", false },
		{ "\"b, \"", false },
		{ "\"A\"", false },
		{ "a", false },
		{ "", false },
		{ "\"a", false },
		{ "\"aa\"", false },
		{ "\"\"", false },
		{ "w/\"a\"", false },
		{ "garbage, \"a\"", false },
		{ "\"*\"", false },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (negotiate_etag_matches(slice_of(table[i].list), SLICE("\"a\"")) !=
			table[i].matches)
			fail_msg("%s", table[i].list);
	/* A comma may stand in a tag. */
	assert_true(negotiate_etag_matches(SLICE("\"x\", \"a,b\""), SLICE("\"a,b\"")));
}

static void compares_dates(void **state)
{
	(void)state;
	const time_ms wall = time_of_civil(2026, 11, 26, 0, 0, 0);
	const time_ms modified = time_of_civil(1994, 11, 6, 8, 49, 37) + 999;
	static const struct {
		const char *since;
		bool unmodified;
	} table[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", true },
		{ "Sun, 06 Nov 1994 08:49:38 GMT", true },
		{ "Sun, 06 Nov 1994 08:49:36 GMT", false },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", true },
		{ "Sun Nov  6 08:49:37 1994", true },
		{ "yesterday", false },
		{ "", false },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (negotiate_not_modified_since(slice_of(table[i].since), modified,
			    wall) != table[i].unmodified)
			fail_msg("%s", table[i].since);
	assert_false(negotiate_not_modified_since(
		SLICE("Sun, 06 Nov 1994 08:49:37 GMT"), 0, wall));
}

static void writes_dates_that_it_can_read(void **state)
{
	(void)state;
	char text[NEGOTIATE_DATE_SIZE];
	negotiate_format_date(time_of_civil(1994, 11, 6, 8, 49, 37), text);
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	negotiate_format_date(-5, text);
	assert_string_equal(text, "Thu, 01 Jan 1970 00:00:00 GMT");
	negotiate_format_date(INT64_MAX, text);
	assert_string_equal(text, "Fri, 31 Dec 9999 23:59:59 GMT");
	for (time_ms day = 0; day < 60000; day += 7) {
		time_ms wall = day * TIME_MS_PER_DAY + day * 1000, back;
		negotiate_format_date(wall, text);
		assert_true(http_date_parse(slice_of(text), wall, &back));
		assert_true(back == wall / 1000 * 1000);
	}
}

static void knows_who_takes_gzip(void **state)
{
	(void)state;
	static const struct {
		const char *accept;
		bool takes;
	} table[] = {
		{ "gzip", true },
		{ "gzip, deflate, br", true },
		{ "br;q=1.0, GZIP;q=0.8, *;q=0.1", true },
		{ "x-gzip", true },
		{ "*", true },
		{ "gzip;q=0.001", true },
		{ "gzip;q=0", false },
		{ "gzip; q=0.000", false },
		{ "gzip;q=0, *", false },
		{ "*;q=0", false },
		{ "identity", false },
		{ "gzipped", false },
		{ "gzip;q=x", false },
		{ "", false },
		{ ";;,,;q=1", false },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (negotiate_accepts_gzip(slice_of(table[i].accept)) != table[i].takes)
			fail_msg("%s", table[i].accept);
}

static void compares_tokens(void **state)
{
	(void)state;
	static const struct {
		const char *sent;
		bool right;
	} table[] = {
		{ "Bearer secret", true },
		{ "bearer secret", true },
		{ "Bearer  secret ", true },
		{ "Bearer secre", false },
		{ "Bearer secrets", false },
		{ "Bearer secretsecret", false },
		{ "Bearer Secret", false },
		{ "Bearer ", false },
		{ "Bearer", false },
		{ "Basic secret", false },
		{ "secret", false },
		{ "", false },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct serve_request request = { .authorization =
							 slice_of(table[i].sent) };
		if (serve_request_has_token(&request, SLICE("secret")) != table[i].right)
			fail_msg("%s", table[i].sent);
	}
	struct serve_request nothing = { .authorization = SLICE("Bearer ") };
	assert_false(serve_request_has_token(&nothing, SLICE("")));
}

static bool gather(void *context, const char *name, const char *value)
{
	buffer_printf(context, "%s: %s\n", name, value);
	return true;
}

/* What an answerer took from strangers does not get into a header. */
static void keeps_headers_clean(void **state)
{
	(void)state;
	static const char *const locations[] = { "", "a", "//evil.example/", "/\\evil",
		"http://evil.example/", "/a\r\nSet-Cookie: x", "/a b", "/\xc3\xa4" };
	static const char *const filenames[] = { "", "a/b", "a\"b", "..", ".x",
		"a\r\nX: y", "a b", "\xc3\xa4" };
	const struct headers_extra extra = { .etag = NULL };
	struct buffer out;
	buffer_init(&out, 10000);

	for (size_t i = 0; i < sizeof(locations) / sizeof(locations[0]); i++) {
		struct serve_answer answer = { .status = 302, .location = locations[i] };
		assert_false(headers_each(&answer, &extra, gather, &out));
	}
	for (size_t i = 0; i < sizeof(filenames) / sizeof(filenames[0]); i++) {
		struct serve_answer answer = { .status = 200, .filename = filenames[i] };
		assert_true(headers_each(&answer, &extra, gather, &out));
	}
	struct slice all = buffer_slice(&out);
	assert_true(slice_find(all, SLICE("Location")) == SLICE_NONE);
	assert_true(slice_find(all, SLICE("Content-Disposition")) == SLICE_NONE);

	struct serve_answer good = {
		.status = 302, .location = "/lists/a%20b", .filename = "list-1.csv"
	};
	assert_true(headers_each(&good, &extra, gather, &out));
	all = buffer_slice(&out);
	assert_true(slice_find(all, SLICE("Location: /lists/a%20b\n")) != SLICE_NONE);
	assert_true(slice_find(all, SLICE("attachment; filename=\"list-1.csv\"\n")) !=
		    SLICE_NONE);
	buffer_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_tags),
		cmocka_unit_test(compares_dates),
		cmocka_unit_test(writes_dates_that_it_can_read),
		cmocka_unit_test(knows_who_takes_gzip),
		cmocka_unit_test(compares_tokens),
		cmocka_unit_test(keeps_headers_clean),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
