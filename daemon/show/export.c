#include "show/export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/publish.h"
#include "files/read.h"

enum {
	FILE_BYTES_MAX = 8 << 20,
	MANIFEST_BYTES_MAX = 64 << 20,
	EVENT_PAGES_MAX = 20, /* of each list; older ones are on the links' own pages */
	API_FILE_LINKS = API_LIMIT_MAX,
};

struct export
{
	struct pages *pages;
	const char *directory;
	const atomic_bool *stop;
	struct export_counts *counts;
	struct error *error;
	struct buffer body, old, path, name;
	struct buffer manifest; /* a name a line */
};

/* --- one file ----------------------------------------------------------------------- */

static const char *path_of(struct export *export, struct slice name)
{
	buffer_reset(&export->path);
	buffer_printf(&export->path, "%s/%.*s", export->directory, SLICE_ARG(name));
	return buffer_string(&export->path);
}

/* Those of `name`, below the directory. */
static int make_directories(struct export *export, struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (name.at[i] != '/')
			continue;
		const char *path = path_of(export, slice_sub(name, 0, i));
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return error_set(export->error, "%s: cannot be made: %s", path,
				strerror(errno));
	}
	return 0;
}

static bool is_same(struct export *export, const char *path)
{
	struct error ignored;
	buffer_reset(&export->old);
	return file_is_regular(path) && file_read(path, &export->old, &ignored) == 0 &&
	       slice_equal(buffer_slice(&export->old), buffer_slice(&export->body));
}

/* What is in `body`, under `name`. */
static int put_file(struct export *export, struct slice name)
{
	if (export->stop != NULL && atomic_load(export->stop))
		return error_set(export->error, "the export was stopped");
	if (export->body.failed || make_directories(export, name) < 0)
		return export->body.failed ? error_set(export->error, "out of memory")
					   : -1;
	const char *path = path_of(export, name);
	export->counts->files++;
	buffer_add(&export->manifest, name);
	buffer_add_char(&export->manifest, '\n');
	arena_reset(export->pages->arena);
	if (is_same(export, path))
		return 0;
	export->counts->written++;
	return file_publish(path, buffer_slice(&export->body), export->error);
}

static int put_place(struct export *export, const struct site_place *place)
{
	buffer_reset(&export->name);
	site_file(&export->name, place);
	return put_file(export, buffer_slice(&export->name));
}

static int put_named(
	struct export *export, const char *before, struct slice name, const char *behind)
{
	char text[EXPORT_PATH_BYTES_MAX];
	int len =
		snprintf(text, sizeof(text), "%s%.*s%s", before, SLICE_ARG(name), behind);
	return put_file(export, (struct slice){ text, (size_t)len });
}

/* --- links -------------------------------------------------------------------------- */

static int put_link(struct export *export, int64_t link_id)
{
	const struct site_place place = { .what = SITE_LINK, .link_id = link_id };
	struct buffer *body = &export->body;
	char number[24];
	bool found;
	buffer_reset(body);
	if (pages_link(export->pages, link_id, body, &found, export->error) < 0)
		return -1;
	if (!found)
		return 0;
	if (put_place(export, &place) < 0)
		return -1;
	buffer_reset(body);
	if (pages_api_link(export->pages, link_id, body, &found, export->error) < 0)
		return -1;
	snprintf(number, sizeof(number), "%lld", (long long)link_id);
	return found ? put_named(export, "api/v1/links/", slice_of(number), ".json") : 0;
}

static int put_links(struct export *export)
{
	const struct ledger *ledger = export->pages->ledger;
	for (uint32_t i = 0; i < ledger->link_count; i++)
		if (put_link(export, ledger->links[i].link_id) < 0)
			return -1;
	return 0;
}

/* --- lists -------------------------------------------------------------------------- */

static int put_list_pages(struct export *export, const struct ledger_list *list,
	bool by_state, enum state state)
{
	uint64_t links = ledger_count(list, by_state ? 1u << state : 0);
	struct pages_list_wish wish = { .list = list,
		.by_state = by_state,
		.state = state,
		.number_max = (uint32_t)((links + SITE_LIST_ROWS - 1) / SITE_LIST_ROWS) };
	if (wish.number_max == 0)
		wish.number_max = 1;
	for (wish.number = 1; wish.number <= wish.number_max; wish.number++) {
		const struct site_place place = { .what = SITE_LIST,
			.list = list->name,
			.by_state = by_state,
			.state = state,
			.number = wish.number };
		wish.after = (uint64_t)(wish.number - 1) * SITE_LIST_ROWS;
		buffer_reset(&export->body);
		if (pages_list(export->pages, &wish, &export->body, export->error) < 0 ||
			put_place(export, &place) < 0)
			return -1;
	}
	return 0;
}

