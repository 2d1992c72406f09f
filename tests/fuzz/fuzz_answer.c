/* probe/answer: the first line says how to ask ("h" HEAD, "b" the body, "a" ids, "s"
 * small caps, a digit for the size of the pieces); then header lines to an empty one,
 * then the body. However the body arrives, what is kept of an answer is the same and
 * within the caps; the bytes after "enough" change nothing. */
#include "fuzz.h"
#include "probe/answer_internal.h"

enum { VALUE_BYTES_MAX = 16 * 1024 };

struct result {
	struct arena arena;
	struct cookie_jar jar;
	struct answer answer;
	struct page_facts facts;
};

static const struct url asked = { .href = SLICE("http://a.test/"),
	.scheme = SLICE("http"),
	.host = SLICE("a.test"),
	.path = SLICE("/") };

static void check_caps(const struct result *result)
{
	const struct answer *answer = &result->answer;
	const struct slice kept[] = { answer->location, answer->retry_after,
		answer->refresh, answer->content_type, answer->charset,
		answer->successor };
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		assert(kept[i].len <= VALUE_BYTES_MAX);
	assert(answer->too_large ||
		answer->header_bytes <= answer->wish.header_bytes_max ||
		answer->complete);
	assert(answer->body_bytes <= (int64_t)answer->wish.body_bytes_max);
	assert(answer->body.len <= answer->wish.body_bytes_max);
	assert(!answer->complete || (answer->status >= 200 && answer->status <= 999));
	assert(!(answer->complete && (answer->malformed || answer->too_large)));
	assert(result->jar.count <= COOKIES_MAX);
	assert(result->answer.swallow_max > 0 || answer->swallowed == 0 ||
		answer->body_enough);
}

static void feed_body(struct result *result, struct slice body, size_t piece, bool stop)
{
	struct answer *answer = &result->answer;
	for (size_t at = 0; at < body.len; at += piece) {
		bool on = answer_body(answer, slice_sub(body, at, at + piece));
		assert(on || answer->body_enough);
		check_caps(result);
		if (!on && stop)
			break;
	}
}

static void run(struct result *result, const struct answer_wish *wish, struct slice rest,
	size_t piece, bool stop)
{
	struct slice line;
	struct answer *answer = &result->answer;
	*result = (struct result){ .facts = { .refresh_delay_s = -1 } };
	arena_init(&result->arena, 64 * 1024 * 1024);
	answer_init(answer, &result->arena, wish);
	answer->wish.jar = &result->jar;
	while (!answer->complete && slice_split(&rest, '\n', &line))
		if (!answer_header(answer, line))
			break;
	check_caps(result);
	if (answer->complete)
		feed_body(result, rest, piece > 0 ? piece : rest.len + 1, stop);
	else
		assert(answer->body_bytes == 0 && answer->page == NULL);
	if (answer->page != NULL)
		page_finish(answer->page, &result->facts);
	(void)answer_wall(answer);
}

static void compare(const struct result *a, const struct result *b)
{
	const struct answer *x = &a->answer, *y = &b->answer;
	assert(x->status == y->status && x->complete == y->complete);
	assert(slice_equal(x->location, y->location));
	assert(slice_equal(x->retry_after, y->retry_after));
	assert(slice_equal(x->refresh, y->refresh));
	assert(slice_equal(x->content_type, y->content_type));
	assert(slice_equal(x->successor, y->successor));
	assert(answer_wall(x) == answer_wall(y));
	assert((x->page != NULL) == (y->page != NULL));
	if (x->body_use == BODY_KEEP)
		assert(slice_equal(buffer_slice(&x->body), buffer_slice(&y->body)));
	assert(a->facts.parsed == b->facts.parsed);
	assert(slice_equal(a->facts.title, b->facts.title));
	assert(slice_equal(a->facts.heading, b->facts.heading));
	assert(slice_equal(a->facts.canonical, b->facts.canonical));
	assert(slice_equal(a->facts.refresh_url, b->facts.refresh_url));
	assert(a->facts.refresh_delay_s == b->facts.refresh_delay_s);
	assert(a->facts.challenge_mark == b->facts.challenge_mark);
	assert(a->facts.password_field == b->facts.password_field);
}

static void end(struct result *result)
{
	answer_fini(&result->answer);
	arena_fini(&result->arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct result whole, pieces, stopped;
	struct slice rest = fuzz_slice(data, size);
	struct slice how = fuzz_line(&rest);
	bool small = slice_find_char(how, 's') != SLICE_NONE;
	const struct answer_wish wish = {
		.method = slice_find_char(how, 'h') != SLICE_NONE ? METHOD_HEAD
								  : METHOD_GET,
		.want_body = slice_find_char(how, 'b') != SLICE_NONE,
		.want_anchors = slice_find_char(how, 'a') != SLICE_NONE,
		.url = &asked,
		.header_bytes_max = small ? 200 : 64 * 1024,
		.body_bytes_max = small ? 600 : 512 * 1024,
	};
	size_t piece = 1;
	for (size_t i = 0; i < how.len; i++)
		if (char_is_digit(how.at[i]))
			piece = 1 + (size_t)(how.at[i] - '0') * 7;

	run(&whole, &wish, rest, 0, false);
	run(&pieces, &wish, rest, piece, false);
	run(&stopped, &wish, rest, piece, true);
	compare(&whole, &pieces);
	compare(&pieces, &stopped);
	end(&whole);
	end(&pieces);
	end(&stopped);
	return 0;
}
