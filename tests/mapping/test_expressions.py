"""Fields in expressions: each operator builds its condition, and operands are checked."""

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import attrs
import pytest

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.dump import dump
from couchmapper.mango.match import match
from couchmapper.mango.nodes import And, Condition, Elements, Expression, Not, Or
from couchmapper.mango.sort import SortTerm
from couchmapper.mapping import Document, Embedded, EmbeddedField, Field, Mapped, Ref, field
from couchmapper.mapping.expressions import codec_of, path_of, write_operand
from couchmapper.mapping.structure import SCALARS


class Status(Enum):
    NEW = "new"
    PAID = "paid"


class Place(Embedded):
    name: Mapped[str]
    height: Mapped[float] = field(default=0.0, name="above.sea")


class Address(Embedded):
    city: Mapped[str]
    place: Mapped[Place | None] = field(default=None)
    len: Mapped[int] = field(default=0)
    path: Mapped[str] = field(default="")


class Line(Embedded):
    sku: Mapped[str]
    price: Mapped[Decimal] = field(default=Decimal(0), scale=2)


class Card(Embedded, type="card"):
    number: Mapped[str]


class Gold(Card, type="gold"):
    limit: Mapped[int]


class Cash(Embedded, type="cash"):
    paid: Mapped[int]


@attrs.frozen
class Point:
    x: int


class Order(Document):
    number: Mapped[int]
    status: Mapped[Status] = field(default=Status.NEW)
    customer: Mapped[str] = field(default="")
    placed: Mapped[datetime | None] = field(default=None)
    paid: Mapped[bool] = field(default=False)
    total: Mapped[Decimal] = field(default=Decimal(0), scale=2)
    price: Mapped[Decimal | None] = field(default=None)
    data: Mapped[bytes] = field(default=b"")
    note: Mapped[str | None] = field(default=None)
    mixed: Mapped[int | str | bool | None] = field(default=None)
    tags: Mapped[list[str]] = field(factory=list)
    days: Mapped[set[date]] = field(factory=set)
    perhaps: Mapped[list[int] | None] = field(default=None)
    record: Mapped[tuple[int, Line] | None] = field(default=None)
    lines: Mapped[list[Line]] = field(factory=list)
    prices: Mapped[dict[str, float]] = field(factory=dict)
    by_day: Mapped[dict[date, Line]] = field(factory=dict)
    counts: Mapped[dict[int, int]] = field(factory=dict)
    address: Mapped[Address | None] = field(default=None)
    payment: Mapped[Card | Cash | None] = field(default=None)
    anything: Mapped[Any] = field(default=None)
    point: Mapped[Point | None] = field(default=None)
    plain: str = ""


class Parcel(Document):
    order: Mapped[Ref[Order]]


def selector(expression: Expression) -> Any:
    return dump(expression)


# --- the class and the instance


def test_the_class_has_expressions_and_the_instance_has_values():
    order = Order(number=1)

    assert isinstance(Order.number, Field)
    assert isinstance(Order.plain, Field)
    assert isinstance(Order.address, EmbeddedField)
    assert order.number == 1


def test_a_field_shows_its_place():
    assert repr(Order.address.place.height) == "<field address.place.above.sea>"
    assert path_of(Order.address.place.height) == ("address", "place", "above.sea")


def test_the_id_is_a_field():
    assert (Order.id == "order:1") == Condition(("_id",), "$eq", "order:1")


def test_the_revision_is_none():
    assert isinstance(Order.rev, property)


def test_a_value_that_was_deleted_is_told():
    order = Order(number=1)
    del order.number

    with pytest.raises(AttributeError, match=r"Order\.number has no value yet"):
        _ = order.number


def test_a_name_in_json_is_the_name_in_the_path():
    assert selector(Order.address.place.height == 5) == {"address.place.above\\.sea": 5.0}


# --- operators


