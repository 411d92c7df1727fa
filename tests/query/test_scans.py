"""When a query is refused or warned of for what it reads, and where the warning points."""

import warnings
from pathlib import Path
from typing import Any

import pytest
from fake_source import FakeDatabase, stored_index
from planning import Order, declared, index

import couchmapper
from couchmapper.exceptions import FullScanRefused, FullScanWarning, IndexNotUsedWarning
from couchmapper.mango.nodes import TRUE, Expression
from couchmapper.query.plan import ById, Find, NothingToAsk
from couchmapper.query.planner import plan
from couchmapper.query.scans import Watch, names_unused_index, planned, warn_the_program
from couchmapper.query.spec import QuerySpec
from couchmapper.typing import JSONObject

NO_INDEX = "No matching index found, create an index to optimize query time."
NOT_USED = "_design/a, b was not used because it is not a valid index for this query."


def asked(where: Expression = TRUE, **options: Any) -> QuerySpec[Order]:
    return QuerySpec(model=Order, where=where, **options)


# --- which indexes are looked at


@pytest.mark.parametrize(
    ("spec", "routes"),
    [
        (asked(Order.number == 1), []),
        (asked(Order.number == 1, scans="allow"), []),
        (asked(Order.number == 1, scans="warn"), ["indexes"]),
        (asked(Order.number == 1, scans="forbid"), ["indexes"]),
        (asked(Order.id == "a", scans="forbid"), []),
        (asked(Order.number.in_([]), scans="forbid"), []),
        (asked(order=(Order.id.asc(),)), ["indexes"]),
        (asked(Order.id > "B"), ["indexes"]),
        (asked(Order.id < "B"), []),
    ],
)
def test_the_database_is_asked_for_its_indexes_where_something_depends_on_them(spec: Any, routes: list[str]):
    database = FakeDatabase(indexes=[stored_index("number", "number")])
    planned(spec, database.source())

    assert database.routes == routes


def test_the_indexes_are_looked_at_once_in_a_minute_as_long_as_they_serve():
    database = FakeDatabase(indexes=[stored_index("number", "number")])
    for _ in range(3):
        planned(asked(Order.number == 1, scans="forbid"), database.source())

    assert database.routes == ["indexes"]


@pytest.mark.parametrize("scans", ["warn", "forbid"])
def test_an_index_that_was_made_meanwhile_is_found(scans: Any):
    database = FakeDatabase()
    database.source().known_indexes()
    database.stored.append(stored_index("number", "number"))

    found = planned(asked(Order.number == 1, scans=scans), database.source())

    assert isinstance(found, Find)
    assert not found.is_scan
    assert database.routes == ["indexes", "indexes"]


def test_indexes_that_are_known_are_reckoned_with_without_being_asked_for():
    database = FakeDatabase(indexes=[stored_index("number", "number")])
    database.source().known_indexes()
    found = planned(asked(Order.number == 1), database.source())

    assert isinstance(found, Find)
    assert found.index is not None
    assert database.routes == ["indexes"]


# --- what is refused


def test_a_scan_is_refused_with_the_index_that_would_serve():
    database = FakeDatabase(indexes=[stored_index("total", "total")])

    with pytest.raises(FullScanRefused) as refused:
        planned(asked(Order.number == 1, scans="forbid"), database.source())

    assert str(refused.value) == (
        "the query for Order would read every document, and scans are forbidden: no index serves it; declare"
        " Index(Order.number) in a Design and deploy it"
    )
    assert database.routes == ["indexes"]


def test_a_scan_is_refused_with_the_index_that_is_declared_and_not_deployed():
    with declared(index(Order, "number")) as (known,), pytest.raises(FullScanRefused) as refused:
        planned(asked(Order.number == 1, scans="forbid"), FakeDatabase().source())

    assert str(refused.value).endswith(
        f": the index {known.index.name!r} of _design/number is declared and not deployed"
    )


def test_a_scan_is_refused_with_the_reason_where_no_index_can_serve():
    with pytest.raises(FullScanRefused, match="scans are forbidden: no index can answer its conditions"):
        planned(asked(Order.number != 1, scans="forbid"), FakeDatabase().source())


