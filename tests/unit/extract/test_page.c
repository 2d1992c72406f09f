#include "lib/test.h"

#include <stdlib.h>
#include <string.h>

#include "extract/page.h"
#include "extract/page_internal.h"

/* One reading of a page, in pieces of `step` bytes (0: all at once). */
struct reading {
	struct arena arena;
	struct page_facts facts;
	const struct slice *anchors;
	uint32_t anchor_count;
	size_t used; /* bytes fed before enough was known */
	struct page_options options;
	struct slice charset;
	size_t step, arena_max;
	bool made;
};

static void read_page(struct reading *reading, struct slice body)
{
	size_t step = reading->step > 0 ? reading->step : body.len + 1;
	bool enough = false;

	arena_init(
		&reading->arena, reading->arena_max > 0 ? reading->arena_max : 1 << 20);
	struct page *page = page_new(&reading->arena, reading->charset, reading->options);
	reading->made = page != NULL;
	if (page == NULL)
		return;
	reading->used = 0;
	for (size_t at = 0; at < body.len && !enough; at += step) {
		/* Each piece alone on the heap: nothing may be read behind or later. */
		struct slice piece = slice_sub(body, at, at + step);
		char *copy = malloc(piece.len);
		assert_non_null(copy);
		memcpy(copy, piece.at, piece.len);
		enough = page_feed(page, (struct slice){ copy, piece.len });
		free(copy);
		reading->used = at + piece.len;
	}
	page_finish(page, &reading->facts);
	reading->anchors = page_anchors(page, &reading->anchor_count);
	page_free(page);
}

static void end(struct reading *reading)
{
	arena_fini(&reading->arena);
}

enum { ALL = 1 << 30 };

static struct reading read_all(struct slice body)
{
	struct reading reading = { .options = { .text_bytes_wanted = ALL } };
	read_page(&reading, body);
	return reading;
}

#define EXPECT_FACT(body, fact, expected)                                                \
	do {                                                                             \
		struct reading reading_ = read_all(SLICE(body));                         \
		assert_slice(reading_.facts.fact, (expected));                           \
		end(&reading_);                                                          \
	} while (0)
#define EXPECT_FLAG(body, fact, expected)                                                \
	do {                                                                             \
		struct reading reading_ = read_all(SLICE(body));                         \
		assert_int_equal(reading_.facts.fact, (expected));                       \
		end(&reading_);                                                          \
	} while (0)

static void titles(void **state)
{
	(void)state;
	EXPECT_FACT("<title>\n A &amp;\t <b>B</b> </title>", title, "A & <b>B</b>");
	EXPECT_FACT("<title> </title><title>One</title><title>Two</title>", title, "One");
	EXPECT_FACT("<svg><title>Icon</title></svg><title>Page</title>", title, "Page");
	EXPECT_FACT("<TITLE>never ended", title, "never ended");
	EXPECT_FACT("<!-- <title>no</title> --><p>x", title, "");
	EXPECT_FACT(
		"<script>'<title>no</title>'</script><title>yes</title>", title, "yes");
	EXPECT_FACT("<h1><img></h1><h1 class=x> A <i>b</i>c<br>d<script>no</script></h1>"
		    "<h1>no</h1>",
		heading, "A bc d");
	EXPECT_FACT("<h1>A</h2>B", heading, "A");
	EXPECT_FACT("<meta name=citation_title content=' A &quot;B&quot; '>",
		citation_title, "A \"B\"");
	EXPECT_FACT("<meta content=A name=DC.Title><meta name=citation_title content=B>",
		citation_title, "B");
	EXPECT_FACT("<meta name=dc.title content=A>", citation_title, "A");
	EXPECT_FACT("<meta property=og:title content=A><meta name=og:title content=B>",
		og_title, "A");
}

