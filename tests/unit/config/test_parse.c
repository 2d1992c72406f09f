#include "unit/config/configs.h"

#include <string.h>

/* The example of interfaces, section 4. */
static const char contract[] =
	"contact: mailto:ops@example.org          # goes into the User-Agent\n"
	"database: /var/lib/linkrotd/linkrotd.db  # SQLite\n"
	"lists:\n"
	"  - name: llm-alignment                  # [a-z0-9-]+\n"
	"    title: Aligning LLMs with Human\n"
	"    sources: [/srv/lists/awesome/README.md, "
	"\"https://example.org/papers.bib\"]\n"
	"    refresh: 1h\n"
	"    interval: 7d\n"
	"check: {timeout: 20s, max_concurrency: 128, max_redirects: 10, robots: obey, "
	"max_body: 512KiB}\n"
	"confirm: {strikes: 3, span: 6d, unreachable_span: 14d}\n"
	"hosts:\n"
	"  - match: \"*.arxiv.org\"\n"
	"    request_interval: 15s\n"
	"    concurrency: 1\n"
	"network: {resolver: null, connect_to: [], cacert: null, allow_addresses: [], "
	"proxy: null}\n"
	"listen: 127.0.0.1:8780\n"
	"publish: {directory: /var/lib/linkrotd/site, public_url: "
	"\"https://links.example.org\"}\n"
	"notify:\n"
	"  - {type: mail, to: [ops@example.org], server: \"smtp://localhost\", on: "
	"[digest, dead]}\n"
	"  - {type: slack, url_file: /etc/linkrotd/slack-url, on: [dead, recovered]}\n"
	"retention: {checks: 14d, history: forever, events: forever}\n";

static void the_contract(void **state)
{
	(void)state;
	struct config *config = parse_good(contract);
	assert_string_equal(config->contact, "mailto:ops@example.org");
	assert_string_equal(config->database, "/var/lib/linkrotd/linkrotd.db");
	assert_int_equal(config->list_count, 1);
	const struct config_list *list = &config->lists[0];
	assert_string_equal(list->name, "llm-alignment");
	assert_string_equal(list->title, "Aligning LLMs with Human");
	assert_int_equal(list->sources.count, 2);
	assert_string_equal(list->sources.at[0], "/srv/lists/awesome/README.md");
	assert_string_equal(list->sources.at[1], "https://example.org/papers.bib");
	assert_int_equal(list->refresh_ms, TIME_MS_PER_HOUR);
	assert_int_equal(list->interval_ms, 7 * TIME_MS_PER_DAY);
	assert_int_equal(config->check.timeout_ms, 20000);
	assert_int_equal(config->check.max_concurrency, 128);
	assert_int_equal(config->check.max_redirects, 10);
	assert_int_equal(config->check.robots, CONFIG_ROBOTS_OBEY);
	assert_int_equal(config->check.max_body_bytes, 512 * 1024);
	assert_int_equal(config->confirm.strikes, 3);
	assert_int_equal(config->confirm.span_ms, 6 * TIME_MS_PER_DAY);
	assert_int_equal(config->confirm.unreachable_span_ms, 14 * TIME_MS_PER_DAY);
	assert_int_equal(config->host_count, 3);
	assert_string_equal(config->hosts[0].match, "*.arxiv.org");
	assert_int_equal(config->hosts[0].request_interval_ms, 15000);
	assert_int_equal(config->hosts[0].concurrency, 1);
	assert_null(config->network.resolver);
	assert_null(config->network.cacert);
	assert_null(config->network.proxy);
	assert_int_equal(config->network.connect_to.count, 0);
	assert_int_equal(config->network.allow_addresses.count, 0);
	assert_string_equal(config->listen, "127.0.0.1:8780");
	assert_string_equal(config->publish.directory, "/var/lib/linkrotd/site");
	assert_string_equal(config->publish.public_url, "https://links.example.org");
	assert_int_equal(config->notify_count, 2);
	assert_int_equal(config->notify[0].type, CONFIG_NOTIFY_MAIL);
	assert_string_equal(config->notify[0].to.at[0], "ops@example.org");
	assert_string_equal(config->notify[0].server, "smtp://localhost");
	assert_int_equal(config->notify[0].on,
		1 << CONFIG_OCCASION_DIGEST | 1 << CONFIG_OCCASION_DEAD);
	assert_int_equal(config->notify[1].type, CONFIG_NOTIFY_SLACK);
	assert_string_equal(config->notify[1].url_file, "/etc/linkrotd/slack-url");
	assert_int_equal(config->retention.checks_ms, 14 * TIME_MS_PER_DAY);
	assert_int_equal(config->retention.history_ms, CONFIG_FOREVER);
	assert_int_equal(config->retention.events_ms, CONFIG_FOREVER);
	config_free(config);
}