/* How many there are is known when the last was read. */
static int count_event_pages(
	struct export *export, const struct ledger_list *list, uint32_t *ret_pages)
{
	struct site_event *events;
	uint32_t count;
	int64_t before = 0;
	*ret_pages = 0;
	do {
		if (pages_read_events(export->pages, list, before, SITE_EVENT_ROWS, NULL,
			    &events, &count, &before, export->error) < 0)
			return -1;
		arena_reset(export->pages->arena);
		(*ret_pages)++;
	} while (before > 0 && *ret_pages < EVENT_PAGES_MAX);
	return 0;
}

static int put_events(struct export *export, const struct ledger_list *list)
{
	struct pages_events_wish wish = { .list = list };
	int64_t older = 0;
	if (count_event_pages(export, list, &wish.number_max) < 0)
		return -1;
	for (wish.number = 1; wish.number <= wish.number_max; wish.number++) {
		const struct site_place place = {
			.what = SITE_EVENTS, .list = list->name, .number = wish.number
		};
		wish.before = older;
		buffer_reset(&export->body);
		if (pages_events(export->pages, &wish, &export->body, &older,
			    export->error) < 0 ||
			put_place(export, &place) < 0)
			return -1;
	}
	return 0;
}

static int put_feed(struct export *export, const struct ledger_list *list)
{
	const struct site_place place = { .what = SITE_FEED, .list = list->name };
	buffer_reset(&export->body);
	if (pages_feed(export->pages, list, &export->body, export->error) < 0)
		return -1;
	return put_place(export, &place);
}

static int put_badges(struct export *export, const struct ledger_list *list)
{
	static const struct {
		enum badge_kind kind;
		bool json;
		const char *behind;
	} badges[] = {
		{ BADGE_LINKS, false, ".svg" },
		{ BADGE_LINKS, true, ".json" },
		{ BADGE_DEAD, false, "-dead.svg" },
		{ BADGE_DEAD, true, "-dead.json" },
		{ BADGE_FRESH, false, "-fresh.svg" },
		{ BADGE_FRESH, true, "-fresh.json" },
	};
	const char *before = list->name.len > 0 ? "badge/" : "badge";
	for (size_t i = 0; i < sizeof(badges) / sizeof(badges[0]); i++) {
		buffer_reset(&export->body);
		if (pages_badge(export->pages, list, badges[i].kind, badges[i].json,
			    &export->body, export->error) < 0 ||
			put_named(export, before, list->name, badges[i].behind) < 0)
			return -1;
	}
	return 0;
}

/* Its first links and its last events: what fits into one answer; `next` is of use at a
 * server only. */
static int put_api(struct export *export, const struct ledger_list *list)
{
	const struct api_question question = { .list = list->name,
		.limit = API_FILE_LINKS };
	bool is_all = list->name.len == 0;
	buffer_reset(&export->body);
	if (pages_api_links(export->pages, &question, &export->body, export->error) < 0 ||
		put_named(export, is_all ? "api/v1/links" : "api/v1/links-", list->name,
			".json") < 0)
		return -1;
	if (list->name.len == 0)
		return 0;
	buffer_reset(&export->body);
	if (pages_api_list(export->pages, list, &export->body, export->error) < 0)
		return -1;
	return put_named(export, "api/v1/lists/", list->name, ".json");
}

static int put_list(struct export *export, const struct ledger_list *list)
{
	if (put_events(export, list) < 0 || put_feed(export, list) < 0 ||
		put_badges(export, list) < 0 || put_api(export, list) < 0)
		return -1;
	if (list->name.len == 0)
		return 0;
	for (unsigned state = 0; state < STANDING_STATE_COUNT; state++)
		if (put_list_pages(export, list, true, (enum state)state) < 0)
			return -1;
	return put_list_pages(export, list, false, STATE_UNCHECKED);
}

/* --- the rest ----------------------------------------------------------------------- */

static int put_files(struct export *export)
{
	const struct site_place style = { .what = SITE_STYLE },
				script = { .what = SITE_SCRIPT };
	buffer_reset(&export->body);
	buffer_add(&export->body, site_style());
	if (put_place(export, &style) < 0)
		return -1;
	buffer_reset(&export->body);
	buffer_add(&export->body, site_script());
	if (put_place(export, &script) < 0)
		return -1;
	/* GitHub Pages would leave out what Jekyll does not like. */
	buffer_reset(&export->body);
	return put_file(export, SLICE(".nojekyll"));
}

static int put_overview(struct export *export)
{
	const struct site_place place = { .what = SITE_OVERVIEW };
	buffer_reset(&export->body);
	if (pages_api_lists(export->pages, &export->body, export->error) < 0 ||
		put_file(export, SLICE("api/v1/lists.json")) < 0)
		return -1;
	buffer_reset(&export->body);
	if (pages_overview(export->pages, &export->body, export->error) < 0)
		return -1;
	return put_place(export, &place);
}

