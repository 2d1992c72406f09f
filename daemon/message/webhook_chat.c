/* Providers for people. The limits are the providers' own, in bytes where they count
 * characters, less some room for what surrounds the text. */
#include "message/compose_internal.h"
#include "message/webhook_internal.h"

enum {
	SLACK_BLOCK_BYTES = 2900, /* 3000 characters a section, 50 blocks */
	SLACK_BYTES = 12000,
	DISCORD_BYTES = 1900, /* 2000 characters */
	TEAMS_BYTES = 26000,  /* 28 KB a message, JSON included */
	TEAMS_TEXT_BYTES = 12000,
	MATTERMOST_BYTES = 8000, /* 16383 characters; older ones 4000 of text */
	MATRIX_BYTES = 16000,    /* 65,536 bytes an event, in which it stands twice */
	NTFY_BYTES = 3900,       /* 4096 bytes; more becomes an attachment */
	NTFY_TITLE_BYTES = 200,  /* 256 */
	TELEGRAM_BYTES = 3900,   /* 4096 characters */
};

/* The subject in a style. */
static void add_subject(
	const struct message *message, enum style style, struct buffer *out)
{
	struct buffer subject;
	buffer_init(&subject, 4096);
	message_subject(message, &subject);
	style_add(style, buffer_slice(&subject), 400, out);
	if (subject.failed)
		out->failed = true;
	buffer_fini(&subject);
}

static json_t *composed(const struct message *message, enum style style, size_t bytes_max)
{
	struct buffer text;
	buffer_init(&text, MESSAGE_BYTES_MAX);
	compose(message, style, bytes_max, &text);
	while (text.len > 0 && text.at[text.len - 1] == '\n')
		buffer_truncate(&text, text.len - 1);
	json_t *value = json_whole(&text);
	buffer_fini(&text);
	return value;
}

static json_t *subject_value(const struct message *message, enum style style)
{
	struct buffer text;
	buffer_init(&text, 4096);
	add_subject(message, style, &text);
	json_t *value = json_whole(&text);
	buffer_fini(&text);
	return value;
}

/* --- Slack
 * -------------------------------------------------------------------------------- */

static json_t *slack_block(struct slice text)
{
	return json_pack("{s:s, s:{s:s, s:s%, s:b}}", "type", "section", "text", "type",
		"mrkdwn", "text", text.at, text.len, "verbatim", 1);
}

/* As many whole lines as fit in a block; no line is longer than one. */
static size_t slack_cut(struct slice text)
{
	if (text.len <= SLACK_BLOCK_BYTES)
		return text.len;
	size_t cut = SLACK_BLOCK_BYTES;
	while (cut > 0 && text.at[cut - 1] != '\n')
		cut--;
	return cut > 0 ? cut : SLACK_BLOCK_BYTES;
}

json_t *webhook_slack(const struct message *message)
{
	struct buffer text;
	json_t *blocks = json_array();
	buffer_init(&text, MESSAGE_BYTES_MAX);
	compose(message, STYLE_SLACK, SLACK_BYTES, &text);
	struct slice rest = buffer_slice(&text);
	bool failed = text.failed;
	while (rest.len > 0) {
		size_t cut = slack_cut(rest);
		if (json_array_append_new(blocks, slack_block(slice_sub(rest, 0, cut))) !=
			0)
			failed = true;
		rest = slice_sub(rest, cut, rest.len);
	}
	buffer_fini(&text);
	if (failed) {
		json_decref(blocks);
		return NULL;
	}
	return json_pack("{s:o, s:o, s:b, s:b}", "text",
		subject_value(message, STYLE_SLACK), "blocks", blocks, "unfurl_links", 0,
		"unfurl_media", 0);
}

/* --- Discord, Mattermost
 * --------------------------------------------------------------------- */

/* flags 4: no previews of links. */
json_t *webhook_discord(const struct message *message)
{
	return json_pack("{s:o, s:{s:[]}, s:i}", "content",
		composed(message, STYLE_DISCORD, DISCORD_BYTES), "allowed_mentions",
		"parse", "flags", 4);
}

