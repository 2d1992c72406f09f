/* store/link: a link's row, put together from what is not stored twice. */
#pragma once

#include "base/arena.h"
#include "store/links.h"
#include "store/store_internal.h"
#include "store/sweep_internal.h"

enum { HASH_HTTP = 1, HASH_OTHER = 2, HASH_URL = 3, HASH_HOST = 4 };

/* The parts of an http link's URL. */
struct slice link_request_key(struct slice url);
/* What the fragment is where none is stored. */
struct slice link_fragment_of(enum link_kind kind, struct slice url);

int64_t link_key_hash(const struct store *store, enum link_kind kind, struct slice url);
/* 32 bits; the owner is 0 for http links. */
int64_t link_url_hash(const struct store *store, struct slice url, int64_t owner);
