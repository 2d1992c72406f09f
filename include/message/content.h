/* message/content: what a message says, before it is said in anybody's format.
 *
 * The caller has read from the store what message/plan wants told, and hands it over as
 * parts and items. This header also writes the forms that several ways share: the
 * subject, the plain text and the HTML of a mail. Every field may hold foreign bytes;
 * they are made harmless where they are written, by one function a format
 * (daemon/message/escape_ internal.h). Nothing here is owned: all slices are the caller's
 * and live during the call.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "base/time.h"

/* In the order in which they are told. name, key, verb for a count, verb for one link */
#define MESSAGE_TOPICS(X)                                                                \
	X(DIED, "died", "died", "dead")                                                  \
	X(RECOVERED, "recovered", "recovered", "recovered")                              \
	X(MOVED, "moved", "moved", "moved")                                              \
	X(STILL, "still_dead", "still dead", "still dead")

#define MESSAGE_TOPIC_ENUM(name, key, many, one) MESSAGE_##name,
enum message_topic { MESSAGE_TOPICS(MESSAGE_TOPIC_ENUM) };
#undef MESSAGE_TOPIC_ENUM
#define MESSAGE_TOPIC_ONE(name, key, many, one) +1
enum {
	MESSAGE_TOPIC_COUNT = MESSAGE_TOPICS(MESSAGE_TOPIC_ONE),
	MESSAGE_FOREIGN_BYTES_MAX = 300, /* of a title, a place, a sentence */
	MESSAGE_URL_BYTES_MAX = 1000,    /* of a URL that is shown; longer ones are cut */
	MESSAGE_BYTES_MAX = 1 << 20,     /* of any body that this room writes */
};
#undef MESSAGE_TOPIC_ONE

const char *message_topic_key(enum message_topic topic);

struct message_item {
	enum message_topic topic;
	int64_t link_id;
	time_ms at; /* of the event; STILL: dead since */
	struct slice
		list; /* the first of its lists that the receiver wants; may be empty */
	struct slice url;
	struct slice title; /* the link's text or context; may be empty, as all below */
	struct slice place; /* "README.md:34" */
	struct slice evidence; /* one line: "404 three times in 8 days" */
	struct slice instead;  /* a URL to use in its place */
	struct slice page_url; /* of the link on our own pages */
};

struct message_part {
	struct slice list, title; /* its name and what people call it */
	int64_t incident_id;      /* 0: none */
	bool ended;               /* the incident is over */
	struct slice
		sentence; /* of an incident: "openreview.net unreachable, 12 links" */
	const struct message_item *items;
	uint32_t item_count;
	uint32_t counts[MESSAGE_TOPIC_COUNT]; /* all there are; at least the items */
	struct slice page_url;                /* of the list on our own pages */
};

struct message {
	/* The same for every attempt of one outbox row, and for no other: letters,
	 * digits, dots and hyphens, at most 100. Message-ID, transaction ids and the like
	 * are made of it. */
	struct slice id;
	time_ms at; /* when it was made; not when it is sent */
	const struct message_part *parts;
	uint32_t part_count;
	/* A digest brings its own words: subject line, whole text and whole HTML page
	 * (which are taken as they are, valid UTF-8 and harmless). Empty: made from the
	 * parts. */
	struct slice subject, text, html;
	struct slice list; /* of a digest: the one that it is about; empty: all */
};

/* "llm-alignment: 2 died, 1 moved", "openreview.net unreachable, 12 links": one line of
 * at most 200 bytes, harmless. */
void message_subject(const struct message *message, struct buffer *out);

/* The digest's own text, or one made of the parts; at most `bytes_max` bytes, ending with
 * "and N more" where it had to be cut. */
void message_text(const struct message *message, size_t bytes_max, struct buffer *out);

/* A whole HTML document: no scripts, nothing loaded from outside, and URLs of dead links
 * as text: mail scanners follow what can be followed. */
void message_html(const struct message *message, size_t bytes_max, struct buffer *out);
