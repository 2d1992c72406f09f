/* sources/local: links that the disk decides.
 *
 * A relative destination is a file beside its document, or a URL that lost its scheme;
 * only the disk tells. A path that begins with a slash counts from the top of the git
 * work tree, as GitHub shows it, or from the working directory where there is none; that
 * of a page also from any directory between, where its site may be built. What the disk
 * cannot tell is excluded, and not missing: what lies in a directory that may not be
 * searched, and pages of the repository's host ("../../issues").
 */
#pragma once

#include "ask/anchors.h"
#include "base/arena.h"
#include "extract/extract.h"
#include "model/link.h"

/* The anchors of documents that others link to, read once. */
struct local {
	struct arena arena;
	struct local_document *documents;
};

void local_init(struct local *local);
void local_fini(struct local *local);

/* Adds the anchor that a document has at GitHub for its name: "#readme" is the whole of
 * README.md and README.zh.md. -1: no memory. */
int local_name_anchors(
	struct anchors *anchors, struct slice path, enum document_kind kind);

/* Where relative paths count from in the document `source` with this <base href>, to be
 * given as a source below. Only a relative one matters: where "/" is, its server knows.
 */
struct slice local_place(struct arena *scratch, struct slice source, struct slice base);

/* For an identity of kind FILE found in the document `source` (a path, or "-"): sets its
 * reason (ok, missing_file, missing_anchor, excluded, or missing_scheme with kind
 * OTHER). */
void local_identify(struct local *local, struct arena *scratch, struct slice source,
	struct link_identity *identity);

/* Writes the result of an anchor that was looked for. */
void local_settle(struct link *link, enum anchor_answer answer);
