#include "probe/name_servers_internal.h"

#include <arpa/nameser.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/hash.h"
#include "policy/address.h"
#include "probe/dns_reply_internal.h"

enum {
	/* c-ares doubles its waiting time with every try: 1 + 2 + 4 parts. */
	TRIES_ALONE = 3,
	TRIES_EACH = 2,
	RECEIVE_BYTES = 1024 * 1024,
	PORT_DNS = 53,
	HEADER_TC = 0x02,         /* of the third byte; RFC 1035 4.1.1 */
	RESOLV_CONF_BYTES = 4096, /* that are compared; it has a few lines */
};

static const time_us look_us = 1000 * TIME_US_PER_MS;

struct line {
	ares_channel channel; /* NULL: could not be opened */
	bool refused;         /* its machine said so since it was heard last */
};

/* For answers too long for UDP there is a channel of its own: one that takes both counts
 * a TCP connection that breaks as a failed try of every question it has open. */
struct server {
	struct line udp, tcp;
};

struct name_servers {
	struct sockets *sockets;
	uint32_t owner;
	struct server servers[SERVERS_MAX];

	uint8_t count;
	uint8_t first; /* to be asked */
	bool closing;
	/* For want of kernel memory: looked at with every tick. */
	ares_socket_t unwatched;
	uint32_t asked; /* questions without on_reply */
	/* What resolv.conf said when they were read from it; 0: they were given. */
	uint64_t read_from;
	time_us look_at;
};

/* --- which servers --- */

/* "ADDR", "ADDR:PORT", "[ADDR]:PORT" or a bare IPv6 address. */
static int parse_server(struct slice text, struct ares_addr_port_node *ret_server)
{
	uint64_t port = PORT_DNS;
	struct address address;
	if (!address_parse(text, &address)) {
		size_t colon = text.len;
		while (colon > 0 && text.at[colon - 1] != ':')
			colon--;
		if (colon == 0 ||
			!slice_to_number(
				slice_sub(text, colon, text.len), UINT16_MAX, &port) ||
			!address_parse(slice_sub(text, 0, colon - 1), &address))
			return -1;
	}
	bool v4 = address_is_v4(&address);
	*ret_server = (struct ares_addr_port_node){
		.family = v4 ? AF_INET : AF_INET6,
		.udp_port = (int)port,
		.tcp_port = (int)port,
	};
	memcpy(&ret_server->addr, address.bytes + (v4 ? 12 : 0), v4 ? 4 : 16);
	return port > 0 ? 0 : -1;
}

static int read_servers(struct slice text, struct ares_addr_port_node *servers,
	uint8_t *ret_count, struct error *error)
{
	struct slice part, rest = text;
	while (*ret_count < SERVERS_MAX && slice_split(&rest, ',', &part))
		if (parse_server(slice_trim(part), &servers[(*ret_count)++]) < 0)
			return error_set(error,
				"resolver '%.*s': not an address; write ADDR or "
				"ADDR:PORT",
				SLICE_ARG(text));
	return 0;
}

/* 0: nothing that c-ares would find a server in. */
static uint64_t read_resolv_conf(void)
{
	char text[RESOLV_CONF_BYTES];
	FILE *file = fopen("/etc/resolv.conf", "re");
	struct slice read = { text,
		file != NULL ? fread(text, 1, sizeof(text), file) : 0 };
	if (file != NULL)
		fclose(file);
	if (slice_find(read, SLICE("nameserver")) == SLICE_NONE)
		return 0;
	return hash_bytes(read, 0) | 1;
}

static int system_servers(struct ares_addr_port_node *servers, uint8_t *ret_count)
{
	ares_channel channel;
	struct ares_addr_port_node *found = NULL;
	if (ares_init(&channel) != ARES_SUCCESS)
		return -1;
	int status = ares_get_servers_ports(channel, &found);
	for (struct ares_addr_port_node *at = found;
		at != NULL && *ret_count < SERVERS_MAX; at = at->next) {
		servers[*ret_count] = *at;
		servers[(*ret_count)++].next = NULL;
	}
	ares_free_data(found);
	ares_destroy(channel);
	return status == ARES_SUCCESS && *ret_count > 0 ? 0 : -1;
}

/* --- sockets of our own, for the sake of their errors --- */

/* c-ares forgets a refusal when it concerns the question before, and then speaks of
 * silence. */
static ssize_t note_refusal(struct line *line, ssize_t result)
{
	if (result > 0)
		line->refused = false;
	else if (result < 0 &&
		 (errno == ECONNREFUSED || errno == EHOSTUNREACH || errno == ENETUNREACH))
		line->refused = true;
	return result;
}

