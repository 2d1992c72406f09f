/* All pages: well-formed, within their size, and harmless whatever strangers wrote. */
#include "lib/test.h"

#include "unit/site/samples.h"
#include "unit/site/strict.h"

static struct samples *all;
static struct buffer out;
static struct site site;

static int set_up(void **state)
{
	(void)state;
	all = samples_new();
	buffer_init(&out, 16u << 20);
	site = (struct site){ .title = SLICE("Links"),
		.generator = "linkrotd 0.1.0",
		.public_url = SLICE("https://links.example.org") };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	samples_free(all);
	buffer_fini(&out);
	return 0;
}

static void expect_strict(const char *what)
{
	static struct strict strict;
	const char *fault = strict_fault(&strict, buffer_slice(&out));
	if (fault != NULL)
		fail_msg("%s: %s", what, fault);
	if (out.len > SITE_PAGE_BYTES)
		fail_msg("%s: %zu bytes", what, out.len);
	buffer_reset(&out);
}

static void expect_text(const char *text)
{
	if (slice_find(buffer_slice(&out), slice_of(text)) == SLICE_NONE)
		fail_msg("not on the page: %s", text);
}

static void expect_no_text(const char *text)
{
	if (slice_find(buffer_slice(&out), slice_of(text)) != SLICE_NONE)
		fail_msg("on the page: %s", text);
}

static void write_list(const struct list_page *list)
{
	buffer_reset(&out);
	assert_int_equal(list_page_write(&site, list, &out, NULL), 0);
}

static void write_link(const struct link_page *link)
{
	buffer_reset(&out);
	assert_int_equal(link_page_write(&site, link, &out, NULL), 0);
}

/* Every page of the site as it stands in `all`. */
static void expect_all_strict(void)
{
	struct overview overview = sample_overview(all);
	struct list_page list = sample_list_page(all);
	struct events_page events = sample_events_page(all);

	buffer_reset(&out);
	assert_int_equal(overview_write(&site, &overview, &out, NULL), 0);
	expect_strict("overview");
	write_list(&list);
	expect_strict("list");
	assert_int_equal(events_page_write(&site, &events, &out, NULL), 0);
	expect_strict("events");
	assert_int_equal(missing_page_write(&site, &out, NULL), 0);
	expect_strict("missing");
	for (uint32_t i = 0; i < SAMPLE_ROWS; i += i < 10 ? 1 : 17) {
		struct link_page link = sample_link_page(all, i);
		write_link(&link);
		expect_strict("link");
	}
}

static void test_strict(void **state)
{
	(void)state;
	expect_all_strict();
	site.is_static = true;
	expect_all_strict();
}

/* --- hostile ---------------------------------------------------------------------------
 */

static const char *const payloads[] = {
	"\"><script>alert(1)</script>",
	"' onmouseover='alert(1)' x=\"",
	"</title></a></td></table><h1>owned</h1><main>",
	"<!-- -- --> ]]> <![CDATA[ &nbsp; &#x0; &",
	"\xE2\x80\xAE\xE2\x81\xA6live.exe\xE2\x80\x8B\xEF\xBB\xBF",
	"\x01\x02\x1b[31m\x7f\xff\xfe\xc0\xaf\xed\xa0\x80\n\r\t",
	"javascript:alert(1)",
	"https://user:secret@host.example/",
	"https://host.example/\"onclick=\"alert(1)",
	"https://host.example/?a=<b>&c=&#39;'",
	"",
};

static struct slice repeated(struct slice text, size_t bytes)
{
	struct buffer long_one;
	buffer_init(&long_one, 1 << 20);
	while (text.len > 0 && long_one.len < bytes)
		buffer_add(&long_one, text);
	struct slice kept = arena_copy(&all->arena, buffer_slice(&long_one));
	buffer_fini(&long_one);
	return kept;
}

