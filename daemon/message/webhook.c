#include "message/webhook.h"

#include "message/webhook_internal.h"

#define WEBHOOK_KIND_TEXT(name, text) text,
static const char *const kind_texts[] = { WEBHOOK_KINDS(WEBHOOK_KIND_TEXT) };

const char *webhook_kind_text(enum webhook_kind kind)
{
	return kind_texts[kind];
}

enum { PATH_BYTES_MAX = 4096 };

void webhook_request_init(struct webhook_request *request)
{
	*request = (struct webhook_request){ .method = WEBHOOK_POST };
	buffer_init(&request->path, PATH_BYTES_MAX);
	buffer_init(&request->body, 2 * MESSAGE_BYTES_MAX);
}

void webhook_request_fini(struct webhook_request *request)
{
	buffer_fini(&request->path);
	buffer_fini(&request->body);
}

/* One segment of a path. */
static void add_segment(struct slice text, struct buffer *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		bool plain = char_is_alpha(c) || char_is_digit(c) || c == '-' ||
			     c == '_' || c == '~' || (c == '.' && text.len > 2);
		if (plain)
			buffer_add_char(out, c);
		else
			buffer_printf(out, "%%%02X", (unsigned)(unsigned char)c);
	}
}

/* Matrix takes the same transaction once, whatever happens to the answer. */
static void matrix_path(
	const struct message *message, struct slice room, struct buffer *out)
{
	buffer_add_text(out, "/_matrix/client/v3/rooms/");
	add_segment(room, out);
	buffer_add_text(out, "/send/m.room.message/");
	add_segment(message->id, out);
}

static json_t *body_of(const struct message *message,
	const struct webhook_settings *settings, struct error *error)
{
	switch (settings->kind) {
	case WEBHOOK_SLACK:
		return webhook_slack(message);
	case WEBHOOK_DISCORD:
		return webhook_discord(message);
	case WEBHOOK_TEAMS:
		return webhook_teams(message);
	case WEBHOOK_MATTERMOST:
		return webhook_mattermost(message);
	case WEBHOOK_MATRIX:
		return webhook_matrix(message);
	case WEBHOOK_NTFY:
		return webhook_ntfy(message, settings->topic);
	case WEBHOOK_TELEGRAM:
		return webhook_telegram(message, settings->chat);
	case WEBHOOK_ALERTMANAGER:
		return webhook_alertmanager(message, settings->hold_ms);
	case WEBHOOK_GENERIC:
		if (settings->template.len > 0)
			return webhook_fill(message, settings->template, error);
		return webhook_generic(message, settings->generator);
	}
	return NULL;
}

static void set_way(const struct message *message,
	const struct webhook_settings *settings, struct webhook_request *request)
{
	request->method = WEBHOOK_POST;
	request->auth = WEBHOOK_AUTH_BEARER;
	switch (settings->kind) {
	case WEBHOOK_SLACK:
	case WEBHOOK_DISCORD:
	case WEBHOOK_TEAMS:
	case WEBHOOK_MATTERMOST:
		request->auth = WEBHOOK_AUTH_NONE;
		return;
	case WEBHOOK_MATRIX:
		request->method = WEBHOOK_PUT;
		matrix_path(message, settings->room, &request->path);
		return;
	case WEBHOOK_TELEGRAM:
		request->auth = WEBHOOK_AUTH_TELEGRAM;
		buffer_add_text(&request->path, "/sendMessage");
		return;
	case WEBHOOK_ALERTMANAGER:
		buffer_add_text(&request->path, "/api/v2/alerts");
		return;
	case WEBHOOK_NTFY:
	case WEBHOOK_GENERIC:
		return;
	}
}

int webhook_write(const struct message *message, const struct webhook_settings *settings,
	struct webhook_request *ret_request, struct error *error)
{
	struct error why = { "not enough memory for a message" };
	buffer_reset(&ret_request->path);
	buffer_reset(&ret_request->body);
	set_way(message, settings, ret_request);
	json_t *body = body_of(message, settings, &why);
	if (body == NULL)
		return error_set(error, "%s", why.text);
	if (json_finish(body, &ret_request->body, error) != 0)
		return -1;
	if (ret_request->path.failed || ret_request->body.failed)
		return error_set(error, "not enough memory for a message");
	return 0;
}
