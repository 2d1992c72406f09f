#include <stdlib.h>

#include "model/host.h"
#include "process/wall.h"
#include "run/watchman.h"

enum {
	JOB_BYTES_MAX = 64 * 1024 * 1024,
	OFFLINE_AGAIN_MS = 60 * 1000, /* our own sockets or memory ran out */
	/* What its page and its links say is more than a check may hold: it will be
	   again. */
	MEMORY_AGAIN_MS = 24 * 60 * 60 * 1000,
	BUSY_AGAIN_MS = 5 * 1000, /* most checks are over by then */
};

/* --- before it is asked --- */

static struct occurrence *occurrences_of(struct job *job, const struct store_link *stored)
{
	struct occurrence *first = NULL;
	for (uint32_t i = stored->label_count; i-- > 0;) {
		struct occurrence *at = ARENA_NEW(&job->arena, struct occurrence);
		if (at == NULL)
			return first;
		*at = (struct occurrence){
			.next = first,
			.text = stored->labels[i].text,
			.expected_title = stored->labels[i].expected_title,
			.title_is_loose = stored->labels[i].title_is_loose,
		};
		first = at;
	}
	return first;
}

static void fill_link(struct job *job, struct job_link *at)
{
	const struct store_link *stored = at->stored;
	at->record = stored->record;
	at->link = (struct link){
		.kind = stored->kind,
		.url = stored->url,
		.request_url = stored->request_url,
		.request_key = stored->request_key,
		.fragment = stored->fragment,
		.source = stored->source,
		.guess = stored->guess,
		.first = occurrences_of(job, stored),
		.occurrence_count = stored->label_count,
	};
	if (at->link.first != NULL)
		at->link.expected_title = at->link.first->expected_title;
}

static void settle(struct job_link *at, enum reason reason)
{
	at->link.result.done = true;
	at->link.result.verdict = (struct verdict){ .outcome = reason_outcome(reason),
		.reason = reason,
		.suggestion = at->stored->guess };
}

/* What needs no question: what is excluded, and what the text alone or the disk said when
 * its source was read. */
static bool is_settled(struct watchman *watchman, struct job_link *at)
{
	if (settings_excludes(&watchman->crew->configured.settings, at->link.url))
		settle(at, REASON_EXCLUDED);
	else if (at->stored->decided || at->link.kind != LINK_HTTP)
		settle(at, at->stored->reason);
	return at->link.result.done;
}

/* --- what was seen --- */

static void on_seen(struct request *request, const struct observation *seen)
{
	struct job *job = request->data;
	doubt_facts_of(seen, &job->seen);
	job->sighting = sighting_of(&job->arena, request, seen);
}

static enum doubt_expectation expectation_of(const struct link_record *record)
{
	switch (record->state) {
	case STATE_ALIVE:
	case STATE_MOVED:
		return DOUBT_EXPECT_GOOD;
	case STATE_SUSPECT:
	case STATE_DEAD:
		return DOUBT_EXPECT_BAD;
	case STATE_UNCHECKED:
	case STATE_GATED:
	case STATE_SKIPPED:
		return DOUBT_EXPECT_NOTHING;
	}
	return DOUBT_EXPECT_NOTHING;
}

/* Not the link's fault but ours: sockets or memory ran out. */
static bool is_our_own_trouble(const struct job *job)
{
	for (uint32_t i = 0; i < job->stored.link_count; i++)
		if (job->links[i].link.result.verdict.reason == REASON_OFFLINE)
			return true;
	return job->arena.failed;
}

static time_ms own_trouble_ms(const struct job *job)
{
	if (job->arena.failed && !job->arena.out_of_memory)
		return MEMORY_AGAIN_MS;
	return schedule_own_trouble_ms(job->arena.failed ? -1 : prober_lacked_ago_ms());
}

static void rest(struct job *job, time_ms span_ms)
{
	struct watchman *watchman = job->watchman;
	time_ms due_at = wall_now() + span_ms;
	for (uint32_t i = 0; i < job->stored.link_count; i++) {
		const struct store_link *stored = &job->stored.links[i];
		/* It had a place before, so there is room. */
		(void)schedule_queue_set(watchman->queue, stored->link_id, due_at,
			stored->record.interval_ms, schedule_is_urgent(&stored->record));
	}
	job_free(job);
}

void job_ask_again(struct job *job)
{
	job->watchman->counts.asked_again++;
	rest(job, 0);
}

