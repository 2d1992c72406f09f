/* The rooms without windows when memory ends: an error or less of a result, never a wrong
 * one, nothing lost, nothing left. */
#include "faults/memory.h"

#include "extract/extract.h"
#include "extract/page.h"
#include "extract/slug.h"
#include "extract/title.h"
#include "model/identity.h"
#include "policy/robots.h"
#include "registry/github.h"
#include "registry/wayback.h"
#include "report/baseline.h"
#include "report/progress.h"
#include "unit/report/sample.h"
#include "unit/verdict/observed.h"
#include "verdict/redirect.h"
#include "verdict/verdict.h"

/* --- documents --- */

static const char markdown_text[] =
	"# Title with *stress*\n\nA [link](http://a.test/x \"t\") and <http://b.test/>, "
	"https://c.test/y.\n\n- [ref]\n- ![image](i.png)\n- item [two][ref] `code`\n\n"
	"| a | b |\n|---|---|\n| [cell](http://d.test/) | www.e.test |\n\n"
	"<a href=\"http://f.test/\">raw</a> <img src='x.png'>\n\n"
	"Text[^1] and ~~struck~~ [three](<http://g.test/a b>)\n\n"
	"[^1]: A note with [its own](http://h.test/).\n\n"
	"[ref]: http://r.test/z 'title'\n[unused]: http://u.test/\n\n## Title\n\n"
	"<!-- linkrotd-disable-next-line -->\n[off](http://off.test/)\n";

static const char html_text[] =
	"<!doctype html><html><head><base href=/b/><title>T</title></head><body id=top>"
	"<p>Some <a href='http://a.test/?x=1&amp;y=2'>text &eacute;</a> more<ul><li>x "
	"<a href=b.html><b>bold</b></a><li><a name=n href=#top>up</a></ul>"
	"<img src=i.png alt='An image' srcset='a.png 1x, b.png 2x'><area href=c></body>";

static const char plain_text[] =
	"See http://a.test/x, (https://b.test/y) and <http://c.test/z>.\n"
	"@book{x, url = {http://d.test/}, note = \"www.e.test\"}\nhttp://f.test\n";

struct reading {
	enum document_kind kind;
	struct slice text;
	uint64_t mentions, anchors; /* hashes */
	uint64_t all_mentions, all_anchors;
};

static uint64_t mixed(uint64_t hash, struct slice text)
{
	return hash_bytes(text, hash + text.len);
}

static int take_mention(void *data, const struct mention *mention)
{
	struct reading *reading = data;
	uint64_t hash = mixed(reading->mentions, mention->url);
	hash = mixed(hash, mention->text);
	hash = mixed(hash, mention->context);
	reading->mentions = hash_mix(hash + mention->line * 1000u + mention->column);
	return 0;
}

static int take_anchor(void *data, struct slice id)
{
	struct reading *reading = data;
	reading->anchors = mixed(reading->anchors, id);
	return 0;
}

/* A document is read to its end as it is, or an error says that it was not. */
static bool read_document(void *data)
{
	struct reading *reading = data;
	const struct extract_sink sink = { reading, take_mention, take_anchor };
	struct error error = { "" };
	reading->mentions = reading->anchors = 0;
	if (extract(reading->kind, reading->text, &sink, &error) < 0) {
		assert_true(error.text[0] != '\0');
		return false;
	}
	if (reading->all_mentions == 0) {
		reading->all_mentions = reading->mentions;
		reading->all_anchors = reading->anchors;
	}
	assert_true(reading->mentions == reading->all_mentions);
	assert_true(reading->anchors == reading->all_anchors);
	return true;
}

static void reads_documents(void **state)
{
	(void)state;
	struct reading markdown = { .kind = DOCUMENT_MARKDOWN,
		.text = SLICE(markdown_text) };
	struct reading html = { .kind = DOCUMENT_HTML, .text = SLICE(html_text) };
	struct reading plain = { .kind = DOCUMENT_PLAIN, .text = SLICE(plain_text) };
	memory_survive("markdown", read_document, &markdown);
	memory_survive("html", read_document, &html);
	memory_survive("plain", read_document, &plain);
}

