/* probe/prober: what its files share.
 *
 * A probe moves through these stages; a hop or a retry begins again at the top:
 *
 *     LINE_UP ──► LOOKUP ──► TURN ──► ADDRESS ──► REQUEST ──► end, or next hop
 *        ▲  ▲       │                                │
 *        │  └── SITE ─┴── robots.txt, or word from   │
 *        │                another probe of the origin │
 *        └──────────────── REST ◄────────────────────┘ retry
 *
 * Names are looked up before the host's turn is waited for: a name that does not exist
 * then costs its neighbours nothing. When the turn comes, the answer is still in the
 * resolver's cache; if it has expired meanwhile, it is asked again within the turn, and
 * what is connected to is never older than its TTL.
 *
 * Everything is driven from one place, pump() in prober.c, once a turn of the loop and
 * never from within a library's callback.
 */
#pragma once

#include "base/random.h"
#include "probe/chain_internal.h"
#include "probe/ping_internal.h"
#include "probe/prober.h"
#include "probe/sites_internal.h"
#include "probe/tally_internal.h"

/* Counts of waiting probes by hash of their host: two hosts may share one, then a
 * connection is kept in vain. */
enum { HOST_SLOTS = 16 * 1024 };

enum probe_stage {
	PROBE_LINE_UP, /* waits for one of the few places at the resolver */
	PROBE_LOOKUP,
	PROBE_SITE, /* waits in its site for what another finds out */
	PROBE_TURN,
	PROBE_ADDRESS, /* has the turn; only when the name must be asked again */
	PROBE_REQUEST,
	PROBE_REST, /* before a retry */
};

struct probe {
	struct prober *prober;
	struct list in_prober;
	struct list in_stage;     /* in LINE_UP: the line; in SITE: the site's */
	struct heap_node resting; /* in REST */
	struct turn turn;
	struct lookup lookup;
	enum probe_stage stage;
	struct probe_request wish; /* its url points to `text` */
	struct chain *chain; /* NULL until the first turn or failure, and in rests */
	struct tries tries;  /* what it held when it was left */
	bool tried;          /* it was */
	time_us stage_since, deadline;
	time_us active_us; /* spent looking up and asking */
	time_ms checked_at;
	uint32_t attempts;
	int32_t dns_ms;     /* -1: nobody was asked */
	uint32_t host_slot; /* in TURN */
	uint32_t asked_hop; /* the last one of which a request was counted; from 1 */
	enum reason last_trouble; /* of the last try of this hop; OK: none */
	bool counted;             /* a request is on its way that the tally knows */
	struct site *site;        /* of this hop, held; NULL: none is needed */
	bool failing;             /* counted in the site's `failing` */
	char text[];
};

struct prober {
	uv_loop_t *loop;
	struct prober_config config;
	struct sockets sockets;
	uv_prepare_t prepare;
	int alarm; /* a timerfd: libuv counts milliseconds, paces are kept to the
		      microsecond */
	uint32_t handles_open;
	time_us armed_for;
	bool closing;
	bool memory_watched;
	void (*on_closed)(void *data);
	void *closed_data;

	struct pacer *pacer;
	struct resolver *resolver;
	struct pinger pinger;
	struct requester requester;
	struct sites sites;
	struct tally tally;
	struct slice robots_agent; /* of config.user_agent */
	struct random random;
	struct arena scratch; /* for one parse */
	bool ipv6_first;

	struct list probes;
	struct list line_up;
	struct heap resting;
	uint32_t lookups; /* in stage LOOKUP */
	uint32_t lookups_max;
	uint32_t *host_waiting; /* probes in TURN, by host_slot */
	uint32_t names_waiting; /* slots of it that are not 0 */
	struct chain **idle_chains;
	uint32_t idle_chain_count;
	struct prober_counts counts; /* `waiting` holds all that live */
};

/* One turn of a probe's life each; `now` is of the room's clock. A probe may be gone
 * afterwards. */
void probe_line_up(struct probe *probe);
void probe_look_up(struct probe *probe, time_us now);
void probe_granted(struct probe *probe, time_us now);
void probe_looked_up(struct lookup *lookup, const struct dns_answer *answer);
void probe_sent(struct request *request);
bool probe_is_host_wanted(struct request *request);
void probe_requested(struct request *request);

/* Before all others: what they wait for hangs on it. */
void probe_line_up_first(struct probe *probe);

/* The probe's own hold; lasts until host_let_go. */
void probe_hold(struct probe *probe, struct site *site);

/* Goes on by itself when site_go_on is called. */
void probe_wait_in(struct probe *probe, struct site *site);
void site_go_on(struct site *site);

/* Before a granted request: true when the probe has to wait in its site first. */
bool host_must_wait(struct probe *probe, time_us now);

/* After each try, and after the last one of a hop. */
void host_note_try(struct probe *probe, enum reason failure, bool again, time_us now);
/* What failed so far says nothing of any origin. */
void host_reopen_all(struct sites *sites);

/* The hop is over, or the probe: what it was finding out, others must. */
void host_let_go(struct probe *probe);

/* It goes ahead to find out whether a host that was closed is still down. */
bool host_tries_once(const struct probe *probe);

/* Once a hop: whether it is asked with HEAD or GET. False: another probe is finding out
 * whether this origin's HEAD can be believed, and the probe has to wait for that. */
bool head_plan(struct probe *probe, struct site *site);

/* HEAD was good, and GET has the last word: asked next. */
bool head_wants_get(const struct probe *probe, enum reason failure);

/* After the last try of a hop: what it says of the origin's HEAD. */
void head_learn(struct probe *probe, enum reason failure);

/* Without an answer nothing is learned, and the others have waited long enough. */
void head_give_up(struct probe *probe);

enum robots_word {
	ROBOTS_PERMITTED,
	ROBOTS_FORBIDDEN, /* by a rule */
	ROBOTS_CLOSED,    /* by the trouble that robots.txt is in */
	ROBOTS_LATER,
};

/* Whether robots.txt lets us ask this URL. LATER: the probe waits in the site and goes on
 * by itself (robots_fetch.c). */
enum robots_word robots_ask(struct probe *probe, const struct url *url);

/* Takes it out of wherever it is, without a word to its owner. */
void probe_discard(struct probe *probe);

/* `large`: for a page's anchors. NULL: no memory. */
struct chain *prober_take_chain(struct prober *prober, bool large);
void prober_give_chain(struct prober *prober, struct chain *chain);
