"""Documents: what a class statement makes of a model."""

import copy
import pickle
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from couchmapper.exceptions import HookError, IllegalDocumentId, ModelError
from couchmapper.mango.nodes import TRUE, Condition
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.mapper import dump, load, source_of
from couchmapper.mapping.metadata import fields_of, metadata_of


class Address(Embedded):
    city: Mapped[str]


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")
    address: Mapped[Address | None] = field(default=None)
    tags: Mapped[list[str]] = field(factory=list)


def loaded() -> Order:
    return load(
        Order,
        {
            "_id": "order:1",
            "_rev": "1-a",
            "type": "order",
            "number": 1,
            "address": {"city": "Ghent", "zip": "9000"},
        },
    )


def test_a_document_is_made_with_keywords_and_shows_its_fields():
    assert repr(Order(number=1)) == "Order(number=1, status='new', address=None, tags=[], id='order:1')"


def test_a_document_takes_no_positional_values():
    with pytest.raises(TypeError):
        Order(1)


def test_documents_with_equal_fields_are_equal_wherever_they_come_from():
    assert loaded() == Order(number=1, address=Address(city="Ghent"))
    assert loaded() != Order(number=1, address=Address(city="Bruges"))


def test_each_document_has_its_own_containers():
    one, other = Order(number=1), Order(number=2)

    one.tags.append("a")

    assert other.tags == []


def test_a_plain_annotation_declares_a_field_too():
    class Note(Document):
        text: str
        count: int = 0

    assert dump(Note(id="n", text="a")) == {"_id": "n", "type": "note", "text": "a", "count": 0}


def test_annotations_in_text_are_looked_up_where_the_class_is():
    class Event(Document):
        at: "Mapped[datetime]"
        where: Mapped["Address | None"] = field(default=None)

    event = Event(at=datetime.now(UTC), where=Address(city="Ghent"))

    assert load(Event, dump(event)) == event


def test_a_local_class_may_name_itself_and_its_bases_may_too():
    class Node(Embedded, type="node"):
        children: Mapped[list["Node"]] = field(factory=list)

    class Leaf(Node, type="leaf"):
        colour: Mapped[str] = field(default="green")

    class Tree(Document):
        root: Mapped[Node]

    tree = Tree(root=Node(children=[Leaf(), Node(children=[Leaf(colour="red")])]))

    assert load(Tree, dump(tree)) == tree


def test_an_unknown_name_in_an_annotation_is_told_with_the_way_out():
    class Event(Document):
        where: Mapped["Nowhere"]  # type: ignore[name-defined]  # noqa: F821 - this is the point

    with pytest.raises(
        ModelError, match=r"^Event: name 'Nowhere' is not defined; .* annotate without quotes"
    ):
        load(Event, {"_id": "1", "type": "event", "where": 1})


def test_a_new_document_has_no_revision():
    assert Order(number=1).rev is None
    assert loaded().rev == "1-a"


def test_the_revision_is_not_a_field():
    with pytest.raises(AttributeError):
        Order(number=1).rev = "1-a"


# --- class arguments


def test_the_type_is_the_name_in_snake_case_unless_given():
    class LineItem(Document):
        pass

    class Renamed(Document, type="line"):
        pass

    assert dump(LineItem(id="1")) == {"_id": "1", "type": "line_item"}
    assert dump(Renamed(id="1")) == {"_id": "1", "type": "line"}


def test_the_type_stands_under_the_type_field_or_nowhere():
    class Legacy(Document, type_field="kind"):
        pass

    class Untyped(Document, type_field=None):
        pass

    assert dump(Legacy(id="1")) == {"_id": "1", "kind": "legacy"}
    assert dump(Untyped(id="1")) == {"_id": "1"}


def test_subclasses_inherit_fields_type_field_and_id():
    class Base(Document, type_field="kind", id="base:{number}", abstract=True):
        number: Mapped[int]
        status: Mapped[str] = field(default="new")

    class Special(Base):
        extra: Mapped[str] = field(default="x")
        status: Mapped[str] = field(default="old")

    assert dump(Special(number=7)) == {
        "_id": "base:7",
        "kind": "special",
        "number": 7,
        "extra": "x",
        "status": "old",
    }


def test_a_concrete_model_may_have_subclasses():
    class Rush(Order, type="rush_order"):
        hours: Mapped[int]

    rush = Rush(number=1, hours=2)

    assert (rush.id, rush.status) == ("order:1", "new")
    assert load(Order, dump(rush)) == rush


