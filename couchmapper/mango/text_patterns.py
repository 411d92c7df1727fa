"""Regular expressions for a text as it is, letter by letter, in the PCRE of CouchDB.

CouchDB matches the bytes of UTF-8. The bytes of one text are found in those of another only where the text
itself is, so nothing has to be said about characters.
"""

import re
from typing import Final

__all__ = ["containing", "ending", "part_of", "prefix_of", "starting", "suffix_of"]

_SPECIAL: Final = re.compile(r"[\\^$.|?*+()\[\]{}]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_LITERAL: Final = re.compile(
    r"(?:[^\\^$.|?*+()\[\]{}\x00-\x1f\x7f]|\\[\\^$.|?*+()\[\]{}]|\\x(?:[01][0-9a-f]|7f))*"
)
_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-f]{2})|(.))")


def containing(text: str) -> str:
    """Return the pattern that finds a text anywhere."""
    escaped = _SPECIAL.sub(r"\\\g<0>", text)
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", escaped)


def ending(text: str) -> str:
    r"""Return the pattern that finds a text at the very end: `$` would pass over a last newline, `\z` not."""
    return containing(text) + "\\z"


def starting(text: str) -> str:
    """Return the pattern that finds a text at the very beginning."""
    return "^" + containing(text)


def prefix_of(pattern: str) -> str | None:
    """Return the text that `starting` wrote a pattern for, None for any other pattern."""
    return part_of(pattern[1:]) if pattern[:1] == "^" else None


def suffix_of(pattern: str) -> str | None:
    """Return the text that `ending` wrote a pattern for, None for any other pattern."""
    return part_of(pattern[:-2]) if pattern[-2:] == "\\z" else None


def part_of(pattern: str) -> str | None:
    """Return the text that `containing` wrote a pattern for, None for any other pattern."""
    if _LITERAL.fullmatch(pattern) is None:
        return None
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)) if escape[1] else escape[2], pattern)
