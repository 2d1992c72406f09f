#include "pages/pages.h"

#include "settings/public_address.h"

int pages_set_address(
	struct pages_settings *settings, const char *public_url, struct arena *arena)
{
	struct public_address address;
	if (public_address_of(public_url, arena, &address) < 0)
		return -1;
	settings->site.public_url = address.url;
	settings->site.base = address.base;
	settings->feed_host = address.host;
	return 0;
}

int pages_settings_of(const struct config *config, const struct health_limits *limits,
	struct arena *arena, struct pages_settings *ret_settings)
{
	static const char generator[] = "linkrotd " LINKROTD_VERSION;
	uint32_t count = config != NULL ? config->list_count : 0;
	struct pages_interval *intervals =
		ARENA_ARRAY(arena, struct pages_interval, count + 1);
	if (intervals == NULL)
		return -1;
	for (uint32_t i = 0; i < count; i++)
		intervals[i] = (struct pages_interval){
			arena_copy(arena, slice_of(config->lists[i].name)),
			config->lists[i].interval_ms
		};
	*ret_settings = (struct pages_settings){
		.generator = generator,
		.site = { .generator = generator, .base = SLICE("/") },
		.limits = *limits,
		.intervals = intervals,
		.interval_count = count,
	};
	if (config != NULL &&
		pages_set_address(ret_settings, config->publish.public_url, arena) < 0)
		return -1;
	return arena->failed ? -1 : 0;
}
