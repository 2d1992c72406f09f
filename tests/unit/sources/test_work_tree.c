#include "lib/test.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sources/work_tree_internal.h"

static void only_pages_of_the_host_lie_outside(void **state)
{
	(void)state;
	static const struct {
		int depth;
		const char *written;
		bool left;
	} cases[] = {
		{ 0, "../../issues", true },
		{ 0, "./../..//Releases/latest", true },
		{ 0, "x/../../../wiki/Home", true },
		{ 2, "../../../../issues", true },
		{ 0, "../../docs/../pulls", true },
		{ 0, "../master/LICENSE", true },
		{ 0, "../../../another", true },
		{ 0, "..", false },
		{ 0, "../..", false },
		{ 0, "../README.md", false },
		{ 0, "../docs/issues", false },
		{ 0, "../../README.md", false },
		{ 0, "../../pulls/../docs", false },
		{ 2, "../../issues", false },
		{ 2, "../../../../../../x", true },
		{ 0, "/../../issues", false },
		{ 0, "issues", false },
		{ 0, "..a/..b/issues", false },
		{ 0, "", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct work_tree tree = { SLICE("/top/"), cases[i].depth };
		if (work_tree_is_left(&tree, slice_of(cases[i].written)) != cases[i].left)
			fail_msg("%s", cases[i].written);
	}
	struct work_tree none = { 0 };
	assert_false(work_tree_is_left(&none, SLICE("../../issues")));
}

static void its_top_holds_git(void **state)
{
	(void)state;
	char root[] = "/tmp/linkrotd-tree-XXXXXX", here[PATH_MAX];
	struct arena arena;

	arena_init(&arena, 100000);
	assert_non_null(mkdtemp(root));
	assert_int_equal(chdir(root), 0);
	assert_non_null(realpath(".", here));
	assert_int_equal(mkdir("a", 0755), 0);
	assert_int_equal(mkdir("a/b", 0755), 0);
	assert_int_equal(work_tree_of(&arena, SLICE("a/b/")).top.len, 0);
	assert_int_equal(mkdir(".git", 0755), 0);
	struct work_tree tree = work_tree_of(&arena, SLICE("a/b/"));
	assert_int_equal(tree.depth, 2);
	assert_slice(slice_sub(tree.top, 0, tree.top.len - 1), here);
	assert_int_equal(work_tree_of(&arena, (struct slice){ 0 }).depth, 0);
	assert_int_equal(rmdir(".git"), 0);
	assert_int_equal(rmdir("a/b"), 0);
	assert_int_equal(rmdir("a"), 0);
	assert_int_equal(rmdir(root), 0);
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_pages_of_the_host_lie_outside),
		cmocka_unit_test(its_top_holds_git),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
