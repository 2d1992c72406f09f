/* One item into the transaction under way. */
#include <assert.h>

#include "store/record_internal.h"
#include "store/writer_internal.h"

static int64_t code(const struct store_writer *writer, enum word_kind kind, int value)
{
	return word_code(&writer->store->words, kind, value);
}

/* --- results ------------------------------------------------------------------------ */

static int add_to_tail(struct store_writer *writer, const struct item_result *result)
{
	struct record_bytes bytes;
	sqlite3_stmt *add = sql_get(writer->store, STATEMENT_TAIL_ADD);

	record_bind(add, &writer->store->words, &result->record, &bytes);
	sql_bind_int(add, 11, ++writer->now.last_seq);
	sql_bind_int(add, 12, result->link_id);
	if (result->at != result->record.last_checked_at)
		sql_bind_int(add, 13, result->at);
	if (result->checked) {
		sql_bind_int(add, 14, code(writer, WORD_OUTCOME, (int)result->outcome));
		sql_bind_int(add, 15, code(writer, WORD_REASON, (int)result->reason));
		sql_bind_int(add, 16, result->http_status);
		sql_bind_int(add, 17, result->elapsed_ms);
		if (result->at > writer->now.newest_check_at)
			writer->now.newest_check_at = result->at;
	}
	writer->now.tail_rows++;
	return sql_run(add);
}

static bool texts_are_empty(const struct store_texts *texts)
{
	return texts->final_url.len + texts->title.len + texts->error.len +
		       texts->etag.len + texts->last_modified.len +
		       texts->suggestion.url.len + texts->suggestion.why.len +
		       texts->redirects.len ==
	       0;
}

static int is_own_url(
	struct store_writer *writer, int64_t link_id, struct slice url, bool *ret_is)
{
	sqlite3_stmt *row = sql_get(writer->store, STATEMENT_URL_GET);
	sql_bind_int(row, 1, link_id);
	int step = sql_step(row);
	*ret_is = step == 1 && url.len > 0 && slice_equal(sql_text(row, 0), url);
	sql_end(row);
	return step < 0 ? -1 : 0;
}

/* Most links have none, before and after. */
static int set_redirects(
	struct store_writer *writer, int64_t link_id, struct slice redirects)
{
	bool none = redirects.len == 0;
	sqlite3_stmt *set = sql_get(writer->store,
		none ? STATEMENT_REDIRECTS_DELETE : STATEMENT_REDIRECTS_SET);
	sql_bind_int(set, 1, link_id);
	if (!none)
		sql_bind_text(set, 2, redirects, STORE_URL_BYTES_MAX);
	return sql_run(set);
}

static int set_texts(
	struct store_writer *writer, int64_t link_id, const struct store_texts *texts)
{
	bool own;
	if (set_redirects(writer, link_id, texts->redirects) < 0)
		return -1;
	if (texts_are_empty(texts)) {
		sqlite3_stmt *delete = sql_get(writer->store, STATEMENT_TEXT_DELETE);
		sql_bind_int(delete, 1, link_id);
		return sql_run(delete);
	}
	if (is_own_url(writer, link_id, texts->final_url, &own) < 0)
		return -1;
	sqlite3_stmt *set = sql_get(writer->store, STATEMENT_TEXT_SET);
	sql_bind_int(set, 1, link_id);
	if (own)
		sql_bind_int(set, 2, 1);
	else
		sql_bind_text(set, 2, texts->final_url, STORE_URL_BYTES_MAX);
	sql_bind_text(set, 3, texts->title, STORE_TEXT_BYTES_MAX);
	sql_bind_text(set, 4, texts->error, STORE_TEXT_BYTES_MAX);
	sql_bind_text(set, 5, texts->etag, STORE_ETAG_BYTES_MAX);
	sql_bind_text(set, 6, texts->last_modified, STORE_ETAG_BYTES_MAX);
	sql_bind_text(set, 7, texts->suggestion.url, STORE_URL_BYTES_MAX);
	sql_bind_text(set, 8, texts->suggestion.why, STORE_TEXT_BYTES_MAX);
	return sql_run(set);
}

static int add_span(struct store_writer *writer, int64_t link_id, const struct span *span)
{
	struct record_bytes bytes;
	sqlite3_stmt *add = sql_get(writer->store, STATEMENT_SPAN_ADD);
	span_encode(&writer->store->words, span, &bytes);
	sql_bind_int(add, 1, link_id);
	sql_bind_int(add, 2, span->first_at);
	sql_bind_blob(add, 3, bytes.at, bytes.len);
	return sql_run(add);
}

static int note_list(struct store_writer *writer, int64_t event_id, struct slice list)
{
	sqlite3_stmt *add = sql_get(writer->store, STATEMENT_EVENT_LIST_ADD);
	sql_bind_int(add, 1, event_id);
	sql_bind_text(add, 2, list, STORE_URL_BYTES_MAX);
	return sql_run(add);
}

