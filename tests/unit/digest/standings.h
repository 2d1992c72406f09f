/* tests/unit/report/standings: a list of seven links after some weeks, one in each state.
 *
 * Built by hand, as app/ builds it from the store.
 */
#pragma once

#include "lib/test.h"

#include <jansson.h>

#include "digest/digest.h"
#include "digest/status.h"
#include "digest/why.h"
#include "format/standing.h"
#include "unit/report/sample.h"

/* 2026-11-26T02:00:00Z */
#define STANDINGS_NOW (time_of_civil(2026, 11, 26, 2, 0, 0))

struct standings {
	struct standing dead, moved, suspect, gated, unchecked, skipped, alive;
	struct occurrence places[5]; /* of the dead one */
	struct occurrence place[6];  /* of the others */
	struct redirect hop;
	struct slice lists[2];
};

static inline time_ms days_ago(int days)
{
	return STANDINGS_NOW - days * TIME_MS_PER_DAY;
}

/* A link that was last checked a day ago and found so. */
static inline void standings_link(struct standing *standing, const char *url,
	struct occurrence *place, uint32_t line, enum state state, enum reason reason,
	int status)
{
	*place = (struct occurrence){ .source = SLICE("README.md"),
		.line = line,
		.column = 3,
		.text = SLICE("Paper") };
	*standing = (struct standing){
		.link_id = line,
		.link = { .kind = LINK_HTTP,
			.url = slice_of(url),
			.first = place,
			.last = place,
			.occurrence_count = 1 },
		.record = { .state = state,
			.since = days_ago(9),
			.reason = reason,
			.http_status = status,
			.last_checked_at = days_ago(1),
			.due_at = days_ago(-6),
			.checks = 20,
			.span = { days_ago(9), days_ago(1), 3, reason_outcome(reason),
				reason, status, 30, 90, 150 } },
	};
	standing_set_result(standing);
}

static inline void standings_dead(struct standings *all)
{
	struct link_record *record = &all->dead.record;

	standings_link(&all->dead, "https://gone.example/x", &all->places[0], 9,
		STATE_DEAD, REASON_HTTP_404, 404);
	for (uint32_t i = 1; i < 5; i++) {
		all->places[i] = all->places[0];
		all->places[i].next = NULL;
		all->places[i].line = 19 + i;
		all->places[i - 1].next = &all->places[i];
	}
	all->places[4].source = SLICE("docs/a.md");
	all->dead.link.occurrence_count = 5;
	all->dead.link.last = &all->places[4];
	all->lists[0] = SLICE("awesome");
	all->lists[1] = SLICE("papers");
	all->dead.lists = all->lists;
	all->dead.list_count = 2;
	record->since = STANDINGS_NOW - 3 * TIME_MS_PER_DAY - 4 * TIME_MS_PER_HOUR;
	record->confirmed = STATE_DEAD;
	record->confirmed_at = days_ago(1);
	record->last_ok_at = days_ago(20);
	record->strike_halves = 6;
	record->broken_strikes = 3;
	record->first_strike_at = days_ago(11);
	record->last_strike_at = days_ago(3);
	record->second_method = true;
	record->recent = 0xF8; /* eight checks: five good ones, then three bad */
	record->recent_count = 8;
}

