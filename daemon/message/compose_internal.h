/* message/compose: a message's parts and items as text in one style, within a limit.
 */
#pragma once

#include "message/content.h"
#include "message/escape_internal.h"

enum { COMPOSE_BYTES_MIN = 512 }; /* a smaller limit holds not even "and N more" */

/* Appends at most `bytes_max` bytes, cut between items, never within a mark, and then
 * ends with "and N more". No line is longer than MESSAGE_URL_BYTES_MAX + 600. A digest
 * without parts is written line by line. */
void compose(const struct message *message, enum style style, size_t bytes_max,
	struct buffer *out);

/* "2 died, 1 moved"; "nothing new" when there is nothing. */
void compose_counts(
	const uint32_t counts[static MESSAGE_TOPIC_COUNT], struct buffer *out);
