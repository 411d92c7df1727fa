"""Back a database up into a file, and restore it: every revision that counts, in constant memory.

    python examples/backup.py save http://admin:secret@127.0.0.1:5984 shop shop.jsonl
    python examples/backup.py load sqlite:///shop.db shop shop.jsonl

The file has a line of JSON for each leaf of each document: winners, conflicts and tombstones, with the
history of their revisions and the data of their attachments. What is restored has the same revisions, so a
restored database replicates with the first one as if it were the same. Restoring twice changes nothing.
"""

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from couchmapper import Database, connect
from couchmapper.jsonio import dumps, loads
from couchmapper.typing import JSONObject

BATCH = 500


def leaves(database: Database) -> Iterator[JSONObject]:
    """Yield every leaf of every document; the feed is read as it arrives, the documents in batches."""
    with database.changes.feed.rows(style="all_docs") as changes:
        while batch := list(islice(changes, BATCH)):
            wanted = [
                {"id": change["id"], "rev": leaf["rev"]} for change in batch for leaf in change["changes"]
            ]
            for result in database.bulk.get(wanted, revs=True, attachments=True):
                yield from (found["ok"] for found in result["docs"] if "ok" in found)


def save(database: Database, file: Path) -> int:
    """Write all leaves into a file and return their number."""
    count = 0
    with file.open("wb") as lines:
        for leaf in leaves(database):
            lines.write(dumps(leaf) + b"\n")
            count += 1
    return count


def load(database: Database, file: Path) -> int:
    """Store all leaves of a file and return their number; raises `BulkFailed` when one is refused."""
    count = 0
    with file.open("rb") as lines:
        while batch := [loads(line) for line in islice(lines, BATCH)]:
            database.bulk.docs(batch, new_edits=False)
            count += len(batch)
    return count


def main(action: str, url: str, name: str, file: str) -> None:
    """Do what the command line asks for."""
    with connect(url) as client:
        database = client.database(name, create=action == "load")
        count = load(database, Path(file)) if action == "load" else save(database, Path(file))
    print(f"{action}: {count} leaves")


if __name__ == "__main__":
    if len(sys.argv) != 5 or sys.argv[1] not in {"save", "load"}:  # noqa: PLR2004
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
