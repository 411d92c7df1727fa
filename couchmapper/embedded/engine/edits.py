"""What a document in a request says: its id, the revision it was made from, its body.

https://docs.couchdb.org/en/stable/api/document/common.html#special-fields
"""

from collections.abc import Callable, Mapping
from typing import Final

import attrs

from couchmapper.embedded.engine.attachments_given import (
    FollowingAttachment,
    GivenAttachment,
    read_attachments,
)
from couchmapper.exceptions import BadRequest, IllegalDocumentId
from couchmapper.revisions import BODY_MEMBERS, parse_revision
from couchmapper.typing import JSON, JSONObject

__all__ = ["Edit", "canonical_revision", "check_document_id", "read_edit"]

_RESERVED: Final = ("_design/", "_local/")


@attrs.frozen(kw_only=True)
class Edit:
    """A document as it came: `path` is the revision that it names, and those before it if they are known.

    `id` is None when the document has none. `body` is without special members; `attachments` are those that
    the revision will have, in the order of the document.
    """

    id: str | None
    path: tuple[str, ...]
    deleted: bool
    body: JSONObject
    attachments: tuple[GivenAttachment, ...] = ()


def read_edit(document: JSON, *, follows: bool = False) -> Edit:
    """Check a document and take it apart; raises the error that CouchDB gives for what it cannot be.

    With `follows` the bytes of attachments may stand behind the document.
    """
    if not isinstance(document, dict):
        raise BadRequest("Document must be a JSON object")
    body = {name: item for name, item in document.items() if name[:1] != "_" or name in BODY_MEMBERS}
    if len(body) == len(document):
        return Edit(id=None, path=(), deleted=False, body=body)
    special = {name: item for name, item in document.items() if name not in body}
    for name, item in special.items():
        check = _SPECIAL.get(name)
        if check is None:
            raise _misfit(name)
        check(name, item)
    return Edit(
        id=special.get("_id"),
        path=_path(special),
        deleted=special.get("_deleted", False),
        body=body,
        attachments=_attachments(special, follows=follows) if "_attachments" in special else (),
    )


def check_document_id(document_id: JSON) -> None:
    """Raise `IllegalDocumentId` for what cannot be the id of a document."""
    if not isinstance(document_id, str):
        raise IllegalDocumentId("Document id must be a string")
    if not document_id:
        raise IllegalDocumentId("Document id must not be empty")
    if document_id[0] == "_":
        if not document_id.startswith(_RESERVED):
            raise IllegalDocumentId("Only reserved document ids may start with underscore.")
        if document_id in _RESERVED:
            raise IllegalDocumentId(f"Illegal document id `{document_id}`")


def canonical_revision(revision: JSON) -> str:
    """Write a revision as the tree has it; raises `BadRequest` when it is none."""
    if not isinstance(revision, str):
        raise BadRequest("Invalid rev format")
    generation, digest = parse_revision(revision)
    return f"{generation}-{digest}"


def _path(special: JSONObject) -> tuple[str, ...]:
    """Return the revisions that a document names; `_revisions` counts before `_rev`."""
    if "_revisions" in special:
        start = special["_revisions"]["start"]
        return tuple(
            canonical_revision(f"{start - age}-{digest}")
            for age, digest in enumerate(special["_revisions"]["ids"])
        )
    return (canonical_revision(special["_rev"]),) if "_rev" in special else ()


def _attachments(special: JSONObject, *, follows: bool) -> tuple[GivenAttachment, ...]:
    attachments = read_attachments(special["_attachments"])
    for one in attachments:
        if isinstance(one, FollowingAttachment) and not follows:
            raise BadRequest(f"Invalid attachment data for {one.name}: only multipart/related lets it follow")
    return attachments


def _check_id(_name: str, item: JSON) -> None:
    check_document_id(item)


def _check_revision(_name: str, item: JSON) -> None:
    canonical_revision(item)


def _check_deleted(name: str, item: JSON) -> None:
    if not isinstance(item, bool):
        raise _misfit(name)


def _check_attachments(name: str, item: JSON) -> None:
    if not isinstance(item, dict):
        raise _misfit(name)


def _check_revisions(name: str, item: JSON) -> None:
    if not isinstance(item, dict):
        raise _misfit(name)
    start, ids = item.get("start"), item.get("ids")
    if type(start) is not int:
        raise _invalid("_revisions.start isn't an integer.")
    if not isinstance(ids, list):
        raise _invalid("_revisions.ids isn't a array.")
    if not all(isinstance(digest, str) for digest in ids):
        raise _invalid("RevId isn't a string")
    if not 0 < len(ids) <= start:
        raise _invalid("_revisions.ids holds from one up to _revisions.start revisions.")


def _ignore(_name: str, _item: JSON) -> None:
    """Take what a reader was shown and sends back."""


_SPECIAL: Mapping[str, Callable[[str, JSON], None]] = {
    "_attachments": _check_attachments,
    "_conflicts": _ignore,
    "_deleted": _check_deleted,
    "_deleted_conflicts": _ignore,
    "_id": _check_id,
    "_local_seq": _ignore,
    "_rev": _check_revision,
    "_revisions": _check_revisions,
    "_revs_info": _ignore,
}


def _misfit(name: str) -> BadRequest:
    return _invalid(f"Bad special document member: {name}")


def _invalid(reason: str) -> BadRequest:
    return BadRequest(reason, error="doc_validation")
