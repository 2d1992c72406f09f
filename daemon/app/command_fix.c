#include "app/command.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/fix_internal.h"
#include "base/hash.h"
#include "base/table.h"
#include "files/publish.h"
#include "files/read.h"
#include "process/terminal.h"
#include "settings/configuration.h"

#define FIX_BYTES_MAX   ((size_t)2 << 30)
#define PATCH_BYTES_MAX ((size_t)1 << 30)

/* --- while documents are read --- */

static int on_document(
	void *data, struct slice name, enum document_kind kind, struct slice bytes)
{
	struct fix *fix = fix_of(data);
	struct fix_document *document = ARENA_NEW(&fix->arena, struct fix_document);
	if (document == NULL)
		return -1;
	*document = (struct fix_document){
		.name = arena_copy(&fix->arena, name),
		.kind = kind,
		.hash = hash_bytes(bytes, table_seed),
	};
	if (document->name.at == NULL)
		return -1;
	/* A file is read again when it is its turn; what was piped in or fetched is not
	 * to be had twice. */
	const char *path = document->name.at;
	if (strcmp(path, "-") == 0 || source_is_remote(path) || !file_is_regular(path)) {
		document->bytes = arena_copy(&fix->arena, bytes);
		if (document->bytes.at == NULL)
			return -1;
	}
	if (fix->last != NULL)
		fix->last->next = document;
	else
		fix->first = document;
	fix->last = document;
	return 0;
}

static int on_mention(void *data, const struct mention *mention, struct link *link)
{
	struct fix_document *document = fix_of(data)->last;
	(void)mention;
	if (document->link_count == document->link_room) {
		size_t room = document->link_room * 2 + 64;
		struct link **grown = reallocarray(document->links, room, sizeof(*grown));
		if (grown == NULL)
			return -1;
		document->links = grown;
		document->link_room = room;
	}
	document->links[document->link_count++] = link;
	return 0;
}

/* --- options --- */

static bool has_remote(const struct options *options)
{
	for (uint32_t i = 0; i < options->inputs.count; i++)
		if (source_is_remote(options->inputs.at[i]))
			return true;
	return false;
}

static int check_write(const struct options *options, struct error *error)
{
	if (!options->write)
		return 0;
	if (options->output != NULL)
		return error_set(error, "--write changes the files, so there is no patch "
					"for --output; leave one out");
	for (uint32_t i = 0; i < options->inputs.count; i++) {
		const char *input = options->inputs.at[i];
		if (strcmp(input, "-") == 0 || source_is_remote(input))
			return error_set(error,
				"--write changes files, and %s is none; leave --write "
				"out for a patch",
				strcmp(input, "-") == 0 ? "standard input" : input);
	}
	return 0;
}

static int check_names(const struct options *options, struct error *error)
{
	for (uint32_t i = 0; i < options->inputs.count && !options->write; i++) {
		const char *input = options->inputs.at[i];
		if (strcmp(input, "-") != 0 && !source_is_remote(input) &&
			fix_lies_elsewhere(input))
			return error_set(error,
				"%s is outside of this directory, and git apply refuses "
				"the whole patch for it; run fix at the top of the tree, "
				"or give --write to change the files",
				input);
	}
	return 0;
}

static int find_database(struct fix *fix, struct error *error)
{
	struct options *options = &fix->run.options;
	struct config_errors errors;

	fix->database = options->database;
	/* The run must not extend it: it may be a daemon's. */
	options->database = NULL;
	if (fix->database != NULL && options->config != NULL)
		return error_set(error, "--database and --config both name a database; "
					"leave one out");
	if (options->config == NULL)
		return 0;
	fix->config = configuration_read(options->config, &errors);
	if (fix->config == NULL) {
		configuration_complain(&errors);
		return error_set(error, "--config %s: cannot be used", options->config);
	}
	fix->database = fix->config->database;
	return 0;
}

