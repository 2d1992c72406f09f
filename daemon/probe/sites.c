#include "probe/sites_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { ORIGIN_BYTES_MAX = 320, ROBOTS_RULES_BYTES_MAX = 4 * 1024 * 1024 };

void sites_init(struct sites *sites)
{
	*sites = (struct sites){ 0 };
	list_init(&sites->idle);
	list_init(&sites->all);
}

/* In no list and no hash any more, or all of them end with it. */
static void site_free(struct site *site)
{
	assert(list_empty(&site->waiting));
	arena_fini(&site->arena);
	free(site);
}

void sites_fini(struct sites *sites)
{
	struct list *next;
	HASH_CLEAR(hh, sites->by_origin);
	for (struct list *at = sites->all.next; at != &sites->all; at = next) {
		next = at->next;
		site_free(LIST_OF(at, struct site, in_sites));
	}
	sites_init(sites);
}

struct slice site_origin(const struct site *site)
{
	return (struct slice){ site->key, site->key_len };
}

/* False: a host that nobody can be asked for. */
static bool write_origin(const struct url *url, char text[static ORIGIN_BYTES_MAX],
	struct slice *ret_origin)
{
	int len = snprintf(text, ORIGIN_BYTES_MAX, "%.*s://%.*s:%u",
		SLICE_ARG(url->scheme), SLICE_ARG(url->host), (unsigned)url_port(url));
	*ret_origin = (struct slice){ text, (size_t)len };
	return len > 0 && len < ORIGIN_BYTES_MAX;
}

static struct site *find(struct sites *sites, struct slice origin)
{
	struct site *site = NULL;
	HASH_FIND(hh, sites->by_origin, origin.at, origin.len, site);
	if (site != NULL && site->holds == 0) {
		list_remove(&site->in_idle);
		list_push_back(&sites->idle, &site->in_idle);
	}
	return site;
}

struct site *sites_find(struct sites *sites, const struct url *url)
{
	char text[ORIGIN_BYTES_MAX];
	struct slice origin;
	if (sites->count == 0 || !write_origin(url, text, &origin))
		return NULL;
	return find(sites, origin);
}

void site_hold(struct site *site)
{
	if (site->holds++ == 0)
		list_remove(&site->in_idle);
}

void site_release(struct site *site)
{
	assert(site->holds > 0);
	if (--site->holds == 0)
		list_push_back(&site->sites->idle, &site->in_idle);
}

/* For one more. */
static void make_room(struct sites *sites)
{
	struct list *oldest =
		sites->count >= SITES_MAX ? list_pop_front(&sites->idle) : NULL;
	if (oldest == NULL)
		return;
	struct site *site = LIST_OF(oldest, struct site, in_idle);
	HASH_DEL(sites->by_origin, site);
	sites->count--;
	list_remove(&site->in_sites);
	site_free(site);
}

struct site *sites_get(struct sites *sites, const struct url *url)
{
	char text[ORIGIN_BYTES_MAX];
	struct slice origin;
	if (!write_origin(url, text, &origin))
		return NULL;
	struct site *site = find(sites, origin);
	if (site != NULL)
		return site;
	make_room(sites);
	site = calloc(1, sizeof(*site) + origin.len);
	if (site == NULL)
		return NULL;
	site->key_len = origin.len;
	memcpy(site->key, origin.at, origin.len);
	arena_init(&site->arena, ROBOTS_RULES_BYTES_MAX);
	list_init(&site->waiting);
	list_init(&site->in_idle);
	list_init(&site->in_sites);
	site->sites = sites;
	HASH_ADD(hh, sites->by_origin, key, site->key_len, site);
	if (site->hh.tbl == NULL) {
		free(site);
		return NULL;
	}
	list_push_back(&sites->idle, &site->in_idle);
	list_push_back(&sites->all, &site->in_sites);
	sites->count++;
	return site;
}

uint32_t site_count_waiting(const struct site *site, uint32_t max)
{
	uint32_t count = 0;
	for (const struct list *at = site->waiting.next;
		at != &site->waiting && count < max; at = at->next)
		count++;
	return count;
}
