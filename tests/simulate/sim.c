/* The runner of policy scripts: sim FILE... prints "ok NAME" or "not ok NAME: line N: …".
 *
 * A script has one sentence a line; README beside this file has the grammar. Exit status:
 * 0 all held, 1 one did not, 2 a script could not be read or understood. */
#include "base/buffer.h"
#include "base/http_date.h"
#include "simulate/script.h"

enum { SCRIPT_BYTES_MAX = 1 << 20 };

static void set_limits(struct script *script)
{
	struct world *world = &script->world;
	if (world->pacer != NULL) {
		misread(script, "limits before the first request");
		return;
	}
	while (script->at < script->count && !script->wrong) {
		if (word_is(script, "total"))
			world->limits.concurrency_total = take_positive(script);
		else if (word_is(script, "concurrency"))
			world->limits.concurrency = take_positive(script);
		else if (word_is(script, "interval"))
			world->limits.interval_us = take_time(script);
		else if (word_is(script, "remember"))
			world->limits.hosts_max = take_count(script);
		else
			misread(script, "total, concurrency, interval or remember");
	}
}

static void set_host(struct script *script)
{
	struct server *server = take_server(script);
	uint32_t concurrency = script->world.limits.concurrency;
	time_us interval_us = script->world.limits.interval_us;
	if (word_is(script, "stalled")) {
		server->stalled = true;
		return;
	}
	if (word_is(script, "concurrency"))
		concurrency = take_positive(script);
	if (word_is(script, "interval"))
		interval_us = take_time(script);
	if (pacer_set_host(world_pacer(&script->world), slice_of(server->name),
		    concurrency, interval_us) < 0)
		complain(script, "out of memory");
}

static void set_retry(struct script *script)
{
	struct retry_limits *retry = &script->world.retry;
	while (script->at < script->count && !script->wrong) {
		if (word_is(script, "times"))
			retry->retries_max = take_count(script);
		else if (word_is(script, "delay"))
			retry->delay_ms = take_time(script) / TIME_US_PER_MS;
		else if (word_is(script, "most"))
			retry->delay_ms_max = take_time(script) / TIME_US_PER_MS;
		else if (word_is(script, "patience"))
			retry->retry_after_ms_max = take_time(script) / TIME_US_PER_MS;
		else
			misread(script, "times, delay, most or patience");
	}
}

static void set_wall(struct script *script)
{
	if (!http_date_parse(take_rest(script), 0, &script->world.wall))
		misread(script, "an HTTP date");
}

/* wait NAME HOST [after DURATION] */
static void do_wait(struct script *script)
{
	struct slice name = take_word(script, "the name of a request");
	struct server *server = take_server(script);
	struct actor *actor = world_actor(&script->world, name);
	time_us earliest = script->world.now;
	if (word_is(script, "after"))
		earliest += take_time(script);
	if (actor == NULL)
		actor = world_add_actor(&script->world, name, server);
	actor->server = server;
	if (actor->turn.state != TURN_NONE)
		misread(script, "a request that is not in line");
	else
		world_wait(&script->world, actor, earliest);
}

/* crowd NAME COUNT HOST: NAME1, NAME2, … */
static void do_crowd(struct script *script)
{
	struct slice name = take_word(script, "a name");
	uint32_t count = take_count(script);
	struct server *server = take_server(script);
	for (uint32_t i = 1; i <= count; i++) {
		char text[WORLD_NAME_SIZE];
		snprintf(text, sizeof(text), "%.*s%u", SLICE_ARG(name), i);
		world_wait(&script->world,
			world_add_actor(&script->world, slice_of(text), server),
			script->world.now);
	}
}

/* hosts NAME COUNT: one request NAME1 at NAME1, NAME2 at NAME2, … */
static void do_hosts(struct script *script)
{
	struct slice name = take_word(script, "a name");
	uint32_t count = take_count(script);
	for (uint32_t i = 1; i <= count; i++) {
		char text[WORLD_NAME_SIZE];
		snprintf(text, sizeof(text), "%.*s%u", SLICE_ARG(name), i);
		struct slice key = slice_of(text);
		world_wait(&script->world,
			world_add_actor(
				&script->world, key, world_server(&script->world, key)),
			script->world.now);
	}
}

static void do_sent(struct script *script)
{
	struct actor *actor = take_actor(script);
	if (actor != NULL &&
		(actor->turn.state == TURN_GRANTED || actor->turn.state == TURN_SENT))
		world_sent(&script->world, actor);
	else
		misread(script, "a granted request");
}

static void do_done(struct script *script)
{
	struct actor *actor = take_actor(script);
	if (actor != NULL)
		world_done(&script->world, actor);
}

static void do_pause(struct script *script)
{
	struct server *server = take_server(script);
	time_us until = script->world.now + take_time(script);
	pacer_pause(world_pacer(&script->world), slice_of(server->name), until,
		script->world.now);
}

static void take_circumstances(struct script *script, struct retry_attempt *attempt)
{
	attempt->http2 = attempt->protocol_error = false;
	attempt->reused_connection = attempt->other_family = false;
	attempt->retry_after_ms = -1;
	while (script->at < script->count && !script->wrong) {
		if (word_is(script, "HEAD"))
			attempt->method = METHOD_HEAD;
		else if (word_is(script, "http2"))
			attempt->http2 = true;
		else if (word_is(script, "protocol"))
			attempt->protocol_error = true;
		else if (word_is(script, "reused"))
			attempt->reused_connection = true;
		else if (word_is(script, "two-families"))
			attempt->other_family = true;
		else if (word_is(script, "retry-after"))
			attempt->retry_after_ms = retry_after_parse(take_rest(script),
				script->world.wall + script->world.now / TIME_US_PER_MS);
		else
			misread(script, "a circumstance");
	}
}

