/* base/error: why an operation could not be done, in one line for a person.
 *
 * For operating errors only (a file that cannot be read, a wrong option): what, where and
 * the remedy. A failed check of a link is no error but a value (model/observation.h), and
 * an impossible state is an assert. A function that takes `struct error *` returns 0, or
 * -1 with the text filled in. The text is not escaped for a terminal: whoever prints it
 * does that (base/utf8.h).
 */
#pragma once

struct error {
	char text[640];
};

/* Always -1, so that a caller can write `return error_set(...)`. NULL is allowed. */
int error_set(struct error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
