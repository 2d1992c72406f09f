/* The strip: ninety days out of spans. */
#include "lib/test.h"

#include <stdio.h>

#include "base/random.h"
#include "site/strip.h"

#define NOW         (time_of_civil(2026, 11, 26, 4, 0, 0))
#define AGO(days)   (NOW - (time_ms)(days)*TIME_MS_PER_DAY)
#define HOURS(n)    ((time_ms)(n)*TIME_MS_PER_HOUR)
#define SPANS(list) (list), sizeof(list) / sizeof((list)[0])

static struct strip strip;
static struct buffer out;

static int set_up(void **state)
{
	(void)state;
	buffer_init(&out, 1 << 16);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buffer_fini(&out);
	return 0;
}

static struct span span_of(
	time_ms first, time_ms last, uint32_t checks, enum reason reason)
{
	return (struct span){ first, last, checks, reason_outcome(reason), reason, 0, 1,
		2, 3 };
}

static void make(
	const struct span *spans, uint32_t count, const struct link_record *record)
{
	strip_make(&strip, &(struct strip_facts){ spans, count, record, NOW, 0 });
}

/* The slots as letters: . no data, o ok, u suspect, D dead, g gated; runs as "o*12". */
static void expect_slots(const char *expected)
{
	static const char letters[STRIP_KIND_COUNT] = { '.', 'o', 'u', 'D', 'g' };
	buffer_reset(&out);
	for (size_t i = 0; i < STRIP_SLOTS;) {
		size_t k = i;
		while (k < STRIP_SLOTS && strip.slots[k].kind == strip.slots[i].kind)
			k++;
		buffer_printf(&out, "%s%c*%zu", i > 0 ? " " : "",
			letters[strip.slots[i].kind], k - i);
		i = k;
	}
	assert_slice(buffer_slice(&out), expected);
}

static void expect_slot(uint32_t slot, const char *expected)
{
	buffer_reset(&out);
	strip_add_slot(&out, &strip, slot);
	assert_slice(buffer_slice(&out), expected);
}

static void expect_share(uint32_t slots, const char *expected)
{
	buffer_reset(&out);
	strip_add_share(&out, &strip, slots);
	assert_slice(buffer_slice(&out), expected);
}

static void test_never_checked(void **state)
{
	struct link_record record = { 0 };
	(void)state;

	make(NULL, 0, &record);
	expect_slots(".*90");
	expect_share(90, "no data");
	expect_slot(89, "2026-11-26: no data");
	expect_slot(0, "2026-08-29: no data");
	buffer_reset(&out);
	strip_add_summary(&out, &strip, 90);
	assert_slice(buffer_slice(&out), "90 days: 90 no data");
}

/* Asked once a week and always well: every day is known. */
static void test_weekly(void **state)
{
	struct link_record record = { .state = STATE_ALIVE,
		.interval_ms = 7 * TIME_MS_PER_DAY,
		.span = span_of(AGO(140), AGO(0), 21, REASON_OK) };
	(void)state;

	make(NULL, 0, &record);
	expect_slots("o*90");
	expect_share(90, "100 %");
	expect_slot(89, "2026-11-26: ok, 1 check");
	expect_slot(88, "2026-11-25: ok, not checked this day");
	expect_slot(82, "2026-11-19: ok, 1 check");
}

/* The daemon did not run for a month: what was last known holds for a while. */
static void test_gap(void **state)
{
	const struct span spans[] = { span_of(AGO(80), AGO(60), 21, REASON_OK) };
	struct link_record record = { .state = STATE_ALIVE,
		.interval_ms = TIME_MS_PER_DAY,
		.span = span_of(AGO(20), AGO(0), 21, REASON_REDIRECT_TEMPORARY) };
	(void)state;

	make(SPANS(spans), &record);
	/* 80 to 60 days ago, two days on, and from 20 days ago. */
	expect_slots(".*9 o*23 .*37 o*21");
	expect_share(90, "100 %");
	expect_slot(89, "2026-11-26: ok (redirect_temporary), 1 check");
}

