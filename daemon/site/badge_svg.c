/* The geometry is that of shields' flat badges: two boxes, 5 px beside each text, texts
 * as wide as the next odd number of pixels, drawn ten times as large and scaled down so
 * that they can stand between pixels, each with a shadow one pixel below. */
#include "site/badge_internal.h"

#include "base/utf8.h"
#include "format/markup.h"

enum {
	HEIGHT = 20,
	PADDING = 5,
	LABEL_RGB = 0x555555,
	UNITS_PER_EM = 2048,
	FONT_PX = 11,
	UNITS_LETTER = 1300, /* of the alphabets beside Latin */
};

/* Advance widths of Verdana (regular), in its units of 1/2048 em, from space to tilde:
 * the figures of the font's own table of metrics, as PDF writers list them rounded to
 * 1/1000 em (352 394 459 818 ...). */
static const uint16_t widths[] = { 720, 806, 940, 1676, 1302, 2204, 1488, 550, 930, 930,
	1302, 1676, 745, 930, 745, 930, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302,
	1302, 1302, 930, 930, 1676, 1676, 1676, 1117, 2048, 1400, 1404, 1430, 1578, 1295,
	1177, 1588, 1539, 862, 931, 1419, 1140, 1726, 1532, 1612, 1235, 1612, 1424, 1400,
	1262, 1499, 1400, 2025, 1403, 1260, 1403, 930, 930, 930, 1676, 1302, 1302, 1230,
	1276, 1067, 1276, 1220, 720, 1276, 1296, 562, 705, 1212, 562, 1992, 1296, 1243,
	1276, 1276, 874, 1067, 807, 1296, 1212, 1676, 1212, 1212, 1076, 1300, 930, 1300,
	1676 };
_Static_assert(sizeof(widths) / sizeof(widths[0]) == '~' - ' ' + 1, "printable ASCII");

/* Of marks that titles are full of, and our own ellipsis. */
static uint32_t units_of_mark(uint32_t c)
{
	switch (c) {
	case 0x2013: /* en dash */
		return 1302;
	case 0x2018: /* quotation marks */
	case 0x2019:
		return 550;
	case 0x201c:
	case 0x201d:
		return 940;
	case 0x2026: /* ellipsis */
		return 1676;
	default:
		return UNITS_PER_EM;
	}
}

static uint32_t units_of(uint32_t c)
{
	if (c >= ' ' && c <= '~')
		return widths[c - ' '];
	if (c >= 0x300 && c <= 0x36f) /* accents that stand on the letter before */
		return 0;
	return c < 0x530 ? UNITS_LETTER : units_of_mark(c); /* Latin, Greek, Cyrillic */
}

uint64_t badge_text_width(struct slice text)
{
	uint64_t units = 0;
	while (text.len > 0)
		units += units_of(utf8_next(&text));
	return units * FONT_PX * 1000 / UNITS_PER_EM;
}

/* An odd number of pixels, so that the middle of a text is the middle of one. */
static unsigned text_pixels(struct slice text)
{
	return (unsigned)(badge_text_width(text) / 1000) | 1;
}

struct box {
	struct slice text;
	unsigned x, width;
	unsigned text_px;
	unsigned middle; /* of the text, in tenths of a pixel */
	uint32_t rgb;
};

/* The texts lean a pixel towards each other. */
static struct box box_at(unsigned x, struct slice text, uint32_t rgb)
{
	unsigned text_px = text_pixels(text);
	unsigned begin = x == 0 ? 1 : x - 1;

	return (struct box){
		.text = text,
		.x = x,
		.width = text_px + 2 * PADDING,
		.text_px = text_px,
		.middle = (begin + PADDING) * 10 + text_px * 5,
		.rgb = rgb,
	};
}

static void add_name(struct buffer *out, const struct box *label, const struct box *value)
{
	markup_text(out, label->text, BADGE_LABEL_BYTES);
	buffer_add_text(out, ": ");
	markup_text(out, value->text, BADGE_MESSAGE_SIZE);
}

static void add_text(struct buffer *out, const struct box *box)
{
	bool bright = badge_is_bright(box->rgb);

	buffer_printf(out,
		"<text aria-hidden=\"true\" x=\"%u\" y=\"150\" fill=\"%s\" "
		"fill-opacity=\".3\" transform=\"scale(.1)\" textLength=\"%u\">",
		box->middle, bright ? "#ccc" : "#010101", box->text_px * 10);
	markup_text(out, box->text, BADGE_LABEL_BYTES);
	buffer_printf(out,
		"</text><text x=\"%u\" y=\"140\" fill=\"%s\" transform=\"scale(.1)\" "
		"textLength=\"%u\">",
		box->middle, bright ? "#333" : "#fff", box->text_px * 10);
	markup_text(out, box->text, BADGE_LABEL_BYTES);
	buffer_add_text(out, "</text>");
}

static void add_boxes(
	struct buffer *out, const struct box *label, const struct box *value)
{
	unsigned width = label->width + value->width;

	/* Lighter above, darker below, round corners. */
	buffer_printf(out,
		"<linearGradient id=\"s\" x2=\"0\" y2=\"100%%\">"
		"<stop offset=\"0\" stop-color=\"#bbb\" stop-opacity=\".1\"/>"
		"<stop offset=\"1\" stop-opacity=\".1\"/></linearGradient>"
		"<clipPath id=\"r\"><rect width=\"%u\" height=\"%d\" rx=\"3\" "
		"fill=\"#fff\"/></clipPath><g clip-path=\"url(#r)\">",
		width, HEIGHT);
	buffer_printf(out, "<rect width=\"%u\" height=\"%d\" fill=\"#%06x\"/>",
		label->width, HEIGHT, label->rgb);
	buffer_printf(out, "<rect x=\"%u\" width=\"%u\" height=\"%d\" fill=\"#%06x\"/>",
		value->x, value->width, HEIGHT, value->rgb);
	buffer_printf(out, "<rect width=\"%u\" height=\"%d\" fill=\"url(#s)\"/></g>",
		width, HEIGHT);
}

static void write_svg(
	struct buffer *out, const struct box *label, const struct box *value)
{
	buffer_printf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%d\" "
		"role=\"img\" aria-label=\"",
		label->width + value->width, HEIGHT);
	add_name(out, label, value);
	buffer_add_text(out, "\"><title>");
	add_name(out, label, value);
	buffer_add_text(out, "</title>");
	add_boxes(out, label, value);
	buffer_add_text(out, "<g text-anchor=\"middle\" "
			     "font-family=\"Verdana,Geneva,DejaVu Sans,sans-serif\" "
			     "text-rendering=\"geometricPrecision\" font-size=\"110\">");
	add_text(out, label);
	add_text(out, value);
	buffer_add_text(out, "</g></svg>\n");
}

void badge_write_svg(const struct badge *badge, struct buffer *out)
{
	struct buffer clean;

	/* What is measured is what will be shown. */
	buffer_init(&clean, BADGE_LABEL_BYTES + 8);
	utf8_add_printable(&clean, badge->label, BADGE_LABEL_BYTES);
	struct box label = box_at(0, buffer_slice(&clean), LABEL_RGB);
	struct box value = box_at(
		label.width, slice_of(badge->message), badge_colour_rgb(badge->colour));
	write_svg(out, &label, &value);
	out->failed |= clean.failed;
	buffer_fini(&clean);
}
