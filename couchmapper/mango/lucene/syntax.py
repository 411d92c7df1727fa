r"""Lucene's query syntax: texts that its parsers read back as what went in.

There are two parsers: the classic one behind `_search` and the flexible one behind `_nouveau`. What is
written here means the same to both. https://docs.couchdb.org/en/stable/ddocs/search.html#query-syntax
"""

from decimal import Decimal
from typing import Final

__all__ = ["between", "escaped", "number", "prefixed", "quoted", "text_bound"]

_SPECIAL: Final = frozenset('+-&|!(){}[]^"~*?:\\/<>=@')
_WORDS: Final = frozenset({"AND", "OR", "NOT", "TO", "fn"})
_FIRST_SURROGATE: Final = 0xD800
_BEHIND_SURROGATES: Final = 0xE000
_LAST_CHARACTER: Final = "\U0010ffff"
_FIRST_TEXT: Final = '"\\u0000"'
_LAST_TEXT: Final = '"\\udbff\\udfff"'


def escaped(text: str) -> str:
    r"""Write a name, or the beginning of a term, without quotes: `a:b` is `a\:b`, the word `OR` is `\OR`."""
    return "\\" + text if text in _WORDS else _escaped(text)


def quoted(text: str) -> str:
    r"""Write a value in quotes: of a field that is not analysed it is one term, of another one a phrase."""
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def prefixed(text: str) -> str:
    """Write the terms that begin with a text, which is not empty.

    Both parsers lose the escape of a star, or of a question mark, in front of the star that ends a prefix.
    """
    if "*" not in text and "?" not in text:
        return _escaped(text) + "*"
    following = _following(text)
    high = None if following is None else text_bound(following)
    return between(text_bound(text), high, ends=(True, False), is_text=True)


def number(value: float) -> str:
    """Write a number without an exponent, which Java reads in different ways in different places.

    Zero has no sign: Lucene takes -0.0 for the smaller one, and the index does not hold it.
    """
    return format(Decimal(repr(value)), "f") if value else "0"


def text_bound(text: str) -> str:
    r"""Write a text as one end of a range.

    There the parsers take quotes and backslashes for what they look like, escaped or not, and a star for an
    open end; the code of a character is read everywhere.
    """
    inner = text.replace("\\", "\\u005c").replace('"', "\\u0022").replace("*", "\\*")
    return f'"{inner}"'


def between(low: str | None, high: str | None, *, ends: tuple[bool, bool], is_text: bool) -> str:
    """Write a range; `ends` says which bounds are in it, and None is an open end.

    An open end beside a text is a text as well: Clouseau puts `Infinity` there, which is a word like others.
    """
    first, last = (_FIRST_TEXT, _LAST_TEXT) if is_text else ("*", "*")
    opening = "[" if low is None or ends[0] else "{"
    closing = "]" if high is None or ends[1] else "}"
    return f"{opening}{first if low is None else low} TO {last if high is None else high}{closing}"


def _escaped(text: str) -> str:
    return "".join(f"\\{one}" if one in _SPECIAL or one.isspace() else one for one in text)


def _following(text: str) -> str | None:
    """Return the smallest text, by code points, that is above all that begin with this one."""
    kept = text.rstrip(_LAST_CHARACTER)
    if not kept:
        return None
    code = ord(kept[-1]) + 1
    return kept[:-1] + chr(_BEHIND_SURROGATES if code == _FIRST_SURROGATE else code)
