/* Messages in the receiver's own form, there and back.
 *
 * The payload of the outbox is what is sent, byte for byte, so that a second attempt
 * sends the same. A mail is itself; a request of a webhook has a line before its body
 * that says method, way of the secret and path; an issue has two: whether it is open, and
 * its title. */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "files/read.h"
#include "format/words.h"
#include "message/issue.h"
#include "message/mail.h"
#include "message/webhook.h"
#include "post/post_internal.h"
#include "process/service.h"
#include "process/wall.h"
#include "show/standing.h"

enum {
	EVIDENCE_BYTES_MAX = 400,
	SECRET_PATH_BYTES = 8192,
	TEMPLATE_BYTES_MAX = 64 * 1024,
	DEAD_TOLD_MAX = 200, /* of a living issue */
};

#define GENERATOR "linkrotd " LINKROTD_VERSION

/* --- what is told ------------------------------------------------------------------- */

static struct slice page_of(struct post *post, struct arena *arena, int64_t link_id)
{
	struct slice base = slice_of(post->config->publish.public_url);
	while (slice_ends(base, SLICE("/")))
		base = slice_sub(base, 0, base.len - 1);
	if (base.len == 0)
		return base;
	return arena_printf(
		arena, "%.*s/links/%lld", SLICE_ARG(base), (long long)link_id);
}

static struct slice page_of_list(
	struct post *post, struct arena *arena, struct slice list)
{
	struct slice base = slice_of(post->config->publish.public_url);
	while (slice_ends(base, SLICE("/")))
		base = slice_sub(base, 0, base.len - 1);
	if (base.len == 0 || list.len == 0)
		return (struct slice){ 0 };
	return arena_printf(arena, "%.*s/lists/%.*s", SLICE_ARG(base), SLICE_ARG(list));
}

static struct slice evidence_of(const struct standing *standing, struct arena *arena)
{
	struct buffer sentence;
	buffer_init(&sentence, WORDS_BYTES_MAX);
	words_reason(&sentence, &standing->link);
	struct slice evidence = arena_copy(
		arena, slice_sub(buffer_slice(&sentence), 0, EVIDENCE_BYTES_MAX));
	buffer_fini(&sentence);
	return evidence;
}

static int fill_item(struct post *post, const struct store_link *link,
	struct arena *arena, struct message_item *item, struct error *error)
{
	enum { PLACES = 1 };
	struct standing *standing = ARENA_NEW(arena, struct standing);
	if (standing == NULL)
		return error_set(error, "out of memory");
	if (show_standing(post->store, link, PLACES, arena, standing, error) < 0)
		return -1;
	const struct occurrence *place = standing->link.first;
	item->link_id = link->link_id;
	item->url = standing->link.url;
	item->title = standing->link.expected_title;
	if (place != NULL)
		item->place = arena_printf(
			arena, "%.*s:%u", SLICE_ARG(place->source), place->line);
	item->evidence = evidence_of(standing, arena);
	item->instead = standing->link.result.verdict.suggestion.url;
	item->page_url = page_of(post, arena, link->link_id);
	return 0;
}

static bool topic_of(enum plan_news news, enum message_topic *ret_topic)
{
	switch (news) {
	case PLAN_DIED:
		*ret_topic = MESSAGE_DIED;
		return true;
	case PLAN_RECOVERED:
		*ret_topic = MESSAGE_RECOVERED;
		return true;
	case PLAN_MOVED:
		*ret_topic = MESSAGE_MOVED;
		return true;
	case PLAN_BEGAN:
	case PLAN_ENDED:
		break;
	}
	return false;
}

static bool take_text(const struct store_event *event, void *data)
{
	struct message_part *part = data;
	part->sentence = event->event.text;
	return false;
}

/* The sentence of an incident's last event. */
static int read_sentence(struct post *post, const struct plan_item *item,
	struct arena *arena, struct message_part *part, struct error *error)
{
	const struct store_event_wish wish = { .from = item->event_id - 1, .limit = 1 };
	struct store_event_page page;
	if (store_page_events(post->store, &wish, take_text, part, &page, error) < 0)
		return -1;
	part->sentence = arena_copy(arena, part->sentence);
	return 0;
}

static int add_item(struct post *post, const struct plan_item *planned,
	struct arena *arena, struct message_part *part, struct message_item *items,
	struct error *error)
{
	enum message_topic topic;
	struct store_link link;
	bool found;
	if (!topic_of(planned->news, &topic)) {
		part->ended = planned->news == PLAN_ENDED;
		return read_sentence(post, planned, arena, part, error);
	}
	if (part->item_count == ITEMS_MAX)
		return 0;
	if (store_load_link(post->store, planned->link_id, arena, &link, &found, error) <
		0)
		return -1;
	if (!found)
		return 0;
	struct message_item *item = &items[part->item_count++];
	*item = (struct message_item){ .topic = topic, .at = planned->at };
	return fill_item(post, &link, arena, item, error);
}

static struct slice title_of(const struct post *post, struct slice list)
{
	const struct config_list *found = config_list_of(post->config, list);
	return found != NULL ? slice_of(found->title) : list;
}

