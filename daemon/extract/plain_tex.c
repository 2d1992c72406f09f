#include "extract/plain_dialect_internal.h"

/* Comments, and what is shown as it stands. */

/* Within a word it may be a URL's, as in "\url{a%20b}". */
static bool starts_comment(struct slice bytes, size_t at)
{
	struct slice two = slice_sub(bytes, at + 1, at + 3);

	if (bytes.at[at] != '%' || dialect_is_escaped(bytes, at))
		return false;
	return at == 0 || char_is_space(bytes.at[at - 1]) || two.len < 2 ||
	       char_hex(two.at[0]) < 0 || char_hex(two.at[1]) < 0;
}

#define ENVIRONMENT(name)                                                                \
	{                                                                                \
		{ "{" name "}", sizeof(name) + 1 },                                      \
		{                                                                        \
			"\\end{" name "}", sizeof(name) + 5                              \
		}                                                                        \
	}

static void hide_environment(struct dialect *dialect, size_t at)
{
	static const struct {
		struct slice name, end;
	} environments[] = { ENVIRONMENT("verbatim"), ENVIRONMENT("verbatim*"),
		ENVIRONMENT("Verbatim"), ENVIRONMENT("lstlisting"), ENVIRONMENT("minted"),
		ENVIRONMENT("comment") };
	struct slice rest = slice_sub(dialect->bytes, at, dialect->bytes.len);

	for (uint32_t i = 0; i < sizeof(environments) / sizeof(environments[0]); i++) {
		if (!slice_starts(rest, environments[i].name) ||
			(dialect->endless & 1u << i) != 0)
			continue;
		size_t end = slice_find(rest, environments[i].end);
		if (end != SLICE_NONE)
			dialect->hidden_to = at + end;
		else
			dialect->endless |= 1u << i;
		return;
	}
}

/* "\verb|code|", whatever stands for the bar; it ends on the same line. One that is not
 * found is no other's either, and there are not many of them. */
static void hide_verb(struct dialect *dialect, size_t at)
{
	struct slice rest = slice_sub(dialect->bytes, at, dialect_line_end(dialect, at));

	if (slice_starts(rest, SLICE("*")))
		rest = slice_sub(rest, 1, rest.len);
	if (rest.len < 2 || char_is_alpha(rest.at[0]) || char_is_space(rest.at[0]))
		return;
	char closer = rest.at[0] == '{' ? '}' : rest.at[0];
	size_t end = slice_find_char(slice_sub(rest, 1, rest.len), closer);
	if (end != SLICE_NONE)
		dialect->hidden_to = (size_t)(rest.at - dialect->bytes.at) + end + 2;
}

static void hide_code(struct dialect *dialect)
{
	static const struct {
		struct slice command;
		void (*hide)(struct dialect *dialect, size_t at);
	} commands[] = { { { "\\begin", 6 }, hide_environment },
		{ { "\\verb", 5 }, hide_verb }, { { "\\lstinline", 10 }, hide_verb } };
	struct slice rest = slice_sub(dialect->bytes, dialect->at, dialect->bytes.len);

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (slice_starts(rest, commands[i].command) &&
			!dialect_is_escaped(dialect->bytes, dialect->at))
			commands[i].hide(dialect, dialect->at + commands[i].command.len);
}

void tex_step(struct dialect *dialect)
{
	char c = dialect->bytes.at[dialect->at];

	if (c == '\n' || c == '\r')
		dialect->comment = false;
	else if (!dialect->comment && c == '\\')
		hide_code(dialect);
	else if (!dialect->comment)
		dialect->comment = starts_comment(dialect->bytes, dialect->at);
}

/* "\_", "\string_", "{_}" */
static size_t symbol(struct slice text, char *ret_meant)
{
	static const struct slice symbols = { "_%#&$~", 6 };
	static const struct {
		struct slice front, behind;
	} forms[] = { { { "\\", 1 }, { "", 0 } }, { { "\\string", 7 }, { "", 0 } },
		{ { "{", 1 }, { "}", 1 } } };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t at = forms[i].front.len;
		if (!slice_starts(text, forms[i].front) || text.len == at ||
			slice_find_char(symbols, text.at[at]) == SLICE_NONE ||
			!slice_starts(slice_sub(text, at + 1, text.len), forms[i].behind))
			continue;
		*ret_meant = text.at[at];
		return at + 1 + forms[i].behind.len;
	}
	return 0;
}

/* A letter behind it would be part of its name; the space that parts them is none of the
 * text. */
static size_t command(struct slice text, char *ret_meant)
{
	static const struct {
		struct slice name;
		char meant;
	} commands[] = { { { "\\textasciitilde", 15 }, '~' },
		{ { "\\textunderscore", 15 }, '_' } };

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		size_t len = commands[i].name.len;
		char behind = text.len > len ? text.at[len] : '\0';
		if (!slice_starts(text, commands[i].name) || char_is_alpha(behind))
			continue;
		*ret_meant = commands[i].meant;
		return len + (behind == ' ');
	}
	return 0;
}

size_t tex_escape(struct slice text, char *ret_meant)
{
	static const struct slice sim = { "$\\sim$", 6 };

	if (text.len == 0 || slice_find_char(SLICE("\\{$"), text.at[0]) == SLICE_NONE)
		return 0;
	if (slice_starts(text, sim)) {
		*ret_meant = '~';
		return sim.len;
	}
	size_t len = symbol(text, ret_meant);
	return len > 0 ? len : command(text, ret_meant);
}

static struct slice trim_back(struct slice text, char c)
{
	while (text.len > 0 &&
		(text.at[text.len - 1] == c || char_is_space(text.at[text.len - 1])))
		text.len--;
	return text;
}

static struct slice last_name(struct slice text)
{
	size_t begin = text.len;
	while (begin > 0 &&
		(char_is_alpha(text.at[begin - 1]) || char_is_digit(text.at[begin - 1]) ||
			text.at[begin - 1] == '-'))
		begin--;
	return slice_sub(text, begin, text.len);
}

/* What "\footnote" and "note = " are given is prose, which ends in a full stop. */
bool tex_takes_address(struct slice front)
{
	static const char *const commands[] = { "burl", "href", "nolinkurl", "path",
		"url", NULL };
	static const char *const fields[] = { "doi", "ee", "homepage", "link", "pdf",
		"website", NULL };

	front = trim_back(front, '{');
	struct slice name = last_name(front);
	if (slice_ends(slice_sub(front, 0, front.len - name.len), SLICE("\\")))
		return slice_is_one_of_nocase(name, commands);
	if (!slice_ends(front, SLICE("=")))
		return false;
	name = last_name(trim_back(front, '='));
	return slice_find_nocase(name, SLICE("url")) != SLICE_NONE ||
	       slice_is_one_of_nocase(name, fields);
}

/* "http://a/b% as said": in \url it would be part of a triplet. */
bool tex_ends(const struct dialect *dialect, size_t at)
{
	struct slice bytes = dialect->bytes;
	return bytes.at[at] == '%' &&
	       (at + 1 == bytes.len || char_is_space(bytes.at[at + 1]));
}
