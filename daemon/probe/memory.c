#include "probe/memory_internal.h"

#include <ares.h>
#include <curl/curl.h>
#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* The libraries' allocators get no argument of ours, and one library serves the whole
 * process. */
static atomic_uint_fast64_t refusals, lacks;

uint64_t memory_failures(void)
{
	return memory_refusals() + atomic_load_explicit(&lacks, memory_order_relaxed);
}

uint64_t memory_refusals(void)
{
	return atomic_load_explicit(&refusals, memory_order_relaxed);
}

void memory_lacked(void)
{
	atomic_fetch_add_explicit(&lacks, 1, memory_order_relaxed);
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
		atomic_fetch_add_explicit(&refusals, 1, memory_order_relaxed);
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
