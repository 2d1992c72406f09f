/* ask/siblings: is a page that says nothing for itself a soft 404?
 *
 * Asks a made-up address beside it, once for all pages of one kind (host, directory and
 * extension), and compares (verdict/soft_404.h says what can be told from that). First
 * the beginnings of both, as any page is read; only where those look alike are both read
 * to their end, because the pages of one site begin alike. At most SIBLINGS_PER_HOST_MAX
 * made-up addresses a host and run (of the daemon: a day, and then it forgets the lot);
 * what goes beyond stays as it is.
 */
#pragma once

#include "base/arena.h"
#include "base/random.h"
#include "base/table.h"
#include "verdict/soft_404.h"

enum { SIBLINGS_PER_HOST_MAX = 32 };

struct request;
struct sibling_kind;
struct sibling_host;

/* How far a page is read. */
enum sibling_reach { SIBLING_START, SIBLING_WHOLE, SIBLING_REACH_COUNT };

/* What a request keeps for it. */
struct sibling_asker {
	struct sibling_facts *page; /* NULL: nothing is to be told */
	struct sibling_kind *kind;
	enum sibling_reach reach; /* of `page` */
	bool over;
	struct request *next; /* in the kind's line */
};

struct siblings {
	struct arena arena; /* of the kinds */
	struct sibling_kind *kinds;
	uint32_t kind_count;
	uint64_t began_ns;          /* uv_hrtime of when it knew nothing yet */
	uint32_t askers;            /* requests that have a kind in mind */
	struct sibling_host *hosts; /* by pacing key */
	struct sibling_host *first;
	struct random random;
};

void siblings_init(struct siblings *siblings, uint64_t seed);
void siblings_fini(struct siblings *siblings);

struct observation;

/* The page of `about` has nothing that speaks for it: keeps what is needed. */
void siblings_remember(struct request *about, const struct observation *seen);

/* True: something is being asked, and inquire() is called when it is answered. */
bool siblings_ask(struct request *about);
