/* Runs as stories (tests/lib/story.h), and what each of them says of the machine. */
#include "lib/test.h"

#include <stdio.h>
#include <time.h>

#include "lib/story.h"
#include "policy/vantage.h"

static void note(void *vantage, const struct observation *seen)
{
	assert_int_equal(vantage_note(vantage, seen), 0);
}

static struct vantage_finding judge(const char *story, struct vantage_resolver resolver)
{
	struct vantage_finding finding;
	struct vantage *vantage = vantage_new();
	assert_non_null(vantage);
	story_tell(slice_of(story), UINT32_MAX, note, vantage);
	vantage_judge(vantage, &resolver, &finding);
	vantage_free(vantage);
	return finding;
}

/* --- the stories ------------------------------------------------------------------- */

struct tale {
	const char *name, *story;
	enum vantage_doubt doubt;
	uint32_t domains, failed;
	enum reason reason;
	bool silent; /* the resolver answered nothing */
};

static const struct tale names_and_networks[] = {
	{ "an empty run", "", VANTAGE_FINE, 0, 0, REASON_OK, false },
	{ "all is well", "50* https://s$.org/ 200", VANTAGE_FINE, 50, 0, REASON_OK,
		false },
	{ "the cable is out",
		"https://192.0.2.1/ network_unreachable\n"
		"3* https://s$.org/ dns_timeout",
		VANTAGE_NO_NETWORK, 4, 4, REASON_NETWORK_UNREACHABLE, true },
	{ "no route, but a local cache of names",
		"4* https://s$.org/ network_unreachable", VANTAGE_NO_NETWORK, 4, 4,
		REASON_NETWORK_UNREACHABLE, false },
	{ "addresses time out and names as well",
		"https://192.0.2.1/ connect_timeout\nhttps://a.org/ dns_timeout",
		VANTAGE_NO_NETWORK, 2, 2, REASON_CONNECT_TIMEOUT, true },
	{ "one host that has only IPv6", "https://a.org/ network_unreachable v6=1",
		VANTAGE_FINE, 1, 0, REASON_OK, false },
	{ "two hosts that have only IPv6, on a machine without it",
		"2* https://s$.org/ network_unreachable v6=1", VANTAGE_FINE, 2, 0,
		REASON_OK, false },
	{ "a single host without a way", "https://a.org/ network_unreachable",
		VANTAGE_FINE, 1, 0, REASON_OK, false },
	{ "many links of one domain without a way",
		"20* https://h$.a.org/ network_unreachable", VANTAGE_FINE, 1, 0,
		REASON_OK, false },
	{ "somebody refused: there is a network",
		"3* https://s$.org/ network_unreachable\nhttps://a.org/ connect_refused",
		VANTAGE_FINE, 4, 0, REASON_OK, false },
	{ "somebody spoke TLS",
		"3* https://s$.org/ network_unreachable\nhttps://a.org/ tls_untrusted",
		VANTAGE_FINE, 4, 0, REASON_OK, false },
	{ "somebody answered",
		"3* https://s$.org/ network_unreachable\nhttps://a.org/ 404",
		VANTAGE_FINE, 4, 0, REASON_OK, false },
	{ "a first hop answered",
		"3* https://s$.org/ network_unreachable\n"
		"https://doi.org/ 302 https://a.org/ connect_timeout",
		VANTAGE_FINE, 4, 0, REASON_OK, false },
	{ "no name server", "https://a.org/ dns_timeout", VANTAGE_NO_RESOLVER, 1, 1,
		REASON_DNS_TIMEOUT, true },
	{ "no name server, many names", "9* https://s$.org/ dns_servfail",
		VANTAGE_NO_RESOLVER, 9, 9, REASON_DNS_TIMEOUT, true },
	{ "no name server, but an address answers",
		"https://a.org/ dns_timeout\nhttps://192.0.2.1/ 200", VANTAGE_NO_RESOLVER,
		2, 1, REASON_DNS_TIMEOUT, true },
	{ "one name's servers are dead", "https://a.org/ dns_timeout", VANTAGE_FINE, 1, 0,
		REASON_OK, false },
	{ "our own memory is no evidence", "20* https://s$.org/ offline", VANTAGE_FINE, 0,
		0, REASON_OK, true },
	{ "what was not asked is no evidence",
		"9* https://s$.org/ address_forbidden\n9* https://s$.org/ bad_url",
		VANTAGE_FINE, 0, 0, REASON_OK, false },
};

