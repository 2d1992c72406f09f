#include "format/standing_write.h"

static json_t *make_strikes(uint32_t halves)
{
	return halves % 2 == 0 ? json_integer(halves / 2) : json_real(halves / 2.0);
}

static json_t *make_confirmed(const struct link_record *record)
{
	if (record->confirmed == STATE_UNCHECKED)
		return json_null();
	return json_string(state_text(record->confirmed));
}

void standing_set_record(
	struct json_writer *writer, json_t *head, const struct link_record *record)
{
	value_set_key(writer, head, "since", value_instant_or_null(record->since));
	value_set_key(
		writer, head, "last_ok_at", value_instant_or_null(record->last_ok_at));
	value_set_key(writer, head, "last_checked_at",
		value_instant_or_null(record->last_checked_at));
	value_set_key(writer, head, "confirmed_state", make_confirmed(record));
	value_set_key(writer, head, "confirmed_at",
		value_instant_or_null(record->confirmed_at));
	value_set_key(writer, head, "strikes", make_strikes(record->strike_halves));
	value_set_key(writer, head, "first_strike_at",
		value_instant_or_null(record_strikes_since(record)));
	value_set_key(writer, head, "last_strike_at",
		value_instant_or_null(record->last_strike_at));
	value_set_key(writer, head, "flapping_since",
		value_instant_or_null(record->flapping_since));
	value_set_key(writer, head, "checks", json_integer(record->checks));
}

json_t *standing_json(struct json_writer *writer, const struct standing *standing)
{
	const struct link_record *record = &standing->record;
	json_t *head = json_link(writer, &standing->link, standing->method_known);

	/* A link without a result has a state of its own all the same. */
	value_set_key(writer, head, "state", json_string(state_text(record->state)));
	value_set_key(writer, head, "link_id", json_integer(standing->link_id));
	value_set_key(writer, head, "lists",
		value_texts(writer, standing->lists, standing_lists_named(standing)));
	value_set_key(
		writer, head, "next_check_at", value_instant_or_null(record->due_at));
	standing_set_record(writer, head, record);
	return head;
}

json_t *standing_states_json(
	struct json_writer *writer, const struct standing_counts *counts)
{
	json_t *object = json_object();
	for (unsigned i = 0; i < STANDING_STATE_COUNT; i++)
		value_set_key(writer, object, state_text((enum state)i),
			json_integer(counts->by_state[i]));
	return object;
}

int standing_finish(bool failed, const struct buffer *out, const char *what,
	const char *remedy, struct error *error)
{
	if (!failed && !out->failed)
		return 0;
	bool small = out->bytes_max < (size_t)1 << 20;
	return error_set(error, "%s does not fit into memory (limit %zu %s)%s%s", what,
		out->bytes_max >> (small ? 10 : 20), small ? "KiB" : "MiB",
		remedy != NULL ? "; " : "", remedy != NULL ? remedy : "");
}
