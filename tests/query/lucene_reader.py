r"""A reader of Lucene's query syntax as Clouseau has it, for tests: small, strict, and made from its grammar.

https://lucene.apache.org/core/4_6_0/queryparser/org/apache/lucene/queryparser/classic/package-summary.html
It reads terms, phrases, prefixes, ranges, `AND`, `OR`, `NOT` and groups. It knows the traps: two bounds that
look like numbers are numbers, also in quotes; an open end beside a text is the word `Infinity`; the escape of
a star in a prefix is lost; `AND` and `OR` without parentheses mean something else than people think.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

Entries: TypeAlias = Mapping[str, Sequence[str | float]]
"""What is indexed of one document: values by the names of fields; analysed text as its words."""

Found: TypeAlias = Callable[[Entries], bool]

TOKEN = re.compile(
    r"""\s*(?:
      (?P<all>\*:\*)
    | (?P<word>(?:AND|OR|NOT)(?![^\s()":]))
    | (?P<open>\() | (?P<close>\)) | (?P<colon>:)
    | (?P<quoted>"(?:[^"\\]|\\.)*")
    | (?P<range>[\[{](?P<low>"(?:\\"|[^"])+"|[^\s\]}]+)\sTO\s(?P<high>"(?:\\"|[^"])+"|[^\s\]}]+)[\]}])
    | (?P<prefix>(?:[^\s+\-!():^\[\]"{}~*?\\/&|]|\\.)(?:[^\s+!():^\[\]"{}~*?\\/]|\\.)*\*)
    | (?P<term>(?:[^\s+\-!():^\[\]"{}~*?\\/&|]|\\.)(?:[^\s!():^\[\]"{}~*?\\/]|\\.)*)
    )""",
    re.VERBOSE | re.DOTALL,
)
NUMBER = re.compile(r"[\x00-\x20]*[+-]?(NaN|Infinity|(\d+\.?\d*([eE][+-]?\d+)?|\.\d+)[fFdD]?)[\x00-\x20]*")


def read(query: str) -> Found:
    """Return the test that a query means; raises `ValueError` for what the grammar does not take."""
    reader = _Reader(_tokens(query))
    found = reader.clauses("default")
    if reader.kind is not None:
        raise ValueError(f"{reader.text!r} is left of {query!r}")
    return found


def unescaped(text: str) -> str:
    r"""Take the escapes out: `\"` is a quote, `\u0041` the character of that code."""
    taken = re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _character, text, flags=re.DOTALL)
    return taken.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _character(found: re.Match[str]) -> str:
    code = found[1]
    return chr(int(code[1:], 16)) if len(code) == 5 else code


def _tokens(query: str) -> list[re.Match[str]]:
    tokens, place = [], 0
    while query[place:].strip():
        token = TOKEN.match(query, place)
        if token is None:
            raise ValueError(f"cannot read {query[place:]!r}")
        tokens.append(token)
        place = token.end()
    return tokens


class _Reader:
    def __init__(self, tokens: list[re.Match[str]]) -> None:
        self._tokens = tokens
        self._place = 0

    @property
    def _token(self) -> re.Match[str] | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    @property
    def kind(self) -> str | None:
        if self._token is None:
            return None
        return next(name for name, text in self._token.groupdict().items() if text is not None)

    @property
    def text(self) -> str:
        return "" if self._token is None else self._token[0].strip()

    def take(self) -> str:
        text = self.text
        self._place += 1
        return text

    def clauses(self, field: str) -> Found:
        tests = [self.clause(field)]
        words = set[str]()
        while self.kind == "word":
            words.add(self.take())
            tests.append(self.clause(field))
        if len(words) > 1:
            raise ValueError("AND and OR stand side by side")
        together = any if words == {"OR"} else all
        return lambda entries: together(test(entries) for test in tests)

    def clause(self, field: str) -> Found:
        if self.text == "NOT":
            self.take()
            denied = self.clause(field)
            return lambda entries: not denied(entries)
        if (
            self.kind == "term"
            and self._place + 1 < len(self._tokens)
            and self._tokens[self._place + 1]["colon"]
        ):
            field = unescaped(self.take())
            self.take()
        return self.operand(field)

    def operand(self, field: str) -> Found:
        kind, token, text = self.kind, self._token, self.take()
        if kind == "open":
            inner = self.clauses(field)
            if self.take() != ")":
                raise ValueError("a parenthesis is not closed")
            return inner
        if kind == "range" and token is not None:
            return _between(field, token)
        if kind not in OPERANDS:
            raise ValueError(f"{text!r} is no operand")
        return OPERANDS[kind](field, text)


def _term(field: str, text: str) -> Found:
    text = unescaped(text)
    return _range(field, [float(text)] * 2, (True, True)) if NUMBER.fullmatch(text) else _equal(field, text)


def _between(field: str, token: re.Match[str]) -> Found:
    text = token["range"]
    ends = (_bound(token["low"], "-Infinity"), _bound(token["high"], "Infinity"))
    bounds = list(map(float, ends)) if all(map(NUMBER.fullmatch, ends)) else ends
    return _range(field, bounds, (text[0] == "[", text[-1] == "]"))


def _bound(text: str, infinite: str) -> str:
    if text == "*":
        return infinite
    return unescaped(text[1:-1] if text[0] == '"' else text)


def _equal(field: str, text: str) -> Found:
    """Ask for one term; of analysed text every word is one, and they are asked in lower case."""
    if field.endswith("_text") or field in {"default", "note"}:
        words = re.findall(r"\w+", text.lower())
        return lambda entries: all(word in entries.get(field, ()) for word in words)
    return lambda entries: text in entries.get(field, ())


def _prefix(field: str, text: str) -> Found:
    if r"\*" in text or r"\?" in text:
        raise ValueError("Lucene loses the escape of a star within a prefix")
    start = unescaped(text)
    return lambda entries: any(str(value).startswith(start) for value in entries.get(field, ()))


def _range(field: str, bounds: Sequence[str | float], included: tuple[bool, bool]) -> Found:
    low, high = map(_key, bounds)

    def is_inside(value: str | float) -> bool:
        key = _key(value)
        above = key > low or (included[0] and key == low)
        return above and (key < high or (included[1] and key == high))

    kind = type(bounds[0])
    return lambda entries: any(
        is_inside(value) for value in entries.get(field, ()) if isinstance(value, str) == (kind is str)
    )


def _key(value: str | float) -> tuple[float, bytes]:
    """Order numbers as numbers and texts by their bytes."""
    return (0, value.encode()) if isinstance(value, str) else (value, b"")


OPERANDS: Mapping[str | None, Callable[[str, str], Found]] = {
    "all": lambda _field, _text: lambda _entries: True,
    "quoted": lambda field, text: _equal(field, unescaped(text[1:-1])),
    "prefix": lambda field, text: _prefix(field, text[:-1]),
    "term": _term,
}
