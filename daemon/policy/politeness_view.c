/* What may be known of the pacer without changing it. */
#include "policy/politeness_internal.h"

uint32_t pacer_cause(const struct pacer *pacer, struct slice key)
{
	const struct pacer_host *host = pacer_host_find(pacer, key);
	return host != NULL ? host->cause : 0;
}

time_us pacer_paused_until(const struct pacer *pacer, struct slice key)
{
	const struct pacer_host *host = pacer_host_find(pacer, key);
	return host != NULL && host->paused_until > 0 ? host->paused_until : 0;
}

struct turn *pacer_first_waiting(const struct pacer *pacer, struct slice key)
{
	const struct pacer_host *host = pacer_host_find(pacer, key);
	if (host == NULL || host->waiting == 0)
		return NULL;
	if (!list_empty(&host->line))
		return LIST_OF(host->line.next, struct turn, in_host);
	return LIST_OF(heap_top(&host->delayed), struct turn, delay);
}

time_us pacer_deadline(const struct pacer *pacer, time_us now)
{
	const struct heap_node *top = heap_top(&pacer->due);
	if (top == NULL || pacer->active >= pacer->limits.concurrency_total)
		return INT64_MAX;
	return later(top->key, now);
}

uint32_t pacer_busy_hosts(
	const struct pacer *pacer, struct pacer_view *views, uint32_t max)
{
	uint32_t count = 0;
	for (struct list *at = pacer->busy.next; at != &pacer->busy; at = at->next) {
		const struct pacer_host *host = LIST_OF(at, struct pacer_host, in_busy);
		uint32_t place = count;
		while (place > 0 && views[place - 1].waiting < host->waiting)
			place--;
		if (place == max)
			continue;
		if (count < max)
			count++;
		memmove(&views[place + 1], &views[place],
			(count - place - 1) * sizeof(*views));
		views[place] = (struct pacer_view){
			.key = { host->key, host->key_len },
			.waiting = host->waiting,
			.active = host->active,
			.ready_at = heap_holds(&host->node)
					    ? host->node.key
					    : host_ready_at(host, pacer->latest),
		};
	}
	return count;
}

void pacer_each_rest(const struct pacer *pacer, time_us now,
	void (*on_rest)(void *data, struct slice key, time_us until, uint32_t cause),
	void *data)
{
	for (const struct pacer_host *host = pacer->hosts; host != NULL;
		host = host->hh.next) {
		time_us until = host_ready_at(host, now);
		/* It may be sent at any moment yet. */
		if (host->unsent > 0)
			until = later(until, now + interval_of(host, now));
		if (until > now)
			on_rest(data, (struct slice){ host->key, host->key_len }, until,
				host->paused_until > now ? host->cause : 0);
	}
}

uint32_t pacer_paused_hosts(const struct pacer *pacer, time_us now)
{
	uint32_t count = 0;
	for (const struct pacer_host *host = pacer->hosts; host != NULL;
		host = host->hh.next)
		count += host->paused_until > now;
	return count;
}

uint32_t pacer_waiting(const struct turn *turn)
{
	return turn->host != NULL ? turn->host->waiting : 0;
}
