"""Revision ids, against what a CouchDB 3.5.0 answered to the same edits."""

from hashlib import md5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.exceptions import BadRequest, InvalidJSON
from couchmapper.revisions import BODY_MEMBERS, leaf_order, parse_revision, revision_id

ABC = md5(b"abc", usedforsecurity=False).digest()
XYZ = md5(b"xyz", usedforsecurity=False).digest()
FIRST = "1-967a00dff5e02add41819138abb3284d"

OF_NEW_DOCUMENTS = {
    "{}": FIRST,
    '{"a":1}': "1-23202479633c2b380f79507a776743d5",
    '{"a":1.0}': "1-8a159b695bf2bd957f1a435bfd6e1739",
    '{"a":"1"}': "1-424729a81cdea68c1eb75501986bb552",
    '{"a":[1]}': "1-8f5ed67a76c6f77841f7913bc2fd04a8",
    '{"a":[0,127,255]}': "1-de804d0a444aa76a0b4abdb68f197baf",
    '{"a":[0,127,256]}': "1-5d567e8bb39df4f028b9adf46036ff1a",
    '{"a":[1,true]}': "1-5bca5e6e10173727ee53be96b9a03f11",
    '{"a":[]}': "1-d49a64a623a0fcc15fb2a4e9edf20834",
    '{"a":{}}': "1-3a998deb00874a1aa37c51ab7d1665df",
    '{"a":null,"b":true,"c":false}': "1-9ee24fc5101a7ad908e495035b5c47dc",
    '{"a":1,"b":2}': "1-25f9b97d75a648d1fcd23f0a73d2776e",
    '{"b":2,"a":1}': "1-caca8b193c5fc9720d024664e9310ed2",
    '{"name":"Zoë","中":"😀","":"\\u0000"}': "1-66ff1a1bfe5bc924d60e0748552adfb5",
    '{"a":-1,"b":2147483648,"c":-2147483649,"d":255,"e":256}': "1-419326d2fca1c7f73f3591d5b29f94f9",
    '{"a":12345678901234567890123456789,"b":-12345678901234567890123456789}': (
        "1-87b61259237e0a8df0ea8b9fc80cbdd5"
    ),
    '{"a":-0.0,"b":1e-7,"c":1.7976931348623157e308}': "1-5cdd028f2c4ca8b709d1c58d3362e2b2",
    '{"a":{"b":[{"c":{"d":[[1],[[]]]}}]}}': "1-59065bc86a00eb6d8ff4ba74ba3b9c0a",
    '{"a":"' + "x" * 300 + '"}': "1-15c5c600d5a11e405720a07a60e3ac11",
    '{"_replication_state":"completed","a":1}': "1-0c08770f1b7d694f588e0d30e2b70978",
    '{"_id":"x","_local_seq":5,"a":1}': "1-23202479633c2b380f79507a776743d5",
}


@pytest.mark.parametrize(("text", "expected"), OF_NEW_DOCUMENTS.items())
def test_a_new_document_has_the_id_that_couchdb_gives_it(text: str, expected: str):
    assert revision_id(jsonio.loads(text), parent=None, deleted=False) == expected


@pytest.mark.parametrize(
    ("parent", "body", "expected"),
    [
        ("41-" + "6" * 32, {"a": 1}, "42-ec1e8357fc54c2ce89bee86c8211e59e"),
        ("1-ABCDEFABCDEFABCDEFABCDEFABCDEF00", {}, "2-fa64f1ce2933eeea8a0841e131f111b3"),
        ("1-abc", {}, "2-4a197020586a4dd9ea6eb97053f996e4"),
        ("1-a-b", {}, "2-620309c3ed6fa08b0022e3256bc132e8"),
        ("1-é", {}, "2-abc17af5ed596d3c40f886b2dca4dd82"),
        ("99999999999999999999-abc", {}, "100000000000000000000-50e7166f4abbbbcc7d7d457cd6e20f3c"),
    ],
)
def test_an_edit_has_the_id_that_couchdb_gives_it(parent: str, body: dict, expected: str):
    assert revision_id(body, parent=parent, deleted=False) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "2-eec205a9d413992850a6e32678485900"),
        ({"left": "behind"}, "2-cd84878cfc08c073bb740ade934193b9"),
    ],
)
def test_a_tombstone_has_the_id_that_couchdb_gives_it(body: dict, expected: str):
    assert revision_id(body, parent=FIRST, deleted=True) == expected


@pytest.mark.parametrize(
    ("attachments", "expected"),
    [
        ([("a.bin", "application/octet-stream", ABC)], "1-6aa32c6ee3348403c0d46585a487fca9"),
        (
            [("a.bin", "application/octet-stream", ABC), ("b.png", "image/png", XYZ)],
            "1-468be22512d9f507a60a74a04a08bb83",
        ),
    ],
)
def test_attachments_are_part_of_the_id(attachments: list[tuple[str, str, bytes]], expected: str):
    assert revision_id({"a": 1}, parent=None, deleted=False, attachments=attachments) == expected


def test_an_integer_of_more_than_255_bytes_has_an_id():
    huge = 256**256

    assert revision_id({"a": huge}, parent=None, deleted=False) != revision_id(
        {"a": -huge}, parent=None, deleted=False
    )


def test_what_is_no_json_has_no_id():
    with pytest.raises(InvalidJSON, match="JSON has no set"):
        revision_id({"a": {1}}, parent=None, deleted=False)


@pytest.mark.parametrize("text", ["", "abc", "-abc", "1-", "-1-abc", "x-abc", "1 -abc", "²-abc", "٣-abc"])
def test_a_text_that_is_no_revision_is_refused(text: str):
    with pytest.raises(BadRequest, match="Invalid rev format"):
        parse_revision(text)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("3-abc", (3, "abc")),
        ("0-ABC", (0, "ABC")),
        ("1-a-b", (1, "a-b")),
        ("1-" + "AB" * 16, (1, "ab" * 16)),
        ("1-" + "A " * 16, (1, "A " * 16)),
    ],
)
def test_a_revision_is_split_at_its_first_dash(text: str, parsed: tuple[int, str]):
    assert parse_revision(text) == parsed


def test_leaves_order_by_life_then_generation_then_digest():
    ordered = [
        leaf_order("9-" + "f" * 32, deleted=True),
        leaf_order("1-" + "a" * 32, deleted=False),
        leaf_order("2-" + "0" * 32, deleted=False),
        leaf_order("2-" + "f" * 32, deleted=False),
        leaf_order("10-" + "0" * 32, deleted=False),
    ]

    assert ordered == sorted(ordered)


def test_a_hexadecimal_digest_orders_as_bytes_and_any_other_as_text():
    assert leaf_order("1-73" + "0" * 30, deleted=False) > leaf_order("1-ffff", deleted=False)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(st.text(), json_values, max_size=4), st.dictionaries(st.text(), json_values, max_size=4)
)
def test_two_bodies_have_one_id_only_when_they_are_written_alike(left: dict, right: dict):
    written_alike = jsonio.dumps(_counted(left)) == jsonio.dumps(_counted(right))

    assert written_alike == (
        revision_id(left, parent=None, deleted=False) == revision_id(right, parent=None, deleted=False)
    )


def _counted(body: dict) -> dict:
    return {name: item for name, item in body.items() if name in BODY_MEMBERS or not name.startswith("_")}
