#include "config/keys_internal.h"

#define WORDS_OF(list)                                                                   \
	{                                                                                \
		list, sizeof(list) / sizeof((list)[0])                                   \
	}
#define WORD_TEXT(name, text) text,

static const char *const robots_texts[] = { CONFIG_ROBOTS(WORD_TEXT) };
static const char *const notify_texts[] = { CONFIG_NOTIFY_TYPES(WORD_TEXT) };
static const char *const occasion_texts[] = { CONFIG_OCCASIONS(WORD_TEXT) };
static const char *const tls_texts[] = { CONFIG_TLS(WORD_TEXT) };
static const char *const log_texts[] = { CONFIG_LOG_LEVELS(WORD_TEXT) };

static const struct key_words robots_words = WORDS_OF(robots_texts);
static const struct key_words notify_words = WORDS_OF(notify_texts);
static const struct key_words occasion_words = WORDS_OF(occasion_texts);
static const struct key_words tls_words = WORDS_OF(tls_texts);
static const struct key_words log_words = WORDS_OF(log_texts);

#define S(n) ((n)*TIME_MS_PER_S)
#define M(n) ((n)*60 * TIME_MS_PER_S)
#define H(n) ((n)*TIME_MS_PER_HOUR)
#define D(n) ((n)*TIME_MS_PER_DAY)

#define KEY(key_name, key_type, member)                                                  \
	.name = (key_name), .type = KEY_##key_type, .offset = offsetof(OF, member)
#define TEXT(name, member, its_form) KEY(name, TEXT, member), .form = &form_##its_form
#define TEXTS(name, member, its_form)                                                    \
	KEY(name, TEXTS, member), .form = &form_##its_form, .max = CONFIG_SOURCES_MAX
#define NUMBER(name, member, least, most, value)                                         \
	KEY(name, NUMBER, member), .min = (least), .max = (most), .initial = (value)
#define DURATION(name, member, least, most, value)                                       \
	KEY(name, DURATION, member), .min = (least), .max = (most), .initial = (value)
#define GROUP(name, member, its_group) KEY(name, GROUP, member), .group = &(its_group)
#define GROUPS(name, member, number, its_group)                                          \
	KEY(name, GROUPS, member), .group = &(its_group),                                \
				   .count_offset = offsetof(OF, number)
#define GROUP_OF(rows)                                                                   \
	{                                                                                \
		(rows), sizeof(rows) / sizeof((rows)[0]), sizeof(OF)                     \
	}

/* --- lists --- */

#define OF struct config_list
static const struct key list_keys[] = {
	{ TEXT("name", name, name), .flags = KEY_REQUIRED | KEY_NAMES,
		.help = "What the list is called in reports, badges and pages. No two "
			"have "
			"the same." },
	{ TEXT("title", title, text), .initial_shown = "the name",
		.help = "What people see instead of the name." },
	{ TEXTS("sources", sources, source), .min = 1, .flags = KEY_REQUIRED,
		.help = "Where the links are written: files, globs, directories, or URLs "
			"that are fetched. Relative paths count from the directory the "
			"program is started in." },
	{ DURATION("refresh", refresh_ms, S(1), D(366), H(1)),
		.help = "How often the sources are read again. A file that changes is "
			"read at once, where no symbolic link leads to it and the "
			"directories above it stay in their place." },
	{ DURATION("interval", interval_ms, M(1), D(366), D(7)),
		.help = "How often a healthy link is checked. Links in trouble are "
			"checked "
			"sooner, long stable ones more rarely." },
};
static const struct key_group list_group = GROUP_OF(list_keys);
#undef OF

/* --- check --- */

