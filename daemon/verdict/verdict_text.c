#include "verdict/verdict_internal.h"

enum { DETAIL_BYTES_MAX = 300, HOST_BYTES_MAX = 255 };

/* The host goes between `before` and `after`; without `after` it is left out. What the
 * probe says in detail is left out where it could only say the same again. */
static const struct {
	const char *before, *after;
	bool says_all;
} failures[REASON_COUNT] = {
	[REASON_HTTP_5XX] = { "", " is in trouble", false },
	[REASON_AUTH_REQUIRED] = { "", " lets nobody in without a login", false },
	[REASON_CHALLENGE] = { "", " shows robots a challenge", false },
	[REASON_HTTP_MALFORMED] = { "What ", " sent is not an HTTP answer", false },
	[REASON_DNS_NXDOMAIN] = { "No such host: ", "", true },
	[REASON_DNS_NO_ADDRESS] = { "The name ", " exists but has no address", true },
	[REASON_DNS_SERVFAIL] = { "The name ", " could not be looked up", false },
	[REASON_DNS_TIMEOUT] = { "No name server answered in time for ", "", false },
	[REASON_CONNECT_REFUSED] = { "", " refuses connections", true },
	[REASON_CONNECT_TIMEOUT] = { "", " accepted no connection in time", false },
	[REASON_CONNECT_RESET] = { "", " broke the connection off", false },
	[REASON_NETWORK_UNREACHABLE] = { "There is no route from here to ", "", false },
	[REASON_TIMEOUT] = { "", " did not answer in time", true },
	[REASON_TLS_EXPIRED] = { "The certificate of ", " has expired", false },
	[REASON_TLS_NOT_YET_VALID] = { "The certificate of ", " is not valid yet",
		false },
	[REASON_TLS_SELF_SIGNED] = { "The certificate of ", " is signed by itself",
		false },
	[REASON_TLS_UNTRUSTED] = { "The certificate of ",
		" comes from no authority that is trusted here", false },
	[REASON_TLS_HOSTNAME] = { "The certificate that ", " shows is for other names",
		false },
	[REASON_TLS_HANDSHAKE] = { "No secure connection to ", " could be agreed on",
		false },
	[REASON_REDIRECT_LOOP] = { "The redirects of ", " run in a circle", false },
	[REASON_REDIRECT_LIMIT] = { "There are too many redirects", NULL, false },
	[REASON_REDIRECT_FORBIDDEN] = { "The link is redirected to where we never go",
		NULL, false },
	[REASON_BAD_URL] = { "This is not a valid URL", NULL, false },
	[REASON_ADDRESS_FORBIDDEN] = { "", " may not be asked", false },
	[REASON_RATE_LIMITED] = { "", " wants to be left alone for now", false },
	[REASON_ROBOTS_DISALLOWED] = { "", " asks robots to stay away from this page",
		false },
	[REASON_OFFLINE] = { "This machine could not ask", NULL, false },
};

struct slice verdict_cut(struct slice text, size_t bytes_max)
{
	size_t len = bytes_max;

	if (text.len <= bytes_max)
		return text;
	while (len > 0 && ((unsigned char)text.at[len] & 0xC0) == 0x80)
		len--;
	return slice_sub(text, 0, len);
}

struct slice verdict_detail(const struct observation *observation)
{
	struct slice detail = slice_trim(observation->error);

	while (slice_ends(detail, SLICE(".")))
		detail.len--;
	return verdict_cut(detail, DETAIL_BYTES_MAX);
}

/* It ended as its neighbours did before it; that is all that the detail says. */
static bool is_unasked(const struct observation *observation, enum reason reason)
{
	return observation->attempts == 0 &&
	       (reason == REASON_CONNECT_REFUSED || reason == REASON_TIMEOUT);
}