static void on_done(struct request *request)
{
	struct job *job = request->data;
	struct watchman *watchman = job->watchman;
	time_ms now = watchman_now();
	job->asking = false;
	crowd_end(&watchman->crowd, job->crowd_number);
	job->crowd_number = 0;
	if (is_our_own_trouble(job)) {
		watchman->crew->asker.failed = false;
		rest(job, own_trouble_ms(job));
		watchman_go_on(watchman);
		return;
	}
	job->seen.link_id = job->link_id;
	job->seen.expected = expectation_of(&job->links[0].stored->record);
	job->seen.asked_at = job->asked_at;
	job->seen.ended_at = now;
	switch (doubt_note(watchman->doubt, &job->seen, (uint64_t)(uintptr_t)job, now)) {
	case DOUBT_RECORD:
		job_record(job);
		break;
	case DOUBT_HOLD:
		job->held = true;
		break;
	case DOUBT_ASK_AGAIN:
		job_ask_again(job);
		break;
	}
	watchman_go_on(watchman);
}

/* --- life --- */

void job_free(struct job *job)
{
	struct watchman *watchman = job->watchman;
	crowd_end(&watchman->crowd, job->crowd_number);
	for (uint32_t i = 0; job->links != NULL && i < job->stored.link_count; i++)
		busy_remove(watchman, &job->links[i].busy);
	list_remove(&job->in_jobs);
	list_remove(&job->in_unsaved);
	watchman->job_count--;
	arena_fini(&job->arena);
	free(job);
}

static struct job *job_new(struct watchman *watchman, int64_t link_id)
{
	struct job *job = calloc(1, sizeof(*job));
	if (job == NULL)
		return NULL;
	job->watchman = watchman;
	job->link_id = link_id;
	arena_init(&job->arena, JOB_BYTES_MAX);
	list_init(&job->in_unsaved);
	list_push_back(&watchman->jobs, &job->in_jobs);
	watchman->job_count++;
	return job;
}

/* Its host's wishes, once they can be told from its name. */
static void keep_pace(struct watchman *watchman, const struct job *job)
{
	struct arena scratch;
	struct url url;
	struct crowd_host *host = crowd_host_of(&watchman->crowd, job->link_id);
	if (host == NULL || host->interval_ms > 0)
		return;
	arena_init(&scratch, 4 * (size_t)URL_BYTES_MAX);
	if (url_parse(&scratch, job->request.first->link->request_url, NULL, &url) == 0) {
		struct slice key = host_pacing_key(url.host);
		const struct config_host *wish =
			config_host_of(watchman->crew->config, key);
		const struct config_check *general = &watchman->crew->config->check;
		uint32_t concurrency =
			wish != NULL ? wish->concurrency : general->host_concurrency;
		time_ms interval_ms = wish != NULL ? wish->request_interval_ms
						   : general->host_request_interval_ms;
		if (wish != NULL)
			(void)prober_set_host(watchman->crew->asker.prober, key,
				concurrency, interval_ms);
		double interval = (double)interval_ms * wall_rate() + 1;
		host->interval_ms = interval < 1e9 ? (uint32_t)interval : 1000000000;
		host->concurrency = concurrency;
	}
	arena_fini(&scratch);
}

/* One link, nothing to be confirmed, and the page is where the link says: then the
 * server may say that nothing has changed. */
static void ask_conditionally(struct job *job)
{
	const struct store_link *stored = &job->stored.links[0];
	const struct store_texts *texts = &stored->texts;
	struct request *request = &job->request;
	struct header *validators = ARENA_ARRAY(&job->arena, struct header, 2);
	if (validators == NULL || job->stored.link_count != 1 || request->second_method ||
		request->want_anchors || stored->record.state != STATE_ALIVE ||
		!schedule_may_be_conditional(&stored->record) ||
		!slice_equal(texts->final_url, stored->url))
		return;
	request->validator_count =
		asker_validators(texts->etag, texts->last_modified, validators);
	request->validators = validators;
}

/* Whether somebody is left to be asked. */
static bool prepare(struct watchman *watchman, struct job *job, bool by_hand)
{
	struct request *request = &job->request;
	*request = (struct request){
		.arena = &job->arena, .on_seen = on_seen, .on_done = on_done, .data = job
	};
	/* Somebody knows better than what its host was like before. */
	request->second_method = by_hand;
	for (uint32_t i = 0; i < job->stored.link_count; i++) {
		struct job_link *at = &job->links[i];
		at->stored = &job->stored.links[i];
		fill_link(job, at);
		schedule_queue_remove(watchman->queue, at->stored->link_id);
		if (is_settled(watchman, at) || request_add(request, &at->link) < 0)
			continue;
		request->want_anchors |= watchman->crew->config->check.fragments &&
					 at->link.fragment.len > 0;
		request->second_method |=
			health_wants_second_method(&at->record, &watchman->health);
	}
	if (request->first != NULL)
		ask_conditionally(job);
	return request->first != NULL;
}