#define OF struct config_check
static const struct key check_keys[] = {
	{ DURATION("timeout", timeout_ms, 100, H(1), S(20)),
		.help = "Time for one request, everything included." },
	{ NUMBER("max_concurrency", max_concurrency, 1, 20000, 128),
		.help = "Requests at a time, over all hosts." },
	{ NUMBER("max_redirects", max_redirects, 0, 100, 10),
		.help = "Redirects that are followed." },
	{ NUMBER("max_retries", max_retries, 0, 100, 1),
		.help = "Further tries within one check, after a failure that may pass. "
			"What lasts longer than that is a matter of later checks." },
	{ KEY("robots", WORD, robots), .words = &robots_words,
		.initial = CONFIG_ROBOTS_OBEY, .help = "Whether robots.txt is obeyed." },
	{ KEY("max_body", SIZE, max_body_bytes), .min = 1024, .max = 64 << 20,
		.initial = 512 * 1024, .help = "How much of a page is read at most." },
	{ DURATION("host_request_interval", host_request_interval_ms, 0, D(1), S(3)),
		.help = "Time between two requests to one host, unless `hosts` says "
			"otherwise. A host is a registrable domain or a shared "
			"platform." },
	{ NUMBER("host_concurrency", host_concurrency, 1, 1000, 1),
		.help = "Requests at a time to one host, unless `hosts` says "
			"otherwise." },
	{ DURATION("max_interval", max_interval_ms, M(1), D(366), D(30)),
		.help = "How far the interval of a long stable link may stretch. It "
			"never "
			"shortens the interval of a list." },
	{ DURATION("first_spread", first_spread_ms, 0, D(7), 0),
		.help = "Over what time the first checks of new links are spread. 0 is a "
			"second for each link, at least a minute and at most a day." },
	{ TEXT("user_agent", user_agent, agent),
		.initial_shown = "linkrotd/VERSION (+CONTACT)",
		.help = "What to call ourselves, instead of a name made of `contact`." },
	{ TEXTS("include", include, pattern),
		.help = "Links that match are checked even if they are excluded; alone, "
			"without `exclude`, no others are." },
	{ TEXTS("exclude", exclude, pattern),
		.help = "Links that match are not checked." },
	{ KEY("fragments", FLAG, fragments),
		.help = "Whether #ids are looked for on remote pages, too." },
	{ TEXT("github_token_file", github_token_file, secret),
		.help = "A file with a token for GitHub's API, which then tells whether "
			"repositories exist, were renamed or archived." },
};
static const struct key_group check_group = GROUP_OF(check_keys);
#undef OF

/* --- confirm --- */

#define OF struct config_confirm
static const struct key confirm_keys[] = {
	{ NUMBER("strikes", strikes, 1, 100, 3),
		.help = "Bad checks before a link is dead. `unreachable` weighs half." },
	{ DURATION("span", span_ms, 0, D(366), D(6)),
		.help = "How old the first of them must be." },
	{ DURATION("unreachable_span", unreachable_span_ms, 0, D(366), D(14)),
		.help = "How old, where the link was never worse than unreachable. Not "
			"below `span`." },
	{ NUMBER("early_strikes", early_strikes, 1, 100, 2),
		.help = "Bad checks that are enough where a registry, the status 410 or "
			"a "
			"domain that does not exist speaks." },
	{ DURATION("early_span", early_span_ms, 0, D(366), D(1)),
		.help = "How old the first of those must be." },
	{ NUMBER("moved_checks", moved_checks, 1, 100, 3),
		.help = "Checks in a row with the same permanent target before a link is "
			"moved." },
	{ DURATION("moved_span", moved_span_ms, 0, D(366), D(14)),
		.help = "How old the first of those must be." },
};
static const struct key_group confirm_group = GROUP_OF(confirm_keys);
#undef OF

/* --- hosts --- */

#define OF struct config_host
static const struct key host_keys[] = {
	{ TEXT("match", match, match), .flags = KEY_REQUIRED | KEY_NAMES,
		.help = "The host that is meant; * stands for any characters, ? for one. "
			"\"*.arxiv.org\" also means arxiv.org. The first entry that "
			"matches holds; the built-in ones come last." },
	{ DURATION("request_interval", request_interval_ms, 0, D(1), KEY_INHERITED),
		.initial_shown = "that of check.host_request_interval",
		.help = "Time between two requests to it. A longer Crawl-delay of its "
			"robots.txt is kept all the same." },
	{ NUMBER("concurrency", concurrency, 1, 1000, KEY_INHERITED),
		.initial_shown = "that of check.host_concurrency",
		.help = "Requests at a time to it." },
};
static const struct key_group host_group = GROUP_OF(host_keys);
#undef OF

/* --- network --- */