static bool is_same_file(const char *a, const char *b)
{
	struct file_id left, right;
	return strcmp(a, b) == 0 ||
	       (file_identify(a, &left) == 0 && file_identify(b, &right) == 0 &&
		       left.device == right.device && left.inode == right.inode);
}

static int begin(struct run *run, struct error *error)
{
	struct fix *fix = fix_of(run);
	struct options *options = &run->options;

	if (check_write(options, error) < 0 || check_names(options, error) < 0 ||
		find_database(fix, error) < 0)
		return -1;
	if (options->archived && !options->now && fix->database == NULL)
		return error_set(error, "--archived needs to know what is dead: give "
					"--database FILE, or --now to "
					"believe one check");
	if (fix->database != NULL && options->output != NULL &&
		is_same_file(fix->database, options->output))
		return error_set(error,
			"--output %s is the database and would be overwritten; name "
			"another file",
			options->output);
	options->suggest = options->archived;
	options->offline = !options->now && !options->archived && !has_remote(options);
	return 0;
}

/* --- the end --- */

static int publish(struct fix *fix, struct error *error)
{
	if (check_has_output_file(&fix->run))
		return file_publish(
			fix->run.options.output, buffer_slice(&fix->out), error);
	return terminal_print(buffer_slice(&fix->out), error);
}

/* What this run was not told to look at. */
static void say_more(const struct fix *fix)
{
	const struct options *options = &fix->run.options;
	if (options->quiet || options->now || fix->database != NULL)
		return;
	fputs("linkrotd: only spellings were looked at; --now asks every link, "
	      "--database FILE believes a history\n",
		stderr);
}

/* A run that was cut short or was itself the cause proposes nothing. */
static int tell(struct run *run, struct error *error)
{
	struct fix *fix = fix_of(run);
	if (run->interrupted) {
		error_set(error, "interrupted; nothing was changed");
		return EXIT_STATUS_RUN_FAILED;
	}
	if (fix_find_targets(fix, error) < 0)
		return EXIT_STATUS_RUN_FAILED;
	fix_documents(fix);
	if (!run->options.write && publish(fix, error) < 0)
		return EXIT_STATUS_RUN_FAILED;
	say_more(fix);
	return fix->failed || run->monitor.failed || run->sources.unreadable > 0
		       ? EXIT_STATUS_RUN_FAILED
		       : EXIT_STATUS_OK;
}

static void print_help(void)
{
	puts("usage: linkrotd fix [OPTIONS] INPUT...\n\n"
	     "Prints a patch for `git apply` that corrects the links of the inputs, or "
	     "makes the\n"
	     "changes with --write: spellings that cannot work; and, where a history or "
	     "--now\n"
	     "proves it, permanent targets, https, and archived copies of what is dead. "
	     "An\n"
	     "input is a file, a glob, a directory, an http(s) URL, or - for standard "
	     "input.\n");
	options_print_help(COMMAND_FIX);
	puts("\nExit status: 0 done, or nothing to do; 1 the run failed, or a file could "
	     "not be\n"
	     "changed; 3 bad options. More in linkrotd-fix(1).");
}

static void fini(struct fix *fix)
{
	for (struct fix_document *at = fix->first; at != NULL; at = at->next)
		free(at->links);
	config_free(fix->config);
	buffer_fini(&fix->out);
	arena_fini(&fix->arena);
}

int command_fix(int argc, char **argv)
{
	static const struct check_purpose purpose = {
		.command = COMMAND_FIX,
		.name = "fix",
		.print_help = print_help,
		.begin = begin,
		.on_document = on_document,
		.on_mention = on_mention,
		.before_asking = fix_before_asking,
		.tell = tell,
	};
	static struct fix fix;
	fix.run.data = &fix;
	arena_init(&fix.arena, FIX_BYTES_MAX);
	buffer_init(&fix.out, PATCH_BYTES_MAX);
	int status = check_main(argc, argv, &purpose, &fix.run);
	fini(&fix);
	return status;
}
