#include "unit/store/ground.h"

#include <signal.h>
#include <sys/wait.h>

#include "store/outbox.h"

static const time_ms noon = INT64_C(1700000000000);
#define MAIL SLICE("mail:ops@example.org")

static struct store_draft draft_of(const char *payload, time_ms due_at)
{
	return (struct store_draft){ .group_key = SLICE("one dead"),
		.due_at = due_at,
		.subject = SLICE("3 links are dead"),
		.payload = slice_of(payload) };
}

static uint64_t put_step(struct store_writer *writer, struct slice receiver,
	int64_t former, const struct store_draft *drafts, uint32_t count, int64_t *id)
{
	struct store_step step = { .receiver = receiver,
		.former = former,
		.state = SLICE("\0memory"),
		.at = noon,
		.drafts = drafts,
		.draft_count = count };
	return store_put_step(writer, &step, id);
}

/* One message, waiting; its id. */
static int64_t put_one(struct store_writer *writer, struct slice receiver, int64_t former,
	time_ms due_at)
{
	int64_t id = 0;
	struct store_draft draft = draft_of("text", due_at);
	ground_wait(writer, put_step(writer, receiver, former, &draft, 1, &id));
	return id;
}

static struct store_receiver receiver_now(struct slice name)
{
	static char state[64];
	struct store *store = ground_open(STORE_READ);
	struct store_receiver receiver;
	struct arena arena;
	arena_init(&arena, 1 << 20);
	assert_int_equal(store_load_receiver(store, name, &arena, &receiver, NULL), 0);
	assert_true(receiver.state.len < sizeof(state));
	if (receiver.state.len > 0)
		memcpy(state, receiver.state.at, receiver.state.len);
	receiver.state.at = state;
	arena_fini(&arena);
	store_close(store);
	return receiver;
}

/* Texts are not kept; their lengths are. */
static struct store_message message_now(int64_t id)
{
	struct store *store = ground_open(STORE_READ);
	struct store_message message;
	struct arena arena;
	bool found;
	arena_init(&arena, 4 << 20);
	assert_int_equal(
		store_load_message(store, id, &arena, &message, &found, NULL), 0);
	arena_fini(&arena);
	store_close(store);
	if (!found)
		message.message_id = 0;
	return message;
}

struct due {
	int64_t ids[100];
	uint32_t count;
};

static bool keep_due(const struct store_message *message, void *context)
{
	struct due *due = context;
	assert_true(message->payload.len > 0 && message->subject.len > 0);
	due->ids[due->count++] = message->message_id;
	return true;
}

static struct due due_now(struct slice receiver, time_ms now, uint32_t limit)
{
	struct store *store = ground_open(STORE_READ);
	struct due due = { 0 };
	assert_int_equal(store_walk_due_messages(
				 store, receiver, now, limit, keep_due, &due, NULL),
		0);
	store_close(store);
	return due;
}

#define ANY ((struct slice){ 0 })

/* --- steps -------------------------------------------------------------------------- */

static void step_is_taken_once(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	struct store_draft drafts[] = { draft_of("first", noon),
		draft_of("second", noon + 5) };
	struct store_mark mark = { SLICE("digest"), noon, 77 };
	struct store_step step = { .receiver = MAIL,
		.event_id = 12,
		.state = SLICE("\0memory"),
		.at = noon,
		.drafts = drafts,
		.draft_count = 2,
		.mark = &mark };
	int64_t id = 0, again = 0;
	assert_int_equal(receiver_now(MAIL).step, 0);
	ground_wait(writer, store_put_step(writer, &step, &id));
	assert_int_equal(id, 1);

	struct store_receiver receiver = receiver_now(MAIL);
	assert_int_equal(receiver.step, 1);
	assert_int_equal(receiver.event_id, 12);
	assert_int_equal(receiver.updated_at, noon);
	assert_true(slice_equal(receiver.state, SLICE("\0memory")));
	struct due due = due_now(ANY, noon + 5, 0);
	assert_int_equal(due.count, 2);
	assert_int_equal(due.ids[1], 2);

	/* The same step again: by a planner that did not see it taken. */
	step.event_id = 99;
	mark.at = noon + 1;
	step.state = SLICE("other");
	ground_wait(writer, store_put_step(writer, &step, &again));
	/* And one that is ahead of the file. */
	step.former = 2;
	ground_wait(writer, store_put_step(writer, &step, NULL));
	/* And one of nobody. */
	step.receiver = SLICE("mail:nobody");
	ground_wait(writer, store_put_step(writer, &step, NULL));
	assert_int_equal(receiver_now(SLICE("mail:nobody")).step, 0);
	receiver = receiver_now(MAIL);
	assert_int_equal(receiver.step, 1);
	assert_int_equal(receiver.event_id, 12);
	assert_true(slice_equal(receiver.state, SLICE("\0memory")));
	assert_int_equal(due_now(ANY, noon + 5, 0).count, 2);
	assert_string_equal(
		ground_sql("SELECT at || ' ' || event_id FROM mark"), "1700000000000 77");

	step = (struct store_step){ .receiver = MAIL, .former = 1, .event_id = 13 };
	ground_wait(writer, store_put_step(writer, &step, NULL));
	receiver = receiver_now(MAIL);
	assert_int_equal(receiver.step, 2);
	assert_int_equal(receiver.event_id, 13);
	assert_int_equal(receiver.state.len, 0);
	ground_stop(writer);
}

