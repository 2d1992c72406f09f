#include "app/command.h"

#include <stdlib.h>
#include <unistd.h>

#include "app/lookup_internal.h"
#include "app/words_internal.h"
#include "base/table.h"
#include "digest/digest.h"
#include "files/publish.h"
#include "files/read.h"
#include "process/terminal.h"
#include "process/wall.h"

enum {
	ENTRIES_MAX = 10000, /* of a section */
	PERIODS_MAX = 1000,
	ARENA_BYTES_MAX = 1024 * 1024 * 1024,
	ANSWER_BYTES_MAX = 512 * 1024 * 1024,
	STAMP_BYTES_MAX = 64,
};

static const char help[] =
	"usage: linkrotd report [OPTIONS]\n\n"
	"What has changed: links that died, moved, recovered, are in trouble; and what\n"
	"befell sources, hosts and this machine.\n\n"
	"      --since WHEN      a span (24h, 7d), a date (2026-11-23,\n"
	"                        2026-11-23T03:30:00Z), or last: since the last report\n"
	"                        that was asked for with `last` (24h)\n"
	"      --list NAME       only links of this list\n"
	"  -f, --format FORMAT   text, json or markdown (text)\n"
	"      --send            not in this version yet\n"
	"  -c, --config FILE     whose database (/etc/linkrotd/linkrotd.yaml,\n"
	"                        then ./linkrotd.yaml)\n"
	"      --database FILE   this one\n"
	"  -h, --help            this text\n"
	"  -V, --version         versions of linkrotd and its libraries\n\n"
	"Exit status: 0 told, 1 the database cannot be read, 3 bad options or\n"
	"configuration.";

/* What the events of the time say of one link; the last one of each kind counts. */
struct happened {
	int64_t link_id, incident_id;
	enum state from, to; /* of its last change of state; equal: none */
	time_ms at;
	bool changed; /* its content */
	UT_hash_handle hh;
};

struct periods {
	struct digest_period *at;
	uint32_t count;
};

struct compiling {
	struct lookup lookup;
	enum format format;
	struct slice list;
	struct digest digest;
	struct happened *happened;
	struct digest_entry *entries[DIGEST_SECTION_COUNT];
	struct slice *lists; /* of the digest */
	struct periods incidents, sources, offline;
	struct arena arena;
	struct buffer out;
	struct error error;
	bool failed;
};

/* --- events --- */

static struct happened *happened_to(struct compiling *compiling, int64_t link_id)
{
	struct happened *found = NULL;
	HASH_FIND(hh, compiling->happened, &link_id, sizeof(link_id), found);
	if (found != NULL)
		return found;
	found = ARENA_NEW(&compiling->arena, struct happened);
	if (found == NULL)
		return NULL;
	found->link_id = link_id;
	HASH_ADD(hh, compiling->happened, link_id, sizeof(link_id), found);
	return found->hh.tbl != NULL ? found : NULL;
}

static void begin_period(struct compiling *compiling, struct periods *periods,
	const struct store_event *stored)
{
	const struct event *event = &stored->event;
	if (periods->count == PERIODS_MAX)
		return;
	periods->at[periods->count++] = (struct digest_period){
		.incident_id = event->kind == EVENT_INCIDENT_BEGAN ? stored->event_id : 0,
		.began_at = event->at,
		.text = arena_copy(&compiling->arena, event->text),
		.links = event->links,
	};
}

static void end_period(struct periods *periods, int64_t incident_id, time_ms at)
{
	for (uint32_t i = periods->count; i-- > 0;)
		if (periods->at[i].ended_at == 0 &&
			periods->at[i].incident_id == incident_id) {
			periods->at[i].ended_at = at;
			return;
		}
}

static bool note_link_event(struct compiling *compiling, const struct event *event)
{
	struct happened *happened = happened_to(compiling, event->link_id);
	if (happened == NULL)
		return false;
	if (event->kind == EVENT_CONTENT_CHANGED) {
		happened->changed = true;
		if (happened->at == 0)
			happened->at = event->at;
		return true;
	}
	/* From where it was before all of it. */
	if (happened->from == happened->to)
		happened->from = event->from;
	happened->to = event->to;
	happened->at = event->at;
	happened->incident_id = event->incident_id;
	return true;
}

static bool note_event(const struct store_event *stored, void *data)
{
	struct compiling *compiling = data;
	const struct event *event = &stored->event;
	switch (event->kind) {
	case EVENT_STATE:
	case EVENT_CONTENT_CHANGED:
		if (!note_link_event(compiling, event))
			compiling->failed = true;
		break;
	case EVENT_INCIDENT_BEGAN:
		begin_period(compiling, &compiling->incidents, stored);
		break;
	case EVENT_INCIDENT_ENDED:
		end_period(&compiling->incidents, event->incident_id, event->at);
		break;
	case EVENT_OFFLINE_BEGAN:
		begin_period(compiling, &compiling->offline, stored);
		break;
	case EVENT_OFFLINE_ENDED:
		end_period(&compiling->offline, 0, event->at);
		break;
	case EVENT_SOURCE_FAILED:
	case EVENT_SOURCE_BACK: /* the sources themselves say it */
	case EVENT_FLAPPING:    /* the records say it */
	case EVENT_STEADY:
	case EVENT_LINK_ADDED:
	case EVENT_LINK_REMOVED:
		break;
	}
	return !compiling->failed;
}

