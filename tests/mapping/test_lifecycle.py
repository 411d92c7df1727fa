"""What is called when a document is loaded, saved or deleted here."""

from typing import Any, get_args

import pytest

from couchmapper.exceptions import ModelError
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.mapping.lifecycle import Event, has_hooks, hooks_for, run_hooks

EVENTS = get_args(Event)


class Note(Document):
    text: Mapped[str]
    calls: Mapped[list[str]] = field(factory=list)


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_has_a_decorator_that_leaves_the_function_as_it_is(event: Event):
    class Letter(Note):
        pass

    def function(document: Letter) -> None:
        document.calls.append(event)

    letter = Letter(text="a")

    assert getattr(Letter, event)(function) is function
    run_hooks(event, letter)
    assert letter.calls == [event]


@pytest.mark.parametrize("event", EVENTS)
def test_a_hook_is_called_for_its_event_only(event: Event):
    class Letter(Note):
        pass

    getattr(Letter, event)(print)

    assert [other for other in EVENTS if has_hooks(Letter, other)] == [event]


def named(name: str) -> Any:
    return lambda document: document.calls.append(name)


def test_base_classes_come_first_and_then_the_order_of_declaration():
    class Stamped(Document, abstract=True):
        pass

    class Audited(Document, abstract=True):
        pass

    class Order(Audited, Stamped, Note):
        pass

    class Rush(Order):
        pass

    for model, name in [(Rush, "rush"), (Order, "order 1"), (Stamped, "stamped"), (Order, "order 2")]:
        model.before_save(named(name))
    Audited.before_save(named("audited"))
    rush = Rush(text="a")

    run_hooks("before_save", rush)

    assert rush.calls == ["stamped", "audited", "order 1", "order 2", "rush"]


def test_a_base_that_is_reached_twice_is_called_once():
    class Left(Note, abstract=True):
        pass

    class Right(Note, abstract=True):
        pass

    class Both(Left, Right):
        pass

    Note.after_delete(named("note"))

    assert len(hooks_for(Both, "after_delete")) == 1


def test_a_hook_of_a_subclass_is_not_called_for_its_base():
    class Letter(Note):
        pass

    Letter.before_save(print)

    assert not has_hooks(Note, "before_save")


def test_a_hook_that_is_declared_later_is_called_too():
    class Letter(Note):
        pass

    class Postcard(Letter):
        pass

    Postcard.after_load(named("postcard"))
    card = Postcard(text="a")
    run_hooks("after_load", card)

    Letter.after_load(named("letter"))
    run_hooks("after_load", card)

    assert card.calls == ["postcard", "letter", "postcard"]


def test_a_model_without_hooks_is_left_alone():
    note = Note(text="a")

    run_hooks("before_delete", note)

    assert hooks_for(Note, "before_delete") == ()
    assert note.calls == []


def test_what_a_hook_raises_is_passed_on_and_the_rest_is_not_called():
    class Letter(Note):
        pass

    error = LookupError("no stamp")

    @Letter.before_save
    def refuse(_: Letter) -> None:
        raise error

    Letter.before_save(named("second"))
    letter = Letter(text="a")

    with pytest.raises(LookupError) as caught:
        run_hooks("before_save", letter)
    assert caught.value is error
    assert letter.calls == []


@pytest.mark.parametrize("event", EVENTS)
def test_a_field_must_not_hide_a_decorator(event: Event):
    with pytest.raises(ModelError, match=rf"Odd\.{event} would hide what its base has"):
        type("Odd", (Document,), {"__annotations__": {event: str}})


def test_an_embedded_value_may_have_fields_of_these_names():
    class Job(Embedded):
        before_save: Mapped[str]

    assert Job(before_save="x").before_save == "x"
