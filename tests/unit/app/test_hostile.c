/* Every foreign field of status, report and why, in every format, with what others might
 * say to do harm. */
#include "format/markup.h"
#include "unit/digest/standings.h"
#include "unit/report/judge.h"

/* A link in which everything that comes from outside is `word`. */
struct victim {
	struct standing standing;
	struct occurrence places[2];
	struct redirect hops[2];
	struct slice words[4];
	struct event events[2];
	struct digest_entry entry;
	struct digest_period period;
	struct feed_entry told[EVENT_KIND_COUNT];
	struct buffer line;
};

static void victim_begin(struct victim *victim, struct slice word)
{
	*victim = (struct victim){ .words = { word, word, word, word } };
	struct occurrence place = {
		.source = word, .line = 1, .column = 1, .text = word, .context = word
	};
	victim->places[0] = victim->places[1] = place;
	victim->places[0].next = &victim->places[1];
	victim->hops[0] = victim->hops[1] = (struct redirect){ 302, word };
	struct standing *standing = &victim->standing;
	standing->link = (struct link){ .kind = LINK_OTHER,
		.url = word,
		.expected_title = word,
		.first = &victim->places[0],
		.occurrence_count = 2 };
	standing->lists = victim->words;
	standing->list_count = 4;
	standing->record = (struct link_record){ .state = STATE_DEAD,
		.confirmed = STATE_DEAD,
		.since = days_ago(1),
		.reason = REASON_BAD_URL,
		.notes = (UINT32_C(1) << NOTE_COUNT) - 1,
		.checks = 1,
		.flapping_since = days_ago(1) };
	standing_set_result(standing);
	struct check_result *result = &standing->link.result;
	result->verdict.suggestion = (struct suggestion){ word, word };
	result->verdict.error = word;
	result->final_url = word;
	result->title = word;
	result->redirects = victim->hops;
	result->redirect_count = 2;
	victim->events[0] = victim->events[1] =
		(struct event){ .kind = EVENT_CONTENT_CHANGED, .text = word };
	victim->entry =
		(struct digest_entry){ standing, days_ago(1), STATE_ALIVE, 0, false };
	victim->period = (struct digest_period){
		.began_at = days_ago(1), .name = word, .text = word, .links = 3
	};
	for (int kind = 0; kind < EVENT_KIND_COUNT; kind++)
		victim->told[kind] = (struct feed_entry){ .event_id = kind + 1,
			.event = { .kind = (enum event_kind)kind,
				.at = days_ago(1),
				.link_id = 3,
				.to = STATE_ALIVE,
				.text = word },
			.url = word,
			.lists = victim->words,
			.list_count = 4 };
	/* Lines begin items in why, and are the caller's to keep out. */
	buffer_init(&victim->line, 1u << 20);
	buffer_add(&victim->line, word);
	for (size_t i = 0; i < victim->line.len; i++)
		if (victim->line.at[i] == '\n')
			victim->line.at[i] = ' ';
}

static int write_status(const struct victim *victim, enum format format,
	struct buffer *out, struct error *error)
{
	struct status_writer writer;
	struct status_head head = standings_head();
	head.inputs = victim->words;
	head.input_count = 4;
	head.lines = victim->words;
	head.line_count = 4;
	status_begin(&writer, &head, format, out);
	status_row(&writer, &victim->standing);
	return status_end(&writer, error);
}

static int write_digest(const struct victim *victim, enum format format,
	struct buffer *out, struct error *error)
{
	/* What the operator calls it comes from his configuration, as names of lists do.
	 */
	struct slice ours =
		victim->standing.list_count > 0 ? victim->words[0] : SLICE("word");
	struct digest digest = { .generator = "linkrotd 0.1.0",
		.since = days_ago(1),
		.until = STANDINGS_NOW,
		.lists = victim->words,
		.list_count = victim->standing.list_count,
		.counts = standings_counts(),
		.incidents = { &victim->period, 1, 1 },
		.sources = { &victim->period, 1, 1 },
		.offline = { &victim->period, 1, 1 },
		.database = victim->words[0],
		.events = victim->told,
		.event_count = EVENT_KIND_COUNT,
		.feed = { .host = ours,
			.list = ours,
			.title = victim->words[0],
			.self_url = victim->words[0],
			.page_url = victim->words[0],
			.generator = "linkrotd 0.1.0" } };
	for (size_t i = 0; i < DIGEST_SECTION_COUNT; i++)
		digest.links[i] = (struct digest_links){ &victim->entry, 1, 1, 0 };
	return digest_write(&digest, format, out, error);
}

