"""The tables of docs/expressions.md: each operator makes the selector, and means what the page says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from couchmapper.mango import dump, match, normalize
from couchmapper.mapping import EmbeddedField, Field
from couchmapper.mapping.expressions import codec_of, path_of

PAGE = (Path(__file__).parent.parent / "docs" / "expressions.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| `(?P<python>.*?)` \| `(?P<selector>\{.*?)` \| (?P<missing>yes|no) \| (?P<null>yes|no) \|"
    r" (?P<other>yes|no|some) \|$",
    re.MULTILINE,
)
ROWS = [[cell.replace("\\|", "|") for cell in found.groups()] for found in ROW.finditer(PAGE)]
OF_EACH_TYPE = {
    "boolean": True,
    "number": 5.5,
    "string": "new",
    "array": ["zz"],
    "object": {"zz": "zz"},
}
METHODS = {
    name
    for kind in (Field, EmbeddedField, *Field.__mro__)
    for name in vars(kind)
    if not name.startswith("_") and name not in {"asc", "desc"}
}


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """Give the names of the first program of the page."""
    known: dict[str, Any] = {}
    exec(PAGE.partition("```python\n")[2].partition("```")[0].partition("\n\nshop =")[0], known)  # noqa: S102 - our own
    return known


def spoken(answers: set[bool]) -> str:
    return "some" if len(answers) == 2 else "yes" if answers.pop() else "no"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_an_operator_is_what_the_table_says(names: dict[str, Any], row: list[str]):
    python, selector, missing, null, other = row
    expression = eval(python, names)  # noqa: S307 - of our own page
    asked = getattr(names["Order"], re.findall(r"Order\.(\w+)", python)[0])
    (name, *_) = path_of(asked)
    others = [value for kind, value in OF_EACH_TYPE.items() if kind not in codec_of(asked).kinds]

    assert dump(normalize(expression)) == json.loads(selector)
    assert spoken({match(expression, {"_id": "x"})}) == missing
    assert spoken({match(expression, {"_id": "x", name: None})}) == null
    assert spoken({match(expression, {"_id": "x", name: value}) for value in others}) == other


def test_every_operator_is_in_a_table():
    rows = " ".join(python for python, *_ in ROWS)

    assert len(ROWS) > 40
    assert {name for name in METHODS if f".{name}(" not in rows} == set()
    assert all(f" {sign} " in rows for sign in ("==", "!=", "<", "<=", ">", ">=", "%", "&", "|"))
