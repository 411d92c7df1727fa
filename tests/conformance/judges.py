"""Those who decide what an expression means: Python, JavaScript, the embedded store, a CouchDB server.

Each is asked which of some documents fulfil an expression, and answers with their ids, or with None when it
refuses to decide. What they refuse, and why, is in `docs/semantics.md`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Protocol
from unicodedata import is_normalized

import pytest
import quickjs
from questions import Batch, Question

from couchmapper import jsonio
from couchmapper.collation import compare
from couchmapper.database import Database
from couchmapper.exceptions import ExpressionError, ServerError
from couchmapper.mango.dump import dump
from couchmapper.mango.javascript import write_guard
from couchmapper.mango.match import compile_match
from couchmapper.mango.nodes import And, Condition, Elements, Expression, Nor, Not, Or
from couchmapper.mango.normalize import normalize
from couchmapper.mango.ranges import field_range
from couchmapper.typing import JSON, JSONObject

INDEXES = (
    *(["number"], ["total"], ["title"], ["note"], ["anything"], ["tags"], ["place.city"]),
    *(["paid", "number"], ["stage", "placed"], ["either", "title"]),
)
"""Fields of the indexes in the databases that have some."""


class Judge(Protocol):
    """Decides which of the documents that it was made with fulfil an expression."""

    known: frozenset[str]
    """The ids of these documents."""

    def ids(self, question: Question) -> frozenset[str] | None:
        """Return the ids of these documents, or None when that is refused."""
        ...


def judge(batch: Batch, judges: Sequence[Judge], tally: Counter[str]) -> None:
    """Let all decide about each question; count the questions, and the refusals of each judge."""
    for question in batch.questions:
        meant = ids_of(filter(compile_match(question.expression), batch.documents))
        tally["cases"] += 1
        tally["found something"] += bool(meant)
        for one in judges:
            name, found = type(one).__name__, one.ids(question)
            assert found in (None, meant & one.known), (name, question.selector, found, meant)
            tally[f"{name} refused"] += found is None


class Python:
    """`Expression.matches`."""

    def __init__(self, documents: list[JSONObject]) -> None:
        self.documents = documents
        self.known = ids_of(documents)

    def ids(self, question: Question) -> frozenset[str]:
        assert question.expression.supports("python")
        return ids_of(filter(question.expression.matches, self.documents))


class JavaScript:
    """The guard of a map function, in the engine that CouchDB has too; texts have to be in one form."""

    def __init__(self, documents: list[JSONObject]) -> None:
        documents = list(filter(has_plain_texts, documents))
        self.known = ids_of(documents)
        self.documents = jsonio.dumps(jsonio.dumps(documents).decode()).decode()

    def ids(self, question: Question) -> frozenset[str] | None:
        support = question.expression.supports("javascript")
        if not support:
            with pytest.raises(ExpressionError) as refusal:
                write_guard(question.expression)
            assert support.reasons == tuple(str(refusal.value).split("; ")) or "; ".join(
                support.reasons
            ) == str(refusal.value)
            return None
        guard = write_guard(question.expression)
        found = quickjs.Context().eval(
            f"JSON.stringify(JSON.parse({self.documents})"
            f".filter(function (doc) {{\n{guard.functions}return {guard.test};\n}})"
            ".map(function (doc) { return doc._id; }))"
        )
        return frozenset(jsonio.loads(found))


class Store:
    """A database: asked the selector as it is, as the expression is written, and in its normal form."""

    def __init__(
        self, database: Database, documents: list[JSONObject], indexes: Iterable[list[str]] = ()
    ) -> None:
        self.database = database
        self.known = ids_of(documents)
        database.bulk.docs(documents)
        for fields in indexes:
            database.find.create_index(fields)

    def ids(self, question: Question) -> frozenset[str] | None:
        if field_range(normalize(question.expression), ("_id",)) is None:
            return None  # bounds that no id is between, by collation; ids are compared by bytes
        answers = {self.found(selector) for selector in self.forms(question)}
        assert len(answers) == 1, (self.forms(question), answers)
        return answers.pop()

    def forms(self, question: Question) -> list[JSONObject]:
        expression = question.expression
        return distinct(question.selector, dump(expression), dump(normalize(expression)))

    def found(self, selector: JSONObject) -> frozenset[str]:
        return ids_of(self.database.find(selector, limit=1000)["docs"])


class IndexedStore(Store):
    """A database with indexes, which change nothing where a selector is one of an expression."""

    def forms(self, question: Question) -> list[JSONObject]:
        normal = dump(normalize(question.expression))
        return [normal] if holds_constants(question.expression) else distinct(question.selector, normal)


class IndexedServer(IndexedStore):
    """A CouchDB with indexes: it fails with some arguments, and indexes lose texts with some prefixes."""

    def ids(self, question: Question) -> frozenset[str] | None:
        if overtaxes_the_planner(question.expression):
            with pytest.raises(ServerError, match="function_clause"):
                self.found(question.selector)
            return None
        return None if asks_for_a_foreign_prefix(question.expression) else super().ids(question)


def ids_of(documents: Iterable[JSONObject]) -> frozenset[str]:
    return frozenset(document["_id"] for document in documents)


def distinct(*selectors: JSONObject) -> list[JSONObject]:
    return list({jsonio.dumps(selector): selector for selector in selectors}.values())


def has_plain_texts(value: JSON) -> bool:
    """Tell whether texts, names of members too, are in NFC and without characters that collation ignores."""
    match value:
        case str():
            return is_normalized("NFC", value) and all(compare(character, "") for character in value)
        case list():
            return all(map(has_plain_texts, value))
        case dict():
            named = [part for name, item in value.items() if name != "_id" for part in (name, item)]
            return all(map(has_plain_texts, named))
    return True


def holds_constants(expression: Expression) -> bool:
    """Tell whether a part of an expression is always true, or never, such as `{"$or": []}`.

    CouchDB's planner takes an index then that does not hold all documents that are meant.
    """
    match expression:
        case And(operands) | Or(operands) | Nor(operands):
            return not operands or any(map(holds_constants, operands))
        case Not(operand):
            return holds_constants(operand)
        case Condition(()):
            return True
    return False


def conditions(expression: Expression) -> list[Condition]:
    """Return the conditions of an expression, wherever they stand."""
    match expression:
        case And(operands) | Or(operands) | Nor(operands):
            return list(chain.from_iterable(map(conditions, operands)))
        case Not(operand) | Elements(operand=operand):
            return conditions(operand)
        case Condition():
            return [expression]
    raise TypeError(expression)


def overtaxes_the_planner(expression: Expression) -> bool:
    """Tell whether CouchDB 3.5 fails with an argument as soon as the database has an index.

    Its planner looks through arguments for a text search. It does not know null, and no lists, within lists,
    and no objects of several members.
    """
    return any(is_too_much(one.argument) for one in conditions(expression))


def is_too_much(argument: JSON, *, within: bool = False) -> bool:
    match argument:
        case None:
            return within
        case list():
            return within or any(is_too_much(item, within=True) for item in argument)
        case dict():
            return len(argument) > 1 or any(is_too_much(item) for item in argument.values())
    return False


def asks_for_a_foreign_prefix(expression: Expression) -> bool:
    """Tell whether an index may lose texts: those behind a prefix do not always sort behind it."""
    return any(one.operator == "$beginsWith" and not one.argument.isascii() for one in conditions(expression))
