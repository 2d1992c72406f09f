/* probe/probe: what the files of a probe's life share.
 *
 * admission.c takes it from the line to its host's turn (name, addresses, robots.txt,
 * pace), attempt.c asks and decides what comes next (address, retry, redirect), head.c
 * and host.c keep what the host taught (HEAD or GET, trouble) and let others wait for it,
 * probe.c knows the stages and ends it. Each function below may end the probe: nothing
 * may touch it after a call that can.
 */
#pragma once

#include "probe/prober_internal.h"

void probe_set_stage(struct probe *probe, enum probe_stage stage, time_us now);
void probe_count_active(struct probe *probe, time_us now);

/* Milliseconds, at most INT32_MAX. */
int32_t probe_clamp_ms(time_us us);

/* The chain exists from the first turn or failure on; before, a waiting probe is only its
 * text. Afterwards it is as it was when it was left. -1: no memory. */
int probe_open_chain(struct probe *probe);

/* Whether a question of our own about the origin that the probe has come to goes without
 * the user's headers, as the probe's own request there will: a redirect may lead
 * anywhere.
 */
bool probe_hides_own_headers(const struct probe *probe);

/* `url` is the chain's next hop, asked as this probe is to ask. -1: no memory. */
int probe_enter(struct probe *probe, const struct url *url);

/* Gives the chain back for a wait, where its tries are all it knows: a hundred thousand
 * links that rest before a retry would hold 3 KiB each. */
void probe_leave_chain(struct probe *probe);

/* Calls on_done and frees. `why` is constant or lives as long as the probe. */
void probe_end(struct probe *probe, enum reason failure, const char *why);
void probe_end_without_memory(struct probe *probe);
void probe_end_unasked(struct probe *probe, enum reason failure, const char *why);
void probe_end_forbidden(struct probe *probe, const struct dns_answer *answer,
	const struct target *target);

/* Everybody in the line of a host that wants to be left alone for long goes home. */
void probe_send_away(struct prober *prober, struct slice key);
void probe_end_sent_away(struct probe *probe);
bool probe_is_sent_away(const struct prober *prober, struct slice key, time_us now);

/* Its neighbours failed in a row; it would do the same. */
void probe_end_at_closed(struct probe *probe, const struct site *site);

/* True: *ret_answer is there. False: probe_looked_up is called when it is. */
bool probe_find_addresses(struct probe *probe, struct target target, time_us now,
	struct dns_answer *ret_answer);
void probe_ask(struct probe *probe, const struct dns_answer *answer, time_us now);

/* It came to an end, good or bad: again, on to the next hop, or the end. */
void probe_attempt_over(
	struct probe *probe, enum reason failure, const char *why, time_us now);
