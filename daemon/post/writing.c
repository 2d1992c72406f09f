/* Messages in the receiver's own form, there and back.
 *
 * The payload of the outbox is what is sent, byte for byte, so that a second attempt
 * sends the same, behind a line that says what it is, because a receiver of the same name
 * may be of another type by then:
 *   mail NUMBER OF ADDRESS      the copy of that recipient; a mail follows
 *   http METHOD AUTH PATH       how it is sent; a body follows
 *   issue OPEN                  0 or 1; lines with list and title, and a body follow */
#include <stdio.h>
#include <string.h>

#include "files/read.h"
#include "message/issue.h"
#include "message/mail.h"
#include "message/webhook.h"
#include "post/post_internal.h"
#include "process/service.h"

enum {
	SECRET_PATH_BYTES = 8192,
};

#define GENERATOR "linkrotd " LINKROTD_VERSION

/* --- into the outbox ---------------------------------------------------------------- */

size_t post_bytes_max(const struct receiver *receiver)
{
	size_t share = STORE_STEP_BYTES_MAX / receiver_copies(receiver);
	return share < STORE_PAYLOAD_BYTES_MAX ? share : STORE_PAYLOAD_BYTES_MAX;
}

static struct slice from_of(const struct receiver *receiver, struct arena *arena)
{
	return receiver->notify->from != NULL
		       ? slice_of(receiver->notify->from)
		       : arena_printf(arena, "linkrotd@%s", receiver->post->host);
}

static int write_mail(struct receiver *receiver, const struct message *message,
	uint32_t copy, struct arena *arena, struct buffer *out, struct error *error)
{
	const struct slice to = slice_of(receiver->notify->to.at[copy]);
	const struct mail_envelope envelope = {
		.from = from_of(receiver, arena),
		.to = &to,
		.to_count = 1,
		.host = slice_of(receiver->post->host),
		.subject_prefix = SLICE("[links] "),
	};
	buffer_printf(out, "mail %u %u %.*s\n", copy, receiver->notify->to.count,
		SLICE_ARG(to));
	return mail_write(message, &envelope, out, error);
}

static bool kind_of(enum config_notify_type type, enum webhook_kind *ret_kind)
{
	switch (type) {
	case CONFIG_NOTIFY_SLACK:
		*ret_kind = WEBHOOK_SLACK;
		return true;
	case CONFIG_NOTIFY_DISCORD:
		*ret_kind = WEBHOOK_DISCORD;
		return true;
	case CONFIG_NOTIFY_TEAMS:
		*ret_kind = WEBHOOK_TEAMS;
		return true;
	case CONFIG_NOTIFY_MATTERMOST:
		*ret_kind = WEBHOOK_MATTERMOST;
		return true;
	case CONFIG_NOTIFY_MATRIX:
		*ret_kind = WEBHOOK_MATRIX;
		return true;
	case CONFIG_NOTIFY_NTFY:
		*ret_kind = WEBHOOK_NTFY;
		return true;
	case CONFIG_NOTIFY_TELEGRAM:
		*ret_kind = WEBHOOK_TELEGRAM;
		return true;
	case CONFIG_NOTIFY_ALERTMANAGER:
		*ret_kind = WEBHOOK_ALERTMANAGER;
		return true;
	case CONFIG_NOTIFY_WEBHOOK:
		*ret_kind = WEBHOOK_GENERIC;
		return true;
	case CONFIG_NOTIFY_MAIL:
	case CONFIG_NOTIFY_SENDMAIL:
	case CONFIG_NOTIFY_GITHUB_ISSUE:
		break;
	}
	return false;
}

/* An alert that is not said again in that time is over. */
static time_ms hold_of(const struct receiver *receiver)
{
	time_ms repeat = receiver->settings.repeat_ms;
	return repeat > 0 ? 2 * repeat : 365 * TIME_MS_PER_DAY;
}

