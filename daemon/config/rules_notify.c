/* Which keys a way of telling people needs, and which have a meaning with it. */
#include "config/rules_internal.h"

#include "config/keys_internal.h"

/* The keys that are not every type's, and whether they are set. */
#define OWN_KEYS(X)                                                                      \
	X(TO, "to", to.count > 0)                                                        \
	X(FROM, "from", from != NULL)                                                    \
	X(SERVER, "server", server != NULL)                                              \
	X(USER, "user", user != NULL)                                                    \
	X(PASSWORD_FILE, "password_file", password_file != NULL)                         \
	X(TLS, "tls", tls != CONFIG_TLS_AUTO)                                            \
	X(URL_FILE, "url_file", url_file != NULL)                                        \
	X(TOKEN_FILE, "token_file", token_file != NULL)                                  \
	X(ROOM, "room", room != NULL)                                                    \
	X(CHAT, "chat", chat != NULL)                                                    \
	X(TOPIC, "topic", topic != NULL)                                                 \
	X(REPOSITORY, "repository", repository != NULL)                                  \
	X(TEMPLATE_FILE, "template_file", template_file != NULL)

#define OWN_ENUM(name, text, is_set) OWN_##name,
#define OWN_TEXT(name, text, is_set) text,
enum own_key { OWN_KEYS(OWN_ENUM) };
static const char *const own_texts[] = { OWN_KEYS(OWN_TEXT) };
enum { OWN_COUNT = sizeof(own_texts) / sizeof(own_texts[0]) };
#define BIT(name) (UINT32_C(1) << OWN_##name)

static uint32_t keys_set(const struct config_notify *notify)
{
	uint32_t set = 0;
#define OWN_BIT(name, text, is_set) set |= (notify->is_set) ? BIT(name) : 0;
	OWN_KEYS(OWN_BIT)
#undef OWN_BIT
	return set;
}

enum server_kind { SERVER_NONE, SERVER_MAIL, SERVER_WEB };

static const struct {
	uint32_t needs, may;
	enum server_kind server;
} types[] = {
	[CONFIG_NOTIFY_MAIL] = { BIT(TO) | BIT(SERVER),
		BIT(FROM) | BIT(USER) | BIT(PASSWORD_FILE) | BIT(TLS), SERVER_MAIL },
	[CONFIG_NOTIFY_SENDMAIL] = { BIT(TO), BIT(FROM), SERVER_NONE },
	[CONFIG_NOTIFY_SLACK] = { BIT(URL_FILE), 0, SERVER_NONE },
	[CONFIG_NOTIFY_DISCORD] = { BIT(URL_FILE), 0, SERVER_NONE },
	[CONFIG_NOTIFY_TEAMS] = { BIT(URL_FILE), 0, SERVER_NONE },
	[CONFIG_NOTIFY_MATTERMOST] = { BIT(URL_FILE), 0, SERVER_NONE },
	[CONFIG_NOTIFY_MATRIX] = { BIT(SERVER) | BIT(ROOM) | BIT(TOKEN_FILE), 0,
		SERVER_WEB },
	[CONFIG_NOTIFY_NTFY] = { BIT(TOPIC), BIT(SERVER) | BIT(TOKEN_FILE), SERVER_WEB },
	[CONFIG_NOTIFY_TELEGRAM] = { BIT(CHAT) | BIT(TOKEN_FILE), BIT(SERVER),
		SERVER_WEB },
	[CONFIG_NOTIFY_WEBHOOK] = { BIT(URL_FILE), BIT(TOKEN_FILE) | BIT(TEMPLATE_FILE),
		SERVER_NONE },
	[CONFIG_NOTIFY_GITHUB_ISSUE] = { BIT(REPOSITORY) | BIT(TOKEN_FILE), BIT(SERVER),
		SERVER_WEB },
	[CONFIG_NOTIFY_ALERTMANAGER] = { BIT(SERVER), BIT(TOKEN_FILE), SERVER_WEB },
};

