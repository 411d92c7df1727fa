"""The changes feed, as a CouchDB 3.5.0 answers."""

import pytest

from couchmapper.exceptions import TransportTimeout


@pytest.fixture
def shop(ask):
    """A database with the changes d (a design document), a, b, gone (a tombstone), c (with a conflict)."""
    for document in (
        {"_id": "_design/d", "n": 0},
        {"_id": "a", "n": 1},
        {"_id": "b", "n": 2},
        {"_id": "gone", "_deleted": True, "n": 9},
    ):
        ask("POST", "/shop", document)
    leaves = [
        {"_id": "c", "_rev": "1-f", "n": 3},
        {"_id": "c", "_rev": "1-e"},
        {"_id": "c", "_rev": "3-x", "_deleted": True},
    ]
    ask("POST", "/shop/_bulk_docs", {"docs": leaves, "new_edits": False})
    return ask


def feed(ask, **query: str) -> dict:
    return ask("GET", "/shop/_changes", **query).json()


def ids(answer: dict) -> list[str]:
    return [row["id"] for row in answer["results"]]


def number(sequence: str) -> int:
    return int(sequence.partition("-")[0])


def test_each_document_comes_once_in_the_order_of_change(shop):
    shop("PUT", "/shop/a", {"n": 7}, rev=shop("GET", "/shop/a").json()["_rev"])

    answer = feed(shop)

    assert ids(answer) == ["_design/d", "b", "gone", "c", "a"]
    assert [number(row["seq"]) for row in answer["results"]] == [1, 3, 4, 5, 6]
    assert (number(answer["last_seq"]), answer["pending"]) == (6, 0)


def test_a_row_names_the_winner_and_says_whether_it_is_deleted(shop):
    *_, gone, c = feed(shop)["results"]

    assert gone["deleted"] is True
    assert (c["changes"], "deleted" in c) == ([{"rev": "1-f"}], False)


def test_all_leaves_documents_and_conflicts_are_shown_on_demand(shop):
    answer = feed(shop, style="all_docs", include_docs="true", conflicts="true")

    c = answer["results"][-1]
    assert c["changes"] == [{"rev": "1-f"}, {"rev": "1-e"}, {"rev": "3-x"}]
    assert c["doc"] == {"_id": "c", "_rev": "1-f", "n": 3, "_conflicts": ["1-e"]}
    assert answer["results"][3]["doc"]["_deleted"] is True


def test_a_feed_goes_on_where_it_was_left(shop):
    first = feed(shop, limit="2")
    second = feed(shop, since=first["last_seq"])

    assert (ids(first), first["pending"]) == (["_design/d", "a"], 3)
    assert (ids(second), second["pending"]) == (["b", "gone", "c"], 0)
    assert ids(feed(shop, since=second["last_seq"])) == []


def test_the_sequence_of_an_earlier_database_of_the_name_means_its_beginning(shop):
    last = feed(shop)["last_seq"]
    shop("DELETE", "/shop")
    shop("PUT", "/shop")
    shop("PUT", "/shop/new", {})

    assert ids(feed(shop, since=last)) == ["new"]


def test_now_is_after_everything(shop):
    answer = feed(shop, since="now")

    assert (ids(answer), number(answer["last_seq"])) == ([], 5)


def test_a_limit_of_nothing_stays_where_it_is(shop):
    answer = feed(shop, limit="0")

    assert (ids(answer), number(answer["last_seq"]), answer["pending"]) == ([], 0, 5)


def test_a_feed_can_come_from_the_newest_back(shop):
    answer = feed(shop, descending="true", limit="2", since="now")

    assert (ids(answer), number(answer["last_seq"]), answer["pending"]) == (["c", "gone"], 4, 3)
    assert ids(feed(shop, descending="true")) == ["c", "gone", "b", "a", "_design/d"]


def test_sequences_can_be_left_out_of_some_rows(shop):
    rows = feed(shop, seq_interval="2")["results"]

    assert [row["seq"] is None for row in rows] == [False, True, False, True, False]


