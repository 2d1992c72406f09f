/* ask/limits: when a link is called dead or moved, as it is configured. */
#pragma once

#include "config/config.h"
#include "watch/health.h"

/* `config` NULL: the defaults of the interfaces, section 1.4. */
static inline struct health_limits limits_of(const struct config *config)
{
	struct health_limits limits = health_limits_default();
	if (config == NULL)
		return limits;
	limits.strikes = config->confirm.strikes;
	limits.span_ms = config->confirm.span_ms;
	limits.unreachable_span_ms = config->confirm.unreachable_span_ms;
	limits.early_strikes = config->confirm.early_strikes;
	limits.early_span_ms = config->confirm.early_span_ms;
	limits.moved_checks = config->confirm.moved_checks;
	limits.moved_span_ms = config->confirm.moved_span_ms;
	return limits;
}
