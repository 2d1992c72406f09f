#include "site/metrics.h"

#include <assert.h>

#include "base/utf8.h"

enum metric_type { GAUGE, COUNTER, SUMMARY, HISTOGRAM };
enum metric_unit { ONE, MS, US };

static const char *const type_texts[] = {
	[GAUGE] = "gauge",
	[COUNTER] = "counter",
	[SUMMARY] = "summary",
	[HISTOGRAM] = "histogram",
};

struct row {
	struct slice name;
	const char *label;
	enum metric_type type;
	enum metric_unit unit;
	const char *help; /* empty: of the family of the row before */
	size_t offset;    /* of the field in struct metrics */
};

#define ROW(field, name, label, type, unit, help)                                        \
	{ { name, sizeof(name) - 1 }, label, type, unit, help,                           \
		offsetof(struct metrics, field) },
static const struct row rows[] = { METRICS_NUMBERS(ROW) };
#undef ROW

#define PHASE_TEXT(name, text) "phase=\"" text "\"",
static const char *const phases[] = { METRICS_PHASES(PHASE_TEXT) };
#undef PHASE_TEXT

static const int32_t bounds_ms[METRICS_BUCKETS] = { 5, 10, 25, 50, 100, 250, 500, 1000,
	2500, 5000, 10000, 30000 };
/* The same in seconds, as Prometheus has them. */
static const char *const bounds_text[METRICS_BUCKETS] = { "0.005", "0.01", "0.025",
	"0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30" };

void metrics_init(struct metrics *metrics)
{
	*metrics = (struct metrics){ 0 };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		*(int64_t *)(void *)((char *)metrics + rows[i].offset) = METRICS_UNKNOWN;
	for (size_t i = 0; i < OUTCOME_COUNT; i++)
		metrics->checks[i] = METRICS_UNKNOWN;
	for (size_t i = 0; i < METRICS_CLASSES; i++)
		metrics->responses[i] = metrics->http_answers[i] = METRICS_UNKNOWN;
	for (size_t i = 0; i < STANDING_STATE_COUNT; i++)
		metrics->links[i] = METRICS_UNKNOWN;
}

void metrics_observe(struct metrics_histogram *histogram, int32_t ms)
{
	size_t i = 0;
	if (ms < 0)
		return;
	while (i < METRICS_BUCKETS && ms > bounds_ms[i])
		i++;
	histogram->buckets[i]++;
	histogram->sum_ms += (uint64_t)ms;
}

/* --- words of the format ----------------------------------------------------------- */

static void add_family(
	struct buffer *out, struct slice name, enum metric_type type, const char *help)
{
	assert(help[0] != '\0');
	buffer_printf(out, "# HELP %.*s %s\n# TYPE %.*s %s\n", SLICE_ARG(name), help,
		SLICE_ARG(name), type_texts[type]);
}

/* The one place where a foreign name becomes the value of a label. */
static void add_escaped(struct buffer *out, struct slice value)
{
	struct buffer clean;

	buffer_init(&clean, METRICS_NAME_BYTES + 8);
	utf8_add_printable(&clean, value, METRICS_NAME_BYTES);
	for (size_t i = 0; i < clean.len; i++) {
		char c = clean.at[i];
		if (c == '\\' || c == '"')
			buffer_add_char(out, '\\');
		buffer_add_char(out, c);
	}
	out->failed |= clean.failed;
	buffer_fini(&clean);
}

/* Seconds are written from whole numbers, so that no locale has a word in it. */
static void add_value(struct buffer *out, int64_t number, enum metric_unit unit)
{
	switch (unit) {
	case ONE:
		buffer_printf(out, " %lld\n", (long long)number);
		break;
	case MS:
		buffer_printf(out, " %lld.%03d\n", (long long)(number / 1000),
			(int)(number % 1000));
		break;
	case US:
		buffer_printf(out, " %lld.%06d\n", (long long)(number / 1000000),
			(int)(number % 1000000));
		break;
	}
}

/* --- single numbers ---------------------------------------------------------------- */

/* The parts of a summary are one family under the name before "_sum" or "_count". */
static struct slice family_of(const struct row *row)
{
	static const struct slice ends[] = { { "_count", 6 }, { "_sum", 4 } };

	for (size_t i = 0; i < 2 && row->type == SUMMARY; i++)
		if (slice_ends(row->name, ends[i]))
			return slice_sub(row->name, 0, row->name.len - ends[i].len);
	return row->name;
}

