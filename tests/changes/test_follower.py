"""Changes come in batches, and none is left out."""

from couchmapper.changes.follower import ChangesFollower
from couchmapper.client import Database
from couchmapper.transport.mock import MockTransport, json_response


def follower(database: Database, **settings) -> ChangesFollower:
    settings = {"selector": {}, "since": "0", **settings}
    return ChangesFollower(changes=database.changes, **settings)


def put(database: Database, *numbers: int) -> None:
    database.bulk.docs([{"_id": str(number), "even": number % 2 == 0} for number in numbers])


def test_everything_so_far_comes_in_order(database: Database):
    put(database, *range(7))

    batches = list(follower(database, batch_size=3).catch_up())

    assert [len(batch.rows) for batch in batches] == [3, 3, 1]
    assert [row["id"] for batch in batches for row in batch.rows] == [str(number) for number in range(7)]


def test_changes_bring_their_documents(database: Database):
    put(database, 1)

    (batch,) = follower(database).catch_up()

    assert batch.rows[0]["doc"]["even"] is False


def test_only_the_chosen_documents_come(database: Database):
    put(database, *range(6))

    (batch,) = follower(database, selector={"even": True}).catch_up()

    assert [row["id"] for row in batch.rows] == ["0", "2", "4"]


def test_the_sequence_also_passes_what_the_filter_left_out(database: Database):
    put(database, 1, 3, 5)
    one = follower(database, selector={"even": True})

    (batch,) = one.catch_up()

    assert batch.rows == ()
    assert batch.last_seq == one.since == database.changes()["last_seq"]


def test_the_next_run_goes_on_from_the_sequence(database: Database):
    put(database, 1)
    one = follower(database)
    list(one.catch_up())
    put(database, 2)

    (batch,) = one.catch_up()

    assert [row["id"] for row in batch.rows] == ["2"]


def test_nothing_new_is_one_empty_batch(database: Database):
    (batch,) = follower(database).catch_up()

    assert batch.rows == ()


def test_waiting_ends_without_a_change(database: Database):
    assert follower(database, wait=0.01).next_batch().rows == ()


def test_waiting_brings_what_is_there(database: Database):
    put(database, 1)

    assert [row["id"] for row in follower(database).next_batch().rows] == ["1"]


def test_the_server_is_told_how_long_to_wait():
    transport = MockTransport(lambda _: json_response({"results": [], "last_seq": "0", "pending": 0}))

    follower(Database(transport, "shop"), wait=2.5).next_batch()

    (request,) = transport.requests
    assert request.query["feed"] == "longpoll"
    assert request.query["timeout"] == "2500"
    assert request.patience == 2.5
