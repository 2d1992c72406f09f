/* When it was really measured: a report of a day in which nobody looked must not read
 * like one of a day without trouble. The store keeps equal checks as one span, so what
 * is between the first and the last of a span is known of the raw log only, which is
 * read for one link: the one that was checked most often. */
#include "show/changes_internal.h"

static void note_first(struct digest *digest, time_ms at)
{
	if (at > 0 && at >= digest->since &&
		(digest->first_check_at == 0 || at < digest->first_check_at))
		digest->first_check_at = at;
}

/* Oldest first: the first one that reaches into the time is enough. */
static bool note_span(const struct span *span, void *data)
{
	struct digest *digest = data;
	if (span->last_at < digest->since)
		return false; /* newest first */
	note_first(
		digest, span->first_at >= digest->since ? span->first_at : span->last_at);
	return true;
}

void changes_note_checks(struct changes *changes, const struct store_link *link)
{
	struct digest *digest = changes->digest;
	const struct link_record *record = &link->record;
	const struct span *span = &record->span;
	changes->checks_ever += record->checks;
	if (record->checks == 0 || record->last_checked_at < digest->since)
		return;
	digest->checked++;
	if (record->last_checked_at > digest->last_check_at)
		digest->last_check_at = record->last_checked_at;
	note_first(digest, record->last_checked_at);
	note_first(digest, span->first_at);
	if (span->first_at >= digest->since) {
		if (record->checks > span->checks &&
			store_walk_spans(changes->wish->beside, link->link_id, note_span,
				digest, changes->error) < 0)
			changes->failed = true;
		return;
	}
	if (span->checks < 2)
		return;
	time_ms interval_ms = (span->last_at - span->first_at) / (span->checks - 1);
	if (changes->often_checked_id == 0 || interval_ms < changes->often_interval_ms) {
		changes->often_checked_id = link->link_id;
		changes->often_interval_ms = interval_ms;
	}
}

/* Newest first. */
static bool note_check(const struct store_check *check, void *data)
{
	struct digest *digest = data;
	note_first(digest, check->at);
	return check->at >= digest->since;
}

int changes_end_window(struct changes *changes, const struct store_statistics *statistics)
{
	struct digest *digest = changes->digest;
	bool all_logged = changes->wish->list.len == 0 && statistics->checks > 0 &&
			  (uint64_t)statistics->checks == changes->checks_ever &&
			  statistics->oldest_check_at >= digest->since;
	digest->checks = digest->checked == 0 ? 0 : -1;
	if (digest->since <= 0)
		digest->checks = (int64_t)changes->checks_ever;
	else if (all_logged)
		digest->checks = statistics->checks;
	if (changes->often_checked_id == 0)
		return 0;
	const struct store_check_wish wish = { .link_id = changes->often_checked_id };
	return store_walk_checks(
		changes->wish->store, &wish, note_check, digest, changes->error);
}
