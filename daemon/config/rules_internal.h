/* config/rules_internal: what concerns more than one key.
 */
#pragma once

#include "base/arena.h"
#include "config/complaints_internal.h"
#include "config/config.h"
#include "config/keys_internal.h"

/* Defaults that are another key's value, then what contradicts each other. The arrays are
 * still the reader's own, so that they may be filled in. */
void rules_apply(struct config *config, struct config_list *lists,
	struct config_host *hosts, struct complaints *complaints);

/* One receiver: the keys its type needs, and those that mean nothing with it. */
void rules_check_notify(
	const struct config *config, uint32_t index, struct complaints *complaints);

/* The group of a key at the top. */
const struct key_group *rules_group(const char *name);

/* Where a key of a group was written, for a sentence about it; or else where the group's
 * first key was. */
struct config_place rules_place(
	const struct key_group *group, const void *values, const char *name);
