"""What is planned for a query is what happens: the index, the part of it that is read, and what is found.

Every case is a database with indexes of all kinds, declared and made by hand, and some queries. What a store
says itself (`_explain`) is the judge of the plan, and the documents are the judge of what is found.
"""

import os
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain, count
from typing import Any

import pytest
from hypothesis import given, settings
from planned import Case, cases, design

from couchmapper.collation import sort_key as collated
from couchmapper.connect import connect
from couchmapper.database import Client, Database
from couchmapper.exceptions import FullScanRefused
from couchmapper.mango.facts import facts_of
from couchmapper.mango.indexes import choose
from couchmapper.mango.match import compile_match
from couchmapper.mango.normal_form import readable
from couchmapper.mango.parse import parse
from couchmapper.mango.paths import Absent, compile_path, look_up, parse_path
from couchmapper.mango.sort import sort_key
from couchmapper.mapping.registry import type_condition
from couchmapper.query.indexes import KnownIndex
from couchmapper.query.plan import Find, finds
from couchmapper.query.planner import plan
from couchmapper.query.question import Question
from couchmapper.query.scans import planned
from couchmapper.query.source import ServerNotes, Source
from couchmapper.query.spec import ID, QuerySpec
from couchmapper.session.asking import source_of
from couchmapper.transport.retry import RetryPolicy
from couchmapper.typing import JSON, JSONObject

SERVER = os.environ.get("COUCHMAPPER_TEST_URL")
_numbers = count()


# --- the plan, and what a store says of it


def explained(source: Source, how: Find) -> JSONObject:
    """Let a store explain what is sent for a plan."""
    index = None if how.index is None else how.index.use_index
    return source.explain(how.selector(), sort=how.sort_body() or None, use_index=index)


def check_plan(
    spec: QuerySpec[Any], source: Source, stored: Iterable[KnownIndex], tally: Counter[str]
) -> None:
    """Compare a plan with what the store says: the index, the order in it, and the keys that are read."""
    for how in finds(plan(spec, tuple(stored))):
        told = explained(source, how)
        tally["plans"] += 1
        if how.index is None:
            own = [one.index for one in stored]
            foreseen = choose(own, how.condition, sort=[term.path for term in how.sort])
            assert foreseen is not None, how
            assert (told["index"]["ddoc"] or "", told["index"]["name"]) == (foreseen.ddoc, foreseen.name), how
            continue
        tally["indexed"] += 1
        assert [told["index"]["ddoc"], told["index"]["name"]] == how.index.use_index, how
        facts = facts_of(how.condition)
        if any(facts.range(path) is None for path in facts.conditions):
            continue  # no text is between the bounds, and CouchDB looks at no others then
        low, high = key_range(told)
        assert (low, high) == (list(how.keys.start), [*how.keys.end, "<MAX>"]), how
        tally["bounded"] += bool(how.keys.start or how.keys.end)
        tally["sorted"] += bool(how.sort)


def key_range(told: JSONObject) -> tuple[list[JSON], list[JSON]]:
    """Return the lowest and the highest key that are read, whatever the direction."""
    arguments = told["mrargs"]
    keys = arguments["start_key"], arguments["end_key"]
    return keys if arguments["direction"] == "fwd" else keys[::-1]


# --- what is no full scan


def is_scan(told: JSONObject, documents: Iterable[JSONObject], spec: QuerySpec[Any]) -> bool:
    """Tell whether a store reads everything for a query, by what it says itself.

    The rule: it takes `_all_docs`; or an index whose keys are bounded neither below (by more than null) nor
    above, and which holds documents that are not asked for. Bounds of the type are none, since all of the
    model is between them; what other documents have a type between those of a family does not count.
    """
    if told["index"]["name"] == "_all_docs":
        return True
    low, high = key_range(told)
    held = list(documents_of_index(told["index"]["def"], documents))
    if next(iter(told["index"]["def"]["fields"][0])) == "type" and low:
        held = list(filter(compile_match(type_condition(spec.model)), held))
        same = low[0] == high[0]
        low, high = (low[1:], high[1:]) if same else ([], ["<MAX>"])
    if low[:1] not in ([], [None]) or high[0] != "<MAX>":
        return False
    return not all(map(compile_match(spec.condition), held))


def documents_of_index(definition: JSONObject, documents: Iterable[JSONObject]) -> Iterable[JSONObject]:
    """Yield the documents that an index holds: those that fulfil its filter and have all its fields."""
    fulfils = compile_match(parse(readable(definition.get("partial_filter_selector") or {})))
    paths = [compile_path(parse_path(name)) for field in definition["fields"] for name in field]
    for document in documents:
        if fulfils(document) and not any(isinstance(find(document), Absent) for find in paths):
            yield document


