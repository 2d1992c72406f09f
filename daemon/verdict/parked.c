#include "verdict/parked.h"

#include "base/arena.h"
#include "model/host.h"
#include "model/url.h"
#include "verdict/hop_class_internal.h"
#include "verdict/words_internal.h"

enum {
	SCRATCH_BYTES_MAX = 512 * 1024, /* two URLs of 16 KiB, parsed, and two titles */
	LITTLE_TEXT_MAX = 1000,         /* more than words for sale and a few links */
	NO_TEXT_MAX = 200,
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct parked_sight {
	const struct observation *seen;
	struct url asked, final;
	struct slice title, heading; /* folded */
};

/* --- where we were sent ------------------------------------------------------------ */

static bool is_marketplace(struct slice host)
{
	static const char *const marketplaces[] = { "hugedomains.com", "dan.com",
		"afternic.com", "sedo.com", "sedoparking.com", "bodis.com", "above.com",
		"parkingcrew.net", "parklogic.com", "undeveloped.com", "buydomains.com",
		"domainmarket.com", "brandbucket.com", "perfectdomain.com", "efty.com",
		"domainhasexpired.com", NULL };
	struct slice domain = host_registrable(host);

	for (const char *const *m = marketplaces; *m != NULL; m++)
		if (slice_equal(domain, slice_of(*m)))
			return true;
	return false;
}

static bool is_numbered(struct slice host)
{
	struct slice label = slice_sub(host, 0, slice_find_char(host, '.'));
	uint64_t number;

	return slice_starts(label, SLICE("ww")) &&
	       slice_to_number(slice_sub(label, 2, label.len), 99, &number) && number > 0;
}

/* --- what the page says ------------------------------------------------------------ */

static bool is_own_name(const struct parked_sight *sight, struct slice text)
{
	return slice_equal(text, host_without_www(sight->asked.host)) ||
	       slice_equal(text, host_without_www(sight->final.host)) ||
	       slice_equal(text, host_registrable(sight->asked.host));
}

/* ww1.–ww99. of the same domain, where parking services put their pages; honest sites
 * have such hosts too, but with something to read, or a page under a title of its own. */
static bool sent_to_numbered(const struct parked_sight *sight)
{
	return is_numbered(sight->final.host) && !is_numbered(sight->asked.host) &&
	       slice_equal(host_registrable(sight->asked.host),
		       host_registrable(sight->final.host)) &&
	       (sight->title.len == 0 || is_own_name(sight, sight->title) ||
		       (url_is_front(&sight->final) && !url_is_front(&sight->asked)));
}

/* "a.org is for sale" with the domain itself in front. */
static bool says_own_name_is(const struct parked_sight *sight, struct slice text)
{
	static const struct slice fates[] = { { " is for sale", 12 },
		{ " may be for sale", 16 }, { " is parked free", 15 },
		{ " is available for purchase", 26 }, { " domain is for sale", 19 },
		{ " has expired", 12 } };

	for (size_t i = 0; i < LENGTH(fates); i++) {
		size_t at = slice_find(text, fates[i]);
		if (at != SLICE_NONE && is_own_name(sight, slice_sub(text, 0, at)))
			return true;
	}
	return false;
}

static const struct slice phrases[] = { { "this domain is for sale", 23 },
	{ "this domain may be for sale", 27 }, { "this domain name is for sale", 28 },
	{ "the domain is for sale", 22 }, { "this website is for sale", 24 },
	{ "this site is for sale", 21 }, { "this domain has expired", 23 },
	{ "this domain name has expired", 28 }, { "this domain has been suspended", 30 },
	{ "this domain name has been suspended", 35 },
	{ "this domain has been seized", 27 }, { "this domain name has been seized", 32 },
	{ "this website has been seized", 28 }, { "registered at namecheap.com", 27 },
	{ "buy this domain", 15 }, { "this domain is parked", 21 },
	{ "diese domain steht zum verkauf", 30 },
	{ "ce domaine est à vendre", sizeof("ce domaine est à vendre") - 1 } };
static const struct slice names[] = { { "domain for sale", 15 },
	{ "domain name for sale", 20 }, { "parked domain", 13 } };

static bool tells_sale(struct slice part)
{
	return words_are_among(part, phrases, LENGTH(phrases)) ||
	       words_are_among(part, names, LENGTH(names));
}

static bool is_about_it(const struct parked_sight *sight, struct slice text)
{
	return words_are_about(
		text, sight->asked.href, sight->seen->page.text_bytes, tells_sale);
}

/* A name for it, and no word of this one: also what an article or an entry of a glossary
 * is called. Alone in the title, or beside the domain's own name. */
static bool names_trade(const struct parked_sight *sight)
{
	struct slice text = sight->title;
	struct words_part part;
	bool named = false;

	if (text.len == 0 || is_own_name(sight, text))
		text = sight->heading;
	if (is_about_it(sight, text))
		return false;
	while (words_next_part(&text, &part)) {
		if (words_are_among(part.text, names, LENGTH(names)))
			named = true;
		else if (!is_own_name(sight, part.text))
			return false;
	}
	return named;
}

static bool says_given_up(const struct parked_sight *sight, struct slice text)
{
	struct words_part part;

	if (is_about_it(sight, text))
		return false;
	while (words_next_part(&text, &part)) {
		struct slice words = part.text;
		/* "Domain for sale: a guide", but "Domain for sale: a.org" */
		if (part.colon && !is_own_name(sight, slice_trim(text)))
			continue;
		if (slice_starts(words, SLICE("the domain ")))
			words = slice_sub(words, 11, words.len);
		if (says_own_name_is(sight, words))
			return true;
		if (words_are_among(part.text, phrases, LENGTH(phrases)))
			return true;
	}
	return false;
}

/* --- where the page came from ------------------------------------------------------ */

/* Of parking services (tma22-parking, 2022; rot-and-papers 1.6). */
static bool is_parking_address(const uint8_t peer[16])
{
	static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };
	static const struct {
		uint32_t net, mask;
	} nets[] = {
		{ 0xB935B000, 0xFFFFFC00 }, /* 185.53.176.0/22 */
		{ 0xC73BF000, 0xFFFFFC00 }, /* 199.59.240.0/22, Bodis */
		{ 0x5BC3F000, 0xFFFFFE00 }, /* 91.195.240.0/23, Sedo */
		{ 0x40BE3E00, 0xFFFFFE00 }, /* 64.190.62.0/23, Sedo */
		{ 0x67E0B600, 0xFFFFFE00 }, /* 103.224.182.0/23, Above */
		{ 0x226688B4, 0xFFFFFFFF }, /* 34.102.136.180, GoDaddy */
	};
	uint32_t address = (uint32_t)peer[12] << 24 | (uint32_t)peer[13] << 16 |
			   (uint32_t)peer[14] << 8 | peer[15];

