"""Load the world's airports through one session, then ask five questions and one view.

    python examples/airports.py                                   # in memory
    python examples/airports.py sqlite:///airports.db
    python examples/airports.py http://admin:secret@127.0.0.1:5984

The data are the 28,298 airports of the package `airportsdata` and the 249 countries of `pycountry`. The
database `couchmapper-example-airports` is dropped and made again on each run; the answers are the same on
every store.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import airportsdata
import pycountry

from couchmapper import (
    Client,
    Count,
    Database,
    Design,
    Document,
    Index,
    Mapped,
    Session,
    View,
    connect,
    field,
)

DATABASE = "couchmapper-example-airports"


class Country(Document, id="country:{alpha_2}"):
    """A country of ISO 3166-1."""

    alpha_2: Mapped[str]
    alpha_3: Mapped[str]
    name: Mapped[str]
    flag: Mapped[str]


class Airport(Document, id="airport:{icao}"):
    """An airport; `country` holds the id of its country, and a code that it does not have is None."""

    icao: Mapped[str]
    name: Mapped[str]
    country: Mapped[str]
    elevation: Mapped[float]
    latitude: Mapped[float] = field(name="lat")
    longitude: Mapped[float] = field(name="lon")
    iata: Mapped[str | None] = field(default=None)
    city: Mapped[str | None] = field(default=None)
    subdivision: Mapped[str | None] = field(default=None, name="subd")
    time_zone: Mapped[str | None] = field(default=None, name="tz")


class AirportViews(Design, model=Airport):
    """What the server keeps counted, and what the questions need."""

    per_country = View(key=Airport.country, reduce=Count())
    by_elevation = Index(Airport.elevation)
    by_name = Index(Airport.name)
    by_code = Index(Airport.iata)
    by_country = Index(Airport.country, Airport.iata)


class CountryIndexes(Design, model=Country):
    """What finds all countries without a look at the airports."""

    by_code = Index(Country.alpha_2)


def airport_rows() -> Iterable[Mapping[str, Any]]:
    """Return the rows of `airportsdata` as they are: text and floats, empty text where a code is missing."""
    return airportsdata.load().values()


def airports() -> Iterator[Airport]:
    """Make the airports from the rows."""
    for row in airport_rows():
        yield Airport(
            icao=row["icao"],
            name=row["name"],
            country=f"country:{row['country']}",
            elevation=row["elevation"],
            latitude=row["lat"],
            longitude=row["lon"],
            iata=row["iata"] or None,
            city=row["city"] or None,
            subdivision=row["subd"] or None,
            time_zone=row["tz"] or None,
        )


def countries() -> Iterator[Country]:
    """Make the countries of ISO 3166-1. Kosovo has airports, with the code XK, and is not among them."""
    for country in pycountry.countries:
        yield Country(alpha_2=country.alpha_2, alpha_3=country.alpha_3, name=country.name, flag=country.flag)


def fresh_database(client: Client) -> Database:
    """Make the example's database anew, with its design documents."""
    if DATABASE in client.databases.list():
        client.databases.delete(DATABASE)
    database = client.database(DATABASE, create=True)
    database.bind(Country, Airport)
    AirportViews.deploy(database)
    CountryIndexes.deploy(database)
    return database


def load(database: Database) -> None:
    """Write all documents through one session."""
    with database.begin() as session:
        session.add_all(countries())
        session.add_all(airports())


def between(session: Session, low: float, high: float) -> list[Airport]:
    """Find the airports between two elevations, in feet."""
    return session.query(Airport).where(Airport.elevation.between(low, high)).all()


def named(session: Session, prefix: str) -> list[Airport]:
    """Find the airports whose name begins so, in the order of their names."""
    return session.query(Airport).where(Airport.name.startswith(prefix)).order_by(Airport.name).all()


def with_codes(session: Session, codes: Iterable[str]) -> list[Airport]:
    """Find the airports with one of these IATA codes: those between the first and the last are read."""
    return session.query(Airport).where(Airport.iata.in_(codes)).scans("allow").all()


def without_code(session: Session, country: str) -> list[Airport]:
    """Find the airports of a country that have no IATA code."""
    without = Airport.iata == None  # noqa: E711 - an expression: the field is null
    return session.query(Airport).where(Airport.country == f"country:{country}", without).all()


def highest(session: Session, count: int) -> list[Airport]:
    """Find the highest airports, the highest first."""
    return session.query(Airport).order_by(Airport.elevation.desc()).limit(count).all()


def per_country(session: Session) -> dict[str, int]:
    """Count the airports of each country, on the server."""
    return {row.key: row.value for row in session.view(AirportViews.per_country).group()}


def show(question: str, found: list[Airport], names: Mapping[str, str], *, lines: int = 5) -> None:
    """Print a question, the number of answers, and the first of them."""
    print(f"\n{question}: {len(found)}")
    for airport in found[:lines]:
        country = names.get(airport.country, airport.country)
        codes = f"{airport.icao:5}{airport.iata or '-':5}"
        print(f"  {codes}{airport.elevation:>9.0f} ft  {airport.name}, {country}")


def main(url: str) -> None:
    """Load, ask, print."""
    with connect(url) as client:
        database = fresh_database(client)
        load(database)
        report(database)


def report(database: Database) -> None:
    """Ask every question and print the answers."""
    with database.session() as session:
        names = {country.id: country.name for country in session.query(Country)}
        show("Between 14,000 and 15,000 ft", between(session, 14_000, 15_000), names)
        show("Named San ...", named(session, "San "), names)
        show("With one of five codes", with_codes(session, ["AMS", "BRU", "JFK", "NRT", "SYD"]), names)
        show("In Belgium, without a code", without_code(session, "BE"), names)
        show("The ten highest", highest(session, 10), names, lines=10)
        counts = per_country(session)
    print(f"\nAirports in {len(counts)} countries, most in:")
    for country, count in sorted(counts.items(), key=lambda item: -item[1])[:5]:
        print(f"  {count:6}  {names.get(country, country)}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "memory:")
