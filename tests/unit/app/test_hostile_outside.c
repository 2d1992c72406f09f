/* The table of what others might say to do harm (judge.h) once more: through everything
 * that leaves the house by the server, by mail and by messages. Whatever is said, the
 * shape stays that of a harmless word: as many tags, lines, headers, keys. */
#include "unit/digest/standings.h"
#include "unit/report/judge.h"

#include <jansson.h>

#include "format/markup.h"
#include "message/issue.h"
#include "message/mail.h"
#include "message/webhook.h"
#include "site/api.h"
#include "site/badge.h"
#include "site/events_page.h"
#include "site/link_page.h"
#include "site/list_page.h"
#include "site/metrics.h"
#include "site/overview.h"

/* Everything that comes from outside is `word`. */
struct stranger {
	struct slice words[4], line;
	struct standing standing;
	struct occurrence place;
	struct redirect hop;
	struct event event;
	struct site_event told;
	struct site site;
	struct site_head head;
	struct message_item item;
	struct message_part part;
	struct message message;
};

static void stranger_begin(struct stranger *stranger, struct slice word)
{
	*stranger = (struct stranger){ .words = { word, word, word, word } };
	stranger->place = (struct occurrence){
		.source = word, .line = 1, .column = 1, .text = word, .context = word
	};
	stranger->hop = (struct redirect){ 302, word };
	struct standing *standing = &stranger->standing;
	standing->link_id = 7;
	standing->link = (struct link){ .kind = LINK_OTHER,
		.url = word,
		.expected_title = word,
		.first = &stranger->place,
		.occurrence_count = 1 };
	standing->record = (struct link_record){ .state = STATE_DEAD,
		.confirmed = STATE_DEAD,
		.since = days_ago(1),
		.reason = REASON_HTTP_404,
		.checks = 1 };
	standing_set_result(standing);
	struct check_result *result = &standing->link.result;
	result->verdict.suggestion = (struct suggestion){ word, word };
	result->verdict.error = word;
	result->final_url = word;
	result->title = word;
	result->redirects = &stranger->hop;
	result->redirect_count = 1;
	stranger->event = (struct event){ .kind = EVENT_CONTENT_CHANGED,
		.at = days_ago(1),
		.link_id = 7,
		.text = word };
	stranger->told = (struct site_event){
		.event_id = 1, .event = stranger->event, .url = word, .label = word
	};
	stranger->site =
		(struct site){ .generator = "linkrotd 0.1.0", .base = SLICE("/") };
	/* Lines are items, and the caller's to keep out of sentences. */
	size_t end = slice_find_char(word, '\n');
	stranger->line = end != SLICE_NONE ? slice_sub(word, end + 1, word.len) : word;
	if (slice_find_char(stranger->line, '\n') != SLICE_NONE ||
		stranger->line.len == 0)
		stranger->line = SLICE("x");
	stranger->head = (struct site_head){ .lines = &stranger->line, .line_count = 1 };
	stranger->item = (struct message_item){ .topic = MESSAGE_DIED,
		.link_id = 7,
		.at = days_ago(1),
		.url = word,
		.title = word,
		.place = word,
		.evidence = word,
		.instead = word };
	stranger->part = (struct message_part){ .list = SLICE("links"),
		.title = word,
		.sentence = word,
		.items = &stranger->item,
		.item_count = 1,
		.counts = { [MESSAGE_DIED] = 1 } };
	stranger->message = (struct message){ .id = SLICE("one"),
		.at = days_ago(1),
		.parts = &stranger->part,
		.part_count = 1 };
}

/* --- the writers ----------------------------------------------------------------------
 */

static void write_overview(const struct stranger *stranger, struct buffer *out)
{
	struct error error;
	const struct overview_list list = { .name = SLICE("links"),
		.title = stranger->words[0] };
	const struct overview page = { .head = stranger->head,
		.lists = &list,
		.list_count = 1,
		.list_total = 1,
		.events = &stranger->told,
		.event_count = 1 };
	assert_int_equal(overview_write(&stranger->site, &page, out, &error), 0);
}

static void write_list(const struct stranger *stranger, struct buffer *out)
{
	struct error error;
	const struct list_row row = { &stranger->standing, NULL };
	const struct list_page page = { .head = stranger->head,
		.name = SLICE("links"),
		.title = stranger->words[0],
		.query = stranger->words[0],
		.rows = &row,
		.row_count = 1,
		.total = 1,
		.is_first = true };
	assert_int_equal(list_page_write(&stranger->site, &page, out, &error), 0);
}

