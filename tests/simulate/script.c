#include "simulate/script.h"

#include <stdarg.h>

void complain(struct script *script, const char *format, ...)
{
	va_list args;
	if (script->complaint[0] != '\0')
		return; /* the first one counts */
	va_start(args, format);
	vsnprintf(script->complaint, sizeof(script->complaint), format, args);
	va_end(args);
}

void misread(struct script *script, const char *wanted)
{
	complain(script, "%s wanted in: %.*s", wanted, SLICE_ARG(script->text));
	script->wrong = true;
}

bool word_is(struct script *script, const char *word)
{
	if (script->at >= script->count ||
		!slice_equal(script->words[script->at], slice_of(word)))
		return false;
	script->at++;
	return true;
}

struct slice take_word(struct script *script, const char *what)
{
	if (script->at < script->count)
		return script->words[script->at++];
	misread(script, what);
	return (struct slice){ 0 };
}

struct slice take_rest(struct script *script)
{
	if (script->at >= script->count)
		return (struct slice){ 0 };
	size_t from = (size_t)(script->words[script->at].at - script->text.at);
	script->at = script->count;
	return slice_trim(slice_sub(script->text, from, script->text.len));
}

enum reason take_reason(struct script *script)
{
	struct slice text = take_word(script, "a reason");
	for (unsigned i = 0; i < REASON_COUNT; i++)
		if (slice_equal(text, slice_of(reason_text((enum reason)i))))
			return (enum reason)i;
	misread(script, "a reason");
	return REASON_OK;
}

time_us take_time(struct script *script)
{
	time_ms span = 0;
	if (!time_parse_duration(take_word(script, "a duration"), &span))
		misread(script, "a duration");
	return span * TIME_US_PER_MS;
}

uint32_t take_count(struct script *script)
{
	uint64_t number = 0;
	if (!slice_to_number(take_word(script, "a number"), UINT32_MAX, &number))
		misread(script, "a number");
	return (uint32_t)number;
}

uint32_t take_positive(struct script *script)
{
	uint32_t number = take_count(script);
	if (number == 0)
		misread(script, "a number above 0");
	return number > 0 ? number : 1;
}

struct actor *take_actor(struct script *script)
{
	struct actor *actor =
		world_actor(&script->world, take_word(script, "the name of a request"));
	if (actor == NULL)
		misread(script, "the name of a known request");
	return actor;
}

struct server *take_server(struct script *script)
{
	return world_server(&script->world, take_word(script, "a host"));
}

const char *span_text(time_us span, char text[static 32])
{
	if (span == INT64_MAX)
		return "never";
	snprintf(text, 32, "%lld.%03lldms", (long long)(span / 1000),
		(long long)(span % 1000));
	return text;
}

void say(struct script *script, const struct sentence *sentences)
{
	for (; sentences->word != NULL; sentences++)
		if (word_is(script, sentences->word)) {
			sentences->say(script);
			return;
		}
	misread(script, "a known word");
}
