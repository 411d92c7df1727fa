"""The configuration of a service: what all sources say, checked as a whole, every fault told at once."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from couchmapper.auth.base import Auth
from couchmapper.auth.builders import build
from couchmapper.auth.checks import OF_ALL_KINDS, lacking, read_values, store_of
from couchmapper.auth.connection import Connection
from couchmapper.auth.kinds import KINDS
from couchmapper.auth.merging import Choice, merge
from couchmapper.auth.properties import Values
from couchmapper.auth.sources import (
    Setting,
    Source,
    Stray,
    prefix_of,
    read_arguments,
    read_environment,
    read_files,
    read_services,
)
from couchmapper.auth.urls import StoreURL
from couchmapper.exceptions import ConfigurationError, InvalidURL, MissingExtra
from couchmapper.messages import Timeout
from couchmapper.transport.retry import RetryPolicy

__all__ = ["Configuration"]

_EMBEDDED = Choice(kind="NOAUTH", reason="the store lives in this process")


@attrs.frozen(kw_only=True)
class Configuration:
    """What a service is configured to be, and where each part of that comes from.

    `settings` are those that hold, by property, `values` what their texts mean; `choice` is the kind of
    authentication and why. `overridden` tells of settings that others took the place of, `warnings` of those
    where that may surprise. `faults` holds every mistake; `access_faults` those that only matter as long as
    nobody gives an `Auth`. Nothing in here is read again later.
    """

    service: str
    sources: tuple[Source, ...]
    settings: Mapping[str, Setting]
    values: Values
    store: StoreURL | None
    choice: Choice | None
    overridden: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    access_faults: tuple[str, ...] = ()

    @classmethod
    def read(
        cls,
        service: str = "CLOUDANT",
        *,
        url: str | None = None,
        environ: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        home: Path | None = None,
    ) -> "Configuration":
        """Read all sources: `url`, the environment, a credentials file and what Cloud Foundry binds.

        What is not given is the process's own. Reading never raises for what it finds: see `check`.
        """
        if not service.strip():
            raise ConfigurationError("service is the name of a service, such as CLOUDANT")
        if environ is None:
            environ, home = os.environ, home or _home()
        sources = (
            read_arguments(url),
            read_environment(service, environ),
            *read_files(service, environ, cwd or Path.cwd(), home),
            read_services(service, environ),
        )
        return _checked(service, sources)

    @property
    def strays(self) -> Iterator[Stray]:
        """The names that begin like those of the service and are not understood."""
        return (stray for source in self.sources for stray in source.strays)

    def misspelled(self) -> Iterator[Stray]:
        """Yield the names that look like properties with a mistake in them."""
        return (stray for stray in self.strays if stray.mistaken)

    def unused(self) -> Iterator[Setting]:
        """Yield the settings of other kinds of authentication than the one that is chosen."""
        kind = KINDS.get(self.choice.kind) if self.choice is not None else None
        names = OF_ALL_KINDS - set(kind.reads if kind is not None else OF_ALL_KINDS)
        return (setting for name, setting in self.settings.items() if name in names)

    def check(self, *, authenticated: bool = False) -> StoreURL:
        """Return the URL of the store; raises one error with every fault if there is any.

        With `authenticated`, an `Auth` is at hand, and nothing has to be configured for it.
        """
        faults = self.faults if authenticated else self.faults + self.access_faults
        if not faults and self.store is not None:
            return self.store
        kind = (
            InvalidURL
            if self.store is None and len(faults) == 1 and "URL" in self.settings
            else ConfigurationError
        )
        hints = [f"perhaps: {stray}" for stray in self.misspelled() if str(stray) not in faults]
        lines = [*faults, *hints]
        if len(lines) == 1:
            raise kind(lines[0])
        raise kind(
            f"the configuration of {self.service} cannot be used:" + "".join(f"\n  {line}" for line in lines)
        )

    def connection(self) -> Connection:
        """Return how servers are reached, as far as that is configured."""
        found = Connection()
        values = self.values
        if limits := _changes(values, connect="CONNECT_TIMEOUT", read="READ_TIMEOUT", total="TIMEOUT"):
            found["timeout"] = Timeout(**limits)
        if (retry := self._retry()) is not None:
            found["retry"] = retry
        if (size := values.whole("POOL_SIZE")) is not None:
            found["pool_size"] = size
        if (proxy := values.text("PROXY")) is not None:
            found["proxy"] = proxy
        if values.flag("ENABLE_GZIP") is False:
            found["compress"] = False
        elif (threshold := values.whole("GZIP_THRESHOLD")) is not None:
            found["compress"] = threshold
        return self._certificates(found)

    def auth(self, connection: Connection) -> Auth:
        """Make what authenticates; `connection` is how an identity server is reached."""
        choice = self.choice
        if choice is None:
            raise ConfigurationError("no authentication is configured")
        try:
            return build(choice.kind, self.values, connection)
        except MissingExtra:
            raise
        except ConfigurationError as error:
            raise ConfigurationError(
                f"{self.service}: authentication {choice.kind}, because {choice.reason}: {error}"
            ) from error

    def _retry(self) -> RetryPolicy | None:
        values = self.values
        if values.flag("ENABLE_RETRIES") is False:
            return RetryPolicy(attempts=1)
        changes = _changes(values, cap="RETRY_INTERVAL", deadline="RETRY_DEADLINE")
        policy = RetryPolicy(**changes)
        repeats = values.whole("MAX_RETRIES")
        if repeats is not None:
            return attrs.evolve(policy, attempts=repeats + 1)
        return policy if changes else None

    def _certificates(self, connection: Connection) -> Connection:
        values = self.values
        if values.flag("DISABLE_SSL"):
            connection["verify"] = False
        elif (bundle := values.text("CA_BUNDLE")) is not None:
            connection["verify"] = bundle
        certificate, key = values.text("CLIENT_CERTIFICATE"), values.text("CLIENT_KEY")
        if certificate is not None:
            connection["certificate"] = certificate if key is None else (certificate, key)
        return connection


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None


def _changes(values: Values, **names: str) -> dict[str, Any]:
    """Return the numbers that are configured, by the names of arguments."""
    found = {argument: values.number(name) for argument, name in names.items()}
    return {argument: number for argument, number in found.items() if number is not None}


def _checked(service: str, sources: tuple[Source, ...]) -> Configuration:
    """Merge the sources and look for every fault of the whole."""
    merged = merge(sources)
    setting = merged.settings.get("URL")
    store = store_of(setting)
    choice = _EMBEDDED if isinstance(store, StoreURL) and store.embedded else merged.choice
    values, misread = read_values(merged.settings, choice)
    faults = [fault for source in sources for fault in source.faults]
    if setting is None:
        looked = "; ".join(f"{source.name}: {source.state}" for source in sources)
        faults.append(
            f"URL is missing: set {prefix_of(service)}URL, or call connect(url). Looked at {looked}"
        )
    elif isinstance(store, str):
        faults.append(store)
    access = [] if choice is _EMBEDDED else [*misread.access, *lacking(service, merged, choice)]
    return Configuration(
        service=service,
        sources=sources,
        settings=merged.settings,
        values=values,
        store=store if isinstance(store, StoreURL) else None,
        choice=choice,
        overridden=merged.overridden,
        warnings=merged.warnings,
        faults=(*faults, *misread.connection),
        access_faults=tuple(access),
    )
