"""How far a hook has come, kept in a `_local` document of the database itself."""

from couchmapper.client.local import LocalDocuments
from couchmapper.exceptions import DocumentNotFound

__all__ = ["Checkpoint"]

_START = "0"


class Checkpoint:
    """The sequence up to which a hook has acted; `_local` documents are not replicated and in no feed."""

    def __init__(self, local: LocalDocuments, name: str) -> None:
        self._local = local
        self._id = f"_local/couchmapper.hook.{name}"
        self._stored: dict[str, str] = {}

    def read(self) -> str:
        """Return the sequence to go on from; the beginning, when the hook has never run."""
        try:
            self._stored = self._local.get(self._id)
        except DocumentNotFound:
            self._stored = {}
        return str(self._stored.get("since", _START))

    def write(self, since: str) -> None:
        """Note a sequence, if it is another one than before.

        The last writer wins, since changes are delivered at least once in any case.
        """
        if self._stored.get("since") != since:
            document = {**self._stored, "_id": self._id, "since": since}
            self._stored = {**document, "_rev": self._local.put(document)["rev"]}
