/* store/words: the numbers that stand for words in the file.
 *
 * An enum's value may change when a row is added to its X-macro; a number in a file must
 * not. So the file has its own table of words, and codes are given once, in order of
 * appearance. A file that knows a word this program does not is newer than it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "model/event.h"
#include "model/link.h"
#include "model/outcome.h"
#include "model/state.h"

enum word_kind {
	WORD_OUTCOME,
	WORD_REASON,
	WORD_NOTE,
	WORD_STATE,
	WORD_LINK,
	WORD_EVENT,
	WORD_KINDS,
};

enum { WORDS_MAX = 128 };

struct words {
	uint8_t code[WORD_KINDS][WORDS_MAX];  /* by value */
	uint8_t value[WORD_KINDS][WORDS_MAX]; /* by code */
	uint8_t codes[WORD_KINDS];            /* how many there are */
	bool notes_same; /* the usual case: bits of a note_set are stored as they are */
};

struct store;

/* Reads the file's words and, to WRITE, adds those that are missing. */
int words_load(struct store *store, bool add, struct error *error);

static inline int64_t word_code(const struct words *words, enum word_kind kind, int value)
{
	return words->code[kind][value];
}

/* A code that no word has, as only a damaged file has it, reads as the first value. */
static inline int word_value(const struct words *words, enum word_kind kind, int64_t code)
{
	return code >= 0 && code < words->codes[kind] ? words->value[kind][code] : 0;
}

uint32_t words_of_notes(const struct words *words, note_set notes);
note_set words_to_notes(const struct words *words, uint32_t stored);
