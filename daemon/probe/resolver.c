#include "probe/resolver_internal.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "probe/clock_internal.h"
#include "probe/dns_name_internal.h"
#include "probe/dns_reply_internal.h"
#include "probe/memory_internal.h"

enum {
	NAMES_MAX = 8192,
	HOSTS_BYTES_MAX = 64 * 1024, /* a larger file would be read at every lookup */
};

/* c-ares looks at its deadlines only when called. */
static const time_us tick_us = 100 * TIME_US_PER_MS;

struct resolver {
	struct sockets *sockets;
	struct name_servers *servers;
	struct name_servers *former; /* asked something yet; NULL: none */
	struct resolver_config config;
	time_us timeout_us;
	bool hosts_file;
	struct dns_name *by_host;
	uint32_t name_count;
	struct list asking; /* names, longest asked first */
	struct list known;  /* names, longest unused first */
	uint32_t orphans;   /* answered by our deadline, still inside c-ares */
	time_us tick_at;
	uint64_t asked, answered; /* names, of the network */
	bool closing;
};

#define NAME_OF(node) LIST_OF(node, struct dns_name, in_line)

/* --- life --- */

static bool hosts_file_usable(void)
{
	struct stat stat_of;
	return stat("/etc/hosts", &stat_of) == 0 && stat_of.st_size <= HOSTS_BYTES_MAX;
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
	resolver->servers = name_servers_new(
		sockets, config->owner, config->address, config->timeout_ms, error);
	if (resolver->servers != NULL)
		return resolver;
	free(resolver);
	return NULL;
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
	resolver->closing = true;
	/* They call back for every open question. */
	name_servers_free(resolver->former);
	name_servers_free(resolver->servers);
	HASH_ITER(hh, resolver->by_host, name, next)
	name_free(name);
	free(resolver);
}

/* --- what c-ares says --- */

/* Time ran out where nobody could hear the answer. */
static void mark_unheard(struct dns_name *name)
{
	for (int family = 0; family < DNS_FAMILY_COUNT; family++) {
		struct dns_part *part = &name->parts[family];
		if (part->status == DNS_PENDING &&
			memory_failures() != name->memory_failures)
			part->status = DNS_NO_MEMORY;
	}
}

static void settle(struct dns_name *name, time_us now)
{
	struct resolver *resolver = name->resolver;
	struct dns_answer answer;
	struct list *node;
	name->state = DNS_KNOWN;
	mark_unheard(name);
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

static void on_reply(struct question *question, enum dns_status status,
	const unsigned char *bytes, int len);

static void ask_family(struct dns_name *name, enum dns_family family)
{
	struct question *question = &name->questions[family];
	name->parts[family].status = DNS_PENDING;
	name->queries++;
	question->host = name->host;
	question->type = family == DNS_V4 ? T_A : T_AAAA;
	question->name = name;
	question->on_reply = on_reply;
	name_servers_ask(name->resolver->servers, question);
}

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
	const struct dns_part *v6 = &name->parts[DNS_V6];
	if (v6->status != DNS_NOT_ASKED || v4->status == DNS_NXDOMAIN ||
		v4->status == DNS_BAD_NAME ||
		has_permitted(v4, resolver->config.permitted))
		return;
	ask_family(name, DNS_V6);
}

/* The part it was for; NULL when our deadline has answered before. */
static struct dns_part *take_reply(const struct question *question)
{
	struct dns_name *name = question->name;
	if (question->heard && !name->heard) {
		name->heard = true;
		name->resolver->answered++;
	}
	name->queries--;
	if (name->state != DNS_KNOWN)
		return &name->parts[question - name->questions];
	if (name->queries == 0)
		name->resolver->orphans--;
	return NULL;
}

/* c-ares calls a server unreachable when it gets no socket for it. */
static bool is_our_lack(const struct dns_name *name, enum dns_status status)
{
	if (status == DNS_FOUND || status == DNS_NXDOMAIN || status == DNS_NODATA)
		return false;
	return memory_failures() != name->memory_failures ||
	       (status == DNS_UNREACHABLE && !memory_has_descriptor());
}

static enum dns_status read_reply(struct dns_part *part, bool v4,
	const unsigned char *bytes, int len, const struct address_policy *permitted)
{
	return dns_reply_status(
		part, v4 ? dns_reply_read_v4(part, bytes, len, permitted)
			 : dns_reply_read_v6(part, bytes, len, permitted));
}

static void on_reply(struct question *question, enum dns_status status,
	const unsigned char *bytes, int len)
{
	struct dns_name *name = question->name;
	struct dns_part *part = take_reply(question);
	bool v4 = question == &name->questions[DNS_V4];
	if (part == NULL)
		return;
	if (status == DNS_FOUND)
		status = read_reply(
			part, v4, bytes, len, name->resolver->config.permitted);
	part->status = is_our_lack(name, status) ? DNS_NO_MEMORY : status;
	if (v4 && !name->resolver->closing)
		ask_v6_if_needed(name);
}

/* --- asking --- */

