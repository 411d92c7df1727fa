import pytest

from couchmapper.messages import Request


def test_the_root_says_who_answers(ask):
    told = ask("GET", "/").json()

    assert told["couchdb"] == "Welcome"
    assert len(told["uuid"]) == 32
    assert told == ask("GET", "/").json()


def test_the_server_is_up(ask):
    assert ask("GET", "/_up").json() == {"status": "ok", "seeds": {}}


def test_all_databases_are_listed_by_name(ask):
    ask("PUT", "/bakery")
    ask("PUT", "/zoo")

    assert ask("GET", "/_all_dbs").json() == ["bakery", "shop", "zoo"]
    assert ask("GET", "/_all_dbs", startkey='"c"', limit="1").json() == ["shop"]
    assert ask("GET", "/_all_dbs", descending="true", skip="1", endkey='"shop"').json() == ["shop"]


def test_many_databases_are_described_at_once(ask):
    known, unknown, odd = ask("POST", "/_dbs_info", {"keys": ["shop", "zoo", 5]}).json()

    assert known["info"] == ask("GET", "/shop").json()
    assert unknown == {"key": "zoo", "error": "not_found"}
    assert odd == {"key": 5, "error": "not_found"}


def test_uuids_are_as_many_as_asked_for(ask):
    made = ask("GET", "/_uuids", count="3").json()["uuids"]

    assert len(set(made)) == 3
    assert len(ask("GET", "/_uuids").json()["uuids"]) == 1


@pytest.mark.parametrize(
    ("count", "reason"),
    [
        ("-1", "count must be a positive integer"),
        ("abc", "count must be a positive integer"),
        ("1001", "count parameter too large"),
    ],
)
def test_a_bad_count_is_refused(ask, count: str, reason: str):
    answer = ask("GET", "/_uuids", count=count)

    assert (answer.status, answer.json()) == (400, {"error": "bad_request", "reason": reason})


def test_whoever_can_open_the_store_is_its_admin(ask):
    assert ask("GET", "/_session").json()["userCtx"] == {"name": None, "roles": ["_admin"]}


@pytest.mark.parametrize("path", ["/_membership", "/_node/_local/_config", "/_replicate", "/_scheduler/jobs"])
def test_what_has_no_answer_says_its_name(ask, path: str):
    answer = ask("GET", path)

    assert answer.status == 501
    assert answer.json()["error"] == "not_implemented"
    assert path.split("/")[1] in answer.json()["reason"]


def test_what_couchdb_does_not_know_is_a_missing_database(ask):
    assert ask("GET", "/_foo").json() == {"error": "not_found", "reason": "Database does not exist."}


def test_a_wrong_method_is_told_the_right_ones(ask):
    answer = ask("DELETE", "/_all_dbs")

    assert answer.status == 405
    assert answer.headers["allow"] == "GET,HEAD"
    assert answer.json() == {"error": "method_not_allowed", "reason": "Only GET,HEAD allowed"}


def test_head_answers_as_get_without_a_body(transport):
    answer = transport.send(Request(method="HEAD", path=("_up",), route="/_up"))

    assert (answer.status, answer.body) == (200, b"")


def test_json_that_nests_without_end_is_refused(ask):
    answer = ask("PUT", "/shop/deep", text=b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}")

    assert answer.status == 400
