#include "message/issue.h"

#include <assert.h>
#include <inttypes.h>

#include "base/utf8.h"
#include "message/compose_internal.h"
#include "message/json_internal.h"

static const char label[] = "linkrotd";

bool issue_repository_fits(struct slice repository)
{
	size_t slash = slice_find_char(repository, '/');
	if (slash == SLICE_NONE || slash == 0 || slash + 1 == repository.len ||
		repository.len > 140)
		return false;
	for (size_t i = 0; i < repository.len; i++) {
		char c = repository.at[i];
		if (i != slash && !char_is_alpha(c) && !char_is_digit(c) && c != '-' &&
			c != '_' && c != '.')
			return false;
	}
	struct slice name = slice_sub(repository, slash + 1, repository.len);
	return repository.at[0] != '.' && !slice_equal(name, SLICE(".")) &&
	       !slice_equal(name, SLICE(".."));
}

/* --- words
 * --------------------------------------------------------------------------------- */

/* Nothing in a list's name can end the comment: [a-z0-9-], and "--" does not matter to
 * HTML. */
static void add_marker(struct slice list, struct buffer *out)
{
	buffer_add_text(out, "<!-- linkrotd list=");
	for (size_t i = 0; i < list.len; i++)
		buffer_add_char(
			out, char_is_alpha(list.at[i]) || char_is_digit(list.at[i])
				     ? list.at[i]
				     : '-');
	buffer_add_text(out, ". -->");
}

void issue_body(const struct message *message, struct slice list, struct buffer *out)
{
	add_marker(list, out);
	buffer_add_text(out,
		"\nThis issue is kept up to date by linkrotd; what is written "
		"into its text is replaced.\n\n");
	compose(message, STYLE_GITHUB, ISSUE_BODY_BYTES_MAX - 1024, out);
}

/* A title is plain text to GitHub, but a mention in it is one all the same. */
void issue_title(struct slice title, uint32_t dead, struct buffer *out)
{
	struct buffer clean;
	buffer_init(&clean, 1024);
	utf8_add_printable(&clean, title, 120);
	struct slice rest = buffer_slice(&clean);
	buffer_add_text(out, "Links of ");
	for (size_t i = 0; i < rest.len; i++) {
		buffer_add_char(out, rest.at[i]);
		if (rest.at[i] == '@' || rest.at[i] == '#')
			buffer_add_text(out, "\xE2\x80\x8B");
	}
	buffer_printf(out, ": %" PRIu32 " dead", dead);
	if (clean.failed)
		out->failed = true;
	buffer_fini(&clean);
}

/* --- requests
 * ------------------------------------------------------------------------------ */

/* Without a body for GET. */
static int finish(struct webhook_request *request, json_t *body, struct error *error)
{
	if (request->method != WEBHOOK_GET &&
		json_finish(body, &request->body, error) != 0)
		return -1;
	if (request->path.failed || request->body.failed)
		return error_set(error, "not enough memory for an issue");
	return 0;
}

/* Leaves *request without a body and with the path up to the repository. */
static void start(const struct issue_talk *talk, enum webhook_method method,
	struct webhook_request *request)
{
	buffer_reset(&request->path);
	buffer_reset(&request->body);
	request->method = method;
	request->auth = WEBHOOK_AUTH_BEARER;
	buffer_printf(
		&request->path, "/repos/%.*s", SLICE_ARG(talk->settings.repository));
}

static int ask_find(
	struct issue_talk *talk, struct webhook_request *request, struct error *error)
{
	talk->stage = ISSUE_FIND;
	start(talk, WEBHOOK_GET, request);
	buffer_printf(&request->path,
		"/issues?labels=%s&state=all&sort=created&direction=asc&per_page=100"
		"&page=%" PRIu32,
		label, talk->page);
	return finish(request, NULL, error);
}

static int ask_label(
	struct issue_talk *talk, struct webhook_request *request, struct error *error)
{
	talk->stage = ISSUE_LABEL;
	start(talk, WEBHOOK_POST, request);
	buffer_add_text(&request->path, "/labels");
	return finish(request,
		json_pack("{s:s, s:s, s:s}", "name", label, "color", "8b949e",
			"description", "Kept by linkrotd"),
		error);
}

static json_t *text(struct slice slice)
{
	return json_stringn(slice.at != NULL ? slice.at : "", slice.len);
}

static int ask_create(
	struct issue_talk *talk, struct webhook_request *request, struct error *error)
{
	talk->stage = ISSUE_CREATE;
	start(talk, WEBHOOK_POST, request);
	buffer_add_text(&request->path, "/issues");
	return finish(request,
		json_pack("{s:o, s:o, s:[s]}", "title", text(talk->settings.title),
			"body", text(talk->settings.body), "labels", label),
		error);
}