/* --- pages --- */

static const char page_text[] =
	"<!doctype html><html><head><title>\x83\x65\x83\x58\x83\x67 &amp; more</title>"
	"<meta name=citation_title content='A Title'><meta property=og:title content=B>"
	"<link rel=canonical href='/c'><meta http-equiv=refresh content='0; url=/next'>"
	"</head><body><h1 id=one>Heading</h1><a name='t&amp;wo'>x</a><p id=three>text"
	"<p id=four>\x83\x65</body></html>";

/* Whoever believes the ids looks at the answer of page_anchors_complete first. */
static bool read_page(void *data)
{
	static const char *const ids[] = { "one", "t&wo", "three", "four" };
	const char *charset = data;
	struct arena arena;
	struct page_facts facts;
	uint32_t count = 0;

	arena_init(&arena, 1 << 20);
	struct page *page = page_new(
		&arena, slice_of(charset), (struct page_options){ .anchors = true });
	if (page == NULL) {
		arena_fini(&arena);
		return false;
	}
	for (size_t at = 0; at < sizeof(page_text) - 1; at += 7)
		page_feed(page, slice_sub(SLICE(page_text), at, at + 7));
	page_finish(page, &facts);
	const struct slice *anchors = page_anchors(page, &count);
	bool complete = page_anchors_complete(page);
	if (complete) {
		assert_int_equal(count, 4);
		for (uint32_t i = 0; i < count; i++)
			assert_slice(anchors[i], ids[i]);
		assert_slice(facts.citation_title, "A Title");
		assert_slice(facts.refresh_url, "/next");
	} else {
		assert_true(arena.failed && arena.out_of_memory);
	}
	page_free(page);
	arena_fini(&arena);
	return complete;
}

static void reads_pages(void **state)
{
	(void)state;
	static char utf8[] = "utf-8", shift_jis[] = "shift_jis";
	memory_survive("page", read_page, utf8);
	memory_survive("page in another charset", read_page, shift_jis);
}

/* --- slugs and titles --- */

static bool make_slugs(void *data)
{
	struct arena arena;
	bool whole = false;
	(void)data;
	arena_init(&arena, 1 << 16);
	struct slugs *slugs = slugs_new();
	if (slugs != NULL) {
		struct slice first =
			slugs_next(slugs, &arena, SLICE("\u00c9t\u00e9 One"));
		struct slice second =
			slugs_next(slugs, &arena, SLICE("\u00c9t\u00e9 One"));
		whole = first.at != NULL && second.at != NULL;
		if (first.at != NULL)
			assert_slice(first, "\u00e9t\u00e9-one");
		if (whole)
			assert_slice(second, "\u00e9t\u00e9-one-1");
	}
	slugs_free(slugs);
	arena_fini(&arena);
	return whole;
}

static bool find_title(void *data)
{
	struct arena arena;
	(void)data;
	arena_init(&arena, 1 << 16);
	struct slice title = expected_title(&arena, SLICE("Paper"),
		SLICE("A Survey of Everything [Paper] [Code], 2024"));
	bool whole = title.len > 0 && !arena.failed;
	if (whole)
		assert_true(slice_starts(title, SLICE("A Survey of Everything")));
	arena_fini(&arena);
	return whole;
}

static void names_headings_and_titles(void **state)
{
	(void)state;
	memory_survive("slugs", make_slugs, NULL);
	memory_survive("expected title", find_title, NULL);
}

/* --- URLs and links --- */

