/* extract/page: the first byte chooses options and the size of the pieces. However a page
 * arrives, its facts are the same, and once enough is known more bytes change nothing. */
#include "extract/page.h"
#include "fuzz.h"

struct result {
	struct arena arena;
	struct page *page;
	struct page_facts facts;
};

/* Feeds pieces of `piece` bytes (0: all at once), on and on or only until it says so. */
static void run(struct result *result, struct slice body, struct slice charset,
	struct page_options options, size_t piece, bool stop)
{
	arena_init(&result->arena, 64 * 1024 * 1024);
	result->page = page_new(&result->arena, charset, options);
	assert(result->page != NULL);
	if (piece == 0)
		piece = body.len > 0 ? body.len : 1;
	for (size_t at = 0; at < body.len; at += piece)
		if (page_feed(result->page, slice_sub(body, at, at + piece)) && stop)
			break;
	page_finish(result->page, &result->facts);
}

static void compare(const struct result *a, const struct result *b)
{
	const struct page_facts *x = &a->facts, *y = &b->facts;
	assert(x->parsed == y->parsed);
	assert(slice_equal(x->title, y->title));
	assert(slice_equal(x->citation_title, y->citation_title));
	assert(slice_equal(x->og_title, y->og_title));
	assert(slice_equal(x->heading, y->heading));
	assert(slice_equal(x->canonical, y->canonical));
	assert(slice_equal(x->citation_id, y->citation_id));
	assert(slice_equal(x->refresh_url, y->refresh_url));
	assert(x->refresh_delay_s == y->refresh_delay_s);
	assert(x->noindex == y->noindex && x->password_field == y->password_field);
	assert(x->challenge_mark == y->challenge_mark);
	assert(x->parked_mark == y->parked_mark && x->scripted == y->scripted);
	assert(x->repository_id == y->repository_id && x->owner_id == y->owner_id);
	assert(x->box_count == y->box_count && x->box_count <= PAGE_BOXES);
	for (uint32_t i = 0; i < x->box_count; i++)
		assert(slice_equal(x->boxes[i], y->boxes[i]));
	assert(x->text_bytes == y->text_bytes && x->whole == y->whole);
	assert(memcmp(&x->sketch, &y->sketch, sizeof(x->sketch)) == 0);

	uint32_t x_count, y_count;
	const struct slice *x_anchors = page_anchors(a->page, &x_count);
	const struct slice *y_anchors = page_anchors(b->page, &y_count);
	assert(x_count == y_count);
	for (uint32_t i = 0; i < x_count; i++)
		assert(slice_equal(x_anchors[i], y_anchors[i]));
}

static void end(struct result *result)
{
	page_free(result->page);
	arena_fini(&result->arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const charsets[] = { "", "utf-8", "windows-1252",
		"shift_jis" };
	struct result whole, pieces, stopped;
	if (size < 1)
		return 0;
	struct slice body = fuzz_slice(data + 1, size - 1);
	struct slice charset = slice_of(charsets[data[0] & 3]);
	struct page_options options = {
		.anchors = (data[0] & 4) != 0,
		.text_bytes_wanted = (data[0] & 8) != 0 ? 100 : 0,
		.whole = (data[0] & 24) == 16,
		.boxes = (data[0] & 32) != 0,
	};
	size_t piece = 1 + (size_t)(data[0] >> 4) * 7;

	run(&whole, body, charset, options, 0, false);
	run(&pieces, body, charset, options, piece, false);
	run(&stopped, body, charset, options, piece, true);
	compare(&whole, &pieces);
	compare(&pieces, &stopped);
	(void)page_is_html(charset, body);
	end(&whole);
	end(&pieces);
	end(&stopped);
	return 0;
}
