"""What becomes of a write is decided from what the server holds, without a server."""

from typing import Any

import pytest
from resolutions import BASE, PAID, THEIRS, TOMBSTONE, attempt, conflict_of, decide, gone, leaf, order, write

from couchmapper import jsonio
from couchmapper.mapping import Document, Mapped, field, mapper
from couchmapper.revisions import edit_revision
from couchmapper.session.resolution import Again, Clashed, Stored, Yielded, unsettled
from couchmapper.session.unit_of_work import Write
from couchmapper.typing import JSONObject


class TestNobodyElseWrote:
    @pytest.mark.parametrize(
        ("mine", "base", "leaves"),
        [
            (PAID, BASE, [leaf(BASE, "1-a")]),
            (order(), None, []),
            (order(), None, [gone("2-b", "1-a")]),
        ],
        ids=["changed", "new", "new on a tombstone"],
    )
    def test_the_write_is_sent_as_it_is(self, mine, base, leaves):
        outcome = decide(write(mine, base), *leaves)

        assert isinstance(outcome, Again)
        assert outcome.write.json == mine

    def test_a_deletion_is_sent_with_the_revision_that_was_read(self):
        outcome = decide(write(None), leaf(BASE, "1-a"))

        assert isinstance(outcome, Again)
        assert outcome.write.json == TOMBSTONE
        assert outcome.write.deleted

    def test_what_the_server_has_is_not_sent(self):
        outcome = decide(write(BASE), leaf(BASE, "1-a"))

        assert isinstance(outcome, Stored)
        assert outcome.revision == "1-a"

    @pytest.mark.parametrize("leaves", [[], [gone("2-b", "1-a")]], ids=["never there", "deleted"])
    def test_the_deletion_of_what_is_gone_is_done(self, leaves):
        outcome = decide(write(None), *leaves, strategy="mine")

        assert isinstance(outcome, Stored)
        assert outcome.json["_deleted"]

    def test_a_losing_branch_does_not_matter(self):
        outcome = decide(write(PAID), leaf(BASE, "1-a"), leaf(THEIRS, "1-0"))

        assert isinstance(outcome, Again)


