#include "format/json.h"
#include "format/standing_write.h"
#include "format/words.h"
#include "report/report_internal.h"

/* In its line, and what stands between it and the next one. */
static void write_link(struct json_writer *writer, json_t *head, const struct link *link,
	bool with_expected_title)
{
	buffer_add_text(writer->out, "\n ");
	json_link_write(writer, head, link, with_expected_title);
	buffer_add_text(writer->out, link->next != NULL ? "," : "");
}

static json_t *make_summary(struct json_writer *writer, const struct report *report)
{
	struct report_summary summary;
	json_t *object = json_object();

	report_summarise(report->table, &summary);
	value_set_key(writer, object, "occurrences", json_integer(summary.occurrences));
	value_set_key(writer, object, "links", json_integer(summary.links));
	for (size_t i = 0; i < OUTCOME_COUNT; i++)
		value_set_key(writer, object, outcome_text(words_outcomes[i]),
			json_integer(summary.by_outcome[words_outcomes[i]]));
	if (report->partial || summary.unchecked > 0)
		value_set_key(
			writer, object, "unchecked", json_integer(summary.unchecked));
	return object;
}

static json_t *make_answers(struct json_writer *writer, const struct host_stats *host)
{
	static const char *const names[] = { "none", "1xx", "2xx", "3xx", "4xx", "5xx" };
	json_t *object = json_object();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		value_set_key(writer, object, names[i], json_integer(host->answers[i]));
	return object;
}

static json_t *make_host(struct json_writer *writer, const struct host_stats *host)
{
#define ASK_KIND_NAME(name, text) text,
	static const char *const kinds[] = { ASK_KINDS(ASK_KIND_NAME) };
#undef ASK_KIND_NAME
	json_t *object = json_object();
	value_set_key(writer, object, "host", value_text(writer, host->host));
	value_set_key(writer, object, "requests", json_integer(host->requests));
	for (size_t i = 0; i < ASK_KIND_COUNT; i++)
		value_set_key(writer, object, kinds[i], json_integer(host->by_kind[i]));
	value_set_key(writer, object, "redirects", json_integer(host->redirects));
	value_set_key(writer, object, "retries", json_integer(host->retries));
	value_set_key(writer, object, "answers", make_answers(writer, host));
	value_set_key(writer, object, "refused", json_integer(host->refused));
	value_set_key(writer, object, "at_most", json_integer(host->peak));
	value_set_key(writer, object, "closest_ms",
		value_count_or_null(
			host->closest_us < 0 ? -1 : host->closest_us / TIME_US_PER_MS));
	value_set_key(writer, object, "answer_ms", value_count_or_null(host->answer_ms));
	value_set_key(writer, object, "answer_max_ms",
		value_count_or_null(host->answer_ms_max));
	return object;
}

static json_t *make_hosts(struct json_writer *writer, const struct report *report)
{
	json_t *array = json_array();
	for (uint32_t i = 0; i < report->host_count; i++)
		value_append(writer, array, make_host(writer, &report->hosts[i]));
	return array;
}

static json_t *make_head(struct json_writer *writer, const struct report *report)
{
	json_t *head = json_object();
	value_set_key(writer, head, "schema", json_integer(1));
	value_set_key(writer, head, "generator",
		value_text(writer, slice_of(report->generator)));
	value_set_key(
		writer, head, "started_at", value_instant_or_null(report->started_at));
	value_set_key(
		writer, head, "finished_at", value_instant_or_null(report->finished_at));
	if (report->partial)
		value_set_key(writer, head, "partial", json_true());
	value_set_key(writer, head, "inputs",
		value_urls(writer, report->inputs, report->input_count));
	value_set_key(writer, head, "summary", make_summary(writer, report));
	if (report->hosts != NULL)
		value_set_key(writer, head, "host_stats", make_hosts(writer, report));
	return head;
}

static int finish(struct json_writer *writer)
{
	buffer_add_text(writer->out, "]}\n");
	buffer_fini(writer->scratch);
	return writer->failed ? -1 : 0;
}

/* Only where there is a baseline, and then of every link. */
static void set_known(struct json_writer *writer, json_t *head,
	const struct report *report, const struct link *link)
{
	bool known = report_link_is_known(report, link);
	value_set_key(writer, head, "known", json_boolean(known));
	value_set_key(writer, head, "known_since",
		value_instant_or_null(known ? report->known_since[link->number] : 0));
}

int report_write_json(const struct report *report, struct buffer *out)
{
	struct buffer scratch;
	struct json_writer writer = { .out = out, .scratch = &scratch };

	buffer_init(&scratch, SIZE_MAX / 4);
	buffer_add_char(out, '{');
	value_dump(&writer, make_head(&writer, report), JSON_EMBED);
	buffer_add_text(out, ",\n\"links\": [");
	for (const struct link *link = report->table->first;
		link != NULL && !writer.failed; link = link->next) {
		json_t *head = json_link(&writer, link, true);
		if (report->records != NULL)
			standing_set_record(
				&writer, head, &report->records[link->number]);
		if (report->known_since != NULL)
			set_known(&writer, head, report, link);
		write_link(&writer, head, link, false);
	}
	return finish(&writer);
}

int report_write_links_json(const struct link_table *table, struct buffer *out)
{
	struct buffer scratch;
	struct json_writer writer = { .out = out, .scratch = &scratch };

	buffer_init(&scratch, SIZE_MAX / 4);
	buffer_add_text(out, "{\"schema\": 1,\n\"links\": [");
	for (const struct link *link = table->first; link != NULL && !writer.failed;
		link = link->next) {
		json_t *head = json_object();
		value_set_key(&writer, head, "url", value_url(&writer, link->url));
		value_set_key(
			&writer, head, "kind", json_string(link_kind_text(link->kind)));
		if (link->result.done) {
			const struct verdict *verdict = &link->result.verdict;
			value_set_key(&writer, head, "reason",
				json_string(reason_text(verdict->reason)));
			value_set_key(&writer, head, "suggestion",
				value_suggestion(&writer, &verdict->suggestion));
		}
		write_link(&writer, head, link, true);
	}
	return finish(&writer);
}
