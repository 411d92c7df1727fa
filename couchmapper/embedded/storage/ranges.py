"""Ranges of names and ids in byte order."""

import attrs

__all__ = ["EVERYTHING", "IdRange"]


@attrs.frozen(kw_only=True)
class IdRange:
    """The ids from `first` to `last`, both included unless their flag says otherwise; None is no bound."""

    first: str | None = None
    last: str | None = None
    first_included: bool = True
    last_included: bool = True

    def clause(self, column: str) -> tuple[str, list[str]]:
        """Return the range as SQL that begins with AND, and its arguments."""
        parts: list[str] = []
        arguments: list[str] = []
        if self.first is not None:
            parts.append(f" AND {column} {'>=' if self.first_included else '>'} ?")
            arguments.append(self.first)
        if self.last is not None:
            parts.append(f" AND {column} {'<=' if self.last_included else '<'} ?")
            arguments.append(self.last)
        return "".join(parts), arguments


EVERYTHING = IdRange()
"""Every id."""
