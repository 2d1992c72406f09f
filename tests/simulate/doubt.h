/* tests/simulate/doubt: a machine and its network, as watch/doubt sees them.
 *
 * Sites (a domain and a link each) that do what the script says, or what the network
 * makes of it; a resolver; clocks. The world answers canaries, ticks once a second in
 * `pass`, and remembers what became of each result. A result is bad unless its site
 * answered for itself.
 */
#pragma once

#include "watch/doubt.h"

enum { SITE_NAME_SIZE = 64, RESULTS_MAX = 8192 };

/* What whoever asks comes to see. */
struct manner {
	enum doubt_voice voice; /* SILENT: see `failure` */
	enum reason failure;
	uint64_t page;
	char portal[SITE_NAME_SIZE]; /* FOREIGN */
};

enum fate { FATE_NONE, FATE_RECORDED, FATE_HELD, FATE_AGAIN };

struct site {
	struct site *next;
	char name[SITE_NAME_SIZE];
	int64_t link_id;
	struct manner manner;
	uint64_t ticket; /* of its last check; 0: none yet */
};

struct result {
	enum fate fate;
	bool bad;
};

struct doubt_world {
	struct doubt *doubt; /* made at first use */
	struct site *sites;
	int64_t site_count;
	struct manner network; /* CERTIFIED: there is nothing between us and the sites */
	enum reason resolver;
	time_ms slept_ms;
	struct result results[RESULTS_MAX]; /* by ticket, from 1 */
	uint64_t result_count;
	uint32_t canaries, pings;       /* asked so far */
	uint32_t began, ended, settled; /* changes so far */
	bool doubting;                  /* since the last change */
	struct doubt_status last;       /* the last change */
};

void doubt_world_init(struct doubt_world *world);
void doubt_world_fini(struct doubt_world *world);

/* The sentences of README's third part; `script` holds the world. */
struct script;
void do_site(struct script *script);
void do_sites(struct script *script);
void do_network(struct script *script);
void do_resolver(struct script *script);
void do_ask(struct script *script);
void do_ask_each(struct script *script);
void do_pass(struct script *script);
void do_sleep(struct script *script);
void expect_doubt(struct script *script);
void expect_site(struct script *script);
