"""The content of an attachment: read once, and read again when it is sent."""

import base64
import contextlib
import copy
import gzip
import hashlib
import io
import os
import pickle
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.exceptions import AttachmentError
from couchmapper.mapping.contents import content_of
from couchmapper.streams import Upload

LARGER_THAN_MEMORY = 1_500_000


def read(content) -> bytes:
    with content.open() as stream:
        return stream.read()


def sources(data: bytes, path):
    path.write_bytes(data)
    return {
        "bytes": data,
        "bytearray": bytearray(data),
        "memoryview": memoryview(data),
        "path": path,
        "stream": io.BytesIO(data),
        "chunks": iter([data[:1], data[1:]]),
    }


@pytest.mark.parametrize("kind", ["bytes", "bytearray", "memoryview", "path", "stream", "chunks"])
def test_every_kind_of_source_gives_the_same_content(kind, tmp_path):
    content = content_of("a.png", sources(b"abc", tmp_path / "a")[kind])

    assert [read(content), read(content)] == [b"abc", b"abc"]
    assert (content.length, content.md5) == (3, hashlib.md5(b"abc", usedforsecurity=False).digest())


def test_a_stream_is_read_from_where_it_stands_and_left_open():
    stream = io.BytesIO(b"abcdef")
    stream.seek(2)

    assert read(content_of("a", stream)) == b"cdef"
    assert not stream.closed


def test_a_large_stream_can_be_read_by_many_at_a_time():
    data = os.urandom(LARGER_THAN_MEMORY)
    content = content_of("a", iter([data[:700_000], data[700_000:]]))

    with content.open() as one, content.open() as other:
        assert (
            one.read(1_000_000) + other.read(10) + one.read()
            == data[:1_000_000] + data[:10] + data[1_000_000:]
        )


def test_a_stream_that_was_read_can_be_read_from_any_place():
    with content_of("a", io.BytesIO(b"abcdef")).open() as stream:
        stream.seek(-2, os.SEEK_END)
        assert stream.read() == b"ef"
        stream.seek(1)
        stream.seek(1, os.SEEK_CUR)
        assert (stream.tell(), stream.read(1)) == (2, b"c")


@pytest.mark.parametrize("kind", ["bytes", "path", "stream"])
def test_a_content_is_shared_by_copies_and_travels_between_processes(kind, tmp_path):
    content = content_of("a.txt", sources(b"abc", tmp_path / "a")[kind])
    assert content.digest is not None

    assert copy.deepcopy(content) is content
    travelled = pickle.loads(pickle.dumps(content))  # noqa: S301 - our own bytes
    assert (read(travelled), travelled.digest) == (b"abc", content.digest)


def test_a_file_is_found_from_any_directory(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"abc")

    with contextlib.chdir(tmp_path):
        content = content_of("a.txt", Path("a.txt"))

    assert read(content) == b"abc"


def test_a_file_that_was_changed_or_has_gone_is_not_sent(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"abc")
    content = content_of("a.bin", path)

    path.write_bytes(b"abcd")
    with pytest.raises(AttachmentError, match=r"'a\.bin' cannot be read: .*was changed since it was added"):
        content.open()
    path.unlink()
    with pytest.raises(AttachmentError, match="No such file"):
        content.open()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("text", "text.encode"),
        (io.StringIO("text"), "mode 'rb'"),
        (["text"], "mode 'rb'"),
        (7, "not int"),
    ],
)
def test_what_holds_no_bytes_is_refused(source, message):
    with pytest.raises(AttachmentError, match=message):
        content_of("a", source)


def test_a_file_that_is_none_is_refused(tmp_path):
    with pytest.raises(AttachmentError, match="no file that can be read twice"):
        content_of("a", tmp_path)
    with pytest.raises(AttachmentError, match=r"missing: No such file"):
        content_of("a", tmp_path / "missing")