static const struct destination {
	const char *written, *url;
	enum link_kind kind;
	enum reason reason;
} destinations[] = {
	{ "http://a.test/x y?q#f", "http://a.test/x%20y?q#f", LINK_HTTP, REASON_OK },
	{ "https://m\u00fcnchen.test/", "https://xn--mnchen-3ya.test/", LINK_HTTP,
		REASON_OK },
	{ "https://I\u2764.test/", "https://xn--i-7iq.test/", LINK_HTTP, REASON_OK },
	{ "http://u:p@a.test:8080/%7Ea", "http://a.test:8080/~a", LINK_HTTP, REASON_OK },
	{ "http://[::1/", "http://[::1/", LINK_OTHER, REASON_BAD_URL },
	{ "http://a b/", "http://a b/", LINK_OTHER, REASON_BAD_URL },
	{ "#x", "#x", LINK_ANCHOR, REASON_OK },
	{ "docs/a.md#b", "docs/a.md#b", LINK_FILE, REASON_OK },
	{ "mailto:a@a.test", "mailto:a@a.test", LINK_MAIL, REASON_UNSUPPORTED_SCHEME },
};

/* What is no URL stays none, and what is one does not become none. */
static bool identify_one(void *data)
{
	const struct destination *destination = data;
	struct link_identity identity;
	struct arena arena;
	arena_init(&arena, 1 << 20);
	bool whole =
		identify(&arena, slice_of(destination->written), NULL, &identity) == 0;
	if (whole) {
		assert_slice(identity.url, destination->url);
		assert_int_equal(identity.kind, destination->kind);
		assert_int_equal(identity.reason, destination->reason);
	}
	arena_fini(&arena);
	return whole;
}

static void identifies_destinations(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(destinations) / sizeof(destinations[0]); i++) {
		struct destination one = destinations[i];
		memory_survive(one.written, identify_one, &one);
	}
}

/* A refused link leaves the table as it was, and the next one may fit again. */
static bool fill_table(void *data)
{
	struct link_table table;
	char url[32];
	uint32_t added = 0;
	(void)data;
	link_table_init(&table, 1 << 20);
	for (int i = 0; i < 40; i++) {
		int len = snprintf(url, sizeof(url), "http://a.test/%d", i % 30);
		struct slice text = { url, (size_t)len };
		const struct link_identity identity = {
			.kind = LINK_HTTP,
			.url = text,
			.request_url = text,
			.request_key = text,
		};
		const struct occurrence occurrence = {
			.source = SLICE("a.md"), .line = (uint32_t)i + 1, .text = text
		};
		if (link_table_add(&table, &identity, &occurrence) != NULL)
			added++;
	}
	uint32_t occurrences = 0, links = 0;
	for (struct link *link = table.first; link != NULL; link = link->next) {
		links++;
		for (struct occurrence *at = link->first; at != NULL; at = at->next)
			occurrences++;
	}
	assert_int_equal(occurrences, added);
	assert_int_equal(table.occurrence_count, added);
	assert_int_equal(table.link_count, links);
	link_table_fini(&table);
	return added == 40;
}

static void collects_links(void **state)
{
	(void)state;
	memory_survive("link table", fill_table, NULL);
}

/* --- verdicts --- */

/* Without memory there is no verdict; without room for texts there are none. */
static bool judge(void *data)
{
	static const struct {
		const char *chain;
		enum outcome outcome;
		enum reason reason;
	} cases[] = {
		{ "http://a.test/x 301 http://b.test/y 200", OUTCOME_MOVED,
			REASON_REDIRECT_PERMANENT },
		{ "http://a.test/x 302 http://b.test/y 404", OUTCOME_BROKEN,
			REASON_HTTP_404 },
		{ "http://a.test/x 403", OUTCOME_GATED, REASON_FORBIDDEN },
		{ "http://a.test/x 302 http://a.test/login?next=x 200", OUTCOME_GATED,
			REASON_CHALLENGE },
		{ "http://a.test/x 500", OUTCOME_UNREACHABLE, REASON_HTTP_5XX },
		{ "http://a.test/x#y 200", OUTCOME_OK, REASON_OK },
	};
	bool whole = true;
	(void)data;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct observed observed;
		struct verdict verdict;
		struct arena arena;
		const struct verdict_context context = {
			.expected_title = SLICE("A Survey of Large Language Models"),
		};
		arena_init(&arena, 1 << 20);
		observe(&observed, cases[i].chain);
		observed.seen.page.parsed = true;
		observed.seen.page.title = SLICE("A Survey of Large Language Models");
		verdict_give(&arena, &observed.seen, &context, &verdict);
		bool judged = verdict.reason != REASON_OFFLINE;
		assert_int_equal(
			verdict.outcome, judged ? cases[i].outcome : OUTCOME_SKIPPED);
		if (judged)
			assert_int_equal(verdict.reason, cases[i].reason);
		whole = whole && judged && !arena.failed;
		arena_fini(&arena);
	}
	return whole;
}

