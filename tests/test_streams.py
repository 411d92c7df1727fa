import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.exceptions import InvalidBody
from couchmapper.streams import BLOCK_SIZE, Readable, Source, Upload, blocks

BYTES = st.binary(max_size=200)


class Pipe:
    """Something to read that cannot seek."""

    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)

    def read(self, size: int = -1, /) -> bytes:
        return self._file.read(size)


class Jammed(io.BytesIO):
    """A file that says that it can seek, and cannot."""

    def tell(self) -> int:
        raise OSError("this is a pipe")


REPEATABLE: dict[str, Callable[[bytes], Source]] = {
    "bytes": lambda content: content,
    "bytes in memory": io.BytesIO,
    "a buffered file": lambda content: io.BufferedReader(io.BytesIO(content)),
}
ONCE: dict[str, Callable[[bytes], Source]] = {
    "a pipe": Pipe,
    "a file that cannot seek": Jammed,
    "an iterator": lambda content: iter([content[:3], b"", content[3:]]),
    "a generator": lambda content: (content[place : place + 1] for place in range(len(content))),
    "a list": lambda content: [content],
    "other kinds of bytes": lambda content: [bytearray(content[:3]), memoryview(content)[3:]],
}
SOURCES = {**REPEATABLE, **ONCE}


@pytest.mark.parametrize("kind", SOURCES)
@given(content=BYTES)
def test_an_upload_gives_the_bytes_of_its_source(kind, content):
    sent = list(Upload(SOURCES[kind](content)))

    assert b"".join(sent) == content
    assert {type(block) for block in sent} <= {bytes}


@pytest.mark.parametrize("kind", SOURCES)
def test_an_upload_can_be_made_ready_as_long_as_nothing_was_read(kind):
    upload = Upload(SOURCES[kind](b"content"))

    assert [upload.rewind(), upload.rewind()] == [True, True]
    assert b"".join(upload) == b"content"


@pytest.mark.parametrize("kind", REPEATABLE)
def test_what_can_seek_is_sent_again(kind):
    upload = Upload(REPEATABLE[kind](b"content"))

    assert [b"".join(upload) for _ in range(3)] == [b"content"] * 3
    assert upload.rewind()


@pytest.mark.parametrize("kind", ONCE)
def test_what_cannot_seek_is_sent_once(kind):
    upload = Upload(ONCE[kind](b"content"))
    list(upload)

    assert not upload.rewind()
    with pytest.raises(InvalidBody, match="was read already"):
        list(upload)


def test_what_was_begun_counts_as_read():
    upload = Upload(iter([b"a", b"b"]))
    next(iter(upload))

    assert not upload.rewind()


def test_to_make_an_iterator_reads_nothing():
    upload = Upload(iter([b"a"]))
    iter(upload)

    assert upload.rewind()


@pytest.mark.parametrize("kind", ["bytes in memory", "a buffered file"])
def test_a_file_is_sent_from_where_it_stands(kind):
    source = REPEATABLE[kind](b"skipped content")
    source.seek(8)
    upload = Upload(source)

    assert upload.length == 7
    assert [b"".join(upload), b"".join(upload)] == [b"content"] * 2


def test_a_file_on_disk_is_read_in_blocks_and_left_open(tmp_path):
    (tmp_path / "f").write_bytes(b"x" * 100_000)

    with (tmp_path / "f").open("rb") as source:
        upload = Upload(source)

        assert [len(block) for block in upload] == [BLOCK_SIZE, 100_000 - BLOCK_SIZE]
        assert upload.length == 100_000
        assert not source.closed


@pytest.mark.parametrize("kind", REPEATABLE)
@given(content=BYTES)
def test_the_length_of_what_can_seek_is_known(kind, content):
    assert Upload(REPEATABLE[kind](content)).length == len(content)


@pytest.mark.parametrize("kind", ONCE)
def test_the_length_of_anything_else_is_what_is_said(kind):
    assert Upload(ONCE[kind](b"content")).length is None
    assert Upload(ONCE[kind](b"content"), length=7).length == 7


@pytest.mark.parametrize("length", [0, 6, 8, 100])
@pytest.mark.parametrize("kind", SOURCES)
def test_a_body_that_is_not_as_long_as_it_was_said_is_refused_before_its_end(kind, length):
    upload = Upload(SOURCES[kind](b"content"), length=length)
    sent = []

    with pytest.raises(InvalidBody, match=f"said to have {length} bytes"):
        sent.extend(upload)

    assert sum(map(len, sent)) <= length


@pytest.mark.parametrize("source", ["text", 5, None, object()])
def test_what_is_no_source_of_bytes_is_refused_at_once(source):
    with pytest.raises(
        InvalidBody, match="a body is bytes, a file opened as binary, or chunks of bytes, not"
    ):
        Upload(source)


@pytest.mark.parametrize("source", [["text"], [5], [[1]], [None], {"a": 1}])
def test_chunks_that_are_no_bytes_are_refused_when_they_come(source):
    with pytest.raises(InvalidBody, match="a body holds bytes, this one gave"):
        list(Upload(source))


def test_a_text_file_is_refused_with_advice():
    with pytest.raises(InvalidBody, match="gave str; open the file with mode 'rb'"):
        list(Upload(io.StringIO("text")))


def test_a_closed_file_is_an_error_at_once():
    closed = io.BytesIO(b"content")
    closed.close()

    with pytest.raises(ValueError, match="closed"):
        Upload(closed)


def test_the_representation_shows_no_content():
    assert repr(Upload(b"content")) == "Upload(bytes, length=7)"
    assert repr(Upload(iter([b"content"]))) == "Upload(list_iterator, length=None)"


@pytest.mark.parametrize("kind", ["bytes", "bytes in memory", "a buffered file", "a pipe"])
@given(content=BYTES, size=st.integers(1, 50))
def test_blocks_are_of_the_size_that_is_asked_for(kind, content, size):
    cut = list(blocks(SOURCES[kind](content), size))

    assert b"".join(cut) == content
    assert all(len(block) == size for block in cut[:-1])
    assert all(0 < len(block) <= size for block in cut)


def test_blocks_of_a_large_body_are_not_too_large():
    assert max(map(len, Upload(b"x" * 1_000_000))) == BLOCK_SIZE


def test_chunks_stay_as_they_are():
    assert list(blocks([b"a" * 100, b"b"], 10)) == [b"a" * 100, b"b"]


def test_what_can_be_read_is_readable():
    assert isinstance(io.BytesIO(), Readable)
    assert not isinstance(b"", Readable)
