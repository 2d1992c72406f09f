/* policy/vantage: is it us?
 *
 * A link checker on a train, behind a hotel's login page or with a dead battery clock
 * finds a whole list broken. This room listens to every check of a run and says at its
 * end whether the machine is to be doubted instead of the links (rot-and-papers 3.8, "Is
 * it us?"; interfaces 1.1: results in doubt become skipped/offline and weigh nothing).
 *
 * The two errors are not alike: a doubt that is missed gives a report that a person sees
 * through at a glance; a false one hides real failures. So each doubt wants evidence that
 * is uniform over unrelated domains (the registrable domain of a link's first hop,
 * model/host.h), and one answer that cannot be explained away ends it. NXDOMAIN and HTTP
 * statuses (but for 511) are never evidence against us; what was not asked (forbidden
 * addresses, bad URLs) or failed for want of our own memory or sockets is no evidence at
 * all.
 *
 * A limit: a run that asks nothing but links known to be dead looks like an outage.
 * Whoever runs one puts some links that were alive into it.
 *
 * Another: an outage that begins during a run is told from dead hosts, which end late by
 * their timeouts, by when each was first asked (checked_at). Where checked_at is earlier
 * than the request, because a link was looked up and then waited for its turn, the outage
 * is missed; nothing is found that is not there.
 *
 * Pure: no clock; the times are those of the observations. All memory is taken by
 * vantage_new; a note is O(1), a judgement O(n log n) of the domains.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "base/time.h"
#include "model/observation.h"
#include "model/outcome.h"

#define VANTAGE_DOUBTS(X)                                                                \
	X(FINE, "fine")                                                                  \
	X(NO_NETWORK, "no_network")         /* no sign of life from anywhere */          \
	X(NO_RESOLVER, "no_resolver")       /* no name server says anything */           \
	X(CAPTIVE_PORTAL, "captive_portal") /* somebody else answers for everyone */     \
	X(MASS_FAILURE, "mass_failure")     /* everything fails in one way */            \
	X(WRONG_CLOCK, "wrong_clock")       /* certificates are judged at a wrong time */

#define VANTAGE_ENUM(name, text) VANTAGE_##name,
enum vantage_doubt { VANTAGE_DOUBTS(VANTAGE_ENUM) };
#undef VANTAGE_ENUM

const char *vantage_doubt_text(enum vantage_doubt doubt);

enum {
	VANTAGE_DOMAINS_MAX = 4096, /* those beyond it are taken for one domain */
	VANTAGE_PORTAL_SIZE = 256,
};

struct vantage;
struct vantage *vantage_new(void); /* NULL: no memory */
void vantage_free(struct vantage *vantage);

/* One finished check, in the order in which they finish. -1: no memory (which cannot
 * happen today). */
int vantage_note(struct vantage *vantage, const struct observation *seen);

/* Names asked, and replies of any kind (also NXDOMAIN, SERVFAIL), the canary's included.
 */
struct vantage_resolver {
	uint64_t asked, answered;
	bool denies; /* the canary's name, of which it is certain that it exists */
};

/* Whether a name that certainly exists must be asked before vantage_judge: names failed,
 * and nothing was ever answered, or at least VANTAGE_DENIED_DOMAINS_MIN unrelated domains
 * do not exist and nobody else was heard of. Only so can NO_RESOLVER be told from dead
 * servers and dead names. May stay true: ask once. */
enum { VANTAGE_DENIED_DOMAINS_MIN = 5 };
bool vantage_wants_canary(
	const struct vantage *vantage, const struct vantage_resolver *resolver);

struct vantage_finding {
	enum vantage_doubt doubt;
	uint32_t domains;        /* unrelated ones that were asked */
	uint32_t domains_failed; /* of them, those that speak for the doubt */
	enum reason reason;      /* how they failed; OK: not by one reason */
	/* CAPTIVE_PORTAL: the host where everything ends; empty: it answers 511 itself
	 * under every name (RFC 6585). */
	char portal[VANTAGE_PORTAL_SIZE];
	bool one_page; /* CAPTIVE_PORTAL: every site showed one and the same */
	/* WRONG_CLOCK: ours against the servers', where they told the time; otherwise the
	 * least correction that makes their certificates valid, 0: not known. */
	time_ms clock_ahead_ms;
	/* WRONG_CLOCK: the right time, about when the last check ended; 0: not known. */
	time_ms corrected_wall;
	/* MASS_FAILURE that began during the run: checks that ended before this moment
	 * (checked_at + total_ms) are not in doubt; 0: the whole run is. */
	time_ms since;
};

/* The first that holds of:
 *
 * NO_NETWORK: at least 2 domains, each of them failed by network_unreachable,
 *   connect_timeout, dns_timeout or dns_servfail, at least one of them not by its name,
 *   and IPv4 had no way out or the resolver was silent. (Hosts that have only IPv6, on a
 *   machine without it, are not that.)
 * NO_RESOLVER: names were asked, nothing was answered, and links failed for it. Or at
 *   least 5 domains were asked, none of them exists, and the canary does not, either.
 * CAPTIVE_PORTAL: all answers of the run came from elsewhere. Either at least 3 domains
 *   were asked over plain http and sent on, not for good, to one and the same host of
 *   another domain or answered 511; or at least 2 answered 511 and nobody anything else;
 *   or at least 3 showed one and the same page, one with a word of such networks on it.
 *   An answer over https is vouched for by its certificate, and a permanent redirect is
 *   what the owner of a domain says (portals use 302, 303, 307, or browsers would
 *   remember them), so either one ends this doubt.
 * MASS_FAILURE: no answer from anywhere, and 9 of 10 of at least 5 domains failed by one
 *   and the same network reason. Or an outage that began during the run: the last 10
 *   domains in a row, first asked after the last sign of life, all failed, either
 *   silently or by one reason, and none of the 10 before them had.
 * WRONG_CLOCK: at least 2 domains' Date headers agree within an hour that we are more
 *   than a day off, and no more than a third disagree. Without them: no certificate of
 *   the run was found good, those of at least 3 domains are not valid yet or of at least
 *   5 have expired, none the other way round, and there is a time at which 9 of 10 of
 *   them are valid (so a list of sites that expired in different years is not that).
 */
void vantage_judge(const struct vantage *vantage, const struct vantage_resolver *resolver,
	struct vantage_finding *ret_finding);

/* Whether a link's result falls under the doubt and must become skipped/offline.
 * `certificate` may be NULL. A MASS_FAILURE has `since` besides. */
bool vantage_covers(const struct vantage_finding *finding, enum reason reason,
	struct slice final_url, const struct certificate *certificate);

/* One plain sentence for a person: what was seen and what to do. Nothing for FINE. */
void vantage_sentence(const struct vantage_finding *finding, uint32_t links_covered,
	struct buffer *out);
