#include "simulate/year/run.h"

#include <assert.h>

#include "base/hash.h"
#include "base/list.h"

static const time_ms WALL_START = INT64_C(1767225600000); /* 2026-01-01 */

#define US_PER_MINUTE (INT64_C(60) * 1000 * 1000)

/* A check under way. */
struct job {
	struct job *next_free;
	uint32_t link;
	time_us began_at;
	struct turn turn;
	struct retry_attempt attempt;
	struct heap_node answer;
	enum reason found;
	bool second_method;
};

struct run {
	const struct truth *truth;
	struct watched_link *links;
	struct watched_host *hosts;
	struct schedule_queue *queue;
	struct schedule_limits schedule;
	struct health_limits health;
	struct retry_limits retry;
	struct pacer *pacer;
	struct heap answers;
	struct job *free_jobs;
	struct random random;
	time_us now, end;
	struct fault rest; /* the next one */
	time_us woken_at;
	bool verbose;
	struct run_result result;
};

static time_ms wall_of(const struct run *run)
{
	return WALL_START + run->now / TIME_US_PER_MS;
}

static minute minute_of(time_us at)
{
	return (minute)(at / US_PER_MINUTE);
}

static struct slice key_of(const struct run *run, uint32_t link)
{
	return slice_of(run->truth->hosts[run->truth->links[link].host].key);
}

static void add_delay(struct delays *delays, minute delay)
{
	if (delays->count == delays->room) {
		delays->room = delays->room > 0 ? delays->room * 2 : 256;
		delays->at = reallocarray(delays->at, delays->room, sizeof(*delays->at));
		assert(delays->at != NULL);
	}
	delays->at[delays->count++] = delay;
}

/* --- what was promised, compared with what was done
 * ---------------------------------------- */

static bool is_gone(const struct run *run, uint32_t link)
{
	return truth_is_dead(run->truth, link, minute_of(run->now));
}

static enum evidence evidence_of(const struct watched_link *link)
{
	if (link->saw_gate)
		return EVIDENCE_WALLED;
	if (link->saw_broken && link->saw_unreachable)
		return EVIDENCE_MIXED;
	return link->saw_broken ? EVIDENCE_BROKEN : EVIDENCE_UNREACHABLE;
}

static void print_faults(const char *whose, const struct fault *faults, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		printf("  %s: %d to %d, %s\n", whose, faults[i].from, faults[i].until,
			reason_text(faults[i].reason));
}

static void print_timetable(const struct truth *truth, uint32_t index)
{
	const struct truth_link *link = &truth->links[index];
	const struct truth_host *host = &truth->hosts[link->host];
	if (link->flap_cycle > 0)
		printf("  it flaps every %u minutes\n", (unsigned)link->flap_cycle);
	if (host->wall_cycle > 0)
		printf("  a wall every %u minutes\n", (unsigned)host->wall_cycle);
	print_faults("link", truth->faults + link->first_fault, link->faults);
	print_faults("host", truth->faults + host->first_fault, host->faults);
	print_faults("our network", truth->ours, truth->our_count);
	print_faults("asleep", truth->asleep, truth->asleep_count);
}

static bool is_long_outage(const struct truth *truth, uint32_t index, minute now)
{
	return truth_was_out(truth, index, now, 14 * MINUTES_PER_DAY, false) ||
	       truth_was_out(truth, index, now, 6 * MINUTES_PER_DAY, true);
}

/* Days on which we were asleep or had no network are not counted: nobody could look. */
static void note_death(struct run *run, uint32_t index)
{
	const struct watched_link *link = &run->links[index];
	minute now = minute_of(run->now);
	minute delay =
		now - link->bad_since - truth_lost(run->truth, link->bad_since, now);
	if (!is_gone(run, index) && is_long_outage(run->truth, index, now)) {
		run->result.long_outages++;
		return;
	}
	if (!is_gone(run, index)) {
		run->result.false_deaths++;
		if (run->verbose)
			printf("false death: link %u, minute %d, bad since %d, %s\n",
				(unsigned)index, now, link->bad_since,
				reason_text(link->record.reason));
		if (run->verbose)
			print_timetable(run->truth, index);
		return;
	}
	run->result.confirmed++;
	add_delay(&run->result.delays[evidence_of(link)], delay);
	const struct truth_link *truth = &run->truth->links[index];
	minute dead_from = run->truth->hosts[truth->host].dead_from;
	if (truth->dead_from < dead_from)
		dead_from = truth->dead_from;
	add_delay(&run->result.unseen, now - dead_from);
}

