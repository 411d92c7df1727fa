"""Partitioned databases: answers that are CouchDB's to the letter, quirks included."""

import pytest

from couchmapper.embedded.transport import EmbeddedTransport
from couchmapper.messages import Request

MAP = "function (doc) { emit(doc.n, doc.n); }"
VIEWS = {
    "n": {"map": MAP},
    "count": {"map": MAP, "reduce": "_count"},
    "raw": {"map": MAP, "options": {"collation": "raw"}},
}


@pytest.fixture
def house(ask):
    """Ask an engine with a database of two rooms, `a` and `b`, of three things each."""
    ask("PUT", "/house", partitioned="true")
    things = [{"_id": f"{room}:{number}", "n": number} for room in "ab" for number in (1, 2, 3)]
    ask("POST", "/house/_bulk_docs", {"docs": things})
    ask("PUT", "/house/_design/d", {"views": VIEWS})
    ask("PUT", "/house/_design/all", {"views": VIEWS, "options": {"partitioned": False}})
    return ask


def ids(answer):
    return [row["id"] for row in answer.json()["rows"]]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/house/plain", None),
        ("PUT", "/house/plain", {}),
        ("PUT", "/house/plain/file", {}),
        ("DELETE", "/house/plain", None),
        ("POST", "/house", {}),
        ("POST", "/house", {"_id": "plain"}),
        ("POST", "/house/_bulk_docs", {"docs": [{"_id": "plain"}, {"_id": "a:9"}]}),
        ("POST", "/house/_bulk_docs", {"docs": [{"_id": "plain", "_rev": "1-a"}], "new_edits": False}),
        ("POST", "/house/_revs_diff", {"plain": ["1-a"]}),
        ("POST", "/house/_all_docs", {"keys": ["a:1", "plain"]}),
    ],
)
def test_an_id_without_a_partition_is_refused_everywhere(house, method, path, body):
    answer = house(method, path, body)

    assert answer.status == 400
    assert answer.json() == {"error": "illegal_docid", "reason": "Doc id must be of form partition:id"}
    assert house("GET", "/house/a:9").status == 404


def test_one_id_without_a_partition_does_not_spoil_a_bulk_get(house):
    answer = house(
        "POST", "/house/_bulk_get", {"docs": [{"id": "plain", "rev": "1-a"}, {"id": "a:1"}]}
    ).json()

    (refused,), (found,) = (result["docs"] for result in answer["results"])
    assert (refused["error"]["error"], refused["error"]["rev"]) == ("illegal_docid", None)
    assert found["ok"]["n"] == 1


def test_a_partition_is_counted(house):
    house("PUT", "/house/a:4", {"_deleted": True})

    told = house("GET", "/house/_partition/a").json()

    assert list(told) == ["db_name", "sizes", "partition", "doc_count", "doc_del_count"]
    assert (told["doc_count"], told["doc_del_count"]) == (3, 1)


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("/house/_partition", 400, "invalid_partition_req"),
        ("/house/_partition/_a", 400, "Partition must not start with an underscore"),
        ("/house/_partition/a:b/_all_docs", 400, "Partition must not contain a colon"),
        ("/house/_partition/a/nothing", 404, "missing"),
        ("/house/_partition/a/_design/d", 404, "missing"),
        ("/shop/_partition/a", 400, "database is not partitioned"),
        ("/shop/_partition/a/nothing", 400, "database is not partitioned"),
        ("/none/_partition/a", 404, "Database does not exist."),
    ],
)
def test_what_is_no_partition_is_told(house, path, status, reason):
    answer = house("GET", path)

    assert (answer.status, answer.json()["reason"]) == (status, reason)


def test_a_search_in_a_partition_has_no_answer_yet(house):
    assert house("GET", "/house/_partition/a/_design/d/_search/i", q="x").status == 501


