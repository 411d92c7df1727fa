"""Views: rows that map functions made of the documents, in key order, or reduced."""

from collections.abc import Sequence

from couchmapper.client.find import Update
from couchmapper.client.params import UNSET, design_name, flags, given, present
from couchmapper.client.resource import Resource
from couchmapper.typing import JSON, JSONObject

__all__ = ["Views"]

_ROUTE = "/_design/{ddoc}/_view/{view}"


class Views(Resource):
    """`db.views`: https://docs.couchdb.org/en/stable/api/ddoc/views.html."""

    def query(  # noqa: PLR0913 - CouchDB's parameters
        self,
        ddoc: str,
        view: str,
        *,
        key: JSON = UNSET,
        keys: Sequence[JSON] | None = None,
        start_key: JSON = UNSET,
        end_key: JSON = UNSET,
        start_key_doc_id: str | None = None,
        end_key_doc_id: str | None = None,
        inclusive_end: bool = True,
        descending: bool = False,
        limit: int | None = None,
        skip: int | None = None,
        reduce: bool | None = None,
        group: bool = False,
        group_level: int | None = None,
        include_docs: bool = False,
        conflicts: bool = False,
        update: Update | None = None,
        stable: bool | None = None,
        update_seq: bool = False,
    ) -> JSONObject:
        """POST /{db}/_design/{ddoc}/_view/{view} — return `{"total_rows", "offset", "rows"}`.

        A row is `{"id", "key", "value"}`, with `doc` when `include_docs`. A view with a reduce function is
        reduced unless `reduce=False`; its answer is `{"rows": [{"key", "value"}]}`. With `descending` the
        first key is the larger one. None as a key is JSON's null.
        """
        body = {
            **present(key=key, start_key=start_key, end_key=end_key),
            **given(keys=keys, start_key_doc_id=start_key_doc_id, end_key_doc_id=end_key_doc_id),
            **given(limit=limit, skip=skip, reduce=reduce, group_level=group_level),
            **given(update=update, stable=stable),
            **flags(descending=descending, include_docs=include_docs, conflicts=conflicts),
            **flags(group=group, update_seq=update_seq),
            **({} if inclusive_end else {"inclusive_end": False}),
        }
        path = ("_design", design_name(ddoc), "_view", view)
        answer: JSONObject = self._ask("POST", _ROUTE, path, body=body, repeatable=True)
        return answer