def test_fields_may_come_from_an_attrs_class_beside():
    @attrs.define
    class Stamped:
        created: int = 0

    class Note(Stamped, Document):
        text: Mapped[str] = field(default="")

    assert dump(Note(id="n", created=5)) == {"_id": "n", "type": "note", "created": 5, "text": ""}
    assert (Note.created == 5) == Condition(("created",), "$eq", 5)


def test_a_model_is_bound_to_its_database():
    class Shelf:
        def __init__(self) -> None:
            self.models: list[type] = []

        def bind(self, *models: type) -> None:
            self.models.extend(models)

    shelf = Shelf()

    class Book(Document, database=shelf):
        title: Mapped[str]

    assert shelf.models == [Book]


@pytest.mark.parametrize("odd", ["http://localhost:5984/shop", 5])
def test_what_is_no_database_is_refused(odd: Any):
    with pytest.raises(
        ModelError, match=r"^Odd: database= is a database, .* got .*; or bind the model later"
    ):

        class Odd(Document, database=odd):
            pass


@pytest.mark.parametrize("base", [Document, Embedded])
@pytest.mark.parametrize("odd", ["", 5, ["a"]])
def test_a_type_is_a_text(base: Any, odd: Any):
    with pytest.raises(ModelError, match=r"^Odd: type= is a text that is not empty, got"):

        class Odd(base, type=odd):
            pass


def test_the_type_must_not_stand_where_couchdb_keeps_its_own():
    with pytest.raises(
        ModelError, match=r"^Odd: names that begin with an underscore .* got type_field='_kind'"
    ):

        class Odd(Document, type_field="_kind"):
            pass

    class Part(Embedded, type="part", type_field="_kind"):
        pass

    assert metadata_of(Part).tag == {"_kind": "part"}


# --- what cannot be a model


@pytest.mark.parametrize("name", ["rev", "on_change", "_source"])
def test_a_field_must_not_hide_what_a_document_has(name: str):
    with pytest.raises(ModelError, match=rf"Odd\.{name} would hide what its base has; .*name='{name}'"):
        type("Odd", (Document,), {"__annotations__": {name: str}})


def test_a_field_that_would_hide_something_may_have_that_name_in_json():
    class Build(Document):
        revision: Mapped[str] = field(name="rev")

    assert dump(Build(id="1", revision="a")) == {"_id": "1", "type": "build", "rev": "a"}


def test_a_mixin_must_not_hide_what_a_document_has():
    @attrs.define
    class Odd:
        rev: str = ""

    with pytest.raises(ModelError, match=r"Book\.rev would hide what its base has"):
        type("Book", (Odd, Document), {})


def test_two_fields_must_not_have_one_name_in_json():
    with pytest.raises(ModelError, match=r"^Odd: a and b have one JSON name, 'x'$"):

        class Odd(Document):
            a: Mapped[int] = field(name="x")
            b: Mapped[int] = field(name="x")


def test_the_id_must_not_be_declared_again():
    with pytest.raises(ModelError, match=r"Odd\.id is there already; say how ids are made with .* id=\.\.\."):

        class Odd(Document):
            id: Mapped[str]


def test_a_field_must_not_take_the_place_of_the_type():
    with pytest.raises(ModelError, match=r"Odd\.type would stand in JSON where the type of the model stands"):

        class Odd(Document):
            type: Mapped[str]


def test_a_field_may_be_called_type_where_the_type_is_not():
    class Fruit(Document, type_field="kind"):
        type: Mapped[str]

    assert dump(Fruit(id="1", type="apple")) == {"_id": "1", "kind": "fruit", "type": "apple"}
    assert load(Fruit, dump(Fruit(id="1", type="apple"))).type == "apple"


@pytest.mark.parametrize("name", ["_rev", "_deleted", "_id", "_private"])
def test_the_names_of_couchdb_are_not_for_fields(name: str):
    with pytest.raises(ModelError, match=r"Odd\.value: names that begin|one JSON name, '_id'"):

        class Odd(Document):
            value: Mapped[str] = field(name=name)


def test_a_private_attribute_needs_a_name_in_json():
    with pytest.raises(ModelError, match=r"give its JSON name: field\(name='secret'\)"):

        class Odd(Document):
            _secret: Mapped[str]

    class Safe(Document):
        _secret: Mapped[str] = field(name="secret")

    assert dump(Safe(id="1", secret="x")) == {"_id": "1", "type": "safe", "secret": "x"}
    assert load(Safe, dump(Safe(id="1", secret="x")))._secret == "x"


