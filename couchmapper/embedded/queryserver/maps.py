"""The map functions of one design document, run side by side over batches of documents."""

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeAlias

import msgspec

from couchmapper.embedded.queryserver.sandbox import Limits, Sandbox
from couchmapper.typing import JSONObject

__all__ = ["Emitted", "JavaScriptMaps", "Maps"]

Emitted: TypeAlias = tuple[bytes, bytes]
"""One emitted row: the key and the value, each as JSON text."""

_read_rows = msgspec.json.Decoder(list[list[tuple[msgspec.Raw, msgspec.Raw]]]).decode


class Maps(Protocol):
    """Several map functions that look at the same documents."""

    def map(self, documents: Sequence[bytes]) -> Iterator[list[list[Emitted]]]:
        """Yield for each document (JSON text) a list of rows per function, in the order of the functions."""
        ...


class JavaScriptMaps:
    """Map functions in JavaScript, over the texts of `views/lib` that they may require.

    A function that throws emits nothing for that document; the others are not disturbed.
    """

    def __init__(
        self, sources: Sequence[str], *, library: JSONObject | None = None, limits: Limits | None = None
    ) -> None:
        self._sandbox = Sandbox(library={"views": {"lib": library or {}}}, limits=limits)
        for source in sources:
            self._sandbox.add(source)

    def map(self, documents: Sequence[bytes]) -> Iterator[list[list[Emitted]]]:
        """Yield the rows of each document; raises `ServerError` when a function takes too long."""
        texts = [document.decode() for document in documents]
        for result in self._sandbox.run("map", texts):
            yield [[(bytes(key), bytes(value)) for key, value in rows] for rows in _read_rows(result)]
