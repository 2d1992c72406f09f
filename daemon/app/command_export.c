#include "app/command.h"

#include <stdio.h>

#include "app/lookup_internal.h"
#include "app/words_internal.h"
#include "ask/limits.h"
#include "pages/export.h"
#include "process/terminal.h"
#include "process/wall.h"
#include "settings/configuration.h"

enum { SETTINGS_BYTES_MAX = 16 * 1024 * 1024 };

static const char help[] =
	"usage: linkrotd export DIR [OPTIONS]\n\n"
	"Writes pages, badges, feeds and JSON as files into DIR, for any web server or\n"
	"GitHub Pages. What has not changed is not touched; what an earlier export "
	"wrote\n"
	"and is of no use any more is removed.\n\n"
	"  -c, --config FILE     whose database (" CONFIGURATION_PATH
	",\n                        then " CONFIGURATION_PATH_HERE ")\n"
	"      --database FILE   this one\n"
	"  -h, --help            this text\n"
	"  -V, --version         versions of linkrotd and its libraries\n\n"
	"Exit status: 0 written, 1 it failed, 3 bad options or configuration.";

static int export(const struct lookup *lookup, const char *directory, struct error *error)
{
	const struct health_limits limits = limits_of(lookup->config);
	struct pages_settings settings;
	struct export_counts counts;
	struct arena kept;
	const struct export_wish wish = { .store = lookup->store,
		.settings = &settings,
		.directory = directory,
		.now = wall_now() };
	arena_init(&kept, SETTINGS_BYTES_MAX);
	int result = pages_settings_of(lookup->config, &limits, &kept, &settings);
	if (result < 0)
		error_set(error, "out of memory");
	else
		result = export_site(&wish, &counts, error);
	if (result == 0)
		printf("%s: %u files, %u of them new or changed, %u removed\n", directory,
			counts.files, counts.written, counts.removed);
	arena_fini(&kept);
	return result;
}

static int run(const struct lookup *lookup, const char *directory)
{
	struct error error = { "" };
	int result = export(lookup, directory, &error);
	if (result < 0)
		terminal_error(&error);
	return result < 0 ? EXIT_STATUS_RUN_FAILED : EXIT_STATUS_OK;
}

int command_export(int argc, char **argv)
{
	const char *config = NULL, *database = NULL;
	struct error error = { "" };
	struct lookup lookup;
	const struct word_option options[] = {
		{ "config", 'c', &config, NULL },
		{ "database", 0, &database, NULL },
	};
	struct words words = { .command = "export",
		.options = options,
		.option_count = sizeof(options) / sizeof(options[0]),
		.words_max = 1 };
	wall_init();
	int parsed = words_parse(&words, argc, argv, &error);
	if (parsed == 0 && words_answered(&words, help))
		return EXIT_STATUS_OK;
	if (parsed == 0 && words.word_count == 0)
		parsed = error_set(
			&error, "export needs a directory; see linkrotd export --help");
	if (parsed < 0) {
		terminal_error(&error);
		return EXIT_STATUS_USAGE;
	}
	int result = lookup_open(&lookup, config, database);
	if (result != EXIT_STATUS_OK)
		return result;
	result = run(&lookup, words.words[0]);
	lookup_close(&lookup);
	return result;
}
