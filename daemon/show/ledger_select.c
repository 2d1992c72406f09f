#include <assert.h>
#include <stdlib.h>

#include "show/ledger.h"

static bool has_place(const struct ledger_list *list, uint32_t place)
{
	uint32_t low = 0, high = list->member_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (list->members[middle] < place)
			low = middle + 1;
		else
			high = middle;
	}
	return low < list->member_count && list->members[low] == place;
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

static uint32_t first_above(const struct ledger *ledger, int64_t link_id)
{
	uint32_t low = 0, high = ledger->link_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (ledger->links[middle].link_id <= link_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t ledger_select(const struct ledger *ledger, const struct ledger_wish *wish,
	int64_t *ids, bool *ret_more)
{
	const uint32_t *order = wish->by_id ? NULL : ledger->orders[wish->sort];
	uint32_t states = wish->states != 0 ? wish->states : UINT32_MAX;
	uint64_t skip = wish->by_id ? 0 : wish->skip;
	uint32_t count = 0;
	assert(wish->by_id || order != NULL);
	*ret_more = false;
	for (uint32_t i = wish->by_id ? first_above(ledger, wish->after) : 0;
		i < ledger->link_count; i++) {
		uint32_t place = order != NULL ? order[i] : i;
		if ((states & 1u << ledger->links[place].state) == 0 ||
			!stands_on(ledger, wish->list, place))
			continue;
		if (skip > 0) {
			skip--;
			continue;
		}
		if (count == wish->limit) {
			*ret_more = true;
			break;
		}
		ids[count++] = ledger->links[place].link_id;
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
	uint32_t place = first_above(ledger, link_id - 1);
	if (place == ledger->link_count || ledger->links[place].link_id != link_id ||
		!stands_on(ledger, list, place))
		return false;
	*ret_state = (enum state)ledger->links[place].state;
	return true;
}
