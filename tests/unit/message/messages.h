/* tests/unit/message/messages: messages of harmless and of hostile text.
 */
#pragma once

#include "lib/test.h"

#include <string.h>

#include "message/content.h"

/* 2026-11-23 03:30:01 */
#define TEST_AT INT64_C(1795404601000)

/* Markup, mentions, marks, controls and directions in everything that strangers write. */
#define HOSTILE                                                                          \
	"<script>alert(1)</script> &amp; \" ' `x` ``` *b* _i_ ~s~ |t| "                  \
	"[a](http://evil.test) "                                                         \
	"![i](x) <!channel> <!here> <@U123> <@&1> @everyone @here @channel @all @room "  \
	"@user "                                                                         \
	"#1 o/r#2 :smile: {{id}} ${x} %0A \\ \r\nBcc: evil@evil.test\r\n\r\n.\r\n "      \
	"\x1b[31m\x07\xE2\x80\xAE\xE2\x81\xA6\xEF\xBB\xBF\xFF\xC0\xAF =?utf-8?Q?x?= "    \
	"=1+1"

static inline struct message_item test_item(const char *text, enum message_topic topic)
{
	return (struct message_item){ .topic = topic,
		.link_id = 7,
		.at = TEST_AT - 1000,
		.url = slice_of(text),
		.title = slice_of(text),
		.place = slice_of(text),
		.evidence = slice_of(text),
		.instead = slice_of(text),
		.page_url = slice_of("https://links.example.org/links/7") };
}

struct test_message {
	struct message message;
	struct message_part part;
	struct message_item items[1000];
};

/* `count` items with the same text everywhere. */
static inline void test_fill(struct test_message *all, const char *text, uint32_t count)
{
	memset(all, 0, sizeof(*all));
	for (uint32_t i = 0; i < count; i++)
		all->items[i] = test_item(text, (enum message_topic)(i % 3));
	all->part = (struct message_part){ .list = slice_of("llm-alignment"),
		.title = slice_of(text),
		.sentence = slice_of(text),
		.incident_id = 5,
		.items = all->items,
		.item_count = count,
		.page_url = slice_of("https://links.example.org/lists/llm-alignment") };
	for (uint32_t i = 0; i < count; i++)
		all->part.counts[all->items[i].topic]++;
	all->message = (struct message){ .id = slice_of("17-42"),
		.at = TEST_AT,
		.parts = &all->part,
		.part_count = 1 };
}

static inline bool test_has(struct slice text, const char *what)
{
	return slice_find(text, slice_of(what)) != SLICE_NONE;
}

static inline void test_without(struct slice text, const char *what, const char *where)
{
	if (test_has(text, what))
		fail_msg("%s: \"%s\" in %.*s", where, what,
			SLICE_ARG(slice_sub(text, 0, 3000)));
}