static void forgotten_receiver_begins_anew(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	int64_t id = put_one(writer, MAIL, 0, noon);
	ground_wait(writer, store_put_receiver_forgotten(writer, MAIL));
	assert_int_equal(receiver_now(MAIL).step, 0);
	assert_int_equal(message_now(id).message_id, id);
	assert_int_equal(put_one(writer, MAIL, 0, noon), id + 1);
	assert_int_equal(receiver_now(MAIL).step, 1);
	ground_stop(writer);
}

static struct store_mark mark_now(struct slice name)
{
	struct store_mark mark;
	struct store *store = ground_open(STORE_READ);
	assert_int_equal(store_load_mark(store, name, &mark, NULL), 0);
	store_close(store);
	return mark;
}

/* With its marks, or the first digest after a year would tell of the year. */
static void forgotten_receiver_has_no_marks(void **state)
{
	(void)state;
	static const struct slice marks[] = { { "mail/", 5 }, { "mail/list-a", 11 },
		{ "mail", 4 }, { "mail-2/", 7 }, { "mail0", 5 }, { "mai/x", 5 } };
	enum { OWN = 2, COUNT = sizeof(marks) / sizeof(marks[0]) };
	struct store_writer *writer = ground_writer();
	for (int i = 0; i < COUNT; i++) {
		const struct store_mark mark = { marks[i], noon, 77 };
		const struct store_step step = {
			.receiver = SLICE("mail"), .former = i, .at = noon, .mark = &mark
		};
		ground_wait(writer, store_put_step(writer, &step, NULL));
		assert_int_equal(mark_now(marks[i]).event_id, 77);
	}
	ground_wait(writer, store_put_receiver_forgotten(writer, SLICE("mail")));
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(mark_now(marks[i]).event_id, i < OWN ? 0 : 77);
	ground_stop(writer);
}

static void same_message_is_added_once(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	struct store_draft draft = draft_of("digest of Monday", noon);
	int64_t id, other;
	draft.hash = UINT64_MAX - 3;
	ground_wait(writer, put_step(writer, MAIL, 0, &draft, 1, &id));
	ground_wait(writer, put_step(writer, MAIL, 1, &draft, 1, NULL));
	assert_int_equal(due_now(ANY, noon, 0).count, 1);
	assert_true(message_now(id).hash == draft.hash);
	/* The step itself was taken; another receiver has its own. */
	assert_int_equal(receiver_now(MAIL).step, 2);
	ground_wait(writer, put_step(writer, SLICE("slack"), 0, &draft, 1, &other));
	assert_int_equal(message_now(other).message_id, other);
	/* Also when it is over. */
	struct store_message_result sent = {
		.message_id = id, .end = STORE_MESSAGE_DONE, .at = noon
	};
	ground_wait(writer, store_put_message_result(writer, &sent));
	ground_wait(writer, put_step(writer, MAIL, 2, &draft, 1, NULL));
	assert_int_equal(due_now(MAIL, noon, 0).count, 0);
	/* Without a hash there is no such thing. */
	draft.hash = 0;
	ground_wait(writer, put_step(writer, MAIL, 3, &draft, 1, NULL));
	ground_wait(writer, put_step(writer, MAIL, 4, &draft, 1, NULL));
	assert_int_equal(due_now(MAIL, noon, 0).count, 2);
	ground_stop(writer);
	assert_int_equal(ground_verify(), 0);
}

