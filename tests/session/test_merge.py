"""Two changes of one document become one, and what cannot is named."""

import copy
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.exceptions import IdentityError, MergeFailed
from couchmapper.jsonio import same
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.merging import PLAIN, merge_rules
from couchmapper.session.merge import Clash, Merged, merge


class Card(Embedded, type="card"):
    number: Mapped[str]
    tries: Mapped[int] = field(default=0, merge="add")


class Cash(Embedded, type="cash"):
    given: Mapped[int] = field(default=0)


class Address(Embedded):
    city: Mapped[str]
    street: Mapped[str] = field(default="")
    visits: Mapped[int] = field(default=0, merge="add")


@attrs.define
class Size:
    width: int = field(default=0, merge="newest")
    height: int = 0


class Order(Document):
    status: Mapped[str] = field(default="new")
    total: Mapped[int] = field(default=0, merge="add")
    seen: Mapped[str | None] = field(default=None, merge="mine")
    owner: Mapped[str | None] = field(default=None, merge="theirs")
    title: Mapped[str] = field(default="", merge=lambda base, mine, theirs: f"{base}|{mine}|{theirs}")
    tags: Mapped[list[str]] = field(factory=list, merge="union")
    address: Mapped[Address | None] = field(default=None)
    payment: Mapped[Card | Cash | None] = field(default=None)
    size: Mapped[Size] = field(factory=Size)
    places: Mapped[dict[str, Address]] = field(factory=dict)
    lines: Mapped[list[Address]] = field(factory=list)


RULES = merge_rules(Order)


def order(**members: Any) -> dict[str, Any]:
    return {"_id": "order:1", "_rev": "1-a", "type": "order", **members}


def merged(base: Any, mine: Any, theirs: Any) -> Merged:
    """Merge what stands in one document; members of CouchDB's are those of theirs."""
    before = None if base is None else order(**base)
    return merge(before, order(**mine), order(**{"_rev": "2-b", **theirs}), RULES)


def content(result: Merged) -> dict[str, Any]:
    return {name: value for name, value in result.value.items() if name not in ("_id", "_rev", "type")}


def test_members_are_taken_from_the_side_that_changed_them():
    result = merged(
        {"status": "new", "a": 1, "b": 1, "c": 1},
        {"status": "paid", "a": 1, "b": 1, "mine": True},
        {"status": "new", "a": 2, "c": 1, "theirs": True},
    )

    assert result.clashes == ()
    assert content(result) == {"status": "paid", "a": 2, "theirs": True, "mine": True}


def test_members_stand_in_their_order_and_new_ones_of_mine_after_them():
    result = merged({"a": 1, "b": 1}, {"m": 1, "b": 2, "a": 1}, {"b": 1, "t": 1, "a": 1})

    assert list(result.value) == ["_id", "_rev", "type", "b", "t", "a", "m"]


def test_both_alike_is_no_clash():
    assert merged({"status": "a"}, {"status": "b"}, {"status": "b"}) == Merged(
        value=order(_rev="2-b", status="b")
    )


def test_both_differently_is_a_clash_and_theirs_stands():
    result = merged({"status": "a"}, {"status": "b"}, {"status": "c"})

    assert content(result) == {"status": "c"}
    assert result.clashes == (Clash(path="status", base="a", mine="b", theirs="c"),)


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "clash"),
    [
        ({}, {"a": 1}, {"a": 2}, Clash(path="a", base=None, mine=1, theirs=2)),
        ({"a": 1}, {}, {"a": 2}, Clash(path="a", base=1, mine=None, theirs=2)),
        ({"a": 1}, {"a": 2}, {}, Clash(path="a", base=1, mine=2, theirs=None)),
        ({"total": 1}, {"total": 2}, {}, Clash(path="total", base=1, mine=2, theirs=None)),
        ({"tags": ["a"]}, {}, {"tags": []}, Clash(path="tags", base=["a"], mine=None, theirs=[])),
    ],
)
def test_a_removed_member_clashes_with_a_changed_one(base: Any, mine: Any, theirs: Any, clash: Clash):
    result = merged(base, mine, theirs)

    assert result.clashes == (clash,)
    assert content(result) == theirs


def test_json_is_compared_exactly():
    assert merged({"a": 1}, {"a": True}, {"a": 1.0}).clashes == (
        Clash(path="a", base=1, mine=True, theirs=1.0),
    )
    assert content(merged({"a": 1}, {"a": 1}, {"a": 1.0})) == {"a": 1.0}


def test_every_clash_is_named():
    result = merged(
        {"status": "a", "address": {"city": "a", "street": "a"}},
        {"status": "b", "address": {"city": "b", "street": "b"}},
        {"status": "c", "address": {"city": "c", "street": "b"}},
    )

    assert [clash.path for clash in result.clashes] == ["status", "address.city"]


