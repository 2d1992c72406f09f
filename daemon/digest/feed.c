#include "digest/feed.h"

#include "base/utf8.h"
#include "format/markup.h"
#include "format/standing_write.h"
#include "format/words.h"
#include "model/userinfo.h"

enum { NAME_BYTES = 200, TITLE_BYTES = 300, HOST_BYTES_MAX = 253 };

struct feed {
	const struct feed_head *head;
	struct buffer *out;
	struct buffer raw, bare; /* reused */
};

/* --- what is worth an entry, and what it is called ------------------------- */

static bool is_well(enum state state)
{
	return state == STATE_ALIVE || state == STATE_MOVED;
}

static bool is_recovery(const struct event *event)
{
	return event->kind == EVENT_STATE && event_before(event) == STATE_DEAD &&
	       is_well(event->to);
}

static bool is_new_verdict(const struct event *event)
{
	return (event->to == STATE_DEAD || event->to == STATE_MOVED) &&
	       event_before(event) != event->to;
}

bool feed_wants(const struct event *event)
{
	switch (event->kind) {
	case EVENT_STATE:
		return is_new_verdict(event) || is_recovery(event);
	case EVENT_FLAPPING:
	case EVENT_CONTENT_CHANGED:
	case EVENT_INCIDENT_BEGAN:
	case EVENT_INCIDENT_ENDED:
	case EVENT_SOURCE_FAILED:
	case EVENT_SOURCE_BACK:
		return true;
	case EVENT_STEADY:
	case EVENT_LINK_ADDED:
	case EVENT_LINK_REMOVED:
	case EVENT_OFFLINE_BEGAN:
	case EVENT_OFFLINE_ENDED:
		return false;
	}
	return false;
}

static const char *title_of(const struct event *event)
{
	static const char *const titles[EVENT_KIND_COUNT] = {
		[EVENT_FLAPPING] = "Comes and goes",
		[EVENT_STEADY] = "Steady again",
		[EVENT_CONTENT_CHANGED] = "No longer what it was",
		[EVENT_INCIDENT_BEGAN] = "Incident",
		[EVENT_INCIDENT_ENDED] = "Incident over",
		[EVENT_SOURCE_FAILED] = "Source in trouble",
		[EVENT_SOURCE_BACK] = "Source is back",
		[EVENT_LINK_ADDED] = "New link",
		[EVENT_LINK_REMOVED] = "Link removed",
		[EVENT_OFFLINE_BEGAN] = "Not measuring",
		[EVENT_OFFLINE_ENDED] = "Measuring again",
	};
	if (is_recovery(event))
		return event->to == STATE_MOVED ? "Recovered, and moved" : "Recovered";
	if (event->kind == EVENT_STATE)
		return standing_heading(event->to);
	return titles[event->kind];
}

/* What may be followed: nothing that is dead, or whose owner may be another. */
static bool is_safe(const struct event *event)
{
	return event->kind == EVENT_STEADY || event->kind == EVENT_LINK_ADDED ||
	       (event->kind == EVENT_STATE && is_well(event->to));
}

/* --- pieces of XML --------------------------------------------------------- */

/* Foreign text, or ours with foreign parts, without the userinfo of the URLs in it. */
static void add_escaped(struct feed *feed, struct slice text, size_t bytes_max)
{
	buffer_reset(&feed->bare);
	userinfo_hide(&feed->bare, slice_sub(text, 0, WORDS_BYTES_MAX));
	markup_text(feed->out, buffer_slice(&feed->bare), bytes_max);
	feed->out->failed |= feed->bare.failed;
}

static void add_element(
	struct feed *feed, const char *name, struct slice text, size_t bytes_max)
{
	buffer_printf(feed->out, "<%s>", name);
	add_escaped(feed, text, bytes_max);
	buffer_printf(feed->out, "</%s>\n", name);
}

static void add_instant(struct feed *feed, const char *name, time_ms at)
{
	char text[TIME_RFC3339_SIZE];
	time_format_rfc3339(at > 0 ? at : 0, text);
	add_element(feed, name, slice_of(text), sizeof(text));
}

