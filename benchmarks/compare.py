"""Compare couchmapper with ibmcloudant, with requests and with the bare floor, against one server.

    python benchmarks/compare.py http://admin:secret@127.0.0.1:5984 [ROUNDS]

The work is the same for all: write 5,000 documents in bulk, read them with one selector, get 500 of them
one by one, read all changes; and import the library. What is measured is CPU time of this process for
each item; the server's time and waiting do not count. Of several rounds the best one counts; within a
round the order rotates; garbage is collected before each measurement and not during it. "As objects"
means typed objects for couchmapper, model objects for ibmcloudant, and plain dictionaries for the other
two, which have nothing else.
"""

import gc
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec
import requests
import urllib3
from ibm_cloud_sdk_core.authenticators import BasicAuthenticator
from ibmcloudant import ChangesFollower, CloudantV1
from ibmcloudant.cloudant_v1 import BulkDocs, FindResult
from ibmcloudant.cloudant_v1 import Document as CloudantDocument

from couchmapper import Document, Mapped, connect

DOCUMENTS = 5_000
GETS = 500
REPETITIONS = 3
PREFIX = "couchmapper-benchmark-"

Row = dict[str, Any]


class Reading(Document, id="reading:{number:06}"):
    """A document of ordinary size: eight members, a nested object and a list among them."""

    number: Mapped[int]
    station: Mapped[str]
    temperature: Mapped[float]
    valid: Mapped[bool]
    position: Mapped[dict[str, float]]
    tags: Mapped[list[str]]


def rows() -> Iterator[Row]:
    """Make the fields of the documents, the same in each run."""
    for number in range(DOCUMENTS):
        yield {
            "number": number,
            "station": f"station {number % 97}",
            "temperature": (number * 7919 % 5000) / 100,
            "valid": number % 3 != 0,
            "position": {"lat": number % 180 - 90.0, "lon": number % 360 - 180.0},
            "tags": ["calibrated", f"batch-{number % 11}"],
        }


def wire_documents() -> list[Row]:
    """Write the rows as the JSON that couchmapper writes for them."""
    return [{"_id": f"reading:{row['number']:06}", "type": "reading", **row} for row in rows()]


class Contender(Protocol):
    """One way to do the work, on a database of its own."""

    name: str
    modules: str

    def prepare(self) -> Any:
        """Make the documents in this contender's own form; not measured."""
        ...

    def write(self, documents: Any) -> None:
        """Write all documents in bulk."""
        ...

    def read_json(self) -> int:
        """Read all documents by a selector as dictionaries and return their number."""
        ...

    def read(self) -> int:
        """Read all documents by a selector as objects, where there are such, and return their number."""
        ...

    def get(self, ids: Sequence[str]) -> None:
        """Get documents one by one."""
        ...

    def changes(self) -> int:
        """Read all changes and return their number."""
        ...


class CouchMapper:
    """couchmapper: models and sessions."""

    name = "couchmapper"
    modules = "couchmapper"

    def __init__(self, url: str) -> None:
        self._database = connect(url).database(PREFIX + self.name)
        self._database.bind(Reading)

    def prepare(self) -> list[Reading]:
        return [Reading(**row) for row in rows()]

    def write(self, documents: list[Reading]) -> None:
        with self._database.begin() as session:
            session.add_all(documents)

    def read_json(self) -> int:
        return len(self._database.find({"type": "reading"}, limit=DOCUMENTS)["docs"])

    def read(self) -> int:
        with self._database.session() as session:
            return len(session.query(Reading).all())

    def get(self, ids: Sequence[str]) -> None:
        with self._database.session() as session:
            for document_id in ids:
                session.get(Reading, document_id)

    def changes(self) -> int:
        return len(self._database.changes()["results"])


class IBMCloudant:
    """ibmcloudant with its defaults, gzip of requests included."""

    name = "ibmcloudant"
    modules = "ibmcloudant"

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._service = CloudantV1(BasicAuthenticator(parts.username or "", parts.password or ""))
        self._service.set_service_url(f"{parts.scheme}://{parts.hostname}:{parts.port}")
        self._database = PREFIX + self.name

    def prepare(self) -> BulkDocs:
        return BulkDocs(docs=[CloudantDocument.from_dict(row) for row in wire_documents()])

    def write(self, documents: BulkDocs) -> None:
        self._service.post_bulk_docs(db=self._database, bulk_docs=documents).get_result()

    def read_json(self) -> int:
        return len(self._find()["docs"])

    def read(self) -> int:
        return len(FindResult.from_dict(self._find()).docs)

    def _find(self) -> Row:
        found: Row = self._service.post_find(
            db=self._database, selector={"type": "reading"}, limit=DOCUMENTS
        ).get_result()
        return found

    def get(self, ids: Sequence[str]) -> None:
        for document_id in ids:
            self._service.get_document(db=self._database, doc_id=document_id).get_result()

    def changes(self) -> int:
        return sum(1 for _ in ChangesFollower(self._service, db=self._database).start_one_off())


