#include "model/outcome.h"

#include <assert.h>

#define TEXT(name, text)               text,
#define REASON_TEXT(name, text, means) text,
static const char *const outcome_texts[] = { OUTCOMES(TEXT) };
static const char *const reason_texts[] = { REASONS(REASON_TEXT) };
static const char *const note_texts[] = { NOTES(TEXT) };
#undef TEXT
#undef REASON_TEXT

#define MEANS(name, text, means) OUTCOME_##means,
static const enum outcome reason_outcomes[] = { REASONS(MEANS) };
#undef MEANS

const char *outcome_text(enum outcome outcome)
{
	assert((unsigned)outcome < OUTCOME_COUNT);
	return outcome_texts[outcome];
}

const char *reason_text(enum reason reason)
{
	assert((unsigned)reason < REASON_COUNT);
	return reason_texts[reason];
}

const char *note_text(enum note note)
{
	assert((unsigned)note < NOTE_COUNT);
	return note_texts[note];
}

enum outcome reason_outcome(enum reason reason)
{
	assert((unsigned)reason < REASON_COUNT);
	return reason_outcomes[reason];
}

bool outcome_parse(struct slice text, enum outcome *ret_outcome)
{
	for (unsigned i = 0; i < OUTCOME_COUNT; i++)
		if (slice_equal(text, slice_of(outcome_texts[i]))) {
			*ret_outcome = (enum outcome)i;
			return true;
		}
	return false;
}
