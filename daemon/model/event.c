#include "model/event.h"

#define EVENT_KIND_TEXT(name, text) text,
static const char *const texts[] = { EVENT_KINDS(EVENT_KIND_TEXT) };
#undef EVENT_KIND_TEXT

const char *event_kind_text(enum event_kind kind)
{
	return texts[kind];
}

enum state event_before(const struct event *event)
{
	bool told_nothing = event->from == STATE_GATED || event->from == STATE_SKIPPED ||
			    (event->from == STATE_SUSPECT && event->kept == event->to);
	return told_nothing && event->kept != STATE_UNCHECKED ? event->kept : event->from;
}
