/* The conductor with a real store and a receiver that can be made to refuse. */
#include "unit/store/ground.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <curl/curl.h>

#include "post/post_internal.h"
#include "process/wall.h"

/* --- a receiver ----------------------------------------------------------------------
 */

struct web {
	pthread_t thread;
	int socket;
	unsigned port;
	_Atomic(int) status, count; /* answers; those that were 200 */
};

static void *serve(void *data)
{
	struct web *web = data;
	char bytes[65536];
	int client;
	while ((client = accept(web->socket, NULL, NULL)) >= 0) {
		char head[128];
		ssize_t len = 0, more = 1;
		const char *body = NULL;
		/* A request of ours ends with the brace of its JSON. */
		while (more > 0 && (body == NULL || bytes[len - 1] != '}')) {
			more = read(client, bytes + len, sizeof(bytes) - 1 - (size_t)len);
			len += more > 0 ? more : 0;
			bytes[len] = '\0';
			body = strstr(bytes, "\r\n\r\n");
		}
		int status = atomic_load(&web->status);
		int size = snprintf(head, sizeof(head),
			"HTTP/1.1 %d x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
			status);
		assert_int_equal(write(client, head, (size_t)size), size);
		close(client);
		atomic_fetch_add(&web->count, status == 200);
	}
	return NULL;
}

static void web_start(struct web *web, int status)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	atomic_init(&web->status, status);
	atomic_init(&web->count, 0);
	web->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(
		bind(web->socket, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(web->socket, 16), 0);
	getsockname(web->socket, (struct sockaddr *)&address, &size);
	web->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&web->thread, NULL, serve, web), 0);
}

static void web_stop(struct web *web)
{
	shutdown(web->socket, SHUT_RDWR);
	pthread_join(web->thread, NULL);
	close(web->socket);
}

/* --- a daemon's part -----------------------------------------------------------------
 */

struct scene {
	uv_loop_t loop;
	uv_timer_t timer;
	struct journal journal;
	int log_fd;
	struct config *config;
	struct store_writer *writer;
	struct post *post;
	const _Atomic(int) *counter;
	int wanted;
	int ticks;
	bool closed;
};

static struct config *configure_at(const char *database, const char *notify)
{
	struct config_errors errors;
	struct buffer text;
	buffer_init(&text, 65536);
	buffer_printf(&text,
		"contact: mailto:a@example.org\ndatabase: %s\nlists:\n"
		"  - {name: a, sources: [x.md]}\n  - {name: b, sources: [y.md]}\n"
		"notify:\n%s",
		database, notify);
	const struct config_file file = { "test.yaml", buffer_slice(&text) };
	const struct config_defaults defaults = { NULL, 0 };
	struct config *config = config_parse(&file, 1, &defaults, &errors);
	if (config == NULL)
		fail_msg("%s", errors.at[0].text);
	buffer_fini(&text);
	return config;
}

static struct config *configure(const char *notify)
{
	return configure_at(ground_path, notify);
}

static void scene_open(struct scene *scene, const char *notify)
{
	struct error error = { "" };
	*scene = (struct scene){ .config = configure(notify) };
	assert_int_equal(uv_loop_init(&scene->loop), 0);
	scene->log_fd = memfd_create("log", MFD_CLOEXEC);
	assert_true(scene->log_fd >= 0);
	journal_init(&scene->journal, scene->log_fd, JOURNAL_INFO);
	scene->writer = ground_writer();
	ground_lists(scene->writer, "a", "b");
	static const char *const urls[] = { "http://one.test/", "http://two.test/" };
	ground_read(scene->writer, "a", "x.md", urls, 2);
	const struct post_options options = { &scene->loop, &scene->journal,
		scene->writer };
	scene->post = post_open(&options, scene->config, &error);
	if (scene->post == NULL)
		fail_msg("%s", error.text);
	uv_timer_init(&scene->loop, &scene->timer);
	scene->timer.data = scene;
}

static void on_look(uv_timer_t *timer)
{
	struct scene *scene = timer->data;
	struct store_health health;
	store_writer_health(scene->writer, &health);
	post_committed(scene->post, health.committed);
	if (atomic_load(scene->counter) >= scene->wanted || ++scene->ticks > 3000)
		uv_stop(&scene->loop);
}

