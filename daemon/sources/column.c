#include "sources/column_internal.h"

#include "base/utf8.h"

enum { COUNTS_OF_A_BYTE = 8, COUNTS_LEAST = 64 * 1024 };

void column_begin(struct column_counter *counter, struct slice document)
{
	*counter = (struct column_counter){
		.bytes = document,
		.character = 1,
		.left = COUNTS_OF_A_BYTE * document.len + COUNTS_LEAST,
	};
}

static uint32_t count(struct slice text)
{
	uint32_t characters = 0;
	for (; text.len > 0; characters++)
		(void)utf8_next(&text);
	return characters;
}

/* A destination in HTML may go on in the next line. */
static struct slice first_line(struct slice text)
{
	size_t end = 0;
	while (end < text.len && text.at[end] != '\n' && text.at[end] != '\r')
		end++;
	return slice_sub(text, 0, end);
}

static bool spend(struct column_counter *counter, size_t bytes)
{
	if (bytes > counter->left)
		return false;
	counter->left -= bytes;
	return true;
}

void column_count(struct column_counter *counter, const struct mention *mention,
	struct occurrence *occurrence)
{
	size_t begin = mention->offset - (mention->column - 1);
	if (begin != counter->begin || mention->offset < counter->offset) {
		counter->begin = counter->offset = begin;
		counter->character = 1;
	}
	if (!spend(counter, mention->offset - counter->offset + mention->length))
		return;
	counter->character +=
		count(slice_sub(counter->bytes, counter->offset, mention->offset));
	counter->offset = mention->offset;
	occurrence->character = counter->character;
	occurrence->characters = count(first_line(slice_sub(
		counter->bytes, mention->offset, mention->offset + mention->length)));
}