/* In every place where a stranger's words may stand. */
static void poison(struct slice text)
{
	site.title = text;
	all->lists[0].title = all->lists[1].title = text;
	for (uint32_t i = 0; i < SAMPLE_ROWS; i++) {
		struct link *link = &all->standings[i].link;
		link->url = link->expected_title = text;
		link->result.final_url = link->result.title = text;
		link->result.verdict.error = text;
		link->result.verdict.notes = (NOTE_BIT(NOTE_COUNT) - 1);
		all->places[i].source = all->places[i].text = text;
		all->places[i].context = text;
		if (i % 2 == 0)
			link->result.verdict.suggestion =
				(struct suggestion){ text, text };
	}
	for (size_t i = 0; i < 3; i++) {
		all->hops[i].url = text;
		all->link_events[i].text = text;
	}
	all->reason = all->next = text;
	for (size_t i = 0; i < SAMPLE_EVENTS; i++) {
		all->events[i].url = all->events[i].label = text;
		all->events[i].event.text = text;
	}
}

static void test_hostile(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		struct link_page link = sample_link_page(all, 0);
		poison(slice_of(payloads[i]));
		expect_all_strict();
		write_link(&link);
		expect_no_text("<script>");
		expect_no_text("secret");
		expect_no_text("<h1>owned");
	}
}

/* However long, and however much escaping adds to it. */
static void test_size(void **state)
{
	(void)state;
	static const char *const longs[] = { "\"", "&", "https://a.example/&", "x", "é" };
	for (size_t i = 0; i < sizeof(longs) / sizeof(longs[0]); i++) {
		poison(repeated(slice_of(longs[i]), 4000));
		expect_all_strict();
	}
}

/* Links that came and went every other day, on a page full of long names. */
static void flap(struct strip *strip, uint32_t seed)
{
	for (uint32_t i = 0; i < STRIP_SLOTS; i++)
		strip->slots[i] = (struct strip_slot){
			.kind = (enum strip_kind)((i * 7 + seed) % STRIP_KIND_COUNT),
			.reason = REASON_REDIRECT_FORBIDDEN,
			.checks = 4000000000u,
			.bad = 4000000000u,
			.good_permille = (uint16_t)(i * 11 % 1000),
		};
}

static void test_size_of_flapping(void **state)
{
	struct span spans[LINK_PAGE_SPANS_MAX];
	struct check_facts checks[64];
	struct event events[64];
	(void)state;

	for (uint32_t i = 0; i < SAMPLE_ROWS; i++)
		flap(&all->strips[i], i);
	poison(repeated(SLICE("https://a.example/&\""), 3000));
	expect_all_strict();
	for (size_t i = 0; i < LINK_PAGE_SPANS_MAX; i++)
		spans[i] = (struct span){ sample_ago(90 - (int64_t)i * 2),
			sample_ago(89 - (int64_t)i * 2), 3, OUTCOME_UNREACHABLE,
			REASON_NETWORK_UNREACHABLE, 503, (int32_t)i * 97 % 400,
			8000 + (int32_t)i, 12000 };
	for (size_t i = 0; i < 64; i++) {
		checks[i] = (struct check_facts){ .at = sample_ago(64 - (int64_t)i),
			.outcome = OUTCOME_UNREACHABLE,
			.reason = REASON_NETWORK_UNREACHABLE,
			.http_status = 503,
			.elapsed_ms = (int32_t)(i * 1237 % 20000) };
		events[i] = (struct event){ .kind = EVENT_STATE,
			.at = sample_ago(64 - (int64_t)i),
			.from = STATE_UNCHECKED,
			.to = STATE_SUSPECT,
			.reason = REASON_NETWORK_UNREACHABLE,
			.text = repeated(SLICE("<&\">"), 1000) };
	}
	struct link_page link = sample_link_page(all, 0);
	link.known.spans = spans;
	link.known.span_count = LINK_PAGE_SPANS_MAX;
	link.known.checks = checks;
	link.known.check_count = 64;
	link.known.events = events;
	link.known.event_count = 64;
	/* Forty places, each as long as it gets. */
	static struct occurrence places[60];
	for (size_t i = 0; i < 60; i++) {
		places[i] = all->places[0];
		places[i].next = i + 1 < 60 ? &places[i + 1] : NULL;
	}
	all->standings[0].link.first = &places[0];
	all->standings[0].link.occurrence_count = 60;
	write_link(&link);
	expect_text("and 20 more");
	expect_strict("a link with a long past");
}

