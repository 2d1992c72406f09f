#include "app/fix_internal.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/table.h"
#include "base/utf8.h"
#include "model/identity.h"
#include "model/url.h"
#include "patch/spelling.h"

enum {
	/* Of the judge. Each is one more reading of the whole document, so that a large
	 * one gets fewer: some seconds for the largest, enough of them for a hundred
	 * refusals in an ordinary one. */
	QUESTIONS_MIN = 20,
	QUESTIONS_MAX = 4000,
	REREAD_BYTES_MAX = 256 * 1024 * 1024,
	SPELT_BYTES_MAX = 6 * URL_BYTES_MAX, /* "&#124;" for a byte */
};

#define WORK_BYTES_MAX ((size_t)1 << 30)

static uint64_t hash_of(struct slice text)
{
	return hash_bytes(text, table_seed);
}

/* --- what is written where --- */

struct gathering {
	struct fix_work *work;
	size_t room;
	struct buffer spelt;
};

static int on_anchor(void *data, struct slice id)
{
	struct gathering *gathering = data;
	gathering->work->anchors = hash_bytes(id, gathering->work->anchors);
	return 0;
}

static void refuse(struct fix_place *place, const char *why)
{
	place->refused = true;
	place->why = slice_of(why);
}

/* Whoever wrote a name and a password there meant them for this very server. */
static bool has_userinfo(struct fix_work *work, struct fix_place *place, struct slice url)
{
	struct slice front, rest;
	if (!fix_hide_userinfo(url, &front, &rest))
		return false;
	place->was =
		arena_printf(&work->arena, "%.*s%.*s", SLICE_ARG(front), SLICE_ARG(rest));
	refuse(place, "it holds a user's name");
	return true;
}

static enum spelling_syntax syntax_of(const struct fix_document *document)
{
	switch (document->kind) {
	case DOCUMENT_MARKDOWN:
		return SPELLING_MARKDOWN;
	case DOCUMENT_HTML:
		return SPELLING_HTML;
	case DOCUMENT_PLAIN:
	case DOCUMENT_TEX:
	case DOCUMENT_BIBTEX:
	case DOCUMENT_ASCIIDOC:
	case DOCUMENT_RST:
	case DOCUMENT_ORG:
	case DOCUMENT_CSV:
		break;
	}
	return spelling_syntax_of(document->name);
}

/* "s" alone is put in where the scheme stands as it is; what is behind it may be spelt in
 * ways that we would spoil. */
static bool make_https(struct fix_work *work, struct fix_place *place, struct slice url,
	const struct fix_target *target)
{
	if (!target->scheme_only || !slice_starts_nocase(url, SLICE("http:")))
		return false;
	place->wanted = arena_printf(
		&work->arena, "https%.*s", SLICE_ARG(slice_sub(url, 4, url.len)));
	if (!slice_starts_nocase(place->was, SLICE("http:")))
		return false;
	place->replacement = (struct replacement){ place->offset, 4, SLICE("https") };
	return true;
}

/* In Markdown a bare URL takes marks of the sentence along, which are not ours to delete.
 */
static void part(struct fix_place *place, enum spelling_form form)
{
	if (form != SPELLING_FORM_BARE)
		return;
	struct slice core = identity_trim(place->was);
	size_t start = (size_t)(core.at - place->was.at);
	place->front = slice_sub(place->was, 0, start);
	place->back = slice_sub(place->was, start + core.len, place->was.len);
}

/* Around a URL that ends where its reader thinks it does (`bracketed`: where it says). */
static void replace(
	struct fix_work *work, struct fix_place *place, struct slice url, bool bracketed)
{
	place->replacement = (struct replacement){ place->offset, place->length,
		arena_printf(&work->arena, "%.*s%s%.*s%s%.*s", SLICE_ARG(place->front),
			bracketed ? "<" : "", SLICE_ARG(url), bracketed ? ">" : "",
			SLICE_ARG(place->back)) };
	work->failed |= place->replacement.text.at == NULL;
}

