#include "ask/asker.h"

#include <assert.h>
#include <stdlib.h>

#include "ask/anchors.h"
#include "ask/result_internal.h"
#include "extract/page.h"
#include "model/host.h"
#include "policy/wishes.h"
#include "verdict/redirect.h"
#include "verdict/title.h"
#include "verdict/verdict.h"

enum {
	SCRATCH_BYTES_MAX = 256 * 1024,
	LABELS_MAX = 16, /* of one link, tried against its page */
	SOURCE_BYTES_MAX = 32 * 1024 * 1024,
	SOURCE_SCRATCH_BYTES_MAX = 1024 * 1024,
	SOURCE_TEXT_BYTES = 16 * 1024, /* read to tell it from an error page */
	PAGE_ANCHORS_BYTES_MAX = 64 * 1024 * 1024,
	ERROR_BYTES_MAX = 400,
	SHELL_TEXT_MAX = 64, /* "Loading…" */
};

/* By then whoever renews at a third of ninety days (Let's Encrypt) has failed for long.
 */
#define CERTIFICATE_SOON_MS (14 * TIME_MS_PER_DAY)

/* --- 1: the request is answered --- */

static bool is_url(struct slice text)
{
	return slice_find(text, SLICE("://")) != SLICE_NONE ||
	       slice_starts_nocase(text, SLICE("www."));
}

/* What stands around a link may be its title, a neighbour's or any sentence: it can prove
 * a page right, but not wrong. */
static bool is_own_title(const struct occurrence *at)
{
	return at->expected_title.len > 0 && !at->title_is_loose && !is_url(at->text);
}

/* A page may be listed under several titles; the one that fits speaks for it. Empty: no
 * label that could speak against it. */
static struct slice best_label(
	struct arena *scratch, const struct link *link, const struct page_facts *page)
{
	unsigned tried = 0;
	struct slice accuser = { 0 };
	for (const struct occurrence *at = link->first; at != NULL && tried < LABELS_MAX;
		at = at->next) {
		if (at->expected_title.len == 0)
			continue;
		tried++;
		if (title_evidence(scratch, at->expected_title, page) == TITLE_MATCH)
			return at->expected_title;
		if (accuser.len == 0 && is_own_title(at))
			accuser = at->expected_title;
	}
	return accuser;
}

/* A link that stands for two things is wrong in one of its places; the first label is
 * held against the others. */
static bool has_two_labels(struct arena *scratch, const struct link *link)
{
	unsigned tried = 0;
	struct slice first = { 0 };
	for (const struct occurrence *at = link->first; at != NULL && tried < LABELS_MAX;
		at = at->next) {
		if (!is_own_title(at))
			continue;
		tried++;
		if (first.len == 0)
			first = at->expected_title;
		else if (title_labels_differ(scratch, first, at->expected_title))
			return true;
	}
	return false;
}

/* A frame that a script fills, ids and all. */
static bool is_empty_shell(const struct page_facts *page)
{
	return page->scripted && page->text_bytes < SHELL_TEXT_MAX;
}

/* What a Location names replaces what the link does (RFC 9110 10.2.2). */
static struct slice landing_of(const struct link *link, const struct observation *seen)
{
	struct slice url = seen->final_url;
	size_t hash = slice_find_char(url, '#');
	return hash == SLICE_NONE ? link->fragment : slice_sub(url, hash + 1, url.len);
}

