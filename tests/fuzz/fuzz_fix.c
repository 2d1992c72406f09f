/* app, fix_document: whatever the document and the target, what is made of it is the same
 * document with some of its links at the target and all others where they were. The first
 * line is the target, the second the name of the document; every second link is
 * rewritten. No user's name is taken away or told. */
#include "fuzz.h"

#include "app/fix_internal.h"
#include "base/hash.h"
#include "base/table.h"
#include "model/identity.h"

enum { LINKS_MAX = 4096, NAMES_MAX = 8, SCRATCH_BYTES_MAX = 1 << 20 };

struct reading {
	struct slice target;
	size_t count, at_target;
};

static int on_mention(void *data, const struct mention *mention)
{
	struct reading *reading = data;
	reading->count++;
	reading->at_target += slice_equal(mention->url, reading->target);
	return 0;
}

static int on_anchor(void *data, struct slice id)
{
	(void)data;
	(void)id;
	return 0;
}

static bool read_document(
	enum document_kind kind, struct slice bytes, struct reading *reading)
{
	const struct extract_sink sink = { reading, on_mention, on_anchor };
	struct error error;
	return extract(kind, bytes, &sink, &error) == 0;
}

/* --- names of users, found in another way than by the program: what stands before an "@"
 * is one when the host is another without the "@" --- */

static struct slice host_of(struct arena *arena, struct slice url)
{
	struct url parsed;
	return url_parse(arena, url, NULL, &parsed) == 0 && parsed.http
		       ? parsed.host
		       : (struct slice){ 0 };
}

/* Of the link that the text is, and of that which it was meant to be. */
static void hosts_of(struct arena *arena, struct slice text, struct slice hosts[static 2])
{
	struct link_identity identity = { 0 };
	hosts[0] = hosts[1] = (struct slice){ 0 };
	if (identify(arena, text, NULL, &identity) < 0)
		return;
	if (identity.kind == LINK_HTTP)
		hosts[0] = host_of(arena, identity.url);
	hosts[1] = host_of(arena, identity.suggestion.url);
}

static bool takes_name(struct slice text)
{
	struct arena arena;
	struct slice before[2], after[2];
	bool takes = false;
	if (text.len > URL_BYTES_MAX)
		return false;
	arena_init(&arena, SCRATCH_BYTES_MAX);
	hosts_of(&arena, text, before);
	char *copy = arena_string(&arena, text);
	size_t at = 0;
	for (int i = 0; i < NAMES_MAX && !takes && copy != NULL; i++, at++) {
		size_t found = slice_find_char(slice_sub(text, at, text.len), '@');
		if (found == SLICE_NONE)
			break;
		at += found;
		copy[at] = 'x';
		hosts_of(&arena, (struct slice){ copy, text.len }, after);
		copy[at] = '@';
		for (int k = 0; k < 2; k++)
			takes = takes ||
				(before[k].len > 0 && !slice_equal(before[k], after[k]));
	}
	arena_fini(&arena);
	return takes;
}

struct naming {
	const struct fix_work *work;
	size_t count;
};

static int check_name(void *data, const struct mention *mention)
{
	struct naming *naming = data;
	const struct fix_place *place = &naming->work->places[naming->count++];
	if (place->wanted.len > 0 && takes_name(mention->url)) {
		assert(place->refused);
		assert(!takes_name(place->was));
	}
	return 0;
}

static void check_names(const struct fix_work *work)
{
	struct naming naming = { .work = work };
	const struct extract_sink sink = { &naming, check_name, on_anchor };
	struct error error;
	int result = extract(work->document->kind, work->bytes, &sink, &error);
	assert(result == 0 && naming.count == work->count);
}

static void check_work(const struct fix_work *work, const struct reading *before)
{
	struct reading after = { .target = before->target };
	struct buffer new;
	size_t refused = 0, wanted = 0;
	assert(replacement_in_order(work->list, work->list_count, work->bytes.len));
	for (size_t i = 0; i < work->count; i++) {
		wanted += work->places[i].wanted.len > 0;
		refused += work->places[i].refused;
	}
	assert(refused <= wanted && work->list_count <= wanted - refused);
	buffer_init(&new, EXTRACT_BYTES_MAX);
	replacement_apply(work->bytes, work->list, work->list_count, &new);
	assert(!new.failed);
	bool read = read_document(work->document->kind, buffer_slice(&new), &after);
	assert(read);
	assert(after.count == before->count);
	assert(after.at_target >= work->list_count);
	buffer_fini(&new);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct link links[2] = { { .number = 0 }, { .number = 1 } };
	static struct link *of_mentions[LINKS_MAX];
	struct slice rest = fuzz_slice(data, size);
	struct slice target = fuzz_line(&rest), name = fuzz_line(&rest);
	struct reading before = { .target = target };
	enum document_kind kind = document_kind_of(name, NULL);

	if (target.len == 0 || !read_document(kind, rest, &before) ||
		before.count > LINKS_MAX)
		return 0;
	for (size_t i = 0; i < before.count; i++)
		of_mentions[i] = &links[i % 2];
	struct fix_target targets[2] = { { .url = target }, { { 0 }, { 0 }, false } };
	struct fix fix = { .targets = targets };
	const struct fix_document document = {
		.name = name,
		.kind = kind,
		.hash = hash_bytes(rest, table_seed),
		.links = of_mentions,
		.link_count = before.count,
	};
	struct fix_work work;
	struct error error;
	if (fix_work(&work, &fix, &document, rest, &error) == 0) {
		check_work(&work, &before);
		check_names(&work);
	}
	fix_work_fini(&work);
	return 0;
}
