/* Both pictures are stretched to the width of the page (preserveAspectRatio="none"), so
 * that nothing in them may be text or round: words stand beside them in HTML, and the
 * style sheet keeps lines at their width. */
#include "site/picture.h"

#include <inttypes.h>
#include <stdbool.h>

#include "format/standing_write.h"

enum { WIDTH = 1000, HEIGHT = 100 };

/* --- frame ----------------------------------------------------------------------------
 */

static void add_day(struct buffer *out, time_ms at)
{
	char text[TIME_RFC3339_SIZE];
	time_format_rfc3339(at, text);
	buffer_printf(out, "<time>%.10s</time>", text);
}

/* 1, 2 or 5 with noughts behind it, at least `value`. */
static int64_t round_up(int64_t value)
{
	int64_t top = 1;

	while (top < value) {
		if (top * 2 >= value)
			return top * 2;
		if (top * 5 >= value)
			return top * 5;
		top *= 10;
	}
	return top;
}

static void open_picture(
	struct buffer *out, const char *name, const char *kind, const char *title)
{
	buffer_printf(out,
		"<figure class=\"pic %s\">\n<div class=\"plot\"><svg viewBox=\"0 0 %d "
		"%d\" "
		"preserveAspectRatio=\"none\" role=\"img\" aria-labelledby=\"%s-t %s-d\">"
		"<title id=\"%s-t\">%s</title><desc id=\"%s-d\">",
		kind, WIDTH, HEIGHT, name, name, name, title, name);
}

static void open_drawing(struct buffer *out)
{
	buffer_printf(out, "</desc><path class=\"grid\" d=\"M0 0h%dM0 %dh%dM0 %dh%d\"/>",
		WIDTH, HEIGHT / 2, WIDTH, HEIGHT, WIDTH);
}

static void close_drawing(
	struct buffer *out, const char *top, time_ms from, time_ms until)
{
	buffer_printf(out,
		"</svg><span class=\"y\">%s</span></div>\n<figcaption><span class=\"x\">",
		top);
	add_day(out, from);
	add_day(out, until);
	buffer_add_text(out, "</span>");
}

static int64_t scale(int64_t value, int64_t full, int64_t size)
{
	if (value <= 0 || full <= 0)
		return 0;
	return value >= full ? size : value * size / full;
}

/* --- latency --------------------------------------------------------------------------
 */

struct latency {
	const struct picture_latency *points;
	uint32_t count;
	time_ms from, until, gap_ms;
	int64_t top_ms;
};

static bool is_measured(const struct picture_latency *point)
{
	return point->min_ms >= 0 && point->mean_ms >= 0 && point->max_ms >= 0;
}

static int64_t x_of(const struct latency *latency, time_ms at)
{
	return scale(at - latency->from, latency->until - latency->from, WIDTH);
}

static int64_t y_of(const struct latency *latency, int32_t ms)
{
	return HEIGHT - scale(ms, latency->top_ms, HEIGHT);
}

/* A single check is a stroke that can be seen. */
static int64_t x_end(const struct latency *latency, const struct picture_latency *point)
{
	enum { LEAST = 4 };
	int64_t begin = x_of(latency, point->first_at);
	int64_t end = x_of(latency, point->last_at);
	if (end < begin + LEAST)
		end = begin + LEAST;
	return end < WIDTH ? end : WIDTH;
}

/* How many points from number i on hang together. */
static uint32_t stretch_at(const struct latency *latency, uint32_t i)
{
	uint32_t k = i;

	if (!is_measured(&latency->points[i]))
		return 0;
	for (; k + 1 < latency->count; k++) {
		const struct picture_latency *next = &latency->points[k + 1];
		if (!is_measured(next) ||
			next->first_at - latency->points[k].last_at > latency->gap_ms)
			break;
	}
	return k - i + 1;
}

static void add_band(
	struct buffer *out, const struct latency *latency, uint32_t from, uint32_t count)
{
	const struct picture_latency *points = latency->points + from;

