#include <arpa/inet.h>

#include "model/url_internal.h"

/* NUL, tab, LF, CR, space and # / : < > ? @ [ \ ] ^ | ; a domain may hold neither any
 * other control character nor a percent sign (that was a triplet gone wrong). */
#define FORBIDDEN_LOW                                                                    \
	(URL_LOW(0) | URL_LOW('\t') | URL_LOW('\n') | URL_LOW('\r') | URL_LOW(' ') |     \
		URL_LOW('#') | URL_LOW('/') | URL_LOW(':') | URL_LOW('<') |              \
		URL_LOW('>') | URL_LOW('?'))
#define FORBIDDEN_HIGH                                                                   \
	(URL_HIGH('@') | URL_HIGH('[') | URL_HIGH('\\') | URL_HIGH(']') |                \
		URL_HIGH('^') | URL_HIGH('|'))

static const struct url_charset forbidden_in_host = { FORBIDDEN_LOW, FORBIDDEN_HIGH };
static const struct url_charset forbidden_in_domain = {
	FORBIDDEN_LOW | UINT64_C(0xFFFFFFFF) | URL_LOW('%'),
	FORBIDDEN_HIGH | URL_HIGH(0x7F),
};

static bool has_any(struct slice text, const struct url_charset *set)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < 0x80 && url_charset_has(set, text.at[i]))
			return true;
	return false;
}

/* --- IPv6 ------------------------------------------------------------------------ */

enum { IPV6_PIECES = 8 };

/* The first longest run of zeros, if it is longer than one piece. */
static struct url_span longest_zeros(const unsigned pieces[static IPV6_PIECES])
{
	struct url_span best = { IPV6_PIECES, IPV6_PIECES };
	for (size_t from = 0; from < IPV6_PIECES; from++) {
		size_t to = from;
		while (to < IPV6_PIECES && pieces[to] == 0)
			to++;
		if (to - from > 1 && to - from > best.to - best.from)
			best = (struct url_span){ from, to };
	}
	return best;
}

/* Not inet_ntop: that writes the tail of some addresses as IPv4. */
static void add_ipv6(struct buffer *out, const unsigned char address[static 16])
{
	unsigned pieces[IPV6_PIECES];
	for (size_t i = 0; i < IPV6_PIECES; i++)
		pieces[i] = (unsigned)address[2 * i] << 8 | address[2 * i + 1];
	struct url_span zeros = longest_zeros(pieces);
	buffer_add_char(out, '[');
	for (size_t i = 0; i < IPV6_PIECES; i++) {
		if (i == zeros.from) {
			buffer_add_text(out, i == 0 ? "::" : ":");
			i = zeros.to - 1;
			continue;
		}
		buffer_printf(out, "%x", pieces[i]);
		if (i + 1 < IPV6_PIECES)
			buffer_add_char(out, ':');
	}
	buffer_add_char(out, ']');
}

/* `text` with its brackets. inet_pton accepts exactly the standard's spellings. */
static int parse_ipv6(struct buffer *out, struct slice text)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned char address[16];
	if (text.len < 2 || text.at[text.len - 1] != ']')
		return -1;
	struct slice inner = slice_sub(text, 1, text.len - 1);
	if (inner.len >= sizeof(copy) || memchr(inner.at, '\0', inner.len) != NULL)
		return -1;
	memcpy(copy, inner.at, inner.len);
	copy[inner.len] = '\0';
	if (inet_pton(AF_INET6, copy, address) != 1)
		return -1;
	add_ipv6(out, address);
	return 0;
}

/* --- IPv4 ------------------------------------------------------------------------ */

#define IPV4_LIMIT (UINT64_C(1) << 32)

/* Decimal, 0x hexadecimal or 0 octal; values past 32 bits stay at the limit. */
static bool parse_ipv4_number(struct slice text, uint64_t *ret_number)
{
	int radix = 10;
	uint64_t number = 0;
	if (text.len == 0)
		return false;
	if (slice_starts_nocase(text, SLICE("0x"))) {
		radix = 16;
		text = slice_sub(text, 2, text.len);
	} else if (text.len > 1 && text.at[0] == '0') {
		radix = 8;
		text = slice_sub(text, 1, text.len);
	}
	for (size_t i = 0; i < text.len; i++) {
		int digit = char_hex(text.at[i]);
		if (digit < 0 || digit >= radix)
			return false;
		number = number * (unsigned)radix + (unsigned)digit;
		if (number > IPV4_LIMIT)
			number = IPV4_LIMIT;
	}
	*ret_number = number;
	return true;
}

/* The last label; one trailing dot does not count. */
static struct slice last_label(struct slice host)
{
	if (host.len > 0 && host.at[host.len - 1] == '.')
		host.len--;
	const char *dot = host.len > 0 ? memrchr(host.at, '.', host.len) : NULL;
	return dot == NULL ? host
			   : slice_sub(host, (size_t)(dot - host.at) + 1, host.len);
}

static bool ends_in_number(struct slice host)
{
	uint64_t number;
	struct slice last = last_label(host);
	size_t digits = 0;
	while (digits < last.len && char_is_digit(last.at[digits]))
		digits++;
	return last.len > 0 && (digits == last.len || parse_ipv4_number(last, &number));
}

static bool parse_ipv4(struct slice host, uint64_t *ret_address)
{
	struct slice part;
	uint64_t address = 0, number;
	unsigned count = 0;
	if (host.len > 0 && host.at[host.len - 1] == '.')
		host.len--;
	while (slice_split(&host, '.', &part)) {
		bool last = host.at == NULL;
		if (++count > 4 || !parse_ipv4_number(part, &number))
			return false;
		/* The last part fills all the bytes that are left. */
		if (number >= (last ? UINT64_C(1) << 8 * (5 - count) : 256))
			return false;
		address += last ? number : number << 8 * (4 - count);
	}
	*ret_address = address;
	return true;
}

/* --- domains --------------------------------------------------------------------- */

static int add_domain(struct buffer *out, struct slice text)
{
	size_t start = out->len;
	url_add_decoded(out, text);
	if (out->failed || url_domain_to_ascii(out, start) != 0)
		return -1;
	struct slice domain = slice_sub(buffer_slice(out), start, out->len);
	if (domain.len == 0 || has_any(domain, &forbidden_in_domain))
		return -1;
	if (!ends_in_number(domain))
		return 0;
	uint64_t address;
	if (!parse_ipv4(domain, &address))
		return -1;
	buffer_truncate(out, start);
	buffer_printf(out, "%u.%u.%u.%u", (unsigned)(address >> 24),
		(unsigned)(address >> 16 & 255), (unsigned)(address >> 8 & 255),
		(unsigned)(address & 255));
	return 0;
}

int url_add_host(struct buffer *out, struct slice text, bool opaque)
{
	if (text.len > 0 && text.at[0] == '[')
		return parse_ipv6(out, text);
	if (!opaque)
		return add_domain(out, text);
	if (has_any(text, &forbidden_in_host))
		return -1;
	url_add_escaped(out, text, &url_escape_opaque);
	return 0;
}
