"""What is kept of attachments, as a CouchDB 3.5.0 keeps it."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.embedded.engine.attachments import (
    StoredAttachment,
    check_attachment_name,
    decode,
    digest_of,
    encode,
    pack,
    unpack,
)
from couchmapper.exceptions import BadRequest
from couchmapper.revisions import revision_id

TEXT = StoredAttachment(
    name="a",
    content_type="text/plain",
    revpos=2,
    digest=digest_of(pack(b"hello" * 20, "text/plain") or b""),
    length=100,
    encoded_length=28,
)

stored = st.builds(
    StoredAttachment,
    name=st.text(),
    content_type=st.text(),
    revpos=st.integers(0, 10**9),
    digest=st.binary(min_size=16, max_size=16),
    length=st.integers(0, 10**12),
    encoded_length=st.none() | st.integers(0, 10**12),
)


def test_a_stub_is_as_couchdb_shows_it():
    assert TEXT.stub() == {
        "content_type": "text/plain",
        "revpos": 2,
        "digest": "md5-pprLlQN/rKaU1DGKdGx8dg==",
        "length": 100,
        "stub": True,
    }
    assert TEXT.stub(encoding=True) == {**TEXT.stub(), "encoding": "gzip", "encoded_length": 28}


def test_attachments_count_for_the_revision():
    png = StoredAttachment(name="p", content_type="image/png", revpos=1, digest=digest_of(b"x"), length=1)

    made = revision_id({}, parent=None, deleted=False, attachments=[png.hashed])

    assert made == "1-bdcdd63e3a0ad14d6829a45cb5940a5a"


@given(st.lists(stored, unique_by=lambda one: one.name))
def test_what_is_written_is_read(attachments):
    assert decode(encode(attachments)) == tuple(attachments)


def test_no_attachments_take_no_room():
    assert encode([]) is None


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "TEXT/HTML", " text/x", "text/", "application/JSON;x", "application/xml ;a"],
)
def test_types_that_compress_well_are_kept_as_gzip(content_type):
    packed = pack(b"hello", content_type)

    assert packed is not None
    assert gzip.decompress(packed) == b"hello"


@pytest.mark.parametrize(
    "content_type",
    ["", "image/png", "textx/y", "application/json2", "application/json, a", "text/a\nb", "a text/plain"],
)
def test_other_types_are_kept_as_they_are(content_type):
    assert pack(b"hello", content_type) is None


@given(st.binary())
def test_what_is_packed_is_unpacked(content):
    assert unpack(pack(content, "text/plain") or b"") == content
    assert unpack(gzip.compress(content) + gzip.compress(content)) == content * 2


@pytest.mark.parametrize(
    "packed",
    [b"", b"no gzip", gzip.compress(b"hello", mtime=0)[:-1], gzip.compress(b"a", mtime=0) + b"b"],
)
def test_what_is_no_gzip_is_refused(packed):
    with pytest.raises(BadRequest, match="gzip"):
        unpack(packed)


def test_a_name_does_not_begin_with_an_underscore():
    check_attachment_name("a_")
    with pytest.raises(BadRequest, match="Attachment name '_a' starts with prohibited character '_'"):
        check_attachment_name("_a")


def test_a_type_that_cannot_stand_in_a_header_does_not():
    odd = StoredAttachment(name="a", content_type="a/b\r\nx: y", revpos=1, digest=b"", length=1)

    assert odd.header_type == "application/octet-stream"
    assert TEXT.header_type == "text/plain"
