/* model/outcome: the words for what one check found.
 *
 * The names are the public contract (interfaces, section 1): they are printed, stored and
 * queried. To add a reason, add one row; the compiler names every switch that must learn
 * it. An outcome is a value: a failed check is data, never an error.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/time.h"

/* In the order of a report: what must be acted on comes first. */
#define OUTCOMES(X)                                                                      \
	X(BROKEN, "broken")                                                              \
	X(UNREACHABLE, "unreachable")                                                    \
	X(MOVED, "moved")                                                                \
	X(GATED, "gated")                                                                \
	X(SKIPPED, "skipped")                                                            \
	X(OK, "ok")

/* name, text, the outcome it means */
#define REASONS(X)                                                                       \
	X(OK, "ok", OK)                                                                  \
	X(REDIRECT_PERMANENT, "redirect_permanent", MOVED)                               \
	X(REDIRECT_TEMPORARY, "redirect_temporary", OK)                                  \
	X(HTTP_404, "http_404", BROKEN)                                                  \
	X(HTTP_410, "http_410", BROKEN)                                                  \
	X(HTTP_4XX, "http_4xx", BROKEN)                                                  \
	X(HTTP_5XX, "http_5xx", UNREACHABLE)                                             \
	X(HTTP_OTHER, "http_other", UNREACHABLE)                                         \
	X(HTTP_MALFORMED, "http_malformed", UNREACHABLE)                                 \
	X(BODY_TOO_LARGE, "body_too_large", OK)                                          \
	X(SOFT_404, "soft_404", BROKEN)                                                  \
	X(PARKED_DOMAIN, "parked_domain", BROKEN)                                        \
	X(DNS_NXDOMAIN, "dns_nxdomain", BROKEN)                                          \
	X(DNS_NO_ADDRESS, "dns_no_address", BROKEN)                                      \
	X(DNS_SERVFAIL, "dns_servfail", UNREACHABLE)                                     \
	X(DNS_TIMEOUT, "dns_timeout", UNREACHABLE)                                       \
	X(CONNECT_REFUSED, "connect_refused", UNREACHABLE)                               \
	X(CONNECT_TIMEOUT, "connect_timeout", UNREACHABLE)                               \
	X(CONNECT_RESET, "connect_reset", UNREACHABLE)                                   \
	X(NETWORK_UNREACHABLE, "network_unreachable", UNREACHABLE)                       \
	X(TIMEOUT, "timeout", UNREACHABLE)                                               \
	X(TLS_EXPIRED, "tls_expired", BROKEN)                                            \
	X(TLS_NOT_YET_VALID, "tls_not_yet_valid", BROKEN)                                \
	X(TLS_SELF_SIGNED, "tls_self_signed", BROKEN)                                    \
	X(TLS_UNTRUSTED, "tls_untrusted", BROKEN)                                        \
	X(TLS_HOSTNAME, "tls_hostname", BROKEN)                                          \
	X(TLS_HANDSHAKE, "tls_handshake", BROKEN)                                        \
	X(REDIRECT_LOOP, "redirect_loop", BROKEN)                                        \
	X(REDIRECT_LIMIT, "redirect_limit", BROKEN)                                      \
	X(REDIRECT_FORBIDDEN, "redirect_forbidden", BROKEN)                              \
	X(AUTH_REQUIRED, "auth_required", GATED)                                         \
	X(FORBIDDEN, "forbidden", GATED)                                                 \
	X(RATE_LIMITED, "rate_limited", GATED)                                           \
	X(CHALLENGE, "challenge", GATED)                                                 \
	X(LEGAL_BLOCK, "legal_block", GATED)                                             \
	X(REFUSED_OTHER, "refused_other", GATED)                                         \
	X(BAD_URL, "bad_url", BROKEN)                                                    \
	X(MISSING_SCHEME, "missing_scheme", BROKEN)                                      \
	X(MISSING_ANCHOR, "missing_anchor", BROKEN)                                      \
	X(MISSING_FILE, "missing_file", BROKEN)                                          \
	X(REGISTRY_MISSING, "registry_missing", BROKEN)                                  \
	X(EXCLUDED, "excluded", SKIPPED)                                                 \
	X(UNSUPPORTED_SCHEME, "unsupported_scheme", SKIPPED)                             \
	X(ROBOTS_DISALLOWED, "robots_disallowed", SKIPPED)                               \
	X(ADDRESS_FORBIDDEN, "address_forbidden", SKIPPED)                               \
	X(OFFLINE, "offline", SKIPPED)

