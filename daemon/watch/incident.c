#include "watch/incident.h"

#include <assert.h>
#include <stdlib.h>

#include "watch/incident_internal.h"

struct incidents *incidents_new(void)
{
	struct incidents *incidents = calloc(1, sizeof(*incidents));
	if (incidents == NULL)
		return NULL;
	list_init(&incidents->open);
	list_init(&incidents->news);
	list_init(&incidents->told);
	return incidents;
}

static struct incident_case *case_of_news(struct list *node)
{
	return LIST_OF(node, struct incident_case, news);
}

static void free_told(struct incidents *incidents)
{
	while (!list_empty(&incidents->told))
		incident_case_free(case_of_news(incidents->told.next));
}

void incidents_free(struct incidents *incidents)
{
	if (incidents == NULL)
		return;
	free_told(incidents);
	while (!list_empty(&incidents->news))
		incident_case_free(case_of_news(incidents->news.next));
	while (!list_empty(&incidents->open))
		incident_case_free(
			LIST_OF(incidents->open.next, struct incident_case, open));
	/* Without its table each is still in the order of its fellows. */
	struct incident_entry *entry = incidents->entries;
	HASH_CLEAR(hh, incidents->entries);
	for (struct incident_entry *next; entry != NULL; entry = next) {
		next = entry->hh.next;
		free(entry);
	}
	struct incident_group *group = incidents->groups;
	HASH_CLEAR(hh, incidents->groups);
	for (struct incident_group *next; group != NULL; group = next) {
		next = group->hh.next;
		free(group->name);
		free(group);
	}
	free(incidents);
}

uint64_t incident_certificate(enum reason reason, const struct certificate *seen)
{
	bool of_life = reason == REASON_TLS_EXPIRED || reason == REASON_TLS_NOT_YET_VALID;
	bool of_trust = reason == REASON_TLS_SELF_SIGNED ||
			reason == REASON_TLS_UNTRUSTED || reason == REASON_TLS_HOSTNAME;
	if (!seen->seen || seen->expires_at == 0 || !(of_life || of_trust))
		return 0;
	time_ms life[2] = { seen->starts_at, seen->expires_at };
	return hash_bytes((struct slice){ (const char *)life, sizeof(life) }, 0) | 1;
}

/* --- links ------------------------------------------------------------------------- */

static struct incident_entry *find(const struct incidents *incidents, int64_t link_id)
{
	struct incident_entry *entry;
	HASH_FIND(hh, incidents->entries, &link_id, sizeof(link_id), entry);
	return entry;
}

static struct incident_entry *make(
	struct incidents *incidents, int64_t link_id, time_ms since)
{
	if (incidents->totals.links >= INCIDENT_LINKS_MAX)
		return NULL;
	struct incident_entry *entry = calloc(1, sizeof(*entry));
	if (entry == NULL)
		return NULL;
	entry->link_id = link_id;
	entry->since = since;
	list_init(&entry->member);
	HASH_ADD(hh, incidents->entries, link_id, sizeof(entry->link_id), entry);
	if (entry->hh.tbl == NULL) {
		free(entry);
		return NULL;
	}
	incidents->totals.links++;
	return entry;
}

static void drop(struct incidents *incidents, struct incident_entry *entry, time_ms at)
{
	incident_move(incidents, entry, NULL, entry->reason, at);
	HASH_DEL(incidents->entries, entry);
	free(entry);
	incidents->totals.links--;
}

static void keep_lists(struct incident_entry *entry, const struct incident_link *link)
{
	uint32_t count = link->list_count < INCIDENT_LINK_LISTS_MAX
				 ? link->list_count
				 : INCIDENT_LINK_LISTS_MAX;
	entry->list_count = (uint16_t)count;
	for (uint32_t i = 0; i < count; i++)
		entry->lists[i] = link->lists[i];
}

