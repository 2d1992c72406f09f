/* message/json: jansson's values, built so that a failure is noticed once, at the end.
 *
 * Each function takes over the value it is given, as jansson's *_new functions do; NULL
 * is passed on. Texts are made printable and cut: none can make a value fail. */
#pragma once

#include <jansson.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

/* Printable, at most `bytes_max` bytes. */
json_t *json_line(struct slice text, size_t bytes_max);

/* As it stands; it must be UTF-8. */
json_t *json_whole(const struct buffer *text);

/* Compact, appended. Takes `value` over. -1: NULL, or no memory. */
int json_finish(json_t *value, struct buffer *out, struct error *error);
