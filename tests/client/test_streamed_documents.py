"""Documents that arrive with their attachments, from answers that are as they should be and others."""

import base64
import gzip
import hashlib
import io

import pytest

from couchmapper import jsonio
from couchmapper.client import Client
from couchmapper.client.inline_attachments import inline, inline_content
from couchmapper.exceptions import (
    BadRequest,
    DigestMismatch,
    InvalidAnswer,
    InvalidBody,
    NotFound,
    PartPassed,
)
from couchmapper.messages import Response
from couchmapper.multipart import Attachment, Multipart, PartToSend
from couchmapper.transport.mock import MockTransport, json_response


class Arriving(io.BytesIO):
    """A body that arrives a few bytes at a time."""

    def read(self, size=-1, /):
        return super().read(5 if size < 0 else min(size, 5))


def stub(content, *, packed=False, **members):
    wire = gzip.compress(content, mtime=0) if packed else content
    digest = base64.b64encode(hashlib.md5(wire, usedforsecurity=False).digest()).decode()
    told = {"content_type": "a/b", "length": len(content), "digest": f"md5-{digest}", "follows": True}
    return {**told, **({"encoding": "gzip", "encoded_length": len(wire)} if packed else {}), **members}


def part(body, content_type="application/json"):
    return PartToSend(headers={"Content-Type": content_type}, body=body)


def related(stubs, *contents, **members):
    document = jsonio.dumps({"_id": "d", "_rev": "1-a", "_attachments": stubs, **members})
    return Multipart([part(document), *(part(content, "a/b") for content in contents)], boundary="inner")


def answer(body):
    headers = {"content-type": body.content_type}
    return Response(status=200, headers=headers, stream=Arriving(b"".join(body)))


def chapter(response):
    transport = MockTransport(lambda _: response)
    return Client(transport).database("shop").multipart, transport


def get(body):
    return chapter(answer(body))[0].get("d")


def mixed(*parts):
    return answer(Multipart(parts, subtype="mixed", boundary="outer"))


def test_attachments_are_named_by_the_order_of_the_stubs():
    found = get(related({"a": stub(b"1"), "old": {"stub": True}, "b": stub(b"2" * 99, packed=True)}, b"1"))
    assert found.document["_attachments"]["old"] == {"stub": True}

    body = related(
        {"a": stub(b"1"), "old": {"stub": True}, "b": stub(b"2" * 99, packed=True)},
        b"1",
        gzip.compress(b"2" * 99, mtime=0),
    )
    assert [(one.name, one.length, one.facts.encoding, one.read()) for one in get(body)] == [
        ("a", 1, None, b"1"),
        ("b", 99, "gzip", b"2" * 99),
    ]


def test_the_length_of_what_was_sent_compressed_is_not_known():
    packed = gzip.compress(b"text", mtime=0)
    body = related({"a": stub(b"text", packed=True, length=len(packed))}, packed)

    found = next(get(body))

    assert (found.length, found.read()) == (None, b"text")


def test_other_bytes_than_the_stub_says_are_an_error():
    body = related({"a": stub(b"good"), "b": stub(b"b")}, b"evil", b"b")

    found = get(body)
    with pytest.raises(DigestMismatch, match="GET /shop/d, attachment 'a'"):
        next(found).read()
    assert next(found).read() == b"b"


def test_fewer_bytes_than_the_stub_says_are_an_error():
    with pytest.raises(InvalidAnswer, match="3 bytes came of 4"):
        next(get(related({"a": stub(b"good")}, b"goo"))).read()


def test_fewer_attachments_than_stubs_are_an_error():
    found = get(related({"a": stub(b"a"), "b": stub(b"b")}, b"a"))

    assert next(found).read() == b"a"
    with pytest.raises(InvalidAnswer, match="'b'"):
        next(found)


def test_more_attachments_than_stubs_are_an_error():
    found = get(related({"a": stub(b"a")}, b"a", b"b"))

    assert next(found).read() == b"a"
    with pytest.raises(InvalidAnswer, match="more attachments"):
        next(found)


def test_an_answer_that_is_cut_off_never_looks_whole():
    body = related({"a": stub(b"aaa")}, b"aaa")
    text = b"".join(body)
    for end in range(text.index(b"aaa"), len(text) - len("--")):
        response = Response(
            status=200, headers={"content-type": body.content_type}, stream=Arriving(text[:end])
        )
        with pytest.raises(InvalidAnswer):
            [one.read() for one in chapter(response)[0].get("d")]


@pytest.mark.parametrize("first", [b"", b"document"])
def test_an_answer_without_a_document_is_an_error(first):
    with pytest.raises(InvalidAnswer, match="no JSON"):
        get(Multipart([part(first)], boundary="inner"))


def test_an_attachment_is_read_before_the_next_one():
    found = get(related({"a": stub(b"a" * 99), "b": stub(b"b")}, b"a" * 99, b"b"))

    first, second = next(found), next(found)

    assert second.read() == b"b"
    with pytest.raises(PartPassed):
        first.read()


def test_leaving_the_block_gives_the_connection_up():
    response = answer(related({"a": stub(b"a")}, b"a"))

    with chapter(response)[0].get("d") as found:
        next(found)

    assert response.stream.closed


