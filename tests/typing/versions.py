"""What type checkers see of schema versions. Checked, never run."""

from typing import Any, assert_type

from couchmapper import Document, Mapped


class Order(Document, version=2, version_field="form"):
    number: Mapped[int]


@Order.upcast(1, 2)
def numbered(json: dict[str, Any]) -> dict[str, Any]:
    return {**json, "number": 0}


assert_type(numbered({}), dict[str, Any])

Order.upcast("1", 2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@Order.upcast(1, 2)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
def wrong(json: dict[str, Any]) -> str:
    return str(json)
