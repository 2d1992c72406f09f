"""`linkrotd recheck`: which daemon it asks, what it asks, and what it makes of the answer."""

import os
import socket
import subprocess
import tempfile
import threading

from harness import BINARY


class Daemon:
    """Answers at a socket as the daemon does (include/run/control.h) and remembers the questions."""

    def __init__(self, path, database, answer=b"ok\n"):
        self.path, self.database, self.answer, self.asked = path, database, answer, []
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(8)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client, client.makefile("rb") as lines:
                for line in lines:
                    self.asked.append(line.rstrip(b"\n").split(b"\t"))
                    client.sendall(self.reply(self.asked[-1][0]))

    def reply(self, verb):
        if verb == b"ping":
            return b" linkrotd 0\n process 1\n database " + self.database.encode() + b"\nok\n"
        return self.answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)
        os.unlink(self.path)


def recheck(*arguments, directory, runtime=None):
    environment = {key: value for key, value in os.environ.items() if key != "RUNTIME_DIRECTORY"}
    environment["RUNTIME_DIRECTORY"] = runtime or os.path.join(directory, "none")
    return subprocess.run([BINARY[0], "recheck", *arguments], cwd=directory, env=environment, timeout=40,
                          capture_output=True, text=True)


def make_files(directory):
    for name in ("a.db", "b.db"):
        open(os.path.join(directory, name), "w", encoding="ascii").close()
    return os.path.join(directory, "a.db")


def test_asks_for_a_link_a_list_a_state():
    with tempfile.TemporaryDirectory() as directory:
        database = make_files(directory)
        with Daemon(database + ".control", database, b" 2 links  are due\nok\n") as daemon:
            for arguments, asked in ((["https://a.test/"], [b"url", b"https://a.test/"]),
                                     (["--list", "papers"], [b"list", b"papers"]),
                                     (["--state=dead"], [b"state", b"dead"])):
                done = recheck("--database", database, *arguments, directory=directory)
                assert (done.returncode, done.stdout, done.stderr) == (0, "2 links  are due\n", ""), done
                assert daemon.asked[-1] == [b"recheck", *asked], daemon.asked


def test_the_configuration_names_the_database():
    with tempfile.TemporaryDirectory() as directory:
        database = make_files(directory)
        with open(os.path.join(directory, "l.yaml"), "w", encoding="ascii") as config:
            config.write(f"contact: mailto:ops@example.org\ndatabase: {database}\n")
        with Daemon(database + ".control", database) as daemon:
            done = recheck("-c", "l.yaml", "--list", "papers", directory=directory)
            assert done.returncode == 0, done
            assert daemon.asked[-1] == [b"recheck", b"list", b"papers"]
        with open(os.path.join(directory, "l.yaml"), "a", encoding="ascii") as config:
            config.write("databse: x\n")
        done = recheck("-c", "l.yaml", "--list", "papers", directory=directory)
        assert done.returncode == 3 and "l.yaml:3" in done.stderr, done


def test_another_daemon_is_not_asked():
    with tempfile.TemporaryDirectory() as directory:
        database = make_files(directory)
        with Daemon(os.path.join(directory, "control"), os.path.join(directory, "b.db")) as daemon:
            done = recheck("--database", database, "--list", "x", directory=directory, runtime=directory)
            assert done.returncode == 1 and "no daemon" in done.stderr, done
            assert daemon.asked == [[b"ping"]]
            done = recheck("--database", "b.db", "--list", "x", directory=directory, runtime=directory)
            assert done.returncode == 0, done


def test_a_refusal_is_told_harmlessly():
    with tempfile.TemporaryDirectory() as directory:
        database = make_files(directory)
        with Daemon(database + ".control", database, b" lists:\n   a\x1b[31m\nerror no list is called x\n"):
            done = recheck("--database", database, "--list", "x", directory=directory)
            assert done.returncode == 1 and done.stderr == "linkrotd: no list is called x\n", done
            assert done.stdout.startswith("lists:\n  a") and "\x1b" not in done.stdout, done


def test_bad_options():
    with tempfile.TemporaryDirectory() as directory:
        for arguments in ([], ["--state", "zombie"], ["a", "b"], ["--list"], ["--bogus"], ["a", "--list", "b"], [""]):
            done = recheck(*arguments, directory=directory)
            assert done.returncode == 3 and done.stderr and not done.stdout, (arguments, done)
        done = recheck("--help", directory=directory)
        assert done.returncode == 0 and "--state" in done.stdout and not done.stderr
