/* Putting: copies into one block, and into the queue. */
#include <assert.h>
#include <stdalign.h>

#include "store/writer_internal.h"

/* --- one block ---------------------------------------------------------------------- *
 *
 * Sizes are counted with a NULL block first, then the same code fills it. */

struct packer {
	char *at;   /* NULL: counting */
	size_t len; /* taken so far */
};

static void *pack(struct packer *packer, const void *bytes, size_t len, size_t alignment)
{
	packer->len = (packer->len + alignment - 1) & ~(alignment - 1);
	void *at = packer->at != NULL ? packer->at + packer->len : NULL;
	packer->len += len;
	if (at != NULL && len > 0)
		memcpy(at, bytes, len);
	return at;
}

static void *pack_array(
	struct packer *packer, const void *array, size_t size, size_t count)
{
	return count > 0 ? pack(packer, array, size * count, alignof(max_align_t)) : NULL;
}

static void pack_text(struct packer *packer, struct slice *text, size_t bytes_max)
{
	if (text->len > bytes_max + 4) /* cut to a character when it is bound */
		text->len = bytes_max + 4;
	const char *at = pack(packer, text->at, text->len, 1);
	if (at != NULL)
		text->at = at;
}

static void pack_texts(struct packer *packer, struct store_texts *texts)
{
	/* Half an ETag is none. */
	if (texts->etag.len > STORE_ETAG_BYTES_MAX)
		texts->etag.len = 0;
	if (texts->last_modified.len > STORE_ETAG_BYTES_MAX)
		texts->last_modified.len = 0;
	pack_text(packer, &texts->final_url, STORE_URL_BYTES_MAX);
	pack_text(packer, &texts->title, STORE_TEXT_BYTES_MAX);
	pack_text(packer, &texts->error, STORE_TEXT_BYTES_MAX);
	pack_text(packer, &texts->etag, STORE_ETAG_BYTES_MAX);
	pack_text(packer, &texts->last_modified, STORE_ETAG_BYTES_MAX);
	pack_text(packer, &texts->suggestion.url, STORE_URL_BYTES_MAX);
	pack_text(packer, &texts->suggestion.why, STORE_TEXT_BYTES_MAX);
	pack_text(packer, &texts->redirects, STORE_URL_BYTES_MAX);
}

static void pack_result(struct packer *packer, struct item_result *result)
{
	struct store_texts texts;
	struct event events[STORE_RESULT_EVENTS_MAX] = { 0 };

	result->closed = pack_array(
		packer, result->closed, sizeof(struct span), result->closed != NULL);
	for (uint32_t i = 0; i < result->event_count; i++)
		events[i] = result->events[i];
	result->events =
		pack_array(packer, events, sizeof(struct event), result->event_count);
	for (uint32_t i = 0; i < result->event_count; i++)
		pack_text(packer,
			result->events != NULL ? &result->events[i].text
					       : &events[i].text,
			STORE_TEXT_BYTES_MAX);
	if (result->texts == NULL)
		return;
	texts = *result->texts;
	struct store_texts *to = pack_array(packer, &texts, sizeof(texts), 1);
	pack_texts(packer, to != NULL ? to : &texts);
	result->texts = to;
}

static void pack_lists(struct packer *packer, struct item_lists *lists)
{
	const struct store_list_config *from = lists->at;
	lists->at = pack_array(packer, from, sizeof(*from), lists->count);
	for (uint32_t i = 0; i < lists->count; i++) {
		struct store_list_config list = from[i];
		pack_text(packer, &list.name, STORE_TEXT_BYTES_MAX);
		pack_text(packer, &list.title, STORE_TEXT_BYTES_MAX);
		if (lists->at != NULL)
			lists->at[i] = list;
	}
}

