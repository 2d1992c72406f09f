#include "app/lookup_internal.h"

#include "process/exit_status.h"
#include "process/terminal.h"
#include "run/control.h"
#include "settings/configuration.h"

enum { DAEMON_MS = 3000, LINES_MAX = 64 };

int lookup_open(struct lookup *lookup, const char *config, const char *database)
{
	struct config_errors errors;
	struct error error;
	*lookup = (struct lookup){ .database = database };
	if (database == NULL || config != NULL) {
		lookup->config = configuration_read(config, &errors);
		if (lookup->config == NULL) {
			configuration_complain(&errors);
			return EXIT_STATUS_USAGE;
		}
	}
	if (database == NULL)
		lookup->database = lookup->config->database;
	lookup->store = store_open(lookup->database, STORE_READ, &error);
	if (lookup->store != NULL)
		lookup->beside = store_open(lookup->database, STORE_READ, &error);
	if (lookup->beside != NULL)
		return EXIT_STATUS_OK;
	terminal_error(&error);
	lookup_close(lookup);
	return EXIT_STATUS_RUN_FAILED;
}

void lookup_close(struct lookup *lookup)
{
	store_close(lookup->beside);
	store_close(lookup->store);
	config_free(lookup->config);
	*lookup = (struct lookup){ 0 };
}

/* --- the daemon itself --- */

uint32_t lookup_daemon_lines(
	const struct lookup *lookup, struct arena *arena, struct slice **ret_lines)
{
	struct control_client client;
	struct buffer answer;
	struct error error;
	uint32_t count = 0;
	*ret_lines = ARENA_ARRAY(arena, struct slice, LINES_MAX);
	if (*ret_lines == NULL || control_connect(&client, NULL, lookup->database,
					  DAEMON_MS, &error) != CONTROL_FOUND)
		return 0;
	buffer_init(&answer, CONTROL_ANSWER_BYTES_MAX);
	if (control_ask(&client, CONTROL_STATUS, CONTROL_BY_URL, NULL, &answer, &error) ==
		0) {
		struct slice rest = arena_copy(arena, buffer_slice(&answer));
		while (rest.len > 0 && count < LINES_MAX) {
			size_t end = slice_find_char(rest, '\n');
			end = end == SLICE_NONE ? rest.len : end;
			(*ret_lines)[count++] = slice_sub(rest, 0, end);
			rest = slice_sub(rest, end + 1, rest.len);
		}
	}
	buffer_fini(&answer);
	control_hang_up(&client);
	return count;
}
