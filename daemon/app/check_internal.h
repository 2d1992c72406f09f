/* app/check: one run of `check`, for the two files that are the command: command_check.c
 * runs it, check_report.c tells what came of it. `fix` runs it, too, for another purpose;
 * `extract` only asks what its output would overwrite.
 */
#pragma once

#include <limits.h>

#include "check/history.h"
#include "check/monitor.h"
#include "check/since.h"
#include "model/host_stats.h"
#include "settings/options.h"
#include "settings/settings.h"
#include "sources/sources.h"

struct run;

/* What a command wants of a run. A function that may be NULL says so. */
struct check_purpose {
	enum command_bit command;
	const char *name; /* of the command */
	void (*print_help)(void);
	/* May be NULL. The options are read and nothing is opened. -1 with an error: they
	 * do not go together. */
	int (*begin)(struct run *run, struct error *error);
	/* May be NULL: as in sources/sources.h, with the run for data. */
	int (*on_document)(void *data, struct slice name, enum document_kind kind,
		struct slice bytes);
	int (*on_mention)(void *data, const struct mention *mention, struct link *link);
	/* May be NULL. All documents are read and nobody was asked: what shall not be
	 * asked is given its result. -1 with an error ends the run. */
	int (*before_asking)(struct run *run, struct error *error);
	/* What came of it. Returns the exit status, which needs no error. */
	int (*tell)(struct run *run, struct error *error);
	bool needs_links; /* pages without any are an error */
};

/* From the command line to the exit status. */
struct run {
	const struct check_purpose *purpose;
	void *data; /* the purpose's own */
	struct options options;
	struct settings settings;
	struct link_table table;
	struct sources sources;
	struct monitor monitor;
	uv_loop_t loop;
	uv_signal_t interrupt, terminate;
	uv_timer_t ticker, closer;
	size_t handles_open;      /* of those, in this order */
	struct history history;   /* used only with a database */
	struct baseline baseline; /* empty without --new-since */
	char directory[PATH_MAX]; /* where we are; empty when that is not to be had */
	bool interrupted;
	bool source_failed;
	bool unrecorded; /* the database does not have all of it */
	struct error *error;
	time_ms started_at; /* wall */
	uint64_t requests;
	const struct host_stats *hosts; /* in the table's arena */
	uint32_t host_count;
	uint32_t remotes; /* sources being fetched */
};

/* The whole command; `run` is zeroed but for `data`, and ended with it. */
int check_main(
	int argc, char **argv, const struct check_purpose *purpose, struct run *run);

/* Whether --output (NULL: none was given) is a file that was read; then with an error. */
bool check_would_overwrite_input(
	const struct sources *sources, const char *output, struct error *error);

/* Whether it is one of the inputs, or a database; then with an error. */
bool check_would_overwrite(const struct run *run, struct error *error);

/* A file and not standard output. */
bool check_has_output_file(const struct run *run);

/* Prints the report. Returns the exit status, which needs no error: links may fail. */
int check_report(struct run *run, struct error *error);

/* Why status 1: not what the links did, but what befell this machine. */
void check_say_own_trouble(const struct run *run, struct error *error);
