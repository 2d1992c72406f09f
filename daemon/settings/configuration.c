#include "settings/configuration.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files/read.h"
#include "message/webhook.h"
#include "policy/wishes.h"
#include "probe/prober.h"
#include "process/terminal.h"
#include "settings/configured.h"
#include "settings/filter.h"

/* More than the room takes, so that a file that is too large is told by its rule. */
#define READ_BYTES_MAX ((size_t)CONFIG_FILE_BYTES_MAX * 4)

enum { WISHES_MAX = 256 };

struct files {
	struct config_file at[CONFIG_FILES_MAX];
	struct buffer bytes[CONFIG_FILES_MAX];
	uint32_t count;
};

static void add_error(struct config_errors *errors, const struct error *error)
{
	if (errors->count < CONFIG_ERRORS_MAX)
		errors->at[errors->count] = *error;
	errors->count++;
}

static void add_no_memory(struct config_errors *errors)
{
	struct error error;
	error_set(&error, "not enough memory to read the configuration");
	add_error(errors, &error);
}

/* What -c names may be a pipe: <(m4 linkrotd.yaml.m4). */
static int add_file(
	struct files *files, const char *path, bool regular, struct config_errors *errors)
{
	struct error error = { "" };
	uint32_t at = files->count;
	if (at == CONFIG_FILES_MAX) {
		error_set(&error, "%s: more than %d configuration files", path,
			CONFIG_FILES_MAX);
		add_error(errors, &error);
		return -1;
	}
	char *name = strdup(path);
	buffer_init(&files->bytes[at], READ_BYTES_MAX);
	files->at[files->count++].name = name;
	if (name == NULL)
		error_set(&error, "not enough memory to read the configuration");
	else if ((regular ? file_read_regular : file_read_own)(
			 path, &files->bytes[at], &error) == 0) {
		files->at[at].bytes = buffer_slice(&files->bytes[at]);
		return 0;
	}
	add_error(errors, &error);
	return -1;
}

static void files_fini(struct files *files)
{
	for (uint32_t i = 0; i < files->count; i++) {
		free((char *)(uintptr_t)files->at[i].name);
		buffer_fini(&files->bytes[i]);
	}
}

/* --- conf.d --- */

static int is_piece(const struct dirent *entry)
{
	struct slice name = slice_of(entry->d_name);
	return name.at[0] != '.' && slice_ends(name, SLICE(".yaml"));
}

static int is_misnamed(const struct dirent *entry)
{
	struct slice name = slice_of(entry->d_name);
	return name.at[0] != '.' && slice_ends(name, SLICE(".yml"));
}

/* alphasort goes by the locale; the order must be the same for everybody. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static char *directory_beside(const char *main_path)
{
	const char *slash = strrchr(main_path, '/');
	int len = slash != NULL ? (int)(slash - main_path) + 1 : 0;
	char *path;
	return asprintf(&path, "%.*sconf.d", len, main_path) < 0 ? NULL : path;
}

static void add_pieces(
	struct files *files, const char *directory, struct config_errors *errors)
{
	struct dirent **entries;
	struct error error;
	int count = scandir(directory, &entries, is_piece, by_bytes);
	if (count < 0 && errno != ENOENT) {
		error_set(&error, "%s: cannot be read: %s", directory, strerror(errno));
		add_error(errors, &error);
	}
	for (int i = 0; i < count; i++) {
		char *path;
		if (asprintf(&path, "%s/%s", directory, entries[i]->d_name) < 0) {
			add_no_memory(errors);
		} else {
			(void)add_file(files, path, true, errors);
			free(path);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

void configuration_each_misnamed(
	const char *path, void (*fn)(void *data, const char *file), void *data)
{
	struct dirent **entries = NULL;
	char *directory = directory_beside(path), *file;
	int count = directory != NULL
			    ? scandir(directory, &entries, is_misnamed, by_bytes)
			    : -1;
	for (int i = 0; i < count; i++) {
		if (asprintf(&file, "%s/%s", directory, entries[i]->d_name) >= 0) {
			fn(data, file);
			free(file);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	free(directory);
}

/* --- what the room cannot know --- */

static struct config *parse(const struct files *files, struct config_errors *errors)
{
	struct config_wish hosts[WISHES_MAX];
	assert(wish_count <= WISHES_MAX);
	for (size_t i = 0; i < wish_count; i++)
		hosts[i] = (struct config_wish){ wishes[i].key, wishes[i].concurrency,
			wishes[i].interval_ms };
	const struct config_defaults defaults = { hosts, (uint32_t)wish_count };
	return config_parse(files->at, files->count, &defaults, errors);
}