static int compose_part(struct post *post, const struct plan_part *planned,
	struct arena *arena, struct message_part *part, struct error *error)
{
	struct message_item *items = ARENA_ARRAY(arena, struct message_item, ITEMS_MAX);
	if (items == NULL)
		return error_set(error, "out of memory");
	*part = (struct message_part){
		.list = planned->list,
		.title = title_of(post, planned->list),
		.incident_id = planned->incident_id,
		.items = items,
		.counts = { [MESSAGE_DIED] = planned->counts[PLAN_DIED],
			[MESSAGE_RECOVERED] = planned->counts[PLAN_RECOVERED],
			[MESSAGE_MOVED] = planned->counts[PLAN_MOVED],
			[MESSAGE_STILL] = planned->still },
		.page_url = page_of_list(post, arena, planned->list),
	};
	for (uint32_t i = 0; i < planned->item_count; i++)
		if (add_item(post, &planned->items[i], arena, part, items, error) < 0)
			return -1;
	return 0;
}

/* --- a living issue tells what is dead, not what has died --------------------------- */

struct dead {
	struct post *post;
	struct arena *arena;
	struct message_part *part;
	struct message_item *items;
	int64_t *ids;
};

static bool add_dead(const struct store_link *link, void *data)
{
	struct dead *dead = data;
	if (!link->monitored)
		return true;
	uint32_t number = dead->part->counts[MESSAGE_STILL]++;
	if (number < DEAD_TOLD_MAX)
		dead->ids[number] = link->link_id;
	return true;
}

static int compose_living(struct post *post, struct slice list, struct arena *arena,
	struct message_part *part, struct error *error)
{
	struct dead dead = { .post = post,
		.arena = arena,
		.part = part,
		.items = ARENA_ARRAY(arena, struct message_item, DEAD_TOLD_MAX),
		.ids = ARENA_ARRAY(arena, int64_t, DEAD_TOLD_MAX) };
	const struct store_filter filter = {
		.list = list, .by_state = true, .state = STATE_DEAD
	};
	if (dead.items == NULL || dead.ids == NULL)
		return error_set(error, "out of memory");
	*part = (struct message_part){ .list = list,
		.title = title_of(post, list),
		.items = dead.items,
		.page_url = page_of_list(post, arena, list) };
	if (store_walk_links(post->store, &filter, add_dead, &dead, error) < 0)
		return -1;
	uint32_t told = part->counts[MESSAGE_STILL];
	for (uint32_t i = 0; i < told && i < DEAD_TOLD_MAX; i++) {
		struct store_link link;
		bool found;
		if (store_load_link(
			    post->store, dead.ids[i], arena, &link, &found, error) < 0)
			return -1;
		struct message_item *item = &dead.items[part->item_count];
		*item = (struct message_item){ .topic = MESSAGE_STILL };
		if (found && fill_item(post, &link, arena, item, error) < 0)
			return -1;
		item->at = found ? link.record.since : 0;
		part->item_count += found;
	}
	return 0;
}

bool post_is_living(const struct receiver *receiver)
{
	return receiver->notify->type == CONFIG_NOTIFY_GITHUB_ISSUE;
}

int post_compose(struct receiver *receiver, const struct plan_message *planned,
	uint32_t first, uint32_t count, struct arena *arena, struct message *ret_message,
	struct error *error)
{
	struct post *post = receiver->post;
	struct message_part *parts = ARENA_ARRAY(arena, struct message_part, count);
	if (parts == NULL)
		return error_set(error, "out of memory");
	for (uint32_t i = 0; i < count; i++) {
		const struct plan_part *part = &planned->parts[first + i];
		if ((post_is_living(receiver) ? compose_living(post, part->list, arena,
							&parts[i], error)
					      : compose_part(post, part, arena, &parts[i],
							error)) < 0)
			return -1;
	}
	*ret_message = (struct message){
		.id = arena_printf(arena, "%016llx-%016llx",
			(unsigned long long)(planned->key + first),
			(unsigned long long)hash_bytes(slice_of(receiver->name), 0)),
		.at = wall_now(),
		.parts = parts,
		.part_count = count,
	};
	return 0;
}

/* --- into the outbox ---------------------------------------------------------------- */

