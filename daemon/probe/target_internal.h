/* probe/target: where a URL's connection goes, by the rules of --connect-to, and whether
 * it may go there. */
#pragma once

#include <curl/curl.h>

#include "model/url.h"
#include "probe/prober.h"

struct target {
	struct slice host;
	uint16_t port;
	uint16_t url_port; /* what is vetted: a rule says where to connect, not what may
			    * be asked for */
};

/* As curl does: the first rule that matches; what it leaves empty stays the URL's own. */
struct target target_of(const struct prober_config *config, const struct url *url);

enum target_word { TARGET_PERMITTED, TARGET_BAD_ADDRESS, TARGET_BAD_PORT };

enum target_word target_vet(const struct target *target, const struct address *address,
	const struct address_policy *policy);

/* libcurl is given scheme, host and port only; what is asked goes in REQUEST_TARGET, so
 * that no second URL parser comes between ours and the wire. */
CURLcode target_set_url(CURL *easy, const struct url *url);