/* Interfaces 1.4 and 4; for the pace rot-and-papers 6.1. */
static void defaults(void **state)
{
	(void)state;
	struct config_errors errors;
	struct config *config = config_parse(NULL, 0, NULL, &errors);
	assert_non_null(config);
	assert_null(config->contact);
	assert_string_equal(config->database, "/var/lib/linkrotd/linkrotd.db");
	assert_int_equal(config->list_count, 0);
	assert_int_equal(config->host_count, 0);
	assert_int_equal(config->check.timeout_ms, 20000);
	assert_int_equal(config->check.max_body_bytes, 512 * 1024);
	assert_int_equal(config->check.host_concurrency, 1);
	assert_int_equal(config->check.host_request_interval_ms, 3000);
	assert_int_equal(config->confirm.strikes, 3);
	assert_int_equal(config->confirm.early_strikes, 2);
	assert_int_equal(config->confirm.early_span_ms, TIME_MS_PER_DAY);
	assert_int_equal(config->network.canaries.count, 3);
	assert_null(config->listen);
	assert_int_equal(config->retention.checks_ms, 14 * TIME_MS_PER_DAY);
	assert_int_equal(config->log_level, CONFIG_LOG_INFO);
	config_free(config);

	config = parse_good("check: {max_concurrency: +5}\n");
	assert_int_equal(config->check.max_concurrency, 5);
	config_free(config);
	config = parse_good("# nothing but a comment\n");
	assert_int_equal(config->host_count, 2);
	config_free(config);
	config_free(parse_good(""));
	config_free(parse_good("---\n"));
	config_free(parse_good("lists:\ncheck:\n  # timeout: 3s\nhosts: ~\n"));
}

static void a_mark_of_byte_order_is_no_column(void **state)
{
	(void)state;
	struct config *config =
		parse_good("\xEF\xBB\xBF"
			   "contact: mailto:a@b.c\ncheck: {timeout: 3s}\n");
	assert_string_equal(config->contact, "mailto:a@b.c");
	assert_int_equal(config->check.timeout_ms, 3000);
	config_free(config);
}

static void a_title_is_the_name_and_a_pace_the_general_one(void **state)
{
	(void)state;
	struct config *config =
		parse_good("lists: [{name: a-1, sources: [x.md]}]\n"
			   "hosts: [{match: a.test, concurrency: 7}, {match: b.test, "
			   "request_interval: 9s}]\n"
			   "check: {host_request_interval: 5s, host_concurrency: 4}\n");
	assert_string_equal(config->lists[0].title, "a-1");
	assert_int_equal(config->lists[0].interval_ms, 7 * TIME_MS_PER_DAY);
	assert_int_equal(config->hosts[0].concurrency, 7);
	assert_int_equal(config->hosts[0].request_interval_ms, 5000);
	assert_int_equal(config->hosts[1].concurrency, 4);
	assert_int_equal(config->hosts[1].request_interval_ms, 9000);
	config_free(config);
}

