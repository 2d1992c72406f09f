/* message/escape: foreign text made harmless, one way for each place it is written to.
 *
 * First every text becomes one line of valid UTF-8 without controls, bidirectional marks
 * and the like (utf8_add_printable). Then what means something to the reader's program is
 * replaced. Where a format has an escape that is certain, it is used; where it has none
 * (a mention in a chat), an invisible space (U+200B) is put behind the sign, so that no
 * name follows it. URLs stand in code, where nothing is read as markup, mention or link:
 * a dead link is not for clicking, and chats fetch what they are shown. */
#pragma once

#include "base/buffer.h"
#include "base/slice.h"

#define STYLES(X)                                                                        \
	X(PLAIN, "plain")           /* mail, ntfy, Teams' text runs */                   \
	X(HTML, "html")             /* mail */                                           \
	X(SLACK, "slack")           /* mrkdwn */                                         \
	X(DISCORD, "discord")       /* its Markdown */                                   \
	X(MATTERMOST, "mattermost") /* likewise */                                       \
	X(TELEGRAM, "telegram")     /* parse_mode HTML */                                \
	X(MATRIX, "matrix")         /* org.matrix.custom.html */                         \
	X(GITHUB, "github")         /* its Markdown */

#define STYLE_ENUM(name, text) STYLE_##name,
enum style { STYLES(STYLE_ENUM) };
#undef STYLE_ENUM
#define STYLE_ONE(name, text) +1
enum { STYLE_COUNT = STYLES(STYLE_ONE) };
#undef STYLE_ONE

/* What is the format's own, around the foreign text. */
struct style_marks {
	const char *strong_open, *strong_close;
	const char *part_open, *part_close;   /* around a heading */
	const char *items_open, *items_close; /* around all items of a part */
	const char *item_open, *item_close;
	const char *line; /* a further line of an item */
	const char *end;  /* a line of its own ends */
};

const struct style_marks *style_marks(enum style style);

/* Appends at most `bytes_max` bytes, escapes included, with "…" where it was cut. */
void style_add(
	enum style style, struct slice foreign, size_t bytes_max, struct buffer *out);

/* A URL that is to be read, not followed. */
void style_add_url(enum style style, struct slice url, struct buffer *out);

/* Lines that are to be read as they are, between style_block(style)->open and ->close: in
 * code as URLs are, with their indentation. In Slack each line is code by itself, because
 * its cuts between lines would tear a block. */
struct style_block {
	const char *open, *close;
};
const struct style_block *style_block(enum style style);
void style_add_line(
	enum style style, struct slice line, size_t bytes_max, struct buffer *out);

/* A URL of our own that may be followed. Nothing is written where it is not http(s) in
 * printable ASCII without quotes, brackets and white space. */
void style_add_link(
	enum style style, struct slice url, const char *text, struct buffer *out);
