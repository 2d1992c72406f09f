#include "verdict/gate.h"

#include "base/arena.h"
#include "model/host.h"
#include "model/url.h"
#include "verdict/hop_class_internal.h"
#include "verdict/redirect.h"
#include "verdict/words_internal.h"

enum {
	SCRATCH_BYTES_MAX = 512 * 1024, /* two URLs of 16 KiB, parsed */
	/* Visible text beyond which a page with the marks of a challenge is taken for
	 * content: walls put their script on ordinary pages, too. */
	CHALLENGE_TEXT_MAX = 4096,
	TITLE_TEXT_MAX = 1500, /* and with its title only */
	FORM_TEXT_MAX = 2000,  /* with more, there is something to read beside the form */
	NOTICE_TEXT_MAX = 700, /* with a long URL in it, its signs as references */
	PROMISE_TEXT_MAX = 64,
	TELLING_BYTES_MAX = 128,
};

static const char *const no_memory = "This machine ran out of memory.";

static bool is_2xx(int status)
{
	return status >= 200 && status < 300;
}

/* --- by status --------------------------------------------------------------------- */

/* Answers that say "not to you" or "not like this"; 999 is LinkedIn's, 418 and 412 are
 * publishers', 420 is JSTOR's, 430, 440, 449, 460 and 498 are of shops, Microsoft, AWS
 * and Esri. */
static const int refusals[] = { 402, 405, 406, 412, 418, 420, 428, 430, 440, 449, 460,
	498, 999 };

static bool is_refusal(int status)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (status == refusals[i])
			return true;
	return false;
}

static bool status_gate(int status, enum reason *ret_reason, const char **ret_why)
{
	switch (status) {
	case 401:
	case 407:
		*ret_reason = REASON_AUTH_REQUIRED;
		*ret_why = "The server wants a login.";
		return true;
	case 403:
		*ret_reason = REASON_FORBIDDEN;
		*ret_why = "The server refuses access, which says nothing of the page.";
		return true;
	case 429:
		*ret_reason = REASON_RATE_LIMITED;
		*ret_why = "The server answers no more requests from here for now.";
		return true;
	case 451:
		*ret_reason = REASON_LEGAL_BLOCK;
		*ret_why = "The server withholds the page for legal reasons.";
		return true;
	default:
		break;
	}
	if (!is_refusal(status))
		return false;
	*ret_reason = REASON_REFUSED_OTHER;
	*ret_why = "The server refuses this kind of request.";
	return true;
}

/* nginx shakes hands with a client that has no certificate, and refuses it then. */
static bool wants_certificate(const struct observation *observation)
{
	return observation->http_status == 400 &&
	       slice_find_nocase(observation->page.title,
		       SLICE("no required ssl certificate was sent")) != SLICE_NONE;
}

/* --- by what the page is ----------------------------------------------------------- */

static const char *const challenge_titles[] = { "just a moment", "one moment, please",
	"attention required!", "making sure you're not a bot",
	"checking you are not a bot", "verifying your browser", "verifying you are human",
	"verify you are human", "checking your browser", "pardon our interruption",
	"robot check", "are you a robot?", "ddos-guard", "human verification",
	"bot verification", "client challenge", "access to this page has been denied",
	"vercel security checkpoint", "security checkpoint", "captcha",
	"please verify you are a human", "incapsula incident",
	"checking your browser before accessing", "radware captcha page",
	"radware bot manager captcha", "robot challenge screen", NULL };

/* Behind a template's words only dots or the name of the wall may come: "Just a moment in
 * history" is an article. */
static bool is_decoration(struct slice rest)
{
	static const struct slice ellipsis = { "…", sizeof("…") - 1 };

	while (rest.len > 0 &&
		(rest.at[0] == '.' || rest.at[0] == '!' || char_is_space(rest.at[0])))
		rest = slice_sub(rest, 1, rest.len);
	if (slice_starts(rest, ellipsis))
		rest = slice_sub(rest, ellipsis.len, rest.len);
	rest = slice_trim(rest);
	return rest.len == 0 || rest.at[0] == '|' || rest.at[0] == '-';
}

