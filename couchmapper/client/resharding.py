"""Resharding: splitting the shards of databases while they are in use."""

from typing import Literal

from couchmapper.client.failures import failed_jobs
from couchmapper.client.operation import bulk_operation, operation
from couchmapper.client.params import given, path_name
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_list, json_object, nothing
from couchmapper.messages import Request

__all__ = ["Resharding"]

_ROUTE = "/_reshard"
_JOB = f"{_ROUTE}/jobs/{{job_id}}"


class Resharding(Resource):
    """`client.resharding`: https://docs.couchdb.org/en/stable/api/server/common.html#reshard.

    Only a server admin may ask. Where resharding is switched off, everything raises `NotImplementedByStore`.
    """

    @operation(json_object)
    def summary(self) -> Request:
        """GET /_reshard — return `state`, `state_reason`, and how many jobs are in each state."""
        return self._request("GET", _ROUTE, ("_reshard",))

    @operation(json_object)
    def state(self) -> Request:
        """GET /_reshard/state — return `{"state": "running" | "stopped", "reason"}` of the whole cluster."""
        return self._request("GET", f"{_ROUTE}/state", ("_reshard", "state"))

    @operation(nothing)
    def set_state(self, state: Literal["running", "stopped"], *, reason: str | None = None) -> Request:
        """PUT /_reshard/state — stop all jobs, or let them run on."""
        body = {"state": state, **given(reason=reason)}
        return self._request("PUT", f"{_ROUTE}/state", ("_reshard", "state"), body=body)

    @operation(json_object)
    def jobs(self) -> Request:
        """GET /_reshard/jobs — return `{"total_rows", "offset", "jobs"}`."""
        return self._request("GET", f"{_ROUTE}/jobs", ("_reshard", "jobs"))

    @bulk_operation(json_list, failed_jobs)
    def create_jobs(
        self,
        *,
        db: str | None = None,
        shard: str | None = None,
        node: str | None = None,
        range: str | None = None,
        type: Literal["split"] = "split",
    ) -> Request:
        """POST /_reshard/jobs — start to split shards: of a database, one shard, a node, or a range.

        Returns for each shard `{"ok": true, "id", "node", "shard"}`; what could not begin raises
        `BulkFailed`, which holds all of them.
        """
        body = {"type": type, **given(db=db, shard=shard, node=node, range=range)}
        return self._request("POST", f"{_ROUTE}/jobs", ("_reshard", "jobs"), body=body)

    @operation(json_object)
    def job(self, id: str) -> Request:
        """GET /_reshard/jobs/{job_id} — return a job with its `history`; raises `NotFound`."""
        return self._request("GET", _JOB, _path(id))

    @operation(nothing)
    def delete_job(self, id: str) -> Request:
        """DELETE /_reshard/jobs/{job_id} — forget a job; one that still runs is stopped."""
        return self._request("DELETE", _JOB, _path(id))

    @operation(json_object)
    def job_state(self, id: str) -> Request:
        """GET /_reshard/jobs/{job_id}/state — return `{"state", "reason"}` of a job."""
        return self._request("GET", f"{_JOB}/state", (*_path(id), "state"))

    @operation(nothing)
    def set_job_state(
        self, id: str, state: Literal["running", "stopped"], *, reason: str | None = None
    ) -> Request:
        """PUT /_reshard/jobs/{job_id}/state — stop a job, or let it run on."""
        body = {"state": state, **given(reason=reason)}
        return self._request("PUT", f"{_JOB}/state", (*_path(id), "state"), body=body)


def _path(id: str) -> tuple[str, ...]:
    return "_reshard", "jobs", path_name(id, "a resharding job")
