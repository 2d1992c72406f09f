#include "lib/test.h"

#include "model/host.h"

#define EACH(i, cases) (size_t i = 0; i < sizeof(cases) / sizeof((cases)[0]); i++)

static void addresses(void **state)
{
	(void)state;
	assert_true(host_is_address(SLICE("127.0.0.1")));
	assert_true(host_is_address(SLICE("[::1]")));
	assert_false(host_is_address(SLICE("1.2.3.example.org")));
	assert_false(host_is_address(SLICE("example.org")));
	assert_false(host_is_address(SLICE("")));
}

static void registrable_domains(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "example.org", "example.org" },
		{ "a.b.example.org", "example.org" },
		{ "www.example.co.uk", "example.co.uk" },
		{ "www.example.org.", "example.org" },
		{ "a.user.github.io", "user.github.io" },
		{ "x.city.kawasaki.jp",
			"city.kawasaki.jp" },               /* an exception of the list */
		{ "a.b.c.kawasaki.jp", "b.c.kawasaki.jp" }, /* its wildcard */
		{ "a.example.xn--p1ai", "example.xn--p1ai" },
		{ "co.uk", "co.uk" },
		{ "org", "org" },
		{ "localhost", "localhost" },
		{ "a.nosuchsuffix", "a.nosuchsuffix" },
		{ "b.a.nosuchsuffix", "a.nosuchsuffix" },
		{ "10.0.0.1", "10.0.0.1" },
		{ "[2001:db8::1]", "[2001:db8::1]" },
		{ "", "" },
		{ ".", "." },
	};
	for
		EACH(i, cases)
	assert_slice(host_registrable(slice_of(cases[i][0])), cases[i][1]);
}

static void pacing_keys(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "github.com", "github.com" },
		{ "api.github.com", "github.com" },
		{ "gist.github.com", "github.com" },
		{ "a.github.io", "github.com" },
		{ "b.github.io.", "github.com" },
		{ "raw.githubusercontent.com", "github.com" },
		{ "github.githubassets.com", "github.com" },
		{ "ghcr.io", "github.com" },
		{ "notgithub.com", "notgithub.com" },
		{ "github.io.example.org", "example.org" },
		{ "group.gitlab.io", "gitlab.com" },
		{ "x.readthedocs.io", "readthedocs.org" },
		{ "docs.readthedocs.org", "readthedocs.org" },
		{ "me.blogspot.com", "blogspot.com" },
		{ "me.blogspot.co.uk", "blogspot.com" },
		{ "a.blogspot.b.blogspot.de", "blogspot.com" },
		{ "me.blogspot.example.org", "example.org" },
		{ "me.blogspot..", "me.blogspot." },
		{ "me.wordpress.com", "wordpress.com" },
		{ "me.medium.com", "medium.com" },
		{ "a.netlify.app", "netlify.app" },
		{ "a.vercel.app", "vercel.app" },
		{ "a.pages.dev", "pages.dev" },
		{ "a.b.workers.dev", "workers.dev" },
		{ "a.herokuapp.com", "herokuapp.com" },
		{ "a.web.app", "web.app" },
		{ "a.firebaseapp.com", "web.app" },
		{ "huggingface.co", "huggingface.co" },
		{ "hf.co", "huggingface.co" },
		{ "a-b.hf.space", "huggingface.co" },
		{ "x.sourceforge.net", "sourceforge.net" },
		{ "x.sourceforge.io", "sourceforge.net" },
		{ "me.substack.com", "substack.com" },
		{ "me.notion.site", "notion.so" },
		{ "www.notion.so", "notion.so" },
		{ "bucket.s3.amazonaws.com", "s3.amazonaws.com" },
		{ "bucket.s3-eu-west-1.amazonaws.com", "s3.amazonaws.com" },
		{ "s3.us-east-2.amazonaws.com", "s3.amazonaws.com" },
		{ "export.arxiv.org", "arxiv.org" },
		{ "ar5iv.labs.arxiv.org", "arxiv.org" },
		{ "dx.doi.org", "doi.org" },
		{ "doi.org", "doi.org" },
		{ "www.example.co.uk", "example.co.uk" },
		{ "127.0.0.1", "127.0.0.1" },
	};
	for
		EACH(i, cases)
	assert_slice(host_pacing_key(slice_of(cases[i][0])), cases[i][1]);
	/* A machine of a customer, not the storage service. */
	assert_false(
		slice_equal(host_pacing_key(SLICE("ec2-1-2-3-4.compute-1.amazonaws.com")),
			SLICE("s3.amazonaws.com")));
}

