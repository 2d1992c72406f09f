/* watch/doubt: is it us? For a daemon that never ends.
 *
 * policy/vantage judges one finite run of `check` when it is over. A daemon has to know
 * at each moment whether its machine may speak (rot-and-papers 3.8, "Is it us?";
 * interfaces 1.4: what is measured while this machine is suspected weighs nothing). Two
 * things keep it honest:
 *
 * Held results. A bad answer that our own network could have made (reasons of names,
 * connections, TLS, silence, and a plain-http answer from somebody else) is held, not
 * recorded, until it is vouched for: an unrelated domain gave a real answer not long
 * before it, and another one came after it ended. For TLS it must be one over https; for
 * names the resolver must have told the truth besides, because who answers may have been
 * found in a cache. Where nobody is asked anyway, doubt names somebody to ask (a canary).
 * A result with a gap in it, in which nobody at all answered and an outage may hide, or
 * one of names, is asked again once and believed the second time, unless our records
 * held the link for bad; one that nobody vouches for is asked again, never lost and never
 * recorded. So whoever asks rarely asks twice before a first strike.
 *
 * Doubt. Failures of unrelated domains in a row, or too many of those that were good,
 * a resolver that is silent or denies everybody, answers that all come from one place,
 * servers that agree on another time, a canary that fails: dispatch pauses, all that is
 * held is asked again afterwards, canaries are asked with growing pauses, and only
 * positive evidence ends it. After a sleep, a stop or a jump of the clock the machine
 * settles first: the same, without an event.
 *
 * A domain is the registrable one (model/host.h): a host with hundreds of dead links is
 * one witness, and dies alone. A domain that is bad in our records is none at all.
 *
 * Where there is nobody unrelated (a list of two links on one host) the resolver vouches
 * alone, after DOUBT_ROUNDS_MIN looks over DOUBT_ROUNDS_SPAN_MS.
 *
 * Pure: no clock, no I/O; `now` is monotonic and never goes back. Fixed memory (600 KB),
 * taken by doubt_new; a note is O(1), that of a failure O(its seconds), that of an answer
 * O(held).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/time.h"
#include "model/observation.h"
#include "model/outcome.h"

#define DOUBT_STATES(X)                                                                  \
	X(FINE, "fine")         /* links are asked and recorded */                       \
	X(SETTLING, "settling") /* after a sleep, a stop or a clock's jump */            \
	X(DOUBTING, "in_doubt") /* nothing is asked but canaries */

/* Why, or what the last one was. The last three only settle, unless nobody answers. */
#define DOUBT_KINDS(X)                                                                   \
	X(NONE, "none")                                                                  \
	X(NO_NETWORK, "no_network")                                                      \
	X(NO_RESOLVER, "no_resolver")                                                    \
	X(CAPTIVE_PORTAL, "captive_portal")                                              \
	X(MASS_FAILURE, "mass_failure")                                                  \
	X(WRONG_CLOCK, "wrong_clock")                                                    \
	X(SLEPT, "slept")                                                                \
	X(STOPPED, "stopped")                                                            \
	X(CLOCK_JUMPED, "clock_jumped")

#define DOUBT_STATE_ENUM(name, text) DOUBT_##name,
enum doubt_state { DOUBT_STATES(DOUBT_STATE_ENUM) };
#undef DOUBT_STATE_ENUM

#define DOUBT_KIND_ENUM(name, text) DOUBT_KIND_##name,
enum doubt_kind { DOUBT_KINDS(DOUBT_KIND_ENUM) };
#undef DOUBT_KIND_ENUM

const char *doubt_state_text(enum doubt_state state);
const char *doubt_kind_text(enum doubt_kind kind);

