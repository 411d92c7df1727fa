"""The table of types in docs/models.md: each value is written as it says, and read again as what it was."""

import re
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest

from couchmapper import Document, Embedded, Mapped, Ref
from couchmapper.jsonio import dumps, loads
from couchmapper.mapping.converter import SCALARS, codec

PAGE = Path(__file__).parent.parent / "docs" / "models.md"
ROW = re.compile(
    r"^\| (?P<types>`.*?`)(?: \(.*?\))? \| `(?P<value>.*?)` \| `(?P<json>.*?)` \| .*?\|?$", re.MULTILINE
)


class Product(Document):
    name: Mapped[str]


class Address(Embedded):
    city: Mapped[str]


class Colour(Enum):
    GREEN = "green"


NAMES: dict[str, Any] = {
    **{one.__name__: one for one in (Product, Address, Colour, Decimal, UUID, Ref)},
    **{one.__name__: one for one in (date, datetime, time, timedelta, timezone)},
    "Any": Any,
    "Literal": Literal,
}


def rows() -> list[tuple[str, str, str]]:
    """Return an annotation, a value and its JSON for each type of the table."""
    table = PAGE.read_text(encoding="utf-8").partition("## Types")[2].partition("\n## ")[0]
    return [
        (annotation.replace("\\|", "|"), found["value"], found["json"])
        for found in ROW.finditer(table)
        for annotation in re.findall(r"`(.*?)`", found["types"])
    ]


@pytest.mark.parametrize(("annotation", "value", "json"), rows())
def test_a_value_is_written_and_read_as_the_table_says(annotation: str, value: str, json: str):
    kind, given = eval(annotation, NAMES), eval(value, NAMES)  # noqa: S307 - of our own page
    given = kind(given) if kind == frozenset[str] else given

    written = codec(kind).dump(given)

    assert loads(dumps(written)) == loads(json.encode())
    assert codec(kind).load(written, kind) == given


def test_every_single_type_is_in_the_table():
    assert SCALARS.keys() <= {eval(one, NAMES) or type(None) for one, _, _ in rows()}  # noqa: S307 - likewise
