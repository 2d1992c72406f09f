/* tests/simulate/script: a line of a script, read word by word.
 *
 * The first complaint about a line is kept and ends the script; `misread` complains about
 * the script itself. What a take_… function cannot read, it complains about and gives as
 * an empty value.
 */
#pragma once

#include "simulate/doubt.h"
#include "simulate/incident.h"
#include "simulate/watch.h"
#include "simulate/world.h"

enum { WORDS_MAX = 16, COMPLAINT_SIZE = 512 };

struct script {
	struct world world;
	struct watch_world watch;
	struct doubt_world doubt;
	struct incident_world incidents;
	unsigned line;
	struct slice words[WORDS_MAX];
	unsigned count, at; /* words of this line, and the next one to read */
	struct slice text;  /* the whole line, without its comment */
	char complaint[COMPLAINT_SIZE];
	bool wrong; /* the script itself, not the program under test */
};

struct sentence {
	const char *word;
	void (*say)(struct script *script);
};

/* What `expect` may be followed by; ends with a NULL word. */
extern const struct sentence expectations[];

/* Reads a word and does what it stands for. */
void say(struct script *script, const struct sentence *sentences);

void complain(struct script *script, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void misread(struct script *script, const char *wanted);

bool word_is(struct script *script, const char *word); /* takes it if so */
struct slice take_word(struct script *script, const char *what);
struct slice take_rest(struct script *script); /* of the line; may be empty */
enum reason take_reason(struct script *script);
time_us take_time(struct script *script);
uint32_t take_count(struct script *script);
uint32_t take_positive(struct script *script);
struct actor *take_actor(struct script *script); /* NULL: unknown */
struct server *take_server(struct script *script);

const char *span_text(time_us span, char text[static 32]);