class Lagging(FakeDatabase):
    """Has an index, and tells of it when it was asked some times more."""

    def __init__(self, design: JSONObject, lag: int) -> None:
        super().__init__([design])
        self.lag = lag

    def indexes(self) -> list[JSONObject]:
        told = super().indexes()
        self.lag -= 1
        return told if self.lag < 0 else []


@pytest.mark.parametrize("lag", [1, 3])
def test_a_list_of_indexes_that_is_behind_a_deployment_is_read_again(lag: int):
    with declared(index(Order, "number")) as (known,):
        name = known.index.name
        database = Lagging({"_id": "_design/number", "views": {name: {}}}, lag)
        database.stored.append(stored_index("number", "number", type="order") | {"name": name})
        found = planned(asked(Order.number == 1, scans="forbid"), database.source())

    assert isinstance(found, Find)
    assert not found.is_scan
    assert database.routes == ["indexes", "document", *["indexes"] * lag]


def test_a_design_document_without_the_index_is_no_deployment():
    with declared(index(Order, "number")), pytest.raises(FullScanRefused, match="declared and not deployed"):
        planned(asked(Order.number == 1, scans="forbid"), FakeDatabase([{"_id": "_design/number"}]).source())


@pytest.mark.parametrize("scans", [None, "allow", "warn"])
def test_a_scan_that_is_not_forbidden_is_planned(scans: Any):
    assert isinstance(planned(asked(Order.number != 1, scans=scans), FakeDatabase().source()), Find)


def test_what_reads_no_index_is_not_refused():
    source = FakeDatabase().source()

    assert isinstance(planned(asked(Order.id == "a", scans="forbid"), source), ById)
    assert planned(asked(Order.number.between(9, 1), scans="forbid"), source) == NothingToAsk()


# --- what is warned of


def answer(examined: int, returned: int, *told: str) -> JSONObject:
    statistics = {"total_docs_examined": examined, "total_keys_examined": 0}
    return {
        "docs": [{}] * returned,
        "execution_stats": statistics,
        **({"warning": "\n".join(told)} if told else {}),
    }


