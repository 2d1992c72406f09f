#include "faults/memory.h"

#include <errno.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

enum { POINTS_MAX = 200000 };

static struct {
	bool on;
	bool all; /* the first to fail and all that follow */
	long calls, first;
	bool hit;
	long alive; /* blocks */
} memory;

static bool refuse(void)
{
	if (!memory.on)
		return false;
	long call = ++memory.calls;
	bool refused = memory.all ? call >= memory.first : call == memory.first;
	memory.hit = memory.hit || refused;
	if (refused)
		errno = ENOMEM;
	return refused;
}

static void *count(void *at)
{
	if (memory.on && at != NULL)
		memory.alive++;
	return at;
}

#ifdef SANITIZED
#define NAME(name) __wrap_##name
#define REAL(name) __real_##name
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);
void *__wrap_reallocarray(void *at, size_t number, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
void *__real_reallocarray(void *at, size_t number, size_t size);

char *__wrap_strdup(const char *text)
{
	return refuse() ? NULL : count(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t len)
{
	return refuse() ? NULL : count(__real_strndup(text, len));
}

void *__wrap_reallocarray(void *at, size_t number, size_t size)
{
	if (refuse())
		return NULL;
	void *moved = __real_reallocarray(at, number, size);
	return at == NULL ? count(moved) : moved;
}
#else
#define NAME(name) name
#define REAL(name) __libc_##name
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t number, size_t size);
void *REAL(realloc)(void *at, size_t size);
void REAL(free)(void *at);
void *NAME(malloc)(size_t size);
void *NAME(calloc)(size_t number, size_t size);
void *NAME(realloc)(void *at, size_t size);
void NAME(free)(void *at);

void *NAME(malloc)(size_t size)
{
	return refuse() ? NULL : count(REAL(malloc)(size));
}

void *NAME(calloc)(size_t number, size_t size)
{
	return refuse() ? NULL : count(REAL(calloc)(number, size));
}

void *NAME(realloc)(void *at, size_t size)
{
	if (refuse())
		return NULL;
	void *moved = REAL(realloc)(at, size);
	return at == NULL ? count(moved) : moved;
}

void NAME(free)(void *at)
{
	if (memory.on && at != NULL)
		memory.alive--;
	REAL(free)(at);
}

static bool run(memory_work *work, void *data, long first, bool all)
{
	memory.calls = memory.alive = 0;
	memory.first = first;
	memory.all = all;
	memory.hit = false;
	memory.on = true;
	bool whole = work(data);
	memory.on = false;
	return whole;
}

static long survive(const char *name, memory_work *work, void *data, bool all)
{
	for (long first = 1; first < POINTS_MAX; first++) {
		bool whole = run(work, data, first, all);
#ifndef SANITIZED /* there, what libraries take is not seen */
		if (memory.alive != 0)
			fail_msg("%s: allocation %ld refused: %ld blocks are left", name,
				first, memory.alive);
#endif
		if (memory.hit)
			continue;
		if (!whole)
			fail_msg("%s: nothing was refused, and something is missing",
				name);
		return first - 1;
	}
	fail_msg("%s: no end", name);
	return -1;
}

void memory_survive(const char *name, memory_work *work, void *data)
{
	/* What is set up once in a process is set up now. */
	assert_true(run(work, data, 0, false));
	long alone = survive(name, work, data, false);
	survive(name, work, data, true);
	printf("memory: %s: each of %ld allocations refused\n", name, alone);
}
