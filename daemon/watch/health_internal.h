/* watch/health_internal: what one check weighs, and the count of strikes. */
#pragma once

#include "watch/health.h"

/* What a check says of a link; the columns of the table in health.c. */
enum health_word { WORD_GOOD, WORD_BAD, WORD_GATED, WORD_SKIPPED, WORD_NOTHING };

enum health_word health_word_of(const struct check_facts *facts);

/* Counts a bad check; false when it is no strike. */
bool health_strike(struct link_record *record, const struct check_facts *facts,
	const struct health_limits *limits);

void health_clear_strikes(struct link_record *record);

/* Whether the strike just counted is the last one that was needed. */
bool health_is_confirmed(const struct link_record *record,
	const struct check_facts *facts, const struct health_limits *limits);

/* Marks the check in the map of recent ones, and says what that makes of the link. The
 * state must have moved already; `held_since` is when the one before began. */
void health_note_recent(struct link_record *record, bool good, time_ms at,
	time_ms held_since, const struct health_limits *limits,
	struct health_change *change);