N = ("number",)
MISSING = Condition(N, "$exists", False)
NO_ELEMENTS = Condition(("tags",), "$size", 0)


@pytest.mark.parametrize(
    ("expression", "condition"),
    [
        (Order.number == 5, Condition(N, "$eq", 5)),
        (Order.number != 5, Condition(N, "$ne", 5)),
        (Order.number < 5, Condition(N, "$lt", 5)),
        (Order.number <= 5, Condition(N, "$lte", 5)),
        (Order.number > 5, Condition(N, "$gt", 5)),
        (Order.number >= 5, Condition(N, "$gte", 5)),
        (Order.number.between(1, 9), And((Condition(N, "$gte", 1), Condition(N, "$lte", 9)))),
        (Order.number.in_([1, 2]), Condition(N, "$in", [1, 2])),
        (Order.number.in_(n for n in ()), Condition(N, "$in", [])),
        (Order.number.not_in({1}), Condition(N, "$nin", [1])),
        (Order.number.exists(), Condition(N, "$exists", True)),
        (Order.number.is_missing(), Condition(N, "$exists", False)),
        (Order.number.is_type("number"), Condition(N, "$type", "number")),
        (Order.number % 3 == 1, Condition(N, "$mod", [3, 1])),
        (Order.number % 3 != 1, Not(Condition(N, "$mod", [3, 1]))),
        (Order.customer.startswith("A"), Condition(("customer",), "$regex", "^A")),
        (Order.customer.begins_with("A"), Condition(("customer",), "$beginsWith", "A")),
        (Order.customer.matches("^A"), Condition(("customer",), "$regex", "^A")),
        (Order.customer.contains("3.5"), Condition(("customer",), "$regex", r"3\.5")),
        (Order.customer.endswith("*"), Condition(("customer",), "$regex", r"\*\z")),
        (Order.number.or_missing(Order.number > 5), Or((Condition(N, "$gt", 5), MISSING))),
        (Order.number.or_missing(lambda number: number > 5), Or((Condition(N, "$gt", 5), MISSING))),
        (Order.note == None, Condition(("note",), "$eq", None)),  # noqa: E711 - an expression
        (Order.note != None, Condition(("note",), "$ne", None)),  # noqa: E711 - an expression
        (Order.note.in_(["a", None]), Condition(("note",), "$in", ["a", None])),
        (Order.tags.any("a"), Elements(("tags",), "$elemMatch", Condition((), "$eq", "a"))),
        (Order.tags.all("a"), Elements(("tags",), "$allMatch", Condition((), "$eq", "a"))),
        (Order.tags.any(lambda tag: tag > "a"), Elements(("tags",), "$elemMatch", Condition((), "$gt", "a"))),
        (
            Order.tags.all_or_empty("a"),
            Or((Elements(("tags",), "$allMatch", Condition((), "$eq", "a")), NO_ELEMENTS)),
        ),
        (Order.tags.has_all({"a"}), Condition(("tags",), "$all", ["a"])),
        (Order.tags.has_all([]), Condition(("tags",), "$type", "array")),
        (Order.perhaps.has_all([1]), Elements(("perhaps",), "$elemMatch", Condition((), "$eq", 1))),
        (Order.prices.any_key("a"), Elements(("prices",), "$keyMapMatch", Condition((), "$eq", "a"))),
        (Order.counts.any_key(7), Elements(("counts",), "$keyMapMatch", Condition((), "$eq", "7"))),
        (
            Order.by_day.any_key(lambda day: day > date(2026, 11, 23)),
            Elements(("by_day",), "$keyMapMatch", Condition((), "$gt", "2026-11-23")),
        ),
        (Order.anything.any_key("a"), Elements(("anything",), "$keyMapMatch", Condition((), "$eq", "a"))),
        (Order.tags.any_in(["a", "b"]), Condition(("tags",), "$in", ["a", "b"])),
        (Order.tags.len() == 2, Condition(("tags",), "$size", 2)),
        (Order.tags.len() != 2, Not(Condition(("tags",), "$size", 2))),
        (Order.tags == ["a"], Condition(("tags",), "$eq", ["a"])),
        (
            Order.perhaps.len() != 2,
            And((Condition(("perhaps",), "$type", "array"), Not(Condition(("perhaps",), "$size", 2)))),
        ),
        (
            Order.lines.any(Line.sku == "tea"),
            Elements(("lines",), "$elemMatch", Condition(("sku",), "$eq", "tea")),
        ),
        (
            Order.lines.any(lambda line: line.sku == "tea"),
            Elements(("lines",), "$elemMatch", Condition(("sku",), "$eq", "tea")),
        ),
        (
            Order.lines.all(Line.price > Decimal("0.5")),
            Elements(("lines",), "$allMatch", Condition(("price",), "$gt", 50)),
        ),
        (Order.address.city == "Ghent", Condition(("address", "city"), "$eq", "Ghent")),
        (Order.address.place.name == "Top", Condition(("address", "place", "name"), "$eq", "Top")),
        (Order.address.path == "/a", Condition(("address", "path"), "$eq", "/a")),
        (Order.address["len"] == 5, Condition(("address", "len"), "$eq", 5)),
        (
            Order.address == Address(city="a"),
            Condition(("address",), "$eq", {"city": "a", "place": None, "len": 0, "path": ""}),
        ),
        (Order.tags[0] == "a", Condition(("tags", "0"), "$eq", "a")),
        (Order.lines[1].sku == "a", Condition(("lines", "1", "sku"), "$eq", "a")),
        (Order.record[1].price == Decimal(1), Condition(("record", "1", "price"), "$eq", 100)),
        (Order.prices["a.b"] > 1, Condition(("prices", "a.b"), "$gt", 1.0)),
        (Order.by_day[date(2026, 11, 23)].sku == "a", Condition(("by_day", "2026-11-23", "sku"), "$eq", "a")),
        (Order.counts[7] == 1, Condition(("counts", "7"), "$eq", 1)),
        (Order.anything["a"][0]["b"] == 1, Condition(("anything", "a", "0", "b"), "$eq", 1)),
        (Order.point["x"] == 1, Condition(("point", "x"), "$eq", 1)),
        (Order.payment.number == "1", Condition(("payment", "number"), "$eq", "1")),
        (Order.payment.paid == 5, Condition(("payment", "paid"), "$eq", 5)),
        (Order.payment.limit == 5, Condition(("payment", "limit"), "$eq", 5)),
    ],
    ids=lambda one: str(one)[:60],
)
def test_an_operator_builds_its_condition(expression: Expression, condition: Expression):
    assert expression == condition


