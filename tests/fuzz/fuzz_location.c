/* From a header to the next request: the first line is a URL, each other one a header
 * ("Location: x" of a 302, or "Refresh: 0; url=x" of a 200) of the answer to the last
 * request. What is asked next is http or https, holds no byte that could end a line, and
 * the chain ends. */
#include "fuzz.h"
#include "probe/answer_internal.h"
#include "verdict/redirect.h"

enum { HOPS_MAX = 10, REFRESH_S_MAX = 5 };

struct walk {
	struct arena arena;
	struct url at;
	struct hop hops[HOPS_MAX + 2];
	uint32_t count;
};

/* The target that one answer names, as the chain finds it. */
static enum hop_via find_target(
	struct walk *walk, struct slice line, struct slice *ret_target)
{
	const struct answer_wish wish = { .header_bytes_max = 64 * 1024,
		.body_bytes_max = 1024 };
	struct answer answer;
	int32_t delay_s = -1;
	enum hop_via via = HOP_VIA_NONE;
	bool refresh = slice_starts_nocase(line, SLICE("refresh"));

	answer_init(&answer, &walk->arena, &wish);
	answer_header(&answer, refresh ? SLICE("HTTP/1.1 200 OK") : SLICE("HTTP/2 302"));
	answer_header(&answer, line);
	answer_header(&answer, SLICE("\r\n"));
	if (refresh && refresh_parse(answer.refresh, &delay_s, ret_target)) {
		assert(delay_s >= 0 && ret_target->len > 0);
		assert(fuzz_within(*ret_target, answer.refresh));
		via = delay_s <= REFRESH_S_MAX ? HOP_VIA_REFRESH_HEADER : HOP_VIA_NONE;
	} else if (answer.location.len > 0) {
		*ret_target = answer.location;
		via = HOP_VIA_STATUS;
	}
	answer_fini(&answer); /* the texts are in the arena */
	return via;
}

static void check_step(const struct redirect_step *step, const struct url *ask)
{
	assert(step->url.http && step->url.has_host && step->url.host.len > 0);
	assert(ask->username.len == 0 && ask->password.len == 0 && !ask->has_fragment);
	for (size_t i = 0; i < ask->href.len; i++)
		assert((unsigned char)ask->href.at[i] > ' ' &&
			(unsigned char)ask->href.at[i] < 0x7F);
}

/* False: the chain ends here. */
static bool step(struct walk *walk, struct slice line)
{
	static const struct redirect_limits limits = { HOPS_MAX, REFRESH_S_MAX };
	struct redirect_step next = { 0 };
	struct slice target = { 0 };
	struct url ask;
	assert(walk->count <= HOPS_MAX);
	if (url_request_target(&walk->arena, &walk->at, &ask) < 0)
		return false;
	enum hop_via via = find_target(walk, line, &target);
	walk->hops[walk->count++] = (struct hop){
		.url = ask.href, .status = via == HOP_VIA_STATUS ? 302 : 200, .via = via
	};
	if (via == HOP_VIA_NONE ||
		redirect_next(&walk->arena, &walk->at, via, target, walk->hops,
			walk->count, &limits, &next) < 0 ||
		!next.follow || url_request_target(&walk->arena, &next.url, &ask) < 0)
		return false;
	check_step(&next, &ask);
	walk->hops[walk->count - 1].target = next.url.href;
	walk->at = next.url;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = fuzz_slice(data, size), line;
	struct slice first = fuzz_line(&rest);
	static struct walk walk;

	walk = (struct walk){ .count = 0 };
	arena_init(&walk.arena, 16 * 1024 * 1024);
	if (url_parse(&walk.arena, first, NULL, &walk.at) == 0 && walk.at.http)
		while (slice_split(&rest, '\n', &line) && step(&walk, line))
			;
	arena_fini(&walk.arena);
	return 0;
}
