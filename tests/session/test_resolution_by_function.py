"""What becomes of a write when a function decides, without a server."""

import pytest
from resolutions import PAID, THEIRS, Order, decide, gone, leaf, order, write

from couchmapper.exceptions import ConfigurationError
from couchmapper.session.resolution import Again, Clashed, Stored, Yielded

HELD = leaf(THEIRS, "2-b", "1-a")


def test_a_function_is_given_the_conflict_with_its_clashes():
    seen = []

    decide(write(PAID), HELD, strategy=lambda conflict: seen.append(conflict) or "raise")

    assert seen[0].theirs["status"] == "theirs"
    assert [clash.path for clash in seen[0].clashes] == ["status"]


@pytest.mark.parametrize(
    ("name", "kind"), [("raise", Clashed), ("merge", Clashed), ("mine", Again), ("theirs", Yielded)]
)
def test_a_function_may_name_a_strategy(name, kind):
    assert isinstance(decide(write(PAID), HELD, strategy=lambda _: name), kind)


def test_a_function_may_return_json():
    outcome = decide(
        write(PAID), HELD, strategy=lambda conflict: {**conflict.mine, "status": "both", "more": [1]}
    )

    assert isinstance(outcome, Again)
    assert outcome.write.json == order("2-b", status="both", more=[1])


def test_a_function_need_not_say_which_document_it_returns():
    outcome = decide(write(PAID), HELD, strategy=lambda _: {"type": "order", "number": 1, "status": "x"})

    assert isinstance(outcome, Again)
    assert (outcome.write.json["_id"], outcome.write.json["_rev"]) == ("order:1", "2-b")


def test_a_function_may_return_a_document():
    outcome = decide(write(PAID), HELD, strategy=lambda _: Order(number=1, status="both"))

    assert isinstance(outcome, Again)
    assert outcome.write.json["status"] == "both"
    assert outcome.write.json["_rev"] == "2-b"


def test_a_function_may_return_the_document_of_the_session():
    def keep(conflict):
        conflict.document.status = "kept"
        return conflict.document

    outcome = decide(write(PAID), HELD, strategy=keep)

    assert isinstance(outcome, Again)
    assert outcome.write.json["status"] == "kept"


def test_a_function_may_delete():
    outcome = decide(write(PAID), HELD, strategy=lambda _: None)

    assert isinstance(outcome, Again)
    assert outcome.write.json == {"_id": "order:1", "_rev": "2-b", "_deleted": True}


def test_a_function_may_let_a_deletion_be():
    outcome = decide(write(PAID), gone("2-b", "1-a"), strategy=lambda _: None)

    assert isinstance(outcome, Stored)
    assert outcome.json["_deleted"]


def test_a_function_may_write_what_was_to_be_deleted():
    outcome = decide(write(None), HELD, strategy=lambda conflict: conflict.theirs | {"paid": True})

    assert isinstance(outcome, Again)
    assert not outcome.write.deleted
    assert outcome.write.json == order("2-b", status="theirs", paid=True)


def test_a_function_may_make_anew_what_was_deleted():
    outcome = decide(write(PAID), gone("2-b", "1-a"), strategy=lambda conflict: conflict.mine)

    assert isinstance(outcome, Again)
    assert outcome.write.json == order(status="paid")


@pytest.mark.parametrize("nonsense", ["yours", 5, True, [], {"_deleted": True}, b"mine", Order], ids=repr)
def test_a_function_that_returns_nonsense_is_told_what_it_may_return(nonsense):
    with pytest.raises(ConfigurationError, match="on_conflict: a function returns one of raise, merge"):
        decide(write(PAID), HELD, strategy=lambda _: nonsense)


@pytest.mark.parametrize("other", [order(), Order(number=2)], ids=["JSON", "document"])
def test_a_function_that_returns_another_document_is_refused(other):
    strange = other if isinstance(other, Order) else {**other, "_id": "order:2"}

    with pytest.raises(ConfigurationError, match="another form of 'order:1', not 'order:2'"):
        decide(write(PAID), HELD, strategy=lambda _: strange)
