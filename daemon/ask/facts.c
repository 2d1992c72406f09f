#include "ask/facts.h"

#include "model/host.h"
#include "model/url.h"
#include "watch/incident.h"

enum { URL_SCRATCH_BYTES = 4 * URL_BYTES_MAX };

static uint64_t hash_of(struct slice text)
{
	return text.len > 0 ? hash_bytes(text, 0) | 1 : 0;
}

/* One bit of each place of the sketch: as many differ as the texts do (b-bit min-wise
 * hashing). 0: no text. */
static uint64_t simhash_of(const struct page_facts *page)
{
	uint64_t bits = 0;
	if (!page->parsed || page->text_bytes == 0)
		return 0;
	for (int i = 0; i < SKETCH_PLACES; i++)
		bits |= (uint64_t)(page->sketch.least[i] & 1) << i;
	return bits != 0 ? bits : 1;
}

static struct slice redirects_of(struct arena *arena, const struct observation *seen)
{
	struct redirect redirects[STORE_REDIRECTS_MAX];
	uint32_t count = 0;
	for (uint32_t i = 0; i < seen->hop_count && count < STORE_REDIRECTS_MAX; i++) {
		const struct hop *hop = &seen->hops[i];
		if (hop->via != HOP_VIA_NONE)
			redirects[count++] =
				(struct redirect){ hop->status, hop->target };
	}
	return count > 0 ? store_pack_redirects(arena, redirects, count)
			 : (struct slice){ 0 };
}

struct sighting sighting_of(struct arena *arena, const struct request *request,
	const struct observation *seen)
{
	return (struct sighting){
		.final_url_hash = seen->http_status > 0 ? hash_of(seen->final_url) : 0,
		.simhash = simhash_of(&seen->page),
		.etag = arena_copy(arena, seen->etag),
		.last_modified = arena_copy(arena, seen->last_modified),
		.redirects = redirects_of(arena, seen),
		.single_hop = seen->hop_count <= 1,
		.second_method = request->second_method,
		.not_modified = request->not_modified,
	};
}

/* The name that does not exist is the registrable domain, and it is the link's own. */
static bool is_whole_domain(const struct sighting *sighting, struct slice url)
{
	struct arena scratch;
	struct url parsed;
	bool whole = false;
	if (!sighting->single_hop)
		return false;
	arena_init(&scratch, URL_SCRATCH_BYTES);
	if (url_parse(&scratch, url, NULL, &parsed) == 0)
		whole = slice_equal(parsed.host, host_registrable(parsed.host));
	arena_fini(&scratch);
	return whole;
}

/* What the text itself or the disk says can be looked at in one way only: to read it once
 * more is all the confirmation there is. */
static bool is_read_only(const struct link *link)
{
	enum reason reason = link->result.verdict.reason;
	return link->kind != LINK_HTTP || reason == REASON_BAD_URL ||
	       reason == REASON_MISSING_SCHEME;
}

/* Of the leaf or of what it stands on, whichever ends first. */
static time_ms certificate_until(const struct certificate *certificate)
{
	time_ms leaf = certificate->expires_at, chain = certificate->chain_expires_at;
	if (!certificate->seen)
		return 0;
	return leaf == 0 || (chain != 0 && chain < leaf) ? chain : leaf;
}

/* A connection that was kept shows none either; only this one has none to show. */
static bool is_plain_http(const struct check_result *result)
{
	return result->http_status > 0 &&
	       slice_starts(result->final_url, SLICE("http://"));
}

struct check_facts facts_of(const struct link *link, const struct sighting *sighting,
	const struct link_record *known, time_ms at)
{
	const struct check_result *result = &link->result;
	const struct verdict *verdict = &result->verdict;
	struct slice target = { 0 };
	if (verdict->outcome == OUTCOME_MOVED)
		target = verdict->suggestion.url;
	return (struct check_facts){
		.at = at,
		.outcome = verdict->outcome,
		.reason = verdict->reason,
		.http_status = result->http_status,
		.notes = sighting->not_modified ? known->notes : verdict->notes,
		.elapsed_ms = result->asked ? result->elapsed_ms : -1,
		.second_method =
			is_read_only(link) || (sighting->second_method && result->asked),
		.authoritative = verdict->reason == REASON_REGISTRY_MISSING,
		.whole_domain = verdict->reason == REASON_DNS_NXDOMAIN &&
				is_whole_domain(sighting, link->url),
		.target_hash = hash_of(target),
		.title_hash = hash_of(result->title),
		.certificate_until = certificate_until(&result->certificate),
		.plain_http = is_plain_http(result),
		.bad_certificate =
			incident_certificate(verdict->reason, &result->certificate),
		.sunset_at = verdict->sunset_at,
		.repository_id = verdict->repository_id,
		.owner_id = verdict->owner_id,
		.unchanged = sighting->not_modified,
		.final_url_hash = sighting->final_url_hash,
		.simhash = sighting->simhash,
	};
}

struct store_texts facts_texts(const struct link *link, const struct sighting *sighting,
	const struct store_texts *known)
{
	const struct check_result *result = &link->result;
	struct store_texts texts = *known;
	/* A chain whose end does not answer was seen, too, and ends nowhere. */
	if (result->final_url.len > 0 || sighting->redirects.len > 0) {
		texts.final_url = result->final_url;
		texts.redirects = sighting->redirects;
	}
	if (result->title.len > 0)
		texts.title = result->title;
	texts.error = result->verdict.error;
	if (result->http_status == 200) {
		texts.etag = sighting->etag;
		texts.last_modified = sighting->last_modified;
	}
	texts.suggestion = result->verdict.suggestion;
	return texts;
}

bool facts_same_texts(const struct store_texts *a, const struct store_texts *b)
{
	return slice_equal(a->final_url, b->final_url) &&
	       slice_equal(a->redirects, b->redirects) &&
	       slice_equal(a->title, b->title) && slice_equal(a->error, b->error) &&
	       slice_equal(a->etag, b->etag) &&
	       slice_equal(a->last_modified, b->last_modified) &&
	       slice_equal(a->suggestion.url, b->suggestion.url) &&
	       slice_equal(a->suggestion.why, b->suggestion.why);
}

uint32_t facts_events(const struct health_change *change, const struct check_facts *facts,
	int64_t link_id, int64_t incident_id,
	struct event events[static STORE_RESULT_EVENTS_MAX])
{
	uint32_t count = 0;
	const struct event event = { .at = facts->at,
		.link_id = link_id,
		.incident_id = incident_id,
		.reason = facts->reason,
		.from = change->from,
		.to = change->to };
	if (change->from != change->to && !change->quiet) {
		events[count] = event;
		events[count++].kind = EVENT_STATE;
	}
	if (change->flapping_began || change->flapping_ended) {
		events[count] = event;
		events[count++].kind =
			change->flapping_began ? EVENT_FLAPPING : EVENT_STEADY;
	}
	if (change->content_changed) {
		events[count] = event;
		events[count++].kind = EVENT_CONTENT_CHANGED;
	}
	return count;
}

struct link_identity facts_identity(const struct link *link)
{
	const struct verdict *verdict = &link->result.verdict;
	return (struct link_identity){
		.kind = link->kind,
		.url = link->url,
		.request_url = link->request_url,
		.request_key = link->request_key,
		.fragment = link->fragment,
		.reason = link->result.done ? verdict->reason : REASON_OK,
		.decided = link->result.done,
		.suggestion = link->result.done && verdict->suggestion.url.len > 0
				      ? verdict->suggestion
				      : link->guess,
	};
}
