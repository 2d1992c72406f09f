#include "format/paper.h"

#include <assert.h>
#include <stdarg.h>

#include "base/utf8.h"
#include "format/words.h"
#include "model/userinfo.h"

void paper_scratch_init(struct buffer scratch[static PAPER_SCRATCHES])
{
	buffer_init(&scratch[0], WORDS_BYTES_MAX);
	buffer_init(&scratch[1], 2 * WORDS_BYTES_MAX);
	buffer_init(&scratch[2], WORDS_BYTES_MAX);
}

void paper_scratch_fini(struct buffer scratch[static PAPER_SCRATCHES])
{
	for (int i = 0; i < PAPER_SCRATCHES; i++)
		buffer_fini(&scratch[i]);
}

struct paper paper_on(struct buffer *out, struct buffer scratch[static PAPER_SCRATCHES],
	enum format format, bool colour)
{
	assert(format != FORMAT_JSON);
	return (struct paper){
		.out = out,
		.sentence = &scratch[0],
		.bare = &scratch[2],
		.escape = { .out = out, .clean = &scratch[1] },
		.markdown = format == FORMAT_MARKDOWN,
		.colour = colour && format == FORMAT_TEXT,
	};
}

void paper_colour(struct paper *paper, const char *code)
{
	if (paper->colour)
		buffer_printf(paper->out, "\x1b[%sm", code);
}

void paper_title(struct paper *paper, const char *ours)
{
	if (paper->markdown)
		buffer_printf(paper->out, "## %s\n", ours);
}

void paper_heading(struct paper *paper, const char *ours, int64_t count)
{
	buffer_add_text(paper->out, paper->markdown ? "\n### " : "\n");
	paper_colour(paper, "1");
	buffer_add_text(paper->out, ours);
	paper_colour(paper, "0");
	if (count >= 0)
		buffer_printf(paper->out, " (%lld)", (long long)count);
	buffer_add_text(paper->out, paper->markdown ? "\n\n" : ":\n");
}

void paper_paragraph(struct paper *paper)
{
	buffer_add_text(paper->out, paper->markdown ? "\n" : "");
}

void paper_item(struct paper *paper)
{
	buffer_add_text(paper->out, paper->markdown ? "- " : "  ");
}

void paper_detail(struct paper *paper)
{
	buffer_add_text(paper->out, paper->markdown ? "  - " : "        ");
}

void paper_end(struct paper *paper)
{
	buffer_add_char(paper->out, '\n');
}

void paper_say(struct paper *paper, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	int len = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	assert(len >= 0 && (size_t)len < sizeof(text));
	buffer_add_text(paper->out, text);
}

void paper_mark(struct paper *paper, const char *ours, const char *colour)
{
	paper_colour(paper, colour);
	buffer_printf(paper->out, paper->markdown ? "**%s**" : "[%s]", ours);
	paper_colour(paper, "0");
}

void paper_text(struct paper *paper, struct slice text, size_t bytes_max)
{
	if (paper->markdown)
		markdown_text(&paper->escape, text, bytes_max);
	else
		utf8_add_printable(paper->out, text, bytes_max);
}

void paper_name(struct paper *paper, struct slice text, size_t bytes_max)
{
	if (paper->markdown)
		markdown_code(&paper->escape, text, bytes_max);
	else
		utf8_add_printable(paper->out, text, bytes_max);
}

struct buffer *paper_begin_sentence(struct paper *paper)
{
	buffer_reset(paper->sentence);
	return paper->sentence;
}

/* Cut before, so that a text of any length is no failure. */
void paper_sentence(struct paper *paper, struct slice text, size_t bytes_max)
{
	buffer_reset(paper->bare);
	userinfo_hide(paper->bare, slice_sub(text, 0, WORDS_BYTES_MAX));
	if (paper->bare->failed)
		paper->out->failed = true;
	paper_text(paper, buffer_slice(paper->bare), bytes_max);
}

static struct slice sentence_of(struct paper *paper)
{
	if (paper->sentence->failed)
		paper->out->failed = true;
	return buffer_slice(paper->sentence);
}

void paper_end_sentence(struct paper *paper)
{
	paper_sentence(paper, sentence_of(paper), WORDS_BYTES_MAX);
}

void paper_end_name(struct paper *paper)
{
	paper_name(paper, sentence_of(paper), WORDS_BYTES_MAX);
}

void paper_url(struct paper *paper, struct slice url)
{
	words_url(paper_begin_sentence(paper), url);
	struct slice shown = sentence_of(paper);
	if (paper->markdown)
		markdown_url(&paper->escape, shown, WORDS_BYTES_MAX);
	else
		utf8_add_printable(paper->out, shown, WORDS_BYTES_MAX);
}
