"""Where a configuration comes from: each source is read on its own, into settings that know their origin."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs

from couchmapper import jsonio
from couchmapper.auth import credentials_file
from couchmapper.auth.properties import ALIASES, FOREIGN, PROPERTIES
from couchmapper.auth.urls import StoreURL
from couchmapper.exceptions import InvalidJSON, InvalidURL
from couchmapper.typing import JSON

__all__ = [
    "Setting",
    "Source",
    "Stray",
    "prefix_of",
    "read_arguments",
    "read_environment",
    "read_files",
    "read_services",
]

FILE: Final = "ibm-credentials.env"
_HIDDEN: Final = "******"
_ENVIRONMENT: Final = "environment"


@attrs.frozen(kw_only=True)
class Setting:
    """One property as a source gives it: its name, its text, and where that stands."""

    name: str
    text: str = attrs.field(repr=False)
    origin: str

    def shown(self) -> str:
        """Return the text for people: a secret, and the user and password in a URL, are masked."""
        if PROPERTIES[self.name].secret:
            return _HIDDEN
        if self.name == "URL":
            return _shown_url(self.text)
        return _without_user(self.text) if self.name in ("PROXY", "AUTH_URL") else self.text


@attrs.frozen(kw_only=True)
class Stray:
    """A name that begins like the service's and is not understood; `mistaken` when it looks misspelled."""

    name: str
    place: str
    advice: str
    mistaken: bool = False

    def __str__(self) -> str:
        """Show the name, where it stands, and what it may have been meant to be."""
        return f"{self.name} ({self.place}): {self.advice}"


@attrs.frozen(kw_only=True)
class Source:
    """What one source holds for a service, and in `state`, for people, what became of reading it."""

    name: str
    state: str
    settings: Mapping[str, Setting] = attrs.field(factory=dict)
    strays: tuple[Stray, ...] = ()
    faults: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class _Entry:
    """A name and its text as they stand in a source."""

    name: str
    text: str = attrs.field(repr=False)
    place: str
    fault: str = ""

    @property
    def origin(self) -> str:
        return f"environment variable {self.name}" if self.place == _ENVIRONMENT else self.place


def prefix_of(service: str) -> str:
    """Return what the names of a service begin with: `My svc` and `my-svc` mean `MY_SVC_`."""
    return service.replace(" ", "_").replace("-", "_").upper() + "_"


def read_arguments(url: str | None) -> Source:
    """Return what the caller gives: the URL of the store."""
    if url is None:
        return Source(name="arguments", state="no url")
    return Source(
        name="arguments",
        state="1 property",
        settings={"URL": Setting(name="URL", text=str(url), origin="argument url")},
    )


def read_environment(service: str, environ: Mapping[str, str]) -> Source:
    """Read the environment; what looks misspelled there may belong to others, so it is no fault."""
    entries = (_Entry(name=name, text=text, place=_ENVIRONMENT) for name, text in environ.items())
    return _source(_ENVIRONMENT, prefix_of(service), entries, strict=False)


def read_files(service: str, environ: Mapping[str, str], cwd: Path, home: Path | None) -> list[Source]:
    """Read the credentials file: the one that the environment names, or else the first that has a property.

    The one that `IBM_CREDENTIALS_FILE` names must be there. Without it, the one in the working directory is
    read, and if that says nothing about the service, the one in the home directory.
    """
    named = environ.get("IBM_CREDENTIALS_FILE")
    if named:
        path = home / named[2:] if named.startswith("~/") and home else cwd / named
        return [_file(service, path, named, named=True)]
    sources = [_file(service, cwd / FILE, f"./{FILE}")]
    if home is not None and home != cwd:
        shown = f"~/{FILE}"
        first = sources[0]
        wanted = not (first.settings or first.faults)
        state = f"not read, since {first.name} has this service"
        sources.append(_file(service, home / FILE, shown) if wanted else Source(name=shown, state=state))
    return sources


def read_services(service: str, environ: Mapping[str, str]) -> Source:
    """Read `VCAP_SERVICES`, where Cloud Foundry puts the credentials of the services that it binds."""
    name = "VCAP_SERVICES"
    text = environ.get(name)
    if not text:
        return Source(name=name, state="not set")
    try:
        services = jsonio.loads(text.encode())
    except InvalidJSON:
        services = None
    if not isinstance(services, dict):
        fault = f"{name}: expected a JSON object with a list of instances for each kind of service"
        return Source(name=name, state="cannot be read", faults=(fault,))
    credentials = _credentials(service, services)
    if credentials is None:
        return Source(name=name, state=f"no instance is named {service}")
    return _source(name, "", _bound(credentials, f"{name}, instance {service}"), strict=False)


def _without_user(url: str) -> str:
    """Return the URL of another server with everything masked that may be a user and a password."""
    before, at, host = url.rpartition("@")
    scheme, slashes, _ = before.partition("://")
    return f"{scheme + slashes if slashes else ''}{_HIDDEN}@{host}" if at else url


