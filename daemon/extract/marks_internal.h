/* extract/marks_internal: comments that switch the extraction off and on.
 *
 * <!-- linkrotd-disable -->, <!-- linkrotd-enable -->, <!-- linkrotd-disable-line -->,
 * <!-- linkrotd-disable-next-line --> and the same words with markdown-link-check- in
 * front. What is written between the first two, on the line of the third or on the one
 * behind the fourth is no mention.
 */
#pragma once

#include <stdbool.h>

#include "extract/extract_internal.h"

enum mark_kind { MARK_DISABLE, MARK_ENABLE, MARK_DISABLE_LINE, MARK_DISABLE_NEXT_LINE };

struct mark {
	size_t offset; /* of its end; once sorted, of what it is about */
	uint32_t line; /* of its end */
	enum mark_kind kind;
};

/* A zeroed one is empty. */
struct marks {
	struct mark *list;
	size_t count, room;
	/* What the marks before `next` have led to. */
	size_t next;
	size_t offset; /* of the last question */
	uint32_t skipped_line;
	bool disabled;
};

void marks_fini(struct marks *marks);

/* Adds the marks in `text`, which stands at `offset` of the document. -1: no memory. */
int marks_read(struct marks *marks, struct slice text, size_t offset);

/* To be called once, after all are read and before the first question. */
void marks_sort(struct marks *marks, struct slice document);

/* Whether what stands there counts. Ask in the order of offsets. */
bool marks_allow(struct marks *marks, size_t offset, uint32_t line);