static void test_many_lists(void **state)
{
	static struct overview_list lists[150];
	struct overview overview = sample_overview(all);
	(void)state;

	for (size_t i = 0; i < 150; i++) {
		lists[i] = all->lists[0];
		lists[i].sources_failed = 3;
		lists[i].title = repeated(SLICE("\"<List>\" "), 300);
		for (size_t k = 0; k < STANDING_STATE_COUNT; k++)
			lists[i].counts.by_state[k] = 1234567;
	}
	overview.lists = lists;
	for (uint32_t count = 20; count <= 150; count += 10) {
		overview.list_count = count;
		overview.list_total = 150;
		buffer_reset(&out);
		assert_int_equal(overview_write(&site, &overview, &out, NULL), 0);
		expect_text("Page 1 of 2</span><a rel=\"next\" href=\"/?after=100\">");
		expect_strict("many lists");
	}
	overview.list_count = 50;
	overview.number = 2;
	site.is_static = true;
	buffer_reset(&out);
	assert_int_equal(overview_write(&site, &overview, &out, NULL), 0);
	site.is_static = false;
	expect_text("<a rel=\"prev\" href=\"index.html\">");
	expect_text("Page 2 of 2</span></nav>");
	expect_strict("more lists");
}

/* --- what stands there -----------------------------------------------------------------
 */

static void test_sentences(void **state)
{
	static const struct {
		uint32_t alive, suspect, dead, gated, unchecked;
		const char *said;
	} table[] = {
		{ 0, 0, 0, 0, 0, "No links yet." },
		{ 0, 0, 0, 0, 7, "None of 7 links has been checked yet." },
		{ 1, 0, 0, 0, 0, "The one link is alive." },
		{ 1204, 0, 0, 0, 0, "All 1,204 links are alive." },
		{ 10, 0, 0, 2, 0, "No link is dead: 10 of 12 are alive." },
		{ 10, 1, 0, 0, 0, "No link is dead; 1 of 11 is suspect." },
		{ 1000000, 2, 1, 0, 0,
			"<strong>1 of 1,000,003 links is dead</strong>, 2 more are "
			"suspect." },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct overview overview = sample_overview(all);
		overview.counts = (struct standing_counts){
			.by_state = { [STATE_ALIVE] = table[i].alive,
				[STATE_SUSPECT] = table[i].suspect,
				[STATE_DEAD] = table[i].dead,
				[STATE_GATED] = table[i].gated,
				[STATE_UNCHECKED] = table[i].unchecked }
		};
		buffer_reset(&out);
		assert_int_equal(overview_write(&site, &overview, &out, NULL), 0);
		expect_text(table[i].said);
	}
}

static void test_freshness(void **state)
{
	struct list_page list = sample_list_page(all);
	(void)state;

	write_list(&list);
	expect_text("Measured from <time>2026-11-26 03:38Z</time> to "
		    "<time>2026-11-26 04:00Z</time>; checked 1,211 links in the last "
		    "24 h.");
	expect_no_text("This is old.");
	list.head.stale = true;
	list.head.checks_lately = 0;
	write_list(&list);
	expect_text("This is old.");
	expect_text("checked 0 links in the last 24 h.");
	list.head = (struct site_head){ .checks_lately_ms = SAMPLE_DAY };
	write_list(&list);
	expect_text("Never measured. Checked 0 links in the last 24 h.");
}

