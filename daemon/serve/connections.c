#include "serve/connections_internal.h"

#include <assert.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* Who has sent all he will send, and has his answer, is kept that long at most.
 * libmicrohttpd overlooks an end that came together with the last bytes; it may still
 * hold requests that were sent ahead, and those are begun sooner than this. */
#define ENDED_MS INT64_C(1000)

/* Who takes longer for his request or answer may have to go for others. */
#define SLOW_MS INT64_C(2000)

int connections_init(struct connections *connections, const struct serve_limits *limits,
	connections_late_fn late, void *context)
{
	unsigned room = limits->connections_max + CONNECTIONS_SPARE;

	*connections = (struct connections){ .room = room,
		.limits = *limits,
		.late = late,
		.context = context,
		.all = calloc(room, sizeof(struct connection)) };
	return connections->all != NULL ? 0 : -1;
}

void connections_fini(struct connections *connections)
{
	free(connections->all);
	connections->all = NULL;
}

/* IPv4, alone or in IPv6: its four bytes. IPv6: its upper 64 bits, because a household
 * has that many addresses. All that are neither are one network. */
static void network_of(const struct sockaddr *peer, unsigned char network[static 8])
{
	const struct sockaddr_in6 *v6 = (const void *)peer;
	const struct sockaddr_in *v4 = (const void *)peer;

	memset(network, 0, CONNECTION_NETWORK_BYTES);
	if (peer->sa_family == AF_INET)
		memcpy(network, &v4->sin_addr, 4);
	else if (peer->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		memcpy(network, &v6->sin6_addr.s6_addr[12], 4);
	else if (peer->sa_family == AF_INET6)
		memcpy(network, &v6->sin6_addr, 8);
}

static uint64_t received_by(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	/* A Unix socket knows nothing of it; then nobody there is told 408. */
	memset(&info, 0, sizeof(info));
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		return 0;
	return info.tcpi_bytes_received;
}

static bool has_ended(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* --- stages --------------------------------------------------------------------------
 */

static void leave(struct connections *connections, struct connection *connection)
{
	assert(connection->stage != CONNECTION_FREE &&
		connection->stage != CONNECTION_LEAVING);
	shutdown(connection->fd, SHUT_RDWR);
	connection->stage = CONNECTION_LEAVING;
	connections->open--;
}

static void set_deadline(
	struct connections *connections, struct connection *connection, time_ms deadline)
{
	connection->deadline = deadline;
	if (connections->next_deadline == 0 || deadline < connections->next_deadline)
		connections->next_deadline = deadline;
}

void connections_wait(
	struct connections *connections, struct connection *connection, time_ms now)
{
	connection->exchange = NULL;
	if (connection->stage == CONNECTION_LEAVING)
		return;
	connection->stage = CONNECTION_WAITING;
	connection->since = now;
	connection->received_before = received_by(connection->fd);
	time_ms wait_ms = connections->limits.idle_ms;
	if (wait_ms > ENDED_MS && has_ended(connection->fd))
		wait_ms = ENDED_MS;
	set_deadline(connections, connection, now + wait_ms);
}

void connections_ask(struct connections *connections, struct connection *connection,
	struct exchange *exchange, time_ms now)
{
	if (connection->stage == CONNECTION_LEAVING)
		return;
	connection->exchange = exchange;
	connection->stage = CONNECTION_ASKING;
	connection->since = now;
	set_deadline(connections, connection, now + connections->limits.request_ms);
}

void connections_take(struct connection *connection)
{
	if (connection->stage == CONNECTION_ASKING)
		connection->stage = CONNECTION_TAKING;
}

struct connection *connections_add(
	struct connections *connections, int fd, const struct sockaddr *peer, time_ms now)
{
	for (unsigned i = 0; i < connections->room; i++) {
		struct connection *connection = &connections->all[i];
		if (connection->stage != CONNECTION_FREE)
			continue;
		connection->fd = fd;
		connection->stage = CONNECTION_WAITING;
		connections->open++;
		network_of(peer, connection->network);
		listen_peer(peer, connection->peer);
		connections_wait(connections, connection, now);
		/* What has come already belongs to the request that is waited for. */
		connection->received_before = 0;
		return connection;
	}
	return NULL;
}

void connections_remove(struct connections *connections, struct connection *connection)
{
	assert(connection->stage != CONNECTION_FREE);
	if (connection->stage != CONNECTION_LEAVING)
		connections->open--;
	connection->stage = CONNECTION_FREE;
}

/* --- who has to go -------------------------------------------------------------------
 */

/* Those that wait go before those that are slow, and the oldest first. */
static bool goes_before(const struct connection *a, const struct connection *b)
{
	bool a_waits = a->stage == CONNECTION_WAITING;
	bool b_waits = b->stage == CONNECTION_WAITING;

	return a_waits != b_waits ? a_waits : a->since < b->since;
}

static bool may_go(const struct connection *connection, time_ms now)
{
	switch (connection->stage) {
	case CONNECTION_WAITING:
		return true;
	case CONNECTION_ASKING:
	case CONNECTION_TAKING:
		return now - connection->since >= SLOW_MS;
	case CONNECTION_FREE:
	case CONNECTION_LEAVING:
		return false;
	}
	return false;
}

/* Of one network, or of all when it is NULL. */
static bool evict(
	struct connections *connections, const unsigned char *network, time_ms now)
{
	struct connection *first = NULL;

	for (unsigned i = 0; i < connections->room; i++) {
		struct connection *connection = &connections->all[i];
		if (!may_go(connection, now) ||
			(network != NULL && memcmp(connection->network, network,
						    CONNECTION_NETWORK_BYTES) != 0))
			continue;
		if (first == NULL || goes_before(connection, first))
			first = connection;
	}
	if (first == NULL)
		return false;
	leave(connections, first);
	connections->evicted++;
	return true;
}

static unsigned count_network(
	const struct connections *connections, const unsigned char *network)
{
	unsigned count = 0;

	for (unsigned i = 0; i < connections->room; i++) {
		const struct connection *connection = &connections->all[i];
		if (connection->stage != CONNECTION_FREE &&
			connection->stage != CONNECTION_LEAVING &&
			memcmp(connection->network, network, CONNECTION_NETWORK_BYTES) ==
				0)
			count++;
	}
	return count;
}

bool connections_make_room(
	struct connections *connections, const struct sockaddr *peer, time_ms now)
{
	unsigned char network[CONNECTION_NETWORK_BYTES];

	network_of(peer, network);
	if (count_network(connections, network) >=
		connections->limits.connections_per_address_max)
		return evict(connections, network, now);
	if (connections->open >= connections->limits.connections_max)
		return evict(connections, NULL, now);
	return true;
}

bool connections_evict_any(struct connections *connections, time_ms now)
{
	return evict(connections, NULL, now);
}

/* --- deadlines ------------------------------------------------------------------------
 */

/* Nothing of an answer has been written since the last one ended, so that libmicrohttpd
 * and this do not write into each other. */
static void end_late(struct connections *connections, struct connection *connection)
{
	bool asked = connection->stage == CONNECTION_ASKING ||
		     (connection->stage == CONNECTION_WAITING &&
			     received_by(connection->fd) > connection->received_before);

	if (asked) {
		struct slice late =
			connections->late(connections->context, connection->exchange);
		(void)send(
			connection->fd, late.at, late.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	if (asked || connection->stage == CONNECTION_TAKING)
		connections->missed++;
	leave(connections, connection);
}

time_ms connections_expire(struct connections *connections, time_ms now)
{
	time_ms next = 0;

	if (connections->next_deadline == 0 || now < connections->next_deadline)
		return connections->next_deadline;
	for (unsigned i = 0; i < connections->room; i++) {
		struct connection *connection = &connections->all[i];
		if (connection->stage == CONNECTION_FREE ||
			connection->stage == CONNECTION_LEAVING)
			continue;
		if (connection->deadline <= now)
			end_late(connections, connection);
		else if (next == 0 || connection->deadline < next)
			next = connection->deadline;
	}
	connections->next_deadline = next;
	return next;
}

void connections_close_waiting(struct connections *connections)
{
	for (unsigned i = 0; i < connections->room; i++)
		if (connections->all[i].stage == CONNECTION_WAITING)
			leave(connections, &connections->all[i]);
}
