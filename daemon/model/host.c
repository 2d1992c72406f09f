#include "model/host.h"

#include <arpa/inet.h>
#include <libpsl.h>

enum { HOST_BYTES_MAX = 255 };

/* --- public suffixes ------------------------------------------------------------- */

/* A lower-case copy with a NUL, as libpsl wants it; a trailing dot is left out. */
static bool copy_host(struct slice host, char text[static HOST_BYTES_MAX + 1])
{
	if (host.len > 0 && host.at[host.len - 1] == '.')
		host.len--;
	if (host.len == 0 || host.len > HOST_BYTES_MAX ||
		slice_find_char(host, '\0') != SLICE_NONE)
		return false;
	for (size_t i = 0; i < host.len; i++)
		text[i] = char_lower(host.at[i]);
	text[host.len] = '\0';
	return true;
}

/* Of the registries' own part of the list; names that the list does not know are none. */
static bool is_icann_suffix(const char *text)
{
	return psl_is_public_suffix2(
		       psl_builtin(), text, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) != 0;
}

bool host_is_address(struct slice host)
{
	char text[HOST_BYTES_MAX + 1];
	struct in_addr address;
	if (host.len > 0 && host.at[0] == '[')
		return true;
	/* The last character of an IPv4 address is a digit; that of a name hardly ever.
	 */
	return copy_host(host, text) && char_is_digit(text[strlen(text) - 1]) &&
	       inet_pton(AF_INET, text, &address) == 1;
}

static struct slice without_trailing_dot(struct slice host)
{
	if (host.len > 1 && host.at[host.len - 1] == '.')
		host.len--;
	return host;
}

struct slice host_registrable(struct slice host)
{
	char text[HOST_BYTES_MAX + 1];
	if (host_is_address(host) || !copy_host(host, text))
		return host;
	host = without_trailing_dot(host);
	const char *domain = psl_registrable_domain(psl_builtin(), text);
	return domain == NULL ? host : slice_sub(host, (size_t)(domain - text), host.len);
}

/* --- platforms ------------------------------------------------------------------- */

/* Whose servers answer for a name and for everything below it, where the public suffix
 * list would take each customer for a host of its own, or where one server has several
 * domains. The first column is what the name ends with. */
static const struct {
	const char *domain, *platform;
} platforms[] = {
	/* code */
	{ "github.com", "github.com" },
	{ "github.io", "github.com" },
	{ "github.dev", "github.com" },
	{ "githubusercontent.com", "github.com" },
	{ "githubassets.com", "github.com" },
	{ "ghcr.io", "github.com" },
	{ "gitlab.io", "gitlab.com" },
	{ "codeberg.page", "codeberg.org" },
	{ "bitbucket.io", "bitbucket.org" },
	{ "sourceforge.net", "sourceforge.net" },
	{ "sourceforge.io", "sourceforge.net" },
	{ "sf.net", "sourceforge.net" },
	{ "readthedocs.io", "readthedocs.org" },
	{ "readthedocs-hosted.com", "readthedocs.org" },
	{ "rtfd.io", "readthedocs.org" },
	{ "gitbook.io", "gitbook.io" },
	/* science */
	{ "arxiv.org", "arxiv.org" },
	{ "doi.org", "doi.org" },
	{ "hf.co", "huggingface.co" },
	{ "hf.space", "huggingface.co" },
	/* pages and blogs */
	{ "wordpress.com", "wordpress.com" },
	{ "wp.com", "wordpress.com" },
	{ "medium.com", "medium.com" },
	{ "substack.com", "substack.com" },
	{ "notion.site", "notion.so" },
	{ "tumblr.com", "tumblr.com" },
	{ "neocities.org", "neocities.org" },
	{ "wixsite.com", "wix.com" },
	{ "weebly.com", "weebly.com" },
	/* applications */
	{ "netlify.app", "netlify.app" },
	{ "vercel.app", "vercel.app" },
	{ "now.sh", "vercel.app" },
	{ "pages.dev", "pages.dev" },
	{ "workers.dev", "workers.dev" },
	{ "herokuapp.com", "herokuapp.com" },
	{ "web.app", "web.app" },
	{ "firebaseapp.com", "web.app" },
	{ "appspot.com", "appspot.com" },
	{ "run.app", "run.app" },
	{ "onrender.com", "onrender.com" },
	{ "fly.dev", "fly.dev" },
	{ "streamlit.app", "streamlit.app" },
	{ "azurewebsites.net", "azurewebsites.net" },
	{ "cloudfront.net", "cloudfront.net" },
	/* the same under two names */
	{ "youtu.be", "youtube.com" },
	{ "twitter.com", "x.com" },
};

static bool is_at_or_below(struct slice host, struct slice domain)
{
	if (host.len <= domain.len)
		return slice_equal(host, domain);
	return host.at[host.len - domain.len - 1] == '.' && slice_ends(host, domain);
}