static bool follow(void *data)
{
	const struct redirect_limits limits = { 10, 5 };
	struct redirect_step step = { 0 };
	struct arena arena;
	struct url url;
	bool whole = false;
	(void)data;
	arena_init(&arena, 1 << 20);
	if (url_parse(&arena, SLICE("http://a.test/x#f"), NULL, &url) == 0) {
		const struct hop hop = { .url = SLICE("http://a.test/x"), .status = 301 };
		whole = redirect_next(&arena, &url, HOP_VIA_STATUS,
				SLICE("//m\u00fcnchen.test/../y z"), &hop, 1, &limits,
				&step) == 0;
		if (whole) {
			assert_true(step.follow);
			assert_slice(step.url.href, "http://xn--mnchen-3ya.test/y%20z#f");
		}
	}
	arena_fini(&arena);
	return whole;
}

static void judges_and_follows(void **state)
{
	(void)state;
	memory_survive("verdict", judge, NULL);
	memory_survive("redirect", follow, NULL);
}

/* --- robots.txt --- */

/* All its rules, or none and it is said. */
static bool read_robots(void *data)
{
	struct arena arena;
	struct robots robots;
	(void)data;
	arena_init(&arena, 1 << 20);
	bool whole = robots_parse(&arena,
			     SLICE("User-agent: *\nDisallow: /\n\nUser-agent: linkrotd\n"
				   "Allow: /a/\nDisallow: /*\u00fc$\nCrawl-delay: 2\n"),
			     SLICE("linkrotd"), &robots) == 0;
	if (whole) {
		assert_int_equal(robots.rule_count, 2);
		assert_int_equal(robots.crawl_delay_ms, 2000);
	} else {
		assert_int_equal(robots.rule_count, 0);
	}
	arena_fini(&arena);
	return whole;
}

static void reads_robots(void **state)
{
	(void)state;
	memory_survive("robots.txt", read_robots, NULL);
}

/* --- registries --- */

static bool read_registries(void *data)
{
	struct arena arena;
	struct verdict verdict = { .outcome = OUTCOME_GATED,
		.reason = REASON_RATE_LIMITED };
	const struct observation answer = {
		.failure = REASON_OK,
		.http_status = 200,
		.body = SLICE("{\"full_name\":\"new/name\",\"html_url\":"
			      "\"https://github.com/new/name\",\"archived\":true}"),
	};
	(void)data;
	arena_init(&arena, 1 << 16);
	bool question = github_question(&arena, SLICE("https://github.com/a/b")).len > 0;
	question = wayback_question(&arena, SLICE("http://a.test/")).len > 0 && question;
	bool read = github_read(
		&arena, SLICE("https://github.com/old/name"), &answer, &verdict);
	assert_true(verdict.outcome == (read ? OUTCOME_MOVED : OUTCOME_GATED));
	bool whole = question && read && !arena.failed;
	arena_fini(&arena);
	return whole;
}

static void reads_registries(void **state)
{
	(void)state;
	memory_survive("registries", read_registries, NULL);
}

/* --- reports --- */

static struct sample sample;

