#include "site/list_page_internal.h"

#include <inttypes.h>

#include "format/markup.h"
#include "format/standing_write.h"
#include "format/words.h"

enum {
	LABEL_BYTES = 120,
	URL_BYTES = 110,
	REASON_BYTES = 140,
	ROW_BYTES = 236, /* of markup, in each row, at most */
	ROW_WORDS = 60,  /* that a strip leaves to words, at least */
};

static struct slice label_of(const struct link *link)
{
	if (link->expected_title.len > 0)
		return link->expected_title;
	return link->first != NULL ? link->first->text : (struct slice){ 0 };
}

/* The scheme is said only where it is not the usual one. */
static struct slice short_url(struct slice url)
{
	return slice_starts(url, SLICE("https://")) ? slice_sub(url, 8, url.len) : url;
}

static void add_address(struct page *page, const struct link *link, bool is_alive)
{
	enum { REL_BYTES = 52 };
	size_t start = page->out->len;
	size_t kept = link->url.len < URL_BYTES ? link->url.len : URL_BYTES;

	page_say(page, "<small>");
	if (is_alive && markup_is_href(link->url) &&
		link->url.len + REL_BYTES + kept < page->row) {
		page_say(page, "<a rel=\"nofollow noopener noreferrer\" href=");
		markup_href(page->out, link->url);
		page_say(page, ">");
		size_t spent = page->out->len - start;
		page->row -= spent < page->row ? spent : page->row;
		page_url(page, short_url(link->url), URL_BYTES);
		page_say(page, "</a>");
	} else {
		page_url(page, short_url(link->url), URL_BYTES);
	}
	page_say(page, "</small>");
}

static void add_name(struct page *page, const struct list_row *row)
{
	const struct link *link = &row->standing->link;
	struct slice label = label_of(link);

	page_say(page, "<td>");
	page_open_link(page, row->standing->link_id);
	if (label.len > 0)
		page_sentence(page, label, LABEL_BYTES);
	else
		page_url(page, short_url(link->url), LABEL_BYTES);
	page_say(page, "</a>");
	if (label.len > 0)
		add_address(page, link, page_is_alive(row->standing->record.state));
	page_say(page, "</td>");
}

/* The share is that of the days which the screen has room for; where those three differ,
 * the style sheet shows the right one. */
static void add_shares(struct buffer *out, const struct strip *strip)
{
	static const uint32_t slots[] = { STRIP_SLOTS, STRIP_MIDDLE, STRIP_SHORT };
	int all = strip_good_permille(strip, STRIP_SLOTS);

	if (strip_good_permille(strip, STRIP_MIDDLE) == all &&
		strip_good_permille(strip, STRIP_SHORT) == all) {
		strip_add_share(out, strip, STRIP_SLOTS);
		return;
	}
	for (size_t i = 0; i < 3; i++) {
		buffer_printf(out, "<i class=\"w%" PRIu32 "\">", slots[i]);
		strip_add_share(out, strip, slots[i]);
		buffer_add_text(out, "</i>");
	}
}

/* Made before the words of the row, because they take what it leaves. */
static void make_strip(struct page *page, const struct strip *strip)
{
	enum { SHARES_BYTES = 100 };
	struct buffer *cell = &page->cell;

	buffer_reset(cell);
	if (strip == NULL || page->row < ROW_WORDS + SHARES_BYTES)
		return;
	size_t room = page->row - ROW_WORDS - SHARES_BYTES;
	buffer_add_text(cell, "<b>");
	strip_add_picture(
		cell, strip, room < STRIP_PICTURE_BYTES ? room : STRIP_PICTURE_BYTES);
	buffer_add_text(cell, "</b>");
	add_shares(cell, strip);
	page->row -= cell->len < page->row ? cell->len : page->row;
}

static void add_note(struct buffer *out, const struct link *link, enum note note)
{
	buffer_add_text(out, "Note: ");
	words_note(out, link, note);
}

