"""What people can do so that an index serves a query: deploy one, declare one, or ask for what one holds."""

from typing import Any

import attrs

from couchmapper.mango.nodes import And, Condition, Path
from couchmapper.mango.ranges import requires
from couchmapper.mapping.members import is_always_there, spelled
from couchmapper.query.advice import advise
from couchmapper.query.indexes import KnownIndex, declared_indexes
from couchmapper.query.plan import finds
from couchmapper.query.planner import plan
from couchmapper.query.spec import QuerySpec

__all__ = ["remedy"]


def remedy(spec: QuerySpec[Any]) -> str:
    """Return what to do so that an index serves a query, for people."""
    for declared in finds(plan(spec)):
        if declared.index is not None and not declared.is_scan:
            ddoc, name = declared.index.use_index
            return f"the index {name!r} of {ddoc} is declared and not deployed"
    advice = advise(spec)
    wanted = f"no index serves it; {advice}" if advice.fields else advice.reason
    return "; ".join(filter(None, [wanted, _nearest(spec)]))


def _nearest(spec: QuerySpec[Any]) -> str:
    """Say what a query must ask for so that a declared index serves it, if nothing but fields is lacking."""
    candidates = [(index, _lacking(index, spec)) for index in declared_indexes(spec.model)]
    for index, paths in sorted(candidates, key=lambda candidate: len(candidate[1])):
        present = [Condition(path, "$exists", True) for path in paths]
        asked = attrs.evolve(spec, where=And((spec.where, *present)))
        names = [spelled(spec.model, path) for path in paths]
        if all(names) and any(one.index == index and not one.is_scan for one in finds(plan(asked))):
            conditions = ", ".join(f"{name}.exists()" for name in names)
            return (
                f"or leave out documents that lack a field, .where({conditions}), and {index.index.name!r}"
                " serves it"
            )
    return ""


def _lacking(index: KnownIndex, spec: QuerySpec[Any]) -> list[Path]:
    """Return the fields of an index that documents could lack which a query finds."""
    return [
        path
        for path in index.fields
        if not requires(spec.condition, path) and not is_always_there(spec.model, path)
    ]
