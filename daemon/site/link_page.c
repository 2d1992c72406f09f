#include "site/link_page_internal.h"

#include <inttypes.h>

#include "format/standing_write.h"
#include "format/words.h"

/* --- on top ---------------------------------------------------------------------------
 */

/* What the documents call it, else its URL. */
static void add_title(struct buffer *out, const struct link *link)
{
	enum { TITLE_BYTES = 1024 };

	if (link->expected_title.len > 0)
		buffer_add(out, slice_sub(link->expected_title, 0, TITLE_BYTES));
	else if (link->first != NULL && link->first->text.len > 0)
		buffer_add(out, slice_sub(link->first->text, 0, TITLE_BYTES));
	else
		words_url(out, link->url);
}

static void add_lead(struct page *page, const struct standing *standing)
{
	const struct link_record *record = &standing->record;

	page_say(page,
		"<p class=\"lead\"><span class=\"s %s\"><strong>%s</strong></span>",
		page_state_class(record->state), standing_heading(record->state));
	if (record->since > 0) {
		page_say(page, " since ");
		page_day(page, record->since);
	}
	page_say(page, ".");
	if (record->state != STATE_ALIVE && record->state != STATE_UNCHECKED) {
		buffer_reset(&page->scratch);
		words_reason(&page->scratch, &standing->link);
		page_say(page, " ");
		page_sentence(page, buffer_slice(&page->scratch), LINK_TEXT_BYTES * 2);
	}
	page_say(page, "</p>\n");
}

static void add_suggestion(struct page *page, const struct link *link)
{
	struct suggestion suggestion;

	if (!words_suggestion(link, &suggestion))
		return;
	page_say(page, "<p class=\"instead\"><b>Write instead</b> <span class=\"url\">");
	page_outward(page, suggestion.url, true, WORDS_URL_BYTES);
	page_say(page, "</span> ");
	page_sentence(page, suggestion.why, LINK_TEXT_BYTES);
	page_say(page, "</p>\n");
}

/* --- evidence -------------------------------------------------------------------------
 */

static void add_notes(struct page *page, const struct link *link)
{
	if (link->result.verdict.notes == 0)
		return;
	page_say(page, "<ul class=\"notes\">\n");
	for (size_t i = 0; i < NOTE_COUNT; i++) {
		if ((link->result.verdict.notes & NOTE_BIT(i)) == 0)
			continue;
		buffer_reset(&page->scratch);
		words_note(&page->scratch, link, (enum note)i);
		page_say(page, "<li>Note: ");
		page_sentence(page, buffer_slice(&page->scratch), LINK_TEXT_BYTES * 2);
		page_say(page, "</li>\n");
	}
	page_say(page, "</ul>\n");
}

static void add_evidence(struct page *page, const struct link_page *link)
{
	if (link->known.reason_count + link->known.next_count == 0 &&
		link->standing->link.result.verdict.notes == 0)
		return;
	page_say(page, "<div class=\"pair\">\n<section>\n<h2>Why</h2>\n");
	page_lines(page, "reasons", link->known.reasons, link->known.reason_count,
		LINK_PAGE_LINES_MAX);
	add_notes(page, &link->standing->link);
	page_say(page, "</section>\n");
	if (link->known.next_count > 0) {
		page_say(page, "<section>\n<h2>What happens next</h2>\n");
		page_lines(page, "reasons", link->known.nexts, link->known.next_count,
			LINK_PAGE_LINES_MAX);
		page_say(page, "</section>\n");
	}
	page_say(page, "</div>\n");
}

/* The share of the days that the screen has room for; the style sheet shows one. */
static void add_share(struct page *page, const struct strip *strip, uint32_t slots)
{
	bool is_known = strip_good_permille(strip, slots) >= 0;

	page_say(page, "<span class=\"w%" PRIu32 "\">%s", slots,
		is_known ? "well on " : "");
	strip_add_share(page->out, strip, slots);
	page_say(page, "%s</span>", is_known ? " of the known days" : "");
}

static void add_strip_day(
	struct page *page, const struct strip *strip, uint32_t slots, const char *name)
{
	char day[TIME_RFC3339_SIZE];

	time_format_rfc3339(
		strip->from + (time_ms)(STRIP_SLOTS - slots) * TIME_MS_PER_DAY, day);
	page_say(page, "<span class=\"%s\"><time>%.10s</time></span>", name, day);
}

