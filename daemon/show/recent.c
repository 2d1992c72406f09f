#include "show/recent.h"

#include <stdlib.h>

#include "store/links.h"

enum { ROOM_FIRST = 1024 };

struct recent {
	int64_t link_id;
	uint32_t number; /* as they were read, newest first */
	struct check_facts facts;
};

struct recent_checks {
	struct recent *at;
	uint32_t count, room;
	bool failed; /* no memory */
};

static bool add_check(const struct store_check *check, void *data)
{
	struct recent_checks *recent = data;
	if (recent->count == recent->room) {
		uint32_t room = recent->room > 0 ? recent->room * 2 : ROOM_FIRST;
		struct recent *at = reallocarray(recent->at, room, sizeof(*at));
		recent->failed = at == NULL;
		if (at == NULL)
			return false;
		recent->at = at;
		recent->room = room;
	}
	recent->at[recent->count] = (struct recent){ .link_id = check->link_id,
		.number = recent->count,
		.facts = { .at = check->at,
			.outcome = check->outcome,
			.reason = check->reason,
			.http_status = check->http_status,
			.elapsed_ms = check->elapsed_ms } };
	recent->count++;
	return true;
}

static int by_link(const void *a, const void *b)
{
	const struct recent *x = a, *y = b;
	if (x->link_id != y->link_id)
		return x->link_id < y->link_id ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

struct recent_checks *recent_checks_read(struct store *store, struct error *error)
{
	const struct store_check_wish all = { 0 };
	struct recent_checks *recent = calloc(1, sizeof(*recent));
	if (recent == NULL) {
		error_set(error, "out of memory");
		return NULL;
	}
	int result = store_walk_checks(store, &all, add_check, recent, error);
	if (result == 0 && recent->failed)
		result = error_set(error, "out of memory");
	if (result < 0) {
		recent_checks_free(recent);
		return NULL;
	}
	if (recent->count > 0)
		qsort(recent->at, recent->count, sizeof(*recent->at), by_link);
	return recent;
}

void recent_checks_free(struct recent_checks *recent)
{
	if (recent == NULL)
		return;
	free(recent->at);
	free(recent);
}

uint32_t recent_checks_of(const struct recent_checks *recent, int64_t link_id,
	struct check_facts *checks, uint32_t max)
{
	uint32_t low = 0, high = recent->count, count = 0;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (recent->at[middle].link_id < link_id)
			low = middle + 1;
		else
			high = middle;
	}
	while (low < recent->count && recent->at[low].link_id == link_id && count < max)
		checks[count++] = recent->at[low++].facts;
	return count;
}
