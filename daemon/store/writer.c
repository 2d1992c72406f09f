/* The thread. Takes what is queued, writes it as one transaction, keeps house between. */
#include <assert.h>
#include <errno.h>
#include <time.h>

#include "store/writer_internal.h"

enum {
	BUSY_MS = 100,     /* how long a checkpoint waits for readers */
	TICK_MS = 500,     /* a sign of life */
	BACKOFF_MS = 1000, /* after the first failure; doubles */
	BACKOFF_MS_MAX = 30000,
	IDLE_FOLD_MS = 2000,
	PRUNE_MS = 10000,
	CHECKPOINT_MS = 60000,
	WORK_TOLD = 256, /* how much of it without a sign of life */
};

static time_us now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (time_us)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

time_ms writer_now(void)
{
	return now_us() / TIME_US_PER_MS;
}

/* --- waiting ------------------------------------------------------------------------ */

static void wait_until(struct store_writer *writer, time_ms until)
{
	struct timespec at = { .tv_sec = (time_t)(until / TIME_MS_PER_S),
		.tv_nsec = (long)(until % TIME_MS_PER_S) * 1000000 };
	pthread_cond_timedwait(&writer->wake, &writer->mutex, &at);
}

static bool is_due(const struct store_writer *writer, time_ms now)
{
	return writer->first != NULL &&
	       (writer->flush || writer->stop || writer->queued_items >= BATCH_ITEMS ||
		       writer->queued_bytes >= STORE_QUEUE_BYTES / 2 ||
		       now >= writer->first_put_at + STORE_COMMIT_MS / 2);
}

/* Until a batch is due, there is something to stop for, or `until`. */
static void wait_for_work(struct store_writer *writer, time_ms until)
{
	for (;;) {
		time_ms now = writer_now();
		writer->progress_at = now;
		if (is_due(writer, now) || writer->stop || now >= until)
			return;
		time_ms wake_at = writer->first != NULL
					  ? writer->first_put_at + STORE_COMMIT_MS / 2
					  : until;
		wait_until(writer, wake_at < until ? wake_at : until);
	}
}

/* --- one batch ---------------------------------------------------------------------- */

/* Rough, on the safe side: a changed text, span or event falls on a page of its own, a
 * new link on one of its index, of which there are only so many. */
struct batch_cost {
	size_t bytes;
	int64_t pages, links;
};

static int64_t pages_of_texts(const struct store_texts *texts)
{
	if (texts == NULL)
		return 0;
	return 1 + (texts->redirects.len > 0);
}

static void add_cost(struct batch_cost *cost, const struct item *item)
{
	cost->bytes += item->bytes / 2;
	if (item->kind == ITEM_MENTION)
		cost->links++;
	else if (item->kind == ITEM_STEP) {
		cost->bytes += item->bytes / 2; /* all of it is written */
		cost->pages += 1 + 2 * (int64_t)item->as.step.step.draft_count;
	} else if (item->kind != ITEM_RESULT)
		cost->pages++;
	else
		cost->pages += pages_of_texts(item->as.result.texts) +
			       (item->as.result.closed != NULL) +
			       (int64_t)item->as.result.event_count;
}

static bool is_full(const struct store_writer *writer, const struct batch_cost *cost)
{
	int64_t index_pages = writer->now.links / 64 + 64;
	int64_t links = cost->links < index_pages ? cost->links : index_pages;
	return (int64_t)(cost->bytes / STORE_PAGE_BYTES) + cost->pages + links >=
	       BATCH_PAGES_MAX;
}

/* Moves the front of the queue to the batch. Their room is given back when they are
 * durable. */
static void take_batch(struct store_writer *writer)
{
	struct batch_cost cost = { 0 };
	struct item *last = NULL;
	uint32_t count = 0;

	writer->batch = writer->first;
	for (struct item *item = writer->first;
		item != NULL && count < BATCH_ITEMS_MAX && !is_full(writer, &cost);
		item = item->next) {
		add_cost(&cost, item);
		last = item;
		count++;
	}
	assert(last != NULL);
	writer->first = last->next;
	if (writer->first == NULL) {
		writer->last = NULL;
		writer->flush = false;
	} else
		writer->first_put_at = writer_now();
	last->next = NULL;
}

