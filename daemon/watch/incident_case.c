#include <assert.h>
#include <stdlib.h>

#include "watch/incident_internal.h"

static struct incident_group *leaf_of(struct list *node)
{
	return LIST_OF(node, struct incident_group, sibling);
}

/* --- what is worth one ------------------------------------------------------------- */

/* Nothing good for so long: what was good before does not count. */
static bool is_mostly_bad(const struct incident_group *group, uint32_t bad, time_ms at)
{
	if (at - group->good_at >= INCIDENT_GOOD_MS)
		return true;
	return (uint64_t)group->goods * INCIDENT_GOOD_DIVISOR <=
	       (uint64_t)group->goods + bad;
}

static bool is_all(const struct incident_group *leaf)
{
	return leaf->links >= INCIDENT_ALL_MIN && leaf->links >= leaf->host_links &&
	       leaf->host_links > 0;
}

/* Pages that went one after the other, over years, have nothing in common. */
static bool is_pages_worth(const struct incident_group *leaf, time_ms at)
{
	uint64_t recent = 0;
	if (leaf->links < INCIDENT_LINKS_MIN || leaf->host_links == 0 ||
		(uint64_t)leaf->links * 100 <
			(uint64_t)leaf->host_links * INCIDENT_PAGES_PERCENT)
		return false;
	for (struct list *node = leaf->members.prev; node != &leaf->members;
		node = node->prev) {
		const struct incident_entry *entry =
			LIST_OF(node, struct incident_entry, member);
		recent += entry->since >= at - INCIDENT_PAGES_MS ? 1 : 0;
		if (recent >= INCIDENT_LINKS_MIN &&
			recent * 100 >=
				(uint64_t)leaf->host_links * INCIDENT_PAGES_PERCENT)
			return true;
	}
	return false;
}

static bool is_host_worth(const struct incident_group *leaf, time_ms at)
{
	uint32_t of_host = leaf->links - leaf->pages;
	if (of_host >= INCIDENT_LINKS_MIN && is_mostly_bad(leaf, of_host, at))
		return true;
	/* One slow moment beside a page that died long ago is not all of it. */
	if (of_host >= INCIDENT_ALL_MIN && is_all(leaf))
		return true;
	return is_pages_worth(leaf, at);
}

/* Pages that are missing at several hosts are no matter of the domain, and a host that
 * is mostly good is none of its dead ones. */
static bool is_domain_worth(const struct incident_group *domain, time_ms at)
{
	uint32_t hosts = 0, links = 0;
	for (struct list *node = domain->children.next; node != &domain->children;
		node = node->next) {
		const struct incident_group *leaf = leaf_of(node);
		uint32_t of_host = leaf->links - leaf->pages;
		if (of_host == 0 || !is_mostly_bad(leaf, of_host, at))
			continue;
		hosts++;
		links += of_host;
	}
	return hosts >= 2 && links >= INCIDENT_LINKS_MIN &&
	       is_mostly_bad(domain, links, at);
}

static bool is_certificate_worth(const struct incident_group *certificate)
{
	if (certificate->links >= INCIDENT_LINKS_MIN)
		return true;
	return certificate->child_count == 1 &&
	       is_all(leaf_of(certificate->children.next));
}

/* --- beginning, growing, end ------------------------------------------------------- */

static void tell(struct incidents *incidents, struct incident_case *open)
{
	list_remove(&open->news);
	list_push_back(&incidents->news, &open->news);
}

void incident_case_free(struct incident_case *open)
{
	list_remove(&open->open);
	list_remove(&open->news);
	free(open);
}

struct incident_case *incident_open(
	struct incidents *incidents, struct incident_group *group, time_ms at)
{
	struct incident_case *open = calloc(1, sizeof(*open));
	if (open == NULL)
		return NULL;
	list_init(&open->news);
	list_push_back(&incidents->open, &open->open);
	open->group = group;
	open->facts.number = ++incidents->next_number;
	open->facts.since = group->since;
	open->facts.began_at = at;
	open->facts.links_peak = open->links_told = group->links;
	incidents->totals.open++;
	group->open = open;
	return open;
}

static void begin(struct incidents *incidents, struct incident_group *group, time_ms at)
{
	struct incident_case *open = incident_open(incidents, group, at);
	if (open == NULL)
		return;
	open->began = true;
	tell(incidents, open);
}

/* The facts that a group would have told are kept for the news of its end. */
static void end(struct incidents *incidents, struct incident_case *open,
	uint32_t merged_into, time_ms at)
{
	uint32_t number = open->facts.number;
	bool known = incident_get(incidents, number, &open->facts);
	assert(known);
	(void)known;
	size_t len = open->facts.name.len;
	assert(len < sizeof(open->name));
	if (len > 0)
		memcpy(open->name, open->facts.name.at, len);
	open->facts.name = (struct slice){ open->name, len };
	open->facts.ended_at = at;
	open->facts.merged_into = merged_into;
	open->group->open = NULL;
	open->group = NULL;
	open->ended = true;
	incidents->totals.open--;
	list_remove(&open->open);
	tell(incidents, open);
}

