"""The revision tree: what meets, what wins, what conflicts, and that the order of arrival does not matter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.embedded.engine import tree as trees
from couchmapper.embedded.engine.tree import EMPTY, Node, RevisionTree
from couchmapper.exceptions import DocumentConflict


def grown(*paths: str) -> RevisionTree:
    """Make a tree of paths such as `"3-c 2-b 1-a"`; one that ends in `†` is a tombstone's."""
    tree = EMPTY
    for body, path in enumerate(paths, 1):
        deleted = path.endswith("†")
        tree = trees.graft(tree, path.removesuffix("†").split(), deleted=deleted, body=body)
    return tree


def test_a_path_is_joined_where_it_meets_the_tree():
    tree = grown("2-b 1-a", "3-c 2-b")

    assert trees.ancestry(tree, "3-c") == ["3-c", "2-b", "1-a"]
    assert trees.leaves(tree) == ["3-c"]


def test_a_path_that_meets_nothing_is_a_branch_of_its_own():
    tree = grown("2-b 1-a", "2-c")

    assert trees.leaves(tree) == ["2-c", "2-b"]
    assert trees.ancestry(tree, "2-c") == ["2-c"]


def test_older_revisions_that_become_known_are_put_before_the_first():
    tree = grown("3-c", "4-d 3-c 2-b 1-a")

    assert trees.ancestry(tree, "4-d") == ["4-d", "3-c", "2-b", "1-a"]


def test_two_branches_grow_together_when_the_link_becomes_known():
    tree = grown("1-a", "3-c", "3-c 2-b 1-a")

    assert trees.leaves(tree) == ["3-c"]


def test_what_is_known_of_a_revision_is_not_replaced():
    tree = grown("1-a")

    assert trees.graft(tree, ["1-a"], deleted=True, body=9) is tree


def test_a_revision_of_which_only_the_id_was_known_gets_its_body():
    tree = grown("2-b 1-a", "1-a")

    assert tree.nodes["1-a"] == Node(None, False, 2)


@pytest.mark.parametrize(
    ("paths", "winner"),
    [
        (["1-a", "1-b"], "1-b"),
        (["2-a 1-x", "1-b"], "2-a"),
        (["9-a 8-x", "10-a 9-x"], "10-a"),
        (["2-a 1-x†", "1-b"], "1-b"),
        (["2-a 1-x†", "1-b†"], "2-a"),
        (["1-ffff", "1-73" + "0" * 30], "1-73" + "0" * 30),
    ],
)
def test_the_winner_is_alive_then_longest_then_greatest(paths: list[str], winner: str):
    assert trees.winner(grown(*paths)) == winner


def test_conflicts_are_the_other_leaves_the_greatest_first():
    tree = grown("1-a", "1-d", "1-b", "2-x 1-c†", "1-e†")

    assert trees.winner(tree) == "1-d"
    assert trees.conflicts(tree) == ["1-b", "1-a"]
    assert trees.conflicts(tree, deleted=True) == ["2-x", "1-e"]


def test_the_latest_of_a_revision_are_the_leaves_below_it():
    tree = grown("3-c 2-b 1-a", "2-d 1-a", "1-z")

    assert trees.latest(tree, "1-a") == ["3-c", "2-d"]
    assert trees.latest(tree, "2-d") == ["2-d"]


def test_the_status_of_a_revision_says_whether_it_can_be_read():
    tree = grown("2-b 1-a†")

    assert [trees.status(tree.nodes[revision]) for revision in ("2-b", "1-a")] == ["deleted", "missing"]


def test_unknown_revisions_are_missing_and_older_leaves_may_be_their_ancestors():
    tree = grown("2-b 1-a", "4-d")

    unknown = trees.missing(tree, ["5-e", "2-b", "3-c"])

    assert unknown == ["3-c", "5-e"]
    assert trees.possible_ancestors(tree, unknown) == ["4-d", "2-b"]
    assert trees.possible_ancestors(tree, ["3-c"]) == ["2-b"]


def test_stemming_keeps_the_last_revisions_of_each_branch():
    tree = trees.stem(grown("4-d 3-c 2-b 1-a", "2-x 1-y"), 2)

    assert trees.ancestry(tree, "4-d") == ["4-d", "3-c"]
    assert trees.ancestry(tree, "2-x") == ["2-x", "1-y"]