	for (uint32_t i = 0; i < count; i++)
		buffer_printf(out, "%c%" PRId64 " %" PRId64 "H%" PRId64,
			i == 0 ? 'M' : 'L', x_of(latency, points[i].first_at),
			y_of(latency, points[i].max_ms), x_end(latency, &points[i]));
	for (uint32_t i = count; i-- > 0;)
		buffer_printf(out, "L%" PRId64 " %" PRId64 "H%" PRId64,
			x_end(latency, &points[i]), y_of(latency, points[i].min_ms),
			x_of(latency, points[i].first_at));
	buffer_add_char(out, 'Z');
}

static void add_line(
	struct buffer *out, const struct latency *latency, uint32_t from, uint32_t count)
{
	const struct picture_latency *points = latency->points + from;

	for (uint32_t i = 0; i < count; i++)
		buffer_printf(out, "%c%" PRId64 " %" PRId64 "H%" PRId64,
			i == 0 ? 'M' : 'L', x_of(latency, points[i].first_at),
			y_of(latency, points[i].mean_ms), x_end(latency, &points[i]));
}

static void add_latency_path(struct buffer *out, const struct latency *latency,
	const char *name,
	void (*add)(struct buffer *, const struct latency *, uint32_t, uint32_t))
{
	buffer_printf(out, "<path class=\"%s\" d=\"", name);
	for (uint32_t i = 0; i < latency->count;) {
		uint32_t count = stretch_at(latency, i);
		if (count > 0)
			add(out, latency, i, count);
		i += count > 0 ? count : 1;
	}
	buffer_add_text(out, "\"/>");
}

static void describe_latency(struct buffer *out, const struct latency *latency,
	int32_t least_ms, int32_t most_ms, int32_t latest_ms)
{
	char least[TIME_SPAN_SIZE], most[TIME_SPAN_SIZE], latest[TIME_SPAN_SIZE];
	char from[TIME_RFC3339_SIZE], until[TIME_RFC3339_SIZE];

	time_format_span(least_ms, least);
	time_format_span(most_ms, most);
	time_format_span(latest_ms, latest);
	time_format_rfc3339(latency->from, from);
	time_format_rfc3339(latency->until, until);
	buffer_printf(out, "From %.10s to %.10s between %s and %s; last %s.", from, until,
		least, most, latest);
}

bool picture_add_latency(struct buffer *out, const char *name,
	const struct picture_latency *points, uint32_t count, time_ms from, time_ms until,
	time_ms gap_ms)
{
	struct latency latency = { points, count, from, until,
		gap_ms > 0 ? gap_ms : 14 * TIME_MS_PER_DAY, 1 };
	int32_t least = INT32_MAX, most = -1, latest = -1;
	char top[TIME_SPAN_SIZE];

	if (count > PICTURE_POINTS_MAX) {
		latency.points += count - PICTURE_POINTS_MAX;
		latency.count = PICTURE_POINTS_MAX;
	}
	for (uint32_t i = 0; i < latency.count; i++) {
		const struct picture_latency *point = &latency.points[i];
		if (!is_measured(point))
			continue;
		least = point->min_ms < least ? point->min_ms : least;
		most = point->max_ms > most ? point->max_ms : most;
		latest = point->mean_ms;
	}
	if (most < 0 || until <= from)
		return false;
	latency.top_ms = round_up(most);
	open_picture(out, name, "latency", "How long it took");
	describe_latency(out, &latency, least, most, latest);
	open_drawing(out);
	add_latency_path(out, &latency, "band", add_band);
	add_latency_path(out, &latency, "mean", add_line);
	time_format_span(latency.top_ms, top);
	close_drawing(out, top, from, until);
	describe_latency(out, &latency, least, most, latest);
	buffer_add_text(out, "</figcaption>\n</figure>\n");
	return true;
}

/* --- rot ------------------------------------------------------------------------------
 */

/* From the ground up; each is drawn as the sum of itself and what lies below it, the
 * highest first. */
static const enum state layers[] = { STATE_DEAD, STATE_SUSPECT, STATE_GATED };

enum { LAYERS = sizeof(layers) / sizeof(layers[0]) };

