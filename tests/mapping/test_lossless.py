"""Nothing is lost: what any writer stored is written again to the byte, but for what was changed."""

import copy
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
import zoo
from hypothesis import given
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.mapping import Document
from couchmapper.mapping.converter import field_codecs
from couchmapper.mapping.mapper import dump, load

every_model = pytest.mark.parametrize("model", zoo.MODELS, ids=lambda model: model.__name__)


@every_model
@given(st.data())
def test_a_document_is_written_as_it_was_read_to_the_byte(model: type[Document], data: st.DataObject):
    text = jsonio.dumps(data.draw(zoo.documents(model)))
    document = jsonio.loads(text)

    written = dump(load(model, document))

    assert written is document
    assert jsonio.dumps(written) == text


@every_model
@given(st.data())
def test_an_equal_value_is_no_change(model: type[Document], data: st.DataObject):
    document = data.draw(zoo.documents(model))
    loaded = load(model, document)

    for known in field_codecs(type(loaded)):
        setattr(loaded, known.attribute, copy.deepcopy(getattr(loaded, known.attribute)))

    assert jsonio.dumps(dump(loaded)) == jsonio.dumps(document)


@every_model
@given(st.data())
def test_a_field_that_is_changed_changes_its_member_only(model: type[Document], data: st.DataObject):
    document = data.draw(zoo.documents(model))
    loaded = load(model, document)
    kind = type(loaded)
    other = load(kind, data.draw(zoo.documents(kind).filter(lambda one: isinstance(load(kind, one), kind))))
    known = data.draw(st.sampled_from([one for one in field_codecs(kind) if one.name != "_id"]))

    value = getattr(other, known.attribute)
    setattr(loaded, known.attribute, value)
    written = dump(loaded)

    assert list(written)[: len(document)] == list(document)
    assert set(written) <= {*document, known.name}
    rest = {name: member for name, member in written.items() if name != known.name}
    assert jsonio.dumps(rest) == jsonio.dumps({n: one for n, one in document.items() if n != known.name})
    assert getattr(load(kind, jsonio.loads(jsonio.dumps(written))), known.attribute) == getattr(
        loaded, known.attribute
    )


def values_inside(value: Any, json: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield each object with fields inside a value, with the JSON that it was read from."""
    if attrs.has(type(value)):
        yield value, json
        for known in field_codecs(type(value)):
            if known.name in json:
                yield from values_inside(getattr(value, known.attribute), json[known.name])
    elif isinstance(value, list | tuple) and isinstance(json, list):
        for part, written in zip(value, json, strict=True):
            yield from values_inside(part, written)
    elif isinstance(value, dict) and isinstance(json, dict):
        for part, written in zip(value.values(), json.values(), strict=True):
            yield from values_inside(part, written)


@pytest.mark.parametrize(
    "model",
    [zoo.Order, zoo.Untyped, zoo.Payments, zoo.Plain, zoo.Prices, zoo.Circular],
    ids=lambda model: model.__name__,
)
@given(st.data())
def test_a_change_deep_inside_changes_nothing_around_it(model: type[Document], data: st.DataObject):
    document = data.draw(zoo.documents(model))
    loaded, expected = load(model, document), copy.deepcopy(document)
    changeable = [pair for pair in values_inside(loaded, expected) if hasattr(pair[0], "note")]

    for value, json in (
        data.draw(st.lists(st.sampled_from(changeable), unique_by=id, max_size=3)) if changeable else ()
    ):
        value.note += 1
        json["note"] = value.note

    assert jsonio.dumps(dump(loaded)) == jsonio.dumps(expected)
