"""`linkrotd config`: what is wrong with a configuration, what holds, what there is."""

import os
import re
import tempfile

from harness import POWERLESS, PRELOAD, ROOT, Skip, check_that, equal, program, sanitized

GOOD = """contact: mailto:ops@a.test
lists:
  - name: papers
    sources: [README.md, "https://a.test/list.md"]
check: {exclude: ['^https://intranet\\.']}
"""


class Directory(tempfile.TemporaryDirectory):
    """One for configurations, which knows how to run the command in it."""

    def write(self, name, text):
        path = os.path.join(self.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    def __enter__(self):
        super().__enter__()
        return self

    def config(self, *words):
        return program("config", *words, cwd=self.name)


def lines_of(run):
    return run.stderr.rstrip("\n").split("\n")


def uncommented(text):
    return [re.sub(r"  # .*", "", line) for line in text.splitlines()]


def test_config_check_good():
    with Directory() as here:
        here.write("linkrotd.yaml", GOOD)
        run = here.config("check", "-c", "linkrotd.yaml")
        equal((run.status, run.stderr), (0, ""), "a good configuration")
        equal(run.stdout, "linkrotd.yaml: fine, 1 list with 2 sources\n", "what it says")


def test_config_of_this_directory():
    """Where /etc has none, ./linkrotd.yaml is it."""
    with Directory() as here:
        if not os.path.exists("/etc/linkrotd/linkrotd.yaml"):
            here.config("check").one_line_error("/etc/linkrotd/linkrotd.yaml", "./linkrotd.yaml", "-c", status=3)
            here.write("linkrotd.yaml", GOOD)
            equal(here.config("check").status, 0, "exit status")


def test_config_example_is_valid():
    run = program("config", "check", "-c", os.path.join(ROOT, "config", "linkrotd.yaml"))
    equal((run.status, run.stderr), (0, ""), "the example")


def test_the_daemon_does_not_start_with_what_cannot_be_used():
    """Status 3, so that systemd does not try again; and nothing is made, no database either."""
    with Directory() as here:
        here.write("words.pem", "no certificate\n")
        here.write("two-words", "some token\n")
        here.write("empty", "\n")
        os.mkfifo(os.path.join(here.name, "pipe"))
        for line, file in (("network: {cacert: words.pem}", "words.pem"), ("recheck_token_file: no-token", "no-token"),
                           ("recheck_token_file: pipe", "no regular file"), ("network: {cacert: pipe}", "no regular file"),
                           ("recheck_token_file: two-words", "one word"), ("recheck_token_file: empty", "one word"),
                           ("check: {github_token_file: no-token}", "no-token")):
            here.write("a.yaml", "contact: mailto:ops@a.test\ndatabase: links.db\nlisten: null\n"
                                 f"lists: [{{name: a, sources: [x]}}]\n{line}\n")
            program("run", "-c", "a.yaml", cwd=here.name).one_line_error(file, status=3)
            here.config("check", "-c", "a.yaml").one_line_error("a.yaml", file, status=3)
            check_that(not os.path.exists(os.path.join(here.name, "links.db")), f"{line}: a database is there")


def test_config_check_notes_what_it_cannot_see():
    """Secrets of the daemon's user, and credentials: no error, but said. So are slips with which the daemon starts."""
    with Directory() as here:
        here.write("secret", "geheim\n")
        os.mkdir(os.path.join(here.name, "conf.d"))
        here.write("conf.d/hosts.yml", "chek: {}\n")
        here.write("conf.d/notes.txt", "chek: {}\n")
        here.write("a.yaml", f"contact: mailto:ops@a.test\nlists: [{{name: a, sources: [x]}}]\n"
                             f"recheck_token_file: {here.name}/secret\ncheck: {{github_token_file: 'credential:github'}}\n"
                             f"notify: [{{type: slack, url_file: {here.name}/nowhere, on: [dead]}},\n"
                             f"  {{type: slack, url_file: {here.name}/secret, on: [dead]}}]\n")
        os.chmod(os.path.join(here.name, "secret"), 0)
        run = program("config", "check", "-c", "a.yaml", cwd=here.name, prefix=POWERLESS)
        equal((run.status, run.stderr), (0, ""), "config check")
        first, *notes = run.stdout.replace(here.name + "/", "").splitlines()
        equal(first, "a.yaml: fine, 1 list with 1 source", "first")
        equal(notes, ["a.yaml: note: check.github_token_file: credential:github cannot be looked at from here",
                      "a.yaml: note: recheck_token_file: secret cannot be looked at from here",
                      "a.yaml: note: nowhere, for slack#1, is not there",
                      "a.yaml: note: conf.d/hosts.yml is not read; its name must end in .yaml"], "notes")


def test_config_check_tells_all_errors():
    with Directory() as here:
        here.write("linkrotd.yaml", "contact: mailto:ops@a.test\nchek:\n  timeout: 3s\nlists:\n"
                                    "  - name: a\n    sources: [x]\n    interval: 7\nconfirm: {strikes: 0}\n")
        for word in ("check", "print"):
            run = here.config(word, "-c", "linkrotd.yaml")
            equal((run.status, run.stdout), (3, ""), "a bad configuration")
            begins = [line[:line.index(": ", 10)] for line in lines_of(run)]
            equal(begins, ["linkrotd: linkrotd.yaml:2:1", "linkrotd: linkrotd.yaml:7:15",
                           "linkrotd: linkrotd.yaml:8:20"], "places")
            check_that("did you mean \"check\"?" in run.stderr, run.stderr)
            check_that("from 1 to 100" in run.stderr, run.stderr)


def test_config_check_is_about_the_daemon():
    """It refuses what the daemon would; print shows it all the same."""
    with Directory() as here:
        here.write("a.yaml", "lists: [{name: a, sources: [x]}]\n")
        here.write("b.yaml", "contact: mailto:ops@a.test\n")
        here.config("check", "-c", "a.yaml").one_line_error("a.yaml", "contact", "mailto:", status=3)
        here.config("check", "-c", "b.yaml").one_line_error("b.yaml", "lists", status=3)
        equal(here.config("print", "-c", "a.yaml").status, 0, "exit status of print")
        here.write("c.yaml", "contact: mailto:ops@a.test\nlists: [{name: a, sources: [x]}]\n"
                             "network: {cacert: /nonexistent.pem}\n")
        here.config("check", "-c", "c.yaml").one_line_error("c.yaml", "network.cacert", "/nonexistent.pem", status=3)
        here.write("words.pem", "no certificate\n")
        here.write("g.yaml", "contact: mailto:ops@a.test\nlists: [{name: a, sources: [x]}]\n"
                             "network: {cacert: words.pem}\n")
        here.config("check", "-c", "g.yaml").one_line_error("g.yaml", "network.cacert", "words.pem", "no CA certificates", status=3)
        here.write("e.yaml", "contact: mailto:ops@a.test\nlists: [{name: a, sources: [x]}]\n"
                             "network: {connect_to: ['a.test:80:[::g:80']}\n")
        here.config("check", "-c", "e.yaml").one_line_error("e.yaml", "a.test:80:[::g:80", status=3)
        here.write("f.yaml", "contact: mailto:ops@a.test\nlists: [{name: a, sources: [x]}]\n"
                             "network: {resolver: '127.0.0.1, [::1]:53'}\n")
        equal(here.config("check", "-c", "f.yaml").status, 0, "several name servers")
        here.write("d.yaml", "contact: mailto:ops@a.test\nlists: [{name: a, sources: [x]}]\n"
                             "network: {proxy: 'http://127.0.0.1:1'}\n")
        run = here.config("check", "-c", "d.yaml")
        check_that(run.status == 0 and "nothing acts on network.proxy" in run.stdout, run.stdout)


def test_config_bad_expression():
    with Directory() as here:
        here.write("a.yaml", GOOD.replace("intranet", "(intranet"))
        here.config("check", "-c", "a.yaml").one_line_error("a.yaml:5:19: check.exclude", "(intranet", status=3)


def test_config_pieces():
    """conf.d in byte order; hidden files and other endings are nobody's."""
    with Directory() as here:
        here.write("etc/linkrotd.yaml", GOOD)
        for name, port in (("b", 82), ("B", 81), ("\u00e4", 84), ("a10", 1), ("c", 83)):
            here.write(f"etc/conf.d/{name}.yaml", f"network: {{allow_ports: [{port}]}}\n")
        for name in (".hidden.yaml", "c.yaml~", "c.yaml.bak", "c.yml"):
            here.write(f"etc/conf.d/{name}", "nonsense: 3\n")
        run = here.config("print", "-c", "etc/linkrotd.yaml")
        equal(run.status, 0, f"exit status ({run.stderr})")
        after = run.stdout[run.stdout.index("allow_ports:"):].splitlines()[1:6]
        equal(after, ["  - 81  # etc/conf.d/B.yaml:1", "  - 1  # etc/conf.d/a10.yaml:1",
                      "  - 82  # etc/conf.d/b.yaml:1", "  - 83  # etc/conf.d/c.yaml:1",
                      "  - 84  # etc/conf.d/\u00e4.yaml:1"], "ports in order")
        here.write("etc/conf.d/d.yaml", "contact: mailto:other@a.test\n")
        here.config("check", "-c", "etc/linkrotd.yaml").one_line_error(
            "etc/conf.d/d.yaml:1:1", "etc/linkrotd.yaml:1", "contact", status=3)


def test_config_print_parses_to_the_same():
    with Directory() as here:
        here.write("a.yaml", GOOD)
        first = here.config("print", "--config=a.yaml")
        equal(first.status, 0, "exit status")
        check_that("contact: mailto:ops@a.test  # a.yaml:1\n" in first.stdout, first.stdout)
        check_that("  timeout: 20s  # default\n" in first.stdout, first.stdout)
        check_that("- match: arxiv.org  # built in\n  request_interval: 15s  # built in\n" in first.stdout,
                   first.stdout)
        here.write("b.yaml", first.stdout)
        second = here.config("print", "-cb.yaml")
        equal(uncommented(second.stdout), uncommented(first.stdout), "printed, read and printed")
        check_that("built in" not in second.stdout, "what is written is not built in")


def test_config_no_secret_is_printed():
    with Directory() as here:
        here.write("token", "geheim\n")
        here.write("a.yaml", GOOD.replace("check: {", "check: {github_token_file: token, "))
        run = here.config("print", "-c", "a.yaml")
        check_that("github_token_file: token" in run.stdout and "geheim" not in run.stdout, run.stdout)
        here.write("b.yaml", GOOD.replace("https://a.test", "https://me:geheim@a.test"))
        run = here.config("check", "-c", "b.yaml")
        equal(run.status, 3, "exit status")
        check_that("geheim" not in run.stderr, run.stderr)


def test_config_reference():
    run = program("config", "reference")
    equal((run.status, run.stderr), (0, ""), "the reference")
    for key in ("contact", "database", "lists[].name", "check.timeout", "confirm.strikes", "hosts[].match",
                "network.resolver", "network.proxy   (not used yet)", "listen", "publish.public_url",
                "notify[].type", "retention.history"):
        check_that(f"\n{key}\n" in run.stdout, f"{key} is in the reference")
    check_that("duration, from 100ms to 1h; default: 20s" in run.stdout, run.stdout)


def test_config_manual_has_every_key():
    """The page is written by hand; the table is not."""
    with open(os.path.join(ROOT, "config", "linkrotd.yaml.5"), encoding="utf-8") as file:
        page = file.read()
    for key in re.findall(r"^([a-z_.\[\]]+)(?:   .*)?$", program("config", "reference").stdout, re.M):
        name = key.split(".")[-1]
        check_that(re.search(rf"^\.It Cm (.* )?{name}\b", page, re.M), f"linkrotd.yaml(5) explains {key}")


def test_config_files_that_are_none():
    with Directory() as here:
        here.write("utf16.yaml", GOOD.encode("utf-16"))
        here.write("latin.yaml", "contact: \xfc\n".encode("latin-1"))
        here.write("huge.yaml", "# a comment\n" * 200000)
        here.config("check", "-c", "none.yaml").one_line_error("none.yaml", "No such file", status=3)
        here.config("check", "-c", ".").one_line_error("is a directory", status=3)
        here.config("check", "-c", "utf16.yaml").one_line_error("utf16.yaml", "UTF-16", status=3)
        here.config("check", "-c", "latin.yaml").one_line_error("latin.yaml", "UTF-8", status=3)
        here.config("check", "-c", "huge.yaml").one_line_error("huge.yaml", "1024 KiB", status=3)


def test_config_words():
    for words in ((), ("chek",), ("check", "print"), ("check", "--colour"), ("check", "-c")):
        program("config", *words).one_line_error("linkrotd: ", status=3)
    for word in ("--help", "-h"):
        run = program("config", word)
        equal((run.status, run.stderr), (0, ""), word)
        check_that("check|print|reference" in run.stdout, run.stdout)
    equal(program("config", "--version").status, 0, "exit status of --version")


def test_config_without_memory():
    """Whichever allocation fails: what is printed is all of it, or the exit status says that it is not."""
    if PRELOAD[0] is None:
        raise Skip("no library that makes calls fail")
    if sanitized():
        raise Skip("a sanitizer's program cannot be preloaded")
    with Directory() as here:
        here.write("a.yaml", GOOD)
        here.write("conf.d/b.yaml", "network: {allow_ports: [81]}\n")
        words = ("config", "print", "-c", "a.yaml")
        whole = program(*words, cwd=here.name)
        for number in range(1, 600, 1 if whole.seconds < 0.05 else 23):
            run = program(*words, cwd=here.name,
                          env={"LD_PRELOAD": PRELOAD[0], "FAULT": f"alloc:ENOMEM:{number}"})
            check_that(run.status in (1, 3) or (run.status, run.stdout) == (0, whole.stdout),
                       f"allocation {number}: status {run.status}, {len(run.stdout)} of {len(whole.stdout)} bytes")
            check_that(run.status == 0 or "memory" in run.stderr, f"allocation {number}: {run.stderr!r}")
