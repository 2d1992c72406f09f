#include "judged.h"

#include "verdict/parked.h"

/* Flags: m parked_mark, c citation_title, s words of a sale or an end in the text. */
struct parked_case {
	const char *chain, *title, *heading;
	uint32_t text_bytes;
	const char *peer; /* a.b.c.d, or NULL */
	const char *more;
};

static void set_peer(uint8_t peer[16], const char *address)
{
	struct slice rest = slice_of(address), part;
	uint64_t number;

	peer[10] = peer[11] = 0xFF;
	for (size_t i = 12; i < 16; i++) {
		assert_true(slice_split(&rest, '.', &part));
		assert_true(slice_to_number(part, 255, &number));
		peer[i] = (uint8_t)number;
	}
}

static void make(struct observed *observed, const struct parked_case *from)
{
	const char *more = from->more != NULL ? from->more : "";

	observe(observed, from->chain);
	struct page_facts *page = &observed->seen.page;
	page->parsed = true;
	page->title = slice_of(from->title);
	page->heading = slice_of(from->heading);
	page->text_bytes = from->text_bytes;
	page->parked_mark = strchr(more, 'm') != NULL;
	page->sale_words = strchr(more, 's') != NULL;
	if (strchr(more, 'c') != NULL)
		page->citation_title = SLICE(SURVEY);
	if (from->peer != NULL)
		set_peer(observed->seen.peer, from->peer);
}

static const struct parked_case parked_pages[] = {
	{ "https://old.org/p/x 302 https://www.hugedomains.com/domain_profile.cfm?d=old "
	  "200",
		"old.org is for sale", "", 3000, NULL, NULL },
	{ "https://old.org/p/x 302 https://dan.com/buy-domain/old.org 403", "", "", 0,
		NULL, NULL },
	{ "http://old.org/ 302 https://www.afternic.com/forsale/old.org 200", "", "", 900,
		NULL, NULL },
	{ "http://old.org/x 302 https://sedo.com/search/details/?domain=old.org 200",
		"Sedo", "", 5000, NULL, NULL },
	{ "http://old.org/x 302 http://ww25.old.org/x?subid1=1 200", "old.org", "", 90,
		NULL, NULL },
	{ "http://www.old.org/x 302 http://ww1.old.org/ 200", "", "", 0, NULL, NULL },
	{ "http://old.org/x 302 http://ww1.old.org/x 200", "old.org", "", 90, NULL,
		NULL },
	{ "http://old.org/x 302 http://ww1.old.org/ 200", "Related Links", "", 90, NULL,
		NULL },
	{ "https://old.org/x 200", "old.org", "", 300, NULL, "m" },
	{ "https://old.org/x 200", "", "", 0, NULL, "m" },
	{ "https://old.org/x 200", "old.org is for sale", "", 300, NULL, NULL },
	{ "https://www.old.org/x 200", "OLD.ORG is for sale | DomainMarket", "", 300,
		NULL, NULL },
	{ "https://www.old.org/x 200", "The domain old.org may be for sale", "", 300,
		NULL, NULL },
	{ "https://old.org/x 200", "", "This domain is for sale!", 300, NULL, NULL },
	{ "https://old.org/x 200", "old.org", "Buy this domain", 300, NULL, NULL },
	{ "https://old.org/x 200", "old.org - Domain for sale", "", 300, NULL, NULL },
	{ "https://old.org/x 200", "old.org is parked free, courtesy of GoDaddy.com", "",
		300, NULL, NULL },
	/* weak signs together */
	{ "https://old.org/x 200", "old.org", "", 700, "185.53.177.20", NULL },
	{ "https://www.old.org/x 200", "old.org", "", 700, "199.59.243.200", NULL },
	{ "https://old.org/x 200", "", "", 20, "91.195.241.1", NULL },
	{ "https://old.org/x 200", "", "", 20, "64.190.63.111", NULL },
	{ "https://old.org/x 200", "", "", 20, "103.224.182.210", NULL },
	{ "https://old.org/x 200", "", "", 20, "34.102.136.180", NULL },
	{ "https://old.org/x 200", "Domain for sale: old.org", "", 300, NULL, NULL },
	/* expired, suspended, seized */
	{ "http://old.org/ 200",
		"old.org - This website is for sale! - old Resources and Information.",
		"", 300, NULL, NULL },
	{ "http://old.org/ 200", "old.org", "old.org", 200, NULL, "s" },
	{ "http://old.org/ 200", "old.org has expired", "", 200, NULL, NULL },
	{ "http://old.org/ 200", "Suspension Page", "This domain name has been suspended",
		200, NULL, NULL },
	{ "http://old.org/ 200", "This domain has been seized", "", 200, NULL, NULL },
	{ "http://old.org/ 200", "old.org - Registered at Namecheap.com", "", 200, NULL,
		NULL },
};

