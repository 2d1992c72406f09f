/* policy/verdict, inside: the sentences that go with a verdict.
 *
 * One plain English sentence each, for a person who reads a report and does not know
 * HTTP. Parts that come from outside are cut to a decent length but not cleaned. An
 * exhausted arena gives the empty slice.
 */
#pragma once

#include "base/arena.h"
#include "model/observation.h"

/* "No such host: example.invalid." with the probe's detail in brackets where it adds
 * anything. */
struct slice verdict_failure_text(struct arena *arena,
	const struct observation *observation, enum reason reason, struct slice host);

/* "The server answered 404 Not Found." */
struct slice verdict_status_text(
	struct arena *arena, const struct observation *observation);

/* "Answered over IPv4; over IPv6 the connection timed out."; empty where the other
 * family was not needed. */
struct slice verdict_family_text(
	struct arena *arena, const struct observation *observation);

/* "Not Found"; empty for codes without a name. */
const char *verdict_status_phrase(int status);

/* What the probe adds, without its full stop. */
struct slice verdict_detail(const struct observation *observation);

/* At most `bytes_max` bytes, cut between characters. */
struct slice verdict_cut(struct slice text, size_t bytes_max);
