#include "message/mail.h"

#include <inttypes.h>

#include "base/hash.h"
#include "message/mail_internal.h"

enum { ADDRESS_BYTES_MAX = 254, ID_BYTES_MAX = 100, BODY_BYTES_MAX = 512 << 10 };

bool mail_address_fits(struct slice address)
{
	size_t at = slice_find_char(address, '@');
	if (at == SLICE_NONE || at == 0 || at + 1 == address.len ||
		address.len > ADDRESS_BYTES_MAX || address.at[0] == '-')
		return false;
	for (size_t i = 0; i < address.len; i++)
		if (address.at[i] <= ' ' || (unsigned char)address.at[i] >= 0x7F ||
			strchr("<>()[]\\,;:\"", address.at[i]) != NULL)
			return false;
	return slice_find_char(slice_sub(address, at + 1, address.len), '@') ==
	       SLICE_NONE;
}

/* Of an id or a host: what may stand in a Message-ID, the rest as hyphens. */
static void add_atom(struct slice text, struct buffer *out)
{
	text = slice_sub(text, 0, ID_BYTES_MAX);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		bool plain =
			char_is_alpha(c) || char_is_digit(c) || c == '-' ||
			(c == '.' && i > 0 && i + 1 < text.len && text.at[i - 1] != '.');
		buffer_add_char(out, plain ? c : '-');
	}
	if (text.len == 0)
		buffer_add_char(out, '-');
}

/* A header line of our own making, ASCII and short. */
static void add_own(const char *name, const char *value, struct buffer *out)
{
	buffer_printf(out, "%s: %s\r\n", name, value);
}

static struct slice host_of(const struct mail_envelope *envelope)
{
	size_t at = slice_find_char(envelope->from, '@');
	return envelope->host.len > 0
		       ? envelope->host
		       : slice_sub(envelope->from, at + 1, envelope->from.len);
}

/* The list the mail is about; "all" when it is about several. */
static struct slice topic_of(const struct message *message)
{
	struct slice list =
		message->part_count > 0 ? message->parts[0].list : message->list;
	for (uint32_t i = 1; i < message->part_count; i++)
		if (!slice_equal(message->parts[i].list, list))
			return SLICE("all");
	return list.len > 0 ? list : SLICE("all");
}

static void add_recipients(const struct mail_envelope *envelope, struct buffer *out)
{
	buffer_printf(out, "From: linkrotd <%.*s>\r\n", SLICE_ARG(envelope->from));
	buffer_add_text(out, "To: ");
	for (uint32_t i = 0; i < envelope->to_count; i++)
		buffer_printf(out, "%s<%.*s>", i > 0 ? ",\r\n " : "",
			SLICE_ARG(envelope->to[i]));
	buffer_add_text(out, "\r\n");
}

static void add_subject(const struct message *message,
	const struct mail_envelope *envelope, struct buffer *out)
{
	struct buffer subject;
	buffer_init(&subject, 4096);
	buffer_add(&subject, slice_sub(envelope->subject_prefix, 0, 100));
	message_subject(message, &subject);
	mail_add_header("Subject", buffer_slice(&subject), out);
	if (subject.failed)
		out->failed = true;
	buffer_fini(&subject);
}

/* An id cannot be folded, and not every reader expects a fold in front of one: with long
 * names these lines may have 220 bytes, within the hard limit of 998. */
static void add_id(const char *name, const char *before, struct slice left,
	const char *between, struct slice host, struct buffer *out)
{
	buffer_printf(out, "%s: <%s", name, before);
	add_atom(left, out);
	buffer_add_text(out, between);
	add_atom(host, out);
	buffer_add_text(out, ">\r\n");
}

static void add_thread(const struct message *message,
	const struct mail_envelope *envelope, struct buffer *out)
{
	struct slice host = host_of(envelope), topic = topic_of(message);
	add_id("Message-ID", "", message->id, "@", host, out);
	add_id("In-Reply-To", "list.", topic, "@", host, out);
	add_id("References", "list.", topic, "@", host, out);
	add_id("List-Id", "", topic, ".links.", host, out);
}

/* In quoted-printable a "=" is followed by a hexadecimal digit or a line's end, so that
 * "=_" can be in no body. */
static void add_bodies(const struct message *message, struct buffer *out)
{
	struct buffer body;
	char boundary[32];
	int written = snprintf(
		boundary, sizeof(boundary), "=_%016" PRIx64, hash_bytes(message->id, 1));
	if (written < 0)
		out->failed = true;
	buffer_printf(out,
		"MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n"
		" boundary=\"%s\"\r\n\r\n",
		boundary);
	buffer_init(&body, MESSAGE_BYTES_MAX);
	for (int html = 0; html < 2; html++) {
		buffer_reset(&body);
		if (html)
			message_html(message, BODY_BYTES_MAX, &body);
		else
			message_text(message, BODY_BYTES_MAX, &body);
		buffer_printf(out,
			"--%s\r\nContent-Type: text/%s; charset=utf-8\r\n"
			"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
			boundary, html ? "html" : "plain");
		mail_add_quoted(buffer_slice(&body), out);
		buffer_add_text(out, "\r\n");
		if (body.failed)
			out->failed = true;
	}
	buffer_printf(out, "--%s--\r\n", boundary);
	buffer_fini(&body);
}

static int check_addresses(const struct mail_envelope *envelope, struct error *error)
{
	if (!mail_address_fits(envelope->from))
		return error_set(error,
			"\"%.*s\" cannot be the sender of a mail; set notify.from",
			SLICE_ARG(slice_sub(envelope->from, 0, 200)));
	if (envelope->to_count == 0 || envelope->to_count > MAIL_TO_MAX)
		return error_set(error,
			"a mail goes to between 1 and %d addresses, not to %" PRIu32,
			MAIL_TO_MAX, envelope->to_count);
	for (uint32_t i = 0; i < envelope->to_count; i++)
		if (!mail_address_fits(envelope->to[i]))
			return error_set(error,
				"\"%.*s\" is no address that a mail can be sent to",
				SLICE_ARG(slice_sub(envelope->to[i], 0, 200)));
	return 0;
}

int mail_write(const struct message *message, const struct mail_envelope *envelope,
	struct buffer *out, struct error *error)
{
	char date[MAIL_DATE_SIZE];
	if (check_addresses(envelope, error) != 0)
		return -1;
	mail_format_date(message->at, date);
	add_own("Date", date, out);
	add_recipients(envelope, out);
	add_subject(message, envelope, out);
	add_thread(message, envelope, out);
	add_own("Auto-Submitted", "auto-generated", out);
	add_own("X-Auto-Response-Suppress", "All", out);
	add_own("Precedence", "bulk", out);
	add_bodies(message, out);
	if (out->failed)
		return error_set(error, "not enough memory for a mail");
	return 0;
}
