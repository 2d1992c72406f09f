#include <ctype.h>
#include <jansson.h>

#include "base/utf8.h"
#include "site/metrics.h"
#include "unit/site/outside.h"

#define NOW (time_of_civil(2026, 11, 26, 2, 0, 0))

/* Everything known, every number another one. */
struct sample {
	struct metrics metrics;
	struct metrics_histogram phases[METRICS_PHASE_COUNT], durations;
	struct metrics_list lists[3];
};

static void sample_make(struct sample *sample)
{
	struct metrics *metrics = &sample->metrics;
	int64_t number = 1000;

	*sample = (struct sample){ 0 };
	metrics_init(metrics);
	metrics->version = "0.1.0";
#define FILL(field, name, label, type, unit, help) metrics->field = number++;
	METRICS_NUMBERS(FILL)
#undef FILL
	for (int i = 0; i < OUTCOME_COUNT; i++)
		metrics->checks[i] = number++;
	for (int i = 0; i < METRICS_CLASSES; i++)
		metrics->responses[i] = metrics->http_answers[i] = number++;
	for (int i = 0; i < STANDING_STATE_COUNT; i++)
		metrics->links[i] = number++;
	for (int i = 0; i < METRICS_PHASE_COUNT; i++)
		metrics_observe(&sample->phases[i], 10 * i + 1);
	for (int ms = -1; ms < 40000; ms += 13)
		metrics_observe(&sample->durations, ms);
	metrics->phases = sample->phases;
	metrics->durations = &sample->durations;
	for (uint32_t i = 0; i < 3; i++) {
		sample->lists[i] = (struct metrics_list){
			.by_state = { [STATE_ALIVE] = 10 * i, [STATE_DEAD] = i },
			.dead = i,
			.measured_at = NOW,
			.duration_ms = 250,
			.certificate_until = NOW + TIME_MS_PER_DAY,
			.stale = i == 1,
		};
	}
	sample->lists[0].name = SLICE("papers");
	sample->lists[1].name = SLICE("llm-alignment");
	sample->lists[2].name = SLICE("new");
	sample->lists[2].measured_at = sample->lists[2].certificate_until = 0;
	sample->lists[2].duration_ms = METRICS_UNKNOWN;
	metrics->lists = sample->lists;
	metrics->list_count = 3;
}

static void write_all(const struct metrics *metrics, struct buffer *out)
{
	buffer_init(out, 16 << 20);
	metrics_write(metrics, out);
	assert_false(out->failed);
	if (out->len > 0)
		assert_int_equal(out->at[out->len - 1], '\n');
}

/* The value of the line that begins so; the test fails without it. */
static const char *value_of(struct buffer *out, const char *series)
{
	static char value[64];
	struct slice rest = buffer_slice(out), line;

	while (slice_split(&rest, '\n', &line)) {
		if (!slice_starts(line, slice_of(series)) ||
			line.at[strlen(series)] != ' ')
			continue;
		struct slice text = slice_sub(line, strlen(series) + 1, line.len);
		(void)snprintf(value, sizeof(value), "%.*s", SLICE_ARG(text));
		return value;
	}
	fail_msg("no series %s", series);
	return "";
}

static size_t count_of(struct buffer *out, const char *prefix)
{
	struct slice rest = buffer_slice(out), line;
	size_t count = 0;

	while (slice_split(&rest, '\n', &line))
		count += line.len > 0 && slice_starts(line, slice_of(prefix));
	return count;
}

static void says_nothing_of_what_it_does_not_know(void **state)
{
	(void)state;
	struct metrics metrics;
	struct buffer out;

	metrics_init(&metrics);
	write_all(&metrics, &out);
	assert_int_equal(out.len, 0);
	metrics.overdue = 0;
	metrics.doubt_doubting = 1; /* not the first of its family */
	metrics.links[STATE_DEAD] = 3;
	metrics_write(&metrics, &out);
	assert_string_equal(value_of(&out, "linkrotd_overdue_links"), "0");
	assert_string_equal(
		value_of(&out, "linkrotd_doubt_state{state=\"in_doubt\"}"), "1");
	assert_string_equal(
		value_of(&out, "linkrotd_monitored_links{state=\"dead\"}"), "3");
	assert_int_equal(count_of(&out, "# TYPE "), 3);
	assert_int_equal(count_of(&out, "# HELP "), 3);
	assert_int_equal(count_of(&out, "") - count_of(&out, "#"), 3);
	buffer_fini(&out);
}

