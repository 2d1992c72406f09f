#include "config/forms_internal.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "config/config.h"
#include "model/host.h"

/* Of a value: no control characters, so that it stays in its line wherever it is shown.
 */
static bool is_printable(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7F)
			return false;
	return text.len > 0;
}

static bool is_printable_ascii(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] >= 0x7F)
			return false;
	return is_printable(text);
}

static bool has_space(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] <= ' ')
			return true;
	return false;
}

/* --- addresses and ports --- */

static int address_family(struct slice text)
{
	char copy[INET6_ADDRSTRLEN + 1];
	struct in6_addr address;
	if (text.len == 0 || text.len >= sizeof(copy))
		return 0;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	if (inet_pton(AF_INET, copy, &address) == 1)
		return AF_INET;
	return inet_pton(AF_INET6, copy, &address) == 1 ? AF_INET6 : 0;
}

static bool is_port(struct slice text)
{
	uint64_t port;
	return slice_to_number(text, 65535, &port) && port > 0;
}

/* "ADDR", "ADDR:PORT", "[V6]", "[V6]:PORT", and a bare V6 where no port is needed. */
static bool is_endpoint(struct slice text, bool needs_port)
{
	size_t colon;
	struct slice rest;
	if (text.len > 0 && text.at[0] == '[') {
		size_t end = slice_find_char(text, ']');
		if (end == SLICE_NONE ||
			address_family(slice_sub(text, 1, end)) != AF_INET6)
			return false;
		rest = slice_sub(text, end + 1, text.len);
	} else {
		if (!needs_port && address_family(text) != 0)
			return true;
		colon = slice_find_char(text, ':');
		if (colon == SLICE_NONE ||
			address_family(slice_sub(text, 0, colon)) != AF_INET)
			return false;
		rest = slice_sub(text, colon, text.len);
	}
	if (rest.len == 0)
		return !needs_port;
	return rest.at[0] == ':' && is_port(slice_sub(rest, 1, rest.len));
}

/* --- URLs --- */

/* What stands between "://" and the path; empty when there is no such scheme. */
static struct slice authority_of(struct slice text, struct slice scheme)
{
	if (!slice_starts_nocase(text, scheme))
		return (struct slice){ 0 };
	struct slice rest = slice_sub(text, scheme.len, text.len);
	size_t end = 0;
	while (end < rest.len && strchr("/?#\\", rest.at[end]) == NULL)
		end++;
	return slice_sub(rest, 0, end);
}

static bool is_url(struct slice text, const struct slice *schemes, struct error *why)
{
	if (has_space(text))
		return false;
	for (; schemes->at != NULL; schemes++) {
		struct slice authority = authority_of(text, *schemes);
		if (authority.len == 0)
			continue;
		if (slice_find_char(authority, '@') == SLICE_NONE)
			return true;
		error_set(why, "a name or password in it would be shown to everybody "
			       "who sees this file; leave it out");
		return false;
	}
	return false;
}

static const struct slice web_schemes[] = { { "https://", 8 }, { "http://", 7 },
	{ NULL, 0 } };
static const struct slice proxy_schemes[] = { { "http://", 7 }, { "https://", 8 },
	{ "socks5h://", 10 }, { NULL, 0 } };
static const struct slice server_schemes[] = { { "smtp://", 7 }, { "smtps://", 8 },
	{ "https://", 8 }, { "http://", 7 }, { NULL, 0 } };

/* --- the forms, in the order of FORMS --- */

static bool fits_text(struct slice text, struct error *why)
{
	(void)why;
	return is_printable(text);
}

static bool fits_database(struct slice text, struct error *why)
{
	if (slice_find(text, SLICE("://")) != SLICE_NONE) {
		error_set(why, "databases on servers are not supported yet; name a file");
		return false;
	}
	return is_printable(text);
}

static bool fits_secret(struct slice text, struct error *why)
{
	struct slice prefix = SLICE("credential:");
	if (!slice_starts(text, prefix))
		return is_printable(text);
	struct slice name = slice_sub(text, prefix.len, text.len);
	if (name.len == 0 || name.at[0] == '.' ||
		slice_find_char(name, '/') != SLICE_NONE) {
		error_set(why, "the name of a credential is a file name, without a "
			       "directory");
		return false;
	}
	return is_printable(name);
}

static bool fits_mail(struct slice text, struct error *why)
{
	(void)why;
	size_t at = slice_find_char(text, '@');
	return at != SLICE_NONE && at > 0 && at + 1 < text.len && !has_space(text) &&
	       is_printable(text) &&
	       slice_find_char(slice_sub(text, at + 1, text.len), '@') == SLICE_NONE;
}

