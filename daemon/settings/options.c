#include "settings/options.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/slice.h"

enum option_type {
	OPTION_FLAG,
	OPTION_COUNT, /* a flag that may be repeated */
	OPTION_TEXT,
	OPTION_TEXTS, /* may be repeated */
	OPTION_NUMBER,
	OPTION_DURATION,
};

struct option_row {
	char letter; /* 0: none */
	const char *name;
	const char *value; /* how the help calls it; NULL for flags */
	enum option_type type;
	unsigned commands;
	size_t offset;
	int64_t min, max; /* numbers; durations in milliseconds */
	const char *help;
};

enum {
	BOTH = COMMAND_CHECK | COMMAND_EXTRACT,
	CHECK = COMMAND_CHECK,
	EXTRACT = COMMAND_EXTRACT,
	FIX = COMMAND_FIX,
	ASKING = CHECK | FIX,
	ALL = BOTH | FIX,
};

enum { DAY_MS = 24 * 3600 * 1000 };

#define AT(member) offsetof(struct options, member)

static const struct option_row rows[] = {
	{ 'f', "format", "FORMAT", OPTION_TEXT, CHECK, AT(format), 0, 0,
		"text, json, markdown, html, csv, junit, sarif or github (text)" },
	{ 'f', "format", "FORMAT", OPTION_TEXT, EXTRACT, AT(format), 0, 0,
		"text or json (text)" },
	{ 'o', "output", "FILE", OPTION_TEXT, BOTH, AT(output), 0, 0,
		"write the report to FILE, whole or not at all" },
	{ 'o', "output", "FILE", OPTION_TEXT, FIX, AT(output), 0, 0,
		"write the patch to FILE, whole or not at all" },
	{ 0, "write", NULL, OPTION_FLAG, FIX, AT(write), 0, 0,
		"change the files instead of printing a patch" },
	{ 0, "now", NULL, OPTION_FLAG, FIX, AT(now), 0, 0,
		"ask every link, and believe one check" },
	{ 0, "archived", NULL, OPTION_FLAG, FIX, AT(archived), 0, 0,
		"archived copies in place of dead links" },
	{ 'c', "config", "FILE", OPTION_TEXT, FIX, AT(config), 0, 0,
		"the configuration that names a daemon's database" },
	{ 0, "database", "FILE", OPTION_TEXT, FIX, AT(database), 0, 0,
		"the history to believe; it is only read" },
	{ 'q', "quiet", NULL, OPTION_FLAG, FIX, AT(quiet), 0, 0,
		"do not say what is changed and why" },
	{ 0, "include", "REGEX", OPTION_TEXTS, ASKING, AT(include), 0, 0,
		"check the URLs that match, even if excluded" },
	{ 0, "exclude", "REGEX", OPTION_TEXTS, ASKING, AT(exclude), 0, 0,
		"skip the URLs that match" },
	{ 0, "exclude-path", "REGEX", OPTION_TEXTS, ALL, AT(exclude_path), 0, 0,
		"do not read the files whose path matches" },
	{ 0, "accept", "CODES", OPTION_TEXT, ASKING, AT(accept), 0, 0,
		"status codes that are good, as '200..=204,403'" },
	{ 0, "fail-on", "LIST", OPTION_TEXT, CHECK, AT(fail_on), 0, 0,
		"outcomes that fail the run (broken,unreachable)" },
	{ 0, "new-since", "FILE", OPTION_TEXT, CHECK, AT(new_since), 0, 0,
		"fail only for what did not fail in this JSON or database" },
	{ 0, "max-concurrency", "N", OPTION_NUMBER, ASKING, AT(max_concurrency), 1, 20000,
		"requests at a time (128)" },
	{ 0, "host-concurrency", "N", OPTION_NUMBER, ASKING, AT(host_concurrency), 1,
		1000, "requests at a time to one host (2)" },
	{ 0, "host-request-interval", "DUR", OPTION_DURATION, ASKING,
		AT(host_request_interval_ms), 0, DAY_MS,
		"time between two requests to one host (250ms)" },
	{ 't', "timeout", "DUR", OPTION_DURATION, ASKING, AT(timeout_ms), 1, DAY_MS,
		"time for one request, all included (20s)" },
	{ 0, "max-retries", "N", OPTION_NUMBER, ASKING, AT(max_retries), 0, 100,
		"further tries after a failure that may pass (2)" },
	{ 'm', "max-redirects", "N", OPTION_NUMBER, ASKING, AT(max_redirects), 0, 100,
		"redirects to follow (10)" },
	{ 'u', "user-agent", "TEXT", OPTION_TEXT, ASKING, AT(user_agent), 0, 0,
		"what to call ourselves" },
	{ 'H', "header", "'NAME: VALUE'", OPTION_TEXTS, ASKING, AT(headers), 0, 0,
		"send a header to the hosts of the list" },
	{ 'i', "insecure", NULL, OPTION_FLAG, ASKING, AT(insecure), 0, 0,
		"accept every certificate" },
	{ 0, "github-token", "TOKEN", OPTION_TEXT, ASKING, AT(github_token), 0, 0,
		"ask GitHub's API about its repositories (GITHUB_TOKEN)" },
	{ 0, "polite", NULL, OPTION_FLAG, ASKING, AT(polite), 0, 0,
		"obey robots.txt and the pace that hosts ask for" },
	{ 0, "fragments", NULL, OPTION_FLAG, CHECK, AT(fragments), 0, 0,
		"look for #ids on remote pages too" },
	{ 0, "offline", NULL, OPTION_FLAG, CHECK, AT(offline), 0, 0,
		"only what can be told without the network" },
	{ 0, "suggest", NULL, OPTION_FLAG, CHECK, AT(suggest), 0, 0,
		"look for archived copies of broken links" },
	{ 0, "database", "FILE", OPTION_TEXT, CHECK, AT(database), 0, 0,
		"read and extend the history in FILE" },
	{ 0, "host-stats", NULL, OPTION_FLAG, CHECK, AT(host_stats), 0, 0,
		"say what each host was asked and how it answered" },
	{ 0, "no-progress", NULL, OPTION_FLAG, ASKING, AT(no_progress), 0, 0,
		"no progress bar" },
	{ 'q', "quiet", NULL, OPTION_FLAG, CHECK, AT(quiet), 0, 0,
		"only failures, and nothing when there are none" },
	{ 'v', "verbose", NULL, OPTION_COUNT, CHECK, AT(verbose), 0, 0,
		"list the good and the skipped links too" },
	{ 0, "connect-to", "H1:P1:H2:P2", OPTION_TEXTS, ASKING, AT(connect_to), 0, 0,
		"connect to H2:P2 instead of H1:P1, as curl does" },
	{ 0, "resolver", "ADDR[:PORT]", OPTION_TEXT, ASKING, AT(resolver), 0, 0,
		"the DNS server to ask" },
	{ 0, "cacert", "FILE", OPTION_TEXT, ASKING, AT(cacert), 0, 0,
		"certificates to trust, instead of the system's" },
	{ 0, "allow-address", "CIDR", OPTION_TEXTS, ASKING, AT(allow_address), 0, 0,
		"let links lead to these private addresses" },
	{ 0, "allow-port", "PORT", OPTION_TEXTS, ASKING, AT(allow_port), 0, 0,
		"let links lead to this port (80, 443, 8080, 8443)" },
	{ 'h', "help", NULL, OPTION_FLAG, ALL, AT(help), 0, 0, "this text" },
	{ 'V', "version", NULL, OPTION_FLAG, ALL, AT(version), 0, 0,
		"versions of linkrotd and its libraries" },
};

enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

static const struct options defaults = {
	.format = "text",
	.fail_on = "broken,unreachable",
	.max_concurrency = 128,
	.host_concurrency = 2,
	.host_request_interval_ms = 250,
	.timeout_ms = 20 * TIME_MS_PER_S,
	.max_retries = 2,
	.max_redirects = 10,
};

static void *field(struct options *options, const struct option_row *row)
{
	return (char *)options + row->offset;
}

static const struct option_row *row_of_name(struct slice name, unsigned command)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if ((rows[i].commands & command) &&
			slice_equal(slice_of(rows[i].name), name))
			return &rows[i];
	return NULL;
}

static const struct option_row *row_of_letter(char letter, unsigned command)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if ((rows[i].commands & command) && rows[i].letter == letter)
			return &rows[i];
	return NULL;
}

/* Edits (insert, delete, replace) between two short words. */
static unsigned distance(struct slice a, struct slice b)
{
	unsigned row[64];
	if (a.len >= sizeof(row) / sizeof(row[0]) || b.len > 64)
		return 64;
	for (unsigned i = 0; i <= a.len; i++)
		row[i] = i;
	for (unsigned j = 1; j <= b.len; j++) {
		unsigned diagonal = row[0];
		row[0] = j;
		for (unsigned i = 1; i <= a.len; i++) {
			unsigned best = diagonal + (a.at[i - 1] != b.at[j - 1]);
			diagonal = row[i];
			if (row[i] + 1 < best)
				best = row[i] + 1;
			if (row[i - 1] + 1 < best)
				best = row[i - 1] + 1;
			row[i] = best;
		}
	}
	return row[a.len];
}

