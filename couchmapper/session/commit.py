"""Sends the writes of a unit of work and settles each document by the server's answer for it."""

from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from couchmapper import jsonio
from couchmapper.client.bulk import Bulk
from couchmapper.client.errors import failure
from couchmapper.exceptions import (
    CouchMapperError,
    InvalidAnswer,
    ResponseError,
    TooLarge,
    TransportError,
)
from couchmapper.mapping import mapper
from couchmapper.session.attempts import Attempts, is_held_as
from couchmapper.session.conflicts import Conflict
from couchmapper.session.report import CommitReport, Rejected
from couchmapper.session.tombstones import bury, revive, without_history
from couchmapper.session.unit_of_work import Plan, Write, batches
from couchmapper.typing import JSON, JSONObject

__all__ = ["Commit"]

_MOST_DOCUMENTS: Final = 500
_MOST_BYTES: Final = 8_000_000
_REQUEST: Final = "POST /{db}/_bulk_docs"
_SERVER_ERRORS: Final = 500


@attrs.define
class Commit:
    """One commit on its way: a document changes its state only when the server has answered for it.

    `attempts` are the writes of earlier commits that got no answer; what becomes of them is settled here, and
    those of this commit that get none are added. `done` are the writes that the server has.
    """

    bulk: Bulk
    attempts: Attempts
    done: list[Write] = attrs.field(factory=list)
    conflicts: list[Conflict] = attrs.field(factory=list)
    rejected: list[Rejected] = attrs.field(factory=list)
    failure: CouchMapperError | None = None
    _open: dict[str, Write] = attrs.field(factory=dict, init=False)
    _unanswered: set[str] = attrs.field(factory=set, init=False)

    def run(self, plan: Plan) -> CommitReport:
        """Write everything, or nothing when a document does not fit its model."""
        self._open = {write.id: write for write in plan.writes}
        self.rejected.extend(plan.rejected)
        if not plan.rejected:
            try:
                for batch in batches(plan.writes, count=_MOST_DOCUMENTS, size=_MOST_BYTES):
                    self._deliver(batch)
            except CouchMapperError as error:
                self.failure = error
        return self._report()

    def _deliver(self, batch: Sequence[Write]) -> None:
        """Write some documents with one request, or with more where the server finds it too large."""
        try:
            results = self._send(batch)
        except TooLarge as error:
            if len(batch) == 1:
                self._reject(batch[0], error)
                return
            middle = len(batch) // 2
            self._deliver(batch[:middle])
            self._deliver(batch[middle:])
            return
        clashes = list(self._clashes(batch, results))
        if clashes:
            self._compare(clashes)

    def _send(self, batch: Sequence[Write]) -> list[JSONObject]:
        """Send a batch and return its results; what may have been written unheard is noted."""
        try:
            results = self.bulk.docs.results([write.text for write in batch])
            _check_results(results, batch)
        except BaseException as error:
            if _may_have_written(error):
                for write in batch:
                    self.attempts.note(write.id, write.json)
                    self._unanswered.add(write.id)
            raise
        return results

    def _clashes(self, batch: Sequence[Write], results: Sequence[JSONObject]) -> Iterator[Write]:
        """Settle what the results decide; yield the writes that met another revision."""
        for write, result in zip(batch, results, strict=True):
            code = result.get("error")
            if code is None:
                self._settle(write, result["rev"])
            elif code == "conflict":
                yield write
            else:
                self._refuse(write, result)

    def _settle(self, write: Write, revision: str | None) -> None:
        if write.deleted:
            bury(write.document, revision)
        else:
            mapper.refresh(write.document, {**write.json, "_rev": revision})
        self._close(write)
        self.done.append(write)

    def _refuse(self, write: Write, result: JSONObject) -> None:
        error = failure(result, f"{_REQUEST}, {write.id!r}")
        if error.status >= _SERVER_ERRORS:  # the server failed, perhaps after it had written
            self.attempts.note(write.id, write.json)
        self._reject(write, error)

    def _reject(self, write: Write, error: ResponseError) -> None:
        del self._open[write.id]
        self.rejected.append(Rejected(document=write.document, error=error))

    def _compare(self, clashes: Sequence[Write]) -> None:
        """Read what the server holds for the writes it refused, in one request.

        A document that it holds as we wanted to write it is saved: that is our own earlier write, the answer
        of which was lost, or an equal edit by somebody else. Where it holds what an earlier attempt of ours
        wanted, the write is sent again on top of that.
        """
        answer = self.bulk.all_docs(keys=[write.id for write in clashes], include_docs=True)
        again: list[Write] = []
        for write, row in zip(clashes, answer["rows"], strict=True):
            theirs = _theirs(row)
            if is_held_as(write.json, theirs):
                self._settle(write, theirs["_rev"] if theirs else (row.get("value") or {}).get("rev"))
            elif self.attempts.explain(write.id, theirs):
                again.append(_on_top(write, theirs))
            else:
                self._close(write)
                self.conflicts.append(_conflict(write, theirs))
        if again:
            self._deliver(again)

    def _close(self, write: Write) -> None:
        del self._open[write.id]
        self.attempts.forget(write.id)

    def _report(self) -> CommitReport:
        return CommitReport(
            saved=tuple(write.document for write in self.done if not write.deleted),
            deleted=tuple(write.document for write in self.done if write.deleted),
            conflicts=tuple(self.conflicts),
            rejected=tuple(self.rejected),
            unanswered=tuple(w.document for w in self._open.values() if w.id in self._unanswered),
            unsent=tuple(w.document for w in self._open.values() if w.id not in self._unanswered),
        )


def _check_results(results: JSON, batch: Sequence[Write]) -> None:
    """Refuse results that are not those of the batch: the client knows no more than that they are JSON."""
    answered = [
        result.get("id") if isinstance(result, dict) and ("rev" in result or "error" in result) else None
        for result in (results if isinstance(results, list) else [])
    ]
    if answered != [write.id for write in batch]:
        raise InvalidAnswer(f"{_REQUEST}: the results are not those of the documents that were sent")


def _may_have_written(error: BaseException) -> bool:
    """Tell whether documents may be stored although the request failed so."""
    if isinstance(error, TransportError):
        return error.sent
    return not isinstance(error, ResponseError) or error.status >= _SERVER_ERRORS


def _theirs(row: JSONObject) -> JSONObject | None:
    """Return the document of a row, None for one that is deleted or never was, and for nothing else."""
    theirs: JSONObject | None = row.get("doc")
    if theirs or row.get("error") == "not_found" or (row.get("value") or {}).get("deleted"):
        return theirs
    raise InvalidAnswer(f"POST /{{db}}/_all_docs: the server could not read {row.get('key')!r}; commit again")


def _on_top(write: Write, theirs: JSONObject | None) -> Write:
    """Put a write on top of an earlier attempt, which the server holds after all."""
    if theirs is None:
        revive(write.document)
        json = without_history(write.json)
    else:
        mapper.refresh(write.document, theirs)
        json = {**write.json, "_rev": theirs["_rev"]}
    return attrs.evolve(write, json=json, text=jsonio.dumps(json))


def _conflict(write: Write, theirs: JSONObject | None) -> Conflict:
    return Conflict(
        document=write.document,
        base=mapper.source_of(write.document),
        mine=None if write.deleted else write.json,
        theirs=theirs,
    )
