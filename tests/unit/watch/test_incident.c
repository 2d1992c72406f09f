#include "watch/incident.h"

#include "lib/test.h"

#include <stdio.h>
#include <time.h>

#include "base/random.h"

#define START INT64_C(1767225600000)

static struct incidents *incidents;
static time_ms at;
static struct buffer told; /* what was announced, one a line */

static int start(void **state)
{
	(void)state;
	incidents = incidents_new();
	at = START;
	buffer_init(&told, 1 << 20);
	return incidents != NULL ? 0 : -1;
}

static int finish(void **state)
{
	(void)state;
	incidents_free(incidents);
	buffer_fini(&told);
	return 0;
}

static void listen(void)
{
	enum incident_news news;
	struct incident incident;
	static const char *const words[] = { "BEGAN ", "GREW ", "ENDED " };
	while (incident_next_news(incidents, &news, &incident)) {
		buffer_add_text(&told, words[news]);
		incident_sentence(&incident, &told);
		buffer_add_char(&told, '\n');
		if (news == INCIDENT_BEGAN)
			incident_set_id(
				incidents, incident.number, 1000 + incident.number);
	}
}

static void assert_told(const char *expected)
{
	assert_slice(buffer_slice(&told), expected);
	buffer_reset(&told);
}

static struct incident_link link_of(
	int64_t id, const char *host, uint32_t host_links, enum reason reason)
{
	return (struct incident_link){ .link_id = id,
		.host = slice_of(host),
		.host_links = host_links,
		.reason = reason };
}

static uint32_t bad(int64_t id, const char *host, uint32_t host_links, enum reason reason)
{
	struct incident_link link = link_of(id, host, host_links, reason);
	uint32_t number = incident_note_bad(incidents, &link, at);
	assert_int_equal(number, incident_of_link(incidents, id));
	listen();
	at += 60000;
	return number;
}

static void good(int64_t id, const char *host)
{
	struct incident_link link = link_of(id, host, 0, REASON_OK);
	incident_note_good(incidents, &link, at);
	listen();
	at += 60000;
}

/* --- hosts ------------------------------------------------------------------------- */

static void one_event_instead_of_twelve(void **state)
{
	(void)state;
	assert_int_equal(bad(1, "openreview.net", 12, REASON_CONNECT_TIMEOUT), 0);
	assert_int_equal(bad(2, "openreview.net", 12, REASON_CONNECT_TIMEOUT), 0);
	for (int64_t i = 3; i <= 12; i++)
		assert_int_equal(bad(i, "openreview.net", 12,
					 i < 9 ? REASON_CONNECT_TIMEOUT : REASON_TIMEOUT),
			1);
	assert_told("BEGAN openreview.net unreachable, 3 of 12 links "
		    "(connect_timeout)\n"
		    "GREW openreview.net unreachable, 6 of 12 links "
		    "(connect_timeout)\n"
		    "GREW openreview.net unreachable, 12 links (most "
		    "connect_timeout)\n");
	assert_int_equal(incident_of_link(incidents, 1), 1);
	/* Found bad again: the same links. */
	bad(5, "openreview.net", 12, REASON_CONNECT_REFUSED);
	assert_told("");
	struct incident incident;
	assert_true(incident_get(incidents, 1, &incident));
	assert_int_equal(incident.links, 12);
	assert_int_equal(incident.since, START);
	assert_int_equal(incident.began_at, START + 120000);
	assert_int_equal(incident.id, 1001);
	for (int64_t i = 1; i <= 5; i++)
		good(i, "openreview.net");
	assert_told("");
	good(6, "openreview.net");
	assert_told("ENDED openreview.net is back, 12 links (6 still bad)\n");
	assert_false(incident_get(incidents, 1, &incident));
	assert_int_equal(incident_of_link(incidents, 12), 0);
	for (int64_t i = 7; i <= 12; i++)
		good(i, "openreview.net");
	assert_told("");
	struct incident_totals totals;
	incident_totals(incidents, &totals);
	assert_int_equal(totals.links, 0);
	assert_int_equal(totals.open, 0);
}

