"""The Mango language: expression trees, and everything that is done to one."""

from couchmapper.mango.dump import dump
from couchmapper.mango.javascript import write_guard
from couchmapper.mango.lucene import write_query
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
    text_search,
)
from couchmapper.mango.normalize import normalize
from couchmapper.mango.parse import parse
from couchmapper.mango.paths import join_path, look_up, parse_path
from couchmapper.mango.python import as_json
from couchmapper.mango.selector import server_needs
from couchmapper.mango.support import Support

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
    "Support",
    "as_json",
    "compile_match",
    "dump",
    "join_path",
    "look_up",
    "match",
    "normalize",
    "parse",
    "parse_path",
    "server_needs",
    "text_search",
    "write_guard",
    "write_query",
]
