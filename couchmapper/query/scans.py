"""No silent scan: a query that no index serves is refused before, or warned of when it has read much."""

import os
import sys
import warnings
from pathlib import Path
from typing import Any, Final

import attrs

from couchmapper.exceptions import (
    FullScanRefused,
    FullScanWarning,
    IndexNotUsedWarning,
    NotFound,
    SearchUnavailable,
)
from couchmapper.mango.ranges import named_fields
from couchmapper.mango.selector import searches
from couchmapper.query.advice import advise
from couchmapper.query.plan import Plan, finds
from couchmapper.query.planner import plan
from couchmapper.query.remedy import remedy
from couchmapper.query.source import Source
from couchmapper.query.spec import ID, QuerySpec
from couchmapper.typing import JSONObject

__all__ = ["Watch", "names_unused_index", "planned", "warn_the_program"]

_PACKAGE: Final = f"{Path(__file__).parents[1]}{os.sep}"
_PATIENCE: Final = 10
_WORTH_TELLING: Final = 100
_TRIES: Final = 5
_NO_INDEX: Final = "No matching index found"
_NOT_USED: Final = "was not used"


def planned(spec: QuerySpec[Any], source: Source) -> Plan:
    """Plan a query; the indexes of the database are looked at where something depends on all of them.

    That is with `scans="warn"` or `"forbid"`, and with an order or bounds of ids, which some index could have
    in its own way. Raises `FullScanRefused` for a query that may not scan, and does: the indexes are read
    anew before.
    """
    if searches(spec.condition):
        _check_search(source)
        return plan(spec)
    known = source.notes.indexes
    is_watched = spec.scans in ("warn", "forbid")
    found = plan(spec, known)
    if known is None and finds(found) and (is_watched or _depends_on_all(spec, found)):
        found = plan(spec, source.known_indexes())
    elif known is not None and is_watched and _is_scan(found):
        found = plan(spec, source.known_indexes(anew=True))
    if is_watched and _is_scan(found) and _is_deployed(spec, source):
        found = _planned_anew(spec, source)
    if spec.scans == "forbid" and _is_scan(found):
        raise FullScanRefused(
            f"the query for {spec.model.__name__} would read every document, and scans are forbidden:"
            f" {remedy(spec)}"
        )
    return found


def _is_deployed(spec: QuerySpec[Any], source: Source) -> bool:
    """Tell whether the database has a declared index that serves, by the design document that holds it."""
    for declared in finds(plan(spec)):
        if declared.index is not None and not declared.is_scan:
            ddoc, name = declared.index.use_index
            try:
                return name in source.design(ddoc.removeprefix("_design/")).get("views", {})
            except NotFound:
                return False
    return False


def _planned_anew(spec: QuerySpec[Any], source: Source) -> Plan:
    """Plan by indexes that are read anew: CouchDB's list of them can be milliseconds behind a deployment."""
    found = plan(spec, source.known_indexes(anew=True))
    for _ in range(_TRIES):
        if not _is_scan(found):
            break
        found = plan(spec, source.known_indexes(anew=True))
    return found


def _check_search(source: Source) -> None:
    """Refuse a full-text search where no index answers it: CouchDB would take every document for found."""
    if not any(index["type"] == "text" for index in source.indexes()):
        raise SearchUnavailable(
            "the database has no text index for $text: make one with db.find.create_text_index(...), which"
            " needs a server with search, or declare a SearchIndex and ask session.search(...)"
        )


@attrs.define
class Watch:
    """Counts what a query reads and returns, and warns once when that is out of proportion.

    Without `scans`, a hundred documents must have been read in vain: without an index, or ten for each that
    was returned. With `scans="warn"` every query that no index serves is told of.
    """

    spec: QuerySpec[Any]
    plan: Plan
    examined: int = 0
    returned: int = 0
    _says_no_index: bool = False
    _says_not_used: bool = False
    _has_warned: bool = False
    _has_told_of_index: bool = False

    @property
    def wants_statistics(self) -> bool:
        """Whether the server shall count."""
        return self.spec.scans != "allow"

    @property
    def lacks_index(self) -> bool:
        """Whether the server did not use the index that was named, and nobody was warned of that yet."""
        return self._says_not_used and not self._has_told_of_index

    def note(self, answer: JSONObject) -> None:
        """Count one answer of `_find`.

        Raises `FullScanRefused` when scans are forbidden and the index that was named is not used: servers
        before CouchDB 3.5 cannot be told to use no other.
        """
        told: str = answer.get("warning") or ""
        if names_unused_index(answer) and self.spec.scans == "forbid":
            raise FullScanRefused(f"the index that serves the query is gone: {told}")
        self._says_no_index = self._says_no_index or _NO_INDEX in told
        self._says_not_used = self._says_not_used or names_unused_index(answer)
        counted = answer.get("execution_stats") or {}
        self.examined += max(counted.get("total_docs_examined", 0), counted.get("total_keys_examined", 0))
        self.returned += len(answer["docs"])

    def warn(self) -> None:
        """Warn of what was noted so far, unless that was done. What narrows nothing is not missed."""
        if self.lacks_index and not _is_scan(self.plan):
            self._has_told_of_index = True
            warn_the_program(IndexNotUsedWarning(_not_used(self.plan)))
        if not self._has_warned and self._is_worth_telling():
            self._has_warned = True
            # The text is the same each time: so it is shown once for a line of the program.
            text = f"the query for {self.spec.model.__name__} {self._fault()}"
            warn_the_program(FullScanWarning(text, examined=self.examined, returned=self.returned))

    def _is_worth_telling(self) -> bool:
        is_scan = self._says_no_index or _is_scan(self.plan)
        if self.spec.scans == "warn":
            return is_scan
        wasted = self.examined - self.returned
        is_much = wasted >= _WORTH_TELLING and self.spec.scans is None
        return is_much and (is_scan or self.examined > _PATIENCE * max(self.returned, 1))

    def _fault(self) -> str:
        used = [one.index for one in finds(self.plan) if one.index is not None and not one.is_scan]
        if not used or self._says_no_index:
            return f"is a scan: {remedy(self.spec)}"
        advice = advise(self.spec)
        reads = f"reads many documents for few: the index {used[0].index.name!r} narrows it too little"
        return reads if advice.fields == used[0].fields else f"{reads}; {advice}"


def names_unused_index(answer: JSONObject) -> bool:
    """Tell whether `_find` says that it did not use the index that it was told."""
    return _NOT_USED in (answer.get("warning") or "")


def warn_the_program(warning: Warning) -> None:
    """Warn at the line of the program that asked, wherever in this package that is noticed."""
    level, frame = 1, sys._getframe()  # noqa: SLF001 - Python 3.11 cannot skip the files of a package
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    warnings.warn(warning, stacklevel=level)


def _depends_on_all(spec: QuerySpec[Any], found: Plan) -> bool:
    """Tell whether it makes a difference which indexes the server has beside those that are declared."""
    return bool(finds(found)) and ID in named_fields(spec.condition)


def _is_scan(found: Plan) -> bool:
    return any(one.is_scan for one in finds(found))


def _not_used(found: Plan) -> str:
    names = [" ".join(one.index.use_index) for one in finds(found) if one.index is not None]
    name = names[0] if names else "named"
    return (
        f"the database does not have the index {name}, or it does not fit: deploy the Design that declares it"
    )
