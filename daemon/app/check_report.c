#include "app/check_internal.h"

#include <unistd.h>

#include "app/command.h"
#include "ask/duplicates.h"
#include "files/publish.h"
#include "files/read.h"
#include "process/terminal.h"
#include "process/wall.h"

#define REPORT_BYTES_MAX ((size_t)2 << 30)

/* A report written over a list would be the end of the list. */
bool check_would_overwrite_input(
	const struct sources *sources, const char *output, struct error *error)
{
	if (output == NULL || strcmp(output, "-") == 0 || !sources_have(sources, output))
		return false;
	error_set(error,
		"--output %s is also an input and would be overwritten; name another "
		"file",
		output);
	return true;
}

/* Neither may a report take the place of a history. */
static bool would_overwrite_history(
	const struct run *run, const char *database, struct error *error)
{
	struct file_id report, history;
	const char *output = run->options.output;
	if (output == NULL || database == NULL ||
		(strcmp(output, database) != 0 &&
			(file_identify(output, &report) < 0 ||
				file_identify(database, &history) < 0 ||
				report.device != history.device ||
				report.inode != history.inode)))
		return false;
	error_set(error,
		"--output %s is the database and would be overwritten; name another file",
		output);
	return true;
}

bool check_would_overwrite(const struct run *run, struct error *error)
{
	const char *since = run->options.new_since;
	return check_would_overwrite_input(&run->sources, run->options.output, error) ||
	       would_overwrite_history(run, run->options.database, error) ||
	       (since != NULL && since_is_database(since) &&
		       would_overwrite_history(run, since, error));
}

bool check_has_output_file(const struct run *run)
{
	const char *output = run->options.output;
	return output != NULL && strcmp(output, "-") != 0;
}

static int publish(struct run *run, const struct report *report, struct error *error)
{
	struct buffer out;

	buffer_init(&out, REPORT_BYTES_MAX);
	int result = report_write(report, run->settings.format, &out, error);
	if (result == 0 && check_has_output_file(run))
		result = file_publish(run->options.output, buffer_slice(&out), error);
	else if (result == 0)
		result = terminal_print(buffer_slice(&out), error);
	buffer_fini(&out);
	return result;
}

/* What other steps of the job have written counts, too. */
static int add_step_summary(
	const struct run *run, const struct report *report, struct error *error)
{
	const char *path = run->settings.step_summary;
	struct buffer out;
	if (path == NULL)
		return 0;
	uint64_t length = file_length(path);
	size_t room =
		length < REPORT_SUMMARY_BYTES ? REPORT_SUMMARY_BYTES - (size_t)length : 0;
	buffer_init(&out, REPORT_BYTES_MAX);
	if (room > 0 && file_ends_in_line(path)) {
		buffer_add_char(&out, '\n');
		room--;
	}
	int result = report_write_step_summary(report, room, &out, error);
	if (result == 0 && out.len > 0)
		result = file_append(path, buffer_slice(&out), error);
	buffer_fini(&out);
	return result;
}

/* -1: no memory. */
static int find_known(struct run *run, const time_ms **ret_known_since)
{
	*ret_known_since = NULL;
	if (run->options.new_since == NULL)
		return 0;
	time_ms *known =
		ARENA_ARRAY(&run->table.arena, time_ms, run->table.link_count + 1);
	if (known == NULL)
		return -1;
	for (const struct link *link = run->table.first; link != NULL; link = link->next)
		known[link->number] = baseline_known_since(&run->baseline, link);
	*ret_known_since = known;
	return 0;
}

/* Whoever reads the text reads it there. */
static void say_empty(const struct run *run)
{
	const struct texts *inputs = &run->options.inputs;
	struct error sentence;
	if (run->options.quiet ||
		(run->settings.format == FORMAT_TEXT && !check_has_output_file(run)))
		return;
	error_set(&sentence, "%s%s: no links found, so nothing was checked",
		inputs->at[0], inputs->count > 1 ? " and the other inputs" : "");
	terminal_error(&sentence);
}

static bool is_flawed(const struct run *run)
{
	return run->unrecorded || run->monitor.failed || run->sources.unreadable > 0;
}

int check_report(struct run *run, struct error *error)
{
	const struct texts *inputs = &run->options.inputs;
	struct slice *names =
		ARENA_ARRAY(&run->settings.arena, struct slice, inputs->count);
	const time_ms *known_since;
	if (names == NULL || find_known(run, &known_since) < 0 ||
		duplicates_note(&run->table) < 0) {
		error_set(error, "out of memory");
		return EXIT_STATUS_RUN_FAILED;
	}
	for (uint32_t i = 0; i < inputs->count; i++)
		names[i] = slice_of(inputs->at[i]);
	const struct report report = {
		.generator = "linkrotd " LINKROTD_VERSION,
		.started_at = run->started_at,
		.finished_at = wall_now(),
		.inputs = names,
		.input_count = inputs->count,
		.directory = slice_of(run->directory),
		.table = &run->table,
		.fail_on = run->settings.fail_on,
		.records = run->history.records,
		.known_since = known_since,
		.partial = run->interrupted,
		.flawed = is_flawed(run),
		.colour = run->options.output == NULL && terminal_colour(STDOUT_FILENO),
		.verbosity = (uint32_t)run->options.verbose,
		.quiet = run->options.quiet,
		.requests = run->requests,
		.hosts = run->hosts,
		.host_count = run->host_count,
	};
	if (publish(run, &report, error) < 0 || add_step_summary(run, &report, error) < 0)
		return EXIT_STATUS_RUN_FAILED;
	if (run->table.occurrence_count == 0 && !run->interrupted)
		say_empty(run);
	if (run->interrupted && check_has_output_file(run))
		error_set(error, "interrupted; %s holds a partial report",
			run->options.output);
	if (run->interrupted || is_flawed(run))
		return EXIT_STATUS_RUN_FAILED;
	return report_failed(&report) ? EXIT_STATUS_LINK_FAILED : EXIT_STATUS_OK;
}

void check_say_own_trouble(const struct run *run, struct error *error)
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
