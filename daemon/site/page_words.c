#include "site/page_internal.h"

#include <inttypes.h>
#include <stdio.h>

#include "format/markup.h"
#include "format/standing_write.h"

bool page_is_alive(enum state state)
{
	return state == STATE_ALIVE || state == STATE_MOVED;
}

/* `rel`: they learn nothing of this page, and a search engine no opinion of ours. */
void page_outward(struct page *page, struct slice url, bool alive, size_t bytes_max)
{
	size_t start = page->out->len;

	if (!alive || !markup_is_href(url)) {
		page_url(page, url, bytes_max);
		return;
	}
	page_say(page, "<a rel=\"nofollow noopener noreferrer\" href=");
	markup_href(page->out, url);
	page_say(page, ">");
	size_t spent = page->out->len - start;
	/* Half of a link is none; where it costs more than there is, text must do. */
	if (spent * 2 > page->row) {
		buffer_truncate(page->out, start);
		page_url(page, url, bytes_max);
		return;
	}
	page->row -= spent;
	page_url(page, url, bytes_max);
	page_say(page, "</a>");
}

void page_query(struct page *page, struct slice value, size_t bytes_max)
{
	for (size_t i = 0; i < value.len && i < bytes_max; i++) {
		char c = value.at[i];
		if (char_is_alpha(c) || char_is_digit(c) || c == '-' || c == '_' ||
			c == '.')
			buffer_add_char(page->out, c);
		else
			page_say(page, "%%%02X", (unsigned)(unsigned char)c);
	}
}

const char *page_number(uint64_t number, char text[static PAGE_NUMBER_SIZE])
{
	char digits[PAGE_NUMBER_SIZE];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);
	size_t at = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = '\0';
	return text;
}

void page_day(struct page *page, time_ms at)
{
	char text[TIME_RFC3339_SIZE];

	if (at <= 0) {
		page_say(page, "never");
		return;
	}
	time_format_rfc3339(at, text);
	page_say(page, "<time>%.10s</time>", text);
}

void page_minute(struct page *page, time_ms at)
{
	char text[TIME_RFC3339_SIZE];

	if (at <= 0) {
		page_say(page, "never");
		return;
	}
	time_format_rfc3339(at, text);
	page_say(page, "<time>%.10s %.5sZ</time>", text, text + 11);
}

const char *page_state_class(enum state state)
{
	return state_text(state);
}

void page_state(struct page *page, enum state state)
{
	page_say(page, "<span class=\"s %s\">%s</span>", page_state_class(state),
		standing_word(state));
}

/* How the rest stands, where nothing is dead. */
static void say_well(
	struct page *page, const struct standing_counts *counts, uint64_t links)
{
	char a[PAGE_NUMBER_SIZE], b[PAGE_NUMBER_SIZE];
	uint64_t alive =
		(uint64_t)counts->by_state[STATE_ALIVE] + counts->by_state[STATE_MOVED];
	uint32_t suspect = counts->by_state[STATE_SUSPECT];

	if (suspect > 0)
		page_say(page, "No link is dead; %s of %s %s suspect.",
			page_number(suspect, a), page_number(links, b),
			suspect == 1 ? "is" : "are");
	else if (alive == links)
		page_say(page,
			links == 1 ? "The one link is alive." : "All %s links are alive.",
			page_number(links, a));
	else
		page_say(page, "No link is dead: %s of %s %s alive.",
			page_number(alive, a), page_number(links, b),
			alive == 1 ? "is" : "are");
}

void page_counts_sentence(struct page *page, const struct standing_counts *counts)
{
	char a[PAGE_NUMBER_SIZE], b[PAGE_NUMBER_SIZE];
	uint64_t links = standing_links(counts);
	uint32_t dead = counts->by_state[STATE_DEAD];
	uint32_t suspect = counts->by_state[STATE_SUSPECT];

	page_say(page, "<p class=\"lead\">");
	if (links == 0) {
		page_say(page, "No links yet.");
	} else if (counts->by_state[STATE_UNCHECKED] == links) {
		page_say(page, "None of %s link%s has been checked yet.",
			page_number(links, a), links == 1 ? "" : "s");
	} else if (dead == 0) {
		say_well(page, counts, links);
	} else {
		page_say(page, "<strong>%s of %s link%s %s dead</strong>",
			page_number(dead, a), page_number(links, b),
			links == 1 ? "" : "s", dead == 1 ? "is" : "are");
		if (suspect > 0)
			page_say(page, ", %s more %s suspect", page_number(suspect, a),
				suspect == 1 ? "is" : "are");
		page_say(page, ".");
	}
	page_say(page, "</p>\n");
}
