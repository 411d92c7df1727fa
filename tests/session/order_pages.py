"""Orders in a database, and what goes through them a part at a time."""

import threading
from collections.abc import Iterator, Sequence
from itertools import islice

from couchmapper.database import Database
from couchmapper.mapping import Document, Mapped, Ref, field
from couchmapper.session import Session


class Customer(Document, id="customer:{name}"):
    name: Mapped[str]


class Order(Document, id="order:{number:05}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")
    customer: Mapped[Ref[Customer] | None] = field(default=None)


def fill(database: Database, count: int) -> None:
    customer = {"_id": "customer:ann", "type": "customer", "name": "ann"}
    orders = (
        {
            "_id": f"order:{number:05}",
            "type": "order",
            "number": number,
            "status": "new",
            "customer": "customer:ann",
        }
        for number in range(count)
    )
    database.bulk.docs([customer, *orders])


def orders(session: Session, size: int = 100, **options: int) -> Iterator[Order]:
    query = session.query(Order).page_size(size).scans("allow")
    for name, value in options.items():
        query = getattr(query, name)(value)
    return iter(query)


def rests() -> bool:
    """Wait until nothing is read any more."""
    for thread in threading.enumerate():
        if thread.name == "couchmapper-read-ahead":
            thread.join(20)
            assert not thread.is_alive()
    return True


def take(found: Iterator[Order], count: int) -> list[int]:
    """Take documents, let them go, and wait for what is read meanwhile."""
    numbers = [order.number for order in islice(found, count)]
    assert rests()
    return numbers


def pages(wire) -> int:
    """Return how many pages were asked for."""
    assert rests()
    return sum(request.path[-1] in {"_find", "_all_docs"} for request in wire.requests)


def numbers(*spans: Sequence[int]) -> list[int]:
    return [number for span in spans for number in span]