/* Two checks a year apart are no year of data. */
static void test_sparse_span(void **state)
{
	struct link_record record = { .state = STATE_ALIVE,
		.interval_ms = 7 * TIME_MS_PER_DAY,
		.span = span_of(AGO(300), AGO(1), 2, REASON_OK) };
	(void)state;

	make(NULL, 0, &record);
	expect_slots(".*88 o*2");
	record.span = span_of(AGO(80), AGO(0), 3, REASON_OK);
	make(NULL, 0, &record);
	expect_slots(".*9 o*15 .*25 o*15 .*25 o*1");
}

/* One failed check among good ones does not make a day bad. */
static void test_share_of_a_day(void **state)
{
	const struct span spans[] = {
		span_of(AGO(10), AGO(4), 7, REASON_OK),
		span_of(AGO(4) + HOURS(6), AGO(4) + HOURS(6), 1, REASON_HTTP_5XX),
	};
	struct link_record record = { .state = STATE_ALIVE,
		.interval_ms = TIME_MS_PER_DAY,
		.span = span_of(AGO(3), AGO(0), 4, REASON_OK) };
	(void)state;

	make(SPANS(spans), &record);
	expect_slots(".*79 o*6 u*1 o*4");
	expect_slot(85, "2026-11-22: 1 of 2 checks failed (http_5xx)");
	assert_int_equal(strip.slots[85].good_permille, 500);
	/* 10.5 of 11 days. */
	expect_share(90, "95.4 %");
	expect_share(30, "95.4 %");
	expect_share(3, "100 %");
}

/* Dead from the moment on at which it was confirmed, as the record says. */
static void test_dead_now(void **state)
{
	const struct span spans[] = { span_of(AGO(100), AGO(30), 71, REASON_OK) };
	struct link_record record = { .state = STATE_DEAD,
		.confirmed = STATE_DEAD,
		.since = AGO(10),
		.interval_ms = TIME_MS_PER_DAY,
		.span = span_of(AGO(29), AGO(0), 30, REASON_HTTP_404) };
	(void)state;

	make(SPANS(spans), &record);
	expect_slots("o*60 u*19 D*11");
	expect_slot(79, "2026-11-16: 1 check failed (http_404), confirmed dead");
	expect_slot(78, "2026-11-15: 1 check failed (http_404)");
	expect_share(30, "0 %");
	/* Not confirmed, it is never more than suspect. */
	record.state = STATE_SUSPECT;
	make(SPANS(spans), &record);
	expect_slots("o*60 u*30");
}

/* Also where the failure had another face before. */
static void test_dead_with_two_faces(void **state)
{
	const struct span spans[] = { span_of(AGO(100), AGO(30), 71, REASON_OK),
		span_of(AGO(29), AGO(6), 24, REASON_HTTP_404) };
	struct link_record record = { .state = STATE_DEAD,
		.confirmed = STATE_DEAD,
		.since = AGO(3),
		.interval_ms = TIME_MS_PER_DAY,
		.span = span_of(AGO(5), AGO(0), 6, REASON_HTTP_410) };
	(void)state;

	make(SPANS(spans), &record);
	expect_slots("o*60 u*26 D*4");
}