static void facts(void **state)
{
	(void)state;
	EXPECT_FACT("<link rel='x Canonical' href=' /a?b&amp;c '>", canonical, "/a?b&c");
	EXPECT_FACT("<link rel=alternate href=x>", canonical, "");
	EXPECT_FACT("<meta name=citation_doi content=10.1/x>"
		    "<meta name=citation_arxiv_id content=2303.18223>",
		citation_id, "2303.18223");
	EXPECT_FACT("<meta name=citation_doi content=10.1/x>", citation_id, "10.1/x");
	EXPECT_FACT("<meta http-equiv=REFRESH content='3; URL=&#39;/x y&#39;'>",
		refresh_url, "/x y");
	EXPECT_FACT(
		"<base target=_top><base href=' /b&amp;c '><base href=x>", base, "/b&c");
	EXPECT_FLAG("<meta http-equiv=refresh content='3; url=x'>", refresh_delay_s, 3);
	EXPECT_FLAG("<meta http-equiv=refresh content=60>", refresh_delay_s, 60);
	EXPECT_FLAG("<meta http-equiv=refresh content='x; url=x'>", refresh_delay_s, -1);
	EXPECT_FLAG("<noscript><meta http-equiv=refresh content='0;url=x'></noscript>",
		refresh_delay_s, -1);
	EXPECT_FLAG("<meta name=Robots content='follow, NoIndex'>", noindex, true);
	EXPECT_FLAG("<meta name=robots content=none>", noindex, true);
	EXPECT_FLAG("<meta name=robots content='index,follow'>", noindex, false);
	EXPECT_FLAG("<form><INPUT TYPE='Password' name=p>", password_field, true);
	EXPECT_FLAG("<input type=text><template><input type=password></template>",
		password_field, false);
	EXPECT_FLAG("<h1>Oops!</h1><p>This page does not exist.", gone_words, true);
	EXPECT_FLAG("<p>It could <b>not be found</b>", gone_words, true);
	EXPECT_FLAG("<p>It does exist, not so the page", gone_words, false);
	EXPECT_FLAG("<script>'does not exist'</script><p>x", gone_words, false);
	/* What stands on every page fills none. */
	EXPECT_FLAG("<script src=/app.js></script>", scripted, true);
	EXPECT_FLAG("<script src=https://www.googletagmanager.com/gtag/js?id=G-1>"
		    "</script>",
		scripted, false);
	EXPECT_FLAG("<script>window.dataLayer = window.dataLayer || []; function gtag()"
		    "{dataLayer.push(arguments);} gtag('js', new Date());</script>",
		scripted, false);
	EXPECT_FLAG("<script>document.getElementById('root').innerHTML = render(window."
		    "state, location.pathname);</script>",
		scripted, true);
	EXPECT_FLAG("<script>document.getElementById('root').innerHTML = render(window."
		    "state, location",
		scripted, true);
	EXPECT_FLAG("<script>document.documentElement.className='js'</script>", scripted,
		false);
	EXPECT_FLAG("<p>", parsed, true);
	EXPECT_FLAG("just text", parsed, false);
	EXPECT_FLAG("<head><title>title</title><style>a</style></head><body> ab  \n <b>cd"
		    "</b><script>x</script><noscript>y</noscript><p>e</p>",
		text_bytes, 6);
}

/* The lines above a paper or a repository; joined by bars. */
static void assert_boxes(struct slice body, bool asked, const char *expected)
{
	for (size_t step = 0; step <= 7; step += 7) {
		struct reading reading = { .step = step,
			.options = { .text_bytes_wanted = ALL, .boxes = asked } };
		char joined[2048] = "";
		read_page(&reading, body);
		for (uint32_t i = 0; i < reading.facts.box_count; i++) {
			size_t len = strlen(joined);
			snprintf(joined + len, sizeof(joined) - len, "%s%.*s",
				i > 0 ? "|" : "", SLICE_ARG(reading.facts.boxes[i]));
		}
		assert_string_equal(joined, expected);
		end(&reading);
	}
}

#define STALE                                                                            \
	"<div hidden class='js-stale flash flash-warn flash-full'><svg><path/></svg>"    \
	"<span>You signed in</span></div>"

static void boxes(void **state)
{
	(void)state;
	struct slice github = SLICE(
		"<body><div><p>Menu</p></div>" STALE
		"<template><div class='flash-warn flash-full'>no</div></template>"
		"<div class=\"flash flash-warn flash-full border-top-0 py-2\">\n  This "
		"repository was archived by the owner on <div>Feb 3,</div>2025.\n</div>"
		"<article><div>It was flash-warn flash-full archived</div></article>");
	assert_boxes(github, true,
		"You signed in|This repository was archived by the owner on Feb 3, "
		"2025.");
	assert_boxes(github, false, "");
	assert_boxes(
		SLICE("<body><div id=abs><span class='error' style=x>This paper has "
		      "been withdrawn by A &amp; B</span><div class=\"dateline\">\n"
		      "[Submitted on 1 Jan 2026 (this version), <em>latest version 2 "
		      "Feb 2026</em> (<a href=x>v3</a>)]</div><h1 class=title>"),
		true,
		"This paper has been withdrawn by A & B|[Submitted on 1 Jan 2026 (this "
		"version), latest version 2 Feb 2026 (v3)]");
	/* one class of two, part of a class, another attribute, another element */
	assert_boxes(
		SLICE("<body><div class=flash-warn>a</div><div class='flash-warns "
		      "flash-full'>b</div><div title='flash-warn flash-full'>c</div>"
		      "<p class='flash-warn flash-full'>d</p><div class=error>e</div>"
		      "<span class=errors>f</span>"),
		true, "");
	/* neither many nor long ones */
	assert_boxes(SLICE("<body><div class=dateline>a</div><div class=dateline>b</div>"
			   "<div class=dateline>c</div><div class=dateline>d</div>"
			   "<div class=dateline>e</div>"),
		true, "a|b|c|d");
	assert_boxes(
		SLICE("<body><div class=dateline>a<div>b</div></div>c"), true, "a b");
	assert_boxes(SLICE("<body><div class=dateline>not ended"), true, "not ended");
}

