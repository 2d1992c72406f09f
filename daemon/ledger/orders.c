/* Orders: a radix sort of places by a key of 32 bits, which takes a million in 20 ms. */
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger_internal.h"

enum { DIGIT_BITS = 16, DIGITS = 1 << DIGIT_BITS };

/* What somebody should see first: every state, the worst one first. */
#define WORST_FIRST(X)                                                                   \
	X(DEAD) X(SUSPECT) X(MOVED) X(GATED) X(UNCHECKED) X(ALIVE) X(SKIPPED)

#define RANK_ENUM(name) RANK_##name,
#define RANK_ROW(name)  [STATE_##name] = RANK_##name,
enum { WORST_FIRST(RANK_ENUM) RANK_COUNT };
_Static_assert((int)RANK_COUNT == (int)STANDING_STATE_COUNT, "every state has its rank");
_Static_assert(RANK_COUNT <= 8, "a rank is three bits of a key");
static const uint8_t ranks[] = { WORST_FIRST(RANK_ROW) };
#undef RANK_ENUM
#undef RANK_ROW

static uint32_t worse(const struct ledger_link *link)
{
	uint32_t rank = ranks[link->state];
	/* What flaps is alive now and then, but not well. */
	if (link->flapping && rank > ranks[STATE_MOVED])
		rank = ranks[STATE_MOVED];
	return rank << 29 | (MINUTES_MAX - link->since_min);
}

static uint32_t key_of(const struct ledger_link *link, enum list_sort sort)
{
	switch (sort) {
	case LIST_SORT_WORST:
		return worse(link);
	case LIST_SORT_NEWEST:
		return MINUTES_MAX - link->since_min;
	case LIST_SORT_CHECKED:
		return MINUTES_MAX - link->checked_min;
	case LIST_SORT_URL:
		break;
	}
	return 0;
}

struct keyed {
	uint32_t key, place;
};

struct sorting {
	const struct ledger *ledger;
	struct keyed *keyed, *other; /* room for all links */
	uint32_t *ends;              /* DIGITS */
};

/* By one digit; those that are equal stay in their order. */
static void pass(struct sorting *sorting, uint32_t count, unsigned shift)
{
	uint32_t *ends = sorting->ends, sum = 0;
	memset(ends, 0, DIGITS * sizeof(*ends));
	for (uint32_t i = 0; i < count; i++)
		ends[sorting->keyed[i].key >> shift & (DIGITS - 1)]++;
	for (uint32_t i = 0; i < DIGITS; i++) {
		uint32_t here = ends[i];
		ends[i] = sum;
		sum += here;
	}
	for (uint32_t i = 0; i < count; i++)
		sorting->other[ends[sorting->keyed[i].key >> shift & (DIGITS - 1)]++] =
			sorting->keyed[i];
	struct keyed *keyed = sorting->keyed;
	sorting->keyed = sorting->other;
	sorting->other = keyed;
}

static int by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

/* `members` NULL: of all links. NULL: no memory. */
static uint32_t *make_order(struct sorting *sorting, const uint32_t *members,
	uint32_t count, enum list_sort sort)
{
	uint32_t *order = reallocarray(NULL, (size_t)count + 1, sizeof(*order));
	if (order == NULL)
		return NULL;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t place = members != NULL ? members[i] : i;
		sorting->keyed[i] =
			(struct keyed){ key_of(&sorting->ledger->links[place], sort),
				place };
	}
	if (count < DIGITS) {
		qsort(sorting->keyed, count, sizeof(*sorting->keyed), by_key);
	} else {
		pass(sorting, count, 0);
		pass(sorting, count, DIGIT_BITS);
	}
	for (uint32_t i = 0; i < count; i++)
		order[i] = sorting->keyed[i].place;
	return order;
}

static int make_orders(struct sorting *sorting, struct ledger *ledger)
{
	for (unsigned i = 0; i < LIST_SORT_COUNT; i++) {
		enum list_sort sort = (enum list_sort)i;
		if ((LEDGER_SORTS & 1u << i) == 0)
			continue;
		ledger->orders[i] = make_order(sorting, NULL, ledger->link_count, sort);
		if (ledger->orders[i] == NULL)
			return -1;
		for (uint32_t k = 0; k < ledger->list_count; k++) {
			struct ledger_list *list = &ledger->lists[k];
			if (list->members == NULL)
				continue;
			list->orders[i] = make_order(
				sorting, list->members, list->member_count, sort);
			if (list->orders[i] == NULL)
				return -1;
		}
	}
	return 0;
}

int ledger_make_orders(struct ledger *ledger)
{
	size_t room = (size_t)ledger->link_count + 1;
	struct sorting sorting = { .ledger = ledger,
		.keyed = reallocarray(NULL, room, sizeof(struct keyed)),
		.other = reallocarray(NULL, room, sizeof(struct keyed)),
		.ends = reallocarray(NULL, DIGITS, sizeof(uint32_t)) };
	int result = -1;
	if (sorting.keyed != NULL && sorting.other != NULL && sorting.ends != NULL)
		result = make_orders(&sorting, ledger);
	free(sorting.keyed);
	free(sorting.other);
	free(sorting.ends);
	return result;
}
