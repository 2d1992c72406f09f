/* What the answers are made of besides the database: what the loop tells, copied under a
 * lock. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "pages/show_internal.h"

void show_release_settings(struct copied *copied)
{
	if (copied == NULL || atomic_fetch_sub(&copied->holders, 1) != 1)
		return;
	arena_fini(&copied->arena);
	free(copied);
}

struct copied *show_hold_settings(struct show *show)
{
	pthread_mutex_lock(&show->lock);
	struct copied *settings = show->settings;
	if (settings != NULL)
		atomic_fetch_add(&settings->holders, 1);
	pthread_mutex_unlock(&show->lock);
	return settings;
}

struct show *show_open(const struct show_options *options, struct error *error)
{
	struct show *show = calloc(1, sizeof(*show));
	if (show == NULL) {
		error_set(error, "out of memory");
		return NULL;
	}
	show->options = *options;
	arena_init(&show->answers, ANSWER_ARENA_BYTES);
	pthread_mutex_init(&show->lock, NULL);
	show->store = store_open(options->database, STORE_READ, error);
	if (show->store != NULL)
		return show;
	show_close(show);
	return NULL;
}

void show_close(struct show *show)
{
	if (show == NULL)
		return;
	show_release_settings(show->settings);
	ledger_release(show->ledger);
	store_close(show->store);
	arena_fini(&show->answers);
	pthread_mutex_destroy(&show->lock);
	free(show);
}

static int copy_intervals(struct copied *copied, const struct pages_settings *settings)
{
	struct pages_interval *intervals = ARENA_ARRAY(
		&copied->arena, struct pages_interval, settings->interval_count + 1);
	if (intervals == NULL)
		return -1;
	for (uint32_t i = 0; i < settings->interval_count; i++)
		intervals[i] = (struct pages_interval){
			arena_copy(&copied->arena, settings->intervals[i].list),
			settings->intervals[i].interval_ms
		};
	copied->settings.intervals = intervals;
	return 0;
}

int show_set_settings(
	struct show *show, const struct pages_settings *settings, struct slice token)
{
	struct copied *copied = calloc(1, sizeof(*copied));
	if (copied == NULL)
		return -1;
	atomic_init(&copied->holders, 1);
	struct arena *arena = &copied->arena;
	arena_init(arena, COPIES_BYTES_MAX);
	copied->settings = *settings;
	struct site *site = &copied->settings.site;
	site->title = arena_copy(arena, settings->site.title);
	site->base = arena_copy(arena, settings->site.base);
	site->public_url = arena_copy(arena, settings->site.public_url);
	copied->settings.feed_host = arena_copy(arena, settings->feed_host);
	assert(token.len <= SHOW_TOKEN_BYTES_MAX);
	copied->token = arena_copy(arena, token);
	if (copy_intervals(copied, settings) < 0 || arena->failed) {
		show_release_settings(copied);
		return -1;
	}
	pthread_mutex_lock(&show->lock);
	struct copied *old = show->settings;
	show->settings = copied;
	pthread_mutex_unlock(&show->lock);
	show_release_settings(old);
	return 0;
}

void show_set_ledger(struct show *show, struct ledger *ledger)
{
	pthread_mutex_lock(&show->lock);
	struct ledger *old = show->ledger;
	show->ledger = ledger;
	pthread_mutex_unlock(&show->lock);
	ledger_release(old);
}

bool show_is_asked(const struct show *show)
{
	return atomic_load(&show->asked);
}

void show_forget_asked(struct show *show)
{
	atomic_store(&show->asked, false);
}

time_ms show_monotonic(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (time_ms)now.tv_sec * TIME_MS_PER_S + now.tv_nsec / 1000000;
}

void show_set_live(struct show *show, const struct show_live *live)
{
	pthread_mutex_lock(&show->lock);
	show->live = *live;
	show->live.told_at = show_monotonic();
	if (live->metrics.phases != NULL) {
		memcpy(show->phases, live->metrics.phases, sizeof(show->phases));
		show->live.metrics.phases = show->phases;
	}
	if (live->metrics.durations != NULL) {
		show->durations = *live->metrics.durations;
		show->live.metrics.durations = &show->durations;
	}
	show->is_live = true;
	pthread_mutex_unlock(&show->lock);
}

uint64_t show_list_hash(struct slice name)
{
	return hash_bytes(name, 0);
}

void show_set_server(struct show *show, const struct serve *serve)
{
	if (show == NULL)
		return;
	pthread_mutex_lock(&show->lock);
	show->serve = serve;
	pthread_mutex_unlock(&show->lock);
}