/* Whatever was received with an id, no other message will ever have it. */
static void ids_are_never_given_again(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	int64_t first = put_one(writer, MAIL, 0, noon);
	struct store_message_result sent = {
		.message_id = first, .end = STORE_MESSAGE_DONE, .at = noon
	};
	ground_wait(writer, store_put_message_result(writer, &sent));
	ground_stop(writer);
	const struct store_retention kept = { .checks_ms = 1000 };
	struct store_pruned pruned;
	assert_int_equal(store_prune(ground_path, &kept, noon + 15 * TIME_MS_PER_DAY,
				 &pruned, NULL),
		0);
	assert_int_equal(pruned.messages, 1);
	assert_string_equal(ground_sql("SELECT (SELECT count(*) FROM outbox) + "
				       "(SELECT count(*) FROM outbox_body)"),
		"0");
	writer = ground_writer();
	assert_int_equal(put_one(writer, MAIL, 1, noon), first + 1);
	ground_stop(writer);
}

/* --- one message -------------------------------------------------------------------- */

static void lease_hides_until_it_ends(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	int64_t id = put_one(writer, MAIL, 0, noon);
	assert_int_equal(due_now(ANY, noon - 1, 0).count, 0);
	assert_int_equal(due_now(ANY, noon, 0).count, 1);
	ground_wait(writer, store_put_lease(writer, id, noon - 1, noon + 50));
	assert_int_equal(message_now(id).attempts, 0);
	ground_wait(writer, store_put_lease(writer, id, noon, noon + 60));
	struct store_message message = message_now(id);
	assert_int_equal(message.lease_until, noon + 60);
	assert_int_equal(message.tried_at, noon);
	assert_int_equal(message.attempts, 1);
	assert_int_equal(due_now(ANY, noon + 59, 0).count, 0);
	/* A second one does not take it away. */
	ground_wait(writer, store_put_lease(writer, id, noon + 1, noon + 999));
	assert_int_equal(message_now(id).lease_until, noon + 60);
	assert_int_equal(due_now(ANY, noon + 60, 0).count, 1);
	ground_wait(writer, store_put_lease(writer, id, noon + 60, noon + 120));
	assert_int_equal(message_now(id).attempts, 2);
	ground_stop(writer);
}

static void ends_of_a_message(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	int64_t id = put_one(writer, MAIL, 0, noon);
	ground_wait(writer, store_put_lease(writer, id, noon, noon + 60));
	struct store_message_result result = { .message_id = id,
		.end = STORE_MESSAGE_LATER,
		.at = noon + 1,
		.due_at = noon + 500,
		.why = SLICE("the server answered 451") };
	ground_wait(writer, store_put_message_result(writer, &result));
	struct store_message message = message_now(id);
	assert_int_equal(message.due_at, noon + 500);
	assert_int_equal(message.lease_until, 0);
	assert_int_equal(message.error.len, result.why.len);
	assert_int_equal(due_now(ANY, noon + 499, 0).count, 0);
	assert_int_equal(due_now(ANY, noon + 500, 0).count, 1);

	result.end = STORE_MESSAGE_FAILED;
	result.why = (struct slice){ 0 };
	ground_wait(writer, store_put_message_result(writer, &result));
	message = message_now(id);
	assert_int_equal(message.due_at, 0);
	assert_int_equal(message.failed_at, noon + 1);
	assert_true(message.error.len > 0);
	assert_int_equal(message.payload.len, 4);
	assert_int_equal(due_now(ANY, INT64_MAX, 0).count, 0);

	result.end = STORE_MESSAGE_LATER;
	ground_wait(writer, store_put_message_result(writer, &result));
	assert_int_equal(message_now(id).failed_at, 0);
	assert_int_equal(due_now(ANY, noon + 500, 0).count, 1);

	result.end = STORE_MESSAGE_DONE;
	result.at = noon + 700;
	ground_wait(writer, store_put_message_result(writer, &result));
	message = message_now(id);
	assert_int_equal(message.done_at, noon + 700);
	assert_int_equal(message.due_at, 0);
	assert_int_equal(message.error.len, 0);
	assert_int_equal(message.payload.len, 0);
	assert_int_equal(message.subject.len, 16);
	/* Done is done. */
	result.end = STORE_MESSAGE_LATER;
	ground_wait(writer, store_put_message_result(writer, &result));
	ground_wait(writer, store_put_lease(writer, id, noon + 900, noon + 901));
	assert_int_equal(due_now(ANY, INT64_MAX, 0).count, 0);
	assert_int_equal(message_now(id).attempts, 1);
	assert_int_equal(message_now(99).message_id, 0);
	ground_stop(writer);
	assert_int_equal(ground_verify(), 0);
}