/* `anchors` is NULL where the page's ids are not known or not asked for. */
static void judge(struct request *request, struct link *link,
	const struct observation *seen, const struct anchors *anchors)
{
	struct arena scratch;
	arena_init(&scratch, SCRATCH_BYTES_MAX);
	struct slice label = best_label(&scratch, link, &seen->page);
	if (label.len > 0)
		link->expected_title = label;
	struct slice landing = landing_of(link, seen);
	bool missing = anchors != NULL && link->fragment.len > 0 &&
		       !is_empty_shell(&seen->page) &&
		       anchors_ask(anchors, &scratch, landing) != ANCHOR_FOUND;
	/* What could not be spelled out was not looked for. */
	missing = missing && !scratch.failed;
	bool two_labels = has_two_labels(&scratch, link);
	arena_fini(&scratch);

	const struct accept *accept = &request->asker->settings->accept;
	const struct verdict_context context = {
		.expected_title = label,
		.fragment = link->fragment,
		.landing = landing,
		.fragment_missing = missing,
		.accept = accept->given ? accept : NULL,
		.certificate_soon_ms = CERTIFICATE_SOON_MS,
	};
	struct check_result *result = &link->result;
	result_fill(request->arena, link, seen);
	if (request->not_modified)
		result->verdict =
			(struct verdict){ .outcome = OUTCOME_OK, .reason = REASON_OK };
	else
		verdict_give(request->arena, seen, &context, &result->verdict);
	if (two_labels)
		result->verdict.notes |= NOTE_BIT(NOTE_TWO_LABELS);
	if (result->verdict.outcome == OUTCOME_BROKEN &&
		result->verdict.suggestion.url.len == 0)
		result->verdict.suggestion = link->guess;
	result->state = state_of_one_check(result->verdict.outcome);
	result->done = true;
}

/* Thousands of links may point into one page: its ids are put into a set once. */
static bool gather_anchors(struct anchors *anchors, const struct observation *seen)
{
	for (uint32_t i = 0; i < seen->anchor_count; i++)
		if (anchors_add(anchors, seen->anchors[i]) < 0)
			return false;
	return seen->anchors_complete;
}

static bool has_unproven(const struct request *request)
{
	for (const struct waiting *at = request->first; at != NULL; at = at->next)
		if (at->link->result.verdict.unproven)
			return true;
	return false;
}

static void on_probe_done(struct probe *probe, const struct observation *seen, void *data)
{
	struct request *request = data;
	struct asker *asker = request->asker;
	struct arena arena;
	struct anchors anchors;

	(void)probe;
	arena_init(&arena, PAGE_ANCHORS_BYTES_MAX);
	anchors_init(&anchors, &arena);
	request->not_modified = request->validator_count > 0 && seen->hop_count == 1 &&
				seen->failure == REASON_OK && seen->http_status == 304;
	bool known = request->want_anchors && gather_anchors(&anchors, seen);
	for (struct waiting *at = request->first; at != NULL; at = at->next) {
		judge(request, at->link, seen, known ? &anchors : NULL);
		/* Not the link's fault but ours: sockets or memory ran out. */
		if (at->link->result.verdict.reason == REASON_OFFLINE ||
			request->arena->failed)
			asker->failed = true;
	}
	anchors_fini(&anchors);
	arena_fini(&arena);
	if (request->on_seen != NULL)
		request->on_seen(request, seen);
	if (has_unproven(request))
		siblings_remember(request, seen);
	inquire(request);
	asker_end_one(asker);
}

/* --- 2: asking --- */

int request_add(struct request *request, struct link *link)
{
	struct waiting *waiting = ARENA_NEW(request->arena, struct waiting);
	if (waiting == NULL)
		return -1;
	*waiting = (struct waiting){ .link = link };
	if (request->last != NULL)
		request->last->next = waiting;
	else
		request->first = waiting;
	request->last = waiting;
	return 0;
}

int asker_ask(struct asker *asker, struct request *request)
{
	assert(request->first != NULL);
	request->asker = asker;
	const struct probe_request question = {
		.url = request->first->link->request_url,
		.kind = ASK_LINK,
		.want_anchors = request->want_anchors,
		.second_method = request->second_method,
		.headers = request->validators,
		.header_count = request->validator_count,
		.data = request,
		.on_done = on_probe_done,
	};
	if (prober_start(asker->prober, &question) == NULL)
		return -1;
	asker->open++;
	return 0;
}

