"""Attachments, as a CouchDB 3.5.0 answers; the revision ids are those that it gives."""

import base64
import gzip
import hashlib

import pytest

from couchmapper import jsonio

PNG = {"Content-Type": "image/png"}
TEXT = {"Content-Type": "text/plain"}
GZIP = {"Accept-Encoding": "gzip"}
BULK = "/shop/_bulk_docs"
MISSING = "Document is missing attachment"
ALIKE = bytes.fromhex(  # with one bit in six bytes changed, its MD5 digest is the same
    "d131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f89"
    "55ad340609f4b30283e488832571415a085125e8f7cdc99fd91dbdf280373c5b"
    "d8823e3156348f5bae6dacd436c919c6dd53e2b487da03fd02396306d248cda0"
    "e99f33420f577ee8ce54b67080a80d1ec69821bcb6a8839396f9652b6ff72a70"
)


def inline(content: bytes = b"x", content_type: str = "image/png", **more) -> dict:
    return {"content_type": content_type, "data": base64.b64encode(content).decode(), **more}


def attached(**attachments) -> dict:
    return {"_attachments": attachments}


def put(ask, name="p", content=b"x", headers=PNG, **query) -> str:
    answer = ask("PUT", f"/shop/a/{name}", text=content, headers=headers, **query)
    assert answer.status == 201, answer.body
    return answer.json()["rev"]


def error_of(answer) -> tuple[int, str, str]:
    return answer.status, answer.json()["error"], answer.json()["reason"]


def stubs(ask, path="/shop/a", **query) -> dict:
    return ask("GET", path, **query).json().get("_attachments", {})


def replicate(ask, rev: str, *before: str, id: str = "a", **attachments):
    start, digest = rev.split("-")
    history = {"_revisions": {"start": int(start), "ids": [digest, *before]}}
    document = {"_id": id, "_rev": rev, **history, **attached(**attachments)}
    return ask("POST", BULK, {"docs": [document], "new_edits": False})


# Inside documents.


def test_a_document_shows_stubs_in_its_order(ask):
    given = {"z.txt": inline(b"hello" * 20, "text/plain"), "a.png": inline(b"PNG"), "n": {"data": ""}}
    ask("PUT", "/shop/a", {"x": 1, "_attachments": given})

    assert ask("GET", "/shop/a").body == (
        b'{"_id":"a","_rev":"1-511a65f695f22ee9af0beece9e31d89e","x":1,"_attachments":{"z.txt":{"content_type":'
        b'"text/plain","revpos":1,"digest":"md5-pprLlQN/rKaU1DGKdGx8dg==","length":100,"stub":true},"a.png":{'
        b'"content_type":"image/png","revpos":1,"digest":"md5-VVBbooGwFewx8DzLFRsqNA==","length":3,"stub":true},'
        b'"n":{"content_type":"application/octet-stream","revpos":1,"digest":"md5-1B2M2Y8AsgTpgAmY7PhCfg==",'
        b'"length":0,"stub":true}}}\n'
    )


def test_equal_edits_make_the_revisions_that_couchdb_makes(ask):
    first = ask("PUT", "/shop/a", attached(p=inline())).json()["rev"]
    second = ask("PUT", "/shop/a", {"_rev": first, "_deleted": True, **attached(p={"stub": True})})

    assert first == "1-bdcdd63e3a0ad14d6829a45cb5940a5a"
    assert second.json()["rev"] == "2-70c3a298dbf667e92b72d116166f05a6"


def test_what_is_left_out_is_removed_and_stubs_stay(ask):
    rev = ask("PUT", "/shop/a", attached(p=inline(), q=inline(b"q"))).json()["rev"]

    ask("PUT", "/shop/a", {"_rev": rev, **attached(r=inline(b"r"), q={"stub": True})})

    assert {name: stub["revpos"] for name, stub in stubs(ask).items()} == {"r": 2, "q": 1}
    assert list(stubs(ask)) == ["r", "q"]
    assert error_of(ask("GET", "/shop/a/p")) == (404, "not_found", MISSING)
    assert ask("GET", "/shop/a/p", rev=rev).body == b"x"


@pytest.mark.parametrize("stub", [{}, {"revpos": 7}, {"revpos": 0}])
def test_a_stub_of_nothing_fails_the_whole_request(ask, stub):
    rev = ask("PUT", "/shop/a", attached(q=inline())).json()["rev"]
    name = "p" if not stub else "q"
    edit = {"_id": "a", "_rev": rev, **attached(**{name: {"stub": True, **stub}})}

    answer = ask("POST", BULK, {"docs": [{"_id": "b"}, edit]})

    assert error_of(answer) == (412, "missing_stub", f"Invalid attachment stub in a for {name}")
    assert ask("GET", "/shop/b").status == 404


