#include "probe/curl_loop_internal.h"

#include <assert.h>

#include "probe/clock_internal.h"

enum {
	/* Idle connections are kept only where more is waiting; this is never reached,
	 * and must not be: libcurl 7.88 leaks a little at every eviction. */
	CONNECTIONS_MAX = 1024,
	/* What libcurl waits for comes so much later at most. Every transfer has timers
	 * of its own, and most ring for nothing: thousands of them ring together, 60
	 * times a second, in place of one by one. */
	SLACK_US = 16 * TIME_US_PER_MS,
};

void curl_loop_init(struct curl_loop *loop, struct sockets *sockets,
	uint32_t transfers_max, void (*on_entered)(void *data),
	void (*on_done)(void *data, CURL *easy, CURLcode result),
	void (*on_given_up)(void *data, uint32_t shard), void *data)
{
	uint32_t count = 1;
	while (count < CURL_SHARDS_MAX && count * CURL_SHARD_TRANSFERS < transfers_max)
		count *= 2;
	loop->sockets = sockets;
	loop->on_entered = on_entered;
	loop->on_done = on_done;
	loop->on_given_up = on_given_up;
	loop->data = data;
	loop->shard_count = count;
	for (uint32_t i = 0; i < CURL_SHARDS_MAX; i++)
		loop->shards[i] = (struct curl_shard){ .loop = loop, .due = INT64_MAX };
}

void curl_loop_fini(struct curl_loop *loop)
{
	loop->stopped = true;
	for (uint32_t i = 0; i < CURL_SHARDS_MAX; i++)
		if (loop->shards[i].multi != NULL)
			curl_multi_cleanup(loop->shards[i].multi);
}

/* Closing as it is, libcurl still tells of every socket it drops. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *watched)
{
	(void)easy;
	struct curl_shard *shard = data;
	struct curl_loop *loop = shard->loop;
	uint32_t owner = (uint32_t)(shard - loop->shards);
	bool in = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
	bool out = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
	/* -1 here would end every transfer of the shard. Unwatched, this one ends by its
	 * own timeout. */
	sockets_watch(loop->sockets, owner, fd, watched != NULL, in, out);
	if (what != CURL_POLL_REMOVE)
		curl_multi_assign(shard->multi, fd, in || out ? shard : NULL);
	return 0;
}

/* "As soon as possible" is not now: libcurl must not be entered from its own callback. */
static int on_timer(CURLM *multi, long timeout_ms, void *data)
{
	(void)multi;
	struct curl_shard *shard = data;
	time_us now = clock_us();
	if (timeout_ms < 0)
		shard->due = INT64_MAX;
	else if (timeout_ms == 0)
		shard->due = now;
	else
		shard->due = (now + timeout_ms * TIME_US_PER_MS) / SLACK_US * SLACK_US +
			     SLACK_US;
	return 0;
}

static int open_shard(struct curl_shard *shard)
{
	CURLM *multi = curl_multi_init();
	if (multi == NULL)
		return -1;
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, shard);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, shard);
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAX);
	shard->multi = multi;
	return 0;
}

uint32_t curl_loop_shard(const struct curl_loop *loop, uint64_t host_hash)
{
	return (uint32_t)(host_hash & (loop->shard_count - 1));
}

static struct curl_shard *shard_of(struct curl_loop *loop, uint64_t host_hash)
{
	return &loop->shards[curl_loop_shard(loop, host_hash)];
}

int curl_loop_add(struct curl_loop *loop, CURL *easy, uint64_t host_hash)
{
	struct curl_shard *shard = shard_of(loop, host_hash);
	if (shard->multi == NULL && open_shard(shard) < 0)
		return -1;
	return curl_multi_add_handle(shard->multi, easy) == CURLM_OK ? 0 : -1;
}

void curl_loop_remove(struct curl_loop *loop, CURL *easy, uint64_t host_hash)
{
	curl_multi_remove_handle(shard_of(loop, host_hash)->multi, easy);
}

/* After every call into libcurl, whatever it says is still running: the last transfer of
 * a multi often ends by timeout, with the count already at 0. */
static void drain(struct curl_shard *shard)
{
	struct curl_loop *loop = shard->loop;
	int left = 0;
	if (!loop->stopped)
		loop->on_entered(loop->data);
	while (!loop->stopped) {
		CURLMsg *message = curl_multi_info_read(shard->multi, &left);
		if (message == NULL)
			return;
		assert(message->msg == CURLMSG_DONE);
		CURL *easy = message->easy_handle;
		CURLcode result = message->data.result;
		curl_multi_remove_handle(shard->multi, easy);
		loop->on_done(loop->data, easy, result);
	}
}

/* Out of memory, libcurl 7.88 leaves a socket without its table, divides by the table's
 * size when it comes by again, and forgets to say when it must be called. Such a multi is
 * given up, with all its transfers. */
static void give_up(struct curl_shard *shard)
{
	struct curl_loop *loop = shard->loop;
	CURLM *multi = shard->multi;
	if (loop->stopped)
		return;
	shard->multi = NULL;
	shard->due = INT64_MAX;
	loop->on_given_up(loop->data, (uint32_t)(shard - loop->shards));
	curl_multi_cleanup(multi);
}

static void act(struct curl_shard *shard, curl_socket_t fd, int what)
{
	int running = 0;
	CURLMcode code = curl_multi_socket_action(shard->multi, fd, what, &running);
	drain(shard);
	if (code != CURLM_OK)
		give_up(shard);
}

time_us curl_loop_deadline(const struct curl_loop *loop)
{
	time_us first = INT64_MAX;
	for (uint32_t i = 0; i < loop->shard_count; i++)
		if (loop->shards[i].due < first)
			first = loop->shards[i].due;
	return first;
}

void curl_loop_run(struct curl_loop *loop, time_us now)
{
	for (uint32_t i = 0; i < loop->shard_count && !loop->stopped; i++) {
		struct curl_shard *shard = &loop->shards[i];
		if (shard->due > now)
			continue;
		shard->due = INT64_MAX;
		act(shard, CURL_SOCKET_TIMEOUT, 0);
	}
}

void curl_loop_ready(
	struct curl_loop *loop, uint32_t owner, int fd, bool readable, bool writable)
{
	int what = (readable ? CURL_CSELECT_IN : 0) | (writable ? CURL_CSELECT_OUT : 0);
	/* An event of the same turn, from a socket that is closed by now. */
	if (loop->shards[owner].multi != NULL)
		act(&loop->shards[owner], fd, what);
}