static void test_list_without_its_source(void **state)
{
	struct list_page list = sample_list_page(all);
	(void)state;

	write_list(&list);
	expect_no_text("cannot be read");
	list.row_count = 0;
	list.sources_failed = 1;
	write_list(&list);
	expect_text("1 source cannot be read.");
	expect_text("There are no links here.");
	list.by_state = true;
	list.sources_failed = 2;
	write_list(&list);
	expect_text("2 sources cannot be read.");
	expect_text("No link is in this state.");
}

/* Only what is well may be followed. */
static void test_links_out(void **state)
{
	struct list_page list = sample_list_page(all);
	(void)state;

	write_list(&list);
	expect_text("<td class=\"dead\">dead</td>");
	expect_no_text("href=\"http://rlhf-workshop.example");
	expect_no_text("href=\"https://slow.example.ac.uk");
	expect_no_text("href=\"https://dl.acm.example");
	expect_text("<a rel=\"nofollow noopener noreferrer\" "
		    "href=\"https://openai.example/blog/instruction-following/\">");
	expect_text("href=\"/links/1000\"");
	for (uint32_t i = 0; i < 4; i++) {
		struct link_page link = sample_link_page(all, i);
		write_link(&link);
		expect_no_text("href=\"http:");
		expect_no_text("href=\"https:");
	}
}

static void swap_bytes(char *a, char *b, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char kept = a[i];
		a[i] = b[i];
		b[i] = kept;
	}
}

static void reverse(void *array, size_t count, size_t size)
{
	char *bytes = array;
	for (size_t i = 0; i < count / 2; i++)
		swap_bytes(bytes + i * size, bytes + (count - 1 - i) * size, size);
}

/* The newest first, whichever end the arrays begin with. */
static void test_either_end(void **state)
{
	struct link_page link = sample_link_page(all, 0);
	struct span spans[3] = {
		{ sample_ago(90), sample_ago(80), 11, OUTCOME_OK, REASON_OK, 200, 9, 9,
			99 },
		{ sample_ago(79), sample_ago(79), 1, OUTCOME_UNREACHABLE, REASON_TIMEOUT,
			0, -1, -1, 0 },
		{ sample_ago(78), sample_ago(25), 54, OUTCOME_OK, REASON_OK, 200, 9, 9,
			999 },
	};
	struct buffer first;
	(void)state;

	link.known.spans = spans;
	link.known.span_count = link.known.span_total = 3;
	write_link(&link);
	first = out;
	buffer_init(&out, 16u << 20);
	reverse(all->checks, 24, sizeof(all->checks[0]));
	reverse(all->link_events, 3, sizeof(all->link_events[0]));
	reverse(spans, 3, sizeof(spans[0]));
	write_link(&link);
	assert_true(slice_equal(buffer_slice(&first), buffer_slice(&out)));
	buffer_fini(&first);
	expect_text("Last checks</h2>\n<table class=\"log checks\">");
	size_t newest =
		slice_find(buffer_slice(&out), SLICE("<td><time>2026-11-26 04:00Z"));
	size_t older =
		slice_find(buffer_slice(&out), SLICE("<td><time>2026-11-25 04:00Z"));
	assert_true(newest < older && older != SLICE_NONE);
	expect_text("<p>and 4 more</p>"); /* of 24 checks */
}

static void test_redirects(void **state)
{
	struct link_page link = sample_link_page(all, 5);
	(void)state;

	write_link(&link);
	expect_text("<b class=\"code\">301</b> <span class=\"url\">"
		    "https://www.openai.example/blog/instruction-following/</span>");
	expect_text("<b class=\"code\">308</b> <span class=\"url\"><a rel=\"nofollow "
		    "noopener noreferrer\" href=\"https://openai.example/index/"
		    "instruction-following/\">");
	expect_text("<b>Write instead</b>");
	expect_text("<tr><th scope=\"row\">TLS</th><td class=\"num\">61 ms</td>");
}

static uint32_t count_text(const char *text)
{
	struct slice rest = buffer_slice(&out);
	uint32_t count = 0;
	for (size_t at; (at = slice_find(rest, slice_of(text))) != SLICE_NONE; count++)
		rest = slice_sub(rest, at + 1, rest.len);
	return count;
}

