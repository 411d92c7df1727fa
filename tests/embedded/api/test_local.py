def test_a_local_document_has_a_counter_for_a_revision(ask):
    assert ask("PUT", "/shop/_local/a", {"x": 1}).json() == {"ok": True, "id": "_local/a", "rev": "0-1"}
    assert ask("PUT", "/shop/_local/a", {"_rev": "0-1", "x": 2}).json()["rev"] == "0-2"
    assert ask("GET", "/shop/_local/a").json() == {"_id": "_local/a", "_rev": "0-2", "x": 2}


def test_a_local_document_never_conflicts(ask):
    ask("PUT", "/shop/_local/a", {"x": 1})

    assert ask("PUT", "/shop/_local/a", {"x": 2}).json()["rev"] == "0-1"
    assert ask("PUT", "/shop/_local/a", {"_rev": "0-9", "x": 3}).json()["rev"] == "0-10"


def test_a_local_document_is_in_no_list_and_no_feed(ask):
    ask("PUT", "/shop/_local/a", {})

    assert ask("GET", "/shop/_all_docs").json()["rows"] == []
    assert ask("GET", "/shop/_changes").json()["results"] == []


def test_a_deleted_local_document_leaves_nothing(ask):
    ask("PUT", "/shop/_local/a", {})

    assert ask("DELETE", "/shop/_local/a").json() == {"ok": True, "id": "_local/a", "rev": "0-0"}
    assert ask("GET", "/shop/_local/a").json() == {"error": "not_found", "reason": "missing"}
    assert ask("DELETE", "/shop/_local/a").status == 404


def test_a_local_document_has_one_revision_to_show(ask):
    ask("PUT", "/shop/_local/a", {}, rev="0-4")

    assert ask("GET", "/shop/_local/a", revs="true").json()["_revisions"] == {"start": 0, "ids": ["5"]}
    assert ask("GET", "/shop/_local/a", rev="0-5").status == 404


def test_a_revision_of_another_kind_is_refused(ask):
    assert ask("PUT", "/shop/_local/a", {"_rev": "5-9"}).json()["reason"] == "Invalid rev format"


def test_a_local_document_has_a_name_and_no_attachments(ask):
    assert ask("GET", "/shop/_local").json()["reason"] == "Invalid _local document id."
    assert "do not accept attachments" in ask("PUT", "/shop/_local/a/b", {}).json()["reason"]
