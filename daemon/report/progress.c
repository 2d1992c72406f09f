#include "report/progress.h"

#include <stdio.h>

#include "base/utf8.h"

/* Parts are added from the most to the least important, each only if it fits whole, so a
 * narrow terminal shows less and never a torn word. Cells are counted here, because
 * colours take bytes but no cells. */
struct line {
	struct buffer *out;
	uint32_t left; /* cells */
	bool colour;
	bool empty;
};

enum { BAR_CELLS_MAX = 24, BAR_CELLS_MIN = 8, HOSTS_SHOWN = 3 };

static void paint(struct line *line, const char *code)
{
	if (line->colour && code != NULL)
		buffer_printf(line->out, "\x1b[%sm", code);
}

/* ASCII only: a byte is a cell. */
static bool add_part(
	struct line *line, const char *gap, const char *code, const char *text)
{
	if (line->empty)
		gap = "";
	size_t cells = strlen(gap) + strlen(text);
	if (cells > line->left)
		return false;
	buffer_add_text(line->out, gap);
	paint(line, code);
	buffer_add_text(line->out, text);
	paint(line, code != NULL ? "0" : NULL);
	line->left -= (uint32_t)cells;
	line->empty = false;
	return true;
}

static void add_bar(struct line *line, const struct progress *progress)
{
	uint32_t cells = progress->columns / 6;
	if (cells > BAR_CELLS_MAX)
		cells = BAR_CELLS_MAX;
	if (cells < BAR_CELLS_MIN)
		return;
	uint64_t done =
		progress->done < progress->links ? progress->done : progress->links;
	uint32_t full =
		progress->links == 0 ? 0 : (uint32_t)(done * cells / progress->links);
	for (uint32_t i = 0; i < cells; i++) {
		if (i == 0 || i == full)
			paint(line, i < full ? "32" : "90");
		buffer_add_text(line->out, i < full ? "━" : "─");
	}
	paint(line, "0");
	line->left -= cells;
	line->empty = false;
}

static void add_counts(struct line *line, const struct progress *progress)
{
	static const struct {
		enum outcome outcome;
		const char *colour;
	} shown[] = { { OUTCOME_BROKEN, "31" }, { OUTCOME_UNREACHABLE, "35" },
		{ OUTCOME_MOVED, "33" }, { OUTCOME_GATED, "36" } };
	char text[48];

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		uint32_t count = progress->by_outcome[shown[i].outcome];
		if (count == 0)
			continue;
		snprintf(text, sizeof(text), "%u %s", count,
			outcome_text(shown[i].outcome));
		add_part(line, "  ", shown[i].colour, text);
	}
}

/* "arxiv.org (61)", with " in 2 s" where it may not be asked before. False: no name. */
static bool format_host(const struct progress_host *host, char *text, size_t size)
{
	char key[64], span[TIME_SPAN_SIZE];
	size_t len = 0;

	for (size_t i = 0; i < host->key.len && len < sizeof(key) - 1; i++) {
		char c = host->key.at[i];
		key[len++] = c > 0x20 && c < 0x7F ? c : '?';
	}
	key[len] = '\0';
	time_ms s = (host->ready_in_ms + TIME_MS_PER_S - 1) / TIME_MS_PER_S;
	if (host->ready_in_ms <= 0)
		snprintf(text, size, "%s (%u)", key, host->waiting);
	else if (s < 60)
		snprintf(text, size, "%s (%u) in %lld s", key, host->waiting,
			(long long)s);
	else {
		time_format_span(s * TIME_MS_PER_S, span);
		snprintf(text, size, "%s (%u) in %s", key, host->waiting, span);
	}
	return len > 0;
}

static void add_hosts(struct line *line, const struct progress *progress)
{
	char text[160], part[200];
	uint32_t shown = 0;

	for (uint32_t i = 0; i < progress->host_count && shown < HOSTS_SHOWN; i++) {
		if (!format_host(&progress->hosts[i], text, sizeof(text)))
			continue;
		snprintf(part, sizeof(part), "%s%s", shown == 0 ? "waiting: " : "", text);
		if (!add_part(line, shown == 0 ? "  " : ", ", NULL, part))
			break;
		shown++;
	}
}

void progress_write(const struct progress *progress, struct buffer *out)
{
	struct line line = {
		.out = out,
		.left = progress->columns,
		.colour = progress->colour,
		.empty = true,
	};
	char text[48];

	add_bar(&line, progress);
	snprintf(text, sizeof(text), "%u/%u", progress->done, progress->links);
	if (!add_part(&line, " ", NULL, text))
		return;
	add_counts(&line, progress);
	time_format_span(progress->elapsed_ms, text);
	add_part(&line, "  ", NULL, text);
	add_hosts(&line, progress);
}