/* The loop runs until the counter is there; thirty seconds are only a bound. */
static void run_until(struct scene *scene, const _Atomic(int) *counter, int wanted)
{
	scene->counter = counter;
	scene->wanted = wanted;
	scene->ticks = 0;
	uv_timer_start(&scene->timer, on_look, 0, 10);
	uv_run(&scene->loop, UV_RUN_DEFAULT);
	uv_timer_stop(&scene->timer);
	assert_true(atomic_load(counter) >= wanted);
}

static void on_closed(void *data)
{
	struct scene *scene = data;
	ground_stop(scene->writer);
	scene->closed = true;
}

static void scene_close(struct scene *scene)
{
	uv_close((uv_handle_t *)&scene->timer, NULL);
	post_close(scene->post, on_closed, scene);
	uv_run(&scene->loop, UV_RUN_DEFAULT);
	assert_true(scene->closed);
	post_free(scene->post);
	assert_int_equal(uv_loop_close(&scene->loop), 0);
	journal_fini(&scene->journal);
	close(scene->log_fd);
	config_free(scene->config);
}

static void dies(struct scene *scene, const char *url)
{
	struct store *store = ground_open(STORE_READ);
	const struct event event = { .kind = EVENT_STATE,
		.at = wall_now(),
		.link_id = ground_find(store, url),
		.from = STATE_SUSPECT,
		.to = STATE_DEAD,
		.reason = REASON_HTTP_404 };
	assert_true(event.link_id > 0);
	ground_wait(scene->writer, store_put_event(scene->writer, &event, NULL));
	store_close(store);
}

static _Atomic(int) begun;

/* Counts the times that a receiver's memory became durable. */
static void wait_for_step(struct scene *scene, int64_t number)
{
	for (int i = 0; i < 3000 && scene->post->receivers[0].step < number; i++) {
		atomic_store(&begun, 1);
		run_until(scene, &begun, 1);
		usleep(1000);
	}
	assert_true(scene->post->receivers[0].step >= number);
}

/* One webhook. */
static void write_notify(const struct web *web, char *out, size_t size, const char *more)
{
	char url_path[128];
	snprintf(url_path, sizeof(url_path), "%s/url", ground_directory);
	FILE *file = fopen(url_path, "w");
	fprintf(file, "http://127.0.0.1:%u/\n", web->port);
	fclose(file);
	snprintf(out, size, "  - {type: webhook, name: x, url_file: %s, %s}\n", url_path,
		more);
}

/* --- tests ---------------------------------------------------------------------------
 */

/* What happened while nothing could be delivered has no event of its own afterwards. */
static void what_was_kept_back_is_told(void **state)
{
	(void)state;
	struct scene scene;
	struct web web;
	char notify[512];
	web_start(&web, 503);
	write_notify(&web, notify, sizeof(notify),
		"on: [dead], group_wait: 0s, group_interval: 1m, repeat: 0");
	scene_open(&scene, notify);
	wait_for_step(&scene, 1);
	dies(&scene, "http://one.test/");
	const struct receiver *receiver = &scene.post->receivers[0];
	for (int i = 0; i < 30000 && !receiver->blocked; i++) {
		atomic_store(&begun, 1);
		run_until(&scene, &begun, 1);
		usleep(1000);
	}
	assert_true(receiver->blocked);
	dies(&scene, "http://two.test/");
	int64_t step = receiver->step;
	wait_for_step(&scene, step + 1); /* it knows of it, and keeps it back */
	assert_true(receiver->blocked);
	atomic_store(&web.status, 200);
	run_until(&scene, &web.count, 2);
	scene_close(&scene);
	web_stop(&web);
}

static bool was_said(const struct scene *scene, const char *what)
{
	char log[4096];
	ssize_t len = pread(scene->log_fd, log, sizeof(log) - 1, 0);
	assert_true(len >= 0);
	log[len] = '\0';
	return strstr(log, what) != NULL;
}

static void wait_until_said(struct scene *scene, const char *what)
{
	for (int i = 0; i < 3000 && !was_said(scene, what); i++) {
		atomic_store(&begun, 1);
		run_until(scene, &begun, 1);
		usleep(1000);
	}
	assert_true(was_said(scene, what));
}

