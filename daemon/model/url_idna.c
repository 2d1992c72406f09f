#include <idn2.h>
#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

#include "base/utf8.h"
#include "model/url_internal.h"

enum {
	DOMAIN_BYTES_MAX = 1024, /* in UTF-8; DNS allows 253 characters */
	LABEL_CHARS_MAX = 63,
};

static bool is_ascii(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] >= 0x80)
			return false;
	return true;
}

static bool is_a_label(struct slice label)
{
	return slice_starts_nocase(label, SLICE("xn--"));
}

static bool has_a_label(struct slice domain)
{
	struct slice label;
	while (slice_split(&domain, '.', &label))
		if (is_a_label(label))
			return true;
	return false;
}

static void add_lower(struct buffer *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		buffer_add_char(out, char_lower(text.at[i]));
}

/* --- Punycode, the encoder of RFC 3492 (libidn2 keeps its own to itself) --------- */

enum { BASE = 36, TMIN = 1, TMAX = 26, SKEW = 38, DAMP = 700, FIRST_BIAS = 72 };

static uint32_t adapt_bias(uint32_t delta, uint32_t count, bool first)
{
	uint32_t steps = 0;
	delta = first ? delta / DAMP : delta / 2;
	delta += delta / count;
	for (; delta > (BASE - TMIN) * TMAX / 2; steps += BASE)
		delta /= BASE - TMIN;
	return steps + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

static void add_punycode_number(struct buffer *out, uint32_t number, uint32_t bias)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	for (uint32_t k = BASE;; k += BASE) {
		uint32_t t = k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;
		if (number < t)
			break;
		buffer_add_char(out, digits[t + (number - t) % (BASE - t)]);
		number = (number - t) / (BASE - t);
	}
	buffer_add_char(out, digits[number]);
}

static uint32_t smallest_from(const uint32_t *chars, size_t count, uint32_t from)
{
	uint32_t smallest = UINT32_MAX;
	for (size_t i = 0; i < count; i++)
		if (chars[i] >= from && chars[i] < smallest)
			smallest = chars[i];
	return smallest;
}

/* At most LABEL_CHARS_MAX characters: no sum below comes near 32 bits, and the square of
 * the length is small. */
static void add_punycode(struct buffer *out, const uint32_t *chars, size_t count)
{
	uint32_t done = 0, delta = 0, bias = FIRST_BIAS, limit = 0x80;
	for (size_t i = 0; i < count; i++) {
		if (chars[i] < 0x80) {
			buffer_add_char(out, (char)chars[i]);
			done++;
		}
	}
	uint32_t plain = done;
	if (plain > 0)
		buffer_add_char(out, '-');
	while (done < count) {
		uint32_t next = smallest_from(chars, count, limit);
		delta += (next - limit) * (done + 1);
		limit = next;
		for (size_t i = 0; i < count; i++) {
			if (chars[i] < limit)
				delta++;
			if (chars[i] != limit)
				continue;
			add_punycode_number(out, delta, bias);
			bias = adapt_bias(delta, done + 1, done == plain);
			delta = 0;
			done++;
		}
		delta++;
		limit++;
	}
}

/* Its only failure that says nothing of the text is left in `out`. */
static int look_up(struct buffer *out, const char *text, uint8_t **ret_ascii)
{
	int rc = idn2_lookup_u8((const uint8_t *)text, ret_ascii, IDN2_NONTRANSITIONAL);
	out->out_of_memory |= rc == IDN2_MALLOC;
	return rc;
}

/* --- labels with symbols -------------------------------------------------------------
 *
 * Browsers stop at UTS 46, which allows symbols ("☃", emoji; such domains exist). libidn2
 * goes on to IDNA 2008, which does not, and says IDN2_DISALLOWED. Of an A-label it says
 * so only after the tests of UTS 46, so that for those the answer means "valid, with
 * symbols". Other labels are mapped and encoded here and then asked about as A-labels. */

/* Lower case and compatibility forms, as UTS 46 maps them. -1: a joiner, which is allowed
 * only in scripts that need it, or too long. */
static int map_symbols(
	struct buffer *out, struct slice label, uint32_t chars[static LABEL_CHARS_MAX])
{
	size_t len = 0;
	int count = 0;
	uint8_t *forms = u8_normalize(
		UNINORM_NFKC, (const uint8_t *)label.at, label.len, NULL, &len);
	out->out_of_memory |= forms == NULL;
	struct slice rest = { (const char *)forms, forms != NULL ? len : 0 };
	while (rest.len > 0 && count >= 0) {
		uint32_t c = uc_tolower(utf8_next(&rest));
		if (c == 0x200C || c == 0x200D || count == LABEL_CHARS_MAX)
			count = -1;
		else if (!uc_is_property_default_ignorable_code_point(c))
			chars[count++] = c;
	}
	free(forms);
	return count;
}