static int ask_update(
	struct issue_talk *talk, struct webhook_request *request, struct error *error)
{
	talk->stage = ISSUE_UPDATE;
	start(talk, WEBHOOK_PATCH, request);
	buffer_printf(&request->path, "/issues/%" PRId64, talk->number);
	json_t *body = json_pack("{s:o, s:o, s:s}", "title", text(talk->settings.title),
		"body", text(talk->settings.body), "state",
		talk->settings.open ? "open" : "closed");
	if (body != NULL && !talk->settings.open &&
		json_object_set_new(body, "state_reason", json_string("completed")) !=
			0) {
		json_decref(body);
		body = NULL;
	}
	if (body == NULL)
		return error_set(error, "not enough memory for an issue");
	return finish(request, body, error);
}

/* --- answers
 * ------------------------------------------------------------------------------- */

/* The number of the issue in one page with our marker at its beginning; 0: it is not
 * there. -1: no list of issues. A pull request is an issue, too, but not ours. */
static int64_t find_number(
	const struct issue_talk *talk, struct slice answer, size_t *ret_count)
{
	struct buffer marker;
	int64_t found = 0;
	json_t *issues =
		json_loadb(answer.at != NULL ? answer.at : "", answer.len, 0, NULL);
	if (!json_is_array(issues)) {
		json_decref(issues);
		return -1;
	}
	*ret_count = json_array_size(issues);
	buffer_init(&marker, 1024);
	add_marker(talk->settings.list, &marker);
	for (size_t i = 0; i < *ret_count && found == 0; i++) {
		const json_t *issue = json_array_get(issues, i);
		const json_t *body = json_object_get(issue, "body");
		int64_t number = json_integer_value(json_object_get(issue, "number"));
		struct slice bytes = { json_string_value(body),
			json_string_length(body) };
		if (number > 0 && json_object_get(issue, "pull_request") == NULL &&
			slice_starts(bytes, buffer_slice(&marker)))
			found = number;
	}
	buffer_fini(&marker);
	json_decref(issues);
	return found;
}

static int end(struct issue_talk *talk, enum retry_class class,
	struct issue_turn *ret_turn, struct error *sentence, const char *what, int status)
{
	talk->stage = ISSUE_END;
	*ret_turn = (struct issue_turn){ .ended = true, .class = class };
	if (class != RETRY_DONE)
		error_set(sentence, "GitHub answered %d when %s in %.*s", status, what,
			SLICE_ARG(talk->settings.repository));
	return 0;
}

static int on_found(struct issue_talk *talk, struct slice answer,
	struct webhook_request *request, struct issue_turn *turn, struct error *sentence)
{
	enum { PER_PAGE = 100 };
	size_t count = 0;
	talk->number = find_number(talk, answer, &count);
	if (talk->number < 0) {
		talk->number = 0;
		return end(talk, RETRY_TEMPORARY, turn, sentence,
			"asked for issues, but with no list of them,", 200);
	}
	if (talk->number > 0)
		return ask_update(talk, request, sentence);
	if (count >= PER_PAGE && talk->page < ISSUE_PAGES_MAX) {
		talk->page++;
		return ask_find(talk, request, sentence);
	}
	/* Nothing is dead, and nobody was told of anything. */
	if (!talk->settings.open)
		return end(talk, RETRY_DONE, turn, sentence, "", 200);
	return ask_label(talk, request, sentence);
}

int issue_begin(struct issue_talk *talk, const struct issue_settings *settings,
	struct webhook_request *ret_request, struct error *error)
{
	assert(issue_repository_fits(settings->repository));
	*talk = (struct issue_talk){ .settings = *settings, .page = 1 };
	return ask_find(talk, ret_request, error);
}

int issue_next(struct issue_talk *talk, int status, time_ms retry_after_ms,
	struct slice answer, struct webhook_request *ret_request,
	struct issue_turn *ret_turn, struct error *sentence)
{
	enum { EXISTS = 422 };
	enum retry_class class = retry_class_of_http(status, retry_after_ms);
	*ret_turn = (struct issue_turn){ 0 };
	assert(talk->stage != ISSUE_END);
	switch (talk->stage) {
	case ISSUE_FIND:
		if (class != RETRY_DONE)
			return end(talk, class, ret_turn, sentence, "asked for issues",
				status);
		return on_found(talk, answer, ret_request, ret_turn, sentence);
	case ISSUE_LABEL:
		if (class != RETRY_DONE && status != EXISTS)
			return end(talk, class, ret_turn, sentence,
				"asked to make the label \"linkrotd\"", status);
		return ask_create(talk, ret_request, sentence);
	case ISSUE_CREATE:
		return end(talk, class, ret_turn, sentence, "asked to open an issue",
			status);
	case ISSUE_UPDATE:
		return end(talk, class, ret_turn, sentence, "asked to change the issue",
			status);
	case ISSUE_END:
		break;
	}
	return -1;
}
