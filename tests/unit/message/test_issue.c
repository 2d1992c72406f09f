#include "unit/message/messages.h"

#include <jansson.h>

#include "message/issue.h"

static struct test_message all;

/* A repository as GitHub would keep it: enough for one talk. */
struct hub {
	json_t *issues;
	bool label, loses_answer; /* of what makes an issue */
	int label_status;         /* instead of 201; 0: none */
	int requests;
};

static void hub_open(struct hub *hub)
{
	*hub = (struct hub){ .issues = json_array() };
}

static void hub_add(struct hub *hub, const char *body, bool pull_request)
{
	json_t *issue = json_pack("{s:i, s:s, s:s}", "number",
		(int)json_array_size(hub->issues) + 1, "body", body, "state", "open");
	if (pull_request)
		json_object_set_new(issue, "pull_request", json_object());
	json_array_append_new(hub->issues, issue);
}

static int answer_find(
	const struct hub *hub, const struct webhook_request *request, struct buffer *out)
{
	struct slice path = buffer_slice(&request->path);
	size_t at = slice_find(path, SLICE("&page="));
	uint64_t page = 0;
	assert_true(
		slice_starts(path, SLICE("/repos/o/n/issues?labels=linkrotd&state=all")));
	assert_true(at != SLICE_NONE &&
		    slice_to_number(slice_sub(path, at + 6, path.len), 100, &page));
	json_t *some = json_array();
	for (size_t i = 100 * (page - 1); i < 100 * page; i++)
		if (i < json_array_size(hub->issues))
			json_array_append(some, json_array_get(hub->issues, i));
	char *text = json_dumps(some, 0);
	buffer_add_text(out, text);
	free(text);
	json_decref(some);
	return 200;
}

static int answer_issue(
	struct hub *hub, const struct webhook_request *request, const json_t *body)
{
	struct slice path = buffer_slice(&request->path);
	const char *text = json_string_value(json_object_get(body, "body"));
	assert_non_null(text);
	if (request->method == WEBHOOK_POST) {
		assert_slice(path, "/repos/o/n/issues");
		assert_true(hub->label);
		hub_add(hub, text, false);
		return hub->loses_answer ? 0 : 201;
	}
	uint64_t number;
	assert_int_equal(request->method, WEBHOOK_PATCH);
	assert_true(slice_to_number(slice_sub(path, 18, path.len), 10000, &number));
	json_t *issue = json_array_get(hub->issues, number - 1);
	json_object_set(issue, "body", json_object_get(body, "body"));
	json_object_set(issue, "state", json_object_get(body, "state"));
	return 200;
}

static int answer(
	struct hub *hub, const struct webhook_request *request, struct buffer *out)
{
	hub->requests++;
	buffer_reset(out);
	assert_int_equal(request->auth, WEBHOOK_AUTH_BEARER);
	if (request->method == WEBHOOK_GET)
		return answer_find(hub, request, out);
	json_t *body = json_loadb(request->body.at, request->body.len, 0, NULL);
	assert_non_null(body);
	int status;
	if (slice_ends(buffer_slice(&request->path), SLICE("/labels"))) {
		status = hub->label ? 422 : 201;
		if (hub->label_status != 0)
			status = hub->label_status;
		else
			hub->label = true;
	} else {
		status = answer_issue(hub, request, body);
	}
	json_decref(body);
	return status;
}

static enum retry_class talk(struct hub *hub, const char *list, bool open)
{
	struct webhook_request request;
	struct issue_talk state;
	struct issue_turn turn = { 0 };
	struct error sentence = { "" };
	struct buffer body, title, out;
	buffer_init(&body, ISSUE_BODY_BYTES_MAX);
	buffer_init(&title, 1000);
	buffer_init(&out, 8 << 20);
	test_fill(&all, HOSTILE, open ? 1000 : 0);
	issue_body(&all.message, slice_of(list), &body);
	issue_title(slice_of("A list by @somebody #1"), open ? 1000 : 0, &title);
	assert_false(body.failed || title.failed);
	assert_slice(buffer_slice(&title),
		open ? "Links of A list by @\xE2\x80\x8Bsomebody #\xE2\x80\x8B"
		       "1: 1000 dead"
		     : "Links of A list by @\xE2\x80\x8Bsomebody #\xE2\x80\x8B"
		       "1: 0 dead");
	const struct issue_settings settings = { .repository = SLICE("o/n"),
		.list = slice_of(list),
		.title = buffer_slice(&title),
		.body = buffer_slice(&body),
		.open = open };
	webhook_request_init(&request);
	assert_int_equal(issue_begin(&state, &settings, &request, &sentence), 0);
	while (!turn.ended) {
		int status = answer(hub, &request, &out);
		assert_int_equal(issue_next(&state, status, -1, buffer_slice(&out),
					 &request, &turn, &sentence),
			0);
	}
	if (turn.class != RETRY_DONE)
		assert_true(sentence.text[0] != '\0');
	webhook_request_fini(&request);
	buffer_fini(&out);
	buffer_fini(&title);
	buffer_fini(&body);
	return turn.class;
}

static const char *state_of(const struct hub *hub, size_t i)
{
	return json_string_value(
		json_object_get(json_array_get(hub->issues, i), "state"));
}

