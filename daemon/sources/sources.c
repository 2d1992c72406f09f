#include "sources/sources.h"

#include <limits.h>
#include <stdatomic.h>

#include "base/hash.h"
#include "base/table.h"
#include "base/utf8.h"
#include "extract/page.h"
#include "files/read.h"
#include "files/tree.h"
#include "model/identity.h"
#include "model/userinfo.h"
#include "process/terminal.h"
#include "sources/column_internal.h"

#define CONTENT_SEED UINT64_C(0x6c696e6b726f7464) /* stored: never change it */

enum {
	SOURCES_BYTES_MAX = 256 * 1024 * 1024,
	MENTION_BYTES_MAX = 1024 * 1024, /* scratch of one mention */
	TEXT_BYTES_MAX = 1000,           /* kept of a link's text and context */
	TEXT_BYTES_READ = 4000,          /* before passwords are taken out of it */
};

/* A path that was given, so that `a.md docs/ '*.md'` reads nothing twice. */
struct source_file {
	struct file_id id;
	UT_hash_handle hh;
};

/* One document while it is read. */
struct document {
	struct sources *sources;
	struct slice name;
	enum document_kind kind;
	const struct url *base;
	struct anchors anchors;
	struct column_counter columns;
	struct arena scratch;
	struct buffer text, bare; /* of keep_text */
	bool full;                /* the link table, that is */
	bool lacked;              /* memory for a text */
};

void sources_init(struct sources *sources, struct link_table *table,
	const struct filter *exclude_path)
{
	*sources = (struct sources){ .table = table, .exclude_path = exclude_path };
	arena_init(&sources->arena, SOURCES_BYTES_MAX);
	buffer_init(&sources->bytes, EXTRACT_BYTES_MAX);
	local_init(&sources->local);
}

void sources_fini(struct sources *sources)
{
	HASH_CLEAR(hh, sources->files);
	buffer_fini(&sources->bytes);
	local_fini(&sources->local);
	arena_fini(&sources->arena);
	*sources = (struct sources){ 0 };
}

bool source_is_remote(const char *input)
{
	return slice_starts_nocase(slice_of(input), SLICE("http://")) ||
	       slice_starts_nocase(slice_of(input), SLICE("https://"));
}

bool source_holds(const char *input, const char *document)
{
	size_t len = strlen(input);
	if (strcmp(input, document) == 0)
		return true;
	if (source_is_remote(input))
		return false;
	while (len > 1 && input[len - 1] == '/')
		len--;
	/* The root's own slash is the one that ends it. */
	if (strncmp(document, input, len) == 0 &&
		(document[len] == '/' || (len == 1 && input[0] == '/')))
		return true;
	/* Ten thousand names of one list are asked about as many documents. */
	return strpbrk(input, "*?[") != NULL && tree_glob_holds(input, document);
}

static bool is_stopped(const struct sources *sources)
{
	return sources->stop != NULL &&
	       atomic_load_explicit(sources->stop, memory_order_relaxed);
}

static int on_anchor(void *data, struct slice id)
{
	struct document *document = data;
	return anchors_add(&document->anchors, id);
}

/* The printable, bounded form of a text that goes into every report. */
static struct slice keep_text(struct document *document, struct slice text)
{
	buffer_reset(&document->text);
	buffer_reset(&document->bare);
	utf8_add_printable(&document->text, text, TEXT_BYTES_READ);
	userinfo_hide(&document->bare, buffer_slice(&document->text));
	document->lacked |= document->text.out_of_memory;
	buffer_reset(&document->text);
	utf8_add_printable(
		&document->text, buffer_slice(&document->bare), TEXT_BYTES_MAX);
	document->lacked |= document->text.out_of_memory || document->bare.out_of_memory;
	return arena_copy(&document->scratch, buffer_slice(&document->text));
}

/* <base href> counts from where it stands; it is itself relative to the document. */
static const struct url *base_of(
	struct document *document, const struct mention *mention, struct url *room)
{
	if (mention->base.len > 0 &&
		url_parse(&document->scratch, mention->base, document->base, room) == 0 &&
		room->http)
		return room;
	return document->base;
}

/* Targets within a Markdown document are its headings, wherever it was read. Those of a
 * page may be made by its scripts. */
static bool is_own_target(const struct document *document, const struct mention *mention)
{
	struct slice url = slice_trim(mention->url);
	return document->kind == DOCUMENT_MARKDOWN &&
	       (url.len == 0 || slice_starts(url, SLICE("#")));
}