static void three_slow_pages_of_a_thousand(void **state)
{
	(void)state;
	for (int64_t i = 0; i < 1000; i++)
		if (i % 300 == 0)
			bad(1 + i, "big.org", 1000, REASON_TIMEOUT);
		else
			good(1 + i, "big.org");
	assert_told("");
}

static void nine_of_ten_die(void **state)
{
	(void)state;
	for (int64_t i = 0; i < 100; i++)
		if (i % 10 == 5)
			good(1 + i, "big.org");
		else
			bad(1 + i, "big.org", 100, REASON_HTTP_5XX);
	assert_told("BEGAN big.org unreachable, 3 of 100 links (http_5xx)\n"
		    "GREW big.org unreachable, 6 of 100 links (http_5xx)\n"
		    "GREW big.org unreachable, 12 of 100 links (http_5xx)\n"
		    "GREW big.org unreachable, 24 of 100 links (http_5xx)\n"
		    "GREW big.org unreachable, 48 of 100 links (http_5xx)\n");
}

static void all_of_a_small_host(void **state)
{
	(void)state;
	bad(1, "small.org", 2, REASON_DNS_NXDOMAIN);
	assert_told("");
	bad(2, "small.org", 2, REASON_DNS_NXDOMAIN);
	assert_told("BEGAN small.org has no address any more, 2 links "
		    "(dns_nxdomain)\n");
	/* One alone is no incident, and two of unknown many neither. */
	bad(3, "alone.org", 1, REASON_DNS_NXDOMAIN);
	bad(4, "two.org", 0, REASON_TIMEOUT);
	bad(5, "two.org", 0, REASON_TIMEOUT);
	assert_told("");
	good(1, "small.org");
	assert_told("ENDED small.org is back, 2 links (1 still bad)\n");
}

static void missing_pages(void **state)
{
	(void)state;
	for (int64_t i = 1; i <= 30; i++)
		bad(i, "github.com", 5000, REASON_HTTP_404);
	assert_told("");
	for (int64_t i = 101; i <= 108; i++)
		bad(i, "moved.org", 10, REASON_HTTP_404);
	assert_told("");
	bad(109, "moved.org", 10, REASON_SOFT_404);
	assert_told("BEGAN moved.org broken, 9 of 10 links (most http_404)\n");
}

/* What was missing at first is silent now. */
static void reasons_that_change(void **state)
{
	(void)state;
	for (int64_t i = 1; i <= 3; i++)
		bad(i, "a.org", 100, REASON_HTTP_404);
	assert_told("");
	for (int64_t i = 1; i <= 3; i++)
		bad(i, "a.org", 100, REASON_TIMEOUT);
	assert_told("BEGAN a.org unreachable, 3 of 100 links (timeout)\n");
}

/* Good ones of last month do not speak for it. */
static void a_host_dies_after_a_long_life(void **state)
{
	(void)state;
	bad(1, "old.org", 50, REASON_TIMEOUT);
	for (int64_t i = 2; i <= 50; i++)
		good(i, "old.org");
	at += 8 * TIME_MS_PER_DAY;
	bad(2, "old.org", 50, REASON_CONNECT_REFUSED);
	bad(3, "old.org", 50, REASON_CONNECT_REFUSED);
	assert_told("BEGAN old.org unreachable, 3 of 50 links (most "
		    "connect_refused)\n");
}

static void removed_links(void **state)
{
	(void)state;
	for (int64_t i = 1; i <= 3; i++)
		bad(i, "a.org", 3, REASON_TIMEOUT);
	buffer_reset(&told);
	incident_note_removed(incidents, 1, at);
	incident_note_removed(incidents, 1, at);
	listen();
	assert_told("");
	incident_note_removed(incidents, 2, at);
	listen();
	assert_told("ENDED a.org is back, 3 links (1 still bad)\n");
}