#define NOTES(X)                                                                         \
	X(TITLE_MISMATCH, "title_mismatch")                                              \
	X(RETITLED, "retitled")                                                          \
	X(WITHDRAWN, "withdrawn")                                                        \
	X(RETRACTED, "retracted")                                                        \
	X(SUPERSEDED, "superseded")                                                      \
	X(REPOSITORY_ARCHIVED, "repository_archived")                                    \
	X(USURPED, "usurped")                                                            \
	X(CONTENT_CHANGED, "content_changed")                                            \
	X(CERTIFICATE_EXPIRES_SOON, "certificate_expires_soon")                          \
	X(SUNSET_ANNOUNCED, "sunset_announced")                                          \
	X(HTTPS_AVAILABLE, "https_available")                                            \
	X(ARCHIVED_COPY_AVAILABLE, "archived_copy_available")                            \
	X(DUPLICATE, "duplicate")                                                        \
	X(TWO_LABELS, "two_labels")

#define OUTCOME_ENUM(name, text)       OUTCOME_##name,
#define REASON_ENUM(name, text, means) REASON_##name,
#define NOTE_ENUM(name, text)          NOTE_##name,
enum outcome { OUTCOMES(OUTCOME_ENUM) };
enum reason { REASONS(REASON_ENUM) };
enum note { NOTES(NOTE_ENUM) };
#undef OUTCOME_ENUM
#undef REASON_ENUM
#undef NOTE_ENUM

#define OUTCOME_ONE(name, text)       +1
#define REASON_ONE(name, text, means) +1
#define NOTE_ONE(name, text)          +1
enum {
	OUTCOME_COUNT = OUTCOMES(OUTCOME_ONE),
	REASON_COUNT = REASONS(REASON_ONE),
	NOTE_COUNT = NOTES(NOTE_ONE),
};
#undef OUTCOME_ONE
#undef REASON_ONE
#undef NOTE_ONE

const char *outcome_text(enum outcome outcome);
const char *reason_text(enum reason reason);
const char *note_text(enum note note);

/* The outcome a reason stands for. One exception is made by the verdict: a redirect that
 * is permanent but not worth a rewrite is `ok` with reason redirect_permanent. */
enum outcome reason_outcome(enum reason reason);

/* False for an unknown word. */
bool outcome_parse(struct slice text, enum outcome *ret_outcome);

/* A set of notes. */
typedef uint32_t note_set;
_Static_assert(NOTE_COUNT <= 32, "note_set is a mask of 32 bits");
#define NOTE_BIT(note) (UINT32_C(1) << (note))

/* What to write instead, and why a person should believe it. */
struct suggestion {
	struct slice url; /* empty: none */
	struct slice why;
};

/* What the verdict says of one check. Slices belong to the arena it was given. */
struct verdict {
	enum outcome outcome;
	enum reason reason;
	note_set notes;
	time_ms sunset_at; /* of NOTE_SUNSET_ANNOUNCED; else 0 */
	/* GitHub's numbers of what the link names there, and of its owner; 0: not known.
	 */
	uint64_t repository_id, owner_id;
	/* Alive so far, but nothing on the page speaks for it: the answer of a made-up
	 * address beside it would tell (verdict/soft_404.h). */
	bool unproven;
	struct suggestion suggestion;
	struct slice
		error; /* one sentence for a person; empty when there is nothing to add */
};
