/* settings/configured: the settings that a configuration means.
 *
 * `run` asks the network as `check` does, so its configuration becomes the same struct
 * settings, by way of the same options. The configuration must outlive the settings.
 */
#pragma once

#include "config/config.h"
#include "settings/settings.h"
#include "store/store.h"

struct configured {
	struct settings settings;
	struct options
		options; /* what the settings were made of; their texts point here */
	struct buffer user_agent, github_token;
};

/* -1 with a sentence; configured_fini in both cases. Reads the file of the GitHub token
 * and looks whether the CA certificates can be read. */
int configured_init(
	struct configured *configured, const struct config *config, struct error *error);

/* Whether they could be made, without the secrets, which may be for the daemon's eyes
 * only. */
int configured_check(const struct config *config, struct error *error);

void configured_fini(struct configured *configured);

struct store_retention configured_retention(const struct config *config);
