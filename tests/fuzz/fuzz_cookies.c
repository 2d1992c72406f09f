/* probe/cookies: a line "@URL" says who speaks, "=VALUE" is a Set-Cookie of it, "?URL"
 * asks what goes out there: nothing that could end a header line, nothing beyond the
 * caps, nothing that was not set by the same registrable domain, and what https set only
 * to https. */
#include "fuzz.h"
#include "model/host.h"
#include "probe/cookies_internal.h"

enum { SETS_MAX = 256 };

/* What was set, as the header of cookies_internal.h tells it. */
struct set {
	struct slice site, name, value;
	bool secure;
};

struct world {
	struct arena arena;
	struct cookie_jar jar;
	struct url speaker;
	struct set sets[SETS_MAX];
	uint32_t count;
};

static bool is_https(const struct url *url)
{
	return slice_equal(url->scheme, SLICE("https"));
}

static void set(struct world *world, struct slice line)
{
	struct slice rest = line, pair = { 0 };
	uint32_t count = world->jar.count, state = world->jar.state;
	cookies_take(&world->jar, &world->arena, &world->speaker, line);
	assert(world->jar.count <= COOKIES_MAX);
	assert(world->jar.count == count || world->jar.state != state);
	(void)slice_split(&rest, ';', &pair);
	size_t equals = slice_find_char(pair, '=');
	if (line.len > COOKIE_BYTES_MAX || equals == SLICE_NONE ||
		world->count == SETS_MAX)
		return;
	for (size_t i = 0; i < pair.len; i++)
		if ((unsigned char)pair.at[i] < ' ' || pair.at[i] == 0x7F)
			return;
	world->sets[world->count++] = (struct set){
		.site = host_registrable(world->speaker.host),
		.name = slice_trim(slice_sub(pair, 0, equals)),
		.value = slice_trim(slice_sub(pair, equals + 1, pair.len)),
		.secure = is_https(&world->speaker),
	};
}

static bool was_set(const struct world *world, const struct set *wanted, bool https)
{
	for (uint32_t i = 0; i < world->count; i++) {
		const struct set *set = &world->sets[i];
		if (slice_equal(set->site, wanted->site) &&
			slice_equal(set->name, wanted->name) &&
			slice_equal(set->value, wanted->value) && (!set->secure || https))
			return true;
	}
	return false;
}

static void check_pair(const struct world *world, struct slice pair, const struct url *to)
{
	pair = slice_trim(pair);
	size_t equals = slice_find_char(pair, '=');
	assert(equals != SLICE_NONE && equals > 0);
	const struct set sent = { .site = host_registrable(to->host),
		.name = slice_trim(slice_sub(pair, 0, equals)),
		.value = slice_trim(slice_sub(pair, equals + 1, pair.len)) };
	assert(was_set(world, &sent, is_https(to)));
}

static void ask(struct world *world, struct slice line)
{
	struct url to;
	if (url_parse(&world->arena, line, NULL, &to) < 0 || !to.http)
		return;
	const char *out = cookies_for(&world->jar, &world->arena, &to);
	if (out == NULL)
		return;
	struct slice rest = slice_of(out), pair;
	assert(rest.len > 0 && rest.len <= COOKIE_LINE_BYTES_MAX);
	for (size_t i = 0; i < rest.len; i++)
		assert((unsigned char)out[i] >= ' ' && out[i] != 0x7F);
	uint32_t count = 0;
	while (slice_split(&rest, ';', &pair)) {
		if (world->count < SETS_MAX) /* otherwise we have lost count */
			check_pair(world, pair, &to);
		count++;
	}
	assert(count <= COOKIES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world world;
	struct slice rest = fuzz_slice(data, size), line;
	bool speaks = false;

	world = (struct world){ .jar.wall = INT64_C(1790000000000) };
	arena_init(&world.arena, 16 * 1024 * 1024);
	while (slice_split(&rest, '\n', &line)) {
		if (line.len == 0)
			continue;
		struct slice text = slice_sub(line, 1, line.len);
		struct url url;
		if (line.at[0] == '@' && url_parse(&world.arena, text, NULL, &url) == 0 &&
			url.http) {
			world.speaker = url;
			speaks = true;
		} else if (line.at[0] == '=' && speaks) {
			set(&world, text);
		} else if (line.at[0] == '?') {
			ask(&world, text);
		}
	}
	arena_fini(&world.arena);
	return 0;
}
