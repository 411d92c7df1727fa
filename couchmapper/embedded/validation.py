"""The `validate_doc_update` functions of a database, which have a word in every write.

https://docs.couchdb.org/en/stable/ddocs/ddocs.html#validate-document-update-functions
"""

import sqlite3
from collections.abc import Sequence
from functools import cached_property

from couchmapper import jsonio
from couchmapper.embedded.designs import read_designs
from couchmapper.embedded.engine.attachments import StoredAttachment
from couchmapper.embedded.engine.attachments_given import shown_unsaved
from couchmapper.embedded.engine.edits import Edit
from couchmapper.embedded.engine.tree import RevisionTree
from couchmapper.embedded.queryserver.filters import JavaScriptValidation
from couchmapper.embedded.reading import revision_text
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.exceptions import BadRequest, ServerError
from couchmapper.revisions import parse_revision
from couchmapper.typing import JSONObject

__all__ = ["Validations"]

_ADMINS: JSONObject = {"members": {"roles": ["_admin"]}, "admins": {"roles": ["_admin"]}}


class Validations:
    """The functions as the database has them when a request begins; all must accept a document.

    Design documents are not looked at, as CouchDB does for an admin, and whoever opens the store is one.
    """

    def __init__(self, connection: sqlite3.Connection, database: DatabaseRow) -> None:
        self._connection = connection
        self._database = database
        self._user = {"db": database.name, "name": None, "roles": ["_admin"]}

    def check(
        self,
        document_id: str,
        edit: Edit,
        attached: Sequence[StoredAttachment],
        tree: RevisionTree,
        path: Sequence[str],
    ) -> None:
        """Raise the `Forbidden` or `Unauthorized` that a function throws.

        `attached` are the attachments that the edit makes. `path` are the revisions that it names, the newest
        first; what it replaces is the first of them that is stored.
        """
        if document_id.startswith("_design/") or not self._functions:
            return
        new = _document(document_id, edit, attached, path)
        texts = (revision_text(self._connection, document_id, tree, rev, revisions=True) for rev in path)
        old = next((jsonio.loads(text) for text in texts if text is not None), None)
        for function in self._functions:
            function.check(new, old, user=self._user, security=_ADMINS)

    @cached_property
    def _functions(self) -> list[JavaScriptValidation]:
        """Compile the functions when the first document needs them, so that a broken one can be mended."""
        designs = read_designs(self._connection, self._database)
        try:
            return [
                JavaScriptValidation(design["validate_doc_update"], design=design)
                for design in designs
                if design.get("language", "javascript") == "javascript" and "validate_doc_update" in design
            ]
        except BadRequest as error:
            raise ServerError(error.reason, error=error.error) from error


def _document(
    document_id: str, edit: Edit, attached: Sequence[StoredAttachment], path: Sequence[str]
) -> JSONObject:
    """Write an edit as the functions see it: before it has a revision of its own."""
    document = {"_id": document_id, **({"_rev": path[0]} if path else {}), **edit.body}
    if edit.deleted:
        document["_deleted"] = True
    if path:
        revisions = [parse_revision(rev) for rev in path]
        document["_revisions"] = {"start": revisions[0][0], "ids": [digest for _, digest in revisions]}
    if attached:
        document["_attachments"] = shown_unsaved(edit.attachments, attached)
    return document
