#include "process/journal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#define SD_JOURNAL_SUPPRESS_LOCATION /* which line of our source said it helps nobody */
#include <systemd/sd-journal.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "model/userinfo.h"

enum {
	FORMAT_BYTES_MAX = 4096, /* before it is made harmless */
	MESSAGE_BYTES_MAX = 2048,
	URL_BYTES_MAX = 2048,
	FIELD_BYTES_MAX = 256,
	FIELDS_MAX = 16,
	ENTRY_BYTES_MAX = 16 * 1024,
};

static const time_us minute_us = 60 * TIME_MS_PER_S * TIME_US_PER_MS;

struct kind_row {
	const char *text;
	enum journal_level level;
	uint32_t burst, per_minute;
	const char *id;
};

#define KIND_ROW(name, text, level, burst, minute, id)                                   \
	{ text, JOURNAL_##level, burst, minute, id },
static const struct kind_row kinds[] = { JOURNAL_KINDS(KIND_ROW) };

static const char journal_socket[] = "/run/systemd/journal/socket";

static time_us clock_us(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (time_us)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static time_us monotonic_now(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

static time_ms wall_now(void)
{
	return clock_us(CLOCK_REALTIME) / TIME_US_PER_MS;
}

/* JOURNAL_STREAM is inherited; it counts only while the stream is still the one that
 * systemd has connected (systemd.exec(5)). */
static bool is_journal_stream(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat found;
	char expected[64];

	if (stream == NULL || fstat(fd, &found) != 0)
		return false;
	snprintf(expected, sizeof(expected), "%llu:%llu",
		(unsigned long long)found.st_dev, (unsigned long long)found.st_ino);
	return strcmp(stream, expected) == 0;
}

void journal_init(struct journal *journal, int fd, enum journal_level level)
{
	*journal = (struct journal){
		.way = JOURNAL_PLAIN,
		.level = level,
		.fd = fd,
		.now = monotonic_now,
		.wall = wall_now,
	};
	for (size_t i = 0; i < JOURNAL_KIND_COUNT; i++)
		journal->buckets[i].tokens = kinds[i].burst;
	/* libsystemd takes a missing socket for success. */
	if (is_journal_stream(fd))
		journal->way = access(journal_socket, W_OK) == 0 ? JOURNAL_NATIVE
								 : JOURNAL_PREFIX;
}

/* --- writing ----------------------------------------------------------------------- */

/* One entry: "NAME=text" after "NAME=text" in one buffer, which moves while it grows. */
struct entry {
	struct buffer text;
	size_t begins[FIELDS_MAX + 1];
	int count;
};

static void add_printable(struct buffer *out, struct slice foreign, size_t bytes_max)
{
	struct buffer bare;
	buffer_init(&bare, ENTRY_BYTES_MAX);
	userinfo_hide(&bare, slice_sub(foreign, 0, FORMAT_BYTES_MAX));
	utf8_add_printable(out, buffer_slice(&bare), bytes_max);
	buffer_fini(&bare);
}

static void add_field(
	struct entry *entry, const char *name, struct slice value, size_t bytes_max)
{
	if (value.len == 0 || entry->count >= FIELDS_MAX)
		return;
	entry->begins[entry->count++] = entry->text.len;
	buffer_add_text(&entry->text, name);
	buffer_add_char(&entry->text, '=');
	add_printable(&entry->text, value, bytes_max);
}

static void add_fields(struct entry *entry, const struct journal_fields *fields)
{
	if (fields == NULL)
		return;
	add_field(entry, "LINKROTD_URL", fields->url, URL_BYTES_MAX);
	add_field(entry, "LINKROTD_LIST", fields->list, FIELD_BYTES_MAX);
	add_field(entry, "LINKROTD_FROM", fields->from, FIELD_BYTES_MAX);
	add_field(entry, "LINKROTD_STATE", fields->state, FIELD_BYTES_MAX);
	add_field(entry, "LINKROTD_REASON", fields->reason, FIELD_BYTES_MAX);
	add_field(entry, "LINKROTD_SOURCE", fields->source, URL_BYTES_MAX);
}

static int send_entry(struct entry *entry)
{
	struct iovec parts[FIELDS_MAX];
	if (entry->text.failed)
		return -1;
	entry->begins[entry->count] = entry->text.len;
	for (int i = 0; i < entry->count; i++)
		parts[i] = (struct iovec){ entry->text.at + entry->begins[i],
			entry->begins[i + 1] - entry->begins[i] };
	return sd_journal_sendv(parts, entry->count) < 0 ? -1 : 0;
}

static int write_native(const struct kind_row *kind, enum journal_level level,
	const struct journal_fields *fields, struct slice message)
{
	struct entry entry = { .count = 0 };
	char priority[2] = { (char)('0' + level), '\0' };

	buffer_init(&entry.text, ENTRY_BYTES_MAX);
	add_field(&entry, "MESSAGE", message, MESSAGE_BYTES_MAX);
	add_field(&entry, "PRIORITY", slice_of(priority), 1);
	add_field(&entry, "MESSAGE_ID", slice_of(kind->id), FIELD_BYTES_MAX);
	add_field(&entry, "SYSLOG_IDENTIFIER", SLICE("linkrotd"), FIELD_BYTES_MAX);
	add_field(&entry, "LINKROTD_KIND", slice_of(kind->text), FIELD_BYTES_MAX);
	add_fields(&entry, fields);
	int result = send_entry(&entry);
	buffer_fini(&entry.text);
	return result;
}

static int write_all(int fd, struct slice bytes)
{
	while (bytes.len > 0) {
		ssize_t wrote = write(fd, bytes.at, bytes.len);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return -1;
		bytes = slice_sub(bytes, (size_t)wrote, bytes.len);
	}
	return 0;
}

static int write_line(
	const struct journal *journal, enum journal_level level, struct slice message)
{
	struct buffer line;
	char at[TIME_RFC3339_SIZE];

	buffer_init(&line, ENTRY_BYTES_MAX);
	if (journal->way == JOURNAL_PLAIN) {
		time_format_rfc3339(journal->wall(), at);
		buffer_printf(&line, "%s linkrotd: ", at);
	} else {
		buffer_printf(&line, "<%d>", (int)level);
	}
	add_printable(&line, message, MESSAGE_BYTES_MAX);
	buffer_add_char(&line, '\n');
	int result = line.failed ? -1 : write_all(journal->fd, buffer_slice(&line));
	buffer_fini(&line);
	return result;
}

static void put(struct journal *journal, const struct kind_row *kind,
	enum journal_level level, const struct journal_fields *fields,
	struct slice message)
{
	int result = -1;
	if (journal->way == JOURNAL_NATIVE)
		result = write_native(kind, level, fields, message);
	/* What journald does not take as an entry, it may still take as a line. */
	if (result < 0)
		result = write_line(journal, level, message);
	if (result == 0)
		journal->written++;
	else
		journal->lost++;
}

/* --- a bucket a kind --------------------------------------------------------------- */

static void tell_held_back(struct journal *journal, enum journal_kind kind)
{
	struct journal_bucket *bucket = &journal->buckets[kind];
	char text[128];

	int len = snprintf(text, sizeof(text),
		"%lu more %s of the kind \"%s\" came too fast and %s not written",
		(unsigned long)bucket->held_back,
		bucket->held_back == 1 ? "line" : "lines", kinds[kind].text,
		bucket->held_back == 1 ? "was" : "were");
	bucket->held_back = 0;
	put(journal, &kinds[kind], JOURNAL_WARNING, NULL,
		(struct slice){ text, (size_t)len });
}

static void fill(struct journal_bucket *bucket, const struct kind_row *kind, time_us now)
{
	time_us each = minute_us / kind->per_minute;
	if (bucket->tokens >= kind->burst) {
		bucket->filled_at = now;
		return;
	}
	time_us grown = (now - bucket->filled_at) / each;
	if (grown >= (time_us)(kind->burst - bucket->tokens)) {
		bucket->tokens = kind->burst;
		bucket->filled_at = now;
	} else {
		bucket->tokens += (uint32_t)grown;
		bucket->filled_at += grown * each;
	}
}

static bool admit(struct journal *journal, enum journal_kind kind)
{
	struct journal_bucket *bucket = &journal->buckets[kind];
	time_us now = journal->now();

	fill(bucket, &kinds[kind], now);
	if (bucket->tokens == 0) {
		if (bucket->held_back++ == 0)
			bucket->held_since = now;
		journal->held_back++;
		return false;
	}
	bucket->tokens--;
	if (bucket->held_back > 0)
		tell_held_back(journal, kind);
	return true;
}

void journal_tick(struct journal *journal)
{
	time_us now = journal->now();
	for (size_t i = 0; i < JOURNAL_KIND_COUNT; i++)
		if (journal->buckets[i].held_back > 0 &&
			now - journal->buckets[i].held_since >= minute_us)
			tell_held_back(journal, (enum journal_kind)i);
}

void journal_fini(struct journal *journal)
{
	for (size_t i = 0; i < JOURNAL_KIND_COUNT; i++)
		if (journal->buckets[i].held_back > 0)
			tell_held_back(journal, (enum journal_kind)i);
}

/* --- what callers say -------------------------------------------------------------- */

static bool wanted(
	struct journal *journal, enum journal_kind kind, enum journal_level level)
{
	return level <= journal->level && admit(journal, kind);
}

/* For printf's text, cut where our own is full. */
static struct slice written(const char *text, int len)
{
	size_t most = FORMAT_BYTES_MAX - 1;
	if (len < 0)
		return SLICE("(a line that could not be written)");
	return (struct slice){ text, (size_t)len < most ? (size_t)len : most };
}

void journal_say(struct journal *journal, enum journal_kind kind, const char *format, ...)
{
	char text[FORMAT_BYTES_MAX];
	va_list args;

	if (!wanted(journal, kind, kinds[kind].level))
		return;
	va_start(args, format);
	int len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put(journal, &kinds[kind], kinds[kind].level, NULL, written(text, len));
}

void journal_say_with(struct journal *journal, enum journal_kind kind,
	enum journal_level level, const struct journal_fields *fields, const char *format,
	...)
{
	char text[FORMAT_BYTES_MAX];
	va_list args;

	if (!wanted(journal, kind, level))
		return;
	va_start(args, format);
	int len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put(journal, &kinds[kind], level, fields, written(text, len));
}

void journal_error(
	struct journal *journal, enum journal_kind kind, const struct error *error)
{
	if (wanted(journal, kind, kinds[kind].level))
		put(journal, &kinds[kind], kinds[kind].level, NULL,
			slice_of(error->text));
}

/* --- events of the model ----------------------------------------------------------- */

static enum journal_kind kind_of_event(enum event_kind kind)
{
	switch (kind) {
	case EVENT_STATE:
	case EVENT_FLAPPING:
	case EVENT_STEADY:
		return JOURNAL_KIND_LINK;
	case EVENT_CONTENT_CHANGED:
		return JOURNAL_KIND_CONTENT;
	case EVENT_INCIDENT_BEGAN:
	case EVENT_INCIDENT_ENDED:
		return JOURNAL_KIND_INCIDENT;
	case EVENT_SOURCE_FAILED:
	case EVENT_SOURCE_BACK:
		return JOURNAL_KIND_SOURCE;
	case EVENT_LINK_ADDED:
	case EVENT_LINK_REMOVED:
		return JOURNAL_KIND_LISTS;
	case EVENT_OFFLINE_BEGAN:
	case EVENT_OFFLINE_ENDED:
		return JOURNAL_KIND_OFFLINE;
	}
	return JOURNAL_KIND_SERVICE;
}

static bool is_settled(enum state state)
{
	return state == STATE_DEAD || state == STATE_MOVED;
}

/* What somebody must act on, or need no longer, is a notice; doubts are not. */
static enum journal_level level_of_state(enum state from, enum state to)
{
	if (is_settled(from) || is_settled(to))
		return JOURNAL_NOTICE;
	return from == STATE_UNCHECKED && to != STATE_SUSPECT ? JOURNAL_DEBUG
							      : JOURNAL_INFO;
}

static enum journal_level level_of_event(const struct event *event)
{
	switch (event->kind) {
	case EVENT_STATE:
		return level_of_state(event->from, event->to);
	case EVENT_FLAPPING:
	case EVENT_STEADY:
	case EVENT_CONTENT_CHANGED:
		return JOURNAL_INFO;
	case EVENT_LINK_ADDED:
	case EVENT_LINK_REMOVED:
		return JOURNAL_DEBUG;
	case EVENT_INCIDENT_ENDED:
	case EVENT_SOURCE_BACK:
	case EVENT_OFFLINE_ENDED:
		return JOURNAL_NOTICE;
	case EVENT_INCIDENT_BEGAN:
	case EVENT_SOURCE_FAILED:
	case EVENT_OFFLINE_BEGAN:
		return JOURNAL_WARNING;
	}
	return JOURNAL_NOTICE;
}

static const char *words_of_event(enum event_kind kind)
{
	switch (kind) {
	case EVENT_STATE:
		return "has another state";
	case EVENT_FLAPPING:
		return "comes and goes";
	case EVENT_STEADY:
		return "no longer comes and goes";
	case EVENT_CONTENT_CHANGED:
		return "is not the page it was";
	case EVENT_INCIDENT_BEGAN:
		return "links fail for one cause";
	case EVENT_INCIDENT_ENDED:
		return "the cause for which links failed is gone";
	case EVENT_SOURCE_FAILED:
		return "a source cannot be read; its last links are kept";
	case EVENT_SOURCE_BACK:
		return "a source can be read again";
	case EVENT_LINK_ADDED:
		return "is new";
	case EVENT_LINK_REMOVED:
		return "is on no list any more";
	case EVENT_OFFLINE_BEGAN:
		return "this machine may be offline; nothing is held against any link";
	case EVENT_OFFLINE_ENDED:
		return "this machine is online again";
	}
	return "";
}

static void say_state(struct journal *journal, const struct event *event,
	const struct journal_fields *fields)
{
	enum journal_level level = level_of_event(event);
	int url_len =
		fields->url.len > URL_BYTES_MAX ? URL_BYTES_MAX : (int)fields->url.len;
	const char *url = fields->url.len > 0 ? fields->url.at : "";

	if (event->from == STATE_UNCHECKED)
		journal_say_with(journal, JOURNAL_KIND_LINK, level, fields,
			"%.*s is %s (%s)", url_len, url, state_text(event->to),
			reason_text(event->reason));
	else
		journal_say_with(journal, JOURNAL_KIND_LINK, level, fields,
			"%.*s is %s (%s); it was %s", url_len, url, state_text(event->to),
			reason_text(event->reason), state_text(event->from));
}

void journal_event(struct journal *journal, const struct event *event, struct slice url,
	struct slice list)
{
	struct journal_fields fields = { .url = url, .list = list };
	struct slice text = slice_sub(event->text, 0, MESSAGE_BYTES_MAX);
	struct slice shown = slice_sub(url, 0, URL_BYTES_MAX);

	if (event->kind == EVENT_STATE) {
		fields.from = slice_of(state_text(event->from));
		fields.state = slice_of(state_text(event->to));
		fields.reason = slice_of(reason_text(event->reason));
		say_state(journal, event, &fields);
		return;
	}
	if (text.len == 0)
		text = slice_of(words_of_event(event->kind));
	journal_say_with(journal, kind_of_event(event->kind), level_of_event(event),
		&fields, "%.*s%s%.*s", SLICE_ARG(shown), shown.len > 0 ? " " : "",
		SLICE_ARG(text));
}
