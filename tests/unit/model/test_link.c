#include "lib/test.h"

#include "model/link.h"

static const struct occurrence *add(struct link_table *table, const char *url,
	const char *source, const char *context)
{
	const struct link_identity identity = { .kind = LINK_HTTP, .url = slice_of(url) };
	const struct occurrence occurrence = {
		.source = slice_of(source),
		.line = 1,
		.column = 1,
		.text = slice_of(url),
		.context = slice_of(context),
	};
	struct link *link = link_table_add(table, &identity, &occurrence);
	assert_non_null(link);
	return link->last;
}

static void keeps_the_same_text_once(void **state)
{
	(void)state;
	struct link_table table;
	char source[] = "a.md", context[] = "around it";

	link_table_init(&table, 1 << 20);
	const struct occurrence *first = add(&table, "http://a/", source, context);
	const struct occurrence *second = add(&table, "http://b/", source, context);
	const struct occurrence *third = add(&table, "http://b/", "b.md", "other");
	source[0] = context[0] = 'X';

	assert_ptr_equal(first->source.at, second->source.at);
	assert_ptr_equal(first->context.at, second->context.at);
	assert_slice(second->source, "a.md");
	assert_slice(second->text, "http://b/");
	assert_slice(second->context, "around it");
	assert_slice(third->source, "b.md");
	assert_slice(third->context, "other");
	assert_int_equal(table.link_count, 2);
	assert_int_equal(table.occurrence_count, 3);
	assert_ptr_equal(second->next, third);
	link_table_fini(&table);
}

static void repetition_costs_no_text(void **state)
{
	(void)state;
	struct link_table table;

	link_table_init(&table, 1 << 20);
	add(&table, "http://a/", "a.md", "around it");
	add(&table, "http://a/", "a.md", "around it");
	size_t before = table.arena.bytes_used;
	add(&table, "http://a/", "a.md", "around it");
	assert_in_range(
		table.arena.bytes_used - before, 1, sizeof(struct occurrence) + 15);
	link_table_fini(&table);
}

static void local_links_belong_to_their_source(void **state)
{
	(void)state;
	struct link_table table;
	const struct link_identity identity = { .kind = LINK_ANCHOR,
		.url = SLICE("#usage") };
	struct occurrence in_a = { .source = SLICE("a.md") };
	struct occurrence in_b = { .source = SLICE("b.md") };

	link_table_init(&table, 1 << 20);
	struct link *link = link_table_add(&table, &identity, &in_a);
	assert_ptr_not_equal(link, link_table_add(&table, &identity, &in_b));
	assert_ptr_equal(link, link_table_add(&table, &identity, &in_a));
	assert_slice(link->source, "a.md");
	link_table_fini(&table);
}

static void finds_a_link_again(void **state)
{
	(void)state;
	struct link_table table;
	const struct link_identity anchor = { .kind = LINK_ANCHOR,
		.url = SLICE("#usage") };
	const struct occurrence in_b = { .source = SLICE("b.md") };

	link_table_init(&table, 1 << 20);
	add(&table, "http://a/", "a.md", "");
	struct link *link = link_table_add(&table, &anchor, &in_b);
	assert_ptr_equal(table.first,
		link_table_find(&table, LINK_HTTP, SLICE("http://a/"), SLICE("")));
	assert_ptr_equal(link,
		link_table_find(&table, LINK_ANCHOR, SLICE("#usage"), SLICE("b.md")));
	assert_null(link_table_find(&table, LINK_ANCHOR, SLICE("#usage"), SLICE("a.md")));
	assert_null(link_table_find(&table, LINK_OTHER, SLICE("http://a/"), SLICE("")));
	assert_int_equal(table.first->number, 0);
	assert_int_equal(link->number, 1);
	link_table_fini(&table);
}

static void full_tables_say_so(void **state)
{
	(void)state;
	struct link_table table;
	const struct link_identity identity = { .kind = LINK_HTTP,
		.url = SLICE("http://a/") };
	const struct occurrence occurrence = { .source = SLICE("a.md") };
	int count = 0;

	link_table_init(&table, 4096);
	while (count < 1000 && link_table_add(&table, &identity, &occurrence) != NULL)
		count++;
	assert_in_range(count, 10, 100);
	assert_int_equal(table.occurrence_count, count);
	link_table_fini(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_same_text_once),
		cmocka_unit_test(repetition_costs_no_text),
		cmocka_unit_test(local_links_belong_to_their_source),
		cmocka_unit_test(finds_a_link_again),
		cmocka_unit_test(full_tables_say_so),
	};
	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
