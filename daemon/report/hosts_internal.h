/* report/hosts: the table of --host-stats as text and Markdown show it (there as code).
 *
 * One row a host, most asked first: how many requests left for it and why, what came
 * back, the most at a time, the least time between two starts, and how long it took to
 * answer. Names are cleaned here.
 */
#pragma once

#include "report/report.h"

void hosts_write(struct buffer *out, const struct report *report);

/* First requests that were for no link of the list: robots.txt, siblings, registries. */
uint32_t hosts_others(const struct host_stats *host);
