/* tests/faults/preload: makes calls of a whole program fail (LD_PRELOAD).
 *
 *     FAULT="connect:ENETUNREACH:*"            every call
 *     FAULT="socket:EMFILE:3"                  the third call only
 *     FAULT="alloc:ENOMEM:100+"                the hundredth and all that follow
 *     FAULT="open@report:EIO:1,fsync:EIO:1"    calls whose path (of write: descriptor, of
 *                                              curl_easy_setopt: option) holds the word
 *
 * Counted from the first instruction of main. `alloc` is malloc, calloc, realloc and what
 * is built on them (strdup, getline …). Calls of the libraries count too, but for those
 * named in FAULT_SKIP (words that occur in a library's path, between commas). An errno is
 * meant for calls that set one; a number is what the others return (libuv, libcurl,
 * c-ares). FAULT_CLOCK names a file: the wall clock shows as many seconds more as it says
 * at each moment. FAULT_LOG names a file that gets a line and the callers for every hit,
 * and at the end how often each named function was called.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { FAULTS_MAX = 8, SKIPPED_MAX = 64, FRAMES_MAX = 40 };

struct fault {
	char name[40];
	char word[64]; /* the path must hold it; empty: any */
	long code;
	long from, to; /* counted from 1, both included */
	atomic_long calls;
};

static struct fault faults[FAULTS_MAX];
static int fault_count;
static struct {
	uintptr_t from, to;
} skipped[SKIPPED_MAX];
static int skipped_count;
static int log_fd = -1;
static atomic_bool armed;
static _Thread_local bool inside; /* of the log's own calls */

static const struct {
	const char *name;
	int value;
} errnos[] = {
	{ "EACCES", EACCES },
	{ "EAGAIN", EAGAIN },
	{ "EBADF", EBADF },
	{ "ECONNREFUSED", ECONNREFUSED },
	{ "EHOSTUNREACH", EHOSTUNREACH },
	{ "EINTR", EINTR },
	{ "EINVAL", EINVAL },
	{ "EIO", EIO },
	{ "EMFILE", EMFILE },
	{ "ENETDOWN", ENETDOWN },
	{ "ENETUNREACH", ENETUNREACH },
	{ "ENOTCONN", ENOTCONN },
	{ "ENFILE", ENFILE },
	{ "ENOBUFS", ENOBUFS },
	{ "ENOMEM", ENOMEM },
	{ "ENOSPC", ENOSPC },
	{ "EPERM", EPERM },
	{ "EROFS", EROFS },
	{ "ETIMEDOUT", ETIMEDOUT },
};

/* The C library has these names for its own allocator. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *at, size_t size);

/* --- the specification --- */

static void die(const char *what, const char *text)
{
	dprintf(2, "preload: %s: %s\n", what, text);
	_exit(99);
}

static long parse_code(const char *text)
{
	char *end;
	for (size_t i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++)
		if (strcmp(text, errnos[i].name) == 0)
			return errnos[i].value;
	long value = strtol(text, &end, 10);
	if (*text == '\0' || *end != '\0')
		die("no such errno", text);
	return value;
}

static void parse_when(struct fault *fault, const char *text)
{
	char *end = NULL;
	fault->from = 1;
	fault->to = INT64_MAX;
	if (strcmp(text, "*") == 0)
		return;
	fault->from = strtol(text, &end, 10);
	if (end == text || (*end != '\0' && strcmp(end, "+") != 0))
		die("not a count", text);
	fault->to = *end == '+' ? INT64_MAX : fault->from;
}

static void parse_fault(char *text)
{
	if (fault_count == FAULTS_MAX)
		die("too many faults", text);
	struct fault *fault = &faults[fault_count++];
	char *code = strchr(text, ':');
	char *when = code != NULL ? strchr(code + 1, ':') : NULL;
	if (when == NULL)
		die("not NAME:CODE:WHEN", text);
	*code++ = *when++ = '\0';
	char *word = strchr(text, '@');
	if (word != NULL)
		*word++ = '\0';
	snprintf(fault->name, sizeof(fault->name), "%s", text);
	snprintf(fault->word, sizeof(fault->word), "%s", word != NULL ? word : "");
	fault->code = parse_code(code);
	parse_when(fault, when);
}

