/* tests/unit/site/samples: a site of three lists after some months, with links of every
 * state; as app/ fills the pages from the store.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "site/events_page.h"
#include "site/link_page.h"
#include "site/list_page.h"
#include "site/overview.h"

/* 2026-11-26T04:00:00Z */
#define SAMPLE_NOW (time_of_civil(2026, 11, 26, 4, 0, 0))
#define SAMPLE_DAY TIME_MS_PER_DAY

enum { SAMPLE_ROWS = 100, SAMPLE_TALLIES = 120, SAMPLE_EVENTS = 40, SAMPLE_SPANS = 12 };

struct samples {
	struct arena arena;
	struct standing standings[SAMPLE_ROWS];
	struct strip strips[SAMPLE_ROWS];
	struct list_row rows[SAMPLE_ROWS];
	struct occurrence places[SAMPLE_ROWS];
	struct span spans[SAMPLE_ROWS][SAMPLE_SPANS];
	uint32_t span_counts[SAMPLE_ROWS];
	struct picture_tally tallies[SAMPLE_TALLIES];
	struct site_event events[SAMPLE_EVENTS];
	struct overview_list lists[3];
	struct standing_counts counts;
	struct slice names[2];
	struct redirect hops[3];
	struct check_facts checks[24];
	struct event link_events[3];
	struct slice reason, next;
};

static inline time_ms sample_ago(int64_t days)
{
	return SAMPLE_NOW - days * SAMPLE_DAY;
}

/* A link without a past; checked every day. */
static inline void sample_link(struct samples *all, uint32_t i, const char *url,
	const char *label, enum state state, enum reason reason, int status)
{
	struct standing *standing = &all->standings[i];

	all->places[i] = (struct occurrence){ .source = SLICE("README.md"),
		.line = 20 + i,
		.column = 5,
		.text = slice_of(label),
		.context = SLICE("Surveys and position papers, newest first") };
	*standing = (struct standing){
		.link_id = 1000 + (int64_t)i,
		.link = { .kind = LINK_HTTP,
			.url = slice_of(url),
			.expected_title = slice_of(label),
			.first = &all->places[i],
			.last = &all->places[i],
			.occurrence_count = 1 },
		.record = { .state = state,
			.since = sample_ago(80 - (i * 7) % 70),
			.reason = reason,
			.http_status = status,
			.last_checked_at = SAMPLE_NOW - (time_ms)(i % 20) * 60000,
			.last_ok_at = sample_ago(1),
			.due_at = sample_ago(-1),
			.interval_ms = SAMPLE_DAY,
			.checks = 90,
			.span = { sample_ago(90), sample_ago(0), 91,
				reason_outcome(reason), reason, status, 40, 900,
				91 * 130 } },
		.lists = all->names,
		.list_count = 1,
	};
	all->span_counts[i] = 0;
}

static inline void sample_span(struct samples *all, uint32_t i, int64_t from, int64_t to,
	uint32_t checks, enum reason reason, int status)
{
	all->spans[i][all->span_counts[i]++] = (struct span){ sample_ago(from),
		sample_ago(to), checks, reason_outcome(reason), reason, status, 35, 420,
		(int64_t)checks * 120 };
}

static inline void sample_open_span(struct samples *all, uint32_t i, int64_t from,
	uint32_t checks, enum reason reason, int status)
{
	all->standings[i].record.span = (struct span){ sample_ago(from), sample_ago(0),
		checks, reason_outcome(reason), reason, status, 50, 700,
		(int64_t)checks * 180 };
}

static inline void sample_dead(struct samples *all, uint32_t i, int64_t days)
{
	struct link_record *record = &all->standings[i].record;

	sample_span(all, i, 120, days + 7, 113 - (uint32_t)days, REASON_OK, 200);
	sample_open_span(all, i, days + 6, (uint32_t)days + 7, REASON_HTTP_404, 404);
	record->state = record->confirmed = STATE_DEAD;
	record->since = record->confirmed_at = sample_ago(days);
	record->last_ok_at = sample_ago(days + 7);
	record->strike_halves = 2 * ((uint32_t)days + 7);
	record->first_strike_at = sample_ago(days + 6);
	record->last_strike_at = sample_ago(0);
	record->second_method = true;
}

/* A day now and then that went wrong. */
static inline void sample_hiccups(struct samples *all, uint32_t i)
{
	sample_span(all, i, 90, 61, 30, REASON_OK, 200);
	sample_span(all, i, 60, 60, 1, REASON_HTTP_5XX, 503);
	sample_span(all, i, 59, 23, 37, REASON_OK, 200);
	sample_span(all, i, 22, 21, 2, REASON_TIMEOUT, 0);
	sample_open_span(all, i, 20, 21, REASON_OK, 200);
}

