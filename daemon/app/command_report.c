#include "app/command.h"

#include <unistd.h>

#include "app/command_report_internal.h"
#include "app/lookup_internal.h"
#include "app/words_internal.h"
#include "message/mail.h"
#include "process/exit_status.h"
#include "process/terminal.h"
#include "process/wall.h"
#include "run/control.h"
#include "show/changes.h"

enum {
	ARENA_BYTES_MAX = 1024 * 1024 * 1024,
	ANSWER_BYTES_MAX = 512 * 1024 * 1024,
	MAIL_ARENA_BYTES_MAX = 64 * 1024,
	MAIL_FORM_BYTES_MAX = 512 * 1024, /* text and HTML, each */
};

static const char help[] =
	"usage: linkrotd report [OPTIONS]\n\n"
	"What has changed: links that died, moved, recovered, are in trouble; and what\n"
	"befell sources, hosts and this machine.\n\n"
	"      --since WHEN      a span (24h, 7d), a date (2026-11-23,\n"
	"                        2026-11-23T03:30:00Z), or last: since the last report\n"
	"                        that was asked for with `last` (24h)\n"
	"      --recipient NAME  for whom: each has a `last` of his own\n"
	"      --list NAME       only links of this list, with a `last` of its own\n"
	"  -f, --format FORMAT   text, markdown, html, json, csv, atom, or mail: a "
	"whole\n"
	"                        one for --recipient ADDRESS (text)\n"
	"      --send            let the running daemon send each receiver of `digest`\n"
	"                        what is new since his last one; prints no report\n"
	"  -c, --config FILE     whose database (/etc/linkrotd/linkrotd.yaml,\n"
	"                        then ./linkrotd.yaml)\n"
	"      --database FILE   this one\n"
	"  -h, --help            this text\n"
	"  -V, --version         versions of linkrotd and its libraries\n\n"
	"Exit status: 0 told, 1 the database cannot be read or no daemon can send,\n"
	"3 bad options or configuration.";

struct reporting {
	struct lookup lookup;
	struct changes_wish wish;
	struct public_address address; /* of the wish */
	enum format format;
	const char *since, *recipient; /* NULL: not given */
	bool sends;
	char host[256]; /* this machine's name */
	struct error error;
};

static bool is_since_last(const struct reporting *reporting)
{
	return reporting->since != NULL && strcmp(reporting->since, "last") == 0;
}

static struct report_reader reader_of(const struct reporting *reporting)
{
	return (struct report_reader){
		.database = reporting->lookup.database,
		.recipient = reporting->recipient,
		.list = reporting->wish.list,
	};
}

static int read_since(struct reporting *reporting)
{
	struct changes_wish *wish = &reporting->wish;
	const char *since = reporting->since != NULL ? reporting->since : "24h";
	time_ms span;
	if (is_since_last(reporting)) {
		const struct report_reader reader = reader_of(reporting);
		struct report_mark mark = report_mark_read(&reader);
		wish->since = mark.at;
		wish->after_event_id = mark.event_id;
	} else if (time_parse_duration(slice_of(since), &span)) {
		wish->since = wish->until - span;
	} else if (!time_parse_date(slice_of(since), &wish->since)) {
		return error_set(&reporting->error,
			"--since %s: no time; write a span as 24h, a date as 2026-11-23, "
			"a time as 2026-11-23T03:30:00Z, or last",
			since);
	}
	return 0;
}

/* --- a mail --- */

/* Who the daemon's mails are from, or a name of this machine. */
static struct slice sender(
	const struct config *config, const char *host, struct arena *arena)
{
	for (uint32_t i = 0; config != NULL && i < config->notify_count; i++)
		if (config->notify[i].from != NULL)
			return slice_of(config->notify[i].from);
	return arena_printf(arena, "linkrotd@%s", host);
}