static void spell(struct gathering *gathering, struct fix_place *place,
	const struct fix_target *target)
{
	struct fix_work *work = gathering->work;
	enum spelling_form form = spelling_form_at(
		syntax_of(work->document), work->bytes, place->offset, place->length);
	buffer_reset(&gathering->spelt);
	const char *why = spelling_add(form, place->wanted, &gathering->spelt);
	part(place, form);
	bool parted = place->front.len + place->back.len > 0;
	if (why == NULL && parted && !target->repaired)
		why = "marks at its end may belong to the sentence";
	if (why != NULL) {
		refuse(place, why);
		return;
	}
	work->failed |= gathering->spelt.out_of_memory;
	bool bare = form == SPELLING_FORM_BARE;
	place->bare = bare && !parted;
	replace(work, place, buffer_slice(&gathering->spelt), bare && parted);
}

static void make(struct gathering *gathering, struct fix_place *place, struct slice url,
	const struct fix_target *target)
{
	struct fix_work *work = gathering->work;
	place->wanted = target->url;
	place->why = target->why;
	place->was = slice_sub(work->bytes, place->offset, place->offset + place->length);
	if (has_userinfo(work, place, url))
		return;
	if (spelling_is_cut(syntax_of(work->document), work->bytes,
		    place->offset + place->length)) {
		refuse(place, "it goes on behind a backslash");
		return;
	}
	if (make_https(work, place, url, target))
		return;
	/* A parser makes U+FFFD of them, and what they were would be lost. */
	if (!utf8_valid(url))
		refuse(place, "it holds bytes that are no UTF-8");
	else
		spell(gathering, place, target);
}

static int add_place(void *data, const struct mention *mention)
{
	struct gathering *gathering = data;
	struct fix_work *work = gathering->work;
	if (work->count == work->document->link_count)
		return -1;
	const struct link *link = work->document->links[work->count];
	const struct fix_target *target = &work->fix->targets[link->number];
	struct fix_place *place = &work->places[work->count++];
	*place = (struct fix_place){
		.offset = mention->offset,
		.length = mention->length,
		.line = mention->line,
		.column = mention->column,
		.url_hash = hash_of(mention->url),
	};
	if (target->url.len > 0)
		make(gathering, place, mention->url, target);
	work->failed |= work->arena.failed;
	return work->failed ? -1 : 0;
}

/* --- the same once more, with the replacements made --- */

struct rereading {
	const struct fix_work *work;
	const struct replacement *list;
	size_t count;
	size_t next;  /* of the list */
	size_t place; /* which comes now */
	size_t grown; /* by the replacements so far; may be below zero, and wraps */
	uint64_t anchors;
	bool wrong;
};

static int compare_anchor(void *data, struct slice id)
{
	struct rereading *rereading = data;
	rereading->anchors = hash_bytes(id, rereading->anchors);
	return 0;
}

static int compare_place(void *data, const struct mention *mention)
{
	struct rereading *rereading = data;
	const struct fix_work *work = rereading->work;
	rereading->wrong = true;
	if (rereading->place == work->count)
		return -1;
	const struct fix_place *place = &work->places[rereading->place++];
	while (rereading->next < rereading->count &&
		rereading->list[rereading->next].offset < place->offset) {
		const struct replacement *past = &rereading->list[rereading->next++];
		rereading->grown += past->text.len - past->length;
	}
	uint64_t hash = place->url_hash;
	size_t offset = place->offset + rereading->grown, length = place->length;
	const struct replacement *made = &rereading->list[rereading->next];
	if (rereading->next < rereading->count && made->offset == place->offset) {
		size_t front = place->front.len, back = place->back.len;
		struct slice text = slice_sub(made->text, front, made->text.len);
		size_t bracket = slice_starts(text, SLICE("<")) ? 1 : 0;
		hash = hash_of(place->wanted);
		offset += front + bracket;
		length += text.len - back - made->length - 2 * bracket;
	}
	rereading->wrong = mention->offset != offset || mention->length != length ||
			   hash_of(mention->url) != hash;
	return rereading->wrong ? -1 : 0;
}

/* Every destination is what it should be, at its place, and every heading has the id that
 * it had. */
static int is_right(void *data, const struct replacement *list, size_t count)
{
	struct fix_work *work = data;
	struct rereading rereading = { .work = work, .list = list, .count = count };
	const struct extract_sink sink = { &rereading, compare_place, compare_anchor };
	struct buffer new;
	struct error why;

	buffer_init(&new, EXTRACT_BYTES_MAX);
	replacement_apply(work->bytes, list, count, &new);
	work->failed |= new.out_of_memory;
	bool right = !new.failed &&extract(work->document->kind, buffer_slice(&new),
			     &sink, &why) == 0 &&
		     !rereading.wrong &&rereading.place ==
			     work->count &&rereading.anchors == work->anchors;
	buffer_fini(&new);
	return work->failed ? -1 : right;
}

