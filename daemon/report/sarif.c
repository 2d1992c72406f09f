#include <inttypes.h>

#include "base/hash.h"
#include "base/path.h"
#include "base/utf8.h"
#include "format/json.h"
#include "format/words.h"
#include "model/userinfo.h"
#include "report/index_internal.h"
#include "report/report_internal.h"
#include "report/sentence_internal.h"

/* SARIF 2.1.0 (OASIS), for code scanning: a result for each place of a link that has an
 * outcome in fail_on. Of what is known it says baselineState "unchanged".
 *
 * Columns are code points, because an occurrence knows no other that SARIF can name; one
 * that does not know them has only its line. GitHub takes files of 10 MB after gzip and
 * shows the first 25,000 results of a run; all are written, and a notification says when
 * there are more.
 *
 * The fingerprint is of the reason, the URL and the path, and of how many times before
 * the file has this link: it survives edits elsewhere in the file. Its recipe never
 * changes within its version, and nor do the seeds. */

enum { GITHUB_RESULTS_MAX = 25000 };

#define FINGERPRINT_KEY    "linkIdentity/v1"
#define FINGERPRINT_SEED   UINT64_C(0x6c696e6b726f7431)
#define FINGERPRINT_SEED_2 UINT64_C(0x6c696e6b726f7432)

struct sarif_writer {
	const struct report *report;
	struct json_writer json;
	struct buffer text, escaped, path; /* reused */
	struct sentence sentence;
	uint32_t rules[REASON_COUNT]; /* number of the rule, from 1; 0: none */
	size_t results;
	const struct link *latest; /* the places of one link in one source follow */
	uint32_t latest_source;    /* each other: how many there were */
	uint32_t repeats;
};

static void set(
	struct sarif_writer *writer, json_t *object, const char *key, json_t *value)
{
	value_set_key(&writer->json, object, key, value);
}

static json_t *words(struct sarif_writer *writer, const char *ours)
{
	return value_text(&writer->json, slice_of(ours));
}

static json_t *message(struct sarif_writer *writer, json_t *text)
{
	json_t *object = json_object();
	set(writer, object, "text", text);
	return object;
}

static struct buffer *begin_text(struct sarif_writer *writer)
{
	buffer_reset(&writer->text);
	return &writer->text;
}

static json_t *end_text(struct sarif_writer *writer)
{
	writer->json.failed |= writer->text.failed;
	return value_text(&writer->json, buffer_slice(&writer->text));
}

/* A message may hold placeholders in braces and links in brackets (3.11.5, 3.11.6); what
 * others wrote has neither. */
static json_t *end_message(struct sarif_writer *writer)
{
	struct slice text = sentence_end(&writer->sentence, writer->json.out);
	buffer_reset(&writer->escaped);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		if (c == '{' || c == '}')
			buffer_add_char(&writer->escaped, c);
		else if (c == '[' || c == ']' || c == '\\')
			buffer_add_char(&writer->escaped, '\\');
		buffer_add_char(&writer->escaped, c);
	}
	writer->json.failed |= writer->escaped.failed;
	return message(writer, value_text(&writer->json, buffer_slice(&writer->escaped)));
}

static const char *level_of(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_BROKEN:
		return "error";
	case OUTCOME_UNREACHABLE:
		return "warning";
	case OUTCOME_MOVED:
	case OUTCOME_GATED:
	case OUTCOME_SKIPPED:
	case OUTCOME_OK:
		break;
	}
	return "note";
}

/* --- the tool and its rules --- */

/* "http_404": "Http404" */
static json_t *name_of_rule(struct sarif_writer *writer, enum reason reason)
{
	struct buffer *name = begin_text(writer);
	bool upper = true;
	for (const char *c = reason_text(reason); *c != '\0'; c++) {
		if (*c != '_')
			buffer_add_char(name,
				upper && char_is_alpha(*c) ? (char)(*c - 'a' + 'A') : *c);
		upper = *c == '_';
	}
	return end_text(writer);
}

