#include "run/serving.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "files/read.h"
#include "process/wall.h"
#include "run/serving_internal.h"

enum {
	TICK_MS = 1000,
	WISHES_MAX = 64,
	TOKEN_FILE_BYTES_MAX = 64 * 1024,
};

/* --- settings ----------------------------------------------------------------------- */

/* Nothing else can come in a header. */
static bool is_word(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] <= ' ' || text.at[i] > '~')
			return false;
	return text.len > 0;
}

static int read_token(
	const struct config *config, struct buffer *token, struct error *error)
{
	struct buffer path;
	struct error why;
	if (config->recheck_token_file == NULL)
		return 0;
	buffer_init(&path, TOKEN_FILE_BYTES_MAX);
	int result = config_secret_path(config->recheck_token_file,
		service_directory(DIRECTORY_CREDENTIALS).at, &path, error);
	if (result == 0 && file_read_regular(buffer_string(&path), token, &why) < 0)
		result = error_set(error, "recheck_token_file: %s", why.text);
	buffer_fini(&path);
	while (token->len > 0 &&
		(token->at[token->len - 1] == '\n' || token->at[token->len - 1] == '\r'))
		buffer_truncate(token, token->len - 1);
	if (result == 0 && token->len > SHOW_TOKEN_BYTES_MAX)
		result = error_set(error,
			"recheck_token_file: %s: a token has at most %d bytes",
			config->recheck_token_file, SHOW_TOKEN_BYTES_MAX);
	else if (result == 0 && !is_word(buffer_slice(token)))
		result = error_set(error,
			"recheck_token_file: %s: a token is one word of printable ASCII",
			config->recheck_token_file);
	return result;
}

int serving_may_take(const struct config *config, struct error *error)
{
	struct buffer token;
	buffer_init(&token, TOKEN_FILE_BYTES_MAX);
	int result = read_token(config, &token, error);
	buffer_fini(&token);
	return result;
}

/* The show copies them. -1: the old ones stay. */
static int apply_settings(struct serving *serving, struct error *error)
{
	const struct config *config = serving->watchman->crew->config;
	struct pages_settings settings;
	struct buffer token;
	struct arena arena;
	buffer_init(&token, TOKEN_FILE_BYTES_MAX);
	arena_init(&arena, SERVING_ARENA_BYTES_MAX);
	int result = read_token(config, &token, error);
	if (result == 0 && serving->show != NULL &&
		(pages_settings_of(
			 config, &serving->watchman->health, &arena, &settings) < 0 ||
			show_set_settings(
				serving->show, &settings, buffer_slice(&token)) < 0))
		result = error_set(error, "out of memory");
	arena_fini(&arena);
	buffer_fini(&token);
	return result;
}

void serving_reload(struct serving *serving)
{
	struct error error;
	serving->reload_failed = apply_settings(serving, &error) < 0;
	if (serving->reload_failed)
		journal_error(serving->watchman->journal, JOURNAL_KIND_CONFIG, &error);
	(void)serving_name_lists(serving); /* else today's checks are a little off */
	serving->glance.wanted = serving->site.wanted = true;
	serving->opened_at = watchman_now();
}

/* --- wishes ------------------------------------------------------------------------- */

struct serving_wish {
	struct serving_wish *next;
	enum show_recheck what;
	size_t len;
	char text[];
};

/* On the server's thread. */
static bool on_wish(void *data, enum show_recheck what, struct slice text)
{
	struct serving *serving = data;
	struct serving_wish *wish = malloc(sizeof(*wish) + text.len);
	if (wish == NULL)
		return false;
	*wish = (struct serving_wish){ .what = what, .len = text.len };
	memcpy(wish->text, text.at, text.len);
	pthread_mutex_lock(&serving->lock);
	bool taken = serving->wish_count < WISHES_MAX;
	if (taken) {
		if (serving->last_wish != NULL)
			serving->last_wish->next = wish;
		else
			serving->wishes = wish;
		serving->last_wish = wish;
		serving->wish_count++;
	}
	pthread_mutex_unlock(&serving->lock);
	if (taken)
		uv_async_send(&serving->wishes_wake);
	else
		free(wish);
	return taken;
}

static struct serving_wish *take_wishes(struct serving *serving)
{
	pthread_mutex_lock(&serving->lock);
	struct serving_wish *wishes = serving->wishes;
	serving->wishes = serving->last_wish = NULL;
	serving->wish_count = 0;
	pthread_mutex_unlock(&serving->lock);
	return wishes;
}

/* Who it was only the proxy knows; that nothing came of it is told to nobody else. */
static void tell_journal(
	struct watchman *watchman, const struct serving_wish *wish, int64_t count)
{
	static const char *const whats[] = {
		[SHOW_RECHECK_URL] = "url",
		[SHOW_RECHECK_LIST] = "list",
		[SHOW_RECHECK_STATE] = "state",
	};
	journal_say(watchman->journal, JOURNAL_KIND_CONTROL,
		"a recheck of %s %.*s is asked for over HTTP: %lld link%s",
		whats[wish->what], (int)wish->len, wish->text, (long long)count,
		count == 1 ? "" : "s");
}

