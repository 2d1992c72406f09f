#include "extract/page_internal.h"

#include <errno.h>

#include "base/utf8.h"
#include "extract/html_text_internal.h"

enum {
	LABEL_MAX = 40,
	CONVERTED_MAX = 16 * 1024, /* of one fact */
	STREAM_STEP = 4096,
};

/* What the Encoding standard means by a label, where that is not its plain name. */
static const struct {
	const char *label, *name;
} aliases[] = {
	{ "utf8", "utf-8" },
	{ "unicode-1-1-utf-8", "utf-8" },
	{ "ascii", "windows-1252" },
	{ "us-ascii", "windows-1252" },
	{ "iso-8859-1", "windows-1252" },
	{ "iso8859-1", "windows-1252" },
	{ "iso_8859-1", "windows-1252" },
	{ "latin1", "windows-1252" },
	{ "cp1252", "windows-1252" },
	{ "x-cp1252", "windows-1252" },
	{ "iso-8859-9", "windows-1254" },
	{ "iso-8859-11", "cp874" },
	{ "tis-620", "cp874" },
	{ "gb2312", "gb18030" },
	{ "gbk", "gb18030" },
	{ "x-gbk", "gb18030" },
	{ "big5", "big5-hkscs" },
	{ "shift_jis", "cp932" },
	{ "shift-jis", "cp932" },
	{ "sjis", "cp932" },
	{ "x-sjis", "cp932" },
	{ "windows-31j", "cp932" },
	{ "euc-kr", "cp949" },
	{ "ks_c_5601-1987", "cp949" },
	{ "utf-16", "utf-16le" },
};

/* The label in small letters, as iconv may be asked for it; empty where it may not. */
static void read_label(struct slice label, char name[static LABEL_MAX])
{
	size_t len = 0;

	label = slice_trim(label);
	while (label.len > 0 && (label.at[0] == '"' || label.at[0] == '\''))
		label = slice_sub(label, 1, label.len);
	while (len < label.len && len + 1 < LABEL_MAX) {
		char c = char_lower(label.at[len]);
		if (!char_is_alpha(c) && !char_is_digit(c) && c != '-' && c != '_')
			break;
		name[len++] = c;
	}
	name[len] = '\0';
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (slice_equal(slice_of(aliases[i].label), slice_of(name)))
			memcpy(name, aliases[i].name, strlen(aliases[i].name) + 1);
}

bool charset_is_wide(struct slice label)
{
	char name[LABEL_MAX];

	read_label(label, name);
	return slice_starts(slice_of(name), SLICE("utf-16")) ||
	       slice_starts(slice_of(name), SLICE("utf-32")) ||
	       slice_starts(slice_of(name), SLICE("iso-2022-"));
}

static bool is_ascii(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] >= 0x80)
			return false;
	return true;
}

static void add_windows(struct buffer *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		utf8_add(out, html_windows_1252((unsigned char)text.at[i]));
}

static void add_utf8(struct buffer *out, struct slice text)
{
	while (text.len > 0)
		utf8_add(out, utf8_next(&text));
}

/* One call of iconv, with a wrong byte replaced. False when it makes no way: the rest is
 * the beginning of a character. */
static bool convert_step(iconv_t converter, struct slice *text, struct buffer *out)
{
	char room[STREAM_STEP];
	/* iconv's parameter lacks a const; it does not write there. */
	union {
		const char *in;
		char *iconv;
	} from = { .in = text->at };
	char *to = room;
	size_t left = text->len, space = sizeof(room);

	size_t result = iconv(converter, &from.iconv, &left, &to, &space);
	int why = result == (size_t)-1 ? errno : 0;
	buffer_add(out, (struct slice){ room, sizeof(room) - space });
	bool moved = left < text->len;
	*text = slice_sub(*text, text->len - left, text->len);
	if (why == EILSEQ && text->len > 0) {
		*text = slice_sub(*text, 1, text->len);
		utf8_add(out, UTF8_REPLACEMENT);
		return true;
	}
	return moved && why != EINVAL;
}

static bool add_converted(struct buffer *out, const char *name, struct slice text)
{
	iconv_t converter = iconv_open("utf-8", name);
	if (converter == (iconv_t)-1)
		return false;
	while (text.len > 0 && convert_step(converter, &text, out))
		;
	if (text.len > 0)
		utf8_add(out, UTF8_REPLACEMENT);
	iconv_close(converter);
	return true;
}

struct slice charset_convert(struct arena *arena, struct slice label, struct slice text)
{
	char name[LABEL_MAX];
	struct buffer out;

	if (is_ascii(text))
		return text;
	read_label(label, name);
	bool utf8 = slice_equal(slice_of(name), SLICE("utf-8"));
	if ((utf8 || name[0] == '\0') && utf8_valid(text))
		return text;
	buffer_init(&out, CONVERTED_MAX);
	if (utf8)
		add_utf8(&out, text);
	else if (name[0] == '\0' || slice_equal(slice_of(name), SLICE("windows-1252")))
		add_windows(&out, text);
	else if (!add_converted(&out, name, text))
		return charset_convert(arena, (struct slice){ 0 }, text);
	struct slice copy = arena_copy(arena, buffer_slice(&out));
	arena->failed |= out.out_of_memory;
	arena->out_of_memory |= out.out_of_memory;
	buffer_fini(&out);
	return copy;
}

