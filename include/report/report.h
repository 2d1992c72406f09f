/* report: what a check found, for people and for programs.
 *
 * Pure: a run in, bytes out. Each format has one writer and one place where it escapes;
 * titles, contexts, URLs and error texts are hostile.
 *
 * Text, Markdown and HTML are for people and list what they should see (report_listed).
 * JSON, CSV and JUnit hold every link; SARIF holds what fails the run, and GitHub's
 * annotations that and what is known.
 */
#pragma once

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"
#include "format/formats.h"
#include "model/host_stats.h"
#include "model/link.h"
#include "model/record.h"

/* One run of `check`. Borrowed by the writers. */
struct report {
	const char *generator;           /* "linkrotd 0.1.0" */
	time_ms started_at, finished_at; /* wall */
	const struct slice *inputs;      /* as the user named them */
	uint32_t input_count;
	struct slice directory; /* absolute; SARIF and GitHub name files from it; may be
				 * empty */
	const struct link_table *table;
	/* What is remembered of each link after this run, by its number; NULL: nothing
	 * is. One without checks is not known. */
	const struct link_record *records;
	/* Of each link, by its number: since when the baseline (report/baseline.h) knows
	 * that it fails; 0: it is new, or it did not fail there. What is known is listed,
	 * says so, and does not fail the run. NULL: there is no baseline. */
	const time_ms *known_since;
	uint32_t fail_on;   /* bit per outcome that makes the run fail */
	bool partial;       /* ended before every link had its turn */
	bool flawed;        /* a document could not be read, or the run itself failed in
			     * another way: SARIF says so */
	bool colour;        /* text only */
	bool quiet;         /* text and Markdown list only what is in fail_on; a run
			     * that did not fail leaves text empty */
	uint32_t verbosity; /* else: 0 failures, moved and gated; 1 also ok and skipped */
	uint64_t requests;  /* made; 0: not said */
	const struct host_stats *hosts; /* NULL: not asked for */
	uint32_t host_count;
};

struct report_summary {
	uint32_t occurrences, links;
	uint32_t by_outcome[OUTCOME_COUNT];
	uint32_t unchecked; /* links without a result, in a partial run */
};

void report_summarise(const struct link_table *table, struct report_summary *ret_summary);

/* Has an outcome in fail_on, and is not known. */
bool report_link_fails(const struct report *report, const struct link *link);

/* Has one, and is. */
bool report_link_is_known(const struct report *report, const struct link *link);

/* Whether any link fails. */
bool report_failed(const struct report *report);

#define REPORT_FORMATS                                                                   \
	(FORMATS_FOR_PEOPLE | FORMAT_SET(FORMAT_HTML) | FORMAT_SET(FORMAT_JUNIT) |       \
		FORMAT_SET(FORMAT_SARIF) | FORMAT_SET(FORMAT_GITHUB) |                   \
		FORMAT_SET(FORMAT_CSV))
#define REPORT_FORMATS_OF_LINKS                                                          \
	(FORMAT_SET(FORMAT_TEXT) | FORMAT_SET(FORMAT_JSON)) /* extract */

/* One of REPORT_FORMATS. The whole report appended to `out`; -1: no memory or the
 * buffer's ceiling. */
int report_write(const struct report *report, enum format format, struct buffer *out,
	struct error *error);

/* What a job on GitHub shows as its summary, in Markdown: the report, or as much of it as
 * fits into `bytes_max` and a sentence that says so. GitHub takes REPORT_SUMMARY_BYTES of
 * all steps of a job together, and shows nothing of a larger one. */
#define REPORT_SUMMARY_BYTES ((size_t)1024 * 1024)
int report_write_step_summary(const struct report *report, size_t bytes_max,
	struct buffer *out, struct error *error);

/* `extract`: links with their places, no results (interfaces, section 3). */
int report_write_links(const struct link_table *table, enum format format,
	struct buffer *out, struct error *error);
