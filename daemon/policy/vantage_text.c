#include "policy/vantage.h"

#include <inttypes.h>

/* What a domain is to a person. */
static const char *sites(uint32_t count)
{
	return count == 1 ? "site" : "sites";
}

static void say_portal(const struct vantage_finding *finding, struct buffer *out)
{
	buffer_add_text(
		out, "Something between this machine and the web answers for it: ");
	if (finding->one_page) {
		buffer_printf(out,
			"%" PRIu32 " unrelated sites show one and the same page",
			finding->domains_failed);
		return;
	}
	if (finding->portal[0] == '\0') {
		buffer_printf(out,
			"%" PRIu32 " unrelated sites answered that this network wants a "
			"login (status 511)",
			finding->domains_failed);
		return;
	}
	buffer_printf(out, "%" PRIu32 " unrelated sites all ended at ",
		finding->domains_failed);
	/* A host by the URL standard holds no control characters; make sure. */
	for (const char *c = finding->portal; *c != '\0'; c++)
		buffer_add_char(out, *c > ' ' && *c < 0x7f ? *c : '?');
}

static const char *words_of(enum reason reason)
{
	if (reason == REASON_CONNECT_TIMEOUT)
		return "the connection timed out";
	if (reason == REASON_CONNECT_REFUSED)
		return "the connection was refused";
	if (reason == REASON_CONNECT_RESET)
		return "the connection was dropped";
	if (reason == REASON_NETWORK_UNREACHABLE)
		return "there was no way to the address";
	if (reason == REASON_DNS_SERVFAIL)
		return "the name server failed";
	if (reason == REASON_DNS_TIMEOUT)
		return "the name server did not answer";
	return "no answer came in time";
}

static void say_mass_failure(const struct vantage_finding *finding, struct buffer *out)
{
	buffer_add_text(out, "This machine's network seems to fail: ");
	if (finding->since != 0)
		buffer_printf(out,
			"after the others had gone well, the last %" PRIu32
			" unrelated sites all failed (%s)",
			finding->domains_failed, words_of(finding->reason));
	else
		buffer_printf(out,
			"no site answered, and %" PRIu32 " of %" PRIu32
			" unrelated ones failed in the same way (%s)",
			finding->domains_failed, finding->domains,
			words_of(finding->reason));
}

static void say_clock(const struct vantage_finding *finding, struct buffer *out)
{
	char span[TIME_SPAN_SIZE];
	time_ms ahead = finding->clock_ahead_ms;
	time_format_span(ahead < 0 ? -ahead : ahead, span);
	if (finding->reason == REASON_OK)
		buffer_printf(out,
			"This machine's clock is %s %s by the word of %" PRIu32
			" unrelated servers",
			span, ahead > 0 ? "ahead" : "behind", finding->domains_failed);
	else
		buffer_printf(out,
			"This machine's clock seems to be wrong: the certificates of all "
			"%" PRIu32 " sites %s, and none was good",
			finding->domains_failed,
			finding->reason == REASON_TLS_EXPIRED ? "have expired"
							      : "are not valid yet");
}

static const char *remedy(enum vantage_doubt doubt)
{
	switch (doubt) {
	case VANTAGE_FINE:
		return "";
	case VANTAGE_NO_NETWORK:
		return "check the network connection";
	case VANTAGE_NO_RESOLVER:
		return "check the network connection and the name servers";
	case VANTAGE_CAPTIVE_PORTAL:
		return "log in to this network";
	case VANTAGE_MASS_FAILURE:
		return "check the network connection and the firewall";
	case VANTAGE_WRONG_CLOCK:
		return "set the clock";
	}
	return "";
}

static void say_what_was_seen(const struct vantage_finding *finding, struct buffer *out)
{
	switch (finding->doubt) {
	case VANTAGE_FINE:
		return;
	case VANTAGE_NO_NETWORK:
		buffer_printf(out,
			"This machine seems to be offline: there was no sign of life "
			"from "
			"any of %" PRIu32 " unrelated sites",
			finding->domains);
		return;
	case VANTAGE_NO_RESOLVER:
		if (finding->reason == REASON_DNS_NXDOMAIN) {
			buffer_printf(out,
				"This machine seems to be cut off: its name server knows "
				"none of %" PRIu32 " unrelated sites, nor any other name",
				finding->domains_failed);
			return;
		}
		buffer_printf(out,
			"No name server answered this machine: %" PRIu32
			" %s could not be looked up",
			finding->domains_failed, sites(finding->domains_failed));
		return;
	case VANTAGE_CAPTIVE_PORTAL:
		say_portal(finding, out);
		return;
	case VANTAGE_MASS_FAILURE:
		say_mass_failure(finding, out);
		return;
	case VANTAGE_WRONG_CLOCK:
		say_clock(finding, out);
		return;
	}
}

void vantage_sentence(
	const struct vantage_finding *finding, uint32_t links_covered, struct buffer *out)
{
	if (finding->doubt == VANTAGE_FINE)
		return;
	say_what_was_seen(finding, out);
	buffer_printf(out, "; %s and run again", remedy(finding->doubt));
	if (links_covered > 0)
		buffer_printf(out, " (%" PRIu32 " %s not judged)", links_covered,
			links_covered == 1 ? "link was" : "links were");
	buffer_add_char(out, '.');
}