/* A hundred links as they are: nothing is left out for want of room. */
static void test_whole_rows(void **state)
{
	struct list_page list = sample_list_page(all);
	(void)state;

	write_list(&list);
	assert_int_equal(count_text("<svg viewBox=\"0 0 90 6\""), SAMPLE_ROWS);
	assert_int_equal(count_text("…"), 0);
	assert_int_equal(count_text("rel=\"nofollow noopener noreferrer\""), 91);
	expect_text("aria-label=\"90 days: 65 ok, 6 suspect, 19 dead\"");
	expect_text("Links that were not well, day by day");
	/* One long name among short ones costs the others nothing. */
	all->standings[50].link.expected_title = repeated(SLICE("\""), 2000);
	write_list(&list);
	assert_int_equal(count_text("<svg viewBox=\"0 0 90 6\""), SAMPLE_ROWS);
	assert_int_equal(count_text("rel=\"nofollow noopener noreferrer\""), 91);
}

static void test_filters(void **state)
{
	struct list_page list = sample_list_page(all);
	(void)state;

	list.by_state = true;
	list.state = STATE_DEAD;
	list.query = SLICE("a&b=\"c\" +é");
	list.sort = LIST_SORT_URL;
	write_list(&list);
	expect_text(
		"href=\"/lists/llm-alignment?state=suspect&amp;q=a%26b%3D%22c%22%20%2B"
		"%C3%A9&amp;sort=url\"");
	expect_text("?state=dead&amp;q=a%26b%3D%22c%22%20%2B%C3%A9&amp;sort=url"
		    "&amp;after=MTEwMA\">Next</a>");
	expect_text("name=\"q\" maxlength=\"200\" value=\"a&amp;b=&quot;c&quot; +é\"");
	expect_text("<option value=\"url\" selected=\"selected\">");
	expect_text("<input type=\"hidden\" name=\"state\" value=\"dead\"/>");
	list.searched = 20000;
	list.row_count = 7;
	write_list(&list);
	expect_text("7 found among the first 20,000 links");
	expect_text(">Search on</a>");
	list.row_count = 0;
	list.searched = 0;
	write_list(&list);
	expect_text("No link matches.");
	expect_no_text("<table");
}

static void test_static(void **state)
{
	struct list_page list = sample_list_page(all);
	(void)state;

	site.is_static = true;
	list.number = 2;
	list.number_max = 3;
	write_list(&list);
	expect_no_text("<form");
	expect_text("<a rel=\"prev\" href=\"../../lists/llm-alignment/index.html\">");
	expect_text("<a rel=\"next\" href=\"../../lists/llm-alignment/3.html\">");
	expect_text("href=\"../../lists/llm-alignment/dead/index.html\"");
	expect_text("href=\"../../links/1000.html\"");
	expect_text("href=\"../../style.css?");
	expect_text("Page 2 of 3");
}

