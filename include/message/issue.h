/* message/issue: one living issue on GitHub for each list.
 *
 * The issue is found by a label (which only people with rights in the repository can set)
 * and a hidden marker in its text, is updated in place, closed when nothing is dead and
 * opened again when something is. A talk of a few requests, as a state machine: begin
 * gives the first request, each answer gives the next one or the end. Asked again after a
 * lost answer it finds what it made, so nothing is made twice. The label is made first:
 * without it the issue would not be found again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "message/content.h"
#include "message/retry.h"
#include "message/webhook.h"

enum {
	ISSUE_BODY_BYTES_MAX = 60000, /* GitHub takes 65,536 characters */
	ISSUE_PAGES_MAX = 10,         /* of 100 issues with our label each */
	ISSUE_ANSWER_BYTES_MAX = 8 << 20,
};

struct issue_settings {
	struct slice repository; /* OWNER/NAME */
	struct slice list;       /* the list's name: the marker */
	struct slice title;      /* of the issue */
	struct slice body;       /* Markdown, from issue_body */
	bool open;               /* something is dead */
};

enum issue_stage { ISSUE_FIND, ISSUE_LABEL, ISSUE_CREATE, ISSUE_UPDATE, ISSUE_END };

struct issue_talk {
	struct issue_settings settings; /* the caller's slices */
	enum issue_stage stage;
	uint32_t page;
	int64_t number; /* of the issue; 0: not found */
};

/* The Markdown of a message for the issue, with the marker of `list`, cut to the limit.
 */
void issue_body(const struct message *message, struct slice list, struct buffer *out);
/* "Links of TITLE: 3 dead", harmless, at most 200 bytes. */
void issue_title(struct slice title, uint32_t dead, struct buffer *out);

/* False: a repository that is not OWNER/NAME. */
bool issue_repository_fits(struct slice repository);

/* The first request; -1: no memory. */
int issue_begin(struct issue_talk *talk, const struct issue_settings *settings,
	struct webhook_request *ret_request, struct error *error);

struct issue_turn {
	bool ended;             /* else *ret_request is to be sent */
	enum retry_class class; /* how it ended */
};

/* What follows from an answer: its status, its wish to wait (-1: none) and its whole
 * body. -1: no memory. The sentence is set where the class is not DONE. */
int issue_next(struct issue_talk *talk, int status, time_ms retry_after_ms,
	struct slice answer, struct webhook_request *ret_request,
	struct issue_turn *ret_turn, struct error *sentence);