/* A built-in entry that the operator wrote himself could never match. */
static void built_in_hosts_come_last(void **state)
{
	(void)state;
	struct config *config =
		parse_good("hosts: [{match: GitHub.com, request_interval: 1m}]\n");
	assert_int_equal(config->host_count, 2);
	assert_string_equal(config->hosts[0].match, "GitHub.com");
	assert_int_equal(config->hosts[0].request_interval_ms, 60000);
	assert_string_equal(config->hosts[1].match, "arxiv.org");
	config_free(config);
}

static void unknown_keys(void **state)
{
	(void)state;
	assert_refused("databse: x\n",
		"a.yaml:1:1: unknown key \"databse\" ... did you mean \"database\"?");
	assert_refused("Contact: mailto:a@b.c\n",
		"a.yaml:1:1: unknown key \"Contact\" ... did you mean \"contact\"?");
	assert_refused("check:\n  max-redirects: 3\n",
		"a.yaml:2:3: unknown key \"max-redirects\" in check ... "
		"\"max_redirects\"");
	assert_refused("check: {tiemout: 3s}\n",
		"a.yaml:1:9: unknown key \"tiemout\" in check ... \"timeout\"");
	assert_refused("check: {strikes: 3}\n",
		"a.yaml:1:9: unknown key \"strikes\" ... belongs under \"confirm\"");
	assert_refused("check: {contact: x}\n",
		"a.yaml:1:9: unknown key \"contact\" ... at the top");
	assert_refused("retention: {zzzzzzzz: 3}\n",
		"a.yaml:1:13: unknown key \"zzzzzzzz\" in retention; there are checks, "
		"history, events");
	assert_refused("\"a\\nb\\e[31m\": 3\n", "a.yaml:1:1: unknown key \"a b [31m\"");
	assert_refused("<<: {contact: x}\n", "a.yaml:1:1: unknown key \"<<\"");
}

static void wrong_types(void **state)
{
	(void)state;
	assert_refused("check: 3\n", "a.yaml:1:8: check: a single value; expected keys");
	assert_refused("check: [3]\n", "a.yaml:1:8: check: a list; expected keys");
	assert_refused("lists: {a: b}\n", "a.yaml:1:8: lists: a group of keys; expected");
	assert_refused("lists: [a]\n", "a.yaml:1:9: lists: a single value ... - name:");
	assert_refused("contact: [a]\n", "a.yaml:1:10: contact: a list; expected mailto");
	assert_refused("database:\n", "a.yaml:1:10: database: nothing; expected");
	assert_refused("check: {timeout: null}\n", "a.yaml:1:18: check.timeout: nothing");
	assert_refused("check: {timeout: [3s]}\n", "a.yaml:1:18: check.timeout: a list");
	assert_refused("check: {timeout: 20}\n", "a.yaml:1:18: check.timeout: \"20\"; "
						 "expected a number with its unit");
	assert_refused(
		"check: {timeout: 20 s}\n", "a.yaml:1:18: check.timeout: \"20 s\"");
	assert_refused("check: {max_redirects: ten}\n",
		"a.yaml:1:24: check.max_redirects: \"ten\"; expected a whole number");
	assert_refused("check: {max_redirects: '3'}\n",
		"a.yaml:1:24: check.max_redirects: \"3\" ... without quotes");
	assert_refused("check: {max_redirects: 1.5}\n", "a.yaml:1:24: check.max_red");
	assert_refused("check: {max_body: 512}\n", "a.yaml:1:19: check.max_body: \"512\" "
						   "... such as 512KiB");
	assert_refused("check: {max_body: 512KB}\n", "a.yaml:1:19: check.max_body");
	assert_refused("check: {robots: obay}\n", "a.yaml:1:17: check.robots: \"obay\"; "
						  "expected obey or ignore; did you mean "
						  "obey?");
	assert_refused("check: {robots: [obey]}\n", "a.yaml:1:17: check.robots: a list");
	assert_refused("check: {fragments: yes}\n", "a.yaml:1:20: check.fragments: "
						    "\"yes\"; expected true or false");
	assert_refused("check: {exclude: x}\n",
		"a.yaml:1:18: check.exclude: \"x\"; expected a list");
	assert_refused("check: {exclude: [[x]]}\n", "a.yaml:1:19: check.exclude: a list");
	assert_refused("? [a]\n: b\n", "a.yaml:1:3: a list where a key should be");
	assert_refused("- a\n", "a.yaml:1:1: a list where the keys should be");
	assert_refused("word\n", "a.yaml:1:1: a single value where the keys");
}

