"""A session makes no more requests than it may."""

import pytest

from couchmapper.database import Database
from couchmapper.exceptions import BudgetExceeded, ConfigurationError
from couchmapper.mapping import Document, Mapped, field
from couchmapper.session import CommitError, CommitReport
from couchmapper.session.budget import Budget
from couchmapper.transport.mock import json_response


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")


def save(database: Database, count: int) -> None:
    with database.begin() as session:
        session.add_all(Order(number=number) for number in range(count))


def failed(session) -> CommitError:
    with pytest.raises(CommitError) as caught:
        session.commit()
    return caught.value


@pytest.mark.parametrize("most", [0, -1, 1.0, "1", True])
def test_a_budget_is_a_number_of_requests(database: Database, most):
    with pytest.raises(ConfigurationError, match="from 1 on"):
        database.session(max_requests=most)


def test_nothing_is_sent_beyond_the_budget(database: Database, wire):
    save(database, 3)
    wire.requests.clear()

    with database.session(max_requests=2) as session:
        session.get(Order, "order:0")
        session.get(Order, "order:1")
        with pytest.raises(BudgetExceeded, match=r"GET /\{db\}/\{doc_id\} would be request 3 .* may make 2"):
            session.get(Order, "order:2")

    assert len(wire.requests) == 2


def test_what_is_held_costs_nothing(database: Database):
    save(database, 1)

    with database.session(max_requests=1) as session:
        order = session.get(Order, "order:0")
        for _ in range(5):
            assert session.get(Order, "order:0") is order


def test_pages_of_a_query_cost_one_each(database: Database):
    save(database, 5)
    with database.session() as session:
        session.query(Order).count()  # which makes the indexes known

    with database.session(max_requests=2) as session:
        orders = iter(session.query(Order).page_size(2))
        found = [next(orders) for _ in range(4)]
        with pytest.raises(BudgetExceeded):
            next(orders)

    assert len(found) == 4


def test_a_commit_without_a_budget_leaves_its_documents_unsent(database: Database, wire):
    save(database, 1)
    wire.requests.clear()

    with database.session(max_requests=1) as session:
        order = session.get(Order, "order:0")
        order.status = "paid"
        new = Order(number=1)
        session.add(new)
        error = failed(session)

        assert error.report == CommitReport(unsent=(order, new))
        assert isinstance(error.exceptions[0], BudgetExceeded)
        assert error.__cause__ is error.exceptions[0]
        assert [*session.pending] == [new, order]
    assert len(wire.requests) == 1


def test_what_was_sent_within_the_budget_is_saved(database: Database):
    with database.session(max_requests=1) as session:
        session.add_all(Order(number=number) for number in range(700))

        assert str(failed(session).report) == "500 saved, 200 not sent"
    assert database.information()["doc_count"] == 500


def test_a_conflict_that_cannot_be_looked_up_any_more_is_left(database: Database):
    save(database, 1)

    with database.session(max_requests=2) as session:
        order = session.get(Order, "order:0")
        with database.begin() as other:
            other.get(Order, "order:0").status = "theirs"
        order.status = "mine"
        error = failed(session)

    assert error.report.unsent == (order,)
    assert isinstance(error.exceptions[0], BudgetExceeded)


def test_a_lost_answer_that_cannot_be_looked_up_any_more_is_told(database: Database, wire):
    wire.breaks(json_response({"error": "unavailable", "reason": "?"}, status=503))

    with database.session(max_requests=1) as session:
        order = Order(number=1)
        session.add(order)

        assert failed(session).report.unanswered == (order,)


def test_a_deletion_of_all_branches_keeps_to_it(database: Database):
    save(database, 1)

    with database.session(max_requests=2) as session:
        order = session.get(Order, "order:0")
        session.delete(order, all_branches=True)
        error = failed(session)

    assert error.report.unsent == (order,)
    assert database.information()["doc_count"] == 1


def test_it_is_one_for_all_databases_of_a_session(database: Database, wire):
    other = type(database)(wire, "other")
    wire.breaks(*[json_response({"error": "not_found", "reason": "missing"}, status=404)] * 3, at="order:1")

    class Away(Document, database=other):
        pass

    with database.session(other, max_requests=2) as session:
        session.get(Order, "order:1")
        wire.breaks(json_response({"error": "not_found", "reason": "missing"}, status=404), at="a")
        session.get(Away, "a")
        with pytest.raises(BudgetExceeded):
            session.get(Away, "b")


def test_the_database_itself_has_none(database: Database):
    save(database, 1)
    with database.session(max_requests=1) as session:
        session.get(Order, "order:0")

    assert database.documents.get("order:0")["number"] == 0


def test_a_budget_knows_what_is_used():
    budget = Budget(3)

    assert (budget.most, budget.used) == (3, 0)
