/* model/identity: lines are a base (may be empty) and a destination. A link that is to be
 * checked is a fixed point: its url identifies itself. */
#include "fuzz.h"
#include "model/host.h"
#include "model/identity.h"

static void check_http(struct arena *arena, const struct link_identity *identity)
{
	struct link_identity again;
	struct url url;
	assert(slice_find_char(identity->request_url, '#') == SLICE_NONE);
	assert(slice_find_char(identity->request_key, '#') == SLICE_NONE);
	assert(url_parse(arena, identity->url, NULL, &url) == 0);
	assert(url.http && url.username.len == 0 && url.password.len == 0);
	assert(url_parse(arena, identity->request_url, NULL, &url) == 0);
	assert(identify(arena, identity->url, NULL, &again) == 0);
	assert(again.kind == LINK_HTTP && again.reason == REASON_OK);
	assert(slice_equal(again.url, identity->url));
	assert(slice_equal(again.request_key, identity->request_key));

	struct slice key = host_pacing_key(url.host);
	assert(key.len > 0 || url.host.len == 0);
	bool empty_label =
		url.host.at[0] == '.' || slice_find(url.host, SLICE("..")) != SLICE_NONE;
	assert(empty_label || slice_equal(host_pacing_key(key), key));
	assert(fuzz_within(host_registrable(url.host), url.host));
}

static void check(struct arena *arena, struct slice destination, const struct url *base)
{
	struct link_identity identity;
	if (identify(arena, destination, base, &identity) < 0) {
		assert(arena->failed);
		return;
	}
	if (identity.kind == LINK_HTTP && identity.reason == REASON_OK)
		check_http(arena, &identity);
	if (identity.suggestion.url.len > 0) {
		struct url url;
		assert(identity.suggestion.why.len > 0);
		assert(url_parse(arena, identity.suggestion.url, NULL, &url) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = fuzz_slice(data, size);
	struct slice first = fuzz_line(&rest);
	struct url base;
	struct arena arena;

	arena_init(&arena, 16 * 1024 * 1024);
	if (url_parse(&arena, first, NULL, &base) == 0)
		check(&arena, rest, &base);
	check(&arena, rest, NULL);
	(void)host_looks_written(rest);
	arena_fini(&arena);
	return 0;
}
