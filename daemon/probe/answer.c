#include "probe/answer_internal.h"

#include "base/http_link.h"
#include "verdict/notice.h"

enum {
	/* Visible text read beyond the head: an error's own words or a login form stand
	 * at the top of a page. */
	TEXT_BYTES_WANTED = 2048,
	VALUE_BYTES_MAX = 16 * 1024,
	SNIFF_BYTES = 512, /* of a body without a type; they may come one by one */
};

void answer_init(
	struct answer *answer, struct arena *arena, const struct answer_wish *wish)
{
	*answer = (struct answer){ .arena = arena, .wish = *wish, .content_length = -1 };
	buffer_init(&answer->field, wish->header_bytes_max);
	buffer_init(&answer->body, wish->body_bytes_max);
}

void answer_fini(struct answer *answer)
{
	page_free(answer->page);
	buffer_fini(&answer->field);
	buffer_fini(&answer->body);
	*answer = (struct answer){ 0 };
}

/* --- headers --- */

/* "HTTP/1.1 200 OK", "HTTP/2 200" */
static bool read_status_line(struct answer *answer, struct slice line)
{
	size_t space = slice_find_char(line, ' ');
	uint64_t status;
	if (space == SLICE_NONE ||
		!slice_to_number(slice_sub(line, space + 1, space + 4), 999, &status) ||
		status < 100)
		return false;
	answer->status = (int)status;
	answer->http2 = slice_starts(line, SLICE("HTTP/2"));
	answer->in_block = true;
	/* What an interim answer said does not count. */
	answer->location = answer->retry_after = answer->refresh = (struct slice){ 0 };
	answer->date = answer->etag = answer->last_modified = answer->sunset =
		answer->successor = (struct slice){ 0 };
	answer->stored = false;
	answer->content_type = answer->charset = (struct slice){ 0 };
	answer->content_length = -1;
	answer->chunked = answer->closing = false;
	answer->encodings = 0;
	answer->wall_marks = 0;
	answer->rate_limit = (struct rate_limit){ 0 };
	return true;
}

static void keep_first(struct answer *answer, struct slice *place, struct slice value)
{
	if (place->len == 0 && value.len > 0 && value.len <= VALUE_BYTES_MAX)
		*place = arena_copy(answer->arena, value);
}

static struct slice lowered(struct arena *arena, struct slice text)
{
	char *copy = arena_string(arena, text);
	for (size_t i = 0; copy != NULL && i < text.len; i++)
		copy[i] = char_lower(copy[i]);
	return (struct slice){ copy, copy != NULL ? text.len : 0 };
}

static struct slice unquoted(struct slice text)
{
	if (text.len > 0 && (text.at[0] == '"' || text.at[0] == '\'')) {
		char quote = text.at[0];
		text = slice_sub(text, 1, text.len);
		size_t end = slice_find_char(text, quote);
		text = slice_sub(text, 0, end == SLICE_NONE ? text.len : end);
	}
	return text;
}

/* Two headers that a proxy has made one: "text/html, text/html; charset=utf-8". */
static struct slice before_comma(struct slice part)
{
	size_t comma = slice_find_char(part, ',');
	return slice_trim(slice_sub(part, 0, comma == SLICE_NONE ? part.len : comma));
}

static void read_content_type(struct answer *answer, struct slice value)
{
	struct slice part, rest = value;
	if (answer->content_type.len > 0 || value.len > VALUE_BYTES_MAX ||
		!slice_split(&rest, ';', &part))
		return;
	answer->content_type = lowered(answer->arena, before_comma(part));
	while (slice_split(&rest, ';', &part)) {
		part = before_comma(part);
		if (slice_starts_nocase(part, SLICE("charset="))) {
			struct slice name = slice_sub(part, 8, part.len);
			answer->charset = arena_copy(answer->arena, unquoted(name));
			return;
		}
	}
}

