#include "base/utf8.h"
#include "format/markup.h"
#include "format/standing_write.h"
#include "format/words.h"
#include "model/host.h"
#include "report/hosts_internal.h"
#include "report/html_internal.h"
#include "report/index_internal.h"
#include "report/report_internal.h"
#include "report/sentence_internal.h"
#include "report/tally_internal.h"

/* For people: the same links as text and Markdown have, by source, worst first. What is
 * broken or gives no answer is no link to click on: its domain may have another owner by
 * now, and a reader gains nothing there. */

struct html_writer {
	const struct report *report;
	struct buffer *out;
	struct sentence sentence;
};

static void add(struct html_writer *writer, const char *ours)
{
	buffer_add_text(writer->out, ours);
}

static void end_sentence(struct html_writer *writer)
{
	markup_text(writer->out, sentence_end(&writer->sentence, writer->out),
		WORDS_BYTES_MAX);
}

static void add_url(struct html_writer *writer, struct slice url)
{
	words_url(sentence_begin(&writer->sentence), url);
	markup_text(writer->out, sentence_end_url(&writer->sentence, writer->out),
		WORDS_BYTES_MAX);
}

static void add_anchor(struct html_writer *writer, struct slice url)
{
	if (!markup_is_href(url)) {
		add_url(writer, url);
		return;
	}
	add(writer, "<a rel=\"nofollow noreferrer\" href=");
	markup_href(writer->out, url);
	add(writer, ">");
	add_url(writer, url);
	add(writer, "</a>");
}

static bool is_worth_a_visit(const struct link *link)
{
	enum outcome outcome = link->result.verdict.outcome;
	return link->kind == LINK_HTTP && link->result.done &&
	       (outcome == OUTCOME_OK || outcome == OUTCOME_GATED ||
		       outcome == OUTCOME_MOVED);
}

/* --- one link --- */

static void write_mark(struct html_writer *writer, const char *word)
{
	buffer_printf(writer->out,
		"<span class=\"mark\"><svg aria-hidden=\"true\"><use "
		"href=\"#shape-%s\"/></svg>%s</span>\n",
		word, word);
}

static void write_label(struct html_writer *writer, const struct occurrence *at)
{
	struct slice label = at->expected_title.len > 0 ? at->expected_title : at->text;
	if (label.len == 0)
		return;
	add(writer, "<p class=\"label\">");
	markup_text(writer->out, label, WORDS_TITLE_BYTES);
	add(writer, "</p>\n");
}

static void write_reason(struct html_writer *writer, const struct link *link)
{
	const struct verdict *verdict = &link->result.verdict;
	char token[WORDS_TOKEN_BYTES + 1];
	if (verdict->outcome == OUTCOME_OK && verdict->error.len == 0)
		return;
	words_token(link, token);
	add(writer, "<p class=\"said\">");
	/* The mark says already what the token of these would. */
	if (verdict->outcome != OUTCOME_MOVED && verdict->outcome != OUTCOME_GATED)
		buffer_printf(writer->out, "<b>%s</b> ", token);
	words_reason(sentence_begin(&writer->sentence), link);
	end_sentence(writer);
	add(writer, "</p>\n");
}

/* Another spelling of what is dead leads to the same host. */
static bool leads_elsewhere(const struct link *link, struct slice url)
{
	return is_worth_a_visit(link) ||
	       !slice_equal(host_in_href(url), host_in_href(link->url));
}

static void write_suggestion(struct html_writer *writer, const struct link *link)
{
	struct suggestion suggestion;
	if (!words_suggestion(link, &suggestion))
		return;
	add(writer, "<p class=\"use\">Use ");
	if (leads_elsewhere(link, suggestion.url))
		add_anchor(writer, suggestion.url);
	else
		add_url(writer, suggestion.url);
	if (suggestion.why.len > 0) {
		add(writer, " <span class=\"more\">");
		utf8_add_printable(sentence_begin(&writer->sentence), suggestion.why,
			WORDS_SENTENCE_BYTES);
		end_sentence(writer);
		add(writer, "</span>");
	}
	add(writer, "</p>\n");
}

