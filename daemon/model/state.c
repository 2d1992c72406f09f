#include "model/state.h"

#include <assert.h>

#define TEXT(name, text) text,
static const char *const state_texts[] = { STATES(TEXT) };
#undef TEXT

const char *state_text(enum state state)
{
	assert((size_t)state < sizeof(state_texts) / sizeof(state_texts[0]));
	return state_texts[state];
}

bool state_parse(struct slice text, enum state *ret_state)
{
	for (size_t i = 0; i < sizeof(state_texts) / sizeof(state_texts[0]); i++)
		if (slice_equal(text, slice_of(state_texts[i]))) {
			*ret_state = (enum state)i;
			return true;
		}
	return false;
}

enum state state_of_one_check(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_OK:
	case OUTCOME_MOVED:
		return STATE_ALIVE;
	case OUTCOME_BROKEN:
	case OUTCOME_UNREACHABLE:
		return STATE_SUSPECT;
	case OUTCOME_GATED:
		return STATE_GATED;
	case OUTCOME_SKIPPED:
		return STATE_SKIPPED;
	}
	assert(false && "an outcome outside its enum");
	return STATE_UNCHECKED;
}
