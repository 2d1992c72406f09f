#include "patch/replacement.h"

#include <assert.h>
#include <stdlib.h>

/* --- order --- */

static int by_place(const void *left, const void *right)
{
	const struct replacement *a = left, *b = right;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return (a->length > b->length) - (a->length < b->length);
}

static size_t end_of(const struct replacement *replacement)
{
	return replacement->offset + replacement->length;
}

/* Whether `next` may follow: it begins where `last` has ended, and does not insert where
 * that inserts. */
static bool may_follow(const struct replacement *last, const struct replacement *next)
{
	return next->offset >= end_of(last) &&
	       (next->offset > last->offset || next->length > 0 || last->length > 0);
}

size_t replacement_arrange(struct replacement *list, size_t count)
{
	size_t kept = 0;
	if (count > 0)
		qsort(list, count, sizeof(*list), by_place);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && !may_follow(&list[kept - 1], &list[i]))
			continue;
		struct replacement next = list[i];
		list[i] = list[kept];
		list[kept++] = next;
	}
	return kept;
}

bool replacement_in_order(const struct replacement *list, size_t count, size_t bytes_len)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].offset > bytes_len ||
			list[i].length > bytes_len - list[i].offset)
			return false;
		if (i > 0 && !may_follow(&list[i - 1], &list[i]))
			return false;
	}
	return true;
}

/* --- use --- */

void replacement_apply(struct slice bytes, const struct replacement *list, size_t count,
	struct buffer *out)
{
	size_t at = 0;
	assert(replacement_in_order(list, count, bytes.len));
	for (size_t i = 0; i < count; i++) {
		buffer_add(out, slice_sub(bytes, at, list[i].offset));
		buffer_add(out, list[i].text);
		at = end_of(&list[i]);
	}
	buffer_add(out, slice_sub(bytes, at, bytes.len));
}

/* --- choice --- */

struct choice {
	const struct replacement *list;
	size_t count;
	replacement_judge_fn *judge;
	void *data;
	uint32_t questions_left;
	bool *kept;
	struct replacement *trial;
};

/* What is kept already, and [from, to) with it. */
static int ask(struct choice *choice, size_t from, size_t to)
{
	size_t count = 0;
	choice->questions_left--;
	for (size_t i = 0; i < choice->count; i++)
		if (choice->kept[i] || (i >= from && i < to))
			choice->trial[count++] = choice->list[i];
	return choice->judge(choice->data, choice->trial, count);
}

/* As deep as halving goes. */
static int choose(struct choice *choice, size_t from, size_t to)
{
	if (choice->questions_left == 0)
		return 0;
	int answer = ask(choice, from, to);
	if (answer == 1) {
		for (size_t i = from; i < to; i++)
			choice->kept[i] = true;
		return 0;
	}
	if (answer != 0 || to - from == 1)
		return answer;
	size_t middle = from + (to - from) / 2;
	answer = choose(choice, from, middle);
	return answer == 0 ? choose(choice, middle, to) : answer;
}

int replacement_choose(const struct replacement *list, size_t count,
	replacement_judge_fn *judge, void *data, uint32_t questions_max, bool *ret_kept)
{
	struct choice choice = {
		.list = list,
		.count = count,
		.judge = judge,
		.data = data,
		.questions_left = questions_max,
		.kept = ret_kept,
	};
	if (count == 0)
		return 0;
	memset(ret_kept, 0, count * sizeof(*ret_kept));
	choice.trial = calloc(count, sizeof(*choice.trial));
	if (choice.trial == NULL)
		return -1;
	int result = choose(&choice, 0, count);
	free(choice.trial);
	return result;
}