/* Three that have nothing to do with each other, and that nobody's list is about. */
static const char *const canary_texts[] = { "https://www.iana.org/",
	"https://www.wikipedia.org/", "https://www.debian.org/" };
static const struct config_texts canaries = { canary_texts, NULL, 3 };

#define OF struct config_network
static const struct key network_keys[] = {
	{ TEXT("resolver", resolver, resolver), .initial_shown = "the system's",
		.help = "The DNS servers to ask." },
	{ TEXTS("connect_to", connect_to, connect_to),
		.help = "Connect to the second host and port for requests to the first; "
			"any part may be empty." },
	{ TEXT("cacert", cacert, path), .initial_shown = "the system's",
		.help = "A file of certificates to trust." },
	{ TEXTS("allow_addresses", allow_addresses, range),
		.help = "Private or reserved addresses that links may lead to; without "
			"this, none." },
	{ TEXTS("allow_ports", allow_ports, port),
		.help = "Ports that links may lead to, besides 80, 443, 8080 and 8443." },
	{ TEXT("proxy", proxy, proxy), .flags = KEY_UNUSED,
		.help = "A proxy for all requests." },
	{ TEXTS("canaries", canaries, web_url), .initial_texts = &canaries,
		.help = "Pages of unrelated hosts that are asked when many links fail at "
			"once, to tell whether it is us. [] asks none." },
};
static const struct key_group network_group = GROUP_OF(network_keys);
#undef OF

/* --- publish, notify --- */

#define OF struct config_publish
static const struct key publish_keys[] = {
	{ TEXT("directory", directory, path),
		.help = "Where the site of pages, badges and feeds is written." },
	{ TEXT("public_url", public_url, web_url),
		.help = "Under which address people see it." },
};
static const struct key_group publish_group = GROUP_OF(publish_keys);
#undef OF

#define OF struct config_notify
static const struct key notify_keys[] = {
	{ KEY("type", WORD, type), .words = &notify_words, .flags = KEY_REQUIRED,
		.help = "The way people are told." },
	{ TEXT("name", name, name), .initial_shown = "the type and a number",
		.help = "What this receiver is called. What it was told is remembered "
			"under its name, so give it one before you reorder receivers." },
	{ KEY("on", WORDS, on), .words = &occasion_words, .flags = KEY_REQUIRED, .min = 1,
		.help = "What they are told of." },
	{ TEXTS("lists", lists, name), .initial_shown = "all",
		.help = "Of which lists they are told." },
	{ TEXTS("to", to, mail),
		.help = "Who gets the mail; required for mail and sendmail." },
	{ TEXT("from", from, mail), .initial_shown = "linkrotd at this host",
		.help = "Who the mail is from." },
	{ TEXT("server", server, server),
		.initial_shown = "the public server of ntfy, telegram and github_issue",
		.help = "Required for mail: smtp://HOST, smtps://HOST or sendmail:, "
			"which hands the mail to this machine's own. Required for matrix "
			"and alertmanager: the address of the server." },
	{ TEXT("user", user, text),
		.help = "The name to log in to the mail server with." },
	{ TEXT("password_file", password_file, secret),
		.help = "A file with the password for it." },
	{ KEY("tls", WORD, tls), .words = &tls_words, .initial = CONFIG_TLS_AUTO,
		.help = "For smtp://. auto demands STARTTLS and a valid certificate, "
			"except of this machine's own server if it wants no password; "
			"never sends in the clear, and no password then." },
	{ TEXT("url_file", url_file, secret),
		.help = "A file with the URL to post to, which is a secret; required for "
			"slack, discord, teams, mattermost and webhook." },
	{ TEXT("token_file", token_file, secret),
		.help = "A file with a token; required for matrix, telegram and "
			"github_issue, and sent with ntfy, webhook and alertmanager if "
			"it "
			"is given." },
	{ TEXT("room", room, text),
		.help = "The room of matrix, as !ID:SERVER; required there." },
	{ TEXT("chat", chat, text),
		.help = "The chat of telegram, as a number or @CHANNEL; required "
			"there." },
	{ TEXT("topic", topic, topic), .help = "The topic of ntfy; required there." },
	{ TEXT("repository", repository, repository),
		.help = "Where github_issue keeps one issue a list; required there." },
	{ TEXT("template_file", template_file, path),
		.help = "JSON for webhook, in whose texts {{subject}} and other names "
			"stand for values." },
	{ DURATION("group_wait", group_wait_ms, 0, D(1), M(10)),
		.help = "How long nothing more must have happened before they are told; "
			"they do not wait longer than six times that." },
	{ DURATION("group_interval", group_interval_ms, M(1), D(30), H(6)),

		.help = "Time between two messages about one list or incident." },
	{ DURATION("repeat", repeat_ms, 0, D(366), D(7)),
		.help = "How often they are told of what is still dead. 0 is never." },
	{ TEXT("quiet", quiet, quiet),
		.help = "Hours in which nothing but the digest is sent." },
	{ NUMBER("max_per_hour", max_per_hour, 1, 60, 10),
		.help = "Messages an hour; what comes above that is put into the last "
			"one." },
};
static const struct key_group notify_group = GROUP_OF(notify_keys);
#undef OF

