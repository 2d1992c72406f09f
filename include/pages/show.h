/* pages/show: what the server's addresses answer (interfaces, section 5).
 *
 * Between the HTTP server (serve/), which knows nothing of links, and the pages (site/,
 * digest/), which know nothing of addresses. It reads the database with a handle of its
 * own, and has the ledger that somebody hands it now and then; show_answer is given to
 * serve_start and runs on the server's thread. All others may be called from the loop's
 * thread meanwhile.
 *
 * Nothing here waits for the loop: what only the daemon knows is put into show_set_live
 * by the loop, and what somebody wants of it is handed over by a function that must not
 * block.
 */
#pragma once

#include "pages/pages.h"
#include "serve/serve.h"
#include "site/api.h"
#include "site/metrics.h"
#include "store/lists.h"

enum {
	SHOW_PARTS = 3,     /* of /healthz: loop, writer, scheduler */
	SHOW_LINES_MAX = 8, /* sentences of trouble */
	SHOW_LINE_SIZE = 512,
	SHOW_TOKEN_BYTES_MAX = 1024,
};

/* The paths that take POST, for serve_options. */
extern const char *const show_post_paths[];

enum show_recheck { SHOW_RECHECK_URL, SHOW_RECHECK_LIST, SHOW_RECHECK_STATE };

struct show_options {
	const char *database;
	/* Asked for with the token: a URL, the name of a list, a state. Must not block;
	 * false: too much is waiting already. NULL: nobody can be asked (503). */
	bool (*recheck)(void *context, enum show_recheck what, struct slice text);
	void *context;
};

struct show;

/* NULL with an error: the database cannot be read, or no memory. */
struct show *show_open(const struct show_options *options, struct error *error);
void show_close(struct show *show); /* after serve_stop; NULL is allowed */

/* What the configuration says, copied; also at a reload. Before the first one nothing is
 * answered. `token` empty: nobody may ask for a recheck; at most
 * SHOW_TOKEN_BYTES_MAX. -1: no memory. */
int show_set_settings(
	struct show *show, const struct pages_settings *settings, struct slice token);

/* Takes the hold over. Before the first one pages answer 503, and badges "unknown", which
 * is not to be kept; so do those of a list in the settings that the ledger lacks. */
void show_set_ledger(struct show *show, struct ledger *ledger);

/* Whether somebody has asked for what is made from the ledger, since the last
 * show_forget_asked. */
bool show_is_asked(const struct show *show);
void show_forget_asked(struct show *show);

/* How long a check of one list took lately. By the hash of its name, because the ledger
 * that is shown may be older than the configuration. */
struct show_mean {
	uint64_t list_hash;
	int64_t duration_ms;
};
uint64_t show_list_hash(struct slice name);

/* What the daemon knows of itself. */
struct show_live {
	struct metrics metrics; /* without lists and links, which the ledger knows; its
				 * histograms are copied */
	struct api_part parts[SHOW_PARTS]; /* as of now; they age by themselves */
	char lines[SHOW_LINES_MAX][SHOW_LINE_SIZE];
	uint32_t line_count;
	struct show_mean means[STORE_LIST_BITS];
	uint32_t mean_count;
	time_ms told_at; /* monotonic; set by show_set_live */
};
void show_set_live(struct show *show, const struct show_live *live);

/* Counts of the server itself, for /metrics; NULL: none. `show` NULL is allowed. */
void show_set_server(struct show *show, const struct serve *serve);

/* A serve_answer_fn; `context` is the show. */
void show_answer(
	void *context, const struct serve_request *request, struct serve_answer *answer);

/* A serve_refuse_fn; likewise. */
void show_refuse(void *context, const struct serve_request *request, const char *sentence,
	struct serve_answer *answer);