/* Of our own, so without the headers that the user has for the list's hosts; a sibling is
 * asked as the link beside it is. */
bool asker_ask_on(struct asker *asker, struct probe_request *question, void *data,
	void (*on_done)(struct probe *, const struct observation *, void *))
{
	question->no_own_headers = question->kind != ASK_SIBLING;
	question->data = data;
	question->on_done = on_done;
	if (question->url.len == 0 || prober_start(asker->prober, question) == NULL)
		return false;
	asker->open++;
	return true;
}

void asker_end_one(struct asker *asker)
{
	assert(asker->open > 0);
	if (--asker->open == 0 && asker->on_idle != NULL)
		asker->on_idle(asker->data);
}

/* --- sources that must be fetched --- */

struct fetch {
	struct asker *asker;
	asker_source_fn *on_read;
	void *data;
	bool conditional;
	struct fetch *next; /* of all that are under way */
	struct fetch **place;
	size_t url_len;
	char url[];
};

static void free_fetch(struct fetch *fetch)
{
	*fetch->place = fetch->next;
	if (fetch->next != NULL)
		fetch->next->place = fetch->place;
	free(fetch);
}

/* Its bytes were kept, and nobody has read them as a page yet. */
static struct page_facts page_of(struct arena *scratch, const struct observation *seen)
{
	struct page_facts facts = seen->page;
	const struct page_options options = { .text_bytes_wanted = SOURCE_TEXT_BYTES };
	if (!page_is_html(seen->content_type, seen->body))
		return facts;
	struct page *page = page_new(scratch, (struct slice){ 0 }, options);
	if (page == NULL)
		return facts;
	(void)page_feed(page, seen->body);
	page_finish(page, &facts);
	page_free(page);
	return facts;
}

/* Another site's may be where the list has moved to. */
static bool leads_home(struct arena *scratch, const struct observation *seen)
{
	struct url first, last;
	return seen->hop_count > 1 &&
	       url_parse(scratch, seen->hops[0].url, NULL, &first) == 0 &&
	       url_parse(scratch, seen->final_url, NULL, &last) == 0 &&
	       slice_equal(host_registrable(first.host), host_registrable(last.host)) &&
	       redirect_classify(&first, &last) == HOP_CLASS_TO_ROOT;
}

/* The page of a bot wall, of a login or of an error has links, too, and so has the front
 * page: a list that is one of these would lose its own without a word. */
static bool is_document(
	struct arena *scratch, const struct observation *seen, struct verdict *verdict)
{
	const struct verdict_context context = { 0 };
	struct observation read = *seen;
	read.page = page_of(scratch, seen);
	verdict_give(scratch, &read, &context, verdict);
	if (seen->failure != REASON_OK || seen->http_status != 200 || seen->body_partial)
		return false;
	if (leads_home(scratch, seen)) {
		verdict->error = SLICE("it leads to the front page; if that is the list, "
				       "name it instead");
		return false;
	}
	return verdict->outcome == OUTCOME_OK || verdict->outcome == OUTCOME_MOVED;
}

static void tell_failure(const struct fetch *fetch, const struct observation *seen,
	const struct verdict *verdict, struct fetched *fetched)
{
	char error[ERROR_BYTES_MAX];
	snprintf(error, sizeof(error), "cannot be fetched: %s (%.*s)",
		seen->body_partial ? "the document is cut short or too large"
				   : reason_text(verdict->reason),
		SLICE_ARG(verdict->error));
	fetched->url = (struct slice){ fetch->url, fetch->url_len };
	fetched->error = error;
	fetch->on_read(fetch->data, fetched);
}

static void on_source_fetched(
	struct probe *probe, const struct observation *seen, void *data)
{
	struct fetch *fetch = data;
	struct asker *asker = fetch->asker;
	struct fetched fetched = { .url = seen->final_url,
		.content_type = seen->content_type,
		.etag = seen->etag,
		.last_modified = seen->last_modified };

	struct arena scratch;
	struct verdict verdict;

