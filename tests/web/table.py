"""The table of a local web: which hosts exist and how each path behaves.

One statement a line, words separated by blanks, quoted like in a shell, `#` begins a comment:

    host NAME key=value ...              how a name resolves, connects and shakes hands
    list FILE                            every http(s) link of a Markdown list is a page with its title
    NAME PATH BEHAVIOUR key=value ...    what a request gets

NAME may be `*.example.test` or `*`, PATH may end in `*`. A path without a query also answers
requests with one. `host *` is every name that no other line knows. Of several lines for the same
path the first whose conditions hold is used:

    over=http|https   method=HEAD   first=N (only the first N requests of this line)
    unless_cookie=NAME   if_header="Name: regex"
    since=S   until=S (seconds since the web began)

Keys of `host`: address=A[,A...] (or `own`: a loopback address of its own), then=A,...[/A,...] (what
the second query of a type gets, the third, and so on; the last one stays), ttl=S,
dns=ok|nxdomain|nodata|servfail|refused|silent|truncated|cut (by TCP)|garbage|echo, dns6=WORD (for AAAA alone),
dns_once=WORD (the first query of each type), dns_delay=S, cname=NAME,
port=open|refused|blackhole|mute|reset, tls=good|expired|not-yet-valid|self-signed|wrong-host|
untrusted|untrusted-root|incomplete|soon|chain|chain-soon|chain-expired|subject-only|namesake|tls1.0|bad-h2|
resetting-h2|refusing-h2|flooding-h2|only-h2|restless-h2|wants-h1|wants-ours|
wants-ours-1.2|plain|garbage|farewell|endless|silent|reset.

The behaviours are the functions of pages.py, falsepages.py and trouble.py. In a value, {url}, {host} and
{target} are the request's; {date+S} is a date of HTTP S seconds from now (or {date-3d}; units m, h, d),
{epoch+S} the same as a number.
"""

import os
import re
import shlex
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

DNS_WORDS = {"ok", "nxdomain", "nodata", "servfail", "refused", "silent", "truncated", "cut", "garbage", "echo"}
PORT_WORDS = {"open", "refused", "blackhole", "mute", "reset"}
# Certificates are chosen by name on a shared address; the rest concerns the socket itself,
# so that such a host gets an address of its own.
TLS_CERTIFICATES = {"good", "expired", "not-yet-valid", "self-signed", "wrong-host", "untrusted",
                    "untrusted-root", "incomplete", "soon", "chain", "chain-soon", "chain-expired",
                    "subject-only", "namesake"}
TLS_SOCKETS = {"tls1.0", "bad-h2", "resetting-h2", "refusing-h2", "flooding-h2", "only-h2",
               "restless-h2", "wants-h1", "wants-ours", "wants-ours-1.2", "plain", "garbage", "farewell",
               "endless", "silent", "reset"}
HOST_KEYS = {"address", "then", "ttl", "dns", "dns6", "dns_once", "dns_delay", "cname", "port", "tls"}
CONDITIONS = {"over", "method", "first", "unless_cookie", "if_header", "since", "until"}
CANARY = "a.root-servers.net"
BEGAN = time.monotonic()


class TableError(Exception):
    """A line that cannot be understood, with its place."""


@dataclass
class Host:
    name: str
    addresses: list = field(default_factory=lambda: ["127.0.0.1"])
    then: list = field(default_factory=list)
    ttl: int = 60
    dns: str = "ok"
    dns6: str | None = None
    dns_once: str | None = None
    dns_delay: float = 0.0
    cname: str | None = None
    port: str = "open"
    tls: str = "good"
    queries: dict = field(default_factory=dict)  # type -> how many came

    def dns_word(self, kind):
        """What a query of that type gets; counts it."""
        self.queries[kind] = self.queries.get(kind, 0) + 1
        if self.dns_once is not None and self.queries[kind] == 1:
            return self.dns_once
        return self.dns6 if self.dns6 is not None and kind == 28 else self.dns

    def answer(self, kind):
        """The addresses for the query that was counted last."""
        steps = [self.addresses, *self.then]
        return steps[min(max(self.queries.get(kind, 1), 1), len(steps)) - 1]


@dataclass
class Rule:
    behaviour: str
    params: dict
    conditions: dict
    used: int = 0

    def holds(self, request):
        c = self.conditions
        if c.get("over", request.scheme) != request.scheme:
            return False
        if c.get("method", request.method) != request.method:
            return False
        if "unless_cookie" in c and c["unless_cookie"] + "=" in request.headers.get("cookie", ""):
            return False
        if "if_header" in c:
            name, _, pattern = c["if_header"].partition(":")
            if not re.search(pattern.strip(), request.headers.get(name.strip().lower(), "")):
                return False
        age = time.monotonic() - BEGAN
        if age < float(c.get("since", 0)) or age >= float(c.get("until", "inf")):
            return False
        if "first" in c:
            if self.used >= int(c["first"]):
                return False
            self.used += 1
        return True