static const struct tale mass_failures[] = {
	{ "everybody times out", "5* https://s$.org/ connect_timeout",
		VANTAGE_MASS_FAILURE, 5, 5, REASON_CONNECT_TIMEOUT, false },
	{ "a proxy refuses", "30* https://s$.org/ connect_refused", VANTAGE_MASS_FAILURE,
		30, 30, REASON_CONNECT_REFUSED, false },
	{ "a firewall resets", "8* https://s$.org/ connect_reset", VANTAGE_MASS_FAILURE,
		8, 8, REASON_CONNECT_RESET, false },
	{ "the resolver's own upstream is gone", "8* https://s$.org/ dns_servfail",
		VANTAGE_MASS_FAILURE, 8, 8, REASON_DNS_SERVFAIL, false },
	{ "only IPv6 hosts, and no IPv6", "8* https://s$.org/ network_unreachable v6=1",
		VANTAGE_MASS_FAILURE, 8, 8, REASON_NETWORK_UNREACHABLE, false },
	{ "too few to say", "4* https://s$.org/ connect_timeout", VANTAGE_FINE, 4, 0,
		REASON_OK, false },
	{ "many links of few domains",
		"40* https://h$.a.org/ connect_timeout\n40* https://h$.b.org/ "
		"connect_timeout",
		VANTAGE_FINE, 2, 0, REASON_OK, false },
	{ "a DOI list is one domain", "90* https://doi.org/10.1/$ connect_timeout",
		VANTAGE_FINE, 1, 0, REASON_OK, false },
	{ "one answer ends it", "99* https://s$.org/ connect_timeout\nhttps://a.org/ 500",
		VANTAGE_FINE, 100, 0, REASON_OK, false },
	{ "9 of 10", "9* https://s$.org/ timeout\nhttps://a.org/ connect_refused",
		VANTAGE_MASS_FAILURE, 10, 9, REASON_TIMEOUT, false },
	{ "less than 9 of 10",
		"9* https://s$.org/ timeout\n2* https://a$.org/ connect_refused",
		VANTAGE_FINE, 11, 0, REASON_OK, false },
	{ "some names that do not exist do not hide it",
		"40* https://s$.org/ connect_timeout\n8* https://n$.org/ dns_nxdomain",
		VANTAGE_MASS_FAILURE, 48, 40, REASON_CONNECT_TIMEOUT, false },
	{ "but many do",
		"10* https://s$.org/ connect_timeout\n5* https://n$.org/ dns_nxdomain",
		VANTAGE_FINE, 15, 0, REASON_OK, false },
	{ "NXDOMAIN never counts", "90* https://s$.org/ dns_nxdomain", VANTAGE_FINE, 90,
		0, REASON_OK, false },
	{ "nor do statuses", "90* https://s$.org/ 503", VANTAGE_FINE, 90, 0, REASON_OK,
		false },
	{ "a domain that failed in two ways is not of one class",
		"5* https://s.x$.org/ connect_timeout\nhttps://x0.org/ connect_refused",
		VANTAGE_FINE, 5, 0, REASON_OK, false },
	/* The list of a link checker's own test. */
	{ "a list written to test failures",
		"6* https://a$.org/ dns_nxdomain\n6* https://b$.org/ dns_no_address\n"
		"6* https://c$.org/ dns_servfail\n6* https://d$.org/ connect_timeout\n"
		"6* https://e$.org/ connect_refused\n6* https://f$.org/ connect_reset\n"
		"6* https://g$.org/ timeout\n6* https://h$.org/ tls_expired\n"
		"6* https://i$.org/ tls_self_signed\n6* https://j$.org/ tls_hostname\n"
		"6* https://k$.org/ http_malformed\n6* https://l$.org/ "
		"network_unreachable",
		VANTAGE_FINE, 72, 0, REASON_OK, false },
	{ "the same with answers in between",
		"6* https://a$.org/ dns_nxdomain\nhttps://ok.org/ 200\n"
		"6* https://d$.org/ connect_timeout\nhttps://ok.net/ 404\n"
		"6* https://f$.org/ connect_reset\n6* https://h$.org/ tls_expired\n"
		"6* https://g$.org/ timeout\n6* https://e$.org/ connect_refused",
		VANTAGE_FINE, 38, 0, REASON_OK, false },
};