static void due_ones_come_in_order(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	struct store_draft drafts[] = { draft_of("late", noon + 30),
		draft_of("soon", noon + 10), draft_of("later", noon + 31),
		draft_of("too", noon + 10) };
	struct store_draft slack[] = { draft_of("x", noon + 20), draft_of("y", noon) };
	ground_wait(writer, put_step(writer, MAIL, 0, drafts, 4, NULL));
	ground_wait(writer, put_step(writer, SLICE("slack"), 0, slack, 2, NULL));
	static const int64_t order[] = { 6, 2, 4, 5, 1 };
	struct due due = due_now(ANY, noon + 30, 0);
	assert_int_equal(due.count, 5);
	assert_memory_equal(due.ids, order, sizeof(order));
	due = due_now(ANY, noon + 30, 2);
	assert_int_equal(due.count, 2);
	due = due_now(MAIL, noon + 30, 3);
	assert_int_equal(due.count, 3);
	assert_int_equal(due.ids[2], 1);
	ground_stop(writer);
}

static void large_messages_are_kept_whole(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	char *bytes = malloc(STORE_PAYLOAD_BYTES_MAX);
	assert_non_null(bytes);
	for (size_t i = 0; i < STORE_PAYLOAD_BYTES_MAX; i++)
		bytes[i] = (char)(i * 2654435761u >> 13);
	struct store_draft drafts[8];
	int64_t id;
	for (int i = 0; i < 8; i++) {
		drafts[i] = draft_of("", noon);
		drafts[i].payload =
			(struct slice){ bytes, STORE_PAYLOAD_BYTES_MAX - (size_t)i };
	}
	ground_wait(writer, put_step(writer, MAIL, 0, drafts, 8, &id));
	struct store *store = ground_open(STORE_READ);
	struct store_message message;
	struct arena arena;
	bool found;
	arena_init(&arena, 4 << 20);
	assert_int_equal(
		store_load_message(store, id + 7, &arena, &message, &found, NULL), 0);
	assert_true(slice_equal(message.payload, drafts[7].payload));
	arena_fini(&arena);
	store_close(store);
	free(bytes);
	ground_stop(writer);
}

/* --- counts ------------------------------------------------------------------------- */

struct counts {
	struct store_outbox at[8];
	char errors[8][64];
	uint32_t count;
};

static bool keep_counts(const struct store_outbox *outbox, void *context)
{
	struct counts *counts = context;
	snprintf(counts->errors[counts->count], 64, "%.*s", (int)outbox->error.len,
		outbox->error.len > 0 ? outbox->error.at : "");
	counts->at[counts->count++] = *outbox;
	return true;
}

static bool count_receivers(const struct store_receiver *receiver, void *context)
{
	assert_true(receiver->step > 0 && receiver->name.len > 0);
	++*(uint32_t *)context;
	return true;
}