static bool note_source(const struct store_source *source, void *data)
{
	struct compiling *compiling = data;
	struct periods *periods = &compiling->sources;
	if (source->failed_since == 0 || periods->count == PERIODS_MAX)
		return true;
	periods->at[periods->count++] = (struct digest_period){
		.began_at = source->failed_since,
		.name = arena_copy(&compiling->arena, source->name),
		.text = arena_copy(&compiling->arena, source->failure),
	};
	return true;
}

/* --- links --- */

static bool section_of(const struct compiling *compiling, const struct store_link *link,
	const struct happened *happened, enum digest_section *ret_section)
{
	bool moved = happened != NULL && happened->from != happened->to;
	return digest_place(moved ? happened->from : link->record.state, &link->record,
		happened != NULL && happened->changed, compiling->digest.since,
		ret_section);
}

static bool is_of_list(const struct compiling *compiling, const struct standing *standing)
{
	if (compiling->list.len == 0)
		return true;
	for (uint32_t i = 0; i < standing->list_count; i++)
		if (slice_equal(standing->lists[i], compiling->list))
			return true;
	return false;
}

static bool add_link(const struct store_link *link, void *data)
{
	struct compiling *compiling = data;
	struct happened *happened = NULL;
	enum digest_section section;
	HASH_FIND(
		hh, compiling->happened, &link->link_id, sizeof(link->link_id), happened);
	if (!link->monitored || !section_of(compiling, link, happened, &section))
		return true;
	struct digest_links *links = &compiling->digest.links[section];
	struct standing *standing = ARENA_NEW(&compiling->arena, struct standing);
	if (standing == NULL ||
		show_standing(compiling->lookup.beside, link, &compiling->arena, standing,
			&compiling->error) < 0) {
		compiling->failed = true;
		return false;
	}
	if (!is_of_list(compiling, standing) || links->total++ >= ENTRIES_MAX)
		return true;
	compiling->entries[section][links->count++] = (struct digest_entry){
		.standing = standing,
		.at = section == DIGEST_STILL || happened == NULL ? link->record.since
								  : happened->at,
		.from = happened != NULL ? happened->from : STATE_UNCHECKED,
		.incident_id = happened != NULL ? happened->incident_id : 0,
	};
	return true;
}

static int by_time(const void *a, const void *b)
{
	time_ms left = ((const struct digest_entry *)a)->at;
	time_ms right = ((const struct digest_entry *)b)->at;
	return (left < right) - (left > right);
}

/* --- the whole --- */

static bool count(const struct store_counts *counts, void *data)
{
	struct compiling *compiling = data;
	if (!slice_equal(counts->list, compiling->list))
		return true;
	memcpy(compiling->digest.counts.by_state, counts->by_state,
		sizeof(compiling->digest.counts.by_state));
	return false;
}

static bool add_list(const struct store_list *list, void *data)
{
	struct compiling *compiling = data;
	struct digest *digest = &compiling->digest;
	if ((compiling->list.len == 0 || slice_equal(list->name, compiling->list)) &&
		digest->list_count < ENTRIES_MAX)
		compiling->lists[digest->list_count++] =
			arena_copy(&compiling->arena, list->name);
	return true;
}

static int make_room(struct compiling *compiling)
{
	struct periods *const periods[] = { &compiling->incidents, &compiling->sources,
		&compiling->offline };
	struct arena *arena = &compiling->arena;
	bool complete = true;
	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
		periods[i]->at = ARENA_ARRAY(arena, struct digest_period, PERIODS_MAX);
		complete = complete && periods[i]->at != NULL;
	}
	for (size_t i = 0; i < DIGEST_SECTION_COUNT; i++) {
		compiling->entries[i] =
			ARENA_ARRAY(arena, struct digest_entry, ENTRIES_MAX);
		compiling->digest.links[i].entries = compiling->entries[i];
		complete = complete && compiling->entries[i] != NULL;
	}
	compiling->lists = ARENA_ARRAY(arena, struct slice, ENTRIES_MAX);
	compiling->digest.lists = compiling->lists;
	return complete && compiling->lists != NULL
		       ? 0
		       : error_set(&compiling->error, "out of memory");
}

/* Links in a state that is told of anyway, and those to which something happened. */
static int add_links(struct compiling *compiling)
{
	static const enum state states[] = { STATE_DEAD, STATE_MOVED, STATE_SUSPECT,
		STATE_GATED, STATE_ALIVE };
	struct store *store = compiling->lookup.store;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		const struct store_filter filter = {
			.list = compiling->list, .by_state = true, .state = states[i]
		};
		if (store_walk_links(
			    store, &filter, add_link, compiling, &compiling->error) < 0 ||
			compiling->failed)
			return -1;
	}
	return 0;
}

