"""The traps that a simulator must have (field notes, rot-and-papers 7a), as far as one check can see them:
where each is tested, and the ones that are nowhere else."""

import importlib

from harness import Web, check_that, equal

# Case -> the tests that show it. Not here: 3, 4, 22 (several checks), 16, 17 (registries not asked by one check).
WHERE = {
    1: ["rot_cases.a_matching_page_behind_a_head_that_is_refused"],
    2: ["thirty_one.the_method_is_not_the_answer"],
    5: ["pages.openreview"],
    6: ["pages.walls_are_gates"],
    7: ["thirty_one.all_of_them", "soft_404.sent_home"],
    8: ["redirects.what_is_worth_a_rewrite"],
    9: ["redirects.loops_and_limits", "redirects.targets_that_are_never_followed",
        "network.forbidden_addresses_in_redirects", "forbidden.numbers_in_redirects"],
    10: ["network.a_name_that_changes_its_mind", "forbidden.a_name_that_changes_between_checks",
         "forbidden.a_name_that_changes_between_tries"],
    11: ["links.floods_are_cut_off", "links.no_http_at_all", "links.bodies_never_make_a_link_bad"],
    12: ["retries.short_retry_after_is_kept", "retries.long_retry_after_is_not_waited_for",
         "retries.nonsense_in_retry_after"],
    13: ["rot_cases.validators_that_nobody_sent"],
    14: ["network.certificates", "rot_cases.six_certificates_six_stories"],
    15: ["network.names"],
    18: ["registries.github_knows_its_repositories"],
    19: ["vantage.everybody_refuses", "vantage.a_dead_name_server"],
    20: ["network.one_family_that_is_broken", "rot_cases.a_family_that_the_name_server_cannot_tell",
         "rot_cases.a_host_that_only_others_can_reach"],
    21: ["registries.the_archive_has_a_copy", "rot_cases.an_archive_in_trouble"],
    23: ["politeness.intervals_and_concurrencies", "host_limits.questions_of_our_own_keep_the_pace"],
}


def test_every_case_has_its_place():
    missing = []
    for number, names in WHERE.items():
        for name in names:
            module, _, test = name.partition(".")
            try:
                found = callable(getattr(importlib.import_module("test_" + module), "test_" + test, None))
            except ImportError:
                found = False
            if not found:
                missing.append(f"case {number}: {name}")
    check_that(not missing, "; ".join(missing))
    equal(len(WHERE), 18, "cases that one check can see")
    return f"{len(WHERE)} of 23, in {len({name for names in WHERE.values() for name in names})} tests"


def test_a_matching_page_behind_a_head_that_is_refused():
    """Case 1: the title counts, and an expected title that is there is all the evidence that is needed."""
    with Web("""
        a.test /paper status code=405 method=HEAD
        a.test /paper ok title="Attention Is All You Need"
    """) as web:
        link = web.check("- [Attention Is All You Need](http://a.test/paper)\n").links[0]
        equal((link["outcome"], link["reason"], link["notes"]), ("ok", "ok", []), "verdict")
        equal(link["title"], "Attention Is All You Need", "title")
        equal(web.siblings(), [], "questions about siblings")


def test_validators_that_nobody_sent():
    """Case 13: a first check has no validators, so 304 is an error of the server; an ETag is no trouble."""
    with Web("""
        a.test /etag etag
        b.test /304  no-body code=304 header="ETag: \\"v2\\""
    """) as web:
        web.judge("""
            http://a.test/etag  ok           ok
            http://b.test/304   unreachable  http_other
        """)
        for entry in web.requests():
            check_that(not {"if-none-match", "if-modified-since"} & set(entry["headers"]), f"headers of {entry['path']}")


