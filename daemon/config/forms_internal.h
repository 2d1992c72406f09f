/* config/forms_internal: the syntax of values that are text with a form.
 *
 * What can be told from the text alone; whether a host exists or a file is there is not
 * asked. Rooms that read such a value again (policy/address.h, probe) need not expect
 * more than is let through here, and may be stricter.
 */
#pragma once

#include "base/error.h"
#include "base/slice.h"

struct form {
	const char *expected; /* "an address ... such as ..." */
	/* On false *why may hold a better sentence than `expected`; it ends the error. */
	bool (*fits)(struct slice text, struct error *why);
};

#define FORMS(X)                                                                         \
	X(text)                                                                          \
	X(path)                                                                          \
	X(database)                                                                      \
	X(secret)                                                                        \
	X(contact)                                                                       \
	X(name)                                                                          \
	X(source)                                                                        \
	X(pattern)                                                                       \
	X(agent)                                                                         \
	X(match)                                                                         \
	X(resolver)                                                                      \
	X(connect_to)                                                                    \
	X(range)                                                                         \
	X(port)                                                                          \
	X(proxy)                                                                         \
	X(web_url)                                                                       \
	X(listen)                                                                        \
	X(mail)                                                                          \
	X(server)                                                                        \
	X(topic)                                                                         \
	X(repository)                                                                    \
	X(quiet)

#define FORM_EXTERN(form_name) extern const struct form form_##form_name;
FORMS(FORM_EXTERN)
#undef FORM_EXTERN