static void grant(struct watchman *watchman, const struct serving_wish *wish)
{
	struct slice text = { wish->text, wish->len };
	struct store_filter filter = { 0 };
	struct error error;
	int64_t count = 0;
	switch (wish->what) {
	case SHOW_RECHECK_URL:
		count = watchman_recheck_url(watchman, text, &error);
		break;
	case SHOW_RECHECK_LIST:
		filter.list = text;
		count = watchman_recheck_links(watchman, &filter, &error);
		break;
	case SHOW_RECHECK_STATE:
		filter.by_state = state_parse(text, &filter.state);
		count = filter.by_state
				? watchman_recheck_links(watchman, &filter, &error)
				: 0;
		break;
	}
	if (count < 0)
		journal_error(watchman->journal, JOURNAL_KIND_STORE, &error);
	else
		tell_journal(watchman, wish, count);
}

static void on_wishes(uv_async_t *wake)
{
	struct serving *serving = wake->data;
	struct serving_wish *next;
	for (struct serving_wish *wish = take_wishes(serving); wish != NULL;
		wish = next) {
		next = wish->next;
		if (serving->watchman->open)
			grant(serving->watchman, wish);
		free(wish);
	}
}

/* --- each second -------------------------------------------------------------------- */

static void on_tick(uv_timer_t *timer)
{
	struct serving *serving = timer->data;
	time_us now_us = (time_us)(uv_hrtime() / 1000);
	if (!serving->watchman->open || serving->closing)
		return;
	serving->loop_lag_us =
		serving->last_tick_us > 0
			? now_us - serving->last_tick_us - TICK_MS * TIME_US_PER_MS
			: 0;
	if (serving->loop_lag_us < 0)
		serving->loop_lag_us = 0;
	serving->last_tick_us = now_us;
	meter_turn(&serving->watchman->meter, wall_now());
	if (serving->show != NULL)
		serving_tell_live(serving);
	serving_look(serving, watchman_now());
	serving_publish(serving, watchman_now());
}

/* --- open and close ----------------------------------------------------------------- */

static int open_server(struct serving *serving, int listen_fd, struct error *error)
{
	const struct config *config = serving->watchman->crew->config;
	const struct show_options options = {
		.database = serving->database, .recheck = on_wish, .context = serving
	};
	const struct serve_options serve_options = { .listen = config->listen,
		.listen_fd = listen_fd,
		.post_paths = show_post_paths,
		.refuse = show_refuse };
	serving->show = show_open(&options, error);
	if (serving->show == NULL || apply_settings(serving, error) < 0)
		return -1;
	serving->serve = serve_start(&serve_options, show_answer, serving->show, error);
	if (serving->serve == NULL)
		return -1;
	show_set_server(serving->show, serving->serve);
	return 0;
}

int serving_open(struct serving *serving, struct watchman *watchman, int listen_fd,
	struct error *error)
{
	const struct config *config = watchman->crew->config;
	*serving = (struct serving){ .watchman = watchman,
		.database = strdup(config->database),
		.opened_at = watchman_now() };
	pthread_mutex_init(&serving->lock, NULL);
	arena_init(&serving->names_arena, SERVING_ARENA_BYTES_MAX);
	arena_init(&serving->site.arena, SERVING_ARENA_BYTES_MAX);
	arena_init(&serving->glance.before.arena, SERVING_ARENA_BYTES_MAX);
	arena_init(&serving->glance.now.arena, SERVING_ARENA_BYTES_MAX);
	if (serving->database == NULL)
		return error_set(error, "out of memory");
	if (uv_async_init(watchman->loop, &serving->wishes_wake, on_wishes) != 0)
		return error_set(error, "the event loop cannot be set up; is the limit "
					"of open files too low?");
	uv_timer_init(watchman->loop, &serving->timer);
	serving->handles_open = true;
	serving->timer.data = serving->wishes_wake.data = serving;
	if (config->listen != NULL || listen_fd >= 0) {
		if (open_server(serving, listen_fd, error) < 0)
			return -1;
	} else if (apply_settings(serving, error) < 0) {
		return -1;
	}
	if (serving_name_lists(serving) < 0)
		return error_set(error, "out of memory");
	serving_resume_day(serving);
	uv_timer_start(&serving->timer, on_tick, 0, TICK_MS);
	return 0;
}

void serving_close(struct serving *serving)
{
	if (serving->watchman == NULL || serving->closing)
		return;
	serving->closing = true;
	atomic_store(&serving->stop, true);
	show_set_server(serving->show, NULL);
	serve_stop(serving->serve);
	serving->serve = NULL;
	if (serving->watchman->open)
		serving_put_last(serving);
	if (serving->handles_open) {
		uv_close((uv_handle_t *)&serving->timer, NULL);
		uv_close((uv_handle_t *)&serving->wishes_wake, NULL);
	}
	serving->handles_open = false;
}

const char *serving_address(const struct serving *serving)
{
	return serving->serve != NULL ? serve_address(serving->serve) : NULL;
}

void serving_fini(struct serving *serving)
{
	struct serving_wish *next;
	if (serving->watchman == NULL)
		return;
	for (struct serving_wish *wish = take_wishes(serving); wish != NULL;
		wish = next) {
		next = wish->next;
		free(wish);
	}
	show_close(serving->show);
	free(serving->database);
	ledger_release(serving->glance.held);
	ledger_release(serving->glance.ledger);
	store_close(serving->glance.store);
	arena_fini(&serving->glance.before.arena);
	arena_fini(&serving->glance.now.arena);
	arena_fini(&serving->site.arena);
	arena_fini(&serving->names_arena);
	pthread_mutex_destroy(&serving->lock);
}
