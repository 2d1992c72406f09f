"""Documents say what the program does: commands, options, keys, questions, addresses and receivers, by name."""

import json
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


def roff_text(page):
    """What a reader sees of a page, near enough to look for words in it."""
    return re.sub(r"\\&|\\", "", re.sub(r"^\.[A-Z]\w*", "", page, flags=re.M))


def test_documents_have_every_ending():
    source = read("daemon", "extract", "extract.c")
    endings = re.findall(r'ENDING\("(\w+)"', source)
    check_that(len(endings) > 15, f"endings: {endings}")
    page = read("config", "linkrotd.1")
    equal([e for e in endings if not re.search(rf"\.{e}\b", page)], [], "endings that linkrotd(1) does not name")


def test_documents_have_every_word_of_a_result():
    page = read("config", "linkrotd.1")
    words = {table: rows("model/outcome.h", table) for table in ("OUTCOMES", "REASONS", "NOTES")}
    words["STATES"] = rows("model/state.h", "STATES")
    check_that(len(words["REASONS"]) > 40 and len(words["STATES"]) > 6, f"words: {words}")
    for table, texts in words.items():
        missing = [w for w in texts if not re.search(rf"^\.(It )?(Cm|Li|It) (.* )?{w}\b", page, re.M)]
        equal(missing, [], f"{table} that linkrotd(1) does not explain")
    kinds = rows("model/event.h", "EVENT_KINDS")
    missing = [k for k in kinds if not re.search(rf"^\.It Cm (.* )?{k}\b", manual("why"), re.M)]
    equal(missing, [], "kinds of events that linkrotd-why(1) does not explain")


def test_documents_have_every_format():
    """Help and manual name those that the program offers, and no others."""
    known = set(rows("format/formats.h", "FORMATS"))
    inputs = {"why": ["http://x/"], "check": ["x.md"], "extract": ["x.md"]}
    for command in ("check", "extract", "status", "why", "report"):
        refusal = program(command, "--format", "none-such", *inputs.get(command, [])).stderr
        offered = set(re.findall(r"\w+", refusal.split("choose ")[1])) & known
        check_that({"text", "json"} <= offered, refusal)
        told = re.search(r"--format FORMAT +(.*?)(?:\n +--|\n +-\w|\n\n)", program(command, "--help").stdout, re.S).group(1)
        equal(set(re.findall(r"[a-z]+", told.split("(")[0])) & known, offered, f"formats in the help of {command}")
        page = roff_text(manual(command))
        equal([f for f in sorted(offered) if not re.search(rf"\b{f}\b", page)], [], f"formats in the manual of {command}")


def test_documents_have_every_default():
    """The default that the program has stands in the paragraph of the key."""
    page = read("config", "linkrotd.yaml.5")
    found = 0
    for key, text in re.findall(r"^([a-z_.\[\]]+)(?: .*)?\n((?: {6}.*\n)+)", program("config", "reference").stdout, re.M):
        default = re.search(r"default:\s+(\d\w*)", text)
        if not default:
            continue
        name = key.split(".")[-1]
        section = page[page.index(f".It Cm {key.split('.')[0].split('[')[0]}\n"):]
        paragraph = re.search(rf"^\.It Cm {name}\n(.*?)(?=^\.It |^\.El)", section, re.M | re.S)
        check_that(paragraph, f"linkrotd.yaml(5) has a paragraph for {key}")
        value = default.group(1)
        values = {value} | ({"0"} if value == "0s" else set())
        check_that(any(re.search(rf"\b{v}\b", paragraph.group(1)) for v in values), f"linkrotd.yaml(5) has the default of {key}, {value}")
        found += 1
    check_that(found > 20, f"defaults found: {found}")


def keys_of(value):
    """All keys of a JSON value, but for those that are data: states, hosts."""
    if isinstance(value, list):
        return set().union(*map(keys_of, value))
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set()


def test_documents_have_every_key_of_json():
    with tempfile.TemporaryDirectory() as where:
        with open(os.path.join(where, "a.md"), "w", encoding="utf-8") as file:
            file.write("# A\n[one](gone.md) [two](#nowhere)\n")
        program("check", "--offline", "--database", "a.db", "a.md", cwd=where)
        for words in (["status"], ["why", "gone.md"], ["report"]):
            run = program(*words, "--database", "a.db", "--format", "json", cwd=where)
            equal(run.status, 0, run.stderr)
            keys = keys_of(json.loads(run.stdout))
            check_that({"schema", "link_id", "occurrences"} <= keys, f"keys: {keys}")
            pages = manual(words[0]) + manual("status") + read("config", "linkrotd.1")
            told = set(re.findall(r"\w+", "\n".join(re.findall(r"^\.(?:Cm|It Cm|It) .*", pages, re.M))))
            equal(sorted(keys - told), [], f"keys of {words[0]} that no page explains")


def test_documents_have_what_a_webhook_gets():
    source = read("daemon", "message", "webhook_machine.c")
    keys = set(re.findall(r'"([a-z_]+)"', source[source.index("item_value("):source.index("/* --- Alertmanager")]))
    names = set(re.findall(r'X\(\w+, "([a-z_]+)"\)', read("daemon", "message", "webhook_template.c")))
    check_that({"evidence", "groups"} <= keys and "page_url" in names, f"keys: {keys}, names: {names}")
    page = read("config", "linkrotd-api.7")
    section = page[page.index(".Sh WHAT RECEIVERS GET"):page.index(".Sh FILES OF AN EXPORT")]
    told = set(re.findall(r"\w+", "\n".join(re.findall(r"^\.(?:Ic|It Ic) .*", section, re.M))))
    equal(sorted((keys | names) - told), [], "keys that linkrotd-api(7) does not explain")


def test_documents_have_every_pace():
    """The hosts that ask for a slower pace, as the program says it."""
    built_in = re.findall(r"^- match: (\S+)  # built in\n  request_interval: (\d+)(m?s)  # built in", program(
        "config", "print", "-c", os.path.join(ROOT, "config", "linkrotd.yaml")).stdout, re.M)
    check_that(len(built_in) > 5, f"built in: {built_in}")
    page = read("config", "linkrotd.1")
    for host, number, unit in built_in:
        seconds = f"{int(number) / (1000 if unit == 'ms' else 1):g}"
        check_that(f".It {host} Ta {seconds} s\n" in page, f"linkrotd(1) says that {host} is asked every {seconds} s")


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
            text = text.replace("/etc/linkrotd/", f"{where}/")
            path = os.path.join(where, "linkrotd.yaml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            for secret in re.findall(r"_file: (/[^ ,}\n]+)", text):
                with open(secret, "w", encoding="utf-8") as file:
                    file.write("word\n")
            run = program("config", "check", "-c", path)
            equal((run.status, run.stderr), (0, ""), f"config check of {text}")
