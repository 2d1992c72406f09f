/* verdict/hop_class, inside: what parts of a URL are for. */
#pragma once

#include <stdbool.h>

#include "model/url.h"

/* The front page of a site, also of one language, with nothing in its query that could
 * address a page. */
bool url_is_front(const struct url *url);

/* Whether a parameter ("id=5") may say which page is meant: not one of tracking, of a
 * session or of the language. */
bool url_parameter_addresses(struct slice parameter);

/* The next segment of a path, its slash taken off; false at the end. */
bool url_next_segment(struct slice *path, struct slice *ret_segment);

/* By its words: a page to log in at, or to agree to cookies. */
bool url_is_login(const struct url *url);
bool url_is_consent(const struct url *url);