class TestAWriteOfOurs:
    REVISION = edit_revision(PAID)

    def test_that_is_the_leaf_is_stored(self):
        outcome = decide(write(PAID), leaf(PAID, self.REVISION, "1-a"), attempts=[attempt(PAID)])

        assert isinstance(outcome, Stored)
        assert outcome.revision == self.REVISION

    def test_that_somebody_wrote_after_is_stored(self):
        held = leaf(THEIRS, "3-c", self.REVISION, "1-a")

        outcome = decide(write(PAID), held, attempts=[attempt(PAID)])

        assert isinstance(outcome, Stored)
        assert outcome.revision == self.REVISION

    def test_that_lost_against_another_branch_is_stored(self):
        held = [leaf(THEIRS, "2-f", "1-a"), leaf(PAID, self.REVISION, "1-a")]

        outcome = decide(write(PAID), *held, attempts=[attempt(PAID)])

        assert isinstance(outcome, Stored)
        assert outcome.revision == self.REVISION

    def test_is_known_by_its_content_where_revisions_are_made_by_another_rule(self):
        outcome = decide(write(PAID), leaf(PAID, "2-other", "1-a"), attempts=[attempt(PAID)])

        assert isinstance(outcome, Stored)
        assert outcome.revision == "2-other"

    def test_that_is_new_may_have_come_to_lie_on_a_tombstone(self):
        new = order()

        outcome = decide(write(new, None), leaf(new, "3-c", "2-b", "1-a"), attempts=[attempt(new)])

        assert isinstance(outcome, Stored)
        assert outcome.revision == "3-c"

    def test_is_any_of_several(self):
        shipped = order("1-a", status="shipped")
        attempts = [attempt(shipped), attempt(PAID)]

        outcome = decide(write(shipped), leaf(PAID, self.REVISION, "1-a"), attempts=attempts)

        assert isinstance(outcome, Again)
        assert outcome.write.json == {**shipped, "_rev": self.REVISION}

    def test_that_was_merged_counts_as_what_it_became(self):
        merged = {**PAID, "_rev": "2-b", "count": 5}
        revision = edit_revision(merged)

        outcome = decide(write(PAID), leaf(merged, revision, "2-b"), attempts=[attempt(merged, mine=PAID)])

        assert isinstance(outcome, Stored)
        assert outcome.json == merged

    def test_that_deleted_the_document_is_done(self):
        revision = edit_revision(TOMBSTONE)

        outcome = decide(write(None), gone(revision, "1-a"), attempts=[attempt(TOMBSTONE)])

        assert isinstance(outcome, Stored)
        assert outcome.revision == revision

    def test_gets_what_was_changed_after_it_on_top(self):
        shipped = order("1-a", status="shipped")

        outcome = decide(write(shipped), leaf(PAID, self.REVISION, "1-a"), attempts=[attempt(PAID)])

        assert isinstance(outcome, Again)
        assert outcome.write.json == {**shipped, "_rev": self.REVISION}

    def test_gets_a_deletion_on_top(self):
        outcome = decide(write(None), leaf(PAID, self.REVISION, "1-a"), attempts=[attempt(PAID)])

        assert isinstance(outcome, Again)
        assert outcome.write.json == {**TOMBSTONE, "_rev": self.REVISION}

    def test_that_deleted_the_document_gets_it_made_anew(self):
        revision = edit_revision(TOMBSTONE)

        outcome = decide(write(PAID), gone(revision, "1-a"), attempts=[attempt(TOMBSTONE)])

        assert isinstance(outcome, Again)
        assert outcome.write.json == order(status="paid")

    def test_that_was_merged_does_not_hide_what_was_merged_in(self):
        """What the session has now was decided without it."""
        merged = {**PAID, "_rev": "2-b", "paid": True}
        revision = edit_revision(merged)
        shipped = order("1-a", status="shipped")

        outcome = decide(
            write(shipped),
            leaf(merged, revision, "2-b"),
            attempts=[attempt(merged, mine=PAID)],
            strategy="merge",
        )

        assert isinstance(outcome, Again)
        assert outcome.write.json == {**shipped, "_rev": revision, "paid": True}

    def test_that_never_arrived_is_sent(self):
        outcome = decide(write(PAID), leaf(BASE, "1-a"), attempts=[attempt(PAID)])

        assert isinstance(outcome, Again)
        assert outcome.write.json == PAID

    def test_that_never_arrived_meets_somebody_elses(self):
        outcome = decide(write(PAID), leaf(THEIRS, "2-b", "1-a"), attempts=[attempt(PAID)])

        assert conflict_of(outcome).base == BASE


class TestAnEqualEdit:
    @pytest.mark.parametrize("strategy", ["raise", "merge", "mine", "theirs", lambda _: "raise"])
    def test_is_stored_already(self, strategy):
        outcome = decide(write(PAID), leaf(PAID, "2-b", "1-a"), strategy=strategy)

        assert isinstance(outcome, Stored)
        assert outcome.revision == "2-b"

    def test_of_two_new_documents_is_stored_already(self):
        outcome = decide(write(order(), None), leaf(order(), "1-a"))

        assert isinstance(outcome, Stored)

    def test_of_a_number_to_which_both_add_is_two_edits(self):
        both = order("1-a", count=1)

        outcome = decide(write(both), leaf(both, "2-b", "1-a"), strategy="merge")

        assert isinstance(outcome, Again)
        assert outcome.write.json == {**both, "_rev": "2-b", "count": 2}

    def test_of_a_number_to_which_both_add_is_told_by_default(self):
        both = order("1-a", count=1)

        assert conflict_of(decide(write(both), leaf(both, "2-b", "1-a"))).clashes == ()


