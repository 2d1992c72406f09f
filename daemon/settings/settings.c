#include "settings/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { SETTINGS_BYTES_MAX = 1024 * 1024, POLITE_FAILURES_MAX = 3 };

static int read_fail_on(struct settings *settings, const char *text, struct error *error)
{
	struct slice rest = slice_of(text), word;
	while (slice_split(&rest, ',', &word)) {
		enum outcome outcome;
		word = slice_trim(word);
		if (!outcome_parse(word, &outcome) || outcome == OUTCOME_OK)
			return error_set(error,
				"--fail-on %s: \"%.*s\" is no outcome that can fail; "
				"choose from "
				"broken, unreachable, moved, gated, skipped",
				text, SLICE_ARG(word));
		settings->fail_on |= UINT32_C(1) << outcome;
	}
	return 0;
}

/* A header name is a token (RFC 9110 5.6.2); line breaks in a value would be a second
 * header. */
static bool is_header(struct slice name, struct slice value)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";
	if (name.len == 0)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!char_is_alpha(name.at[i]) && !char_is_digit(name.at[i]) &&
			memchr(marks, name.at[i], sizeof(marks) - 1) == NULL)
			return false;
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.at[i] < ' ' && value.at[i] != '\t')
			return false;
	return true;
}

/* What frames a request is not the user's to set: one wrong length and no link answers.
 */
static bool is_framing(struct slice name)
{
	static const char *const names[] = { "Content-Length", "Transfer-Encoding",
		"Connection", "Host", "Upgrade", "Expect", "TE", "Trailer" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_equal_nocase(name, slice_of(names[i])))
			return true;
	return false;
}

static int read_headers(
	struct settings *settings, const struct texts *texts, struct error *error)
{
	struct header *headers =
		ARENA_ARRAY(&settings->arena, struct header, texts->count);
	if (headers == NULL)
		return error_set(error, "out of memory");
	for (uint32_t i = 0; i < texts->count; i++) {
		struct slice text = slice_of(texts->at[i]);
		size_t colon = slice_find_char(text, ':');
		if (colon == SLICE_NONE)
			colon = text.len;
		headers[i].name = slice_trim(slice_sub(text, 0, colon));
		headers[i].value = slice_trim(slice_sub(text, colon + 1, text.len));
		if (colon == text.len || !is_header(headers[i].name, headers[i].value))
			return error_set(error,
				"--header '%s': write it as 'Name: value'", texts->at[i]);
		if (is_framing(headers[i].name))
			return error_set(error,
				"--header '%s': this header is set for each request; "
				"leave "
				"it out",
				texts->at[i]);
	}
	settings->probing.headers = headers;
	settings->probing.header_count = texts->count;
	return 0;
}

/* One part of H1:P1:H2:P2; a host may be an IPv6 address in brackets. */
static bool take_part(struct slice *rest, struct slice *ret_part)
{
	if (slice_starts(*rest, SLICE("["))) {
		size_t close = slice_find_char(*rest, ']');
		if (close == SLICE_NONE)
			return false;
		*ret_part = slice_sub(*rest, 0, close + 1);
		*rest = slice_sub(*rest, close + 1, rest->len);
		if (rest->len == 0) {
			*rest = (struct slice){ 0 };
			return true;
		}
		if (rest->at[0] != ':')
			return false;
		*rest = slice_sub(*rest, 1, rest->len);
		return true;
	}
	return slice_split(rest, ':', ret_part);
}

static bool to_port(struct slice text, int32_t *ret_port)
{
	uint64_t port = 0;
	if (text.len == 0) {
		*ret_port = -1;
		return true;
	}
	if (!slice_to_number(text, 65535, &port) || port == 0)
		return false;
	*ret_port = (int32_t)port;
	return true;
}

/* "ADDR", "ADDR:PORT" or "[V6]:PORT". */
static bool is_name_server(struct slice text)
{
	struct address address;
	struct slice rest = text, host, port = { 0 }, more;
	int32_t number;
	if (address_parse(text, &address))
		return true;
	return take_part(&rest, &host) && address_parse(host, &address) &&
	       slice_split(&rest, ':', &port) && !slice_split(&rest, ':', &more) &&
	       port.len > 0 && to_port(port, &number);
}

