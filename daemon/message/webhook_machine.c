/* Receivers that are programs. */
#include <inttypes.h>

#include "message/compose_internal.h"
#include "message/webhook_internal.h"

enum { GENERIC_TEXT_BYTES = 16000 };

static json_t *time_value(time_ms wall)
{
	char text[TIME_RFC3339_SIZE];
	time_format_rfc3339(wall, text);
	return json_string(text);
}

static json_t *foreign(struct slice text)
{
	return json_line(text, MESSAGE_FOREIGN_BYTES_MAX);
}

static json_t *url_value(struct slice url)
{
	return json_line(url, 4 * MESSAGE_URL_BYTES_MAX);
}

/* --- our own JSON
 * ---------------------------------------------------------------------------- */

/* The part's may be another one: an incident has many lists, and stands under one. */
static json_t *list_value(
	const struct message_part *part, const struct message_item *item)
{
	return foreign(item->list.len > 0 ? item->list : part->list);
}

static json_t *item_value(
	const struct message_part *part, const struct message_item *item)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o}", "topic",
		message_topic_key(item->topic), "url", url_value(item->url), "list",
		list_value(part, item), "title", foreign(item->title), "place",
		foreign(item->place), "evidence", foreign(item->evidence), "instead",
		url_value(item->instead), "page_url", url_value(item->page_url),
		"link_id", (json_int_t)item->link_id, "at", time_value(item->at));
}

json_t *webhook_items(const struct message *message)
{
	json_t *items = json_array();
	for (uint32_t i = 0; i < message->part_count; i++) {
		const struct message_part *part = &message->parts[i];
		for (uint32_t j = 0; j < part->item_count; j++)
			if (json_array_append_new(
				    items, item_value(part, &part->items[j])) != 0) {
				json_decref(items);
				return NULL;
			}
	}
	return items;
}

static json_t *part_value(const struct message_part *part)
{
	json_t *value = json_pack("{s:o, s:o, s:o, s:o, s:b}", "list",
		foreign(part->list), "title", foreign(part->title), "sentence",
		foreign(part->sentence), "page_url", url_value(part->page_url), "ended",
		part->ended);
	for (int topic = 0; topic < MESSAGE_TOPIC_COUNT && value != NULL; topic++)
		if (json_object_set_new(value,
			    message_topic_key((enum message_topic)topic),
			    json_integer(part->counts[topic])) != 0) {
			json_decref(value);
			return NULL;
		}
	return value;
}

json_t *webhook_generic(const struct message *message, const char *generator)
{
	struct buffer subject, text;
	json_t *parts = json_array();
	bool failed = false;
	for (uint32_t i = 0; i < message->part_count; i++)
		if (json_array_append_new(parts, part_value(&message->parts[i])) != 0)
			failed = true;
	if (failed) {
		json_decref(parts);
		return NULL;
	}
	buffer_init(&subject, 4096);
	buffer_init(&text, MESSAGE_BYTES_MAX);
	message_subject(message, &subject);
	message_text(message, GENERIC_TEXT_BYTES, &text);
	json_t *value = json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", 1,
		"generator", generator, "id", json_line(message->id, 100), "at",
		time_value(message->at), "subject", json_whole(&subject), "text",
		json_whole(&text), "groups", parts, "items", webhook_items(message));
	buffer_fini(&text);
	buffer_fini(&subject);
	return value;
}

/* --- Alertmanager
 * ------------------------------------------------------------------------------ */

/* The labels are an alert's identity: the same when it begins and when it ends. */
static json_t *link_alert(const struct message *message, const struct message_part *part,
	const struct message_item *item, time_ms hold_ms)
{
	bool dead = item->topic == MESSAGE_DIED || item->topic == MESSAGE_STILL;
	json_t *ends = time_value(dead ? message->at + hold_ms : item->at);
	json_t *value = json_pack("{s:{s:s, s:s, s:o, s:o}, s:{s:o, s:o, s:o}, s:o}",
		"labels", "alertname", "LinkDead", "severity", "warning", "url",
		url_value(item->url), "list", list_value(part, item), "annotations",
		"title", foreign(item->title), "evidence", foreign(item->evidence),
		"place", foreign(item->place), "endsAt", ends);
	/* The end of what began before: it began when Alertmanager heard of it. */
	if (value != NULL && dead &&
		json_object_set_new(value, "startsAt", time_value(item->at)) != 0) {
		json_decref(value);
		return NULL;
	}
	return value;
}

static json_t *incident_alert(
	const struct message *message, const struct message_part *part, time_ms hold_ms)
{
	char number[24];
	int written = snprintf(number, sizeof(number), "%" PRId64, part->incident_id);
	if (written < 0)
		return NULL;
	return json_pack("{s:{s:s, s:s, s:s}, s:{s:o}, s:o}", "labels", "alertname",
		"LinkIncident", "severity", "warning", "incident", number, "annotations",
		"summary", foreign(part->sentence), "endsAt",
		time_value(message->at + (part->ended ? 0 : hold_ms)));
}

static int add_link_alerts(const struct message *message, const struct message_part *part,
	time_ms hold_ms, json_t *alerts)
{
	for (uint32_t i = 0; i < part->item_count; i++) {
		const struct message_item *item = &part->items[i];
		if (item->topic == MESSAGE_MOVED)
			continue;
		if (json_array_append_new(
			    alerts, link_alert(message, part, item, hold_ms)) != 0)
			return -1;
	}
	return 0;
}

json_t *webhook_alertmanager(const struct message *message, time_ms hold_ms)
{
	json_t *alerts = json_array();
	for (uint32_t i = 0; i < message->part_count; i++) {
		const struct message_part *part = &message->parts[i];
		if ((part->incident_id != 0 &&
			    json_array_append_new(alerts,
				    incident_alert(message, part, hold_ms)) != 0) ||
			add_link_alerts(message, part, hold_ms, alerts) != 0) {
			json_decref(alerts);
			return NULL;
		}
	}
	return alerts;
}