enum {
	DOUBT_HELD_MAX = 4096,    /* results at a time; one more is asked again */
	DOUBT_DOMAINS_MAX = 4096, /* remembered; the one unheard of longest gives way */
	DOUBT_TICK_MS = 1000,     /* how often doubt_tick wants to be called */
	DOUBT_ROW_MIN = 5,        /* domains that fail in a row: doubt ... */
	DOUBT_ROW_KNOWN_MIN = 2,  /* ... or all that are known, but never fewer */
	DOUBT_RATE_MIN = 10,      /* good domains that failed within the window: doubt, */
	DOUBT_RATE_PERCENT = 30,  /* if they are more than these of all good ones asked */
	DOUBT_RATE_WINDOW_MS = 600000,
	DOUBT_PORTAL_MIN = 3,        /* domains that end at one place */
	DOUBT_CLEARED_MS = 86400000, /* for so long that place raises no doubt again */
	DOUBT_DATES_MIN = 2,         /* servers that agree on another time */
	DOUBT_BRACKET_MS = 120000,   /* a sign of life so long before a check counts */
	DOUBT_HOLD_MS = 600000,      /* the longest that anything is held */
	DOUBT_ROUNDS_MIN = 3,        /* looks at a domain for which nobody vouches, ... */
	DOUBT_ROUNDS_SPAN_MS = 600000, /* ... over so long */
	DOUBT_SETTLE_MS = 10000,       /* of rest, before canaries are asked */
	DOUBT_SETTLE_MAX_MS = 60000,   /* without a sign of life: doubt */
	DOUBT_CANARY_WAIT_MS = 2000,   /* a held result waits so long for a passer-by */
	DOUBT_CANARY_MIN_MS = 5000,    /* between canaries, doubling ... */
	DOUBT_CANARY_MAX_MS = 300000,  /* ... up to this */
	DOUBT_CANARY_LOST_MS = 180000, /* one without an answer is given up */
	DOUBT_OURS_MAX_MS = 3600000,   /* few domains, all silent, an honest resolver: it
					  was them after all */
	DOUBT_SLEEP_MIN_MS = 5000,     /* boottime less monotonic */
	DOUBT_STOP_MIN_MS = 30000,     /* between two ticks */
	DOUBT_JUMP_MIN_MS = 30000,     /* wall less boottime */
	DOUBT_PORTAL_SIZE = 256,
};

struct doubt;
struct doubt *doubt_new(time_ms now); /* FINE; NULL: no memory */
void doubt_free(struct doubt *doubt); /* NULL is harmless */

/* --- results ----------------------------------------------------------------------- */

/* Who answered. */
enum doubt_voice {
	DOUBT_NOT_ASKED, /* nothing was, or what failed says nothing of a network */
	DOUBT_SILENT,    /* it failed on the way: see `failure` */
	DOUBT_CERTIFIED, /* somebody who proved by a certificate who he is */
	DOUBT_OWN,       /* over plain http, under the name that was asked */
	DOUBT_FOREIGN,   /* over plain http, and it sent us elsewhere, or said 511 */
};

/* What our records held of the link before this check. */
enum doubt_expectation {
	DOUBT_EXPECT_NOTHING, /* never checked, or gated */
	DOUBT_EXPECT_GOOD,
	DOUBT_EXPECT_BAD, /* suspect or dead: its failure says nothing of us */
};

/* One finished check, as a value that outlives its observation. */
struct doubt_facts {
	enum doubt_voice voice;
	enum reason failure; /* as in struct observation */
	uint64_t domain; /* of the first hop: a hash, never 0 once anything was asked */
	uint64_t end_domain; /* of the last hop: the one that failed, where one did */
	uint64_t page;       /* of plain answers: what was shown; 0: nothing */
	bool answered_first; /* the first hop was answered, whatever came later */
	bool has_date;
	time_ms server_ahead_ms;        /* the Date header less our clock */
	char portal[DOUBT_PORTAL_SIZE]; /* FOREIGN: the host where it ended; may be "" */
	/* The caller's: */
	int64_t link_id; /* above 0 */
	enum doubt_expectation expected;
	time_ms asked_at, ended_at; /* monotonic, as `now` */
};

/* All but the caller's part, which is zeroed. O(1) but for the public suffix list. */
void doubt_facts_of(const struct observation *seen, struct doubt_facts *ret_facts);

enum doubt_word {
	DOUBT_RECORD,    /* it speaks for itself, or is vouched for */
	DOUBT_HOLD,      /* keep it; doubt_next says later what to do with the ticket */
	DOUBT_ASK_AGAIN, /* throw it away and let the link be due at once */
};

