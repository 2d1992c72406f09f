#include "simulate/incident.h"

#include <assert.h>

#include "simulate/script.h"

enum { HOST_NAME_MAX = 253, HOST_LINKS_MAX = 100000 };

void incident_world_init(struct incident_world *world)
{
	world->incidents = incidents_new();
	assert(world->incidents != NULL);
	buffer_init(&world->news, NEWS_BYTES_MAX);
}

void incident_world_fini(struct incident_world *world)
{
	for (uint32_t i = 0; i < world->host_count; i++)
		buffer_fini(&world->hosts[i]);
	buffer_fini(&world->news);
	incidents_free(world->incidents);
}

static void listen(struct script *script)
{
	static const char *const words[] = { "began ", "grew ", "ended " };
	struct incident_world *world = &script->incidents;
	enum incident_news news;
	struct incident incident;
	while (incident_next_news(world->incidents, &news, &incident)) {
		buffer_add_text(&world->news, words[news]);
		incident_sentence(&incident, &world->news);
		buffer_add_char(&world->news, '\n');
	}
	if (world->news.failed)
		misread(script, "less news");
}

/* --- links ------------------------------------------------------------------------- */

/* Numbers FROM to TO of one host, and what all of them have in common. */
struct links {
	struct incident_link link;
	int64_t before; /* the id of the host's number 0 */
	uint32_t from, to;
};

static uint32_t host_number(struct script *script, struct slice name)
{
	struct incident_world *world = &script->incidents;
	uint32_t i = 0;
	while (i < world->host_count &&
		!slice_equal(buffer_slice(&world->hosts[i]), name))
		i++;
	if (i < world->host_count)
		return i;
	if (i == INCIDENT_HOSTS_MAX) {
		misread(script, "fewer hosts");
		return 0;
	}
	buffer_init(&world->hosts[i], HOST_NAME_MAX);
	buffer_add(&world->hosts[i], name);
	world->host_count++;
	return i;
}

/* HOST FROM TO */
static struct links take_links(struct script *script)
{
	struct slice host = take_word(script, "a host");
	struct links links = { .link.host = host };
	links.from = take_positive(script);
	links.to = take_positive(script);
	if (links.to >= HOST_LINKS_MAX)
		misread(script, "fewer links");
	links.before = (int64_t)HOST_LINKS_MAX * (1 + host_number(script, host));
	return links;
}

/* bad HOST FROM TO REASON [of N] [certificate N] */
void do_bad(struct script *script)
{
	struct links links = take_links(script);
	links.link.reason = take_reason(script);
	if (word_is(script, "of"))
		links.link.host_links = take_positive(script);
	if (word_is(script, "certificate"))
		links.link.certificate = take_positive(script);
	for (uint32_t i = links.from; i <= links.to && !script->wrong; i++) {
		links.link.link_id = links.before + i;
		incident_note_bad(
			script->incidents.incidents, &links.link, watch_wall(script));
		listen(script);
	}
}

/* good HOST FROM TO */
void do_good(struct script *script)
{
	struct links links = take_links(script);
	for (uint32_t i = links.from; i <= links.to && !script->wrong; i++) {
		links.link.link_id = links.before + i;
		incident_note_good(
			script->incidents.incidents, &links.link, watch_wall(script));
		listen(script);
	}
}

/* removed HOST FROM TO */
void do_removed(struct script *script)
{
	struct links links = take_links(script);
	for (uint32_t i = links.from; i <= links.to && !script->wrong; i++) {
		incident_note_removed(script->incidents.incidents, links.before + i,
			watch_wall(script));
		listen(script);
	}
}

/* --- expectations ------------------------------------------------------------------ */

/* False: there is none. */
static bool next_news(struct incident_world *world, struct slice *ret_line)
{
	struct slice all = buffer_slice(&world->news);
	struct slice rest = slice_sub(all, world->news_read, all.len);
	return rest.len > 0 && slice_split(&rest, '\n', ret_line);
}

/* expect news began|grew|ended SENTENCE */
void expect_news(struct script *script)
{
	struct incident_world *world = &script->incidents;
	struct slice want = take_rest(script), have;
	if (!next_news(world, &have)) {
		complain(script, "expected news, got none");
		return;
	}
	world->news_read += have.len + 1;
	if (!slice_equal(want, have))
		complain(script, "expected %.*s, got %.*s", SLICE_ARG(want),
			SLICE_ARG(have));
}

/* expect silence: all that was told has been expected. */
void expect_silence(struct script *script)
{
	struct slice have;
	if (next_news(&script->incidents, &have))
		complain(script, "expected silence, got %.*s", SLICE_ARG(have));
}

/* expect incident HOST NUMBER N */
void expect_incident(struct script *script)
{
	struct slice host = take_word(script, "a host");
	int64_t before = (int64_t)HOST_LINKS_MAX * (1 + host_number(script, host));
	uint32_t have = incident_of_link(
		script->incidents.incidents, before + take_positive(script));
	uint32_t want = take_count(script);
	if (have != want)
		complain(script, "expected %u, got %u", want, have);
}

/* expect incidents N */
void expect_incidents(struct script *script)
{
	struct incident_totals totals;
	uint32_t want = take_count(script);
	incident_totals(script->incidents.incidents, &totals);
	if (totals.open != want)
		complain(script, "expected %u, got %u", want, totals.open);
}