static void counts_say_what_waits(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	int64_t ids[5];
	for (int i = 0; i < 5; i++)
		ids[i] = put_one(writer, MAIL, i, noon + i);
	put_one(writer, SLICE("slack"), 0, noon + 9);
	struct store_message_result results[] = {
		{ ids[0], STORE_MESSAGE_DONE, noon + 100, 0, { 0 } },
		{ ids[1], STORE_MESSAGE_FAILED, noon + 101, 0, SLICE("no such user") },
		{ ids[2], STORE_MESSAGE_LATER, noon + 102, noon + 900, SLICE("refused") },
	};
	for (int i = 0; i < 3; i++) {
		store_put_lease(writer, ids[i], noon + 50 + i, noon + 5000);
		ground_wait(writer, store_put_message_result(writer, &results[i]));
	}
	struct store *store = ground_open(STORE_READ);
	struct counts counts = { 0 };
	assert_int_equal(store_walk_outbox(store, keep_counts, &counts, NULL), 0);
	assert_int_equal(counts.count, 2);
	const struct store_outbox *mail = &counts.at[0], *slack = &counts.at[1];
	assert_int_equal(mail->waiting, 3);
	assert_int_equal(mail->failing, 1);
	assert_int_equal(mail->done, 1);
	assert_int_equal(mail->failed, 1);
	assert_int_equal(mail->oldest_at, noon);
	assert_int_equal(mail->due_at, noon + 3);
	assert_int_equal(mail->done_at, noon + 100);
	assert_string_equal(counts.errors[0], "refused");
	assert_int_equal(slack->waiting, 1);
	assert_int_equal(slack->failing + slack->done + slack->failed, 0);
	assert_string_equal(counts.errors[1], "");

	uint32_t receivers = 0;
	store_walk_receivers(store, count_receivers, &receivers, NULL);
	assert_int_equal(receivers, 2);
	struct store_statistics statistics;
	assert_int_equal(store_statistics(store, &statistics, NULL), 0);
	assert_int_equal(statistics.messages, 6);
	assert_int_equal(statistics.waiting, 4);
	store_close(store);
	ground_stop(writer);
}

/* --- marks and retention ------------------------------------------------------------ */

static void marks_are_kept_by_name(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	struct store_mark a = { SLICE("ops@example.org"), noon, 5 };
	struct store_mark b = { SLICE("other@example.org"), noon + 1, 70 };
	struct store_mark later = { SLICE("ops@example.org"), noon + 2, 6 };
	const struct store_mark *const marks[] = { &a, &b, &later };
	for (int64_t i = 0; i < 3; i++) {
		struct store_step step = { .receiver = MAIL,
			.former = i,
			.state = SLICE("\0memory"),
			.at = noon,
			.mark = marks[i] };
		ground_wait(writer, store_put_step(writer, &step, NULL));
	}
	struct store *store = ground_open(STORE_READ);
	struct store_mark mark;
	assert_int_equal(store_load_mark(store, a.name, &mark, NULL), 0);
	assert_true(mark.at == noon + 2 && mark.event_id == 6);
	assert_int_equal(store_load_mark(store, SLICE("nobody"), &mark, NULL), 0);
	assert_true(mark.at == 0 && mark.event_id == 0);
	assert_int_equal(store_load_mark(store, b.name, &mark, NULL), 0);
	assert_true(mark.at == noon + 1 && mark.event_id == 70);
	store_close(store);
	ground_stop(writer);
}

/* What was done 15 days ago goes, 13 days ago stays; failed ones stay longer; what waits
 * stays for ever. Time is that of the newest check. */
static void old_messages_are_forgotten(void **state)
{
	(void)state;
	static const char *const urls[] = { "https://a.example/" };
	static const struct {
		enum store_message_end end;
		int days;
		bool kept;
	} cases[] = {
		{ STORE_MESSAGE_DONE, 15, false },
		{ STORE_MESSAGE_DONE, 13, true },
		{ STORE_MESSAGE_FAILED, 89, true },
		{ STORE_MESSAGE_FAILED, 91, false },
		{ STORE_MESSAGE_LATER, 1000, true },
	};
	struct store_writer *writer = ground_writer();
	for (int i = 0; i < 5; i++) {
		time_ms at = noon - cases[i].days * TIME_MS_PER_DAY;
		struct store_message_result result = { .message_id = put_one(
							       writer, MAIL, i, at),
			.end = cases[i].end,
			.at = at,
			.due_at = at };
		ground_wait(writer, store_put_message_result(writer, &result));
	}
	ground_lists(writer, "one", NULL);
	ground_read(writer, "one", "README.md", urls, 1);
	struct check_facts facts = { .at = noon };
	struct link_record record = { .last_checked_at = noon };
	struct store_result check = { .link_id = 1, .facts = &facts, .record = &record };
	ground_wait(writer, store_put_result(writer, &check));
	ground_stop(writer);
	assert_string_equal(ground_sql("SELECT count(*) FROM outbox"), "5");
	writer = ground_writer();
	/* Upkeep is the first thing it does when it has nothing to do. */
	for (int i = 0;
		i < 20000 && strcmp(ground_sql("SELECT count(*) FROM outbox"), "3") != 0;
		i++)
		usleep(1000);
	for (int i = 0; i < 5; i++)
		assert_true((message_now(i + 1).message_id != 0) == cases[i].kept);
	ground_stop(writer);
	assert_int_equal(ground_verify(), 0);
}