static json_t *make_rule(struct sarif_writer *writer, enum reason reason)
{
	json_t *rule = json_object(), *level = json_object();
	set(writer, rule, "id", words(writer, reason_text(reason)));
	set(writer, rule, "name", name_of_rule(writer, reason));
	set(writer, rule, "shortDescription",
		message(writer, words(writer, words_of_reason(reason))));
	buffer_printf(begin_text(writer), "A link is %s: %s",
		outcome_text(reason_outcome(reason)), words_of_reason(reason));
	set(writer, rule, "fullDescription", message(writer, end_text(writer)));
	buffer_printf(begin_text(writer),
		"Repair or remove the link, or leave it out with --exclude. The reason "
		"%s is explained in linkrotd(1).",
		reason_text(reason));
	set(writer, rule, "help", message(writer, end_text(writer)));
	set(writer, level, "level", words(writer, level_of(reason_outcome(reason))));
	set(writer, rule, "defaultConfiguration", level);
	return rule;
}

/* "linkrotd 0.1.0" */
static json_t *make_driver(struct sarif_writer *writer)
{
	struct slice version = slice_of(writer->report->generator), name = { 0 };
	json_t *driver = json_object(), *rules = json_array();
	(void)slice_split(&version, ' ', &name);
	set(writer, driver, "name", value_text(&writer->json, name));
	if (version.len > 0)
		set(writer, driver, "version", value_text(&writer->json, version));
	for (unsigned reason = 0; reason < REASON_COUNT; reason++)
		if (writer->rules[reason] > 0)
			value_append(&writer->json, rules,
				make_rule(writer, (enum reason)reason));
	set(writer, driver, "rules", rules);
	return driver;
}

static json_t *make_warning(struct sarif_writer *writer)
{
	json_t *array = json_array(), *warning = json_object();
	buffer_printf(begin_text(writer),
		"%zu results; GitHub shows the first %d and refuses files above 10 MB "
		"after gzip. Check fewer inputs at a time.",
		writer->results, GITHUB_RESULTS_MAX);
	set(writer, warning, "level", words(writer, "warning"));
	set(writer, warning, "message", message(writer, end_text(writer)));
	value_append(&writer->json, array, warning);
	return array;
}

static json_t *make_invocations(struct sarif_writer *writer)
{
	const struct report *report = writer->report;
	json_t *array = json_array(), *invocation = json_object();
	set(writer, invocation, "executionSuccessful",
		json_boolean(!report->partial && !report->flawed));
	if (report->started_at > 0)
		set(writer, invocation, "startTimeUtc",
			value_instant_or_null(report->started_at));
	if (report->finished_at > 0)
		set(writer, invocation, "endTimeUtc",
			value_instant_or_null(report->finished_at));
	if (writer->results > GITHUB_RESULTS_MAX)
		set(writer, invocation, "toolExecutionNotifications",
			make_warning(writer));
	value_append(&writer->json, array, invocation);
	return array;
}

/* Which reasons occur, and how often. */
static void survey(struct sarif_writer *writer, const struct index *index)
{
	uint32_t number = 0;
	writer->results = index->place_count;
	for (size_t i = 0; i < index->place_count; i++)
		writer->rules[index->places[i].link->result.verdict.reason] = 1;
	for (size_t reason = 0; reason < REASON_COUNT; reason++)
		if (writer->rules[reason] > 0)
			writer->rules[reason] = ++number;
}

static void write_head(struct sarif_writer *writer)
{
	struct buffer *out = writer->json.out;
	json_t *run = json_object(), *tool = json_object();
	set(writer, tool, "driver", make_driver(writer));
	set(writer, run, "tool", tool);
	set(writer, run, "columnKind", words(writer, "unicodeCodePoints"));
	set(writer, run, "invocations", make_invocations(writer));
	buffer_add_text(out,
		"{\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n"
		"\"version\": \"2.1.0\",\n\"runs\": [{");
	value_dump(&writer->json, run, JSON_EMBED);
	buffer_add_text(out, ",\n\"results\": [");
}

