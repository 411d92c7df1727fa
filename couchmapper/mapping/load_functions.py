"""The function that reads the instances of one class, written as text: a few lines a field, no loop.

Where creating an instance does nothing but store values, they are put into its `__dict__` at once; a class
with validators, converters or an initialiser of its own is called.
"""

from collections.abc import Sequence
from inspect import getattr_static
from typing import Any

import attrs

from couchmapper.mapping.codec import Load
from couchmapper.mapping.function_text import FunctionText
from couchmapper.mapping.metadata import is_model
from couchmapper.mapping.plain_copies import write_copy
from couchmapper.mapping.snapshots import FieldCodec, remember_absent

__all__ = ["InDict", "has_plain_fields", "load_function"]


class InDict:
    """Marks descriptors of fields whose values stand in the `__dict__` of an instance, under their names."""

    __slots__ = ()


def load_function(kind: type, fields: Sequence[FieldCodec]) -> Load:
    """Write the function that reads a JSON object as an instance of a class; a model keeps the object."""
    text = FunctionText("load", "value", "annotation")
    absent = is_model(kind) and any(_has_default(field) for field in fields)
    if absent:
        text.write("is_whole = True")
    if has_plain_fields(kind):
        _write_assignments(text, kind, fields)
    else:
        _write_call(text, kind, fields)
    if is_model(kind):
        text.write("instance.__dict__['_source'] = value")
    if absent:
        remember, known = text.bind("remember_absent", remember_absent), text.bind("fields", fields)
        text.write("if not is_whole:")
        text.write(f"{remember}(instance, value, {known})", depth=2)
    text.write("return instance")
    load: Load = text.compile(f"{kind.__module__}.{kind.__qualname__}")
    return load


def _write_assignments(text: FunctionText, kind: type, fields: Sequence[FieldCodec]) -> None:
    new, own = text.bind("new", kind.__new__), text.bind("kind", kind)
    text.write(f"instance = {new}({own})", "fields = instance.__dict__")
    for field in fields:
        _write_field(text, kind, field, f"fields[{field.attribute!r}]", _default(text, field))


def _write_call(text: FunctionText, kind: type, fields: Sequence[FieldCodec]) -> None:
    """Leave out what is absent, so that the class itself makes its default."""
    text.write("arguments = {}")
    for field in fields:
        _write_field(text, kind, field, f"arguments[{field.declared.alias!r}]", None)
    text.write(f"instance = {text.bind('kind', kind)}(**arguments)")


def _write_field(text: FunctionText, kind: type, field: FieldCodec, target: str, default: str | None) -> None:
    """Write how one member is read; without a default, a member that is absent is a `KeyError`."""
    depth = 1
    if _has_default(field):
        text.write(f"if {field.name!r} in value:")
        depth = 2
    _write_value(text, field, target, depth=depth)
    if _has_default(field) and (default is not None or is_model(kind)):
        text.write("else:")
        text.write(*[f"{target} = {default}"] * (default is not None), depth=2)
        text.write(*["is_whole = False"] * is_model(kind), depth=2)


def _write_value(text: FunctionText, field: FieldCodec, target: str, *, depth: int) -> None:
    codec = field.codec
    otherwise = f"{text.bind('load', codec.load)}(item, None)"
    text.write(f"item = value[{field.name!r}]", depth=depth)
    if codec.members is not None:
        write_copy(
            text, "item", codec.members, test=codec.members.tests.load, otherwise=otherwise, depth=depth
        )
        text.write(f"{target} = item", depth=depth)
    elif codec.plain is not None:
        text.write(f"{target} = item if {codec.plain.load.format('item')} else {otherwise}", depth=depth)
    else:
        text.write(f"{target} = {otherwise}", depth=depth)


def _has_default(field: FieldCodec) -> bool:
    return field.declared.default is not attrs.NOTHING


def _default(text: FunctionText, field: FieldCodec) -> str | None:
    """Write what makes the default of a field."""
    default: Any = field.declared.default
    if not hasattr(default, "factory"):
        return text.bind("default", default)
    return f"{text.bind('factory', default.factory)}({'instance' if default.takes_self else ''})"


def has_plain_fields(kind: Any) -> bool:
    """Tell whether an instance of a model is no more than a `__dict__` in which the fields stand as given."""
    attributes: tuple[attrs.Attribute[Any], ...] = attrs.fields(kind)
    return (
        is_model(kind)
        and all(_is_plain(kind, attribute) for attribute in attributes)
        and kind.__new__ is object.__new__
        and kind.__getattribute__ is object.__getattribute__
        and _is_of_attrs(kind.__init__)
        and (kind.__setattr__ is object.__setattr__ or _is_of_attrs(kind.__setattr__))
        and not hasattr(kind, "__attrs_pre_init__")
        and not hasattr(kind, "__attrs_post_init__")
    )


def _is_plain(kind: type, attribute: "attrs.Attribute[Any]") -> bool:
    """Tell whether a field is given, stored as it is, and found in the instance."""
    if not attribute.init:
        return attribute.default is attrs.NOTHING
    is_in_dict = isinstance(getattr_static(kind, attribute.name, None), InDict)
    return is_in_dict and attribute.converter is None and attribute.validator is None


def _is_of_attrs(method: Any) -> bool:
    code = getattr(method, "__code__", None)
    return code is not None and code.co_filename.startswith("<attrs generated")
