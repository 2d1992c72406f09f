#include "app/fix_internal.h"

#include "model/identity.h"
#include "model/url.h"

enum { SCRATCH_BYTES_MAX = 1024 * 1024 };

/* --- what a history knows --- */

static int load(struct fix *fix, struct store *store, struct arena *scratch,
	const struct link *link, struct error *error)
{
	struct fix_known *known = &fix->known[link->number];
	struct store_link stored;
	uint32_t count;
	int64_t id;
	bool found;

	if (store_find_links(store, link->url, &id, 1, &count, error) < 0)
		return -1;
	/* A page that has moved or died has done so with all its parts. */
	if (count == 0 && link->fragment.len > 0 &&
		store_find_links(store, link->request_key, &id, 1, &count, error) < 0)
		return -1;
	if (count == 0)
		return 0;
	arena_reset(scratch);
	if (store_load_link(store, id, scratch, &stored, &found, error) < 0)
		return -1;
	if (!found || stored.kind != LINK_HTTP)
		return 0;
	*known = (struct fix_known){
		.found = true,
		.state = stored.record.state,
		.notes = stored.record.notes,
		.final_url = arena_copy(&fix->arena, stored.texts.final_url),
		.suggestion = { arena_copy(&fix->arena, stored.texts.suggestion.url),
			arena_copy(&fix->arena, stored.texts.suggestion.why) },
	};
	return fix->arena.failed ? error_set(error, "out of memory") : 0;
}

static int load_all(struct fix *fix, struct error *error)
{
	struct arena scratch;
	struct store *store = store_open(fix->database, STORE_READ, error);
	arena_init(&scratch, SCRATCH_BYTES_MAX);
	int result = store != NULL ? 0 : -1;
	const struct link *link = fix->run.table.first;
	for (; link != NULL && result == 0; link = link->next)
		if (link->kind == LINK_HTTP)
			result = load(fix, store, &scratch, link, error);
	arena_fini(&scratch);
	store_close(store);
	return result;
}

/* --- who is asked --- */

static bool is_archived(const struct fix_target *target)
{
	return slice_starts(target->url, SLICE("https://web.archive.org/web/")) ||
	       slice_starts(target->url, SLICE("http://web.archive.org/web/"));
}

static bool wants_asking(const struct fix *fix, const struct link *link)
{
	const struct options *options = &fix->run.options;
	return options->now ||
	       (options->archived && fix->known[link->number].state == STATE_DEAD);
}

int fix_before_asking(struct run *run, struct error *error)
{
	struct fix *fix = fix_of(run);
	fix->known = ARENA_ARRAY(
		&fix->arena, struct fix_known, (size_t)run->table.link_count + 1);
	if (fix->known == NULL)
		return error_set(error, "out of memory");
	if (fix->database != NULL && load_all(fix, error) < 0)
		return -1;
	for (struct link *link = run->table.first; link != NULL; link = link->next) {
		if (link->result.done || wants_asking(fix, link))
			continue;
		link->result.done = true;
		link->result.verdict = (struct verdict){ .outcome = OUTCOME_SKIPPED,
			.reason = REASON_OFFLINE };
	}
	return 0;
}

/* --- what shall stand instead --- */

/* The same address with https; empty when it is none of http. */
static struct slice with_https(struct arena *arena, struct slice url)
{
	if (!slice_starts(url, SLICE("http://")))
		return (struct slice){ 0 };
	return arena_printf(arena, "https%.*s", SLICE_ARG(slice_sub(url, 4, url.len)));
}

static struct slice without_fragment(struct slice url)
{
	return slice_sub(url, 0, slice_find_char(url, '#'));
}

/* The server itself sends everybody there, so what is served is the same by construction:
 * the first step of the chain, or its end, is this very address with https. */
static bool leads_to(const struct check_result *result, struct slice https)
{
	https = without_fragment(https);
	return slice_equal(without_fragment(result->final_url), https) ||
	       (result->redirect_count > 0 &&
		       slice_equal(without_fragment(result->redirects[0].url), https));
}

static void use(struct fix_target *target, const struct suggestion *suggestion)
{
	target->url = suggestion->url;
	target->why = suggestion->why;
}

static void use_https(struct fix_target *target, struct slice https)
{
	target->url = https;
	target->why = SLICE("The server shows the same page by https.");
	target->scheme_only = true;
}

static void find_https(struct fix *fix, const struct link *link, note_set notes,
	const struct check_result *result, struct fix_target *target)
{
	if (!(notes & NOTE_BIT(NOTE_HTTPS_AVAILABLE)))
		return;
	/* A server keeps the spelling that it was asked for. */
	struct slice https = with_https(&fix->arena, link->url);
	struct slice asked = with_https(&fix->arena, link->request_url);
	if (https.len > 0 && (leads_to(result, https) || leads_to(result, asked)))
		use_https(target, https);
}

