#include <inttypes.h>

#include "watch/doubt_internal.h"

static void say_span(time_ms span, struct buffer *out)
{
	char text[TIME_SPAN_SIZE];
	time_format_span(span < 0 ? -span : span, text);
	buffer_add_text(out, text);
}

/* A host by the URL standard holds no control characters; make sure. */
static void say_host(const char *host, struct buffer *out)
{
	for (const char *c = host; *c != '\0'; c++)
		buffer_add_char(out, *c > ' ' && *c < 0x7f ? *c : '?');
}

static void say_domains(uint32_t count, struct buffer *out)
{
	buffer_printf(out, "%" PRIu32 " unrelated site%s", count, count == 1 ? "" : "s");
}

static void say_failures(const struct doubt_status *status, struct buffer *out)
{
	if (status->domains == 0) {
		buffer_add_text(out, "nobody answers");
		return;
	}
	say_domains(status->domains, out);
	buffer_add_text(out, " failed");
	if (status->reason != REASON_OK)
		buffer_printf(out, " (%s)", reason_text(status->reason));
}

static void say_portal(const struct doubt_status *status, struct buffer *out)
{
	say_domains(status->domains, out);
	if (status->portal[0] == '\0') {
		buffer_add_text(out, " gave one and the same answer");
		return;
	}
	buffer_add_text(out, " all ended at ");
	say_host(status->portal, out);
}

static void say_clock(const struct doubt_status *status, struct buffer *out)
{
	if (status->clock_ahead_ms == 0) {
		buffer_add_text(out, "certificates of ");
		say_domains(status->domains, out);
		buffer_add_text(out, " are not valid now");
		return;
	}
	buffer_add_text(out, "it is ");
	say_span(status->clock_ahead_ms, out);
	buffer_add_text(out, status->clock_ahead_ms > 0 ? " ahead" : " behind");
	buffer_add_text(out, " by the word of ");
	say_domains(status->domains, out);
}

static const char *subject(enum doubt_kind kind)
{
	switch (kind) {
	case DOUBT_KIND_NONE:
		return "";
	case DOUBT_KIND_NO_NETWORK:
		return "This machine seems to be offline";
	case DOUBT_KIND_NO_RESOLVER:
		return "No name server helps this machine";
	case DOUBT_KIND_CAPTIVE_PORTAL:
		return "Something between this machine and the web answers for it";
	case DOUBT_KIND_MASS_FAILURE:
		return "This machine's network seems to fail";
	case DOUBT_KIND_WRONG_CLOCK:
		return "This machine's clock seems to be wrong";
	case DOUBT_KIND_SLEPT:
		return "This machine slept";
	case DOUBT_KIND_STOPPED:
		return "This program was stopped";
	case DOUBT_KIND_CLOCK_JUMPED:
		return "This machine's clock was set";
	}
	return "";
}

static const char *remedy(enum doubt_kind kind)
{
	switch (kind) {
	case DOUBT_KIND_NO_NETWORK:
		return "check the network connection";
	case DOUBT_KIND_NO_RESOLVER:
		return "check the name servers";
	case DOUBT_KIND_CAPTIVE_PORTAL:
		return "log in to this network";
	case DOUBT_KIND_MASS_FAILURE:
		return "check the network connection and the firewall";
	case DOUBT_KIND_WRONG_CLOCK:
		return "set the clock";
	case DOUBT_KIND_NONE:
	case DOUBT_KIND_SLEPT:
	case DOUBT_KIND_STOPPED:
	case DOUBT_KIND_CLOCK_JUMPED:
		return "";
	}
	return "";
}

static void say_evidence(const struct doubt_status *status, struct buffer *out)
{
	switch (status->kind) {
	case DOUBT_KIND_NONE:
		return;
	case DOUBT_KIND_NO_NETWORK:
	case DOUBT_KIND_MASS_FAILURE:
		buffer_add_text(out, ": ");
		say_failures(status, out);
		return;
	case DOUBT_KIND_NO_RESOLVER:
		buffer_add_text(out,
			status->reason == REASON_DNS_NXDOMAIN
				? ": it denies a name that exists"
				: ": a name that exists was asked for, without answer");
		return;
	case DOUBT_KIND_CAPTIVE_PORTAL:
		buffer_add_text(out, ": ");
		say_portal(status, out);
		return;
	case DOUBT_KIND_WRONG_CLOCK:
		buffer_add_text(out, ": ");
		say_clock(status, out);
		return;
	case DOUBT_KIND_SLEPT:
	case DOUBT_KIND_STOPPED:
		buffer_add_text(out, " for ");
		say_span(status->clock_ahead_ms, out);
		return;
	case DOUBT_KIND_CLOCK_JUMPED:
		buffer_add_text(
			out, status->clock_ahead_ms > 0 ? " forward by " : " back by ");
		say_span(status->clock_ahead_ms, out);
		return;
	}
}

void doubt_sentence(const struct doubt_status *status, struct buffer *out)
{
	if (status->state == DOUBT_FINE && status->kind == DOUBT_KIND_NONE) {
		buffer_add_text(out, "This machine's network is well.");
		return;
	}
	if (status->state == DOUBT_FINE)
		buffer_add_text(out, "Over: ");
	buffer_add_text(out, subject(status->kind));
	say_evidence(status, out);
	if (status->state == DOUBT_FINE)
		buffer_add_text(out, "; links are checked again.");
	else if (status->state == DOUBT_SETTLING)
		buffer_add_text(out, "; links are checked again when somebody answers.");
	else
		buffer_printf(out,
			"; nothing is held against any link, and checks pause until "
			"somebody answers; %s.",
			remedy(status->kind));
}