def test_attachments_inside_a_document_are_read_alike():
    document = {"_id": "d", "_rev": "1-a", "_attachments": {"a": inline(b"a", "a/b"), "b": {"stub": True}}}

    found = chapter(json_response(document))[0].get("d")

    assert found.document == document
    assert [(one.name, one.content_type, one.length, one.read()) for one in found] == [("a", "a/b", 1, b"a")]


def test_leaves_are_documents_with_and_without_attachments_and_what_is_missing():
    nested = related({"a": stub(b"a")}, b"a")
    response = mixed(
        part(nested, nested.content_type),
        part(b'{"_id":"d","_rev":"1-b"}'),
        part(b'{"missing":"1-c"}', 'application/json; error="true"'),
    )

    with chapter(response)[0].leaves("d") as leaves:
        found = [(leaf.rev, [one.read() for one in leaf], leaf.error) for leaf in leaves]

    assert [row[:2] for row in found] == [("1-a", [b"a"]), ("1-b", []), ("1-c", [])]
    assert [type(row[2]) for row in found] == [type(None), type(None), NotFound]
    assert response.stream.closed


@pytest.mark.parametrize(
    ("operation", "answered"),
    [
        (lambda multipart: multipart.leaves("d"), [{"ok": {"_id": "d", "_rev": "1-a"}}, {"missing": "1-c"}]),
        (
            lambda multipart: multipart.bulk_get([]),
            {
                "results": [
                    {"id": "d", "docs": [{"ok": {"_id": "d", "_rev": "1-a"}}]},
                    {"id": "d", "docs": [{"error": {"id": "d", "rev": "1-c", "error": "not_found"}}]},
                ]
            },
        ),
    ],
)
def test_a_store_may_answer_with_plain_json(operation, answered):
    with operation(chapter(json_response(answered))[0]) as found:
        first, second = found

    assert (first.rev, first.document, list(first)) == ("1-a", {"_id": "d", "_rev": "1-a"}, [])
    assert second.rev == "1-c"
    with pytest.raises(NotFound, match="404 not_found"):
        second.document  # noqa: B018 - reading it raises


def test_one_that_is_missing_without_a_name_has_none():
    error = b'{"rev":"undefined","reason":"missing","id":"d","error":"not_found"}'

    (found,) = chapter(mixed(part(error, 'application/json; error="true"')))[0].bulk_get([{"id": "d"}])

    assert (found.rev, repr(found)) == (None, "StreamedDocument(NotFound('missing'))")


def test_what_is_asked_for_is_multipart():
    multipart, transport = chapter(answer(related({}, b"")))

    multipart.get("_design/d", atts_since=["1-a"], revs=True)
    multipart.leaves("d", open_revs=["1-a"], atts_since=["1-a"], latest=True)
    multipart.bulk_get([{"id": "d"}])
    one, many, bulk = transport.requests

    assert [request.headers["Accept"] for request in transport.requests] == [
        "multipart/related",
        "multipart/mixed",
        "multipart/mixed",
    ]
    assert all(request.stream and request.repeatable for request in transport.requests)
    assert (one.path, one.query) == (
        ("shop", "_design", "d"),
        {"attachments": "true", "atts_since": '["1-a"]', "revs": "true"},
    )
    assert many.query == {
        "open_revs": '["1-a"]',
        "atts_since": '["1-a"]',
        "attachments": "true",
        "latest": "true",
    }
    assert (bulk.query, bulk.body) == ({"attachments": "true"}, b'{"docs":[{"id":"d"}]}')


def test_a_document_is_sent_with_its_attachments_behind_it():
    multipart, transport = chapter(json_response({"ok": True}))
    attachments = [Attachment(name="a/b", content_type="a/b", body=io.BytesIO(b"bytes"))]

    multipart.put({"_id": "d", "n": 1}, attachments, rev="1-a", if_match="1-a", boundary="cut")
    (request,) = transport.requests

    assert (request.method, request.path, request.query) == ("PUT", ("shop", "d"), {"rev": "1-a"})
    assert request.headers == {"If-Match": '"1-a"', "Content-Type": 'multipart/related; boundary="cut"'}
    assert b"".join(request.body).endswith(b"Content-Length: 5\r\n\r\nbytes\r\n--cut--")
    assert request.body.rewind()


@pytest.mark.parametrize(
    ("attachments", "error"),
    [
        ([], InvalidBody),
        ([Attachment(name="_a", content_type="a/b", body=b"")], BadRequest),
        ([Attachment(name="a", content_type="a/b", body=b"")] * 2, InvalidBody),
    ],
)
def test_what_cannot_be_sent_as_attachments_is_not_sent(attachments, error):
    multipart, transport = chapter(json_response({}))
    if len(attachments) > 1:
        attachments = [attachments[0], Attachment(name="a", content_type="a/b", body=b"else")]

    with pytest.raises(error):
        multipart.put({"_id": "d"}, attachments)

    assert transport.requests == []


@pytest.mark.parametrize("member", [{"stub": True}, {"data": "no base64"}, {"data": 1}])
def test_what_holds_no_data_says_so(member):
    with pytest.raises(InvalidAnswer):
        inline_content(member)


def test_inline_content_comes_back():
    member = inline(bytes(range(256)), "image/png")

    assert (member["content_type"], inline_content(member)) == ("image/png", bytes(range(256)))
