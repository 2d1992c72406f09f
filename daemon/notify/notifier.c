#include "notify/notifier.h"

#include <assert.h>
#include <stdlib.h>

#include "message/mail.h"
#include "notify/notify_internal.h"

struct notifier {
	struct notify_setup setup;
	struct notify_means means;
	struct arena arena; /* of the setup's text */
	uv_thread_t thread;
	uv_async_t news; /* something has finished, or the thread is gone */
	uint32_t busy;   /* the loop's */
	void (*on_stopped)(void *data);
	void *stop_data;

	uv_mutex_t mutex; /* over what follows */
	uv_cond_t work;
	struct list waiting, finished;
	bool gone;
};

enum {
	JOB_BYTES_MAX = 8 << 20, /* of one task's text */
	SETUP_BYTES_MAX = 64 << 10,
};

/* --- jobs
 * ---------------------------------------------------------------------------------------
 */

static void job_free(struct notify_job *job)
{
	arena_fini(&job->arena);
	free(job);
}

/* With a NUL behind it; an empty slice stays empty. */
static void keep(struct arena *arena, struct slice *text)
{
	if (text->len > 0)
		*text = arena_copy(arena, *text);
	else
		*text = (struct slice){ "", 0 };
}

static void keep_recipients(struct arena *arena, struct notify_task *task)
{
	struct slice *to = ARENA_ARRAY(arena, struct slice, task->to_count);
	for (uint32_t i = 0; i < task->to_count && to != NULL; i++) {
		to[i] = task->to[i];
		keep(arena, &to[i]);
	}
	task->to = to;
}

static struct notify_job *job_new(const struct notify_task *task)
{
	struct notify_job *job = calloc(1, sizeof(*job));
	if (job == NULL)
		return NULL;
	arena_init(&job->arena, JOB_BYTES_MAX);
	job->task = *task;
	struct slice *const texts[] = { &job->task.server, &job->task.url_path,
		&job->task.token_path, &job->task.user, &job->task.password_path,
		&job->task.cacert, &job->task.from, &job->task.bytes, &job->task.path,
		&job->task.issue.repository, &job->task.issue.list,
		&job->task.issue.title, &job->task.issue.body };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		keep(&job->arena, texts[i]);
	if (task->to_count > 0)
		keep_recipients(&job->arena, &job->task);
	job->result = (struct notify_result){
		.id = task->id, .class = RETRY_TEMPORARY, .retry_after_ms = -1
	};
	if (!job->arena.failed)
		return job;
	job_free(job);
	return NULL;
}

/* --- the thread
 * --------------------------------------------------------------------------------- */

static void send_job(const struct notify_means *means, struct notify_job *job)
{
	struct notify_secrets secrets = { 0 };
	job->secrets = &secrets;
	if (notify_secrets_read(job, &secrets) == 0)
		switch (job->task.way) {
		case NOTIFY_SMTP:
			notify_send_smtp(means, job);
			break;
		case NOTIFY_SENDMAIL:
			notify_send_sendmail(means, job);
			break;
		case NOTIFY_HTTP:
			notify_send_http(means, job);
			break;
		case NOTIFY_ISSUE:
			notify_send_issue(means, job);
			break;
		}
	job->secrets = NULL;
	notify_secrets_wipe(&secrets);
}

/* NULL: it is time to go. */
static struct notify_job *next_job(struct notifier *notifier)
{
	struct list *node = NULL;
	uv_mutex_lock(&notifier->mutex);
	while (!atomic_load(&notifier->means.stopping) && list_empty(&notifier->waiting))
		uv_cond_wait(&notifier->work, &notifier->mutex);
	if (!atomic_load(&notifier->means.stopping))
		node = list_pop_front(&notifier->waiting);
	uv_mutex_unlock(&notifier->mutex);
	return node != NULL ? LIST_OF(node, struct notify_job, node) : NULL;
}

static void run(void *data)
{
	struct notifier *notifier = data;
	struct notify_job *job;
	while ((job = next_job(notifier)) != NULL) {
		send_job(&notifier->means, job);
		uv_mutex_lock(&notifier->mutex);
		list_push_back(&notifier->finished, &job->node);
		uv_mutex_unlock(&notifier->mutex);
		uv_async_send(&notifier->news);
	}
	uv_mutex_lock(&notifier->mutex);
	notifier->gone = true;
	uv_async_send(
		&notifier->news); /* under the lock: it lives until `gone` is seen */
	uv_mutex_unlock(&notifier->mutex);
}

/* --- the loop
 * ----------------------------------------------------------------------------------- */

static struct notify_job *take_finished(struct notifier *notifier, bool *ret_gone)
{
	uv_mutex_lock(&notifier->mutex);
	struct list *node = list_pop_front(&notifier->finished);
	*ret_gone = notifier->gone;
	uv_mutex_unlock(&notifier->mutex);
	return node != NULL ? LIST_OF(node, struct notify_job, node) : NULL;
}

static void answer(struct notifier *notifier, struct notify_job *job)
{
	notifier->busy--;
	notifier->setup.on_result(notifier->setup.data, &job->result);
	job_free(job);
}

static void on_closed(uv_handle_t *handle)
{
	struct notifier *notifier = handle->data;
	uv_cond_destroy(&notifier->work);
	uv_mutex_destroy(&notifier->mutex);
	arena_fini(&notifier->arena);
	void (*on_stopped)(void *) = notifier->on_stopped;
	void *data = notifier->stop_data;
	free(notifier);
	on_stopped(data);
}

