#include "app/fix_internal.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/table.h"
#include "base/utf8.h"
#include "files/publish.h"
#include "files/read.h"
#include "model/userinfo.h"
#include "patch/diff.h"
#include "process/terminal.h"

enum { LINE_BYTES_MAX = 8192 };

/* --- what is said of it --- */

static void add_harmless(struct buffer *line, struct slice text)
{
	struct buffer bare;
	buffer_init(&bare, LINE_BYTES_MAX);
	userinfo_hide(&bare, slice_sub(text, 0, LINE_BYTES_MAX));
	utf8_add_printable(line, buffer_slice(&bare), LINE_BYTES_MAX / 4);
	buffer_fini(&bare);
}

static void say_place(const struct fix_document *document, const struct fix_place *place)
{
	struct buffer line;
	buffer_init(&line, LINE_BYTES_MAX);
	add_harmless(&line, document->name);
	buffer_printf(&line, ":%u:%u: ", place->line, place->column);
	add_harmless(&line, place->was);
	buffer_add_text(&line, " -> ");
	add_harmless(&line, place->wanted);
	buffer_add_text(&line, place->refused ? ": left as it is: " : ": ");
	add_harmless(&line, place->why);
	fprintf(stderr, "%s\n", buffer_string(&line));
	buffer_fini(&line);
}

static void say(struct fix *fix, const struct fix_work *work)
{
	for (size_t i = 0; i < work->count; i++) {
		const struct fix_place *place = &work->places[i];
		if (place->wanted.len == 0)
			continue;
		fix->left += place->refused;
		fix->changed += !place->refused;
		if (!fix->run.options.quiet)
			say_place(work->document, place);
	}
}

/* --- the patch --- */

/* Of a path without links, "./" and "..", what is behind the current directory; NULL: it
 * lies elsewhere. */
static const char *find_from_here(const char *real)
{
	char here[PATH_MAX];
	if (getcwd(here, sizeof(here)) == NULL)
		return NULL;
	size_t len = strcmp(here, "/") == 0 ? 0 : strlen(here);
	if (strncmp(real, here, len) != 0 || (real[len] != '/' && real[len] != '\0'))
		return NULL;
	return real[len] == '/' ? real + len + 1 : "";
}

/* What is not there, or a pattern, is judged by the directory that is there. */
bool fix_lies_elsewhere(const char *path)
{
	char front[PATH_MAX], real[PATH_MAX];
	if (snprintf(front, sizeof(front), "%s", path) < 0)
		return false;
	while (realpath(front, real) == NULL) {
		char *slash = strrchr(front, '/');
		if (slash == NULL || strcmp(front, "/") == 0)
			return false;
		slash[slash == front] = '\0';
	}
	return find_from_here(real) == NULL;
}

/* The name as it is from here: without links, "./" and "..", because git takes no patch
 * for "a/../b" or for what is behind a link. A NULL `at`: a link of a directory has led
 * elsewhere. */
static struct slice name_from_here(
	const struct fix_document *document, char real[static PATH_MAX])
{
	struct slice name = document->name;
	if (slice_equal(name, SLICE("-")))
		return SLICE("stdin");
	if (slice_starts_nocase(name, SLICE("https://")))
		return slice_sub(name, 8, name.len);
	if (slice_starts_nocase(name, SLICE("http://")))
		return slice_sub(name, 7, name.len);
	return slice_of(realpath(name.at, real) != NULL ? find_from_here(real) : NULL);
}

static int add_to_patch(struct fix *fix, const struct fix_work *work, struct error *error)
{
	char real[PATH_MAX];
	struct slice name = name_from_here(work->document, real);
	if (name.at == NULL)
		return error_set(error,
			"%.*s: leads outside of this directory, and git apply refuses "
			"the "
			"whole patch for it, so it is left out; give --write to change "
			"it",
			SLICE_ARG(work->document->name));
	diff_add(name, work->bytes, work->list, work->list_count, &fix->out);
	return fix->out.failed ? error_set(error, "out of memory") : 0;
}

/* --- the files --- */

/* A file that is replaced by another of its name needs no right to be written; whoever
 * took that right away meant it all the same. */
static int check_writable(const char *path, struct error *error)
{
	struct stat st;
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return error_set(error, "%s: is no file that could be changed", path);
	if ((st.st_mode & 0222) == 0 || access(path, W_OK) != 0)
		return error_set(error,
			"%s: may not be written, so it stays as it is; chmod u+w it "
			"first",
			path);
	return 0;
}

/* Once more, and at the last moment: what somebody has saved meanwhile is not ours to
 * overwrite. */
static int check_unchanged(const char *path, struct slice bytes, struct error *error)
{
	struct buffer now;
	buffer_init(&now, EXTRACT_BYTES_MAX);
	int result = file_read(path, &now, error);
	if (result == 0 && !slice_equal(buffer_slice(&now), bytes))
		result = error_set(error,
			"%s: has changed meanwhile, so it stays as it is; run fix again",
			path);
	buffer_fini(&now);
	return result;
}

static int write_file(const struct fix_work *work, struct error *error)
{
	const char *path = work->document->name.at;
	struct buffer new;

	if (check_writable(path, error) < 0)
		return -1;
	buffer_init(&new, EXTRACT_BYTES_MAX);
	replacement_apply(work->bytes, work->list, work->list_count, &new);
	int result = new.failed ? error_set(error, "%s: out of memory", path)
				: check_unchanged(path, work->bytes, error);
	if (result == 0)
		result = file_publish(path, buffer_slice(&new), error);
	buffer_fini(&new);
	if (result == 0)
		printf("%s: %zu link%s rewritten\n", path, work->list_count,
			work->list_count == 1 ? "" : "s");
	return result;
}

/* --- all of them --- */

static int output(struct fix *fix, const struct fix_work *work, struct error *error)
{
	if (work->list_count > 0 && !fix->run.options.write &&
		add_to_patch(fix, work, error) < 0)
		return -1;
	if (work->list_count > 0 && fix->run.options.write && write_file(work, error) < 0)
		return -1;
	say(fix, work);
	return 0;
}

static bool is_touched(const struct fix *fix, const struct fix_document *document)
{
	for (size_t i = 0; i < document->link_count; i++)
		if (fix->targets[document->links[i]->number].url.len > 0)
			return true;
	return false;
}

static int do_document(
	struct fix *fix, const struct fix_document *document, struct error *error)
{
	struct buffer bytes;
	struct fix_work work = { 0 };
	struct slice text = document->bytes;

	buffer_init(&bytes, EXTRACT_BYTES_MAX);
	int result = 0;
	if (text.at == NULL) {
		result = file_read(document->name.at, &bytes, error);
		text = buffer_slice(&bytes);
	}
	if (result == 0) {
		result = fix_work(&work, fix, document, text, error);
		if (result == 0)
			result = output(fix, &work, error);
		fix_work_fini(&work);
	}
	buffer_fini(&bytes);
	return result;
}

void fix_documents(struct fix *fix)
{
	struct error error = { "" };
	const struct fix_document *document = fix->first;
	for (; document != NULL; document = document->next) {
		if (!is_touched(fix, document) || do_document(fix, document, &error) == 0)
			continue;
		/* The other files are none the worse for it. */
		terminal_error(&error);
		fix->failed = true;
	}
}