static void add_link(
	struct feed *feed, const char *rel, const char *type, struct slice url)
{
	if (!markup_is_href(url))
		return;
	buffer_printf(feed->out, "<link rel=\"%s\"%s href=", rel, type);
	markup_href(feed->out, url);
	buffer_add_text(feed->out, "/>\n");
}

static void add_category(struct feed *feed, struct slice term)
{
	buffer_add_text(feed->out, "<category term=\"");
	add_escaped(feed, term, NAME_BYTES);
	buffer_add_text(feed->out, "\"/>\n");
}

/* RFC 4151: the authority is a DNS name, what follows consists of characters of a URI's
 * path; nothing else is let through. */
static void add_tag(struct feed *feed)
{
	struct slice host = feed->head->host;
	size_t start;

	buffer_add_text(feed->out, "tag:");
	start = feed->out->len;
	for (size_t i = 0; i < host.len && feed->out->len - start < HOST_BYTES_MAX; i++)
		if (char_is_alpha(host.at[i]) || char_is_digit(host.at[i]) ||
			host.at[i] == '-' || host.at[i] == '.')
			buffer_add_char(feed->out, char_lower(host.at[i]));
	if (feed->out->len == start)
		buffer_add_text(feed->out, "localhost");
	buffer_add_text(feed->out, ",2026:");
}

static void add_feed_id(struct feed *feed)
{
	struct slice list = slice_sub(feed->head->list, 0, NAME_BYTES);

	buffer_add_text(feed->out, "<id>");
	add_tag(feed);
	buffer_add_text(feed->out, list.len > 0 ? "feed/" : "feed");
	for (size_t i = 0; i < list.len; i++)
		if (char_is_alpha(list.at[i]) || char_is_digit(list.at[i]) ||
			list.at[i] == '-')
			buffer_add_char(feed->out, list.at[i]);
		else
			buffer_printf(feed->out, "%%%02X", (unsigned char)list.at[i]);
	buffer_add_text(feed->out, "</id>\n");
}

/* --- an entry -------------------------------------------------------------- */

static void add_entry_id(struct feed *feed, const struct feed_entry *entry)
{
	char at[TIME_RFC3339_SIZE];

	time_format_rfc3339(entry->event.at > 0 ? entry->event.at : 0, at);
	buffer_add_text(feed->out, "<id>");
	add_tag(feed);
	buffer_printf(feed->out, "event/%lld/%s</id>\n", (long long)entry->event_id, at);
}

/* "Dead: https://gone.example/x", "Incident: openreview.net is unreachable" */
static void add_title(struct feed *feed, const struct feed_entry *entry)
{
	const struct event *event = &entry->event;

	buffer_reset(&feed->raw);
	buffer_add_text(&feed->raw, title_of(event));
	if (entry->url.len > 0 || event->text.len > 0)
		buffer_add_text(&feed->raw, ": ");
	if (entry->url.len > 0)
		words_url(&feed->raw, entry->url);
	else
		utf8_add_printable(&feed->raw, event->text, TITLE_BYTES);
	add_element(feed, "title", buffer_slice(&feed->raw), TITLE_BYTES);
}

/* One sentence after the other: what, since what, why. */
static void add_content(struct feed *feed, const struct feed_entry *entry)
{
	const struct event *event = &entry->event;
	struct buffer *raw = &feed->raw;

	buffer_reset(raw);
	buffer_add_text(raw, title_of(event));
	if (event->kind == EVENT_STATE && event_before(event) != STATE_UNCHECKED)
		buffer_printf(
			raw, ", before that %s", standing_word(event_before(event)));
	buffer_add_text(raw, ".");
	if (event->text.len > 0) {
		buffer_add_char(raw, ' ');
		utf8_add_printable(raw, event->text, WORDS_SENTENCE_BYTES);
	} else if (event->reason != REASON_OK) {
		buffer_printf(raw, " %s", words_of_reason(event->reason));
	}
	if (event->links > 0 && event->text.len == 0) {
		buffer_add_char(raw, ' ');
		words_count(raw, event->links, "link");
		buffer_add_char(raw, '.');
	}
	if (entry->url.len > 0) {
		buffer_add_char(raw, ' ');
		words_url(raw, entry->url);
	}
	buffer_add_text(feed->out, "<content type=\"text\">");
	add_escaped(feed, buffer_slice(raw), WORDS_BYTES_MAX);
	buffer_add_text(feed->out, "</content>\n");
	feed->out->failed |= raw->failed;
}

