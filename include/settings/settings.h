/* settings/settings: options as the rooms below want them.
 *
 * Everything that has a syntax of its own is read here, before anything is opened: a
 * wrong option ends the program before it has done anything. Slices point into argv.
 */
#pragma once

#include "base/arena.h"
#include "probe/prober.h"
#include "report/report.h"
#include "settings/filter.h"
#include "settings/options.h"
#include "verdict/accept.h"

struct settings {
	struct arena arena; /* of the lists below */
	enum format format;
	uint32_t fail_on; /* bit per outcome */
	struct accept accept;
	struct filter include, exclude, exclude_path;
	struct prober_config probing;
	struct slice github_token; /* empty: none */
	const char *step_summary;  /* the file that --format github adds to; NULL: none */
};

/* -1 with a sentence that names the option and the remedy; settings_fini in both cases.
 */
int settings_init(
	struct settings *settings, const struct options *options, struct error *error);
void settings_fini(struct settings *settings);

/* Whether a link is to be left alone (--include, --exclude): lychee's rule. What is
 * included is checked; with includes and no excludes nothing else is; otherwise what is
 * excluded is not. */
bool settings_excludes(const struct settings *settings, struct slice url);
