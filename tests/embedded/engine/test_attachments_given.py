"""`_attachments` in a request, as a CouchDB 3.5.0 reads it."""

import base64
import gzip

import pytest

from couchmapper.embedded.engine.attachments import StoredAttachment, digest_of
from couchmapper.embedded.engine.attachments_given import (
    FollowingAttachment,
    NewAttachment,
    Stub,
    packed_attachment,
    plain_attachment,
    read_attachments,
    resolve,
    shown_unsaved,
)
from couchmapper.exceptions import BadRequest, PreconditionFailed

KEPT = StoredAttachment(name="a", content_type="image/png", revpos=3, digest=digest_of(b"x"), length=1)
PACKED = gzip.compress(b"hello" * 9)


def read(**given):
    (found,) = read_attachments({"a": given})
    return found


def follow(length=3, content_type="image/png", **more):
    found = read(content_type=content_type, length=length, follows=True, **more)
    assert isinstance(found, FollowingAttachment)
    return found


@pytest.mark.parametrize("data", ["YQ==", "Y Q=\n=", "YR=="])
def test_data_are_base64(data):
    assert read(data=data) == plain_attachment("a", b"a", "application/octet-stream")


@pytest.mark.parametrize(
    "given",
    [
        1,
        {},
        {"data": 1},
        {"data": "!!!!"},
        {"data": "YQ"},
        {"data": "_-8="},
        {"data": "YWJj="},
        {"data": "YQ==YQ=="},
        {"data": "YQ==", "content_type": 1},
        {"data": "YQ==", "revpos": "1"},
        {"data": "YQ==", "revpos": -1},
        {"stub": 1},
        {"stub": True, "revpos": "1"},
        {"follows": True},
        {"follows": True, "length": "1"},
        {"follows": True, "length": 1, "encoding": "deflate"},
        {"follows": True, "length": 1, "digest": 1},
    ],
)
def test_anything_else_is_refused(given):
    with pytest.raises(BadRequest, match="Invalid attachment data for a"):
        read_attachments({"a": given})


def test_a_name_is_looked_at_first():
    with pytest.raises(BadRequest, match="prohibited character"):
        read_attachments({"a": {}, "_b": {"data": ""}})


def test_a_stub_counts_more_than_data():
    assert read(stub=True, data="YQ==", revpos=2) == Stub(name="a", revpos=2)


def test_text_is_kept_as_gzip():
    found = read(content_type="text/plain", data="YWFhYQ==")

    assert (found.packed, found.length, gzip.decompress(found.content)) == (True, 4, b"aaaa")


def test_gzip_that_was_sent_is_kept_as_it_came():
    found = packed_attachment("a", PACKED, "image/png")

    assert (found.packed, found.content, found.length) == (True, PACKED, len(PACKED))
    with pytest.raises(BadRequest, match="gzip"):
        packed_attachment("a", b"x", "text/plain")


def test_new_attachments_are_of_the_generation_that_is_made():
    new = plain_attachment("b", b"x", "image/png", revpos=7)

    assert [one.revpos for one in resolve("d", [new], (), generation=2)] == [2]
    assert [one.revpos for one in resolve("d", [new], (), generation=None)] == [7]
    assert [one.revpos for one in resolve("d", [plain_attachment("b", b"", "")], (), generation=None)] == [0]


def test_a_stub_keeps_what_was_there():
    assert resolve("d", [Stub(name="a")], [KEPT], generation=4) == (KEPT,)
    assert resolve("d", [Stub(name="a", revpos=3)], [KEPT], generation=4) == (KEPT,)


@pytest.mark.parametrize("stub", [Stub(name="b"), Stub(name="a", revpos=2), Stub(name="a", revpos=0)])
def test_a_stub_of_something_else_is_refused(stub):
    with pytest.raises(PreconditionFailed, match=f"Invalid attachment stub in d for {stub.name}") as caught:
        resolve("d", [stub], [KEPT], generation=4)

    assert caught.value.error == "missing_stub"


def test_validation_functions_see_no_digest_of_what_is_new():
    given = (Stub(name="a"), plain_attachment("b", b"xy", "image/png"))

    shown = shown_unsaved(given, resolve("d", given, [KEPT], generation=4))

    assert shown == {
        "a": KEPT.stub(),
        "b": {"content_type": "image/png", "revpos": 0, "length": 2, "stub": True},
    }


def test_bytes_that_follow_are_as_long_as_was_said():
    assert follow().arrived(b"PNG") == plain_attachment("a", b"PNG", "image/png")
    with pytest.raises(BadRequest, match="attachment shorter than expected"):
        follow().arrived(b"PN")
    with pytest.raises(BadRequest, match="attachment longer than expected"):
        follow().arrived(b"PNG!")


def test_bytes_that_follow_may_be_gzip():
    packed = follow(45, "text/plain", encoding="gzip", encoded_length=len(PACKED)).arrived(PACKED)

    assert isinstance(packed, NewAttachment)
    assert (packed.content, packed.length, packed.packed) == (PACKED, 45, True)
    with pytest.raises(BadRequest, match="Invalid attachment data"):
        follow(44, encoding="gzip", encoded_length=len(PACKED)).arrived(PACKED)


def test_bytes_that_follow_have_the_digest_that_was_said():
    digest = "md5-" + base64.b64encode(digest_of(b"PNG")).decode()

    assert follow(digest=digest).arrived(b"PNG").content == b"PNG"
    with pytest.raises(BadRequest, match="digest"):
        follow(digest=digest).arrived(b"GNP")