struct slice verdict_failure_text(struct arena *arena,
	const struct observation *observation, enum reason reason, struct slice host)
{
	const char *before = failures[reason].before, *after = failures[reason].after;
	bool behind = observation->hop_count > 1 && reason != REASON_REDIRECT_LOOP;
	struct slice detail = { 0 };
	struct slice name = verdict_cut(host, HOST_BYTES_MAX);

	if (!failures[reason].says_all || is_unasked(observation, reason))
		detail = verdict_detail(observation);
	if (before == NULL) {
		before = "This link could not be checked";
		after = NULL;
	}
	if (after == NULL)
		name = (struct slice){ 0 };
	else if (name.len == 0)
		name = SLICE("the host");
	return arena_printf(arena, "%s%.*s%s%s%s%.*s%s.", before, SLICE_ARG(name),
		after != NULL ? after : "",
		behind && after != NULL ? ", after a redirect" : "",
		detail.len > 0 ? " (" : "", SLICE_ARG(detail), detail.len > 0 ? ")" : "");
}

static const struct {
	int status;
	const char *phrase;
} phrases[] = {
	{ 100, "Continue" },
	{ 101, "Switching Protocols" },
	{ 103, "Early Hints" },
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 203, "Non-Authoritative Information" },
	{ 204, "No Content" },
	{ 205, "Reset Content" },
	{ 206, "Partial Content" },
	{ 300, "Multiple Choices" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 305, "Use Proxy" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 407, "Proxy Authentication Required" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 421, "Misdirected Request" },
	{ 422, "Unprocessable Content" },
	{ 423, "Locked" },
	{ 424, "Failed Dependency" },
	{ 425, "Too Early" },
	{ 426, "Upgrade Required" },
	{ 428, "Precondition Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 451, "Unavailable For Legal Reasons" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
	{ 507, "Insufficient Storage" },
	{ 508, "Loop Detected" },
	{ 511, "Network Authentication Required" },
	{ 520, "the site behind Cloudflare gives wrong answers" },
	{ 521, "the site behind Cloudflare is down" },
	{ 522, "the site behind Cloudflare does not answer" },
	{ 523, "the site behind Cloudflare cannot be reached" },
	{ 524, "the site behind Cloudflare takes too long" },
	{ 525, "the site behind Cloudflare fails to agree on TLS" },
	{ 526, "the site behind Cloudflare has a bad certificate" },
	{ 530, "the site behind Cloudflare cannot be found" },
};

const char *verdict_status_phrase(int status)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "";
}

static const char *status_remark(int status)
{
	if (status == 304)
		return ", although no copy was asked about";
	if (status >= 300 && status < 400)
		return " without a usable address to go to";
	if (status < 200)
		return " and no final answer";
	return "";
}

struct slice verdict_status_text(
	struct arena *arena, const struct observation *observation)
{
	int status = observation->http_status;
	const char *phrase = verdict_status_phrase(status);
	char span[TIME_SPAN_SIZE] = "";

	if ((status == 429 || status == 503) && observation->retry_after_ms > 0)
		time_format_span(observation->retry_after_ms, span);
	return arena_printf(arena, "The server answered %d%s%s%s%s%s.", status,
		phrase[0] != '\0' ? " " : "", phrase, status_remark(status),
		span[0] != '\0' ? " and asks to come back after " : "", span);
}

struct slice verdict_family_text(
	struct arena *arena, const struct observation *observation)
{
	static const char *const how[REASON_COUNT] = {
		[REASON_CONNECT_REFUSED] = "the connection was refused",
		[REASON_CONNECT_TIMEOUT] = "the connection timed out",
		[REASON_CONNECT_RESET] = "the connection was broken off",
		[REASON_NETWORK_UNREACHABLE] = "there is no way to the host",
	};
	const char *words = how[observation->other_family_failure];

	if (words == NULL)
		return (struct slice){ 0 };
	return arena_printf(arena, "Answered over %s; over %s %s.",
		observation->ipv6 ? "IPv6" : "IPv4", observation->ipv6 ? "IPv4" : "IPv6",
		words);
}
