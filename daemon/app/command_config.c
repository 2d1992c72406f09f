#include "app/command.h"

#include <stdio.h>
#include <string.h>

#include "process/terminal.h"
#include "settings/configuration.h"

#define PRINT_BYTES_MAX ((size_t)256 << 20)

static void print_help(void)
{
	puts("usage: linkrotd config check|print|reference [-c FILE]\n\n"
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
	     "option is wrong.");
}

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
	if (config_check_daemon(config, &error) < 0) {
		struct error placed;
		error_set(&placed, "%s: %s", path, error.text);
		terminal_error(&placed);
		return EXIT_STATUS_USAGE;
	}
	for (uint32_t i = 0; i < config->list_count; i++)
		sources += config->lists[i].sources.count;
	printf("%s: fine, %u list%s with %u source%s\n", path, config->list_count,
		ending(config->list_count), sources, ending(sources));
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

static int usage(const char *sentence, const char *word)
{
	struct error error;
	error_set(&error, "%s%s", sentence, word);
	terminal_error(&error);
	return EXIT_STATUS_USAGE;
}

static bool is_word(const char *argument)
{
	return strcmp(argument, "check") == 0 || strcmp(argument, "print") == 0 ||
	       strcmp(argument, "reference") == 0;
}

/* The FILE of "-c FILE", "-cFILE", "--config FILE" or "--config=FILE"; *at moves on. NULL
 * with *ret_found: there is none behind it. */
static const char *config_option(int argc, char **argv, int *at, bool *ret_found)
{
	const char *argument = argv[*at];
	*ret_found = true;
	if (strcmp(argument, "-c") == 0 || strcmp(argument, "--config") == 0)
		return *at + 1 < argc ? argv[++*at] : NULL;
	if (strncmp(argument, "--config=", 9) == 0)
		return argument + 9;
	if (strncmp(argument, "-c", 2) == 0)
		return argument + 2;
	*ret_found = false;
	return NULL;
}

int command_config(int argc, char **argv)
{
	const char *word = NULL, *path = NULL;
	for (int i = 1; i < argc; i++) {
		bool is_config;
		if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
			print_help();
			return EXIT_STATUS_OK;
		}
		if (strcmp(argv[i], "-V") == 0 || strcmp(argv[i], "--version") == 0) {
			command_print_version();
			return EXIT_STATUS_OK;
		}
		const char *file = config_option(argc, argv, &i, &is_config);
		if (is_config && (file == NULL || file[0] == '\0'))
			return usage("-c needs the name of a file", "");
		if (is_config)
			path = file;
		else if (argv[i][0] == '-')
			return usage("unknown option ", argv[i]);
		else if (word != NULL || !is_word(argv[i]))
			return usage(
				"config takes one of check, print or reference, not ",
				argv[i]);
		else
			word = argv[i];
	}
	if (word == NULL)
		return usage("config needs one of check, print or reference; see ",
			"linkrotd config --help");
	return strcmp(word, "reference") == 0 ? run_reference()
					      : run_with_files(word, path);
}