static struct config_place place(const struct config_notify *notify, const char *key)
{
	return rules_place(rules_group("notify"), notify, key);
}

static bool is_web(const char *server)
{
	return slice_starts_nocase(slice_of(server), SLICE("http"));
}

static void check_server(
	const struct config_notify *notify, struct complaints *complaints)
{
	if (notify->server == NULL)
		return;
	bool web = is_web(notify->server);
	if (types[notify->type].server == SERVER_MAIL && web)
		complain(complaints, place(notify, "server"),
			"notify.server: is no mail server; expected smtp://HOST, "
			"smtps://HOST or sendmail:");
	if (types[notify->type].server == SERVER_WEB && !web)
		complain(complaints, place(notify, "server"),
			"notify.server: is a mail server; expected a URL with http:// or "
			"https://");
}

static void check_login(const struct config_notify *notify, struct complaints *complaints)
{
	bool user = notify->user != NULL, password = notify->password_file != NULL;
	if (user != password)
		complain(complaints, place(notify, user ? "user" : "password_file"),
			"notify.%s: needs \"%s\" with it",
			user ? "user" : "password_file", user ? "password_file" : "user");
	if (notify->server == NULL)
		return;
	bool sendmail = slice_equal(slice_of(notify->server), SLICE("sendmail:"));
	if (user && (sendmail || notify->tls == CONFIG_TLS_NEVER))
		complain(complaints, place(notify, "user"),
			sendmail ? "notify.user: has no meaning with sendmail:; leave it "
				   "out"
				 : "notify.user: a password is not sent without TLS; "
				   "leave "
				   "\"tls\" or \"user\" out");
}

/* What they keep is what is dead now; a digest would tell of a day. */
static void check_digest(
	const struct config_notify *notify, struct complaints *complaints)
{
	bool living = notify->type == CONFIG_NOTIFY_GITHUB_ISSUE ||
		      notify->type == CONFIG_NOTIFY_ALERTMANAGER;
	if (living && (notify->on & UINT32_C(1) << CONFIG_OCCASION_DIGEST) != 0)
		complain(complaints, place(notify, "on"),
			"notify.on: \"digest\" has no meaning with this type; leave it "
			"out");
}

static void check_lists(const struct config *config, const struct config_notify *notify,
	struct complaints *complaints)
{
	for (uint32_t i = 0; i < notify->lists.count; i++)
		if (config_list_of(config, slice_of(notify->lists.at[i])) == NULL)
			complain(complaints,
				notify->lists.places != NULL ? notify->lists.places[i]
							     : place(notify, "lists"),
				"notify.lists: there is no list \"%s\"",
				notify->lists.at[i]);
}

void rules_check_notify(
	const struct config *config, uint32_t index, struct complaints *complaints)
{
	const struct config_notify *notify = &config->notify[index];
	uint32_t set = keys_set(notify), needs = types[notify->type].needs;
	uint32_t may = needs | types[notify->type].may;
	for (int key = 0; key < OWN_COUNT; key++) {
		if (needs >> key & ~(set >> key) & 1)
			complain(complaints, place(notify, "type"),
				"notify: needs \"%s\" with this type", own_texts[key]);
	}
	for (int key = 0; key < OWN_COUNT; key++)
		if (set >> key & ~(may >> key) & 1)
			complain(complaints, place(notify, own_texts[key]),
				"notify.%s: has no meaning with this type; leave it out",
				own_texts[key]);
	if (notify->to.count > CONFIG_RECIPIENTS_MAX)
		complain(complaints, place(notify, "to"),
			"notify.to: at most %d recipients; more are a mailing list",
			CONFIG_RECIPIENTS_MAX);
	check_server(notify, complaints);
	check_login(notify, complaints);
	check_digest(notify, complaints);
	check_lists(config, notify, complaints);
}
