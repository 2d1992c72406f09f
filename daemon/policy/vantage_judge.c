#include "policy/vantage.h"

#include <stdlib.h>

#include "model/host.h"
#include "policy/vantage_internal.h"

enum {
	NO_NETWORK_DOMAINS_MIN = 2,
	PORTAL_DOMAINS_MIN = 3,
	PORTAL_511_DOMAINS_MIN = 2,
	MASS_DOMAINS_MIN = 5,
	ROW_DOMAINS_MIN = 10, /* of the outage, and of the calm before it */
	DATE_DOMAINS_MIN = 2,
	NOT_YET_VALID_DOMAINS_MIN = 3,
	EXPIRED_DOMAINS_MIN = 5,
};

static const time_ms date_tolerance = TIME_MS_PER_HOUR;
static const time_ms clock_off_min = TIME_MS_PER_DAY;
/* Where a certificate's start is not known: public ones live no longer (CA/Browser Forum
 * baseline requirements 6.3.2, from 2020 on). */
static const time_ms certificate_life_max = 398 * TIME_MS_PER_DAY;

/* 9 of 10. */
static bool is_nearly_all(uint32_t part, uint32_t whole)
{
	return (uint64_t)part * 10 >= (uint64_t)whole * 9;
}

static bool is_silent(const struct vantage_resolver *resolver)
{
	return resolver->asked > 0 && resolver->answered == 0;
}

/* --- counting ---------------------------------------------------------------------- */

/* All that were told apart, and the one that stands for the others. */
#define EACH_DOMAIN(vantage, domain)                                                     \
	for (const struct vantage_domain *domain = (vantage)->domains;                   \
		domain < (vantage)->domains + VANTAGE_ROOM;                              \
		domain = next_domain(vantage, domain))

static const struct vantage_domain *next_domain(
	const struct vantage *vantage, const struct vantage_domain *domain)
{
	const struct vantage_domain *others = vantage->domains + VANTAGE_DOMAINS_MAX;
	domain++;
	if (domain < others && domain >= vantage->domains + vantage->domain_count)
		return others;
	return domain;
}

static uint32_t count_asked(const struct vantage *vantage)
{
	uint32_t count = 0;
	EACH_DOMAIN(vantage, domain)
	count += domain->seen != 0;
	return count;
}

/* Those that failed in one of these ways, whatever else they did. */
static uint32_t count_touched(const struct vantage *vantage, reason_set reasons)
{
	uint32_t count = 0;
	EACH_DOMAIN(vantage, domain)
	count += (domain->seen & reasons) != 0;
	return count;
}

/* Those that failed, by nothing else than these. */
static uint32_t count_failed(const struct vantage *vantage, reason_set reasons)
{
	uint32_t count = 0;
	EACH_DOMAIN(vantage, domain)
	count += domain->seen != 0 && (domain->seen & ~reasons) == 0;
	return count;
}

/* --- no network, no resolver ------------------------------------------------------- */

#define REASONS_OF_NO_NETWORK                                                            \
	(REASONS_OF_NAMES | REASON_BIT(NETWORK_UNREACHABLE) | REASON_BIT(CONNECT_TIMEOUT))

static bool find_no_network(const struct vantage *vantage,
	const struct vantage_resolver *resolver, struct vantage_finding *finding)
{
	bool unreachable = count_touched(vantage, REASON_BIT(NETWORK_UNREACHABLE)) > 0;
	bool by_address =
		unreachable || count_touched(vantage, REASON_BIT(CONNECT_TIMEOUT)) > 0;
	if (!by_address || !(vantage->ipv4_unreachable || is_silent(resolver)) ||
		finding->domains < NO_NETWORK_DOMAINS_MIN)
		return false;
	finding->domains_failed = count_failed(vantage, REASONS_OF_NO_NETWORK);
	if (finding->domains_failed < finding->domains)
		return false;
	finding->reason =
		unreachable ? REASON_NETWORK_UNREACHABLE : REASON_CONNECT_TIMEOUT;
	return true;
}

