/* Digests: read on a thread of the pool, because a million links take seconds; then one
 * draft after the other, each in a step with the mark that says how far it tells. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "post/post_internal.h"
#include "process/wall.h"
#include "show/changes.h"

enum {
	DIGEST_ARENA_BYTES = 512 << 20,
	/* Parts of what a mail may have, three times which is less than all of it: for
	 * quoted-printable. */
	DIGEST_TEXT_PART = 9,
	DIGEST_HTML_PART = 5,
	SUBJECT_BYTES_MAX = 1024,
	MARK_NAME_SIZE = STORE_RECEIVER_NAME_MAX + 1,
};

#define FIRST_SPAN_MS TIME_MS_PER_DAY /* that a first digest tells of */

/* One digest: of all lists, or of one that its receiver has named. */
struct entry {
	char receiver[RECEIVER_NAME_SIZE], mark_name[MARK_NAME_SIZE];
	struct slice list; /* of the digesting's arena; empty: all */
	struct store_mark mark;
	struct buffer subject, text, html;
	bool news, written; /* written: a draft was put */
	uint64_t item;      /* of its step; 0: there is none */
	struct error error;
};

struct digesting {
	uv_work_t work;
	struct post *post; /* NULL: it has been closed meanwhile */
	struct arena arena;
	char *database;
	struct public_address address;
	struct slice own_host;
	struct entry *entries;
	uint32_t count;
	time_ms until;
	bool read; /* the work is done */
};

static void digesting_free(struct digesting *digesting)
{
	for (uint32_t i = 0; i < digesting->count; i++) {
		buffer_fini(&digesting->entries[i].subject);
		buffer_fini(&digesting->entries[i].text);
		buffer_fini(&digesting->entries[i].html);
	}
	free(digesting->entries);
	arena_fini(&digesting->arena);
	free(digesting);
}

/* --- on a thread of the pool -------------------------------------------------------- */

static int read_entry(struct digesting *digesting, struct entry *entry,
	struct store *store, struct store *beside)
{
	const struct changes_wish wish = {
		.store = store,
		.beside = beside,
		.list = entry->list,
		.since = entry->mark.at > 0 ? entry->mark.at
					    : digesting->until - FIRST_SPAN_MS,
		.until = digesting->until,
		.after_event_id = entry->mark.event_id,
		.generator = "linkrotd " LINKROTD_VERSION,
		.database = slice_of(digesting->database),
		.address = &digesting->address,
		.own_host = digesting->own_host,
	};
	struct arena arena;
	struct digest digest;
	int64_t last_event_id;
	arena_init(&arena, DIGEST_ARENA_BYTES);
	int result = changes_load(&wish, &arena, &digest, &last_event_id, &entry->error);
	if (result == 0) {
		entry->news = digest_has_news(&digest);
		entry->mark.at = digesting->until;
		entry->mark.event_id = last_event_id;
		if (entry->list.len > 0)
			buffer_printf(&entry->subject, "%.*s: ", SLICE_ARG(entry->list));
		digest_subject(&digest, &entry->subject);
		result = digest_write_fitting(
			&digest, FORMAT_TEXT, &entry->text, &entry->error);
	}
	if (result == 0)
		result = digest_write_fitting(
			&digest, FORMAT_HTML, &entry->html, &entry->error);
	arena_fini(&arena);
	return result;
}

static void work(uv_work_t *request)
{
	struct digesting *digesting = request->data;
	struct error error = { "" };
	struct store *store = store_open(digesting->database, STORE_READ, &error);
	struct store *beside =
		store != NULL ? store_open(digesting->database, STORE_READ, &error)
			      : NULL;
	for (uint32_t i = 0; i < digesting->count; i++) {
		struct entry *entry = &digesting->entries[i];
		if (beside == NULL)
			entry->error = error;
		else
			(void)read_entry(digesting, entry, store, beside);
	}
	store_close(beside);
	store_close(store);
}

static void on_worked(uv_work_t *request, int status)
{
	struct digesting *digesting = request->data;
	(void)status;
	digesting->read = true;
	if (digesting->post == NULL)
		digesting_free(digesting);
}

/* --- into the outbox ---------------------------------------------------------------- */

