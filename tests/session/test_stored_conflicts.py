import pytest

from couchmapper import Document, Mapped, field
from couchmapper.client.failures import BulkFailed
from couchmapper.exceptions import (
    ConnectionFailed,
    DocumentInvalid,
    Forbidden,
    ModelError,
    ResolutionError,
    UnexpectedType,
)
from couchmapper.session.branches import BranchesClash
from couchmapper.session.leaves import is_tombstone, leaves
from couchmapper.session.pruning import LeafMoved, Resolution
from couchmapper.session.stored_conflicts import StoredConflict


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")
    paid: Mapped[int] = field(default=0, merge="add")


class Gift(Order):
    note: Mapped[str] = field(default="")


class Line(Document):
    sku: Mapped[str]


def revision(*digests, id="order:1", **body):
    """Write an order at a revision, its digest and those of its ancestors given, newest first."""
    history = {"start": len(digests), "ids": list(digests)}
    told = {"type": "order", "number": 1} | body
    return {"_id": id, "_rev": f"{len(digests)}-{digests[0]}", "_revisions": history} | told


def store(database, *documents):
    assert database.bulk.docs(documents, new_edits=False) == []


def alive(database, id="order:1"):
    return [leaf for leaf in leaves(database, [id])[id] if not is_tombstone(leaf)]


@pytest.fixture
def conflict(database, wire) -> StoredConflict[Order]:
    """Give an order that two branches changed: the winner has a new status, the loser a payment."""
    store(
        database,
        revision("a", status="new", paid=1),
        revision("z", "a", status="sent", paid=1),
        revision("b", "a", status="new", paid=3),
    )
    wire.requests.clear()
    found = database.conflicts(Order).get("order:1")
    assert found is not None
    return found


class TestFinding:
    def test_documents_with_several_living_branches_are_found(self, database):
        store(database, revision("a"), revision("b"), revision("a", id="order:2"))

        assert [conflict.id for conflict in database.conflicts(Order)] == ["order:1"]

    def test_a_branch_that_was_deleted_makes_no_conflict(self, database):
        store(database, revision("a"), revision("c", "b", _deleted=True))

        assert list(database.conflicts(Order)) == []
        assert database.conflicts(Order).get("order:1") is None

    def test_a_deleted_document_is_in_no_conflict(self, database):
        store(database, revision("a", _deleted=True), revision("b", _deleted=True))

        assert list(database.conflicts(Order)) == []

    def test_a_document_that_is_not_there_is_in_no_conflict(self, database):
        assert database.conflicts(Order).get("order:1") is None

    def test_the_family_is_found_and_each_is_of_its_class(self, database):
        store(database, revision("a"), revision("b", type="gift", note="hi"))

        (conflict,) = database.conflicts(Order)

        assert [type(leaf) for leaf in conflict.leaves] == [Gift, Order]

    def test_a_winner_of_another_model_is_left_out(self, database):
        store(database, revision("a"), revision("b", type="line", sku="x"))

        assert list(database.conflicts(Order)) == []
        with pytest.raises(UnexpectedType):
            database.conflicts(Order).get("order:1")

    def test_a_losing_leaf_of_another_model_is_shown(self, database):
        store(database, revision("a", type="line", sku="x"), revision("b"))

        (conflict,) = database.conflicts(Order)

        assert conflict.leaves_json[1]["sku"] == "x"
        assert conflict.winner.number == 1
        with pytest.raises(UnexpectedType):
            _ = conflict.leaves

    def test_design_documents_are_nobodys_conflicts(self, database):
        class Anything(Document, type_field=None):
            pass

        store(database, revision("a", id="_design/x"), revision("b", id="_design/x"))

        assert list(database.conflicts(Anything)) == []

    def test_a_hundred_conflicts_take_few_requests(self, database, wire):
        store(database, *(revision(d, "a", id=f"o:{n}", number=n) for n in range(100) for d in "bc"))
        wire.requests.clear()

        assert len(list(database.conflicts(Order))) == 100
        assert [request.path[-1] for request in wire.requests] == ["_changes"] + 4 * ["_bulk_get"]

    def test_branches_are_read_when_they_are_asked_for(self, database, wire):
        store(database, *(revision(d, "a", id=f"o:{n}", number=n) for n in range(100) for d in "bc"))
        wire.requests.clear()

        next(iter(database.conflicts(Order)))

        assert len(wire.requests) == 3

    def test_only_documents_have_conflicts(self, database):
        with pytest.raises(ModelError):
            database.conflicts(str)

    def test_the_conflicts_say_whose_they_are(self, database):
        assert repr(database.conflicts(Order)) == "<stored conflicts of Order in 'shop'>"


