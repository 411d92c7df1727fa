"""Functions of design documents: what a query server calls for each document that fulfils a guard."""

from couchmapper.exceptions import DesignError, ExpressionError
from couchmapper.mango.javascript.guard import Guard, write_guard
from couchmapper.mango.nodes import Expression

__all__ = ["filter_function", "map_function", "written_guard"]


def map_function(guard: Expression, key: str, value: str) -> str:
    """Write a map function that emits `key` and `value` for the documents that fulfil the guard.

    Raises `DesignError` with every part of the guard that JavaScript cannot decide as Mango does.
    """
    written = written_guard(guard)
    return (
        f"function (doc) {{\n{written.functions}  if ({written.test}) {{\n    emit({key}, {value});\n  }}\n}}"
    )


def filter_function(guard: Expression) -> str:
    """Write a filter function, which passes the changes of documents that fulfil the guard.

    Raises `DesignError` as `map_function` does.
    """
    written = written_guard(guard)
    return f"function (doc, req) {{\n{written.functions}  return {written.test};\n}}"


def written_guard(guard: Expression) -> Guard:
    """Write a guard; raises `DesignError` with every part that JavaScript cannot decide as Mango does."""
    try:
        return write_guard(guard)
    except ExpressionError as error:
        raise DesignError(str(error)) from error
