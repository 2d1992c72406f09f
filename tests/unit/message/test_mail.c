#include "unit/message/messages.h"

#include "message/mail.h"
#include "message/mail_internal.h"

static struct test_message all;

static const struct slice recipients[] = { { "ops@example.org", 15 },
	{ "second@example.org", 18 } };
static const struct mail_envelope envelope = { .from = { "linkrotd@host.example.org",
						       25 },
	.to = recipients,
	.to_count = 2,
	.host = { "host.example.org", 16 },
	.subject_prefix = { "[links] ", 8 } };

static void write_mail(const struct message *message, struct buffer *out)
{
	struct error error;
	if (mail_write(message, &envelope, out, &error) != 0)
		fail_msg("%s", error.text);
}

static void a_mail(void **state)
{
	(void)state;
	struct buffer mail;
	buffer_init(&mail, 1 << 20);
	test_fill(&all, "Vicuna", 1);
	all.part.sentence = (struct slice){ 0 };
	write_mail(&all.message, &mail);
	static const char head[] =
		"Date: Mon, 23 Nov 2026 03:30:01 +0000\r\n"
		"From: linkrotd <linkrotd@host.example.org>\r\n"
		"To: <ops@example.org>,\r\n"
		" <second@example.org>\r\n"
		"Subject: [links] llm-alignment: 1 died\r\n"
		"Message-ID: <17-42@host.example.org>\r\n"
		"In-Reply-To: <list.llm-alignment@host.example.org>\r\n"
		"References: <list.llm-alignment@host.example.org>\r\n"
		"List-Id: <llm-alignment.links.host.example.org>\r\n"
		"Auto-Submitted: auto-generated\r\n"
		"X-Auto-Response-Suppress: All\r\n"
		"Precedence: bulk\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: multipart/alternative;\r\n boundary=\"=_";
	assert_slice(slice_sub(buffer_slice(&mail), 0, sizeof(head) - 1), head);
	size_t text = slice_find(buffer_slice(&mail), SLICE("text/plain"));
	size_t html = slice_find(buffer_slice(&mail), SLICE("text/html"));
	assert_true(text != SLICE_NONE && html != SLICE_NONE && text < html);
	struct buffer again;
	buffer_init(&again, 1 << 20);
	write_mail(&all.message, &again);
	assert_true(slice_equal(buffer_slice(&mail), buffer_slice(&again)));
	buffer_fini(&again);
	buffer_fini(&mail);
}

/* Only ASCII in short lines with CRLF; no header that is not ours. */
static void assert_sound(struct slice mail)
{
	static const char *const headers[] = { "Date: ", "From: ", "To: ", "Subject: ",
		"Message-ID: <", "In-Reply-To: <", "References: <", "List-Id: <",
		"Auto-Submitted: ", "X-Auto-Response-Suppress: ", "Precedence: ",
		"MIME-Version: ", "Content-Type: ", " " };
	struct slice line;
	bool head = true;
	while (mail.len > 0 && slice_split(&mail, '\n', &line)) {
		assert_true(line.len > 0 && line.at[line.len - 1] == '\r');
		line.len--;
		assert_true(line.len <=
			    (slice_find(line, SLICE(": <")) != SLICE_NONE ? 230 : 78));
		for (size_t i = 0; i < line.len; i++)
			if (line.at[i] < ' ' || line.at[i] == 0x7F)
				fail_msg("\"%.*s\"", SLICE_ARG(line));
		head = head && line.len > 0;
		bool known = !head;
		for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
			known |= slice_starts(line, slice_of(headers[i]));
		if (!known)
			fail_msg("a header \"%.*s\"", SLICE_ARG(line));
		if (!head && line.len > 0)
			assert_true(line.at[0] != '.');
	}
}