static void note_change(
	struct run *run, uint32_t index, const struct health_change *change)
{
	const struct truth_link *truth = &run->truth->links[index];
	if (change->to == STATE_DEAD && change->from != STATE_DEAD &&
		!(change->from == STATE_GATED || change->from == STATE_SKIPPED))
		note_death(run, index);
	if (change->revived)
		run->result.revivals++;
	if (change->from != change->to && !change->quiet && !is_gone(run, index) &&
		truth->flap_cycle == 0)
		run->result.events++;
	if (change->flapping_began && truth->flap_cycle == 0 && !is_gone(run, index))
		run->result.flapping_wrong++;
}

static void note_evidence(struct run *run, uint32_t index, enum outcome outcome)
{
	struct watched_link *link = &run->links[index];
	switch (outcome) {
	case OUTCOME_OK:
	case OUTCOME_MOVED:
		link->bad_since = -1;
		link->saw_broken = link->saw_unreachable = link->saw_gate = false;
		break;
	case OUTCOME_BROKEN:
	case OUTCOME_UNREACHABLE:
		if (link->bad_since < 0) {
			link->bad_since = minute_of(run->now);
			link->saw_gate = false;
		}
		link->saw_broken = link->saw_broken || outcome == OUTCOME_BROKEN;
		link->saw_unreachable =
			link->saw_unreachable || outcome == OUTCOME_UNREACHABLE;
		break;
	case OUTCOME_GATED:
		link->saw_gate = true;
		break;
	case OUTCOME_SKIPPED:
		break;
	}
}

/* The request leaves: the server's own book-keeping. */
static void note_start(struct run *run, uint32_t index)
{
	uint32_t number = run->truth->links[index].host;
	const struct truth_host *truth = &run->truth->hosts[number];
	struct watched_host *host = &run->hosts[number];
	time_us gap = run->now - host->last_start;
	if (host->starts > 0 && gap < host->gap_min)
		host->gap_min = gap;
	if (host->starts > 0 && gap < truth->interval_us)
		run->result.too_close++;
	host->starts++;
	host->last_start = run->now;
	host->active++;
	if (host->active > host->active_peak)
		host->active_peak = host->active;
	if (host->active > truth->concurrency)
		run->result.too_many++;
	run->links[index].requests++;
	run->result.requests++;
}

/* --- a check
 * -------------------------------------------------------------------------------- */

static struct job *new_job(struct run *run)
{
	struct job *job = run->free_jobs;
	if (job != NULL)
		run->free_jobs = job->next_free;
	else
		job = malloc(sizeof(*job));
	assert(job != NULL);
	*job = (struct job){ 0 };
	return job;
}

static void wait_in_line(struct run *run, struct job *job, time_us earliest)
{
	int done = pacer_wait(
		run->pacer, &job->turn, key_of(run, job->link), earliest, run->now);
	assert(done == 0);
}

static void begin_check(struct run *run, const struct schedule_pick *pick)
{
	struct job *job = new_job(run);
	time_ms late = wall_of(run) - pick->due_at;
	job->link = (uint32_t)pick->link_id - 1;
	job->began_at = run->now;
	job->attempt.retry_after_ms = -1;
	job->attempt.method = METHOD_GET;
	job->second_method =
		health_wants_second_method(&run->links[job->link].record, &run->health);
	if (late > run->result.lateness_max_ms)
		run->result.lateness_max_ms = late;
	wait_in_line(run, job, run->now);
}

static const struct fault *our_trouble(const struct run *run)
{
	return truth_during(run->truth->ours, run->truth->our_count, minute_of(run->now));
}

/* The name does not resolve at once, a silent server takes its time. */
static time_us time_taken(struct run *run, enum reason found)
{
	if (found == REASON_TIMEOUT || found == REASON_CONNECT_TIMEOUT ||
		found == REASON_DNS_TIMEOUT)
		return INT64_C(20) * 1000 * 1000;
	return 20000 + (time_us)random_below(&run->random, 600000);
}

static void send_request(struct run *run, struct job *job)
{
	pacer_sent(run->pacer, &job->turn, run->now);
	note_start(run, job->link);
	job->found = our_trouble(run) != NULL
			     ? REASON_CONNECT_TIMEOUT
			     : truth_find(run->truth, job->link, minute_of(run->now),
				       &run->random);
	int done = heap_add(
		&run->answers, &job->answer, run->now + time_taken(run, job->found));
	assert(done == 0);
}