static int note_library(struct dl_phdr_info *info, size_t size, void *data)
{
	char words[256], *rest = words, *word;
	(void)size;
	snprintf(words, sizeof(words), "%s", (const char *)data);
	while ((word = strsep(&rest, ",")) != NULL) {
		if (*word == '\0' || strstr(info->dlpi_name, word) == NULL)
			continue;
		for (int i = 0; i < info->dlpi_phnum && skipped_count < SKIPPED_MAX; i++)
			if (info->dlpi_phdr[i].p_type == PT_LOAD) {
				uintptr_t at =
					info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
				skipped[skipped_count].from = at;
				skipped[skipped_count++].to =
					at + info->dlpi_phdr[i].p_memsz;
			}
	}
	return 0;
}

static void set_up(void)
{
	static char spec[1024];
	char *rest = spec, *one;
	const char *log = getenv("FAULT_LOG"), *skip = getenv("FAULT_SKIP");
	snprintf(
		spec, sizeof(spec), "%s", getenv("FAULT") != NULL ? getenv("FAULT") : "");
	while ((one = strsep(&rest, ",")) != NULL)
		if (*one != '\0')
			parse_fault(one);
	if (skip != NULL)
		dl_iterate_phdr(note_library, (void *)(uintptr_t)skip);
	if (log != NULL) {
		int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
		log_fd = fcntl(fd, F_DUPFD_CLOEXEC, 700); /* out of the program's way */
		if (log_fd < 0)
			die("log", log);
		close(fd);
		void *frames[2];
		backtrace(frames, 2); /* loads what it needs now */
	}
}

static void tear_down(void)
{
	inside = true;
	for (int i = 0; i < fault_count && log_fd >= 0; i++)
		dprintf(log_fd, "calls %s %ld\n", faults[i].name, (long)faults[i].calls);
}

/* --- the decision --- */

static void log_hit(const struct fault *fault, long call)
{
	void *frames[FRAMES_MAX];
	if (log_fd < 0)
		return;
	inside = true;
	dprintf(log_fd, "hit %s %ld\n", fault->name, call);
	int count = backtrace(frames, FRAMES_MAX);
	backtrace_symbols_fd(frames + 2, count > 2 ? count - 2 : 0, log_fd);
	inside = false;
}

#define CALLER __builtin_return_address(0)

static bool is_skipped(const void *caller)
{
	uintptr_t at = (uintptr_t)caller;
	for (int i = 0; i < skipped_count; i++)
		if (at >= skipped[i].from && at < skipped[i].to)
			return true;
	return false;
}

/* True: this call fails, with *ret_code. */
static bool fails(const char *name, const char *path, const void *caller, long *ret_code)
{
	if (!armed || inside || is_skipped(caller))
		return false;
	for (int i = 0; i < fault_count; i++) {
		struct fault *fault = &faults[i];
		if (strcmp(fault->name, name) != 0 ||
			(fault->word[0] != '\0' &&
				(path == NULL || strstr(path, fault->word) == NULL)))
			continue;
		long call = ++fault->calls;
		if (call < fault->from || call > fault->to)
			continue;
		log_hit(fault, call);
		*ret_code = fault->code;
		return true;
	}
	return false;
}

static bool fails_errno(const char *name, const char *path, const void *caller)
{
	long code;
	if (!fails(name, path, caller, &code))
		return false;
	errno = (int)code;
	return true;
}

/* --- memory --- */

#define ALLOC_FAILS() fails_errno("alloc", NULL, CALLER)