static int compile(struct compiling *compiling)
{
	struct store *store = compiling->lookup.store;
	struct digest *digest = &compiling->digest;
	struct error *error = &compiling->error;
	struct store_statistics statistics;
	if (make_room(compiling) < 0 ||
		store_walk_events(store, 0, digest->since, note_event, compiling, error) <
			0 ||
		store_walk_sources(
			store, compiling->list, note_source, compiling, error) < 0 ||
		store_count_states(store, count, compiling, error) < 0 ||
		store_walk_lists(store, add_list, compiling, error) < 0 ||
		store_statistics(store, &statistics, error) < 0 ||
		add_links(compiling) < 0)
		return -1;
	if (compiling->list.len > 0 && digest->list_count == 0)
		return error_set(
			error, "there is no list %.*s", SLICE_ARG(compiling->list));
	for (size_t i = 0; i < DIGEST_SECTION_COUNT; i++)
		qsort(compiling->entries[i], digest->links[i].count,
			sizeof(struct digest_entry), by_time);
	digest->counts.lists = digest->list_count;
	digest->checks = (uint64_t)statistics.checks;
	digest->incidents = (struct digest_periods){ compiling->incidents.at,
		compiling->incidents.count, compiling->incidents.count };
	digest->sources = (struct digest_periods){ compiling->sources.at,
		compiling->sources.count, compiling->sources.count };
	digest->offline = (struct digest_periods){ compiling->offline.at,
		compiling->offline.count, compiling->offline.count };
	return 0;
}

/* --- since when --- */

static void stamp_path(const struct compiling *compiling, struct buffer *path)
{
	buffer_printf(path, "%s.report", compiling->lookup.database);
}

static time_ms last_report(const struct compiling *compiling)
{
	struct buffer path, stamp;
	time_ms at = 0;
	buffer_init(&path, 64 * 1024);
	buffer_init(&stamp, STAMP_BYTES_MAX);
	stamp_path(compiling, &path);
	if (file_exists(buffer_string(&path)) &&
		file_read(buffer_string(&path), &stamp, NULL) == 0)
		(void)time_parse_date(slice_trim(buffer_slice(&stamp)), &at);
	buffer_fini(&stamp);
	buffer_fini(&path);
	return at;
}

/* The next `last` begins here. */
static int note_report(struct compiling *compiling)
{
	struct buffer path;
	char text[TIME_RFC3339_SIZE];
	time_format_rfc3339(compiling->digest.until, text);
	buffer_init(&path, 64 * 1024);
	stamp_path(compiling, &path);
	int result =
		file_publish(buffer_string(&path), slice_of(text), &compiling->error);
	buffer_fini(&path);
	return result;
}

static int read_since(struct compiling *compiling, const char *since)
{
	struct digest *digest = &compiling->digest;
	time_ms span;
	if (strcmp(since, "last") == 0)
		digest->since = last_report(compiling);
	else if (time_parse_duration(slice_of(since), &span))
		digest->since = digest->until - span;
	else if (!time_parse_date(slice_of(since), &digest->since))
		return error_set(&compiling->error,
			"--since %s: no time; write a span as 24h, a date as 2026-11-23, "
			"or last",
			since);
	return 0;
}

/* --- the command --- */

static int run(struct compiling *compiling, bool last)
{
	struct digest *digest = &compiling->digest;
	struct error *error = &compiling->error;
	arena_init(&compiling->arena, ARENA_BYTES_MAX);
	buffer_init(&compiling->out, ANSWER_BYTES_MAX);
	int result = compile(compiling);
	if (result == 0)
		result = digest_write(digest, compiling->format, &compiling->out, error);
	if (result == 0)
		result = terminal_print(buffer_slice(&compiling->out), error);
	if (result == 0 && last)
		result = note_report(compiling);
	if (result < 0)
		terminal_error(error);
	HASH_CLEAR(hh, compiling->happened);
	buffer_fini(&compiling->out);
	arena_fini(&compiling->arena);
	return result < 0 ? EXIT_STATUS_RUN_FAILED : EXIT_STATUS_OK;
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
		   *since = NULL;
	bool send = false;
	const struct word_option options[] = {
		{ "config", 'c', &config, NULL },
		{ "database", 0, &database, NULL },
		{ "format", 'f', &format, NULL },
		{ "list", 0, &list, NULL },
		{ "since", 0, &since, NULL },
		{ "send", 0, NULL, &send },
	};
	struct words words = { .command = "report",
		.options = options,
		.option_count = sizeof(options) / sizeof(options[0]) };
	wall_init();
	if (words_parse(&words, argc, argv, &compiling.error) < 0 ||
		(!words.help && !words.version &&
			read_options(&compiling, format, send) < 0)) {
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
	if (read_since(&compiling, since) < 0) {
		terminal_error(&compiling.error);
		result = EXIT_STATUS_USAGE;
	} else {
		result = run(&compiling, strcmp(since, "last") == 0);
	}
	lookup_close(&compiling.lookup);
	return result;
}