/* Behind the formats of reports. */
enum { LINKS_AS_TEXT = 16, LINKS_AS_JSON, STEP_SUMMARY, REPORT_KINDS };

static int write_kind(int kind, struct buffer *out, struct error *error)
{
	switch (kind) {
	case LINKS_AS_TEXT:
		return report_write_links(&sample.table, FORMAT_TEXT, out, error);
	case LINKS_AS_JSON:
		return report_write_links(&sample.table, FORMAT_JSON, out, error);
	case STEP_SUMMARY:
		return report_write_step_summary(&sample.report, 600, out, error);
	default: /* of a format */
		return report_write(&sample.report, (enum format)kind, out, error);
	}
}

static bool write_report(void *data)
{
	static struct buffer whole_ones[REPORT_KINDS];
	const int *kind = data;
	struct buffer *first = &whole_ones[*kind];
	struct buffer out;
	struct error error = { "" };
	buffer_init(&out, 1 << 20);
	int result = write_kind(*kind, &out, &error);
	if (result < 0) {
		assert_true(error.text[0] != '\0');
	} else if (first->len > 0) {
		assert_true(slice_equal(buffer_slice(&out), buffer_slice(first)));
	} else {
		*first = out; /* kept to the end */
		buffer_init(&out, 1);
	}
	buffer_fini(&out);
	return result == 0;
}

/* Only the whole report, byte for byte, or none. */
static void writes_reports(void **state)
{
	(void)state;
	static time_ms known[16];
	static const char *const names[REPORT_KINDS] = {
		[LINKS_AS_TEXT] = "links as text",
		[LINKS_AS_JSON] = "links as json",
		[STEP_SUMMARY] = "the summary of a job",
	};
	sample_begin(&sample);
	sample_fill(&sample);
	known[3] = 1;
	sample.report.known_since = known;
	for (int kind = 0; kind < REPORT_KINDS; kind++)
		if (kind >= LINKS_AS_TEXT || (FORMAT_SET(kind) & REPORT_FORMATS) != 0)
			memory_survive(kind < LINKS_AS_TEXT
					       ? format_text((enum format)kind)
					       : names[kind],
				write_report, &kind);
	sample_end(&sample);
}

/* Whoever lacks memory must not take what failed for new. */
static bool read_baseline(void *data)
{
	struct baseline baseline;
	struct error error = { "" };
	baseline_init(&baseline);
	const struct slice *json = data;
	int result = baseline_read(&baseline, *json,
		1u << OUTCOME_BROKEN | 1u << OUTCOME_UNREACHABLE, &error);
	assert_true(result == 0 || error.text[0] != '\0');
	if (result == 0)
		assert_non_null(baseline.by_key);
	baseline_fini(&baseline);
	return result == 0;
}

/* No word in it has more than 13 bytes: jansson 2.14 writes behind the end of a longer
 * one when there is no memory to make room for it. */
static void reads_baselines(void **state)
{
	(void)state;
	static const char json[] =
		"{\"schema\": 1, \"finished_at\": \"2026-11-20\", \"links\": ["
		"{\"url\": \"http://a\", \"kind\": \"http\", "
		"\"outcome\": \"broken\", \"occurrences\": []}, "
		"{\"url\": \"#x\", \"kind\": \"anchor\", \"outcome\": "
		"\"broken\", \"occurrences\": [{\"source\": \"README.md\"}]}]}";
	struct slice bytes = slice_of(json);
	memory_survive("baseline", read_baseline, &bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_documents),
		cmocka_unit_test(reads_pages),
		cmocka_unit_test(names_headings_and_titles),
		cmocka_unit_test(identifies_destinations),
		cmocka_unit_test(collects_links),
		cmocka_unit_test(judges_and_follows),
		cmocka_unit_test(reads_robots),
		cmocka_unit_test(reads_registries),
		cmocka_unit_test(writes_reports),
		cmocka_unit_test(reads_baselines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
