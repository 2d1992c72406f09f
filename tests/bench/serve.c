/* tests/bench/serve: the HTTP server with a trivial answerer, for a load generator.
 *
 * Prints its address and serves until its input ends; then it prints what it counted.
 * `/badge/x` is a body of 1 KB with an ETag, `/page` one of 60 KB that compresses. */
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "serve/serve.h"

static void fill(struct buffer *body, size_t len)
{
	while (body->len < len)
		buffer_add_text(body, "<td>https://example.org/paper</td>\n");
}

static void answer(
	void *context, const struct serve_request *request, struct serve_answer *answer)
{
	(void)context;
	if (serve_target_fits(&request->target, "/badge/?")) {
		answer->type = SERVE_TYPE_SVG;
		answer->max_age_s = 300;
		answer->etag_of_body = true;
		answer->embeddable = true;
		fill(answer->body, 1024);
	} else if (serve_target_fits(&request->target, "/page")) {
		answer->type = SERVE_TYPE_HTML;
		answer->etag_of_body = true;
		fill(answer->body, 60 * 1024);
	} else {
		answer->status = 404;
	}
}

int main(void)
{
	struct serve_options options = {
		.listen = "127.0.0.1:0", .listen_fd = -1, .limits = serve_limits_default
	};
	struct serve_counts counts;
	struct rusage usage;
	struct error error;
	char byte;

	/* All of it comes from one address. */
	options.limits.connections_per_address_max = options.limits.connections_max;
	struct serve *serve = serve_start(&options, answer, NULL, &error);
	if (serve == NULL) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	printf("%s\n", serve_address(serve));
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	serve_read_counts(serve, &counts);
	serve_stop(serve);
	getrusage(RUSAGE_SELF, &usage);
	printf("%llu %llu %ld\n", (unsigned long long)counts.requests,
		(unsigned long long)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) *
				1000000 +
			(unsigned long long)(usage.ru_utime.tv_usec +
					     usage.ru_stime.tv_usec),
		usage.ru_maxrss);
	return 0;
}
