"""Three-way merge: two changes of one document become one, member by member, without I/O."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

import attrs

from couchmapper.exceptions import IdentityError
from couchmapper.jsonio import same
from couchmapper.mapping.codec import Misfit
from couchmapper.mapping.decisions import ABSENT, Decision
from couchmapper.mapping.merging import Rules
from couchmapper.typing import JSON, JSONObject

__all__ = ["Clash", "Merged", "merge"]

_ATTACHMENTS = "_attachments"


@attrs.frozen(kw_only=True)
class Clash:
    """A place that both sides changed, each to another value; `path` as `address.city`.

    A side is None where it has nothing there.
    """

    path: str
    base: JSON
    mine: JSON
    theirs: JSON


@attrs.frozen(kw_only=True)
class Merged:
    """What two changes make together; at each of the `clashes`, `value` has theirs.

    It shares its parts with the three documents, so it must not be changed.
    """

    value: JSONObject
    clashes: tuple[Clash, ...] = ()


_Found: TypeAlias = tuple[JSON, tuple[Clash, ...]]


@attrs.frozen
class _Sides:
    """One place in the three documents; a side that has nothing there is `ABSENT`."""

    base: JSON
    mine: JSON
    theirs: JSON

    def under(self, name: str) -> "_Sides":
        """Return the members of a name; a base that is no object has none."""
        base = self.base if isinstance(self.base, dict) else {}
        return _Sides(*(side.get(name, ABSENT) for side in (base, self.mine, self.theirs)))

    def names(self) -> Iterable[str]:
        """Return the names of the members: theirs in their order, then those that only mine has."""
        return dict.fromkeys((*self.theirs, *self.mine))

    def clash(self, path: str) -> _Found:
        """Take theirs, and tell that mine is something else."""
        base, mine, theirs = (None if side is ABSENT else side for side in attrs.astuple(self, recurse=False))
        return self.theirs, (Clash(path=path, base=base, mine=mine, theirs=theirs),)


def merge(base: JSONObject | None, mine: JSONObject, theirs: JSONObject, rules: Rules) -> Merged:
    """Put both changes of a document together; `base` is what both began with, None when both created it.

    What only one side changed is taken from there, added and removed members included. What both changed is
    settled by the rule of its field (`merge_rules` has them), by member where both have objects, or is a
    clash. `_rev` and what else is CouchDB's own comes from theirs; attachments are merged by name. A deletion
    is no form of a document here: a caller knows what it means against a change. No argument is changed.

    Raises `IdentityError` for documents of two ids, and `MergeFailed` when a merge function fails.
    """
    if mine.get("_id") != theirs.get("_id"):
        raise IdentityError(
            f"{mine.get('_id')!r} and {theirs.get('_id')!r} are two documents; merge two forms of one"
        )
    sides = _Sides(base or {}, mine, theirs)
    content, clashes = _content(sides, rules)
    attachments, more = _attachments(sides)
    own = {name: value for name, value in theirs.items() if _is_own(name)}
    parts = {**own, **content, **({_ATTACHMENTS: attachments} if attachments else {})}
    return Merged(
        value={name: parts[name] for name in sides.names() if name in parts}, clashes=clashes + more
    )


def _is_own(name: str) -> bool:
    """Tell whether CouchDB writes a member, and not the application."""
    return name.startswith("_") and name != _ATTACHMENTS


def _content(documents: _Sides, rules: Rules) -> _Found:
    """Merge what is the application's."""
    sides = _Sides(
        *(
            {name: value for name, value in side.items() if not name.startswith("_")}
            for side in (documents.base, documents.mine, documents.theirs)
        )
    )
    if same(sides.base, sides.mine):
        return sides.theirs, ()
    if same(sides.base, sides.theirs):
        return sides.mine, ()
    chosen = rules.of_document(sides.mine, sides.theirs)
    return _objects(sides, "", lambda name, member, path: _member(name, member, path, chosen))


def _objects(sides: _Sides, path: str, merge_member: Callable[[str, _Sides, str], _Found]) -> _Found:
    """Merge objects by member."""
    merged: JSONObject = {}
    clashes: tuple[Clash, ...] = ()
    for name in sides.names():
        value, more = merge_member(name, sides.under(name), f"{path}.{name}" if path else name)
        clashes += more
        if value is not ABSENT:
            merged[name] = value
    return merged, clashes


def _member(name: str, sides: _Sides, path: str, rules: Rules) -> _Found:
    """Merge one member, by the rules of the object that it is in."""
    base, mine, theirs = sides.base, sides.mine, sides.theirs
    if name in rules.tags and not same(mine, theirs):
        return sides.clash(path)
    if same(base, mine):
        return theirs, ()
    if same(base, theirs):
        return mine, ()
    if name in rules.decisions:
        return _decided(rules.decisions[name], sides, path)
    return _changed_twice(sides, path, rules.of_member(name, base, mine, theirs))


def _decided(decision: Decision, sides: _Sides, path: str) -> _Found:
    try:
        return decision(sides.base, sides.mine, sides.theirs), ()
    except Misfit:
        return sides.clash(path)


def _changed_twice(sides: _Sides, path: str, inner: Rules | None) -> _Found:
    """Merge objects by member, also equal ones: both sides may have added to a number in them."""
    if inner is not None:
        return _objects(sides, path, lambda name, member, place: _member(name, member, place, inner))
    return (sides.theirs, ()) if same(sides.mine, sides.theirs) else sides.clash(path)


def _attachments(documents: _Sides) -> _Found:
    """Merge attachments by name, each as a whole."""
    sides = documents.under(_ATTACHMENTS)
    stubs = _Sides(*({} if side is ABSENT else side for side in (sides.base, sides.mine, sides.theirs)))
    return _objects(stubs, _ATTACHMENTS, lambda _, member, path: _attachment(member, path))


def _attachment(sides: _Sides, path: str) -> _Found:
    base, mine, theirs = sides.base, sides.mine, sides.theirs
    if _is_same_attachment(mine, theirs) or _is_same_attachment(base, mine):
        return theirs, ()
    return (mine, ()) if _is_same_attachment(base, theirs) else sides.clash(path)


def _is_same_attachment(one: JSON, other: JSON) -> bool:
    """Compare what is stored; stubs of it differ by where and how they were read."""
    if not all(isinstance(side, dict) and side.get("stub") and "digest" in side for side in (one, other)):
        return same(one, other)
    return all(same(one.get(name), other.get(name)) for name in ("digest", "content_type"))
