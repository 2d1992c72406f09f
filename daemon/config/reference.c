/* Every key for a person, from the table. */
#include "config/config.h"

#include "config/values_internal.h"

enum { LINE_COLUMNS = 78, INDENT = 6 };

static void add_indent(struct buffer *out)
{
	for (int i = 0; i < INDENT; i++)
		buffer_add_char(out, ' ');
}

/* `text` in lines of at most LINE_COLUMNS, broken at spaces. */
static void add_wrapped(struct slice text, struct buffer *out)
{
	struct slice word;
	size_t column = 0;
	while (slice_split(&text, ' ', &word)) {
		if (column > 0 && column + 1 + word.len > LINE_COLUMNS) {
			buffer_add_char(out, '\n');
			column = 0;
		}
		if (column == 0) {
			add_indent(out);
			column = INDENT;
		} else {
			buffer_add_char(out, ' ');
			column++;
		}
		buffer_add(out, word);
		column += word.len;
	}
	buffer_add_char(out, '\n');
}

static void add_default(const struct key *key, struct buffer *out)
{
	if (key->flags & KEY_REQUIRED)
		buffer_add_text(out, "required");
	else if (key->initial_shown != NULL)
		buffer_printf(out, "default: %s", key->initial_shown);
	else if (key->type == KEY_TEXT)
		buffer_printf(out, "default: %s",
			key->initial_text != NULL ? key->initial_text : "none");
	else if (key->type == KEY_TEXTS && key->initial_texts != NULL)
		for (uint32_t i = 0; i < key->initial_texts->count; i++)
			buffer_printf(out, "%s%s", i == 0 ? "default: " : ", ",
				key->initial_texts->at[i]);
	else if (key->type == KEY_TEXTS || key->type == KEY_WORDS)
		buffer_add_text(out, "default: []");
	else {
		buffer_add_text(out, "default: ");
		value_add_number(key, key->initial, out);
	}
}

static void add_limits(const struct key *key, struct buffer *out)
{
	if (key->words != NULL) {
		buffer_add_text(out, ": ");
		words_add(key->words, out);
	} else if (key->form != NULL) {
		buffer_printf(out, ": %s", key->form->expected);
	} else if (key->type != KEY_FLAG) {
		buffer_add_text(out, ", ");
		value_add_limits(key, out);
	}
}

static void add_key(const struct key *key, const char *prefix, struct buffer *out)
{
	struct buffer line;
	buffer_init(&line, CONFIG_TEXT_BYTES_MAX);
	buffer_printf(out, "%s%s%s\n", prefix, key->name,
		key->flags & KEY_UNUSED ? "   (not used yet)" : "");
	buffer_add_text(&line, key_type_text(key->type));
	if (key->group == NULL) {
		add_limits(key, &line);
		buffer_add_text(&line, "; ");
		add_default(key, &line);
	}
	if (key->flags & KEY_RESTART)
		buffer_add_text(&line, "; needs a restart");
	add_wrapped(buffer_slice(&line), out);
	add_wrapped(slice_of(key->help), out);
	buffer_add_char(out, '\n');
	out->failed |= line.failed;
	buffer_fini(&line);
}

static void add_group(
	const struct key_group *group, const char *prefix, struct buffer *out)
{
	for (uint32_t i = 0; i < group->count; i++) {
		const struct key *key = &group->keys[i];
		struct buffer inner;
		add_key(key, prefix, out);
		if (key->group == NULL)
			continue;
		buffer_init(&inner, CONFIG_TEXT_BYTES_MAX);
		buffer_printf(&inner, "%s%s%s", prefix, key->name,
			key->type == KEY_GROUPS ? "[]." : ".");
		add_group(key->group, buffer_string(&inner), out);
		out->failed |= inner.failed;
		buffer_fini(&inner);
	}
}

void config_print_reference(struct buffer *out)
{
	buffer_add_text(out,
		"Keys of linkrotd.yaml. A duration is a number with its unit (ms, s, m, "
		"h, d, w),\na size one with B, KiB, MiB or GiB. Keys that are \"not used "
		"yet\" are read and\nchecked, but nothing acts on them in this "
		"version.\n\n");
	add_group(&key_root, "", out);
}
