#include <assert.h>

#include "ledger/ledger_internal.h"

static uint32_t first_member_from(const struct ledger_list *list, uint32_t place)
{
	uint32_t low = 0, high = list->member_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (list->members[middle] < place)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool has_place(const struct ledger_list *list, uint32_t place)
{
	uint32_t at = first_member_from(list, place);
	return at < list->member_count && list->members[at] == place;
}

static bool stands_on(
	const struct ledger *ledger, const struct ledger_list *list, uint32_t place)
{
	if (list == &ledger->all)
		return true;
	if (list->members != NULL)
		return has_place(list, place);
	return (ledger->links[place].list_bits & list->bit) != 0;
}

uint32_t ledger_first_from(const struct ledger *ledger, int64_t link_id)
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

/* What is walked: places of all links, or of those of a list that has them. */
struct way {
	const uint32_t *places; /* NULL: each is its own number */
	uint32_t from, count;
};

static struct way way_of(const struct ledger *ledger, const struct ledger_wish *wish)
{
	const struct ledger_list *list = wish->list;
	uint32_t from = wish->by_id && wish->after < UINT32_MAX
				? ledger_first_from(ledger, wish->after + 1)
			: wish->by_id ? ledger->link_count
				      : 0;
	if (list->members == NULL)
		return (struct way){ wish->by_id ? NULL : ledger->orders[wish->sort],
			from, ledger->link_count };
	return (struct way){ wish->by_id ? list->members : list->orders[wish->sort],
		wish->by_id ? first_member_from(list, from) : 0, list->member_count };
}

uint32_t ledger_select(const struct ledger *ledger, const struct ledger_wish *wish,
	int64_t *ids, bool *ret_more)
{
	const struct way way = way_of(ledger, wish);
	uint32_t states = wish->states != 0 ? wish->states : UINT32_MAX;
	bool all = wish->list == &ledger->all || wish->list->members != NULL;
	uint64_t skip = wish->by_id ? 0 : wish->skip;
	uint32_t count = 0;
	assert(wish->by_id || way.places != NULL);
	*ret_more = false;
	for (uint32_t i = way.from; i < way.count; i++) {
		uint32_t place = way.places != NULL ? way.places[i] : i;
		const struct ledger_link *link = &ledger->links[place];
		if ((states & 1u << link->state) == 0 ||
			(!all && (link->list_bits & wish->list->bit) == 0))
			continue;
		if (skip > 0) {
			skip--;
			continue;
		}
		if (count == wish->limit) {
			*ret_more = true;
			break;
		}
		ids[count++] = link->link_id;
	}
	return count;
}

uint64_t ledger_count(const struct ledger_list *list, uint32_t states)
{
	uint64_t sum = 0;
	for (unsigned state = 0; state < STANDING_STATE_COUNT; state++)
		if (states == 0 || (states & 1u << state) != 0)
			sum += list->counts.by_state[state];
	return sum;
}

bool ledger_holds(const struct ledger *ledger, const struct ledger_list *list,
	int64_t link_id, enum state *ret_state)
{
	uint32_t place = ledger_first_from(ledger, link_id);
	if (place == ledger->link_count || ledger->links[place].link_id != link_id ||
		!stands_on(ledger, list, place))
		return false;
	*ret_state = (enum state)ledger->links[place].state;
	return true;
}
