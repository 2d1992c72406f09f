#include "process/descriptors.h"

#include <sys/resource.h>

enum { RESERVED = 64 }; /* for everything but transfers */

void descriptors_raise(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

uint32_t descriptors_room(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > UINT32_MAX)
		return UINT32_MAX;
	return limit.rlim_cur > 2 * RESERVED ? (uint32_t)limit.rlim_cur - RESERVED
					     : (uint32_t)limit.rlim_cur / 4 + 1;
}