/* Beside what happens to the links of its list. */
static void a_digest_is_in_the_thread_of_its_list(void **state)
{
	(void)state;
	static const struct {
		struct slice list;
		const char *thread, *id;
	} cases[] = {
		{ { "papers", 6 }, "In-Reply-To: <list.papers@host.example.org>\r\n",
			"List-Id: <papers.links.host.example.org>\r\n" },
		{ { "", 0 }, "In-Reply-To: <list.all@host.example.org>\r\n",
			"List-Id: <all.links.host.example.org>\r\n" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buffer mail;
		const struct message digest = { .id = SLICE("digest-1"),
			.subject = SLICE("1 died"),
			.text = SLICE("Dead (1)\n"),
			.html = SLICE("<p>Dead</p>"),
			.list = cases[i].list };
		buffer_init(&mail, 1 << 20);
		write_mail(&digest, &mail);
		assert_non_null(strstr(buffer_string(&mail), cases[i].thread));
		assert_non_null(strstr(buffer_string(&mail), cases[i].id));
		buffer_fini(&mail);
	}
}

static void hostile_text_injects_nothing(void **state)
{
	(void)state;
	struct buffer mail;
	buffer_init(&mail, 4 << 20);
	test_fill(&all, HOSTILE, 300);
	all.part.list = slice_of(HOSTILE);
	all.message.id = slice_of("a\r\nBcc: x@y.z <>@\"");
	write_mail(&all.message, &mail);
	assert_sound(buffer_slice(&mail));
	buffer_reset(&mail);
	all.message.subject = slice_of("x\r\nBcc: evil@evil.test\r\n\r\nbody");
	write_mail(&all.message, &mail);
	assert_sound(buffer_slice(&mail));
	assert_true(test_has(buffer_slice(&mail), "Subject: [links] x Bcc: evil"));
	buffer_fini(&mail);
}

static void subjects_are_encoded_words(void **state)
{
	(void)state;
	static const struct {
		const char *value, *header;
	} cases[] = {
		{ "2 died", "Subject: 2 died\r\n" },
		{ "\xC3\x9C"
		  "ber",
			"Subject: =?utf-8?Q?=C3=9Cber?=\r\n" },
		{ "a =?x", "Subject: =?utf-8?Q?a_=3D=3Fx?=\r\n" },
		{ "", "Subject: \r\n" },
	};
	struct buffer out;
	buffer_init(&out, 100000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buffer_reset(&out);
		mail_add_header("Subject", slice_of(cases[i].value), &out);
		assert_slice(buffer_slice(&out), cases[i].header);
	}
	/* Never cut within a character, and never more than 76 bytes. */
	buffer_reset(&out);
	struct buffer value;
	buffer_init(&value, 10000);
	for (int i = 0; i < 100; i++)
		buffer_add_text(&value, i % 7 ? "\xE2\x82\xAC" : "x");
	mail_add_header("Subject", buffer_slice(&value), &out);
	struct slice rest = buffer_slice(&out), line;
	while (rest.len > 0 && slice_split(&rest, '\n', &line)) {
		assert_true(line.len <= 77);
		struct slice word = slice_trim(line);
		if (slice_starts(word, SLICE("Subject: ")))
			word = slice_sub(word, 9, word.len);
		assert_true(slice_starts(word, SLICE("=?utf-8?Q?")));
		assert_true(slice_ends(word, SLICE("?=")));
		assert_false(slice_starts(word, SLICE("=?utf-8?Q?=82")));
		assert_false(slice_starts(word, SLICE("=?utf-8?Q?=AC")));
	}
	/* Long, but with places to fold at. */
	buffer_reset(&out);
	buffer_reset(&value);
	for (int i = 0; i < 60; i++)
		buffer_add_text(&value, "word ");
	mail_add_header("Subject", buffer_slice(&value), &out);
	rest = buffer_slice(&out);
	while (rest.len > 0 && slice_split(&rest, '\n', &line))
		assert_true(line.len <= 78 && line.len > 2);
	assert_false(test_has(buffer_slice(&out), "=?"));
	buffer_fini(&value);
	buffer_fini(&out);
}

/* Undone by the rules of RFC 2045 6.7, which is simpler than doing it. */
static void unquote(struct slice quoted, struct buffer *out)
{
	for (size_t i = 0; i < quoted.len; i++) {
		if (quoted.at[i] == '\r')
			continue;
		if (quoted.at[i] != '=') {
			buffer_add_char(out, quoted.at[i]);
			continue;
		}
		if (quoted.at[i + 1] == '\r') {
			i += 2;
			continue;
		}
		int high = char_hex(quoted.at[i + 1]), low = char_hex(quoted.at[i + 2]);
		assert_true(high >= 0 && low >= 0);
		buffer_add_char(out, (char)(high * 16 + low));
		i += 2;
	}
}

static void quoted_printable_comes_back(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "a\n", "trailing \n", "tab\t\n",
		".\n..\n.x\n", "From here\n", "=3D\n", "\xC3\xA4\xE2\x82\xAC\n",
		"\x01\x7F\n", "a\nb\nc\n" };
	struct buffer quoted, back;
	buffer_init(&quoted, 100000);
	buffer_init(&back, 100000);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		buffer_reset(&quoted);
		buffer_reset(&back);
		mail_add_quoted(slice_of(texts[i]), &quoted);
		unquote(buffer_slice(&quoted), &back);
		assert_slice(buffer_slice(&back), texts[i]);
	}
	/* Every length around the break, with a dot or a wide character at it. */
	for (size_t len = 60; len < 170; len++) {
		for (int kind = 0; kind < 3; kind++) {
			struct buffer text;
			struct slice rest, line;
			buffer_init(&text, 1000);
			for (size_t i = 0; i < len; i++)
				buffer_add_text(&text, kind == 0   ? "x"
						       : kind == 1 ? "."
								   : "\xC3\xA4");
			buffer_add_text(&text, " \n");
			buffer_reset(&quoted);
			buffer_reset(&back);
			mail_add_quoted(buffer_slice(&text), &quoted);
			rest = buffer_slice(&quoted);
			while (rest.len > 0 && slice_split(&rest, '\n', &line)) {
				assert_true(line.len <= 77);
				assert_true(line.at[0] != '.');
			}
			unquote(buffer_slice(&quoted), &back);
			assert_true(
				slice_equal(buffer_slice(&back), buffer_slice(&text)));
			buffer_fini(&text);
		}
	}
	buffer_fini(&back);
	buffer_fini(&quoted);
}

