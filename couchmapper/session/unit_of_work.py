"""What a commit has to write, found by comparison: no I/O."""

from collections.abc import Container, Iterable, Iterator, Sequence

import attrs

from couchmapper import jsonio
from couchmapper.exceptions import CouchMapperError, DocumentInvalid, Fault, IdentityError, InvalidJSON
from couchmapper.mapping import mapper
from couchmapper.mapping.document import Document
from couchmapper.mapping.lifecycle import hooks_for
from couchmapper.session.report import Rejected
from couchmapper.session.tombstones import is_buried
from couchmapper.typing import JSONObject

__all__ = ["Plan", "Write", "is_changed", "plan", "prepared", "sent_as"]


@attrs.frozen(kw_only=True)
class Write:
    """One document to send under `id`, as JSON and as its text; `deleted` when it is a tombstone.

    `mine` is what the session has, None to delete it: what is sent can be this together with what somebody
    else wrote. `base` is what the session had read. `whole` deletes every branch of the document.
    """

    id: str
    document: Document
    json: JSONObject
    text: bytes
    mine: JSONObject | None
    base: JSONObject | None
    deleted: bool = False
    whole: bool = False


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
    whole: Container[str] = (),
) -> Plan:
    """Find new and changed documents by comparing each with what the server last sent.

    Documents come with the id under which the session knows them. What the server holds of the `unsure` ones
    is not known, since a write of theirs got no answer: they are written in any case. Of the `whole` ones all
    branches are deleted. The hooks `before_save` and `before_delete` are called here.
    """
    writes: list[Write] = []
    rejected: list[Rejected] = []
    for known_id, document in held:
        try:
            write = prepared(known_id, document, unsure=known_id in unsure)
        except (DocumentInvalid, IdentityError) as error:
            rejected.append(Rejected(document=document, error=error))
            continue
        if write is not None:
            writes.append(write)
    for known_id, document in deleted:
        for hook in hooks_for(type(document), "before_delete"):
            hook(document)
        writes.append(_tombstone(known_id, document, whole=known_id in whole))
    return Plan(writes=tuple(writes), rejected=tuple(rejected))


def is_changed(known_id: str, document: Document) -> bool:
    """Tell whether a document has something that the server does not have; a wrong one has."""
    if document.id != known_id:
        return True
    source = mapper.source_of(document)
    if source is None or "_rev" not in source:
        return True
    try:
        json = mapper.dump(document)
    except CouchMapperError:
        return True
    return json is not source and not jsonio.same(json, source)


def write_of(known_id: str, document: Document, *, unsure: bool = False) -> Write | None:
    """Return what is to be sent of a document; None when the server holds it as it is."""
    if document.id != known_id:
        raise IdentityError(
            f"the id of {known_id!r} was changed to {document.id!r}: an id is for ever; add a document under"
            " the new id and delete this one"
        )
    json = mapper.dump(document)
    source = mapper.source_of(document)
    if not unsure and source is not None and "_rev" in source and (json is source or jsonio.same(json, source)):
        return None
    if is_buried(document):
        raise IdentityError(
            f"{known_id!r} was deleted by another session that holds the same object: session.add(document)"
            " makes it anew, session.expunge(document) lets it go"
        )
    base = source if source is not None and "_rev" in source else None
    return Write(id=known_id, document=document, json=json, text=_text(document, json), mine=json, base=base)


def sent_as(write: Write, json: JSONObject) -> Write:
    """Return a write that sends other JSON than before; it is still the same document of the session."""
    deleted = json.get("_deleted") is True
    return attrs.evolve(write, json=json, text=_text(write.document, json), deleted=deleted)


def prepared(known_id: str, document: Document, *, unsure: bool = False) -> Write | None:
    """Return what is to be sent; a document that is, is given to its hooks first, and may change by that."""
    write = write_of(known_id, document, unsure=unsure)
    hooks = hooks_for(type(document), "before_save")
    if write is None or not hooks:
        return write
    for hook in hooks:
        hook(document)
    return write_of(known_id, document, unsure=True)


def _text(document: Document, json: JSONObject) -> bytes:
    """Return the JSON text; here, before anything is sent, shows what JSON cannot hold."""
    try:
        return jsonio.dumps(json)
    except InvalidJSON as error:
        fault = Fault(error.path, error.message)
        raise DocumentInvalid(type(document).__name__, document.id, [fault]) from error


def _tombstone(known_id: str, document: Document, *, whole: bool) -> Write:
    revision = {} if document.rev is None else {"_rev": document.rev}
    json = {"_id": known_id, **revision, "_deleted": True}
    base = None if document.rev is None else mapper.source_of(document)
    return Write(
        id=known_id,
        document=document,
        json=json,
        text=jsonio.dumps(json),
        mine=None,
        base=base,
        deleted=True,
        whole=whole,
    )