struct rot {
	const struct picture_tally *tallies;
	uint32_t count;
	int64_t days; /* from the first to the last, both counted */
	int64_t top;
};

static int64_t sum_of(const struct picture_tally *tally, size_t layer)
{
	int64_t sum = 0;
	for (size_t i = 0; i <= layer; i++)
		sum += tally->by_state[layers[i]];
	return sum;
}

static int64_t rot_x(const struct rot *rot, time_ms day)
{
	int64_t number = (day - rot->tallies[0].day) / TIME_MS_PER_DAY;
	return scale(number, rot->days, WIDTH);
}

/* Steps: a number is that of a day and nothing lies between two. Only changes cost. */
static void add_layer(struct buffer *out, const struct rot *rot, size_t layer)
{
	int64_t end = -1, last = -1;

	buffer_printf(out, "<path class=\"%s\" d=\"", state_text(layers[layer]));
	for (uint32_t i = 0; i < rot->count; i++) {
		const struct picture_tally *tally = &rot->tallies[i];
		int64_t x = rot_x(rot, tally->day);
		int64_t y = HEIGHT - scale(sum_of(tally, layer), rot->top, HEIGHT);
		if (x != end) {
			if (end >= 0)
				buffer_printf(out, "H%" PRId64 "V%dZ", end, HEIGHT);
			buffer_printf(out, "M%" PRId64 " %dV%" PRId64, x, HEIGHT, y);
		} else if (y != last) {
			buffer_printf(out, "H%" PRId64 "V%" PRId64, x, y);
		}
		end = rot_x(rot, tally->day + TIME_MS_PER_DAY);
		last = y;
	}
	buffer_printf(out, "H%" PRId64 "V%dZ\"/>", end, HEIGHT);
}

static void add_now(struct buffer *out, const struct picture_tally *tally)
{
	char day[TIME_RFC3339_SIZE];

	time_format_rfc3339(tally->day, day);
	buffer_printf(out, "%.10s:", day);
	for (size_t i = 0; i < LAYERS; i++)
		buffer_printf(out, " %" PRIu32 " %s%s", tally->by_state[layers[i]],
			standing_word(layers[i]), i + 1 < LAYERS ? "," : ".");
}

static void add_legend(struct buffer *out, const struct rot *rot)
{
	buffer_add_text(out, "<span class=\"key\">");
	for (size_t i = LAYERS; i-- > 0;)
		buffer_printf(out, "<span class=\"s %s\">%s %" PRIu32 "</span> ",
			state_text(layers[i]), standing_word(layers[i]),
			rot->tallies[rot->count - 1].by_state[layers[i]]);
	buffer_add_text(out, "</span>");
}

bool picture_add_rot(struct buffer *out, const char *name,
	const struct picture_tally *tallies, uint32_t count)
{
	struct rot rot = { tallies, count, 0, 1 };
	char top[32];

	if (count > PICTURE_POINTS_MAX) {
		rot.tallies += count - PICTURE_POINTS_MAX;
		rot.count = PICTURE_POINTS_MAX;
	}
	if (count < 2)
		return false;
	const struct picture_tally *last = &rot.tallies[rot.count - 1];
	rot.days = (last->day - rot.tallies[0].day) / TIME_MS_PER_DAY + 1;
	for (uint32_t i = 0; i < rot.count; i++) {
		int64_t sum = sum_of(&rot.tallies[i], LAYERS - 1);
		rot.top = sum > rot.top ? sum : rot.top;
	}
	rot.top = round_up(rot.top);
	open_picture(out, name, "rot", "Links that were not well, day by day");
	add_now(out, &rot.tallies[0]);
	buffer_add_char(out, ' ');
	add_now(out, last);
	open_drawing(out);
	for (size_t i = LAYERS; i-- > 0;)
		add_layer(out, &rot, i);
	snprintf(top, sizeof(top), "%" PRId64, rot.top);
	close_drawing(out, top, rot.tallies[0].day, last->day);
	add_legend(out, &rot);
	buffer_add_text(out, "</figcaption>\n</figure>\n");
	return true;
}
