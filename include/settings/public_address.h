/* settings/public_address: under which address people see the pages (publish.public_url).
 *
 * Messages, digests, feeds and pages all name it, so it is read in one place: as the URL
 * parser spells it (a user's name gone, IDN in ASCII, what a path may not hold escaped),
 * without query and fragment, which make no sense before a path, and without slashes at
 * its end.
 */
#pragma once

#include "base/arena.h"
#include "base/slice.h"

struct public_address {
	struct slice url;  /* "https://links.example.org/status"; empty: there is none */
	struct slice host; /* "links.example.org": whose the ids of feeds are */
	struct slice base; /* "/status/": what a proxy puts in front; without one "/" */
};

/* All of it is in the arena. NULL has no address. -1: not of http or https, or the arena
 * is full (its `failed`); nothing of the configuration's is, it has been looked at. */
int public_address_of(
	const char *text, struct arena *arena, struct public_address *ret_address);
