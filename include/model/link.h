/* model/link: one canonical URL, and every place that mentions it.
 *
 * A link table collects the mentions of a run: it owns the links, their occurrences and
 * all their text in one arena, keeps the order of first occurrence, and gives each link a
 * request key, because links that differ only in the fragment share one request.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/slice.h"
#include "base/table.h"
#include "base/time.h"
#include "model/observation.h"
#include "model/outcome.h"
#include "model/state.h"

#define LINK_KINDS(X)                                                                    \
	X(HTTP, "http")                                                                  \
	X(ANCHOR, "anchor")                                                              \
	X(FILE, "file")                                                                  \
	X(MAIL, "mail")                                                                  \
	X(OTHER, "other")

#define LINK_KIND_ENUM(name, text) LINK_##name,
enum link_kind { LINK_KINDS(LINK_KIND_ENUM) };
#undef LINK_KIND_ENUM

const char *link_kind_text(enum link_kind kind);

/* One place where the URL is written. */
struct occurrence {
	struct occurrence *next;
	struct slice source;
	uint32_t line, column; /* from 1; columns count bytes */
	/* The same column in code points, and how many the URL takes on this line as it
	 * is written; both 0: not known. Kept in memory for a run, and in no store. */
	uint32_t character, characters;
	struct slice text, context, expected_title;
	bool title_is_loose; /* extract/extract.h; it speaks against no page */
};

struct redirect {
	int status;
	struct slice url;
};

/* The last check of a link, as reports show it. */
struct check_result {
	bool done; /* false: the run ended before its turn */
	struct verdict verdict;
	enum state state;
	int http_status;
	enum method method;
	bool asked; /* a request was made; otherwise the network fields mean nothing */
	struct slice final_url;
	const struct redirect *redirects;
	uint32_t redirect_count;
	struct slice title;
	int32_t elapsed_ms;
	struct timing timing;
	struct certificate certificate;
	time_ms checked_at;
};

struct link {
	enum link_kind kind;
	struct slice
		url; /* canonical with fragment; or as written, for what is not http */
	struct slice
		request_url; /* http: the first spelling, without fragment and userinfo */
	struct slice request_key; /* http: the canonical form of that */
	struct slice fragment;    /* http: without the hash; the target for an anchor */
	struct suggestion guess; /* http: what may have been meant, should it be broken */
	struct slice source;     /* the owner of an anchor or file link; else empty */
	struct slice expected_title; /* the first one that any occurrence gives */
	struct occurrence *first, *last;
	uint32_t occurrence_count;
	uint32_t number; /* in its table, from 0, in order of first occurrence */
	struct check_result result;
	struct link *next; /* in order of first occurrence */
	struct slice key;  /* of the table below */
	UT_hash_handle hh;
};

struct link_table {
	struct arena arena;
	struct link *first, *last;
	struct link *by_key;
	struct occurrence *latest;
	struct buffer key; /* of the mention under way */
	uint32_t link_count, occurrence_count;
};

void link_table_init(struct link_table *table, size_t bytes_max);
void link_table_fini(struct link_table *table);

/* What a mention is taken for (model/identity.h fills it). */
struct link_identity {
	enum link_kind kind;
	struct slice url, request_url, request_key, fragment;
	enum reason
		reason; /* REASON_OK: to be checked, unless decided; else the answer */
	bool decided;   /* nothing is left to check: a file that is there */
	struct suggestion suggestion; /* the repaired spelling */
	struct slice why; /* beside the reason, as the error of its verdict; may
			   * be empty */
};

/* Adds one mention; copies everything. Finds the link by kind and url, for anchors and
 * files by source too. NULL: no memory, or the table's ceiling is reached. A link seen
 * for the first time takes over a reason that is already decided. */
struct link *link_table_add(struct link_table *table,
	const struct link_identity *identity, const struct occurrence *occurrence);

/* NULL: no such link in the table, or no memory to look for it. `source` is its owner,
 * for anchors and files. */
struct link *link_table_find(struct link_table *table, enum link_kind kind,
	struct slice url, struct slice source);
