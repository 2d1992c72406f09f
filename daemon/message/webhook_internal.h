/* message/webhook: what its files share: one function a provider, each giving the body's
 * JSON (NULL: no memory). */
#pragma once

#include "message/json_internal.h"
#include "message/webhook.h"

/* webhook.c */
json_t *webhook_slack(const struct message *message);
json_t *webhook_discord(const struct message *message);
json_t *webhook_teams(const struct message *message);
json_t *webhook_mattermost(const struct message *message);
json_t *webhook_matrix(const struct message *message);
json_t *webhook_ntfy(const struct message *message, struct slice topic);
json_t *webhook_telegram(const struct message *message, struct slice chat);

/* webhook_machine.c: for programs, every item with all its fields */
json_t *webhook_alertmanager(const struct message *message, time_ms hold_ms);
json_t *webhook_generic(const struct message *message, const char *generator);
json_t *webhook_items(const struct message *message);

/* webhook_template.c; NULL with the error set. */
json_t *webhook_fill(
	const struct message *message, struct slice template, struct error *error);
