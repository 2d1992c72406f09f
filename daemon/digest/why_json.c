#include "digest/why_internal.h"
#include "format/standing_write.h"

static void set_answer(struct json_writer *json, json_t *object, enum outcome outcome,
	enum reason reason, int http_status)
{
	value_set_key(json, object, "outcome", json_string(outcome_text(outcome)));
	value_set_key(json, object, "reason", json_string(reason_text(reason)));
	value_set_key(json, object, "http_status",
		value_count_or_null(http_status > 0 ? http_status : -1));
}

static json_t *make_check(struct json_writer *json, const struct check_facts *check)
{
	json_t *object = json_object();

	value_set_key(json, object, "at", value_instant_or_null(check->at));
	set_answer(json, object, check->outcome, check->reason, check->http_status);
	value_set_key(json, object, "elapsed_ms", value_count_or_null(check->elapsed_ms));
	value_set_key(json, object, "second_method", json_boolean(check->second_method));
	value_set_key(json, object, "authoritative", json_boolean(check->authoritative));
	return object;
}

static json_t *make_span(struct json_writer *json, const struct span *span)
{
	json_t *object = json_object();

	value_set_key(json, object, "first_at", value_instant_or_null(span->first_at));
	value_set_key(json, object, "last_at", value_instant_or_null(span->last_at));
	value_set_key(json, object, "checks", json_integer(span->checks));
	set_answer(json, object, span->outcome, span->reason, span->http_status);
	value_set_key(json, object, "min_ms", value_count_or_null(span->ms_min));
	value_set_key(json, object, "max_ms", value_count_or_null(span->ms_max));
	return object;
}

static json_t *make_event(struct json_writer *json, const struct event *event)
{
	json_t *object = json_object();
	bool moves = event->kind == EVENT_STATE;

	value_set_key(json, object, "at", value_instant_or_null(event->at));
	value_set_key(json, object, "kind", json_string(event_kind_text(event->kind)));
	value_set_key(json, object, "from_state",
		moves ? json_string(state_text(event->from)) : json_null());
	value_set_key(json, object, "to_state",
		moves ? json_string(state_text(event->to)) : json_null());
	value_set_key(json, object, "reason",
		moves ? json_string(reason_text(event->reason)) : json_null());
	value_set_key(json, object, "incident_id",
		event->incident_id != 0 ? json_integer(event->incident_id) : json_null());
	value_set_key(json, object, "links", json_integer(event->links));
	value_set_key(json, object, "text", value_sentence(json, event->text));
	return object;
}

static json_t *make_lines(
	struct json_writer *json, const struct slice *sentences, uint32_t count)
{
	json_t *array = json_array();
	for (uint32_t i = 0; i < count; i++) {
		struct slice rest = sentences[i], line;
		while (why_next_line(&rest, &line))
			value_append(json, array, value_sentence(json, line));
	}
	return array;
}

static json_t *make_checks(struct json_writer *json, const struct why *why)
{
	json_t *array = json_array();
	for (uint32_t i = 0; i < why->check_count; i++)
		value_append(json, array,
			make_check(json, &why->checks[why_newest(i, why->check_count,
						 why->checks[0].at,
						 why->checks[why->check_count - 1].at)]));
	return array;
}

/* The open one too: a program need not know which it is. */
static json_t *make_spans(struct json_writer *json, const struct why *why)
{
	const struct span *open = &why->standing->record.span;
	json_t *array = json_array();

	if (open->checks > 0)
		value_append(json, array, make_span(json, open));
	for (uint32_t i = 0; i < why->span_count; i++)
		value_append(json, array,
			make_span(json,
				&why->spans[why_newest(i, why->span_count,
					why->spans[0].first_at,
					why->spans[why->span_count - 1].first_at)]));
	return array;
}

static json_t *make_events(struct json_writer *json, const struct why *why)
{
	json_t *array = json_array();
	for (uint32_t i = 0; i < why->event_count; i++)
		value_append(json, array,
			make_event(json, &why->events[why_newest(i, why->event_count,
						 why->events[0].at,
						 why->events[why->event_count - 1].at)]));
	return array;
}

static json_t *make_head(struct json_writer *json, const struct why *why)
{
	char strip[WHY_STRIP_SIZE];
	json_t *head = json_object();

	why_strip(&why->standing->record, strip);
	value_set_key(json, head, "schema", json_integer(1));
	value_set_key(
		json, head, "generator", value_text(json, slice_of(why->generator)));
	value_set_key(json, head, "at", value_instant_or_null(why->now));
	value_set_key(
		json, head, "why", make_lines(json, why->reasons, why->reason_count));
	value_set_key(json, head, "next", make_lines(json, why->nexts, why->next_count));
	value_set_key(json, head, "recent", json_string(strip));
	value_set_key(json, head, "checks", make_checks(json, why));
	value_set_key(json, head, "history", make_spans(json, why));
	value_set_key(json, head, "events", make_events(json, why));
	return head;
}

int why_write_json(const struct why *why, struct buffer *out)
{
	struct buffer scratch;
	struct json_writer json = { .out = out, .scratch = &scratch };

	buffer_init(&scratch, SIZE_MAX / 4);
	buffer_add_char(out, '{');
	value_dump(&json, make_head(&json, why), JSON_EMBED);
	buffer_add_text(out, ",\n\"link\": ");
	json_link_write(
		&json, standing_json(&json, why->standing), &why->standing->link, false);
	buffer_add_text(out, "}\n");
	buffer_fini(&scratch);
	return json.failed ? -1 : 0;
}
