#include "model/link.h"

#include <assert.h>

#define TEXT(name, text) text,
static const char *const kind_texts[] = { LINK_KINDS(TEXT) };
#undef TEXT

const char *link_kind_text(enum link_kind kind)
{
	assert((size_t)kind < sizeof(kind_texts) / sizeof(kind_texts[0]));
	return kind_texts[kind];
}

void link_table_init(struct link_table *table, size_t bytes_max)
{
	*table = (struct link_table){ 0 };
	arena_init(&table->arena, bytes_max);
	buffer_init(&table->key, bytes_max);
}

void link_table_fini(struct link_table *table)
{
	HASH_CLEAR(hh, table->by_key);
	arena_fini(&table->arena);
	buffer_fini(&table->key);
	*table = (struct link_table){ 0 };
}

static bool is_local(enum link_kind kind)
{
	return kind == LINK_ANCHOR || kind == LINK_FILE;
}

/* Kind, owner and URL with a NUL between them: the same "#usage" in two files is two
 * links, the same https URL is one. Valid until the next one is made. */
static struct slice make_key(struct link_table *table, enum link_kind kind,
	struct slice url, struct slice source)
{
	struct buffer *key = &table->key;

	buffer_reset(key);
	buffer_add_char(key, (char)('0' + kind));
	if (is_local(kind))
		buffer_add(key, source);
	buffer_add_char(key, '\0');
	buffer_add(key, url);
	return key->failed ? (struct slice){ 0 } : buffer_slice(key);
}

/* The spellings of a link, and what is written around it, are mostly the same text or the
 * beginning of it: it is kept once. `owned` is in the arena. */
static struct slice share(struct arena *arena, struct slice text, struct slice owned)
{
	return slice_starts(owned, text) ? slice_sub(owned, 0, text.len)
					 : arena_copy(arena, text);
}

static struct slice share_equal(
	struct arena *arena, struct slice text, struct slice owned)
{
	return slice_equal(text, owned) ? owned : arena_copy(arena, text);
}

static struct suggestion copy_suggestion(
	struct arena *arena, const struct suggestion *suggestion)
{
	if (suggestion->url.len == 0)
		return (struct suggestion){ 0 };
	return (struct suggestion){
		.url = arena_copy(arena, suggestion->url),
		.why = arena_copy(arena, suggestion->why),
	};
}

static struct link *add_link(struct link_table *table,
	const struct link_identity *identity, struct slice source, struct slice key)
{
	struct arena *arena = &table->arena;
	struct link *link = ARENA_NEW(arena, struct link);
	if (link == NULL)
		return NULL;
	*link = (struct link){
		.kind = identity->kind,
		.url = arena_copy(arena, identity->url),
		.fragment = arena_copy(arena, identity->fragment),
		.source = is_local(identity->kind) ? source : (struct slice){ 0 },
		.key = arena_copy(arena, key),
	};
	link->request_key = share(arena, identity->request_key, link->url);
	link->request_url = share(arena, identity->request_url, link->request_key);
	if (identity->kind == LINK_HTTP)
		link->guess = copy_suggestion(arena, &identity->suggestion);
	if (identity->decided || identity->reason != REASON_OK) {
		link->result.done = true;
		link->result.verdict = (struct verdict){
			.outcome = reason_outcome(identity->reason),
			.reason = identity->reason,
			.suggestion = copy_suggestion(arena, &identity->suggestion),
			.error = arena_copy(arena, identity->why),
		};
		link->result.state = state_of_one_check(link->result.verdict.outcome);
	}
	if (arena->failed)
		return NULL;
	HASH_ADD_KEYPTR(hh, table->by_key, link->key.at, link->key.len, link);
	if (link->hh.tbl == NULL)
		return NULL;
	if (table->last != NULL)
		table->last->next = link;
	else
		table->first = link;
	table->last = link;
	link->number = table->link_count++;
	return link;
}

/* A source is named by thousands of occurrences, and what stands around the links of one
 * line, or of a generated file, is often the same: they share the text. */
static struct occurrence *copy_occurrence(
	struct link_table *table, const struct occurrence *from)
{
	static const struct occurrence none = { 0 };
	const struct occurrence *latest = table->latest != NULL ? table->latest : &none;
	struct arena *arena = &table->arena;
	struct occurrence *copy = ARENA_NEW(arena, struct occurrence);

	if (copy == NULL)
		return NULL;
	*copy = *from;
	copy->next = NULL;
	copy->source = share_equal(arena, from->source, latest->source);
	copy->text = share_equal(arena, from->text, latest->text);
	copy->context = slice_equal(from->context, latest->context)
				? latest->context
				: share(arena, from->context, copy->text);
	if (slice_equal(from->expected_title, copy->text))
		copy->expected_title = copy->text;
	else if (slice_equal(from->expected_title, latest->expected_title))
		copy->expected_title = latest->expected_title;
	else
		copy->expected_title = share(arena, from->expected_title, copy->context);
	if (arena->failed)
		return NULL;
	table->latest = copy;
	return copy;
}

struct link *link_table_add(struct link_table *table,
	const struct link_identity *identity, const struct occurrence *occurrence)
{
	struct link *link = NULL;
	struct slice key =
		make_key(table, identity->kind, identity->url, occurrence->source);
	if (key.at == NULL)
		return NULL;
	HASH_FIND(hh, table->by_key, key.at, key.len, link);
	if (link == NULL)
		link = add_link(table, identity, occurrence->source, key);
	if (link == NULL)
		return NULL;
	struct occurrence *copy = copy_occurrence(table, occurrence);
	if (copy == NULL)
		return NULL;
	if (link->last != NULL)
		link->last->next = copy;
	else
		link->first = copy;
	link->last = copy;
	link->occurrence_count++;
	table->occurrence_count++;
	if (link->expected_title.len == 0)
		link->expected_title = copy->expected_title;
	return link;
}

struct link *link_table_find(struct link_table *table, enum link_kind kind,
	struct slice url, struct slice source)
{
	struct link *link = NULL;
	struct slice key = make_key(table, kind, url, source);
	if (key.at != NULL)
		HASH_FIND(hh, table->by_key, key.at, key.len, link);
	return link;
}
