/* extract/html_text: what HTML's characters mean.
 *
 * Character references by the HTML standard's rules, with its names (cmark-gfm's table);
 * of the few that stand for two characters the first is taken. Invalid UTF-8 and NULs
 * pass through.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

/* The character reference that `text` begins with: its length in the text, 0 where there
 * is none, and the character it means. In an attribute "&copy=" is no reference. */
size_t html_reference(struct slice text, bool attribute, uint32_t *ret_code_point);

/* Appends an attribute's value, decoded: never longer than `raw`. */
void html_add_value(struct buffer *out, struct slice raw);

/* Appends text, decoded, each run of white space as one space, none at the beginning of
 * `out`. Stops when `out` holds `bytes_max`, or up to three bytes more; returns how much
 * of `raw` was used. */
size_t html_add_text(struct buffer *out, struct slice raw, size_t bytes_max);

/* Appends text, decoded, in one line: without its line breaks and tabs, but with all of
 * its spaces. */
void html_add_line(struct buffer *out, struct slice raw);

/* The character of a byte in windows-1252. */
uint32_t html_windows_1252(unsigned char byte);

/* Both parts of a refresh declaration ("5; url=x") by the standard's shared declarative
 * refresh steps; *ret_url is a view into `content`, empty for the page itself. False
 * where it declares nothing. */
bool html_parse_refresh(
	struct slice content, int32_t *ret_delay_s, struct slice *ret_url);
