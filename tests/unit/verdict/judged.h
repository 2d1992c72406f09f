/* tests/verdict/judged: verdicts and what must be true of them. */
#pragma once

#include "observed.h"

#include "verdict/verdict.h"

#define SURVEY "A Survey of Large Language Models"

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static struct arena arena;

static inline int setup(void **state)
{
	(void)state;
	arena_init(&arena, 4 << 20);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static inline struct verdict give(
	const struct observed *observed, const struct verdict_context *context)
{
	struct verdict verdict;
	verdict_give(&arena, &observed->seen, context, &verdict);
	return verdict;
}

static inline struct verdict plain(const struct observed *observed)
{
	static const struct verdict_context nothing = { 0 };
	return give(observed, &nothing);
}

static inline struct verdict of(const char *chain)
{
	struct observed observed;
	observe(&observed, chain);
	return plain(&observed);
}

static inline void assert_verdict(const struct verdict *verdict, const char *outcome,
	const char *reason, const char *name)
{
	if (strcmp(outcome_text(verdict->outcome), outcome) == 0 &&
		strcmp(reason_text(verdict->reason), reason) == 0)
		return;
	fail_msg("%s: %s/%s, not %s/%s", name, outcome_text(verdict->outcome),
		reason_text(verdict->reason), outcome, reason);
}

/* A sentence: a capital (or a host name) first, one full stop at the end. */
static inline void assert_sentence(struct slice error, const char *name)
{
	if (error.len < 10 || !slice_ends(error, SLICE(".")) ||
		slice_ends(error, SLICE("..")) || char_is_space(error.at[0]))
		fail_msg("%s: \"%.*s\"", name, SLICE_ARG(error));
}

static inline void assert_says(struct slice error, const char *part)
{
	if (slice_find(error, slice_of(part)) == SLICE_NONE)
		fail_msg("\"%.*s\" does not say \"%s\"", SLICE_ARG(error), part);
}