def test_documents_can_be_chosen_by_id(shop):
    answer = shop("POST", "/shop/_changes", {"doc_ids": ["c", "a", "zz", 5]}, filter="_doc_ids").json()

    assert ids(answer) == ["a", "c"]
    assert ids(feed(shop, filter="_doc_ids", doc_ids='["b"]')) == ["b"]


@pytest.mark.parametrize(
    ("selector", "found"),
    [({"n": {"$gt": 2}}, ["gone", "c"]), ({"_deleted": True}, ["gone"]), ({"_id": "a"}, ["a"])],
)
def test_documents_can_be_chosen_by_a_selector(shop, selector: dict, found: list[str]):
    assert ids(shop("POST", "/shop/_changes", {"selector": selector}, filter="_selector").json()) == found


def test_a_limit_counts_what_passes_the_filter(shop):
    body = {"selector": {"n": {"$gt": 1}}}

    answer = shop("POST", "/shop/_changes", body, filter="_selector", limit="2").json()

    assert (ids(answer), answer["pending"]) == (["b", "gone"], 1)


def test_design_documents_can_be_chosen(shop):
    assert ids(feed(shop, filter="_design")) == ["_design/d"]


def test_a_body_without_a_filter_is_not_looked_at(shop):
    assert len(shop("POST", "/shop/_changes", {"limit": 1}).json()["results"]) == 5


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"since": "5-garbage"}, "Malformed sequence supplied in 'since' parameter."),
        ({"since": "3"}, "Malformed sequence supplied in 'since' parameter."),
        ({"feed": "foo"}, "Supported `feed` types: normal, continuous, live, longpoll, eventsource"),
        ({"filter": "_foo"}, "unknown builtin filter name"),
        ({"filter": "foo"}, "`filter` must be of the form `designname/filtername`"),
        ({"filter": "a/b/c"}, "`filter` must be of the form `designname/filtername`"),
        ({"filter": "_doc_ids"}, "`doc_ids` filter parameter is not a list of doc ids."),
        ({"filter": "_selector"}, "Selector must be specified in POST payload"),
        ({"heartbeat": "0"}, "The heartbeat value should be a positive integer (in milliseconds)."),
        (
            {"heartbeat": "abc"},
            "Invalid heartbeat value. Expecting a positive integer value (in milliseconds).",
        ),
        ({"limit": "abc"}, 'Invalid value for integer: "abc"'),
        ({"timeout": "-1"}, 'Invalid value for positive integer: "-1"'),
        ({"style": "foo"}, 'Invalid value for `style`: "foo"'),
    ],
)
def test_a_bad_parameter_is_refused(ask, query: dict[str, str], reason: str):
    answer = ask("GET", "/shop/_changes", **query)

    assert (answer.status, answer.json()["reason"]) == (400, reason)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "Selector error: expected a JSON object"),
        ({"selector": 5}, "Selector error: expected a JSON object"),
    ],
)
def test_a_bad_selector_is_refused(ask, body: dict, reason: str):
    answer = ask("POST", "/shop/_changes", body, filter="_selector")

    assert (answer.status, answer.json()["reason"]) == (400, reason)


def test_an_unknown_operator_is_refused(ask):
    answer = ask("POST", "/shop/_changes", {"selector": {"a": {"$foo": 1}}}, filter="_selector")

    assert (answer.status, answer.json()["error"]) == (400, "bad_request")


@pytest.mark.parametrize("query", [{"feed": "continuous"}, {"feed": "eventsource"}])
def test_what_has_no_answer_says_its_name(ask, query: dict[str, str]):
    answer = ask("GET", "/shop/_changes", **query)

    assert answer.status == 501
    assert next(iter(query.values())) in answer.json()["reason"]


class TestLongPoll:
    def test_what_is_there_is_told_at_once(self, shop):
        assert ids(feed(shop, feed="longpoll", limit="1")) == ["_design/d"]

    def test_nothing_is_told_when_the_time_is_up(self, shop):
        answer = feed(shop, feed="longpoll", since="now", timeout="10")

        assert (ids(answer), number(answer["last_seq"])) == ([], 5)

    def test_a_client_with_less_time_gets_no_answer(self, shop):
        with pytest.raises(TransportTimeout, match="no change within"):
            shop("GET", "/shop/_changes", feed="longpoll", since="now", patience=0.01)