class Requests:
    """requests as most people use it: one session, and its own JSON."""

    name = "requests"
    modules = "requests"

    def __init__(self, url: str) -> None:
        self._url = f"{url.rstrip('/')}/{PREFIX}{self.name}"
        self._session = requests.Session()

    def prepare(self) -> list[Row]:
        return wire_documents()

    def write(self, documents: list[Row]) -> None:
        self._post("_bulk_docs", {"docs": documents})

    def read_json(self) -> int:
        return len(self._post("_find", {"selector": {"type": "reading"}, "limit": DOCUMENTS})["docs"])

    read = read_json

    def get(self, ids: Sequence[str]) -> None:
        for document_id in ids:
            answer = self._session.get(f"{self._url}/{document_id}", timeout=60)
            answer.raise_for_status()
            answer.json()

    def changes(self) -> int:
        return len(self._post("_changes", {})["results"])

    def _post(self, path: str, body: Row) -> Any:
        answer = self._session.post(f"{self._url}/{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()


class Floor:
    """urllib3 and msgspec alone: what Python can do at best with these libraries."""

    name = "floor"
    modules = "urllib3, msgspec"

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._pool = urllib3.HTTPConnectionPool(parts.hostname or "", parts.port, maxsize=1)
        self._headers = {
            **urllib3.make_headers(basic_auth=f"{parts.username}:{parts.password}"),
            "Content-Type": "application/json",
        }

    def prepare(self) -> list[Row]:
        return wire_documents()

    def write(self, documents: list[Row]) -> None:
        self._send("POST", "_bulk_docs", {"docs": documents})

    def read_json(self) -> int:
        return len(self._send("POST", "_find", {"selector": {"type": "reading"}, "limit": DOCUMENTS})["docs"])

    read = read_json

    def get(self, ids: Sequence[str]) -> None:
        for document_id in ids:
            self._send("GET", document_id)

    def changes(self) -> int:
        return len(self._send("POST", "_changes", {})["results"])

    def _send(self, method: str, path: str, body: Row | None = None) -> Any:
        answer = self._pool.urlopen(
            method,
            f"/{PREFIX}{self.name}/{path}",
            body=None if body is None else msgspec.json.encode(body),
            headers=self._headers,
        )
        return msgspec.json.decode(answer.data)


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU time of this process for some work, without garbage collection."""
    gc.collect()
    gc.disable()
    try:
        started = time.process_time()
        work()
        return time.process_time() - started
    finally:
        gc.enable()


def best_of(times: int, work: Callable[[], object]) -> float:
    """Return the least CPU time of some work that can be repeated."""
    return min(cpu_seconds(work) for _ in range(times))


def import_seconds(modules: str) -> float:
    """Return the CPU time of importing modules in a new process, above that of starting it."""

    def started(program: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603 - the program is our own
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return started(f"import {modules}") - started("pass")


def measure(contender: Contender, url: str) -> Iterator[tuple[str, float]]:
    """Do all the work once on a new database; yield each kind of it with microseconds for each item."""
    address = f"{url.rstrip('/')}/{PREFIX}{contender.name}"
    requests.delete(address, timeout=60)
    requests.put(address, timeout=60).raise_for_status()
    documents = contender.prepare()
    ids = [f"reading:{number:06}" for number in range(0, DOCUMENTS, DOCUMENTS // GETS)]
    yield "write in bulk", cpu_seconds(lambda: contender.write(documents)) * 1e6 / DOCUMENTS
    assert contender.read() == DOCUMENTS  # noqa: S101 - all do the same work, and the first read is not measured
    assert contender.changes() == DOCUMENTS  # noqa: S101
    yield "read as JSON", best_of(REPETITIONS, contender.read_json) * 1e6 / DOCUMENTS
    yield "read as objects", best_of(REPETITIONS, contender.read) * 1e6 / DOCUMENTS
    yield "get by id", best_of(REPETITIONS, lambda: contender.get(ids)) * 1e6 / len(ids)
    yield "read changes", best_of(REPETITIONS, contender.changes) * 1e6 / DOCUMENTS
    yield "import", import_seconds(contender.modules) * 1e6
    requests.delete(address, timeout=60).raise_for_status()


def table(best: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> Iterator[str]:
    """Lay out microseconds for each item, and how many times those of the others couchmapper takes."""
    others = names[1:]
    yield (
        f"{'µs an item':<18}"
        + "".join(f"{name:>14}" for name in names)
        + "".join(f"{'/ ' + name:>15}" for name in others)
    )
    for work, times in best.items():
        yield (
            f"{work:<18}"
            + "".join(f"{times[name]:>14.1f}" for name in names)
            + "".join(f"{times['couchmapper'] / times[name]:>15.2f}" for name in others)
        )


def main(url: str, rounds: int) -> None:
    """Run the rounds and print the table."""
    contenders: list[Contender] = [CouchMapper(url), IBMCloudant(url), Requests(url), Floor(url)]
    names = [contender.name for contender in contenders]
    best: dict[str, dict[str, float]] = defaultdict(dict)
    for _ in range(rounds):
        for contender in contenders:
            for work, taken in measure(contender, url):
                best[work][contender.name] = min(taken, best[work].get(contender.name, taken))
        contenders.append(contenders.pop(0))
    print("\n".join(table(best, names)))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5)
