/* extract: every place in a document where a URL is written.
 *
 * Bytes in, mentions out, in the order of the document; no files, no network. Markdown in
 * GitHub's dialect (cmark-gfm), HTML (by a tokeniser of our own, which knows the place of
 * every attribute) and plain text, some of whose kinds have escapes, comments, listings
 * or cells of their own. Code and comments do not count: in plain text those of TeX,
 * AsciiDoc, reST and Org that have a mark. Nor does an address of TeX with a command in
 * it that is not known here. A reference definition that is used is one mention, at the
 * definition, with the text and context of its first use. Bytes are UTF-8, but for HTML
 * whose <meta> declares another charset: its mentions are in UTF-8 all the same, with the
 * query of a URL percent-encoded in that charset, as browsers ask for it.
 *
 * Any input ends in linear time and bounded memory: with mentions, or with an error.
 * Markdown is read up to 16 MiB; where its blocks or references would keep cmark-gfm busy
 * for quadratic time or beyond 1 GiB, that is an error, while a single paragraph or table
 * of that kind is only read more simply (bare URLs; tables as text).
 *
 * <!-- linkrotd-disable -->, -enable and -disable-next-line (or with markdown-link-check-
 * in front) keep what they span from being emitted; in Markdown not where they are code.
 * YAML front matter is no content. An empty destination is a mention with an empty url in
 * Markdown; an empty attribute in HTML is none. Not for two threads at once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

#define DOCUMENT_KINDS(X)                                                                \
	X(MARKDOWN, "markdown")                                                          \
	X(HTML, "html")                                                                  \
	X(PLAIN, "plain text")                                                           \
	X(TEX, "TeX")                                                                    \
	X(BIBTEX, "BibTeX")                                                              \
	X(ASCIIDOC, "AsciiDoc")                                                          \
	X(RST, "reStructuredText")                                                       \
	X(ORG, "Org")                                                                    \
	X(CSV, "CSV")

#define DOCUMENT_KIND_ENUM(name, text) DOCUMENT_##name,
enum document_kind { DOCUMENT_KINDS(DOCUMENT_KIND_ENUM) };
#undef DOCUMENT_KIND_ENUM

/* By the name's ending: md markdown mdown mkd mkdn mdwn mkdown mdx qmd rmd are Markdown,
 * html htm xhtml are HTML, tex, bib, adoc, asciidoc, rst, org and csv what their names
 * say, everything else is plain text. `known` (may be NULL) tells whether the ending is
 * one of a list or document at all (txt is, too): a directory is searched for those. */
enum document_kind document_kind_of(struct slice name, bool *known);

/* All slices live only during the call. */
struct mention {
	struct slice
		url; /* the destination, the format's own escapes undone; not parsed */
	/* Where it is written: line and byte column from 1, byte offset and length of the
	 * destination as it stands in the document. */
	uint32_t line, column;
	size_t offset, length;
	struct slice text;    /* the link's own text, as plain text; may be empty */
	struct slice context; /* plain text of the enclosing list item (its own, not that
			       * of nested lists), paragraph, heading or table row,
			       * without the link itself; for plain text the line. Of a
			       * long one the next 1 KiB or so on either side */
	struct slice expected_title; /* extract/title.h; may be empty */
	/* It is no more than what stands around the link: around a bare URL, the names
	 * of neighbours, the cells of a row. Such a title can prove a page right, but
	 * not wrong. */
	bool title_is_loose;
	struct slice base; /* <base href> of an HTML document; usually empty */
};

struct extract_sink {
	void *data;
	/* Both: 0 to go on, anything else stops the extraction, which then returns -1. */
	int (*on_mention)(void *data, const struct mention *mention);
	/* A target that "#id" can reach: a heading's final slug (extract/slug.h was
	 * applied to all headings in their order, so the caller has nothing to add), the
	 * id that it states for itself, or an id/name attribute as written. Ids may
	 * repeat. All of them come before the first mention of a Markdown document, in
	 * the order of its blocks (footnotes last); between the mentions of an HTML one.
	 * Also where marks switch mentions off. */
	int (*on_anchor)(void *data, struct slice id);
};

/* 0; -1 with an error, after the mentions found so far were emitted: a limit of the
 * document (bytes, nesting), no memory, or the sink's own stop. */
int extract(enum document_kind kind, struct slice bytes, const struct extract_sink *sink,
	struct error *error);

/* What a caller may give at most; a larger document is an error and not read. */
#define EXTRACT_BYTES_MAX ((size_t)128 * 1024 * 1024)
