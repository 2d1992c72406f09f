#include "model/identity.h"

#include "model/host.h"
#include "model/identity_internal.h"
#include "model/url_internal.h"

/* --- tools ----------------------------------------------------------------------- */

/* A single letter is a disk of Windows, not a scheme. */
static size_t scheme_len_of(struct slice text)
{
	size_t len = url_scheme_len(text);
	return len > 1 ? len : 0;
}

static bool is_http_scheme(struct slice scheme)
{
	return slice_equal_nocase(scheme, SLICE("http")) ||
	       slice_equal_nocase(scheme, SLICE("https"));
}

/* The arena remembers a refusal: that tells the one failure from the other. */
int identity_parse(struct arena *arena, struct slice text, const struct url *base,
	struct url *ret_url)
{
	bool failed_before = arena->failed;
	arena->failed = false;
	bool parsed = url_parse(arena, text, base, ret_url) == 0;
	if (arena->failed)
		return -1;
	arena->failed = failed_before;
	return parsed;
}

struct slice identity_join(struct arena *arena, struct slice head, struct slice tail)
{
	char *at = arena_alloc(arena, head.len + tail.len + 1);
	if (at == NULL)
		return (struct slice){ 0 };
	if (head.len > 0)
		memcpy(at, head.at, head.len);
	if (tail.len > 0)
		memcpy(at + head.len, tail.at, tail.len);
	return (struct slice){ at, head.len + tail.len };
}

static bool is_plausible_host(struct slice host)
{
	return host_is_address(host) || slice_equal(host, SLICE("localhost")) ||
	       slice_find_char(host, '.') != SLICE_NONE;
}

int identity_suggest(struct arena *arena, struct slice text, const char *why,
	struct suggestion *suggestion)
{
	struct url url;
	int rc = identity_parse(arena, text, NULL, &url);
	if (rc != 1 || !url.http || !is_plausible_host(url.host))
		return rc < 0 ? -1 : 0;
	if (url_canonical(arena, &url, &url) != 0)
		return -1;
	*suggestion = (struct suggestion){ url.href, slice_of(why) };
	return 0;
}

/* "data:" URLs can be megabytes; as a name, their beginning is enough. */
static struct slice cut(struct slice text)
{
	size_t len = text.len < URL_BYTES_MAX ? text.len : URL_BYTES_MAX;
	while (len > 0 && len < text.len && ((unsigned char)text.at[len] & 0xC0) == 0x80)
		len--;
	return slice_sub(text, 0, len);
}

/* --- what is not asked over the network ------------------------------------------ */

static bool is_one_of(char c, const char *set)
{
	return slice_find_char(slice_of(set), c) != SLICE_NONE;
}

/* Length of the authority at the front of `text`. */
static size_t authority_len(struct slice text)
{
	size_t len = 0;
	while (len < text.len && !is_one_of(text.at[len], "/\\?#"))
		len++;
	return len;
}

/* Where the authority begins, if there is one: behind slashes, or behind the colon of
 * http, which needs none; and behind all the schemes, when they are doubled. */
static size_t authority_start(struct slice text)
{
	size_t start = 0;
	for (;;) {
		bool slash = false;
		size_t end = start;
		while (end < text.len && !is_one_of(text.at[end], ":/\\?#"))
			end++;
		bool http = is_http_scheme(slice_sub(text, start, end));
		size_t behind = end;
		for (; behind < text.len && is_one_of(text.at[behind], ":/\\"); behind++)
			slash = slash || text.at[behind] != ':';
		if (behind == end || !(http || (start == 0 && slash)))
			return start;
		start = behind;
	}
}

/* As written, but a password must not reach a report or a log. */
static int hide_userinfo(struct arena *arena, struct slice text, struct slice *ret_text)
{
	size_t start = authority_start(text);
	struct slice tail = slice_sub(text, start, text.len);
	size_t len = start > 0 ? authority_len(tail) : 0;
	const char *at = len > 0 ? memrchr(tail.at, '@', len) : NULL;
	*ret_text = text;
	if (at == NULL)
		return 0;
	tail = slice_sub(tail, (size_t)(at - tail.at) + 1, tail.len);
	*ret_text = identity_join(arena, slice_sub(text, 0, start), tail);
	return ret_text->at != NULL ? 0 : -1;
}

static int other(struct arena *arena, struct slice text, enum reason reason,
	struct link_identity *identity)
{
	identity->kind = LINK_OTHER;
	identity->reason = reason;
	return hide_userinfo(arena, cut(text), &identity->url);
}

