/* model/identity: what a written destination is.
 *
 * Turns the destination of a mention into the kind and identity of a link, by its text
 * alone: a network URL, an in-document anchor, a path on disk, a mail address or
 * something else. Spellings that cannot work are decided here (bad_url, missing_scheme,
 * unsupported_scheme) with the repair a person would make.
 */
#pragma once

#include "base/arena.h"
#include "model/link.h"
#include "model/url.h"

/* `base` is the URL of the source itself when it came from the network (or of its
 * <base href>), NULL for a file on disk. With a base, relative destinations become http
 * links; without one, "#x" is an anchor and other relative destinations are paths: kind
 * FILE with url as written, reason OK. A path that could just as well be a host without
 * its scheme ("arxiv.org/abs/1") carries the repaired URL as suggestion: whoever sees the
 * disk decides that it is missing_scheme when there is no such file.
 *
 * An empty destination names the document itself: an anchor with an empty fragment.
 * "//host/x" is https where there is no base. What a browser parses is never changed (but
 * for "http://https://…", whose host can be nobody's); a suggestion beside reason OK then
 * says what was more likely meant ("…/x)," or an invisible character), for when the check
 * finds nothing. What is no http link is kept as written, cut to URL_BYTES_MAX and
 * without userinfo.
 *
 * All slices of *ret_identity are in the arena or in `destination`. -1: arena exhausted.
 */
int identify(struct arena *arena, struct slice destination, const struct url *base,
	struct link_identity *ret_identity);

/* A URL as it stands in running text, without what is around it by accident: quotes and
 * blanks, brackets that do not pair, commas, and the marks of CJK text. A part of `text`.
 */
struct slice identity_trim(struct slice text);
