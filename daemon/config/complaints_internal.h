/* config/complaints_internal: what is wrong with the files, each with its place.
 *
 * Gathered while reading goes on, so that a person sees all faults of his files at once;
 * sorted by place at the end, because some are only seen later (a key that is missing).
 * Beyond CONFIG_ERRORS_MAX they are only counted.
 */
#pragma once

#include "config/config.h"

struct complaints {
	struct config_errors *errors;
	struct config_place places[CONFIG_ERRORS_MAX];
	const char *const *names; /* of the files, in their order; as in places */
	uint32_t name_count;
};

void complain(struct complaints *complaints, struct config_place place,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Where a whole file is meant. */
struct config_place place_of_file(const char *file);

void complaints_sort(struct complaints *complaints);

/* A value as an error shows it: short, and harmless in one line. */
enum { SHOWN_SIZE = 72 };
const char *shown(struct slice text, char out[static SHOWN_SIZE]);
