/* An operator's JSON with {{name}} in its texts. */
#include <inttypes.h>

#include "base/utf8.h"
#include "message/compose_internal.h"
#include "message/webhook_internal.h"

enum {
	TEMPLATE_BYTES_MAX = 64 << 10,
	TEMPLATE_DEPTH_MAX = 32,
	FILLED_BYTES_MAX = MESSAGE_BYTES_MAX,
	TEXT_BYTES_MAX = 16000,
};

#define NAMES(X)                                                                         \
	X(ID, "id")                                                                      \
	X(AT, "at")                                                                      \
	X(SUBJECT, "subject")                                                            \
	X(TEXT, "text")                                                                  \
	X(LIST, "list")                                                                  \
	X(TITLE, "title")                                                                \
	X(SENTENCE, "sentence")                                                          \
	X(PAGE_URL, "page_url")                                                          \
	X(DIED, "died")                                                                  \
	X(RECOVERED, "recovered")                                                        \
	X(MOVED, "moved")                                                                \
	X(STILL_DEAD, "still_dead")                                                      \
	X(ITEMS, "items")

#define NAME_ENUM(name, text) NAME_##name,
#define NAME_TEXT(name, text) text,
enum name { NAMES(NAME_ENUM) };
static const char *const name_texts[] = { NAMES(NAME_TEXT) };
enum { NAME_COUNT = sizeof(name_texts) / sizeof(name_texts[0]) };

static bool name_parse(struct slice text, enum name *ret_name)
{
	for (int i = 0; i < NAME_COUNT; i++)
		if (slice_equal(text, slice_of(name_texts[i]))) {
			*ret_name = (enum name)i;
			return true;
		}
	return false;
}

/* --- values
 * ------------------------------------------------------------------------------------ */

static const struct message_part *first_part(const struct message *message)
{
	static const struct message_part none;
	return message->part_count > 0 ? &message->parts[0] : &none;
}

static uint64_t count_of(const struct message *message, enum message_topic topic)
{
	uint64_t count = 0;
	for (uint32_t i = 0; i < message->part_count; i++)
		count += message->parts[i].counts[topic];
	return count;
}

static uint64_t item_count(const struct message *message)
{
	uint64_t count = 0;
	for (uint32_t i = 0; i < message->part_count; i++)
		count += message->parts[i].item_count;
	return count;
}

static void add_line(struct slice text, struct buffer *out)
{
	utf8_add_printable(out, text, MESSAGE_FOREIGN_BYTES_MAX);
}

static void add_value(const struct message *message, enum name name, struct buffer *out)
{
	char at[TIME_RFC3339_SIZE];
	const struct message_part *part = first_part(message);
	switch (name) {
	case NAME_ID:
		add_line(message->id, out);
		return;
	case NAME_AT:
		time_format_rfc3339(message->at, at);
		buffer_add_text(out, at);
		return;
	case NAME_SUBJECT:
		message_subject(message, out);
		return;
	case NAME_TEXT:
		message_text(message, TEXT_BYTES_MAX, out);
		return;
	case NAME_LIST:
		add_line(part->list, out);
		return;
	case NAME_TITLE:
		add_line(part->title, out);
		return;
	case NAME_SENTENCE:
		add_line(part->sentence, out);
		return;
	case NAME_PAGE_URL:
		add_line(part->page_url, out);
		return;
	case NAME_DIED:
		buffer_printf(out, "%" PRIu64, count_of(message, MESSAGE_DIED));
		return;
	case NAME_RECOVERED:
		buffer_printf(out, "%" PRIu64, count_of(message, MESSAGE_RECOVERED));
		return;
	case NAME_MOVED:
		buffer_printf(out, "%" PRIu64, count_of(message, MESSAGE_MOVED));
		return;
	case NAME_STILL_DEAD:
		buffer_printf(out, "%" PRIu64, count_of(message, MESSAGE_STILL));
		return;
	case NAME_ITEMS: /* within a text: how many */
		buffer_printf(out, "%" PRIu64, item_count(message));
		return;
	}
}

/* A text that is one name and nothing else: numbers and items as what they are. NULL with
 * *ret_is false: it is a text. */
static json_t *bare_value(const struct message *message, enum name name, bool *ret_is)
{
	*ret_is = true;
	switch (name) {
	case NAME_DIED:
		return json_integer((json_int_t)count_of(message, MESSAGE_DIED));
	case NAME_RECOVERED:
		return json_integer((json_int_t)count_of(message, MESSAGE_RECOVERED));
	case NAME_MOVED:
		return json_integer((json_int_t)count_of(message, MESSAGE_MOVED));
	case NAME_STILL_DEAD:
		return json_integer((json_int_t)count_of(message, MESSAGE_STILL));
	case NAME_ITEMS:
		return webhook_items(message);
	case NAME_ID:
	case NAME_AT:
	case NAME_SUBJECT:
	case NAME_TEXT:
	case NAME_LIST:
	case NAME_TITLE:
	case NAME_SENTENCE:
	case NAME_PAGE_URL:
		break;
	}
	*ret_is = false;
	return NULL;
}

