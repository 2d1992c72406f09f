/* message/webhook: a message as one HTTP request for a chat, a push service or a hook.
 *
 * Each provider has its own size limits, kept here in bytes (never fewer than the
 * characters they count), and one function that makes foreign text harmless by its rules:
 * no formatting that matters, no links that were not meant, no mention (@everyone,
 * <!channel>, @user) that rings anywhere. Where and with which secret it is sent is not
 * known here: `path` is what comes behind the receiver's base URL, and `auth` says how
 * the secret goes along.
 *
 * GitHub's issue is a talk of several requests: message/issue.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "message/content.h"

#define WEBHOOK_KINDS(X)                                                                 \
	X(SLACK, "slack")                                                                \
	X(DISCORD, "discord")                                                            \
	X(TEAMS, "teams")                                                                \
	X(MATTERMOST, "mattermost")                                                      \
	X(MATRIX, "matrix")                                                              \
	X(NTFY, "ntfy")                                                                  \
	X(TELEGRAM, "telegram")                                                          \
	X(ALERTMANAGER, "alertmanager")                                                  \
	X(GENERIC, "webhook")

#define WEBHOOK_KIND_ENUM(name, text) WEBHOOK_##name,
enum webhook_kind { WEBHOOK_KINDS(WEBHOOK_KIND_ENUM) };
#undef WEBHOOK_KIND_ENUM
#define WEBHOOK_KIND_ONE(name, text) +1
enum { WEBHOOK_KIND_COUNT = WEBHOOK_KINDS(WEBHOOK_KIND_ONE) };
#undef WEBHOOK_KIND_ONE

const char *webhook_kind_text(enum webhook_kind kind);

enum webhook_method { WEBHOOK_POST, WEBHOOK_PUT, WEBHOOK_PATCH, WEBHOOK_GET };

enum webhook_auth {
	WEBHOOK_AUTH_NONE,     /* the URL is the secret */
	WEBHOOK_AUTH_BEARER,   /* Authorization: Bearer TOKEN, where there is a token */
	WEBHOOK_AUTH_TELEGRAM, /* "/botTOKEN" between base URL and path */
};

struct webhook_request {
	enum webhook_method method;
	enum webhook_auth auth;
	struct buffer path; /* behind the base URL: empty, or from a slash on */
	struct buffer body; /* JSON; empty with GET */
};

/* Sets the ceilings; takes no memory. */
void webhook_request_init(struct webhook_request *request);
void webhook_request_fini(struct webhook_request *request);

struct webhook_settings {
	enum webhook_kind kind;
	struct slice room;     /* matrix: !id:server */
	struct slice chat;     /* telegram: a number or @channel */
	struct slice topic;    /* ntfy */
	struct slice template; /* generic: the bytes of the template; empty: our own JSON
				*/
	const char *generator; /* "linkrotd 0.1.0" */
	/* alertmanager: what is dead ends by itself after that, unless it is repeated. */
	time_ms hold_ms;
};

/* Replaces what is in *ret_request. -1: a template that cannot be used, no memory. */
int webhook_write(const struct message *message, const struct webhook_settings *settings,
	struct webhook_request *ret_request, struct error *error);

/* A template is JSON in which {{name}} within a text stands for a value of the message. A
 * text that is nothing but one {{name}} becomes the value itself: a number, or for
 * {{items}} an array. Only texts are looked at, never keys, and values are put into the
 * parsed JSON, so that none can end a text. Names: id at subject text list title sentence
 * page_url died recovered moved still_dead items. -1 with the place or the unknown name;
 * at most 64 KiB and 32 levels. */
enum { WEBHOOK_TEMPLATE_BYTES_MAX = 64 * 1024 };
int webhook_check_template(struct slice template, struct error *error);