static ares_socket_t open_socket(int domain, int type, int protocol, void *data)
{
	int bytes = RECEIVE_BYTES;
	int fd = socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	(void)data;
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	return fd;
}

static int close_socket(ares_socket_t fd, void *data)
{
	(void)data;
	return close(fd);
}

static int connect_socket(
	ares_socket_t fd, const struct sockaddr *to, ares_socklen_t len, void *data)
{
	return (int)note_refusal(data, connect(fd, to, len));
}

static ares_ssize_t receive(ares_socket_t fd, void *bytes, size_t size, int flags,
	struct sockaddr *from, ares_socklen_t *from_len, void *data)
{
	return note_refusal(data, recvfrom(fd, bytes, size, flags, from, from_len));
}

/* What was sent was not received yet: only a failure tells something. */
static ares_ssize_t send_parts(
	ares_socket_t fd, const struct iovec *parts, int count, void *data)
{
	ssize_t sent = writev(fd, parts, count);
	return sent < 0 ? note_refusal(data, sent) : sent;
}

static const struct ares_socket_functions socket_functions = {
	.asocket = open_socket,
	.aclose = close_socket,
	.aconnect = connect_socket,
	.arecvfrom = receive,
	.asendv = send_parts,
};

/* --- life --- */

static void on_socket(void *data, ares_socket_t fd, int readable, int writable)
{
	struct name_servers *servers = data;
	int watched = sockets_watch(servers->sockets, servers->owner, fd, false,
		readable != 0, writable != 0);
	if (watched < 0)
		servers->unwatched = fd;
	else if (servers->unwatched == fd)
		servers->unwatched = ARES_SOCKET_BAD;
}

static int open_line(struct name_servers *servers, struct line *line,
	struct ares_addr_port_node *server, int flags, int tries, time_ms timeout_ms)
{
	time_ms first_ms = timeout_ms / ((1 << tries) - 1);
	struct ares_options options = {
		/* Without a check of the response, SERVFAIL and REFUSED reach us as such
		 * instead of as one "refused" for all. */
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOCHECKRESP |
			 ARES_FLAG_NOALIASES | ARES_FLAG_STAYOPEN | flags,
		.timeout = first_ms > 1 ? (int)first_ms : 1,
		.tries = tries,

		.sock_state_cb = on_socket,
		.sock_state_cb_data = servers,
	};
	int status = ares_init_options(&line->channel, &options,
		ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
			ARES_OPT_SOCK_STATE_CB);
	if (status != ARES_SUCCESS) {
		line->channel = NULL;
		return status;
	}
	ares_set_socket_functions(line->channel, &socket_functions, line);
	return ares_set_servers_ports(line->channel, server);
}

static int open_server(struct name_servers *servers, struct ares_addr_port_node *address,
	int tries, time_ms timeout_ms)
{
	struct server *server = &servers->servers[servers->count++];
	int status = open_line(
		servers, &server->udp, address, ARES_FLAG_IGNTC, tries, timeout_ms);
	if (status != ARES_SUCCESS)
		return status;
	return open_line(
		servers, &server->tcp, address, ARES_FLAG_USEVC, tries, timeout_ms);
}

static int open_servers(struct name_servers *servers, struct slice addresses,
	time_ms timeout_ms, struct error *error)
{
	struct ares_addr_port_node found[SERVERS_MAX];
	uint8_t count = 0;
	if (addresses.len > 0 && read_servers(addresses, found, &count, error) < 0)
		return -1;
	/* Read first: what is written between the two is found to be new. */
	if (addresses.len == 0)
		servers->read_from = read_resolv_conf() | 1;
	if (addresses.len == 0 && system_servers(found, &count) < 0)
		return error_set(error, "c-ares: no name server could be found");
	for (uint8_t i = 0; i < count; i++) {
		int status = open_server(servers, &found[i],
			count > 1 ? TRIES_EACH : TRIES_ALONE, timeout_ms / count);
		if (status != ARES_SUCCESS)
			return error_set(error, "c-ares: %s", ares_strerror(status));
	}
	return 0;
}

struct name_servers *name_servers_new(struct sockets *sockets, uint32_t owner,
	struct slice addresses, time_ms timeout_ms, struct error *error)
{
	struct name_servers *servers = calloc(1, sizeof(*servers));
	int status = ARES_ENOMEM;
	if (servers == NULL ||
		(status = ares_library_init(ARES_LIB_INIT_ALL)) != ARES_SUCCESS) {
		free(servers);
		error_set(error, "c-ares: %s", ares_strerror(status));
		return NULL;
	}
	servers->sockets = sockets;
	servers->owner = owner;
	servers->unwatched = ARES_SOCKET_BAD;
	if (open_servers(servers, addresses, timeout_ms, error) == 0)
		return servers;
	name_servers_free(servers);
	return NULL;
}