@pytest.mark.parametrize(
    ("expression", "argument"),
    [
        (Order.status == Status.PAID, "paid"),
        (Order.placed == datetime(2026, 11, 23, tzinfo=UTC), "2026-11-23T00:00:00.000000Z"),
        (Order.total == Decimal("3.5"), 350),
        (Order.price == Decimal("3.50"), "3.50"),
        (Order.data == b"\x00", "AA=="),
        (Order.days.any_in([date(2026, 11, 23)]), ["2026-11-23"]),
        (Order.prices["a"] == 1, 1.0),
        (Order.anything == {"a": [1]}, {"a": [1]}),
    ],
    ids=str,
)
def test_operands_are_written_as_the_values_of_the_field_are(expression: Condition, argument: Any):
    assert expression.argument == argument
    assert type(expression.argument) is type(argument)


def test_directions_are_for_sorting():
    assert Order.number.asc() == SortTerm(("number",))
    assert Order.address.city.desc() == SortTerm(("address", "city"), descending=True)


# --- ranges among values of one type


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (Order.note < "m", {"note": {"$lt": "m", "$gte": ""}}),
        (Order.note > "m", {"note": {"$gt": "m"}}),
        (
            Order.placed <= datetime(1, 1, 1, tzinfo=UTC),
            {"placed": {"$lte": "0001-01-01T00:00:00.000000Z", "$gte": ""}},
        ),
        (Order.paid < True, {"paid": {"$lt": True}}),
        (Order.mixed < 5, {"mixed": {"$lt": 5, "$gt": True}}),
        (Order.mixed > 5, {"mixed": {"$gt": 5, "$lt": ""}}),
        (Order.mixed >= "a", {"mixed": {"$gte": "a"}}),
        (Order.mixed > False, {"mixed": {"$gt": False, "$lte": True}}),
        (Order.mixed.between(1, 5), {"mixed": {"$gte": 1, "$lte": 5}}),
        (Order.anything < "a", {"anything": {"$lt": "a", "$gte": ""}}),
        (Order.anything > [1], {"anything": {"$gt": [1], "$lt": {}}}),
        (Order.anything < {"a": 1}, {"anything": {"$lt": {"a": 1}, "$gte": {}}}),
    ],
    ids=str,
)
def test_a_range_on_a_field_of_several_types_is_kept_among_values_of_one(
    expression: Expression, written: Any
):
    assert selector(expression) == written