static void add_strip(struct page *page, const struct strip *strip)
{
	page_say(page, "<h2>Day by day</h2>\n<div class=\"strip\">\n");
	strip_add_buttons(page->out, strip);
	page_say(page, "<p class=\"x\">");
	add_strip_day(page, strip, STRIP_SLOTS, "w90");
	add_strip_day(page, strip, STRIP_MIDDLE, "w60");
	add_strip_day(page, strip, STRIP_SHORT, "w30");
	add_share(page, strip, STRIP_SLOTS);
	add_share(page, strip, STRIP_MIDDLE);
	add_share(page, strip, STRIP_SHORT);
	add_strip_day(page, strip, 1, "today");
	page_say(page, "</p>\n<p class=\"key\">");
	/* No data, which is the first, comes last. */
	for (size_t i = 1; i <= STRIP_KIND_COUNT; i++) {
		enum strip_kind kind = (enum strip_kind)(i % STRIP_KIND_COUNT);
		page_say(page, "<span class=\"bar %s\">%s</span> ", strip_class(kind),
			strip_kind_text(kind));
	}
	page_say(page,
		"</p>\n<p class=\"hint\" id=\"keys\">Arrow keys go from day to day, "
		"Page Up and Page Down by a week.</p>\n</div>\n");
}

/* --- facts ----------------------------------------------------------------------------
 */

static void open_fact(struct page *page, const char *name)
{
	page_say(page, "<div><dt>%s</dt><dd>", name);
}

static void close_fact(struct page *page)
{
	page_say(page, "</dd></div>\n");
}

static void add_instant(struct page *page, const char *name, time_ms at)
{
	open_fact(page, name);
	page_minute(page, at);
	close_fact(page);
}

static void add_answer(struct page *page, const struct standing *standing)
{
	const struct check_result *result = &standing->link.result;

	open_fact(page, "Last answer");
	if (result->http_status > 0)
		page_say(page, "HTTP %d, ", result->http_status);
	page_say(page, "<code>%s</code>", reason_text(result->verdict.reason));
	if (standing->method_known)
		page_say(page, " to %s", method_text(result->method));
	close_fact(page);
}

static void add_certificate(struct page *page, const struct certificate *certificate)
{
	if (!certificate->seen || certificate->chain_expires_at <= 0)
		return;
	open_fact(page, "Certificate ends");
	page_day(page, certificate->chain_expires_at);
	close_fact(page);
}

static void add_lists(struct page *page, const struct standing *standing)
{
	enum { LISTS_MAX = 12 };

	if (standing->list_count == 0)
		return;
	open_fact(page, standing->list_count == 1 ? "List" : "Lists");
	for (uint32_t i = 0; i < standing->list_count && i < LISTS_MAX; i++) {
		page_say(page, "%s", i > 0 ? ", " : "");
		page_open_list(page, standing->lists[i]);
		page_text(page, standing->lists[i], LINK_TEXT_BYTES);
		page_say(page, "</a>");
	}
	if (standing->list_count > LISTS_MAX)
		page_say(page, " and %" PRIu32 " more", standing->list_count - LISTS_MAX);
	close_fact(page);
}

static void add_facts(struct page *page, const struct standing *standing)
{
	const struct link_record *record = &standing->record;
	const struct check_result *result = &standing->link.result;
	char number[PAGE_NUMBER_SIZE];

	page_say(page, "<h2>Facts</h2>\n<dl class=\"facts\">\n");
	add_instant(page, "Last checked", record->last_checked_at);
	add_instant(page, "Last seen well", record->last_ok_at);
	if (record->due_at > 0)
		add_instant(page, "Next check", record->due_at);
	open_fact(page, "Checks so far");
	page_say(page, "%s", page_number(record->checks, number));
	close_fact(page);
	if (record->checks > 0)
		add_answer(page, standing);
	if (result->title.len > 0) {
		open_fact(page, "Title of the page");
		page_sentence(page, result->title, LINK_TEXT_BYTES);
		close_fact(page);
	}
	add_certificate(page, &result->certificate);
	add_lists(page, standing);
	page_say(page, "</dl>\n");
}

/* --- places ---------------------------------------------------------------------------
 */

