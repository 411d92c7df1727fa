import threading

import pytest

from couchmapper.auth.flights import Flights
from couchmapper.exceptions import ConnectionFailed


def nothing() -> str | None:
    return None


def test_the_first_makes_the_flight_and_the_others_board_it():
    flights: Flights[str] = Flights()

    flight, mine = flights.board(nothing)

    assert mine
    assert flights.board(nothing) == (flight, False)


def test_what_is_usable_makes_a_flight_needless():
    flights: Flights[str] = Flights()

    flight, mine = flights.board(lambda: "there")

    assert (flight.result(), mine) == ("there", False)
    assert flights.board(nothing)[1]


def test_those_on_board_get_the_value():
    flights: Flights[str] = Flights()
    flight, _ = flights.board(nothing)
    waiting, _ = flights.board(nothing)

    with flights.making(flight) as end:
        end("brought")

    assert waiting.result() == "brought"


def test_those_on_board_get_an_error_of_their_own_that_names_the_first():
    flights: Flights[str] = Flights()
    flight, _ = flights.board(nothing)
    waiting, _ = flights.board(nothing)
    with pytest.raises(ConnectionFailed) as first, flights.making(flight):
        raise ConnectionFailed("refused", sent=False)

    with pytest.raises(ConnectionFailed, match="refused") as second:
        waiting.result()

    assert second.value is not first.value
    assert second.value.__cause__ is first.value
    assert second.value.sent is False


def test_a_foreign_error_is_shared_as_it_is():
    flights: Flights[str] = Flights()
    flight, _ = flights.board(nothing)
    with pytest.raises(LookupError), flights.making(flight):
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        flight.result()


def test_an_interrupted_flight_brings_nothing():
    flights: Flights[str] = Flights()
    flight, _ = flights.board(nothing)
    with pytest.raises(KeyboardInterrupt), flights.making(flight):
        raise KeyboardInterrupt

    assert flight.result() is None


@pytest.mark.parametrize("error", [None, ConnectionFailed("refused"), KeyboardInterrupt()])
def test_after_the_end_the_next_makes_a_flight_of_its_own(error):
    flights: Flights[str] = Flights()
    flight, _ = flights.board(nothing)
    try:
        with flights.making(flight) as end:
            if error is not None:
                raise error
            end("brought")
    except (ConnectionFailed, KeyboardInterrupt):
        pass

    assert flights.board(nothing)[1]


def test_who_waits_wakes_when_the_flight_ends():
    flights: Flights[str] = Flights()
    flight, _ = flights.board(nothing)
    found: list[str | None] = []
    thread = threading.Thread(target=lambda: found.append(flight.result()))
    thread.start()

    with flights.making(flight) as end:
        end("brought")
    thread.join(20)

    assert found == ["brought"]


def test_a_forked_process_has_no_flight():
    flights: Flights[str] = Flights()
    flights.board(nothing)

    flights.forget()

    assert flights.board(nothing)[1]
