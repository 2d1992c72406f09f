#include "report/report_internal.h"

#include "base/utf8.h"
#include "format/standing_write.h"
#include "format/words.h"
#include "model/userinfo.h"
#include "report/hosts_internal.h"
#include "report/sentence_internal.h"
#include "report/tally_internal.h"

struct text_writer {
	const struct report *report;
	struct buffer *out;
	struct sentence sentence;
	int margin; /* cells of the widest token with its brackets */
};

static const char *const colours[OUTCOME_COUNT] = {
	[OUTCOME_BROKEN] = "31",
	[OUTCOME_UNREACHABLE] = "35",
	[OUTCOME_MOVED] = "33",
	[OUTCOME_GATED] = "36",
	[OUTCOME_SKIPPED] = "90",
	[OUTCOME_OK] = "32",
};

static void colour(struct text_writer *writer, const char *code)
{
	if (writer->report->colour)
		buffer_printf(writer->out, "\x1b[%sm", code);
}

/* The one place where what others wrote reaches the terminal. */
static void add_clean(struct text_writer *writer, struct slice text, size_t bytes_max)
{
	utf8_add_printable(writer->out, text, bytes_max);
}

static void end_sentence(struct text_writer *writer)
{
	add_clean(writer, sentence_end(&writer->sentence, writer->out), WORDS_BYTES_MAX);
}

static void add_url(struct text_writer *writer, struct slice url)
{
	words_url(sentence_begin(&writer->sentence), url);
	add_clean(writer, sentence_end_url(&writer->sentence, writer->out),
		WORDS_BYTES_MAX);
}

static void begin_detail(struct text_writer *writer, const char *mark)
{
	buffer_printf(writer->out, "%*s %s ", writer->margin, "", mark);
}

static void write_suggestion(struct text_writer *writer, const struct link *link)
{
	struct suggestion suggestion;
	if (!words_suggestion(link, &suggestion))
		return;
	begin_detail(writer, "→");
	colour(writer, "32");
	add_url(writer, suggestion.url);
	colour(writer, "0");
	if (suggestion.why.len > 0) {
		buffer_add_text(writer->out, " | ");
		utf8_add_printable(sentence_begin(&writer->sentence), suggestion.why,
			WORDS_SENTENCE_BYTES);
		end_sentence(writer);
	}
	buffer_add_char(writer->out, '\n');
}

static void write_chain(struct text_writer *writer, const struct link *link)
{
	struct buffer *chain = sentence_begin(&writer->sentence);
	words_chain(chain, link);
	if (chain->len == 0)
		return;
	begin_detail(writer, "via");
	end_sentence(writer);
	buffer_add_char(writer->out, '\n');
}

static void write_standing(struct text_writer *writer, const struct link *link)
{
	const struct report *report = writer->report;
	if (report->records == NULL)
		return;
	struct buffer *sentence = sentence_begin(&writer->sentence);
	standing_brief(sentence, &report->records[link->number], report->finished_at);
	if (sentence->len == 0)
		return;
	begin_detail(writer, "state:");
	end_sentence(writer);
	buffer_add_char(writer->out, '\n');
}

static void write_known(struct text_writer *writer, const struct link *link)
{
	if (!report_link_is_known(writer->report, link))
		return;
	begin_detail(writer, "note:");
	words_known(writer->out, writer->report, link);
	buffer_add_char(writer->out, '\n');
}

static void write_notes(struct text_writer *writer, const struct link *link)
{
	for (unsigned i = 0; i < NOTE_COUNT; i++) {
		if ((link->result.verdict.notes & NOTE_BIT(i)) == 0)
			continue;
		begin_detail(writer, "note:");
		words_note(sentence_begin(&writer->sentence), link, (enum note)i);
		end_sentence(writer);
		buffer_add_char(writer->out, '\n');
	}
}

static void write_token(struct text_writer *writer, const struct link *link)
{
	char token[WORDS_TOKEN_BYTES + 1];
	words_token(link, token);
	buffer_printf(writer->out, "%*s", writer->margin - (int)strlen(token) - 2, "");
	colour(writer, colours[link->result.verdict.outcome]);
	buffer_printf(writer->out, "[%s]", token);
	colour(writer, "0");
}

/* "  [404] https://example.com/x (at 12:5) | not found" */
static void write_entry(struct text_writer *writer, const struct entry *entry)
{
	const struct link *link = entry->link;
	bool fine = link->result.verdict.outcome == OUTCOME_OK;

	write_token(writer, link);
	buffer_add_char(writer->out, ' ');
	add_url(writer, link->url);
	colour(writer, "90");
	buffer_add_text(writer->out, " (at ");
	words_places(writer->out, entry);
	buffer_add_text(writer->out, ")");
	colour(writer, "0");
	if (!fine || link->result.verdict.error.len > 0) {
		buffer_add_text(writer->out, " | ");
		words_reason(sentence_begin(&writer->sentence), link);
		end_sentence(writer);
	}
	buffer_add_char(writer->out, '\n');
	write_standing(writer, link);
	write_known(writer, link);
	write_suggestion(writer, link);
	write_chain(writer, link);
	if (!fine)
		write_notes(writer, link);
}

static int widest_token(const struct index *index)
{
	char token[WORDS_TOKEN_BYTES + 1];
	size_t widest = 0;
	for (size_t i = 0; i < index->entry_count; i++) {
		words_token(index->entries[i].link, token);
		if (strlen(token) > widest)
			widest = strlen(token);
	}
	return (int)widest + 2;
}

