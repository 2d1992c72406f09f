/* message/mail: a message as the bytes of a mail.
 *
 * RFC 5322 and 2045 ff.: multipart/alternative, text first, both quoted-printable, lines
 * of at most 78 bytes with CRLF. The bytes depend on nothing but the arguments, so that a
 * second attempt sends what the first did: that is why libcurl's MIME writer, with its
 * random boundaries, is not used. No header can be injected: each value is made one line
 * of printable characters before it is folded.
 *
 * Beside the usual ones: a Message-ID made of the message's id (a resend is recognised as
 * one), References to a root that is fixed for each list (mails of a list are one
 * thread), List-Id (RFC 2919), Auto-Submitted (RFC 3834), Precedence and
 * X-Auto-Response-Suppress against answers by machines.
 */
#pragma once

#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "message/content.h"

enum { MAIL_TO_MAX = 100 };

struct mail_envelope {
	struct slice from; /* one address, as the configuration checks it */
	const struct slice *to;
	uint32_t to_count; /* at most MAIL_TO_MAX */
	struct slice host; /* the right side of our ids: our own name, or from's domain */
	struct slice subject_prefix; /* "[links] "; may be empty */
};

/* Appends the whole mail, from the first header to the last line, with CRLF and without
 * dot-stuffing. -1: an address that cannot stand in a header, or no memory. */
int mail_write(const struct message *message, const struct mail_envelope *envelope,
	struct buffer *out, struct error *error);

/* For sendmail and SMTP alike: the address without display name. False: not one that
 * could be written as `<local@domain>`: spaces, controls, brackets, more than 254 bytes.
 */
bool mail_address_fits(struct slice address);