json_t *webhook_mattermost(const struct message *message)
{
	return json_pack(
		"{s:o}", "text", composed(message, STYLE_MATTERMOST, MATTERMOST_BYTES));
}

/* --- Teams
 * -------------------------------------------------------------------------------- */

/* Text runs know no Markdown: nothing in them needs an escape. */
static json_t *teams_line(struct slice line, bool first)
{
	return json_pack("{s:s, s:[{s:s, s:s%, s:s}]}", "type", "RichTextBlock",
		"inlines", "type", "TextRun", "text", line.at, line.len, "weight",
		first ? "Bolder" : "Default");
}

static json_t *teams_card(const struct message *message, size_t bytes_max)
{
	struct buffer text;
	struct slice line;
	json_t *body = json_array();
	buffer_init(&text, MESSAGE_BYTES_MAX);
	compose(message, STYLE_PLAIN, bytes_max, &text);
	struct slice rest = buffer_slice(&text);
	bool failed = text.failed, first = true;
	while (rest.len > 0 && slice_split(&rest, '\n', &line)) {
		if (slice_trim(line).len == 0)
			continue;
		if (json_array_append_new(body, teams_line(line, first)) != 0)
			failed = true;
		first = false;
	}
	buffer_fini(&text);
	if (failed) {
		json_decref(body);
		return NULL;
	}
	return json_pack("{s:s, s:[{s:s, s:n, s:{s:s, s:s, s:s, s:o}}]}", "type",
		"message", "attachments", "contentType",
		"application/vnd.microsoft.card.adaptive", "contentUrl", "content",
		"$schema", "http://adaptivecards.io/schemas/adaptive-card.json", "type",
		"AdaptiveCard", "version", "1.4", "body", body);
}

/* Each line costs a hundred bytes of JSON: short lines are many, and fewer of them fit.
 */
json_t *webhook_teams(const struct message *message)
{
	size_t bytes_max = TEAMS_TEXT_BYTES;
	json_t *card = teams_card(message, bytes_max);
	while (card != NULL && bytes_max / 2 >= COMPOSE_BYTES_MIN &&
		json_dumpb(card, NULL, 0, JSON_COMPACT) > TEAMS_BYTES) {
		json_decref(card);
		bytes_max /= 2;
		card = teams_card(message, bytes_max);
	}
	return card;
}

/* --- Matrix, ntfy, Telegram
 * ------------------------------------------------------------------ */

/* An m.mentions that names nobody makes clients look for no mention in the text. */
json_t *webhook_matrix(const struct message *message)
{
	return json_pack("{s:s, s:o, s:s, s:o, s:{}}", "msgtype", "m.notice", "body",
		composed(message, STYLE_PLAIN, MATRIX_BYTES), "format",
		"org.matrix.custom.html", "formatted_body",
		composed(message, STYLE_MATRIX, MATRIX_BYTES), "m.mentions");
}

json_t *webhook_ntfy(const struct message *message, struct slice topic)
{
	struct buffer title;
	buffer_init(&title, 4096);
	message_subject(message, &title);
	json_t *value = json_pack("{s:o, s:o, s:o, s:[s]}", "topic", json_line(topic, 64),
		"title", json_line(buffer_slice(&title), NTFY_TITLE_BYTES), "message",
		composed(message, STYLE_PLAIN, NTFY_BYTES), "tags", "link");
	buffer_fini(&title);
	return value;
}

json_t *webhook_telegram(const struct message *message, struct slice chat)
{
	return json_pack("{s:o, s:o, s:s, s:{s:b}, s:b}", "chat_id", json_line(chat, 64),
		"text", composed(message, STYLE_TELEGRAM, TELEGRAM_BYTES), "parse_mode",
		"HTML", "link_preview_options", "is_disabled", 1,
		"disable_web_page_preview", 1);
}
