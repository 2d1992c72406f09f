#include "app/words_internal.h"

#include <stdio.h>
#include <string.h>

#include "app/command.h"

static const struct word_option *find_option(
	const struct words *words, const char *argument, const char **ret_value)
{
	*ret_value = NULL;
	for (uint32_t i = 0; i < words->option_count; i++) {
		const struct word_option *option = &words->options[i];
		size_t len = strlen(option->name);
		if (argument[1] == '-' && strncmp(argument + 2, option->name, len) == 0 &&
			(argument[2 + len] == '\0' || argument[2 + len] == '=')) {
			if (argument[2 + len] == '=')
				*ret_value = argument + 3 + len;
			return option;
		}
		if (argument[1] != '-' && option->letter != 0 &&
			argument[1] == option->letter) {
			if (argument[2] != '\0')
				*ret_value = argument + 2;
			return option;
		}
	}
	return NULL;
}

static int take_option(
	struct words *words, int argc, char **argv, int *at, struct error *error)
{
	const char *argument = argv[*at], *value;
	const struct word_option *option = find_option(words, argument, &value);
	if (option == NULL)
		return error_set(error, "unknown option %s; see linkrotd %s --help",
			argument, words->command);
	if (option->value == NULL) {
		if (value != NULL)
			return error_set(error, "--%s takes no value", option->name);
		*option->flag = true;
		return 0;
	}
	if (value == NULL && *at + 1 < argc)
		value = argv[++*at];
	if (value == NULL)
		return error_set(error, "--%s needs a value; see linkrotd %s --help",
			option->name, words->command);
	if (*option->value != NULL)
		return error_set(error, "--%s may be given once", option->name);
	*option->value = value;
	return 0;
}

int words_parse(struct words *words, int argc, char **argv, struct error *error)
{
	bool only_words = false;
	for (int i = 1; i < argc; i++) {
		const char *argument = argv[i];
		if (only_words || argument[0] != '-' || argument[1] == '\0') {
			if (words->word_count == words->words_max)
				return error_set(error,
					"%s: one argument too many; see linkrotd %s "
					"--help",
					argument, words->command);
			words->words[words->word_count++] = argument;
		} else if (strcmp(argument, "--") == 0) {
			only_words = true;
		} else if (strcmp(argument, "-h") == 0 ||
			   strcmp(argument, "--help") == 0) {
			words->help = true;
		} else if (strcmp(argument, "-V") == 0 ||
			   strcmp(argument, "--version") == 0) {
			words->version = true;
		} else if (take_option(words, argc, argv, &i, error) < 0) {
			return -1;
		}
	}
	return 0;
}

bool words_answered(const struct words *words, const char *help)
{
	if (words->help)
		puts(help);
	else if (words->version)
		command_print_version();
	return words->help || words->version;
}