/* It is sent in a header, so it is ASCII. */
static bool fits_contact(struct slice text, struct error *why)
{
	struct slice mailto = SLICE("mailto:");
	if (!is_printable_ascii(text))
		return false;
	if (slice_starts_nocase(text, mailto))
		return fits_mail(slice_sub(text, mailto.len, text.len), why);
	if (fits_mail(text, why)) {
		error_set(why, "write mailto:%.*s", SLICE_ARG(text));
		return false;
	}
	return is_url(text, web_schemes, why);
}

static bool fits_name(struct slice text, struct error *why)
{
	(void)why;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		if (!(c >= 'a' && c <= 'z') && !char_is_digit(c) && c != '-')
			return false;
	}
	return text.len > 0 && text.len <= CONFIG_NAME_BYTES_MAX;
}

static bool fits_source(struct slice text, struct error *why)
{
	if (slice_equal(text, SLICE("-"))) {
		error_set(why, "a daemon has no standard input");
		return false;
	}
	if (slice_find(text, SLICE("://")) != SLICE_NONE)
		return is_url(text, web_schemes, why);
	return is_printable(text);
}

static bool fits_agent(struct slice text, struct error *why)
{
	(void)why;
	return is_printable_ascii(text) && text.at[0] != ' ' &&
	       text.at[text.len - 1] != ' ';
}

/* Requests are counted and spaced by pacing key, so an entry for a part of one could
 * never be kept; one with a wildcard is taken as it is. */
static bool fits_match(struct slice text, struct error *why)
{
	char lower[256];
	if (text.len == 0 || text.len >= sizeof(lower))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		lower[i] = char_lower(text.at[i]);
		if (!char_is_alpha(lower[i]) && !char_is_digit(lower[i]) &&
			strchr("-._*?[]:", lower[i]) == NULL)
			return false;
	}
	struct slice host = { lower, text.len };
	if (slice_starts(host, SLICE("*.")))
		host = slice_sub(host, 2, host.len);
	if (host.len == 0)
		return false;
	if (slice_find_char(host, '*') != SLICE_NONE ||
		slice_find_char(host, '?') != SLICE_NONE)
		return true;
	struct slice key = host_pacing_key(host);
	if (slice_equal(key, host))
		return true;
	error_set(why,
		"all of %.*s is one server's load and shares one pace; write \"%.*s\"",
		SLICE_ARG(key), SLICE_ARG(key));
	return false;
}

static bool fits_resolver(struct slice text, struct error *why)
{
	(void)why;
	struct slice rest = text, part;
	bool any = false;
	while (slice_split(&rest, ',', &part)) {
		if (!is_endpoint(slice_trim(part), false))
			return false;
		any = true;
	}
	return any;
}

/* Colons within brackets belong to an address. */
static bool fits_connect_to(struct slice text, struct error *why)
{
	(void)why;
	struct slice parts[4];
	size_t count = 0, from = 0;
	bool within = false;
	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && text.at[i] == '[')
			within = true;
		if (i < text.len && text.at[i] == ']')
			within = false;
		if (i < text.len && (text.at[i] != ':' || within))
			continue;
		if (count == 4)
			return false;
		parts[count++] = slice_sub(text, from, i);
		from = i + 1;
	}
	return count == 4 && !has_space(text) &&
	       (parts[1].len == 0 || is_port(parts[1])) &&
	       (parts[3].len == 0 || is_port(parts[3]));
}

/* An address in a range, where its first is wanted, is mostly a slip of the pen. */
static bool is_first_of_range(struct slice text, int family, uint64_t prefix_bits)
{
	char copy[INET6_ADDRSTRLEN + 1];
	uint8_t bytes[16] = { 0 };
	snprintf(copy, sizeof(copy), "%.*s", SLICE_ARG(text));
	inet_pton(family, copy, bytes);
	for (uint64_t bit = prefix_bits; bit < (family == AF_INET ? 32 : 128); bit++)
		if ((bytes[bit / 8] >> (7 - bit % 8) & 1) != 0)
			return false;
	return true;
}

