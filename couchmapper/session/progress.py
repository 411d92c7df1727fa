"""How far a migration has come, as a value, and where that is kept while it is going on."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

import attrs

from couchmapper.client.local import LocalDocuments
from couchmapper.exceptions import CouchMapperError, DocumentNotFound
from couchmapper.typing import JSONObject

__all__ = ["MigrationCheckpoint", "MigrationProgress", "Unmigrated"]


@attrs.frozen(kw_only=True)
class Unmigrated:
    """A document of an older version that was left as it is, and why: `DocumentInvalid` has every fault."""

    id: str
    error: CouchMapperError


@attrs.frozen(kw_only=True)
class MigrationProgress:
    """How far a migration has come; a dry run counts what would be rewritten.

    All documents up to `last_id` were looked at, `seen` of about `total` in the database; None is the
    beginning. `rewritten` counts documents by their type and the version that they had, `left` those that are
    as they were. `unmigrated` are the ones among them of the last batch alone.
    """

    last_id: str | None = None
    total: int = 0
    seen: int = 0
    rewritten: Mapping[tuple[str, int], int] = attrs.field(factory=Counter)
    left: int = 0
    unmigrated: tuple[Unmigrated, ...] = ()

    @classmethod
    def load(cls, json: JSONObject) -> Self:
        """Read what `dump` wrote; raises `LookupError`, `TypeError` or `ValueError` for anything else."""
        rewritten = {
            (kind, int(version)): _count(count)
            for kind, counts in dict.items(json["rewritten"])
            for version, count in dict.items(counts)
        }
        last_id: Any = json["last_id"]
        if not isinstance(last_id, str):
            raise TypeError(last_id)
        return cls(
            last_id=last_id,
            seen=_count(json["seen"]),
            rewritten=Counter(rewritten),
            left=_count(json["left"]),
        )

    def dump(self) -> JSONObject:
        """Write what a later run needs to go on from here."""
        rewritten: dict[str, dict[str, int]] = {}
        for (kind, version), count in self.rewritten.items():
            rewritten.setdefault(kind, {})[str(version)] = count
        return {"last_id": self.last_id, "seen": self.seen, "rewritten": rewritten, "left": self.left}


class MigrationCheckpoint:
    """The progress of a migration in a `_local` document of the database, as long as it is not complete.

    `targets` are the versions that it leads to, by type: what was begun for others is of no use.
    """

    def __init__(self, local: LocalDocuments, name: str, targets: Mapping[str, int]) -> None:
        self._local = local
        self._id = f"_local/couchmapper.migrate.{name}"
        self._targets = dict(targets)

    def read(self) -> MigrationProgress:
        """Return how far a migration came that was interrupted; the beginning, when there is none."""
        with suppress(DocumentNotFound, LookupError, TypeError, ValueError):
            stored = self._local.get(self._id)
            if stored["targets"] == self._targets:
                return MigrationProgress.load(stored)
        return MigrationProgress()

    def write(self, progress: MigrationProgress) -> None:
        """Note how far the migration has come; the last writer wins."""
        self._local.put({"_id": self._id, "targets": self._targets, **progress.dump()})

    def remove(self) -> None:
        """Forget the progress, since the migration is complete or begins anew."""
        with suppress(DocumentNotFound):
            self._local.delete(self._id)


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(value)
    return value
