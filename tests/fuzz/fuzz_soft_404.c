/* verdict/soft_404 and parked: four bytes of flags, then lines: a URL, where it led, its
 * title, heading, canonical address and id; a second URL, where that led, its title; the
 * rest are the words of both.
 *
 * A sibling is another URL of the same origin and kind; a page without evidence is never
 * called gone; the comparison knows no order but where one side is missing. */
#include "fuzz.h"
#include "model/url.h"
#include "verdict/parked.h"
#include "verdict/soft_404.h"

static void check_sibling(struct slice text, uint64_t seed)
{
	struct arena arena;
	struct random random;
	struct url url, other, target;

	arena_init(&arena, 8 * 1024 * 1024);
	random_init(&random, seed);
	struct slice kind = soft_404_kind(&arena, text);
	struct slice sibling = soft_404_sibling(&arena, text, &random);
	assert((kind.len > 0) == (sibling.len > 0));
	if (sibling.len > 0) {
		assert(url_parse(&arena, text, NULL, &url) == 0 && url.http);
		assert(url_parse(&arena, sibling, NULL, &other) == 0);
		assert(slice_equal(other.href, sibling));
		assert(fuzz_same_origin(&url, &other));
		assert(url_request_target(&arena, &url, &target) == 0);
		assert(!slice_equal(target.href, sibling));
		/* One that has no room to grow any more has no kind. */
		assert(slice_equal(soft_404_kind(&arena, sibling), kind) ||
			sibling.len > URL_BYTES_MAX - 1024);
	}
	arena_fini(&arena);
}

struct made {
	struct observation seen;
	struct hop hops[2];
};

static void make(
	struct made *made, uint16_t flags, struct slice asked, struct slice final)
{
	static const int statuses[] = { 200, 404, 403, 500, 0, 302, 204, 200 };
	int status = statuses[flags & 7];

	*made = (struct made){ 0 };
	made->seen.hops = made->hops;
	made->seen.hop_count = final.len > 0 ? 2 : 1;
	made->hops[0] = (struct hop){ .url = asked, .status = status };
	made->hops[1] = (struct hop){ .url = final, .status = status };
	if (final.len > 0)
		made->hops[0].status = 302;
	made->seen.final_url = final.len > 0 ? final : asked;
	made->seen.http_status = status;
	made->seen.failure = status == 0 ? REASON_TIMEOUT : REASON_OK;
	made->seen.body_partial = (flags & 8) != 0;
	struct page_facts *page = &made->seen.page;
	page->parsed = (flags & 16) == 0;
	page->scripted = (flags & 32) != 0;
	page->whole = (flags & 64) != 0;
	page->password_field = (flags & 128) != 0;
	page->parked_mark = (flags & 256) != 0;
	page->text_bytes = (uint32_t)(flags >> 9) * 20;
	page->refresh_delay_s = -1;
	if (flags & 1)
		memset(&made->seen.peer[10], 0xFF, 6);
}

static void draw(struct page_sketch *sketch, struct slice words)
{
	memset(sketch, 0xFF, sizeof(*sketch));
	for (size_t i = 0; i < words.len; i++)
		sketch->least[i % SKETCH_PLACES] = (unsigned char)words.at[i];
}

static bool was_sent(const struct sibling_facts *facts)
{
	return facts->final_place.len > 0 &&
	       (!slice_equal(facts->asked_place, facts->final_place) ||
		       !slice_equal(facts->asked_query, facts->final_query));
}

static void check_pair(const struct made *a, const struct made *b)
{
	struct arena arena;
	struct sibling_facts x, y;

	arena_init(&arena, 16 * 1024 * 1024);
	sibling_facts_of(&arena, &a->seen, &x);
	sibling_facts_of(&arena, &b->seen, &y);
	enum sibling_word there = soft_404_compare(&x, &y);
	enum sibling_word back = soft_404_compare(&y, &x);
	enum sibling_word self = soft_404_compare(&x, &x);
	/* But that what others are sent to is not what is sent there. */
	if (was_sent(&x) == was_sent(&y) && x.usable && y.usable &&
		x.http_status == 200 && y.http_status == 200)
		assert(there == back);
	assert(there != SIBLING_HONEST || (y.http_status >= 400 && y.http_status < 500));
	assert(there != SIBLING_SAME || (x.http_status == 200 && y.usable));
	assert(self != SIBLING_HONEST);
	arena_fini(&arena);
}

static void check_page(const struct made *made)
{
	struct arena arena;
	const char *why = NULL;

	arena_init(&arena, 8 * 1024 * 1024);
	enum soft_404 soft = soft_404_of_page(&arena, &made->seen, TITLE_UNKNOWN, &why);
	assert(why != NULL);
	assert(soft == SOFT_404_NO ||
		(made->seen.http_status == 200 && made->seen.page.parsed));
	const struct page_facts *page = &made->seen.page;
	bool silent = page->title.len == 0 && page->heading.len == 0;
	assert(soft != SOFT_404_YES || !silent || made->seen.hop_count > 1);
	assert(soft_404_of_page(&arena, &made->seen, TITLE_MATCH, &why) == SOFT_404_NO);
	(void)parked_check(&made->seen, TITLE_UNKNOWN, &why);
	assert(!parked_check(&made->seen, TITLE_MATCH, &why));
	arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct made page, other;

	if (size < 4)
		return 0;
	uint16_t flags = (uint16_t)(data[0] << 8 | data[1]);
	uint16_t other_flags = (uint16_t)(data[2] << 8 | data[3]);
	struct slice rest = fuzz_slice(data + 4, size - 4);
	struct slice asked = fuzz_line(&rest), final = fuzz_line(&rest);
	make(&page, flags, asked, final);
	page.seen.page.title = fuzz_line(&rest);
	page.seen.page.heading = fuzz_line(&rest);
	page.seen.page.canonical = fuzz_line(&rest);
	page.seen.page.citation_id = fuzz_line(&rest);
	struct slice other_asked = fuzz_line(&rest), other_final = fuzz_line(&rest);
	make(&other, other_flags, other_asked, other_final);
	other.seen.page.title = fuzz_line(&rest);
	draw(&page.seen.page.sketch, slice_sub(rest, 0, rest.len / 2));
	draw(&other.seen.page.sketch, slice_sub(rest, rest.len / 2, rest.len));

	check_sibling(asked, size);
	check_page(&page);
	check_pair(&page, &other);
	return 0;
}