static struct receiver *receiver_named(struct post *post, const char *name)
{
	for (uint32_t i = 0; i < post->receiver_count; i++)
		if (strcmp(post->receivers[i].name, name) == 0)
			return &post->receivers[i];
	return NULL;
}

/* -1 with entry->error: it cannot be written. */
static int put_drafts(struct receiver *receiver, struct entry *entry)
{
	struct post *post = receiver->post;
	struct buffer state;
	time_ms now = wall_now();
	uint32_t copies = receiver_copies(receiver);
	arena_reset(&post->arena);
	struct store_draft *drafts =
		ARENA_ARRAY(&post->arena, struct store_draft, copies);
	if (drafts == NULL)
		return error_set(&entry->error, "out of memory");
	const struct message message = {
		.id = arena_printf(&post->arena, "digest-%lld-%016llx",
			(long long)entry->mark.at,
			(unsigned long long)hash_bytes(slice_of(entry->mark_name), 0)),
		.at = entry->mark.at,
		.subject = buffer_slice(&entry->subject),
		.text = buffer_slice(&entry->text),
		.html = buffer_slice(&entry->html),
		.list = entry->list,
	};
	for (uint32_t copy = 0; copy < copies; copy++) {
		if (post_write(receiver, &message, copy, &post->arena, &drafts[copy],
			    &entry->error) < 0)
			return -1;
		drafts[copy].due_at = now;
	}
	plan_note_sent(receiver->memory, now);
	buffer_init(&state, PLAN_MEMORY_BYTES_MAX);
	plan_encode(receiver->memory, &state);
	bool is_whole = !state.failed;
	const struct store_step step = { .receiver = slice_of(receiver->name),
		.former = receiver->step,
		.event_id = plan_mark(receiver->memory),
		.state = buffer_slice(&state),
		.at = now,
		.drafts = drafts,
		.draft_count = copies,
		.mark = &entry->mark };
	receiver->step_item =
		is_whole ? store_put_step(post->options.writer, &step, NULL) : 0;
	entry->item = receiver->step_item;
	buffer_fini(&state);
	/* It was not sent, and does not count. */
	if (receiver->step_item == 0) {
		plan_memory_free(receiver->memory);
		receiver->memory = NULL;
	}
	return is_whole ? 0 : error_set(&entry->error, "out of memory");
}

static void tell_entry(struct post *post, const struct entry *entry)
{
	if (entry->error.text[0] != '\0')
		journal_say(post->options.journal, JOURNAL_KIND_MESSAGE,
			"digest for %s: %s", entry->receiver, entry->error.text);
	else
		journal_say_with(post->options.journal, JOURNAL_KIND_MESSAGE,
			JOURNAL_INFO, NULL, "digest for %s: %s", entry->receiver,
			entry->news ? "on its way" : "nothing new, nothing sent");
}

/* True: it is done with, one way or another. */
static bool settle(struct post *post, struct entry *entry)
{
	struct receiver *receiver = receiver_named(post, entry->receiver);
	if (entry->error.text[0] != '\0' || !entry->news)
		return true;
	if (receiver == NULL) {
		error_set(&entry->error, "no receiver has that name any more");
		return true;
	}
	/* One step at a time. */
	if (receiver->step_item != 0)
		return false;
	/* A plan whose step fails throws its memory away within the call that reads it;
	 * who waits for it waits for ever, and everybody's next digests with him. */
	if (receiver->memory == NULL && receiver_remember(receiver) < 0) {
		error_set(&entry->error, "what it was told before cannot be read");
		return true;
	}
	if (!plan_has_begun(receiver->memory))
		return false;
	return put_drafts(receiver, entry) < 0 || receiver->step_item != 0;
}

/* Until their marks can be read: the next digests tell what came behind them. */
void digests_go_on(struct post *post)
{
	struct digesting *digesting = post->digesting;
	bool all = true;
	if (digesting == NULL || !digesting->read)
		return;
	for (uint32_t i = 0; i < digesting->count; i++) {
		struct entry *entry = &digesting->entries[i];
		if (!entry->written && settle(post, entry)) {
			entry->written = true;
			tell_entry(post, entry);
		}
		all &= entry->written && entry->item <= post->committed;
	}
	if (!all)
		return;
	post->digesting = NULL;
	digesting_free(digesting);
}