static inline void sample_kind(struct samples *all, uint32_t i)
{
	static const char *const titles[] = {
		"Training language models to follow instructions with human feedback",
		"Constitutional AI: Harmlessness from AI Feedback",
		"Direct Preference Optimization: Your Language Model is Secretly a "
		"Reward "
		"Model",
		"A Survey of Large Language Models",
		"Self-Instruct: aligning models with instructions of their own",
		"LIMA: Less Is More for Alignment",
		"Code",
	};
	const char *title = titles[i % 7];
	const char *url = i % 7 == 6
				  ? (const char *)arena_printf(&all->arena,
					    "https://github.com/example/alignment-%u", i)
					    .at
				  : (const char *)arena_printf(&all->arena,
					    "https://arxiv.org/abs/23%02u.%05u",
					    i % 12 + 1, 18223 + i * 37)
					    .at;

	sample_link(all, i, url, title, STATE_ALIVE, REASON_OK, 200);
	if (i % 9 == 4)
		sample_hiccups(all, i);
}

static inline void sample_specials(struct samples *all)
{
	struct standing *moved = &all->standings[5], *alive;

	sample_link(all, 0, "https://people.example.edu/~doe/papers/alignment-2019.pdf",
		"Alignment without oversight: a position paper", STATE_DEAD,
		REASON_HTTP_404, 404);
	sample_dead(all, 0, 18);
	sample_link(all, 1, "http://rlhf-workshop.example/2023/", "RLHF Workshop 2023",
		STATE_DEAD, REASON_DNS_NXDOMAIN, 0);
	sample_dead(all, 1, 41);
	sample_link(all, 2, "https://blog.example.org/reward-hacking",
		"Reward hacking in the wild", STATE_DEAD, REASON_PARKED_DOMAIN, 200);
	sample_dead(all, 2, 3);
	sample_link(all, 3, "https://slow.example.ac.uk/dataset?id=17&amp=1",
		"Preference data set (12 GB)", STATE_SUSPECT, REASON_TIMEOUT, 0);
	sample_span(all, 3, 90, 3, 88, REASON_OK, 200);
	sample_open_span(all, 3, 2, 3, REASON_TIMEOUT, 0);
	all->standings[3].record.since = sample_ago(2);
	all->standings[3].record.strike_halves = 3;
	sample_link(all, 4, "https://demo.example.com/chat", "Demo", STATE_SUSPECT,
		REASON_HTTP_5XX, 502);
	sample_hiccups(all, 4);
	sample_open_span(all, 4, 20, 20, REASON_OK, 200);
	all->standings[4].record.span.last_at = sample_ago(1);
	sample_span(all, 4, 20, 1, 20, REASON_OK, 200);
	sample_open_span(all, 4, 0, 1, REASON_HTTP_5XX, 502);
	all->standings[4].record.since = sample_ago(0);
	sample_link(all, 5, "https://openai.example/blog/instruction-following/",
		"Aligning language models to follow instructions", STATE_MOVED,
		REASON_REDIRECT_PERMANENT, 200);
	all->hops[0] = (struct redirect){ 301,
		SLICE("https://www.openai.example/blog/instruction-following/") };
	all->hops[1] = (struct redirect){ 308,
		SLICE("https://openai.example/index/instruction-following/") };
	moved->link.result.redirects = all->hops;
	moved->link.result.redirect_count = 2;
	sample_link(all, 6, "https://dl.acm.example/doi/10.1145/3580305.3599790",
		"Human feedback at scale", STATE_GATED, REASON_CHALLENGE, 403);
	all->standings[6].record.confirmed = STATE_ALIVE;
	sample_link(all, 7, "https://journals.example.com/article/S0004-3702",
		"Cooperative inverse reinforcement learning", STATE_GATED,
		REASON_FORBIDDEN, 403);
	sample_span(all, 7, 90, 40, 51, REASON_OK, 200);
	sample_open_span(all, 7, 39, 40, REASON_FORBIDDEN, 403);
	sample_link(all, 8, "https://new.example.net/paper.pdf",
		"A paper that was added today", STATE_UNCHECKED, REASON_OK, 0);
	all->standings[8].record = (struct link_record){ .due_at = sample_ago(-1) };
	sample_link(all, 9, "mailto:maintainer@example.org", "Write to us", STATE_SKIPPED,
		REASON_UNSUPPORTED_SCHEME, 0);
	alive = &all->standings[10];
	alive->record.notes = NOTE_BIT(NOTE_REPOSITORY_ARCHIVED);
}