/* Its place among the bad; NULL: there is none. */
static struct incident_entry *place(
	struct incidents *incidents, const struct incident_link *link, time_ms at)
{
	struct incident_entry *entry = find(incidents, link->link_id);
	if (entry == NULL)
		entry = make(incidents, link->link_id, at);
	struct incident_group *leaf =
		entry != NULL ? incident_leaf(incidents, link, at) : NULL;
	if (leaf == NULL) {
		if (entry != NULL)
			drop(incidents, entry, at);
		incidents->totals.dropped++;
		return NULL;
	}
	keep_lists(entry, link);
	leaf->host_links = link->host_links;
	incident_move(incidents, entry, leaf, link->reason, at);
	return entry;
}

/* --- notes ------------------------------------------------------------------------- */

uint32_t incident_note_bad(
	struct incidents *incidents, const struct incident_link *link, time_ms at)
{
	assert(link->link_id > 0);
	free_told(incidents);
	struct incident_entry *entry = place(incidents, link, at);
	if (entry == NULL)
		return 0;
	incident_judge(incidents, entry->leaf, at);
	const struct incident_case *open = incident_case_of(entry->leaf);
	return open != NULL ? open->facts.number : 0;
}

static void note_look(struct incident_group *group, time_ms at)
{
	if (group == NULL)
		return;
	if (at - group->good_at >= INCIDENT_GOOD_MS)
		group->goods = 0;
	group->goods++;
	group->good_at = at;
}

void incident_note_good(
	struct incidents *incidents, const struct incident_link *link, time_ms at)
{
	assert(link->link_id > 0);
	if (incidents->totals.links == 0)
		return;
	incident_note_removed(incidents, link->link_id, at);
	note_look(incident_find_host(incidents, link->host), at);
	note_look(incident_find_domain(incidents, link->host), at);
}

void incident_note_removed(struct incidents *incidents, int64_t link_id, time_ms at)
{
	free_told(incidents);
	struct incident_entry *entry = find(incidents, link_id);
	if (entry != NULL)
		drop(incidents, entry, at);
}

/* --- restart ----------------------------------------------------------------------- */

void incident_restore(struct incidents *incidents, const struct incident_link *link,
	int64_t incident_id, time_ms since)
{
	struct incident_entry *entry = place(incidents, link, since);
	if (entry == NULL)
		return;
	struct incident_group *leaf = entry->leaf;
	if (since < leaf->since)
		leaf->since = since;
	if (since < leaf->parent->since)
		leaf->parent->since = since;
	/* The newest, should there be several. */
	if (incident_id > leaf->restored_id)
		leaf->restored_id = incident_id;
}

static void reopen(struct incidents *incidents, struct incident_group *group,
	int64_t incident_id, time_ms at)
{
	struct incident_case *open = incident_open(incidents, group, at);
	if (open != NULL)
		open->facts.id = incident_id;
}

/* The incident of its parent, if two leaves had the same, or it is a certificate's. */
static void restore_parent(
	struct incidents *incidents, struct incident_group *parent, time_ms at)
{
	int64_t id = 0;
	bool shared = parent->cause == INCIDENT_CERTIFICATE;
	for (struct list *node = parent->children.next; node != &parent->children;
		node = node->next) {
		int64_t other =
			LIST_OF(node, struct incident_group, sibling)->restored_id;
		shared |= other != 0 && other == id;
		if (other > id && !(shared && id != 0))
			id = other;
	}
	if (id != 0 && shared)
		reopen(incidents, parent, id, at);
}

void incident_restored(struct incidents *incidents, time_ms at)
{
	struct incident_group *group, *next;
	HASH_ITER(hh, incidents->groups, group, next)
	{
		if (group->parent == NULL)
			restore_parent(incidents, group, at);
	}
	HASH_ITER(hh, incidents->groups, group, next)
	{
		if (group->parent != NULL && group->restored_id != 0 &&
			group->parent->open == NULL)
			reopen(incidents, group, group->restored_id, at);
	}
}

void incident_totals(
	const struct incidents *incidents, struct incident_totals *ret_totals)
{
	*ret_totals = incidents->totals;
}

uint32_t incident_of_link(const struct incidents *incidents, int64_t link_id)
{
	const struct incident_entry *entry = find(incidents, link_id);
	if (entry == NULL || entry->leaf == NULL)
		return 0;
	const struct incident_case *open = incident_case_of(entry->leaf);
	return open != NULL ? open->facts.number : 0;
}
