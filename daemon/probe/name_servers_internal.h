/* probe/name_servers: one question to several name servers, one after the other.
 *
 * Each server has a c-ares channel of its own, because a channel with several either
 * takes the first one's SERVFAIL for final or hides what was wrong behind "connection
 * refused". The next server is asked when one fails to answer, refuses, cannot be read or
 * is not there; "no such name" is an answer. A server that was silent is asked last from
 * then on. When all fail, the failure that tells most is the one that counts.
 *
 * What is too long for UDP is asked again by TCP (RFC 7766), over another channel: a
 * server whose TCP is broken or behind a firewall must not spoil the names that need
 * none.
 *
 * The servers share the time of a question evenly. At most SERVERS_MAX, the first ones.
 *
 * The system's are those of resolv.conf at the time they were made: whoever lives longer
 * asks now and then whether they still are, and makes others.
 */
#pragma once

#include <ares.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"
#include "probe/sockets_internal.h"

enum { SERVERS_MAX = 4 }; /* libc reads three */

enum dns_status {
	DNS_PENDING,
	DNS_NOT_ASKED, /* nobody needs this family */
	DNS_FOUND,
	DNS_NXDOMAIN,
	DNS_NODATA,
	DNS_SERVFAIL,
	DNS_REFUSED,
	DNS_BROKEN,      /* an answer that cannot be read */
	DNS_TIMEOUT,     /* silence */
	DNS_UNREACHABLE, /* the resolver itself */
	DNS_BAD_NAME,
	DNS_NO_MEMORY,
};

struct name_servers;
struct dns_name;

/* Embedded in the asker; stays where it is until on_reply. */
struct question {
	const char *host;
	int type;              /* T_A … */
	struct dns_name *name; /* the asker's */
	/* `bytes` are the message when it was FOUND. May come from within
	 * name_servers_ask. */
	void (*on_reply)(struct question *question, enum dns_status status,
		const unsigned char *bytes, int len);

	struct name_servers *servers;
	uint8_t first, tried; /* servers */
	enum dns_status failure;
	bool heard;  /* some message came, whatever it said */
	bool silent; /* one of the servers was */
	bool by_tcp; /* its answer was too long for UDP */
};

/* `addresses`: "ADDR[:PORT]", several separated by commas; empty: the system's. NULL with
 * an error: no address, no memory. */
struct name_servers *name_servers_new(struct sockets *sockets, uint32_t owner,
	struct slice addresses, time_ms timeout_ms, struct error *error);

/* Calls on_reply of every open question. */
void name_servers_free(struct name_servers *servers);

/* host, type and on_reply are set. */
void name_servers_ask(struct name_servers *servers, struct question *question);

/* A question has had no on_reply yet. */
bool name_servers_are_asked(const struct name_servers *servers);

/* They are the system's, and resolv.conf names others by now. Looks at most once a
 * second; a file that cannot be read, or names none, says nothing. */
bool name_servers_are_stale(struct name_servers *servers, time_us now);

void name_servers_run(struct name_servers *servers);
void name_servers_ready(
	struct name_servers *servers, int fd, bool readable, bool writable);

/* For /etc/hosts. */
ares_channel name_servers_channel(const struct name_servers *servers);
