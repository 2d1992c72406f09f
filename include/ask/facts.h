/* ask/facts: what a check of a link says to health and to the store.
 *
 * `run` comes from a job, `check --database` from a table of links; what both make of a
 * result is the same, and is here. Pure: the time is an argument, nothing is asked or
 * written.
 */
#pragma once

#include "ask/asker.h"
#include "store/writer.h"
#include "watch/health.h"

/* What the answer to a request leaves behind, beside the results of its links. Zeroed:
 * nobody was asked. */
struct sighting {
	uint64_t final_url_hash, simhash;
	struct slice etag, last_modified; /* in the arena it was given */
	struct slice redirects;           /* likewise; as the store keeps them */
	bool single_hop;
	bool second_method; /* how it was asked */
	bool not_modified;
};

/* For on_seen. Without memory the validators are missing, which costs a page the more. */
struct sighting sighting_of(struct arena *arena, const struct request *request,
	const struct observation *seen);

/* `known` is what was remembered before this check, `at` (wall) when it was made. */
struct check_facts facts_of(const struct link *link, const struct sighting *sighting,
	const struct link_record *known, time_ms at);

/* The texts after the check: what it reached nothing to see of stays as it was known.
 * Slices of `known`, the link and the sighting. */
struct store_texts facts_texts(const struct link *link, const struct sighting *sighting,
	const struct store_texts *known);
bool facts_same_texts(const struct store_texts *a, const struct store_texts *b);

/* The events that follow; returns how many. `incident_id` 0: no incident explains the
 * link. */
uint32_t facts_events(const struct health_change *change, const struct check_facts *facts,
	int64_t link_id, int64_t incident_id,
	struct event events[static STORE_RESULT_EVENTS_MAX]);

/* What the store is told of a link when a source is read: before it is asked for, so that
 * a result is only what its text and the disk say. */
struct link_identity facts_identity(const struct link *link);