static void write_sources(struct text_writer *writer, const struct index *index)
{
	writer->margin = widest_token(index);
	for (size_t i = 0; i < index->entry_count && !writer->out->failed; i++) {
		const struct entry *entry = &index->entries[i];
		if (i == 0 || entry->source != entry[-1].source) {
			buffer_add_text(writer->out, i == 0 ? "[" : "\n[");
			colour(writer, "1");
			add_url(writer, entry->places[0].at->source);
			colour(writer, "0");
			buffer_add_text(writer->out, "]:\n");
		}
		write_entry(writer, entry);
	}
	if (index->entry_count > 0)
		buffer_add_char(writer->out, '\n');
}

static void write_look(struct text_writer *writer, const struct link *link)
{
	buffer_add_text(writer->out, "  ");
	add_url(writer, link->url);
	colour(writer, "90");
	buffer_add_text(writer->out, " (at ");
	add_url(writer, link->first->source);
	buffer_printf(writer->out, ":%u:%u)", link->first->line, link->first->column);
	colour(writer, "0");
	buffer_add_char(writer->out, '\n');
	write_notes(writer, link);
}

static void write_looks(struct text_writer *writer)
{
	bool any = false;
	writer->margin = 3;
	for (const struct link *link = writer->report->table->first;
		link != NULL && !writer->out->failed; link = link->next) {
		if (!report_is_worth_a_look(link))
			continue;
		if (!any)
			buffer_add_text(writer->out, "Worth a look:\n");
		any = true;
		write_look(writer, link);
	}
	if (any)
		buffer_add_char(writer->out, '\n');
}

static void write_tally(struct text_writer *writer, const struct report_summary *summary)
{
	struct words_tally tally[WORDS_TALLY_MAX];
	uint32_t count = words_tally(summary, tally);

	for (uint32_t i = 0; i < count; i++) {
		buffer_add_text(writer->out, i == 0 ? ": " : ", ");
		colour(writer, tally[i].unchecked ? "1" : colours[tally[i].outcome]);
		buffer_printf(writer->out, "%u %s", tally[i].count, tally[i].text);
		colour(writer, "0");
	}
}

static void write_summary(struct text_writer *writer,
	const struct report_summary *summary, uint32_t source_count)
{
	const struct report *report = writer->report;
	struct buffer *out = writer->out;
	char span[TIME_SPAN_SIZE];

	if (report_is_all_fine(report, summary))
		buffer_add_text(out, "Nothing to repair. ");
	words_total(out, summary, source_count);
	write_tally(writer, summary);
	time_format_span(report->finished_at - report->started_at, span);
	buffer_printf(out, " in %s", span);
	if (report->verbosity > 0 && report->requests > 0)
		buffer_printf(out, ", %llu request%s",
			(unsigned long long)report->requests,
			report->requests == 1 ? "" : "s");
	words_known_count(out, report);
	buffer_add_char(out, '\n');
}

static void write_end(struct text_writer *writer, uint32_t source_count)
{
	const struct report *report = writer->report;
	struct report_summary summary;

	if (report->quiet && !report->partial && !report_failed(report))
		return;
	report_summarise(report->table, &summary);
	if (report->partial) {
		colour(writer, "1");
		words_partial(writer->out, &summary);
		colour(writer, "0");
		buffer_add_char(writer->out, '\n');
	}
	if (summary.links > 0) {
		write_summary(writer, &summary, source_count);
		return;
	}
	buffer_add_text(writer->out, "No links found in ");
	words_count(writer->out, report->input_count, "input");
	buffer_add_text(writer->out, ".\n");
}

int report_write_text(const struct report *report, struct buffer *out)
{
	struct text_writer writer = { .report = report, .out = out };
	struct index index;

	sentence_init(&writer.sentence);
	int result = report_index(report, &index);
	if (result == 0) {
		write_sources(&writer, &index);
		if (!report->quiet)
			write_looks(&writer);
		write_end(&writer, index.source_count);
		if (report->hosts != NULL) {
			buffer_add_char(out, '\n');
			hosts_write(out, report);
		}
	}
	index_fini(&index);
	sentence_fini(&writer.sentence);
	return result;
}

/* Scripts read this: nothing is cut, collapsed or dropped. What would be elsewhere, for a
 * terminal must not see it, is written as percent triplets. */
static void add_whole(struct buffer *out, struct slice text)
{
	while (text.len > 0 && !out->failed) {
		struct slice rest = text;
		size_t start = out->len;
		utf8_next(&rest);
		struct slice bytes = slice_sub(text, 0, text.len - rest.len);
		text = rest;
		if (bytes.at[0] == ' ') {
			buffer_add_char(out, ' ');
			continue;
		}
		utf8_add_printable(out, bytes, bytes.len + 2);
		if (slice_equal(slice_sub(buffer_slice(out), start, out->len), bytes))
			continue;
		buffer_truncate(out, start);
		for (size_t i = 0; i < bytes.len; i++)
			buffer_printf(out, "%%%02X", (unsigned char)bytes.at[i]);
	}
}

static void add_whole_url(struct buffer *out, struct slice url)
{
	struct slice front, rest;

	userinfo_split(url, &front, &rest);
	add_whole(out, front);
	add_whole(out, rest);
	if (url.len == 0)
		buffer_add_text(out, "(empty)");
}

/* "README.md:34:3: https://…", as grep and compilers write it. */
int report_write_links_text(const struct link_table *table, struct buffer *out)
{
	struct index index;
	int result = index_places(&index, table, INDEX_EVERYTHING);

	for (size_t i = 0; result == 0 && i < index.place_count && !out->failed; i++) {
		const struct place *place = &index.places[i];
		add_whole(out, place->at->source);
		buffer_printf(out, ":%u:%u: ", place->at->line, place->at->column);
		add_whole_url(out, place->link->url);
		buffer_add_char(out, '\n');
	}
	index_fini(&index);
	return result;
}
