"""Documents as they arrive with their attachments: the parts of a multipart answer, or plain JSON."""

import io
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from couchmapper import jsonio
from couchmapper.client.attachment_streams import AttachmentFacts, AttachmentStream, checked
from couchmapper.client.errors import failure, label
from couchmapper.client.inline_attachments import inline_content
from couchmapper.client.streaming import Streaming
from couchmapper.exceptions import InvalidAnswer, InvalidJSON, ResponseError
from couchmapper.messages import Request, Response
from couchmapper.multipart import Part, decode, is_multipart
from couchmapper.streams import Closing
from couchmapper.typing import JSON, JSONObject

__all__ = ["Listed", "StreamedDocument", "StreamedDocuments", "streamed_document"]

Listed: TypeAlias = Callable[[Any], Iterator[JSONObject]]
"""Finds in an answer of plain JSON one `{"ok": document}`, `{"missing"}` or `{"error"}` for each revision."""


class _Arriving(Closing):
    """The answer that something is read from."""

    def __init__(self, stream: Streaming | None) -> None:
        self._stream = stream

    def close(self) -> None:
        """Give up what was not read; closing twice is fine."""
        if self._stream is not None:
            self._stream.close()


class StreamedDocument(_Arriving):
    """One revision of a document, and an iterator over its attachments, which arrive after it.

    Read each `AttachmentStream` before the next one is asked for; what was left unread is skipped. `error` is
    set instead of a document when the revision is not there: then `document` raises it. Close it, read it to
    its end, or use it as a context manager when it is not one of several.
    """

    def __init__(
        self,
        document: JSONObject | ResponseError,
        attachments: Iterator[AttachmentStream],
        stream: Streaming | None = None,
    ) -> None:
        super().__init__(stream)
        self._document = document
        self._attachments = attachments

    def __repr__(self) -> str:
        found = self._document
        told = found if isinstance(found, ResponseError) else (found.get("_id"), found.get("_rev"))
        return f"{type(self).__name__}({told!r})"

    @property
    def error(self) -> ResponseError | None:
        """Why there is no document, None when there is one."""
        return self._document if isinstance(self._document, ResponseError) else None

    @property
    def document(self) -> JSONObject:
        """The document; those of its attachments that follow it have `follows` in their stubs."""
        if isinstance(self._document, ResponseError):
            raise self._document
        return self._document

    @property
    def rev(self) -> str | None:
        """The revision that this is, or that is missing; None when none was named."""
        found = self._document
        rev = found.body.get("rev") if isinstance(found, ResponseError) else found.get("_rev")
        return None if rev == "undefined" else rev

    def __iter__(self) -> Iterator[AttachmentStream]:
        return self

    def __next__(self) -> AttachmentStream:
        return next(self._attachments)


class StreamedDocuments(_Arriving):
    """An iterator over documents that arrive with their attachments, each a `StreamedDocument`.

    It holds a connection until it was read to its end or closed; use it as a context manager. Take what you
    need of a document before you ask for the next one.
    """

    def __init__(self, request: Request, response: Response, listed: Listed) -> None:
        stream = Streaming(response)
        super().__init__(stream)
        kind = response.headers.get("content-type", "")
        if is_multipart(kind):
            self._documents = _from_parts(decode(stream, kind), label(request))
        else:
            self._documents = _from_list(_loads(stream.read(), label(request)), label(request), listed)

    def __iter__(self) -> Iterator[StreamedDocument]:
        return self

    def __next__(self) -> StreamedDocument:
        return next(self._documents)


def streamed_document(request: Request, response: Response) -> StreamedDocument:
    """Return the document of an answer with the attachments that follow it, or that are inside it."""
    stream, kind = Streaming(response), response.headers.get("content-type", "")
    if is_multipart(kind):
        return _related(decode(stream, kind), label(request), stream)
    document = _loads(stream.read(), label(request))
    return StreamedDocument(document, _inline(document), stream)


def _loads(text: bytes, place: str) -> Any:
    try:
        return jsonio.loads(text)
    except InvalidJSON as error:
        raise InvalidAnswer(f"{place}: where a document was expected, there is no JSON; ask again") from error


def _from_list(answer: JSON, place: str, listed: Listed) -> Iterator[StreamedDocument]:
    for row in listed(answer):
        if "ok" in row:
            yield StreamedDocument(row["ok"], _inline(row["ok"]))
        else:
            yield StreamedDocument(_missing(row.get("error", row), place), iter(()))


def _from_parts(parts: Iterator[Part], place: str) -> Iterator[StreamedDocument]:
    """Yield what each part of `multipart/mixed` holds: parts itself, a document, or what is missing."""
    for part in parts:
        if part.is_multipart:
            yield _related(part.parts(), place)
            continue
        found = _loads(part.read(), place)
        yield StreamedDocument(found if "_id" in found else _missing(found, place), iter(()))


def _missing(told: JSONObject, place: str) -> ResponseError:
    """Return the error for a revision that is not there, as `open_revs` says it and as `_bulk_get` does."""
    if "missing" in told:
        told = {"rev": told["missing"], "error": "not_found", "reason": "missing"}
    return failure(told, f"{place}, {told.get('id') or told.get('rev')!r}")


def _related(parts: Iterator[Part], place: str, stream: Streaming | None = None) -> StreamedDocument:
    """Return the document in the first part, with the attachments in the others."""
    first = next(parts, None)
    if first is None:
        raise InvalidAnswer(f"{place}: a multipart answer holds no document; ask again")
    document = _loads(first.read(), place)
    return StreamedDocument(document, _following(parts, _stubs(document, "follows"), place), stream)


def _stubs(document: JSONObject, member: str) -> Iterator[tuple[str, JSONObject]]:
    attachments: dict[str, JSONObject] = document.get("_attachments", {})
    return ((name, stub) for name, stub in attachments.items() if member in stub)


def _following(
    parts: Iterator[Part], stubs: Iterator[tuple[str, JSONObject]], place: str
) -> Iterator[AttachmentStream]:
    """Yield the attachments in the order of their stubs: that alone says which is which."""
    for name, stub in stubs:
        part = next(parts, None)
        if part is None:
            raise InvalidAnswer(f"{place}: the answer ends before the attachment {name!r}; ask again")
        encoding = stub.get("encoding")
        stream = checked(
            part,
            f"{place}, attachment {name!r}",
            length=stub.get("encoded_length" if encoding else "length"),
            digest=stub.get("digest"),
            packed=encoding == "gzip",
        )
        yield AttachmentStream(_told(name, stub), stream)
    if next(parts, None) is not None:
        raise InvalidAnswer(f"{place}: the answer holds more attachments than its document names")


def _told(name: str, stub: JSONObject) -> AttachmentFacts:
    """Return what a stub says; of what came compressed the server may not know the length of its content."""
    encoding = stub.get("encoding")
    length = stub.get("length")
    unknown = encoding is not None and length == stub.get("encoded_length")
    return AttachmentFacts(
        name=name,
        content_type=stub.get("content_type", ""),
        length=None if unknown else length,
        digest=stub.get("digest"),
        encoding=encoding,
    )


def _inline(document: JSONObject) -> Iterator[AttachmentStream]:
    """Yield the attachments that a document holds itself."""
    for name, stub in _stubs(document, "data"):
        content = inline_content(stub)
        facts = AttachmentFacts(
            name=name,
            content_type=stub.get("content_type", ""),
            length=len(content),
            digest=stub.get("digest"),
        )
        yield AttachmentStream(facts, io.BytesIO(content))
