"""Attachments one at a time; CouchDB keeps text, JSON and XML compressed, and other types as they are."""

import base64
import gzip
import hashlib
import io
import re
from functools import partial
from pathlib import Path

import pytest

from couchmapper.client.inline_attachments import inline, inline_content
from couchmapper.exceptions import (
    BadRequest,
    DocumentConflict,
    DocumentNotFound,
    IllegalDocumentId,
    InvalidAnswer,
    NotFound,
    PreconditionFailed,
    RangeNotSatisfiable,
)
from couchmapper.streams import Upload

PAGE = Path(__file__).parents[2] / "docs" / "attachments.md"
PLAIN, COMPRESSED = "image/png", "text/plain"
BYTES = bytes(range(256)) * 4
NAMES = [
    "a b",
    "a/b/c",
    "/",
    "a//b",
    "ä 👋",
    "%2F%41",
    "a?b#c",
    "a+b&c=d",
    'q"q',
    "...",
    "a\\b",
    "a\nb",
    "~",
    "-",
]


def digest(content: bytes) -> str:
    return "md5-" + base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def put(database, name="a", content=BYTES, content_type=PLAIN, id="d", **options):
    return database.attachments.put(id, name, content, content_type=content_type, **options)["rev"]


def read(database, name="a", id="d", **options):
    with database.attachments.get(id, name, **options) as attachment:
        return attachment.read()


@pytest.mark.parametrize("content_type", [PLAIN, COMPRESSED, "application/json", "application/octet-stream"])
@pytest.mark.parametrize("content", [BYTES, b"", b'{"a": [1, 2.0]}\r\n', b"\x1f\x8b\x00"], ids=len)
def test_an_attachment_comes_back_byte_for_byte(database, content, content_type):
    put(database, content=content, content_type=content_type)

    with database.attachments.get("d", "a") as attachment:
        assert attachment.read() == content
        assert attachment.read() == b""
    assert (attachment.name, attachment.content_type) == ("a", content_type)


@pytest.mark.parametrize(
    "content",
    [
        lambda: io.BytesIO(BYTES),
        lambda: iter([BYTES[:1], BYTES[1:]]),
        lambda: Upload(iter([BYTES]), length=len(BYTES)),
    ],
)
def test_content_is_sent_as_it_is_read(database, content):
    put(database, content=content())

    assert read(database) == BYTES


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_any_text(database, name):
    rev = put(database, name)

    assert read(database, name) == BYTES
    assert list(database.documents.get("d")["_attachments"]) == [name]
    assert database.attachments.delete("d", name, rev=rev)["ok"]
    with pytest.raises(NotFound):
        database.attachments.get("d", name)


@pytest.mark.parametrize("name", ["", ".", "..", "_a", None])
def test_a_name_that_no_attachment_has_is_refused(database, name):
    with pytest.raises(BadRequest):
        put(database, name)


@pytest.mark.parametrize("id", ["", "..", "_a", "_local/a"])
def test_only_documents_that_can_have_attachments_are_asked(database, id):
    with pytest.raises(IllegalDocumentId):
        put(database, id=id)


def test_a_design_document_has_attachments(database):
    put(database, "a/b", id="_design/d")

    assert read(database, "a/b", id="_design/d") == BYTES
    assert database.attachments.head("_design/d", "a/b").length == len(BYTES)


def test_the_facts_can_be_asked_for_without_the_bytes(database):
    put(database)

    facts = database.attachments.head("d", "a")

    assert (facts.name, facts.content_type, facts.encoding) == ("a", PLAIN, None)
    assert (facts.length, facts.digest) == (len(BYTES), digest(BYTES))


def test_the_facts_of_what_is_kept_compressed_are_those_of_its_content(database):
    put(database, content=b"a" * 10_000, content_type=COMPRESSED)

    facts = database.attachments.head("d", "a")
    stub = database.documents.get("d", att_encoding_info=True)["_attachments"]["a"]

    assert (facts.length, facts.encoding, facts.digest) == (10_000, "gzip", stub["digest"])
    assert (stub["length"], stub["encoding"]) == (10_000, "gzip")
    assert read(database) == b"a" * 10_000


def test_the_bytes_on_the_wire_can_be_had(database):
    put(database, content=b"text", content_type=COMPRESSED)

    with database.attachments.get.stream("d", "a") as stream:
        assert gzip.decompress(stream.read()) == b"text"


