#include "ask/duplicates.h"

#include <stdlib.h>

#include "base/hash.h"

/* Where one link ends. */
struct landing {
	uint64_t hash;
	struct link *link;
};

/* "example.org/a?b" of "https://example.org/a?b#c"; empty for a site's first page. */
static struct slice place_of(const struct link *link)
{
	struct slice url = link->result.final_url;
	size_t scheme = slice_find(url, SLICE("://"));
	struct slice place =
		scheme != SLICE_NONE ? slice_sub(url, scheme + 3, url.len) : url;
	size_t hash = slice_find_char(place, '#');
	if (hash != SLICE_NONE)
		place = slice_sub(place, 0, hash);
	size_t path = slice_find_char(place, '/');
	return path == SLICE_NONE || path + 1 == place.len ? (struct slice){ 0 } : place;
}

static bool is_well(const struct link *link)
{
	const struct check_result *result = &link->result;
	return link->kind == LINK_HTTP && result->done &&
	       (result->verdict.outcome == OUTCOME_OK ||
		       result->verdict.outcome == OUTCOME_MOVED);
}

static int by_hash(const void *a, const void *b)
{
	const struct landing *one = a, *other = b;
	return (one->hash > other->hash) - (one->hash < other->hash);
}

/* Links of one hash, at least one. The odd place that only has the same hash is left out.
 */
static void note_group(const struct landing *group, size_t count)
{
	const struct link *first = group[0].link;
	bool several = false;

	for (size_t i = 1; i < count && !several; i++)
		several = !slice_equal(group[i].link->request_key, first->request_key) &&
			  slice_equal(place_of(group[i].link), place_of(first));
	for (size_t i = 0; several && i < count; i++)
		if (slice_equal(place_of(group[i].link), place_of(first)))
			group[i].link->result.verdict.notes |= NOTE_BIT(NOTE_DUPLICATE);
}

int duplicates_note(struct link_table *table)
{
	size_t count = 0;
	if (table->link_count < 2)
		return 0;
	struct landing *landings = calloc(table->link_count, sizeof(*landings));
	if (landings == NULL)
		return -1;
	for (struct link *link = table->first; link != NULL; link = link->next) {
		struct slice place = place_of(link);
		if (is_well(link) && place.len > 0)
			landings[count++] =
				(struct landing){ hash_bytes(place, 0), link };
	}
	qsort(landings, count, sizeof(*landings), by_hash);
	for (size_t from = 0, to = 0; from < count; from = to) {
		while (to < count && landings[to].hash == landings[from].hash)
			to++;
		note_group(landings + from, to - from);
	}
	free(landings);
	return 0;
}
