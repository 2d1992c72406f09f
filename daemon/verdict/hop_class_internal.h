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
struct slice url_last_segment(struct slice path); /* that is not empty */

/* --- by their words (url_words.c) --- */

/* "en", "pt-br": a language that sites offer. */
bool word_is_locale(struct slice word);

/* "?return=%2Fforum" */
bool url_has_return_address(const struct url *url);

/* A page to log in at, to agree to cookies, or to show that one is no robot. */
bool url_is_login(const struct url *url);
bool url_is_login_page(const struct url *url); /* whatever its directory is */
bool url_is_consent(const struct url *url);
bool url_is_challenge(const struct url *url);
