/* policy/method: HEAD or GET, learned per host.
 *
 * GET is the rule, because titles, soft 404s and anchors are in the body. HEAD is for
 * files whose bytes nobody reads (PDF, archives, images, weights), and only at hosts
 * that have shown that their HEAD and GET agree: some servers answer HEAD with 200, some
 * with 404, whatever is asked for (Repology keeps a list of them by hand).
 *
 * HEAD is never the last word against a link (interfaces, 1.2): anything but its success
 * is asked again with GET, which is the business of policy/retry. For a link it is the
 * last word only once the host is trusted, and a page where a file was asked for is
 * always read with GET. Files that are there show only that HEAD says yes where GET does;
 * so it is believed when it has also said no, to a file whose name was made up.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* Zeroed: nothing known. */
struct method_record {
	uint8_t agreed; /* METHOD_TRUSTED: HEAD is believed */
	bool get_only;  /* for good */
};

enum method_plan {
	METHOD_PLAN_GET,
	METHOD_PLAN_HEAD_THEN_GET, /* to learn: GET has the last word */
	METHOD_PLAN_PROVE_FIRST,   /* HEAD for a made-up file beside it; then plan anew */
	METHOD_PLAN_HEAD,
};

enum {
	METHOD_AGREED_MIN = 2, /* agreements after which a made-up file is asked for */
	METHOD_TRUSTED = METHOD_AGREED_MIN + 1,
	METHOD_LINKS_MIN = 3, /* links of a host for which learning pays */
};

/* `path` is that of the URL, with or without its query. `body_wanted`: its title, text or
 * anchors are of use. `links_waiting`: how many links to such files the run still has for
 * this host, this one included; below METHOD_LINKS_MIN nothing is gained by learning. */
enum method_plan method_plan(const struct method_record *record, struct slice path,
	bool body_wanted, uint32_t links_waiting);

/* After HEAD and GET of the same URL, their statuses; 0: no answer. Both successful or
 * both not is an agreement; one of them, or a redirect of either, makes the host
 * GET-only: a redirect of HEAD is asked again with GET in any case, so that at a host
 * whose files are elsewhere HEAD is a request more. A GET without an answer, or one
 * refused for load (429, 503), teaches nothing. */
void method_learn(struct method_record *record, int head_status, int get_status);

/* After HEAD of a file that is not there; 0: no answer, or it may not be asked for. A
 * success makes the host GET-only, unless it is a `page`: where a file was asked for
 * those are read anyway. So do no answer and one for load: such a question is not put
 * twice, and a GET never lies. */
void method_learn_made_up(struct method_record *record, int head_status, bool page);

/* A success was a page where a file was asked for: at this host the bytes are of use. */
void method_learn_page(struct method_record *record);