/* Nobody listened: the beginning is still told before the end. */
static void late_listeners(void **state)
{
	(void)state;
	struct incident_link link = link_of(0, "a.org", 3, REASON_TIMEOUT);
	for (link.link_id = 1; link.link_id <= 3; link.link_id++)
		incident_note_bad(incidents, &link, at);
	for (link.link_id = 1; link.link_id <= 3; link.link_id++)
		incident_note_good(incidents, &link, at);
	listen();
	assert_told("BEGAN a.org unreachable, 1 of 3 links (timeout)\n"
		    "ENDED a.org is back, 3 links (1 still bad)\n");
}

/* --- domains ----------------------------------------------------------------------- */

static void hosts_of_one_domain(void **state)
{
	(void)state;
	for (int64_t i = 1; i <= 3; i++)
		bad(i, "www.x.org", 3, REASON_DNS_SERVFAIL);
	assert_told("BEGAN www.x.org unreachable, 3 links (dns_servfail)\n");
	assert_int_equal(bad(4, "lists.x.org", 1, REASON_DNS_SERVFAIL), 1);
	assert_told("GREW x.org unreachable, 4 links on 2 hosts (dns_servfail)\n");
	assert_int_equal(bad(5, "ftp.x.org", 1, REASON_DNS_SERVFAIL), 1);
	assert_int_equal(incident_of_link(incidents, 1), 1);
	for (int64_t i = 1; i <= 5; i++)
		good(i, "www.x.org");
	assert_told("ENDED x.org is back, 5 links on 3 hosts (2 still bad)\n");
}

static void one_dead_host_of_a_living_domain(void **state)
{
	(void)state;
	bad(1, "old.x.org", 3, REASON_CONNECT_REFUSED);
	for (int64_t i = 100; i < 140; i++)
		good(i, "www.x.org");
	bad(2, "old.x.org", 3, REASON_CONNECT_REFUSED);
	bad(3, "old.x.org", 3, REASON_CONNECT_REFUSED);
	bad(4, "older.x.org", 1, REASON_CONNECT_REFUSED);
	assert_told("BEGAN old.x.org unreachable, 3 links (connect_refused)\n");
}

/* Two incidents turn out to be one; no link is told twice. */
static void two_become_one(void **state)
{
	(void)state;
	bad(1, "a.x.org", 0, REASON_TIMEOUT);
	for (int64_t i = 100; i < 110; i++)
		good(i, "c.x.org");
	bad(2, "a.x.org", 0, REASON_TIMEOUT);
	assert_int_equal(bad(3, "a.x.org", 0, REASON_TIMEOUT), 1);
	bad(4, "b.x.org", 0, REASON_TIMEOUT);
	bad(5, "b.x.org", 0, REASON_TIMEOUT);
	assert_int_equal(bad(6, "b.x.org", 0, REASON_TIMEOUT), 2);
	buffer_reset(&told);
	at += 8 * TIME_MS_PER_DAY;
	assert_int_equal(bad(6, "b.x.org", 0, REASON_TIMEOUT), 1);
	assert_told("ENDED b.x.org is part of a larger incident, 3 links\n"
		    "GREW x.org unreachable, 6 links on 2 hosts (timeout)\n");
	assert_int_equal(incident_of_link(incidents, 4), 1);
	struct incident_totals totals;
	incident_totals(incidents, &totals);
	assert_int_equal(totals.open, 1);
}

static void users_of_a_platform_are_strangers(void **state)
{
	(void)state;
	bad(1, "ann.github.io", 1, REASON_TIMEOUT);
	bad(2, "bob.github.io", 1, REASON_TIMEOUT);
	bad(3, "eve.github.io", 1, REASON_TIMEOUT);
	bad(4, "10.0.0.1", 1, REASON_TIMEOUT);
	bad(5, "10.0.0.2", 1, REASON_TIMEOUT);
	bad(6, "10.0.0.3", 1, REASON_TIMEOUT);
	assert_told("");
}

/* --- certificates ------------------------------------------------------------------ */

