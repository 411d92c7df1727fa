"""Documents of older versions are read as today's: in memory, exactly, and never by guessing."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.exceptions import DocumentInvalid, ModelError, NewerVersion
from couchmapper.mapping import Document, Mapped, field
from couchmapper.mapping.mapper import dump, load, refresh, restore, source_of, upcast
from couchmapper.typing import JSON, JSONObject


class Person(Document, version=4):
    first: Mapped[str]
    last: Mapped[str]
    tags: Mapped[list[str]] = field(factory=list)
    age: Mapped[int | None] = field(default=None)


class Guest(Person, version_field="form"):
    host: Mapped[str]


class Plain(Document):
    first: Mapped[str]


@Person.upcast(1, 2)
def split_name(json: JSONObject) -> JSONObject:
    json["first"], _, json["last"] = json.pop("name").partition(" ")
    return json


@Person.upcast(2, 3)
def rename_labels(json: JSONObject) -> JSONObject:
    return {**json, "tags": json.get("labels", [])}


@Person.upcast(3, 4)
def drop_labels(json: JSONObject) -> JSONObject:
    return {name: value for name, value in json.items() if name != "labels"}


def old(**members: JSON) -> JSONObject:
    return {"_id": "p:1", "_rev": "1-a", "type": "person", "name": "Ann Lee", **members}


def person(version: int, **members: JSON) -> JSONObject:
    return {
        "_id": "p:1",
        "_rev": "1-a",
        "type": "person",
        "schema_version": version,
        "first": "Ann",
        "last": "Lee",
        **members,
    }


def with_steps(*steps: tuple[int, int], version: int | None = 3) -> type[Document]:
    """Declare a model with a step for each pair; each notes in the document that it was taken."""

    class Note(Document, version=version):
        pass

    for start, end in steps:

        def step(json: JSONObject, name: str = f"{start}-{end}") -> JSONObject:
            return {**json, "taken": [*json.get("taken", []), name]}

        Note.upcast(start, end)(step)
    return Note


def taken(model: type[Document], version: int) -> list[str]:
    """Return which steps a document of a version goes through."""
    stored = {"_id": "n", "type": "note", "schema_version": version}
    return upcast(model, stored).get("taken", [])


def refused(model: type[Document], document: JSONObject) -> str:
    with pytest.raises(DocumentInvalid) as caught:
        load(model, document)
    assert caught.value.document_id == document["_id"]
    return str(caught.value).partition("\n  ")[2]


# What is written


def test_a_new_document_tells_its_version_right_after_its_type():
    written = dump(Person(id="p:1", first="Ann", last="Lee"))

    assert list(written)[:4] == ["_id", "type", "schema_version", "first"]
    assert written["schema_version"] == 4


def test_a_new_document_of_a_model_without_versions_tells_none():
    assert dump(Plain(id="p", first="Ann")) == {"_id": "p", "type": "plain", "first": "Ann"}


def test_the_version_stands_under_the_field_that_the_model_says():
    assert dump(Guest(id="g", first="A", last="B", host="C"))["form"] == 4


def test_a_model_without_a_type_has_a_version_too():
    class Untyped(Document, type_field=None, version=1):
        pass

    assert dump(Untyped(id="u")) == {"_id": "u", "schema_version": 1}


# What is read


def test_a_document_without_the_member_is_of_version_1():
    loaded = load(Person, old(labels=["a"]))

    assert (loaded.first, loaded.last, loaded.tags) == ("Ann", "Lee", ["a"])


def test_what_came_of_it_is_the_source_so_that_it_has_not_changed():
    loaded = load(Person, old(labels=["a"], unknown=2**70))

    assert source_of(loaded) == person(4, tags=["a"], unknown=2**70)
    assert dump(loaded) is source_of(loaded)


def test_one_changed_field_writes_the_whole_document_in_its_new_form():
    loaded = load(Person, old(labels=["a"], unknown=1))
    loaded.age = 40

    assert dump(loaded) == person(4, tags=["a"], unknown=1, age=40)


def test_the_json_that_was_given_stays_as_it_is():
    stored = old(labels=["a"], _attachments={"f": {"stub": True}})
    before = copy.deepcopy(stored)

    load(Person, stored)

    assert stored == before


def test_a_document_of_the_models_version_is_not_touched():
    stored = person(4, tags=[])

    assert source_of(load(Person, stored)) is stored
    assert upcast(Person, stored) is stored


def test_what_is_couchdbs_own_stays_whatever_a_function_makes_of_it():
    class Note(Document, version=2):
        pass

    @Note.upcast(1, 2)
    def forget(json: JSONObject) -> JSONObject:
        json["_attachments"].clear()
        return {"_id": "other", "type": json["type"], "_conflicts": [], "_new": 1, "schema_version": 9}

    stored = {"_id": "n", "_rev": "1-a", "type": "note", "_attachments": {"f": {"stub": True}}}

    assert upcast(Note, stored) == {**stored, "schema_version": 2}
    assert list(upcast(Note, stored)) == ["_id", "_rev", "type", "schema_version", "_attachments"]


def test_each_function_has_a_copy_of_its_own():
    given = []

    class Note(Document, version=3):
        pass

    def keep(json: JSONObject) -> JSONObject:
        given.append(json)
        json["list"].append(0)
        return json

    Note.upcast(1, 2)(keep)
    Note.upcast(2, 3)(keep)

    assert upcast(Note, {"_id": "n", "type": "note", "list": []})["list"] == [0, 0]
    assert [json["list"] for json in given] == [[0], [0, 0]]


def test_restoring_upcasts():
    document = load(Person, person(4, tags=[]))

    restore(document, old(name="Bo Ek", _rev="2-b"))

    assert (document.first, document.rev) == ("Bo", "2-b")
    assert dump(document) is source_of(document)


def test_what_somebody_else_stored_in_an_old_form_is_noted_in_the_new_one():
    document = load(Person, person(4, tags=[]))

    refresh(document, old(name="Bo Ek", _rev="2-b"))

    assert source_of(document) == {**person(4, tags=[]), "_rev": "2-b", "first": "Bo", "last": "Ek"}
    assert dump(document)["first"] == "Ann"


def test_a_tombstone_has_no_old_form():
    document = load(Person, person(4, tags=[]))
    tombstone = {"_id": "p:1", "_rev": "2-b", "_deleted": True}

    refresh(document, tombstone)

    assert source_of(document) is tombstone


def test_faults_are_told_where_they_are_in_the_new_form():
    assert refused(Person, old(labels=["a", 5])) == "tags[1]: expected text, got 5"


# Which steps are taken


def test_steps_follow_each_other_up_to_the_models_version():
    model = with_steps((2, 3), (1, 2))

    assert [taken(model, version) for version in (1, 2, 3)] == [["1-2", "2-3"], ["2-3"], []]


def test_a_jump_serves_for_the_steps_between():
    assert taken(with_steps((1, 3)), 1) == ["1-3"]


def test_as_few_steps_as_can_be_are_taken():
    model = with_steps((1, 2), (2, 3), (3, 4), (1, 3), version=4)

    assert taken(model, 1) == ["1-3", "3-4"]
    assert taken(model, 2) == ["2-3", "3-4"]


def test_a_long_jump_that_would_lead_astray_is_not_taken():
    model = with_steps((1, 4), (1, 2), (2, 5), (4, 6), (5, 6), (6, 7), (2, 7), version=7)

    assert taken(model, 1) == ["1-2", "2-7"]


def test_a_version_that_no_step_leads_on_from_is_refused():
    told = refused(with_steps((1, 3)), {"_id": "n", "type": "note", "schema_version": 2})

    assert told == "schema_version: no step leads on from version 2; mark one with @Note.upcast"


def test_a_step_that_is_marked_later_is_taken():
    model = with_steps((1, 3))
    assert taken(model, 1) == ["1-3"]

    model.upcast(2, 3)(lambda json: {**json, "taken": ["late"]})

    assert taken(model, 2) == ["late"]


def test_steps_of_a_base_serve_its_subclasses():
    loaded = load(Person, {"_id": "g", "type": "guest", "name": "Ann Lee", "host": "Bo"})

    assert isinstance(loaded, Guest)
    assert (loaded.first, dump(loaded)["form"]) == ("Ann", 4)


def test_a_subclass_may_go_further_than_its_base():
    class Base(Document, version=2, abstract=True):
        pass

    class Leaf(Base, version=3):
        pass

    Base.upcast(1, 2)(lambda json: {**json, "base": True})
    Leaf.upcast(2, 3)(lambda json: {**json, "leaf": True})

    assert upcast(Base, {"_id": "l", "type": "leaf"}) == {
        "_id": "l",
        "type": "leaf",
        "schema_version": 3,
        "base": True,
        "leaf": True,
    }


# What is refused of a document


def test_a_newer_version_is_refused():
    with pytest.raises(NewerVersion) as caught:
        load(Person, person(5))

    assert str(caught.value) == (
        "Person 'p:1' is of version 5, and this program knows 4: it was written by a newer release of the"
        " program; upgrade it before it writes here"
    )


@pytest.mark.parametrize("version", [0, -1, "2", 2.0, True, None, [1]])
def test_what_is_no_version_is_refused(version: Any):
    told = refused(Person, person(4) | {"schema_version": version})

    assert told == f"schema_version: expected a version, a whole number from 1 up, got {version!r}"


def test_what_a_function_raises_is_told_with_function_and_document():
    told = refused(Person, {"_id": "p:2", "type": "person"})

    assert told == "the step split_name (1 to 2) raised KeyError: 'name'"


@pytest.mark.parametrize("returned", [None, [], "text"])
def test_a_function_must_return_an_object(returned: Any):
    model = with_steps(version=2)

    def broken(_: JSONObject) -> JSONObject:
        return returned

    model.upcast(1, 2)(broken)

    assert refused(model, {"_id": "n", "type": "note"}).endswith(
        f"broken (1 to 2) must return an object, it returned {returned!r}"
    )


def test_a_function_must_return_json():
    model = with_steps(version=2)
    model.upcast(1, 2)(lambda json: {**json, "deep": [{"bad": {1, 2}}]})

    assert refused(model, {"_id": "n", "type": "note"}).startswith("deep[0].bad: JSON has no set;")


def test_a_function_must_leave_the_type():
    model = with_steps(version=2)
    model.upcast(1, 2)(lambda _: {"type": "other"})

    assert refused(model, {"_id": "n", "type": "note"}).endswith(
        "must leave the type 'note', it made 'other' of it"
    )


# What is refused of a class


@pytest.mark.parametrize(
    ("steps", "version", "told"),
    [
        ([], 2, "no step leads on from version 1; write the function and mark it: @Note.upcast(1, 2)"),
        ([(2, 3)], 3, "no step leads on from version 1"),
        ([(1, 2)], 3, "no step leads on from version 2"),
        ([(1, 2), (1, 4)], 4, "no step leads on from version 2"),
        ([(1, 4)], 3, "leads beyond it; give the model version=4"),
        ([(1, 3), (1, 3)], 3, "are two functions for one step; keep one of them"),
        ([(1, 2), (2, 3)], None, "and no version; give it version=3"),
    ],
)
def test_steps_that_do_not_lead_to_the_models_version_are_refused(
    steps: list[tuple[int, int]], version: int | None, told: str
):
    model = with_steps(*steps, version=version)

    with pytest.raises(ModelError) as caught:
        load(model, {"_id": "n", "type": "note"})
    with pytest.raises(ModelError):
        dump(model(id="n"))

    assert told in str(caught.value)


@pytest.mark.parametrize("versions", [(2, 1), (1, 1), (0, 1), ("1", 2), (1, 2.0), (True, 2)])
def test_a_step_leads_from_a_version_to_a_later_one(versions: Any):
    with pytest.raises(ModelError, match="takes two versions, the old one first"):
        with_steps().upcast(*versions)


@pytest.mark.parametrize("version", [0, -1, "2", 1.0, True])
def test_a_version_is_a_whole_number(version: Any):
    with pytest.raises(ModelError, match="version= is a whole number from 1 up"):
        with_steps(version=version)


@pytest.mark.parametrize("name", ["", "_version", 5])
def test_the_version_stands_under_a_name(name: Any):
    with pytest.raises(ModelError, match="version_field= is the name of a member"):

        class Note(Document, version_field=name):
            pass


@pytest.mark.parametrize("name", ["size", "type"])
def test_the_version_needs_a_name_of_its_own(name: str):
    with pytest.raises(ModelError, match="give the model another version_field="):

        class Note(Document, version=1, version_field=name):
            number: Mapped[int] = field(name="size")


# Laws

values = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
names = st.text(max_size=5).filter(lambda name: not name.startswith("_"))
extras = st.dictionaries(names, values, max_size=3)
words = st.text(st.characters(exclude_characters=" ", exclude_categories=["Cs"]), max_size=5)
lists = st.lists(st.text(max_size=3), max_size=2)
full_names = st.tuples(words, words).map(" ".join)
FORMS = (
    {"name": full_names, "labels": lists},
    {"first": words, "last": words, "labels": lists},
    {"first": words, "last": words, "labels": lists, "tags": lists},
    {"first": words, "last": words, "tags": lists},
)
BY_HAND = (split_name, rename_labels, drop_labels)


def form(version: int) -> st.SearchStrategy[JSONObject]:
    """Make documents of a version, with members that no model knows, and without it for the first."""
    said = {"schema_version": st.just(version)}
    known = {"_id": st.just("p:1"), "_rev": st.just("1-a"), "type": st.just("person"), **FORMS[version - 1]}
    documents = st.fixed_dictionaries(
        known if version == 1 else known | said, optional=said if version == 1 else None
    )
    return st.tuples(extras, documents).map(lambda parts: {**parts[0], **parts[1]})


@given(st.integers(1, 4).flatmap(form))
def test_loading_is_applying_the_functions_by_hand(stored: JSONObject):
    stored.pop("age", None)
    expected = copy.deepcopy(stored)
    for step in BY_HAND[stored.get("schema_version", 1) - 1 :]:
        expected = step(expected)

    loaded = load(Person, stored)

    assert jsonio.same(dump(loaded), {**expected, "schema_version": 4})
    assert (loaded.first, loaded.last, loaded.tags) == tuple(expected[n] for n in ("first", "last", "tags"))


@given(st.text(max_size=5), extras, st.none() | st.integers() | st.text(max_size=3))
def test_a_model_without_versions_reads_what_is_there(first: str, more: JSONObject, version: JSON):
    stored = {"schema_version": version, **more, "_id": "p", "_rev": "1-a", "type": "plain", "first": first}

    assert dump(load(Plain, stored)) is stored
    assert upcast(Plain, stored) is stored
