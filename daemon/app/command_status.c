#include "app/command.h"

#include <unistd.h>

#include "app/lookup_internal.h"
#include "app/words_internal.h"
#include "digest/status.h"
#include "process/terminal.h"
#include "process/wall.h"

enum {
	ROW_BYTES_MAX = 64 * 1024 * 1024,
	ROW_ARENA_BYTES_MAX = 64 * 1024 * 1024,
	HEAD_BYTES_MAX = 16 * 1024 * 1024,
	FLUSH_BYTES = 64 * 1024,
	ROWS_MAX = 1000, /* of a state, in text and Markdown */
};

static const char help[] =
	"usage: linkrotd status [OPTIONS]\n\n"
	"How all links stand now, and how the daemon is, if one runs.\n\n"
	"      --list NAME       only this list\n"
	"      --state STATE     only links in this state: dead, suspect, moved ...\n"
	"  -f, --format FORMAT   text, json or markdown (text)\n"
	"  -c, --config FILE     whose database (/etc/linkrotd/linkrotd.yaml,\n"
	"                        then ./linkrotd.yaml)\n"
	"      --database FILE   this one\n"
	"  -h, --help            this text\n"
	"  -V, --version         versions of linkrotd and its libraries\n\n"
	"Exit status: 0 told, 1 the database cannot be read, 3 bad options or\n"
	"configuration.";

struct status {
	struct lookup lookup;
	struct status_head head;
	struct status_writer writer;
	enum format format;
	struct slice list;
	struct arena head_arena, row_arena;
	struct buffer out;
	struct error error;
	bool failed;
};

static bool count(const struct store_counts *counts, void *data)
{
	struct status *status = data;
	if (!slice_equal(counts->list, status->list))
		return true;
	memcpy(status->head.counts.by_state, counts->by_state,
		sizeof(status->head.counts.by_state));
	return false;
}

static bool count_list(const struct store_list *list, void *data)
{
	struct status *status = data;
	if (status->list.len == 0 || slice_equal(list->name, status->list))
		status->head.counts.lists++;
	return true;
}

static bool count_source(const struct store_source *source, void *data)
{
	struct status *status = data;
	(void)source;
	status->head.counts.sources++;
	return true;
}

static bool add_row(const struct store_link *link, void *data)
{
	struct status *status = data;
	struct standing standing;
	const struct show_places places = { .list = status->list };
	if (!link->monitored)
		return true;
	arena_reset(&status->row_arena);
	if (show_standing(status->lookup.beside, link, &places, &status->row_arena,
		    &standing, &status->error) < 0) {
		status->failed = true;
		return false;
	}
	bool more = status_row(&status->writer, &standing);
	if (status->out.len > FLUSH_BYTES && !status->out.failed) {
		status->failed =
			terminal_print(buffer_slice(&status->out), &status->error) < 0;
		buffer_reset(&status->out);
	}
	return more && !status->failed;
}

static int fill_head(struct status *status)
{
	struct store *store = status->lookup.store;
	struct slice *lines;
	struct status_head *head = &status->head;
	if (store_count_states(store, count, status, &status->error) < 0 ||
		store_walk_lists(store, count_list, status, &status->error) < 0 ||
		store_walk_sources(
			store, status->list, count_source, status, &status->error) < 0)
		return -1;
	if (head->counts.lists == 0 && status->list.len > 0)
		return error_set(
			&status->error, "there is no list %.*s", SLICE_ARG(status->list));
	head->line_count =
		lookup_daemon_lines(&status->lookup, &status->head_arena, &lines);
	head->lines = lines;
	static const struct slice since = { "running since ", 14 };
	if (head->line_count > 0 && slice_starts(lines[0], since) &&
		time_parse_date(slice_sub(lines[0], since.len, since.len + 20),
			&head->running_since))
		lines[0] = slice_sub(lines[0], since.len + 22, lines[0].len);
	return 0;
}

