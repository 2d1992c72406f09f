#include "format/csv.h"

#include <inttypes.h>

#include "base/utf8.h"

static void begin_field(struct csv *csv)
{
	if (csv->fields++ > 0)
		buffer_add_char(csv->out, ',');
}

/* Spreadsheets skip what looks empty; what they take for a sign in other scripts, too. */
static bool is_formula(struct slice text)
{
	static const char *const signs[] = { "=", "+", "-", "@", "|", "%", "\uFF1D",
		"\uFF0B", "\uFF0D", "\uFF20", "\u2212" };
	while (text.len > 0 && text.at[0] == ' ')
		text = slice_sub(text, 1, text.len);
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (slice_starts(text, slice_of(signs[i])))
			return true;
	return false;
}

void csv_text(struct csv *csv, struct slice text, size_t bytes_max)
{
	struct buffer clean;
	buffer_init(&clean, bytes_max + 8);
	utf8_add_printable(&clean, text, bytes_max);
	struct slice bytes = buffer_slice(&clean);
	begin_field(csv);
	buffer_add_text(csv->out, is_formula(bytes) ? "\"'" : "\"");
	for (size_t i = 0; i < bytes.len; i++) {
		buffer_add_char(csv->out, bytes.at[i]);
		if (bytes.at[i] == '"')
			buffer_add_char(csv->out, '"');
	}
	buffer_add_char(csv->out, '"');
	csv->out->failed |= clean.failed;
	buffer_fini(&clean);
}

void csv_number(struct csv *csv, int64_t number)
{
	begin_field(csv);
	buffer_printf(csv->out, "%" PRId64, number);
}

void csv_empty(struct csv *csv)
{
	begin_field(csv);
}

void csv_end(struct csv *csv)
{
	buffer_add_text(csv->out, "\r\n");
	csv->fields = 0;
}
