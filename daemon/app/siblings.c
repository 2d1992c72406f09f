#include "app/siblings_internal.h"

#include <stdlib.h>

#include "app/monitor_internal.h"
#include "model/host.h"
#include "verdict/verdict.h"

enum sibling_state { SIBLING_NEW, SIBLING_ASKED, SIBLING_KNOWN };

/* One look at a made-up address, and who waits for it. */
struct sibling_look {
	enum sibling_state state;
	struct sibling_facts facts;
	struct request *first, *last;
};

struct sibling_kind {
	struct monitor *monitor;
	struct sibling_look looks[SIBLING_REACH_COUNT];
	struct slice key;
	UT_hash_handle hh;
};

struct sibling_host {
	struct sibling_host *next;
	uint32_t asked;
	UT_hash_handle hh;
	size_t key_len;
	char key[];
};

void siblings_init(struct siblings *siblings, uint64_t seed)
{
	*siblings = (struct siblings){ 0 };
	random_init(&siblings->random, seed);
}

/* The kinds live in the monitor's arena. */
void siblings_fini(struct siblings *siblings)
{
	struct sibling_host *next;
	HASH_CLEAR(hh, siblings->kinds);
	HASH_CLEAR(hh, siblings->hosts);
	for (struct sibling_host *host = siblings->first; host != NULL; host = next) {
		next = host->next;
		free(host);
	}
	siblings->first = NULL;
}

static struct slice url_of(const struct request *about)
{
	return about->first->link->request_url;
}

static struct sibling_host *host_of(struct siblings *siblings, struct slice key)
{
	struct sibling_host *host = NULL;
	HASH_FIND(hh, siblings->hosts, key.at, key.len, host);
	if (host != NULL || (host = calloc(1, sizeof(*host) + key.len)) == NULL)
		return host;
	host->key_len = key.len;
	memcpy(host->key, key.at, key.len);
	HASH_ADD(hh, siblings->hosts, key, key.len, host);
	if (host->hh.tbl == NULL) {
		free(host);
		return NULL;
	}
	host->next = siblings->first;
	siblings->first = host;
	return host;
}

/* False: this host was asked often enough, or there is no memory to count it. */
static bool take_from_budget(struct siblings *siblings, struct slice url)
{
	struct arena scratch;
	struct url parsed;
	struct sibling_host *host = NULL;
	arena_init(&scratch, 4 * (size_t)URL_BYTES_MAX);
	if (url_parse(&scratch, url, NULL, &parsed) == 0)
		host = host_of(siblings, host_pacing_key(parsed.host));
	arena_fini(&scratch);
	return host != NULL && host->asked++ < SIBLINGS_PER_HOST_MAX;
}

static struct sibling_kind *kind_of(struct monitor *monitor, struct slice url)
{
	struct siblings *siblings = &monitor->siblings;
	struct slice key = soft_404_kind(&monitor->arena, url);
	struct sibling_kind *kind = NULL;
	if (key.len == 0)
		return NULL;
	HASH_FIND(hh, siblings->kinds, key.at, key.len, kind);
	if (kind != NULL ||
		(kind = ARENA_NEW(&monitor->arena, struct sibling_kind)) == NULL)
		return kind;
	kind->monitor = monitor;
	kind->key = key;
	HASH_ADD_KEYPTR(hh, siblings->kinds, kind->key.at, kind->key.len, kind);
	return kind->hh.tbl != NULL ? kind : NULL;
}

void siblings_remember(struct request *about, const struct observation *seen)
{
	struct arena *arena = &about->monitor->arena;
	if (about->sibling.page == NULL)
		about->sibling.page = ARENA_NEW(arena, struct sibling_facts);
	if (about->sibling.page != NULL)
		sibling_facts_of(arena, seen, about->sibling.page);
}

/* --- the made-up address --- */

static void on_sibling(struct probe *probe, const struct observation *seen, void *data)
{
	struct sibling_kind *kind = data;
	struct monitor *monitor = kind->monitor;
	struct sibling_look *look = &kind->looks[SIBLING_START];
	(void)probe;
	if (look->state == SIBLING_KNOWN)
		look = &kind->looks[SIBLING_WHOLE];
	look->state = SIBLING_KNOWN;
	sibling_facts_of(&monitor->arena, seen, &look->facts);
	struct request *about = look->first;
	look->first = look->last = NULL;
	while (about != NULL) {
		struct request *next = about->sibling.next;
		about->sibling.next = NULL;
		inquire(about);
		about = next;
	}
	monitor_end_one(monitor);
}

static bool look_at(struct sibling_kind *kind, enum sibling_reach reach, struct slice url)
{
	struct monitor *monitor = kind->monitor;
	struct sibling_look *look = &kind->looks[reach];
	if (!take_from_budget(&monitor->siblings, url))
		return false;
	struct probe_request question = {
		.url = soft_404_sibling(&monitor->arena, url, &monitor->siblings.random),
		.kind = ASK_SIBLING,
		.want_text = reach == SIBLING_WHOLE,
	};
	if (!monitor_ask(monitor, &question, kind, on_sibling))
		return false;
	look->state = SIBLING_ASKED;
	return true;
}

static void wait_in(struct sibling_look *look, struct request *about)
{
	if (look->last != NULL)
		look->last->sibling.next = about;
	else
		look->first = about;
	look->last = about;
}

/* --- the page itself, to its end --- */

static void on_page_again(struct probe *probe, const struct observation *seen, void *data)
{
	struct request *about = data;
	struct monitor *monitor = about->monitor;
	(void)probe;
	siblings_remember(about, seen);
	inquire(about);
	monitor_end_one(monitor);
}

static bool read_to_end(struct request *about)
{
	struct probe_request question = {
		.url = url_of(about),
		.kind = ASK_SIBLING,
		.want_text = true,
	};
	about->sibling.reach = SIBLING_WHOLE;
	return monitor_ask(about->monitor, &question, about, on_page_again);
}

static bool is_unproven(const struct link *link)
{
	return link->result.verdict.unproven;
}

static void condemn(struct request *about)
{
	struct monitor *monitor = about->monitor;
	for (struct waiting *at = about->first; at != NULL; at = at->next) {
		struct verdict *verdict = &at->link->result.verdict;
		enum outcome before = verdict->outcome;
		if (!is_unproven(at->link))
			continue;
		verdict_turn_soft_404(verdict);
		monitor_rejudged(monitor, at->link, before);
	}
}

/* True: something is under way. */
static bool take_step(struct request *about)
{
	struct sibling_asker *asker = &about->sibling;
	if (asker->kind == NULL)
		asker->kind = kind_of(about->monitor, url_of(about));
	struct sibling_kind *kind = asker->kind;
	if (kind == NULL)
		return false;
	struct sibling_look *look = &kind->looks[asker->reach];
	if (look->state == SIBLING_NEW && !look_at(kind, asker->reach, url_of(about)))
		return false;
	if (look->state == SIBLING_ASKED) {
		wait_in(look, about);
		return true;
	}
	if (soft_404_compare(asker->page, &look->facts) != SIBLING_SAME)
		return false;
	bool certain = asker->reach == SIBLING_WHOLE ||
		       soft_404_is_certain(asker->page, &look->facts);
	if (certain)
		condemn(about);
	return !certain && read_to_end(about);
}

bool siblings_ask(struct request *about)
{
	if (about->sibling.page == NULL || about->sibling.over)
		return false;
	if (take_step(about))
		return true;
	about->sibling.over = true;
	return false;
}