static void add_place(struct page *page, const struct occurrence *place)
{
	page_say(page, "<tr><td><code>");
	page_url(page, place->source, LINK_TEXT_BYTES);
	if (place->line > 0)
		page_say(page, ":%" PRIu32, place->line);
	if (place->line > 0 && place->column > 0)
		page_say(page, ":%" PRIu32, place->column);
	page_say(page, "</code></td><td>");
	page_sentence(page, place->text, LINK_TEXT_BYTES);
	page_say(page, "</td><td>");
	page_sentence(page, place->context, LINK_TEXT_BYTES);
	page_say(page, "</td></tr>\n");
}

static uint32_t places_of(const struct link *link)
{
	uint32_t count = 0;
	for (const struct occurrence *place = link->first;
		place != NULL && count < LINK_PAGE_PLACES_MAX; place = place->next)
		count++;
	return count;
}

static void add_places(struct page *page, const struct link *link)
{
	uint32_t left = places_of(link), shown = left;
	char number[PAGE_NUMBER_SIZE];

	page_say(page, "<h2>Where it is mentioned</h2>\n");
	if (left == 0) {
		page_say(page, "<p>Nowhere any more: it is no longer checked.</p>\n");
		return;
	}
	page_say(page, "<table class=\"places\"><thead><tr><th scope=\"col\">Place</th>"
		       "<th scope=\"col\">Text</th><th scope=\"col\">Around it</th></tr>"
		       "</thead>\n<tbody>\n");
	for (const struct occurrence *place = link->first; left > 0;
		place = place->next, left--) {
		page_open_row(page, left);
		add_place(page, place);
	}
	page_say(page, "</tbody></table>\n");
	if (link->occurrence_count > shown)
		page_say(page, "<p>and %s more</p>\n",
			page_number(link->occurrence_count - shown, number));
}

/* --- the page -------------------------------------------------------------------------
 */

/* What each part costs in markup at its most, so that the purse holds for all of them:
 * the strip 13, events 5, checks 4, spans 9, pictures 6, the rest 7 KB. */
enum { MARKUP_BYTES = 44 * 1024 };

/* A part takes at most its share of what foreign text may take. */
static void open_part(struct page *page, uint32_t parts_left)
{
	page_open_row(page, parts_left);
}

int link_page_write(const struct site *site, const struct link_page *link,
	struct buffer *out, struct error *error)
{
	struct page page;
	const struct standing *standing = link->standing;
	struct buffer title;

	buffer_init(&title, WORDS_BYTES_MAX);
	add_title(&title, &standing->link);
	const struct page_top top = { .title = buffer_slice(&title),
		.head = &link->head };
	page_init(&page, site,
		(struct site_place){ .what = SITE_LINK, .link_id = standing->link_id },
		out);
	page_begin(&page, &top);
	buffer_fini(&title);
	page_open_purse(&page, MARKUP_BYTES);
	open_part(&page, 6);
	page_say(&page, "<p class=\"url\">");
	page_outward(&page, standing->link.url, page_is_alive(standing->record.state),
		WORDS_URL_BYTES);
	page_say(&page, "</p>\n");
	add_lead(&page, standing);
	add_suggestion(&page, &standing->link);
	if (link->head.stale || link->head.line_count > 0)
		page_freshness(&page, &link->head);
	if (link->strip != NULL && standing->record.checks > 0)
		add_strip(&page, link->strip);
	open_part(&page, 5);
	add_evidence(&page, link);
	open_part(&page, 4);
	add_facts(&page, standing);
	open_part(&page, 3);
	link_add_way(&page, link);
	link_add_timing(&page, link);
	open_part(&page, 2);
	link_add_history(&page, link);
	add_places(&page, &standing->link);
	return page_end(&page, "the page of a link", error);
}

int refusal_page_write(const struct site *site, struct slice title, struct slice sentence,
	struct buffer *out, struct error *error)
{
	struct page page;
	const struct page_top top = { .title = title };
	const struct site_place home = { .what = SITE_OVERVIEW };

	page_init(&page, site, home, out);
	page_begin(&page, &top);
	page_say(&page, "<p class=\"lead\">");
	page_sentence(&page, sentence, LINK_TEXT_BYTES * 2);
	page_say(&page, "</p>\n<p><a ");
	page_href(&page, &home);
	page_say(&page, ">All lists</a></p>\n");
	return page_end(&page, "the page for what cannot be shown", error);
}

int missing_page_write(const struct site *site, struct buffer *out, struct error *error)
{
	return refusal_page_write(site, SLICE("Not here"),
		SLICE("There is no such list, link or page. It may have been removed "
		      "since."),
		out, error);
}
