"""The function that writes the instances of one class, written as text: a few lines a field, no loop."""

from collections.abc import Sequence

from couchmapper.mapping.codec import Dump
from couchmapper.mapping.function_text import FunctionText
from couchmapper.mapping.load_functions import has_plain_fields
from couchmapper.mapping.metadata import Nested, is_model
from couchmapper.mapping.plain_copies import write_copy
from couchmapper.mapping.snapshots import ABSENT, FieldCodec, note_change
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
    dump: Dump = text.compile(f"{kind.__module__}.{kind.__qualname__}")
    return dump


def _write_value(text: FunctionText, field: FieldCodec, name: str, place: str, *, depth: int) -> None:
    """Write how the value of a field becomes JSON, under a name."""
    codec, dump = field.codec, text.bind("dump", field.codec.dump)
    if codec.members is not None:
        text.write(f"{name} = {place}", depth=depth)
        test, otherwise = codec.members.tests.dump, f"{dump}({name})"
        write_copy(text, name, codec.members, test=test, otherwise=otherwise, depth=depth)
    elif codec.plain is not None:
        test = codec.plain.dump.format("item")
        text.write(f"item = {place}", f"{name} = item if {test} else {dump}(item)", depth=depth)
    else:
        text.write(f"{name} = {dump}({place})", depth=depth)


def _write_overlay(text: FunctionText, fields: Sequence[FieldCodec], place: str) -> None:
    """Write how fields are laid over the source, whose values a plain codec read as the very objects."""
    absent, note = text.bind("absent", ABSENT), text.bind("note_change", note_change)
    text.write("changes = {}", depth=2)
    for field in fields:
        own, stored = place.format(field), f"source.get({field.name!r}, {absent})"
        noted = f"{note}(changes, instance, source, {text.bind('field', field)}"
        if field.codec.plain is not None:
            written = f"{text.bind('dump', field.codec.dump)}({own})"
            text.write(f"if {own} is not {stored}:", f"    {noted}, {written})", depth=2)
            continue
        _write_value(text, field, "item", own, depth=2)
        differs = f"item != {stored}" if field.codec.by_equality else f"item is not {stored}"
        text.write(f"if {differs}:", f"    {noted}, item)", depth=2)
    text.write("return {**source, **changes} if changes else source", depth=2)
