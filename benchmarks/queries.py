"""Measure what it costs to build a query, to plan it and to write what is sent, in CPU time.

    python benchmarks/queries.py

Nothing is sent. The model has two declared indexes, as programs have; each query is built anew every time,
from the comparison of its fields on. Of several rounds the best one counts. Beside it stands what Python's
`json.dumps` takes for the same selector, so that figures of two machines can be compared.
"""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from couchmapper import Design, Document, Embedded, Index, Mapped, connect, field
from couchmapper.query.plan import Find
from couchmapper.query.planner import plan

ROUNDS = 7
TIMES = 3000
DAY = datetime(2026, 1, 1, tzinfo=UTC)


class Line(Embedded):
    """A line of an order."""

    sku: Mapped[str]
    quantity: Mapped[int] = field(default=1)


class Order(Document, id="order:{number}"):
    """A model like those of a shop."""

    number: Mapped[int]
    status: Mapped[str]
    placed: Mapped[datetime]
    total: Mapped[int]
    lines: Mapped[list[Line]] = field(factory=list)


class OrderIndexes(Design, model=Order):
    """What the queries are served by."""

    by_status = Index(Order.status, Order.placed)
    by_total = Index(Order.total)


session = connect("memory:").database("shop").session()
QUERIES: dict[str, Callable[[], Any]] = {
    "one condition": lambda: session.query(Order).where(Order.total > 5),
    "typical": lambda: (
        session.query(Order)
        .where(Order.status == "paid", Order.placed >= DAY)
        .order_by(Order.placed)
        .limit(20)
    ),
    "by id": lambda: session.query(Order).where(Order.id == "order:5"),
    "many conditions": lambda: (
        session.query(Order)
        .where((Order.status.in_(["new", "paid"])) | (Order.total > 100), ~(Order.number == 5))
        .where(Order.lines.any((Line.sku == "tea") & (Line.quantity > 1)))
        .order_by(Order.placed.desc(), Order.id.desc())
    ),
}


def microseconds(work: Callable[[], object]) -> float:
    """Return the CPU time of one call."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(TIMES):
            work()
        best = min(best, time.process_time() - start)
    return best / TIMES * 1_000_000


def compiled(build: Callable[[], Any]) -> object:
    """Build a query, plan it, and return what would be sent."""
    how = plan(build().spec)
    return (how.selector(), how.sort_body()) if isinstance(how, Find) else how


def main() -> None:
    """Print a line for each query."""
    print(f"{'query':<18}{'build':>9}{'all':>9}{'json.dumps':>12}   (microseconds of CPU)")
    for name, build in QUERIES.items():
        selector = build().spec.selector()
        figures = (
            microseconds(build),
            microseconds(lambda build=build: compiled(build)),
            microseconds(lambda selector=selector: json.dumps(selector)),
        )
        print(f"{name:<18}{figures[0]:>9.1f}{figures[1]:>9.1f}{figures[2]:>12.1f}")


if __name__ == "__main__":
    main()