static inline void sample_rows(struct samples *all)
{
	for (uint32_t i = 10; i < SAMPLE_ROWS; i++)
		sample_kind(all, i);
	sample_specials(all);
	for (uint32_t i = 0; i < SAMPLE_ROWS; i++) {
		struct standing *standing = &all->standings[i];
		struct check_result kept = standing->link.result;
		standing_set_result(standing);
		standing->link.result.redirects = kept.redirects;
		standing->link.result.redirect_count = kept.redirect_count;
		strip_make(&all->strips[i],
			&(struct strip_facts){ all->spans[i], all->span_counts[i],
				&standing->record, SAMPLE_NOW, 0 });
		all->rows[i] = (struct list_row){ standing, &all->strips[i] };
	}
	all->standings[5].link.result.verdict.suggestion =
		(struct suggestion){ all->hops[1].url,
			SLICE("Moved for good (301, 308), seen 9 times over 14 "
			      "days.") };
	all->standings[5].link.result.final_url = all->hops[1].url;
}

static inline void sample_timing(struct standing *standing)
{
	standing->link.result.asked = true;
	standing->link.result.timing = (struct timing){ 12, 38, 61, 140, 260 };
	standing->link.result.certificate =
		(struct certificate){ true, true, 0, sample_ago(-64), sample_ago(-64) };
	standing->link.result.title = SLICE("404 Not Found");
	standing->method_known = true;
}

static inline void sample_tallies(struct samples *all)
{
	for (uint32_t i = 0; i < SAMPLE_TALLIES; i++) {
		struct picture_tally *tally = &all->tallies[i];
		/* Nothing was counted for a week in the middle. */
		int64_t ago = SAMPLE_TALLIES - 1 - (int64_t)i + (i < 60 ? 7 : 0);
		*tally = (struct picture_tally){
			.day = time_of_civil(2026, 11, 26, 0, 0, 0) - ago * SAMPLE_DAY
		};
		tally->by_state[STATE_ALIVE] = 1190;
		tally->by_state[STATE_DEAD] = i / 30 + (i > 100 ? 2 : 0);
		tally->by_state[STATE_SUSPECT] = i * 7 % 13 < 4 ? i % 5 : 1;
		tally->by_state[STATE_GATED] = 4 + i / 50;
	}
}

static inline void sample_events(struct samples *all)
{
	for (uint32_t i = 0; i < SAMPLE_EVENTS; i++) {
		uint32_t row = i * 3 % 10;
		struct standing *standing = &all->standings[row];
		struct site_event *event = &all->events[i];
		*event = (struct site_event){
			.event_id = 5000 - (int64_t)i,
			.event = { .kind = EVENT_STATE,
				.at = SAMPLE_NOW - (time_ms)i * 7 * TIME_MS_PER_HOUR,
				.link_id = standing->link_id,
				.from = STATE_ALIVE,
				.to = standing->record.state,
				.reason = standing->record.reason },
			.url = standing->link.url,
			.label = standing->link.expected_title,
			.lists = all->names,
			.list_count = 1 + i % 2,
		};
		if (i % 8 == 3)
			event->event = (struct event){ .kind = EVENT_INCIDENT_BEGAN,
				.at = event->event.at,
				.links = 214,
				.text = SLICE("214 links at example.edu fail with "
					      "dns_servfail.") };
		else if (i % 8 == 6)
			event->event = (struct event){ .kind = EVENT_SOURCE_FAILED,
				.at = event->event.at,
				.text = SLICE("/srv/lists/papers.bib: not to be read "
					      "(permission denied)") };
	}
	all->link_events[0] =
		(struct event){ .kind = EVENT_LINK_ADDED, .at = sample_ago(120) };
	all->link_events[1] = (struct event){ .kind = EVENT_STATE,
		.at = sample_ago(24),
		.from = STATE_ALIVE,
		.to = STATE_SUSPECT,
		.reason = REASON_HTTP_404 };
	all->link_events[2] = (struct event){ .kind = EVENT_STATE,
		.at = sample_ago(18),
		.from = STATE_SUSPECT,
		.to = STATE_DEAD,
		.reason = REASON_HTTP_404 };
	all->reason =
		SLICE("Dead: 25 strikes from 2026-11-02 to 2026-11-26 (24 d), the "
		      "last by a second method.\nEvery one was http_404: the server "
		      "answers, and says that there is no such page.");
	all->next = SLICE("It is asked once a day; a single success makes it alive.");
	for (uint32_t i = 0; i < 24; i++)
		all->checks[i] = (struct check_facts){ .at = sample_ago(23 - (int64_t)i),
			.outcome = OUTCOME_BROKEN,
			.reason = REASON_HTTP_404,
			.http_status = 404,
			.elapsed_ms = 120 + (int32_t)(i * 37 % 90) };
}

