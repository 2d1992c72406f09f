"""`linkrotd run` at the seams: what is under way when something else ends, changes or is asked for."""


from harness import Web, check_that
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
