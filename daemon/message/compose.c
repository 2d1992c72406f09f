#include "message/compose_internal.h"

#include <assert.h>
#include <inttypes.h>

#define TOPIC_KEY(name, key, many, one)  key,
#define TOPIC_MANY(name, key, many, one) many,
#define TOPIC_ONE(name, key, many, one)  one,
static const char *const topic_keys[] = { MESSAGE_TOPICS(TOPIC_KEY) };
static const char *const topic_many[] = { MESSAGE_TOPICS(TOPIC_MANY) };
static const char *const topic_one[] = { MESSAGE_TOPICS(TOPIC_ONE) };

const char *message_topic_key(enum message_topic topic)
{
	return topic_keys[topic];
}

/* --- counts
 * ------------------------------------------------------------------------------ */

void compose_counts(const uint32_t counts[static MESSAGE_TOPIC_COUNT], struct buffer *out)
{
	bool any = false;
	for (int topic = 0; topic < MESSAGE_TOPIC_COUNT; topic++) {
		if (counts[topic] == 0)
			continue;
		buffer_printf(out, "%s%" PRIu32 " %s", any ? ", " : "", counts[topic],
			topic_many[topic]);
		any = true;
	}
	if (!any)
		buffer_add_text(out, "nothing new");
}

static uint64_t part_total(const struct message_part *part)
{
	uint64_t total = 0;
	for (int topic = 0; topic < MESSAGE_TOPIC_COUNT; topic++)
		total += part->counts[topic];
	return total > part->item_count ? total : part->item_count;
}

/* --- what is written, and how far it may go
 * ------------------------------------------------ */

struct composing {
	enum style style;
	const struct style_marks *marks;
	struct buffer *out;
	size_t end; /* out->len must not pass it */
};

/* Room for "and N more" and for the ends of what is open. */
enum { TAIL = 160 };

static void add_strong(struct composing *composing, struct slice foreign)
{
	buffer_add_text(composing->out, composing->marks->strong_open);
	style_add(composing->style, foreign, MESSAGE_FOREIGN_BYTES_MAX, composing->out);
	buffer_add_text(composing->out, composing->marks->strong_close);
}

static void add_heading(struct composing *composing, const struct message_part *part)
{
	struct buffer *out = composing->out;
	struct slice name = part->title.len > 0 ? part->title : part->list;
	bool sentence = part->sentence.len > 0;
	buffer_add_text(out, composing->marks->part_open);
	if (sentence)
		add_strong(composing, part->sentence);
	else if (name.len > 0)
		add_strong(composing, name);
	if (part_total(part) > 0) {
		buffer_add_text(out, sentence || name.len > 0 ? ": " : "");
		compose_counts(part->counts, out);
	}
	if (sentence && name.len > 0) {
		buffer_add_text(out, " (");
		style_add(composing->style, name, MESSAGE_FOREIGN_BYTES_MAX, out);
		buffer_add_text(out, ")");
	}
	buffer_add_text(out, composing->marks->part_close);
}

static void add_aside(struct composing *composing, const char *before, struct slice text,
	const char *behind)
{
	if (slice_trim(text).len == 0)
		return;
	buffer_add_text(composing->out, before);
	style_add(composing->style, text, MESSAGE_FOREIGN_BYTES_MAX, composing->out);
	buffer_add_text(composing->out, behind);
}

static void add_item(struct composing *composing, const struct message_item *item)
{
	struct buffer *out = composing->out;
	const struct style_marks *marks = composing->marks;
	buffer_add_text(out, marks->item_open);
	buffer_printf(out, "%s: ", topic_one[item->topic]);
	style_add_url(composing->style, item->url, out);
	if (item->title.len > 0 || item->place.len > 0) {
		buffer_add_text(out, marks->line);
		add_aside(composing, "", item->title, "");
		add_aside(composing, item->title.len > 0 ? " (" : "(", item->place, ")");
	}
	add_aside(composing, marks->line, item->evidence, "");
	if (item->instead.len > 0) {
		buffer_add_text(out, marks->line);
		buffer_add_text(out, "instead: ");
		style_add_url(composing->style, item->instead, out);
	}
	if (item->page_url.len > 0) {
		size_t before = out->len;
		buffer_add_text(out, marks->line);
		size_t link = out->len;
		style_add_link(composing->style, item->page_url, "history", out);
		if (out->len == link)
			buffer_truncate(out, before);
	}
	buffer_add_text(out, marks->item_close);
}

