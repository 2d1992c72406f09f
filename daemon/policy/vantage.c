#include "policy/vantage.h"

#include <assert.h>
#include <stdlib.h>

#include "base/table.h"
#include "model/host.h"
#include "policy/vantage_internal.h"

/* Dates are hostile: sums of them must stay in range. */
#define AHEAD_MAX (10000 * 366 * TIME_MS_PER_DAY)

#define DOUBT_TEXT(name, text) text,
static const char *const doubt_texts[] = { VANTAGE_DOUBTS(DOUBT_TEXT) };
#undef DOUBT_TEXT

const char *vantage_doubt_text(enum vantage_doubt doubt)
{
	assert((unsigned)doubt < sizeof(doubt_texts) / sizeof(doubt_texts[0]));
	return doubt_texts[doubt];
}

struct vantage *vantage_new(void)
{
	struct vantage *vantage = calloc(1, sizeof(*vantage));
	if (vantage == NULL)
		return NULL;
	vantage->scratch = calloc(2 * (size_t)VANTAGE_ROOM, sizeof(*vantage->scratch));
	if (vantage->scratch == NULL) {
		free(vantage);
		return NULL;
	}
	/* Turns count from 1: 0 in a domain means none. */
	vantage->calm_turn = vantage->tail_turn = 1;
	return vantage;
}

void vantage_free(struct vantage *vantage)
{
	if (vantage == NULL)
		return;
	free(vantage->scratch);
	free(vantage);
}

/* --- domains ----------------------------------------------------------------------- */

static uint32_t domain_by_key(struct vantage *vantage, uint64_t key)
{
	uint32_t slot = (uint32_t)key % VANTAGE_SLOTS;
	while (vantage->slots[slot] != 0) {
		uint32_t place = vantage->slots[slot] - 1U;
		if (vantage->domains[place].key == key)
			return place;
		slot = (slot + 1) % VANTAGE_SLOTS;
	}
	if (vantage->domain_count == VANTAGE_DOMAINS_MAX)
		return VANTAGE_DOMAINS_MAX;
	uint32_t place = vantage->domain_count++;
	vantage->domains[place].key = key;
	vantage->slots[slot] = (uint16_t)(place + 1);
	return place;
}

static struct vantage_domain *domain_of(struct vantage *vantage, struct slice host)
{
	/* Never 0, which is a memo that was not used yet. */
	uint64_t key = hash_bytes(host, table_seed) | 1;
	struct host_memo *memo = &vantage->memos[(key >> 32) % VANTAGE_MEMOS];
	if (memo->host != key) {
		struct slice name = host_registrable(host);
		memo->host = key;
		memo->domain = domain_by_key(vantage, hash_bytes(name, table_seed));
	}
	return &vantage->domains[memo->domain];
}

/* --- who answered ------------------------------------------------------------------ */

static bool is_https(struct slice url)
{
	return slice_starts(url, SLICE("https://"));
}

static bool is_for_good(const struct hop *hop)
{
	return hop->via == HOP_VIA_STATUS && (hop->status == 301 || hop->status == 308);
}

/* Some host of the chain, other than its end, has proved by a certificate who it is. */
static bool is_vouched_for(struct vantage *vantage, const struct observation *seen,
	const struct vantage_domain *end)
{
	for (uint32_t i = 0; i < seen->hop_count; i++) {
		const struct hop *hop = &seen->hops[i];
		if (hop->status == 0 || !is_https(hop->url))
			continue;
		if (i == 0 || domain_of(vantage, host_in_href(hop->url)) != end)
			return true;
	}
	return false;
}

static void note_portal(struct vantage *vantage, struct slice host)
{
	if (host.len == 0 || host.len >= sizeof(vantage->portal)) {
		vantage->portals_differ = true;
	} else if (vantage->portal[0] == '\0') {
		memcpy(vantage->portal, host.at, host.len);
		vantage->portal[host.len] = '\0';
	} else if (!slice_equal(slice_of(vantage->portal), host)) {
		vantage->portals_differ = true;
	}
}

/* Whether the words stand in the text; what parts them there is no matter. */
static bool has_words(struct slice text, const char *words)
{
	size_t len = strlen(words);

	for (size_t at = 0; at + len <= text.len; at++) {
		size_t i = 0;
		while (i < len &&
			(words[i] == ' ' ? !char_is_alpha(text.at[at + i])
					 : char_lower(text.at[at + i]) == words[i]))
			i++;
		if (i == len)
			return true;
	}
	return false;
}

/* What a network says that wants something before it lets anyone out. "Network" alone is
 * also what people write about. */
static bool is_portal_page(const struct page_facts *page)
{
	static const char *const words[] = { "network login", "network access",
		"network registration", "network authentication", "network sign",
		"guest network", "visitor network", "hotel network", "airport network",
		"our network", "this network", "to the network", "wi-fi", "wifi", "wlan",
		"hotspot", "portal", "log in", "login", "sign in", "guest",
		"internet access", "terms of", "authentication" };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (has_words(page->title, words[i]) ||
			has_words(page->heading, words[i]))
			return true;
	return page->password_field;
}

/* Titles and words alike: the same page. What is no page is no portal's, nor is a login
 * page that a site sends its visitors to. */
static void note_page(struct vantage *vantage, const struct observation *seen,
	struct vantage_domain *first)
{
	const struct page_facts *page = &seen->page;
	const struct slice words = { (const char *)page->sketch.least,
		sizeof(page->sketch.least) };
	if (!page->parsed || page->text_bytes == 0 || seen->hop_count > 1) {
		vantage->pages_differ = true;
		return;
	}
	uint64_t hash = hash_bytes(words, hash_bytes(page->title, table_seed)) | 1;
	vantage->pages_differ |= vantage->page != 0 && vantage->page != hash;
	vantage->page = hash;
	vantage->page_of_portal = is_portal_page(page);
	first->at_page = true;
}