/* --- where --- */

/* What RFC 3986 lets stand in a path, without the colon that would make a scheme of its
 * first part; a URL keeps what it has, but for what no URI may hold. */
static bool stays(char c, bool is_url)
{
	static const char path[] = "-._~!$&'()*+,;=@/", url[] = "-._~!$&'()*+,;=@/:?#[]%";
	return char_is_alpha(c) || char_is_digit(c) ||
	       (c != '\0' && strchr(is_url ? url : path, c) != NULL);
}

static void add_uri(struct buffer *out, struct slice text, bool is_url)
{
	for (size_t i = 0; i < text.len; i++)
		if (stays(text.at[i], is_url))
			buffer_add_char(out, text.at[i]);
		else
			buffer_printf(out, "%%%02X", (unsigned char)text.at[i]);
}

static bool is_url(struct slice source)
{
	return slice_starts(source, SLICE("https://")) ||
	       slice_starts(source, SLICE("http://"));
}

/* A file has one name, and one fingerprint, whatever way was named to it. */
static struct slice path_of(struct sarif_writer *writer, struct slice source)
{
	struct slice path = path_from(writer->report->directory, source, &writer->path);
	writer->json.failed |= writer->path.out_of_memory;
	return path;
}

static json_t *make_artifact(struct sarif_writer *writer, struct slice source)
{
	json_t *artifact = json_object();
	struct buffer *uri = begin_text(writer);
	struct slice front, rest;

	if (is_url(source)) {
		userinfo_split(source, &front, &rest);
		add_uri(uri, front, true);
		add_uri(uri, rest, true);
	} else {
		source = path_of(writer, source);
		buffer_add_text(uri, slice_starts(source, SLICE("/")) ? "file://" : "");
		add_uri(uri, source, false);
	}
	set(writer, artifact, "uri", end_text(writer));
	if (!is_url(source) && !slice_starts(source, SLICE("/")))
		set(writer, artifact, "uriBaseId", words(writer, "%SRCROOT%"));
	return artifact;
}

static json_t *make_region(struct sarif_writer *writer, const struct occurrence *at)
{
	json_t *region = json_object();
	set(writer, region, "startLine", json_integer(at->line));
	if (at->character == 0)
		return region;
	set(writer, region, "startColumn", json_integer(at->character));
	set(writer, region, "endColumn",
		json_integer((json_int_t)at->character + at->characters));
	return region;
}

static json_t *make_locations(struct sarif_writer *writer, const struct occurrence *at)
{
	json_t *array = json_array(), *location = json_object(),
	       *physical = json_object();
	set(writer, physical, "artifactLocation", make_artifact(writer, at->source));
	set(writer, physical, "region", make_region(writer, at));
	set(writer, location, "physicalLocation", physical);
	value_append(&writer->json, array, location);
	return array;
}

/* --- what --- */

static json_t *make_message(struct sarif_writer *writer, const struct link *link)
{
	struct suggestion suggestion;
	struct buffer *text = sentence_begin(&writer->sentence);
	words_url(text, link->url);
	buffer_add_text(text, ": ");
	words_reason(text, link);
	if (words_suggestion(link, &suggestion)) {
		buffer_add_text(text, " Use ");
		words_url(text, suggestion.url);
	}
	return end_message(writer);
}

static uint32_t repeats_of(struct sarif_writer *writer, const struct place *place)
{
	if (writer->latest != place->link || writer->latest_source != place->source)
		writer->repeats = 0;
	writer->latest = place->link;
	writer->latest_source = place->source;
	return writer->repeats++;
}

