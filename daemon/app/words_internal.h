/* app/words: the command line of a small command.
 *
 * A row an option: `--name VALUE`, `--name=VALUE`, `-n VALUE` or a flag. -h, --help, -V
 * and --version are known to all. What is no option is a word of its own.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct word_option {
	const char *name;
	char letter;        /* 0: none */
	const char **value; /* NULL: it is a flag */
	bool *flag;
};

enum { WORDS_MAX = 16 };

struct words {
	const char *command; /* "status" */
	const struct word_option *options;
	uint32_t option_count;
	uint32_t words_max; /* at most WORDS_MAX */
	/* Filled in. */
	const char *words[WORDS_MAX];
	uint32_t word_count;
	bool help, version;
};

/* -1 with a sentence that names the option and the remedy. */
int words_parse(struct words *words, int argc, char **argv, struct error *error);

/* For all that ends a command before it begins: prints help or version. True: it has. */
bool words_answered(const struct words *words, const char *help);
