#include "probe/memory_internal.h"

#include <ares.h>
#include <curl/curl.h>
#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/clock_internal.h"

/* The libraries' allocators get no argument of ours, and one library serves the whole
 * process. */
static atomic_uint_fast64_t refusals, lacks;
static atomic_int_fast64_t last_at; /* of both, clock_us; 0: never */

uint64_t memory_failures(void)
{
	return memory_refusals() + atomic_load_explicit(&lacks, memory_order_relaxed);
}

uint64_t memory_refusals(void)
{
	return atomic_load_explicit(&refusals, memory_order_relaxed);
}

static void count(atomic_uint_fast64_t *what)
{
	atomic_fetch_add_explicit(what, 1, memory_order_relaxed);
	atomic_store_explicit(&last_at, clock_us(), memory_order_relaxed);
}

void memory_lacked(void)
{
	count(&lacks);
}

time_ms memory_failed_ago_ms(void)
{
	time_us at = atomic_load_explicit(&last_at, memory_order_relaxed);
	return at != 0 ? (clock_us() - at) / TIME_US_PER_MS : -1;
}

bool memory_has_descriptor(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void *counted(void *at, size_t size)
{
	if (at == NULL && size > 0)
		count(&refusals);
	return at;
}

static void *memory_malloc(size_t size)
{
	return counted(malloc(size), size);
}

static void *memory_realloc(void *at, size_t size)
{
	return counted(realloc(at, size), size);
}

static void *memory_calloc(size_t count, size_t size)
{
	return counted(calloc(count, size), count * size);
}

static char *memory_strdup(const char *text)
{
	return counted(strdup(text), 1);
}

static void *openssl_malloc(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return memory_malloc(size);
}

static void *openssl_realloc(void *at, size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return memory_realloc(at, size);
}

static void openssl_free(void *at, const char *file, int line)
{
	(void)file, (void)line;
	free(at);
}

int memory_watch(void)
{
	CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free);
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, memory_malloc, free, memory_realloc,
		    memory_strdup, memory_calloc) != CURLE_OK)
		return -1;
	if (ares_library_init_mem(ARES_LIB_INIT_ALL, memory_malloc, free,
		    memory_realloc) == ARES_SUCCESS)
		return 0;
	curl_global_cleanup();
	return -1;
}

void memory_unwatch(void)
{
	ares_library_cleanup();
	curl_global_cleanup();
}
