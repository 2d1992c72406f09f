#include "sources/local.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/table.h"
#include "files/read.h"
#include "model/url.h"
#include "sources/work_tree_internal.h"

enum {
	DOCUMENT_BYTES_MAX = 8 * 1024 * 1024,
	LOCAL_BYTES_MAX = 64 * 1024 * 1024,
	SITE_LEVELS_MAX = 32, /* of directories looked in for a site's top */
};

struct local_document {
	struct file_id id;
	struct slice path;
	bool readable; /* otherwise it is not blamed for anchors it does not show */
	struct anchors anchors;
	UT_hash_handle hh;
};

void local_init(struct local *local)
{
	*local = (struct local){ 0 };
	arena_init(&local->arena, LOCAL_BYTES_MAX);
}

void local_fini(struct local *local)
{
	struct local_document *document, *next;
	HASH_ITER(hh, local->documents, document, next)
	{
		HASH_DEL(local->documents, document);
		anchors_fini(&document->anchors);
	}
	arena_fini(&local->arena);
}

static struct slice directory_of(struct slice path)
{
	while (path.len > 0 && path.at[path.len - 1] != '/')
		path.len--;
	return path;
}

static const char *path_below(
	struct arena *scratch, struct slice directory, struct slice written)
{
	struct slice path = arena_printf(
		scratch, "%.*s%.*s", SLICE_ARG(directory), SLICE_ARG(written));
	return path.at != NULL && path.len == 0 ? "." : path.at;
}

static bool is_there(struct slice directory, struct slice written)
{
	char path[PATH_MAX];
	int len = snprintf(
		path, sizeof(path), "%.*s%.*s", SLICE_ARG(directory), SLICE_ARG(written));
	return len > 0 && len < (int)sizeof(path) && file_exists(path);
}

/* Of a page, "/x" counts from where its site is built, which is any directory of those
 * that its path names, below the top of a work tree. `top` where it is in none. */
static struct slice site_of(struct arena *scratch, struct slice source,
	const struct work_tree *tree, struct slice written)
{
	struct slice directory = directory_of(source);
	int levels = tree->top.len > 0 ? tree->depth : SITE_LEVELS_MAX;

	if (document_kind_of(source, NULL) == DOCUMENT_MARKDOWN ||
		is_there(tree->top, written))
		return tree->top;
	for (; levels > 0 && !slice_equal(directory, SLICE("/")); levels--) {
		if (is_there(directory, written))
			return directory;
		bool named = directory.len > 0 && !slice_ends(directory, SLICE("../"));
		if (named)
			directory =
				directory_of(slice_sub(directory, 0, directory.len - 1));
		else if (tree->top.len > 0)
			directory =
				arena_printf(scratch, "%.*s../", SLICE_ARG(directory));
		else
			break;
	}
	return tree->top;
}

static const char *path_of(
	struct arena *scratch, struct slice source, struct slice written)
{
	struct slice directory = directory_of(source);
	if (!slice_starts(written, SLICE("/")))
		return path_below(scratch, directory, written);
	struct work_tree tree = work_tree_of(scratch, directory);
	written = slice_sub(written, 1, written.len);
	return path_below(scratch, site_of(scratch, source, &tree, written), written);
}

static int add_anchor(void *data, struct slice id)
{
	return anchors_add(data, id);
}

static int pass_mention(void *data, const struct mention *mention)
{
	(void)data;
	(void)mention;
	return 0;
}

int local_name_anchors(
	struct anchors *anchors, struct slice path, enum document_kind kind)
{
	struct slice name = slice_sub(path, directory_of(path).len, path.len);
	return kind == DOCUMENT_MARKDOWN && slice_starts_nocase(name, SLICE("readme"))
		       ? anchors_add(anchors, SLICE("readme"))
		       : 0;
}