void *malloc(size_t size)
{
	return ALLOC_FAILS() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return ALLOC_FAILS() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *at, size_t size)
{
	return size > 0 && ALLOC_FAILS() ? NULL : __libc_realloc(at, size);
}

/* --- calls --- */

/* The next definition, found once. */
#define NEXT(name)                                                                       \
	static __typeof__(name) *next;                                                   \
	if (next == NULL)                                                                \
	next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

#define CALL(type, name, failure, parameters, arguments)                                 \
	type name parameters;                                                            \
	type name parameters                                                             \
	{                                                                                \
		NEXT(name);                                                              \
		return fails_errno(#name, NULL, CALLER) ? (failure) : next arguments;    \
	}

CALL(int, socket, -1, (int family, int type, int protocol), (family, type, protocol))
CALL(int, connect, -1, (int fd, __CONST_SOCKADDR_ARG to, socklen_t len), (fd, to, len))
CALL(int, getpeername, -1, (int fd, __SOCKADDR_ARG to, socklen_t *restrict len),
	(fd, to, len))
CALL(int, getsockopt, -1,
	(int fd, int level, int name, void *restrict value, socklen_t *restrict len),
	(fd, level, name, value, len))
CALL(int, epoll_create1, -1, (int flags), (flags))
CALL(int, epoll_ctl, -1, (int epoll, int what, int fd, struct epoll_event *event),
	(epoll, what, fd, event))
CALL(int, timerfd_create, -1, (int clock, int flags), (clock, flags))
CALL(int, timerfd_settime, -1,
	(int fd, int flags, const struct itimerspec *to, struct itimerspec *was),
	(fd, flags, to, was))
CALL(int, fsync, -1, (int fd), (fd))
CALL(size_t, fwrite, 0,
	(const void *restrict bytes, size_t size, size_t count, FILE *restrict file),
	(bytes, size, count, file))
CALL(int, fchmod, -1, (int fd, mode_t mode), (fd, mode))
CALL(ssize_t, read, -1, (int fd, void *bytes, size_t len), (fd, bytes, len))
CALL(ssize_t, send, -1, (int fd, const void *bytes, size_t len, int flags),
	(fd, bytes, len, flags))
CALL(ssize_t, recv, -1, (int fd, void *bytes, size_t len, int flags),
	(fd, bytes, len, flags))
CALL(void *, curl_easy_init, NULL, (void), ())
CALL(void *, curl_multi_init, NULL, (void), ())
CALL(void *, curl_slist_append, NULL, (void *list, const char *line), (list, line))
CALL(void *, X509_STORE_new, NULL, (void), ())

/* Only of one descriptor with `write@1`. */
ssize_t write(int fd, const void *bytes, size_t len)
{
	char number[16];
	NEXT(write);
	snprintf(number, sizeof(number), "%d", fd);
	return fails_errno("write", number, CALLER) ? -1 : next(fd, bytes, len);
}

int rename(const char *from, const char *to)
{
	NEXT(rename);
	return fails_errno("rename", to, CALLER) ? -1 : next(from, to);
}

#define FOPEN(name)                                                                      \
	FILE *name(const char *restrict path, const char *restrict mode)                 \
	{                                                                                \
		NEXT(name);                                                              \
		return fails_errno("fopen", path, CALLER) ? NULL : next(path, mode);     \
	}
FOPEN(fopen)
FOPEN(fopen64)

#define OPEN(name)                                                                       \
	int name(const char *path, int flags, ...)                                       \
	{                                                                                \
		NEXT(name);                                                              \
		va_list more;                                                            \
		va_start(more, flags);                                                   \
		mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;  \
		va_end(more);                                                            \
		return fails_errno("open", path, CALLER) ? -1 : next(path, flags, mode); \
	}
OPEN(open)
OPEN(open64)

/* What returns its error: the code is the value. */
#define CODE(name, parameters, arguments)                                                \
	int name parameters;                                                             \
	int name parameters                                                              \
	{                                                                                \
		long code;                                                               \
		NEXT(name);                                                              \
		return fails(#name, NULL, CALLER, &code) ? (int)code : next arguments;   \
	}

CODE(uv_loop_init, (void *loop), (loop))
CODE(uv_signal_init, (void *loop, void *handle), (loop, handle))
CODE(uv_signal_start_oneshot, (void *handle, void *callback, int number),
	(handle, callback, number))
CODE(uv_poll_init, (void *loop, void *handle, int fd), (loop, handle, fd))
CODE(curl_global_init, (long flags), (flags))
CODE(curl_multi_add_handle, (void *multi, void *easy), (multi, easy))
CODE(curl_multi_assign, (void *multi, int fd, void *data), (multi, fd, data))
CODE(ares_library_init, (int flags), (flags))
CODE(ares_init_options, (void *channel, void *options, int mask),
	(channel, options, mask))
CODE(ares_set_servers_ports, (void *channel, void *servers), (channel, servers))
CODE(ares_parse_a_reply, (const void *at, int len, void *host, void *found, int *count),
	(at, len, host, found, count))
CODE(X509_STORE_load_file, (void *store, const char *file), (store, file))

/* FAULT_CA_PATH stands in for the system's directory of certificates. */
int X509_STORE_load_path(void *store, const char *path);
int X509_STORE_load_path(void *store, const char *path)
{
	const char *other = getenv("FAULT_CA_PATH");
	long code;
	NEXT(X509_STORE_load_path);
	return fails("X509_STORE_load_path", path, CALLER, &code)
		       ? (int)code
		       : next(store, other != NULL ? other : path);
}

/* One argument, a long or a pointer: both travel alike. `curl_easy_setopt@10036` is one
 * option, by its number. */
int curl_easy_setopt(void *easy, int option, void *value);
int curl_easy_setopt(void *easy, int option, void *value)
{
	char number[16];
	long code;
	NEXT(curl_easy_setopt);
	snprintf(number, sizeof(number), "%d", option);
	return fails("curl_easy_setopt", number, CALLER, &code)
		       ? (int)code
		       : next(easy, option, value);
}

void ares_query(void *channel, const char *name, int class, int type,
	void (*callback)(
		void *data, int status, int timeouts, unsigned char *at, int len),
	void *data);
void ares_query(void *channel, const char *name, int class, int type,
	void (*callback)(
		void *data, int status, int timeouts, unsigned char *at, int len),
	void *data)
{
	long code;
	NEXT(ares_query);
	if (fails("ares_query", name, CALLER, &code))
		callback(data, (int)code, 0, NULL, 0);
	else
		next(channel, name, class, type, callback, data);
}

/* --- from here on it counts --- */

static int (*real_main)(int argc, char **argv, char **environment);

static int counted_main(int argc, char **argv, char **environment)
{
	set_up();
	atexit(tear_down);
	armed = true;
	return real_main(argc, argv, environment);
}

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
	void (*init)(void), void (*fini)(void), void (*loader_fini)(void),
	void *stack_end);
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
	void (*init)(void), void (*fini)(void), void (*loader_fini)(void),
	void *stack_end)
{
	NEXT(__libc_start_main);
	real_main = main;
	return next(counted_main, argc, argv, init, fini, loader_fini, stack_end);
}

/* The wall clock, which somebody sets while the program runs. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	NEXT(clock_gettime);
	char text[32] = "";
	const char *path = getenv("FAULT_CLOCK");
	int result = next(clock, now);
	if (result != 0 || clock != CLOCK_REALTIME || path == NULL)
		return result;
	inside = true;
	FILE *file = fopen(path, "re");
	if (file != NULL) {
		if (fgets(text, sizeof(text), file) != NULL)
			now->tv_sec += strtol(text, NULL, 10);
		fclose(file);
	}
	inside = false;
	return result;
}