void digests_stop(struct post *post)
{
	struct digesting *digesting = post->digesting;
	post->digesting = NULL;
	if (digesting == NULL)
		return;
	digesting->post = NULL;
	if (digesting->read)
		digesting_free(digesting);
}

/* --- the beginning ------------------------------------------------------------------ */

static bool wants_digest(const struct receiver *receiver)
{
	return (receiver->notify->on & 1u << CONFIG_OCCASION_DIGEST) != 0 &&
	       receiver->notify->type != CONFIG_NOTIFY_GITHUB_ISSUE &&
	       receiver->notify->type != CONFIG_NOTIFY_ALERTMANAGER;
}

static uint32_t digests_of(const struct receiver *receiver)
{
	uint32_t lists = receiver->settings.list_count;
	return !wants_digest(receiver) ? 0 : lists > 0 ? lists : 1;
}

static int make_entry(struct digesting *digesting, const struct receiver *receiver,
	uint32_t number, struct error *error)
{
	struct entry *entry = &digesting->entries[digesting->count++];
	snprintf(entry->receiver, sizeof(entry->receiver), "%s", receiver->name);
	buffer_init(&entry->subject, SUBJECT_BYTES_MAX);
	buffer_init(&entry->text, post_bytes_max(receiver) / DIGEST_TEXT_PART);
	buffer_init(&entry->html, post_bytes_max(receiver) / DIGEST_HTML_PART);
	if (receiver->settings.list_count > 0)
		entry->list =
			arena_copy(&digesting->arena, receiver->settings.lists[number]);
	snprintf(entry->mark_name, sizeof(entry->mark_name), "%.*s/%.*s",
		(int)sizeof(entry->mark_name) / 2, receiver->name,
		(int)sizeof(entry->mark_name) / 2 - 2,
		entry->list.len > 0 ? arena_string(&digesting->arena, entry->list) : "");
	if (store_load_mark(receiver->post->store, slice_of(entry->mark_name),
		    &entry->mark, error) < 0)
		return -1;
	entry->mark.name = slice_of(entry->mark_name);
	return 0;
}

static int make_entries(
	struct post *post, struct digesting *digesting, struct error *error)
{
	for (uint32_t i = 0; i < post->receiver_count; i++)
		for (uint32_t k = 0; k < digests_of(&post->receivers[i]); k++)
			if (make_entry(digesting, &post->receivers[i], k, error) < 0)
				return -1;
	return 0;
}

static struct digesting *digesting_new(struct post *post, uint32_t room)
{
	struct digesting *digesting = calloc(1, sizeof(*digesting));
	if (digesting == NULL)
		return NULL;
	arena_init(&digesting->arena, STEP_ARENA_BYTES);
	digesting->work.data = digesting;
	digesting->post = post;
	digesting->until = wall_now();
	digesting->entries = calloc(room + 1, sizeof(*digesting->entries));
	digesting->database = arena_string(&digesting->arena, slice_of(post->database));
	digesting->own_host = arena_copy(&digesting->arena, slice_of(post->host));
	if (digesting->entries != NULL && digesting->database != NULL &&
		public_address_of(post->config->publish.public_url, &digesting->arena,
			&digesting->address) == 0)
		return digesting;
	digesting_free(digesting);
	return NULL;
}

int post_send_digests(struct post *post, uint32_t *ret_receivers, struct error *error)
{
	uint32_t room = 0;
	*ret_receivers = 0;
	if (post->digesting != NULL)
		return error_set(error, "the last digests are still being written");
	for (uint32_t i = 0; i < post->receiver_count; i++) {
		room += digests_of(&post->receivers[i]);
		*ret_receivers += wants_digest(&post->receivers[i]);
	}
	if (room == 0)
		return 0;
	struct digesting *digesting = digesting_new(post, room);
	if (digesting == NULL)
		return error_set(error, "out of memory");
	if (make_entries(post, digesting, error) < 0 ||
		uv_queue_work(post->options.loop, &digesting->work, work, on_worked) !=
			0) {
		digesting_free(digesting);
		return error->text[0] != '\0' ? -1 : error_set(error, "out of memory");
	}
	post->digesting = digesting;
	return 0;
}
