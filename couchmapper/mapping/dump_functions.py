"""The function that writes the instances of one class, written as text: a few lines a field, no loop."""

from collections.abc import Sequence

from couchmapper.mapping.codec import Dump
from couchmapper.mapping.function_text import FunctionText
from couchmapper.mapping.load_functions import has_plain_fields
from couchmapper.mapping.metadata import Nested, is_model
from couchmapper.mapping.plain_copies import write_copy
from couchmapper.mapping.snapshots import ABSENT, FieldCodec, is_changed, kept
from couchmapper.typing import JSONObject

__all__ = ["dump_function"]


def dump_function(kind: type, fields: Sequence[FieldCodec], tag: JSONObject) -> Dump:
    """Write the function that writes an instance as a JSON object.

    A new one has the `_id` of a document first, then the members of `tag`, then the fields as they are
    declared. A model that was loaded is laid over its source: members that it does not know stay in their
    places, fields that did not change keep their text, and where nothing changed the source itself is
    returned.
    """
    text = FunctionText("dump", "instance")
    place = "own[{0.attribute!r}]" if has_plain_fields(kind) else "instance.{0.attribute}"
    if is_model(kind):
        text.write("own = instance.__dict__", "source = own.get('_source')", "if source is not None:")
        _write_overlay(text, fields, place)
    is_document = is_model(kind) and not issubclass(kind, Nested)
    members = {field.name: f"value_{number}" for number, field in enumerate(fields)}
    for field in fields:
        _write_value(text, field, members[field.name], place.format(field), depth=1)
    head = {"_id": members.pop("_id")} if is_document else {}
    tagged = {name: text.bind("tag", value) for name, value in tag.items()}
    written = (f"{name!r}: {value}" for name, value in {**head, **tagged, **members}.items())
    text.write(f"return {{{', '.join(written)}}}")
    dump: Dump = text.compile(kind.__qualname__)
    return dump


def _write_value(text: FunctionText, field: FieldCodec, name: str, place: str, *, depth: int) -> None:
    """Write how the value of a field becomes JSON, under a name."""
    codec = field.codec
    otherwise = f"{text.bind('dump', codec.dump)}({name})"
    text.write(f"{name} = {place}", depth=depth)
    if codec.members is not None:
        write_copy(text, name, codec.members, test=codec.members.tests.dump, otherwise=otherwise, depth=depth)
        return
    if codec.plain is not None:
        text.write(f"if not ({codec.plain.dump.format(name)}):", depth=depth)
        depth += 1
    text.write(f"{name} = {otherwise}", depth=depth)


def _write_overlay(text: FunctionText, fields: Sequence[FieldCodec], place: str) -> None:
    """Write how fields are laid over the source, whose values a plain codec read as the very objects."""
    absent, is_other = text.bind("absent", ABSENT), text.bind("is_changed", is_changed)
    keep = text.bind("kept", kept)
    text.write("changes = {}", depth=2)
    for field in fields:
        depth, own, stored = 2, place.format(field), f"source.get({field.name!r}, {absent})"
        if field.codec.plain is not None:
            text.write(f"if {own} is not {stored}:", depth=depth)
            depth = 3
        _write_value(text, field, "item", own, depth=depth)
        known = text.bind("field", field)
        differs = f"item != {stored} and " if field.codec.by_equality else ""
        text.write(f"if {differs}{is_other}(instance, source, {known}, item):", depth=depth)
        text.write(f"changes[{field.name!r}] = {keep}(instance, source, {known}, item)", depth=depth + 1)
    text.write("return {**source, **changes} if changes else source", depth=2)
