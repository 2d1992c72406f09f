#include "format/standing_history.h"
#include "format/standing_write.h"
#include "site/api_internal.h"

/* --- lists ------------------------------------------------------------------------- */

static void set_list(
	struct json_writer *json, json_t *object, const struct api_list *list)
{
	value_set_key(json, object, "name", value_text(json, list->name));
	value_set_key(json, object, "title", value_text_or_null(json, list->title));
	value_set_key(json, object, "links",
		json_integer((json_int_t)standing_links(&list->counts)));
	value_set_key(json, object, "states", standing_states_json(json, &list->counts));
	value_set_key(json, object, "interval_s",
		value_count_or_null(
			list->interval_ms > 0 ? list->interval_ms / TIME_MS_PER_S : -1));
	value_set_key(json, object, "last_checked_at",
		value_instant_or_null(list->measured_at));
	value_set_key(json, object, "stale", json_boolean(list->stale));
}

int api_write_lists(const struct api_head *head, const struct api_list *lists,
	uint32_t count, struct buffer *out)
{
	struct api_answer answer;

	api_begin(&answer, out);
	api_write_head(&answer, api_envelope(&answer, head));
	api_begin_rows(&answer, "lists");
	for (uint32_t i = 0; i < count; i++) {
		json_t *row = json_object();
		set_list(&answer.json, row, &lists[i]);
		value_set_key(&answer.json, row, "sources",
			json_integer(lists[i].counts.sources));
		api_write_row(&answer, row);
	}
	api_end_rows(&answer);
	return api_end(&answer);
}

static json_t *make_source(struct json_writer *json, const struct api_source *source)
{
	json_t *object = json_object();

	value_set_key(json, object, "source", value_url(json, source->name));
	value_set_key(json, object, "read_at", value_instant_or_null(source->read_at));
	value_set_key(json, object, "failed_since",
		value_instant_or_null(source->failed_since));
	value_set_key(json, object, "error",
		source->failure.len > 0 ? value_sentence(json, source->failure)
					: json_null());
	value_set_key(json, object, "occurrences", json_integer(source->occurrences));
	return object;
}

static json_t *make_day(struct json_writer *json, const struct api_day *day)
{
	char date[TIME_RFC3339_SIZE];
	struct standing_counts counts = { 0 };
	json_t *object = json_object();

	time_format_rfc3339(day->at, date);
	for (unsigned i = 0; i < STANDING_STATE_COUNT; i++)
		counts.by_state[i] = day->by_state[i];
	value_set_key(json, object, "day",
		value_text(json, slice_sub(slice_of(date), 0, sizeof("2026-11-23") - 1)));
	value_set_key(json, object, "checks", json_integer(day->checks));
	value_set_key(json, object, "states", standing_states_json(json, &counts));
	return object;
}

int api_write_list(const struct api_head *head, const struct api_list *list,
	const struct api_source *sources, uint32_t source_count,
	const struct api_day *days, uint32_t day_count, struct buffer *out)
{
	struct api_answer answer;

	api_begin(&answer, out);
	json_t *object = api_envelope(&answer, head);
	set_list(&answer.json, object, list);
	api_write_head(&answer, object);
	api_begin_rows(&answer, "sources");
	for (uint32_t i = 0; i < source_count; i++)
		api_write_row(&answer, make_source(&answer.json, &sources[i]));
	api_end_rows(&answer);
	api_begin_rows(&answer, "days");
	for (uint32_t i = 0; i < day_count; i++)
		api_write_row(&answer, make_day(&answer.json, &days[i]));
	api_end_rows(&answer);
	return api_end(&answer);
}

/* --- links ------------------------------------------------------------------------- */

static void write_standing(struct api_answer *answer, const struct standing *standing)
{
	char strip[STANDING_STRIP_SIZE];
	json_t *row = standing_json(&answer->json, standing);

	standing_strip(&standing->record, strip);
	value_set_key(&answer->json, row, "recent", json_string(strip));
	json_link_write(&answer->json, row, &standing->link, false);
}

static json_t *make_question(
	struct json_writer *json, const struct api_question *question)
{
	json_t *object = json_object(), *states = json_array();

	for (unsigned i = 0; i < STANDING_STATE_COUNT; i++)
		if ((question->states >> i & 1) != 0)
			value_append(
				json, states, json_string(state_text((enum state)i)));
	value_set_key(json, object, "list", value_text_or_null(json, question->list));
	value_set_key(json, object, "states", states);
	value_set_key(json, object, "q", value_text_or_null(json, question->needle));
	value_set_key(json, object, "limit", json_integer(question->limit));
	return object;
}

int api_write_links(const struct api_head *head, const struct api_links *links,
	const struct standing *const *rows, uint32_t count, struct buffer *out)
{
	struct api_answer answer;

	api_begin(&answer, out);
	json_t *object = api_envelope(&answer, head);
	value_set_key(&answer.json, object, "question",
		make_question(&answer.json, links->question));
	value_set_key(
		&answer.json, object, "complete", json_boolean(links->searched_all));
	value_set_key(&answer.json, object, "total", value_count_or_null(links->total));
	api_write_head(&answer, object);
	api_begin_rows(&answer, "links");
	for (uint32_t i = 0; i < count; i++) {
		api_begin_row(&answer);
		write_standing(&answer, rows[i]);
	}
	api_end_rows(&answer);
	return api_end(&answer);
}

int api_write_link(
	const struct api_head *head, const struct api_link *link, struct buffer *out)
{
	struct api_answer answer;
	struct json_writer *json = &answer.json;

	api_begin(&answer, out);
	json_t *object = api_envelope(&answer, head);
	value_set_key(json, object, "why",
		standing_lines_json(json, link->known.reasons, link->known.reason_count));
	value_set_key(json, object, "outlook",
		standing_lines_json(json, link->known.nexts, link->known.next_count));
	value_set_key(json, object, "checks",
		standing_checks_json(json, link->known.checks, link->known.check_count));
	value_set_key(json, object, "history",
		standing_spans_json(json, &link->standing->record.span, link->known.spans,
			link->known.span_count));
	value_set_key(json, object, "events",
		standing_events_json(json, link->known.events, link->known.event_count));
	api_write_head(&answer, object);
	buffer_add_text(out, ",\n\"link\": ");
	write_standing(&answer, link->standing);
	return api_end(&answer);
}

/* --- events ------------------------------------------------------------------------ */

static json_t *make_event(struct json_writer *json, const struct api_event *event)
{
	int64_t link_id = event->event->link_id;
	json_t *object = standing_event_json(json, event->event);

	value_set_key(json, object, "event_id", json_integer(event->event_id));
	value_set_key(
		json, object, "link_id", value_count_or_null(link_id > 0 ? link_id : -1));
	value_set_key(json, object, "url", value_url_or_null(json, event->url));
	value_set_key(json, object, "lists",
		value_texts(json, event->lists, event->list_count));
	return object;
}

int api_write_events(const struct api_head *head, const struct api_event *events,
	uint32_t count, bool complete, struct buffer *out)
{
	struct api_answer answer;

	api_begin(&answer, out);
	json_t *object = api_envelope(&answer, head);
	value_set_key(&answer.json, object, "complete", json_boolean(complete));
	api_write_head(&answer, object);
	api_begin_rows(&answer, "events");
	for (uint32_t i = 0; i < count; i++)
		api_write_row(&answer, make_event(&answer.json, &events[i]));
	api_end_rows(&answer);
	return api_end(&answer);
}
