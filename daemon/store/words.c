#include "store/words_internal.h"

#include <assert.h>

#include "store/store_internal.h"

static const char *reason_word(int value)
{
	return reason_text((enum reason)value);
}
static const char *outcome_word(int value)
{
	return outcome_text((enum outcome)value);
}
static const char *note_word(int value)
{
	return note_text((enum note)value);
}
static const char *state_word(int value)
{
	return state_text((enum state)value);
}
static const char *link_word(int value)
{
	return link_kind_text((enum link_kind)value);
}
static const char *event_word(int value)
{
	return event_kind_text((enum event_kind)value);
}

#define ONE(name, text) +1
static const struct {
	int count;
	const char *(*text)(int value);
} kinds[WORD_KINDS] = {
	[WORD_OUTCOME] = { OUTCOME_COUNT, outcome_word },
	[WORD_REASON] = { REASON_COUNT, reason_word },
	[WORD_NOTE] = { NOTE_COUNT, note_word },
	[WORD_STATE] = { STATES(ONE), state_word },
	[WORD_LINK] = { LINK_KINDS(ONE), link_word },
	[WORD_EVENT] = { EVENT_KIND_COUNT, event_word },
};
#undef ONE

static int value_of(enum word_kind kind, struct slice text)
{
	for (int value = 0; value < kinds[kind].count; value++)
		if (slice_equal(text, slice_of(kinds[kind].text(value))))
			return value;
	return -1;
}

static void learn(struct words *words, bool known[WORD_KINDS][WORDS_MAX],
	enum word_kind kind, int64_t code, int value)
{
	words->code[kind][value] = (uint8_t)code;
	words->value[kind][code] = (uint8_t)value;
	known[kind][value] = true;
	if (code >= words->codes[kind])
		words->codes[kind] = (uint8_t)(code + 1);
}

static int read_words(
	struct store *store, bool known[WORD_KINDS][WORDS_MAX], struct error *error)
{
	sqlite3_stmt *rows = NULL;
	int step = -1;
	if (sqlite3_prepare_v2(store->db, "SELECT kind, code, text FROM word", -1, &rows,
		    NULL) != SQLITE_OK)
		return store_error(store, error);
	while ((step = sql_step(rows)) == 1) {
		int64_t kind = sql_int(rows, 0), code = sql_int(rows, 1);
		int value =
			kind >= 0 && kind < WORD_KINDS && code >= 0 && code < WORDS_MAX
				? value_of((enum word_kind)kind, sql_text(rows, 2))
				: -1;
		if (value < 0) {
			struct slice text = sql_text(rows, 2);
			error_set(error,
				"%s was written by a newer linkrotd (it knows the word "
				"\"%.*s\"): use that one, or restore a backup",
				store->path, (int)(text.len < 64 ? text.len : 64),
				text.len > 0 ? text.at : "");
			break;
		}
		learn(&store->words, known, (enum word_kind)kind, code, value);
	}
	if (step < 0)
		store_error(store, error);
	sqlite3_finalize(rows);
	return step == 0 ? 0 : -1;
}

static int add_word(struct store *store, enum word_kind kind, int value, bool to_file)
{
	if (!to_file)
		return 0;
	sqlite3_stmt *add = NULL;
	if (sqlite3_prepare_v2(store->db,
		    "INSERT INTO word(kind, code, text) VALUES(?1, ?2, ?3)", -1, &add,
		    NULL) != SQLITE_OK)
		return -1;
	sql_bind_int(add, 1, kind);
	sql_bind_int(add, 2, store->words.codes[kind]);
	sql_bind_name(add, 3, slice_of(kinds[kind].text(value)));
	int step = sql_step(add);
	sqlite3_finalize(add);
	return step;
}

int words_load(struct store *store, bool add, struct error *error)
{
	bool known[WORD_KINDS][WORDS_MAX] = { 0 };
	struct words *words = &store->words;

	*words = (struct words){ .notes_same = true };
	if (read_words(store, known, error) < 0)
		return -1;
	/* A reader gives codes to words that are not in the file yet, and meets none. */
	for (int kind = 0; kind < WORD_KINDS; kind++)
		for (int value = 0; value < kinds[kind].count; value++) {
			if (known[kind][value])
				continue;
			assert(words->codes[kind] < WORDS_MAX);
			if (add_word(store, (enum word_kind)kind, value, add) < 0)
				return store_error(store, error);
			learn(words, known, (enum word_kind)kind, words->codes[kind],
				value);
		}
	for (int note = 0; note < NOTE_COUNT; note++)
		words->notes_same &= words->code[WORD_NOTE][note] == note;
	return 0;
}

uint32_t words_of_notes(const struct words *words, note_set notes)
{
	if (words->notes_same || notes == 0)
		return notes;
	uint32_t stored = 0;
	for (int note = 0; note < NOTE_COUNT; note++)
		if (notes & NOTE_BIT(note))
			stored |= UINT32_C(1) << words->code[WORD_NOTE][note];
	return stored;
}

note_set words_to_notes(const struct words *words, uint32_t stored)
{
	if (words->notes_same || stored == 0)
		return stored;
	note_set notes = 0;
	for (int code = 0; code < words->codes[WORD_NOTE] && code < 32; code++)
		if (stored & (UINT32_C(1) << code))
			notes |= NOTE_BIT(words->value[WORD_NOTE][code]);
	return notes;
}
