/* The strip drawn: a line as thick as a bar is high, in dashes of one slot. A run of
 * equal days then costs a few bytes, and a hundred strips fit on a page.
 *
 * Kinds differ in shape as well as in colour: ok is a whole bar, suspect the lower half
 * of one, dead one broken in the middle, gated a short one in the middle, no data a dot
 * on the ground. */
#include "site/page_internal.h"

#include <inttypes.h>
#include <stdbool.h>

/* In a box 6 high; the width of the line is the style sheet's. */
static const struct {
	const char *name; /* the class */
	int y, y_again;   /* middle of the bar; of the second piece, or 0 */
} shapes[STRIP_KIND_COUNT] = {
	[STRIP_NONE] = { "n", 6, 0 },
	[STRIP_OK] = { "o", 3, 0 },
	[STRIP_SUSPECT] = { "u", 4, 0 },
	[STRIP_DEAD] = { "d", 1, 5 },
	[STRIP_GATED] = { "g", 3, 0 },
};

const char *strip_class(enum strip_kind kind)
{
	return shapes[kind].name;
}

/* What stands first is kept of several days as one. */
static const enum strip_kind worst_first[] = { STRIP_DEAD, STRIP_SUSPECT, STRIP_GATED,
	STRIP_OK, STRIP_NONE };

static enum strip_kind worst_of(const struct strip_slot *slots, uint32_t count)
{
	for (size_t k = 0; k < STRIP_KIND_COUNT; k++)
		for (uint32_t i = 0; i < count; i++)
			if (slots[i].kind == worst_first[k])
				return worst_first[k];
	return STRIP_NONE;
}

static void add_runs(struct buffer *out, const enum strip_kind kinds[static STRIP_SLOTS],
	enum strip_kind kind, int y)
{
	for (uint32_t i = 0; i < STRIP_SLOTS;) {
		uint32_t from = i;
		while (i < STRIP_SLOTS && kinds[i] == kind)
			i++;
		if (i > from)
			buffer_printf(out, "M%" PRIu32 " %dh%" PRIu32, from, y, i - from);
		else
			i++;
	}
}

static void add_path(struct buffer *out, const enum strip_kind kinds[static STRIP_SLOTS],
	enum strip_kind kind)
{
	bool found = false;

	for (size_t i = 0; i < STRIP_SLOTS; i++)
		found |= kinds[i] == kind;
	if (!found)
		return;
	buffer_printf(out, "<path class=\"%s\" d=\"", shapes[kind].name);
	add_runs(out, kinds, kind, shapes[kind].y);
	if (shapes[kind].y_again != 0)
		add_runs(out, kinds, kind, shapes[kind].y_again);
	buffer_add_text(out, "\"/>");
}

static void add_svg(struct buffer *out, const struct strip *strip, uint32_t days_a_bar)
{
	enum strip_kind kinds[STRIP_SLOTS];

	for (uint32_t i = 0; i < STRIP_SLOTS; i++) {
		uint32_t from = i / days_a_bar * days_a_bar;
		kinds[i] = worst_of(&strip->slots[from], days_a_bar);
	}
	buffer_add_text(out, "<svg viewBox=\"0 0 90 6\" role=\"img\" aria-label=\"");
	strip_add_summary(out, strip, STRIP_SLOTS);
	buffer_add_text(out, "\">");
	for (size_t k = 0; k < STRIP_KIND_COUNT; k++)
		add_path(out, kinds, (enum strip_kind)k);
	buffer_add_text(out, "</svg>");
}

bool strip_add_picture(struct buffer *out, const struct strip *strip, size_t bytes_max)
{
	static const uint32_t bars[] = { 1, 3, 6, 15 };
	size_t start = out->len;

	for (size_t i = 0; i < sizeof(bars) / sizeof(bars[0]); i++) {
		add_svg(out, strip, bars[i]);
		if (out->len - start <= bytes_max)
			return true;
		buffer_truncate(out, start);
	}
	return false;
}

void strip_add_buttons(struct buffer *out, const struct strip *strip)
{
	buffer_add_text(out, "<div class=\"days\" role=\"group\" aria-label=\"");
	strip_add_summary(out, strip, STRIP_SLOTS);
	buffer_add_text(out, "\" aria-describedby=\"keys\">\n");
	for (uint32_t i = 0; i < STRIP_SLOTS; i++) {
		/* The only one on the way of the tab key: today. */
		buffer_printf(out, "<button type=\"button\" class=\"%s\"%s aria-label=\"",
			shapes[strip->slots[i].kind].name,
			i + 1 < STRIP_SLOTS ? " tabindex=\"-1\"" : "");
		strip_add_slot(out, strip, i);
		buffer_add_text(out, "\"></button>\n");
	}
	buffer_add_text(out, "</div>\n");
}
