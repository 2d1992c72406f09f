#include "app/command.h"

#include <stdio.h>

#include "app/lookup_internal.h"
#include "app/words_internal.h"
#include "ask/limits.h"
#include "pages/export.h"
#include "process/terminal.h"
#include "process/wall.h"
#include "settings/configuration.h"
#include "settings/public_address.h"

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
	"      --public-url URL  under which people see the site: for feeds and the "
	"code\n"
	"                        of badges (publish.public_url)\n"
	"  -h, --help            this text\n"
	"  -V, --version         versions of linkrotd and its libraries\n\n"
	"Exit status: 0 written, 1 it failed, 3 bad options or configuration.";

struct exporting {
	struct lookup lookup;
	const char *directory, *public_url; /* NULL: the configuration's */
};

static int export(const struct exporting *exporting, struct error *error)
{
	const struct lookup *lookup = &exporting->lookup;
	const struct health_limits limits = limits_of(lookup->config);
	struct pages_settings settings;
	struct export_counts counts;
	struct arena kept;
	const struct export_wish wish = { .store = lookup->store,
		.settings = &settings,
		.directory = exporting->directory,
		.now = wall_now() };
	arena_init(&kept, SETTINGS_BYTES_MAX);
	int result = pages_settings_of(lookup->config, &limits, &kept, &settings);
	if (result == 0 && exporting->public_url != NULL)
		result = pages_set_address(&settings, exporting->public_url, &kept);
	if (result < 0)
		error_set(error, "out of memory");
	else
		result = export_site(&wish, &counts, error);
	if (result == 0)
		printf("%s: %u files, %u of them new or changed, %u removed\n",
			exporting->directory, counts.files, counts.written,
			counts.removed);
	arena_fini(&kept);
	return result;
}

static int run(const struct exporting *exporting)
{
	struct error error = { "" };
	int result = export(exporting, &error);
	if (result < 0)
		terminal_error(&error);
	return result < 0 ? EXIT_STATUS_RUN_FAILED : EXIT_STATUS_OK;
}

/* Before the database is opened: a slip of the pen ends with 3. */
static int check_url(const char *public_url, struct error *error)
{
	struct public_address address;
	struct arena arena;
	arena_init(&arena, SETTINGS_BYTES_MAX);
	int result = public_address_of(public_url, &arena, &address);
	arena_fini(&arena);
	return result == 0 ? 0
			   : error_set(error,
				     "--public-url %s: write a URL with http:// or "
				     "https://",
				     public_url);
}

int command_export(int argc, char **argv)
{
	const char *config = NULL, *database = NULL;
	struct error error = { "" };
	struct exporting exporting = { 0 };
	const struct word_option options[] = {
		{ "config", 'c', &config, NULL },
		{ "database", 0, &database, NULL },
		{ "public-url", 0, &exporting.public_url, NULL },
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
	if (parsed == 0)
		parsed = check_url(exporting.public_url, &error);
	if (parsed < 0) {
		terminal_error(&error);
		return EXIT_STATUS_USAGE;
	}
	int result = lookup_open(&exporting.lookup, config, database);
	if (result != EXIT_STATUS_OK)
		return result;
	exporting.directory = words.words[0];
	result = run(&exporting);
	lookup_close(&exporting.lookup);
	return result;
}
