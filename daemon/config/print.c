/* The effective configuration as YAML. libyaml's emitter writes it and knows the quoting;
 * it cannot write comments, so where each line came from is noted on the way, and put
 * behind the lines at the end: no value has a line break, so in block style a value, an
 * item and the name of a group each take exactly one line. */
#include "config/config.h"

#include <yaml.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "config/values_internal.h"

enum { PRINT_BYTES_MAX = 64 << 20, ORIGIN_BYTES_MAX = 300 };

enum origin_kind { ORIGIN_NONE, ORIGIN_DEFAULT, ORIGIN_BUILT_IN, ORIGIN_PLACE };

struct origin {
	enum origin_kind kind;
	struct config_place place;
};

struct printing {
	yaml_emitter_t emitter;
	struct buffer text;    /* without the comments */
	struct buffer origins; /* an array of struct origin, one a line */
	bool failed;
};

/* --- events --- */

static int on_output(void *data, unsigned char *bytes, size_t size)
{
	struct printing *printing = data;
	buffer_add(&printing->text, (struct slice){ (const char *)bytes, size });
	return !printing->text.failed;
}

/* Takes the event over. */
static void emit(struct printing *printing, yaml_event_t *event, int made)
{
	if (printing->failed || !made || !yaml_emitter_emit(&printing->emitter, event))
		printing->failed = true;
}

static bool is_simple(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ' || (unsigned char)text.at[i] > '~')
			return false;
	return true;
}

/* In quotes what would not be read as the text it is. */
static yaml_scalar_style_t style_of(struct slice text)
{
	struct node as_plain = { .kind = NODE_SCALAR, .plain = true, .text = text };
	return is_simple(text) && !node_is_null(&as_plain)
		       ? YAML_ANY_SCALAR_STYLE
		       : YAML_DOUBLE_QUOTED_SCALAR_STYLE;
}

static void emit_scalar(
	struct printing *printing, struct slice text, yaml_scalar_style_t style)
{
	yaml_event_t event;
	emit(printing, &event,
		yaml_scalar_event_initialize(&event, NULL, NULL,
			(const yaml_char_t *)text.at, (int)text.len, 1, 1, style));
}

static void emit_word(struct printing *printing, const char *word)
{
	emit_scalar(printing, slice_of(word), YAML_PLAIN_SCALAR_STYLE);
}

static void begin_sequence(struct printing *printing, bool empty)
{
	yaml_event_t event;
	emit(printing, &event,
		yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
			empty ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE));
}

static void end_sequence(struct printing *printing)
{
	yaml_event_t event;
	emit(printing, &event, yaml_sequence_end_event_initialize(&event));
}

static void begin_mapping(struct printing *printing)
{
	yaml_event_t event;
	emit(printing, &event,
		yaml_mapping_start_event_initialize(
			&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE));
}

static void end_mapping(struct printing *printing)
{
	yaml_event_t event;
	emit(printing, &event, yaml_mapping_end_event_initialize(&event));
}

/* --- origins --- */

static void note_line(struct printing *printing, enum origin_kind kind,
	const struct config_place *place)
{
	struct origin origin = { .kind = kind };
	if (place != NULL)
		origin.place = *place;
	buffer_add(&printing->origins,
		(struct slice){ (const char *)&origin, sizeof(origin) });
}

/* Of a value whose group has these places; NULL: the group is built in. */
static void note_value(struct printing *printing, const struct config_place *place)
{
	if (place == NULL)
		note_line(printing, ORIGIN_BUILT_IN, NULL);
	else if (place->file == NULL)
		note_line(printing, ORIGIN_DEFAULT, NULL);
	else
		note_line(printing, ORIGIN_PLACE, place);
}

/* --- values --- */

static void print_single(
	struct printing *printing, const struct key *key, const void *group)
{
	struct buffer text;
	if (key->type == KEY_TEXT) {
		const char *value = *(const char *const *)key_value(key, group);
		if (value == NULL)
			emit_word(printing, "null");
		else
			emit_scalar(printing, slice_of(value), style_of(slice_of(value)));
		return;
	}
	buffer_init(&text, CONFIG_TEXT_BYTES_MAX);
	value_add_text(key, group, &text);
	emit_word(printing, buffer_string(&text));
	if (text.failed)
		printing->failed = true;
	buffer_fini(&text);
}

static void print_texts(struct printing *printing, const struct config_texts *texts,
	const struct config_place *place)
{
	begin_sequence(printing, texts->count == 0);
	if (texts->count == 0)
		note_value(printing, place);
	else
		note_line(printing, ORIGIN_NONE, NULL);
	for (uint32_t i = 0; i < texts->count; i++) {
		struct slice text = slice_of(texts->at[i]);
		emit_scalar(printing, text, style_of(text));
		if (texts->places != NULL)
			note_line(printing, ORIGIN_PLACE, &texts->places[i]);
		else
			note_line(printing, ORIGIN_DEFAULT, NULL);
	}
	end_sequence(printing);
}

