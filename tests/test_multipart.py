"""Multipart bodies: what is written reads back, in any pieces; what is broken never passes for whole."""

import io
import re
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from couchmapper.exceptions import InvalidAnswer, InvalidBody, PartPassed
from couchmapper.jsonio import loads
from couchmapper.multipart import (
    Attachment,
    Multipart,
    Part,
    PartToSend,
    decode,
    encode,
    is_multipart,
    parameter,
    related,
)
from couchmapper.streams import Upload

RELATED = 'multipart/related; boundary="cut"'


@attrs.define
class Dribble:
    """Gives its text in pieces of the sizes that `sizes` yields, however much is asked for."""

    text: bytes
    sizes: Iterator[int]

    def read(self, size: int = -1, /) -> bytes:
        size = min(next(self.sizes), size if size >= 0 else len(self.text))
        piece, self.text = self.text[:size], self.text[size:]
        return piece


def repeated(sizes: list[int]) -> Iterator[int]:
    while True:
        yield from sizes


def sent(text: bytes, headers: dict[str, str] | None = None) -> PartToSend:
    return PartToSend(headers=headers or {}, body=text)


def bodies(text: bytes, content_type: str = RELATED) -> list[bytes]:
    return [part.read() for part in decode(io.BytesIO(text), content_type)]


def tree(parts: Iterator[Part]) -> list[Any]:
    """Read everything: a part is its bytes, one with parts inside is a list."""
    return [tree(part.parts()) if part.is_multipart else part.read() for part in parts]


# Bytes in which pieces of delimiters are frequent; what would be a delimiter by the rules is no content.
fragments = st.sampled_from(
    b"\r|\n|\r\n|-|--|--cut|\r\n--cut|cut|\r\n--cu|--cut--| |x|\r\n--in|--in--|--in|\0".split(b"|")
)
DELIMITER = re.compile(rb"\r\n--(cut|in)(--)?[ \t]*(\r\n|\r?\Z)")
contents = st.one_of(st.binary(max_size=60), st.lists(fragments, max_size=12).map(b"".join)).filter(
    lambda text: not DELIMITER.search(text)
)
within = contents.filter(lambda text: not DELIMITER.search(b"\r\n" + text))  # behind headers of a part inside
pieces = st.lists(st.integers(1, 50), min_size=1, max_size=5)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(st.lists(contents, max_size=4), pieces)
def test_what_is_written_reads_back_in_pieces_of_any_size(texts: list[bytes], sizes: list[int]):
    body = b"".join(encode([sent(text) for text in texts], "cut"))

    assert [part.read() for part in decode(Dribble(body, repeated(sizes)), RELATED)] == texts


@given(st.lists(st.one_of(contents, st.lists(within, max_size=3)), max_size=3), pieces)
def test_parts_inside_parts_read_back(texts: list[bytes | list[bytes]], sizes: list[int]):
    def part(text: bytes | list[bytes]) -> PartToSend:
        if isinstance(text, bytes):
            return sent(text)
        inner = Multipart([sent(each) for each in text], boundary="in")
        return PartToSend(headers={"Content-Type": inner.content_type}, body=inner)

    outer = Multipart([part(text) for text in texts], subtype="mixed", boundary="cut")

    assert tree(decode(Dribble(b"".join(outer), repeated(sizes)), outer.content_type)) == texts


@given(st.lists(contents, min_size=1, max_size=4), pieces, st.data())
def test_what_is_left_unread_of_a_part_is_skipped(texts: list[bytes], sizes: list[int], data: st.DataObject):
    body = b"".join(encode([sent(text) for text in texts], "cut"))
    wanted = [data.draw(st.integers(0, 40)) for _ in texts]

    for part, text, size in zip(decode(Dribble(body, repeated(sizes)), RELATED), texts, wanted, strict=True):
        assert text.startswith(part.read(size))


@given(st.lists(within, min_size=1, max_size=3), st.integers(0, 40), pieces, st.data())
def test_a_body_that_ends_early_is_never_taken_for_whole(
    texts: list[bytes], size: int, sizes: list[int], data: st.DataObject
):
    assume(
        not any(b"\r\n--cut--" in b"\r\n" + text for text in texts)
    )  # cut off behind that it would be whole
    inner = Multipart([sent(text) for text in texts], boundary="in")
    nested = PartToSend(headers={"Content-Type": inner.content_type}, body=inner)
    body = b"".join(encode([sent(texts[0]), nested], "cut"))
    cut_off = body[: data.draw(st.integers(1, len(body) - 1))]

    with pytest.raises(InvalidAnswer):
        tree(decode(Dribble(cut_off, repeated(sizes)), RELATED))
    with pytest.raises(InvalidAnswer):
        [part.read(size) for part in decode(Dribble(cut_off, repeated(sizes)), RELATED)]


