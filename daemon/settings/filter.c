#include "settings/filter.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

enum { MATCH_BUDGET = 200 * 1000 };

struct filter_pattern {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
};

static int compile(struct filter_pattern *pattern, const char *option, const char *text,
	struct error *error)
{
	int status;
	PCRE2_SIZE place;
	/* From a variable that nobody has set. */
	if (text[0] == '\0')
		return error_set(
			error, "--%s '': would match everything; leave it out", option);
	pattern->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
		PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C, &status,
		&place, NULL);
	if (pattern->code == NULL) {
		char why[160] = "";
		pcre2_get_error_message(status, (PCRE2_UCHAR *)why, sizeof(why));
		return error_set(error,
			"--%s '%s': bad regular expression at character %zu: %s", option,
			text, place + 1, why);
	}
	pattern->data = pcre2_match_data_create(1, NULL);
	pattern->context = pcre2_match_context_create(NULL);
	if (pattern->data == NULL || pattern->context == NULL)
		return error_set(error, "out of memory");
	pcre2_set_match_limit(pattern->context, MATCH_BUDGET);
	return 0;
}

int filter_init(struct filter *filter, const char *option, const struct texts *patterns,
	struct error *error)
{
	*filter = (struct filter){ 0 };
	if (patterns->count == 0)
		return 0;
	filter->patterns = calloc(patterns->count, sizeof(*filter->patterns));
	if (filter->patterns == NULL)
		return error_set(error, "out of memory");
	for (uint32_t i = 0; i < patterns->count; i++) {
		filter->count = i + 1;
		if (compile(&filter->patterns[i], option, patterns->at[i], error) < 0)
			return -1;
	}
	return 0;
}

void filter_fini(struct filter *filter)
{
	for (uint32_t i = 0; i < filter->count; i++) {
		pcre2_match_context_free(filter->patterns[i].context);
		pcre2_match_data_free(filter->patterns[i].data);
		pcre2_code_free(filter->patterns[i].code);
	}
	free(filter->patterns);
	*filter = (struct filter){ 0 };
}

bool filter_matches(const struct filter *filter, struct slice text)
{
	for (uint32_t i = 0; i < filter->count; i++) {
		const struct filter_pattern *pattern = &filter->patterns[i];
		const char *at = text.at != NULL ? text.at : "";
		if (pcre2_match(pattern->code, (PCRE2_SPTR)at, text.len, 0, 0,
			    pattern->data, pattern->context) >= 0)
			return true;
	}
	return false;
}
