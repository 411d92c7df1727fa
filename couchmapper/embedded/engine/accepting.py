"""What a client takes: the headers `Accept` and `Accept-Encoding`.

https://www.rfc-editor.org/rfc/rfc9110.html#name-accept
"""

from collections.abc import Iterator

__all__ = ["accepted"]


def accepted(header: str | None, value: str) -> bool:
    """Tell whether a header names a value, or what it is one of: `*`, or `*/*` and `text/*` for types.

    The nearest name counts; `q=0` says no. Without a header nothing is accepted.
    """
    qualities = dict(_entries(header or ""))
    kind, slash, _ = value.partition("/")
    general = (f"{kind}/*", "*/*") if slash else ("*",)
    return next((qualities[name] for name in (value, *general) if name in qualities), 0.0) > 0


def _entries(header: str) -> Iterator[tuple[str, float]]:
    for entry in header.split(","):
        name, *parameters = (part.strip().lower() for part in entry.split(";"))
        quality = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        yield name, _number(quality)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0
