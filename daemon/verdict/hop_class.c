#include "verdict/redirect.h"

#include <assert.h>

#include "model/host.h"
#include "verdict/hop_class_internal.h"

#define HOP_CLASS_TEXT(name, text) text,
static const char *const hop_class_texts[] = { HOP_CLASSES(HOP_CLASS_TEXT) };
#undef HOP_CLASS_TEXT

const char *hop_class_text(enum hop_class hop_class)
{
	assert((size_t)hop_class < sizeof(hop_class_texts) / sizeof(hop_class_texts[0]));
	return hop_class_texts[hop_class];
}

bool redirect_worth_rewrite(enum hop_class hop_class)
{
	return hop_class == HOP_CLASS_HOST_MOVE || hop_class == HOP_CLASS_PATH_MOVE;
}

/* --- what the source is for -------------------------------------------------------- */

static bool is_doi_resolver(struct slice host)
{
	static const char *const hosts[] = { "doi.org", "dx.doi.org", "www.doi.org",
		"hdl.handle.net", NULL };
	return slice_is_one_of_nocase(host, hosts);
}

/* /releases/latest and its like: an address that is meant to lead elsewhere each time. */
static bool names_latest(struct slice path)
{
	static const char *const names[] = { "latest", "stable", "current", "HEAD",
		NULL };
	struct slice segment;

	while (url_next_segment(&path, &segment))
		if (slice_is_one_of_nocase(segment, names))
			return true;
	return false;
}

/* --- what changed ------------------------------------------------------------------ */

/* Within one site, from the least to the most telling. */
enum difference {
	DIFFERENCE_NONE,
	DIFFERENCE_CASE,
	DIFFERENCE_SLASH,
	DIFFERENCE_SESSION,
	DIFFERENCE_TRACKING,
	DIFFERENCE_LOCALE,
	DIFFERENCE_PAGE,
};

static enum difference more_telling(enum difference a, enum difference b)
{
	return a > b ? a : b;
}

/* One character of a URL, decoded and in lower case: spellings that servers take for the
 * same file more often than not. An encoded slash stays apart from a slash. */
static int next_folded(struct slice *text)
{
	if (text->len >= 3 && text->at[0] == '%' && char_hex(text->at[1]) >= 0 &&
		char_hex(text->at[2]) >= 0) {
		int c = char_hex(text->at[1]) * 16 + char_hex(text->at[2]);
		*text = slice_sub(*text, 3, text->len);
		return c == '/' ? 256 : (unsigned char)char_lower((char)c);
	}
	int c = (unsigned char)char_lower(text->at[0]);
	*text = slice_sub(*text, 1, text->len);
	return c;
}

static bool equal_folded(struct slice a, struct slice b)
{
	while (a.len > 0 && b.len > 0)
		if (next_folded(&a) != next_folded(&b))
			return false;
	return a.len == b.len;
}

static struct slice without_session(struct slice path)
{
	return slice_sub(path, 0, slice_find_nocase(path, SLICE(";jsessionid=")));
}

/* "/a/", "/a" and "/a/index.html" are one directory. */
static struct slice directory(struct slice path)
{
	static const char *const names[] = { "index.html", "index.htm", "index.php",
		"default.aspx", NULL };
	size_t last = path.len;

	while (last > 0 && path.at[last - 1] != '/')
		last--;
	if (slice_is_one_of_nocase(slice_sub(path, last, path.len), names))
		path.len = last;
	while (path.len > 0 && path.at[path.len - 1] == '/')
		path.len--;
	return path;
}

static bool is_locale_or_nothing(struct slice middle)
{
	struct slice segment;
	unsigned count = 0;

	/* "/us/en": a country and its language. */
	while (url_next_segment(&middle, &segment))
		if (segment.len > 0 && (++count > 2 || !word_is_locale(segment)))
			return false;
	return true;
}

/* One segment or two were inserted, removed or changed, and are languages. */
static bool differs_by_locale(struct slice a, struct slice b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	struct slice longer = a.len < b.len ? b : a;
	size_t head = 0, tail = 0, same = 0, i = 0;

	for (; i < shorter && a.at[i] == b.at[i]; i++)
		if (a.at[i] == '/')
			head = i;
	if (i == shorter && i < longer.len && longer.at[i] == '/')
		head = i;
	while (same < shorter - head &&
		a.at[a.len - same - 1] == b.at[b.len - same - 1]) {
		same++;
		if (a.at[a.len - same] == '/')
			tail = same;
	}
	return is_locale_or_nothing(slice_sub(a, head, a.len - tail)) &&
	       is_locale_or_nothing(slice_sub(b, head, b.len - tail));
}

