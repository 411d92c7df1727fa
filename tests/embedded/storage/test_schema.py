"""A file that an earlier version wrote: it is kept, and has what later versions need."""

import sqlite3
from pathlib import Path

from couchmapper.embedded.storage import meta, schema
from couchmapper.embedded.transport import EmbeddedTransport
from couchmapper.messages import Request

OF_FORMAT_1 = """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE databases (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        uuid TEXT NOT NULL,
        created INTEGER NOT NULL,
        update_seq INTEGER NOT NULL DEFAULT 0,
        doc_count INTEGER NOT NULL DEFAULT 0,
        doc_del_count INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE bodies (
        number INTEGER PRIMARY KEY,
        database INTEGER NOT NULL REFERENCES databases (number) ON DELETE CASCADE,
        content BLOB NOT NULL
    );
    CREATE TABLE documents (
        database INTEGER NOT NULL REFERENCES databases (number) ON DELETE CASCADE,
        id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        rev TEXT NOT NULL,
        deleted INTEGER NOT NULL,
        body INTEGER NOT NULL,
        tree BLOB NOT NULL,
        PRIMARY KEY (database, id)
    ) WITHOUT ROWID;
    INSERT INTO meta VALUES ('uuid', 'abc');
    INSERT INTO databases VALUES (1, 'shop', 'u', 0, 1, 1, 0, 7);
    INSERT INTO bodies VALUES (1, 1, CAST('{"n":1}' AS BLOB));
    INSERT INTO documents VALUES (1, 'a', 1, '1-a', 0, 1, CAST('{"1-a":[null,false,1]}' AS BLOB));
    PRAGMA user_version = 1;
"""


def ask(transport: EmbeddedTransport, method: str, *path: str, body: bytes | None = None, **query: str):
    return transport.send(Request(method=method, path=path, route="", query=query, body=body)).json()


def test_a_file_of_the_first_format_gets_attachments(tmp_path: Path):
    path = str(tmp_path / "store.db")
    older = sqlite3.connect(path)
    older.executescript(OF_FORMAT_1)
    older.close()

    for time in range(2):
        transport = EmbeddedTransport(path)
        document = ask(transport, "GET", "shop", "a")
        assert (document["n"], "_attachments" in document) == (1, time == 1)
        ask(transport, "PUT", "shop", "a", "x", body=b"x", rev=document["_rev"])
        assert list(ask(transport, "GET", "shop", "a")["_attachments"]) == ["x"]
        transport.close()


def test_databases_of_a_file_of_an_older_format_are_not_partitioned(tmp_path: Path):
    path = str(tmp_path / "store.db")
    older = sqlite3.connect(path)
    older.executescript(OF_FORMAT_1)
    older.close()

    transport = EmbeddedTransport(path)
    ask(transport, "PUT", "house", partitioned="true")

    assert ask(transport, "GET", "shop")["props"] == {}
    assert ask(transport, "GET", "house")["props"] == {"partitioned": True}
    assert ask(transport, "PUT", "shop", "b", body=b"{}")["ok"]
    transport.close()


def test_every_older_format_has_an_upgrade():
    assert list(schema.UPGRADES) == list(range(1, meta.FORMAT))
