#include "message/escape_internal.h"

#include <assert.h>

#include "base/utf8.h"
#include "format/markup.h"
#include "message/content.h"

/* clang-format off */
static const struct style_marks marks[STYLE_COUNT] = {
	[STYLE_PLAIN] = { "", "", "", "\n", "", "", "  - ", "\n", "\n    ", "\n" },
	[STYLE_HTML] = { "<strong>", "</strong>", "<h2>", "</h2>\n", "<ul>\n", "</ul>\n",
		"<li>", "</li>\n", "<br>", "<br>\n" },
	[STYLE_SLACK] = { "*", "*", "", "\n", "", "", "• ", "\n", "\n    ", "\n" },
	[STYLE_DISCORD] = { "**", "**", "", "\n", "", "", "- ", "\n", "\n  ", "\n" },
	[STYLE_MATTERMOST] = { "**", "**", "", "\n\n", "", "\n", "- ", "\n", "  \n  ", "\n" },
	[STYLE_TELEGRAM] = { "<b>", "</b>", "", "\n", "", "", "• ", "\n", "\n    ", "\n" },
	[STYLE_MATRIX] = { "<strong>", "</strong>", "<p>", "</p>", "<ul>", "</ul>", "<li>",
		"</li>", "<br>", "<br>" },
	[STYLE_GITHUB] = { "**", "**", "", "\n\n", "", "\n", "- ", "\n", "  \n  ", "\n" },
};
/* clang-format on */

const struct style_marks *style_marks(enum style style)
{
	return &marks[style];
}

/* --- what stands for a byte; NULL: itself ----------------------------------------------
 */

#define INVISIBLE "\xE2\x80\x8B" /* U+200B */

/* Mentions are made of @, also in what is HTML to Telegram and Matrix. */
static const char *of_chat_html(char c)
{
	return c == '@' ? "@" INVISIBLE : markup_entity(c);
}

/* Slack knows no escape for its marks: what could open code or strike out is replaced by
 * its look-alike. Italics are the worst that is left. */
static const char *of_slack(char c)
{
	switch (c) {
	case '@':
		return "@" INVISIBLE;
	case '`':
		return "'";
	case '*':
		return "\xE2\x88\x97"; /* U+2217 */
	case '~':
		return "\xE2\x88\xBC"; /* U+223C */
	case '"':
	case '\'':
		return NULL;
	default:
		return markup_entity(c);
	}
}

/* Any ASCII punctuation may follow a backslash in CommonMark. A colon is taken from its
 * scheme or emoji name, a # and an @ from what they would refer to. */
static const char *of_markdown(char c)
{
	static const char escaped[][3] = { "\\\\", "\\`", "\\*", "\\_", "\\{", "\\}",
		"\\[", "\\]", "\\(", "\\)", "\\+", "\\-", "\\!", "\\|", "\\~", "\\>",
		"\\<", "\\&", "\\$" };
	for (size_t i = 0; i < sizeof(escaped) / sizeof(escaped[0]); i++)
		if (escaped[i][1] == c)
			return escaped[i];
	switch (c) {
	case '@':
		return "@" INVISIBLE;
	case '#':
		return "#" INVISIBLE;
	case ':':
		return ":" INVISIBLE;
	default:
		return NULL;
	}
}

/* Within `code`, where nothing but its end can be written. */
static const char *of_code(char c)
{
	return c == '`' ? "'" : NULL;
}

/* Code ends the marks, but not the entities. */
static const char *of_slack_code(char c)
{
	return c == '`' || c == '&' || c == '<' || c == '>' ? of_slack(c) : NULL;
}

static const char *of_plain(char c)
{
	(void)c;
	return NULL;
}

typedef const char *escape_fn(char c);

/* GitHub reads names and numbers out of finished text, wherever a backslash was; in code
 * it reads nothing. */
static escape_fn *const escapes[STYLE_COUNT] = {
	[STYLE_PLAIN] = of_plain,
	[STYLE_HTML] = markup_entity,
	[STYLE_SLACK] = of_slack,
	[STYLE_DISCORD] = of_markdown,
	[STYLE_MATTERMOST] = of_markdown,
	[STYLE_TELEGRAM] = of_chat_html,
	[STYLE_MATRIX] = of_chat_html,
	[STYLE_GITHUB] = of_code,
};

static escape_fn *const url_escapes[STYLE_COUNT] = {
	[STYLE_PLAIN] = of_plain,
	[STYLE_HTML] = markup_entity,
	[STYLE_SLACK] = of_slack_code,
	[STYLE_DISCORD] = of_code,
	[STYLE_MATTERMOST] = of_code,
	[STYLE_TELEGRAM] = markup_entity,
	[STYLE_MATRIX] = markup_entity,
	[STYLE_GITHUB] = of_code,
};

static const char *const code_open[STYLE_COUNT] = { [STYLE_PLAIN] = "",
	[STYLE_HTML] = "<code>",
	[STYLE_SLACK] = "`",
	[STYLE_DISCORD] = "`",
	[STYLE_MATTERMOST] = "`",
	[STYLE_TELEGRAM] = "<code>",
	[STYLE_MATRIX] = "<code>",
	[STYLE_GITHUB] = "`" };