	if (memcmp(peer, mapped, sizeof(mapped)) != 0)
		return false;
	for (size_t i = 0; i < LENGTH(nets); i++)
		if ((address & nets[i].mask) == nets[i].net)
			return true;
	return false;
}

/* --- the judgement ----------------------------------------------------------------- */

static bool judge_page(const struct parked_sight *sight, const char **ret_why)
{
	const struct page_facts *page = &sight->seen->page;

	if (!page->parsed || sight->seen->http_status != 200 ||
		page->text_bytes >= LITTLE_TEXT_MAX)
		return false;
	*ret_why = "The page is one that services for parked domains make.";
	if (page->parked_mark || sent_to_numbered(sight))
		return true;
	*ret_why = "The page says that the domain is for sale, or was given up.";
	if (says_given_up(sight, sight->title) || says_given_up(sight, sight->heading) ||
		names_trade(sight))
		return true;
	/* An article about the trade has a title of its own. */
	if (page->sale_words &&
		(is_own_name(sight, sight->title) || is_own_name(sight, sight->heading)))
		return true;
	*ret_why =
		"The page has no content, and comes from a service for parked domains.";
	return is_parking_address(sight->seen->peer) &&
	       (is_own_name(sight, sight->title) ||
		       (sight->title.len == 0 && page->text_bytes < NO_TEXT_MAX));
}

static bool judge(
	struct arena *scratch, const struct observation *seen, const char **ret_why)
{
	struct parked_sight sight = { .seen = seen };

	if (url_parse(scratch, seen->hops[0].url, NULL, &sight.asked) != 0 ||
		url_parse(scratch, seen->final_url, NULL, &sight.final) != 0 ||
		is_marketplace(sight.asked.host))
		return false;
	if (is_marketplace(sight.final.host)) {
		*ret_why = "The link now leads to a marketplace for domains.";
		return true;
	}
	sight.title = words_fold(scratch, seen->page.title);
	sight.heading = words_fold(scratch, seen->page.heading);
	return judge_page(&sight, ret_why);
}

bool parked_check(
	const struct observation *seen, enum title_match match, const char **ret_why)
{
	struct arena scratch;

	bool little = seen->page.parsed && seen->page.text_bytes < LITTLE_TEXT_MAX;
	if ((seen->failure != REASON_OK && seen->failure != REASON_BODY_TOO_LARGE) ||
		seen->hop_count == 0 || (seen->hop_count == 1 && !little) ||
		match == TITLE_MATCH || seen->page.citation_title.len > 0)
		return false;
	arena_init(&scratch, SCRATCH_BYTES_MAX);
	bool parked = judge(&scratch, seen, ret_why);
	arena_fini(&scratch);
	return parked;
}
