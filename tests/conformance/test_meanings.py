"""Python, JavaScript, the embedded store and CouchDB take an expression for the same, or refuse it."""

import os
from collections import Counter
from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import given, settings
from judges import INDEXES, IndexedServer, IndexedStore, JavaScript, Python, Store, judge
from questions import Batch, batches

from couchmapper.connect import connect
from couchmapper.database import Client
from couchmapper.transport.retry import RetryPolicy

SERVER = os.environ.get("COUCHMAPPER_TEST_URL")

_numbers = count()


@pytest.fixture
def server() -> Iterator[Client]:
    """Give a client that asks once: a server fails with some selectors however often it is asked."""
    with connect(SERVER, retry=RetryPolicy(attempts=1)) as client:
        yield client


def prove_in_this_process(batches_of_twenty: int) -> Counter[str]:
    tally: Counter[str] = Counter()

    @settings(max_examples=batches_of_twenty)
    @given(batches())
    def prove(batch: Batch) -> None:
        with connect("memory:") as client:
            judges = [
                Python(batch.documents),
                JavaScript(batch.documents),
                Store(client.database("plain", create=True), batch.documents),
                IndexedStore(client.database("indexed", create=True), batch.documents, INDEXES),
            ]
            judge(batch, judges, tally)

    prove()
    return tally


def prove_on_a_server(client: Client, batches_of_twenty: int) -> Counter[str]:
    tally: Counter[str] = Counter()

    @settings(max_examples=batches_of_twenty)
    @given(batches())
    def prove(batch: Batch) -> None:
        plain, indexed = (f"couchmapper-meanings-{next(_numbers)}" for _ in "ab")
        try:
            judges = [
                Store(client.database(plain, create=True), batch.documents),
                IndexedServer(client.database(indexed, create=True), batch.documents, INDEXES),
            ]
            judge(batch, judges, tally)
        finally:
            client.databases.delete(plain)
            client.databases.delete(indexed)

    prove()
    return tally


def test_hundreds_of_expressions_mean_the_same_to_all():
    tally = prove_in_this_process(30)

    assert tally["cases"] >= 400
    assert tally["found something"] > tally["cases"] / 5
    assert tally["JavaScript refused"] < tally["cases"] / 2


@pytest.mark.long
def test_twenty_thousand_expressions_mean_the_same_to_all():
    tally = prove_in_this_process(1000)

    assert tally["cases"] >= 20_000
    assert tally["JavaScript refused"] < tally["cases"] / 2


@pytest.mark.server
def test_hundreds_of_expressions_mean_to_a_server_what_they_mean_here(server: Client):
    tally = prove_on_a_server(server, 15)

    assert tally["cases"] >= 200


@pytest.mark.long
@pytest.mark.server
def test_two_thousand_expressions_mean_to_a_server_what_they_mean_here(server: Client):
    tally = prove_on_a_server(server, 100)

    assert tally["cases"] >= 2000
    assert tally["IndexedServer refused"] < tally["cases"] / 2