static void pack_mention(struct packer *packer, struct item_mention *mention)
{
	struct link_identity *identity = &mention->identity;
	pack_text(packer, &identity->url, STORE_URL_BYTES_MAX);
	pack_text(packer, &identity->request_url, STORE_URL_BYTES_MAX);
	pack_text(packer, &identity->fragment, STORE_URL_BYTES_MAX);
	pack_text(packer, &identity->suggestion.url, STORE_URL_BYTES_MAX);
	pack_text(packer, &identity->suggestion.why, STORE_TEXT_BYTES_MAX);
	identity->request_key = (struct slice){ 0 }; /* told from the url */
	pack_text(packer, &mention->at.text, STORE_TEXT_BYTES_MAX);
	pack_text(packer, &mention->at.context, STORE_TEXT_BYTES_MAX);
	pack_text(packer, &mention->at.expected_title, STORE_TEXT_BYTES_MAX);
	mention->at.source = (struct slice){ 0 };
	mention->at.next = NULL;
}

static void pack_step(struct packer *packer, struct item_step *item)
{
	struct store_step *step = &item->step;
	const struct store_draft *from = item->drafts;

	pack_text(packer, &step->receiver, STORE_RECEIVER_NAME_MAX);
	pack_text(packer, &step->state, STORE_RECEIVER_STATE_MAX);
	item->drafts = pack_array(packer, from, sizeof(*from), step->draft_count);
	for (uint32_t i = 0; i < step->draft_count; i++) {
		struct store_draft draft = from[i];
		pack_text(packer, &draft.group_key, STORE_GROUP_KEY_MAX);
		pack_text(packer, &draft.subject, STORE_SUBJECT_BYTES_MAX);
		pack_text(packer, &draft.payload, STORE_PAYLOAD_BYTES_MAX);
		if (item->drafts != NULL)
			item->drafts[i] = draft;
	}
	if (item->mark == NULL)
		return;
	struct store_mark mark = *item->mark;
	struct store_mark *to = pack_array(packer, &mark, sizeof(mark), 1);
	pack_text(packer, to != NULL ? &to->name : &mark.name, STORE_RECEIVER_NAME_MAX);
	item->mark = to;
}

static void pack_reading(struct packer *packer, struct store_reading *reading)
{
	if (reading->etag.len > STORE_ETAG_BYTES_MAX)
		reading->etag.len = 0;
	if (reading->last_modified.len > STORE_ETAG_BYTES_MAX)
		reading->last_modified.len = 0;
	pack_text(packer, &reading->list, STORE_URL_BYTES_MAX);
	pack_text(packer, &reading->source, STORE_URL_BYTES_MAX);
	pack_text(packer, &reading->etag, STORE_ETAG_BYTES_MAX);
	pack_text(packer, &reading->last_modified, STORE_ETAG_BYTES_MAX);
}

static void pack_item(struct packer *packer, struct item *item)
{
	switch (item->kind) {
	case ITEM_RESULT:
	case ITEM_RECORD:
		pack_result(packer, &item->as.result);
		break;
	case ITEM_EVENT:
		pack_text(packer, &item->as.event.text, STORE_TEXT_BYTES_MAX);
		break;
	case ITEM_LISTS:
		pack_lists(packer, &item->as.lists);
		break;
	case ITEM_READING:
		pack_reading(packer, &item->as.reading);
		break;
	case ITEM_MENTION:
		pack_mention(packer, &item->as.mention);
		break;
	case ITEM_READING_END:
		break;
	case ITEM_SOURCE_SAME:
	case ITEM_SOURCE_FAILED:
	case ITEM_SOURCE_RETIRED:
		pack_text(packer, &item->as.source.list, STORE_URL_BYTES_MAX);
		pack_text(packer, &item->as.source.source, STORE_URL_BYTES_MAX);
		pack_text(packer, &item->as.source.why, STORE_TEXT_BYTES_MAX);
		break;
	case ITEM_HOST:
		pack_text(packer, &item->as.host.key, STORE_HOST_KEY_MAX);
		break;
	case ITEM_HOST_FORGOTTEN:
		pack_text(packer, &item->as.host_key, STORE_HOST_KEY_MAX);
		break;
	case ITEM_TALLY:
		pack_text(packer, &item->as.tally.list, STORE_URL_BYTES_MAX);
		break;
	case ITEM_STEP:
		pack_step(packer, &item->as.step);
		break;
	case ITEM_RECEIVER_FORGOTTEN:
		pack_text(packer, &item->as.receiver, STORE_RECEIVER_NAME_MAX);
		break;
	case ITEM_LEASE:
		break;
	case ITEM_MESSAGE_RESULT:
		pack_text(packer, &item->as.message_result.why, STORE_TEXT_BYTES_MAX);
		break;
	}
}

