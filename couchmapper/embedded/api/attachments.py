"""Attachments, one at a time: `/{db}/{doc_id}/{attachment}`.

https://docs.couchdb.org/en/stable/api/document/attachments.html
"""

import sqlite3
from typing import Final

from couchmapper import jsonio
from couchmapper.embedded.answers import answer_json, not_modified
from couchmapper.embedded.attachment_texts import contents_of
from couchmapper.embedded.call import Call
from couchmapper.embedded.engine.accepting import accepted
from couchmapper.embedded.engine.attachments import (
    DEFAULT_TYPE,
    StoredAttachment,
    check_attachment_name,
    unpack,
)
from couchmapper.embedded.engine.attachments_given import (
    NewAttachment,
    Stub,
    packed_attachment,
    plain_attachment,
)
from couchmapper.embedded.engine.byte_ranges import read_ranges
from couchmapper.embedded.engine.edits import Edit, canonical_revision, check_document_id
from couchmapper.embedded.routing import Route
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.embedded.stored_revision import StoredRevision, stored_revision
from couchmapper.embedded.writing import save_edits
from couchmapper.exceptions import DocumentConflict, DocumentNotFound, NotFound, UnsupportedMediaType
from couchmapper.messages import Response
from couchmapper.multipart import Multipart, PartToSend

__all__ = ["ROUTES"]

_PARTIAL: Final = 206


def get(call: Call) -> Response:
    """`GET /{db}/{doc_id}/{attachment}`: the bytes; as gzip if they are kept so and the client takes it."""
    rev = canonical_revision(call.query["rev"]) if "rev" in call.query else None
    with call.read() as (connection, database):
        found = _found(call, stored_revision(connection, database, call.document_id, rev))
        if found.tag in _tags(call):
            return not_modified(f'"{found.tag}"')
        content = contents_of(connection, database)(found.digest)
    return _answer(call, found, content)


def put(call: Call) -> Response:
    """`PUT /{db}/{doc_id}/{attachment}`: store the body as an attachment; the document is made if need be."""
    check_attachment_name(_name(call))
    check_document_id(call.document_id)
    new = _uploaded(call)
    rev = call.named_revision()
    with call.write() as (connection, database):
        if rev is None:
            edit = Edit(id=None, path=(), deleted=False, body={}, attachments=(new,))
        else:
            edit = _edited(call, connection, database, rev, new)
        return _save(call, connection, database, edit, status=201)


def delete(call: Call) -> Response:
    """`DELETE /{db}/{doc_id}/{attachment}`: make a revision without it."""
    rev = call.named_revision()
    with call.write() as (connection, database):
        if rev is None:
            _found(call, stored_revision(connection, database, call.document_id, None))
            raise DocumentConflict("Document update conflict.")
        return _save(call, connection, database, _edited(call, connection, database, rev), status=200)


def _found(call: Call, stored: StoredRevision) -> StoredAttachment:
    """Return the attachment that the path names; raises `NotFound`."""
    name = _name(call)
    found = next((one for one in stored.attachments if one.name == name), None)
    if found is None:
        raise NotFound("Document is missing attachment")
    return found


def _edited(
    call: Call,
    connection: sqlite3.Connection,
    database: DatabaseRow,
    rev: str,
    new: NewAttachment | None = None,
) -> Edit:
    """Make the edit of a revision that has a new attachment in front, or that lacks the one of the path."""
    try:
        stored = stored_revision(connection, database, call.document_id, rev)
    except DocumentNotFound as error:
        raise DocumentConflict("missing_rev", error="not_found") from error
    if new is None:
        _found(call, stored)
    name = _name(call)
    others = (Stub(name=one.name) for one in stored.attachments if one.name != name)
    return Edit(
        id=None,
        path=(rev,),
        deleted=stored.deleted,
        body=jsonio.loads(stored.content),
        attachments=(*others,) if new is None else (new, *others),
    )


def _save(
    call: Call, connection: sqlite3.Connection, database: DatabaseRow, edit: Edit, *, status: int
) -> Response:
    (outcome,) = save_edits(connection, database, [(call.document_id, edit)])
    if outcome.error is not None:
        raise outcome.error
    return answer_json({"ok": True, "id": outcome.id, "rev": outcome.rev}, status=status)


def _uploaded(call: Call) -> NewAttachment:
    encoding = (call.header("content-encoding") or "identity").strip().lower()
    content_type = call.header("content-type")
    kind = DEFAULT_TYPE if content_type is None else content_type
    if encoding == "gzip":
        return packed_attachment(_name(call), call.content(), kind)
    if encoding == "identity":
        return plain_attachment(_name(call), call.content(), kind)
    raise UnsupportedMediaType(
        "Only gzip and identity content-encodings are supported", error="bad_content_type"
    )


def _answer(call: Call, found: StoredAttachment, content: bytes) -> Response:
    """Answer with the bytes or with ranges of them; CouchDB has no ranges of what it keeps as gzip."""
    headers = {
        "accept-ranges": "bytes" if found.encoded_length is None else "none",
        "cache-control": "must-revalidate",
        "content-security-policy": "sandbox",
        "content-type": found.header_type,
        "etag": f'"{found.tag}"',
    }
    if found.encoded_length is not None:
        if accepted(call.header("accept-encoding"), "gzip"):
            headers["content-encoding"] = "gzip"
        else:
            content = unpack(content)
    ranges = read_ranges(call.header("range"), len(content))
    if not ranges or found.encoded_length is not None:
        return _whole(headers, content, status=200)
    if len(ranges) > 1:
        return _several(found, content, ranges)
    ((first, last),) = ranges
    headers["content-range"] = f"bytes {first}-{last}/{len(content)}"
    return _whole(headers, content[first : last + 1], status=_PARTIAL)


def _whole(headers: dict[str, str], content: bytes, *, status: int) -> Response:
    return Response(status=status, headers={**headers, "content-length": str(len(content))}, body=content)


def _several(found: StoredAttachment, content: bytes, ranges: list[tuple[int, int]]) -> Response:
    parts = [
        PartToSend(
            headers={
                "Content-Type": found.header_type,
                "Content-Range": f"bytes {first}-{last}/{len(content)}",
            },
            body=content[first : last + 1],
        )
        for first, last in ranges
    ]
    body = Multipart(parts)
    headers = {"content-type": f'multipart/byteranges; boundary="{body.boundary}"'}
    return _whole(headers, b"".join(body), status=_PARTIAL)


def _tags(call: Call) -> set[str]:
    """Return the digests that the client has; a tag without quotes is none."""
    given = (call.header("if-none-match") or "").split(",")
    tags = {tag.strip().removeprefix("W/") for tag in given}
    return {tag.strip('"') for tag in tags if tag[:1] == '"'}


def _name(call: Call) -> str:
    return call.segments["attachment"]


ROUTES = tuple(
    route
    for pattern in ("/{db}/{doc_id}/{attachment*}", "/{db}/_design/{design}/{attachment*}")
    for route in (
        Route("DELETE", pattern, delete),
        Route("GET", pattern, get),
        Route("PUT", pattern, put),
    )
)
