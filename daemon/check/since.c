#include "check/since.h"

#include "files/read.h"
#include "store/links.h"

#define MAGIC SLICE("SQLite format 3\0")

struct walking {
	struct baseline *baseline;
	uint32_t failing;
	bool failed;
};

/* What was taken out of all documents is no backlog of theirs: it is new when it is back,
 * as it would be after a report of the last run. */
static bool add_link(const struct store_link *link, void *data)
{
	struct walking *walking = data;
	if (!link->monitored)
		return true;
	walking->failed = baseline_add_record(walking->baseline, link->kind, link->url,
				  link->source, &link->record, walking->failing) < 0;
	return !walking->failed;
}

static int read_database(struct baseline *baseline, const char *path, uint32_t failing,
	struct error *error)
{
	static const struct store_filter all = { 0 };
	struct walking walking = { .baseline = baseline, .failing = failing };
	struct store *store = store_open(path, STORE_READ, error);
	if (store == NULL)
		return -1;
	int result = store_walk_links(store, &all, add_link, &walking, error);
	if (result == 0 && walking.failed)
		result = error_set(error, "%s: out of memory", path);
	store_close(store);
	return result;
}

static int read_report(struct baseline *baseline, const char *path, uint32_t failing,
	struct error *error)
{
	struct buffer bytes;
	struct error why = { "" };
	buffer_init(&bytes, BASELINE_BYTES_MAX);
	int result = file_read(path, &bytes, error);
	if (result == 0 &&
		baseline_read(baseline, buffer_slice(&bytes), failing, &why) < 0)
		result = error_set(error, "%s: %s", path, why.text);
	buffer_fini(&bytes);
	return result;
}

bool since_is_database(const char *path)
{
	return file_is_regular(path) && file_begins_with(path, MAGIC);
}

int since_read(struct baseline *baseline, const char *path, uint32_t failing,
	struct error *error)
{
	struct error why = { "" };
	int result = since_is_database(path)
			     ? read_database(baseline, path, failing, &why)
			     : read_report(baseline, path, failing, &why);
	return result == 0 ? 0 : error_set(error, "--new-since %s", why.text);
}
