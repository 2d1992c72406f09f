#include "verdict/redirect.h"

#include <assert.h>

#include "base/utf8.h"

/* With a Location, that is. */
static bool is_redirect(int status)
{
	return (status >= 300 && status <= 303) || status == 307 || status == 308;
}

bool redirect_is_permanent(int status)
{
	return status == 301 || status == 308;
}

struct slice redirect_permanent_target(const struct hop *hops, uint32_t hop_count)
{
	struct slice target = { 0 };

	for (uint32_t i = 0; i < hop_count && hops[i].via == HOP_VIA_STATUS &&
			     redirect_is_permanent(hops[i].status);
		i++)
		target = hops[i].target;
	return target;
}

static bool may_send_on(enum hop_via via, int status)
{
	switch (via) {
	case HOP_VIA_NONE:
		return false;
	case HOP_VIA_STATUS:
		return is_redirect(status);
	case HOP_VIA_REFRESH_HEADER:
	case HOP_VIA_META_REFRESH:
		return status >= 200 && status < 300;
	}
	return false;
}

/* With the cookies that there are now: with others it is another question. */
static uint32_t times_asked(struct slice url, const struct hop *hops, uint32_t hop_count)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < hop_count; i++)
		count += slice_equal(hops[i].url, url) &&
			 hops[i].cookies_sent == hops[hop_count - 1].cookies_left;
	return count;
}

/* The target with the fragment it names or inherits, and without userinfo. */
static int complete_target(struct arena *arena, const struct url *from,
	const struct url *asked, const struct url *target, struct url *ret_url)
{
	const struct url *owner = target->has_fragment ? target : from;

	if (!owner->has_fragment) {
		*ret_url = *asked;
		return 0;
	}
	struct slice href = arena_printf(
		arena, "%.*s#%.*s", SLICE_ARG(asked->href), SLICE_ARG(owner->fragment));
	if (href.at == NULL)
		return -1;
	if (url_parse(arena, href, NULL, ret_url) == 0)
		return 0;
	/* Too long with the fragment, which no server sees anyway. */
	*ret_url = *asked;
	return arena->failed ? -1 : 0;
}

/* Servers of another age write paths in their own charset. Its bytes are the resource's
 * name, and are passed on as they are, as browsers do. False: no memory. */
static bool escape_foreign_bytes(struct arena *arena, struct slice *location)
{
	static const char digits[] = "0123456789ABCDEF";
	if (utf8_valid(*location))
		return true;
	char *text = arena_array(arena, 3, location->len);
	size_t len = 0;
	if (text == NULL)
		return false;
	for (size_t i = 0; i < location->len; i++) {
		unsigned char byte = (unsigned char)location->at[i];
		if (byte < 0x80) {
			text[len++] = (char)byte;
			continue;
		}
		text[len++] = '%';
		text[len++] = digits[byte >> 4];
		text[len++] = digits[byte & 15];
	}
	*location = (struct slice){ text, len };
	return true;
}

/* 1: parsed; 0: the Location is none; -1: arena exhausted. */
static int resolve(struct arena *arena, const struct url *from, struct slice location,
	struct url *ret_url)
{
	bool failed_before = arena->failed;

	arena->failed = false;
	int result = url_parse(arena, location, from, ret_url);
	bool exhausted = arena->failed;
	arena->failed |= failed_before;
	return result == 0 ? 1 : exhausted ? -1 : 0;
}

/* Of a page that refreshes out of http. No browser opens these documents from a page; all
 * other schemes start an application, or nothing, and the page stays where it is. */
static bool is_forbidden_document(const struct url *target)
{
	return slice_equal(target->scheme, SLICE("file")) ||
	       slice_equal(target->scheme, SLICE("data"));
}

bool redirect_shows_slides(int32_t delay_s, const struct redirect_step *step,
	const struct hop *hops, uint32_t hop_count)
{
	if (delay_s <= 0)
		return false;
	if (!step->follow)
		return step->failure == REASON_REDIRECT_LOOP ||
		       step->failure == REASON_REDIRECT_LIMIT;
	return times_asked(url_without_fragment(&step->url), hops, hop_count) > 0;
}

/* A Location that is no URL leads nowhere, the answer itself is the end, and a 3xx that
 * ends a chain is no success. */
int redirect_next(struct arena *arena, const struct url *from, enum hop_via via,
	struct slice location, const struct hop *hops, uint32_t hop_count,
	const struct redirect_limits *limits, struct redirect_step *ret_step)
{
	struct redirect_step step = { .failure = REASON_OK };
	struct url target, asked;
	bool refresh = via == HOP_VIA_REFRESH_HEADER || via == HOP_VIA_META_REFRESH;

	assert(hop_count > 0);
	*ret_step = step;
	location = slice_trim(location);
	if (location.len == 0 || !may_send_on(via, hops[hop_count - 1].status))
		return 0;
	if (!escape_foreign_bytes(arena, &location))
		return -1;
	int resolved = resolve(arena, from, location, &target);
	if (resolved <= 0)
		return resolved;
	if (!target.http) {
		if (!refresh || is_forbidden_document(&target))
			ret_step->failure = REASON_REDIRECT_FORBIDDEN;
		return 0;
	}
	if (url_request_target(arena, &target, &asked) != 0)
		return -1;
	if (refresh && slice_equal(asked.href, hops[hop_count - 1].url))
		return 0;
	if (times_asked(asked.href, hops, hop_count) >= 2) {
		ret_step->failure = REASON_REDIRECT_LOOP;
		return 0;
	}
	if (hop_count > limits->hops_max) {
		ret_step->failure = REASON_REDIRECT_LIMIT;
		return 0;
	}
	if (complete_target(arena, from, &asked, &target, &step.url) != 0)
		return -1;
	step.follow = true;
	*ret_step = step;
	return 0;
}