static void one_certificate_for_many(void **state)
{
	(void)state;
	static const char *const hosts[] = { "a.org", "b.com", "www.b.com" };
	struct certificate certificate = { .seen = true,
		.starts_at = START - 90 * TIME_MS_PER_DAY,
		.expires_at = START };
	for (int64_t i = 0; i < 3; i++) {
		struct incident_link link =
			link_of(1 + i, hosts[i], 5, REASON_TLS_EXPIRED);
		link.certificate = incident_certificate(link.reason, &certificate);
		assert_int_equal(incident_note_bad(incidents, &link, at), i == 2 ? 1 : 0);
		listen();
	}
	assert_told("BEGAN The certificate of a.org has expired, 3 links on 3 hosts "
		    "(tls_expired)\n");
	/* The host goes away altogether: the link is counted there, and only there. */
	bad(1, "a.org", 5, REASON_CONNECT_REFUSED);
	bad(4, "a.org", 5, REASON_CONNECT_REFUSED);
	bad(5, "a.org", 5, REASON_CONNECT_REFUSED);
	assert_told("BEGAN a.org unreachable, 3 of 5 links (connect_refused)\n");
	assert_int_equal(incident_of_link(incidents, 1), 2);
	assert_int_equal(incident_of_link(incidents, 2), 1);

	certificate.expires_at = 0;
	assert_int_equal(incident_certificate(REASON_TLS_EXPIRED, &certificate), 0);
	certificate.expires_at = START;
	assert_int_equal(incident_certificate(REASON_TIMEOUT, &certificate), 0);
}

static uint32_t expired(int64_t id, const char *host, uint32_t host_links)
{
	struct incident_link link = link_of(id, host, host_links, REASON_TLS_EXPIRED);
	link.certificate = 0x1234567;
	uint32_t number = incident_note_bad(incidents, &link, at);
	listen();
	return number;
}

/* Three pages that went one after the other, and one slow moment beside an old one. */
static void what_has_nothing_in_common(void **state)
{
	(void)state;
	for (int64_t id = 1; id <= 3; id++, at += 20 * TIME_MS_PER_DAY)
		assert_int_equal(bad(id, "slowly.org", 3, REASON_HTTP_404), 0);
	assert_int_equal(bad(11, "hiccup.org", 2, REASON_HTTP_404), 0);
	at += 20 * TIME_MS_PER_DAY;
	assert_int_equal(bad(12, "hiccup.org", 2, REASON_HTTP_5XX), 0);
	good(12, "hiccup.org");
	assert_told("");
	/* A site that was rebuilt is found out within a month. */
	for (int64_t id = 21; id <= 23; id++, at += 12 * TIME_MS_PER_DAY)
		bad(id, "rebuilt.org", 3, REASON_HTTP_404);
	assert_told("BEGAN rebuilt.org broken, 3 links (http_404)\n");
}

/* Nobody is told that a host is back whose links are bad for another cause now. */
static void another_cause_is_no_end(void **state)
{
	(void)state;
	for (int64_t id = 1; id <= 4; id++)
		bad(id, "a.org", 4, REASON_TIMEOUT);
	assert_told("BEGAN a.org unreachable, 3 of 4 links (timeout)\n");
	for (int64_t id = 1; id <= 3; id++)
		assert_int_equal(expired(id, "a.org", 4), id < 3 ? 0 : 2);
	assert_told(
		"BEGAN The certificate of a.org has expired, 3 links (tls_expired)\n");
	assert_int_equal(incident_of_link(incidents, 4), 1);
	assert_int_equal(expired(4, "a.org", 4), 2);
	assert_told("ENDED a.org is part of a larger incident\n");

	/* Too few for one of their own take the old one along. */
	bad(5, "b.org", 2, REASON_TIMEOUT);
	assert_int_equal(bad(6, "b.org", 2, REASON_TIMEOUT), 3);
	assert_int_equal(expired(5, "b.org", 2), 2);
	assert_int_equal(expired(6, "b.org", 2), 2);
	bad(7, "c.org", 2, REASON_CONNECT_REFUSED);
	assert_int_equal(bad(8, "c.org", 2, REASON_TIMEOUT), 4);
	buffer_reset(&told);
	struct incident_link link = link_of(7, "c.org", 2, REASON_TLS_SELF_SIGNED);
	link.certificate = 1;
	assert_int_equal(incident_note_bad(incidents, &link, at), 0);
	link.link_id = 8;
	assert_int_equal(incident_note_bad(incidents, &link, at), 4);
	listen();
	assert_told("GREW The certificate of c.org is not accepted, 2 links "
		    "(tls_self_signed)\n");
	good(7, "c.org");
	good(8, "c.org");
	assert_told("ENDED The certificate of c.org is well again, 2 links (1 still "
		    "bad)\n");
}