	(void)probe;
	arena_init(&scratch, SOURCE_SCRATCH_BYTES_MAX);
	fetched.not_modified = fetch->conditional && seen->failure == REASON_OK &&
			       seen->http_status == 304;
	if (is_document(&scratch, seen, &verdict))
		fetched.body = &seen->body;
	if (fetched.body != NULL || fetched.not_modified)
		fetch->on_read(fetch->data, &fetched);
	else
		tell_failure(fetch, seen, &verdict, &fetched);
	arena_fini(&scratch);
	free_fetch(fetch);
	asker_end_one(asker);
}

static bool is_plain(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < ' ' || text.at[i] > '~')
			return false;
	return text.len > 0;
}

uint32_t asker_validators(
	struct slice etag, struct slice last_modified, struct header headers[static 2])
{
	uint32_t count = 0;
	if (is_plain(etag))
		headers[count++] = (struct header){ SLICE("If-None-Match"), etag };
	if (is_plain(last_modified))
		headers[count++] =
			(struct header){ SLICE("If-Modified-Since"), last_modified };
	return count;
}

int asker_fetch(struct asker *asker, const char *url, const struct header *validators,
	uint32_t validator_count, asker_source_fn *on_read, void *data)
{
	size_t len = strlen(url);
	struct fetch *fetch = calloc(1, sizeof(*fetch) + len + 1);
	if (fetch == NULL)
		return -1;
	*fetch = (struct fetch){ .asker = asker,
		.on_read = on_read,
		.data = data,
		.conditional = validator_count > 0,
		.url_len = len };
	memcpy(fetch->url, url, len);
	fetch->next = asker->fetches;
	fetch->place = &asker->fetches;
	if (fetch->next != NULL)
		fetch->next->place = &fetch->next;
	asker->fetches = fetch;
	const struct probe_request request = {
		.url = { fetch->url, len },
		.kind = ASK_SOURCE,
		.want_body = true,
		.body_bytes_max = SOURCE_BYTES_MAX,
		.headers = validators,
		.header_count = validator_count,
		.data = fetch,
		.on_done = on_source_fetched,
	};
	if (prober_start(asker->prober, &request) == NULL) {
		free_fetch(fetch);
		return -1;
	}
	asker->open++;
	return 0;
}

/* --- life --- */

int asker_open(struct asker *asker, uv_loop_t *loop, const struct settings *settings,
	struct error *error)
{
	*asker = (struct asker){ .settings = settings };
	siblings_init(&asker->siblings, hash_mix(table_seed));
	asker->prober = prober_new(loop, &settings->probing, error);
	return asker->prober != NULL ? 0 : -1;
}

void asker_be_polite(struct asker *asker)
{
	const struct pacer_limits *own = &asker->settings->probing.pace;
	for (size_t i = 0; i < wish_count; i++) {
		const struct wish *wish = &wishes[i];
		time_ms interval_ms = own->interval_us / TIME_US_PER_MS;
		if (interval_ms < wish->interval_ms)
			interval_ms = wish->interval_ms;
		uint32_t concurrency = own->concurrency < wish->concurrency
					       ? own->concurrency
					       : wish->concurrency;
		if (prober_set_host(asker->prober, slice_of(wish->key), concurrency,
			    interval_ms) < 0)
			asker->failed = true;
	}
}

void asker_close(struct asker *asker, void (*on_closed)(void *data), void *data)
{
	struct prober *prober = asker->prober;
	asker->prober = NULL;
	if (prober != NULL)
		prober_close(prober, on_closed, data);
	else if (on_closed != NULL)
		on_closed(data);
}

void asker_fini(struct asker *asker)
{
	assert(asker->prober == NULL);
	struct fetch *next;
	for (struct fetch *fetch = asker->fetches; fetch != NULL; fetch = next) {
		next = fetch->next;
		free(fetch);
	}
	asker->fetches = NULL;
	siblings_fini(&asker->siblings);
}
