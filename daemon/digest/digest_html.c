/* The digest as one page: nothing in it is loaded or run, and what is dead or may be of
 * another owner is text that nobody can click on, mail scanners included. */
#include "digest/digest_internal.h"
#include "format/markup.h"
#include "format/standing_write.h"
#include "model/userinfo.h"

enum { PLACES_SHOWN = 5, LISTS_SHOWN = 5, NAME_BYTES = 200 };

struct page {
	struct buffer *out;
	struct buffer raw, bare; /* reused */
	const struct digest *digest;
};

/* Contrast of every pair of colours is at least 4.5 to 1, light and dark. */
static const char style[] =
	"<style>\n"
	":root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--ink:#1c2430;"
	"--soft:#566072;--line:#dde1e8;--bad:#b3261e;--warn:#8a5300;--good:#1a6b3c;"
	"--calm:#3c5a99;--code:#eef0f4}\n"
	"@media(prefers-color-scheme:dark){:root{--back:#12161c;--card:#1a2029;"
	"--ink:#e4e8ee;--soft:#a0aaba;--line:#2e3642;--bad:#ff8a80;--warn:#f2b45c;"
	"--good:#6fcf97;--calm:#9db8f2;--code:#252d38}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0;background:var(--back);color:var(--ink);"
	"font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif}\n"
	"main{max-width:54rem;margin:0 auto;padding:2rem 1rem 3rem}\n"
	"h1{font-size:1.1rem;margin:0;color:var(--soft);font-weight:600}\n"
	".lead{font-size:1.65rem;line-height:1.25;font-weight:650;margin:.2rem 0 .5rem;"
	"text-wrap:balance}\n"
	".soft,footer{color:var(--soft)}\n"
	"p{margin:.25rem 0}\n"
	".counts{display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;margin:1rem 0 0;"
	"padding:0}\n"
	".counts li{background:var(--card);border:1px solid var(--line);"
	"border-radius:999px;padding:.15rem .8rem}\n"
	"h2{font-size:1.15rem;margin:2rem 0 .6rem}\n"
	"h2 span{color:var(--soft);font-weight:400}\n"
	".rows{list-style:none;margin:0;padding:0;background:var(--card);"
	"border:1px solid var(--line);border-radius:.6rem}\n"
	".rows li{padding:.7rem 1rem;border-top:1px solid var(--line);"
	"break-inside:avoid}\n"
	".rows li:first-child{border-top:0}\n"
	"code{font:.92em/1.45 ui-monospace,\"SF Mono\",Menlo,Consolas,monospace;"
	"overflow-wrap:anywhere}\n"
	".url{font-weight:600}\n"
	".mark{display:inline-block;min-width:3.2rem;margin-right:.4rem;padding:0 .45rem;"
	"border:1px solid currentColor;border-radius:.3rem;font-size:.8rem;"
	"font-weight:700;text-align:center}\n"
	".bad{color:var(--bad)}.warn{color:var(--warn)}.good{color:var(--good)}"
	".calm{color:var(--calm)}\n"
	".label{font-style:italic}\n"
	"time{white-space:nowrap}\n"
	"a{color:var(--calm);overflow-wrap:anywhere}\n"
	"a:focus-visible{outline:2px solid;outline-offset:2px}\n"
	".cmd{display:block;background:var(--code);border-radius:.4rem;padding:.5rem "
	".8rem;"
	"margin-top:.3rem}\n"
	"footer{margin-top:2.5rem;font-size:.9rem}\n"
	"@media print{:root{color-scheme:light;--back:#fff;--card:#fff;--ink:#000;"
	"--soft:#444;--line:#bbb;--bad:#8c1d18;--warn:#6b4000;--good:#0f4d2a;"
	"--calm:#234;--code:#f2f2f2}body{font-size:10.5pt}main{max-width:none;padding:0}"
	"h2{break-after:avoid}}\n"
	"</style>\n";

static const char *class_of(enum state state)
{
	static const char *const classes[STANDING_STATE_COUNT] = {
		[STATE_UNCHECKED] = "soft",
		[STATE_ALIVE] = "good",
		[STATE_MOVED] = "calm",
		[STATE_SUSPECT] = "warn",
		[STATE_DEAD] = "bad",
		[STATE_GATED] = "warn",
		[STATE_SKIPPED] = "soft",
	};
	return classes[state];
}