/* --- retention --- */

#define SPAN(name, member, least, value)                                                 \
	KEY(name, SPAN, member), .min = (least), .max = D(3660), .initial = (value)

#define OF struct config_retention
static const struct key retention_keys[] = {
	{ SPAN("checks", checks_ms, D(1), D(14)),
		.help = "How long every single check is kept." },
	{ SPAN("history", history_ms, D(30), CONFIG_FOREVER),
		.help = "How long it is kept in short: from when to when a link gave "
			"which answer." },
	{ SPAN("events", events_ms, D(30), CONFIG_FOREVER),
		.help = "How long events are kept. Those of a link since it was last "
			"well stay, as do the incidents." },
};
static const struct key_group retention_group = GROUP_OF(retention_keys);
#undef OF

/* --- the whole --- */

#define OF struct config
static const struct key root_keys[] = {
	{ TEXT("contact", contact, contact),
		.help = "Whom a server's operator may write to; it is part of the "
			"User-Agent. The daemon does not start without one." },
	{ TEXT("database", database, database), .flags = KEY_RESTART,
		.initial_text = "/var/lib/linkrotd/linkrotd.db",
		.help = "The file of the database (SQLite)." },
	{ GROUPS("lists", lists, list_count, list_group), .max = CONFIG_LISTS_MAX,
		.help = "What is watched. The daemon needs at least one." },
	{ GROUP("check", check, check_group), .help = "How links are asked." },
	{ GROUP("confirm", confirm, confirm_group),
		.help = "When a bad link is believed to be dead, or a redirect to be for "
			"good." },
	{ GROUPS("hosts", hosts, host_count, host_group), .max = CONFIG_HOSTS_MAX,
		.help = "Hosts with a pace of their own. First match wins." },
	{ GROUP("network", network, network_group),
		.help = "How the network is reached." },
	{ TEXT("listen", listen, listen), .flags = KEY_RESTART,
		.help = "Where the built-in web server listens; without it there is "
			"none." },
	{ TEXT("recheck_token_file", recheck_token_file, secret),
		.help = "A file with the token that POST /api/v1/recheck asks for; "
			"without it nobody may." },
	{ GROUP("publish", publish, publish_group), .help = "A static site." },
	{ GROUPS("notify", notify, notify_count, notify_group), .max = CONFIG_NOTIFY_MAX,
		.help = "Who is told of what." },
	{ GROUP("retention", retention, retention_group),
		.help = "How long the past is kept." },
	{ KEY("log_level", WORD, log_level), .words = &log_words,
		.initial = CONFIG_LOG_INFO,
		.help = "The least important lines that are logged." },
};
const struct key_group key_root = GROUP_OF(root_keys);
#undef OF

/* --- names --- */

#define KEY_TYPE_TEXT(name, type, text) text,
static const char *const type_texts[] = { KEY_TYPES(KEY_TYPE_TEXT) };

const char *key_type_text(enum key_type type)
{
	return type_texts[type];
}

const struct key *key_of_name(const struct key_group *group, struct slice name)
{
	for (uint32_t i = 0; i < group->count; i++)
		if (slice_equal(name, slice_of(group->keys[i].name)))
			return &group->keys[i];
	return NULL;
}