static void write_link(const struct stranger *stranger, struct buffer *out)
{
	struct error error;
	const struct link_page page = { .head = stranger->head,
		.standing = &stranger->standing,
		.known.events = &stranger->event,
		.known.event_count = 1,
		.known.reasons = &stranger->line,
		.known.reason_count = 1 };
	assert_int_equal(link_page_write(&stranger->site, &page, out, &error), 0);
}

static void write_events(const struct stranger *stranger, struct buffer *out)
{
	struct error error;
	const struct events_page page = { .head = stranger->head,
		.events = &stranger->told,
		.event_count = 1,
		.is_newest = true };
	assert_int_equal(events_page_write(&stranger->site, &page, out, &error), 0);
}

static void write_badge(const struct stranger *stranger, struct buffer *out)
{
	const struct badge_facts facts = { .label = stranger->words[0] };
	struct badge badge = badge_of(&facts, BADGE_LINKS);
	badge_write_svg(&badge, out);
}

static void write_badge_json(const struct stranger *stranger, struct buffer *out)
{
	const struct badge_facts facts = { .label = stranger->words[0] };
	struct badge badge = badge_of(&facts, BADGE_LINKS);
	assert_int_equal(badge_write_json(&badge, out), 0);
}

static void write_api_link(const struct stranger *stranger, struct buffer *out)
{
	const struct api_head head = { .generator = "linkrotd 0.1.0",
		.now = STANDINGS_NOW };
	const struct api_link link = { .standing = &stranger->standing,
		.known.events = &stranger->event,
		.known.event_count = 1,
		.known.nexts = stranger->words,
		.known.next_count = 0 };
	assert_int_equal(api_write_link(&head, &link, out), 0);
}

static void write_api_events(const struct stranger *stranger, struct buffer *out)
{
	const struct api_head head = { .generator = "linkrotd 0.1.0",
		.now = STANDINGS_NOW };
	const struct api_event event = {
		.event_id = 1, .event = &stranger->event, .url = stranger->words[0]
	};
	assert_int_equal(api_write_events(&head, &event, 1, true, out), 0);
}

static void write_api_error(const struct stranger *stranger, struct buffer *out)
{
	assert_int_equal(api_write_error(stranger->words[0], out), 0);
}

static void write_metrics(const struct stranger *stranger, struct buffer *out)
{
	const struct metrics_list list = { .name = stranger->words[0],
		.duration_ms = METRICS_UNKNOWN };
	struct metrics metrics;
	metrics_init(&metrics);
	metrics.version = "0.1.0";
	metrics.lists = &list;
	metrics.list_count = 1;
	metrics_write(&metrics, out);
}

static void write_mail(const struct stranger *stranger, struct buffer *out)
{
	struct error error;
	const struct slice to = SLICE("ops@example.org");
	const struct mail_envelope envelope = { .from = SLICE("links@example.org"),
		.to = &to,
		.to_count = 1,
		.host = SLICE("example.org"),
		.subject_prefix = SLICE("[links] ") };
	assert_int_equal(mail_write(&stranger->message, &envelope, out, &error), 0);
}

static void write_issue(const struct stranger *stranger, struct buffer *out)
{
	issue_body(&stranger->message, SLICE("links"), out);
}

static void write_hook(
	const struct stranger *stranger, enum webhook_kind kind, struct buffer *out)
{
	struct webhook_request request;
	struct error error;
	const struct webhook_settings settings = { .kind = kind,
		.room = SLICE("!room:example.org"),
		.chat = SLICE("1"),
		.topic = SLICE("links"),
		.generator = "linkrotd 0.1.0" };
	webhook_request_init(&request);
	assert_int_equal(
		webhook_write(&stranger->message, &settings, &request, &error), 0);
	buffer_add(out, buffer_slice(&request.body));
	webhook_request_fini(&request);
}

/* --- the judges ------------------------------------------------------------------------
 */

static size_t count_of_char(struct slice text, char c)
{
	size_t count = 0;
	for (size_t i = 0; i < text.len; i++)
		count += text.at[i] == c;
	return count;
}

/* Nothing that was said begins a tag or ends an attribute. */
static size_t tags(struct slice text)
{
	judge_clean(text);
	return count_of_char(text, '<') * 1000 + count_of_char(text, '"');
}

static size_t keys_in(const json_t *value)
{
	size_t count = 0, index;
	const char *key;
	json_t *item;
	if (json_is_object(value)) {
		json_object_foreach((json_t *)(uintptr_t)value, key, item) count +=
			1 + keys_in(item);
	} else if (json_is_array(value)) {
		json_array_foreach(value, index, item) count += 1 + keys_in(item);
	}
	return count;
}

