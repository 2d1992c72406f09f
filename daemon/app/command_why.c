#include "app/command.h"

#include <unistd.h>

#include "app/lookup_internal.h"
#include "app/words_internal.h"
#include "ask/limits.h"
#include "digest/why.h"
#include "process/terminal.h"
#include "process/wall.h"
#include "show/evidence.h"

enum {
	ANSWER_BYTES_MAX = 256 * 1024 * 1024,
	ARENA_BYTES_MAX = 256 * 1024 * 1024,
	IDS_MAX = 64,
};

static const char help[] =
	"usage: linkrotd why [OPTIONS] URL\n\n"
	"Everything that is known of one link: its state, the evidence with dates, what\n"
	"is still missing for a confirmation, and what happens next.\n\n"
	"  -f, --format FORMAT   text, json or markdown (text)\n"
	"  -c, --config FILE     whose database (/etc/linkrotd/linkrotd.yaml,\n"
	"                        then ./linkrotd.yaml)\n"
	"      --database FILE   this one\n"
	"  -h, --help            this text\n"
	"  -V, --version         versions of linkrotd and its libraries\n\n"
	"Exit status: 0 told, 1 no such link or the database cannot be read, 3 bad\n"
	"options or configuration.";

struct telling {
	struct lookup lookup;
	enum format format;
	struct arena arena;
	struct buffer out;
	struct error error;
};

static int tell_link(struct telling *telling, int64_t link_id)
{
	const struct health_limits limits = limits_of(telling->lookup.config);
	const struct evidence_wish wish = { .limits = &limits,
		.now = wall_now(),
		.checks_max = EVIDENCE_CHECKS_MAX,
		.spans_max = EVIDENCE_SPANS_MAX,
		.events_max = EVIDENCE_EVENTS_MAX };
	struct evidence evidence;
	bool found;
	if (evidence_load(telling->lookup.store, link_id, &wish, &telling->arena,
		    &evidence, &found, &telling->error) < 0)
		return -1;
	if (!found)
		return 0;
	const struct why why = {
		.generator = "linkrotd " LINKROTD_VERSION,
		.now = wish.now,
		.standing = &evidence.standing,
		.known = evidence.known,
		.colour = terminal_colour(STDOUT_FILENO),
	};
	return why_write(&why, telling->format, &telling->out, &telling->error);
}

static int find(struct telling *telling, const char *text, int64_t ids[static IDS_MAX],
	uint32_t *ret_count)
{
	if (show_find_links(telling->lookup.store, slice_of(text), &telling->arena, ids,
		    IDS_MAX, ret_count, &telling->error) < 0)
		return -1;
	if (*ret_count == 0)
		return error_set(&telling->error,
			"%s: no such link; linkrotd status --format json lists those "
			"that are watched",
			text);
	return 0;
}

static int tell(struct telling *telling, const char *text)
{
	int64_t ids[IDS_MAX];
	uint32_t count;
	if (find(telling, text, ids, &count) < 0)
		return -1;
	/* One JSON document, so one link. */
	if (telling->format == FORMAT_JSON && count > 1)
		count = 1;
	for (uint32_t i = 0; i < count && i < IDS_MAX; i++)
		if (tell_link(telling, ids[i]) < 0)
			return -1;
	return terminal_print(buffer_slice(&telling->out), &telling->error);
}

static int run(struct telling *telling, const char *text)
{
	arena_init(&telling->arena, ARENA_BYTES_MAX);
	buffer_init(&telling->out, ANSWER_BYTES_MAX);
	int result = tell(telling, text);
	if (result < 0)
		terminal_error(&telling->error);
	buffer_fini(&telling->out);
	arena_fini(&telling->arena);
	return result < 0 ? EXIT_STATUS_RUN_FAILED : EXIT_STATUS_OK;
}

static int read_options(
	struct telling *telling, const struct words *words, const char *format)
{
	telling->format = FORMAT_TEXT;
	if (words->help || words->version)
		return 0;
	if (format != NULL && format_choose(slice_of(format), FORMATS_FOR_PEOPLE,
				      &telling->format, &telling->error) < 0)
		return -1;
	if (words->word_count == 0)
		return error_set(
			&telling->error, "why needs a URL; see linkrotd why --help");
	return 0;
}

int command_why(int argc, char **argv)
{
	struct telling telling = { 0 };
	const char *config = NULL, *database = NULL, *format = NULL;
	const struct word_option options[] = {
		{ "config", 'c', &config, NULL },
		{ "database", 0, &database, NULL },
		{ "format", 'f', &format, NULL },
	};
	struct words words = { .command = "why",
		.options = options,
		.option_count = sizeof(options) / sizeof(options[0]),
		.words_max = 1 };
	wall_init();
	if (words_parse(&words, argc, argv, &telling.error) < 0 ||
		read_options(&telling, &words, format) < 0) {
		terminal_error(&telling.error);
		return EXIT_STATUS_USAGE;
	}
	if (words_answered(&words, help))
		return EXIT_STATUS_OK;
	int result = lookup_open(&telling.lookup, config, database);
	if (result != EXIT_STATUS_OK)
		return result;
	result = run(&telling, words.words[0]);
	lookup_close(&telling.lookup);
	return result;
}
