#include "app/command.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "app/descriptors_internal.h"
#include "app/monitor_internal.h"
#include "app/options_internal.h"
#include "app/settings_internal.h"
#include "app/sources_internal.h"
#include "app/terminal_internal.h"
#include "app/wall_internal.h"
#include "files/publish.h"

enum {
	PROGRESS_INTERVAL_MS = 200,
	PROGRESS_HOSTS_MAX = 8,
};

#define TABLE_BYTES_MAX  ((size_t)2 << 30)
#define REPORT_BYTES_MAX ((size_t)2 << 30)

/* One run of `check`, from the command line to the exit status. */
struct run {
	struct options options;
	struct settings settings;
	struct link_table table;
	struct sources sources;
	struct monitor monitor;
	uv_loop_t loop;
	uv_signal_t interrupt, terminate;
	uv_timer_t ticker, closer;
	size_t handles_open; /* of those, in this order */
	bool interrupted;
	bool source_failed;
	struct error *error;
	time_ms started_at; /* wall */
	uint64_t requests;
	const struct host_stats *hosts; /* in the table's arena */
	uint32_t host_count;
	uint32_t remotes; /* sources being fetched */
};

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

static void on_source_fetched(void *data, struct slice url, struct slice content_type,
	const struct slice *body, const char *error)
{
	struct run *run = data;

	run->remotes--;
	if (body == NULL) {
		error_set(run->error, "%.*s: %s", SLICE_ARG(url), error);
		run->source_failed = true;
	} else if (sources_read_fetched(
			   &run->sources, url, content_type, *body, run->error) < 0) {
		run->source_failed = true;
	}
	if (run->source_failed)
		end_loop(run);
}

/* All sources are there, or one cannot be had. */
static void on_sources_read(void *data)
{
	struct run *run = data;
	if (run->source_failed || run->monitor.asker.prober == NULL)
		return;
	if (run->table.occurrence_count == 0) {
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
			asker_fetch(&run->monitor.asker, inputs->at[i], on_source_fetched,
				run) < 0)
			return error_set(error, "%s: is no URL that can be fetched",
				inputs->at[i]);
	return 0;
}

static int check_not_empty(const struct run *run, struct error *error)
{
	if (run->table.occurrence_count > 0)
		return 0;
	const struct texts *inputs = &run->options.inputs;
	if (run->sources.document_count == 0)
		return error_set(error,
			"%s: no document found (Markdown, HTML or text files are read)",
			inputs->at[0]);
	return error_set(error, "%s%s: no links found, so nothing was checked",
		inputs->at[0], inputs->count > 1 ? " and the other inputs" : "");
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
	monitor_start(&run->monitor);
	return 0;
}

/* A report written over a list would be the end of the list. */
static bool would_overwrite_input(const struct run *run, struct error *error)
{
	const char *output = run->options.output;
	if (output == NULL || !sources_have(&run->sources, output))
		return false;
	error_set(error,
		"--output %s is also an input and would be overwritten; name another "
		"file",
		output);
	return true;
}

static bool has_output_file(const struct options *options)
{
	return options->output != NULL && strcmp(options->output, "-") != 0;
}

static int publish(struct run *run, const struct report *report, struct error *error)
{
	struct buffer out;

	buffer_init(&out, REPORT_BYTES_MAX);
	int result = report_write(report, run->settings.format, &out, error);
	if (result == 0 && has_output_file(&run->options))
		result = file_publish(run->options.output, buffer_slice(&out), error);
	else if (result == 0)
		result = terminal_print(buffer_slice(&out), error);
	buffer_fini(&out);
	return result;
}