static void writes_units(void **state)
{
	(void)state;
	struct metrics metrics;
	struct buffer out;

	metrics_init(&metrics);
	metrics.started_at = INT64_C(1764122400007);
	metrics.cpu_us = 3123456;
	metrics.lag_ms = 0;
	metrics.writer_commits = 2;
	metrics.writer_commit_us = 5000000;
	write_all(&metrics, &out);
	assert_string_equal(
		value_of(&out, "process_start_time_seconds"), "1764122400.007");
	assert_string_equal(value_of(&out, "process_cpu_seconds_total"), "3.123456");
	assert_string_equal(value_of(&out, "linkrotd_scheduler_lag_seconds"), "0.000");
	assert_string_equal(
		value_of(&out, "linkrotd_writer_commit_seconds_sum"), "5.000000");
	assert_int_equal(
		count_of(&out, "# TYPE linkrotd_writer_commit_seconds summary"), 1);
	buffer_fini(&out);
}

static void counts_by_list_add_up(void **state)
{
	(void)state;
	struct sample sample;
	struct buffer out;
	char series[128];

	sample_make(&sample);
	write_all(&sample.metrics, &out);
	uint64_t sum = 0;
	for (int i = 0; i < STANDING_STATE_COUNT; i++) {
		(void)snprintf(series, sizeof(series),
			"linkrotd_links{list=\"llm-alignment\",state=\"%s\"}",
			state_text((enum state)i));
		sum += strtoull(value_of(&out, series), NULL, 10);
	}
	assert_int_equal(sum, 11);
	assert_string_equal(value_of(&out, "probe_success{list=\"papers\"}"), "1");
	assert_string_equal(value_of(&out, "probe_success{list=\"llm-alignment\"}"), "0");
	assert_int_equal(count_of(&out, "probe_success{"), 2); /* new: not known */
	assert_int_equal(count_of(&out, "probe_ssl_earliest_cert_expiry{"), 2);
	assert_string_equal(value_of(&out, "linkrotd_list_stale{list=\"papers\"}"), "0");
	assert_string_equal(
		value_of(&out, "linkrotd_list_stale{list=\"llm-alignment\"}"), "1");
	assert_string_equal(
		value_of(&out, "probe_duration_seconds{list=\"papers\"}"), "0.250");
	assert_string_equal(value_of(&out, "linkrotd_lists_omitted"), "0");
	buffer_fini(&out);
}