#define REPOSITORY(id) "<meta name=octolytics-dimension-repository_id content='" id "'>"
#define OWNER          "<meta content=9 name=octolytics-dimension-user_id>"

/* In the head, where no README stands. */
static void repositories(void **state)
{
	(void)state;
	static const struct {
		const char *page;
		uint64_t repository, owner;
		bool asked;
	} cases[] = {
		{ REPOSITORY("18184713") OWNER "<body>", 18184713, 9, true },
		{ REPOSITORY("1") REPOSITORY("2") "<body>", 1, 0, true },
		{ REPOSITORY("x") REPOSITORY("-1") "<body>", 0, 0, true },
		{ REPOSITORY("99999999999999999999") "<body>", 0, 0, true },
		{ "<title>x</title><body>" REPOSITORY("1") OWNER, 0, 0, true },
		{ REPOSITORY("1") OWNER "<body>", 0, 0, false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reading reading = { .options = { .text_bytes_wanted = ALL,
						   .boxes = cases[i].asked } };
		read_page(&reading, slice_of(cases[i].page));
		assert_int_equal(reading.facts.repository_id, cases[i].repository);
		assert_int_equal(reading.facts.owner_id, cases[i].owner);
		end(&reading);
	}
}

static void long_boxes(void **state)
{
	(void)state;
	struct buffer body;
	buffer_init(&body, 1 << 20);
	buffer_add_text(&body, "<body><div class=dateline>");
	while (body.len < 4000)
		buffer_add_text(&body, "0123456789");
	buffer_add_text(&body, "<div></div>x</div><div class=dateline>b</div>");
	struct reading reading = { .options = {
					   .text_bytes_wanted = ALL, .boxes = true } };
	read_page(&reading, buffer_slice(&body));
	assert_int_equal(reading.facts.box_count, 2);
	assert_int_equal(reading.facts.boxes[0].len, PAGE_BOX_MAX);
	assert_slice(reading.facts.boxes[1], "b");
	end(&reading);
	buffer_fini(&body);
}

static void challenges(void **state)
{
	(void)state;
	EXPECT_FLAG("<script>window._cf_chl_opt={};</script>", challenge_mark, true);
	EXPECT_FLAG(
		"<script>a.src='/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1'"
		"</script>",
		challenge_mark, true);
	EXPECT_FLAG("<script src='https://ct.captcha-delivery.com/c.js'></script>",
		challenge_mark, true);
	EXPECT_FLAG("<iframe>Request unsuccessful. Incapsula incident ID: 1-2</iframe>",
		challenge_mark, true);
	EXPECT_FLAG("<div id=\"px-captcha\">", challenge_mark, true);
	EXPECT_FLAG("<script id=anubis_challenge type=application/json>{}</script>",
		challenge_mark, true);
	EXPECT_FLAG("<script>AwsWafIntegration.checkForceRefresh()</script>",
		challenge_mark, true);
	EXPECT_FLAG("<title>Shop</title><script>AwsWafIntegration.getToken()</script>",
		challenge_mark, false);
	EXPECT_FLAG("<title>Verifying your browser</title><script "
		    "src=https://challenges.cloudflare.com/turnstile/v0/api.js></script>",
		challenge_mark, true);
	EXPECT_FLAG("<META NAME=\"robots\" CONTENT=\"noindex,nofollow\"><script "
		    "src=\"/_Incapsula_Resource?SWJIYLWA=5074\"></script><body></body>",
		challenge_mark, true);
	EXPECT_FLAG("<title>You are being redirected...</title><noscript>Javascript is "
		    "required.</noscript><script>var s={},sucuri_cloudproxy_js='';</"
		    "script>",
		challenge_mark, true);
	EXPECT_FLAG("<title>Security check</title><p>Please complete it<div "
		    "class=\"h-captcha\">",
		challenge_mark, true);
	EXPECT_FLAG("<title>Security check</title><script "
		    "src=https://hcaptcha.com/1/api.js></script>",
		challenge_mark, true);
	EXPECT_FLAG("<title>Validate User</title><form action=/action/captchaChallenge>",
		challenge_mark, true);
	EXPECT_FLAG("<title>Validate User</title><div class=g-recaptcha>", challenge_mark,
		true);
	EXPECT_FLAG("<title>Oh noes!</title><h1>Oh noes!</h1><link "
		    "href=\"/.within.website/x/xess/xess.css\">",
		challenge_mark, true);
}

/* A page with `text` and a paragraph that is written so many times. */
static bool is_challenge_among(const char *text, const char *prose, int times)
{
	struct buffer body;

	buffer_init(&body, 1 << 20);
	buffer_add_text(&body, text);
	for (int i = 0; i < times; i++)
		buffer_add_text(&body, prose);
	struct reading reading = read_all(buffer_slice(&body));
	bool challenge = reading.facts.challenge_mark;
	end(&reading);
	buffer_fini(&body);
	return challenge;
}

/* What protected and ordinary pages have too. */
static void no_challenges(void **state)
{
	(void)state;
	EXPECT_FLAG("<script>a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'</"
		    "script>",
		challenge_mark, false);
	EXPECT_FLAG("<title>Contact us</title><form><script "
		    "src=https://challenges.cloudflare.com/turnstile/v0/api.js></script>",
		challenge_mark, false);
	EXPECT_FLAG("<p>How <code>_cf_chl_opt</code>, px-captcha, captcha-delivery.com "
		    "and an "
		    "Incapsula incident ID work",
		challenge_mark, false);
	EXPECT_FLAG("<script src=/_Incapsula_Resource?x></script>"
		    "<script src=https://js.datadome.co/tags.js></script>"
		    "<meta content='script-src captcha-delivery.com/'>",
		challenge_mark, false);
	EXPECT_FLAG("<meta name=robots content=noindex><title>App</title><script "
		    "src=/_Incapsula_Resource?x></script>",
		challenge_mark, false);
	EXPECT_FLAG("<meta name=robots content=noindex><script "
		    "src=/_Incapsula_Resource?x></script><p>Yes.",
		challenge_mark, false);
	EXPECT_FLAG("<title>Sucuri</title><p>About sucuri_cloudproxy_js and "
		    "/_Incapsula_Resource",
		challenge_mark, false);
	EXPECT_FLAG("<title>Security checklist</title><form><div class=h-captcha>",
		challenge_mark, false);
	EXPECT_FLAG("<title>Verify a diploma</title><form><div class=g-recaptcha>",
		challenge_mark, false);
	EXPECT_FLAG("<title>Validate User</title><p>POST /user/validate", challenge_mark,
		false);
	EXPECT_FLAG("<title>Oh noes!</title><p>A weblog", challenge_mark, false);
	EXPECT_FLAG("<title>Xe</title><link rel=stylesheet "
		    "href=/.within.website/x/xess/xess.css>",
		challenge_mark, false);

	assert_false(
		is_challenge_among("<script>AwsWafIntegration.getToken()</script><body>",
			"An article. ", 100));
	assert_false(is_challenge_among(
		"<title>Security check: a history</title><div class=g-recaptcha></div>",
		"An article. ", 100));
	assert_false(is_challenge_among("<meta name=robots content=noindex><script "
					"src=/_Incapsula_Resource?x></script><body>",
		"How Incapsula works. ", 100));
}

static void parked(void **state)
{
	(void)state;
	EXPECT_FLAG("<script>window.park = \"eyJ1\"</script>", parked_mark, true);
	EXPECT_FLAG("<script>window.location.href='/lander'</script>", parked_mark, true);
	EXPECT_FLAG("<script>window.onload=function(){window.location.href=\"/lander\"}</"
		    "script>",
		parked_mark, true);
	EXPECT_FLAG("<script src='//www.google.com/adsense/domains/caf.js'></script>",
		parked_mark, true);
	EXPECT_FLAG("<script src=https://img1.wsimg.com/parking-lander/static/js/main.js>"
		    "</script>",
		parked_mark, true);
	EXPECT_FLAG("<frameset><frame src='http://www.sedoparking.com/a.org'>",
		parked_mark, true);
	EXPECT_FLAG("<html data-adblockkey='MFww'><body>", parked_mark, true);
	EXPECT_FLAG(
		"<script>var _cf_chl_opt;window.park='x'</script>", parked_mark, true);
	EXPECT_FLAG(
		"<script>window.park='x';_cf_chl_opt=1</script>", challenge_mark, true);
	/* What honest pages have too. */
	EXPECT_FLAG("<p>How <code>window.park = 1</code>, parkingcrew.net/ and "
		    "sedoparking.com/ work",
		parked_mark, false);
	EXPECT_FLAG("<script>window.parkingLot = 1; go('/landers')</script>", parked_mark,
		false);
	EXPECT_FLAG("<a href=https://www.dan.com/x><img src=https://img.dan.com/y>",
		parked_mark, false);
	EXPECT_FLAG(
		"<script src=https://cdn.jordan.com/x.js></script>", parked_mark, false);
	EXPECT_FLAG("<p data-adblockkey=x>", parked_mark, false);
	EXPECT_FLAG(
		"<h1>a.org</h1><p>This domain has expired. Renew it.", sale_words, true);
	EXPECT_FLAG("<h1>a.org</h1><p>This domain name expires soon.", sale_words, false);
}

static void forms_and_videos(void **state)
{
	(void)state;
	EXPECT_FLAG("<body onload='x()'><form method=post><input type=hidden "
		    "name=\"SAMLRequest\" value=PHN>",
		challenge_mark, true);
	EXPECT_FLAG("<p>The field <code>name=\"SAMLRequest\"</code> of a form",
		challenge_mark, false);
	EXPECT_FLAG("<title>Amazon.com</title><form method=get "
		    "action=\"/errors/validateCaptcha\">",
		challenge_mark, true);
	EXPECT_FLAG("<script>var r = {\"playabilityStatus\":{\"status\":\"ERROR\"}};"
		    "</script>",
		video_gone, true);
	EXPECT_FLAG("<script>var r = {\"playabilityStatus\":{\"status\":\"OK\"}};"
		    "</script>",
		video_gone, false);
}

#define SCRIPT_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void scripts(void **state)
{
	(void)state;
	EXPECT_FLAG("<div id=root></div><script src=/a.js></script>", scripted, true);
	EXPECT_FLAG("<script type=module src=/a.js></script>", scripted, true);
	EXPECT_FLAG("<script>" SCRIPT_64 "</script>", scripted, true);
	EXPECT_FLAG("<script>document.title='x'</script>", scripted, false);
	EXPECT_FLAG("<script type=application/ld+json>" SCRIPT_64 "</script>", scripted,
		false);
	EXPECT_FLAG("<script type=application/json src=/a></script>", scripted, false);
	EXPECT_FLAG("<script>short</script><script>short</script><p>" SCRIPT_64, scripted,
		false);
	EXPECT_FLAG("<style>" SCRIPT_64 "</style>", scripted, false);
	EXPECT_FLAG("<template><script src=/a.js></script></template>", scripted, false);
}

static void whole(void **state)
{
	(void)state;
	const struct slice body = SLICE("<title>T</title><body>some text<p>and more");
	struct reading reading = { .options = { .text_bytes_wanted = 4 } };

	read_page(&reading, body);
	assert_false(reading.facts.whole);
	assert_int_equal(reading.facts.text_bytes, 4);
	end(&reading);
	reading.options.whole = true;
	read_page(&reading, body);
	assert_true(reading.facts.whole);
	assert_int_equal(reading.facts.text_bytes, strlen("some textand more"));
	end(&reading);
	reading.options = (struct page_options){ .text_bytes_wanted = 1000 };
	read_page(&reading, body);
	assert_true(reading.facts.whole);
	end(&reading);
}

static struct page_sketch sketch_of(const char *body)
{
	struct reading reading = { .options = { .whole = true } };
	read_page(&reading, slice_of(body));
	struct page_sketch sketch = reading.facts.sketch;
	end(&reading);
	return sketch;
}

static bool sketches_equal(const char *a, const char *b)
{
	struct page_sketch x = sketch_of(a), y = sketch_of(b);
	return memcmp(&x, &y, sizeof(x)) == 0;
}

static uint32_t places_used(const char *body)
{
	struct page_sketch sketch = sketch_of(body);
	uint32_t used = 0;
	for (size_t i = 0; i < SKETCH_PLACES; i++)
		used += sketch.least[i] != UINT32_MAX;
	return used;
}

/* The picture is of the visible words in their order, and of nothing else. */
static void sketches(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool equal;
	} cases[] = {
		{ "<p>one two three four", "<div>ONE, two-<b>three</b> \n four!", true },
		{ "<p>one<p>two three", "<p>one two three", true },
		{ "<p>one<b>two</b> x y", "<p>onetwo x y", true },
		{ "<p>one two three",
			"<p>one two three"
			"<noscript>please enable scripts now</noscript>"
			"<script>var a b c d</script>"
			"<style>a b c d</style>"
			"<template><p>a b c d</template><!-- a b c d -->",
			true },
		{ "<title>a b c</title><p>one two three",
			"<title>d e f</title><p>one two three", true },
		{ "<p>one two three", "<p>three two one", false },
		{ "<p>one two three", "<p>one two four", false },
		{ "<p>one two three", "<p>one two", false },
		{ "<p>one two", "<p>one", false },
		{ "<p>one two", "<p>two one", true }, /* too few for their order */
		{ "<p>one", "<p>", false },
		/* what a page repeats of its address is one word, whatever it is */
		{ "<p>no /papers/a-b.html here", "<p>no /x?y=z here", true },
		{ "<p>no <code>/papers</code> here", "<p>no /x here", true },
		{ "<p>no /papers here", "<p>no papers here", false },
		{ "<p>no /papers now", "<p>no /papers here", false },
		{ "<p>read and/or write", "<p>read and/nor write", false },
		{ "<p>see a.org/one here", "<p>see a.org/two here", false },
		{ "<p>- . !", "<p>", true },
		/* without spaces between words, too, the beginning counts */
		{ "<p>お探しのページは見つかりませんでした。",
			"<p>お探しのページは見つかりませんでした!", false },
		{ "<p>お探しのページは見つかりませんでした",
			"<p>お探しのページは見つかりませんでした", true },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (sketches_equal(cases[i].a, cases[i].b) != cases[i].equal)
			fail_msg("\"%s\" and \"%s\"", cases[i].a, cases[i].b);
	assert_int_equal(places_used("<p>- . !"), 0);
	assert_int_equal(places_used("<p>one"), 1);
	assert_int_equal(places_used("<p>one two three"), 1);
}

/* One word in a hundred leaves most places as they were; another text leaves none. */
static void sketches_estimate(void **state)
{
	(void)state;
	struct buffer text[3];

	for (int t = 0; t < 3; t++) {
		buffer_init(&text[t], 1 << 16);
		for (int i = 0; i < 400; i++)
			buffer_printf(&text[t], "w%d ",
				t == 2               ? -i
				: t == 1 && i == 200 ? 999
						     : i);
	}
	struct page_sketch a = sketch_of(buffer_string(&text[0])),
			   b = sketch_of(buffer_string(&text[1])),
			   c = sketch_of(buffer_string(&text[2]));
	int near = 0, far = 0;
	for (size_t i = 0; i < SKETCH_PLACES; i++) {
		near += a.least[i] == b.least[i];
		far += a.least[i] == c.least[i];
	}
	assert_true(near >= SKETCH_PLACES - 6 && near < SKETCH_PLACES + 1);
	assert_true(far <= 2);
	for (int t = 0; t < 3; t++)
		buffer_fini(&text[t]);
}

static struct reading read_charset(struct slice charset, struct slice body, size_t step)
{
	struct reading reading = {
		.charset = charset, .step = step, .options = { .text_bytes_wanted = ALL }
	};
	read_page(&reading, body);
	return reading;
}

/* clang-format off */
#define BODY(literal) { literal, sizeof(literal) - 1 }
/* clang-format on */

static void charsets(void **state)
{
	(void)state;
	static const struct {
		const char *charset;
		struct slice body;
		const char *title;
	} cases[] = {
		{ "", BODY("<title>\xC3\xA4</title>"), "ä" },
		{ "", BODY("<title>\xE4\x97</title>"), "ä—" },
		{ "", BODY("<meta charset=gbk><title>\xD6\xD0</title>"), "中" },
		{ "",
			BODY("<meta http-equiv=Content-Type content='a; "
			     "charset=euc-jp'><title>"
			     "\xA4\xA2</title>"),
			"あ" },
		{ "UTF-8", BODY("<meta charset=gbk><title>\xC3\xA4\xFF</title>"),
			"ä\xEF\xBF\xBD" },
		{ "Shift_JIS", BODY("<title>\x82\xA0\x83\x5C</title>"), "あソ" },
		{ "iso-8859-1", BODY("<title>\x80</title>"), "€" },
		{ "no-such", BODY("<title>\xE4</title>"), "ä" },
		{ "../../x//TRANSLIT", BODY("<title>\xE4</title>"), "ä" },
		{ "gbk", BODY("\xEF\xBB\xBF<title>\xC3\xA4</title>"), "ä" },
		{ "", BODY("\xFF\xFE<\0t\0i\0t\0l\0e\0>\0\xE4\0<\0/\0t\0i\0t\0l\0e\0>\0"),
			"ä" },
		{ "", BODY("\xFE\xFF\0<\0t\0i\0t\0l\0e\0>\x4E\x2D\xD8\x3D\xDE\x00"),
			"中😀" },
		{ "utf-16", BODY("<\0t\0i\0t\0l\0e\0>\0x\0"), "x" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t step = 0; step < 3; step++) {
			struct reading reading = read_charset(
				slice_of(cases[i].charset), cases[i].body, step);
			assert_slice(reading.facts.title, cases[i].title);
			end(&reading);
		}
}

static void stops_early(void **state)
{
	(void)state;
	const struct slice body =
		SLICE("<html><head><title>T</title></head><body><h1>H</h1>"
		      "some text<meta name=robots content=noindex>");
	struct reading reading = { .step = 1 };

	read_page(&reading, body);
	assert_int_equal(reading.used, slice_find(body, SLICE("<body>")));
	assert_slice(reading.facts.heading, "");
	end(&reading);

	reading.options.text_bytes_wanted = 5;
	read_page(&reading, body);
	assert_int_equal(reading.used, slice_find(body, SLICE(" text")));
	assert_int_equal(reading.facts.text_bytes, 5);
	assert_slice(reading.facts.heading, "H");
	end(&reading);

	/* A stray tag in the head ends it only when the title is known. */
	reading.options.text_bytes_wanted = 0;
	read_page(&reading, SLICE("<head><div></div><title>T</title><div>x"));
	assert_slice(reading.facts.title, "T");
	assert_int_equal(reading.used, strlen("<head><div></div><title>T</title>"));
	end(&reading);

	reading.options.anchors = true;
	read_page(&reading, body);
	assert_int_equal(reading.used, body.len);
	assert_true(reading.facts.noindex);
	end(&reading);
}

static void anchors(void **state)
{
	(void)state;
	struct reading reading = { .options = { .anchors = true } };
	struct buffer body;

	read_page(&reading, SLICE("<p id=' a '><a name='b&amp;c' id=d><b name=no>"
				  "<i id=\xE4><template><i id=no></template>"));
	assert_int_equal(reading.anchor_count, 4);
	assert_slice(reading.anchors[0], "a");
	assert_slice(reading.anchors[1], "d");
	assert_slice(reading.anchors[2], "b&c");
	assert_slice(reading.anchors[3], "ä");
	end(&reading);

	buffer_init(&body, 1 << 20);
	for (int i = 0; i < 1000; i++)
		buffer_printf(&body, "<p id=i%d>", i);
	read_page(&reading, buffer_slice(&body));
	assert_int_equal(reading.anchor_count, 1000);
	assert_slice(reading.anchors[999], "i999");
	end(&reading);
	buffer_fini(&body);
}

static void limits(void **state)
{
	(void)state;
	struct buffer body;
	struct reading reading;

	buffer_init(&body, 1 << 20);
	buffer_add_text(&body, "<title>x");
	for (int i = 0; i < 5000; i++)
		buffer_add_text(&body, "ä");
	reading = read_all(buffer_slice(&body));
	assert_int_equal(reading.facts.title.len, 1023);
	end(&reading);
	buffer_fini(&body);
}

static const char everything[] =
	"\xEF\xBB\xBF<!DOCTYPE html><html><head><meta charset=utf-8><!-- c --!>\n"
	"<title> T &amp;\n t&uuml;</title><link rel=canonical href=/c>\n"
	"<meta name=citation_title content='A'><meta property=og:title content='B'>"
	"<meta name=citation_doi content=10.1/2><meta name=robots content=noindex>"
	"<meta http-equiv=refresh content='1;url=x'><script>var a='</scr';_cf_chl_opt=1;"
	"window.park=1;var "
	"filling='0123456789abcdef0123456789abcdef';</script></head><body id=b><h1 "
	"id=h>H <b>h\xC3\xA4</b></h1> <p>text \xFF\0 more"
	"<input type=password><a name=n></a><svg><title>i</title></svg>end";

static void assert_same(const struct reading *a, const struct reading *b)
{
	const struct slice left[] = { a->facts.title, a->facts.citation_title,
		a->facts.og_title, a->facts.heading, a->facts.canonical,
		a->facts.citation_id, a->facts.refresh_url };
	const struct slice right[] = { b->facts.title, b->facts.citation_title,
		b->facts.og_title, b->facts.heading, b->facts.canonical,
		b->facts.citation_id, b->facts.refresh_url };
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		assert_true(slice_equal(left[i], right[i]));
	assert_int_equal(a->facts.refresh_delay_s, b->facts.refresh_delay_s);
	assert_int_equal(a->facts.noindex, b->facts.noindex);
	assert_int_equal(a->facts.password_field, b->facts.password_field);
	assert_int_equal(a->facts.challenge_mark, b->facts.challenge_mark);
	assert_int_equal(a->facts.text_bytes, b->facts.text_bytes);
	assert_int_equal(a->facts.parked_mark, b->facts.parked_mark);
	assert_int_equal(a->facts.scripted, b->facts.scripted);
	assert_int_equal(a->facts.whole, b->facts.whole);
	assert_memory_equal(&a->facts.sketch, &b->facts.sketch, sizeof(a->facts.sketch));
	assert_int_equal(a->facts.parsed, b->facts.parsed);
	assert_int_equal(a->anchor_count, b->anchor_count);
}

/* Every truncation, whole and in pieces of 1 to 3 bytes, for several wishes. */
static void pieces_make_no_difference(void **state)
{
	(void)state;
	const struct slice body = { everything, sizeof(everything) - 1 };
	const struct page_options wishes[] = { { .boxes = true },
		{ .text_bytes_wanted = 4 }, { .text_bytes_wanted = ALL, .boxes = true },
		{ .text_bytes_wanted = 4, .whole = true }, { .anchors = true } };

	for (size_t wish = 0; wish < sizeof(wishes) / sizeof(wishes[0]); wish++)
		for (size_t len = 0; len <= body.len; len++) {
			struct reading whole = { .options = wishes[wish] };
			read_page(&whole, slice_sub(body, 0, len));
			for (size_t step = 1; step <= 3; step++) {
				struct reading parts = { .options = wishes[wish],
					.step = step };
				read_page(&parts, slice_sub(body, 0, len));
				assert_same(&whole, &parts);
				end(&parts);
			}
			end(&whole);
		}
	struct reading reading = read_all(body);
	assert_slice(reading.facts.title, "T & tü");
	assert_slice(reading.facts.heading, "H hä");
	assert_true(reading.facts.challenge_mark);
	assert_int_equal(reading.facts.text_bytes, strlen("H hä text ?? more"
							  "i"
							  "end"));
	end(&reading);
}

static void without_memory(void **state)
{
	(void)state;
	const struct slice body = { everything, sizeof(everything) - 1 };
	bool whole = false;

	for (size_t bytes_max = 1; !whole; bytes_max += 8) {
		struct reading reading = { .arena_max = bytes_max,
			.options = { .anchors = true } };
		read_page(&reading, body);
		assert_true(reading.made);
		whole = !reading.arena.failed;
		assert_true(reading.arena.bytes_used <= bytes_max);
		if (whole)
			assert_slice(reading.facts.title, "T & tü");
		end(&reading);
		assert_true(bytes_max < 100000);
	}
}

/* Would take minutes if some part were read again with each piece. */
static void hostile(void **state)
{
	(void)state;
	static const struct {
		const char *start, *pattern;
	} cases[] = { { "<!--", "-" }, { "<a ", "a=1 " }, { "<a href='", "x" },
		{ "", "<" }, { "<title>", "</titl" }, { "<title>", "&amp;" },
		{ "<script>", "_cf_chl_op" }, { "", "<div>" }, { "", "<p></em>" },
		{ "<body>", "&" }, { "", "<p id=x>" }, { "", "<!-- -->" },
		{ "<h1>", "x<b>" }, { "\xFF\xFE", "<" } };
	const size_t len = 256 * 1024;
	char *text = malloc(len);

	assert_non_null(text);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t start = strlen(cases[i].start), pattern = strlen(cases[i].pattern);
		memcpy(text, cases[i].start, start);
		for (size_t at = start; at < len; at++)
			text[at] = cases[i].pattern[(at - start) % pattern];
		for (size_t step = 1; step <= 1024; step *= 1024) {
			struct reading reading = { .step = step,
				.options = { .anchors = true } };
			read_page(&reading, (struct slice){ text, len });
			assert_true(reading.arena.bytes_used <= 1 << 20);
			end(&reading);
		}
	}
	free(text);
}

/* A tag too long to be kept loses its attributes, whatever the pieces, and nothing else.
 */
static void long_tags(void **state)
{
	(void)state;
	const size_t len = 200 * 1024;
	struct buffer body;

	buffer_init(&body, 1 << 20);
	buffer_add_text(&body, "<p id=a><p id=b x='");
	while (body.len < len)
		buffer_add_text(&body, "0123456789");
	buffer_add_text(&body, "'><p id=c><script id=d x='");
	while (body.len < 2 * len)
		buffer_add_text(&body, "0123456789");
	buffer_add_text(&body, "'>'<p id=no>'</script><p id=e>");
	for (size_t step = 0; step <= 16384; step = step * 128 + (step == 0)) {
		struct reading reading = { .step = step, .options = { .anchors = true } };
		read_page(&reading, buffer_slice(&body));
		assert_int_equal(reading.anchor_count, 3);
		assert_slice(reading.anchors[2], "e");
		end(&reading);
	}
	buffer_fini(&body);
}

static void what_is_html(void **state)
{
	(void)state;
	assert_true(page_is_html(SLICE("text/html"), SLICE("")));
	assert_true(page_is_html(SLICE("Text/HTML; charset=x"), SLICE("")));
	assert_true(page_is_html(SLICE("application/xhtml+xml"), SLICE("")));
	assert_false(page_is_html(SLICE("text/plain"), SLICE("<html>")));
	assert_false(page_is_html(SLICE("application/pdf"), SLICE("<html>")));
	assert_true(page_is_html(SLICE(""), SLICE("\xEF\xBB\xBF \n<!doctype HTML>")));
	assert_true(page_is_html(SLICE(""), SLICE("<!-- x")));
	assert_true(page_is_html(SLICE("html"), SLICE("<Head >")));
	assert_false(page_is_html(SLICE(""), SLICE("<?xml version='1.0'?>")));
	assert_false(page_is_html(SLICE(""), SLICE("<htmlx>")));
	assert_false(page_is_html(SLICE(""), SLICE("<p")));
	assert_false(page_is_html(SLICE(""), SLICE("")));
	assert_false(page_is_html(SLICE(""), SLICE("%PDF-1.7")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(titles),
		cmocka_unit_test(facts),
		cmocka_unit_test(boxes),
		cmocka_unit_test(long_boxes),
		cmocka_unit_test(repositories),
		cmocka_unit_test(challenges),
		cmocka_unit_test(no_challenges),
		cmocka_unit_test(parked),
		cmocka_unit_test(forms_and_videos),
		cmocka_unit_test(scripts),
		cmocka_unit_test(whole),
		cmocka_unit_test(sketches),
		cmocka_unit_test(sketches_estimate),
		cmocka_unit_test(charsets),
		cmocka_unit_test(stops_early),
		cmocka_unit_test(anchors),
		cmocka_unit_test(limits),
		cmocka_unit_test(pieces_make_no_difference),
		cmocka_unit_test(without_memory),
		cmocka_unit_test(hostile),
		cmocka_unit_test(long_tags),
		cmocka_unit_test(what_is_html),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