static const struct tale outages[] = {
	{ "the network goes away",
		"30* https://a$.org/ 200\n12* https://b$.org/ connect_timeout",
		VANTAGE_MASS_FAILURE, 42, 12, REASON_CONNECT_TIMEOUT, false },
	{ "in several silent ways",
		"30* https://a$.org/ 200\n6* https://b$.org/ timeout\n"
		"6* https://c$.org/ dns_timeout\n6* https://d$.org/ network_unreachable",
		VANTAGE_MASS_FAILURE, 48, 18, REASON_DNS_TIMEOUT, false },
	{ "a firewall falls shut",
		"10* https://a$.org/ 404\n10* https://b$.org/ connect_reset",
		VANTAGE_MASS_FAILURE, 20, 10, REASON_CONNECT_RESET, false },
	{ "hosts that had answered fail",
		"15* https://h$.org/ 200\n"
		"https://h0.org/2 timeout\n"
		"https://h1.org/2 timeout\n"
		"https://h2.org/2 timeout\n"
		"https://h3.org/2 timeout\n"
		"https://h4.org/2 timeout\n"
		"https://h5.org/2 timeout\n"
		"https://h6.org/2 timeout\n"
		"https://h7.org/2 timeout\n"
		"https://h8.org/2 timeout\n"
		"https://h9.org/2 timeout\n",
		VANTAGE_MASS_FAILURE, 15, 10, REASON_TIMEOUT, false },
	{ "refused, reset and silent is a mix, not an outage",
		"30* https://a$.org/ 200\n6* https://b$.org/ connect_refused\n"
		"6* https://c$.org/ connect_reset",
		VANTAGE_FINE, 42, 0, REASON_OK, false },
	{ "nine are too few", "30* https://a$.org/ 200\n9* https://b$.org/ timeout",
		VANTAGE_FINE, 39, 0, REASON_OK, false },
	{ "nine before are too few",
		"9* https://a$.org/ 200\n30* https://b$.org/ timeout", VANTAGE_FINE, 39,
		0, REASON_OK, false },
	{ "twelve links of one dead domain",
		"30* https://a$.org/ 200\n12* https://h$.b.org/ connect_timeout",
		VANTAGE_FINE, 31, 0, REASON_OK, false },
	{ "one of the ten before had failed",
		"30* https://a$.org/ 200\nhttps://x.org/ connect_timeout\n"
		"5* https://b$.org/ 200\n12* https://c$.org/ connect_timeout",
		VANTAGE_FINE, 48, 0, REASON_OK, false },
	{ "an answer between them",
		"30* https://a$.org/ 200\n9* https://b$.org/ timeout\nhttps://x.org/ "
		"200\n"
		"9* https://c$.org/ timeout",
		VANTAGE_FINE, 49, 0, REASON_OK, false },
	{ "an NXDOMAIN between them: names are answered",
		"30* https://a$.org/ 200\n9* https://b$.org/ timeout\n"
		"https://x.org/ dns_nxdomain\n9* https://c$.org/ timeout",
		VANTAGE_FINE, 49, 0, REASON_OK, false },
	{ "an NXDOMAIN before them is a sign of life as well",
		"30* https://a$.org/ 200\nhttps://x.org/ dns_nxdomain\n"
		"12* https://c$.org/ timeout",
		VANTAGE_MASS_FAILURE, 43, 12, REASON_TIMEOUT, false },
	/* Every run of a list with some dead hosts ends like this. */
	{ "dead hosts end late, but were asked among the others",
		"200* https://a$.org/ 200\n20* https://b$.org/ connect_timeout at=50 "
		"took=160",
		VANTAGE_FINE, 220, 0, REASON_OK, false },
	{ "dead hosts with long lines are asked to the end",
		"20* https://a$.org/ 200\n20* https://b$.org/ timeout at=5 took=10\n"
		"30* https://c$.org/ 200\n"
		"https://b20.org/2 timeout\nhttps://b21.org/2 timeout\n"
		"https://b22.org/2 timeout\nhttps://b23.org/2 timeout\n"
		"https://b24.org/2 timeout\nhttps://b25.org/2 timeout\n"
		"https://b26.org/2 timeout\nhttps://b27.org/2 timeout\n"
		"https://b28.org/2 timeout\nhttps://b29.org/2 timeout\n"
		"https://b30.org/2 timeout\nhttps://b31.org/2 timeout",
		VANTAGE_FINE, 70, 0, REASON_OK, false },
	{ "checks under way when it began neither count nor hinder",
		"30* https://a$.org/ 200\n8* https://b$.org/ timeout at=28 took=20\n"
		"12* https://c$.org/ connect_timeout at=35 took=20",
		VANTAGE_MASS_FAILURE, 50, 12, REASON_CONNECT_TIMEOUT, false },
};

