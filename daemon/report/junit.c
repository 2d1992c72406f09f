#include "format/markup.h"
#include "format/words.h"
#include "model/host.h"
#include "report/index_internal.h"
#include "report/report_internal.h"
#include "report/sentence_internal.h"
#include "report/tally_internal.h"

/* The XML that JUnit made common and nobody standardised, in the shape that GitLab,
 * Jenkins' own step and GitHub's actions read: a suite for each source, a case for each
 * link in it.
 *
 * What fails the run is a failure; what was not looked at, cannot be told from here, or
 * was known before, is skipped and says why; everything else has passed. */

enum verdict_of_case { CASE_PASSED, CASE_FAILED, CASE_SKIPPED };

struct sums {
	uint32_t tests, failures, skipped;
	int64_t elapsed_ms;
};

struct junit_writer {
	const struct report *report;
	struct buffer *out;
	struct sentence sentence;
};

static enum verdict_of_case case_of(const struct report *report, const struct link *link)
{
	if (report_link_fails(report, link))
		return CASE_FAILED;
	if (report_link_is_known(report, link) || !link->result.done)
		return CASE_SKIPPED;
	return link->result.verdict.outcome == OUTCOME_GATED ||
			       link->result.verdict.outcome == OUTCOME_SKIPPED
		       ? CASE_SKIPPED
		       : CASE_PASSED;
}

static int64_t elapsed_of(const struct link *link)
{
	const struct check_result *result = &link->result;
	return result->done && result->asked && result->elapsed_ms > 0
		       ? result->elapsed_ms
		       : 0;
}

/* Of the entries from `first` that are of one source, or of all. */
static struct sums sum(
	const struct report *report, const struct index *index, size_t first, bool all)
{
	struct sums sums = { 0 };
	for (size_t i = first;
		i < index->entry_count &&
		(all || index->entries[i].source == index->entries[first].source);
		i++) {
		const struct link *link = index->entries[i].link;
		enum verdict_of_case verdict = case_of(report, link);
		sums.tests++;
		sums.failures += verdict == CASE_FAILED;
		sums.skipped += verdict == CASE_SKIPPED;
		sums.elapsed_ms += elapsed_of(link);
	}
	return sums;
}

static void end_sentence(struct junit_writer *writer)
{
	markup_text(writer->out, sentence_end(&writer->sentence, writer->out),
		WORDS_BYTES_MAX);
}

static void add_url(struct junit_writer *writer, const char *attribute, struct slice url)
{
	buffer_printf(writer->out, " %s=\"", attribute);
	words_url(sentence_begin(&writer->sentence), url);
	markup_text(writer->out, sentence_end_url(&writer->sentence, writer->out),
		WORDS_BYTES_MAX);
	buffer_add_char(writer->out, '"');
}

static void add_sums(struct buffer *out, const struct sums *sums)
{
	buffer_printf(out,
		" tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"%u\" "
		"time=\"%lld.%03lld\"",
		sums->tests, sums->failures, sums->skipped,
		(long long)(sums->elapsed_ms / TIME_MS_PER_S),
		(long long)(sums->elapsed_ms % TIME_MS_PER_S));
}

static void begin_suite(
	struct junit_writer *writer, const struct entry *entry, const struct sums *sums)
{
	char instant[TIME_RFC3339_SIZE];
	buffer_add_text(writer->out, " <testsuite");
	add_url(writer, "name", entry->places[0].at->source);
	add_sums(writer->out, sums);
	/* Of old without a zone; it is UTC. */
	time_format_rfc3339(writer->report->started_at, instant);
	buffer_printf(writer->out, " timestamp=\"%.19s\">\n", instant);
}

static void add_message(struct junit_writer *writer, const struct link *link)
{
	struct buffer *sentence = sentence_begin(&writer->sentence);
	buffer_add_text(writer->out, " message=\"");
	if (report_link_is_known(writer->report, link)) {
		words_known(sentence, writer->report, link);
		buffer_add_text(sentence, ": ");
	}
	if (link->result.done)
		words_reason(sentence, link);
	else
		buffer_add_text(sentence, "Not checked: the run was interrupted.");
	end_sentence(writer);
	buffer_add_char(writer->out, '"');
}

/* All there is to say, for whoever opens the case. */
static void add_evidence(struct junit_writer *writer, const struct entry *entry)
{
	struct suggestion suggestion;
	struct buffer *sentence = sentence_begin(&writer->sentence);
	words_url(sentence, entry->link->url);
	buffer_add_text(sentence, " (at ");
	words_places(sentence, entry);
	buffer_add_text(sentence, "): ");
	words_reason(sentence, entry->link);
	if (words_suggestion(entry->link, &suggestion)) {
		buffer_add_text(sentence, " Use ");
		words_url(sentence, suggestion.url);
	}
	end_sentence(writer);
}

static void add_verdict(struct junit_writer *writer, const struct entry *entry)
{
	switch (case_of(writer->report, entry->link)) {
	case CASE_PASSED:
		buffer_add_text(writer->out, "/>\n");
		return;
	case CASE_SKIPPED:
		buffer_add_text(writer->out, "><skipped");
		add_message(writer, entry->link);
		buffer_add_text(writer->out, "/></testcase>\n");
		return;
	case CASE_FAILED:
		buffer_printf(writer->out, "><failure type=\"%s\"",
			reason_text(entry->link->result.verdict.reason));
		add_message(writer, entry->link);
		buffer_add_char(writer->out, '>');
		add_evidence(writer, entry);
		buffer_add_text(writer->out, "</failure></testcase>\n");
		return;
	}
}

static void write_case(struct junit_writer *writer, const struct entry *entry)
{
	const struct link *link = entry->link;
	struct slice host =
		link->kind == LINK_HTTP ? host_in_href(link->url) : (struct slice){ 0 };
	int64_t elapsed = elapsed_of(link);

	buffer_add_text(writer->out, "  <testcase");
	add_url(writer, "classname",
		host.len > 0 ? host : slice_of(link_kind_text(link->kind)));
	add_url(writer, "name", link->url);
	add_url(writer, "file", entry->places[0].at->source);
	buffer_printf(writer->out, " line=\"%u\" time=\"%lld.%03lld\"",
		entry->places[0].at->line, (long long)(elapsed / TIME_MS_PER_S),
		(long long)(elapsed % TIME_MS_PER_S));
	add_verdict(writer, entry);
}

static void write_suites(struct junit_writer *writer, const struct index *index)
{
	struct sums sums = sum(writer->report, index, 0, true);
	buffer_add_text(writer->out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"links\"");
	add_sums(writer->out, &sums);
	buffer_add_text(writer->out, ">\n");
	for (size_t i = 0; i < index->entry_count && !writer->out->failed; i++) {
		const struct entry *entry = &index->entries[i];
		if (i == 0 || entry->source != entry[-1].source) {
			sums = sum(writer->report, index, i, false);
			buffer_add_text(writer->out, i == 0 ? "" : " </testsuite>\n");
			begin_suite(writer, entry, &sums);
		}
		write_case(writer, entry);
	}
	buffer_add_text(writer->out, index->entry_count > 0
					     ? " </testsuite>\n</testsuites>\n"
					     : "</testsuites>\n");
}

int report_write_junit(const struct report *report, struct buffer *out)
{
	struct junit_writer writer = { .report = report, .out = out };
	struct index index;

	sentence_init(&writer.sentence);
	int result = index_entries(&index, report->table, INDEX_EVERYTHING);
	if (result == 0)
		write_suites(&writer, &index);
	index_fini(&index);
	sentence_fini(&writer.sentence);
	return result;
}