static void write_numbers(struct buffer *out, const struct metrics *metrics)
{
	const struct row *family = NULL;
	bool told = false;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		int64_t number = *(const int64_t *)(const void *)((const char *)metrics +
								  row->offset);
		if (row->help[0] != '\0') {
			family = row;
			told = false;
		}
		if (number < 0)
			continue;
		assert(family != NULL);
		if (!told)
			add_family(out, family_of(family), family->type, family->help);
		told = true;
		buffer_add(out, row->name);
		if (row->label[0] != '\0')
			buffer_printf(out, "{%s}", row->label);
		add_value(out, number, row->unit);
	}
}

/* --- numbers by a word of ours ----------------------------------------------------- */

struct words {
	const char *name, *label, *help;
	enum metric_type type;
	const char *(*word)(size_t i);
};

static const char *outcome_word(size_t i)
{
	return outcome_text((enum outcome)i);
}

static const char *state_word(size_t i)
{
	return state_text((enum state)i);
}

static const char *class_word(size_t i)
{
	static const char *const classes[METRICS_CLASSES] = { "1xx", "2xx", "3xx", "4xx",
		"5xx" };
	return classes[i];
}

static void write_by_word(struct buffer *out, const struct words *words,
	const int64_t *numbers, size_t count)
{
	bool told = false;

	for (size_t i = 0; i < count; i++) {
		if (numbers[i] < 0)
			continue;
		if (!told)
			add_family(out, slice_of(words->name), words->type, words->help);
		told = true;
		buffer_printf(out, "%s{%s=\"%s\"} %lld\n", words->name, words->label,
			words->word(i), (long long)numbers[i]);
	}
}

static void write_words(struct buffer *out, const struct metrics *metrics)
{
	static const struct words checks = { "linkrotd_checks_total", "outcome",
		"Checks recorded since the start, by outcome.", COUNTER, outcome_word };
	static const struct words responses = { "linkrotd_responses_total", "class",
		"Answers of other servers, by class of their last status.", COUNTER,
		class_word };
	static const struct words answers = { "linkrotd_http_requests_total", "class",
		"Requests to the built-in server, by class of the answer's status.",
		COUNTER, class_word };
	static const struct words links = { "linkrotd_monitored_links", "state",
		"Links of all lists, each once, by state.", GAUGE, state_word };

	write_by_word(out, &checks, metrics->checks, OUTCOME_COUNT);
	write_by_word(out, &responses, metrics->responses, METRICS_CLASSES);
	write_by_word(out, &answers, metrics->http_answers, METRICS_CLASSES);
	write_by_word(out, &links, metrics->links, STANDING_STATE_COUNT);
}

/* --- histograms -------------------------------------------------------------------- */

/* `label` is phase="resolve", or nothing. */
static void write_histogram(struct buffer *out, const char *name, const char *label,
	const struct metrics_histogram *histogram)
{
	uint64_t count = 0;
	const char *comma = label[0] != '\0' ? "," : "";
	const char *open = label[0] != '\0' ? "{" : "",
		   *close = label[0] != '\0' ? "}" : "";

	for (size_t i = 0; i < METRICS_BUCKETS; i++) {
		count += histogram->buckets[i];
		buffer_printf(out, "%s_bucket{%s%sle=\"%s\"} %llu\n", name, label, comma,
			bounds_text[i], (unsigned long long)count);
	}
	count += histogram->buckets[METRICS_BUCKETS];
	buffer_printf(out, "%s_bucket{%s%sle=\"+Inf\"} %llu\n", name, label, comma,
		(unsigned long long)count);
	buffer_printf(out, "%s_sum%s%s%s", name, open, label, close);
	add_value(out, (int64_t)histogram->sum_ms, MS);
	buffer_printf(out, "%s_count%s%s%s %llu\n", name, open, label, close,
		(unsigned long long)count);
}

static void write_histograms(struct buffer *out, const struct metrics *metrics)
{
	static const char whole[] = "linkrotd_check_duration_seconds",
			  by_phase[] = "probe_http_duration_seconds";

	if (metrics->durations != NULL) {
		add_family(out, slice_of(whole), HISTOGRAM,
			"How long checks took, retries and redirects included, waiting "
			"for their host's turn not.");
		write_histogram(out, whole, "", metrics->durations);
	}
	if (metrics->phases == NULL)
		return;
	add_family(out, slice_of(by_phase), HISTOGRAM,
		"How long the phases of a check's last request took; transfer is the "
		"rest of the check.");
	for (size_t i = 0; i < METRICS_PHASE_COUNT; i++)
		write_histogram(out, by_phase, phases[i], &metrics->phases[i]);
}