bool charset_stream_open(struct charset_stream *stream, struct slice label)
{
	char name[LABEL_MAX];

	read_label(label, name);
	*stream = (struct charset_stream){ .iconv = iconv_open("utf-8", name) };
	stream->open = stream->iconv != (iconv_t)-1;
	return stream->open;
}

void charset_stream_close(struct charset_stream *stream)
{
	if (stream->open)
		iconv_close(stream->iconv);
	stream->open = false;
}

void charset_stream_next(
	struct charset_stream *stream, struct slice *bytes, struct buffer *out)
{
	/* A character cut in two is made whole byte by byte. */
	while (stream->rest_len > 0 && bytes->len > 0) {
		if (stream->rest_len == sizeof(stream->rest))
			stream->rest_len = 0;
		stream->rest[stream->rest_len++] = bytes->at[0];
		*bytes = slice_sub(*bytes, 1, bytes->len);
		struct slice rest = { stream->rest, stream->rest_len };
		while (rest.len > 0 && convert_step(stream->iconv, &rest, out))
			;
		memmove(stream->rest, rest.at, rest.len);
		stream->rest_len = rest.len;
	}
	if (bytes->len == 0)
		return;
	struct slice piece = slice_sub(*bytes, 0, STREAM_STEP / 4);
	size_t whole = piece.len;
	while (piece.len > 0 && convert_step(stream->iconv, &piece, out))
		;
	*bytes = slice_sub(*bytes, whole - piece.len, bytes->len);
	if (piece.len <= sizeof(stream->rest)) {
		memcpy(stream->rest, piece.at, piece.len);
		stream->rest_len = piece.len;
	}
	*bytes = slice_sub(*bytes, piece.len, bytes->len);
}

/* --- one by one --- */

bool charset_pair_open(struct charset_pair *pair, struct slice label)
{
	char name[LABEL_MAX];

	read_label(label, name);
	if (name[0] == '\0' || slice_equal(slice_of(name), SLICE("utf-8")) ||
		charset_is_wide(label))
		return false;
	pair->decoder = iconv_open("utf-8", name);
	if (pair->decoder == (iconv_t)-1)
		return false;
	pair->encoder = iconv_open(name, "utf-8");
	if (pair->encoder == (iconv_t)-1)
		iconv_close(pair->decoder);
	return pair->encoder != (iconv_t)-1;
}

void charset_pair_close(struct charset_pair *pair)
{
	iconv_close(pair->decoder);
	iconv_close(pair->encoder);
}

/* All of `text`, which is one character; 0 with the reason in errno where it is none. */
static size_t convert_one(
	iconv_t converter, struct slice text, char room[static CHARSET_CHARACTER_MAX])
{
	/* As in convert_step. */
	union {
		const char *in;
		char *iconv;
	} from = { .in = text.at };
	char *to = room;
	size_t left = text.len, space = CHARSET_CHARACTER_MAX;

	errno = 0;
	(void)iconv(converter, NULL, NULL, NULL, NULL);
	if (iconv(converter, &from.iconv, &left, &to, &space) == (size_t)-1)
		return 0;
	/* Big5 waits whether an accent comes. */
	(void)iconv(converter, NULL, NULL, &to, &space);
	return CHARSET_CHARACTER_MAX - space;
}

size_t charset_decode(struct charset_pair *pair, struct slice text,
	char room[static CHARSET_CHARACTER_MAX], size_t *ret_len)
{
	static const struct slice wrong = { "\xEF\xBF\xBD", 3 };

	for (size_t len = 1; len <= 4 && len <= text.len; len++) {
		*ret_len = convert_one(pair->decoder, slice_sub(text, 0, len), room);
		if (*ret_len > 0)
			return len;
		if (errno != EINVAL)
			break;
	}
	memcpy(room, wrong.at, wrong.len);
	*ret_len = wrong.len;
	return 1;
}

void charset_add_escaped(
	struct charset_pair *pair, struct buffer *out, uint32_t code_point)
{
	char utf8[8], room[CHARSET_CHARACTER_MAX];
	struct buffer character = {
		.at = utf8, .room = sizeof(utf8), .bytes_max = sizeof(utf8) - 1
	};

	utf8_add(&character, code_point);
	if (code_point < 0x80) {
		buffer_add_char(out, (char)code_point);
		return;
	}
	size_t len = convert_one(pair->encoder, buffer_slice(&character), room);
	for (size_t i = 0; i < len; i++)
		buffer_printf(out, "%%%02X", (unsigned)(unsigned char)room[i]);
	if (len == 0)
		buffer_printf(out, "%%26%%23%u%%3B", code_point);
}