/* --- pieces ---------------------------------------------------------------- */

static void say(struct page *page, const char *ours)
{
	buffer_add_text(page->out, ours);
}

static struct buffer *begin(struct page *page)
{
	buffer_reset(&page->raw);
	return &page->raw;
}

static void add_foreign(struct page *page, struct slice text, size_t bytes_max)
{
	buffer_reset(&page->bare);
	userinfo_hide(&page->bare, slice_sub(text, 0, WORDS_BYTES_MAX));
	markup_text(page->out, buffer_slice(&page->bare), bytes_max);
	page->out->failed |= page->bare.failed;
}

/* What was gathered since `begin`. */
static void end(struct page *page)
{
	page->out->failed |= page->raw.failed;
	add_foreign(page, buffer_slice(&page->raw), WORDS_BYTES_MAX);
}

/* "2026-11-26T02:00:00Z" at the beginning. */
static bool is_instant(struct slice text)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	if (text.len < sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < sizeof(form) - 1; i++)
		if (form[i] == 'd' ? !char_is_digit(text.at[i]) : form[i] != text.at[i])
			return false;
	return true;
}

/* Likewise, of our own words: with times as people read them. */
static void end_ours(struct page *page)
{
	struct slice rest = buffer_slice(&page->raw);

	page->out->failed |= page->raw.failed;
	while (rest.len > 0) {
		if (is_instant(rest)) {
			buffer_printf(page->out,
				"<time datetime=\"%.20s\">%.10s %.5s UTC</time>", rest.at,
				rest.at, rest.at + 11);
			rest = slice_sub(rest, 20, rest.len);
		} else {
			markup_text(page->out, slice_sub(rest, 0, 1), 1);
			rest = slice_sub(rest, 1, rest.len);
		}
	}
}

static void add_url(struct page *page, const char *class, struct slice url)
{
	buffer_printf(page->out, "<code class=\"%s\">", class);
	words_url(begin(page), url);
	end(page);
	say(page, "</code>");
}

/* What we propose is safe to follow; what cannot be a link is text. */
static void add_target(struct page *page, struct slice url)
{
	if (!markup_is_href(url)) {
		add_url(page, "url", url);
		return;
	}
	say(page, "<a rel=\"noopener noreferrer nofollow\" href=");
	markup_href(page->out, url);
	say(page, ">");
	words_url(begin(page), url);
	end(page);
	say(page, "</a>");
}

static void add_names(struct page *page, const struct slice *names, uint32_t count)
{
	for (uint32_t i = 0; i < count && i < LISTS_SHOWN; i++) {
		say(page, i == 0 ? "" : ", ");
		add_foreign(page, names[i], NAME_BYTES);
	}
	if (count > LISTS_SHOWN)
		buffer_printf(page->out, " and %u more", count - LISTS_SHOWN);
}

/* --- the head -------------------------------------------------------------- */

static void write_counts(struct page *page, const struct standing_counts *counts)
{
	static const enum state order[] = { STATE_ALIVE, STATE_DEAD, STATE_MOVED,
		STATE_SUSPECT, STATE_GATED, STATE_UNCHECKED, STATE_SKIPPED };
	_Static_assert(sizeof(order) / sizeof(order[0]) == STANDING_STATE_COUNT,
		"every state is counted");

	say(page, "<ul class=\"counts\">\n");
	for (size_t i = 0; i < STANDING_STATE_COUNT; i++)
		if (counts->by_state[order[i]] > 0)
			buffer_printf(page->out, "<li class=\"%s\"><b>%u</b> %s</li>\n",
				class_of(order[i]), counts->by_state[order[i]],
				standing_word(order[i]));
	say(page, "</ul>\n");
}

static void write_lead(struct page *page, const struct digest *digest)
{
	struct buffer *raw = begin(page);

	digest_subject(digest, raw);
	if (raw->len > 0 && raw->at[0] == 'n')
		raw->at[0] = 'N';
	end(page);
}

