/* probe/prober: asks the network about URLs.
 *
 * Holds the window to the network: libcurl (one multi per shard of hosts) and c-ares, all
 * on the caller's uv loop and thread. One probe is one check of one URL: name resolved,
 * every address vetted and pinned, request made when the host's pace allows, each
 * redirect followed by hand with the same care, retried by cause; its result is an
 * observation. What belongs to a host and not to one check is remembered here: its
 * robots.txt, whether its HEAD can be believed, whether it is down. It decides nothing
 * about links: policy/ says what to follow, when to retry and how long to wait, the
 * caller says what an observation means.
 *
 * Life: prober_new, any number of prober_start, prober_close, and the memory goes when
 * its callback has run. Until then its handles keep the loop running. Nothing here
 * blocks, except reading the CA certificates in prober_new (40 ms).
 *
 * A check that cannot be made for want of memory or sockets ends as `offline`: that is
 * our trouble and no word on the link. SIGPIPE is set to be ignored if it was not
 * handled. The caller sees to the limit of open files: one a request, and a few.
 */
#pragma once

#include <uv.h>

#include "base/error.h"
#include "base/slice.h"
#include "model/host_stats.h"
#include "model/observation.h"
#include "policy/address.h"
#include "policy/breaker.h"
#include "policy/method.h"
#include "policy/politeness.h"
#include "policy/retry.h"
#include "verdict/redirect.h"

struct prober;
struct probe;

/* curl's --connect-to: empty host or port matches any, empty target keeps the own. */
struct connect_to {
	struct slice host;
	int32_t port; /* -1: any */
	struct slice to_host;
	int32_t to_port; /* -1: as asked */
};

struct header {
	struct slice name, value;
};

/* Copied; what it points to is borrowed and must outlive the prober. */
struct prober_config {
	struct slice user_agent;
	/* Sent to every host that the user's list names; along a redirect only to the
	 * same host, with or without "www.", and not from https down to http. They take
	 * the place of our own of the same name. */
	const struct header *headers;
	uint32_t header_count;
	bool insecure;         /* certificates are not verified */
	struct slice ca_file;  /* empty: the system's */
	struct slice resolver; /* "ADDR[:PORT]", several separated by commas; empty: the
				* system's, and /etc/hosts */
	const struct connect_to *connect_to;
	uint32_t connect_to_count;
	struct address_policy addresses;

	time_ms timeout_ms;         /* of one request, everything included */
	time_ms connect_timeout_ms; /* TCP and TLS */
	time_ms dns_timeout_ms;
	size_t header_bytes_max;
	size_t body_bytes_max; /* decoded; reading stops there */
	struct pacer_limits pace;
	struct retry_limits retry;
	struct redirect_limits redirect;
	struct breaker_limits breaker;
	/* Each origin's robots.txt is asked before its first page, and its Crawl-delay
	 * kept, for the product token of `user_agent` (policy/robots.h). */
	bool obey_robots;
	time_ms robots_kept_ms; /* above 0; then it is asked again; 24 h (RFC 9309 2.4).
				 * One that could not be had: an hour at most */
	bool count_hosts;       /* for prober_host_stats */
	uint64_t seed;          /* of the jitter */
};

void prober_config_defaults(struct prober_config *config);

struct probe_request {
	struct slice url;      /* parsed and http(s): a URL that url_parse accepts */
	bool want_anchors;     /* read the page to its end for ids and names */
	bool want_body;        /* keep the body: a source to be extracted */
	size_t body_bytes_max; /* 0: the prober's */
	bool no_redirects;     /* the first answer is the last; hops[0].target still says
				* where it would have sent us */
	enum ask_kind kind;    /* what it is for. Links and siblings obey robots.txt; what
				* the user named himself and registries do not */
	bool want_text;        /* read the page to its end for its words */
	/* Asked in another way than the check before it, because its word is to confirm:
	 * by GET, over a connection of its own, beginning with the other address family,
	 * its name looked up anew, and also where the host is taken to be down. */
	bool second_method;
	bool head_only;      /* by HEAD, whose answer is the last word */
	bool no_retries;     /* but another family, method or protocol is tried */
	bool no_own_headers; /* the prober's headers are the user's, for the user's links:
			      * not for questions of our own */
	const struct header *headers; /* besides the prober's; to the first host only.
				       * Borrowed until on_done */
	uint32_t header_count;
	void *data;
	/* Called exactly once per started probe, never from within prober_start, and not
	 * after prober_close. May start further probes. */
	void (*on_done)(
		struct probe *probe, const struct observation *observation, void *data);
};

