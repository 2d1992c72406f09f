#include "report/report_internal.h"

#include <jansson.h>

#include "base/utf8.h"
#include "model/userinfo.h"

/* One link is built, written and freed at a time, and its occurrences one by one: a tree
 * of a million links would take gigabytes. What encloses them is written by hand. */
struct json_writer {
	struct buffer *out;
	struct buffer scratch;
	bool failed; /* no memory for a value */
};

static int add_bytes(const char *bytes, size_t len, void *data)
{
	struct buffer *out = data;
	buffer_add(out, (struct slice){ bytes, len });
	return out->failed ? -1 : 0;
}

/* Writes and frees `value`; of an object with JSON_EMBED only what is in the braces. */
static void dump(struct json_writer *writer, json_t *value, size_t flags)
{
	if (value == NULL ||
		json_dump_callback(value, add_bytes, writer->out, flags) != 0)
		writer->failed = true;
	json_decref(value);
}

static void set(
	struct json_writer *writer, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(object, key, value) != 0)
		writer->failed = true;
}

static void append(struct json_writer *writer, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		writer->failed = true;
}

/* JSON holds any text that is valid UTF-8: only what is not is replaced. */
static json_t *make_text(struct json_writer *writer, struct slice text)
{
	if (text.len == 0)
		return json_string("");
	if (utf8_valid(text))
		return json_stringn_nocheck(text.at, text.len);
	buffer_reset(&writer->scratch);
	while (text.len > 0 && !writer->scratch.failed)
		utf8_add(&writer->scratch, utf8_next(&text));
	if (writer->scratch.failed)
		return NULL;
	return json_stringn_nocheck(writer->scratch.at, writer->scratch.len);
}

static json_t *make_url(struct json_writer *writer, struct slice url)
{
	struct slice front, rest;
	userinfo_split(url, &front, &rest);
	if (rest.len == 0)
		return make_text(writer, front);
	struct buffer joined;
	buffer_init(&joined, SIZE_MAX / 4);
	buffer_add(&joined, front);
	buffer_add(&joined, rest);
	json_t *value = joined.failed ? NULL : make_text(writer, buffer_slice(&joined));
	buffer_fini(&joined);
	return value;
}

static json_t *text_or_null(struct json_writer *writer, struct slice text)
{
	return text.len > 0 ? make_text(writer, text) : json_null();
}

static json_t *url_or_null(struct json_writer *writer, struct slice url)
{
	return url.len > 0 ? make_url(writer, url) : json_null();
}

static json_t *count_or_null(int64_t count)
{
	return count >= 0 ? json_integer(count) : json_null();
}

static json_t *instant_or_null(time_ms wall)
{
	char text[TIME_RFC3339_SIZE];
	if (wall <= 0)
		return json_null();
	time_format_rfc3339(wall, text);
	return json_string(text);
}

static json_t *make_notes(struct json_writer *writer, note_set notes)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < NOTE_COUNT; i++)
		if ((notes & NOTE_BIT(i)) != 0)
			append(writer, array, json_string(note_text((enum note)i)));
	return array;
}

static json_t *make_redirects(
	struct json_writer *writer, const struct check_result *result)
{
	json_t *array = json_array();
	for (uint32_t i = 0; i < result->redirect_count; i++) {
		json_t *hop = json_object();
		set(writer, hop, "status", json_integer(result->redirects[i].status));
		set(writer, hop, "url", make_url(writer, result->redirects[i].url));
		append(writer, array, hop);
	}
	return array;
}

static json_t *make_timing(struct json_writer *writer, const struct check_result *result)
{
	if (!result->asked)
		return json_null();
	json_t *timing = json_object();
	set(writer, timing, "dns", count_or_null(result->timing.dns_ms));
	set(writer, timing, "connect", count_or_null(result->timing.connect_ms));
	set(writer, timing, "tls", count_or_null(result->timing.tls_ms));
	set(writer, timing, "first_byte", count_or_null(result->timing.first_byte_ms));
	set(writer, timing, "total", count_or_null(result->timing.total_ms));
	return timing;
}

static json_t *make_suggestion(
	struct json_writer *writer, const struct suggestion *suggestion)
{
	if (suggestion->url.len == 0)
		return json_null();
	json_t *object = json_object();
	set(writer, object, "url", make_url(writer, suggestion->url));
	set(writer, object, "why", make_text(writer, suggestion->why));
	return object;
}

