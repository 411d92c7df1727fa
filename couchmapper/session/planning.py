"""What a commit has to write when the hooks of its documents have had their say."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from couchmapper.exceptions import SessionError
from couchmapper.mapping.lifecycle import Event, has_hooks, run_hooks
from couchmapper.session.unit_of_work import Plan, Write
from couchmapper.session.workspace import Workspace

__all__ = ["Plans", "planned"]

Plans: TypeAlias = Sequence[tuple[Workspace, Plan]]
"""What is to be written, by database."""

_MOST_ROUNDS: Final = 100


def planned(workspaces: Sequence[Workspace]) -> Plans:
    """Call `before_save` and `before_delete` of what is to be written, and return what that is in the end.

    Each is called once for a document. What hooks add, change and delete is written too, and given to its own
    hooks first; they may also take back what was to be written. Raises `SessionError` when that has no end.
    """
    called: dict[tuple[Event, int], Write] = {}
    for _ in range(_MOST_ROUNDS):
        plans = [(workspace, workspace.plan()) for workspace in workspaces]
        waiting = [write for write in _hooked(plans) if _call(write) not in called]
        if not waiting:
            return plans
        for write in waiting:
            called[_call(write)] = write
            run_hooks(_event(deleted=write.deleted), write.document)
    raise SessionError(
        f"hooks went on to add documents or to delete them, {_MOST_ROUNDS} times; let them come to an end"
    )


def _hooked(plans: Plans) -> Iterator[Write]:
    """Yield the writes of documents that have hooks to be called before."""
    for _, plan in plans:
        kinds = {(type(write.document), write.deleted) for write in plan.writes}
        hooked = {(kind, deleted) for kind, deleted in kinds if has_hooks(kind, _event(deleted=deleted))}
        if hooked:
            yield from (one for one in plan.writes if (type(one.document), one.deleted) in hooked)


def _call(write: Write) -> tuple[Event, int]:
    return _event(deleted=write.deleted), id(write.document)


def _event(*, deleted: bool) -> Event:
    return "before_delete" if deleted else "before_save"