static void histograms_are_cumulative(void **state)
{
	(void)state;
	struct metrics metrics;
	struct metrics_histogram histogram = { 0 };
	struct buffer out;
	static const int32_t seen[] = { -1, 0, 5, 6, 10, 30000, 30001, INT32_MAX };

	for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
		metrics_observe(&histogram, seen[i]);
	metrics_init(&metrics);
	metrics.durations = &histogram;
	write_all(&metrics, &out);
	static const struct {
		const char *le, *count;
	} cases[] = { { "0.005", "2" }, { "0.01", "4" }, { "0.025", "4" }, { "10", "4" },
		{ "30", "5" }, { "+Inf", "7" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char series[128];
		(void)snprintf(series, sizeof(series),
			"linkrotd_check_duration_seconds_bucket{le=\"%s\"}", cases[i].le);
		assert_string_equal(value_of(&out, series), cases[i].count);
	}
	assert_string_equal(value_of(&out, "linkrotd_check_duration_seconds_count"), "7");
	assert_string_equal(
		value_of(&out, "linkrotd_check_duration_seconds_sum"), "2147543.669");
	buffer_fini(&out);
}

static void series_are_bounded(void **state)
{
	(void)state;
	enum { LISTS = 5000 };
	static struct metrics_list lists[LISTS];
	static char names[LISTS][16];
	struct sample sample;
	struct buffer out;

	sample_make(&sample);
	for (int i = 0; i < LISTS; i++) {
		lists[i] = sample.lists[0];
		(void)snprintf(names[i], sizeof(names[i]), "list-%d", i);
		lists[i].name = slice_of(names[i]);
	}
	sample.metrics.lists = lists;
	sample.metrics.list_count = LISTS;
	write_all(&sample.metrics, &out);
	assert_int_equal(count_of(&out, "linkrotd_links{"),
		METRICS_LISTS_MAX * STANDING_STATE_COUNT);
	assert_string_equal(value_of(&out, "linkrotd_lists_omitted"), "4000");
	size_t samples = count_of(&out, "") - count_of(&out, "#");
	assert_true(samples < METRICS_LISTS_MAX * (STANDING_STATE_COUNT + 6) + 250);
	printf("score: %zu series of %d lists in %zu KB\n", samples, METRICS_LISTS_MAX,
		out.len / 1000);
	buffer_fini(&out);
}

/* --- promtool ---------------------------------------------------------------------- */

static void promtool_is_content(const struct metrics *metrics)
{
	struct buffer out;

	write_all(metrics, &out);
	assert_true(utf8_valid(buffer_slice(&out)));
	assert_int_equal(outside_run("promtool check metrics", buffer_slice(&out)), 0);
	buffer_fini(&out);
}

static void promtool_finds_nothing(void **state)
{
	(void)state;
	struct sample sample;

	if (!outside_has("promtool"))
		skip();
	sample_make(&sample);
	promtool_is_content(&sample.metrics);
}

static void promtool_reads_hostile_names(void **state)
{
	(void)state;
	static const struct slice names[] = { { "\"} 1\nevil 2", 11 }, { "a\\", 2 },
		{ "a\\\"b", 4 }, { "nul\0inside", 10 }, { "\xff\xc0\x80", 3 },
		{ "\xe2\x80\xae evil", 8 }, { "{list=\"x\"}", 10 }, { "# HELP", 6 },
		{ "\\n", 2 } };
	enum { NAMES = sizeof(names) / sizeof(names[0]) };
	struct sample sample;
	struct metrics_list lists[NAMES];
	struct buffer out;

	sample_make(&sample);
	for (size_t i = 0; i < NAMES; i++) {
		lists[i] = sample.lists[0];
		lists[i].name = names[i];
	}
	sample.metrics.lists = lists;
	sample.metrics.list_count = NAMES;
	write_all(&sample.metrics, &out);
	assert_int_equal(count_of(&out, "evil"), 0);
	assert_int_equal(
		count_of(&out, "linkrotd_links{list=\""), NAMES * STANDING_STATE_COUNT);
	(void)value_of(&out, "linkrotd_links{list=\"\\\"} 1 evil 2\",state=\"alive\"}");
	(void)value_of(&out, "linkrotd_links{list=\"a\\\\\",state=\"alive\"}");
	(void)value_of(&out, "linkrotd_links{list=\"\\\\n\",state=\"alive\"}");
	buffer_fini(&out);
	if (outside_has("promtool"))
		promtool_is_content(&sample.metrics);
}

/* --- what is made of them: config/ -------------------------------------------------- */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == ':';
}

/* Whether it is ours and nobody writes it. `_bucket` and the like belong to a family. */
static bool is_missing(struct slice word, struct buffer *all)
{
	static const char *const ends[] = { "", "_bucket", "_sum", "_count" };
	char line[160];

	if (!slice_starts(word, SLICE("linkrotd_")) &&
		!slice_starts(word, SLICE("probe_")) &&
		!slice_starts(word, SLICE("process_")))
		return false;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (!slice_ends(word, slice_of(ends[i])))
			continue;
		struct slice name = slice_sub(word, 0, word.len - strlen(ends[i]));
		(void)snprintf(line, sizeof(line), "# TYPE %.*s ", SLICE_ARG(name));
		if (count_of(all, line) > 0)
			return false;
	}
	return true;
}

/* The words in an expression; how many of them are names of ours. */
static size_t look_up(const char *expression, struct buffer *all)
{
	size_t found = 0;

	for (const char *at = expression; *at != '\0';) {
		const char *begin = at;
		while (is_word(*at))
			at++;
		struct slice word = { begin, (size_t)(at - begin) };
		if (word.len == 0) {
			at++;
			continue;
		}
		if (is_missing(word, all))
			fail_msg("nobody writes %.*s", SLICE_ARG(word));
		found += slice_find_char(word, '_') != SLICE_NONE;
	}
	return found;
}

