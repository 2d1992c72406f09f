/* tests/unit/probe/stage: a web on loopback for the prober's tests, in the same loop.
 *
 * A raw HTTP responder that answers by a table of targets with bytes as they stand, and a
 * DNS responder that answers by a table of names. Every request is logged as it came over
 * the wire. stage_close proves that nothing was left open.
 */
#pragma once

#include "lib/test.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "probe/prober.h"

enum stage_manner {
	STAGE_CLOSE,   /* answer, then close */
	STAGE_KEEP,    /* answer, then wait for the next request */
	STAGE_SILENT,  /* never answer */
	STAGE_STALL,   /* answer, then never close */
	STAGE_RESET,   /* answer, then a reset */
	STAGE_PIECES,  /* byte by byte, each its own write, then close */
	STAGE_ENDLESS, /* answer, then zeros for ever */
};

struct stage_route {
	const char *target; /* of the request line; NULL ends the table */
	enum stage_manner manner;
	const char *reply;
	const char *second_reply; /* from the second request on; NULL: the same */
	int asked;
};

struct stage_name {
	const char *name; /* NULL ends the table */
	int rcode;        /* 0: the addresses; -1: silence */
	const char *v4[3];
	const char *v6[3];
	int rcode_v6; /* when it differs; 0: as rcode */
	int asked;
};

struct stage_seen {
	int calls;
	enum reason failure;
	int status;
	char error[256], final_url[512], title[256], content_type[64], body[256];
	struct {
		int status;
		enum hop_via via;
		char url[256], target[256];
	} hops[16];
	uint32_t hop_count, attempts, anchor_count;
	bool anchors_complete, body_partial, ipv6;
	int64_t body_bytes;
	time_ms retry_after_ms;
	enum wall wall;
	struct timing timing;
	struct certificate certificate;
	uint8_t peer[16];
	enum reason other_family_failure;
	bool has_server_date;
	time_ms server_ahead_ms;
};

struct stage {
	uv_loop_t loop;
	uv_tcp_t listener;
	uv_udp_t dns;
	uv_timer_t limit;
	uint16_t port, dns_port;
	struct stage_route *routes;
	struct stage_name *names;
	struct buffer log; /* all requests */
	uint64_t request_at[64];
	uint32_t requests, connections, open_now, open_most;
	struct prober *prober;
	struct prober_config config;
	struct address_range loopback[2];
	struct connect_to to_port;
	char resolver[32];
	struct stage_seen seen;
	uint32_t pending;
	bool timed_out;
};

struct stage_client {
	struct stage *stage;
	uv_tcp_t tcp;
	struct buffer in;
	const struct stage_route *endless;
};

struct stage_write {
	uv_write_t write;
	struct stage_client *client;
	bool close;
};

/* --- the HTTP responder --- */

static inline void stage_on_client_closed(uv_handle_t *handle)
{
	struct stage_client *client = handle->data;
	client->stage->open_now--;
	buffer_fini(&client->in);
	free(client);
}

static inline void stage_end_client(struct stage_client *client)
{
	if (!uv_is_closing((uv_handle_t *)&client->tcp))
		uv_close((uv_handle_t *)&client->tcp, stage_on_client_closed);
}

static inline void stage_on_written(uv_write_t *write, int status);

static inline void stage_send(
	struct stage_client *client, const char *bytes, size_t len, bool close)
{
	struct stage_write *request = calloc(1, sizeof(*request));
	assert_non_null(request);
	request->client = client;
	request->close = close;
	uv_buf_t buf = { .base = (char *)(uintptr_t)bytes, .len = len };
	uv_write(&request->write, (uv_stream_t *)&client->tcp, &buf, 1, stage_on_written);
}

static inline void stage_on_written(uv_write_t *write, int status)
{
	static const char zeros[4096];
	struct stage_write *request = (struct stage_write *)write;
	struct stage_client *client = request->client;
	if (status < 0 || request->close)
		stage_end_client(client);
	else if (client->endless != NULL)
		stage_send(client, zeros, sizeof(zeros), false);
	free(request);
}

