/* model/state: what we hold to be true of a link after all checks.
 *
 * The names are the public contract (interfaces, section 1.4). Without a history, one
 * check can say no more than state_of_one_check.
 */
#pragma once

#include "model/outcome.h"

#define STATES(X)                                                                        \
	X(UNCHECKED, "unchecked")                                                        \
	X(ALIVE, "alive")                                                                \
	X(MOVED, "moved")                                                                \
	X(SUSPECT, "suspect")                                                            \
	X(DEAD, "dead")                                                                  \
	X(GATED, "gated")                                                                \
	X(SKIPPED, "skipped")

#define STATE_ENUM(name, text) STATE_##name,
enum state { STATES(STATE_ENUM) };
#undef STATE_ENUM

const char *state_text(enum state state);

/* False for an unknown word. */
bool state_parse(struct slice text, enum state *ret_state);

/* Bad is only suspect, moved is only alive: both need more than one look. */
enum state state_of_one_check(enum outcome outcome);