static int on_link_found(void *data, const struct mention *mention)
{
	struct document *document = data;
	struct link_identity identity;
	struct url base;

	if (is_stopped(document->sources))
		return -1;
	arena_reset(&document->scratch);
	if (identify(&document->scratch, mention->url,
		    is_own_target(document, mention) ? NULL
						     : base_of(document, mention, &base),
		    &identity) < 0)
		return -1;
	if (identity.kind == LINK_FILE)
		local_identify(&document->sources->local, &document->scratch,
			local_place(&document->scratch, document->name, mention->base),
			&identity);
	struct occurrence occurrence = {
		.source = document->name,
		.line = mention->line,
		.column = mention->column,
		.text = keep_text(document, mention->text),
		.context = keep_text(document, mention->context),
		.expected_title = keep_text(document, mention->expected_title),
		.title_is_loose = mention->title_is_loose,
	};
	column_count(&document->columns, mention, &occurrence);
	/* What was cut short, or not found for want of a path, would be blamed. */
	if (document->scratch.failed || document->lacked)
		return -1;
	const struct sources *sources = document->sources;
	struct link *link = link_table_add(sources->table, &identity, &occurrence);
	document->full = link == NULL;
	if (link != NULL && sources->on_mention != NULL)
		return sources->on_mention(sources->data, mention, link);
	return document->full ? -1 : 0;
}

/* Anchors can be told only at the end of the document: headings follow their contents.
 * -1: no memory to look for one, which is then not blamed. */
static int settle_anchors(struct document *document, struct link *first)
{
	bool lacked = false;
	for (struct link *link = first; link != NULL; link = link->next) {
		if (link->kind != LINK_ANCHOR || link->result.done)
			continue;
		arena_reset(&document->scratch);
		enum anchor_answer answer = anchors_ask(
			&document->anchors, &document->scratch, link->fragment);
		lacked = lacked || document->scratch.failed;
		local_settle(link, document->scratch.failed ? ANCHOR_FOUND : answer);
	}
	return lacked ? -1 : 0;
}

int sources_read(struct sources *sources, struct slice name, enum document_kind kind,
	struct slice bytes, const struct url *base, struct error *error)
{
	uint64_t hash = sources->table_for != NULL ? hash_bytes(bytes, CONTENT_SEED) : 0;
	if (sources->is_known != NULL && sources->is_known(sources->data, name, hash)) {
		sources->document_count++;
		return 0;
	}
	if (sources->table_for != NULL &&
		(sources->table = sources->table_for(sources->data, name, hash)) == NULL)
		return error_set(error, "%.*s: out of memory", SLICE_ARG(name));
	if (sources->on_document != NULL &&
		sources->on_document(sources->data, name, kind, bytes) < 0)
		return error_set(error, "%.*s: out of memory", SLICE_ARG(name));
	struct document document = {
		.sources = sources,
		.name = arena_copy(&sources->arena, name),
		.kind = kind,
		.base = base,
	};
	if (document.name.at == NULL)
		return error_set(error, "%.*s: out of memory", SLICE_ARG(name));
	anchors_init(&document.anchors, &sources->arena);
	column_begin(&document.columns, bytes);
	arena_init(&document.scratch, MENTION_BYTES_MAX);
	buffer_init(&document.text, TEXT_BYTES_READ + 8);
	buffer_init(&document.bare, TEXT_BYTES_READ + 8);

	struct link *last = sources->table->last;
	const struct extract_sink sink = { &document, on_link_found, on_anchor };
	struct error why = { "" };
	int result = extract(kind, bytes, &sink, &why);
	if (result == 0)
		result = local_name_anchors(&document.anchors, name, kind);
	if (result < 0 && document.full)
		error_set(error, "%.*s: too many links for this machine's memory",
			SLICE_ARG(name));
	else if (result < 0)
		error_set(error, "%.*s: %s", SLICE_ARG(name),
			why.text[0] != '\0' ? why.text : "out of memory");
	if (settle_anchors(&document, last != NULL ? last->next : sources->table->first) <
			0 &&
		result == 0)
		result = error_set(error, "%.*s: out of memory", SLICE_ARG(name));
	sources->document_count++;

	buffer_fini(&document.bare);
	buffer_fini(&document.text);
	arena_fini(&document.scratch);
	anchors_fini(&document.anchors);
	return result;
}

static struct source_file *find_file(
	const struct sources *sources, const struct file_id *id)
{
	struct source_file *file = NULL;
	HASH_FIND(hh, sources->files, id, sizeof(*id), file);
	return file;
}

bool sources_have(const struct sources *sources, const char *path)
{
	struct file_id id;
	return file_identify(path, &id) == 0 && find_file(sources, &id) != NULL;
}

/* 1 when the file was read before, by whatever path. Standard input is what it is. */
static int remember(struct sources *sources, const char *path)
{
	struct file_id id = { 0 };
	if (strcmp(path, "-") != 0 && file_identify(path, &id) < 0)
		return 0; /* reading it will say why */
	if (find_file(sources, &id) != NULL)
		return 1;
	struct source_file *file = ARENA_NEW(&sources->arena, struct source_file);
	if (file == NULL)
		return -1;
	file->id = id;
	HASH_ADD(hh, sources->files, id, sizeof(file->id), file);
	return file->hh.tbl != NULL ? 0 : -1;
}

static struct slice skip_through(struct slice bytes, struct slice end)
{
	size_t at = slice_find(bytes, end);
	return at != SLICE_NONE ? slice_sub(bytes, at + end.len, bytes.len)
				: (struct slice){ 0 };
}

