"""The living branches of a document: where they part, and what they make together. No I/O."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import attrs

from couchmapper.exceptions import ResolutionError
from couchmapper.jsonio import same
from couchmapper.mapping.merging import Rules
from couchmapper.revisions import parse_revision
from couchmapper.session.leaves import ancestry, is_tombstone, without_revisions
from couchmapper.session.merge import Clash, Merged, merge
from couchmapper.typing import JSONObject

__all__ = ["Branches", "BranchesClash", "forks"]


class BranchesClash(ResolutionError):
    """Branches changed the same places to different values; `clashes` are these. Nothing was written."""

    def __init__(self, id: str, clashes: Sequence[Clash], reason: str = "") -> None:
        places = ", ".join(dict.fromkeys(clash.path for clash in clashes))
        because = f" ({reason})" if reason else ""
        super().__init__(
            f"{id!r}: the branches disagree about {places}{because}; decide, and resolve with that document"
        )
        self.id = id
        self.clashes = tuple(clashes)
        self.reason = reason

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        """Travel between processes with the clashes."""
        return type(self), (self.id, self.clashes, self.reason)


def forks(leaves: Iterable[JSONObject]) -> list[str]:
    """Return the revisions from which more than one of the branches go on, the youngest first."""
    following: dict[str, set[str]] = defaultdict(set)
    for leaf in leaves:
        path = ancestry(leaf)
        for child, parent in pairwise(path):
            following[parent].add(child)
    found = [revision for revision, children in following.items() if len(children) > 1]
    return sorted(found, key=parse_revision, reverse=True)


@attrs.frozen(kw_only=True)
class _Tip:
    """What one branch, or several that were merged, make of the document; `path` leads back from there."""

    document: JSONObject
    path: frozenset[str]
    is_whole: bool


@attrs.frozen(kw_only=True, slots=False)
class Branches:
    """The leaves of living branches with their `_revisions`, the winner first.

    `bodies` are the documents at the `forks`, by revision, as far as the server still has them.
    """

    leaves: tuple[JSONObject, ...]
    bodies: Mapping[str, JSONObject]

    @cached_property
    def base(self) -> JSONObject | None:
        """The nearest revision that all branches come from; None when it is lost, or there is none."""
        shared = frozenset[str].intersection(*(frozenset(ancestry(leaf)) for leaf in self.leaves))
        nearest = next((revision for revision in ancestry(self.leaves[0]) if revision in shared), None)
        found = None if nearest is None else self.bodies.get(nearest)
        return None if found is None or is_tombstone(found) else found

    def merge(self, rules: Rules, *, form: Callable[[JSONObject], JSONObject]) -> JSONObject:
        """Merge all branches by field: two that part latest first, against the revision where they part.

        Of two branches the one that CouchDB prefers is `theirs`. `form` brings a document into the form that
        the rules are for. Raises `BranchesClash` with every clash; where the revision is lost from which two
        branches part, all that differs between them clashes.
        """
        merging = _Merging(rules)
        tips = [_tip(leaf, form) for leaf in self.leaves]
        for fork in forks(self.leaves):
            joined = [tip for tip in tips if fork in tip.path]
            body = self.bodies.get(fork)
            base = None if body is None or is_tombstone(body) else form(body)
            merged = merging.join(joined, base, is_known=body is not None)
            tips = [merged if tip is joined[0] else tip for tip in tips if tip not in joined[1:]]
        together = merging.join(tips, None, is_known=all(tip.is_whole for tip in tips))
        if merging.clashes:
            raise BranchesClash(self.leaves[0]["_id"], merging.clashes, merging.reason)
        return together.document


@attrs.define
class _Merging:
    """A merge of many branches on its way, and what clashed so far."""

    rules: Rules
    clashes: list[Clash] = attrs.field(factory=list, init=False)
    reason: str = attrs.field(default="", init=False)

    def join(self, tips: Sequence[_Tip], base: JSONObject | None, *, is_known: bool) -> _Tip:
        """Merge tips into the first one; `is_known` says that `base` is all that they have in common."""
        first, *others = tips
        value = first.document
        for other in others:
            merged = self._pair(base, other.document, value, is_known=is_known)
            value = merged.value
            self.clashes += merged.clashes
        return attrs.evolve(first, document=value)

    def _pair(
        self, base: JSONObject | None, mine: JSONObject, theirs: JSONObject, *, is_known: bool
    ) -> Merged:
        if is_known:
            return merge(base, mine, theirs, self.rules)
        # Without the base nobody can tell what one side added from what the other removed, or count twice.
        clashes = _differences(mine, theirs)
        if clashes:
            self.reason = "the revision they come from is not stored any more"
        return Merged(value=theirs, clashes=clashes)


def _tip(leaf: JSONObject, form: Callable[[JSONObject], JSONObject]) -> _Tip:
    path = ancestry(leaf)
    return _Tip(
        document=form(without_revisions(leaf)),
        path=frozenset(path),
        is_whole=parse_revision(path[-1])[0] == 1,
    )


def _differences(mine: JSONObject, theirs: JSONObject) -> tuple[Clash, ...]:
    """Return what differs between two documents, member by member, as clashes."""
    own, other = _content(mine), _content(theirs)
    return tuple(
        Clash(path=name, base=None, mine=own.get(name), theirs=other.get(name))
        for name in {**other, **own}
        if (name in own) != (name in other) or not same(own.get(name), other.get(name))
    )


def _content(document: JSONObject) -> JSONObject:
    """Return what an application stored; of attachments what tells whether they are the same."""
    stubs: JSONObject = document.get("_attachments", {})
    attachments = {name: stub.get("digest") for name, stub in stubs.items()}
    told = {"_attachments": attachments} if attachments else {}
    return {name: value for name, value in document.items() if not name.startswith("_")} | told