static inline void standings_fill(struct standings *all)
{
	*all = (struct standings){ .hop = { 301, SLICE("https://new.example/paper") } };
	standings_dead(all);
	standings_link(&all->moved, "https://old.example/paper", &all->place[0], 5,
		STATE_MOVED, REASON_REDIRECT_PERMANENT, 200);
	all->moved.link.result.verdict.suggestion =
		(struct suggestion){ all->hop.url, SLICE("Moved for good (301).") };
	all->moved.link.result.redirects = &all->hop;
	all->moved.link.result.redirect_count = 1;
	all->moved.link.result.final_url = all->hop.url;
	all->moved.record.target_hash = 1;
	all->moved.record.target_seen = 3;
	all->moved.record.target_since = days_ago(15);
	standings_link(&all->suspect, "https://slow.example/", &all->place[1], 10,
		STATE_SUSPECT, REASON_TIMEOUT, 0);
	all->suspect.record.strike_halves = 1;
	all->suspect.record.first_strike_at = days_ago(1);
	all->suspect.record.last_strike_at = days_ago(1);
	standings_link(&all->gated, "https://wall.example/", &all->place[2], 11,
		STATE_GATED, REASON_FORBIDDEN, 403);
	all->gated.record.confirmed = STATE_ALIVE;
	all->gated.record.confirmed_at = days_ago(30);
	standings_link(&all->unchecked, "https://new.example/", &all->place[3], 12,
		STATE_UNCHECKED, REASON_OK, 0);
	all->unchecked.record = (struct link_record){ .due_at = days_ago(-1) };
	standing_set_result(&all->unchecked);
	standings_link(&all->skipped, "mailto:a@example.org", &all->place[4], 13,
		STATE_SKIPPED, REASON_UNSUPPORTED_SCHEME, 0);
	standings_link(&all->alive, "https://fine.example/", &all->place[5], 3,
		STATE_ALIVE, REASON_OK, 200);
	all->alive.record.last_ok_at = days_ago(1);
	all->alive.link.expected_title = SLICE("A Survey of Everything");
	all->alive.link.result.title = SLICE("Another Paper");
	all->alive.link.result.verdict.notes = NOTE_BIT(NOTE_TITLE_MISMATCH);
}

static inline const struct standing *standings_of(
	const struct standings *all, enum state state)
{
	const struct standing *const each[] = {
		[STATE_UNCHECKED] = &all->unchecked,
		[STATE_ALIVE] = &all->alive,
		[STATE_MOVED] = &all->moved,
		[STATE_SUSPECT] = &all->suspect,
		[STATE_DEAD] = &all->dead,
		[STATE_GATED] = &all->gated,
		[STATE_SKIPPED] = &all->skipped,
	};
	return each[state];
}

static inline struct standing_counts standings_counts(void)
{
	return (struct standing_counts){
		.by_state = { 1, 1, 1, 1, 1, 1, 1 },
		.lists = 2,
		.sources = 2,
		.checked_lately = 6,
		.lately_ms = 7 * TIME_MS_PER_DAY,
	};
}

static inline struct status_head standings_head(void)
{
	static const struct slice inputs[] = { STATIC_SLICE("README.md"),
		STATIC_SLICE("docs") };
	return (struct status_head){
		.generator = "linkrotd 0.1.0",
		.now = STANDINGS_NOW,
		.running_since = days_ago(2),
		.inputs = inputs,
		.input_count = 2,
		.counts = standings_counts(),
	};
}

/* As app/ does it: state by state, and each row leaves the buffer at once. */
static inline const char *standings_status(const struct standings *all,
	const struct status_head *head, enum format format, struct buffer *out)
{
	static struct buffer piece;
	struct status_writer writer;

	buffer_init(&piece, 1u << 20);
	buffer_reset(out);
	status_begin(&writer, head, format, &piece);
	for (size_t i = 0; i < STANDING_STATE_COUNT; i++) {
		if ((status_states(format, head->filter) &
			    STATUS_STATE(status_order[i])) == 0)
			continue;
		buffer_add(out, buffer_slice(&piece));
		buffer_reset(&piece);
		assert_true(status_row(&writer, standings_of(all, status_order[i])));
	}
	assert_int_equal(status_end(&writer, NULL), 0);
	buffer_add(out, buffer_slice(&piece));
	buffer_fini(&piece);
	return buffer_string(out);
}

static inline void standings_assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no \"%s\" in:\n%s", part, text);
}

/* All parts, one after the other. */
static inline void standings_assert_order(const char *text, const char *const *parts)
{
	const char *rest = text;
	for (; *parts != NULL; parts++) {
		const char *found = strstr(rest, *parts);
		if (found == NULL)
			fail_msg("no \"%s\" where it should be in:\n%s", *parts, text);
		rest = found != NULL ? found + strlen(*parts) : rest;
	}
}

static inline json_t *standings_json(const char *text)
{
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL)
		fail_msg("%s at byte %d", error.text, error.position);
	return root;
}