def test_two_additions_are_two():
    assert content(merged({"total": 5}, {"total": 6}, {"total": 6})) == {"total": 7}
    assert content(merged({"total": 5}, {"total": 6}, {"total": 5})) == {"total": 6}


def test_a_number_that_was_not_stored_was_the_default_of_its_field():
    class Account(Document):
        balance: Mapped[int] = field(default=10, merge="add")
        limit: Mapped[int | None] = field(default=None, merge="add")

    base, mine, theirs = (
        {"_id": "1", "type": "account", **members}
        for members in ({}, {"balance": 11, "limit": 1}, {"balance": 12, "limit": 2})
    )

    assert merge(base, mine, theirs, merge_rules(Account)).value == {**base, "balance": 13, "limit": 3}


def test_a_rule_decides_what_both_changed():
    result = merged(
        {"seen": "a", "owner": "a", "title": "a", "tags": ["a", "b"]},
        {"seen": "b", "owner": "b", "title": "b", "tags": ["b", "d"]},
        {"seen": "c", "owner": "c", "title": "c", "tags": ["a", "b", "c"]},
    )

    assert result.clashes == ()
    assert content(result) == {"seen": "b", "owner": "c", "title": "a|b|c", "tags": ["b", "c", "d"]}


def test_a_rule_does_not_touch_what_one_side_changed():
    assert content(merged({"title": "a"}, {"title": "b"}, {"title": "a"})) == {"title": "b"}


def test_the_side_of_a_rule_may_have_removed_the_member():
    assert content(merged({"seen": "a"}, {}, {"seen": "c"})) == {}
    assert content(merged({"owner": "a"}, {"owner": "b"}, {})) == {}


def test_a_value_that_does_not_fit_its_field_clashes():
    assert merged({"title": "a"}, {"title": "b"}, {"title": 5}).clashes == (
        Clash(path="title", base="a", mine="b", theirs=5),
    )


def test_a_merge_function_that_fails_is_told():
    class Note(Document):
        count: Mapped[int] = field(default=0, merge=max)

    sides = ({"_id": "1", "type": "note", "count": count} for count in (1, 2))
    with pytest.raises(MergeFailed, match=r"Note\.count: its merge function raised TypeError"):
        merge(None, *sides, merge_rules(Note))


def test_nested_objects_are_merged_by_their_rules():
    result = merged(
        {"address": {"city": "a", "street": "a", "visits": 1, "x": 1}},
        {"address": {"city": "b", "street": "a", "visits": 2, "x": 1}},
        {"address": {"city": "a", "street": "b", "visits": 2, "y": 1}},
    )

    assert result == Merged(
        value=order(_rev="2-b", address={"city": "b", "street": "b", "visits": 3, "y": 1})
    )


def test_equal_changes_inside_are_added_as_well():
    base, both = {"city": "a", "visits": 1}, {"city": "a", "visits": 2}

    assert content(merged({"address": base}, {"address": both}, {"address": both}))["address"]["visits"] == 3
    assert content(merged({"places": {"x": base}}, {"places": {"x": both}}, {"places": {"x": both}})) == {
        "places": {"x": {"city": "a", "visits": 3}}
    }


def test_nested_objects_that_both_made_are_merged_by_their_rules():
    result = merged({"address": None}, {"address": {"visits": 1}}, {"address": {"visits": 2, "city": "a"}})

    assert content(result) == {"address": {"visits": 3, "city": "a"}}


def test_attrs_classes_are_merged_by_their_rules():
    result = merged(
        {"size": {"width": 1, "height": 1}},
        {"size": {"width": 3, "height": 1}},
        {"size": {"width": 2, "height": 2}},
    )

    assert content(result) == {"size": {"width": 3, "height": 2}}


def test_a_member_of_a_union_is_merged_by_its_own_rules():
    card = {"type": "card", "number": "1"}
    result = merged(
        {"payment": {**card, "tries": 1}},
        {"payment": {**card, "tries": 2}},
        {"payment": {**card, "tries": 3}},
    )

    assert content(result) == {"payment": {**card, "tries": 4}}


def test_values_of_two_classes_are_never_mixed():
    card, cash = {"type": "card", "number": "1"}, {"type": "cash", "given": 1}
    result = merged({"payment": card}, {"payment": cash}, {"payment": {**card, "x": 1}})

    assert [clash.path for clash in result.clashes] == ["payment"]
    assert content(result) == {"payment": {**card, "x": 1}}


def test_a_list_of_objects_is_one_value():
    result = merged({"lines": [{"city": "a"}]}, {"lines": [{"city": "b"}]}, {"lines": [{"city": "c"}]})

    assert [clash.path for clash in result.clashes] == ["lines"]


