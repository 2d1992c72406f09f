#include "verdict/accept.h"

enum { STATUS_FIRST = 100, STATUS_LAST = ACCEPT_STATUS_MAX - 1 };

#define SEE_SYNTAX "write codes and ranges such as 200..=204,403"

static int read_status(
	struct slice digits, unsigned max, unsigned *ret_status, struct error *error)
{
	uint64_t number;

	if (!slice_to_number(digits, UINT32_MAX, &number))
		return error_set(error,
			"--accept: '%.*s' is not a status code; " SEE_SYNTAX,
			(int)(digits.len < 40 ? digits.len : 40), digits.at);
	if (number < STATUS_FIRST || number > max)
		return error_set(error,
			"--accept: %.*s is outside the status codes %d to %d",
			(int)(digits.len < 40 ? digits.len : 40), digits.at, STATUS_FIRST,
			STATUS_LAST);
	*ret_status = (unsigned)number;
	return 0;
}

/* [first, end) of "a..b", "a..=b", "..b", "a.." or ".."; `dots` is where they are. */
static int read_range(struct slice item, size_t dots, unsigned *ret_first,
	unsigned *ret_end, struct error *error)
{
	struct slice left = slice_trim(slice_sub(item, 0, dots));
	struct slice right = slice_sub(item, dots + 2, item.len);
	bool inclusive = slice_starts(right, SLICE("="));
	unsigned first = STATUS_FIRST, end = ACCEPT_STATUS_MAX;

	right = slice_trim(slice_sub(right, inclusive ? 1 : 0, right.len));
	if (inclusive && right.len == 0)
		return error_set(error, "--accept: '%.*s' has no end after '..='",
			SLICE_ARG(item));
	if (left.len > 0 && read_status(left, STATUS_LAST, &first, error) != 0)
		return -1;
	if (right.len > 0 &&
		read_status(right, inclusive ? STATUS_LAST : ACCEPT_STATUS_MAX, &end,
			error) != 0)
		return -1;
	end += inclusive ? 1 : 0;
	if (first >= end)
		return error_set(error,
			"--accept: the range '%.*s' is empty: its end is not above its "
			"start",
			SLICE_ARG(item));
	*ret_first = first;
	*ret_end = end;
	return 0;
}

static int read_item(struct slice item, struct accept *accept, struct error *error)
{
	size_t dots = slice_find(item, SLICE(".."));
	unsigned first = 0, end = 0;

	if (item.len == 0)
		return error_set(
			error, "--accept: an empty entry in the list; " SEE_SYNTAX);
	if (item.len > 40)
		return error_set(
			error, "--accept: '%.40s…' is too long; " SEE_SYNTAX, item.at);
	if (dots == SLICE_NONE) {
		if (read_status(item, STATUS_LAST, &first, error) != 0)
			return -1;
		end = first + 1;
	} else if (read_range(item, dots, &first, &end, error) != 0) {
		return -1;
	}
	for (unsigned status = first; status < end; status++)
		accept->status[status / 8] |= (uint8_t)(1u << status % 8);
	return 0;
}

int accept_parse(struct slice text, struct accept *ret_accept, struct error *error)
{
	struct accept accept = { .given = true };
	struct slice rest = slice_trim(text), item;

	if (rest.len == 0)
		return error_set(error, "--accept: the list is empty; " SEE_SYNTAX);
	while (slice_split(&rest, ',', &item))
		if (read_item(slice_trim(item), &accept, error) != 0)
			return -1;
	*ret_accept = accept;
	return 0;
}

bool accept_has(const struct accept *accept, int status)
{
	return status >= 0 && status < ACCEPT_STATUS_MAX &&
	       (accept->status[status / 8] >> (status % 8) & 1) != 0;
}
