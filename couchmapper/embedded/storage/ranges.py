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

    def within(self, outer: "IdRange") -> "IdRange":
        """Return the ids that are in both ranges."""
        both = (self, outer)
        starts = [(one.first, not one.first_included) for one in both if one.first is not None]
        ends = [(one.last, one.last_included) for one in both if one.last is not None]
        first, first_excluded = max(starts, default=(None, False))
        last, last_included = min(ends, default=(None, True))
        return IdRange(first=first, last=last, first_included=not first_excluded, last_included=last_included)

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