static void impossible_values(void **state)
{
	(void)state;
	assert_refused("check: {timeout: 0s}\n",
		"a.yaml:1:18: check.timeout: 0s is out of range; from 100ms to 1h");
	assert_refused("check: {timeout: 2h}\n", "a.yaml:1:18: check.timeout: 2h is out");
	assert_refused("check: {max_concurrency: 0}\n",
		"a.yaml:1:26: check.max_concurrency: 0 is out of range; from 1 to 20000");
	assert_refused("check: {max_concurrency: -1}\n",
		"a.yaml:1:26: check.max_concurrency: -1 is out of range");
	assert_refused("check: {max_concurrency: +-1}\n",
		"a.yaml:1:26: check.max_concurrency: \"+-1\"; expected a whole number");
	assert_refused("check: {max_concurrency: 99999999999999999999999}\n",
		"a.yaml:1:26: check.max_concurrency: 999 ... out of range");
	assert_refused("check: {max_body: 2GiB}\n",
		"a.yaml:1:19: check.max_body: 2GiB is out of range; from 1KiB to 64MiB");
	assert_refused("check: {max_body: 99999999999999999GiB}\n", "a.yaml:1:19: check");
	assert_refused("retention: {checks: 1h}\n", "a.yaml:1:21: retention.checks: 1h "
						    "is out of range; from 1d to 3660d");
	assert_refused("confirm: {unreachable_span: 3d}\n",
		"a.yaml:1:11: confirm.unreachable_span: is shorter than confirm.span");
	assert_refused("confirm: {span: 20d}\n", "a.yaml:1:11: confirm.unreachable_span");
	assert_refused("lists: [{name: a, sources: []}]\n",
		"a.yaml:1:28: lists.sources: is empty");
	assert_refused("lists: [{title: a}]\n",
		"a.yaml:1:9: lists.name: is missing\na.yaml:1:9: lists.sources: is "
		"missing");
	assert_refused("lists:\n- {name: a, sources: [x]}\n- {name: a, sources: [y]}\n",
		"a.yaml:3:4: lists.name: \"a\" is also in a.yaml:2");
	assert_refused("lists:\n- {name: a, sources: 3}\n- {name: a, sources: [y]}\n",
		"a.yaml:2:22: lists.sources\na.yaml:3:4: lists.name: \"a\" is also");
	assert_refused("hosts: [{match: a.test}, {match: b.test}, {match: a.test}]\n",
		"a.yaml:1:44: hosts.match: \"a.test\" is also in a.yaml:1");
}

