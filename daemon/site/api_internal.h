/* site/api: what its writers share.
 */
#pragma once

#include "format/json.h"
#include "site/api.h"

/* The envelope. An answer is one object: begin, members that were not given to it, end.
 */
struct api_answer {
	struct json_writer json;
	struct buffer scratch;
	bool first; /* of the rows of the array that is open */
};

/* Takes the memory of nothing but the scratch buffer, until api_end. */
void api_begin(struct api_answer *answer, struct buffer *out);

/* schema, generator, at and next; the caller sets what else stands on top. */
json_t *api_envelope(struct api_answer *answer, const struct api_head *head);

/* Writes and frees the members so far; then come arrays, row by row. */
void api_write_head(struct api_answer *answer, json_t *object);
void api_begin_rows(struct api_answer *answer, const char *key);
void api_begin_row(struct api_answer *answer);
void api_end_rows(struct api_answer *answer);
int api_end(struct api_answer *answer);

/* An object a row: writes and frees it. */
void api_write_row(struct api_answer *answer, json_t *row);