static void print_words(struct printing *printing, const struct key *key, uint32_t bits,
	const struct config_place *place)
{
	begin_sequence(printing, bits == 0);
	note_line(printing, ORIGIN_NONE, NULL);
	for (uint32_t i = 0; i < key->words->count; i++) {
		if (!(bits >> i & 1))
			continue;
		emit_word(printing, key->words->at[i]);
		note_value(printing, place);
	}
	end_sequence(printing);
}

static void print_group(
	struct printing *printing, const struct key_group *group, const void *values);

static void print_groups(struct printing *printing, const struct key *key,
	const void *values, const struct config_place *place)
{
	uint32_t count = key_group_count(key, values);
	begin_sequence(printing, count == 0);
	if (count == 0)
		note_value(printing, place);
	else
		note_line(printing, ORIGIN_NONE, NULL);
	for (uint32_t i = 0; i < count; i++)
		print_group(printing, key->group, key_group_member(key, values, i));
	end_sequence(printing);
}

static void print_group(
	struct printing *printing, const struct key_group *group, const void *values)
{
	const struct config_place *places = key_places(values);
	begin_mapping(printing);
	for (uint32_t i = 0; i < group->count; i++) {
		const struct key *key = &group->keys[i];
		const struct config_place *place = places != NULL ? &places[i] : NULL;
		const void *field = key_value(key, values);
		emit_word(printing, key->name);
		if (key->type == KEY_TEXTS) {
			print_texts(printing, field, place);
		} else if (key->type == KEY_WORDS) {
			print_words(printing, key, *(const uint32_t *)field, place);
		} else if (key->type == KEY_GROUPS) {
			print_groups(printing, key, values, place);
		} else if (key->type == KEY_GROUP) {
			note_line(printing, ORIGIN_NONE, NULL);
			print_group(printing, key->group, field);
		} else {
			note_value(printing, place);
			print_single(printing, key, values);
		}
	}
	end_mapping(printing);
}

/* --- the whole --- */

static void print_document(struct printing *printing, const struct config *config)
{
	yaml_event_t event;
	yaml_emitter_set_output(&printing->emitter, on_output, printing);
	yaml_emitter_set_unicode(&printing->emitter, 1);
	yaml_emitter_set_width(&printing->emitter, -1); /* or long values break */
	emit(printing, &event,
		yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
	emit(printing, &event,
		yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
	print_group(printing, &key_root, config);
	emit(printing, &event, yaml_document_end_event_initialize(&event, 1));
	emit(printing, &event, yaml_stream_end_event_initialize(&event));
}

static void add_origin(const struct origin *origin, struct buffer *out)
{
	switch (origin->kind) {
	case ORIGIN_NONE:
		return;
	case ORIGIN_DEFAULT:
		buffer_add_text(out, "  # default");
		return;
	case ORIGIN_BUILT_IN:
		buffer_add_text(out, "  # built in");
		return;
	case ORIGIN_PLACE:
		buffer_add_text(out, "  # ");
		utf8_add_printable(out, slice_of(origin->place.file), ORIGIN_BYTES_MAX);
		buffer_printf(out, ":%u", origin->place.line);
		return;
	}
}

/* One line an origin, by the way they were made. */
static void add_lines(const struct printing *printing, struct buffer *out)
{
	struct slice rest = buffer_slice(&printing->text), line;
	size_t count = printing->origins.len / sizeof(struct origin), i = 0;

	while (rest.len > 0 && slice_split(&rest, '\n', &line)) {
		struct origin origin;
		assert(i < count);
		memcpy(&origin, printing->origins.at + i++ * sizeof(origin),
			sizeof(origin));
		buffer_add(out, line);
		add_origin(&origin, out);
		buffer_add_char(out, '\n');
	}
	assert(i == count);
}

int config_print(const struct config *config, struct buffer *out)
{
	struct printing printing = { .failed = false };
	if (!yaml_emitter_initialize(&printing.emitter))
		return -1;
	buffer_init(&printing.text, PRINT_BYTES_MAX);
	buffer_init(&printing.origins, PRINT_BYTES_MAX);
	print_document(&printing, config);
	bool good = !printing.failed && !printing.text.failed && !printing.origins.failed;
	if (good)
		add_lines(&printing, out);
	yaml_emitter_delete(&printing.emitter);
	buffer_fini(&printing.text);
	buffer_fini(&printing.origins);
	return good && !out->failed ? 0 : -1;
}