static bool fits_range(struct slice text, struct error *why)
{
	size_t slash = slice_find_char(text, '/');
	uint64_t bits;
	struct slice first = slice_sub(text, 0, slash == SLICE_NONE ? text.len : slash);
	int family = address_family(first);
	if (family == 0 || slash == SLICE_NONE)
		return family != 0;
	if (!slice_to_number(slice_sub(text, slash + 1, text.len),
		    family == AF_INET ? 32 : 128, &bits))
		return false;
	if (is_first_of_range(first, family, bits))
		return true;
	error_set(why,
		"%.*s is one address of that range; write the range's first, with "
		"nothing but zeros behind the %u bits of the prefix",
		SLICE_ARG(first), (unsigned)bits);
	return false;
}

static bool fits_port(struct slice text, struct error *why)
{
	(void)why;
	return is_port(text);
}

static bool fits_proxy(struct slice text, struct error *why)
{
	return is_url(text, proxy_schemes, why);
}

static bool fits_web_url(struct slice text, struct error *why)
{
	return is_url(text, web_schemes, why);
}

static bool fits_listen(struct slice text, struct error *why)
{
	(void)why;
	return is_endpoint(text, true);
}

/* Which of them a type may have is a rule (rules_notify.c). */
static bool fits_server(struct slice text, struct error *why)
{
	return slice_equal(text, SLICE("sendmail:")) || is_url(text, server_schemes, why);
}

static bool fits_topic(struct slice text, struct error *why)
{
	(void)why;
	for (size_t i = 0; i < text.len; i++)
		if (!char_is_alpha(text.at[i]) && !char_is_digit(text.at[i]) &&
			text.at[i] != '-' && text.at[i] != '_')
			return false;
	return text.len > 0 && text.len <= 64;
}

/* As GitHub names owners and repositories; two parts, neither of them dots only. */
static bool fits_repository(struct slice text, struct error *why)
{
	size_t slash = slice_find_char(text, '/');
	(void)why;
	if (slash == SLICE_NONE || text.len > 140)
		return false;
	struct slice name = slice_sub(text, slash + 1, text.len);
	for (size_t i = 0; i < text.len; i++)
		if (i != slash && !char_is_alpha(text.at[i]) &&
			!char_is_digit(text.at[i]) && strchr("-_.", text.at[i]) == NULL)
			return false;
	return slash > 0 && text.at[0] != '.' && name.len > 0 &&
	       !slice_equal(name, SLICE(".")) && !slice_equal(name, SLICE(".."));
}

static bool fits_quiet(struct slice text, struct error *why)
{
	int from, to, offset;
	(void)why;
	return config_quiet_parse(text, &from, &to, &offset);
}

const struct form form_text = { "text in one line", fits_text };
const struct form form_path = { "the path of a file", fits_text };
const struct form form_database = { "the path of a file", fits_database };
const struct form form_secret = { "the path of a file, or credential:NAME", fits_secret };
const struct form form_contact = { "mailto:you@example.org or https://example.org/bot",
	fits_contact };
const struct form form_name = { "small letters, digits and hyphens, at most 64",
	fits_name };
const struct form form_source = {
	"a file, a glob, a directory, or a URL with http:// or https://", fits_source
};
const struct form form_pattern = { "a regular expression (PCRE2)", fits_text };
const struct form form_agent = { "printable ASCII, without spaces at its ends",
	fits_agent };
const struct form form_match = {
	"a host, in which * and ? stand for others, such as \"*.arxiv.org\"", fits_match
};
const struct form form_resolver = { "ADDRESS or ADDRESS:PORT, such as 9.9.9.9 or "
				    "[2620:fe::fe]:53, several separated by "
				    "commas",
	fits_resolver };
const struct form form_connect_to = { "HOST1:PORT1:HOST2:PORT2, as curl(1) takes it",
	fits_connect_to };
const struct form form_range = { "an address range, such as 10.0.0.0/8 or fd00::/8",
	fits_range };
const struct form form_port = { "a port, from 1 to 65535", fits_port };
const struct form form_proxy = { "a URL with http://, https:// or socks5h://",
	fits_proxy };
const struct form form_web_url = { "a URL with http:// or https://", fits_web_url };
const struct form form_listen = { "ADDRESS:PORT, such as 127.0.0.1:8780 or [::1]:8780",
	fits_listen };
const struct form form_mail = { "a mail address, such as ops@example.org", fits_mail };
const struct form form_server = { "smtp://HOST, smtps://HOST, sendmail:, or a URL with "
				  "http:// or https://",
	fits_server };
const struct form form_topic = { "letters, digits, hyphens and underscores, at most 64",
	fits_topic };
const struct form form_repository = { "OWNER/NAME", fits_repository };
const struct form form_quiet = { "hours such as 22:00-07:00 (UTC) or 22:00-07:00 +01:00",
	fits_quiet };
