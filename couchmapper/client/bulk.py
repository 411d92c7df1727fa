"""Many documents in one request."""

from collections.abc import Iterable, Iterator, Sequence

from couchmapper import jsonio
from couchmapper.client.params import UNSET, flags, given, present
from couchmapper.client.resource import Resource
from couchmapper.exceptions import InvalidJSON
from couchmapper.typing import JSON, JSONMapping, JSONObject

__all__ = ["Bulk"]


class Bulk(Resource):
    """`db.bulk`: https://docs.couchdb.org/en/stable/api/database/bulk-api.html."""

    def docs(self, documents: Iterable[JSONMapping | bytes], *, new_edits: bool = True) -> list[JSONObject]:
        """POST /{db}/_bulk_docs — store documents; return one result for each, in order.

        A result is `{"ok": true, "id", "rev"}`, or `{"id", "error", "reason"}` for a document that was not
        stored: nothing is raised for it, and the others are stored. A malformed document fails the whole
        request. With `new_edits=False` revisions are stored as given and only failures have a result. A
        document may be given as its JSON text, which is sent as it is.
        """
        texts = b",".join(_texts(documents))
        end = b"]}" if new_edits else b'],"new_edits":false}'
        results: list[JSONObject] = self._ask(
            "POST", "/_bulk_docs", ("_bulk_docs",), text=b'{"docs":[' + texts + end
        )
        return results

    def get(
        self,
        docs: Iterable[JSONMapping],
        *,
        revs: bool = False,
        latest: bool = False,
        attachments: bool = False,
    ) -> list[JSONObject]:
        """POST /{db}/_bulk_get — read revisions, each asked for as `{"id"}` or `{"id", "rev"}`.

        Returns for each `{"id", "docs": [...]}`, a list of `{"ok": document}` and
        `{"error": {"id", "rev", "error", "reason"}}`.
        """
        answer = self._ask(
            "POST",
            "/_bulk_get",
            ("_bulk_get",),
            parameters=flags(revs=revs, latest=latest, attachments=attachments),
            body={"docs": list(docs)},
            repeatable=True,
        )
        results: list[JSONObject] = answer["results"]
        return results

    def all_docs(  # noqa: PLR0913 - CouchDB's parameters
        self,
        *,
        key: JSON = UNSET,
        keys: Sequence[JSON] | None = None,
        start_key: JSON = UNSET,
        end_key: JSON = UNSET,
        inclusive_end: bool = True,
        descending: bool = False,
        limit: int | None = None,
        skip: int | None = None,
        include_docs: bool = False,
        conflicts: bool = False,
        attachments: bool = False,
        update_seq: bool = False,
    ) -> JSONObject:
        """POST /{db}/_all_docs — return `{"total_rows", "offset", "rows"}`, by id in the order of its bytes.

        A row is `{"id", "key", "value": {"rev"}}`, with `doc` when `include_docs`. With `keys` there is a row
        for each: `{"key", "error": "not_found"}` for an id that never was, `value.deleted` for a tombstone.
        """
        body = {
            **present(key=key, start_key=start_key, end_key=end_key),
            **given(keys=keys, limit=limit, skip=skip),
            **flags(
                descending=descending,
                include_docs=include_docs,
                conflicts=conflicts,
                attachments=attachments,
                update_seq=update_seq,
            ),
            **({} if inclusive_end else {"inclusive_end": False}),
        }
        answer: JSONObject = self._ask("POST", "/_all_docs", ("_all_docs",), body=body, repeatable=True)
        return answer


def _texts(documents: Iterable[JSONMapping | bytes]) -> Iterator[bytes]:
    """Write documents as JSON; raises `InvalidJSON` with the place among the documents."""
    for index, document in enumerate(documents):
        try:
            yield document if isinstance(document, bytes) else jsonio.dumps(document)
        except InvalidJSON as error:
            place = f"docs[{index}]" + (f".{error.path}" if error.path else "")
            raise InvalidJSON(error.message, place) from error
