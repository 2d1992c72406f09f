#include "extract/slug.h"

#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>

#include "base/buffer.h"
#include "base/table.h"
#include "base/utf8.h"

static const size_t slugs_bytes_max = (size_t)128 * 1024 * 1024;

/* A slug that was given out, and how often it was wanted again. */
struct slug {
	struct slice text;
	uint32_t repeats;
	UT_hash_handle hh;
};

struct slugs {
	struct arena arena;
	struct slug *by_text;
};

struct slugs *slugs_new(void)
{
	struct slugs *slugs = calloc(1, sizeof(*slugs));
	if (slugs != NULL)
		arena_init(&slugs->arena, slugs_bytes_max);
	return slugs;
}

void slugs_free(struct slugs *slugs)
{
	if (slugs == NULL)
		return;
	HASH_CLEAR(hh, slugs->by_text);
	arena_fini(&slugs->arena);
	free(slugs);
}

static bool is_kept(uint32_t code_point)
{
	if (code_point == '-' || code_point == ' ')
		return true;
	return uc_is_property_alphabetic(code_point) ||
	       uc_is_general_category_withtable(
		       code_point, UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_Nd |
					   UC_CATEGORY_MASK_Nl | UC_CATEGORY_MASK_Pc);
}

static void keep(struct slice lower, struct buffer *out)
{
	while (lower.len > 0) {
		uint32_t code_point = utf8_next(&lower);
		if (is_kept(code_point))
			utf8_add(out, code_point == ' ' ? '-' : code_point);
	}
}

/* The slug without regard to others. -1: no memory. */
static int make_slug(struct slice heading, struct buffer *out)
{
	struct buffer valid;
	size_t len = 0;

	buffer_init(&valid, 3 * heading.len + 1);
	while (heading.len > 0)
		utf8_add(&valid, utf8_next(&heading));
	uint8_t *lower = u8_tolower((const uint8_t *)buffer_string(&valid), valid.len,
		NULL, NULL, NULL, &len);
	if (lower != NULL)
		keep((struct slice){ (const char *)lower, len }, out);
	bool failed = lower == NULL || valid.failed || out->failed;
	free(lower);
	buffer_fini(&valid);
	return failed ? -1 : 0;
}

static struct slug *find(struct slugs *slugs, struct slice text)
{
	struct slug *found = NULL;
	if (text.len == 0)
		text = SLICE(""); /* memcmp wants an address even for no bytes */
	HASH_FIND(hh, slugs->by_text, text.at, text.len, found);
	return found;
}

static bool add(struct slugs *slugs, struct slice text)
{
	struct slug *slug = ARENA_NEW(&slugs->arena, struct slug);
	if (slug == NULL)
		return false;
	slug->text = arena_copy(&slugs->arena, text);
	if (slug->text.at == NULL)
		return false;
	HASH_ADD_KEYPTR(hh, slugs->by_text, slug->text.at, slug->text.len, slug);
	return slug->hh.tbl != NULL;
}

/* Appends "-1", "-2", … until the slug in `out` is free. The counter stays with the
 * base, so that all headings together take linear time. */
static bool make_unique(struct slugs *slugs, struct buffer *out)
{
	struct slug *base = find(slugs, buffer_slice(out));
	size_t len = out->len;

	if (base == NULL)
		return add(slugs, buffer_slice(out));
	do {
		buffer_truncate(out, len);
		buffer_printf(out, "-%u", ++base->repeats);
	} while (!out->failed && find(slugs, buffer_slice(out)) != NULL);
	return !out->failed && add(slugs, buffer_slice(out));
}

struct slice slugs_next(struct slugs *slugs, struct arena *arena, struct slice heading)
{
	struct buffer out;
	struct slice slug = { 0 };

	buffer_init(&out, 4 * heading.len + 64);
	if (make_slug(heading, &out) == 0) {
		buffer_string(&out); /* not NULL, even if empty */
		if (make_unique(slugs, &out))
			slug = arena_copy(arena, buffer_slice(&out));
	}
	buffer_fini(&out);
	return slug;
}

struct slice slug_written(struct slice heading)
{
	struct slice rest = slice_trim(heading), word;
	size_t open = rest.len;

	while (open > 0 && rest.at[open - 1] != '{')
		open--;
	if (open == 0 || !slice_ends(rest, SLICE("}")))
		return (struct slice){ 0 };
	rest = slice_sub(rest, open, rest.len - 1);
	while (slice_split(&rest, ' ', &word))
		if (word.len > 1 && word.at[0] == '#')
			return slice_sub(word, 1, word.len);
	return (struct slice){ 0 };
}
