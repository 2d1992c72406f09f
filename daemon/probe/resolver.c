#include "probe/resolver_internal.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <assert.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/clock_internal.h"
#include "probe/dns_name_internal.h"
#include "probe/dns_reply_internal.h"
#include "probe/memory_internal.h"

enum {
	NAMES_MAX = 8192,
	TRIES = 3,
	/* 1 + 2 + 4: c-ares doubles its waiting time with every try. */
	TRIES_SPAN = 7,
	RECEIVE_BYTES = 1024 * 1024,
	HOSTS_BYTES_MAX = 64 * 1024, /* a larger file would be read at every lookup */
	PORT_DNS = 53,
};

/* c-ares looks at its deadlines only when called. */
static const time_us tick_us = 100 * TIME_US_PER_MS;

struct resolver {
	ares_channel channel;
	struct sockets *sockets;
	struct resolver_config config;
	time_us timeout_us;
	bool hosts_file;
	struct dns_name *by_host;
	uint32_t name_count;
	struct list asking; /* names, longest asked first */
	struct list known;  /* names, longest unused first */
	uint32_t orphans;   /* answered by our deadline, still inside c-ares */
	time_us tick_at;
};

#define NAME_OF(node) LIST_OF(node, struct dns_name, in_line)

/* --- life --- */

static void on_socket(void *data, ares_socket_t fd, int readable, int writable)
{
	struct resolver *resolver = data;
	sockets_watch(resolver->sockets, resolver->config.owner, fd, false, readable != 0,
		writable != 0);
}

static bool hosts_file_usable(void)
{
	struct stat stat_of;
	return stat("/etc/hosts", &stat_of) == 0 && stat_of.st_size <= HOSTS_BYTES_MAX;
}

/* "ADDR", "ADDR:PORT", "[ADDR]:PORT" or a bare IPv6 address. */
static int parse_server(
	struct slice text, struct address *ret_address, uint16_t *ret_port)
{
	uint64_t port = PORT_DNS;
	if (!address_parse(text, ret_address)) {
		size_t colon = text.len;
		while (colon > 0 && text.at[colon - 1] != ':')
			colon--;
		if (colon == 0 ||
			!slice_to_number(
				slice_sub(text, colon, text.len), UINT16_MAX, &port) ||
			!address_parse(slice_sub(text, 0, colon - 1), ret_address))
			return -1;
	}
	*ret_port = (uint16_t)port;
	return port > 0 ? 0 : -1;
}

static int set_server(struct resolver *resolver, struct slice text, struct error *error)
{
	struct address address;
	uint16_t port;
	char at[ADDRESS_TEXT_SIZE], csv[ADDRESS_TEXT_SIZE + 16];
	if (parse_server(text, &address, &port) < 0)
		return error_set(error,
			"resolver '%.*s': not an address; write ADDR or ADDR:PORT",
			SLICE_ARG(text));
	address_format(&address, at);
	bool bare_v6 = !address_is_v4(&address) && at[0] != '[';
	snprintf(csv, sizeof(csv), bare_v6 ? "[%s]:%u" : "%s:%u", at, (unsigned)port);
	if (ares_set_servers_ports_csv(resolver->channel, csv) != ARES_SUCCESS)
		return error_set(
			error, "resolver '%.*s' cannot be used", SLICE_ARG(text));
	return 0;
}

static int open_channel(
	struct resolver *resolver, time_ms timeout_ms, struct error *error)
{
	struct ares_options options = {
		/* Without a check of the response, SERVFAIL and REFUSED reach us as such
		 * instead of as one "refused" for all. */
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOCHECKRESP |
			 ARES_FLAG_NOALIASES | ARES_FLAG_STAYOPEN,
		.timeout =
			(int)(timeout_ms / TRIES_SPAN > 1 ? timeout_ms / TRIES_SPAN : 1),
		.tries = TRIES,
		.socket_receive_buffer_size = RECEIVE_BYTES,
		.sock_state_cb = on_socket,
		.sock_state_cb_data = resolver,
	};
	int status = ares_library_init(ARES_LIB_INIT_ALL);
	if (status != ARES_SUCCESS)
		return error_set(error, "c-ares: %s", ares_strerror(status));
	status = ares_init_options(&resolver->channel, &options,
		ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
			ARES_OPT_SOCK_RCVBUF | ARES_OPT_SOCK_STATE_CB);
	if (status == ARES_SUCCESS)
		return 0;
	ares_library_cleanup();
	return error_set(error, "c-ares: %s", ares_strerror(status));
}

