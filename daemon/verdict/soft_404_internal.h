/* verdict/soft_404, inside: which parts of a URL may be the address of its page. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "model/url.h"

/* 206 answers our own wish for the beginning of a page. */
static inline bool is_page_status(int status)
{
	return status == 200 || status == 206;
}

struct address {
	struct url url;         /* as it is asked for; the rest are views into its href */
	struct slice number;    /* a segment that is a number, before the last */
	struct slice stem;      /* of the last segment; empty: it says nothing */
	struct slice extension; /* with its dot */
	struct slice name, value; /* of a parameter; empty: none */
};

/* False for a front page and whatever else has no siblings. */
bool address_find(struct arena *arena, struct slice text, struct address *ret_address);
