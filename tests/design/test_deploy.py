"""Design documents are stored, and only when they differ."""

from typing import Any

import pytest

from couchmapper import jsonio
from couchmapper.client.database import Database
from couchmapper.connect import connect
from couchmapper.design import Count, Design, Index, View
from couchmapper.design.deploy import deploy
from couchmapper.exceptions import DesignError, DocumentConflict
from couchmapper.mapping import Document, Mapped
from couchmapper.messages import Request, Response
from couchmapper.transport.mock import MockTransport, json_response


class Order(Document):
    status: Mapped[str]


class OrderViews(Design, model=Order):
    per_status = View(key=Order.status, reduce=Count())


class Shelf:
    """A server that holds one design document."""

    def __init__(self, stored: dict[str, Any] | None = None, *, conflict: bool = False) -> None:
        self.stored = stored
        self.written: list[Any] = []
        self.conflict = conflict
        self.database = Database(MockTransport(self.reply), "shop")

    def reply(self, request: Request) -> Response:
        if request.method == "GET":
            missing = {"error": "not_found", "reason": "missing"}
            return json_response(missing, status=404) if self.stored is None else json_response(self.stored)
        if self.conflict:
            return json_response({"error": "conflict", "reason": "Document update conflict."}, status=409)
        self.stored = jsonio.loads(request.body or b"")
        self.written.append(self.stored)
        return json_response({"ok": True, "id": self.stored["_id"], "rev": "1-a"}, status=201)


def test_a_design_document_that_is_missing_is_written():
    shelf = Shelf()

    assert OrderViews.deploy(shelf.database) is True
    assert shelf.written == [OrderViews.document()]


def test_a_design_document_that_is_there_is_not_written_again():
    shelf = Shelf({"_rev": "1-a", **OrderViews.document()})

    assert OrderViews.deploy(shelf.database) is False
    assert shelf.written == []


def test_the_order_of_members_is_no_difference():
    document = OrderViews.document()
    shelf = Shelf(dict(reversed([*document.items(), ("_rev", "1-a")])))

    assert deploy(shelf.database.design, document) is False


def test_a_design_document_that_differs_is_written_over_its_revision():
    shelf = Shelf({"_id": "_design/order_views", "_rev": "4-d", "language": "javascript", "views": {}})

    assert OrderViews.deploy(shelf.database) is True
    assert shelf.written == [{"_rev": "4-d", **OrderViews.document()}]


def test_what_the_declaration_does_not_name_is_kept():
    by_hand = {"validate_doc_update": "function () {}", "autoupdate": False}
    shelf = Shelf({"_rev": "1-a", **OrderViews.document(), **by_hand})

    assert OrderViews.deploy(shelf.database) is False

    shelf.stored["views"] = {"old": {"map": "function () {}"}}
    assert OrderViews.deploy(shelf.database) is True
    assert shelf.written == [{"_rev": "1-a", **by_hand, **OrderViews.document()}]


def test_somebody_else_may_be_faster():
    with pytest.raises(DocumentConflict):
        OrderViews.deploy(Shelf(conflict=True).database)


def test_nothing_is_sent_for_a_design_that_cannot_be_built():
    class Wrong(Design, model=Order):
        text = View(key=Order.status, where=Order.status > "m")

    shelf = Shelf()

    with pytest.raises(DesignError):
        Wrong.deploy(shelf.database)
    assert shelf.written == []


def test_the_order_of_fields_is_a_difference():
    class Before(Design, model=Order, name="orders"):
        some = Index(Order.status, Order.id)

    class After(Design, model=Order, name="orders"):
        some = Index(Order.id, Order.status)

    (before,), (after,) = Before.documents(), After.documents()
    (index,), (changed,) = before["views"].values(), after["views"].values()
    document = {**before, "views": {"some": index}}
    reordered = {**before, "views": {"some": {**index, "map": changed["map"]}}}
    shelf = Shelf({"_rev": "1-a", **document})

    assert deploy(shelf.database.design, document) is False
    assert deploy(shelf.database.design, reordered) is True
    assert list(shelf.written[0]["views"]["some"]["map"]["fields"]) == ["_id", "status"]


def test_an_index_that_changed_takes_the_place_of_its_former_self():
    class Before(Design, model=Order, name="orders"):
        some = Index(Order.status)

    class After(Design, model=Order, name="orders"):
        some = Index(Order.status, where=Order.status != "void")

    shelf = Shelf()

    assert Before.deploy(shelf.database) is True
    assert After.deploy(shelf.database) is True
    assert After.deploy(shelf.database) is False
    assert shelf.written == [*Before.documents(), *After.documents()]
    assert list(shelf.stored["views"]) == [After.some.name] != [Before.some.name]


def test_an_index_of_the_family_as_it_was_is_replaced():
    class Sale(Document):
        status: Mapped[str]

    class Sales(Design, model=Sale):
        by_status = Index(Sale.status)

    shelf = Shelf()
    Sales.deploy(shelf.database)
    former = Sales.by_status.name

    class Return(Sale):
        reason: Mapped[str]

    assert Sales.deploy(shelf.database) is True
    assert list(shelf.stored["views"]) == [Sales.by_status.name] != [former]
    assert Sales.deploy(shelf.database) is False


def test_a_view_that_is_not_declared_any_more_is_gone():
    class Before(Design, model=Order, name="orders"):
        kept = View(key=Order.status)
        gone = View(key=Order.status, reduce=Count())

    class After(Design, model=Order, name="orders"):
        kept = View(key=Order.status)

    shelf = Shelf()

    assert [Before.deploy(shelf.database), After.deploy(shelf.database)] == [True, True]
    assert list(shelf.stored["views"]) == ["kept"]


def test_what_was_of_all_partitions_becomes_one_of_each():
    class Before(Design, model=Order, name="orders", partitioned=False):
        some = Index(Order.status)

    class After(Design, model=Order, name="orders"):
        some = Index(Order.status)

    shelf = Shelf()

    assert [Before.deploy(shelf.database), After.deploy(shelf.database)] == [True, True]
    assert shelf.stored["options"] == {}
    assert After.deploy(shelf.database) is False


def test_what_is_of_each_partition_by_name_stays_as_it_is():
    shelf = Shelf({"_rev": "1-a", "options": {"partitioned": True}, **OrderViews.document()})

    assert OrderViews.deploy(shelf.database) is False


def test_every_document_of_a_design_is_written():
    class Both(Design, model=Order):
        per_status = View(key=Order.status, reduce=Count())
        by_status = Index(Order.status)

    with connect("memory:") as client:
        database = client.database("shop", create=True)

        assert Both.deploy(database) is True
        assert Both.deploy(database) is False
        assert [database.design.get(name)["language"] for name in ("both", "both.by_status")] == [
            "javascript",
            "query",
        ]


def test_an_index_that_somebody_changed_is_mended_alone():
    class Both(Design, model=Order):
        per_status = View(key=Order.status, reduce=Count())
        by_status = Index(Order.status)

    with connect("memory:") as client:
        database = client.database("shop", create=True)
        Both.deploy(database)
        kept = database.design.head("both")
        stored = database.design.get("both.by_status")
        database.design.put({**stored, "views": {}})

        assert Both.deploy(database) is True
        assert database.design.head("both") == kept
        assert database.design.get("both.by_status")["views"] == stored["views"]