static void write_head(struct page *page, const struct digest *digest)
{
	say(page,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" "
		"content=\"width=device-width,initial-scale=1\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" "
		"content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
		"<meta name=\"referrer\" content=\"no-referrer\">\n<title>Links: ");
	write_lead(page, digest);
	say(page, "</title>\n");
	say(page, style);
	say(page, "</head>\n<body>\n<main>\n<header>\n<h1>Link report");
	if (digest->list_count > 0)
		say(page, " of ");
	add_names(page, digest->lists, digest->list_count);
	say(page, "</h1>\n<p class=\"lead\">");
	write_lead(page, digest);
	say(page, "</p>\n<p class=\"soft\">What happened ");
	digest_say_since(begin(page), digest);
	end_ours(page);
	say(page, ". ");
	digest_say_window(begin(page), digest);
	digest_say_gated(&page->raw, digest);
	end_ours(page);
	say(page, "</p>\n");
	write_counts(page, &digest->counts);
	say(page, "</header>\n");
}

/* --- a link ---------------------------------------------------------------- */

static void add_places(struct page *page, const struct link *link)
{
	uint32_t shown = 0;

	for (const struct occurrence *at = link->first;
		at != NULL && shown < PLACES_SHOWN; at = at->next, shown++) {
		say(page, shown == 0 ? "<code>" : ", <code>");
		digest_say_place(begin(page), at);
		end(page);
		say(page, "</code>");
	}
	if (link->occurrence_count > shown)
		buffer_printf(page->out, " and %u more", link->occurrence_count - shown);
}

static void write_where(struct page *page, const struct standing *standing)
{
	struct slice label = digest_label(&standing->link);

	if (label.len == 0 && standing->link.first == NULL)
		return;
	say(page, "<p>");
	if (label.len > 0) {
		say(page, "<span class=\"label\">");
		add_foreign(page, label, WORDS_TITLE_BYTES);
		say(page, standing->link.first != NULL ? "</span> in " : "</span>");
	}
	add_places(page, &standing->link);
	if (standing->list_count > 1 && page->digest->list_count != 1) {
		say(page, " (");
		add_names(page, standing->lists, standing->list_count);
		say(page, ")");
	}
	say(page, "</p>\n");
}

static void write_evidence(struct page *page, const struct standing *standing)
{
	struct buffer *raw = begin(page);

	if (!standing->link.result.done || standing->record.state == STATE_ALIVE)
		return;
	digest_say_strikes(raw, standing);
	if (raw->len > 0)
		buffer_add_text(raw, ": ");
	digest_say_reason(raw, standing);
	say(page, "<p>");
	end(page);
	say(page, "</p>\n");
}

static void write_instead(struct page *page, const struct standing *standing)
{
	struct suggestion instead;

	if (!words_suggestion(&standing->link, &instead))
		return;
	say(page, digest_is_archive(instead.url) ? "<p>Archived copy: " : "<p>Use ");
	add_target(page, instead.url);
	if (instead.why.len > 0) {
		say(page, ": ");
		add_foreign(page, instead.why, WORDS_SENTENCE_BYTES);
	}
	say(page, "</p>\n");
}

static void write_notes(struct page *page, const struct link *link)
{
	for (unsigned i = 0; i < NOTE_COUNT; i++) {
		if ((link->result.verdict.notes & NOTE_BIT(i)) == 0)
			continue;
		say(page, "<p class=\"warn\">Note: ");
		words_note(begin(page), link, (enum note)i);
		end(page);
		say(page, "</p>\n");
	}
}

static void write_link(struct page *page, const struct digest_entry *entry)
{
	const struct standing *standing = entry->standing;
	char token[WORDS_TOKEN_BYTES + 1];

	words_token(&standing->link, token);
	buffer_printf(page->out, "<li>\n<p><span class=\"mark %s\">%s</span>",
		class_of(standing->record.state), token);
	add_url(page, "url", standing->link.url);
	say(page, "</p>\n");
	write_where(page, standing);
	say(page, "<p class=\"soft\">");
	digest_say_age(begin(page), entry, page->digest->until);
	end_ours(page);
	say(page, "</p>\n");
	write_evidence(page, standing);
	write_instead(page, standing);
	write_notes(page, &standing->link);
	say(page, "</li>\n");
}

