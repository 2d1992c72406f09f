/* probe/target: where a URL's connection goes, by the rules of --connect-to. */
#pragma once

#include "model/url.h"
#include "probe/prober.h"

struct target {
	struct slice host;
	uint16_t port;
};

/* As curl does: the first rule that matches; what it leaves empty stays the URL's own. */
struct target target_of(const struct prober_config *config, const struct url *url);