/* --- lists, walks ------------------------------------------------------------------ */

static int sum_ids(void *data, int64_t link_id, enum reason reason)
{
	assert_int_equal(reason, REASON_TIMEOUT);
	*(int64_t *)data += link_id;
	return 0;
}

static int count_open(void *data, const struct incident *incident)
{
	assert_int_equal(incident->links, 5);
	++*(uint32_t *)data;
	return 7;
}

static void lists_of_an_incident(void **state)
{
	(void)state;
	static const uint16_t lists[] = { 4, 9, 2, 1, 3, 5, 6, 7, 8 };
	struct incident_list counts[9];
	int64_t sum = 0;
	uint32_t open = 0;
	for (int64_t i = 1; i <= 5; i++) {
		struct incident_link link = link_of(i, "a.org", 5, REASON_TIMEOUT);
		link.lists = i == 5 ? lists : lists + i % 2;
		link.list_count = i == 5 ? 9 : 1;
		incident_note_bad(incidents, &link, at);
	}
	assert_int_equal(
		incident_lists(incidents, 1, counts, 9), INCIDENT_LINK_LISTS_MAX);
	assert_int_equal(counts[0].list, 4);
	assert_int_equal(counts[0].links, 3);
	assert_int_equal(counts[1].list, 9);
	assert_int_equal(counts[1].links, 3);
	assert_int_equal(counts[2].list, 1);
	assert_int_equal(counts[2].links, 1);
	assert_int_equal(incident_lists(incidents, 1, counts, 1), 1);
	assert_int_equal(incident_lists(incidents, 99, counts, 9), 0);
	assert_int_equal(incident_each_link(incidents, 1, sum_ids, &sum), 0);
	assert_int_equal(sum, 15);
	assert_int_equal(incident_each(incidents, count_open, &open), 7);
	assert_int_equal(open, 1);
}

/* --- who waits for the answer ------------------------------------------------------ */

static int add_bit(void *data, int64_t link_id, enum reason reason)
{
	(void)reason;
	assert_true(link_id < 64);
	*(uint64_t *)data |= UINT64_C(1) << link_id;
	return 0;
}

/* The links that the answer of this one is news for, as bits; then it is noted. */
static uint64_t woken_by(int64_t id, const char *host)
{
	struct incident_link link = link_of(id, host, 0, REASON_OK);
	uint64_t bits = 0;
	assert_int_equal(incident_each_waiting(incidents, &link, add_bit, &bits), 0);
	good(id, host);
	return bits;
}

static void a_host_that_is_back(void **state)
{
	(void)state;
	bad(1, "a.x.org", 9, REASON_CONNECT_TIMEOUT);
	bad(2, "a.x.org", 9, REASON_DNS_SERVFAIL);
	bad(3, "a.x.org", 9, REASON_HTTP_404); /* its own fault */
	bad(4, "b.x.org", 9, REASON_TIMEOUT);
	bad(5, "y.org", 9, REASON_TIMEOUT);
	assert_int_equal(woken_by(1, "a.x.org"), 1 << 2 | 1 << 4);
	/* Once: what is still bad now fails while its host is well. */
	bad(2, "a.x.org", 9, REASON_TIMEOUT);
	assert_int_equal(woken_by(9, "a.x.org"), 0);
	assert_int_equal(woken_by(10, "c.x.org"), 0);
	/* What fails later waits for the next answer, and is no reason for the others. */
	bad(6, "a.x.org", 9, REASON_CONNECT_REFUSED);
	assert_int_equal(woken_by(9, "a.x.org"), 1 << 6);
	/* The domain answered for b.x.org; the host itself had not. */
	assert_int_equal(woken_by(11, "b.x.org"), 1 << 4);
	assert_int_equal(woken_by(12, "z.org"), 0);
}

