#include "unit/probe/stage.h"
#include "unit/probe/tls_server.h"

#include "probe/memory_internal.h"

static struct stage stage;
static struct authority good, evil;
static char ca_path[] = "/tmp/linkrotd-test-ca-XXXXXX";

static void stage_open_tls(uint16_t port)
{
	static struct stage_name names[] = { { .name = "a.test", .v4 = { "127.0.0.1" } },
		{ .name = "b.test", .v4 = { "127.0.0.1" } }, { 0 } };
	stage_open(&stage, NULL, names);
	stage.to_port = (struct connect_to){ .port = 443, .to_port = port };
	stage.config.insecure = false;
	stage.config.ca_file = slice_of(ca_path);
	stage.config.connect_timeout_ms = stage.config.timeout_ms = 8000;
}

struct tls_case {
	const char *certificate_name; /* NULL: no TLS */
	long from_s, to_s;
	int issuer; /* 0: itself, 1: the trusted one, 2: another */
	bool whole; /* the issuer's certificate is sent, too */
	enum reason failure;
	bool seen, verified;
	const char *error, *also; /* words in the error */
};

static bool near(time_ms found, long from_now_s)
{
	time_ms expected = ((time_ms)time(NULL) + from_now_s) * 1000;
	return found <= expected && found > expected - 60 * 1000;
}

