/* config: what the operator wrote, as values (interfaces, section 4).
 *
 * YAML in, one struct out: every value has its type, its limits and its default already
 * applied, so nobody who reads a struct config checks anything again. Reading the files
 * is the caller's; this room only gets their names and bytes. It does not open, look up
 * or resolve anything: a path is a path here, an address text that looks like one.
 *
 * One table (daemon/config/keys.c) holds each key with its type, limits, default and
 * meaning; parsing, validation, `config print`, `config reference` and the differences of
 * a reload all come from it.
 *
 * Several files are one configuration: mappings of the same name are merged, lists are
 * appended in the order of the files, anything else may be set only once. Hostile input
 * ends in an error, never in much memory or time: see the CONFIG_*_MAX. Anchors, aliases,
 * tags and further documents are refused.
 *
 * A struct config is one block of memory of its own (config_free): it is read-only after
 * config_parse, may be handed to other threads, and all its text ends with a NUL. Text
 * that is not set is NULL. A reload parses the whole anew and swaps the pointer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"

enum {
	CONFIG_FILES_MAX = 256,
	CONFIG_FILE_BYTES_MAX = 1 << 20, /* of one file */
	CONFIG_NODES_MAX = 200000,       /* keys, values and items of all files */
	CONFIG_DEPTH_MAX = 16,
	CONFIG_ERRORS_MAX = 20, /* told at once; the rest is counted */
	CONFIG_LISTS_MAX = 10000,
	CONFIG_SOURCES_MAX = 10000, /* of one list; also of every other list of texts */
	CONFIG_HOSTS_MAX = 10000,
	CONFIG_NOTIFY_MAX = 100,
	CONFIG_RECIPIENTS_MAX = 100,  /* of one receiver of mail */
	CONFIG_TEXT_BYTES_MAX = 4096, /* of one value */
	CONFIG_NAME_BYTES_MAX = 64,   /* of a list's name */
};

/* "forever", as a span. */
#define CONFIG_FOREVER INT64_MAX

/* Where a value was written. */
struct config_place {
	const char *file; /* NULL: nowhere, it is a default */
	uint32_t line, column;
};

struct config_texts {
	const char *const *at;
	const struct config_place *places; /* of each; NULL: defaults */
	uint32_t count;
};

/* Every struct below begins with the places of its keys, in the order of their rows in
 * the table; they are for this room. */

struct config_list {
	const struct config_place *places;
	const char *name;            /* [a-z0-9-]+, unique */
	const char *title;           /* never NULL: the name, if none was given */
	struct config_texts sources; /* files, globs, directories, http(s) URLs; >= 1 */
	time_ms refresh_ms;          /* how often they are read again */
	time_ms interval_ms;         /* between the checks of a healthy link */
};

#define CONFIG_ROBOTS(X)                                                                 \
	X(OBEY, "obey")                                                                  \
	X(IGNORE, "ignore")

#define CONFIG_ROBOTS_ENUM(name, text) CONFIG_ROBOTS_##name,
enum config_robots { CONFIG_ROBOTS(CONFIG_ROBOTS_ENUM) };
#undef CONFIG_ROBOTS_ENUM

struct config_check {
	const struct config_place *places;
	time_ms timeout_ms; /* of one request, everything included */
	uint32_t max_concurrency;
	uint32_t max_redirects;
	uint32_t max_retries; /* within one check */
	enum config_robots robots;
	uint64_t max_body_bytes;
	/* For hosts that no entry of `hosts` matches; a host is a pacing key
	 * (model/host.h). */
	time_ms host_request_interval_ms;
	uint32_t host_concurrency;
	time_ms max_interval_ms; /* how far the interval of a stable link may stretch */
	/* First checks are spread over it; 0: a second for each link, at least a minute,
	 * at most a day. */
	time_ms first_spread_ms;
	const char *user_agent; /* NULL: made of `contact`; see config_add_user_agent */
	struct config_texts include, exclude; /* PCRE2, as the options of `check` */
	bool fragments;                       /* look for ids on remote pages, too */
	const char *github_token_file;        /* a secret: config_secret_path */
};

/* The limits of interfaces 1.4. */
struct config_confirm {
	const struct config_place *places;
	uint32_t strikes;
	time_ms span_ms;             /* the first strike is at least that old */
	time_ms unreachable_span_ms; /* likewise, where there is nothing but unreachable
				      */
	uint32_t early_strikes;      /* registry, http_410, NXDOMAIN of a whole domain */
	time_ms early_span_ms;
	uint32_t moved_checks; /* the same permanent target seen so often ... */
	time_ms moved_span_ms; /* ... over so long makes `moved` */
};

