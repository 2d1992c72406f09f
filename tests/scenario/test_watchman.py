"""`linkrotd run` at the seams: what is under way when something else ends, changes or is asked for."""

from harness import Web, check_that, equal
from watch import DAY_S, Daemon

SLOW = 'a.test /* ok delay=0.7 title="Slow"\n'


def listing(links):
    return "".join(f"- [Some page]({link})\n" for link in links)


def large_list(links):
    """Takes seconds to read; its links are of a scheme that nobody is asked about."""
    return "".join(f"- [mail](mailto:someone{i}@example.org) and some *words* around `it` [x](#y)\n"
                   for i in range(links))


def test_it_ends_while_a_source_is_read():
    """Answers that come after the end do not count, however long the disk takes."""
    with Web(SLOW) as web:
        web.write("large.md", large_list(150000))
        links = [f"http://a.test/{i}" for i in range(40)]
        daemon = Daemon(web, listing(links), rate=DAY_S, sources=["list.md", "large.md"])
        daemon.start()
        web.wait_for(lambda _: web.requests("a.test"))
        run = daemon.stop()
        check_that(run.status == 0, f"exit status {run.status}: {run.stderr[-1500:]}")


def test_a_link_whose_request_is_under_way():
    """Another fragment of a page that is just being asked waits for its turn, and gets it."""
    with Web('a.test /* ok delay=2.4 title="Slow"\n') as web, \
            Daemon(web, listing(["http://a.test/p#one"]), interval="7d") as daemon:
        daemon.wait(lambda links: len(links) == 1)
        equal(daemon.ask("recheck", "http://a.test/p#one").stdout.strip(), "1 link is due now", "recheck")
        web.write("list.md", listing(["http://a.test/p#one", "http://a.test/p#two"]))
        daemon.wait(lambda links: len(links) == 2)
        equal(daemon.ask("recheck", "http://a.test/p#two").stdout.strip(), "1 link is due now", "recheck")
        daemon.wait(lambda links: all(link["state"] == "alive" for link in links.values()), seconds=25)


def test_what_only_the_disk_says_is_confirmed():
    """A file that is missing for weeks is dead, though there is no second way to look for it."""
    with Web(SLOW) as web, \
            Daemon(web, "[a](missing.md) [b](#nowhere)\n", rate=4 * DAY_S) as daemon:
        daemon.wait(lambda links: all(link["state"] == "dead" for link in links.values()), seconds=20)
