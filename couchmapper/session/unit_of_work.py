"""What a commit has to write, found by comparison: no I/O."""

from collections.abc import Container, Iterable, Iterator, Sequence

import attrs

from couchmapper import jsonio
from couchmapper.exceptions import DocumentInvalid, Fault, IdentityError, InvalidJSON
from couchmapper.mapping import mapper
from couchmapper.mapping.document import Document
from couchmapper.session.report import Rejected
from couchmapper.session.tombstones import is_buried
from couchmapper.typing import JSONObject

__all__ = ["Plan", "Write", "batches", "plan"]


@attrs.frozen(kw_only=True)
class Write:
    """One document to send under `id`, as JSON and as its text; `deleted` when it is a tombstone."""

    id: str
    document: Document
    json: JSONObject
    text: bytes
    deleted: bool = False


@attrs.frozen(kw_only=True)
class Plan:
    """The writes of a commit, and the documents that cannot be written as they are."""

    writes: tuple[Write, ...]
    rejected: tuple[Rejected, ...]


def plan(
    held: Iterable[tuple[str, Document]],
    deleted: Iterable[tuple[str, Document]],
    *,
    unsure: Container[str] = (),
) -> Plan:
    """Find new and changed documents by comparing each with what the server last sent.

    Documents come with the id under which the session knows them. What the server holds of the `unsure` ones
    is not known, since a write of theirs got no answer: they are written in any case.
    """
    writes: list[Write] = []
    rejected: list[Rejected] = []
    for known_id, document in held:
        try:
            write = _write(known_id, document, unsure=known_id in unsure)
        except (DocumentInvalid, IdentityError) as error:
            rejected.append(Rejected(document=document, error=error))
            continue
        if write is not None:
            writes.append(write)
    writes.extend(_tombstone(known_id, document) for known_id, document in deleted)
    return Plan(writes=tuple(writes), rejected=tuple(rejected))


def batches(writes: Sequence[Write], *, count: int, size: int) -> Iterator[Sequence[Write]]:
    """Yield the writes in groups of at most `count` documents and `size` bytes; a larger one stays alone."""
    start, total = 0, 0
    for place, write in enumerate(writes):
        total += len(write.text)
        if place > start and (place - start == count or total > size):
            yield writes[start:place]
            start, total = place, len(write.text)
    if start < len(writes):
        yield writes[start:]


def _write(known_id: str, document: Document, *, unsure: bool) -> Write | None:
    """Return what is to be sent of a document; None when the server holds it as it is."""
    if document.id != known_id:
        raise IdentityError(
            f"the id of {known_id!r} was changed to {document.id!r}: an id is for ever; add a document under"
            " the new id and delete this one"
        )
    json = mapper.dump(document)
    source = mapper.source_of(document)
    if not unsure and source is not None and "_rev" in source and jsonio.same(json, source):
        return None
    if is_buried(document):
        raise IdentityError(
            f"{known_id!r} was deleted by another session that holds the same object: session.add(document)"
            " makes it anew, session.expunge(document) lets it go"
        )
    return Write(id=known_id, document=document, json=json, text=_text(document, json))


def _text(document: Document, json: JSONObject) -> bytes:
    """Return the JSON text; here, before anything is sent, shows what JSON cannot hold."""
    try:
        return jsonio.dumps(json)
    except InvalidJSON as error:
        fault = Fault(error.path, error.message)
        raise DocumentInvalid(type(document).__name__, document.id, [fault]) from error


def _tombstone(known_id: str, document: Document) -> Write:
    revision = {} if document.rev is None else {"_rev": document.rev}
    json = {"_id": known_id, **revision, "_deleted": True}
    return Write(id=known_id, document=document, json=json, text=jsonio.dumps(json), deleted=True)
