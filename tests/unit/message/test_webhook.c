#include "unit/message/messages.h"

#include <jansson.h>

#include "base/utf8.h"
#include "message/webhook.h"

static struct test_message all;

static const struct webhook_settings base = { .room = { "!a:m.test", 9 },
	.chat = { "-100", 4 },
	.topic = { "links", 5 },
	.generator = "linkrotd 0.1.0",
	.hold_ms = 8 * TIME_MS_PER_DAY };

static json_t *written(enum webhook_kind kind, struct webhook_request *request)
{
	struct webhook_settings settings = base;
	struct error error;
	json_error_t why;
	settings.kind = kind;
	if (webhook_write(&all.message, &settings, request, &error) != 0)
		fail_msg("%s", error.text);
	json_t *body = json_loadb(request->body.at, request->body.len,
		JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &why);
	if (body == NULL)
		fail_msg("%s: %s", webhook_kind_text(kind), why.text);
	return body;
}

static const char *text_at(const json_t *value, const char *key)
{
	const char *text = json_string_value(json_object_get(value, key));
	if (text == NULL)
		fail_msg("no text \"%s\"", key);
	return text;
}

/* All texts of a value, one behind the other. */
static void gather(json_t *value, struct buffer *out)
{
	const char *key;
	json_t *member;
	size_t i;
	if (json_is_string(value))
		buffer_printf(out, "%s\x02", json_string_value(value));
	json_object_foreach(value, key, member) gather(member, out);
	json_array_foreach(value, i, member) gather(member, out);
}

static void limits_of_every_provider(void **state)
{
	(void)state;
	static const char *const texts[] = { "x", HOSTILE, "&&&&&&&&&&&&&&&&&&",
		"\xF0\x9F\x98\x80\xF0\x9F\x98\x80" };
	static const uint32_t counts[] = { 0, 1, 7, 100, 1000 };
	struct webhook_request request;
	webhook_request_init(&request);
	for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++)
		for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
			size_t i;
			json_t *block;
			test_fill(&all, texts[t], counts[c]);

			json_t *body = written(WEBHOOK_SLACK, &request);
			json_t *blocks = json_object_get(body, "blocks");
			assert_in_range(json_array_size(blocks), 1, 50);
			json_array_foreach(blocks, i, block) assert_in_range(
				json_string_length(json_object_get(
					json_object_get(block, "text"), "text")),
				1, 3000);
			json_decref(body);

			body = written(WEBHOOK_DISCORD, &request);
			assert_in_range(strlen(text_at(body, "content")), 1, 2000);
			json_decref(body);

			body = written(WEBHOOK_TELEGRAM, &request);
			assert_in_range(strlen(text_at(body, "text")), 1, 4096);
			json_decref(body);

			body = written(WEBHOOK_NTFY, &request);
			assert_in_range(strlen(text_at(body, "message")), 1, 4096);
			assert_in_range(strlen(text_at(body, "title")), 1, 256);
			json_decref(body);

			body = written(WEBHOOK_TEAMS, &request);
			assert_in_range(request.body.len, 1, 28 * 1024);
			json_decref(body);

			body = written(WEBHOOK_MATTERMOST, &request);
			assert_in_range(strlen(text_at(body, "text")), 1, 16383);
			json_decref(body);

			body = written(WEBHOOK_MATRIX, &request);
			assert_in_range(request.body.len, 1, 65536 - 1024);
			json_decref(body);
		}
	webhook_request_fini(&request);
}