/* answer NAME STATUS … and fail NAME REASON … */
static void do_end(struct script *script, bool answered)
{
	struct actor *actor = take_actor(script);
	if (actor == NULL)
		return;
	struct retry_attempt *attempt = &actor->attempt;
	attempt->status = 0;
	attempt->failure = REASON_OK;
	if (actor->turn.state != TURN_GRANTED && actor->turn.state != TURN_SENT)
		misread(script, "a granted request");
	else if (answered)
		attempt->status = (int)take_count(script);
	else
		attempt->failure = take_reason(script);
	take_circumstances(script, attempt);
	if (!script->wrong)
		world_retry(&script->world, actor);
}

static void do_answer(struct script *script)
{
	do_end(script, true);
}

static void do_fail(struct script *script)
{
	do_end(script, false);
}

/* run until TIME taking DURATION */
static void do_run(struct script *script)
{
	struct world *world = &script->world;
	if (!word_is(script, "until"))
		misread(script, "until");
	time_us until = take_time(script);
	if (!word_is(script, "taking"))
		misread(script, "taking");
	time_us taking = take_time(script);
	char text[32];
	if (until < world->now)
		misread(script, "a later time");
	else if (!script->wrong && !world_run(world, until, taking))
		complain(script, "expected something to start at %s, got nothing",
			span_text(world->now, text));
}

static void do_expect(struct script *script)
{
	say(script, expectations);
}

static const struct sentence sentences[] = {
	{ "limits", set_limits },
	{ "host", set_host },
	{ "retry", set_retry },
	{ "wall", set_wall },
	{ "wait", do_wait },
	{ "crowd", do_crowd },
	{ "hosts", do_hosts },
	{ "sent", do_sent },
	{ "done", do_done },
	{ "pause", do_pause },
	{ "answer", do_answer },
	{ "fail", do_fail },
	{ "run", do_run },
	{ "link", do_link },
	{ "check", do_check },
	{ "watch", do_watch },
	{ "clock", do_clock },
	{ "catch-up", do_catch_up },
	{ "confirm", do_confirm },
	{ "site", do_site },
	{ "sites", do_sites },
	{ "network", do_network },
	{ "resolver", do_resolver },
	{ "ask", do_ask },
	{ "ask-each", do_ask_each },
	{ "pass", do_pass },
	{ "sleep", do_sleep },
	{ "bad", do_bad },
	{ "good", do_good },
	{ "removed", do_removed },
	{ "expect", do_expect },
	{ NULL, NULL },
};

static void split_words(struct script *script, struct slice text)
{
	struct slice word;
	script->count = script->at = 0;
	size_t comment = slice_find_char(text, '#');
	script->text =
		slice_trim(comment == SLICE_NONE ? text : slice_sub(text, 0, comment));
	struct slice rest = script->text;
	while (slice_split(&rest, ' ', &word)) {
		word = slice_trim(word);
		if (word.len == 0)
			continue;
		if (script->count == WORDS_MAX) {
			misread(script, "fewer words");
			return;
		}
		script->words[script->count++] = word;
	}
}

static void run_line(struct script *script, struct slice text)
{
	split_words(script, text);
	if (script->count == 0 || script->wrong)
		return;
	if (word_is(script, "at")) {
		time_us now = take_time(script);
		if (now < script->world.now)
			misread(script, "a later time");
		else
			script->world.now = now;
		if (script->at == script->count)
			return;
	}
	say(script, sentences);
	if (script->at < script->count && script->complaint[0] == '\0')
		misread(script, "the end of the line");
}

static bool read_script(const char *path, struct buffer *out)
{
	char piece[4096];
	size_t len;
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return false;
	while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
		buffer_add(out, (struct slice){ piece, len });
	bool good = ferror(file) == 0 && !out->failed;
	fclose(file);
	return good;
}

static struct slice name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct slice name = slice_of(slash != NULL ? slash + 1 : path);
	if (slice_ends(name, SLICE(".sim")))
		name.len -= 4;
	return name;
}

static int run_script(const char *path)
{
	struct script script = { 0 };
	struct buffer text;
	struct slice name = name_of(path), line;

	buffer_init(&text, SCRIPT_BYTES_MAX);
	world_init(&script.world);
	watch_world_init(&script.watch);
	doubt_world_init(&script.doubt);
	incident_world_init(&script.incidents);
	if (read_script(path, &text)) {
		struct slice rest = buffer_slice(&text);
		while (script.complaint[0] == '\0' && slice_split(&rest, '\n', &line)) {
			script.line++;
			run_line(&script, line);
		}
	} else {
		complain(&script, "cannot be read");
		script.wrong = true;
	}
	if (script.complaint[0] == '\0')
		printf("ok %.*s\n", SLICE_ARG(name));
	else
		printf("not ok %.*s: line %u: %s\n", SLICE_ARG(name), script.line,
			script.complaint);
	incident_world_fini(&script.incidents);
	doubt_world_fini(&script.doubt);
	watch_world_fini(&script.watch);
	world_fini(&script.world);
	buffer_fini(&text);
	return script.complaint[0] == '\0' ? 0 : script.wrong ? 2 : 1;
}

int main(int argc, char **argv)
{
	int worst = 0;
	if (argc < 2) {
		fputs("usage: sim SCRIPT...\n", stderr);
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		int status = run_script(argv[i]);
		worst = status > worst ? status : worst;
	}
	return worst;
}
