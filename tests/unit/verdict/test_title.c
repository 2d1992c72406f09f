#include "lib/test.h"

#include "verdict/title.h"

static const char *const match_texts[] = {
	[TITLE_UNKNOWN] = "unknown",
	[TITLE_MATCH] = "match",
	[TITLE_RETITLED] = "retitled",
	[TITLE_OTHER] = "other",
};

struct pair {
	const char *expected, *found;
	enum title_match match;
};

static enum title_match compare(const char *expected, const char *found)
{
	struct arena scratch;
	arena_init(&scratch, 1 << 20);
	enum title_match match =
		title_compare(&scratch, slice_of(expected), slice_of(found));
	arena_fini(&scratch);
	return match;
}

static void check(const struct pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		enum title_match match = compare(pairs[i].expected, pairs[i].found);
		if (match != pairs[i].match)
			fail_msg("\"%s\" and \"%s\": %s, not %s", pairs[i].expected,
				pairs[i].found, match_texts[match],
				match_texts[pairs[i].match]);
	}
}

#define SURVEY "A Survey of Large Language Models"

static void same_page(void **state)
{
	(void)state;
	static const struct pair pairs[] = {
		{ SURVEY, SURVEY, TITLE_MATCH },
		{ SURVEY, "a survey of LARGE language models.", TITLE_MATCH },
		{ SURVEY, "[2303.18223] " SURVEY, TITLE_MATCH },
		{ "[2303.18223] " SURVEY, SURVEY " | OpenReview", TITLE_MATCH },
		{ SURVEY, SURVEY " - ACL Anthology", TITLE_MATCH },
		{ SURVEY, SURVEY " – Blog", TITLE_MATCH },
		{ SURVEY, SURVEY " · Lab • Group", TITLE_MATCH },
		{ SURVEY, "Nature — " SURVEY, TITLE_MATCH },
		{ SURVEY, SURVEY " | Section | Some Very Long Name of a Site",
			TITLE_MATCH },
		{ SURVEY, "\\emph{A Survey} of {L}arge {L}anguage $Models$",
			TITLE_MATCH },
		{ "Learning with the Schr\\\"{o}dinger Bridge",
			"Learning with the Schrödinger Bridge", TITLE_MATCH },
		{ "ﬁne‐tuning ＬＬＭs on Ⅳ tasks", "Fine-Tuning LLMs on IV Tasks",
			TITLE_MATCH },
		{ "Stanford Alpaca",
			"GitHub - tatsu-lab/stanford_alpaca: Code and documentation to "
			"train Stanford's Alpaca models",
			TITLE_MATCH },
		{ SURVEY " Zhao et al. 2023", SURVEY, TITLE_MATCH },
		{ "Straße und Verkehr im Mittelalter",
			"STRASSE UND VERKEHR IM MITTELALTER", TITLE_MATCH },
		{ "大型语言模型综述", "大型语言模型综述 - 知乎", TITLE_MATCH },
		{ "ことばのしくみ", "「ことばのしくみ」とは", TITLE_MATCH },
		{ "The Reader's Digest of soft\xC2\xADware",
			"The Readers Digest of software", TITLE_MATCH },
		{ "BERT - Pre-training of Deep Transformers",
			"BERT: Pre-training of Deep Transformers", TITLE_MATCH },
		/* 6 of 10 words: exactly 0.6; 4 of 5 of the shorter: exactly 0.8 */
		{ "alpha beta gamma delta epsilon zeta one two",
			"alpha beta gamma delta epsilon zeta three four", TITLE_MATCH },
		{ "alpha beta gamma delta nothing",
			"one two three four five alpha beta gamma delta", TITLE_MATCH },
	};
	check(pairs, sizeof(pairs) / sizeof(pairs[0]));
}