/* What was dead and came back: the default rule tells since when. */
static void test_dead_once(void **state)
{
	static const struct {
		enum reason reason;
		uint32_t checks;
		int days;
		const char *slots;
	} table[] = {
		{ REASON_HTTP_404, 11, 10, "o*39 u*6 D*5 o*40" },
		{ REASON_HTTP_404, 2, 10, "o*39 u*11 o*40" }, /* too few */
		{ REASON_HTTP_404, 6, 5, "o*44 u*6 o*40" },   /* too short */
		{ REASON_TIMEOUT, 11, 10, "o*39 u*11 o*40" }, /* proves nothing */
		{ REASON_TIMEOUT, 21, 20, "o*29 u*14 D*7 o*40" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct span spans[] = {
			span_of(AGO(120), AGO(41 + table[i].days),
				(uint32_t)(80 - table[i].days), REASON_OK),
			span_of(AGO(40 + table[i].days), AGO(40), table[i].checks,
				table[i].reason),
		};
		struct link_record record = { .state = STATE_ALIVE,
			.interval_ms = TIME_MS_PER_DAY,
			.span = span_of(AGO(39), AGO(0), 40, REASON_OK) };
		make(SPANS(spans), &record);
		expect_slots(table[i].slots);
	}
}

/* Several reasons one after the other are one failure; a wall in between ends nothing. */
static void test_run_of_failures(void **state)
{
	const struct span spans[] = {
		span_of(AGO(60), AGO(30), 31, REASON_OK),
		span_of(AGO(29), AGO(26), 4, REASON_TIMEOUT),
		span_of(AGO(25), AGO(25), 1, REASON_FORBIDDEN),
		span_of(AGO(24), AGO(20), 5, REASON_HTTP_404),
	};
	struct link_record record = { .state = STATE_ALIVE,
		.interval_ms = TIME_MS_PER_DAY,
		.span = span_of(AGO(19), AGO(0), 20, REASON_OK) };
	(void)state;

	make(SPANS(spans), &record);
	expect_slots(".*29 o*31 u*4 g*1 u*1 D*4 o*20");
}

/* Refusals say neither good nor bad; what was skipped says nothing at all. */
static void test_gated_and_skipped(void **state)
{
	const struct span spans[] = {
		span_of(AGO(20), AGO(11), 10, REASON_OK),
		span_of(AGO(10), AGO(6), 5, REASON_OFFLINE),
	};
	struct link_record record = { .state = STATE_GATED,
		.confirmed = STATE_ALIVE,
		.interval_ms = TIME_MS_PER_DAY,
		.span = span_of(AGO(3), AGO(0), 4, REASON_CHALLENGE) };
	(void)state;

	make(SPANS(spans), &record);
	expect_slots(".*69 o*12 .*5 g*4");
	expect_slot(89, "2026-11-26: gated (challenge), 1 check");
	expect_share(90, "100 %");
	expect_share(4, "gated");
	buffer_reset(&out);
	strip_add_summary(&out, &strip, 30);
	assert_slice(buffer_slice(&out), "30 days: 12 ok, 4 gated, 14 no data");
}

/* What lies outside, in the future, empty or upside down does no harm. */
static void test_odd_spans(void **state)
{
	const struct span spans[] = {
		{ 0 },
		span_of(1, 2, UINT32_MAX, REASON_OK),
		span_of(AGO(400), AGO(300), 101, REASON_HTTP_404),
		span_of(AGO(5), AGO(9), 0, REASON_OK),
		span_of(NOW + HOURS(100), NOW + HOURS(900), 7, REASON_OK),
	};
	struct link_record record = { .interval_ms = -5 };
	(void)state;

	make(SPANS(spans), &record);
	expect_slots(".*84 o*3 .*3");
}

/* Each check falls into one day, whatever the spans look like; and the share is that of
 * the slots. */
static void test_sums(void **state)
{
	struct random random = { 5 };
	(void)state;

	random_init(&random, 5);
	for (int round = 0; round < 300; round++) {
		struct span spans[12];
		uint64_t sum = 0, expected = 0;
		time_ms at = AGO(85);
		uint32_t count = 0;
		while (count < 12) {
			time_ms first =
				at + (time_ms)random_below(&random, 100 * 3600000);
			uint32_t checks = 1 + (uint32_t)random_below(&random, 40);
			time_ms last = checks == 1
					       ? first
					       : first + (time_ms)random_below(
								 &random, 5 * 86400000);
			if (last > NOW)
				break;
			spans[count++] = span_of(first, last, last == first ? 1 : checks,
				random_below(&random, 2) == 0 ? REASON_OK
							      : REASON_TIMEOUT);
			expected += spans[count - 1].checks;
			at = last + 1;
		}
		struct link_record record = { .state = STATE_ALIVE };
		make(spans, count, &record);
		int permille = 0, known = 0;
		for (size_t i = 0; i < STRIP_SLOTS; i++) {
			const struct strip_slot *slot = &strip.slots[i];
			sum += slot->checks;
			assert_true(slot->bad <= slot->checks);
			assert_true(slot->kind != STRIP_OK || slot->bad == 0);
			known += slot->kind != STRIP_NONE;
			permille += slot->good_permille;
		}
		assert_int_equal(sum, expected);
		assert_int_equal(strip_good_permille(&strip, STRIP_SLOTS),
			known == 0 ? -1 : permille / known);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_never_checked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_weekly, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_gap, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sparse_span, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_share_of_a_day, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_dead_now, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_dead_with_two_faces, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_dead_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_run_of_failures, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_gated_and_skipped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_odd_spans, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sums, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
