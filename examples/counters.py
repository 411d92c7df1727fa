"""Count together: eight workers add to the same documents at once, and no addition is lost.

    python examples/counters.py                                          # threads, in memory
    python examples/counters.py sqlite:///counters.db                    # processes on one file
    python examples/counters.py http://admin:secret@127.0.0.1:5984       # processes on one server

Each worker reads all counters, adds one to each, and commits. Where another one was faster, CouchDB refuses
the write with 409, and `on_conflict="merge"` with `merge="add"` writes the sum of both additions. The
database `couchmapper-example-counters` is dropped and made again on each run.
"""

import sys
import time
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context

from couchmapper import Client, Database, Document, Mapped, connect, field

DATABASE = "couchmapper-example-counters"
COUNTERS = 50
WORKERS = 8
ROUNDS = 200


class Counter(Document, id="counter:{number}", on_conflict="merge"):
    """A number that many add to; what two of them add at once is added up."""

    number: Mapped[int]
    count: Mapped[int] = field(default=0, merge="add")


IDS = [f"counter:{number}" for number in range(COUNTERS)]


def fresh_database(client: Client) -> Database:
    """Make the example's database anew, with all counters at zero."""
    if DATABASE in client.databases.list():
        client.databases.delete(DATABASE)
    database = client.database(DATABASE, create=True)
    with database.begin() as session:
        session.add_all(Counter(number=number) for number in range(COUNTERS))
    return database


def add(database: Database, rounds: int) -> None:
    """Add one to every counter, so many times."""
    for _ in range(rounds):
        with database.begin() as session:
            for counter in filter(None, session.get_many(Counter, IDS)):
                counter.count += 1


def add_at(url: str, rounds: int) -> None:
    """Do the same in a process of its own."""
    with connect(url) as client:
        add(client.database(DATABASE), rounds)


def totals(database: Database) -> list[int]:
    """Read what was counted."""
    with database.session() as session:
        return [counter.count for counter in filter(None, session.get_many(Counter, IDS))]


def count_together(database: Database, url: str, *, workers: int = WORKERS, rounds: int = ROUNDS) -> None:
    """Let workers add at the same time; a store in memory is one process's own, so there they are threads."""
    if url == "memory:":
        pool: Executor = ThreadPoolExecutor(workers)
        work = partial(add, database, rounds)
    else:
        pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
        work = partial(add_at, url, rounds)
    with pool:
        for done in [pool.submit(work) for _ in range(workers)]:
            done.result()


def main(url: str = "memory:") -> None:
    """Count, and compare."""
    with connect(url) as client:
        database = fresh_database(client)
        started = time.monotonic()
        count_together(database, url)
        seconds = time.monotonic() - started
        found = set(totals(database))
    print(f"{WORKERS} workers added 1 to {COUNTERS} counters, {ROUNDS} times, in {seconds:.0f} s")
    print(f"expected {WORKERS * ROUNDS} everywhere, found {', '.join(map(str, sorted(found)))}")


if __name__ == "__main__":
    main(*sys.argv[1:])