@given(names)
def test_every_name_comes_back_from_its_header(name: str):
    attachment = Attachment(name=name, content_type="text/plain", body=b"x")

    [part] = decode(io.BytesIO(b"".join(encode([attachment.part], "cut"))), RELATED)

    assert part.filename == name


@given(st.lists(st.tuples(names, contents), max_size=3))
def test_the_length_is_known_before_anything_is_sent(files: list[tuple[str, bytes]]):
    body = Multipart([Attachment(name=name, content_type="a/b", body=text).part for name, text in files])

    assert body.length == len(b"".join(body))


# What CouchDB 3.5 sends, byte for byte.


def test_a_document_and_its_attachments_as_couchdb_sends_them():
    text = (
        b'--80c0\r\nContent-Type: application/json\r\n\r\n{"_id":"d","_attachments":{}}\r\n'
        b'--80c0\r\nContent-Disposition: attachment; filename="a.bin"\r\nContent-Type: image/png\r\n'
        b"Content-Length: 3\r\n\r\n\x00\x01\x02\r\n"
        b'--80c0\r\nContent-Disposition: attachment; filename="empty"\r\nContent-Type: text/plain\r\n'
        b"Content-Length: 0\r\nContent-Encoding: gzip\r\n\r\n\r\n--80c0--"
    )

    parts = decode(io.BytesIO(text), 'multipart/related; boundary="80c0"')

    assert [
        (part.filename, part.content_type, part.headers.get("content-encoding"), part.read())
        for part in parts
    ] == [
        (None, "application/json", None, b'{"_id":"d","_attachments":{}}'),
        ("a.bin", "image/png", None, b"\x00\x01\x02"),
        ("empty", "text/plain", "gzip", b""),
    ]


def test_bulk_get_begins_with_an_empty_line_and_has_dashes_in_its_boundaries():
    text = (
        b'\r\n----6a\r\nContent-Type: application/json\r\n\r\n{"_id":"plain"}\r\n'
        b"----6a\r\nX-Doc-Id: d\r\nContent-Type: multipart/related; boundary=--9d\r\n\r\n"
        b'----9d\r\nContent-Type: application/json\r\n\r\n{"_id":"d"}\r\n'
        b"----9d\r\nContent-Length: 1\r\n\r\nx\r\n----9d--\r\n"
        b'----6a\r\nContent-Type: application/json; error="true"\r\n\r\n{"error":"not_found"}\r\n----6a--\r\n'
    )

    assert tree(decode(io.BytesIO(text), 'multipart/mixed; boundary="--6a"')) == [
        b'{"_id":"plain"}',
        [b'{"_id":"d"}', b"x"],
        b'{"error":"not_found"}',
    ]


def test_bulk_get_of_nothing_has_no_body_and_no_parts():
    assert bodies(b"", 'multipart/mixed; boundary="--88"') == []


@pytest.mark.parametrize(
    "name", ['q"uo\\te é日.txt', "a;b", "a/b\r\nX", "\0nul", "a%20b", " a ", "=?utf-8?q?x?="]
)
def test_names_are_read_as_couchdb_writes_them_without_escaping(name: str):
    header = f'--cut\r\nContent-Disposition: attachment; filename="{name}"\r\nContent-Length: 1\r\n\r\nx'

    [(filename, text)] = [
        (part.filename, part.read()) for part in decode(io.BytesIO(header.encode() + b"\r\n--cut--"), RELATED)
    ]

    assert (filename, text) == (name, b"x")


def test_a_name_cannot_change_the_headers_that_couchdb_writes_behind_it():
    text = (
        b'--cut\r\nContent-Disposition: attachment; filename="a"\r\nContent-Type: evil/type\r\n'
        b'Content-Length: 9"\r\n'
        b"Content-Type: text/plain\r\nContent-Length: 1\r\n\r\nx\r\n--cut--"
    )

    [(content_type, body)] = [(part.content_type, part.read()) for part in decode(io.BytesIO(text), RELATED)]

    assert (content_type, body) == ("text/plain", b"x")


# The rules of MIME.


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/related; boundary=cut",
        'Multipart/Mixed;type="a;b"; Boundary="cut"',
        "multipart/x;boundary=cut ",
    ],
)
def test_a_boundary_stands_in_quotes_or_not(content_type: str):
    assert bodies(b"--cut\r\n\r\nx\r\n--cut--", content_type) == [b"x"]


def test_text_before_and_after_the_parts_is_no_part():
    assert bodies(b"hello --cut\r\n--cut\r\n\r\nx\r\n--cut--\r\nbye\r\n--cut\r\n\r\ny\r\n--cut--") == [b"x"]


def test_a_delimiter_may_be_followed_by_blanks():
    assert bodies(b"--cut \t\r\n\r\nx\r\n--cut\t\r\n\r\ny\r\n--cut--  \r\n") == [b"x", b"y"]


