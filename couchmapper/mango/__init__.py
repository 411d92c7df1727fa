"""The Mango language: expression trees, and everything that is done to one."""

from couchmapper.mango.dump import dump
from couchmapper.mango.match import compile_match, match
from couchmapper.mango.nodes import (
    FALSE,
    TRUE,
    And,
    Condition,
    Elements,
    Expression,
    Nor,
    Not,
    Or,
    Path,
)
from couchmapper.mango.normalize import normalize
from couchmapper.mango.parse import parse
from couchmapper.mango.paths import join_path, look_up, parse_path

__all__ = [
    "FALSE",
    "TRUE",
    "And",
    "Condition",
    "Elements",
    "Expression",
    "Nor",
    "Not",
    "Or",
    "Path",
    "compile_match",
    "dump",
    "join_path",
    "look_up",
    "match",
    "normalize",
    "parse",
    "parse_path",
]
