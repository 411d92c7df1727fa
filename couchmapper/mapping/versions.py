"""Versions of a model's JSON, and the functions that bring an older document into the form of today.

A document says in which version it was written; one that says nothing is of version 1. `_id`, `_rev` and the
other members that begin with an underscore stay as the server sent them, whatever a function makes of them:
they are CouchDB's and not the model's.
"""

import reprlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, TypeVar

import attrs

from couchmapper import jsonio
from couchmapper.exceptions import DocumentInvalid, Fault, InvalidJSON, ModelError, NewerVersion
from couchmapper.mapping.metadata import fields_of, json_name, metadata_of
from couchmapper.typing import JSON, JSONObject

__all__ = [
    "Step",
    "Upcast",
    "Versioned",
    "check_version",
    "is_versioned",
    "steps_of",
    "stored_version",
    "upcast",
    "version_tag",
]

_FIRST = 1


class Upcast(Protocol):
    """A pure function that brings the JSON of a document from one version to a later one."""

    def __call__(self, json: JSONObject, /) -> JSONObject:
        """Return the document in its later form; the argument is a copy that may be changed and returned."""
        ...


U = TypeVar("U", bound=Upcast)


@attrs.frozen(kw_only=True)
class Step:
    """A declared function that leads from the version `old` to the version `new`."""

    old: int
    new: int
    function: Upcast

    def __str__(self) -> str:
        name = getattr(self.function, "__qualname__", repr(self.function))
        return f"{name} ({self.old} to {self.new})"


class Versioned:
    """The decorator of a `Document` that marks what older documents need."""

    __upcasts__: ClassVar[tuple[Step, ...]] = ()

    @classmethod
    def upcast(cls, old: int, new: int) -> Callable[[U], U]:
        """Mark a pure function that brings documents of this class from the version `old` to `new`.

        It is given the JSON of a document, a copy, and returns an object; it serves subclasses as well.
        Documents are upcast in memory when they are loaded, by as few steps as lead to the model's
        `version`. Raises `ModelError` unless both are versions, the old one first.
        """
        if not (_is_version(old) and _is_version(new) and old < new):
            raise ModelError(
                f"{cls.__name__}.upcast takes two versions, the old one first, as upcast(1, 2); got"
                f" ({old!r}, {new!r})"
            )

        def mark(function: U) -> U:
            cls.__upcasts__ = (*_own_steps(cls), Step(old=old, new=new, function=function))
            steps_of.cache_clear()
            is_versioned.cache_clear()
            return function

        return mark


def check_version(model: type) -> None:
    """Raise `ModelError` when the class arguments `version` and `version_field` have no meaning."""
    metadata = metadata_of(model)
    version: Any = metadata.version
    field: Any = metadata.version_field
    if version is not None and not _is_version(version):
        raise ModelError(f"{model.__name__}: version= is a whole number from 1 up, got {version!r}")
    if not isinstance(field, str) or not field or field.startswith("_"):
        raise ModelError(
            f"{model.__name__}: version_field= is the name of a member in JSON, without an underscore before"
            f" it, got {field!r}"
        )
    taken = {json_name(attribute) for attribute in fields_of(model)} | {metadata.type_field}
    if version is not None and field in taken:
        raise ModelError(
            f"{model.__name__}: under {field!r} stands the version of a document, and another field of the"
            " model; give the model another version_field=..."
        )


@cache
def steps_of(model: type) -> Mapping[int, Step]:
    """Return for each older version the step that leads on, those of base classes included.

    Raises `ModelError` when the steps do not lead from version 1, and from wherever one of them leads, to the
    version of the model.
    """
    steps = [step for base in model.__mro__ for step in _own_steps(base)]
    version = metadata_of(model).version
    if version is None:
        if steps:
            raise ModelError(
                f"{model.__name__} has the step {steps[0]} and no version; give it"
                f" version={max(step.new for step in steps)}"
            )
        return MappingProxyType({})
    _check_each(model, steps, version)
    following, lengths = _shortest(steps, version)
    stuck = {_FIRST, *(step.new for step in steps)} - lengths.keys()
    if stuck:
        last = max(stuck)
        raise ModelError(
            f"{model.__name__} is of version {version}, and no step leads on from version {last}; write the"
            f" function and mark it: @{model.__name__}.upcast({last}, {last + 1})"
        )
    return MappingProxyType(following)


@cache
def is_versioned(model: type) -> bool:
    """Tell whether documents of a model have versions, so that `upcast` has something to look at.

    Raises `ModelError` as `steps_of` does.
    """
    steps_of(model)
    return metadata_of(model).version is not None


def version_tag(model: type) -> dict[str, int]:
    """Return the member that says the version of a new document; empty for a model without versions.

    Raises `ModelError` as `steps_of` does.
    """
    steps_of(model)
    metadata = metadata_of(model)
    return {} if metadata.version is None else {metadata.version_field: metadata.version}