/* What the sentence says, if it says anything. */
static void write_more(struct html_writer *writer, const char *before)
{
	if (writer->sentence.said.len == 0)
		return;
	buffer_printf(writer->out, "<p class=\"more\">%s", before);
	end_sentence(writer);
	add(writer, "</p>\n");
}

static void write_details(struct html_writer *writer, const struct link *link)
{
	const struct report *report = writer->report;
	if (report->records != NULL) {
		standing_brief(sentence_begin(&writer->sentence),
			&report->records[link->number], report->finished_at);
		write_more(writer, "State: ");
	}
	if (report_link_is_known(report, link)) {
		words_known(sentence_begin(&writer->sentence), report, link);
		write_more(writer, "Note: ");
	}
	words_chain(sentence_begin(&writer->sentence), link);
	write_more(writer, "Via ");
	for (unsigned i = 0; i < NOTE_COUNT; i++)
		if ((link->result.verdict.notes & NOTE_BIT(i)) != 0) {
			words_note(sentence_begin(&writer->sentence), link, (enum note)i);
			write_more(writer, "Note: ");
		}
}

static void write_entry(struct html_writer *writer, const struct entry *entry)
{
	const struct link *link = entry->link;
	const char *word = outcome_text(link->result.verdict.outcome);

	buffer_printf(writer->out, "<li class=\"%s\">", word);
	write_mark(writer, word);
	add(writer, "<div class=\"body\"><p class=\"url\">");
	if (is_worth_a_visit(link))
		add_anchor(writer, link->url);
	else
		add_url(writer, link->url);
	add(writer, "</p>\n");
	write_label(writer, entry->places[0].at);
	write_reason(writer, link);
	write_suggestion(writer, link);
	write_details(writer, link);
	add(writer, "</div><span class=\"at\">");
	words_places(sentence_begin(&writer->sentence), entry);
	end_sentence(writer);
	add(writer, "</span></li>\n");
}

/* --- the page --- */

static void write_lead(struct html_writer *writer, const struct report_summary *summary)
{
	const struct report *report = writer->report;
	uint32_t failing = 0;
	for (const struct link *link = report->table->first; link != NULL;
		link = link->next)
		failing += report_link_fails(report, link);

	add(writer, "<p class=\"lead\">");
	if (report->partial) {
		words_partial(sentence_begin(&writer->sentence), summary);
		end_sentence(writer);
	} else if (summary->links == 0) {
		add(writer, "No links found.");
	} else if (report_is_all_fine(report, summary)) {
		add(writer, "Nothing to repair.");
	} else if (failing == 0) {
		add(writer, "No link fails.");
	} else {
		buffer_printf(writer->out, "%u of ", failing);
		words_count(writer->out, summary->links, "link");
		add(writer, failing == 1 ? " fails." : " fail.");
	}
	add(writer, "</p>\n");
}

static void write_when(struct html_writer *writer, const struct report_summary *summary,
	uint32_t source_count)
{
	const struct report *report = writer->report;
	char instant[TIME_RFC3339_SIZE], span[TIME_SPAN_SIZE];
	add(writer, "<p class=\"soft\">");
	words_total(writer->out, summary, source_count);
	time_format_rfc3339(report->started_at, instant);
	time_format_span(report->finished_at - report->started_at, span);
	buffer_printf(writer->out,
		", checked <time datetime=\"%s\">%.10s %.5s UTC</time> in %s", instant,
		instant, instant + 11, span);
	words_known_count(writer->out, report);
	add(writer, ".</p>\n");
}

static void write_tally(struct html_writer *writer, const struct report_summary *summary)
{
	struct words_tally tally[WORDS_TALLY_MAX];
	uint32_t count = words_tally(summary, tally);
	add(writer, "<ul class=\"tally\">\n");
	for (uint32_t i = 0; i < count; i++) {
		const char *shape =
			tally[i].unchecked ? "unchecked" : outcome_text(tally[i].outcome);
		buffer_printf(writer->out,
			"<li class=\"%s\"><svg aria-hidden=\"true\"><use "
			"href=\"#shape-%s\"/></svg><b>%u</b> %s</li>\n",
			shape, shape, tally[i].count, tally[i].text);
	}
	add(writer, "</ul>\n");
}