void name_servers_free(struct name_servers *servers)
{
	if (servers == NULL)
		return;
	servers->closing = true;
	while (servers->count > 0) {
		struct server *server = &servers->servers[--servers->count];
		if (server->udp.channel != NULL)
			ares_destroy(server->udp.channel);
		if (server->tcp.channel != NULL)
			ares_destroy(server->tcp.channel);
	}
	ares_library_cleanup();
	free(servers);
}

/* --- asking --- */

/* Another server may do better. In the enum, what tells more stands before what tells
 * less. */
static bool is_failure(enum dns_status status)
{
	return status >= DNS_SERVFAIL && status <= DNS_UNREACHABLE;
}

static void ask_next(struct question *question);
static void ask(struct question *question, bool by_tcp);

static uint8_t server_asked(const struct question *question)
{
	return (uint8_t)(question->first + question->tried - 1) %
	       question->servers->count;
}

static struct line *line_asked(const struct question *question)
{
	struct server *server = &question->servers->servers[server_asked(question)];
	return question->by_tcp ? &server->tcp : &server->udp;
}

/* By the server, or by c-ares, which reads 512 bytes of UDP and cuts what is longer. */
static bool is_truncated(const unsigned char *bytes, int len)
{
	return bytes != NULL && len >= NS_HFIXEDSZ &&
	       ((bytes[2] & HEADER_TC) != 0 || len >= NS_PACKETSZ);
}

static void on_message(void *data, int code, int timeouts, unsigned char *bytes, int len)
{
	struct question *question = data;
	struct name_servers *servers = question->servers;
	enum dns_status status = dns_status_of_message(code, bytes, len);
	(void)timeouts;
	question->heard = question->heard || bytes != NULL;
	if (is_truncated(bytes, len) && !question->by_tcp && !servers->closing) {
		ask(question, true);
		return;
	}
	if (status == DNS_TIMEOUT && !servers->closing && line_asked(question)->refused)
		status = DNS_UNREACHABLE;

	if (is_failure(status)) {
		if (question->failure == DNS_PENDING || status < question->failure)
			question->failure = status;
		question->silent = question->silent || bytes == NULL;
		if (question->tried < servers->count && !servers->closing) {
			ask_next(question);
			return;
		}
		status = question->failure;
	} else if (question->silent) {
		servers->first = server_asked(question);
	}
	assert(servers->asked > 0);
	servers->asked--;
	question->on_reply(question, status, bytes, len);
}

static void ask(struct question *question, bool by_tcp)
{
	question->by_tcp = by_tcp;
	ares_query(line_asked(question)->channel, question->host, C_IN, question->type,
		on_message, question);
}

static void ask_next(struct question *question)
{
	question->tried++;
	ask(question, false);
}

void name_servers_ask(struct name_servers *servers, struct question *question)
{
	question->servers = servers;
	question->first = servers->first;
	question->tried = 0;
	question->failure = DNS_PENDING;
	question->heard = question->silent = false;
	servers->asked++;
	ask_next(question);
}

bool name_servers_are_asked(const struct name_servers *servers)
{
	return servers->asked > 0;
}

bool name_servers_are_stale(struct name_servers *servers, time_us now)
{
	if (servers->read_from == 0 || now < servers->look_at)
		return false;
	uint64_t read = read_resolv_conf();
	servers->look_at = now + look_us;
	return read != 0 && read != servers->read_from;
}

/* --- time and sockets --- */

void name_servers_run(struct name_servers *servers)
{
	name_servers_ready(servers, servers->unwatched,
		servers->unwatched != ARES_SOCKET_BAD, false);
}

void name_servers_ready(
	struct name_servers *servers, int fd, bool readable, bool writable)
{
	/* A channel does not mind a socket that is not its own. */
	ares_socket_t to_read = readable ? fd : ARES_SOCKET_BAD;
	ares_socket_t to_write = writable ? fd : ARES_SOCKET_BAD;
	for (uint8_t i = 0; i < servers->count; i++) {
		ares_process_fd(servers->servers[i].udp.channel, to_read, to_write);
		ares_process_fd(servers->servers[i].tcp.channel, to_read, to_write);
	}
}

ares_channel name_servers_channel(const struct name_servers *servers)
{
	return servers->servers[0].udp.channel;
}
