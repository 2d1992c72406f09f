/* The API, /metrics and /healthz as HTTP: what is asked, and with which status it is
 * answered. */
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "pages/show_internal.h"

enum { RECHECK_URL_BYTES = 16 * 1024 };

/* Its bytes are others each second, for they say when they were made. */
static void tag(struct serve_answer *answer)
{
	struct slice body = buffer_slice(answer->body);
	snprintf(answer->etag, sizeof(answer->etag), "%016" PRIx64 "%08zx",
		api_hash(body), body.len);
	answer->etag_is_weak = true;
}

/* What a read or a write came to. */
static void finish(struct answering *answering, int result, const struct error *error)
{
	if (result < 0)
		api_refuse(answering, 500,
			error->text[0] != '\0' ? error->text : "out of memory");
	else
		tag(answering->answer);
}

static const struct ledger_list *list_named(
	struct answering *answering, struct slice name)
{
	const struct ledger_list *list = ledger_list_of(answering->ledger, name);
	if (list == NULL && is_list_coming(answering, name))
		answer_list_coming(answering);
	else if (list == NULL)
		api_refuse(answering, 404, "there is no such list");
	return list;
}

/* --- what the database tells -------------------------------------------------------- */

void api_answer_lists(struct answering *answering)
{
	struct error error = { "" };
	finish(answering,
		pages_api_lists(&answering->pages, answering->answer->body, &error),
		&error);
}

void api_answer_list(struct answering *answering)
{
	const struct ledger_list *list =
		list_named(answering, answering->request->target.segments[3]);
	struct error error = { "" };
	if (list != NULL)
		finish(answering,
			pages_api_list(
				&answering->pages, list, answering->answer->body, &error),
			&error);
}

void api_answer_links(struct answering *answering)
{
	const struct api_arguments arguments = { argument_of(answering, "list"),
		argument_of(answering, "state"), argument_of(answering, "q"),
		argument_of(answering, "after"), argument_of(answering, "limit") };
	struct api_question question;
	struct error error = { "" };
	if (api_question_parse(&arguments, &question, &error) < 0)
		api_refuse(answering, 400, error.text);
	else if (list_named(answering, question.list) != NULL)
		finish(answering,
			pages_api_links(&answering->pages, &question,
				answering->answer->body, &error),
			&error);
}

void api_answer_link(struct answering *answering)
{
	struct error error = { "" };
	uint64_t id;
	bool found = false;
	int result = 0;
	if (slice_to_number(answering->request->target.segments[3], UINT32_MAX, &id))
		result = pages_api_link(&answering->pages, (int64_t)id,
			answering->answer->body, &found, &error);
	finish(answering, result, &error);
	if (result == 0 && !found)
		api_refuse(answering, 404, "there is no such link");
}

void api_answer_events(struct answering *answering)
{
	struct slice name = argument_of(answering, "list");
	struct api_since since;
	struct error error = { "" };
	if (api_since_parse(argument_of(answering, "since"), &since, &error) < 0)
		api_refuse(answering, 400, error.text);
	else if (list_named(answering, name) != NULL)
		finish(answering,
			pages_api_events(&answering->pages,
				ledger_list_of(answering->ledger, name), &since,
				answering->answer->body, &error),
			&error);
}

/* --- the one wish ------------------------------------------------------------------- */

static bool take_wish(json_t *body, enum show_recheck *ret_what, struct slice *ret_text)
{
	static const char *const names[] = { [SHOW_RECHECK_URL] = "url",
		[SHOW_RECHECK_LIST] = "list",
		[SHOW_RECHECK_STATE] = "state" };
	if (!json_is_object(body) || json_object_size(body) != 1)
		return false;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		json_t *value = json_object_get(body, names[i]);
		if (!json_is_string(value))
			continue;
		*ret_what = (enum show_recheck)i;
		*ret_text = (struct slice){ json_string_value(value),
			json_string_length(value) };
		return ret_text->len > 0 && ret_text->len <= RECHECK_URL_BYTES;
	}
	return false;
}

static void ask_again(struct answering *answering, json_t *body)
{
	const struct show_options *options = &answering->show->options;
	enum show_recheck what;
	struct slice text;
	enum state state;
	if (!take_wish(body, &what, &text)) {
		api_refuse(answering, 400,
			"send one of {\"url\": \"…\"}, {\"list\": \"…\"}, {\"state\": "
			"\"…\"}");
	} else if (what == SHOW_RECHECK_STATE && !state_parse(text, &state)) {
		api_refuse(answering, 400, "there is no such state");
	} else if (options->recheck == NULL ||
		   !options->recheck(options->context, what, text)) {
		api_refuse(answering, 503, "too much is waiting; ask again later");
	} else {
		answering->answer->status = 202;
		buffer_add_text(answering->answer->body, "{\"accepted\": true}\n");
	}
}