static void begin_section(struct html_writer *writer, struct slice source)
{
	add(writer, "<section>\n<h2>");
	add_url(writer, source);
	add(writer, "</h2>\n<ul class=\"links\">\n");
}

static void write_sections(struct html_writer *writer, const struct index *index)
{
	for (size_t i = 0; i < index->entry_count && !writer->out->failed; i++) {
		const struct entry *entry = &index->entries[i];
		if (i > 0 && entry->source != entry[-1].source)
			add(writer, "</ul>\n</section>\n");
		if (i == 0 || entry->source != entry[-1].source)
			begin_section(writer, entry->places[0].at->source);
		write_entry(writer, entry);
	}
	if (index->entry_count > 0)
		add(writer, "</ul>\n</section>\n");
}

/* With -v they stand among the others. */
static void write_looks(struct html_writer *writer)
{
	const struct report *report = writer->report;
	bool any = false;
	if (report->quiet || report->verbosity > 0)
		return;
	for (const struct link *link = report->table->first;
		link != NULL && !writer->out->failed; link = link->next) {
		if (!report_is_worth_a_look(link))
			continue;
		if (!any)
			add(writer, "<section>\n<h2>Worth a look</h2>\n"
				    "<ul class=\"links\">\n");
		any = true;
		struct place place = { .link = link, .at = link->first };
		struct entry entry = { .link = link, .places = &place, .place_count = 1 };
		write_entry(writer, &entry);
	}
	if (any)
		add(writer, "</ul>\n</section>\n");
}

static void write_host(struct html_writer *writer, const struct host_stats *host)
{
	add(writer, "<tr><td>");
	markup_text(writer->out, host->host, WORDS_TITLE_BYTES);
	buffer_printf(writer->out,
		"</td><td>%u</td><td>%u</td><td>%u</td><td>%u</td><td>%u</td><td>%u</td>"
		"<td>%u</td><td>%u</td></tr>\n",
		host->requests, host->redirects, host->retries, hosts_others(host),
		host->answers[2] + host->answers[3], host->answers[4], host->answers[5],
		host->answers[0] + host->answers[1]);
}

static void write_hosts(struct html_writer *writer)
{
	const struct report *report = writer->report;
	if (report->hosts == NULL)
		return;
	add(writer, "<section>\n<h2>What each host was asked</h2>\n<div class=\"wide\" "
		    "tabindex=\"0\"><table>\n<tr><th>host</th><th>requests</th>"
		    "<th>redirects</th><th>retries</th><th>others</th><th>2xx, 3xx</th>"
		    "<th>4xx</th><th>5xx</th><th>no answer</th></tr>\n");
	for (uint32_t i = 0; i < report->host_count; i++)
		write_host(writer, &report->hosts[i]);
	add(writer, "</table></div>\n</section>\n");
}

int report_write_html(const struct report *report, struct buffer *out)
{
	struct html_writer writer = { .report = report, .out = out };
	struct report_summary summary;
	struct index index;

	sentence_init(&writer.sentence);
	report_summarise(report->table, &summary);
	int result = report_index(report, &index);
	if (result == 0) {
		html_begin(out);
		add(&writer, "<header>\n<h1>Link report</h1>\n");
		write_lead(&writer, &summary);
		write_when(&writer, &summary, index.source_count);
		write_tally(&writer, &summary);
		add(&writer, "</header>\n<main>\n");
		write_sections(&writer, &index);
		write_looks(&writer);
		write_hosts(&writer);
		add(&writer, "</main>\n<footer>Made by ");
		markup_text(out, slice_of(report->generator), WORDS_TITLE_BYTES);
		add(&writer, ".</footer>\n</body>\n</html>\n");
	}
	index_fini(&index);
	sentence_fini(&writer.sentence);
	return result;
}
