#include "registry/github.h"

#include <jansson.h>

#include "model/url.h"

/* Names of repositories and owners: letters, digits, hyphen, underscore, dot. */
static bool is_name(struct slice name)
{
	if (name.len == 0 || name.len > 100)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!char_is_alpha(name.at[i]) && !char_is_digit(name.at[i]) &&
			name.at[i] != '-' && name.at[i] != '_' && name.at[i] != '.')
			return false;
	return true;
}

/* First segments that GitHub keeps for itself: nobody can have them as a name. */
static bool is_reserved(struct slice owner)
{
	static const char *const reserved[] = { "about", "account", "advisories", "apps",
		"blog", "codespaces", "collections", "contact", "copilot",
		"customer-stories", "dashboard", "discussions", "enterprise",
		"enterprises", "events", "explore", "features", "gist", "gists", "issues",
		"join", "login", "logout", "marketplace", "mobile", "new",
		"notifications", "organizations", "orgs", "password_reset",
		"premium-support", "pricing", "pulls", "readme", "search", "security",
		"sessions", "settings", "signup", "site", "solutions", "sponsors",
		"stars", "team", "teams", "topics", "trending", "users", "watching" };

	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (slice_equal_nocase(owner, slice_of(reserved[i])))
			return true;
	return false;
}

/* "OWNER/NAME" of a repository's root. */
static bool full_name_of(struct arena *arena, struct slice url, struct slice *ret_name)
{
	struct url parsed;
	struct slice rest, owner, name, more;

	if (url_parse(arena, url, NULL, &parsed) < 0 ||
		(!slice_equal(parsed.host, SLICE("github.com")) &&
			!slice_equal(parsed.host, SLICE("www.github.com"))))
		return false;
	rest = slice_sub(parsed.path, 1, parsed.path.len);
	if (slice_ends(rest, SLICE("/")))
		rest.len--;
	if (!slice_split(&rest, '/', &owner) || !slice_split(&rest, '/', &name) ||
		slice_split(&rest, '/', &more))
		return false;
	if (slice_ends(name, SLICE(".git")))
		name.len -= 4;
	*ret_name = (struct slice){ owner.at, (size_t)(name.at + name.len - owner.at) };
	return is_name(owner) && is_name(name) && !is_reserved(owner);
}

struct slice github_question(struct arena *arena, struct slice url)
{
	struct slice name;
	if (!full_name_of(arena, url, &name))
		return (struct slice){ 0 };
	return arena_printf(arena, "https://api.github.com/repos/%.*s", SLICE_ARG(name));
}

static void set(struct verdict *verdict, enum reason reason, struct slice error)
{
	*verdict = (struct verdict){
		.outcome = reason_outcome(reason),
		.reason = reason,
		.error = error,
	};
}

static uint64_t number_of(const json_t *object, const char *key)
{
	json_int_t number = json_integer_value(json_object_get(object, key));
	return number > 0 ? (uint64_t)number : 0;
}

/* Both or none. */
static void take_numbers(const json_t *repository, struct verdict *verdict)
{
	uint64_t id = number_of(repository, "id");
	uint64_t owner_id = number_of(json_object_get(repository, "owner"), "id");

	if (id == 0 || owner_id == 0)
		return;
	verdict->repository_id = id;
	verdict->owner_id = owner_id;
}

static bool read_repository(struct arena *arena, struct slice asked,
	const struct observation *answer, struct verdict *verdict)
{
	json_t *root = json_loadb(answer->body.at != NULL ? answer->body.at : "",
		answer->body.len, JSON_REJECT_DUPLICATES, NULL);
	const char *name = json_string_value(json_object_get(root, "full_name"));
	const char *page = json_string_value(json_object_get(root, "html_url"));
	bool read = name != NULL && page != NULL;
	if (read && slice_equal_nocase(slice_of(name), asked)) {
		set(verdict, REASON_OK, (struct slice){ 0 });
	} else if (read) {
		set(verdict, REASON_REDIRECT_PERMANENT, (struct slice){ 0 });
		verdict->suggestion.url = arena_copy(arena, slice_of(page));
		verdict->suggestion.why =
			SLICE("GitHub says that the repository was renamed.");
	}
	if (read)
		take_numbers(root, verdict);
	if (read && json_is_true(json_object_get(root, "archived")))
		verdict->notes |= NOTE_BIT(NOTE_REPOSITORY_ARCHIVED);
	json_decref(root);
	return read;
}

bool github_read(struct arena *arena, struct slice url, const struct observation *answer,
	struct verdict *verdict)
{
	struct slice name;
	if (answer->failure != REASON_OK || !full_name_of(arena, url, &name))
		return false;
	switch (answer->http_status) {
	case 200:
		return read_repository(arena, name, answer, verdict);
	case 404:
		set(verdict, REASON_REGISTRY_MISSING,
			SLICE("GitHub's API knows no such public repository."));
		return true;
	case 451:
		set(verdict, REASON_LEGAL_BLOCK,
			SLICE("GitHub has blocked the repository after a legal "
			      "request."));
		return true;
	default:
		return false;
	}
}
