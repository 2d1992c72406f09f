/* probe/chain: the hops of one check, and what was seen at the last of them.
 *
 * Owns the memory of a check on its way (an arena with a ceiling) and becomes its
 * observation. Makes no request. Pooled: a chain is reset, not freed, between checks.
 */
#pragma once

#include "model/observation.h"
#include "model/url.h"
#include "policy/method.h"
#include "policy/retry.h"
#include "probe/cookies_internal.h"
#include "probe/request_internal.h"
#include "probe/resolver_internal.h"
#include "probe/target_internal.h"
#include "verdict/redirect.h"

enum address_family { FAMILY_ANY, FAMILY_V4, FAMILY_V6 };

/* What the tries of a hop have shown, and how it is to be asked next. */
struct tries {
	enum method method;
	bool method_planned;
	enum method_plan plan;
	int head_status; /* what HEAD gave; 0: not asked, or no answer */
	int last_status; /* of the last try; 0: no whole answer came, or none was made */
	bool http1_only, fresh_connection;
	enum address_family family; /* to begin with */
	bool family_switched;       /* both have had their turn to be the first */
	enum reason connects[2];    /* of v4 and v6: the last failure to connect, or OK */
	/* How many addresses were of no use: the next try begins behind them, because one
	 * of several front ends may be out of order. */
	uint32_t addresses_passed;
	enum reason http2_failure; /* for which HTTP/1.1 was tried, or OK */
	uint32_t retries;          /* of this hop */
	uint32_t retries_of_all_hops;
};

struct chain {
	struct arena arena;
	struct url at;  /* being asked, as it was given, with fragment */
	struct url ask; /* the same without userinfo and fragment */
	struct slice first_host, first_scheme;
	uint16_t first_port;
	struct hop *hops;
	uint32_t hop_count, hop_room;

	/* Addresses that may be asked, the next one first. */
	struct address addresses[DNS_ADDRESSES_MAX];
	uint8_t address_count, address_next;
	struct target target;

	struct cookie_jar jar;
	uint32_t cookies_sent; /* the jar's state when the present hop was asked */

	struct tries tries;
	bool looking, looked; /* at the certificate alone, after `looked_after` */
	enum reason looked_after;
	struct slice looked_why;

	struct request request;
	struct page_facts page;
	bool page_finished;
};

struct chain *chain_new(void);
void chain_reset(struct chain *chain, size_t arena_bytes_max);
void chain_free(struct chain *chain);

/* Makes `url` the next hop; copies nothing that the arena holds already. -1: no memory.
 */
int chain_enter(struct chain *chain, const struct url *url);

/* This hop is asked in another way than usual. */
void chain_use_second_method(struct chain *chain, bool ipv6_first);

/* A chain whose first hop is to be tried again knows no more than its URL and its tries:
 * it need not be kept for the rest before that, which may last minutes for every link of
 * a list. False when it knows more, a cookie for example. */
bool chain_is_only_tries(const struct chain *chain);

/* Makes `url` the first hop, tried already. -1: no memory. */
int chain_enter_again(
	struct chain *chain, const struct url *url, const struct tries *tries);

/* A server that speaks nothing but HTTP/2 drops HTTP/1.1, or agrees on no protocol: then
 * what went wrong before stands, and a further try is one of HTTP/2. */
void chain_recall_http2(struct chain *chain, enum reason *failure, const char **why);

/* Whether this hop is asked again after it ended with `failure`. A chain of hops that all
 * fail at first has a ceiling of its own, so that it cannot multiply the retries. */
struct retry_decision chain_decide(const struct chain *chain, enum reason failure,
	const struct retry_limits *limits, struct random *random);

/* The hop has failed for good, and what is seen now only adds to that. Gives the failure
 * it ended with, and the words for it, in place of the look's own. */
void chain_end_look(struct chain *chain, enum reason *ret_failure, const char **ret_why);

/* Forgets the answer and notes how the hop is to be asked anew. */
void chain_prepare_retry(struct chain *chain, const struct retry_decision *decision);

/* HEAD was good, and GET has the last word. */
void chain_prepare_get(struct chain *chain);

/* Keeps the addresses of chain->target that may be asked, in the order to try them:
 * families in turn, the preferred one first. False: none of them may. */
bool chain_set_addresses(struct chain *chain, const struct dns_answer *answer,
	const struct address_policy *policy, bool ipv6_first);

/* Addresses of the other family than the one asked last are left. */
bool chain_has_other_family(const struct chain *chain);

/* Notes how connecting to the last address failed; words where it was for want of IPv6 on
 * this machine. */
void chain_note_unconnected(struct chain *chain, bool have_ipv6);

/* The user's headers go to the host that the list names, with or without "www.", not to
 * others that it leads to, nor to another port, nor from https down to http. */
bool chain_may_send_own_headers(const struct chain *chain);

/* The same scheme, host and port as the first hop: for what is meant for nobody else. */
bool chain_is_at_first_host(const struct chain *chain);

/* Where the last answer leads; step.follow is false at the end of the chain. Notes it in
 * the last hop. -1: no memory. */
int chain_next(struct chain *chain, const struct redirect_limits *limits,
	struct redirect_step *ret_step);

/* Notes the status of the hop's last answer, which outlives the answer. */
void chain_note_status(struct chain *chain);

/* The observation so far; slices live in the chain. */
void chain_observe(struct chain *chain, enum reason failure, const char *why,
	struct observation *ret);