struct config_host {
	const struct config_place *places; /* NULL: a built-in entry */
	const char *match;                 /* see config_host_of */
	time_ms request_interval_ms;
	uint32_t concurrency;
};

struct config_network {
	const struct config_place *places;
	const char *resolver;           /* "ADDR[:PORT]", several separated by commas */
	struct config_texts connect_to; /* HOST1:PORT1:HOST2:PORT2 */
	const char *cacert;
	struct config_texts allow_addresses; /* CIDR; see policy/address.h */
	struct config_texts allow_ports;     /* numbers as text, 1 to 65535 */
	const char *proxy;                   /* not used yet */
	/* Asked when it is in doubt whether this machine is online; unrelated http(s)
	 * URLs. May be empty. */
	struct config_texts canaries;
};

struct config_publish {
	const struct config_place *places;
	const char *directory;
	const char *public_url;
};

#define CONFIG_NOTIFY_TYPES(X)                                                           \
	X(MAIL, "mail")                                                                  \
	X(SENDMAIL, "sendmail")                                                          \
	X(SLACK, "slack")                                                                \
	X(DISCORD, "discord")                                                            \
	X(TEAMS, "teams")                                                                \
	X(MATTERMOST, "mattermost")                                                      \
	X(MATRIX, "matrix")                                                              \
	X(NTFY, "ntfy")                                                                  \
	X(TELEGRAM, "telegram")                                                          \
	X(WEBHOOK, "webhook")                                                            \
	X(GITHUB_ISSUE, "github_issue")                                                  \
	X(ALERTMANAGER, "alertmanager")

#define CONFIG_NOTIFY_ENUM(name, text) CONFIG_NOTIFY_##name,
enum config_notify_type { CONFIG_NOTIFY_TYPES(CONFIG_NOTIFY_ENUM) };
#undef CONFIG_NOTIFY_ENUM

#define CONFIG_OCCASIONS(X)                                                              \
	X(DIGEST, "digest")                                                              \
	X(DEAD, "dead")                                                                  \
	X(RECOVERED, "recovered")                                                        \
	X(MOVED, "moved")                                                                \
	X(INCIDENT, "incident")

#define CONFIG_OCCASION_ENUM(name, text) CONFIG_OCCASION_##name,
enum config_occasion { CONFIG_OCCASIONS(CONFIG_OCCASION_ENUM) };
#undef CONFIG_OCCASION_ENUM

#define CONFIG_TLS(X)                                                                    \
	X(AUTO, "auto")                                                                  \
	X(NEVER, "never")

#define CONFIG_TLS_ENUM(name, text) CONFIG_TLS_##name,
enum config_tls { CONFIG_TLS(CONFIG_TLS_ENUM) };
#undef CONFIG_TLS_ENUM

/* One receiver. Which keys a type needs and which it may have is checked
 * (daemon/config/rules_notify.c); the others are NULL or empty. */
struct config_notify {
	const struct config_place *places;
	enum config_notify_type type;
	const char *name;          /* NULL: see config_notify_name */
	uint32_t on;               /* 1 << enum config_occasion */
	struct config_texts lists; /* names of lists that exist; none: all */
	struct config_texts to;    /* mail, sendmail: at least one */
	const char *from;          /* mail, sendmail */
	const char *server;        /* see config_notify_server */
	const char *user;          /* mail */
	enum config_tls tls;       /* mail */
	/* Secrets: config_secret_path. */
	const char *password_file; /* mail */
	const char *url_file;      /* slack, discord, teams, mattermost, webhook */
	const char *token_file;    /* matrix, ntfy, telegram, webhook, github_issue,
				      alertmanager */
	const char *room;          /* matrix */
	const char *chat;          /* telegram */
	const char *topic;         /* ntfy */
	const char *repository;    /* github_issue: OWNER/NAME */
	const char *template_file; /* webhook */
	/* The pace (message/plan.h). */
	time_ms group_wait_ms, group_interval_ms;
	time_ms repeat_ms; /* 0: never */
	const char *quiet; /* NULL: none; config_quiet_parse */
	uint32_t max_per_hour;
};

struct config_retention {
	const struct config_place *places;
	time_ms checks_ms; /* all three: or CONFIG_FOREVER */
	time_ms history_ms;
	time_ms events_ms;
};

#define CONFIG_LOG_LEVELS(X)                                                             \
	X(ERROR, "error")                                                                \
	X(WARNING, "warning")                                                            \
	X(NOTICE, "notice")                                                              \
	X(INFO, "info")                                                                  \
	X(DEBUG, "debug")

#define CONFIG_LOG_ENUM(name, text) CONFIG_LOG_##name,
enum config_log_level { CONFIG_LOG_LEVELS(CONFIG_LOG_ENUM) };
#undef CONFIG_LOG_ENUM

