"""What is advised serves: with the index, declared and deployed as the line says, a query is no scan."""

import os
from collections import Counter
from contextlib import suppress
from itertools import count
from types import new_class
from typing import Any

import pytest
from hypothesis import given, settings
from planned import MODELS, Case, cases
from test_planned_queries import check_answer, explained, is_scan

from couchmapper.connect import connect
from couchmapper.database import Client, Database
from couchmapper.design import Design, Index
from couchmapper.exceptions import DocumentNotFound, FullScanRefused
from couchmapper.mapping.declared import declare_together
from couchmapper.query.advice import Advice, advise
from couchmapper.query.plan import finds
from couchmapper.query.question import Question
from couchmapper.query.scans import planned
from couchmapper.query.source import ServerNotes
from couchmapper.query.spec import QuerySpec
from couchmapper.session.asking import source_of
from couchmapper.transport.retry import RetryPolicy
from couchmapper.typing import JSONObject

SERVER = os.environ.get("COUCHMAPPER_TEST_URL")
_numbers = count()


def deploy(database: Database, advice: Advice) -> None:
    """Run the line of the advice as a program would have it, and deploy the design."""
    index = eval(str(advice.declaration), {**MODELS, "Index": Index})  # noqa: S307 - the line is the point
    design: Any = new_class(
        "Advised",
        (Design,),
        {"model": advice.model, "name": "advised"},
        lambda names: names.update(own=index),
    )
    design.deploy(database)


def check(database: Database, spec: QuerySpec[Any], documents: list[JSONObject], tally: Counter[str]) -> None:
    """Follow the advice for a query in a database without indexes, or see that none is to be had."""
    advice = advise(spec)
    forbidden = spec.changed(scans="forbid")
    source = source_of(database, ServerNotes())
    tally["cases"] += 1
    if not advice.fields:
        assert advice.reason
        if advice.reason.startswith("no index can"):
            tally["without advice"] += 1
            with pytest.raises(FullScanRefused, match="no index can answer its conditions"):
                planned(forbidden, source)
        else:
            tally["without need"] += 1
            assert finds(planned(forbidden, source)) == ()
        return
    tally["advised"] += 1
    with pytest.raises(FullScanRefused) as refused:
        planned(forbidden, source)
    assert f"no index serves it; declare {advice.declaration} in a Design" in str(refused.value)
    deploy(database, advice)
    (how,) = finds(planned(forbidden, source))
    assert not is_scan(explained(source, how), documents, spec), (spec, advice)
    tally["in its order"] += bool(spec.order) and not how.sorts_here
    check_answer(Question(forbidden, source), documents)


def drop_indexes(database: Database) -> None:
    """Drop all indexes; a server can tell of them a moment longer."""
    while indexes := database.find.indexes()[1:]:
        for index in indexes:
            with suppress(DocumentNotFound):
                database.find.delete_index(index["ddoc"], index["name"])


def prove(client: Client, rounds: int) -> Counter[str]:
    tally: Counter[str] = Counter()

    @settings(max_examples=rounds)
    @given(cases(size=8))
    def ask(case: Case) -> None:
        database = client.database(f"couchmapper-advice-{os.getpid()}-{next(_numbers)}", create=True)
        try:
            database.bulk.docs(case.documents)
            documents = [row["doc"] for row in database.bulk.all_docs(include_docs=True)["rows"]]
            for spec in case.queries:
                check(database, spec, documents, tally)
                declare_together(case.model, "advised", [])
                drop_indexes(database)
        finally:
            client.databases.delete(database.name)
            declare_together(case.model, "advised", [])

    ask()
    return tally


def test_what_is_advised_serves():
    with connect("memory:") as client:
        tally = prove(client, 30)

    assert tally["advised"] > tally["cases"] / 4, tally
    assert tally["without advice"], tally
    assert tally["in its order"] > tally["advised"] / 5, tally


@pytest.mark.long
def test_what_is_advised_serves_thousands_of_times():
    with connect("memory:") as client:
        assert prove(client, 500)["advised"] >= 1000


@pytest.mark.server
def test_what_is_advised_serves_on_a_server():
    with connect(SERVER, retry=RetryPolicy(attempts=1)) as client:
        assert prove(client, 10)["advised"] >= 20