/* --- restart ----------------------------------------------------------------------- */

static void after_a_restart(void **state)
{
	(void)state;
	for (int64_t i = 1; i <= 4; i++) {
		struct incident_link link = link_of(i, "a.org", 10, REASON_TIMEOUT);
		incident_restore(incidents, &link, i < 3 ? 0 : 77, at - i * 1000);
	}
	for (int64_t i = 11; i <= 14; i++) {
		struct incident_link link = link_of(
			i, i % 2 != 0 ? "a.x.org" : "b.x.org", 10, REASON_TIMEOUT);
		incident_restore(incidents, &link, i < 13 ? 0 : 78, at);
	}
	for (int64_t i = 21; i <= 22; i++) {
		struct incident_link link = link_of(i, "c.org", 10, REASON_TIMEOUT);
		incident_restore(incidents, &link, 0, at);
	}
	incident_restored(incidents, at);
	listen();
	assert_told("");
	struct incident incident;
	uint32_t number = incident_of_link(incidents, 1);
	assert_true(incident_get(incidents, number, &incident));
	assert_int_equal(incident.id, 77);
	assert_int_equal(incident.links, 4);
	assert_int_equal(incident.since, START - 4000);
	assert_true(incident_get(incidents, incident_of_link(incidents, 11), &incident));
	assert_int_equal(incident.id, 78);
	assert_int_equal(incident.cause, INCIDENT_DOMAIN);
	assert_int_equal(incident.hosts, 2);
	assert_int_equal(bad(5, "a.org", 10, REASON_TIMEOUT), number);
	assert_told("");
	bad(23, "c.org", 10, REASON_TIMEOUT);
	assert_told("BEGAN c.org unreachable, 3 of 10 links (timeout)\n");
	for (int64_t i = 1; i <= 3; i++)
		good(i, "a.org");
	assert_told("ENDED a.org is back, 5 of 10 links (2 still bad)\n");
}

/* --- limits ------------------------------------------------------------------------ */

static void ceilings(void **state)
{
	(void)state;
	char host[40];
	struct incident_totals totals;
	for (int64_t i = 1; i <= INCIDENT_GROUPS_MAX; i++) {
		snprintf(host, sizeof(host), "h%d.org", (int)i);
		struct incident_link link = link_of(i, host, 1, REASON_TIMEOUT);
		incident_note_bad(incidents, &link, at);
	}
	incident_totals(incidents, &totals);
	assert_int_equal(totals.links, INCIDENT_GROUPS_MAX / 2);
	assert_int_equal(totals.dropped, INCIDENT_GROUPS_MAX / 2);
	/* A host that is known goes on. */
	for (int64_t i = 100001; i <= 100000 + INCIDENT_LINKS_MAX; i++) {
		struct incident_link link = link_of(i, "h7.org", 0, REASON_TIMEOUT);
		incident_note_bad(incidents, &link, at);
	}
	incident_totals(incidents, &totals);
	assert_int_equal(totals.links, INCIDENT_LINKS_MAX);
	assert_int_equal(totals.open, 1);
	/* Names longer than a host's may be. */
	char name[400];
	memset(name, 'a', sizeof(name));
	struct incident_link link = {
		.link_id = 7, .host = { name, sizeof(name) }, .reason = REASON_TIMEOUT
	};
	incident_note_removed(incidents, 1, at);
	incident_note_bad(incidents, &link, at);
	for (int64_t i = 1; i <= INCIDENT_GROUPS_MAX; i++)
		incident_note_removed(incidents, i, at);
	for (int64_t i = 100001; i <= 100000 + INCIDENT_LINKS_MAX; i++)
		incident_note_removed(incidents, i, at);
	incident_totals(incidents, &totals);
	assert_int_equal(totals.links, 0);
	assert_int_equal(totals.open, 0);
}