static const struct tale portals[] = {
	{ "a hotel", "3* http://a$.org/ 302 http://login.hotel.com/p 200",
		VANTAGE_CAPTIVE_PORTAL, 3, 3, REASON_OK, false },
	{ "a hotel, and https fails",
		"3* http://a$.org/ 302 https://login.hotel.com/p 200\n"
		"40* https://b$.org/ tls_hostname\n40* https://c$.org/ connect_timeout",
		VANTAGE_CAPTIVE_PORTAL, 83, 3, REASON_OK, false },
	{ "its own certificate is bad",
		"4* http://a$.org/ 302 https://login.hotel.com/p tls_self_signed",
		VANTAGE_CAPTIVE_PORTAL, 4, 4, REASON_OK, false },
	{ "two are too few", "2* http://a$.org/ 302 http://login.hotel.com/p 200",
		VANTAGE_FINE, 2, 0, REASON_OK, false },
	{ "many links of two domains",
		"20* http://h$.a.org/ 302 http://login.hotel.com/ 200\n"
		"20* http://h$.b.org/ 302 http://login.hotel.com/ 200",
		VANTAGE_FINE, 2, 0, REASON_OK, false },
	{ "one answers for itself",
		"9* http://a$.org/ 302 http://login.hotel.com/p 200\nhttp://b.org/ 404",
		VANTAGE_FINE, 10, 0, REASON_OK, false },
	{ "one comes home after a detour",
		"9* http://a$.org/ 302 http://login.hotel.com/p 200\n"
		"http://b.org/ 302 http://login.hotel.com/p 302 http://www.b.org/ 200",
		VANTAGE_FINE, 10, 0, REASON_OK, false },
	{ "two ends",
		"9* http://a$.org/ 302 http://login.hotel.com/ 200\n"
		"http://b.org/ 302 http://c.org/ 200",
		VANTAGE_FINE, 10, 0, REASON_OK, false },
	{ "a company merged its domains", "5* http://a$.org/ 301 https://merged.com/ 200",
		VANTAGE_FINE, 5, 0, REASON_OK, false },
	{ "the same by 308", "5* http://a$.org/ 308 https://merged.com/ 200",
		VANTAGE_FINE, 5, 0, REASON_OK, false },
	{ "vouched for by https", "5* https://a$.org/ 302 https://merged.com/ 200",
		VANTAGE_FINE, 5, 0, REASON_OK, false },
	{ "a DOI list is one domain",
		"50* https://doi.org/10.1/$ 302 https://journal.com/$ 200", VANTAGE_FINE,
		1, 0, REASON_OK, false },
	{ "one page under every name", "5* http://a$.org/ 200 page=Hotel-WiFi",
		VANTAGE_CAPTIVE_PORTAL, 5, 5, REASON_OK, false },
	{ "one page, but of too few names", "2* http://a$.org/ 200 page=Hotel-WiFi",
		VANTAGE_FINE, 2, 0, REASON_OK, false },
	{ "one page that wants nothing", "9* http://a$.org/ 200 page=It-works!",
		VANTAGE_FINE, 9, 0, REASON_OK, false },
	{ "one page that writes of networks",
		"9* http://a$.org/ 200 page=Neural-Network-Zoo", VANTAGE_FINE, 9, 0,
		REASON_OK, false },
	{ "one page that wants one to join", "9* http://a$.org/ 200 page=Network-Access",
		VANTAGE_CAPTIVE_PORTAL, 9, 9, REASON_OK, false },
	{ "one page, and another one",
		"9* http://a$.org/ 200 page=Hotel-WiFi\nhttp://b.org/ 200 page=Home",
		VANTAGE_FINE, 10, 0, REASON_OK, false },
	{ "one page, and an answer without",
		"9* http://a$.org/ 200 page=Login\n"
		"http://b.org/ 404",
		VANTAGE_FINE, 10, 0, REASON_OK, false },
	{ "one page over https", "9* https://a$.org/ 200 page=Login good=1", VANTAGE_FINE,
		9, 0, REASON_OK, false },
	{ "everybody's own login",
		"9* http://a$.org/ 302 http://a$.org/login 200 page=Login", VANTAGE_FINE,
		9, 0, REASON_OK, false },
	{ "511, twice", "2* http://a$.org/ 511", VANTAGE_CAPTIVE_PORTAL, 2, 2, REASON_OK,
		false },
	{ "511, once", "http://a.org/ 511", VANTAGE_FINE, 1, 0, REASON_OK, false },
	{ "511, and an answer", "9* http://a$.org/ 511\nhttp://b.org/ 200", VANTAGE_FINE,
		10, 0, REASON_OK, false },
	{ "511, and somebody sent on",
		"2* http://a$.org/ 511\nhttp://b.org/ 302 http://login.hotel.com/ 200",
		VANTAGE_CAPTIVE_PORTAL, 3, 3, REASON_OK, false },
};

