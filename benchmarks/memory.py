"""Measure how much memory a large attachment needs on its way up and down.

    python benchmarks/memory.py http://admin:secret@127.0.0.1:5984 [MEGABYTES]

Each way runs in a process of its own. What is measured is the peak of its resident memory above what it has
after the import and one small request; CPU time is that of the process. The server keeps `image/png` as it
is and `text/plain` compressed. Files lie in a temporary directory, not in memory. This needs Linux:
`getrusage` would tell the peak of the parent, where that is higher.
"""

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from couchmapper import connect
from couchmapper.database import Database
from couchmapper.exceptions import DocumentNotFound
from couchmapper.multipart import Attachment

MEGABYTE = 1_048_576
NAME = "couchmapper-benchmark-memory"


def put(database: Database, file: Path, content_type: str) -> None:
    """Send a file as an attachment."""
    with file.open("rb") as source:
        database.attachments.put(
            "alone", "file", source, content_type=content_type, rev=current(database, "alone")
        )


def get(database: Database, file: Path, content_type: str) -> None:
    """Read an attachment into a file."""
    del content_type
    with database.attachments.get("alone", "file") as attachment, file.open("wb") as target:
        shutil.copyfileobj(attachment, target)


def put_beside(database: Database, file: Path, content_type: str) -> None:
    """Send a document and a file in one request."""
    with file.open("rb") as source:
        beside = Attachment(name="file", content_type=content_type, body=source)
        database.multipart.put({"_id": "beside"}, [beside], rev=current(database, "beside"))


def get_beside(database: Database, file: Path, content_type: str) -> None:
    """Read a document with its attachment into a file."""
    del content_type
    with database.multipart.get("beside") as document, file.open("wb") as target:
        for attachment in document:
            shutil.copyfileobj(attachment, target)


def get_leaves(database: Database, file: Path, content_type: str) -> None:
    """Read all leaves of a document with their attachments into a file."""
    del content_type
    with database.multipart.leaves("beside") as leaves, file.open("wb") as target:
        for leaf in leaves:
            for attachment in leaf:
                shutil.copyfileobj(attachment, target)


WAYS: Mapping[str, Callable[[Database, Path, str], None]] = {
    "put": put,
    "get": get,
    "multipart put": put_beside,
    "multipart get": get_beside,
    "multipart leaves": get_leaves,
}


def current(database: Database, id: str) -> str | None:
    """Return the revision of a document, None when there is none."""
    try:
        return database.documents.head(id)
    except DocumentNotFound:
        return None


def memory(name: str) -> int:
    """Return a number of bytes that Linux knows of this process: `VmRSS` is what it has, `VmHWM` the peak."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def measure(url: str, way: str, file: Path, content_type: str) -> None:
    """Go one way and print what it took; this is what the other process does."""
    with connect(url) as client:
        database = client.database(NAME)
        database.information()
        before, start = memory("VmRSS"), time.process_time()
        WAYS[way](database, file, content_type)
        more, spent = (memory("VmHWM") - before) / MEGABYTE, time.process_time() - start
    print(f"{way:18}{content_type:12}{more:8.1f} MB more{spent:8.2f} s CPU")


def run(url: str, megabytes: int) -> None:
    """Go every way with a file of random bytes, and see that the same bytes come down."""
    with connect(url) as client, tempfile.TemporaryDirectory() as directory:
        database = client.database(NAME, create=True)
        up, down = Path(directory, "up"), Path(directory, "down")
        with up.open("wb") as file:
            for _ in range(megabytes):
                file.write(os.urandom(MEGABYTE))
        try:
            for content_type in ("image/png", "text/plain"):
                for way in WAYS:
                    file_of_way = up if way.endswith("put") else down
                    arguments = (url, way, str(file_of_way), content_type)
                    subprocess.run([sys.executable, __file__, "--measure", *arguments], check=True)  # noqa: S603 - itself
                    if file_of_way is down and not filecmp.cmp(up, down, shallow=False):
                        raise SystemExit(f"{way}: what came down is not what went up")
                    down.unlink(missing_ok=True)
        finally:
            client.databases.delete(database.name)


if __name__ == "__main__":
    if sys.argv[1] == "--measure":
        measure(sys.argv[2], sys.argv[3], Path(sys.argv[4]), sys.argv[5])
    else:
        run(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200)
