#include "probe/cookies_internal.h"

#include "model/host.h"

static bool is_https(const struct url *url)
{
	return slice_equal(url->scheme, SLICE("https"));
}

/* What goes out must not be able to end the header line. */
static bool is_clean(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7F)
			return false;
	return true;
}

static struct cookie *find(struct cookie_jar *jar, struct slice name, struct slice site)
{
	for (uint32_t i = 0; i < jar->count; i++)
		if (slice_equal(jar->cookies[i].name, name) &&
			slice_equal(jar->cookies[i].site, site))
			return &jar->cookies[i];
	return NULL;
}

static struct cookie *add(
	struct cookie_jar *jar, struct arena *arena, struct slice name, struct slice site)
{
	if (jar->cookies == NULL)
		jar->cookies = ARENA_ARRAY(arena, struct cookie, COOKIES_MAX);
	if (jar->cookies == NULL || jar->count == COOKIES_MAX)
		return NULL;
	struct cookie cookie = {
		.name = arena_copy(arena, name),
		.site = arena_copy(arena, site),
	};
	if (cookie.name.at == NULL || cookie.site.at == NULL)
		return NULL;
	jar->cookies[jar->count] = cookie;
	return &jar->cookies[jar->count++];
}

/* A header can set the same cookie a thousand times; room that at least doubles bounds
 * what that takes. */
static void set_value(struct cookie *cookie, struct arena *arena, struct slice value)
{
	if (value.len > cookie->room_size) {
		size_t size = cookie->room_size * 2;
		size = size > value.len ? size : value.len;
		char *room = arena_alloc(arena, size);
		if (room == NULL)
			return;
		cookie->room = room;
		cookie->room_size = size;
	}
	if (value.len > 0)
		memcpy(cookie->room, value.at, value.len);
	cookie->value = (struct slice){ cookie->room, value.len };
}

void cookies_take(struct cookie_jar *jar, struct arena *arena, const struct url *url,
	struct slice set_cookie)
{
	struct slice pair, name;
	if (set_cookie.len > COOKIE_BYTES_MAX || !slice_split(&set_cookie, ';', &pair) ||
		!is_clean(pair) || slice_find_char(pair, '=') == SLICE_NONE)
		return;
	size_t equals = slice_find_char(pair, '=');
	name = slice_trim(slice_sub(pair, 0, equals));
	if (name.len == 0)
		return;
	struct slice site = host_registrable(url->host);
	struct cookie *cookie = find(jar, name, site);
	if (cookie == NULL)
		cookie = add(jar, arena, name, site);
	if (cookie == NULL)
		return;
	set_value(cookie, arena, slice_trim(slice_sub(pair, equals + 1, pair.len)));
	cookie->secure = is_https(url);
}

static void append(char *line, size_t *len, struct slice text)
{
	if (text.len > 0)
		memcpy(line + *len, text.at, text.len);
	*len += text.len;
}

const char *cookies_for(
	const struct cookie_jar *jar, struct arena *arena, const struct url *url)
{
	if (jar->count == 0)
		return NULL;
	struct slice site = host_registrable(url->host);
	char line[COOKIE_LINE_BYTES_MAX];
	size_t len = 0;
	for (uint32_t i = 0; i < jar->count; i++) {
		const struct cookie *cookie = &jar->cookies[i];
		struct slice separator = len > 0 ? SLICE("; ") : (struct slice){ 0 };
		if (!slice_equal(cookie->site, site) ||
			(cookie->secure && !is_https(url)) ||
			separator.len + cookie->name.len + 1 + cookie->value.len >
				sizeof(line) - len)
			continue;
		append(line, &len, separator);
		append(line, &len, cookie->name);
		append(line, &len, SLICE("="));
		append(line, &len, cookie->value);
	}
	return len > 0 ? arena_string(arena, (struct slice){ line, len }) : NULL;
}
