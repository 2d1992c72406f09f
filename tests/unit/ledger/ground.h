/* tests/unit/ledger: a database of one test's own, with links in any state. */
#pragma once

#include "unit/store/ground.h"

#include "ledger/ledger.h"

/* A noon in 2026, UTC. */
static const time_ms show_noon = INT64_C(1790078400000);
static const time_ms show_minute = 60000;

__attribute__((unused)) static void show_lists(
	struct store_writer *writer, uint32_t count)
{
	static char names[64][16];
	struct store_list_config lists[64] = { 0 };
	assert_true(count <= 64);
	for (uint32_t i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "list-%u", i);
		lists[i].name = slice_of(names[i]);
		lists[i].title = SLICE("A list");
	}
	assert_true(store_put_lists(writer, lists, count, 1000) > 0);
}

__attribute__((unused)) static struct link_record show_record(
	enum state state, time_ms since, time_ms checked_at)
{
	return (struct link_record){ .state = state,
		.confirmed = state == STATE_SUSPECT ? STATE_ALIVE : state,
		.reason = state == STATE_DEAD ? REASON_HTTP_404 : REASON_OK,
		.http_status = state == STATE_DEAD ? 404 : 200,
		.since = since,
		.last_checked_at = checked_at,
		.last_ok_at = checked_at,
		.checks = 1,
		.span = { .first_at = since, .last_at = checked_at, .checks = 1 } };
}

/* With an event of the change where `from` is another state. */
__attribute__((unused)) static uint64_t show_check(struct store_writer *writer,
	int64_t id, const struct link_record *record, enum state from)
{
	const struct check_facts facts = { .at = record->last_checked_at,
		.outcome = record->state == STATE_DEAD ? OUTCOME_BROKEN : OUTCOME_OK,
		.reason = record->reason,
		.http_status = record->http_status,
		.elapsed_ms = 7 };
	const struct event event = { .kind = EVENT_STATE,
		.at = record->last_checked_at,
		.link_id = id,
		.from = from,
		.to = record->state,
		.reason = record->reason };
	const struct store_result result = { .link_id = id,
		.facts = &facts,
		.record = record,
		.events = &event,
		.event_count = from != record->state };
	uint64_t item = store_put_result(writer, &result);
	assert_true(item > 0);
	return item;
}

__attribute__((unused)) static struct ledger *show_ledger(
	struct store *store, time_ms now, const struct ledger *former)
{
	struct error error = { "" };
	const struct ledger_reading wish = { .now = now, .former = former };
	struct ledger *ledger = ledger_read(store, &wish, &error);
	if (ledger == NULL)
		fail_msg("%s", error.text);
	return ledger;
}

#define ON_GROUND(test)                                                                  \
	cmocka_unit_test_setup_teardown(test, ground_setup, ground_teardown)
