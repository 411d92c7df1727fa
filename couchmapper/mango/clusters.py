r"""Which code points are parts of one sign: CouchDB's `$beginsWith` lets no prefix end between them.

CouchDB asks Erlang's `string:prefix`, which compares code points one by one and wants the last of a prefix to
be a grapheme cluster of its own. The cluster is taken to begin with that code point, whatever is before it,
so that the pair at the end decides: a half of a flag goes with the next one although it has its other half
already, and an emoji does not go with the joiner before it.

The rules are those of Unicode, and of Erlang 25, which has Unicode 14. What is a mark and what is a control
this Python tells: it can differ from the Erlang of a server in characters that are new to one of the two.
https://www.unicode.org/reports/tr29/#Grapheme_Cluster_Boundary_Rules
"""

import re
from typing import Final
from unicodedata import category

__all__ = ["are_joined", "ends_always"]

_MARKS: Final = frozenset({"Mn", "Me", "Mc"})
_CONTROLS: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})

_STANDING_MARKS: Final = re.compile(
    r"[\u102b\u102c\u1038\u1062-\u1064\u1067-\u106d\u1083\u1087-\u108c\u108f\u109a-\u109c"
    r"\u1a61\u1a63\u1a64\uaa7b\uaa7d\U00011720\U00011721]"
)
"""Vowels and tones of Burmese and its neighbours that stand in the line like letters."""

_ATTACHED: Final = re.compile(
    r"[\u0e33\u0eb3\u200c\u200d\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
"""No marks, and yet parts of what is before them: joiners, skin colours, tags, the Thai and Lao vowel am."""

_LEADING: Final = re.compile(
    r"[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd\U000111c2\U000111c3\U0001193f"
    r"\U00011941\U00011a3a\U00011a84-\U00011a89\U00011d46]"
)
"""Parts of what is behind them: signs above Arabic numbers, and some letters of India."""

_UNASSIGNED_CONTROLS: Final = re.compile(
    r"[\u2065\ufff0-\ufff8\U000e0000\U000e0002-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff]"
)

_FIRST, _MIDDLE, _LAST = (
    r"\u1100-\u115f\ua960-\ua97c",
    r"\u1160-\u11a7\ud7b0-\ud7c6",
    r"\u11a8-\u11ff\ud7cb-\ud7fb",
)
_SYLLABLE, _OPEN_SYLLABLE = r"\uac00-\ud7a3", "".join(map(chr, range(0xAC00, 0xD7A4, 28)))
_PAIRS: Final = re.compile(
    rf"[{_FIRST}][{_FIRST}{_MIDDLE}{_SYLLABLE}]"
    rf"|[{_MIDDLE}{_OPEN_SYLLABLE}][{_MIDDLE}{_LAST}]"
    rf"|[{_LAST}{_SYLLABLE}][{_LAST}]"
    r"|[\U0001f1e6-\U0001f1ff]{2}"
)
"""Parts of a syllable of Hangul, and the two letters of a flag."""


def are_joined(sign: str, behind: str) -> bool:
    """Tell whether a cluster that begins with a code point goes on with the one behind it."""
    if _is_control(sign):
        return sign + behind == "\r\n"
    if _is_attached(behind) or _PAIRS.match(sign + behind):
        return True
    return _LEADING.match(sign) is not None and not _is_control(behind)


def ends_always(sign: str) -> bool:
    """Tell whether a code point is a cluster of its own, whatever is behind it."""
    return sign != "\r" and _is_control(sign)


def _is_control(sign: str) -> bool:
    if category(sign) in _CONTROLS:
        return not (_LEADING.match(sign) or _ATTACHED.match(sign))
    return _UNASSIGNED_CONTROLS.match(sign) is not None


def _is_attached(sign: str) -> bool:
    if category(sign) in _MARKS:
        return _STANDING_MARKS.match(sign) is None
    return _ATTACHED.match(sign) is not None