class Site:
    """All hosts and rules of one or more table files."""

    def __init__(self, behaviours):
        self.hosts = {}
        self.rules = {}  # host -> path -> [Rule]
        self.prefixes = {}  # host -> [(prefix, [Rule])]
        self._behaviours = behaviours
        self._own = 0

    def read_file(self, path):
        with open(path, encoding="utf-8") as file:
            self.read(file.read(), path)

    def read(self, text, name="table"):
        for number, line in enumerate(text.splitlines(), 1):
            try:
                words = shlex.split(line, comments=True)
                if words:
                    self._statement(words, os.path.dirname(name))
            except (ValueError, OSError) as error:
                raise TableError(f"{name}:{number}: {error}") from error

    def _statement(self, words, directory):
        if words[0] == "host" and len(words) > 1:
            self._host(words[1].lower(), words[2:])
        elif words[0] == "list" and len(words) == 2:
            self._list(os.path.join(directory, words[1]))
        elif len(words) >= 3:
            self._rule(words[0].lower(), words[1], words[2], words[3:])
        else:
            raise ValueError("expected `host NAME ...`, `list FILE` or `NAME PATH BEHAVIOUR ...`")

    def _host(self, name, words):
        keys = dict(_pairs(words))
        unknown = set(keys) - HOST_KEYS
        if unknown:
            raise ValueError(f"unknown key of a host: {', '.join(sorted(unknown))}")
        host = Host(name)
        host.dns = _one_of(keys.get("dns", "ok"), DNS_WORDS)
        host.dns6 = _one_of(keys["dns6"], DNS_WORDS) if "dns6" in keys else None
        host.dns_once = _one_of(keys["dns_once"], DNS_WORDS) if "dns_once" in keys else None
        host.port = _one_of(keys.get("port", "open"), PORT_WORDS)
        host.tls = _one_of(keys.get("tls", "good"), TLS_CERTIFICATES | TLS_SOCKETS)
        host.ttl = int(keys.get("ttl", "60"))
        host.dns_delay = float(keys.get("dns_delay", "0"))
        host.cname = keys.get("cname")
        special = host.port != "open" or host.tls in TLS_SOCKETS
        address = keys.get("address", "own" if special else "127.0.0.1")
        host.addresses = [self._own_address()] if address == "own" else address.split(",")
        host.then = [step.split(",") for step in keys["then"].split("/")] if "then" in keys else []
        self.hosts[name] = host

    def _own_address(self):
        self._own += 1
        return f"127.1.{self._own // 250}.{self._own % 250 + 1}"

    def _rule(self, name, path, behaviour, words):
        if behaviour not in self._behaviours:
            raise ValueError(f"unknown behaviour `{behaviour}`")
        if not path.startswith("/") and path != "*":
            raise ValueError(f"a path begins with `/`: {path}")
        params, conditions = {"headers": []}, {}
        for key, value in _pairs(words):
            if key in CONDITIONS:
                conditions[key] = value
            elif key == "header":
                params["headers"].append(tuple(part.strip() for part in value.split(":", 1)))
            else:
                params[key] = value
        self.add(name, path, Rule(behaviour, params, conditions))

    def add(self, name, path, rule):
        if name != "*" and name not in self.hosts and not self._wildcard(name):
            self.hosts[name] = Host(name)
        if path.endswith("*"):
            prefixes = self.prefixes.setdefault(name, [])
            for prefix, rules in prefixes:
                if prefix == path[:-1]:
                    rules.append(rule)
                    return
            prefixes.append((path[:-1], [rule]))
            prefixes.sort(key=lambda entry: -len(entry[0]))
        else:
            self.rules.setdefault(name, {}).setdefault(path, []).append(rule)

    def _list(self, path):
        for url, title in list_titles(path):
            parts = urlsplit(url)
            target = parts.path + ("?" + parts.query if parts.query else "")
            if target not in self.rules.get(parts.hostname, {}):
                self.add(parts.hostname, target,
                         Rule("page", {"title": title, "headers": [], "listed": True}, {}))

    def _wildcard(self, name):
        return self.hosts.get("*." + name.partition(".")[2])

    def host(self, name):
        """The host of that name, or None where the name does not exist."""
        return self.hosts.get(name) or self._wildcard(name) or self.hosts.get("*") or self._canary(name)

    @staticmethod
    def _canary(name):
        """A name of the world that programs ask for to see whether their resolver is well."""
        return Host(name) if name == CANARY else None

    def match(self, request):
        """The first rule whose conditions hold: of the host, then of its wildcard, then of `*`.
        A line of the table wins over a page that `list` made."""
        path = request.target.partition("?")[0]
        for name in (request.host, "*." + request.host.partition(".")[2], "*"):
            exact = self.rules.get(name, {})
            found = exact.get(request.target, []) + (exact.get(path, []) if path != request.target else [])
            for prefix, rules in self.prefixes.get(name, ()):
                if request.target.startswith(prefix):
                    found = found + rules
            found.sort(key=lambda rule: "listed" in rule.params)
            for rule in found:
                if rule.holds(request):
                    return rule
        return None


LIST_ITEM = re.compile(r"^\s*[-*]\s+(?P<title>.*?)\s*\[+[^\]\[]*\]+\((?P<url>https?://[^)\s]+)\)")


def list_titles(path):
    """(URL, title) of the items of the form `- Title [[Paper]](URL)`; the first title counts."""
    seen = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            match = LIST_ITEM.match(line)
            if match:
                seen.setdefault(match["url"].partition("#")[0], match["title"])
    return list(seen.items())


def _pairs(words):
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise ValueError(f"expected key=value, found `{word}`")
        yield key, value


def _one_of(word, words):
    if word not in words:
        raise ValueError(f"`{word}` is none of {' '.join(sorted(words))}")
    return word
