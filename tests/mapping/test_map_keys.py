"""The keys of maps in expressions."""

from datetime import date
from typing import Any

import pytest

from couchmapper.exceptions import ExpressionError
from couchmapper.mapping.converter import codec
from couchmapper.mapping.map_keys import map_key_types


@pytest.mark.parametrize(
    ("annotation", "keys"),
    [(dict[date, int], date), (dict[str, int] | None, str), (dict, str), (Any, str), (object, str)],
    ids=str,
)
def test_keys_have_the_type_that_the_annotation_says(annotation: Any, keys: type):
    assert map_key_types(annotation, "field") == (keys, codec(keys))


def test_integers_as_keys_have_no_order():
    keys, written = map_key_types(dict[int, str], "field")

    assert (keys, written.dump(7), written.is_ordered) == (int, "7", False)


@pytest.mark.parametrize("annotation", [list[str], int, str | None], ids=str)
def test_what_is_no_map_has_no_keys(annotation: Any):
    with pytest.raises(ExpressionError, match="keys are those of a dict, and 'field' is none"):
        map_key_types(annotation, "field")
