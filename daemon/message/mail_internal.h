/* message/mail: its encodings. Text in, ASCII lines out. */
#pragma once

#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "base/time.h"

enum { MAIL_LINE_MAX = 76 }; /* RFC 2045 6.7 and 2047 2; headers may have 78 */

/* Quoted-printable with CRLF; LF and CRLF in `text` are line ends. Besides what must be,
 * a dot or "From " at the beginning of a line is encoded, which some relays would touch.
 */
void mail_add_quoted(struct slice text, struct buffer *out);

/* "NAME: VALUE" folded at spaces, CRLF included. The value becomes one line of printable
 * characters first, and encoded words (RFC 2047) where it is not ASCII, holds what looks
 * like an encoded word, or cannot be folded. */
void mail_add_header(const char *name, struct slice value, struct buffer *out);

enum { MAIL_DATE_SIZE = 40 };

/* "Mon, 23 Nov 2026 03:30:01 +0000" */
void mail_format_date(time_ms wall, char text[static MAIL_DATE_SIZE]);
