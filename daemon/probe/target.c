#include "probe/target_internal.h"

#include <stdio.h>

struct target target_of(const struct prober_config *config, const struct url *url)
{
	struct target target = { url->host, url_port(url), url_port(url) };
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

enum target_word target_vet(const struct target *target, const struct address *address,
	const struct address_policy *policy)
{
	if (!address_permitted(address, policy))
		return TARGET_BAD_ADDRESS;
	return address_port_permitted(address, target->url_port, policy)
		       ? TARGET_PERMITTED
		       : TARGET_BAD_PORT;
}

CURLcode target_set_url(CURL *easy, const struct url *url)
{
	char origin[512];
	char target[URL_BYTES_MAX + 8];
	int len = snprintf(origin, sizeof(origin), "%.*s://%.*s:%u/",
		SLICE_ARG(url->scheme), SLICE_ARG(url->host), (unsigned)url_port(url));
	if (len < 0 || (size_t)len >= sizeof(origin))
		return CURLE_URL_MALFORMAT;
	len = snprintf(target, sizeof(target), "%.*s%s%.*s", SLICE_ARG(url->path),
		url->has_query ? "?" : "", SLICE_ARG(url->query));
	if (len < 0 || (size_t)len >= sizeof(target))
		return CURLE_URL_MALFORMAT;
	CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, origin);
	return code != CURLE_OK ? code
				: curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, target);
}