static void nothing_hostile_gets_through(void **state)
{
	(void)state;
	static const char *const nowhere[] = { "\r", "\x1b", "\x07", "\xE2\x80\xAE",
		"\xE2\x81\xA6", "\xEF\xBB\xBF" };
	struct webhook_request request;
	struct buffer texts;
	webhook_request_init(&request);
	buffer_init(&texts, 4 << 20);
	test_fill(&all, HOSTILE, 9);
	for (int kind = 0; kind < WEBHOOK_KIND_COUNT; kind++) {
		const char *name = webhook_kind_text((enum webhook_kind)kind);
		json_t *body = written((enum webhook_kind)kind, &request);
		buffer_reset(&texts);
		gather(body, &texts);
		for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++)
			test_without(buffer_slice(&texts), nowhere[i], name);
		assert_true(utf8_valid(buffer_slice(&texts)));
		json_decref(body);
	}
	/* What is no mention, because the request says so or nothing is left of it. */
	json_t *body = written(WEBHOOK_DISCORD, &request);
	assert_int_equal(json_array_size(json_object_get(
				 json_object_get(body, "allowed_mentions"), "parse")),
		0);
	assert_true(json_is_array(
		json_object_get(json_object_get(body, "allowed_mentions"), "parse")));
	json_decref(body);
	body = written(WEBHOOK_MATRIX, &request);
	assert_true(json_is_object(json_object_get(body, "m.mentions")));
	test_without(slice_of(text_at(body, "formatted_body")), "<script", "matrix");
	json_decref(body);
	body = written(WEBHOOK_SLACK, &request);
	buffer_reset(&texts);
	gather(body, &texts);
	test_without(buffer_slice(&texts), "<!", "slack");
	test_without(buffer_slice(&texts), "<@", "slack");
	json_decref(body);
	body = written(WEBHOOK_TELEGRAM, &request);
	test_without(slice_of(text_at(body, "text")), "<script", "telegram");
	json_decref(body);
	buffer_fini(&texts);
	webhook_request_fini(&request);
}

static void where_it_goes(void **state)
{
	(void)state;
	static const struct {
		enum webhook_kind kind;
		enum webhook_method method;
		enum webhook_auth auth;
		const char *path;
	} cases[] = {
		{ WEBHOOK_SLACK, WEBHOOK_POST, WEBHOOK_AUTH_NONE, "" },
		{ WEBHOOK_DISCORD, WEBHOOK_POST, WEBHOOK_AUTH_NONE, "" },
		{ WEBHOOK_TEAMS, WEBHOOK_POST, WEBHOOK_AUTH_NONE, "" },
		{ WEBHOOK_MATTERMOST, WEBHOOK_POST, WEBHOOK_AUTH_NONE, "" },
		{ WEBHOOK_MATRIX, WEBHOOK_PUT, WEBHOOK_AUTH_BEARER,
			"/_matrix/client/v3/rooms/%21a%3Am.test/send/m.room.message/"
			"17-42" },
		{ WEBHOOK_NTFY, WEBHOOK_POST, WEBHOOK_AUTH_BEARER, "" },
		{ WEBHOOK_TELEGRAM, WEBHOOK_POST, WEBHOOK_AUTH_TELEGRAM, "/sendMessage" },
		{ WEBHOOK_ALERTMANAGER, WEBHOOK_POST, WEBHOOK_AUTH_BEARER,
			"/api/v2/alerts" },
		{ WEBHOOK_GENERIC, WEBHOOK_POST, WEBHOOK_AUTH_BEARER, "" },
	};
	struct webhook_request request;
	webhook_request_init(&request);
	test_fill(&all, "x", 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_decref(written(cases[i].kind, &request));
		assert_int_equal(request.method, cases[i].method);
		assert_int_equal(request.auth, cases[i].auth);
		assert_slice(buffer_slice(&request.path), cases[i].path);
	}
	webhook_request_fini(&request);
}

/* The labels of the end are those of the beginning. */
static void alerts_begin_and_end(void **state)
{
	(void)state;
	struct webhook_request request;
	webhook_request_init(&request);
	test_fill(&all, "https://a.test/", 1);
	json_t *begin = written(WEBHOOK_ALERTMANAGER, &request);
	all.items[0].topic = MESSAGE_RECOVERED;
	all.part.ended = true;
	json_t *end = written(WEBHOOK_ALERTMANAGER, &request);
	assert_int_equal(json_array_size(begin), 2);
	for (size_t i = 0; i < 2; i++) {
		json_t *one = json_array_get(begin, i), *other = json_array_get(end, i);
		assert_true(json_equal(json_object_get(one, "labels"),
			json_object_get(other, "labels")));
		assert_string_equal(text_at(one, "endsAt"), "2026-12-01T03:30:01Z");
		assert_string_equal(text_at(other, "endsAt"),
			i == 0 ? "2026-11-23T03:30:01Z" : "2026-11-23T03:30:00Z");
	}
	assert_string_equal(
		text_at(json_array_get(begin, 1), "startsAt"), "2026-11-23T03:30:00Z");
	json_decref(end);
	json_decref(begin);
	webhook_request_fini(&request);
}

