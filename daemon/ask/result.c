#include "ask/result_internal.h"

static void copy_redirects(
	struct arena *arena, const struct observation *seen, struct check_result *result)
{
	struct redirect *redirects = ARENA_ARRAY(arena, struct redirect, seen->hop_count);
	if (redirects == NULL)
		return;
	result->redirects = redirects;
	for (uint32_t i = 0; i < seen->hop_count; i++) {
		const struct hop *hop = &seen->hops[i];
		if (hop->via == HOP_VIA_NONE)
			continue;
		redirects[result->redirect_count++] = (struct redirect){
			.status = hop->status,
			.url = arena_copy(arena, hop->target),
		};
	}
}

static struct slice page_title(const struct page_facts *page)
{
	const struct slice titles[] = { page->citation_title, page->title, page->og_title,
		page->heading };
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		if (titles[i].len > 0)
			return titles[i];
	return (struct slice){ 0 };
}

/* The request has no fragment, but a reader lands at it (RFC 9110 10.2.2). */
static struct slice landing(
	struct arena *arena, const struct link *link, struct slice url)
{
	if (link->fragment.len == 0 || slice_find_char(url, '#') != SLICE_NONE)
		return arena_copy(arena, url);
	return arena_printf(
		arena, "%.*s#%.*s", SLICE_ARG(url), SLICE_ARG(link->fragment));
}

void result_fill(struct arena *arena, struct link *link, const struct observation *seen)
{
	struct check_result *result = &link->result;

	/* A name that was looked up was a question, too. */
	result->asked = seen->attempts > 0 || seen->timing.dns_ms >= 0;
	result->http_status = seen->http_status;
	result->method = seen->method;
	result->final_url = seen->http_status > 0 ? landing(arena, link, seen->final_url)
						  : (struct slice){ 0 };
	result->title = arena_copy(arena, page_title(&seen->page));
	result->timing = seen->timing;
	result->elapsed_ms = seen->timing.total_ms;
	if (seen->certificate.seen)
		result->certificate = seen->certificate;
	result->checked_at = seen->checked_at;
	copy_redirects(arena, seen, result);
}