/* --- choice --- */

static const char not_read[] = "the new document would not be read as it should";

static bool is_made(const struct fix_work *work, const struct fix_place *place)
{
	for (size_t low = 0, high = work->list_count; low < high;) {
		size_t middle = low + (high - low) / 2;
		if (work->list[middle].offset == place->offset)
			return true;
		if (work->list[middle].offset < place->offset)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static uint32_t questions_for(size_t bytes_len)
{
	size_t questions = REREAD_BYTES_MAX / (bytes_len + 1);
	if (questions < QUESTIONS_MIN)
		return QUESTIONS_MIN;
	return questions < QUESTIONS_MAX ? (uint32_t)questions : QUESTIONS_MAX;
}

/* Of the list, those that go together. */
static int choose(struct fix_work *work)
{
	bool *kept = calloc(work->list_count + 1, sizeof(*kept));
	size_t count = 0;
	if (kept == NULL)
		return -1;
	int result = replacement_choose(work->list, work->list_count, is_right, work,
		questions_for(work->bytes.len), kept);
	for (size_t i = 0; i < work->list_count; i++)
		if (kept[i])
			work->list[count++] = work->list[i];
	work->list_count = count;
	free(kept);
	return result;
}

static void list_all(struct fix_work *work)
{
	for (size_t i = 0; i < work->count; i++)
		if (work->places[i].wanted.len > 0 && !work->places[i].refused)
			work->list[work->list_count++] = work->places[i].replacement;
	work->list_count = replacement_arrange(work->list, work->list_count);
}

/* A bare URL ends where GitHub thinks it does; in angle brackets where it does. */
static bool list_bracketed(struct fix_work *work)
{
	size_t before = work->list_count;
	for (size_t i = 0; i < work->count; i++) {
		struct fix_place *place = &work->places[i];
		if (!place->bare || place->refused || place->wanted.len == 0 ||
			is_made(work, place))
			continue;
		replace(work, place, place->wanted, true);
		place->bare = false;
	}
	work->list_count = 0;
	list_all(work);
	return work->list_count > before;
}

/* What was refused stands in the list again; it is asked about again and refused again,
 * unless it has brackets now. */
static int choose_all(struct fix_work *work)
{
	list_all(work);
	size_t listed = work->list_count;
	if (choose(work) < 0)
		return -1;
	if (work->list_count < listed && work->document->kind == DOCUMENT_MARKDOWN &&
		list_bracketed(work) && choose(work) < 0)
		return -1;
	for (size_t i = 0; i < work->count; i++) {
		struct fix_place *place = &work->places[i];
		if (place->wanted.len > 0 && !place->refused && !is_made(work, place))
			refuse(place, not_read);
	}
	return work->failed ? -1 : 0;
}

int fix_work(struct fix_work *work, const struct fix *fix,
	const struct fix_document *document, struct slice bytes, struct error *error)
{
	struct gathering gathering = { .work = work };
	const struct extract_sink sink = { &gathering, add_place, on_anchor };
	struct error why = { "" };

	*work = (struct fix_work){ .fix = fix, .document = document, .bytes = bytes };
	arena_init(&work->arena, WORK_BYTES_MAX);
	if (hash_of(bytes) != document->hash)
		return error_set(error,
			"%.*s: has changed while its links were looked at; run fix "
			"again",
			SLICE_ARG(document->name));
	work->places = calloc(document->link_count + 1, sizeof(*work->places));
	work->list = calloc(document->link_count + 1, sizeof(*work->list));
	buffer_init(&gathering.spelt, SPELT_BYTES_MAX);
	bool done = work->places != NULL && work->list != NULL &&
		    extract(document->kind, bytes, &sink, &why) == 0 &&
		    work->count == document->link_count && choose_all(work) == 0;
	buffer_fini(&gathering.spelt);
	return done ? 0
		    : error_set(error, "%.*s: %s", SLICE_ARG(document->name),
			      why.text[0] != '\0' && !work->failed ? why.text
								   : "out of memory");
}

void fix_work_fini(struct fix_work *work)
{
	free(work->list);
	free(work->places);
	arena_fini(&work->arena);
}
