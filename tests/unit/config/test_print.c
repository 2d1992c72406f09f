#include "unit/config/configs.h"

#include <string.h>

#include "config/keys_internal.h"

static void ignore_change(void *data, const char *sentence, bool needs_restart)
{
	(void)needs_restart;
	(void)data;
	print_message("%s\n", sentence);
}

/* Printed, read, and the same: by the comparison of a reload, and printed again. */
static void assert_round_trip(const struct config *config)
{
	struct buffer once, twice;
	struct config_errors errors;
	buffer_init(&once, 8 << 20);
	buffer_init(&twice, 8 << 20);
	assert_int_equal(config_print(config, &once), 0);
	struct config *again = parse_text(buffer_string(&once), &errors);
	if (again == NULL)
		fail_msg("%s in\n%s", errors.at[0].text, buffer_string(&once));
	assert_int_equal(config_diff(config, again, ignore_change, NULL), 0);
	assert_int_equal(config_print(again, &twice), 0);

	/* Without the comments, which now name another file. */
	struct slice a = buffer_slice(&once), b = buffer_slice(&twice), left, right;
	while (slice_split(&a, '\n', &left) && slice_split(&b, '\n', &right)) {
		left = slice_sub(left, 0, slice_find(left, SLICE("  # ")));
		right = slice_sub(right, 0, slice_find(right, SLICE("  # ")));
		if (!slice_equal(left, right))
			fail_msg("\"%.*s\" became \"%.*s\"", SLICE_ARG(left),
				SLICE_ARG(right));
	}
	assert_int_equal(a.len, 0);
	assert_int_equal(b.len, 0);
	config_free(again);
	buffer_fini(&twice);
	buffer_fini(&once);
}

static void round_trips(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"",
		"contact: mailto:a@b.test\ncheck: {timeout: 1500ms, robots: ignore, "
		"max_body: 1025B, fragments: true, include: ['^a: #b', 'x''y', '\"', "
		"'- a', '[', '*a', '\\d', ' b '], host_request_interval: 0}\n"
		"confirm: {span: 90m, unreachable_span: 2w}\n"
		"network: {canaries: [], allow_ports: [81], resolver: '::1'}\n"
		"retention: {checks: forever, history: 400d}\nlog_level: debug\n",
		/* Texts that YAML would take for something else. */
		"lists:\n"
		"- {name: 'null', title: '~', sources: ['null', '~', '1', 'true', "
		"'a: b', '#x', 'a #b', '- a', '&a', '!x', '%x', '@x', '`x', ',x', "
		"'{x', '? x', '<<', '---', '...']}\n"
		"- {name: '2024', title: \"\\u00dcber  alle \\u2028 Berge\\u0085\", "
		"sources: [\"\\U0001F600.md\"]}\n"
		"notify: [{type: mail, to: [a@b.c], server: 'smtp://h', user: 'null', "
		"password_file: 'credential:p', on: [incident, digest]}]\n"
		"hosts: [{match: '*'}, {match: 'a?.test', concurrency: 3}]\n",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct config *config = parse_good(texts[i]);
		assert_round_trip(config);
		config_free(config);
	}
}

/* Longer than any line an emitter would break by itself. */
static void long_values_stay_in_their_line(void **state)
{
	(void)state;
	struct buffer text;
	buffer_init(&text, 100000);
	buffer_add_text(&text, "lists: [{name: a, sources: [x], title: '");
	for (int i = 0; i < 800; i++)
		buffer_add_text(&text, "word ");
	buffer_add_text(&text, "end'}]\n");
	struct config *config = parse_good(buffer_string(&text));
	assert_round_trip(config);
	config_free(config);
	buffer_fini(&text);
}

static void assert_has_line(const struct buffer *text, const char *wanted)
{
	struct slice rest = buffer_slice(text), line;
	while (slice_split(&rest, '\n', &line))
		if (slice_equal(slice_trim(line), slice_of(wanted)))
			return;
	fail_msg("no line \"%s\" in\n%.*s", wanted, SLICE_ARG(buffer_slice(text)));
}