@pytest.mark.parametrize(
    ("query", "found", "offset"),
    [
        ({}, ["b:1", "b:2", "b:3"], 5),
        ({"descending": "true", "limit": "1"}, ["b:3"], 0),
        ({"startkey": '"a:2"', "endkey": '"b:1"'}, ["b:1"], 5),
        ({"startkey": '"b:2"', "inclusive_end": "false", "endkey": '"b:3"'}, ["b:2"], 6),
        ({"key": '"a:1"'}, [], 5),
        ({"startkey": '"c"'}, [], 8),
        ({"skip": "2"}, ["b:3"], 7),
        ({"skip": "100"}, [], 8),
        ({"partition": "b", "limit": "1"}, ["b:1"], 5),
    ],
)
def test_a_list_of_a_partition_is_a_part_of_the_whole_list(house, query, found, offset):
    answer = house("GET", "/house/_partition/b/_all_docs", **query)

    assert (ids(answer), answer.json()["offset"], answer.json()["total_rows"]) == (found, offset, 8)


def test_keys_are_found_in_every_partition(house):
    assert ids(house("POST", "/house/_partition/a/_all_docs", {"keys": ["b:1"]})) == ["b:1"]


def test_a_list_is_asked_for_a_partition_by_a_parameter_too(house):
    assert ids(house("GET", "/house/_all_docs", partition="a")) == ["a:1", "a:2", "a:3"]
    assert ids(house("POST", "/house/_all_docs", {"partition": "a", "limit": 1})) == ["a:1"]
    assert ids(house("GET", "/house/_design_docs", partition="a")) == []


def test_the_path_and_the_query_string_name_one_partition(house):
    answer = house("GET", "/house/_partition/a/_all_docs", partition="b")

    assert answer.json()["reason"] == "Conflicting value for `partition` in query string"


@pytest.mark.parametrize("path", ["_all_docs", "_find"])
def test_a_database_without_partitions_cannot_be_asked_for_one(ask, path):
    answer = ask("POST", f"/shop/{path}", {"partition": "a", **({"selector": {}} if path == "_find" else {})})

    assert answer.json() == {
        "error": "query_parse_error",
        "reason": "`partition` parameter is not supported on this db",
    }


def test_a_view_has_the_rows_of_all_partitions_in_one_index(house):
    answer = house("GET", "/house/_partition/b/_design/d/_view/n", startkey="2").json()

    assert [row["id"] for row in answer["rows"]] == ["b:2", "b:3"]
    assert (answer["total_rows"], answer["offset"]) == (6, 4)
    assert house("GET", "/house/_design/d/_view/n", partition="b", startkey="2").json() == answer


@pytest.mark.parametrize(
    ("query", "offset"),
    [
        ({"skip": "1"}, 1),
        ({"skip": "100"}, 3),
        ({"descending": "true"}, 3),
        ({"keys": "[3,1]", "skip": "1"}, 0),
        ({"keys": "[3,1]", "skip": "9"}, 1),
        ({"keys": "[]"}, 0),
    ],
)
def test_an_offset_does_not_leave_the_partition(house, query, offset):
    assert house("GET", "/house/_partition/a/_design/d/_view/n", **query).json()["offset"] == offset


def test_rows_are_reduced_by_partition(house):
    def values(**query):
        rows = house("GET", "/house/_partition/a/_design/d/_view/count", **query).json()["rows"]
        return [(row["key"], row["value"]) for row in rows]

    assert values() == [(None, 3)]
    assert values(group="true", startkey="2") == [(2, 1), (3, 1)]
    assert values(group="true", keys="[1]") == [(1, 1)]
    assert values(group="true", keys="[1,2]") == []  # CouchDB's answer too


def test_raw_views_show_numbers_of_a_partition_only_between_bounds(house):
    path = "/house/_partition/a/_design/d/_view/raw"

    assert ids(house("GET", path)) == []
    assert ids(house("GET", path, startkey="2")) == ["a:2", "a:3"]
    assert house("GET", path, endkey="2").json()["error"] == "query_parse_error"


def test_views_are_of_partitions_or_of_the_database(house):
    global_query = house("GET", "/house/_design/d/_view/n").json()
    partition_query = house("GET", "/house/_partition/a/_design/all/_view/n").json()

    assert global_query["reason"] == "`partition` parameter is mandatory for queries to this view."
    assert partition_query["reason"] == "`partition` parameter is not supported in this design doc"
    assert len(ids(house("GET", "/house/_design/all/_view/n"))) == 6


