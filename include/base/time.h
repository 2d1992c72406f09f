/* base/time: spans and instants, and how people write them.
 *
 * Two clocks, never mixed: `now` counts from nowhere and never steps (schedules, pacing,
 * latency), `wall` is the time of day in UTC since 1970 (stored and shown). Nothing here
 * reads a clock; whoever acts reads them and passes them down.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

typedef int64_t time_ms;
typedef int64_t time_us;

#define TIME_US_PER_MS   INT64_C(1000)
#define TIME_MS_PER_S    INT64_C(1000)
#define TIME_MS_PER_HOUR (INT64_C(3600) * TIME_MS_PER_S)
#define TIME_MS_PER_DAY  (24 * TIME_MS_PER_HOUR)

/* `90s 15m 6h 7d 2w 250ms`, or several in a row (`1h30m`). "0" needs no unit; any other
 * number does. At most ten years. */
bool time_parse_duration(struct slice text, time_ms *ret_span);

/* "2026-11-23", which is its first moment in UTC, or a time as RFC 3339 has it:
 * "2026-11-23T03:30:00Z", with fractions of a second (what is finer than a ms is cut off)
 * and an offset, "2026-11-23 05:30:00.25+02:00". The plus of an offset may be a blank,
 * which is what it becomes in the query of a URL. From 1970 on. */
bool time_parse_date(struct slice text, time_ms *ret_wall);

enum { TIME_RFC3339_SIZE = 32 };

/* "2026-11-23T03:30:00Z", whole seconds, years 1970 to 9999 (others are clamped). */
void time_format_rfc3339(time_ms wall, char text[static TIME_RFC3339_SIZE]);

enum { TIME_SPAN_SIZE = 32 };

/* For people: "41 ms", "2.3 s", "4 min 10 s", "2 h 5 min", "3 d 4 h". */
void time_format_span(time_ms span, char text[static TIME_SPAN_SIZE]);

/* Days since 1970-01-01 of a proleptic Gregorian date, and the wall time of a UTC
 * civil time; the fields must be in range. */
int64_t time_days_of(int64_t year, unsigned month, unsigned day);
time_ms time_of_civil(int64_t year, unsigned month, unsigned day, unsigned hour,
	unsigned min, unsigned s);
