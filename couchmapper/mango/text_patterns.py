"""Regular expressions for a text as it is, letter by letter, in the PCRE of CouchDB.

CouchDB matches the bytes of UTF-8. The bytes of one text are found in those of another only where the text
itself is, so nothing has to be said about characters.
"""

import re
from typing import Final

__all__ = ["containing", "ending", "prefix_of", "starting"]

_SPECIAL: Final = re.compile(r"[\\^$.|?*+()\[\]{}]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_STARTING: Final = re.compile(
    r"\^((?:[^\\^$.|?*+()\[\]{}\x00-\x1f\x7f]|\\[\\^$.|?*+()\[\]{}]|\\x[0-9a-f]{2})*)"
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
    found = _STARTING.fullmatch(pattern)
    if found is None:
        return None
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)) if escape[1] else escape[2], found[1])