/* `text` ends with a NUL. */
static bool is_valid_a_label(struct buffer *out, const char *text)
{
	uint8_t *ascii = NULL;
	int rc = look_up(out, text, &ascii);
	idn2_free(ascii);
	return rc == IDN2_OK || rc == IDN2_DISALLOWED;
}

static int add_symbol_label(struct buffer *out, struct slice label)
{
	uint32_t mapped[LABEL_CHARS_MAX], composed[LABEL_CHARS_MAX];
	size_t start = out->len, count = LABEL_CHARS_MAX;
	int mapped_count = map_symbols(out, label, mapped);
	if (mapped_count <= 0)
		return -1;
	/* A canonical composition that fits stays where it is put. */
	uint32_t *result = u32_normalize(
		UNINORM_NFC, mapped, (size_t)mapped_count, composed, &count);
	if (result != composed) {
		out->out_of_memory |= result == NULL;
		free(result);
		return -1;
	}
	buffer_add_text(out, "xn--");
	add_punycode(out, composed, count);
	return out->len - start <= LABEL_CHARS_MAX &&
			       is_valid_a_label(out, buffer_string(out) + start)
		       ? 0
		       : -1;
}

static int add_label(struct buffer *out, struct slice label)
{
	char text[DOMAIN_BYTES_MAX + 1];
	uint8_t *ascii = NULL;
	if (is_ascii(label) && !is_a_label(label)) {
		add_lower(out, label);
		return 0;
	}
	memcpy(text, label.at, label.len);
	text[label.len] = '\0';
	if (is_a_label(label)) {
		add_lower(out, label);
		return is_ascii(label) && is_valid_a_label(out, text) ? 0 : -1;
	}
	int rc = look_up(out, text, &ascii);
	if (rc == IDN2_OK)
		buffer_add_text(out, (const char *)ascii);
	idn2_free(ascii);
	if (rc == IDN2_DISALLOWED)
		return add_symbol_label(out, label);
	return rc == IDN2_OK ? 0 : -1;
}

/* Length of the label at the front of `text`; *ret_dot is that of the dot behind it, in
 * any of the four spellings that UTS 46 knows. */
static size_t label_len(struct slice text, size_t *ret_dot)
{
	struct slice rest = text;
	while (rest.len > 0) {
		size_t before = rest.len;
		uint32_t c = utf8_next(&rest);
		*ret_dot = before - rest.len;
		if (c == '.' || c == 0x3002 || c == 0xFF0E || c == 0xFF61)
			return text.len - before;
	}
	*ret_dot = 0;
	return text.len;
}

static int add_labels(struct buffer *out, struct slice domain)
{
	for (;;) {
		size_t dot = 0, len = label_len(domain, &dot);
		if (add_label(out, slice_sub(domain, 0, len)) != 0)
			return -1;
		if (dot == 0)
			return 0;
		buffer_add_char(out, '.');
		domain = slice_sub(domain, len + dot, domain.len);
	}
}

/* --- domains --------------------------------------------------------------------- */

int url_domain_to_ascii(struct buffer *out, size_t start)
{
	char text[DOMAIN_BYTES_MAX + 1];
	uint8_t *ascii = NULL;
	struct slice domain = slice_sub(buffer_slice(out), start, out->len);
	if (is_ascii(domain) && !has_a_label(domain)) {
		for (size_t i = start; i < out->len; i++)
			out->at[i] = char_lower(out->at[i]);
		return 0;
	}
	if (domain.len > DOMAIN_BYTES_MAX || slice_find_char(domain, '\0') != SLICE_NONE)
		return -1;
	memcpy(text, domain.at, domain.len);
	text[domain.len] = '\0';
	buffer_truncate(out, start);
	int rc = look_up(out, text, &ascii);
	if (rc == IDN2_OK)
		buffer_add_text(out, (const char *)ascii);
	idn2_free(ascii);
	/* UTS 46 as browsers use it looks neither at hyphens nor at lengths. */
	if (rc == IDN2_DISALLOWED || rc == IDN2_2HYPHEN || rc == IDN2_HYPHEN_STARTEND ||
		rc == IDN2_TOO_BIG_DOMAIN || rc == IDN2_TOO_BIG_LABEL)
		/* What comes out must be readable again. */
		return add_labels(out, (struct slice){ text, domain.len }) == 0 &&
				       out->len - start <= DOMAIN_BYTES_MAX
			       ? 0
			       : -1;
	return rc == IDN2_OK ? 0 : -1;
}