static const struct tale clocks[] = {
	{ "a year behind", "2* http://a$.org/ 200 ahead=8760", VANTAGE_WRONG_CLOCK, 2, 2,
		REASON_OK, false },
	{ "two days ahead, one disagrees",
		"2* http://a$.org/ 200 ahead=-48\nhttp://b.org/ 200 ahead=0",
		VANTAGE_WRONG_CLOCK, 3, 2, REASON_OK, false },
	{ "half disagree",
		"2* http://a$.org/ 200 ahead=48\n2* http://b$.org/ 200 ahead=0",
		VANTAGE_FINE, 4, 0, REASON_OK, false },
	{ "two of five disagree",
		"3* http://a$.org/ 200 ahead=48\n2* http://b$.org/ 200 ahead=0",
		VANTAGE_FINE, 5, 0, REASON_OK, false },
	{ "off, but not together",
		"http://a.org/ 200 ahead=48\nhttp://b.org/ 200 ahead=72\n"
		"http://c.org/ 200 ahead=96",
		VANTAGE_FINE, 3, 0, REASON_OK, false },
	{ "one server alone", "http://a.org/ 200 ahead=8760", VANTAGE_FINE, 1, 0,
		REASON_OK, false },
	{ "one domain alone", "9* http://h$.a.org/ 200 ahead=8760", VANTAGE_FINE, 1, 0,
		REASON_OK, false },
	{ "many links that end at one server",
		"9* http://a$.org/ 301 http://b.com/ 200 ahead=8760", VANTAGE_FINE, 9, 0,
		REASON_OK, false },
	{ "a day is within bounds", "9* http://a$.org/ 200 ahead=24", VANTAGE_FINE, 9, 0,
		REASON_OK, false },
	{ "a cache lags behind, its host does not",
		"2* http://a.x$.org/ 200 ahead=-99\nhttp://x0.org/ 200 ahead=0\n"
		"http://x1.org/ 200 ahead=0",
		VANTAGE_FINE, 2, 0, REASON_OK, false },
	{ "nothing is valid yet", "3* https://a$.org/ tls_not_yet_valid",
		VANTAGE_WRONG_CLOCK, 3, 3, REASON_TLS_NOT_YET_VALID, false },
	{ "all has expired", "5* https://a$.org/ tls_expired", VANTAGE_WRONG_CLOCK, 5, 5,
		REASON_TLS_EXPIRED, false },
	{ "too few that are not valid yet", "2* https://a$.org/ tls_not_yet_valid",
		VANTAGE_FINE, 2, 0, REASON_OK, false },
	{ "too few that expired", "4* https://a$.org/ tls_expired", VANTAGE_FINE, 4, 0,
		REASON_OK, false },
	{ "both ways", "9* https://a$.org/ tls_expired\nhttps://b.org/ tls_not_yet_valid",
		VANTAGE_FINE, 10, 0, REASON_OK, false },
	{ "one good certificate",
		"9* https://a$.org/ tls_expired\nhttps://b.org/ 200 good=1", VANTAGE_FINE,
		10, 0, REASON_OK, false },
	{ "one that is only for another name",
		"9* https://a$.org/ tls_expired\nhttps://b.org/ tls_hostname",
		VANTAGE_FINE, 10, 0, REASON_OK, false },
	{ "other faults are no witnesses",
		"9* https://a$.org/ tls_expired\nhttps://b.org/ tls_self_signed",
		VANTAGE_WRONG_CLOCK, 10, 9, REASON_TLS_EXPIRED, false },
	{ "while they are few",
		"9* https://a$.org/ tls_expired\n2* https://b$.org/ tls_self_signed",
		VANTAGE_FINE, 11, 0, REASON_OK, false },
	{ "sites that expired in different years",
		"https://a.org/ tls_expired from=-900 to=-800\n"
		"https://b.org/ tls_expired from=-700 to=-600\n"
		"https://c.org/ tls_expired from=-500 to=-400\n"
		"https://d.org/ tls_expired from=-300 to=-200\n"
		"https://e.org/ tls_expired from=-190 to=-100",
		VANTAGE_FINE, 5, 0, REASON_OK, false },
	{ "the same without their beginnings",
		"https://a.org/ tls_expired to=-2800\nhttps://b.org/ tls_expired "
		"to=-2000\n"
		"https://c.org/ tls_expired to=-1500\nhttps://d.org/ tls_expired "
		"to=-800\n"
		"https://e.org/ tls_expired to=-100",
		VANTAGE_FINE, 5, 0, REASON_OK, false },
};

static void check_tales(const struct tale *tales, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct tale *tale = &tales[i];
		struct vantage_resolver resolver = { 9, tale->silent ? 0 : 8, false };
		struct vantage_finding finding = judge(tale->story, resolver);
		if (finding.doubt != tale->doubt || finding.domains != tale->domains ||
			finding.domains_failed != tale->failed ||
			finding.reason != tale->reason)
			fail_msg("%s: %s, %u of %u, %s", tale->name,
				vantage_doubt_text(finding.doubt), finding.domains_failed,
				finding.domains, reason_text(finding.reason));
	}
}

#define TALES(table)                                                                     \
	static void tales_of_##table(void **state)                                       \
	{                                                                                \
		(void)state;                                                             \
		check_tales(table, sizeof(table) / sizeof((table)[0]));                  \
	}
TALES(names_and_networks)
TALES(mass_failures)
TALES(outages)
TALES(portals)
TALES(clocks)

/* --- what falls under a doubt ------------------------------------------------------ */

