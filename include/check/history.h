/* check/history: what `check --database` remembers.
 *
 * The same store as the daemon's, for one run: the documents that were read become the
 * sources of the list HISTORY_LIST, each link's result becomes one check of it, and
 * health makes a new record of the old one. What the daemon does link by link is done
 * here for all of them at the end, because only then a run knows whether it was itself
 * the cause (monitor_doubt.c).
 *
 * Other lists in the database are left as they are. Documents of earlier runs stay on the
 * list, but for those that an input of this run covers and does not hold any more, and
 * those that are not there any more; their links keep their history.
 *
 * All of it is for the loop's thread and waits for the disk: what is put must be durable
 * before it can be read again. A million mentions take seconds.
 */
#pragma once

#include "ask/facts.h"
#include "base/random.h"
#include "settings/options.h"
#include "store/links.h"
#include "store/writer.h"
#include "watch/schedule.h"

#define HISTORY_LIST "check"

/* What this run knows of a link beside its result. */
struct history_link {
	struct sighting sighting;
	bool confirms; /* its next check should be by a second method */
	bool over;     /* it has its last result, not one that a question may change */
};

struct history_document;

struct history {
	const char *path;         /* of the database; borrowed */
	struct link_table *table; /* borrowed */
	struct arena arena;
	struct store *store; /* to read; NULL: not open */
	struct store_writer *writer;
	struct history_document *documents; /* by name */
	struct history_link *links;         /* by number of the link; NULL: not begun */
	struct link_record *records;        /* likewise; after history_record */
	struct health_limits health;
	struct schedule_limits schedule;
	struct random random;
	uint32_t own_bit; /* that of HISTORY_LIST among a link's list_bits */
	uv_mutex_t mutex; /* of `committed`, which the writer's thread sets */
	uv_cond_t moved;
	uint64_t committed;
	bool failed; /* no memory for something that should be remembered */
};

void history_init(struct history *history, const char *path, struct link_table *table);

/* Opens the database and keeps others from writing to it. -1 with an error: it is held by
 * a daemon, damaged, not to be written. */
int history_open(struct history *history, struct error *error);

/* A document was read, or could not be. */
void history_note_document(struct history *history, struct slice name, uint64_t hash);
void history_note_unreadable(
	struct history *history, struct slice name, const struct error *why);

/* All documents are there and nobody has been asked: they go into the store, and what is
 * known of their links comes back. `inputs` are as the user named them. */
int history_begin(
	struct history *history, const struct texts *inputs, struct error *error);

/* For the conductor, after history_begin. */
bool history_wants_second_method(const struct history *history, const struct link *link);
void history_note_seen(struct history *history, const struct request *request,
	const struct observation *seen);
void history_note_result(struct history *history, const struct link *link);

/* Puts the results into the store and sets each link's state to what follows. Results
 * that say nothing of the link, because we were offline, leave it as it was. -1 with an
 * error: not everything was recorded. */
int history_record(struct history *history, struct error *error);

/* Ends the writer. -1 with an error: something could not be written. Harmless when
 * nothing is open. */
int history_close(struct history *history, struct error *error);
void history_fini(struct history *history);

/* --- for its own files --- */

/* Waits until this item is durable. -1 with an error: the disk refuses it. */
int history_wait(struct history *history, uint64_t item, struct error *error);

/* The writer takes no more just now: waits until it has moved on. */
int history_wait_for_room(struct history *history, struct error *error);

/* history_sources.c: the list and its documents into the store. */
int history_put_sources(
	struct history *history, const struct texts *inputs, struct error *error);
void history_free_documents(struct history *history);
