"""Show that one client lasts: a million rows of a changes feed and of a session, and 64 threads at once.

    python benchmarks/endurance.py http://admin:secret@127.0.0.1:5984 [ROWS] [REQUESTS]

The feed is read in a process of its own, whose largest memory is compared with that before the first row;
in another one a session goes through all documents as objects, and changes one in a hundred thousand.
The threads send a mix of reads and writes of their own documents and check each answer; Python's warnings are
errors, and a warning in the log of urllib3 or couchmapper counts as a fault. Connections are counted as open
files before, at the end, and after `close()`.
"""

import logging
import random
import subprocess
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from couchmapper import Client, Database, Document, Mapped, connect
from couchmapper.exceptions import DocumentConflict, DocumentNotFound

NAME = "couchmapper-benchmark-endurance"
THREADS = 64
BATCH = 20_000
NEVER = "9-0123456789abcdef0123456789abcdef"


def memory(kind: str) -> float:
    """Return memory of this process in megabytes: `VmRSS` what it has, `VmHWM` the most that it has had."""
    told = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    return float(told[kind].split()[0]) / 1024


def fill(database: Database, rows: int) -> None:
    """Store small documents."""
    for start in range(0, rows, BATCH):
        end = min(rows, start + BATCH)
        database.bulk.docs({"_id": f"{number:09}", "n": number} for number in range(start, end))


def read_feed(url: str, name: str) -> None:
    """Iterate the whole feed and print what it took."""
    database = connect(url).database(name)
    database.exists()
    rows, before, started = 0, memory("VmRSS"), time.process_time()
    with database.changes.feed.rows() as changes:
        for row in changes:
            rows += 1
            assert row["id"]  # noqa: S101 - every row is whole
    spent = (time.process_time() - started) / rows * 1e6
    print(
        f"changes: {rows} rows, {spent:.1f} µs of CPU a row,"
        f" {memory('VmHWM') - before:.1f} MB above {before:.1f} MB, pending {changes.members['pending']}"
    )


class Numbered(Document, type_field=None):
    """A document of those that `fill` stores."""

    n: Mapped[int]


def read_documents(url: str, name: str) -> None:
    """Go through all documents as objects in one session, and print what it took."""
    database = connect(url).database(name)
    with database.session() as session:
        session.query(Numbered).first()
        rows, before, started = 0, memory("VmRSS"), time.process_time()
        for document in session.query(Numbered):
            rows += 1
            if document.n % 100_000 == 0:
                document.n = -document.n - 1
        spent = (time.process_time() - started) / rows * 1e6
        highest = memory("VmHWM") - before
        report = session.commit()
    print(
        f"session: {rows} documents, {spent:.1f} µs of CPU each, {highest:.1f} MB above {before:.1f} MB;"
        f" {report}"
    )


class Faults(logging.Handler):
    """Keeps what is logged as a warning or worse."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.told.append(record.getMessage())


class Worker:
    """The requests of one thread, on documents that no other thread touches."""

    def __init__(self, database: Database, number: int, done: "Counter[str]", lock: threading.Lock) -> None:
        self.database = database
        self.number = number
        self.random = random.Random(number)
        self.revs: dict[str, str] = {}
        self.done = done
        self.lock = lock

    def run(self, requests: int) -> None:
        """Send that many requests, one after the other."""
        actions: list[Callable[[str], None]] = [
            self.put,
            self.get,
            self.miss,
            self.clash,
            self.find,
            self.rows,
        ]
        for _ in range(requests):
            action = self.random.choices(actions, weights=(3, 5, 1, 1, 1, 1))[0]
            action(f"t{self.number:02}-{self.random.randrange(8)}")
            with self.lock:
                self.done[action.__name__] += 1

    def put(self, name: str) -> None:
        """Write a document on top of the revision that this thread knows."""
        held = {"_rev": self.revs[name]} if name in self.revs else {}
        answer = self.database.documents.put({"_id": name, **held, "of": self.number, "text": name * 50})
        self.revs[name] = answer["rev"]
        self.expect(answer["id"] == name)

    def get(self, name: str) -> None:
        """Read a document, which holds what was written last."""
        if name not in self.revs:
            self.put(name)
        found = self.database.documents.get(name)
        self.expect((found["_id"], found["_rev"], found["of"]) == (name, self.revs[name], self.number))

    def miss(self, name: str) -> None:
        """Ask for what is not there."""
        try:
            self.database.documents.get(f"{name}-missing")
        except DocumentNotFound as error:
            self.expect(f"{name}-missing" in error.request)
        else:
            self.expect(False)

    def clash(self, name: str) -> None:
        """Write on top of a revision that never was."""
        try:
            answer = self.database.documents.put({"_id": name, "_rev": NEVER, "of": self.number})
        except DocumentConflict:
            return
        self.expect(name not in self.revs)  # a new document may have any revision
        self.revs[name] = answer["rev"]

    def find(self, name: str) -> None:
        """Ask for the own document by a selector over ids."""
        found = self.database.find({"_id": name}, limit=1)["docs"]
        self.expect([one["_id"] for one in found] == ([name] if name in self.revs else []))

    def rows(self, name: str) -> None:
        """Read some rows, and often stop in the middle."""
        with self.database.bulk.all_docs.rows(start_key=name, limit=20) as rows:
            for row in rows:
                self.expect(row["id"] >= name)
                if self.random.random() < 0.1:
                    return

    def expect(self, fact: object) -> None:
        """Stop at a wrong answer."""
        if not fact:
            raise AssertionError("a wrong answer")


WORK = {"--feed": read_feed, "--session": read_documents}


def open_files() -> int:
    """Count what this process has open, sockets among it."""
    return len(list(Path("/proc/self/fd").iterdir()))


def fresh(client: Client, name: str) -> Database:
    """Make a database anew."""
    if client.databases.exists(name):
        client.databases.delete(name)
    return client.database(name, create=True)


def run_threads(client: Client, requests: int) -> Iterator[str]:
    """Let all threads run on one client and tell what happened."""
    database = fresh(client, f"{NAME}-threads")
    done: Counter[str] = Counter()
    lock, before, started = threading.Lock(), open_files(), time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        workers = [Worker(database, number, done, lock) for number in range(THREADS)]
        for outcome in [pool.submit(one.run, requests // THREADS + 1) for one in workers]:
            outcome.result()
    spent = time.perf_counter() - started
    yield f"threads: {THREADS}, {sum(done.values())} requests in {spent:.1f} s: {dict(done)}"
    at_the_end = open_files()
    client.databases.delete(database.name)
    client.close()
    yield f"open files: {before} before, {at_the_end} at the end, {open_files()} after close()"


def main(url: str, rows: int, requests: int) -> None:
    """Do both, and print what was seen."""
    faults = Faults()
    logging.getLogger().addHandler(faults)
    warnings.simplefilter("error")
    for line in run_threads(connect(url), requests):
        print(line)
    print(f"warnings in the log: {len(faults.told)} {faults.told[:3]}")
    with connect(url) as client:
        database: Any = fresh(client, f"{NAME}-rows")
        fill(database, rows)
        for work in WORK:
            subprocess.run([sys.executable, __file__, work, url, database.name], check=True)  # noqa: S603
        client.databases.delete(database.name)


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in WORK:
        WORK[sys.argv[1]](*sys.argv[2:4])
    elif len(sys.argv) > 1:
        main(sys.argv[1], *(int(number) for number in (*sys.argv[2:4], 1_000_000, 20_000)[:2]))
    else:
        raise SystemExit(__doc__)