static struct item *item_copy(const struct item *from)
{
	struct item counted = *from;
	struct packer packer = { .len = sizeof(struct item) };
	pack_item(&packer, &counted);

	size_t bytes = packer.len;
	struct item *item = malloc(bytes);
	if (item == NULL)
		return NULL;
	*item = *from;
	item->bytes = bytes;
	packer = (struct packer){ .at = (char *)item, .len = sizeof(struct item) };
	pack_item(&packer, item);
	assert(packer.len == bytes);
	return item;
}

/* --- the queue ---------------------------------------------------------------------- */

static bool has_room(const struct store_writer *writer, size_t bytes)
{
	return writer->queued_items == 0 ||
	       (writer->queued_items < STORE_QUEUE_ITEMS &&
		       writer->queued_bytes + bytes <= STORE_QUEUE_BYTES);
}

/* How many events it may write at most. Ids that stay unused are no loss. */
static int64_t event_ids_of(const struct item *item)
{
	switch (item->kind) {
	case ITEM_RESULT:
		return item->as.result.event_count;
	case ITEM_EVENT:
	case ITEM_SOURCE_SAME:
	case ITEM_SOURCE_FAILED:
		return 1;
	case ITEM_READING_END:
	case ITEM_SOURCE_RETIRED:
		return 2 * STORE_READING_EVENTS_MAX + 3;
	case ITEM_LISTS:
		return LISTS_EVENTS_MAX;
	case ITEM_RECORD:
	case ITEM_READING:
	case ITEM_MENTION:
	case ITEM_HOST:
	case ITEM_HOST_FORGOTTEN:
	case ITEM_TALLY:
	case ITEM_STEP:
	case ITEM_RECEIVER_FORGOTTEN:
	case ITEM_LEASE:
	case ITEM_MESSAGE_RESULT:
		break;
	}
	return 0;
}

/* The ids that are the item's from now on, whether it uses them or not. */
static int64_t give_ids(struct store_writer *writer, struct item *item)
{
	item->first_event_id = writer->last_event_id + 1;
	writer->last_event_id += event_ids_of(item);
	if (item->kind != ITEM_STEP)
		return item->first_event_id;
	item->as.step.first_message_id = writer->last_message_id + 1;
	writer->last_message_id += item->as.step.step.draft_count;
	return item->as.step.first_message_id;
}

static void append(struct store_writer *writer, struct item *item)
{
	item->next = NULL;
	item->number = ++writer->put;
	if (writer->last != NULL)
		writer->last->next = item;
	else {
		writer->first = item;
		writer->first_put_at = writer_now();
	}
	writer->last = item;
	writer->queued_items++;
	writer->queued_bytes += item->bytes;
}

uint64_t put_item(struct store_writer *writer, const struct item *from, int64_t *ret_id)
{
	uint64_t number = 0;
	struct item *item = item_copy(from);
	if (item == NULL)
		return 0;
	pthread_mutex_lock(&writer->mutex);
	assert(!writer->stop);
	if (has_room(writer, item->bytes)) {
		bool waits = writer->first != NULL;
		int64_t first_id = give_ids(writer, item);
		append(writer, item);
		number = item->number;
		if (ret_id != NULL)
			*ret_id = first_id;
		/* Wakes the thread for the first, which starts its clock, and for a
		 * batch that need not wait. */
		if (!waits || writer->queued_items % BATCH_ITEMS == 0)
			pthread_cond_signal(&writer->wake);
	}
	pthread_mutex_unlock(&writer->mutex);
	if (number == 0)
		free(item);
	return number;
}

/* --- doors -------------------------------------------------------------------------- */

