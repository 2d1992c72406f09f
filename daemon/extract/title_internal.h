/* extract/title_internal: which texts name nothing. */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* "Paper", "[pdf]", "read more", "https://…", "1", an emoji, nothing at all. */
bool title_is_generic(struct slice text);
