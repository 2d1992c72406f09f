#include "lib/test.h"

#include "policy/method.h"

static enum method_plan plan(
	struct method_record record, const char *path, uint32_t links)
{
	return method_plan(&record, slice_of(path), false, links);
}

static void only_files_are_asked_with_head(void **state)
{
	(void)state;
	static const char *const files[] = { "/a.pdf", "/A.PDF", "/a/b.tar.gz", "/x.tgz",
		"/x.zip?download=1", "/x.7z#top", "/w/model.safetensors", "/m.gguf",
		"/d.parquet", "/v1.2/x.mp4", "/a.docx", "/a%20b.pdf", "/2306.123.pdf",
		"/i.jpeg", "/b.djvu", "/a.bin", "/blobs/a.pdf" };
	static const char *const pages[] = { "", "/", "/a", "/a.html", "/a.php", "/pdf",
		"/.pdf", "/a.pdf/", "/a.pdf/view", "/pdf/1706.03762", "/a?f=x.pdf",
		"/a#x.pdf", "/a.", "/a.pdfx", "/a.txt", "/wiki/File:Map.png",
		"/u/r/blob/main/paper.pdf", "/a.svg", "/a.md" };
	struct method_record trusted = { .agreed = METHOD_TRUSTED };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (plan(trusted, files[i], 1) != METHOD_PLAN_HEAD)
			fail_msg("%s", files[i]);
		assert_int_equal(method_plan(&trusted, slice_of(files[i]), true, 9),
			METHOD_PLAN_GET);
	}
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (plan(trusted, pages[i], 9) != METHOD_PLAN_GET)
			fail_msg("%s", pages[i]);
}

static void learning_must_pay(void **state)
{
	(void)state;
	struct method_record record = { 0 };
	assert_int_equal(plan(record, "/a.pdf", 0), METHOD_PLAN_GET);
	assert_int_equal(plan(record, "/a.pdf", 2), METHOD_PLAN_GET);
	assert_int_equal(plan(record, "/a.pdf", 3), METHOD_PLAN_HEAD_THEN_GET);
	record.agreed = 1;
	assert_int_equal(plan(record, "/a.pdf", 2), METHOD_PLAN_GET);
	assert_int_equal(plan(record, "/a.pdf", 3), METHOD_PLAN_HEAD_THEN_GET);
}

/* Interfaces 1.2: HEAD 404 and GET 200 is ok, HEAD 200 and GET 404 is broken; a host that
 * does either is never asked with HEAD again. */
static void what_two_answers_teach(void **state)
{
	(void)state;
	static const struct {
		int head, get;
		char teaches; /* +: agreement, -: GET-only, 0: nothing */
	} cases[] = {
		{ 200, 200, '+' },
		{ 200, 206, '+' },
		{ 404, 404, '+' },
		{ 404, 410, '+' },
		{ 404, 200, '-' },
		{ 200, 404, '-' },
		{ 405, 200, '-' },
		{ 501, 200, '-' },
		{ 0, 200, '-' },
		{ 0, 404, '+' },
		{ 304, 200, '-' },
		{ 302, 200, '-' },
		{ 200, 302, '-' },
		{ 302, 404, '-' },
		{ 302, 301, '-' },
		{ 0, 302, '-' },
		{ 200, 0, '0' },
		{ 0, 0, '0' },
		{ 200, 429, '0' },
		{ 429, 429, '0' },
		{ 200, 503, '0' },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct method_record record = { 0 };
		method_learn(&record, cases[i].head, cases[i].get);
		char taught = record.get_only ? '-' : record.agreed > 0 ? '+' : '0';
		if (taught != cases[i].teaches)
			fail_msg("%d %d: %c", cases[i].head, cases[i].get, taught);
	}
}

static void trust_is_earned_and_lost(void **state)
{
	(void)state;
	struct method_record record = { 0 };
	for (int i = 0; i < METHOD_AGREED_MIN; i++) {
		assert_int_equal(plan(record, "/a.pdf", 5), METHOD_PLAN_HEAD_THEN_GET);
		method_learn(&record, 200, 200);
	}
	assert_int_equal(plan(record, "/a.pdf", 2), METHOD_PLAN_GET);
	for (int i = 0; i < 1000; i++)
		method_learn(&record, 200, 200);
	assert_int_equal(plan(record, "/a.pdf", 5), METHOD_PLAN_PROVE_FIRST);
	method_learn_made_up(&record, 404, false);
	for (int i = 0; i < 1000; i++)
		method_learn(&record, 200, 200);
	assert_int_equal(plan(record, "/a.pdf", 1), METHOD_PLAN_HEAD);
	struct method_record other = record;
	method_learn(&record, 404, 200);
	method_learn_page(&other);
	for (int i = 0; i < 1000; i++) {
		method_learn(&record, 200, 200);
		method_learn(&other, 200, 200);
	}
	assert_int_equal(plan(record, "/a.pdf", 5), METHOD_PLAN_GET);
	assert_int_equal(plan(other, "/a.pdf", 5), METHOD_PLAN_GET);
}

/* HEAD that says yes to whatever is asked for agrees with GET for each file that is
 * there. The server's pages for what is not there are no such yes. */
static void what_a_made_up_file_teaches(void **state)
{
	(void)state;
	static const struct {
		int status;
		bool page;
		enum method_plan then;
	} cases[] = {
		{ 404, false, METHOD_PLAN_HEAD },
		{ 403, true, METHOD_PLAN_HEAD },
		{ 302, false, METHOD_PLAN_HEAD },
		{ 500, false, METHOD_PLAN_HEAD },
		{ 200, true, METHOD_PLAN_HEAD },
		{ 200, false, METHOD_PLAN_GET },
		{ 204, false, METHOD_PLAN_GET },
		{ 0, false, METHOD_PLAN_GET },
		{ 429, false, METHOD_PLAN_GET },
		{ 503, true, METHOD_PLAN_GET },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct method_record record = { .agreed = METHOD_AGREED_MIN };
		struct method_record gave_up = { .get_only = true };
		method_learn_made_up(&record, cases[i].status, cases[i].page);
		method_learn_made_up(&gave_up, cases[i].status, cases[i].page);
		if (plan(record, "/a.pdf", 5) != cases[i].then)
			fail_msg("%d: %d", cases[i].status, plan(record, "/a.pdf", 5));
		assert_int_equal(plan(gave_up, "/a.pdf", 5), METHOD_PLAN_GET);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_files_are_asked_with_head),
		cmocka_unit_test(learning_must_pay),
		cmocka_unit_test(what_two_answers_teach),
		cmocka_unit_test(trust_is_earned_and_lost),
		cmocka_unit_test(what_a_made_up_file_teaches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