void api_answer_recheck(struct answering *answering)
{
	const struct serve_request *request = answering->request;
	answering->answer->etag_of_body = false;
	answering->answer->no_store = true;
	if (request->method != SERVE_POST) {
		answering->answer->allow = "POST";
		api_refuse(answering, 405, "send it with POST");
		return;
	}
	if (answering->settings->token.len == 0) {
		api_refuse(answering, 403, "no token is configured (recheck_token_file)");
		return;
	}
	if (!serve_request_has_token(request, answering->settings->token)) {
		answering->answer->wants_token = true;
		api_refuse(answering, 401, "send the token: Authorization: Bearer TOKEN");
		return;
	}
	json_t *body = json_loadb(request->body.at, request->body.len,
		JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	ask_again(answering, body);
	json_decref(body);
}

/* --- the daemon itself -------------------------------------------------------------- */

/* What the loop told of itself is as old as the loop is silent. */
static void age_parts(const struct show_live *live, struct api_part *parts)
{
	time_ms age = show_monotonic() - live->told_at;
	for (uint32_t i = 0; i < SHOW_PARTS; i++) {
		parts[i] = live->parts[i];
		if (parts[i].still_ms >= 0)
			parts[i].still_ms += age;
	}
}

void answer_health(struct answering *answering)
{
	const struct pages *pages = &answering->pages;
	const struct api_head head = { .generator = pages->settings->generator,
		.now = pages->now };
	struct serve_answer *answer = answering->answer;
	struct api_part parts[SHOW_PARTS];
	answer->type = SERVE_TYPE_JSON;
	answer->etag_of_body = false;
	answer->no_store = true;
	if (answering->live == NULL) {
		api_refuse(answering, 503, "the daemon is starting");
		return;
	}
	age_parts(answering->live, parts);
	answer->status = api_is_healthy(parts, SHOW_PARTS) ? 200 : 503;
	if (api_write_health(&head, parts, SHOW_PARTS, answer->body) < 0)
		api_refuse(answering, 500, "out of memory");
}

static int64_t mean_of(const struct show_live *live, struct slice list)
{
	uint64_t hash = show_list_hash(list);
	for (uint32_t i = 0; live != NULL && i < live->mean_count; i++)
		if (live->means[i].list_hash == hash)
			return live->means[i].duration_ms;
	return METRICS_UNKNOWN;
}

static void add_lists(struct answering *answering, struct metrics *metrics)
{
	const struct ledger *ledger = answering->ledger;
	struct metrics_list *lists = ARENA_ARRAY(
		answering->pages.arena, struct metrics_list, ledger->list_count + 1);
	if (lists == NULL)
		return;
	for (uint32_t i = 0; i < ledger->list_count; i++) {
		const struct ledger_list *from = &ledger->lists[i];
		struct badge_facts facts = pages_badge_facts(&answering->pages, from);
		struct badge_sums sums = badge_sums(&facts);
		lists[i] = (struct metrics_list){ .name = from->name,
			.dead = (uint32_t)sums.dead,
			.stale = sums.stale,
			.measured_at = from->measured_until,
			.duration_ms = mean_of(answering->live, from->name),
			.certificate_until = from->certificate_until };
		memcpy(lists[i].by_state, from->counts.by_state,
			sizeof(lists[i].by_state));
	}
	metrics->lists = lists;
	metrics->list_count = ledger->list_count;
	for (unsigned i = 0; i < STANDING_STATE_COUNT; i++)
		metrics->links[i] = ledger->all.counts.by_state[i];
	metrics->lists_configured = ledger->list_count;
	metrics->sources = ledger->all.sources;
	metrics->sources_failing = ledger->all.sources_failed;
	metrics->flapping = ledger->all.flapping;
	metrics->last_check_at = ledger->all.measured_until > 0
					 ? ledger->all.measured_until
					 : METRICS_UNKNOWN;
}

static void add_server(const struct serve *serve, struct metrics *metrics)
{
	struct serve_counts counts;
	if (serve == NULL)
		return;
	serve_read_counts(serve, &counts);
	for (unsigned i = 0; i < METRICS_CLASSES; i++)
		metrics->http_answers[i] = (int64_t)counts.requests_by_class[i + 1];
	metrics->http_refused = (int64_t)counts.connections_refused;
	metrics->http_cut = (int64_t)counts.answers_cut;
	metrics->http_connections = (int64_t)counts.connections_open;
	metrics->http_bytes = (int64_t)counts.body_bytes;
	metrics->http_count = (int64_t)counts.requests;
	metrics->http_us = (int64_t)counts.answering_us;
}

void answer_metrics(struct answering *answering)
{
	struct metrics metrics;
	metrics_init(&metrics);
	if (answering->live != NULL)
		metrics = answering->live->metrics;
	metrics.version = LINKROTD_VERSION;
	if (answering->ledger != NULL)
		add_lists(answering, &metrics);
	pthread_mutex_lock(&answering->show->lock);
	add_server(answering->show->serve, &metrics);
	pthread_mutex_unlock(&answering->show->lock);
	answering->answer->type = SERVE_TYPE_METRICS;
	answering->answer->etag_of_body = false;
	answering->answer->no_store = true;
	metrics_write(&metrics, answering->answer->body);
}