static void reload(struct scene *scene, const char *database, const char *notify)
{
	struct config *old = scene->config;
	scene->config = configure_at(database, notify);
	post_reload(scene->post, scene->config);
	config_free(old);
}

static void fails(struct scene *scene, const char *url, int64_t incident_id)
{
	struct store *store = ground_open(STORE_READ);
	const struct event event = { .kind = EVENT_STATE,
		.at = wall_now(),
		.link_id = ground_find(store, url),
		.incident_id = incident_id,
		.from = STATE_ALIVE,
		.to = STATE_SUSPECT,
		.reason = REASON_TIMEOUT };
	assert_true(event.link_id > 0);
	ground_wait(scene->writer, store_put_event(scene->writer, &event, NULL));
	store_close(store);
}

/* It begins on a list that the receiver does not want, and comes to one that it wants. */
static void an_incident_comes_to_a_list(void **state)
{
	(void)state;
	struct scene scene;
	struct web web;
	char notify[512];
	static const char *const urls[] = { "http://one.test/3", "http://one.test/4" };
	const struct event began = {
		.kind = EVENT_INCIDENT_BEGAN, .links = 3, .text = SLICE("one.test down")
	};
	int64_t id = 0;
	web_start(&web, 200);
	write_notify(&web, notify, sizeof(notify),
		"on: [incident], lists: [b], group_wait: 0s");
	scene_open(&scene, notify);
	ground_read(scene.writer, "b", "y.md", urls, 2);
	wait_for_step(&scene, 1);
	struct event event = began;
	event.at = wall_now();
	ground_wait(scene.writer, store_put_event(scene.writer, &event, &id));
	fails(&scene, "http://one.test/", id);
	wait_for_step(&scene, 2);
	assert_int_equal(atomic_load(&web.count), 0);
	fails(&scene, urls[0], id);
	run_until(&scene, &web.count, 1);
	int64_t step = scene.post->receivers[0].step;
	fails(&scene, urls[1], id);
	wait_for_step(&scene, step + 1);
	assert_int_equal(atomic_load(&web.count), 1);
	scene_close(&scene);
	web_stop(&web);
}

/* `report --send`, and something to report. */
static void send_digest(struct scene *scene, uint32_t wanted)
{
	const struct event event = { .kind = EVENT_INCIDENT_BEGAN,
		.at = wall_now(),
		.links = 3,
		.text = SLICE("one.test unreachable, 3 links") };
	struct error error = { "" };
	uint32_t receivers;
	ground_wait(scene->writer, store_put_event(scene->writer, &event, NULL));
	if (post_send_digests(scene->post, &receivers, &error) < 0)
		fail_msg("%s", error.text);
	assert_int_equal(receivers, wanted);
}

/* Another `database` needs a restart, also for digests. */
static void a_digest_is_of_the_database_of_the_start(void **state)
{
	(void)state;
	struct scene scene;
	struct web web;
	char notify[512];
	web_start(&web, 200);
	write_notify(&web, notify, sizeof(notify), "on: [digest]");
	scene_open(&scene, notify);
	wait_for_step(&scene, 1);
	reload(&scene, "/nonexistent/l.db", notify);
	send_digest(&scene, 1);
	run_until(&scene, &web.count, 1);
	scene_close(&scene);
	web_stop(&web);
}

/* A second one right behind it tells nothing twice: it is refused until the mark is
 * there.
 */
static void two_digests_do_not_overlap(void **state)
{
	(void)state;
	struct scene scene;
	struct web web;
	char notify[512];
	struct error error;
	struct store_mark mark = { 0 };
	uint32_t receivers;
	web_start(&web, 200);
	write_notify(&web, notify, sizeof(notify), "on: [digest]");
	scene_open(&scene, notify);
	wait_for_step(&scene, 1);
	send_digest(&scene, 1);
	while (!was_said(&scene, "on its way"))
		assert_true(uv_run(&scene.loop, UV_RUN_ONCE) != 0);
	struct store *store = ground_open(STORE_READ);
	if (post_send_digests(scene.post, &receivers, &error) == 0) {
		assert_int_equal(store_load_mark(store, SLICE("x/"), &mark, &error), 0);
		assert_true(mark.at > 0);
	}
	run_until(&scene, &web.count, 1);
	store_close(store);
	scene_close(&scene);
	web_stop(&web);
}

