"""Measure the embedded store: bulk write, read back, find by an index, for each document.

    python benchmarks/embedded.py [URL] [DOCUMENTS]

Time is that of the clock, because the engine runs in this process; the best of three rounds counts. Give
the URL of a server to compare: the same program runs there.
"""

import gc
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from couchmapper import Database, Document, Mapped, connect

NAME = "couchmapper-benchmark-embedded"
ROUNDS = 3


class Reading(Document, id="reading:{number:06}"):
    """A small document with a number to look for."""

    number: Mapped[int]
    station: Mapped[str]
    temperature: Mapped[float]


def readings(count: int) -> list[Reading]:
    """Make the documents, the same in each run."""
    return [
        Reading(number=number, station=f"station {number % 97}", temperature=(number * 7919 % count) / 100)
        for number in range(count)
    ]


def write(database: Database, documents: list[Reading]) -> None:
    """Write all documents through one session."""
    with database.begin() as session:
        session.add_all(documents)


def read(database: Database) -> int:
    """Read all documents as objects and return their number."""
    with database.session() as session:
        return len(session.query(Reading).all())


def find(database: Database, count: int) -> int:
    """Find a tenth of the documents by the index and return their number."""
    with database.session() as session:
        low, high = 0.0, count / 1000
        return len(session.query(Reading).where(Reading.temperature.between(low, high)).all())


def seconds(work: Callable[[], object]) -> float:
    """Return how long some work takes, without garbage collection."""
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started
    finally:
        gc.enable()


def measure(url: str, count: int) -> Iterator[tuple[str, float]]:
    """Do all the work on a new database; yield each kind of it with microseconds for each document."""
    client = connect(url)
    if NAME in client.databases.list():
        client.databases.delete(NAME)
    database = client.database(NAME, create=True)
    database.bind(Reading)
    database.find.create_index(["temperature"], name="by-temperature")
    documents = readings(count)
    yield "write in bulk", seconds(lambda: write(database, documents)) * 1e6 / count
    yield "read as objects", seconds(lambda: read(database)) * 1e6 / count
    found = find(database, count)  # the first query builds the index
    yield "find by index", seconds(lambda: find(database, count)) * 1e6 / found
    client.databases.delete(NAME)


def main(urls: list[str], count: int) -> None:
    """Print microseconds for each document, store by store."""
    for url in urls:
        rounds = [dict(measure(url, count)) for _ in range(ROUNDS)]
        print(f"\n{url.partition(':')[0]}, {count} documents, µs for each")
        for work in rounds[0]:
            print(f"  {work:<16}{min(times[work] for times in rounds):>10.1f}")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    number = int(arguments.pop()) if arguments and arguments[-1].isdigit() else 5_000
    with tempfile.TemporaryDirectory() as directory:
        main(arguments or ["memory:", f"sqlite:///{Path(directory) / 'benchmark.db'}"], number)
