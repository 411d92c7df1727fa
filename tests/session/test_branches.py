import pickle
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper import Document, Mapped, field
from couchmapper.mapping.merging import merge_rules
from couchmapper.session.branches import Branches, BranchesClash, forks
from couchmapper.session.merge import Clash


class Account(Document):
    balance: Mapped[int] = field(default=0, merge="add")
    owner: Mapped[str] = field(default="")


RULES = merge_rules(Account)


def revision(*digests, start=None, **body):
    """Write an account at a revision, its digest and those of its ancestors given, newest first."""
    start = len(digests) if start is None else start
    history = {"start": start, "ids": list(digests)}
    return {"_id": "a", "_rev": f"{start}-{digests[0]}", "_revisions": history, "type": "account"} | body


def body(rev, **members):
    return {"_id": "a", "_rev": rev, "type": "account"} | members


def merged(*leaves, bodies=()):
    branches = Branches(leaves=leaves, bodies={one["_rev"]: one for one in bodies})
    return branches.merge(RULES, form=lambda json: json)


class TestForks:
    def test_one_branch_has_no_forks(self):
        assert forks([revision("c", "b", "a")]) == []

    def test_branches_without_a_common_root_have_no_forks(self):
        assert forks([revision("a"), revision("b")]) == []

    def test_the_youngest_fork_comes_first(self):
        leaves = [revision("d", "a"), revision("x", "c", "a"), revision("y", "c", "a")]

        assert forks(leaves) == ["2-c", "1-a"]

    def test_a_tenth_generation_is_younger_than_a_ninth(self):
        leaves = [revision(d, "j", "i", start=11) for d in "xy"] + [revision("z", "i", start=10)]

        assert forks(leaves) == ["10-j", "9-i"]

    def test_the_base_is_the_nearest_revision_of_all(self):
        leaves = (revision("d", "b", "a"), revision("x", "c", "b", "a"), revision("y", "c", "b", "a"))
        branches = Branches(leaves=leaves, bodies={"2-b": body("2-b"), "3-c": body("3-c")})

        assert branches.base == body("2-b")

    def test_a_tombstone_is_no_base(self):
        leaves = (revision("c", "a"), revision("b", "a"))

        assert Branches(leaves=leaves, bodies={"1-a": body("1-a", _deleted=True)}).base is None


class TestMerging:
    def test_what_only_one_branch_changed_is_taken(self):
        leaves = revision("c", "a", balance=1, owner="Ann"), revision("b", "a", balance=5, owner="")

        together = merged(*leaves, bodies=[body("1-a", balance=1, owner="")])

        assert (together["balance"], together["owner"]) == (5, "Ann")

    def test_the_revision_is_that_of_the_winner(self):
        leaves = revision("c", "a", balance=1), revision("b", "a", balance=5)

        assert merged(*leaves, bodies=[body("1-a", balance=1)])["_rev"] == "2-c"

    def test_no_history_is_left_in_the_result(self):
        leaves = revision("c", "a", balance=1), revision("b", "a", balance=5)

        assert "_revisions" not in merged(*leaves, bodies=[body("1-a", balance=1)])

    def test_what_two_branches_share_counts_once(self):
        leaves = (
            revision("x", "c", "a", balance=6),
            revision("y", "c", "a", balance=7),
            revision("b", "a", balance=0),
        )

        together = merged(*leaves, bodies=[body("1-a", balance=0), body("2-c", balance=5)])

        assert together["balance"] == 5 + 1 + 2

    def test_documents_that_were_created_apart_begin_with_nothing(self):
        assert merged(revision("b", balance=2), revision("a", balance=3))["balance"] == 5

    def test_documents_that_were_made_anew_over_a_tombstone_begin_with_nothing(self):
        leaves = revision("c", "a", balance=2), revision("b", "a", balance=3)

        assert merged(*leaves, bodies=[body("1-a", balance=9, _deleted=True)])["balance"] == 5

    def test_every_clash_is_named(self):
        leaves = revision("c", "a", owner="Ann", x=1), revision("b", "a", owner="Bob", x=2)

        with pytest.raises(BranchesClash, match="owner, x") as caught:
            merged(*leaves, bodies=[body("1-a", owner="", x=0)])

        assert caught.value.clashes == (
            Clash(path="owner", base="", mine="Bob", theirs="Ann"),
            Clash(path="x", base=0, mine=2, theirs=1),
        )


class TestLostBases:
    def test_all_that_differs_clashes_since_nothing_can_be_counted(self):
        leaves = revision("c", "a", balance=6, owner="Ann"), revision("b", "a", balance=7, owner="Ann")

        with pytest.raises(BranchesClash, match=r"balance .the revision they come from is not stored"):
            merged(*leaves)

    def test_a_member_that_only_one_has_may_have_been_removed_by_the_other(self):
        with pytest.raises(BranchesClash, match="owner"):
            merged(revision("c", "a", owner="Ann"), revision("b", "a"))

    def test_equal_documents_are_one(self):
        assert merged(revision("c", "a", owner="Ann"), revision("b", "a", owner="Ann"))["owner"] == "Ann"

    def test_a_history_that_was_cut_off_may_have_had_a_common_revision(self):
        leaves = revision("d", "c", start=9, balance=1), revision("b", "a", start=9, balance=2)

        with pytest.raises(BranchesClash, match="balance"):
            merged(*leaves)

    def test_attachments_are_told_apart_by_their_digest(self):
        leaves = [
            revision(digest, "a", _attachments={"x": {"digest": "md5-1", "revpos": place, "stub": True}})
            for place, digest in enumerate("cb")
        ]

        assert "_attachments" in merged(*leaves)


class TestErrors:
    def test_a_clash_travels_between_processes(self):
        error = BranchesClash("a", [Clash(path="x", base=0, mine=1, theirs=2)], "because")

        copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

        assert (str(copy), copy.clashes) == (str(error), error.clashes)


@st.composite
def trees(draw):
    """Draw a tree of revisions, each of which adds something to a balance: leaves, bodies, and the sum."""
    path, balance, bodies, tips = {}, {}, {}, []
    for number in range(draw(st.integers(2, 9))):
        parent = draw(st.sampled_from(list(path))) if path else None
        before = path[parent] if parent is not None else ()
        path[number] = (f"d{number}", *before)
        balance[number] = draw(st.integers(-5, 5)) + (balance[parent] if parent is not None else 0)
        tips = [tip for tip in tips if tip != parent] + [number]
        rev = f"{len(path[number])}-d{number}"
        bodies[rev] = body(rev, balance=balance[number])
    leaves = [revision(*path[tip], balance=balance[tip]) for tip in tips]
    steps = {path[number]: balance[number] - sum_before(path, balance, number) for number in path}
    return leaves, bodies, sum(steps.values())


def sum_before(path, balance, number):
    """Return the balance of the revision before one, 0 for the first."""
    return next((balance[one] for one in path if path[one] == path[number][1:]), 0)


@given(trees(), st.randoms())
def test_every_addition_of_every_branch_counts_once(tree, random):
    leaves, bodies, total = tree
    random.shuffle(leaves)

    branches = Branches(leaves=tuple(leaves), bodies=bodies)

    assert branches.merge(RULES, form=lambda json: json)["balance"] == total


@given(trees())
def test_the_base_is_an_ancestor_of_all(tree):
    leaves, bodies, _ = tree
    base = Branches(leaves=tuple(leaves), bodies=bodies).base

    assert base is not None
    shared = reduce(set.intersection, [set(leaf["_revisions"]["ids"]) for leaf in leaves])
    assert base["_rev"].partition("-")[2] in shared
