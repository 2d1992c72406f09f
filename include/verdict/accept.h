/* verdict/accept: which status codes the user takes for good (`--accept
 * '200..=204,403'`).
 *
 * lychee's syntax: numbers and ranges, separated by commas; `a..=b` includes b, `a..b`
 * does not, either end may be missing (100 and 999 are the ends of the world).
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"

enum { ACCEPT_STATUS_MAX = 1000 };

struct accept {
	bool given; /* false: the ordinary rules decide */
	uint8_t status[(ACCEPT_STATUS_MAX + 7) / 8];
};

int accept_parse(struct slice text, struct accept *ret_accept, struct error *error);
bool accept_has(const struct accept *accept, int status);
