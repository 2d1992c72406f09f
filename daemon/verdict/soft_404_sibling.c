#include "base/buffer.h"
#include "verdict/hop_class_internal.h"
#include "verdict/soft_404.h"
#include "verdict/soft_404_internal.h"

enum {
	LETTERS = 25,
	EXTENSION_MAX = 5,
	NUMBER_MIN = 3,       /* a shorter one is a month, a volume, a version */
	PAGE_NAME_MIN = 20,   /* so long a segment is the name of a page */
	SIBLING_GROWTH = 256, /* more than what is written for what is cut out */
};

/* --- which parts may be the address ------------------------------------------------ */

/* ".html", ".php5"; not ".18223" of an arXiv id. */
static struct slice extension_of(struct slice segment)
{
	size_t dot = segment.len;
	bool letter = false;

	while (dot > 0 && segment.at[dot - 1] != '.') {
		char c = segment.at[--dot];
		if (!char_is_alpha(c) && !char_is_digit(c))
			return (struct slice){ 0 };
		letter = letter || char_is_alpha(c);
	}
	if (dot < 2 || !letter || segment.len - dot > EXTENSION_MAX)
		return (struct slice){ 0 };
	return slice_sub(segment, dot - 1, segment.len);
}

static bool is_program(struct slice extension)
{
	static const char *const programs[] = { ".php", ".php3", ".php5", ".asp", ".aspx",
		".jsp", ".jspx", ".cgi", ".cfm", ".do", ".pl", ".dll", NULL };

	return slice_is_one_of_nocase(extension, programs);
}

static bool is_number(struct slice segment)
{
	for (size_t i = 0; i < segment.len; i++)
		if (!char_is_digit(segment.at[i]))
			return false;
	bool year = segment.len == 4 && (slice_starts(segment, SLICE("19")) ||
						slice_starts(segment, SLICE("20")));
	return segment.len >= NUMBER_MIN && !year;
}

static void find_in_path(struct address *address)
{
	struct slice path = address->url.path, segment, before = { 0 }, last = { 0 };

	while (url_next_segment(&path, &segment))
		if (segment.len > 0) {
			before = last;
			last = segment;
		}
	struct slice extension = extension_of(last);
	address->stem = slice_sub(last, 0, last.len - extension.len);
	address->extension = extension;
	if (is_number(before))
		address->number = before;
}

/* A parameter of this name is an address wherever it stands. */
static bool is_id_name(struct slice name)
{
	static const char *const names[] = { "id", "doi", "arnumber", "isbn", "pmid",
		"noteid", "paperid", "docid", "articleid", "pageid", "postid", "itemid",
		"newsid", "topicid", "threadid", "bookid", "recordid", NULL };

	return slice_is_one_of_nocase(name, names) ||
	       slice_ends_nocase(name, SLICE("_id")) ||
	       slice_ends_nocase(name, SLICE("-id")) || slice_ends(name, SLICE("Id")) ||
	       (name.len > 2 && slice_ends(name, SLICE("ID")));
}

/* And these on a front page or an index only: elsewhere they turn pages or choose a
 * view. */
static bool is_page_name(struct slice name)
{
	static const char *const names[] = { "p", "page", "name", "title", "content",
		"article", "story", "post", "topic", "section", "entry", "doc", "paper",
		NULL };

	return slice_is_one_of_nocase(name, names);
}

/* A percent triplet stays whole. */
static size_t next_char(struct slice value, size_t at, bool *ret_free)
{
	bool triplet = value.at[at] == '%';

	*ret_free =
		!triplet && (char_is_alpha(value.at[at]) || char_is_digit(value.at[at]));
	return triplet ? at + 3 : at + 1;
}

static bool can_change(struct slice value)
{
	bool is_free = false;

	for (size_t at = 0; at < value.len && !is_free;)
		at = next_char(value, at, &is_free);
	return is_free;
}

static bool is_at_index(const struct address *address)
{
	return address->stem.len == 0 ||
	       slice_equal_nocase(address->stem, SLICE("index")) ||
	       slice_equal_nocase(address->stem, SLICE("default"));
}

static void find_in_query(struct address *address)
{
	struct slice rest = address->url.query, part;
	bool index = is_at_index(address), by_id = false;

	while (!by_id && slice_split(&rest, '&', &part)) {
		size_t equals = slice_find_char(part, '=');
		if (equals == SLICE_NONE || !url_parameter_addresses(part))
			continue;
		struct slice name = slice_sub(part, 0, equals);
		struct slice value = slice_sub(part, equals + 1, part.len);
		by_id = is_id_name(name) && can_change(value);
		bool by_page = index && address->value.len == 0 && is_page_name(name) &&
			       can_change(value);
		if (by_id || by_page) {
			address->name = name;
			address->value = value;
		}
	}
}