/* --- what was ours ------------------------------------------------------------------ */

static int by_text(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	size_t least = x->len < y->len ? x->len : y->len;
	int order = least > 0 ? memcmp(x->at, y->at, least) : 0;
	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

static struct slice *sorted_lines(struct slice text, size_t *ret_count)
{
	size_t count = 0, room = 1;
	for (size_t i = 0; i < text.len; i++)
		room += text.at[i] == '\n';
	struct slice *lines = reallocarray(NULL, room, sizeof(*lines));
	while (lines != NULL && text.len > 0) {
		size_t end = slice_find_char(text, '\n');
		end = end == SLICE_NONE ? text.len : end;
		lines[count++] = slice_sub(text, 0, end);
		text = slice_sub(text, end + 1, text.len);
	}
	if (lines != NULL)
		qsort(lines, count, sizeof(*lines), by_text);
	*ret_count = count;
	return lines;
}

/* The manifest is a file in a directory that others may write to. */
static bool may_remove(struct slice name)
{
	if (name.len == 0 || name.len > 1024 || name.at[0] == '/')
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			     c == '-' || c == '.' || c == '/' || c == '_';
		if (!plain || (c == '.' && i + 1 < name.len && name.at[i + 1] == '.'))
			return false;
	}
	return true;
}

static int remove_old(struct export *export, struct slice before)
{
	size_t old_count, new_count, k = 0;
	struct slice *olds = sorted_lines(before, &old_count);
	struct slice *news = sorted_lines(buffer_slice(&export->manifest), &new_count);
	for (size_t i = 0; i < old_count && olds != NULL && news != NULL; i++) {
		while (k < new_count && by_text(&news[k], &olds[i]) < 0)
			k++;
		if ((k < new_count && slice_equal(news[k], olds[i])) ||
			!may_remove(olds[i]))
			continue;
		if (unlink(path_of(export, olds[i])) == 0)
			export->counts->removed++;
	}
	bool failed = olds == NULL || news == NULL;
	free(olds);
	free(news);
	return failed ? error_set(export->error, "out of memory") : 0;
}

static int put_manifest(struct export *export)
{
	struct buffer before;
	struct error ignored;
	buffer_init(&before, MANIFEST_BYTES_MAX);
	const char *path = path_of(export, SLICE(EXPORT_MANIFEST));
	if (file_is_regular(path))
		(void)file_read(path, &before, &ignored);
	int result = remove_old(export, buffer_slice(&before));
	path = path_of(export, SLICE(EXPORT_MANIFEST));
	if (result == 0 &&
		!slice_equal(buffer_slice(&before), buffer_slice(&export->manifest)))
		result = file_publish(
			path, buffer_slice(&export->manifest), export->error);
	buffer_fini(&before);
	return result;
}

/* --- the whole ---------------------------------------------------------------------- */

static int put_all(struct export *export)
{
	const struct ledger *ledger = export->pages->ledger;
	if (mkdir(export->directory, 0755) < 0 && errno != EEXIST)
		return error_set(export->error, "%s: cannot be made: %s",
			export->directory, strerror(errno));
	if (ledger->link_count > EXPORT_LINKS_MAX)
		return error_set(export->error,
			"%u links are too many for a site of files (at most %d); let the "
			"daemon serve them (listen:)",
			ledger->link_count, EXPORT_LINKS_MAX);
	if (put_files(export) < 0 || put_links(export) < 0)
		return -1;
	if (put_list(export, &ledger->all) < 0)
		return -1;
	for (uint32_t i = 0; i < ledger->list_count; i++)
		if (put_list(export, &ledger->lists[i]) < 0)
			return -1;
	if (put_overview(export) < 0)
		return -1;
	return put_manifest(export);
}

int export_site(struct pages *pages, const char *directory, const atomic_bool *stop,
	struct export_counts *ret_counts, struct error *error)
{
	struct export export = { .pages = pages,
		.directory = directory,
		.stop = stop,
		.counts = ret_counts,
		.error = error };
	*ret_counts = (struct export_counts){ 0 };
	buffer_init(&export.body, FILE_BYTES_MAX);
	buffer_init(&export.old, FILE_BYTES_MAX);
	buffer_init(&export.path, EXPORT_PATH_BYTES_MAX * 2);
	buffer_init(&export.name, EXPORT_PATH_BYTES_MAX);
	buffer_init(&export.manifest, MANIFEST_BYTES_MAX);
	int result = put_all(&export);
	buffer_fini(&export.body);
	buffer_fini(&export.old);
	buffer_fini(&export.path);
	buffer_fini(&export.name);
	buffer_fini(&export.manifest);
	return result;
}
