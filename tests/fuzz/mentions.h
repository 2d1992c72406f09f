/* tests/fuzz/mentions: what holds for the mentions of any document. */
#pragma once

#include "base/hash.h"
#include "extract/extract.h"
#include "fuzz.h"

struct mention_check {
	struct slice bytes;
	uint32_t count, stop_after;
	size_t at; /* counted up to here: */
	uint32_t line;
	size_t line_start;
	bool stopped;
	uint64_t seen; /* a hash of everything */
};

static void mention_mix(struct mention_check *check, struct slice text)
{
	check->seen = hash_bytes(text, check->seen);
}

/* LF, CRLF and a lone CR. */
static bool ends_line(struct slice bytes, size_t at)
{
	return bytes.at[at] == '\n' ||
	       (bytes.at[at] == '\r' &&
		       (at + 1 == bytes.len || bytes.at[at + 1] != '\n'));
}

static int mention_check_one(void *data, const struct mention *mention)
{
	struct mention_check *check = data;
	assert(!check->stopped);
	assert(mention->offset <= check->bytes.len);
	assert(mention->length <= check->bytes.len - mention->offset);
	assert(mention->offset >= check->at); /* in the order of the document */
	for (; check->at < mention->offset; check->at++)
		if (ends_line(check->bytes, check->at)) {
			check->line++;
			check->line_start = check->at + 1;
		}
	assert(mention->line == check->line);
	assert(mention->column == mention->offset - check->line_start + 1);
	mention_mix(check, mention->url);
	mention_mix(check, mention->text);
	mention_mix(check, mention->context);
	mention_mix(check, mention->expected_title);
	mention_mix(check, mention->base);
	check->seen += mention->title_is_loose;
	check->stopped = ++check->count == check->stop_after;
	return check->stopped ? 1 : 0;
}

static int mention_check_anchor(void *data, struct slice id)
{
	struct mention_check *check = data;
	assert(!check->stopped);
	mention_mix(check, id);
	return 0;
}

static struct mention_check mention_run(
	enum document_kind kind, struct slice bytes, uint32_t stop_after)
{
	struct mention_check check = {
		.bytes = bytes, .line = 1, .stop_after = stop_after
	};
	struct extract_sink sink = { &check, mention_check_one, mention_check_anchor };
	struct error error = { { 0 } };
	int status = extract(kind, bytes, &sink, &error);
	assert(status == 0 || status == -1);
	assert(!check.stopped || status == -1);
	assert(status == 0 || check.stopped || error.text[0] != '\0');
	return check;
}

static void mention_check_all(enum document_kind kind, struct slice bytes)
{
	struct mention_check once = mention_run(kind, bytes, 0);
	struct mention_check again = mention_run(kind, bytes, 0);
	assert(once.count == again.count && once.seen == again.seen);
	if (once.count > 0) {
		uint32_t stop_after = (once.count + 1) / 2;
		assert(mention_run(kind, bytes, stop_after).count == stop_after);
	}
}
