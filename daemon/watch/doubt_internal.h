/* watch/doubt_internal: what is remembered, shared by the parts of watch/doubt: facts,
 * results, evidence, judgement and canaries. */
#pragma once

#include "base/list.h"
#include "watch/doubt.h"

/* A set of reasons. */
typedef uint64_t doubt_reasons;
_Static_assert(REASON_COUNT <= 64, "doubt_reasons is a mask of 64 bits");
#define DOUBT_BIT(name) (UINT64_C(1) << REASON_##name)

#define DOUBT_REASONS_DENIED (DOUBT_BIT(DNS_NXDOMAIN) | DOUBT_BIT(DNS_NO_ADDRESS))
#define DOUBT_REASONS_NAMES                                                              \
	(DOUBT_REASONS_DENIED | DOUBT_BIT(DNS_SERVFAIL) | DOUBT_BIT(DNS_TIMEOUT))
#define DOUBT_REASONS_CLOCK (DOUBT_BIT(TLS_EXPIRED) | DOUBT_BIT(TLS_NOT_YET_VALID))
#define DOUBT_REASONS_TLS                                                                \
	(DOUBT_REASONS_CLOCK | DOUBT_BIT(TLS_SELF_SIGNED) | DOUBT_BIT(TLS_UNTRUSTED) |   \
		DOUBT_BIT(TLS_HOSTNAME) | DOUBT_BIT(TLS_HANDSHAKE))
#define DOUBT_REASONS_ALL                                                                \
	(DOUBT_REASONS_NAMES | DOUBT_REASONS_TLS | DOUBT_BIT(CONNECT_REFUSED) |          \
		DOUBT_BIT(CONNECT_TIMEOUT) | DOUBT_BIT(CONNECT_RESET) |                  \
		DOUBT_BIT(NETWORK_UNREACHABLE) | DOUBT_BIT(TIMEOUT) |                    \
		DOUBT_BIT(HTTP_MALFORMED))

static inline bool doubt_reason_in(enum reason reason, doubt_reasons set)
{
	return (set >> reason & 1) != 0;
}

/* Long before any `now`, and far enough from the end of the range to be added to. */
#define DOUBT_NEVER (INT64_MIN / 4)

enum {
	DOUBT_WAYS = 4, /* of the cache of domains */
	DOUBT_SETS = DOUBT_DOMAINS_MAX / DOUBT_WAYS,
	DOUBT_SECONDS = 512, /* a power of two; the longest check that can be covered */
	DOUBT_GAP_MIN =
		3, /* seconds without an answer that are no outage; else a third */
	DOUBT_LOOK_MS = 3600000, /* a second look has to come so soon */
	DOUBT_LIVES = 4, /* more than the two domains that a check can belong to */
	DOUBT_CANARIES = 64,
	DOUBT_SAMPLE = 8,
	DOUBT_ASKED = 2, /* canary links at a time */
	DOUBT_DATES = 8,
	DOUBT_PAGES = 16,
	DOUBT_CHANGES = 8,
	DOUBT_MINUTES = DOUBT_RATE_WINDOW_MS / 60000,
	DOUBT_UNANSWERED_MIN = 5,   /* names without an answer: the resolver is asked */
	DOUBT_PONGS_BAD = 2,        /* pings in a row that failed: no resolver */
	DOUBT_PING_FINE_MS = 20000, /* at most, between pings that are answered */
	DOUBT_RIGHT_DATES = 2,      /* that end a doubt of the clock */
	/* Domains that were silent in a doubt are no witnesses so long after it. */
	DOUBT_WITNESS_PAUSE_MS = 3600000,
	DOUBT_PARTIAL_MAX_MS = 600000, /* some silent, others not: it was them */
	DOUBT_PARTIAL_LOOKS = 3,
	DOUBT_RELAPSE_MS =
		600000, /* a doubt so soon after another goes on with its pause */
};

struct doubt_domain {
	uint64_t key; /* 0: free */
	time_ms heard_at;
	time_ms rate_good_at, rate_bad_at; /* last counted in the rate */
	time_ms no_witness_until;
	time_ms round_at; /* of the last look that nobody vouched for */
	uint32_t rounds;
	uint32_t row_turn, portal_turn;
	bool good; /* at its last recorded check: counted in good_count */
};

struct doubt_life {
	uint64_t domain; /* 0: none */
	time_ms at;
};

struct doubt_canary {
	int64_t link_id; /* 0: free */
	uint64_t domain;
	bool certified;
};

struct doubt_asked {
	int64_t link_id; /* 0: free */
	time_ms at;
	bool sample; /* it was one of those that failed */
};

struct doubt_held {
	struct list list; /* of held, out or free */
	uint64_t ticket;
	uint64_t domain, end_domain;
	time_ms asked_at, ended_at, held_at;
	enum reason failure;
	bool before;          /* somebody answered not long before it */
	bool covered;         /* and others did all the while */
	bool wants_certified; /* a plain answer does not vouch for it */
	bool vouched;         /* by an answer, but a name may have come from a cache */
	enum doubt_word word; /* in out */
};

struct doubt_minute {
	int64_t number;
	uint32_t good, bad; /* domains that were good before */
};

struct doubt_date {
	uint64_t domain;
	time_ms ahead_ms;
};

struct doubt_page {
	uint64_t page, domain;
};