static int write_webhook(struct receiver *receiver, enum webhook_kind kind,
	const struct message *message, struct buffer *out, struct error *error)
{
	const struct config_notify *notify = receiver->notify;
	struct webhook_request request;
	struct buffer template;
	buffer_init(&template, WEBHOOK_TEMPLATE_BYTES_MAX);
	webhook_request_init(&request);
	int result = 0;
	if (notify->template_file != NULL)
		result = file_read_regular(notify->template_file, &template, error);
	const struct webhook_settings settings = { .kind = kind,
		.room = slice_of(notify->room),
		.chat = slice_of(notify->chat),
		.topic = slice_of(notify->topic),
		.template = buffer_slice(&template),
		.generator = GENERATOR,
		.hold_ms = hold_of(receiver) };
	if (result == 0)
		result = webhook_write(message, &settings, &request, error);
	if (result == 0) {
		buffer_printf(out, "http %d %d %s\n", (int)request.method,
			(int)request.auth, buffer_string(&request.path));
		buffer_add(out, buffer_slice(&request.body));
	}
	webhook_request_fini(&request);
	buffer_fini(&template);
	return result;
}

static void write_issue(const struct message *message, struct buffer *out)
{
	const struct message_part *part = &message->parts[0];
	uint32_t dead = part->counts[MESSAGE_STILL];
	buffer_printf(out, "issue %d\n%.*s\n", dead > 0, SLICE_ARG(part->list));
	issue_title(part->title, dead, out);
	buffer_add_char(out, '\n');
	issue_body(message, part->list, out);
}

int post_write(struct receiver *receiver, const struct message *message, uint32_t copy,
	struct arena *arena, struct store_draft *ret_draft, struct error *error)
{
	struct buffer payload, subject;
	enum webhook_kind kind;
	int result = 0;
	buffer_init(&payload, post_bytes_max(receiver));
	buffer_init(&subject, STORE_SUBJECT_BYTES_MAX);
	message_subject(message, &subject);
	if (kind_of(receiver->notify->type, &kind))
		result = write_webhook(receiver, kind, message, &payload, error);
	else if (receiver->notify->type == CONFIG_NOTIFY_GITHUB_ISSUE &&
		 message->part_count > 0)
		write_issue(message, &payload);
	else
		result = write_mail(receiver, message, copy, arena, &payload, error);
	if (result == 0 && payload.failed)
		result =
			error_set(error, "a message for %s is too large", receiver->name);
	*ret_draft = (struct store_draft){
		.group_key =
			arena_copy(arena, slice_sub(message->id, 0, STORE_GROUP_KEY_MAX)),
		.subject = arena_copy(arena, buffer_slice(&subject)),
		.payload = arena_copy(arena, buffer_slice(&payload)),
	};
	if (result == 0 && ret_draft->payload.at == NULL)
		result = error_set(error, "out of memory");
	buffer_fini(&payload);
	buffer_fini(&subject);
	return result;
}

/* --- out of the outbox -------------------------------------------------------------- */

static struct slice take_line(struct slice *rest)
{
	size_t end = slice_find_char(*rest, '\n');
	end = end == SLICE_NONE ? rest->len : end;
	struct slice line = slice_sub(*rest, 0, end);
	*rest = slice_sub(*rest, end + 1, rest->len);
	return line;
}

static int secret_path(const char *value, struct arena *arena, struct slice *ret_path,
	struct error *error)
{
	struct buffer path;
	if (value == NULL)
		return 0;
	buffer_init(&path, SECRET_PATH_BYTES);
	int result = config_secret_path(
		value, service_directory(DIRECTORY_CREDENTIALS).at, &path, error);
	if (result == 0)
		*ret_path = arena_copy(arena, buffer_slice(&path));
	buffer_fini(&path);
	return result;
}

static int damaged(struct error *error)
{
	return error_set(error, "it was made for a receiver of another type");
}

static int read_request(
	struct slice payload, struct notify_task *task, struct error *error)
{
	struct slice head = take_line(&payload), word;
	uint64_t method, auth;
	if (!slice_split(&head, ' ', &word) || !slice_equal(word, SLICE("http")) ||
		!slice_split(&head, ' ', &word) ||
		!slice_to_number(word, WEBHOOK_GET, &method) ||
		!slice_split(&head, ' ', &word) ||
		!slice_to_number(word, WEBHOOK_AUTH_TELEGRAM, &auth))
		return damaged(error);
	task->method = (enum webhook_method)method;
	task->auth = (enum webhook_auth)auth;
	task->path = head.at != NULL ? head : (struct slice){ 0 };
	task->bytes = payload;
	return 0;
}

