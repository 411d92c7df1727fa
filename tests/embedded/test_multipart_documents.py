"""Documents with attachments beside them, as a CouchDB 3.5.0 reads and writes them."""

import io

import pytest

from couchmapper import jsonio
from couchmapper.multipart import Multipart, PartToSend, decode

RELATED = "multipart/related"


def follow(length: int, **more) -> dict:
    return {"content_type": "image/png", "length": length, "follows": True, **more}


def send(ask, attachments: dict, *contents: bytes, cut: int | None = None, path="/shop/a", **members):
    text = jsonio.dumps({**members, "_attachments": attachments})
    parts = [PartToSend(headers={"Content-Type": "application/json"}, body=text)]
    parts += [PartToSend(headers={}, body=content) for content in contents]
    body = Multipart(parts)
    sent = b"".join(body)[:cut]
    return ask("PUT", path, text=sent, headers={"Content-Type": body.content_type})


def parts_of(answer):
    """Read the parts of an answer: type and content, or parts again."""
    for part in decode(io.BytesIO(answer.body), answer.headers["content-type"]):
        if part.is_multipart:
            yield [(inner.content_type, inner.read()) for inner in part.parts()]
        else:
            yield part.content_type, part.read()


def test_parts_are_attachments_by_their_order(ask):
    answer = send(ask, {"x": follow(3), "t": {"data": "YQ=="}, "y": follow(2)}, b"XXX", b"YY", n=1)

    assert answer.status == 201
    assert [ask("GET", f"/shop/a/{name}").body for name in "xty"] == [b"XXX", b"a", b"YY"]
    assert ask("GET", "/shop/a").json()["n"] == 1


def test_parts_that_nothing_speaks_of_are_left(ask):
    assert send(ask, {"x": follow(3)}, b"XXX", b"more").status == 201
    assert list(ask("GET", "/shop/a").json()["_attachments"]) == ["x"]


@pytest.mark.parametrize(
    ("attachments", "contents", "reason"),
    [
        ({"x": follow(5)}, [b"XXX"], "attachment shorter than expected"),
        ({"x": follow(2)}, [b"XXX"], "attachment longer than expected"),
        ({"x": follow(3), "y": follow(3)}, [b"XXX"], "attachment shorter than expected"),
    ],
)
def test_an_attachment_is_as_long_as_was_said(ask, attachments, contents, reason):
    answer = send(ask, attachments, *contents)

    assert (answer.status, answer.json()["reason"]) == (400, reason)
    assert ask("GET", "/shop/a").status == 404


@pytest.mark.parametrize("cut", [-14, -1, 0, 50])
def test_a_body_that_was_cut_off_is_refused(ask, cut):
    assert send(ask, {"x": follow(3)}, b"XXX", cut=cut).status == 400
    assert ask("GET", "/shop/a").status == 404


def test_a_body_without_a_document_is_refused(ask):
    answer = ask(
        "PUT", "/shop/a", text=b"--b\r\n\r\n{\r\n--b--", headers={"Content-Type": f"{RELATED}; boundary=b"}
    )

    assert (answer.status, answer.json()["reason"]) == (400, "invalid UTF-8 JSON")
    assert ask("PUT", "/shop/a", text=b"--b--", headers={"Content-Type": RELATED}).status == 400


def test_a_document_is_followed_by_its_attachments(ask):
    send(ask, {"x": follow(3), "t": {"content_type": "text/plain", "data": "YQ=="}}, b"XXX")

    answer = ask("GET", "/shop/a", headers={"Accept": RELATED}, attachments="true")
    (kind, document), (_, first), (_, second) = parts_of(answer)

    stubs = jsonio.loads(document)["_attachments"]
    assert answer.headers["content-length"] == str(len(answer.body))
    assert (kind, first, second[:2]) == ("application/json", b"XXX", b"\x1f\x8b")
    assert [stub["follows"] for stub in stubs.values()] == [True, True]
    assert stubs["t"]["encoded_length"] == len(second)
    assert b'filename="x"' in answer.body


@pytest.mark.parametrize("headers", [{}, {"Accept": "application/json"}, {"Accept": "text/html"}])
def test_who_does_not_ask_for_parts_gets_json(ask, headers):
    send(ask, {"x": follow(3)}, b"XXX")

    assert ask("GET", "/shop/a", headers=headers, attachments="true").json()["_attachments"]["x"]["data"]


def test_a_document_that_nothing_follows_is_json(ask):
    ask("PUT", "/shop/a", {})

    answer = ask("GET", "/shop/a", headers={"Accept": RELATED}, attachments="true")

    assert answer.headers["content-type"] == "application/json"


def test_leaves_are_parts(ask):
    send(ask, {"x": follow(3)}, b"XXX")
    rev = ask("GET", "/shop/a").json()["_rev"]

    answer = ask("GET", "/shop/a", headers={"Accept": "multipart/mixed"}, open_revs=f'["{rev}","9-x"]')
    (document, attachment), missing = parts_of(answer)

    assert (jsonio.loads(document[1])["_rev"], attachment[1]) == (rev, b"XXX")
    assert missing == ('application/json; error="true"', b'{"missing":"9-x"}')


@pytest.mark.parametrize("accept", ["multipart/mixed", RELATED])
def test_documents_of_a_bulk_get_are_parts(ask, accept):
    send(ask, {"x": follow(3)}, b"XXX")
    ask("PUT", "/shop/b", {})
    asked = {"docs": [{"id": "a"}, {"id": "b"}, {"id": "c"}]}

    headers = {"Accept": accept, "Content-Type": "application/json"}
    (document, attachment), plain, missing = parts_of(ask("POST", "/shop/_bulk_get", asked, headers=headers))

    assert (jsonio.loads(document[1])["_id"], attachment[1]) == ("a", b"XXX")
    assert (plain[0], jsonio.loads(plain[1])["_id"]) == ("application/json", "b")
    assert jsonio.loads(missing[1]) == {
        "id": "c",
        "rev": "undefined",
        "error": "not_found",
        "reason": "missing",
    }


def test_a_bulk_get_of_nothing_has_no_body(ask):
    headers = {"Accept": "multipart/mixed", "Content-Type": "application/json"}

    assert ask("POST", "/shop/_bulk_get", {"docs": []}, headers=headers).body == b""
