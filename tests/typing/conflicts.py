"""What type checkers see of stored conflicts. Checked, never run."""

from collections.abc import Iterator
from typing import Any, assert_type

from couchmapper import Document, Mapped, connect
from couchmapper.session.pruning import Resolution
from couchmapper.session.stored_conflicts import StoredConflict, StoredConflicts

shop = connect("memory:").database("shop", create=True)


class Order(Document, database=shop, id="order:{number}"):
    number: Mapped[int]


class Line(Document):
    sku: Mapped[str]


conflicts = shop.conflicts(Order)
assert_type(conflicts, StoredConflicts[Order])
assert_type(iter(conflicts), Iterator[StoredConflict[Order]])
assert_type(conflicts.get("order:1"), StoredConflict[Order] | None)
shop.conflicts(int)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]

for conflict in conflicts:
    assert_type(conflict.winner, Order)
    assert_type(conflict.leaves, tuple[Order, ...])
    assert_type(conflict.base, Order | None)
    assert_type(conflict.winner_json, dict[str, Any])
    assert_type(conflict.base_json, dict[str, Any] | None)
    assert_type(conflict.resolve("merge"), Resolution)
    conflict.resolve("winner")
    conflict.resolve(None)
    conflict.resolve(conflict.winner)
    conflict.resolve({"_id": conflict.id, "type": "order", "number": 1})
    conflict.resolve("loser")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    conflict.resolve(Line(sku="tea"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