/* Only regular files: a list must not make us wait at a pipe. */
static bool read_anchors(struct local_document *document)
{
	enum document_kind kind = document_kind_of(document->path, NULL);
	struct buffer bytes;
	struct stat st;

	if ((kind != DOCUMENT_MARKDOWN && kind != DOCUMENT_HTML) ||
		stat(document->path.at, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	buffer_init(&bytes, DOCUMENT_BYTES_MAX);
	const struct extract_sink sink = { &document->anchors, pass_mention, add_anchor };
	bool readable = file_read(document->path.at, &bytes, NULL) == 0 &&
			extract(kind, buffer_slice(&bytes), &sink, NULL) == 0 &&
			local_name_anchors(&document->anchors, document->path, kind) == 0;
	buffer_fini(&bytes);
	return readable;
}

/* One file has many spellings of its path; each would be read again. */
static struct local_document *document_at(struct local *local, const char *path)
{
	struct local_document *document = NULL;
	struct file_id id;
	if (file_identify(path, &id) < 0)
		return NULL;
	HASH_FIND(hh, local->documents, &id, sizeof(id), document);
	if (document != NULL)
		return document;
	document = ARENA_NEW(&local->arena, struct local_document);
	struct slice copy = arena_copy(&local->arena, slice_of(path));
	if (document == NULL || copy.at == NULL)
		return NULL;
	document->path = copy;
	document->id = id;
	anchors_init(&document->anchors, &local->arena);
	HASH_ADD(hh, local->documents, id, sizeof(document->id), document);
	if (document->hh.tbl == NULL)
		return NULL;
	document->readable = read_anchors(document);
	return document;
}

static bool has_anchor(struct local *local, const char *path, struct arena *scratch,
	struct slice fragment)
{
	const struct local_document *document = document_at(local, path);
	return document == NULL || !document->readable ||
	       anchors_ask(&document->anchors, scratch, fragment) != ANCHOR_MISSING;
}

static struct slice before(struct slice text, char mark)
{
	size_t at = slice_find_char(text, mark);
	return at == SLICE_NONE ? text : slice_sub(text, 0, at);
}

struct slice local_place(struct arena *scratch, struct slice source, struct slice base)
{
	base = before(before(slice_trim(base), '#'), '?');
	if (base.len == 0 || base.at[0] == '/' ||
		slice_find_char(base, ':') != SLICE_NONE)
		return source;
	struct slice path =
		arena_printf(scratch, "%.*s%.*s", SLICE_ARG(directory_of(source)),
			SLICE_ARG(url_percent_decode(scratch, base)));
	return path.at != NULL ? path : source;
}

static bool leads_out(struct arena *scratch, struct slice source, struct slice written)
{
	if (slice_find(written, SLICE("..")) == SLICE_NONE)
		return false;
	struct work_tree tree = work_tree_of(scratch, directory_of(source));
	return work_tree_is_left(&tree, written);
}

static void set_unknown(struct link_identity *identity, struct slice why)
{
	identity->suggestion = (struct suggestion){ 0 };
	identity->reason = REASON_EXCLUDED;
	identity->why = why;
}

/* No spelling of it is there. */
static void set_missing(struct link_identity *identity)
{
	identity->reason = REASON_MISSING_FILE;
	if (identity->suggestion.url.len > 0) {
		identity->kind = LINK_OTHER;
		identity->reason = REASON_MISSING_SCHEME;
	}
}

void local_identify(struct local *local, struct arena *scratch, struct slice source,
	struct link_identity *identity)
{
	struct slice name = before(identity->url, '#');
	struct slice fragment = slice_sub(identity->url, name.len + 1, identity->url.len);
	struct slice decoded = url_percent_decode(scratch, before(name, '?'));
	const struct slice spellings[] = { decoded, name };
	bool hidden = false;

	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		const char *path = path_of(scratch, source, spellings[i]);
		if (slice_find_char(spellings[i], '\0') != SLICE_NONE || path == NULL)
			continue;
		if (!file_exists(path)) {
			hidden = hidden || !file_is_missing(path);
			continue;
		}
		identity->suggestion = (struct suggestion){ 0 };
		identity->fragment = fragment;
		identity->decided = true;
		identity->reason =
			fragment.len > 0 && !has_anchor(local, path, scratch, fragment)
				? REASON_MISSING_ANCHOR
				: REASON_OK;
		return;
	}
	if (hidden)
		set_unknown(identity, SLICE("may not be looked at: its directory is "
					    "closed to us"));
	else if (leads_out(scratch, source, decoded))
		set_unknown(identity, SLICE("leads out of the repository, to a page of "
					    "its host that no file tells of"));
	else
		set_missing(identity);
}

void local_settle(struct link *link, enum anchor_answer answer)
{
	struct check_result *result = &link->result;
	result->done = true;
	result->verdict.reason =
		answer == ANCHOR_MISSING ? REASON_MISSING_ANCHOR : REASON_OK;
	result->verdict.outcome = reason_outcome(result->verdict.reason);
	result->state = state_of_one_check(result->verdict.outcome);
	if (answer == ANCHOR_OTHER_CASE)
		result->verdict.error = SLICE("only github.com finds this anchor: its id "
					      "is written in another case");
}
