#include "extract/markdown_mentions_internal.h"

#include <stdlib.h>

#include "extract/title.h"
#include "extract/title_internal.h"

enum {
	/* A group may be long and have many mentions: each gets so much of it. */
	CONTEXT_SIDE_MAX = 1024,
	TEXT_MAX = 1024,
	/* A title is looked for in a group up to this long; what is longer is prose. */
	TITLE_GROUP_MAX = 1024,
	SCRATCH_BYTES_MAX = 64 * 1024,
};

void mentions_init(struct mentions *mentions, size_t document_len)
{
	*mentions = (struct mentions){ 0 };
	arena_init(&mentions->arena, 32 * document_len + 65536);
	buffer_init(&mentions->group, 4 * document_len + 4096);
}

void mentions_fini(struct mentions *mentions)
{
	marks_fini(&mentions->marks);
	buffer_fini(&mentions->group);
	free(mentions->list);
	arena_fini(&mentions->arena);
}

struct found *mentions_add(struct mentions *mentions)
{
	if (mentions->count == mentions->room) {
		size_t room = mentions->room * 2 + 64;
		void *grown = realloc(mentions->list, room * sizeof(*mentions->list));
		if (grown == NULL)
			return NULL;
		mentions->list = grown;
		mentions->room = room;
	}
	struct found *found = &mentions->list[mentions->count++];
	*found = (struct found){ 0 };
	return found;
}

struct slice mentions_keep(struct mentions *mentions, struct slice text)
{
	return arena_copy(&mentions->arena, text);
}

void mentions_begin_group(struct mentions *mentions)
{
	buffer_reset(&mentions->group);
	mentions->group_first = mentions->count;
	mentions->parts.count = 0;
}

void mentions_end_part(struct mentions *mentions)
{
	title_parts_end_one(&mentions->parts, mentions->group.len);
}

static bool names_nothing(const struct found *found)
{
	return found->names_nothing || title_is_generic(found->text);
}

static bool is_within(const struct found *found, struct slice group)
{
	return found->from < found->to && found->to <= group.len;
}

/* The group without its images and without the links whose text names nothing: what it
 * says of all of these. Empty where it is prose. */
static struct slice make_title_context(struct mentions *mentions, struct slice group)
{
	if (group.len > TITLE_GROUP_MAX)
		return (struct slice){ 0 };
	char *copy = arena_string(&mentions->arena, group);
	for (size_t i = mentions->group_first; i < mentions->count && copy != NULL; i++) {
		const struct found *found = &mentions->list[i];
		if (is_within(found, group) &&
			(!found->can_have_title || names_nothing(found)))
			memset(copy + found->from, ' ', found->to - found->from);
	}
	return (struct slice){ copy, copy != NULL ? group.len : 0 };
}

/* Whether the group says less of its links than of their neighbours. */
static bool is_loose(const struct mentions *mentions, struct slice group)
{
	char own[TITLE_GROUP_MAX]; /* words outside of links */
	unsigned named_links = 0;

	if (group.len == 0 || group.len > sizeof(own))
		return false;
	memcpy(own, group.at, group.len);
	for (size_t i = mentions->group_first; i < mentions->count; i++) {
		const struct found *found = &mentions->list[i];
		if (!is_within(found, group))
			continue;
		memset(own + found->from, ' ', found->to - found->from);
		named_links += found->can_have_title && !names_nothing(found);
	}
	return title_parts_are_loose(
		&mentions->parts, (struct slice){ own, group.len }, named_links);
}

int mentions_end_group(struct mentions *mentions)
{
	bool wanted = false;

	if (mentions->group.failed)
		return -1;
	if (mentions->group_first == mentions->count)
		return 0;
	struct slice group = mentions_keep(mentions, buffer_slice(&mentions->group));
	for (size_t i = mentions->group_first; i < mentions->count; i++) {
		struct found *found = &mentions->list[i];
		if (found->group.at != NULL)
			continue;
		found->group = group;
		if (found->text.len == 0)
			found->text =
				slice_trim(slice_sub(group, found->from, found->to));
		wanted = wanted || (found->can_have_title && names_nothing(found));
	}
	struct slice title_context =
		wanted ? make_title_context(mentions, group) : (struct slice){ 0 };
	bool loose = wanted && is_loose(mentions, group);
	for (size_t i = mentions->group_first; i < mentions->count; i++) {
		struct found *found = &mentions->list[i];
		found->title_context = title_context;
		if (found->can_have_title)
			found->title_is_loose =
				names_nothing(found)
					? loose || title_is_url(found->text) ||
						  title_is_mark(found->text)
					: title_is_citation(found->text);
	}
	return mentions->arena.failed ? -1 : 0;
}

