"""What a design document must be before it is stored: members of the right type, functions that compile."""

from collections.abc import Mapping, Sequence
from typing import Final

from couchmapper.embedded.engine.reduce import check_built_in
from couchmapper.embedded.engine.views import View, read_views
from couchmapper.embedded.queryserver.sandbox import Sandbox
from couchmapper.exceptions import BadRequest
from couchmapper.typing import JSON, JSONMapping

__all__ = ["validate_design"]

_ANY: Final = "*"
_TYPES: Final[Mapping[str, type]] = {"object": dict, "array": list, "string": str, "boolean": bool}

_RULES: Final[Sequence[tuple[tuple[str, ...], str]]] = (
    (("filters",), "object"),
    (("filters", _ANY), "string or object"),
    (("language",), "string"),
    (("lists",), "object"),
    (("lists", _ANY), "string or object"),
    (("options",), "object"),
    (("options", "include_design"), "boolean"),
    (("options", "local_seq"), "boolean"),
    (("options", "partitioned"), "boolean"),
    (("rewrites",), "array or string"),
    (("shows",), "object"),
    (("shows", _ANY), "string or object"),
    (("updates",), "object"),
    (("updates", _ANY), "string or object"),
    (("validate_doc_update",), "string"),
    (("views",), "object"),
    (("views", "lib"), "object"),
    (("views", _ANY), "object"),
    (("views", _ANY, "map"), "map"),
    (("views", _ANY, "reduce"), "string"),
    (("views", _ANY, "options"), "object"),
)
"""What type stands where, in the order in which CouchDB looks; a map is text, in a Mango index an object."""


def validate_design(design: JSONMapping, *, partitioned: bool = False) -> None:
    """Raise `BadRequest` (`invalid_design_doc`, `compilation_error`) for a design document that is refused.

    `partitioned` says that its database is. Functions of languages that nobody here speaks are not looked at,
    nor is `validate_doc_update`: as in CouchDB a broken one is stored, and then refuses every document.
    """
    map_type = "object" if design.get("language") == "query" else "string"
    for path, expected in _RULES:
        _check(design, path, map_type if expected == "map" else expected, ())
    for name, view in design.get("views", {}).items():
        if name != "lib" and "map" not in view:
            raise _invalid(f"View `{name}` must contain map function")
    if not partitioned and design.get("options", {}).get("partitioned"):
        raise _invalid("partitioned option cannot be true in a non-partitioned database.")
    for view in read_views(design).values():
        _check_functions(view)


def _check(value: JSON, path: tuple[str, ...], expected: str, place: tuple[str, ...]) -> None:
    """Follow a path; what is not there is fine."""
    if not path:
        if not any(isinstance(value, _TYPES[name]) for name in expected.split(" or ")):
            raise _invalid(f"`{'.'.join(place)}` field must have {expected} type")
        return
    if not isinstance(value, dict):
        return  # a rule before has refused it, or it may be anything
    for name in value if path[0] == _ANY else path[:1]:
        if name in value:
            _check(value[name], path[1:], expected, (*place, name))


def _check_functions(view: View) -> None:
    language = view.definition.language
    if language == "javascript":
        _compile("map", view.name, view.definition.map)
    if view.reduce is None or language not in {"javascript", "query"}:
        return
    if view.reduce.startswith("_"):
        check_built_in(view.reduce)
    elif language == "javascript":
        _compile("reduce", view.name, view.reduce)


def _compile(kind: str, name: str, source: str) -> None:
    try:
        # The modules of the library are not there yet: a function may require them only when it is called.
        Sandbox(library={"views": {"lib": None}}).add(source)
    except BadRequest as error:
        reason = f"Compilation of the {kind} function in the '{name}' view failed: {error.reason}"
        raise BadRequest(reason, error=error.error) from error


def _invalid(reason: str) -> BadRequest:
    return BadRequest(reason, error="invalid_design_doc")
