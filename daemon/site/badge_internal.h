/* site/badge: what its files share.
 */
#pragma once

#include "site/badge.h"

const char *badge_colour_text(enum badge_colour colour); /* "brightgreen" */
uint32_t badge_colour_rgb(enum badge_colour colour);     /* 0xrrggbb */

/* Whether text on it is to be dark: shields' rule, brightness above 0.69 where red weighs
 * 0.299, green 0.587 and blue 0.114. */
bool badge_is_bright(uint32_t rgb);
