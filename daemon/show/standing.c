#include "show/standing.h"

#include "base/hash.h"
#include "base/table.h"
#include "model/url.h"

/* --- a link as people name it --- */

/* As links are told apart; empty: it is no URL. */
static struct slice canonical(struct arena *arena, struct slice text)
{
	struct url url;
	return url_parse(arena, text, NULL, &url) == 0 &&
			       url_canonical(arena, &url, &url) == 0
		       ? url.href
		       : (struct slice){ 0 };
}

int show_find_links(struct store *store, struct slice text, struct arena *arena,
	int64_t *ids, uint32_t ids_max, uint32_t *ret_count, struct error *error)
{
	enum { SPELLINGS = 3 };
	const struct slice spellings[SPELLINGS] = {
		text,
		canonical(arena, text),
		canonical(arena, arena_printf(arena, "https://%.*s", SLICE_ARG(text))),
	};
	*ret_count = 0;
	for (size_t i = 0; i < SPELLINGS && *ret_count == 0; i++)
		if (spellings[i].len > 0 && store_find_links(store, spellings[i], ids,
						    ids_max, ret_count, error) < 0)
			return -1;
	return 0;
}

/* --- a link as reports want it --- */

struct counted_document {
	UT_hash_handle hh;
	char name[];
};

struct gathering {
	struct arena *arena;
	struct store *store;
	struct standing *standing;
	struct slice lists[STANDING_LISTS_MAX];
	struct slice *place_lists;
	uint64_t last_list; /* the hash of its name */
	uint32_t places_max;
	struct counted_document *counted;
};

/* Places and documents come list by list. */
static void note_list(struct gathering *gathering, struct slice list)
{
	uint32_t *count = &gathering->standing->list_count;
	uint64_t hash = hash_bytes(list, 0);
	if (*count > 0 && hash == gathering->last_list)
		return;
	gathering->last_list = hash;
	if (*count < STANDING_LISTS_MAX)
		gathering->lists[*count] = arena_copy(gathering->arena, list);
	(*count)++;
}

/* Its number among those that were told, which is their count if it is new: a document
 * may be a source of several lists. */
static uint32_t number_of(const struct link *link, const struct occurrence *at)
{
	uint32_t number = 0;
	for (const struct occurrence *place = link->first; place != NULL;
		place = place->next, number++)
		if (place->line == at->line && place->column == at->column &&
			slice_equal(place->source, at->source))
			break;
	return number;
}

/* More than fit into a cell are not told. */
static void note_list_of_place(
	struct gathering *gathering, uint32_t number, struct slice list)
{
	enum { BYTES_MAX = 512 };
	struct slice *lists = &gathering->place_lists[number];
	if (number == gathering->standing->link.occurrence_count)
		*lists = arena_copy(gathering->arena, list);
	else if (lists->len + 1 + list.len <= BYTES_MAX)
		*lists = arena_printf(gathering->arena, "%.*s %.*s", SLICE_ARG(*lists),
			SLICE_ARG(list));
}

static bool add_place(const struct store_occurrence *found, void *data)
{
	struct gathering *gathering = data;
	struct link *link = &gathering->standing->link;
	uint32_t number = number_of(link, &found->at);
	note_list(gathering, found->list);
	note_list_of_place(gathering, number, found->list);
	if (number < link->occurrence_count)
		return true;
	struct occurrence *place = ARENA_NEW(gathering->arena, struct occurrence);
	if (place == NULL)
		return false;
	*place = (struct occurrence){
		.source = arena_copy(gathering->arena, found->at.source),
		.line = found->at.line,
		.column = found->at.column,
		.text = arena_copy(gathering->arena, found->at.text),
		.context = arena_copy(gathering->arena, found->at.context),
		.expected_title = arena_copy(gathering->arena, found->at.expected_title),
	};
	if (link->last != NULL)
		link->last->next = place;
	else
		link->first = place;
	link->last = place;
	if (link->expected_title.len == 0)
		link->expected_title = place->expected_title;
	link->occurrence_count++;
	return link->occurrence_count < gathering->places_max;
}

