"""Classes with fields and JSON objects: attrs's own ways are kept."""

import attrs
import pytest

from couchmapper.mapping import Embedded, Mapped, field
from couchmapper.mapping.codec import Misfit
from couchmapper.mapping.converter import codec


class Node(Embedded):
    name: Mapped[str]
    parent: Mapped["Node | None"] = field(default=None)
    children: Mapped[list["Node"]] = field(factory=list)


def test_a_class_may_hold_values_of_its_own_kind():
    tree = Node(name="a", parent=Node(name="b"), children=[Node(name="c", children=[Node(name="d")])])

    assert codec(Node).load(codec(Node).dump(tree), None) == tree


@attrs.define
class Secret:
    _code: str
    spoken: str = attrs.field(alias="word")
    length: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.length = len(self._code)


def test_attrs_classes_keep_private_names_aliases_and_what_they_compute():
    secret = Secret(code="1234", word="open")

    assert codec(Secret).dump(secret) == {"_code": "1234", "spoken": "open"}
    assert codec(Secret).load({"_code": "1234", "spoken": "open"}, None) == secret
    assert codec(Secret).load({"_code": "1234", "spoken": "open"}, None).length == 4


@attrs.frozen
class Base:
    a: int


@attrs.frozen
class Derived(Base):
    b: int = 0


def test_a_value_of_a_subclass_that_json_does_not_tell_is_refused():
    with pytest.raises(Misfit, match=r"a Derived would be read again as a Base; derive both from Embedded"):
        codec(Base).dump(Derived(a=1))


@pytest.mark.parametrize("written", [None, [], "x", 5, {"_code": "1"}, {"_code": 1, "spoken": "a"}])
def test_an_object_has_all_its_fields(written: object):
    with pytest.raises((Misfit, KeyError)):
        codec(Secret).load(written, None)


def test_only_instances_are_written():
    with pytest.raises(Misfit, match=r"^expected a Base, got 5$"):
        codec(Base).dump(5)
