/* site/metrics: what Prometheus is told (text format 0.0.4).
 *
 * Pure: a struct of numbers in, bytes out. Names of blackbox_exporter where it has a name
 * for the same thing (probe_success, probe_duration_seconds,
 * probe_http_duration_seconds, probe_ssl_earliest_cert_expiry), by list; our own else.
 * There is no series a link, a host or a URL: how many series there are is bounded by the
 * lists (METRICS_LISTS_MAX) and the words of model/. probe_http_status_code would need
 * one a link, and so is not here; statuses are counted by class.
 *
 * Nothing has to be known: metrics_init sets every number to METRICS_UNKNOWN, and what
 * the caller leaves so is left out, name and all. Label values are escaped in one place.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "base/time.h"
#include "format/standing.h"
#include "model/outcome.h"

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

#define METRICS_UNKNOWN INT64_C(-1)

enum {
	METRICS_LISTS_MAX = 1000, /* with series of their own; the rest is only counted */
	METRICS_NAME_BYTES = 128, /* of a list's name as a label */
	METRICS_BUCKETS = 12,     /* of a histogram, +Inf not counted */
	METRICS_CLASSES = 5,      /* of HTTP statuses: 1xx to 5xx */
};

/* field, name, label (or ""), type, unit of the field, help. Rows of one name stand
 * together, and only the first has a help text. Fields are counts, bytes, milliseconds
 * (MS) or microseconds (US); times are wall (MS). */
#define METRICS_NUMBERS(X)                                                               \
	X(started_at, "process_start_time_seconds", "", GAUGE, MS,                       \
		"When the daemon was started, in seconds since 1970.")                   \
	X(resident_bytes, "process_resident_memory_bytes", "", GAUGE, ONE,               \
		"Resident memory.")                                                      \
	X(cpu_us, "process_cpu_seconds_total", "", COUNTER, US,                          \
		"Processor time used, user and system.")                                 \
	X(open_fds, "process_open_fds", "", GAUGE, ONE, "Open file descriptors.")        \
	X(max_fds, "process_max_fds", "", GAUGE, ONE,                                    \
		"How many file descriptors may be open.")                                \
	X(last_check_at, "linkrotd_last_check_timestamp_seconds", "", GAUGE, MS,         \
		"When the last check of any link ended.")                                \
	X(requests, "linkrotd_requests_total", "", COUNTER, ONE,                         \
		"HTTP requests sent: redirects, retries and questions to registries "    \
		"included.")                                                             \
	X(asked_again, "linkrotd_checks_discarded_total", "", COUNTER, ONE,              \
		"Checks thrown away because this machine may have been at fault.")       \
	X(missed, "linkrotd_checks_missed_total", "", COUNTER, ONE,                      \
		"Whole intervals that went by without a check.")                         \
	X(running, "linkrotd_checks_running", "", GAUGE, ONE, "Checks under way.")       \
	X(waiting, "linkrotd_checks_waiting", "", GAUGE, ONE,                            \
		"Checks under way that wait for a name, a retry or their host's turn.")  \
	X(held, "linkrotd_checks_held", "", GAUGE, ONE,                                  \
		"Results that wait until somebody vouches for this machine.")            \
	X(scheduled, "linkrotd_scheduled_links", "", GAUGE, ONE,                         \
		"Links that wait for their time.")                                       \
	X(overdue, "linkrotd_overdue_links", "", GAUGE, ONE,                             \
		"Links whose time has come and that are not being asked yet.")           \
	X(lag_ms, "linkrotd_scheduler_lag_seconds", "", GAUGE, MS,                       \
		"How late the link was that was asked last.")                            \
	X(loop_lag_us, "linkrotd_loop_lag_seconds", "", GAUGE, US,                       \
		"How late the loop's last timer was.")                                   \
	X(doubt_fine, "linkrotd_doubt_state", "state=\"fine\"", GAUGE, ONE,              \
		"Whether this machine believes its own network: 1 at the state that "    \
		"holds.")                                                                \
	X(doubt_settling, "linkrotd_doubt_state", "state=\"settling\"", GAUGE, ONE, "")  \
	X(doubt_doubting, "linkrotd_doubt_state", "state=\"in_doubt\"", GAUGE, ONE, "")  \
	X(doubts, "linkrotd_doubts_total", "", COUNTER, ONE,                             \
		"How often this machine was in doubt.")                                  \
	X(hosts_paused, "linkrotd_hosts_paused", "", GAUGE, ONE,                         \
		"Hosts that are left alone for now by their own wish, and origins "      \
		"that are after failures.")                                              \
	X(names_asked, "linkrotd_resolver_queries_total", "", COUNTER, ONE,              \
		"Names asked of the resolver.")                                          \
	X(names_answered, "linkrotd_resolver_replies_total", "", COUNTER, ONE,           \
		"Of them, those about which any reply came.")                            \
	X(writer_queue, "linkrotd_writer_queue_items", "", GAUGE, ONE,                   \
		"Results that wait for the database.")                                   \
	X(writer_items, "linkrotd_writer_items_total", "", COUNTER, ONE,                 \
		"Items written into the database.")                                      \
	X(writer_commits, "linkrotd_writer_commit_seconds_count", "", SUMMARY, ONE,      \
		"Transactions of the writer, and the time they took.")                   \
	X(writer_commit_us, "linkrotd_writer_commit_seconds_sum", "", SUMMARY, US, "")   \
	X(writer_last_us, "linkrotd_writer_last_commit_seconds", "", GAUGE, US,          \
		"How long the last transaction took.")                                   \
	X(writer_bytes, "linkrotd_writer_queue_bytes", "", GAUGE, ONE,                   \
		"Memory of the results that wait for the database.")                     \
	X(writer_failing, "linkrotd_writer_failed_tries", "", GAUGE, ONE,                \
		"How often the transaction at hand has failed; 0 when all is well.")     \
	X(database_bytes, "linkrotd_database_bytes", "", GAUGE, ONE,                     \
		"Size of the database's file.")                                          \
	X(log_bytes, "linkrotd_database_log_bytes", "", GAUGE, ONE,                      \
		"Size of the database's write-ahead log.")                               \
	X(outbox_waiting, "linkrotd_outbox_messages", "", GAUGE, ONE,                    \
		"Messages that wait to be sent.")                                        \
	X(outbox_oldest_ms, "linkrotd_outbox_oldest_seconds", "", GAUGE, MS,             \
		"Age of the oldest message that waits.")                                 \
	X(messages_sent, "linkrotd_messages_total", "result=\"sent\"", COUNTER, ONE,     \
		"Tries to send a message, by what came of it.")                          \
	X(messages_failed, "linkrotd_messages_total", "result=\"failed\"", COUNTER, ONE, \
		"")                                                                      \
	X(http_refused, "linkrotd_http_refused_total", "", COUNTER, ONE,                 \
		"Connections and requests the server refused before reading them.")      \
	X(http_cut, "linkrotd_http_cut_total", "", COUNTER, ONE,                         \
		"Answers that were not taken to their end.")                             \
	X(http_connections, "linkrotd_http_connections", "", GAUGE, ONE,                 \
		"Open connections of the server.")                                       \
	X(http_bytes, "linkrotd_http_response_bytes_total", "", COUNTER, ONE,            \
		"Bytes of bodies the server has sent.")                                  \
	X(http_count, "linkrotd_http_request_seconds_count", "", SUMMARY, ONE,           \
		"Requests the server has answered, and the time they took.")             \
	X(http_us, "linkrotd_http_request_seconds_sum", "", SUMMARY, US, "")             \
	X(lists_configured, "linkrotd_lists", "", GAUGE, ONE,                            \
		"How many lists there are.")                                             \
	X(sources, "linkrotd_sources", "", GAUGE, ONE,                                   \
		"How many sources all lists have.")                                      \
	X(sources_failing, "linkrotd_sources_failing", "", GAUGE, ONE,                   \
		"Sources that cannot be read.")                                          \
	X(incidents, "linkrotd_incidents", "", GAUGE, ONE,                               \
		"Causes that hold several links and are not over.")                      \
	X(reload_failed, "linkrotd_config_reload_failed", "", GAUGE, ONE,                \
		"1 while the last reload of the configuration was refused.")             \
	X(flapping, "linkrotd_flapping_links", "", GAUGE, ONE, "Links that come and go.")