static void forms_of_text(void **state)
{
	(void)state;
	static const struct {
		const char *key, *value;
		bool good;
	} cases[] = {
		{ "contact", "mailto:a@b.test", true },
		{ "contact", "https://a.test/bot", true },
		{ "contact", "a@b.test", false },
		{ "contact", "mailto:", false },
		{ "contact", "mailto:a b@c", false },
		{ "contact", "https://", false },
		{ "contact", "\"mailto:a@b.test\\r\\nX: y\"", false },
		{ "contact", "\"mailto:\\u00fc@b.test\"", false },
		{ "contact", "ftp://a.test/", false },
		{ "database", "/x y/z.db", true },
		{ "database", "\"postgres://h/x\"", false },
		{ "database", "\"\"", false },
		{ "database", "\"a\\0b\"", false },
		{ "database", "\"a\\nb\"", false },
		{ "listen", "127.0.0.1:8780", true },
		{ "listen", "\"[::1]:8780\"", true },
		{ "listen", "null", true },
		{ "listen", "\"null\"", false },
		{ "listen", "8780", false },
		{ "listen", "127.0.0.1", false },
		{ "listen", "127.0.0.1:0", false },
		{ "listen", "127.0.0.1:65536", false },
		{ "listen", "\"::1:80\"", false },
		{ "network", "{resolver: 9.9.9.9}", true },
		{ "network", "{resolver: \"9.9.9.9:53, [::1]:53,::1\"}", true },
		{ "network", "{resolver: dns.test}", false },
		{ "network", "{resolver: \"9.9.9.9,\"}", false },
		{ "network", "{resolver: \",9.9.9.9\"}", false },
		{ "network", "{connect_to: [\"a:80:127.0.0.1:81\", \":::\"]}", true },
		{ "network", "{connect_to: [\"a:80:[::1]:81\"]}", true },
		{ "network", "{connect_to: [\"a:80:b\"]}", false },
		{ "network", "{connect_to: [\"a:x:b:80\"]}", false },
		{ "network", "{connect_to: [\"a:1:b:2:c\"]}", false },
		{ "network", "{allow_addresses: [127.0.0.0/8, fd00::/8, 10.1.2.3]}",
			true },
		{ "network", "{allow_addresses: [10.0.0.0/33]}", false },
		{ "network", "{allow_addresses: [192.168.1.1/24]}", false },
		{ "network", "{allow_addresses: [\"fd00::1/8\"]}", false },
		{ "network", "{allow_addresses: [192.168.1.1/32, 0.0.0.0/0]}", true },
		{ "network", "{allow_addresses: [a.test]}", false },
		{ "network", "{allow_ports: [81, 65535]}", true },
		{ "network", "{allow_ports: [0]}", false },
		{ "network", "{proxy: \"socks5h://h:1\"}", true },
		{ "network", "{proxy: \"h:1\"}", false },
		{ "network", "{canaries: []}", true },
		{ "network", "{canaries: [a.test]}", false },
		{ "check", "{user_agent: x/1}", true },
		{ "check", "{user_agent: \" x\"}", false },
		{ "check", "{github_token_file: \"credential:token\"}", true },
		{ "check", "{github_token_file: \"credential:../token\"}", false },
		{ "check", "{github_token_file: \"credential:\"}", false },
		{ "hosts", "[{match: \"*\"}]", true },
		{ "hosts", "[{match: a.test}]", true },
		{ "hosts", "[{match: export.arxiv.org}]", false },
		{ "hosts", "[{match: \"*.github.io\"}]", false },
		{ "hosts", "[{match: \"https://a.test\"}]", false },
		{ "hosts", "[{match: \"*.\"}]", false },
		{ "lists", "[{name: A, sources: [x]}]", false },
		{ "lists", "[{name: a_b, sources: [x]}]", false },
		{ "lists", "[{name: 2024, sources: [x]}]", true },
		{ "lists", "[{name: a, sources: [\"-\"]}]", false },
		{ "lists", "[{name: a, sources: [\"ftp://a.test/\"]}]", false },
		{ "lists", "[{name: a, sources: [\"docs/**/*.md\"]}]", true },
		{ "publish", "{public_url: links.test}", false },
		{ "log_level", "debug", true },
		{ "log_level", "loud", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config_errors errors;
		struct buffer text;
		buffer_init(&text, 1000);
		buffer_printf(&text, "%s: %s\n", cases[i].key, cases[i].value);
		struct config *config = parse_text(buffer_string(&text), &errors);
		if ((config != NULL) != cases[i].good)
			fail_msg("%s%s", buffer_string(&text),
				config != NULL ? "taken" : errors.at[0].text);
		if (config == NULL && strstr(errors.at[0].text, "a.yaml:1:") == NULL)
			fail_msg("no place: %s", errors.at[0].text);
		config_free(config);
		buffer_fini(&text);
	}
}

/* Userinfo is never printed, and secrets come from files. */
static void passwords_are_refused_and_not_shown(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"lists: [{name: a, sources: [\"https://u:geheim@a.test/\"]}]\n",
		"network: {proxy: \"http://u:geheim@h/\"}\n",
		"notify: [{type: mail, to: [a@b.c], server: \"smtp://u:geheim@h\"}]\n",
		"publish: {public_url: \"https://u:geheim@h\"}\n",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct config_errors errors;
		assert_null(parse_text(texts[i], &errors));
		uint32_t told = 0;
		for (uint32_t j = 0; j < errors.count; j++) {
			told += strstr(errors.at[j].text, "password in it") != NULL;
			assert_null(strstr(errors.at[j].text, "geheim"));
		}
		assert_int_equal(told, 1);
	}
}

