#include <assert.h>

#include "base/table.h"
#include "model/host.h"
#include "watch/doubt_internal.h"

static bool is_https(struct slice url)
{
	return slice_starts(url, SLICE("https://"));
}

uint64_t doubt_domain(struct slice url)
{
	return hash_bytes(host_registrable(host_in_href(url)), table_seed) | 1;
}

/* A hop before the end, or the link itself, has proved who it is; or the owner of the
 * first domain said once and for all where to go, as portals do not (browsers would
 * remember it). */
static bool is_vouched_for(const struct observation *seen, uint64_t end_domain)
{
	for (uint32_t i = 0; i < seen->hop_count; i++) {
		const struct hop *hop = &seen->hops[i];
		if (hop->status != 0 && is_https(hop->url) &&
			(i == 0 || doubt_domain(hop->url) != end_domain))
			return true;
	}
	return false;
}

static bool is_for_good(const struct hop *hop)
{
	return hop->via == HOP_VIA_STATUS && (hop->status == 301 || hop->status == 308);
}

static uint64_t page_of(const struct page_facts *page)
{
	if (!page->parsed || page->text_bytes == 0)
		return 0;
	struct slice words = { (const char *)page->sketch.least,
		sizeof(page->sketch.least) };
	return hash_bytes(words, hash_bytes(page->title, table_seed)) | 1;
}

static void note_portal(const struct hop *last, struct doubt_facts *facts)
{
	struct slice host = host_in_href(last->url);
	facts->voice = DOUBT_FOREIGN;
	/* 511 under every name is one place without a name. */
	if (facts->domain == facts->end_domain || host.len == 0 ||
		host.len >= sizeof(facts->portal))
		return;
	memcpy(facts->portal, host.at, host.len);
	facts->portal[host.len] = '\0';
}

static void note_voice(const struct observation *seen, struct doubt_facts *facts)
{
	const struct hop *last = &seen->hops[seen->hop_count - 1];
	if (seen->failure != REASON_OK &&
		doubt_reason_in(seen->failure, DOUBT_REASONS_ALL)) {
		facts->voice = DOUBT_SILENT;
	} else if (last->status == 0 && seen->hops[0].status == 0) {
		facts->voice = DOUBT_NOT_ASKED;
	} else if (is_vouched_for(seen, facts->end_domain)) {
		facts->voice = DOUBT_CERTIFIED;
	} else if (last->status == 511 ||
		   (facts->domain != facts->end_domain && !is_for_good(&seen->hops[0]))) {
		note_portal(last, facts);
	} else {
		facts->voice = is_https(last->url) ? DOUBT_CERTIFIED : DOUBT_OWN;
		facts->page = seen->hop_count == 1 ? page_of(&seen->page) : 0;
	}
}

void doubt_facts_of(const struct observation *seen, struct doubt_facts *ret_facts)
{
	*ret_facts = (struct doubt_facts){ .failure = seen->failure };
	if (seen->hop_count == 0)
		return;
	const struct hop *first = &seen->hops[0], *last = first + seen->hop_count - 1;
	ret_facts->domain = doubt_domain(first->url);
	ret_facts->end_domain = last == first || last->url.len == 0
					? ret_facts->domain
					: doubt_domain(last->url);
	/* Of a chain that failed later: the first word was the owner's own. */
	ret_facts->answered_first = first->status != 0 && last != first &&
				    (is_https(first->url) || is_for_good(first));
	ret_facts->has_date = seen->has_server_date;
	ret_facts->server_ahead_ms = seen->server_ahead_ms;
	note_voice(seen, ret_facts);
}
