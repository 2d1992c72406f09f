#include "format/standing_history.h"

void standing_strip(
	const struct link_record *record, char strip[static STANDING_STRIP_SIZE])
{
	size_t count = record->recent_count;
	if (count > RECENT_MAX)
		count = RECENT_MAX;
	for (size_t i = 0; i < count; i++)
		strip[i] = (record->recent >> (count - 1 - i) & 1) != 0 ? '.' : 'x';
	strip[count] = '\0';
}

bool standing_next_line(struct slice *sentences, struct slice *ret_line)
{
	while (slice_split(sentences, '\n', ret_line)) {
		*ret_line = slice_trim(*ret_line);
		if (ret_line->len > 0)
			return true;
	}
	return false;
}

json_t *standing_lines_json(
	struct json_writer *writer, const struct slice *sentences, uint32_t count)
{
	json_t *array = json_array();
	for (uint32_t i = 0; i < count; i++) {
		struct slice rest = sentences[i], line;
		while (standing_next_line(&rest, &line))
			value_append(writer, array, value_sentence(writer, line));
	}
	return array;
}

static void set_answer(struct json_writer *writer, json_t *object, enum outcome outcome,
	enum reason reason, int http_status)
{
	value_set_key(writer, object, "outcome", json_string(outcome_text(outcome)));
	value_set_key(writer, object, "reason", json_string(reason_text(reason)));
	value_set_key(writer, object, "http_status",
		value_count_or_null(http_status > 0 ? http_status : -1));
}

static json_t *make_check(struct json_writer *writer, const struct check_facts *check)
{
	json_t *object = json_object();

	value_set_key(writer, object, "at", value_instant_or_null(check->at));
	set_answer(writer, object, check->outcome, check->reason, check->http_status);
	value_set_key(
		writer, object, "elapsed_ms", value_count_or_null(check->elapsed_ms));
	value_set_key(
		writer, object, "second_method", json_boolean(check->second_method));
	value_set_key(
		writer, object, "authoritative", json_boolean(check->authoritative));
	return object;
}

json_t *standing_checks_json(
	struct json_writer *writer, const struct check_facts *checks, uint32_t count)
{
	json_t *array = json_array();
	for (uint32_t i = 0; i < count; i++)
		value_append(writer, array,
			make_check(writer, &checks[standing_newest(i, count, checks[0].at,
						   checks[count - 1].at)]));
	return array;
}

static json_t *make_span(struct json_writer *writer, const struct span *span)
{
	json_t *object = json_object();

	value_set_key(writer, object, "first_at", value_instant_or_null(span->first_at));
	value_set_key(writer, object, "last_at", value_instant_or_null(span->last_at));
	value_set_key(writer, object, "checks", json_integer(span->checks));
	set_answer(writer, object, span->outcome, span->reason, span->http_status);
	value_set_key(writer, object, "min_ms", value_count_or_null(span->ms_min));
	value_set_key(writer, object, "max_ms", value_count_or_null(span->ms_max));
	return object;
}

json_t *standing_spans_json(struct json_writer *writer, const struct span *open,
	const struct span *spans, uint32_t count)
{
	json_t *array = json_array();

	if (open->checks > 0)
		value_append(writer, array, make_span(writer, open));
	for (uint32_t i = 0; i < count; i++)
		value_append(writer, array,
			make_span(writer,
				&spans[standing_newest(i, count, spans[0].first_at,
					spans[count - 1].first_at)]));
	return array;
}

json_t *standing_event_json(struct json_writer *writer, const struct event *event)
{
	json_t *object = json_object();
	bool moves = event->kind == EVENT_STATE;

	value_set_key(writer, object, "at", value_instant_or_null(event->at));
	value_set_key(writer, object, "kind", json_string(event_kind_text(event->kind)));
	value_set_key(writer, object, "from_state",
		moves ? json_string(state_text(event->from)) : json_null());
	value_set_key(writer, object, "to_state",
		moves ? json_string(state_text(event->to)) : json_null());
	value_set_key(writer, object, "reason",
		moves ? json_string(reason_text(event->reason)) : json_null());
	value_set_key(writer, object, "incident_id",
		event->incident_id != 0 ? json_integer(event->incident_id) : json_null());
	value_set_key(writer, object, "links", json_integer(event->links));
	value_set_key(writer, object, "text", value_sentence(writer, event->text));
	return object;
}

json_t *standing_events_json(
	struct json_writer *writer, const struct event *events, uint32_t count)
{
	json_t *array = json_array();
	for (uint32_t i = 0; i < count; i++)
		value_append(writer, array,
			standing_event_json(
				writer, &events[standing_newest(i, count, events[0].at,
						events[count - 1].at)]));
	return array;
}
