"""Documents of every kind: ordinary, design, local; and what is attached to them."""

from tables.row import PREFERENCE, QUOTED, row

READING = {
    "rev": "1-x",
    "revs": True,
    "revs_info": True,
    "conflicts": True,
    "deleted_conflicts": True,
    "latest": True,
    "local_seq": True,
    "meta": True,
    "attachments": True,
    "att_encoding_info": True,
}
READING_TEXT = dict.fromkeys(READING, "true") | {"rev": "1-x"}
TAGGED = {"If-None-Match": '"1-x"'}
MATCHED = {"If-Match": '"1-x"'}
PLAIN = {"Content-Type": "application/json"}
UNTAGGED = {"header if-none-match": QUOTED}
UNMATCHED = {"header if-match": QUOTED}
NULLS = {"_id": "a/b", "none": None, "headers": {}, "self": 0}
WRITING = {"rev": "1-x", "if_match": "1-x", "new_edits": False, "batch": True}
WRITING_TEXT = {"rev": "1-x", "new_edits": "false", "batch": "ok"}
DESIGN = {"_id": "_design/d", "views": {"v": {"map": "function (doc) {}"}}}
PART = ("shop", "a/b")
OF_DESIGN = ("shop", "_design", "d")

DOCUMENTS = [
    row("db.documents.get", "a/b", if_none_match="1-x", **READING)
    .sends("GET", *PART, query=READING_TEXT, headers=TAGGED)
    .like("get_document", db="shop", doc_id="a/b", if_none_match="1-x", **READING, differs=UNTAGGED),
    row("db.documents.get", "a", attachments=True, atts_since=["1-x"]).sends(
        "GET", "shop", "a", query={"attachments": "true", "atts_since": '["1-x"]'}
    ),
    row("db.documents.leaves", "a").sends("GET", "shop", "a", query={"open_revs": "all"}),
    row("db.documents.leaves", "a", open_revs=["1-x"], revs=True, latest=True, attachments=True).sends(
        "GET",
        "shop",
        "a",
        query={"open_revs": '["1-x"]', "revs": "true", "latest": "true", "attachments": "true"},
    ),
    row("db.documents.head", "a/b", rev="1-x", latest=True, if_none_match="1-x")
    .sends("HEAD", *PART, query={"rev": "1-x", "latest": "true"}, headers=TAGGED)
    .like(
        "head_document",
        db="shop",
        doc_id="a/b",
        rev="1-x",
        latest=True,
        if_none_match="1-x",
        differs=UNTAGGED,
    ),
    row("db.documents.put", NULLS, **WRITING, content_type="application/json")
    .sends("PUT", *PART, query=WRITING_TEXT, headers=MATCHED, body=NULLS)
    .like(
        "put_document",
        db="shop",
        doc_id="a/b",
        document=NULLS,
        content_type="application/json",
        rev="1-x",
        if_match="1-x",
        new_edits=False,
        batch="ok",
        differs=UNMATCHED,
    ),
    row("db.documents.put", b'{"n":1}', id="a").sends("PUT", "shop", "a", body={"n": 1}),
    row("db.documents.post", NULLS, batch=True, content_type="application/json")
    .sends("POST", "shop", query={"batch": "ok"}, body=NULLS)
    .like("post_document", db="shop", document=NULLS, batch="ok", content_type="application/json"),
    row("db.documents.post", {"n": 1}).sends("POST", "shop", body={"n": 1}, repeatable=False),
    row("db.documents.delete", "a/b", rev="1-x", if_match="1-x", batch=True)
    .sends("DELETE", *PART, query={"rev": "1-x", "batch": "ok"}, headers=MATCHED)
    .like(
        "delete_document",
        db="shop",
        doc_id="a/b",
        rev="1-x",
        if_match="1-x",
        batch="ok",
        differs=UNMATCHED,
    ),
    row("db.documents.copy", "a/b", "c/d", rev="1-x", to_rev="2-y").sends(
        "COPY", *PART, query={"rev": "1-x"}, headers={"Destination": "c%2Fd?rev=2-y"}
    ),
]

