#include "process/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/utf8.h"
#include "model/userinfo.h"

enum { COLUMNS_DEFAULT = 80, COLUMNS_MAX = 400, LINE_BYTES_MAX = 8192 };

bool terminal_colour(int fd)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	return isatty(fd) && (no_color == NULL || no_color[0] == '\0') &&
	       (term == NULL || strcmp(term, "dumb") != 0);
}

bool terminal_wants_progress(void)
{
	return terminal_colour(STDERR_FILENO);
}

void terminal_error(const struct error *error)
{
	struct buffer bare, line;
	if (error->text[0] == '\0') /* nobody reads any more */
		return;
	buffer_init(&bare, LINE_BYTES_MAX);
	buffer_init(&line, LINE_BYTES_MAX);
	userinfo_hide(&bare, slice_of(error->text));
	utf8_add_printable(&line, buffer_slice(&bare), LINE_BYTES_MAX);
	fprintf(stderr, "linkrotd: %s\n", buffer_string(&line));
	buffer_fini(&line);
	buffer_fini(&bare);
}

static uint32_t columns(void)
{
	struct winsize size;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return COLUMNS_DEFAULT;
	return size.ws_col < COLUMNS_MAX ? size.ws_col : COLUMNS_MAX;
}

void terminal_progress(struct progress *progress)
{
	struct buffer line;
	buffer_init(&line, LINE_BYTES_MAX);
	progress->columns = columns() - 1;
	progress_write(progress, &line);
	fprintf(stderr, "\r\033[K%s", buffer_string(&line));
	fflush(stderr);
	buffer_fini(&line);
}

void terminal_clear(void)
{
	fputs("\r\033[K", stderr);
	fflush(stderr);
}

int terminal_print(struct slice bytes, struct error *error)
{
	if (fwrite(bytes.at, 1, bytes.len, stdout) == bytes.len && fflush(stdout) == 0)
		return 0;
	/* Whoever reads has seen enough, as in `linkrotd extract … | head`. */
	if (errno == EPIPE)
		return -1;
	return error_set(error, "standard output: %s", strerror(errno));
}
