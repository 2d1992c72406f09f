/* model/url against the data of web-platform-tests, which browsers are held to. */
#include "lib/test.h"

#include <jansson.h>

#include "model/url.h"

static struct arena arena;

/* The code unit of an escape "\\uXXXX" at the front of `text`, or -1. */
static long escaped_unit(struct slice text)
{
	char digits[5] = { 0 };
	if (text.len < 6 || text.at[0] != '\\' || text.at[1] != 'u')
		return -1;
	memcpy(digits, text.at + 2, 4);
	return strtol(digits, NULL, 16);
}

/* Lone surrogates become U+FFFD, as the standard does before it parses: jansson refuses
 * them. */
static void replace_lone_surrogates(struct buffer *json)
{
	for (size_t i = 0; i < json->len; i++) {
		struct slice rest = slice_sub(buffer_slice(json), i, json->len);
		long unit = escaped_unit(rest);
		long next = escaped_unit(slice_sub(rest, 6, rest.len));
		if (rest.at[0] != '\\')
			continue;
		if (unit < 0) {
			i++; /* another escape: its second byte begins none */
		} else if (unit >= 0xD800 && unit < 0xDC00 && next >= 0xDC00 &&
			   next < 0xE000) {
			i += 11;
		} else {
			if (unit >= 0xD800 && unit < 0xE000)
				memcpy(json->at + i + 2, "fffd", 4);
			i += 5;
		}
	}
}

static struct slice json_slice(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return (struct slice){ json_string_value(value), json_string_length(value) };
}

struct score {
	unsigned http, http_right, failing, rejected, other, other_right;
};

static void score_case(const json_t *item, struct score *score)
{
	struct slice input = json_slice(item, "input"),
		     base_text = json_slice(item, "base");
	struct slice expected = json_slice(item, "href");
	struct url base, url;
	bool has_base = base_text.at != NULL;
	int rc = has_base ? url_parse(&arena, base_text, NULL, &base) : 0;
	if (rc == 0)
		rc = url_parse(&arena, input, has_base ? &base : NULL, &url);
	bool right;
	if (json_is_true(json_object_get(item, "failure"))) {
		right = rc != 0;
		score->failing++;
		score->rejected += right;
	} else {
		right = rc == 0 && slice_equal(url.href, expected);
		bool http = slice_starts(expected, SLICE("http:")) ||
			    slice_starts(expected, SLICE("https:"));
		*(http ? &score->http : &score->other) += 1;
		*(http ? &score->http_right : &score->other_right) += right;
	}
	if (!right)
		print_message(
			"wrong: \"%.*s\" against \"%.*s\": \"%.*s\" is not \"%.*s\"\n",
			SLICE_ARG(input), SLICE_ARG(base_text),
			rc == 0 ? (int)url.href.len : 4, rc == 0 ? url.href.at : "fail",
			SLICE_ARG(expected));
}

static void web_platform_tests(void **state)
{
	(void)state;
	const char *path = test_shared("suites/urltestdata.json");
	if (path == NULL)
		skip();
	struct buffer text;
	buffer_init(&text, 16 << 20);
	test_read(path, &text);
	replace_lone_surrogates(&text);
	json_error_t error;
	json_t *cases = json_loadb(text.at, text.len, JSON_ALLOW_NUL, &error);
	if (cases == NULL)
		fail_msg("%s: %s", path, error.text);

	struct score score = { 0 };
	size_t i;
	json_t *item;
	arena_init(&arena, 1 << 20);
	json_array_foreach(cases, i, item)
	{
		if (json_is_object(item))
			score_case(item, &score);
		arena_reset(&arena);
	}
	print_message("http %u/%u, rejected %u/%u, other schemes %u/%u\n",
		score.http_right, score.http, score.rejected, score.failing,
		score.other_right, score.other);
	arena_fini(&arena);
	json_decref(cases);
	buffer_fini(&text);
	assert_int_equal(score.http, 229);
	assert_int_equal(score.http_right, score.http);
	assert_int_equal(score.failing, 273);
	assert_int_equal(score.rejected, score.failing);
	assert_int_equal(score.other_right, score.other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(web_platform_tests),
	};
	return cmocka_run_group_tests_name("model/url suite", tests, NULL, NULL);
}
