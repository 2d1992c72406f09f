#include "base/http_link.h"

static void skip_space(struct slice *rest)
{
	while (rest->len > 0 && (rest->at[0] == ' ' || rest->at[0] == '\t'))
		*rest = slice_sub(*rest, 1, rest->len);
}

static bool take(struct slice *rest, char c)
{
	if (rest->len == 0 || rest->at[0] != c)
		return false;
	*rest = slice_sub(*rest, 1, rest->len);
	return true;
}

static struct slice take_token(struct slice *rest)
{
	size_t end = 0;

	while (end < rest->len && strchr("=;,\" \t", rest->at[end]) == NULL)
		end++;
	struct slice token = slice_sub(*rest, 0, end);
	*rest = slice_sub(*rest, end, rest->len);
	return token;
}

/* Behind its first quotation mark. False: it does not end. Escapes stay: no name of a
 * relation needs one. */
static bool take_quoted(struct slice *rest, struct slice *ret_text)
{
	size_t end = 0;

	while (end < rest->len && rest->at[end] != '"')
		end += rest->at[end] == '\\' ? 2 : 1;
	if (end >= rest->len)
		return false;
	*ret_text = slice_sub(*rest, 0, end);
	*rest = slice_sub(*rest, end + 1, rest->len);
	return true;
}

/* "; NAME", "; NAME=VALUE". False: no such thing. An empty one has an empty name. */
static bool take_parameter(
	struct slice *rest, struct slice *ret_name, struct slice *ret_value)
{
	*ret_value = (struct slice){ 0 };
	if (!take(rest, ';'))
		return false;
	skip_space(rest);
	*ret_name = take_token(rest);
	skip_space(rest);
	if (!take(rest, '='))
		return true;
	skip_space(rest);
	if (take(rest, '"'))
		return take_quoted(rest, ret_value);
	*ret_value = take_token(rest);
	return true;
}

static bool has_type(struct slice types, struct slice relation)
{
	struct slice type;

	while (slice_split(&types, ' ', &type))
		if (slice_equal_nocase(slice_trim(type), relation))
			return true;
	return false;
}

/* Of one link behind its target, up to the next one's comma. */
static bool take_parameters(struct slice *rest, struct slice relation, bool *ret_related)
{
	struct slice name, value;
	bool rel_seen = false, related = false, elsewhere = false;

	skip_space(rest);
	while (rest->len > 0 && rest->at[0] != ',') {
		if (!take_parameter(rest, &name, &value))
			return false;
		if (slice_equal_nocase(name, SLICE("anchor")))
			elsewhere = true;
		if (slice_equal_nocase(name, SLICE("rel")) && !rel_seen) {
			rel_seen = true; /* the first counts */
			related = has_type(value, relation);
		}
		skip_space(rest);
	}
	*ret_related = related && !elsewhere;
	return true;
}

bool http_link_find(struct slice value, struct slice relation, struct slice *ret_target)
{
	struct slice rest = value;

	for (int links = 0; links < HTTP_LINKS_MAX; links++) {
		bool related;
		skip_space(&rest);
		while (take(&rest, ','))
			skip_space(&rest);
		if (!take(&rest, '<'))
			return false;
		size_t end = slice_find_char(rest, '>');
		if (end == SLICE_NONE)
			return false;
		struct slice target = slice_sub(rest, 0, end);
		rest = slice_sub(rest, end + 1, rest.len);
		if (!take_parameters(&rest, relation, &related))
			return false;
		if (related) {
			*ret_target = target;
			return true;
		}
	}
	return false;
}