/* The reasons covered, as words; what ended at `final_url`. */
static void assert_covers(
	const char *story, bool silent, const char *final_url, const char *expected)
{
	struct buffer words;
	struct vantage_resolver resolver = { 9, silent ? 0 : 8, false };
	struct vantage_finding finding = judge(story, resolver);
	buffer_init(&words, 4096);
	for (int i = 0; i < REASON_COUNT; i++)
		if (vantage_covers(&finding, (enum reason)i, slice_of(final_url), NULL))
			buffer_printf(&words, "%s%s", words.len > 0 ? " " : "",
				reason_text((enum reason)i));
	assert_slice(buffer_slice(&words), expected);
	buffer_fini(&words);
}

static void what_is_covered(void **state)
{
	(void)state;
	const char *own = "https://a.org/";
	assert_covers("9* https://a$.org/ 200", false, own, "");
	assert_covers("9* https://a$.org/ network_unreachable", false, own,
		"dns_servfail dns_timeout connect_timeout network_unreachable");
	assert_covers(
		"https://a.org/ dns_timeout", true, own, "dns_servfail dns_timeout");
	assert_covers("9* https://a$.org/ timeout", false, own,
		"dns_servfail dns_timeout connect_timeout network_unreachable timeout");
	assert_covers("9* https://a$.org/ connect_reset", false, own, "connect_reset");
	assert_covers("9* https://a$.org/ tls_expired", false, own,
		"tls_expired tls_not_yet_valid");
	const char *hotel = "3* http://a$.org/ 302 http://login.hotel.com:8080/p 200";
	assert_covers(hotel, false, own,
		"http_5xx dns_nxdomain dns_no_address dns_servfail dns_timeout "
		"connect_refused connect_timeout connect_reset network_unreachable "
		"timeout "
		"tls_expired tls_not_yet_valid tls_self_signed tls_untrusted "
		"tls_hostname "
		"tls_handshake");
	struct vantage_finding finding =
		judge(hotel, (struct vantage_resolver){ 9, 9, false });
	assert_string_equal(finding.portal, "login.hotel.com");
	static const struct {
		enum reason reason;
		const char *url;
		bool covered;
	} ends[] = {
		{ REASON_OK, "http://login.hotel.com:8080/p#x", true },
		{ REASON_HTTP_404, "https://login.hotel.com/", true },
		{ REASON_CHALLENGE, "https://login.hotel.com?a", true },
		{ REASON_OK, "http://login.hotel.com.a.org/", false },
		{ REASON_HTTP_404, "http://a.org/login.hotel.com", false },
		{ REASON_OK, "", false },
		{ REASON_EXCLUDED, "http://login.hotel.com/", false },
	};
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (vantage_covers(&finding, ends[i].reason, slice_of(ends[i].url),
			    NULL) != ends[i].covered)
			fail_msg("%s", ends[i].url);
}

static bool covers_life(const struct vantage_finding *finding, int from, int to)
{
	struct certificate certificate = { .seen = true,
		.starts_at = from != 0 ? STORY_START + from * TIME_MS_PER_DAY : 0,
		.expires_at = to != 0 ? STORY_START + to * TIME_MS_PER_DAY : 0 };
	return vantage_covers(
		finding, REASON_TLS_EXPIRED, SLICE("https://a.org/"), &certificate);
}

static void certificates_at_the_right_time(void **state)
{
	(void)state;
	/* Our clock is 100 days ahead: what expired 50 days ago is good. */
	struct vantage_finding finding = judge("3* http://a$.org/ 200 ahead=-2400 at=0",
		(struct vantage_resolver){ 9, 9, false });
	assert_int_equal(finding.clock_ahead_ms, 100 * TIME_MS_PER_DAY);
	assert_int_equal(finding.corrected_wall, STORY_START - 100 * TIME_MS_PER_DAY);
	assert_true(covers_life(&finding, -120, -50));
	assert_true(covers_life(&finding, 0, -50));
	assert_true(covers_life(&finding, -120, 0));
	assert_true(covers_life(&finding, 0, 0));
	assert_false(covers_life(&finding, -200, -110));
	assert_false(covers_life(&finding, -90, -50));
	assert_false(vantage_covers(&finding, REASON_OK, SLICE("http://a0.org/"), NULL));

	/* By certificates alone: the last moment at which all of them hold. */
	finding = judge("https://a.org/ tls_expired from=-900 to=-810 at=0\n"
			"https://b.org/ tls_expired from=-890 to=-800 at=0\n"
			"https://c.org/ tls_expired from=-880 to=-790 at=0\n"
			"https://d.org/ tls_expired from=-990 to=-820 at=0\n"
			"https://e.org/ tls_expired to=-700 at=0",
		(struct vantage_resolver){ 9, 9, false });
	assert_int_equal(finding.doubt, VANTAGE_WRONG_CLOCK);
	assert_int_equal(finding.corrected_wall, STORY_START - 820 * TIME_MS_PER_DAY);
	assert_int_equal(finding.clock_ahead_ms, 820 * TIME_MS_PER_DAY);

	finding = judge("https://a.org/ tls_not_yet_valid from=10 to=100 at=0\n"
			"https://b.org/ tls_not_yet_valid from=20 to=110 at=0\n"
			"https://c.org/ tls_not_yet_valid from=30 at=0",
		(struct vantage_resolver){ 9, 9, false });
	assert_int_equal(finding.doubt, VANTAGE_WRONG_CLOCK);
	assert_int_equal(finding.clock_ahead_ms, -30 * TIME_MS_PER_DAY);
}