/* Whether prober_new could use this file of certificates. -1 with a sentence that begins
 * with its path. Where memory runs out that is left to prober_new. Blocks: 40 ms for the
 * certificates of a whole system. */
int prober_check_ca_file(const char *path, struct error *error);

/* NULL with an error: no CA store, a resolver that is no address, no memory. */
struct prober *prober_new(
	uv_loop_t *loop, const struct prober_config *config, struct error *error);

/* Puts the check in line. The request is copied. NULL: no memory or a URL that is none.
 */
struct probe *prober_start(struct prober *prober, const struct probe_request *request);

/* A host's own pace (pacing key, see model/host.h). -1: no memory. */
int prober_set_host(struct prober *prober, struct slice key, uint32_t concurrency,
	time_ms interval_ms);

/* Our own network failed, or has come back: no origin is taken to be down any more for
 * what was seen until now. What servers wished for themselves stays. */
void prober_reopen_hosts(struct prober *prober);

/* What servers were promised outlives a prober: each host that must rest yet, and for how
 * long (of its pace, or of its own wish), and the other way round. `cause` is opaque. */
typedef void prober_rest_fn(
	void *data, struct slice key, time_ms rest_ms, uint32_t cause);
void prober_each_rest(const struct prober *prober, prober_rest_fn *on_rest, void *data);
void prober_rest_host(
	struct prober *prober, struct slice key, time_ms rest_ms, uint32_t cause);

/* And what was learned of an origin ("https://host:443"): whether its HEAD tells the
 * truth, and whether it is in trouble. Its robots.txt is asked for again; one that has
 * answered with trouble for 30 days forbids nothing any more. */
struct prober_site {
	struct slice origin;
	struct method_record method;
	struct breaker breaker;
	time_ms closed_ms; /* it is left alone for so long yet; 0: it is not */
	enum reason closed_cause;
	time_ms robots_failing_since; /* wall: since when its robots.txt answers with
				       * trouble; 0: it does not */
};
typedef void prober_site_fn(void *data, const struct prober_site *site);
void prober_each_site(const struct prober *prober, prober_site_fn *on_site, void *data);

/* One that is known already keeps what it knows. Without memory nothing happens. */
void prober_restore_site(struct prober *prober, const struct prober_site *site);

/* What each host was asked, most asked first, in `arena`; NULL where nobody counted, or
 * no memory. */
struct host_stats *prober_host_stats(
	const struct prober *prober, struct arena *arena, uint32_t *ret_count);

/* Ends what runs without calling on_done, then closes every handle; `on_closed` may be
 * NULL. The loop runs until it is done. */
void prober_close(struct prober *prober, void (*on_closed)(void *data), void *data);

struct prober_counts {
	uint32_t waiting;  /* probes whose next request waits: for its name, its host's
			    * turn, or the time of a retry */
	uint32_t running;  /* probes with a request on its way */
	uint64_t requests; /* made so far */
	uint64_t done;     /* probes ended so far */
};
struct prober_counts prober_counts(const struct prober *prober);

/* Hosts that are left alone by their own wish, and origins that are after failures. Looks
 * at all that are remembered: for now and then. */
uint32_t prober_count_paused(const struct prober *prober);

/* Asks the resolver for a name that always exists, past the cache, so that the figures
 * below say whether it still answers. `on_done` is called once, when a reply came or the
 * time for it was over; never from within, and not after prober_close. -1: as
 * many as there may be are under way. `inside`: servers that deny that name may know
 * their own all the same; then a name that they knew is asked for anew, and has the last
 * word. */
enum { PROBER_PINGS_MAX = 16 };
int prober_ping_resolver(struct prober *prober, bool inside,
	void (*on_done)(void *data, enum reason answer), void *data);

/* Names that were asked of the resolver so far, and those of them about which any message
 * came back: "no such name" and SERVFAIL are replies, too. */
void prober_resolver_health(
	const struct prober *prober, uint64_t *ret_asked, uint64_t *ret_answered);

/* The hosts that are waited for, for the progress line. */
uint32_t prober_busy_hosts(
	const struct prober *prober, struct pacer_view *views, uint32_t max);

/* How long ago this process last ran out of memory or sockets; -1: never. What ends as
 * `offline` long after that suffers from what OpenSSL set up by half then, and will until
 * a restart. */
time_ms prober_lacked_ago_ms(void);

/* Versions of the libraries underneath, for --version. Static. */
const char *prober_versions(void);
