"""`$regex` and `$beginsWith` in JavaScript: texts as they are, and what has to be a regular expression.

CouchDB looks for the bytes of UTF-8, JavaScript for the code units of UTF-16. Both find a text of whole
characters in another just where its characters are: neither encoding lets one character begin within another.
"""

from couchmapper.mango.clusters import ends_always
from couchmapper.mango.javascript.fields import literal
from couchmapper.mango.javascript.regex import reasons_of_regex, write_regex
from couchmapper.mango.text_patterns import part_of, prefix_of, suffix_of

__all__ = ["reasons_of_pattern", "reasons_of_prefix", "write_pattern", "write_prefix"]


def write_pattern(value: str, pattern: str) -> str:
    """Write the test that a value is a text in which a pattern without `reasons_of_pattern` is found."""
    if (prefix := prefix_of(pattern)) is not None:
        return write_prefix(value, prefix)
    if (suffix := suffix_of(pattern)) is not None:
        units = len(suffix.encode("utf-16-le")) // 2
        ending = f" && {value}.slice(-{units}) === {literal(suffix)}" if suffix else ""
        return _is_text(value) + ending
    if (part := part_of(pattern)) is not None:
        return f"{_is_text(value)} && {value}.indexOf({literal(part)}) !== -1"
    return f"{_is_text(value)} && {write_regex(pattern)}.test({value})"


def write_prefix(value: str, prefix: str) -> str:
    """Write the test that a value is a text with a beginning, which is all of its code points."""
    return f"{_is_text(value)} && {value}.lastIndexOf({literal(prefix)}, 0) === 0"


def reasons_of_pattern(pattern: str) -> list[str]:
    """Return every reason why JavaScript does not decide a pattern as CouchDB does."""
    is_plain = any(read(pattern) is not None for read in (prefix_of, suffix_of, part_of))
    return [] if is_plain else reasons_of_regex(pattern)


def reasons_of_prefix(prefix: str) -> list[str]:
    """Return why JavaScript does not end a prefix as `$beginsWith` does: it knows no clusters."""
    if not prefix or ends_always(prefix[-1]):
        return []
    return ["CouchDB ends a prefix where a character ends, JavaScript does not; write .startswith(...)"]


def _is_text(value: str) -> str:
    return f'typeof {value} === "string"'
