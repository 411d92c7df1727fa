"""Chapters of the API that a program does not need before it asks for them."""

from importlib import import_module
from typing import Any, Generic, Self, TypeVar, overload

__all__ = ["Chapter"]

C = TypeVar("C")


class Chapter(Generic[C]):
    """An attribute of something with a `place`: a chapter that is imported and made at its first use.

    It is named as `couchmapper.client.nodes:Nodes`. Most programs use few chapters, and all of them import
    this package.
    """

    def __init__(self, name: str) -> None:
        self._module, _, self._class = name.partition(":")
        self._attribute = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._attribute = name

    @overload
    def __get__(self, instance: None, owner: object) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: object) -> C: ...
    def __get__(self, instance: Any, owner: object) -> Self | C:
        if instance is None:
            return self
        chapter: C = getattr(import_module(self._module), self._class)(*instance.place)
        instance.__dict__[self._attribute] = chapter  # found there from now on
        return chapter
