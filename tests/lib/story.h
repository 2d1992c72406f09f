/* tests/lib/story: what a run of checks saw, as text.
 *
 * One check a line, and for each a struct observation:
 *
 *     [N*] [URL STATUS]... URL STATUS|reason [key=value]...
 *
 * "N*" repeats the line; "$" in a URL is the running number of the check, so that
 * "20* https://site$.org/ 200" are twenty unrelated domains. A chain of several hops
 * names each with its status. Keys: at (when it was asked, in seconds of the run), took
 * (seconds), ahead (the Date header less our clock, in hours), from and to (of the
 * certificate, in days from the run's start), v6 and good (1: over IPv6; verified), and
 * page (the title of a page of some words).
 * Without `at`, checks are a second apart. What is not understood is passed over, so that
 * a fuzzer may write stories.
 */
#pragma once

#include <stdlib.h>

#include "base/slice.h"
#include "model/observation.h"

enum { STORY_HOPS_MAX = 4, STORY_URL_SIZE = 300, STORY_REPEAT_MAX = 6000 };

/* The wall when the run starts: 2026-01-01. */
#define STORY_START INT64_C(1767225600000)

typedef void (*story_fn)(void *data, const struct observation *seen);

struct story {
	uint32_t number; /* of the check */
	struct hop hops[STORY_HOPS_MAX];
	char urls[STORY_HOPS_MAX][STORY_URL_SIZE];
	struct observation seen;
};

static inline int64_t story_number(struct slice text, int64_t max)
{
	uint64_t value = 0;
	bool minus = slice_starts(text, SLICE("-"));
	struct slice digits = slice_sub(text, minus ? 1 : 0, text.len);
	if (!slice_to_number(digits, (uint64_t)max, &value))
		return 0;
	return minus ? -(int64_t)value : (int64_t)value;
}

static inline void story_add_url(struct story *story, struct slice text)
{
	if (story->seen.hop_count == STORY_HOPS_MAX)
		return;
	char *url = story->urls[story->seen.hop_count], number[16];
	size_t len = 0;
	for (size_t i = 0; i < text.len && len < STORY_URL_SIZE - sizeof(number); i++) {
		if (text.at[i] != '$') {
			url[len++] = text.at[i];
			continue;
		}
		size_t digits = 0;
		for (uint32_t n = story->number; n > 0 || digits == 0; n /= 10)
			number[digits++] = (char)('0' + n % 10);
		while (digits > 0)
			url[len++] = number[--digits];
	}
	struct hop *hops = story->hops;
	if (story->seen.hop_count > 0) {
		hops[story->seen.hop_count - 1].via = HOP_VIA_STATUS;
		hops[story->seen.hop_count - 1].target = (struct slice){ url, len };
	}
	hops[story->seen.hop_count++] = (struct hop){ .url = { url, len } };
}

static inline void story_add_value(
	struct story *story, struct slice key, struct slice text)
{
	struct observation *seen = &story->seen;
	int64_t value = story_number(text, 10000000);
	if (slice_equal(key, SLICE("at")))
		seen->checked_at = STORY_START + value * 1000;
	else if (slice_equal(key, SLICE("took")))
		seen->timing.total_ms = (int32_t)(value % 100000) * 1000;
	else if (slice_equal(key, SLICE("from")))
		seen->certificate.starts_at = STORY_START + value * TIME_MS_PER_DAY;
	else if (slice_equal(key, SLICE("to")))
		seen->certificate.expires_at = STORY_START + value * TIME_MS_PER_DAY;
	else if (slice_equal(key, SLICE("good")))
		seen->certificate.verified = value != 0;
	else if (slice_equal(key, SLICE("page"))) {
		seen->page.parsed = true;
		seen->page.text_bytes = 40;
		seen->page.title = text;
		seen->page.sketch.least[text.len % SKETCH_PLACES] = (uint32_t)text.len;
	} else if (slice_equal(key, SLICE("v6")))
		seen->ipv6 = value != 0;
	else if (slice_equal(key, SLICE("ahead"))) {
		seen->has_server_date = true;
		seen->server_ahead_ms = value * TIME_MS_PER_HOUR;
	}
}

static inline void story_add_word(struct story *story, struct slice word)
{
	struct observation *seen = &story->seen;
	uint64_t status;
	size_t equals = slice_find_char(word, '=');
	if (slice_find(word, SLICE("://")) != SLICE_NONE) {
		story_add_url(story, word);
	} else if (equals != SLICE_NONE) {
		story_add_value(story, slice_sub(word, 0, equals),
			slice_sub(word, equals + 1, word.len));
	} else if (slice_to_number(word, 999, &status)) {
		if (seen->hop_count > 0 && status >= 100)
			story->hops[seen->hop_count - 1].status = (int)status;
	} else {
		for (int i = 1; i < REASON_COUNT; i++)
			if (slice_equal(word, slice_of(reason_text((enum reason)i))))
				seen->failure = (enum reason)i;
	}
}

static inline void story_tell_line(
	struct story *story, struct slice line, story_fn tell, void *data)
{
	struct slice word;
	story->seen = (struct observation){ .hops = story->hops,
		.checked_at = STORY_START + (time_ms)story->number * 1000,
		.timing = { -1, -1, -1, -1, -1 } };
	while (slice_split(&line, ' ', &word))
		story_add_word(story, word);
	struct observation *seen = &story->seen;
	if (seen->hop_count > 0) {
		struct hop *last = &story->hops[seen->hop_count - 1];
		/* A last hop without an answer has failed somehow. */
		if (last->status == 0 && seen->failure == REASON_OK)
			seen->failure = REASON_HTTP_MALFORMED;
		if (seen->failure != REASON_OK &&
			reason_outcome(seen->failure) != OUTCOME_BROKEN)
			last->status = 0;
		seen->http_status = last->status;
		seen->final_url = last->url;
	}
	tell(data, seen);
	story->number++;
}

/* At most `checks_max` checks are told. */
static inline void story_tell(
	struct slice text, uint32_t checks_max, story_fn tell, void *data)
{
	struct story story = { 0 };
	struct slice line;
	while (slice_split(&text, '\n', &line)) {
		int64_t times = 1;
		size_t star = slice_find(line, SLICE("* "));
		if (star != SLICE_NONE && star <= 4) {
			times = story_number(slice_sub(line, 0, star), STORY_REPEAT_MAX);
			line = slice_sub(line, star + 2, line.len);
		}
		for (; times > 0 && line.len > 0 && story.number < checks_max; times--)
			story_tell_line(&story, line, tell, data);
	}
}