/* --- order -------------------------------------------------------------------------- */

static int by_place(const void *left, const void *right)
{
	const struct found *a = left, *b = right;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return (a->use_offset > b->use_offset) - (a->use_offset < b->use_offset);
}

static bool is_reference(const struct found *found)
{
	return found->offset != found->use_offset;
}

/* --- context and title -------------------------------------------------------------- */

struct emitter {
	struct mentions *mentions;
	const struct extract_sink *sink;
	struct error *error;
	struct place place;
	struct buffer context;
	struct arena scratch;
};

static bool is_inside_character(struct slice text, size_t at)
{
	return at > 0 && at < text.len && ((unsigned char)text.at[at] & 0xC0) == 0x80;
}

static struct slice last_bytes(struct slice text, size_t max)
{
	size_t from = text.len > max ? text.len - max : 0;
	while (is_inside_character(text, from))
		from++;
	return slice_sub(text, from, text.len);
}

static struct slice first_bytes(struct slice text, size_t max)
{
	size_t to = text.len > max ? max : text.len;
	while (is_inside_character(text, to))
		to--;
	return slice_sub(text, 0, to);
}

static struct slice make_context(struct emitter *emitter, const struct found *found)
{
	struct slice group = found->group;
	struct buffer *context = &emitter->context;
	struct slice head =
		last_bytes(slice_sub(group, 0, found->from), CONTEXT_SIDE_MAX);
	struct slice tail =
		first_bytes(slice_sub(group, found->to, group.len), CONTEXT_SIDE_MAX);

	buffer_reset(context);
	buffer_add(context, head);
	if (head.len == 0 || slice_ends(head, SLICE(" ")))
		tail = slice_trim(tail);
	buffer_add(context, tail);
	return slice_trim(buffer_slice(context));
}

/* A bare URL is named by what stands around it, or by nobody. */
static bool is_in_sentence(const struct found *found)
{
	struct slice context = found->title_context;
	return names_nothing(found) && !title_is_url(found->text) &&
	       title_is_in_sentence(slice_sub(context, 0, found->from),
		       slice_sub(context, found->to, context.len));
}

static struct slice make_title(struct emitter *emitter, const struct found *found)
{
	if (found->title.len > 0 || !found->can_have_title)
		return found->title;
	if (is_in_sentence(found))
		return (struct slice){ 0 };
	arena_reset(&emitter->scratch);
	struct slice text = found->names_nothing ? (struct slice){ 0 } : found->text;
	return expected_title(
		&emitter->scratch, first_bytes(text, TEXT_MAX), found->title_context);
}

/* --- emitting ----------------------------------------------------------------------- */

static int emit(struct emitter *emitter, const struct found *found)
{
	struct mention mention = { .url = found->url,
		.offset = found->offset,
		.length = found->length,
		.text = first_bytes(found->text, TEXT_MAX) };

	place_at(&emitter->place, mention.offset, &mention.line, &mention.column);
	if (!marks_allow(&emitter->mentions->marks, mention.offset, mention.line))
		return 0;
	mention.context = make_context(emitter, found);
	mention.expected_title = make_title(emitter, found);
	mention.title_is_loose = found->title_is_loose;
	if (emitter->context.failed || emitter->scratch.failed)
		return error_set(emitter->error, "out of memory");
	if (emitter->sink->on_mention(emitter->sink->data, &mention) != 0)
		return error_set(emitter->error, "stopped");
	return 0;
}

static int emit_all(struct emitter *emitter)
{
	const struct mentions *mentions = emitter->mentions;
	int result = 0;

	for (size_t i = 0; i < mentions->count && result == 0; i++) {
		const struct found *found = &mentions->list[i];
		if (i > 0 && is_reference(found) && found->offset == found[-1].offset)
			continue;
		result = emit(emitter, found);
	}
	return result;
}

int mentions_emit(struct mentions *mentions, struct slice document,
	const struct extract_sink *sink, struct error *error)
{
	struct emitter emitter = { .mentions = mentions, .sink = sink, .error = error };

	if (mentions->count > 0)
		qsort(mentions->list, mentions->count, sizeof(*mentions->list), by_place);
	marks_sort(&mentions->marks, document);
	place_init(&emitter.place, document);
	buffer_init(&emitter.context, 2 * CONTEXT_SIDE_MAX + 16);
	arena_init(&emitter.scratch, SCRATCH_BYTES_MAX);
	int result = emit_all(&emitter);
	arena_fini(&emitter.scratch);
	buffer_fini(&emitter.context);
	return result;
}
