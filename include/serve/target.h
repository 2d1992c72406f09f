/* serve/target: the request target taken apart, in one place.
 *
 * Percent escapes are undone here and nowhere else, and once. A path is handed on as its
 * decoded segments, so that an escaped slash stays part of its segment: `/lists/a%2Fb`
 * has the segments "lists" and "a/b". Besides origin-form, absolute-form is read
 * (`http://host/path`), because a server must (RFC 9112 3.2.2): what is sent through a
 * proxy may arrive so. Its scheme and authority are passed over like any Host header, for
 * there is one site here. What is refused is refused whole, because whoever sends it is
 * no browser: the other forms (CONNECT's authority, `*`), an authority that is empty or
 * has userinfo, bytes outside printable ASCII, fragments, escapes that are none, `//`,
 * `.` and `..` (escaped or not), and what decodes to NUL, other control characters or no
 * UTF-8.
 *
 * Pure: bytes in, values out. All text belongs to the arena.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"

enum {
	SERVE_TARGET_BYTES_MAX = 4096, /* longer ones are answered with 414 */
	SERVE_SEGMENTS_MAX = 8,        /* no address here is deeper: 404 */
	SERVE_ARGUMENTS_MAX = 32       /* more are passed over, and that is said */
};

struct serve_argument {
	struct slice name, value; /* decoded, `+` is a space */
};

struct serve_target {
	/* As they were sent, escapes in them, without scheme and authority. Also of a
	 * target that is refused, where it began like one: then any bytes, and cut. */
	struct slice raw_path, raw_query;
	struct slice segments[SERVE_SEGMENTS_MAX];
	unsigned segment_count;  /* "/" has none */
	bool is_directory;       /* ends with a slash; that is no segment */
	unsigned argument_count; /* names may repeat */
	bool has_more_arguments; /* than there is room for */
	struct serve_argument arguments[SERVE_ARGUMENTS_MAX];
};

/* The status to refuse it with, or 0. 400, 404 (too deep), 414, or 503 (no memory). */
int serve_target_parse(
	struct slice text, struct arena *arena, struct serve_target *ret_target);

/* What may stand in a Host header or in front of an absolute form's path: a reg-name or
 * an address in brackets, and a port. Empty is fine. */
bool serve_target_is_host(struct slice host);

/* The path fits a pattern such as "/api/v1/lists" or "/lists/?/feed.atom", in which `?`
 * is any one segment. Compared segment by segment, decoded; a slash at the end of either
 * makes it another path. */
bool serve_target_fits(const struct serve_target *target, const char *pattern);

/* The value of the first argument of that name; false when there is none. Others are
 * ignored everywhere: proxies of images and cache busters append what they like. */
bool serve_target_argument(
	const struct serve_target *target, const char *name, struct slice *ret_value);
