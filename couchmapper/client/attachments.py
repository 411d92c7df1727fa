"""Attachments of documents, one at a time: sent as they are read, and read as they arrive."""

import io
import re
from collections.abc import Mapping

import attrs

from couchmapper.client.attachment_streams import AttachmentFacts, AttachmentStream, checked
from couchmapper.client.byte_ranges import ByteRange, Positions
from couchmapper.client.errors import label
from couchmapper.client.operation import operation
from couchmapper.client.params import attachment_name, document_path, given, matching
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_object
from couchmapper.exceptions import InvalidAnswer
from couchmapper.messages import Request, Response
from couchmapper.streams import Source, Upload

__all__ = ["Attachments"]

_NOT_MODIFIED = 304
_PARTIAL = 206
_MD5 = re.compile(r'"([A-Za-z0-9+/]{22}==)"')


def _facts(request: Request, response: Response) -> AttachmentFacts:
    """Return what the headers of an answer say; the `ETag` of an attachment is its digest."""
    headers = response.headers
    tag = _MD5.fullmatch(headers.get("etag", ""))
    if response.status == _NOT_MODIFIED:
        return AttachmentFacts(
            name=request.path[-1], digest=None if tag is None else f"md5-{tag[1]}", not_modified=True
        )
    length = headers.get("content-length", "")
    return AttachmentFacts(
        name=request.path[-1],
        content_type=headers.get("content-type", ""),
        length=int(length) if length.isdecimal() and not _packed(request, headers) else None,
        digest=None if tag is None else f"md5-{tag[1]}",
        encoding="gzip" if _kept_packed(headers) else None,
    )


def _arriving(request: Request, response: Response) -> AttachmentStream:
    """Return the attachment that an answer holds."""
    facts = _facts(request, response)
    if facts.not_modified:
        return AttachmentStream(facts, io.BytesIO())
    place, packed, source = label(request), _packed(request, response.headers), response.open()
    wanted = ByteRange.read(request.headers.get("Range", ""))
    if response.status == _PARTIAL and wanted is not None:
        wanted.confirm(response.headers.get("content-range", ""))
    if response.status == _PARTIAL or wanted is None:
        digest = facts.digest if _tells(response) else None
        return AttachmentStream(
            facts, checked(source, place, length=facts.length, digest=digest, packed=packed)
        )
    whole = checked(source, place, length=None, digest=None, packed=packed)
    return AttachmentStream(attrs.evolve(facts, length=None), wanted.cut(whole, facts.length))


def _packed(request: Request, headers: Mapping[str, str]) -> bool:
    """Say whether the bytes come compressed; raises `InvalidAnswer` when in a way nobody asked for."""
    encoding = headers.get("content-encoding", "identity").lower()
    if encoding not in {"gzip", "identity"}:
        raise InvalidAnswer(
            f"{label(request)}: the attachment came with the encoding {encoding!r}, which was not asked for;"
            " check the proxies on the way"
        )
    return encoding == "gzip"


def _kept_packed(headers: Mapping[str, str]) -> bool:
    """Say whether the server keeps the bytes compressed: then it has no ranges of them."""
    return headers.get("accept-ranges", "").lower() == "none"


def _tells(response: Response) -> bool:
    """Say whether the digest is of the bytes that come: not of a part, nor when only one is compressed."""
    packed = response.headers.get("content-encoding", "").lower() == "gzip"
    return response.status != _PARTIAL and packed == _kept_packed(response.headers)


def _tagged(if_none_match: str | None) -> str | None:
    """Return a digest as the tag that it is for the server."""
    return None if if_none_match is None else if_none_match.removeprefix("md5-")


