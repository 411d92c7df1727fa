"""What type checkers see of the indexes of a design class. Checked, never run."""

from typing import Any, assert_type

from couchmapper import Database, Design, Document, Embedded, Index, Mapped
from couchmapper.typing import JSONObject


class Address(Embedded):
    city: Mapped[str]


class Order(Document):
    status: Mapped[str]
    number: Mapped[int]
    tags: Mapped[list[str]]
    address: Mapped[Address]


class Orders(Design, model=Order):
    by_status = Index(Order.status, Order.number, where=Order.status != "void", name="by_state")
    by_city = Index(Order.address.city, Order.tags[0])
    newest = Index(Order.number.desc(), Order.status.desc())
    everything = Index(Order.status, partial=False)


class Everywhere(Design, model=Order, name="all_orders", partitioned=False):
    by_status = Index(Order.status)


def store(database: Database) -> None:
    assert_type(Orders.deploy(database), bool)


assert_type(Orders.by_status, Index)
assert_type(Orders.by_status.ddoc, str)
assert_type(Orders.documents(), list[JSONObject])
assert_type(Orders.document(), dict[str, Any])

Index("status")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Index(Order.status, where=True)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Index(Order.status == "void")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