/* What is not on its way is not said to be. */
static void a_digest_that_cannot_be_written_says_why(void **state)
{
	(void)state;
	static const char bad[] =
		"  - {type: webhook, name: x, url_file: /u, on: [digest],"
		" template_file: /nonexistent/t.json}\n";
	struct scene scene;
	scene_open(&scene, bad);
	wait_for_step(&scene, 1);
	send_digest(&scene, 1);
	wait_until_said(&scene, "/nonexistent/t.json");
	assert_false(was_said(&scene, "on its way"));
	/* Taken out while it is read. */
	send_digest(&scene, 1);
	reload(&scene, ground_path,
		"  - {type: webhook, name: y, url_file: /u, on: [dead]}\n");
	wait_until_said(&scene, "digest for x: ");
	assert_false(was_said(&scene, "on its way"));
	scene_close(&scene);
}

/* A plan that cannot write its messages has no memory between its tries. */
static void a_receiver_that_is_stuck_holds_up_no_digest(void **state)
{
	(void)state;
	struct scene scene;
	struct web web;
	char notify[512];
	size_t len;
	web_start(&web, 200);
	write_notify(&web, notify, sizeof(notify), "on: [digest]");
	len = strlen(notify);
	snprintf(notify + len, sizeof(notify) - len,
		"  - {type: webhook, name: y, url_file: /u, on: [dead, digest],"
		" group_wait: 0s, template_file: /nonexistent/t.json}\n");
	scene_open(&scene, notify);
	wait_for_step(&scene, 1);
	const struct receiver *stuck = &scene.post->receivers[1];
	dies(&scene, "http://one.test/");
	for (int i = 0; i < 3000 && (stuck->step < 1 || stuck->memory != NULL ||
					    stuck->step_item != 0);
		i++) {
		atomic_store(&begun, 1);
		run_until(&scene, &begun, 1);
		usleep(1000);
	}
	assert_null(stuck->memory);
	assert_true(was_said(&scene, "messages for y wait, because"));
	for (int night = 1; night <= 2; night++) {
		send_digest(&scene, 2);
		run_until(&scene, &web.count, night);
		wait_until_said(&scene, "digest for y: ");
		for (int i = 0; i < 3000 && scene.post->digesting != NULL; i++) {
			atomic_store(&begun, 1);
			run_until(&scene, &begun, 1);
			usleep(1000);
		}
	}
	assert_false(was_said(&scene, "digest for y: on its way"));
	scene_close(&scene);
	web_stop(&web);
}

static struct store_draft written(
	struct receiver *receiver, uint32_t copy, struct arena *arena)
{
	static const struct message_item item = {
		.topic = MESSAGE_DIED, .at = 1, .url = { "http://one.test/", 16 }
	};
	static const struct message_part part = { .list = { "a", 1 },
		.items = &item,
		.item_count = 1,
		.counts = { [MESSAGE_DIED] = 1 } };
	const struct message message = {
		.id = SLICE("1-2"), .at = 1, .parts = &part, .part_count = 1
	};
	struct store_draft draft;
	struct error error = { "" };
	if (post_write(receiver, &message, copy, arena, &draft, &error) < 0)
		fail_msg("%s", error.text);
	return draft;
}

/* To whom it goes under another configuration; empty: refused. */
static struct slice goes_to(
	struct post *post, const char *notify, struct slice payload, struct arena *arena)
{
	struct config *config = configure(notify);
	const struct store_message message = { .message_id = 1, .payload = payload };
	struct notify_task task;
	struct error error = { "" };
	enum retry_class class;
	struct config *old = (struct config *)(uintptr_t)post->config;
	post_reload(post, config);
	int result =
		post_read(&post->receivers[0], &message, arena, &task, &class, &error);
	config_free(old);
	if (result == 0)
		return task.to_count > 0 ? arena_copy(arena, task.to[0])
					 : SLICE("a request");
	assert_int_equal(class, RETRY_REFUSED);
	assert_true(error.text[0] != '\0');
	return SLICE("");
}