/* What keeps a job from beginning. */
enum job_obstacle {
	JOB_FREE,
	JOB_LINK_GONE,    /* the link is on no list any more */
	JOB_LINK_BUSY,    /* and so it comes back by itself */
	JOB_REQUEST_BUSY, /* another link of this request is, one at a time */
	JOB_NO_MEMORY,
};

static enum job_obstacle obstacle_of(struct watchman *watchman, const struct job *job)
{
	enum job_obstacle obstacle = JOB_LINK_GONE;
	if (busy_has(watchman, job->link_id))
		return JOB_LINK_BUSY;
	for (uint32_t i = 0; i < job->stored.link_count; i++) {
		if (busy_has(watchman, job->stored.links[i].link_id))
			return JOB_REQUEST_BUSY;
		if (job->stored.links[i].link_id == job->link_id)
			obstacle = JOB_FREE;
	}
	return obstacle;
}

static enum job_obstacle take_links(struct watchman *watchman, struct job *job)
{
	job->links = ARENA_ARRAY(&job->arena, struct job_link, job->stored.link_count);
	if (job->links == NULL)
		return JOB_NO_MEMORY;
	for (uint32_t i = 0; i < job->stored.link_count; i++)
		if (busy_add(watchman, &job->links[i].busy,
			    job->stored.links[i].link_id) < 0)
			return JOB_NO_MEMORY;
	return JOB_FREE;
}

/* The link that was picked goes on waiting. */
static void wait_for(struct watchman *watchman, int64_t link_id, time_ms real_ms)
{
	time_ms due_at = wall_now() + (time_ms)((double)real_ms * wall_rate());
	if (schedule_queue_set(watchman->queue, link_id, due_at, TIME_MS_PER_DAY, false) <
		0)
		journal_say(watchman->journal, JOURNAL_KIND_SERVICE,
			"out of memory: a link is not watched until the next start");
}

void job_let_go(struct watchman *watchman, int64_t link_id)
{
	crowd_remove(&watchman->crowd, link_id);
	incident_note_removed(watchman->incidents, link_id, wall_now());
	recording_tell_incidents(watchman);
	doubt_drop_canary(watchman->doubt, link_id);
}

/* False: it cannot begin, and the link is where it belongs. */
static bool load(struct watchman *watchman, struct job *job)
{
	struct error error;
	if (store_load_request(watchman->store, job->link_id, &job->arena, &job->stored,
		    &error) < 0) {
		journal_error(watchman->journal, JOURNAL_KIND_STORE, &error);
		wait_for(watchman, job->link_id, OFFLINE_AGAIN_MS);
		return false;
	}
	enum job_obstacle obstacle = obstacle_of(watchman, job);
	if (obstacle == JOB_FREE)
		obstacle = take_links(watchman, job);
	switch (obstacle) {
	case JOB_FREE:
		return true;
	case JOB_LINK_GONE:
		job_let_go(watchman, job->link_id);
		break;
	case JOB_LINK_BUSY:
		break;
	case JOB_REQUEST_BUSY:
		wait_for(watchman, job->link_id, BUSY_AGAIN_MS);
		break;
	case JOB_NO_MEMORY:
		wait_for(watchman, job->link_id, OFFLINE_AGAIN_MS);
		break;
	}
	return false;
}

bool job_start(struct watchman *watchman, int64_t link_id, bool by_hand)
{
	struct job *job = job_new(watchman, link_id);
	if (job == NULL) {
		wait_for(watchman, link_id, OFFLINE_AGAIN_MS);
		return false;
	}
	if (!load(watchman, job)) {
		job_free(job);
		return false;
	}
	bool asks = prepare(watchman, job, by_hand);
	if (job->arena.failed) {
		rest(job, OFFLINE_AGAIN_MS);
		return false;
	}
	if (!asks) {
		job_record(job);
		return true;
	}
	keep_pace(watchman, job);
	job->asked_at = watchman_now();
	job->asked_wall = wall_now();
	if (asker_ask(&watchman->crew->asker, &job->request) < 0) {
		rest(job, OFFLINE_AGAIN_MS);
		return false;
	}
	job->asking = true;
	job->crowd_number = crowd_begin(&watchman->crowd, link_id);
	return true;
}
