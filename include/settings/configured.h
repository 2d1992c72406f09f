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

/* Whether they could be made; where the `secrets` may be for the daemon's eyes only,
 * without them. */
int configured_check(const struct config *config, bool secrets, struct error *error);

/* Whether the secret of a *_file key can be looked at here: no other user's, and no
 * credential without systemd. Also true: it is not there. */
bool configured_sees_secret(const char *value);

void configured_fini(struct configured *configured);

struct store_retention configured_retention(const struct config *config);
