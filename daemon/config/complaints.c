#include "config/complaints_internal.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"

struct config_place place_of_file(const char *file)
{
	return (struct config_place){ file, 1, 1 };
}

/* The text is made before it is put behind its place, in two steps of known size. */
void complain(
	struct complaints *complaints, struct config_place place, const char *format, ...)
{
	struct error what;
	va_list args;
	uint32_t at = complaints->errors->count++;
	if (at >= CONFIG_ERRORS_MAX)
		return;
	va_start(args, format);
	vsnprintf(what.text, sizeof(what.text), format, args);
	va_end(args);
	complaints->places[at] = place;
	if (place.file != NULL)
		error_set(&complaints->errors->at[at], "%s:%u:%u: %s", place.file,
			place.line, place.column, what.text);
	else
		error_set(&complaints->errors->at[at], "%s", what.text);
}

static uint32_t order_of_file(const struct complaints *complaints, const char *file)
{
	uint32_t i = 0;
	while (i < complaints->name_count && complaints->names[i] != file)
		i++;
	return i;
}

static bool stands_before(const struct complaints *complaints,
	const struct config_place *a, const struct config_place *b)
{
	if (a->file != b->file)
		return order_of_file(complaints, a->file) <
		       order_of_file(complaints, b->file);
	if (a->line != b->line)
		return a->line < b->line;
	return a->column < b->column;
}

/* By insertion: they are few, and most stand in order already. */
void complaints_sort(struct complaints *complaints)
{
	struct config_errors *errors = complaints->errors;
	uint32_t kept =
		errors->count < CONFIG_ERRORS_MAX ? errors->count : CONFIG_ERRORS_MAX;
	for (uint32_t i = 1; i < kept; i++) {
		struct config_place place = complaints->places[i];
		struct error error = errors->at[i];
		uint32_t j = i;
		for (; j > 0 &&
			stands_before(complaints, &place, &complaints->places[j - 1]);
			j--) {
			complaints->places[j] = complaints->places[j - 1];
			errors->at[j] = errors->at[j - 1];
		}
		complaints->places[j] = place;
		errors->at[j] = error;
	}
}

const char *shown(struct slice text, char out[static SHOWN_SIZE])
{
	struct buffer buffer;
	buffer_init(&buffer, SHOWN_SIZE);
	utf8_add_printable(&buffer, text, SHOWN_SIZE - 8);
	snprintf(out, SHOWN_SIZE, "%s", buffer_string(&buffer));
	buffer_fini(&buffer);
	return out;
}
