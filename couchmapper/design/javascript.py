"""Functions of design documents: what a query server calls for each document that fulfils a guard."""

from couchmapper.exceptions import DesignError, ExpressionError
from couchmapper.mango.javascript.guard import Guard, write_guard
from couchmapper.mango.nodes import Expression

__all__ = ["filter_function", "map_function"]


def map_function(guard: Expression, key: str, value: str) -> str:
    """Write a map function that emits `key` and `value` for the documents that fulfil the guard.

    Raises `DesignError` with every part of the guard that JavaScript cannot decide as Mango does.
    """
    written = _written(guard)
    return (
        f"function (doc) {{\n{written.functions}  if ({written.test}) {{\n    emit({key}, {value});\n  }}\n}}"
    )


def filter_function(guard: Expression) -> str:
    """Write a filter function, which passes the changes of documents that fulfil the guard.

    Raises `DesignError` as `map_function` does.
    """
    written = _written(guard)
    return f"function (doc, req) {{\n{written.functions}  return {written.test};\n}}"


def _written(guard: Expression) -> Guard:
    try:
        return write_guard(guard)
    except ExpressionError as error:
        raise DesignError(str(error)) from error