/* Where our own pages tell of it. */
static void add_page(struct feed *feed, const struct feed_entry *entry)
{
	struct slice page = feed->head->page_url;

	if (entry->event.link_id <= 0 || !slice_ends(page, SLICE("/")))
		return;
	buffer_reset(&feed->raw);
	buffer_add(&feed->raw, page);
	buffer_printf(&feed->raw, "links/%lld", (long long)entry->event.link_id);
	add_link(feed, "alternate", " type=\"text/html\"", buffer_slice(&feed->raw));
}

static void write_entry(struct feed *feed, const struct feed_entry *entry)
{
	const struct event *event = &entry->event;

	buffer_add_text(feed->out, "<entry>\n");
	add_entry_id(feed, entry);
	add_title(feed, entry);
	add_instant(feed, "published", event->at);
	add_instant(feed, "updated", event->at);
	add_page(feed, entry);
	if (is_safe(event))
		add_link(feed, "related", "", entry->url);
	add_category(feed,
		slice_of(event->kind == EVENT_STATE ? state_text(event->to)
						    : event_kind_text(event->kind)));
	for (uint32_t i = 0; i < entry->list_count && i < FEED_LISTS_MAX; i++)
		if (entry->lists[i].len > 0)
			add_category(feed, entry->lists[i]);
	add_content(feed, entry);
	buffer_add_text(feed->out, "</entry>\n");
}

/* --- the whole ------------------------------------------------------------- */

/* The page of the same list. */
static void add_own_page(struct feed *feed)
{
	const struct feed_head *head = feed->head;

	buffer_reset(&feed->raw);
	buffer_add(&feed->raw, head->page_url);
	if (head->list.len > 0 && slice_ends(head->page_url, SLICE("/")))
		buffer_printf(&feed->raw, "lists/%.*s", SLICE_ARG(head->list));
	add_link(feed, "alternate", " type=\"text/html\"", buffer_slice(&feed->raw));
}

static void write_head(
	struct feed *feed, const struct feed_entry *entries, uint32_t count)
{
	const struct feed_head *head = feed->head;
	time_ms updated = head->updated;

	for (uint32_t i = 0; i < count; i++)
		if (entries[i].event.at > updated)
			updated = entries[i].event.at;
	buffer_add_text(feed->out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
				   "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
	add_feed_id(feed);
	add_element(feed, "title",
		head->title.len > 0 ? head->title : SLICE("Link events"), TITLE_BYTES);
	add_instant(feed, "updated", updated);
	buffer_add_text(feed->out, "<author><name>linkrotd</name></author>\n");
	add_element(feed, "generator", slice_of(head->generator), NAME_BYTES);
	add_link(feed, "self", " type=\"application/atom+xml\"", head->self_url);
	add_own_page(feed);
}

int feed_write(const struct feed_head *head, const struct feed_entry *entries,
	uint32_t count, struct buffer *out, struct error *error)
{
	struct feed feed = { .head = head, .out = out };

	buffer_init(&feed.raw, 2 * WORDS_BYTES_MAX);
	buffer_init(&feed.bare, 4 * WORDS_BYTES_MAX);
	if (count > FEED_ENTRIES_MAX)
		count = FEED_ENTRIES_MAX;
	write_head(&feed, entries, count);
	for (uint32_t i = 0; i < count && !out->failed; i++)
		write_entry(&feed, &entries[i]);
	buffer_add_text(out, "</feed>\n");
	buffer_fini(&feed.bare);
	buffer_fini(&feed.raw);
	return standing_finish(false, out, "the feed", NULL, error);
}
