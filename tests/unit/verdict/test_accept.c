#include "lib/test.h"

#include "verdict/accept.h"

/* The accepted codes as ranges: "200-204,403". */
static const char *accepted(const char *text)
{
	static char out[256];
	struct accept accept;
	struct error error;
	size_t len = 0;

	if (accept_parse(slice_of(text), &accept, &error) != 0)
		fail_msg("%s: %s", text, error.text);
	assert_true(accept.given);
	out[0] = '\0';
	for (int first = 0; first <= 1100; first++) {
		int last = first;
		if (!accept_has(&accept, first))
			continue;
		while (accept_has(&accept, last + 1))
			last++;
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%d-%d",
			len > 0 ? "," : "", first, last);
		first = last;
	}
	return out;
}

static void syntax(void **state)
{
	(void)state;
	assert_string_equal(accepted("200..=204,403"), "200-204,403-403");
	assert_string_equal(accepted("200..204"), "200-203");
	assert_string_equal(accepted("200"), "200-200");
	assert_string_equal(accepted(" 200 , 300..=302 "), "200-200,300-302");
	assert_string_equal(accepted("..200"), "100-199");
	assert_string_equal(accepted("..=200"), "100-200");
	assert_string_equal(accepted("900.."), "900-999");
	assert_string_equal(accepted(".."), "100-999");
	assert_string_equal(accepted("100..=103,200..=299"), "100-103,200-299");
	assert_string_equal(accepted("200..=299,250..=350"), "200-350");
	assert_string_equal(accepted("900..1000"), "900-999");
	assert_string_equal(accepted("999"), "999-999");
}

static void mistakes_are_named(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} bad[] = { { "", "empty" }, { " ", "empty" }, { "200,,300", "empty entry" },
		{ "200,", "empty entry" }, { "abc", "'abc'" }, { "2xx", "'2xx'" },
		{ "99", "99" }, { "1000", "1000" }, { "200..=1000", "1000" },
		{ "200..1001", "1001" }, { "300..=200", "'300..=200'" },
		{ "200..200", "'200..200'" }, { "200..=", "no end" }, { "-1", "'-1'" },
		{ "200...300", "'.300'" }, { "99999999999999999999", "9999" },
		{ "00000000000000000000000000000000000000000000000200", "too long" } };
	struct accept accept = { 0 };
	struct error error;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		error.text[0] = '\0';
		if (accept_parse(slice_of(bad[i].text), &accept, &error) == 0)
			fail_msg("\"%s\" was accepted", bad[i].text);
		if (strstr(error.text, "--accept") == NULL ||
			strstr(error.text, bad[i].says) == NULL)
			fail_msg("\"%s\": %s", bad[i].text, error.text);
		assert_false(accept.given);
	}
	assert_false(accept_has(&accept, -1));
	assert_false(accept_has(&accept, INT32_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syntax),
		cmocka_unit_test(mistakes_are_named),
	};
	return cmocka_run_group_tests_name("accept", tests, NULL, NULL);
}
