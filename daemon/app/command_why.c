#include "app/command.h"

#include <unistd.h>

#include "app/words_internal.h"
#include "ask/limits.h"
#include "digest/why.h"
#include "process/terminal.h"
#include "process/wall.h"
#include "run/lookup.h"
#include "watch/health.h"

enum {
	ANSWER_BYTES_MAX = 256 * 1024 * 1024,
	ARENA_BYTES_MAX = 256 * 1024 * 1024,
	IDS_MAX = 64,
	CHECKS_MAX = 200,
	SPANS_MAX = 10000,
	EVENTS_MAX = 10000,
	SENTENCES_MAX = 64,
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
	/* Of the link at hand. */
	struct check_facts *checks;
	struct span *spans;
	struct event *events;
	uint32_t check_count, span_count, event_count;
};

static bool add_check(const struct store_check *check, void *data)
{
	struct telling *telling = data;
	telling->checks[telling->check_count++] = (struct check_facts){
		.at = check->at,
		.outcome = check->outcome,
		.reason = check->reason,
		.http_status = check->http_status,
		.elapsed_ms = check->elapsed_ms,
	};
	return telling->check_count < CHECKS_MAX;
}

static bool add_span(const struct span *span, void *data)
{
	struct telling *telling = data;
	telling->spans[telling->span_count++] = *span;
	return telling->span_count < SPANS_MAX;
}

static bool add_event(const struct store_event *stored, void *data)
{
	struct telling *telling = data;
	struct event *event = &telling->events[telling->event_count++];
	*event = stored->event;
	event->text = arena_copy(&telling->arena, stored->event.text);
	return telling->event_count < EVENTS_MAX;
}

/* The store gives the oldest first. */
static void turn_round(struct telling *telling)
{
	for (uint32_t i = 0, k = telling->span_count; i + 1 < k; i++) {
		struct span span = telling->spans[i];
		telling->spans[i] = telling->spans[--k];
		telling->spans[k] = span;
	}
	for (uint32_t i = 0, k = telling->event_count; i + 1 < k; i++) {
		struct event event = telling->events[i];
		telling->events[i] = telling->events[--k];
		telling->events[k] = event;
	}
}

static int gather(struct telling *telling, int64_t link_id)
{
	struct store *store = telling->lookup.store;
	struct arena *arena = &telling->arena;
	telling->check_count = telling->span_count = telling->event_count = 0;
	telling->checks = ARENA_ARRAY(arena, struct check_facts, CHECKS_MAX);
	telling->spans = ARENA_ARRAY(arena, struct span, SPANS_MAX);
	telling->events = ARENA_ARRAY(arena, struct event, EVENTS_MAX);
	if (telling->checks == NULL || telling->spans == NULL || telling->events == NULL)
		return error_set(&telling->error, "out of memory");
	if (store_walk_checks(store, link_id, CHECKS_MAX, add_check, telling,
		    &telling->error) < 0 ||
		store_walk_spans(store, link_id, add_span, telling, &telling->error) <
			0 ||
		store_walk_events_of_link(
			store, link_id, add_event, telling, &telling->error) < 0)
		return -1;
	turn_round(telling);
	return 0;
}

/* Sentences, a line each, as slices. */
static uint32_t explain(struct telling *telling, const struct link_record *record,
	struct slice sentences[static SENTENCES_MAX])
{
	struct buffer text;
	uint32_t count = 0;
	const struct health_limits limits = limits_of(telling->lookup.config);
	buffer_init(&text, 2 * HEALTH_EXPLAIN_BYTES_MAX);
	health_explain(record, &limits, wall_now(), &text);
	struct slice rest = arena_copy(&telling->arena, buffer_slice(&text));
	buffer_fini(&text);
	while (rest.len > 0 && count < SENTENCES_MAX) {
		size_t end = slice_find_char(rest, '\n');
		end = end == SLICE_NONE ? rest.len : end;
		if (end > 0)
			sentences[count++] = slice_sub(rest, 0, end);
		rest = slice_sub(rest, end + 1, rest.len);
	}
	return count;
}

static int tell_link(struct telling *telling, int64_t link_id)
{
	struct store_link link;
	struct standing standing;
	struct slice reasons[SENTENCES_MAX], gone = SLICE("It is on no list any more, "
							  "so it is not checked.");
	bool found;
	if (store_load_link(telling->lookup.store, link_id, &telling->arena, &link,
		    &found, &telling->error) < 0)
		return -1;
	if (!found)
		return 0;
	if (gather(telling, link_id) < 0 ||
		lookup_standing(&telling->lookup, &link, &telling->arena, &standing,
			&telling->error) < 0)
		return -1;
	const struct why why = {
		.generator = "linkrotd " LINKROTD_VERSION,
		.now = wall_now(),
		.standing = &standing,
		.checks = telling->checks,
		.check_count = telling->check_count,
		.spans = telling->spans,
		.span_count = telling->span_count,
		.span_total = telling->span_count,
		.events = telling->events,
		.event_count = telling->event_count,
		.reasons = reasons,
		.reason_count = explain(telling, &link.record, reasons),
		.nexts = &gone,
		.next_count = link.monitored ? 0 : 1,
		.colour = terminal_colour(STDOUT_FILENO),
	};
	return why_write(&why, telling->format, &telling->out, &telling->error);
}

static int find(struct telling *telling, const char *text, int64_t ids[static IDS_MAX],
	uint32_t *ret_count)
{
	if (lookup_find(telling->lookup.store, slice_of(text), &telling->arena, ids,
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
