#include "report/tally_internal.h"

#include "format/words.h"
#include "report/report_internal.h"

void words_total(
	struct buffer *out, const struct report_summary *summary, uint32_t sources)
{
	words_count(out, summary->occurrences, "link");
	buffer_add_text(out, " in ");
	words_count(out, sources, "source");
	if (summary->links != summary->occurrences)
		buffer_printf(out, " (%u distinct)", summary->links);
}

uint32_t words_tally(const struct report_summary *summary,
	struct words_tally tally[static WORDS_TALLY_MAX])
{
	uint32_t count = 0;

	for (size_t i = 0; i < OUTCOME_COUNT; i++) {
		uint32_t links = summary->by_outcome[words_outcomes[i]];
		if (links > 0 || words_outcomes[i] == OUTCOME_OK)
			tally[count++] = (struct words_tally){
				.text = outcome_text(words_outcomes[i]),
				.count = links,
				.outcome = words_outcomes[i],
			};
	}
	if (summary->unchecked > 0)
		tally[count++] = (struct words_tally){
			.text = "not checked",
			.count = summary->unchecked,
			.unchecked = true,
		};
	return count;
}

void words_places(struct buffer *out, const struct entry *entry)
{
	enum { PLACES_ALL = 3, PLACES_SHOWN = 2 };
	uint32_t shown = entry->place_count;
	if (shown > PLACES_ALL)
		shown = PLACES_SHOWN;
	for (uint32_t i = 0; i < shown; i++)
		buffer_printf(out, "%s%u:%u", i == 0 ? "" : ", ",
			entry->places[i].at->line, entry->places[i].at->column);
	if (shown < entry->place_count)
		buffer_printf(out, " and %u more", entry->place_count - shown);
}

void words_known(struct buffer *out, const struct report *report, const struct link *link)
{
	char instant[TIME_RFC3339_SIZE];
	time_format_rfc3339(report->known_since[link->number], instant);
	buffer_printf(out, "known since %s, so it does not fail this run", instant);
}

void words_known_count(struct buffer *out, const struct report *report)
{
	uint32_t known = 0;
	for (const struct link *link = report->table->first; link != NULL;
		link = link->next)
		known += report_link_is_known(report, link);
	if (known > 0)
		buffer_printf(out, "; %u %s known before", known,
			known == 1 ? "failure was" : "failures were");
}

void words_partial(struct buffer *out, const struct report_summary *summary)
{
	if (summary->unchecked == 0) {
		buffer_add_text(out, "Partial report: interrupted before the end.");
		return;
	}
	buffer_printf(out, "Partial report: interrupted, %u of ", summary->unchecked);
	words_count(out, summary->links, "link");
	buffer_add_text(out,
		summary->unchecked == 1 ? " was not checked." : " were not checked.");
}