def test_queries_name_a_partition_each_or_the_path_does(house):
    path = "/house{}/_design/d/_view/n/queries"
    apart = house(
        "POST", path.format(""), {"queries": [{"partition": "b", "limit": 1}, {"partition": "a"}]}
    ).json()
    inside = house("POST", path.format("/_partition/a"), {"queries": [{"limit": 1}]}).json()

    assert [len(result["rows"]) for result in apart["results"]] == [1, 3]
    assert inside["results"][0]["rows"][0]["id"] == "a:1"


@pytest.mark.parametrize(
    ("view", "options"),
    [
        ({"map": MAP, "reduce": "function (keys, values) { return 1; }"}, {}),
        ({"map": MAP}, {"include_design": True}),
    ],
    ids=["javascript", "design"],
)
def test_a_view_that_couchdb_cannot_build_is_refused_when_it_is_asked(house, view, options):
    design = {"views": {"n": view}, "options": options}
    assert house("PUT", "/house/_design/bad", design).status == 201

    answer = house("GET", "/house/_partition/a/_design/bad/_view/n")

    assert (answer.status, "options.partitioned" in answer.json()["reason"]) == (500, True)


def test_only_a_partitioned_database_has_views_that_insist_on_it(house):
    design = {"views": {"n": {"map": MAP}}, "options": {"partitioned": True}}

    assert house("PUT", "/house/_design/yes", design).status == 201
    assert house("PUT", "/shop/_design/yes", design).json()["error"] == "invalid_design_doc"


def test_an_index_is_of_partitions_unless_it_says_otherwise(house):
    for name, more in (("inner", {}), ("outer", {"partitioned": False})):
        house("POST", "/house/_index", {"index": {"fields": ["n"]}, "ddoc": name, "name": name, **more})
    house("POST", "/shop/_index", {"index": {"fields": ["n"]}, "ddoc": "plain", "name": "plain"})

    listed = {
        index["name"]: index.get("partitioned") for index in house("GET", "/house/_index").json()["indexes"]
    }

    assert listed == {"_all_docs": None, "inner": True, "outer": False}
    assert house("GET", "/shop/_index").json()["indexes"][1]["partitioned"] is False


def test_explain_tells_the_partition_and_the_scope(house):
    for name, more in (("inner", {}), ("outer", {"partitioned": False})):
        house("POST", "/house/_index", {"index": {"fields": ["n"]}, "ddoc": name, "name": name, **more})

    told = house("POST", "/house/_partition/a/_explain", {"selector": {"n": {"$gt": 1}}}).json()

    assert (told["partitioned"], told["opts"]["partition"], told["mrargs"]["partition"]) == (True, "a", "a")
    assert (told["index"]["name"], told["mrargs"]["start_key"]) == ("inner", [1])
    reasons = {
        one["index"]["name"]: one["analysis"]["reasons"][0]["name"] for one in told["index_candidates"]
    }
    assert reasons == {"outer": "scope_mismatch", "_all_docs": "unfavored_type"}


def test_a_bookmark_goes_on_within_the_partition(house):
    house("POST", "/house/_index", {"index": {"fields": ["n"]}, "ddoc": "i", "name": "i"})

    def page(selector, bookmark=None):
        body = {"selector": selector, "limit": 2, "bookmark": bookmark}
        answer = house("POST", "/house/_partition/a/_find", body).json()
        return [document["_id"] for document in answer["docs"]], answer["bookmark"]

    for selector in ({"n": {"$gt": 0}}, {}):
        first, bookmark = page(selector)
        assert (first, page(selector, bookmark)[0]) == (["a:1", "a:2"], ["a:3"])


def test_the_body_names_no_partition_beside_the_path(house):
    answer = house("POST", "/house/_partition/a/_find", {"selector": {}, "partition": "a"})

    assert (answer.status, answer.json()["error"]) == (400, "bad_partition")


def test_partitions_are_kept_in_a_file(tmp_path):
    for time in range(2):
        transport = EmbeddedTransport(str(tmp_path / "store.db"))

        def status(method, *path, transport=transport, **query):
            return transport.send(Request(method=method, path=path, route="", query=query, body=b"{}")).status

        if time == 0:
            status("PUT", "house", partitioned="true")
        assert (status("PUT", "house", "plain"), status("PUT", "house", f"a:{time}")) == (400, 201)
        transport.close()
