"""Documents with their attachments beside them: `multipart/related` read, and answers with several parts.

https://docs.couchdb.org/en/stable/api/document/common.html#creating-multiple-attachments
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import attrs

from couchmapper import jsonio
from couchmapper.embedded.answers import answer_text
from couchmapper.embedded.call import Call
from couchmapper.embedded.engine.attachments_given import FollowingAttachment, GivenAttachment
from couchmapper.embedded.engine.edits import Edit, read_edit
from couchmapper.embedded.reading import OpenRevision
from couchmapper.exceptions import BadRequest, InvalidAnswer, InvalidJSON
from couchmapper.messages import Response
from couchmapper.multipart import Multipart, Part, PartToSend, decode

__all__ = ["answer_document", "answer_mixed", "document_part", "read_document"]

_RELATED = "multipart/related"
_JSON = {"Content-Type": "application/json"}
_ERROR = {"Content-Type": 'application/json; error="true"'}


def read_document(call: Call) -> Edit:
    """Read the document of a `PUT`: JSON, or the first part of a body whose other parts are attachments."""
    content_type = call.header("content-type") or ""
    if content_type.partition(";")[0].strip().lower() != _RELATED:
        return read_edit(call.json())
    try:
        return _read_related(decode(io.BytesIO(call.content()), content_type))
    except InvalidAnswer as error:
        raise BadRequest(f"the body is no multipart/related: {error}") from error


def answer_document(opened: OpenRevision, *, headers: Mapping[str, str]) -> Response:
    """Answer with a document that is there, and the parts that follow it if there are any."""
    if not opened.parts:
        return answer_text(opened.text or b"", headers=headers)
    return _answer(_related(opened), headers=headers)


def answer_mixed(parts: Iterable[PartToSend], *, subtype: Literal["related", "mixed"] = "mixed") -> Response:
    """Answer with several documents, each a part; without any the body is empty, as CouchDB's is."""
    return _answer(Multipart(parts, subtype=subtype))


def document_part(opened: OpenRevision, absent: bytes) -> PartToSend:
    """Make the part of one of several documents; `absent` (JSON text) says that it is not there."""
    if opened.text is None:
        return PartToSend(headers=_ERROR, body=absent)
    if not opened.parts:
        return PartToSend(headers=_JSON, body=opened.text)
    related = _related(opened)
    return PartToSend(headers={"Content-Type": related.content_type}, body=related)


def _read_related(parts: Iterator[Part]) -> Edit:
    """Give each attachment that follows the next part: CouchDB goes by their order alone."""
    first = next(parts, None)
    if first is None:
        raise BadRequest("Missing request body")
    try:
        edit = read_edit(jsonio.loads(first.read()), follows=True)
    except InvalidJSON as error:
        raise BadRequest("invalid UTF-8 JSON") from error
    arrived = tuple(_arrived(one, parts) for one in edit.attachments)
    for _ in parts:
        pass  # to the end of the body, which has to be there
    return attrs.evolve(edit, attachments=arrived)


def _arrived(one: GivenAttachment, parts: Iterator[Part]) -> GivenAttachment:
    if not isinstance(one, FollowingAttachment):
        return one
    part = next(parts, None)
    return one.arrived(b"" if part is None else part.read())


def _related(opened: OpenRevision) -> Multipart:
    document = PartToSend(headers=_JSON, body=opened.text or b"")
    return Multipart((document, *opened.parts))


def _answer(body: Multipart, *, headers: Mapping[str, str] | None = None) -> Response:
    content = b"".join(body) if body.parts else b""
    told = {
        "cache-control": "must-revalidate",
        "content-type": body.content_type,
        "content-length": str(len(content)),
        **(headers or {}),
    }
    return Response(status=200, headers=told, body=content)
