#include "site/api_internal.h"

#include "base/hash.h"
#include "base/utf8.h"

/* --- the envelope ------------------------------------------------------------------ */

void api_begin(struct api_answer *answer, struct buffer *out)
{
	*answer = (struct api_answer){ .json = { .out = out } };
	buffer_init(&answer->scratch, SIZE_MAX / 4);
	answer->json.scratch = &answer->scratch;
	buffer_add_char(out, '{');
}

json_t *api_envelope(struct api_answer *answer, const struct api_head *head)
{
	struct json_writer *json = &answer->json;
	json_t *object = json_object();

	value_set_key(json, object, "schema", json_integer(API_SCHEMA));
	value_set_key(
		json, object, "generator", value_text(json, slice_of(head->generator)));
	value_set_key(json, object, "at", value_instant_or_null(head->now));
	value_set_key(json, object, "next", value_text_or_null(json, head->next));
	return object;
}

void api_write_head(struct api_answer *answer, json_t *object)
{
	value_dump(&answer->json, object, JSON_EMBED);
}

void api_begin_rows(struct api_answer *answer, const char *key)
{
	buffer_printf(answer->json.out, ",\n\"%s\": [", key);
	answer->first = true;
}

void api_begin_row(struct api_answer *answer)
{
	buffer_add_text(answer->json.out, answer->first ? "\n " : ",\n ");
	answer->first = false;
}

void api_write_row(struct api_answer *answer, json_t *row)
{
	api_begin_row(answer);
	value_dump(&answer->json, row, 0);
}

void api_end_rows(struct api_answer *answer)
{
	buffer_add_char(answer->json.out, ']');
}

int api_end(struct api_answer *answer)
{
	buffer_add_text(answer->json.out, "}\n");
	buffer_fini(&answer->scratch);
	return answer->json.failed || answer->json.out->failed ? -1 : 0;
}

/* Only words of ours stand before it. */
uint64_t api_hash(struct slice body)
{
	static const struct slice key = { "\"at\": ", 6 };
	size_t at = slice_find(body, key);
	if (at == SLICE_NONE)
		at = body.len;
	struct slice behind = slice_sub(body, at, body.len);
	size_t end = slice_find_char(behind, ',');
	if (end != SLICE_NONE)
		behind = slice_sub(behind, end, behind.len);
	return hash_bytes(behind, hash_bytes(slice_sub(body, 0, at), 0));
}

/* --- errors and health ------------------------------------------------------------- */

static json_t *make_error(struct json_writer *json, struct slice sentence)
{
	struct buffer clean;
	buffer_init(&clean, API_ERROR_BYTES + 8);
	utf8_add_printable(&clean, sentence, API_ERROR_BYTES);
	json_t *value = clean.failed ? NULL : value_sentence(json, buffer_slice(&clean));
	buffer_fini(&clean);
	return value;
}

int api_write_error(struct slice sentence, struct buffer *out)
{
	struct api_answer answer;
	json_t *object = json_object();

	api_begin(&answer, out);
	value_set_key(&answer.json, object, "error", make_error(&answer.json, sentence));
	api_write_head(&answer, object);
	return api_end(&answer);
}

static bool is_moving(const struct api_part *part)
{
	return part->still_ms >= 0 && part->still_ms <= part->still_max;
}

bool api_is_healthy(const struct api_part *parts, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (!is_moving(&parts[i]))
			return false;
	return true;
}

static void say_still(struct buffer *out, const struct api_part *part)
{
	char still[TIME_SPAN_SIZE], limit[TIME_SPAN_SIZE];

	if (part->still_ms < 0) {
		buffer_printf(out, "the %s has not moved yet", part->name);
		return;
	}
	time_format_span(part->still_ms, still);
	time_format_span(part->still_max, limit);
	buffer_printf(
		out, "the %s has not moved for %s (limit %s)", part->name, still, limit);
}

static json_t *make_reason(struct json_writer *json, const struct api_part *part)
{
	struct buffer text;

	buffer_init(&text, API_ERROR_BYTES);
	say_still(&text, part);
	json_t *value = text.failed ? NULL : value_text(json, buffer_slice(&text));
	buffer_fini(&text);
	return value;
}

static json_t *make_part(struct json_writer *json, const struct api_part *part)
{
	json_t *object = json_object();

	value_set_key(json, object, "name", value_text(json, slice_of(part->name)));
	value_set_key(json, object, "moving", json_boolean(is_moving(part)));
	value_set_key(json, object, "still_ms", value_count_or_null(part->still_ms));
	value_set_key(json, object, "limit_ms", json_integer(part->still_max));
	return object;
}

int api_write_health(const struct api_head *head, const struct api_part *parts,
	uint32_t count, struct buffer *out)
{
	struct api_answer answer;
	bool healthy = api_is_healthy(parts, count);

	api_begin(&answer, out);
	json_t *object = api_envelope(&answer, head);
	json_t *reasons = json_array();
	for (uint32_t i = 0; i < count; i++)
		if (!is_moving(&parts[i]))
			value_append(&answer.json, reasons,
				make_reason(&answer.json, &parts[i]));
	value_set_key(
		&answer.json, object, "status", json_string(healthy ? "ok" : "failing"));
	value_set_key(&answer.json, object, "reasons", reasons);
	api_write_head(&answer, object);
	api_begin_rows(&answer, "parts");
	for (uint32_t i = 0; i < count; i++)
		api_write_row(&answer, make_part(&answer.json, &parts[i]));
	api_end_rows(&answer);
	return api_end(&answer);
}