def test_a_conflict_comes_before_a_missing_stub(ask):
    ask("PUT", "/shop/a", {})

    assert ask("PUT", "/shop/a", {"_rev": "1-abc", **attached(p={"stub": True})}).status == 409


def test_a_document_made_anew_has_nothing_to_keep(ask):
    rev = ask("PUT", "/shop/a", {"_deleted": True, **attached(p=inline())}).json()["rev"]

    assert ask("PUT", "/shop/a", attached(p={"stub": True})).status == 412
    assert ask("GET", "/shop/a/p", rev=rev).body == b"x"
    assert error_of(ask("GET", "/shop/a/p")) == (404, "not_found", "deleted")
    ask("PUT", "/shop/a", attached(q=inline()))
    assert stubs(ask)["q"]["revpos"] == 1


def test_bad_attachments_fail_the_whole_request(ask):
    answer = ask("POST", BULK, {"docs": [{"_id": "b"}, {"_id": "a", **attached(p={"data": "!"})}]})

    assert error_of(answer) == (400, "bad_request", "Invalid attachment data for p")
    assert ask("GET", "/shop/b").status == 404


def test_a_local_document_has_none(ask):
    answer = ask("PUT", "/shop/_local/a", attached(p=inline()))

    assert error_of(answer) == (400, "bad_request", "_local documents do not accept attachments.")


def test_revisions_from_elsewhere_say_of_what_generation_attachments_are(ask):
    replicate(ask, "3-c", "b", "a", p=inline(revpos=2), q=inline())

    assert {name: stub["revpos"] for name, stub in stubs(ask).items()} == {"p": 2, "q": 0}


def test_revisions_from_elsewhere_keep_those_of_the_nearest_that_is_stored(ask):
    replicate(ask, "3-c", "b", "a", p=inline(revpos=2))

    assert replicate(ask, "6-f", "e", "d", "c", p={"stub": True, "revpos": 2}).json() == []
    assert ask("GET", "/shop/a/p").body == b"x"
    assert replicate(ask, "7-g", "f", p={"stub": True, "revpos": 3}).status == 412
    assert replicate(ask, "1-x", id="b", p={"stub": True}).status == 412


def test_a_revision_can_keep_what_the_same_request_brings(ask):
    first = {"_id": "a", "_rev": "1-a", **attached(p=inline(revpos=1))}
    second = {"_id": "a", "_rev": "2-b", "_revisions": {"start": 2, "ids": ["b", "a"]}}
    second |= attached(p={"stub": True, "revpos": 1})

    assert ask("POST", BULK, {"docs": [first, second], "new_edits": False}).json() == []
    assert (ask("GET", "/shop/a").json()["_rev"], ask("GET", "/shop/a/p").body) == ("2-b", b"x")


def test_what_is_known_of_a_revision_is_not_replaced(ask):
    replicate(ask, "1-a", p=inline(revpos=1))

    assert replicate(ask, "1-a", p=inline(b"other"), z={"stub": True}).json() == []
    assert ask("GET", "/shop/a/p").body == b"x"


# Where documents are shown.


def test_data_are_shown_where_they_are_asked_for(ask):
    ask("PUT", "/shop/a", attached(p=inline(b"text", "text/plain")))
    views = {"views": {"v": {"map": "function(doc) { emit(1, doc._attachments.p.length) }"}}}
    ask("PUT", "/shop/_design/d", views)
    paths = {
        "/shop/_all_docs": lambda answer: answer["rows"][-1]["doc"],
        "/shop/_design/d/_view/v": lambda answer: answer["rows"][0]["doc"],
        "/shop/_changes": lambda answer: answer["results"][0]["doc"],
        "/shop/a": lambda answer: answer,
    }
    for path, document in paths.items():
        plain, data, info = (
            document(ask("GET", path, include_docs="true", **asked).json())["_attachments"]["p"]
            for asked in ({}, {"attachments": "true"}, {"att_encoding_info": "true"})
        )
        assert (plain["length"], plain["stub"], "encoding" in plain) == (4, True, False), path
        assert (data["data"], "stub" in data) == ("dGV4dA==", False), path
        assert (info["encoding"], info["encoded_length"]) == ("gzip", 24), path


def test_searches_and_maps_see_stubs(ask):
    ask("PUT", "/shop/a", attached(p=inline()))
    ask(
        "PUT",
        "/shop/_design/d",
        {"views": {"v": {"map": "function(d) { emit(1, d._attachments.p.revpos) }"}}},
    )

    (found,) = ask("POST", "/shop/_find", {"selector": {"_attachments.p.length": 1}}).json()["docs"]
    (row,) = ask("GET", "/shop/_design/d/_view/v").json()["rows"]

    assert found["_attachments"] == stubs(ask)
    assert row["value"] == 1