static int write_why(const struct victim *victim, enum format format, struct buffer *out,
	struct error *error)
{
	const struct slice line = buffer_slice(&victim->line);
	struct why why = { .generator = "linkrotd 0.1.0",
		.now = STANDINGS_NOW,
		.standing = &victim->standing,
		.known.events = victim->events,
		.known.event_count = 2,
		.known.reasons = &line,
		.known.reason_count = 1,
		.known.nexts = &line,
		.known.next_count = 1 };
	return why_write(&why, format, out, error);
}

static int (*const writers[])(const struct victim *victim, enum format format,
	struct buffer *out,
	struct error *error) = { write_status, write_digest, write_why };
enum { WRITER_COUNT = sizeof(writers) / sizeof(writers[0]) };

static void write(
	size_t writer, enum format format, struct slice word, struct buffer *out)
{
	struct victim victim;
	victim_begin(&victim, word);
	buffer_reset(out);
	assert_int_equal(writers[writer](&victim, format, out, NULL), 0);
	buffer_fini(&victim.line);
}

static void text_keeps_its_lines(void **state)
{
	(void)state;
	struct buffer out;
	buffer_init(&out, 1u << 20);
	for (size_t writer = 0; writer < WRITER_COUNT; writer++) {
		write(writer, FORMAT_TEXT, SLICE("word"), &out);
		size_t lines = judge_lines(buffer_slice(&out));
		assert_true(lines > 10);
		for (size_t i = 0; i < JUDGE_HOSTILE_COUNT; i++) {
			write(writer, FORMAT_TEXT, judge_hostile[i], &out);
			judge_clean(buffer_slice(&out));
			assert_int_equal(judge_lines(buffer_slice(&out)), lines);
		}
	}
	buffer_fini(&out);
}

static void judge_markdown(size_t writer, struct slice word, struct buffer *out,
	const struct judge_found *calm)
{
	struct judge_found evil;
	write(writer, FORMAT_MARKDOWN, word, out);
	judge_clean(buffer_slice(out));
	judge_parse(buffer_slice(out), &evil);
	assert_int_equal(evil.headings, calm->headings);
	assert_int_equal(evil.items, calm->items);
	assert_int_equal(evil.tables, 0);
	assert_int_equal(evil.html, 0);
	assert_int_equal(evil.images, 0);
	assert_int_equal(evil.links, 0);
	assert_int_equal(evil.others, 0);
	assert_null(strpbrk(buffer_string(&evil.text), "@#"));
	buffer_fini(&evil.text);
}

static void markdown_keeps_its_shape(void **state)
{
	(void)state;
	struct buffer out;
	struct judge_found calm;
	buffer_init(&out, 1u << 20);
	for (size_t writer = 0; writer < WRITER_COUNT; writer++) {
		write(writer, FORMAT_MARKDOWN, SLICE("word"), &out);
		judge_parse(buffer_slice(&out), &calm);
		assert_true(calm.items > 5);
		assert_int_equal(calm.links + calm.html + calm.others, 0);
		for (size_t i = 0; i < JUDGE_HOSTILE_COUNT; i++)
			judge_markdown(writer, judge_hostile[i], &out, &calm);
		buffer_fini(&calm.text);
	}
	buffer_fini(&out);
}

