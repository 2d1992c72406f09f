/* probe/curl_loop: libcurl's multi handles on one uv loop.
 *
 * Several multi handles, because libcurl 7.88 walks its transfers and connections at
 * every end of one: split sixteen ways, 16,000 transfers cost a fifth. Which one serves a
 * transfer is chosen by its host, so that a connection is found again. There is no timer
 * here: the owner calls curl_loop_run whenever curl_loop_deadline has come.
 */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "probe/sockets_internal.h"

enum { CURL_SHARDS_MAX = 128, CURL_SHARD_TRANSFERS = 64 };

struct curl_loop;

struct curl_shard {
	struct curl_loop *loop;
	CURLM *multi; /* made when first needed */
	time_us due;  /* when libcurl wants to be called; INT64_MAX: never */
};

struct curl_loop {
	struct sockets *sockets;
	uint32_t shard_count; /* a power of two */
	bool stopped;
	/* libcurl was entered and left again; comes before any on_done of that. */
	void (*on_entered)(void *data);
	/* A transfer has ended and is out of its multi; it may be added again. */
	void (*on_done)(void *data, CURL *easy, CURLcode result);
	/* libcurl ran out of memory and is of no use any more in this shard; its
	 * transfers must be cleaned up with curl_easy_cleanup. */
	void (*on_given_up)(void *data, uint32_t shard);
	void *data;
	struct curl_shard shards[CURL_SHARDS_MAX];
};

void curl_loop_init(struct curl_loop *loop, struct sockets *sockets,
	uint32_t transfers_max, void (*on_entered)(void *data),
	void (*on_done)(void *data, CURL *easy, CURLcode result),
	void (*on_given_up)(void *data, uint32_t shard), void *data);

/* All easy handles must have been removed. */
void curl_loop_fini(struct curl_loop *loop);

/* Not from within a curl callback. -1: no memory. */
int curl_loop_add(struct curl_loop *loop, CURL *easy, uint64_t host_hash);
void curl_loop_remove(struct curl_loop *loop, CURL *easy, uint64_t host_hash);

/* Where its transfers are. */
uint32_t curl_loop_shard(const struct curl_loop *loop, uint64_t host_hash);

/* Absolute; INT64_MAX: none. */
time_us curl_loop_deadline(const struct curl_loop *loop);
void curl_loop_run(struct curl_loop *loop, time_us now);

/* A socket of shard `owner` is ready. */
void curl_loop_ready(
	struct curl_loop *loop, uint32_t owner, int fd, bool readable, bool writable);
