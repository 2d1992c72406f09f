#include "lib/test.h"

#include "extract/title.h"
#include "extract/title_internal.h"

struct title_case {
	const char *text, *context, *title;
};

static void check(const struct title_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct arena arena;
		arena_init(&arena, 100000);
		struct slice title = expected_title(
			&arena, slice_of(cases[i].text), slice_of(cases[i].context));
		if (!slice_equal(title, slice_of(cases[i].title)))
			print_message(
				"text %s, context %s\n", cases[i].text, cases[i].context);
		assert_slice(title, cases[i].title);
		arena_fini(&arena);
	}
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof((cases)[0]))

static void a_text_that_names_something(void **state)
{
	(void)state;
	static const struct title_case cases[] = {
		{ "Attention Is All You Need", "NeurIPS", "Attention Is All You Need" },
		{ " [A Survey of Models] ", "", "A Survey of Models" },
		{ "[a1] and [b2]", "", "[a1] and [b2]" },
		{ "GPT-4", "x", "GPT-4" },
		{ "The Llama paper", "x", "The Llama paper" },
		{ "量子计算", "", "量子计算" },
	};
	CHECK(cases);
}

static void a_text_that_names_nothing(void **state)
{
	(void)state;
	static const char *const generic[] = { "", "Paper", "[Paper]", "[[pdf]]", "PDF",
		"link", "Here", "blog", "Code", "GitHub", "website", "Project Page",
		"arXiv", "slides", "video", "demo", "dataset", "model", "read more",
		"Read more »", "📄 Paper", "🔗", "x", "…", "[1]", "12",
		"https://example.org/a", "www.example.org", "github.com/who/what",
		"me@example.org", "this link", "[📄 paper]", "论文", "article", "arxiv" };
	for (size_t i = 0; i < sizeof(generic) / sizeof(generic[0]); i++) {
		const struct title_case one = { generic[i], "The Real Title",
			"The Real Title" };
		check(&one, 1);
	}
}

static void the_context_is_cleaned(void **state)
{
	(void)state;
	static const struct title_case cases[] = {
		{ "[Paper]", "A Survey of Models", "A Survey of Models" },
		{ "Paper", "A Survey [[Code]] (pdf)", "A Survey" },
		{ "Paper", "A Survey | Code | Project page", "A Survey" },
		{ "Paper", "- A Survey: ", "A Survey" },
		{ "Paper", "A  \n Survey [ , ]", "A Survey" },
		{ "Paper", "Attention for Code", "Attention for Code" },
		{ "Paper", "What? (A Study)", "What? (A Study)" },
		{ "Paper", "[Code] [Slides]", "" },
		{ "Paper", "", "" },
		{ "Paper", "– · |", "" },
		{ "Paper", "12", "" },
		{ "Paper", "and", "" },
		{ "Paper", " , and also ", "" },
		{ "Paper", "A Survey: , , see also ", "A Survey" },
		{ "Paper", "A Survey ,  ; code or data", "A Survey" },
		{ "Paper", "A Survey,,Doe", "A Survey,,Doe" },
		{ "Paper", "A Survey , , by Doe, Roe", "A Survey , by Doe, Roe" },
		{ "Paper", "Learning from Text, Code and Data",
			"Learning from Text, Code and Data" },
		{ "Und", "Sein oder Nichtsein", "Sein oder Nichtsein" },
	};
	CHECK(cases);
}

static void prose_is_no_title(void **state)
{
	(void)state;
	char prose[1000];
	memset(prose, 'a', sizeof(prose) - 1);
	for (size_t i = 5; i < sizeof(prose); i += 6)
		prose[i] = ' ';
	prose[sizeof(prose) - 1] = '\0';
	const struct title_case one = { "here", prose, "" };
	check(&one, 1);
}

static void sentences_go_on_at_the_link(void **state)
{
	(void)state;
	static const struct {
		const char *before, *behind;
		bool in_sentence;
	} cases[] = {
		{ "Click ", " to read more.", true },
		{ "See ", ".", true },
		{ "More info at ", "", true },
		{ "Documentation is available ", ".", true },
		{ "You can find the ", " and build instructions on our site.", true },
		{ "If you use our work, please read the ", " first and cite it.", true },
		{ "We use the data from ", ", which contain 10k samples.", true },
		{ "Read the        or ", ".", true },
		{ "Breaking changes, see *", "*", true },
		{ "", " you can find more", true },
		{ "The ", " has demos", true },
		{ "", "", false },
		{ "A Survey of Models [[", "]]", false },
		{ "A Survey of Models         and ", "", false },
		{ "What You See ", " by Doe et al.", false },
		{ "Learning to See ", "", false },
		{ "Doe et al., A Survey (see ", ")", false },
		{ "A Survey, Doe A ", "", false },
		{ "A Survey, ", ", To Be Published", false },
		{ "Weights ", " trained on 2T tokens", false },
		{ "", " A Survey", false },
		{ "\xE8\xAE\xBA ", "\xFF", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (title_is_in_sentence(slice_of(cases[i].before),
			    slice_of(cases[i].behind)) != cases[i].in_sentence)
			fail_msg("%s[]%s", cases[i].before, cases[i].behind);
}

static void invalid_text_does_no_harm(void **state)
{
	(void)state;
	static const struct title_case cases[] = {
		{ "\xFF\xFE", "T itle\xC0", "T itle\xC0" },
		{ "[\x80", "[(", "" },
		{ "a\xE2\x80", "x", "a\xE2\x80" },
	};
	check(cases, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_that_names_something),
		cmocka_unit_test(a_text_that_names_nothing),
		cmocka_unit_test(the_context_is_cleaned),
		cmocka_unit_test(prose_is_no_title),
		cmocka_unit_test(sentences_go_on_at_the_link),
		cmocka_unit_test(invalid_text_does_no_harm),
	};
	return cmocka_run_group_tests_name("title", tests, NULL, NULL);
}