@pytest.mark.parametrize("default", [[], {}, set(), Address(city="Ghent")], ids=repr)
def test_a_default_that_all_would_share_is_refused(default: Any):
    with pytest.raises(ModelError, match=r"Odd\.a: all instances would share .* field\(factory=\.\.\.\)"):

        class Odd(Document):
            a: Mapped[Any] = field(default=default)


def test_a_plain_default_that_all_would_share_is_refused():
    with pytest.raises(ModelError, match="would share"):

        class Odd(Document):
            a: list[str] = []  # noqa: RUF012 - this is the point


def test_a_field_without_annotation_is_refused():
    with pytest.raises(ModelError, match=r"Odd: .*lack a type annotation: b\. Write `name: Mapped\[str\]"):

        class Odd(Document):
            a: Mapped[str]
            b = field(default="x")


def test_an_id_template_names_fields():
    with pytest.raises(ModelError, match=r"the id template 'x:\{colour\}' names colour, no field"):

        class Odd(Document, id="x:{colour}"):
            number: Mapped[int]


# --- fields that are not stored


class Counted(Document):
    text: Mapped[str]
    length: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.length = len(self.text)


def test_what_follows_from_the_fields_is_not_stored():
    counted = load(Counted, {"_id": "1", "type": "counted", "text": "abc", "length": 99})

    assert counted.length == 3
    assert dump(counted)["length"] == 99
    assert dump(Counted(id="1", text="abc")) == {"_id": "1", "type": "counted", "text": "abc"}
    assert [attribute.name for attribute in fields_of(Counted)] == ["text", "id"]


# --- ids


def test_the_id_may_be_given():
    assert Order(id="mine", number=1).id == "mine"


def test_ids_are_random_unless_declared():
    class Note(Document):
        pass

    assert Note().id != Note().id
    assert len(Note().id) == 32


def test_a_callable_makes_the_id_from_the_fields():
    class Page(Document, id=lambda page: f"page:{page.path.strip('/')}"):
        path: Mapped[str]

    assert Page(path="/a/b/").id == "page:a/b"


@pytest.mark.parametrize("made", ["", None, 5])
def test_an_id_must_be_text(made: Any):
    class Page(Document, id=lambda _: made):
        pass

    with pytest.raises(IllegalDocumentId, match=f"the id of a new Page must be text, got {made!r}"):
        Page()


# --- copies


def test_a_loaded_document_is_copied_with_its_source():
    document = loaded()

    for twin in (copy.copy(document), copy.deepcopy(document), pickle.loads(pickle.dumps(document))):  # noqa: S301
        assert twin == document
        assert twin.rev == "1-a"
        assert dump(twin) == source_of(document)


def test_a_deep_copy_shares_nothing():
    document = loaded()
    twin = copy.deepcopy(document)

    twin.address.city = "Bruges"
    twin.tags.append("a")

    assert document.address.city == "Ghent"
    assert document.tags == []
    assert dump(twin)["address"] == {"city": "Bruges", "zip": "9000"}


def test_a_document_that_is_evolved_is_a_new_one():
    new = attrs.evolve(loaded(), id="order:2", number=2)

    assert new.rev is None
    assert source_of(new) is None


# --- marks of hooks


def test_a_hook_leaves_a_mark_and_the_function_as_it_is():
    class Mail(Document):
        pass

    @Mail.on_change()
    def send(change: Any) -> None:
        """Do nothing."""

    (mark,) = Mail.__hooks__
    assert (mark.name, mark.model, mark.where, mark.function) == ("send", Mail, TRUE, send)


def test_two_hooks_must_not_have_one_name():
    class Mail(Document):
        pass

    Mail.on_change(name="send")(print)
    Mail.on_change(name="log")(print)

    with pytest.raises(HookError, match=r"Mail has a hook 'send' already; give this one name=\.\.\."):
        Mail.on_change(name="send")(print)


def test_hooks_are_not_shared_with_subclasses():
    class Mail(Document):
        pass

    Mail.on_change(name="send")(print)

    class Letter(Mail):
        pass

    assert Letter.__hooks__ == []


def test_metadata_says_what_the_class_arguments_said():
    metadata = metadata_of(Order)

    assert (metadata.type, metadata.type_field, metadata.abstract) == ("order", "type", False)
    assert metadata.tag == {"type": "order"}
