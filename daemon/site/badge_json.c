#include "site/badge_internal.h"

#include "base/utf8.h"
#include "format/json.h"

static json_t *make_label(struct json_writer *json, struct slice label)
{
	struct buffer clean;
	buffer_init(&clean, BADGE_LABEL_BYTES + 8);
	utf8_add_printable(&clean, label, BADGE_LABEL_BYTES);
	json_t *value = clean.failed ? NULL : value_text(json, buffer_slice(&clean));
	buffer_fini(&clean);
	return value;
}

int badge_write_json(const struct badge *badge, struct buffer *out)
{
	struct buffer scratch;
	struct json_writer json = { .out = out, .scratch = &scratch };
	json_t *object = json_object();

	buffer_init(&scratch, BADGE_LABEL_BYTES * 4);
	value_set_key(&json, object, "schemaVersion", json_integer(1));
	value_set_key(&json, object, "label", make_label(&json, badge->label));
	value_set_key(&json, object, "message", json_string(badge->message));
	value_set_key(
		&json, object, "color", json_string(badge_colour_text(badge->colour)));
	if (badge->is_error)
		value_set_key(&json, object, "isError", json_true());
	value_set_key(&json, object, "cacheSeconds", json_integer(BADGE_CACHE_SECONDS));
	value_dump(&json, object, 0);
	buffer_add_char(out, '\n');
	buffer_fini(&scratch);
	return json.failed || out->failed ? -1 : 0;
}
