"""Design documents, as a CouchDB 3.5.0 answers."""

from typing import Any

import pytest

MAP = {"map": "function (doc) { emit(doc._id); }"}


def put(ask, **members: Any):
    return ask("PUT", "/shop/_design/d", members)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"views": 5}, "`views` field must have object type"),
        ({"views": {"v": 5}}, "`views.v` field must have object type"),
        ({"views": {"v": {}}}, "View `v` must contain map function"),
        ({"views": {"v": {"map": 5}}}, "`views.v.map` field must have string type"),
        ({"views": {"v": {**MAP, "reduce": None}}}, "`views.v.reduce` field must have string type"),
        ({"views": {"v": {**MAP, "reduce": "_foo"}}}, "`_foo` is not a supported reduce function."),
        ({"views": {"lib": 5}}, "`views.lib` field must have object type"),
        ({"language": 5}, "`language` field must have string type"),
        ({"filters": {"f": 5}}, "`filters.f` field must have string or object type"),
        ({"rewrites": 5}, "`rewrites` field must have array or string type"),
        ({"options": {"local_seq": 1}}, "`options.local_seq` field must have boolean type"),
        (
            {"options": {"partitioned": True}},
            "partitioned option cannot be true in a non-partitioned database.",
        ),
        ({"language": "query", "views": {"v": MAP}}, "`views.v.map` field must have object type"),
    ],
)
def test_what_is_no_design_is_refused(ask, members: dict[str, Any], reason: str):
    answer = put(ask, **members)

    assert answer.status == 400
    assert answer.json() == {"error": "invalid_design_doc", "reason": reason}


@pytest.mark.parametrize("kind", ["map", "reduce"])
def test_what_does_not_compile_is_refused(ask, kind: str):
    answer = put(ask, views={"v": {**MAP, kind: "function (doc) {"}})

    assert (answer.status, answer.json()["error"]) == (400, "compilation_error")
    assert answer.json()["reason"].startswith(f"Compilation of the {kind} function in the 'v' view failed:")


def test_an_empty_function_is_missing(ask):
    assert put(ask, views={"v": {"map": ""}}).json() == {"error": "not_found", "reason": "missing function"}


@pytest.mark.parametrize(
    "members",
    [
        {"views": {}},
        {"filters": {"f": "not yet ("}},
        {"validate_doc_update": "broken ("},
        {"language": "erlang", "views": {"v": {"map": "fun(Doc) -> ok end."}}},
        {"views": {"lib": {"broken": "("}, "v": MAP}},
        {"anything": 5},
    ],
)
def test_what_is_only_looked_at_later_is_stored(ask, members: dict[str, Any]):
    assert put(ask, **members).status == 201


def test_a_bad_design_fails_alone_in_a_bulk_request(ask):
    results = ask(
        "POST", "/shop/_bulk_docs", {"docs": [{"_id": "_design/d", "views": 5}, {"_id": "a"}]}
    ).json()

    assert [one.get("error") for one in results] == ["invalid_design_doc", None]


def test_information_follows_the_indexes(ask):
    put(ask, views={"v": MAP})
    before = ask("GET", "/shop/_design/d/_info").json()
    ask("GET", "/shop/_design/d/_view/v")
    after = ask("GET", "/shop/_design/d/_info").json()

    assert before["name"] == "d"
    assert (before["view_index"]["update_seq"], after["view_index"]["update_seq"]) == (0, 1)
    assert before["view_index"]["signature"] == after["view_index"]["signature"]


def test_cleaning_up_deletes_only_what_nobody_uses(ask):
    put(ask, views={"v": MAP})
    ask("GET", "/shop/_design/d/_view/v")
    rev = ask("GET", "/shop/_design/d").json()["_rev"]
    put(ask, views={"v": {"map": "doc => emit(1)"}}, _rev=rev)
    ask("GET", "/shop/_design/d/_view/v")

    assert ask("POST", "/shop/_view_cleanup", {}).status == 202

    assert ask("GET", "/shop/_design/d/_info").json()["view_index"]["update_seq"] > 0
    rev = ask("GET", "/shop/_design/d").json()["_rev"]
    put(ask, views={"v": MAP}, _rev=rev)
    assert ask("GET", "/shop/_design/d/_info").json()["view_index"]["update_seq"] == 0
