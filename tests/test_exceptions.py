"""The tree of errors: drawn as it is, each one picklable, messages that say what to do."""

import importlib
import pickle
import pkgutil
import re
from collections.abc import Iterator

import pytest

import couchmapper
from couchmapper import exceptions
from couchmapper.exceptions import (
    CouchMapperError,
    DatabaseNotFound,
    DocumentConflict,
    DocumentInvalid,
    Fault,
    InvalidJSON,
    NotImplementedByStore,
    QueryWarning,
    ResponseError,
    TransportError,
    Unauthorized,
)

CLASSES = [
    kind
    for name in exceptions.__all__
    if isinstance(kind := getattr(exceptions, name), type) and issubclass(kind, Exception)
]


def made(kind: type[Exception]) -> Exception:
    if kind is DocumentInvalid:
        return DocumentInvalid("Order", "order:1", [Fault("a", "wrong")])
    return kind("the reason")


def subclasses(kind: type) -> Iterator[type]:
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


def real_tree() -> set[tuple[str, str]]:
    """Return the pairs of base and class, for every error of the package."""
    for module in pkgutil.walk_packages(couchmapper.__path__, "couchmapper."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return {
        (base.__name__, kind.__name__)
        for root in (CouchMapperError, QueryWarning)
        for kind in subclasses(root)
        for base in kind.__bases__
        if kind.__module__.startswith("couchmapper.") and issubclass(base, root)
    }


def drawn_tree() -> set[tuple[str, str]]:
    """Return the pairs of base and class that the docstring draws."""
    pairs, branch = set(), [""]
    for line in (exceptions.__doc__ or "").splitlines():
        if found := re.fullmatch(r"    (\w+)", line):
            branch = [found[1]]
        elif found := re.match(r"    ([│├└─ ]+)(\w+)", line):
            depth = len(found[1]) // 4
            branch[depth:] = [found[2]]
            pairs.add((branch[depth - 1], found[2]))
    return pairs


def test_the_tree_is_drawn_as_it_is():
    assert drawn_tree() == real_tree()


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_travels_between_processes(kind: type[Exception]):
    error = made(kind)

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert type(copy) is kind
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_tells_the_reason(kind: type[Exception]):
    assert "reason" in str(made(kind)) or "wrong" in str(made(kind))


def test_an_answer_keeps_its_data_when_it_travels():
    error = Unauthorized("no", error="expired", status=403, request="GET /{db}", body={"error": "expired"})

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert (copy.reason, copy.error, copy.status, copy.request, copy.body) == (
        "no",
        "expired",
        403,
        "GET /{db}",
        {"error": "expired"},
    )


def test_an_answer_says_what_was_asked_what_came_back_and_what_to_do():
    error = DocumentConflict("Document update conflict.", request="PUT /{db}/{docid}")

    assert str(error) == (
        "PUT /{db}/{docid}: 409 conflict: Document update conflict."
        " (read the newest revision and apply the change again)"
    )


def test_a_class_knows_its_status_and_code():
    assert (NotImplementedByStore().status, NotImplementedByStore().error) == (501, "not_implemented")
    assert (DatabaseNotFound().status, DatabaseNotFound().error) == (404, "not_found")


def test_an_answer_without_reason_is_its_code():
    assert str(ResponseError(status=500, error="unknown_error")) == "500 unknown_error"


def test_a_lost_answer_may_have_been_sent():
    assert TransportError("lost").sent is True
    assert TransportError("no route", sent=False).sent is False


def test_every_fault_stands_in_the_message():
    faults = [Fault("lines[2].price", "expected a decimal string, got 3.5"), Fault("", "a validator said no")]

    assert str(DocumentInvalid("Order", "order:1", faults)) == (
        "Order 'order:1' has 2 fault(s):\n"
        "  lines[2].price: expected a decimal string, got 3.5\n"
        "  a validator said no"
    )


def test_a_document_without_id_is_named_by_its_model():
    assert str(DocumentInvalid("Order", None, [Fault("a", "wrong")])) == "Order has 1 fault(s):\n  a: wrong"


def test_json_without_a_path_is_told_without_one():
    assert str(InvalidJSON("JSON has no nan")) == "JSON has no nan"
    assert str(InvalidJSON("JSON has no nan", "a.b")) == "a.b: JSON has no nan"
