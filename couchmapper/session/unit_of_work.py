"""What a commit has to write, found by comparison: no I/O."""

from collections.abc import Container, Iterable, Sequence

import attrs

from couchmapper import jsonio
from couchmapper.exceptions import (
    AttachmentError,
    CouchMapperError,
    DocumentInvalid,
    Fault,
    IdentityError,
    IllegalDocumentId,
    InvalidJSON,
)
from couchmapper.mapping import mapper
from couchmapper.mapping.attachment_changes import AttachmentChanges, as_stored, pending_attachments
from couchmapper.mapping.document import Document
from couchmapper.mapping.ids import check_id
from couchmapper.mapping.lifecycle import has_hooks, run_hooks
from couchmapper.multipart import Attachment
from couchmapper.session.report import Rejected
from couchmapper.session.tombstones import is_buried
from couchmapper.typing import JSONObject

__all__ = ["Plan", "Write", "is_changed", "plan", "prepared", "sent_as"]


@attrs.define(eq=False)  # not frozen, since one is made for every document, in half the time
class Write:
    """One document to send under `id`, as JSON and as its text; `deleted` when it is a tombstone.

    `mine` is what the session has, None to delete it: what is sent can be this together with what somebody
    else wrote. `base` is what the session had read. `whole` deletes every branch of the document. The bytes
    of new `attachments` are in the text or `beside` it; the JSON has their stubs.
    """

    id: str
    document: Document
    json: JSONObject
    text: bytes
    mine: JSONObject | None
    base: JSONObject | None
    deleted: bool = False
    whole: bool = False
    attachments: AttachmentChanges | None = None

    @property
    def beside(self) -> Sequence[Attachment]:
        """The attachments that are sent beside the document, which is then sent alone."""
        return () if self.attachments is None else self.attachments.beside(self.json)

    @property
    def size(self) -> int:
        """The number of bytes to send."""
        return len(self.text) + sum(one.body.length or 0 for one in self.beside)

    def held(self, json: JSONObject, revision: str) -> JSONObject:
        """Return what the server holds at a revision after `json` was sent."""
        if self.attachments is None:
            return {**json, "_rev": revision}
        return self.attachments.settled(json, revision)


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
    branches are deleted.
    """
    writes: list[Write] = []
    rejected: list[Rejected] = []
    for known_id, document in held:
        try:
            write = write_of(known_id, document, unsure=known_id in unsure)
        except (DocumentInvalid, IdentityError, IllegalDocumentId) as error:
            rejected.append(Rejected(document=document, error=error))
            continue
        if write is not None:
            writes.append(write)
    for known_id, document in deleted:
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
        json = as_stored(document, mapper.dump(document))
    except CouchMapperError:
        return True
    return not jsonio.same(json, source)


def write_of(known_id: str, document: Document, *, unsure: bool = False) -> Write | None:
    """Return what is to be sent of a document; None when the server holds it as it is."""
    if document.id != known_id:
        raise IdentityError(
            f"the id of {known_id!r} was changed to {document.id!r}: an id is for ever; add a document under"
            " the new id and delete this one"
        )
    check_id(document)
    json, attachments, base = mapper.dump(document), pending_attachments(document), None
    if attachments is not None:
        json = attachments.stored(json)
    source = mapper.source_of(document)
    if source is not None and "_rev" in source:
        if not unsure and jsonio.same(json, source):
            return None
        if is_buried(document):
            raise IdentityError(
                f"{known_id!r} was deleted by another session that holds the same object:"
                " session.add(document) makes it anew, session.expunge(document) lets it go"
            )
        base = source
    mapper.validate(document)
    text = _text(document, json, attachments)
    return Write(known_id, document, json, text, json, base, attachments=attachments)


def sent_as(write: Write, json: JSONObject) -> Write:
    """Return a write that sends other JSON than before; it is still the same document of the session."""
    deleted = json.get("_deleted") is True
    text = _text(write.document, json, write.attachments)
    return attrs.evolve(write, json=json, text=text, deleted=deleted)


def prepared(known_id: str, document: Document, *, unsure: bool = False) -> Write | None:
    """Return what is to be sent; a document that is, is given to its hooks first, and may change by that."""
    write = write_of(known_id, document, unsure=unsure)
    if write is None or not has_hooks(type(document), "before_save"):
        return write
    run_hooks("before_save", document)
    return write_of(known_id, document, unsure=True)


def _text(document: Document, json: JSONObject, attachments: AttachmentChanges | None) -> bytes:
    """Return the JSON text; here, before anything is sent, shows what JSON or a file cannot give."""
    try:
        return jsonio.dumps_json(json if attachments is None else attachments.written(json))
    except InvalidJSON as error:
        faults = [Fault(error.path, error.message)]
        raise DocumentInvalid(type(document).__name__, document.id, faults) from error
    except AttachmentError as error:
        faults = [*attachments.faults()] if attachments else [Fault("attachments", str(error))]
        raise DocumentInvalid(type(document).__name__, document.id, faults) from error


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