/* "forum" and "view.php" hold many pages; "a-long-walk" and "walk.html" are one. */
static bool is_page_itself(const struct address *address)
{
	struct slice stem = address->stem;

	if (is_program(address->extension) || is_at_index(address))
		return false;
	for (size_t i = 0; i < stem.len; i++)
		if (stem.at[i] == '-' || char_is_digit(stem.at[i]))
			return true;
	return stem.len >= PAGE_NAME_MIN ||
	       slice_starts_nocase(address->extension, SLICE(".htm"));
}

bool address_find(struct arena *arena, struct slice text, struct address *ret_address)
{
	struct address address = { 0 };
	struct url url;

	if (url_parse(arena, text, NULL, &url) != 0 || !url.http ||
		url_request_target(arena, &url, &address.url) != 0 ||
		address.url.href.len + SIBLING_GROWTH > URL_BYTES_MAX ||
		url_is_front(&address.url))
		return false;
	find_in_path(&address);
	find_in_query(&address);
	if (address.value.len > 0 && !is_page_itself(&address))
		address.stem = address.number = (struct slice){ 0 };
	*ret_address = address;
	return address.stem.len > 0 || address.value.len > 0;
}

/* --- another address --------------------------------------------------------------- */

static char other_of(char c, char first, unsigned count, struct random *random)
{
	unsigned at = (unsigned)(c - first);

	if (c < first || at >= count)
		return (char)(first + (char)random_below(random, count));
	at = (at + 1 + (unsigned)random_below(random, count - 1)) % count;
	return (char)(first + (char)at);
}

/* `other`: it must not be the same. */
static char any_of(char c, bool other, struct random *random)
{
	if (char_is_digit(c))
		return other ? other_of(c, '1', 9, random)
			     : (char)('0' + (char)random_below(random, 10));
	char first = c >= 'a' ? 'a' : 'A';
	return other ? other_of(c, first, 26, random)
		     : (char)(first + (char)random_below(random, 26));
}

static void add_value(struct buffer *out, struct slice value, struct random *random)
{
	bool changed = false, is_free;

	for (size_t at = 0; at < value.len;) {
		size_t next = next_char(value, at, &is_free);
		if (is_free)
			buffer_add_char(out, any_of(value.at[at], !changed, random));
		else
			buffer_add(out, slice_sub(value, at, next));
		changed = changed || is_free;
		at = next;
	}
}

/* Neither a year nor a number that begins with 0. */
static void add_number(struct buffer *out, struct slice number, struct random *random)
{
	buffer_add_char(out, other_of(number.at[0], '3', 7, random));
	for (size_t i = 1; i < number.len; i++)
		buffer_add_char(out, (char)('0' + (char)random_below(random, 10)));
}

static void add_letters(struct buffer *out, struct random *random)
{
	for (int i = 0; i < LETTERS; i++)
		buffer_add_char(out, (char)('a' + (char)random_below(random, 26)));
}

/* What of the URL comes before `part`, from where the last one ended. */
static void add_until(struct buffer *out, const char **from, struct slice part)
{
	buffer_add(out, (struct slice){ *from, (size_t)(part.at - *from) });
	*from = part.at + part.len;
}

static struct slice take(struct arena *arena, struct buffer *out)
{
	struct slice text =
		out->failed ? (struct slice){ 0 } : arena_copy(arena, buffer_slice(out));
	buffer_fini(out);
	return text;
}

struct slice soft_404_sibling(
	struct arena *arena, struct slice url, struct random *random)
{
	struct address address;
	struct buffer out;

	if (!address_find(arena, url, &address))
		return (struct slice){ 0 };
	struct slice href = address.url.href;
	const char *from = href.at;
	buffer_init(&out, URL_BYTES_MAX);
	if (address.number.len > 0) {
		add_until(&out, &from, address.number);
		add_number(&out, address.number, random);
	}
	if (address.stem.len > 0) {
		add_until(&out, &from, address.stem);
		add_letters(&out, random);
	}
	if (address.value.len > 0) {
		add_until(&out, &from, address.value);
		add_value(&out, address.value, random);
	}
	buffer_add(&out, (struct slice){ from, (size_t)(href.at + href.len - from) });
	return take(arena, &out);
}

struct slice soft_404_kind(struct arena *arena, struct slice url)
{
	struct address address;
	struct buffer out;

	if (!address_find(arena, url, &address))
		return (struct slice){ 0 };
	struct slice href = address.url.href, path = address.url.path;
	const char *from = href.at;
	buffer_init(&out, URL_BYTES_MAX);
	if (address.number.len > 0) {
		add_until(&out, &from, address.number);
		buffer_add_char(&out, '*');
	}
	if (address.stem.len > 0) {
		add_until(&out, &from, address.stem);
		buffer_add_char(&out, '*');
	}
	buffer_add(&out, (struct slice){ from, (size_t)(path.at + path.len - from) });
	if (address.value.len > 0)
		buffer_printf(&out, "?%.*s=*", SLICE_ARG(address.name));
	return take(arena, &out);
}
