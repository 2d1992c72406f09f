#include "app/command.h"

#include <unistd.h>

#include "app/command_report_internal.h"
#include "process/terminal.h"
#include "process/wall.h"
#include "app/words_internal.h"

enum {
	ARENA_BYTES_MAX = 1024 * 1024 * 1024,
	ANSWER_BYTES_MAX = 512 * 1024 * 1024,
};

static const char help[] =
	"usage: linkrotd report [OPTIONS]\n\n"
	"What has changed: links that died, moved, recovered, are in trouble; and what\n"
	"befell sources, hosts and this machine.\n\n"
	"      --since WHEN      a span (24h, 7d), a date (2026-11-23,\n"
	"                        2026-11-23T03:30:00Z), or last: since the last report\n"
	"                        that was asked for with `last` (24h)\n"
	"      --recipient NAME  for whom: each has a `last` of his own\n"
	"      --list NAME       only links of this list\n"
	"  -f, --format FORMAT   text, markdown, html, json, csv or atom (text)\n"
	"      --send            not in this version yet\n"
	"  -c, --config FILE     whose database (/etc/linkrotd/linkrotd.yaml,\n"
	"                        then ./linkrotd.yaml)\n"
	"      --database FILE   this one\n"
	"  -h, --help            this text\n"
	"  -V, --version         versions of linkrotd and its libraries\n\n"
	"Exit status: 0 told, 1 the database cannot be read, 3 bad options or\n"
	"configuration.";

/* --- since when --- */

static int read_since(
	struct compiling *compiling, const char *since, const char *recipient)
{
	struct digest *digest = &compiling->digest;
	time_ms span;
	if (strcmp(since, "last") == 0) {
		compiling->mark = report_mark_read(compiling->lookup.database, recipient);
		digest->since = compiling->mark.at;
	} else if (time_parse_duration(slice_of(since), &span))
		digest->since = digest->until - span;
	else if (!time_parse_date(slice_of(since), &digest->since))
		return error_set(&compiling->error,
			"--since %s: no time; write a span as 24h, a date as 2026-11-23, "
			"or last",
			since);
	return 0;
}

/* --- the command --- */

/* The next `last` begins here. */
static int note_report(struct compiling *compiling, const char *recipient)
{
	const struct report_mark mark = { compiling->digest.until,
		compiling->last_event_id };
	return report_mark_write(
		compiling->lookup.database, recipient, mark, &compiling->error);
}

static int run(struct compiling *compiling, bool last, const char *recipient)
{
	struct error *error = &compiling->error;
	arena_init(&compiling->arena, ARENA_BYTES_MAX);
	buffer_init(&compiling->out, ANSWER_BYTES_MAX);
	int result = report_compile(compiling);
	if (result == 0)
		result = digest_write(
			&compiling->digest, compiling->format, &compiling->out, error);
	if (result == 0)
		result = terminal_print(buffer_slice(&compiling->out), error);
	if (result == 0 && last)
		result = note_report(compiling, recipient);
	if (result < 0)
		terminal_error(error);
	report_compile_end(compiling);
	buffer_fini(&compiling->out);
	arena_fini(&compiling->arena);
	return result < 0 ? EXIT_STATUS_RUN_FAILED : EXIT_STATUS_OK;
}

/* Without `last` there is nothing that could be each reader's own. */
static int read_recipient(
	struct compiling *compiling, const char *recipient, const char *since)
{
	if (recipient == NULL)
		return 0;
	if (since == NULL || strcmp(since, "last") != 0)
		return error_set(&compiling->error,
			"--recipient: only with --since last, which it is for");
	if (!report_recipient_fits(recipient))
		return error_set(&compiling->error,
			"--recipient: no name; write at most %d letters, digits and "
			"characters of . _ @ + -, a letter or digit first",
			REPORT_RECIPIENT_MAX);
	return 0;
}

static int read_options(struct compiling *compiling, const char *format, bool send)
{
	compiling->format = FORMAT_TEXT;
	if (send)
		return error_set(&compiling->error,
			"--send: not in this version yet; print the report and mail it");
	if (format != NULL && format_choose(slice_of(format), DIGEST_FORMATS,
				      &compiling->format, &compiling->error) < 0)
		return -1;
	compiling->digest = (struct digest){
		.generator = "linkrotd " LINKROTD_VERSION,
		.until = wall_now(),
		.colour = terminal_colour(STDOUT_FILENO),
	};
	return 0;
}

int command_report(int argc, char **argv)
{
	struct compiling compiling = { 0 };
	const char *config = NULL, *database = NULL, *format = NULL, *list = NULL,
		   *since = NULL, *recipient = NULL;
	bool send = false;
	const struct word_option options[] = {
		{ "config", 'c', &config, NULL },
		{ "database", 0, &database, NULL },
		{ "format", 'f', &format, NULL },
		{ "list", 0, &list, NULL },
		{ "since", 0, &since, NULL },
		{ "recipient", 0, &recipient, NULL },
		{ "send", 0, NULL, &send },
	};
	struct words words = { .command = "report",
		.options = options,
		.option_count = sizeof(options) / sizeof(options[0]) };
	wall_init();
	if (words_parse(&words, argc, argv, &compiling.error) < 0 ||
		(!words.help && !words.version &&
			(read_options(&compiling, format, send) < 0 ||
				read_recipient(&compiling, recipient, since) < 0))) {
		terminal_error(&compiling.error);
		return EXIT_STATUS_USAGE;
	}
	if (words_answered(&words, help))
		return EXIT_STATUS_OK;
	compiling.list = slice_of(list);
	int result = lookup_open(&compiling.lookup, config, database);
	if (result != EXIT_STATUS_OK)
		return result;
	since = since != NULL ? since : "24h";
	if (read_since(&compiling, since, recipient) < 0) {
		terminal_error(&compiling.error);
		result = EXIT_STATUS_USAGE;
	} else {
		result = run(&compiling, strcmp(since, "last") == 0, recipient);
	}
	lookup_close(&compiling.lookup);
	return result;
}