/* Every check that ends, canaries included, in any order. `ticket` is what doubt_next
 * gives back; it is not looked into. A good answer is never held, but for DOUBT_FOREIGN
 * ones and pages that unrelated domains share; nor is a status over https, whatever it
 * says. While the state is not FINE, what would be held is asked again at once (the link
 * becomes due, dispatch waits), and so is what was asked before it became FINE. */
enum doubt_word doubt_note(struct doubt *doubt, const struct doubt_facts *facts,
	uint64_t ticket, time_ms now);

/* Call after each doubt_note, doubt_pong and doubt_tick until false. A held ticket comes
 * out once: DOUBT_RECORD or DOUBT_ASK_AGAIN. */
bool doubt_next(struct doubt *doubt, uint64_t *ret_ticket, enum doubt_word *ret_word);

/* A link that was good at its last check before the restart, as a canary for the first
 * hours. `domain` by doubt_domain; `certified`: it showed a certificate. A few dozen of
 * different domains are plenty. */
void doubt_suggest_canary(
	struct doubt *doubt, int64_t link_id, uint64_t domain, bool certified);
void doubt_drop_canary(struct doubt *doubt, int64_t link_id); /* no longer watched */
uint64_t doubt_domain(struct slice url); /* http or https, serialised */

/* --- time and canaries ------------------------------------------------------------- */

struct doubt_clocks {
	time_ms now;  /* CLOCK_MONOTONIC: stands still while the machine sleeps */
	time_ms boot; /* CLOCK_BOOTTIME: does not */
	time_ms wall;
	/* prober_resolver_health; may begin anew, as after a reload */
	uint64_t names_asked, names_answered;
};

/* Once a DOUBT_TICK_MS, and first of all after a sleep. */
void doubt_tick(struct doubt *doubt, const struct doubt_clocks *clocks);

enum doubt_want {
	DOUBT_WANTS_NOTHING,
	DOUBT_WANTS_RESOLVER, /* prober_ping_resolver, then doubt_pong */
	DOUBT_WANTS_LINK,     /* check it now, past the pause, then doubt_note */
};

/* After doubt_next has run dry, until NOTHING. What it returns counts as asked. A link
 * that is no longer watched: doubt_drop_canary, and ask again. The host's pace holds for
 * canaries too. */
enum doubt_want doubt_wants(struct doubt *doubt, time_ms now, int64_t *ret_link_id);

/* `answer` as prober_ping_resolver gives it: OK, or why not. */
void doubt_pong(struct doubt *doubt, enum reason answer, time_ms now);

/* --- what is held to be true ------------------------------------------------------- */

struct doubt_status {
	enum doubt_state state;
	enum doubt_kind kind;   /* NONE: FINE */
	time_ms since;          /* the state holds since; monotonic */
	uint32_t held;          /* results */
	uint32_t domains;       /* that spoke for it, when it began */
	uint64_t asked_again;   /* results thrown away so far */
	uint64_t doubts;        /* so far */
	enum reason reason;     /* how they failed; OK: in several ways */
	time_ms clock_ahead_ms; /* WRONG_CLOCK, CLOCK_JUMPED; SLEPT: how long */
	char portal[DOUBT_PORTAL_SIZE];
};

void doubt_status(const struct doubt *doubt, struct doubt_status *ret_status);

/* Whether ordinary links may be asked now. */
bool doubt_may_dispatch(const struct doubt *doubt);

/* Each change of state comes out once, in order; false: none is left. `status` is that of
 * the moment. The beginning and the end of DOUBTING are one event each (OFFLINE_BEGAN,
 * OFFLINE_ENDED); settling is for the log. Ended doubt has state FINE with the kind of
 * what ended, and `since` of its beginning. */
bool doubt_next_change(struct doubt *doubt, struct doubt_status *ret_status);

/* One plain sentence for a person: what was seen, what follows, what to do. For a change
 * to FINE, that it is over. */
void doubt_sentence(const struct doubt_status *status, struct buffer *out);