static inline void stage_reply(struct stage_client *client, struct stage_route *route)
{
	const char *reply = route->asked++ > 0 && route->second_reply != NULL
				    ? route->second_reply
				    : route->reply;
	size_t len = reply != NULL ? strlen(reply) : 0;
	switch (route->manner) {
	case STAGE_CLOSE:
		stage_send(client, reply, len, true);
		break;
	case STAGE_KEEP:
	case STAGE_STALL:
		stage_send(client, reply, len, false);
		break;
	case STAGE_SILENT:
		break;
	case STAGE_RESET:
		uv_try_write((uv_stream_t *)&client->tcp,
			&(uv_buf_t){ .base = (char *)(uintptr_t)reply, .len = len }, 1);
		uv_tcp_close_reset(&client->tcp, stage_on_client_closed);
		break;
	case STAGE_PIECES:
		for (size_t i = 0; i < len; i++)
			stage_send(client, reply + i, 1, i + 1 == len);
		break;
	case STAGE_ENDLESS:
		client->endless = route;
		stage_send(client, reply, len, false);
		break;
	}
}

static inline void stage_answer(struct stage_client *client)
{
	static struct stage_route missing = { "", STAGE_CLOSE,
		"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", NULL, 0 };
	struct stage *stage = client->stage;
	struct slice line = buffer_slice(&client->in);
	size_t from = slice_find_char(line, ' ');
	size_t to = slice_find(line, SLICE(" HTTP/"));
	struct slice target = slice_sub(line, from + 1, to);
	if (stage->requests < 64)
		stage->request_at[stage->requests] = uv_hrtime() / 1000;
	stage->requests++;
	buffer_add(&stage->log, buffer_slice(&client->in));
	struct stage_route *route = stage->routes;
	while (route != NULL && route->target != NULL &&
		!slice_equal(slice_of(route->target), target))
		route++;
	buffer_reset(&client->in);
	stage_reply(client, route != NULL && route->target != NULL ? route : &missing);
}

static inline void stage_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	static char bytes[64 * 1024];
	(void)handle, (void)size;
	*buf = (uv_buf_t){ .base = bytes, .len = sizeof(bytes) };
}

static inline void stage_on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
	struct stage_client *client = stream->data;
	if (count < 0) {
		stage_end_client(client);
		return;
	}
	buffer_add(&client->in, (struct slice){ buf->base, (size_t)count });
	if (slice_find(buffer_slice(&client->in), SLICE("\r\n\r\n")) != SLICE_NONE)
		stage_answer(client);
}

static inline void stage_on_connection(uv_stream_t *listener, int status)
{
	struct stage *stage = listener->data;
	struct stage_client *client = calloc(1, sizeof(*client));
	assert_int_equal(status, 0);
	assert_non_null(client);
	client->stage = stage;
	buffer_init(&client->in, 64 * 1024);
	uv_tcp_init(&stage->loop, &client->tcp);
	client->tcp.data = client;
	stage->connections++;
	if (++stage->open_now > stage->open_most)
		stage->open_most = stage->open_now;
	assert_int_equal(uv_accept(listener, (uv_stream_t *)&client->tcp), 0);
	uv_read_start((uv_stream_t *)&client->tcp, stage_alloc, stage_on_read);
}

/* --- the DNS responder --- */

static inline size_t stage_dns_question(
	const uint8_t *in, size_t len, char name[static 256])
{
	size_t at = 12, out = 0;
	while (at < len && in[at] != 0) {
		for (uint8_t i = 1; i <= in[at] && at + i < len && out < 254; i++)
			name[out++] = (char)in[at + i];
		name[out++] = '.';
		at += (size_t)in[at] + 1;
	}
	name[out > 0 ? out - 1 : 0] = '\0';
	return at + 5; /* the root label, type and class */
}

static inline size_t stage_dns_records(
	uint8_t *out, size_t at, const char *const *addresses, int af)
{
	uint8_t len = af == AF_INET ? 4 : 16;
	for (int i = 0; i < 3 && addresses[i] != NULL; i++) {
		const uint8_t head[] = { 0xC0, 12, 0, af == AF_INET ? 1 : 28, 0, 1, 0, 0,
			0, 60, 0, len };
		memcpy(out + at, head, sizeof(head));
		assert_int_equal(inet_pton(af, addresses[i], out + at + sizeof(head)), 1);
		at += sizeof(head) + len;
		out[7]++;
	}
	return at;
}

