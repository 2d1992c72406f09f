#include "report/baseline.h"

#include <jansson.h>

#include "base/path.h"
#include "base/table.h"
#include "base/utf8.h"
#include "model/userinfo.h"

enum {
	/* jansson may need 20 bytes for one of "[0,0,0", and so 640 MiB for this. */
	LINK_BYTES_MAX = 32 * 1024 * 1024,
	KEY_BYTES_MAX = 256 * 1024,
};

#define BASELINE_MEMORY_MAX ((size_t)1024 * 1024 * 1024)

struct baseline_entry {
	struct slice key;
	time_ms since;
	UT_hash_handle hh;
};

void baseline_init(struct baseline *baseline)
{
	*baseline = (struct baseline){ 0 };
	arena_init(&baseline->arena, BASELINE_MEMORY_MAX);
	buffer_init(&baseline->key, KEY_BYTES_MAX);
	buffer_init(&baseline->path, KEY_BYTES_MAX);
}

void baseline_fini(struct baseline *baseline)
{
	HASH_CLEAR(hh, baseline->by_key);
	buffer_fini(&baseline->path);
	buffer_fini(&baseline->key);
	arena_fini(&baseline->arena);
	*baseline = (struct baseline){ 0 };
}

/* --- which link it is --- */

/* As a JSON report shows it: no userinfo, valid UTF-8. */
static void add_url(struct buffer *out, struct slice url)
{
	struct slice parts[2];
	userinfo_split(url, &parts[0], &parts[1]);
	for (size_t i = 0; i < 2; i++)
		while (parts[i].len > 0 && !out->failed)
			utf8_add(out, utf8_next(&parts[i]));
}

/* NULL `at`: too long, or no memory. */
static struct slice key_of(struct baseline *baseline, enum link_kind kind,
	struct slice url, struct slice source)
{
	struct buffer *key = &baseline->key;
	buffer_reset(key);
	buffer_printf(key, "%s ", link_kind_text(kind));
	add_url(key, url);
	buffer_add_char(key, '\0');
	if (kind == LINK_ANCHOR || kind == LINK_FILE)
		add_url(key, path_from(baseline->directory, source, &baseline->path));
	key->failed |= baseline->path.out_of_memory;
	return key->failed ? (struct slice){ 0 } : buffer_slice(key);
}

static int add(struct baseline *baseline, struct slice key, time_ms since)
{
	struct baseline_entry *entry = NULL;
	HASH_FIND(hh, baseline->by_key, key.at, key.len, entry);
	if (entry != NULL) {
		entry->since = since < entry->since ? since : entry->since;
		return 0;
	}
	entry = ARENA_NEW(&baseline->arena, struct baseline_entry);
	if (entry == NULL)
		return -1;
	*entry = (struct baseline_entry){ arena_copy(&baseline->arena, key), since,
		{ 0 } };
	if (entry->key.at == NULL)
		return -1;
	HASH_ADD_KEYPTR(hh, baseline->by_key, entry->key.at, entry->key.len, entry);
	return entry->hh.tbl != NULL ? 0 : -1;
}

time_ms baseline_known_since(struct baseline *baseline, const struct link *link)
{
	struct baseline_entry *entry = NULL;
	struct slice key = key_of(baseline, link->kind, link->url, link->source);
	if (key.at != NULL)
		HASH_FIND(hh, baseline->by_key, key.at, key.len, entry);
	return entry != NULL ? entry->since : 0;
}

/* --- from a history --- */

static bool was_failing(const struct link_record *record, uint32_t failing)
{
	enum outcome outcome = record->span.outcome;
	if (record->state == STATE_DEAD || record->state == STATE_SUSPECT)
		outcome = reason_outcome(record->reason);
	else if (record->state == STATE_GATED && record->confirmed == STATE_DEAD)
		outcome = OUTCOME_BROKEN;
	else if (record->span.checks == 0)
		return false;
	return (failing & UINT32_C(1) << outcome) != 0;
}

int baseline_add_record(struct baseline *baseline, enum link_kind kind, struct slice url,
	struct slice source, const struct link_record *record, uint32_t failing)
{
	if (!was_failing(record, failing))
		return 0;
	time_ms since = record_strikes_since(record);
	if (since <= 0)
		since = record->span.first_at;
	if (since <= 0)
		since = record->since > 0 ? record->since : 1;
	struct slice key = key_of(baseline, kind, url, source);
	return key.at != NULL ? add(baseline, key, since) : -1;
}

/* --- from a report --- */

/* The two outer levels are walked here, and each value in them is given to jansson: a
 * tree of the whole would take gigabytes. */
struct reading {
	struct baseline *baseline;
	struct slice rest;
	uint32_t failing;
	time_ms finished_at;
	json_int_t schema;
	bool has_links;
	struct error *error;
};

static int refuse(struct reading *reading)
{
	return error_set(reading->error,
		"no JSON report of linkrotd check; make one with --format json");
}

