#include "extract/markdown_cmark_internal.h"

/* Measured with 0.29.0.gfm.6: a unit of cost is 2 to 6 ns. A document may cost a little
 * for each of its bytes and COST_FREE on top; real ones stay a hundred times below. */
enum {
	COST_FREE = 40 * 1000 * 1000,
	COST_PER_BYTE = 64,
	CELL_COST = 64,
	MAIL_COST = 2000,
};

/* --- leaves ------------------------------------------------------------------------- */

struct tally {
	uint64_t openers; /* "<?", "<!", "www.", "://": each may look through the rest */
	uint64_t images;  /* "![" */
	uint64_t links;   /* "](": each looks through the open images */
	uint64_t mails;   /* "@": each is looked around slowly */
	uint64_t run, longest_run; /* of ")": each may count those of its URL again */
};

static void tally_at(struct tally *tally, struct slice rest)
{
	char next = rest.len > 1 ? rest.at[1] : '\0';

	tally->run = rest.at[0] == ')' ? tally->run + 1 : 0;
	if (tally->run > tally->longest_run)
		tally->longest_run = tally->run;
	switch (rest.at[0]) {
	case '<':
		tally->openers += next == '?' || next == '!';
		break;
	case 'w':
		tally->openers += slice_starts(rest, SLICE("www."));
		break;
	case ':':
		tally->openers += next == '/';
		break;
	case '!':
		tally->images += next == '[';
		break;
	case ']':
		tally->links += next == '(';
		break;
	case '@':
		tally->mails++;
		break;
	default:
		break;
	}
}

uint64_t markdown_leaf_cost(struct slice content)
{
	struct tally tally = { 0 };

	for (size_t i = 0; i < content.len; i++)
		tally_at(&tally, slice_sub(content, i, content.len));
	uint64_t runs = tally.longest_run > 1 ? tally.longest_run : 0;
	return content.len * (tally.openers + runs) + tally.images * tally.links +
	       tally.mails * MAIL_COST;
}

/* --- lines -------------------------------------------------------------------------- */

struct line_reader {
	struct markdown_costs *costs;
	bool blank;              /* the line before */
	uint64_t depth;          /* of the blocks that may be open; never too low */
	uint64_t run, run_lines; /* bytes and lines since the last blank line */
	uint64_t columns;        /* of the table that may be open */
};

/* Markers of block quotes and lists in front of a line; what indents it goes on with at
 * most as many blocks as are open. */
static uint64_t line_depth(struct slice line, uint64_t open)
{
	uint64_t markers = 0, blanks = 0;

	for (size_t i = 0; i < line.len; i++) {
		char c = line.at[i];
		bool spaced = i + 1 >= line.len || char_is_space(line.at[i + 1]);
		if (char_is_space(c))
			blanks++;
		else if (c == '>' || (spaced && (c == '-' || c == '*' || c == '+' ||
							c == '.' || c == ')')))
			markers++;
		else if (!char_is_digit(c))
			break;
	}
	uint64_t indent = blanks > markers ? (blanks - markers + 1) / 2 : 0;
	return markers + (indent < open ? indent : open);
}

/* Each line walks all open blocks. */
static void count_depth(struct line_reader *reader, struct slice line, bool blank)
{
	struct markdown_costs *costs = reader->costs;

	if (!blank) {
		uint64_t depth = line_depth(line, reader->depth);
		if (reader->blank || depth > reader->depth)
			reader->depth = depth;
		if (depth > costs->deepest) {
			costs->deepest = depth;
			costs->deepest_line = costs->lines;
		}
	}
	costs->nesting += reader->depth;
}

/* "|---|:-:|" may begin a table, for which the whole paragraph above is looked through.
 */
static bool is_delimiter_row(struct slice line)
{
	bool dash = false;

	for (size_t i = 0; i < line.len; i++) {
		char c = line.at[i];
		dash = dash || c == '-';
		if (c != '-' && c != '|' && c != ':' && c != '>' && !char_is_space(c))
			return false;
	}
	return dash;
}

static uint64_t count_pipes(struct slice line)
{
	uint64_t count = 0;

	for (size_t i = 0; i < line.len; i++)
		count += line.at[i] == '|';
	return count;
}

static void count_tables(struct line_reader *reader, struct slice line, bool blank)
{
	uint64_t pipes = count_pipes(line), cost = pipes * pipes / 2;

	if (blank)
		reader->run = reader->run_lines = reader->columns = 0;
	reader->run += line.len + 1;
	reader->run_lines++;
	cost += reader->columns * CELL_COST;
	if (is_delimiter_row(line)) {
		cost += reader->run * reader->run_lines;
		if (pipes > reader->columns)
			reader->columns = pipes;
	}
	reader->costs->tables += cost;
}

void markdown_costs_read(struct markdown_costs *costs, struct slice source)
{
	struct line_reader reader = { .costs = costs, .blank = true };
	struct slice line;

	*costs = (struct markdown_costs){ .budget = COST_FREE + (uint64_t)COST_PER_BYTE *
									source.len };
	while (slice_split(&source, '\n', &line)) {
		bool blank = slice_trim(line).len == 0;
		costs->lines++;
		count_depth(&reader, line, blank);
		count_tables(&reader, line, blank);
		reader.blank = blank;
	}
}
