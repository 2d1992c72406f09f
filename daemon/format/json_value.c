#include "format/json.h"

#include "base/utf8.h"
#include "model/userinfo.h"

static int add_bytes(const char *bytes, size_t len, void *data)
{
	struct buffer *out = data;
	buffer_add(out, (struct slice){ bytes, len });
	return out->failed ? -1 : 0;
}

void value_dump(struct json_writer *writer, json_t *value, size_t flags)
{
	if (value == NULL ||
		json_dump_callback(value, add_bytes, writer->out, flags) != 0)
		writer->failed = true;
	json_decref(value);
}

void value_set_key(
	struct json_writer *writer, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(object, key, value) != 0)
		writer->failed = true;
}

void value_append(struct json_writer *writer, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		writer->failed = true;
}

json_t *value_text(struct json_writer *writer, struct slice text)
{
	if (text.len == 0)
		return json_string("");
	if (utf8_valid(text))
		return json_stringn_nocheck(text.at, text.len);
	buffer_reset(writer->scratch);
	while (text.len > 0 && !writer->scratch->failed)
		utf8_add(writer->scratch, utf8_next(&text));
	if (writer->scratch->failed)
		return NULL;
	return json_stringn_nocheck(writer->scratch->at, writer->scratch->len);
}

json_t *value_url(struct json_writer *writer, struct slice url)
{
	struct slice front, rest;
	userinfo_split(url, &front, &rest);
	if (rest.len == 0)
		return value_text(writer, front);
	struct buffer joined;
	buffer_init(&joined, SIZE_MAX / 4);
	buffer_add(&joined, front);
	buffer_add(&joined, rest);
	json_t *value = joined.failed ? NULL : value_text(writer, buffer_slice(&joined));
	buffer_fini(&joined);
	return value;
}

json_t *value_sentence(struct json_writer *writer, struct slice text)
{
	struct buffer bare;
	buffer_init(&bare, SIZE_MAX / 4);
	userinfo_hide(&bare, text);
	json_t *value = bare.failed ? NULL : value_text(writer, buffer_slice(&bare));
	buffer_fini(&bare);
	return value;
}

json_t *value_text_or_null(struct json_writer *writer, struct slice text)
{
	return text.len > 0 ? value_text(writer, text) : json_null();
}

json_t *value_url_or_null(struct json_writer *writer, struct slice url)
{
	return url.len > 0 ? value_url(writer, url) : json_null();
}

json_t *value_count_or_null(int64_t count)
{
	return count >= 0 ? json_integer(count) : json_null();
}

json_t *value_instant_or_null(time_ms wall)
{
	char text[TIME_RFC3339_SIZE];
	if (wall <= 0)
		return json_null();
	time_format_rfc3339(wall, text);
	return json_string(text);
}

json_t *value_notes(struct json_writer *writer, note_set notes)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < NOTE_COUNT; i++)
		if ((notes & NOTE_BIT(i)) != 0)
			value_append(writer, array, json_string(note_text((enum note)i)));
	return array;
}

json_t *value_suggestion(struct json_writer *writer, const struct suggestion *suggestion)
{
	if (suggestion->url.len == 0)
		return json_null();
	json_t *object = json_object();
	value_set_key(writer, object, "url", value_url(writer, suggestion->url));
	value_set_key(writer, object, "why", value_sentence(writer, suggestion->why));
	return object;
}

json_t *value_urls(struct json_writer *writer, const struct slice *urls, uint32_t count)
{
	json_t *array = json_array();
	for (uint32_t i = 0; i < count; i++)
		value_append(writer, array, value_url(writer, urls[i]));
	return array;
}

json_t *value_sentences(
	struct json_writer *writer, const struct slice *texts, uint32_t count)
{
	json_t *array = json_array();
	for (uint32_t i = 0; i < count; i++)
		value_append(writer, array, value_sentence(writer, texts[i]));
	return array;
}

json_t *value_texts(struct json_writer *writer, const struct slice *texts, uint32_t count)
{
	json_t *array = json_array();
	for (uint32_t i = 0; i < count; i++)
		value_append(writer, array, value_text(writer, texts[i]));
	return array;
}