/* As written, but with the typewriter's apostrophe. */
static bool starts_with_template(struct slice title, const char *words, size_t *ret_len)
{
	static const struct slice quote = { "’", sizeof("’") - 1 };
	size_t i = 0;

	for (; *words != '\0'; words++) {
		struct slice rest = slice_sub(title, i, title.len);
		if (*words == '\'' && slice_starts(rest, quote))
			i += quote.len;
		else if (rest.len > 0 && char_lower(rest.at[0]) == *words)
			i++;
		else
			return false;
	}
	*ret_len = i;
	return true;
}

static bool is_challenge_title(struct slice title, int status)
{
	size_t len;

	title = slice_trim(title);
	for (const char *const *t = challenge_titles; *t != NULL; t++)
		if (starts_with_template(title, *t, &len) &&
			is_decoration(slice_sub(title, len, title.len)))
			return true;
	return status == 403 && slice_starts_nocase(title, SLICE("access denied"));
}

/* Two walls say in a header that this answer is their challenge; the others only sign
 * whatever they let through, so that a refusal must come with it. */
static bool is_wall(const struct observation *observation)
{
	int status = observation->http_status;

	switch (observation->wall) {
	case WALL_NONE:
		return false;
	case WALL_CLOUDFLARE:
	case WALL_AWS:
		return true;
	case WALL_DATADOME:
	case WALL_IMPERVA:
	case WALL_PERIMETERX:
		break;
	}
	return status == 202 || status == 401 || status == 403 || status == 405 ||
	       status == 406 || status == 418 || status == 429 || status == 503;
}

/* Of a title as it stands; the words are known in small letters. */
static bool tells_gate(struct slice part)
{
	char lowered[TELLING_BYTES_MAX];

	if (part.len > sizeof(lowered))
		return false;
	for (size_t i = 0; i < part.len; i++)
		lowered[i] = char_lower(part.at[i]);
	part = (struct slice){ lowered, part.len };
	return is_challenge_title(part, 200) || words_of_barrier(part) != BARRIER_NONE;
}

static bool is_about_it(const struct observation *observation)
{
	const struct page_facts *page = &observation->page;

	return observation->hop_count > 0 &&
	       words_are_about(page->title, observation->hops[0].url, page->text_bytes,
		       tells_gate);
}

static bool is_challenge_page(const struct observation *observation)
{
	const struct page_facts *page = &observation->page;
	int status = observation->http_status;

	/* People write about walls, too. */
	if (is_challenge_title(page->title, status) &&
		(!is_2xx(status) ||
			(page->text_bytes < TITLE_TEXT_MAX && !is_about_it(observation))))
		return true;
	return page->challenge_mark && status != 404 && status != 410 &&
	       page->text_bytes < CHALLENGE_TEXT_MAX;
}

/* --- by where it sent us ----------------------------------------------------------- */

static enum barrier_words barrier_of(
	struct arena *scratch, const struct observation *observation)
{
	const struct page_facts *page = &observation->page;
	enum barrier_words words = words_of_barrier(words_fold(scratch, page->title));

	return words != BARRIER_NONE
		       ? words
		       : words_of_barrier(words_fold(scratch, page->heading));
}

static bool has_much_to_read(const struct page_facts *page)
{
	return page->parsed && !page->password_field && page->text_bytes >= FORM_TEXT_MAX;
}

static bool is_gate_class(enum hop_class hop_class)
{
	return hop_class == HOP_CLASS_LOGIN || hop_class == HOP_CLASS_CONSENT ||
	       hop_class == HOP_CLASS_CHALLENGE;
}

/* Where people write about logins, captchas and consent. */
static bool is_in_handbook(const struct url *url)
{
	static const char *const names[] = { "help", "docs", "doc", "documentation",
		"faq", "kb", "support", "guide", "guides", "manual", "wiki", "blog",
		"learn", "tutorial", "tutorials", "reference", "articles", NULL };
	struct slice path = url->path, segment;

	while (url_next_segment(&path, &segment))
		if (slice_is_one_of_nocase(segment, names))
			return true;
	return false;
}

/* People document OAuth below /oauth, and number substances below /cas; what is called
 * as a login page is must stand in a handbook to be a page about them. */