DESIGN_DOCUMENTS = [
    row("db.design.get", "_design/d", if_none_match="1-x", **READING)
    .sends("GET", *OF_DESIGN, query=READING_TEXT, headers=TAGGED)
    .like("get_design_document", db="shop", ddoc="d", if_none_match="1-x", **READING, differs=UNTAGGED),
    row("db.design.get", "d", atts_since=["1-x"]).sends("GET", *OF_DESIGN, query={"atts_since": '["1-x"]'}),
    row("db.design.head", "d", if_none_match="1-x")
    .sends("HEAD", *OF_DESIGN, headers=TAGGED)
    .like("head_design_document", db="shop", ddoc="d", if_none_match="1-x", differs=UNTAGGED),
    row("db.design.put", DESIGN, **WRITING)
    .sends("PUT", *OF_DESIGN, query=WRITING_TEXT, headers=MATCHED, body=DESIGN)
    .like(
        "put_design_document",
        db="shop",
        ddoc="d",
        design_document=DESIGN,
        rev="1-x",
        if_match="1-x",
        new_edits=False,
        batch="ok",
        differs=UNMATCHED,
    ),
    row("db.design.put", {}, name="d").sends("PUT", *OF_DESIGN, body={}),
    row("db.design.delete", "d", rev="1-x", if_match="1-x", batch=True)
    .sends("DELETE", *OF_DESIGN, query={"rev": "1-x", "batch": "ok"}, headers=MATCHED)
    .like(
        "delete_design_document",
        db="shop",
        ddoc="d",
        rev="1-x",
        if_match="1-x",
        batch="ok",
        differs=UNMATCHED,
    ),
    row("db.design.information", "d")
    .sends("GET", *OF_DESIGN, "_info")
    .like("get_design_document_information", db="shop", ddoc="d"),
    row("db.design.update", "d", "f", id="a/b", body={"n": 0}, parameters={"by": "ann"}).sends(
        "PUT", *OF_DESIGN, "_update", "f", "a/b", query={"by": "ann"}, body={"n": 0}, repeatable=False
    ),
    row("db.design.update", "d", "f", body=b"n=0", content_type="text/plain").sends(
        "POST",
        *OF_DESIGN,
        "_update",
        "f",
        headers={"Content-Type": "text/plain"},
        body=b"n=0",
        repeatable=False,
    ),
]

STATE = {"_id": "_local/a/b", "seq": None}
OF_LOCAL = ("shop", "_local", "a/b")
OPTIONS = {"attachments": True, "att_encoding_info": True, "local_seq": True}
OPTIONS_TEXT = dict.fromkeys(OPTIONS, "true")

LOCAL_DOCUMENTS = [
    row("db.local.get", "a/b", if_none_match="1-x", **OPTIONS)
    .sends("GET", *OF_LOCAL, query=OPTIONS_TEXT, headers=TAGGED)
    .like(
        "get_local_document",
        db="shop",
        doc_id="a/b",
        if_none_match="1-x",
        accept="application/json",
        **OPTIONS,
        differs={**UNTAGGED, "header accept": PREFERENCE},
    ),
    row("db.local.head", "_local/a/b", if_none_match="1-x")
    .sends("HEAD", *OF_LOCAL, headers=TAGGED)
    .like("head_local_document", db="shop", doc_id="a/b", if_none_match="1-x", differs=UNTAGGED),
    row("db.local.put", STATE, batch=True, content_type="application/json")
    .sends("PUT", *OF_LOCAL, query={"batch": "ok"}, body=STATE)
    .like(
        "put_local_document",
        db="shop",
        doc_id="a/b",
        document=STATE,
        batch="ok",
        content_type="application/json",
    ),
    row("db.local.put", {}, name="a/b").sends("PUT", *OF_LOCAL, body={}),
    row("db.local.delete", "a/b", batch=True)
    .sends("DELETE", *OF_LOCAL, query={"batch": "ok"})
    .like("delete_local_document", db="shop", doc_id="a/b", batch="ok"),
    row("db.local.delete", "a/b", rev="0-1").sends("DELETE", *OF_LOCAL, query={"rev": "0-1"}),
]

ROWS = [*DOCUMENTS, *DESIGN_DOCUMENTS, *LOCAL_DOCUMENTS]