struct config {
	const struct config_place *places;
	const char *contact;  /* mailto: or http(s)://; NULL only where no daemon runs */
	const char *database; /* never NULL */
	const struct config_list *lists;
	uint32_t list_count;
	struct config_check check;
	struct config_confirm confirm;
	const struct config_host *hosts; /* the operator's, then the built-in ones */
	uint32_t host_count;
	struct config_network network;
	const char *listen;             /* ADDR:PORT; NULL: no web server */
	const char *recheck_token_file; /* a secret; NULL: nobody may ask over the web */
	struct config_publish publish;
	const struct config_notify *notify;
	uint32_t notify_count;
	struct config_retention retention;
	enum config_log_level log_level;
};

/* --- reading --- */

struct config_file {
	const char *name; /* as errors and places show it; copied */
	struct slice bytes;
};

/* A built-in entry of `hosts`; the caller has them from policy/wishes.h. One whose match
 * the operator wrote himself is left out: it could never match first. */
struct config_wish {
	const char *match;
	uint32_t concurrency;
	time_ms request_interval_ms;
};

struct config_defaults {
	const struct config_wish *wishes;
	uint32_t wish_count;
};

/* "FILE:LINE:COLUMN: what was found; what is expected; the nearest known key." */
struct config_errors {
	struct error at[CONFIG_ERRORS_MAX];
	uint32_t count; /* may be more than are kept */
};

/* The whole, or NULL with at least one error, those of one file in the order of its
 * lines. The first file is the main one; the order of the others is the caller's (byte
 * order of their names). No file at all gives the defaults. */
struct config *config_parse(const struct config_file *files, uint32_t count,
	const struct config_defaults *defaults, struct config_errors *errors);
void config_free(struct config *config); /* NULL is harmless */

/* What the daemon needs beyond a valid configuration: a contact and a list. */
int config_check_daemon(const struct config *config, struct error *error);

/* --- asking --- */

/* The entry for a pacing key (model/host.h); NULL: the general pace of `check` holds. The
 * first that matches: `*` stands for any bytes, `?` for one, and `*.` in front also for
 * nothing, so that "*.arxiv.org" and "arxiv.org" both mean arXiv. Without regard to case.
 * Linear in the entries: ask once a host. */
const struct config_host *config_host_of(const struct config *config, struct slice key);

/* The list of that name, or NULL. Linear. */
const struct config_list *config_list_of(const struct config *config, struct slice name);

/* `check.user_agent`, or "linkrotd/VERSION (+CONTACT)". */
void config_add_user_agent(const struct config *config, struct buffer *out);

/* Where the secret of a *_file key is: the path itself, or for "credential:NAME" the file
 * NAME in `credentials_directory` (systemd's CREDENTIALS_DIRECTORY; NULL: not there). -1
 * with an error when it is a credential and there is no such directory. */
int config_secret_path(const char *value, const char *credentials_directory,
	struct buffer *ret_path, struct error *error);

/* What a receiver is called in the database and the journal: its name, or "TYPE#N", the
 * N-th of its type without a name. A name that was given survives any change of the file.
 */
void config_notify_name(const struct config *config, uint32_t index, struct buffer *out);

/* Where it is reached: mail smtp://, smtps:// or sendmail:, the others http(s)://, with
 * the public servers of ntfy, telegram and github_issue as defaults. NULL: the URL is in
 * `url_file`, or there is none (sendmail). */
const char *config_notify_server(const struct config_notify *notify);

/* "22:00-07:00", "22:00-07:00 +01:00": minutes of the day, and how far that clock is east
 * of UTC. False for anything else. */
bool config_quiet_parse(
	struct slice text, int *ret_from_min, int *ret_to_min, int *ret_offset_min);

/* --- showing --- */

/* The effective configuration as YAML that parses to the same, each line with its origin
 * as a comment: "# default", "# built in" or "# FILE:LINE". No secret is in it, because
 * none is in a configuration: only the names of their files. -1: no memory. */
int config_print(const struct config *config, struct buffer *out);

/* Every key with type, default, limits and meaning. Without memory `out` has failed. */
void config_print_reference(struct buffer *out);

/* Every difference that matters, in the order of the table: one sentence each, such as
 * "check.timeout: 20s -> 30s", with whether the daemon must be restarted for it (it keeps
 * the old value until then). Lists and notifications are told apart by name or place.
 * The text lives during the call. Returns how many there were. */
uint32_t config_diff(const struct config *old, const struct config *new,
	void (*on_change)(void *data, const char *sentence, bool needs_restart),
	void *data);
