/* tests/unit/config/configs: configurations from a few lines of text. */
#pragma once

#include "lib/test.h"

#include "config/config.h"

#define TEXT_MAIN "contact: mailto:ops@a.test\n"

static const struct config_wish test_wishes[] = {
	{ "arxiv.org", 1, 15000 },
	{ "github.com", 2, 2000 },
};
static const struct config_defaults test_defaults = { test_wishes, 2 };

/* One file, "a.yaml". NULL with errors. */
static inline struct config *parse_text(const char *text, struct config_errors *errors)
{
	const struct config_file file = { "a.yaml", slice_of(text) };
	return config_parse(&file, 1, &test_defaults, errors);
}

static inline struct config *parse_good(const char *text)
{
	struct config_errors errors;
	struct config *config = parse_text(text, &errors);
	if (config == NULL)
		fail_msg("%s", errors.at[0].text);
	assert_int_equal(errors.count, 0);
	return config;
}

/* Exactly these sentences, one a line: each begins as its line does and holds, where the
 * line has " ... ", what comes after it. */
static inline void assert_errors(
	const struct config_errors *errors, const char *expected, const char *what)
{
	struct slice rest = slice_of(expected), line;
	uint32_t i = 0;
	while (slice_split(&rest, '\n', &line)) {
		if (i >= errors->count)
			fail_msg("%s: no error \"%.*s\"", what, SLICE_ARG(line));
		struct slice text = slice_of(errors->at[i++].text);
		size_t gap = slice_find(line, SLICE(" ... "));
		struct slice begin = slice_sub(line, 0, gap), end = { 0 };
		if (gap != SLICE_NONE)
			end = slice_sub(line, gap + 5, line.len);
		if (!slice_starts(text, begin) || slice_find(text, end) == SLICE_NONE)
			fail_msg("%s: found \"%.*s\"", what, SLICE_ARG(text));
	}
	if (i != errors->count)
		fail_msg("%s: also \"%s\"", what, errors->at[i].text);
}

static inline void assert_refused(const char *text, const char *expected)
{
	struct config_errors errors;
	struct config *config = parse_text(text, &errors);
	if (config != NULL)
		fail_msg("taken: %s", text);
	assert_errors(&errors, expected, text);
}