struct sums {
	uint32_t links, open;
	uint8_t seen[400];
};

static int see(void *data, int64_t link_id, enum reason reason)
{
	struct sums *sums = data;
	(void)reason;
	assert_int_equal(sums->seen[link_id]++, 0); /* never in two */
	sums->links++;
	return 0;
}

static int see_all(void *data, const struct incident *incident)
{
	struct sums *sums = data;
	uint32_t before = sums->links;
	incident_each_link(incidents, incident->number, see, sums);
	assert_int_equal(sums->links - before, incident->links);
	assert_true(incident->links <= incident->links_peak);
	sums->open++;
	return 0;
}

/* Anything in any order: what is open agrees with what its links say, and each
 * beginning has one end. */
static void any_order(void **state)
{
	(void)state;
	static const enum reason reasons[] = { REASON_TIMEOUT, REASON_HTTP_404,
		REASON_DNS_NXDOMAIN, REASON_TLS_EXPIRED };
	static const char *const hosts[] = { "a.x.org", "b.x.org", "x.org", "y.org",
		"z.com", "w.z.com" };
	struct random random;
	enum incident_news news;
	struct incident incident;
	int32_t open = 0;
	random_init(&random, 5);
	for (int i = 0; i < 60000; i++) {
		int64_t id = 1 + (int64_t)random_below(&random, 60);
		struct incident_link link =
			link_of(id, hosts[id % 6], 10, reasons[random_below(&random, 4)]);
		if (link.reason == REASON_TLS_EXPIRED)
			link.certificate = 1 + random_below(&random, 3);
		uint64_t chance = random_below(&random, 10);
		/* Good and bad weeks. */
		if (chance < (i / 500 % 2 != 0 ? 8U : 2U))
			incident_note_bad(incidents, &link, at);
		else if (chance < 9)
			incident_note_good(incidents, &link, at);
		else
			incident_note_removed(incidents, id, at);
		at += 60000;
		while (incident_next_news(incidents, &news, &incident))
			open += news == INCIDENT_BEGAN   ? 1
				: news == INCIDENT_ENDED ? -1
							 : 0;
		struct sums sums = { 0 };
		struct incident_totals totals;
		incident_each(incidents, see_all, &sums);
		incident_totals(incidents, &totals);
		assert_int_equal(totals.open, sums.open);
		assert_int_equal(open, sums.open);
		assert_true(sums.links <= totals.links);
	}
}

static void cost(void **state)
{
	(void)state;
	enum { NOTES = 200000 };
	struct timespec before, after;
	char host[40];
	clock_gettime(CLOCK_MONOTONIC, &before);
	for (int64_t i = 0; i < NOTES; i++) {
		snprintf(host, sizeof(host), "www.h%d.org", (int)(i % 1000));
		struct incident_link link =
			link_of(1 + i % 20000, host, 20, REASON_TIMEOUT);
		if (i % 3 == 0)
			incident_note_good(incidents, &link, at);
		else
			incident_note_bad(incidents, &link, at);
	}
	clock_gettime(CLOCK_MONOTONIC, &after);
	double us = ((double)(after.tv_sec - before.tv_sec) * 1e9 +
			    (double)(after.tv_nsec - before.tv_nsec)) /
		    1e3 / NOTES;
	print_message("a note takes %.3f us\n", us);
	assert_true(us < 50);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_event_instead_of_twelve),
		T(a_host_that_is_back),
		T(three_slow_pages_of_a_thousand),
		T(nine_of_ten_die),
		T(all_of_a_small_host),
		T(missing_pages),
		T(reasons_that_change),
		T(a_host_dies_after_a_long_life),
		T(removed_links),
		T(late_listeners),
		T(hosts_of_one_domain),
		T(one_dead_host_of_a_living_domain),
		T(two_become_one),
		T(users_of_a_platform_are_strangers),
		T(one_certificate_for_many),
		T(what_has_nothing_in_common),
		T(another_cause_is_no_end),
		T(lists_of_an_incident),
		T(after_a_restart),
		T(ceilings),
		T(any_order),
		T(cost),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
