"""The revisions that `_bulk_get` names, as JSON or as parts.

https://docs.couchdb.org/en/stable/api/database/bulk-api.html#post--db-_bulk_get
"""

import sqlite3
from collections.abc import Mapping
from typing import Final, TypeAlias

import attrs

from couchmapper import jsonio
from couchmapper.embedded.attachment_texts import AttachmentsShown, contents_of
from couchmapper.embedded.engine.edits import canonical_revision, check_document_id
from couchmapper.embedded.engine.partitions import check_partitioned_id
from couchmapper.embedded.reading import OpenRevision, open_revisions
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.embedded.storage.documents import DocumentRow
from couchmapper.exceptions import BadRequest, ResponseError
from couchmapper.typing import JSON

__all__ = ["BulkGet", "Found", "result_text"]

_OF_IDS: Final = frozenset({"illegal_docid", "illegal_partition"})
"""Errors that do not tell of the revision that was asked for."""

Found: TypeAlias = tuple[OpenRevision, bytes]
"""A revision, and what is told (JSON text) when it is not there."""


@attrs.frozen(kw_only=True)
class BulkGet:
    """One request, with the documents that it names: `follows` puts attachments behind their documents."""

    connection: sqlite3.Connection
    database: DatabaseRow
    rows: Mapping[str, DocumentRow]
    query: Mapping[str, str]
    follows: bool

    def find(self, entry: JSON) -> list[Found]:
        """Read what one entry names: an error concerns only its own."""
        document_id = entry.get("id") if isinstance(entry, dict) else None
        rev = None if document_id is None else entry.get("rev")
        try:
            wanted, since = _wanted(entry, partitioned=self.database.partitioned)
        except ResponseError as error:
            told = None if error.error in _OF_IDS else rev
            return [(OpenRevision(str(rev), None), _failure(document_id, told, error))]
        found = open_revisions(
            self.connection,
            self.rows.get(entry["id"]),
            wanted,
            latest=self._asks("latest"),
            revisions=self._asks("revs"),
            attachments=self._shown(data=bool(since)),
            since=since,
        )
        return [(one, _absent(entry["id"], one.rev)) for one in found or [OpenRevision("undefined", None)]]

    def _shown(self, *, data: bool) -> AttachmentsShown:
        """Return what is shown of attachments; who says which revisions he has asks for their data."""
        wanted = data or self.follows or self._asks("attachments")
        return AttachmentsShown(
            encoding=self.follows or self._asks("att_encoding_info"),
            contents=contents_of(self.connection, self.database) if wanted else None,
            follows=self.follows,
        )

    def _asks(self, name: str) -> bool:
        return self.query.get(name) == "true"


def result_text(entry: JSON, found: list[Found]) -> bytes:
    """Write the result of one entry as JSON."""
    document_id = entry.get("id") if isinstance(entry, dict) else None
    texts = [
        b'{"error":' + absent + b"}" if one.text is None else b'{"ok":' + one.text + b"}"
        for one, absent in found
    ]
    return b'{"id":' + jsonio.dumps(document_id) + b',"docs":[' + b",".join(texts) + b"]}"


def _wanted(entry: JSON, *, partitioned: bool) -> tuple[list[str] | None, list[str]]:
    """Check an entry: the revision that it names, None for all leaves, and its `atts_since`."""
    if not isinstance(entry, dict):
        raise BadRequest("document must be a JSON object")
    if "id" not in entry:
        raise BadRequest("document id missed")
    check_document_id(entry["id"])
    if partitioned:
        check_partitioned_id(entry["id"])
    since = entry.get("atts_since", [])
    if not isinstance(since, list):
        raise BadRequest("att_since value must be array of revs.")
    wanted = [canonical_revision(entry["rev"])] if "rev" in entry else None
    return wanted, [canonical_revision(rev) for rev in since]


def _failure(document_id: JSON, rev: JSON, error: ResponseError) -> bytes:
    return jsonio.dumps({"rev": rev, "reason": error.reason, "id": document_id, "error": error.error})


def _absent(document_id: str, rev: str) -> bytes:
    return jsonio.dumps({"rev": rev, "reason": "missing", "id": document_id, "error": "not_found"})