static bool is_page_about(struct arena *scratch, const struct observation *observation,
	enum hop_class hop_class, const struct url *first, const struct url *last)
{
	if (!has_much_to_read(&observation->page) || url_has_return_address(last))
		return false;
	if (hop_class == HOP_CLASS_LOGIN && !url_is_login_page(last))
		return true;
	return slice_equal(first->host, last->host) && is_in_handbook(last) &&
	       observation->page.title.len > 0 &&
	       barrier_of(scratch, observation) == BARRIER_NONE;
}

static enum hop_class chain_class(
	struct arena *scratch, const struct observation *observation)
{
	struct url first, last;
	uint32_t count = observation->hop_count;

	if (count < 2 ||
		url_parse(scratch, observation->hops[0].url, NULL, &first) != 0 ||
		url_parse(scratch, observation->hops[count - 1].url, NULL, &last) != 0)
		return HOP_CLASS_SAME;
	enum hop_class hop_class = redirect_classify(&first, &last);
	return is_gate_class(hop_class) && is_page_about(scratch, observation, hop_class,
						   &first, &last)
		       ? HOP_CLASS_SAME
		       : hop_class;
}

/* A link that itself names a login page is not gated by it: only a way that ends at one
 * is. */
static bool sent_away(const struct observation *observation, enum reason *ret_reason,
	const char **ret_why)
{
	struct arena scratch;

	arena_init(&scratch, SCRATCH_BYTES_MAX);
	enum hop_class hop_class = chain_class(&scratch, observation);
	bool lacked = scratch.out_of_memory;
	arena_fini(&scratch);
	*ret_reason = lacked ? REASON_OFFLINE : REASON_CHALLENGE;
	if (lacked)
		*ret_why = no_memory;
	else if (hop_class == HOP_CLASS_LOGIN)
		*ret_why = "The server sends visitors to a login page.";
	else if (hop_class == HOP_CLASS_CONSENT)
		*ret_why = "The server sends visitors to a consent page.";
	else if (hop_class == HOP_CLASS_CHALLENGE)
		*ret_why = "The server sends visitors to a page that tells robots from "
			   "people.";
	else
		return false;
	return true;
}

/* --- by what stands in the page's place -------------------------------------------- */

/* Publishers that answer robots with 202 (rot-and-papers 2.8). */
static bool is_publisher(const struct observation *observation)
{
	static const char *const domains[] = { "ieee.org", "sciencedirect.com",
		"wiley.com", "tandfonline.com", "sagepub.com", "oup.com", "acm.org",
		"springer.com", "mdpi.com", "pnas.org", NULL };
	struct slice url = observation->final_url, host;
	size_t start = slice_find(url, SLICE("://"));

	if (start == SLICE_NONE)
		return false;
	host = slice_sub(url, start + 3, url.len);
	host = host_registrable(slice_sub(host, 0, slice_find_char(host, '/')));
	for (const char *const *d = domains; *d != NULL; d++)
		if (slice_equal(host, slice_of(*d)))
			return true;
	return false;
}

/* 202 promises a page for later. Walls give it to robots with nothing in it; what has a
 * title or words is a page, but not where publishers answer so. */
static bool is_empty_promise(const struct observation *observation)
{
	const struct page_facts *page = &observation->page;

	if (observation->http_status != 202 || page->citation_title.len > 0)
		return false;
	if (is_publisher(observation))
		return true;
	if (page->parsed)
		return page->title.len == 0 && page->text_bytes < PROMISE_TEXT_MAX;
	return observation->content_type.len == 0 && observation->body_bytes == 0;
}

/* A login, a notice or a refusal under the address of a page, without a redirect. A link
 * that itself names such a page has found it. */