/* --- lists ------------------------------------------------------------------------- */

static uint32_t lists_shown(const struct metrics *metrics)
{
	return metrics->list_count < METRICS_LISTS_MAX ? metrics->list_count
						       : METRICS_LISTS_MAX;
}

static void write_links(struct buffer *out, const struct metrics *metrics)
{
	static const char name[] = "linkrotd_links";

	add_family(out, slice_of(name), GAUGE, "Links of a list, by state.");
	for (uint32_t i = 0; i < lists_shown(metrics); i++)
		for (size_t state = 0; state < STANDING_STATE_COUNT; state++) {
			const struct metrics_list *list = &metrics->lists[i];
			buffer_printf(out, "%s{list=\"", name);
			add_escaped(out, list->name);
			buffer_printf(out, "\",state=\"%s\"} %u\n", state_word(state),
				list->by_state[state]);
		}
}

/* What a list has one number of; METRICS_UNKNOWN where it is not known. */
static int64_t dead_of(const struct metrics_list *list)
{
	return list->dead;
}

static int64_t success_of(const struct metrics_list *list)
{
	if (list->measured_at <= 0)
		return METRICS_UNKNOWN;
	return list->dead == 0 ? 1 : 0;
}

static int64_t duration_of(const struct metrics_list *list)
{
	return list->duration_ms;
}

static int64_t certificate_of(const struct metrics_list *list)
{
	return list->certificate_until > 0 ? list->certificate_until : METRICS_UNKNOWN;
}

static int64_t measured_of(const struct metrics_list *list)
{
	return list->measured_at > 0 ? list->measured_at : METRICS_UNKNOWN;
}

static int64_t stale_of(const struct metrics_list *list)
{
	return list->measured_at > 0 ? list->stale : METRICS_UNKNOWN;
}

static const struct by_list {
	const char *name, *help;
	enum metric_unit unit;
	int64_t (*number)(const struct metrics_list *list);
} by_list[] = {
	{ "linkrotd_dead_links", "Links of a list that are confirmed to be dead.", ONE,
		dead_of },
	{ "probe_success", "1 while no link of a list is confirmed to be dead.", ONE,
		success_of },
	{ "probe_duration_seconds",
		"How long a check of a list took, as a mean of today and yesterday.", MS,
		duration_of },
	{ "probe_ssl_earliest_cert_expiry",
		"When the first certificate of a list's links ends, in seconds since "
		"1970.",
		MS, certificate_of },
	{ "linkrotd_list_last_check_timestamp_seconds",
		"When a link of a list was checked last.", MS, measured_of },
	{ "linkrotd_list_stale",
		"1 while no link of a list was checked for long, though one is overdue.",
		ONE, stale_of },
};

static void write_by_list(
	struct buffer *out, const struct metrics *metrics, const struct by_list *what)
{
	bool told = false;

	for (uint32_t i = 0; i < lists_shown(metrics); i++) {
		int64_t number = what->number(&metrics->lists[i]);
		if (number < 0)
			continue;
		if (!told)
			add_family(out, slice_of(what->name), GAUGE, what->help);
		told = true;
		buffer_printf(out, "%s{list=\"", what->name);
		add_escaped(out, metrics->lists[i].name);
		buffer_add_text(out, "\"}");
		add_value(out, number, what->unit);
	}
}

static void write_lists(struct buffer *out, const struct metrics *metrics)
{
	static const char omitted[] = "linkrotd_lists_omitted";

	if (metrics->list_count == 0)
		return;
	write_links(out, metrics);
	for (size_t i = 0; i < sizeof(by_list) / sizeof(by_list[0]); i++)
		write_by_list(out, metrics, &by_list[i]);
	add_family(out, slice_of(omitted), GAUGE,
		"Lists without series of their own, because there are too many.");
	buffer_printf(
		out, "%s %u\n", omitted, metrics->list_count - lists_shown(metrics));
}

void metrics_write(const struct metrics *metrics, struct buffer *out)
{
	static const char info[] = "linkrotd_build_info";

	if (metrics->version != NULL) {
		add_family(out, slice_of(info), GAUGE,
			"Always 1; the version is its label.");
		buffer_printf(out, "%s{version=\"", info);
		add_escaped(out, slice_of(metrics->version));
		buffer_add_text(out, "\"} 1\n");
	}
	write_numbers(out, metrics);
	write_words(out, metrics);
	write_histograms(out, metrics);
	write_lists(out, metrics);
}