static int unknown_option(struct slice name, unsigned command, struct error *error)
{
	const struct option_row *nearest = NULL;
	unsigned least = 4;
	for (size_t i = 0; i < ROW_COUNT; i++) {
		unsigned edits = distance(name, slice_of(rows[i].name));
		bool begins = name.len > 2 && slice_starts(slice_of(rows[i].name), name);
		if ((rows[i].commands & command) && (begins || edits < least)) {
			least = begins ? 0 : edits;
			nearest = &rows[i];
		}
	}
	if (nearest == NULL)
		return error_set(
			error, "unknown option --%.*s; see --help", SLICE_ARG(name));
	return error_set(error, "unknown option --%.*s; did you mean --%s?",
		SLICE_ARG(name), nearest->name);
}

static int add_text(struct texts *texts, const char *text, struct error *error)
{
	const char **at = reallocarray(texts->at, texts->count + 1, sizeof(*at));
	if (at == NULL)
		return error_set(error, "out of memory");
	texts->at = at;
	texts->at[texts->count++] = text;
	return 0;
}

static int set_number(struct options *options, const struct option_row *row,
	const char *value, struct error *error)
{
	uint64_t number;
	if (!slice_to_number(slice_of(value), (uint64_t)row->max, &number) ||
		number < (uint64_t)row->min)
		return error_set(error, "--%s %s: not a whole number from %lld to %lld",
			row->name, value, (long long)row->min, (long long)row->max);
	*(uint64_t *)field(options, row) = number;
	return 0;
}

static int set_duration(struct options *options, const struct option_row *row,
	const char *value, struct error *error)
{
	time_ms span;
	if (!time_parse_duration(slice_of(value), &span))
		return error_set(error,
			"--%s %s: not a duration; write a number with its unit, as "
			"250ms, 20s "
			"or 5m",
			row->name, value);
	if (span < row->min || span > row->max)
		return error_set(error, "--%s %s: must be from %lldms to %lldh",
			row->name, value, (long long)row->min,
			(long long)(row->max / TIME_MS_PER_HOUR));
	*(time_ms *)field(options, row) = span;
	return 0;
}