static void judges_certificates(void **state)
{
	(void)state;
	enum { OLD_S = -30L * DAY_S, SOON_S = 30L * DAY_S };
	static const struct tls_case cases[] = {
		{ "a.test", -DAY_S, SOON_S, 1, false, REASON_OK, true, true, "", "" },
		{ "a.test", -DAY_S, SOON_S, 1, true, REASON_OK, true, true, "", "" },
		{ "b.test", -DAY_S, SOON_S, 1, false, REASON_TLS_HOSTNAME, true, false,
			"it is for b.test", "" },
		{ "a.test", OLD_S, -DAY_S, 1, false, REASON_TLS_EXPIRED, true, false,
			"it ended on 20", "" },
		{ "a.test", DAY_S, SOON_S, 1, false, REASON_TLS_NOT_YET_VALID, true,
			false, "it begins on 20", "" },
		{ "a.test", -DAY_S, SOON_S, 0, false, REASON_TLS_SELF_SIGNED, true, false,
			"issuer: a.test", "" },
		/* Who signed it is missing, or is sent and nobody here knows it. */
		{ "a.test", -DAY_S, SOON_S, 2, false, REASON_TLS_UNTRUSTED, true, false,
			"incomplete chain",
			"leaves out the one that signed it (Evil CA" },
		{ "a.test", -DAY_S, SOON_S, 2, true, REASON_TLS_UNTRUSTED, true, false,
			"unknown authority (Evil CA", "" },
		/* Several at once: trust, then the name, then the dates. */
		{ "b.test", OLD_S, -DAY_S, 1, false, REASON_TLS_HOSTNAME, true, false,
			"it is for b.test", "; it ended on 20" },
		{ "b.test", DAY_S, SOON_S, 1, false, REASON_TLS_HOSTNAME, true, false,
			"it is for b.test", "; it begins on 20" },
		{ "a.test", OLD_S, -DAY_S, 0, false, REASON_TLS_SELF_SIGNED, true, false,
			"issuer: a.test", "; it ended on 20" },
		{ "b.test", -DAY_S, SOON_S, 0, false, REASON_TLS_SELF_SIGNED, true, false,
			"issuer: b.test", "; it is for b.test" },
		{ "b.test", OLD_S, -DAY_S, 2, true, REASON_TLS_UNTRUSTED, true, false,
			"unknown authority", "; it is for b.test; it ended on 20" },
		{ NULL, 0, 0, 0, false, REASON_TLS_HANDSHAKE, false, false, "not speak",
			"" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tls_case *c = &cases[i];
		struct tls_server server;
		const struct authority *issuers[] = { NULL, &good, &evil };
		EVP_PKEY *key = EVP_EC_gen("P-256");
		X509 *certificate = NULL;
		if (c->certificate_name != NULL)
			certificate = make_certificate(key, c->certificate_name,
				c->from_s, c->to_s, issuers[c->issuer]);
		server_start(&server, key, certificate);
		if (c->whole)
			SSL_CTX_add1_chain_cert(
				server.context, issuers[c->issuer]->certificate);
		server_run(&server);
		stage_open_tls(server.port);
		stage_begin(&stage);
		struct stage_seen *seen = stage_probe(&stage, "https://a.test/");
		if (seen->failure != c->failure ||
			strstr(seen->error, c->error) == NULL ||
			strstr(seen->error, c->also) == NULL)
			fail_msg("case %zu: %s '%s'", i, reason_text(seen->failure),
				seen->error);
		assert_int_equal(seen->certificate.seen, c->seen);
		assert_int_equal(seen->certificate.verified, c->verified);
		if (c->seen) {
			assert_true(near(seen->certificate.starts_at, c->from_s));
			assert_true(near(seen->certificate.expires_at, c->to_s));
			assert_int_equal(seen->certificate.chain_expires_at,
				seen->certificate.expires_at);
		}
		assert_int_equal(seen->timing.tls_ms >= 0, c->failure == REASON_OK);
		stage_close(&stage);
		server_stop(&server);
		X509_free(certificate);
		EVP_PKEY_free(key);
	}
}

/* What a name says goes into a terminal. */
static void cleans_foreign_names(void **state)
{
	(void)state;
	struct authority hostile =
		make_authority("\x1b[31mRed CA "
			       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			       "zz");
	struct tls_server server;
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = make_certificate(key, "a.test", -DAY_S, DAY_S, &hostile);
	server_start(&server, key, certificate);
	server_run(&server);
	stage_open_tls(server.port);
	stage_begin(&stage);
	struct stage_seen *seen = stage_probe(&stage, "https://a.test/");
	assert_int_equal(seen->failure, REASON_TLS_UNTRUSTED);
	assert_non_null(strstr(seen->error, "[31mRed CA"));
	assert_null(strchr(seen->error, '\x1b'));
	stage_close(&stage);
	server_stop(&server);
	X509_free(certificate);
	EVP_PKEY_free(key);
	free_authority(&hostile);
}

/* A daemon that once had no descriptor for a file: its next prober is set up like any
 * other (a reload), and bad certificates are bad again. */
static void a_lack_of_descriptors_passes(void **state)
{
	(void)state;
	struct tls_server server;
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = make_certificate(key, "a.test", -DAY_S, DAY_S, NULL);
	assert_int_equal(prober_lacked_ago_ms(), -1);
	memory_lacked();
	assert_true(prober_lacked_ago_ms() >= 0 && prober_lacked_ago_ms() < 60000);
	server_start(&server, key, certificate);
	server_run(&server);
	stage_open_tls(server.port);
	stage_begin(&stage);
	struct stage_seen *seen = stage_probe(&stage, "https://a.test/");
	assert_int_equal(seen->failure, REASON_TLS_SELF_SIGNED);
	stage_close(&stage);
	server_stop(&server);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

/* The authority's certificate ends before the leaf does. */
static void knows_the_soonest_end_of_the_chain(void **state)
{
	(void)state;
	struct tls_server server;
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = make_certificate(key, "a.test", -DAY_S, 1000L * DAY_S, &good);
	server_start(&server, key, certificate);
	server_run(&server);
	stage_open_tls(server.port);
	stage_begin(&stage);
	struct stage_seen *seen = stage_probe(&stage, "https://a.test/");
	assert_int_equal(seen->failure, REASON_OK);
	assert_true(near(seen->certificate.expires_at, 1000L * DAY_S));
	assert_true(near(seen->certificate.chain_expires_at, 900L * DAY_S));
	stage_close(&stage);
	server_stop(&server);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

static void server_with_good_certificate(struct tls_server *server)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = make_certificate(key, "a.test", -DAY_S, 30L * DAY_S, &good);
	server_start(server, key, certificate);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

static void tells_a_dropped_handshake_from_a_bad_one(void **state)
{
	(void)state;
	struct tls_server server;
	server_with_good_certificate(&server);
	server.drop = true;
	server_run(&server);
	stage_open_tls(server.port);
	stage_begin(&stage);
	assert_int_equal(
		stage_probe(&stage, "https://a.test/")->failure, REASON_CONNECT_RESET);
	stage_close(&stage);
	server_stop(&server);
}

static void tells_a_silent_handshake(void **state)
{
	(void)state;
	struct tls_server server; /* never runs: the kernel connects, nobody speaks */
	server_with_good_certificate(&server);
	stage_open_tls(server.port);
	stage.config.connect_timeout_ms = 300;
	stage_begin(&stage);
	struct stage_seen *seen = stage_probe(&stage, "https://a.test/");
	assert_int_equal(seen->failure, REASON_CONNECT_TIMEOUT);
	assert_non_null(strstr(seen->error, "TLS"));
	stage_close(&stage);
	server_run(&server);
	server_stop(&server);
}

static void keeps_the_facts_of_a_reused_connection(void **state)
{
	(void)state;
	struct tls_server server;
	server_with_good_certificate(&server);
	server_run(&server);
	stage_open_tls(server.port);
	stage.config.pace.concurrency = 1;
	stage_begin(&stage);
	for (int i = 0; i < 5; i++)
		stage_start(&stage, "https://a.test/");
	stage_run(&stage);
	assert_int_equal(stage.seen.calls, 5);
	assert_int_equal(stage.seen.failure, REASON_OK);
	assert_true(stage.seen.certificate.seen && stage.seen.certificate.verified);
	assert_int_equal(stage.seen.timing.tls_ms, -1);
	assert_true(near(stage.seen.certificate.starts_at, -DAY_S));
	assert_true(near(stage.seen.certificate.expires_at, 30L * DAY_S));
	assert_int_equal(stage.seen.certificate.chain_expires_at,
		stage.seen.certificate.expires_at);
	stage_close(&stage);
	server_stop(&server);
	assert_int_equal(server.handshakes, 1);
	assert_false(server.could_ask_later);
}

static void does_not_verify_when_told_so(void **state)
{
	(void)state;
	struct tls_server server;
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = make_certificate(key, "b.test", -30L * DAY_S, -DAY_S, NULL);
	server_start(&server, key, certificate);
	server_run(&server);
	stage_open_tls(server.port);
	stage.config.insecure = true;
	stage_begin(&stage);
	assert_int_equal(stage_probe(&stage, "https://a.test/")->failure, REASON_OK);
	assert_true(stage.seen.certificate.seen);
	assert_false(stage.seen.certificate.verified);
	stage_close(&stage);
	server_stop(&server);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

/* The certificate of a server too old to talk to is looked at, and nothing is sent. */
static void looks_at_old_servers(void **state)
{
	(void)state;
	static const struct {
		int version;
		const char *error;
	} cases[] = { { TLS1_VERSION, "no newer protocol than TLS 1.0" },
		{ TLS1_1_VERSION, "no newer protocol than TLS 1.1" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tls_server server;
		server_with_good_certificate(&server);
		SSL_CTX_set_security_level(server.context, 0);
		SSL_CTX_set_min_proto_version(server.context, TLS1_VERSION);
		SSL_CTX_set_max_proto_version(server.context, cases[i].version);
		server_run(&server);
		stage_open_tls(server.port);
		stage.config.retry.retries_max = 1;
		stage_begin(&stage);
		struct stage_seen *seen = stage_probe(&stage, "https://a.test/");
		assert_int_equal(seen->failure, REASON_TLS_HANDSHAKE);
		assert_non_null(strstr(seen->error, cases[i].error));
		assert_int_equal(seen->attempts, 2);
		assert_true(seen->certificate.seen && !seen->certificate.verified);
		assert_true(near(seen->certificate.expires_at, 30L * DAY_S));
		assert_int_equal(prober_counts(stage.prober).requests, 0);
		stage_close(&stage);
		server_stop(&server);
		assert_int_equal(server.handshakes, 0);
		assert_int_equal(server.connections, 3);
	}
}

static void a_look_in_vain_changes_nothing(void **state)
{
	(void)state;
	struct tls_server server;
	server_with_good_certificate(&server);
	server.drop_second = true;
	SSL_CTX_set_security_level(server.context, 0);
	SSL_CTX_set_min_proto_version(server.context, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(server.context, TLS1_VERSION);
	server_run(&server);
	stage_open_tls(server.port);
	stage_begin(&stage);
	struct stage_seen *seen = stage_probe(&stage, "https://a.test/");
	assert_int_equal(seen->failure, REASON_TLS_HANDSHAKE);
	assert_true(seen->error[0] != '\0');
	assert_null(strstr(seen->error, "dropped"));
	assert_false(seen->certificate.seen);
	stage_close(&stage);
	server_stop(&server);
	assert_int_equal(server.connections, 2);
}

/* No look where there is no TLS, nor where nothing would be verified anyway. */
static void does_not_look_in_vain(void **state)
{
	(void)state;
	struct tls_server server;
	server_start(&server, NULL, NULL);
	server_run(&server);
	stage_open_tls(server.port);
	stage_begin(&stage);
	assert_int_equal(
		stage_probe(&stage, "https://a.test/")->failure, REASON_TLS_HANDSHAKE);
	stage_close(&stage);
	server_stop(&server);
	assert_int_equal(server.connections, 1);
	server_with_good_certificate(&server);
	SSL_CTX_set_security_level(server.context, 0);
	SSL_CTX_set_min_proto_version(server.context, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(server.context, TLS1_VERSION);
	server_run(&server);
	stage_open_tls(server.port);
	stage.config.insecure = true;
	stage_begin(&stage);
	assert_int_equal(
		stage_probe(&stage, "https://a.test/")->failure, REASON_TLS_HANDSHAKE);
	stage_close(&stage);
	server_stop(&server);
	assert_int_equal(server.connections, 1);
}

static void falls_back_to_http1(void **state)
{
	(void)state;
	struct tls_server server;
	server_with_good_certificate(&server);
	SSL_CTX_set_alpn_select_cb(server.context, choose_protocol, NULL);
	server_run(&server);
	stage_open_tls(server.port);
	stage_begin(&stage);
	struct stage_seen *seen = stage_probe(&stage, "https://a.test/");
	if (seen->failure != REASON_OK)
		fail_msg("%s '%s'", reason_text(seen->failure), seen->error);
	assert_int_equal(seen->status, 200);
	assert_int_equal(seen->attempts, 2);
	stage_close(&stage);
	server_stop(&server);
	assert_int_equal(server.handshakes, 2);
}

static int setup(void **state)
{
	(void)state;
	int fd = mkstemp(ca_path);
	good = make_authority("Good CA");
	evil = make_authority("Evil CA");
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (file == NULL || PEM_write_X509(file, good.certificate) != 1)
		return -1;
	return fclose(file);
}

static int teardown(void **state)
{
	(void)state;
	free_authority(&good);
	free_authority(&evil);
	return unlink(ca_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_certificates),
		cmocka_unit_test(cleans_foreign_names),
		cmocka_unit_test(a_lack_of_descriptors_passes),
		cmocka_unit_test(knows_the_soonest_end_of_the_chain),
		cmocka_unit_test(tells_a_dropped_handshake_from_a_bad_one),
		cmocka_unit_test(tells_a_silent_handshake),
		cmocka_unit_test(keeps_the_facts_of_a_reused_connection),
		cmocka_unit_test(looks_at_old_servers),
		cmocka_unit_test(does_not_look_in_vain),
		cmocka_unit_test(a_look_in_vain_changes_nothing),
		cmocka_unit_test(falls_back_to_http1),
		cmocka_unit_test(does_not_verify_when_told_so),
	};
	return cmocka_run_group_tests_name("tls", tests, setup, teardown);
}
