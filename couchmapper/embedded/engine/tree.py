"""The revision tree of one document: every revision that is known, and which one wins.

https://docs.couchdb.org/en/stable/replication/conflicts.html
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import attrs
import msgspec

from couchmapper.exceptions import DocumentConflict
from couchmapper.revisions import leaf_order, parse_revision

__all__ = [
    "EMPTY",
    "Node",
    "RevisionTree",
    "ancestry",
    "conflicts",
    "decode",
    "encode",
    "graft",
    "latest",
    "leaves",
    "missing",
    "oldest_first",
    "parent_of_edit",
    "possible_ancestors",
    "status",
    "stem",
    "winner",
]


class Node(NamedTuple):
    """One revision: the one it was made from, whether it is a tombstone, and the number of its body.

    `parent` is None for the first one, and where older ones are not known; `body` is None for a revision of
    which only the id is known. A tuple, because a tree is read and written with every edit.
    """

    parent: str | None
    deleted: bool
    body: int | None


@attrs.frozen
class RevisionTree:
    """The known revisions of a document by their ids; what is done to a tree returns another one."""

    nodes: Mapping[str, Node]


EMPTY = RevisionTree(MappingProxyType({}))
"""The tree of a document that never was."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(dict[str, Node])


def encode(tree: RevisionTree) -> bytes:
    """Write a tree as compact JSON: `{"1-abc":[null,false,17]}`."""
    return _encoder.encode(tree.nodes)


def decode(text: bytes) -> RevisionTree:
    """Read what `encode` has written."""
    return RevisionTree(_decoder.decode(text))


def graft(tree: RevisionTree, path: Sequence[str], *, deleted: bool, body: int) -> RevisionTree:
    """Join a path of revisions, the newest first, to the tree where they meet; `body` is the newest one's.

    The same tree is returned when it knows all of it; what is known of a revision is not replaced.
    """
    if len(path) == 1 and not tree.nodes:
        return RevisionTree({path[0]: Node(None, deleted, body)})
    nodes = dict(tree.nodes)
    parents = (*path[1:], None)
    for revision, parent in zip(path, parents, strict=True):
        known = nodes.get(revision)
        if known is None:
            nodes[revision] = Node(parent, False, None)
        elif known.parent is None and parent is not None:
            nodes[revision] = known._replace(parent=parent)
    if nodes[path[0]].body is None:
        nodes[path[0]] = nodes[path[0]]._replace(deleted=deleted, body=body)
    return tree if nodes == tree.nodes else RevisionTree(nodes)


def stem(tree: RevisionTree, limit: int) -> RevisionTree:
    """Keep the last `limit` revisions of each branch."""
    if len(tree.nodes) <= limit:
        return tree
    kept: dict[str, Node] = {}
    for leaf in leaves(tree):
        kept.update((revision, tree.nodes[revision]) for revision in ancestry(tree, leaf)[:limit])
    if len(kept) == len(tree.nodes):
        return tree
    return RevisionTree(
        {
            revision: node if node.parent in kept else node._replace(parent=None)
            for revision, node in kept.items()
        }
    )


def leaves(tree: RevisionTree) -> list[str]:
    """Return the revisions from which none was made, the winner first, tombstones last."""
    parents = {node.parent for node in tree.nodes.values()}
    found = [revision for revision in tree.nodes if revision not in parents]
    if len(found) > 1:
        found.sort(key=lambda leaf: leaf_order(leaf, deleted=tree.nodes[leaf].deleted), reverse=True)
    return found


def winner(tree: RevisionTree) -> str:
    """Return the revision that readers see."""
    return next(iter(tree.nodes)) if len(tree.nodes) == 1 else leaves(tree)[0]


def conflicts(tree: RevisionTree, *, deleted: bool = False) -> list[str]:
    """Return the leaves beside the winner that are alive, or those that are tombstones."""
    return [leaf for leaf in leaves(tree)[1:] if tree.nodes[leaf].deleted == deleted]


def ancestry(tree: RevisionTree, revision: str) -> list[str]:
    """Return a revision and those it was made from, the newest first."""
    path: list[str] = []
    here: str | None = revision
    while here is not None:
        path.append(here)
        here = tree.nodes[here].parent
    return path


def latest(tree: RevisionTree, revision: str) -> list[str]:
    """Return the leaves that were made from a revision, itself when it is one."""
    return [leaf for leaf in leaves(tree) if revision in ancestry(tree, leaf)]


def status(node: Node) -> str:
    """Say of a revision whether its body can be read: `available`, `deleted` or `missing`."""
    if node.body is None:
        return "missing"
    return "deleted" if node.deleted else "available"


def missing(tree: RevisionTree, revisions: Iterable[str]) -> list[str]:
    """Return those of the revisions that the tree does not know, the oldest first."""
    return oldest_first(revision for revision in revisions if revision not in tree.nodes)


def possible_ancestors(tree: RevisionTree, unknown: Sequence[str]) -> list[str]:
    """Return the leaves from which one of the unknown revisions may have been made, the winner first."""
    newest = max((parse_revision(revision)[0] for revision in unknown), default=0)
    return [leaf for leaf in leaves(tree) if parse_revision(leaf)[0] < newest]


def oldest_first(revisions: Iterable[str]) -> list[str]:
    """Order revisions by generation, then by digest."""
    return sorted(revisions, key=lambda revision: leaf_order(revision, deleted=False))


def parent_of_edit(tree: RevisionTree, revision: str | None, *, deleted: bool) -> str | None:
    """Return the revision that an edit is made from when its document names `revision`.

    Raises `DocumentConflict` unless that is a leaf of a document that is not deleted. A deleted document is
    made anew without a revision, from its tombstone; for one that never was, any revision will do.
    """
    if not tree.nodes:
        return revision
    last = winner(tree)
    if tree.nodes[last].deleted:
        if revision is None and not deleted:
            return last
    elif revision == last or revision in leaves(tree):
        return revision
    raise DocumentConflict("Document update conflict.")