static int read_issue(const struct receiver *receiver, struct slice payload,
	struct notify_task *task, struct error *error)
{
	struct slice head = take_line(&payload);
	task->issue.open = slice_equal(head, SLICE("issue 1"));
	if (!task->issue.open && !slice_equal(head, SLICE("issue 0")))
		return damaged(error);
	task->issue.list = take_line(&payload);
	task->issue.title = take_line(&payload);
	task->issue.body = payload;
	task->issue.repository = slice_of(receiver->notify->repository);
	return 0;
}

/* Whose copy it is today: his whose it was, or his who is named in that place now. -1: he
 * is not to be told any more. */
static int recipient_of(struct receiver *receiver, struct slice head,
	struct slice *ret_to, struct error *error)
{
	const struct config_texts *to = &receiver->notify->to;
	struct slice word;
	uint64_t number, count;
	if (!slice_split(&head, ' ', &word) || !slice_equal(word, SLICE("mail")) ||
		!slice_split(&head, ' ', &word) ||
		!slice_to_number(word, NOTIFY_TO_MAX, &number) ||
		!slice_split(&head, ' ', &word) ||
		!slice_to_number(word, NOTIFY_TO_MAX, &count))
		return damaged(error);
	receiver->copy = to->count;
	for (uint32_t i = 0; i < to->count; i++)
		if (slice_equal(slice_of(to->at[i]), head))
			receiver->copy = i;
	if (receiver->copy == to->count && count == to->count && number < count)
		receiver->copy = (uint32_t)number;
	if (receiver->copy == to->count) {
		receiver->copy = 0;
		return error_set(error, "%.*s is not among its recipients any more",
			SLICE_ARG(head));
	}
	*ret_to = slice_of(to->at[receiver->copy]);
	return 0;
}

static int read_mail(struct receiver *receiver, struct slice payload, struct arena *arena,
	struct notify_task *task, enum retry_class *ret_class, struct error *error)
{
	const struct config_notify *notify = receiver->notify;
	struct slice *to = ARENA_NEW(arena, struct slice);
	if (to == NULL)
		return error_set(error, "out of memory");
	*ret_class = RETRY_REFUSED;
	if (recipient_of(receiver, take_line(&payload), to, error) < 0)
		return -1;
	*ret_class = RETRY_OPERATOR;
	task->bytes = payload;
	task->to = to;
	task->to_count = 1;
	task->from = from_of(receiver, arena);
	task->user = slice_of(notify->user);
	task->tls = notify->tls == CONFIG_TLS_NEVER ? NOTIFY_TLS_NEVER : NOTIFY_TLS_AUTO;
	return secret_path(notify->password_file, arena, &task->password_path, error);
}

int post_read(struct receiver *receiver, const struct store_message *message,
	struct arena *arena, struct notify_task *ret_task, enum retry_class *ret_class,
	struct error *error)
{
	const struct config_notify *notify = receiver->notify;
	enum webhook_kind kind;
	receiver->copy = 0;
	*ret_class = RETRY_OPERATOR;
	*ret_task = (struct notify_task){ .id = message->message_id,
		.server = slice_of(config_notify_server(notify)),
		.cacert = slice_of(receiver->post->config->network.cacert) };
	if (secret_path(notify->url_file, arena, &ret_task->url_path, error) < 0 ||
		secret_path(notify->token_file, arena, &ret_task->token_path, error) < 0)
		return -1;
	if (kind_of(notify->type, &kind)) {
		*ret_class = RETRY_REFUSED;
		ret_task->way = NOTIFY_HTTP;
		return read_request(message->payload, ret_task, error);
	}
	if (notify->type == CONFIG_NOTIFY_GITHUB_ISSUE) {
		*ret_class = RETRY_REFUSED;
		ret_task->way = NOTIFY_ISSUE;
		return read_issue(receiver, message->payload, ret_task, error);
	}
	bool piped = notify->type == CONFIG_NOTIFY_SENDMAIL ||
		     slice_starts(ret_task->server, SLICE("sendmail:"));
	ret_task->way = piped ? NOTIFY_SENDMAIL : NOTIFY_SMTP;
	return read_mail(receiver, message->payload, arena, ret_task, ret_class, error);
}
