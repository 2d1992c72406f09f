#include "format/words.h"

#include "base/utf8.h"
#include "model/userinfo.h"

/* The token is for the eye that runs down the margin; NULL: the status of the answer. The
 * sentence stands in where the verdict has none of its own. */
static const struct {
	const char *token, *sentence;
} words[REASON_COUNT] = {
	[REASON_OK] = { NULL, "All is well." },
	[REASON_REDIRECT_PERMANENT] = { NULL, "Moved permanently." },
	[REASON_REDIRECT_TEMPORARY] = { NULL, "Reached through a temporary redirect." },
	[REASON_HTTP_404] = { NULL, "Not found." },
	[REASON_HTTP_410] = { NULL, "Gone: removed on purpose." },
	[REASON_HTTP_4XX] = { NULL, "The server rejects the request." },
	[REASON_HTTP_5XX] = { NULL, "The server failed." },
	[REASON_HTTP_OTHER] = { NULL, "An answer that leads nowhere." },
	[REASON_HTTP_MALFORMED] = { "HTTP", "The answer is not HTTP." },
	[REASON_BODY_TOO_LARGE] = { NULL, "Fine, but the page is too large to read." },
	[REASON_SOFT_404] = { "SOFT404",
		"Answers with success, yet says \"not found\"." },
	[REASON_PARKED_DOMAIN] = { "PARKED", "The domain is parked or for sale." },
	[REASON_DNS_NXDOMAIN] = { "DNS", "The host name does not exist." },
	[REASON_DNS_NO_ADDRESS] = { "DNS", "The host name has no address." },
	[REASON_DNS_SERVFAIL] = { "DNS", "The name servers of the host fail." },
	[REASON_DNS_TIMEOUT] = { "DNS", "No answer about the host name." },
	[REASON_CONNECT_REFUSED] = { "CONNECT", "Connection refused." },
	[REASON_CONNECT_TIMEOUT] = { "TIMEOUT", "No connection in time." },
	[REASON_CONNECT_RESET] = { "CONNECT", "The connection was cut." },
	[REASON_NETWORK_UNREACHABLE] = { "NETWORK", "No route to the host." },
	[REASON_TIMEOUT] = { "TIMEOUT", "No answer in time." },
	[REASON_TLS_EXPIRED] = { "TLS", "The certificate has expired." },
	[REASON_TLS_NOT_YET_VALID] = { "TLS", "The certificate is not valid yet." },
	[REASON_TLS_SELF_SIGNED] = { "TLS", "The certificate is self-signed." },
	[REASON_TLS_UNTRUSTED] = { "TLS", "The certificate is from an unknown issuer." },
	[REASON_TLS_HOSTNAME] = { "TLS", "The certificate is for another host." },
	[REASON_TLS_HANDSHAKE] = { "TLS", "No secure connection could be agreed on." },
	[REASON_REDIRECT_LOOP] = { "REDIRECT", "Redirects in a circle." },
	[REASON_REDIRECT_LIMIT] = { "REDIRECT", "Too many redirects." },
	[REASON_REDIRECT_FORBIDDEN] = { "REDIRECT",
		"Redirects to where we never follow." },
	[REASON_AUTH_REQUIRED] = { "GATED", "Wants a login." },
	[REASON_FORBIDDEN] = { "GATED", "Refuses robots; may be fine for people." },
	[REASON_RATE_LIMITED] = { "GATED", "Too many requests; ask again later." },
	[REASON_CHALLENGE] = { "GATED",
		"A wall against robots, a login or a consent page." },
	[REASON_LEGAL_BLOCK] = { "GATED", "Blocked for legal reasons." },
	[REASON_REFUSED_OTHER] = { "GATED", "Refuses robots." },
	[REASON_BAD_URL] = { "URL", "Not a valid URL." },
	[REASON_MISSING_SCHEME] = { "SCHEME", "The https:// is missing." },
	[REASON_MISSING_ANCHOR] = { "ANCHOR", "No heading or id of this name." },
	[REASON_MISSING_FILE] = { "FILE", "No such file." },
	[REASON_REGISTRY_MISSING] = { "REGISTRY", "The registry knows no such entry." },
	[REASON_EXCLUDED] = { "EXCLUDED", "Excluded." },
	[REASON_UNSUPPORTED_SCHEME] = { "IGNORED", "A scheme that is not checked." },
	[REASON_ROBOTS_DISALLOWED] = { "ROBOTS", "Robots.txt asks to stay away." },
	[REASON_ADDRESS_FORBIDDEN] = { "ADDRESS", "A private or reserved address." },
	[REASON_OFFLINE] = { "OFFLINE", "Not asked: offline." },
};

const enum outcome words_outcomes[OUTCOME_COUNT] = {
	OUTCOME_OK,
	OUTCOME_MOVED,
	OUTCOME_BROKEN,
	OUTCOME_UNREACHABLE,
	OUTCOME_GATED,
	OUTCOME_SKIPPED,
};

void words_token(const struct link *link, char token[static WORDS_TOKEN_BYTES + 1])
{
	const struct check_result *result = &link->result;
	const char *text = words[result->verdict.reason].token;

	if (result->verdict.outcome == OUTCOME_MOVED)
		text = "MOVED";
	if (text != NULL)
		snprintf(token, WORDS_TOKEN_BYTES + 1, "%s", text);
	else if (result->asked && result->http_status > 0)
		snprintf(token, WORDS_TOKEN_BYTES + 1, "%d", result->http_status);
	else
		snprintf(token, WORDS_TOKEN_BYTES + 1, "%s",
			result->verdict.outcome == OUTCOME_OK ? "OK" : "ERROR");
}

