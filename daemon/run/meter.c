#include "run/meter.h"

void meter_turn(struct meter *meter, time_ms now)
{
	int32_t day = (int32_t)(now / TIME_MS_PER_DAY);
	if (meter->today.day == day)
		return;
	meter->yesterday = meter->today;
	meter->today = (struct meter_day){ .day = day };
}

const struct meter_day *meter_day_of(const struct meter *meter, int32_t day)
{
	if (meter->today.day == day)
		return &meter->today;
	return meter->yesterday.day == day ? &meter->yesterday : NULL;
}

static void reorder(struct meter_day *day, const uint32_t from[static STORE_LIST_BITS])
{
	const struct meter_day old = *day;
	for (uint32_t i = 0; i < STORE_LIST_BITS; i++) {
		bool known = from[i] < STORE_LIST_BITS;
		day->checks[i] = known ? old.checks[from[i]] : 0;
		day->ms_count[i] = known ? old.ms_count[from[i]] : 0;
		day->ms_sum[i] = known ? old.ms_sum[from[i]] : 0;
	}
}

void meter_reorder(struct meter *meter, const uint32_t from[static STORE_LIST_BITS])
{
	reorder(&meter->today, from);
	reorder(&meter->yesterday, from);
}

void meter_resume(struct meter *meter, uint32_t place, const struct store_tally *tally)
{
	if (tally->day != meter->today.day)
		return;
	meter->today.checks[place] += tally->checks;
	meter->today.ms_count[place] += tally->ms_count;
	meter->today.ms_sum[place] += tally->ms_sum;
}

static void note_day(
	struct meter_day *day, uint32_t place, const struct check_result *result)
{
	day->checks[place]++;
	if (!result->asked || result->elapsed_ms < 0)
		return;
	day->ms_count[place]++;
	day->ms_sum[place] += (uint64_t)result->elapsed_ms;
}

static void note_phases(struct meter *meter, const struct check_result *result)
{
	const struct timing *timing = &result->timing;
	int32_t rest = timing->total_ms;
	const int32_t parts[] = { timing->dns_ms, timing->connect_ms, timing->tls_ms,
		timing->first_byte_ms };
	_Static_assert(METRICS_RESOLVE == 0 && METRICS_CONNECT == 1 && METRICS_TLS == 2 &&
			       METRICS_PROCESSING == 3,
		"in the order of struct timing");
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		metrics_observe(&meter->phases[i], parts[i]);
		rest -= parts[i] > 0 ? parts[i] : 0;
	}
	metrics_observe(&meter->phases[METRICS_TRANSFER], rest > 0 ? rest : 0);
	metrics_observe(&meter->durations, result->elapsed_ms);
}

void meter_note(
	struct meter *meter, const struct link *link, uint32_t list_bits, time_ms now)
{
	const struct check_result *result = &link->result;
	int class = result->http_status / 100;
	meter_turn(meter, now);
	meter->checks[result->verdict.outcome]++;
	note_day(&meter->today, METER_ALL, result);
	for (uint32_t bit = 0; bit < STORE_LIST_BITS; bit++)
		if ((list_bits >> bit & 1) != 0)
			note_day(&meter->today, bit, result);
	if (!result->asked)
		return;
	if (class >= 1 && class <= METRICS_CLASSES)
		meter->responses[class - 1]++;
	note_phases(meter, result);
}
