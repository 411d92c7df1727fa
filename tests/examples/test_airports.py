"""Every answer of the example is the one that plain Python gives over the same rows."""

import os
from collections import Counter
from collections.abc import Iterator

import airports
import pytest

from couchmapper import Session, connect
from couchmapper.collation import text_key

pytestmark = pytest.mark.xdist_group("airports")  # load each store once

URLS = ["memory:", "sqlite"] + [url for url in [os.environ.get("COUCHMAPPER_TEST_URL")] if url]


@pytest.fixture(scope="module", params=URLS, ids=lambda url: url.partition(":")[0])
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    file = tmp_path_factory.mktemp("airports") / "airports.db"
    url = f"sqlite:///{file}" if request.param == "sqlite" else request.param
    with connect(url) as client:
        database = airports.fresh_database(client)
        airports.load(database)
        with database.session(scans="allow") as session:
            yield session
        client.databases.delete(airports.DATABASE)


def icao_codes(found: list[airports.Airport]) -> list[str]:
    return [airport.icao for airport in found]


def test_airports_come_back_equal(session: Session):
    stored = {airport.id: airport for airport in session.query(airports.Airport)}

    assert stored == {airport.id: airport for airport in airports.airports()}


def test_countries_come_back_equal(session: Session):
    stored = {country.id: country for country in session.query(airports.Country)}

    assert stored == {country.id: country for country in airports.countries()}
    assert len(stored) == 249


def test_a_range(session: Session):
    expected = {row["icao"] for row in airports.airport_rows() if 10_000 <= row["elevation"] <= 11_500}

    assert len(expected) > 10
    assert sorted(icao_codes(airports.between(session, 10_000, 11_500))) == sorted(expected)


@pytest.mark.parametrize("prefix", ["San ", "Ó", "st", "É"])
def test_a_prefix_in_the_order_of_names(session: Session, prefix: str):
    rows = [row for row in airports.airport_rows() if row["name"].startswith(prefix)]
    rows.sort(key=lambda row: (text_key(row["name"]), row["icao"]))

    assert icao_codes(airports.named(session, prefix)) == [row["icao"] for row in rows]


def test_a_value_in_a_set(session: Session):
    codes = ["AMS", "BRU", "LHR", "no such code"]
    expected = [row["icao"] for row in airports.airport_rows() if row["iata"] in codes]

    assert sorted(icao_codes(airports.with_codes(session, codes))) == sorted(expected)


def test_a_missing_code(session: Session):
    expected = [row["icao"] for row in airports.airport_rows() if row["country"] == "BE" and not row["iata"]]

    assert expected
    assert sorted(icao_codes(airports.without_code(session, "BE"))) == sorted(expected)


def test_a_sort_with_a_limit(session: Session):
    rows = sorted(airports.airport_rows(), key=lambda row: -row["elevation"])

    assert icao_codes(airports.highest(session, 10)) == [row["icao"] for row in rows[:10]]


def test_a_count_for_each_country(session: Session):
    expected = Counter(f"country:{row['country']}" for row in airports.airport_rows())

    assert airports.per_country(session) == expected