static inline void stage_on_dns(uv_udp_t *udp, ssize_t count, const uv_buf_t *buf,
	const struct sockaddr *from, unsigned flags)
{
	struct stage *stage = udp->data;
	uint8_t out[512];
	char name[256];
	(void)flags;
	if (count < 17 || from == NULL)
		return;
	const uint8_t *in = (const uint8_t *)buf->base;
	size_t len = stage_dns_question(in, (size_t)count, name);
	bool v6 = in[len - 3] == 28;
	struct stage_name *entry = stage->names;
	while (entry != NULL && entry->name != NULL && strcmp(entry->name, name) != 0)
		entry++;
	int rcode = 3;
	if (entry != NULL && entry->name != NULL) {
		entry->asked++;
		rcode = v6 && entry->rcode_v6 != 0 ? entry->rcode_v6 : entry->rcode;
	}
	if (rcode < 0)
		return;
	memcpy(out, in, len);
	out[2] = 0x81;
	out[3] = (uint8_t)(0x80 | rcode);
	memset(out + 6, 0, 6);
	if (rcode == 0)
		len = stage_dns_records(
			out, len, v6 ? entry->v6 : entry->v4, v6 ? AF_INET6 : AF_INET);
	uv_buf_t reply = { .base = (char *)out, .len = len };
	uv_udp_try_send(udp, &reply, 1, from);
}

/* --- life --- */

static inline void stage_on_limit(uv_timer_t *timer)
{
	struct stage *stage = timer->data;
	stage->timed_out = true;
	uv_stop(&stage->loop);
}

static inline uint16_t stage_port_of(const struct sockaddr_storage *at)
{
	return ntohs(((const struct sockaddr_in *)(const void *)at)->sin_port);
}

static inline void stage_listen(struct stage *stage)
{
	struct sockaddr_in any;
	struct sockaddr_storage at;
	int len = sizeof(at);
	uv_ip4_addr("127.0.0.1", 0, &any);
	uv_tcp_init(&stage->loop, &stage->listener);
	stage->listener.data = stage;
	assert_int_equal(
		uv_tcp_bind(&stage->listener, (const struct sockaddr *)&any, 0), 0);
	assert_int_equal(
		uv_listen((uv_stream_t *)&stage->listener, 128, stage_on_connection), 0);
	uv_tcp_getsockname(&stage->listener, (struct sockaddr *)&at, &len);
	stage->port = stage_port_of(&at);
	uv_udp_init(&stage->loop, &stage->dns);
	stage->dns.data = stage;
	assert_int_equal(uv_udp_bind(&stage->dns, (const struct sockaddr *)&any, 0), 0);
	uv_udp_recv_start(&stage->dns, stage_alloc, stage_on_dns);
	len = sizeof(at);
	uv_udp_getsockname(&stage->dns, (struct sockaddr *)&at, &len);
	stage->dns_port = stage_port_of(&at);
	uv_timer_init(&stage->loop, &stage->limit);
	stage->limit.data = stage;
}

/* Every host name leads to the stage, whatever its port; config may be changed before
 * stage_begin. */
static inline void stage_open(
	struct stage *stage, struct stage_route *routes, struct stage_name *names)
{
	memset(stage, 0, sizeof(*stage));
	assert_int_equal(uv_loop_init(&stage->loop), 0);
	buffer_init(&stage->log, 1024 * 1024);
	stage->routes = routes;
	stage->names = names;
	stage_listen(stage);
	prober_config_defaults(&stage->config);
	snprintf(stage->resolver, sizeof(stage->resolver), "127.0.0.1:%u",
		(unsigned)stage->dns_port);
	assert_true(address_parse_range(SLICE("127.0.0.0/8"), &stage->loopback[0]));
	assert_true(address_parse_range(SLICE("::1/128"), &stage->loopback[1]));
	stage->to_port = (struct connect_to){ .port = 80, .to_port = stage->port };
	stage->config.connect_to = &stage->to_port;
	stage->config.connect_to_count = 1;
	stage->config.resolver = slice_of(stage->resolver);
	stage->config.addresses =
		(struct address_policy){ .allowed = stage->loopback, .allowed_count = 2 };
	stage->config.insecure = true; /* spares the CA bundle */
	stage->config.pace.interval_us = 0;
	stage->config.retry.delay_ms = 20;
	stage->config.retry.retries_max = 0;
	stage->config.timeout_ms = 2000;
	stage->config.connect_timeout_ms = 1000;
	stage->config.dns_timeout_ms = 300;
}

