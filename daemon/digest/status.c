#include "digest/status.h"

#include <assert.h>

#include "format/standing_write.h"
#include "format/words.h"

const enum state status_order[STANDING_STATE_COUNT] = {
	STATE_DEAD,
	STATE_MOVED,
	STATE_SUSPECT,
	STATE_GATED,
	STATE_UNCHECKED,
	STATE_SKIPPED,
	STATE_ALIVE,
};

static const uint32_t to_act_on = STATUS_STATE(STATE_DEAD) | STATUS_STATE(STATE_MOVED) |
				  STATUS_STATE(STATE_SUSPECT);

uint32_t status_states(enum format format, uint32_t filter)
{
	if (filter != 0)
		return filter & STATUS_ALL_STATES;
	return format == FORMAT_JSON ? STATUS_ALL_STATES : to_act_on;
}

static struct paper paper_of(struct status_writer *writer)
{
	return paper_on(
		writer->out, writer->scratch, writer->format, writer->head->colour);
}

/* Nothing is only said to be well when everything was looked at. */
static bool is_calm(const struct standing_counts *counts)
{
	return counts->by_state[STATE_ALIVE] > 0 && counts->by_state[STATE_DEAD] == 0 &&
	       counts->by_state[STATE_MOVED] == 0 &&
	       counts->by_state[STATE_SUSPECT] == 0 &&
	       counts->by_state[STATE_UNCHECKED] == 0;
}

static void write_daemon(struct paper *paper, const struct status_head *head)
{
	paper_paragraph(paper);
	if (head->running_since > 0) {
		paper_say(paper, "The daemon has been running since ");
		standing_instant(paper, head->running_since, head->now);
		paper_say(paper, ".");
	} else {
		paper_say(paper,
			"No daemon is running: this is what the database remembers.");
	}
	paper_end(paper);
	for (uint32_t i = 0; i < head->line_count; i++) {
		paper_paragraph(paper);
		paper_sentence(paper, head->lines[i], WORDS_SENTENCE_BYTES);
		paper_end(paper);
	}
}

static void begin_paper(struct status_writer *writer)
{
	struct paper paper = paper_of(writer);
	const struct status_head *head = writer->head;

	paper_title(&paper, "Link status");
	paper_paragraph(&paper);
	if (is_calm(&head->counts))
		paper_say(&paper, "Nothing to do. ");
	standing_counts_sentence(&paper, &head->counts);
	paper_end(&paper);
	write_daemon(&paper, head);
}

static void begin_json(struct status_writer *writer)
{
	const struct status_head *head = writer->head;
	struct json_writer json = { .out = writer->out, .scratch = &writer->scratch[0] };
	json_t *object = json_object();

	value_set_key(&json, object, "schema", json_integer(1));
	value_set_key(
		&json, object, "generator", value_text(&json, slice_of(head->generator)));
	value_set_key(
		&json, object, "started_at", value_instant_or_null(head->running_since));
	value_set_key(&json, object, "finished_at", value_instant_or_null(head->now));
	value_set_key(&json, object, "inputs",
		value_urls(&json, head->inputs, head->input_count));
	value_set_key(&json, object, "daemon",
		value_sentences(&json, head->lines, head->line_count));
	buffer_add_char(writer->out, '{');
	value_dump(&json, object, JSON_EMBED);
	buffer_add_text(writer->out, ",\n\"links\": [");
	writer->failed |= json.failed;
}

void status_begin(struct status_writer *writer, const struct status_head *head,
	enum format format, struct buffer *out)
{
	*writer = (struct status_writer){
		.head = head,
		.format = format,
		.out = out,
		.state = -1,
	};
	paper_scratch_init(writer->scratch);
	if (format == FORMAT_JSON) {
		/* Here it holds one text of any length. */
		writer->scratch[0].bytes_max = SIZE_MAX / 4;
		begin_json(writer);
	} else {
		begin_paper(writer);
	}
}

/* The rows of a state are over: how many there are beside them. */
static void end_state(struct status_writer *writer)
{
	if (writer->state < 0 || writer->format == FORMAT_JSON)
		return;
	uint32_t rows = writer->rows[writer->state];
	uint32_t links = writer->head->counts.by_state[writer->state];
	if (links <= rows)
		return;
	struct paper paper = paper_of(writer);
	paper_item(&paper);
	paper_say(&paper, "and %u more", links - rows);
	paper_end(&paper);
}

static void row_on_paper(struct status_writer *writer, const struct standing *standing)
{
	struct paper paper = paper_of(writer);
	enum state state = standing->record.state;

	if (writer->state != (int32_t)state) {
		end_state(writer);
		paper_heading(&paper, standing_heading(state),
			writer->head->counts.by_state[state]);
	}
	standing_item(&paper, standing, STATE_UNCHECKED, writer->head->now);
}

static void row_in_json(struct status_writer *writer, const struct standing *standing)
{
	struct json_writer json = { .out = writer->out, .scratch = &writer->scratch[0] };

	buffer_add_text(writer->out, writer->state < 0 ? "\n " : ",\n ");
	json_link_write(&json, standing_json(&json, standing), &standing->link, false);
	writer->failed |= json.failed;
}

bool status_row(struct status_writer *writer, const struct standing *standing)
{
	enum state state = standing->record.state;
	const struct check_result *result = &standing->link.result;
	uint32_t rows_max = writer->format == FORMAT_JSON ? 0 : writer->head->rows_max;

	assert((unsigned)state < STANDING_STATE_COUNT);
	if (writer->failed || writer->out->failed)
		return false;
	if (rows_max > 0 && writer->rows[state] >= rows_max)
		return false;
	if (writer->format == FORMAT_JSON)
		row_in_json(writer, standing);
	else
		row_on_paper(writer, standing);
	writer->state = (int32_t)state;
	writer->rows[state]++;
	writer->occurrences += standing->link.occurrence_count;
	if (result->done)
		writer->by_outcome[result->verdict.outcome]++;
	else
		writer->unchecked++;
	writer->failed |= writer->out->failed;
	return !writer->failed;
}

/* Of the links above; `states` is of the lists, whatever was asked for. */
static void end_json(struct status_writer *writer)
{
	struct json_writer json = { .out = writer->out, .scratch = &writer->scratch[0] };
	json_t *object = json_object();
	uint64_t links = 0;

	for (size_t i = 0; i < STANDING_STATE_COUNT; i++)
		links += writer->rows[i];
	value_set_key(&json, object, "occurrences",
		json_integer((json_int_t)writer->occurrences));
	value_set_key(&json, object, "links", json_integer((json_int_t)links));
	for (size_t i = 0; i < OUTCOME_COUNT; i++)
		value_set_key(&json, object, outcome_text(words_outcomes[i]),
			json_integer(writer->by_outcome[words_outcomes[i]]));
	value_set_key(&json, object, "unchecked", json_integer(writer->unchecked));
	value_set_key(&json, object, "states",
		standing_states_json(&json, &writer->head->counts));
	buffer_add_text(writer->out, "],\n\"summary\": ");
	value_dump(&json, object, 0);
	buffer_add_text(writer->out, "}\n");
	writer->failed |= json.failed;
}

int status_end(struct status_writer *writer, struct error *error)
{
	if (writer->format == FORMAT_JSON)
		end_json(writer);
	else
		end_state(writer);
	bool failed = writer->failed;
	paper_scratch_fini(writer->scratch);
	return standing_finish(failed, writer->out, "the status",
		"ask for one list or one state at a time", error);
}