/* Phases of a request, as blackbox_exporter names them. TRANSFER is what was left of the
 * check: the body, retries and redirects. */
#define METRICS_PHASES(X)                                                                \
	X(RESOLVE, "resolve")                                                            \
	X(CONNECT, "connect")                                                            \
	X(TLS, "tls")                                                                    \
	X(PROCESSING, "processing")                                                      \
	X(TRANSFER, "transfer")

#define METRICS_PHASE_ENUM(name, text) METRICS_##name,
enum metrics_phase { METRICS_PHASES(METRICS_PHASE_ENUM) };
#undef METRICS_PHASE_ENUM

#define METRICS_PHASE_ONE(name, text) +1
enum { METRICS_PHASE_COUNT = METRICS_PHASES(METRICS_PHASE_ONE) };
#undef METRICS_PHASE_ONE

/* Kept by whoever makes checks: zero it, and add to it. */
struct metrics_histogram {
	uint64_t buckets[METRICS_BUCKETS + 1]; /* not cumulated; the last is +Inf */
	uint64_t sum_ms;
};

/* Bounds from 5 ms to 30 s. Below 0 (the phase did not happen) is not counted. */
void metrics_observe(struct metrics_histogram *histogram, int32_t ms);

struct metrics_list {
	struct slice name; /* differs from all others in its first METRICS_NAME_BYTES */
	uint32_t by_state[STANDING_STATE_COUNT];
	uint32_t dead;             /* confirmed, as its badge counts them */
	time_ms measured_at;       /* of its newest check; 0: never */
	int64_t duration_ms;       /* mean of its checks lately; METRICS_UNKNOWN */
	time_ms certificate_until; /* the soonest end of one; 0: not known */
	bool stale;                /* as its badge says */
};

struct metrics {
	const char *version;                    /* "0.1.0" */
	int64_t checks[OUTCOME_COUNT];          /* recorded since the start */
	int64_t responses[METRICS_CLASSES];     /* of other servers: 1xx first */
	int64_t http_answers[METRICS_CLASSES];  /* of our server, likewise */
	int64_t links[STANDING_STATE_COUNT];    /* each link once */
	const struct metrics_histogram *phases; /* METRICS_PHASE_COUNT; NULL: not known */
	const struct metrics_histogram *durations; /* of whole checks; NULL: not known */
	const struct metrics_list *lists;          /* in configured order */
	uint32_t list_count;                       /* may be above METRICS_LISTS_MAX */
#define METRICS_FIELD(field, name, label, type, unit, help) int64_t field;
	METRICS_NUMBERS(METRICS_FIELD)
#undef METRICS_FIELD
};

/* All unknown, no lists. */
void metrics_init(struct metrics *metrics);

/* Appends everything; a failure is in the buffer. 1,000 lists are about 700 KB. */
void metrics_write(const struct metrics *metrics, struct buffer *out);
