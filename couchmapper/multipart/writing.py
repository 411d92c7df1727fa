"""Multipart bodies that are sent: their parts are read while they go out."""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import attrs

from couchmapper import jsonio
from couchmapper.exceptions import InvalidBody
from couchmapper.multipart.headers import disposition, sendable
from couchmapper.streams import Source, Upload
from couchmapper.typing import JSON, JSONMapping, JSONObject

__all__ = ["Attachment", "Multipart", "PartToSend", "encode", "related"]

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=?-]{1,70}")


def _upload(source: Source) -> Upload:
    return source if isinstance(source, Upload) else Upload(source)


def _one_line_each(
    _part: "PartToSend", _field: "attrs.Attribute[Mapping[str, str]]", headers: Mapping[str, str]
) -> None:
    for name, value in headers.items():
        if not sendable(name, value):
            raise InvalidBody(f"the header {name!r} of a part cannot be {value!r}; it is one line of text")


@attrs.frozen(kw_only=True)
class PartToSend:
    """One part that is to be written: its headers as they are, and its bytes or where they come from.

    A `Multipart` is a body, too: give it with its `content_type` as the header, and it is nested.
    """

    headers: Mapping[str, str] = attrs.field(validator=_one_line_each)
    body: Upload = attrs.field(converter=_upload, repr=False)

    @property
    def head(self) -> bytes:
        """The headers as they are sent, with the empty line behind them."""
        return "".join(f"{name}: {value}\r\n" for name, value in self.headers.items()).encode() + b"\r\n"


@attrs.frozen(kw_only=True)
class Attachment:
    """An attachment that is to be sent beside its document, not inside it.

    Its body knows its length: give an `Upload` with one where the source cannot tell.
    """

    name: str
    content_type: str
    body: Upload = attrs.field(converter=_upload, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.body.length is None:
            raise InvalidBody(f"the attachment {self.name!r} needs its length: Upload(source, length=...)")

    @property
    def stub(self) -> JSONObject:
        """What stands in the document: `{"content_type", "length", "follows": true}`."""
        return {"content_type": self.content_type, "length": self.body.length, "follows": True}

    @property
    def part(self) -> PartToSend:
        """The part that carries the bytes, with the headers that CouchDB writes."""
        headers = {
            "Content-Disposition": disposition(self.name),
            "Content-Type": self.content_type,
            "Content-Length": str(self.body.length),
        }
        return PartToSend(headers=headers, body=self.body)


class Multipart(Upload):
    """A multipart body: send it with the header `Content-Type: {content_type}`; iterating gives its bytes.

    The boundary is random and 32 characters long unless it is given. `length` is None when that of a part is.
    """

    def __init__(
        self,
        parts: Iterable[PartToSend],
        *,
        subtype: Literal["related", "mixed"] = "related",
        boundary: str | None = None,
    ) -> None:
        self.parts = tuple(parts)
        self.boundary = secrets.token_hex(16) if boundary is None else boundary
        self.content_type = f'multipart/{subtype}; boundary="{self.boundary}"'
        super().__init__(encode(self.parts, self.boundary), length=_length(self.parts, self.boundary))

    def rewind(self) -> bool:
        """Make the body ready to be sent again; False when a part of it cannot go back."""
        return all(part.body.rewind() for part in self.parts)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes; raises `InvalidBody` as `encode` does."""
        return encode(self.parts, self.boundary)


def _length(parts: Iterable[PartToSend], boundary: str) -> int | None:
    total = len(f"--{boundary}--")
    for part in parts:
        if part.body.length is None:
            return None
        total += len(f"--{boundary}\r\n") + len(part.head) + part.body.length + len("\r\n")
    return total


def encode(parts: Iterable[PartToSend], boundary: str) -> Iterator[bytes]:
    """Yield a multipart body in blocks, its parts read as they are sent.

    Raises `InvalidBody` when a part holds more or fewer bytes than it said, before the body is closed.
    """
    if not _BOUNDARY.fullmatch(boundary):
        raise InvalidBody(f"a boundary has 1 to 70 letters, digits and '()+_,-./:=?, not {boundary!r}")
    return _encode(parts, b"--" + boundary.encode("ascii"))


def _encode(parts: Iterable[PartToSend], delimiter: bytes) -> Iterator[bytes]:
    before = b""
    for part in parts:
        yield before + delimiter + b"\r\n" + part.head
        yield from part.body
        before = b"\r\n"
    yield before + delimiter + b"--"


def related(
    document: JSONMapping, attachments: Iterable[Attachment], *, boundary: str | None = None
) -> Multipart:
    """Return the body of `PUT /{db}/{docid}` that sends a document and new attachments without base64.

    The stubs are written here, in the order of the parts, since CouchDB matches them by order. Attachments
    that the document has under other names stay as they are on the server. Raises `InvalidBody` without any
    new attachment: CouchDB would wait for one until the connection breaks.
    """
    new = _by_name(attachments)
    old = document.get("_attachments", {})
    stubs = {name: _kept(stub) for name, stub in old.items() if name not in new}
    stubs |= {name: attachment.stub for name, attachment in new.items()}
    text = jsonio.dumps({**document, "_attachments": stubs})
    head = PartToSend(headers={"Content-Type": "application/json"}, body=text)
    return Multipart((head, *(attachment.part for attachment in new.values())), boundary=boundary)


def _by_name(attachments: Iterable[Attachment]) -> dict[str, Attachment]:
    found: dict[str, Attachment] = {}
    for attachment in attachments:
        if found.setdefault(attachment.name, attachment) is not attachment:
            raise InvalidBody(f"two attachments have the name {attachment.name!r}; give each its own")
    if not found:
        raise InvalidBody("no attachment follows the document; send it as JSON")
    return found


def _kept(stub: JSON) -> JSON:
    """Say of an attachment that followed its document when that was read that it does not follow now."""
    return {"stub": True} if isinstance(stub, dict) and stub.get("follows") else stub
