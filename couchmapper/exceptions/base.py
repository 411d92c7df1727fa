"""The root of all errors, and what is wrong before anything is sent."""

__all__ = [
    "ConfigurationError",
    "CouchMapperError",
    "InvalidBody",
    "InvalidJSON",
    "InvalidURL",
    "MissingExtra",
    "PartPassed",
]


class CouchMapperError(Exception):
    """The base of every error of this package."""


class ConfigurationError(CouchMapperError, ValueError):
    """Something that was configured cannot be used; the message names it and what was expected."""


class InvalidURL(ConfigurationError):
    """A URL that names no store: the message lists the forms that are understood."""


class MissingExtra(ConfigurationError):
    """An optional package is needed for what was asked; the message is the command that installs it."""


class InvalidJSON(CouchMapperError, ValueError):
    """A value that JSON cannot hold, such as `NaN` or a date, or broken text; `path` as `lines[2].price`."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message, path)
        self.message = message
        self.path = path

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class InvalidBody(CouchMapperError, ValueError):
    """A body that is not bytes, is longer or shorter than it was said to be, or was sent already."""


class PartPassed(CouchMapperError, ValueError):
    """A part of a multipart body was read after the next one was asked for; its bytes are gone."""
