#include "pages/pages.h"

#include "model/url.h"

static struct slice without_slashes(struct slice text)
{
	while (slice_ends(text, SLICE("/")))
		text = slice_sub(text, 0, text.len - 1);
	return text;
}

/* "https://links.example.org/status" has the host, and the path that a proxy puts in
 * front. As the parser spells it, so without a user's name; a query makes no sense. */
static void take_public_url(
	const char *text, struct arena *arena, struct pages_settings *settings)
{
	struct url url;
	if (text == NULL ||
		url_parse(arena, arena_copy(arena, slice_of(text)), NULL, &url) < 0)
		return;
	struct slice whole = url.href;
	for (size_t i = 0; i < whole.len; i++)
		if (whole.at[i] == '?' || whole.at[i] == '#')
			whole = slice_sub(whole, 0, i);
	settings->site.public_url = without_slashes(whole);
	settings->feed_host = url.host;
	settings->site.base =
		arena_printf(arena, "%.*s/", SLICE_ARG(without_slashes(url.path)));
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
	if (config != NULL)
		take_public_url(config->publish.public_url, arena, ret_settings);
	return arena->failed ? -1 : 0;
}