static int status_of(enum reason reason)
{
	static const struct {
		enum reason reason;
		int status;
	} answers[] = { { REASON_OK, 200 }, { REASON_SOFT_404, 200 },
		{ REASON_PARKED_DOMAIN, 200 }, { REASON_REDIRECT_PERMANENT, 200 },
		{ REASON_HTTP_404, 404 }, { REASON_REGISTRY_MISSING, 404 },
		{ REASON_HTTP_410, 410 }, { REASON_HTTP_5XX, 503 },
		{ REASON_FORBIDDEN, 403 }, { REASON_RATE_LIMITED, 429 } };
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (answers[i].reason == reason)
			return answers[i].status;
	return 0;
}

static struct check_facts facts_of(struct run *run, const struct job *job)
{
	struct check_facts facts = {
		.at = wall_of(run),
		.outcome = reason_outcome(job->found),
		.reason = job->found,
		.http_status = status_of(job->found),
		.elapsed_ms = (int32_t)((run->now - job->began_at) / 1000 % INT32_MAX),
		.second_method = job->second_method,
		.authoritative = job->found == REASON_REGISTRY_MISSING,
		.whole_domain = job->found == REASON_DNS_NXDOMAIN,
		.target_hash =
			job->found == REASON_REDIRECT_PERMANENT ? job->link + 1 : 0,
		.title_hash = job->link + 1,
		.simhash = hash_mix(job->link),
	};
	return facts;
}

/* Whoever watches over us needs a few minutes of failures to be sure; what fell before
 * that is recorded as it was seen. What was under way when we fell asleep is not. */
enum { DOUBT_MINUTES = 5 };

static bool is_doubted(const struct run *run, const struct job *job)
{
	const struct fault *trouble = our_trouble(run);
	if (trouble != NULL && minute_of(run->now) - trouble->from >= DOUBT_MINUTES)
		return true;
	return job->began_at < run->woken_at;
}

static void put_in_queue(struct run *run, uint32_t index)
{
	const struct link_record *record = &run->links[index].record;
	int done = schedule_queue_set(run->queue, (int64_t)index + 1, record->due_at,
		record->interval_ms, schedule_is_urgent(record));
	assert(done == 0);
}

static void end_check(struct run *run, struct job *job)
{
	struct watched_link *link = &run->links[job->link];
	struct check_facts facts = facts_of(run, job);
	struct health_change change;
	if (is_doubted(run, job)) {
		facts.outcome = OUTCOME_SKIPPED;
		facts.reason = REASON_OFFLINE;
	}
	note_evidence(run, job->link, facts.outcome);
	health_apply(&link->record, &facts, &run->health, &change);
	note_change(run, job->link, &change);
	schedule_next(&link->record, &change, &run->schedule, &run->health,
		hash_mix(job->link), &run->random, facts.at);
	assert(link->record.due_at > facts.at);
	put_in_queue(run, job->link);
	run->result.checks++;
	job->next_free = run->free_jobs;
	run->free_jobs = job;
}

static void take_answer(struct run *run, struct job *job)
{
	struct slice key = key_of(run, job->link);
	job->attempt.status = status_of(job->found);
	job->attempt.failure = job->attempt.status != 0 ? REASON_OK : job->found;
	struct retry_decision decision =
		retry_decide(&job->attempt, &run->retry, &run->random);
	heap_remove(&run->answers, &job->answer);
	run->hosts[run->truth->links[job->link].host].active--;
	if (decision.host_pause_ms > 0)
		pacer_pause(run->pacer, key,
			run->now + decision.host_pause_ms * TIME_US_PER_MS, run->now);
	pacer_done(run->pacer, &job->turn, run->now);
	if (!decision.again) {
		end_check(run, job);
		return;
	}
	job->attempt.retries += decision.counts;
	job->attempt.method = decision.method;
	wait_in_line(run, job, run->now + decision.delay_ms * TIME_US_PER_MS);
}

/* --- time
 * ----------------------------------------------------------------------------------- */

static time_us least(time_us a, time_us b)
{
	return a < b ? a : b;
}

/* The next stretch in which nothing is asked: asleep, or sure that it is us. */
static struct fault next_rest(const struct run *run)
{
	const struct truth *truth = run->truth;
	struct fault next = { MINUTE_NEVER, MINUTE_NEVER, REASON_OFFLINE };
	minute now = minute_of(run->now);
	for (uint32_t i = 0; i < truth->asleep_count; i++)
		if (truth->asleep[i].until > now && truth->asleep[i].from < next.from)
			next = truth->asleep[i];
	for (uint32_t i = 0; i < truth->our_count; i++) {
		minute from = truth->ours[i].from + DOUBT_MINUTES;
		if (truth->ours[i].until > now && from < truth->ours[i].until &&
			from < next.from)
			next = (struct fault){ from, truth->ours[i].until,
				REASON_OFFLINE };
	}
	return next;
}