const char *words_of_reason(enum reason reason)
{
	return words[reason].sentence;
}

const char *words_heading(enum outcome outcome)
{
	static const char *const headings[OUTCOME_COUNT] = {
		[OUTCOME_BROKEN] = "Broken",
		[OUTCOME_UNREACHABLE] = "Unreachable",
		[OUTCOME_MOVED] = "Moved",
		[OUTCOME_GATED] = "Gated",
		[OUTCOME_SKIPPED] = "Skipped",
		[OUTCOME_OK] = "Ok",
	};
	return headings[outcome];
}

void words_count(struct buffer *out, uint32_t count, const char *noun)
{
	buffer_printf(out, "%u %s%s", count, noun, count == 1 ? "" : "s");
}

void words_url(struct buffer *out, struct slice url)
{
	struct slice front, rest;
	size_t start = out->len;

	userinfo_split(url, &front, &rest);
	utf8_add_printable(out, front, WORDS_URL_BYTES);
	utf8_add_printable(out, rest, WORDS_URL_BYTES);
	if (out->len == start)
		buffer_add_text(out, "(empty)");
}

/* What the verdict says; without it, why it suggests something else says it all. */
static struct slice own_sentence(const struct verdict *verdict)
{
	if (verdict->error.len > 0 || verdict->suggestion.url.len == 0)
		return verdict->error;
	return verdict->suggestion.why;
}

void words_reason(struct buffer *out, const struct link *link)
{
	const struct verdict *verdict = &link->result.verdict;
	size_t start = out->len;

	utf8_add_printable(out, own_sentence(verdict), WORDS_SENTENCE_BYTES);
	if (out->len == start)
		buffer_add_text(out, words[verdict->reason].sentence);
}

void words_chain(struct buffer *out, const struct link *link)
{
	enum { HOPS_SHOWN = 4 };
	const struct check_result *result = &link->result;
	struct suggestion suggestion;

	if (result->redirect_count == 1 && words_suggestion(link, &suggestion) &&
		slice_equal(result->redirects[0].url, suggestion.url))
		return;
	for (uint32_t i = 0; i < result->redirect_count && i < HOPS_SHOWN; i++) {
		buffer_add_text(out, i == 0 ? "" : ", ");
		if (result->redirects[i].status > 0)
			buffer_printf(out, "%d ", result->redirects[i].status);
		words_url(out, result->redirects[i].url);
	}
	if (result->redirect_count > HOPS_SHOWN)
		buffer_printf(out, " and %u more", result->redirect_count - HOPS_SHOWN);
}

bool words_suggestion(const struct link *link, struct suggestion *ret_suggestion)
{
	const struct verdict *verdict = &link->result.verdict;
	if (verdict->suggestion.url.len == 0)
		return false;
	*ret_suggestion = verdict->suggestion;
	if (verdict->error.len == 0 && verdict->outcome != OUTCOME_OK)
		ret_suggestion->why = (struct slice){ 0 };
	return true;
}

static void add_title(struct buffer *out, const char *before, struct slice title)
{
	if (title.len == 0)
		return;
	buffer_add_text(out, before);
	buffer_add_text(out, "\"");
	utf8_add_printable(out, title, WORDS_TITLE_BYTES);
	buffer_add_text(out, "\"");
}

static void add_day(struct buffer *out, time_ms at)
{
	char text[TIME_RFC3339_SIZE];

	if (at <= 0)
		return;
	time_format_rfc3339(at, text);
	buffer_printf(out, ", on %.10s", text);
}

static void add_expiry(struct buffer *out, const struct link *link)
{
	const struct certificate *certificate = &link->result.certificate;
	bool chain = certificate->chain_expires_at > 0 &&
		     certificate->chain_expires_at < certificate->expires_at;
	time_ms ends = chain ? certificate->chain_expires_at : certificate->expires_at;
	buffer_add_text(out, chain ? "a certificate of the chain " : "the certificate ");
	buffer_add_text(out, ends > 0 && ends < link->result.checked_at ? "has expired"
									: "expires soon");
	add_day(out, ends);
}

void words_note(struct buffer *out, const struct link *link, enum note note)
{
	static const char *const texts[NOTE_COUNT] = {
		[NOTE_TITLE_MISMATCH] = "the title differs",
		[NOTE_RETITLED] = "retitled",
		[NOTE_WITHDRAWN] = "withdrawn",
		[NOTE_RETRACTED] = "retracted",
		[NOTE_SUPERSEDED] = "superseded by a newer version",
		[NOTE_REPOSITORY_ARCHIVED] = "the repository is archived",
		[NOTE_USURPED] = "the site seems to have another owner now",
		[NOTE_CONTENT_CHANGED] = "the content has changed a lot",
		[NOTE_SUNSET_ANNOUNCED] = "the server announces that this will end",
		[NOTE_HTTPS_AVAILABLE] = "answers over https too",
		[NOTE_ARCHIVED_COPY_AVAILABLE] = "an archived copy exists",
		[NOTE_DUPLICATE] = "the same thing is listed under another URL too",
		[NOTE_TWO_LABELS] = "listed under two different titles",
	};
	if (note == NOTE_CERTIFICATE_EXPIRES_SOON)
		add_expiry(out, link);
	else
		buffer_add_text(out, texts[note]);
	if (note == NOTE_SUNSET_ANNOUNCED)
		add_day(out, link->result.verdict.sunset_at);
	if (note == NOTE_TITLE_MISMATCH || note == NOTE_RETITLED) {
		add_title(out, ": the page says ", link->result.title);
		add_title(out, ", the list says ", link->expected_title);
	}
}