static bool stands_in_place(struct arena *scratch, const struct observation *observation,
	const char **ret_why)
{
	const struct page_facts *page = &observation->page;
	struct url asked;

	if (!page->parsed || page->text_bytes >= FORM_TEXT_MAX ||
		observation->hop_count == 0 ||
		url_parse(scratch, observation->hops[0].url, NULL, &asked) != 0)
		return false;
	switch (barrier_of(scratch, observation)) {
	case BARRIER_LOGIN:
		*ret_why = "The server shows a login instead of the page.";
		return page->password_field && !url_is_login(&asked);
	case BARRIER_CONSENT:
		*ret_why = "The server asks for consent instead of showing the page.";
		return !url_is_consent(&asked);
	case BARRIER_ROBOT:
		*ret_why = "The page wants to know whether a robot asks.";
		return page->text_bytes < NOTICE_TEXT_MAX && !is_about_it(observation);
	case BARRIER_REFUSAL:
		*ret_why = "The page says that access is denied.";
		return page->text_bytes < NOTICE_TEXT_MAX && !is_about_it(observation);
	case BARRIER_OTHER:
	case BARRIER_NONE:
		break;
	}
	return false;
}

/* YouTube's page of a video without its name: one that is private, or that is not shown
 * to robots. Those that were removed say so in a mark of their own. */
static bool is_nameless_video(const struct observation *observation)
{
	struct slice url = observation->final_url;

	return words_name_no_video(observation->page.title) &&
	       !observation->page.video_gone &&
	       (slice_find(url, SLICE("youtube.com/watch?")) != SLICE_NONE ||
		       slice_find(url, SLICE("youtube.com/shorts/")) != SLICE_NONE);
}

static bool is_barrier(const struct observation *observation, enum reason *ret_reason,
	const char **ret_why)
{
	struct arena scratch;

	if (!is_2xx(observation->http_status))
		return false;
	*ret_reason = REASON_CHALLENGE;
	*ret_why = "The server took the request, but gave no page.";
	if (is_empty_promise(observation))
		return true;
	*ret_why = "YouTube does not name the video, which may be private.";
	if (is_nameless_video(observation))
		return true;
	arena_init(&scratch, SCRATCH_BYTES_MAX);
	bool barrier = stands_in_place(&scratch, observation, ret_why);
	bool lacked = scratch.out_of_memory;
	arena_fini(&scratch);
	if (lacked) {
		*ret_reason = REASON_OFFLINE;
		*ret_why = no_memory;
	}
	return barrier || lacked;
}

bool gate_check(const struct observation *observation, enum reason *ret_reason,
	const char **ret_why)
{
	if (observation->failure != REASON_OK)
		return false;
	if (is_wall(observation) || is_challenge_page(observation)) {
		*ret_reason = REASON_CHALLENGE;
		*ret_why = "The server shows robots a challenge instead of the page.";
		return true;
	}
	if (is_2xx(observation->http_status) && observation->hop_count > 1 &&
		sent_away(observation, ret_reason, ret_why))
		return true;
	if (is_barrier(observation, ret_reason, ret_why))
		return true;
	if (wants_certificate(observation)) {
		*ret_reason = REASON_AUTH_REQUIRED;
		*ret_why = "The server wants a certificate of the client.";
		return true;
	}
	return status_gate(observation->http_status, ret_reason, ret_why);
}

/* Much to read, on the same host, and no way back from there. */
static bool may_be_meant(struct arena *scratch, const struct observation *observation)
{
	uint32_t count = observation->hop_count;
	struct url first, last;

	return is_2xx(observation->http_status) && count > 1 &&
	       has_much_to_read(&observation->page) &&
	       url_parse(scratch, observation->hops[0].url, NULL, &first) == 0 &&
	       url_parse(scratch, observation->hops[count - 1].url, NULL, &last) == 0 &&
	       slice_equal(first.host, last.host) && !url_has_return_address(&last);
}

bool gate_is_by_address(struct arena *scratch, const struct observation *observation)
{
	struct observation page = *observation;
	enum reason sent_for = REASON_OK, stands_for = REASON_OK;
	const char *why;

	if (!may_be_meant(scratch, observation))
		return false;
	bool sent = sent_away(observation, &sent_for, &why);
	page.hop_count = 1;
	bool stands = gate_check(&page, &stands_for, &why) ||
		      barrier_of(scratch, observation) != BARRIER_NONE;
	scratch->out_of_memory |=
		sent_for == REASON_OFFLINE || stands_for == REASON_OFFLINE;
	return sent && !stands;
}