@pytest.mark.parametrize("content_type", [PLAIN, COMPRESSED])
@pytest.mark.parametrize("positions", [(0, 0), (3, 9), (1000, None), (1023, 9999), (-1, None), (-1023, None)])
def test_a_range_of_the_bytes_can_be_read(database, content_type, positions):
    put(database, content_type=content_type)
    first, last = positions

    found = read(database, range=positions)

    assert found == BYTES[first : None if last is None else last + 1]


@pytest.mark.parametrize("content_type", [PLAIN, COMPRESSED])
def test_a_range_behind_the_end_is_refused(database, content_type):
    put(database, content_type=content_type)

    with pytest.raises(RangeNotSatisfiable) as caught:
        read(database, range=(1024, None))

    assert caught.value.status == 416


def test_the_last_bytes_never_lack_one(database):
    put(database)
    put(database, content_type=COMPRESSED, id="c")

    with pytest.raises(InvalidAnswer, match="bytes 1-1023/1024"):
        read(database, range=(-1024, None))
    assert read(database, id="c", range=(-1025, None)) == BYTES


@pytest.mark.parametrize("positions", [(3, 2), (-3, 2), (0,), ("0", "9"), "bytes=0-9", (-1, 4)], ids=repr)
def test_what_is_no_range_is_not_sent(database, positions):
    with pytest.raises(BadRequest, match="range"):
        read(database, range=positions)


@pytest.mark.parametrize("content_type", [PLAIN, COMPRESSED])
def test_what_has_not_changed_is_not_sent_again(database, content_type):
    put(database, content_type=content_type)
    with database.attachments.get("d", "a") as first:
        first.read()

    again = database.attachments.get("d", "a", if_none_match=first.digest)

    assert (again.not_modified, again.read(), again.digest) == (True, b"", first.digest)
    assert database.attachments.head("d", "a", if_none_match=first.digest).not_modified
    assert not database.attachments.get("d", "a", if_none_match=digest(b"else")).not_modified


def test_an_attachment_of_an_older_revision_can_be_read(database):
    first = put(database)
    put(database, content=b"new", rev=first)

    assert read(database, rev=first) == BYTES
    assert read(database) == b"new"


def test_a_document_is_changed_under_its_current_revision(database):
    first = put(database)

    second = put(database, "b", if_match=first)

    assert second.startswith("2-")
    with pytest.raises(DocumentConflict):
        put(database, "c")
    with pytest.raises(DocumentConflict):
        put(database, "c", rev=first)
    with pytest.raises(DocumentConflict):
        database.attachments.delete("d", "a", rev=first)


def test_a_refused_stream_says_why(database):
    put(database)

    with pytest.raises(DocumentConflict):
        put(database, content=iter([BYTES] * 8))


def test_an_attachment_keeps_when_its_document_changes(database):
    put(database)
    document = database.documents.get("d")

    database.documents.put({**document, "n": 1})

    assert read(database) == BYTES


def test_a_deleted_attachment_is_gone(database):
    rev = put(database)

    deleted = database.attachments.delete("d", "a", if_match=rev)

    assert deleted["rev"].startswith("2-")
    assert "_attachments" not in database.documents.get("d")
    with pytest.raises(NotFound, match="missing attachment"):
        read(database)


def test_what_is_not_there_is_missing(database):
    with pytest.raises(DocumentNotFound):
        read(database)
    with pytest.raises(DocumentNotFound):
        database.attachments.head("d", "a")


def test_an_attachment_can_stand_inside_its_document(database):
    database.documents.put({"_id": "d", "_attachments": {"a": inline(BYTES, PLAIN), "b": inline(b"", PLAIN)}})

    document = database.documents.get("d", attachments=True)

    assert read(database) == BYTES
    assert [inline_content(document["_attachments"][name]) for name in "ab"] == [BYTES, b""]


def test_a_stub_of_what_is_not_there_is_refused(database):
    with pytest.raises(PreconditionFailed) as caught:
        database.documents.put({"_id": "d", "_attachments": {"a": {"stub": True}}})

    assert caught.value.error == "missing_stub"


def test_one_store_can_be_read_into_another(database):
    put(database, content=b"text" * 100, content_type=COMPRESSED)

    with database.attachments.get("d", "a") as found:
        put(database, content=found, content_type=found.content_type, id="copy")

    assert read(database, id="copy") == b"text" * 100


def test_the_code_of_the_page_runs(database, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + BYTES)
    _, *blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    code = "".join(blocks).replace("shop.multipart.put(", "put_between(")

    exec(code, {"shop": database, "put_between": partial(database.multipart.put, boundary="between")})  # noqa: S102 - our own

    assert Path("copy.png").read_bytes() == Path("photo.png").read_bytes()
    assert "not there: POST" in capsys.readouterr().out
