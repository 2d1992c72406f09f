#include "site/api.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/hash.h"

/* --- cursors: "c", and three numbers in hexadecimal ---------------------------------
 *
 * The letter keeps them apart from dates, which are three numbers too. */

void api_cursor_format(const struct api_cursor *cursor, uint32_t question,
	char text[static API_CURSOR_SIZE])
{
	(void)snprintf(text, API_CURSOR_SIZE, "c%" PRIx64 "-%" PRIx64 "-%" PRIx32,
		(uint64_t)cursor->id, (uint64_t)cursor->key, question);
}

static bool parse_hex(struct slice text, size_t digits_max, uint64_t *ret_number)
{
	uint64_t number = 0;
	if (text.len == 0 || text.len > digits_max)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		int digit = char_hex(text.at[i]);
		if (digit < 0)
			return false;
		number = number << 4 | (uint64_t)digit;
	}
	*ret_number = number;
	return true;
}

bool api_cursor_parse(struct slice text, uint32_t question, struct api_cursor *ret_cursor)
{
	struct slice id_text, key_text;
	uint64_t id, key, for_question;

	if (!slice_starts(text, SLICE("c")))
		return false;
	text = slice_sub(text, 1, text.len);
	if (!slice_split(&text, '-', &id_text) || !slice_split(&text, '-', &key_text) ||
		!parse_hex(id_text, 16, &id) || !parse_hex(key_text, 16, &key) ||
		!parse_hex(text, 8, &for_question))
		return false;
	if (id == 0 || id > INT64_MAX || for_question != question)
		return false;
	*ret_cursor = (struct api_cursor){ .id = (int64_t)id, .key = (int64_t)key };
	return true;
}

/* --- ?list=&state=&q=&after=&limit= ------------------------------------------------ */

enum { SHOWN_BYTES = 40 }; /* of what was given, in an error */

static int shown(struct slice text)
{
	return text.len < SHOWN_BYTES ? (int)text.len : SHOWN_BYTES;
}

static int parse_states(struct slice text, uint32_t *ret_states, struct error *error)
{
	struct slice word;

	*ret_states = 0;
	if (text.len == 0) /* as a form without a choice sends it */
		return 0;
	while (slice_split(&text, ',', &word)) {
		enum state state;
		if (!state_parse(word, &state))
			return error_set(error,
				"state: there is no '%.*s'; choose from unchecked, "
				"alive, moved, suspect, dead, gated and skipped, with "
				"commas between them",
				shown(word), word.len > 0 ? word.at : "");
		*ret_states |= UINT32_C(1) << state;
	}
	return 0;
}

static int parse_limit(struct slice text, uint32_t *ret_limit, struct error *error)
{
	uint64_t limit = API_LIMIT_DEFAULT;

	if (text.len > 0 && (!slice_to_number(text, UINT32_MAX, &limit) || limit == 0))
		return error_set(
			error, "limit: must be a number from 1 to %d", API_LIMIT_MAX);
	*ret_limit = limit < API_LIMIT_MAX ? (uint32_t)limit : API_LIMIT_MAX;
	return 0;
}

/* Never 0, which is that of an answer without filters. */
static uint32_t hash_of(const struct api_question *question)
{
	uint64_t hash = hash_bytes(question->list, question->states);
	return (uint32_t)hash_bytes(question->needle, hash) | 1;
}

int api_question_parse(const struct api_arguments *arguments,
	struct api_question *ret_question, struct error *error)
{
	*ret_question = (struct api_question){
		.list = arguments->list,
		.needle = arguments->needle,
	};
	if (parse_states(arguments->state, &ret_question->states, error) != 0 ||
		parse_limit(arguments->limit, &ret_question->limit, error) != 0)
		return -1;
	if (arguments->needle.len > API_NEEDLE_BYTES)
		return error_set(error, "q: is longer than %d bytes", API_NEEDLE_BYTES);
	ret_question->hash = hash_of(ret_question);
	if (arguments->after.len > 0 && !api_cursor_parse(arguments->after,
						ret_question->hash, &ret_question->after))
		return error_set(error,
			"after: is not a cursor of this question; give the \"next\" of "
			"an "
			"answer to the same list, state and q, or begin without it");
	return 0;
}

int api_since_parse(struct slice text, struct api_since *ret_since, struct error *error)
{
	struct api_cursor cursor;

	*ret_since = (struct api_since){ 0 };
	if (text.len == 0 || time_parse_date(text, &ret_since->at))
		return 0;
	if (!api_cursor_parse(text, 0, &cursor))
		return error_set(error,
			"since: must be the \"next\" of an answer, a date as 2026-11-23, "
			"or a time as 2026-11-23T03:30:00Z or "
			"2026-11-23T05:30:00%%2B02:00");
	*ret_since = (struct api_since){ .event_id = cursor.id, .at = cursor.key };
	return 0;
}