def test_only_attachments_that_are_newer_have_data(ask):
    first = put(ask, "p")
    second = put(ask, "q", rev=first)
    newer = {"p": False, "q": True}
    asked = {"docs": [{"id": "a", "atts_since": [first]}]}

    def shown(document: dict) -> dict:
        return {name: "data" in stub for name, stub in document["_attachments"].items()}

    since = jsonio.dumps([first]).decode()
    assert shown(ask("GET", "/shop/a", atts_since=since).json()) == newer
    assert shown(ask("GET", "/shop/a", atts_since=since, rev=second).json()) == newer
    assert shown(ask("GET", "/shop/a", atts_since=since, open_revs="all").json()[0]["ok"]) == newer
    assert shown(ask("POST", "/shop/_bulk_get", asked).json()["results"][0]["docs"][0]["ok"]) == newer
    assert shown(ask("GET", "/shop/a", atts_since="[]").json()) == {"p": True, "q": True}
    assert shown(ask("GET", "/shop/a", atts_since=f'["{second}"]').json()) == {"p": False, "q": False}


@pytest.mark.parametrize(
    ("since", "reason"),
    [("x", "invalid UTF-8 JSON"), ("1", "Invalid list of revisions"), ("[1]", "Invalid rev format")],
)
def test_revisions_that_somebody_has_are_revisions(ask, since, reason):
    put(ask)

    assert error_of(ask("GET", "/shop/a", atts_since=since)) == (400, "bad_request", reason)


def test_validation_functions_see_what_is_to_be_stored(ask):
    rev = ask("PUT", "/shop/a", attached(p=inline())).json()["rev"]
    source = "function(doc, old) { throw({forbidden: JSON.stringify([doc._attachments, old._attachments])}) }"
    ask("PUT", "/shop/_design/d", {"validate_doc_update": source})

    refused = ask("PUT", "/shop/a", {"_rev": rev, **attached(p={"stub": True}, q=inline(b"qq"))})
    new, old = jsonio.loads(refused.json()["reason"])

    assert refused.status == 403
    assert new["p"] == old["p"] == stubs(ask)["p"]
    assert new["q"] == {"content_type": "image/png", "revpos": 0, "length": 2, "stub": True}


def test_an_index_leaves_the_attachments_of_its_design_document(ask):
    put_index = {"index": {"fields": ["a"]}, "ddoc": "d", "name": "a"}
    ask("POST", "/shop/_index", put_index)
    rev = ask("GET", "/shop/_design/d").json()["_rev"]
    ask("PUT", "/shop/_design/d/p", text=b"x", headers=PNG, rev=rev)

    ask("POST", "/shop/_index", {**put_index, "name": "b", "index": {"fields": ["b"]}})

    assert ask("GET", "/shop/_design/d/p").body == b"x"


# One at a time.


def test_new_attachments_come_first(ask):
    rev = put(ask, "p")
    rev = put(ask, "q", rev=rev)
    put(ask, "p", b"new", headers={"If-Match": rev, **PNG})

    assert [(name, stub["revpos"]) for name, stub in stubs(ask).items()] == [("p", 3), ("q", 2)]


def test_the_rest_of_the_document_stays(ask):
    body = {"z": 1.0, "a": 12345678901234567890, "é": [None, {}]}
    rev = ask("PUT", "/shop/a", body).json()["rev"]

    rev = put(ask, rev=rev)
    ask("DELETE", "/shop/a/p", rev=rev)

    assert ask("GET", "/shop/a").body.endswith(',"z":1.0,"a":12345678901234567890,"é":[null,{}]}\n'.encode())


def test_an_attachment_has_a_type_of_its_own_or_that_of_bytes(ask):
    put(ask, headers={})

    assert stubs(ask)["p"]["content_type"] == "application/octet-stream"
    assert ask("GET", "/shop/a/p").headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({}, (409, "conflict", "Document update conflict.")),
        ({"rev": "1-abc"}, (409, "not_found", "missing_rev")),
        ({"rev": "abc"}, (400, "bad_request", "Invalid rev format")),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_document_is_changed_under_its_current_revision(ask, method, query, told):
    put(ask)

    assert error_of(ask(method, "/shop/a/p", text=b"", headers=PNG, **query)) == told


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/shop/a/_x", (400, "bad_request", "Attachment name '_x' starts with prohibited character '_'")),
        ("/shop/_a/x", (400, "illegal_docid", "Only reserved document ids may start with underscore.")),
        ("/zoo/a/x", (404, "not_found", "Database does not exist.")),
    ],
)
def test_a_place_where_none_can_be_is_refused(ask, path, told):
    assert error_of(ask("PUT", path, text=b"x", headers=PNG)) == told


