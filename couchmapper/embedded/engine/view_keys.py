"""Keys of views with the option `collation: "raw"`: Erlang's order of terms, without any language's rules.

`numbers < false < null < true < objects < arrays < strings`; strings by their bytes.
"""

from typing import Final

from couchmapper.collation import sort_key
from couchmapper.typing import JSON

__all__ = ["MAX_DEFAULT", "raw_key"]

_END: Final = b"\x01"
_NUMBER: Final = b"\x02"
_FALSE: Final = b"\x03"
_NULL: Final = b"\x04"
_TRUE: Final = b"\x05"
_OBJECT: Final = b"\x06"
_ARRAY: Final = b"\x07"
_STRING: Final = b"\x08"

MAX_DEFAULT: Final = _OBJECT + b"\xff"
"""Behind every object: what CouchDB takes for the highest key sorts before arrays and strings here."""


def raw_key(value: JSON) -> bytes:
    """Return the key of a value: keys in byte order are values in the raw order."""
    match value:
        case None:
            return _NULL
        case bool():
            return _TRUE if value else _FALSE
        case int() | float():
            return _NUMBER + sort_key(value)
        case str():
            return _STRING + _text(value)
        case list():
            return _ARRAY + b"".join(map(raw_key, value)) + _END
    members = [_STRING + _text(name) + raw_key(item) for name, item in value.items()]
    return _OBJECT + b"".join(members) + _END


def _text(text: str) -> bytes:
    """End the text with two NULs; one within it cannot be taken for that."""
    return text.encode().replace(b"\0", b"\0\xff") + b"\0\0"