static void an_outage_has_a_beginning(void **state)
{
	(void)state;
	struct vantage_finding finding = judge("30* https://a$.org/ 200 at=40 took=2\n"
					       "12* https://b$.org/ timeout at=60",
		(struct vantage_resolver){ 9, 9, false });
	assert_int_equal(finding.since, STORY_START + 42000);
}

static void the_canary(void **state)
{
	(void)state;
	static const struct {
		const char *story;
		uint64_t asked, answered;
		bool wanted;
	} cases[] = {
		{ "https://a.org/ dns_timeout", 1, 0, true },
		{ "https://a.org/ dns_servfail", 1, 0, true },
		{ "https://a.org/ dns_timeout", 2, 1, false },
		{ "https://a.org/ dns_timeout", 0, 0, false },
		{ "https://a.org/ connect_timeout", 1, 0, false },
		{ "", 1, 0, false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vantage_resolver resolver = { cases[i].asked, cases[i].answered,
			false };
		struct vantage *vantage = vantage_new();
		story_tell(slice_of(cases[i].story), 9, note, vantage);
		assert_int_equal(
			vantage_wants_canary(vantage, &resolver), cases[i].wanted);
		vantage_free(vantage);
	}
}

static void assert_sentence(
	const char *story, bool silent, uint32_t links, const char *expected)
{
	struct buffer out;
	struct vantage_finding finding =
		judge(story, (struct vantage_resolver){ 9, silent ? 0 : 8, false });
	buffer_init(&out, 4096);
	vantage_sentence(&finding, links, &out);
	assert_slice(buffer_slice(&out), expected);
	buffer_fini(&out);
}

static void sentences(void **state)
{
	(void)state;
	assert_sentence("https://a.org/ 404", false, 0, "");
	assert_sentence("3* https://a$.org/ network_unreachable", false, 3,
		"This machine seems to be offline: there was no sign of life from any of "
		"3 "
		"unrelated sites; check the network connection and run again (3 links "
		"were "
		"not judged).");
	assert_sentence("https://a.org/ dns_timeout", true, 1,
		"No name server answered this machine: 1 site could not be looked up; "
		"check "
		"the network connection and the name servers and run again (1 link was "
		"not "
		"judged).");
	assert_sentence("3* http://a$.org/ 302 http://login.hotel.com/ 200", false, 0,
		"Something between this machine and the web answers for it: 3 unrelated "
		"sites all ended at login.hotel.com; log in to this network and run "
		"again.");
	assert_sentence("2* http://a$.org/ 511", false, 2,
		"Something between this machine and the web answers for it: 2 unrelated "
		"sites answered that this network wants a login (status 511); log in to "
		"this network and run again (2 links were not judged).");
	assert_sentence("6* http://a$.org/ connect_refused", false, 6,
		"This machine's network seems to fail: no site answered, and 6 of 6 "
		"unrelated ones failed in the same way (the connection was refused); "
		"check "
		"the network connection and the firewall and run again (6 links were "
		"not "
		"judged).");
	assert_sentence("10* http://a$.org/ 200\n10* http://b$.org/ timeout", false, 10,
		"This machine's network seems to fail: after the others had gone well, "
		"the "
		"last 10 unrelated sites all failed (no answer came in time); check the "
		"network connection and the firewall and run again (10 links were not "
		"judged).");
	assert_sentence("2* http://a$.org/ 200 ahead=-48", false, 0,
		"This machine's clock is 2 d 0 h ahead by the word of 2 unrelated "
		"servers; "
		"set the clock and run again.");
	assert_sentence("3* https://a$.org/ tls_not_yet_valid", false, 3,
		"This machine's clock seems to be wrong: the certificates of all 3 sites "
		"are "
		"not valid yet, and none was good; set the clock and run again (3 links "
		"were "
		"not judged).");
}

/* --- limits ------------------------------------------------------------------------ */

static void domains_beyond_the_ceiling(void **state)
{
	(void)state;
	struct vantage_resolver resolver = { 9, 9, false };
	struct vantage_finding finding =
		judge("5999* https://a$.org/ connect_timeout", resolver);
	assert_int_equal(finding.doubt, VANTAGE_MASS_FAILURE);
	assert_int_equal(finding.domains, VANTAGE_DOMAINS_MAX + 1);

	/* The others count as one, but an answer of theirs is still an answer. */
	finding = judge(
		"5999* https://a$.org/ connect_timeout\nhttps://late.net/ 200", resolver);
	assert_int_equal(finding.doubt, VANTAGE_FINE);
}

/* A chain of nothing, and hosts that are none. */
static void odd_observations(void **state)
{
	(void)state;
	struct vantage_finding finding;
	struct vantage_resolver resolver = { 0, 0, false };
	struct vantage *vantage = vantage_new();
	static const char *const urls[] = { "", "https://", "http:///", "http://@/",
		"http://[::1]:80/", "http://u:p@h.org:1/", "x", "http://:80" };
	struct observation seen = { .failure = REASON_CONNECT_TIMEOUT };
	assert_int_equal(vantage_note(vantage, &seen), 0);
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct hop hop = { .url = slice_of(urls[i]), .status = 200 };
		seen = (struct observation){ .hops = &hop,
			.hop_count = 1,
			.has_server_date = true,
			.server_ahead_ms = i % 2 != 0 ? INT64_MAX : INT64_MIN,
			.checked_at = INT64_MAX };
		assert_int_equal(vantage_note(vantage, &seen), 0);
	}
	vantage_judge(vantage, &resolver, &finding);
	assert_int_equal(finding.doubt, VANTAGE_FINE);
	vantage_free(vantage);
	vantage_free(NULL);
}