static int report_run(struct run *run, struct error *error)
{
	const struct texts *inputs = &run->options.inputs;
	struct slice *names =
		ARENA_ARRAY(&run->settings.arena, struct slice, inputs->count);
	if (names == NULL)
		return error_set(error, "out of memory");
	for (uint32_t i = 0; i < inputs->count; i++)
		names[i] = slice_of(inputs->at[i]);
	const struct report report = {
		.generator = "linkrotd " LINKROTD_VERSION,
		.started_at = run->started_at,
		.finished_at = wall_now(),
		.inputs = names,
		.input_count = inputs->count,
		.table = &run->table,
		.fail_on = run->settings.fail_on,
		.partial = run->interrupted,
		.colour = run->options.output == NULL && terminal_colour(STDOUT_FILENO),
		.verbosity = (uint32_t)run->options.verbose,
		.quiet = run->options.quiet,
		.requests = run->requests,
		.hosts = run->hosts,
		.host_count = run->host_count,
	};
	if (publish(run, &report, error) < 0)
		return EXIT_STATUS_RUN_FAILED;
	if (run->interrupted && has_output_file(&run->options))
		error_set(error, "interrupted; %s holds a partial report",
			run->options.output);
	if (run->interrupted || run->monitor.failed || run->sources.unreadable > 0)
		return EXIT_STATUS_RUN_FAILED;
	return report_failed(&report) ? EXIT_STATUS_LINK_FAILED : EXIT_STATUS_OK;
}

/* Why status 1: not what the links did, but what befell this machine. */
static void say_own_trouble(const struct run *run, struct error *error)
{
	struct buffer sentence;

	if (run->monitor.doubted == 0) {
		error_set(error,
			"this machine ran out of memory or sockets, so some links were "
			"not asked for; raise its limits or lower --max-concurrency");
		return;
	}
	buffer_init(&sentence, sizeof(error->text));
	vantage_sentence(&run->monitor.finding, run->monitor.doubted, &sentence);
	error_set(error, "%s", buffer_string(&sentence));
	buffer_fini(&sentence);
}

static int run_check(struct run *run, struct error *error)
{
	link_table_init(&run->table, TABLE_BYTES_MAX);
	sources_init(&run->sources, &run->table, &run->settings.exclude_path);
	run->started_at = wall_now();
	descriptors_raise();
	uint32_t *concurrency = &run->settings.probing.pace.concurrency_total;
	if (*concurrency > descriptors_room())
		*concurrency = descriptors_room();

	int status = EXIT_STATUS_RUN_FAILED;
	int result = read_local_sources(run, error);
	if (result == 0 && run->remotes == 0)
		result = check_not_empty(run, error);
	if (result == 0 && would_overwrite_input(run, error)) {
		status = EXIT_STATUS_USAGE;
		result = -1;
	}
	if (result == 0 && has_output_file(&run->options))
		result = file_may_publish(run->options.output, error);
	if (result == 0)
		result = run->options.offline ? ask_nobody(run, error)
					      : ask_network(run, error);
	if (result == 0 && !run->interrupted)
		result = check_not_empty(run, error);
	if (result == 0)
		status = report_run(run, error);
	if (run->monitor.failed && result == 0)
		say_own_trouble(run, error);

	monitor_fini(&run->monitor);
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

int command_check(int argc, char **argv)
{
	static struct run run;
	struct error error = { "" };
	int status = EXIT_STATUS_USAGE;

	int result = options_parse(argc, argv, COMMAND_CHECK, &run.options, &error);
	if (result == 0 && run.options.help) {
		print_help();
		status = EXIT_STATUS_OK;
	} else if (result == 0 && run.options.version) {
		command_print_version();
		status = EXIT_STATUS_OK;
	} else if (result == 0 && run.options.inputs.count == 0) {
		error_set(&error,
			"check needs an INPUT: a file, a directory, a URL, or -; see "
			"linkrotd check --help");
	} else if (result == 0 &&
		   settings_init(&run.settings, &run.options, &error) == 0) {
		status = EXIT_STATUS_RUN_FAILED;
		if (uv_loop_init(&run.loop) != 0) {
			error_set(&error,
				"the event loop cannot be set up; is the limit of "
				"open files too low?");
		} else {
			status = run_check(&run, &error);
			int left = uv_loop_close(&run.loop);
			assert(left == 0);
		}
	}
	if (error.text[0] != '\0')
		terminal_error(&error);
	settings_fini(&run.settings);
	options_fini(&run.options);
	return status;
}

void command_print_version(void)
{
	printf("linkrotd %s (%s)\n", LINKROTD_VERSION, prober_versions());
}