static bool fits(const struct composing *composing)
{
	return composing->out->len + TAIL <= composing->end;
}

static void add_more(struct composing *composing, uint64_t more, bool within)
{
	if (more == 0)
		return;
	buffer_add_text(composing->out, within ? composing->marks->item_open : "");
	buffer_printf(composing->out, "and %" PRIu64 " more", more);
	buffer_add_text(composing->out,
		within ? composing->marks->item_close : composing->marks->end);
}

/* Items as far as they fit; returns false when the limit ended them. */
static bool add_items(
	struct composing *composing, const struct message_part *part, uint64_t later)
{
	struct buffer *out = composing->out;
	uint64_t total = part_total(part);
	if (total == 0)
		return true;
	buffer_add_text(out, composing->marks->items_open);
	uint32_t shown = 0;
	bool whole = true;
	for (; shown < part->item_count && whole; shown++) {
		size_t before = out->len;
		add_item(composing, &part->items[shown]);
		if (fits(composing))
			continue;
		buffer_truncate(out, before);
		whole = false;
		break;
	}
	add_more(composing, total - shown + (whole ? 0 : later), true);
	buffer_add_text(out, composing->marks->items_close);
	return whole;
}

static void add_page(struct composing *composing, const struct message_part *part)
{
	struct buffer *out = composing->out;
	size_t before = out->len;
	style_add_link(composing->style, part->page_url, "the whole list", out);
	if (out->len == before)
		return;
	buffer_add_text(out, composing->marks->end);
	if (!fits(composing))
		buffer_truncate(out, before);
}

static uint64_t rest_total(const struct message *message, uint32_t from)
{
	uint64_t total = 0;
	for (uint32_t i = from; i < message->part_count; i++)
		total += part_total(&message->parts[i]);
	return total;
}

static void compose_parts(struct composing *composing, const struct message *message)
{
	for (uint32_t i = 0; i < message->part_count; i++) {
		const struct message_part *part = &message->parts[i];
		size_t before = composing->out->len;
		if (i > 0 && composing->style == STYLE_PLAIN)
			buffer_add_text(composing->out, "\n");
		add_heading(composing, part);
		if (!fits(composing)) {
			buffer_truncate(composing->out, before);
			add_more(composing, rest_total(message, i), false);
			return;
		}
		if (!add_items(composing, part, rest_total(message, i + 1)))
			return;
		add_page(composing, part);
	}
}

static void add_line(struct composing *composing, struct slice line)
{
	style_add_line(composing->style, line, MESSAGE_URL_BYTES_MAX, composing->out);
	buffer_add_char(composing->out, '\n');
}

/* A digest's own text, which is harmless as plain text only. */
static void compose_lines(struct composing *composing, struct slice text)
{
	struct slice line;
	struct buffer *out = composing->out;
	const struct style_block *block = style_block(composing->style);
	buffer_add_text(out, block->open);
	while (text.len > 0 && slice_split(&text, '\n', &line)) {
		size_t before = out->len;
		add_line(composing, line);
		if (fits(composing))
			continue;
		buffer_truncate(out, before);
		add_line(composing, SLICE("and more"));
		break;
	}
	buffer_add_text(out, block->close);
}

void compose(const struct message *message, enum style style, size_t bytes_max,
	struct buffer *out)
{
	assert(bytes_max >= COMPOSE_BYTES_MIN);
	struct composing composing = { .style = style,
		.marks = style_marks(style),
		.out = out,
		.end = out->len + bytes_max };
	if (message->part_count == 0)
		compose_lines(&composing, message->text);
	else
		compose_parts(&composing, message);
}
