#include <stdio.h>

#include "model/host.h"
#include "probe/clock_internal.h"
#include "probe/probe_internal.h"

enum { PLATFORM_DELAY_MS_MAX = 2000, FAILED_KEPT_MS_MAX = 60 * 60 * 1000 };

/* After so long a robots.txt in trouble is none (RFC 9309 2.3.1.4). What is dead answers
 * so as well, and nobody would ever say that its pages are. */
static const time_ms given_up_ms = 30 * TIME_MS_PER_DAY;

static struct slice target_of_url(const struct url *url)
{
	const char *end = url->has_query ? url->query.at + url->query.len
					 : url->path.at + url->path.len;
	return (struct slice){ url->path.at, (size_t)(end - url->path.at) };
}

/* A delay of the robots.txt holds for everything that shares the host's pace; but one
 * customer of a platform does not speak for all. It holds for as long again as the text,
 * which is then asked again by whoever asks for anything. */
static void heed_delay(struct prober *prober, const struct site *site)
{
	struct url url;
	time_us kept_us = prober->config.robots_kept_ms * TIME_US_PER_MS;
	time_ms delay_ms = site->robots.crawl_delay_ms;
	arena_reset(&prober->scratch);
	if (delay_ms <= 0 ||
		url_parse(&prober->scratch, site_origin(site), NULL, &url) < 0)
		return;
	struct slice key = host_pacing_key(url.host);
	if (!slice_equal(key, host_registrable(url.host)) &&
		delay_ms > PLATFORM_DELAY_MS_MAX)
		delay_ms = PLATFORM_DELAY_MS_MAX;
	/* Without memory the general pace holds. */
	(void)pacer_slow_host(prober->pacer, key, delay_ms * TIME_US_PER_MS,
		site->robots_until + kept_us, clock_us());
}

/* Half a line could forbid everything. */
static struct slice whole_lines(const struct observation *seen)
{
	struct slice text = seen->body;
	while (seen->body_partial && text.len > 0 && text.at[text.len - 1] != '\n')
		text.len--;
	return text;
}

/* An answer holds for a day, trouble for an hour: neither a wish nor a bad moment of the
 * server may count for as long as a daemon lives. */
static void set_age(struct prober *prober, struct site *site, bool answered)
{
	time_ms kept_ms = prober->config.robots_kept_ms;
	if (!answered && kept_ms > FAILED_KEPT_MS_MAX)
		kept_ms = FAILED_KEPT_MS_MAX;
	site->robots_until = clock_us() + kept_ms * TIME_US_PER_MS;
}

static void forget_when_old(struct site *site)
{
	if (site->robots_state != SITE_ROBOTS_KNOWN || clock_us() < site->robots_until)
		return;
	site->robots_state = SITE_ROBOTS_UNKNOWN;
	site->robots = (struct robots){ 0 };
	arena_reset(&site->arena);
}

static void note_trouble(struct site *site)
{
	time_ms now = clock_wall_ms();
	if (site->access != ROBOTS_ACCESS_CLOSED)
		site->robots_failing_since = 0;
	else if (site->robots_failing_since == 0 || site->robots_failing_since > now)
		site->robots_failing_since = now;
	else if (now - site->robots_failing_since >= given_up_ms)
		site->access = ROBOTS_ACCESS_FREE;
}

static void on_robots(struct probe *probe, const struct observation *seen, void *data)
{
	struct site *site = data;
	struct prober *prober = site->prober;
	(void)probe;
	/* Its origin was closed, so that it was not asked for: whoever may pass asks. */
	if (seen->attempts == 0 && site_is_closed(site, clock_us())) {
		site->robots_state = SITE_ROBOTS_UNKNOWN;
		site_go_on(site);
		site_release(site);
		return;
	}
	site->robots_state = SITE_ROBOTS_KNOWN;
	site->access = robots_access(seen->failure, seen->http_status);
	set_age(prober, site,
		seen->failure == REASON_OK && site->access != ROBOTS_ACCESS_CLOSED);
	if (seen->failure == REASON_OK)
		note_trouble(site);
	if (site->access == ROBOTS_ACCESS_BY_RULES) {
		/* Without memory for the rules nothing is forbidden. */
		(void)robots_parse(&site->arena, whole_lines(seen), prober->robots_agent,
			&site->robots);
		heed_delay(prober, site);
	}
	site_go_on(site);
	site_release(site);
}

/* Paced, vetted and counted like everything else. Where it cannot be had it is not tried
 * again: the page itself will be, and shows its own reason. */
static bool start_fetch(const struct probe *asking, struct site *site)
{
	struct prober *prober = asking->prober;
	char text[512];
	int len = snprintf(
		text, sizeof(text), "%.*s/robots.txt", SLICE_ARG(site_origin(site)));
	const struct probe_request question = {
		.url = { text, len > 0 ? (size_t)len : 0 },
		.kind = ASK_ROBOTS,
		.want_body = true,
		.body_bytes_max = ROBOTS_TEXT_BYTES_MAX + 1,
		.no_retries = true,
		.no_own_headers = probe_hides_own_headers(asking),
		.second_method = asking->wish.second_method,
		.data = site,
		.on_done = on_robots,
	};
	site->prober = prober;
	struct probe *fetch = len > 0 && (size_t)len < sizeof(text)
				      ? prober_start(prober, &question)
				      : NULL;
	if (fetch == NULL)
		return false;
	site_hold(site);
	list_remove(&fetch->in_stage);
	probe_line_up_first(fetch);
	return true;
}

enum robots_word robots_ask(struct probe *probe, const struct url *url)
{
	struct prober *prober = probe->prober;
	if (!prober->config.obey_robots ||
		(probe->wish.kind != ASK_LINK && probe->wish.kind != ASK_SIBLING))
		return ROBOTS_PERMITTED;
	struct site *site = sites_get(&prober->sites, url);
	if (site == NULL)
		return ROBOTS_PERMITTED;
	probe_hold(probe, site);
	forget_when_old(site);
	if (site->robots_state == SITE_ROBOTS_UNKNOWN) {
		bool started = start_fetch(probe, site);
		site->robots_state = started ? SITE_ROBOTS_ASKED : SITE_ROBOTS_KNOWN;
		site->access = ROBOTS_ACCESS_FREE;
		set_age(prober, site, false);
		if (started)
			probe_wait_in(probe, site);
		else /* not at once: `url` was parsed where the fetch was, too */
			probe_line_up(probe);
		return ROBOTS_LATER;
	}
	if (site->robots_state == SITE_ROBOTS_ASKED) {
		probe_wait_in(probe, site);
		return ROBOTS_LATER;
	}
	switch (site->access) {
	case ROBOTS_ACCESS_FREE:
		return ROBOTS_PERMITTED;
	case ROBOTS_ACCESS_CLOSED:
		return ROBOTS_CLOSED;
	case ROBOTS_ACCESS_BY_RULES:
		break;
	}
	return robots_permits(&site->robots, target_of_url(url)) ? ROBOTS_PERMITTED
								 : ROBOTS_FORBIDDEN;
}