static void count_encodings(struct answer *answer, struct slice value)
{
	struct slice part;
	while (slice_split(&value, ',', &part)) {
		part = slice_trim(part);
		if (part.len > 0 && !slice_equal_nocase(part, SLICE("identity")) &&
			!slice_equal_nocase(part, SLICE("chunked")) &&
			answer->encodings < UINT8_MAX)
			answer->encodings++;
	}
}

/* libcurl unpacks these, too, whether they were asked for or not. */
static void read_transfer_encoding(struct answer *answer, struct slice value)
{
	answer->chunked = slice_ends_nocase(value, SLICE("chunked"));
	count_encodings(answer, value);
}

static void read_length(struct answer *answer, struct slice value)
{
	uint64_t length;
	if (slice_to_number(value, INT64_MAX, &length))
		answer->content_length = (int64_t)length;
}

/* Link headers may come by the dozen; only what one link says is kept. */
static void read_link(struct answer *answer, struct slice value)
{
	struct slice target;

	if (answer->successor.len == 0 && value.len <= VALUE_BYTES_MAX &&
		http_link_find(value, SLICE("successor-version"), &target))
		keep_first(answer, &answer->successor, target);
}

static void mark_wall(struct answer *answer, enum wall wall)
{
	answer->wall_marks |= UINT32_C(1) << wall;
}

static void read_wall_mark(struct answer *answer, struct slice name, struct slice value)
{
	if (slice_equal_nocase(name, SLICE("cf-mitigated")) &&
		slice_starts_nocase(value, SLICE("challenge")))
		mark_wall(answer, WALL_CLOUDFLARE);
	else if (slice_equal_nocase(name, SLICE("x-amzn-waf-action")))
		mark_wall(answer, WALL_AWS);
	else if (slice_starts_nocase(name, SLICE("x-datadome")) ||
		 slice_equal_nocase(name, SLICE("x-dd-b")))
		mark_wall(answer, WALL_DATADOME);
	else if (slice_equal_nocase(name, SLICE("x-iinfo")))
		mark_wall(answer, WALL_IMPERVA);
	else if (slice_starts_nocase(name, SLICE("x-px")) ||
		 (slice_equal_nocase(name, SLICE("set-cookie")) &&
			 slice_starts_nocase(value, SLICE("_px"))))
		mark_wall(answer, WALL_PERIMETERX);
}

static void read_field(struct answer *answer, struct slice name, struct slice value)
{
	if (slice_equal_nocase(name, SLICE("location")))
		keep_first(answer, &answer->location, value);
	else if (slice_equal_nocase(name, SLICE("content-type")))
		read_content_type(answer, value);
	else if (slice_equal_nocase(name, SLICE("content-length")))
		read_length(answer, value);
	else if (slice_equal_nocase(name, SLICE("content-encoding")))
		count_encodings(answer, value);
	else if (slice_equal_nocase(name, SLICE("transfer-encoding")))
		read_transfer_encoding(answer, value);
	else if (slice_equal_nocase(name, SLICE("connection")))
		answer->closing = slice_find_nocase(value, SLICE("close")) != SLICE_NONE;
	else if (slice_equal_nocase(name, SLICE("retry-after")))
		keep_first(answer, &answer->retry_after, value);
	else if (slice_equal_nocase(name, SLICE("refresh")))
		keep_first(answer, &answer->refresh, value);
	else if (slice_equal_nocase(name, SLICE("date")))
		keep_first(answer, &answer->date, value);
	else if (slice_equal_nocase(name, SLICE("etag")))
		keep_first(answer, &answer->etag, value);
	else if (slice_equal_nocase(name, SLICE("last-modified")))
		keep_first(answer, &answer->last_modified, value);
	else if (slice_equal_nocase(name, SLICE("sunset")))
		keep_first(answer, &answer->sunset, value);
	else if (slice_equal_nocase(name, SLICE("link")))
		read_link(answer, value);
	else if (slice_equal_nocase(name, SLICE("age")))
		answer->stored = !slice_equal(value, SLICE("0"));
	else if (!rate_limit_field(&answer->rate_limit, name, value))
		read_wall_mark(answer, name, value);
	if (answer->wish.jar != NULL && slice_equal_nocase(name, SLICE("set-cookie")))
		cookies_take(answer->wish.jar, answer->arena, answer->wish.url, value);
}