/* Six of ten words are just a match; with a site's name counted they would not be. */
static void site_names_do_not_count(void **state)
{
	(void)state;
	static const char label[] = "alpha beta gamma delta epsilon zeta one two";
	static const char title[] = "alpha beta gamma delta epsilon zeta three four";
	static const char *const separators[] = { " | ", " - ", " :: ", " · ", " • ",
		" – ", " — ", " » " };
	char found[256];

	for (size_t i = 0; i < sizeof(separators) / sizeof(separators[0]); i++) {
		snprintf(found, sizeof(found), "%s%sA Long Name of Some Site", title,
			separators[i]);
		assert_int_equal(compare(label, found), TITLE_MATCH);
		snprintf(found, sizeof(found), "A Long Name of Some Site%s%s",
			separators[i], title);
		assert_int_equal(compare(label, found), TITLE_MATCH);
		snprintf(found, sizeof(found), "%s%sSome Part%sA Long Name of Some Site",
			title, separators[i], separators[i]);
		assert_int_equal(compare(label, found), TITLE_MATCH);
	}
	assert_int_equal(
		compare(label, "alpha beta gamma delta epsilon zeta three four, A "
			       "Long Name of Some Site"),
		TITLE_RETITLED);
	assert_int_equal(
		compare(label, "GitHub - alpha beta gamma delta epsilon zeta three "
			       "four - site"),
		TITLE_MATCH);
	assert_int_equal(
		compare(label, "[2303.18223v2] alpha beta gamma delta epsilon zeta "
			       "three four"),
		TITLE_MATCH);
}

static void retitled(void **state)
{
	(void)state;
	static const struct pair pairs[] = {
		/* 5 of 11 */
		{ "alpha beta gamma delta epsilon one two three",
			"alpha beta gamma delta epsilon four five six", TITLE_RETITLED },
		/* 3 of 10: exactly 0.3 */
		{ "alpha beta gamma one two three four",
			"alpha beta gamma five six seven", TITLE_RETITLED },
		{ "Languages are Rewards: Hindsight Finetuning using Human Feedback",
			"Chain of Hindsight Aligns Language Models with Feedback using "
			"Human Rewards",
			TITLE_RETITLED },
	};
	check(pairs, sizeof(pairs) / sizeof(pairs[0]));
}

static void other_page(void **state)
{
	(void)state;
	static const struct pair pairs[] = {
		{ SURVEY, "Page not found", TITLE_OTHER },
		{ SURVEY, "Cheap flights to Rome | Example", TITLE_OTHER },
		{ SURVEY, "A Survey of Reinforcement Learning from Human Feedback",
			TITLE_OTHER },
		/* a short title within a long label proves nothing for it */
		{ "Advances in machine learning for the physical sciences",
			"Error | Machine learning", TITLE_OTHER },
		{ "Advances in machine learning", "Machine learning", TITLE_MATCH },
		{ "Advances in the machine learning", "Machine learning",
			TITLE_RETITLED },
		/* the words of one field, in another order */
		{ SURVEY,
			"Exploring the Use of Large Language Models for Text Quality "
			"Evaluation: A Preliminary Study",
			TITLE_RETITLED },
		/* one word in common is the subject, not the page */
		{ "Java tutorial", "Java Software | Oracle", TITLE_UNKNOWN },
		/* 2 of 7 */
		{ "alpha beta one two three", "alpha beta four five six", TITLE_OTHER },
	};
	check(pairs, sizeof(pairs) / sizeof(pairs[0]));
}

static void no_verdict_in_doubt(void **state)
{
	(void)state;
	static const struct pair pairs[] = {
		{ "", SURVEY, TITLE_UNKNOWN },
		{ SURVEY, "", TITLE_UNKNOWN },
		{ "Project", SURVEY, TITLE_UNKNOWN },
		{ "a b c d", SURVEY, TITLE_UNKNOWN },
		{ SURVEY, "GitHub", TITLE_UNKNOWN },
		{ SURVEY, "Loading…", TITLE_UNKNOWN },
		{ SURVEY, "!!! ... ???", TITLE_UNKNOWN },
		{ SURVEY, "\xff\xfe\xff", TITLE_UNKNOWN },
		{ "Reward modelling", "Scaling laws and their uses", TITLE_UNKNOWN },
		{ SURVEY, "大型语言模型综述与展望", TITLE_UNKNOWN },
		{ "大型语言模型综述与展望", SURVEY, TITLE_UNKNOWN },
		{ SURVEY, "Обзор больших языковых моделей", TITLE_UNKNOWN },
	};
	check(pairs, sizeof(pairs) / sizeof(pairs[0]));
}