/* Dead under the list that an incident stands under, alive under its own: one alert. */
static void an_alert_keeps_its_labels(void **state)
{
	(void)state;
	struct webhook_request request;
	struct message_item item = { .topic = MESSAGE_DIED,
		.at = 1,
		.list = SLICE("mine"),
		.url = SLICE("http://a.test/") };
	struct message_part part = {
		.list = SLICE("other"), .items = &item, .item_count = 1
	};
	all.message = (struct message){
		.id = SLICE("1"), .at = 2, .parts = &part, .part_count = 1
	};
	webhook_request_init(&request);
	json_t *begin = written(WEBHOOK_ALERTMANAGER, &request);
	item.topic = MESSAGE_RECOVERED;
	part.list = SLICE("mine");
	json_t *end = written(WEBHOOK_ALERTMANAGER, &request);
	json_t *labels = json_object_get(json_array_get(begin, 0), "labels");
	assert_string_equal(text_at(labels, "list"), "mine");
	assert_true(
		json_equal(labels, json_object_get(json_array_get(end, 0), "labels")));
	json_decref(end);
	json_decref(begin);
	webhook_request_fini(&request);
}

static void our_own_json(void **state)
{
	(void)state;
	struct webhook_request request;
	webhook_request_init(&request);
	test_fill(&all, "title", 3);
	all.items[0].url = slice_of("https://a.test/?a=1&b=\"2\"");
	json_t *body = written(WEBHOOK_GENERIC, &request);
	assert_int_equal(json_integer_value(json_object_get(body, "schema")), 1);
	assert_string_equal(text_at(body, "id"), "17-42");
	assert_string_equal(text_at(body, "at"), "2026-11-23T03:30:01Z");
	json_t *item = json_array_get(json_object_get(body, "items"), 0);
	assert_string_equal(text_at(item, "url"), "https://a.test/?a=1&b=\"2\"");
	assert_string_equal(text_at(item, "topic"), "died");
	assert_int_equal(json_array_size(json_object_get(body, "items")), 3);
	json_t *group = json_array_get(json_object_get(body, "groups"), 0);
	assert_int_equal(json_integer_value(json_object_get(group, "died")), 1);
	assert_string_equal(text_at(group, "list"), "llm-alignment");
	json_decref(body);
	webhook_request_fini(&request);
}

/* --- templates
 * ---------------------------------------------------------------------------------- */

static void fill(const char *template, struct webhook_request *request, json_t **ret_body)
{
	struct webhook_settings settings = base;
	struct error error;
	settings.kind = WEBHOOK_GENERIC;
	settings.template = slice_of(template);
	if (webhook_check_template(settings.template, &error) != 0)
		fail_msg("%s", error.text);
	if (webhook_write(&all.message, &settings, request, &error) != 0)
		fail_msg("%s", error.text);
	*ret_body =
		json_loadb(request->body.at, request->body.len, JSON_DECODE_ANY, NULL);
	assert_non_null(*ret_body);
}

static void templates_are_filled(void **state)
{
	(void)state;
	struct webhook_request request;
	json_t *body;
	webhook_request_init(&request);
	test_fill(&all, "ti\"tle", 3);
	fill("{\"a\": \"{{ subject }}!\", \"n\": \"{{died}}\", \"t\": \"n={{died}}\", "
	     "\"list\": [\"{{list}}\", 1, null, true, {\"x\": \"{{items}}\"}], "
	     "\"{{key}}\": \"{{\", \"b\": \"}} {{title}}{{title}}\"}",
		&request, &body);
	assert_string_equal(text_at(body, "a"), "ti\"tle: 1 died, 1 recovered, 1 moved!");
	assert_int_equal(json_integer_value(json_object_get(body, "n")), 1);
	assert_string_equal(text_at(body, "t"), "n=1");
	assert_string_equal(text_at(body, "b"), "}} ti\"tleti\"tle");
	assert_string_equal(text_at(body, "{{key}}"), "{{");
	json_t *list = json_object_get(body, "list");
	assert_string_equal(json_string_value(json_array_get(list, 0)), "llm-alignment");
	assert_int_equal(
		json_array_size(json_object_get(json_array_get(list, 4), "x")), 3);
	json_decref(body);
	webhook_request_fini(&request);
}

