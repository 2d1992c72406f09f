#include "report/html_internal.h"

/* Each text has a contrast of 4.5 to 1 or more against what it stands on. */
static const char *const style[] = {
	":root{color-scheme:light "
	"dark;--page:#fff;--card:#f6f7f9;--line:#dfe3e8;--text:#1c2128;"
	"--soft:#59636e;--link:#0b57d0;--broken:#b3261e;--unreachable:#8a4600;--moved:#"
	"0b57d0;"
	"--gated:#6a3fb5;--skipped:#59636e;--ok:#19692c}\n"
	"@media screen and "
	"(prefers-color-scheme:dark){:root{--page:#14171c;--card:#1c2027;"
	"--line:#333a44;--text:#e3e7ec;--soft:#a2abb6;--link:#8ab4f8;--broken:#ff9089;"
	"--unreachable:#ffb870;--moved:#8ab4f8;--gated:#c9b1ff;--skipped:#a2abb6;"
	"--ok:#7bd88f}}\n",
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;max-width:62rem;padding:2rem 1.25rem "
	"4rem;background:var(--page);"
	"color:var(--text);font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,"
	"\"Helvetica Neue\",\"Noto Sans\",sans-serif;overflow-wrap:anywhere}\n"
	"h1{font-size:1.1rem;font-weight:600;color:var(--soft);margin:0}\n"
	"h2{font-size:1.05rem;font-weight:600;margin:2.5rem 0 .5rem}\n"
	"p{margin:0}a{color:var(--link)}svg{width:1em;height:1em;flex:none;fill:none;"
	"stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}\n"
	".lead{font-size:1.75rem;line-height:1.25;font-weight:650;margin:.25rem 0 .5rem;"
	"text-wrap:balance}.soft{color:var(--soft)}\n"
	".tally{display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;margin:1.25rem 0 0;"
	"padding:0}\n"
	".tally li{display:flex;align-items:center;gap:.45rem;padding:.3rem .7rem;"
	"border:1px solid var(--line);border-radius:99px;background:var(--card)}\n"
	".tally b{font-variant-numeric:tabular-nums}\n",
	".links{list-style:none;margin:0;padding:0;border-top:1px solid var(--line)}\n"
	".links li{display:grid;grid-template-columns:8.5rem 1fr auto;gap:0 1rem;"
	"padding:.7rem 0;border-bottom:1px solid var(--line);content-visibility:auto;"
	"contain-intrinsic-size:auto 4.5rem}\n"
	".mark{display:flex;align-items:center;gap:.5rem;font-weight:600;align-self:"
	"start}\n"
	".url{font-weight:550}.at{color:var(--soft);font-variant-numeric:tabular-nums;"
	"white-space:nowrap}\n"
	".said b{font-weight:600}.label,.more{color:var(--soft);font-size:.9rem}\n"
	".broken .mark,.tally .broken svg{color:var(--broken)}"
	".unreachable .mark,.tally .unreachable svg{color:var(--unreachable)}"
	".moved .mark,.tally .moved svg{color:var(--moved)}"
	".gated .mark,.tally .gated svg{color:var(--gated)}"
	".skipped .mark,.tally .skipped svg{color:var(--skipped)}"
	".ok .mark,.tally .ok svg{color:var(--ok)}\n"
	".wide{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem;"
	"font-variant-numeric:tabular-nums}th,td{text-align:right;padding:.25rem .6rem;"
	"border-bottom:1px solid var(--line);white-space:nowrap}th{color:var(--soft);"
	"font-weight:600}th:first-child,td:first-child{text-align:left}\n"
	"footer{margin-top:3rem;color:var(--soft);font-size:.9rem}\n",
	"@media (max-width:40rem){body{padding-top:1.25rem}.lead{font-size:1.4rem}"
	".links li{grid-template-columns:1fr auto}.links .body{grid-column:1/-1}"
	".links .at{grid-row:1;grid-column:2}}\n"
	"@media print{body{max-width:none;padding:0;font-size:10pt}"
	".links li{break-inside:avoid;content-visibility:visible}h2{break-after:avoid}"
	".tally li{background:none}}\n",
};

/* By outcome; each can be told from the others without its colour. */
static const char shapes[] =
	"<svg width=\"0\" height=\"0\" style=\"position:absolute\" "
	"aria-hidden=\"true\">\n"
	"<symbol id=\"shape-broken\" viewBox=\"0 0 16 16\">"
	"<path d=\"M3.5 3.5l9 9m0-9l-9 9\"/></symbol>\n"
	"<symbol id=\"shape-unreachable\" viewBox=\"0 0 16 16\">"
	"<path d=\"M8 2.2L14.5 13.5h-13zM8 6.5v3M8 11.6v.1\"/></symbol>\n"
	"<symbol id=\"shape-moved\" viewBox=\"0 0 16 16\">"
	"<path d=\"M2 8h11.5M9 3.5L13.5 8 9 12.5\"/></symbol>\n"
	"<symbol id=\"shape-gated\" viewBox=\"0 0 16 16\">"
	"<path d=\"M3 7.5h10v6.5H3zM5.2 7.5V5a2.8 2.8 0 0 1 5.6 0v2.5\"/></symbol>\n"
	"<symbol id=\"shape-skipped\" viewBox=\"0 0 16 16\"><path d=\"M3 "
	"8h10\"/></symbol>\n"
	"<symbol id=\"shape-ok\" viewBox=\"0 0 16 16\">"
	"<path d=\"M2.5 8.5l3.5 3.5 7.5-8\"/></symbol>\n"
	"<symbol id=\"shape-unchecked\" viewBox=\"0 0 16 16\">"
	"<circle cx=\"8\" cy=\"8\" r=\"5.5\" stroke-dasharray=\"1.5 3\"/></symbol>\n"
	"</svg>\n";

void html_begin(struct buffer *out)
{
	buffer_add_text(out,
		"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" "
		"content=\"width=device-width,initial-scale=1\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
		"'none'; "
		"style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"referrer\" content=\"no-referrer\">\n"
		"<meta name=\"robots\" content=\"noindex\">\n"
		"<title>Link report</title>\n<style>\n");
	for (size_t i = 0; i < sizeof(style) / sizeof(style[0]); i++)
		buffer_add_text(out, style[i]);
	buffer_add_text(out, "</style>\n</head>\n<body>\n");
	buffer_add_text(out, shapes);
}
