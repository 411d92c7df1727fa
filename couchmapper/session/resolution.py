"""What follows from a write that did not go through: decided from what the server holds, without I/O."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from couchmapper import jsonio
from couchmapper.exceptions import ConfigurationError, MappingError
from couchmapper.jsonio import same
from couchmapper.mapping import mapper
from couchmapper.mapping.attachment_changes import as_stored, pending_attachments
from couchmapper.mapping.document import Document
from couchmapper.mapping.merging import merge_rules
from couchmapper.mapping.strategies import OnConflict
from couchmapper.session.attempts import Attempt, content, landed, says_the_same
from couchmapper.session.conflicts import Conflict
from couchmapper.session.delivery import same_attachments
from couchmapper.session.leaves import is_tombstone, without_revisions
from couchmapper.session.merge import Merged, merge
from couchmapper.session.tombstones import without_history
from couchmapper.session.unit_of_work import Write, sent_as
from couchmapper.typing import JSONObject

__all__ = ["Again", "Clashed", "Outcome", "Stored", "Yielded", "resolve", "unsettled"]


@attrs.frozen
class Stored:
    """The server has the write: as `json`, at `revision`."""

    write: Write
    json: JSONObject
    revision: str


@attrs.frozen
class Again:
    """The write is to be sent, perhaps as other JSON than before."""

    write: Write


@attrs.frozen
class Yielded:
    """The document is to become what the server holds, None when it is deleted there."""

    write: Write
    theirs: JSONObject | None


@attrs.frozen
class Clashed:
    """Somebody else's change stands against ours."""

    write: Write
    conflict: Conflict


Outcome: TypeAlias = Stored | Again | Yielded | Clashed


def resolve(
    write: Write, leaves: Sequence[JSONObject], *, attempts: Sequence[Attempt], strategy: OnConflict
) -> Outcome:
    """Decide what becomes of a write from the leaves that the server holds, the winner first.

    A write of ours that the server has counts as saved; what was changed after it was sent goes on top of it.
    Where nobody else wrote, the write is sent; else `strategy` decides.
    """
    winner = leaves[0] if leaves else None
    attempt = landed(attempts, leaves)
    if attempt is not None:
        if attempt.is_still(write.mine):
            return Stored(write, attempt.json, _revision_of(attempt, leaves))
        write = attrs.evolve(write, base=attempt.mine)
        is_merged = attempt.mine is not None and not says_the_same(attempt.json, attempt.mine)
        if winner is not None and attempt.made(winner) and not is_merged:
            return Again(_on_top(write, winner))
    elif write.mine is None and (winner is None or is_tombstone(winner)):
        return _gone(_Clash(write, winner))
    elif _is_untouched(write, winner):
        if write.base is not None and write.mine is not None and same(write.mine, write.base):
            return Stored(write, write.mine, write.base["_rev"])
        return Again(sent_as(write, _alone(write)))
    return _decide(write, winner, strategy)


def unsettled(write: Write, leaves: Sequence[JSONObject]) -> Clashed:
    """Give a write up: whenever it was sent, another one was there before."""
    return _Clash(write, leaves[0] if leaves else None).conflict("other writers were faster each time")


def _revision_of(attempt: Attempt, leaves: Sequence[JSONObject]) -> str:
    """Return the revision that an attempt made: that of the leaf it is, or the one that was computed."""
    return next((leaf["_rev"] for leaf in leaves if attempt.made(leaf)), attempt.revision or "")


def _is_untouched(write: Write, winner: JSONObject | None) -> bool:
    """Tell whether the server holds what the write was made for; what was purged it does not hold."""
    parent = None if write.base is None else write.base["_rev"]
    if winner is None:
        return parent is None
    return winner["_rev"] == parent or (parent is None and is_tombstone(winner))


def _alone(write: Write) -> JSONObject:
    """Return what a write sends when nobody else wrote."""
    if write.mine is not None:
        return write.mine
    revision = {} if write.base is None else {"_rev": write.base["_rev"]}
    return {"_id": write.id, **revision, "_deleted": True}


def _on_top(write: Write, winner: JSONObject | None) -> Write:
    """Put what the session has on top of what the server holds."""
    if winner is None or is_tombstone(winner):
        return write if write.mine is None else sent_as(write, _anew(write, write.mine))
    if write.mine is None:
        return _deletion(write, winner)
    return sent_as(write, {**write.mine, "_rev": winner["_rev"]})


def _anew(write: Write, mine: JSONObject) -> JSONObject:
    """Return what makes a document that is gone anew; of its attachments there are those that are new."""
    new = _unsaved_stubs(write, mine)
    return {**without_history(mine), **({"_attachments": new} if new else {})}


def _unsaved_stubs(write: Write, mine: JSONObject) -> JSONObject:
    names = () if write.attachments is None else write.attachments.new_names(mine)
    return {name: stub for name, stub in mine.get("_attachments", {}).items() if name in names}


def _deletion(write: Write, winner: JSONObject) -> Write:
    return sent_as(write, {"_id": write.id, "_rev": winner["_rev"], "_deleted": True})


@attrs.frozen
class _Clash:
    """A write, what it met, and what both make together; `merged` is None when one side is a deletion."""

    write: Write
    winner: JSONObject | None
    merged: Merged | None = None

    @property
    def theirs(self) -> JSONObject | None:
        """What the server holds; None when it is deleted there."""
        return None if self.winner is None or is_tombstone(self.winner) else without_revisions(self.winner)

    def conflict(self, reason: str = "") -> Clashed:
        clashes = self.merged.clashes if self.merged is not None else ()
        conflict = Conflict(
            document=self.write.document,
            base=self.write.base,
            mine=self.write.mine,
            theirs=self.theirs,
            clashes=clashes,
            reason=reason,
        )
        return Clashed(self.write, conflict)


