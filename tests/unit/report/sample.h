/* tests/unit/report/sample: a run of `check` that shows every kind of outcome.
 *
 * Built by hand, because the report room sees neither documents nor the network.
 */
#pragma once

#include "lib/test.h"

#include "model/link.h"
#include "report/report.h"

/* SLICE for objects with static storage. */
#define STATIC_SLICE(literal)                                                            \
	{                                                                                \
		(literal), sizeof(literal) - 1                                           \
	}

struct sample {
	struct link_table table;
	struct report report;
	struct slice inputs[2];
};

static inline struct link *sample_mention(struct sample *sample, enum link_kind kind,
	const char *url, const char *source, uint32_t line, uint32_t column)
{
	struct link_identity identity = {
		.kind = kind,
		.url = slice_of(url),
		.request_url = slice_of(url),
		.request_key = slice_of(url),
	};
	struct occurrence occurrence = {
		.source = slice_of(source),
		.line = line,
		.column = column,
		.text = SLICE("Paper"),
		.context = SLICE("A Survey of Everything"),
		.expected_title = SLICE("A Survey of Everything"),
	};
	struct link *link = link_table_add(&sample->table, &identity, &occurrence);
	assert_non_null(link);
	return link;
}

/* A link that was asked over the network and got this answer. */
static inline struct link *sample_answer(struct sample *sample, const char *url,
	uint32_t line, enum reason reason, int status)
{
	struct link *link = sample_mention(sample, LINK_HTTP, url, "README.md", line, 3);
	link->result = (struct check_result){
		.done = true,
		.verdict = { .outcome = reason_outcome(reason), .reason = reason },
		.state = state_of_one_check(reason_outcome(reason)),
		.http_status = status,
		.method = METHOD_GET,
		.asked = true,
		.final_url = link->url,
		.elapsed_ms = 41,
		.timing = { 3, 9, 14, 12, 41 },
		.checked_at = time_of_civil(2026, 11, 23, 3, 30, 2),
	};
	return link;
}

static inline void sample_begin(struct sample *sample)
{
	*sample = (struct sample){ .inputs = { SLICE("README.md"), SLICE("docs") } };
	link_table_init(&sample->table, 64u << 20);
	sample->report = (struct report){
		.generator = "linkrotd 0.1.0",
		.started_at = time_of_civil(2026, 11, 23, 3, 30, 0),
		.finished_at = time_of_civil(2026, 11, 23, 3, 30, 41),
		.inputs = sample->inputs,
		.input_count = 1,
		.table = &sample->table,
		.fail_on = 1u << OUTCOME_BROKEN | 1u << OUTCOME_UNREACHABLE,
	};
}

static inline void sample_end(struct sample *sample)
{
	link_table_fini(&sample->table);
}

/* Nine links in two sources: 3 ok, 2 broken and one of each other outcome, one unasked.
 */
static inline void sample_fill(struct sample *sample)
{
	static const struct redirect hops[] = {
		{ 301, STATIC_SLICE("https://new.example/paper") },
	};
	sample_answer(sample, "https://fine.example/", 3, REASON_OK, 200);
	struct link *moved = sample_answer(
		sample, "https://old.example/paper", 5, REASON_REDIRECT_PERMANENT, 200);
	moved->result.redirects = hops;
	moved->result.redirect_count = 1;
	moved->result.final_url = hops[0].url;
	moved->result.verdict.suggestion =
		(struct suggestion){ hops[0].url, SLICE("Moved for good (301).") };
	struct link *titled =
		sample_answer(sample, "https://titled.example/", 6, REASON_OK, 200);
	titled->result.title = SLICE("Another Paper");
	titled->result.verdict.notes = NOTE_BIT(NOTE_TITLE_MISMATCH);
	sample_answer(sample, "https://gone.example/x", 9, REASON_HTTP_404, 404);
	for (uint32_t line = 20; line < 24; line++)
		sample_mention(sample, LINK_HTTP, "https://gone.example/x", "README.md",
			line, 7);
	struct link *name =
		sample_answer(sample, "https://dead.example/", 8, REASON_DNS_NXDOMAIN, 0);
	name->result.final_url = (struct slice){ 0 };
	name->result.verdict.error = SLICE("No such host: dead.example.");
	name->result.timing = (struct timing){ 3, -1, -1, -1, 3 };
	sample_answer(sample, "https://slow.example/", 10, REASON_TIMEOUT, 0);
	sample_answer(sample, "https://wall.example/", 11, REASON_FORBIDDEN, 403);
	struct link *mail = sample_mention(
		sample, LINK_MAIL, "mailto:a@example.org", "README.md", 12, 1);
	mail->result = (struct check_result){
		.done = true,
		.verdict = { .outcome = OUTCOME_SKIPPED,
			.reason = REASON_UNSUPPORTED_SCHEME },
		.state = STATE_SKIPPED,
	};
	struct link *anchor =
		sample_mention(sample, LINK_ANCHOR, "#usage", "docs/a.md", 2, 9);
	anchor->result = (struct check_result){
		.done = true,
		.verdict = { .outcome = OUTCOME_OK, .reason = REASON_OK },
		.state = STATE_ALIVE,
	};
	sample_mention(sample, LINK_HTTP, "https://gone.example/x", "docs/a.md", 30, 1);
}

/* The report as a string that is valid until the next call. */
static inline const char *sample_write(
	const struct report *report, enum format format, struct buffer *out)
{
	buffer_reset(out);
	assert_int_equal(report_write(report, format, out, NULL), 0);
	return buffer_string(out);
}

/* What two hosts were asked; the name of the second one is hostile. */
static inline void sample_hosts(struct sample *sample)
{
	static const struct host_stats hosts[] = {
		{
			.host = STATIC_SLICE("busy.example"),
			.requests = 12,
			.by_kind = { [ASK_LINK] = 7,
				[ASK_ROBOTS] = 1,
				[ASK_SIBLING] = 2 },
			.redirects = 1,
			.retries = 1,
			.answers = { 1, 0, 8, 1, 1, 1 },
			.refused = 1,
			.peak = 2,
			.closest_us = 250999,
			.answer_ms = 31,
			.answer_ms_max = 90,
		},
		{
			.host = STATIC_SLICE("\x1b[31m```\n<b>"),
			.requests = 1,
			.by_kind = { [ASK_LINK] = 1 },
			.answers = { 1 },
			.peak = 1,
			.closest_us = -1,
			.answer_ms = -1,
			.answer_ms_max = -1,
		},
	};
	sample->report.hosts = hosts;
	sample->report.host_count = 2;
}