static void one_issue_lives(void **state)
{
	(void)state;
	struct hub hub;
	hub_open(&hub);
	/* Nothing is dead: nobody needs an issue. */
	assert_int_equal(talk(&hub, "a", false), RETRY_DONE);
	assert_int_equal(json_array_size(hub.issues), 0);
	assert_int_equal(hub.requests, 1);
	assert_int_equal(talk(&hub, "a", true), RETRY_DONE);
	assert_int_equal(json_array_size(hub.issues), 1);
	assert_int_equal(talk(&hub, "a", true), RETRY_DONE);
	assert_int_equal(talk(&hub, "ab", true), RETRY_DONE);
	assert_int_equal(json_array_size(hub.issues), 2);
	assert_int_equal(talk(&hub, "a", false), RETRY_DONE);
	assert_string_equal(state_of(&hub, 0), "closed");
	assert_string_equal(state_of(&hub, 1), "open");
	assert_int_equal(talk(&hub, "a", true), RETRY_DONE);
	assert_string_equal(state_of(&hub, 0), "open");
	assert_int_equal(json_array_size(hub.issues), 2);
	json_decref(hub.issues);
}

static void a_lost_answer_makes_no_second_issue(void **state)
{
	(void)state;
	struct hub hub;
	hub_open(&hub);
	hub.loses_answer = true;
	assert_int_equal(talk(&hub, "a", true), RETRY_TEMPORARY);
	hub.loses_answer = false;
	assert_int_equal(talk(&hub, "a", true), RETRY_DONE);
	assert_int_equal(json_array_size(hub.issues), 1);
	json_decref(hub.issues);
}

/* Only one that begins with our marker is ours, and it is found on a later page, too. */
static void other_issues_are_left_alone(void **state)
{
	(void)state;
	struct hub hub;
	hub_open(&hub);
	for (int i = 0; i < 150; i++)
		hub_add(&hub,
			i % 2 ? "see <!-- linkrotd list=a. -->"
			      : "<!-- linkrotd list=a. -->",
			i % 2 == 0);
	hub_add(&hub, "<!-- linkrotd list=b. -->", false);
	hub_add(&hub, "<!-- linkrotd list=a. -->", false);
	assert_int_equal(talk(&hub, "a", false), RETRY_DONE);
	assert_string_equal(state_of(&hub, 151), "closed");
	for (size_t i = 0; i < 151; i++)
		assert_string_equal(state_of(&hub, i), "open");
	json_decref(hub.issues);
}

static void what_fails(void **state)
{
	(void)state;
	struct hub hub;
	struct webhook_request request;
	struct issue_talk talking;
	struct issue_turn turn;
	struct error sentence;
	const struct issue_settings settings = {
		.repository = SLICE("o/n"), .list = SLICE("a"), .open = true
	};
	static const struct {
		int status;
		time_ms retry_after_ms;
		const char *body;
		enum retry_class class;
	} cases[] = { { 401, -1, "", RETRY_OPERATOR }, { 404, -1, "", RETRY_OPERATOR },
		{ 403, 60000, "", RETRY_TEMPORARY }, { 500, -1, "", RETRY_TEMPORARY },
		{ 0, -1, "", RETRY_TEMPORARY }, { 200, -1, "garbage", RETRY_TEMPORARY },
		{ 200, -1, "{}", RETRY_TEMPORARY }, { 301, -1, "", RETRY_OPERATOR } };
	webhook_request_init(&request);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
			issue_begin(&talking, &settings, &request, &sentence), 0);
		assert_int_equal(
			issue_next(&talking, cases[i].status, cases[i].retry_after_ms,
				slice_of(cases[i].body), &request, &turn, &sentence),
			0);
		assert_true(turn.ended);
		assert_int_equal(turn.class, cases[i].class);
	}
	/* A page of nonsense is a page without our issue. */
	issue_begin(&talking, &settings, &request, &sentence);
	issue_next(&talking, 200, -1, SLICE("[1, null, {\"number\": -1, \"body\": 5}]"),
		&request, &turn, &sentence);
	assert_false(turn.ended);
	webhook_request_fini(&request);
	/* Without the label it would not be found again, so it is not made. */
	hub_open(&hub);
	hub.label_status = 403;
	assert_int_equal(talk(&hub, "a", true), RETRY_OPERATOR);
	assert_int_equal(json_array_size(hub.issues), 0);
	json_decref(hub.issues);
}

static void repositories(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "o", "o/", "/n", "o/n/x", "o/..", "../n",
		"o/n?x", "o/n#", "o n/x", "o/n\n" };
	assert_true(issue_repository_fits(SLICE("sindresorhus/awesome")));
	assert_true(issue_repository_fits(SLICE("o/n.x_y-z")));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (issue_repository_fits(slice_of(bad[i])))
			fail_msg("%s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_issue_lives),
		cmocka_unit_test(a_lost_answer_makes_no_second_issue),
		cmocka_unit_test(other_issues_are_left_alone),
		cmocka_unit_test(what_fails),
		cmocka_unit_test(repositories),
	};
	return cmocka_run_group_tests_name("issue", tests, NULL, NULL);
}