/* The head of a whole page. Comments, paragraphs and tables tell nothing: READMEs begin
 * with them, too. */
static bool begins_like_html(struct slice bytes)
{
	static const char *const starts[] = { "<!doctype html", "<html", "<head", "<body",
		"<title" };

	if (slice_starts(bytes, SLICE("\xEF\xBB\xBF")))
		bytes = slice_sub(bytes, 3, bytes.len);
	for (;;) {
		bytes = slice_trim(bytes);
		if (slice_starts(bytes, SLICE("<!--")))
			bytes = skip_through(bytes, SLICE("-->"));
		else if (slice_starts(bytes, SLICE("<?xml")))
			bytes = skip_through(bytes, SLICE("?>"));
		else
			break;
	}
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		struct slice start = slice_of(starts[i]);
		if (slice_starts_nocase(bytes, start) && bytes.len > start.len &&
			(bytes.at[start.len] == '>' ||
				char_is_space(bytes.at[start.len])))
			return true;
	}
	return false;
}

/* What is piped in is a list more often than prose. */
static enum document_kind kind_of(const char *path, struct slice bytes)
{
	if (strcmp(path, "-") != 0)
		return document_kind_of(slice_of(path), NULL);
	return begins_like_html(bytes) ? DOCUMENT_HTML : DOCUMENT_MARKDOWN;
}

static int read_file(struct sources *sources, const char *path)
{
	struct error *error = sources->error;
	buffer_reset(&sources->bytes);
	if (sources->regular_only && file_exists(path) && !file_is_regular(path))
		return error_set(error, "%s: is no regular file", path);
	if (file_read(path, &sources->bytes, error) < 0)
		return -1;
	struct slice bytes = buffer_slice(&sources->bytes);
	return sources_read(
		sources, slice_of(path), kind_of(path, bytes), bytes, NULL, error);
}

static void note_unreadable(
	struct sources *sources, const char *path, const struct error *why)
{
	sources->unreadable++;
	if (sources->on_unreadable != NULL)
		sources->on_unreadable(sources->data, slice_of(path), why);
	else
		terminal_error(why);
}

/* Unless nothing in it is wanted: `docs/` and `docs` are both written for that. */
static void on_unlisted(void *data, const char *directory, const char *why)
{
	struct sources *sources = data;
	struct error error;
	char below[PATH_MAX];

	snprintf(below, sizeof(below), "%s/", directory);
	if (filter_matches(sources->exclude_path, slice_of(directory)) ||
		filter_matches(sources->exclude_path, slice_of(below)))
		return;
	error_set(&error, "%s: cannot be listed: %s", directory, why);
	note_unreadable(sources, directory, &error);
}

static int on_source_read(void *data, const char *path)
{
	struct sources *sources = data;
	struct error *error = sources->error;

	if (is_stopped(sources))
		return error_set(error, "%s: its reading was stopped", path);
	if (filter_matches(sources->exclude_path, slice_of(path)))
		return 0;
	int seen = remember(sources, path);
	if (seen < 0)
		return error_set(error, "%s: out of memory", path);
	if (seen == 1)
		return 0;
	if (read_file(sources, path) == 0)
		return 0;
	/* One bad file of a directory does not take the others with it. */
	if (strcmp(path, sources->input) == 0)
		return -1;
	note_unreadable(sources, path, error);
	*error = (struct error){ "" };
	return 0;
}

static bool is_document(struct slice name)
{
	bool known;
	document_kind_of(name, &known);
	return known;
}

int sources_add(struct sources *sources, const char *input, struct error *error)
{
	const struct tree_sink sink = { sources, on_source_read, on_unlisted,
		is_document };
	sources->error = error;
	sources->input = input;
	return tree_expand(input, &sink, error);
}

/* --- what came from the network --- */

/* By the ending of the path, or else by what the server calls it. But a forge shows a
 * page about README.md at an address that ends so. */
static enum document_kind kind_of_source(
	struct slice url, struct slice content_type, struct slice bytes)
{
	if (page_is_html(content_type, (struct slice){ 0 }) && begins_like_html(bytes))
		return DOCUMENT_HTML;
	size_t end = 0;
	while (end < url.len && url.at[end] != '?' && url.at[end] != '#')
		end++;
	bool known;
	enum document_kind kind = document_kind_of(slice_sub(url, 0, end), &known);
	if (known)
		return kind;
	if (slice_equal(content_type, SLICE("text/markdown")) ||
		slice_equal(content_type, SLICE("text/x-markdown")))
		return DOCUMENT_MARKDOWN;
	return slice_equal(content_type, SLICE("text/plain")) ? DOCUMENT_PLAIN
							      : DOCUMENT_HTML;
}

int sources_read_fetched(struct sources *sources, struct slice url,
	struct slice content_type, struct slice bytes, struct error *error)
{
	struct url base;
	if (url_parse(&sources->arena, url, NULL, &base) < 0)
		return error_set(error, "%.*s: out of memory", SLICE_ARG(url));
	return sources_read(sources, url, kind_of_source(url, content_type, bytes), bytes,
		&base, error);
}
