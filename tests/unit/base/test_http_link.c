#include "lib/test.h"

#include "base/buffer.h"
#include "base/http_link.h"

/* What is found of rel=successor-version; "-": nothing. */
static void assert_found(const char *value, const char *expected)
{
	struct slice target = SLICE("-");
	bool found = http_link_find(slice_of(value), SLICE("successor-version"), &target);

	if (found != (strcmp(expected, "-") != 0) ||
		!slice_equal(target, slice_of(expected)))
		fail_msg("%s: \"%.*s\"", value, SLICE_ARG(target));
}

static void relations(void **state)
{
	(void)state;
	assert_found("</v2>; rel=successor-version", "/v2");
	assert_found("</v2>;rel=\"successor-version\"", "/v2");
	assert_found("</v2> ; REL = \"Successor-Version\" ; title=x", "/v2");
	assert_found("</v2>; rel=\"latest-version successor-version\"", "/v2");
	assert_found("</v2>; title=\"a, b; \\\"<c>\\\"\"; rel=successor-version", "/v2");
	assert_found("</a>; rel=canonical, </v2>; rel=successor-version", "/v2");
	assert_found("</a>; rel=canonical,, ,</v2>; rel=successor-version;", "/v2");
	assert_found(
		"<https://a.org/a,b;c>; rel=successor-version", "https://a.org/a,b;c");
	assert_found("<>; rel=successor-version", "");
	assert_found("</1>; rel=successor-version, </2>; rel=successor-version", "/1");

	assert_found("", "-");
	assert_found("</v2>", "-");
	assert_found("</v2>; rel=predecessor-version", "-");
	assert_found("</v2>; rel=successor-versions", "-");
	assert_found("</v2>; rel=\"x-successor-version\"", "-");
	assert_found("</v2>; rev=successor-version", "-");
	assert_found("</v2>; title=\"rel=successor-version\"", "-");
	assert_found("</successor-version>; rel=canonical", "-");
	/* the first rel counts; another resource's link is none of this one */
	assert_found("</v2>; rel=next; rel=successor-version", "-");
	assert_found("</v2>; rel=successor-version; anchor=\"/other\"", "-");
}

/* Behind an error nobody knows where the next link begins. */
static void errors(void **state)
{
	(void)state;
	assert_found("/v2; rel=successor-version", "-");
	assert_found("</v2; rel=successor-version", "-");
	assert_found("</v2>; rel=\"successor-version", "-");
	assert_found("</v2>; rel=\"successor-version\\", "-");
	assert_found("</v2> rel=successor-version", "-");
	assert_found("</a>; rel=\"x\" y, </v2>; rel=successor-version", "-");
	assert_found("</a>; \"x\", </v2>; rel=successor-version", "-");
	struct slice target, nul = { "</v2>; re\0l=successor-version", 30 };
	assert_false(http_link_find(nul, SLICE("successor-version"), &target));
}

static void many(void **state)
{
	(void)state;
	struct buffer value;
	for (int before = HTTP_LINKS_MAX - 1; before <= HTTP_LINKS_MAX; before++) {
		buffer_init(&value, 1 << 16);
		for (int i = 0; i < before; i++)
			buffer_add_text(&value, "</a>; rel=next, ");
		buffer_add_text(&value, "</v2>; rel=successor-version");
		buffer_add(&value, (struct slice){ "", 1 });
		assert_found(value.at, before < HTTP_LINKS_MAX ? "/v2" : "-");
		buffer_fini(&value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(relations),
		cmocka_unit_test(errors),
		cmocka_unit_test(many),
	};
	return cmocka_run_group_tests_name("http_link", tests, NULL, NULL);
}
