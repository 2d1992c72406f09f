#include "app/command.h"

#include <stdio.h>
#include <string.h>

#include "app/words_internal.h"
#include "config/config.h"
#include "process/terminal.h"
#include "process/wall.h"
#include "settings/configuration.h"
#include "settings/configured.h"
#include "store/maintain.h"

static const char help[] =
	"usage: linkrotd db backup FILE | verify | prune | stats  [OPTIONS]\n\n"
	"  backup FILE   copy the database as of now; also while the daemon runs\n"
	"  verify        read all of it and say what is wrong\n"
	"  prune         delete what is beyond its retention and old messages, and give\n"
	"                the room back; only without a daemon, which does the first by\n"
	"                itself\n"
	"  stats         how much it holds\n\n"
	"  -c, --config FILE     whose database (" CONFIGURATION_PATH
	",\n                        then " CONFIGURATION_PATH_HERE ")\n"
	"      --database FILE   this one\n"
	"  -h, --help            this text\n"
	"  -V, --version         versions of linkrotd and its libraries\n\n"
	"Exit status: 0 done and fine, 1 it failed or something is wrong with the\n"
	"database, 3 bad options or configuration.";

static void print_fault(const char *sentence, void *data)
{
	(void)data;
	printf("%s\n", sentence);
}

static int verify(const char *database, struct error *error)
{
	uint64_t faults = 0;
	if (store_verify(database, print_fault, NULL, &faults, error) < 0)
		return -1;
	if (faults > 0)
		return error_set(error,
			"%s: %llu fault%s; stop the daemon, keep this file, and put a "
			"backup in its place",
			database, (unsigned long long)faults, faults == 1 ? "" : "s");
	printf("%s: no fault found\n", database);
	return 0;
}

static int prune(
	const char *database, const struct store_retention *kept, struct error *error)
{
	struct store_pruned pruned;
	if (store_prune(database, kept, wall_now(), &pruned, error) < 0)
		return -1;
	if (pruned.events > 0 || pruned.spans > 0)
		printf("%lld old events deleted, %lld old spans deleted\n",
			(long long)pruned.events, (long long)pruned.spans);
	printf("%lld raw checks deleted, %lld old messages deleted; %lld KiB before, "
	       "%lld KiB now\n",
		(long long)pruned.checks, (long long)pruned.messages,
		(long long)pruned.file_bytes_before / 1024,
		(long long)pruned.file_bytes_after / 1024);
	return 0;
}

static int stats(const char *database, struct error *error)
{
	struct store_statistics found;
	char oldest[TIME_RFC3339_SIZE] = "-";
	struct store *store = store_open(database, STORE_READ, error);
	if (store == NULL)
		return -1;
	int result = store_statistics(store, &found, error);
	store_close(store);
	if (result < 0)
		return -1;
	if (found.oldest_check_at != 0)
		time_format_rfc3339(found.oldest_check_at, oldest);
	const struct {
		const char *name;
		int64_t value;
	} rows[] = {
		{ "file bytes", found.file_bytes },
		{ "log bytes", found.log_bytes },
		{ "free bytes", found.free_bytes },
		{ "links", found.links },
		{ "links watched", found.monitored },
		{ "sources", found.sources },
		{ "occurrences", found.occurrences },
		{ "raw checks", found.checks },
		{ "spans", found.spans },
		{ "events", found.events },
		{ "hosts", found.hosts },
		{ "tallies", found.tallies },
		{ "messages", found.messages },
		{ "waiting", found.waiting },
		{ "schema", found.schema },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		printf("%-14s %lld\n", rows[i].name, (long long)rows[i].value);
	printf("%-14s %s\n", "oldest check", oldest);
	return 0;
}

static int run(const struct words *words, const char *database,
	const struct store_retention *kept)
{
	struct error error = { "" };
	const char *word = words->words[0];
	int result;
	if (strcmp(word, "backup") == 0) {
		result = store_backup(database, words->words[1], &error);
		if (result == 0)
			printf("%s is a copy of %s\n", words->words[1], database);
	} else if (strcmp(word, "verify") == 0) {
		result = verify(database, &error);
	} else if (strcmp(word, "prune") == 0) {
		result = prune(database, kept, &error);
	} else {
		result = stats(database, &error);
	}
	if (result < 0)
		terminal_error(&error);
	return result < 0 ? EXIT_STATUS_RUN_FAILED : EXIT_STATUS_OK;
}

static int check_words(const struct words *words, struct error *error)
{
	static const char *const known[] = { "backup", "verify", "prune", "stats" };
	bool found = false;
	if (words->help || words->version)
		return 0;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		found = found ||
			(words->word_count > 0 && strcmp(words->words[0], known[i]) == 0);
	if (!found)
		return error_set(error, "db needs backup FILE, verify, prune or stats; "
					"see linkrotd db --help");
	bool backup = strcmp(words->words[0], "backup") == 0;
	if (words->word_count != (backup ? 2U : 1U))
		return error_set(error,
			backup ? "db backup needs one FILE that is not "
				 "there yet"
			       : "db %s takes no argument",
			words->words[0]);
	return 0;
}

int command_db(int argc, char **argv)
{
	struct error error = { "" };
	struct config_errors errors;
	struct config *config = NULL;
	const char *path = NULL, *database = NULL;
	const struct word_option options[] = {
		{ "config", 'c', &path, NULL },
		{ "database", 0, &database, NULL },
	};
	struct words words = {
		.command = "db", .options = options, .option_count = 2, .words_max = 2
	};
	wall_init();
	if (words_parse(&words, argc, argv, &error) < 0 ||
		check_words(&words, &error) < 0) {
		terminal_error(&error);
		return EXIT_STATUS_USAGE;
	}
	if (words_answered(&words, help))
		return EXIT_STATUS_OK;
	if (database == NULL || path != NULL) {
		config = configuration_read(path, &errors);
		if (config == NULL) {
			configuration_complain(&errors);
			return EXIT_STATUS_USAGE;
		}
	}
	const struct store_retention kept = config != NULL
						    ? configured_retention(config)
						    : (struct store_retention){ 0 };
	int status = run(&words, database != NULL ? database : config->database, &kept);
	config_free(config);
	return status;
}
