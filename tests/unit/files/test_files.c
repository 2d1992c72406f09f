#include "lib/test.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "extract/extract.h"
#include "files/ignore_internal.h"
#include "files/publish.h"
#include "files/read.h"
#include "files/tree.h"

static char root[] = "/tmp/linkrotd-files-XXXXXX";

static int enter(void **state)
{
	(void)state;
	return mkdtemp(root) != NULL && chdir(root) == 0 ? 0 : -1;
}

static void put(const char *path, struct slice bytes)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
	assert_int_equal(fclose(file), 0);
}

static void reads_text_only(void **state)
{
	(void)state;
	struct buffer out;
	struct error error;

	buffer_init(&out, 100);
	put("a.md", SLICE("hello"));
	assert_int_equal(file_read("a.md", &out, &error), 0);
	assert_slice(buffer_slice(&out), "hello");

	buffer_reset(&out);
	put("binary", SLICE("ELF\0\1\2"));
	assert_int_equal(file_read("binary", &out, &error), -1);
	assert_non_null(strstr(error.text, "binary file"));

	buffer_reset(&out);
	put("wide", SLICE("\xFF\xFEh\0"));
	assert_int_equal(file_read("wide", &out, &error), -1);
	assert_non_null(strstr(error.text, "UTF-16"));

	buffer_reset(&out);
	char large[101] = { 'x' };
	put("large", (struct slice){ large, sizeof(large) });
	assert_int_equal(file_read("large", &out, &error), -1);
	assert_non_null(strstr(error.text, "larger than"));
	assert_non_null(strstr(error.text, "--exclude-path"));
	buffer_reset(&out);
	assert_int_equal(file_read_own("large", &out, &error), -1);
	assert_null(strstr(error.text, "--exclude-path"));

	assert_int_equal(file_read("missing", &out, &error), -1);
	assert_non_null(strstr(error.text, "No such file"));
	assert_int_equal(file_read(".", &out, &error), -1);
	buffer_fini(&out);
}

/* Nobody writes into the pipe. */
static void a_pipe_is_not_waited_for(void **state)
{
	(void)state;
	struct buffer out;
	struct error error;
	buffer_init(&out, 100);
	assert_int_equal(mkfifo("pipe", 0600), 0);
	assert_int_equal(file_read_regular("pipe", &out, &error), -1);
	assert_non_null(strstr(error.text, "no regular file"));
	put("token", SLICE("word"));
	assert_int_equal(file_read_regular("token", &out, &error), 0);
	assert_slice(buffer_slice(&out), "word");
	buffer_fini(&out);
}