static json_t *make_fingerprints(struct sarif_writer *writer, const struct place *place)
{
	json_t *fingerprints = json_object();
	struct buffer *text = begin_text(writer);
	struct slice front, rest;

	buffer_printf(text, "%s %u ", reason_text(place->link->result.verdict.reason),
		repeats_of(writer, place));
	userinfo_split(place->link->url, &front, &rest);
	buffer_add(text, front);
	buffer_add(text, rest);
	buffer_add_char(text, '\0');
	buffer_add(text, path_of(writer, place->at->source));
	uint64_t one = hash_bytes(buffer_slice(text), FINGERPRINT_SEED);
	uint64_t two = hash_bytes(buffer_slice(text), FINGERPRINT_SEED_2);
	writer->json.failed |= text->failed;
	buffer_printf(begin_text(writer), "%016" PRIx64 "%016" PRIx64, one, two);
	set(writer, fingerprints, FINGERPRINT_KEY, end_text(writer));
	return fingerprints;
}

static json_t *make_properties(struct sarif_writer *writer, const struct link *link)
{
	const struct check_result *result = &link->result;
	struct json_writer *json = &writer->json;
	json_t *properties = json_object();
	set(writer, properties, "url", value_url(json, link->url));
	set(writer, properties, "outcome",
		words(writer, outcome_text(result->verdict.outcome)));
	set(writer, properties, "state", words(writer, state_text(result->state)));
	if (result->asked && result->http_status > 0)
		set(writer, properties, "httpStatus", json_integer(result->http_status));
	if (result->verdict.suggestion.url.len > 0)
		set(writer, properties, "suggestion",
			value_url(json, result->verdict.suggestion.url));
	return properties;
}

static void write_result(struct sarif_writer *writer, const struct place *place)
{
	const struct link *link = place->link;
	enum reason reason = link->result.verdict.reason;
	json_t *result = json_object();

	set(writer, result, "ruleId", words(writer, reason_text(reason)));
	set(writer, result, "ruleIndex", json_integer(writer->rules[reason] - 1));
	set(writer, result, "level",
		words(writer, level_of(link->result.verdict.outcome)));
	set(writer, result, "message", make_message(writer, link));
	set(writer, result, "locations", make_locations(writer, place->at));
	set(writer, result, "partialFingerprints", make_fingerprints(writer, place));
	if (writer->report->known_since != NULL)
		set(writer, result, "baselineState",
			words(writer, report_link_is_known(writer->report, link)
					      ? "unchanged"
					      : "new"));
	set(writer, result, "properties", make_properties(writer, link));
	value_dump(&writer->json, result, 0);
}

static void write_results(struct sarif_writer *writer, const struct index *index)
{
	bool any = false;
	for (size_t i = 0; i < index->entry_count; i++) {
		const struct entry *entry = &index->entries[i];
		for (uint32_t k = 0; k < entry->place_count && !writer->json.failed &&
				     !writer->json.out->failed;
			k++) {
			buffer_add_text(writer->json.out, any ? ",\n " : "\n ");
			any = true;
			write_result(writer, &entry->places[k]);
		}
	}
	buffer_add_text(writer->json.out, "]}]}\n");
}

int report_write_sarif(const struct report *report, struct buffer *out)
{
	struct buffer scratch;
	struct sarif_writer writer = { .report = report,
		.json = { .out = out, .scratch = &scratch } };
	struct index index;

	buffer_init(&scratch, SIZE_MAX / 4);
	buffer_init(&writer.text, 4 * WORDS_BYTES_MAX);
	sentence_init(&writer.sentence);
	buffer_init(&writer.escaped, 8 * WORDS_BYTES_MAX);
	buffer_init(&writer.path, WORDS_BYTES_MAX);
	int result = index_entries(&index, report->table, report->fail_on);
	if (result == 0) {
		survey(&writer, &index);
		write_head(&writer);
		write_results(&writer, &index);
	}
	index_fini(&index);
	sentence_fini(&writer.sentence);
	buffer_fini(&writer.path);
	buffer_fini(&writer.escaped);
	buffer_fini(&writer.text);
	buffer_fini(&scratch);
	return result < 0 || writer.json.failed ? -1 : 0;
}
