/* check/since: the file of --new-since, whatever it is.
 *
 * A report of an earlier run, or a history (told by its first bytes), which is opened to
 * read and may be the one that this run extends: then it counts as it was before.
 */
#pragma once

#include "report/baseline.h"

/* Never of what is no regular file. */
bool since_is_database(const char *path);

/* Takes what failed there, by outcomes whose bits are in `failing`; of a history only
 * what stands in a document today. -1 with a sentence
 * that names the option and the file: it is missing, or neither of the two. */
int since_read(struct baseline *baseline, const char *path, uint32_t failing,
	struct error *error);