def test_unknown_objects_are_merged_by_member():
    result = merged({"x": {"a": {"b": 1}}}, {"x": {"a": {"b": 1, "m": 1}}}, {"x": {"a": {"b": 2}, "t": 1}})

    assert result == Merged(value=order(_rev="2-b", x={"a": {"b": 2, "m": 1}, "t": 1}))


def test_unknown_objects_that_both_made_clash():
    assert [clash.path for clash in merged({}, {"x": {"a": 1}}, {"x": {"b": 1}}).clashes] == ["x"]


def test_a_document_that_both_created_is_merged_as_if_it_had_been_empty():
    result = merged(None, {"total": 2, "tags": ["b"], "a": 1}, {"total": 3, "tags": ["a"], "a": 2, "c": 1})

    assert content(result) == {"total": 5, "tags": ["a", "b"], "a": 2, "c": 1}
    assert [clash.path for clash in result.clashes] == ["a"]


def test_what_is_of_couchdb_comes_from_theirs():
    base = order(_conflicts=["1-x"])
    mine = order(a=1, _conflicts=["1-x"], _revisions={"start": 1, "ids": ["a"]}, _local_seq=1)
    theirs = order(_rev="2-b", b=1, _deleted_conflicts=["1-y"])

    assert merge(base, mine, theirs, RULES).value == order(_rev="2-b", b=1, _deleted_conflicts=["1-y"], a=1)


def test_a_change_of_the_type_on_one_side_clashes_with_any_other_change():
    mine, theirs = {"type": "gift", "a": 1}, {"b": 1}

    assert [clash.path for clash in merged({}, mine, theirs).clashes] == ["type"]
    assert merged({}, mine, {}).clashes == ()


def nested(depth: int, bottom: Any) -> dict[str, Any]:
    value: Any = bottom
    for _ in range(depth):
        value = {"x": value}
    return order(x=value)


def test_objects_may_be_nested_deeply():
    result = merge(nested(100, {}), nested(100, {"a": 1}), nested(100, {"b": 1}), RULES)

    assert result == Merged(value=nested(100, {"b": 1, "a": 1}))


def test_two_documents_are_not_merged():
    with pytest.raises(IdentityError, match="'a' and 'b' are two documents"):
        merge(None, {"_id": "a"}, {"_id": "b"}, PLAIN)


def stub(digest: str, **members: Any) -> dict[str, Any]:
    return {"content_type": "text/plain", "digest": f"md5-{digest}", "length": 1, "stub": True, **members}


def test_attachments_are_merged_by_name():
    a, b, c, d = (stub(digest) for digest in "abcd")
    inline = {"content_type": "text/plain", "data": "YQ=="}
    result = merge(
        order(_attachments={"same": a, "removed": a, "theirs": a, "mine": a}),
        order(_attachments={"same": a, "theirs": a, "mine": inline, "new": inline}),
        order(_attachments={"added": d, "same": a, "removed": a, "theirs": c, "mine": a, "other": b}),
        RULES,
    )

    assert result.clashes == ()
    assert result.value["_attachments"] == {
        "added": d,
        "same": a,
        "theirs": c,
        "mine": inline,
        "other": b,
        "new": inline,
    }


def test_an_attachment_that_both_changed_clashes():
    result = merge(
        order(_attachments={"a.png": stub("a")}),
        order(_attachments={"a.png": stub("b")}),
        order(_attachments={"a.png": stub("c")}),
        RULES,
    )

    (clash,) = result.clashes
    assert clash.path == "_attachments.a.png"
    assert result.value["_attachments"] == {"a.png": stub("c")}


def test_stubs_of_one_content_are_the_same_however_they_were_read():
    mine = order(_attachments={"a": stub("a", revpos=1)})
    theirs = order(_attachments={"a": stub("a", revpos=2, encoding="gzip", encoded_length=9)})

    assert merge(None, mine, theirs, RULES) == Merged(value=theirs)