static void skip_space(struct reading *reading)
{
	while (reading->rest.len > 0 && char_is_space(reading->rest.at[0]))
		reading->rest = slice_sub(reading->rest, 1, reading->rest.len);
}

/* Takes this mark if it is next. */
static bool take(struct reading *reading, char mark)
{
	skip_space(reading);
	if (reading->rest.len == 0 || reading->rest.at[0] != mark)
		return false;
	reading->rest = slice_sub(reading->rest, 1, reading->rest.len);
	return true;
}

/* NULL with an error. */
static json_t *take_value(struct reading *reading)
{
	json_error_t why;
	struct slice window;
	skip_space(reading);
	window = slice_sub(reading->rest, 0, LINK_BYTES_MAX);
	json_t *value = window.len == 0
				? NULL
				: json_loadb(window.at, window.len,
					  JSON_REJECT_DUPLICATES | JSON_DECODE_ANY |
						  JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL,
					  &why);
	if (value == NULL) {
		refuse(reading);
		return NULL;
	}
	reading->rest = slice_sub(reading->rest, (size_t)why.position, reading->rest.len);
	return value;
}

static struct slice text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return (struct slice){ json_string_value(value), json_string_length(value) };
}

static bool kind_of(struct slice text, enum link_kind *ret_kind)
{
#define KIND(name, text) LINK_##name,
	static const enum link_kind kinds[] = { LINK_KINDS(KIND) };
#undef KIND
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (slice_equal(text, slice_of(link_kind_text(kinds[i])))) {
			*ret_kind = kinds[i];
			return true;
		}
	return false;
}

static int take_link(struct reading *reading, const json_t *link)
{
	enum outcome outcome;
	enum link_kind kind;
	time_ms since;
	const json_t *places = json_object_get(link, "occurrences");

	if (!json_is_string(json_object_get(link, "url")) || !json_is_array(places) ||
		!kind_of(text_of(link, "kind"), &kind))
		return refuse(reading);
	if (json_is_null(json_object_get(link, "outcome")))
		return 0; /* interrupted before its turn */
	if (!outcome_parse(text_of(link, "outcome"), &outcome))
		return refuse(reading);
	if ((reading->failing & UINT32_C(1) << outcome) == 0)
		return 0;
	if (!time_parse_date(text_of(link, "known_since"), &since) &&
		!time_parse_date(text_of(link, "checked_at"), &since))
		since = reading->finished_at;
	struct slice key = key_of(reading->baseline, kind, text_of(link, "url"),
		text_of(json_array_get(places, 0), "source"));
	if (key.at == NULL)
		return refuse(reading);
	return add(reading->baseline, key, since > 0 ? since : 1) == 0
		       ? 0
		       : error_set(reading->error, "out of memory");
}

static int take_links(struct reading *reading)
{
	if (reading->has_links || !take(reading, '['))
		return refuse(reading);
	reading->has_links = true;
	if (take(reading, ']'))
		return 0;
	do {
		json_t *link = take_value(reading);
		if (link == NULL)
			return -1;
		int result = take_link(reading, link);
		json_decref(link);
		if (result < 0)
			return -1;
	} while (take(reading, ','));
	return take(reading, ']') ? 0 : refuse(reading);
}

static int take_other(struct reading *reading, struct slice key)
{
	json_t *value = take_value(reading);
	if (value == NULL)
		return -1;
	if (slice_equal(key, SLICE("schema")))
		reading->schema = json_integer_value(value);
	else if (slice_equal(key, SLICE("finished_at")) && json_is_string(value))
		(void)time_parse_date((struct slice){ json_string_value(value),
					      json_string_length(value) },
			&reading->finished_at);
	json_decref(value);
	return 0;
}

static int take_member(struct reading *reading)
{
	json_t *key = take_value(reading);
	if (key == NULL)
		return -1;
	struct slice name = { json_string_value(key), json_string_length(key) };
	int result = !json_is_string(key) || !take(reading, ':') ? refuse(reading)
		     : slice_equal(name, SLICE("links"))         ? take_links(reading)
							 : take_other(reading, name);
	json_decref(key);
	return result;
}

int baseline_read(struct baseline *baseline, struct slice json, uint32_t failing,
	struct error *error)
{
	struct reading reading = {
		.baseline = baseline, .rest = json, .failing = failing, .error = error
	};
	if (slice_starts(reading.rest, SLICE("\xEF\xBB\xBF")))
		reading.rest = slice_sub(reading.rest, 3, reading.rest.len);
	if (!take(&reading, '{'))
		return refuse(&reading);
	do {
		if (take_member(&reading) < 0)
			return -1;
	} while (take(&reading, ','));
	if (!take(&reading, '}'))
		return refuse(&reading);
	skip_space(&reading);
	if (reading.rest.len > 0 || !reading.has_links)
		return refuse(&reading);
	if (reading.schema != 1)
		return error_set(error,
			"a report with schema %lld; this program reads schema 1",
			(long long)reading.schema);
	return 0;
}
