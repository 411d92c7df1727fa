"""Text for a terminal."""

__all__ = ["printable"]


def printable(text: str) -> str:
    """Spell control characters, which a terminal would obey."""
    return text if text.isprintable() else ascii(text)
