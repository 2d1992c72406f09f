#include "format/json.h"

static json_t *make_redirects(
	struct json_writer *writer, const struct check_result *result)
{
	json_t *array = json_array();
	for (uint32_t i = 0; i < result->redirect_count; i++) {
		json_t *hop = json_object();
		value_set_key(
			writer, hop, "status", json_integer(result->redirects[i].status));
		value_set_key(
			writer, hop, "url", value_url(writer, result->redirects[i].url));
		value_append(writer, array, hop);
	}
	return array;
}

static json_t *make_timing(struct json_writer *writer, const struct check_result *result)
{
	if (!result->asked || result->timing.total_ms < 0)
		return json_null();
	json_t *timing = json_object();
	value_set_key(writer, timing, "dns", value_count_or_null(result->timing.dns_ms));
	value_set_key(writer, timing, "connect",
		value_count_or_null(result->timing.connect_ms));
	value_set_key(writer, timing, "tls", value_count_or_null(result->timing.tls_ms));
	value_set_key(writer, timing, "first_byte",
		value_count_or_null(result->timing.first_byte_ms));
	value_set_key(
		writer, timing, "total", value_count_or_null(result->timing.total_ms));
	return timing;
}

static void set_words(struct json_writer *writer, json_t *object, const struct link *link)
{
	const struct check_result *result = &link->result;
	bool done = result->done;

	value_set_key(writer, object, "outcome",
		done ? json_string(outcome_text(result->verdict.outcome)) : json_null());
	value_set_key(writer, object, "state", json_string(state_text(result->state)));
	value_set_key(writer, object, "reason",
		done ? json_string(reason_text(result->verdict.reason)) : json_null());
	value_set_key(writer, object, "notes",
		value_notes(writer, done ? result->verdict.notes : 0));
}

static void set_answer(struct json_writer *writer, json_t *object,
	const struct link *link, bool method_known)
{
	static const struct check_result nothing = { 0 };
	const struct check_result *result = link->result.done ? &link->result : &nothing;
	bool asked = result->asked;

	value_set_key(writer, object, "http_status",
		asked && result->http_status > 0 ? json_integer(result->http_status)
						 : json_null());
	value_set_key(writer, object, "method",
		asked && method_known ? json_string(method_text(result->method))
				      : json_null());
	value_set_key(writer, object, "final_url",
		value_url_or_null(writer, result->final_url));
	value_set_key(writer, object, "redirects", make_redirects(writer, result));
	value_set_key(writer, object, "title", value_text_or_null(writer, result->title));
	value_set_key(writer, object, "expected_title",
		value_text_or_null(writer, link->expected_title));
	value_set_key(writer, object, "error",
		result->verdict.error.len > 0
			? value_sentence(writer, result->verdict.error)
			: json_null());
	value_set_key(writer, object, "elapsed_ms",
		value_count_or_null(asked ? result->elapsed_ms : -1));
	value_set_key(writer, object, "timing_ms", make_timing(writer, result));
	value_set_key(writer, object, "certificate_expires_at",
		value_instant_or_null(result->certificate.expires_at));
	value_set_key(writer, object, "certificate_chain_expires_at",
		value_instant_or_null(result->certificate.chain_expires_at));
	value_set_key(writer, object, "sunset_at",
		value_instant_or_null(result->verdict.sunset_at));
	value_set_key(writer, object, "suggestion",
		value_suggestion(writer, &result->verdict.suggestion));
	value_set_key(
		writer, object, "checked_at", value_instant_or_null(result->checked_at));
}

static json_t *make_occurrence(
	struct json_writer *writer, const struct occurrence *occurrence)
{
	json_t *object = json_object();
	value_set_key(writer, object, "source", value_url(writer, occurrence->source));
	value_set_key(writer, object, "line", json_integer(occurrence->line));
	value_set_key(writer, object, "column", json_integer(occurrence->column));
	value_set_key(writer, object, "text", value_text(writer, occurrence->text));
	value_set_key(writer, object, "context", value_text(writer, occurrence->context));
	return object;
}

json_t *json_link(struct json_writer *writer, const struct link *link, bool method_known)
{
	json_t *head = json_object();
	value_set_key(writer, head, "url", value_url(writer, link->url));
	set_words(writer, head, link);
	set_answer(writer, head, link, method_known);
	value_set_key(writer, head, "kind", json_string(link_kind_text(link->kind)));
	return head;
}

void json_link_write(struct json_writer *writer, json_t *head, const struct link *link,
	bool with_expected_title)
{
	buffer_add_text(writer->out, "{");
	value_dump(writer, head, JSON_EMBED);
	buffer_add_text(writer->out, ", \"occurrences\": [");
	for (const struct occurrence *at = link->first; at != NULL && !writer->failed;
		at = at->next) {
		json_t *occurrence = make_occurrence(writer, at);
		if (with_expected_title && at->expected_title.len > 0)
			value_set_key(writer, occurrence, "expected_title",
				value_text(writer, at->expected_title));
		buffer_add_text(writer->out, at == link->first ? "" : ", ");
		value_dump(writer, occurrence, 0);
	}
	buffer_add_text(writer->out, "]}");
}