/* --- kill -9 ------------------------------------------------------------------------ */

static void report_to_pipe(void *context, uint64_t item)
{
	if (write(*(int *)context, &item, sizeof(item)) != sizeof(item))
		_exit(3);
}

/* Step n makes the messages 2n - 1 and 2n, says so in its state, and moves a mark. */
static void step_for_ever(int pipe_fd)
{
	struct error error;
	struct store_writer_options options = { .committed = report_to_pipe,
		.context = &pipe_fd };
	struct store *store = store_open(ground_path, STORE_WRITE, &error);
	struct store_writer *writer =
		store != NULL ? store_writer_start(store, &options, &error) : NULL;
	int64_t former = strtol(ground_sql("SELECT max(step) FROM receiver"), NULL, 10);
	if (writer == NULL)
		_exit(4);
	for (;;) {
		char text[32];
		snprintf(text, sizeof(text), "%lld", (long long)former + 1);
		struct store_draft drafts[2] = { draft_of(text, noon),
			draft_of(text, noon) };
		struct store_mark mark = { SLICE("m"), noon, former + 1 };
		struct store_step step = { .receiver = MAIL,
			.former = former,
			.state = slice_of(text),
			.at = noon,
			.drafts = drafts,
			.draft_count = 2,
			.mark = &mark };
		/* Each twice, as by two planners. */
		while (store_put_step(writer, &step, NULL) == 0)
			usleep(100);
		while (store_put_step(writer, &step, NULL) == 0)
			usleep(100);
		former++;
		if (former % 1000 == 0)
			usleep(20000);
	}
}

static void kill_9_leaves_whole_steps(void **state)
{
	(void)state;
	int64_t known = 0;
	ground_stop(ground_writer());
	for (int life = 0; life < 3; life++) {
		int ends[2], status;
		assert_int_equal(pipe(ends), 0);
		pid_t child = fork();
		if (child == 0)
			step_for_ever(ends[1]);
		close(ends[1]);
		uint64_t durable = 0;
		for (int i = 0; i < 2 + life; i++)
			assert_int_equal(read(ends[0], &durable, sizeof(durable)),
				sizeof(durable));
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		close(ends[0]);
		/* Opened to write: what the killed one left is recovered. */
		ground_stop(ground_writer());
		int64_t steps = strtol(ground_sql("SELECT step FROM receiver"), NULL, 10);
		if (steps < known + (int64_t)durable / 2)
			fail_msg("%llu items were durable, %lld steps are there",
				(unsigned long long)durable, (long long)(steps - known));
		/* Two of each step, no more and no less. */
		char whole[64];
		snprintf(whole, sizeof(whole), "%lld %lld %lld %lld", (long long)steps,
			(long long)steps, (long long)steps, (long long)steps * 2);
		assert_string_equal(
			ground_sql("SELECT (SELECT event_id FROM mark) || ' ' || "
				   "(SELECT CAST(state AS TEXT) FROM receiver) || ' ' || "
				   "count(DISTINCT payload) || ' ' || count(*) "
				   "FROM outbox_body"),
			whole);
		known = steps;
	}
	assert_int_equal(ground_verify(), 0);
}

#define ON_GROUND(test)                                                                  \
	cmocka_unit_test_setup_teardown(test, ground_setup, ground_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_GROUND(step_is_taken_once),
		ON_GROUND(forgotten_receiver_begins_anew),
		ON_GROUND(forgotten_receiver_has_no_marks),
		ON_GROUND(same_message_is_added_once),
		ON_GROUND(ids_are_never_given_again),
		ON_GROUND(lease_hides_until_it_ends),
		ON_GROUND(ends_of_a_message),
		ON_GROUND(due_ones_come_in_order),
		ON_GROUND(large_messages_are_kept_whole),
		ON_GROUND(counts_say_what_waits),
		ON_GROUND(marks_are_kept_by_name),
		ON_GROUND(old_messages_are_forgotten),
		ON_GROUND(kill_9_leaves_whole_steps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
