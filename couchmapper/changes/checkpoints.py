"""How far a hook has come, kept in a `_local` document of the database itself."""

from couchmapper.client.local import LocalDocuments
from couchmapper.exceptions import DocumentNotFound
from couchmapper.typing import JSONObject

__all__ = ["Checkpoint"]

_START = "0"


class Checkpoint:
    """The sequence up to which a hook has acted; `_local` documents are not replicated and in no feed."""

    def __init__(self, local: LocalDocuments, name: str) -> None:
        self._local = local
        self._id = f"couchmapper.hook.{name}"

    def read(self) -> str:
        """Return the sequence to go on from; the beginning, when the hook has never run."""
        return str(self._stored().get("since", _START))

    def write(self, since: str) -> None:
        """Note a sequence; the last writer wins, since changes are delivered at least once in any case."""
        stored = self._stored()
        if stored.get("since") != since:
            self._local.put({**stored, "_id": f"_local/{self._id}", "since": since})

    def _stored(self) -> JSONObject:
        try:
            return self._local.get(self._id)
        except DocumentNotFound:
            return {}
