#include "run/control.h"

#include <string.h>

static const struct verb_row {
	const char *text;
	uint32_t arguments;
	bool told;
} verbs[] = {
#define VERB_ROW(name, text, arguments, told) { text, arguments, told },
	CONTROL_VERBS(VERB_ROW)
#undef VERB_ROW
};

static const char *const selects[] = {
#define SELECT_ROW(name, text) text,
	CONTROL_SELECTS(SELECT_ROW)
#undef SELECT_ROW
};

enum {
	VERB_COUNT = sizeof(verbs) / sizeof(verbs[0]),
	SELECT_COUNT = sizeof(selects) / sizeof(selects[0]),
};

const char *control_verb_text(enum control_verb verb)
{
	return verbs[verb].text;
}

bool control_verb_is_told(enum control_verb verb)
{
	return verbs[verb].told;
}

const char *control_select_text(enum control_select select)
{
	return selects[select];
}

static int parse_select(
	struct slice word, struct control_question *question, struct error *error)
{
	for (size_t i = 0; i < SELECT_COUNT; i++)
		if (slice_equal(word, slice_of(selects[i]))) {
			question->select = (enum control_select)i;
			return 0;
		}
	return error_set(error, "%.*s: links are named by url, list or state",
		SLICE_ARG(slice_sub(word, 0, 64)));
}

int control_question_parse(
	struct slice line, struct control_question *question, struct error *error)
{
	struct slice verb = { NULL, 0 }, arguments[CONTROL_ARGUMENTS_MAX];
	uint32_t count = 0;
	size_t found = 0;

	slice_split(&line, '\t', &verb);
	while (found < VERB_COUNT && !slice_equal(verb, slice_of(verbs[found].text)))
		found++;
	if (found == VERB_COUNT)
		return error_set(error, "\"%.*s\" is no question of this version",
			SLICE_ARG(slice_sub(verb, 0, 64)));
	while (count < CONTROL_ARGUMENTS_MAX &&
		slice_split(&line, '\t', &arguments[count]))
		count++;
	if (count != verbs[found].arguments || line.at != NULL)
		return error_set(error, "%s takes %u arguments", verbs[found].text,
			(unsigned)verbs[found].arguments);
	question->verb = (enum control_verb)found;
	if (question->verb != CONTROL_RECHECK)
		return 0;
	question->value = arguments[1];
	if (arguments[1].len == 0 || memchr(arguments[1].at, '\0', arguments[1].len))
		return error_set(
			error, "recheck needs the name of what is to be checked");
	return parse_select(arguments[0], question, error);
}
