#include <assert.h>
#include <stdlib.h>

#include "model/host.h"
#include "watch/incident_internal.h"

bool incident_is_of_page(enum reason reason)
{
	switch (reason) {
	case REASON_HTTP_404:
	case REASON_HTTP_410:
	case REASON_HTTP_4XX:
	case REASON_SOFT_404:
	case REASON_REDIRECT_LOOP:
	case REASON_REDIRECT_LIMIT:
	case REASON_REDIRECT_FORBIDDEN:
	case REASON_BAD_URL:
	case REASON_MISSING_SCHEME:
	case REASON_MISSING_ANCHOR:
	case REASON_MISSING_FILE:
	case REASON_REGISTRY_MISSING:
		return true;
	case REASON_HTTP_5XX:
	case REASON_HTTP_OTHER:
	case REASON_HTTP_MALFORMED:
	case REASON_PARKED_DOMAIN:
	case REASON_DNS_NXDOMAIN:
	case REASON_DNS_NO_ADDRESS:
	case REASON_DNS_SERVFAIL:
	case REASON_DNS_TIMEOUT:
	case REASON_CONNECT_REFUSED:
	case REASON_CONNECT_TIMEOUT:
	case REASON_CONNECT_RESET:
	case REASON_NETWORK_UNREACHABLE:
	case REASON_TIMEOUT:
	case REASON_TLS_EXPIRED:
	case REASON_TLS_NOT_YET_VALID:
	case REASON_TLS_SELF_SIGNED:
	case REASON_TLS_UNTRUSTED:
	case REASON_TLS_HOSTNAME:
	case REASON_TLS_HANDSHAKE:
		return false;
	/* None of these is bad; nor would any be the host's fault. */
	case REASON_OK:
	case REASON_REDIRECT_PERMANENT:
	case REASON_REDIRECT_TEMPORARY:
	case REASON_BODY_TOO_LARGE:
	case REASON_AUTH_REQUIRED:
	case REASON_FORBIDDEN:
	case REASON_RATE_LIMITED:
	case REASON_CHALLENGE:
	case REASON_LEGAL_BLOCK:
	case REASON_REFUSED_OTHER:
	case REASON_EXCLUDED:
	case REASON_UNSUPPORTED_SCHEME:
	case REASON_ROBOTS_DISALLOWED:
	case REASON_ADDRESS_FORBIDDEN:
	case REASON_OFFLINE:
		return true;
	}
	return true;
}

/* --- groups ------------------------------------------------------------------------ */

enum level { LEVEL_HOST = 1, LEVEL_DOMAIN, LEVEL_CERTIFICATE };

static uint64_t key_of_host(struct slice host, uint64_t certificate)
{
	return hash_bytes(
		host, table_seed ^ hash_mix(certificate ^ hash_mix(LEVEL_HOST)));
}

static uint64_t key_of_domain(struct slice domain)
{
	return hash_bytes(domain, table_seed ^ hash_mix(LEVEL_DOMAIN));
}

static struct incident_group *find(const struct incidents *incidents, uint64_t key)
{
	struct incident_group *group;
	HASH_FIND(hh, incidents->groups, &key, sizeof(key), group);
	return group;
}

struct incident_group *incident_find_host(
	const struct incidents *incidents, struct slice host)
{
	return find(incidents, key_of_host(host, 0));
}

struct incident_group *incident_find_domain(
	const struct incidents *incidents, struct slice host)
{
	return find(incidents, key_of_domain(host_registrable(host)));
}

static char *copy_name(struct slice name)
{
	size_t len = name.len < INCIDENT_NAME_SIZE ? name.len : INCIDENT_NAME_SIZE - 1;
	char *copy = malloc(len + 1);
	if (copy == NULL)
		return NULL;
	if (len > 0)
		memcpy(copy, name.at, len);
	copy[len] = '\0';
	return copy;
}

static void drop(struct incidents *incidents, struct incident_group *group)
{
	assert(group->links == 0 && group->child_count == 0 && group->open == NULL);
	assert(incidents->groups != NULL);
	HASH_DEL(incidents->groups, group);
	free(group->name);
	free(group);
}

static struct incident_group *make(struct incidents *incidents, uint64_t key,
	enum incident_cause cause, struct slice name, time_ms at)
{
	struct incident_group *group = find(incidents, key);
	if (group != NULL)
		return group;
	if (HASH_COUNT(incidents->groups) >= INCIDENT_GROUPS_MAX)
		return NULL;
	group = calloc(1, sizeof(*group));
	if (group == NULL)
		return NULL;
	*group = (struct incident_group){ .key = key, .cause = cause, .since = at };
	group->name = copy_name(name);
	if (group->name != NULL)
		HASH_ADD(hh, incidents->groups, key, sizeof(group->key), group);
	if (group->name == NULL || group->hh.tbl == NULL) {
		free(group->name);
		free(group);
		return NULL;
	}
	list_init(&group->sibling);
	list_init(&group->children);
	list_init(&group->members);
	return group;
}

static struct incident_group *make_parent(
	struct incidents *incidents, const struct incident_link *link, time_ms at)
{
	struct slice domain = host_registrable(link->host);
	if (link->certificate == 0)
		return make(
			incidents, key_of_domain(domain), INCIDENT_DOMAIN, domain, at);
	return make(incidents, hash_mix(link->certificate ^ hash_mix(LEVEL_CERTIFICATE)),
		INCIDENT_CERTIFICATE, link->host, at);
}

struct incident_group *incident_leaf(
	struct incidents *incidents, const struct incident_link *link, time_ms at)
{
	struct incident_group *leaf, *parent = make_parent(incidents, link, at);
	if (parent == NULL)
		return NULL;
	leaf = make(incidents, key_of_host(link->host, link->certificate), INCIDENT_HOST,
		link->host, at);
	if (leaf == NULL) {
		if (parent->child_count == 0)
			drop(incidents, parent);
		return NULL;
	}
	if (leaf->parent == NULL) {
		leaf->parent = parent;
		list_push_back(&parent->children, &leaf->sibling);
		parent->child_count++;
	}
	return leaf;
}

/* --- links in them ----------------------------------------------------------------- */

static void count(struct incident_group *leaf, enum reason reason, int by)
{
	uint32_t links = (uint32_t)by;
	uint32_t pages = incident_is_of_page(reason) ? links : 0;
	leaf->links += links;
	leaf->pages += pages;
	leaf->parent->links += links;
	leaf->parent->pages += pages;
}

static void drop_if_empty(struct incidents *incidents, struct incident_group *leaf)
{
	struct incident_group *parent = leaf->parent;
	if (leaf->links > 0)
		return;
	list_remove(&leaf->sibling);
	parent->child_count--;
	drop(incidents, leaf);
	if (parent->child_count == 0)
		drop(incidents, parent);
}

void incident_move(struct incidents *incidents, struct incident_entry *entry,
	struct incident_group *leaf, enum reason reason, time_ms at)
{
	struct incident_group *old = entry->leaf;
	enum reason old_reason = entry->reason;
	/* In first: what is no end must not look like one on the way. */
	list_remove(&entry->member);
	entry->leaf = leaf;
	entry->reason = reason;
	if (leaf != NULL) {
		list_push_back(&leaf->members, &entry->member);
		count(leaf, reason, 1);
	}
	if (old == NULL)
		return;
	count(old, old_reason, -1);
	if (leaf != NULL) {
		incident_pass_on(incidents, old, leaf, at);
	} else {
		incident_judge_end(incidents, old, at);
		incident_judge_end(incidents, old->parent, at);
	}
	drop_if_empty(incidents, old);
}