struct resolver *resolver_new(struct sockets *sockets,
	const struct resolver_config *config, struct error *error)
{
	struct resolver *resolver = calloc(1, sizeof(*resolver));
	if (resolver == NULL) {
		error_set(error, "out of memory");
		return NULL;
	}
	resolver->sockets = sockets;
	resolver->config = *config;
	resolver->timeout_us = config->timeout_ms * TIME_US_PER_MS;
	resolver->hosts_file = config->address.len == 0 && hosts_file_usable();
	list_init(&resolver->asking);
	list_init(&resolver->known);
	if (open_channel(resolver, config->timeout_ms, error) < 0) {
		free(resolver);
		return NULL;
	}
	if (config->address.len > 0 && set_server(resolver, config->address, error) < 0) {
		resolver_free(resolver);
		return NULL;
	}
	return resolver;
}

static void name_free(struct dns_name *name)
{
	assert(name->queries == 0 && list_empty(&name->lookups));
	HASH_DEL(name->resolver->by_host, name);
	list_remove(&name->in_line);
	name->resolver->name_count--;
	free(name);
}

static void forget_lookups(struct dns_name *name)
{
	struct list *node;
	while ((node = list_pop_front(&name->lookups)) != NULL)
		LIST_OF(node, struct lookup, in_name)->name = NULL;
}

void resolver_free(struct resolver *resolver)
{
	if (resolver == NULL)
		return;
	struct dns_name *name, *next;
	HASH_ITER(hh, resolver->by_host, name, next)
	forget_lookups(name);
	ares_destroy(resolver->channel); /* calls back for every open query */
	HASH_ITER(hh, resolver->by_host, name, next)
	name_free(name);
	ares_library_cleanup();
	free(resolver);
}

/* --- what c-ares says --- */

static void settle(struct dns_name *name, time_us now)
{
	struct resolver *resolver = name->resolver;
	struct dns_answer answer;
	struct list *node;
	name->state = DNS_KNOWN;
	dns_name_keep(name, now);
	dns_name_answer(name, &answer);
	list_remove(&name->in_line);
	list_push_back(&resolver->known, &name->in_line);
	if (name->queries > 0)
		resolver->orphans++;
	while ((node = list_pop_front(&name->lookups)) != NULL) {
		struct lookup *lookup = LIST_OF(node, struct lookup, in_name);
		lookup->name = NULL;
		lookup->on_done(lookup, &answer);
	}
}

static void on_reply_v6(
	void *data, int status, int timeouts, unsigned char *bytes, int len);

static bool has_permitted(
	const struct dns_part *part, const struct address_policy *policy)
{
	for (uint8_t i = 0; i < part->count; i++)
		if (address_permitted(&part->addresses[i], policy))
			return true;
	return false;
}

/* "No such name" is said of all families. */
static void ask_v6_if_needed(struct dns_name *name)
{
	struct resolver *resolver = name->resolver;
	const struct dns_part *v4 = &name->parts[DNS_V4];
	struct dns_part *v6 = &name->parts[DNS_V6];
	if (v6->status != DNS_NOT_ASKED || v4->status == DNS_NXDOMAIN ||
		v4->status == DNS_BAD_NAME ||
		has_permitted(v4, resolver->config.permitted))
		return;
	v6->status = DNS_PENDING;
	name->queries++;
	ares_query(resolver->channel, name->host, C_IN, T_AAAA, on_reply_v6, name);
}

