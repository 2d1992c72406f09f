#include "app/command.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "app/check_internal.h"
#include "files/publish.h"
#include "process/descriptors.h"
#include "process/terminal.h"
#include "process/wall.h"

enum {
	PROGRESS_INTERVAL_MS = 200,
	PROGRESS_HOSTS_MAX = 8,
};

#define TABLE_BYTES_MAX ((size_t)2 << 30)

/* --- the loop's part --- */

static void stop_watching(struct run *run)
{
	uv_handle_t *const handles[] = { (uv_handle_t *)&run->interrupt,
		(uv_handle_t *)&run->terminate, (uv_handle_t *)&run->ticker,
		(uv_handle_t *)&run->closer };
	for (size_t i = 0; i < run->handles_open; i++)
		if (!uv_is_closing(handles[i]))
			uv_close(handles[i], NULL);
}

static void on_closer(uv_timer_t *timer)
{
	struct run *run = timer->data;
	if (run->monitor.asker.prober == NULL)
		return;
	/* Also what was cut short is recorded, so it too must ask whether it was us. */
	if (run->interrupted && run->monitor.history != NULL && run->monitor.asking_links)
		monitor_settle_doubts(&run->monitor);
	run->requests = prober_counts(run->monitor.asker.prober).requests;
	if (run->options.host_stats)
		run->hosts = prober_host_stats(
			run->monitor.asker.prober, &run->table.arena, &run->host_count);
	monitor_close(&run->monitor, NULL, NULL);
	stop_watching(run);
}

/* Not at once: we may be inside a callback of what is to be closed. */
static void end_loop(void *data)
{
	struct run *run = data;
	uv_timer_start(&run->closer, on_closer, 0, 0);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct run *run = handle->data;
	(void)number;
	run->interrupted = true;
	end_loop(run);
}

static void on_tick(uv_timer_t *timer)
{
	struct run *run = timer->data;
	struct pacer_view views[PROGRESS_HOSTS_MAX];
	struct progress_host hosts[PROGRESS_HOSTS_MAX];
	time_us now = (time_us)(uv_hrtime() / 1000);

	if (run->monitor.asker.prober == NULL)
		return;
	uint32_t count =
		prober_busy_hosts(run->monitor.asker.prober, views, PROGRESS_HOSTS_MAX);
	for (uint32_t i = 0; i < count; i++)
		hosts[i] = (struct progress_host){
			.key = views[i].key,
			.waiting = views[i].waiting + views[i].active,
			.ready_in_ms =
				views[i].ready_at > now
					? (views[i].ready_at - now) / TIME_US_PER_MS
					: 0,
		};
	struct progress progress = {
		.links = run->table.link_count,
		.done = run->monitor.done,
		.elapsed_ms = wall_now() - run->started_at,
		.hosts = hosts,
		.host_count = count,
		.colour = true,
	};
	memcpy(progress.by_outcome, run->monitor.by_outcome, sizeof(progress.by_outcome));
	terminal_progress(&progress);
}

static int watch(struct run *run, struct error *error)
{
	const char *cannot =
		"the event loop cannot be set up; is the limit of open files too low?";
	if (uv_signal_init(&run->loop, &run->interrupt) != 0)
		return error_set(error, "%s", cannot);
	run->handles_open = 1;
	if (uv_signal_init(&run->loop, &run->terminate) != 0)
		return error_set(error, "%s", cannot);
	/* Timers cannot fail. */
	uv_timer_init(&run->loop, &run->ticker);
	uv_timer_init(&run->loop, &run->closer);
	run->handles_open = 4;
	run->interrupt.data = run->terminate.data = run;
	run->ticker.data = run->closer.data = run;
	/* One shot: a second Ctrl-C ends the program at once. */
	if (uv_signal_start_oneshot(&run->interrupt, on_signal, SIGINT) != 0 ||
		uv_signal_start_oneshot(&run->terminate, on_signal, SIGTERM) != 0)
		return error_set(error, "%s", cannot);
	if (terminal_wants_progress() && !run->options.no_progress && !run->options.quiet)
		uv_timer_start(&run->ticker, on_tick, PROGRESS_INTERVAL_MS,
			PROGRESS_INTERVAL_MS);
	return 0;
}

/* --- sources --- */

static void on_source_fetched(void *data, const struct fetched *fetched)
{
	struct run *run = data;

	run->remotes--;
	if (fetched->body == NULL) {
		error_set(
			run->error, "%.*s: %s", SLICE_ARG(fetched->url), fetched->error);
		run->source_failed = true;
	} else if (sources_read_fetched(&run->sources, fetched->url,
			   fetched->content_type, *fetched->body, run->error) < 0) {
		run->source_failed = true;
	}
	if (run->source_failed)
		end_loop(run);
}

static struct link_table *table_for(void *data, struct slice name, uint64_t hash)
{
	struct run *run = data;
	history_note_document(&run->history, name, hash);
	return &run->table;
}

