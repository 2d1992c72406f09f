#include "judged.h"

#include "base/hash.h"
#include "model/url.h"
#include "verdict/soft_404.h"
#include "verdict/title.h"

/* A page in one line: how it was reached, what it says of itself, how much there is. */
struct page_case {
	const char *chain, *title, *heading;
	uint32_t text_bytes;
	const char *canonical;
	const char *more; /* flags: s scripted, p password field, c citation_title,
			   * g words of what is gone in the text,
			   * v YouTube's mark of a video that is gone */
};

static void make(struct observed *observed, const struct page_case *from)
{
	const char *more = from->more != NULL ? from->more : "";

	observe(observed, from->chain);
	struct page_facts *page = &observed->seen.page;
	page->parsed = true;
	page->whole = true;
	page->title = slice_of(from->title);
	page->heading = slice_of(from->heading);
	page->canonical = slice_of(from->canonical);
	page->text_bytes = from->text_bytes;
	page->scripted = strchr(more, 's') != NULL;
	page->password_field = strchr(more, 'p') != NULL;
	page->gone_words = strchr(more, 'g') != NULL;
	page->video_gone = strchr(more, 'v') != NULL;
	if (strchr(more, 'c') != NULL)
		page->citation_title = SLICE("A Study of Missing Pages");
}

static enum soft_404 judge(const struct page_case *page)
{
	struct observed observed;
	const char *why = NULL;

	make(&observed, page);
	enum soft_404 soft =
		soft_404_of_page(&arena, &observed.seen, TITLE_UNKNOWN, &why);
	assert_non_null(why);
	assert_true(strlen(why) > 10);
	return soft;
}

static const char *name_of(const struct page_case *page)
{
	return page->title != NULL ? page->title : page->chain;
}

/* Never a soft 404 by itself; what is left to a sibling is honest when the site is. */
static void honest_pages(void **state)
{
	(void)state;
	static const struct page_case pages[] = {
		{ "https://en.wikipedia.org/wiki/HTTP_404 200", "HTTP 404 - Wikipedia",
			"HTTP 404", 2048, NULL, "s" },
		{ "https://en.wikipedia.org/wiki/HTTP_404 200", "HTTP 404 - Wikipedia",
			"HTTP 404", 400, NULL, NULL },
		{ "https://es.wikipedia.org/wiki/Error_404 200",
			"Error 404 - Wikipedia, la enciclopedia libre", "Error 404", 2048,
			NULL, NULL },
		{ "https://www.404media.co/a-story/ 200", "A Story - 404 Media",
			"A Story", 900, NULL, NULL },
		{ "https://www.404media.co/about 200", "404 Media", "404 Media", 300,
			NULL, NULL },
		{ "https://a.org/area-code 200", "Area code 404", "Area code 404", 700,
			NULL, NULL },
		{ "https://a.org/b/error-404-band 200", "Error 404 | Bands", "Error 404",
			1600, NULL, NULL },
		{ "https://music.org/the-missing 200", "The Missing | Music", "", 800,
			NULL, NULL },
		{ "https://music.org/albums/404 200", "404 | Music", "404", 800, NULL,
			NULL },
		{ "https://music.org/404-by-barns-courtney 200",
			"404 by Barns Courtney | Lyrics", "404", 900, NULL, NULL },
		{ "https://docs.org/errors 200", "Error pages - Docs", "Error pages",
			2048, NULL, NULL },
		{ "https://docs.org/Web/HTTP/Status/404 200",
			"404 Not Found - HTTP | MDN", "404 Not Found", 1200,
			"https://docs.org/Web/HTTP/Status/404", NULL },
		{ "https://httpstatuses.com/404 200", "404 Not Found — httpstatuses.com",
			"404 Not Found", 600, NULL, NULL },
		{ "https://a.org/stories/12 200", "Page not found: a short story",
			"Page not found: a short story", 1200, NULL, NULL },
		{ "https://a.org/stories/12 200", "Page not found – stories", "", 9000,
			NULL, NULL },
		{ "https://a.org/howto 200", "How to make a page not found page", "", 300,
			NULL, NULL },
		{ "https://a.org/howto 200", "Why pages are not found", "", 100, NULL,
			NULL },
		{ "https://a.org/howto 200", "404 ways to cook an egg", "", 100, NULL,
			NULL },
		{ "https://a.org/x 200", "Found not wanting", "", 100, NULL, NULL },
		{ "https://a.org/x 200", "arXiv 2404.0404", "", 100, NULL, NULL },
		{ "https://a.org/model/404b 200", "404b | Models", "404B", 100, NULL,
			NULL },
		{ "https://a.org/x 200", "Error correction codes", "Errors", 600, NULL,
			NULL },
		{ "https://a.org/x 200", "Unavailable light: poems", "", 600, NULL,
			NULL },
		{ "https://a.org/x 200", "Missing persons | Police", "", 600, NULL,
			NULL },
		{ "https://app.org/view/1 200", "App", "", 0, NULL, "s" },
		{ "https://app.org/view/1 200", "Page not found | App", "", 20, NULL,
			"s" },
		{ "https://app.org/view/1 200", "App", "App", 500, NULL, "s" },
		{ "https://a.org/x 200", "My constant title", "My Site", 1000, NULL,
			NULL },
		{ "https://a.org/x 200", NULL, "My Site", 1000, NULL, NULL },
		{ "https://a.org/x 200", NULL, NULL, 0, NULL, NULL },
		{ "https://a.org/members/x 200", "Log in | Site", "Log in", 100, NULL,
			"p" },
		{ "https://a.org/members/x 200", "Site", "Site", 100, NULL, "p" },
		{ "https://a.org/ 200", "404", "", 10, NULL, NULL },
		{ "https://a.org/ 200", "Not found", "", 10, NULL, NULL },
		{ "https://a.org/help/x 200", "Account suspended: what now?", "", 300,
			NULL, NULL },
		{ "https://a.org/help/x 200", "Account suspended", "", 1600, NULL, NULL },
		{ "https://www.youtube.com/watch?v=1 200", "A Talk - YouTube", "", 30,
			NULL, "v" },
		{ "https://a.org/x 200", "404 Not Found: A Study of Missing Pages", "",
			90, NULL, "c" },
		{ "https://a.org/x 301 https://a.org/y 200", "Something", "", 900, NULL,
			NULL },
		{ "https://a.org/error 200", "Fehlerrechnung", "Fehler", 900, NULL,
			NULL },
		{ "https://de.org/x 200", "Fehler im System – Kritik", "", 900, NULL,
			NULL },
		{ "https://fr.org/x 200", "L'introuvable Monsieur X", "", 900, NULL,
			NULL },
		{ "https://ru.org/x 200", "Страница истории", "", 900, NULL, NULL },
		{ "https://cn.org/x 200", "大型语言模型综述", "", 900, NULL, NULL },
		{ "https://jp.org/x 200", "見つかりませんか？ | ブログ", "", 900, NULL,
			NULL },
		{ "https://a.org/de 200", "Seite 404 des Buches", "", 100, NULL, NULL },
		{ "https://a.org/x 200", "The lost and found: not found", "", 1, NULL,
			NULL },
		{ "https://a.org/x 200", "Room service: 404", "", 100, NULL, NULL },
		{ "https://a.org/x 206", "404 Media", "404 Media", 300, NULL, NULL },
		{ "https://a.org/x 200", "Proofs that God does not exist", "", 100, NULL,
			"g" },
		{ "https://a.org/x 200", "Sorry, a song", "Sorry", 900, NULL, "g" },
		{ "https://a.org/x 200", "Error", "Error", 100, NULL, NULL },
		{ "https://github.com/o/r/wiki/Page 200", "Page · o/r Wiki", "", 900,
			NULL, NULL },
		{ "https://github.com/o/r 301 https://github.com/o2/r 200", "o2/r", "",
			900, NULL, NULL },
	};
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct observed observed;
		if (judge(&pages[i]) == SOFT_404_YES)
			fail_msg("%zu: %s", i, name_of(&pages[i]));
		make(&observed, &pages[i]);
		struct verdict verdict = plain(&observed);
		if (verdict.outcome == OUTCOME_BROKEN)
			fail_msg("%zu: %s", i, name_of(&pages[i]));
	}
}

