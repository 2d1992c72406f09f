/* Lists that share a bit (the 32nd and all behind it): their links are those of their
 * sources. */
#include <stdlib.h>

#include "ledger/ledger_internal.h"

struct sharing {
	struct ledger *ledger;
	struct store *store;
	struct ledger_list *list; /* whose members are gathered */
	bool no_memory;
	int result; /* of reading a source */
	struct error *error;
};

static bool add_member(const struct store_due *due, void *data)
{
	struct sharing *sharing = data;
	struct ledger_list *list = sharing->list;
	const struct ledger *ledger = sharing->ledger;
	uint32_t place = ledger_first_from(ledger, due->link_id);
	if (place == ledger->link_count || ledger->links[place].link_id != due->link_id)
		return true; /* came after the links were read */
	if (list->member_count > 0 &&
		(list->member_count & (list->member_count - 1)) == 0) {
		uint32_t *members = reallocarray(
			list->members, (size_t)list->member_count * 2, sizeof(*members));
		if (members == NULL) {
			sharing->no_memory = true;
			return false;
		}
		list->members = members;
	}
	list->members[list->member_count++] = place;
	return true;
}

static bool add_members_of(const struct store_source *source, void *data)
{
	struct sharing *sharing = data;
	int64_t place = 0;
	sharing->result = store_walk_due_of_source(sharing->store, source->list,
		source->name, &place, add_member, sharing, sharing->error);
	return sharing->result == 0 && !sharing->no_memory;
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

static int read_members_of(struct sharing *sharing)
{
	struct ledger_list *list = sharing->list;
	list->members = malloc(sizeof(*list->members));
	if (list->members == NULL)
		sharing->no_memory = true;
	else if (store_walk_sources(sharing->store, list->name, add_members_of, sharing,
			 sharing->error) < 0)
		return -1;
	if (sharing->no_memory)
		return error_set(sharing->error, "out of memory");
	if (sharing->result == 0)
		sort_members(list);
	return sharing->result;
}

/* The last bit is that of the 32nd list and of all behind it. */
int ledger_read_members(struct ledger *ledger, struct store *store, struct error *error)
{
	struct sharing sharing = { .ledger = ledger, .store = store, .error = error };
	if (ledger->list_count <= STORE_LIST_BITS)
		return 0;
	for (uint32_t i = STORE_LIST_BITS - 1; i < ledger->list_count; i++) {
		sharing.list = &ledger->lists[i];
		if (read_members_of(&sharing) < 0)
			return -1;
	}
	return 0;
}