static int write_mail(struct receiver *receiver, const struct message *message,
	struct arena *arena, struct buffer *out, struct error *error)
{
	const struct config_notify *notify = receiver->notify;
	const char *host = receiver->post->host;
	struct slice *to = ARENA_ARRAY(arena, struct slice, notify->to.count);
	if (to == NULL)
		return error_set(error, "out of memory");
	for (uint32_t i = 0; i < notify->to.count; i++)
		to[i] = slice_of(notify->to.at[i]);
	const struct mail_envelope envelope = {
		.from = notify->from != NULL ? slice_of(notify->from)
					     : arena_printf(arena, "linkrotd@%s", host),
		.to = to,
		.to_count = notify->to.count,
		.host = slice_of(host),
		.subject_prefix = SLICE("[links] "),
	};
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

static int write_webhook(struct receiver *receiver, enum webhook_kind kind,
	const struct message *message, struct buffer *out, struct error *error)
{
	const struct config_notify *notify = receiver->notify;
	struct webhook_request request;
	struct buffer template;
	buffer_init(&template, TEMPLATE_BYTES_MAX);
	webhook_request_init(&request);
	int result = 0;
	if (notify->template_file != NULL)
		result = file_read(notify->template_file, &template, error);
	const struct webhook_settings settings = { .kind = kind,
		.room = slice_of(notify->room),
		.chat = slice_of(notify->chat),
		.topic = slice_of(notify->topic),
		.template = buffer_slice(&template),
		.generator = GENERATOR,
		.hold_ms = receiver->settings.repeat_ms * 2 };
	if (result == 0)
		result = webhook_write(message, &settings, &request, error);
	if (result == 0) {
		buffer_printf(out, "%d %d %s\n", (int)request.method, (int)request.auth,
			buffer_string(&request.path));
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
	buffer_printf(out, "%d\n%.*s\n", dead > 0, SLICE_ARG(part->list));
	issue_title(part->title, dead, out);
	buffer_add_char(out, '\n');
	issue_body(message, part->list, out);
}

int post_write(struct receiver *receiver, const struct message *message,
	struct arena *arena, struct store_draft *ret_draft, struct error *error)
{
	struct buffer payload, subject;
	enum webhook_kind kind;
	int result = 0;
	buffer_init(&payload, STORE_PAYLOAD_BYTES_MAX);
	buffer_init(&subject, STORE_SUBJECT_BYTES_MAX);
	message_subject(message, &subject);
	if (kind_of(receiver->notify->type, &kind))
		result = write_webhook(receiver, kind, message, &payload, error);
	else if (receiver->notify->type == CONFIG_NOTIFY_GITHUB_ISSUE &&
		 message->part_count > 0)
		write_issue(message, &payload);
	else
		result = write_mail(receiver, message, arena, &payload, error);
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

static int read_request(
	struct slice payload, struct notify_task *task, struct error *error)
{
	struct slice head = take_line(&payload), word;
	uint64_t method, auth;
	if (!slice_split(&head, ' ', &word) ||
		!slice_to_number(word, WEBHOOK_GET, &method) ||
		!slice_split(&head, ' ', &word) ||
		!slice_to_number(word, WEBHOOK_AUTH_TELEGRAM, &auth))
		return error_set(error, "a message in the database is damaged");
	task->method = (enum webhook_method)method;
	task->auth = (enum webhook_auth)auth;
	task->path = head.at != NULL ? head : (struct slice){ 0 };
	task->bytes = payload;
	return 0;
}

static void read_issue(
	const struct receiver *receiver, struct slice payload, struct notify_task *task)
{
	task->issue.open = slice_equal(take_line(&payload), SLICE("1"));
	task->issue.list = take_line(&payload);
	task->issue.title = take_line(&payload);
	task->issue.body = payload;
	task->issue.repository = slice_of(receiver->notify->repository);
}

static int read_mail(struct receiver *receiver, struct slice payload, struct arena *arena,
	struct notify_task *task, struct error *error)
{
	const struct config_notify *notify = receiver->notify;
	struct slice *to = ARENA_ARRAY(arena, struct slice, notify->to.count);
	if (to == NULL)
		return error_set(error, "out of memory");
	for (uint32_t i = 0; i < notify->to.count; i++)
		to[i] = slice_of(notify->to.at[i]);
	task->bytes = payload;
	task->to = to;
	task->to_count = notify->to.count;
	task->from = notify->from != NULL
			     ? slice_of(notify->from)
			     : arena_printf(arena, "linkrotd@%s", receiver->post->host);
	task->user = slice_of(notify->user);
	task->tls = notify->tls == CONFIG_TLS_NEVER ? NOTIFY_TLS_NEVER : NOTIFY_TLS_AUTO;
	return secret_path(notify->password_file, arena, &task->password_path, error);
}

int post_read(struct receiver *receiver, const struct store_message *message,
	struct arena *arena, struct notify_task *ret_task, struct error *error)
{
	const struct config_notify *notify = receiver->notify;
	enum webhook_kind kind;
	*ret_task = (struct notify_task){ .id = message->message_id,
		.server = slice_of(config_notify_server(notify)) };
	if (secret_path(notify->url_file, arena, &ret_task->url_path, error) < 0 ||
		secret_path(notify->token_file, arena, &ret_task->token_path, error) < 0)
		return -1;
	if (kind_of(notify->type, &kind)) {
		ret_task->way = NOTIFY_HTTP;
		return read_request(message->payload, ret_task, error);
	}
	if (notify->type == CONFIG_NOTIFY_GITHUB_ISSUE) {
		ret_task->way = NOTIFY_ISSUE;
		read_issue(receiver, message->payload, ret_task);
		return 0;
	}
	bool piped = notify->type == CONFIG_NOTIFY_SENDMAIL ||
		     slice_starts(ret_task->server, SLICE("sendmail:"));
	ret_task->way = piped ? NOTIFY_SENDMAIL : NOTIFY_SMTP;
	return read_mail(receiver, message->payload, arena, ret_task, error);
}