static void set_words(struct json_writer *writer, json_t *object, const struct link *link)
{
	const struct check_result *result = &link->result;
	bool done = result->done;

	set(writer, object, "outcome",
		done ? json_string(outcome_text(result->verdict.outcome)) : json_null());
	set(writer, object, "state",
		json_string(state_text(done ? result->state : STATE_UNCHECKED)));
	set(writer, object, "reason",
		done ? json_string(reason_text(result->verdict.reason)) : json_null());
	set(writer, object, "notes",
		make_notes(writer, done ? result->verdict.notes : 0));
}

static void set_answer(
	struct json_writer *writer, json_t *object, const struct link *link)
{
	static const struct check_result nothing = { 0 };
	const struct check_result *result = link->result.done ? &link->result : &nothing;
	bool asked = result->asked;

	set(writer, object, "http_status",
		asked && result->http_status > 0 ? json_integer(result->http_status)
						 : json_null());
	set(writer, object, "method",
		asked ? json_string(method_text(result->method)) : json_null());
	set(writer, object, "final_url", url_or_null(writer, result->final_url));
	set(writer, object, "redirects", make_redirects(writer, result));
	set(writer, object, "title", text_or_null(writer, result->title));
	set(writer, object, "expected_title", text_or_null(writer, link->expected_title));
	set(writer, object, "error", text_or_null(writer, result->verdict.error));
	set(writer, object, "elapsed_ms", count_or_null(asked ? result->elapsed_ms : -1));
	set(writer, object, "timing_ms", make_timing(writer, result));
	set(writer, object, "certificate_expires_at",
		instant_or_null(result->certificate.expires_at));
	set(writer, object, "certificate_chain_expires_at",
		instant_or_null(result->certificate.chain_expires_at));
	set(writer, object, "suggestion",
		make_suggestion(writer, &result->verdict.suggestion));
	set(writer, object, "checked_at", instant_or_null(result->checked_at));
}

static json_t *make_occurrence(
	struct json_writer *writer, const struct occurrence *occurrence)
{
	json_t *object = json_object();
	set(writer, object, "source", make_url(writer, occurrence->source));
	set(writer, object, "line", json_integer(occurrence->line));
	set(writer, object, "column", json_integer(occurrence->column));
	set(writer, object, "text", make_text(writer, occurrence->text));
	set(writer, object, "context", make_text(writer, occurrence->context));
	return object;
}

/* `head` holds the other keys of the link; freed. */
static void write_link(struct json_writer *writer, json_t *head, const struct link *link,
	bool with_expected_title)
{
	buffer_add_text(writer->out, "\n {");
	dump(writer, head, JSON_EMBED);
	buffer_add_text(writer->out, ", \"occurrences\": [");
	for (const struct occurrence *at = link->first; at != NULL && !writer->failed;
		at = at->next) {
		json_t *occurrence = make_occurrence(writer, at);
		if (with_expected_title && at->expected_title.len > 0)
			set(writer, occurrence, "expected_title",
				make_text(writer, at->expected_title));
		buffer_add_text(writer->out, at == link->first ? "" : ", ");
		dump(writer, occurrence, 0);
	}
	buffer_add_text(writer->out, link->next != NULL ? "]}," : "]}");
}

static json_t *make_inputs(struct json_writer *writer, const struct report *report)
{
	json_t *array = json_array();
	for (uint32_t i = 0; i < report->input_count; i++)
		append(writer, array, make_url(writer, report->inputs[i]));
	return array;
}

static json_t *make_summary(struct json_writer *writer, const struct report *report)
{
	struct report_summary summary;
	json_t *object = json_object();

	report_summarise(report->table, &summary);
	set(writer, object, "occurrences", json_integer(summary.occurrences));
	set(writer, object, "links", json_integer(summary.links));
	for (size_t i = 0; i < OUTCOME_COUNT; i++)
		set(writer, object, outcome_text(report_tally_order[i]),
			json_integer(summary.by_outcome[report_tally_order[i]]));
	if (report->partial || summary.unchecked > 0)
		set(writer, object, "unchecked", json_integer(summary.unchecked));
	return object;
}