/* Whether another list has counted it. Without memory it is counted once more. */
static bool is_counted(struct gathering *gathering, struct slice name)
{
	struct counted_document *document = NULL;
	HASH_FIND(hh, gathering->counted, name.at, name.len, document);
	if (document != NULL)
		return true;
	document = arena_alloc(gathering->arena, sizeof(*document) + name.len);
	if (document == NULL)
		return false;
	memcpy(document->name, name.at, name.len);
	HASH_ADD_KEYPTR(hh, gathering->counted, document->name, name.len, document);
	return false;
}

static bool add_document(const struct store_document *document, void *data)
{
	struct gathering *gathering = data;
	note_list(gathering, document->list);
	if (!is_counted(gathering, document->source))
		gathering->standing->link.occurrence_count += document->places;
	return true;
}

static bool name_list(const struct store_document *document, void *data)
{
	note_list(data, document->list);
	return true;
}

static int walk_documents(struct gathering *gathering, struct slice list,
	store_document_fn *fn, struct error *error)
{
	gathering->standing->list_count = 0;
	return store_walk_documents(gathering->store, gathering->standing->link_id, list,
		fn, gathering, error);
}

/* The first places as they are; where there are more, the documents count them. */
static int add_places(struct gathering *gathering, const struct show_places *places,
	struct error *error)
{
	struct link *link = &gathering->standing->link;
	uint32_t limit = places->limit;
	int result = 0;
	gathering->places_max =
		limit > 0 && limit < SHOW_PLACES_MAX ? limit : SHOW_PLACES_MAX;
	gathering->place_lists =
		ARENA_ARRAY(gathering->arena, struct slice, gathering->places_max);
	gathering->standing->place_lists = gathering->place_lists;
	if (gathering->place_lists == NULL)
		return error_set(error, "out of memory");
	if (store_walk_occurrences(gathering->store, gathering->standing->link_id,
		    places->list, 0, add_place, gathering, error) < 0)
		return -1;
	if (limit > 0)
		return 0;
	if (link->occurrence_count == gathering->places_max) {
		link->occurrence_count = 0;
		result = walk_documents(gathering, places->list, add_document, error);
		HASH_CLEAR(hh, gathering->counted);
	}
	if (result == 0 && places->list.len > 0)
		result = walk_documents(gathering, (struct slice){ 0 }, name_list, error);
	return result;
}

static void add_texts(
	struct standing *standing, const struct store_texts *texts, struct arena *arena)
{
	struct check_result *result = &standing->link.result;
	result->final_url = arena_copy(arena, texts->final_url);
	result->title = arena_copy(arena, texts->title);
	result->verdict.error = arena_copy(arena, texts->error);
	result->verdict.suggestion.url = arena_copy(arena, texts->suggestion.url);
	result->verdict.suggestion.why = arena_copy(arena, texts->suggestion.why);
	if (texts->redirects.len == 0)
		return;
	struct redirect *redirects =
		ARENA_ARRAY(arena, struct redirect, STORE_REDIRECTS_MAX);
	if (redirects == NULL)
		return;
	result->redirects = redirects;
	result->redirect_count =
		store_unpack_redirects(arena, texts->redirects, redirects);
}

int show_standing(struct store *store, const struct store_link *link,
	const struct show_places *places, struct arena *arena,
	struct standing *ret_standing, struct error *error)
{
	struct gathering gathering = {
		.arena = arena, .store = store, .standing = ret_standing
	};
	*ret_standing = (struct standing){
		.link_id = link->link_id,
		.link = { .kind = link->kind,
			.url = arena_copy(arena, link->url),
			.source = arena_copy(arena, link->source) },
		.record = link->record,
	};
	if (add_places(&gathering, places, error) < 0)
		return -1;
	if (arena->failed)
		return error_set(error, "out of memory");
	standing_set_result(ret_standing);
	add_texts(ret_standing, &link->texts, arena);
	uint32_t named = standing_lists_named(ret_standing);
	struct slice *lists = ARENA_ARRAY(arena, struct slice, named + 1);
	if (lists == NULL)
		return error_set(error, "out of memory");
	memcpy(lists, gathering.lists, named * sizeof(*lists));
	ret_standing->lists = lists;
	return 0;
}