/* Two trees of the same shape; only texts differ. */
static void assert_same_shape(json_t *a, json_t *b)
{
	assert_int_equal(json_typeof(a), json_typeof(b));
	assert_int_equal(json_object_size(a), json_object_size(b));
	assert_int_equal(json_array_size(a), json_array_size(b));
	const char *key;
	json_t *value;
	json_object_foreach(a, key, value)
	{
		assert_non_null(json_object_get(b, key));
		assert_same_shape(value, json_object_get(b, key));
	}
	for (size_t i = 0; i < json_array_size(a); i++)
		assert_same_shape(json_array_get(a, i), json_array_get(b, i));
}

static void json_keeps_its_shape(void **state)
{
	(void)state;
	struct buffer out;
	buffer_init(&out, 1u << 20);
	for (size_t writer = 0; writer < WRITER_COUNT; writer++) {
		write(writer, FORMAT_JSON, SLICE("word"), &out);
		json_t *calm = standings_json(buffer_string(&out));
		for (size_t i = 0; i < JUDGE_HOSTILE_COUNT; i++) {
			json_error_t error;
			write(writer, FORMAT_JSON, judge_hostile[i], &out);
			assert_true(utf8_valid(buffer_slice(&out)));
			json_t *evil = json_loadb(out.at, out.len,
				JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
			assert_non_null(evil);
			assert_same_shape(calm, evil);
			json_decref(evil);
		}
		json_decref(calm);
	}
	buffer_fini(&out);
}

/* --- what only the digest has: HTML, Atom, CSV, and the lines for chat ------ */

/* Tags with the values of their attributes taken out; links are looked at. */
static void skeleton_of(struct slice text, struct buffer *skeleton)
{
	bool in_tag = false, in_value = false;
	buffer_reset(skeleton);
	for (size_t i = 0; i < text.len; i++) {
		struct slice rest = slice_sub(text, i, text.len);
		char c = text.at[i];
		if (in_tag && !in_value && slice_starts(rest, SLICE("href=\"")))
			assert_true(slice_starts(rest, SLICE("href=\"http://")) ||
				    slice_starts(rest, SLICE("href=\"https://")));
		if (in_value && c != '"') {
			assert_true(c != '<' && c != '>');
			continue;
		}
		if (in_tag && c == '"')
			in_value = !in_value;
		if (c == '<') {
			assert_false(in_tag);
			in_tag = true;
		}
		if (in_tag)
			buffer_add_char(skeleton, c);
		if (c == '>') {
			assert_true(in_tag);
			in_tag = false;
		}
	}
	assert_false(in_tag);
}

/* Whatever may be a link is one, and no other. */
static void markup_keeps_its_shape(void **state)
{
	(void)state;
	static const enum format formats[] = { FORMAT_HTML, FORMAT_ATOM };
	struct buffer out, calm[2], evil;
	buffer_init(&out, 4u << 20);
	buffer_init(&calm[0], 4u << 20);
	buffer_init(&calm[1], 4u << 20);
	buffer_init(&evil, 4u << 20);
	for (size_t f = 0; f < 2; f++) {
		write(1, formats[f], SLICE("word"), &out);
		skeleton_of(buffer_slice(&out), &calm[0]);
		write(1, formats[f], SLICE("https://word.example/x"), &out);
		skeleton_of(buffer_slice(&out), &calm[1]);
		assert_true(calm[1].len > 500);
		for (size_t i = 0; i < JUDGE_HOSTILE_COUNT; i++) {
			write(1, formats[f], judge_hostile[i], &out);
			judge_clean(buffer_slice(&out));
			assert_null(memchr(out.at, '\0', out.len));
			skeleton_of(buffer_slice(&out), &evil);
			size_t like = markup_is_href(judge_hostile[i]);
			assert_slice(buffer_slice(&evil), buffer_string(&calm[like]));
		}
	}
	buffer_fini(&evil);
	buffer_fini(&calm[1]);
	buffer_fini(&calm[0]);
	buffer_fini(&out);
}

/* RFC 4180, read strictly. Returns the fields. */
static size_t judge_csv(struct slice text)
{
	size_t fields = 0;
	while (text.len > 0) {
		if (text.at[0] == '"') {
			size_t end = 1;
			while (end < text.len &&
				(text.at[end] != '"' ||
					(end + 1 < text.len && text.at[end + 1] == '"')))
				end += text.at[end] == '"' ? 2 : 1;
			assert_true(end < text.len);
			size_t first = 1;
			while (text.at[first] == ' ')
				first++;
			assert_null(memchr("=+-@\t\r|%", text.at[first], 8));
			text = slice_sub(text, end + 1, text.len);
		} else {
			while (text.len > 0 && char_is_digit(text.at[0]))
				text = slice_sub(text, 1, text.len);
		}
		fields++;
		assert_true(slice_starts(text, SLICE(",")) ||
			    slice_starts(text, SLICE("\r\n")));
		text = slice_sub(text, text.at[0] == ',' ? 1 : 2, text.len);
	}
	return fields;
}

static void csv_keeps_its_shape(void **state)
{
	(void)state;
	static const struct slice formulas[] = { STATIC_SLICE("=1+1"),
		STATIC_SLICE("  @SUM(A1)"), STATIC_SLICE("+1"), STATIC_SLICE("-1"),
		STATIC_SLICE("\t=1"), STATIC_SLICE("\"=1\",\"=2\""),
		STATIC_SLICE("\xEF\xBB\xBF=1"), STATIC_SLICE("\xE2\x80\x8B=1"),
		STATIC_SLICE("a,b\r\n=c") };
	struct buffer out;
	buffer_init(&out, 1u << 20);
	write(1, FORMAT_CSV, SLICE("word"), &out);
	size_t fields = judge_csv(buffer_slice(&out));
	assert_int_equal(fields, 16 * (1 + 2 * DIGEST_SECTION_COUNT));
	for (size_t i = 0; i < JUDGE_HOSTILE_COUNT; i++) {
		write(1, FORMAT_CSV, judge_hostile[i], &out);
		assert_true(utf8_valid(buffer_slice(&out)));
		assert_int_equal(judge_csv(buffer_slice(&out)), fields);
	}
	for (size_t i = 0; i < sizeof(formulas) / sizeof(formulas[0]); i++) {
		write(1, FORMAT_CSV, formulas[i], &out);
		assert_int_equal(judge_csv(buffer_slice(&out)), fields);
	}
	buffer_fini(&out);
}

static bool can_write(size_t writer, enum format format)
{
	format_set can = writer == 1 ? DIGEST_FORMATS : FORMATS_FOR_PEOPLE;
	return (can & FORMAT_SET(format)) != 0;
}

/* In a URL and in the middle of a sentence. Names, titles and what documents say are
 * without it before they come here, or are of somebody who never got it. */
static void userinfo_is_never_shown(void **state)
{
	(void)state;
	static const struct slice words[] = {
		STATIC_SLICE("https://user:secret@a.example/x"),
		STATIC_SLICE("\"https://user:secret@a.example/x\" cannot be reached"),
	};
	struct buffer out;
	buffer_init(&out, 1u << 20);
	for (size_t writer = 0; writer < WRITER_COUNT; writer++)
		for (int format = FORMAT_TEXT; format <= FORMAT_ATOM; format++)
			for (size_t i = 0; i < 2; i++) {
				struct victim victim;
				if (!can_write(writer, (enum format)format))
					continue;
				victim_begin(&victim, words[i]);
				for (size_t k = 0; k < 2; k++)
					victim.places[k].text = victim.places[k].context =
						SLICE("word");
				victim.standing.link.expected_title = SLICE("word");
				victim.standing.link.result.title = SLICE("word");
				victim.standing.list_count = 0;
				buffer_reset(&out);
				assert_int_equal(writers[writer](&victim,
							 (enum format)format, &out, NULL),
					0);
				buffer_fini(&victim.line);
				standings_assert_has(buffer_string(&out), "a.example");
				assert_null(strstr(buffer_string(&out), "secret"));
			}
	buffer_fini(&out);
}

/* People get a page, whatever a server says. */
static void long_text_is_cut(void **state)
{
	(void)state;
	static char long_text[200000];
	struct buffer out;
	buffer_init(&out, 16u << 20);
	static const char fillings[] = { 'x', '`', '@', ' ', '\xFF' };
	for (size_t i = 0; i < sizeof(fillings); i++) {
		memset(long_text, fillings[i], sizeof(long_text));
		for (size_t writer = 0; writer < WRITER_COUNT; writer++) {
			struct slice word = { long_text, sizeof(long_text) };
			write(writer, FORMAT_TEXT, word, &out);
			assert_in_range(out.len, 100, 200000);
			write(writer, FORMAT_MARKDOWN, word, &out);
			assert_in_range(out.len, 100, 400000);
		}
		struct slice long_word = { long_text, sizeof(long_text) };
		write(1, FORMAT_HTML, long_word, &out);
		assert_in_range(out.len, 100, 1000000);
		write(1, FORMAT_ATOM, long_word, &out);
		assert_in_range(out.len, 100, 16384 * (EVENT_KIND_COUNT + 1));
		write(1, FORMAT_CSV, long_word, &out);
		assert_in_range(out.len, 100, 1000000);
	}
	buffer_fini(&out);
}

/* --- the formats of `check` that programs read, and its page --- */

/* A run in which everything that comes from outside is `word`. */
struct hostile_run {
	struct link_table table;
	struct redirect hops[2];
	struct host_stats host;
	time_ms known[4];
	struct buffer source;
	struct report report;
};

static struct link *mention(struct hostile_run *run, enum link_kind kind, const char *key,
	struct slice word, enum outcome outcome)
{
	struct link_identity identity = {
		.kind = kind, .url = slice_of(key), .request_key = slice_of(key)
	};
	struct occurrence at = { .source = buffer_slice(&run->source),
		.line = 1,
		.column = 1,
		.character = 1,
		.text = word,
		.context = word,
		.expected_title = word };
	struct link *link = NULL;
	for (int times = 0; times < 2; times++)
		link = link_table_add(&run->table, &identity, &at);
	assert_non_null(link);
	link->url = word;
	link->result = (struct check_result){ .done = true,
		.verdict = { .outcome = outcome,
			.reason = REASON_BAD_URL,
			.notes = (UINT32_C(1) << NOTE_COUNT) - 1,
			.suggestion = { word, word },
			.error = word },
		.final_url = word,
		.redirects = run->hops,
		.redirect_count = 2,
		.title = word };
	return link;
}

static void run_begin(struct hostile_run *run, struct slice word)
{
	*run = (struct hostile_run){ .hops = { { 301, word }, { 302, word } },
		.host = { .host = word, .requests = 1 },
		.known = { 0, 1 } };
	buffer_init(&run->source, 1u << 20);
	buffer_add_text(&run->source, "s");
	buffer_add(&run->source, word);
	link_table_init(&run->table, 64u << 20);
	mention(run, LINK_OTHER, "1", word, OUTCOME_BROKEN);
	mention(run, LINK_HTTP, "2", word, OUTCOME_UNREACHABLE);
	mention(run, LINK_HTTP, "3", word, OUTCOME_MOVED);
	mention(run, LINK_HTTP, "4", word, OUTCOME_OK);
	run->report = (struct report){ .generator = "linkrotd 0.1.0",
		.started_at = STANDINGS_NOW,
		.finished_at = STANDINGS_NOW,
		.inputs = &run->hops[0].url,
		.input_count = 1,
		.table = &run->table,
		.known_since = run->known,
		.fail_on = 1u << OUTCOME_BROKEN | 1u << OUTCOME_UNREACHABLE,
		.verbosity = 1,
		.hosts = &run->host,
		.host_count = 1 };
}

static void write_check(enum format format, struct slice word, struct buffer *out)
{
	struct hostile_run run;
	run_begin(&run, word);
	buffer_reset(out);
	assert_int_equal(report_write(&run.report, format, out, NULL), 0);
	link_table_fini(&run.table);
	buffer_fini(&run.source);
}

/* The tags and the names of their attributes, without any text or value. A link to click
 * on may be there or not, but looks like this. */
static void judge_tags(struct slice markup, struct buffer *ret_tags)
{
	static const char anchor[] = "<a rel=\"nofollow noreferrer\" href=\"http";
	bool tag = false, value = false;
	buffer_init(ret_tags, 1u << 20);
	for (size_t i = 0; i < markup.len; i++) {
		struct slice rest = slice_sub(markup, i, markup.len);
		char c = markup.at[i];
		if (!tag && (slice_starts(rest, SLICE("<a ")) ||
				    slice_starts(rest, SLICE("</a>")))) {
			assert_true(rest.at[1] == '/' ||
				    slice_starts(rest, slice_of(anchor)));
			i += slice_find_char(rest, '>');
			continue;
		}
		tag |= c == '<';
		value ^= tag && c == '"';
		if (tag && !value)
			buffer_add_char(ret_tags, c);
		assert_false(value && c == '<');
		tag &= value || c != '>';
	}
	assert_false(tag);
}

static void markup_keeps_its_tags(void **state)
{
	(void)state;
	static const enum format formats[] = { FORMAT_HTML, FORMAT_JUNIT };
	struct buffer out, calm, evil;
	buffer_init(&out, 1u << 20);
	for (size_t f = 0; f < 2; f++) {
		write_check(formats[f], SLICE("word"), &out);
		judge_tags(buffer_slice(&out), &calm);
		for (size_t i = 0; i < JUDGE_HOSTILE_COUNT; i++) {
			write_check(formats[f], judge_hostile[i], &out);
			judge_clean(buffer_slice(&out));
			judge_tags(buffer_slice(&out), &evil);
			assert_string_equal(buffer_string(&evil), buffer_string(&calm));
			buffer_fini(&evil);
		}
		buffer_fini(&calm);
	}
	buffer_fini(&out);
}

/* RFC 4180, strictly. Returns the fields; none of them is a formula. */
static size_t judge_csv_of_check(struct slice csv)
{
	size_t fields = 0, at = 0;
	while (at < csv.len) {
		size_t begin = at;
		if (csv.at[at] == '"') {
			for (begin = ++at; csv.at[at] != '"' || csv.at[at + 1] == '"';
				at++)
				at += csv.at[at] == '"';
			at++;
		} else {
			while (csv.at[at] != ',' && csv.at[at] != '\r') {
				assert_true(char_is_digit(csv.at[at]));
				at++;
			}
		}
		while (csv.at[begin] == ' ')
			begin++;
		assert_null(
			memchr("=+-@\t\r", csv.at[begin], csv.at[begin] == '\r' ? 0 : 6));
		fields++;
		assert_true(csv.at[at] == ',' || csv.at[at] == '\r');
		at += csv.at[at] == '\r' ? 2 : 1;
		assert_true(csv.at[at - 1] == ',' || csv.at[at - 1] == '\n');
	}
	return fields;
}

static void csv_keeps_its_fields(void **state)
{
	(void)state;
	struct buffer out;
	buffer_init(&out, 1u << 20);
	write_check(FORMAT_CSV, SLICE("word"), &out);
	size_t lines = judge_lines(buffer_slice(&out)),
	       fields = judge_csv_of_check(buffer_slice(&out));
	assert_int_equal(lines, 9);
	assert_int_equal(fields, 9 * 20);
	for (size_t i = 0; i < JUDGE_HOSTILE_COUNT; i++) {
		write_check(FORMAT_CSV, judge_hostile[i], &out);
		assert_int_equal(judge_lines(buffer_slice(&out)), lines);
		assert_int_equal(judge_csv_of_check(buffer_slice(&out)), fields);
	}
	buffer_fini(&out);
}

/* Every line is a command of ours, but the last one, which holds numbers. */
static void annotations_keep_their_lines(void **state)
{
	(void)state;
	static const char *const begins[] = { "::error file=s", "::error file=s",
		"::notice file=s", "::notice file=s", "::warning file=s",
		"::warning file=s", "8 links in 1 source (4 distinct): 1 ok, 1 moved, " };
	struct buffer out;
	buffer_init(&out, 1u << 20);
	for (size_t i = 0; i < JUDGE_HOSTILE_COUNT; i++) {
		write_check(FORMAT_GITHUB, judge_hostile[i], &out);
		judge_clean(buffer_slice(&out));
		struct slice rest = buffer_slice(&out), line;
		assert_int_equal(judge_lines(rest), 7);
		for (size_t k = 0; k < 7; k++) {
			assert_true(slice_split(&rest, '\n', &line));
			assert_true(slice_starts(line, slice_of(begins[k])));
			if (k == 6)
				continue;
			/* Of properties: nothing in a value ends it. */
			size_t end =
				slice_find(slice_sub(line, 2, line.len), SLICE("::")) + 2;
			struct slice head = slice_sub(line, 0, end);
			assert_true(slice_find(head, SLICE(" link")) == head.len - 5);
		}
	}
	buffer_fini(&out);
}

static void json_of_check_keeps_its_shape(void **state)
{
	(void)state;
	static const enum format formats[] = { FORMAT_JSON, FORMAT_SARIF };
	struct buffer out;
	buffer_init(&out, 1u << 20);
	for (size_t f = 0; f < 2; f++) {
		write_check(formats[f], SLICE("word"), &out);
		json_t *calm = standings_json(buffer_string(&out));
		for (size_t i = 0; i < JUDGE_HOSTILE_COUNT; i++) {
			write_check(formats[f], judge_hostile[i], &out);
			assert_true(utf8_valid(buffer_slice(&out)));
			json_t *evil = json_loadb(out.at, out.len,
				JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
			assert_non_null(evil);
			assert_same_shape(calm, evil);
			json_decref(evil);
		}
		json_decref(calm);
	}
	buffer_fini(&out);
}

static void no_format_of_check_shows_userinfo(void **state)
{
	(void)state;
	static const struct slice word = STATIC_SLICE("https://user:secret@a.example/x");
	struct buffer out;
	buffer_init(&out, 1u << 20);
	for (unsigned format = 0; format < 32; format++) {
		if ((FORMAT_SET(format) & REPORT_FORMATS) == 0)
			continue;
		struct hostile_run run;
		run_begin(&run, word);
		run.host.host = SLICE("a.example");
		/* These are without it before they come here (sources, probe). */
		for (struct link *link = run.table.first; link != NULL;
			link = link->next) {
			link->result.title = link->expected_title = SLICE("word");
			for (struct occurrence *at = link->first; at != NULL;
				at = at->next) {
				at->source = word;
				at->text = at->context = at->expected_title =
					SLICE("word");
			}
		}
		buffer_reset(&out);
		assert_int_equal(
			report_write(&run.report, (enum format)format, &out, NULL), 0);
		standings_assert_has(buffer_string(&out), "a.example");
		assert_null(strstr(buffer_string(&out), "secret"));
		link_table_fini(&run.table);
		buffer_fini(&run.source);
	}
	buffer_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_keeps_its_lines),
		cmocka_unit_test(markdown_keeps_its_shape),
		cmocka_unit_test(json_keeps_its_shape),
		cmocka_unit_test(markup_keeps_its_shape),
		cmocka_unit_test(csv_keeps_its_shape),
		cmocka_unit_test(userinfo_is_never_shown),
		cmocka_unit_test(long_text_is_cut),
		cmocka_unit_test(markup_keeps_its_tags),
		cmocka_unit_test(csv_keeps_its_fields),
		cmocka_unit_test(annotations_keep_their_lines),
		cmocka_unit_test(json_of_check_keeps_its_shape),
		cmocka_unit_test(no_format_of_check_shows_userinfo),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
