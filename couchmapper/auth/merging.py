"""From several sources to one set of settings: the higher source wins, property by property.

Four rules keep together what belongs together:

- A user in the URL that holds means BASIC, whatever the other sources say; a user in a URL that is
  overridden means nothing.
- A password stays with the user name of its own source: one that stands beside another name is not used. The
  same holds for the secret of a client.
- The names of a trusted profile come from one source.
- The kind of authentication is what the highest source says that says anything about it, by `AUTH_TYPE` or
  by credentials that mean one kind. A lower `AUTH_TYPE` holds as long as it reads those credentials.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs

from couchmapper.auth.kinds import KINDS, implied
from couchmapper.auth.properties import PROPERTIES
from couchmapper.auth.sources import Setting, Source
from couchmapper.auth.urls import StoreURL
from couchmapper.exceptions import InvalidURL

__all__ = ["Choice", "Merged", "merge"]

_PAIRS: Final = {"PASSWORD": "USERNAME", "CLIENT_SECRET": "CLIENT_ID"}
_PROFILE: Final = ("IAM_PROFILE_ID", "IAM_PROFILE_NAME", "IAM_PROFILE_CRN")
_USER_IN_URL: Final = "the user in the URL"
_NAMED: Final = "AUTH_TYPE says so"

_Layer = Mapping[str, Setting]


@attrs.frozen(kw_only=True)
class Choice:
    """The kind of authentication, and why it is this one."""

    kind: str
    reason: str


@attrs.frozen(kw_only=True)
class Merged:
    """What all sources say together.

    `choice` is None when nothing names a kind that is known. `overridden` tells people of settings that are
    not used, `warnings` of those where that may surprise.
    """

    settings: Mapping[str, Setting]
    choice: Choice | None
    overridden: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def merge(sources: Sequence[Source]) -> Merged:
    """Merge sources, of which the first is the highest."""
    layers = list(_layers(sources))
    settings, overridden = _by_property(layers)
    choice, explicit = _chosen(layers)
    if not explicit:
        settings.pop("AUTH_TYPE", None)
    warnings = tuple(_warnings(layers, choice)) if choice is not None and choice.reason != _NAMED else ()
    if warnings:  # they tell the same, and why
        overridden = [line for line in overridden if not line.startswith("AUTH_TYPE ")]
    return Merged(settings=settings, choice=choice, overridden=tuple(overridden), warnings=warnings)


def _warnings(layers: Sequence[_Layer], choice: Choice) -> Iterator[str]:
    """Tell of each `AUTH_TYPE` that something else takes the place of."""
    for layer in layers:
        given = layer.get("AUTH_TYPE")
        if given is not None and _kind(given) != choice.kind:
            yield f"AUTH_TYPE ({given.origin}) is not used: {choice.kind}, because {choice.reason}"


def _layers(sources: Sequence[Source]) -> Iterator[_Layer]:
    """Yield the settings of each source, above them those that stand in the URL."""
    url = next((source.settings["URL"] for source in sources if "URL" in source.settings), None)
    if url is not None:
        yield _split(url)
    yield from (source.settings for source in sources)


def _split(url: Setting) -> _Layer:
    """Return the URL without its user, and the settings that its user means."""
    try:
        store = StoreURL.parse(url.text.strip())
    except InvalidURL:
        return {}
    if store.username is None:
        return {}
    texts = {"AUTH_TYPE": "BASIC", "USERNAME": store.username, "PASSWORD": store.password}
    origin = f"{_USER_IN_URL}, {url.origin}"
    user = {
        name: Setting(name=name, text=text, origin=origin) for name, text in texts.items() if text is not None
    }
    return {"URL": attrs.evolve(url, text=str(store)), **user}


def _by_property(layers: Sequence[_Layer]) -> tuple[dict[str, Setting], list[str]]:
    """Return the settings that hold, and a line about each that another one takes the place of."""
    settings: dict[str, Setting] = {}
    overridden: list[str] = []
    for layer in layers:
        above = dict(settings)
        for name, setting in layer.items():
            rival = _rival(setting, layer, above)
            if rival is None:
                settings[name] = setting
            elif (rival.name, rival.text) != (name, setting.text) and rival.origin != setting.origin:
                overridden.append(f"{name} ({setting.origin}) gives way to {rival.name} ({rival.origin})")
    return settings, overridden


def _rival(setting: Setting, layer: _Layer, above: _Layer) -> Setting | None:
    """Return the setting above that takes the place of this one, if there is one."""
    if setting.name in above:
        return above[setting.name]
    if setting.name in _PROFILE:
        return next((above[name] for name in _PROFILE if name in above), None)
    owner = _PAIRS.get(setting.name, "")
    if owner in above and owner in layer and above[owner].text != layer[owner].text:
        return above[owner]
    return None


def _chosen(layers: Sequence[_Layer]) -> tuple[Choice | None, bool]:
    """Choose the kind of authentication; the second value tells whether `AUTH_TYPE` did."""
    place = next((index for index, layer in enumerate(layers) if "AUTH_TYPE" in layer), len(layers))
    named = layers[place]["AUTH_TYPE"] if place < len(layers) else None
    kind = None if named is None else _kind(named)
    known = KINDS.get(kind) if kind is not None else None
    reads = known.reads if known is not None else ()
    for depth in range(1, place + 1):
        sign = implied(_by_property(layers[:depth])[0])
        if sign is not None and (named is None or not set(sign.names) <= set(reads)):
            are = "is" if len(sign.names) == 1 else "are"
            return Choice(kind=sign.kind, reason=f"{' and '.join(sign.names)} {are} set"), False
        if sign is not None:
            break
    if named is None or kind is None:
        return None, named is not None
    in_url = named.origin.startswith(_USER_IN_URL)
    return Choice(kind=kind, reason="the URL names a user" if in_url else _NAMED), True


def _kind(setting: Setting) -> str | None:
    value = PROPERTIES["AUTH_TYPE"].form.parse(setting.text)
    return value if isinstance(value, str) else None