static void fill_localhost(struct dns_name *name)
{
	static const uint8_t loopback_v6[16] = { [15] = 1 };
	dns_part_add(&name->parts[DNS_V4], address_of_v4(0x7F000001), NAMES_MAX, NULL);
	dns_part_add(&name->parts[DNS_V6], address_of_v6(loopback_v6), NAMES_MAX, NULL);
	name->parts[DNS_V4].status = name->parts[DNS_V6].status = DNS_FOUND;
}

static void fill_from_hosts(struct dns_name *name, int af, enum dns_family family)
{
	struct hostent *entry = NULL;
	struct dns_part *part = &name->parts[family];
	int status = ares_gethostbyname_file(
		name_servers_channel(name->resolver->servers), name->host, af, &entry);
	if (status == ARES_EFILE &&
		(errno == EMFILE || errno == ENFILE || errno == ENOMEM))
		memory_lacked();
	if (status != ARES_SUCCESS)
		return;
	for (char **at = entry->h_addr_list; *at != NULL; at++) {
		uint8_t bytes[16] = { 0 };
		memcpy(bytes, *at, af == AF_INET ? 4 : 16);
		uint32_t v4 = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
			      (uint32_t)bytes[2] << 8 | bytes[3];
		dns_part_add(part,
			af == AF_INET ? address_of_v4(v4) : address_of_v6(bytes), 0,
			name->resolver->config.permitted);
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
	if (memory_failures() != name->memory_failures) {
		/* Not to be asked of others: they may not know what the file knows. */
		name->parts[DNS_V4] = name->parts[DNS_V6] =
			(struct dns_part){ .status = DNS_NO_MEMORY };
		return true;
	}
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

/* Not from within a callback of theirs. */
static void drop_former(struct resolver *resolver)
{
	if (resolver->former == NULL || name_servers_are_asked(resolver->former))
		return;
	name_servers_free(resolver->former);
	resolver->former = NULL;
}

/* A machine comes into another network, and a daemon must not need to be started anew for
 * that. What is being asked is left to those who are asked. */
static void renew_servers(struct resolver *resolver, time_us now)
{
	drop_former(resolver);
	if (resolver->former != NULL || !name_servers_are_stale(resolver->servers, now))
		return;
	struct name_servers *renewed =
		name_servers_new(resolver->sockets, resolver->config.owner,
			resolver->config.address, resolver->config.timeout_ms, NULL);
	if (renewed == NULL) /* without memory it is tried again */
		return;
	resolver->former = resolver->servers;
	resolver->servers = renewed;
}

static void name_ask(struct resolver *resolver, struct dns_name *name, time_us now)
{
	name->state = DNS_ASKING;
	name->asked_at = now;
	name->memory_failures = memory_failures();
	name->heard = false;
	memset(name->parts, 0, sizeof(name->parts));
	list_remove(&name->in_line);
	list_push_back(&resolver->asking, &name->in_line);
	if (!fill_without_network(name)) {
		bool both = resolver->config.both_families;
		renew_servers(resolver, now);
		resolver->asked++;
		name->parts[DNS_V4].status = DNS_PENDING;
		name->parts[DNS_V6].status = both ? DNS_PENDING : DNS_NOT_ASKED;
		ask_family(name, DNS_V4);
		if (both)
			ask_family(name, DNS_V6);
	}
	if (dns_name_settled(name, now)) /* nobody waits yet */
		settle(name, now);
}

/* "a.org." is asked for, and kept, as "a.org". */
static struct slice without_root(struct slice host)
{
	return slice_sub(host, 0, host.len - (slice_ends(host, SLICE(".")) ? 1 : 0));
}

void resolver_forget(struct resolver *resolver, struct slice host)
{
	struct dns_name *name = NULL;
	host = without_root(host);
	HASH_FIND(hh, resolver->by_host, host.at, host.len, name);
	if (name != NULL && name->state == DNS_KNOWN)
		name->expires_at = INT64_MIN;
}

struct slice resolver_found_last(const struct resolver *resolver)
{
	const struct list *end = &resolver->known;
	for (struct list *node = end->prev; node != end; node = node->prev) {
		const struct dns_name *name = NAME_OF(node);
		if (name->heard &&
			(name->parts[DNS_V4].count > 0 || name->parts[DNS_V6].count > 0))
			return (struct slice){ name->host, name->host_len };
	}
	return (struct slice){ 0 };
}

bool resolver_ask(struct resolver *resolver, struct lookup *lookup, struct slice host,
	time_us now, struct dns_answer *ret_answer)
{
	struct dns_name *name = NULL;
	assert(lookup->name == NULL);
	host = without_root(host);
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
	name_servers_run(resolver->servers);
	if (resolver->former != NULL)
		name_servers_run(resolver->former);
	settle_all(resolver, now);
	drop_former(resolver);
}

void resolver_ready(struct resolver *resolver, int fd, bool readable, bool writable)
{
	name_servers_ready(resolver->servers, fd, readable, writable);
	if (resolver->former != NULL)
		name_servers_ready(resolver->former, fd, readable, writable);
	settle_all(resolver, clock_us());
}

void resolver_health(
	const struct resolver *resolver, uint64_t *ret_asked, uint64_t *ret_answered)
{
	*ret_asked = resolver->asked;
	*ret_answered = resolver->answered;
}
