/* model/host_stats: what one host was asked in a run, and how it answered.
 *
 * "Host" is the unit of pacing (model/host.h: registrable domain, platforms grouped), so
 * that a row can be held against the promise: requests, how many at a time, and how close
 * two starts came. A start is the moment a request left this machine.
 */
#pragma once

#include <stdint.h>

#include "base/slice.h"
#include "base/time.h"

/* Why a request was made. A redirect or retry of any of them counts apart. */
#define ASK_KINDS(X)                                                                     \
	X(LINK, "links")         /* a link of the list */                                \
	X(ROBOTS, "robots")      /* its robots.txt */                                    \
	X(SIBLING, "siblings")   /* an address beside it, to tell soft 404s */           \
	X(QUESTION, "questions") /* registries and archives */                           \
	X(SOURCE, "sources")     /* a document to be read for links */

#define ASK_KIND_ENUM(name, text) ASK_##name,
#define ASK_KIND_ONE(name, text)  +1
enum ask_kind { ASK_KINDS(ASK_KIND_ENUM) };
enum { ASK_KIND_COUNT = ASK_KINDS(ASK_KIND_ONE) };
#undef ASK_KIND_ENUM
#undef ASK_KIND_ONE

struct host_stats {
	struct slice host;
	uint32_t requests; /* that left; all of the following are among them */
	uint32_t by_kind[ASK_KIND_COUNT]; /* first requests */
	uint32_t redirects;               /* further hops */
	uint32_t retries;
	uint32_t answers[6]; /* by the first digit of the status; [0]: none came */
	uint32_t refused;    /* 429 and 503 among the answers */
	uint32_t peak;       /* the most at a time */
	time_us closest_us;  /* between two starts; -1: fewer than two */
	time_ms answer_ms;   /* to the first byte, the mean; -1: no answer */
	time_ms answer_ms_max;
};