/* "bucket.s3.us-east-1.amazonaws.com", "s3-eu-west-1.amazonaws.com": one storage service,
 * while other names below amazonaws.com are machines of their own. */
static bool is_s3(struct slice host)
{
	struct slice label;
	if (!is_at_or_below(host, SLICE("amazonaws.com")))
		return false;
	while (slice_split(&host, '.', &label))
		if (slice_equal(label, SLICE("s3")) || slice_starts(label, SLICE("s3-")))
			return true;
	return false;
}

/* "name.blogspot." and any public suffix; the name may hold the same word. */
static bool is_blogspot(struct slice host)
{
	char text[HOST_BYTES_MAX + 1];
	const struct slice word = SLICE(".blogspot.");
	size_t at = slice_find(host, word);
	if (at == SLICE_NONE || !copy_host(host, text))
		return false;
	for (size_t next = at; next != SLICE_NONE;) {
		next = slice_find(slice_sub(host, at + 1, host.len), word);
		at += next != SLICE_NONE ? next + 1 : 0;
	}
	/* "x.blogspot.." lost its last dot, and ends before what is asked for. */
	return at + word.len < strlen(text) && is_icann_suffix(text + at + word.len);
}

struct slice host_in_href(struct slice url)
{
	size_t start = slice_find(url, SLICE("://"));
	if (start == SLICE_NONE)
		return (struct slice){ 0 };
	struct slice host = slice_sub(url, start + 3, url.len);
	for (size_t i = 0; i < host.len; i++)
		if (host.at[i] == '/' || host.at[i] == '?' || host.at[i] == '#') {
			host.len = i;
			break;
		}
	for (size_t i = host.len; i > 0; i--)
		if (host.at[i - 1] == '@') {
			host = slice_sub(host, i, host.len);
			break;
		}
	for (size_t i = host.len; i > 0 && host.at[i - 1] != ']'; i--)
		if (host.at[i - 1] == ':')
			return slice_sub(host, 0, i - 1);
	return host;
}

struct slice host_without_www(struct slice host)
{
	return slice_sub(host, slice_starts(host, SLICE("www.")) ? 4 : 0, host.len);
}

struct slice host_pacing_key(struct slice host)
{
	struct slice name = without_trailing_dot(host);
	for (size_t i = 0; i < sizeof(platforms) / sizeof(platforms[0]); i++)
		if (is_at_or_below(name, slice_of(platforms[i].domain)))
			return slice_of(platforms[i].platform);
	if (is_s3(name))
		return SLICE("s3.amazonaws.com");
	if (is_blogspot(name))
		return SLICE("blogspot.com");
	return host_registrable(host);
}

/* --- hosts in prose -------------------------------------------------------------- */

/* Top-level domains that are better known as file types. ".com", ".ai" or ".app" are
 * both too, but there the host is the likelier reading. */
static const char *const file_endings[] = { "ac", "am", "bz", "cab", "cc", "inc", "la",
	"map", "md", "mk", "ml", "mm", "mov", "nf", "pl", "pm", "ps", "pub", "py", "rs",
	"sh", "so", "tf", "zip" };

static bool is_file_ending(struct slice label)
{
	for (size_t i = 0; i < sizeof(file_endings) / sizeof(file_endings[0]); i++)
		if (slice_equal(label, slice_of(file_endings[i])))
			return true;
	return false;
}

bool host_looks_like_file(struct slice text)
{
	static const char *const endings[] = { "as", "cl", "docs", "gd", "in", "java",
		"pt", "sc", "st", "sv", "tm", "vi", NULL };
	size_t dot = slice_find_char(text, '.');
	return dot != SLICE_NONE && !slice_starts_nocase(text, SLICE("www.")) &&
	       slice_is_one_of_nocase(slice_sub(text, dot + 1, text.len), endings);
}

static bool is_written_label(struct slice label)
{
	if (label.len == 0 || label.len > 63 || label.at[0] == '-' ||
		label.at[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++)
		if (!char_is_alpha(label.at[i]) && !char_is_digit(label.at[i]) &&
			label.at[i] != '-')
			return false;
	return true;
}

bool host_looks_written(struct slice text)
{
	char copy[HOST_BYTES_MAX + 1];
	struct slice label = { 0 };
	if (text.len == 0 || text.at[text.len - 1] == '.' || !copy_host(text, copy))
		return false;
	struct slice rest = { copy, text.len };
	while (slice_split(&rest, '.', &label))
		if (!is_written_label(label))
			return false;
	/* The labels are views into the copy: the last one ends where it does. */
	if (label.len == text.len || !is_icann_suffix(label.at) || is_icann_suffix(copy))
		return false;
	return slice_starts(slice_of(copy), SLICE("www.")) || !is_file_ending(label);
}