def _decide(write: Write, winner: JSONObject | None, strategy: OnConflict) -> Outcome:
    """Let the strategy decide, unless both sides want the same in the end."""
    model = type(write.document)
    try:
        clash = _Clash(write, _as_today(model, winner))
    except MappingError as error:
        return _Clash(write, winner).conflict(str(error))
    theirs = clash.theirs
    if write.mine is None or theirs is None:
        return _gone(clash) if write.mine is theirs else _applied(clash, strategy)
    try:
        merged = merge(write.base, write.mine, theirs, merge_rules(model))
    except MappingError as error:
        return clash.conflict(str(error))
    if not merged.clashes and _are_equal(merged.value, theirs) and _are_equal(write.mine, theirs):
        mine = {**write.mine, "_rev": theirs["_rev"]}
        return Stored(write, mine if write.attachments is None else theirs, theirs["_rev"])
    return _applied(attrs.evolve(clash, merged=merged), strategy)


def _gone(clash: _Clash) -> Stored:
    """Count a deletion as done, because the document is deleted already."""
    json = {"_id": clash.write.id, "_deleted": True}
    return Stored(clash.write, json, clash.winner["_rev"] if clash.winner else "")


def _as_today(model: type[Document], winner: JSONObject | None) -> JSONObject | None:
    """Return what the server holds in the form that the model has today; a tombstone as it is."""
    if winner is None or is_tombstone(winner):
        return winner
    return mapper.upcast(model, without_revisions(winner))


def _are_equal(one: JSONObject, other: JSONObject) -> bool:
    return same(content(one), content(other)) and same_attachments(one, other)


def _raise(clash: _Clash) -> Outcome:
    return clash.conflict()


def _merge(clash: _Clash) -> Outcome:
    """Write what both sides make together, when their changes do not stand against each other."""
    if clash.theirs is None or clash.merged is None:
        return clash.conflict("a deletion and a change cannot be merged")
    if clash.merged.clashes:
        return clash.conflict()
    if _are_equal(clash.merged.value, clash.theirs):
        return _misfit(clash, clash.theirs) or Stored(clash.write, clash.theirs, clash.theirs["_rev"])
    return _written_as(clash, {**clash.merged.value, "_rev": clash.theirs["_rev"]})


def _mine(clash: _Clash) -> Outcome:
    """Write over theirs; attachments that their revision does not hold cannot be kept by name alone."""
    mine = clash.write.mine or {}
    theirs = (clash.theirs or {}).get("_attachments", {})
    new = _unsaved_stubs(clash.write, mine)
    lost = [
        name
        for name, stub in mine.get("_attachments", {}).items()
        if name not in new and stub.get("stub") and theirs.get(name, {}).get("digest") != stub.get("digest")
    ]
    if lost:
        return clash.conflict(f"their revision has not the attachments {', '.join(map(repr, lost))} of ours")
    return Again(_on_top(clash.write, clash.theirs))


def _theirs(clash: _Clash) -> Outcome:
    return Yielded(clash.write, clash.theirs)


_STRATEGIES: Mapping[str, Callable[[_Clash], Outcome]] = {
    "raise": _raise,
    "merge": _merge,
    "mine": _mine,
    "theirs": _theirs,
}


def _applied(clash: _Clash, strategy: OnConflict) -> Outcome:
    """Apply a strategy by name, or what a function says: a name, a document, JSON, None for a deletion."""
    if isinstance(strategy, str):
        return _STRATEGIES[strategy](clash)
    decided: Any = strategy(clash.conflict().conflict)
    if isinstance(decided, str) and decided in _STRATEGIES:
        return _STRATEGIES[decided](clash)
    if decided is None:
        return _gone(clash) if clash.theirs is None else Again(_deletion(clash.write, clash.theirs))
    if isinstance(decided, Document):
        clash = attrs.evolve(clash, write=attrs.evolve(clash.write, attachments=pending_attachments(decided)))
        decided = as_stored(decided, mapper.dump(decided))
    json = _checked(decided, clash.write.id)
    base = {} if clash.theirs is None else {"_rev": clash.theirs["_rev"]}
    own = {"_id": clash.write.id, **without_history(json), **_attachments(json), **base}
    return _written_as(clash, own)


def _checked(decided: Any, document_id: str) -> JSONObject:
    if not isinstance(decided, dict) or decided.get("_deleted"):
        raise ConfigurationError(
            f"on_conflict: a function returns one of {', '.join(_STRATEGIES)}, a document, its JSON, or None"
            f" to delete it, not {decided!r}"
        )
    if decided.get("_id", document_id) != document_id:
        raise ConfigurationError(
            f"on_conflict: a function returns another form of {document_id!r}, not {decided['_id']!r}"
        )
    json: JSONObject = jsonio.checked_copy(decided)  # it comes from the application and may hold anything
    return json


def _attachments(json: JSONObject) -> JSONObject:
    return {"_attachments": json["_attachments"]} if "_attachments" in json else {}


def _written_as(clash: _Clash, json: JSONObject) -> Outcome:
    """Write other JSON than ours, provided that the document can be what it says."""
    return _misfit(clash, json) or Again(sent_as(clash.write, json))


def _misfit(clash: _Clash, json: JSONObject) -> Outcome | None:
    """Tell of JSON that the document cannot become; None when it can."""
    kind = type(clash.write.document)
    try:
        loaded = mapper.load(kind, json)
    except MappingError as error:
        return clash.conflict(f"what both sides make together does not fit {kind.__name__}: {error}")
    if type(loaded) is not kind:
        return clash.conflict(f"what both sides make together is a {type(loaded).__name__}")
    return None