static void every_line_says_where_it_is_from(void **state)
{
	(void)state;
	const struct config_file file = { "odd\nname.yaml",
		SLICE("contact: mailto:a@b.test\n"
		      "lists:\n"
		      "- name: a\n"
		      "  sources: [x.md,\n"
		      "    y.md]\n"
		      "listen: null\n"
		      "notify: []\n") };
	struct config_errors errors;
	struct buffer text;
	buffer_init(&text, 100000);
	struct config *config = config_parse(&file, 1, &test_defaults, &errors);
	assert_non_null(config);
	assert_int_equal(config_print(config, &text), 0);
	assert_has_line(&text, "contact: mailto:a@b.test  # odd name.yaml:1");
	assert_has_line(&text, "- name: a  # odd name.yaml:3");
	assert_has_line(&text, "title: a  # default");
	assert_has_line(&text, "- x.md  # odd name.yaml:4");
	assert_has_line(&text, "- y.md  # odd name.yaml:5");
	assert_has_line(&text, "timeout: 20s  # default");
	assert_has_line(&text, "listen: null  # odd name.yaml:6");
	assert_has_line(&text, "notify: []  # odd name.yaml:7");
	assert_has_line(&text, "exclude: []  # default");
	assert_has_line(&text, "- match: arxiv.org  # built in");
	assert_has_line(&text, "request_interval: 15s  # built in");
	config_free(config);
	buffer_fini(&text);
}

/* --- the table --- */

static void assert_in_reference(
	const struct buffer *reference, const struct key_group *group, const char *prefix)
{
	for (uint32_t i = 0; i < group->count; i++) {
		const struct key *key = &group->keys[i];
		struct buffer name;
		buffer_init(&name, 1000);
		buffer_printf(&name, "\n%s%s%s\n", prefix, key->name,
			key->flags & KEY_UNUSED ? "   (not used yet)" : "");
		if (slice_find(buffer_slice(reference), buffer_slice(&name)) ==
			SLICE_NONE)
			fail_msg("not in the reference: %s", buffer_string(&name));
		buffer_reset(&name);
		buffer_printf(&name, "%s%s%s", prefix, key->name,
			key->type == KEY_GROUPS ? "[]." : ".");
		if (key->group != NULL)
			assert_in_reference(reference, key->group, buffer_string(&name));
		buffer_fini(&name);
	}
}

static void the_reference_has_every_key(void **state)
{
	(void)state;
	struct buffer text;
	buffer_init(&text, 1 << 20);
	config_print_reference(&text);
	assert_false(text.failed);
	assert_in_reference(&text, &key_root, "");
	assert_true(slice_find(buffer_slice(&text),
			    SLICE("check.max_concurrency\n      number, from 1 to 20000; "
				  "default: 128\n")) != SLICE_NONE);
	struct slice rest = buffer_slice(&text), line;
	while (slice_split(&rest, '\n', &line))
		assert_true(line.len <= 80);
	buffer_fini(&text);
}

static void assert_sound(const struct key_group *group)
{
	for (uint32_t i = 0; i < group->count; i++) {
		const struct key *key = &group->keys[i];
		struct error why = { "" };
		bool number = key->type == KEY_NUMBER || key->type == KEY_DURATION ||
			      key->type == KEY_SIZE || key->type == KEY_SPAN;
		if (number && key->initial != KEY_INHERITED &&
			key->initial != CONFIG_FOREVER)
			assert_true(key->initial >= key->min && key->initial <= key->max);
		if (key->type == KEY_TEXT || key->type == KEY_TEXTS)
			assert_non_null(key->form);
		if (key->initial_text != NULL)
			assert_true(key->form->fits(slice_of(key->initial_text), &why));
		for (uint32_t j = 0; key->initial_texts && j < key->initial_texts->count;
			j++)
			assert_true(key->form->fits(
				slice_of(key->initial_texts->at[j]), &why));
		assert_true(slice_ends(slice_of(key->help), SLICE(".")));
		assert_true(key->offset + sizeof(bool) <= group->size);
		if (key->group != NULL)
			assert_sound(key->group);
	}
}

/* Defaults keep the limits that they stand beside. */
static void the_table_is_sound(void **state)
{
	(void)state;
	assert_sound(&key_root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips),
		cmocka_unit_test(long_values_stay_in_their_line),
		cmocka_unit_test(every_line_says_where_it_is_from),
		cmocka_unit_test(the_reference_has_every_key),
		cmocka_unit_test(the_table_is_sound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