def check_forbidden(
    spec: QuerySpec[Any], source: Source, documents: list[JSONObject], tally: Counter[str]
) -> None:
    """Forbid scans: what is then asked is none, by what the store says of it."""
    forbidden = spec.changed(scans="forbid")
    try:
        how = planned(forbidden, source)
    except FullScanRefused:
        tally["refused"] += 1
        return
    tally["passed"] += bool(finds(how))
    for one in finds(how):
        assert not is_scan(explained(source, one), documents, spec), one
    check_answer(Question(forbidden, source), documents)


# --- what is found


def check_answer(question: Question, documents: list[JSONObject]) -> None:
    """Compare what is found with what is meant: which documents, in which order, and how many."""
    spec = question.spec
    matches = compile_match(spec.condition)
    by_id = {one["_id"]: one for one in documents}
    meant = sorted(filter(matches, documents), key=sort_key(spec.order))
    found = [one["_id"] for one in chain.from_iterable(question.read([ID]).pages)]
    number = len(meant[spec.skip :][: spec.limit])
    assert len(found) == len(set(found)) == number, (spec, found, meant)
    assert set(found) <= {one["_id"] for one in meant}, (spec, found, meant)
    if spec.names_ids():
        assert found == [one["_id"] for one in meant[spec.skip :][: spec.limit]], spec
    values = [sort_values(by_id[one], spec) for one in found]
    assert values == [sort_values(one, spec) for one in meant[spec.skip :][: spec.limit]], spec


def sort_values(document: JSONObject, spec: QuerySpec[Any]) -> list[bytes]:
    return [collated(look_up(document, term.path)) for term in spec.order if term.path != ID]


# --- the cases


def check(database: Database, case: Case, tally: Counter[str]) -> None:
    database.bulk.docs(case.documents)
    documents = [row["doc"] for row in database.bulk.all_docs(include_docs=True)["rows"]]
    for number, index in enumerate(case.by_hand):
        index.create(database, number)
    with design(case.model, case.declared) as declared:
        for spec in case.queries:
            check_answer(
                Question(spec, source_of(database, ServerNotes())), documents
            )  # declared, not deployed
        declared.deploy(database)
        for spec in case.queries:
            source = source_of(database, ServerNotes())
            check_answer(Question(spec, source), documents)
            stored = source.known_indexes()
            check_answer(Question(spec, source), documents)
            check_plan(spec, source, stored, tally)
            check_forbidden(spec, source, documents, tally)
            tally["cases"] += 1
            tally["found something"] += any(map(compile_match(spec.condition), documents))


def prove(client: Client, rounds: int) -> Counter[str]:
    tally: Counter[str] = Counter()

    @settings(max_examples=rounds)
    @given(cases())
    def ask(case: Case) -> None:
        name = f"couchmapper-planned-{os.getpid()}-{next(_numbers)}"
        database = client.database(name, create=True)
        try:
            check(database, case, tally)
        finally:
            with suppress(Exception):
                client.databases.delete(name)

    ask()
    return tally


def is_rich(tally: Counter[str]) -> bool:
    """Tell whether enough of everything was among the cases."""
    least = {"indexed": 5, "bounded": 10, "sorted": 25, "passed": 12, "refused": 4, "found something": 3}
    return all(tally[name] >= tally["cases"] / part for name, part in least.items())


def test_an_embedded_store_does_what_was_planned():
    with connect("memory:") as client:
        tally = prove(client, 40)

    assert tally["cases"] >= 200
    assert is_rich(tally), tally


def test_a_file_does_what_was_planned(tmp_path):
    with connect(f"sqlite:///{tmp_path / 'store.db'}") as client:
        assert prove(client, 5)["cases"] >= 50


@pytest.mark.long
def test_an_embedded_store_does_what_was_planned_thousands_of_times():
    with connect("memory:") as client:
        tally = prove(client, 400)

    assert tally["cases"] >= 4000
    assert is_rich(tally), tally


@pytest.mark.server
def test_a_server_does_what_was_planned():
    with connect(SERVER, retry=RetryPolicy(attempts=1)) as client:
        assert prove(client, 8)["cases"] >= 80


@pytest.mark.long
@pytest.mark.server
def test_a_server_does_what_was_planned_two_thousand_times():
    with connect(SERVER, retry=RetryPolicy(attempts=1)) as client:
        tally = prove(client, 160)

    assert tally["cases"] >= 2000
    assert is_rich(tally), tally
