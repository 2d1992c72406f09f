#include "extract/page.h"

#include <stdlib.h>

#include "extract/html_text_internal.h"
#include "extract/page_internal.h"

enum {
	TAG_MAX = 64 * 1024, /* the attributes of a longer tag do not count */
	CARRY_MAX = TAG_MAX + 64 * 1024,
	PIECE_MAX = 32 * 1024, /* what is appended to the carry at a time */
	CONVERTED_MAX = 64 * 1024,
	FACT_MAX = 1024,      /* of a fact, decoded */
	EMPTY_TEXT_MAX = 300, /* a page with less to see may be a wall */
	BOM_MAX = 3,
};

struct page {
	struct arena *arena;
	struct html_tokens tokens;
	struct buffer carry; /* the token that the last piece ended in */
	struct charset_stream stream;
	char start[BOM_MAX]; /* held back until it is known whether it is a BOM */
	size_t start_len;
	bool started, done, at_end;
	struct page_reader reader;
};

struct page *page_new(
	struct arena *arena, struct slice charset, struct page_options options)
{
	struct page *page = calloc(1, sizeof(*page));
	if (page == NULL)
		return NULL;
	page->arena = arena;
	page->reader = (struct page_reader){
		.arena = arena,
		.options = options,
		.charset = arena_copy(arena, charset),
		.facts = { .refresh_delay_s = -1 },
		.space = true,
	};
	page_words_init(&page->reader.words);
	html_tokens_init(&page->tokens);
	page->tokens.tag_max = TAG_MAX;
	buffer_init(&page->carry, CARRY_MAX);
	return page;
}

void page_free(struct page *page)
{
	if (page == NULL)
		return;
	charset_stream_close(&page->stream);
	buffer_fini(&page->carry);
	free(page);
}

static void read_tokens(struct page *page)
{
	while (!page->done) {
		struct html_token token = html_tokens_next(&page->tokens);
		if (token.kind == HTML_TOKEN_MORE)
			return;
		page_reader_token(&page->reader, &token);
		page->done = page_reader_enough(&page->reader);
	}
}

/* --- pieces --- */

/* The arena tells the owner of a page why it is not whole. */
static void note_lack(const struct page *page, const struct buffer *buffer)
{
	page->arena->failed |= buffer->out_of_memory;
	page->arena->out_of_memory |= buffer->out_of_memory;
}

/* What the tokens have not used becomes the carry. */
static void keep_rest(struct page *page)
{
	struct html_tokens *tokens = &page->tokens;

	html_tokens_drop(tokens);
	struct slice rest = slice_sub(tokens->bytes, tokens->at, tokens->bytes.len);
	tokens->scan = tokens->scan > tokens->at ? tokens->scan - tokens->at : 0;
	if (page->carry.len == 0)
		buffer_add(&page->carry, rest);
	else if (tokens->at > 0)
		memmove(page->carry.at, rest.at, rest.len);
	buffer_truncate(&page->carry, rest.len);
	tokens->at = 0;
	page->done = page->done || page->carry.failed;
	note_lack(page, &page->carry);
}

static void read_piece(struct page *page, struct slice bytes)
{
	while (bytes.len > 0 && !page->done) {
		struct slice piece = bytes;
		if (page->carry.len > 0) {
			piece = slice_sub(bytes, 0, PIECE_MAX);
			buffer_add(&page->carry, piece);
			page->tokens.bytes = buffer_slice(&page->carry);
		} else {
			page->tokens.bytes = piece;
		}
		bytes = slice_sub(bytes, piece.len, bytes.len);
		read_tokens(page);
		keep_rest(page);
	}
}

static void convert_piece(struct page *page, struct slice bytes)
{
	struct buffer converted;

	if (!page->stream.open) {
		read_piece(page, bytes);
		return;
	}
	buffer_init(&converted, CONVERTED_MAX);
	while (bytes.len > 0 && !page->done) {
		charset_stream_next(&page->stream, &bytes, &converted);
		page->done = page->done || converted.failed;
		note_lack(page, &converted);
		read_piece(page, buffer_slice(&converted));
		buffer_reset(&converted);
	}
	buffer_fini(&converted);
}

/* A byte order mark is stronger than any label. Returns its length. */
static size_t read_start(struct page *page, struct slice start)
{
	static const struct {
		struct slice mark, charset;
	} marks[] = {
		{ { "\xEF\xBB\xBF", 3 }, { "utf-8", 5 } },
		{ { "\xFE\xFF", 2 }, { "utf-16be", 8 } },
		{ { "\xFF\xFE", 2 }, { "utf-16le", 8 } },
	};
	size_t len = 0;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]) && len == 0; i++) {
		if (!slice_starts(start, marks[i].mark))
			continue;
		len = marks[i].mark.len;
		page->reader.charset = marks[i].charset;
	}
	if (charset_is_wide(page->reader.charset) &&
		charset_stream_open(&page->stream, page->reader.charset))
		page->reader.charset = SLICE("utf-8");
	page->started = true;
	return len;
}

static void read_held_back(struct page *page)
{
	struct slice start = { page->start, page->start_len };
	size_t skipped = read_start(page, start);
	convert_piece(page, slice_sub(start, skipped, start.len));
}

bool page_feed(struct page *page, struct slice bytes)
{
	if (!page->started && page->start_len == 0 && bytes.len >= BOM_MAX) {
		size_t skipped = read_start(page, bytes);
		bytes = slice_sub(bytes, skipped, bytes.len);
	}
	while (!page->started && bytes.len > 0) {
		page->start[page->start_len++] = bytes.at[0];
		bytes = slice_sub(bytes, 1, bytes.len);
		if (page->start_len == BOM_MAX)
			read_held_back(page);
	}
	convert_piece(page, bytes);
	return page->done;
}

