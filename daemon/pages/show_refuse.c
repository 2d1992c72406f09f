/* What is said where something is not given: as JSON to programs, as a page of the site
 * to people, and in plain text where neither is expected. */
#include "pages/show_internal.h"
#include "site/link_page.h"

enum form { FORM_TEXT, FORM_JSON, FORM_PAGE };

/* By the address as it was sent: what is refused may not be fit to be decoded. Who reads
 * badges, feeds and metrics looks at the status. */
static enum form form_of(struct slice path)
{
	static const char *const plain[] = { "/badge/", "/badge.", "/metrics", "/healthz",
		"/style.css", "/script.js" };

	if (slice_equal(path, SLICE("/api")) || slice_starts(path, SLICE("/api/")))
		return FORM_JSON;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (slice_starts(path, slice_of(plain[i])))
			return FORM_TEXT;
	if (path.len == 0 || slice_ends(path, SLICE(".atom")))
		return FORM_TEXT;
	return FORM_PAGE;
}

static struct slice title_of(int status)
{
	return status >= 500 ? SLICE("Not now") : SLICE("Not like that");
}

/* `site` NULL: not known yet. Whatever does not succeed leaves the body empty. */
static void word(const struct site *site, struct slice path, const char *sentence,
	struct serve_answer *answer)
{
	struct error error;
	int result = 0;

	switch (form_of(path)) {
	case FORM_TEXT:
		return;
	case FORM_JSON:
		answer->type = SERVE_TYPE_JSON;
		result = api_write_error(slice_of(sentence), answer->body);
		break;
	case FORM_PAGE:
		if (site == NULL)
			return;
		answer->type = SERVE_TYPE_HTML;
		result = answer->status == 404
				 ? missing_page_write(site, answer->body, &error)
				 : refusal_page_write(site, title_of(answer->status),
					   slice_of(sentence), answer->body, &error);
		break;
	}
	if (result < 0)
		buffer_reset(answer->body);
}

static void set_status(struct answering *answering, int status)
{
	struct serve_answer *answer = answering->answer;

	answer->status = status;
	answer->etag_of_body = false;
	answer->max_age_s = 0;
	buffer_reset(answer->body);
}

void show_refuse(void *context, const struct serve_request *request, const char *sentence,
	struct serve_answer *answer)
{
	struct show *show = context;
	struct copied *settings = show_hold_settings(show);

	word(settings != NULL ? &settings->settings.site : NULL, request->target.raw_path,
		sentence, answer);
	show_release_settings(settings);
}

void answer_refused(struct answering *answering, int status, const char *sentence)
{
	set_status(answering, status);
	word(answering->settings != NULL ? &answering->settings->settings.site : NULL,
		answering->request->target.raw_path, sentence, answering->answer);
}

void answer_missing(struct answering *answering)
{
	set_status(answering, 404);
}

void answer_failed(struct answering *answering)
{
	set_status(answering, 500);
}

void api_refuse(struct answering *answering, int status, const char *sentence)
{
	set_status(answering, status);
	answering->answer->type = SERVE_TYPE_JSON;
	if (api_write_error(slice_of(sentence), answering->answer->body) < 0)
		buffer_reset(answering->answer->body);
}
