#include "show/ledger.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/lists.h"

enum { ARENA_BYTES_MAX = 1 << 30, LINKS_ROOM_FIRST = 4096 };

#define MS_PER_MIN (60 * TIME_MS_PER_S)

struct reading {
	struct ledger *ledger;
	struct store *store;
	uint32_t room;
	struct ledger_list *list; /* whose members are gathered */
	bool failed;              /* no memory */
};

/* --- lists -------------------------------------------------------------------------- */

static bool add_list(const struct store_list *list, void *data)
{
	struct reading *reading = data;
	struct ledger *ledger = reading->ledger;
	struct ledger_list *lists = reallocarray(
		ledger->lists, ledger->list_count + 1, sizeof(*ledger->lists));
	if (lists == NULL) {
		reading->failed = true;
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

static struct ledger_list *named(struct ledger *ledger, struct slice name)
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
	struct ledger_list *list = named(reading->ledger, source->list);
	if (list == NULL)
		return true;
	list->sources++;
	list->sources_failed += source->failed_since != 0;
	reading->ledger->all.sources++;
	reading->ledger->all.sources_failed += source->failed_since != 0;
	return true;
}

/* --- links -------------------------------------------------------------------------- */

/* Minutes do for sorting and for dates that are shown as days; they fit until 10136. */
static uint32_t minutes(time_ms at)
{
	return at > 0 ? (uint32_t)(at / MS_PER_MIN) : 0;
}

static bool add_link(const struct store_glance *glance, void *data)
{
	struct reading *reading = data;
	struct ledger *ledger = reading->ledger;
	if (ledger->link_count == reading->room) {
		uint32_t room = reading->room * 2;
		struct ledger_link *links =
			reallocarray(ledger->links, room, sizeof(*links));
		if (links == NULL || room > LEDGER_LINKS_MAX * 2) {
			reading->failed = true;
			return false;
		}
		ledger->links = links;
		reading->room = room;
	}
	assert(glance->link_id > 0 && glance->link_id <= UINT32_MAX);
	ledger->links[ledger->link_count++] = (struct ledger_link){
		.link_id = (uint32_t)glance->link_id,
		.list_bits = glance->list_bits,
		.since_min = minutes(glance->since),
		.checked_min = minutes(glance->last_checked_at),
		.state = (uint8_t)glance->state,
		.confirmed = (uint8_t)glance->confirmed,
		.flapping = glance->flapping_since != 0,
	};
	return true;
}

static int read_links(struct reading *reading, struct error *error)
{
	int64_t after = 0;
	reading->room = LINKS_ROOM_FIRST;
	reading->ledger->links =
		reallocarray(NULL, reading->room, sizeof(*reading->ledger->links));
	if (reading->ledger->links == NULL)
		return error_set(error, "out of memory");
	do
		if (store_walk_glances(reading->store, after, LEDGER_SLICE_ROWS, add_link,
			    reading, &after, error) < 0)
			return -1;
	while (after >= 0 && !reading->failed);
	return reading->failed ? error_set(error, "out of memory") : 0;
}

/* --- members of lists that share a bit ---------------------------------------------- */

static uint32_t place_of(const struct ledger *ledger, int64_t link_id)
{
	uint32_t low = 0, high = ledger->link_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (ledger->links[middle].link_id < link_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct ledger *ledger, uint32_t place, int64_t link_id)
{
	return place < ledger->link_count && ledger->links[place].link_id == link_id;
}

static bool add_member(const struct store_due *due, void *data)
{
	struct reading *reading = data;
	struct ledger_list *list = reading->list;
	uint32_t place = place_of(reading->ledger, due->link_id);
	if (!is_at(reading->ledger, place, due->link_id))
		return true; /* came after the links were read */
	if ((list->member_count & (list->member_count - 1)) == 0) {
		uint32_t room = list->member_count > 0 ? list->member_count * 2 : 1;
		uint32_t *members = reallocarray(list->members, room, sizeof(*members));
		if (members == NULL) {
			reading->failed = true;
			return false;
		}
		list->members = members;
	}
	list->members[list->member_count++] = place;
	return true;
}

static bool add_members_of(const struct store_source *source, void *data)
{
	struct reading *reading = data;
	struct ledger_list *list = named(reading->ledger, source->list);
	int64_t place = 0;
	struct error error;
	if (list == NULL || list->members == NULL)
		return true;
	reading->list = list;
	struct store *store = reading->store;
	return store_walk_due_of_source(store, source->list, source->name, &place,
		       add_member, reading, &error) == 0 &&
	       !reading->failed;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static void sort_members(struct ledger_list *list)
{
	uint32_t kept = 0;
	qsort(list->members, list->member_count, sizeof(*list->members), by_number);
	for (uint32_t i = 0; i < list->member_count; i++)
		if (i == 0 || list->members[i] != list->members[i - 1])
			list->members[kept++] = list->members[i];
	list->member_count = kept;
}

/* The last bit is that of the 32nd list and of all behind it. */
static int read_members(struct reading *reading, struct error *error)
{
	struct ledger *ledger = reading->ledger;
	if (ledger->list_count <= STORE_LIST_BITS)
		return 0;
	for (uint32_t i = STORE_LIST_BITS - 1; i < ledger->list_count; i++) {
		ledger->lists[i].members = malloc(sizeof(uint32_t));
		if (ledger->lists[i].members == NULL)
			return error_set(error, "out of memory");
	}
	if (store_walk_sources(reading->store, (struct slice){ 0 }, add_members_of,
		    reading, error) < 0)
		return -1;
	for (uint32_t i = STORE_LIST_BITS - 1; i < ledger->list_count; i++)
		sort_members(&ledger->lists[i]);
	return reading->failed ? error_set(error, "out of memory") : 0;
}

/* --- counts ------------------------------------------------------------------------- */

static void count_link(
	struct ledger_list *list, const struct ledger_link *link, time_ms lately)
{
	time_ms checked_at = (time_ms)link->checked_min * MS_PER_MIN;
	badge_add(&list->facts, (enum state)link->state, (enum state)link->confirmed,
		checked_at);
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

static void count(struct ledger *ledger)
{
	time_ms lately = ledger->read_at - LEDGER_LATELY_MS;
	for (uint32_t i = 0; i < ledger->link_count; i++) {
		const struct ledger_link *link = &ledger->links[i];
		count_link(&ledger->all, link, lately);
		for (uint32_t k = 0; k < ledger->list_count; k++)
			if (ledger->lists[k].members == NULL &&
				(link->list_bits & ledger->lists[k].bit) != 0)
				count_link(&ledger->lists[k], link, lately);
			else if (k >= STORE_LIST_BITS)
				break;
	}
	for (uint32_t k = 0; k < ledger->list_count; k++) {
		struct ledger_list *list = &ledger->lists[k];
		for (uint32_t i = 0; i < list->member_count; i++)
			count_link(list, &ledger->links[list->members[i]], lately);
		list->counts.lists = 1;
		list->counts.lately_ms = LEDGER_LATELY_MS;
		list->counts.sources = list->sources;
	}
	ledger->all.counts.lists = ledger->list_count;
	ledger->all.counts.lately_ms = LEDGER_LATELY_MS;
	ledger->all.counts.sources = ledger->all.sources;
}

/* --- orders ------------------------------------------------------------------------- */

/* What somebody should see first. */
static uint64_t worse(const struct ledger_link *link)
{
	static const uint8_t ranks[STANDING_STATE_COUNT] = {
		[STATE_DEAD] = 0,
		[STATE_SUSPECT] = 1,
		[STATE_MOVED] = 2,
		[STATE_GATED] = 3,
		[STATE_UNCHECKED] = 4,
		[STATE_ALIVE] = 5,
		[STATE_SKIPPED] = 6,
	};
	uint64_t rank = ranks[link->state];
	/* What flaps is alive now and then, but not well. */
	if (link->flapping && rank > ranks[STATE_MOVED])
		rank = ranks[STATE_MOVED];
	return rank << 32 | (UINT32_MAX - link->since_min);
}

static uint64_t key_of(const struct ledger_link *link, enum list_sort sort)
{
	switch (sort) {
	case LIST_SORT_WORST:
		return worse(link);
	case LIST_SORT_NEWEST:
		return UINT32_MAX - link->since_min;
	case LIST_SORT_CHECKED:
		return UINT32_MAX - link->checked_min;
	case LIST_SORT_URL:
		break;
	}
	return 0;
}

struct keyed {
	uint64_t key;
	uint32_t place;
};

/* Equal ones stay in order of their ids. */
static int by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

static int make_orders(struct ledger *ledger, struct error *error)
{
	uint32_t links = ledger->link_count;
	struct keyed *keyed = reallocarray(NULL, links + 1, sizeof(*keyed));
	bool failed = keyed == NULL;
	for (unsigned sort = 0; sort < LIST_SORT_COUNT && !failed; sort++) {
		if ((LEDGER_SORTS & 1u << sort) == 0)
			continue;
		uint32_t *order = reallocarray(NULL, links + 1, sizeof(*order));
		failed = order == NULL;
		ledger->orders[sort] = order;
		for (uint32_t i = 0; i < links && !failed; i++)
			keyed[i] = (struct keyed){
				key_of(&ledger->links[i], (enum list_sort)sort), i
			};
		if (!failed)
			qsort(keyed, links, sizeof(*keyed), by_key);
		for (uint32_t i = 0; i < links && !failed; i++)
			order[i] = keyed[i].place;
	}
	free(keyed);
	return failed ? error_set(error, "out of memory") : 0;
}

/* --- the whole ---------------------------------------------------------------------- */

static int read_all(struct reading *reading, struct error *error)
{
	if (store_walk_lists(reading->store, add_list, reading, error) < 0 ||
		store_walk_sources(reading->store, (struct slice){ 0 }, add_source,
			reading, error) < 0 ||
		read_links(reading, error) < 0 || read_members(reading, error) < 0)
		return -1;
	if (reading->failed)
		return error_set(error, "out of memory");
	count(reading->ledger);
	return make_orders(reading->ledger, error);
}

struct ledger *ledger_read(struct store *store, time_ms now, struct error *error)
{
	struct reading reading = { .ledger = calloc(1, sizeof(*reading.ledger)),
		.store = store };
	if (reading.ledger == NULL) {
		error_set(error, "out of memory");
		return NULL;
	}
	atomic_init(&reading.ledger->holders, 1);
	arena_init(&reading.ledger->arena, ARENA_BYTES_MAX);
	reading.ledger->read_at = now;
	if (read_all(&reading, error) == 0)
		return reading.ledger;
	ledger_release(reading.ledger);
	return NULL;
}

struct ledger *ledger_hold(struct ledger *ledger)
{
	if (ledger != NULL)
		atomic_fetch_add(&ledger->holders, 1);
	return ledger;
}

void ledger_release(struct ledger *ledger)
{
	if (ledger == NULL || atomic_fetch_sub(&ledger->holders, 1) != 1)
		return;
	for (uint32_t i = 0; i < ledger->list_count; i++)
		free(ledger->lists[i].members);
	for (unsigned sort = 0; sort < LIST_SORT_COUNT; sort++)
		free(ledger->orders[sort]);
	free(ledger->lists);
	free(ledger->links);
	arena_fini(&ledger->arena);
	free(ledger);
}