@pytest.mark.parametrize(
    "text",
    [b"a--cut\r\nb", b"\n--cut\r\nb", b"\r\n--cutter\r\n", b"\r\n--cut-\r\n", b"\r\n--cut--x", b"\r\n--CUT"],
)
def test_only_a_whole_line_is_a_delimiter(text: bytes):
    assert bodies(b"--cut\r\n\r\n" + text + b"\r\n--cut--") == [text]


def test_the_source_is_read_to_its_end_so_that_a_connection_is_free():
    source = io.BytesIO(b"--cut\r\n\r\nx\r\n--cut--\r\n" + b"bye" * 100_000)

    list(decode(source, RELATED))

    assert source.read() == b""


@pytest.mark.parametrize(
    "content_type",
    ["", "application/json", "multipart/mixed", 'multipart/mixed; boundary=""', "multipart/a; boundary=é"],
)
def test_an_answer_without_a_boundary_is_refused_before_it_is_read(content_type: str):
    with pytest.raises(InvalidAnswer):
        decode(io.BytesIO(b""), content_type)


@pytest.mark.parametrize(
    "text",
    [
        b"\r\n",
        b"<html>",
        b"--cut\r\n\r\nx\r\n--cut",
        b"--cut\r\nA: b\r\n--cut\r\n\r\nx\r\n--cut--",
        b"--cut\r\nno colon\r\n\r\nx\r\n--cut--",
        b"--cut\r\nA: " + b"b" * 70_000 + b"\r\n\r\nx\r\n--cut--",
        b"--cut\r\nA: " + b"b" * 200_000,
        b"--cut\r\nContent-Length: 2\r\n\r\nx\r\n--cut--",
        b"--cut\r\nContent-Length: none\r\n\r\nx\r\n--cut--",
    ],
)
def test_a_broken_body_is_an_invalid_answer(text: bytes):
    with pytest.raises(InvalidAnswer):
        bodies(text)


def test_a_part_is_read_before_the_next_is_asked_for():
    first, second = decode(io.BytesIO(b"--cut\r\n\r\nx\r\n--cut\r\n\r\ny\r\n--cut--"), RELATED)

    with pytest.raises(PartPassed):
        first.read()
    with pytest.raises(PartPassed):
        second.read(1)


def test_a_first_line_that_looks_like_a_delimiter_is_content():
    assert bodies(b"--cut\r\n\r\n--cut\r\n\r\n--cut--") == [b"--cut\r\n"]


def test_a_part_shows_its_headers():
    [shown] = [repr(part) for part in decode(io.BytesIO(b"--cut\r\nA: b\r\n\r\nx\r\n--cut--"), RELATED)]

    assert shown == "Part({'a': 'b'})"


def test_the_end_of_a_part_can_be_read_again():
    for part in decode(io.BytesIO(b"--cut\r\n\r\nx\r\n--cut--"), RELATED):
        assert (part.read(0), part.read(5), part.read(5), part.read(), list(part)) == (
            b"",
            b"x",
            b"",
            b"",
            [],
        )


def test_a_header_has_parameters():
    assert parameter('application/json; error="true"', "error") == "true"
    assert parameter("application/json", "error") is None
    assert is_multipart("Multipart/Related; boundary=x")
    assert not is_multipart("application/json")


# Large bodies.


@attrs.define
class Large:
    """A megabyte of line ends and dashes again and again, made as it is read."""

    megabytes: int
    block: bytes = b"\r\n--cu-\r\n--" * 95_326

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self.megabytes):
            yield self.block


@attrs.define
class Reading:
    """Something to read from blocks as they come."""

    blocks: Iterator[bytes]
    held: bytes = b""

    def read(self, size: int = -1, /) -> bytes:
        self.held = self.held or next(self.blocks, b"")
        piece, self.held = self.held[:size], self.held[size:]
        return piece


