/* extract/extract_internal: the readers behind extract(). */
#pragma once

#include "extract/extract.h"

int extract_markdown(
	struct slice bytes, const struct extract_sink *sink, struct error *error);
int extract_html(
	struct slice bytes, const struct extract_sink *sink, struct error *error);
int extract_plain(
	struct slice bytes, const struct extract_sink *sink, struct error *error);
int extract_tex(struct slice bytes, const struct extract_sink *sink, struct error *error);
int extract_bibtex(
	struct slice bytes, const struct extract_sink *sink, struct error *error);
int extract_asciidoc(
	struct slice bytes, const struct extract_sink *sink, struct error *error);
int extract_rst(struct slice bytes, const struct extract_sink *sink, struct error *error);
int extract_org(struct slice bytes, const struct extract_sink *sink, struct error *error);
int extract_csv(struct slice bytes, const struct extract_sink *sink, struct error *error);

/* Line and column out of offsets that only grow: remembers where it was. */
struct place {
	struct slice bytes;
	size_t offset;      /* everything before it is counted */
	size_t line_offset; /* where that line begins */
	uint32_t line;
};

static inline void place_init(struct place *place, struct slice bytes)
{
	*place = (struct place){ .bytes = bytes, .line = 1 };
}

/* Moves to `offset`; going back starts from the beginning of the document again, so keep
 * the calls in order. */
void place_at(
	struct place *place, size_t offset, uint32_t *ret_line, uint32_t *ret_column);
