/* ask/asker: one request and everything that follows from its answer.
 *
 * Given the links that share a request, it asks the network (probe/), judges each link
 * (verdict/), and asks on where the answer calls for it: an authority, a made-up address
 * beside the page, an archive (inquiries.c, siblings.c). Then the request is over, and
 * its owner is told. `check` gives it everything at once (monitor.c), `run` what is due
 * (watchman.c); what either does with a result is none of its business.
 *
 * One asker, one loop, one thread.
 */
#pragma once

#include <uv.h>

#include "ask/siblings.h"
#include "base/error.h"
#include "model/link.h"
#include "probe/prober.h"
#include "settings/settings.h"

/* A link that waits for the answer to a request. */
struct waiting {
	struct link *link;
	struct waiting *next;
};

/* One request that any number of links share: those that differ only in the fragment. Its
 * owner keeps it and its arena alive until on_done. */
struct request {
	struct asker *asker;
	struct arena *arena; /* of the results, and of what is asked on the way to them */
	struct slice key;
	struct waiting *first, *last;
	bool want_anchors;
	bool second_method; /* its word is to confirm; see probe/prober.h */
	/* Validators of the page that was seen last: 304 then says that it is as good as
	 * it was. The owner's, until on_done. */
	const struct header *validators;
	uint32_t validator_count;
	bool not_modified; /* that was the answer */
	/* Of what was seen first, while it lives: before anything more is asked. NULL:
	 * nobody needs it. */
	void (*on_seen)(struct request *request, const struct observation *seen);
	/* Every link has its result; the owner may free the request. */
	void (*on_done)(struct request *request);
	void *data; /* the owner's */

	/* The asker's own. */
	bool asked_github, asked_archive; /* further questions that are done */
	struct sibling_asker sibling;
	UT_hash_handle hh; /* of the owner's table */
};

struct asker {
	const struct settings *settings; /* borrowed */
	bool suggest;                    /* look for archived copies */
	struct prober *prober;           /* NULL once closed */
	struct siblings siblings;
	struct fetch *fetches; /* under way */
	uint32_t open;         /* requests, questions and fetches that have not ended */
	bool failed; /* this machine's own trouble: something was not asked for */
	void *data;
	void (*on_idle)(void *data); /* nothing is under way any more; may be NULL */
};

/* -1 with an error; asker_close is then not needed. */
int asker_open(struct asker *asker, uv_loop_t *loop, const struct settings *settings,
	struct error *error);

/* --polite: well-known hosts are asked as slowly as they wish (policy/wishes.h). */
void asker_be_polite(struct asker *asker);

/* Puts a link in line with its request. -1: no memory in the request's arena. */
int request_add(struct request *request, struct link *link);

/* Begins. -1: no memory, and on_done is not called. */
int asker_ask(struct asker *asker, struct request *request);

/* What came of a source that had to be fetched. Slices live during the call. */
struct fetched {
	struct slice url; /* where it was found in the end */
	struct slice content_type, etag, last_modified;
	const struct slice *body; /* NULL: see the next two */
	bool not_modified;        /* 304: it is what the validators stand for */
	const char *error;        /* why it could not be had, without the URL */
};

/* With which the web is asked whether something has changed. Returns how many headers
 * were filled in; the slices are borrowed. Validators come from servers: what is not
 * plain ASCII is not sent back. */
uint32_t asker_validators(
	struct slice etag, struct slice last_modified, struct header headers[static 2]);

/* on_read is called once, later. `validators` of the last time (If-None-Match ...) may be
 * none, and are the caller's until then. */
typedef void asker_source_fn(void *data, const struct fetched *fetched);
int asker_fetch(struct asker *asker, const char *url, const struct header *validators,
	uint32_t validator_count, asker_source_fn *on_read, void *data);

/* Ends what runs: nobody is told anything more. on_closed may be NULL. Run the loop to
 * its end, then asker_fini. */
void asker_close(struct asker *asker, void (*on_closed)(void *data), void *data);
void asker_fini(struct asker *asker);

/* --- for the asker's own files --- */

/* A further question of our own. False: it cannot be asked. */
bool asker_ask_on(struct asker *asker, struct probe_request *question, void *data,
	void (*on_done)(struct probe *, const struct observation *, void *));

/* The answer to a question has been dealt with, and what follows from it has begun. */
void asker_end_one(struct asker *asker);

/* Asks what is still to be asked about a request that has its answer; called again after
 * each answer. When nothing is left the request is over, and gone. */
void inquire(struct request *about);
