#include "store/record_internal.h"

#include "store/store_internal.h"

enum { HASH_BITS_TARGET = 1, HASH_BITS_TITLE = 2, HASH_BITS_URL = 4, HASH_BITS_SIM = 8 };
enum { FLAG_SECOND_METHOD = 1, FLAG_STRONG = 2 };

/* --- numbers in 1 to 10 bytes, seven bits each, low ones first ---------------------- */

static void put(struct record_bytes *bytes, uint64_t value)
{
	do {
		uint8_t more = value > 0x7f ? 0x80 : 0;
		bytes->at[bytes->len++] = (uint8_t)((value & 0x7f) | more);
		value >>= 7;
	} while (value != 0);
}

static uint64_t take(struct slice *bytes)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 64 && bytes->len > 0; shift += 7) {
		uint8_t byte = (uint8_t)bytes->at[0];
		*bytes = slice_sub(*bytes, 1, bytes->len);
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			break;
	}
	return value;
}

/* Small negative numbers stay small: 0, -1, 1, -2 ... */
static void put_signed(struct record_bytes *bytes, int64_t value)
{
	put(bytes, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

static int64_t take_signed(struct slice *bytes)
{
	uint64_t folded = take(bytes);
	return (int64_t)((folded >> 1) ^ (folded & 1 ? UINT64_MAX : 0));
}

/* 0: never. Else the distance before `base`, one added; wraps around without harm. */
static uint64_t time_code(time_ms time, time_ms base)
{
	uint64_t before = (uint64_t)base - (uint64_t)time;
	uint64_t folded = (before << 1) ^ ((int64_t)before < 0 ? UINT64_MAX : 0);
	return time == 0 ? 0 : folded + 1;
}

static void put_time(struct record_bytes *bytes, time_ms time, time_ms base)
{
	put(bytes, time_code(time, base));
}

static time_ms take_time(struct slice *bytes, time_ms base)
{
	uint64_t folded = take(bytes);
	if (folded == 0)
		return 0;
	folded--;
	uint64_t before = (folded >> 1) ^ (folded & 1 ? UINT64_MAX : 0);
	return (time_ms)((uint64_t)base - before);
}

/* In two bytes for half a century, from 2020 on; what ended before counts as its first.
 */
#define DAY_FIRST INT64_C(18262)

static uint64_t day_code(time_ms at)
{
	int64_t day = at / TIME_MS_PER_DAY - DAY_FIRST;
	if (at <= 0)
		return 0;
	return day < 1 ? 1 : (uint64_t)day;
}

static time_ms take_day(struct slice *bytes)
{
	uint64_t day = take(bytes);
	return day == 0 || day > INT32_MAX ? 0
					   : ((time_ms)day + DAY_FIRST) * TIME_MS_PER_DAY;
}

static void put_hash(struct record_bytes *bytes, uint64_t hash)
{
	for (unsigned i = 0; hash != 0 && i < 8; i++)
		bytes->at[bytes->len++] = (uint8_t)(hash >> (8 * i));
}

static uint64_t take_hash(struct slice *bytes, bool there)
{
	uint64_t hash = 0;
	for (unsigned i = 0; i < 8 && there && bytes->len > 0; i++) {
		hash |= (uint64_t)(uint8_t)bytes->at[0] << (8 * i);
		*bytes = slice_sub(*bytes, 1, bytes->len);
	}
	return hash;
}

/* --- spans -------------------------------------------------------------------------- */

/* `base`: near to last_at, for a short distance. */
static void put_span(struct record_bytes *bytes, const struct words *words,
	const struct span *span, time_ms base)
{
	put_time(bytes, span->last_at, base);
	put(bytes, span->checks);
	put(bytes, (uint64_t)word_code(words, WORD_OUTCOME, (int)span->outcome));
	put(bytes, (uint64_t)word_code(words, WORD_REASON, (int)span->reason));
	put_signed(bytes, span->http_status);
	put_signed(bytes, span->ms_min);
	put_signed(bytes, span->ms_max);
	put_signed(bytes, span->ms_sum);
}

static void take_span(struct slice *bytes, const struct words *words, time_ms first_at,
	time_ms base, struct span *span)
{
	span->first_at = first_at;
	span->last_at = take_time(bytes, base);
	span->checks = (uint32_t)take(bytes);
	span->outcome =
		(enum outcome)word_value(words, WORD_OUTCOME, (int64_t)take(bytes));
	span->reason = (enum reason)word_value(words, WORD_REASON, (int64_t)take(bytes));
	span->http_status = (int)take_signed(bytes);
	span->ms_min = (int32_t)take_signed(bytes);
	span->ms_max = (int32_t)take_signed(bytes);
	span->ms_sum = take_signed(bytes);
}

void span_encode(const struct words *words, const struct span *span,
	struct record_bytes *ret_bytes)
{
	ret_bytes->len = 0;
	put_span(ret_bytes, words, span, span->first_at);
}

void span_decode(const struct words *words, struct slice bytes, time_ms first_at,
	struct span *ret_span)
{
	take_span(&bytes, words, first_at, first_at, ret_span);
}

/* --- tallies ------------------------------------------------------------------------ */

/* The states that have links, each with its code: so a new one needs no new form. */
void tally_encode(const struct words *words, const struct store_tally *tally,
	struct record_bytes *ret_bytes)
{
	uint64_t states = 0;
	for (int state = 0; state < STORE_STATE_COUNT; state++)
		states += tally->by_state[state] > 0;
	ret_bytes->len = 0;
	put(ret_bytes, states);
	for (int state = 0; state < STORE_STATE_COUNT; state++) {
		if (tally->by_state[state] == 0)
			continue;
		put(ret_bytes, (uint64_t)word_code(words, WORD_STATE, state));
		put(ret_bytes, tally->by_state[state]);
	}
	put(ret_bytes, tally->checks);
	put(ret_bytes, tally->ms_count);
	put(ret_bytes, tally->ms_sum);
	put(ret_bytes, tally->died);
	put(ret_bytes, tally->recovered);
}

void tally_decode(const struct words *words, struct slice bytes, int32_t day,
	struct store_tally *ret_tally)
{
	*ret_tally = (struct store_tally){ .day = day };
	for (uint64_t states = take(&bytes); states > 0 && bytes.len > 0; states--) {
		int state = word_value(words, WORD_STATE, (int64_t)take(&bytes));
		ret_tally->by_state[state] += (uint32_t)take(&bytes);
	}
	ret_tally->checks = take(&bytes);
	ret_tally->ms_count = take(&bytes);
	ret_tally->ms_sum = take(&bytes);
	ret_tally->died = (uint32_t)take(&bytes);
	ret_tally->recovered = (uint32_t)take(&bytes);
}

/* --- records ------------------------------------------------------------------------ */

/* A link that was always good has all its bits set: then this is 0. */
static uint64_t recent_mask(const struct link_record *record)
{
	unsigned count = record->recent_count;
	return count >= RECENT_MAX ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

static unsigned hashes_there(const struct link_record *record)
{
	return (record->target_hash != 0 ? HASH_BITS_TARGET : 0) |
	       (record->title_hash != 0 ? HASH_BITS_TITLE : 0) |
	       (record->final_url_hash != 0 ? HASH_BITS_URL : 0) |
	       (record->simhash != 0 ? HASH_BITS_SIM : 0);
}

/* All 8 bytes of a hash that is there are written, high zeros too. */
static void put_hashes(struct record_bytes *bytes, const struct link_record *record)
{
	const uint64_t hashes[] = { record->target_hash, record->title_hash,
		record->final_url_hash, record->simhash };
	put(bytes, hashes_there(record));
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		put_hash(bytes, hashes[i]);
}

static void take_hashes(struct slice *bytes, struct link_record *record)
{
	unsigned there = (unsigned)take(bytes);
	record->target_hash = take_hash(bytes, there & HASH_BITS_TARGET);
	record->title_hash = take_hash(bytes, there & HASH_BITS_TITLE);
	record->final_url_hash = take_hash(bytes, there & HASH_BITS_URL);
	record->simhash = take_hash(bytes, there & HASH_BITS_SIM);
}

/* At the end, where nothing is as good as 0. */
static void put_end(struct record_bytes *bytes, const struct link_record *record)
{
	const uint64_t values[] = { day_code(record->certificate_until),
		day_code(record->sunset_on), record->repository_id, record->owner_id,
		record->bad_certificate, (uint64_t)record->incident_id,
		time_code(record->strikes_since, record->last_checked_at),
		time_code(record->other_since, record->last_checked_at),
		record->other_title_hash, record->other_simhash,
		(uint64_t)record->waited_ms };
	size_t count = sizeof(values) / sizeof(values[0]);

	while (count > 0 && values[count - 1] == 0)
		count--;
	for (size_t i = 0; i < count; i++)
		put(bytes, values[i]);
}

static void encode_rest(const struct words *words, const struct link_record *record,
	struct record_bytes *bytes)
{
	time_ms base = record->last_checked_at;

	bytes->len = 0;
	put(bytes, (uint64_t)word_code(words, WORD_STATE, (int)record->confirmed));
	put_time(bytes, record->confirmed_at, base);
	put(bytes, words_of_notes(words, record->notes));
	put_time(bytes, record->first_strike_at, base);
	put_time(bytes, record->last_strike_at, base);
	put(bytes, record->broken_strikes);
	put_time(bytes, record->first_broken_at, base);
	put(bytes, (record->second_method ? FLAG_SECOND_METHOD : 0) |
			   (record->strong_evidence ? FLAG_STRONG : 0));
	put(bytes, record->recent_count);
	put(bytes, record->recent ^ recent_mask(record));
	put_time(bytes, record->flapping_since, base);
	put_time(bytes, record->target_since, base);
	put(bytes, record->target_seen);
	put_hashes(bytes, record);
	put(bytes, record->step);
	put(bytes, record->checks);
	put_time(bytes, record->span.first_at, base);
	put_span(bytes, words, &record->span, base);
	put_end(bytes, record);
	while (bytes->len % RECORD_STEP != 0)
		bytes->at[bytes->len++] = 0;
}

static void decode_rest(
	struct slice bytes, const struct words *words, struct link_record *record)
{
	time_ms base = record->last_checked_at;

	record->confirmed =
		(enum state)word_value(words, WORD_STATE, (int64_t)take(&bytes));
	record->confirmed_at = take_time(&bytes, base);
	record->notes = words_to_notes(words, (uint32_t)take(&bytes));
	record->first_strike_at = take_time(&bytes, base);
	record->last_strike_at = take_time(&bytes, base);
	record->broken_strikes = (uint32_t)take(&bytes);
	record->first_broken_at = take_time(&bytes, base);
	uint64_t flags = take(&bytes);
	record->second_method = flags & FLAG_SECOND_METHOD;
	record->strong_evidence = flags & FLAG_STRONG;
	record->recent_count = (uint8_t)take(&bytes);
	record->recent = take(&bytes) ^ recent_mask(record);
	record->flapping_since = take_time(&bytes, base);
	record->target_since = take_time(&bytes, base);
	record->target_seen = (uint32_t)take(&bytes);
	take_hashes(&bytes, record);
	record->step = (uint32_t)take(&bytes);
	record->checks = (uint32_t)take(&bytes);
	time_ms first_at = take_time(&bytes, base);
	take_span(&bytes, words, first_at, base, &record->span);
	/* Older rows end here, with zeros: it is not known. */
	record->certificate_until = take_day(&bytes);
	record->sunset_on = take_day(&bytes);
	record->repository_id = take(&bytes);
	record->owner_id = take(&bytes);
	record->bad_certificate = take(&bytes);
	record->incident_id = (int64_t)(take(&bytes) & INT64_MAX);
	record->strikes_since = take_time(&bytes, base);
	record->other_since = take_time(&bytes, base);
	record->other_title_hash = take(&bytes);
	record->other_simhash = take(&bytes);
	record->waited_ms = (time_ms)(take(&bytes) & INT64_MAX);
}

void record_bind(sqlite3_stmt *statement, const struct words *words,
	const struct link_record *record, struct record_bytes *bytes)
{
	encode_rest(words, record, bytes);
	sql_bind_int(statement, 1, word_code(words, WORD_STATE, (int)record->state));
	sql_bind_some(statement, 2, record->since);
	sql_bind_some(statement, 3, record->last_checked_at);
	if (record->last_ok_at != 0)
		sql_bind_int(statement, 4,
			(int64_t)((uint64_t)record->last_checked_at -
				  (uint64_t)record->last_ok_at));
	else
		sqlite3_bind_null(statement, 4);
	sql_bind_int(statement, 5, word_code(words, WORD_REASON, (int)record->reason));
	sql_bind_int(statement, 6, record->http_status);
	sql_bind_int(statement, 7, record->strike_halves);
	sql_bind_some(statement, 8, record->due_at);
	sql_bind_some(statement, 9, record->interval_ms);
	sql_bind_blob(statement, 10, bytes->at, bytes->len);
}

void record_read(sqlite3_stmt *statement, int column, const struct words *words,
	struct link_record *ret_record)
{
	struct link_record record = {
		.state = (enum state)word_value(
			words, WORD_STATE, sql_int(statement, column)),
		.since = sql_int(statement, column + 1),
		.last_checked_at = sql_int(statement, column + 2),
		.reason = (enum reason)word_value(
			words, WORD_REASON, sql_int(statement, column + 4)),
		.http_status = (int)sql_int(statement, column + 5),
		.strike_halves = (uint32_t)sql_int(statement, column + 6),
		.due_at = sql_int(statement, column + 7),
		.interval_ms = sql_int(statement, column + 8),
	};
	if (sqlite3_column_type(statement, column + 3) != SQLITE_NULL)
		record.last_ok_at = (int64_t)((uint64_t)record.last_checked_at -
					      (uint64_t)sql_int(statement, column + 3));
	decode_rest(sql_text(statement, column + 9), words, &record);
	*ret_record = record;
}
