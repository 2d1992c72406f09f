/* model/url: lines are a base and an input. What was parsed parses to itself; so does the
 * canonical form, which is its own canonical form and of the same origin. */
#include "fuzz.h"
#include "model/url.h"

static void check_parts(const struct url *url)
{
	const struct slice parts[] = { url->scheme, url->username, url->password,
		url->host, url->path, url->query, url->fragment };
	assert(url->href.len > 0 && url->href.len <= URL_BYTES_MAX);
	assert(url->href.at[url->href.len] == '\0');
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		assert(fuzz_within(parts[i], url->href));
	for (size_t i = 0; i < url->href.len; i++) {
		unsigned char c = (unsigned char)url->href.at[i];
		assert(c >= 0x20 && c < 0x7f); /* nothing a header could break at */
	}
	assert(url->port >= URL_PORT_NONE && url->port <= 65535);
	assert(!url->http || (url->has_host && url->host.len > 0 && url_port(url) > 0) ||
		url->port == 0);
	assert(url->scheme.len > 0);
}

static void check_same(struct arena *arena, const struct url *url)
{
	struct url again;
	assert(url_parse(arena, url->href, NULL, &again) == 0);
	assert(slice_equal(again.href, url->href));
	assert(slice_equal(again.host, url->host) && again.port == url->port);
	assert(slice_equal(again.path, url->path));
	assert(again.opaque == url->opaque && again.http == url->http);
}

static void check_forms(struct arena *arena, const struct url *url)
{
	struct url canonical, twice, target;
	check_parts(url);
	check_same(arena, url);

	/* Percent-encoding what a parse let through may exceed the limit. */
	if (url_canonical(arena, url, &canonical) < 0)
		return;
	check_parts(&canonical);
	check_same(arena, &canonical);
	assert(canonical.username.len == 0 && canonical.password.len == 0);
	assert(canonical.has_fragment == url->has_fragment);
	assert(!url->http || fuzz_same_origin(url, &canonical));
	assert(url_canonical(arena, &canonical, &twice) == 0);
	assert(slice_equal(canonical.href, twice.href));

	assert(url_request_target(arena, url, &target) == 0);
	check_parts(&target);
	assert(!target.has_fragment && target.username.len == 0);
	assert(!url->http || fuzz_same_origin(url, &target));
	assert(slice_find_char(url_without_fragment(url), '#') == SLICE_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = fuzz_slice(data, size);
	struct slice first = fuzz_line(&rest);
	struct url base, url;
	struct arena arena;

	arena_init(&arena, 16 * 1024 * 1024);
	bool has_base = url_parse(&arena, first, NULL, &base) == 0;
	if (has_base)
		check_forms(&arena, &base);
	if (url_parse(&arena, rest, has_base ? &base : NULL, &url) == 0)
		check_forms(&arena, &url);
	(void)url_percent_decode(&arena, rest);
	arena_fini(&arena);
	return 0;
}