uint64_t store_put_result(struct store_writer *writer, const struct store_result *result)
{
	const struct check_facts *facts = result->facts;
	struct item item = { .kind = ITEM_RESULT };
	assert(result->link_id > 0 && result->event_count <= STORE_RESULT_EVENTS_MAX);
	item.as.result = (struct item_result){
		.link_id = result->link_id,
		.record = *result->record,
		.checked = true,
		.at = facts->at,
		.outcome = facts->outcome,
		.reason = facts->reason,
		.http_status = facts->http_status,
		.elapsed_ms = facts->elapsed_ms,
		.event_count = result->event_count,
	};
	/* Only read while it is copied. */
	memcpy(&item.as.result.texts, &result->texts, sizeof(result->texts));
	memcpy(&item.as.result.events, &result->events, sizeof(result->events));
	if (result->closed != NULL && result->closed->checks > 0)
		memcpy(&item.as.result.closed, &result->closed, sizeof(result->closed));
	return put_item(writer, &item, NULL);
}

uint64_t store_put_record(
	struct store_writer *writer, int64_t link_id, const struct link_record *record)
{
	struct item item = { .kind = ITEM_RECORD };
	assert(link_id > 0);
	item.as.result = (struct item_result){ .link_id = link_id, .record = *record };
	return put_item(writer, &item, NULL);
}

uint64_t store_put_event(
	struct store_writer *writer, const struct event *event, int64_t *ret_event_id)
{
	struct item item = { .kind = ITEM_EVENT, .as.event = *event };
	return put_item(writer, &item, ret_event_id);
}

uint64_t store_put_lists(struct store_writer *writer,
	const struct store_list_config *lists, uint32_t list_count, time_ms at)
{
	struct item item = { .kind = ITEM_LISTS };
	item.as.lists = (struct item_lists){ .count = list_count, .when = at };
	memcpy(&item.as.lists.at, &lists, sizeof(lists));
	return put_item(writer, &item, NULL);
}

uint64_t store_put_reading(
	struct store_writer *writer, const struct store_reading *reading)
{
	struct item item = { .kind = ITEM_READING, .as.reading = *reading };
	assert(reading->content_hash != 0);
	return put_item(writer, &item, NULL);
}

uint64_t store_put_mention(struct store_writer *writer,
	const struct link_identity *identity, const struct occurrence *occurrence)
{
	struct item item = { .kind = ITEM_MENTION };
	item.as.mention = (struct item_mention){ *identity, *occurrence };
	return put_item(writer, &item, NULL);
}

uint64_t store_put_reading_end(struct store_writer *writer)
{
	struct item item = { .kind = ITEM_READING_END };
	return put_item(writer, &item, NULL);
}

static uint64_t put_source(
	struct store_writer *writer, enum item_kind kind, struct item_source source)
{
	struct item item = { .kind = kind, .as.source = source };
	return put_item(writer, &item, NULL);
}

uint64_t store_put_source_same(
	struct store_writer *writer, struct slice list, struct slice source, time_ms at)
{
	return put_source(writer, ITEM_SOURCE_SAME,
		(struct item_source){ .list = list, .source = source, .at = at });
}

uint64_t store_put_source_failed(struct store_writer *writer, struct slice list,
	struct slice source, time_ms at, struct slice why)
{
	return put_source(writer, ITEM_SOURCE_FAILED,
		(struct item_source){
			.list = list, .source = source, .why = why, .at = at });
}

uint64_t store_put_source_retired(
	struct store_writer *writer, struct slice list, struct slice source, time_ms at)
{
	return put_source(writer, ITEM_SOURCE_RETIRED,
		(struct item_source){ .list = list, .source = source, .at = at });
}

uint64_t store_put_host(struct store_writer *writer, const struct store_host *host)
{
	struct item item = { .kind = ITEM_HOST, .as.host = *host };
	assert(host->key.len <= STORE_HOST_KEY_MAX);
	return put_item(writer, &item, NULL);
}

uint64_t store_put_host_forgotten(struct store_writer *writer, struct slice key)
{
	struct item item = { .kind = ITEM_HOST_FORGOTTEN, .as.host_key = key };
	return put_item(writer, &item, NULL);
}
