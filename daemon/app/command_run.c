#include "app/command.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/words_internal.h"
#include "process/descriptors.h"
#include "process/service.h"
#include "process/terminal.h"
#include "process/wall.h"
#include "run/control.h"
#include "run/serving.h"
#include "run/watchman.h"
#include "settings/configuration.h"
#include "settings/configured.h"

static const char help[] =
	"usage: linkrotd run [-c FILE]\n\n"
	"Watches the links of the configured lists until it is told to stop.\n\n"
	"  -c, --config FILE   instead of " CONFIGURATION_PATH
	",\n                      then " CONFIGURATION_PATH_HERE "\n"
	"  -h, --help          this text\n"
	"  -V, --version       versions of linkrotd and its libraries\n\n"
	"SIGTERM and SIGINT end it, SIGHUP reads the configuration again. "
	"linkrotd-run(8)\nexplains the rest.\n\n"
	"Exit status: 0 told to stop, 1 something failed, 3 the configuration or an "
	"option\nis wrong.";

/* A history that needs a migration or a long recovery, on a slow disk; systemd would give
 * up after TimeoutStartSec=, start it again, and so for ever. */
enum { OPENING_MS_MAX = 15 * 60 * 1000 };

/* Of a reload, in sentences. The journal takes ten lines of a kind in a row, and the last
 * of them says that it was taken. */
enum { CHANGES_BYTES_MAX = 64 * 1024, CHANGES_TOLD = 8 };

/* One daemon, from the command line to the exit status. */
struct daemon {
	uv_loop_t loop;
	const char *path; /* of the configuration, as given */
	struct journal journal;
	struct service service;
	struct watchman watchman;
	struct control *control;
	struct serving serving;
	bool watched; /* the service is started */
	bool draining, failed;
};

/* --- a reload --- */

static enum journal_level level_of(const struct config *config)
{
	switch (config->log_level) {
	case CONFIG_LOG_ERROR:
		return JOURNAL_ERROR;
	case CONFIG_LOG_WARNING:
		return JOURNAL_WARNING;
	case CONFIG_LOG_NOTICE:
		return JOURNAL_NOTICE;
	case CONFIG_LOG_INFO:
		return JOURNAL_INFO;
	case CONFIG_LOG_DEBUG:
		return JOURNAL_DEBUG;
	}
	return JOURNAL_NOTICE;
}

/* For when the old one is gone and the new one is taken, a line each. */
struct changes {
	struct buffer told, waiting; /* waiting: for a restart */
	uint32_t count;              /* of those that do not wait */
};

static void note_change(void *data, const char *sentence, bool needs_restart)
{
	struct changes *changes = data;
	if (needs_restart)
		buffer_printf(&changes->waiting, "%s (only after a restart)\n", sentence);
	else if (++changes->count <= CHANGES_TOLD)
		buffer_printf(&changes->told, "%s\n", sentence);
}

static void tell_lines(struct daemon *daemon, enum journal_kind kind, struct slice lines)
{
	struct slice line;
	while (lines.len > 0 && slice_split(&lines, '\n', &line))
		if (line.len > 0)
			journal_say(&daemon->journal, kind, "%.*s", SLICE_ARG(line));
}

static void tell_changes(struct daemon *daemon, const struct changes *changes)
{
	tell_lines(daemon, JOURNAL_KIND_CONFIG, buffer_slice(&changes->waiting));
	tell_lines(daemon, JOURNAL_KIND_RELOADED, buffer_slice(&changes->told));
	if (changes->count > CHANGES_TOLD)
		journal_say(&daemon->journal, JOURNAL_KIND_RELOADED,
			"and %u more change%s", changes->count - CHANGES_TOLD,
			changes->count == CHANGES_TOLD + 1 ? "" : "s");
}

static int check(const struct config *config, struct error *error)
{
	return configuration_check_daemon(config, error) < 0
		       ? -1
		       : serving_may_take(config, error);
}

/* All of it or nothing. */
static int take(struct daemon *daemon, struct config *config, struct error *error)
{
	struct changes changes = { .count = 0 };
	if (check(config, error) < 0)
		return -1;
	buffer_init(&changes.told, CHANGES_BYTES_MAX);
	buffer_init(&changes.waiting, CHANGES_BYTES_MAX);
	config_diff(daemon->watchman.crew->config, config, note_change, &changes);
	int result = watchman_reload(&daemon->watchman, config, error);
	if (result == 0) {
		daemon->journal.level = level_of(config);
		tell_changes(daemon, &changes);
		serving_reload(&daemon->serving);
		post_reload(daemon->watchman.post, config);
	}
	buffer_fini(&changes.told);
	buffer_fini(&changes.waiting);
	return result;
}

