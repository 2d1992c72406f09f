#include <stdlib.h>
#include <time.h>

#include "process/wall.h"
#include "run/watchman.h"

enum { SENTENCE_BYTES_MAX = 2048, STEP_MS_MIN = 10 * 60 * 1000 };

/* No job is at that address, no link has that id. */
#define CANARY_TICKET UINT64_C(1)
#define CANARY_LINK   INT64_MAX

static void put_doubt_event(struct watchman *watchman, const struct doubt_status *status)
{
	struct buffer sentence;
	bool over = status->state == DOUBT_FINE;
	buffer_init(&sentence, SENTENCE_BYTES_MAX);
	doubt_sentence(status, &sentence);
	const struct event event = {
		.kind = over ? EVENT_OFFLINE_ENDED : EVENT_OFFLINE_BEGAN,
		.at = wall_now(),
		.reason = status->reason,
		.text = buffer_slice(&sentence),
	};
	store_put_event(watchman->writer, &event, NULL);
	journal_event(
		watchman->journal, &event, (struct slice){ 0 }, (struct slice){ 0 });
	buffer_fini(&sentence);
}

static void tell_settling(struct watchman *watchman, const struct doubt_status *status)
{
	struct buffer sentence;
	buffer_init(&sentence, SENTENCE_BYTES_MAX);
	doubt_sentence(status, &sentence);
	journal_say(
		watchman->journal, JOURNAL_KIND_CLOCK, "%s", buffer_string(&sentence));
	buffer_fini(&sentence);
}

/* Due times are of the wall clock. Where it went a little further, being late is all
 * there is to it. */
static void plan_after_step(struct watchman *watchman, const struct doubt_status *status)
{
	struct error error;
	bool is_step = status->kind == DOUBT_KIND_CLOCK_JUMPED ||
		       status->kind == DOUBT_KIND_SLEPT;
	if (status->kind == DOUBT_KIND_CLOCK_JUMPED)
		health_clock_stepped(
			&watchman->health.clock, wall_now(), status->clock_ahead_ms);
	if (is_step && llabs(status->clock_ahead_ms) >= STEP_MS_MIN &&
		watchman_plan_all(watchman, &error) < 0)
		journal_error(watchman->journal, JOURNAL_KIND_STORE, &error);
}

/* Something happened to this machine; its network may be well. */
static bool is_of_machine(const struct doubt_status *status)
{
	return status->kind == DOUBT_KIND_SLEPT || status->kind == DOUBT_KIND_STOPPED ||
	       status->kind == DOUBT_KIND_CLOCK_JUMPED;
}

static void note_changes(struct watchman *watchman)
{
	struct doubt_status status;
	while (doubt_next_change(watchman->doubt, &status)) {
		prober_reopen_hosts(watchman->crew->asker.prober);
		switch (status.state) {
		case DOUBT_DOUBTING:
			put_doubt_event(watchman, &status);
			break;
		case DOUBT_FINE:
			if (is_of_machine(&status))
				tell_settling(watchman, &status);
			else
				put_doubt_event(watchman, &status);
			break;
		case DOUBT_SETTLING:
			plan_after_step(watchman, &status);
			tell_settling(watchman, &status);
			break;
		}
	}
}

static void on_pong(void *data, enum reason answer)
{
	struct watchman *watchman = data;
	doubt_pong(watchman->doubt, answer, watchman_now());
	watchman_go_on(watchman);
}

/* A configured canary only vouches: that it fails may be its own affair, and whoever
 * watches a few links should not be in doubt for a page of somebody else. */
static void on_canary(struct probe *probe, const struct observation *seen, void *data)
{
	struct watchman *watchman = data;
	struct doubt_facts facts;
	(void)probe;
	doubt_facts_of(seen, &facts);
	facts.link_id = CANARY_LINK;
	facts.expected = DOUBT_EXPECT_GOOD;
	facts.ended_at = watchman_now();
	facts.asked_at = facts.ended_at - seen->timing.total_ms;
	if (seen->failure == REASON_OK && seen->http_status < 400)
		(void)doubt_note(watchman->doubt, &facts, CANARY_TICKET, facts.ended_at);
	watchman_go_on(watchman);
	asker_end_one(&watchman->crew->asker);
}

static void ask_configured_canary(struct watchman *watchman)
{
	const struct config_texts *canaries = &watchman->crew->config->network.canaries;
	if (canaries->count == 0)
		return;
	struct probe_request question = {
		.url = slice_of(canaries->at[watchman->canary_next++ % canaries->count]),
		.kind = ASK_QUESTION,
		.no_retries = true,
	};
	(void)asker_ask_on(&watchman->crew->asker, &question, watchman, on_canary);
}

/* Who wants no page of the world asked may have no way to it. */
static int ping_resolver(struct watchman *watchman)
{
	bool inside = watchman->crew->config->network.canaries.count == 0;
	return prober_ping_resolver(
		watchman->crew->asker.prober, inside, on_pong, watchman);
}

static void ask_canaries(struct watchman *watchman)
{
	int64_t link_id;
	for (;;) {
		switch (doubt_wants(watchman->doubt, watchman_now(), &link_id)) {
		case DOUBT_WANTS_NOTHING:
			return;
		case DOUBT_WANTS_RESOLVER:
			ask_configured_canary(watchman);
			if (ping_resolver(watchman) < 0)
				return;
			break;
		case DOUBT_WANTS_LINK:
			/* What failed while we were cut off must not keep it from
			 * being asked. */
			if (!doubt_may_dispatch(watchman->doubt))
				prober_reopen_hosts(watchman->crew->asker.prober);
			if (link_id == CANARY_LINK) {
				ask_configured_canary(watchman);
				break;
			}
			schedule_queue_remove(watchman->queue, link_id);
			if (!job_start(watchman, link_id, false))
				doubt_drop_canary(watchman->doubt, link_id);
			break;
		}
	}
}

void watchman_settle_doubts(struct watchman *watchman)
{
	uint64_t ticket;
	enum doubt_word word;
	while (doubt_next(watchman->doubt, &ticket, &word)) {
		if (ticket == CANARY_TICKET)
			continue;
		struct job *job = (struct job *)(uintptr_t)ticket;
		job->held = false;
		if (word == DOUBT_RECORD)
			job_record(job);
		else
			job_ask_again(job);
	}
	note_changes(watchman);
	if (watchman->open)
		ask_canaries(watchman);
}

/* --- each second --- */

static time_ms boot_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (time_ms)now.tv_sec * TIME_MS_PER_S + now.tv_nsec / 1000000;
}

/* The wall clock of a demo runs ahead of the others by design. */
void watchman_tick_doubt(struct watchman *watchman)
{
	struct doubt_clocks clocks = { .now = watchman_now(), .boot = boot_now() };
	clocks.wall = wall_rate() > 1 ? clocks.boot : wall_now();
	prober_resolver_health(watchman->crew->asker.prober, &clocks.names_asked,
		&clocks.names_answered);
	doubt_tick(watchman->doubt, &clocks);
}
