#include "lib/test.h"

#include "ask/duplicates.h"

static struct link_table table;

/* `final` is where its check ended, "" when nobody answered. */
static struct link *add(const char *url, const char *final, enum outcome outcome)
{
	struct slice whole = slice_of(url), request = whole;
	size_t hash = slice_find_char(whole, '#');
	if (hash != SLICE_NONE)
		request = slice_sub(whole, 0, hash);
	const struct link_identity identity = { .kind = LINK_HTTP,
		.url = whole,
		.request_url = request,
		.request_key = request };
	const struct occurrence occurrence = {
		.source = SLICE("a.md"), .line = 1, .column = 1, .text = whole
	};
	struct link *link = link_table_add(&table, &identity, &occurrence);
	assert_non_null(link);
	link->result.done = true;
	link->result.final_url = slice_of(final);
	link->result.verdict.outcome = outcome;
	return link;
}

static bool is_noted(const struct link *link)
{
	return link->result.verdict.notes == NOTE_BIT(NOTE_DUPLICATE);
}

static void one_page_under_several_urls(void **state)
{
	(void)state;
	link_table_init(&table, 1 << 20);
	struct link *plain = add("http://a.org/x", "http://a.org/x", OUTCOME_OK);
	struct link *alone = add("https://a.org/y", "https://a.org/y", OUTCOME_OK);
	struct link *secure =
		add("https://a.org/x#top", "https://a.org/x#top", OUTCOME_OK);
	struct link *part = add("https://a.org/x#end", "https://a.org/x#end", OUTCOME_OK);
	struct link *moved = add("https://s.io/1", "https://a.org/x", OUTCOME_MOVED);
	struct link *dead = add("https://a.org/x/", "https://a.org/x", OUTCOME_BROKEN);
	struct link *wall = add("https://w.org/x", "https://a.org/x", OUTCOME_GATED);
	assert_int_equal(duplicates_note(&table), 0);
	assert_true(
		is_noted(plain) && is_noted(secure) && is_noted(part) && is_noted(moved));
	assert_false(is_noted(alone) || is_noted(dead) || is_noted(wall));
	link_table_fini(&table);
}

static void parts_of_one_page_are_not_twice(void **state)
{
	(void)state;
	link_table_init(&table, 1 << 20);
	struct link *a = add("https://a.org/x#a", "https://a.org/x#a", OUTCOME_OK);
	struct link *b = add("https://a.org/x#b", "https://a.org/x#b", OUTCOME_OK);
	assert_int_equal(duplicates_note(&table), 0);
	assert_false(is_noted(a) || is_noted(b));
	link_table_fini(&table);
}

/* Also where dead pages are sent. */
static void the_first_page_is_nobodys(void **state)
{
	(void)state;
	static const char *const finals[] = { "https://a.org/", "https://a.org", "" };
	for (size_t i = 0; i < sizeof(finals) / sizeof(finals[0]); i++) {
		link_table_init(&table, 1 << 20);
		struct link *a = add("https://a.org/x", finals[i], OUTCOME_OK);
		struct link *b = add("https://a.org/y", finals[i], OUTCOME_OK);
		assert_int_equal(duplicates_note(&table), 0);
		assert_false(is_noted(a) || is_noted(b));
		link_table_fini(&table);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_page_under_several_urls),
		cmocka_unit_test(parts_of_one_page_are_not_twice),
		cmocka_unit_test(the_first_page_is_nobodys),
	};
	return cmocka_run_group_tests_name("duplicates", tests, NULL, NULL);
}