int apply_event(struct store_writer *writer, const struct event *event, struct slice list)
{
	sqlite3_stmt *add = sql_get(writer->store, STATEMENT_EVENT_ADD);

	int64_t event_id = writer->next_event_id++;
	assert(event_id < writer->event_ids_end);
	sql_bind_int(add, 1, event_id);
	sql_bind_int(add, 2, event->at);
	sql_bind_some(add, 3, event->link_id);
	sql_bind_int(add, 4, code(writer, WORD_EVENT, (int)event->kind));
	if (event->kind == EVENT_STATE) {
		sql_bind_int(add, 5, code(writer, WORD_STATE, (int)event->from));
		sql_bind_int(add, 6, code(writer, WORD_STATE, (int)event->to));
	}
	sql_bind_int(add, 7, code(writer, WORD_REASON, (int)event->reason));
	sql_bind_some(add, 8, event->incident_id);
	sql_bind_some(add, 9, event->links);
	sql_bind_text(add, 10, event->text, STORE_TEXT_BYTES_MAX);
	if (sql_run(add) < 0)
		return -1;
	return list.len > 0 ? note_list(writer, event_id, list) : 0;
}

static int apply_result(struct store_writer *writer, const struct item_result *result)
{
	if (add_to_tail(writer, result) < 0)
		return -1;
	if (result->texts != NULL &&
		set_texts(writer, result->link_id, result->texts) < 0)
		return -1;
	if (result->closed != NULL &&
		add_span(writer, result->link_id, result->closed) < 0)
		return -1;
	for (uint32_t i = 0; i < result->event_count; i++)
		if (apply_event(writer, &result->events[i], (struct slice){ 0 }) < 0)
			return -1;
	return 0;
}

/* --- hosts and loose values --------------------------------------------------------- */

static int put_host(struct store_writer *writer, const struct store_host *host)
{
	sqlite3_stmt *put = sql_get(writer->store, STATEMENT_HOST_PUT);
	const int64_t numbers[] = { host->updated_at, host->paused_until,
		host->request_interval_ms, host->robots_failing_since,
		host->robots_status, host->head_agreed, host->get_only,
		host->breaker_failures, host->breaker_opened,
		code(writer, WORD_REASON, (int)host->breaker_cause),
		host->breaker_until };
	sql_bind_name(put, 1, host->key);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sql_bind_some(put, (int)i + 2, numbers[i]);
	return sql_run(put);
}

static int forget_host(struct store_writer *writer, struct slice key)
{
	sqlite3_stmt *forget = sql_get(writer->store, STATEMENT_HOST_FORGET);
	sql_bind_name(forget, 1, key);
	return sql_run(forget);
}

static int put_tally(struct store_writer *writer, const struct store_tally *tally)
{
	struct record_bytes bytes;
	sqlite3_stmt *put = sql_get(writer->store, STATEMENT_TALLY_PUT);
	tally_encode(&writer->store->words, tally, &bytes);
	sql_bind_text(put, 1, tally->list, STORE_URL_BYTES_MAX);
	sql_bind_int(put, 2, tally->day);
	sql_bind_blob(put, 3, bytes.at, bytes.len);
	return sql_run(put);
}

/* Goes on with its own ids. */
static int apply_lists(struct store_writer *writer, const struct item_lists *lists)
{
	int more = retire_and_put_lists(writer, lists);
	writer->now.next_event_id = more == 1 ? writer->next_event_id : 0;
	return more;
}

int apply_item(struct store_writer *writer, const struct item *item)
{
	writer->next_event_id = writer->now.next_event_id != 0 ? writer->now.next_event_id
							       : item->first_event_id;
	writer->event_ids_end = item->first_event_id + LISTS_EVENTS_MAX;
	switch (item->kind) {
	case ITEM_RESULT:
	case ITEM_RECORD:
		return apply_result(writer, &item->as.result);
	case ITEM_EVENT:
		return apply_event(writer, &item->as.event, (struct slice){ 0 });
	case ITEM_LISTS:
		return apply_lists(writer, &item->as.lists);
	case ITEM_READING:
		return reading_begin(writer, &item->as.reading);
	case ITEM_MENTION:
		return reading_mention(writer, &item->as.mention);
	case ITEM_READING_END:
		return reading_end(writer);
	case ITEM_SOURCE_SAME:
		return reading_source_same(writer, &item->as.source);
	case ITEM_SOURCE_FAILED:
		return reading_source_failed(writer, &item->as.source);
	case ITEM_SOURCE_RETIRED:
		return reading_source_retired(writer, item->as.source.list,
			item->as.source.source, item->as.source.at);
	case ITEM_HOST:
		return put_host(writer, &item->as.host);
	case ITEM_HOST_FORGOTTEN:
		return forget_host(writer, item->as.host_key);
	case ITEM_TALLY:
		return put_tally(writer, &item->as.tally);
	case ITEM_STEP:
		return outbox_step(writer, &item->as.step);
	case ITEM_RECEIVER_FORGOTTEN:
		return outbox_forget(writer, item->as.receiver);
	case ITEM_LEASE:
		return outbox_lease(writer, &item->as.lease);
	case ITEM_MESSAGE_RESULT:
		return outbox_result(writer, &item->as.message_result);
	}
	return 0;
}
