"""Documents say what the program does: commands, options, keys, questions, addresses and receivers, by name."""

import os
import re
import tempfile

from harness import ROOT, check_that, equal, program

PAGES = {"run": "linkrotd-run.8", "check": "linkrotd.1", "extract": "linkrotd.1", "config": "linkrotd.yaml.5"}


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def manual(command):
    return read("config", PAGES.get(command, f"linkrotd-{command}.1"))


def commands():
    found = re.findall(r"^  ([a-z]+)  ", program("--help").stdout, re.M)
    check_that(len(found) > 8, f"commands: {found}")
    return found


def rows(header, table):
    """The words in quotes of an X-macro table, one a row."""
    text = re.search(rf"#define {table}\(X\)(.*?[^\\])\n", read("include", *header.split("/")), re.S).group(1)
    return re.findall(r'X\(\w+, "([^"]+)"', text)


def test_documents_name_every_command():
    for page in (read("config", "linkrotd.1"), read("README.md")):
        missing = [c for c in commands() if not re.search(rf"(\.It|Cm|\|) .*\b{c}\b|linkrotd {c}\b|`{c}`|`{c} ", page)]
        equal(missing, [], "commands that are not told of")


def test_documents_have_every_option():
    """Of fix those that are check's are explained there."""
    for command in commands():
        page = manual(command) + (read("config", "linkrotd.1") if command == "fix" else "")
        options = re.findall(r"^ +(?:-\w, )?--([a-z-]+)", program(command, "--help").stdout, re.M)
        check_that("help" in options, f"options of {command}: {options}")
        if command == "config":
            continue  # its page is about the file
        for option in options:
            check_that(re.search(rf"^\.It (.* )?Fl Fl {option}\b", page, re.M), f"the manual of {command} explains --{option}")


def test_documents_say_what_is_not_used():
    """No more and no fewer keys than the program says."""
    unused = re.findall(r"^(\S+)   \(not used yet\)$", program("config", "reference").stdout, re.M)
    told = re.findall(r"^\.It Cm (\w+)\nNot used yet\.$", read("config", "linkrotd.yaml.5"), re.M)
    equal(told, [key.split(".")[-1] for key in unused], "keys that are not used yet")
    for key in unused:
        check_that(f"`{key}`" in read("README.md"), f"the README says that {key} is not used yet")


def test_documents_know_every_receiver():
    types = rows("config/config.h", "CONFIG_NOTIFY_TYPES")
    check_that("alertmanager" in types, f"types: {types}")
    readme, page = read("README.md"), read("config", "linkrotd.yaml.5")
    for word in types:
        check_that(f"`{word}`" in readme, f"the README has a row for {word}")
        check_that(re.search(rf"^\.It {word} Ta", page, re.M), f"linkrotd.yaml(5) has a row for {word}")


def test_documents_have_every_question_and_address():
    run = manual("run")
    for word in rows("run/control.h", "CONTROL_VERBS"):
        check_that(f".Ql {word}" in run, f"linkrotd-run(8) has the question {word}")
    addresses = re.findall(r'^\t\{ "(/[^"]*)", ', read("daemon", "pages", "show.c"), re.M)
    check_that("/healthz" in addresses, f"addresses: {addresses}")
    pages = "\n".join(re.findall(r"^\..*", run + read("config", "linkrotd-api.7"), re.M)) + "\n"  # no examples
    for address in addresses:
        if address in ("/style.css", "/script.js"):
            continue
        spelled = address.replace("/links/?", "/links/ID").replace("?", "NAME")
        check_that(f"{spelled} " in pages or f"{spelled}\n" in pages or f"{spelled}." in pages, f"{spelled} is explained")


def test_documents_examples_are_right():
    """The sample with nothing and with everything commented in; each configuration of the README and the manual."""
    sample = read("config", "linkrotd.yaml")
    whole = re.sub(r"^#(?=[a-z_]+:|  )", "", sample, flags=re.M)
    check_that(whole.count("type:") >= 9, "the sample shows receivers")
    page = read("config", "linkrotd.yaml.5").replace("\\(dq", '"')
    blocks = re.findall(r"^```yaml\n(.*?)^```", read("README.md"), re.M | re.S) + \
        re.findall(r"^\.Bd -literal -offset indent\n(.*?)^\.Ed", page, re.M | re.S)
    top = ("contact", "lists", "listen", "publish", "notify", "check", "recheck_token_file")
    parts = [b for b in blocks if b.startswith(tuple(f"{key}:" for key in top))]
    check_that(len(parts) >= 4, f"examples found: {len(parts)}")
    for text in [sample, whole, *parts]:
        if "lists:\n" not in text:
            text += "\nlists: [{name: a, sources: [a.md]}]\n"
        if "contact:" not in text:
            text += "\ncontact: mailto:ops@example.org\n"
        with tempfile.TemporaryDirectory() as where:
            path = os.path.join(where, "linkrotd.yaml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            run = program("config", "check", "-c", path)
            equal((run.status, run.stderr), (0, ""), f"config check of {text}")
