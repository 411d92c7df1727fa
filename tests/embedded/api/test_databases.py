import pytest


def test_a_database_is_made_once(ask):
    assert (ask("PUT", "/zoo").status, ask("PUT", "/zoo").status) == (201, 412)
    assert ask("PUT", "/zoo").json() == {
        "error": "file_exists",
        "reason": "The database could not be created, the file already exists.",
    }


def test_a_new_database_is_empty(ask):
    told = ask("GET", "/shop").json()

    assert told["db_name"] == "shop"
    assert (told["doc_count"], told["doc_del_count"]) == (0, 0)
    assert told["update_seq"].startswith("0-")


def test_documents_are_counted(ask):
    first = ask("PUT", "/shop/a", {}).json()["rev"]
    ask("PUT", "/shop/b", {})
    ask("DELETE", "/shop/a", rev=first)

    told = ask("GET", "/shop").json()

    assert (told["doc_count"], told["doc_del_count"]) == (1, 1)
    assert told["update_seq"].startswith("3-")


def test_a_conflict_does_not_count_as_a_document(ask):
    docs = [{"_id": "a", "_rev": "1-x"}, {"_id": "a", "_rev": "1-y"}]
    ask("POST", "/shop/_bulk_docs", {"docs": docs, "new_edits": False})

    assert ask("GET", "/shop").json()["doc_count"] == 1


def test_a_deleted_database_is_gone_with_its_documents(ask):
    ask("PUT", "/shop/a", {})

    assert ask("DELETE", "/shop").json() == {"ok": True}
    assert ask("GET", "/shop/a").json() == {"error": "not_found", "reason": "Database does not exist."}
    ask("PUT", "/shop")
    assert ask("GET", "/shop/a").json()["reason"] == "missing"


def test_deleting_a_database_with_a_revision_is_a_mistake(ask):
    answer = ask("DELETE", "/shop", rev="1-a")

    assert (answer.status, ask("GET", "/shop").status) == (400, 200)
    assert "Did you mean to DELETE a document instead?" in answer.json()["reason"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_a_missing_database_is_not_found(ask, method: str):
    assert ask(method, "/zoo").status == 404


@pytest.mark.parametrize(
    ("name", "query", "error"),
    [
        ("/Zoo", {}, "illegal_database_name"),
        ("/" + "a" * 239, {}, "database_name_too_long"),
        ("/zoo", {"q": "0"}, "bad_request"),
        ("/zoo", {"n": "abc"}, "bad_request"),
        ("/zoo", {"partitioned": "maybe"}, "bad_request"),
    ],
)
def test_a_database_that_cannot_be_made_is_refused(ask, name: str, query: dict[str, str], error: str):
    answer = ask("PUT", name, **query)

    assert (answer.status, answer.json()["error"]) == (400, error)


def test_a_database_says_whether_it_is_partitioned(ask):
    ask("PUT", "/zoo", partitioned="true")

    assert [ask("GET", name).json()["props"] for name in ("/zoo", "/shop")] == [{"partitioned": True}, {}]


@pytest.mark.parametrize("method", ["_purge", "_security", "_compact", "_revs_limit"])
def test_what_has_no_answer_says_its_name(ask, method: str):
    answer = ask("POST", f"/shop/{method}", {})

    assert answer.status == 501
    assert method in answer.json()["reason"]
