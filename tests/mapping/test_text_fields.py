"""`startswith`, `endswith` and `contains` of a field are those of `str`, for all of Unicode."""

import quickjs
from hypothesis import example, given
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.mango import Expression, match, write_guard
from couchmapper.mapping import Document, Mapped


class Order(Document):
    name: Mapped[str]


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
parts = st.tuples(texts, texts, texts)


def decided_in_javascript(condition: Expression, name: str) -> bool:
    guard = write_guard(condition)
    document = jsonio.dumps(jsonio.dumps({"name": name}).decode()).decode()
    function = f"(function (doc) {{ {guard.functions} return {guard.test}; }})"
    decided: bool = quickjs.Context().eval(f"{function}(JSON.parse({document}))")
    return decided


@given(parts, texts)
@example(("", "e", "\u0301"), "é")
@example(("😀", "\ud7ff", "\U0010ffff"), "\n")
@example(("", "", ""), "")
def test_a_field_begins_ends_and_goes_on_as_a_text_does(around: tuple[str, str, str], other: str):
    name = "".join(around)

    for part in (*around, around[0] + around[1], around[1] + around[2], other):
        for condition, expected in (
            (Order.name.startswith(part), name.startswith(part)),
            (Order.name.endswith(part), name.endswith(part)),
            (Order.name.contains(part), part in name),
        ):
            assert match(condition, {"_id": "x", "name": name}) == expected
            assert match(~condition, {"_id": "x", "name": name}) != expected
            assert decided_in_javascript(condition, name) == expected


@given(texts, texts)
@example("e", "\u0301")
@example("\r", "\n")
def test_what_begins_with_a_prefix_starts_with_it_too(prefix: str, rest: str):
    document = {"_id": "x", "name": prefix + rest}

    assert match(Order.name.startswith(prefix), document)
    assert match(Order.name.begins_with(prefix), document) <= match(Order.name.startswith(prefix), document)
    assert match(Order.name.begins_with(prefix + rest), document)
    assert match(Order.name.begins_with(""), document)
