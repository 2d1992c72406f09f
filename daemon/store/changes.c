/* Which links came and went with a reading. Two sets of bits, one a reading, tell most of
 * it in the order of the file; only what differs is looked up elsewhere. */
#include "store/link_internal.h"
#include "store/writer_internal.h"

enum { PLACES_PASSED = 8 /* before it is worth remembering them */ };

struct link_bits {
	uint64_t *at;
	size_t words;
};

static bool bits_add(struct link_bits *bits, int64_t id)
{
	size_t word = (size_t)id / 64;
	if (word >= bits->words) {
		size_t words = word + word / 2 + 16;
		uint64_t *at = reallocarray(bits->at, words, sizeof(*at));
		if (at == NULL)
			return false;
		memset(at + bits->words, 0, (words - bits->words) * sizeof(*at));
		bits->at = at;
		bits->words = words;
	}
	bits->at[word] |= UINT64_C(1) << ((size_t)id % 64);
	return true;
}

static uint64_t bits_word(const struct link_bits *bits, size_t word)
{
	return word < bits->words ? bits->at[word] : 0;
}

static int bits_load(struct store *store, int64_t reading_id, struct link_bits *bits)
{
	sqlite3_stmt *rows = sql_get(store, STATEMENT_READING_LINKS);
	int step = 0;
	sql_bind_int(rows, 1, reading_id);
	while (reading_id != 0 && (step = sql_step(rows)) == 1)
		if (!bits_add(bits, sql_int(rows, 0))) {
			step = -1;
			break;
		}
	sql_end(rows);
	return step;
}

struct changes {
	struct store_writer *writer;
	int64_t former_id, new_id, known_id;
	struct slice list;
	enum event_kind kind;
	time_ms at;
	int64_t *ids; /* of the first STORE_READING_EVENTS_MAX */
	uint32_t count;
};

/* 1, 0, -1. */
static int is_current(struct store *store, int64_t reading_id)
{
	sqlite3_stmt *row = sql_get(store, STATEMENT_READING_IS_CURRENT);
	sql_bind_int(row, 1, reading_id);
	int step = sql_step(row);
	sql_end(row);
	return step;
}

/* One that is being written will be current. */
static bool is_over(const struct changes *changes, int64_t reading_id)
{
	int64_t written_id = changes->writer->now.reading.reading_id;
	return (written_id == 0 || reading_id < written_id) &&
	       (changes->new_id == 0 || reading_id < changes->new_id);
}

/* Whether it stands in another of today's readings; 1, 0, -1. A link of 20,000 documents
 * that leaves them one by one stands in ever more that are over, so it is remembered how
 * far those go. */
static int stands_elsewhere(struct changes *changes, int64_t link_id)
{
	struct store *store = changes->writer->store;
	struct known_place *known =
		&changes->writer->known_places[link_id % PLACES_KNOWN];
	int64_t reading_id = known->link_id == link_id ? known->reading_id : 0;
	int64_t over_id = reading_id;
	uint32_t passed = 0;
	int step;
	while ((step = link_next_reading(store, link_id, &reading_id)) == 1) {
		if (reading_id != changes->former_id &&
			(step = is_current(store, reading_id)) != 0)
			break;
		if (is_over(changes, reading_id))
			over_id = reading_id;
		passed++;
		writer_works(changes->writer);
	}
	if (passed >= PLACES_PASSED)
		*known = (struct known_place){ link_id, over_id };
	return step;
}

void changes_forget(struct store_writer *writer)
{
	memset(writer->known_places, 0, sizeof(writer->known_places));
}

static int was_checked(struct changes *changes, int64_t link_id)
{
	sqlite3_stmt *row = sql_get(changes->writer->store, STATEMENT_LINK_CHECKED);
	sql_bind_int(row, 1, link_id);
	int step = sql_step(row);
	sql_end(row);
	return step;
}

/* Whether it is of interest that it came; 1, 0, -1. */
static int is_back(struct changes *changes, int64_t link_id)
{
	if (changes->kind != EVENT_LINK_ADDED || changes->known_id == INT64_MAX)
		return 1;
	return link_id <= changes->known_id ? was_checked(changes, link_id) : 0;
}

static int note(struct changes *changes, int64_t link_id)
{
	int back = is_back(changes, link_id);
	writer_works(changes->writer);
	if (back != 1)
		return back;
	int elsewhere = stands_elsewhere(changes, link_id);
	if (elsewhere != 0)
		return elsewhere < 0 ? -1 : 0;
	if (changes->count < STORE_READING_EVENTS_MAX)
		changes->ids[changes->count] = link_id;
	changes->count++;
	return 0;
}

/* Those in `with` and not in `without`. */
static int note_difference(struct changes *changes, const struct link_bits *with,
	const struct link_bits *without)
{
	for (size_t word = 0; word < with->words; word++)
		for (uint64_t left = with->at[word] & ~bits_word(without, word);
			left != 0; left &= left - 1)
			if (note(changes, (int64_t)(word * 64) + __builtin_ctzll(left)) <
				0)
				return -1;
	return 0;
}

static int tell_each(const struct changes *changes)
{
	for (uint32_t i = 0; i < changes->count; i++) {
		struct event event = { .kind = changes->kind,
			.at = changes->at,
			.link_id = changes->ids[i] };
		if (apply_event(changes->writer, &event, changes->list) < 0)
			return -1;
	}
	return 0;
}

static int tell_all(const struct changes *changes, struct slice source)
{
	char text[512];
	bool added = changes->kind == EVENT_LINK_ADDED;
	int len = snprintf(text, sizeof(text), "%u links %s %.*s", changes->count,
		added ? "came with" : "left with",
		(int)(source.len < 400 ? source.len : 400),
		source.at != NULL ? source.at : "");
	struct event event = { .kind = changes->kind,
		.at = changes->at,
		.links = changes->count,
		.text = { text, (size_t)len } };
	return apply_event(changes->writer, &event, changes->list);
}

static int tell(struct changes *changes, enum event_kind kind,
	const struct link_bits *with, const struct link_bits *without,
	struct slice source)
{
	/* Ids may run short only for a configuration that drops 100,000s of sources. */
	int64_t left = changes->writer->event_ids_end - changes->writer->next_event_id;
	changes->kind = kind;
	changes->count = 0;
	if (note_difference(changes, with, without) < 0)
		return -1;
	if (changes->count == 0 || left == 0)
		return 0;
	bool each =
		changes->count <= STORE_READING_EVENTS_MAX && left > LISTS_EVENTS_MAX / 2;
	return each ? tell_each(changes) : tell_all(changes, source);
}

int changes_tell(struct store_writer *writer, int64_t former_id, int64_t new_id,
	int64_t known_id, struct slice list, struct slice source, time_ms at)
{
	struct changes changes = { .writer = writer,
		.former_id = former_id,
		.new_id = new_id,
		.known_id = known_id,
		.list = list,
		.at = at };
	struct link_bits former = { 0 }, new = { 0 };
	int failed = 0;

	changes.ids = calloc(STORE_READING_EVENTS_MAX, sizeof(*changes.ids));
	if (changes.ids == NULL || bits_load(writer->store, former_id, &former) < 0 ||
		bits_load(writer->store, new_id, &new) < 0)
		failed = -1;
	if (failed == 0)
		failed = tell(&changes, EVENT_LINK_REMOVED, &former, &new, source);
	if (failed == 0 && known_id > 0)
		failed = tell(&changes, EVENT_LINK_ADDED, &new, &former, source);
	free(changes.ids);
	free(former.at);
	free(new.at);
	return failed;
}
