#include "settings/configured.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "files/read.h"
#include "process/service.h"

enum {
	USER_AGENT_BYTES_MAX = 8 * 1024,
	TOKEN_BYTES_MAX = 64 * 1024,
	PATH_BYTES_MAX = 8 * 1024,
};

/* Options own the array, but not the texts. */
static int copy_texts(const struct config_texts *from, struct texts *to)
{
	if (from->count == 0)
		return 0;
	to->at = calloc(from->count, sizeof(*to->at));
	if (to->at == NULL)
		return -1;
	for (uint32_t i = 0; i < from->count; i++)
		to->at[i] = from->at[i];
	to->count = from->count;
	return 0;
}

static int read_token(
	struct configured *configured, const struct config *config, struct error *error)
{
	const char *value = config->check.github_token_file;
	struct buffer path;
	struct error why;
	if (value == NULL)
		return 0;
	buffer_init(&path, PATH_BYTES_MAX);
	int result = config_secret_path(
		value, service_directory(DIRECTORY_CREDENTIALS).at, &path, error);
	if (result == 0 && file_read_regular(buffer_string(&path),
				   &configured->github_token, &why) < 0)
		result = error_set(error, "check.github_token_file: %s", why.text);
	buffer_fini(&path);
	return result;
}

static void fill_options(struct configured *configured, const struct config *config)
{
	struct options *options = &configured->options;
	const struct config_check *check = &config->check;
	options->timeout_ms = check->timeout_ms;
	options->max_concurrency = check->max_concurrency;
	options->max_redirects = check->max_redirects;
	options->max_retries = check->max_retries;
	options->host_concurrency = check->host_concurrency;
	options->host_request_interval_ms = check->host_request_interval_ms;
	options->fragments = check->fragments;
	options->polite = check->robots == CONFIG_ROBOTS_OBEY;
	options->resolver = config->network.resolver;
	options->cacert = config->network.cacert;
	if (config->contact != NULL || check->user_agent != NULL)
		options->user_agent = buffer_string(&configured->user_agent);
	/* Empty rather than missing: the environment is not the daemon's. */
	options->github_token = buffer_string(&configured->github_token);
}

static int init(struct configured *configured, const struct config *config, bool secrets,
	struct error *error)
{
	static char name[] = "run";
	char *argv[] = { name, NULL };
	*configured = (struct configured){ 0 };
	buffer_init(&configured->user_agent, USER_AGENT_BYTES_MAX);
	buffer_init(&configured->github_token, TOKEN_BYTES_MAX);
	config_add_user_agent(config, &configured->user_agent);
	struct options *options = &configured->options;
	if (options_parse(1, argv, COMMAND_CHECK, options, error) < 0 ||
		(secrets && read_token(configured, config, error) < 0))
		return -1;
	fill_options(configured, config);
	if (copy_texts(&config->check.include, &options->include) < 0 ||
		copy_texts(&config->check.exclude, &options->exclude) < 0 ||
		copy_texts(&config->network.connect_to, &options->connect_to) < 0 ||
		copy_texts(&config->network.allow_addresses, &options->allow_address) <
			0 ||
		copy_texts(&config->network.allow_ports, &options->allow_port) < 0)
		return error_set(error, "out of memory");
	if (settings_init(&configured->settings, options, error) < 0)
		return -1;
	configured->settings.probing.body_bytes_max = config->check.max_body_bytes;
	return 0;
}

int configured_init(
	struct configured *configured, const struct config *config, struct error *error)
{
	return init(configured, config, true, error);
}

int configured_check(const struct config *config, bool secrets, struct error *error)
{
	struct configured configured;
	int result = init(&configured, config, secrets, error);
	configured_fini(&configured);
	return result;
}

bool configured_sees_secret(const char *value)
{
	struct buffer path;
	struct error error;
	buffer_init(&path, PATH_BYTES_MAX);
	bool seen = config_secret_path(value, service_directory(DIRECTORY_CREDENTIALS).at,
			    &path, &error) == 0 &&
		    (access(buffer_string(&path), R_OK) == 0 ||
			    (errno != EACCES && errno != EPERM));
	buffer_fini(&path);
	return seen;
}

void configured_fini(struct configured *configured)
{
	settings_fini(&configured->settings);
	options_fini(&configured->options);
	buffer_fini(&configured->github_token);
	buffer_fini(&configured->user_agent);
}

/* For the store 0 is for ever; of single checks it keeps no more than it has room for. */
struct store_retention configured_retention(const struct config *config)
{
	const struct config_retention *kept = &config->retention;
	time_ms checks_max = 3660 * TIME_MS_PER_DAY;
	return (struct store_retention){
		.checks_ms = kept->checks_ms < checks_max ? kept->checks_ms : checks_max,
		.history_ms = kept->history_ms == CONFIG_FOREVER ? 0 : kept->history_ms,
		.events_ms = kept->events_ms == CONFIG_FOREVER ? 0 : kept->events_ms,
	};
}
