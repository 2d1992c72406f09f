#include "ledger/ledger_internal.h"

#include <stdlib.h>
#include <string.h>

#include "store/lists.h"

enum { ARENA_BYTES_MAX = 1 << 30, LINKS_ROOM_FIRST = 4096 };

struct reading {
	struct ledger *ledger;
	struct store *store;
	const struct ledger_reading *wish;
	uint32_t room;
	const char *trouble; /* NULL: none; ends the walks */
};

static const char no_memory[] = "out of memory";

/* --- lists -------------------------------------------------------------------------- */

static bool add_list(const struct store_list *list, void *data)
{
	struct reading *reading = data;
	struct ledger *ledger = reading->ledger;
	struct ledger_list *lists = reallocarray(
		ledger->lists, ledger->list_count + 1, sizeof(*ledger->lists));
	if (lists == NULL) {
		reading->trouble = no_memory;
		return false;
	}
	ledger->lists = lists;
	lists[ledger->list_count++] = (struct ledger_list){
		.name = arena_copy(&ledger->arena, list->name),
		.title = arena_copy(&ledger->arena, list->title),
		.bit = list->bit,
	};
	return true;
}

struct ledger_list *ledger_named(struct ledger *ledger, struct slice name)
{
	for (uint32_t i = 0; i < ledger->list_count; i++)
		if (slice_equal(ledger->lists[i].name, name))
			return &ledger->lists[i];
	return NULL;
}

const struct ledger_list *ledger_list_of(const struct ledger *ledger, struct slice name)
{
	if (name.len == 0)
		return &ledger->all;
	for (uint32_t i = 0; i < ledger->list_count; i++)
		if (slice_equal(ledger->lists[i].name, name))
			return &ledger->lists[i];
	return NULL;
}

static bool add_source(const struct store_source *source, void *data)
{
	struct reading *reading = data;
	struct ledger_list *list = ledger_named(reading->ledger, source->list);
	if (list == NULL)
		return true;
	list->sources++;
	list->sources_failed += source->failed_since != 0;
	reading->ledger->all.sources++;
	reading->ledger->all.sources_failed += source->failed_since != 0;
	return true;
}

/* --- links -------------------------------------------------------------------------- */

/* Minutes do for sorting and for dates that are shown as days; they fit until 2990. */
static uint32_t minutes(time_ms at)
{
	time_ms min = at > 0 ? at / MS_PER_MIN : 0;
	return min < MINUTES_MAX ? (uint32_t)min : MINUTES_MAX;
}

static bool make_room(struct reading *reading)
{
	struct ledger *ledger = reading->ledger;
	uint32_t room = reading->room > 0 ? reading->room * 2 : LINKS_ROOM_FIRST;
	if (ledger->link_count < reading->room)
		return true;
	struct ledger_link *links =
		room <= LEDGER_LINKS_MAX * 2
			? reallocarray(ledger->links, room, sizeof(*links))
			: NULL;
	if (links == NULL) {
		reading->trouble = no_memory;
		return false;
	}
	ledger->links = links;
	reading->room = room;
	return true;
}

static void note_certificate(struct ledger_list *list, time_ms until)
{
	if (list->certificate_until == 0 || until < list->certificate_until)
		list->certificate_until = until;
}

/* Of links that are well: the end of another one's helps nobody, and of one that is not
 * monitored nobody would see that it was renewed. */
static void note_certificates(struct ledger *ledger, const struct store_glance *glance)
{
	if (glance->certificate_until == 0 || glance->confirmed == STATE_DEAD ||
		glance->state == STATE_SKIPPED)
		return;
	note_certificate(&ledger->all, glance->certificate_until);
	/* Lists that share the last bit cannot be told apart here. */
	uint32_t told = ledger->list_count > STORE_LIST_BITS ? STORE_LIST_BITS - 1
							     : ledger->list_count;
	for (uint32_t i = 0; i < told; i++)
		if ((ledger->lists[i].bit & glance->list_bits) != 0)
			note_certificate(&ledger->lists[i], glance->certificate_until);
}

static bool add_link(const struct store_glance *glance, void *data)
{
	struct reading *reading = data;
	struct ledger *ledger = reading->ledger;
	if (glance->link_id > UINT32_MAX)
		reading->trouble = "ids of links are beyond 32 bits";
	if (reading->trouble != NULL || !make_room(reading))
		return false;
	note_certificates(ledger, glance);
	ledger->links[ledger->link_count++] = (struct ledger_link){
		.link_id = (uint32_t)glance->link_id,
		.list_bits = glance->list_bits,
		.since_min = minutes(glance->since),
		.checked_min = minutes(glance->last_checked_at),
		.due_min = minutes(glance->due_at),
		.state = (uint8_t)glance->state,
		.confirmed = (uint8_t)glance->confirmed,
		.flapping = glance->flapping_since != 0,
	};
	return true;
}

static bool is_stopped(struct reading *reading)
{
	const atomic_bool *stop = reading->wish->stop;
	if (stop != NULL && atomic_load(stop))
		reading->trouble = "reading the links was stopped";
	return reading->trouble != NULL;
}