/* --- sections -------------------------------------------------------------- */

static void begin_section(struct page *page, const char *heading, uint32_t total)
{
	buffer_printf(page->out,
		"<section>\n<h2>%s <span>(%u)</span></h2>\n<ul class=\"rows\">\n",
		heading, total);
}

static void write_rest(
	struct page *page, const char *before, uint32_t count, const char *after)
{
	if (count > 0)
		buffer_printf(page->out, "<li class=\"soft\">%s%u%s</li>\n", before,
			count, after);
}

static void write_fix(struct page *page)
{
	say(page, "<li>All of it as one patch:<code class=\"cmd\">");
	digest_fix(page->digest, begin(page));
	end(page);
	say(page, "</code></li>\n");
}

static void write_section(struct page *page, enum digest_section section)
{
	const struct digest *digest = page->digest;
	struct digest_walk walk = { 0 };

	if (!digest_has_section(digest, section))
		return;
	begin_section(
		page, digest_heading(section), digest_total(&digest->links[section]));
	while (digest_next(digest, section, digest_rows_max(digest, FORMAT_HTML), &walk))
		write_link(page, walk.entry);
	write_rest(page, "", walk.explained, " told as part of an incident");
	write_rest(page, "and ", walk.rest, " more");
	write_rest(page, "and ", walk.before, " told before");
	if (section == DIGEST_MOVED)
		write_fix(page);
	say(page, "</ul>\n</section>\n");
}

static void write_period(struct page *page, const struct digest_period *period)
{
	say(page, "<li>\n");
	if (period->name.len > 0) {
		say(page, "<p>");
		add_url(page, "url", period->name);
		say(page, "</p>\n");
	}
	if (period->text.len > 0) {
		say(page, "<p>");
		add_foreign(page, period->text, WORDS_SENTENCE_BYTES);
		say(page, "</p>\n");
	}
	say(page, "<p class=\"soft\">");
	digest_say_period(begin(page), period);
	end_ours(page);
	if (period->text.len == 0 && period->links > 0)
		buffer_printf(page->out, " (%u link%s)", period->links,
			period->links == 1 ? "" : "s");
	say(page, "</p>\n</li>\n");
}

static void write_periods(
	struct page *page, const struct digest_periods *periods, const char *heading)
{
	uint32_t shown = 0, total = digest_periods_total(periods),
		 rows_max = digest_rows_max(page->digest, FORMAT_HTML);

	if (total == 0)
		return;
	begin_section(page, heading, total);
	for (; shown < periods->count && shown < rows_max; shown++)
		write_period(page, &periods->periods[shown]);
	write_rest(page, "and ", total - shown, " more");
	say(page, "</ul>\n</section>\n");
}

static void write_foot(struct page *page)
{
	char until[TIME_RFC3339_SIZE];

	time_format_rfc3339(page->digest->until, until);
	say(page, "<footer>");
	add_foreign(page, slice_of(page->digest->generator), NAME_BYTES);
	buffer_printf(begin(page), ", %s", until);
	end_ours(page);
	say(page, "</footer>\n</main>\n</body>\n</html>\n");
}

int digest_write_html(const struct digest *digest, struct buffer *out)
{
	struct page page = { .out = out, .digest = digest };

	buffer_init(&page.raw, 2 * WORDS_BYTES_MAX);
	buffer_init(&page.bare, 4 * WORDS_BYTES_MAX);
	write_head(&page, digest);
	for (unsigned i = 0; i < DIGEST_SECTION_COUNT; i++) {
		if (i == DIGEST_CAUSES_BEFORE) {
			write_periods(&page, &digest->incidents, "Incidents");
			write_periods(&page, &digest->sources, "Sources in trouble");
		}
		write_section(&page, (enum digest_section)i);
	}
	write_periods(&page, &digest->offline,
		"Not measured, because this machine was in doubt");
	write_foot(&page);
	buffer_fini(&page.bare);
	buffer_fini(&page.raw);
	return 0;
}