static void publishes_whole_files(void **state)
{
	(void)state;
	struct buffer out;
	struct error error;
	struct stat before, after;

	put("report", SLICE("old"));
	assert_int_equal(chmod("report", 0640), 0);
	assert_int_equal(symlink("report", "link"), 0);
	assert_int_equal(stat("report", &before), 0);
	assert_int_equal(file_publish("link", SLICE("new"), &error), 0);
	assert_int_equal(lstat("link", &after), 0);
	assert_true(S_ISLNK(after.st_mode));
	assert_int_equal(stat("report", &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	assert_int_equal(after.st_mode & 0777, 0640);
	buffer_init(&out, 100);
	assert_int_equal(file_read("report", &out, &error), 0);
	assert_slice(buffer_slice(&out), "new");
	buffer_fini(&out);

	assert_int_equal(file_publish("/dev/null", SLICE("x"), &error), 0);
	assert_int_equal(file_publish("no/such/place", SLICE("x"), &error), -1);
	assert_int_equal(file_publish(".", SLICE("x"), &error), -1);

	assert_int_equal(file_may_publish("another", &error), 0);
	assert_false(file_exists("another"));
	assert_int_equal(file_may_publish("link", &error), 0);
	assert_int_equal(file_may_publish("/dev/null", &error), 0);
	assert_int_equal(file_may_publish("no/such/place", &error), -1);
	assert_non_null(strstr(error.text, "no/such/place: "));
}

static void missing_is_what_may_be_looked_for(void **state)
{
	enum { NOBODY = 65534 };
	(void)state;
	assert_true(file_is_missing("nowhere"));
	assert_true(file_is_missing("nowhere/a.md"));
	assert_true(file_is_missing("a.md/b"));
	assert_false(file_is_missing("a.md"));
	assert_int_equal(mkdir("closed", 0), 0);
	uid_t user = geteuid();
	if (user == 0)
		assert_int_equal(seteuid(NOBODY), 0);
	/* Another user's root directory of the tests is closed, too. */
	bool missing = file_is_missing("closed/a.md"),
	     exists = file_exists("closed/a.md");
	assert_int_equal(seteuid(user), 0);
	assert_false(missing);
	assert_false(exists);
	assert_int_equal(rmdir("closed"), 0);
}

static int umasks_set;

/* In place of libc's. */
mode_t umask(mode_t mask)
{
	umasks_set++;
	return (mode_t)syscall(SYS_umask, mask);
}

/* A new file is as the umask wants it, and no other thread makes a file without one
 * meanwhile. */
static void leaves_the_umask_alone(void **state)
{
	(void)state;
	struct error error;
	struct stat st;
	mode_t before = umask(027);

	umasks_set = 0;
	assert_int_equal(file_publish("fresh", SLICE("new"), &error), 0);
	assert_int_equal(file_publish("fresh", SLICE("newer"), &error), 0);
	assert_int_equal(umasks_set, 0);
	assert_int_equal(stat("fresh", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	umask(before);
}

static bool is_document(struct slice name)
{
	return slice_ends(name, SLICE(".md"));
}

static void publishes_through_links(void **state)
{
	(void)state;
	struct buffer out;
	struct error error;
	struct stat st;

	assert_int_equal(mkdir("to", 0755), 0);
	assert_int_equal(symlink("to/second", "first"), 0);
	assert_int_equal(symlink("target", "to/second"), 0);
	assert_int_equal(file_may_publish("first", &error), 0);
	assert_int_equal(file_publish("first", SLICE("new"), &error), 0);
	assert_int_equal(lstat("first", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat("to/second", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	buffer_init(&out, 100);
	assert_int_equal(file_read("to/target", &out, &error), 0);
	assert_slice(buffer_slice(&out), "new");
	buffer_fini(&out);

	assert_int_equal(symlink("circle", "circle"), 0);
	assert_int_equal(file_publish("circle", SLICE("new"), &error), -1);
}

static int collect(void *data, const char *path)
{
	buffer_printf(data, "%s ", path);
	return 0;
}

static void pass_by(void *data, const char *directory, const char *why)
{
	assert_true(why[0] != '\0');
	buffer_printf(data, "!%s ", directory);
}

static void assert_expands(
	const char *input, const struct tree_sink *sink, const char *paths)
{
	struct error error;
	buffer_reset(sink->data);
	assert_int_equal(tree_expand(input, sink, &error), paths[0] != '\0' ? 0 : -1);
	assert_slice(buffer_slice(sink->data), paths);
	if (paths[0] == '\0')
		assert_non_null(strstr(error.text, "no file matches"));
}

static void expands_inputs(void **state)
{
	(void)state;
	struct buffer found;
	struct error error;
	buffer_init(&found, 1000);
	const struct tree_sink sink = { &found, collect, pass_by, is_document };

	static const char *const directories[] = { "t", "t/sub", "t/.git",
		"t/node_modules", "t/build", "t/sub/out" };
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		assert_int_equal(mkdir(directories[i], 0755), 0);
	put("t/.gitignore",
		SLICE("# made\n/build/\n*.tmp.md\n!keep.tmp.md\nsub/out/**\n"));
	static const char *const files[] = { "t/b.md", "t/a.md", "t/x.c", "t/.git/c.md",
		"t/node_modules/d.md", "t/build/e.md", "t/f.tmp.md", "t/keep.tmp.md",
		"t/sub/g.md", "t/sub/out/h.md" };
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		put(files[i], SLICE("x"));
	assert_int_equal(symlink("..", "t/sub/up"), 0);
	/* Opening it would block. */
	assert_int_equal(mkfifo("t/sub/.gitignore", 0600), 0);

	assert_int_equal(tree_expand("t", &sink, &error), 0);
	assert_slice(buffer_slice(&found), "t/a.md t/b.md t/keep.tmp.md t/sub/g.md ");
	buffer_reset(&found);
	assert_int_equal(tree_expand("t/*.c", &sink, &error), 0);
	assert_slice(buffer_slice(&found), "t/x.c ");
	assert_int_equal(tree_expand("t/none", &sink, &error), -1);
	assert_expands("t/*.zzz", &sink, "");

	/* What stands above in the work tree counts, wherever the search begins. */
	assert_int_equal(mkdir("t/sub/out/deep", 0755), 0);
	put("t/sub/out/deep/i.md", SLICE("x"));
	put("t/sub/j.tmp.md", SLICE("x"));
	assert_expands("t/sub", &sink, "t/sub/g.md ");
	assert_expands("t/sub/", &sink, "t/sub/g.md ");
	assert_expands("t/sub/**/*.md", &sink, "t/sub/g.md ");
	assert_expands("t/bui*", &sink, "");
	assert_expands("t/build", &sink, "t/build/e.md ");
	assert_int_equal(chdir("t/sub"), 0);
	assert_expands(".", &sink, "./g.md ");
	assert_int_equal(chdir("../.."), 0);
	/* A picture that a pattern matches. */
	put("t/p.x", SLICE("PNG\0"));
	put("t/q.x", SLICE("x"));
	assert_expands("t/*.x", &sink, "t/q.x ");
	assert_expands("t/p.x", &sink, "t/p.x ");

	/* As bash's globstar does, but what a directory hides stays hidden. */
	assert_expands("t/**/*.md", &sink, "t/a.md t/b.md t/keep.tmp.md t/sub/g.md ");
	assert_expands("**/g.md", &sink, "t/sub/g.md ");
	assert_expands("./**/sub/*", &sink, "./t/sub/g.md ");
	assert_expands("t/**/*.c", &sink, "t/x.c ");
	assert_expands("t/**/*", &sink, "t/a.md t/b.md t/keep.tmp.md t/sub/g.md ");
	assert_expands("t/s*/**", &sink, "t/sub/g.md ");
	assert_expands("t/**/*.zzz", &sink, "");
	assert_expands("none/**/*.md", &sink, "");
	buffer_fini(&found);
}

/* Each as `git check-ignore` says of that file alone. */
static void ignores(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *path;
		bool ignored;
	} cases[] = {
		{ "a/**/f.md", "a/f.md", true },
		{ "a/**/f.md", "a/b/c/f.md", true },
		{ "a/**/f.md", "x/a/f.md", false },
		{ "**a/f.md", "x/a/f.md", false },
		{ "**a/f.md", "xa/f.md", true },
		{ "a/**f.md", "a/b/f.md", false },
		{ "a/**f.md", "a/bf.md", true },
		{ "**/a/**/f.md", "x/a/f.md", true },
		{ "x/**/*/f.md", "x/f.md", false },
		{ "x/**/*/f.md", "x/a/f.md", true },
		{ "docs/**/*.md", "docs/f.md", true },
		{ "a/**", "a/b/f.md", true },
		{ "a/**", "a", false },
		{ "**/b/**/c/**/f.md", "a/b/b/c/b/f.md", true },
		{ "**/b/**/c/**/f.md", "a/c/b/f.md", false },
		{ "**", "a/f.md", true },
		{ "/**", "f.md", true },
		{ "a**b.md", "x/acb.md", true },
		{ "*/f.md", "f.md", false },
		{ "*/f.md", "a/b/f.md", false },
		{ "?/f.md", "a/f.md", true },
		{ "[!b]/f.md", "a/f.md", true },
		{ "a\\*b.md", "a*b.md", true },
		{ "a\\*b.md", "acb.md", false },
		{ "sp\\ ", "sp ", true },
		{ "sp\\ ", "sp", false },
		{ "sp  ", "sp", true },
		{ "\\#a", "#a", true },
		{ "\\!a", "!a", true },
		{ "a//f.md", "a/f.md", false },
		{ "f.md/", "f.md", false },
	};
	assert_int_equal(mkdir("i", 0755), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ignore ignore;
		char path[64];
		snprintf(path, sizeof(path), "i/%s", cases[i].path);
		put("i/.gitignore", slice_of(cases[i].pattern));
		ignore_init(&ignore, "i", NULL);
		if (ignore_matches(&ignore, path, false) != cases[i].ignored)
			fail_msg("%s: %s", cases[i].pattern, cases[i].path);
		ignore_fini(&ignore);
	}
}

static int leave(void **state)
{
	(void)state;
	char command[64];
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

typedef int scandir_fn(const char *path, struct dirent ***entries,
	int (*filter)(const struct dirent *),
	int (*compare)(const struct dirent **, const struct dirent **));

/* In place of libc's: a directory of this name ends just before it is read. */
int scandir(const char *restrict path, struct dirent ***restrict entries,
	int (*filter)(const struct dirent *),
	int (*compare)(const struct dirent **, const struct dirent **))
{
	scandir_fn *next;
	*(void **)&next = dlsym(RTLD_NEXT, "scandir");
	if (slice_ends(slice_of(path), SLICE("vanishing")))
		assert_int_equal(rmdir(path), 0);
	return next(path, entries, filter, compare);
}

/* What lies beside a directory that goes while the tree is read is found; the one that
 * was asked for must be there. */
static void reads_around_what_vanishes(void **state)
{
	(void)state;
	struct buffer found;
	struct error error;
	buffer_init(&found, 1000);
	const struct tree_sink sink = { &found, collect, pass_by, is_document };

	assert_int_equal(mkdir("moving", 0755), 0);
	assert_int_equal(mkdir("moving/vanishing", 0755), 0);
	put("moving/a.md", SLICE("x"));
	put("moving/z.md", SLICE("x"));
	assert_int_equal(tree_expand("moving", &sink, &error), 0);
	assert_slice(buffer_slice(&found), "moving/a.md moving/z.md ");
	assert_int_equal(mkdir("vanishing", 0755), 0);
	assert_int_equal(tree_expand("vanishing", &sink, &error), -1);
	buffer_fini(&found);
}

static uid_t owner;

/* From root no directory is closed. */
static int close_one(void **state)
{
	(void)state;
	owner = geteuid();
	assert_int_equal(chmod(root, 0755), 0);
	assert_int_equal(mkdir("closing", 0755), 0);
	assert_int_equal(mkdir("closing/b", 0755), 0);
	assert_int_equal(mkdir("closing/c", 0755), 0);
	put("closing/a.md", SLICE("x"));
	put("closing/c/d.md", SLICE("x"));
	assert_int_equal(chmod("closing/b", 0), 0);
	return owner == 0 ? seteuid(65534) : 0;
}

static int open_it(void **state)
{
	(void)state;
	return seteuid(owner) + chmod("closing/b", 0755);
}

static void reads_around_what_is_closed(void **state)
{
	(void)state;
	struct buffer found;
	struct error error;
	buffer_init(&found, 1000);
	const struct tree_sink sink = { &found, collect, pass_by, is_document };

	assert_expands("closing", &sink, "closing/a.md !closing/b closing/c/d.md ");
	assert_expands("closing/*", &sink, "closing/a.md !closing/b closing/c/d.md ");
	assert_expands("closing/*/*.md", &sink, "!closing/b closing/c/d.md ");
	assert_expands(
		"closing/**/*.md", &sink, "closing/a.md !closing/b closing/c/d.md ");
	assert_expands("closing/c*/**/*.md", &sink, "closing/c/d.md ");
	assert_int_equal(chdir("closing"), 0);
	assert_expands("**/*.md", &sink, "a.md !b c/d.md ");
	assert_int_equal(chdir(".."), 0);
	/* What was asked for by itself must be there. */
	assert_int_equal(tree_expand("closing/b", &sink, &error), -1);
	assert_non_null(strstr(error.text, "cannot be listed"));
	buffer_fini(&found);
}

/* Listed, but not to be looked into (chmod -R 644). */
static int lock_one(void **state)
{
	(void)state;
	owner = geteuid();
	assert_int_equal(chmod(root, 0755), 0);
	assert_int_equal(mkdir("locking", 0755), 0);
	assert_int_equal(mkdir("locking/b", 0755), 0);
	assert_int_equal(mkdir("locking/b/deeper", 0755), 0);
	put("locking/a.md", SLICE("x"));
	put("locking/b/c.md", SLICE("x"));
	put("locking/b/picture.png", SLICE("x"));
	put("locking/b/ignored.md", SLICE("x"));
	put("locking/.gitignore", SLICE("ignored.md\n"));
	assert_int_equal(symlink("b/c.md", "locking/leads.md"), 0);
	assert_int_equal(symlink("nowhere.md", "locking/nowhere.md"), 0);
	assert_int_equal(symlink("locking", "locking/round.md"), 0);
	assert_int_equal(chmod("locking/b", 0644), 0);
	return owner == 0 ? seteuid(65534) : 0;
}

static int unlock_it(void **state)
{
	(void)state;
	return seteuid(owner) + chmod("locking/b", 0755);
}

/* What is there is handed on, so that it is told why it cannot be read, and keeps its
 * links. */
static void what_cannot_be_looked_at_is_not_gone(void **state)
{
	(void)state;
	struct buffer found;
	buffer_init(&found, 1000);
	const struct tree_sink sink = { &found, collect, pass_by, is_document };
	assert_expands("locking", &sink,
		"locking/a.md locking/b/c.md !locking/b/deeper locking/leads.md ");
	assert_expands("locking/**/*.md", &sink,
		"locking/a.md locking/b/c.md !locking/b/deeper locking/leads.md ");
	buffer_fini(&found);
}

/* Deeper than anybody writes. */
static void a_tree_has_an_end(void **state)
{
	(void)state;
	struct buffer found;
	char path[256] = "deep", end[300];
	buffer_init(&found, 1000);
	const struct tree_sink sink = { &found, collect, pass_by, is_document };
	assert_int_equal(mkdir(path, 0755), 0);
	put("deep/a.md", SLICE("x"));
	for (int i = 0; i < 65; i++) {
		snprintf(path + strlen(path), sizeof(path) - strlen(path), "/d");
		assert_int_equal(mkdir(path, 0755), 0);
	}
	snprintf(end, sizeof(end), "deep/a.md !%s ", path);
	assert_expands("deep", &sink, end);
	buffer_fini(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_text_only),
		cmocka_unit_test(missing_is_what_may_be_looked_for),
		cmocka_unit_test(a_pipe_is_not_waited_for),
		cmocka_unit_test(publishes_whole_files),
		cmocka_unit_test(publishes_through_links),
		cmocka_unit_test(leaves_the_umask_alone),
		cmocka_unit_test(expands_inputs),
		cmocka_unit_test(ignores),
		cmocka_unit_test(reads_around_what_vanishes),
		cmocka_unit_test_setup_teardown(
			reads_around_what_is_closed, close_one, open_it),
		cmocka_unit_test_setup_teardown(
			what_cannot_be_looked_at_is_not_gone, lock_one, unlock_it),
		cmocka_unit_test(a_tree_has_an_end),
	};
	return cmocka_run_group_tests_name("files", tests, enter, leave);
}
