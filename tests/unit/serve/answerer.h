/* tests/unit/serve/answerer: a small site with one of everything. */
#pragma once

#include "unit/serve/client.h"

#include <semaphore.h>
#include <stdio.h>

#include "base/hash.h"

/* What the last request looked like, and a gate for `/gate`. */
struct answerer {
	sem_t came, go;
	char peer[SERVE_PEER_SIZE];
};

static const char *const answerer_posts[] = { "/api/v1/recheck", NULL };

static inline void answerer_fill(struct buffer *body, size_t len)
{
	for (unsigned i = 0; body->len < len && !body->failed; i++)
		buffer_printf(body, "<p>line %u of a page</p>\n", i);
}

static inline void answerer_noise(struct buffer *body, size_t len)
{
	uint64_t state = 1;
	while (body->len < len && !body->failed) {
		state = hash_mix(state + 1);
		buffer_add(body, (struct slice){ (const char *)&state, sizeof(state) });
	}
}

static inline void answerer_post(
	const struct serve_request *request, struct serve_answer *answer)
{
	answer->no_store = true;
	if (!serve_request_has_token(request, SLICE("secret"))) {
		answer->status = 401;
		answer->wants_token = true;
		return;
	}
	answer->status = 202;
	answer->type = SERVE_TYPE_JSON;
	buffer_printf(answer->body, "%.*s|", SLICE_ARG(request->content_type));
	buffer_add(answer->body, request->body);
}

static inline void answerer_answer(
	void *context, const struct serve_request *request, struct serve_answer *answer)
{
	struct answerer *answerer = context;
	const struct serve_target *target = &request->target;
	struct slice value = SLICE("");

	for (size_t i = 0; i < sizeof(answerer->peer); i++)
		answerer->peer[i] = request->peer[i];
	if (request->method == SERVE_POST) {
		answerer_post(request, answer);
	} else if (serve_target_fits(target, "/")) {
		answer->type = SERVE_TYPE_HTML;
		buffer_add_text(answer->body, "<!doctype html><title>hello</title>");
	} else if (serve_target_fits(target, "/badge/?")) {
		answer->type = SERVE_TYPE_SVG;
		answer->max_age_s = 300;
		answer->etag_of_body = true;
		answer->embeddable = true;
		buffer_add_text(answer->body, "<svg/>");
		buffer_add(answer->body, target->segments[1]);
	} else if (serve_target_fits(target, "/page")) {
		answer->type = SERVE_TYPE_HTML;
		answer->etag_of_body = true;
		answer->last_modified = time_of_civil(1994, 11, 6, 8, 49, 37);
		answerer_fill(answer->body, 60000);
	} else if (serve_target_fits(target, "/dated")) {
		answer->last_modified = time_of_civil(1994, 11, 6, 8, 49, 37);
		buffer_add_text(answer->body, "dated");
	} else if (serve_target_fits(target, "/version")) {
		snprintf(answer->etag, sizeof(answer->etag), "v-17");
		answerer_fill(answer->body, 4000);
	} else if (serve_target_fits(target, "/weak")) {
		snprintf(answer->etag, sizeof(answer->etag), "w-17");
		answer->etag_is_weak = true;
		answerer_fill(answer->body, 4000);
	} else if (serve_target_fits(target, "/noise")) {
		answer->etag_of_body = true;
		answerer_noise(answer->body, 4000);
	} else if (serve_target_fits(target, "/echo")) {
		serve_target_argument(target, "x", &value);
		buffer_printf(answer->body, "[%.*s]", SLICE_ARG(value));
	} else if (serve_target_fits(target, "/large")) {
		answerer_noise(answer->body, SERVE_BODY_BYTES_MAX);
	} else if (serve_target_fits(target, "/overflow") ||
		   serve_target_fits(target, "/api/overflow")) {
		answerer_fill(answer->body, SERVE_BODY_BYTES_MAX + 100);
	} else if (serve_target_fits(target, "/empty")) {
		answer->status = 204;
	} else if (serve_target_fits(target, "/moved")) {
		answer->status = 302;
		answer->location = "/lists/a%20b";
	} else if (serve_target_fits(target, "/file")) {
		answer->type = SERVE_TYPE_CSV;
		answer->filename = "links.csv";
		buffer_add_text(answer->body, "a,b\n");
	} else if (serve_target_fits(target, "/gate")) {
		sem_post(&answerer->came);
		while (sem_wait(&answerer->go) != 0)
			continue;
		buffer_add_text(answer->body, "through");
	} else {
		answer->status = 404;
		answer->max_age_s = 60;
	}
}

/* JSON for those that parse, text for all else. */
static inline void answerer_refuse(void *context, const struct serve_request *request,
	const char *sentence, struct serve_answer *answer)
{
	(void)context;
	if (!slice_starts(request->target.raw_path, SLICE("/api/")))
		return;
	answer->type = SERVE_TYPE_JSON;
	buffer_printf(answer->body, "{\"%d\": \"%s\"}", answer->status, sentence);
}

static inline void answerer_init(struct answerer *answerer)
{
	assert_int_equal(sem_init(&answerer->came, 0, 0), 0);
	assert_int_equal(sem_init(&answerer->go, 0, 0), 0);
}

static inline struct serve *answerer_start(
	struct answerer *answerer, const struct serve_limits *limits)
{
	struct error error = { "" };
	struct serve_options options = { .listen = "127.0.0.1:0",
		.listen_fd = -1,
		.post_paths = answerer_posts,
		.refuse = answerer_refuse };
	if (limits != NULL)
		options.limits = *limits;
	struct serve *serve = serve_start(&options, answerer_answer, answerer, &error);
	if (serve == NULL)
		fail_msg("%s", error.text);
	return serve;
}
