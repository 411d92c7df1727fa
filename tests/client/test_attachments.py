"""What is asked about attachments, and what becomes of answers that are cut off, wrong or compressed."""

import base64
import gzip
import hashlib
import io
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.client import Client
from couchmapper.exceptions import (
    BadRequest,
    ConnectionFailed,
    DigestMismatch,
    IllegalDocumentId,
    InvalidAnswer,
    InvalidBody,
    RangeNotSatisfiable,
)
from couchmapper.messages import Response
from couchmapper.streams import Upload
from couchmapper.transport.mock import MockTransport, json_response

BYTES = b"some bytes\x00\xff" * 100


class Arriving:
    """A body that arrives a few bytes at a time, and breaks where it is told to."""

    def __init__(self, content, *, step=7, breaks_at=None):
        self.closed = False
        self._content = io.BytesIO(content)
        self._step = step
        self._breaks_at = breaks_at

    def read(self, size=-1, /):
        if self._breaks_at is not None and self._content.tell() >= self._breaks_at:
            raise ConnectionFailed("the connection broke")
        return self._content.read(self._step if size < 0 else min(size, self._step))

    def close(self):
        self.closed = True


def md5(content):
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def answer(content=BYTES, *, packed=False, status=200, stream=None, **headers):
    wire = gzip.compress(content, mtime=0) if packed else content
    headers = {name.replace("_", "-"): text for name, text in headers.items()}
    usual = {
        "accept-ranges": "none" if packed else "bytes",
        "content-length": str(len(wire)),
        "content-type": "image/png",
        "etag": f'"{md5(wire)}"',
        **({"content-encoding": "gzip"} if packed else {}),
    }
    return Response(status=status, headers={**usual, **headers}, stream=stream or Arriving(wire))


def attachments(response=None):
    transport = MockTransport(lambda _: response or json_response({"ok": True}))
    return transport, Client(transport).database("shop").attachments


def get(response, **options):
    return attachments(response)[1].get("d", "a", **options)


@given(name=st.text(min_size=1).filter(lambda text: text not in {".", ".."} and text[0] != "_"))
def test_any_unicode_name_is_one_segment(name):
    transport, chapter = attachments()

    chapter.delete("d", name, rev="1-a")

    assert transport.requests[0].path == ("shop", "d", name)


@pytest.mark.parametrize("name", ["", ".", "..", "_a", "\ud800", None, 7], ids=repr)
@pytest.mark.parametrize(
    "operation",
    [
        lambda chapter, name: chapter.put("d", name, b"", content_type="a/b"),
        lambda chapter, name: chapter.get("d", name),
        lambda chapter, name: chapter.head("d", name),
        lambda chapter, name: chapter.delete("d", name),
    ],
)
def test_a_refused_name_sends_nothing(operation, name):
    transport, chapter = attachments()

    with pytest.raises(BadRequest):
        operation(chapter, name)

    assert transport.requests == []


@pytest.mark.parametrize("id", ["", ".", "_a", "_design/", "_design/..", "_local/a", None])
def test_a_refused_id_sends_nothing(id):
    transport, chapter = attachments()

    with pytest.raises(IllegalDocumentId):
        chapter.put(id, "a", b"", content_type="a/b")

    assert transport.requests == []


def test_a_design_document_is_two_segments():
    transport, chapter = attachments()

    chapter.put("_design/a/b", "c/d", b"", content_type="a/b")

    assert transport.requests[0].path == ("shop", "_design", "a/b", "c/d")
    assert transport.requests[0].route == "/{db}/_design/{ddoc}/{attachment_name}"


@pytest.mark.parametrize(
    ("content", "length"),
    [(b"abc", 3), (io.BytesIO(b"abc"), 3), (iter([b"abc"]), None), (Upload(iter([b"abc"]), length=3), 3)],
)
def test_content_is_an_upload_of_its_length(content, length):
    transport, chapter = attachments()

    chapter.put("d", "a", content, content_type="text/plain", rev="1-a")
    (request,) = transport.requests

    assert (request.body.length, b"".join(request.body)) == (length, b"abc")
    assert request.headers == {"Content-Type": "text/plain"}
    assert request.query == {"rev": "1-a"}
    assert request.repeatable


def test_json_content_is_not_compressed_as_bodies_of_json_are():
    transport, chapter = attachments()

    chapter.put("d", "a", b" " * 100_000, content_type="application/json")

    assert isinstance(transport.requests[0].body, Upload)