def heard(watch: Watch, *answers: JSONObject) -> list[Any]:
    """Return what is warned of when answers come one after the other."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for one in answers:
            watch.note(one)
            watch.warn()
    return [one.message for one in told]


def watch(where: Expression, *, known: bool = True, **options: Any) -> Watch:
    """Watch a query in a database with an index on numbers."""
    stored = FakeDatabase(indexes=[stored_index("number", "number")]).source().known_indexes()
    spec = asked(where, **options)
    return Watch(spec, plan(spec, stored if known else None))


@pytest.mark.parametrize(
    ("where", "answers", "count"),
    [
        (Order.total == 1, [answer(99, 0, NO_INDEX)], 0),
        (Order.total == 1, [answer(100, 0, NO_INDEX)], 1),
        (Order.total == 1, [answer(1099, 1000, NO_INDEX)], 0),
        (Order.total == 1, [answer(1100, 1000, NO_INDEX)], 1),
        (Order.total == 1, [answer(60, 0, NO_INDEX), answer(60, 0, NO_INDEX), answer(60, 0, NO_INDEX)], 1),
        (Order.number == 1, [answer(100, 0)], 1),
        (Order.number == 1, [answer(100, 9)], 0),
        (Order.number == 1, [answer(1000, 100)], 0),
        (Order.number == 1, [answer(1001, 100)], 1),
        (Order.number == 1, [answer(100, 100)], 0),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_a_hundred_documents_in_vain_are_worth_a_warning(
    where: Any, answers: Any, count: int, *, known: bool
):
    assert len(heard(watch(where, known=known), *answers)) == count


@pytest.mark.parametrize("where", [Order.total == 1, Order.number == 1])
@pytest.mark.parametrize("told", [(), (NO_INDEX,)])
def test_a_scan_that_is_allowed_is_not_warned_of(where: Expression, told: Any):
    assert heard(watch(where, scans="allow"), answer(10_000, 0, *told)) == []


def test_every_scan_is_warned_of_when_that_is_asked_for():
    assert len(heard(watch(Order.total == 1, scans="warn"), answer(0, 0, NO_INDEX))) == 1
    assert len(heard(watch(Order.number != 1, scans="warn"), answer(0, 0), answer(0, 0))) == 1
    assert heard(watch(Order.number == 1, scans="warn"), answer(10_000, 0)) == []


def test_the_server_counts_unless_scans_are_allowed():
    assert [watch(TRUE, scans=one).wants_statistics for one in (None, "warn", "allow")] == [True, True, False]


def test_a_warning_has_the_numbers_and_the_index_that_would_serve():
    (warning,) = heard(watch(Order.total == 1), answer(150, 1, NO_INDEX), answer(150, 1, NO_INDEX))

    assert isinstance(warning, FullScanWarning)
    assert (warning.examined, warning.returned) == (150, 1)
    assert str(warning) == (
        "the query for Order is a scan: no index serves it; declare Index(Order.total) in a Design and deploy"
        " it"
    )


def test_keys_count_where_no_documents_are_read():
    keys = {"docs": [], "execution_stats": {"total_docs_examined": 0, "total_keys_examined": 120}}
    (warning,) = heard(watch(Order.total == 1), keys)

    assert warning.examined == 120


def test_an_index_that_narrows_too_little_is_named_with_a_better_one():
    (warning,) = heard(watch((Order.number > 1) & (Order.total == 5)), answer(1000, 1))

    assert str(warning) == (
        "the query for Order reads many documents for few: the index 'number' narrows it too little; declare"
        " Index(Order.total, Order.number) in a Design and deploy it"
    )


def test_an_index_that_narrows_too_little_is_named_alone_where_none_is_better():
    (warning,) = heard(watch((Order.number > 1) & (Order.total != 5)), answer(1000, 1))

    assert str(warning).endswith("the index 'number' narrows it too little")


# --- an index that is not used


def test_an_index_that_the_database_does_not_have_is_warned_of_once():
    with declared(index(Order, "customer")) as (known,):
        one = watch(Order.customer == "Ann", known=False, scans="allow")
        told = heard(one, answer(9, 9, NOT_USED), answer(9, 9, NOT_USED))

    assert [type(warning) for warning in told] == [IndexNotUsedWarning]
    assert f"_design/customer {known.index.name}" in str(told[0])
    assert "deploy the Design that declares it" in str(told[0])


def test_an_index_that_narrows_nothing_is_not_missed():
    with declared(index(Order, "customer")):
        one = watch(Order.total != 1, known=False, scans="allow")
        assert heard(one, answer(9, 9, NOT_USED)) == []


def test_an_index_that_is_not_used_is_a_refusal_where_scans_are_forbidden():
    with pytest.raises(FullScanRefused, match="the index that serves the query is gone"):
        watch(Order.number == 1, scans="forbid").note(answer(9, 9, NOT_USED))


@pytest.mark.parametrize(
    ("told", "names_one"),
    [({}, False), ({"warning": NO_INDEX}, False), ({"warning": f"{NOT_USED}\n{NO_INDEX}"}, True)],
)
def test_an_answer_tells_whether_the_index_was_not_used(told: JSONObject, *, names_one: bool):
    assert names_unused_index({"docs": [], **told}) is names_one


# --- the line of the program


def run(code: str, file: Path, **names: Any) -> warnings.WarningMessage:
    """Run a program as if it stood in a file, and return what it is warned of."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        exec(compile(code, str(file), "exec"), names)  # noqa: S102 - it is a program
    (one,) = told
    return one


PACKAGE = Path(str(couchmapper.__file__)).parent


@pytest.mark.parametrize(
    "file",
    [PACKAGE.parent / "main.py", PACKAGE.parent / "couchmapper_shop" / "main.py", Path("<stdin>")],
    ids=["beside", "a name that begins so", "typed"],
)
def test_a_warning_points_at_the_line_of_the_program(file: Path):
    told = run("\n\nwarn(Warning('much'))\n", file, warn=warn_the_program)

    assert (told.filename, told.lineno) == (str(file), 3)


def test_a_warning_does_not_point_into_the_package():
    inner: dict[str, Any] = {"warn": warn_the_program}
    exec(compile("def ask(): warn(Warning('much'))", str(PACKAGE / "query" / "asking.py"), "exec"), inner)  # noqa: S102
    told = run("\nfound = [ask() for _ in range(1)]\n", Path("main.py"), ask=inner["ask"])

    assert (told.filename, told.lineno) == ("main.py", 2)


def test_a_warning_without_a_program_is_given_all_the_same():
    told = run("warn(Warning('much'))", PACKAGE / "__main__.py", warn=warn_the_program)

    assert told.filename == __file__