/* --- filling
 * -------------------------------------------------------------------------------------
 */

struct filling {
	const struct message *message; /* NULL: only checked */
	struct error *error;
	size_t bytes; /* of all filled texts */
};

/* Takes the next "{{name}}" off `*text`; the bytes in front of it are *ret_before. False:
 * there is none. -> *ret_known says whether the name is one. */
static bool next_name(
	struct slice *text, struct slice *ret_before, struct slice *ret_name)
{
	size_t open = slice_find(*text, SLICE("{{"));
	if (open == SLICE_NONE)
		return false;
	struct slice behind = slice_sub(*text, open + 2, text->len);
	size_t close = slice_find(behind, SLICE("}}"));
	if (close == SLICE_NONE)
		return false;
	*ret_before = slice_sub(*text, 0, open);
	*ret_name = slice_trim(slice_sub(behind, 0, close));
	*text = slice_sub(behind, close + 2, behind.len);
	return true;
}

static json_t *unknown_name(struct filling *filling, struct slice name)
{
	error_set(filling->error,
		"the template has {{%.*s}}, which is no name; known are id at subject "
		"text "
		"list title sentence page_url died recovered moved still_dead items",
		SLICE_ARG(slice_sub(name, 0, 40)));
	return NULL;
}

static json_t *fill_text(struct filling *filling, struct slice text)
{
	struct slice whole = text, before, name_text;
	struct buffer out;
	enum name name = NAME_ID;
	json_t *value = NULL;
	buffer_init(&out, FILLED_BYTES_MAX);
	while (next_name(&text, &before, &name_text)) {
		bool bare = false;
		if (!name_parse(name_text, &name)) {
			buffer_fini(&out);
			return unknown_name(filling, name_text);
		}
		if (filling->message == NULL)
			continue;
		if (before.len == 0 && text.len == 0 && out.len == 0)
			value = bare_value(filling->message, name, &bare);
		if (bare) {
			buffer_fini(&out);
			return value;
		}
		buffer_add(&out, before);
		add_value(filling->message, name, &out);
	}
	buffer_add(&out, filling->message != NULL ? text : whole);
	filling->bytes += out.len;
	if (filling->bytes > FILLED_BYTES_MAX)
		error_set(filling->error, "the filled template is larger than 1 MiB");
	else
		value = json_whole(&out);
	buffer_fini(&out);
	return value;
}

static json_t *fill_value(struct filling *filling, json_t *value, int depth);

static json_t *fill_object(struct filling *filling, json_t *object, int depth)
{
	json_t *filled = json_object();
	for (void *at = json_object_iter(object); at != NULL && filled != NULL;
		at = json_object_iter_next(object, at)) {
		json_t *member =
			fill_value(filling, json_object_iter_value(at), depth + 1);
		if (member == NULL || json_object_set_new(filled,
					      json_object_iter_key(at), member) != 0) {
			json_decref(filled);
			filled = NULL;
		}
	}
	return filled;
}

static json_t *fill_array(struct filling *filling, json_t *array, int depth)
{
	json_t *filled = json_array();
	for (size_t i = 0; i < json_array_size(array) && filled != NULL; i++)
		if (json_array_append_new(filled,
			    fill_value(filling, json_array_get(array, i), depth + 1)) !=
			0) {
			json_decref(filled);
			filled = NULL;
		}
	return filled;
}

static json_t *fill_value(struct filling *filling, json_t *value, int depth)
{
	if (depth > TEMPLATE_DEPTH_MAX) {
		error_set(filling->error, "the template is nested deeper than %d levels",
			TEMPLATE_DEPTH_MAX);
		return NULL;
	}
	if (json_is_object(value))
		return fill_object(filling, value, depth);
	if (json_is_array(value))
		return fill_array(filling, value, depth);
	if (json_is_string(value))
		return fill_text(filling, (struct slice){ json_string_value(value),
						  json_string_length(value) });
	return json_deep_copy(value);
}

json_t *webhook_fill(
	const struct message *message, struct slice template, struct error *error)
{
	json_error_t where;
	struct filling filling = { .message = message, .error = error };
	error_set(error, "not enough memory for a template");
	if (template.len > TEMPLATE_BYTES_MAX) {
		error_set(error, "the template is larger than 64 KiB");
		return NULL;
	}
	json_t *parsed = json_loadb(template.at != NULL ? template.at : "", template.len,
		JSON_REJECT_DUPLICATES, &where);
	if (parsed == NULL) {
		error_set(error, "the template is no JSON: line %d, column %d: %s",
			where.line, where.column, where.text);
		return NULL;
	}
	json_t *filled = fill_value(&filling, parsed, 0);
	json_decref(parsed);
	return filled;
}

int webhook_check_template(struct slice template, struct error *error)
{
	json_t *filled = webhook_fill(NULL, template, error);
	if (filled == NULL)
		return -1;
	json_decref(filled);
	return 0;
}
