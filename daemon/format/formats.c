#include "format/formats.h"

#include "base/buffer.h"
#include "base/utf8.h"

#define TEXT(name, text) text,
static const char *const texts[] = { FORMATS(TEXT) };
#undef TEXT

enum { FORMAT_COUNT = sizeof(texts) / sizeof(texts[0]), ASKED_BYTES_MAX = 40 };

const char *format_text(enum format format)
{
	return texts[format];
}

/* "text, json or markdown" */
static void add_choice(struct buffer *out, format_set choice)
{
	for (unsigned i = 0; i < FORMAT_COUNT; i++) {
		format_set others = choice & ~FORMAT_SET(i);
		if (others == choice)
			continue;
		buffer_add_text(out, texts[i]);
		choice = others;
		if (choice != 0)
			buffer_add_text(
				out, (choice & (choice - 1)) != 0 ? ", " : " or ");
	}
}

int format_choose(struct slice text, format_set choice, enum format *ret_format,
	struct error *error)
{
	for (unsigned i = 0; i < FORMAT_COUNT; i++)
		if (slice_equal(text, slice_of(texts[i])) &&
			(choice & FORMAT_SET(i)) != 0) {
			*ret_format = (enum format)i;
			return 0;
		}
	struct buffer asked, names;
	buffer_init(&asked, ASKED_BYTES_MAX + 8);
	buffer_init(&names, sizeof(error->text));
	utf8_add_printable(&asked, text, ASKED_BYTES_MAX);
	add_choice(&names, choice);
	error_set(error, "--format %s: unknown; choose %s", buffer_string(&asked),
		buffer_string(&names));
	buffer_fini(&asked);
	buffer_fini(&names);
	return -1;
}
