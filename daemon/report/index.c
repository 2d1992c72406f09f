#include "report/index_internal.h"

#include "base/table.h"

struct source_number {
	struct slice name;
	uint32_t number;
	UT_hash_handle hh;
};

struct source_numbers {
	struct arena *arena;
	struct source_number *by_name, *last;
	uint32_t count;
};

static struct source_number *number_of(struct source_numbers *numbers, struct slice name)
{
	struct source_number *found = numbers->last;

	if (found != NULL && found->name.at == name.at && found->name.len == name.len)
		return found;
	HASH_FIND(hh, numbers->by_name, name.at, name.len, found);
	if (found == NULL) {
		found = ARENA_NEW(numbers->arena, struct source_number);
		if (found == NULL)
			return NULL;
		*found = (struct source_number){ .name = name, .number = numbers->count };
		HASH_ADD_KEYPTR(hh, numbers->by_name, name.at, name.len, found);
		if (found->hh.tbl == NULL)
			return NULL;
		numbers->count++;
	}
	numbers->last = found;
	return found;
}

/* First mentions before all others, so that the order is that of the inputs wherever a
 * source has a link of its own. */
static int number_sources(struct source_numbers *numbers, const struct link_table *table)
{
	for (const struct link *link = table->first; link != NULL; link = link->next)
		if (link->first != NULL &&
			number_of(numbers, link->first->source) == NULL)
			return -1;
	for (const struct link *link = table->first; link != NULL; link = link->next)
		for (const struct occurrence *at = link->first; at != NULL; at = at->next)
			if (number_of(numbers, at->source) == NULL)
				return -1;
	return 0;
}

static bool is_chosen(const struct link *link, uint32_t chosen)
{
	if (!link->result.done)
		return (chosen & INDEX_UNCHECKED) != 0;
	return (chosen & UINT32_C(1) << link->result.verdict.outcome) != 0;
}

static int collect_places(struct index *index, struct source_numbers *numbers,
	const struct link_table *table, uint32_t chosen)
{
	uint32_t order = 0;

	index->places = ARENA_ARRAY(&index->arena, struct place, table->occurrence_count);
	if (index->places == NULL && table->occurrence_count > 0)
		return -1;
	for (const struct link *link = table->first; link != NULL; link = link->next) {
		order++;
		if (!is_chosen(link, chosen))
			continue;
		for (const struct occurrence *at = link->first; at != NULL;
			at = at->next) {
			const struct source_number *source =
				number_of(numbers, at->source);
			if (source == NULL)
				return -1;
			index->places[index->place_count++] = (struct place){
				.link = link,
				.at = at,
				.source = source->number,
				.link_order = order,
			};
		}
	}
	return 0;
}

static int collect(struct index *index, const struct link_table *table, uint32_t chosen)
{
	*index = (struct index){ 0 };
	arena_init(&index->arena, SIZE_MAX / 2);
	struct source_numbers numbers = { .arena = &index->arena };
	int result = number_sources(&numbers, table);
	if (result == 0)
		result = collect_places(index, &numbers, table, chosen);
	index->source_count = numbers.count;
	HASH_CLEAR(hh, numbers.by_name);
	return result;
}

static int compare(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int compare_spots(const struct place *a, const struct place *b)
{
	int order = compare(a->at->line, b->at->line);
	return order != 0 ? order : compare(a->at->column, b->at->column);
}

static int by_document(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	int order = compare(a->source, b->source);
	if (order == 0)
		order = compare_spots(a, b);
	return order != 0 ? order : compare(a->link_order, b->link_order);
}

static int by_link(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	int order = compare(a->source, b->source);
	if (order == 0)
		order = compare(a->link_order, b->link_order);
	return order != 0 ? order : compare_spots(a, b);
}

static int by_severity(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = compare(a->source, b->source);
	if (order == 0)
		order = compare(a->rank, b->rank);
	return order != 0 ? order : by_document(a->places, b->places);
}

static void sort(void *items, size_t count, size_t size,
	int (*order)(const void *left, const void *right))
{
	if (count > 1)
		qsort(items, count, size, order);
}

static bool starts_entry(const struct index *index, size_t i)
{
	const struct place *place = &index->places[i];
	return i == 0 || place[-1].link != place->link ||
	       place[-1].source != place->source;
}

static int group(struct index *index)
{
	size_t count = 0;

	for (size_t i = 0; i < index->place_count; i++)
		count += starts_entry(index, i);
	index->entries = ARENA_ARRAY(&index->arena, struct entry, count);
	if (index->entries == NULL && count > 0)
		return -1;
	for (size_t i = 0; i < index->place_count; i++) {
		const struct place *place = &index->places[i];
		if (starts_entry(index, i))
			index->entries[index->entry_count++] = (struct entry){
				.link = place->link,
				.places = place,
				.source = place->source,
				.rank = place->link->result.done
						? place->link->result.verdict.outcome
						: OUTCOME_COUNT,
			};
		index->entries[index->entry_count - 1].place_count++;
	}
	return 0;
}

int index_places(struct index *index, const struct link_table *table, uint32_t chosen)
{
	if (collect(index, table, chosen) != 0)
		return -1;
	sort(index->places, index->place_count, sizeof(*index->places), by_document);
	return 0;
}

int index_entries(struct index *index, const struct link_table *table, uint32_t chosen)
{
	if (collect(index, table, chosen) != 0)
		return -1;
	sort(index->places, index->place_count, sizeof(*index->places), by_link);
	if (group(index) != 0)
		return -1;
	sort(index->entries, index->entry_count, sizeof(*index->entries), by_severity);
	return 0;
}

void index_fini(struct index *index)
{
	arena_fini(&index->arena);
	*index = (struct index){ 0 };
}