static const struct parked_case honest_pages[] = {
	/* what is for sale is what the link is about */
	{ "https://dan.com/buy-domain/old.org 200", "old.org is for sale", "", 300, NULL,
		NULL },
	{ "https://sedo.com/x 302 https://sedo.com/us/x 200", "Buy this domain", "", 300,
		NULL, "m" },
	{ "https://jordan.com/x 302 https://www.jordan.com/x 200", "Jordan", "", 300,
		NULL, NULL },
	{ "https://a.org/x 302 https://mydan.com/x 200", "My Dan", "", 300, NULL, NULL },
	{ "https://a.org/x 200", "This domain is for sale", "", 3000, NULL, NULL },
	{ "https://a.org/x 200", "Is this domain for sale?", "", 300, NULL, NULL },
	{ "https://a.org/x 200", "b.org is for sale", "", 300, NULL, NULL },
	{ "https://a.org/x 200", "Why I did not buy this domain", "", 300, NULL, NULL },
	{ "https://a.org/x 200", "My house is for sale", "", 300, NULL, NULL },
	{ "https://a.org/x 200", "Scripts of parked domains", "", 2000, NULL, "m" },
	{ "https://a.org/x 200", "a.org", "", 300, NULL, NULL },
	{ "https://a.org/x 200", "a.org", "", 300, "93.184.216.34", NULL },
	{ "https://a.org/x 200", "", "", 20, "93.184.216.34", NULL },
	{ "https://a.org/x 200", "", "", 20, "185.53.180.1", NULL },
	{ "https://a.org/x 200", "", "", 20, "185.53.175.1", NULL },
	{ "https://a.org/x 200", "", "", 20, "34.102.136.181", NULL },
	{ "https://a.org/x 200", "A page of its own", "", 20, "199.59.243.200", NULL },
	{ "https://a.org/x 200", "", "", 600, "199.59.243.200", NULL },
	/* honest hosts are named so, too */
	{ "https://www.arb.gov/x 301 https://ww2.arb.gov/x 200", "Air Resources", "",
		2048, NULL, NULL },
	{ "https://math.org/x 301 https://ww3.math.org/x 200", "Lecture notes on groups",
		"", 600, NULL, NULL },
	{ "https://math.org/x 301 https://ww3.math.org/new/y 200", "Moss in Ohio", "",
		600, NULL, NULL },
	/* what is called so is not for sale itself */
	{ "https://a.org/x 200", "Parked domain | Glossary", "Parked domain", 300, NULL,
		NULL },
	{ "https://a.org/blog/domain-name-for-sale 200", "Domain name for sale", "", 300,
		NULL, NULL },
	{ "https://ww2.arb.gov/x 302 https://ww2.arb.gov/y 200", "Air", "", 90, NULL,
		NULL },
	{ "https://a.org/x 302 https://ww1.b.org/x 200", "B", "", 90, NULL, NULL },
	{ "https://a.org/x 302 https://www1.a.org/x 200", "A", "", 90, NULL, NULL },
	{ "https://a.org/x 302 https://ww100.a.org/x 200", "A", "", 90, NULL, NULL },
	{ "https://a.org/x 200", "This domain has been seized: the story", "", 300, NULL,
		NULL },
	{ "https://a.org/x 200", "Domain for sale: a guide", "", 300, NULL, NULL },
	{ "https://a.org/x 200", "Why domains expire", "", 300, NULL, "s" },
	{ "https://a.org/x 404", "a.org is for sale", "", 90, NULL, "m" },
	{ "https://a.org/x 200", "a.org is for sale", "", 90, NULL, "cm" },
};

static bool check(const struct parked_case *page, enum title_match match)
{
	struct observed observed;
	const char *why = NULL;

	make(&observed, page);
	bool parked = parked_check(&observed.seen, match, &why);
	if (parked)
		assert_sentence(slice_of(why), page->chain);
	return parked;
}

static void parked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(parked_pages) / sizeof(parked_pages[0]); i++) {
		const struct parked_case *page = &parked_pages[i];
		struct observed observed;
		if (!check(page, TITLE_UNKNOWN) || !check(page, TITLE_OTHER))
			fail_msg("%zu: %s, \"%s\"", i, page->chain, page->title);
		/* The page that was meant is not parked, whatever the signs. */
		if (check(page, TITLE_MATCH))
			fail_msg("%zu: %s, a match", i, page->chain);
		make(&observed, page);
		struct verdict verdict = plain(&observed);
		assert_verdict(&verdict, "broken", "parked_domain", page->chain);
		assert_sentence(verdict.error, page->chain);
		assert_int_equal(verdict.suggestion.url.len, 0);
	}
}

static void not_parked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(honest_pages) / sizeof(honest_pages[0]); i++)
		if (check(&honest_pages[i], TITLE_UNKNOWN))
			fail_msg("%zu: %s, \"%s\"", i, honest_pages[i].chain,
				honest_pages[i].title);
}

static const struct parked_case at_a_parking_service = { "https://old.org/x 200",
	"old.org", "", 700, "185.53.177.20", NULL };

/* Only IPv4 addresses are known; zeros mean that there was no connection. */
static void other_addresses(void **state)
{
	(void)state;
	struct observed observed;
	const char *why;

	make(&observed, &at_a_parking_service);
	assert_true(parked_check(&observed.seen, TITLE_UNKNOWN, &why));
	observed.seen.peer[11] = 0;
	assert_false(parked_check(&observed.seen, TITLE_UNKNOWN, &why));
	memset(observed.seen.peer, 0, sizeof(observed.seen.peer));
	assert_false(parked_check(&observed.seen, TITLE_UNKNOWN, &why));
}

static void what_is_no_page(void **state)
{
	(void)state;
	struct observed observed;
	const char *why;

	make(&observed, &at_a_parking_service);
	observed.seen.page.parsed = false;
	assert_false(parked_check(&observed.seen, TITLE_UNKNOWN, &why));
	observe(&observed, "https://old.org/x 302 https://dan.com/y -");
	observed.seen.failure = REASON_CONNECT_TIMEOUT;
	assert_false(parked_check(&observed.seen, TITLE_UNKNOWN, &why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(parked),
		TEST(not_parked),
		TEST(other_addresses),
		TEST(what_is_no_page),
	};
	return cmocka_run_group_tests_name("parked domains", tests, NULL, NULL);
}