class Attachments(Resource):
    """`db.attachments`: https://docs.couchdb.org/en/stable/api/document/attachments.html.

    The document is named by its id, a design document with `_design/`. The name of an attachment may hold
    any text, also slashes; one that is empty, `.`, `..` or begins with an underscore is refused with
    `BadRequest` before anything is sent. What is not there raises `NotFound`.
    """

    @operation(json_object)
    def put(  # noqa: PLR0913 - CouchDB's parameters
        self,
        id: str,
        name: str,
        content: Source | Upload,
        *,
        content_type: str,
        rev: str | None = None,
        if_match: str | None = None,
        length: int | None = None,
    ) -> Request:
        """PUT /{db}/{doc_id}/{attachment_name} — store an attachment; return `{"ok", "id", "rev"}`.

        `content` is bytes, a binary file, or an iterable of bytes, sent as it is read and as it is. `length`
        is for a source that cannot tell its own; without one it goes in chunks. `rev` is the current
        revision of the document; without it the document is made, and `DocumentConflict` raised where it
        exists. What cannot be read twice is not sent again after a broken connection.
        """
        body = content if isinstance(content, Upload) else Upload(content, length=length)
        headers = {**matching(if_match=if_match), "Content-Type": content_type}
        route, path = _place(id, name)
        return self._request("PUT", route, path, parameters=given(rev=rev), headers=headers, content=body)

    @operation(_arriving)
    def get(  # noqa: PLR0913 - CouchDB's parameters
        self,
        id: str,
        name: str,
        *,
        rev: str | None = None,
        range: Positions | None = None,
        if_match: str | None = None,
        if_none_match: str | None = None,
    ) -> Request:
        """GET /{db}/{doc_id}/{attachment_name} — return the attachment as it arrives: an `AttachmentStream`.

        Whatever its type, it gives bytes, those that were stored, and compares them with the digest at their
        end. `range=(first, last)` asks for these bytes only, which are not compared; there
        `RangeNotSatisfiable` is raised when there are none. Of what it keeps compressed the server sends the
        whole, which is cut here. With `if_none_match`, a digest, the result may be `not_modified` and empty.
        `get.stream(...)` gives the bytes as they are on the wire, perhaps compressed.
        """
        asked = {"Accept-Encoding": "gzip"} if range is None else _asked(range)
        conditions = matching(if_match=if_match, if_none_match=_tagged(if_none_match))
        route, path = _place(id, name)
        request = self._request(
            "GET",
            route,
            path,
            parameters=given(rev=rev),
            headers={"Accept": "*/*", **asked, **conditions},
        )
        return attrs.evolve(request, stream=True, decoded=False)

    @operation(_facts)
    def head(
        self,
        id: str,
        name: str,
        *,
        rev: str | None = None,
        if_match: str | None = None,
        if_none_match: str | None = None,
    ) -> Request:
        """HEAD /{db}/{doc_id}/{attachment_name} — return type, length and digest: `AttachmentFacts`.

        The answer has no body, so a missing database or document raises `DocumentNotFound` too.
        """
        conditions = matching(if_match=if_match, if_none_match=_tagged(if_none_match))
        route, path = _place(id, name)
        headers = {"Accept": "*/*", "Accept-Encoding": "identity", **conditions}
        return self._request("HEAD", route, path, parameters=given(rev=rev), headers=headers)

    @operation(json_object)
    def delete(
        self,
        id: str,
        name: str,
        *,
        rev: str | None = None,
        if_match: str | None = None,
        batch: bool = False,
    ) -> Request:
        """DELETE /{db}/{doc_id}/{attachment_name} — remove it; return `{"ok", "id", "rev"}`.

        `rev`, or `if_match` in a header, is the current revision of the document.
        """
        route, path = _place(id, name)
        parameters = given(rev=rev, batch="ok" if batch else None)
        return self._request(
            "DELETE", route, path, parameters=parameters, headers=matching(if_match=if_match)
        )


def _asked(range: Positions) -> Mapping[str, str]:
    """Return the headers for a range, which the server looks for in the compressed bytes when it may."""
    return {"Accept-Encoding": "identity", "Range": ByteRange.of(range).header}


def _place(id: str, name: str) -> tuple[str, tuple[str, ...]]:
    """Return the route and the path of an attachment."""
    route, path = document_path(id)
    return f"{route}/{{attachment_name}}", (*path, attachment_name(name))
