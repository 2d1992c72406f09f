#include "digest/digest_internal.h"
#include "format/standing_write.h"

static json_t *make_summary(struct json_writer *json, const struct digest *digest)
{
	json_t *object = json_object();

	value_set_key(json, object, "links",
		json_integer((json_int_t)standing_links(&digest->counts)));
	value_set_key(json, object, "checked", json_integer(digest->checked));
	value_set_key(json, object, "checks", value_count_or_null(digest->checks));
	for (unsigned i = 0; i < DIGEST_SECTION_COUNT; i++)
		value_set_key(json, object, digest_key((enum digest_section)i),
			json_integer(digest_total(&digest->links[i])));
	value_set_key(
		json, object, "states", standing_states_json(json, &digest->counts));
	return object;
}

static json_t *make_period(struct json_writer *json, const struct digest_period *period)
{
	json_t *object = json_object();

	value_set_key(json, object, "began_at", value_instant_or_null(period->began_at));
	value_set_key(json, object, "ended_at", value_instant_or_null(period->ended_at));
	value_set_key(json, object, "text", value_sentence(json, period->text));
	if (period->incident_id != 0)
		value_set_key(
			json, object, "incident_id", json_integer(period->incident_id));
	if (period->name.len > 0)
		value_set_key(json, object, "source", value_url(json, period->name));
	if (period->links > 0)
		value_set_key(json, object, "links", json_integer(period->links));
	return object;
}

static json_t *make_periods(
	struct json_writer *json, const struct digest_periods *periods)
{
	json_t *array = json_array();
	for (uint32_t i = 0; i < periods->count; i++)
		value_append(json, array, make_period(json, &periods->periods[i]));
	return array;
}

static void write_entry(struct json_writer *json, const struct digest_entry *entry)
{
	json_t *head = standing_json(json, entry->standing);

	value_set_key(json, head, "at", value_instant_or_null(entry->at));
	value_set_key(json, head, "from_state",
		entry->from != STATE_UNCHECKED ? json_string(state_text(entry->from))
					       : json_null());
	value_set_key(json, head, "incident_id",
		entry->incident_id != 0 ? json_integer(entry->incident_id) : json_null());
	value_set_key(json, head, "told_before", json_boolean(entry->told_before));
	json_link_write(json, head, &entry->standing->link, false);
}

static void write_section(
	struct json_writer *json, const char *key, const struct digest_links *links)
{
	buffer_printf(json->out, ",\n\"%s\": [", key);
	for (uint32_t i = 0; i < links->count && !json->failed; i++) {
		buffer_add_text(json->out, i == 0 ? "\n " : ",\n ");
		write_entry(json, &links->entries[i]);
	}
	buffer_add_char(json->out, ']');
}

static json_t *make_fix(struct json_writer *json, const struct digest *digest)
{
	struct buffer command;
	buffer_init(&command, WORDS_BYTES_MAX);
	digest_fix(digest, &command);
	json_t *value = value_text_or_null(json, buffer_slice(&command));
	buffer_fini(&command);
	return value;
}

static json_t *make_head(struct json_writer *json, const struct digest *digest)
{
	json_t *head = json_object();

	value_set_key(json, head, "schema", json_integer(1));
	value_set_key(
		json, head, "generator", value_text(json, slice_of(digest->generator)));
	value_set_key(json, head, "since", value_instant_or_null(digest->since));
	value_set_key(json, head, "until", value_instant_or_null(digest->until));
	value_set_key(json, head, "first_check_at",
		value_instant_or_null(digest->first_check_at));
	value_set_key(json, head, "last_check_at",
		value_instant_or_null(digest->last_check_at));
	value_set_key(json, head, "gated_confirmed_at",
		value_instant_or_null(digest->gated_confirmed_at));
	value_set_key(json, head, "lists",
		value_texts(json, digest->lists, digest->list_count));
	value_set_key(json, head, "news", json_boolean(digest_has_news(digest)));
	value_set_key(json, head, "summary", make_summary(json, digest));
	value_set_key(json, head, "incidents", make_periods(json, &digest->incidents));
	value_set_key(json, head, "sources", make_periods(json, &digest->sources));
	value_set_key(json, head, "offline", make_periods(json, &digest->offline));
	value_set_key(json, head, "fix", make_fix(json, digest));
	return head;
}

int digest_write_json(const struct digest *digest, struct buffer *out)
{
	struct buffer scratch;
	struct json_writer json = { .out = out, .scratch = &scratch };

	buffer_init(&scratch, SIZE_MAX / 4);
	buffer_add_char(out, '{');
	value_dump(&json, make_head(&json, digest), JSON_EMBED);
	for (unsigned i = 0; i < DIGEST_SECTION_COUNT; i++)
		write_section(
			&json, digest_key((enum digest_section)i), &digest->links[i]);
	buffer_add_text(out, "}\n");
	buffer_fini(&scratch);
	return json.failed ? -1 : 0;
}