static inline void stage_begin(struct stage *stage)
{
	struct error error;
	stage->prober = prober_new(&stage->loop, &stage->config, &error);
	if (stage->prober == NULL)
		fail_msg("%s", error.text);
}

static inline void stage_copy(char *to, size_t size, struct slice from)
{
	snprintf(to, size, "%.*s", SLICE_ARG(from));
}

static inline void stage_on_done(
	struct probe *probe, const struct observation *observation, void *data)
{
	struct stage *stage = data;
	struct stage_seen *seen = &stage->seen;
	(void)probe;
	int calls = seen->calls;
	*seen = (struct stage_seen){ .calls = calls + 1 };
	seen->failure = observation->failure;
	seen->status = observation->http_status;
	stage_copy(seen->error, sizeof(seen->error), observation->error);
	stage_copy(seen->final_url, sizeof(seen->final_url), observation->final_url);
	stage_copy(seen->title, sizeof(seen->title), observation->page.title);
	stage_copy(seen->content_type, sizeof(seen->content_type),
		observation->content_type);
	stage_copy(seen->body, sizeof(seen->body), observation->body);
	seen->hop_count = observation->hop_count;
	for (uint32_t i = 0; i < observation->hop_count && i < 16; i++) {
		const struct hop *hop = &observation->hops[i];
		seen->hops[i].status = hop->status;
		seen->hops[i].via = hop->via;
		stage_copy(seen->hops[i].url, sizeof(seen->hops[i].url), hop->url);
		stage_copy(
			seen->hops[i].target, sizeof(seen->hops[i].target), hop->target);
	}
	seen->attempts = observation->attempts;
	seen->anchor_count = observation->anchor_count;
	seen->anchors_complete = observation->anchors_complete;
	seen->body_partial = observation->body_partial;
	seen->ipv6 = observation->ipv6;
	seen->body_bytes = observation->body_bytes;
	seen->retry_after_ms = observation->retry_after_ms;
	seen->wall = observation->wall;
	seen->timing = observation->timing;
	seen->certificate = observation->certificate;
	memcpy(seen->peer, observation->peer, sizeof(seen->peer));
	seen->other_family_failure = observation->other_family_failure;
	seen->has_server_date = observation->has_server_date;
	seen->server_ahead_ms = observation->server_ahead_ms;
	if (--stage->pending == 0)
		uv_stop(&stage->loop);
}

static inline void stage_start_as(
	struct stage *stage, const char *url, struct probe_request request)
{
	request.url = slice_of(url);
	request.data = stage;
	request.on_done = stage_on_done;
	stage->pending++;
	assert_non_null(prober_start(stage->prober, &request));
}

static inline void stage_start(struct stage *stage, const char *url)
{
	stage_start_as(stage, url, (struct probe_request){ 0 });
}

/* Until every probe has ended; ten seconds are a failure. */
static inline void stage_run(struct stage *stage)
{
	uv_timer_start(&stage->limit, stage_on_limit, 10000, 0);
	uv_run(&stage->loop, UV_RUN_DEFAULT);
	uv_timer_stop(&stage->limit);
	assert_false(stage->timed_out);
	assert_int_equal(stage->pending, 0);
}

static inline struct stage_seen *stage_probe(struct stage *stage, const char *url)
{
	stage_start(stage, url);
	stage_run(stage);
	return &stage->seen;
}

static inline void stage_end_handle(uv_handle_t *handle, void *data)
{
	struct stage *stage = data;
	if (uv_is_closing(handle))
		return;
	if (handle->type == UV_TCP && handle != (uv_handle_t *)&stage->listener)
		stage_end_client(handle->data);
	else
		uv_close(handle, NULL);
}

static inline void stage_on_closed(void *data)
{
	struct stage *stage = data;
	uv_walk(&stage->loop, stage_end_handle, stage);
}

static inline void stage_close(struct stage *stage)
{
	int calls = stage->seen.calls;
	prober_close(stage->prober, stage_on_closed, stage);
	uv_run(&stage->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&stage->loop), 0);
	assert_int_equal(stage->seen.calls, calls);
	buffer_fini(&stage->log);
}