/* One, or several with commas between them. */
static bool is_resolver(struct slice text)
{
	struct slice rest = text, part;
	bool any = false;
	while (slice_split(&rest, ',', &part)) {
		if (!is_name_server(slice_trim(part)))
			return false;
		any = true;
	}
	return any;
}

static bool parse_connect_to(struct slice text, struct connect_to *ret)
{
	struct slice rest = text, port, to_port_text, more;
	return take_part(&rest, &ret->host) && take_part(&rest, &port) &&
	       take_part(&rest, &ret->to_host) && take_part(&rest, &to_port_text) &&
	       !slice_split(&rest, ':', &more) && to_port(port, &ret->port) &&
	       to_port(to_port_text, &ret->to_port);
}

static int read_connect_to(
	struct settings *settings, const struct texts *texts, struct error *error)
{
	struct connect_to *rules =
		ARENA_ARRAY(&settings->arena, struct connect_to, texts->count);
	if (rules == NULL)
		return error_set(error, "out of memory");
	for (uint32_t i = 0; i < texts->count; i++)
		if (!parse_connect_to(slice_of(texts->at[i]), &rules[i]))
			return error_set(error,
				"--connect-to %s: write HOST1:PORT1:HOST2:PORT2 (any "
				"part may be "
				"empty; IPv6 addresses in brackets)",
				texts->at[i]);
	settings->probing.connect_to = rules;
	settings->probing.connect_to_count = texts->count;
	return 0;
}

static int read_allowed(
	struct settings *settings, const struct texts *texts, struct error *error)
{
	struct address_range *ranges =
		ARENA_ARRAY(&settings->arena, struct address_range, texts->count);
	if (ranges == NULL)
		return error_set(error, "out of memory");
	for (uint32_t i = 0; i < texts->count; i++)
		if (!address_parse_range(slice_of(texts->at[i]), &ranges[i]))
			return error_set(error,
				"--allow-address %s: write an address or a range, as "
				"127.0.0.0/8, with nothing behind the prefix",
				texts->at[i]);
	settings->probing.addresses.allowed = ranges;
	settings->probing.addresses.allowed_count = texts->count;
	return 0;
}

static int read_ports(
	struct settings *settings, const struct texts *texts, struct error *error)
{
	uint16_t *ports = ARENA_ARRAY(&settings->arena, uint16_t, texts->count);
	if (ports == NULL)
		return error_set(error, "out of memory");
	for (uint32_t i = 0; i < texts->count; i++) {
		int32_t port;
		if (!to_port(slice_of(texts->at[i]), &port) || port < 0)
			return error_set(error,
				"--allow-port %s: write a number from 1 to 65535",
				texts->at[i]);
		ports[i] = (uint16_t)port;
	}
	settings->probing.addresses.ports = ports;
	settings->probing.addresses.port_count = texts->count;
	return 0;
}

static int check_combinations(const struct options *options, struct error *error)
{
	if (options->quiet && options->verbose > 0)
		return error_set(
			error, "--quiet and --verbose exclude each other; choose one");
	if (options->database != NULL && options->database[0] == '\0')
		return error_set(error, "--database: names no file");
	if (options->offline && options->suggest)
		return error_set(error, "--suggest asks an archive and --offline forbids "
					"it; leave one out");
	return 0;
}

static int check_cacert(const char *path, struct error *error)
{
	FILE *file = path != NULL ? fopen(path, "r") : NULL;
	if (path == NULL)
		return 0;
	/* A directory can be opened, but not read. */
	bool readable = file != NULL && fgetc(file) != EOF;
	const char *why = errno != 0 ? strerror(errno) : "the file is empty";
	if (file != NULL)
		fclose(file);
	return readable ? 0 : error_set(error, "--cacert %s: %s", path, why);
}