OF_MIXED = [None, False, True, -1, 0, 7, "", "a", "z"]
OF_ANYTHING = [*OF_MIXED, [], [1], {}, {"a": 1}]


@pytest.mark.parametrize("bound", [False, True, 0, 5, "", "m"])
@pytest.mark.parametrize(
    ("asked", "values"), [(Order.mixed, OF_MIXED), (Order.anything, OF_ANYTHING)], ids=repr
)
def test_ranges_never_meet_values_of_another_type(asked: Field[Any], values: list[Any], bound: Any):
    for expression in (asked < bound, asked <= bound, asked > bound, asked >= bound):
        found = [value for value in values if match(expression, {"_id": "x", path_of(asked)[0]: value})]

        assert all(type(value) is type(bound) for value in found)


# --- what cannot be asked


@pytest.mark.parametrize(
    ("ask", "advice"),
    [
        (lambda: Order.number == "5", "<field number> cannot be compared with '5': expected an integer"),
        (lambda: Order.number == True, "cannot be compared with True"),  # noqa: E712 - the operand
        (lambda: Order.number == 5.0, "expected an integer, got 5.0"),
        (lambda: Order.status == "paid", "expected a member of Status"),
        (lambda: Order.number.in_([1, "2"]), "expected an integer, got '2'"),
        (lambda: Order.customer == Order.note, "compares a field with a value, and no two fields"),
        (lambda: Order.anything == Order.note, "compares a field with a value"),
        (lambda: Order.customer.in_([Order.note]), "compares a field with a value"),
        (lambda: Order.number < Order.counts[1], "compares a field with a value"),
        (lambda: Order.anything == (Order.number == 5), "join two of them with `&` or `|`"),
        (lambda: Order.anything == Order.number.asc(), "cannot be compared with an expression"),
        (lambda: Order.placed > datetime(2026, 1, 1), "give it one"),  # noqa: DTZ001 - this is the point
        (lambda: Order.total > Decimal("0.001"), "more than 2 decimal places"),
        (lambda: Order.number > None, "nothing is smaller or larger than None"),
        (lambda: Order.number.between(None, 5), "nothing is smaller or larger than None"),
        (lambda: Order.number.between(1, "5"), "expected an integer, got '5'"),
        (lambda: Order.customer.in_("paid"), r"expected a collection of values, such as \['paid'\]"),
        (lambda: Order.number.not_in(5), "expected a collection of values"),
        (lambda: Order.tags.any_in("ab"), "expected a collection of values"),
        (lambda: Order.tags.in_(["a"]), r"write `field\.any_in\(\[\.\.\.\]\)`"),
        (lambda: Order.perhaps.in_([1]), r"write `field\.any_in"),
        (lambda: Order.tags.not_in(["a"]), r"write `~field\.any_in"),
        (lambda: Order.number.any(5), "any needs a field written as array"),
        (lambda: Order.number.all(5), "all needs a field written as array"),
        (lambda: Order.prices.any_in([5]), "any_in needs a field written as array"),
        (Order.number.len, "len needs a field written as array"),
        (lambda: Order.tags.any(5), "expected text, got 5"),
        (lambda: Order.number.startswith("1"), "startswith needs a field written as string"),
        (lambda: Order.number.matches("1"), "matches needs a field written as string"),
        (lambda: Order.customer.startswith(5), "expected text, got 5"),
        (lambda: Order.number.begins_with("1"), "begins_with needs a field written as string"),
        (lambda: Order.customer.begins_with(5), "expected text, got 5"),
        (lambda: Order.customer.matches(None), "expected text, got None"),
        (lambda: Order.customer % 2, "% needs a field written as number"),
        (lambda: Order.number.is_type("int"), "'int' is no JSON type; they are null, boolean, number"),
        (lambda: Order.tags[-1], r"has indexes from 0 up, got \[-1\]"),
        (lambda: Order.tags["a"], "has indexes from 0 up"),
        (lambda: Order.tags[True], "has indexes from 0 up"),
        (lambda: Order.number[0], "has no members"),
        (lambda: Order.tags["a":"b"], "has indexes from 0 up"),
        (lambda: "a" in Order.tags, r"write `<field tags>\.any\(x\)`"),
        (lambda: [*Order.tags], "is a field, not its values"),
        (lambda: not Order.paid, "has no truth value"),
        (lambda: bool(Order.number == 5), "write `a & b`, `a | b`"),
        (lambda: 1 < Order.number < 9, r"is `field\.between\(1, 9\)`"),
        (lambda: (Order.number == 5) & True, "expected an expression"),
        (lambda: Order.price > Decimal(5), r"is not stored in the order .* field\(scale=\.\.\.\)"),
        (lambda: Order.price.between(Decimal(1), Decimal(5)), "is not stored in the order of its values"),
        (Order.price.desc, "is not stored in the order of its values"),
        (lambda: Order.data < b"a", "is not stored in the order of its values"),
        (Order.data.asc, "is not stored in the order of its values"),
        (Order.days.asc, "is not stored in the order of its values"),
        (lambda: Order.days > {date(2026, 1, 1)}, "is not stored in the order of its values"),
        (lambda: Order.placed >= "2026", "expected a datetime, got '2026'"),
        (lambda: Order.prices["a"].between(0, float("nan")), "JSON has no nan"),
        (lambda: Order.prices["a"] == float("inf"), "JSON has no inf"),
        (lambda: Order.total == Decimal("NaN"), "expected a finite Decimal"),
        (lambda: Order.status in ["paid", "new"], "expected a member of Status"),
        (lambda: Order.status in [Status.PAID, Status.NEW], r"`field\.in_\(\[\.\.\.\]\)` for `field in"),
        (lambda: Order.paid and Order.number, "has no truth value"),
        (lambda: (Order.number == 1) or Order.paid, "write `a & b`, `a | b`"),
        (Order.number, "is a field and cannot be called"),
        (lambda: -Order.number, r"write \.desc\(\)"),
        (lambda: Order.customer.contains(5), "expected text, got 5"),
        (lambda: Order.customer.contains("\ud800"), "lone surrogate"),
        (lambda: Order.number.endswith("1"), "endswith needs a field written as string"),
        (lambda: Order.tags.contains("a"), r"holds a list: write `field\.any\(\.\.\.\)`"),
        (lambda: Order.tags.has_all("ab"), "expected a collection of values"),
        (lambda: Order.tags.has_all([1]), "expected text, got 1"),
        (lambda: Order.number.has_all([1]), "has_all needs a field written as array"),
        (lambda: Order.number.all_or_empty(1), "all_or_empty needs a field written as array"),
        (lambda: Order.tags.any(Order.customer), "expected an expression .* got <field customer>"),
        (lambda: Order.tags.any(lambda _: "a"), "expected an expression about <element>, .* got 'a'"),
        (lambda: Order.lines.all(lambda line: line.sku), "expected an expression .* got <field sku>"),
        (lambda: Order.number.or_missing(5), "expected an expression about <field number>"),
        (lambda: Order.number.or_missing(lambda number: number), "expected an expression"),
        (lambda: Order.tags.any_key("a"), "keys are those of a dict, and <field tags> is none"),
        (lambda: Order.address.any_key("city"), "keys are those of a dict"),
        (lambda: Order.point.any_key("x"), "keys are those of a dict"),
        (lambda: Order.point[1], "expected text, got 1"),
        (lambda: Order.by_day.any_key("today"), "expected a date"),
        (lambda: Order.by_day["today"], "<field by_day> cannot be compared with 'today': expected a date"),
        (lambda: Order.counts.any_key("7"), "expected an integer as key"),
        (lambda: Order.counts.any_key(lambda key: key > 7), "is not stored in the order of its values"),
    ],
)
def test_what_has_no_meaning_is_refused_with_advice(ask: Any, advice: str):
    with pytest.raises(ExpressionError, match=advice):
        ask()


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: Order.address.town, "Address has no field 'town'; it has city, place, len, path$"),
        (lambda: Order.address.citty, "it has city, place, len, path; did you mean 'city'?"),
        (lambda: Order.address["town"], "Address has no field 'town'"),
        (lambda: Order.payment.town, "Card or Cash or Gold has no field 'town'; it has number, paid, limit"),
        (lambda: Order.address._private, "_private"),
        (lambda: Order.town, "town"),
        (lambda: Order.number.city, "<field number> has no attribute 'city'"),
        (lambda: Order.lines.sku, r"its elements have it, write any\(Line.sku == ...\)"),
        (lambda: Parcel.order.number, "cannot look into another document"),
        (lambda: Parcel.order.isin, r"write in_\(\[...\]\)"),
        (lambda: Order.customer.starts_with("a"), "'starts_with'; did you mean 'startswith'"),
        (lambda: Order.customer.like("a%"), r"'like'; write contains\(\.\.\.\), startswith"),
    ],
)
def test_an_unknown_field_is_told_with_the_known_ones(ask: Any, message: str):
    with pytest.raises(AttributeError, match=message):
        ask()


def test_python_finds_the_field_that_was_meant():
    with pytest.raises(AttributeError) as caught:
        _ = Order.statsu

    assert (caught.value.obj, caught.value.name) == (Order, "statsu")  # from which it says: did you mean
    assert "status" in dir(Order)


# --- for the other parts


def test_fields_can_be_keys_and_travel():
    assert len({Order.number: 1, Order.status: 2}) == 2
    assert repr(pickle.loads(pickle.dumps(SortTerm(("a",))))) == repr(SortTerm(("a",)))  # noqa: S301


def test_a_field_knows_how_its_values_are_written():
    assert codec_of(Order.customer) is SCALARS[str]
    assert write_operand(Order.status, Status.PAID) == "paid"
    with pytest.raises(ExpressionError, match="cannot be compared"):
        write_operand(Order.status, "paid")


def test_expressions_mean_in_python_what_they_say():
    document = {
        "_id": "1",
        "number": 7,
        "tags": ["a"],
        "address": {"city": "Ghent", "place": {"above.sea": 5}},
    }

    assert match(Order.address.place.height >= 5, document)
    assert match(Order.tags.any("a") & (Order.number % 2 == 1), document)
    assert not match(Order.customer != "Ann", document)
    assert match(Order.customer.is_missing(), document)
