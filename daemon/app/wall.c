#include "app/wall_internal.h"

#include <stdlib.h>
#include <time.h>

#define RATE_MAX 1e7

static double rate = 1;
static time_ms origin_wall_ms;
static time_us origin_us;

static time_us read_us(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (time_us)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void wall_init(void)
{
	const char *text = getenv("LINKROTD_CLOCK_RATE");
	char *end = NULL;
	double wanted = text != NULL ? strtod(text, &end) : 1;
	if (text != NULL && (end == text || *end != '\0'))
		wanted = 1;
	rate = wanted >= 1 && wanted <= RATE_MAX ? wanted : 1;
	origin_wall_ms = read_us(CLOCK_REALTIME) / TIME_US_PER_MS;
	origin_us = read_us(CLOCK_MONOTONIC);
}

time_ms wall_now(void)
{
	if (rate <= 1)
		return read_us(CLOCK_REALTIME) / TIME_US_PER_MS;
	double passed_us = (double)(read_us(CLOCK_MONOTONIC) - origin_us);
	return origin_wall_ms + (time_ms)(passed_us * rate / (double)TIME_US_PER_MS);
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
