#include "config/keys_internal.h"

enum { WORD_BYTES_MAX = 40 };

/* A dash or a capital is the commonest slip and costs nothing. */
static bool same_letter(char a, char b)
{
	a = a == '-' ? '_' : char_lower(a);
	b = b == '-' ? '_' : char_lower(b);
	return a == b;
}

/* Edits (insert, delete, replace, swap of neighbours) between two short words. */
static unsigned distance(struct slice a, struct slice b)
{
	unsigned rows[3][WORD_BYTES_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2];
	if (a.len > WORD_BYTES_MAX || b.len > WORD_BYTES_MAX)
		return WORD_BYTES_MAX;
	for (unsigned i = 0; i <= a.len; i++)
		last[i] = i;
	for (unsigned j = 1; j <= b.len; j++) {
		now[0] = j;
		for (unsigned i = 1; i <= a.len; i++) {
			unsigned best =
				last[i - 1] + !same_letter(a.at[i - 1], b.at[j - 1]);
			if (last[i] + 1 < best)
				best = last[i] + 1;
			if (now[i - 1] + 1 < best)
				best = now[i - 1] + 1;
			if (i > 1 && j > 1 && same_letter(a.at[i - 1], b.at[j - 2]) &&
				same_letter(a.at[i - 2], b.at[j - 1]) &&
				before[i - 2] + 1 < best)
				best = before[i - 2] + 1;
			now[i] = best;
		}
		unsigned *free_row = before;
		before = last;
		last = now;
		now = free_row;
	}
	return last[a.len];
}

/* A third of the word may be wrong; a longer known word that begins like it is near,
 * too. */
static unsigned nearness(struct slice word, const char *known)
{
	struct slice name = slice_of(known);
	if (word.len > 2 && slice_starts_nocase(name, word))
		return 0;
	return distance(word, name);
}

static unsigned allowance(struct slice word)
{
	return word.len < 3 ? 1 : (unsigned)(word.len < 30 ? word.len / 3 : 10);
}

const struct key *key_nearest(const struct key_group *group, struct slice name)
{
	const struct key *nearest = NULL;
	unsigned least = allowance(name) + 1;
	for (uint32_t i = 0; i < group->count; i++) {
		unsigned edits = nearness(name, group->keys[i].name);
		if (edits < least) {
			least = edits;
			nearest = &group->keys[i];
		}
	}
	return nearest;
}

const char *word_nearest(const struct key_words *words, struct slice word)
{
	const char *nearest = NULL;
	unsigned least = allowance(word) + 1;
	for (uint32_t i = 0; i < words->count; i++) {
		unsigned edits = nearness(word, words->at[i]);
		if (edits < least) {
			least = edits;
			nearest = words->at[i];
		}
	}
	return nearest;
}

const char *key_belongs_to(const struct key_group *wrong, struct slice name)
{
	const char *found = NULL;
	if (wrong != &key_root && key_of_name(&key_root, name) != NULL)
		return "";
	for (uint32_t i = 0; i < key_root.count; i++) {
		const struct key_group *group = key_root.keys[i].group;
		if (group == NULL || group == wrong || key_of_name(group, name) == NULL)
			continue;
		if (found != NULL)
			return NULL;
		found = key_root.keys[i].name;
	}
	return found;
}