static void grow(
	struct incidents *incidents, const struct incident_group *group, bool wider)
{
	struct incident_case *open = group->open;
	uint32_t links = group->links;
	if (links > open->facts.links_peak)
		open->facts.links_peak = links;
	if (!wider && links < 2 * open->links_told)
		return;
	open->grew = true;
	tell(incidents, open);
}

/* The oldest incident of its hosts becomes the parent's; the others are part of it. */
static void widen(struct incidents *incidents, struct incident_group *parent, time_ms at)
{
	struct incident_case *oldest = NULL;
	for (struct list *node = parent->children.next; node != &parent->children;
		node = node->next) {
		struct incident_case *open = leaf_of(node)->open;
		if (open != NULL &&
			(oldest == NULL || open->facts.number < oldest->facts.number))
			oldest = open;
	}
	if (oldest == NULL) {
		begin(incidents, parent, at);
		return;
	}
	oldest->group->open = NULL;
	oldest->group = parent;
	parent->open = oldest;
	for (struct list *node = parent->children.next; node != &parent->children;
		node = node->next)
		if (leaf_of(node)->open != NULL)
			end(incidents, leaf_of(node)->open, oldest->facts.number, at);
	grow(incidents, parent, true);
}

void incident_judge(struct incidents *incidents, struct incident_group *leaf, time_ms at)
{
	struct incident_group *parent = leaf->parent;
	if (parent->open == NULL) {
		if (parent->cause == INCIDENT_CERTIFICATE ? is_certificate_worth(parent)
							  : is_domain_worth(parent, at))
			widen(incidents, parent, at);
		else if (leaf->open == NULL && parent->cause == INCIDENT_DOMAIN &&
			 is_host_worth(leaf, at))
			begin(incidents, leaf, at);
	}
	const struct incident_group *group = parent->open != NULL ? parent : leaf;
	if (group->open != NULL)
		grow(incidents, group, false);
}

void incident_judge_end(
	struct incidents *incidents, struct incident_group *group, time_ms at)
{
	struct incident_case *open = group->open;
	if (open != NULL && group->links <= open->facts.links_peak / 2)
		end(incidents, open, 0, at);
}

void incident_pass_on(struct incidents *incidents, struct incident_group *old,
	struct incident_group *leaf, time_ms at)
{
	struct incident_case *open = incident_case_of(old);
	const struct incident_case *there = incident_case_of(leaf);
	if (open == NULL || open == there)
		return;
	/* It counts neither among its bad ones any more nor among those that are well. */
	if (open->group->links > 0) {
		open->facts.links_peak--;
		return;
	}
	if (there != NULL) {
		end(incidents, open, there->facts.number, at);
		return;
	}
	open->group->open = NULL;
	open->group = leaf;
	open->facts.links_peak = leaf->links;
	leaf->open = open;
}

struct incident_case *incident_case_of(const struct incident_group *leaf)
{
	return leaf->parent->open != NULL ? leaf->parent->open : leaf->open;
}

/* --- news -------------------------------------------------------------------------- */

/* Taken out of what it has to tell. */
static enum incident_news next_of(struct incident_case *open)
{
	if (open->began) {
		open->began = open->grew = false;
		return INCIDENT_BEGAN;
	}
	if (open->grew && !open->ended) {
		open->grew = false;
		return INCIDENT_GREW;
	}
	assert(open->ended);
	open->ended = false;
	return INCIDENT_ENDED;
}

bool incident_next_news(struct incidents *incidents, enum incident_news *ret_news,
	struct incident *ret_incident)
{
	if (list_empty(&incidents->news))
		return false;
	struct incident_case *open =
		LIST_OF(incidents->news.next, struct incident_case, news);
	*ret_news = next_of(open);
	*ret_incident = open->facts;
	if (open->group != NULL) {
		(void)incident_get(incidents, open->facts.number, ret_incident);
		open->facts.reason = ret_incident->reason;
	}
	open->links_told = ret_incident->links;
	if (*ret_news == INCIDENT_BEGAN && open->ended) {
		/* It has ended since, which is told next. */
		ret_incident->ended_at = 0;
		ret_incident->merged_into = 0;
		return true;
	}
	list_remove(&open->news);
	if (*ret_news == INCIDENT_ENDED)
		/* Its name has to last until the next note. */
		list_push_back(&incidents->told, &open->news);
	return true;
}
