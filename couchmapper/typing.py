"""The names of JSON in annotations: the only place where `Any` is meant."""

from collections.abc import Mapping
from typing import Any, TypeAlias

__all__ = ["JSON", "JSONMapping", "JSONObject"]

JSON: TypeAlias = Any
"""Any JSON value: `None`, `bool`, `int`, `float`, `str`, `list` or `dict` of these."""

JSONObject: TypeAlias = dict[str, Any]
"""A JSON object that its holder may change."""

JSONMapping: TypeAlias = Mapping[str, Any]
"""A JSON object that is only read."""
