#include "ask/siblings.h"

#include <stdlib.h>

#include "ask/asker.h"
#include "model/host.h"
#include "verdict/verdict.h"

enum {
	KINDS_MAX = 20000,
	SIBLINGS_BYTES_MAX = 256 * 1024 * 1024,
};

#define FORGET_NS (24 * 3600 * UINT64_C(1000000000))

enum sibling_state { SIBLING_NEW, SIBLING_ASKED, SIBLING_KNOWN };

/* One look at a made-up address, and who waits for it. */
struct sibling_look {
	enum sibling_state state;
	struct sibling_facts facts;
	struct request *first, *last;
};

struct sibling_kind {
	struct asker *asker;
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
	arena_init(&siblings->arena, SIBLINGS_BYTES_MAX);
	siblings->began_ns = uv_hrtime();
	random_init(&siblings->random, seed);
}

static void forget(struct siblings *siblings)
{
	struct sibling_host *next;
	HASH_CLEAR(hh, siblings->kinds);
	HASH_CLEAR(hh, siblings->hosts);
	for (struct sibling_host *host = siblings->first; host != NULL; host = next) {
		next = host->next;
		free(host);
	}
	siblings->first = NULL;
	siblings->kind_count = 0;
}

/* The daemon meets new kinds for years, and sites change what they show. When it knows
 * too many, or the first of them for a day, it begins anew as soon as nobody is asking.
 * False: there are too many until then. */
static bool has_room(struct siblings *siblings)
{
	bool full = siblings->kind_count >= KINDS_MAX || siblings->arena.failed;
	bool old = uv_hrtime() - siblings->began_ns > FORGET_NS;
	if (!full && !old)
		return true;
	if (siblings->askers > 0)
		return !full;
	forget(siblings);
	arena_reset(&siblings->arena);
	siblings->began_ns = uv_hrtime();
	return true;
}

void siblings_fini(struct siblings *siblings)
{
	forget(siblings);
	arena_fini(&siblings->arena);
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

static struct sibling_kind *add_kind(struct asker *asker, struct slice key)
{
	struct siblings *siblings = &asker->siblings;
	struct sibling_kind *kind = ARENA_NEW(&siblings->arena, struct sibling_kind);
	if (kind == NULL)
		return NULL;
	kind->asker = asker;
	kind->key = arena_copy(&siblings->arena, key);
	if (kind->key.len != key.len)
		return NULL;
	siblings->kind_count++;
	HASH_ADD_KEYPTR(hh, siblings->kinds, kind->key.at, kind->key.len, kind);
	return kind->hh.tbl != NULL ? kind : NULL;
}

static struct sibling_kind *kind_of(struct asker *asker, struct slice url)
{
	struct siblings *siblings = &asker->siblings;
	struct sibling_kind *kind = NULL;
	struct arena scratch;
	if (!has_room(siblings))
		return NULL;
	arena_init(&scratch, 4 * (size_t)URL_BYTES_MAX);
	struct slice key = soft_404_kind(&scratch, url);
	if (key.len > 0)
		HASH_FIND(hh, siblings->kinds, key.at, key.len, kind);
	if (key.len > 0 && kind == NULL)
		kind = add_kind(asker, key);
	arena_fini(&scratch);
	return kind;
}

void siblings_remember(struct request *about, const struct observation *seen)
{
	struct arena *arena = about->arena;
	if (about->sibling.page == NULL)
		about->sibling.page = ARENA_NEW(arena, struct sibling_facts);
	if (about->sibling.page != NULL)
		sibling_facts_of(arena, seen, about->sibling.page);
}

/* --- the made-up address --- */

static void on_sibling(struct probe *probe, const struct observation *seen, void *data)
{
	struct sibling_kind *kind = data;
	struct asker *asker = kind->asker;
	struct sibling_look *look = &kind->looks[SIBLING_START];
	(void)probe;
	if (look->state == SIBLING_KNOWN)
		look = &kind->looks[SIBLING_WHOLE];
	look->state = SIBLING_KNOWN;
	sibling_facts_of(&asker->siblings.arena, seen, &look->facts);
	struct request *about = look->first;
	look->first = look->last = NULL;
	while (about != NULL) {
		struct request *next = about->sibling.next;
		about->sibling.next = NULL;
		inquire(about);
		about = next;
	}
	asker_end_one(asker);
}

static bool look_at(struct sibling_kind *kind, enum sibling_reach reach, struct slice url)
{
	struct asker *asker = kind->asker;
	struct sibling_look *look = &kind->looks[reach];
	if (!take_from_budget(&asker->siblings, url))
		return false;
	struct probe_request question = {
		.url = soft_404_sibling(
			&asker->siblings.arena, url, &asker->siblings.random),
		.kind = ASK_SIBLING,
		.want_text = reach == SIBLING_WHOLE,
	};
	if (!asker_ask_on(asker, &question, kind, on_sibling))
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
	struct asker *asker = about->asker;
	(void)probe;
	siblings_remember(about, seen);
	inquire(about);
	asker_end_one(asker);
}

static bool read_to_end(struct request *about)
{
	struct probe_request question = {
		.url = url_of(about),
		.kind = ASK_SIBLING,
		.want_text = true,
	};
	about->sibling.reach = SIBLING_WHOLE;
	return asker_ask_on(about->asker, &question, about, on_page_again);
}

static bool is_unproven(const struct link *link)
{
	return link->result.verdict.unproven;
}

static void condemn(struct request *about)
{
	for (struct waiting *at = about->first; at != NULL; at = at->next) {
		struct verdict *verdict = &at->link->result.verdict;
		if (!is_unproven(at->link))
			continue;
		verdict_turn_soft_404(verdict);
		at->link->result.state = state_of_one_check(verdict->outcome);
	}
}

/* True: something is under way. */
static bool take_step(struct request *about)
{
	struct sibling_asker *asker = &about->sibling;
	struct sibling_kind *kind = asker->kind;
	if (kind == NULL) {
		kind = asker->kind = kind_of(about->asker, url_of(about));
		if (kind == NULL)
			return false;
		about->asker->siblings.askers++;
	}
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
	if (about->sibling.kind != NULL)
		about->asker->siblings.askers--;
	about->sibling.kind = NULL;
	return false;
}