static size_t look_up_in(json_t *value, struct buffer *all)
{
	size_t expressions = 0, i;
	const char *key;
	json_t *inner;

	if (json_is_array(value))
		json_array_foreach(value, i, inner) expressions += look_up_in(inner, all);
	json_object_foreach(value, key, inner)
	{
		bool asks = strcmp(key, "expr") == 0 || strcmp(key, "definition") == 0;
		if (asks && json_is_string(inner)) {
			assert_true(look_up(json_string_value(inner), all) > 0);
			expressions++;
		}
		expressions += look_up_in(inner, all);
	}
	return expressions;
}

static void dashboard_asks_for_what_there_is(void **state)
{
	(void)state;
	struct sample sample;
	struct buffer all;
	json_error_t error;

	sample_make(&sample);
	write_all(&sample.metrics, &all);
	json_t *board = json_load_file(
		"config/grafana-dashboard.json", JSON_REJECT_DUPLICATES, &error);
	if (board == NULL)
		fail_msg("line %d: %s", error.line, error.text);
	assert_true(look_up_in(board, &all) > 30);
	/* Each panel has an id of its own, a title, and room. */
	json_t *panels = json_object_get(board, "panels");
	for (size_t i = 0; i < json_array_size(panels); i++) {
		json_t *panel = json_array_get(panels, i);
		json_t *place = json_object_get(panel, "gridPos");
		assert_int_equal(json_integer_value(json_object_get(panel, "id")), i + 1);
		assert_true(json_string_length(json_object_get(panel, "title")) > 0);
		assert_true(json_integer_value(json_object_get(place, "x")) +
				    json_integer_value(json_object_get(place, "w")) <=
			    24);
	}
	json_decref(board);
	buffer_fini(&all);
}

static void alerts_ask_for_what_there_is(void **state)
{
	(void)state;
	struct sample sample;
	struct buffer all, rules;
	struct slice rest, line;
	size_t expressions = 0;

	sample_make(&sample);
	write_all(&sample.metrics, &all);
	buffer_init(&rules, 1 << 20);
	test_read("config/alerts.yml", &rules);
	rest = buffer_slice(&rules);
	while (slice_split(&rest, '\n', &line)) {
		char expression[512];
		line = slice_trim(line);
		if (!slice_starts(line, SLICE("expr: ")))
			continue;
		(void)snprintf(expression, sizeof(expression), "%.*s", SLICE_ARG(line));
		(void)look_up(expression, &all);
		expressions++;
	}
	assert_true(expressions > 10);
	buffer_fini(&rules);
	buffer_fini(&all);
	if (outside_has("promtool"))
		assert_int_equal(
			system("promtool check rules config/alerts.yml >/dev/null"), 0);
}

static void manual_tells_of_all(void **state)
{
	(void)state;
	struct sample sample;
	struct buffer all, manual;
	struct slice rest, line;
	size_t families = 0;

	sample_make(&sample);
	write_all(&sample.metrics, &all);
	buffer_init(&manual, 1 << 20);
	test_read("config/linkrotd-api.7", &manual);
	rest = buffer_slice(&all);
	while (slice_split(&rest, '\n', &line)) {
		struct slice name;
		char item[128];
		if (!slice_starts(line, SLICE("# TYPE ")))
			continue;
		line = slice_sub(line, strlen("# TYPE "), line.len);
		assert_true(slice_split(&line, ' ', &name));
		(void)snprintf(item, sizeof(item), "\n.It Ic %.*s", SLICE_ARG(name));
		size_t at = slice_find(buffer_slice(&manual), slice_of(item));
		if (at == SLICE_NONE || is_word(manual.at[at + strlen(item)]))
			fail_msg("the manual does not tell of %.*s", SLICE_ARG(name));
		families++;
	}
	assert_true(families > 40);
	buffer_fini(&manual);
	buffer_fini(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_nothing_of_what_it_does_not_know),
		cmocka_unit_test(writes_units),
		cmocka_unit_test(counts_by_list_add_up),
		cmocka_unit_test(histograms_are_cumulative),
		cmocka_unit_test(series_are_bounded),
		cmocka_unit_test(promtool_finds_nothing),
		cmocka_unit_test(promtool_reads_hostile_names),
		cmocka_unit_test(dashboard_asks_for_what_there_is),
		cmocka_unit_test(alerts_ask_for_what_there_is),
		cmocka_unit_test(manual_tells_of_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