/* It parses, and has the keys that we meant. */
static size_t keys(struct slice text)
{
	json_error_t error;
	json_t *root = json_loadb(
		text.at, text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	assert_non_null(root);
	assert_true(utf8_valid(text));
	size_t count = keys_in(root);
	json_decref(root);
	return count;
}

static size_t lines(struct slice text)
{
	judge_clean(text);
	return judge_lines(text);
}

/* Every line ends with CRLF, and headers are those that we meant. */
static size_t headers(struct slice text)
{
	size_t count = 0;
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		assert_true(
			c < 0x80 && (c >= 0x20 || c == '\r' || c == '\n' || c == '\t'));
		assert_true(c != '\n' || (i > 0 && text.at[i - 1] == '\r'));
		assert_true(c != '\r' || (i + 1 < text.len && text.at[i + 1] == '\n'));
	}
	while (!slice_starts(text, SLICE("\r\n"))) {
		size_t end = slice_find_char(text, '\n');
		assert_true(end != SLICE_NONE);
		/* A line that goes on the one before it is no header. */
		count += text.at[0] != ' ' && text.at[0] != '\t';
		text = slice_sub(text, end + 1, text.len);
	}
	return count;
}

/* What GitHub's own parser finds: no HTML but our marker, no image, no mention. */
static size_t markdown(struct slice text)
{
	struct judge_found found;
	judge_parse(text, &found);
	size_t shape = found.headings + 10 * found.items + 1000 * found.html +
		       100000 * found.images + 1000000 * found.tables;
	buffer_fini(&found.text);
	return shape;
}

static const struct form {
	const char *name;
	void (*write)(const struct stranger *stranger, struct buffer *out);
	size_t (*judge)(struct slice text);
} forms[] = {
	{ "overview", write_overview, tags },
	{ "list", write_list, tags },
	{ "link", write_link, tags },
	{ "events", write_events, tags },
	{ "badge", write_badge, tags },
	{ "badge.json", write_badge_json, keys },
	{ "api link", write_api_link, keys },
	{ "api events", write_api_events, keys },
	{ "api error", write_api_error, keys },
	{ "metrics", write_metrics, lines },
	{ "mail", write_mail, headers },
	{ "issue", write_issue, markdown },
};

static size_t shape_of(const struct form *form, struct slice word, struct buffer *out)
{
	struct stranger stranger;
	stranger_begin(&stranger, word);
	buffer_reset(out);
	form->write(&stranger, out);
	assert_false(out->failed);
	return form->judge(buffer_slice(out));
}

static void every_form_keeps_its_shape(void **state)
{
	(void)state;
	struct buffer out;
	buffer_init(&out, 8u << 20);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		/* What may be a link is one. */
		size_t shape = shape_of(&forms[i], SLICE("word"), &out);
		size_t linked = shape_of(&forms[i], SLICE("https://a.example/"), &out);
		for (size_t k = 0; k < JUDGE_HOSTILE_COUNT; k++) {
			size_t wanted = markup_is_href(judge_hostile[k]) ? linked : shape;
			if (shape_of(&forms[i], judge_hostile[k], &out) != wanted)
				fail_msg("%s changes its shape for hostile word %zu: %s",
					forms[i].name, k, buffer_string(&out));
		}
	}
	buffer_fini(&out);
}

static void every_hook_keeps_its_keys(void **state)
{
	(void)state;
	struct stranger stranger;
	struct buffer out;
	buffer_init(&out, 8u << 20);
	for (unsigned kind = 0; kind < WEBHOOK_KIND_COUNT; kind++) {
		stranger_begin(&stranger, SLICE("word"));
		buffer_reset(&out);
		write_hook(&stranger, (enum webhook_kind)kind, &out);
		size_t shape = keys(buffer_slice(&out));
		for (size_t k = 0; k < JUDGE_HOSTILE_COUNT; k++) {
			stranger_begin(&stranger, judge_hostile[k]);
			buffer_reset(&out);
			write_hook(&stranger, (enum webhook_kind)kind, &out);
			assert_int_equal(keys(buffer_slice(&out)), shape);
			/* Slack's own marks; what the others take for a mention is
			 * tested where it is escaped. */
			if (kind == WEBHOOK_SLACK)
				assert_null(strstr(buffer_string(&out), "<!"));
		}
	}
	buffer_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_keeps_its_shape),
		cmocka_unit_test(every_hook_keeps_its_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