static enum difference path_difference(struct slice from, struct slice to)
{
	enum difference difference = DIFFERENCE_NONE;
	struct slice a = without_session(from), b = without_session(to);

	if (slice_equal(from, to))
		return DIFFERENCE_NONE;
	if (a.len != from.len || b.len != to.len)
		difference = DIFFERENCE_SESSION;
	if (slice_equal(a, b))
		return difference;
	a = directory(a);
	b = directory(b);
	if (slice_equal(a, b))
		return more_telling(difference, DIFFERENCE_SLASH);
	if (equal_folded(a, b))
		return more_telling(difference, DIFFERENCE_CASE);
	return differs_by_locale(a, b) ? DIFFERENCE_LOCALE : DIFFERENCE_PAGE;
}

static bool starts_with_one(struct slice name, const char *const *starts)
{
	for (; *starts != NULL; starts++)
		if (slice_starts_nocase(name, slice_of(*starts)))
			return true;
	return false;
}

static enum difference parameter_difference(struct slice part)
{
	static const char *const tracking[] = { "gclid", "fbclid", "msclkid", "dclid",
		"igshid", "mc_cid", "mc_eid", "ref", "ref_src", "referrer", "_hsenc",
		"_hsmi", "cmpid", "trk", "_ga", "_gl", "yclid", "gbraid", "wbraid",
		"twclid", "ttclid", "li_fat_id", "mkt_tok", "spm", "ocid", "xtor",
		"wt_mc", "s_cid", "smid", "icid", "__twitter_impression", NULL };
	static const char *const trackers[] = { "utm_", "pk_", "mtm_", "piwik_",
		"matomo_", "at_", "ns_", NULL };
	static const char *const session[] = { "sid", "jsessionid", "phpsessid",
		"sessionid", "session_id", "session", "cfid", "cftoken", "oscsid",
		"zenid", "sessid", "asp.net_sessionid", NULL };
	static const char *const locale[] = { "lang", "hl", "locale", "language", NULL };
	struct slice name = slice_sub(part, 0, slice_find_char(part, '='));

	if (part.len == 0)
		return DIFFERENCE_NONE;
	if (starts_with_one(name, trackers) || slice_is_one_of_nocase(name, tracking))
		return DIFFERENCE_TRACKING;
	if (slice_is_one_of_nocase(name, session))
		return DIFFERENCE_SESSION;
	return slice_is_one_of_nocase(name, locale) ? DIFFERENCE_LOCALE : DIFFERENCE_PAGE;
}

enum { PARAMETERS_MAX = 64 }; /* beyond it two queries simply differ */

static bool has_parameter(struct slice query, struct slice wanted)
{
	struct slice part;

	while (slice_split(&query, '&', &part))
		if (slice_equal(part, wanted))
			return true;
	return false;
}

/* The most telling parameter of `a` that `b` has not. */
static enum difference missing_parameters(struct slice a, struct slice b)
{
	enum difference difference = DIFFERENCE_NONE;
	struct slice part;
	uint32_t count = 0;

	while (slice_split(&a, '&', &part)) {
		if (++count > PARAMETERS_MAX)
			return DIFFERENCE_PAGE;
		if (!has_parameter(b, part))
			difference = more_telling(difference, parameter_difference(part));
	}
	return difference;
}

static enum difference query_difference(struct slice from, struct slice to)
{
	if (slice_equal(from, to))
		return DIFFERENCE_NONE;
	return more_telling(missing_parameters(from, to), missing_parameters(to, from));
}

enum site { SITE_SAME, SITE_WWW, SITE_LOCALE, SITE_OTHER };

static struct slice without_locale(struct slice host)
{
	struct slice label = slice_sub(host, 0, slice_find_char(host, '.'));
	bool locale = label.len == 2 && word_is_locale(label) && label.len + 1 < host.len;

	return host_without_www(slice_sub(host, locale ? label.len + 1 : 0, host.len));
}

