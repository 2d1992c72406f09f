#include "app/command.h"

#include <stdio.h>
#include <string.h>

#include "app/words_internal.h"
#include "files/read.h"
#include "process/terminal.h"
#include "run/serving.h"
#include "settings/configuration.h"
#include "settings/configured.h"

#define PRINT_BYTES_MAX ((size_t)256 << 20)

static const char help[] =
	"usage: linkrotd config check|print|reference [-c FILE]\n\n"
	"  check      say what is wrong with the configuration, if anything\n"
	"  print      the configuration that holds, each line with its origin\n"
	"  reference  every key with type, default, limits and meaning\n\n"
	"  -c, --config FILE   instead of " CONFIGURATION_PATH
	",\n                      then " CONFIGURATION_PATH_HERE "\n"
	"  -h, --help          this text\n"
	"  -V, --version       versions of linkrotd and its libraries\n\n"
	"Files conf.d/*.yaml beside FILE are read, too. linkrotd.yaml(5) explains "
	"the format.\n\n"
	"Exit status: 0 fine, 1 the output cannot be written, 3 the configuration "
	"or an\n"
	"option is wrong.";

/* Everything that was written into `out`, or a sentence that it could not be. */
static int print_buffer(const struct buffer *out, int result)
{
	struct error error = { "" };
	if (result < 0 || out->failed)
		result = error_set(&error, "not enough memory to print that");
	else
		result = terminal_print(buffer_slice(out), &error);
	if (error.text[0] != '\0')
		terminal_error(&error);
	return result == 0 ? EXIT_STATUS_OK : EXIT_STATUS_RUN_FAILED;
}

static int run_reference(void)
{
	struct buffer out;
	buffer_init(&out, PRINT_BYTES_MAX);
	config_print_reference(&out);
	int status = print_buffer(&out, 0);
	buffer_fini(&out);
	return status;
}

static int run_print(const struct config *config)
{
	struct buffer out;
	buffer_init(&out, PRINT_BYTES_MAX);
	int status = print_buffer(&out, config_print(config, &out));
	buffer_fini(&out);
	return status;
}

static const char *ending(uint32_t count)
{
	return count == 1 ? "" : "s";
}

/* --- check --- */

static int check_github_token(const struct config *config, struct error *error)
{
	return configured_check(config, true, error);
}

/* Those without which the daemon does not start. */
struct secret {
	const char *key, *value;
	int (*check)(const struct config *config, struct error *error);
};

enum { SECRET_COUNT = 2 };

static void list_secrets(const struct config *config, struct secret secrets[SECRET_COUNT])
{
	secrets[0] = (struct secret){ "check.github_token_file",
		config->check.github_token_file, check_github_token };
	secrets[1] = (struct secret){ "recheck_token_file", config->recheck_token_file,
		serving_may_take };
}

static int check_secrets(const struct config *config, struct error *error)
{
	struct secret secrets[SECRET_COUNT];
	list_secrets(config, secrets);
	for (size_t i = 0; i < SECRET_COUNT; i++)
		if (secrets[i].value != NULL &&
			configured_sees_secret(secrets[i].value) &&
			secrets[i].check(config, error) < 0)
			return -1;
	return 0;
}

static void note_unseen(const struct config *config, const char *path)
{
	struct secret secrets[SECRET_COUNT];
	list_secrets(config, secrets);
	for (size_t i = 0; i < SECRET_COUNT; i++)
		if (secrets[i].value != NULL && !configured_sees_secret(secrets[i].value))
			printf("%s: note: %s: %s cannot be looked at from here\n", path,
				secrets[i].key, secrets[i].value);
}

/* The daemon starts without them, and messages wait. A path without a slash in front is
 * below another directory there. */
static void note_receivers(const struct config *config, const char *path)
{
	struct buffer name;
	buffer_init(&name, CONFIG_TEXT_BYTES_MAX);
	for (uint32_t i = 0; i < config->notify_count; i++) {
		const struct config_notify *notify = &config->notify[i];
		const char *const files[] = { notify->password_file, notify->url_file,
			notify->token_file };
		buffer_reset(&name);
		config_notify_name(config, i, &name);
		for (size_t j = 0; j < sizeof(files) / sizeof(files[0]); j++)
			if (files[j] != NULL &&
				slice_starts(slice_of(files[j]), SLICE("/")) &&
				file_is_missing(files[j]))
				printf("%s: note: %s, for %s, is not there\n", path,
					files[j], buffer_string(&name));
	}
	buffer_fini(&name);
}

static void note_misnamed(void *data, const char *file)
{
	const char *path = data;
	printf("%s: note: %s is not read; its name must end in .yaml\n", path, file);
}

static int run_check(const struct config *config, const char *path)
{
	struct error error;
	uint32_t sources = 0;
	if (configuration_check_daemon(config, &error) < 0 ||
		check_secrets(config, &error) < 0) {
		struct error placed;
		error_set(&placed, "%s: %s", path, error.text);
		terminal_error(&placed);
		return EXIT_STATUS_USAGE;
	}
	for (uint32_t i = 0; i < config->list_count; i++)
		sources += config->lists[i].sources.count;
	printf("%s: fine, %u list%s with %u source%s\n", path, config->list_count,
		ending(config->list_count), sources, ending(sources));
	if (config->network.proxy != NULL)
		printf("%s: note: nothing acts on network.proxy yet; links are asked "
		       "directly\n",
			path);
	note_unseen(config, path);
	note_receivers(config, path);
	configuration_each_misnamed(path, note_misnamed, (void *)(uintptr_t)path);
	return EXIT_STATUS_OK;
}

static int run_with_files(const char *word, const char *path)
{
	struct config_errors errors;
	struct config *config = configuration_read(path, &errors);
	if (config == NULL) {
		configuration_complain(&errors);
		return EXIT_STATUS_USAGE;
	}
	int status = strcmp(word, "print") == 0
			     ? run_print(config)
			     : run_check(config, configuration_find(path));
	config_free(config);
	return status;
}

static int read_word(const struct words *words, struct error *error)
{
	static const char *const known[] = { "check", "print", "reference" };
	const char *word = words->word_count > 0 ? words->words[0] : NULL;
	if (word == NULL)
		return error_set(error,
			"config needs one of check, print or reference; see "
			"linkrotd config --help");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(word, known[i]) == 0)
			return 0;
	return error_set(
		error, "config takes one of check, print or reference, not %s", word);
}

int command_config(int argc, char **argv)
{
	const char *path = NULL;
	struct error error;
	const struct word_option options[] = { { "config", 'c', &path, NULL } };
	struct words words = {
		.command = "config", .options = options, .option_count = 1, .words_max = 1
	};
	int result = words_parse(&words, argc, argv, &error);
	if (result == 0 && words_answered(&words, help))
		return EXIT_STATUS_OK;
	if (result == 0)
		result = read_word(&words, &error);
	if (result == 0 && path != NULL && path[0] == '\0')
		result = error_set(&error, "-c needs the name of a file");
	if (result < 0) {
		terminal_error(&error);
		return EXIT_STATUS_USAGE;
	}
	return strcmp(words.words[0], "reference") == 0
		       ? run_reference()
		       : run_with_files(words.words[0], path);
}
