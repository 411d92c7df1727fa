r"""`$regex` in JavaScript: the patterns that PCRE on bytes and JavaScript on code units decide equally.

CouchDB matches UTF-8 bytes, JavaScript UTF-16 code units. A character beyond ASCII is several bytes, and one
or two code units. What takes any number of them, `.*`, takes the same ones in both; what takes just one, `.`
or `[^a]`, does not. Nor do two that share a character: `.+.+` finds two bytes in `"é"`, but not two units.
What is accepted is written anew, so that `.` and `$` mean to JavaScript what they mean to PCRE.
"""

import re
from collections.abc import Iterable
from typing import Final

import attrs

__all__ = ["reasons_of_regex", "write_regex"]

_CASELESS: Final = "(?i)"
_QUANTIFIER: Final = re.compile(
    r"(?P<sign>[*+?])|\{(?P<least>[0-9]{1,3})(?P<comma>,(?P<most>[0-9]{1,3})?)?\}",
)
_SPECIAL: Final = frozenset("\\^$.*+?()[]{}|/")
_SPECIAL_IN_CLASS: Final = frozenset("\\^-[]/")
_CHARACTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
_WRITTEN: Final = {
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\f": "\\f",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
_SETS: Final = {"d": "0-9", "s": "\\t-\\r "}
_ANCHORS: Final = {"^": "^", "$": "(?=\\n?$)"}  # PCRE's $ also stands before a newline that ends the text

_ONE_BYTE: Final = "takes one byte in CouchDB and one code unit in JavaScript; repeat it by * or +"
_SHARED: Final = "two repetitions by + that can share one character; put a plain character between them"


@attrs.frozen(kw_only=True)
class _Part:
    """A piece of a pattern as JavaScript, and how it meets characters of several bytes.

    `is_wide`: takes one byte of any kind. `is_passable`: can match without a plain character, which would
    keep its neighbours apart; `is_empty`: can match nothing at all. `opens` and `closes`: begins or ends, as
    far as neighbours can reach, with a wide piece that needs a byte.
    """

    text: str
    is_wide: bool = False
    is_anchor: bool = False
    is_passable: bool = False
    is_empty: bool = False
    opens: bool = False
    closes: bool = False

    def then(self, other: "_Part") -> "_Part":
        """Return this piece with another behind it."""
        return _Part(
            text=self.text + other.text,
            is_passable=self.is_passable and other.is_passable,
            is_empty=self.is_empty and other.is_empty,
            opens=self.opens or (self.is_passable and other.opens),
            closes=other.closes or (other.is_passable and self.closes),
        )


_NOTHING: Final = _Part(text="", is_passable=True, is_empty=True)


def write_regex(pattern: str) -> str:
    """Write a pattern without `reasons_of_regex` as a literal of JavaScript: `/^a[0-9]/i`."""
    reader = _Reader(pattern)
    return f"/{reader.whole.text or '(?:)'}/{'i' if reader.is_caseless else ''}"


def reasons_of_regex(pattern: str) -> list[str]:
    """Return every reason why JavaScript does not decide a pattern as PCRE does on bytes."""
    return _Reader(pattern).reasons


class _Reader:
    """Reads a pattern once, from left to right: `whole` is what it became, `reasons` what is against it."""

    def __init__(self, pattern: str) -> None:
        self.is_caseless = pattern.startswith(_CASELESS)
        self._pattern = pattern.removeprefix(_CASELESS)
        self._place = 0
        self.reasons: list[str] = []
        self.whole = self._alternatives()
        if self._here:
            self._refuse(f"{self._here} without its beginning")

    @property
    def _here(self) -> str:
        return self._pattern[self._place : self._place + 1]

    def _take(self, text: str) -> bool:
        """Step over a text, if it stands here."""
        is_here = self._pattern.startswith(text, self._place)
        self._place += len(text) if is_here else 0
        return is_here

    def _next(self) -> str:
        """Step over one character and return it."""
        self._place += 1
        return self._pattern[self._place - 1 : self._place]

    def _refuse(self, reason: str) -> None:
        if reason not in self.reasons:
            self.reasons.append(reason)

    def _alternatives(self) -> _Part:
        parts = [self._sequence()]
        while self._take("|"):
            parts.append(self._sequence())
        return _any_of(parts)

    def _sequence(self) -> _Part:
        whole = _NOTHING
        while self._here not in {"", "|", ")"}:
            part = self._repeated()
            if whole.closes and part.opens:
                self._refuse(_SHARED)
            whole = whole.then(part)
        return whole

    def _repeated(self) -> _Part:
        start = self._place
        part = self._atom()
        source = self._pattern[start : self._place]
        found = _QUANTIFIER.match(self._pattern, self._place)
        if found is None:
            if part.is_wide:
                self._refuse(f"{source} {_ONE_BYTE}")
            return part
        self._place = found.end()
        self._check(part, source, found)
        lazy = "?" if self._take("?") else ""
        return _repeat(part, found, found[0] + lazy)

    def _check(self, part: _Part, source: str, quantifier: re.Match[str]) -> None:
        """Refuse what cannot be repeated, or not in this way."""
        if part.is_anchor:
            self._refuse(f"{source} is repeated")
        elif part.is_wide:
            if quantifier["sign"] not in {"*", "+"}:
                self._refuse(f"{source} {_ONE_BYTE}")
        elif part.is_empty:
            self._refuse("a repeated group that can be empty")
        elif not source.isascii() and len(source) == 1:
            self._refuse(f"{source} is several bytes in CouchDB, of which the last is repeated: (?:{source})")
        elif part.opens and part.closes:
            self._refuse(_SHARED)

    def _atom(self) -> _Part:
        character = self._next()
        match character:
            case "^" | "$":
                return attrs.evolve(_NOTHING, text=_ANCHORS[character], is_anchor=True)
            case ".":
                return _Part(text="[^\\n]", is_wide=True)
            case "(":
                return self._group()
            case "[":
                return self._class()
            case "\\":
                return self._escape()
            case "*" | "+" | "?" | "{":
                self._refuse(f"{character} that repeats nothing, or is possessive; escape a plain one")
        return self._literal(character)

    def _literal(self, character: str) -> _Part:
        if self.is_caseless and not character.isascii():
            self._refuse(f"(?i) with {character}")
        if character.isascii() and not character.isprintable() and character not in _WRITTEN:
            self._refuse(f"the control character {character!r}")
        return _Part(text=_escaped(character, _SPECIAL))

    def _group(self) -> _Part:
        """Read a group; its number does not matter without references, so it is written without one."""
        if not self._take("?:") and self._here in {"?", "*"}:
            self._refuse(f"({self._next()}{self._here} is read in other ways, or not at all")
        inner = self._alternatives()
        if not self._take(")"):
            self._refuse("( without its end")
        return attrs.evolve(inner, text=f"(?:{inner.text})")

    def _escape(self) -> _Part:
        name = self._next()
        if name.lower() in _SETS:
            sign = "" if name in _SETS else "^"
            return _Part(text=f"[{sign}{_SETS[name.lower()]}]", is_wide=bool(sign))
        return self._literal(self._escaped_character(name))

    def _escaped_character(self, name: str) -> str:
        """Return the character behind a backslash; letters and digits have meanings that differ."""
        if name in _CHARACTERS:
            return _CHARACTERS[name]
        if not name.isascii() or name.isalnum() or name in {"", "_"}:
            self._refuse(f"\\{name} is read in other ways")
        return name

    def _class(self) -> _Part:
        sign = "^" if self._take("^") else ""
        if self._here == "]":
            self._refuse("] at the beginning of a class; write \\]")
        body = ""
        while self._here not in {"", "]"}:
            body += self._members()
        if not self._take("]"):
            self._refuse("[ without its end")
        return _Part(text=f"[{sign}{body}]", is_wide=bool(sign))

    def _members(self) -> str:
        """Read one member of a class, or a range of them."""
        low, is_set = self._member()
        if is_set or not self._is_hyphen_of_range():
            return low
        self._place += 1
        high, is_set = self._member()
        if is_set:
            self._refuse(f"{low}-\\ in a class; write the hyphen last")
        return f"{low}-{high}"

    def _is_hyphen_of_range(self) -> bool:
        return self._here == "-" and self._pattern[self._place + 1 : self._place + 2] not in {"", "]"}

    def _member(self) -> tuple[str, bool]:
        """Read one member of a class: its text, and whether it is a set of its own."""
        character = self._next()
        if character == "\\":
            if self._here in _SETS:
                return _SETS[self._next()], True
            character = self._escaped_character(self._next())
        elif character == "[":
            self._refuse("[ in a class; write \\[")
        if not character.isascii() or not (character.isprintable() or character in _WRITTEN):
            self._refuse(f"{character!r} in a class, which has its bytes as members in CouchDB")
        return _escaped(character, _SPECIAL_IN_CLASS), False


def _any_of(parts: Iterable[_Part]) -> _Part:
    """Join alternatives: what one of them can do, the whole can."""
    known = list(parts)
    if len(known) == 1:
        return known[0]
    return _Part(
        text="|".join(part.text for part in known),
        is_passable=any(part.is_passable for part in known),
        is_empty=any(part.is_empty for part in known),
        opens=any(part.opens for part in known),
        closes=any(part.closes for part in known),
    )


def _repeat(part: _Part, quantifier: re.Match[str], text: str) -> _Part:
    """Put a quantifier behind a piece."""
    is_optional = quantifier["sign"] in {"*", "?"} or int(quantifier["least"] or 1) == 0
    needs_byte = part.is_wide and not is_optional
    return _Part(
        text=part.text + text,
        is_passable=part.is_passable or part.is_wide or is_optional,
        is_empty=is_optional,
        opens=part.opens or needs_byte,
        closes=part.closes or needs_byte,
    )


def _escaped(character: str, special: frozenset[str]) -> str:
    return f"\\{character}" if character in special else _WRITTEN.get(character, character)
