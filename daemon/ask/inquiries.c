#include <assert.h>

#include "ask/asker.h"
#include "registry/github.h"
#include "registry/wayback.h"

/* --- archives --- */

static bool wants_archive(const struct link *link)
{
	const struct verdict *verdict = &link->result.verdict;
	return verdict->suggestion.url.len == 0 &&
	       verdict->reason != REASON_MISSING_ANCHOR &&
	       (verdict->outcome == OUTCOME_BROKEN ||
		       verdict->outcome == OUTCOME_UNREACHABLE);
}

static void on_archive_answer(
	struct probe *probe, const struct observation *seen, void *data)
{
	struct request *about = data;
	struct asker *asker = about->asker;
	struct suggestion copy = { 0 };

	(void)probe;
	bool found = wayback_read(about->arena, seen, &copy);
	for (struct waiting *at = about->first; found && at != NULL; at = at->next) {
		if (!wants_archive(at->link))
			continue;
		at->link->result.verdict.suggestion = copy;
		at->link->result.verdict.notes |= NOTE_BIT(NOTE_ARCHIVED_COPY_AVAILABLE);
	}
	inquire(about);
	asker_end_one(asker);
}

static bool ask_archive(struct request *about)
{
	struct asker *asker = about->asker;
	const struct waiting *at = about->first;
	while (at != NULL && !wants_archive(at->link))
		at = at->next;
	if (at == NULL || !asker->suggest || about->asked_archive)
		return false;
	about->asked_archive = true;
	struct probe_request question = {
		.url = wayback_question(about->arena, at->link->request_url),
		.kind = ASK_QUESTION,
		.no_redirects = true,
	};
	return asker_ask_on(asker, &question, about, on_archive_answer);
}

/* --- GitHub --- */

static bool wants_github(const struct link *link)
{
	enum outcome outcome = link->result.verdict.outcome;
	return outcome == OUTCOME_GATED || outcome == OUTCOME_UNREACHABLE;
}

static void on_github_answer(
	struct probe *probe, const struct observation *seen, void *data)
{
	struct request *about = data;
	struct asker *asker = about->asker;

	(void)probe;
	for (struct waiting *at = about->first; at != NULL; at = at->next) {
		struct check_result *result = &at->link->result;
		if (wants_github(at->link) &&
			github_read(about->arena, at->link->request_url, seen,
				&result->verdict))
			result->state = state_of_one_check(result->verdict.outcome);
	}
	inquire(about);
	asker_end_one(asker);
}

/* A repository's page that gave no clear answer: the API knows. */
static bool ask_github(struct request *about)
{
	struct asker *asker = about->asker;
	const struct settings *settings = asker->settings;
	struct arena *arena = about->arena;
	assert(about->first != NULL);
	if (settings->github_token.len == 0 || about->asked_github ||
		!wants_github(about->first->link))
		return false;
	about->asked_github = true;
	struct slice url = github_question(arena, about->first->link->request_url);
	struct header *headers = ARENA_ARRAY(arena, struct header, 2);
	if (url.len == 0 || headers == NULL)
		return false;
	headers[0] = (struct header){ SLICE("Authorization"),
		arena_printf(arena, "Bearer %.*s", SLICE_ARG(settings->github_token)) };
	headers[1] =
		(struct header){ SLICE("Accept"), SLICE("application/vnd.github+json") };
	struct probe_request question = {
		.url = url,
		.kind = ASK_QUESTION,
		.want_body = true,
		.headers = headers,
		.header_count = 2,
	};
	return asker_ask_on(asker, &question, about, on_github_answer);
}

/* --- in this order --- */

/* An authority's word first, then the page's neighbours; a copy is looked for only when
 * it is known that one is needed. */
void inquire(struct request *about)
{
	if (about->asker->prober == NULL || ask_github(about) || siblings_ask(about) ||
		ask_archive(about))
		return;
	about->on_done(about);
}