def test_what_is_not_there_is_missing(ask):
    rev = put(ask)

    for method in ("GET", "DELETE"):
        assert error_of(ask(method, "/shop/b/p")) == (404, "not_found", "missing")
        assert error_of(ask(method, "/shop/a/none")) == (404, "not_found", MISSING)
    assert error_of(ask("DELETE", "/shop/a/none", rev=rev)) == (404, "not_found", MISSING)
    assert error_of(ask("GET", "/shop/a/p", rev="1-abc")) == (404, "not_found", "missing")


def test_other_methods_are_not_allowed(ask):
    answer = ask("POST", "/shop/a/p", {})

    assert (answer.status, answer.headers["allow"]) == (405, "DELETE,GET,HEAD,PUT")


def test_text_is_sent_as_gzip_to_who_takes_it(ask):
    put(ask, content=b"text", headers=TEXT)

    plain, packed = ask("GET", "/shop/a/p", headers={}), ask("GET", "/shop/a/p", headers=GZIP)
    digest = base64.b64encode(hashlib.md5(packed.body, usedforsecurity=False).digest()).decode()

    assert (plain.body, gzip.decompress(packed.body)) == (b"text", b"text")
    assert (plain.headers["accept-ranges"], plain.headers["content-length"]) == ("none", "4")
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.headers["etag"] == packed.headers["etag"] == f'"{digest}"'


def test_gzip_that_was_sent_is_kept(ask):
    packed = gzip.compress(b"hello" * 10)
    put(ask, content=packed, headers={**PNG, "Content-Encoding": "gzip"})

    assert ask("GET", "/shop/a/p", headers={}).body == b"hello" * 10
    assert ask("GET", "/shop/a/p", headers=GZIP).body == packed
    assert (stubs(ask)["p"]["length"], stubs(ask, att_encoding_info="true")["p"]["encoding"]) == (
        len(packed),
        "gzip",
    )


@pytest.mark.parametrize(("encoding", "status"), [("gzip", 400), ("deflate", 415)])
def test_another_encoding_or_none_is_refused(ask, encoding, status):
    answer = ask("PUT", "/shop/a/p", text=b"no gzip", headers={**PNG, "Content-Encoding": encoding})

    assert answer.status == status
    assert ask("GET", "/shop/a").status == 404


@pytest.mark.parametrize(
    ("given", "status"), [("{}", 304), ('"x", {}', 304), ("W/{}", 304), ("*", 200), ('"x"', 200)]
)
def test_what_somebody_has_is_not_sent(ask, given, status):
    put(ask)
    tag = ask("HEAD", "/shop/a/p").headers["etag"]

    assert ask("GET", "/shop/a/p", headers={"If-None-Match": given.format(tag)}).status == status


def test_ranges_are_parts(ask):
    put(ask, content=b"0123456789")

    one = ask("GET", "/shop/a/p", headers={"Range": "bytes=2-4"})
    two = ask("GET", "/shop/a/p", headers={"Range": "bytes=0-1,3-4"})

    assert (one.status, one.body, one.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    assert (two.status, two.body.count(b"Content-Range: bytes ")) == (206, 2)
    assert ask("GET", "/shop/a/p", headers={"Range": "bytes=10-"}).status == 416


def test_a_head_tells_what_a_get_would_send(ask):
    put(ask, content=b"0123456789")

    assert (ask("HEAD", "/shop/a/p").body, ask("HEAD", "/shop/a/p").headers) == (
        b"",
        ask("GET", "/shop/a/p").headers,
    )


def test_equal_bytes_count_once_for_the_size_of_a_database(ask):
    def size() -> int:
        return ask("GET", "/shop").json()["sizes"]["active"]

    rev = put(ask, content=b"x" * 1000)
    once = size()
    put(ask, "q", b"x" * 1000, rev=rev)

    assert once > 1000
    assert size() < once + 100


def test_other_bytes_with_an_equal_digest_are_refused(ask):
    other = bytes(
        byte ^ 0x80 if place in {19, 45, 59, 83, 109, 123} else byte for place, byte in enumerate(ALIKE)
    )
    rev = put(ask, content=ALIKE)

    answer = ask("PUT", "/shop/a/q", text=other, headers=PNG, rev=rev)

    assert (
        hashlib.md5(other, usedforsecurity=False).digest()
        == hashlib.md5(ALIKE, usedforsecurity=False).digest()
    )
    assert answer.status == 400
    assert ask("GET", "/shop/a/p").body == ALIKE