/* Items are those of all groups, as an array and within a text. */
static void items_of_all_groups(void **state)
{
	(void)state;
	struct webhook_request request;
	json_t *body;
	webhook_request_init(&request);
	test_fill(&all, "title", 3);
	const struct message_part parts[] = { all.part, all.part };
	all.message.parts = parts;
	all.message.part_count = 2;
	fill("{\"t\": \"n={{items}}\", \"x\": \"{{items}}\"}", &request, &body);
	assert_string_equal(text_at(body, "t"), "n=6");
	assert_int_equal(json_array_size(json_object_get(body, "x")), 6);
	json_decref(body);
	webhook_request_fini(&request);
}

/* A value is put in as a value: it ends no text and names nothing. */
static void values_are_only_values(void **state)
{
	(void)state;
	static const char *const values[] = { "\", \"admin\": true, \"x\": \"", "{{id}}",
		"\\", "\\u0022", "}}", HOSTILE };
	struct webhook_request request;
	webhook_request_init(&request);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		json_t *body;
		test_fill(&all, values[i], 1);
		fill("{\"only\": \"<{{title}}>\", \"two\": \"{{text}}\"}", &request,
			&body);
		assert_int_equal(json_object_size(body), 2);
		struct slice only = slice_of(text_at(body, "only"));
		assert_true(slice_starts(only, SLICE("<")));
		assert_true(slice_ends(only, SLICE(">")));
		if (i < 5)
			assert_slice(slice_sub(only, 1, only.len - 1), values[i]);
		json_decref(body);
	}
	webhook_request_fini(&request);
}

static void templates_that_are_none(void **state)
{
	(void)state;
	static const struct {
		const char *template, *why;
	} cases[] = { { "", "no JSON" }, { "{", "line 1" },
		{ "{\"a\": \"{{nme}}\"}", "{{nme}}" }, { "[\"{{}}\"]", "{{}}" },
		{ "{\"a\":1,\"a\":2}", "duplicate" } };
	struct error error;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
			webhook_check_template(slice_of(cases[i].template), &error), -1);
		if (strstr(error.text, cases[i].why) == NULL)
			fail_msg("%s", error.text);
	}
	struct buffer deep;
	buffer_init(&deep, 1 << 20);
	for (int i = 0; i < 100; i++)
		buffer_add_char(&deep, '[');
	for (int i = 0; i < 100; i++)
		buffer_add_char(&deep, ']');
	assert_int_equal(webhook_check_template(buffer_slice(&deep), &error), -1);
	buffer_reset(&deep);
	buffer_add_char(&deep, '"');
	for (int i = 0; i < 70000; i++)
		buffer_add_char(&deep, 'x');
	buffer_add_char(&deep, '"');
	assert_int_equal(webhook_check_template(buffer_slice(&deep), &error), -1);
	/* One that fits, but would become too large. */
	buffer_reset(&deep);
	buffer_add_text(&deep, "[\"");
	for (int i = 0; i < 6000; i++)
		buffer_add_text(&deep, "{{text}}");
	buffer_add_text(&deep, "\"]");
	struct webhook_settings settings = base;
	struct webhook_request request;
	settings.kind = WEBHOOK_GENERIC;
	settings.template = buffer_slice(&deep);
	webhook_request_init(&request);
	test_fill(&all, HOSTILE, 100);
	assert_int_equal(webhook_write(&all.message, &settings, &request, &error), -1);
	webhook_request_fini(&request);
	buffer_fini(&deep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_of_every_provider),
		cmocka_unit_test(nothing_hostile_gets_through),
		cmocka_unit_test(where_it_goes),
		cmocka_unit_test(alerts_begin_and_end),
		cmocka_unit_test(an_alert_keeps_its_labels),
		cmocka_unit_test(our_own_json),
		cmocka_unit_test(templates_are_filled),
		cmocka_unit_test(items_of_all_groups),
		cmocka_unit_test(values_are_only_values),
		cmocka_unit_test(templates_that_are_none),
	};
	return cmocka_run_group_tests_name("webhook", tests, NULL, NULL);
}