void writer_works(struct store_writer *writer)
{
	if (writer->work++ % WORK_TOLD != 0)
		return;
	pthread_mutex_lock(&writer->mutex);
	writer->progress_at = writer_now();
	pthread_mutex_unlock(&writer->mutex);
}

bool writer_has_worked(const struct store_writer *writer)
{
	return writer->work >= WORK_MAX;
}

/* As much of the batch as one transaction has room for. *ret_left is what the next one
 * begins with; NULL: nothing is left. */
static int write_batch(struct store_writer *writer, struct item **ret_left)
{
	struct item *item = writer->batch;
	writer->kept = writer->now;
	writer->work = 0;
	int result = log_begin(writer);
	while (item != NULL && result == 0 && !writer_has_worked(writer)) {
		result = apply_item(writer, item);
		if (result == 0)
			item = item->next;
	}
	*ret_left = item;
	if (result >= 0)
		result = log_commit(writer);
	if (result == 0)
		return 0;
	/* A statement that contradicts the tables is a mistake of ours or the caller's:
	 * an event of a link that is not there. It would fail for ever. */
	assert((sqlite3_errcode(writer->store->db) & 0xff) != SQLITE_CONSTRAINT);
	return -1;
}

void writer_note_trouble(struct store_writer *writer)
{
	struct error error;
	store_error(writer->store, &error);
	pthread_mutex_lock(&writer->mutex);
	snprintf(writer->trouble, sizeof(writer->trouble), "%.*s", TROUBLE_MAX - 1,
		error.text);
	writer->damaged |= store_is_damaged(writer->store);
	if (writer->attempts++ == 0)
		writer->failing_since = writer_now();
	pthread_mutex_unlock(&writer->mutex);
}

static void note_well(struct store_writer *writer)
{
	pthread_mutex_lock(&writer->mutex);
	writer->attempts = 0;
	writer->failing_since = 0;
	if (!writer->damaged)
		writer->trouble[0] = '\0';
	pthread_mutex_unlock(&writer->mutex);
}

/* Frees what is before `left` in the batch, after a transaction of commit_us; tells who
 * waits for it. */
static void batch_done(struct store_writer *writer, struct item *left, time_us commit_us)
{
	uint64_t number = 0;
	uint32_t count = 0;
	size_t bytes = 0;
	struct item *next;

	for (struct item *item = writer->batch; item != left; item = next) {
		next = item->next;
		number = item->number;
		bytes += item->bytes;
		count++;
		free(item);
	}
	writer->batch = left;
	pthread_mutex_lock(&writer->mutex);
	writer->queued_items -= count;
	writer->queued_bytes -= bytes;
	if (count > 0)
		writer->committed = number;
	writer->transactions++;
	writer->commits_us += (uint64_t)commit_us;
	writer->last_commit_us = (uint64_t)commit_us;
	writer->progress_at = writer_now();
	pthread_mutex_unlock(&writer->mutex);
	note_well(writer);
	if (count > 0 && writer->options.committed != NULL)
		writer->options.committed(writer->options.context, number);
}

/* --- trouble ------------------------------------------------------------------------ */

static bool may_go_on(struct store_writer *writer)
{
	pthread_mutex_lock(&writer->mutex);
	bool may = !writer->stop || writer_now() < writer->give_up_at;
	pthread_mutex_unlock(&writer->mutex);
	return may;
}

static void rest(struct store_writer *writer, time_ms pause)
{
	time_ms until = writer_now() + pause;
	pthread_mutex_lock(&writer->mutex);
	while (writer_now() < until &&
		!(writer->stop && writer_now() >= writer->give_up_at)) {
		/* With a sign of life: the thread is well, the disk is not. */
		time_ms tick = writer_now() + TICK_MS;
		writer->progress_at = writer_now();
		if (writer->stop && writer->give_up_at < tick)
			tick = writer->give_up_at;
		wait_until(writer, tick < until ? tick : until);
	}
	pthread_mutex_unlock(&writer->mutex);
}

