/* extract/plain_dialect_internal: the kinds of text whose code and comments are known,
 * each a byte or a line at a time. Whatever looks ahead either finds what it looks for,
 * and all until there is passed over, or remembers that it is not there: the work is
 * linear. What nobody ends does not hide the rest of the document. */
#pragma once

#include "extract/plain_internal.h"

/* The line that begins at `at`, without the space at its end. */
struct slice dialect_line(struct slice bytes, size_t at);

/* Where the line ends that `at` is in. */
size_t dialect_line_end(struct dialect *dialect, size_t at);

/* Behind an odd number of backslashes. A run of them is walked through. */
bool dialect_is_escaped(struct slice bytes, size_t at);

/* A letter, a digit or "_", or a byte of a character beyond ASCII. */
bool dialect_is_word(char c);

void tex_step(struct dialect *dialect);
bool tex_ends(const struct dialect *dialect, size_t at);
/* The bytes of an escape at the beginning of `text`, and what it means; 0: there is none.
 * ("\_", "{_}", "\textasciitilde", "\string~", "$\sim$") */
size_t tex_escape(struct slice text, char *ret_meant);
/* Whether `front` ends with a command or a field that is given an address. */
bool tex_takes_address(struct slice front);

/* A line begins at `at`. */
void asciidoc_line(struct dialect *dialect, size_t at);
void rst_line(struct dialect *dialect, size_t at);
void org_line(struct dialect *dialect, size_t at);

bool asciidoc_is_code(const struct dialect *dialect, size_t begin);
bool asciidoc_ends(const struct dialect *dialect, size_t at);

/* For every other byte. */
void rst_step(struct dialect *dialect);
void org_step(struct dialect *dialect);