/* Shown for whatever is asked for, and yet no page for what is missing. */
static void excuses(void **state)
{
	(void)state;
	static const char *const titles[] = { "Site under maintenance",
		"Wartungsarbeiten", "We are down for scheduled maintenance", "网站维护中",
		"メンテナンス中", "Ведутся технические работы", "Be right back",
		"Age verification", "Are you 18 or older?", "Your browser is out of date",
		"Please update your browser", "JavaScript is disabled",
		"Please enable JavaScript to continue", "Please enable cookies",
		"502 Bad Gateway", "Error establishing a database connection",
		"We value your privacy", "Wir benötigen Ihre Zustimmung",
		"Please wait..." };

	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
		struct page_case page = { "https://a.org/x 200", titles[i], "", 300, NULL,
			NULL };
		if (judge(&page) != SOFT_404_NO)
			fail_msg("title \"%s\"", titles[i]);
		page.title = "My Site";
		page.heading = titles[i];
		if (judge(&page) != SOFT_404_NO)
			fail_msg("heading \"%s\"", titles[i]);
		page.text_bytes = 1000;
		if (judge(&page) != SOFT_404_ASK)
			fail_msg("\"%s\" above a page", titles[i]);
	}
	struct page_case page = { "https://a.org/x 200", "JavaScript Weekly", "", 300,
		NULL, NULL };
	assert_int_equal(judge(&page), SOFT_404_ASK);
}

/* Also where the link is a front page. */
static void closed_pages(void **state)
{
	(void)state;
	static const struct page_case pages[] = {
		{ "https://a.org/ 200", "Account Suspended", "", 200, NULL, NULL },
		{ "https://a.org/ 302 https://a.org/cgi-sys/suspendedpage.cgi 200",
			"Account Suspended", "Account Suspended", 200, NULL, NULL },
		{ "https://a.org/x 200", "a.org", "This website has been suspended.", 200,
			NULL, NULL },
		{ "https://www.youtube.com/watch?v=1 200", "- YouTube", "", 30, NULL,
			"v" },
		{ "https://m.youtube.com/watch?v=1 200", "YouTube", "", 30, NULL, "v" },
		{ "https://youtu.be/1 303 https://www.youtube.com/watch?v=1 200",
			"- YouTube", "", 30, NULL, "sv" },
	};
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (judge(&pages[i]) != SOFT_404_YES)
			fail_msg("%zu: %s", i, name_of(&pages[i]));
}

