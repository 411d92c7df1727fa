"""Single documents: read, write, delete, and the leaves of their revision trees."""

from couchmapper.client.errors import revision
from couchmapper.client.params import document_id, flags, given, id_of
from couchmapper.client.resource import Resource
from couchmapper.typing import JSONMapping, JSONObject

__all__ = ["Documents"]

_ROUTE = "/{doc_id}"


class Documents(Resource):
    """`db.documents`: https://docs.couchdb.org/en/stable/api/document/common.html.

    An id that is empty, `.`, `..` or begins with an underscore is refused with `IllegalDocumentId` before
    anything is sent. Reading or deleting what is not there raises `DocumentNotFound`.
    """

    def get(  # noqa: PLR0913 - CouchDB's parameters
        self,
        id: str,
        *,
        rev: str | None = None,
        revs: bool = False,
        revs_info: bool = False,
        conflicts: bool = False,
        deleted_conflicts: bool = False,
        latest: bool = False,
        local_seq: bool = False,
        attachments: bool = False,
    ) -> JSONObject:
        """GET /{db}/{doc_id} — return the winning revision, or the revision `rev`.

        The flags add members: `_revisions`, `_revs_info`, `_conflicts`, `_deleted_conflicts`, `_local_seq`,
        and the data of `_attachments` in base64. `latest` follows `rev` to the leaf that came of it.
        """
        extras = flags(
            revs=revs,
            revs_info=revs_info,
            conflicts=conflicts,
            deleted_conflicts=deleted_conflicts,
            latest=latest,
            local_seq=local_seq,
            attachments=attachments,
        )
        parameters = {**given(rev=rev), **extras}
        document: JSONObject = self._ask("GET", _ROUTE, (document_id(id),), parameters=parameters)
        return document

    def leaves(self, id: str, *, revs: bool = False) -> list[JSONObject]:
        """GET /{db}/{doc_id}?open_revs=all — return every leaf, those with `_deleted` included.

        More than one leaf without `_deleted` is a conflict. `revs` adds `_revisions` to each.
        """
        parameters = {"open_revs": "all", **flags(revs=revs)}
        rows = self._ask("GET", _ROUTE, (document_id(id),), parameters=parameters)
        return [row["ok"] for row in rows if "ok" in row]

    def head(self, id: str, *, rev: str | None = None) -> str:
        """HEAD /{db}/{doc_id} — return the current revision without the document.

        The answer has no body, so a missing database raises `DocumentNotFound` too.
        """
        return revision(self._head(_ROUTE, (document_id(id),), parameters=given(rev=rev)))

    def put(self, document: JSONMapping, *, new_edits: bool = True) -> JSONObject:
        """PUT /{db}/{doc_id} — store a document under its `_id`; return `{"ok", "id", "rev"}`.

        Its `_rev` must be the current one, or be absent for a new document; else `DocumentConflict`. With
        `new_edits=False` the revision is stored as it is given, as replication does.
        """
        path = (document_id(id_of(document)),)
        parameters = {} if new_edits else {"new_edits": False}
        answer: JSONObject = self._ask("PUT", _ROUTE, path, parameters=parameters, body=document)
        return answer

    def post(self, document: JSONMapping) -> JSONObject:
        """POST /{db} — store a document, under an id of the server's when it has no `_id`.

        Without an `_id` this request is not repeated after a broken connection: it could store two.
        """
        answer: JSONObject = self._ask("POST", "", (), body=document, repeatable="_id" in document)
        return answer

    def delete(self, id: str, *, rev: str) -> JSONObject:
        """DELETE /{db}/{doc_id} — delete the document whose current revision is `rev`.

        Returns `{"ok", "id", "rev"}` with the revision of the tombstone.
        """
        answer: JSONObject = self._ask("DELETE", _ROUTE, (document_id(id),), parameters={"rev": rev})
        return answer