/* The whole mail, for `sendmail -t` or a pipe to somewhere else. */
static int write_mail(
	struct reporting *reporting, struct digest *digest, struct buffer *out)
{
	struct buffer subject, text, html;
	struct arena arena;
	arena_init(&arena, MAIL_ARENA_BYTES_MAX);
	buffer_init(&subject, MAIL_ARENA_BYTES_MAX);
	buffer_init(&text, MAIL_FORM_BYTES_MAX);
	buffer_init(&html, MAIL_FORM_BYTES_MAX);
	digest->colour = false;
	digest_subject(digest, &subject);
	int result = digest_write_fitting(digest, FORMAT_TEXT, &text, &reporting->error);
	if (result == 0)
		result = digest_write_fitting(
			digest, FORMAT_HTML, &html, &reporting->error);
	const struct slice to = slice_of(reporting->recipient);
	const struct slice host = reporting->wish.own_host;
	const struct message message = {
		.id = arena_printf(&arena, "report-%lld", (long long)digest->until),
		.at = digest->until,
		.subject = buffer_slice(&subject),
		.text = buffer_slice(&text),
		.html = buffer_slice(&html),
		.list = reporting->wish.list,
	};
	const struct mail_envelope envelope = {
		.from = sender(reporting->lookup.config, host.at, &arena),
		.to = &to,
		.to_count = 1,
		.host = host,
		.subject_prefix = SLICE("[links] "),
	};
	if (result == 0)
		result = mail_write(&message, &envelope, out, &reporting->error);
	buffer_fini(&subject);
	buffer_fini(&text);
	buffer_fini(&html);
	arena_fini(&arena);
	return result;
}

/* --- the command --- */

/* Only what was printed has been told. */
static int print(
	struct reporting *reporting, struct digest *digest, int64_t last_event_id)
{
	struct error *error = &reporting->error;
	struct buffer out;
	buffer_init(&out, ANSWER_BYTES_MAX);
	int result = reporting->format == FORMAT_MAIL
			     ? write_mail(reporting, digest, &out)
			     : digest_write(digest, reporting->format, &out, error);
	if (result == 0)
		result = terminal_print(buffer_slice(&out), error);
	const struct report_reader reader = reader_of(reporting);
	if (result == 0 && is_since_last(reporting))
		result = report_mark_write(&reader,
			(struct report_mark){ digest->until, last_event_id }, error);
	buffer_fini(&out);
	return result;
}

static int run(struct reporting *reporting)
{
	const struct config *config = reporting->lookup.config;
	struct changes_wish *wish = &reporting->wish;
	struct arena arena;
	struct digest digest;
	int64_t last_event_id;
	wish->store = reporting->lookup.store;
	wish->beside = reporting->lookup.beside;
	wish->database = slice_of(reporting->lookup.database);
	if (gethostname(reporting->host, sizeof(reporting->host) - 1) == 0)
		wish->own_host = slice_of(reporting->host);
	arena_init(&arena, ARENA_BYTES_MAX);
	if (config != NULL && public_address_of(config->publish.public_url, &arena,
				      &reporting->address) == 0)
		wish->address = &reporting->address;
	int result =
		changes_load(wish, &arena, &digest, &last_event_id, &reporting->error);
	digest.colour = terminal_colour(STDOUT_FILENO);
	if (result == 0)
		result = print(reporting, &digest, last_event_id);
	if (result < 0)
		terminal_error(&reporting->error);
	arena_fini(&arena);
	return result < 0 ? EXIT_STATUS_RUN_FAILED : EXIT_STATUS_OK;
}

