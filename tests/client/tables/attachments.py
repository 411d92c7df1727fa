"""Attachments one by one, and with their documents."""

from couchmapper.multipart import Attachment, related
from tables.documents import MATCHED, PART, READING, READING_TEXT, UNMATCHED, WRITING, WRITING_TEXT
from tables.row import QUOTED, row

NAME = "note s/1.txt"
OF_PART = (*PART, NAME)
ANY = {"Accept": "*/*"}
TEXT = {"Content-Type": "text/plain"}
CONDITIONS = {"If-Match": '"1-x"', "If-None-Match": '"QUJD"'}
UNLIKE = {**UNMATCHED, "header if-none-match": QUOTED}
CALLED = {"db": "shop", "doc_id": "a/b", "attachment_name": NAME}
OF_DESIGN = ("shop", "_design", "d")

ATTACHMENTS = [
    row("db.attachments.get", "a/b", NAME, rev="1-x", range=(0, 9), if_match="1-x", if_none_match="md5-QUJD")
    .sends(
        "GET",
        *OF_PART,
        query={"rev": "1-x"},
        headers={"Accept-Encoding": "identity", "Range": "bytes=0-9", **ANY, **CONDITIONS},
    )
    .like(
        "get_attachment",
        **CALLED,
        rev="1-x",
        range="bytes=0-9",
        if_match="1-x",
        if_none_match="QUJD",
        differs=UNLIKE,
    ),
    row("db.attachments.head", "a/b", NAME, rev="1-x", if_match="1-x", if_none_match="md5-QUJD")
    .sends(
        "HEAD",
        *OF_PART,
        query={"rev": "1-x"},
        headers={"Accept-Encoding": "identity", **ANY, **CONDITIONS},
    )
    .like("head_attachment", **CALLED, rev="1-x", if_match="1-x", if_none_match="QUJD", differs=UNLIKE),
    row("db.attachments.put", "a/b", NAME, b"tea", content_type="text/plain", rev="1-x", if_match="1-x")
    .sends("PUT", *OF_PART, query={"rev": "1-x"}, headers={**TEXT, **MATCHED}, body=b"tea")
    .like(
        "put_attachment",
        **CALLED,
        attachment=b"tea",
        content_type="text/plain",
        rev="1-x",
        if_match="1-x",
        differs=UNMATCHED,
    ),
    row("db.attachments.put", "_design/d", NAME, [b"t", b"ea"], content_type="text/plain", length=3).sends(
        "PUT", *OF_DESIGN, NAME, headers=TEXT, body=b"tea"
    ),
    row("db.attachments.delete", "a/b", NAME, rev="1-x", if_match="1-x", batch=True)
    .sends("DELETE", *OF_PART, query={"rev": "1-x", "batch": "ok"}, headers=MATCHED)
    .like("delete_attachment", **CALLED, rev="1-x", if_match="1-x", batch="ok", differs=UNMATCHED),
    row("db.attachments.get", "_design/d", NAME).sends(
        "GET", *OF_DESIGN, NAME, headers={"Accept-Encoding": "gzip", **ANY}
    ),
    row("db.attachments.head", "_design/d", NAME).sends(
        "HEAD", *OF_DESIGN, NAME, headers={"Accept-Encoding": "identity", **ANY}
    ),
    row("db.attachments.delete", "_design/d", NAME, rev="1-x").sends(
        "DELETE", *OF_DESIGN, NAME, query={"rev": "1-x"}
    ),
]

WITH = [Attachment(name=NAME, content_type="text/plain", body=b"tea")]
SPARE = {"atts_since": ["1-x"]}
SPARE_TEXT = {"atts_since": '["1-x"]'}
RELATED = {"Accept": "multipart/related"}
MIXED = {"Accept": "multipart/mixed"}
LEAVES = {"attachments": "true", "revs": "true", "latest": "true"}
WANTED = [{"id": "a", "rev": "1-x", "atts_since": ["1-x"]}]

MULTIPART = [
    row("db.multipart.put", {"n": None}, WITH, id="a/b", boundary="cut", **WRITING).sends(
        "PUT",
        *PART,
        query=WRITING_TEXT,
        headers={"Content-Type": 'multipart/related; boundary="cut"', **MATCHED},
        body=b"".join(related({"n": None}, WITH, boundary="cut")),
    ),
    row("db.multipart.get", "a/b", **READING, **SPARE).sends(
        "GET", *PART, query={**READING_TEXT, **SPARE_TEXT}, headers=RELATED
    ),
    row("db.multipart.get", "_design/d").sends(
        "GET", *OF_DESIGN, query={"attachments": "true"}, headers=RELATED
    ),
    row("db.multipart.leaves", "a/b", open_revs=["1-x"], revs=True, latest=True, **SPARE).sends(
        "GET", *PART, query={"open_revs": '["1-x"]', **LEAVES, **SPARE_TEXT}, headers=MIXED
    ),
    row("db.multipart.leaves", "a").sends(
        "GET", "shop", "a", query={"open_revs": "all", "attachments": "true"}, headers=MIXED
    ),
    row("db.multipart.bulk_get", WANTED, revs=True, latest=True).sends(
        "POST", "shop", "_bulk_get", query=LEAVES, headers=MIXED, body={"docs": WANTED}
    ),
]

ROWS = [*ATTACHMENTS, *MULTIPART]
