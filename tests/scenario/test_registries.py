"""Whom else the program asks, when told to: GitHub about its repositories, the archive about what is gone."""

import json

from harness import Web, check_that, equal

def answer(fields, **keys):
    """A line's behaviour: that JSON."""
    words = "".join(f" {key}=\"{value}\"" for key, value in keys.items())
    return f"raw type=application/json{words} body='{json.dumps(fields)}'"


def repository(name, archived=False):
    return answer({"full_name": name, "html_url": f"https://github.com/{name}", "archived": archived})


GITHUB = f"""
    github.com /o/*     status code=429
    github.com /o/fine  ok title="fine"
    api.github.com /repos/o/archived {repository("o/archived", archived=True)}
    api.github.com /repos/o/renamed  redirect code=301 to=https://api.github.com/repositories/42
    api.github.com /repositories/42  {repository("new/name")}
    api.github.com /repos/o/gone     {answer({"message": "Not Found"}, code=404)}
    api.github.com /repos/o/blocked  {answer({"message": "blocked", "block": {"reason": "dmca"}}, code=451)}
    api.github.com /repos/o/limited  {answer({"message": "limit"}, code=403, header="x-ratelimit-remaining: 0")}
"""
NAMES = ("archived", "renamed", "gone", "blocked", "limited", "fine")
REPOSITORIES = [f"https://github.com/o/{name}" for name in NAMES]


def test_github_knows_its_repositories():
    """Asked only where the page gave no answer; what it says is an authority's word."""
    with Web(GITHUB) as web:
        run = web.check(REPOSITORIES, "--github-token", "s3cret")
        run.expect("""
            https://github.com/o/archived  ok      *
            https://github.com/o/renamed   moved   redirect_permanent
            https://github.com/o/gone      broken  registry_missing
            https://github.com/o/blocked   gated   legal_block
            https://github.com/o/limited   gated   rate_limited
            https://github.com/o/fine      ok      ok
        """)
        equal(run.link(REPOSITORIES[1])["suggestion"]["url"], "https://github.com/new/name", "suggestion")
        check_that("repository_archived" in run.link(REPOSITORIES[0])["notes"], "note repository_archived")
        check_that("s3cret" not in run.stdout + run.stderr, "the token is never printed")
        for request in web.requests():
            told = "s3cret" in str(request["headers"])
            equal(told, request["host"] == "api.github.com", f"whether {request['host']} was told the token")
        check_that(not web.requests(path="/repos/o/fine"), "a good page is not asked about")


def test_github_is_not_asked_without_a_token():
    with Web(GITHUB) as web:
        run = web.check(REPOSITORIES)
        equal(run.link(REPOSITORIES[2])["outcome"], "gated", "outcome of a wall")
        equal(web.requests("api.github.com"), [], "requests to the API")


def test_the_archive_has_a_copy():
    """--suggest: only for what is lost, and never a link that is none."""
    copy = "https://web.archive.org/web/20200102030405/http://a.test/gone"
    table = f"""
        a.test /gone   status code=404
        a.test /never  status code=404
        a.test /ok     ok
        web.archive.org /web/http://a.test/gone*  redirect to={copy}
        web.archive.org /web/2/http://a.test/gone* redirect to={copy}
        web.archive.org /web/20200102030405/*     ok title="An old page"
        web.archive.org /*     status code=404
    """
    urls = ["http://a.test/gone", "http://a.test/never", "http://a.test/ok"]
    with Web(table) as web:
        run = web.check(urls, "--suggest")
        equal([link["outcome"] for link in run.links], ["broken", "broken", "ok"], "outcomes")
        equal((run.links[0]["suggestion"] or {}).get("url"), copy, "suggestion")
        equal(run.links[1]["suggestion"], None, "suggestion where nothing was archived")
        asked = [request["path"] for request in web.requests("web.archive.org")]
        check_that(not any("a.test/ok" in path for path in asked), f"asked about a good link: {asked}")
    with Web(table) as web:
        web.check(urls)
        equal(web.requests("web.archive.org"), [], "requests to the archive without --suggest")