class TestNamedStrategies:
    THEIRS = leaf(THEIRS, "2-b", "1-a")

    def test_raise_holds_base_mine_and_theirs(self):
        conflict = conflict_of(decide(write(PAID), self.THEIRS))

        assert (conflict.base, conflict.mine, conflict.theirs) == (BASE, PAID, {**THEIRS, "_rev": "2-b"})

    def test_raise_names_what_both_changed_with_its_path(self):
        base = order("1-a", address={"city": "Rome", "street": "a"})
        mine = {**base, "status": "mine", "paid": True, "address": {"city": "Oslo", "street": "a"}}
        theirs = {**base, "status": "theirs", "address": {"city": "Bern", "street": "b"}}

        conflict = conflict_of(decide(write(mine, base), leaf(theirs, "2-b", "1-a")))

        assert {clash.path for clash in conflict.clashes} == {"status", "address.city"}

    def test_merge_takes_from_each_side_what_it_changed(self):
        outcome = decide(
            write(order("1-a", paid=True, count=2)),
            leaf(order(status="theirs", count=3), "2-b", "1-a"),
            strategy="merge",
        )

        assert isinstance(outcome, Again)
        assert outcome.write.json == order("2-b", status="theirs", paid=True, count=5)
        assert jsonio.loads(outcome.write.text) == outcome.write.json

    def test_merge_tells_what_clashes(self):
        conflict = conflict_of(decide(write(PAID), self.THEIRS, strategy="merge"))

        assert [clash.path for clash in conflict.clashes] == ["status"]

    def test_merge_sends_nothing_when_theirs_says_it_all(self):
        theirs = leaf(order(status="paid", paid=True), "2-b", "1-a")

        outcome = decide(write(PAID), theirs, strategy="merge")

        assert isinstance(outcome, Stored)
        assert outcome.revision == "2-b"
        assert outcome.json["paid"] is True

    def test_mine_goes_on_top_of_theirs(self):
        outcome = decide(write(PAID), self.THEIRS, strategy="mine")

        assert isinstance(outcome, Again)
        assert outcome.write.json == {**PAID, "_rev": "2-b"}

    def test_theirs_is_taken(self):
        outcome = decide(write(PAID), self.THEIRS, strategy="theirs")

        assert isinstance(outcome, Yielded)
        assert outcome.theirs == {**THEIRS, "_rev": "2-b"}


class TestDeletionsAgainstEdits:
    EDITED = leaf(THEIRS, "2-b", "1-a")
    DELETED = gone("2-b", "1-a")

    @pytest.mark.parametrize(("mine", "held"), [(None, EDITED), (PAID, DELETED)], ids=["ours", "theirs"])
    @pytest.mark.parametrize(("strategy", "reason"), [("raise", ""), ("merge", "cannot be merged")])
    def test_are_conflicts(self, mine, held, strategy, reason):
        conflict = conflict_of(decide(write(mine), held, strategy=strategy))

        assert conflict.mine == mine
        assert (conflict.theirs is None) == held.get("_deleted", False)
        assert reason in conflict.reason

    def test_mine_deletes_what_they_wrote(self):
        outcome = decide(write(None), self.EDITED, strategy="mine")

        assert isinstance(outcome, Again)
        assert outcome.write.json == {"_id": "order:1", "_rev": "2-b", "_deleted": True}

    def test_mine_makes_anew_what_they_deleted(self):
        outcome = decide(write(PAID), self.DELETED, strategy="mine")

        assert isinstance(outcome, Again)
        assert outcome.write.json == order(status="paid")

    def test_theirs_takes_our_deletion_back(self):
        outcome = decide(write(None), self.EDITED, strategy="theirs")

        assert isinstance(outcome, Yielded)
        assert outcome.theirs == {**THEIRS, "_rev": "2-b"}

    @pytest.mark.parametrize(
        ("strategy", "kind"), [("raise", Clashed), ("merge", Clashed), ("mine", Again), ("theirs", Yielded)]
    )
    def test_what_was_purged_counts_as_deleted(self, strategy, kind):
        assert isinstance(decide(write(PAID), strategy=strategy), kind)

    def test_mine_makes_anew_what_was_purged(self):
        outcome = decide(write(PAID), strategy="mine")

        assert isinstance(outcome, Again)
        assert outcome.write.json == order(status="paid")

    def test_theirs_lets_their_deletion_be(self):
        outcome = decide(write(PAID), self.DELETED, strategy="theirs")

        assert isinstance(outcome, Yielded)
        assert outcome.theirs is None