/* Of what is well there is nothing to say but what it has become. */
static void add_reason(struct page *page, const struct standing *standing)
{
	const struct link *link = &standing->link;
	const struct verdict *verdict = &link->result.verdict;

	if (standing->record.state == STATE_MOVED && verdict->suggestion.url.len > 0) {
		page_say(page, "to ");
		page_url(page, verdict->suggestion.url, REASON_BYTES);
		return;
	}
	buffer_reset(&page->bare);
	if (verdict->reason != REASON_OK && !page_is_alive(standing->record.state)) {
		words_reason(&page->bare, link);
	} else {
		for (size_t i = 0; i < NOTE_COUNT && page->bare.len == 0; i++)
			if ((verdict->notes & NOTE_BIT(i)) != 0)
				add_note(&page->bare, link, (enum note)i);
	}
	buffer_reset(&page->scratch);
	buffer_add(&page->scratch, buffer_slice(&page->bare));
	page_sentence(page, buffer_slice(&page->scratch), REASON_BYTES);
}

static void add_row(struct page *page, const struct list_row *row)
{
	const struct standing *standing = row->standing;
	const struct link_record *record = &standing->record;

	make_strip(page, row->strip);
	page_say(page, "<tr><td class=\"%s\">%s</td>", page_state_class(record->state),
		standing_word(record->state));
	add_name(page, row);
	page_say(page, "<td>");
	buffer_add(page->out, buffer_slice(&page->cell));
	page_say(page, "</td><td>");
	if (record->since > 0)
		page_day(page, record->since);
	page_say(page, "</td><td>");
	page_minute(page, record->last_checked_at);
	page_say(page, "</td><td>");
	add_reason(page, standing);
	page_say(page, "</td></tr>\n");
}

/* What each row takes where nothing is cut for want of room. Written and forgotten: half
 * the cost of a page, and a page costs less than a millisecond. */
static void measure_rows(struct page *page, const struct list_page *list, uint32_t count,
	size_t needs[static SITE_LIST_ROWS])
{
	size_t start = page->out->len;

	for (uint32_t i = 0; i < count; i++) {
		page->row = SITE_PAGE_BYTES;
		add_row(page, &list->rows[i]);
		needs[i] = page->out->len - start;
		buffer_truncate(page->out, start);
	}
}

/* The most that a row may take so that all of them fit: short ones are left as they are,
 * and the long ones share what is left. */
static size_t row_ceiling(
	const size_t needs[static SITE_LIST_ROWS], uint32_t count, size_t room)
{
	size_t low = ROW_BYTES, high = SITE_PAGE_BYTES;

	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2, sum = 0;
		for (uint32_t i = 0; i < count; i++)
			sum += needs[i] < middle ? needs[i] : middle;
		if (sum <= room)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static void add_rows(struct page *page, const struct list_page *list, uint32_t count)
{
	size_t needs[SITE_LIST_ROWS];
	size_t spent = page_bytes(page) + LIST_TAIL_BYTES;
	size_t room = spent < SITE_PAGE_BYTES ? SITE_PAGE_BYTES - spent : 0;

	measure_rows(page, list, count, needs);
	size_t ceiling = row_ceiling(needs, count, room);
	for (uint32_t i = 0; i < count; i++) {
		page->row = needs[i] <= ceiling ? SITE_PAGE_BYTES : ceiling - ROW_BYTES;
		add_row(page, &list->rows[i]);
	}
}

void list_add_table(struct page *page, const struct list_page *list, uint32_t count)
{
	page_say(page,
		"<table class=\"links\"><thead><tr><th scope=\"col\">State</th>"
		"<th scope=\"col\">Link</th><th scope=\"col\"><span class=\"w90\">90"
		"</span><span class=\"w60\">60</span><span class=\"w30\">30</span> "
		"days</th><th scope=\"col\">Since</th><th scope=\"col\">Checked</th>"
		"<th scope=\"col\">Why</th></tr></thead>\n<tbody>\n");
	add_rows(page, list, count);
	page_say(page, "</tbody></table>\n");
}