static void on_unreadable(void *data, struct slice path, const struct error *error)
{
	struct run *run = data;
	history_note_unreadable(&run->history, path, error);
	terminal_error(error);
}

static void note_documents(struct run *run)
{
	run->sources.data = run;
	run->sources.on_document = run->purpose->on_document;
	run->sources.on_mention = run->purpose->on_mention;
	if (run->options.database == NULL)
		return;
	run->sources.table_for = table_for;
	run->sources.on_unreadable = on_unreadable;
}

/* --- nothing to check --- */

static bool has_remote_input(const struct run *run)
{
	const struct texts *inputs = &run->options.inputs;
	uint32_t i = 0;
	while (i < inputs->count && !source_is_remote(inputs->at[i]))
		i++;
	return i < inputs->count;
}

/* Documents may be without links. A page without any is more often a wall before a list
 * than a list. */
static int check_not_empty(const struct run *run, struct error *error)
{
	const struct texts *inputs = &run->options.inputs;
	if (run->table.occurrence_count > 0)
		return 0;
	if (run->sources.document_count == 0)
		return error_set(error,
			"%s: no document found (Markdown, HTML or text files are read)",
			inputs->at[0]);
	if (!run->purpose->needs_links || !has_remote_input(run))
		return 0;
	return error_set(error, "%s%s: no links found, so nothing was checked",
		inputs->at[0], inputs->count > 1 ? " and the other inputs" : "");
}

/* --- asking --- */

/* What is known of the links comes before the first of them is asked for. */
static int begin_asking(struct run *run, struct error *error)
{
	const struct check_purpose *purpose = run->purpose;
	if (purpose->before_asking != NULL && purpose->before_asking(run, error) < 0)
		return -1;
	if (run->options.database == NULL)
		return 0;
	if (history_begin(&run->history, &run->options.inputs, error) < 0)
		return -1;
	run->monitor.history = &run->history;
	return 0;
}

/* All sources are there, or one cannot be had. */
static void on_sources_read(void *data)
{
	struct run *run = data;
	if (run->source_failed || run->monitor.asker.prober == NULL)
		return;
	if (check_not_empty(run, run->error) < 0 || begin_asking(run, run->error) < 0) {
		run->source_failed = true;
		end_loop(run);
		return;
	}
	run->monitor.on_idle = end_loop;
	monitor_start(&run->monitor);
}

static int read_local_sources(struct run *run, struct error *error)
{
	const struct texts *inputs = &run->options.inputs;
	for (uint32_t i = 0; i < inputs->count; i++) {
		if (source_is_remote(inputs->at[i])) {
			if (run->options.offline)
				return error_set(error,
					"%s: must be fetched and --offline forbids it; "
					"name a "
					"file",
					inputs->at[i]);
			run->remotes++;
		} else if (sources_add(&run->sources, inputs->at[i], error) < 0) {
			return -1;
		}
	}
	return 0;
}

static int fetch_remote_sources(struct run *run, struct error *error)
{
	const struct texts *inputs = &run->options.inputs;
	for (uint32_t i = 0; i < inputs->count; i++)
		if (source_is_remote(inputs->at[i]) &&
			asker_fetch(&run->monitor.asker, inputs->at[i], NULL, 0,
				on_source_fetched, run) < 0)
			return error_set(error, "%s: is no URL that can be fetched",
				inputs->at[i]);
	return 0;
}

/* --- the run --- */

/* Runs the loop until every question is answered, or the user has enough. */
static int ask_network(struct run *run, struct error *error)
{
	const struct monitor_options options = {
		.settings = &run->settings,
		.fragments = run->options.fragments,
		.suggest = run->options.suggest,
	};
	int result = watch(run, error);
	if (result == 0)
		result = monitor_open(
			&run->monitor, &run->loop, &run->table, &options, error);
	if (result < 0) {
		stop_watching(run);
		uv_run(&run->loop, UV_RUN_DEFAULT);
		return -1;
	}
	run->error = error;
	run->monitor.data = run;
	run->monitor.on_idle = on_sources_read;
	if (run->options.polite)
		asker_be_polite(&run->monitor.asker);
	result = fetch_remote_sources(run, error);
	if (result < 0)
		end_loop(run);
	else if (run->remotes == 0)
		on_sources_read(run);
	uv_run(&run->loop, UV_RUN_DEFAULT);
	if (terminal_wants_progress() && !run->options.no_progress && !run->options.quiet)
		terminal_clear();
	return result < 0 || run->source_failed ? -1 : 0;
}

static int ask_nobody(struct run *run, struct error *error)
{
	const struct monitor_options options = { .settings = &run->settings };
	if (monitor_open(&run->monitor, NULL, &run->table, &options, error) < 0)
		return -1;
	if (begin_asking(run, error) < 0)
		return -1;
	monitor_start(&run->monitor);
	return 0;
}

