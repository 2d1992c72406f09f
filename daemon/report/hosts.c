#include "report/hosts_internal.h"

#include "base/utf8.h"

enum { HOST_BYTES = 40, OTHER_TEXT_SIZE = 16 };

uint32_t hosts_others(const struct host_stats *host)
{
	uint32_t others = 0;
	for (int kind = 0; kind < ASK_KIND_COUNT; kind++)
		others += kind == ASK_LINK ? 0 : host->by_kind[kind];
	return others;
}

static void add_time(struct buffer *out, time_ms time)
{
	if (time < 0)
		buffer_printf(out, " %10s", "-");
	else
		buffer_printf(out, " %7lld ms", (long long)time);
}

/* The name comes last: it has no fixed width, and nothing is cut to make it fit. */
static void write_row(struct buffer *out, const struct host_stats *host)
{
	buffer_printf(out, "%8u %7u %9u %7u %6u  %5u %5u %5u %5u %5u %8u", host->requests,
		host->by_kind[ASK_LINK], host->redirects, host->retries,
		hosts_others(host), host->answers[2], host->answers[3], host->answers[4],
		host->answers[5], host->answers[0] + host->answers[1], host->peak);
	add_time(out, host->closest_us < 0 ? -1 : host->closest_us / TIME_US_PER_MS);
	add_time(out, host->answer_ms);
	buffer_add_text(out, "  ");
	utf8_add_printable(out, host->host, HOST_BYTES);
	buffer_add_char(out, '\n');
}

void hosts_write(struct buffer *out, const struct report *report)
{
	buffer_printf(out, "%8s %7s %9s %7s %6s  %5s %5s %5s %5s %5s %8s %10s %10s  %s\n",
		"requests", "links", "redirects", "retries", "others", "2xx", "3xx",
		"4xx", "5xx", "none", "at most", "closest", "answer", "host");
	for (uint32_t i = 0; i < report->host_count; i++)
		write_row(out, &report->hosts[i]);
}