static void hosts_in_prose(void **state)
{
	(void)state;
	static const char *const hosts[] = { "arxiv.org", "www.example.com",
		"Example.COM", "a-b.example.co.uk", "laion.ai", "kaistai.github.io",
		"example.xn--p1ai", "www.example.sh", "3com.com" };
	static const char *const others[] = { "README.md", "main.rs", "setup.py",
		"install.sh", "index.html", "foo.zip", "configure.ac", "libfoo.so",
		"archive.tar.gz", "LICENSE", "v1.0", "1.2.3.4", "", ".", "..", "a..org",
		".org", "org.", "example.org.", "org", "co.uk", "-a.org", "a-.org",
		"a b.org", "a_b.org", "a/b.org", "example.nosuchsuffix",
		"www.nosuchsuffix", "m\u00fc.de" };
	for
		EACH(i, hosts)
	if (!host_looks_written(slice_of(hosts[i])))
		fail_msg("%s looks like no host", hosts[i]);
	for
		EACH(i, others)
	if (host_looks_written(slice_of(others[i])))
		fail_msg("%s looks like a host", others[i]);
}

static void hosts_that_may_be_files(void **state)
{
	(void)state;
	static const char *const files[] = { "Main.java", "model.PT", "requirements.in" };
	static const char *const others[] = { "arxiv.org", "x.ac.in", "www.in", "in", "",
		"main.py" };
	for
		EACH(i, files)
	assert_true(host_looks_like_file(slice_of(files[i])));
	for
		EACH(i, others)
	assert_false(host_looks_like_file(slice_of(others[i])));
}

static void hostile_hosts(void **state)
{
	(void)state;
	static char text[20000];
	memset(text, 'a', sizeof(text));
	struct slice host = { text, sizeof(text) };
	assert_int_equal(host_registrable(host).len, host.len);
	assert_int_equal(host_pacing_key(host).len, host.len);
	assert_false(host_looks_written(host));
	for (size_t i = 1; i < sizeof(text); i += 2)
		text[i] = '.';
	for (size_t len = 250; len < 260; len++) {
		host_registrable((struct slice){ text, len });
		host_looks_written((struct slice){ text, len });
	}
	assert_int_equal(host_pacing_key(host).len, host.len);
	assert_false(host_looks_written(SLICE("a\0.org")));
	assert_int_equal(host_registrable(SLICE("x.a\0.org")).len, 8);
}

static void hosts_in_urls(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "https://a.org/x", "a.org" },
		{ "http://a.org:8080/x:1@b", "a.org" },
		{ "http://u:p@a.org?q", "a.org" },
		{ "http://[::1]:80/", "[::1]" },
		{ "http://[::1]#f", "[::1]" },
		{ "mailto:a@b.org", "" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice host = host_in_href(slice_of(cases[i][0]));
		assert_true(slice_equal(host, slice_of(cases[i][1])));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(registrable_domains),
		cmocka_unit_test(pacing_keys),
		cmocka_unit_test(hosts_in_urls),
		cmocka_unit_test(hosts_in_prose),
		cmocka_unit_test(hosts_that_may_be_files),
		cmocka_unit_test(hostile_hosts),
	};
	return cmocka_run_group_tests_name("model/host", tests, NULL, NULL);
}