/* The report is printed all the same, and the status is 1. */
static void end_history(struct run *run, struct error *error)
{
	struct error trouble = { "" };
	if (run->monitor.history != NULL && history_record(&run->history, &trouble) < 0)
		run->unrecorded = true;
	if (history_close(&run->history, run->unrecorded ? NULL : &trouble) < 0)
		run->unrecorded = true;
	if (run->unrecorded)
		*error = trouble;
}

/* What must hold before anybody is asked. */
static int prepare(struct run *run, struct error *error, int *ret_status)
{
	if (read_local_sources(run, error) < 0 ||
		(run->remotes == 0 && check_not_empty(run, error) < 0))
		return -1;
	if (check_would_overwrite(run, error)) {
		*ret_status = EXIT_STATUS_USAGE;
		return -1;
	}
	if (check_has_output_file(run) &&
		file_may_publish(run->options.output, error) < 0)
		return -1;
	if (run->options.database != NULL && history_open(&run->history, error) < 0)
		return -1;
	/* Behind that, which makes a database where there is none and brings an old one
	 * up to date: it may be the baseline, too. */
	return run->options.new_since != NULL
		       ? since_read(&run->baseline, run->options.new_since,
				 run->settings.fail_on, error)
		       : 0;
}

static int run_check(struct run *run, struct error *error)
{
	link_table_init(&run->table, TABLE_BYTES_MAX);
	sources_init(&run->sources, &run->table, &run->settings.exclude_path);
	history_init(&run->history, run->options.database, &run->table);
	baseline_init(&run->baseline);
	if (getcwd(run->directory, sizeof(run->directory)) == NULL)
		run->directory[0] = '\0';
	run->baseline.directory = slice_of(run->directory);
	note_documents(run);
	run->started_at = wall_now();
	descriptors_raise();
	uint32_t *concurrency = &run->settings.probing.pace.concurrency_total;
	if (*concurrency > descriptors_room())
		*concurrency = descriptors_room();

	int status = EXIT_STATUS_RUN_FAILED;
	int result = prepare(run, error, &status);
	if (result == 0)
		result = run->options.offline ? ask_nobody(run, error)
					      : ask_network(run, error);
	if (result == 0)
		end_history(run, error);
	if (result == 0)
		status = run->purpose->tell(run, error);
	if (run->monitor.failed && !run->unrecorded && result == 0)
		check_say_own_trouble(run, error);

	monitor_fini(&run->monitor);
	(void)history_close(&run->history, NULL);
	history_fini(&run->history);
	baseline_fini(&run->baseline);
	sources_fini(&run->sources);
	link_table_fini(&run->table);
	return status;
}

static void print_help(void)
{
	puts("usage: linkrotd check [OPTIONS] INPUT...\n\n"
	     "Checks every link of the inputs once and prints a report. An input is a "
	     "file, a\n"
	     "glob, a directory, an http(s) URL, or - for standard input.\n");
	options_print_help(COMMAND_CHECK);
	puts("\nExit status: 0 nothing failed, 1 the run itself failed, 2 a link "
	     "failed,\n"
	     "3 bad options. More in linkrotd(1).");
}

static int run_on_loop(struct run *run, struct error *error)
{
	if (uv_loop_init(&run->loop) != 0) {
		error_set(error, "the event loop cannot be set up; is the limit of "
				 "open files too low?");
		return EXIT_STATUS_RUN_FAILED;
	}
	int status = run_check(run, error);
	int left = uv_loop_close(&run->loop);
	assert(left == 0);
	return status;
}

int check_main(
	int argc, char **argv, const struct check_purpose *purpose, struct run *run)
{
	struct error error = { "" };
	int status = EXIT_STATUS_USAGE;

	wall_init();
	run->purpose = purpose;
	int result = options_parse(argc, argv, purpose->command, &run->options, &error);
	if (result == 0 && run->options.help) {
		purpose->print_help();
		status = EXIT_STATUS_OK;
	} else if (result == 0 && run->options.version) {
		command_print_version();
		status = EXIT_STATUS_OK;
	} else if (result == 0 && run->options.inputs.count == 0) {
		error_set(&error,
			"%s needs an INPUT: a file, a directory, a URL, or -; see "
			"linkrotd %s --help",
			purpose->name, purpose->name);
	} else if (result == 0 &&
		   settings_init(&run->settings, &run->options, &error) == 0 &&
		   (purpose->begin == NULL || purpose->begin(run, &error) == 0)) {
		status = run_on_loop(run, &error);
	}
	if (error.text[0] != '\0')
		terminal_error(&error);
	settings_fini(&run->settings);
	options_fini(&run->options);
	return status;
}

int command_check(int argc, char **argv)
{
	static const struct check_purpose purpose = {
		.command = COMMAND_CHECK,
		.name = "check",
		.print_help = print_help,
		.tell = check_report,
		.needs_links = true,
	};
	static struct run run;
	return check_main(argc, argv, &purpose, &run);
}

void command_print_version(void)
{
	printf("linkrotd %s (%s)\n", LINKROTD_VERSION, prober_versions());
}