/* A note has to cost nothing beside a check of 150 us. Printed, and held to a bound that
 * only a mistake in kind would reach. */
static void cost(void **state)
{
	(void)state;
	enum { NOTES = 100000 };
	struct timespec before, after;
	struct vantage *vantage = vantage_new();
	char url[64];
	struct hop hop = { .status = 200 };
	struct observation seen = {
		.hops = &hop, .hop_count = 1, .checked_at = STORY_START
	};
	double spent_us = 0;

	for (int i = 0; i < NOTES; i++) {
		int len = snprintf(
			url, sizeof(url), "https://www.site%d.org/page", i % 700);
		hop.url = (struct slice){ url, (size_t)len };
		clock_gettime(CLOCK_MONOTONIC, &before);
		vantage_note(vantage, &seen);
		clock_gettime(CLOCK_MONOTONIC, &after);
		spent_us += (double)(after.tv_sec - before.tv_sec) * 1e6 +
			    (double)(after.tv_nsec - before.tv_nsec) / 1e3;
	}
	print_message("a note takes %.3f us\n", spent_us / NOTES);
	assert_true(spent_us / NOTES < 20);
	vantage_free(vantage);
}

/* A name server that knows nobody is told by a name that is always there. */
static void a_server_that_denies_everybody(void **state)
{
	static const struct {
		const char *story;
		bool denies;
		enum vantage_doubt doubt;
	} cases[] = {
		{ "5* http://a$.org/ dns_nxdomain", true, VANTAGE_NO_RESOLVER },
		{ "5* http://a$.org/ dns_nxdomain", false, VANTAGE_FINE },
		{ "4* http://a$.org/ dns_nxdomain", true, VANTAGE_FINE },
		{ "9* http://a$.org/ dns_nxdomain\nhttp://b.org/ dns_servfail", true,
			VANTAGE_NO_RESOLVER },
		{ "9* http://a$.org/ dns_nxdomain\nhttp://b.org/ 404", true,
			VANTAGE_FINE },
		{ "9* http://a$.org/ dns_nxdomain\nhttp://b.org/ connect_refused", true,
			VANTAGE_FINE },
		{ "9* http://a.org/$ dns_nxdomain", true, VANTAGE_FINE },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vantage_finding finding = judge(cases[i].story,
			(struct vantage_resolver){ 9, 9, cases[i].denies });
		if (finding.doubt != cases[i].doubt)
			fail_msg("%s: %s", cases[i].story,
				vantage_doubt_text(finding.doubt));
		assert_int_equal(vantage_covers(&finding, REASON_DNS_NXDOMAIN,
					 (struct slice){ 0 }, NULL),
			finding.doubt != VANTAGE_FINE);
		assert_false(vantage_covers(
			&finding, REASON_HTTP_404, SLICE("http://b.org/"), NULL));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_that_denies_everybody),
		cmocka_unit_test(tales_of_names_and_networks),
		cmocka_unit_test(tales_of_mass_failures),
		cmocka_unit_test(tales_of_outages),
		cmocka_unit_test(tales_of_portals),
		cmocka_unit_test(tales_of_clocks),
		cmocka_unit_test(what_is_covered),
		cmocka_unit_test(certificates_at_the_right_time),
		cmocka_unit_test(an_outage_has_a_beginning),
		cmocka_unit_test(the_canary),
		cmocka_unit_test(sentences),
		cmocka_unit_test(domains_beyond_the_ceiling),
		cmocka_unit_test(odd_observations),
		cmocka_unit_test(cost),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