static void fill_probing(struct settings *settings, const struct options *options)
{
	struct prober_config *probing = &settings->probing;
	prober_config_defaults(probing);
	probing->user_agent =
		options->user_agent != NULL
			? slice_of(options->user_agent)
			: SLICE("linkrotd/" LINKROTD_VERSION " (link checker)");
	probing->insecure = options->insecure;
	probing->ca_file = slice_of(options->cacert);
	probing->resolver = slice_of(options->resolver);
	probing->timeout_ms = options->timeout_ms;
	if (probing->connect_timeout_ms > options->timeout_ms)
		probing->connect_timeout_ms = options->timeout_ms;
	if (probing->dns_timeout_ms > options->timeout_ms)
		probing->dns_timeout_ms = options->timeout_ms;
	probing->pace.concurrency_total = (uint32_t)options->max_concurrency;
	probing->pace.concurrency = (uint32_t)options->host_concurrency;
	probing->pace.interval_us = options->host_request_interval_ms * TIME_US_PER_MS;
	probing->retry.retries_max = (uint32_t)options->max_retries;
	probing->redirect.hops_max = (uint32_t)options->max_redirects;
	probing->count_hosts = options->host_stats;
	/* As the daemon: who refuses robots is not asked on and on. */
	probing->obey_robots = options->polite;
	if (options->polite) {
		probing->breaker.failures_max = POLITE_FAILURES_MAX;
		probing->breaker.counts_challenges = true;
	}
}

int settings_init(
	struct settings *settings, const struct options *options, struct error *error)
{
	*settings = (struct settings){ 0 };
	arena_init(&settings->arena, SETTINGS_BYTES_MAX);
	fill_probing(settings, options);
	if (options->accept != NULL &&
		accept_parse(slice_of(options->accept), &settings->accept, error) < 0)
		return -1;
	const char *token = options->github_token;
	if (token == NULL)
		token = getenv("GITHUB_TOKEN");
	settings->github_token = slice_trim(slice_of(token));
	if (!is_header(SLICE("Authorization"), settings->github_token))
		return error_set(error, "--github-token: a token has no line breaks");
	if (!is_header(SLICE("User-Agent"), settings->probing.user_agent) ||
		settings->probing.user_agent.len == 0)
		return error_set(
			error, "--user-agent: must be one line that is not empty");
	if (options->resolver != NULL && !is_resolver(slice_of(options->resolver)))
		return error_set(error,
			"--resolver %s: not an address; write ADDR or ADDR:PORT, as "
			"127.0.0.1:53",
			options->resolver);
	if (options->new_since != NULL && options->new_since[0] == '\0')
		return error_set(
			error, "--new-since: needs a file, a JSON report or a database");
	errno = 0;
	if (check_combinations(options, error) < 0 ||
		check_cacert(options->cacert, error) < 0 ||
		format_choose(slice_of(options->format), REPORT_FORMATS,
			&settings->format, error) < 0 ||
		read_fail_on(settings, options->fail_on, error) < 0 ||
		read_headers(settings, &options->headers, error) < 0 ||
		read_connect_to(settings, &options->connect_to, error) < 0 ||
		read_allowed(settings, &options->allow_address, error) < 0 ||
		read_ports(settings, &options->allow_port, error) < 0)
		return -1;
	const char *step_summary = getenv("GITHUB_STEP_SUMMARY");
	if (settings->format == FORMAT_GITHUB && step_summary != NULL &&
		step_summary[0] != '\0')
		settings->step_summary = step_summary;
	if (filter_init(&settings->include, "include", &options->include, error) < 0 ||
		filter_init(&settings->exclude, "exclude", &options->exclude, error) < 0)
		return -1;
	return filter_init(
		&settings->exclude_path, "exclude-path", &options->exclude_path, error);
}

void settings_fini(struct settings *settings)
{
	filter_fini(&settings->include);
	filter_fini(&settings->exclude);
	filter_fini(&settings->exclude_path);
	arena_fini(&settings->arena);
}

bool settings_excludes(const struct settings *settings, struct slice url)
{
	if (filter_matches(&settings->include, url))
		return false;
	if (settings->include.count > 0 && settings->exclude.count == 0)
		return true;
	return filter_matches(&settings->exclude, url);
}
