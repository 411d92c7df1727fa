r"""CouchDB's `$regex` in Python: the core that PCRE and `re` have in common, and nothing else.

CouchDB matches bytes, not characters, unless the pattern begins with `(*UTF8)`; so text is looked at here as
the Latin-1 reading of its UTF-8 bytes, which also makes `\w` and `(?i)` what Erlang's Latin-1 tables make
of them. What `re` would read otherwise than PCRE is rewritten, or refused with `InvalidSelector`.
https://www.erlang.org/doc/apps/stdlib/re.html
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

import attrs

from couchmapper.exceptions import InvalidSelector

__all__ = ["compile_regex"]

_WORD: Final = "0-9A-Z_a-z\xaa\xb5\xba\xc0-\xd6\xd8-\xf6\xf8-\xff"
_NOT_WORD: Final = "\\x00-/:-@\\[-\\^`{-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u0100-\U0010ffff"

_SETS: Final = {
    "\\d": "0-9",
    "\\D": "\\x00-/:-\U0010ffff",
    "\\w": _WORD,
    "\\W": _NOT_WORD,
    "\\s": "\\t-\\r ",
    "\\S": "\\x00-\\x08\\x0e-\\x1f!-\U0010ffff",
    "[:alpha:]": "A-Za-z\xaa\xb5\xba\xc0-\xd6\xd8-\xf6\xf8-\xff",
    "[:alnum:]": _WORD.replace("_", ""),
    "[:digit:]": "0-9",
    "[:xdigit:]": "0-9A-Fa-f",
    "[:space:]": "\\t-\\r ",
    "[:word:]": _WORD,
}
"""What stands for many characters, as the body of a class."""

_CASE_FREE: Final = frozenset({"\\d", "\\s", "[:digit:]", "[:space:]"})

_CHARACTERS: Final = {"\\a": 7, "\\e": 27, "\\f": 12, "\\n": 10, "\\r": 13, "\\t": 9}

_CASELESS: Final = re.compile(r"\(\?[ims]*i")

_ASSERTIONS: Final = {
    "\\A": "\\A",
    "\\b": f"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))",
    "\\B": f"(?:(?<=[{_WORD}])(?=[{_WORD}])|(?<![{_WORD}])(?![{_WORD}]))",
    "\\z": "\\Z",
    "\\Z": "(?=\\n?\\Z)",
    "\\N": "[^\\n]",
}

_UNREPEATABLE: Final = frozenset({"^", "$", "\\A", "\\b", "\\B", "\\z", "\\Z"})
_QUANTIFIER: Final = re.compile(r"[*+?]|\{[0-9]+(?:,[0-9]*)?\}")

_HEAD: Final = re.compile(r"(?P<utf>\(\*UTF8?\))?(?P<flags>\(\?[ims]+\))?")

_ESCAPE: Final = r"\\x\{[0-9A-Fa-f]+\}|\\x[0-9A-Fa-f]{0,2}|\\0[0-7]{0,2}|\\[1-9][0-9]+|\\."

_TOKEN: Final = re.compile(
    rf"""(?P<quote>\\Q.*?(?:\\E|\Z))
    |(?P<reference>\\[1-9](?![0-9]))
    |(?P<escape>{_ESCAPE})
    |(?P<set>\[\^?\]?(?:\[:\^?[a-z]+:\]|\\.|[^\]\\])*\])
    |(?P<name>\(\?P?<(?P<label>[A-Za-z_]\w*)>)
    |(?P<group>\(\?(?:[is]*(?:-[is]+)?:|<?[=!]|>)|\(\?\#[^)]*\)|\((?![?*]))
    |(?P<brace>\{{,)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)

_ATOM: Final = re.compile(rf"(?P<posix>\[:\^?[a-z]+:\])|(?P<escape>{_ESCAPE})|(?P<other>.)", re.DOTALL)


def compile_regex(pattern: str) -> Callable[[str], bool]:
    """Make the test that a text contains a match of a PCRE pattern, as CouchDB would find it.

    Raises `InvalidSelector`: `bad_arg` for a broken pattern, `not_supported` for what only PCRE has.
    """
    head = _HEAD.match(pattern)
    assert head is not None  # noqa: S101 (every part of it is optional)
    in_characters = head["utf"] is not None
    rest = pattern[head.end() :]
    translation = _Translation(
        in_characters=in_characters,
        caseless=_CASELESS.search(pattern) is not None,
        multiline="m" in (head["flags"] or ""),
    )
    try:
        body = "".join(translation.of(rest if in_characters else _latin(rest)))
        search = re.compile((head["flags"] or "") + body).search
    except (re.error, OverflowError) as error:
        raise InvalidSelector(
            f"Bad argument for operator $regex: {pattern!r} ({error})", error="bad_arg"
        ) from error
    if in_characters:
        return lambda text: search(text) is not None
    return lambda text: search(text if text.isascii() else _latin(text)) is not None


def _latin(text: str) -> str:
    """Return the UTF-8 bytes of a text, each as the character with its number."""
    return text.encode().decode("latin-1")


@attrs.frozen(kw_only=True)
class _Translation:
    """Rewrites a pattern for `re`, token by token."""

    in_characters: bool
    caseless: bool
    multiline: bool

    def of(self, pattern: str) -> Iterator[str]:
        """Yield the rewritten tokens of a pattern."""
        before = ""
        for token in _TOKEN.finditer(pattern):
            if _QUANTIFIER.match(pattern, token.start()):
                self._check_repeatable(before)
            before = token[0]
            yield self._token(token)

    def _check_repeatable(self, before: str) -> None:
        if before in _UNREPEATABLE:
            raise re.error("nothing to repeat")
        if self.in_characters and before in {"\\w", "\\W"}:
            raise _refuse(
                f"(*UTF8) with a repeated {before}, which PCRE mixes up with ASCII: write [{before}]"
            )

    def _token(self, token: re.Match[str]) -> str:  # noqa: PLR0911 (one for each kind of token)
        text = token[0]
        match token.lastgroup:
            case "quote":
                return re.escape(text[2:].removesuffix("\\E"))
            case "escape":
                return self._escape(text)
            case "set":
                return self._set(text)
            case "name" | "label":
                return f"(?P<{token['label']}>"
            case "brace":
                return "\\{,"
            case "other" if text == "(":
                raise _refuse("a group that begins with (? or (* in this way")
            case "other" if text == "^" and self.multiline:
                return "(?:\\A|^(?!\\Z))"  # PCRE sees no line behind the newline that ends the text
        return text

    def _escape(self, text: str) -> str:
        """Rewrite an escape outside of classes; sets are what they are, whatever the case."""
        if text in _ASSERTIONS:
            return _ASSERTIONS[text]
        if text in _SETS:
            return f"(?-i:[{_SETS[text]}])" if self.caseless else f"[{_SETS[text]}]"
        return re.escape(_character(text))

    def _set(self, text: str) -> str:
        """Rewrite a class; a hyphen beside a class escape is a plain one, as in PCRE."""
        negated = text.startswith("[^")
        atoms = list(_ATOM.finditer(text[2 if negated else 1 : -1]))
        parts: list[str] = []
        while atoms:
            low = atoms.pop(0)
            if low[0] in _SETS:
                parts.append(self._subset(low[0]))
            elif len(atoms) > 1 and atoms[0][0] == "-" and atoms[1][0] not in _SETS:
                atoms.pop(0)
                parts.append(f"{_member(low)}-{_member(atoms.pop(0))}")
            else:
                parts.append(_member(low))
        return f"[{'^' if negated else ''}{''.join(parts)}]"

    def _subset(self, name: str) -> str:
        """Return the body of a set within a class, unless `re` would add letters of the other case to it."""
        if self.caseless and name not in _CASE_FREE and (self.in_characters or name in {"\\D", "\\S", "\\W"}):
            raise _refuse(f"(?i) with {name} in brackets")
        return _SETS[name]


def _character(text: str) -> str:
    """Return the one character that an escape stands for."""
    if text in _CHARACTERS:
        return chr(_CHARACTERS[text])
    if text.startswith("\\x"):
        return chr(int(text[2:].strip("{}") or "0", 16))
    if text.startswith("\\0"):
        return chr(int(text[1:], 8))
    if text[1:].isascii() and text[1:].isalnum():
        raise _refuse(text)
    return text[1]


def _set(text: str) -> str:
    """Rewrite a class; a hyphen beside a class escape is a plain one, as in PCRE."""
    negated = text.startswith("[^")
    atoms = list(_ATOM.finditer(text[2 if negated else 1 : -1]))
    parts: list[str] = []
    while atoms:
        low = atoms.pop(0)
        if low[0] in _SETS:
            parts.append(_SETS[low[0]])
        elif len(atoms) > 1 and atoms[0][0] == "-" and atoms[1][0] not in _SETS:
            atoms.pop(0)
            parts.append(f"{_member(low)}-{_member(atoms.pop(0))}")
        else:
            parts.append(_member(low))
    return f"[{'^' if negated else ''}{''.join(parts)}]"


def _member(atom: re.Match[str]) -> str:
    """Return one character of a class, escaped so that `re` sees no set operation in it."""
    if atom.lastgroup == "posix":
        raise _refuse(atom[0])
    if atom[0] == "\\b":
        return "\\x08"
    character = _character(atom[0]) if atom.lastgroup == "escape" else atom[0]
    return character if character.isalnum() else "\\" + character


def _refuse(what: str) -> InvalidSelector:
    return InvalidSelector(f"$regex: this store does not know {what}; CouchDB does", error="not_supported")
