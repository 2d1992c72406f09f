#include "report/report_internal.h"

#include "format/markdown.h"
#include "format/standing_write.h"
#include "format/words.h"
#include "report/hosts_internal.h"
#include "report/sentence_internal.h"
#include "report/tally_internal.h"

struct markdown_writer {
	const struct report *report;
	struct buffer *out;
	struct buffer clean; /* reused: what is being escaped */
	struct markdown escape;
	struct sentence sentence;
};

static struct slice end_sentence(struct markdown_writer *writer)
{
	return sentence_end(&writer->sentence, writer->out);
}

static void add_url(struct markdown_writer *writer, struct slice url)
{
	words_url(sentence_begin(&writer->sentence), url);
	markdown_url(&writer->escape, sentence_end_url(&writer->sentence, writer->out),
		WORDS_BYTES_MAX);
}

static void write_notes(struct markdown_writer *writer, const struct link *link)
{
	for (unsigned i = 0; i < NOTE_COUNT; i++) {
		if ((link->result.verdict.notes & NOTE_BIT(i)) == 0)
			continue;
		buffer_add_text(writer->out, "  - note: ");
		words_note(sentence_begin(&writer->sentence), link, (enum note)i);
		markdown_text(&writer->escape, end_sentence(writer), WORDS_BYTES_MAX);
		buffer_add_char(writer->out, '\n');
	}
}

static void write_details(struct markdown_writer *writer, const struct link *link)
{
	const struct report *report = writer->report;
	struct suggestion suggestion;

	if (report->records != NULL && report->records[link->number].checks > 0) {
		buffer_add_text(writer->out, "  - ");
		standing_brief(sentence_begin(&writer->sentence),
			&report->records[link->number], report->finished_at);
		markdown_text(&writer->escape, end_sentence(writer), WORDS_BYTES_MAX);
		buffer_add_char(writer->out, '\n');
	}
	if (report_link_is_known(report, link)) {
		buffer_add_text(writer->out, "  - ");
		words_known(writer->out, report, link);
		buffer_add_char(writer->out, '\n');
	}
	if (words_suggestion(link, &suggestion)) {
		buffer_add_text(writer->out, "  - use ");
		add_url(writer, suggestion.url);
		if (suggestion.why.len > 0) {
			buffer_add_text(writer->out, ": ");
			buffer_add(sentence_begin(&writer->sentence), suggestion.why);
			markdown_text(&writer->escape, end_sentence(writer),
				WORDS_SENTENCE_BYTES);
		}
		buffer_add_char(writer->out, '\n');
	}
	struct buffer *chain = sentence_begin(&writer->sentence);
	words_chain(chain, link);
	if (chain->len > 0) {
		buffer_add_text(writer->out, "  - via ");
		markdown_code(&writer->escape, end_sentence(writer), WORDS_BYTES_MAX);
		buffer_add_char(writer->out, '\n');
	}
}

/* `README.md:34:3` and where else, in one code span. */
static void add_place(struct markdown_writer *writer, const struct entry *entry)
{
	struct buffer *sentence = sentence_begin(&writer->sentence);
	words_url(sentence, entry->places[0].at->source);
	buffer_add_char(sentence, ':');
	words_places(sentence, entry);
	markdown_code(&writer->escape, end_sentence(writer), WORDS_BYTES_MAX);
}

/* - `README.md:34:3` **404** <https://example.com/x>: not found */
static void write_entry(struct markdown_writer *writer, const struct entry *entry)
{
	const struct link *link = entry->link;
	char token[WORDS_TOKEN_BYTES + 1];

	buffer_add_text(writer->out, "- ");
	add_place(writer, entry);
	words_token(link, token);
	buffer_printf(writer->out, " **%s** ", token);
	add_url(writer, link->url);
	if (link->result.verdict.outcome != OUTCOME_OK ||
		link->result.verdict.error.len > 0) {
		buffer_add_text(writer->out, ": ");
		words_reason(sentence_begin(&writer->sentence), link);
		markdown_text(&writer->escape, end_sentence(writer), WORDS_BYTES_MAX);
	}
	buffer_add_char(writer->out, '\n');
	write_details(writer, link);
	if (link->result.verdict.outcome != OUTCOME_OK)
		write_notes(writer, link);
}

static void write_section(struct markdown_writer *writer, const struct index *index,
	enum outcome outcome, uint32_t links)
{
	const char *heading = words_heading(outcome);
	const bool folded = outcome == OUTCOME_OK || outcome == OUTCOME_SKIPPED;

