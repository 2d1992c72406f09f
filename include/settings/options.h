/* settings/options: the command line, from one table.
 *
 * A row per option gives the parser, the limits and the help text. Values that have a
 * syntax of their own (a range of status codes, an address) stay text here and are read
 * by app/settings; so does nothing else.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/time.h"

/* Borrowed from argv; the array is owned. */
struct texts {
	const char **at;
	uint32_t count;
};

struct options {
	/* results */
	const char *format, *output, *fail_on;
	uint64_t verbose;
	bool quiet, no_progress, host_stats;
	const char *database;  /* NULL: nothing is remembered */
	const char *new_since; /* NULL: no baseline */
	/* which links */
	struct texts include, exclude, exclude_path, inputs;
	bool offline, fragments;
	/* how they are judged */
	const char *accept;
	bool suggest;
	/* how they are asked */
	uint64_t max_concurrency, host_concurrency, max_retries, max_redirects;
	time_ms host_request_interval_ms, timeout_ms;
	const char *user_agent, *github_token, *resolver, *cacert;
	struct texts headers, connect_to, allow_address, allow_port;
	bool insecure, polite;
	/* of fix */
	const char *config;
	bool now, archived, write;
	/* instead of the command */
	bool help, version;
};

enum command_bit { COMMAND_CHECK = 1, COMMAND_EXTRACT = 2, COMMAND_FIX = 4 };

/* Fills *ret_options with defaults and then with argv[1..]. -1 with a sentence that names
 * the option and the remedy. options_fini in both cases. */
int options_parse(int argc, char **argv, enum command_bit command,
	struct options *ret_options, struct error *error);
void options_fini(struct options *options);

/* The option part of `--help`, on standard output. */
void options_print_help(enum command_bit command);
