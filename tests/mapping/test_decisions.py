"""What the rules of `field(merge=...)` make of two changes of one value."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal, NewType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.exceptions import MergeFailed, ModelError
from couchmapper.jsonio import same
from couchmapper.mapping import Embedded, Mapped
from couchmapper.mapping.codec import Misfit
from couchmapper.mapping.converter import codec
from couchmapper.mapping.decisions import ABSENT, check_merge, decision
from couchmapper.mapping.structure import scaled_decimal_codec

Amount = NewType("Amount", int)


class Line(Embedded):
    sku: Mapped[str]


def decide(rule: Any, annotation: Any, *sides: Any) -> Any:
    return decision(rule, annotation, codec(annotation), place="Order.value")(*sides)


@pytest.mark.parametrize(
    ("annotation", "base", "mine", "theirs", "total"),
    [
        (int, 5, 6, 7, 8),
        (int, 5, 6, 6, 7),
        (int, 5, 3, 4, 2),
        (int, ABSENT, 2, 3, 5),
        (int | None, None, 2, 3, 5),
        (int, 2**70, 2**70 + 1, 2**70 - 2, 2**70 - 1),
        (float, 0.1, 0.2, 0.3, 0.4),
        (float, 1e16, 1e16 + 2, 1.0, 3.0),
        (int | float, 1, 2, 2.5, 3.5),
        (Decimal, "1.10", "1.2", "1.40", "1.50"),
        (Decimal, ABSENT, "0.1", "0.20", "0.30"),
        (Decimal, "0", "1E+40", "1E-40", "1" + "0" * 40 + "." + "0" * 39 + "1"),
        (timedelta, 1_000_000, 3_000_000, 1_500_000, 3_500_000),
        (Amount, 1, 2, 3, 4),
    ],
)
def test_both_changes_are_added(annotation: Any, base: Any, mine: Any, theirs: Any, total: Any):
    assert same(decide("add", annotation, base, mine, theirs), total)


def test_scaled_decimals_are_added_as_integers():
    add = decision("add", Decimal, scaled_decimal_codec(2), place="Order.value")

    assert add(350, 400, 10**30) == 10**30 + 50


@pytest.mark.parametrize("base", [ABSENT, None])
def test_what_was_not_there_counts_from_where_the_field_starts(base: Any):
    add = decision("add", int | None, codec(int | None), place="Order.value", start=10)

    assert add(base, 11, 12) == 13
    assert add(0, 11, 12) == 23


@pytest.mark.parametrize(
    ("annotation", "base", "mine", "theirs"),
    [
        (int, 5, ABSENT, 6),
        (int | None, 5, 6, None),
        (int, 5, "6", 7),
        (int, "5", 6, 7),
        (int, 5, True, 7),
        (float, 0.0, 1e308, 1e308),
        (Decimal, "0", "1E+999999", "1E-999999"),
        (Decimal, "0", "NaN", "1"),
        (timedelta, 0, timedelta.max // timedelta(microseconds=1), 10**19),
    ],
)
def test_what_has_no_sum_is_a_misfit(annotation: Any, base: Any, mine: Any, theirs: Any):
    for sides in ((mine, theirs), (theirs, mine)):
        with pytest.raises(Misfit):
            decide("add", annotation, base, *sides)


def test_a_number_that_both_cleared_is_cleared():
    assert decide("add", int | None, 5, None, None) is None


@pytest.mark.parametrize(
    ("annotation", "early", "late"),
    [
        (int, 9, 10),
        (float, 9, 9.5),
        (Decimal, "9", "10"),
        (timedelta, 9, 10),
        (date, "2026-11-23", "2026-11-24"),
        (datetime, "2026-11-23T10:00:00.000000Z", "2026-11-23T10:00:00.000001Z"),
        (datetime | None, "2026-11-23T23:00:00+05:00", "2026-11-23T20:00:00Z"),
    ],
)
def test_the_later_value_is_taken(annotation: Any, early: Any, late: Any):
    assert decide("newest", annotation, ABSENT, early, late) == late
    assert decide("newest", annotation, ABSENT, late, early) == late


def test_two_spellings_of_one_moment_give_one_result():
    spellings = ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00.000000Z")

    assert decide("newest", datetime, None, *spellings) == decide("newest", datetime, None, *spellings[::-1])


@pytest.mark.parametrize("other", [ABSENT, None, "soon"])
def test_what_is_no_moment_is_neither_earlier_nor_later(other: Any):
    with pytest.raises(Misfit):
        decide("newest", datetime | None, ABSENT, other, "2026-11-23T10:00:00Z")


@pytest.mark.parametrize(
    ("annotation", "base", "mine", "theirs", "union"),
    [
        (list[str], ["a"], ["a", "c"], ["a", "b"], ["a", "b", "c"]),
        (list[str], ["b", "a"], ["b", "a", "c"], ["a"], ["a", "c"]),
        (list[str], ["a", "b"], ["b", "a"], ["a", "b", "c"], ["a", "b", "c"]),
        (list[str], ["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c"]),
        (list[str], ["a", "a"], ["a"], ["a", "a", "b"], ["a", "b"]),
        (list[str], [], ["a", "a"], ["a"], ["a", "a"]),
        (list[str], ["a"], [], ["a", "a"], ["a"]),
        (list[str], ABSENT, ["b"], ["a"], ["a", "b"]),
        (list[str] | None, None, ["b"], ["a"], ["a", "b"]),
        (set[str], ["a", "c"], ["a", "c", "d"], ["a", "b", "c"], ["a", "b", "c", "d"]),
        (frozenset[str], ["b", "a", "b"], ["a", "b", "c"], ["b", "a", "b", "d"], ["a", "b", "c", "d"]),
        (tuple[int, ...], [1], [1, 3], [1, 2], [1, 2, 3]),
        (list[Any], [1], [1, 1.0], [1, True], [1, 1.0, True]),
        (list[Any], [], [{"a": 1, "b": 2}], [{"b": 2, "a": 1}, 0], [0, {"a": 1, "b": 2}]),
        (
            list[Line],
            [{"sku": "a"}],
            [{"sku": "A"}],
            [{"sku": "a"}, {"sku": "b"}],
            [{"sku": "A"}, {"sku": "b"}],
        ),
    ],
)
def test_the_elements_of_both_are_kept(annotation: Any, base: Any, mine: Any, theirs: Any, union: Any):
    assert same(decide("union", annotation, base, mine, theirs), union)
    assert same(decide("union", annotation, base, theirs, mine), union)


@pytest.mark.parametrize("other", [ABSENT, None, "a"])
def test_what_is_no_list_has_no_union(other: Any):
    with pytest.raises(Misfit):
        decide("union", list[str] | None, ["a"], other, ["b"])


def test_a_side_is_taken_as_it_is():
    assert decide("mine", str, "a", "b", "c") == "b"
    assert decide("theirs", str, "a", "b", "c") == "c"
    assert decide("mine", str, "a", ABSENT, "c") is ABSENT


def test_a_function_is_given_values_of_the_type():
    seen: list[Any] = []

    def later(base: date | None, mine: date, theirs: date) -> date:
        seen.extend((base, mine, theirs))
        return max(mine, theirs)

    assert decide(later, date, "2026-01-01", "2026-01-03", "2026-01-02") == "2026-01-03"
    assert seen == [date(2026, 1, 1), date(2026, 1, 3), date(2026, 1, 2)]


@pytest.mark.parametrize("base", [ABSENT, None])
def test_a_function_is_given_none_where_there_was_no_value(base: Any):
    assert decide(lambda base, *_: repr(base), str, base, "b", "c") == "None"


def test_a_function_may_be_given_null_where_the_field_allows_it():
    assert decide(lambda _, mine, theirs: mine or theirs, int | None, 1, None, 3) == 3


def test_a_function_is_not_called_when_both_changed_alike():
    assert decide(lambda *_: 1 / 0, str, "a", "b", "b") == "b"


@pytest.mark.parametrize("mine", [ABSENT, None, 5])
def test_a_function_is_not_called_for_what_does_not_fit(mine: Any):
    with pytest.raises(Misfit):
        decide(lambda *_: "x", str, "a", mine, "c")


def test_a_function_keeps_what_its_values_hold_beyond_the_model():
    def longer(_: Any, mine: Line, theirs: Line) -> Line:
        return max(mine, theirs, key=lambda line: len(line.sku))

    assert decide(longer, Line, ABSENT, {"sku": "ab", "x": 1}, {"sku": "a"}) == {"sku": "ab", "x": 1}


def test_a_function_that_raises_is_named():
    with pytest.raises(
        MergeFailed, match=r"^Order\.value: its merge function raised TypeError.*base is None"
    ):
        decide(max, int, None, 1, 2)


def test_a_function_that_returns_another_type_is_named():
    with pytest.raises(MergeFailed, match=r"^Order\.value: .* a value of the field: expected text, got 5"):
        decide(lambda *_: 5, str, "a", "b", "c")


def test_lists_of_a_function_may_be_changed_by_it():
    def both(_: Any, mine: list[Any], theirs: list[Any]) -> list[Any]:
        mine.extend(theirs)
        return mine

    mine = [1]

    assert decide(both, list[Any], [], mine, [2]) == [1, 2]
    assert mine == [1]


@pytest.mark.parametrize(
    ("rule", "annotation", "advice"),
    [
        ("union", str, "is for lists, sets and tuples of any length, not for str"),
        ("union", dict[str, int], "not for dict"),
        ("union", tuple[int, str], "not for tuple"),
        ("union", list[int] | set[int], "not for list"),
        ("union", Any, "not for Any"),
        ("add", str, "is for int, float, Decimal and timedelta, not for str"),
        ("add", bool, "not for bool"),
        ("add", datetime, "not for datetime"),
        ("add", int | Decimal, "not for int | decimal.Decimal"),
        ("add", Literal[1, 2], "not for typing.Literal"),
        ("newest", str, "is for datetime, date, int, float, Decimal and timedelta, not for str"),
        ("newest", time, "not for time"),
        ("newest", datetime | date, "not for datetime.datetime | datetime.date"),
    ],
)
def test_a_rule_must_fit_its_type(rule: Any, annotation: Any, advice: str):
    with pytest.raises(ModelError) as caught:
        check_merge(rule, annotation)

    assert str(caught.value).startswith(f"merge={rule!r} is for ")
    assert advice in str(caught.value)


@pytest.mark.parametrize(
    ("rule", "annotation"),
    [
        ("union", list),
        ("union", set[str] | None),
        ("union", tuple[int, ...]),
        ("add", int | None),
        ("add", int | float | None),
        ("add", Amount),
        ("newest", date | None),
        ("mine", str),
        ("theirs", Line),
        (max, bool),
        (None, str),
    ],
)
def test_a_rule_that_fits_is_taken(rule: Any, annotation: Any):
    check_merge(rule, annotation)


finite = st.floats(allow_nan=False, allow_infinity=False)
decimals = st.decimals(
    allow_nan=False, allow_infinity=False, places=None, min_value=-(10**9), max_value=10**9
)
moments = st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat())
anything = st.one_of(st.none(), st.booleans(), st.integers(0, 3), st.sampled_from("ab"), st.just({"a": [1]}))
KINDS: list[tuple[Any, Any, st.SearchStrategy[Any]]] = [
    ("add", int, st.integers()),
    ("add", float, finite),
    ("add", Decimal, decimals.map(str)),
    ("add", timedelta, st.integers(-(10**12), 10**12)),
    ("newest", datetime, moments),
    ("newest", date, st.dates().map(date.isoformat)),
    ("newest", Decimal, decimals.map(str)),
    ("newest", float, finite),
    ("union", list[Any], st.lists(anything, max_size=4)),
    ("union", set[str], st.lists(st.sampled_from("abcd"), max_size=4)),
]


def outcome(sides: Callable[[], Any]) -> Any:
    """Return a value, or the word for none."""
    try:
        return sides()
    except Misfit:
        return "misfit"


@pytest.mark.parametrize(
    ("rule", "annotation", "values"), KINDS, ids=lambda part: getattr(part, "__name__", part)
)
@given(data=st.data())
def test_it_does_not_matter_which_writer_is_which(
    data: st.DataObject, rule: Any, annotation: Any, values: Any
):
    base, mine, theirs = (data.draw(values) for _ in range(3))

    assert same(
        outcome(lambda: decide(rule, annotation, base, mine, theirs)),
        outcome(lambda: decide(rule, annotation, base, theirs, mine)),
    )


@given(st.lists(anything, max_size=5), st.lists(anything, max_size=5), st.lists(anything, max_size=5))
def test_a_union_loses_nothing_that_nobody_removed(base: list[Any], mine: list[Any], theirs: list[Any]):
    union = decide("union", list[Any], base, mine, theirs)

    for element in (*base, *mine, *theirs):
        before, ours, others, now = (
            sum(same(element, other) for other in side) for side in (base, mine, theirs, union)
        )
        if before <= min(ours, others):
            assert now == max(ours, others)


@given(decimals, decimals, decimals)
def test_sums_of_decimals_are_exact(base: Decimal, mine: Decimal, theirs: Decimal):
    total = decide("add", Decimal, str(base), str(mine), str(theirs))

    numerator, denominator = Decimal(total).as_integer_ratio()
    ratios = [side.as_integer_ratio() for side in (mine, theirs, base)]
    (a, b), (c, d), (e, f) = ratios
    assert numerator * b * d * f == denominator * (a * d * f + c * b * f - e * b * d)
