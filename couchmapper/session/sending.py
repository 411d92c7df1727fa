"""Sends writes in batches that the server takes, and finds the document for which it refuses one."""

from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from couchmapper import jsonio
from couchmapper.client.errors import check, failure
from couchmapper.client.results import json_list
from couchmapper.exceptions import (
    BadRequest,
    BudgetExceeded,
    CouchMapperError,
    PreconditionFailed,
    ResponseError,
    TooLarge,
    TransportError,
)
from couchmapper.session.delivery import send_with_attachments
from couchmapper.session.results import REQUEST, confirmed
from couchmapper.session.settlement import Settlement
from couchmapper.session.unit_of_work import Write
from couchmapper.typing import JSONObject

__all__ = ["Sender"]

_ACCEPTED: Final = 202
_SERVER_ERRORS: Final = 500
_MOST_LOSSES: Final = 3


@attrs.define
class Sender:
    """Sends writes to one database; what it does not settle comes back to be looked up.

    `lost` is the failure of the last request that may have been done although no good answer came.
    """

    settlement: Settlement
    lost: CouchMapperError | None = None
    _losses: int = 0

    def send(self, writes: Sequence[Write]) -> list[Write]:
        """Send writes; return those that met another revision, and those that got no answer.

        Raises what cannot have written anything, and the last one of several lost answers in a row.
        """
        unclear: list[Write] = []
        for batch in self._batches(writes):
            try:
                unclear += self._settle(batch)
            except TooLarge as error:
                unclear += self._divide(batch, error)
            except (BadRequest, PreconditionFailed) as error:
                unclear += self._separate(batch, error)
            except CouchMapperError as error:
                self.endure(error)
                unclear += batch
        return unclear

    def post(self, batch: Sequence[Write]) -> list[JSONObject]:
        """Send a batch in one request and return its results; what may have been written unheard is noted."""
        try:
            results, status = self._exchange(batch)
            confirmed(results, [write.id for write in batch])
            self._losses = 0
            if status == _ACCEPTED:
                done = zip(batch, results, strict=True)
                self.settlement.tally.accept(write.document for write, one in done if "error" not in one)
        except BaseException as error:
            if _may_have_written(error):
                for write in batch:
                    self._note(write)
            raise
        return results

    def refuse(self, write: Write, result: JSONObject) -> None:
        """Note a document that the server refused."""
        error = failure(result, f"{REQUEST}, {write.id!r}")
        if error.status >= _SERVER_ERRORS:  # the server failed, perhaps after it had written
            self._note(write)
        self.settlement.tally.reject(write, error)

    def endure(self, error: CouchMapperError) -> None:
        """Take a failure for a lost answer, unless nothing can have been written or too many were lost."""
        self._losses += 1
        if not _may_have_written(error) or self._losses > _MOST_LOSSES:
            raise error
        self.lost = error

    def _batches(self, writes: Sequence[Write]) -> Iterator[Sequence[Write]]:
        """Yield what goes into one request; a document with large attachments goes alone, beside them."""
        alone = [write for write in writes if write.attachments is not None and write.beside]
        together = [write for write in writes if not write.beside] if alone else writes
        yield from self.settlement.workspace.limits.batches(together)
        yield from ([write] for write in alone)

    def _exchange(self, batch: Sequence[Write]) -> tuple[list[JSONObject], int]:
        """Send a batch; return the results and the status."""
        database = self.settlement.workspace.database
        beside = batch[0].beside
        if beside:
            result, status = send_with_attachments(database, batch[0].json, beside)
            return [result], status
        request = database.bulk.docs.request([write.text for write in batch])
        response = check(request, database.transport.send(request))
        return json_list(request, response), response.status

    def _settle(self, batch: Sequence[Write]) -> list[Write]:
        """Send a batch, settle what its results decide, and return the writes that met another revision.

        When that is interrupted, what is stored and not settled yet counts as unheard.
        """
        results: Sequence[JSONObject] = ()
        met: list[Write] = []
        try:
            results = self.post(batch)
            for write, result in zip(batch, results, strict=True):
                code = result.get("error")
                if code is None:
                    self.settlement.store(write, write.json, result["rev"])
                elif code == "conflict":
                    met.append(write)
                else:
                    self.refuse(write, result)
        except BaseException:
            for write, result in zip(batch, results, strict=False):  # none where nothing was answered
                if "error" not in result and self.settlement.tally.is_open(write.document):
                    self._note(write)
            raise
        return met

    def _divide(self, batch: Sequence[Write], error: TooLarge) -> list[Write]:
        """Send a batch that was too large in smaller ones, without the document that the server named."""
        guilty = [write for write in batch if write.id == error.reason] or (batch if len(batch) == 1 else [])
        for write in guilty:
            self.settlement.tally.reject(write, _measured(write, error))
        if not guilty:
            self.settlement.workspace.limits.learn(batch)
        return self.send([write for write in batch if write not in guilty])

    def _separate(self, batch: Sequence[Write], error: ResponseError) -> list[Write]:
        """Find the document for which the server refused them all; the others are written."""
        if len(batch) == 1:
            self.settlement.tally.reject(batch[0], error)
            return []
        middle = len(batch) // 2
        return self.send(batch[:middle]) + self.send(batch[middle:])

    def _note(self, write: Write) -> None:
        self.settlement.workspace.note_unheard(write.document, write.id, write.json, write.mine)
        self.settlement.tally.unheard.add(id(write.document))


def _measured(write: Write, error: TooLarge) -> TooLarge:
    """Say how large a document is, and which of its members make it so."""
    sizes = sorted(((len(jsonio.dumps(value)), name) for name, value in write.json.items()), reverse=True)
    added = 0 if write.attachments is None else write.attachments.length(write.json)
    sizes = sorted([(added, "attachments"), *sizes], reverse=True) if added else sizes
    largest = ", ".join(f"{name} ({size:,})" for size, name in sizes[:3])
    told = f"{write.id!r} has {write.size:,} bytes, more than the server takes, most in {largest}"
    return TooLarge(told, error=error.error, status=error.status, request=error.request, body=error.body)


def _may_have_written(error: BaseException) -> bool:
    """Tell whether documents may be stored although the request failed so."""
    if isinstance(error, TransportError):
        return error.sent
    if isinstance(error, BudgetExceeded):
        return False
    return not isinstance(error, ResponseError) or error.status >= _SERVER_ERRORS