@pytest.mark.parametrize("name", ["", "_a", ".", "..", "\ud800", None])
def test_a_name_that_cannot_be_is_refused(name):
    with pytest.raises(AttachmentError, match="attachment name"):
        content_of(name, b"")


@pytest.mark.parametrize("content_type", ["", "a\r\nb", 7])
def test_a_type_that_cannot_be_is_refused(content_type):
    with pytest.raises(AttachmentError, match="no content type"):
        content_of("a", b"", content_type)


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.pdf", "application/pdf"),
        ("deep/in.a/b.TXT", "text/plain"),
        ("a.tar.gz", "application/gzip"),
        ("a.txt.bz2", "application/x-bzip2"),
        ("a.txt.Z", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_the_type_is_guessed_from_the_name(name, content_type):
    assert content_of(name, b"").content_type == content_type


def test_a_type_that_is_given_is_taken():
    assert content_of("a.pdf", b"", "text/x-mine; charset=utf-8").content_type == "text/x-mine; charset=utf-8"


# The digests are what a CouchDB 3.5 said of b"hello" under these types.
@pytest.mark.parametrize(
    ("content_type", "digest"),
    [
        ("image/png", "md5-XUFAKrxLKna5cZ2REBfFkg=="),
        ("text", "md5-XUFAKrxLKna5cZ2REBfFkg=="),
        ("application/jsonx", "md5-XUFAKrxLKna5cZ2REBfFkg=="),
        ("text/plain", "md5-iMaiC8wqiFlD2NjLTemvCQ=="),
        ("TEXT/plain; charset=utf-8", "md5-iMaiC8wqiFlD2NjLTemvCQ=="),
        ("application/json;charset=utf-8", "md5-iMaiC8wqiFlD2NjLTemvCQ=="),
    ],
)
def test_the_digest_is_that_of_what_couchdb_keeps(content_type, digest):
    assert content_of("a", b"hello", content_type).digest == digest


def test_what_is_large_is_not_compressed_to_learn_its_digest():
    content = content_of("a.txt", iter([bytes(1_000_000)] * 9))

    assert content.digest is None
    assert content.stub["plain_digest"] == "md5-" + base64.b64encode(content.md5).decode()


@given(st.lists(st.binary(max_size=100_000), max_size=3))
def test_compressing_in_blocks_makes_no_other_bytes(chunks):
    data = b"".join(chunks)
    member = zlib.compressobj(8, zlib.DEFLATED, 31)
    packed = member.compress(data) + member.flush()
    digest = hashlib.md5(packed, usedforsecurity=False).digest()

    assert gzip.decompress(packed) == data
    assert content_of("a.txt", iter(chunks)).digest == "md5-" + base64.b64encode(digest).decode()


def test_the_same_bytes_are_known_by_either_digest():
    content = content_of("a.txt", b"hello")
    stub = {"content_type": "text/plain", "length": 5, "stub": True}

    assert content.is_stored_as({**stub, "digest": "md5-iMaiC8wqiFlD2NjLTemvCQ=="})
    assert content.is_stored_as({**stub, "digest": "md5-XUFAKrxLKna5cZ2REBfFkg=="})
    assert not content.is_stored_as({**stub, "digest": "md5-XUFAKrxLKna5cZ2REBfFkq=="})
    assert not content.is_stored_as({**stub, "digest": content.digest, "length": 6})
    assert not content.is_stored_as({**stub, "digest": content.digest, "content_type": "text/html"})
    assert not content.is_stored_as(stub)


def test_what_is_sent_inside_is_base64():
    assert content_of("a.txt", b"hello").inline == {"content_type": "text/plain", "data": "aGVsbG8="}


def test_what_is_sent_beside_can_be_sent_twice(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"hello")
    beside = content_of("a.txt", tmp_path / "a.txt").beside

    assert beside.stub == {"content_type": "text/plain", "length": 5, "follows": True}
    assert isinstance(beside.body, Upload)
    assert [b"".join(beside.body), beside.body.rewind(), b"".join(beside.body)] == [b"hello", True, b"hello"]