def test_stemming_keeps_what_a_shorter_branch_still_needs():
    tree = trees.stem(grown("4-d 3-c 2-b 1-a", "3-x 2-b"), 2)

    assert trees.ancestry(tree, "3-x") == ["3-x", "2-b"]
    assert "1-a" not in tree.nodes


def test_a_short_tree_is_not_stemmed():
    tree = grown("3-c 2-b 1-a", "2-d 1-a")

    assert trees.stem(tree, 3) is tree


def test_a_tree_is_written_as_compact_json():
    assert trees.encode(grown("2-b 1-a†")) == b'{"2-b":["1-a",true,1],"1-a":[null,false,null]}'


class TestParentOfEdit:
    def test_a_new_document_needs_no_revision_and_takes_any(self):
        assert trees.parent_of_edit(EMPTY, None, deleted=False) is None
        assert trees.parent_of_edit(EMPTY, "7-x", deleted=False) == "7-x"

    @pytest.mark.parametrize("leaf", ["2-b", "1-z", "3-t"])
    def test_every_leaf_of_a_live_document_can_be_edited(self, leaf: str):
        assert trees.parent_of_edit(grown("2-b 1-a", "1-z", "3-t†"), leaf, deleted=False) == leaf

    @pytest.mark.parametrize("revision", [None, "1-a", "9-x"])
    def test_what_is_no_leaf_of_a_live_document_conflicts(self, revision: str | None):
        with pytest.raises(DocumentConflict, match="Document update conflict"):
            trees.parent_of_edit(grown("2-b 1-a"), revision, deleted=False)

    def test_a_deleted_document_is_made_anew_from_its_tombstone(self):
        assert trees.parent_of_edit(grown("2-b 1-a†"), None, deleted=False) == "2-b"

    def test_a_deleted_document_takes_no_revision(self):
        with pytest.raises(DocumentConflict):
            trees.parent_of_edit(grown("2-b 1-a†"), "2-b", deleted=False)

    def test_a_deleted_document_is_not_deleted_again(self):
        with pytest.raises(DocumentConflict):
            trees.parent_of_edit(grown("2-b 1-a†"), None, deleted=True)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[tuple[str, ...], bool, int]]:
    """Draw edits of one document on several stores, each as the path that its replication sends.

    Each revision is made from an earlier one or from none; a path may be cut anywhere.
    """
    ancestors: dict[str, tuple[str, ...]] = {}
    sent: list[tuple[tuple[str, ...], bool, int]] = []
    for number in range(draw(st.integers(1, 8))):
        before = (
            ancestors[draw(st.sampled_from(sorted(ancestors)))] if draw(st.booleans()) and ancestors else ()
        )
        made = f"{len(before) + 1}-{number:02x}"
        ancestors[made] = (made, *before)
        known = draw(st.integers(1, len(ancestors[made])))
        sent.append((ancestors[made][:known], draw(st.booleans()), number))
    return sent


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_merging_does_not_change_the_tree(history, random):
    shuffled = random.sample(history, len(history))

    assert merged(history).nodes == merged(shuffled).nodes


@given(histories())
def test_merging_again_changes_nothing(history):
    tree = merged(history)

    for path, deleted, body in history:
        assert trees.graft(tree, path, deleted=deleted, body=body + 100) is tree


@given(histories())
def test_a_tree_is_read_as_it_was_written(history):
    tree = merged(history)

    assert trees.decode(trees.encode(tree)).nodes == tree.nodes


@given(histories(), st.integers(1, 4))
def test_stemming_keeps_every_leaf_and_no_branch_longer_than_the_limit(history, limit):
    tree = merged(history)
    cut = trees.stem(tree, limit)

    assert trees.leaves(cut) == trees.leaves(tree)
    assert all(
        trees.ancestry(cut, leaf)[:limit] == trees.ancestry(tree, leaf)[:limit] for leaf in trees.leaves(tree)
    )


def merged(history: list[tuple[tuple[str, ...], bool, int]]) -> RevisionTree:
    tree = EMPTY
    for path, deleted, body in history:
        tree = trees.graft(tree, path, deleted=deleted, body=body)
    return tree