static enum site site_difference(const struct url *from, const struct url *to)
{
	bool same_scheme = slice_equal(from->scheme, to->scheme);

	if (same_scheme && from->port != to->port)
		return SITE_OTHER;
	if (slice_equal(from->host, to->host))
		return SITE_SAME;
	if (slice_equal(host_without_www(from->host), host_without_www(to->host)))
		return SITE_WWW;
	return slice_equal(without_locale(from->host), without_locale(to->host))
		       ? SITE_LOCALE
		       : SITE_OTHER;
}

/* A front page, also of one language. */
static bool is_front(const struct url *url)
{
	struct slice path = directory(url->path);

	return is_locale_or_nothing(path) &&
	       slice_find_char(slice_sub(path, 1, path.len), '/') == SLICE_NONE;
}

bool url_is_front(const struct url *url)
{
	static const struct slice nothing = { 0 };

	return is_front(url) &&
	       missing_parameters(url->query, nothing) != DIFFERENCE_PAGE;
}

bool url_parameter_addresses(struct slice parameter)
{
	return parameter_difference(parameter) == DIFFERENCE_PAGE;
}

static bool leads_to_front(const struct url *from, const struct url *to)
{
	if (!is_front(to) ||
		missing_parameters(to->query, from->query) == DIFFERENCE_PAGE)
		return false;
	return !is_front(from) ||
	       missing_parameters(from->query, to->query) == DIFFERENCE_PAGE;
}

static enum hop_class spelling_class(const struct url *from, const struct url *to,
	enum site site, enum difference page)
{
	bool upgrade = slice_equal(from->scheme, SLICE("http"));

	if (!slice_equal(from->scheme, to->scheme) && !upgrade)
		return HOP_CLASS_SCHEME_DOWNGRADE;
	if (site == SITE_WWW)
		return HOP_CLASS_WWW_TOGGLE;
	if (!slice_equal(from->scheme, to->scheme))
		return HOP_CLASS_SCHEME_UPGRADE;
	if (page == DIFFERENCE_SLASH)
		return HOP_CLASS_SLASH;
	return page == DIFFERENCE_CASE ? HOP_CLASS_CASE : HOP_CLASS_SAME;
}

static enum hop_class page_class(const struct url *from, const struct url *to,
	enum site site, enum difference page)
{
	switch (page) {
	case DIFFERENCE_PAGE:
		return HOP_CLASS_PATH_MOVE;
	case DIFFERENCE_LOCALE:
		return HOP_CLASS_LOCALE;
	case DIFFERENCE_TRACKING:
		return HOP_CLASS_TRACKING;
	case DIFFERENCE_SESSION:
		return HOP_CLASS_SESSION;
	case DIFFERENCE_SLASH:
	case DIFFERENCE_CASE:
	case DIFFERENCE_NONE:
		break;
	}
	if (site == SITE_LOCALE)
		return HOP_CLASS_LOCALE;
	return spelling_class(from, to, site, page);
}

enum hop_class redirect_classify(const struct url *from, const struct url *to)
{
	if (slice_equal(url_without_fragment(from), url_without_fragment(to)))
		return HOP_CLASS_SAME;
	if (url_is_challenge(to) && !url_is_challenge(from))
		return HOP_CLASS_CHALLENGE;
	if (url_is_consent(to) && !url_is_consent(from))
		return HOP_CLASS_CONSENT;
	if (url_is_login(to) && !url_is_login(from))
		return HOP_CLASS_LOGIN;
	if (url_has_return_address(to) && !url_has_return_address(from))
		return HOP_CLASS_LOGIN;
	if (is_doi_resolver(from->host) && !is_doi_resolver(to->host))
		return HOP_CLASS_DOI;

	enum site site = site_difference(from, to);
	if (site != SITE_OTHER && names_latest(from->path) && !names_latest(to->path))
		return HOP_CLASS_RELEASE;
	enum difference page = more_telling(path_difference(from->path, to->path),
		query_difference(from->query, to->query));
	if (page == DIFFERENCE_PAGE && leads_to_front(from, to))
		return HOP_CLASS_TO_ROOT;
	if (site == SITE_OTHER)
		return HOP_CLASS_HOST_MOVE;
	return page_class(from, to, site, page);
}