def test_a_large_part_passes_through_little_memory():
    source = Large(20)
    whole = 20 * len(source.block)
    body = Multipart([sent(b"{}"), PartToSend(headers={}, body=Upload(source, length=whole))])
    tracemalloc.start()

    sizes = [sum(len(block) for block in part) for part in decode(Reading(iter(body)), body.content_type)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sizes == [2, whole]
    assert peak < whole / 4


# What is sent.


def test_a_document_is_sent_with_stubs_in_the_order_of_the_parts():
    body = related(
        {"_id": "d", "_attachments": {"b": {"stub": True}, "old": {"stub": True}}, "x": 1},
        [
            Attachment(name="a", content_type="text/plain", body=io.BytesIO(b"AA")),
            Attachment(name="b", content_type="image/png", body=Upload(iter([b"B", b"BB"]), length=3)),
        ],
        boundary="cut",
    )

    assert body.content_type == RELATED
    assert b"".join(body) == (
        b'--cut\r\nContent-Type: application/json\r\n\r\n{"_id":"d","_attachments":{"old":{"stub":true},'
        b'"a":{"content_type":"text/plain","length":2,"follows":true},'
        b'"b":{"content_type":"image/png","length":3,"follows":true}},"x":1}\r\n'
        b'--cut\r\nContent-Disposition: attachment; filename="a"\r\nContent-Type: text/plain\r\n'
        b"Content-Length: 2\r\n\r\nAA\r\n"
        b'--cut\r\nContent-Disposition: attachment; filename="b"\r\nContent-Type: image/png\r\n'
        b"Content-Length: 3\r\n\r\nBBB\r\n--cut--"
    )


def test_an_attachment_that_followed_when_it_was_read_stays_on_the_server():
    read = {"_attachments": {"old": {"content_type": "a/b", "length": 9, "follows": True}}}

    body = related(read, [Attachment(name="a", content_type="a/b", body=b"")])
    document = next(decode(io.BytesIO(b"".join(body)), body.content_type))

    assert loads(document.read()) == {
        "_attachments": {"old": {"stub": True}, "a": {"content_type": "a/b", "length": 0, "follows": True}}
    }


def test_a_document_alone_is_not_sent_as_multipart():
    with pytest.raises(InvalidBody, match="as JSON"):
        related({"_id": "d"}, [])


def test_two_attachments_cannot_have_one_name():
    first, second = (Attachment(name="a", content_type="a/b", body=text) for text in (b"x", b"y"))

    with pytest.raises(InvalidBody, match="'a'"):
        related({}, [first, second])


def test_an_attachment_needs_its_length():
    with pytest.raises(InvalidBody, match=r"Upload\(source, length="):
        Attachment(name="a", content_type="a/b", body=iter([b"x"]))


@pytest.mark.parametrize("stated", [0, 2, 4, 100])
@pytest.mark.parametrize("source", [lambda: b"abc", lambda: io.BytesIO(b"abc"), lambda: iter([b"a", b"bc"])])
def test_a_source_of_another_length_is_an_error_before_the_body_is_closed(
    source: Callable[[], Any], stated: int
):
    parts = [PartToSend(headers={}, body=Upload(source(), length=stated))]
    gone = bytearray()

    with pytest.raises(InvalidBody, match=f"{stated} bytes"):
        gone.extend(byte for block in encode(parts, "cut") for byte in block)
    assert b"--cut--" not in gone
    assert len(gone) <= len(b"--cut\r\n\r\n") + stated


def test_a_body_of_unknown_length_can_be_sent_in_chunks():
    body = Multipart([PartToSend(headers={}, body=iter([b"a", b"b"]))], subtype="mixed", boundary="cut")

    assert (body.length, b"".join(body)) == (None, b"--cut\r\n\r\nab\r\n--cut--")


def test_a_body_goes_out_twice_when_all_its_sources_can_go_back():
    body = Multipart([sent(b"{}"), PartToSend(headers={}, body=io.BytesIO(b"x"))])

    first = b"".join(body)

    assert body.rewind()
    assert b"".join(body) == first


def test_a_body_goes_out_once_when_a_source_cannot_go_back():
    body = Multipart([sent(b"{}"), PartToSend(headers={}, body=iter([b"x"]))])

    assert body.rewind()
    assert b"".join(body)
    assert not body.rewind()
    with pytest.raises(InvalidBody):
        list(body)


def test_boundaries_are_random_and_long():
    boundaries = {Multipart([]).boundary for _ in range(50)}

    assert len(boundaries) == 50
    assert {len(boundary) for boundary in boundaries} == {32}


@pytest.mark.parametrize("boundary", ["", "a b ", "a\r\nb", 'a"b', "é", "x" * 71])
def test_a_boundary_that_mime_does_not_know_is_refused(boundary: str):
    with pytest.raises(InvalidBody):
        encode([], boundary)


@pytest.mark.parametrize("headers", [{"A": "b\r\nC: d"}, {"A\r\nB": "c"}, {"": "x"}, {"A": "\0"}])
def test_a_header_cannot_smuggle_in_another(headers: dict[str, str]):
    with pytest.raises(InvalidBody):
        sent(b"", headers)


def test_a_part_that_arrives_can_be_sent_on():
    source = io.BytesIO(b"--in\r\nContent-Length: 2\r\n\r\nhi\r\n--in--")

    for part in decode(source, "multipart/related; boundary=in"):
        body = b"".join(encode([PartToSend(headers={"A": "b"}, body=Upload(part, length=2))], "cut"))

    assert body == b"--cut\r\nA: b\r\n\r\nhi\r\n--cut--"