class TestShowing:
    def test_the_winner_comes_first(self, conflict):
        assert [leaf.rev for leaf in conflict.leaves] == ["2-z", "2-b"]
        assert conflict.leaves[0] is conflict.winner

    def test_the_base_is_the_nearest_common_ancestor(self, conflict):
        assert conflict.base is not None
        assert (conflict.base.rev, conflict.base.paid) == ("1-a", 1)

    def test_branches_without_a_common_root_have_no_base(self, database):
        store(database, revision("a"), revision("b"))

        (conflict,) = database.conflicts(Order)

        assert conflict.base is None
        assert conflict.base_json is None

    def test_a_base_that_is_not_stored_any_more_is_none(self, database):
        store(database, revision("b", "a"), revision("c", "a"))

        (conflict,) = database.conflicts(Order)

        assert conflict.base is None

    def test_json_is_shown_as_documents_are_read(self, conflict, database):
        assert conflict.winner_json == database.documents.get("order:1")

    def test_a_leaf_that_does_not_fit_is_shown_as_json(self, database):
        store(database, revision("a"), revision("b", number="one"), revision("a", id="order:2"))
        store(database, revision("b", id="order:2"))

        first, second = database.conflicts(Order)

        assert first.winner_json["number"] == "one"
        with pytest.raises(DocumentInvalid):
            _ = first.winner
        assert second.winner.number == 1

    def test_a_conflict_says_what_it_is(self, conflict):
        assert repr(conflict) == "<stored conflict of 'order:1' with 2 leaves>"

    def test_hooks_see_what_is_loaded(self, database):
        class Watched(Document, type="order"):
            number: Mapped[int]

        seen = []
        Watched.after_load(seen.append)
        store(database, revision("a"), revision("b"))

        (conflict,) = database.conflicts(Watched)

        assert seen == []
        assert conflict.leaves == tuple(seen)


