#include "probe/tally_internal.h"

#include <stdlib.h>

#include "base/table.h"

struct tally_host {
	struct tally_host *next;
	struct host_stats stats;
	uint32_t active;
	uint32_t answered;
	time_us last_start;
	time_ms waited_ms; /* for first bytes, in all */
	UT_hash_handle hh;
	size_t key_len;
	char key[];
};

static struct tally_host *find(const struct tally *tally, struct slice key)
{
	struct tally_host *host = NULL;
	HASH_FIND(hh, tally->hosts, key.at, key.len, host);
	return host;
}

static struct tally_host *add(struct tally *tally, struct slice key)
{
	struct tally_host *host = calloc(1, sizeof(*host) + key.len);
	if (host == NULL)
		return NULL;
	host->key_len = key.len;
	if (key.len > 0)
		memcpy(host->key, key.at, key.len);
	host->stats.closest_us = -1;
	host->stats.answer_ms = host->stats.answer_ms_max = -1;
	HASH_ADD(hh, tally->hosts, key, key.len, host);
	if (host->hh.tbl == NULL) {
		free(host);
		return NULL;
	}
	host->next = tally->first;
	tally->first = host;
	tally->count++;
	return host;
}

void tally_sent(struct tally *tally, struct slice key, enum ask_kind kind,
	enum tally_part part, time_us now)
{
	struct tally_host *host = find(tally, key);
	if (host == NULL && (host = add(tally, key)) == NULL)
		return;
	struct host_stats *stats = &host->stats;
	time_us gap = now - host->last_start;
	if (stats->requests > 0 && (stats->closest_us < 0 || gap < stats->closest_us))
		stats->closest_us = gap;
	host->last_start = now;
	stats->requests++;
	switch (part) {
	case TALLY_FIRST:
		stats->by_kind[kind]++;
		break;
	case TALLY_REDIRECT:
		stats->redirects++;
		break;
	case TALLY_RETRY:
		stats->retries++;
		break;
	}
	if (++host->active > stats->peak)
		stats->peak = host->active;
}

void tally_over(struct tally *tally, struct slice key, int status, time_ms first_byte_ms)
{
	struct tally_host *host = find(tally, key);
	if (host == NULL || host->active == 0)
		return;
	struct host_stats *stats = &host->stats;
	host->active--;
	stats->answers[status >= 100 && status < 600 ? status / 100 : 0]++;
	stats->refused += status == 429 || status == 503;
	if (status == 0 || first_byte_ms < 0)
		return;
	host->answered++;
	host->waited_ms += first_byte_ms;
	if (first_byte_ms > stats->answer_ms_max)
		stats->answer_ms_max = first_byte_ms;
}

static int by_requests(const void *a, const void *b)
{
	const struct host_stats *x = a, *y = b;
	if (x->requests != y->requests)
		return x->requests > y->requests ? -1 : 1;
	size_t len = x->host.len < y->host.len ? x->host.len : y->host.len;
	int order = memcmp(x->host.at, y->host.at, len);
	return order != 0 ? order
			  : (x->host.len > y->host.len) - (x->host.len < y->host.len);
}

struct host_stats *tally_list(
	const struct tally *tally, struct arena *arena, uint32_t *ret_count)
{
	uint32_t count = 0;
	struct host_stats *list = ARENA_ARRAY(arena, struct host_stats, tally->count);
	*ret_count = 0;
	if (list == NULL)
		return NULL;
	for (const struct tally_host *host = tally->first; host != NULL;
		host = host->next) {
		struct host_stats *stats = &list[count];
		*stats = host->stats;
		stats->host =
			arena_copy(arena, (struct slice){ host->key, host->key_len });
		if (stats->host.at == NULL)
			continue;
		if (host->answered > 0)
			stats->answer_ms = host->waited_ms / host->answered;
		count++;
	}
	if (count > 0)
		qsort(list, count, sizeof(*list), by_requests);
	*ret_count = count;
	return list;
}

void tally_fini(struct tally *tally)
{
	struct tally_host *next;
	HASH_CLEAR(hh, tally->hosts);
	for (struct tally_host *host = tally->first; host != NULL; host = next) {
		next = host->next;
		free(host);
	}
	*tally = (struct tally){ 0 };
}