	if (links == 0)
		return;
	if (folded)
		buffer_printf(writer->out, "<details><summary>%s (%u)</summary>\n\n",
			heading, links);
	else
		buffer_printf(writer->out, "### %s (%u)\n\n", heading, links);
	for (size_t i = 0; i < index->entry_count && !writer->out->failed; i++)
		if (index->entries[i].rank == outcome)
			write_entry(writer, &index->entries[i]);
	buffer_add_text(writer->out, folded ? "\n</details>\n\n" : "\n");
}

static void write_looks(struct markdown_writer *writer)
{
	bool any = false;

	for (const struct link *link = writer->report->table->first;
		link != NULL && !writer->out->failed; link = link->next) {
		if (!report_is_worth_a_look(link))
			continue;
		if (!any)
			buffer_add_text(writer->out, "### Worth a look\n\n");
		any = true;
		struct place place = { .link = link, .at = link->first };
		struct entry entry = { .link = link, .places = &place, .place_count = 1 };
		buffer_add_text(writer->out, "- ");
		add_place(writer, &entry);
		buffer_add_char(writer->out, ' ');
		add_url(writer, link->url);
		buffer_add_char(writer->out, '\n');
		write_notes(writer, link);
	}
	if (any)
		buffer_add_char(writer->out, '\n');
}

static uint32_t count_listed(const struct report *report, enum outcome outcome)
{
	uint32_t links = 0;
	for (const struct link *link = report->table->first; link != NULL;
		link = link->next)
		links += link->result.done && link->result.verdict.outcome == outcome &&
			 report_lists(report, link);
	return links;
}

static void write_sections(struct markdown_writer *writer, const struct index *index)
{
	uint32_t listed = report_listed(writer->report);

	for (unsigned outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
		if (outcome == OUTCOME_SKIPPED && !writer->report->quiet)
			write_looks(writer);
		if ((listed & UINT32_C(1) << outcome) != 0)
			write_section(writer, index, (enum outcome)outcome,
				count_listed(writer->report, (enum outcome)outcome));
	}
}

static void write_table(
	struct markdown_writer *writer, const struct report_summary *summary)
{
	struct words_tally tally[WORDS_TALLY_MAX];
	uint32_t count = words_tally(summary, tally);

	buffer_add_text(writer->out, "| Outcome | Links |\n| :-- | --: |\n");
	for (uint32_t i = 0; i < count; i++)
		buffer_printf(
			writer->out, "| %s | %u |\n", tally[i].text, tally[i].count);
	buffer_add_char(writer->out, '\n');
}

static void write_head(struct markdown_writer *writer,
	const struct report_summary *summary, uint32_t source_count)
{
	const struct report *report = writer->report;
	char instant[TIME_RFC3339_SIZE], span[TIME_SPAN_SIZE];

	buffer_add_text(writer->out, "## Link report\n\n");
	if (report->partial) {
		buffer_add_text(writer->out, "**");
		words_partial(writer->out, summary);
		buffer_add_text(writer->out, "**\n\n");
	}
	words_total(writer->out, summary, source_count);
	time_format_rfc3339(report->started_at, instant);
	time_format_span(report->finished_at - report->started_at, span);
	buffer_printf(writer->out, ", checked %s in %s by ", instant, span);
	markdown_text(&writer->escape, slice_of(report->generator), WORDS_TITLE_BYTES);
	words_known_count(writer->out, report);
	buffer_add_text(writer->out, report_is_all_fine(report, summary)
					     ? ". Nothing to repair.\n\n"
					     : ".\n\n");
}

/* No row can end the fence: it begins with a number. */
static void write_hosts(struct markdown_writer *writer)
{
	if (writer->report->hosts == NULL)
		return;
	buffer_add_text(writer->out, "### What each host was asked\n\n```text\n");
	hosts_write(writer->out, writer->report);
	buffer_add_text(writer->out, "```\n");
}

int report_write_markdown(const struct report *report, struct buffer *out)
{
	struct markdown_writer writer = { .report = report, .out = out };
	struct report_summary summary;
	struct index index;

	writer.escape = (struct markdown){ out, &writer.clean };
	buffer_init(&writer.clean, 2 * WORDS_BYTES_MAX);
	sentence_init(&writer.sentence);
	report_summarise(report->table, &summary);
	int result = report_index(report, &index);
	if (result == 0) {
		write_head(&writer, &summary, index.source_count);
		write_table(&writer, &summary);
		write_sections(&writer, &index);
		write_hosts(&writer);
	}
	index_fini(&index);
	buffer_fini(&writer.clean);
	sentence_fini(&writer.sentence);
	return result;
}