/* False: the old one stays, and the journal says why. */
static bool read_again(struct daemon *daemon)
{
	struct config_errors errors;
	struct error error = { "" };
	struct config *config = configuration_read(daemon->path, &errors);
	if (config == NULL) {
		for (uint32_t i = 0; i < errors.count && i < CONFIG_ERRORS_MAX; i++)
			journal_error(
				&daemon->journal, JOURNAL_KIND_CONFIG, &errors.at[i]);
	} else if (take(daemon, config, &error) < 0) {
		config_free(config);
	} else {
		journal_say(&daemon->journal, JOURNAL_KIND_RELOADED,
			"the configuration was read again");
		return true;
	}
	if (error.text[0] != '\0')
		journal_error(&daemon->journal, JOURNAL_KIND_CONFIG, &error);
	daemon->serving.reload_failed = true;
	journal_say(&daemon->journal, JOURNAL_KIND_CONFIG,
		"the configuration is wrong, so the old one stays");
	return false;
}

static void reload(void *data)
{
	struct daemon *daemon = data;
	if (daemon->draining)
		return;
	(void)read_again(daemon);
	service_ready(&daemon->service);
}

/* --- the end --- */

/* Nobody has anything to write any more. */
static void drain_writer(void *data)
{
	struct daemon *daemon = data;
	struct error error;
	if (watchman_close(&daemon->watchman, &error) < 0) {
		journal_error(&daemon->journal, JOURNAL_KIND_STORE, &error);
		daemon->failed = true;
	}
	if (daemon->watched)
		service_close(&daemon->service, NULL);
	daemon->watched = false;
}

static void drain(void *data)
{
	struct daemon *daemon = data;
	if (daemon->draining)
		return;
	daemon->draining = true;
	control_close(daemon->control, NULL, NULL);
	daemon->control = NULL;
	serving_close(&daemon->serving);
	post_close(daemon->watchman.post, drain_writer, daemon);
}

/* --- questions of short commands --- */

static int recheck(struct daemon *daemon, const struct control_question *question,
	struct buffer *answer, struct error *error)
{
	struct watchman *watchman = &daemon->watchman;
	struct store_filter filter = { 0 };
	int64_t count = 0;
	switch (question->select) {
	case CONTROL_BY_URL:
		count = watchman_recheck_url(watchman, question->value, error);
		if (count == 0)
			return error_set(
				error, "%.*s is on no list", SLICE_ARG(question->value));
		break;
	case CONTROL_BY_LIST:
		if (config_list_of(watchman->crew->config, question->value) == NULL)
			return error_set(error, "there is no list %.*s",
				SLICE_ARG(question->value));
		filter.list = question->value;
		count = watchman_recheck_links(watchman, &filter, error);
		break;
	case CONTROL_BY_STATE:
		filter.by_state = true;
		if (!state_parse(question->value, &filter.state))
			return error_set(error, "there is no state %.*s",
				SLICE_ARG(question->value));
		count = watchman_recheck_links(watchman, &filter, error);
		break;
	}
	if (count < 0)
		return -1;
	buffer_printf(answer, "%lld link%s due now\n", (long long)count,
		count == 1 ? " is" : "s are");
	return 0;
}

static int send_digests(struct daemon *daemon, struct buffer *answer, struct error *error)
{
	uint32_t receivers;
	if (post_send_digests(daemon->watchman.post, &receivers, error) < 0)
		return -1;
	if (receivers == 0)
		buffer_add_text(answer,
			"nobody wants digests: no receiver has `digest` in its `on`\n");
	else
		buffer_printf(answer,
			"what is new goes to %u receiver%s; the journal says what came "
			"of "
			"it\n",
			receivers, receivers == 1 ? "" : "s");
	return 0;
}

static int asked(void *data, const struct control_question *question,
	struct buffer *answer, struct error *error)
{
	struct daemon *daemon = data;
	switch (question->verb) {
	case CONTROL_PING:
		break;
	case CONTROL_STATUS:
		watchman_status(&daemon->watchman, answer);
		break;
	case CONTROL_RECHECK:
		return recheck(daemon, question, answer, error);
	case CONTROL_SEND:
		return send_digests(daemon, answer, error);
	case CONTROL_RELOAD:
		service_reloading(&daemon->service);
		bool is_new = read_again(daemon);
		service_ready(&daemon->service);
		if (!is_new)
			return error_set(error, "the configuration is wrong, so the old "
						"one stays; the log says where");
		break;
	}
	return 0;
}

/* --- the beginning --- */