static time_ms backoff(uint32_t attempts)
{
	time_ms pause = BACKOFF_MS;
	for (uint32_t i = 1; i < attempts && pause < BACKOFF_MS_MAX; i++)
		pause *= 2;
	return pause < BACKOFF_MS_MAX ? pause : BACKOFF_MS_MAX;
}

static void note_held(struct store_writer *writer)
{
	pthread_mutex_lock(&writer->mutex);
	snprintf(writer->trouble, sizeof(writer->trouble),
		"a program that reads the database for long keeps its log from being "
		"reset: writing waits for it");
	pthread_mutex_unlock(&writer->mutex);
}

static void forget_failed(struct store_writer *writer)
{
	writer->now = writer->kept;
	retire_forget(writer);
	changes_forget(writer);
}

/* Writes the batch, however often it takes. False: patience is at an end. */
static bool write_until_done(struct store_writer *writer)
{
	while (writer->batch != NULL && may_go_on(writer)) {
		struct item *left;
		if (!log_has_room(writer)) {
			note_held(writer);
			rest(writer, BUSY_MS);
			continue;
		}
		time_us began = now_us();
		if (write_batch(writer, &left) == 0) {
			batch_done(writer, left, now_us() - began);
			log_written(writer);
			continue;
		}
		writer_note_trouble(writer);
		log_rollback(writer);
		forget_failed(writer);
		/* The log itself may be what fills the disk. */
		log_checkpoint(writer, SQLITE_CHECKPOINT_RESTART);
		rest(writer, backoff(writer->attempts));
	}
	return writer->batch == NULL;
}

/* --- the house ---------------------------------------------------------------------- */

static void hear_what_is_kept(struct store_writer *writer)
{
	pthread_mutex_lock(&writer->mutex);
	writer->kept_now = writer->kept_told;
	if (writer->kept_changed)
		writer->next_round_at = writer->next_prune_at = 0;
	writer->kept_changed = false;
	pthread_mutex_unlock(&writer->mutex);
}

/* When there is nothing else to be done: how long until there may be. */
static void keep_house(struct store_writer *writer, bool idle)
{
	time_ms now = writer_now();
	int64_t enough = idle ? FOLD_ROWS_IDLE : FOLD_ROWS;
	int failed = 0;

	hear_what_is_kept(writer);
	if (writer->fold.at != NULL || writer->now.tail_rows >= enough)
		do
			failed = upkeep_fold(writer);
		while (failed == 1 && writer->now.tail_rows >= FOLD_ROWS_MAX &&
			may_go_on(writer));
	if (failed >= 0 && now >= writer->next_prune_at) {
		failed = upkeep_prune(writer);
		writer->next_prune_at = failed == 1 ? now : now + PRUNE_MS;
	}
	if (idle && now >= writer->next_checkpoint_at) {
		if (writer->pages > 0)
			log_checkpoint(writer, SQLITE_CHECKPOINT_PASSIVE);
		sqlite3_db_release_memory(writer->store->db);
		writer->next_checkpoint_at = now + CHECKPOINT_MS;
	}
	if (failed < 0)
		rest(writer, BACKOFF_MS);
	else if (writer->attempts > 0 || writer->trouble[0] != '\0')
		note_well(writer);
}

/* There is more of it to do at once. */
static bool house_is_busy(const struct store_writer *writer)
{
	return writer->fold.at != NULL || writer->next_prune_at <= writer_now();
}

static void finish(struct store_writer *writer)
{
	int more;
	/* Half a reading is none; what is not folded now is at the next start. */
	do
		more = upkeep_fold(writer);
	while (more >= 0 && writer->now.tail_rows > 0 && !writer->log_held &&
		may_go_on(writer));
	upkeep_fold_end(writer);
	log_checkpoint(writer, SQLITE_CHECKPOINT_TRUNCATE);
}

