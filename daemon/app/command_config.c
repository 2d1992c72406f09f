#include "app/command.h"

#include <stdio.h>
#include <string.h>

#include "app/words_internal.h"
#include "process/terminal.h"
#include "settings/configuration.h"

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

static int run_check(const struct config *config, const char *path)
{
	struct error error;
	uint32_t sources = 0;
	if (configuration_check_daemon(config, &error) < 0) {
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