static void dates(void **state)
{
	(void)state;
	static const struct {
		time_ms wall;
		const char *text;
	} cases[] = { { 0, "Thu, 01 Jan 1970 00:00:00 +0000" },
		{ TEST_AT, "Mon, 23 Nov 2026 03:30:01 +0000" },
		{ INT64_C(1835395200000), "Tue, 29 Feb 2028 00:00:00 +0000" },
		{ INT64_C(1483228799999), "Sat, 31 Dec 2016 23:59:59 +0000" },
		{ -5, "Thu, 01 Jan 1970 00:00:00 +0000" } };
	char text[MAIL_DATE_SIZE];
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		mail_format_date(cases[i].wall, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void addresses(void **state)
{
	(void)state;
	static const char *const good[] = { "a@b", "o'x+y@example.org" };
	static const char *const bad[] = { "", "a", "@b", "a@", "a@b@c", "a b@c",
		"a@b\r\n", "<a@b>", "a,b@c", "\"a\"@b", "-a@b", "\xC3\xA4@b",
		"a@b\nBcc: c@d" };
	for (size_t i = 0; i < 2; i++)
		assert_true(mail_address_fits(slice_of(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct mail_envelope wrong = envelope;
		struct slice to = slice_of(bad[i]);
		struct buffer out;
		struct error error = { "" };
		buffer_init(&out, 100000);
		if (mail_address_fits(to))
			fail_msg("%s", bad[i]);
		wrong.to = &to;
		wrong.to_count = 1;
		test_fill(&all, "x", 1);
		assert_int_equal(mail_write(&all.message, &wrong, &out, &error), -1);
		assert_true(error.text[0] != '\0');
		buffer_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail),
		cmocka_unit_test(a_digest_is_in_the_thread_of_its_list),
		cmocka_unit_test(hostile_text_injects_nothing),
		cmocka_unit_test(subjects_are_encoded_words),
		cmocka_unit_test(quoted_printable_comes_back),
		cmocka_unit_test(dates),
		cmocka_unit_test(addresses),
	};
	return cmocka_run_group_tests_name("mail", tests, NULL, NULL);
}
