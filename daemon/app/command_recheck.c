#include "app/command.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "model/state.h"
#include "process/terminal.h"
#include "run/control.h"
#include "settings/configuration.h"

enum { ANSWER_MS = 30 * 1000 };

struct arguments {
	const char *config, *database, *socket;
	const char *value; /* NULL: nothing was named yet */
	enum control_select select;
	bool help, version;
};

static void print_help(void)
{
	puts("usage: linkrotd recheck [OPTIONS] URL | --list NAME | --state STATE\n\n"
	     "Asks the running daemon to check these links now, one after the other, at "
	     "the\n"
	     "pace that their hosts are promised.\n\n"
	     "      --list NAME       all links of a list\n"
	     "      --state STATE     all links in a state: suspect, dead, gated ...\n"
	     "  -c, --config FILE     whose daemon (" CONFIGURATION_PATH
	     ",\n                        then " CONFIGURATION_PATH_HERE ")\n"
	     "      --database FILE   the daemon of this database\n"
	     "      --socket PATH     the daemon that listens there\n"
	     "  -h, --help            this text\n"
	     "  -V, --version         versions of linkrotd and its libraries\n\n"
	     "Exit status: 0 asked for, 1 no daemon answers or it refuses, 3 bad options "
	     "or\nconfiguration.");
}

static int name_links(struct arguments *arguments, enum control_select select,
	const char *value, struct error *error)
{
	if (arguments->value != NULL)
		return error_set(error,
			"recheck takes one URL, --list or --state; ask again for more");
	if (value[0] == '\0')
		return error_set(error, "recheck needs a name that is not empty");
	arguments->select = select;
	arguments->value = value;
	return 0;
}

static int check_state(const char *word, struct error *error)
{
#define STATE_IS(name, text)                                                             \
	if (strcmp(word, text) == 0)                                                     \
		return 0;
	STATES(STATE_IS)
#undef STATE_IS
#define STATE_WORD(name, text) " " text
	return error_set(
		error, "--state %s: no such state; there are" STATES(STATE_WORD), word);
#undef STATE_WORD
}

enum { OPTION_LIST = 256, OPTION_STATE, OPTION_DATABASE, OPTION_SOCKET };

static const struct option options[] = {
	{ "list", required_argument, NULL, OPTION_LIST },
	{ "state", required_argument, NULL, OPTION_STATE },
	{ "database", required_argument, NULL, OPTION_DATABASE },
	{ "socket", required_argument, NULL, OPTION_SOCKET },
	{ "config", required_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static int take_option(
	struct arguments *arguments, int option, char **argv, struct error *error)
{
	switch (option) {
	case OPTION_LIST:
		return name_links(arguments, CONTROL_BY_LIST, optarg, error);
	case OPTION_STATE:
		if (check_state(optarg, error) < 0)
			return -1;
		return name_links(arguments, CONTROL_BY_STATE, optarg, error);
	case OPTION_DATABASE:
		arguments->database = optarg;
		return 0;
	case OPTION_SOCKET:
		arguments->socket = optarg;
		return 0;
	case 'c':
		arguments->config = optarg;
		return 0;
	case 'h':
		arguments->help = true;
		return 0;
	case 'V':
		arguments->version = true;
		return 0;
	case ':':
		return error_set(error, "%s needs a value; see linkrotd recheck --help",
			argv[optind - 1]);
	default:
		return error_set(error, "unknown option %s; see linkrotd recheck --help",
			argv[optind - 1]);
	}
}

static int parse(int argc, char **argv, struct arguments *arguments, struct error *error)
{
	int option;

	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, ":c:hV", options, NULL)) != -1)
		if (take_option(arguments, option, argv, error) < 0)
			return -1;
	for (; optind < argc; optind++)
		if (name_links(arguments, CONTROL_BY_URL, argv[optind], error) < 0)
			return -1;
	if (arguments->value == NULL && !arguments->help && !arguments->version)
		return error_set(error, "recheck needs a URL, --list or --state; see "
					"linkrotd recheck --help");
	return 0;
}

static int ask(struct control_client *client, const struct arguments *arguments,
	struct error *error)
{
	struct buffer answer;
	int status = EXIT_STATUS_RUN_FAILED;

	buffer_init(&answer, CONTROL_ANSWER_BYTES_MAX);
	int result = control_ask(client, CONTROL_RECHECK, arguments->select,
		arguments->value, &answer, error);
	struct error printing = { "" };
	if (terminal_print(buffer_slice(&answer), &printing) == 0 && result == 0)
		status = EXIT_STATUS_OK;
	else if (error->text[0] == '\0')
		*error = printing;
	buffer_fini(&answer);
	return status;
}

static int recheck(
	const struct arguments *arguments, const char *database, struct error *error)
{
	struct control_client client;

	if (control_connect(&client, arguments->socket, database, ANSWER_MS, error) !=
		CONTROL_FOUND)
		return EXIT_STATUS_RUN_FAILED;
	error->text[0] = '\0';
	int status = ask(&client, arguments, error);
	control_hang_up(&client);
	return status;
}

/* The configuration is only needed to know the database, and only read for that. */
static int recheck_configured(const struct arguments *arguments, struct error *error)
{
	struct config_errors errors = { 0 };
	const char *path = configuration_find(arguments->config);

	if (path == NULL)
		return recheck(arguments, NULL, error);
	struct config *config = configuration_read(path, &errors);
	if (config == NULL) {
		configuration_complain(&errors);
		return EXIT_STATUS_USAGE;
	}
	int status = recheck(arguments, config->database, error);
	config_free(config);
	return status;
}

int command_recheck(int argc, char **argv)
{
	struct arguments arguments = { .config = NULL };
	struct error error = { "" };
	int status = EXIT_STATUS_USAGE;

	if (parse(argc, argv, &arguments, &error) < 0) {
		status = EXIT_STATUS_USAGE;
	} else if (arguments.help) {
		print_help();
		status = EXIT_STATUS_OK;
	} else if (arguments.version) {
		command_print_version();
		status = EXIT_STATUS_OK;
	} else if (arguments.socket != NULL || arguments.database != NULL) {
		status = recheck(&arguments, arguments.database, &error);
	} else {
		status = recheck_configured(&arguments, &error);
	}
	if (error.text[0] != '\0')
		terminal_error(&error);
	return status;
}
