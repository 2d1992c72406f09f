/* The synthetic world: year [links N] [days N] [seed N] [verbose].
 *
 * Watches a web whose truth is known, in virtual time, prints what came of it, and fails
 * (status 1) when a goal is broken. The same seed gives the same run. */
#include "simulate/year/run.h"

static int compare_minutes(const void *a, const void *b)
{
	minute x = *(const minute *)a, y = *(const minute *)b;
	return x < y ? -1 : x > y;
}

static minute part_of(const struct delays *delays, uint32_t hundredths)
{
	return delays->count > 0
		       ? delays->at[(uint64_t)(delays->count - 1) * hundredths / 100]
		       : 0;
}

static void sort_delays(struct delays *delays)
{
	if (delays->count > 0)
		qsort(delays->at, delays->count, sizeof(*delays->at), compare_minutes);
}

static double days_of(minute span)
{
	return (double)span / MINUTES_PER_DAY;
}

static void print_delays(const char *name, struct delays *delays)
{
	sort_delays(delays);
	printf("  %-24s %6u   median %5.2f d   p95 %5.2f d   max %5.2f d\n", name,
		(unsigned)delays->count, days_of(part_of(delays, 50)),
		days_of(part_of(delays, 95)), days_of(part_of(delays, 100)));
}

static double mean_of(const struct delays *delays)
{
	double sum = 0;
	for (uint32_t i = 0; i < delays->count; i++)
		sum += delays->at[i];
	return delays->count > 0 ? sum / delays->count : 0;
}

static void print_requests(const char *which, struct delays *requests, double years)
{
	sort_delays(requests);
	printf("requests per %s link and year (%u): mean %.1f, p99 %.1f, max %.1f\n",
		which, (unsigned)requests->count, mean_of(requests) / years,
		part_of(requests, 99) / years, part_of(requests, 100) / years);
}

static void print_result(struct run_result *result, double years)
{
	static const char *const evidences[] = {
#define EVIDENCE_TEXT(name, text) text,
		EVIDENCES(EVIDENCE_TEXT)
#undef EVIDENCE_TEXT
	};
	uint32_t living = result->requests_healthy.count + result->requests_ailing.count;
	printf("checks %llu, requests %llu\n", (unsigned long long)result->checks,
		(unsigned long long)result->requests);
	printf("false deaths %u; outages as long as 1.4 asks for %u\n",
		(unsigned)result->false_deaths, (unsigned)result->long_outages);
	printf("true deaths that last %u: missed %u, behind walls %u, too young %u\n",
		(unsigned)result->true_deaths, (unsigned)result->missed,
		(unsigned)result->missed_walled, (unsigned)result->too_young);
	printf("confirmed %u, revivals seen %u; from the first bad check:\n",
		(unsigned)result->confirmed, (unsigned)result->revivals);
	for (int i = 0; i < EVIDENCE_COUNT; i++)
		print_delays(evidences[i], &result->delays[i]);
	printf("from the true death:\n");
	print_delays("all", &result->unseen);
	print_requests("healthy", &result->requests_healthy, years);
	print_requests("ailing", &result->requests_ailing, years);
	printf("states told per living link and year: %.2f\n",
		(double)result->events / years / (living > 0 ? living : 1));
	printf("flapping: found %u of %u, wrongly %u; moved: found %u of %u\n",
		(unsigned)result->flapping_found, (unsigned)result->flapping_links,
		(unsigned)result->flapping_wrong, (unsigned)result->moved_found,
		(unsigned)result->moved_links);
	printf("hosts: shortest gap %.3f of the pace, %u starts too close, %u too many "
	       "at "
	       "once; busiest host uses %.2f %% of its pace\n",
		result->gap_worst, (unsigned)result->too_close,
		(unsigned)result->too_many, 100 * result->load_worst);
	printf("slots missed asleep %u; latest pick %.1f h after its time\n",
		(unsigned)result->slots_missed,
		(double)result->lateness_max_ms / (double)TIME_MS_PER_HOUR);
}

static bool holds(bool held, const char *goal)
{
	printf("%s %s\n", held ? "ok" : "not ok", goal);
	return held;
}

static bool judge(const struct run_result *result, double years)
{
	minute broken = part_of(&result->delays[EVIDENCE_BROKEN], 100);
	minute mixed = part_of(&result->delays[EVIDENCE_MIXED], 100);
	minute unreachable = part_of(&result->delays[EVIDENCE_UNREACHABLE], 100);
	const struct delays *healthy = &result->requests_healthy;
	bool good = holds(result->false_deaths == 0, "no false death");
	good &= holds(result->missed == 0, "no missed death");
	good &= holds(broken <= 8 * MINUTES_PER_DAY, "broken is confirmed within 8 days");
	good &= holds(
		unreachable <= 16 * MINUTES_PER_DAY && mixed <= 16 * MINUTES_PER_DAY,
		"unreachable is confirmed within 16 days");
	good &= holds(part_of(healthy, 100) / years <= 60,
		"at most 60 requests a healthy link and year");
	good &= holds(result->too_close == 0 && result->too_many == 0,
		"no host above its pace");
	return good;
}

static bool take_number(const char *text, uint64_t most, uint64_t *ret_number)
{
	return text != NULL && slice_to_number(slice_of(text), most, ret_number);
}

int main(int argc, char **argv)
{
	uint64_t links = 100000, days = 365, seed = 1;
	bool verbose = false, read = true;
	for (int i = 1; i < argc && read; i++) {
		struct slice word = slice_of(argv[i]);
		if (slice_equal(word, SLICE("verbose")))
			verbose = true;
		else if (slice_equal(word, SLICE("links")))
			read = take_number(argv[++i], 10000000, &links);
		else if (slice_equal(word, SLICE("days")))
			read = take_number(argv[++i], 3650, &days);
		else if (slice_equal(word, SLICE("seed")))
			read = take_number(argv[++i], UINT64_MAX, &seed);
		else
			read = false;
	}
	if (!read || links < 100 || days < 100) {
		fputs("usage: year [links N (100 or more)] [days N (100 or more)] [seed "
		      "N] "
		      "[verbose]\n",
			stderr);
		return 2;
	}
	printf("links %llu, days %llu, seed %llu\n", (unsigned long long)links,
		(unsigned long long)days, (unsigned long long)seed);
	struct truth *truth = truth_new((uint32_t)links, (uint32_t)days, seed);
	struct run_result result = run_year(truth, seed, verbose);
	double years = (double)days / 365;
	print_result(&result, years);
	bool good = judge(&result, years);
	run_result_fini(&result);
	truth_free(truth);
	return good ? 0 : 1;
}