def test_attachments_that_one_side_removed_are_gone():
    both = order(_attachments={"a": stub("a")})

    assert "_attachments" not in merge(both, both, order(b=1), RULES).value
    assert "_attachments" not in merge(both, order(b=1), both, RULES).value
    assert merge(both, order(), order(_attachments={"a": stub("b")}), RULES).clashes[0].mine is None


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(0, 3), st.sampled_from([1.0, "a", "b"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("xyz"), inner, max_size=2)
    ),
    max_leaves=4,
)
addresses = st.fixed_dictionaries(
    {"city": st.sampled_from("ab")}, optional={"visits": st.integers(0, 3), "x": values}
)
KNOWN: dict[str, st.SearchStrategy[Any]] = {
    "status": st.sampled_from(["new", "paid", "sent"]),
    "seen": st.sampled_from(["a", "b", None]),
    "title": st.sampled_from("abc"),
    "total": st.integers(0, 5),
    "tags": st.lists(st.sampled_from("abcd"), max_size=3),
    "address": st.one_of(st.none(), addresses),
    "payment": st.sampled_from([None, {"type": "card", "number": "1"}, {"type": "cash", "given": 1}]),
    "size": st.fixed_dictionaries({"width": st.integers(0, 3), "height": st.integers(0, 1)}),
    "places": st.dictionaries(st.sampled_from("xy"), addresses, max_size=2),
    "lines": st.lists(addresses, max_size=2),
    "unknown": values,
    "more": values,
    "_attachments": st.dictionaries(
        st.sampled_from(["a.txt", "b.txt"]), st.sampled_from("abc").map(stub), min_size=1
    ),
}
FAIR = ("status", "total", "tags", "address", "payment", "size", "places", "lines", "unknown", "more")


def documents(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Draw documents with some members, in any order."""
    members = st.fixed_dictionaries({}, optional={name: KNOWN[name] for name in names or KNOWN})
    revisions = st.sampled_from(["1-a", "2-b", "2-c"])
    return st.builds(
        lambda revision, items: order(**dict(items)) | {"_rev": revision},
        revisions,
        members.flatmap(lambda whole: st.permutations(list(whole.items()))),
    )


def without_rev(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "_rev"}


@given(documents(), documents())
def test_merging_with_an_unchanged_side_gives_the_other_side(base: dict[str, Any], changed: dict[str, Any]):
    touched = base | {"_rev": "9-z"}

    assert jsonio.dumps(merge(base, base, changed, RULES).value) == jsonio.dumps(changed)
    assert same(merge(base, changed, touched, RULES).value, changed | {"_rev": "9-z"})
    assert merge(base, base, changed, RULES).clashes == merge(base, changed, touched, RULES).clashes == ()


@given(st.one_of(st.none(), documents()), documents("status", "seen", "title", "tags", "unknown", "more"))
def test_one_change_made_twice_is_that_change(base: dict[str, Any] | None, both: dict[str, Any]):
    assert merge(base, both, both, RULES) == Merged(value=both)


@given(st.one_of(st.none(), documents(*FAIR)), documents(*FAIR), documents(*FAIR))
def test_it_does_not_matter_which_writer_is_which(
    base: dict[str, Any] | None, mine: dict[str, Any], theirs: dict[str, Any]
):
    one, other = merge(base, mine, theirs, RULES), merge(base, theirs, mine, RULES)
    swapped = [attrs.evolve(clash, mine=clash.theirs, theirs=clash.mine) for clash in other.clashes]

    assert sorted(one.clashes, key=lambda clash: clash.path) == sorted(swapped, key=lambda clash: clash.path)
    if not one.clashes:
        assert same(without_rev(one.value), without_rev(other.value))


def at(document: dict[str, Any], path: str) -> Any:
    """Return what stands under a path; None where nothing does."""
    first, *rest = path.split(".", 1)
    value = document.get(first)
    return at(value, rest[0]) if rest and isinstance(value, dict) else None if rest else value


@given(st.one_of(st.none(), documents()), documents(), documents())
def test_a_clash_holds_three_values_and_theirs_stands(
    base: dict[str, Any] | None, mine: dict[str, Any], theirs: dict[str, Any]
):
    result = merge(base, mine, theirs, RULES)

    for clash in result.clashes:
        assert not same(clash.mine, clash.theirs) or clash.mine is None  # one null, the other not there
        if not clash.path.startswith("_attachments"):
            sides = [at(side, clash.path) for side in (base or {}, mine, theirs, result.value)]
            assert same(sides, [clash.base, clash.mine, clash.theirs, clash.theirs])


@given(st.one_of(st.none(), documents()), documents(), documents())
def test_what_one_side_left_alone_is_as_the_other_made_it(
    base: dict[str, Any] | None, mine: dict[str, Any], theirs: dict[str, Any]
):
    result = merge(base, mine, theirs, RULES)

    for name in KNOWN.keys() - {"_attachments"}:
        before, ours, others, now = (
            [side[name]] if name in side else [] for side in (base or {}, mine, theirs, result.value)
        )
        if same(before, ours):
            assert same(now, others)
        elif same(before, others):
            assert same(now, ours)


@given(st.one_of(st.none(), documents()), documents(), documents())
def test_merging_changes_no_input(base: dict[str, Any] | None, mine: dict[str, Any], theirs: dict[str, Any]):
    before = copy.deepcopy((base, mine, theirs))

    merge(base, mine, theirs, RULES)

    assert [jsonio.dumps(side) for side in (base, mine, theirs)] == [jsonio.dumps(side) for side in before]