static enum body_use choose_body_use(const struct answer *answer)
{
	if (answer->wish.method == METHOD_HEAD || answer->status == 204 ||
		answer->content_length == 0 || answer->encodings > 1)
		return BODY_SKIP;
	if (answer->status >= 300 && answer->status < 400)
		return BODY_SKIP;
	if (answer->wish.want_body)
		return BODY_KEEP;
	if (answer->content_type.len == 0)
		return BODY_SNIFF;
	return page_is_html(answer->content_type, (struct slice){ 0 }) ? BODY_PARSE
								       : BODY_SKIP;
}

static void take_field(struct answer *answer)
{
	struct slice line = buffer_slice(&answer->field);
	size_t colon = slice_find_char(line, ':');
	if (colon != SLICE_NONE)
		read_field(answer, slice_trim(slice_sub(line, 0, colon)),
			slice_trim(slice_sub(line, colon + 1, line.len)));
	answer->arena->failed |= answer->field.out_of_memory;
	answer->arena->out_of_memory |= answer->field.out_of_memory;
	buffer_reset(&answer->field);
}

static void end_block(struct answer *answer)
{
	answer->in_block = false;
	if (answer->status < 200)
		return; /* an interim answer: the real one follows */
	answer->complete = true;
	buffer_fini(&answer->field);
	answer->body_use = choose_body_use(answer);
	answer->body_enough = answer->body_use == BODY_SKIP;
}

void answer_end(struct answer *answer)
{
	if (answer->complete || answer->in_block || answer->status == 0 ||
		answer->too_large || answer->malformed)
		return;
	answer->complete = answer->body_enough = true;
}

void answer_give_up_body(struct answer *answer)
{
	if (answer->complete || !answer->in_block || answer->status < 200)
		return;
	take_field(answer);
	end_block(answer);
}

bool answer_header(struct answer *answer, struct slice line)
{
	answer->header_bytes += line.len;
	if (answer->complete) /* trailers */
		return answer->header_bytes <= answer->wish.header_bytes_max;
	answer->too_large = answer->header_bytes > answer->wish.header_bytes_max;
	if (answer->too_large)
		return false;
	bool folded = line.len > 0 && (line.at[0] == ' ' || line.at[0] == '\t');
	line = slice_trim(line);
	if (!answer->in_block) {
		answer->malformed = !read_status_line(answer, line);
		return !answer->malformed;
	}
	if (folded)
		buffer_add_text(&answer->field, " ");
	else
		take_field(answer);
	buffer_add(&answer->field, line);
	if (line.len == 0 && !folded)
		end_block(answer);
	return true;
}

enum wall answer_wall(const struct answer *answer)
{
	/* These two say it outright; the others stand on good pages, too. */
	if (answer->wall_marks & UINT32_C(1) << WALL_CLOUDFLARE)
		return WALL_CLOUDFLARE;
	if (answer->wall_marks & UINT32_C(1) << WALL_AWS)
		return WALL_AWS;
	if (answer->status < 400)
		return WALL_NONE;
	if (answer->wall_marks & UINT32_C(1) << WALL_DATADOME)
		return WALL_DATADOME;
	if (answer->status == 403 && (answer->wall_marks & UINT32_C(1) << WALL_IMPERVA))
		return WALL_IMPERVA;
	if (answer->wall_marks & UINT32_C(1) << WALL_PERIMETERX)
		return WALL_PERIMETERX;
	return WALL_NONE;
}