static int set_value(struct options *options, const struct option_row *row,
	const char *value, struct error *error)
{
	switch (row->type) {
	case OPTION_FLAG:
		*(bool *)field(options, row) = true;
		return 0;
	case OPTION_COUNT:
		++*(uint64_t *)field(options, row);
		return 0;
	case OPTION_TEXT:
		*(const char **)field(options, row) = value;
		return 0;
	case OPTION_TEXTS:
		return add_text(field(options, row), value, error);
	case OPTION_NUMBER:
		return set_number(options, row, value, error);
	case OPTION_DURATION:
		return set_duration(options, row, value, error);
	}
	return error_set(error, "--%s: internal error", row->name);
}

/* argv, read from left to right. */
struct reading {
	int argc, at;
	char **argv;
	enum command_bit command;
	struct options *options;
};

static const char *next_value(struct reading *reading)
{
	return reading->at + 1 < reading->argc ? reading->argv[++reading->at] : NULL;
}

static int read_long(struct reading *reading, const char *argument, struct error *error)
{
	struct slice name = slice_of(argument + 2);
	const char *value = strchr(argument, '=');
	if (value != NULL)
		name.len = (size_t)(value++ - name.at);
	const struct option_row *row = row_of_name(name, reading->command);
	if (row == NULL)
		return unknown_option(name, reading->command, error);
	if (row->value == NULL && value != NULL)
		return error_set(error, "--%s takes no value", row->name);
	if (row->value != NULL && value == NULL)
		value = next_value(reading);
	if (row->value != NULL && value == NULL)
		return error_set(error, "--%s needs a value: --%s %s", row->name,
			row->name, row->value);
	return set_value(reading->options, row, value, error);
}

/* A group of letters, as in -qi, where the last one may have a value: -t5s, -t 5s. */
static int read_letters(struct reading *reading, const char *letters, struct error *error)
{
	for (; *letters != '\0'; letters++) {
		const struct option_row *row = row_of_letter(*letters, reading->command);
		if (row == NULL)
			return error_set(
				error, "unknown option -%c; see --help", *letters);
		if (row->value == NULL) {
			if (set_value(reading->options, row, NULL, error) < 0)
				return -1;
			continue;
		}
		const char *value =
			letters[1] != '\0' ? letters + 1 : next_value(reading);
		if (value == NULL)
			return error_set(error, "-%c needs a value: -%c %s", row->letter,
				row->letter, row->value);
		return set_value(reading->options, row, value, error);
	}
	return 0;
}

int options_parse(int argc, char **argv, enum command_bit command,
	struct options *ret_options, struct error *error)
{
	*ret_options = defaults;
	struct reading reading = { argc, 1, argv, command, ret_options };
	bool only_inputs = false;

	for (; reading.at < argc; reading.at++) {
		const char *argument = argv[reading.at];
		int result = 0;
		if (only_inputs || argument[0] != '-' || argument[1] == '\0')
			result = add_text(&ret_options->inputs, argument, error);
		else if (strcmp(argument, "--") == 0)
			only_inputs = true;
		else if (argument[1] == '-')
			result = read_long(&reading, argument, error);
		else
			result = read_letters(&reading, argument + 1, error);
		if (result < 0)
			return -1;
	}
	return 0;
}

void options_fini(struct options *options)
{
	struct texts *const all[] = { &options->include, &options->exclude,
		&options->exclude_path, &options->inputs, &options->headers,
		&options->connect_to, &options->allow_address, &options->allow_port };
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		free(all[i]->at);
	*options = (struct options){ 0 };
}

void options_print_help(enum command_bit command)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct option_row *row = &rows[i];
		char left[64];
		if (!(row->commands & (unsigned)command))
			continue;
		snprintf(left, sizeof(left), "%c%c%s --%s %s", row->letter ? '-' : ' ',
			row->letter ? row->letter : ' ', row->letter ? "," : " ",
			row->name, row->value != NULL ? row->value : "");
		printf("  %-34s %s\n", left, row->help);
	}
}
