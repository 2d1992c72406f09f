/* verdict/redirect: the first line is a URL, the others are Locations, taken over and
 * over. A chain ends within hops_max, follows to nothing but http and https, and says why
 * not. */
#include "fuzz.h"
#include "verdict/redirect.h"

enum { HOPS_MAX = 10, LOCATIONS_MAX = 16 };

static uint32_t gather(struct slice rest, struct slice locations[static LOCATIONS_MAX])
{
	uint32_t count = 0;
	while (count < LOCATIONS_MAX && slice_split(&rest, '\n', &locations[count]))
		count++;
	return count;
}

static void follow(struct arena *arena, struct url url, struct slice rest)
{
	static const int statuses[] = { 301, 302, 303, 307, 308, 300 };
	struct redirect_limits limits = { HOPS_MAX, 5 };
	struct slice locations[LOCATIONS_MAX];
	struct hop hops[HOPS_MAX + 2] = { 0 };
	uint32_t count = gather(rest, locations);

	for (uint32_t i = 0; count > 0; i++) {
		struct redirect_step step = { 0 };
		struct slice location = locations[i % count];
		struct url target;
		assert(i <= HOPS_MAX); /* the chain ends */
		if (url_request_target(arena, &url, &target) < 0)
			return;
		hops[i] = (struct hop){ .url = target.href,
			.status = statuses[location.len % 6],
			.via = HOP_VIA_STATUS };
		if (redirect_next(arena, &url, HOP_VIA_STATUS, location, hops, i + 1,
			    &limits, &step) < 0) {
			assert(arena->failed);
			return;
		}
		(void)redirect_permanent_target(hops, i + 1);
		if (!step.follow) {
			assert(step.failure == REASON_OK ||
				step.failure == REASON_REDIRECT_LOOP ||
				step.failure == REASON_REDIRECT_LIMIT ||
				step.failure == REASON_REDIRECT_FORBIDDEN);
			return;
		}
		assert(step.url.http);
		assert(hop_class_text(redirect_classify(&url, &step.url)) != NULL);
		(void)redirect_worth_rewrite(redirect_classify(&url, &step.url));
		hops[i].target = step.url.href;
		url = step.url;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = fuzz_slice(data, size);
	struct slice first = fuzz_line(&rest);
	struct url url;
	struct arena arena;

	arena_init(&arena, 16 * 1024 * 1024);
	if (url_parse(&arena, first, NULL, &url) == 0 && url.http) {
		assert(redirect_classify(&url, &url) == HOP_CLASS_SAME);
		follow(&arena, url, rest);
	}
	arena_fini(&arena);
	return 0;
}