/* --- body --- */

static bool open_page(struct answer *answer)
{
	const struct url *url = answer->wish.url;
	struct page_options options = { .anchors = answer->wish.want_anchors,
		.text_bytes_wanted = TEXT_BYTES_WANTED,
		.whole = answer->wish.want_text };
	options.boxes = url != NULL && notice_host(url->host, &options.text_bytes_wanted);
	answer->page = page_new(answer->arena, answer->charset, options);
	return answer->page != NULL;
}

static void parse(struct answer *answer, struct slice bytes)
{
	if (answer->page == NULL && !open_page(answer))
		answer->body_enough = true;
	else
		answer->body_enough = page_feed(answer->page, bytes);
}

static void sniff(struct answer *answer, struct slice bytes)
{
	struct buffer *first = &answer->body;
	size_t before = first->len;
	buffer_add(first, slice_sub(bytes, 0, SNIFF_BYTES - before));
	if (page_is_html(answer->content_type, buffer_slice(first))) {
		answer->body_use = BODY_PARSE;
		parse(answer, slice_sub(buffer_slice(first), 0, before));
		parse(answer, bytes);
	} else if (first->len == SNIFF_BYTES || first->failed) {
		answer->body_use = BODY_SKIP;
		answer->body_enough = true;
	}
	if (answer->body_use != BODY_SNIFF)
		buffer_reset(first);
}

static void use_bytes(struct answer *answer, struct slice bytes)
{
	switch (answer->body_use) {
	case BODY_SKIP:
		answer->body_enough = true;
		break;
	case BODY_SNIFF:
		sniff(answer, bytes);
		break;
	case BODY_PARSE:
		parse(answer, bytes);
		break;
	case BODY_KEEP:
		buffer_add(&answer->body, bytes);
		answer->body_enough = answer->body.failed;
		break;
	}
}

bool answer_body(struct answer *answer, struct slice bytes)
{
	int64_t left = (int64_t)answer->wish.body_bytes_max - answer->body_bytes;
	if (!answer->body_enough) {
		struct slice useful = slice_sub(bytes, 0, left > 0 ? (size_t)left : 0);
		use_bytes(answer, useful);
		if (answer->body_use != BODY_SKIP)
			answer->body_bytes += (int64_t)useful.len;
		answer->body_cut = useful.len < bytes.len;
		answer->body_enough = answer->body_enough || answer->body_cut;
		return !answer->body_enough || answer->swallow_max > 0;
	}
	answer->swallowed += (int64_t)bytes.len;
	return answer->swallowed <= answer->swallow_max;
}

/* --- the Refresh header --- */

bool refresh_parse(struct slice value, int32_t *ret_delay_s, struct slice *ret_target)
{
	enum { DELAY_S_MAX = 1000000 };
	int32_t delay = 0;
	size_t i = 0;
	value = slice_trim(value);
	while (i < value.len && char_is_digit(value.at[i])) {
		delay = delay < DELAY_S_MAX ? delay * 10 + (value.at[i] - '0') : delay;
		i++;
	}
	if (i == 0)
		return false;
	while (i < value.len && (char_is_digit(value.at[i]) || value.at[i] == '.'))
		i++;
	struct slice rest = slice_trim(slice_sub(value, i, value.len));
	if (rest.len == 0 || (rest.at[0] != ';' && rest.at[0] != ','))
		return false;
	rest = slice_trim(slice_sub(rest, 1, rest.len));
	if (slice_starts_nocase(rest, SLICE("url"))) {
		struct slice after = slice_trim(slice_sub(rest, 3, rest.len));
		if (slice_starts(after, SLICE("=")))
			rest = slice_trim(slice_sub(after, 1, after.len));
	}
	rest = unquoted(rest);
	if (rest.len == 0)
		return false;
	*ret_delay_s = delay;
	*ret_target = rest;
	return true;
}