static void evidence_takes_the_best(void **state)
{
	(void)state;
	struct arena scratch;
	arena_init(&scratch, 1 << 20);
	struct slice expected = SLICE(SURVEY);
	struct page_facts page = { .parsed = true };

	assert_int_equal(title_evidence(&scratch, expected, &page), TITLE_UNKNOWN);
	page.heading = SLICE("Journal of Applied Tomfoolery");
	assert_int_equal(title_evidence(&scratch, expected, &page), TITLE_UNKNOWN);
	page.title = SLICE("Welcome to the new web site");
	assert_int_equal(title_evidence(&scratch, expected, &page), TITLE_OTHER);
	page.heading = SLICE(SURVEY);
	assert_int_equal(title_evidence(&scratch, expected, &page), TITLE_MATCH);
	page.heading = SLICE("");
	page.og_title = SLICE(SURVEY);
	assert_int_equal(title_evidence(&scratch, expected, &page), TITLE_MATCH);
	page.og_title = SLICE("");
	page.citation_title = SLICE(SURVEY);
	assert_int_equal(title_evidence(&scratch, expected, &page), TITLE_MATCH);
	assert_int_equal(title_evidence(&scratch, SLICE("Paper"), &page), TITLE_UNKNOWN);
	arena_fini(&scratch);
}

static void labels_of_one_link(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool differ;
	} cases[] = {
		{ "ShareGPT", "Vicuna: An Open-Source Chatbot Impressing GPT-4", true },
		{ SURVEY, "Training language models to follow instructions", false },
		{ SURVEY, "Cheap flights to Rome", true },
		{ SURVEY, SURVEY, false },
		{ "Vicuna", "ShareGPT", false }, /* two names may be those of one thing */
		{ "our site", "Documentation", false },
		{ "", SURVEY, false },
		{ "X", SURVEY, false },
		{ "大语言模型综述", SURVEY, false }, /* perhaps its translation */
		{ "one two three four five six seven eight nine ten eleven twelve "
		  "thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty "
		  "twentyone twentytwo twentythree twentyfour twentyfive",
			SURVEY, false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena scratch;
		struct slice a = slice_of(cases[i].a), b = slice_of(cases[i].b);
		arena_init(&scratch, 1 << 20);
		if (title_labels_differ(&scratch, a, b) != cases[i].differ ||
			title_labels_differ(&scratch, b, a) != cases[i].differ)
			fail_msg("%s and %s", cases[i].a, cases[i].b);
		arena_fini(&scratch);
	}
}

/* Hostile sizes end soon, and an exhausted arena is a doubt, not a crash. */
static void bounded(void **state)
{
	(void)state;
	enum { SIZE = 1 << 20 };
	static char text[SIZE];
	static const char *const patterns[] = { "\xEF\xB7\xBA", " | ", "\\", "{", "a ",
		"\xCC\x81", "\xf0\x9f" };
	struct arena scratch;

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		size_t len = strlen(patterns[i]);
		for (size_t k = 0; k < SIZE; k++)
			text[k] = patterns[i][k % len];
		arena_init(&scratch, 1 << 20);
		title_compare(&scratch, SLICE(SURVEY), (struct slice){ text, SIZE });
		title_compare(&scratch, (struct slice){ text, SIZE }, SLICE(SURVEY));
		assert_false(scratch.failed);
		arena_fini(&scratch);
	}
	arena_init(&scratch, 64);
	assert_int_equal(
		title_compare(&scratch, SLICE(SURVEY), SLICE(SURVEY)), TITLE_UNKNOWN);
	arena_fini(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_page),
		cmocka_unit_test(labels_of_one_link),
		cmocka_unit_test(site_names_do_not_count),
		cmocka_unit_test(retitled),
		cmocka_unit_test(other_page),
		cmocka_unit_test(no_verdict_in_doubt),
		cmocka_unit_test(evidence_takes_the_best),
		cmocka_unit_test(bounded),
	};
	return cmocka_run_group_tests_name("title", tests, NULL, NULL);
}
