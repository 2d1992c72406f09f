#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command_report_internal.h"
#include "base/buffer.h"
#include "base/hash.h"
#include "files/publish.h"
#include "files/read.h"

enum { STAMP_BYTES_MAX = 128, PATH_BYTES_MAX = 64 * 1024 };

bool report_recipient_fits(const char *name)
{
	size_t len = strlen(name);
	if (len == 0 || len > REPORT_RECIPIENT_MAX ||
		(!char_is_alpha(name[0]) && !char_is_digit(name[0])))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!char_is_alpha(name[i]) && !char_is_digit(name[i]) &&
			strchr("._@+-", name[i]) == NULL)
			return false;
	return true;
}

static void add_suffix(struct buffer *path, const struct report_reader *reader)
{
	buffer_add_text(path, ".report");
	if (reader->recipient != NULL)
		buffer_printf(path, "-%s", reader->recipient);
	if (reader->list.len > 0)
		buffer_printf(path, "=%.*s", SLICE_ARG(reader->list));
}

static void path_beside(struct buffer *path, const struct report_reader *reader)
{
	buffer_add_text(path, reader->database);
	add_suffix(path, reader);
}

/* The directory of what belongs to this user; false: he has none. */
static bool state_directory(struct buffer *path)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	if (state != NULL && state[0] == '/')
		buffer_add_text(path, state);
	else if (home != NULL && home[0] == '/')
		buffer_printf(path, "%s/.local/state", home);
	else
		return false;
	buffer_add_text(path, "/linkrotd");
	return true;
}

/* Databases of one name in two directories are two. */
static bool path_of_user(struct buffer *path, const struct report_reader *reader)
{
	char real[PATH_MAX];
	const char *name =
		realpath(reader->database, real) != NULL ? real : reader->database;
	const char *slash = strrchr(name, '/');
	if (!state_directory(path))
		return false;
	buffer_printf(path, "/%s-%016llx", slash != NULL ? slash + 1 : name,
		(unsigned long long)hash_bytes(slice_of(name), 1));
	add_suffix(path, reader);
	return true;
}

/* "2026-11-26T02:00:00Z 812"; earlier versions wrote the time alone. */
static struct report_mark read_file(const char *path)
{
	struct report_mark mark = { 0 };
	struct buffer text;
	struct slice rest, at;
	uint64_t event_id = 0;
	buffer_init(&text, STAMP_BYTES_MAX);
	if (file_is_regular(path) && file_read(path, &text, NULL) == 0) {
		rest = slice_trim(buffer_slice(&text));
		if (slice_split(&rest, ' ', &at) && time_parse_date(at, &mark.at) &&
			slice_to_number(slice_trim(rest), INT64_MAX, &event_id))
			mark.event_id = (int64_t)event_id;
	}
	buffer_fini(&text);
	return mark;
}

struct report_mark report_mark_read(const struct report_reader *reader)
{
	struct report_mark beside, of_user = { 0 };
	struct buffer path;
	buffer_init(&path, PATH_BYTES_MAX);
	path_beside(&path, reader);
	beside = read_file(buffer_string(&path));
	buffer_reset(&path);
	if (path_of_user(&path, reader))
		of_user = read_file(buffer_string(&path));
	buffer_fini(&path);
	return of_user.at > beside.at ? of_user : beside;
}

/* Each directory of the path that is missing; what goes wrong shows at the writing. */
static void make_directories(const char *directory)
{
	char path[PATH_MAX];
	size_t len = strlen(directory);
	if (len >= sizeof(path))
		return;
	memcpy(path, directory, len + 1);
	for (size_t i = 1; i <= len; i++)
		if (path[i] == '/' || path[i] == '\0') {
			char kept = path[i];
			path[i] = '\0';
			(void)mkdir(path, 0700);
			path[i] = kept;
		}
}

static int write_for_user(
	const struct report_reader *reader, struct slice text, struct error *error)
{
	struct buffer path;
	int result = -1;
	buffer_init(&path, PATH_BYTES_MAX);
	if (state_directory(&path)) {
		make_directories(buffer_string(&path));
		buffer_reset(&path);
		path_of_user(&path, reader);
		result = file_publish(buffer_string(&path), text, error);
	}
	buffer_fini(&path);
	return result;
}

int report_mark_write(
	const struct report_reader *reader, struct report_mark mark, struct error *error)
{
	struct buffer path;
	struct error elsewhere;
	char at[TIME_RFC3339_SIZE], text[STAMP_BYTES_MAX];
	time_format_rfc3339(mark.at, at);
	int len = snprintf(text, sizeof(text), "%s %lld\n", at, (long long)mark.event_id);
	struct slice stamp = { text, (size_t)len };
	buffer_init(&path, PATH_BYTES_MAX);
	path_beside(&path, reader);
	int result = file_publish(buffer_string(&path), stamp, error);
	if (result < 0 && write_for_user(reader, stamp, &elsewhere) == 0)
		result = 0;
	buffer_fini(&path);
	return result;
}