static inline void sample_lists(struct samples *all)
{
	all->counts = (struct standing_counts){ .by_state = {
							[STATE_ALIVE] = 1187,
							[STATE_MOVED] = 9,
							[STATE_GATED] = 5,
							[STATE_SUSPECT] = 2,
							[STATE_DEAD] = 3,
							[STATE_UNCHECKED] = 1,
							[STATE_SKIPPED] = 4,
						} };
	all->lists[0] = (struct overview_list){ .name = SLICE("llm-alignment"),
		.title = SLICE("Aligning LLMs with Human"),
		.counts = all->counts,
		.measured_until = SAMPLE_NOW };
	all->lists[1] = (struct overview_list){ .name = SLICE("docs"),
		.counts = { .by_state = { [STATE_ALIVE] = 412 } },
		.measured_until = SAMPLE_NOW };
	all->lists[2] = (struct overview_list){ .name = SLICE("papers"),
		.title = SLICE("Reading list of the group for machine learning and "
			       "society"),
		.counts = { .by_state = { [STATE_UNCHECKED] = 37 } },
		.sources_failed = 1 };
	all->names[0] = SLICE("llm-alignment");
	all->names[1] = SLICE("docs");
}

static inline struct samples *samples_new(void)
{
	struct samples *all = calloc(1, sizeof(*all));
	if (all == NULL)
		abort();
	arena_init(&all->arena, 1 << 20);
	sample_lists(all);
	sample_rows(all);
	sample_timing(&all->standings[0]);
	sample_timing(&all->standings[5]);
	sample_tallies(all);
	sample_events(all);
	return all;
}

static inline void samples_free(struct samples *all)
{
	arena_fini(&all->arena);
	free(all);
}

static inline struct site_head sample_head(void)
{
	return (struct site_head){ .measured_from = SAMPLE_NOW - 22 * 60000,
		.measured_until = SAMPLE_NOW,
		.checks_lately = 1211,
		.checks_lately_ms = SAMPLE_DAY };
}

static inline struct overview sample_overview(const struct samples *all)
{
	return (struct overview){ .head = sample_head(),
		.counts = all->counts,
		.lists = all->lists,
		.list_count = 3,
		.list_total = 3,
		.events = all->events,
		.event_count = SAMPLE_EVENTS,
		.tallies = all->tallies,
		.tally_count = SAMPLE_TALLIES };
}

static inline struct list_page sample_list_page(const struct samples *all)
{
	return (struct list_page){ .head = sample_head(),
		.name = all->lists[0].name,
		.title = all->lists[0].title,
		.counts = all->counts,
		.rows = all->rows,
		.row_count = SAMPLE_ROWS,
		.total = 1211,
		.first_number = 1,
		.next = SLICE("MTEwMA"),
		.is_first = true,
		.number = 1,
		.number_max = 13,
		.tallies = all->tallies,
		.tally_count = SAMPLE_TALLIES };
}

static inline struct link_page sample_link_page(const struct samples *all, uint32_t i)
{
	return (struct link_page){ .standing = &all->standings[i],
		.strip = &all->strips[i],
		.known.checks = i == 0 ? all->checks : NULL,
		.known.check_count = i == 0 ? 24 : 0,
		.known.spans = all->spans[i],
		.known.span_count = all->span_counts[i],
		.known.span_total = all->span_counts[i],
		.known.events = i == 0 ? all->link_events : NULL,
		.known.event_count = i == 0 ? 3 : 0,
		.known.reasons = &all->reason,
		.known.reason_count = i == 0 ? 1 : 0,
		.known.nexts = &all->next,
		.known.next_count = i == 0 ? 1 : 0 };
}

static inline struct events_page sample_events_page(const struct samples *all)
{
	return (struct events_page){ .head = sample_head(),
		.events = all->events,
		.event_count = SAMPLE_EVENTS,
		.older = SLICE("4960"),
		.is_newest = true,
		.number = 1,
		.number_max = 3 };
}