/* Nobody was heard of but a name server that knows no name. */
static bool knows_nobody(const struct vantage *vantage)
{
	uint32_t asked = count_asked(vantage);
	return asked >= VANTAGE_DENIED_DOMAINS_MIN &&
	       count_touched(vantage, REASONS_NO_SUCH_NAME) > 0 &&
	       count_failed(vantage, REASONS_NO_SUCH_NAME | REASONS_OF_NAMES) == asked;
}

static bool is_mute(
	const struct vantage *vantage, const struct vantage_resolver *resolver)
{
	return is_silent(resolver) && count_touched(vantage, REASONS_OF_NAMES) > 0;
}

static bool find_no_resolver(const struct vantage *vantage,
	const struct vantage_resolver *resolver, struct vantage_finding *finding)
{
	if (is_mute(vantage, resolver)) {
		finding->domains_failed = count_touched(vantage, REASONS_OF_NAMES);
		finding->reason = REASON_DNS_TIMEOUT;
		return true;
	}
	if (!resolver->denies || !knows_nobody(vantage))
		return false;
	finding->domains_failed = finding->domains;
	finding->reason = REASON_DNS_NXDOMAIN;
	return true;
}

bool vantage_wants_canary(
	const struct vantage *vantage, const struct vantage_resolver *resolver)
{
	return is_mute(vantage, resolver) || knows_nobody(vantage);
}

/* --- captive portal ---------------------------------------------------------------- */

static bool find_portal(const struct vantage *vantage, struct vantage_finding *finding)
{
	uint32_t sent_on = 0, refused = 0;
	if (!vantage->answered || vantage->answered_own)
		return false;
	EACH_DOMAIN(vantage, domain)
	{
		refused += domain->at_511;
		sent_on += domain->at_portal && !domain->at_511;
	}
	bool one_host = vantage->portal[0] != '\0' && !vantage->portals_differ;
	if (!(one_host && sent_on + refused >= PORTAL_DOMAINS_MIN) &&
		!(sent_on == 0 && refused >= PORTAL_511_DOMAINS_MIN))
		return false;
	finding->domains_failed = sent_on + refused;
	if (one_host)
		memcpy(finding->portal, vantage->portal, sizeof(finding->portal));
	return true;
}

/* Under every name the same page, and no certificate from anyone: whoever shows it
 * answers for all. Many sites may show one test page; a portal says what it wants. */
static bool find_portal_page(
	const struct vantage *vantage, struct vantage_finding *finding)
{
	uint32_t shown = 0;
	if (vantage->page == 0 || vantage->pages_differ || !vantage->page_of_portal ||
		vantage->certificate_good)
		return false;
	EACH_DOMAIN(vantage, domain)
	shown += domain->at_page;
	if (shown < PORTAL_DOMAINS_MIN)
		return false;
	finding->domains_failed = shown;
	finding->one_page = true;
	return true;
}

/* --- mass failure ------------------------------------------------------------------ */

/* Names that do not exist say nothing of connections: while they are few, they do not
 * thin out the share of those that failed. */
static uint32_t count_comparable(const struct vantage *vantage, enum reason reason,
	uint32_t failed, uint32_t domains)
{
	if (reason_in(reason, REASONS_OF_NAMES))
		return domains;
	uint32_t nameless = count_failed(vantage, REASONS_NO_SUCH_NAME);
	return nameless <= failed / 4 ? domains - nameless : domains;
}

static bool find_mass_failure(
	const struct vantage *vantage, struct vantage_finding *finding)
{
	if (vantage->answered)
		return false;
	for (unsigned i = 0; i < REASON_COUNT; i++) {
		enum reason reason = (enum reason)i;
		if (!reason_in(reason, REASONS_OF_NETWORK))
			continue;
		uint32_t failed = count_failed(vantage, UINT64_C(1) << i);
		if (failed < MASS_DOMAINS_MIN ||
			!is_nearly_all(failed, count_comparable(vantage, reason, failed,
						       finding->domains)))
			continue;
		finding->reason = reason;
		finding->domains_failed = failed;
		return true;
	}
	return false;
}

static enum reason first_reason(reason_set set)
{
	unsigned i = 0;
	while (i < REASON_COUNT - 1 && !reason_in((enum reason)i, set))
		i++;
	return (enum reason)i;
}