/* The page itself proves it. */
static void gone_pages(void **state)
{
	(void)state;
	static const char *const titles[] = { "Page not found", "PAGE NOT FOUND",
		"Profile not found", "Invalid URL", "410 Gone", "We can't find page",
		"This link has expired", "404 Not Found", "404 - Not Found",
		"404: Not Found", "404 | Not found", "Error 404", "404 Error",
		"Error: 404", "Oops! 404", "Page not found | My Site",
		"My Site | Page not found", "My Site - 404 - Page not found",
		"Page Not Found (404)", "404 Page Not Found | My Site", "[404] Not found",
		"This page does not exist", "This page doesn’t exist",
		"Sorry, the page you are looking for does not exist.",
		"The page you were looking for doesn't exist (404)",
		"Oops! That page can’t be found.", "Oops! Page not found",
		"We can't find the page you're looking for", "Object not found!",
		"This article is no longer available", "No longer available | Shop",
		"Page not found: /papers/12", "HTTP Status 404 – Not Found",
		"The requested URL was not found on this server", "404-Page not found",
		"Seite nicht gefunden", "404 – Seite nicht gefunden", "Fehler 404",
		"Diese Seite existiert nicht – Verlag", "Page non trouvée",
		"PAGE NON TROUVÉE", "Page introuvable - Le Site", "Erreur 404",
		"Cette page n’existe pas", "Página no encontrada",
		"Mi sitio | Página no encontrada", "Página não encontrada", "Erro 404",
		"Pagina non trovata", "Errore 404", "Pagina niet gevonden",
		"Страница не найдена", "СТРАНИЦА НЕ НАЙДЕНА", "Ошибка 404", "页面不存在",
		"页面不存在_百度", "404-页面不存在", "404 页面未找到",
		"ページが見つかりません", "お探しのページは見つかりませんでした。",
		"404エラー", "ページが見つかりませんでした | 会社",
		"لم يتم العثور على الصفحة", "Η σελίδα δεν βρέθηκε",
		"Sorry, this page isn’t available.", "페이지를 찾을 수 없습니다",
		"Diese Seite existiert nicht mehr", "Cette page n’est plus disponible",
		"Esta página ya no está disponible", "Страница удалена", "页面已删除",
		"お探しのページは削除されました。", "Repository not found",
		"Nie znaleziono strony", "Sidan hittades inte", "Sayfa bulunamadı" };

	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
		struct page_case page = { "https://a.org/x 200", titles[i], "", 1000,
			NULL, NULL };
		if (judge(&page) != SOFT_404_YES)
			fail_msg("title \"%s\"", titles[i]);
		page.title = "My Site";
		page.heading = titles[i];
		if (judge(&page) != SOFT_404_YES)
			fail_msg("heading \"%s\"", titles[i]);
		page.more = "s"; /* counters of visitors do not make an application */
		if (judge(&page) != SOFT_404_YES)
			fail_msg("heading \"%s\" with scripts", titles[i]);
		page.text_bytes = 1500;
		if (judge(&page) == SOFT_404_YES)
			fail_msg("\"%s\" on a long page", titles[i]);
		/* whatever it says, it is the page that was meant */
		struct observed observed;
		const char *why;
		make(&observed, &page);
		observed.seen.page.text_bytes = 10;
		assert_int_equal(
			soft_404_of_page(&arena, &observed.seen, TITLE_MATCH, &why),
			SOFT_404_NO);
		assert_int_equal(
			soft_404_of_page(&arena, &observed.seen, TITLE_RETITLED, &why),
			SOFT_404_NO);
	}
}

/* What may be a name, too, counts alone only where there is nothing else to see. */
static void weak_words(void **state)
{
	(void)state;
	static const char *const titles[] = { "404", "Not Found — My Site",
		"My Site | 404", "My Site – Not found", "Introuvable | Le Site",
		"Nicht gefunden", "未找到", "Site | Page not found | News" };

	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
		struct page_case page = { "https://a.org/x 200", titles[i], "", 255, NULL,
			NULL };
		if (judge(&page) != SOFT_404_YES)
			fail_msg("\"%s\" on a tiny page", titles[i]);
		page.text_bytes = 256;
		if (judge(&page) != SOFT_404_ASK)
			fail_msg("\"%s\" on a page", titles[i]);
	}
	/* What goes on behind a colon is a story, however short. */
	static const char *const stories[] = { "Page not found: a short story",
		"Not Found: Why Links Die", "404: A Love Story" };
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct page_case page = { "https://a.org/x 200", stories[i], "", 255,
			NULL, NULL };
		if (judge(&page) != SOFT_404_ASK)
			fail_msg("\"%s\" on a tiny page", stories[i]);
	}
}

static const char *text_of(enum soft_404 soft)
{
	static const char *const texts[] = { "no", "yes", "ask" };
	return texts[soft];
}

