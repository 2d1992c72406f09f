#include "check/monitor.h"

#include <assert.h>

enum { REQUESTS_BYTES_MAX = 512 * 1024 * 1024 };

/* --- 1: a link becomes a request --- */

static void count(struct monitor *monitor, const struct link *link)
{
	monitor->done++;
	monitor->by_outcome[link->result.verdict.outcome]++;
	if (monitor->history != NULL)
		history_note_result(monitor->history, link);
}

static void on_seen(struct request *request, const struct observation *seen)
{
	struct monitor *monitor = request->data;
	monitor_note_seen(monitor, seen);
	if (monitor->history != NULL)
		history_note_seen(monitor->history, request, seen);
}

static void on_done(struct request *request)
{
	struct monitor *monitor = request->data;
	for (const struct waiting *at = request->first; at != NULL; at = at->next)
		count(monitor, at->link);
}

static struct request *request_of(struct monitor *monitor, struct link *link)
{
	struct request *request = NULL;
	HASH_FIND(hh, monitor->requests, link->request_key.at, link->request_key.len,
		request);
	if (request != NULL)
		return request;
	request = ARENA_NEW(&monitor->arena, struct request);
	if (request == NULL)
		return NULL;
	*request = (struct request){
		.arena = &monitor->table->arena,
		.key = link->request_key,
		.on_seen = on_seen,
		.on_done = on_done,
		.data = monitor,
	};
	HASH_ADD_KEYPTR(
		hh, monitor->requests, request->key.at, request->key.len, request);
	return request->hh.tbl != NULL ? request : NULL;
}

static void settle(struct monitor *monitor, struct link *link, enum reason reason)
{
	link->result.done = true;
	link->result.verdict =
		(struct verdict){ .outcome = reason_outcome(reason), .reason = reason };
	link->result.state = state_of_one_check(link->result.verdict.outcome);
	count(monitor, link);
}

/* What needs no question is settled; the rest is put in line with its request. */
static void take_in(struct monitor *monitor, struct link *link)
{
	if (settings_excludes(monitor->options.settings, link->url)) {
		settle(monitor, link, REASON_EXCLUDED);
		return;
	}
	if (link->result.done) {
		count(monitor, link);
		return;
	}
	if (!monitor->online) {
		settle(monitor, link, REASON_OFFLINE);
		return;
	}
	struct request *request = request_of(monitor, link);
	if (request == NULL || request_add(request, link) < 0) {
		monitor->failed = true;
		return;
	}
	request->want_anchors |= monitor->options.fragments && link->fragment.len > 0;
	request->second_method |= monitor->history != NULL &&
				  history_wants_second_method(monitor->history, link);
}

/* --- 2: the end --- */

/* Nothing is under way. Of the links' own run a last question may be left: was it us? */
static void all_ended(void *data)
{
	struct monitor *monitor = data;
	if (monitor->asking_links) {
		if (monitor_doubts(monitor))
			return;
		monitor_settle_doubts(monitor);
		monitor->failed |= monitor->asker.failed;
	}
	if (monitor->on_idle != NULL)
		monitor->on_idle(monitor->data);
}

/* --- life --- */

int monitor_open(struct monitor *monitor, uv_loop_t *loop, struct link_table *table,
	const struct monitor_options *options, struct error *error)
{
	*monitor = (struct monitor){ .table = table, .options = *options };
	arena_init(&monitor->arena, REQUESTS_BYTES_MAX);
	if (loop == NULL)
		return 0;
	monitor->vantage = vantage_new();
	if (monitor->vantage == NULL)
		return error_set(error, "out of memory");
	if (asker_open(&monitor->asker, loop, options->settings, error) < 0)
		return -1;
	monitor->asker.suggest = options->suggest;
	monitor->asker.data = monitor;
	monitor->asker.on_idle = all_ended;
	monitor->online = true;
	return 0;
}

void monitor_start(struct monitor *monitor)
{
	for (struct link *link = monitor->table->first; link != NULL; link = link->next)
		take_in(monitor, link);
	struct request *request, *next;
	HASH_ITER(hh, monitor->requests, request, next)
	{
		/* One without links was made when memory ended. */
		if (request->first != NULL && asker_ask(&monitor->asker, request) < 0)
			monitor->failed = true;
	}
	monitor->asking_links = monitor->online;
	if (monitor->asker.open == 0)
		all_ended(monitor);
}

void monitor_close(struct monitor *monitor, void (*on_closed)(void *data), void *data)
{
	monitor->online = false;
	asker_close(&monitor->asker, on_closed, data);
}

void monitor_fini(struct monitor *monitor)
{
	assert(!monitor->online);
	HASH_CLEAR(hh, monitor->requests);
	asker_fini(&monitor->asker);
	vantage_free(monitor->vantage);
	arena_fini(&monitor->arena);
}
