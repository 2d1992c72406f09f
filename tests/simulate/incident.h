/* tests/simulate/incident: many links that are found bad or good, and what is told.
 *
 * Links are named by host and number. Each piece of news is kept until a script expects
 * it: a line that begins with began, grew or ended and goes on with the sentence.
 */
#pragma once

#include "base/buffer.h"
#include "watch/incident.h"

enum { INCIDENT_HOSTS_MAX = 64, NEWS_BYTES_MAX = 1 << 16 };

struct incident_world {
	struct incidents *incidents;
	struct buffer hosts[INCIDENT_HOSTS_MAX]; /* names */
	uint32_t host_count;
	struct buffer news; /* one a line */
	size_t news_read;   /* so much of it was expected */
};

void incident_world_init(struct incident_world *world);
void incident_world_fini(struct incident_world *world);

/* The sentences of README's fourth part; `script` holds the world. */
struct script;
void do_bad(struct script *script);
void do_good(struct script *script);
void do_removed(struct script *script);
void expect_news(struct script *script);
void expect_silence(struct script *script);
void expect_incident(struct script *script);
void expect_incidents(struct script *script);
