#include "format/csv.h"
#include "format/words.h"
#include "model/userinfo.h"
#include "report/index_internal.h"
#include "report/report_internal.h"

/* A row for every place, whatever came of its link: who wants a part filters it. */

enum { FIELD_BYTES_MAX = 20000 }; /* a URL has at most 16 KiB */

static const char *const columns[] = { "source", "line", "column", "url", "kind",
	"outcome", "state", "reason", "http_status", "final_url", "suggestion", "title",
	"expected_title", "error", "notes", "text", "context", "elapsed_ms", "checked_at",
	"known_since" };

struct csv_writer {
	const struct report *report;
	struct csv csv;
	struct buffer bare; /* reused: without userinfo */
};

static void add_word(struct csv_writer *writer, const char *ours)
{
	csv_text(&writer->csv, slice_of(ours), FIELD_BYTES_MAX);
}

static void add_text(struct csv_writer *writer, struct slice text)
{
	csv_text(&writer->csv, text, FIELD_BYTES_MAX);
}

static void add_bare(struct csv_writer *writer)
{
	writer->csv.out->failed |= writer->bare.failed;
	add_text(writer, buffer_slice(&writer->bare));
	buffer_reset(&writer->bare);
}

static void add_url(struct csv_writer *writer, struct slice url)
{
	struct slice front, rest;
	userinfo_split(url, &front, &rest);
	buffer_add(&writer->bare, front);
	buffer_add(&writer->bare, rest);
	add_bare(writer);
}

static void add_sentence(struct csv_writer *writer, struct slice sentence)
{
	userinfo_hide(&writer->bare, sentence);
	add_bare(writer);
}

static void add_count(struct csv_writer *writer, bool known, int64_t count)
{
	if (known)
		csv_number(&writer->csv, count);
	else
		csv_empty(&writer->csv);
}

static void add_instant(struct csv_writer *writer, time_ms wall)
{
	char text[TIME_RFC3339_SIZE];
	if (wall <= 0) {
		csv_empty(&writer->csv);
		return;
	}
	time_format_rfc3339(wall, text);
	add_word(writer, text);
}

static void add_notes(struct csv_writer *writer, note_set notes)
{
	for (unsigned i = 0; i < NOTE_COUNT; i++)
		if ((notes & NOTE_BIT(i)) != 0) {
			if (writer->bare.len > 0)
				buffer_add_char(&writer->bare, ' ');
			buffer_add_text(&writer->bare, note_text((enum note)i));
		}
	add_bare(writer);
}

static void add_place(struct csv_writer *writer, const struct occurrence *at)
{
	add_url(writer, at->source);
	csv_number(&writer->csv, at->line);
	csv_number(&writer->csv, at->column);
}

/* What a link without a result has not got stays empty. */
static void add_result(struct csv_writer *writer, const struct link *link)
{
	static const struct check_result nothing = { 0 };
	const struct check_result *result = link->result.done ? &link->result : &nothing;
	const struct verdict *verdict = &result->verdict;

	add_word(writer, result->done ? outcome_text(verdict->outcome) : "");
	add_word(writer, state_text(link->result.state));
	add_word(writer, result->done ? reason_text(verdict->reason) : "");
	add_count(writer, result->asked && result->http_status > 0, result->http_status);
	add_url(writer, result->final_url);
	add_url(writer, verdict->suggestion.url);
	add_text(writer, result->title);
	add_text(writer, link->expected_title);
	add_sentence(writer, verdict->error);
	add_notes(writer, verdict->notes);
}

static void write_row(struct csv_writer *writer, const struct place *place)
{
	const struct report *report = writer->report;
	const struct link *link = place->link;
	const struct check_result *result = &link->result;

	add_place(writer, place->at);
	add_url(writer, link->url);
	add_word(writer, link_kind_text(link->kind));
	add_result(writer, link);
	add_text(writer, place->at->text);
	add_text(writer, place->at->context);
	add_count(writer, result->done && result->asked, result->elapsed_ms);
	add_instant(writer, result->done ? result->checked_at : 0);
	add_instant(writer, report_link_is_known(report, link)
				    ? report->known_since[link->number]
				    : 0);
	csv_end(&writer->csv);
}

int report_write_csv(const struct report *report, struct buffer *out)
{
	struct csv_writer writer = { .report = report, .csv = { .out = out } };
	struct index index;

	buffer_init(&writer.bare, WORDS_BYTES_MAX);
	int result = index_places(&index, report->table, INDEX_EVERYTHING);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		add_word(&writer, columns[i]);
	csv_end(&writer.csv);
	for (size_t i = 0; result == 0 && i < index.place_count && !out->failed; i++)
		write_row(&writer, &index.places[i]);
	index_fini(&index);
	buffer_fini(&writer.bare);
	return result;
}