def test_six_certificates_six_stories():
    """Case 14: what is wrong is told apart, in the reason or in the error's own words; and when it ends is known
    although nobody would trust it."""
    with Web("""
        host expired.test    tls=expired
        host early.test      tls=not-yet-valid
        host self.test       tls=self-signed
        host other.test      tls=wrong-host
        host incomplete.test tls=incomplete
        host stranger.test   tls=untrusted
        host root.test       tls=untrusted-root
        host past.test       tls=chain-expired
        host old.test        tls=tls1.0
        host chain.test      tls=chain
        * / ok
    """) as web:
        run = web.judge("""
            https://expired.test/     broken  tls_expired
            https://early.test/       broken  tls_not_yet_valid
            https://self.test/        broken  tls_self_signed
            https://other.test/       broken  tls_hostname
            https://incomplete.test/  broken  tls_untrusted
            https://stranger.test/    broken  tls_untrusted
            https://root.test/        broken  tls_untrusted|tls_self_signed
            https://past.test/        broken  tls_expired
            https://old.test/         broken  tls_handshake
            https://chain.test/       ok      ok
        """)
        errors = {link["url"][8:-6]: link["error"] or "" for link in run.links}
        check_that("incomplete" in errors["incomplete"].lower(),
                   f"error of an incomplete chain: {errors['incomplete']!r}")
        check_that("incomplete" not in errors["root"].lower(), f"error of an unknown root: {errors['root']!r}")
        check_that(any(word in errors["old"] for word in ("old", "1.0", "TLSv1")), f"error of TLS 1.0: {errors['old']!r}")
        unknown = [link["url"] for link in run.links if not link["certificate_expires_at"] and "old" not in link["url"]]
        equal(unknown, [], "links whose certificate's end is not known")


def test_a_signer_that_ends_soon():
    """The chain ends with its first certificate to end."""
    with Web("host soon.test tls=chain-soon\nhost chain.test tls=chain\n* / ok") as web:
        run = web.judge("https://soon.test/ ok ok\nhttps://chain.test/ ok ok")
        check_that("certificate_expires_soon" in run.link("https://soon.test/")["notes"], "note on soon.test")
        equal(run.link("https://chain.test/")["notes"], [], "notes on chain.test")


def test_a_family_that_the_name_server_cannot_tell():
    """Case 20: AAAA fails in every way, A works: the link is well, and soon."""
    words = ("servfail", "refused", "silent", "nxdomain", "garbage")
    with Web("".join(f"host {word}.test dns6={word}\n{word}.test / ok\n" for word in words)) as web:
        run = web.judge("".join(f"http://{word}.test/ ok ok\n" for word in words if word != "nxdomain")
                        + "http://nxdomain.test/ ok|broken ok|dns_nxdomain\n", "--timeout", "3s")
        check_that(run.seconds < 8, f"took {run.seconds:.1f} s")


def test_a_host_that_only_others_can_reach():
    """IPv6 alone, and no way there from here: that is no evidence of death."""
    with Web("host six.test address=2001:db8::1\nhost four.test\n* / ok") as web:
        web.judge("""
            http://six.test/   unreachable|skipped  network_unreachable|connect_timeout|timeout|offline
            http://four.test/  ok                   ok
        """, "--allow-address", "2001:db8::/32", "--timeout", "3s")


def test_trouble_of_a_name_server_that_passes():
    with Web("host a.test dns_once=servfail\nhost b.test dns_once=silent\n* / ok") as web:
        web.judge("http://a.test/ ok ok\nhttp://b.test/ ok ok", "--max-retries", "2", "--timeout", "4s")


def test_an_archive_in_trouble():
    """Case 21: an archive that cannot say has said nothing; the link's own verdict stands."""
    for trouble in ("status code=503", "status code=429 retry_after=3600", "reset", "hang"):
        with Web(f"a.test /gone status code=404\nweb.archive.org /* {trouble}\n") as web:
            run = web.judge("http://a.test/gone broken http_404", "--suggest", "--timeout", "2s", status=2)
            equal(run.links[0]["suggestion"], None, f"suggestion while the archive does {trouble}")
            check_that("archived_copy_available" not in run.links[0]["notes"], "notes")