def stored_version(model: type, json: JSONObject) -> int:
    """Return the version that a document was written in; raises `DocumentInvalid` when it says nonsense."""
    field = metadata_of(model).version_field
    version = json.get(field, _FIRST)
    if _is_version(version):
        return int(version)
    message = f"expected a version, a whole number from 1 up, got {reprlib.repr(version)}"
    raise _invalid(model, json, message, path=field)


def upcast(model: type, json: JSONObject) -> JSONObject:
    """Return a document in the form of the model's version: the very object when it has that form.

    `model` is the class of the document itself, and `json` is not changed. Raises `NewerVersion` for a
    document of a later version than the model's, `DocumentInvalid` when a step cannot be taken.
    """
    steps, version = steps_of(model), metadata_of(model).version
    if version is None:
        return json
    stored = stored_version(model, json)
    if stored > version:
        raise NewerVersion(
            f"{model.__name__} {json.get('_id')!r} is of version {stored}, and this program knows {version}:"
            " it was written by a newer release of the program; upgrade it before it writes here"
        )
    while stored < version:
        step = steps.get(stored)
        if step is None:
            message = f"no step leads on from version {stored}; mark one with @{model.__name__}.upcast"
            raise _invalid(model, json, message, path=metadata_of(model).version_field)
        json, stored = _taken(model, step, json), step.new
    return json


def _is_version(value: JSON) -> bool:
    return type(value) is int and value >= _FIRST


def _own_steps(cls: type) -> tuple[Step, ...]:
    steps: tuple[Step, ...] = vars(cls).get("__upcasts__", ())
    return steps


def _check_each(model: type, steps: Sequence[Step], version: int) -> None:
    """Refuse what leads beyond the model, and two ways to do one thing."""
    counts = Counter((step.old, step.new) for step in steps)
    for step in steps:
        if step.new > version:
            raise ModelError(
                f"{model.__name__} is of version {version}, and {step} leads beyond it; give the model"
                f" version={step.new}"
            )
        if counts[step.old, step.new] > 1:
            rivals = " and ".join(str(one) for one in steps if (one.old, one.new) == (step.old, step.new))
            raise ModelError(f"{model.__name__}: {rivals} are two functions for one step; keep one of them")


def _shortest(steps: Sequence[Step], version: int) -> tuple[dict[int, Step], dict[int, int]]:
    """Return the step to take from each version, and how many are left from there to the model's."""
    following: dict[int, Step] = {}
    lengths = {version: 0}
    for step in sorted(steps, key=lambda step: step.old, reverse=True):  # what a step leads to comes first
        if step.new in lengths and lengths[step.new] + 1 < lengths.get(step.old, version):
            following[step.old] = step
            lengths[step.old] = lengths[step.new] + 1
    return following, lengths


def _taken(model: type, step: Step, json: JSONObject) -> JSONObject:
    """Return a document one step further, CouchDB's own members as they are."""
    given = _copied(model, json, f"before {step}", json)
    try:
        made: Any = step.function(given)
    except Exception as error:  # the function is the application's and may raise anything
        message = f"the step {step} raised {type(error).__name__}: {error}"
        raise _invalid(model, json, message) from error
    if not isinstance(made, dict):
        raise _invalid(
            model, json, f"the step {step} must return an object, it returned {reprlib.repr(made)}"
        )
    return _whole(model, step, json, _copied(model, json, f"from {step}", made))


def _copied(model: type, json: JSONObject, where: str, value: JSON) -> JSON:
    """Copy by writing and reading, which also refuses what JSON cannot hold."""
    try:
        return jsonio.loads(jsonio.dumps(value))
    except InvalidJSON as error:
        raise _invalid(model, json, f"{error.message} ({where})", path=error.path) from error


def _whole(model: type, step: Step, stored: JSONObject, made: JSONObject) -> JSONObject:
    """Put together what CouchDB knows of a document, its type and version, and what a step made of it."""
    metadata = metadata_of(model)
    own = {name: value for name, value in made.items() if not name.startswith("_")}
    tag = {name: own.pop(name, None) for name in stored if name == metadata.type_field}
    for name, told in tag.items():
        if told != stored[name]:
            message = f"the step {step} must leave the type {stored[name]!r}, it made {told!r} of it"
            raise _invalid(model, stored, message, path=name)
    own.pop(metadata.version_field, None)
    first: JSONObject = {name: stored[name] for name in ("_id", "_rev") if name in stored}
    rest = {name: value for name, value in stored.items() if name.startswith("_") and name not in first}
    return {**first, **tag, metadata.version_field: step.new, **own, **rest}


def _invalid(model: type, json: JSONObject, message: str, *, path: str = "") -> DocumentInvalid:
    return DocumentInvalid(model.__name__, json.get("_id"), [Fault(path, message)])
