/* serve/connections: who is connected, since when, and who has to go.
 *
 * A connection waits (for a request line), asks (the rest of its request is on its way,
 * or its answer is being made) or takes (its answer). Each stage has a deadline that
 * bytes do not move. libmicrohttpd owns the sockets and closes them; a connection that
 * has to go has its socket shut down here, and is gone when libmicrohttpd has noticed.
 *
 * A table of fixed size, looked through as a whole: at its 512 places that costs a
 * microsecond, and only when somebody comes, or a deadline is near. One thread only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/slice.h"
#include "base/time.h"
#include "serve/listen_internal.h"
#include "serve/serve.h"

struct exchange;

/* The answer to a request that did not come in time: 408, as bytes. `exchange` is what
 * came of it, or NULL. */
typedef struct slice (*connections_late_fn)(void *context, struct exchange *exchange);

enum connection_stage {
	CONNECTION_FREE,
	CONNECTION_WAITING,
	CONNECTION_ASKING,
	CONNECTION_TAKING,
	CONNECTION_LEAVING, /* shut down; not counted any more */
};

enum { CONNECTION_NETWORK_BYTES = 8 };

struct connection {
	enum connection_stage stage;
	int fd;
	struct exchange *exchange; /* of ASKING and TAKING; NULL: none */
	time_ms since; /* of the stage, but for TAKING, which counts from ASKING */
	time_ms deadline;
	uint64_t received_before; /* bytes, when it began to wait */
	unsigned char network[CONNECTION_NETWORK_BYTES];
	char peer[LISTEN_PEER_SIZE];
};

struct connections {
	struct connection *all;
	unsigned room; /* places, some more than connections_max for those that leave */
	unsigned open; /* but for the leaving */
	struct serve_limits limits;
	connections_late_fn late;
	void *context;         /* of it */
	time_ms next_deadline; /* or earlier */
	uint64_t evicted, missed;
};

/* Places beyond connections_max; no more may be accepted before those that leave are
 * gone. */
enum { CONNECTIONS_SPARE = 16 };

/* -1 without memory. */
int connections_init(struct connections *connections, const struct serve_limits *limits,
	connections_late_fn late, void *context);
void connections_fini(struct connections *connections);

/* Whether one more from there may come; perhaps another has to go for it. */
bool connections_make_room(
	struct connections *connections, const struct sockaddr *peer, time_ms now);

/* One that can go does, whoever it is. For want of descriptors. */
bool connections_evict_any(struct connections *connections, time_ms now);

/* A new one, waiting; NULL when all places are taken. */
struct connection *connections_add(struct connections *connections, int fd,
	const struct sockaddr *peer, time_ms now);
void connections_remove(struct connections *connections, struct connection *connection);

void connections_wait(
	struct connections *connections, struct connection *connection, time_ms now);
/* `exchange` stays until the connection waits again. */
void connections_ask(struct connections *connections, struct connection *connection,
	struct exchange *exchange, time_ms now);
void connections_take(struct connection *connection);

/* Ends those whose deadline is over, and returns when to come again (or 0: never). */
time_ms connections_expire(struct connections *connections, time_ms now);

/* All that wait go; the rest is given until then at most. */
void connections_close_waiting(struct connections *connections);
