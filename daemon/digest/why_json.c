#include "digest/why_internal.h"
#include "format/standing_history.h"
#include "format/standing_write.h"

static json_t *make_head(struct json_writer *json, const struct why *why)
{
	char strip[WHY_STRIP_SIZE];
	json_t *head = json_object();

	why_strip(&why->standing->record, strip);
	value_set_key(json, head, "schema", json_integer(1));
	value_set_key(
		json, head, "generator", value_text(json, slice_of(why->generator)));
	value_set_key(json, head, "at", value_instant_or_null(why->now));
	value_set_key(json, head, "why",
		standing_lines_json(json, why->known.reasons, why->known.reason_count));
	value_set_key(json, head, "next",
		standing_lines_json(json, why->known.nexts, why->known.next_count));
	value_set_key(json, head, "recent", json_string(strip));
	value_set_key(json, head, "checks",
		standing_checks_json(json, why->known.checks, why->known.check_count));
	value_set_key(json, head, "history",
		standing_spans_json(json, &why->standing->record.span, why->known.spans,
			why->known.span_count));
	value_set_key(json, head, "events",
		standing_events_json(json, why->known.events, why->known.event_count));
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
