"""A reduce function in JavaScript, called as CouchDB calls it: over portions, then over their results."""

from collections.abc import Iterable, Iterator, Sequence

from couchmapper.embedded.queryserver.sandbox import Limits, Sandbox

__all__ = ["JavaScriptReduce"]

_PORTION = 500
"""How many rows (or results of earlier calls) one call of the function sees."""

_BATCH = 4000
"""How many rows are brought into the sandbox at once."""


class JavaScriptReduce:
    """One reduce function `(keys, values, rereduce)`; a result has always passed a call with `rereduce`.

    A function that throws gives null; one whose result grows too fast gives CouchDB's
    `{"reduce_overflow_error": …}` in its place.
    """

    def __init__(self, source: str, *, limits: Limits | None = None) -> None:
        self._sandbox = Sandbox(limits=limits)
        self._sandbox.add(source)

    def reduce(self, groups: Iterable[Sequence[str]]) -> Iterator[str]:
        """Yield the value (JSON text) of each group; a group is a list of texts `[["key","id"],value]`."""
        waiting: list[Sequence[str]] = []
        rows = 0
        for group in groups:
            waiting.append(group)
            rows += len(group)
            if rows >= _BATCH:
                yield from self._reduce(waiting)
                waiting, rows = [], 0
        yield from self._reduce(waiting)

    def _reduce(self, groups: list[Sequence[str]]) -> Iterator[str]:
        partial = self._pass("reduce", groups)
        while True:
            partial = self._pass("rereduce", partial)
            if all(len(results) == 1 for results in partial):
                break
        for (result,) in partial:
            yield result

    def _pass(self, operation: str, groups: Sequence[Sequence[str]]) -> list[Sequence[str]]:
        """Call the function over every portion of every group; keep the results by group."""
        portions = [
            [group[start : start + _PORTION] for start in range(0, len(group), _PORTION)] for group in groups
        ]
        items = [_sized(f"[{','.join(portion)}]") for group in portions for portion in group]
        results = (bytes(result).decode() for result in self._sandbox.run(operation, items)) if items else ()
        each = iter(results)
        return [[next(each) for _ in group] for group in portions]


def _sized(text: str) -> str:
    """Put the size of a portion before it: the result must be smaller."""
    return f"[{len(text)},{text}]"