static void walk(struct status *status, const struct store_filter *filter)
{
	if (store_walk_links(
		    status->lookup.store, filter, add_row, status, &status->error) < 0)
		status->failed = true;
}

static void write_by_state(struct status *status)
{
	uint32_t wanted = status_states(status->format, status->head.filter);
	for (size_t i = 0; i < STANDING_STATE_COUNT && !status->failed; i++) {
		/* To look for a few among a million takes half a second. */
		if (!(wanted & STATUS_STATE(status_order[i])) ||
			status->head.counts.by_state[status_order[i]] == 0)
			continue;
		const struct store_filter filter = {
			.list = status->list, .by_state = true, .state = status_order[i]
		};
		walk(status, &filter);
	}
}

static int write_rows(struct status *status)
{
	/* As the first check of these documents wrote them: what was seen first, first.
	 */
	if (status->format == FORMAT_JSON && status->head.filter == 0)
		walk(status, &(struct store_filter){ .list = status->list });
	else
		write_by_state(status);
	return status->failed ? -1 : 0;
}

static int tell(struct status *status)
{
	if (fill_head(status) < 0)
		return -1;
	status_begin(&status->writer, &status->head, status->format, &status->out);
	int result = write_rows(status);
	struct error *error = &status->error;
	if (status_end(&status->writer, result == 0 ? error : NULL) < 0)
		result = -1;
	if (result == 0)
		result = terminal_print(buffer_slice(&status->out), error);
	return result;
}

static int read_options(
	struct status *status, const char *format, const char *list, const char *state)
{
	enum state wanted = STATE_UNCHECKED;
	status->format = FORMAT_TEXT;
	status->list = slice_of(list);
	if (format != NULL && format_choose(slice_of(format), FORMATS_FOR_PEOPLE,
				      &status->format, &status->error) < 0)
		return -1;
	if (state != NULL && !state_parse(slice_of(state), &wanted))
		return error_set(&status->error,
			"--state %s: unknown; choose unchecked, alive, moved, suspect, "
			"dead, gated or skipped",
			state);
	status->head = (struct status_head){
		.generator = "linkrotd " LINKROTD_VERSION,
		.now = wall_now(),
		.filter = state != NULL ? STATUS_STATE(wanted) : 0,
		.rows_max = ROWS_MAX,
		.colour = terminal_colour(STDOUT_FILENO),
	};
	return 0;
}

static int run(struct status *status)
{
	arena_init(&status->head_arena, HEAD_BYTES_MAX);
	arena_init(&status->row_arena, ROW_ARENA_BYTES_MAX);
	buffer_init(&status->out, ROW_BYTES_MAX);
	int result = tell(status);
	if (result < 0)
		terminal_error(&status->error);
	buffer_fini(&status->out);
	arena_fini(&status->row_arena);
	arena_fini(&status->head_arena);
	return result < 0 ? EXIT_STATUS_RUN_FAILED : EXIT_STATUS_OK;
}

int command_status(int argc, char **argv)
{
	struct status status = { 0 };
	const char *config = NULL, *database = NULL, *format = NULL, *list = NULL,
		   *state = NULL;
	const struct word_option options[] = {
		{ "config", 'c', &config, NULL },
		{ "database", 0, &database, NULL },
		{ "format", 'f', &format, NULL },
		{ "list", 0, &list, NULL },
		{ "state", 0, &state, NULL },
	};
	struct words words = { .command = "status",
		.options = options,
		.option_count = sizeof(options) / sizeof(options[0]) };
	wall_init();
	if (words_parse(&words, argc, argv, &status.error) < 0 ||
		(!words.help && !words.version &&
			read_options(&status, format, list, state) < 0)) {
		terminal_error(&status.error);
		return EXIT_STATUS_USAGE;
	}
	if (words_answered(&words, help))
		return EXIT_STATUS_OK;
	int result = lookup_open(&status.lookup, config, database);
	if (result != EXIT_STATUS_OK)
		return result;
	result = run(&status);
	lookup_close(&status.lookup);
	return result;
}