/* --- the end --- */

/* Without the character that the limit cut. */
static struct slice whole_characters(struct slice text, size_t bytes_max)
{
	if (text.len <= bytes_max)
		return text;
	size_t end = bytes_max;
	while (end > 0 && ((unsigned char)text.at[end] & 0xC0) == 0x80)
		end--;
	return slice_sub(text, 0, end);
}

static struct slice finish_text(struct page *page, struct slice raw)
{
	struct buffer text;
	struct slice converted = charset_convert(page->arena, page->reader.charset, raw);

	buffer_init(&text, FACT_MAX + 64);
	html_add_text(&text, converted, FACT_MAX + 1);
	struct slice fact = arena_copy(
		page->arena, slice_trim(whole_characters(buffer_slice(&text), FACT_MAX)));
	note_lack(page, &text);
	buffer_fini(&text);
	return fact;
}

static struct slice finish_value(struct page *page, struct slice raw)
{
	struct buffer value;
	struct slice converted = charset_convert(page->arena, page->reader.charset, raw);

	if (slice_find_char(converted, '&') == SLICE_NONE)
		return converted;
	buffer_init(&value, converted.len);
	html_add_value(&value, converted);
	struct slice fact = arena_copy(page->arena, slice_trim(buffer_slice(&value)));
	note_lack(page, &value);
	buffer_fini(&value);
	return fact;
}

static struct slice finish_gathered(
	struct page *page, const struct page_gathered *gathered)
{
	return finish_text(page, (struct slice){ gathered->at, gathered->len });
}

static struct slice first_of(struct slice a, struct slice b)
{
	return a.len > 0 ? a : b;
}

static void finish_facts(struct page *page)
{
	struct page_facts *facts = &page->reader.facts;
	const struct page_raw_facts *raw = &page->reader.raw;

	page_reader_end(&page->reader);
	facts->title = finish_gathered(page, &page->reader.title);
	facts->heading = finish_gathered(page, &page->reader.heading);
	facts->citation_title =
		finish_text(page, first_of(raw->citation_title, raw->dc_title));
	facts->og_title = finish_text(page, raw->og_title);
	facts->citation_id = finish_text(page, first_of(raw->arxiv_id, raw->doi));
	facts->canonical = finish_value(page, raw->canonical);
	struct slice refresh = finish_value(page, raw->refresh);
	if (refresh.len > 0)
		html_parse_refresh(refresh, &facts->refresh_delay_s, &facts->refresh_url);
	facts->base = finish_value(page, raw->base);
	facts->whole = !page->done;
	facts->parked_mark = page_marks_parked(&page->reader.marks, facts);
	facts->video_gone = (page->reader.marks.found & PAGE_MARK_VIDEO_GONE) != 0;
	page_words_finish(&page->reader.words, &facts->sketch);
	facts->sale_words = page->reader.words.for_sale;
	facts->gone_words = page->reader.words.gone;
	facts->box_count = page->reader.boxes.count;
	for (uint32_t i = 0; i < facts->box_count; i++) {
		const struct page_box *box = &page->reader.boxes.list[i];
		facts->boxes[i] = finish_text(page, (struct slice){ box->at, box->len });
	}
	facts->challenge_mark = page_marks_challenge(&page->reader.marks, facts,
		page->at_end && facts->text_bytes <= EMPTY_TEXT_MAX);
}

void page_finish(struct page *page, struct page_facts *ret_facts)
{
	if (!page->started)
		read_held_back(page);
	page->at_end = !page->done;
	page->tokens.bytes = buffer_slice(&page->carry);
	page->tokens.final = true;
	read_tokens(page);
	finish_facts(page);
	for (uint32_t i = 0; i < page->reader.anchor_count; i++)
		page->reader.anchors[i] = finish_value(page, page->reader.anchors[i]);
	*ret_facts = page->reader.facts;
}

const struct slice *page_anchors(const struct page *page, uint32_t *ret_count)
{
	*ret_count = page->reader.anchor_count;
	return page->reader.anchors;
}

bool page_anchors_complete(const struct page *page)
{
	return page->at_end && !page->arena->failed;
}

/* --- what is HTML --- */

/* By the signatures of the MIME Sniffing standard, behind what may come before. */
static bool looks_like_html(struct slice bytes)
{
	static const char *const tags[] = { "!doctype html", "html", "head", "script",
		"iframe", "h1", "div", "font", "table", "a", "style", "title", "b",
		"body", "br", "p" };

	if (slice_starts(bytes, SLICE("\xEF\xBB\xBF")))
		bytes = slice_sub(bytes, 3, bytes.len);
	bytes = slice_trim(bytes);
	if (slice_starts(bytes, SLICE("<!--")))
		return true;
	if (!slice_starts(bytes, SLICE("<")))
		return false;
	bytes = slice_sub(bytes, 1, bytes.len);
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct slice tag = slice_of(tags[i]);
		if (slice_starts_nocase(bytes, tag) && bytes.len > tag.len &&
			(bytes.at[tag.len] == '>' || char_is_space(bytes.at[tag.len])))
			return true;
	}
	return false;
}

bool page_is_html(struct slice content_type, struct slice first_bytes)
{
	struct slice type = slice_trim(
		slice_sub(content_type, 0, slice_find_char(content_type, ';')));

	if (type.len == 0 || slice_find_char(type, '/') == SLICE_NONE ||
		slice_equal_nocase(type, SLICE("unknown/unknown")) ||
		slice_equal_nocase(type, SLICE("application/unknown")))
		return looks_like_html(first_bytes);
	return slice_equal_nocase(type, SLICE("text/html")) ||
	       slice_equal_nocase(type, SLICE("application/xhtml+xml"));
}