static void a_copy_finds_its_recipient(void **state)
{
#define MAIL(to)                                                                         \
	"  - {type: mail, name: x, server: \"smtp://h\", on: [dead], to: " to "}\n"
	(void)state;
	struct scene scene;
	struct arena arena;
	arena_init(&arena, 1 << 24);
	scene_open(&scene, MAIL("[a@t.org, b@t.org]"));
	struct post *post = scene.post;
	struct slice a = written(&post->receivers[0], 0, &arena).payload;
	assert_slice(goes_to(post, MAIL("[a@t.org, b@t.org]"), a, &arena), "a@t.org");
	assert_slice(
		goes_to(post, MAIL("[b@t.org, c@t.org, a@t.org]"), a, &arena), "a@t.org");
	/* A slip of the pen, put right. */
	assert_slice(goes_to(post, MAIL("[aa@t.org, b@t.org]"), a, &arena), "aa@t.org");
	/* Taken out: nobody else gets it. */
	assert_slice(goes_to(post, MAIL("[b@t.org]"), a, &arena), "");
	/* The name stays, the type does not. */
	assert_slice(
		goes_to(post, "  - {type: webhook, name: x, url_file: /u, on: [dead]}\n",
			a, &arena),
		"");
	struct slice request = written(&post->receivers[0], 0, &arena).payload;
	assert_slice(
		goes_to(post, "  - {type: webhook, name: x, url_file: /u, on: [dead]}\n",
			request, &arena),
		"a request");
	assert_slice(goes_to(post, MAIL("[b@t.org]"), request, &arena), "");
	assert_slice(goes_to(post,
			     "  - {type: github_issue, name: x, repository: a/b, "
			     "token_file: /t, on: [dead]}\n",
			     request, &arena),
		"");
	scene.config = (struct config *)(uintptr_t)post->config;
	scene_close(&scene);
	arena_fini(&arena);
#undef MAIL
}

/* All copies of one message are one step, whose bytes have a ceiling. */
static void a_hundred_recipients_fit_into_a_step(void **state)
{
	(void)state;
	struct scene scene;
	struct buffer notify;
	buffer_init(&notify, 8192);
	buffer_add_text(&notify,
		"  - {type: mail, server: \"smtp://h\", on: [dead], to: [x@t.org");
	for (int i = 1; i < CONFIG_RECIPIENTS_MAX; i++)
		buffer_printf(&notify, ", x%d@t.org", i);
	buffer_add_text(&notify, "]}\n");
	scene_open(&scene, buffer_string(&notify));
	const struct receiver *receiver = &scene.post->receivers[0];
	size_t copies = receiver_copies(receiver);
	assert_int_equal(copies, 100);
	assert_true(receiver->settings.max_at_once >= 1);
	assert_true(receiver->settings.max_at_once * copies * post_bytes_max(receiver) <=
		    STORE_STEP_BYTES_MAX);
	scene_close(&scene);
	buffer_fini(&notify);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_was_kept_back_is_told, ground_setup, ground_teardown),
		cmocka_unit_test_setup_teardown(a_digest_is_of_the_database_of_the_start,
			ground_setup, ground_teardown),
		cmocka_unit_test_setup_teardown(
			an_incident_comes_to_a_list, ground_setup, ground_teardown),
		cmocka_unit_test_setup_teardown(
			two_digests_do_not_overlap, ground_setup, ground_teardown),
		cmocka_unit_test_setup_teardown(a_digest_that_cannot_be_written_says_why,
			ground_setup, ground_teardown),
		cmocka_unit_test_setup_teardown(
			a_receiver_that_is_stuck_holds_up_no_digest, ground_setup,
			ground_teardown),
		cmocka_unit_test_setup_teardown(
			a_copy_finds_its_recipient, ground_setup, ground_teardown),
		cmocka_unit_test_setup_teardown(a_hundred_recipients_fit_into_a_step,
			ground_setup, ground_teardown),
	};
	/* A minute until the second attempt is six milliseconds. */
	setenv("LINKROTD_CLOCK_RATE", "10000", 1);
	wall_init();
	curl_global_init(CURL_GLOBAL_DEFAULT);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return failed;
}