/* Checks that were under way keep their place; all others are looked at once. */
static void rest_and_wake(struct run *run)
{
	run->now = run->rest.until * US_PER_MINUTE;
	run->woken_at = run->now;
	run->rest = next_rest(run);
	for (uint32_t i = 0; i < run->truth->link_count; i++) {
		struct link_record *record = &run->links[i].record;
		size_t before = schedule_queue_count(run->queue);
		schedule_queue_remove(run->queue, (int64_t)i + 1);
		if (schedule_queue_count(run->queue) == before)
			continue;
		run->result.slots_missed += schedule_missed(
			record->due_at, record->interval_ms, wall_of(run));
		schedule_fit(record, &run->schedule, hash_mix(i), wall_of(run));
		put_in_queue(run, i);
	}
	schedule_queue_catch_up(run->queue, run->schedule.first_spread_ms, wall_of(run));
}

static time_us queue_deadline(const struct run *run)
{
	time_ms wall = schedule_queue_deadline(run->queue);
	if (wall == INT64_MAX)
		return INT64_MAX;
	return wall <= wall_of(run) ? run->now : (wall - WALL_START) * TIME_US_PER_MS;
}

static void advance(struct run *run)
{
	const struct heap_node *top = heap_top(&run->answers);
	time_us next = least(queue_deadline(run), pacer_deadline(run->pacer, run->now));
	next = least(next, top != NULL ? top->key : INT64_MAX);
	if (run->rest.from * US_PER_MINUTE <= next)
		rest_and_wake(run);
	else if (next > run->now)
		run->now = next;
}

static void act(struct run *run)
{
	struct schedule_pick pick;
	struct heap_node *top;
	struct turn *turn;
	while ((top = heap_top(&run->answers)) != NULL && top->key <= run->now)
		take_answer(run, LIST_OF(top, struct job, answer));
	while (schedule_queue_pick(run->queue, wall_of(run), &pick))
		begin_check(run, &pick);
	while ((turn = pacer_next(run->pacer, run->now)) != NULL)
		send_request(run, LIST_OF(turn, struct job, turn));
}

/* --- the whole
 * ------------------------------------------------------------------------------ */

static void run_init(struct run *run)
{
	const struct truth *truth = run->truth;
	static const struct pacer_limits limits = { .concurrency_total = 128,
		.concurrency = 2,
		.interval_us = 250000,
		.hosts_max = 4096 };
	run->schedule = schedule_limits_default();
	run->health = health_limits_default();
	run->retry = (struct retry_limits){ .retries_max = 2,
		.delay_ms = 1000,
		.delay_ms_max = 30000,
		.retry_after_ms_max = 30000 };
	run->links = calloc(truth->link_count, sizeof(*run->links));
	run->hosts = calloc(truth->host_count, sizeof(*run->hosts));
	run->queue = schedule_queue_new(truth->link_count);
	run->pacer = pacer_new(&limits);
	assert(run->links != NULL && run->hosts != NULL && run->queue != NULL &&
		run->pacer != NULL);
	for (uint32_t i = 0; i < truth->host_count; i++) {
		const struct truth_host *host = &truth->hosts[i];
		run->hosts[i].gap_min = INT64_MAX;
		if (host->interval_us == limits.interval_us)
			continue;
		int done = pacer_set_host(run->pacer, slice_of(host->key),
			host->concurrency, host->interval_us);
		assert(done == 0);
	}
	for (uint32_t i = 0; i < truth->link_count; i++) {
		run->links[i].bad_since = -1;
		schedule_next(&run->links[i].record, NULL, &run->schedule, &run->health,
			hash_mix(i), &run->random, wall_of(run));
		put_in_queue(run, i);
	}
}

static void print_missed(const struct run *run, uint32_t index, minute dead_from)
{
	const struct link_record *record = &run->links[index].record;
	printf("missed death: link %u, dead from minute %d, %s, bad since %d, checked at "
	       "%lld, "
	       "due at %lld\n",
		(unsigned)index, dead_from, state_text(record->state),
		run->links[index].bad_since,
		(long long)(record->last_checked_at - WALL_START) / 60000,
		(long long)(record->due_at - WALL_START) / 60000);
	print_timetable(run->truth, index);
}

