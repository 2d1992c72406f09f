#include "process/wall.h"

#include <stdlib.h>
#include <time.h>

#define RATE_MAX 1e7

static double rate = 1;
static double origin_ms;

static double real_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void wall_init(void)
{
	const char *text = getenv("LINKROTD_CLOCK_RATE");
	char *end = NULL;
	origin_ms = real_ms();
	double wanted = text != NULL ? strtod(text, &end) : 1;
	if (text != NULL && end != text && *end == '@') {
		const char *since = end + 1;
		origin_ms = strtod(since, &end) * 1e3;
		if (end == since)
			return;
	}
	if (text != NULL && end != text && *end == '\0' && wanted >= 1 &&
		wanted <= RATE_MAX)
		rate = wanted;
}

/* Exact where it is the machine's. */
static double shown_ms(double ms)
{
	return rate > 1 ? origin_ms + (ms - origin_ms) * rate : ms;
}

time_ms wall_now(void)
{
	return (time_ms)shown_ms(real_ms());
}

time_ms wall_at(time_ms machine)
{
	return (time_ms)shown_ms((double)machine);
}

time_ms wall_real_ms(time_ms span_ms)
{
	if (span_ms <= 0)
		return 0;
	double real = (double)span_ms / rate;
	return real < 1 ? 1 : (time_ms)real;
}

double wall_rate(void)
{
	return rate;
}
