#include "show/evidence.h"

struct gathering {
	struct evidence *evidence;
	const struct evidence_wish *wish;
	struct arena *arena;
};

static bool add_check(const struct store_check *check, void *data)
{
	struct gathering *gathering = data;
	struct evidence *evidence = gathering->evidence;
	evidence->checks[evidence->known.check_count++] = (struct check_facts){
		.at = check->at,
		.outcome = check->outcome,
		.reason = check->reason,
		.http_status = check->http_status,
		.elapsed_ms = check->elapsed_ms,
	};
	return evidence->known.check_count < gathering->wish->checks_max;
}

static bool add_span(const struct span *span, void *data)
{
	struct gathering *gathering = data;
	struct evidence *evidence = gathering->evidence;
	evidence->spans[evidence->known.span_count++] = *span;
	return evidence->known.span_count < gathering->wish->spans_max;
}

static bool add_event(const struct store_event *stored, void *data)
{
	struct gathering *gathering = data;
	struct evidence *evidence = gathering->evidence;
	struct event *event = &evidence->events[evidence->known.event_count++];
	*event = stored->event;
	event->text = arena_copy(gathering->arena, stored->event.text);
	return evidence->known.event_count < gathering->wish->events_max;
}

static int count_spans(struct evidence *evidence, uint32_t spans_max, struct store *store,
	struct error *error)
{
	evidence->known.span_total = evidence->known.span_count;
	return evidence->known.span_count < spans_max
		       ? 0
		       : store_count_spans(store, evidence->link.link_id,
				 &evidence->known.span_total, error);
}

static int gather(struct gathering *gathering, struct store *store, struct error *error)
{
	struct evidence *evidence = gathering->evidence;
	const struct evidence_wish *wish = gathering->wish;
	struct arena *arena = gathering->arena;
	int64_t id = evidence->link.link_id;
	const struct store_check_wish checks = {
		.link_id = id, .limit = wish->checks_max, .rows_max = wish->check_rows_max
	};
	evidence->checks = ARENA_ARRAY(arena, struct check_facts, wish->checks_max);
	evidence->spans = ARENA_ARRAY(arena, struct span, wish->spans_max);
	evidence->events = ARENA_ARRAY(arena, struct event, wish->events_max);
	evidence->known.checks = evidence->checks;
	evidence->known.spans = evidence->spans;
	evidence->known.events = evidence->events;
	if (evidence->checks == NULL || evidence->spans == NULL ||
		evidence->events == NULL)
		return error_set(error, "out of memory");
	if (wish->recent != NULL)
		evidence->known.check_count = recent_checks_of(
			wish->recent, id, evidence->checks, wish->checks_max);
	else if (store_walk_checks(store, &checks, add_check, gathering, error) < 0)
		return -1;
	if (store_walk_spans(store, id, add_span, gathering, error) < 0 ||
		store_walk_events_of_link_back(store, id, add_event, gathering, error) <
			0)
		return -1;
	return count_spans(evidence, wish->spans_max, store, error);
}

/* Sentences, a line each, as slices. */
static int explain(struct gathering *gathering, struct error *error)
{
	struct evidence *evidence = gathering->evidence;
	struct slice *sentences =
		ARENA_ARRAY(gathering->arena, struct slice, EVIDENCE_SENTENCES_MAX);
	struct buffer text;
	if (sentences == NULL)
		return error_set(error, "out of memory");
	buffer_init(&text, 2 * HEALTH_EXPLAIN_BYTES_MAX);
	health_explain(&evidence->link.record, gathering->wish->limits,
		gathering->wish->now, &text);
	struct slice rest = arena_copy(gathering->arena, buffer_slice(&text));
	buffer_fini(&text);
	while (rest.len > 0 && evidence->known.reason_count < EVIDENCE_SENTENCES_MAX) {
		size_t end = slice_find_char(rest, '\n');
		end = end == SLICE_NONE ? rest.len : end;
		if (end > 0)
			sentences[evidence->known.reason_count++] =
				slice_sub(rest, 0, end);
		rest = slice_sub(rest, end + 1, rest.len);
	}
	evidence->known.reasons = sentences;
	return 0;
}

static const char gone[] = "It is on no list any more, so it is not checked.";
static const char waits[] = "It waits for its first check; those of a list do not come "
			    "all at once.";

static void say_next(struct evidence *evidence)
{
	static const struct slice sentences[] = { { gone, sizeof(gone) - 1 },
		{ waits, sizeof(waits) - 1 } };
	struct link_record *record = &evidence->link.record;
	bool monitored = evidence->link.monitored;
	/* It stands in the schedule until then, but is not asked. */
	if (!monitored)
		record->due_at = 0;
	evidence->known.first_waits =
		monitored && record->checks == 0 && record->due_at == 0;
	evidence->known.nexts = &sentences[evidence->known.first_waits];
	evidence->known.next_count = !monitored || evidence->known.first_waits;
}

int evidence_load(struct store *store, int64_t link_id, const struct evidence_wish *wish,
	struct arena *arena, struct evidence *ret_evidence, bool *ret_found,
	struct error *error)
{
	struct gathering gathering = { ret_evidence, wish, arena };
	*ret_evidence = (struct evidence){ 0 };
	if (store_load_link(
		    store, link_id, arena, &ret_evidence->link, ret_found, error) < 0)
		return -1;
	if (!*ret_found)
		return 0;
	say_next(ret_evidence);
	if (gather(&gathering, store, error) < 0 || explain(&gathering, error) < 0)
		return -1;
	const struct show_places all = { 0 };
	return show_standing(
		store, &ret_evidence->link, &all, arena, &ret_evidence->standing, error);
}