/* What has changed goes from the daemon to its receivers. */
static int send_digests(struct reporting *reporting)
{
	enum { DAEMON_MS = 10 * 1000 };
	struct error *error = &reporting->error;
	struct control_client client;
	struct buffer answer;
	if (control_connect(&client, NULL, reporting->lookup.database, DAEMON_MS,
		    error) != CONTROL_FOUND) {
		terminal_error(error);
		return EXIT_STATUS_RUN_FAILED;
	}
	buffer_init(&answer, CONTROL_ANSWER_BYTES_MAX);
	int result =
		control_ask(&client, CONTROL_SEND, CONTROL_BY_URL, NULL, &answer, error);
	if (result == 0)
		result = terminal_print(buffer_slice(&answer), error);
	if (result < 0)
		terminal_error(error);
	buffer_fini(&answer);
	control_hang_up(&client);
	return result < 0 ? EXIT_STATUS_RUN_FAILED : EXIT_STATUS_OK;
}

/* Without `last` there is nothing that could be each reader's own. */
static int read_recipient(struct reporting *reporting)
{
	if (reporting->recipient == NULL && reporting->format == FORMAT_MAIL)
		return error_set(&reporting->error,
			"--format mail needs --recipient ADDRESS, whom it is for");
	if (reporting->recipient == NULL)
		return 0;
	if (reporting->format == FORMAT_MAIL &&
		!mail_address_fits(slice_of(reporting->recipient)))
		return error_set(&reporting->error,
			"--recipient: no mail address, which --format mail needs");
	if (!is_since_last(reporting) && reporting->format != FORMAT_MAIL)
		return error_set(&reporting->error,
			"--recipient: only with --since last, which it is for");
	if (!report_recipient_fits(reporting->recipient))
		return error_set(&reporting->error,
			"--recipient: no name; write at most %d letters, digits and "
			"characters of . _ @ + -, a letter or digit first",
			REPORT_RECIPIENT_MAX);
	return 0;
}

static int read_options(struct reporting *reporting, const char *format)
{
	if (reporting->sends &&
		(format != NULL || reporting->since != NULL ||
			reporting->recipient != NULL || reporting->wish.list.len > 0))
		return error_set(&reporting->error,
			"--send goes alone: lists, forms and how far each receiver knows "
			"are his own");
	if (format != NULL &&
		format_choose(slice_of(format), DIGEST_FORMATS | FORMAT_SET(FORMAT_MAIL),
			&reporting->format, &reporting->error) < 0)
		return -1;
	reporting->wish.generator = "linkrotd " LINKROTD_VERSION;
	reporting->wish.until = wall_now();
	reporting->wish.feed = reporting->format == FORMAT_ATOM;
	return read_recipient(reporting);
}

static int open_and_run(
	struct reporting *reporting, const char *config, const char *database)
{
	int result = lookup_open(&reporting->lookup, config, database);
	if (result != EXIT_STATUS_OK)
		return result;
	if (reporting->sends) {
		result = send_digests(reporting);
	} else if (read_since(reporting) < 0) {
		terminal_error(&reporting->error);
		result = EXIT_STATUS_USAGE;
	} else {
		result = run(reporting);
	}
	lookup_close(&reporting->lookup);
	return result;
}

int command_report(int argc, char **argv)
{
	struct reporting reporting = { .format = FORMAT_TEXT };
	const char *config = NULL, *database = NULL, *format = NULL, *list = NULL;
	const struct word_option options[] = {
		{ "config", 'c', &config, NULL },
		{ "database", 0, &database, NULL },
		{ "format", 'f', &format, NULL },
		{ "list", 0, &list, NULL },
		{ "since", 0, &reporting.since, NULL },
		{ "recipient", 0, &reporting.recipient, NULL },
		{ "send", 0, NULL, &reporting.sends },
	};
	struct words words = { .command = "report",
		.options = options,
		.option_count = sizeof(options) / sizeof(options[0]) };
	wall_init();
	int parsed = words_parse(&words, argc, argv, &reporting.error);
	reporting.wish.list = slice_of(list);
	if (parsed < 0 ||
		(!words.help && !words.version && read_options(&reporting, format) < 0)) {
		terminal_error(&reporting.error);
		return EXIT_STATUS_USAGE;
	}
	if (words_answered(&words, help))
		return EXIT_STATUS_OK;
	return open_and_run(&reporting, config, database);
}