struct doubt {
	struct doubt_status status;
	struct doubt_status changes[DOUBT_CHANGES];
	uint32_t change_first, change_count;
	time_ms clean_since; /* what was asked before was asked in doubt */
	bool partial;        /* MASS_FAILURE while others answer */
	time_ms ended_at;    /* the last doubt */

	struct doubt_domain domains[DOUBT_SETS][DOUBT_WAYS];
	uint32_t good_count;

	struct list held, out, free;
	struct doubt_held pool[DOUBT_HELD_MAX];
	uint32_t held_count, held_names; /* of them, those with a reason of names */

	/* Signs of life, the newest first, of different domains: [1] certified ones. */
	struct doubt_life lives[2][DOUBT_LIVES];
	time_ms alive_at;
	int64_t alive_seconds[DOUBT_SECONDS]; /* when anybody answered, by its last bits
					       */
	uint32_t lives_in_doubt;              /* domains */
	uint64_t life_in_doubt;               /* the last of them */

	/* Domains that failed in a row, asked after the last sign of life. */
	uint32_t row_count, row_good, row_turn;
	doubt_reasons row_reasons;
	/* And all of them since then, whenever they were asked. */
	uint32_t silent_count;
	doubt_reasons silent_reasons;
	struct doubt_minute minutes[DOUBT_MINUTES];
	struct doubt_canary sample[DOUBT_SAMPLE]; /* of those that failed */
	uint32_t sample_next, sample_cursor;
	bool sampled_last; /* the last question went to one of those */
	uint32_t sample_alive, sample_silent, canaries_alive; /* in this doubt */

	/* Domains that ended at one place. */
	uint64_t portal_place;
	uint32_t portal_count, portal_turn;
	/* The place of the last doubt, and until when it raises none: the web was seen
	 * beside it, so that it is a house where several domains live. What ends there is
	 * still held until somebody with a certificate vouches for it. */
	uint64_t doubted_place, cleared_place;
	time_ms cleared_until;
	struct doubt_page pages[DOUBT_PAGES];
	uint32_t page_next;

	struct doubt_date dates[DOUBT_DATES];
	uint32_t date_next, dates_right;

	struct doubt_canary canaries[DOUBT_CANARIES];
	uint32_t canary_cursor;
	struct doubt_asked asked[DOUBT_ASKED];
	bool pinged;
	time_ms pinged_at, pong_at; /* pong: the last honest one */
	uint32_t pongs_bad;
	time_ms honest_since; /* pongs have been honest since; NEVER: the last was not */
	time_ms link_pause_ms, next_link_at;
	time_ms ping_pause_ms, next_ping_at;
	uint64_t names_unanswered;

	bool ticked;
	struct doubt_clocks clocks; /* of the last tick */
};

/* --- doubt.c: domains, held results */

/* Never NULL: one that was unheard of longest gives way. */
struct doubt_domain *doubt_domain_of(struct doubt *doubt, uint64_t key, time_ms now);
void doubt_domain_good(struct doubt *doubt, struct doubt_domain *domain, bool good);

/* All held results are thrown away. */
void doubt_throw_away(struct doubt *doubt);
/* Somebody of `domain` has answered. */
void doubt_vouch(struct doubt *doubt, uint64_t domain, bool certified, time_ms now);
/* The resolver has said the truth. */
void doubt_vouch_names(struct doubt *doubt, time_ms now);
/* Those that have waited long enough. */
void doubt_expire_held(struct doubt *doubt, time_ms now);

/* --- doubt_evidence.c: what the checks say of us */

/* Whether it proves that the network is well. */
bool doubt_is_life(const struct doubt *doubt, const struct doubt_facts *facts);
/* Whether our own network could have made this result. */
bool doubt_is_suspicious(const struct doubt *doubt, const struct doubt_facts *facts);
void doubt_note_evidence(
	struct doubt *doubt, const struct doubt_facts *facts, time_ms now);
void doubt_start_row(struct doubt *doubt);

/* --- doubt_judge.c: moves the state; nobody else does */

void doubt_begin(struct doubt *doubt, enum doubt_kind kind, uint32_t domains,
	doubt_reasons reasons, time_ms now);
void doubt_settle_down(
	struct doubt *doubt, enum doubt_kind kind, time_ms by, time_ms now);
/* Somebody has answered who was asked at `asked_at`. */
void doubt_judge_life(
	struct doubt *doubt, uint64_t domain, time_ms asked_at, time_ms now);
void doubt_judge_pong(struct doubt *doubt, enum reason answer, time_ms now);
void doubt_judge_dates(struct doubt *doubt, time_ms now);
void doubt_judge_time(struct doubt *doubt, time_ms now);

/* --- doubt_canary.c */

void doubt_canary_add(
	struct doubt *doubt, int64_t link_id, uint64_t domain, bool certified);
void doubt_canary_drop_domain(struct doubt *doubt, uint64_t domain);
/* A good link whose answer would vouch for what is held; NULL: any. */
bool doubt_has_canary(const struct doubt *doubt, const struct doubt_held *held);
/* A check has ended that may have been a canary. */
void doubt_canary_ended(struct doubt *doubt, int64_t link_id, bool alive);
void doubt_canaries_soon(struct doubt *doubt, time_ms now, time_ms delay);
