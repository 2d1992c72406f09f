#include <string.h>

#include "base/path.h"
#include "base/utf8.h"
#include "format/words.h"
#include "report/index_internal.h"
#include "report/report_internal.h"
#include "report/sentence_internal.h"
#include "report/tally_internal.h"

/* Commands to the runner of GitHub Actions, one a line, which it shows as annotations
 * beside the lines of a change: an error for each place of a link that fails the run, a
 * notice for one that is known; with -v a warning for what is moved or gated and does not
 * fail. GitHub shows ten of each kind a step; the rest is in the log and in the summary.
 *
 * A line that begins with "::" is a command, wherever it comes from, and so is "##[" in
 * one that is none: every line here begins with a command of ours, and foreign text is
 * data in it, with no line break and no percent sign left (add_data). */

struct github_writer {
	const struct report *report;
	struct buffer *out;
	struct buffer clean, path; /* reused */
	struct sentence sentence;
};

/* The one place of escaping. Properties end at commas, and the last one at a colon. */
static void add_data(struct github_writer *writer, struct slice text, bool property)
{
	buffer_reset(&writer->clean);
	utf8_add_printable(&writer->clean, text, WORDS_BYTES_MAX);
	writer->out->failed |= writer->clean.failed;
	struct slice clean = buffer_slice(&writer->clean);
	for (size_t i = 0; i < clean.len; i++) {
		char c = clean.at[i];
		if (c == '%' || c == '\r' || c == '\n' ||
			(property && (c == ':' || c == ',')))
			buffer_printf(writer->out, "%%%02X", (unsigned)c);
		else
			buffer_add_char(writer->out, c);
	}
}

/* NULL: it is not worth one. */
static const char *command_of(const struct report *report, const struct link *link)
{
	enum outcome outcome = link->result.verdict.outcome;
	if (report_link_fails(report, link))
		return "error";
	if (report_link_is_known(report, link))
		return report->quiet ? NULL : "notice";
	return report->verbosity > 0 && !report->quiet && link->result.done &&
			       (outcome == OUTCOME_MOVED || outcome == OUTCOME_GATED ||
				       outcome == OUTCOME_BROKEN ||
				       outcome == OUTCOME_UNREACHABLE)
		       ? "warning"
		       : NULL;
}

/* GitHub wants paths from the top of the repository. */
static struct slice path_of(struct github_writer *writer, struct slice source)
{
	struct slice path = path_from(writer->report->directory, source, &writer->path);
	writer->out->failed |= writer->path.out_of_memory;
	return path;
}

static void add_properties(struct github_writer *writer, const struct place *place)
{
	const struct occurrence *at = place->at;
	buffer_add_text(writer->out, " file=");
	words_url(sentence_begin(&writer->sentence), path_of(writer, at->source));
	add_data(writer, sentence_end_url(&writer->sentence, writer->out), true);
	buffer_printf(writer->out, ",line=%u", at->line);
	if (at->character > 0)
		buffer_printf(writer->out, ",endLine=%u,col=%u,endColumn=%u", at->line,
			at->character, at->character + at->characters);
	buffer_printf(writer->out, ",title=%s link",
		words_heading(place->link->result.verdict.outcome));
}

static void add_message(struct github_writer *writer, const struct link *link)
{
	struct suggestion suggestion;
	struct buffer *sentence = sentence_begin(&writer->sentence);
	words_url(sentence, link->url);
	buffer_add_text(sentence, ": ");
	words_reason(sentence, link);
	if (words_suggestion(link, &suggestion)) {
		buffer_add_text(sentence, " Use ");
		words_url(sentence, suggestion.url);
	}
	if (report_link_is_known(writer->report, link)) {
		buffer_add_text(sentence, " (");
		words_known(sentence, writer->report, link);
		buffer_add_text(sentence, ")");
	}
	add_data(writer, sentence_end(&writer->sentence, writer->out), false);
}

static void write_annotation(struct github_writer *writer, const struct place *place)
{
	const char *command = command_of(writer->report, place->link);
	if (command == NULL)
		return;
	buffer_printf(writer->out, "::%s", command);
	add_properties(writer, place);
	buffer_add_text(writer->out, "::");
	add_message(writer, place->link);
	buffer_add_char(writer->out, '\n');
}

/* Numbers and words of ours alone, so it may stand without a command. */
static void write_end(struct github_writer *writer, uint32_t source_count)
{
	struct words_tally tally[WORDS_TALLY_MAX];
	struct report_summary summary;

	report_summarise(writer->report->table, &summary);
	if (writer->report->partial) {
		words_partial(writer->out, &summary);
		buffer_add_char(writer->out, '\n');
	}
	words_total(writer->out, &summary, source_count);
	uint32_t count = words_tally(&summary, tally);
	for (uint32_t i = 0; i < count; i++)
		buffer_printf(writer->out, "%s%u %s", i == 0 ? ": " : ", ",
			tally[i].count, tally[i].text);
	words_known_count(writer->out, writer->report);
	buffer_add_char(writer->out, '\n');
}

int report_write_github(const struct report *report, struct buffer *out)
{
	struct github_writer writer = { .report = report, .out = out };
	struct index index;

	buffer_init(&writer.clean, 2 * WORDS_BYTES_MAX);
	buffer_init(&writer.path, WORDS_BYTES_MAX);
	sentence_init(&writer.sentence);
	int result = index_places(&index, report->table, INDEX_EVERYTHING);
	for (size_t i = 0; result == 0 && i < index.place_count && !out->failed; i++)
		write_annotation(&writer, &index.places[i]);
	if (result == 0)
		write_end(&writer, index.source_count);
	index_fini(&index);
	buffer_fini(&writer.path);
	buffer_fini(&writer.clean);
	sentence_fini(&writer.sentence);
	return result;
}

/* --- the summary of a job --- */

/* Foreign text cannot make such a line: what stands at the beginning of one is ours. */
static bool is_folded(struct slice markdown)
{
	static const char begin[] = "\n<details>", end[] = "\n</details>";
	bool folded = false;
	for (size_t at = slice_find_char(markdown, '\n'); at != SLICE_NONE;) {
		markdown = slice_sub(markdown, at, markdown.len);
		if (slice_starts(markdown, SLICE(begin)))
			folded = true;
		else if (slice_starts(markdown, SLICE(end)))
			folded = false;
		markdown = slice_sub(markdown, 1, markdown.len);
		at = slice_find_char(markdown, '\n');
	}
	return folded;
}

/* Behind a whole line; the link at its end may lack its details. */
static void cut(struct buffer *out, size_t start, size_t bytes_max)
{
	static const char closing[] = "\n</details>\n";
	static const char why[] =
		"\n**The report is longer than GitHub shows; the log of "
		"this step has all of what fails.**\n";
	size_t room = sizeof(closing) + sizeof(why);
	if (bytes_max < room) {
		buffer_truncate(out, start);
		return;
	}
	size_t len = start + bytes_max - room;
	while (len > start && out->at[len - 1] != '\n')
		len--;
	buffer_truncate(out, len);
	if (is_folded(slice_sub(buffer_slice(out), start, out->len)))
		buffer_add_text(out, closing);
	buffer_add_text(out, why);
}

int report_write_step_summary(const struct report *report, size_t bytes_max,
	struct buffer *out, struct error *error)
{
	struct report summary = *report;
	size_t start = out->len;
	summary.hosts = NULL; /* a table for the log, and the first thing to be cut */
	if (report_write(&summary, FORMAT_MARKDOWN, out, error) < 0)
		return -1;
	if (out->len - start > bytes_max)
		cut(out, start, bytes_max);
	return 0;
}
