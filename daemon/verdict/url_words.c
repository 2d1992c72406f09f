#include "model/host.h"
#include "verdict/hop_class_internal.h"

/* "signin.php" is "signin". */
static struct slice stem(struct slice segment)
{
	return slice_sub(segment, 0, slice_find_char(segment, '.'));
}

static struct slice first_label(struct slice host)
{
	return slice_sub(host, 0, slice_find_char(host, '.'));
}

/* en, pt-br, zh_CN, en-us: languages that sites offer, not any two letters, because those
 * are directories too (/ai/, /ml/, /go/). */
bool word_is_locale(struct slice word)
{
	static const char *const languages[] = { "ar", "bg", "bn", "ca", "cn", "cs", "da",
		"de", "el", "en", "es", "et", "eu", "fa", "fi", "fil", "fr", "gl", "he",
		"hi", "hr", "hu", "id", "it", "ja", "jp", "ka", "ko", "kr", "lt", "lv",
		"ms", "nb", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv",
		"th", "tr", "uk", "ur", "us", "vi", "zh", "english", "intl", NULL };
	static const char *const regions[] = { "hans", "hant", "latn", "cyrl", "419",
		"150", NULL };
	size_t cut = 0;

	while (cut < word.len && word.at[cut] != '-' && word.at[cut] != '_')
		cut++;
	struct slice region = slice_sub(word, cut + 1, word.len);
	if (cut < word.len && region.len != 2 && !slice_is_one_of_nocase(region, regions))
		return false;
	return slice_is_one_of_nocase(slice_sub(word, 0, cut), languages);
}

bool url_next_segment(struct slice *path, struct slice *ret_segment)
{
	if (path->len == 0)
		return false;
	if (path->at[0] == '/')
		*path = slice_sub(*path, 1, path->len);
	size_t end = slice_find_char(*path, '/');
	*ret_segment = slice_sub(*path, 0, end);
	*path = slice_sub(*path, end, path->len);
	return true;
}

struct slice url_last_segment(struct slice path)
{
	struct slice segment, last = { 0 };

	while (url_next_segment(&path, &segment))
		if (segment.len > 0)
			last = segment;
	return last;
}

/* A word counts where it names the page (the last segment) or the area (the first one
 * after a locale); /blog/login/2019 is a page about logins. */
struct path_words {
	struct slice first, last;
};

static struct path_words path_words(struct slice path)
{
	struct path_words words = { 0 };
	struct slice segment;

	while (url_next_segment(&path, &segment)) {
		if (segment.len == 0)
			continue;
		if (words.first.at == NULL && !word_is_locale(segment))
			words.first = segment;
		words.last = segment;
	}
	return words;
}

static bool is_address(struct slice value)
{
	return slice_starts(value, SLICE("/")) ||
	       slice_starts_nocase(value, SLICE("%2f")) ||
	       slice_starts_nocase(value, SLICE("http"));
}

/* A parameter of one of those names (NULL: any) whose value is_wanted (NULL: any). */
static bool has_parameter(struct slice query, const char *const *names,
	bool (*is_wanted)(struct slice value))
{
	struct slice part;

	while (slice_split(&query, '&', &part)) {
		size_t equals = slice_find_char(part, '=');
		struct slice value = equals != SLICE_NONE
					     ? slice_sub(part, equals + 1, part.len)
					     : (struct slice){ 0 };
		if ((names == NULL ||
			    slice_is_one_of_nocase(slice_sub(part, 0, equals), names)) &&
			(is_wanted == NULL || is_wanted(value)))
			return true;
	}
	return false;
}

/* "?from=https%3A%2F%2Fa.de%2Fnews": under whatever name, another page than this one. */
static bool carries_address(struct slice query)
{
	return has_parameter(query, NULL, is_address);
}

/* "?redirect=%2Fforum": a page that stands between us and where we wanted to go. */
bool url_has_return_address(const struct url *url)
{
	static const char *const names[] = { "redirect", "redirect_to", "redirect_uri",
		"redirect_url", "redirecturl", "return", "return_to", "returnto",
		"returnurl", "return_url", "return_uri", "next", "continue", "goto",
		"rurl", "original_url", "origin_url", "service", "sessionredirect",
		"came_from", NULL };

	return has_parameter(url->query, names, is_address);
}

