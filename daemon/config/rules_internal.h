/* config/rules_internal: what concerns more than one key.
 */
#pragma once

#include "base/arena.h"
#include "config/complaints_internal.h"

/* Defaults that are another key's value, then what contradicts each other. The arrays are
 * still the reader's own, so that they may be filled in. */
void rules_apply(struct config *config, struct config_list *lists,
	struct config_host *hosts, struct complaints *complaints);