static bool find_outage(const struct vantage *vantage, struct vantage_finding *finding)
{
	reason_set reasons = vantage->tail_reasons;
	bool one = (reasons & (reasons - 1)) == 0;
	if (!vantage->answered || vantage->tail_count < ROW_DOMAINS_MIN ||
		vantage->tail_calm < ROW_DOMAINS_MIN)
		return false;
	if (!one && (reasons & ~REASONS_SILENT) != 0)
		return false;
	finding->reason = first_reason(reasons);
	finding->domains_failed = vantage->tail_count;
	finding->since = vantage->alive_at;
	return true;
}

/* --- wrong clock ------------------------------------------------------------------- */

static int compare_times(const void *a, const void *b)
{
	const time_ms *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static void sort_times(time_ms *times, uint32_t count)
{
	qsort(times, count, sizeof(*times), compare_times);
}

static bool find_clock_by_dates(
	const struct vantage *vantage, struct vantage_finding *finding)
{
	time_ms *ahead = vantage->scratch;
	uint32_t count = 0, agreed = 0;
	EACH_DOMAIN(vantage, domain)
	if (domain->has_date)
		ahead[count++] = domain->server_ahead_ms;
	if (count < DATE_DOMAINS_MIN)
		return false;
	sort_times(ahead, count);
	time_ms median = ahead[(count - 1) / 2];
	for (uint32_t i = 0; i < count; i++)
		agreed += ahead[i] >= median - date_tolerance &&
			  ahead[i] <= median + date_tolerance;
	if (llabs(median) <= clock_off_min || agreed < DATE_DOMAINS_MIN ||
		(count - agreed) * 3 > count)
		return false;
	finding->domains_failed = agreed;
	finding->clock_ahead_ms = -median;
	finding->corrected_wall = vantage->latest > 0 ? vantage->latest + median : 0;
	return true;
}

/* When do most of these certificates hold? Both ends sorted; the first such moment, or
 * with `last` the last one, and how many hold then. */
static uint32_t best_moment(const time_ms *starts, const time_ms *ends, uint32_t count,
	bool last, time_ms *ret_moment)
{
	uint32_t ended = 0, best = 0;
	for (uint32_t i = 0; i < count; i++) {
		while (ends[ended] < starts[i])
			ended++;
		uint32_t holding = i + 1 - ended;
		if (holding < best || (holding == best && !last))
			continue;
		best = holding;
		*ret_moment = last ? ends[ended] : starts[i];
	}
	return best;
}

static uint32_t gather_lives(const struct vantage *vantage, enum reason reason)
{
	time_ms *starts = vantage->scratch, *ends = starts + VANTAGE_ROOM;
	uint32_t count = 0;
	EACH_DOMAIN(vantage, domain)
	{
		if (!reason_in(reason, domain->tls))
			continue;
		time_ms start = domain->starts_at, end = domain->expires_at;
		if (start == 0 && end != 0)
			start = end - certificate_life_max;
		starts[count] = start;
		ends[count++] = end > start ? end : end != 0 ? start : INT64_MAX;
	}
	sort_times(starts, count);
	sort_times(ends, count);
	return count;
}

/* Of domains that had no certificate but bad ones, and of them those with this fault. */
static bool find_clock_by_certificates(const struct vantage *vantage, enum reason reason,
	uint32_t domains_min, struct vantage_finding *finding)
{
	uint32_t bad = 0;
	time_ms moment = 0;
	EACH_DOMAIN(vantage, domain)
	{
		bad += (domain->tls & ~REASON_BIT(TLS_HANDSHAKE)) != 0;
		if ((domain->tls & REASONS_OF_CLOCK & ~(UINT64_C(1) << reason)) != 0)
			return false;
	}
	uint32_t count = gather_lives(vantage, reason);
	bool ahead = reason == REASON_TLS_EXPIRED;
	if (vantage->certificate_good || count < domains_min ||
		!is_nearly_all(count, bad) ||
		!is_nearly_all(
			best_moment(vantage->scratch, vantage->scratch + VANTAGE_ROOM,
				count, ahead, &moment),
			count))
		return false;
	finding->domains_failed = count;
	finding->reason = reason;
	/* What is not known of them must not turn the correction round. */
	if (vantage->latest > 0 &&
		(ahead ? moment > 0 && moment < vantage->latest
		       : moment > vantage->latest && moment < INT64_MAX)) {
		finding->corrected_wall = moment;
		finding->clock_ahead_ms = vantage->latest - moment;
	}
	return true;
}

static bool find_wrong_clock(
	const struct vantage *vantage, struct vantage_finding *finding)
{
	return find_clock_by_dates(vantage, finding) ||
	       find_clock_by_certificates(vantage, REASON_TLS_NOT_YET_VALID,
		       NOT_YET_VALID_DOMAINS_MIN, finding) ||
	       find_clock_by_certificates(
		       vantage, REASON_TLS_EXPIRED, EXPIRED_DOMAINS_MIN, finding);
}

/* --- the finding ------------------------------------------------------------------- */

static enum vantage_doubt find_doubt(const struct vantage *vantage,
	const struct vantage_resolver *resolver, struct vantage_finding *finding)
{
	if (find_no_network(vantage, resolver, finding))
		return VANTAGE_NO_NETWORK;
	if (find_no_resolver(vantage, resolver, finding))
		return VANTAGE_NO_RESOLVER;
	if (find_portal(vantage, finding) || find_portal_page(vantage, finding))
		return VANTAGE_CAPTIVE_PORTAL;
	if (find_mass_failure(vantage, finding) || find_outage(vantage, finding))
		return VANTAGE_MASS_FAILURE;
	if (find_wrong_clock(vantage, finding))
		return VANTAGE_WRONG_CLOCK;
	finding->domains_failed = 0;
	return VANTAGE_FINE;
}

void vantage_judge(const struct vantage *vantage, const struct vantage_resolver *resolver,
	struct vantage_finding *ret_finding)
{
	*ret_finding = (struct vantage_finding){ .reason = REASON_OK,
		.domains = count_asked(vantage) };
	ret_finding->doubt = find_doubt(vantage, resolver, ret_finding);
}

static bool would_be_valid(
	const struct vantage_finding *finding, const struct certificate *certificate)
{
	time_ms wall = finding->corrected_wall;
	if (wall == 0 || certificate == NULL)
		return true;
	return certificate->starts_at <= wall + date_tolerance &&
	       (certificate->expires_at == 0 ||
		       certificate->expires_at >= wall - date_tolerance);
}

/* A link that ended at the portal says nothing, whatever was found there. Where 511 was
 * seen, every answer of the run that is none of the portal's was one; where all showed
 * one page, every answer is the portal's. */
static bool portal_covers(
	const struct vantage_finding *finding, enum reason reason, struct slice final_url)
{
	if (reason_in(reason, REASONS_OF_NETWORK | REASONS_NO_SUCH_NAME | REASONS_OF_TLS |
				      REASON_BIT(HTTP_5XX)))
		return true;
	if (reason_outcome(reason) == OUTCOME_SKIPPED || final_url.len == 0)
		return false;
	return finding->one_page ||
	       (finding->portal[0] != '\0' &&
		       slice_equal(host_in_href(final_url), slice_of(finding->portal)));
}

bool vantage_covers(const struct vantage_finding *finding, enum reason reason,
	struct slice final_url, const struct certificate *certificate)
{
	switch (finding->doubt) {
	case VANTAGE_FINE:
		return false;
	case VANTAGE_NO_NETWORK:
		return reason_in(reason, REASONS_OF_NO_NETWORK);
	case VANTAGE_NO_RESOLVER:
		return reason_in(reason, REASONS_OF_NAMES) ||
		       (finding->reason == REASON_DNS_NXDOMAIN &&
			       reason_in(reason, REASONS_NO_SUCH_NAME));
	case VANTAGE_CAPTIVE_PORTAL:
		return portal_covers(finding, reason, final_url);
	case VANTAGE_MASS_FAILURE:
		return reason == finding->reason ||
		       (reason_in(finding->reason, REASONS_SILENT) &&
			       reason_in(reason, REASONS_SILENT));
	case VANTAGE_WRONG_CLOCK:
		return reason_in(reason, REASONS_OF_CLOCK) &&
		       would_be_valid(finding, certificate);
	}
	return false;
}