static void note_answer(struct vantage *vantage, const struct observation *seen,
	struct vantage_domain *first, const struct vantage_domain *end)
{
	const struct hop *last = &seen->hops[seen->hop_count - 1];
	vantage->answered = true;
	first->seen |= REASON_BIT(OK);
	note_page(vantage, seen, first);
	if (end != first)
		note_portal(vantage, host_in_href(last->url));
	if (last->status == 511)
		first->at_511 = true;
	else if (end == first || is_for_good(&seen->hops[0]) ||
		 is_vouched_for(vantage, seen, end))
		vantage->answered_own = true;
	else
		first->at_portal = true;
}

/* --- clocks ------------------------------------------------------------------------ */

static void note_date(const struct observation *seen, struct vantage_domain *end)
{
	time_ms ahead = seen->server_ahead_ms;
	if (!seen->has_server_date || ahead > AHEAD_MAX || ahead < -AHEAD_MAX)
		return;
	if (!end->has_date || ahead > end->server_ahead_ms)
		end->server_ahead_ms = ahead;
	end->has_date = true;
}

static time_ms sane_time(time_ms wall)
{
	return wall > 0 && wall < AHEAD_MAX ? wall : 0;
}

/* A connection that serves a second request has no certificate of its own to show, so
 * that an answer over https counts as well. (Asked not to verify, we cannot judge.) */
static void note_certificate(struct vantage *vantage, const struct observation *seen,
	struct vantage_domain *end)
{
	if (seen->certificate.verified || seen->failure == REASON_TLS_HOSTNAME)
		vantage->certificate_good = true;
	for (uint32_t i = 0; i < seen->hop_count; i++)
		if (seen->hops[i].status != 0 && is_https(seen->hops[i].url))
			vantage->certificate_good = true;
	if (!reason_in(seen->failure, REASONS_OF_TLS))
		return;
	if ((end->tls & REASONS_OF_CLOCK) == 0 &&
		reason_in(seen->failure, REASONS_OF_CLOCK)) {
		end->starts_at = sane_time(seen->certificate.starts_at);
		end->expires_at = sane_time(seen->certificate.expires_at);
	}
	end->tls |= UINT64_C(1) << seen->failure;
}

/* --- the last checks in a row ------------------------------------------------------ */

static void note_sign_of_life(struct vantage *vantage, struct vantage_domain *domain)
{
	vantage->tail_count = 0;
	vantage->tail_turn++;
	vantage->tail_reasons = 0;
	vantage->alive_at = vantage->latest;
	if (domain->calm_turn != vantage->calm_turn)
		vantage->calm_count++;
	domain->calm_turn = vantage->calm_turn;
	vantage->tail_calm = vantage->calm_count;
}

/* Dead hosts end late, by timeouts: at the end of any run their failures follow each
 * other. So only those count that were first asked after the last sign of life. Must
 * precede the noting of the failure in `seen`. */
static void note_silence(struct vantage *vantage, const struct observation *seen,
	struct vantage_domain *domain)
{
	vantage->calm_count = 0;
	vantage->calm_turn++;
	if (domain->tail_turn == vantage->tail_turn)
		vantage->tail_reasons |= UINT64_C(1) << seen->failure;
	if (sane_time(seen->checked_at) < vantage->alive_at ||
		(domain->seen & REASONS_OF_NETWORK) != 0)
		return;
	domain->tail_turn = vantage->tail_turn;
	vantage->tail_reasons |= UINT64_C(1) << seen->failure;
	vantage->tail_count++;
}

static void note_moment(struct vantage *vantage, const struct observation *seen)
{
	time_ms start = sane_time(seen->checked_at);
	time_ms end = start + (seen->timing.total_ms > 0 ? seen->timing.total_ms : 0);
	if (end > vantage->latest)
		vantage->latest = end;
}

/* --- a check ----------------------------------------------------------------------- */

static bool is_evidence(enum reason failure)
{
	return reason_in(failure, REASONS_OF_NETWORK | REASONS_NO_SUCH_NAME |
					  REASONS_OF_TLS | REASON_BIT(HTTP_MALFORMED));
}

static bool is_answered(const struct observation *seen)
{
	for (uint32_t i = 0; i < seen->hop_count; i++)
		if (seen->hops[i].status != 0)
			return true;
	return false;
}

/* Whether the machine has IPv4 is one question, whether it has IPv6 another. */
static bool is_ipv4_unreachable(const struct observation *seen)
{
	return seen->failure == REASON_NETWORK_UNREACHABLE &&
	       (!seen->ipv6 || seen->other_family_failure == REASON_NETWORK_UNREACHABLE);
}

int vantage_note(struct vantage *vantage, const struct observation *seen)
{
	bool answered = is_answered(seen);
	if (seen->hop_count == 0 || (!answered && !is_evidence(seen->failure)))
		return 0;

	struct slice url = seen->hops[0].url;
	struct slice end_url = seen->hops[seen->hop_count - 1].url;
	struct vantage_domain *first = domain_of(vantage, host_in_href(url));
	struct vantage_domain *end = domain_of(vantage, host_in_href(end_url));

	note_moment(vantage, seen);
	note_date(seen, end);
	note_certificate(vantage, seen, end);
	if (is_ipv4_unreachable(seen))
		vantage->ipv4_unreachable = true;
	if (answered || !reason_in(seen->failure, REASONS_OF_NETWORK))
		note_sign_of_life(vantage, first);
	else
		note_silence(vantage, seen, first);
	if (answered)
		note_answer(vantage, seen, first, end);
	else
		first->seen |= UINT64_C(1) << seen->failure;
	return 0;
}
