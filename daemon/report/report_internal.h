/* report/report_internal: the writers, one a format, and what they must agree on.
 *
 * A writer appends to a buffer and never looks at its failure: report_write does, once,
 * at the end. Its return value tells of other memory that it could not get.
 */
#pragma once

#include "report/index_internal.h"
#include "report/report.h"

int report_write_text(const struct report *report, struct buffer *out);
int report_write_json(const struct report *report, struct buffer *out);
int report_write_markdown(const struct report *report, struct buffer *out);
int report_write_html(const struct report *report, struct buffer *out);
int report_write_csv(const struct report *report, struct buffer *out);
int report_write_junit(const struct report *report, struct buffer *out);
int report_write_sarif(const struct report *report, struct buffer *out);
int report_write_github(const struct report *report, struct buffer *out);

int report_write_links_text(const struct link_table *table, struct buffer *out);
int report_write_links_json(const struct link_table *table, struct buffer *out);

/* The bits of the outcomes that text and Markdown list one by one. */
uint32_t report_listed(const struct report *report);

/* Whether they list this link, when its outcome is among those: quietly, what is known is
 * no failure. */
bool report_lists(const struct report *report, const struct link *link);

/* index_entries of what they list. */
int report_index(const struct report *report, struct index *index);

/* Reached, nothing to repair, and yet somebody should see it. */
bool report_is_worth_a_look(const struct link *link);

/* Something was reached, and nothing is to be done about anything. */
bool report_is_all_fine(
	const struct report *report, const struct report_summary *summary);