def test_content_of_another_length_than_was_said_is_an_error():
    request = attachments()[1].put.request("d", "a", iter([b"abc"]), content_type="a/b", length=4)

    with pytest.raises(InvalidBody, match="4 bytes"):
        list(request.body)


def test_what_is_asked_for_are_the_bytes_on_the_wire():
    request = attachments()[1].get.request("d", "a")

    assert (request.stream, request.decoded) == (True, False)
    assert request.headers == {"Accept": "*/*", "Accept-Encoding": "gzip"}


@pytest.mark.parametrize(
    ("positions", "header"),
    [((0, 0), "bytes=0-0"), ((5, None), "bytes=5-"), ((-5, None), "bytes=-5")],
)
def test_a_range_is_asked_of_the_bytes_as_they_were_stored(positions, header):
    request = attachments()[1].get.request("d", "a", range=positions)

    assert (request.headers["Range"], request.headers["Accept-Encoding"]) == (header, "identity")


def test_a_digest_is_the_tag_of_a_condition():
    request = attachments()[1].get.request("d", "a", if_none_match="md5-AAAA==", if_match="1-a")

    assert (request.headers["If-None-Match"], request.headers["If-Match"]) == ('"AAAA=="', '"1-a"')


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("size", [1, 3, 1000, 100_000])
def test_reading_gives_at_most_as_much_as_is_asked_for(packed, size):
    attachment = get(answer(packed=packed))

    blocks = list(iter(lambda: attachment.read(size), b""))

    assert b"".join(blocks) == BYTES
    assert max(map(len, blocks)) <= size


def test_a_block_that_was_compressed_well_is_given_in_parts():
    content = bytes(10_000_000)
    attachment = get(
        answer(stream=Arriving(gzip.compress(content, mtime=0), step=10**6), content=content, packed=True)
    )

    assert len(attachment.read(65_536)) <= 65_536
    assert sum(map(len, attachment)) + 65_536 >= 10_000_000


def test_a_file_of_gzip_with_several_members_is_one_content():
    wire = gzip.compress(b"one ", mtime=0) + gzip.compress(b"two", mtime=0)
    attachment = get(answer(packed=True, stream=Arriving(wire), etag=f'"{md5(wire)}"'))

    assert attachment.read() == b"one two"


@pytest.mark.parametrize("packed", [False, True])
def test_other_bytes_than_were_stored_are_an_error_at_the_end(packed):
    attachment = get(answer(packed=packed, etag=f'"{md5(b"else")}"'))

    blocks = []
    with pytest.raises(DigestMismatch, match="GET /shop/d/a"):
        blocks.extend(attachment)
    with pytest.raises(DigestMismatch):
        attachment.read()
    assert b"".join(blocks) == BYTES


@pytest.mark.parametrize("cut", [0, 1, 10, 20, -9, -1])
@pytest.mark.parametrize("packed", [False, True])
def test_an_attachment_that_is_cut_off_never_looks_whole(packed, cut):
    wire = gzip.compress(BYTES, mtime=0) if packed else BYTES
    attachment = get(answer(packed=packed, stream=Arriving(wire[:cut])))

    with pytest.raises(InvalidAnswer):
        attachment.read()


@pytest.mark.parametrize("cut", [0, 10, 20, -1])
def test_compression_that_is_cut_off_is_an_error_without_a_digest(cut):
    attachment = get(answer(packed=True, stream=Arriving(gzip.compress(BYTES, mtime=0)[:cut]), etag='"1-a"'))

    with pytest.raises(InvalidAnswer):
        attachment.read()


def test_compression_that_is_broken_is_an_error():
    attachment = get(answer(packed=True, stream=Arriving(b"no gzip"), etag='"1-a"'))

    with pytest.raises(InvalidAnswer, match="compressed bytes are broken") as caught:
        attachment.read()
    assert isinstance(caught.value.__cause__, zlib.error)


def test_a_connection_that_breaks_is_an_error_of_reading():
    attachment = get(answer(stream=Arriving(BYTES, breaks_at=50)))

    with pytest.raises(ConnectionFailed):
        attachment.read()


def test_an_encoding_that_nobody_asked_for_is_refused():
    with pytest.raises(InvalidAnswer, match="'br'"):
        get(answer(content_encoding="br"))


