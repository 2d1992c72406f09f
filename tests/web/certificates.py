"""A certificate authority for one run, made with the openssl command in a directory of its own.

ECDSA P-256; one key for all leaves (they differ in what is signed, not in what is kept secret).
A leaf is made only when some host of the table wants it.
"""

import os
import ssl
import subprocess
from datetime import datetime, timedelta, timezone

CONFIG = """
[ca]
default_ca = this
[this]
database = {dir}/{ca}.index
new_certs_dir = {dir}
default_md = sha256
policy = any
rand_serial = yes
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = CA:FALSE
keyUsage = digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = {names}
"""

DAY = timedelta(days=1)
# kind -> (who signs, first day, last day), days counted from now
AUTHORITIES = {
    "middle": ("root", -1, 90),
    "middle-soon": ("root", -1, 3),
    "middle-expired": ("root", -90, -1),
}
LEAVES = {
    "good": ("root", -1, 60),
    "soon": ("root", -1, 3),
    "expired": ("root", -30, -1),
    "not-yet-valid": ("root", 1, 30),
    "wrong-host": ("root", -1, 60),
    "subject-only": ("root", -1, 60),
    "namesake": ("namesake", -1, 60),
    "untrusted": ("stranger", -1, 60),
    "untrusted-root": ("stranger", -1, 60),
    "incomplete": ("middle", -1, 60),
    "chain": ("middle", -1, 60),
    "chain-soon": ("middle-soon", -1, 60),
    "chain-expired": ("middle-expired", -1, 60),
    "self-signed": (None, -1, 60),
}
# The others send the leaf alone.
SENT_WITH_THEIR_SIGNER = {"untrusted-root", "chain", "chain-soon", "chain-expired"}


class Authority:
    def __init__(self, directory):
        self._dir = directory
        self._contexts = {}
        self.ca_file = self._path("root.pem")
        self._made = set()
        self._key("leaf")
        self._root("root")

    def _path(self, name):
        return os.path.join(self._dir, name)

    def _run(self, *words):
        done = subprocess.run(["openssl", *words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise OSError(f"openssl {words[0]}: {done.stderr.strip()}")

    def _key(self, name):
        self._run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                  "-out", self._path(name + ".key"))

    def _config(self, ca, names="DNS:unused.invalid"):
        path = self._path("openssl.cnf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(dir=self._dir, ca=ca, names=names))
        open(self._path(f"{ca}.index"), "a", encoding="utf-8").close()
        return path

    def _root(self, name):
        self._made.add(name)
        self._key(name)
        subject = "root" if name == "namesake" else name
        self._run("req", "-x509", "-new", "-config", self._config(name), "-extensions", "authority",
                  "-key", self._path(name + ".key"), "-subj", f"/CN=linkrotd test {subject}",
                  "-days", "90", "-out", self._path(name + ".pem"))

    def _request(self, name, subject, key=None):
        self._run("req", "-new", "-config", self._config(name), "-key", self._path((key or name) + ".key"),
                  "-subj", f"/CN={subject}", "-out", self._path(name + ".csr"))

    def _sign(self, ca, request, section, out, names, first, last):
        now = datetime.now(timezone.utc)
        stamp = "%Y%m%d%H%M%SZ"
        signer = ["-selfsign", "-keyfile", self._path("leaf.key")] if ca is None else \
            ["-cert", self._path(ca + ".pem"), "-keyfile", self._path(ca + ".key")]
        self._run("ca", "-batch", "-notext", "-config", self._config(ca or "self", names),
                  "-extensions", section, *signer, "-in", self._path(request + ".csr"),
                  "-startdate", (now + first * DAY).strftime(stamp),
                  "-enddate", (now + last * DAY).strftime(stamp), "-out", self._path(out))

    def _authority_of(self, ca):
        if ca is None or ca in self._made:
            return
        if ca in ("stranger", "namesake"):
            self._root(ca)
        else:
            self._made.add(ca)
            self._key(ca)
            self._request(ca, f"linkrotd test {ca}")
            signer, first, last = AUTHORITIES[ca]
            self._sign(signer, ca, "authority", ca + ".pem", "DNS:unused.invalid", first, last)

    def prepare(self, kind, names):
        """Makes the certificate of that kind for those names; afterwards context(kind) has it."""
        ca, first, last = LEAVES[kind]
        self._authority_of(ca)
        request = kind if kind == "subject-only" else "leaf"
        if not os.path.exists(self._path(request + ".csr")):
            self._request(request, names[0] if kind == "subject-only" else "linkrotd test leaf", "leaf")
        if kind == "wrong-host":
            names = ["somebody-else.invalid"]
        text = ",".join("DNS:" + name for name in names) or "DNS:unused.invalid"
        if kind == "subject-only":
            text = "email:somebody@" + names[0]
        self._sign(ca, request, "leaf", kind + ".pem", text, first, last)
        if kind in SENT_WITH_THEIR_SIGNER:
            with open(self._path(ca + ".pem"), encoding="ascii") as signer, \
                    open(self._path(kind + ".pem"), "a", encoding="ascii") as file:
                file.write(signer.read())
        self._contexts[kind] = self._new_context(kind)

    def _new_context(self, kind, protocols=("http/1.1",)):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._path(kind + ".pem"), self._path("leaf.key"))
        context.set_alpn_protocols(protocols)
        return context

    def context(self, kind):
        return self._contexts[kind]

    def http2_context(self, only):
        """Says that it speaks HTTP/2, which nothing here does."""
        return self._new_context("good", ["h2"] if only else ["h2", "http/1.1"])

    def asking_context(self, old):
        """Wants a certificate of the client."""
        context = self._new_context("good")
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(self.ca_file)
        if old:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        return context

    def old_context(self):
        """Speaks nothing newer than TLS 1.0."""
        context = self._new_context("good")
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1
        return context
