/* ledger/ledger_internal: the steps of reading a ledger.
 */
#pragma once

#include "ledger/ledger.h"
#include "store/lists.h"

#define MS_PER_MIN (60 * TIME_MS_PER_S)

/* So that a sort's key has 32 bits, three of them for a rank. */
enum { MINUTES_MAX = (1 << 29) - 1 };

struct ledger_list *ledger_named(struct ledger *ledger, struct slice name);

/* The place of a link, or of the first one behind it. */
uint32_t ledger_first_from(const struct ledger *ledger, int64_t link_id);

/* members.c: which links stand on lists that share a bit. */
int ledger_read_members(struct ledger *ledger, struct store *store, struct error *error);

/* orders.c: after the members. -1: no memory. */
int ledger_make_orders(struct ledger *ledger);

/* news.c: last. */
int ledger_read_news(struct ledger *ledger, struct store *store,
	const struct ledger_reading *wish, struct error *error);