static void count_dead_link(struct run *run, uint32_t index, minute dead_from)
{
	const struct link_record *record = &run->links[index].record;
	const struct truth *truth = run->truth;
	minute seen = truth->end - dead_from - truth_lost(truth, dead_from, truth->end);
	if (!truth_is_dead(truth, index, truth->end - 1))
		return;
	run->result.true_deaths++;
	if (record->confirmed == STATE_DEAD)
		return;
	/* Found within an interval of 33 d, confirmed within 16. */
	if (seen < 49 * MINUTES_PER_DAY)
		run->result.too_young++;
	else if (truth->hosts[truth->links[index].host].walled ||
		 truth->hosts[truth->links[index].host].wall_cycle > 0)
		run->result.missed_walled++;
	else {
		run->result.missed++;
		if (run->verbose)
			print_missed(run, index, dead_from);
	}
}

static void count_link(struct run *run, uint32_t index)
{
	const struct truth_link *link = &run->truth->links[index];
	const struct truth_host *host = &run->truth->hosts[link->host];
	const struct link_record *record = &run->links[index].record;
	/* What was back before the end is not to be found dead. */
	minute dead_from =
		link->revived_at < run->truth->end ? MINUTE_NEVER : link->dead_from;
	bool ever_dead =
		link->dead_from != MINUTE_NEVER || host->dead_from != MINUTE_NEVER;
	if (host->dead_from < dead_from)
		dead_from = host->dead_from;
	if (dead_from != MINUTE_NEVER) {
		count_dead_link(run, index, dead_from);
	}
	if (ever_dead)
		return;
	if (link->flap_cycle > 0 && !host->walled && host->wall_cycle == 0) {
		run->result.flapping_links++;
		run->result.flapping_found += record->flapping_since != 0;
	} else if (link->flap_cycle == 0 && !host->walled) {
		bool healthy = host->wall_cycle == 0 &&
			       truth_outage(run->truth, index) <= MINUTES_PER_DAY;
		add_delay(healthy ? &run->result.requests_healthy
				  : &run->result.requests_ailing,
			(minute)run->links[index].requests);
	}
	if (link->moved_at < run->truth->end - 60 * MINUTES_PER_DAY && !host->walled &&
		host->wall_cycle == 0) {
		run->result.moved_links++;
		run->result.moved_found += record->confirmed == STATE_MOVED;
	}
}

static void count_host(struct run *run, uint32_t index)
{
	const struct truth_host *truth = &run->truth->hosts[index];
	const struct watched_host *host = &run->hosts[index];
	double gap = (double)host->gap_min / (double)truth->interval_us;
	double load =
		(double)host->starts * (double)truth->interval_us / (double)run->end;
	if (host->starts > 1 && gap < run->result.gap_worst)
		run->result.gap_worst = gap;
	if (load > run->result.load_worst)
		run->result.load_worst = load;
}

static void run_fini(struct run *run)
{
	struct heap_node *top;
	struct turn *turn;
	while ((top = heap_top(&run->answers)) != NULL) {
		struct job *job = LIST_OF(top, struct job, answer);
		heap_remove(&run->answers, top);
		pacer_done(run->pacer, &job->turn, run->now);
		free(job);
	}
	for (uint32_t i = 0; i < run->truth->host_count; i++)
		while ((turn = pacer_first_waiting(run->pacer,
				slice_of(run->truth->hosts[i].key))) != NULL) {
			pacer_done(run->pacer, turn, run->now);
			free(LIST_OF(turn, struct job, turn));
		}
	while (run->free_jobs != NULL) {
		struct job *job = run->free_jobs;
		run->free_jobs = job->next_free;
		free(job);
	}
	heap_fini(&run->answers);
	pacer_free(run->pacer);
	schedule_queue_free(run->queue);
	free(run->links);
	free(run->hosts);
}

struct run_result run_year(const struct truth *truth, uint64_t seed, bool verbose)
{
	struct run run = { .truth = truth,
		.end = truth->end * US_PER_MINUTE,
		.verbose = verbose,
		.result = { .gap_worst = 1e9 } };
	random_init(&run.random, hash_mix(seed + 1));
	run_init(&run);
	run.rest = next_rest(&run);
	while (run.now < run.end) {
		act(&run);
		advance(&run);
	}
	for (uint32_t i = 0; i < truth->link_count; i++)
		count_link(&run, i);
	for (uint32_t i = 0; i < truth->host_count; i++)
		count_host(&run, i);
	run_fini(&run);
	return run.result;
}

void run_result_fini(struct run_result *result)
{
	for (int i = 0; i < EVIDENCE_COUNT; i++)
		free(result->delays[i].at);
	free(result->unseen.at);
	free(result->requests_healthy.at);
	free(result->requests_ailing.at);
}
