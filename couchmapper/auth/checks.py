"""What can be wrong with settings: texts that do not fit, and what is missing; no fault shows a value."""

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from couchmapper.auth.kinds import KINDS, UNSUPPORTED
from couchmapper.auth.merging import Choice, Merged
from couchmapper.auth.properties import PROPERTIES, PropertyValue, Values
from couchmapper.auth.sources import Setting, prefix_of
from couchmapper.auth.urls import StoreURL
from couchmapper.exceptions import InvalidURL

__all__ = ["OF_ALL_KINDS", "Misread", "lacking", "read_values", "store_of"]

OF_ALL_KINDS: Final = frozenset(name for kind in KINDS.values() for name in kind.reads)
"""The properties that some kind of authentication reads."""


@attrs.frozen
class Misread:
    """Faults of texts: those of the authentication, and those of the connection."""

    access: tuple[str, ...]
    connection: tuple[str, ...]


def read_values(settings: Mapping[str, Setting], choice: Choice | None) -> tuple[Values, Misread]:
    """Return what the texts mean, and the faults of those that mean nothing.

    A text that only another kind of authentication would read is no fault.
    """
    values: dict[str, PropertyValue] = {}
    access: list[str] = []
    connection: list[str] = []
    kind = KINDS.get(choice.kind) if choice is not None else None
    for name, setting in settings.items():
        form = PROPERTIES[name].form
        value = form.parse(setting.text)
        fault = f"{name} ({setting.origin}): expected {form.expected}"
        if value is not None:
            values[name] = value
        elif name == "AUTH_TYPE" or (kind is not None and name in kind.reads):
            access.append(fault)
        elif name not in OF_ALL_KINDS and name != "URL":
            connection.append(fault)
    if "CLIENT_KEY" in settings and "CLIENT_CERTIFICATE" not in settings:
        origin = settings["CLIENT_KEY"].origin
        connection.append(f"CLIENT_CERTIFICATE is missing: CLIENT_KEY ({origin}) is the key of a certificate")
    return Values(values), Misread(tuple(access), tuple(connection))


def store_of(setting: Setting | None) -> StoreURL | str | None:
    """Return the store that a URL names, or else what is wrong with the URL."""
    try:
        return None if setting is None else StoreURL.parse(setting.text.strip())
    except InvalidURL as error:
        return f"URL ({setting.origin}): {error}" if setting is not None else None


def lacking(service: str, merged: Merged, choice: Choice | None) -> Iterator[str]:
    """Yield what is wrong with the authentication as a whole."""
    settings, prefix = merged.settings, prefix_of(service)
    if choice is None:
        if "AUTH_TYPE" not in settings:
            yield (
                f"no credentials: set {prefix}APIKEY (IAM), {prefix}USERNAME and {prefix}PASSWORD (BASIC), or"
                f" {prefix}AUTH_TYPE to another kind; {prefix}AUTH_TYPE=NOAUTH sends none on purpose"
            )
        return
    if choice.kind in UNSUPPORTED:
        origin = settings["AUTH_TYPE"].origin
        yield f"AUTH_TYPE ({origin}): {choice.kind} is not supported; use one of {', '.join(KINDS)}"
        return
    kind, why = KINDS[choice.kind], f"{choice.kind}, because {choice.reason}"
    for group in kind.lacks(settings.keys()):
        names = " or ".join(f"{prefix}{name}" for name in group)
        lost = [line for line in merged.overridden if line.partition(" ")[0] in group]
        yield "; ".join([f"{' or '.join(group)} is missing: {why}", f"set {names}", *lost])
    if rivals := kind.rivals(settings.keys()):
        told = " and ".join(f"{name} ({settings[name].origin})" for name in rivals)
        yield f"{told}: expected only one of them, {why}"
