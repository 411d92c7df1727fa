"""How far a hook has come is kept in the database."""

import pytest

from couchmapper.changes.checkpoints import Checkpoint
from couchmapper.client import Database
from couchmapper.exceptions import DatabaseNotFound
from couchmapper.transport.mock import MockTransport, json_response


def checkpoint(database: Database, name: str = "mailer") -> Checkpoint:
    return Checkpoint(database.local, name)


def test_a_hook_that_never_ran_begins_at_the_beginning(database: Database):
    assert checkpoint(database).read() == "0"


def test_another_run_goes_on_where_the_last_one_ended(database: Database):
    checkpoint(database).write("17-abc")

    assert checkpoint(database).read() == "17-abc"


def test_hooks_come_along_by_themselves(database: Database):
    checkpoint(database).write("17-abc")

    assert checkpoint(database, "invoicer").read() == "0"


@pytest.mark.parametrize("name", ["a/b", "Rechnung für alle", "x?y=z"])
def test_a_hook_may_have_any_name(database: Database, name: str):
    checkpoint(database, name).write("1")

    assert checkpoint(database, name).read() == "1"


def test_what_others_keep_in_the_document_stays(database: Database):
    database.local.put({"_id": "_local/couchmapper.hook.mailer", "note": "mine"})

    mailer = checkpoint(database)
    mailer.read()
    mailer.write("3")

    assert database.local.get("couchmapper.hook.mailer")["note"] == "mine"


def test_a_sequence_is_written_once():
    transport = MockTransport(lambda _: json_response({"ok": True, "id": "_local/x", "rev": "0-1"}))
    mailer = checkpoint(Database(transport, "shop"))

    mailer.write("3")
    mailer.write("3")
    mailer.write("4")

    assert [request.method for request in transport.requests] == ["PUT", "PUT"]


def test_a_missing_database_is_no_beginning():
    answer = json_response({"error": "not_found", "reason": "Database does not exist."}, status=404)

    with pytest.raises(DatabaseNotFound):
        checkpoint(Database(MockTransport(lambda _: answer), "shop")).read()
