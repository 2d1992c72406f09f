/* format/json: how all reports write JSON (jansson), and the one place where they clean
 * foreign text for it.
 *
 * One link is built, written and freed at a time, and its occurrences one by one: a tree
 * of a million links would take gigabytes. What encloses them is written by hand. A value
 * for which there is no memory is remembered in `failed`; nobody looks before the end.
 */
#pragma once

#include <jansson.h>

#include "base/buffer.h"
#include "base/time.h"
#include "model/link.h"

struct json_writer {
	struct buffer *out;
	struct buffer *scratch; /* reused */
	bool failed;            /* no memory for a value */
};

/* Writes and frees `value`; of an object with JSON_EMBED only what is in the braces. */
void value_dump(struct json_writer *writer, json_t *value, size_t flags);

/* Both take `value` over. */
void value_set_key(
	struct json_writer *writer, json_t *object, const char *key, json_t *value);
void value_append(struct json_writer *writer, json_t *array, json_t *value);

/* JSON holds any text that is valid UTF-8: only what is not is replaced. */
json_t *value_text(struct json_writer *writer, struct slice text);
json_t *value_text_or_null(struct json_writer *writer, struct slice text); /* empty */
json_t *value_texts(
	struct json_writer *writer, const struct slice *texts, uint32_t count);

/* Likewise, without userinfo; running text too. */
json_t *value_sentence(struct json_writer *writer, struct slice text);
json_t *value_sentences(
	struct json_writer *writer, const struct slice *texts, uint32_t count);
json_t *value_url(struct json_writer *writer, struct slice url);
json_t *value_url_or_null(struct json_writer *writer, struct slice url);
json_t *value_urls(struct json_writer *writer, const struct slice *urls, uint32_t count);

json_t *value_count_or_null(int64_t count);  /* null below 0 */
json_t *value_instant_or_null(time_ms wall); /* RFC 3339; null for 0 and before */
json_t *value_notes(struct json_writer *writer, note_set notes);
json_t *value_suggestion(struct json_writer *writer, const struct suggestion *suggestion);

/* The keys of a link (interfaces, section 3) but for its occurrences; `method` only when
 * it is known. */
json_t *json_link(struct json_writer *writer, const struct link *link, bool method_known);

/* The link in its braces: `head` (freed) and the occurrences. */
void json_link_write(struct json_writer *writer, json_t *head, const struct link *link,
	bool with_expected_title);