static json_t *make_answers(struct json_writer *writer, const struct host_stats *host)
{
	static const char *const names[] = { "none", "1xx", "2xx", "3xx", "4xx", "5xx" };
	json_t *object = json_object();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		set(writer, object, names[i], json_integer(host->answers[i]));
	return object;
}

static json_t *make_host(struct json_writer *writer, const struct host_stats *host)
{
#define ASK_KIND_NAME(name, text) text,
	static const char *const kinds[] = { ASK_KINDS(ASK_KIND_NAME) };
#undef ASK_KIND_NAME
	json_t *object = json_object();
	set(writer, object, "host", make_text(writer, host->host));
	set(writer, object, "requests", json_integer(host->requests));
	for (size_t i = 0; i < ASK_KIND_COUNT; i++)
		set(writer, object, kinds[i], json_integer(host->by_kind[i]));
	set(writer, object, "redirects", json_integer(host->redirects));
	set(writer, object, "retries", json_integer(host->retries));
	set(writer, object, "answers", make_answers(writer, host));
	set(writer, object, "refused", json_integer(host->refused));
	set(writer, object, "at_most", json_integer(host->peak));
	set(writer, object, "closest_ms",
		count_or_null(
			host->closest_us < 0 ? -1 : host->closest_us / TIME_US_PER_MS));
	set(writer, object, "answer_ms", count_or_null(host->answer_ms));
	set(writer, object, "answer_max_ms", count_or_null(host->answer_ms_max));
	return object;
}

static json_t *make_hosts(struct json_writer *writer, const struct report *report)
{
	json_t *array = json_array();
	for (uint32_t i = 0; i < report->host_count; i++)
		append(writer, array, make_host(writer, &report->hosts[i]));
	return array;
}

static json_t *make_head(struct json_writer *writer, const struct report *report)
{
	json_t *head = json_object();
	set(writer, head, "schema", json_integer(1));
	set(writer, head, "generator", make_text(writer, slice_of(report->generator)));
	set(writer, head, "started_at", instant_or_null(report->started_at));
	set(writer, head, "finished_at", instant_or_null(report->finished_at));
	if (report->partial)
		set(writer, head, "partial", json_true());
	set(writer, head, "inputs", make_inputs(writer, report));
	set(writer, head, "summary", make_summary(writer, report));
	if (report->hosts != NULL)
		set(writer, head, "host_stats", make_hosts(writer, report));
	return head;
}

static int finish(struct json_writer *writer)
{
	buffer_add_text(writer->out, "]}\n");
	buffer_fini(&writer->scratch);
	return writer->failed ? -1 : 0;
}

int report_write_json(const struct report *report, struct buffer *out)
{
	struct json_writer writer = { .out = out };

	buffer_init(&writer.scratch, SIZE_MAX / 4);
	buffer_add_char(out, '{');
	dump(&writer, make_head(&writer, report), JSON_EMBED);
	buffer_add_text(out, ",\n\"links\": [");
	for (const struct link *link = report->table->first;
		link != NULL && !writer.failed; link = link->next) {
		json_t *head = json_object();
		set(&writer, head, "url", make_url(&writer, link->url));
		set_words(&writer, head, link);
		set_answer(&writer, head, link);
		set(&writer, head, "kind", json_string(link_kind_text(link->kind)));
		write_link(&writer, head, link, false);
	}
	return finish(&writer);
}

int report_write_links_json(const struct link_table *table, struct buffer *out)
{
	struct json_writer writer = { .out = out };

	buffer_init(&writer.scratch, SIZE_MAX / 4);
	buffer_add_text(out, "{\"schema\": 1,\n\"links\": [");
	for (const struct link *link = table->first; link != NULL && !writer.failed;
		link = link->next) {
		json_t *head = json_object();
		set(&writer, head, "url", make_url(&writer, link->url));
		set(&writer, head, "kind", json_string(link_kind_text(link->kind)));
		if (link->result.done) {
			const struct verdict *verdict = &link->result.verdict;
			set(&writer, head, "reason",
				json_string(reason_text(verdict->reason)));
			set(&writer, head, "suggestion",
				make_suggestion(&writer, &verdict->suggestion));
		}
		write_link(&writer, head, link, true);
	}
	return finish(&writer);
}