class TestWhatDoesNotFit:
    @pytest.mark.parametrize(
        ("result", "told"),
        [({"status": 5}, "status"), ({"status": "x" * 21}, "too long"), ({"number": None}, "number")],
        ids=["type", "validator", "missing"],
    )
    def test_the_model_is_a_conflict_that_says_why(self, result, told):
        outcome = decide(
            write(PAID),
            leaf(THEIRS, "2-b", "1-a"),
            strategy=lambda conflict: {**conflict.mine, **result},
        )

        assert "does not fit Order" in conflict_of(outcome).reason
        assert told in conflict_of(outcome).reason

    def test_a_merged_value_that_no_validator_takes_is_a_conflict(self):
        class Account(Document, id=lambda _: "account"):
            balance: Mapped[int] = field(merge="add")

            @staticmethod
            def check(_account: Any, _attribute: Any, value: int) -> None:
                if value < 0:
                    raise ValueError("overdrawn")

        class Checked(Account, type="account", id=lambda _: "account"):
            balance: Mapped[int] = field(merge="add", validator=Account.check)

        base = {"_id": "account", "_rev": "1-a", "type": "account", "balance": 10}
        mine, theirs = {**base, "balance": 2}, {**base, "balance": 3}
        one = Write(
            id="account", document=mapper.load(Checked, base), json=mine, text=b"", mine=mine, base=base
        )

        outcome = decide(one, leaf(theirs, "2-b", "1-a"), strategy="merge")

        assert "overdrawn" in conflict_of(outcome).reason

    def test_theirs_of_another_model_is_a_conflict(self):
        outcome = decide(write(PAID), leaf({**THEIRS, "type": "invoice"}, "2-b", "1-a"), strategy="merge")

        assert "'invoice'" in conflict_of(outcome).reason

    def test_a_merge_function_that_fails_is_a_conflict_that_says_so(self):
        def fail(base, mine, theirs):
            raise ZeroDivisionError("oh")

        class Note(Document, id=lambda _: "note"):
            text: Mapped[str] = field(merge=fail)

        base = {"_id": "note", "_rev": "1-a", "type": "note", "text": "a"}
        mine = {**base, "text": "b"}
        one = Write(id="note", document=mapper.load(Note, base), json=mine, text=b"", mine=mine, base=base)

        outcome = decide(one, leaf({**base, "text": "c"}, "2-b", "1-a"), strategy="merge")

        assert "text" in conflict_of(outcome).reason


class TestAttachments:
    OURS = order("1-a", _attachments={"a.txt": {"stub": True, "digest": "md5-a", "revpos": 1}})

    @pytest.mark.parametrize(
        "theirs",
        [THEIRS, {**THEIRS, "_attachments": {"a.txt": {"stub": True, "digest": "md5-b", "revpos": 2}}}],
        ids=["removed", "replaced"],
    )
    def test_that_their_revision_lost_cannot_be_kept_by_mine(self, theirs):
        outcome = decide(
            write({**self.OURS, "status": "mine"}, self.OURS), leaf(theirs, "2-b", "1-a"), strategy="mine"
        )

        assert "'a.txt'" in conflict_of(outcome).reason

    def test_that_both_have_are_kept_by_mine(self):
        theirs = {**THEIRS, "_attachments": self.OURS["_attachments"]}
        mine = {**self.OURS, "status": "mine"}

        outcome = decide(write(mine, self.OURS), leaf(theirs, "2-b", "1-a"), strategy="mine")

        assert isinstance(outcome, Again)
        assert outcome.write.json == {**mine, "_rev": "2-b"}

    def test_that_went_with_a_deletion_cannot_be_kept_by_mine(self):
        outcome = decide(write(self.OURS, self.OURS), gone("2-b", "1-a"), strategy="mine")

        assert "'a.txt'" in conflict_of(outcome).reason


def test_what_somebody_else_wrote_in_an_old_form_is_decided_in_todays():
    class Customer(Document, id=lambda _: "customer", version=2):
        name: Mapped[str]
        tags: Mapped[set[str]] = field(factory=set, merge="union")

    @Customer.upcast(1, 2)
    def split(json: JSONObject) -> JSONObject:
        return {**json, "tags": json["tags"].split()}

    base = {
        "_id": "customer",
        "_rev": "1-a",
        "type": "customer",
        "schema_version": 2,
        "name": "Ann",
        "tags": [],
    }
    mine = {**base, "tags": ["a"]}
    old = {"type": "customer", "schema_version": 1, "name": "Anna", "tags": "b"}
    one = Write(
        id="customer", document=mapper.load(Customer, base), json=mine, text=b"", mine=mine, base=base
    )

    outcome = decide(one, leaf({"_id": "customer", **old}, "2-b", "1-a"), strategy="merge")

    assert isinstance(outcome, Again)
    assert outcome.write.json["name"] == "Anna"
    assert outcome.write.json["schema_version"] == 2
    assert sorted(outcome.write.json["tags"]) == ["a", "b"]


def test_a_write_that_is_given_up_is_a_conflict_with_what_is_there_now():
    conflict = unsettled(write(PAID), [leaf(THEIRS, "2-b", "1-a")]).conflict

    assert conflict.reason == "other writers were faster each time"
    assert conflict.theirs == {**THEIRS, "_rev": "2-b"}