static int bad_url(struct arena *arena, struct slice text, struct link_identity *identity)
{
	if (text.len <= URL_BYTES_MAX && identity->suggestion.url.len == 0 &&
		repair(arena, text, &identity->suggestion) != 0)
		return -1;
	return other(arena, text, REASON_BAD_URL, identity);
}

/* New ("2307.12966", "2307.12966v2") and old ("hep-th/9901001") identifiers of arXiv. */
static bool is_arxiv_id(struct slice id)
{
	size_t digits = 0, dot = slice_find_char(id, '.');
	size_t slash = slice_find_char(id, '/');
	struct slice number = slash != SLICE_NONE ? slice_sub(id, slash + 1, id.len) : id;
	for (size_t i = 0; i < number.len; i++) {
		char c = number.at[i];
		if (!char_is_digit(c) && c != '.' && c != 'v')
			return false;
		digits += char_is_digit(c);
	}
	return slash != SLICE_NONE ? slash > 0 && digits >= 7 : dot == 4 && digits >= 8;
}

/* Identifiers with an address on the web. */
static int suggest_registry(struct arena *arena, struct slice text, size_t scheme_len,
	struct suggestion *suggestion)
{
	struct slice scheme = slice_sub(text, 0, scheme_len);
	struct slice id = slice_trim(slice_sub(text, scheme_len + 1, text.len));
	struct slice head = { 0 };
	const char *why = NULL;
	if (slice_equal_nocase(scheme, SLICE("doi")) && slice_starts(id, SLICE("10."))) {
		head = SLICE("https://doi.org/");
		why = "This is the address of the DOI.";
	} else if (slice_equal_nocase(scheme, SLICE("arxiv")) && is_arxiv_id(id)) {
		head = SLICE("https://arxiv.org/abs/");
		why = "This is the address of the arXiv identifier.";
	}
	if (why == NULL || id.len > URL_BYTES_MAX)
		return 0;
	struct slice whole = identity_join(arena, head, id);
	return whole.at != NULL ? identity_suggest(arena, whole, why, suggestion) : -1;
}

/* "example.org:8080/x" is parsed as a scheme with dots in it. */
static bool is_host_with_port(struct slice text, size_t scheme_len)
{
	struct slice host = slice_sub(text, 0, scheme_len);
	struct slice rest = slice_sub(text, scheme_len + 1, text.len);
	struct slice port = slice_sub(rest, 0, authority_len(rest));
	uint64_t number;
	return slice_to_number(port, UINT16_MAX, &number) &&
	       (host_looks_written(host) || slice_equal_nocase(host, SLICE("localhost")));
}

static const char scheme_missing[] = "The scheme is missing.";

static int suggest_scheme(
	struct arena *arena, struct slice text, struct suggestion *suggestion)
{
	bool local = slice_starts_nocase(text, SLICE("localhost"));
	struct slice head = local ? SLICE("http://") : SLICE("https://");
	struct slice whole = identity_join(arena, head, text);
	if (whole.at == NULL)
		return -1;
	return identity_suggest(arena, whole, scheme_missing, suggestion);
}

static int identify_other_scheme(struct arena *arena, struct slice text,
	size_t scheme_len, struct link_identity *identity)
{
	struct slice rest = slice_sub(text, scheme_len + 1, text.len);
	if (slice_equal_nocase(slice_sub(text, 0, scheme_len), SLICE("mailto"))) {
		identity->kind = LINK_MAIL;
		identity->url = cut(text);
		identity->reason = REASON_UNSUPPORTED_SCHEME;
		return 0;
	}
	if (text.len <= URL_BYTES_MAX && is_host_with_port(text, scheme_len)) {
		if (suggest_scheme(arena, text, &identity->suggestion) != 0)
			return -1;
		return other(arena, text, REASON_MISSING_SCHEME, identity);
	}
	if (slice_starts(rest, SLICE("//")) && repair_beginning(text).scheme.len > 0) {
		if (bad_url(arena, text, identity) != 0)
			return -1;
		if (identity->suggestion.url.len > 0)
			return 0;
	}
	if (suggest_registry(arena, text, scheme_len, &identity->suggestion) != 0)
		return -1;
	return other(arena, text, REASON_UNSUPPORTED_SCHEME, identity);
}

/* --- what is --------------------------------------------------------------------- */

static int fill_http(
	struct arena *arena, const struct url *url, struct link_identity *identity)
{
	struct url canonical, target;
	if (url_canonical(arena, url, &canonical) != 0 ||
		url_request_target(arena, url, &target) != 0)
		return -1;
	identity->kind = LINK_HTTP;
	identity->reason = REASON_OK;
	identity->url = canonical.href;
	identity->fragment = canonical.fragment;
	identity->request_url = target.href;
	identity->request_key = url_without_fragment(&canonical);
	return 0;
}