/* The part it was for; NULL when our deadline has answered before. */
static struct dns_part *take_reply(struct dns_name *name, enum dns_family family)
{
	name->queries--;
	if (name->state != DNS_KNOWN)
		return &name->parts[family];
	if (name->queries == 0)
		name->resolver->orphans--;
	return NULL;
}

/* c-ares calls a server unreachable when it gets no socket for it. */
static bool has_socket_left(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool is_our_lack(const struct dns_name *name, enum dns_status status)
{
	if (status == DNS_FOUND || status == DNS_NXDOMAIN || status == DNS_NODATA)
		return false;
	return memory_failures() != name->memory_failures ||
	       (status == DNS_UNREACHABLE && !has_socket_left());
}

static void set_status(const struct dns_name *name, struct dns_part *part, int status)
{
	part->status = dns_reply_status(part, status);
	if (is_our_lack(name, part->status))
		part->status = DNS_NO_MEMORY;
}

static void on_reply_v4(
	void *data, int status, int timeouts, unsigned char *bytes, int len)
{
	struct dns_name *name = data;
	struct dns_part *part = take_reply(name, DNS_V4);
	(void)timeouts;
	if (part == NULL)
		return;
	set_status(name, part,
		status == ARES_SUCCESS ? dns_reply_read_v4(part, bytes, len) : status);
	if (status != ARES_EDESTRUCTION)
		ask_v6_if_needed(name);
}

static void on_reply_v6(
	void *data, int status, int timeouts, unsigned char *bytes, int len)
{
	struct dns_name *name = data;
	struct dns_part *part = take_reply(name, DNS_V6);
	(void)timeouts;
	if (part != NULL)
		set_status(name, part,
			status == ARES_SUCCESS ? dns_reply_read_v6(part, bytes, len)
					       : status);
}

/* --- asking --- */

static void fill_localhost(struct dns_name *name)
{
	static const uint8_t loopback_v6[16] = { [15] = 1 };
	dns_part_add(&name->parts[DNS_V4], address_of_v4(0x7F000001), NAMES_MAX);
	dns_part_add(&name->parts[DNS_V6], address_of_v6(loopback_v6), NAMES_MAX);
	name->parts[DNS_V4].status = name->parts[DNS_V6].status = DNS_FOUND;
}

static void fill_from_hosts(struct dns_name *name, int af, enum dns_family family)
{
	struct hostent *entry = NULL;
	struct dns_part *part = &name->parts[family];
	if (ares_gethostbyname_file(name->resolver->channel, name->host, af, &entry) !=
		ARES_SUCCESS)
		return;
	for (char **at = entry->h_addr_list;
		*at != NULL && part->count < DNS_PER_FAMILY_MAX; at++) {
		uint8_t bytes[16] = { 0 };
		memcpy(bytes, *at, af == AF_INET ? 4 : 16);
		uint32_t v4 = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
			      (uint32_t)bytes[2] << 8 | bytes[3];
		dns_part_add(part,
			af == AF_INET ? address_of_v4(v4) : address_of_v6(bytes), 0);
	}
	ares_free_hostent(entry);
}

static bool fill_without_network(struct dns_name *name)
{
	struct slice host = { name->host, name->host_len };
	if (slice_equal(host, SLICE("localhost")) ||
		slice_ends(host, SLICE(".localhost"))) {
		fill_localhost(name);
		return true;
	}
	if (!name->resolver->hosts_file)
		return false;
	fill_from_hosts(name, AF_INET, DNS_V4);
	fill_from_hosts(name, AF_INET6, DNS_V6);
	bool found = name->parts[DNS_V4].count > 0 || name->parts[DNS_V6].count > 0;
	if (found)
		for (int family = 0; family < DNS_FAMILY_COUNT; family++)
			name->parts[family].status =
				name->parts[family].count > 0 ? DNS_FOUND : DNS_NODATA;
	return found;
}

/* Makes room first: the longest unused name goes, unless c-ares still holds it. */
static struct dns_name *name_new(struct resolver *resolver, struct slice host)
{
	if (resolver->name_count >= NAMES_MAX && !list_empty(&resolver->known)) {
		struct dns_name *oldest = NAME_OF(resolver->known.next);
		if (oldest->queries == 0)
			name_free(oldest);
	}
	struct dns_name *name = calloc(1, sizeof(*name) + host.len + 1);
	if (name == NULL)
		return NULL;
	name->resolver = resolver;
	name->host_len = host.len;
	memcpy(name->host, host.at, host.len);
	list_init(&name->lookups);
	list_init(&name->in_line);
	HASH_ADD_KEYPTR(hh, resolver->by_host, name->host, name->host_len, name);
	if (name->hh.tbl == NULL) {
		free(name);
		return NULL;
	}
	resolver->name_count++;
	return name;
}

static void name_ask(struct resolver *resolver, struct dns_name *name, time_us now)
{
	name->state = DNS_ASKING;
	name->asked_at = now;
	name->memory_failures = memory_failures();
	memset(name->parts, 0, sizeof(name->parts));
	list_remove(&name->in_line);
	list_push_back(&resolver->asking, &name->in_line);
	if (!fill_without_network(name)) {
		bool both = resolver->config.both_families;
		name->parts[DNS_V6].status = both ? DNS_PENDING : DNS_NOT_ASKED;
		name->queries = both ? 2 : 1;
		ares_query(resolver->channel, name->host, C_IN, T_A, on_reply_v4, name);
		if (both)
			ares_query(resolver->channel, name->host, C_IN, T_AAAA,
				on_reply_v6, name);
	}
	if (dns_name_settled(name, now)) /* nobody waits yet */
		settle(name, now);
}

bool resolver_ask(struct resolver *resolver, struct lookup *lookup, struct slice host,
	time_us now, struct dns_answer *ret_answer)
{
	struct dns_name *name = NULL;
	assert(lookup->name == NULL);
	if (slice_ends(host, SLICE(".")))
		host.len--;
	HASH_FIND(hh, resolver->by_host, host.at, host.len, name);
	if (name == NULL && (name = name_new(resolver, host)) == NULL) {
		*ret_answer = (struct dns_answer){ .failure = REASON_OFFLINE,
			.why = "this machine ran out of memory" };
		return true;
	}
	/* A name that c-ares still holds keeps its old answer: no second question at a
	 * time. */
	bool stale = name->state == DNS_KNOWN && now >= name->expires_at;
	if (name->state == DNS_NEW || (stale && name->queries == 0))
		name_ask(resolver, name, now);
	if (name->state == DNS_KNOWN) {
		list_remove(&name->in_line);
		list_push_back(&resolver->known, &name->in_line);
		dns_name_answer(name, ret_answer);
		return true;
	}
	lookup->name = name;
	list_push_back(&name->lookups, &lookup->in_name);
	return false;
}

void resolver_cancel(struct lookup *lookup)
{
	if (lookup->name == NULL)
		return;
	list_remove(&lookup->in_name);
	lookup->name = NULL;
}

/* --- time and sockets --- */

/* Answers come in here and not in c-ares' callbacks: whoever is answered may ask again.
 */
static void settle_all(struct resolver *resolver, time_us now)
{
	struct list *node = resolver->asking.next;
	while (node != &resolver->asking) {
		struct dns_name *name = NAME_OF(node);
		bool late = now - name->asked_at >= resolver->timeout_us;
		node = node->next;
		if (late || dns_name_settled(name, now))
			settle(name, now);
	}
}

time_us resolver_deadline(const struct resolver *resolver)
{
	bool busy = !list_empty(&resolver->asking) || resolver->orphans > 0;
	return busy ? resolver->tick_at : INT64_MAX;
}

void resolver_run(struct resolver *resolver, time_us now)
{
	if (now < resolver_deadline(resolver))
		return;
	resolver->tick_at = now + tick_us;
	ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	settle_all(resolver, now);
}

void resolver_ready(struct resolver *resolver, int fd, bool readable, bool writable)
{
	ares_process_fd(resolver->channel, readable ? fd : ARES_SOCKET_BAD,
		writable ? fd : ARES_SOCKET_BAD);
	settle_all(resolver, clock_us());
}
