/* settings/configuration: the files of a configuration, found and read.
 *
 * The main file and conf.d/NAME.yaml beside it, in byte order of their names (hidden
 * files and other endings are passed over). What the room config/ cannot know is added
 * here: the built-in hosts, and whether the regular expressions are any.
 *
 * A reload is configuration_read again: the new one takes the old one's place, or, with
 * errors, nothing has happened. Blocking; a few milliseconds.
 */
#pragma once

#include "base/error.h"
#include "config/config.h"

#define CONFIGURATION_PATH      "/etc/linkrotd/linkrotd.yaml"
#define CONFIGURATION_PATH_HERE "./linkrotd.yaml"

/* Which file `-c path` means: path itself, or with NULL the first of the two above that
 * is there. NULL: neither is. */
const char *configuration_find(const char *path);

/* `path` as given by -c; NULL without. NULL with at least one error. The caller frees
 * with config_free. */
struct config *configuration_read(const char *path, struct config_errors *errors);

/* Files conf.d/NAME.yml beside it, which are not read and may have been meant to be. */
void configuration_each_misnamed(
	const char *path, void (*fn)(void *data, const char *file), void *data);

/* What a daemon needs on top (config_check_daemon), with the file of certificates and
 * those that receivers of messages are written by. Not for short commands, who may not be
 * allowed to read them. */
int configuration_check_daemon(const struct config *config, struct error *error);

/* No files: every default, with the built-in hosts. NULL only without memory. */
struct config *configuration_defaults(void);

/* Every error, a line each, and how many more there are, on standard error. */
void configuration_complain(const struct config_errors *errors);