static int read_links(struct reading *reading, struct error *error)
{
	int64_t after = 0;
	if (!make_room(reading))
		return -1;
	do
		if (store_walk_glances(reading->store, after, LEDGER_SLICE_ROWS, add_link,
			    reading, &after, error) < 0)
			return -1;
	while (after >= 0 && !is_stopped(reading));
	return reading->trouble != NULL ? -1 : 0;
}

/* --- counts ------------------------------------------------------------------------- */

static void count_link(
	struct ledger_list *list, const struct ledger_link *link, time_ms lately)
{
	time_ms checked_at = (time_ms)link->checked_min * MS_PER_MIN;
	badge_add(&list->facts, (enum state)link->state, (enum state)link->confirmed,
		checked_at, (time_ms)link->due_min * MS_PER_MIN);
	list->counts.by_state[link->state]++;
	list->flapping += link->flapping;
	if (checked_at == 0)
		return;
	list->counts.checked_lately += checked_at >= lately;
	if (list->measured_from == 0 || checked_at < list->measured_from)
		list->measured_from = checked_at;
	if (checked_at > list->measured_until)
		list->measured_until = checked_at;
}

static void find_as_of(struct ledger *ledger, const struct ledger_reading *wish)
{
	time_ms newest = wish->now - wish->now % TIME_MS_PER_DAY;
	ledger->read_at = ledger->as_of = wish->now;
	for (uint32_t i = 0; i < ledger->link_count && wish->for_files; i++) {
		time_ms checked_at = ledger_checked_until(&ledger->links[i]);
		if (checked_at > newest)
			newest = checked_at;
	}
	if (wish->for_files)
		ledger->as_of = newest;
}

static void finish_counts(struct ledger_list *list, uint32_t lists)
{
	list->counts.lists = lists;
	list->counts.lately_ms = LEDGER_LATELY_MS;
	list->counts.sources = list->sources;
}

static void count(struct ledger *ledger)
{
	time_ms lately = ledger->as_of - LEDGER_LATELY_MS;
	struct ledger_list *by_bit[STORE_LIST_BITS] = { NULL };
	for (uint32_t k = 0; k < ledger->list_count && k < STORE_LIST_BITS; k++)
		if (ledger->lists[k].members == NULL)
			by_bit[k] = &ledger->lists[k];
	for (uint32_t i = 0; i < ledger->link_count; i++) {
		const struct ledger_link *link = &ledger->links[i];
		count_link(&ledger->all, link, lately);
		for (uint32_t bits = link->list_bits, k = 0; bits != 0; bits >>= 1, k++)
			if ((bits & 1) != 0 && by_bit[k] != NULL)
				count_link(by_bit[k], link, lately);
	}
	for (uint32_t k = 0; k < ledger->list_count; k++) {
		struct ledger_list *list = &ledger->lists[k];
		for (uint32_t i = 0; i < list->member_count && list->members != NULL; i++)
			count_link(list, &ledger->links[list->members[i]], lately);
		finish_counts(list, 1);
	}
	finish_counts(&ledger->all, ledger->list_count);
}

/* --- the whole ---------------------------------------------------------------------- */

static int read_all(struct reading *reading, struct error *error)
{
	struct ledger *ledger = reading->ledger;
	struct store *store = reading->store;
	if (store_walk_lists(store, add_list, reading, error) < 0 ||
		store_walk_sources(
			store, (struct slice){ 0 }, add_source, reading, error) < 0 ||
		read_links(reading, error) < 0 ||
		ledger_read_members(ledger, store, error) < 0)
		return -1;
	if (reading->trouble != NULL || ledger->arena.failed)
		return error_set(error, "%s", no_memory);
	find_as_of(ledger, reading->wish);
	count(ledger);
	if (ledger_make_orders(ledger) < 0)
		return error_set(error, "%s", no_memory);
	return ledger_read_news(ledger, store, reading->wish, error);
}

struct ledger *ledger_read(
	struct store *store, const struct ledger_reading *wish, struct error *error)
{
	struct reading reading = {
		.ledger = calloc(1, sizeof(*reading.ledger)), .store = store, .wish = wish
	};
	if (reading.ledger == NULL) {
		error_set(error, "%s", no_memory);
		return NULL;
	}
	atomic_init(&reading.ledger->holders, 1);
	arena_init(&reading.ledger->arena, ARENA_BYTES_MAX);
	if (read_all(&reading, error) == 0)
		return reading.ledger;
	if (reading.trouble != NULL)
		error_set(error, "%s", reading.trouble);
	ledger_release(reading.ledger);
	return NULL;
}

struct ledger *ledger_hold(struct ledger *ledger)
{
	if (ledger != NULL)
		atomic_fetch_add(&ledger->holders, 1);
	return ledger;
}

static void free_list(struct ledger_list *list)
{
	free(list->members);
	for (unsigned sort = 0; sort < LIST_SORT_COUNT; sort++)
		free(list->orders[sort]);
}

void ledger_release(struct ledger *ledger)
{
	if (ledger == NULL || atomic_fetch_sub(&ledger->holders, 1) != 1)
		return;
	for (uint32_t i = 0; i < ledger->list_count; i++)
		free_list(&ledger->lists[i]);
	for (unsigned sort = 0; sort < LIST_SORT_COUNT; sort++)
		free(ledger->orders[sort]);
	free(ledger->lists);
	free(ledger->links);
	arena_fini(&ledger->arena);
	free(ledger);
}