/* The thread is gone: nobody else touches the list. */
static void answer_waiting(struct notifier *notifier)
{
	struct list *next;
	for (struct list *at = notifier->waiting.next; at != &notifier->waiting;
		at = next) {
		struct notify_job *job = LIST_OF(at, struct notify_job, node);
		next = at->next;
		error_set(&job->result.sentence, "the program ended before it was sent");
		answer(notifier, job);
	}
	list_init(&notifier->waiting);
}

static void on_news(uv_async_t *handle)
{
	struct notifier *notifier = handle->data;
	struct notify_job *job;
	bool gone;
	while ((job = take_finished(notifier, &gone)) != NULL)
		answer(notifier, job);
	if (!gone || uv_is_closing((uv_handle_t *)handle))
		return;
	uv_thread_join(&notifier->thread);
	answer_waiting(notifier);
	assert(notifier->busy == 0);
	uv_close((uv_handle_t *)handle, on_closed);
}

/* --- the door
 * ----------------------------------------------------------------------------------- */

static const char *keep_text(
	struct notifier *notifier, const char *text, const char *otherwise)
{
	if (text == NULL)
		return otherwise;
	return arena_string(&notifier->arena, slice_of(text));
}

static int start_thread(struct notifier *notifier)
{
	/* Its own files' buffers, secrets and libcurl's; the default is 8 MiB. */
	const uv_thread_options_t options = { UV_THREAD_HAS_STACK_SIZE, 512 << 10 };
	if (uv_mutex_init(&notifier->mutex) != 0)
		return -1;
	if (uv_cond_init(&notifier->work) != 0) {
		uv_mutex_destroy(&notifier->mutex);
		return -1;
	}
	if (uv_thread_create_ex(&notifier->thread, &options, run, notifier) != 0) {
		uv_cond_destroy(&notifier->work);
		uv_mutex_destroy(&notifier->mutex);
		return -1;
	}
	return 0;
}

static void free_closed(uv_handle_t *handle)
{
	struct notifier *notifier = handle->data;
	arena_fini(&notifier->arena);
	free(notifier);
}

static struct notifier *notifier_new(const struct notify_setup *setup)
{
	struct notifier *notifier = calloc(1, sizeof(*notifier));
	if (notifier == NULL)
		return NULL;
	notifier->setup = *setup;
	arena_init(&notifier->arena, SETUP_BYTES_MAX);
	notifier->means.user_agent = keep_text(notifier, setup->user_agent, NULL);
	notifier->means.sendmail =
		keep_text(notifier, setup->sendmail, "/usr/sbin/sendmail");
	notifier->means.timeout_ms =
		setup->timeout_ms > 0 ? setup->timeout_ms : 60 * TIME_MS_PER_S;
	notifier->means.connect_timeout_ms = setup->connect_timeout_ms > 0
						     ? setup->connect_timeout_ms
						     : 10 * TIME_MS_PER_S;
	atomic_init(&notifier->means.stopping, false);
	list_init(&notifier->waiting);
	list_init(&notifier->finished);
	if (!notifier->arena.failed)
		return notifier;
	arena_fini(&notifier->arena);
	free(notifier);
	return NULL;
}

struct notifier *notifier_start(const struct notify_setup *setup, struct error *error)
{
	struct notifier *notifier = notifier_new(setup);
	if (notifier == NULL) {
		error_set(error, "not enough memory to send messages");
		return NULL;
	}
	if (uv_async_init(setup->loop, &notifier->news, on_news) != 0) {
		arena_fini(&notifier->arena);
		free(notifier);
		error_set(error, "no handle to send messages with");
		return NULL;
	}
	notifier->news.data = notifier;
	if (start_thread(notifier) != 0) {
		uv_close((uv_handle_t *)&notifier->news, free_closed);
		error_set(error, "no thread to send messages with");
		return NULL;
	}
	return notifier;
}

static int check_task(const struct notify_task *task, struct error *error)
{
	bool smtp = task->way == NOTIFY_SMTP;
	if (smtp && (task->to_count == 0 || task->to_count > NOTIFY_TO_MAX ||
			    !mail_address_fits(task->from)))
		return error_set(error, "the mail has no sender or no recipients");
	for (uint32_t i = 0; smtp && i < task->to_count; i++)
		if (!mail_address_fits(task->to[i]))
			return error_set(error, "the mail has a recipient that is no "
						"address");
	if (task->way == NOTIFY_ISSUE && !issue_repository_fits(task->issue.repository))
		return error_set(error, "the repository is not OWNER/NAME");
	return 0;
}

int notifier_send(
	struct notifier *notifier, const struct notify_task *task, struct error *error)
{
	assert(notifier->on_stopped == NULL);
	if (check_task(task, error) != 0)
		return -1;
	if (notifier->busy > NOTIFY_QUEUE_MAX)
		return error_set(error, "%d messages wait already", NOTIFY_QUEUE_MAX);
	struct notify_job *job = job_new(task);
	if (job == NULL)
		return error_set(error, "not enough memory for a message");
	notifier->busy++;
	uv_mutex_lock(&notifier->mutex);
	list_push_back(&notifier->waiting, &job->node);
	uv_cond_signal(&notifier->work);
	uv_mutex_unlock(&notifier->mutex);
	return 0;
}

uint32_t notifier_busy(const struct notifier *notifier)
{
	return notifier->busy;
}

void notifier_stop(struct notifier *notifier, void (*on_stopped)(void *data), void *data)
{
	assert(notifier->on_stopped == NULL);
	notifier->on_stopped = on_stopped;
	notifier->stop_data = data;
	uv_mutex_lock(&notifier->mutex);
	atomic_store(&notifier->means.stopping, true);
	uv_cond_signal(&notifier->work);
	uv_mutex_unlock(&notifier->mutex);
}
