"""Sends the writes of a unit of work and settles each document by the server's answer for it."""

from collections.abc import Sequence
from typing import Protocol

import attrs

from couchmapper.exceptions import CouchMapperError, Forbidden, ResponseError, TransportError, Unauthorized
from couchmapper.jsonio import same
from couchmapper.mapping import mapper
from couchmapper.mapping.document import Document
from couchmapper.session.conflicts import Conflict
from couchmapper.session.report import CommitReport, Rejected
from couchmapper.session.unit_of_work import Plan, Write
from couchmapper.typing import JSONObject

__all__ = ["BulkOperations", "Commit"]

_REFUSALS: dict[str, type[ResponseError]] = {"forbidden": Forbidden, "unauthorized": Unauthorized}


class BulkOperations(Protocol):
    """The two bulk operations that a commit needs, as the client offers them."""

    def docs(self, documents: Sequence[JSONObject], /) -> list[JSONObject]:
        """Write documents by `POST /{db}/_bulk_docs`; one result for each, in order."""
        ...

    def all_docs(self, *, keys: list[str], include_docs: bool) -> JSONObject:
        """Read documents by `POST /{db}/_all_docs`."""
        ...


@attrs.define
class Commit:
    """One commit on its way: a document changes its state only when the server has answered for it."""

    bulk: BulkOperations
    batch_size: int
    saved: list[Document] = attrs.field(factory=list)
    deleted: list[Document] = attrs.field(factory=list)
    conflicts: list[Conflict] = attrs.field(factory=list)
    rejected: list[Rejected] = attrs.field(factory=list)
    unsent: list[Document] = attrs.field(factory=list)
    lost: CouchMapperError | None = None

    def run(self, plan: Plan) -> CommitReport:
        """Write everything, or nothing when a document does not fit its model."""
        if plan.rejected:
            self.rejected.extend(plan.rejected)
            self.unsent.extend(write.document for write in plan.writes)
            return self._report()
        for start in range(0, len(plan.writes), self.batch_size):
            try:
                self._send(plan.writes[start : start + self.batch_size])
            except (TransportError, ResponseError) as error:
                self.lost = error
                self.unsent.extend(
                    write.document for write in plan.writes[start:] if not self._is_settled(write)
                )
                break
        return self._report()

    def _send(self, batch: Sequence[Write]) -> None:
        results = self.bulk.docs([write.json for write in batch])
        clashes: list[Write] = []
        for write, result in zip(batch, results, strict=True):
            if "rev" in result:
                self._settle(write, result["rev"])
            elif result["error"] == "conflict":
                clashes.append(write)
            else:
                self._reject(write, result)
        if clashes:
            self._compare(clashes)

    def _settle(self, write: Write, revision: str) -> None:
        mapper.refresh(write.document, {**write.json, "_rev": revision})
        (self.deleted if write.deleted else self.saved).append(write.document)

    def _reject(self, write: Write, result: JSONObject) -> None:
        kind = _REFUSALS.get(result["error"], ResponseError)
        reason = f"{write.document.id!r}: {result.get('reason', '')}"
        error = kind(reason, error=result["error"], request="POST /{db}/_bulk_docs", body=result)
        self.rejected.append(Rejected(document=write.document, error=error))

    def _compare(self, clashes: Sequence[Write]) -> None:
        """Read what the server holds for the writes it refused, in one request.

        A document that it holds as we wanted to write it is saved: that is our own earlier write, the answer
        of which was lost, or an equal edit by somebody else.
        """
        ids = [write.document.id for write in clashes]
        rows = self.bulk.all_docs(keys=ids, include_docs=True)["rows"]
        for write, row in zip(clashes, rows, strict=True):
            theirs: JSONObject | None = row.get("doc")
            if theirs is None and write.deleted:
                self.deleted.append(write.document)
            elif theirs is not None and not write.deleted and same(_content(theirs), _content(write.json)):
                self._settle(write, theirs["_rev"])
            else:
                self.conflicts.append(_conflict(write, theirs))

    def _is_settled(self, write: Write) -> bool:
        refused = [rejected.document for rejected in self.rejected]
        clashed = [conflict.document for conflict in self.conflicts]
        answered = (*self.saved, *self.deleted, *refused, *clashed)
        return any(write.document is document for document in answered)

    def _report(self) -> CommitReport:
        return CommitReport(
            saved=tuple(self.saved),
            deleted=tuple(self.deleted),
            conflicts=tuple(self.conflicts),
            rejected=tuple(self.rejected),
            unsent=tuple(self.unsent),
        )


def _content(json: JSONObject) -> JSONObject:
    return {name: value for name, value in json.items() if name != "_rev"}


def _conflict(write: Write, theirs: JSONObject | None) -> Conflict:
    return Conflict(
        document=write.document,
        base=mapper.source_of(write.document),
        mine=None if write.deleted else write.json,
        theirs=theirs,
    )