/* "http://https://x" parses, with "https" for a host. */
static bool is_doubled(const struct url *url)
{
	return (slice_equal(url->host, SLICE("http")) ||
		       slice_equal(url->host, SLICE("https"))) &&
	       url->port == URL_PORT_NONE && slice_starts(url->path, SLICE("//"));
}

/* What parses is taken as it is; but if it then finds nothing, accidents in the spelling
 * are the first thing to look at. */
static int guess(struct arena *arena, struct slice text, struct link_identity *identity)
{
	struct suggestion better = { 0 };
	if (repair(arena, text, &better) != 0)
		return -1;
	if (better.url.len > 0 && !slice_equal(better.url, identity->url))
		identity->suggestion = better;
	return 0;
}

static int identify_network(struct arena *arena, struct slice text,
	const struct url *base, struct link_identity *identity)
{
	struct url url;
	int rc = identity_parse(arena, text, base, &url);
	if (rc < 0)
		return -1;
	if (rc == 0 || (url.http && is_doubled(&url)))
		return bad_url(arena, text, identity);
	if (!url.http)
		return other(arena, text, REASON_UNSUPPORTED_SCHEME, identity);
	if (fill_http(arena, &url, identity) != 0)
		return -1;
	return scheme_len_of(text) > 0 ? guess(arena, text, identity) : 0;
}

/* --- relative destinations ------------------------------------------------------- */

static int suggest_for_path(
	struct arena *arena, struct slice text, struct suggestion *suggestion)
{
	size_t len = authority_len(text);
	struct slice first = slice_sub(text, 0, len);
	size_t at = slice_find_char(first, '@');
	bool is_alone = len == text.len || text.at[len] == '#';
	if (text.len > URL_BYTES_MAX || (is_alone && host_looks_like_file(first)))
		return 0;
	if (host_looks_written(first))
		return suggest_scheme(arena, text, suggestion);
	if (at == SLICE_NONE || at == 0 || len != text.len ||
		!host_looks_written(slice_sub(first, at + 1, len)))
		return 0;
	suggestion->url = identity_join(arena, SLICE("mailto:"), text);
	suggestion->why = slice_of(scheme_missing);
	return suggestion->url.at != NULL ? 0 : -1;
}

static bool is_drive_path(struct slice text)
{
	return text.len >= 2 && char_is_alpha(text.at[0]) && text.at[1] == ':';
}

static int identify_local(
	struct arena *arena, struct slice text, struct link_identity *identity)
{
	if (text.len == 0 || text.at[0] == '#') {
		identity->kind = LINK_ANCHOR;
		identity->url = cut(text);
		identity->fragment = slice_sub(identity->url, 1, identity->url.len);
		return 0;
	}
	identity->kind = LINK_FILE;
	identity->url = cut(text);
	return suggest_for_path(arena, text, &identity->suggestion);
}

/* What "//example.org/x" is relative to where nothing is known: only the scheme is used.
 */
static const struct url some_https = {
	.scheme = { "https", 5 },
	.host = { "localhost", 9 },
	.path = { "/", 1 },
	.port = URL_PORT_NONE,
	.has_host = true,
	.http = true,
};

static int identify_relative(struct arena *arena, struct slice text,
	const struct url *base, struct link_identity *identity)
{
	if (text.len <= URL_BYTES_MAX && repair(arena, text, &identity->suggestion) != 0)
		return -1;
	if (identity->suggestion.url.len > 0)
		return bad_url(arena, text, identity);
	if (base == NULL && slice_starts(text, SLICE("//")))
		base = &some_https;
	if (base == NULL)
		return identify_local(arena, text, identity);
	if (is_drive_path(text))
		return other(arena, text, REASON_BAD_URL, identity);
	if (identify_network(arena, text, base, identity) != 0)
		return -1;
	return identity->kind == LINK_HTTP
		       ? suggest_for_path(arena, text, &identity->suggestion)
		       : 0;
}

int identify(struct arena *arena, struct slice destination, const struct url *base,
	struct link_identity *ret_identity)
{
	struct link_identity identity = { .reason = REASON_OK };
	struct slice text = url_trim(destination);
	size_t scheme_len = scheme_len_of(text);
	struct slice scheme = slice_sub(text, 0, scheme_len);
	int rc;
	if (scheme_len == 0)
		rc = identify_relative(arena, text, base, &identity);
	else if (is_http_scheme(scheme))
		rc = identify_network(arena, text, base, &identity);
	else
		rc = identify_other_scheme(arena, text, scheme_len, &identity);
	if (rc == 0)
		*ret_identity = identity;
	return rc;
}