static const char *code_close(enum style style)
{
	return code_open[style][0] == '<' ? "</code>" : code_open[style];
}

/* --- writing ---------------------------------------------------------------------------
 */

/* `clean` is printable UTF-8. */
static void add_escaped(
	escape_fn *escape, struct slice clean, size_t bytes_max, struct buffer *out)
{
	static const char cut[] = "\xE2\x80\xA6"; /* U+2026 */
	size_t used = 0;
	while (clean.len > 0) {
		struct slice rest = clean;
		utf8_next(&rest);
		struct slice piece = slice_sub(clean, 0, clean.len - rest.len);
		const char *instead = piece.len == 1 ? escape(piece.at[0]) : NULL;
		if (instead != NULL)
			piece = slice_of(instead);
		size_t spare = rest.len > 0 ? sizeof(cut) - 1 : 0;
		if (used + piece.len + spare > bytes_max) {
			buffer_add_text(out, cut);
			return;
		}
		buffer_add(out, piece);
		used += piece.len;
		clean = rest;
	}
}

static void add_clean(
	escape_fn *escape, struct slice foreign, size_t bytes_max, struct buffer *out)
{
	struct buffer clean;
	assert(bytes_max >= 8);
	buffer_init(&clean, 4 * bytes_max + 16);
	utf8_add_printable(&clean, foreign, bytes_max);
	if (clean.failed)
		out->failed = true;
	add_escaped(escape, slice_trim(buffer_slice(&clean)), bytes_max, out);
	buffer_fini(&clean);
}

void style_add(
	enum style style, struct slice foreign, size_t bytes_max, struct buffer *out)
{
	size_t before = out->len;
	bool code = style == STYLE_GITHUB;
	if (code)
		buffer_add_char(out, '`');
	size_t inner = out->len;
	add_clean(escapes[style], foreign, bytes_max, out);
	if (out->len == inner)
		buffer_truncate(
			out, before); /* two ticks with nothing between are text */
	else if (code)
		buffer_add_char(out, '`');
}

void style_add_url(enum style style, struct slice url, struct buffer *out)
{
	if (slice_trim(url).len == 0)
		return;
	buffer_add_text(out, code_open[style]);
	add_clean(url_escapes[style], url, MESSAGE_URL_BYTES_MAX, out);
	buffer_add_text(out, code_close(style));
}

/* --- lines in a block of code ----------------------------------------------------------
 */

static const struct style_block blocks[STYLE_COUNT] = {
	[STYLE_PLAIN] = { "", "" },
	[STYLE_HTML] = { "<pre>", "</pre>\n" },
	[STYLE_SLACK] = { "", "" },
	[STYLE_DISCORD] = { "```\n", "```\n" },
	[STYLE_MATTERMOST] = { "```\n", "```\n" },
	[STYLE_TELEGRAM] = { "<pre>", "</pre>\n" },
	[STYLE_MATRIX] = { "<pre>", "</pre>" },
	[STYLE_GITHUB] = { "```\n", "```\n" },
};

const struct style_block *style_block(enum style style)
{
	return &blocks[style];
}

void style_add_line(
	enum style style, struct slice line, size_t bytes_max, struct buffer *out)
{
	enum { INDENT_MAX = 16 };
	bool alone = style == STYLE_SLACK && slice_trim(line).len > 0;
	if (alone)
		buffer_add_text(out, code_open[style]);
	for (size_t i = 0; i < line.len && i < INDENT_MAX && line.at[i] == ' '; i++)
		buffer_add_char(out, ' ');
	add_clean(url_escapes[style], line, bytes_max, out);
	if (alone)
		buffer_add_text(out, code_close(style));
}

/* --- links -----------------------------------------------------------------------------
 */

static bool may_be_followed(struct slice url)
{
	if (!slice_starts(url, SLICE("https://")) && !slice_starts(url, SLICE("http://")))
		return false;
	for (size_t i = 0; i < url.len; i++)
		if (url.at[i] <= ' ' || url.at[i] >= 0x7F ||
			strchr("\"'<>()[]{}|`\\^&", url.at[i]) != NULL)
			return false;
	return url.len <= MESSAGE_URL_BYTES_MAX;
}

void style_add_link(
	enum style style, struct slice url, const char *text, struct buffer *out)
{
	if (!may_be_followed(url))
		return;
	switch (style) {
	case STYLE_PLAIN:
		buffer_printf(out, "%s: %.*s", text, SLICE_ARG(url));
		return;
	case STYLE_HTML:
	case STYLE_TELEGRAM:
	case STYLE_MATRIX:
		buffer_printf(out, "<a href=\"%.*s\">%s</a>", SLICE_ARG(url), text);
		return;
	case STYLE_SLACK:
		buffer_printf(out, "<%.*s|%s>", SLICE_ARG(url), text);
		return;
	case STYLE_DISCORD:
	case STYLE_MATTERMOST:
	case STYLE_GITHUB:
		buffer_printf(out, "[%s](%.*s)", text, SLICE_ARG(url));
		return;
	}
}
