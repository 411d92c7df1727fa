"""What a codec says of itself holds for the values that it reads and writes."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any, Literal

import pytest

from couchmapper import jsonio
from couchmapper.mapping.codec import Codec, Misfit
from couchmapper.mapping.converter import codec
from couchmapper.mapping.structure import scaled_decimal_codec

TEXTS = ("", "a", "1", "1.0", "2026-11-23", "20261123", "2026-11-23T10:00:00Z", "2026-11-23T11:00:00+01:00")
SINGLE = (None, True, False, 0, 1, 0.0, -0.0, 1.0, 2**53 + 1, float(2**53), *TEXTS)
INSIDE = (*([one] for one in SINGLE), *({"1": one} for one in SINGLE), [1, "a"], [1.0, 1], [True, 1])
JSON_VALUES = (*SINGLE, *INSIDE, *([one] for one in INSIDE), *({"a": one} for one in INSIDE))

CODECS: dict[str, Codec] = {
    str(annotation): codec(annotation)
    for annotation in (
        *(bool, int, float, str, datetime, date, timedelta, Decimal, Any),
        *(int | None, int | float, bool | int, str | None, date | str, Literal[1, "a"], Literal["a", "1"]),
        *(list[int], list[float], list[int | bool], dict[str, float], dict[str, Any], dict[int, int]),
        *(set[int], tuple[int, str], tuple[int | float, ...], list[dict[str, int]], list[int] | bool),
    )
}
CODECS["a scaled decimal"] = scaled_decimal_codec(2)


def canonical(known: Codec) -> Iterator[tuple[Any, Any]]:
    """Yield each value that a codec reads, and what it writes for it."""
    for value in JSON_VALUES:
        try:
            yield value, known.dump(known.load(value, None))
        except (Misfit, ValueError, TypeError):
            continue


@pytest.mark.parametrize("known", CODECS.values(), ids=CODECS)
def test_equal_values_mean_the_same_where_equality_decides(known: Codec):
    pairs = list(canonical(known))

    assert pairs
    if known.by_equality:
        for (stored, own), (_, written) in product(pairs, pairs):
            assert jsonio.same(own, written) is (own == written)
            assert stored != written or jsonio.same(own, written)


def test_equality_does_not_decide_among_numbers_of_several_types():
    assert codec(int).by_equality
    assert codec(list[float | None]).by_equality
    assert not codec(int | float).by_equality
    assert not codec(dict[str, Any]).by_equality