@pytest.mark.parametrize(
    "headers",
    [
        {"etag": '"1-a"'},  # of attachments from long ago
        {"etag": f'W/"{md5(b"else")}"'},  # a proxy has changed the encoding
        {"etag": f'"{md5(b"else")}"', "accept_ranges": "none"},  # kept compressed, sent as it is
    ],
)
def test_what_the_digest_is_not_of_is_not_compared(headers):
    assert get(answer(**headers)).read() == BYTES


@pytest.mark.parametrize("packed", [False, True])
def test_leaving_the_block_gives_the_connection_up(packed):
    stream = Arriving(gzip.compress(BYTES, mtime=0) if packed else BYTES)

    with get(answer(packed=packed, stream=stream)) as attachment:
        attachment.read(5)
        assert not stream.closed

    assert stream.closed


def test_the_facts_come_before_the_bytes():
    attachment = get(answer())

    assert (attachment.name, attachment.content_type, attachment.length) == ("a", "image/png", len(BYTES))
    assert attachment.digest == f"md5-{md5(BYTES)}"
    assert attachment.readable()
    assert repr(attachment) == "AttachmentStream('a', 'image/png')"


def test_what_has_not_changed_is_empty():
    attachment = get(Response(status=304, headers={"etag": f'"{md5(BYTES)}"'}))

    assert (attachment.not_modified, attachment.read()) == (True, b"")
    attachment.close()


@pytest.mark.parametrize(
    ("positions", "found"),
    [((0, 3), b"some"), ((5, 9), b"bytes"), ((1195, 9999), BYTES[1195:]), ((-3, None), BYTES[-3:])],
)
def test_a_range_is_cut_from_the_whole_where_the_server_sends_that(positions, found):
    stream = Arriving(BYTES)

    attachment = get(answer(stream=stream, accept_ranges="none"), range=positions)

    assert (attachment.read(), attachment.read()) == (found, b"")
    assert attachment.length is None


def test_nothing_is_read_behind_a_range():
    stream = Arriving(BYTES)

    assert get(answer(stream=stream, accept_ranges="none"), range=(0, 3)).read() == b"some"
    assert stream.closed


@pytest.mark.parametrize("start", [len(BYTES), len(BYTES) + 1])
def test_a_range_behind_the_whole_is_an_error(start):
    with pytest.raises(RangeNotSatisfiable):
        get(answer(accept_ranges="none"), range=(start, None)).read()


def test_the_last_bytes_of_an_unknown_length_cannot_be_told():
    with pytest.raises(RangeNotSatisfiable):
        get(answer(accept_ranges="none", content_length=""), range=(-3, None))


def test_a_part_is_compared_with_its_length_and_not_with_the_digest_of_the_whole():
    headers = {"content_range": "bytes 2-4/99", "etag": f'"{md5(b"else")}"'}

    assert get(answer(b"abc", status=206, **headers), range=(2, 4)).read() == b"abc"
    with pytest.raises(InvalidAnswer):
        get(answer(b"abc", status=206, content_length="4", **headers), range=(2, 4)).read()


@pytest.mark.parametrize(
    ("asked", "told"),
    [((2, 4), "bytes 3-4/99"), ((2, 4), ""), ((-99, None), "bytes 1-98/99"), ((-100, None), "bytes 1-98/99")],
)
def test_another_range_than_was_asked_for_is_refused(asked, told):
    with pytest.raises(InvalidAnswer, match="of the range"):
        get(answer(b"abc", status=206, content_range=told), range=asked)


class Zeros:
    """Zeros, as many as are wanted, made while they are read."""

    def __init__(self, count):
        self._left = count

    def read(self, size=-1, /):
        del size
        block = bytes(min(65_536, self._left))
        self._left -= len(block)
        return block

    def close(self):
        self._left = 0


@pytest.mark.parametrize("packed", [False, True])
def test_an_attachment_of_any_size_needs_little_memory(packed):
    size = 64 * 1_048_576
    wire = gzip.compress(bytes(size), 1, mtime=0) if packed else b""
    stream = Arriving(wire, step=65_536) if packed else Zeros(size)
    attachment = get(
        answer(wire, status=200, stream=stream, etag='"1-a"', content_length="", **encoded(packed))
    )

    tracemalloc.start()
    count = sum(map(len, attachment))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == size
    assert peak < 4_000_000


def encoded(packed):
    return {"accept_ranges": "none", "content_encoding": "gzip"} if packed else {}
