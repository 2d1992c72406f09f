#include "message/content.h"

#include <inttypes.h>

#include "base/utf8.h"
#include "message/compose_internal.h"

enum { SUBJECT_BYTES_MAX = 200 };

static void add_counts_of_all(const struct message *message, struct buffer *out)
{
	uint32_t counts[MESSAGE_TOPIC_COUNT] = { 0 };
	for (uint32_t i = 0; i < message->part_count; i++)
		for (int topic = 0; topic < MESSAGE_TOPIC_COUNT; topic++) {
			uint32_t more = message->parts[i].counts[topic];
			uint32_t room = UINT32_MAX - counts[topic];
			counts[topic] += more < room ? more : room;
		}
	compose_counts(counts, out);
}

static bool has_counts(const struct message_part *part)
{
	for (int topic = 0; topic < MESSAGE_TOPIC_COUNT; topic++)
		if (part->counts[topic] > 0)
			return true;
	return false;
}

static void add_subject_of_part(const struct message_part *part, struct buffer *out)
{
	enum { NAME_BYTES_MAX = 120 };
	struct slice name = part->sentence.len > 0 ? part->sentence : part->list;
	if (name.len == 0)
		name = part->title;
	utf8_add_printable(out, name, NAME_BYTES_MAX);
	if (part->sentence.len > 0 && !has_counts(part))
		return;
	buffer_add_text(out, name.len > 0 ? ": " : "");
	compose_counts(part->counts, out);
}

void message_subject(const struct message *message, struct buffer *out)
{
	struct buffer line;
	buffer_init(&line, 4096);
	if (message->subject.len > 0)
		buffer_add(&line, slice_sub(message->subject, 0, 1024));
	else if (message->part_count == 1)
		add_subject_of_part(&message->parts[0], &line);
	else {
		buffer_printf(&line, "%" PRIu32 " groups: ", message->part_count);
		add_counts_of_all(message, &line);
	}
	utf8_add_printable(out, buffer_slice(&line), SUBJECT_BYTES_MAX);
	if (line.failed)
		out->failed = true;
	buffer_fini(&line);
}

void message_text(const struct message *message, size_t bytes_max, struct buffer *out)
{
	if (message->text.len > 0 && message->text.len <= bytes_max)
		buffer_add(out, message->text);
	else if (message->text.len > 0) {
		struct message lines = { .text = message->text };
		compose(&lines, STYLE_PLAIN, bytes_max, out);
	} else
		compose(message, STYLE_PLAIN, bytes_max, out);
}

void message_html(const struct message *message, size_t bytes_max, struct buffer *out)
{
	static const char head[] =
		"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
		"<meta name=\"color-scheme\" content=\"light dark\">\n<title>";
	static const char body[] =
		"</title>\n<style>body{font:16px/1.4 "
		"sans-serif;max-width:45em;margin:1em;"
		"overflow-wrap:anywhere}h2{font-size:1.1em}li{margin:.5em 0}</style>\n"
		"</head><body>\n";
	if (message->html.len > 0 && message->html.len <= bytes_max) {
		buffer_add(out, message->html);
		return;
	}
	struct buffer subject;
	buffer_init(&subject, 4096);
	message_subject(message, &subject);
	buffer_add_text(out, head);
	style_add(STYLE_HTML, buffer_slice(&subject), 1024, out);
	buffer_add_text(out, body);
	compose(message, STYLE_HTML, bytes_max - 2048, out);
	buffer_add_text(out, "</body></html>\n");
	buffer_fini(&subject);
}