static void *run(void *context)
{
	struct store_writer *writer = context;
	bool well = true;

	while (well) {
		pthread_mutex_lock(&writer->mutex);
		wait_for_work(
			writer, writer_now() + (house_is_busy(writer) ? 0 : TICK_MS));
		bool work = is_due(writer, writer_now());
		bool over = writer->stop && writer->first == NULL;
		if (work)
			take_batch(writer);
		pthread_mutex_unlock(&writer->mutex);
		if (over)
			break;
		if (work)
			well = write_until_done(writer);
		if (well)
			keep_house(writer, !work);
	}
	if (well)
		finish(writer);
	return NULL;
}

/* --- doors -------------------------------------------------------------------------- */

static void free_items(struct item *item)
{
	struct item *next;
	for (; item != NULL; item = next) {
		next = item->next;
		free(item);
	}
}

static void writer_free(struct store_writer *writer)
{
	free_items(writer->batch);
	free_items(writer->first);
	upkeep_fold_end(writer);
	retire_forget(writer);
	store_close(writer->store);
	pthread_mutex_destroy(&writer->mutex);
	pthread_cond_destroy(&writer->wake);
	free(writer);
}

static void init_locks(struct store_writer *writer)
{
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&writer->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&writer->mutex, NULL);
}

struct store_writer *store_writer_start(struct store *store,
	const struct store_writer_options *options, struct error *error)
{
	struct store_writer *writer = calloc(1, sizeof(*writer));

	assert(store->mode == STORE_WRITE && store->reads == 0);
	if (writer == NULL) {
		error_set(error, "no memory to write to %s", store->path);
		store_close(store);
		return NULL;
	}
	writer->store = store;
	writer->options = *options;
	writer->kept_told = options->kept;
	writer->progress_at = writer_now();
	init_locks(writer);
	sqlite3_busy_timeout(store->db, BUSY_MS);
	int number = 0;
	if (upkeep_start(writer) < 0)
		store_error(store, error);
	else if ((number = pthread_create(&writer->thread, NULL, run, writer)) != 0)
		error_set(error, "cannot start a thread to write to %s: %s", store->path,
			strerror(number));
	else
		return writer;
	writer_free(writer);
	return NULL;
}

void store_writer_keep(struct store_writer *writer, const struct store_retention *kept)
{
	pthread_mutex_lock(&writer->mutex);
	writer->kept_told = *kept;
	writer->kept_changed = true;
	pthread_mutex_unlock(&writer->mutex);
}

int store_writer_stop(
	struct store_writer *writer, time_ms patience_ms, struct error *error)
{
	pthread_mutex_lock(&writer->mutex);
	writer->stop = true;
	writer->give_up_at = writer_now() + patience_ms;
	pthread_cond_signal(&writer->wake);
	pthread_mutex_unlock(&writer->mutex);
	pthread_join(writer->thread, NULL);
	int failed = 0;
	if (writer->queued_items > 0)
		failed = error_set(error, "%u items could not be written to %s%s%s",
			writer->queued_items, writer->store->path,
			writer->trouble[0] != '\0' ? ": " : "", writer->trouble);
	writer_free(writer);
	return failed;
}

void store_writer_flush(struct store_writer *writer)
{
	pthread_mutex_lock(&writer->mutex);
	writer->flush = writer->first != NULL;
	pthread_cond_signal(&writer->wake);
	pthread_mutex_unlock(&writer->mutex);
}

void store_writer_health(struct store_writer *writer, struct store_health *ret_health)
{
	pthread_mutex_lock(&writer->mutex);
	*ret_health = (struct store_health){
		.progress_at = writer->progress_at,
		.queued_items = writer->queued_items,
		.queued_bytes = writer->queued_bytes,
		.put = writer->put,
		.committed = writer->committed,
		.attempts = writer->attempts,
		.failing_since = writer->failing_since,
		.log_bytes = writer->log_bytes,
		.log_held = writer->log_held,
		.transactions = writer->transactions,
		.commits_us = writer->commits_us,
		.last_commit_us = writer->last_commit_us,
	};
	memcpy(ret_health->trouble, writer->trouble, sizeof(writer->trouble));
	ret_health->damaged = writer->damaged;
	pthread_mutex_unlock(&writer->mutex);
}
