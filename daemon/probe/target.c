#include "probe/target_internal.h"

struct target target_of(const struct prober_config *config, const struct url *url)
{
	struct target target = { url->host, url_port(url) };
	for (uint32_t i = 0; i < config->connect_to_count; i++) {
		const struct connect_to *rule = &config->connect_to[i];
		if ((rule->host.len > 0 && !slice_equal_nocase(rule->host, url->host)) ||
			(rule->port >= 0 && rule->port != target.port))
			continue;
		if (rule->to_host.len > 0)
			target.host = rule->to_host;
		if (rule->to_port >= 0)
			target.port = (uint16_t)rule->to_port;
		break;
	}
	return target;
}
