#include "probe/cookies_internal.h"

#include "base/http_date.h"
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

/* --- attributes -------------------------------------------------------------------- */

struct attributes {
	struct slice domain, path;
	bool gone; /* Max-Age counts more than Expires */
};

/* "Thu, 01-Jan-1970 00:00:00 GMT" is what most servers write. */
static bool is_past(struct slice date, time_ms wall)
{
	char spaced[40];
	time_ms at;

	if (http_date_parse(date, wall, &at))
		return at <= wall;
	if (date.len > sizeof(spaced))
		return false;
	for (size_t i = 0; i < date.len; i++)
		spaced[i] = date.at[i] == '-' ? ' ' : date.at[i];
	return http_date_parse((struct slice){ spaced, date.len }, wall, &at) &&
	       at <= wall;
}

static bool is_zero_or_less(struct slice seconds)
{
	return slice_starts(seconds, SLICE("-")) || slice_equal(seconds, SLICE("0"));
}

static struct attributes read_attributes(struct slice rest, time_ms wall)
{
	struct attributes attributes = { 0 };
	struct slice part;
	bool aged = false;

	while (slice_split(&rest, ';', &part)) {
		size_t equals = slice_find_char(part, '=');
		struct slice name = slice_trim(slice_sub(part, 0, equals)), value = { 0 };
		if (equals != SLICE_NONE)
			value = slice_trim(slice_sub(part, equals + 1, part.len));
		if (slice_equal_nocase(name, SLICE("domain"))) {
			attributes.domain = value;
		} else if (slice_equal_nocase(name, SLICE("path"))) {
			attributes.path = value;
		} else if (slice_equal_nocase(name, SLICE("max-age"))) {
			attributes.gone = is_zero_or_less(value);
			aged = true;
		} else if (!aged && slice_equal_nocase(name, SLICE("expires"))) {
			attributes.gone = is_past(value, wall);
		}
	}
	return attributes;
}

/* The path's directory (RFC 6265 5.1.4). */
static struct slice default_path(struct slice path)
{
	size_t len = path.len;
	while (len > 0 && path.at[len - 1] != '/')
		len--;
	return len > 1 ? slice_sub(path, 0, len - 1) : SLICE("/");
}

static bool is_host_of(struct slice host, struct slice domain)
{
	if (!slice_ends_nocase(host, domain))
		return false;
	return host.len == domain.len ||
	       (domain.len > 0 && host.len > domain.len &&
		       host.at[host.len - domain.len - 1] == '.');
}

static bool is_below(struct slice path, struct slice top)
{
	if (!slice_starts(path, top))
		return false;
	return path.len == top.len || slice_ends(top, SLICE("/")) ||
	       path.at[top.len] == '/';
}

/* False: it is for a place that the host may not speak for. */
static bool place(
	struct cookie *cookie, const struct attributes *attributes, const struct url *url)
{
	struct slice domain = attributes->domain;

	if (slice_starts(domain, SLICE(".")))
		domain = slice_sub(domain, 1, domain.len);
	cookie->host_only = domain.len == 0;
	cookie->domain = cookie->host_only ? url->host : domain;
	cookie->path = slice_starts(attributes->path, SLICE("/"))
			       ? attributes->path
			       : default_path(url->path);
	return cookie->host_only ||
	       (is_host_of(url->host, domain) &&
		       is_host_of(domain, host_registrable(url->host)));
}

/* --- the jar ----------------------------------------------------------------------- */

static struct cookie *find(struct cookie_jar *jar, const struct cookie *like)
{
	for (uint32_t i = 0; i < jar->count; i++) {
		struct cookie *cookie = &jar->cookies[i];
		if (slice_equal(cookie->name, like->name) &&
			slice_equal_nocase(cookie->domain, like->domain) &&
			slice_equal(cookie->path, like->path))
			return cookie;
	}
	return NULL;
}

static void take_away(struct cookie_jar *jar, struct cookie *cookie)
{
	uint32_t behind = jar->count - (uint32_t)(cookie - jar->cookies) - 1;
	memmove(cookie, cookie + 1, behind * sizeof(*cookie));
	jar->count--;
	jar->state++;
}

static struct cookie *add(
	struct cookie_jar *jar, struct arena *arena, const struct cookie *like)
{
	if (jar->cookies == NULL)
		jar->cookies = ARENA_ARRAY(arena, struct cookie, COOKIES_MAX);
	if (jar->cookies == NULL || jar->count == COOKIES_MAX)
		return NULL;
	struct cookie cookie = {
		.name = arena_copy(arena, like->name),
		.domain = arena_copy(arena, like->domain),
		.path = arena_copy(arena, like->path),
	};
	if (cookie.name.at == NULL || cookie.domain.at == NULL || cookie.path.at == NULL)
		return NULL;
	jar->cookies[jar->count] = cookie;
	jar->state++;
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

static void keep(struct cookie_jar *jar, struct arena *arena, const struct cookie *like)
{
	struct cookie *cookie = find(jar, like);

	if (cookie == NULL)
		cookie = add(jar, arena, like);
	if (cookie == NULL)
		return;
	jar->state += !slice_equal(cookie->value, like->value);
	set_value(cookie, arena, like->value);
	cookie->host_only = like->host_only;
	cookie->secure = like->secure;
}

void cookies_take(struct cookie_jar *jar, struct arena *arena, const struct url *url,
	struct slice set_cookie)
{
	struct slice pair;
	struct cookie cookie = { .secure = is_https(url) };
	if (set_cookie.len > COOKIE_BYTES_MAX || !slice_split(&set_cookie, ';', &pair) ||
		!is_clean(pair) || slice_find_char(pair, '=') == SLICE_NONE)
		return;
	size_t equals = slice_find_char(pair, '=');
	cookie.name = slice_trim(slice_sub(pair, 0, equals));
	cookie.value = slice_trim(slice_sub(pair, equals + 1, pair.len));
	struct attributes attributes = read_attributes(set_cookie, jar->wall);
	if (cookie.name.len == 0 || !place(&cookie, &attributes, url))
		return;
	if (!attributes.gone) {
		keep(jar, arena, &cookie);
		return;
	}
	struct cookie *old = find(jar, &cookie);
	if (old != NULL)
		take_away(jar, old);
}

/* --- what goes out ----------------------------------------------------------------- */

static bool goes_to(const struct cookie *cookie, const struct url *url)
{
	bool host = cookie->host_only ? slice_equal_nocase(url->host, cookie->domain)
				      : is_host_of(url->host, cookie->domain);
	return host && is_below(url->path, cookie->path) &&
	       (!cookie->secure || is_https(url));
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
	char line[COOKIE_LINE_BYTES_MAX];
	size_t len = 0;
	for (uint32_t i = 0; i < jar->count; i++) {
		const struct cookie *cookie = &jar->cookies[i];
		struct slice separator = len > 0 ? SLICE("; ") : (struct slice){ 0 };
		if (!goes_to(cookie, url) ||
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
