/* app/check: one run of `check`, for the two files that are the command: command_check.c
 * runs it, check_report.c tells what came of it.
 */
#pragma once

#include "check/history.h"
#include "check/monitor.h"
#include "model/host_stats.h"
#include "settings/options.h"
#include "settings/settings.h"
#include "sources/sources.h"

/* From the command line to the exit status. */
struct run {
	struct options options;
	struct settings settings;
	struct link_table table;
	struct sources sources;
	struct monitor monitor;
	uv_loop_t loop;
	uv_signal_t interrupt, terminate;
	uv_timer_t ticker, closer;
	size_t handles_open;    /* of those, in this order */
	struct history history; /* used only with a database */
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

/* Whether --output is one of the inputs, or the database; then with an error. */
bool check_would_overwrite(const struct run *run, struct error *error);

/* A file and not standard output. */
bool check_has_output_file(const struct run *run);

/* Prints the report. Returns the exit status, which needs no error: links may fail. */
int check_report(struct run *run, struct error *error);

/* Why status 1: not what the links did, but what befell this machine. */
void check_say_own_trouble(const struct run *run, struct error *error);
