/* pages/show_internal: one answer under way, for the files that make answers.
 */
#pragma once

#include <pthread.h>

#include "pages/show.h"

enum {
	ANSWER_ARENA_BYTES = 64 << 20,
	COPIES_BYTES_MAX = 4 << 20, /* of settings */
};

/* Settings as they were copied; counted, because an answer may still be using them. */
struct copied {
	atomic_uint holders;
	struct arena arena;
	struct pages_settings settings;
	struct slice token;
};

struct show {
	struct show_options options;
	struct store *store;  /* the server's thread alone */
	struct arena answers; /* likewise */
	pthread_mutex_t lock; /* of what follows; held for pointers and copies only */
	struct copied *settings;
	struct ledger *ledger;
	const struct serve *serve;
	struct show_live live;
	struct metrics_histogram phases[METRICS_PHASE_COUNT], durations;
	bool is_live;
	atomic_bool asked; /* for what comes of the ledger */
};

struct answering {
	struct show *show;
	const struct serve_request *request;
	struct serve_answer *answer;
	struct pages pages; /* settings and ledger are held */
	struct copied *settings;
	struct ledger *ledger;
	struct show_live *live; /* a copy in the arena; NULL: not known */
};

time_ms show_monotonic(void);

/* NULL: there are none yet. Releasing NULL is allowed. */
struct copied *show_hold_settings(struct show *show);
void show_release_settings(struct copied *copied);

/* The value of an argument; empty where it was not given. */
struct slice argument_of(const struct answering *answering, const char *name);

/* A list that is configured, but that the ledger does not know yet: after the first start
 * or a reload. */
bool is_list_coming(const struct answering *answering, struct slice name);

/* "/lists/NAME" and the like: the segment as the name of a list. NULL: there is none, and
 * the answer is 404, or 503 where it is coming. */
const struct ledger_list *list_in(struct answering *answering, unsigned segment);

/* Instead of what was asked for, in the form of its address: of 404 and 500 the server
 * says it in its own words. */
void answer_refused(struct answering *answering, int status, const char *sentence);
void answer_list_coming(struct answering *answering);
void answer_missing(struct answering *answering);
void answer_failed(struct answering *answering);

/* --- of the API: JSON, errors included ---------------------------------------------- */

void api_answer_lists(struct answering *answering);
void api_answer_list(struct answering *answering);
void api_answer_links(struct answering *answering);
void api_answer_link(struct answering *answering);
void api_answer_events(struct answering *answering);
void api_answer_recheck(struct answering *answering);
void answer_health(struct answering *answering);
void answer_metrics(struct answering *answering);

/* A status and a sentence, as JSON wherever it is. */
void api_refuse(struct answering *answering, int status, const char *sentence);
