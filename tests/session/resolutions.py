"""Writes and leaves of one order, as `resolve` is given them."""

from typing import Any

from couchmapper import jsonio
from couchmapper.mapping import Document, Embedded, Mapped, field, mapper
from couchmapper.session.attempts import Attempt
from couchmapper.session.conflicts import Conflict
from couchmapper.session.resolution import Clashed, Outcome, resolve
from couchmapper.session.unit_of_work import Write
from couchmapper.typing import JSONObject


class Address(Embedded):
    city: Mapped[str]
    street: Mapped[str] = field(default="")


def _is_short(order: "Order", attribute: Any, value: str) -> None:
    if len(value) > 20:
        raise ValueError("too long")


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new", validator=_is_short)
    paid: Mapped[bool] = field(default=False)
    count: Mapped[int] = field(default=0, merge="add")
    address: Mapped[Address | None] = field(default=None)


def order(rev: str | None = None, **members: Any) -> JSONObject:
    """Return an order as JSON."""
    known: JSONObject = {} if rev is None else {"_rev": rev}
    return {"_id": "order:1", **known, "type": "order", "number": 1, "status": "new", "count": 0, **members}


BASE = order("1-a")
TOMBSTONE: JSONObject = {"_id": "order:1", "_rev": "1-a", "_deleted": True}


def leaf(json: JSONObject, *revisions: str) -> JSONObject:
    """Return what the server holds at the first of some revisions, which came after the others."""
    start = int(revisions[0].partition("-")[0])
    digests = [revision.partition("-")[2] for revision in revisions]
    return {**json, "_rev": revisions[0], "_revisions": {"start": start, "ids": digests}}


def gone(*revisions: str) -> JSONObject:
    return leaf({"_id": "order:1", "_deleted": True}, *revisions)


def write(mine: JSONObject | None, base: JSONObject | None = BASE) -> Write:
    parent = {} if base is None else {"_rev": base["_rev"]}
    json = {"_id": "order:1", **parent, "_deleted": True} if mine is None else mine
    return Write(
        id="order:1",
        document=mapper.load(Order, base or mine or order()),
        json=json,
        text=jsonio.dumps(json),
        mine=mine,
        base=base,
        deleted=mine is None,
    )


def attempt(json: JSONObject, *, mine: JSONObject | None = None) -> Attempt:
    return Attempt.of(json, None if json.get("_deleted") else mine or json)


def decide(one: Write, *leaves: JSONObject, attempts: Any = (), strategy: Any = "raise") -> Outcome:
    return resolve(one, leaves, attempts=attempts, strategy=strategy)


def conflict_of(outcome: Outcome) -> Conflict:
    assert isinstance(outcome, Clashed)
    return outcome.conflict


PAID = order("1-a", status="paid")
THEIRS = order(status="theirs")