static bool has_name(struct slice query, const char *const *names)
{
	return has_parameter(query, names, NULL);
}

/* Hosts of nothing else: waiting rooms and walls that send visitors to their own. */
static bool is_challenge_host(struct slice host)
{
	static const char *const domains[] = { "queue-it.net", "perfdrive.com",
		"captcha-delivery.com", NULL };

	return slice_is_one_of_nocase(host_registrable(host), domains);
}

bool url_is_challenge(const struct url *url)
{
	static const char *const always[] = { "captcha", "recaptcha", "hcaptcha",
		"px-captcha", "validatecaptcha", "showcaptcha", "sgcaptcha",
		"robot-check", "verify-human", "cdn-cgi", NULL };
	static const char *const with_return[] = { "challenge", "sorry", "verify",
		"security-check", "bot-check", NULL };
	static const char *const parameters[] = { "bm-verify", NULL }; /* Akamai's */
	struct path_words words = path_words(url->path);

	if (slice_is_one_of_nocase(words.first, always) ||
		slice_is_one_of_nocase(stem(words.last), always) ||
		has_name(url->query, parameters) || is_challenge_host(url->host))
		return true;
	return carries_address(url->query) &&
	       (slice_is_one_of_nocase(words.first, with_return) ||
		       slice_is_one_of_nocase(words.last, with_return));
}

/* SAML (HTTP-Redirect binding), and OAuth 2.0 with OpenID Connect on top. */
static bool asks_who_it_is(struct slice query)
{
	static const char *const saml[] = { "samlrequest", NULL };
	static const char *const client[] = { "client_id", NULL };
	static const char *const response[] = { "response_type", NULL };

	return has_name(query, saml) ||
	       (has_name(query, client) && has_name(query, response));
}

bool url_is_login_page(const struct url *url)
{
	static const char *const hosts[] = { "accounts", "login", "signin", "auth", "sso",
		"idp", "oauth", "shibboleth", "weblogin", "adfs", NULL };
	static const char *const pages[] = { "login", "log-in", "log_in", "signin",
		"sign-in", "sign_in", "logon", "wp-login", "userlogin", "authenticate",
		"authwall", "blogin", "require_login", NULL };
	struct path_words words = path_words(url->path);

	return slice_is_one_of_nocase(first_label(url->host), hosts) ||
	       slice_is_one_of_nocase(stem(words.first), pages) ||
	       slice_is_one_of_nocase(stem(words.last), pages) ||
	       slice_starts(url->path, SLICE("/idp/profile/")) || /* Shibboleth's */
	       asks_who_it_is(url->query);
}

bool url_is_login(const struct url *url)
{
	static const char *const areas[] = { "auth", "oauth", "oauth2", "sso", "saml",
		"saml2", "cas", "adfs", NULL };

	return url_is_login_page(url) ||
	       slice_is_one_of_nocase(path_words(url->path).first, areas);
}

static bool has_segment(struct slice path, const char *const *names)
{
	struct slice segment;

	while (url_next_segment(&path, &segment))
		if (slice_is_one_of_nocase(segment, names))
			return true;
	return false;
}

bool url_is_consent(const struct url *url)
{
	static const char *const words_of[] = { "consent", "cookie-consent",
		"cookie_consent", "cookieconsent", "collectconsent", "cookie-wall",
		"cookiewall", "cookieabsent", "gdpr-consent", "privacy-consent",
		"privacy-gate", NULL };
	static const char *const with_address[] = { "zustimmung", "einwilligung",
		"consentement", NULL };
	static const char *const hosts[] = { "consent", "guce", "cookieconsent", NULL };
	struct path_words words = path_words(url->path);

	return slice_is_one_of_nocase(first_label(url->host), hosts) ||
	       slice_is_one_of_nocase(words.first, words_of) ||
	       slice_is_one_of_nocase(stem(words.last), words_of) ||
	       (carries_address(url->query) &&
		       (has_segment(url->path, words_of) ||
			       has_segment(url->path, with_address)));
}