static void test_addresses(void **state)
{
	static const struct {
		struct site_place place;
		const char *file, *served;
	} table[] = {
		{ { .what = SITE_OVERVIEW }, "index.html", "/" },
		{ { .what = SITE_OVERVIEW, .number = 1 }, "index.html", "/" },
		{ { .what = SITE_OVERVIEW, .number = 3 }, "3.html", "/?after=200" },
		{ { .what = SITE_LIST, .list = { "a-b", 3 } }, "lists/a-b/index.html",
			"/lists/a-b" },
		{ { .what = SITE_LIST, .list = { "a-b", 3 }, .number = 1 },
			"lists/a-b/index.html", "/lists/a-b" },
		{ { .what = SITE_LIST, .list = { "a-b", 3 }, .number = 7 },
			"lists/a-b/7.html", "/lists/a-b" },
		{ { .what = SITE_LIST,
			  .list = { "a-b", 3 },
			  .by_state = true,
			  .state = STATE_GATED,
			  .number = 2 },
			"lists/a-b/gated/2.html", "/lists/a-b?state=gated" },
		{ { .what = SITE_LINK, .link_id = INT64_MAX },
			"links/9223372036854775807.html", "/links/9223372036854775807" },
		{ { .what = SITE_EVENTS }, "events/index.html", "/events" },
		{ { .what = SITE_EVENTS, .list = { "a-b", 3 }, .number = 3 },
			"lists/a-b/events/3.html", "/lists/a-b/events" },
		{ { .what = SITE_FEED }, "feed.atom", "/feed.atom" },
		{ { .what = SITE_FEED, .list = { "a-b", 3 } }, "lists/a-b/feed.atom",
			"/lists/a-b/feed.atom" },
		{ { .what = SITE_BADGE, .list = { "a-b", 3 } }, "badge/a-b.svg",
			"/badge/a-b.svg" },
	};
	const struct site_place deep = {
		.what = SITE_LIST, .list = SLICE("x"), .by_state = true
	};
	(void)state;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		buffer_reset(&out);
		site_file(&out, &table[i].place);
		assert_slice(buffer_slice(&out), table[i].file);
		buffer_reset(&out);
		site_address(&out, &site, &deep, &table[i].place);
		assert_slice(buffer_slice(&out), table[i].served);
		site.is_static = true;
		buffer_reset(&out);
		site_address(&out, &site, &deep, &table[i].place);
		assert_true(slice_starts(buffer_slice(&out), SLICE("../../../")));
		assert_slice(slice_sub(buffer_slice(&out), 9, out.len), table[i].file);
		site.is_static = false;
	}
	buffer_reset(&out);
	site.base = SLICE("/rot/");
	site_address(&out, &site, &deep, &table[3].place);
	assert_slice(buffer_slice(&out), "/rot/lists/a-b");
}

/* Without news the bytes are the same: an ETag holds. */
static void test_same_bytes(void **state)
{
	struct list_page list = sample_list_page(all);
	struct buffer first;
	(void)state;

	write_list(&list);
	first = out;
	buffer_init(&out, 16u << 20);
	write_list(&list);
	assert_true(slice_equal(buffer_slice(&first), buffer_slice(&out)));
	buffer_fini(&first);
}

static void test_ceiling(void **state)
{
	struct list_page list = sample_list_page(all);
	struct buffer small;
	struct error error;
	(void)state;

	buffer_init(&small, 10000);
	assert_int_equal(list_page_write(&site, &list, &small, &error), -1);
	assert_non_null(strstr(error.text, "the page of a list"));
	buffer_fini(&small);
}

static void test_words_of_sort(void **state)
{
	enum list_sort sort = LIST_SORT_WORST;
	(void)state;

	assert_true(list_sort_parse(SLICE("checked"), &sort));
	assert_int_equal(sort, LIST_SORT_CHECKED);
	assert_false(list_sort_parse(SLICE("checke"), &sort));
	assert_string_equal(list_sort_text(LIST_SORT_NEWEST), "newest");
}

static void test_files_beside(void **state)
{
	(void)state;
	assert_true(slice_find(site_style(), SLICE("prefers-color-scheme: dark")) !=
		    SLICE_NONE);
	assert_true(slice_find(site_script(), SLICE("ArrowLeft")) != SLICE_NONE);
	assert_true(utf8_valid(site_style()) && utf8_valid(site_script()));
	/* Nothing from elsewhere. */
	assert_true(slice_find(site_style(), SLICE("url(")) == SLICE_NONE);
	assert_true(slice_find(site_style(), SLICE("@import")) == SLICE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_strict, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_hostile, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_size, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_size_of_flapping, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many_lists, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sentences, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_freshness, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_list_without_its_source, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_links_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_either_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_redirects, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_whole_rows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_filters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_static, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_addresses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_same_bytes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ceiling, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_words_of_sort, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_files_beside, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
