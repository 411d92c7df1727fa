"""Replication: copying changes from one database to another, now, or by documents that describe it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, TypeAlias, TypedDict, Unpack

from couchmapper.client.documents import Documents
from couchmapper.client.operation import list_operation, operation
from couchmapper.client.options import chosen
from couchmapper.client.params import database_name, document_id, given, path_name
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_object, nothing
from couchmapper.messages import Request
from couchmapper.transport.base import Transport
from couchmapper.typing import JSONMapping

__all__ = ["Replication", "ReplicationOptions", "ReplicationState", "Replicator"]

Replicator: TypeAlias = str | JSONMapping
"""A database as the replicator reaches it: a URL, or `{"url", "headers", "auth": {"basic": {...}}}`."""

ReplicationState: TypeAlias = Literal[
    "initializing", "error", "pending", "running", "crashing", "completed", "failed"
]

_HOUR: Final = 3600.0
_REPLICATOR: Final = "_replicator"
_DOCS = "/_scheduler/docs"
_JOBS = "/_scheduler/jobs"


class ReplicationOptions(TypedDict, total=False):
    """What a replication may be told: https://docs.couchdb.org/en/stable/json-structure.html."""

    continuous: bool | None
    """Go on for ever, and answer at once."""
    create_target: bool | None
    """Create the target when it is not there."""
    create_target_params: Mapping[str, str | int | bool] | None
    """With `create_target`: `q`, `n`, `partitioned`."""
    doc_ids: Sequence[str] | None
    """Only these documents."""
    filter: str | None
    """Only what a filter function of the source lets through: `ddoc/name`."""
    query_params: Mapping[str, str] | None
    """What the filter function reads."""
    selector: JSONMapping | None
    """Only what a selector matches."""
    since_seq: str | int | None
    """Begin here, not at the last checkpoint."""
    use_checkpoints: bool | None
    checkpoint_interval: int | None
    """In milliseconds."""
    winning_revs_only: bool | None
    """Leave conflicts behind."""
    use_bulk_get: bool | None
    user_ctx: JSONMapping | None
    """For whom documents are written: `{"name", "roles"}`."""
    source_proxy: str | None
    target_proxy: str | None
    proxy: str | None
    """A proxy for both sides."""
    worker_processes: int | None
    worker_batch_size: int | None
    http_connections: int | None
    connection_timeout: int | None
    """In milliseconds."""
    retries_per_request: int | None
    socket_options: str | None


class Replication(Resource):
    """`client.replication`: https://docs.couchdb.org/en/stable/replication/replicator.html.

    The server itself replicates, so URLs are those that it can reach. `documents` holds the descriptions of
    replications in `_replicator`, read and written like any document; the server works on each of them, also
    after it has started anew.
    """

    def __init__(self, transport: Transport, path: tuple[str, ...] = (), route: str = "") -> None:
        super().__init__(transport, path, route)
        self.documents = self.documents_in(_REPLICATOR)

    def documents_in(self, database: str) -> Documents:
        """Return the descriptions in another replicator database, as `shop/_replicator`; nothing is sent."""
        name = database_name(database)
        route = "/_replicator" if name == _REPLICATOR else "/{db}"
        return Documents(self.transport, (*self._path, name), self._route + route)

    @operation(json_object)
    def replicate(
        self, source: Replicator, target: Replicator, **options: Unpack[ReplicationOptions]
    ) -> Request:
        """POST /_replicate — copy the changes of a source to a target; return when it is done.

        Returns `{"ok", "session_id", "source_last_seq", "history"}`, and `no_changes` when there was nothing
        to do. With `continuous` it returns `{"ok", "_local_id"}` at once. The server forgets both when it is
        stopped; a document in `documents` it remembers. It is not repeated by itself: CouchDB answers 500 to
        what is wrong with a side, and asking again is harmless.
        """
        body = {"source": source, "target": target, **chosen(options, ReplicationOptions)}
        wait = 0.0 if options.get("continuous") else _HOUR
        return self._request("POST", "/_replicate", ("_replicate",), body=body, patience=wait)

    @operation(json_object)
    def cancel(
        self, source: Replicator, target: Replicator, **options: Unpack[ReplicationOptions]
    ) -> Request:
        """POST /_replicate — end a replication that was begun with the same arguments; raises `NotFound`."""
        body = {"source": source, "target": target, **chosen(options, ReplicationOptions), "cancel": True}
        return self._request("POST", "/_replicate", ("_replicate",), body=body, repeatable=True)

    @operation(json_object)
    def cancel_by_id(self, id: str) -> Request:
        """POST /_replicate — end the replication with this `_local_id`; raises `NotFound`."""
        body = {"replication_id": id, "cancel": True}
        return self._request("POST", "/_replicate", ("_replicate",), body=body, repeatable=True)

    @list_operation(json_object, "jobs")
    def jobs(self, *, limit: int | None = None, skip: int | None = None) -> Request:
        """GET /_scheduler/jobs — return `{"total_rows", "offset", "jobs"}`: what runs or waits to run."""
        path = ("_scheduler", "jobs")
        return self._request("GET", _JOBS, path, parameters=given(limit=limit, skip=skip))

    @operation(json_object)
    def job(self, id: str) -> Request:
        """GET /_scheduler/jobs/{job_id} — return one job with its `history`; raises `NotFound`."""
        return self._request("GET", f"{_JOBS}/{{job_id}}", _job(id))

    @operation(nothing)
    def head_job(self, id: str) -> Request:
        """HEAD /_scheduler/jobs/{job_id} — return nothing when there is such a job; raises `NotFound`."""
        return self._request("HEAD", f"{_JOBS}/{{job_id}}", _job(id))

    @list_operation(json_object, "docs")
    def docs(
        self,
        *,
        states: Iterable[ReplicationState] | None = None,
        limit: int | None = None,
        skip: int | None = None,
        database: str | None = None,
    ) -> Request:
        """GET /_scheduler/docs — return `{"total_rows", "offset", "docs"}`: how far each description is.

        `states` chooses those in one of these states; `database` names another replicator database.
        """
        chosen_states = None if states is None else ",".join(states)
        return self._request(
            "GET",
            _DOCS if database is None else f"{_DOCS}/{{db}}",
            ("_scheduler", "docs", *(() if database is None else (database_name(database),))),
            parameters=given(states=chosen_states, limit=limit, skip=skip),
        )

    @operation(json_object)
    def doc(self, id: str, *, database: str = _REPLICATOR) -> Request:
        """GET /_scheduler/docs/{db}/{doc_id} — return the `state` and `info` of one; raises `NotFound`."""
        return self._request("GET", f"{_DOCS}/{{db}}/{{doc_id}}", _doc(database, id))

    @operation(nothing)
    def head_doc(self, id: str, *, database: str = _REPLICATOR) -> Request:
        """HEAD /_scheduler/docs/{db}/{doc_id} — return nothing when there is one; raises `NotFound`."""
        return self._request("HEAD", f"{_DOCS}/{{db}}/{{doc_id}}", _doc(database, id))


def _job(id: str) -> tuple[str, ...]:
    return "_scheduler", "jobs", path_name(id, "a replication job")


def _doc(database: str, id: str) -> tuple[str, ...]:
    return "_scheduler", "docs", database_name(database), document_id(id)