/* By what this run found. No answer at all proves nothing, unless it is dead anyway. */
static void find_by_check(
	struct fix *fix, const struct link *link, struct fix_target *target)
{
	const struct verdict *verdict = &link->result.verdict;
	bool dead = fix->known[link->number].state == STATE_DEAD;

	if (verdict->outcome == OUTCOME_OK)
		find_https(fix, link, verdict->notes, &link->result, target);
	else if (verdict->outcome == OUTCOME_MOVED ||
		 verdict->outcome == OUTCOME_BROKEN ||
		 (verdict->outcome == OUTCOME_UNREACHABLE && dead))
		use(target, &verdict->suggestion);
}

/* By what was seen often and long enough (watch/health.h). The states say that of a move
 * and of death; who shows a page by https need not be asked twice. */
static void find_by_history(
	struct fix *fix, const struct link *link, struct fix_target *target)
{
	const struct fix_known *known = &fix->known[link->number];
	const struct check_result result = { .final_url = known->final_url };

	if (known->state == STATE_ALIVE)
		find_https(fix, link, known->notes, &result, target);
	else if (known->state == STATE_MOVED)
		use(target, &known->suggestion);
	else if (known->state == STATE_DEAD && link->guess.url.len > 0)
		use(target, &link->guess);
}

/* A file of Emacs that is gone. */
static bool may_be_notes(struct slice name)
{
	return slice_ends_nocase(name, SLICE(".org")) &&
	       slice_find_char(name, '/') == SLICE_NONE &&
	       slice_find_char(name, '@') == SLICE_NONE &&
	       !slice_starts_nocase(name, SLICE("www."));
}

/* "notes.org" and "Foo.app/Contents/Info.plist" may begin with a host, or be files; the
 * second is within a program of macOS. */
static bool has_two_meanings(const struct link *link)
{
	struct slice name = slice_sub(link->url, 0, slice_find_char(link->url, '#'));
	return link->result.verdict.reason == REASON_MISSING_SCHEME &&
	       (may_be_notes(name) ||
		       slice_find(name, SLICE(".app/Contents/")) != SLICE_NONE);
}

static void find(struct fix *fix, const struct link *link, struct fix_target *target)
{
	const struct verdict *verdict = &link->result.verdict;

	if (verdict->reason == REASON_EXCLUDED || has_two_meanings(link))
		return;
	if (link->kind == LINK_OTHER)
		use(target, &verdict->suggestion);
	else if (link->kind == LINK_HTTP && verdict->outcome != OUTCOME_SKIPPED)
		find_by_check(fix, link, target);
	else if (link->kind == LINK_HTTP && verdict->reason == REASON_OFFLINE &&
		 !fix->run.options.now)
		find_by_history(fix, link, target);
	target->repaired =
		link->kind == LINK_OTHER ||
		(link->guess.url.len > 0 && slice_equal(target->url, link->guess.url));
	if (is_archived(target) && !fix->run.options.archived)
		*target = (struct fix_target){ 0 };
}

/* --- whether it would be the end of it --- */

/* A reader lands where he did before. */
static bool keep_fragment(
	struct fix *fix, const struct link *link, struct fix_target *target)
{
	if (link->kind != LINK_HTTP || link->fragment.len == 0 ||
		slice_find_char(target->url, '#') != SLICE_NONE)
		return true;
	target->url = arena_printf(&fix->arena, "%.*s#%.*s", SLICE_ARG(target->url),
		SLICE_ARG(link->fragment));
	return target->url.at != NULL;
}

/* What is proposed must be a link like any other, and not be proposed again: neither the
 * same link in another spelling, nor something that wants a repair itself. */
static bool is_settled(
	struct arena *scratch, const struct link *link, const struct fix_target *target)
{
	struct link_identity identity;
	if (identify(scratch, target->url, NULL, &identity) < 0)
		return false;
	if (identity.kind == LINK_MAIL)
		return link->kind == LINK_OTHER;
	return identity.kind == LINK_HTTP && identity.reason == REASON_OK &&
	       identity.suggestion.url.len == 0 && !slice_equal(identity.url, link->url);
}

int fix_find_targets(struct fix *fix, struct error *error)
{
	struct link_table *table = &fix->run.table;
	struct arena scratch;
	fix->targets = ARENA_ARRAY(
		&fix->arena, struct fix_target, (size_t)table->link_count + 1);
	if (fix->targets == NULL)
		return error_set(error, "out of memory");
	arena_init(&scratch, SCRATCH_BYTES_MAX);
	bool failed = false;
	for (const struct link *link = table->first; link != NULL; link = link->next) {
		struct fix_target *target = &fix->targets[link->number];
		find(fix, link, target);
		if (target->url.len == 0)
			continue;
		arena_reset(&scratch);
		if (!keep_fragment(fix, link, target) ||
			!is_settled(&scratch, link, target))
			*target = (struct fix_target){ 0 };
		failed |= scratch.failed;
	}
	arena_fini(&scratch);
	return failed || fix->arena.failed ? error_set(error, "out of memory") : 0;
}
