#include "report/report_internal.h"

#include <assert.h>

void report_summarise(const struct link_table *table, struct report_summary *ret_summary)
{
	struct report_summary summary = {
		.occurrences = table->occurrence_count,
		.links = table->link_count,
	};
	for (const struct link *link = table->first; link != NULL; link = link->next)
		if (link->result.done)
			summary.by_outcome[link->result.verdict.outcome]++;
		else
			summary.unchecked++;
	*ret_summary = summary;
}

static bool has_failing_outcome(const struct report *report, const struct link *link)
{
	return link->result.done &&
	       (report->fail_on & UINT32_C(1) << link->result.verdict.outcome) != 0;
}

bool report_link_is_known(const struct report *report, const struct link *link)
{
	return report->known_since != NULL && report->known_since[link->number] > 0 &&
	       has_failing_outcome(report, link);
}

bool report_link_fails(const struct report *report, const struct link *link)
{
	return has_failing_outcome(report, link) && !report_link_is_known(report, link);
}

bool report_failed(const struct report *report)
{
	for (const struct link *link = report->table->first; link != NULL;
		link = link->next)
		if (report_link_fails(report, link))
			return true;
	return false;
}

uint32_t report_listed(const struct report *report)
{
	const uint32_t ordinary = 1u << OUTCOME_BROKEN | 1u << OUTCOME_UNREACHABLE |
				  1u << OUTCOME_MOVED | 1u << OUTCOME_GATED;
	const uint32_t verbose = 1u << OUTCOME_SKIPPED | 1u << OUTCOME_OK;

	if (report->quiet)
		return report->fail_on;
	return report->verbosity > 0 ? ordinary | verbose : ordinary;
}

bool report_lists(const struct report *report, const struct link *link)
{
	return !report->quiet || !report_link_is_known(report, link);
}

int report_index(const struct report *report, struct index *index)
{
	size_t kept = 0;
	if (index_entries(index, report->table, report_listed(report)) != 0)
		return -1;
	for (size_t i = 0; i < index->entry_count; i++)
		if (report_lists(report, index->entries[i].link))
			index->entries[kept++] = index->entries[i];
	index->entry_count = kept;
	return 0;
}

bool report_is_worth_a_look(const struct link *link)
{
	return link->result.done && link->result.verdict.outcome == OUTCOME_OK &&
	       link->result.verdict.notes != 0 && link->first != NULL;
}

/* A link that was not asked for our own sake may need repair. */
static bool has_offline(const struct link_table *table)
{
	for (const struct link *link = table->first; link != NULL; link = link->next)
		if (link->result.done && link->result.checked_at > 0 &&
			link->result.verdict.reason == REASON_OFFLINE)
			return true;
	return false;
}

bool report_is_all_fine(const struct report *report, const struct report_summary *summary)
{
	uint32_t ok = summary->by_outcome[OUTCOME_OK];
	return !report->partial && ok > 0 && !has_offline(report->table) &&
	       summary->links == ok + summary->by_outcome[OUTCOME_SKIPPED];
}

static int finish(int result, const struct buffer *out, struct error *error)
{
	if (result == 0 && !out->failed)
		return 0;
	return error_set(error,
		"the report does not fit into memory (limit %zu MiB); check fewer "
		"inputs at a time",
		out->bytes_max >> 20);
}

int report_write(const struct report *report, enum format format, struct buffer *out,
	struct error *error)
{
	static int (*const writers[])(const struct report *, struct buffer *) = {
		[FORMAT_TEXT] = report_write_text,
		[FORMAT_JSON] = report_write_json,
		[FORMAT_MARKDOWN] = report_write_markdown,
		[FORMAT_HTML] = report_write_html,
		[FORMAT_CSV] = report_write_csv,
		[FORMAT_JUNIT] = report_write_junit,
		[FORMAT_SARIF] = report_write_sarif,
		[FORMAT_GITHUB] = report_write_github,
	};
	assert((FORMAT_SET(format) & REPORT_FORMATS) != 0);
	return finish(writers[format](report, out), out, error);
}

int report_write_links(const struct link_table *table, enum format format,
	struct buffer *out, struct error *error)
{
	assert((FORMAT_SET(format) & REPORT_FORMATS_OF_LINKS) != 0);
	return finish(format == FORMAT_JSON ? report_write_links_json(table, out)
					    : report_write_links_text(table, out),
		out, error);
}
