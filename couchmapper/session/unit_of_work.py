"""What a commit has to write, found by comparison: no I/O."""

from collections.abc import Iterable

import attrs

from couchmapper.client.params import document_id as checked_id
from couchmapper.exceptions import DocumentInvalid, IdentityError, IllegalDocumentId
from couchmapper.jsonio import same
from couchmapper.mapping import mapper
from couchmapper.mapping.document import Document
from couchmapper.session.report import Rejected
from couchmapper.typing import JSONObject

__all__ = ["Plan", "Write", "plan"]


@attrs.frozen(kw_only=True)
class Write:
    """One document to send, as JSON; `deleted` when it is a tombstone."""

    document: Document
    json: JSONObject
    deleted: bool = False


@attrs.frozen(kw_only=True)
class Plan:
    """The writes of a commit, and the documents that cannot be written as they are."""

    writes: tuple[Write, ...]
    rejected: tuple[Rejected, ...]


def plan(documents: Iterable[tuple[str, Document]], deleted: Iterable[Document]) -> Plan:
    """Find new and changed documents by comparing each with what the server last sent.

    `documents` are pairs of the id under which the session knows a document, and the document.
    """
    writes: list[Write] = []
    rejected: list[Rejected] = []
    for known_id, document in documents:
        try:
            json = _checked(known_id, document)
        except (DocumentInvalid, IdentityError, IllegalDocumentId) as error:
            rejected.append(Rejected(document=document, error=error))
            continue
        source = mapper.source_of(document)
        if source is None or not same(json, source):
            writes.append(Write(document=document, json=json))
    writes.extend(Write(document=document, json=_tombstone(document), deleted=True) for document in deleted)
    return Plan(writes=tuple(writes), rejected=tuple(rejected))


def _checked(known_id: str, document: Document) -> JSONObject:
    if document.id != known_id:
        raise IdentityError(
            f"the id of {known_id!r} was changed to {document.id!r}: an id is for ever; add a document under"
            " the new id and delete this one"
        )
    checked_id(known_id)
    return mapper.dump(document)


def _tombstone(document: Document) -> JSONObject:
    return {"_id": document.id, "_rev": document.rev, "_deleted": True}