class TestResolving:
    def test_the_winner_can_stay_as_it_is(self, conflict, database, wire):
        assert conflict.resolve("winner") == Resolution(id="order:1", rev="2-z", ended=("2-b",))

        (left,) = alive(database)
        assert left["_rev"] == "2-z"
        assert len(wire.bodies()) == 1

    def test_the_winner_can_be_changed(self, conflict, database):
        conflict.winner.paid = 7
        resolution = conflict.resolve(conflict.winner)

        (left,) = alive(database)
        assert (left["paid"], left["status"]) == (7, "sent")
        assert left["_rev"] == resolution.rev == conflict.winner.rev

    def test_a_winner_that_was_changed_is_written_by_its_name_too(self, conflict, database):
        conflict.winner.paid = 7
        conflict.resolve("winner")

        assert alive(database)[0]["paid"] == 7

    def test_a_losing_leaf_can_take_the_place_of_the_winner(self, conflict, database):
        conflict.resolve(conflict.leaves[1])

        (left,) = alive(database)
        assert (left["status"], left["paid"]) == ("new", 3)

    def test_a_new_document_of_this_id_can_be_the_result(self, conflict, database):
        conflict.resolve(Order(number=1, status="closed"))

        (left,) = alive(database)
        assert left["status"] == "closed"

    def test_json_can_be_the_result(self, conflict, database):
        conflict.resolve({**conflict.winner_json, "paid": 7, "extra": True})

        (left,) = alive(database)
        assert (left["paid"], left["extra"]) == (7, True)

    def test_branches_are_merged_by_the_rules_of_the_fields(self, conflict, database):
        conflict.resolve("merge")

        (left,) = alive(database)
        assert (left["status"], left["paid"]) == ("sent", 3)

    def test_a_merge_that_changes_nothing_writes_nothing(self, database, wire):
        store(database, revision("a"), revision("z", "a", status="sent"), revision("b", "a"))
        (conflict,) = database.conflicts(Order)

        assert conflict.resolve("merge").rev == "2-z"
        assert len(wire.bodies()) == 2  # the one above, and the tombstone

    def test_a_clash_is_named_and_nothing_is_written(self, database):
        store(database, revision("a"), revision("z", "a", status="x"), revision("b", "a", status="y"))
        (conflict,) = database.conflicts(Order)

        with pytest.raises(BranchesClash, match="status") as caught:
            conflict.resolve("merge")

        (clash,) = caught.value.clashes
        assert (clash.base, clash.mine, clash.theirs) == (None, "y", "x")
        assert len(alive(database)) == 2

    def test_every_branch_can_be_deleted(self, conflict, database):
        assert conflict.resolve(None) == Resolution(id="order:1", rev=None, ended=("2-b", "2-z"))
        assert alive(database) == []

    def test_a_conflict_that_was_resolved_is_none(self, conflict, database):
        conflict.resolve("merge")

        assert list(database.conflicts(Order)) == []

    def test_all_losers_go_in_one_request(self, database, wire):
        store(database, *(revision(digit) for digit in "abcdef"))
        (conflict,) = database.conflicts(Order)
        wire.requests.clear()

        conflict.resolve("winner")

        assert len(wire.requests) == 1
        assert [leaf["_rev"] for leaf in alive(database)] == ["1-f"]

    def test_the_hooks_of_the_model_see_what_is_written(self, database):
        class Stamped(Document, type="order"):
            number: Mapped[int]
            stamp: Mapped[str] = field(default="")

        @Stamped.before_save
        def stamp(document):
            document.stamp = "seen"

        seen = []
        Stamped.after_save(lambda document: seen.append(document.rev))
        store(database, revision("a"), revision("b"))
        (conflict,) = database.conflicts(Stamped)

        resolution = conflict.resolve({"_id": "order:1", "type": "order", "number": 2})

        assert alive(database)[0]["stamp"] == "seen"
        assert seen == [resolution.rev]

    def test_the_hooks_of_the_model_see_what_is_deleted(self, database):
        class Mourned(Document, type="order"):
            number: Mapped[int]

        seen = []
        Mourned.before_delete(lambda document: seen.append(("before", document.rev)))
        Mourned.after_delete(lambda document: seen.append(("after", document.rev)))
        store(database, revision("a"), revision("b"))
        (conflict,) = database.conflicts(Mourned)

        conflict.resolve(None)

        assert seen == [("before", "1-b"), ("after", "1-b")]

    def test_a_document_of_an_older_version_is_merged_in_the_form_of_today(self, database):
        class Priced(Document, type="order", version=2):
            number: Mapped[int]
            price: Mapped[int] = field(merge="add")

        @Priced.upcast(1, 2)
        def rename(json):
            json["price"] = json.pop("cost")
            return json

        store(database, revision("a", cost=1), revision("z", "a", cost=2), revision("b", "a", cost=4))
        (conflict,) = database.conflicts(Priced)

        conflict.resolve("merge")

        (left,) = alive(database)
        assert (left["price"], left["schema_version"]) == (5, 2)

    def test_a_winner_of_an_older_version_that_stays_is_not_written(self, database):
        class Renewed(Document, type="order", version=2):
            number: Mapped[int]

        @Renewed.upcast(1, 2)
        def keep(json):
            return json

        store(database, revision("a"), revision("b"))
        (conflict,) = database.conflicts(Renewed)

        assert conflict.resolve(conflict.winner).rev == "1-b"


