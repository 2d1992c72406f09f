/* format/formats: the forms that commands can write (--format, -f).
 *
 * No command writes all of them; each names the set that it has, and so the error for any
 * other one says what may be chosen.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

#define FORMATS(X)                                                                       \
	X(TEXT, "text")                                                                  \
	X(JSON, "json")                                                                  \
	X(MARKDOWN, "markdown")                                                          \
	X(HTML, "html")                                                                  \
	X(CSV, "csv")                                                                    \
	X(JUNIT, "junit")                                                                \
	X(SARIF, "sarif")                                                                \
	X(GITHUB, "github")                                                              \
	X(ATOM, "atom")                                                                  \
	X(MAIL, "mail")

#define FORMAT_ENUM(name, text) FORMAT_##name,
enum format { FORMATS(FORMAT_ENUM) };
#undef FORMAT_ENUM

typedef uint32_t format_set;
#define FORMAT_SET(format) (UINT32_C(1) << (format))

/* What status and why write. */
#define FORMATS_FOR_PEOPLE                                                               \
	(FORMAT_SET(FORMAT_TEXT) | FORMAT_SET(FORMAT_JSON) | FORMAT_SET(FORMAT_MARKDOWN))

const char *format_text(enum format format);

/* One of `choice` by its name; -1 and "--format x: unknown; choose text, json or
 * markdown". */
int format_choose(struct slice text, format_set choice, enum format *ret_format,
	struct error *error);