static void other_evidence(void **state)
{
	(void)state;
	static const struct {
		struct page_case page;
		const char *expected;
	} cases[] = {
		/* sent to an error page */
		{ { "https://a.org/x 302 https://a.org/404 200", "Site", "", 900, NULL,
			  NULL },
			"yes" },
		{ { "https://a.org/x 302 https://a.org/404.html?from=/x 200", "Site", "",
			  900, NULL, NULL },
			"yes" },
		{ { "https://a.org/x 302 https://b.org/en/page-not-found/ 200", "Site",
			  "", 900, NULL, NULL },
			"yes" },
		{ { "https://a.org/x 302 https://a.org/error 200", "Site", "", 900, NULL,
			  NULL },
			"yes" },
		{ { "https://a.org/x 302 https://a.org/not-found 200", "Site", "", 1400,
			  NULL, NULL },
			"yes" },
		{ { "https://a.org/x 302 https://a.org/docs/not-found 200",
			  "not-found.js", "", 9000, NULL, NULL },
			"ask" },
		/* closed, or about that */
		{ { "https://a.org/p/x 200", "Account Suspended", "", 90, NULL, NULL },
			"yes" },
		{ { "https://a.org/p/x 200", "Account suspended | Help", "", 90, NULL,
			  NULL },
			"ask" },
		{ { "https://a.org/help/account-suspended 200", "Account suspended", "",
			  400, NULL, NULL },
			"ask" },
		{ { "https://a.org/acme 200", "Account Suspended | Acme", "", 90, NULL,
			  NULL },
			"ask" },
		{ { "https://acme.org/ 200", "Account Suspended | Acme", "", 90, NULL,
			  NULL },
			"yes" },
		{ { "https://a.org/faq/file-not-found 200", "File not found | FAQ", "",
			  400, NULL, NULL },
			"ask" },
		{ { "https://a.org/docs/http-404 200", "404 Not Found | Docs", "", 400,
			  NULL, NULL },
			"ask" },
		{ { "https://a.org/file-not-found 200", "File not found", "", 90, NULL,
			  NULL },
			"yes" },
		{ { "https://a.org/soft-404.html 200", "404 - Page Not Found", "", 90,
			  NULL, NULL },
			"yes" },
		{ { "https://a.org/abs/2404.01234 200", "404 Not Found", "", 90, NULL,
			  NULL },
			"yes" },
		{ { "https://a.org/acme-guide 200", "Page not found | Acme", "", 90, NULL,
			  NULL },
			"yes" },
		{ { "https://a.org/x 301 https://a.org/docs/errors/handling 200",
			  "Handling failures", "", 9000, NULL, NULL },
			"ask" },
		{ { "https://a.org/errors/x 302 https://a.org/errors/y 200", "Site", "",
			  900, NULL, NULL },
			"ask" },
		{ { "https://a.org/404 200", "Site", "", 900, NULL, NULL }, "ask" },
		{ { "https://a.org/x 302 https://a.org/terror 200", "Site", "", 900, NULL,
			  NULL },
			"ask" },
		/* sent to where everybody is sent */
		{ { "https://a.org/p/x 302 https://a.org/ 200", "Site", "", 900, NULL,
			  NULL },
			"ask" },
		{ { "https://a.org/p/x 302 https://a.org/ 200", "App", "", 0, NULL, "s" },
			"ask" },
		{ { "https://a.org/p/x 302 https://a.org/blog/ 200", "Blog", "", 900,
			  "/blog/", NULL },
			"ask" },
		{ { "https://a.org/p/x 302 https://a.org/search?q=x 200", "Search", "",
			  900, NULL, NULL },
			"ask" },
		{ { "https://a.org/p/x 302 https://a.org/p/y 200", "Paper", "", 900,
			  "https://www.a.org/p/y/", NULL },
			"no" },
		/* its own address */
		{ { "https://a.org/p/x 200", "Paper", "", 900, "/p/x", NULL }, "no" },
		{ { "http://a.org/p/x/ 200", "Paper", "", 900, "https://www.a.org/p/x#a",
			  NULL },
			"no" },
		{ { "https://a.org/p/x?utm_source=z 200", "Paper", "", 900, "/p/x",
			  NULL },
			"no" },
		{ { "https://a.org/p/x 200", "Paper", "", 900, "/", NULL }, "ask" },
		{ { "https://a.org/p/x 200", "Paper", "", 900, "/p/y", NULL }, "ask" },
		{ { "https://a.org/p/x 200", "Paper", "", 900, "https://", NULL },
			"ask" },
		{ { "https://a.org/p/x 200", "Page not found", "", 90, "/p/x", NULL },
			"ask" },
		/* nothing */
		{ { "https://a.org/p/x 200", "Paper", "", 900, NULL, NULL }, "ask" },
		{ { "https://a.org/p/x 200", "Paper", "", 900, NULL, "c" }, "no" },
		{ { "https://a.org/p/x 200", "404 | Site", "", 900, NULL, NULL }, "ask" },
		{ { "https://a.org/p/x 200", "Error", "", 20, NULL, NULL }, "ask" },
		{ { "https://a.org/p/x 200", "Unavailable - Site", "", 90, NULL, NULL },
			"ask" },
		{ { "https://a.org/p/x 200", "Error", "", 500, NULL, "s" }, "ask" },
		{ { "https://a.org/p/x 200", "App", "", 500, NULL, "s" }, "no" },
		{ { "https://a.org/p/x 200", "App", "", 1100, NULL, "s" }, "ask" },
		{ { "https://a.org/ 200", "Site", "", 900, NULL, NULL }, "no" },
		{ { "https://a.org/en/ 200", "Site", "", 900, NULL, NULL }, "no" },
		{ { "https://a.org/?id=5 200", "Site", "", 900, NULL, NULL }, "ask" },
		{ { "https://a.org/p/x 200", "Under maintenance", "", 90, NULL, NULL },
			"no" },
		/* no page of ours */
		{ { "https://a.org/x 404", "Page not found", "", 90, NULL, NULL }, "no" },
		{ { "https://a.org/x 202", "Page not found", "", 90, NULL, NULL }, "no" },
		{ { "https://a.org/x 200", "Just a moment...", "", 900, NULL, NULL },
			"no" },
		{ { "https://a.org/x 302 https://a.org/login?next=/x 200", "Site", "",
			  900, NULL, NULL },
			"no" },
		{ { "https://a.org/x 206", "Page not found", "", 90, NULL, NULL },
			"yes" },
		{ { "https://a.org/x 206", "Paper", "", 900, NULL, NULL }, "ask" },
		{ { "https://a.org/x 200", "Error: not found", "", 90, NULL, NULL },
			"yes" },
		{ { "https://a.org/x 200", "My Site: not found", "", 90, NULL, NULL },
			"ask" },
		{ { "https://a.org/x 200", "Oops, something went wrong", "Oops!", 30,
			  NULL, "g" },
			"yes" },
		{ { "https://a.org/x 200", "Oops, something went wrong", "Oops!", 300,
			  NULL, "g" },
			"ask" },
		/* templates */
		{ { "https://openreview.net/forum?id=x 200", "Forum | OpenReview",
			  "Error", 30, NULL, "s" },
			"yes" },
		{ { "https://github.com/o/r/wiki/P 302 https://github.com/o/r 200", "o/r",
			  "", 900, "https://github.com/o/r", NULL },
			"yes" },
		{ { "https://github.com/o/r/tree/x 302 https://github.com/o/r 200", "o/r",
			  "", 900, NULL, NULL },
			"ask" },
		{ { "https://x.wordpress.com/ 302 "
		    "https://wordpress.com/typo/?subdomain=x 200",
			  "WordPress.com", "", 900, NULL, NULL },
			"yes" },
		{ { "https://notgithub.com/o/r/wiki/P 302 https://notgithub.com/o/r 200",
			  "o/r", "", 900, NULL, NULL },
			"ask" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *got = text_of(judge(&cases[i].page));
		if (strcmp(got, cases[i].expected) != 0)
			fail_msg("%s, \"%s\": %s", cases[i].page.chain,
				cases[i].page.title, got);
	}

	struct observed observed;
	const char *why;
	make(&observed, &cases[0].page);
	observed.seen.page.parsed = false;
	assert_int_equal(soft_404_of_page(&arena, &observed.seen, TITLE_UNKNOWN, &why),
		SOFT_404_NO);
}

static void ids_of_publications(void **state)
{
	(void)state;
	static const struct {
		const char *chain, *id, *expected;
	} cases[] = {
		{ "https://a.org/abs/2303.18223 200", "2303.18223", "no" },
		{ "https://a.org/abs/2303.18223 200", "arXiv:2303.18223", "no" },
		{ "https://a.org/doi/10.1145/3517745 200", "doi:10.1145/3517745", "no" },
		{ "https://a.org/abs/2303.18223 200", "2303.18224", "ask" },
		{ "https://a.org/abs/x1 200", "1", "ask" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct observed observed;
		const char *why;
		struct page_case page = { cases[i].chain, "Paper", "", 900, NULL, NULL };
		make(&observed, &page);
		observed.seen.page.citation_id = slice_of(cases[i].id);
		const char *got = text_of(
			soft_404_of_page(&arena, &observed.seen, TITLE_UNKNOWN, &why));
		if (strcmp(got, cases[i].expected) != 0)
			fail_msg("%s %s: %s", cases[i].chain, cases[i].id, got);
	}
}

static void in_a_verdict(void **state)
{
	(void)state;
	struct observed observed;
	struct page_case page = { "https://a.org/p/x 200", "Site", "", 900, NULL, NULL };
	struct verdict_context context = { 0 };

	make(&observed, &page);
	struct verdict verdict = plain(&observed);
	assert_verdict(&verdict, "ok", "ok", "nothing is proven");
	assert_true(verdict.unproven);
	verdict_turn_soft_404(&verdict);
	assert_verdict(&verdict, "broken", "soft_404", "by its sibling");
	assert_sentence(verdict.error, "by its sibling");
	assert_says(verdict.error, "A made-up address beside it shows the same page");
	context.expected_title = SLICE("A Study of Missing Pages");
	observed.seen.page.title = SLICE("A Study of Missing Pages | Site");
	verdict = give(&observed, &context);
	assert_verdict(&verdict, "ok", "ok", "the page that was meant");
	assert_false(verdict.unproven);

	page.title = "Page not found";
	page.text_bytes = 90;
	make(&observed, &page);
	verdict = plain(&observed);
	assert_verdict(&verdict, "broken", "soft_404", "it says so");
	assert_sentence(verdict.error, "it says so");
	assert_says(verdict.error, "the page itself says");
}

/* --- siblings ---------------------------------------------------------------------- */

/* In a pattern, `@` is a lower-case letter, `#` a digit, `A` another capital. */
static bool fits(struct slice text, const char *pattern)
{
	size_t at = 0;

	for (; *pattern != '\0'; pattern++, at++) {
		if (at == text.len)
			return false;
		char c = text.at[at];
		bool letter = c >= 'a' && c <= 'z', capital = c >= 'A' && c <= 'Z';
		if (*pattern == '@'       ? !letter
			: *pattern == '#' ? !char_is_digit(c)
			: *pattern == '^' ? !capital
					  : c != *pattern)
			return false;
	}
	return at == text.len;
}

#define LETTERS "@@@@@@@@@@@@@@@@@@@@@@@@@"

static void siblings(void **state)
{
	(void)state;
	static const struct {
		const char *url, *pattern, *kind;
	} cases[] = {
		{ "https://a.org/papers/x.html", "https://a.org/papers/" LETTERS ".html",
			"https://a.org/papers/*.html" },
		{ "https://a.org/papers/x", "https://a.org/papers/" LETTERS,
			"https://a.org/papers/*" },
		{ "https://a.org/papers/x/", "https://a.org/papers/" LETTERS "/",
			"https://a.org/papers/*/" },
		{ "https://u:p@a.org:8443/x#frag", "https://a.org:8443/" LETTERS,
			"https://a.org:8443/*" },
		{ "https://a.org/abs/2303.18223", "https://a.org/abs/" LETTERS,
			"https://a.org/abs/*" },
		{ "https://a.org/a.tar.gz", "https://a.org/" LETTERS ".gz",
			"https://a.org/*.gz" },
		{ "https://a.org/x?utm_source=y",
			"https://a.org/" LETTERS "?utm_source=y", "https://a.org/*" },
		{ "https://a.org/docs/page?version=2",
			"https://a.org/docs/" LETTERS "?version=2",
			"https://a.org/docs/*" },
		{ "https://a.org/.hidden", "https://a.org/" LETTERS, "https://a.org/*" },
		/* addressed by the query */
		{ "https://openreview.net/forum?id=_xY-9",
			"https://openreview.net/forum?id=_@^-#",
			"https://openreview.net/forum?id=*" },
		{ "https://a.org/forum?lang=en&id=aB9&x=1",
			"https://a.org/forum?lang=en&id=@^#&x=1",
			"https://a.org/forum?id=*" },
		{ "https://a.org/view.php?paper_id=12&tab=3",
			"https://a.org/view.php?paper_id=##&tab=3",
			"https://a.org/view.php?paper_id=*" },
		{ "https://a.org/doc?doi=10.1%2Fab", "https://a.org/doc?doi=##.#%2F@@",
			"https://a.org/doc?doi=*" },
		{ "https://a.org/?p=123", "https://a.org/?p=###", "https://a.org/?p=*" },
		{ "https://a.org/index.php?page=team",
			"https://a.org/index.php?page=@@@@",
			"https://a.org/index.php?page=*" },
		/* both may be the address, so both are changed */
		{ "https://a.org/a-long-walk?id=5", "https://a.org/" LETTERS "?id=#",
			"https://a.org/*?id=*" },
		{ "https://a.org/questions/1234/how-to-do-it",
			"https://a.org/questions/####/" LETTERS,
			"https://a.org/questions/*/*" },
		{ "https://a.org/2020/05/post", "https://a.org/2020/05/" LETTERS,
			"https://a.org/2020/05/*" },
		/* p= turns pages here, and v= is no address */
		{ "https://a.org/about?p=3", "https://a.org/" LETTERS "?p=3",
			"https://a.org/*" },
		{ "https://a.org/style?v=12", "https://a.org/" LETTERS "?v=12",
			"https://a.org/*" },
		/* none */
		{ "https://a.org/", "", "" },
		{ "https://a.org", "", "" },
		{ "https://a.org/de/", "", "" },
		{ "https://a.org/index.html", "", "" },
		{ "https://a.org/?lang=de", "", "" },
		{ "https://a.org/?m=1", "", "" },
		{ "mailto:a@b.org", "", "" },
		{ "no url", "", "" },
	};
	struct random random;

	random_init(&random, 7);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int round = 0; round < 20; round++) {
			struct slice url = slice_of(cases[i].url);
			struct slice sibling = soft_404_sibling(&arena, url, &random);
			if (!fits(sibling, cases[i].pattern) ||
				(sibling.len > 0 && slice_equal(sibling, url)))
				fail_msg("%s: %.*s", cases[i].url, SLICE_ARG(sibling));
			assert_slice(soft_404_kind(&arena, url), cases[i].kind);
			assert_slice(soft_404_kind(&arena, sibling), cases[i].kind);
			arena_reset(&arena);
		}
}

/* --- comparison -------------------------------------------------------------------- */

/* A picture of words that differ where the texts do. */
static struct page_sketch sketch(const char *text)
{
	struct page_sketch sketch = { 0 };
	struct slice rest = slice_of(text), word;

	for (size_t i = 0; i < SKETCH_PLACES; i++)
		sketch.least[i] = UINT32_MAX;
	while (slice_split(&rest, ' ', &word)) {
		uint64_t hash = hash_bytes(word, 1);
		uint32_t *least = &sketch.least[hash >> 58];
		if ((uint32_t)hash < *least)
			*least = (uint32_t)hash;
	}
	return sketch;
}

struct answer {
	const char *chain, *title, *text;
	uint32_t text_bytes;
	const char *more; /* s: scripted */
};

static void facts_of(const struct answer *answer, struct sibling_facts *ret_facts)
{
	struct observed observed;
	struct page_case page = { answer->chain, answer->title, "", answer->text_bytes,
		NULL, answer->more };

	make(&observed, &page);
	observed.seen.page.sketch = sketch(answer->text != NULL ? answer->text : "");
	sibling_facts_of(&arena, &observed.seen, ret_facts);
}

#define PAGE      "https://a.org/p/my-paper 200"
#define SIBLING   "https://a.org/p/qwertyuiopqwertyuiopqwert 200"
#define TEN       "a b c d e f g h i j"
#define TEN_OTHER "k l m n o p q r s t"

static void comparisons(void **state)
{
	(void)state;
	static const struct {
		struct answer page, sibling;
		enum sibling_word expected;
	} cases[] = {
		/* honest */
		{ { PAGE, "T", TEN, 900, NULL },
			{ "https://a.org/p/q 404", "N", TEN, 900, NULL },
			SIBLING_HONEST },
		{ { PAGE, "T", TEN, 900, NULL },
			{ "https://a.org/p/q 410", "N", TEN, 900, NULL },
			SIBLING_HONEST },
		{ { PAGE, "T", TEN, 900, NULL },
			{ "https://a.org/p/q 400", "N", TEN, 900, NULL },
			SIBLING_HONEST },
		{ { "https://a.org/p/x 302 https://a.org/ 200", "T", TEN, 900, NULL },
			{ "https://a.org/p/q 404", "N", TEN, 900, NULL },
			SIBLING_HONEST },
		{ { PAGE, "T", TEN, 900, NULL },
			{ "https://a.org/p/q 302 https://a.org/404 404", "N", TEN, 900,
				NULL },
			SIBLING_HONEST },
		/* nothing to be had */
		{ { PAGE, "T", TEN, 900, NULL },
			{ "https://a.org/p/q 403", "N", TEN, 900, NULL }, SIBLING_NONE },
		{ { PAGE, "T", TEN, 900, NULL },
			{ "https://a.org/p/q 429", "N", TEN, 900, NULL }, SIBLING_NONE },
		{ { PAGE, "T", TEN, 900, NULL },
			{ "https://a.org/p/q 408", "N", TEN, 900, NULL }, SIBLING_NONE },
		{ { PAGE, "T", TEN, 900, NULL },
			{ "https://a.org/p/q 500", "N", TEN, 900, NULL }, SIBLING_NONE },
		{ { PAGE, "T", TEN, 900, NULL },
			{ "https://a.org/p/q 302 https://a.org/login?next=/p/q 200", "T",
				TEN, 900, NULL },
			SIBLING_NONE },
		{ { PAGE, "T", TEN, 900, NULL },
			{ SIBLING, "Just a moment...", TEN, 900, NULL }, SIBLING_NONE },
		{ { PAGE, "T", "", 0, NULL }, { SIBLING, "T", "", 0, NULL },
			SIBLING_NONE },
		{ { "https://a.org/p/x 500", "T", TEN, 900, NULL },
			{ SIBLING, "T", TEN, 900, NULL }, SIBLING_NONE },
		/* the same place */
		{ { "https://a.org/p/x 302 https://a.org/ 200", "T", TEN, 900, NULL },
			{ "https://a.org/p/q 302 https://a.org/ 200", "T", TEN_OTHER, 100,
				NULL },
			SIBLING_SAME },
		{ { "https://a.org/p/x 302 https://a.org/ 200", "T", "", 0, "s" },
			{ "https://a.org/p/q 301 https://www.a.org/#top 200", "T", "", 0,
				"s" },
			SIBLING_SAME },
		{ { "https://a.org/p/paper 302 https://a.org/find?q=paper&n=1 200", "T",
			  TEN, 900, NULL },
			{ "https://a.org/p/qwert 302 https://a.org/find?q=qwert&n=1 200",
				"T", TEN_OTHER, 100, NULL },
			SIBLING_SAME },
		{ { "https://a.org/p/4711 302 https://a.org/p.php?id=4711 200", "T", TEN,
			  900, NULL },
			{ "https://a.org/p/9382 302 https://a.org/p.php?id=9382 200",
				"No such record", TEN_OTHER, 100, NULL },
			SIBLING_OTHER },
		{ { "https://a.org/p/4711 302 https://a.org/p.php?id=4711 200", "T", TEN,
			  900, NULL },
			{ "https://a.org/p/9382 302 https://a.org/p.php?id=9382 200", "T",
				TEN, 900, NULL },
			SIBLING_SAME },
		/* a page that others are sent to */
		{ { PAGE, "T", TEN, 900, NULL },
			{ "https://a.org/p/q 302 https://a.org/p/my-paper 200", "T", TEN,
				900, NULL },
			SIBLING_OTHER },
		/* routes of a script */
		{ { "https://a.org/p/x 302 https://a.org/#/p/x 200", "T", TEN, 900,
			  NULL },
			{ "https://a.org/p/q 302 https://a.org/#/p/q 200", "T", TEN, 900,
				NULL },
			SIBLING_NONE },
		/* what both say is surer than what stands around it */
		{ { PAGE, "Page not found", TEN, 2000, NULL },
			{ SIBLING, "Page not found", TEN_OTHER, 900, NULL },
			SIBLING_SAME },
		{ { PAGE, "My Paper - Site", TEN, 900, NULL },
			{ SIBLING, "Qwertyuiopqwertyuiopqwert - Site", TEN, 900, NULL },
			SIBLING_SAME },
		{ { "https://a.org/p/x 302 https://b.org/p/x 200", "T", TEN, 900, NULL },
			{ "https://a.org/p/q 302 https://b.org/p/q 200", "U", TEN_OTHER,
				900, NULL },
			SIBLING_OTHER },
		{ { "https://a.org/p/x 302 https://a.org/p/y 200", "T", TEN, 900, NULL },
			{ "https://a.org/p/q 302 https://a.org/ 200", "U", TEN_OTHER, 900,
				NULL },
			SIBLING_OTHER },
		{ { "http://a.org/p/x 301 https://a.org/p/x/ 200", "T", TEN, 900, NULL },
			{ "http://a.org/p/q 301 https://a.org/p/x/ 200", "U", TEN_OTHER,
				900, NULL },
			SIBLING_OTHER },
		/* the same look */
		{ { PAGE, "T", TEN, 900, NULL }, { SIBLING, "t", TEN, 900, NULL },
			SIBLING_SAME },
		{ { PAGE, "T", TEN, 900, NULL }, { SIBLING, "T", TEN, 980, NULL },
			SIBLING_SAME },
		{ { PAGE, "T", TEN, 900, NULL }, { SIBLING, "T", TEN, 1900, NULL },
			SIBLING_OTHER },
		{ { PAGE, "T", TEN, 900, NULL }, { SIBLING, "U", TEN, 900, NULL },
			SIBLING_OTHER },
		{ { PAGE, "T", TEN, 900, NULL }, { SIBLING, "T", TEN_OTHER, 900, NULL },
			SIBLING_OTHER },
		{ { PAGE, "T", TEN, 900, NULL },
			{ SIBLING, "T", "a b c d e f g k l m", 900, NULL },
			SIBLING_OTHER },
		{ { PAGE, "Results for my-paper", TEN, 900, NULL },
			{ SIBLING, "Results for qwertyuiopqwertyuiopqwert", TEN, 930,
				NULL },
			SIBLING_SAME },
		{ { PAGE, "Results for my-paper", TEN, 900, NULL },
			{ SIBLING, "Results for", TEN, 900, NULL }, SIBLING_OTHER },
		{ { PAGE, "404 | Site", TEN, 100, NULL },
			{ SIBLING, "404 | Site", "a b c d e f g h x", 140, NULL },
			SIBLING_SAME },
		{ { PAGE, "Site", TEN, 100, NULL },
			{ SIBLING, "Site", "a b c d e f g h x", 100, NULL },
			SIBLING_OTHER },
		{ { "https://a.org/p/my-paper 206", "T", TEN, 900, NULL },
			{ "https://a.org/p/qwertyuiopqwertyuiopqwert 206", "T", TEN, 900,
				NULL },
			SIBLING_SAME },
		/* one constant title over pages of their own */
		{ { PAGE, "Site", TEN, 900, NULL },
			{ SIBLING, "Site", "not there", 200, NULL }, SIBLING_OTHER },
		/* frames for what a script will bring */
		{ { PAGE, "App", TEN, 900, "s" }, { SIBLING, "App", TEN, 900, "s" },
			SIBLING_NONE },
		{ { PAGE, "App", TEN, 1100, "s" }, { SIBLING, "App", TEN, 1100, "s" },
			SIBLING_SAME },
		{ { PAGE, "Error", TEN, 900, "s" }, { SIBLING, "Error", TEN, 900, "s" },
			SIBLING_SAME },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sibling_facts page, sibling;
		facts_of(&cases[i].page, &page);
		facts_of(&cases[i].sibling, &sibling);
		enum sibling_word word = soft_404_compare(&page, &sibling);
		if (word != cases[i].expected)
			fail_msg("%zu: %s and %s: %d", i, cases[i].page.chain,
				cases[i].sibling.chain, (int)word);
	}
}

static void a_failure_is_no_answer(void **state)
{
	(void)state;
	struct observed observed;
	struct sibling_facts page, sibling;
	const struct answer answer = { PAGE, "T", TEN, 900, NULL };

	facts_of(&answer, &page);
	observe(&observed, "https://a.org/p/q -");
	observed.seen.failure = REASON_CONNECT_TIMEOUT;
	sibling_facts_of(&arena, &observed.seen, &sibling);
	assert_int_equal(soft_404_compare(&page, &sibling), SIBLING_NONE);
	assert_int_equal(soft_404_compare(&sibling, &page), SIBLING_NONE);
	observe(&observed, "https://a.org/p/q 204");
	sibling_facts_of(&arena, &observed.seen, &sibling);
	assert_int_equal(soft_404_compare(&page, &sibling), SIBLING_OTHER);
}

/* Without memory nothing is claimed. */
static void without_memory(void **state)
{
	(void)state;
	struct observed observed;
	const struct page_case page = { "https://a.org/p/x 302 https://a.org/404 200",
		"Página não encontrada", "", 90, "/y", NULL };
	struct random random = { 1 };
	bool enough = false;

	make(&observed, &page);
	for (size_t bytes_max = 1; !enough; bytes_max += 16) {
		struct arena small;
		struct sibling_facts facts;
		const char *why;
		arena_init(&small, bytes_max);
		enum soft_404 soft =
			soft_404_of_page(&small, &observed.seen, TITLE_UNKNOWN, &why);
		enough = !small.failed;
		assert_int_equal(soft, enough ? SOFT_404_YES : SOFT_404_NO);
		arena_reset(&small);
		sibling_facts_of(&small, &observed.seen, &facts);
		assert_int_equal(facts.usable, !small.failed);
		arena_reset(&small);
		struct slice sibling =
			soft_404_sibling(&small, SLICE("https://a.org/p/x"), &random);
		assert_true(sibling.len == 0 ||
			    sibling.len == strlen("https://a.org/p/") + 25);
		arena_fini(&small);
		assert_true(bytes_max < 100000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(honest_pages),
		TEST(gone_pages),
		TEST(closed_pages),
		TEST(excuses),
		TEST(weak_words),
		TEST(other_evidence),
		TEST(ids_of_publications),
		TEST(in_a_verdict),
		TEST(siblings),
		TEST(comparisons),
		TEST(a_failure_is_no_answer),
		TEST(without_memory),
	};
	return cmocka_run_group_tests_name("soft 404s", tests, NULL, NULL);
}
