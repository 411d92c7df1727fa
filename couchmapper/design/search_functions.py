"""The functions of search indexes: what a search service is told of each document.

The text is ES5 and stable, since an index is rebuilt when its text changes. Values are tested for their type,
never for truthiness.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Literal, TypeAlias

import attrs

from couchmapper.design.javascript import written_guard
from couchmapper.mango.javascript import literal, value_of
from couchmapper.mango.lucene import DEFAULT, LONGEST, TYPES, SearchField, missing
from couchmapper.mango.nodes import Condition, Expression

__all__ = ["Engine", "IndexedField", "index_function"]

Engine: TypeAlias = Literal["clouseau", "nouveau"]
"""The service that keeps a search index: Clouseau behind `_search`, Nouveau behind `_nouveau`."""


@attrs.frozen(kw_only=True)
class IndexedField:
    """A field as a function writes it: `store` keeps its values for hits, `facet` lets them be counted."""

    field: SearchField
    store: bool = False
    facet: bool = False


_WRITERS: Final = {"text": "words", "keyword": "term", "boolean": "flag", "number": "number"}
_SERVICE_TYPES: Final = {"text": "text", "keyword": "string", "boolean": "string", "number": "double"}
_NUMBER_LIMITS: Final = "Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value))"
_KIND: Final = """  var kind = function (value) {
    if (value === null) { return "null"; }
    return Array.isArray(value) ? "array" : typeof value;
  };
"""
_EACH: Final = """  var each = function (write, name, values, options) {
    if (Array.isArray(values)) {
      values.forEach(function (value) { write(name, value, options); });
    }
  };
"""


def index_function(engine: Engine, guard: Expression, fields: Sequence[IndexedField]) -> str:
    """Write the function that indexes the fields of the documents that fulfil the guard.

    Raises `DesignError` with every part of the guard that JavaScript cannot decide as Mango does.
    """
    chosen = written_guard(guard)
    blocks = [_block(engine, one) for one in _by_path(fields)]
    needed = dict.fromkeys([chosen.functions, *(functions for functions, _ in blocks)])
    forms = dict.fromkeys(one.field.form for one in fields)
    return (
        "function (doc) {\n"
        + "".join(needed)
        + _KIND
        + "".join(_writer(engine, form) for form in forms)
        + (_EACH if any(one.field.is_list for one in fields) else "")
        + f"  if ({chosen.test}) {{\n"
        + "".join(text for _, text in blocks)
        + "  }\n}"
    )


def _by_path(fields: Sequence[IndexedField]) -> Iterable[list[IndexedField]]:
    """Put the forms of one field together."""
    paths = dict.fromkeys(one.field.path for one in fields)
    return [[one for one in fields if one.field.path == path] for path in paths]


def _block(engine: Engine, forms: Sequence[IndexedField]) -> tuple[str, str]:
    """Write the lines of one field; return the functions that they call, and the lines."""
    field = forms[0].field
    present = written_guard(Condition(field.path, "$exists", True))
    absent = written_guard(Condition(field.path, "$exists", False))
    value = value_of(field.path)
    kind = f"{literal(f'{field.name}=')} + kind({value})"
    lines = [_index(engine, "keyword", TYPES, kind), *(_call(engine, one, value) for one in forms)]
    return present.functions or absent.functions, (
        f"    if ({present.test}) {{\n"
        + "".join(f"      {line}\n" for line in lines)
        + f"    }} else if ({absent.test}) {{\n"
        + f"      {_index(engine, 'keyword', TYPES, literal(missing(field.name)))}\n"
        + "    }\n"
    )


def _call(engine: Engine, one: IndexedField, value: str) -> str:
    options = {"store": one.store, "facet": one.facet and engine == "clouseau"}
    written = literal({name: True for name, wanted in options.items() if wanted})
    name, writer = literal(one.field.name), _WRITERS[one.field.form]
    if one.field.is_list:
        return f"each({writer}, {name}, {value}, {written});"
    return f"{writer}({name}, {value}, {written});"


def _writer(engine: Engine, form: str) -> str:
    """Write the function that indexes one value, when it is of the right type."""
    kind, value = "string", "value"
    if form == "keyword":
        value = f'value.slice(0, {LONGEST}).replace(/[\\uD800-\\uDBFF]$/, "")'
    elif form == "boolean":
        kind, value = "boolean", "String(value)"
    elif form == "number":
        kind, value = "number", _NUMBER_LIMITS
    lines = [_index(engine, form, None, value, "options")]
    if form == "text":
        lines.append(_index(engine, form, DEFAULT, "value"))
    return (
        f"  var {_WRITERS[form]} = function (name, value, options) {{\n"
        f'    if (typeof value === "{kind}") {{\n'
        + "".join(f"      {line}\n" for line in lines)
        + "    }\n  };\n"
    )


def _index(engine: Engine, form: str, name: str | None, value: str, options: str | None = None) -> str:
    kind = [literal(_SERVICE_TYPES[form])] if engine == "nouveau" else []
    named = "name" if name is None else literal(name)
    return f"index({', '.join([*kind, named, value, *filter(None, [options])])});"
