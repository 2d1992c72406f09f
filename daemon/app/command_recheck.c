#include "app/command.h"

#include <stdio.h>
#include <string.h>

#include "app/words_internal.h"
#include "model/state.h"
#include "process/terminal.h"
#include "run/control.h"
#include "settings/configuration.h"

enum { ANSWER_MS = 30 * 1000 };

struct arguments {
	const char *config, *database, *socket;
	const char *value; /* NULL: nothing was named yet */
	enum control_select select;
};

static const char help[] =
	"usage: linkrotd recheck [OPTIONS] URL | --list NAME | --state STATE\n\n"
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
	"or\nconfiguration.";

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

/* One way of naming links, and one name. */
static int take_names(struct arguments *arguments, const struct words *words,
	const char *list, const char *state, struct error *error)
{
	if (list != NULL && name_links(arguments, CONTROL_BY_LIST, list, error) < 0)
		return -1;
	if (state != NULL &&
		(check_state(state, error) < 0 ||
			name_links(arguments, CONTROL_BY_STATE, state, error) < 0))
		return -1;
	for (uint32_t i = 0; i < words->word_count; i++)
		if (name_links(arguments, CONTROL_BY_URL, words->words[i], error) < 0)
			return -1;
	if (arguments->value == NULL)
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
	const char *list = NULL, *state = NULL;
	struct error error = { "" };
	int status = EXIT_STATUS_USAGE;
	const struct word_option options[] = {
		{ "list", 0, &list, NULL },
		{ "state", 0, &state, NULL },
		{ "database", 0, &arguments.database, NULL },
		{ "socket", 0, &arguments.socket, NULL },
		{ "config", 'c', &arguments.config, NULL },
	};
	struct words words = { .command = "recheck",
		.options = options,
		.option_count = sizeof(options) / sizeof(options[0]),
		.words_max = WORDS_MAX };
	int parsed = words_parse(&words, argc, argv, &error);
	if (parsed == 0 && words_answered(&words, help))
		return EXIT_STATUS_OK;
	if (parsed == 0)
		parsed = take_names(&arguments, &words, list, state, &error);
	if (parsed == 0 && (arguments.socket != NULL || arguments.database != NULL))
		status = recheck(&arguments, arguments.database, &error);
	else if (parsed == 0)
		status = recheck_configured(&arguments, &error);
	if (error.text[0] != '\0')
		terminal_error(&error);
	return status;
}