def _shown_url(text: str) -> str:
    """Return a URL without user and password; one that cannot be read may hold them anywhere."""
    try:
        return str(StoreURL.parse(text))
    except InvalidURL:
        return _HIDDEN


def _file(service: str, path: Path, shown: str, *, named: bool = False) -> Source:
    """Read one file; only one that was named must be there and readable."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        absent = isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError)
        state = "not there" if absent and not named else f"cannot be read: {error.strerror}"
        fault = f"IBM_CREDENTIALS_FILE names {shown}, which cannot be read: {error.strerror}"
        return Source(name=shown, state=state, faults=(fault,) if named else ())
    except UnicodeDecodeError:
        fault = f"{shown}: expected text in UTF-8"
        return Source(name=shown, state="cannot be read: no UTF-8", faults=(fault,))
    entries = (
        _Entry(name=line.name, text=line.text, place=f"line {line.number} of {shown}", fault=line.fault)
        for line in credentials_file.parse(text)
    )
    return _source(shown, prefix_of(service), entries, strict=True)


def _source(name: str, prefix: str, entries: Iterable[_Entry], *, strict: bool) -> Source:
    """Sort what a source holds into properties, names that are not understood, and faults."""
    settings: dict[str, Setting] = {}
    second: dict[str, Setting] = {}
    strays: list[Stray] = []
    faults: list[str] = []
    for entry in entries:
        key = entry.name[len(prefix) :]
        if not entry.name.upper().startswith(prefix) or not key or key in FOREIGN:
            continue
        known = entry.name.startswith(prefix) and (key in PROPERTIES or key in ALIASES)
        if entry.fault:
            faults.append(f"{entry.name} ({entry.place}): {entry.fault}")
        elif not known:
            strays.append(_stray(prefix, entry))
        elif not entry.text.strip():
            strays.append(Stray(name=entry.name, place=entry.place, advice="empty, which counts as not set"))
        else:
            held = second if key in ALIASES else settings
            held[ALIASES.get(key, key)] = Setting(
                name=ALIASES.get(key, key), text=entry.text, origin=entry.origin
            )
    faults += [str(stray) for stray in strays if strict and stray.mistaken]
    held = {**second, **settings}
    return Source(
        name=name, state=_counted(len(held)), settings=held, strays=tuple(strays), faults=tuple(faults)
    )


def _counted(number: int) -> str:
    return "1 property" if number == 1 else f"{number} properties" if number else "nothing for this service"


def _stray(prefix: str, entry: _Entry) -> Stray:
    """Say what a name that is not understood may have been meant to be."""
    key = entry.name[len(prefix) :].upper()
    longer = next((known for known in PROPERTIES if key.endswith(f"_{known}")), None)
    near = [key] if key in PROPERTIES else difflib.get_close_matches(key, PROPERTIES, n=1, cutoff=0.8)
    if near:
        advice, mistaken = f"no such property; did you mean {prefix}{near[0]}?", True
    elif longer is not None:
        advice, mistaken = f"taken for a property of a service {prefix}{key[: -len(longer) - 1]}", False
    else:
        advice, mistaken = "no such property", False
    return Stray(name=entry.name, place=entry.place, advice=advice, mistaken=mistaken)


def _credentials(service: str, services: Mapping[str, JSON]) -> Mapping[str, JSON] | None:
    """Find the instance with the name of the service, or else the first of the kind with that name."""
    wanted = prefix_of(service)
    instances = [
        (kind, instance)
        for kind, listed in services.items()
        for instance in (listed if isinstance(listed, list) else ())
        if isinstance(instance, dict)
    ]
    by_name = (instance for _, instance in instances if prefix_of(str(instance.get("name", ""))) == wanted)
    by_kind = (instance for kind, instance in instances if prefix_of(kind) == wanted)
    found = next(by_name, None) or next(by_kind, None)
    credentials = None if found is None else found.get("credentials")
    return credentials if isinstance(credentials, dict) else None


def _bound(credentials: Mapping[str, JSON], place: str) -> Iterator[_Entry]:
    """Give the credentials of an instance the names of properties; what else stands there means nothing."""
    texts = {
        name.upper(): str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in credentials.items()
        if isinstance(value, str | int | float)
    }
    if "IAM_APIKEY" in texts:
        texts["APIKEY"] = texts["IAM_APIKEY"]
    if "HOST" in texts:
        texts.setdefault("URL", f"https://{texts['HOST']}")
    if not texts.keys().isdisjoint(("AUTH_TYPE", "AUTHTYPE")):
        kind = ""
    elif "USERNAME" in texts and "PASSWORD" in texts:
        kind = "BASIC"
    else:
        kind = "IAM" if "APIKEY" in texts else ""
    for name, text in {"AUTH_TYPE": kind, **texts}.items():
        if text and (name in PROPERTIES or name in ALIASES):
            yield _Entry(name=name, text=text, place=place)
