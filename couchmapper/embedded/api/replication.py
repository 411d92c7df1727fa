"""What replicators ask of a database: `_revs_diff`, `_missing_revs`."""

from collections.abc import Mapping

from couchmapper.embedded.answers import answer_json
from couchmapper.embedded.call import Call
from couchmapper.embedded.engine import tree as trees
from couchmapper.embedded.engine.edits import canonical_revision
from couchmapper.embedded.engine.partitions import expect_partition
from couchmapper.embedded.engine.tree import RevisionTree
from couchmapper.embedded.routing import Route
from couchmapper.embedded.storage import documents
from couchmapper.exceptions import BadRequest
from couchmapper.messages import Response
from couchmapper.typing import JSON, JSONObject

__all__ = ["ROUTES"]


def revs_diff(call: Call) -> Response:
    """`POST /{db}/_revs_diff`: the revisions that are not here, and the leaves that they may come from."""
    wanted = _read_wanted(call.posted())
    told: JSONObject = {}
    for document_id, tree in _trees(call, wanted).items():
        unknown = trees.missing(tree, wanted[document_id])
        ancestors = trees.possible_ancestors(tree, unknown)
        if unknown:
            told[document_id] = {
                "missing": unknown,
                **({"possible_ancestors": ancestors} if ancestors else {}),
            }
    return answer_json(told)


def missing_revs(call: Call) -> Response:
    """`POST /{db}/_missing_revs`: the revisions that are not here."""
    wanted = _read_wanted(call.posted())
    unknown = {
        document_id: trees.missing(tree, wanted[document_id])
        for document_id, tree in _trees(call, wanted).items()
    }
    return answer_json(
        {"missing_revs": {name: revisions for name, revisions in unknown.items() if revisions}}
    )


def _read_wanted(body: JSONObject) -> dict[str, list[str]]:
    return {document_id: _read_revisions(revisions) for document_id, revisions in body.items()}


def _read_revisions(revisions: JSON) -> list[str]:
    if not isinstance(revisions, list):
        raise BadRequest("the revisions of each document must be an array")
    return [canonical_revision(revision) for revision in revisions]


def _trees(call: Call, wanted: Mapping[str, list[str]]) -> dict[str, RevisionTree]:
    """Return the tree of each document, in the order asked for; empty for one that never was."""
    with call.read() as (connection, database):
        if database.partitioned:
            for document_id in wanted:
                expect_partition(document_id)
        rows = documents.find_many(connection, database.number, list(wanted), tree=True)
    return {
        document_id: trees.decode(rows[document_id].tree) if document_id in rows else trees.EMPTY
        for document_id in wanted
    }


ROUTES = (
    Route("POST", "/{db}/_missing_revs", missing_revs),
    Route("POST", "/{db}/_revs_diff", revs_diff),
)
