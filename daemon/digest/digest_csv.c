/* The digest as a table: one row a link and place (field notes, rot-and-papers 5.5). */
#include "digest/digest_internal.h"
#include "format/csv.h"
#include "model/userinfo.h"

static const char *const columns[] = { "list", "file", "line", "url", "label", "state",
	"since", "last_ok", "checks", "strikes", "code", "class", "final_url",
	"replacement", "archive_url", "section" };

struct table {
	struct csv csv;
	struct buffer scratch, bare;
};

static void add_text(struct table *table, struct slice text)
{
	if (text.len == 0)
		csv_empty(&table->csv);
	else
		csv_text(&table->csv, text, WORDS_SENTENCE_BYTES);
}

static void add_url(struct table *table, struct slice url)
{
	if (url.len == 0) {
		csv_empty(&table->csv);
		return;
	}
	buffer_reset(&table->scratch);
	words_url(&table->scratch, url);
	csv_text(&table->csv, buffer_slice(&table->scratch), WORDS_BYTES_MAX);
}

/* What a document says is read by others: without userinfo. */
static void add_label(struct table *table, struct slice label)
{
	buffer_reset(&table->bare);
	userinfo_hide(&table->bare, slice_sub(label, 0, WORDS_SENTENCE_BYTES * 4));
	add_text(table, buffer_slice(&table->bare));
}

static void add_instant(struct table *table, time_ms at)
{
	char text[TIME_RFC3339_SIZE];

	if (at <= 0) {
		csv_empty(&table->csv);
		return;
	}
	time_format_rfc3339(at, text);
	add_text(table, slice_of(text));
}

/* Those that have the document. */
static void add_lists(
	struct table *table, const struct standing *standing, uint32_t place)
{
	buffer_reset(&table->scratch);
	if (standing->place_lists != NULL && standing->link.first != NULL)
		buffer_add(&table->scratch, standing->place_lists[place]);
	else
		for (uint32_t i = 0; i < standing_lists_named(standing); i++) {
			if (i > 0)
				buffer_add_char(&table->scratch, ' ');
			buffer_add(
				&table->scratch, slice_sub(standing->lists[i], 0, 200));
		}
	add_text(table, buffer_slice(&table->scratch));
}

static void add_strikes(struct table *table, uint32_t halves)
{
	if (halves % 2 == 0)
		csv_number(&table->csv, halves / 2);
	else {
		buffer_reset(&table->scratch);
		buffer_printf(&table->scratch, "%u.5", halves / 2);
		add_text(table, buffer_slice(&table->scratch));
	}
}

static void add_state(struct table *table, const struct standing *standing)
{
	const struct link_record *record = &standing->record;
	const struct check_result *result = &standing->link.result;

	add_text(table, slice_of(state_text(record->state)));
	add_instant(table, record->since);
	add_instant(table, record->last_ok_at);
	csv_number(&table->csv, record->checks);
	add_strikes(table, record->strike_halves);
	if (result->http_status > 0)
		csv_number(&table->csv, result->http_status);
	else
		csv_empty(&table->csv);
	add_text(table, slice_of(reason_text(result->verdict.reason)));
}

static void add_row(struct table *table, const struct standing *standing,
	const struct occurrence *at, uint32_t place, const char *section)
{
	const struct link *link = &standing->link;
	struct slice instead = link->result.verdict.suggestion.url;
	bool archive = digest_is_archive(instead);

	add_lists(table, standing, place);
	add_url(table, at != NULL ? at->source : (struct slice){ 0 });
	if (at != NULL)
		csv_number(&table->csv, at->line);
	else
		csv_empty(&table->csv);
	add_url(table, link->url);
	add_label(table, at != NULL && at->expected_title.len > 0 ? at->expected_title
			 : at != NULL && at->text.len > 0         ? at->text
								  : digest_label(link));
	add_state(table, standing);
	add_url(table, link->result.final_url);
	add_url(table, archive ? (struct slice){ 0 } : instead);
	add_url(table, archive ? instead : (struct slice){ 0 });
	add_text(table, slice_of(section));
	csv_end(&table->csv);
}

static void add_section(
	struct table *table, const struct digest_links *links, const char *section)
{
	for (uint32_t i = 0; i < links->count && !table->csv.out->failed; i++) {
		const struct standing *standing = links->entries[i].standing;
		const struct occurrence *at = standing->link.first;
		uint32_t place = 0;
		do {
			add_row(table, standing, at, place++, section);
			at = at != NULL ? at->next : NULL;
		} while (at != NULL);
	}
}

int digest_write_csv(const struct digest *digest, struct buffer *out)
{
	struct table table = { .csv = { .out = out } };

	buffer_init(&table.scratch, WORDS_BYTES_MAX);
	buffer_init(&table.bare, WORDS_BYTES_MAX);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		csv_text(&table.csv, slice_of(columns[i]), WORDS_SENTENCE_BYTES);
	csv_end(&table.csv);
	for (unsigned i = 0; i < DIGEST_SECTION_COUNT; i++)
		add_section(
			&table, &digest->links[i], digest_key((enum digest_section)i));
	int result = table.scratch.failed || table.bare.failed ? -1 : 0;
	buffer_fini(&table.bare);
	buffer_fini(&table.scratch);
	return result;
}
