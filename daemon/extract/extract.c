#include "extract/extract.h"

#include "extract/marks_internal.h"

/* --- kinds -------------------------------------------------------------------------- */

struct ending {
	struct slice text;
	enum document_kind kind;
};

#define ENDING(text, kind)                                                               \
	{                                                                                \
		{ text, sizeof(text) - 1 }, DOCUMENT_##kind                              \
	}

static const struct ending endings[] = { ENDING("md", MARKDOWN),
	ENDING("markdown", MARKDOWN), ENDING("mdown", MARKDOWN), ENDING("mkd", MARKDOWN),
	ENDING("mkdn", MARKDOWN), ENDING("mdwn", MARKDOWN), ENDING("mkdown", MARKDOWN),
	ENDING("mdx", MARKDOWN), ENDING("qmd", MARKDOWN), ENDING("rmd", MARKDOWN),
	ENDING("html", HTML), ENDING("htm", HTML), ENDING("xhtml", HTML),
	ENDING("txt", PLAIN), ENDING("rst", RST), ENDING("bib", BIBTEX),
	ENDING("tex", TEX), ENDING("adoc", ASCIIDOC), ENDING("asciidoc", ASCIIDOC),
	ENDING("org", ORG), ENDING("csv", CSV) };

static struct slice ending_of(struct slice name)
{
	size_t at = name.len;

	while (at > 0 && name.at[at - 1] != '.' && name.at[at - 1] != '/')
		at--;
	if (at == 0 || name.at[at - 1] == '/')
		return (struct slice){ 0 };
	return slice_sub(name, at, name.len);
}

enum document_kind document_kind_of(struct slice name, bool *known)
{
	struct slice ending = ending_of(name);

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (!slice_equal_nocase(ending, endings[i].text))
			continue;
		if (known != NULL)
			*known = true;
		return endings[i].kind;
	}
	if (known != NULL)
		*known = false;
	return DOCUMENT_PLAIN;
}

/* --- documents whose marks are wherever they are written ---------------------------- */

struct filter {
	struct marks marks;
	const struct extract_sink *sink;
};

static int filter_mention(void *data, const struct mention *mention)
{
	struct filter *filter = data;

	if (!marks_allow(&filter->marks, mention->offset, mention->line))
		return 0;
	return filter->sink->on_mention(filter->sink->data, mention);
}

static int filter_anchor(void *data, struct slice id)
{
	struct filter *filter = data;
	return filter->sink->on_anchor(filter->sink->data, id);
}

typedef int extractor(
	struct slice bytes, const struct extract_sink *sink, struct error *error);

static int extract_filtered(extractor *extract_kind, struct slice bytes,
	const struct extract_sink *sink, struct error *error)
{
	struct filter filter = { .sink = sink };
	const struct extract_sink filtered = { &filter, filter_mention, filter_anchor };

	int result = marks_read(&filter.marks, bytes, 0);
	if (result < 0)
		error_set(error, "out of memory");
	marks_sort(&filter.marks, bytes);
	if (result == 0)
		result = extract_kind(bytes, &filtered, error);
	marks_fini(&filter.marks);
	return result;
}

int extract(enum document_kind kind, struct slice bytes, const struct extract_sink *sink,
	struct error *error)
{
	if (bytes.len > EXTRACT_BYTES_MAX)
		return error_set(error,
			"%zu bytes are too many to read, the limit is %zu MiB", bytes.len,
			EXTRACT_BYTES_MAX / (1024 * 1024));
	switch (kind) {
	case DOCUMENT_MARKDOWN:
		return extract_markdown(bytes, sink, error); /* knows code from marks */
	case DOCUMENT_HTML:
		return extract_filtered(extract_html, bytes, sink, error);
	case DOCUMENT_PLAIN:
		return extract_filtered(extract_plain, bytes, sink, error);
	case DOCUMENT_TEX:
		return extract_filtered(extract_tex, bytes, sink, error);
	case DOCUMENT_BIBTEX:
		return extract_filtered(extract_bibtex, bytes, sink, error);
	case DOCUMENT_ASCIIDOC:
		return extract_filtered(extract_asciidoc, bytes, sink, error);
	case DOCUMENT_RST:
		return extract_filtered(extract_rst, bytes, sink, error);
	case DOCUMENT_ORG:
		return extract_filtered(extract_org, bytes, sink, error);
	case DOCUMENT_CSV:
		return extract_filtered(extract_csv, bytes, sink, error);
	}
	return 0;
}