static void check_patterns(const struct config_texts *patterns, const char *key,
	struct config_errors *errors)
{
	for (uint32_t i = 0; i < patterns->count; i++) {
		struct filter filter = { 0 };
		struct error error, placed;
		const char *one = patterns->at[i];
		struct texts texts = { &one, 1 };
		if (filter_init(&filter, key, &texts, &error) < 0) {
			/* The filter is named after an option there. */
			const char *text = error.text;
			while (*text == '-')
				text++;
			error_set(&placed, "%s:%u:%u: check.%s", patterns->places[i].file,
				patterns->places[i].line, patterns->places[i].column,
				text);
			add_error(errors, &placed);
		}
		filter_fini(&filter);
	}
}

static int check_template(
	const struct config *config, uint32_t index, struct error *error)
{
	struct buffer bytes, name;
	struct error why = { "" };
	buffer_init(&bytes, WEBHOOK_TEMPLATE_BYTES_MAX);
	int result = file_read_regular(config->notify[index].template_file, &bytes, &why);
	if (result == 0)
		result = webhook_check_template(buffer_slice(&bytes), &why);
	if (result < 0) {
		buffer_init(&name, CONFIG_TEXT_BYTES_MAX);
		config_notify_name(config, index, &name);
		error_set(error, "the template_file of %s cannot be used: %s",
			buffer_string(&name), why.text);
		buffer_fini(&name);
	}
	buffer_fini(&bytes);
	return result;
}

/* Secrets may be for the daemon's eyes only; this is for everybody's. */
static int check_cacert(const char *path, struct error *error)
{
	enum { BYTES_MAX = 64 << 20 };
	struct buffer bytes;
	struct error why = { "" };
	buffer_init(&bytes, BYTES_MAX);
	int result = file_read_regular(path, &bytes, &why);
	buffer_fini(&bytes);
	if (result == 0)
		result = prober_check_ca_file(path, &why);
	if (result < 0)
		error_set(error, "network.cacert cannot be used: %s", why.text);
	return result;
}

/* --- the whole --- */

int configuration_check_daemon(const struct config *config, struct error *error)
{
	if (config_check_daemon(config, error) < 0)
		return -1;
	if (config->network.cacert != NULL &&
		check_cacert(config->network.cacert, error) < 0)
		return -1;
	/* What a key's own rule lets pass and the daemon could not use. */
	if (configured_check(config, false, error) < 0)
		return -1;
	for (uint32_t i = 0; i < config->notify_count; i++)
		if (config->notify[i].template_file != NULL &&
			check_template(config, i, error) < 0)
			return -1;
	return 0;
}

const char *configuration_find(const char *path)
{
	if (path != NULL)
		return path;
	if (file_exists(CONFIGURATION_PATH))
		return CONFIGURATION_PATH;
	return file_exists(CONFIGURATION_PATH_HERE) ? CONFIGURATION_PATH_HERE : NULL;
}

static struct config *read_files(
	struct files *files, const char *path, struct config_errors *errors)
{
	int result = add_file(files, path, false, errors);
	char *directory = directory_beside(path);
	if (directory == NULL)
		add_no_memory(errors);
	else if (result == 0)
		add_pieces(files, directory, errors);
	free(directory);
	if (errors->count > 0)
		return NULL;
	struct config *config = parse(files, errors);
	if (config == NULL)
		return NULL;
	check_patterns(&config->check.include, "include", errors);
	check_patterns(&config->check.exclude, "exclude", errors);
	if (errors->count == 0)
		return config;
	config_free(config);
	return NULL;
}

struct config *configuration_read(const char *path, struct config_errors *errors)
{
	const char *found = configuration_find(path);
	struct files *files = calloc(1, sizeof(*files));
	struct config *config = NULL;
	errors->count = 0;
	if (files == NULL) {
		add_no_memory(errors);
	} else if (found == NULL) {
		struct error error;
		error_set(&error, "there is no configuration, neither " CONFIGURATION_PATH
				  " nor " CONFIGURATION_PATH_HERE
				  "; write one, or name it with -c FILE");
		add_error(errors, &error);
	} else {
		config = read_files(files, found, errors);
	}
	if (files != NULL)
		files_fini(files);
	free(files);
	return config;
}

struct config *configuration_defaults(void)
{
	struct files none = { .count = 0 };
	struct config_errors errors;
	return parse(&none, &errors);
}

void configuration_complain(const struct config_errors *errors)
{
	struct error more;
	for (uint32_t i = 0; i < errors->count && i < CONFIG_ERRORS_MAX; i++)
		terminal_error(&errors->at[i]);
	if (errors->count <= CONFIG_ERRORS_MAX)
		return;
	error_set(&more, "and %u more errors in the configuration",
		errors->count - CONFIG_ERRORS_MAX);
	terminal_error(&more);
}