static void notifications_by_type(void **state)
{
	(void)state;
	assert_refused("notify: [{type: mail, on: [dead]}]\n",
		"a.yaml:1:11: notify: needs \"to\"\na.yaml:1:11: notify: needs "
		"\"server\"");
	assert_refused("notify: [{type: slack, on: [dead], to: [a@b.c]}]\n",
		"a.yaml:1:11: notify: needs \"url_file\"\na.yaml:1:36: notify.to: has no "
		"meaning");
	assert_refused("notify: [{type: webhook, url_file: x, on: []}]\n",
		"a.yaml:1:43: notify.on: is empty");
	assert_refused("notify: [{type: webhook, url_file: x, on: [digset]}]\n",
		"a.yaml:1:44: notify.on: \"digset\" ... did you mean digest?");
	assert_refused("notify: [{type: pigeon, on: [dead]}]\n",
		"a.yaml:1:17: notify.type: \"pigeon\"; expected mail, sendmail, slack");
}

/* One that fits for every type, and what each must not do without. */
static void every_type_of_receiver(void **state)
{
	(void)state;
	static const struct {
		const char *type, *keys, *needs;
	} cases[] = {
		{ "mail",
			"to: [a@b.c], server: 'smtps://h:465', user: u, "
			"password_file: p, from: d@e.f",
			"to server" },
		{ "mail", "to: [a@b.c], server: 'smtp://h', tls: never", "to server" },
		{ "mail", "to: [a@b.c], server: 'sendmail:'", "to server" },
		{ "sendmail", "to: [a@b.c], from: d@e.f", "to" },
		{ "slack", "url_file: u", "url_file" },
		{ "discord", "url_file: u", "url_file" },
		{ "teams", "url_file: u", "url_file" },
		{ "mattermost", "url_file: u", "url_file" },
		{ "matrix", "server: 'https://m', room: '!a:m', token_file: t",
			"server token_file room" },
		{ "ntfy", "topic: links_1, token_file: t, server: 'http://n:1'",
			"topic" },
		{ "telegram", "chat: -100, token_file: 'credential:t'",
			"token_file chat" },
		{ "webhook", "url_file: u, token_file: t, template_file: x.json",
			"url_file" },
		{ "github_issue", "repository: o/n.x, token_file: t",
			"token_file repository" },
		{ "alertmanager", "server: 'http://127.0.0.1:9093'", "server" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buffer text, expected;
		struct slice needs = slice_of(cases[i].needs), key;
		buffer_init(&text, 10000);
		buffer_init(&expected, 10000);
		buffer_printf(&text, "notify: [{type: %s, on: [dead], %s}]\n",
			cases[i].type, cases[i].keys);
		struct config *config = parse_good(buffer_string(&text));
		assert_int_equal(config->notify[0].group_wait_ms, 600000);
		assert_int_equal(config->notify[0].max_per_hour, 10);
		config_free(config);
		buffer_reset(&text);
		buffer_printf(&text, "notify: [{type: %s, on: [dead]}]\n", cases[i].type);
		while (slice_split(&needs, ' ', &key))
			buffer_printf(&expected, "%sa.yaml:1:11: notify: needs \"%.*s\"",
				expected.len > 0 ? "\n" : "", SLICE_ARG(key));
		assert_refused(buffer_string(&text), buffer_string(&expected));
		buffer_fini(&expected);
		buffer_fini(&text);
	}
}

static void what_contradicts_in_a_receiver(void **state)
{
	(void)state;
	assert_refused("notify: [{type: mail, on: [dead], to: [a@b.c], server: "
		       "'https://h'}]\n",
		"a.yaml:1:48: notify.server: is no mail server");
	assert_refused("notify: [{type: alertmanager, on: [digest, dead], "
		       "server: 'http://127.0.0.1:9093'}]\n",
		"a.yaml:1:31: notify.on: \"digest\" has no meaning with this type");
	assert_refused("notify: [{type: alertmanager, on: [dead], server: 'smtp://h'}]\n",
		"a.yaml:1:43: notify.server: is a mail server");
	assert_refused("notify: [{type: mail, on: [dead], to: [a@b.c], server: "
		       "'smtp://h', user: u}]\n",
		"a.yaml:1:68: notify.user: needs \"password_file\"");
	assert_refused("notify: [{type: mail, on: [dead], to: [a@b.c], server: "
		       "'smtp://h', user: u, password_file: p, tls: never}]\n",
		"a.yaml:1:68: notify.user: a password is not sent without TLS");
	assert_refused("notify: [{type: slack, on: [dead], url_file: x, lists: [b]}]\n"
		       "lists: [{name: a, sources: [x]}]\n",
		"a.yaml:1:57: notify.lists: there is no list \"b\"");
	assert_refused("notify: [{type: slack, on: [dead], url_file: x, name: n}, "
		       "{type: slack, on: [dead], url_file: y, name: n}]\n",
		"a.yaml:1:98: notify.name: \"n\" is also in a.yaml:1");
	assert_refused("notify: [{type: ntfy, on: [dead], topic: 'a/b'}]\n",
		"a.yaml:1:42: notify.topic: ");
	assert_refused("notify: [{type: github_issue, on: [dead], token_file: t, "
		       "repository: a/b/c}]\n",
		"a.yaml:1:70: notify.repository: ");
	assert_refused("notify: [{type: slack, on: [dead], url_file: x, quiet: "
		       "'22-7'}]\n",
		"a.yaml:1:56: notify.quiet: ");
}

static void what_is_no_configuration(void **state)
{
	(void)state;
	assert_refused("contact: mailto:a@b.c\ncontact: mailto:a@b.c\n",
		"a.yaml:2:1: \"contact\" is here a second time, first in line 1");
	assert_refused("lists:\n\t- name: a\n", "a.yaml:2:1: a tab");
	assert_refused("check:\n  timeout: 3s\n \tx: 3\n", "a.yaml:3: ... a tab");
	assert_refused("a: &x 3\n", "a.yaml:1:1: unknown\na.yaml:1:4: an anchor (&x)");
	assert_refused("contact: *x\n", "a.yaml:1:10: ... x");
	assert_refused("contact: !!str mailto:a@b.c\n", "a.yaml:1:10: a tag");
	assert_refused("a: b: c\n", "a.yaml:1:5: mapping values are not allowed");
	assert_refused("contact: \"x\n", "a.yaml:2:1: found unexpected end ... line 1");
	assert_refused("--- \nlisten: ~\n---\nlisten: ~\n", "a.yaml:3:1: a second doc");
	assert_refused("listen: \xff\n", "a.yaml:1:1: is no UTF-8 text");
	assert_refused("check: {include: [[[[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]]]]}\n",
		"a.yaml:1:32: nested more than 16 deep");
}

/* Columns count bytes from 1, whatever the line is made of. */
static void places_count_bytes(void **state)
{
	(void)state;
	assert_refused("# \xC3\xBC\xC3\xBC\n\r\nlists: [{name: a, title: \"\xE2\x82\xAC"
		       "\xC3\xBC\", sources: 3}]\n",
		"a.yaml:3:44: lists.sources: \"3\"; expected a list");
	assert_refused("\xEF\xBB\xBFlistn: ~\n", "a.yaml:1:4: unknown key \"listn\"");
}

static void all_errors_in_the_order_of_lines(void **state)
{
	(void)state;
	struct config_errors errors;
	struct buffer text;
	assert_refused("lists:\n- title: x\n  interval: 7\ncheck: {timeout: 3}\nfoo: 3\n",
		"a.yaml:2:3: lists.name: is missing\n"
		"a.yaml:2:3: lists.sources: is missing\n"
		"a.yaml:3:13: lists.interval\n"
		"a.yaml:4:18: check.timeout\n"
		"a.yaml:5:1: unknown key \"foo\"");
	buffer_init(&text, 1 << 20);
	for (int i = 0; i < 60; i++)
		buffer_printf(&text, "wrong%d: 3\n", i);
	assert_null(parse_text(buffer_string(&text), &errors));
	assert_int_equal(errors.count, 60);
	assert_slice(slice_sub(slice_of(errors.at[CONFIG_ERRORS_MAX - 1].text), 0, 12),
		"a.yaml:20:1:");
	buffer_fini(&text);
}

static void repeat(struct buffer *text, const char *part, int count)
{
	for (int i = 0; i < count; i++)
		buffer_add_text(text, part);
}

/* Each ceiling is an error with a place, and none takes long. */
static void ceilings(void **state)
{
	(void)state;
	struct config_errors errors;
	struct buffer text;
	buffer_init(&text, 8 << 20);

	repeat(&text, "#2345678\n", (1 << 20) / 9 + 1);
	assert_null(parse_text(buffer_string(&text), &errors));
	assert_errors(&errors, "a.yaml:1:1: larger than 1024 KiB", "size");

	buffer_reset(&text);
	buffer_add_text(&text, "check: {exclude: [");
	repeat(&text, "a,", 300000);
	buffer_add_text(&text, "b]}\n");
	assert_null(parse_text(buffer_string(&text), &errors));
	assert_errors(&errors, "a.yaml:1: ... more than 200000 values", "values");

	buffer_reset(&text);
	buffer_add_text(&text, "check: {exclude: [");
	repeat(&text, "a,", CONFIG_SOURCES_MAX);
	buffer_add_text(&text, "b]}\n");
	assert_null(parse_text(buffer_string(&text), &errors));
	assert_errors(&errors, "a.yaml:1:18: check.exclude: has 10001 members", "texts");

	buffer_reset(&text);
	repeat(&text, "[", 500000);
	assert_null(parse_text(buffer_string(&text), &errors));
	assert_errors(&errors, "a.yaml:1:17: nested more than 16 deep", "depth");

	buffer_reset(&text);
	buffer_add_text(&text, "database: ");
	repeat(&text, "x", CONFIG_TEXT_BYTES_MAX + 1);
	assert_null(parse_text(buffer_string(&text), &errors));
	assert_errors(
		&errors, "a.yaml:1:11: a value of 4097 bytes; at most 4096", "text");

	buffer_reset(&text);
	for (int i = 0; i < 101; i++)
		buffer_printf(&text, "k%d: 3\n", i);
	assert_null(parse_text(buffer_string(&text), &errors));
	assert_non_null(strstr(errors.at[0].text, "a.yaml:101:1: more than 100 keys"));
	buffer_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_contract),
		cmocka_unit_test(defaults),
		cmocka_unit_test(a_mark_of_byte_order_is_no_column),
		cmocka_unit_test(a_title_is_the_name_and_a_pace_the_general_one),
		cmocka_unit_test(built_in_hosts_come_last),
		cmocka_unit_test(unknown_keys),
		cmocka_unit_test(wrong_types),
		cmocka_unit_test(impossible_values),
		cmocka_unit_test(forms_of_text),
		cmocka_unit_test(passwords_are_refused_and_not_shown),
		cmocka_unit_test(notifications_by_type),
		cmocka_unit_test(every_type_of_receiver),
		cmocka_unit_test(what_contradicts_in_a_receiver),
		cmocka_unit_test(what_is_no_configuration),
		cmocka_unit_test(places_count_bytes),
		cmocka_unit_test(all_errors_in_the_order_of_lines),
		cmocka_unit_test(ceilings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