static int open_control(struct daemon *daemon, struct error *error)
{
	static const struct control_calls calls = { asked };
	char path[CONTROL_PATH_BYTES];
	const char *database = daemon->watchman.crew->config->database;
	if (control_path(database, path, error) < 0)
		return -1;
	daemon->control = control_open(
		&daemon->loop, path, database, &daemon->journal, &calls, daemon, error);
	return daemon->control != NULL ? 0 : -1;
}

static int open_post(
	struct daemon *daemon, const struct config *config, struct error *error)
{
	struct watchman *watchman = &daemon->watchman;
	const struct post_options options = { &daemon->loop, &daemon->journal,
		watchman->writer };
	watchman->post = post_open(&options, config, error);
	return watchman->post != NULL ? 0 : -1;
}

static int start(struct daemon *daemon, struct config *config, struct error *error)
{
	static const struct service_calls calls = { drain, reload };
	journal_init(&daemon->journal, STDERR_FILENO, level_of(config));
	daemon->journal.wall = wall_now;
	if (service_start(&daemon->service, &daemon->loop, &daemon->journal, &calls,
		    daemon, error) < 0) {
		config_free(config);
		return -1;
	}
	daemon->watched = true;
	service_extend(&daemon->service, OPENING_MS_MAX, "Opening the history");
	if (watchman_open(&daemon->watchman, &daemon->loop, config, &daemon->journal,
		    error) < 0 ||
		open_control(daemon, error) < 0 || open_post(daemon, config, error) < 0 ||
		serving_open(&daemon->serving, &daemon->watchman,
			service_listen_fd(&daemon->journal), error) < 0)
		return -1;
	daemon->watchman.service = &daemon->service;
	service_ready(&daemon->service);
	journal_say(&daemon->journal, JOURNAL_KIND_STARTED,
		"linkrotd " LINKROTD_VERSION " watches %u list%s of %s",
		config->list_count, config->list_count == 1 ? "" : "s", config->database);
	const char *address = serving_address(&daemon->serving);
	if (address != NULL && address[0] == '/')
		journal_say(&daemon->journal, JOURNAL_KIND_STARTED,
			"its pages are behind the socket %s", address);
	else if (address != NULL)
		journal_say(&daemon->journal, JOURNAL_KIND_STARTED,
			"its pages are at http://%s/", address);
	return 0;
}

static int run(struct daemon *daemon, struct config *config)
{
	struct error error = { "" };
	if (uv_loop_init(&daemon->loop) != 0) {
		config_free(config);
		error_set(&error, "the event loop cannot be set up; is the limit of open "
				  "files too low?");
		terminal_error(&error);
		return EXIT_STATUS_RUN_FAILED;
	}
	if (start(daemon, config, &error) < 0) {
		journal_error(&daemon->journal, JOURNAL_KIND_SERVICE, &error);
		daemon->failed = true;
		drain(daemon);
	}
	uv_run(&daemon->loop, UV_RUN_DEFAULT);
	serving_fini(&daemon->serving);
	post_free(daemon->watchman.post);
	watchman_fini(&daemon->watchman);
	if (!daemon->failed)
		journal_say(&daemon->journal, JOURNAL_KIND_STOPPED, "stopped");
	journal_fini(&daemon->journal);
	int left = uv_loop_close(&daemon->loop);
	assert(left == 0);
	(void)left;
	return daemon->failed ? EXIT_STATUS_RUN_FAILED : EXIT_STATUS_OK;
}

/* With all files that it names: what is wrong with them gets no better by another try. */
static int check_all(const struct config *config, struct error *error)
{
	struct configured configured;
	if (check(config, error) < 0)
		return -1;
	int result = configured_init(&configured, config, error);
	configured_fini(&configured);
	return result;
}

static struct config *read_config(const char *path)
{
	struct config_errors errors;
	struct error error;
	struct config *config = configuration_read(path, &errors);
	if (config == NULL) {
		configuration_complain(&errors);
		return NULL;
	}
	if (check_all(config, &error) == 0)
		return config;
	terminal_error(&error);
	config_free(config);
	return NULL;
}

int command_run(int argc, char **argv)
{
	struct daemon daemon = { 0 };
	struct error error = { "" };
	const struct word_option options[] = { { "config", 'c', &daemon.path, NULL } };
	struct words words = { .command = "run", .options = options, .option_count = 1 };
	if (words_parse(&words, argc, argv, &error) < 0) {
		terminal_error(&error);
		return EXIT_STATUS_USAGE;
	}
	if (words_answered(&words, help))
		return EXIT_STATUS_OK;
	wall_init();
	struct config *config = read_config(daemon.path);
	if (config == NULL)
		return EXIT_STATUS_USAGE;
	descriptors_raise();
	return run(&daemon, config);
}
