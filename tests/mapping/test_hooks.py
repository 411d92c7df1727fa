"""The marks that hooks leave on models."""

from couchmapper.mango.match import match
from couchmapper.mapping import Change, Document, Mapped
from couchmapper.mapping.hooks import HookMark


class Order(Document):
    status: Mapped[str]


class Rush(Order):
    hours: Mapped[int]


class Anything(Document, type_field=None):
    pass


def mark(model: type[Document]) -> HookMark:
    model.on_change(name=f"hook {len(model.__hooks__)}")(print)
    return model.__hooks__[-1]


def test_a_hook_asks_for_the_documents_of_its_model():
    assert mark(Rush).selector() == {"type": "rush"}
    assert mark(Order).selector() == {"type": {"$in": ["order", "rush"]}}


def test_a_hook_of_a_model_without_type_asks_for_everything():
    assert mark(Anything).selector() == {}


def test_a_hook_asks_for_its_condition_on_the_server():
    Rush.on_change(where=(Rush.status == "paid") & (Rush.hours > 5), name="mailer")(print)

    assert Rush.__hooks__[-1].selector() == {"type": "rush", "status": "paid", "hours": {"$gt": 5}}


def test_a_hook_is_named_after_its_function_unless_it_has_a_name():
    @Rush.on_change()
    def invoice(change: Change[Rush]) -> None:
        """Do nothing."""

    assert Rush.__hooks__[-1].name == "invoice"
    assert Rush.__hooks__[-1].function is invoice


def test_the_condition_means_on_the_server_what_it_means_here():
    condition = Order.status != "void"

    assert match(condition, {"_id": "1", "type": "order", "status": "new"})
    assert not match(condition, {"_id": "1", "type": "order"})


def test_a_change_holds_the_document():
    order = Order(id="1", status="new")

    change = Change(id="1", rev="1-a", seq="5-x", document=order)

    assert change.document is order
