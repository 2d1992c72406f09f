#include "serve/headers_internal.h"

#include <assert.h>
#include <microhttpd.h>

#include "serve/negotiate_internal.h"

struct header {
	const char *name, *value;
};

/* On every answer, whatever its type: a browser that is led astray then finds nothing to
 * run, to frame, to send or to tell. No style and no script within a page. */
static const struct header always[] = {
	{ "Content-Security-Policy",
		"default-src 'none'; style-src 'self'; script-src 'self'; "
		"img-src 'self' data:; connect-src 'self'; form-action 'self'; "
		"base-uri 'none'; frame-ancestors 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Permissions-Policy", "camera=(), geolocation=(), microphone=()" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
};

struct type {
	const char *text;
};

#define TYPE_ROW(name, text, compress) { text },
static const struct type types[] = { SERVE_TYPES(TYPE_ROW) };
#undef TYPE_ROW

static bool is_location(const char *text)
{
	if (text[0] != '/' || text[1] == '/' || text[1] == '\\')
		return false;
	for (; *text != '\0'; text++)
		if (*text <= 0x20 || *text >= 0x7f)
			return false;
	return true;
}

static bool is_filename(const char *text)
{
	if (*text == '\0' || *text == '.')
		return false;
	for (; *text != '\0'; text++)
		if (!char_is_alpha(*text) && !char_is_digit(*text) && *text != '.' &&
			*text != '-' && *text != '_')
			return false;
	return true;
}

static bool add_always(bool embeddable, header_fn add, void *context)
{
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (!add(context, always[i].name, always[i].value))
			return false;
	return add(context, "Cross-Origin-Resource-Policy",
		embeddable ? "cross-origin" : "same-origin");
}

static bool add_number(header_fn add, void *context, const char *name, int number)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", number);
	return add(context, name, text);
}

/* Proxies of images add up what they are told; s-maxage says it to them, too. */
static bool add_cache(const struct serve_answer *answer, header_fn add, void *context)
{
	char text[64] = "no-cache";

	if (answer->no_store)
		snprintf(text, sizeof(text), "no-store");
	else if (answer->max_age_s > 0)
		snprintf(text, sizeof(text), "public, max-age=%d, s-maxage=%d",
			answer->max_age_s, answer->max_age_s);
	return add(context, "Cache-Control", text);
}

static bool add_validators(const struct serve_answer *answer,
	const struct headers_extra *extra, header_fn add, void *context)
{
	char date[NEGOTIATE_DATE_SIZE];

	if (extra->etag != NULL && !add(context, "ETag", extra->etag))
		return false;
	if (extra->varies && !add(context, "Vary", "Accept-Encoding"))
		return false;
	if (answer->last_modified <= 0)
		return true;
	negotiate_format_date(answer->last_modified, date);
	return add(context, "Last-Modified", date);
}

static bool add_single(const struct serve_answer *answer, header_fn add, void *context)
{
	char text[256];

	if (answer->retry_after_s > 0 &&
		!add_number(add, context, "Retry-After", answer->retry_after_s))
		return false;
	if (answer->wants_token && !add(context, "WWW-Authenticate", "Bearer"))
		return false;
	if (answer->allow != NULL && !add(context, "Allow", answer->allow))
		return false;
	if (answer->location != NULL &&
		(!is_location(answer->location) ||
			!add(context, "Location", answer->location)))
		return false;
	if (answer->filename == NULL || !is_filename(answer->filename))
		return true;
	snprintf(text, sizeof(text), "attachment; filename=\"%.200s\"", answer->filename);
	return add(context, "Content-Disposition", text);
}

bool headers_each(const struct serve_answer *answer, const struct headers_extra *extra,
	header_fn add, void *context)
{
	assert((size_t)answer->type < sizeof(types) / sizeof(types[0]));
	/* A 304 says nothing of the body that is not sent (RFC 9110 15.4.5). */
	if (!extra->not_modified) {
		if (answer->status != 204 &&
			!add(context, "Content-Type", types[answer->type].text))
			return false;
		if (extra->gzipped && !add(context, "Content-Encoding", "gzip"))
			return false;
	}
	return add_always(answer->embeddable, add, context) &&
	       add_cache(answer, add, context) &&
	       add_validators(answer, extra, add, context) &&
	       add_single(answer, add, context);
}

const char *headers_sentence(int status)
{
	switch (status) {
	case 400:
		return "This request is malformed.";
	case 401:
		return "This needs a token: Authorization: Bearer TOKEN.";
	case 404:
		return "There is nothing at this address.";
	case 405:
		return "This address does not take that method.";
	case 408:
		return "The request came too slowly.";
	case 413:
		return "The body is too large.";
	case 414:
		return "The address is too long.";
	case 431:
		return "The headers are too large.";
	case 500:
		return "The answer could not be made.";
	case 501:
		return "This method is not known here.";
	case 503:
		return "Too busy just now; try again in a moment.";
	default:
		return "";
	}
}

void headers_add_page(struct buffer *body, int status)
{
	buffer_printf(body, "%d %s\n%s\n", status,
		MHD_get_reason_phrase_for((unsigned)status), headers_sentence(status));
}

static bool add_line(void *context, const char *name, const char *value)
{
	buffer_printf(context, "%s: %s\r\n", name, value);
	return true;
}

void headers_add_raw(struct buffer *out, const struct serve_answer *answer)
{
	const struct headers_extra extra = { .etag = NULL };

	buffer_printf(out,
		"HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Length: %zu\r\n",
		answer->status, MHD_get_reason_phrase_for((unsigned)answer->status),
		answer->body->len);
	headers_each(answer, &extra, add_line, out);
	buffer_add_text(out, "\r\n");
	buffer_add(out, buffer_slice(answer->body));
	out->failed = out->failed || answer->body->failed;
}