class TestRefusing:
    @pytest.mark.parametrize(
        ("result", "reason"),
        [
            ("loser", "'winner', 'merge'"),
            (7, "not with 7"),
            (Line(sku="x"), "not of Line"),
            (Order(number=2), "another document"),
            ({"_id": "order:2", "type": "order", "number": 2}, "another document"),
            ({"_id": "order:1", "_deleted": True}, "resolve with None"),
        ],
    )
    def test_a_result_that_is_none_is_refused(self, conflict, wire, result, reason):
        wire.requests.clear()

        with pytest.raises(ResolutionError, match=reason):
            conflict.resolve(result)
        assert not wire.requests

    def test_json_that_does_not_fit_the_model_is_refused(self, conflict, wire):
        wire.requests.clear()

        with pytest.raises(DocumentInvalid):
            conflict.resolve({"_id": "order:1", "type": "order", "number": "one"})
        assert not wire.requests

    def test_json_of_another_type_is_refused(self, conflict):
        with pytest.raises(UnexpectedType):
            conflict.resolve({"_id": "order:1", "type": "line"})

    def test_a_result_is_not_written_over_a_newer_winner_and_no_branch_is_lost(self, conflict, database):
        newer = database.documents.put({**conflict.winner_json, "paid": 9})["rev"]
        conflict.winner.status = "closed"

        with pytest.raises(LeafMoved, match="2-z") as caught:
            conflict.resolve(conflict.winner)

        assert caught.value.resolution == Resolution(id="order:1", rev=None, moved=("2-z",))
        assert [leaf["_rev"] for leaf in alive(database)] == [newer, "2-b"]

    def test_a_branch_that_has_grown_stays(self, conflict, database):
        grown = database.documents.put({**conflict.leaves_json[1], "paid": 9})["rev"]

        with pytest.raises(LeafMoved, match="2-b") as caught:
            conflict.resolve("winner")

        assert caught.value.resolution == Resolution(id="order:1", rev="2-z", moved=("2-b",))
        assert {leaf["_rev"] for leaf in alive(database)} == {"2-z", grown}

    def test_a_branch_that_somebody_else_deleted_is_ended(self, conflict, database):
        database.documents.delete("order:1", rev="2-b")

        assert conflict.resolve("winner").ended == ("2-b",)

    def test_what_the_server_refuses_is_raised_and_no_branch_is_lost(self, conflict, database):
        refuse(database, "doc.status === 'bad'")

        with pytest.raises(Forbidden, match="order:1"):
            conflict.resolve({**conflict.winner_json, "status": "bad"})

        assert len(alive(database)) == 2

    def test_a_deletion_that_the_server_refuses_is_raised(self, conflict, database):
        refuse(database, "doc._deleted")

        with pytest.raises(BulkFailed):
            conflict.resolve("winner")


def refuse(database, condition):
    """Let the server refuse some documents."""
    function = f"function (doc) {{ if ({condition}) throw({{forbidden: 'no'}}); }}"
    database.design.put({"_id": "_design/guard", "validate_doc_update": function})


class TestLostAnswers:
    @pytest.mark.parametrize("fates", [["unheard"], ["passes", "unheard"], ["unsent"], ["passes", "unsent"]])
    def test_what_is_done_already_is_not_done_twice(self, conflict, database, wire, fates):
        conflict.winner.status = "closed"
        wire.breaks(*fates)

        with pytest.raises(ConnectionFailed):
            conflict.resolve(conflict.winner)
        resolution = conflict.resolve(conflict.winner)

        (left,) = alive(database)
        assert left["status"] == "closed"
        assert left["_rev"] == resolution.rev == conflict.winner.rev
        assert len(left["_revisions"]["ids"]) == 3

    def test_a_merge_counts_once(self, conflict, database, wire):
        wire.breaks("unheard")

        with pytest.raises(ConnectionFailed):
            conflict.resolve("merge")
        conflict.resolve("merge")

        assert alive(database)[0]["paid"] == 3

    def test_a_result_that_was_answered_for_is_not_sent_again(self, conflict, wire):
        conflict.resolve("merge")
        wire.requests.clear()

        conflict.resolve("merge")

        assert [b"_deleted" in (body or b"") for body in wire.bodies()] == [True]

    def test_a_result_can_be_changed_after_it_was_written(self, conflict, database):
        conflict.resolve(conflict.winner)
        conflict.winner.status = "closed"
        conflict.resolve(conflict.winner)

        (left,) = alive(database)
        assert (left["status"], left["_rev"]) == ("closed", conflict.winner.rev)

    def test_a_deletion_is_finished(self, conflict, wire):
        wire.breaks("unheard")

        with pytest.raises(ConnectionFailed):
            conflict.resolve(None)

        assert conflict.resolve(None).ended == ("2-b", "2-z")

    def test_a_result_on_which_somebody_built_is_done(self, conflict, database, wire):
        wire.breaks("unheard")
        with pytest.raises(ConnectionFailed):
            conflict.resolve("merge")
        database.documents.put({**database.documents.get("order:1"), "status": "later"})

        conflict.resolve("merge")

        (left,) = alive(database)
        assert (left["status"], left["paid"]) == ("later", 3)

    def test_another_result_goes_on_top_of_the_one_that_was_written(self, conflict, database, wire):
        wire.breaks("unheard")
        with pytest.raises(ConnectionFailed):
            conflict.resolve("merge")

        conflict.resolve({**conflict.winner_json, "status": "closed"})

        (left,) = alive(database)
        assert left["status"] == "closed"
        assert len(left["_revisions"]["ids"]) == 4
